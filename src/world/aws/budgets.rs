//! Budgets: what was planned, what is spent and forecast, and at which share of it somebody is told. Does not know prices.

use super::call::{Answer, Call, Fault};
use super::ce::{bill, calendar, forecast};
use super::prices::{self, DOLLAR};
use super::service::{Effect, Operation, Service};
use crate::stdx::time::Time;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

pub static SERVICE: Service = Service {
    name: "budgets",
    doc: "budgets and their alerts",
    operations: &[
        Operation { name: "CreateBudget", doc: "plans a spending", effect: Effect::Write, run: create },
        Operation { name: "DeleteBudget", doc: "forgets a budget", effect: Effect::Write, run: delete },
        Operation {
            name: "DescribeBudget",
            doc: "one budget, spent and forecast",
            effect: Effect::Read,
            run: describe_one,
        },
        Operation {
            name: "DescribeBudgets",
            doc: "all budgets, spent and forecast",
            effect: Effect::Read,
            run: describe,
        },
        Operation {
            name: "DescribeNotificationsForBudget",
            doc: "at which share somebody is told, and whether it is reached",
            effect: Effect::Read,
            run: notifications,
        },
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

/// A budget as it was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    budget: Value,
    notifications: Vec<Value>,
    since: Time,
}

const KIND: &str = "AWS::Budgets::Budget";
/// Budgets an account can have (user guide, quotas).
const MOST: usize = 20_000;

fn own_account(world: &World, call: &Call) -> Result<(), Fault> {
    let given = call.text("AccountId").unwrap_or_default();
    if given == world.aws.id.as_ref() {
        return Ok(());
    }
    let say = format!("Account {} is not authorized to access budgets of account {given}", world.aws.id);
    Err(Fault::new("AccessDeniedException", say))
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    own_account(world, call)?;
    let budget = call.input().get("Budget").cloned().unwrap_or_default();
    let name = budget.get("BudgetName").and_then(Value::as_str).unwrap_or_default().to_string();
    let wrong = |say: String| Fault::new("InvalidParameterException", say);
    if name.is_empty() || name.contains([':', '\\']) {
        return Err(wrong(format!("1 validation error detected: budgetName '{name}' must match [^:\\\\]+")));
    }
    if limit(&budget).is_none_or(|limit| limit <= 0) {
        return Err(wrong("Budget limit must be greater than 0".into()));
    }
    if world.aws.bills.budgets.contains_key(&name) {
        let say = format!("Error creating budget: {name} - the budget already exists.");
        return Err(Fault::new("DuplicateRecordException", say));
    }
    if world.aws.bills.budgets.len() >= MOST {
        return Err(Fault::new("CreationLimitExceededException", "You have exceeded the number of budgets"));
    }
    let notifications = call.list("NotificationsWithSubscribers").to_vec();
    let kept = Kept { budget, notifications, since: world.now };
    Arc::make_mut(&mut world.aws.bills.budgets).insert(name.clone(), kept);
    Ok(Answer::of(json!({})).altering(KIND, &name, Vec::new()))
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    own_account(world, call)?;
    let name = call.text("BudgetName").unwrap_or_default().to_string();
    find(world, &name)?;
    Arc::make_mut(&mut world.aws.bills.budgets).remove(&name);
    Ok(Answer::of(json!({})).altering(KIND, &name, Vec::new()))
}

fn find(world: &World, name: &str) -> Result<Kept, Fault> {
    let missing = || {
        let say = format!("Unable to get budget: {name} - the budget doesn't exist.");
        Fault::new("NotFoundException", say)
    };
    world.aws.bills.budgets.get(name).cloned().ok_or_else(missing)
}

fn limit(budget: &Value) -> Option<i128> {
    prices::parse(budget.pointer("/BudgetLimit/Amount")?.as_str()?, DOLLAR)
}

/// The period in which a moment lies, in hours.
fn period(unit: &str, hour: i64) -> (i64, i64) {
    let (year, month) = calendar::month(hour);
    match unit {
        "DAILY" => (calendar::day_start(hour), calendar::day_start(hour) + calendar::DAY),
        "QUARTERLY" => {
            let first = (month - 1) / 3 * 3 + 1;
            (calendar::first(year, first), calendar::first(year, first + 3))
        }
        "ANNUALLY" => (calendar::first(year, 1), calendar::first(year + 1, 1)),
        _ => (calendar::month_start(hour), calendar::month_end(hour)),
    }
}

/// Spent in the period so far and forecast for all of it, as the bill shows them (budgets are updated with it).
fn spend(world: &World, kept: &Kept) -> (i128, Option<i128>) {
    let wanted: Vec<&str> = match kept.budget.pointer("/CostFilters/Service").and_then(Value::as_array) {
        Some(services) => services.iter().filter_map(Value::as_str).collect(),
        None => Vec::new(),
    };
    let takes = |charge: &bill::Charge| wanted.is_empty() || wanted.contains(&charge.service);
    let unit = kept.budget.get("TimeUnit").and_then(Value::as_str).unwrap_or("MONTHLY");
    let (from, to) = period(unit, calendar::hour(world.now));
    let until = bill::known_until(world).clamp(from, to);
    let spent: i128 =
        bill::charges(world, from, until).iter().filter(|charge| takes(charge)).map(|row| row.attos).sum();
    let rest = i128::from(to - until);
    let forecast = forecast::day(world, &takes).map(|(mean, _)| spent + mean * rest / i128::from(calendar::DAY));
    (spent, forecast)
}

/// Spends are printed to a thousandth at most.
fn amount(attos: i128) -> Value {
    json!({"Amount": prices::decimal(attos / 1_000_000_000_000_000, 1_000), "Unit": "USD"})
}

fn body(kept: &Kept, spend: (i128, Option<i128>)) -> Value {
    let mut body = kept.budget.clone();
    let (spent, forecast) = spend;
    let mut calculated = json!({"ActualSpend": amount(spent)});
    if let Some(forecast) = forecast {
        calculated["ForecastedSpend"] = amount(forecast);
    }
    body["CalculatedSpend"] = calculated;
    if body.get("TimePeriod").is_none_or(Value::is_null) {
        let start = calendar::time(calendar::month_start(calendar::hour(kept.since))).0;
        // A budget without an end goes on until here (API reference, `TimePeriod`).
        body["TimePeriod"] = json!({"Start": start, "End": 3_706_473_600_000_i64});
    }
    if body.get("CostFilters").is_none_or(Value::is_null) {
        body["CostFilters"] = json!({});
    }
    if body.get("CostTypes").is_none_or(Value::is_null) {
        body["CostTypes"] = json!({
            "IncludeTax": true, "IncludeSubscription": true, "UseBlended": false, "IncludeRefund": true,
            "IncludeCredit": true, "IncludeUpfront": true, "IncludeRecurring": true, "IncludeOtherSubscription": true,
            "IncludeSupport": true, "IncludeDiscount": true, "UseAmortized": false,
        });
    }
    body["LastUpdatedTime"] = kept.since.0.into();
    body
}

fn describe_one(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    own_account(world, call)?;
    let name = call.text("BudgetName").unwrap_or_default();
    let kept = find(world, name)?;
    // The bill is priced for those who look at it: the account's code compares only what was planned.
    let spend = if call.request.agent == "iac" { (0, None) } else { spend(world, &kept) };
    Ok(Answer::of(json!({"Budget": body(&kept, spend)})).about("/Budget", KIND, name))
}

fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    own_account(world, call)?;
    let limit = call.whole("MaxResults").unwrap_or(100).clamp(1, 1000) as usize;
    let after = call.text("NextToken").unwrap_or_default();
    let all: Vec<(&String, &Kept)> = world.aws.bills.budgets.iter().filter(|(name, _)| name.as_str() > after).collect();
    let page = &all[..all.len().min(limit)];
    let mut answer = Answer::default();
    let mut rows = Vec::new();
    for (index, (name, kept)) in page.iter().enumerate() {
        answer = answer.about(format!("/Budgets/{index}"), KIND, name);
        rows.push(body(kept, spend(world, kept)));
    }
    answer.body = json!({"Budgets": rows});
    if let Some((name, _)) = page.last().filter(|_| page.len() < all.len()) {
        answer.body["NextToken"] = name.as_str().into();
    }
    Ok(answer)
}

/// Whether a threshold is reached: a share of the limit in percent, or an amount.
fn reached(notification: &Value, limit: i128, spent: i128, forecast: i128) -> bool {
    let text = |key: &str| notification.get(key).and_then(Value::as_str).unwrap_or_default();
    let threshold = notification.get("Threshold").map(Value::to_string).unwrap_or_default();
    let threshold = prices::parse(&threshold, DOLLAR).unwrap_or(0);
    let bound = match text("ThresholdType") {
        "ABSOLUTE_VALUE" => threshold,
        _ => (limit / 1_000_000).saturating_mul(threshold / 1_000_000_000_000) / 100,
    };
    let value = if text("NotificationType") == "FORECASTED" { forecast } else { spent };
    match text("ComparisonOperator") {
        "LESS_THAN" => value < bound,
        "EQUAL_TO" => value == bound,
        _ => value > bound,
    }
}

fn notifications(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    own_account(world, call)?;
    let name = call.text("BudgetName").unwrap_or_default();
    let kept = find(world, name)?;
    let (spent, forecast) = spend(world, &kept);
    let planned = limit(&kept.budget).unwrap_or(0);
    let row = |given: &Value| {
        let mut row = given.get("Notification").cloned().unwrap_or_default();
        let alarm = reached(&row, planned, spent, forecast.unwrap_or(0));
        row["NotificationState"] = if alarm { "ALARM" } else { "OK" }.into();
        row
    };
    let rows: Vec<Value> = kept.notifications.iter().map(row).collect();
    Ok(Answer::of(json!({"Notifications": rows})).about("/Notifications", KIND, name))
}

//! Cost anomaly detection: days on which a usage type cost more than its own past lets expect, found in the bill itself.
//! Nobody declares an anomaly. Does not know why.

use super::ask::{Filter, Known, invalid};
use super::{bill, calendar};
use crate::stdx::dice::Dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Fault, Is, Places};
use crate::world::aws::paging;
use crate::world::aws::prices::{self, DOLLAR};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Days of the past that are compared; fewer than [`LEAST`] days of a bill give no anomalies (user guide: a new service needs
/// 10 days of history).
const PAST: usize = 14;
const LEAST: usize = 10;
/// Below a dollar a day nobody wants to know (in-game).
const IMPACT: i128 = DOLLAR;

/// One usage type's day that cost too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    pub service: &'static str,
    pub usage_type: Arc<str>,
    /// The day's first hour.
    pub day: i64,
    /// Attodollars.
    pub expected: i128,
    pub actual: i128,
}

/// Attodollars by hour of a day.
type Day = [i128; calendar::DAY as usize];

/// Odd days in `from..to` (hours), as far as the bill is known, by usage type and day.
pub fn odd(world: &World, from: i64, to: i64, takes: &dyn Fn(&bill::Charge) -> bool) -> Vec<Odd> {
    let until = to.min(bill::known_until(world));
    let first = calendar::day_start(from);
    // Odd days are left out of the past, so it reaches back twice as far as needed.
    let charges = bill::charges(world, first - 2 * PAST as i64 * calendar::DAY, until);
    let Some(born) = charges.iter().map(|charge| calendar::day_start(charge.hour)).min() else { return Vec::new() };
    let mut types: BTreeMap<(&'static str, Arc<str>), BTreeMap<i64, Day>> = BTreeMap::new();
    for charge in charges.iter().filter(|charge| takes(charge)) {
        let days = types.entry((charge.service, Arc::clone(&charge.usage_type))).or_default();
        let day = days.entry(calendar::day_start(charge.hour)).or_insert([0; calendar::DAY as usize]);
        if let Some(hour) = day.get_mut(charge.hour.rem_euclid(calendar::DAY) as usize) {
            *hour += charge.attos;
        }
    }
    let look = |((service, usage_type), days): ((&'static str, Arc<str>), BTreeMap<i64, Day>)| {
        let row = |(day, expected, actual)| Odd { service, usage_type: Arc::clone(&usage_type), day, expected, actual };
        judge(&days, born, until).into_iter().map(row).collect::<Vec<Odd>>()
    };
    types.into_iter().flat_map(look).filter(|odd| odd.day >= first).collect()
}

/// Day by day: (day, expected, actual) where the same hours of the days before cost much less, every one of them.
fn judge(days: &BTreeMap<i64, Day>, born: i64, until: i64) -> Vec<(i64, i128, i128)> {
    let mut out = Vec::new();
    let mut past: Vec<Day> = Vec::new();
    let mut day = born;
    while day < until {
        let today = days.get(&day).copied().unwrap_or([0; calendar::DAY as usize]);
        // A day that is not over is compared with the same hours.
        let hours = (until - day).min(calendar::DAY) as usize;
        let sum = |day: &Day| day.iter().take(hours).sum::<i128>();
        let actual = sum(&today);
        let mut before: Vec<i128> = past.iter().rev().take(PAST).map(sum).collect();
        before.sort_unstable();
        let expected = before.get(before.len() / 2).copied().unwrap_or(0);
        let most = before.last().copied().unwrap_or(0);
        let odd =
            before.len() >= LEAST && actual - expected >= IMPACT && actual * 2 > expected * 3 && actual * 5 > most * 6;
        if odd {
            out.push((day, expected, actual));
        } else {
            past.push(today);
        }
        day += calendar::DAY;
    }
    out
}

/// Odd days of one service that follow each other are one anomaly; its usage types are the root causes.
struct Anomaly {
    service: &'static str,
    days: Vec<Odd>,
}

fn anomalies(mut odd: Vec<Odd>) -> Vec<Anomaly> {
    odd.sort_by(|a, b| (a.service, a.day, &a.usage_type).cmp(&(b.service, b.day, &b.usage_type)));
    let mut out: Vec<Anomaly> = Vec::new();
    for row in odd {
        match out.last_mut() {
            Some(last)
                if last.service == row.service
                    && last.days.last().is_some_and(|day| row.day <= day.day + calendar::DAY) =>
            {
                last.days.push(row);
            }
            _ => out.push(Anomaly { service: row.service, days: vec![row] }),
        }
    }
    out
}

/// Dollars to the cent, for members that are numbers.
fn dollars(attos: i128) -> Value {
    let cents = (attos * 100 + DOLLAR / 2).div_euclid(DOLLAR);
    json!(cents as f64 / 100.0)
}

impl Anomaly {
    fn sums(&self) -> (i128, i128) {
        (self.days.iter().map(|day| day.expected).sum(), self.days.iter().map(|day| day.actual).sum())
    }

    fn span(&self) -> (i64, i64) {
        let days = || self.days.iter().map(|day| day.day);
        (days().min().unwrap_or(0), days().max().unwrap_or(0))
    }

    /// Impact by usage type, the largest first.
    fn causes(&self) -> Vec<(Arc<str>, i128)> {
        let mut causes: BTreeMap<Arc<str>, i128> = BTreeMap::new();
        for day in &self.days {
            *causes.entry(Arc::clone(&day.usage_type)).or_default() += day.actual - day.expected;
        }
        let mut causes: Vec<(Arc<str>, i128)> = causes.into_iter().collect();
        causes.sort_by_key(|(_, impact)| -impact);
        causes
    }

    fn body(&self, world: &World, monitor: &str) -> Value {
        let (expected, actual) = self.sums();
        let (start, end) = self.span();
        let impact = actual - expected;
        let mut by_day: BTreeMap<i64, i128> = BTreeMap::new();
        for day in &self.days {
            *by_day.entry(day.day).or_default() += day.actual - day.expected;
        }
        let most = by_day.values().copied().max().unwrap_or(0);
        let account = world.aws.id.as_ref();
        let cause = |(usage_type, part): &(Arc<str>, i128)| {
            json!({
                "Service": self.service, "Region": world.aws.region.as_ref(), "LinkedAccount": account,
                "LinkedAccountName": account, "UsageType": usage_type.as_ref(), "Impact": {"Contribution": dollars(*part)},
            })
        };
        // How much of what was spent was not expected, in hundredths.
        let score = json!((impact * 100 / actual.max(1)) as f64 / 100.0);
        let mut size = json!({
            "MaxImpact": dollars(most), "TotalImpact": dollars(impact), "TotalActualSpend": dollars(actual),
            "TotalExpectedSpend": dollars(expected),
        });
        if expected > 0 {
            size["TotalImpactPercentage"] = json!((impact * 10_000 / expected) as f64 / 100.0);
        }
        json!({
            "AnomalyId": self.id(world), "AnomalyStartDate": stamp(start), "AnomalyEndDate": stamp(end),
            "DimensionValue": self.service, "RootCauses": self.causes().iter().map(cause).collect::<Vec<Value>>(),
            "AnomalyScore": {"MaxScore": score, "CurrentScore": score}, "Impact": size, "MonitorArn": monitor,
        })
    }

    fn id(&self, world: &World) -> String {
        Dice::new(world.seed).fork("anomaly").fork(&format!("{} {}", self.service, self.span().0)).uuid()
    }

    fn row(&self, world: &World) -> Is {
        let ((expected, actual), (start, end)) = (self.sums(), self.span());
        let mut fields = BTreeMap::new();
        let mut places = Places::new();
        let cells = [
            ("AnomalyId", "anomaly", self.id(world)),
            ("DimensionValue", "service", self.service.to_string()),
            ("Impact.TotalExpectedSpend", "expected", prices::decimal(expected, DOLLAR)),
            ("Impact.TotalActualSpend", "amount", prices::decimal(actual, DOLLAR)),
            ("AnomalyStartDate", "start", calendar::date(start)),
            ("AnomalyEndDate", "end", calendar::date(end)),
        ];
        for (place, column, cell) in cells {
            places.push((place.into(), column.into()));
            fields.insert(column.into(), cell);
        }
        for (index, (usage_type, _)) in self.causes().iter().enumerate() {
            places.push((format!("RootCauses[{index}].Service"), "service".into()));
            // The largest cause goes by the name that charges have, the others are numbered.
            let column = if index == 0 { "usage_type".into() } else { format!("usage_type_{}", index + 1) };
            places.push((format!("RootCauses[{index}].UsageType"), column.clone()));
            fields.insert(column, usage_type.to_string());
        }
        Is::Row { table: "bill".into(), at: calendar::time(start), fields, places }
    }
}

/// Dates of anomalies come with a time.
fn stamp(hour: i64) -> String {
    calendar::stamp(hour)
}

/// Anomalies a page, at most.
const PAGE: i64 = 100;

pub fn get_anomalies(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let date = |key: &str| {
        let text = call.input().pointer(&format!("/DateInterval/{key}")).and_then(Value::as_str)?;
        Some(
            Time::parse(&format!("{text} 00:00"))
                .map(calendar::hour)
                .ok_or_else(|| invalid(format!("{key} {text} is invalid. Valid format is: yyyy-MM-dd."))),
        )
    };
    let from = date("StartDate").unwrap_or_else(|| Err(invalid("StartDate is required")))?;
    let to = date("EndDate").transpose()?.map_or(i64::MAX, |day| day + calendar::DAY);
    if from >= to {
        return Err(invalid("Start date should be before end date"));
    }
    let from = from.max(bill::oldest(world));
    let monitor = find_monitor(world, call.text("MonitorArn").unwrap_or_default())?;
    let filter = Filter::read(monitor.get("MonitorSpecification"))?;
    let known = Known::of(world);
    let found = anomalies(odd(world, from, to, &|charge| filter.takes(&known, charge)));
    let arn = monitor.get("MonitorArn").and_then(Value::as_str).unwrap_or_default().to_string();
    let kept: Vec<Anomaly> = found.into_iter().filter(|anomaly| large(anomaly, call)).collect();
    let limit = call.whole("MaxResults").unwrap_or(PAGE).clamp(1, PAGE) as usize;
    let strange = || Fault::new("InvalidNextTokenException", "The next page token is not valid.");
    let (page, next) = paging::page(kept, call.text("NextPageToken"), limit).ok_or_else(strange)?;
    let bodies: Vec<Value> = page.iter().map(|anomaly| anomaly.body(world, &arn)).collect();
    let mut answer = Answer::of(json!({"Anomalies": bodies}));
    if let Some(next) = next {
        answer.body["NextPageToken"] = next.into();
    }
    for (index, anomaly) in page.iter().enumerate() {
        answer = answer.shows(format!("/Anomalies/{index}"), anomaly.row(world));
    }
    Ok(answer)
}

fn large(anomaly: &Anomaly, call: &Call) -> bool {
    let Some(filter) = call.input().get("TotalImpact").filter(|value| value.is_object()) else { return true };
    let whole = |key: &str| {
        let text = filter.get(key).map(Value::to_string).unwrap_or_default();
        prices::parse(&text, DOLLAR).unwrap_or(0)
    };
    let (expected, actual) = anomaly.sums();
    let (impact, start, end) = (actual - expected, whole("StartValue"), whole("EndValue"));
    match filter.get("NumericOperator").and_then(Value::as_str).unwrap_or_default() {
        "EQUAL" => impact == start,
        "GREATER_THAN_OR_EQUAL" => impact >= start,
        "LESS_THAN_OR_EQUAL" => impact <= start,
        "GREATER_THAN" => impact > start,
        "LESS_THAN" => impact < start,
        _ => (start..=end).contains(&impact),
    }
}

/// The monitors of the account: every account has one for its services from the start (user guide, since March 2023).
fn monitors(world: &World) -> Vec<Value> {
    let id = Dice::new(world.seed).fork("anomaly-monitor").uuid();
    let mut own = json!({
        "MonitorArn": format!("arn:aws:ce::{}:anomalymonitor/{id}", world.aws.id),
        "MonitorName": "Default-Services-Monitor",
        "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE",
    });
    let last = calendar::stamp(bill::known_until(world));
    own["LastEvaluatedDate"] = last.clone().into();
    let mut all = vec![own];
    for made in world.aws.bills.monitors.iter() {
        let mut made = made.clone();
        made["LastEvaluatedDate"] = last.clone().into();
        all.push(made);
    }
    all
}

fn find_monitor(world: &World, arn: &str) -> Result<Value, Fault> {
    let named = |monitor: &Value| arn.is_empty() || monitor.get("MonitorArn").and_then(Value::as_str) == Some(arn);
    let unknown = || Fault::new("UnknownMonitorException", format!("No anomaly monitor found with arn: {arn}"));
    monitors(world).into_iter().find(named).ok_or_else(unknown)
}

pub fn get_anomaly_monitors(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted = call.texts("MonitorArnList");
    for arn in &wanted {
        find_monitor(world, arn)?;
    }
    let is_wanted = |row: &Value, key: &str| {
        wanted.is_empty() || row.get(key).and_then(Value::as_str).is_some_and(|arn| wanted.contains(&arn))
    };
    let rows: Vec<Value> = monitors(world).into_iter().filter(|row| is_wanted(row, "MonitorArn")).collect();
    let mut answer = Answer::default();
    for (index, row) in rows.iter().enumerate() {
        let name = row.get("MonitorName").and_then(Value::as_str).unwrap_or_default();
        answer = answer.about(format!("/AnomalyMonitors/{index}"), "AWS::CE::AnomalyMonitor", name);
    }
    answer.body = json!({"AnomalyMonitors": rows});
    Ok(answer)
}

pub fn get_anomaly_subscriptions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (wanted, monitor) = (call.texts("SubscriptionArnList"), call.text("MonitorArn"));
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let rows: Vec<Value> = world
        .aws
        .bills
        .subscriptions
        .iter()
        .filter(|row| wanted.is_empty() || wanted.contains(&text(row, "SubscriptionArn").as_str()))
        .filter(|row| monitor.is_none_or(|arn| row["MonitorArnList"].to_string().contains(arn)))
        .cloned()
        .collect();
    let mut answer = Answer::default();
    for (index, row) in rows.iter().enumerate() {
        answer = answer.about(
            format!("/AnomalySubscriptions/{index}"),
            "AWS::CE::AnomalySubscription",
            &text(row, "SubscriptionName"),
        );
    }
    answer.body = json!({"AnomalySubscriptions": rows});
    Ok(answer)
}

/// Monitors and subscriptions an account can have of a kind (user guide, quotas).
const MOST: usize = 100;

pub fn create_monitor(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut row = call.input().get("AnomalyMonitor").cloned().unwrap_or_else(|| json!({}));
    let name = row.get("MonitorName").and_then(Value::as_str).unwrap_or_default().to_string();
    if name.is_empty() {
        return Err(invalid("Failed to create Anomaly Monitor: MonitorName is required"));
    }
    Filter::read(row.get("MonitorSpecification"))?;
    if world.aws.bills.monitors.len() >= MOST {
        return Err(Fault::new("LimitExceededException", "Limit exceeded on anomaly monitors"));
    }
    let id = Dice::new(world.seed).fork("anomaly-monitor").fork(&name).uuid();
    let arn = format!("arn:aws:ce::{}:anomalymonitor/{id}", world.aws.id);
    row["MonitorArn"] = arn.clone().into();
    row["CreationDate"] = world.now.rfc3339().into();
    Arc::make_mut(&mut world.aws.bills.monitors).push(row);
    Ok(Answer::of(json!({"MonitorArn": arn})).altering("AWS::CE::AnomalyMonitor", &name, Vec::new()))
}

pub fn create_subscription(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut row = call.input().get("AnomalySubscription").cloned().unwrap_or_else(|| json!({}));
    let name = row.get("SubscriptionName").and_then(Value::as_str).unwrap_or_default().to_string();
    let arns: Vec<&str> =
        row["MonitorArnList"].as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str).collect();
    for arn in arns {
        find_monitor(world, arn)?;
    }
    if world.aws.bills.subscriptions.len() >= MOST {
        return Err(Fault::new("LimitExceededException", "Limit exceeded on anomaly subscriptions"));
    }
    let id = Dice::new(world.seed).fork("anomaly-subscription").fork(&name).uuid();
    let arn = format!("arn:aws:ce::{}:anomalysubscription/{id}", world.aws.id);
    row["SubscriptionArn"] = arn.clone().into();
    row["AccountId"] = world.aws.id.as_ref().into();
    Arc::make_mut(&mut world.aws.bills.subscriptions).push(row);
    Ok(Answer::of(json!({"SubscriptionArn": arn})).altering("AWS::CE::AnomalySubscription", &name, Vec::new()))
}

//! `GetCostForecast`: what will be spent if the last days go on. Does not know what will happen.

use super::ask::{self, Filter, Granularity, Known, invalid};
use super::{bill, calendar};
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Fault, Is};
use crate::world::aws::prices::{self, DOLLAR};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Days of which the mean is the forecast: short enough that what was mended shows within two weeks.
const DAYS: i64 = 14;

/// Mean and standard deviation of a day's spending over the last whole days that the bill shows, in attodollars. `None`: not
/// one whole day is known.
pub fn day(world: &World, takes: &dyn Fn(&bill::Charge) -> bool) -> Option<(i128, i128)> {
    let end = calendar::day_start(bill::known_until(world));
    let charges = bill::charges(world, end - DAYS * calendar::DAY, end);
    // Days before the account's first charge say nothing.
    let first = charges.iter().map(|charge| calendar::day_start(charge.hour)).min()?;
    let mut days: BTreeMap<i64, i128> =
        (0..(end - first) / calendar::DAY).map(|day| (first + day * calendar::DAY, 0)).collect();
    for charge in charges.iter().filter(|charge| takes(charge)) {
        *days.entry(calendar::day_start(charge.hour)).or_default() += charge.attos;
    }
    let count = days.len() as i128;
    let mean = days.values().sum::<i128>() / count;
    // Squares in microdollars, so that they fit.
    let spread: i128 = days.values().map(|day| ((day - mean) / 1_000_000_000_000).pow(2)).sum::<i128>() / count;
    Some((mean, i128::try_from(spread.unsigned_abs().isqrt()).unwrap_or(0) * 1_000_000_000_000))
}

pub fn get_cost_forecast(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let by = ask::granularity(call)?;
    if by == Granularity::Hourly {
        return Err(invalid("Granularity HOURLY is not supported for forecasts of this period"));
    }
    let given =
        |key: &str| call.input().pointer(&format!("/TimePeriod/{key}")).and_then(Value::as_str).unwrap_or_default();
    let (start, end) = (given("Start"), given("End"));
    // Forecasts say this in other words than bills do.
    let period = ask::period(call, by).map_err(|fault| match start >= end && start.len() == end.len() {
        true => invalid(format!("Requested Start: {start} must be before requested End: {end}")),
        false => fault,
    })?;
    let today = calendar::day_start(calendar::hour(world.now));
    if period.0 < today {
        return Err(invalid("Start date (and hour) should be equal to or after the current date (and hour)"));
    }
    if period.1 > today + 366 * calendar::DAY {
        return Err(invalid("End date should be within 12 months of the start date"));
    }
    let filter = Filter::read(call.input().get("Filter"))?;
    let known = Known::of(world);
    let metric = call.text("Metric").unwrap_or_default();
    if matches!(metric, "USAGE_QUANTITY" | "NORMALIZED_USAGE_AMOUNT") {
        return Err(invalid(format!("Metric {metric} is not supported for cost forecasts")));
    }
    let (mean, spread) = day(world, &|charge| filter.takes(&known, charge)).ok_or_else(|| {
        Fault::new("DataUnavailableException", "Insufficient amount of historical data to generate forecast")
    })?;
    let level = call.whole("PredictionIntervalLevel");
    let pieces = ask::pieces(period, by);
    let rows: Vec<Value> = pieces.iter().map(|piece| row(*piece, by, mean, spread, level)).collect();
    let total = mean * i128::from(period.1 - period.0) / i128::from(calendar::DAY);
    let total_text = prices::decimal(total, DOLLAR);
    let mut fields: BTreeMap<String, String> = filter.fixed().into_iter().collect();
    fields.insert("forecast".into(), total_text.clone());
    fields.insert("start".into(), calendar::date(period.0));
    fields.insert("end".into(), calendar::date(period.1));
    let places = vec![("Amount".to_string(), "forecast".to_string())];
    let is = Is::Row { table: "bill".into(), at: calendar::time(period.0), fields, places };
    Ok(Answer::of(json!({"Total": {"Amount": total_text, "Unit": "USD"}, "ForecastResultsByTime": rows}))
        .shows("/Total", is))
}

fn row(piece: (i64, i64), by: Granularity, mean: i128, spread: i128, level: Option<i64>) -> Value {
    let hours = i128::from(piece.1 - piece.0);
    let days = (hours / i128::from(calendar::DAY)).max(1);
    let value = mean * hours / i128::from(calendar::DAY);
    let mut row = json!({
        "TimePeriod": {"Start": ask::label(piece.0, by), "End": ask::label(piece.1, by)},
        "MeanValue": prices::decimal(value, DOLLAR),
    });
    if let Some(level) = level {
        // How many deviations hold so much of a normal distribution, in hundredths (51 % to 99 %).
        let width = match level {
            ..=60 => 84,
            61..=70 => 104,
            71..=80 => 128,
            81..=90 => 164,
            91..=95 => 196,
            _ => 258,
        };
        let off = spread * width / 100 * i128::try_from((days * 10_000).unsigned_abs().isqrt()).unwrap_or(0) / 100;
        row["PredictionIntervalLowerBound"] = prices::decimal((value - off).max(0), DOLLAR).into();
        row["PredictionIntervalUpperBound"] = prices::decimal(value + off, DOLLAR).into();
    }
    row
}

//! `ListMetrics`, `GetMetricStatistics`, `PutMetricData`. Does not know alarms.

use super::series::{self, CUSTOM_MAX, CUSTOM_MINUTES_MAX, Custom, Minute, Name, SAMPLES_MAX, Stat};
use super::{Call, Fault};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::call::{Answer, Cover, Is};
use crate::world::aws::paging;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Data points that one GetMetricStatistics may ask for (CloudWatch API Reference).
const POINTS_MAX: i64 = 1_440;
/// Metrics on a page of ListMetrics (API Reference).
const LIST_PAGE: usize = 500;

fn invalid_value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

fn invalid_combination(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterCombination", message)
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let text = |key| call.text(key);
    let filters: Vec<(&str, Option<&str>)> = call
        .list("Dimensions")
        .iter()
        .filter_map(|item| Some((item.get("Name")?.as_str()?, item.get("Value").and_then(Value::as_str))))
        .collect();
    let fits = |name: &Name| {
        let has = |(wanted, value): &(&str, Option<&str>)| {
            let mut dimensions = name.dimensions.iter();
            dimensions.any(|(key, is)| key == wanted && value.is_none_or(|value| value == is))
        };
        text("Namespace").is_none_or(|wanted| wanted == name.namespace)
            && text("MetricName").is_none_or(|wanted| wanted == name.metric)
            && filters.iter().all(has)
    };
    // Only metrics with data in the past two weeks are listed, with RecentlyActive three hours (API Reference).
    let back = if text("RecentlyActive").is_some() { 3 * 60 } else { 14 * 24 * 60 };
    let now = world.now.0.div_euclid(60_000);
    let found: Vec<Value> = series::all(world)
        .into_iter()
        .filter(|series| fits(&series.name) && series.is_seen(world, now - back, now))
        .map(|series| shown(&series.name))
        .collect();
    let invalid = || invalid_value("The value for parameter NextToken is not valid");
    let (page, next) = paging::page(found, text("NextToken"), LIST_PAGE).ok_or_else(invalid)?;
    let mut body = json!({ "Metrics": page });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("NextToken".into(), next.into());
    }
    Ok(Answer::of(body))
}

/// A metric as requests and answers name it.
pub(super) fn shown(name: &Name) -> Value {
    let dimensions: Vec<Value> =
        name.dimensions.iter().map(|(key, value)| json!({ "Name": key, "Value": value })).collect();
    json!({ "Namespace": name.namespace, "MetricName": name.metric, "Dimensions": dimensions })
}

pub fn statistics(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let asked = Asked::read(call)?;
    let name = Name::given(call.input());
    let label = name.metric.clone();
    // Nothing matches unless namespace, name and all dimensions do: an empty answer, not an error.
    let Some(series) = series::find(world, &name) else {
        return Ok(Answer::of(json!({ "Label": label, "Datapoints": [] })));
    };
    let mut points = Vec::new();
    let unit_fits = call.text("Unit").is_none_or(|unit| unit == series.unit);
    let length = asked.period / 60;
    let minutes = series.seen(world, asked.from, asked.to - 1);
    let mut start = asked.from;
    while start < asked.to && unit_fits {
        let end = (start + length).min(asked.to);
        let within = minutes.range(start..end).filter(|(at, _)| series::is_kept(**at, asked.period, world.now));
        let values = within.map(|(_, minute)| minute);
        if values.clone().next().is_some() {
            points.push((start, asked.values(values)));
        }
        start += length;
    }
    // The real service gives data points in no order; ours is drawn from the seed, so that who needs an order must sort here
    // as there.
    let stream = dice::hash_name("cloudwatch/order");
    points.sort_by_key(|(at, _)| dice::at(world.seed, stream, at.unsigned_abs()));
    let newest = Time((name.newest(world.seed, world.now) + 1) * 60_000);
    let to = Time(asked.to * 60_000).min(newest);
    let cover = Cover::Metric { name: name.whole(), from: Time(asked.from * 60_000), to };
    Ok(answer(&name, &series.unit, &asked, points).covering(cover))
}

/// One statistic's name and value.
type Valued = (String, f64);

/// What a request asks for, checked.
struct Asked {
    /// Minutes since 1970; `to` is not included.
    from: i64,
    to: i64,
    /// Seconds.
    period: i64,
    stats: Vec<(String, Stat)>,
    extended: Vec<(String, Stat)>,
}

impl Asked {
    fn read(call: &Call) -> Result<Asked, Fault> {
        let stats = stats(&call.texts("Statistics"), "Statistics")?;
        let extended = stats_extended(&call.texts("ExtendedStatistics"))?;
        if stats.is_empty() && extended.is_empty() {
            return Err(invalid_combination("Must specify either Statistics or ExtendedStatistics"));
        }
        if !stats.is_empty() && !extended.is_empty() {
            return Err(invalid_combination(
                "The parameters Statistics and ExtendedStatistics must not be specified together.",
            ));
        }
        let period = call.whole("Period").unwrap_or(0);
        if period < 1 {
            return Err(invalid_value("The parameter Period must be greater than or equal to 1."));
        }
        if period % 60 != 0 {
            return Err(invalid_value("The parameter Period must be a multiple of 60."));
        }
        let (start, end) = (call.time("StartTime").unwrap_or_default(), call.time("EndTime").unwrap_or_default());
        if start >= end {
            return Err(invalid_value("The parameter StartTime must be less than the parameter EndTime."));
        }
        let wanted = (end - start).0.saturating_add(period * 1_000 - 1).div_euclid(period * 1_000);
        if wanted > POINTS_MAX {
            return Err(invalid_combination(format!(
                "You have requested up to {} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints \
                 requested by increasing Period, or decreasing the time range.",
                grouped(wanted)
            )));
        }
        // The start is rounded down to a whole minute, and periods count from there (API Reference, GetMetricStatistics).
        let from = start.0.div_euclid(60_000);
        let to = (end.0.saturating_add(59_999)).div_euclid(60_000);
        Ok(Asked { from, to, period, stats, extended })
    }

    fn values<'m>(&self, minutes: impl Iterator<Item = &'m Minute> + Clone) -> Vec<Valued> {
        let all = self.stats.iter().chain(&self.extended);
        all.filter_map(|(name, stat)| Some((name.clone(), stat.over(minutes.clone())?))).collect()
    }
}

fn stats(names: &[&str], member: &str) -> Result<Vec<(String, Stat)>, Fault> {
    let read = |name: &&str| match Stat::parse(name) {
        Some(stat) if !matches!(stat, Stat::Percentile(_)) => Ok(((*name).to_string(), stat)),
        _ => Err(invalid_value(format!(
            "The parameter {member} must be a value in the set [ SampleCount, Average, Sum, Minimum, Maximum ]."
        ))),
    };
    names.iter().map(read).collect()
}

fn stats_extended(names: &[&str]) -> Result<Vec<(String, Stat)>, Fault> {
    let read = |name: &&str| match Stat::parse(name) {
        Some(stat @ Stat::Percentile(_)) => Ok(((*name).to_string(), stat)),
        _ => Err(invalid_value(format!("The value {name} for parameter ExtendedStatistics is not supported."))),
    };
    names.iter().map(read).collect()
}

/// `20,160`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let count = digits.len();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (count - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn answer(name: &Name, unit: &str, asked: &Asked, points: Vec<(i64, Vec<Valued>)>) -> Answer {
    let mut shows = Vec::new();
    let mut shown = Vec::new();
    for (index, (at, values)) in points.into_iter().enumerate() {
        let mut point = Map::new();
        let (from, to) = (Time(at * 60_000), Time(at * 60_000) + Span::secs(asked.period));
        point.insert("Timestamp".into(), from.0.into());
        let mut extended = Map::new();
        for (stat, value) in values {
            let is_extended = stat.starts_with('p');
            let place = if is_extended { format!("ExtendedStatistics/{stat}") } else { stat.clone() };
            let labels = name.labels(&stat, asked.period);
            shows.push((
                format!("/Datapoints/{index}/{place}"),
                Is::Metric { name: name.whole(), labels, from, to, value },
            ));
            let into = if is_extended { &mut extended } else { &mut point };
            into.insert(stat, json!(value));
        }
        point.insert("Unit".into(), unit.into());
        if !extended.is_empty() {
            point.insert("ExtendedStatistics".into(), Value::Object(extended));
        }
        shown.push(Value::Object(point));
    }
    let answer = Answer::of(json!({ "Label": name.metric, "Datapoints": shown }));
    shows.into_iter().fold(answer, |answer, (at, is)| answer.shows(at, is))
}

pub fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let namespace = call.text("Namespace").unwrap_or_default();
    if namespace.starts_with("AWS/") {
        return Err(invalid_value("The value AWS/ for parameter Namespace is invalid."));
    }
    // What alarms have seen until now does not change by what is reported now.
    super::alarm::catch_up(world);
    for (index, datum) in call.list("MetricData").iter().enumerate() {
        let at = datum.get("Timestamp").and_then(Value::as_i64).map_or(world.now, Time);
        // Two weeks back to two hours ahead (API Reference, PutMetricData).
        if at < world.now - Span::hours(14 * 24) || at > world.now + Span::hours(2) {
            let which = format!("MetricData.member.{}.Timestamp", index + 1);
            return Err(invalid_value(format!(
                "The parameter {which} must specify a time no more than two weeks in the past or two hours in the future."
            )));
        }
        let mut name = Name::given(datum);
        name.namespace = namespace.to_string();
        let minute = observed(datum)?;
        let unit = datum.get("Unit").and_then(Value::as_str).unwrap_or("None").to_string();
        let custom = Arc::make_mut(&mut world.aws.watch.custom);
        if custom.len() >= CUSTOM_MAX && !custom.contains_key(&name) {
            return Err(Fault::new("LimitExceeded", "The maximum number of metrics has been reached."));
        }
        let series = custom.entry(name).or_insert_with(|| Custom { unit, ..Custom::default() });
        let known = series.minutes.entry(at.0.div_euclid(60_000)).or_default();
        join(known, minute);
        while series.minutes.len() > CUSTOM_MINUTES_MAX {
            series.minutes.pop_first();
        }
    }
    Ok(Answer::default().altering("AWS::CloudWatch::Metric", namespace, Vec::new()))
}

fn observed(datum: &Value) -> Result<Minute, Fault> {
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_f64);
    if let Some(set) = datum.get("StatisticValues") {
        let part = |key: &str| number(set, key).unwrap_or_default();
        return Ok(Minute {
            sum: part("Sum"),
            count: part("SampleCount"),
            least: part("Minimum"),
            most: part("Maximum"),
            samples: Vec::new(),
        });
    }
    if let Some(values) = datum.get("Values").and_then(Value::as_array) {
        let counts = datum.get("Counts").and_then(Value::as_array);
        let mut minute = Minute::default();
        for (index, value) in values.iter().take(SAMPLES_MAX).enumerate() {
            let value = value.as_f64().unwrap_or_default();
            let count = counts.and_then(|counts| counts.get(index)?.as_f64()).unwrap_or(1.0);
            let samples = vec![value; (count as usize).min(SAMPLES_MAX)];
            join(&mut minute, Minute { sum: value * count, count, least: value, most: value, samples });
        }
        return Ok(minute);
    }
    match number(datum, "Value") {
        Some(value) => Ok(Minute { sum: value, count: 1.0, least: value, most: value, samples: vec![value] }),
        None => Err(Fault::new(
            "MissingParameter",
            "At least one of the following parameters must be specified: MetricData.member.1.StatisticValues, \
             MetricData.member.1.Value or MetricData.member.1.Values.",
        )),
    }
}

fn join(known: &mut Minute, more: Minute) {
    let first = known.count <= 0.0;
    known.least = if first { more.least } else { known.least.min(more.least) };
    known.most = if first { more.most } else { known.most.max(more.most) };
    known.sum += more.sum;
    known.count += more.count;
    let room = SAMPLES_MAX.saturating_sub(known.samples.len());
    known.samples.extend(more.samples.into_iter().take(room));
}

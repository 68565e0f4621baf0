//! `GetMetricData`: several metrics and expressions at once. Does not know how expressions are evaluated.

use super::math::{self, Line, Query, Result_, Scope, What};
use super::series::{self, Series, Stat};
use super::{Call, Fault};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::call::{Answer, Cover, Is};
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Queries in one request, and data points in one answer (CloudWatch API Reference, GetMetricData).
const QUERIES_MAX: usize = 500;
const POINTS_MAX: usize = 100_800;
/// Series that one SEARCH finds (metric math limits).
const SEARCH_MAX: usize = 500;

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

pub fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let items = call.list("MetricDataQueries");
    if items.len() > QUERIES_MAX {
        return Err(invalid(format!(
            "The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}."
        )));
    }
    let queries = math::queries(items)?;
    let (start, end) = (call.time("StartTime").unwrap_or_default(), call.time("EndTime").unwrap_or_default());
    if start >= end {
        return Err(invalid("The parameter EndTime must be greater than StartTime."));
    }
    let (from, to) = (start.0.div_euclid(60_000), end.0.saturating_add(59_999).div_euclid(60_000));
    // What is older than anything that is kept, or has not come yet, has no minutes; nobody walks through them.
    let now = world.now.0.div_euclid(60_000) + 1;
    let (from, to) = (from.max(series::oldest(3_600, world.now)).min(now), to.min(now));
    let rows = evaluated(world, &queries, from, to)?;
    let mut lines: Vec<(&Query, Line)> = Vec::new();
    for (query, value) in queries.iter().zip(rows).filter(|(query, _)| query.shown) {
        match value {
            Result_::Line(line) => lines.push((query, line)),
            Result_::Lines(several) => lines.extend(several.into_iter().map(|line| (query, line))),
            Result_::Scalar(_) | Result_::Text(_) => {
                return Err(invalid(format!("Error in expression '{}' [The result must be a time series]", query.id)));
            }
        }
    }
    Ok(paged(world, call, lines, (from, to)))
}

/// The values of all queries, in their order.
fn evaluated(world: &World, queries: &[Query], from: i64, to: i64) -> Result<Vec<Result_>, Fault> {
    let mut lines: BTreeMap<String, Result_> = BTreeMap::new();
    let mut metrics = Vec::new();
    for query in queries {
        if let What::Metric { name, stat, stat_name, unit } = &query.what {
            let period = query.period.unwrap_or(60);
            let found = series::find(world, name);
            let found = found.filter(|series| unit.as_ref().is_none_or(|unit| *unit == series.unit));
            let mut line = Line { label: name.metric.clone(), of: None, period, points: BTreeMap::new() };
            if let Some(series) = found {
                line = measured(world, &series, (*stat, stat_name), period, (from, to));
            }
            lines.insert(query.id.clone(), Result_::Line(line));
            metrics.push(query.id.clone());
        }
    }
    // Only a search needs to know every series.
    let all = OnceCell::new();
    let search = |what: &str, stat: &str, period: i64| {
        searched(world, all.get_or_init(|| series::all(world)), what, stat, period, (from, to))
    };
    // Nothing is filled in for times that have not come.
    let until = to.min(world.now.0.div_euclid(60_000));
    // Expressions may use each other in any order: what cannot be evaluated yet is tried again, as often as there are
    // expressions.
    let expressions: Vec<&Query> = queries.iter().filter(|query| matches!(query.what, What::Expression(_))).collect();
    let mut problem = None;
    for _ in 0..expressions.len() {
        problem = None;
        for query in &expressions {
            let What::Expression(expr) = &query.what else { continue };
            if lines.contains_key(&query.id) {
                continue;
            }
            let scope = Scope { lines: &lines, metrics: &metrics, from, to: until, now: world.now, search: &search };
            match scope.evaluate(expr) {
                Ok(value) => drop(lines.insert(query.id.clone(), value)),
                Err(why) => problem = Some(format!("Error in expression '{}' [{why}]", query.id)),
            }
        }
        if problem.is_none() {
            break;
        }
    }
    if let Some(problem) = problem {
        return Err(invalid(problem));
    }
    Ok(queries.iter().filter_map(|query| lines.get(&query.id).cloned()).collect())
}

/// A series' statistic in periods that begin at whole multiples of their length.
fn measured(world: &World, series: &Series, (stat, stat_name): (Stat, &str), period: i64, span: (i64, i64)) -> Line {
    let length = (period / 60).max(1);
    let (from, to) = (span.0.max(series::oldest(period, world.now)).div_euclid(length) * length, span.1);
    let minutes = series.seen(world, from, to - 1);
    let mut points = BTreeMap::new();
    let mut start = from;
    while start < to {
        let within = minutes.range(start..start + length);
        let kept = within.filter(|(at, _)| series::is_kept(**at, period, world.now)).map(|(_, minute)| minute);
        points.extend(stat.over(kept).map(|value| (start, value)));
        start += length;
    }
    let of = Some((series.name.clone(), stat_name.to_string()));
    Line { label: series.name.metric.clone(), of, period, points }
}

/// The lines of a SEARCH: `{AWS/SQS,QueueName} MetricName="NumberOfMessagesSent" orders`.
fn searched(
    world: &World,
    all: &[Series],
    what: &str,
    stat: &str,
    period: i64,
    span: (i64, i64),
) -> Result<Vec<Line>, String> {
    let parsed = Stat::parse(stat).ok_or_else(|| format!("The statistic {stat} is not supported"))?;
    if period < 60 || period % 60 != 0 {
        return Err("The period must be a multiple of 60".into());
    }
    let (schema, terms) = match what.trim().strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((schema, terms)) => (Some(schema), terms),
        None => (None, what),
    };
    let schema: Option<Vec<&str>> =
        schema.map(|schema| schema.split(',').map(|part| part.trim().trim_matches('"')).collect());
    let fits = |series: &&Series| {
        let name = &series.name;
        let shaped = schema.as_ref().is_none_or(|schema| {
            let mut wanted: Vec<&str> = schema.iter().skip(1).copied().collect();
            wanted.sort_unstable();
            schema.first() == Some(&name.namespace.as_str())
                && wanted == name.dimensions.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>()
        });
        shaped
            && terms
                .split_whitespace()
                .filter(|term| !term.eq_ignore_ascii_case("AND"))
                .all(|term| term_fits(series, term))
    };
    let found = all.iter().filter(fits).take(SEARCH_MAX);
    let lines = found.map(|series| {
        let mut line = measured(world, series, (parsed, stat), period, span);
        let values: Vec<&str> = series.name.dimensions.iter().map(|(_, value)| value.as_str()).collect();
        line.label = if values.is_empty() { series.name.metric.clone() } else { values.join(" ") };
        line
    });
    Ok(lines.filter(|line| !line.points.is_empty()).collect())
}

fn term_fits(series: &Series, term: &str) -> bool {
    let name = &series.name;
    if let Some((key, value)) = term.split_once('=') {
        let value = value.trim_matches('"');
        return match key {
            "MetricName" => name.metric == value,
            "Namespace" => name.namespace == value,
            _ => name.dimensions.iter().any(|(known, is)| known == key && is == value),
        };
    }
    let term = term.trim_matches('"').to_lowercase();
    let mut words = vec![name.namespace.clone(), name.metric.clone()];
    words.extend(name.dimensions.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
    words.iter().any(|word| word.to_lowercase().contains(&term))
}

/// The values that an alarm on an expression looks at, by the minute at which their period begins.
pub fn watched(world: &World, queries: &[Query], (from, to): (i64, i64), length: i64) -> BTreeMap<i64, f64> {
    let rows = evaluated(world, queries, from, to).unwrap_or_default();
    let shown = queries.iter().zip(rows).find(|(query, _)| query.shown).map(|(_, row)| row);
    let line = match shown {
        Some(Result_::Line(line)) => line,
        Some(Result_::Lines(lines)) => lines.into_iter().next().unwrap_or_default(),
        _ => Line::default(),
    };
    line.points.into_iter().filter(|(at, _)| at % length == 0).collect()
}

/// One page: at most so many data points, the rest by token.
fn paged(world: &World, call: &Call, lines: Vec<(&Query, Line)>, (from, to): (i64, i64)) -> Answer {
    let ascending = call.text("ScanBy") == Some("TimestampAscending");
    let skip: usize = call.text("NextToken").and_then(|token| token.rsplit('-').next()?.parse().ok()).unwrap_or(0);
    let most = call.whole("MaxDatapoints").map_or(POINTS_MAX, |most| most.clamp(1, POINTS_MAX as i64) as usize);
    let (mut passed, mut results, mut shows, mut covers) = (0_usize, Vec::new(), Vec::new(), Vec::new());
    for (query, line) in &lines {
        let mut points: Vec<(i64, f64)> = line.points.iter().map(|(at, value)| (*at, *value)).collect();
        if !ascending {
            points.reverse();
        }
        let first = skip.saturating_sub(passed).min(points.len());
        let last = skip.saturating_add(most).saturating_sub(passed).min(points.len());
        passed += points.len();
        let cut = points.get(first..last).unwrap_or_default();
        if skip > 0 && cut.is_empty() {
            continue;
        }
        let index = results.len();
        if let Some((name, stat)) = &line.of {
            let length = Span::secs(line.period);
            for (place, (at, value)) in cut.iter().enumerate() {
                let from = Time(at * 60_000);
                let labels = name.labels(stat, line.period);
                let is = Is::Metric { name: name.whole(), labels, from, to: from + length, value: *value };
                shows.push((format!("/MetricDataResults/{index}/Values/{place}"), is));
            }
            let newest = Time((name.newest(world.seed, world.now) + 1) * 60_000);
            let to = Time(to * 60_000).min(newest);
            covers.push(Cover::Metric { name: name.whole(), from: Time(from * 60_000), to });
        }
        let label = query.label.clone().unwrap_or_else(|| match (&query.what, lines.len()) {
            (What::Expression(_), _) if line.of.is_none() => query.id.clone(),
            _ => line.label.clone(),
        });
        let status = if last < points.len() { "PartialData" } else { "Complete" };
        let stamps: Vec<i64> = cut.iter().map(|(at, _)| at * 60_000).collect();
        let values: Vec<f64> = cut.iter().map(|(_, value)| *value).collect();
        results.push(json!({
            "Id": query.id, "Label": label, "Timestamps": stamps, "Values": values, "StatusCode": status,
        }));
    }
    let mut body = json!({ "MetricDataResults": results, "Messages": [] });
    if let (true, Some(body)) = (passed > skip.saturating_add(most), body.as_object_mut()) {
        body.insert("NextToken".into(), Value::from(format!("points-{:012}", skip + most)));
    }
    let answer = shows.into_iter().fold(Answer::of(body), |answer, (at, is)| answer.shows(at, is));
    covers.into_iter().fold(answer, Answer::covering)
}

//! Evaluates a query at a time over series fetched once for the whole window. Does not know text or flags.

use super::parse::{Expr, Grouping, Match, Selector};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::gauges::Labels;
use crate::world::signals::metrics::{self, Need, Series};
use std::collections::BTreeMap;

/// Over-time functions look at a series this often.
const STEP: Span = Span::secs(15);
/// Points that one over-time function looks at.
const LOOKS_MAX: i64 = 20_000;

/// One element of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub labels: Labels,
    pub value: f64,
    /// The metric it speaks of, as facts name it; `None` if it mixes several.
    pub metric: Option<String>,
    /// What was done to it last: `rate`, `sum`, … Empty for a series as it is.
    pub how: String,
    /// How far back it looked.
    pub back: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Scalar(f64),
    Vector(Vec<Sample>),
}

/// The series of each selector, fetched for a window.
pub struct Data {
    by_selector: Vec<Vec<Series>>,
    /// Names that no metric has.
    pub unknown: Vec<String>,
}

/// Fetches what a query needs for evaluations in `from..=to`.
pub fn fetch(world: &World, expr: &Expr, selectors: usize, from: Time, to: Time) -> Data {
    let mut data = Data { by_selector: vec![Vec::new(); selectors], unknown: Vec::new() };
    let names = metrics::names(world);
    visit(expr, Need::Standing, &mut |selector, need| {
        let base = metrics::ending(&selector.name).0;
        if !names.contains_key(base) && !names.contains_key(&selector.name) {
            data.unknown.push(selector.name.clone());
            return;
        }
        let exact: Labels = selector
            .matchers
            .iter()
            .filter_map(|m| match &m.test {
                Match::Is(value) if !value.is_empty() => Some((m.label.clone(), value.clone())),
                _ => None,
            })
            .collect();
        let back = selector.range.unwrap_or(Span::ZERO) + selector.offset;
        let query =
            metrics::Query { name: &selector.name, exact: &exact, from: from - back, to: to - selector.offset, need };
        let mut series = metrics::select(world, &query);
        series
            .retain(|s| selector.matchers.iter().all(|m| m.allows(s.labels.get(&m.label).map_or("", String::as_str))));
        if let Some(slot) = data.by_selector.get_mut(selector.id) {
            *slot = series;
        }
    });
    data
}

/// Every selector, with what its surroundings need of it.
fn visit(expr: &Expr, need: Need, see: &mut impl FnMut(&Selector, Need)) {
    match expr {
        Expr::Number(_) => {}
        Expr::Select(selector) => see(selector, need),
        Expr::Call(name, arguments) => {
            let need = if matches!(name.as_str(), "rate" | "increase") { Need::Added } else { Need::Standing };
            arguments.iter().for_each(|argument| visit(argument, need, see));
        }
        Expr::Aggregate { parameter, of, .. } => {
            parameter.iter().for_each(|p| visit(p, Need::Standing, see));
            visit(of, Need::Standing, see);
        }
        Expr::Binary { left, right, .. } => {
            visit(left, Need::Standing, see);
            visit(right, Need::Standing, see);
        }
        Expr::Negative(of) => visit(of, Need::Standing, see),
    }
}

/// Which metrics a query speaks of, without endings.
pub fn metrics_of(expr: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    visit(expr, Need::Standing, &mut |selector, _| names.push(base(selector)));
    names.sort();
    names.dedup();
    names
}

fn base(selector: &Selector) -> String {
    metrics::ending(&selector.name).0.to_string()
}

/// The value at a time, or why there is none.
pub fn eval(expr: &Expr, data: &Data, at: Time) -> Result<Value, String> {
    Ok(match expr {
        Expr::Number(number) => Value::Scalar(*number),
        Expr::Select(Selector { range: Some(_), .. }) => {
            return Err("a range such as [5m] goes into a function: rate, increase, max_over_time, …".into());
        }
        Expr::Select(selector) => Value::Vector(
            series(data, selector)
                .iter()
                .filter_map(|s| {
                    let value = s.at(at - selector.offset)?;
                    let metric = Some(base(selector));
                    Some(Sample { labels: s.labels.clone(), value, metric, how: String::new(), back: Span::ZERO })
                })
                .collect(),
        ),
        Expr::Call(name, arguments) => call(name, arguments, data, at)?,
        Expr::Aggregate { op, by, parameter, of } => {
            let count = match parameter.as_ref().map(|p| eval(p, data, at)).transpose()? {
                Some(Value::Scalar(n)) => n.max(0.0) as usize,
                Some(Value::Vector(_)) => return Err(format!("{op} wants a number first")),
                None => 0,
            };
            aggregate(op, by, count, vector(eval(of, data, at)?, op)?)
        }
        Expr::Binary { op, on, yes_no, left, right } => {
            binary(op, on.as_ref(), *yes_no, eval(left, data, at)?, eval(right, data, at)?)?
        }
        Expr::Negative(of) => match eval(of, data, at)? {
            Value::Scalar(n) => Value::Scalar(-n),
            Value::Vector(samples) => map(samples, "negative", |n| -n),
        },
    })
}

fn series<'a>(data: &'a Data, selector: &Selector) -> &'a [Series] {
    data.by_selector.get(selector.id).map_or(&[], Vec::as_slice)
}

fn vector(value: Value, who: &str) -> Result<Vec<Sample>, String> {
    match value {
        Value::Vector(samples) => Ok(samples),
        Value::Scalar(_) => Err(format!("{who} wants series, not a number")),
    }
}

fn map(samples: Vec<Sample>, how: &str, change: impl Fn(f64) -> f64) -> Value {
    let changed = |sample: Sample| Sample { value: change(sample.value), how: how.to_string(), ..sample };
    Value::Vector(samples.into_iter().map(changed).collect())
}

fn call(name: &str, arguments: &[Expr], data: &Data, at: Time) -> Result<Value, String> {
    if let (true, Some(Expr::Select(selector))) = (super::parse::OVER_RANGE.contains(&name), arguments.first()) {
        return Ok(over_range(name, selector, data, at));
    }
    let mut values = arguments.iter().map(|argument| eval(argument, data, at)).collect::<Result<Vec<_>, _>>()?;
    let last = values.pop();
    Ok(match (name, last) {
        ("time", _) => Value::Scalar(at.0 as f64 / 1_000.0),
        ("vector", Some(Value::Scalar(value))) => {
            let (labels, how) = (Labels::new(), "vector".to_string());
            Value::Vector(vec![Sample { labels, value, metric: None, how, back: Span::ZERO }])
        }
        ("histogram_quantile", Some(Value::Vector(samples))) => match values.pop() {
            Some(Value::Scalar(quantile)) => Value::Vector(quantiles(quantile, samples)),
            _ => return Err("histogram_quantile wants a number first".into()),
        },
        ("abs", Some(Value::Vector(s))) => map(s, "abs", f64::abs),
        ("ceil", Some(Value::Vector(s))) => map(s, "ceil", f64::ceil),
        ("floor", Some(Value::Vector(s))) => map(s, "floor", f64::floor),
        ("round", Some(Value::Vector(s))) => map(s, "round", |n| (n + 0.5).floor()),
        ("sort" | "sort_desc", Some(Value::Vector(mut s))) => {
            s.sort_by(|a, b| a.value.total_cmp(&b.value));
            if name == "sort_desc" {
                s.reverse();
            }
            Value::Vector(s)
        }
        _ => return Err(format!("{name} wants series, not a number")),
    })
}

fn over_range(name: &str, selector: &Selector, data: &Data, at: Time) -> Value {
    let range = selector.range.unwrap_or(Span::mins(5));
    let to = at - selector.offset;
    let from = to - range;
    let looks = || {
        let steps = (range.0 / STEP.0).clamp(1, LOOKS_MAX);
        (0..=steps).map(move |n| from + Span(range.0 * n / steps))
    };
    let value = |s: &Series| -> Option<f64> {
        match name {
            "increase" => s.increase(from, to),
            "rate" => s.increase(from, to).map(|gain| gain * 1_000.0 / range.0 as f64),
            "delta" => Some(s.at(to)? - s.at(from)?),
            _ => {
                let seen: Vec<f64> = looks().filter_map(|t| s.at(t)).collect();
                let first = *seen.first()?;
                Some(match name {
                    "max_over_time" => seen.iter().copied().fold(first, f64::max),
                    "min_over_time" => seen.iter().copied().fold(first, f64::min),
                    "changes" => seen.windows(2).filter(|pair| pair[0].total_cmp(&pair[1]).is_ne()).count() as f64,
                    _ => seen.iter().sum::<f64>() / seen.len() as f64,
                })
            }
        }
    };
    let sample = |s: &Series| {
        let (labels, metric) = (s.labels.clone(), Some(base(selector)));
        Some(Sample { labels, value: value(s)?, metric, how: name.to_string(), back: range })
    };
    Value::Vector(series(data, selector).iter().filter_map(sample).collect())
}

/// The labels that a grouping keeps.
fn kept(labels: &Labels, by: &Grouping) -> Labels {
    let keep = |name: &String| match by {
        Grouping::Only(names) => names.contains(name),
        Grouping::But(names) => !names.contains(name),
    };
    labels.iter().filter(|(name, _)| keep(name)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn aggregate(op: &str, by: &Grouping, count: usize, samples: Vec<Sample>) -> Value {
    let mut groups: BTreeMap<Labels, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        groups.entry(kept(&sample.labels, by)).or_default().push(sample);
    }
    let mut out = Vec::new();
    for (labels, mut group) in groups {
        if matches!(op, "topk" | "bottomk") {
            group.sort_by(|a, b| b.value.total_cmp(&a.value));
            if op == "bottomk" {
                group.reverse();
            }
            group.truncate(count);
            out.extend(group);
            continue;
        }
        let values = group.iter().map(|sample| sample.value);
        let size = group.len() as f64;
        let value = match op {
            "avg" => values.sum::<f64>() / size,
            "count" => size,
            "max" => values.fold(f64::NEG_INFINITY, f64::max),
            "min" => values.fold(f64::INFINITY, f64::min),
            _ => values.sum(),
        };
        let metric = common(group.iter().map(|sample| sample.metric.as_ref()));
        let back = group.iter().map(|sample| sample.back).max().unwrap_or(Span::ZERO);
        // A sum of rates is still about rates.
        let how = match group.first().map(|sample| sample.how.as_str()) {
            Some("") | None => op.to_string(),
            Some(inner) => format!("{op}({inner})"),
        };
        out.push(Sample { labels, value, metric, how, back });
    }
    Value::Vector(out)
}

/// The metric that all speak of.
fn common<'a>(mut metrics: impl Iterator<Item = Option<&'a String>>) -> Option<String> {
    let first = metrics.next()??;
    metrics.all(|metric| metric == Some(first)).then(|| first.clone())
}

/// Quantiles as Prometheus estimates them: a straight line within the bucket.
fn quantiles(quantile: f64, samples: Vec<Sample>) -> Vec<Sample> {
    let mut groups: BTreeMap<Labels, Vec<(f64, Sample)>> = BTreeMap::new();
    for mut sample in samples {
        let Some(le) = sample.labels.remove("le") else { continue };
        let bound = if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap_or(f64::INFINITY) };
        groups.entry(sample.labels.clone()).or_default().push((bound, sample));
    }
    let mut out = Vec::new();
    for (labels, mut buckets) in groups {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, all)) = buckets.last().cloned() else { continue };
        let value = estimate(quantile, &buckets.iter().map(|(bound, s)| (*bound, s.value)).collect::<Vec<_>>());
        out.push(Sample { labels, value, how: "histogram_quantile".into(), ..all });
    }
    out
}

fn estimate(quantile: f64, buckets: &[(f64, f64)]) -> f64 {
    let total = buckets.last().map_or(0.0, |(_, count)| *count);
    if total <= 0.0 || buckets.len() < 2 {
        return f64::NAN;
    }
    let rank = quantile.clamp(0.0, 1.0) * total;
    let index = buckets.iter().position(|(_, count)| *count >= rank).unwrap_or(buckets.len() - 1);
    let (below, before) = index.checked_sub(1).map_or((0.0, 0.0), |i| buckets[i]);
    let (bound, count) = buckets[index];
    if bound.is_infinite() {
        return below;
    }
    if count <= before { bound } else { below + (bound - below) * (rank - before) / (count - before) }
}

fn binary(op: &str, on: Option<&Grouping>, yes_no: bool, left: Value, right: Value) -> Result<Value, String> {
    let comparison = matches!(op, "==" | "!=" | "<=" | ">=" | "<" | ">");
    let sets = matches!(op, "and" | "or" | "unless");
    Ok(match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => Value::Scalar(compute(op, a, b)),
        (Value::Vector(samples), Value::Scalar(b)) if !sets => {
            Value::Vector(each(samples, comparison && !yes_no, |a| compute(op, a, b)))
        }
        (Value::Scalar(a), Value::Vector(samples)) if !sets => {
            Value::Vector(each(samples, comparison && !yes_no, |b| compute(op, a, b)))
        }
        (Value::Vector(a), Value::Vector(b)) => {
            let key = |labels: &Labels| on.map_or_else(|| labels.clone(), |on| kept(labels, on));
            let known: BTreeMap<Labels, Sample> = b.iter().map(|s| (key(&s.labels), s.clone())).collect();
            match op {
                "and" => Value::Vector(a.into_iter().filter(|s| known.contains_key(&key(&s.labels))).collect()),
                "unless" => Value::Vector(a.into_iter().filter(|s| !known.contains_key(&key(&s.labels))).collect()),
                "or" => {
                    let mine: Vec<Labels> = a.iter().map(|s| key(&s.labels)).collect();
                    let more = b.into_iter().filter(|s| !mine.contains(&key(&s.labels)));
                    Value::Vector(a.into_iter().chain(more).collect())
                }
                _ => Value::Vector(joined(op, a, &known, key, comparison && !yes_no)),
            }
        }
        _ => return Err(format!("{op} wants series on both sides")),
    })
}

/// A comparison without `bool` keeps what it holds for, with its value.
fn each(samples: Vec<Sample>, filter: bool, change: impl Fn(f64) -> f64) -> Vec<Sample> {
    samples
        .into_iter()
        .filter_map(|sample| {
            let value = change(sample.value);
            match filter {
                true if value == 0.0 => None,
                true => Some(sample),
                false => Some(Sample { value, ..sample }),
            }
        })
        .collect()
}

fn joined(
    op: &str,
    a: Vec<Sample>,
    known: &BTreeMap<Labels, Sample>,
    key: impl Fn(&Labels) -> Labels,
    filter: bool,
) -> Vec<Sample> {
    a.into_iter()
        .filter_map(|left| {
            let right = known.get(&key(&left.labels))?;
            let value = compute(op, left.value, right.value);
            if filter {
                return (value != 0.0).then_some(left);
            }
            let metric = common([left.metric.as_ref(), right.metric.as_ref()].into_iter());
            let back = left.back.max(right.back);
            Some(Sample { labels: key(&left.labels), value, metric, how: op.to_string(), back })
        })
        .collect()
}

fn compute(op: &str, a: f64, b: f64) -> f64 {
    let yes = |holds: bool| f64::from(u8::from(holds));
    match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        "==" => yes(a.total_cmp(&b).is_eq()),
        "!=" => yes(a.total_cmp(&b).is_ne()),
        "<=" => yes(a <= b),
        ">=" => yes(a >= b),
        "<" => yes(a < b),
        ">" => yes(a > b),
        _ => f64::NAN,
    }
}

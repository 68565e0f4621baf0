//! The sentences and the data with which CloudWatch explains an alarm's state. Does not decide.

use super::alarm::{Comparison, Rule, StateOf, Treat};
use crate::stdx::time::Time;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// `1 datapoint was`, `3 datapoints were`.
fn some(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing} was") } else { format!("{count} {thing}s were") }
}

fn plural(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

fn at(minute: i64, format: &str) -> String {
    let time = DateTime::<Utc>::from_timestamp(minute.saturating_mul(60), 0).unwrap_or_default();
    time.format(format).to_string()
}

/// `2026-03-02T09:15:42.291+0000`, as alarm data spell it.
pub(super) fn stamp(time: Time) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(time.0).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// A number as the service writes it: always with a point.
pub(super) fn number(value: f64) -> String {
    format!("{value:?}")
}

fn words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "greater than or equal to",
        Comparison::AtMost => "less than or equal to",
        Comparison::Less => "less than",
        Comparison::More => "greater than",
    }
}

/// Why an alarm is in a state, given the real data points that were looked at (newest first) and how many had to be filled
/// in (wordings as recorded in alarm notifications).
pub(super) fn sentence(rule: &Rule, state: StateOf, real: &[(i64, f64)], filled: usize) -> String {
    let treated = match rule.missing {
        Treat::Breaching => Some("Breaching"),
        Treat::NotBreaching => Some("NonBreaching"),
        Treat::Missing | Treat::Ignore => None,
    };
    if state == StateOf::InsufficientData {
        return format!("Insufficient Data: {} unknown.", some(rule.periods, "datapoint"));
    }
    if let (Some(treated), true) = (treated, filled > 0) {
        let received = match real.len() {
            0 => "no datapoints were".to_string(),
            count => some(count, "datapoint"),
        };
        let (periods, missing) = (plural(rule.periods, "period"), some(filled, "missing datapoint"));
        return format!("Threshold Crossed: {received} received for {periods} and {missing} treated as [{treated}].");
    }
    let alarm = state == StateOf::Alarm;
    let fitting: Vec<&(i64, f64)> = real.iter().filter(|(_, value)| rule.breaches(*value) == alarm).collect();
    let list: Vec<String> = fitting
        .iter()
        .map(|(minute, value)| format!("{} ({})", number(*value), at(*minute, "%d/%m/%y %H:%M:%S")))
        .collect();
    let (least, turn) = match alarm {
        true => (rule.to_alarm, "OK -> ALARM"),
        false => ((rule.periods + 1).saturating_sub(rule.to_alarm), "ALARM -> OK"),
    };
    format!(
        "Threshold Crossed: {} out of the last {} datapoints [{}] {} {}{} the threshold ({}) (minimum {} for {turn} transition).",
        fitting.len(),
        rule.periods,
        list.join(", "),
        if fitting.len() == 1 { "was" } else { "were" },
        if alarm { "" } else { "not " },
        words(rule.comparison),
        number(rule.threshold),
        plural(least, "datapoint"),
    )
}

/// `StateReasonData`: what was looked at, as JSON text.
pub(super) fn data(rule: &Rule, unit: &str, now: Time, real: &[(i64, f64)], starts: &[i64]) -> String {
    let stamp_of = |minute: i64| at(minute, "%Y-%m-%dT%H:%M:%S.000+0000");
    let mut recent: Vec<f64> = real.iter().map(|(_, value)| *value).collect();
    recent.reverse();
    let evaluated: Vec<Value> = starts
        .iter()
        .map(|start| match real.iter().find(|(at, _)| at == start) {
            Some((at, value)) => json!({ "timestamp": stamp_of(*at), "value": value }),
            None => json!({ "timestamp": stamp_of(*start) }),
        })
        .collect();
    let mut out = json!({ "version": "1.0", "queryDate": stamp(now) });
    if let Some(out) = out.as_object_mut() {
        if let Some((first, _)) = real.last() {
            out.insert("startDate".into(), stamp_of(*first).into());
        }
        if let Some(stat) = rule.stat_name() {
            out.insert("unit".into(), unit.into());
            out.insert("statistic".into(), stat.into());
        }
        out.insert("period".into(), rule.period.into());
        out.insert("recentDatapoints".into(), json!(recent));
        out.insert("threshold".into(), json!(rule.threshold));
        out.insert("evaluatedDatapoints".into(), json!(evaluated));
    }
    out.to_string()
}

//! Timestamps: as the client prints what it received, and as it reads what is typed. Does not know which member is one.

use super::node::Node;
use crate::stdx::time::Time;
use crate::world::aws::model::{Model, Protocol};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::{Number, Value};

/// A timestamp as it stands in the service's answer. Version 1 of the client prints it unchanged (`cli_timestamp_format =
/// wire`): seconds since 1970 with a fraction in JSON, a date in XML, an HTTP date in headers.
pub fn on_the_wire(model: &Model, format: &str, millis: i64) -> Node {
    let json = matches!(model.protocol, Protocol::Json10 | Protocol::Json11 | Protocol::RestJson);
    let at = Time(millis);
    match format {
        "rfc822" => Node::text(at.format("%a, %d %b %Y %H:%M:%S GMT").unwrap_or_default()),
        "iso8601" => Node::text(iso(at)),
        "unixTimestamp" if !json && millis % 1_000 == 0 => Node::text((millis / 1_000).to_string()),
        _ if json => Number::from_f64(millis as f64 / 1_000.0).map_or_else(Node::default, Node::number),
        _ => Node::text(iso(at)),
    }
}

fn iso(at: Time) -> String {
    if at.0 % 1_000 == 0 { at.rfc3339() } else { at.rfc3339_millis() }
}

/// Years that the client's language can hold.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// A timestamp as typed: seconds since 1970, ISO 8601 in its usual forms, a date alone, a time of today alone. Without a
/// zone it is UTC, the zone of the simulated machine.
pub fn read(value: &Value, now: Time) -> Option<Time> {
    match value {
        Value::Number(number) => from_seconds(number.as_f64()?),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(seconds) => from_seconds(seconds),
            Err(_) => from_text(text.trim(), now),
        },
        _ => None,
    }
}

fn from_seconds(seconds: f64) -> Option<Time> {
    let millis = (seconds * 1_000.0).round();
    let at = DateTime::from_timestamp_millis((millis.abs() < 1e15).then_some(millis as i64)?)?;
    YEARS.contains(&at.year()).then_some(Time(millis as i64))
}

fn from_text(text: &str, now: Time) -> Option<Time> {
    let at = |naive: NaiveDateTime| Time(naive.and_utc().timestamp_millis());
    let spaced = text.replacen(' ', "T", 1);
    let spaced = spaced.replace(" UTC", "Z").replace("UTC", "Z");
    if let Ok(time) = DateTime::parse_from_rfc3339(&spaced) {
        return Some(Time(time.timestamp_millis()));
    }
    let zoned = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z", "%Y%m%dT%H%M%S%z"];
    let zulu = spaced.strip_suffix('Z').map(|bare| format!("{bare}+0000"));
    let zulu = zulu.as_deref().unwrap_or(&spaced);
    if let Some(time) = zoned.iter().find_map(|form| DateTime::parse_from_str(zulu, form).ok()) {
        return Some(Time(time.timestamp_millis()));
    }
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return Some(Time(time.timestamp_millis()));
    }
    let bare = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y/%m/%dT%H:%M:%S%.f", "%Y/%m/%dT%H:%M", "%Y%m%dT%H%M%S"];
    if let Some(time) = bare.iter().find_map(|form| NaiveDateTime::parse_from_str(&spaced, form).ok()) {
        return Some(at(time));
    }
    let days = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%b %d %Y", "%d %b %Y"];
    if let Some(day) = days.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok()) {
        return day.and_hms_opt(0, 0, 0).map(at);
    }
    let times = ["%H:%M:%S%.f", "%H:%M"];
    let time = times.iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())?;
    Some(at(DateTime::from_timestamp_millis(now.0)?.date_naive().and_time(time)))
}

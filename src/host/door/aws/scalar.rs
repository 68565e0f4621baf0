//! Single values on a wire that is text: numbers, truths, timestamps, blobs. In our values a timestamp is whole
//! milliseconds since 1970 and a blob is base64. Does not know shapes of more than one value.

use crate::stdx::time::Time;
use crate::world::aws::model::{Member, Model, Of, Scalar, Shape};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

/// How timestamps are written where neither member nor shape says so. Smithy: epoch seconds in JSON bodies and CBOR,
/// date-time in XML and query strings, http-date in headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    Seconds,
    Iso,
    Rfc822,
}

impl Stamp {
    /// What the member says, else its shape, else the wire's own.
    pub fn of(member: Option<&Member>, scalar: &Scalar, usual: Stamp) -> Stamp {
        let named = member.map(|member| member.format.as_str()).filter(|format| !format.is_empty());
        match named.unwrap_or(&scalar.format).to_ascii_lowercase().as_str() {
            "unixtimestamp" => Stamp::Seconds,
            "iso8601" => Stamp::Iso,
            "rfc822" => Stamp::Rfc822,
            _ => usual,
        }
    }
}

/// Epoch seconds as services write them: always with a fraction, of as many digits as it needs.
pub fn seconds(ms: i64) -> String {
    let (whole, part) = (ms.div_euclid(1_000), ms.rem_euclid(1_000));
    let text = if ms < 0 && part != 0 {
        format!("-{}.{:03}", -(whole + 1), 1_000 - part)
    } else {
        format!("{whole}.{part:03}")
    };
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_string() }
}

/// Milliseconds in a timestamp as text.
pub fn stamp_text(ms: i64, stamp: Stamp) -> String {
    match stamp {
        Stamp::Seconds => seconds(ms),
        Stamp::Rfc822 => Time(ms).format("%a, %d %b %Y %H:%M:%S GMT").unwrap_or_default(),
        Stamp::Iso if ms % 1_000 == 0 => Time(ms).rfc3339(),
        Stamp::Iso => Time(ms).rfc3339_millis(),
    }
}

/// A timestamp as clients write it, whichever of the three forms they chose.
pub fn read_stamp(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return from_seconds(seconds);
    }
    let iso = chrono::DateTime::parse_from_rfc3339(text).ok();
    let mail = iso.or_else(|| chrono::DateTime::parse_from_rfc2822(text).ok());
    let bare = || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok();
    let day = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let whole = |time: chrono::NaiveDateTime| time.and_utc().timestamp_millis();
    mail.map(|time| time.timestamp_millis()).or_else(|| bare().map(whole)).or_else(|| day().map(whole))
}

/// Epoch seconds with a fraction, to the nearest millisecond; `None` outside of the calendar.
pub fn from_seconds(seconds: f64) -> Option<i64> {
    let ms = (seconds * 1_000.0).round();
    (seconds.is_finite() && ms.abs() < 1e15).then_some(ms as i64)
}

/// A floating-point number in JSON: never mistaken for a whole one. JSON has no word for what is not a number; services
/// write those as text.
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    Number::from_f64(value).map_or_else(|| "0.0".into(), |number| number.to_string())
}

/// A value of ours as text in XML, in a header or in a URL.
pub fn write(scalar: &Scalar, stamp: Stamp, value: &Value) -> String {
    match (scalar.of, value) {
        (Of::Timestamp, Value::Number(number)) => stamp_text(number.as_i64().unwrap_or_default(), stamp),
        (Of::Float | Of::Double, Value::Number(number)) => float_text(number.as_f64().unwrap_or_default()),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Null) => String::new(),
        (_, other) => other.to_string(),
    }
}

/// Text of a client as a value of ours.
pub fn read(scalar: &Scalar, text: &str) -> Option<Value> {
    Some(match scalar.of {
        Of::String => Value::from(text),
        Of::Blob => Value::from(STANDARD.encode(STANDARD.decode(text.trim()).ok()?)),
        Of::Boolean => match text.trim() {
            "true" | "True" | "1" => Value::Bool(true),
            "false" | "False" | "0" => Value::Bool(false),
            _ => return None,
        },
        Of::Integer => Value::from(text.trim().parse::<i32>().ok()?),
        Of::Long => Value::from(text.trim().parse::<i64>().ok()?),
        Of::Float | Of::Double => float(text.trim().parse().ok()?)?,
        Of::Timestamp => Value::from(read_stamp(text)?),
    })
}

/// A floating-point value of ours; what is not finite is text, as in the services' JSON.
pub fn float(value: f64) -> Option<Value> {
    Some(Number::from_f64(value).map_or_else(|| Value::from(float_text(value)), Value::Number))
}

/// The single value that a name stands for; text if the model has no such shape.
pub fn of<'a>(model: &'a Model, shape: &str) -> Option<&'a Scalar> {
    match model.shape(shape) {
        Some(Shape::Scalar(scalar)) => Some(scalar),
        _ => None,
    }
}

//! How often and when a failed delivery is repeated: the four phases of a delivery policy. Does not know what is delivered.

use super::super::call::Fault;
use crate::stdx::time::Span;
use serde_json::{Map, Value, json};

/// A retry policy: immediate retries, retries after the least delay, retries with a growing delay, retries after the
/// longest delay (SNS Developer Guide, "Message delivery retries").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub at_once: u32,
    pub at_least: u32,
    pub growing: u32,
    pub at_most: u32,
    /// Seconds.
    pub least: i64,
    pub most: i64,
    pub growth: Growth,
}

/// `backoffFunction`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Growth {
    Arithmetic,
    Exponential,
    Geometric,
    #[default]
    Linear,
}

/// The total of an HTTP(S) policy (same guide: 3,600 seconds, a hard limit).
const TOTAL_MAX: i64 = 3_600;
/// `numRetries` (same guide: 0 to 100).
const RETRIES_MAX: i64 = 100;

impl Retry {
    /// To HTTP(S): 3 retries, 20 seconds apart.
    pub const WEB: Retry =
        Retry { at_once: 0, at_least: 0, growing: 3, at_most: 0, least: 20, most: 20, growth: Growth::Linear };
    /// To SQS and Lambda: 3 at once, 2 a second apart, 10 from 1 to 20 seconds, 100,000 every 20 seconds.
    pub const MANAGED: Retry = Retry {
        at_once: 3,
        at_least: 2,
        growing: 10,
        at_most: 100_000,
        least: 1,
        most: 20,
        growth: Growth::Exponential,
    };
    /// To mail and phones: 2 ten seconds apart, 10 from 10 to 600 seconds, 38 every 10 minutes.
    pub const MAIL: Retry =
        Retry { at_once: 0, at_least: 2, growing: 10, at_most: 38, least: 10, most: 600, growth: Growth::Exponential };

    /// How long to wait before a retry (the first is 1); `None`: no more.
    pub fn delay(&self, retry: u32) -> Option<Span> {
        let mut left = retry.checked_sub(1)?;
        for (many, seconds) in [
            (self.at_once, Some(0)),
            (self.at_least, Some(self.least)),
            (self.growing, None),
            (self.at_most, Some(self.most)),
        ] {
            if left < many {
                return Some(Span::secs(seconds.unwrap_or_else(|| self.grown(left))));
            }
            left -= many;
        }
        None
    }

    /// The delay of a retry of the growing phase (the first is 0), between the least and the longest.
    fn grown(&self, step: u32) -> i64 {
        let last = i64::from(self.growing.saturating_sub(1)).max(1);
        let (step, range) = (i64::from(step), self.most - self.least);
        let grown = match self.growth {
            Growth::Linear => range * step / last,
            Growth::Arithmetic => range * step * (step + 1) / (last * (last + 1)),
            Growth::Geometric => range * step * step / (last * last),
            Growth::Exponential => (self.least.max(1) << step.min(20)) - self.least.max(1),
        };
        (self.least + grown).min(self.most)
    }

    fn total(&self) -> i64 {
        let growing: i64 = (0..self.growing).map(|step| self.grown(step)).sum();
        i64::from(self.at_least) * self.least + growing + i64::from(self.at_most) * self.most
    }

    pub fn shown(&self) -> Value {
        let function = match self.growth {
            Growth::Arithmetic => "arithmetic",
            Growth::Exponential => "exponential",
            Growth::Geometric => "geometric",
            Growth::Linear => "linear",
        };
        let retries = self.at_once + self.at_least + self.growing + self.at_most;
        json!({
            "minDelayTarget": self.least, "maxDelayTarget": self.most, "numRetries": retries,
            "numMaxDelayRetries": self.at_most, "numNoDelayRetries": self.at_once, "numMinDelayRetries": self.at_least,
            "backoffFunction": function,
        })
    }

    /// Reads a `healthyRetryPolicy`; what is not said is as by default.
    fn read(map: &Map<String, Value>, name: &str) -> Result<Retry, String> {
        let whole = |key: &str, default: i64, most: i64| match map.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => value
                .as_i64()
                .filter(|n| (0..=most).contains(n))
                .ok_or_else(|| format!("{name}.{key} must be a number between 0 and {most}")),
        };
        let known = [
            "minDelayTarget",
            "maxDelayTarget",
            "numRetries",
            "numMaxDelayRetries",
            "numNoDelayRetries",
            "numMinDelayRetries",
            "backoffFunction",
        ];
        if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("Unrecognized field \"{key}\" in {name}"));
        }
        let (least, most) = (whole("minDelayTarget", 20, TOTAL_MAX)?, whole("maxDelayTarget", 20, TOTAL_MAX)?);
        let retries = whole("numRetries", 3, RETRIES_MAX)?;
        let [at_once, at_least, at_most] = ["numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"];
        let (at_once, at_least) = (whole(at_once, 0, RETRIES_MAX)?, whole(at_least, 0, RETRIES_MAX)?);
        let at_most = whole(at_most, 0, RETRIES_MAX)?;
        let growth = match map.get("backoffFunction").map(|value| value.as_str().unwrap_or_default()) {
            None | Some("linear") => Growth::Linear,
            Some("arithmetic") => Growth::Arithmetic,
            Some("geometric") => Growth::Geometric,
            Some("exponential") => Growth::Exponential,
            Some(_) => {
                return Err(format!("{name}.backoffFunction must be one of: linear|arithmetic|geometric|exponential"));
            }
        };
        if least < 1 {
            return Err(format!("{name}.minDelayTarget must be at least 1"));
        }
        if least > most {
            return Err(format!("{name}.minDelayTarget must be less than or equal to {name}.maxDelayTarget"));
        }
        if at_once + at_least + at_most > retries {
            return Err(format!(
                "{name}.numRetries must be greater than or equal to the sum of the retries of its phases"
            ));
        }
        let growing = (retries - at_once - at_least - at_most) as u32;
        let (at_once, at_least, at_most) = (at_once as u32, at_least as u32, at_most as u32);
        let retry = Retry { at_once, at_least, growing, at_most, least, most, growth };
        if retry.total() > TOTAL_MAX {
            return Err(format!("{name}: total retry delay must not exceed {TOTAL_MAX} seconds"));
        }
        Ok(retry)
    }
}

fn refused(why: String) -> Fault {
    Fault::new("InvalidParameter", format!("Invalid parameter: DeliveryPolicy: {why}"))
}

fn object(text: &str) -> Result<Map<String, Value>, Fault> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(refused("failed to parse JSON.".into())),
    }
}

/// Of a subscription: `{"healthyRetryPolicy": …, "throttlePolicy": …, "requestPolicy": …}`.
pub fn of_subscription(text: &str) -> Result<Option<Retry>, Fault> {
    let map = object(text)?;
    let known = ["healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "requestPolicy", "guaranteed"];
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(refused(format!("Unrecognized field \"{key}\"")));
    }
    let policy = map.get("healthyRetryPolicy").and_then(Value::as_object);
    policy.map(|policy| Retry::read(policy, "healthyRetryPolicy")).transpose().map_err(refused)
}

/// Of a topic: `{"http": {"defaultHealthyRetryPolicy": …, "disableSubscriptionOverrides": …}}`; also whether subscriptions
/// must keep to it.
pub fn of_topic(text: &str) -> Result<(Option<Retry>, bool), Fault> {
    let map = object(text)?;
    if let Some(key) = map.keys().find(|key| *key != "http") {
        return Err(refused(format!("Unrecognized field \"{key}\"")));
    }
    let http = map.get("http").and_then(Value::as_object).cloned().unwrap_or_default();
    let policy = http.get("defaultHealthyRetryPolicy").and_then(Value::as_object);
    let retry =
        policy.map(|policy| Retry::read(policy, "http.defaultHealthyRetryPolicy")).transpose().map_err(refused)?;
    Ok((retry, http.get("disableSubscriptionOverrides").and_then(Value::as_bool).unwrap_or(false)))
}

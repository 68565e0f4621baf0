//! Counts and amounts a minute, by metric and dimensions: what services count, CloudWatch shows and bills charge. Does not
//! know names of metrics.

use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A metric of one resource: namespace and name (`AWS/SQS`, `NumberOfMessagesSent`) and dimensions in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub namespace: &'static str,
    pub metric: &'static str,
    pub dimensions: Vec<(&'static str, Arc<str>)>,
}

/// Metrics whose values are fractions: what is observed of them is whole parts of one, so many of them. Sorted.
static PARTS: &[(&str, &str, i64)] = &[
    ("AWS/ElastiCache", "CPUUtilization", 1_000),
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", 1_000),
    ("AWS/ElastiCache", "EngineCPUUtilization", 1_000),
    ("AWS/Lambda", "Duration", 100),
    ("AWS/RDS", "CPUUtilization", 1_000),
    ("AWS/RDS", "ReadIOPS", 1_000),
    ("AWS/RDS", "ReadLatency", 1_000_000),
    ("AWS/RDS", "WriteIOPS", 1_000),
    ("AWS/RDS", "WriteLatency", 1_000_000),
    ("AWS/SES", "Reputation.BounceRate", 1_000_000),
    ("AWS/SES", "Reputation.ComplaintRate", 1_000_000),
];

/// How many parts make one of a metric's unit: whoever shows `sum`, `least` or `most` divides by this. 1 for what is whole.
pub fn parts(namespace: &str, metric: &str) -> i64 {
    PARTS.iter().find(|row| row.0 == namespace && row.1 == metric).map_or(1, |row| row.2)
}

/// What was observed in one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    pub sum: i64,
    pub count: i64,
    pub least: i64,
    pub most: i64,
}

/// Minutes since 1970 → what was observed in them.
pub type Minutes = Arc<BTreeMap<i64, Minute>>;

/// All that was counted. A metric that nobody counted in a minute has no entry there: no data, not zero.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    series: Arc<BTreeMap<Key, Minutes>>,
    /// Values one by one, of metrics that are asked for percentiles.
    samples: Arc<BTreeMap<Key, Samples>>,
}

/// Minutes since 1970 → the values observed in them, at most [`SAMPLES_MAX`] a minute.
pub type Samples = Arc<BTreeMap<i64, Vec<i64>>>;

/// Values kept one by one of a minute (ours): beyond it percentiles cannot be told.
const SAMPLES_MAX: usize = 2_000;

impl Tally {
    /// Observes `value` at a time: counters observe 1 (or 0, where the service reports zeros), sizes and durations their
    /// amount.
    pub fn observe(&mut self, key: &Key, at: Time, value: i64) {
        let series = Arc::make_mut(&mut self.series);
        if !series.contains_key(key) {
            series.insert(key.clone(), Minutes::default());
        }
        let Some(minutes) = series.get_mut(key) else { return };
        let minute = Arc::make_mut(minutes).entry(at.0.div_euclid(60_000)).or_default();
        let first = minute.count == 0;
        minute.least = if first { value } else { minute.least.min(value) };
        minute.most = if first { value } else { minute.most.max(value) };
        minute.sum += value;
        minute.count += 1;
    }

    /// Observes a value and keeps it, so that percentiles can be told.
    pub fn sample(&mut self, key: &Key, at: Time, value: i64) {
        self.observe(key, at, value);
        let samples = Arc::make_mut(&mut self.samples);
        if !samples.contains_key(key) {
            samples.insert(key.clone(), Samples::default());
        }
        let Some(minutes) = samples.get_mut(key) else { return };
        let minute = Arc::make_mut(minutes).entry(at.0.div_euclid(60_000)).or_default();
        if minute.len() < SAMPLES_MAX {
            minute.push(value);
        }
    }

    /// The values of a minute, where they were kept.
    pub fn samples(&self, key: &Key, minute: i64) -> &[i64] {
        self.samples.get(key).and_then(|minutes| minutes.get(&minute)).map_or(&[], Vec::as_slice)
    }

    pub fn series(&self) -> impl Iterator<Item = (&Key, &Minutes)> {
        self.series.iter()
    }

    pub fn get(&self, key: &Key) -> Option<&Minutes> {
        self.series.get(key)
    }
}

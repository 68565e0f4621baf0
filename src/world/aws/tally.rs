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

/// How long minutes stand for themselves, how long five of them together, and how long an hour: older ones are forgotten
/// (CloudWatch User Guide, "Metrics retention": 15 days, 63 days, 455 days). In minutes.
const MINUTES_KEPT: i64 = 15 * 1_440;
const FIVES_KEPT: i64 = 63 * 1_440;
const HOURS_KEPT: i64 = 455 * 1_440;

/// One series.
#[derive(Clone, Debug)]
struct Counted {
    minutes: Minutes,
    /// Up to which minute five stand together, and up to which an hour.
    folded: (i64, i64),
}

impl Default for Counted {
    fn default() -> Counted {
        Counted { minutes: Minutes::default(), folded: (i64::MIN, i64::MIN) }
    }
}

impl Counted {
    /// Folds and forgets what is old when a minute begins.
    fn age(&mut self, minute: i64) {
        let minutes = Arc::make_mut(&mut self.minutes);
        let up_to = |kept: i64, width: i64| (minute - kept).div_euclid(width) * width;
        fold(minutes, &mut self.folded.0, up_to(MINUTES_KEPT, 5), 5);
        fold(minutes, &mut self.folded.1, up_to(FIVES_KEPT, 60), 60);
        while minutes.first_key_value().is_some_and(|(first, _)| *first < minute - HOURS_KEPT) {
            minutes.pop_first();
        }
    }
}

/// Puts minutes in `folded..to` together, `width` of them at the first.
fn fold(minutes: &mut BTreeMap<i64, Minute>, folded: &mut i64, to: i64, width: i64) {
    if to <= *folded {
        return;
    }
    let moving: Vec<i64> = minutes.range(*folded..to).map(|(minute, _)| *minute).collect();
    *folded = to;
    for from in moving.into_iter().filter(|from| from.rem_euclid(width) != 0) {
        let Some(part) = minutes.remove(&from) else { continue };
        let home = from.div_euclid(width) * width;
        minutes.entry(home).and_modify(|whole| whole.join(part)).or_insert(part);
    }
}

impl Minute {
    fn join(&mut self, other: Minute) {
        self.sum += other.sum;
        self.count += other.count;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }
}

/// All that was counted. A metric that nobody counted in a minute has no entry there: no data, not zero.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    series: Arc<BTreeMap<Key, Counted>>,
    /// Values one by one, of metrics that are asked for percentiles; as long as minutes stand for themselves.
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
            series.insert(key.clone(), Counted::default());
        }
        let Some(counted) = series.get_mut(key) else { return };
        let number = at.0.div_euclid(60_000);
        if !counted.minutes.contains_key(&number) {
            counted.age(number);
        }
        let minute = Arc::make_mut(&mut counted.minutes).entry(number).or_default();
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
        let Some(minutes) = samples.get_mut(key).map(Arc::make_mut) else { return };
        let number = at.0.div_euclid(60_000);
        while minutes.first_key_value().is_some_and(|(first, _)| *first < number - MINUTES_KEPT) {
            minutes.pop_first();
        }
        let minute = minutes.entry(number).or_default();
        if minute.len() < SAMPLES_MAX {
            minute.push(value);
        }
    }

    /// The values of a minute, where they were kept.
    pub fn samples(&self, key: &Key, minute: i64) -> &[i64] {
        self.samples.get(key).and_then(|minutes| minutes.get(&minute)).map_or(&[], Vec::as_slice)
    }

    pub fn series(&self) -> impl Iterator<Item = (&Key, &Minutes)> {
        self.series.iter().map(|(key, counted)| (key, &counted.minutes))
    }

    pub fn get(&self, key: &Key) -> Option<&Minutes> {
        self.series.get(key).map(|counted| &counted.minutes)
    }
}

//! What a topic counts minute by minute: CloudWatch's metrics and the bill's requests. Does not know how copies move.

use super::super::earlier;
use super::super::service::{Meter, MetricSource, Used};
use super::super::tally::{Key, Minute};
use super::filter::Out;
use crate::stdx::time::Time;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Minutes that are kept: CloudWatch has one-minute values for 15 days.
const MINUTES_MAX: usize = 15 * 24 * 60;

/// One request is charged for every 64 KB that is published (SNS pricing).
const CHUNK: usize = 64 * 1024;

/// What is counted one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Published,
    Delivered,
    /// Every attempt that failed.
    Failed,
    Redriven,
    RedriveFailed,
    Filtered(Out),
}

/// What happened in one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    published: u32,
    delivered: u32,
    failed: u32,
    redriven: u32,
    redrive_failed: u32,
    /// In the order of [`Out`].
    filtered: [u32; 5],
    bytes: Minute,
}

/// A topic's counters.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    minute: i64,
    now: Counted,
    past: Arc<BTreeMap<i64, Counted>>,
    /// Charged requests and deliveries to HTTP(S), by hours since 1970.
    hours: Arc<BTreeMap<i64, [u64; 2]>>,
}

impl Counts {
    pub fn count(&mut self, at: Time, what: What) {
        let minute = self.turn(at);
        *match what {
            What::Published => &mut minute.published,
            What::Delivered => &mut minute.delivered,
            What::Failed => &mut minute.failed,
            What::Redriven => &mut minute.redriven,
            What::RedriveFailed => &mut minute.redrive_failed,
            What::Filtered(Out::Attributes) => &mut minute.filtered[0],
            What::Filtered(Out::InvalidAttributes) => &mut minute.filtered[1],
            What::Filtered(Out::NoAttributes) => &mut minute.filtered[2],
            What::Filtered(Out::Body) => &mut minute.filtered[3],
            What::Filtered(Out::InvalidBody) => &mut minute.filtered[4],
        } += 1;
    }

    pub fn published(&mut self, at: Time, bytes: usize) {
        self.count(at, What::Published);
        let (minute, value) = (&mut self.now.bytes, bytes as i64);
        minute.least = if minute.count == 0 { value } else { minute.least.min(value) };
        minute.most = minute.most.max(value);
        minute.sum += value;
        minute.count += 1;
        self.charge(at, 0, bytes.div_ceil(CHUNK).max(1) as u64);
    }

    /// An attempt to deliver to HTTP(S).
    pub fn pushed(&mut self, at: Time) {
        self.charge(at, 1, 1);
    }

    fn charge(&mut self, at: Time, place: usize, n: u64) {
        let hour = Arc::make_mut(&mut self.hours).entry(at.0.div_euclid(3_600_000)).or_default();
        if let Some(place) = hour.get_mut(place) {
            *place += n;
        }
    }

    fn turn(&mut self, at: Time) -> &mut Counted {
        let minute = at.0.div_euclid(60_000);
        if minute != self.minute {
            let done = std::mem::take(&mut self.now);
            if done != Counted::default() {
                let past = Arc::make_mut(&mut self.past);
                past.insert(self.minute, done);
                if past.len() > MINUTES_MAX {
                    past.pop_first();
                }
            }
            self.minute = minute;
        }
        &mut self.now
    }

    fn minutes(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, &Counted)> {
        let past = (from <= to).then(|| self.past.range(from..=to));
        let now = (from..=to).contains(&self.minute).then_some((self.minute, &self.now));
        past.into_iter().flatten().map(|(minute, counted)| (*minute, counted)).chain(now)
    }
}

/// A metric's name and how it is read from a minute.
type Reading = (&'static str, fn(&Counted) -> Minute);

/// Sorted by name, one a line (SNS Developer Guide, "CloudWatch metrics for Amazon SNS").
static METRICS: &[Reading] = &[
    ("NumberOfMessagesPublished", |minute| counter(minute.published)),
    ("NumberOfNotificationsDelivered", |minute| counter(minute.delivered)),
    ("NumberOfNotificationsFailed", |minute| counter(minute.failed)),
    ("NumberOfNotificationsFailedToRedriveToDlq", |minute| counter(minute.redrive_failed)),
    ("NumberOfNotificationsFilteredOut", |minute| counter(minute.filtered.iter().sum())),
    ("NumberOfNotificationsFilteredOut-InvalidAttributes", |minute| counter(minute.filtered[1])),
    ("NumberOfNotificationsFilteredOut-InvalidMessageBody", |minute| counter(minute.filtered[4])),
    ("NumberOfNotificationsFilteredOut-MessageAttributes", |minute| counter(minute.filtered[0])),
    ("NumberOfNotificationsFilteredOut-MessageBody", |minute| counter(minute.filtered[3])),
    ("NumberOfNotificationsFilteredOut-NoMessageAttributes", |minute| counter(minute.filtered[2])),
    ("NumberOfNotificationsRedrivenToDlq", |minute| counter(minute.redriven)),
    ("PublishSize", |minute| minute.bytes),
];

/// Where nothing happened there is no data.
fn counter(n: u32) -> Minute {
    Minute { sum: n.into(), count: n.into(), least: i64::from(n.min(1)), most: i64::from(n.min(1)) }
}

pub const SOURCE: MetricSource = MetricSource { namespace: "AWS/SNS", list, minutes };

/// Only what has been counted: CloudWatch knows a metric from its first value on.
fn list(world: &World) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    for topic in world.aws.topics.ever() {
        let all = || topic.counts.past.values().chain([&topic.counts.now]);
        for (metric, read) in METRICS {
            if all().any(|minute| read(minute).count > 0) {
                keys.insert(Key { namespace: "AWS/SNS", metric, dimensions: vec![("TopicName", topic.name.clone())] });
            }
        }
    }
    keys.into_iter().collect()
}

fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let Some((_, name)) = key.dimensions.first() else { return Vec::new() };
    let Some((_, read)) = METRICS.iter().find(|(metric, _)| *metric == key.metric) else { return Vec::new() };
    let mut found: BTreeMap<i64, Minute> = BTreeMap::new();
    for topic in world.aws.topics.ever().filter(|topic| topic.name == *name) {
        found.extend(topic.counts.minutes(from, to).map(|(minute, counted)| (minute, read(counted))));
    }
    found.into_iter().filter(|(_, minute)| minute.count > 0).collect()
}

pub const METER: Meter = Meter { usage_types: &["DeliveryAttempts-HTTP", "Requests-Tier1"], read: used };

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    earlier::with(world, (from, to), asked, |_| true)
}

fn asked(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut rows = Vec::new();
    // Bills show the home region's prefix; what was asked of other regions is charged there too.
    for topic in world.aws.topics.everywhere() {
        for (hour, [requests, pushes]) in topic.counts.hours.range(from..to.max(from)) {
            for (usage, n) in [("DeliveryAttempts-HTTP", pushes), ("Requests-Tier1", requests)] {
                if *n > 0 {
                    rows.push(Used {
                        hour: *hour,
                        service: "Amazon Simple Notification Service",
                        usage_type: usage.to_string(),
                        operation: "",
                        micros: i128::from(*n) * 1_000_000,
                        resource: topic.name.clone(),
                    });
                }
            }
        }
    }
    rows
}

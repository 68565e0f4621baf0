//! What a queue counts minute by minute, and the samples of its depth: CloudWatch's metrics and the bill's requests. Does
//! not know how messages move.

use super::super::earlier;
use super::super::service::{Meter, MetricSource, Used};
use super::super::tally::{Key, Minute};
use super::queue::Queue;
use super::store::Store;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// SQS reports metrics of a queue while it is active: it has messages, or a call touched it in the last six hours (SQS
/// Developer Guide, "Creating CloudWatch alarms").
const ACTIVE_FOR: Span = Span::hours(6);

/// Minutes that are kept: CloudWatch has one-minute values for 15 days.
const MINUTES_MAX: usize = 15 * 24 * 60;

/// One request is charged for every 64 KB of payload (SQS pricing).
const CHUNK: usize = 64 * 1024;

/// What happened in one minute, and how the queue stood at its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub sent: u32,
    pub received: u32,
    pub deleted: u32,
    pub empty: u32,
    /// Charged requests.
    pub requests: u32,
    pub bytes: Minute,
    pub stood: Stood,
}

/// A sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stood {
    pub visible: u32,
    pub in_flight: u32,
    pub delayed: u32,
    /// Seconds.
    pub age: u32,
    pub groups: u32,
}

/// A queue's counters.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// The minute under way, since 1970.
    minute: i64,
    now: Counted,
    past: Arc<BTreeMap<i64, Counted>>,
    /// Charged requests by hours since 1970, for longer than minutes are kept.
    hours: Arc<BTreeMap<i64, u64>>,
    /// The last call.
    touched: Time,
    pollers: Pollers,
    /// Up to where the queue's life has been lived.
    pub settled: Time,
}

/// Idle long polls that are kept open, as an amount: none of them is an event.
#[derive(Clone, Debug, Default)]
struct Pollers {
    /// By consumer: polls open at once, and how long each waits if its reader says so.
    open: BTreeMap<Arc<str>, (u32, Option<Span>)>,
    since: Time,
    /// Empty answers, in thousandths.
    due: i64,
}

impl Counts {
    pub fn new(at: Time) -> Counts {
        Counts { minute: minute_of(at), settled: at, touched: at, ..Counts::default() }
    }

    pub fn next_mark(&self) -> Time {
        Time((self.minute + 1) * 60_000)
    }

    /// Closes the minute that ends at `mark` and samples the next; `wait` is how long the queue lets a receive wait.
    pub fn sample(&mut self, mark: Time, store: &Store, wait: Span) {
        self.run_pollers(mark, wait);
        self.close(store);
        self.minute = minute_of(mark);
        let age = store.oldest().map_or(0, |since| (mark.0 - since.0).max(0) / 1_000);
        let stood = Stood {
            visible: store.visible() as u32,
            in_flight: store.in_flight() as u32,
            delayed: store.delayed() as u32,
            age: u32::try_from(age).unwrap_or(u32::MAX),
            groups: store.busy_groups() as u32,
        };
        self.now = Counted { stood, ..Counted::default() };
    }

    fn close(&mut self, store: &Store) {
        let end = Time((self.minute + 1) * 60_000);
        if self.now.requests > 0 {
            *Arc::make_mut(&mut self.hours).entry(self.minute.div_euclid(60)).or_default() +=
                u64::from(self.now.requests);
        }
        if self.idle(store, end) && self.now == Counted::default() {
            return;
        }
        let past = Arc::make_mut(&mut self.past);
        past.insert(self.minute, self.now);
        if past.len() > MINUTES_MAX {
            past.pop_first();
        }
    }

    /// Whether the service has stopped reporting.
    pub fn idle(&self, store: &Store, at: Time) -> bool {
        store.is_empty() && self.pollers.open.is_empty() && self.touched + ACTIVE_FOR < at
    }

    /// Passes over idle minutes up to the one before `at`'s.
    pub fn skip_to(&mut self, at: Time) {
        if minute_of(at) > self.minute {
            (self.minute, self.now) = (minute_of(at), Counted::default());
        }
    }

    /// A call, with how much it carried.
    pub fn request(&mut self, at: Time, bytes: usize) {
        self.touched = at;
        self.now.requests += bytes.div_ceil(CHUNK).max(1) as u32;
    }

    pub fn sent(&mut self, bytes: usize) {
        self.now.sent += 1;
        let (minute, value) = (&mut self.now.bytes, bytes as i64);
        let first = minute.count == 0;
        minute.least = if first { value } else { minute.least.min(value) };
        minute.most = minute.most.max(value);
        minute.sum += value;
        minute.count += 1;
    }

    pub fn received(&mut self, messages: usize) {
        self.now.received += messages as u32;
        if messages == 0 {
            self.now.empty += 1;
        }
    }

    pub fn deleted(&mut self) {
        self.now.deleted += 1;
    }

    pub fn poll(&mut self, at: Time, who: &str, polls: (u32, Option<Span>), wait: Span) {
        self.run_pollers(at, wait);
        (self.touched, self.pollers.since) = (at, at);
        if polls.0 == 0 {
            self.pollers.open.remove(who);
        } else {
            self.pollers.open.insert(Arc::from(who), polls);
        }
    }

    /// Adds the empty answers of long polls since the last time.
    fn run_pollers(&mut self, at: Time, wait: Span) {
        if self.pollers.open.is_empty() {
            return;
        }
        let passed = (at.0 - self.pollers.since.0).max(0);
        self.pollers.since = self.pollers.since.max(at);
        let rate =
            |(polls, own): &(u32, Option<Span>)| i64::from(*polls) * passed * 1_000 / own.unwrap_or(wait).0.max(1_000);
        self.pollers.due += self.pollers.open.values().map(rate).sum::<i64>();
        let whole = (self.pollers.due / 1_000) as u32;
        self.pollers.due %= 1_000;
        self.now.empty += whole;
        self.now.requests += whole;
        self.touched = at;
    }

    fn minutes(&self, store: &Store, from: i64, to: i64) -> impl Iterator<Item = (i64, &Counted)> {
        let past = (from <= to).then(|| self.past.range(from..=to));
        let silent = self.idle(store, self.settled) && self.now == Counted::default();
        let now = ((from..=to).contains(&self.minute) && !silent).then_some((self.minute, &self.now));
        past.into_iter().flatten().map(|(minute, counted)| (*minute, counted)).chain(now)
    }

    fn hour(&self, hour: i64) -> u64 {
        let now = if self.minute.div_euclid(60) == hour { u64::from(self.now.requests) } else { 0 };
        self.hours.get(&hour).copied().unwrap_or_default() + now
    }
}

fn minute_of(at: Time) -> i64 {
    at.0.div_euclid(60_000)
}

/// A metric's name and how it is read from a minute.
type Reading = (&'static str, fn(&Counted) -> Minute);

/// Sorted by name, one a line (SQS Developer Guide, "Available CloudWatch metrics").
static METRICS: &[Reading] = &[
    ("ApproximateAgeOfOldestMessage", |minute| gauge(minute.stood.age)),
    ("ApproximateNumberOfGroupsWithInflightMessages", |minute| gauge(minute.stood.groups)),
    ("ApproximateNumberOfMessagesDelayed", |minute| gauge(minute.stood.delayed)),
    ("ApproximateNumberOfMessagesNotVisible", |minute| gauge(minute.stood.in_flight)),
    ("ApproximateNumberOfMessagesVisible", |minute| gauge(minute.stood.visible)),
    ("NumberOfEmptyReceives", |minute| counter(minute.empty)),
    ("NumberOfMessagesDeleted", |minute| counter(minute.deleted)),
    ("NumberOfMessagesReceived", |minute| counter(minute.received)),
    ("NumberOfMessagesSent", |minute| counter(minute.sent)),
    ("SentMessageSize", |minute| minute.bytes),
];

fn gauge(value: u32) -> Minute {
    let value = i64::from(value);
    Minute { sum: value, count: 1, least: value, most: value }
}

/// An active queue reports zero where nothing happened.
fn counter(n: u32) -> Minute {
    let (n, each) = (i64::from(n), i64::from(n.min(1)));
    Minute { sum: n, count: n.max(1), least: each, most: each }
}

pub const SOURCE: MetricSource = MetricSource { namespace: "AWS/SQS", list, minutes };

fn list(world: &World) -> Vec<Key> {
    let queues: BTreeSet<(Arc<str>, bool)> =
        world.aws.queues.ever().map(|queue| (queue.name.clone(), queue.setup.fifo)).collect();
    let mut keys = Vec::new();
    for (name, fifo) in queues {
        for (metric, _) in METRICS {
            // Only FIFO queues have groups.
            if fifo || *metric != "ApproximateNumberOfGroupsWithInflightMessages" {
                keys.push(Key { namespace: "AWS/SQS", metric, dimensions: vec![("QueueName", name.clone())] });
            }
        }
    }
    keys
}

fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let Some((_, name)) = key.dimensions.first() else { return Vec::new() };
    let Some((_, read)) = METRICS.iter().find(|(metric, _)| *metric == key.metric) else { return Vec::new() };
    let mut found: BTreeMap<i64, Minute> = BTreeMap::new();
    for queue in world.aws.queues.ever().filter(|queue| queue.name == *name) {
        found.extend(queue.counts.minutes(&queue.store, from, to).map(|(minute, counted)| (minute, read(counted))));
    }
    found.into_iter().filter(|(_, minute)| minute.count > 0).collect()
}

pub const METER: Meter = Meter { usage_types: &["Requests-FIFO-Tier1", "Requests-Tier1"], read: used };

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let start = world.aws.flows.start;
    let was = |name: &str| world.aws.queues.ever().any(|queue| *queue.name == *name && queue.setup.created < start);
    earlier::with(world, (from, to), asked, was)
}

fn asked(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut rows = Vec::new();
    // Bills show the home region's prefix; what was asked of other regions is charged there too.
    for queue in world.aws.queues.everywhere() {
        let usage = if queue.setup.fifo { "Requests-FIFO-Tier1" } else { "Requests-Tier1" };
        for hour in from..to {
            let requests = queue.counts.hour(hour);
            if requests > 0 {
                rows.push(row(queue, hour, usage, requests));
            }
        }
    }
    rows
}

fn row(queue: &Queue, hour: i64, usage: &str, requests: u64) -> Used {
    Used {
        hour,
        service: "Amazon Simple Queue Service",
        usage_type: usage.to_string(),
        operation: "",
        micros: i128::from(requests) * 1_000_000,
        resource: queue.name.clone(),
    }
}

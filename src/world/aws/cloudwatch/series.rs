//! Series as CloudWatch knows them: those that services count or compute and those that callers report; which minutes are
//! visible when, and statistics over them. Does not know what they mean.

use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::service::{MetricSource, SERVICES};
use crate::world::aws::tally;
use serde_json::Value;
use std::collections::BTreeMap;

/// A metric: namespace, name and dimensions, which identify it together ("CloudWatch treats each unique combination of
/// dimensions as a separate metric").
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub namespace: String,
    pub metric: String,
    /// By name.
    pub dimensions: Vec<(String, String)>,
}

/// A minute's observations, in the metric's unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minute {
    pub sum: f64,
    pub count: f64,
    pub least: f64,
    pub most: f64,
    /// Values one by one, where they are known (at most [`SAMPLES_MAX`]): percentiles need them.
    pub samples: Vec<f64>,
}

/// Values kept of a minute of a reported metric (PutMetricData takes up to 150 a datum).
pub const SAMPLES_MAX: usize = 150;
/// Reported metrics (ours) and minutes of each (two weeks).
pub const CUSTOM_MAX: usize = 1_000;
pub const CUSTOM_MINUTES_MAX: usize = 20_160;

/// A metric that callers report.
#[derive(Clone, Debug, Default)]
pub struct Custom {
    pub unit: String,
    pub minutes: BTreeMap<i64, Minute>,
}

/// Where a series comes from.
#[derive(Clone, Debug)]
enum Origin {
    Counted(tally::Key),
    Computed(&'static MetricSource, tally::Key),
    Reported,
}

/// A series that exists.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: Name,
    pub unit: String,
    origin: Origin,
}

impl Name {
    /// From the members of a request.
    pub fn given(value: &Value) -> Name {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        Name {
            namespace: text("Namespace"),
            metric: text("MetricName"),
            dimensions: dimensions(value.get("Dimensions")),
        }
    }

    fn of(key: &tally::Key) -> Name {
        let mut dimensions: Vec<(String, String)> =
            key.dimensions.iter().map(|(name, value)| ((*name).to_string(), value.to_string())).collect();
        dimensions.sort();
        Name { namespace: key.namespace.into(), metric: key.metric.into(), dimensions }
    }

    /// Whether it is the name of a counted series.
    fn is(&self, key: &tally::Key) -> bool {
        let has = |(name, value): &(&str, std::sync::Arc<str>)| {
            self.dimensions.iter().any(|(own, is)| own == name && **is == **value)
        };
        self.namespace == key.namespace
            && self.metric == key.metric
            && self.dimensions.len() == key.dimensions.len()
            && key.dimensions.iter().all(has)
    }

    /// `AWS/SQS/NumberOfMessagesSent`.
    pub fn whole(&self) -> String {
        format!("{}/{}", self.namespace, self.metric)
    }

    /// Labels of a fact: dimensions, statistic and period.
    pub fn labels(&self, stat: &str, period: i64) -> BTreeMap<String, String> {
        let mut labels: BTreeMap<String, String> = self.dimensions.iter().cloned().collect();
        labels.insert("stat".into(), stat.into());
        labels.insert("period".into(), period.to_string());
        labels
    }

    fn hash(&self) -> u64 {
        let dimensions = self.dimensions.iter().map(|(name, value)| format!("{name}={value}"));
        let whole: Vec<String> = std::iter::once(self.whole()).chain(dimensions).collect();
        dice::hash_name(&whole.join(","))
    }

    /// How long after its end a minute becomes visible: one to three minutes, the same for all minutes of a series (as seen
    /// with SQS and SNS; the documentation promises no figure).
    pub fn lag(&self, seed: u64) -> Span {
        let roll = dice::at(seed, dice::hash_name("cloudwatch/lag"), self.hash());
        Span::secs(60 + i64::try_from(roll % 121).unwrap_or(0))
    }

    /// The newest minute that can be seen at `now`, counted since 1970.
    pub fn newest(&self, seed: u64, now: Time) -> i64 {
        (now.0 - self.lag(seed).0).div_euclid(60_000) - 1
    }
}

/// `[{Name, Value}]`, sorted: the order in which they are given does not matter.
pub fn dimensions(value: Option<&Value>) -> Vec<(String, String)> {
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut out: Vec<_> = items.iter().map(|item| (text(item, "Name"), text(item, "Value"))).collect();
    out.sort();
    out
}

/// Every series there has been, by name.
pub fn all(world: &World) -> Vec<Series> {
    let mut out = Vec::new();
    let counted = world.aws.tally.series().map(|(key, _)| (key.clone(), Origin::Counted(key.clone())));
    let sources = SERVICES.iter().flat_map(|service| service.metrics.iter());
    let computed = sources
        .flat_map(|source| (source.list)(world).into_iter().map(|key| (key.clone(), Origin::Computed(source, key))));
    for (key, origin) in counted.chain(computed) {
        let name = Name::of(&key);
        let unit = unit(&name.namespace, &name.metric).to_string();
        out.push(Series { name, unit, origin });
    }
    let custom = world.aws.watch.custom.iter();
    out.extend(custom.map(|(name, custom)| Series {
        name: name.clone(),
        unit: custom.unit.clone(),
        origin: Origin::Reported,
    }));
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out.dedup_by(|a, b| a.name == b.name);
    out
}

/// The series of exactly this name and these dimensions: with one more or less there is none.
pub fn find(world: &World, name: &Name) -> Option<Series> {
    let counted = world.aws.tally.series().map(|(key, _)| key).filter(|key| name.is(key));
    let mut counted = counted.map(|key| Origin::Counted(key.clone()));
    let sources = SERVICES.iter().flat_map(|service| service.metrics.iter());
    let sources = sources.filter(|source| source.namespace == name.namespace);
    let mut computed = sources.filter_map(|source| {
        let key = (source.list)(world).into_iter().find(|key| name.is(key))?;
        Some(Origin::Computed(source, key))
    });
    if let Some(origin) = counted.next().or_else(|| computed.next()) {
        let unit = unit(&name.namespace, &name.metric).to_string();
        return Some(Series { name: name.clone(), unit, origin });
    }
    let custom = world.aws.watch.custom.get(name)?;
    Some(Series { name: name.clone(), unit: custom.unit.clone(), origin: Origin::Reported })
}

impl Series {
    /// Its minutes in `from..=to` (counted since 1970) that can be seen now.
    pub fn seen(&self, world: &World, from: i64, to: i64) -> BTreeMap<i64, Minute> {
        let to = to.min(self.name.newest(world.seed, world.now));
        if to < from { BTreeMap::new() } else { self.minutes(world, from, to) }
    }

    /// Whether any minute in `from..=to` can be seen now. The newest are looked at first: most series that live have one
    /// there, and computed ones cost by the minute.
    pub fn is_seen(&self, world: &World, from: i64, to: i64) -> bool {
        let mut to = to.min(self.name.newest(world.seed, world.now));
        let mut step = match self.origin {
            Origin::Computed(..) => 60,
            Origin::Counted(_) | Origin::Reported => to.saturating_sub(from),
        };
        while from <= to {
            let start = from.max(to - step);
            if !self.minutes(world, start, to).is_empty() {
                return true;
            }
            (to, step) = (start - 1, step * 4);
        }
        false
    }

    fn minutes(&self, world: &World, from: i64, to: i64) -> BTreeMap<i64, Minute> {
        let parts = tally::parts(&self.name.namespace, &self.name.metric) as f64;
        let convert = |minute: &tally::Minute| Minute {
            sum: minute.sum as f64 / parts,
            count: minute.count as f64,
            least: minute.least as f64 / parts,
            most: minute.most as f64 / parts,
            samples: Vec::new(),
        };
        match &self.origin {
            Origin::Counted(key) => {
                let minutes = world.aws.tally.get(key);
                let range = minutes.into_iter().flat_map(|minutes| minutes.range(from..=to));
                let samples =
                    |at: i64| world.aws.tally.samples(key, at).iter().map(|value| *value as f64 / parts).collect();
                range.map(|(at, minute)| (*at, Minute { samples: samples(*at), ..convert(minute) })).collect()
            }
            Origin::Computed(source, key) => {
                let minutes = (source.minutes)(world, key, from, to);
                let within = minutes.iter().filter(|(at, _)| (from..=to).contains(at));
                within.map(|(at, minute)| (*at, convert(minute))).collect()
            }
            Origin::Reported => {
                let custom = world.aws.watch.custom.get(&self.name);
                let range = custom.into_iter().flat_map(|custom| custom.minutes.range(from..=to));
                range.map(|(at, minute)| (*at, minute.clone())).collect()
            }
        }
    }
}

/// One statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stat {
    Average,
    Maximum,
    Minimum,
    /// In tenths of a percent: `p99.9` is 999.
    Percentile(u32),
    SampleCount,
    Sum,
}

impl Stat {
    pub fn parse(text: &str) -> Option<Stat> {
        let percentile = |text: &str| {
            let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
            let tenths = whole.parse::<u32>().ok()?.checked_mul(10)?.checked_add(part.get(..1)?.parse().ok()?)?;
            (tenths <= 1_000).then_some(Stat::Percentile(tenths))
        };
        match text {
            "Average" => Some(Stat::Average),
            "Maximum" => Some(Stat::Maximum),
            "Minimum" => Some(Stat::Minimum),
            "SampleCount" => Some(Stat::SampleCount),
            "Sum" => Some(Stat::Sum),
            _ => percentile(text.strip_prefix('p')?),
        }
    }

    /// Over some minutes; `None` where there is no data.
    pub fn over<'m>(self, minutes: impl Iterator<Item = &'m Minute> + Clone) -> Option<f64> {
        let count: f64 = minutes.clone().map(|minute| minute.count).sum();
        if count <= 0.0 {
            return None;
        }
        let least = || minutes.clone().map(|minute| minute.least).fold(f64::INFINITY, f64::min);
        let most = || minutes.clone().map(|minute| minute.most).fold(f64::NEG_INFINITY, f64::max);
        match self {
            Stat::SampleCount => Some(count),
            Stat::Sum => Some(minutes.map(|minute| minute.sum).sum()),
            Stat::Average => Some(minutes.map(|minute| minute.sum).sum::<f64>() / count),
            Stat::Minimum => Some(least()),
            Stat::Maximum => Some(most()),
            Stat::Percentile(tenths) => {
                let (least, most) = (least(), most());
                if least == most {
                    return Some(least);
                }
                let mut samples: Vec<f64> = minutes.clone().flat_map(|minute| minute.samples.iter().copied()).collect();
                // Of values that came aggregated there are no percentiles ("Percentile statistics are not available for
                // metrics when the raw data is a statistic set").
                if (samples.len() as f64) < count {
                    return None;
                }
                samples.sort_by(f64::total_cmp);
                let rank = (samples.len() * tenths as usize).div_ceil(1_000).max(1);
                samples.get(rank - 1).copied()
            }
        }
    }
}

/// Units of metrics that are not counts (the services' lists of CloudWatch metrics). By namespace and name; sorted.
static UNITS: &[(&str, &str, &str)] = &[
    ("AWS/ApiGateway", "IntegrationLatency", "Milliseconds"),
    ("AWS/ApiGateway", "Latency", "Milliseconds"),
    ("AWS/ApplicationELB", "ProcessedBytes", "Bytes"),
    ("AWS/ApplicationELB", "TargetResponseTime", "Seconds"),
    ("AWS/ElastiCache", "BytesUsedForCache", "Bytes"),
    ("AWS/ElastiCache", "CPUUtilization", "Percent"),
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "Percent"),
    ("AWS/ElastiCache", "EngineCPUUtilization", "Percent"),
    ("AWS/ElastiCache", "FreeableMemory", "Bytes"),
    ("AWS/ElastiCache", "NetworkBytesIn", "Bytes"),
    ("AWS/ElastiCache", "NetworkBytesOut", "Bytes"),
    ("AWS/Lambda", "Duration", "Milliseconds"),
    ("AWS/Lambda", "IteratorAge", "Milliseconds"),
    ("AWS/NATGateway", "BytesInFromDestination", "Bytes"),
    ("AWS/NATGateway", "BytesInFromSource", "Bytes"),
    ("AWS/NATGateway", "BytesOutToDestination", "Bytes"),
    ("AWS/NATGateway", "BytesOutToSource", "Bytes"),
    ("AWS/NetworkELB", "ProcessedBytes", "Bytes"),
    ("AWS/PrivateLinkEndpoints", "BytesProcessed", "Bytes"),
    ("AWS/RDS", "BurstBalance", "Percent"),
    ("AWS/RDS", "CPUUtilization", "Percent"),
    ("AWS/RDS", "FreeStorageSpace", "Bytes"),
    ("AWS/RDS", "FreeableMemory", "Bytes"),
    ("AWS/RDS", "NetworkReceiveThroughput", "Bytes/Second"),
    ("AWS/RDS", "NetworkTransmitThroughput", "Bytes/Second"),
    ("AWS/RDS", "OldestReplicationSlotLag", "Bytes"),
    ("AWS/RDS", "ReadIOPS", "Count/Second"),
    ("AWS/RDS", "ReadLatency", "Seconds"),
    ("AWS/RDS", "WriteIOPS", "Count/Second"),
    ("AWS/RDS", "WriteLatency", "Seconds"),
    ("AWS/S3", "BucketSizeBytes", "Bytes"),
    ("AWS/SNS", "PublishSize", "Bytes"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Seconds"),
    ("AWS/SQS", "SentMessageSize", "Bytes"),
];

fn unit(namespace: &str, metric: &str) -> &'static str {
    UNITS.iter().find(|row| row.0 == namespace && row.1 == metric).map_or("Count", |row| row.2)
}

/// How long a resolution is kept: a minute 15 days, five minutes 63 days, an hour 455 days (CloudWatch concepts, "Metrics
/// retention"). Whether data of a minute can still be shown in periods of this length.
pub fn is_kept(minute: i64, period: i64, now: Time) -> bool {
    minute >= oldest(period, now)
}

/// The oldest minute, counted since 1970, that can be shown in periods of this length.
pub fn oldest(period: i64, now: Time) -> i64 {
    let days = match period {
        period if period % 3_600 == 0 => 455,
        period if period % 300 == 0 => 63,
        _ => 15,
    };
    now.0.div_euclid(60_000) - days * 24 * 60
}

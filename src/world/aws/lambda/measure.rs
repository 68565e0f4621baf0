//! What functions count: CloudWatch's metrics and the bill's seconds. Does not know how invocations come about.

use super::super::earlier;
use super::super::service::{Meter, Used};
use super::super::tally::Key;
use super::functions;
use super::run::{Invocation, Outcome, logged};
use crate::stdx::time::Time;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

const SPACE: &str = "AWS/Lambda";

/// What a function used in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    pub requests: u64,
    /// Megabytes times billed milliseconds.
    pub mb_ms: u64,
    /// Bytes written to its log group.
    pub logged: u64,
    /// Objects put.
    pub puts: u64,
}

/// By function, processor (`true`: arm64) and hour since 1970.
pub type Hours = BTreeMap<(Arc<str>, bool, i64), Hour>;

/// Counts for the function and for all functions together (Lambda Developer Guide, "Types of metrics": dimensions
/// FunctionName and none).
fn count(world: &mut World, metric: &'static str, function: &Arc<str>, at: Time, value: i64) {
    let own = Key { namespace: SPACE, metric, dimensions: vec![("FunctionName", Arc::clone(function))] };
    let all = Key { namespace: SPACE, metric, dimensions: Vec::new() };
    for key in [own, all] {
        match metric {
            "Duration" => world.aws.tally.sample(&key, at, value),
            _ => world.aws.tally.observe(&key, at, value),
        }
    }
}

/// A function's metric of its asynchronous events.
pub fn event(world: &mut World, metric: &'static str, function: &str, at: Time, value: i64) {
    let function = Arc::from(function);
    count(world, metric, &function, at, value);
}

/// An invocation was refused for want of room. It counts as no invocation and no error.
pub fn throttle(world: &mut World, at: Time, name: &str) {
    count(world, "Throttles", &Arc::from(name), at, 1);
}

/// How many executions there are as one begins.
pub fn concurrent(world: &mut World, at: Time, name: &Arc<str>) {
    let all: Vec<(bool, u32, bool)> = world
        .aws
        .functions
        .living()
        .map(|function| {
            let reserved = function.reserved.at(at).copied().flatten().is_some();
            (*function.name == **name, function.busy(at), reserved)
        })
        .collect();
    let own: u32 = all.iter().filter(|(own, ..)| *own).map(|(_, busy, _)| busy).sum();
    let whole: u32 = all.iter().map(|(_, busy, _)| busy).sum();
    let free: u32 = all.iter().filter(|(.., reserved)| !reserved).map(|(_, busy, _)| busy).sum();
    let mut see = |metric, dimensions, value: u32| {
        world.aws.tally.observe(&Key { namespace: SPACE, metric, dimensions }, at, i64::from(value));
    };
    see("ConcurrentExecutions", vec![("FunctionName", Arc::clone(name))], own);
    see("ConcurrentExecutions", Vec::new(), whole);
    see("UnreservedConcurrentExecutions", Vec::new(), free);
}

/// An invocation has ended. Metrics carry the time at which the function was invoked (Lambda Developer Guide, "Types of
/// metrics"), charges the hour in which it ended.
pub fn done(world: &mut World, invocation: &Invocation) {
    let (at, name) = (invocation.at, &invocation.function);
    count(world, "Invocations", name, at, 1);
    count(world, "Errors", name, at, i64::from(!matches!(invocation.outcome, Outcome::Done(_))));
    count(world, "Throttles", name, at, 0);
    count(world, "Duration", name, at, invocation.hundredths());
    let arm = world.aws.functions.find(name).is_some_and(|function| function.latest().code.arm);
    let logged = logged(world, invocation);
    let key = (Arc::clone(name), arm, hour_of(invocation.ended()));
    let hour = Arc::make_mut(&mut functions(world).hours).entry(key).or_default();
    hour.requests += 1;
    hour.mb_ms += u64::from(invocation.memory.1) * invocation.billed() as u64;
    hour.logged += logged;
}

/// An object was put by a function.
pub fn object(world: &mut World, at: Time, bucket: &Arc<str>, _bytes: u64) {
    let key = (Arc::clone(bucket), false, hour_of(at));
    Arc::make_mut(&mut functions(world).hours).entry(key).or_default().puts += 1;
}

fn hour_of(at: Time) -> i64 {
    at.0.div_euclid(3_600_000)
}

pub static METERS: &[Meter] = &[
    Meter {
        usage_types: &["Lambda-GB-Second", "Lambda-GB-Second-ARM", "Lambda-Provisioned-Concurrency", "Request"],
        read: used,
    },
    Meter { usage_types: &["DataProcessing-Bytes"], read: ingested },
    Meter { usage_types: &["Requests-Tier1"], read: puts },
];

/// Millionths of a GB-second.
pub fn gb_seconds(mb_ms: u64) -> i128 {
    i128::from(mb_ms) * 1_000 / 1_024
}

const SERVICE: &str = "AWS Lambda";

fn hours(world: &World, from: i64, to: i64) -> impl Iterator<Item = (&(Arc<str>, bool, i64), &Hour)> {
    world.aws.functions.hours.iter().filter(move |((.., hour), _)| (from..to).contains(hour))
}

/// Whether a function was there before the world began.
fn was(world: &World, name: &str) -> bool {
    world.aws.functions.ever().any(|function| *function.name == *name && function.created < world.aws.flows.start)
}

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = earlier::with(world, (from, to), invoked, |name| was(world, name));
    out.extend(provisioned(world, from, to));
    out
}

fn invoked(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    for ((name, arm, hour), counted) in hours(world, from, to).filter(|(_, counted)| counted.requests > 0) {
        let (hour, service, operation) = (*hour, SERVICE, "Invoke");
        let seconds = if *arm { "Lambda-GB-Second-ARM" } else { "Lambda-GB-Second" };
        let row = |usage_type: &str, micros| Used {
            hour,
            service,
            usage_type: usage_type.to_string(),
            operation,
            micros,
            resource: Arc::clone(name),
        };
        out.push(row(seconds, gb_seconds(counted.mb_ms)));
        out.push(row("Request", i128::from(counted.requests) * 1_000_000));
    }
    out
}

fn provisioned(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    for function in world.aws.functions.ever() {
        let ends = function.pool.gone.unwrap_or(world.now).min(Time(to.saturating_mul(3_600_000)));
        for held in function.provisioned.values().map(|kept| &kept.held).chain(&function.pool.released) {
            let spans = held.spans(Time(from * 3_600_000), ends);
            for (since, until, memory) in spans.filter(|(.., memory)| **memory > 0) {
                for (hour, ms) in super::super::timeline::hours(since, until) {
                    out.push(Used {
                        hour,
                        service: SERVICE,
                        usage_type: "Lambda-Provisioned-Concurrency".into(),
                        operation: "ProvisionedConcurrency",
                        micros: gb_seconds(memory * ms as u64),
                        resource: Arc::clone(&function.name),
                    });
                }
            }
        }
    }
    out
}

/// Log events are charged by the size of their messages and 26 bytes each (CloudWatch pricing).
fn ingested(world: &World, from: i64, to: i64) -> Vec<Used> {
    let of = |group: &str| group.strip_prefix("/aws/lambda/").is_some_and(|name| was(world, name));
    earlier::with(world, (from, to), logged_bytes, of)
}

fn logged_bytes(world: &World, from: i64, to: i64) -> Vec<Used> {
    let with = hours(world, from, to).filter(|(_, counted)| counted.logged > 0);
    with.map(|((name, _, hour), counted)| Used {
        hour: *hour,
        service: "AmazonCloudWatch",
        usage_type: "DataProcessing-Bytes".into(),
        operation: "PutLogEvents",
        micros: i128::from(counted.logged) * 1_000_000 / 1_073_741_824,
        resource: Arc::from(super::logs::group_of(name)),
    })
    .collect()
}

fn puts(world: &World, from: i64, to: i64) -> Vec<Used> {
    earlier::with(world, (from, to), put, |_| true)
}

fn put(world: &World, from: i64, to: i64) -> Vec<Used> {
    let with = hours(world, from, to).filter(|(_, counted)| counted.puts > 0);
    with.map(|((bucket, _, hour), counted)| Used {
        hour: *hour,
        service: "Amazon Simple Storage Service",
        usage_type: "Requests-Tier1".into(),
        operation: "PutObject",
        micros: i128::from(counted.puts) * 1_000_000,
        resource: Arc::clone(bucket),
    })
    .collect()
}

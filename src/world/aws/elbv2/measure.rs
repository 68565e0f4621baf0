//! What load balancers count and charge for: visitors come through the oldest of them. Does not know visitors' paths.

use super::super::service::Used;
use super::super::tally::{Key, Minute};
use super::{Thing, What};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::traffic;
use std::sync::Arc;

/// Bytes of a visit, both directions: a page with its pictures.
const VISIT: u64 = 480_000;
/// Bytes an hour that one capacity unit has (ELB pricing: 1 GB for EC2 targets).
const UNIT_BYTES: u64 = 1_000_000_000;

/// The last part of an ARN, as metrics name a load balancer: `net/ingress/50dc6c495c0c9188`.
fn dimension(arn: &str) -> Arc<str> {
    arn.split_once(":loadbalancer/").map_or(arn, |(_, rest)| rest).into()
}

fn balancers(world: &World) -> impl Iterator<Item = (&String, &Arc<Thing>)> {
    world.aws.balancers.things.iter().filter(|(_, thing)| thing.what == What::Balancer)
}

fn list(world: &World, kind: &str, namespace: &'static str, names: &'static [&'static str]) -> Vec<Key> {
    let of = balancers(world).filter(|(_, thing)| thing.body["Type"] == *kind);
    let keys = of.flat_map(|(arn, _)| {
        names.iter().map(|metric| Key { namespace, metric, dimensions: vec![("LoadBalancer", dimension(arn))] })
    });
    keys.collect()
}

pub fn list_of_nlbs(world: &World) -> Vec<Key> {
    list(world, "network", "AWS/NetworkELB", &["ActiveFlowCount", "ConsumedLCUs", "NewFlowCount", "ProcessedBytes"])
}

pub fn list_of_albs(world: &World) -> Vec<Key> {
    list(world, "application", "AWS/ApplicationELB", &["NewConnectionCount", "ProcessedBytes", "RequestCount"])
}

/// Whether visitors come through it: the oldest that is there.
fn visited(world: &World, arn: &str, at: Time) -> bool {
    let there = balancers(world).filter(|(_, t)| t.created <= at && t.gone.is_none_or(|gone| at < gone));
    there.min_by_key(|(arn, thing)| (thing.created, *arn)).is_some_and(|(first, _)| first == arn)
}

/// Visitors of a minute, in thousandths.
fn visitors(world: &World, at: Time) -> u64 {
    world.apps.estate.streams.keys().map(|stream| traffic::rate_at(world, stream, at)).sum()
}

pub fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let Some((_, named)) = key.dimensions.first() else { return Vec::new() };
    let Some((arn, thing)) = balancers(world).find(|(arn, _)| dimension(arn) == *named) else { return Vec::new() };
    let first = from.max(thing.created.0.div_euclid(60_000) + 1);
    let end = thing.gone.unwrap_or(world.now).min(world.now).0.div_euclid(60_000);
    (first..=to.min(end - 1))
        .map(|minute| {
            let at = Time(minute * 60_000);
            let come = if visited(world, arn, at) { visitors(world, at) } else { 0 };
            let value = match key.metric {
                "ProcessedBytes" => come * VISIT / 1_000,
                // A visitor's connections stay open for some minutes.
                "ActiveFlowCount" => come * 6 / 1_000,
                "ConsumedLCUs" => come * VISIT / 1_000 * 60 / UNIT_BYTES,
                _ => come / 1_000,
            };
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            (minute, Minute { sum: value, count: 1, least: value, most: value })
        })
        .collect()
}

/// Hours of each, and capacity units by bytes.
pub fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    for (arn, thing) in balancers(world) {
        let first = from.max(thing.created.0.div_euclid(3_600_000));
        for hour in first..to.min(world.now.0.div_euclid(3_600_000)) {
            let start = Time(hour * 3_600_000);
            if thing.gone.is_some_and(|gone| gone <= start) {
                break;
            }
            let operation =
                if thing.body["Type"] == "network" { "LoadBalancing:Network" } else { "LoadBalancing:Application" };
            let mut add = |usage_type: &str, micros: i128| {
                let service = "Amazon Elastic Load Balancing";
                out.push(Used {
                    hour,
                    service,
                    usage_type: usage_type.into(),
                    operation,
                    micros,
                    resource: arn.as_str().into(),
                });
            };
            add("LoadBalancerUsage", 1_000_000);
            if visited(world, arn, start) {
                let bytes = visitors(world, start) * 60 * VISIT / 1_000;
                add("LCUUsage", i128::from(bytes) * 1_000_000 / i128::from(UNIT_BYTES));
            }
        }
    }
    out
}

//! What load balancers count and charge for: one of them carries the visitors, as far as its listeners and targets let it.
//! Does not know visitors' paths; how each was answered it asks for.

use super::super::service::Used;
use super::super::tally::{Key, Minute};
use super::{Target, Thing, What, targets};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::apps::spec::StreamSpec;
use crate::world::traffic::{self, walk};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes an hour that one capacity unit has (ELB pricing: 1 GB for EC2 targets).
const UNIT_BYTES: u64 = 1_000_000_000;

const MINUTE: i64 = 60_000;

/// The last part of an ARN, as metrics name it: `net/ingress/50dc6c495c0c9188`, `targetgroup/http/73e2d6bc24d8a067`.
fn dimension(arn: &str) -> Arc<str> {
    let tail = arn.split_once(":loadbalancer/").map(|(_, rest)| rest);
    tail.or_else(|| arn.rsplit(':').next()).unwrap_or(arn).into()
}

fn balancers(world: &World) -> impl Iterator<Item = (&String, &Arc<Thing>)> {
    world.aws.balancers.things.iter().filter(|(_, thing)| thing.what == What::Balancer)
}

/// The target groups to which a balancer's listeners forward, or ever forwarded, with their listeners.
fn forwards<'w>(world: &'w World, balancer: &'w str) -> impl Iterator<Item = (&'w Thing, &'w str)> {
    let own = |thing: &&Arc<Thing>| thing.what == What::Listener && thing.body["LoadBalancerArn"] == *balancer;
    world.aws.balancers.things.values().filter(own).flat_map(|listener| {
        let actions = listener.body["DefaultActions"].as_array().into_iter().flatten();
        actions.filter_map(move |action| Some((&**listener, action["TargetGroupArn"].as_str()?)))
    })
}

/// Metrics of a kind of balancers: of each, and of each with one of its target groups.
fn list(
    world: &World,
    kind: &str,
    namespace: &'static str,
    own: &[&'static str],
    of_groups: &[&'static str],
) -> Vec<Key> {
    let mut keys = Vec::new();
    for (arn, _) in balancers(world).filter(|(_, thing)| thing.body["Type"] == *kind) {
        let balancer = ("LoadBalancer", dimension(arn));
        keys.extend(own.iter().map(|metric| Key { namespace, metric, dimensions: vec![balancer.clone()] }));
        let groups: BTreeSet<&str> = forwards(world, arn).map(|(_, group)| group).collect();
        for group in groups {
            let dimensions = || vec![balancer.clone(), ("TargetGroup", dimension(group))];
            keys.extend(of_groups.iter().map(|metric| Key { namespace, metric, dimensions: dimensions() }));
        }
    }
    keys
}

pub fn list_of_nlbs(world: &World) -> Vec<Key> {
    let own = ["ActiveFlowCount", "ConsumedLCUs", "NewFlowCount", "ProcessedBytes"];
    list(world, "network", "AWS/NetworkELB", &own, &["HealthyHostCount", "UnHealthyHostCount"])
}

pub fn list_of_albs(world: &World) -> Vec<Key> {
    let own = [
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_2XX_Count",
        "HTTPCode_Target_4XX_Count",
        "HTTPCode_Target_5XX_Count",
        "NewConnectionCount",
        "ProcessedBytes",
        "RequestCount",
    ];
    list(world, "application", "AWS/ApplicationELB", &own, &["HealthyHostCount", "UnHealthyHostCount"])
}

/// How a balancer stands at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Its listeners lead to registered targets. One whose listeners nobody declares is taken to have what the cluster's
    /// controller gives it.
    Open,
    /// It listens, and no target is registered.
    Empty,
    /// It is not there, or has no listener any more.
    Closed,
}

fn stands(world: &World, arn: &str, thing: &Thing, at: Time) -> Stands {
    if !thing.there_at(at) {
        return Stands::Closed;
    }
    let (mut declared, mut listens) = (false, false);
    for (listener, group) in forwards(world, arn) {
        declared = true;
        if !listener.there_at(at) {
            continue;
        }
        listens = true;
        // Where no target is healthy, all get traffic (ELB guides, "Target group health": fail open).
        if world.aws.balancers.things.get(group).is_some_and(|group| group.targets_at(at).next().is_some()) {
            return Stands::Open;
        }
    }
    match (declared, listens) {
        (false, _) => Stands::Open,
        (true, true) => Stands::Empty,
        (true, false) => Stands::Closed,
    }
}

/// Whether the shop's name leads to it: the oldest that has targets, else the oldest that listens.
fn visited(world: &World, arn: &str, at: Time) -> bool {
    let rank = |(arn, thing): (&String, &Arc<Thing>)| match stands(world, arn, thing, at) {
        Stands::Open => Some((0, thing.created, arn.clone())),
        Stands::Empty => Some((1, thing.created, arn.clone())),
        Stands::Closed => None,
    };
    balancers(world).filter_map(rank).min().is_some_and(|(_, _, first)| first == arn)
}

/// Streams that come by a load balancer: not those that call an API.
fn streams(world: &World) -> impl Iterator<Item = (&String, &StreamSpec)> {
    let all = world.apps.estate.streams.iter();
    all.filter(|(_, stream)| stream.api.is_none())
}

/// Bytes of a minute by the usual number of visitors.
fn bytes(world: &World, at: Time) -> u64 {
    streams(world).map(|(name, stream)| traffic::rate_at(world, name, at) * stream.bytes / 1_000).sum()
}

/// How the visitors of one minute were answered.
#[derive(Clone, Copy, Default)]
struct Came {
    all: u64,
    /// By the balancer itself, as no program was there to ask.
    turned_away: u64,
    good: u64,
    refused: u64,
    failed: u64,
}

/// The visitors of a minute: the same arrivals that the indicators enumerate. Before the world began to live there is only
/// their usual number, and all were answered well.
fn came(world: &World, minute: i64, answers: bool) -> Came {
    let (from, to) = (Time(minute * MINUTE), Time((minute + 1) * MINUTE - 1));
    let mut out = Came::default();
    for (name, stream) in streams(world) {
        let points = world.apps.routing.points(&stream.namespace, &stream.service);
        if points.iter().find(|(_, backends)| !backends.is_empty()).is_none_or(|(open, _)| from < *open) {
            let usual = traffic::rate_at(world, name, from) / 1_000;
            (out.all, out.good) = (out.all + usual, out.good + usual);
            continue;
        }
        let arrivals = traffic::arrivals(world, name, from, to);
        out.all += arrivals.len() as u64;
        for arrival in arrivals.iter().filter(|_| answers) {
            let journey = walk::walk(world, arrival);
            let count = match (journey.hops.is_empty(), journey.status) {
                (true, _) => &mut out.turned_away,
                (false, 500..) => &mut out.failed,
                (false, 400..) => &mut out.refused,
                (false, _) => &mut out.good,
            };
            *count += 1;
        }
    }
    out
}

/// Targets of a group that pass their checks at a time, and those that do not.
fn hosts(world: &World, group: &Thing, at: Time) -> (u64, u64) {
    let checked = group.targets_at(at).filter(|target| !targets::begins(target.since, at));
    let healthy = |target: &&Target| targets::healthy(world, &target.id, target.port, at);
    let (good, bad): (Vec<&Target>, Vec<&Target>) = checked.partition(healthy);
    (good.len() as u64, bad.len() as u64)
}

fn value(world: &World, (arn, key): (&str, &Key), group: Option<&Thing>, minute: i64) -> u64 {
    let at = Time(minute * MINUTE);
    match (key.metric, group) {
        ("HealthyHostCount", Some(group)) => return hosts(world, group, at).0,
        ("UnHealthyHostCount", Some(group)) => return hosts(world, group, at).1,
        _ => {}
    }
    if !visited(world, arn, at) {
        return 0;
    }
    let empty = world.aws.balancers.things.get(arn).is_some_and(|thing| stands(world, arn, thing, at) == Stands::Empty);
    match key.metric {
        // Without targets nothing is handed on; an ALB answers 503 by itself.
        "ProcessedBytes" | "ConsumedLCUs" | "ActiveFlowCount" if empty => 0,
        "HTTPCode_ELB_5XX_Count" if empty => came(world, minute, false).all,
        metric if empty && metric.starts_with("HTTPCode_") => 0,
        "ProcessedBytes" => bytes(world, at),
        // A visitor's connections stay open for some minutes.
        "ActiveFlowCount" => came(world, minute, false).all * 6,
        "ConsumedLCUs" => bytes(world, at) * 60 / UNIT_BYTES,
        "HTTPCode_ELB_5XX_Count" => came(world, minute, true).turned_away,
        "HTTPCode_Target_2XX_Count" => came(world, minute, true).good,
        "HTTPCode_Target_4XX_Count" => came(world, minute, true).refused,
        "HTTPCode_Target_5XX_Count" => came(world, minute, true).failed,
        _ => came(world, minute, false).all,
    }
}

pub fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let named = |wanted: &str| key.dimensions.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let Some(name) = named("LoadBalancer") else { return Vec::new() };
    let Some((arn, thing)) = balancers(world).find(|(arn, _)| dimension(arn) == *name) else { return Vec::new() };
    let groups = world.aws.balancers.things.iter().filter(|(_, thing)| thing.what == What::Group);
    let group = named("TargetGroup").and_then(|name| groups.into_iter().find(|(arn, _)| dimension(arn) == *name));
    let group = group.map(|(_, thing)| &**thing);
    let created = group.map_or(thing.created, |group| group.created.max(thing.created));
    let gone = [thing.gone, group.and_then(|group| group.gone), Some(world.now)].into_iter().flatten().min();
    let first = from.max(created.0.div_euclid(MINUTE) + 1);
    let end = gone.unwrap_or(world.now).min(world.now).0.div_euclid(MINUTE);
    (first..=to.min(end - 1))
        .map(|minute| {
            let value = i64::try_from(value(world, (arn, key), group, minute)).unwrap_or(i64::MAX);
            (minute, Minute { sum: value, count: 1, least: value, most: value })
        })
        // Codes are reported where there were some (ELB guide, "CloudWatch metrics": nonzero values only).
        .filter(|(_, minute)| minute.sum > 0 || !key.metric.starts_with("HTTPCode_"))
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
            if visited(world, arn, start) && stands(world, arn, thing, start) == Stands::Open {
                let bytes = bytes(world, start) * 60;
                add("LCUUsage", i128::from(bytes) * 1_000_000 / i128::from(UNIT_BYTES));
            }
        }
    }
    out
}

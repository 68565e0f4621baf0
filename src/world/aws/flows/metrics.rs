//! What NAT gateways count, minute by minute, computed from the pieces. Does not know who looks.

use super::super::ec2::kinds::Kind;
use super::super::ec2::setup::Nat;
use super::super::tally::{Key, Minute};
use super::amounts::Direction;
use super::pieces::{self, Piece};
use super::ports;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::apps::dial::gate::Step;
use std::sync::Arc;

/// Names of `AWS/NATGateway` (VPC guide, "NAT gateway metrics and dimensions"), sorted.
static NAMES: &[&str] = &[
    "ActiveConnectionCount",
    "BytesInFromDestination",
    "BytesInFromSource",
    "BytesOutToDestination",
    "BytesOutToSource",
    "ConnectionAttemptCount",
    "ConnectionEstablishedCount",
    "ErrorPortAllocation",
    "IdleTimeoutCount",
    "PacketsDropCount",
    "PacketsInFromDestination",
    "PacketsInFromSource",
    "PacketsOutToDestination",
    "PacketsOutToSource",
    "PeakBytesPerSecond",
    "PeakPacketsPerSecond",
];

/// Bytes of a full packet: an Ethernet frame's 1,500 without headers.
const PACKET: u64 = 1_448;

/// Every series of every gateway there has been.
pub fn list(world: &World) -> Vec<Key> {
    let gateways = world.aws.network.ever(Kind::NatGateway);
    gateways
        .flat_map(|gateway| {
            NAMES.iter().map(|metric| Key {
                namespace: "AWS/NATGateway",
                metric,
                dimensions: vec![("NatGatewayId", Arc::clone(&gateway.id))],
            })
        })
        .collect()
}

/// The minutes of a series.
pub fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let Some((_, id)) = key.dimensions.iter().find(|(name, _)| *name == "NatGatewayId") else { return Vec::new() };
    let Some((_, setup)) = world.aws.network.setups().last() else { return Vec::new() };
    let Some(last) = setup.nats.get(id) else { return Vec::new() };
    let to = to.saturating_add(1).min(pieces::over(world));
    let mut all = pieces::pieces(world, from, to);
    all.retain(|piece| piece.nat() == Some(id));
    let first = last.ready.0.div_euclid(60_000) + 1;
    let end = last.gone.map_or(i64::MAX, |gone| gone.0.div_euclid(60_000));
    let one = |value: u64| {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        Minute { sum: value, count: 1, least: value, most: value }
    };
    (from.max(first)..to.min(end)).map(|minute| (minute, one(value(world, key.metric, &all, last, minute)))).collect()
}

fn value(world: &World, metric: &str, all: &[Piece], last: &Nat, minute: i64) -> u64 {
    let bytes = |direction| all.iter().map(|piece| piece.bytes(world, direction, minute, minute + 1)).sum::<u64>();
    let packets = |bytes: u64, other: u64| bytes.div_ceil(PACKET) + other.div_ceil(PACKET * 2);
    let (out, back) = (Direction::Out, Direction::In);
    match metric {
        "BytesInFromSource" | "BytesOutToDestination" => bytes(out),
        "BytesInFromDestination" | "BytesOutToSource" => bytes(back),
        "PacketsInFromSource" | "PacketsOutToDestination" => packets(bytes(out), bytes(back)),
        "PacketsInFromDestination" | "PacketsOutToSource" => packets(bytes(back), bytes(out)),
        "PeakBytesPerSecond" => (bytes(out) + bytes(back)) / 60 * 2,
        "PeakPacketsPerSecond" => (packets(bytes(out), bytes(back)) * 2) / 60 * 2,
        "PacketsDropCount" => 0,
        _ => connections(world, metric, all, last, minute),
    }
}

fn connections(world: &World, metric: &str, all: &[Piece], last: &Nat, minute: i64) -> u64 {
    // Addresses may have come since: those of the minute count.
    let at = Time(minute * 60_000);
    let then = world.aws.network.setup_at(at).and_then(|setup| setup.nats.get(&last.id)).unwrap_or(last);
    let ports = ports::of_minute(world, all, then, minute);
    let dialled = dialled(world, &last.id, minute);
    let total = |of: &dyn Fn(&ports::Ports) -> u64, and: u64| (ports.iter().map(of).sum::<u64>() + and) / 1_000;
    match metric {
        "ActiveConnectionCount" => total(&ports::Ports::open, dialled.open),
        "ConnectionAttemptCount" => total(&|ports| ports.tried, dialled.tried),
        "ConnectionEstablishedCount" => total(&|ports| ports.tried - ports.failed(), dialled.established),
        "ErrorPortAllocation" => total(&ports::Ports::failed, dialled.tried - dialled.established),
        "IdleTimeoutCount" => total(&|ports| ports.idling.min(ports.tried - ports.failed()), dialled.idled),
        _ => 0,
    }
}

/// What programs' clients did at a gateway in a minute, beside the declared flows; `open` is the most at once.
fn dialled(world: &World, nat: &str, minute: i64) -> Step {
    let (from, to) = (Time(minute * 60_000), Time((minute + 1) * 60_000));
    let mut sum = Step::default();
    for gate in world.apps.dialling.gates.iter().filter(|((id, _), _)| **id == *nat).map(|(_, gate)| gate) {
        let mut most = 0;
        let first = gate.steps.since(|step| step.at < from);
        for (_, step) in gate.steps.starting(first).take_while(|(_, step)| step.at < to) {
            sum.tried += step.tried;
            sum.established += step.established;
            sum.idled += step.idled;
            most = step.open.max(most);
        }
        sum.open += most;
    }
    sum
}

//! Flows cut where anything about them changes: in a piece one source sends over one way. Everything that counts bytes
//! enumerates these. Does not know metrics, records or prices.

use super::super::ec2::setup::{Nat, Setup};
use super::super::ec2::way::{Destination, Way};
use super::super::ec2::{guard, instances};
use super::amounts::{self, Direction, Part};
use super::rights;
use super::sources::{self, During, Source};
use super::spec::Flow;
use crate::stdx::time::Time;
use crate::world::World;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One source of one flow over one way, in whole minutes.
#[derive(Clone, Debug)]
pub struct Piece {
    pub flow: Arc<Flow>,
    pub source: Arc<Source>,
    pub way: Way,
    pub part: Part,
    /// Minutes since 1970, `from..to`.
    pub from: i64,
    pub to: i64,
    /// Of a pull, its bytes: they are not the flow's usual ones.
    pub pulled: Option<u64>,
    /// A policy stands in the way: what is asked is refused, and nothing worth counting passes.
    pub refused: bool,
}

impl Piece {
    /// Bytes in `from..to`, as far as the piece reaches. Nothing passes where there is no way.
    pub fn bytes(&self, world: &World, direction: Direction, from: i64, to: i64) -> u64 {
        let (from, to) = (from.max(self.from), to.min(self.to));
        if from >= to || !self.passes() || self.refused {
            return 0;
        }
        match (self.pulled, direction) {
            (Some(bytes), Direction::In) => bytes,
            // What is asked and acknowledged on the way.
            (Some(bytes), Direction::Out) => bytes / 80,
            (None, _) => amounts::sum(world, &self.flow, direction, self.part, from, to),
        }
    }

    /// New connections in a minute, in thousandths.
    pub fn connections(&self, world: &World, minute: i64) -> u64 {
        if minute < self.from || minute >= self.to {
            return 0;
        }
        if self.pulled.is_some() { 4_000 } else { amounts::connections(world, &self.flow, self.part, minute) }
    }

    /// Whether anything gets through.
    pub fn passes(&self) -> bool {
        !matches!(self.way, Way::Blackhole | Way::Refused(_))
    }

    /// Connections that are tried in vain in `from..to`, if there is anything to send: where nobody says how many, one a
    /// minute.
    pub fn vain(&self, world: &World, from: i64, to: i64) -> u64 {
        let (from, to) = (from.max(self.from), to.min(self.to));
        if from >= to || self.passes() {
            return 0;
        }
        let wanted = |direction| amounts::sum(world, &self.flow, direction, self.part, from, to);
        if self.pulled.is_none() && wanted(Direction::Out) + wanted(Direction::In) == 0 {
            return 0;
        }
        let tried: u64 = (from..to).map(|minute| self.connections(world, minute)).sum();
        if tried == 0 { (to - from).unsigned_abs() } else { tried.div_ceil(1_000) }
    }

    pub fn nat(&self) -> Option<&Arc<str>> {
        if let Way::Nat(id) = &self.way { Some(id) } else { None }
    }
}

/// The minutes that are over: nothing is said of the one that runs.
pub fn over(world: &World) -> i64 {
    world.now.0.div_euclid(60_000)
}

/// The first minute that begins at or after a time.
pub fn minute_from(at: Time) -> i64 {
    at.0.div_euclid(60_000) + i64::from(at.0.rem_euclid(60_000) > 0)
}

/// Every piece in the minutes `from..to` that are over, in the order of flows, time and sources. A minute takes the way
/// that stood at its beginning.
pub fn pieces(world: &World, from: i64, to: i64) -> Vec<Piece> {
    let flows = &world.aws.flows;
    let to = to.min(over(world));
    let mut out = Vec::new();
    let setups = world.aws.network.setups();
    let Some((born, _)) = setups.first() else { return out };
    let from = from.max(minute_from(*born));
    if from >= to || flows.specs.is_empty() {
        return out;
    }
    let machines = instances::machines_ever(world);
    let cuts = way_cuts(setups);
    for flow in flows.specs.iter() {
        let senders = sources::of(world, flow, &machines, flows.start);
        let when: Vec<(u64, Vec<During<()>>)> =
            flow.when.iter().map(|when| (when.times, sources::settings(world, when, flows.start))).collect();
        let mut points: BTreeSet<i64> = cuts.iter().copied().collect();
        points.extend(rights::changes(world, flow).into_iter().map(minute_from));
        points.extend(senders.iter().flat_map(|sender| [minute_from(sender.from), minute_from(sender.to)]));
        let spans = when.iter().flat_map(|(_, spans)| spans);
        points.extend(spans.flat_map(|span| [minute_from(span.from), minute_from(span.to)]));
        points.extend(databases_cut(world, &flow.to));
        let inner: Vec<i64> = points.range(from + 1..to).copied().collect();
        let ends = inner.iter().copied().chain([to]);
        for (start, end) in std::iter::once(from).chain(inner.iter().copied()).zip(ends) {
            cut(world, flow, &senders, &when, start, end, &mut out);
        }
    }
    pulls(world, &machines, from, to, &mut out);
    out
}

/// When any way may have changed, as minutes.
fn way_cuts(setups: &[(Time, Arc<Setup>)]) -> BTreeSet<i64> {
    let mut cuts = BTreeSet::new();
    for (at, setup) in setups {
        cuts.insert(minute_from(*at));
        let nats = setup.nats.values().map(|nat| (nat.ready, nat.gone));
        let endpoints = setup.endpoints.values().map(|endpoint| (endpoint.ready, endpoint.gone));
        for (ready, gone) in nats.chain(endpoints) {
            cuts.insert(minute_from(ready));
            cuts.extend(gone.map(minute_from));
        }
    }
    cuts
}

/// When the groups of a database may have changed.
fn databases_cut(world: &World, to: &str) -> BTreeSet<i64> {
    let name = to.strip_prefix("rds:");
    let found = world.aws.databases.ever().filter(|instance| name == Some(&*instance.name));
    found.flat_map(|instance| instance.life.points()).map(|(at, _)| minute_from(*at)).collect()
}

/// The pieces of one flow between two changes.
fn cut(
    world: &World,
    flow: &Arc<Flow>,
    senders: &[During<Arc<Source>>],
    when: &[(u64, Vec<During<()>>)],
    from: i64,
    to: i64,
    out: &mut Vec<Piece>,
) {
    let at = Time(from * 60_000);
    let times = when.iter().filter(|(_, spans)| spans.iter().any(|span| span.holds(at))).map(|(times, _)| *times);
    let times = times.fold(1_u64, u64::saturating_mul);
    let present: Vec<&Arc<Source>> = senders.iter().filter(|sender| sender.holds(at)).map(|s| &s.what).collect();
    let of = present.len() as u64;
    let to_whom = destination(flow);
    for (index, source) in present.into_iter().enumerate() {
        let way = guard::way(world, at, source.sender(), &to_whom);
        let part = Part { index: index as u64, of, times };
        let refused = rights::refused(world, at, flow, source, &way);
        let (flow, source) = (Arc::clone(flow), Arc::clone(source));
        out.push(Piece { flow, source, way, part, from, to, pulled: None, refused });
    }
}

/// Where a flow goes.
pub fn destination(flow: &Flow) -> Destination {
    // Of a single address the first is the only one.
    let (address, port) = (flow.range.at(1), flow.port);
    Destination { name: Arc::clone(&flow.to), service: Arc::clone(&flow.service), address, port }
}

/// The pulls that kubelets really made, as pieces of the minute they began in.
fn pulls(world: &World, machines: &[instances::Machine], from: i64, to: i64, out: &mut Vec<Piece>) {
    let flows = &world.aws.flows;
    for pull in flows.pulls.iter() {
        let minute = minute_from(pull.at);
        if minute < from || minute >= to {
            continue;
        }
        let Some(machine) = sources::on(machines, &pull.node, pull.at) else { continue };
        let flow = &pull.flow;
        let at = Time(minute * 60_000);
        let source = sources::node(world, machine);
        let way = guard::way(world, at, source.sender(), &destination(flow));
        let part = Part { index: 0, of: 1, times: 1 };
        let pulled = Some(pull.bytes);
        let flow = Arc::clone(flow);
        out.push(Piece { flow, source, way, part, from: minute, to: minute + 1, pulled, refused: false });
    }
}

/// The gateway of a piece as it was then.
pub fn nat_of(world: &World, piece: &Piece) -> Option<Nat> {
    let setup = world.aws.network.setup_at(Time(piece.from * 60_000))?;
    setup.nats.get(piece.nat()?).cloned()
}

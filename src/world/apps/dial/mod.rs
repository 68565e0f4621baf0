//! How programs dial third parties: how many attempts their calls make, which of them find a connection, and what that
//! leaves of the gateways they pass. Where there are more calls than anybody could list, they are amounts: every ten
//! seconds the state of every gate follows from the one before. Does not know flow logs, bills or who is looking.

pub mod call;
pub mod gate;
pub mod lower;
pub mod spec;

use super::InstanceId;
use super::instance::Instance;
use super::work::spec::Only;
use crate::stdx::roll::Roll;
use crate::stdx::time::{Span, Time};
use crate::world::aws::ec2::{Way, guard, instances};
use crate::world::aws::flows::{self, ports};
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::recorder::{self, About, Saying, Source};
use crate::world::partners::Mood;
use crate::world::{Due, World, traffic};
use gate::{Gate, Table, WHOLE, Want, scaled};
use spec::Dial;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A step of the amounts.
pub const STEP: Span = Span::secs(10);
/// Connections that a kernel's table has room for: 32,768 a core, at least 131,072 (kube-proxy's `conntrack.maxPerCore` and
/// `conntrack.min`).
const TABLE_PER_CORE: u64 = 32_768;
const TABLE_MIN: u64 = 131_072;
/// Of a hundred calls over connections that are used again, so many need a new one.
const RENEWED: u64 = WHOLE / 50;
/// Steps of one process that are remembered.
const COUNTED_MAX: usize = 20_000;
/// How often a full table is told of (node-problem-detector's network monitor asks every half minute).
const TOLD: Span = Span::secs(30);

/// Which gate: a gateway (its id) and the third party behind it; none: to many addresses.
pub type Key = (Arc<str>, Arc<str>);

/// What a process meets on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing that runs out.
    Direct,
    Gate(Key),
    /// No way at all.
    Nowhere,
}

/// What a process did in one step. Thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub at: Time,
    pub calls: u64,
    pub tried: u64,
    pub failed: u64,
    /// Connections it holds for nothing.
    pub open: u64,
}

/// A process with a client.
#[derive(Clone, Debug)]
pub struct Member {
    pub node: Arc<str>,
    pub partner: Arc<str>,
    places: Vec<(Time, Place)>,
    pub counted: Roll<Counted>,
}

/// The state of all gates.
#[derive(Clone, Debug, Default)]
pub struct Dialling {
    running: bool,
    /// Processes that have a client and have not ended.
    live: Vec<InstanceId>,
    pub gates: BTreeMap<Key, Gate>,
    pub tables: BTreeMap<Arc<str>, Table>,
    pub members: BTreeMap<(InstanceId, Arc<str>), Member>,
}

/// A process with a client at a time, and how its attempts go.
struct Active {
    instance: Arc<Instance>,
    dial: Arc<Dial>,
    place: Place,
    /// Of this step.
    calls: u64,
}

/// Whether a process has a client by its settings.
pub fn has(instance: &Instance, only: &Only) -> bool {
    only.env.iter().all(|(name, value)| instance.launch.env.get(name).map_or("", |v| v.trim()) == *value)
}

/// A process was started.
pub(super) fn launched(world: &mut World, instance: &Instance) {
    let Some(work) = instance.app().and_then(|app| app.work.as_ref()) else { return };
    if !work.dials.values().any(|dial| has(instance, &dial.only)) {
        return;
    }
    let next = Time((world.now.0.div_euclid(STEP.0) + 1) * STEP.0);
    let state = Arc::make_mut(&mut world.apps.dialling);
    state.live.push(instance.id);
    if !std::mem::replace(&mut state.running, true) {
        world.schedule(next, Due::Apps(super::Due::Dial));
    }
}

/// One step, at `world.now`.
pub fn step(world: &mut World) {
    let now = world.now;
    let mut state = std::mem::take(Arc::make_mut(&mut world.apps.dialling));
    state.live.retain(|id| world.apps.instance(*id).is_some_and(|instance| instance.runs_at(now)));
    let active = active(world, &state.live);
    let mut through: BTreeMap<Key, Vec<Want>> = BTreeMap::new();
    let mut by_node: BTreeMap<Arc<str>, Vec<Want>> = BTreeMap::new();
    let mut counted: Vec<(&Active, Counted)> = Vec::new();
    for one in &active {
        let node = &one.instance.launch.node;
        let table = state.tables.get(node).map_or(0, |table| table.failing(now));
        let odds = Odds {
            table,
            gate: if let Place::Gate(key) = &one.place {
                state.gates.get(key).map_or(0, |gate| gate.failing(now))
            } else {
                0
            },
            late: late(world, &one.dial, now),
            nowhere: one.place == Place::Nowhere,
        };
        let (tried, want) = attempts(world, one, &odds);
        let failed = scaled(tried, odds.failing(), WHOLE);
        let id = one.instance.id;
        let open =
            if let Place::Gate(key) = &one.place { state.gates.get(key).map_or(0, |gate| gate.open_of(id)) } else { 0 };
        counted.push((one, Counted { at: now, calls: one.calls, tried, failed, open }));
        // Whoever is one partner to many hangs up before a kernel forgets; many partners do not.
        let leaks = want.leaks && one.dial.holds.spread;
        by_node.entry(Arc::clone(node)).or_default().push(Want { leaks, ..want });
        if let Place::Gate(key) = &one.place {
            let fresh = scaled(want.fresh, WHOLE - table, WHOLE);
            through.entry(key.clone()).or_default().push(Want { fresh, ..want });
        }
    }
    let live = state.live.clone();
    let alive = |id: InstanceId| live.binary_search(&id).is_ok();
    // A gate that nobody passes any more still forgets what it held.
    let keys: Vec<Key> = state.gates.keys().chain(through.keys()).cloned().collect();
    for key in keys {
        let gate = state.gates.entry(key.clone()).or_default();
        if gate.steps.end().checked_sub(1).and_then(|last| gate.steps.get(last)).is_none_or(|last| last.at < now) {
            gate.step(now, room(world, &key, now), through.get(&key).map_or(&[][..], Vec::as_slice), alive);
        }
    }
    for (node, wants) in &by_node {
        let table = state.tables.entry(Arc::clone(node)).or_insert_with(|| Table::new(table_room(world, node)));
        table.step(now, wants, alive);
    }
    for (one, what) in counted {
        state.note(one, what);
    }
    let full: Vec<Arc<str>> =
        state.tables.iter().filter(|(_, table)| table.failing(now) > 0).map(|(node, _)| Arc::clone(node)).collect();
    state.running = !state.live.is_empty();
    if state.running {
        world.schedule(now + STEP, Due::Apps(super::Due::Dial));
    }
    world.apps.dialling = Arc::new(state);
    if now.0.rem_euclid(TOLD.0) == 0 {
        full.iter().for_each(|node| tell(world, node));
    }
}

impl Dialling {
    fn note(&mut self, one: &Active, what: Counted) {
        let key = (one.instance.id, Arc::clone(&one.dial.name));
        let fresh = || Member {
            node: Arc::clone(&one.instance.launch.node),
            partner: Arc::clone(&one.dial.partner),
            places: Vec::new(),
            counted: Roll::new(COUNTED_MAX),
        };
        let member = self.members.entry(key).or_insert_with(fresh);
        if member.places.last().is_none_or(|(_, place)| *place != one.place) {
            member.places.push((what.at, one.place.clone()));
        }
        member.counted.push(what);
    }
}

impl Member {
    pub fn place(&self, at: Time) -> &Place {
        let index = self.places.partition_point(|(since, _)| *since <= at);
        index.checked_sub(1).and_then(|index| self.places.get(index)).map_or(&Place::Direct, |(_, place)| place)
    }
}

/// Processes that call, with their share of the calls of this step.
fn active(world: &World, live: &[InstanceId]) -> Vec<Active> {
    let now = world.now;
    let mut out = Vec::new();
    let mut many: BTreeMap<(Arc<str>, String, Arc<str>), u64> = BTreeMap::new();
    for instance in live.iter().filter_map(|id| world.apps.instance(*id)) {
        let up = instance.plan.up.is_some_and(|up| instance.launch.started + up <= now);
        let Some(work) = instance.app().and_then(|app| app.work.as_ref()).filter(|_| up) else { continue };
        for dial in work.dials.values().filter(|dial| has(instance, &dial.only)) {
            let key = (Arc::clone(&instance.launch.namespace), instance.app_name().to_string(), Arc::clone(&dial.name));
            *many.entry(key).or_default() += 1;
            let place = place(world, instance, dial, now);
            out.push(Active { instance: Arc::clone(instance), dial: Arc::clone(dial), place, calls: 0 });
        }
    }
    for one in &mut out {
        let only = &one.dial.only;
        let flagged = (only.flag.is_empty() || world.flags.on_at(&only.flag, now))
            && (only.unless_flag.is_empty() || !world.flags.on_at(&only.unless_flag, now));
        if !flagged {
            continue;
        }
        let launch = &one.instance.launch;
        let key = (Arc::clone(&launch.namespace), one.instance.app_name().to_string(), Arc::clone(&one.dial.name));
        let load = &one.dial.load;
        let arrivals = if load.stream.is_empty() { 0 } else { traffic::rate_at(world, &load.stream, now) };
        // Six steps a minute; rates are thousandths a minute already.
        let streamed = arrivals * load.calls / 6 / many.get(&key).copied().unwrap_or(1).max(1);
        one.calls = streamed + load.steady * 1_000 / 6;
    }
    out
}

/// What a process meets on its way to a third party.
fn place(world: &World, instance: &Instance, dial: &Dial, at: Time) -> Place {
    let Some(machine) = instances::machine_of(world, &instance.launch.node) else { return Place::Direct };
    let to = flows::destination(world, &format!("partner:{}", dial.partner));
    if world.aws.network.setup_at(at).is_none() {
        return Place::Direct;
    }
    match guard::way(world, at, machine.sender(), &to) {
        Way::Nat(id) => Place::Gate((id, if dial.holds.spread { "".into() } else { Arc::clone(&dial.partner) })),
        Way::Blackhole | Way::Refused(_) => Place::Nowhere,
        _ => Place::Direct,
    }
}

/// Ports of a gate at a time, in thousandths.
fn room(world: &World, key: &Key, at: Time) -> u64 {
    let setup = world.aws.network.setup_at(at);
    let addresses = setup.and_then(|setup| setup.nats.get(&key.0)).map_or(0, |nat| nat.addresses.len() as u64);
    // To many addresses no port is scarce.
    let many = if key.1.is_empty() { 1_000 } else { 1 };
    ports::PORTS * 1_000 * addresses * many
}

fn table_room(world: &World, node: &str) -> u64 {
    let found = world.k8s.store.get(Kind::Node, "", node);
    let cores = found.and_then(|node| node.status["capacity"]["cpu"].as_str()?.parse::<u64>().ok()).unwrap_or(1);
    (cores * TABLE_PER_CORE).max(TABLE_MIN) * 1_000
}

/// How an attempt may fail. Shares.
struct Odds {
    table: u64,
    gate: u64,
    late: (u64, u64),
    nowhere: bool,
}

impl Odds {
    fn failing(&self) -> u64 {
        if self.nowhere {
            return WHOLE;
        }
        let well = [self.table, self.gate, self.late.0, self.late.1];
        WHOLE - well.iter().fold(WHOLE, |left, share| scaled(left, WHOLE - share.min(&WHOLE), WHOLE))
    }
}

/// The shares of a third party's answers that come too late for a client, and that are refusals.
fn late(world: &World, dial: &Dial, at: Time) -> (u64, u64) {
    let mood = world.partners.get(&dial.partner).map_or(Mood::default(), |partner| partner.mood_at(at).clone());
    let (least, range) = (mood.takes.0.max(0) as u64, mood.jitter.0.max(0) as u64);
    let patience = dial.policy.timeout.0.max(0) as u64;
    let over = (least + range).saturating_sub(patience).min(range + 1);
    let late = if least > patience { WHOLE } else { scaled(WHOLE, over, range + 1) };
    (late, mood.fails.min(1_000) * WHOLE / 1_000)
}

/// The attempts that a step's calls make, and the connections they want.
fn attempts(world: &World, one: &Active, odds: &Odds) -> (u64, Want) {
    let (policy, holds) = (&one.dial.policy, &one.dial.holds);
    let failing = odds.failing();
    let (mut further, mut again) = (0, WHOLE);
    for _ in 0..call::retries(world, &one.instance, &one.dial, world.now) {
        again = scaled(again, failing, WHOLE);
        further += again;
    }
    let budget = setting(&one.instance, &policy.budget_env).map_or(u64::MAX, |percent| percent * WHOLE / 100);
    let tried = one.calls + scaled(one.calls, further.min(budget), WHOLE);
    let says = |name: &String| one.instance.launch.env.get(name).is_some_and(|value| value.trim() == "true");
    let reused = says(&policy.reuse_env);
    let fresh = if reused { scaled(tried, failing.max(RENEWED), WHOLE) } else { tried };
    let want = Want {
        by: one.instance.id,
        fresh,
        lasting: scaled(WHOLE, holds.lasting.0.max(0) as u64, STEP.0 as u64),
        given_up: odds.late.0,
        left_open: says(&holds.detached_env),
        leaks: holds.leaks,
    };
    (tried, want)
}

/// A number from a process's settings.
fn setting(instance: &Instance, name: &str) -> Option<u64> {
    instance.launch.env.get(name).filter(|_| !name.is_empty())?.trim().parse().ok()
}

/// The machine's monitor says that its table is full.
fn tell(world: &mut World, node: &str) {
    let Some(object) = world.k8s.store.get(Kind::Node, "", node) else { return };
    let about = About::of(object);
    let saying = Saying {
        warning: true,
        reason: "ConntrackFull",
        message: "Conntrack table full".into(),
        field_path: String::new(),
    };
    recorder::record(world, Source { component: "network-custom-plugin-monitor", host: node }, &about, saying);
}

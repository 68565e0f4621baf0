//! What the programs in containers do: what they need, how long they take, how much memory, what they log, how they
//! answer a probe or a request. Does not know pods' status fields, kubectl or scores.

pub mod dial;
pub mod exec;
pub mod instance;
pub mod life;
pub mod lower;
pub mod routing;
pub mod scripted;
pub mod shell;
pub mod spec;
pub mod work;

use super::World;
use crate::stdx::time::{Span, Time};
use instance::Instance;
use serde_json::Value;
use spec::Estate;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Apps' entries on the agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A step of the amounts of calls to third parties.
    Dial,
    /// A process listens, and does what it does once at its start.
    Hook(InstanceId),
}

/// Ended instances are forgotten beyond this many (a crash loop makes about 300 a day and pod).
pub const ENDED_MAX: usize = 20_000;

/// What is described, what runs and ran, and which Service led where. Clones share everything until one changes.
#[derive(Clone, Debug, Default)]
pub struct Apps {
    pub estate: Arc<Estate>,
    instances: Arc<BTreeMap<InstanceId, Arc<Instance>>>,
    /// Pod uid → its instances, oldest first.
    by_pod: Arc<BTreeMap<Arc<str>, Vec<InstanceId>>>,
    ended: Arc<VecDeque<InstanceId>>,
    next: u64,
    /// Whether programs obey `oracle/…` annotations: worlds that repeat a recorded run.
    pub scripted: bool,
    pub(super) routing: Arc<routing::Routing>,
    pub work: work::Doings,
    pub dialling: Arc<dial::Dialling>,
}

/// Names one start of one container, for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstanceId(pub u64);

/// What a container is started with: frozen at the start, as environment variables are.
#[derive(Clone, Debug)]
pub struct Launch {
    pub namespace: Arc<str>,
    pub pod: Arc<str>,
    pub pod_uid: Arc<str>,
    pub container: Arc<str>,
    pub node: Arc<str>,
    pub image: String,
    pub command: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// Mounted ConfigMap and Secret files: path → content at the start.
    pub files: BTreeMap<String, String>,
    pub pod_labels: BTreeMap<String, String>,
    pub pod_annotations: BTreeMap<String, String>,
    /// Bytes; `None` is no limit.
    pub memory_limit: Option<u64>,
    /// Thousandths of a core; `None` is no limit.
    pub cpu_limit: Option<u64>,
    pub restart: u32,
    pub started: Time,
}

/// How a container's process will end by itself, if nothing else ends it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// After the start.
    pub after: Span,
    pub code: i32,
    /// `Error`, `Completed` or `OOMKilled`, as the kubelet reports it.
    pub reason: &'static str,
    /// The termination message, if the program writes one.
    pub message: String,
}

/// The kubelet's question to the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    Http { path: String, port: i64 },
    Tcp { port: i64 },
    Exec { command: Vec<String> },
    Grpc { port: i64 },
}

/// The program's answer, before the kubelet's timeout is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// HTTP status (exec: exit code 0 is 200) after so long.
    Answered { status: u16, after: Span, body: Cow<'static, str> },
    /// Nothing listens.
    Refused,
}

/// Reads an estate's `apps.toml`, parsed to a JSON value, into the world; says what is wrong with it. The caller maps a
/// problem's path to a place in the file.
pub fn describe(world: &mut World, apps_toml: &Value) -> Vec<lower::Problem> {
    let (estate, problems) = lower::estate(apps_toml);
    for (name, flag) in &estate.flags {
        world.flags.declare(name, flag.on, &flag.about, world.now);
    }
    for (sku, row) in &estate.skus {
        world.skus.declare(sku, &row.flavour, &row.columns, world.now);
    }
    for (name, partner) in &estate.partners {
        world.partners.declare(name, partner.clone());
    }
    let called = estate.streams.values().find_map(|stream| stream.api.as_ref()?.called.as_deref());
    world.ledger.open(world.seed, estate.traits.iter().cloned(), called.unwrap_or(super::ledger::ORDER));
    let works = estate.apps.values().flat_map(|app| &app.work).flat_map(|work| work.consumers.values());
    for writes in works.map(|consumer| &consumer.writes) {
        writes.tables.iter().for_each(|table| world.ledger.expect(table, writes.per_order));
    }
    world.apps.estate = Arc::new(estate);
    problems
}

/// Starts a program: remembers the instance and says how it will end by itself.
/// The kubelet schedules that end, and tells `stopped` when the container has ended for whatever reason.
pub fn launch(world: &mut World, launch: Launch) -> (InstanceId, Option<Exit>) {
    let id = InstanceId(world.apps.next);
    world.apps.next += 1;
    let mut instance = Instance::new(world, id, launch);
    if world.apps.scripted {
        instance.script();
    }
    let exit = instance.plan.exit.clone();
    let pod = Arc::clone(&instance.launch.pod_uid);
    Arc::make_mut(&mut world.apps.by_pod).entry(pod).or_default().push(id);
    let instance = Arc::new(instance);
    Arc::make_mut(&mut world.apps.instances).insert(id, Arc::clone(&instance));
    work::launched(world, &instance);
    dial::launched(world, &instance);
    (id, exit)
}

/// SIGTERM arrives at `world.now`: the exit code and how long the program takes to leave (the kubelet kills it with 137
/// after the grace period).
pub fn terminate(world: &mut World, instance: InstanceId) -> (i32, Span) {
    let now = world.now;
    let Some(found) = Arc::make_mut(&mut world.apps.instances).get_mut(&instance) else { return (0, Span::ZERO) };
    if found.term.is_none() {
        Arc::make_mut(found).term = Some(now);
    }
    found.stop()
}

/// The container has ended at `world.now`.
pub fn stopped(world: &mut World, instance: InstanceId) {
    let now = world.now;
    let Some(found) = Arc::make_mut(&mut world.apps.instances).get_mut(&instance) else { return };
    if found.stopped.is_some() {
        return;
    }
    Arc::make_mut(found).stopped = Some(now);
    work::ended(world, instance);
    let apps = &mut world.apps;
    let ended = Arc::make_mut(&mut apps.ended);
    ended.push_back(instance);
    if ended.len() > ENDED_MAX
        && let Some(oldest) = ended.pop_front()
    {
        apps.forget(oldest);
    }
}

/// A mounted ConfigMap or Secret was refreshed at `world.now` (the kubelet does it 60–90 s after the change): the files
/// now read so. Environment variables stay as they were.
pub fn refreshed(world: &mut World, instance: InstanceId, files: BTreeMap<String, String>) {
    let now = world.now;
    if let Some(found) = Arc::make_mut(&mut world.apps.instances).get_mut(&instance) {
        Arc::make_mut(found).refreshed.push((now, Arc::new(files)));
    }
}

/// What the program answers a probe sent at `world.now`.
pub fn probe(world: &World, instance: InstanceId, probe: &Probe) -> ProbeAnswer {
    let Some(found) = world.apps.instance(instance) else { return ProbeAnswer::Refused };
    if let Some(scripted) = &found.scripted {
        let (exec, tcp) = (matches!(probe, Probe::Exec { .. }), matches!(probe, Probe::Tcp { .. }));
        return scripted.answer(exec, tcp, world.now);
    }
    if matches!(&found.program, instance::Program::Script(script) if script.unknown) {
        return ProbeAnswer::Answered { status: 200, after: Span::millis(2), body: Cow::default() };
    }
    match probe {
        Probe::Http { path, port } => found.answer(world, path, *port),
        Probe::Tcp { port } | Probe::Grpc { port } if found.listens(*port, world.now) => {
            ProbeAnswer::Answered { status: 200, after: Span::millis(1), body: Cow::default() }
        }
        Probe::Tcp { .. } | Probe::Grpc { .. } => ProbeAnswer::Refused,
        Probe::Exec { command } => {
            let (lines, code) = exec::run(world, found, command);
            let status = if code == 0 { 200 } else { 500 };
            ProbeAnswer::Answered { status, after: Span::millis(40), body: lines.join("\n").into() }
        }
    }
}

/// Which instances stand behind which Service changed at `world.now` (the endpoints controller says so), or a Service's ports did.
/// `backends` are ready addresses: (pod uid, target port).
pub fn routed(world: &mut World, namespace: &str, service: &str, backends: &[(Arc<str>, i64)]) {
    let now = world.now;
    Arc::make_mut(&mut world.apps.routing).change(now, namespace, service, backends);
}

/// CPU (thousandths of a core) and memory (bytes) that the instance uses at `world.now`.
pub fn usage(world: &World, instance: InstanceId) -> (u64, u64) {
    let Some(found) = world.apps.instance(instance) else { return (0, 0) };
    if !found.runs_at(world.now) {
        return (0, 0);
    }
    (super::traffic::cpu_at(world, found, world.now), found.memory_at(world.now))
}

/// Runs a program inside a container (`kubectl exec`): output lines and exit code.
pub fn exec(world: &World, instance: InstanceId, command: &[String]) -> (Vec<String>, i32) {
    match world.apps.instance(instance) {
        Some(found) => exec::run(world, found, command),
        None => (vec!["error: container not found".into()], 1),
    }
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::Dial => dial::step(world),
        Due::Hook(instance) => work::start::hook(world, instance),
    }
}

impl Apps {
    pub fn instance(&self, id: InstanceId) -> Option<&Arc<Instance>> {
        self.instances.get(&id)
    }

    /// Every instance still remembered, in the order of their starts.
    pub fn instances(&self) -> impl DoubleEndedIterator<Item = &Arc<Instance>> {
        self.instances.values()
    }

    /// The instances of one pod, oldest first.
    pub fn of_pod(&self, uid: &str) -> impl DoubleEndedIterator<Item = &Arc<Instance>> {
        self.by_pod.get(uid).into_iter().flatten().filter_map(|id| self.instances.get(id))
    }

    /// The app that an image reference (`registry/repository:tag`) is a release of, with the tag.
    pub fn app_of_image<'a>(&'a self, image: &'a str) -> Option<(&'a Arc<spec::AppSpec>, &'a str)> {
        let image = image.split('@').next().unwrap_or(image);
        let (repository, tag) = match image.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (image, "latest"),
        };
        self.estate.apps.values().find(|app| app.image == repository).map(|app| (app, tag))
    }

    fn forget(&mut self, id: InstanceId) {
        let Some(gone) = Arc::make_mut(&mut self.instances).remove(&id) else { return };
        let by_pod = Arc::make_mut(&mut self.by_pod);
        if let Some(ids) = by_pod.get_mut(&gone.launch.pod_uid) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                by_pod.remove(&gone.launch.pod_uid);
            }
        }
    }
}

//! The scheduler: a queue of pods without a node, one at a time filtered, scored and bound, and retried when the
//! cluster has changed. Does not start anything.

mod fit;
mod score;

use super::kinds::Kind;
use super::object::Object;
use super::recorder::{self, About, Saying};
use super::{Due, Name};
use crate::stdx::dice::Dice;
use crate::stdx::quantity::Quantity;
use crate::stdx::time::{Span, Time};
use crate::world::{self, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// After a failed try a pod waits 1 s, doubling to 10 s, before a change of the cluster may bring it back.
const BACKOFF_FIRST: Span = Span::secs(1);
const BACKOFF_MAX: Span = Span::secs(10);
/// Without any change, an unschedulable pod is tried again after this.
const LEFT_OVER: Span = Span::mins(5);

type PodName = (Name, Name);

/// Amounts of resources: thousandths of a core, bytes, or whole units of an extended resource.
pub type Amounts = BTreeMap<String, i64>;

#[derive(Clone, Debug)]
pub struct Scheduler {
    dice: Dice,
    queue: VecDeque<PodName>,
    queued: BTreeSet<PodName>,
    /// Whether the agenda holds an entry for the next pod.
    awake: bool,
    waiting: BTreeMap<PodName, Waiting>,
    nodes: BTreeMap<Name, NodeLoad>,
    placed: BTreeMap<Name, Placed>,
    /// Of the placed pods, those whose required anti-affinity binds later ones.
    apart: BTreeSet<Name>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    attempts: u32,
    since: Time,
    /// Something changed since the last try.
    stirred: bool,
}

/// What the scheduler knows of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeLoad {
    pub allocatable: Amounts,
    pub used: Amounts,
    /// Like `used`, but a pod that asks nothing counts 100m and 200Mi, so that such pods spread too.
    pub used_scoring: Amounts,
    pub ports: BTreeSet<(String, i64)>,
    pub labels: BTreeMap<String, String>,
    pub taints: Arc<Vec<Value>>,
    pub unschedulable: bool,
}

#[derive(Clone, Debug)]
struct Placed {
    node: Name,
    asks: Arc<Asks>,
}

/// What a pod asks of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    pub requests: Amounts,
    pub ports: BTreeSet<(String, i64)>,
    /// Its required anti-affinity binds later pods too.
    pub anti_affine: bool,
}

impl Scheduler {
    pub fn new(dice: Dice) -> Scheduler {
        Scheduler {
            dice,
            queue: VecDeque::new(),
            queued: BTreeSet::new(),
            awake: false,
            waiting: BTreeMap::new(),
            nodes: BTreeMap::new(),
            placed: BTreeMap::new(),
            apart: BTreeSet::new(),
        }
    }

    fn place(&mut self, uid: Name, node: Name, asks: Arc<Asks>) {
        if let Some(load) = self.nodes.get_mut(&node) {
            load.add(&asks, 1);
        }
        if asks.anti_affine {
            self.apart.insert(uid.clone());
        }
        self.placed.insert(uid, Placed { node, asks });
    }

    fn displace(&mut self, uid: &str) -> bool {
        let Some(placed) = self.placed.remove(uid) else { return false };
        self.apart.remove(uid);
        if let Some(load) = self.nodes.get_mut(&placed.node) {
            load.add(&placed.asks, -1);
        }
        true
    }
}

impl NodeLoad {
    fn add(&mut self, asks: &Asks, sign: i64) {
        for (resource, amount) in &asks.requests {
            *self.used.entry(resource.clone()).or_default() += sign * amount;
        }
        *self.used.entry("pods".into()).or_default() += sign;
        for (resource, least) in [("cpu", 100), ("memory", 200 << 20)] {
            let amount = asks.requests.get(resource).copied().filter(|a| *a > 0).unwrap_or(least);
            *self.used_scoring.entry(resource.into()).or_default() += sign * amount;
        }
        for port in &asks.ports {
            if sign > 0 {
                self.ports.insert(port.clone());
            } else {
                self.ports.remove(port);
            }
        }
    }
}

/// Reads what a pod asks: the sum over its containers, or its largest init container.
fn asks_of(pod: &Object) -> Asks {
    let mut asks = Asks::default();
    let list = |field: &str| pod.spec[field].as_array().map(Vec::as_slice).unwrap_or_default();
    for container in list("containers") {
        for (resource, amount) in requests(container) {
            *asks.requests.entry(resource).or_default() += amount;
        }
        for port in container["ports"].as_array().into_iter().flatten() {
            if let Some(host) = port["hostPort"].as_i64().filter(|p| *p > 0) {
                asks.ports.insert((port["protocol"].as_str().unwrap_or("TCP").into(), host));
            }
        }
    }
    for container in list("initContainers") {
        let always = container["restartPolicy"] == "Always";
        for (resource, amount) in requests(container) {
            let slot = asks.requests.entry(resource).or_default();
            *slot = if always { *slot + amount } else { (*slot).max(amount) };
        }
    }
    let path = "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    asks.anti_affine = pod.spec.pointer(path).and_then(Value::as_array).is_some_and(|terms| !terms.is_empty());
    asks
}

fn requests(container: &Value) -> Amounts {
    let resources = &container["resources"];
    let mut all = Amounts::new();
    for field in ["limits", "requests"] {
        for (resource, quantity) in resources[field].as_object().into_iter().flatten() {
            all.insert(resource.clone(), amount(resource, quantity));
        }
    }
    all
}

pub fn amount(resource: &str, quantity: &Value) -> i64 {
    let text = quantity.as_str().map_or_else(|| quantity.to_string(), str::to_string);
    let Some(quantity) = Quantity::parse(&text) else { return 0 };
    let amount = if resource == "cpu" { quantity.milli() } else { quantity.value() };
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// A pod was added or changed.
pub fn pod_changed(world: &mut World, pod: &Object) {
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    let uid = pod.meta.uid.as_str();
    let key: PodName = (pod.meta.namespace.as_str().into(), pod.meta.name.as_str().into());
    let over = matches!(pod.status["phase"].as_str(), Some("Succeeded" | "Failed"));
    if let Some(node) = pod.spec["nodeName"].as_str().filter(|node| !node.is_empty()) {
        scheduler.waiting.remove(&key);
        if over {
            if scheduler.displace(uid) {
                stir(world);
            }
        } else if !scheduler.placed.contains_key(uid) {
            scheduler.place(uid.into(), node.into(), Arc::new(asks_of(pod)));
        }
        return;
    }
    let ours = pod.spec["schedulerName"].as_str().unwrap_or("default-scheduler") == "default-scheduler";
    let gated = pod.spec["schedulingGates"].as_array().is_some_and(|gates| !gates.is_empty());
    let known = scheduler.waiting.contains_key(&key) || scheduler.queued.contains(&key);
    if ours && !gated && !over && !known && pod.meta.deleted.is_none() {
        push(world, key);
    }
}

fn push(world: &mut World, key: PodName) {
    let now = world.now;
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    if scheduler.queued.insert(key.clone()) {
        scheduler.queue.push_back(key);
    }
    if !scheduler.awake {
        scheduler.awake = true;
        let pause = Span::millis(scheduler.dice.between(3, 12));
        world.schedule(now + pause, world::Due::K8s(Due::Schedule));
    }
}

pub fn pod_removed(world: &mut World, uid: &str) {
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    if scheduler.displace(uid) {
        stir(world);
    }
}

/// A node was added, changed or removed; heartbeats do not count.
pub fn node_changed(world: &mut World, name: &str) {
    let fresh = world.k8s.store.get(Kind::Node, "", name).map(|node| read_node(node));
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    let Some(mut fresh) = fresh else {
        scheduler.nodes.remove(name);
        return;
    };
    if let Some(old) = scheduler.nodes.get(name) {
        fresh.used.clone_from(&old.used);
        fresh.used_scoring.clone_from(&old.used_scoring);
        fresh.ports.clone_from(&old.ports);
        if *old == fresh {
            return;
        }
    } else {
        let asks: Vec<_> = scheduler.placed.values().filter(|p| &*p.node == name).map(|p| p.asks.clone()).collect();
        for asks in asks {
            fresh.add(&asks, 1);
        }
    }
    scheduler.nodes.insert(name.into(), fresh);
    stir(world);
}

fn read_node(node: &Object) -> NodeLoad {
    let allocatable = node.status.steady()["allocatable"].as_object().into_iter().flatten();
    NodeLoad {
        allocatable: allocatable.map(|(resource, q)| (resource.clone(), amount(resource, q))).collect(),
        labels: node.meta.labels.clone(),
        taints: Arc::new(node.spec["taints"].as_array().cloned().unwrap_or_default()),
        unschedulable: node.spec["unschedulable"] == true,
        ..NodeLoad::default()
    }
}

/// Something changed that may let waiting pods fit: they come back when their back-off is over.
fn stir(world: &mut World) {
    let now = world.now;
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    let mut times = BTreeSet::new();
    for waiting in scheduler.waiting.values_mut().filter(|w| !w.stirred) {
        waiting.stirred = true;
        times.insert((waiting.since + backoff(waiting.attempts)).max(now));
    }
    for at in times {
        world.schedule(at, world::Due::K8s(Due::Requeue));
    }
}

fn backoff(attempts: u32) -> Span {
    let doubled = BACKOFF_FIRST.0.checked_shl(attempts.saturating_sub(1).min(10)).unwrap_or(BACKOFF_MAX.0);
    Span(doubled.min(BACKOFF_MAX.0))
}

/// Brings back the pods whose time has come.
pub fn requeue(world: &mut World) {
    let now = world.now;
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    let due = |w: &Waiting| (w.stirred && w.since + backoff(w.attempts) <= now) || w.since + LEFT_OVER <= now;
    let mut ready: Vec<(Time, PodName)> =
        scheduler.waiting.iter().filter(|(_, w)| due(w)).map(|(key, w)| (w.since, key.clone())).collect();
    ready.sort();
    for (_, key) in ready {
        push(world, key);
    }
}

/// Takes the next pod of the queue and tries to place it.
pub fn next(world: &mut World) {
    let now = world.now;
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    let key = scheduler.queue.pop_front();
    if let Some(key) = &key {
        scheduler.queued.remove(key);
    }
    let pause = Span::millis(scheduler.dice.between(2, 9));
    scheduler.awake = !scheduler.queue.is_empty();
    if scheduler.awake {
        world.schedule(now + pause, world::Due::K8s(Due::Schedule));
    }
    let Some(key) = key else { return };
    let pod = world.k8s.store.get(Kind::Pod, &key.0, &key.1).cloned();
    let open = |pod: &Object| pod.spec["nodeName"].as_str().is_none_or(str::is_empty) && pod.meta.deleted.is_none();
    let Some(pod) = pod.filter(|pod| open(pod)) else {
        Arc::make_mut(&mut world.k8s.scheduler).waiting.remove(&key);
        return;
    };
    let asks = asks_of(&pod);
    let ask = fit::Ask::new(world, &pod, &asks);
    match ask.feasible() {
        Ok(nodes) => {
            let best = score::best(world, &pod, &asks, nodes);
            bind(world, key, &pod, asks, best);
        }
        Err(message) => refuse(world, key, &pod, message),
    }
}

fn bind(world: &mut World, key: PodName, pod: &Object, asks: Asks, node: Name) {
    let now = world.now;
    let mut object = Object::clone(pod);
    let mut spec = Value::clone(&object.spec);
    spec["nodeName"] = (&*node).into();
    object.spec = Arc::new(spec);
    // Binding copies the node's topology labels to the pod (PodTopologyLabels admission).
    if let Some(load) = world.k8s.scheduler.nodes.get(&node) {
        for label in ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"] {
            if let Some(value) = load.labels.get(label) {
                object.meta.labels.entry(label.into()).or_insert_with(|| value.clone());
            }
        }
    }
    set_scheduled(&mut object, (true, "", ""), now);
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    scheduler.waiting.remove(&key);
    scheduler.place(object.meta.uid.as_str().into(), node.clone(), Arc::new(asks));
    world.k8s.store.put(object, now);
    let message = format!("Successfully assigned {}/{} to {node}", key.0, key.1);
    let saying = Saying { warning: false, reason: "Scheduled", message, field_path: String::new() };
    recorder::record_series(world, "default-scheduler", "Binding", &About::of(pod), saying);
}

fn refuse(world: &mut World, key: PodName, pod: &Object, message: String) {
    let now = world.now;
    let scheduler = Arc::make_mut(&mut world.k8s.scheduler);
    let entry = scheduler.waiting.entry(key).or_insert(Waiting { attempts: 0, since: now, stirred: false });
    *entry = Waiting { attempts: entry.attempts + 1, since: now, stirred: false };
    world.schedule(now + LEFT_OVER, world::Due::K8s(Due::Requeue));
    let about = About::of(pod);
    let mut object = Object::clone(pod);
    set_scheduled(&mut object, (false, "Unschedulable", &message), now);
    let saying = Saying { warning: true, reason: "FailedScheduling", message, field_path: String::new() };
    recorder::record_series(world, "default-scheduler", "Scheduling", &about, saying);
    world.k8s.store.put(object, now);
}

fn set_scheduled(object: &mut Object, state: (bool, &str, &str), now: Time) {
    let mut status = Value::clone(&object.status);
    if status.is_null() {
        status = json!({"phase": "Pending"});
    }
    let old = status["conditions"].as_array().cloned().unwrap_or_default();
    let generation = object.meta.generation.max(1);
    let fresh = super::kubelet::condition(&old, "PodScheduled", state, generation, now);
    let mut all: Vec<Value> = old.into_iter().filter(|c| c["type"] != "PodScheduled").collect();
    all.push(fresh);
    status["conditions"] = Value::Array(all);
    object.status = status.into();
}

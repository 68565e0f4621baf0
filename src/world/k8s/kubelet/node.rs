//! A node as its kubelet runs it: its status in the API, its addresses, the images it holds, the moments at which its
//! loops look. Does not know pods' contents.

use super::{Due, schedule};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::Name;
use crate::world::k8s::object::Object;
use crate::world::k8s::recorder::{self, About, Saying, Source};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often an unchanged node status is written (kubelet nodeStatusReportFrequency).
const HEARTBEAT: Span = Span::mins(5);
/// One relist of the runtime and its cost: the generic PLEG looks once a second and drifts by what looking takes.
const RELIST_MS: i64 = 1_001;
/// The sync loop looks at its work queue once a second.
const TICK_MS: i64 = 1_000;
/// Addresses for pods in a /24, without the network's, the bridge's and the broadcast address.
const HOSTS: u32 = 253;

#[derive(Clone, Debug)]
pub struct NodeRun {
    /// The node's address.
    pub ip: Name,
    /// `10.244.1`: what its pods' addresses begin with.
    pub pod_net: Name,
    next_host: u32,
    used: BTreeSet<u32>,
    pub images: BTreeSet<String>,
    /// Pulls are one at a time; the next may begin then.
    pub pull_free: Time,
    relist_phase_ms: i64,
    tick_phase_ms: i64,
}

impl NodeRun {
    /// The next moment at which the kubelet notices what its containers did.
    pub fn relist_after(&self, at: Time) -> Time {
        next_phase(at, RELIST_MS, self.relist_phase_ms)
    }

    /// The next moment at which the kubelet takes work that is due from its queue.
    pub fn tick_after(&self, at: Time) -> Time {
        next_phase(at, TICK_MS, self.tick_phase_ms)
    }

    /// A fresh pod address, handed out in turn; `None` when the node's range is used up.
    pub fn take_ip(&mut self) -> Option<Name> {
        (0..HOSTS).find_map(|_| {
            let host = 2 + self.next_host % HOSTS;
            self.next_host += 1;
            self.used.insert(host).then(|| format!("{}.{host}", self.pod_net).as_str().into())
        })
    }

    pub fn release_ip(&mut self, ip: &str) {
        if let Some(host) = ip.rsplit('.').next().and_then(|host| host.parse().ok()) {
            self.used.remove(&host);
        }
    }
}

fn next_phase(at: Time, period: i64, phase: i64) -> Time {
    let past = (at.0 - phase).rem_euclid(period);
    Time(at.0 + (period - past))
}

/// A Node object was added: a kubelet begins to run there and fills in what the manifest left open.
pub fn join(world: &mut World, object: &Object) {
    let name: Name = object.meta.name.as_str().into();
    if world.k8s.kubelets.nodes.contains_key(&name) {
        return;
    }
    let number = world.k8s.kubelets.nodes.len() as u32 + 1;
    let mut object = Object::clone(object);
    fill(&mut object, number, world);
    let seed = dice::hash_name(&name);
    let cidr = object.spec["podCIDR"].as_str().unwrap_or("").to_string();
    let pod_net = cidr.rsplit_once('.').map_or("10.244.0", |(net, _)| net);
    let addresses = object.status["addresses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ip = addresses.iter().find(|a| a["type"] == "InternalIP").and_then(|a| a["address"].as_str()).unwrap_or("");
    let run = NodeRun {
        ip: ip.into(),
        pod_net: pod_net.into(),
        next_host: 0,
        used: BTreeSet::new(),
        images: BTreeSet::new(),
        pull_free: world.now,
        relist_phase_ms: (seed % 1_000) as i64,
        tick_phase_ms: (seed / 1_000 % 1_000) as i64,
    };
    Arc::make_mut(&mut world.k8s.kubelets).nodes.insert(name.clone(), run);
    let now = world.now;
    let stored = world.k8s.store.put(object, now);
    greet(world, &stored);
    super::take_over(world, &name);
    schedule(world, now + HEARTBEAT, Due::Heartbeat { node: name });
}

/// The node's object went away, and its kubelet with it.
pub fn leave(world: &mut World, name: &str) {
    Arc::make_mut(&mut world.k8s.kubelets).nodes.remove(name);
}

fn fill(object: &mut Object, number: u32, world: &mut World) {
    let now = world.now;
    let name = object.meta.name.clone();
    for (key, value) in [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", name.as_str()),
        ("kubernetes.io/os", "linux"),
    ] {
        object.meta.labels.entry(key.into()).or_insert_with(|| value.into());
    }
    object.meta.annotations.entry("node.alpha.kubernetes.io/ttl".into()).or_insert_with(|| "0".into());
    let mut spec = Value::clone(&object.spec);
    if spec.is_null() {
        spec = json!({});
    }
    if spec.get("podCIDR").is_none() {
        let cidr = format!("10.{}.{}.0/24", 244 + number / 256, number % 256);
        spec["podCIDR"] = cidr.as_str().into();
        spec["podCIDRs"] = json!([cidr]);
    }
    object.spec = Arc::new(spec);
    let mut status = Value::clone(&object.status);
    if status.is_null() {
        status = json!({});
    }
    let capacity = json!({"cpu": "4", "ephemeral-storage": "100Gi", "memory": "8Gi", "pods": "110"});
    for key in ["capacity", "allocatable"] {
        if status.get(key).is_none() {
            status[key] = status.get("capacity").cloned().unwrap_or_else(|| capacity.clone());
        }
    }
    if status.get("conditions").is_none() {
        status["conditions"] = conditions(now);
    }
    if status.get("addresses").is_none() {
        let ip = format!("172.18.{}.{}", (number + 2) / 256, (number + 2) % 256);
        status["addresses"] = json!([{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": name}]);
    }
    if let Some(info) = status.get_mut("nodeInfo").and_then(Value::as_object_mut) {
        // What only the machine itself can say; a manifest tells the rest.
        let of = dice::hash_name(&name);
        let hex =
            |n: u64| format!("{:016x}{:016x}", dice::at(world.seed, of, 2 * n), dice::at(world.seed, of, 2 * n + 1));
        let uuid = |hex: &str| [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        let rows = [("machineID", hex(0)), ("systemUUID", uuid(&hex(1))), ("bootID", uuid(&hex(2)))];
        for (field, id) in rows {
            info.entry(field).or_insert_with(|| id.into());
        }
    } else {
        let uuid = |dice: &mut crate::stdx::dice::Dice| dice.uuid();
        let dice = &mut Arc::make_mut(&mut world.k8s.kubelets).dice;
        let (machine, system, boot) = (uuid(dice).replace('-', ""), uuid(dice), uuid(dice));
        status["nodeInfo"] = json!({
            "architecture": "amd64", "bootID": boot, "containerRuntimeVersion": "containerd://2.1.4",
            "kernelVersion": "6.12.0-sim", "kubeProxyVersion": "", "kubeletVersion": "v1.36.2",
            "machineID": machine, "operatingSystem": "linux", "osImage": "Debian GNU/Linux 13 (trixie)",
            "systemUUID": system,
        });
    }
    if status.get("daemonEndpoints").is_none() {
        status["daemonEndpoints"] = json!({"kubeletEndpoint": {"Port": 10250}});
    }
    object.status = status.into();
}

fn conditions(now: Time) -> Value {
    let rows = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    let at = now.rfc3339();
    rows.iter()
        .map(|(kind, status, reason, message)| {
            json!({"type": kind, "status": status, "lastHeartbeatTime": at, "lastTransitionTime": at,
                   "reason": reason, "message": message})
        })
        .collect()
}

/// The events of a kubelet's start and of the node's registration.
fn greet(world: &mut World, node: &Object) {
    let name = node.meta.name.clone();
    let mut about = About::of(node);
    about.resource_version = 0;
    let lines = [
        ("Starting", "Starting kubelet.".to_string()),
        ("NodeHasSufficientMemory", format!("Node {name} status is now: NodeHasSufficientMemory")),
        ("NodeHasNoDiskPressure", format!("Node {name} status is now: NodeHasNoDiskPressure")),
        ("NodeHasSufficientPID", format!("Node {name} status is now: NodeHasSufficientPID")),
        ("NodeReady", format!("Node {name} status is now: NodeReady")),
    ];
    for (reason, message) in lines {
        let source = Source { component: "kubelet", host: &name };
        recorder::record(world, source, &about, Saying { warning: false, reason, message, field_path: String::new() });
    }
    let message = format!("Node {name} event: Registered Node {name} in Controller");
    let saying = Saying { warning: false, reason: "RegisteredNode", message, field_path: String::new() };
    recorder::record(world, Source { component: "node-controller", host: "" }, &about, saying);
}

/// Writes the node's status with a new heartbeat time.
pub fn heartbeat(world: &mut World, node: Name) {
    let now = world.now;
    if !world.k8s.kubelets.nodes.contains_key(&node) {
        return;
    }
    world.k8s.store.beat(&node, now);
    schedule(world, now + HEARTBEAT, Due::Heartbeat { node });
}

//! The kubelets: one worker a pod that syncs what runs with what is asked, as the real one does (relist every second,
//! a work queue with jitter, a reason cache, back-offs). Does not know programs (`apps`) or who reads the status.

mod backoff;
mod config;
mod ending;
pub mod image;
pub mod node;
mod pod;
mod probe;
mod start;
mod status;
mod sync;

pub use pod::PodKey;
pub(super) use status::condition;

use super::Name;
use super::kinds::Kind;
use super::object::Object;
use super::recorder::{self, About, Saying, Source};
use super::store::Change;
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::apps::{self, Exit, InstanceId};
use crate::world::{self, World};
use pod::{ContainerRun, Ending, PodRun, Policy, Role, Worker};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kubelets' entries on the agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A pod's worker should look; with a token: only if that is still its newest place in the work queue.
    Wake { pod: PodKey, token: Option<u64> },
    /// The step of a sync under way is over.
    Step { pod: PodKey, token: u64 },
    /// A container's process ends by itself.
    Exit { pod: PodKey, container: usize, instance: InstanceId, token: u64 },
    /// A probe's tick.
    Probe { pod: PodKey, container: usize, probe: usize, token: u64 },
    /// The files that ConfigMaps and Secrets give to a pod are brought up to date.
    Refresh { pod: PodKey },
    /// The node's status is due.
    Heartbeat { node: Name },
}

/// What all kubelets remember.
#[derive(Clone, Debug)]
pub struct Kubelets {
    pods: BTreeMap<PodKey, Arc<PodRun>>,
    by_uid: BTreeMap<Name, PodKey>,
    by_name: BTreeMap<(Name, Name), PodKey>,
    by_instance: BTreeMap<InstanceId, (PodKey, usize)>,
    nodes: BTreeMap<Name, node::NodeRun>,
    /// What the registries hold; an estate may set rows.
    pub registry: image::Registry,
    /// Exits as `apps` has planned them for starts that still run.
    planned: BTreeMap<InstanceId, Exit>,
    dice: Dice,
    serial: u64,
}

impl Kubelets {
    pub fn new(dice: Dice) -> Kubelets {
        Kubelets {
            pods: BTreeMap::new(),
            by_uid: BTreeMap::new(),
            by_name: BTreeMap::new(),
            by_instance: BTreeMap::new(),
            nodes: BTreeMap::new(),
            registry: image::Registry::default(),
            planned: BTreeMap::new(),
            dice,
            serial: 0,
        }
    }
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::Wake { pod, token } => sync::wake(world, pod, token),
        Due::Step { pod, token } => sync::step(world, pod, token),
        Due::Exit { pod, container, instance, token } => start::exited(world, pod, container, instance, token),
        Due::Probe { pod, container, probe, token } => probe::tick(world, pod, container, probe, token),
        Due::Refresh { pod } => refresh(world, pod),
        Due::Heartbeat { node } => node::heartbeat(world, node),
    }
}

/// A pod was added or changed: takes it on if it is bound to a node, notices a deletion and a changed spec.
pub fn notice(world: &mut World, object: &Object) {
    let uid = object.meta.uid.as_str();
    let deleting = object.meta.deleted.is_some();
    if let Some(key) = world.k8s.kubelets.by_uid.get(uid).copied() {
        if deleting {
            ending::delete(world, key);
        } else {
            spec_changed(world, key, object);
        }
        return;
    }
    let node = object.spec["nodeName"].as_str().unwrap_or("");
    if world.k8s.kubelets.nodes.contains_key(node) {
        admit(world, object, node.into());
    } else if deleting && object.meta.finalizers.is_empty() {
        // No kubelet has anything to stop: the object may go.
        world.k8s.store.remove(Kind::Pod, &object.meta.namespace, &object.meta.name);
    }
}

/// Pods that were bound to a node before it had a kubelet are taken on now.
fn take_over(world: &mut World, node: &str) {
    let bound = world.k8s.store.list(Kind::Pod, None).filter(|pod| pod.spec["nodeName"] == node);
    for pod in bound.cloned().collect::<Vec<_>>() {
        notice(world, &pod);
    }
}

/// An image changed in place restarts its container.
fn spec_changed(world: &mut World, key: PodKey, object: &Object) {
    let now = world.now;
    let Some(run) = pod(world, key).filter(|run| !Arc::ptr_eq(&run.spec, &object.spec)) else { return };
    let old = run.spec.clone();
    let Some(run) = pod_mut(world, key) else { return };
    run.spec = object.spec.clone();
    let mut changed = false;
    for c in run.containers.iter_mut().filter(|c| c.role == Role::App) {
        let image = |spec: &Value| spec["containers"][c.index]["image"].clone();
        if image(&old) != image(&run.spec) {
            c.changed = c.running().is_some();
            changed = true;
        }
    }
    if changed {
        schedule(world, now + Span::millis(15), Due::Wake { pod: key, token: None });
    }
}

fn admit(world: &mut World, object: &Object, node: Name) {
    let now = world.now;
    let kubelets = Arc::make_mut(&mut world.k8s.kubelets);
    kubelets.serial += 1;
    let key = PodKey(kubelets.serial);
    let policy = match object.spec["restartPolicy"].as_str() {
        Some("Never") => Policy::Never,
        Some("OnFailure") => Policy::OnFailure,
        _ => Policy::Always,
    };
    let about = About::of(object);
    let run = PodRun {
        containers: containers(object, now + Span::millis(20)),
        node,
        spec: object.spec.clone(),
        policy,
        sandbox: None,
        worker: Worker::default(),
        started: now,
        ending: Ending::No,
        mount_retry: None,
        told: None,
        about,
    };
    kubelets.by_uid.insert(run.about.uid.clone(), key);
    kubelets.by_name.insert((run.about.namespace.clone(), run.about.name.clone()), key);
    kubelets.pods.insert(key, Arc::new(run));
    let pause = Span::millis(kubelets.dice.between(12, 45));
    if object.meta.deleted.is_some() {
        ending::delete(world, key);
    } else {
        schedule(world, now + pause, Due::Wake { pod: key, token: None });
    }
}

fn containers(object: &Object, base: Time) -> Vec<ContainerRun> {
    let read = |field: &str, value: &Value, index: usize| {
        let role = match (field, value["restartPolicy"].as_str()) {
            ("containers", _) => Role::App,
            (_, Some("Always")) => Role::Sidecar,
            _ => Role::Init,
        };
        ContainerRun {
            role,
            name: value["name"].as_str().unwrap_or("").into(),
            index,
            current: None,
            last: None,
            why: None,
            restart_backoff: None,
            pull_backoff: None,
            pull_error: String::new(),
            changed: false,
            probes: if role == Role::Init { Vec::new() } else { probe::plan(value, base) },
            kept: Vec::new(),
        }
    };
    let mut all = Vec::new();
    for field in ["initContainers", "containers"] {
        let list = object.spec[field].as_array().map(Vec::as_slice).unwrap_or_default();
        all.extend(list.iter().enumerate().map(|(index, value)| read(field, value, index)));
    }
    all
}

/// A ConfigMap or Secret changed: pods that mount it see so after the kubelet's next sync and its cache's age.
pub fn source_changed(world: &mut World, change: &Change) {
    let now = world.now;
    let namespace: Name = change.namespace.as_str().into();
    let first = (namespace.clone(), Name::from(""));
    let pods = world.k8s.kubelets.by_name.range(first..).take_while(|((n, _), _)| *n == namespace);
    let mounts = |run: &PodRun| {
        let (field, key) = if change.kind == Kind::Secret { ("secret", "secretName") } else { ("configMap", "name") };
        let volumes = run.spec["volumes"].as_array().into_iter().flatten();
        volumes.into_iter().any(|volume| volume[field][key] == change.name.as_str())
    };
    let due: Vec<PodKey> = pods.map(|(_, key)| *key).filter(|key| pod(world, *key).is_some_and(mounts)).collect();
    for key in due {
        let wait = Span::millis(roll(world, 60_000, 90_000));
        schedule(world, now + wait, Due::Refresh { pod: key });
    }
}

fn refresh(world: &mut World, key: PodKey) {
    let (Some(object), Some(run)) = (object_of(world, key), pod(world, key)) else { return };
    let mut fresh = Vec::new();
    for c in &run.containers {
        let Some(start) = c.running() else { continue };
        let spec = run.container_spec(c);
        let mut files = config::files(&world.k8s.store, &object, spec);
        // A file mounted by subPath stays as it was at the start.
        let launched = world.apps.instance(start.instance).map(|instance| &instance.launch.files);
        for mount in spec["volumeMounts"].as_array().into_iter().flatten().filter(|m| m["subPath"].is_string()) {
            let path = mount["mountPath"].as_str().unwrap_or("");
            if let Some(text) = launched.and_then(|files| files.get(path)) {
                files.insert(path.into(), text.clone());
            }
        }
        if !files.is_empty() {
            fresh.push((start.instance, files));
        }
    }
    for (instance, files) in fresh {
        apps::refreshed(world, instance, files);
    }
}

/// A pod is gone from the API: whatever still runs of it is killed without grace.
pub fn removed(world: &mut World, uid: &str) {
    let Some(key) = world.k8s.kubelets.by_uid.get(uid).copied() else { return };
    ending::drop_pod(world, key);
}

/// The starts of a container that logs are kept of (the newest two), newest last: (restart count, instance).
pub fn instances<'a>(world: &'a World, namespace: &str, pod: &str, container: &str) -> &'a [(u32, InstanceId)] {
    let kubelets = &world.k8s.kubelets;
    let key = (Name::from(namespace), Name::from(pod));
    let run = kubelets.by_name.get(&key).and_then(|key| kubelets.pods.get(key));
    run.and_then(|run| run.containers.iter().find(|c| &*c.name == container)).map_or(&[], |c| &c.kept)
}

/// Changes how a running container will end by itself; `Exit.after` still counts from its start.
pub fn replan(world: &mut World, instance: InstanceId, exit: Option<Exit>) {
    let Some((key, container)) = world.k8s.kubelets.by_instance.get(&instance).copied() else { return };
    start::plan_exit(world, key, container, exit);
}

fn pod(world: &World, key: PodKey) -> Option<&PodRun> {
    world.k8s.kubelets.pods.get(&key).map(|run| &**run)
}

fn pod_mut(world: &mut World, key: PodKey) -> Option<&mut PodRun> {
    Arc::make_mut(&mut world.k8s.kubelets).pods.get_mut(&key).map(Arc::make_mut)
}

/// The pod's object, if the API still has it and it is the same one.
fn object_of(world: &World, key: PodKey) -> Option<Arc<Object>> {
    let run = pod(world, key)?;
    let object = world.k8s.store.get(Kind::Pod, &run.about.namespace, &run.about.name)?;
    (object.meta.uid.as_str() == &*run.about.uid).then(|| object.clone())
}

fn roll(world: &mut World, low: i64, high: i64) -> i64 {
    Arc::make_mut(&mut world.k8s.kubelets).dice.between(low, high)
}

fn schedule(world: &mut World, at: Time, due: Due) {
    world.schedule(at, world::Due::K8s(super::Due::Kubelet(due)));
}

/// An event of the kubelet about a pod or one of its containers.
fn say(world: &mut World, key: PodKey, container: Option<usize>, warning: bool, reason: &str, message: String) {
    let Some(run) = world.k8s.kubelets.pods.get(&key).cloned() else { return };
    let field_path = container.map_or(String::new(), |index| {
        let c = &run.containers[index];
        let list = if c.role == Role::App { "containers" } else { "initContainers" };
        format!("spec.{list}{{{}}}", c.name)
    });
    let source = Source { component: "kubelet", host: &run.node };
    recorder::record(world, source, &run.about, Saying { warning, reason, message, field_path });
}

/// Computes and writes the pod's status.
fn write_status(world: &mut World, key: PodKey, view: status::View) {
    let Some(object) = object_of(world, key) else { return };
    let now = world.now;
    let Some(run) = world.k8s.kubelets.pods.get(&key) else { return };
    let ip = world.k8s.kubelets.nodes.get(&run.node).map_or_else(|| Name::from(""), |node| node.ip.clone());
    let host = status::Host { ip: &ip };
    if run.told.as_ref().is_some_and(|told| told.holds(run, &object, &host, view)) {
        return;
    }
    let new = status::compose(run, &object, &host, view, now);
    let changed = *object.status != new;
    let status = if changed { new.into() } else { object.status.clone() };
    let told = Arc::new(status::Told::new(run, &object, &host, view, status.clone()));
    if let Some(run) = pod_mut(world, key) {
        run.told = Some(told);
    }
    if changed {
        let mut object = Object::clone(&object);
        object.status = status;
        world.k8s.store.put(object, now);
    }
}

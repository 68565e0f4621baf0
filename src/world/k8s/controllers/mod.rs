//! The controllers: each looks at one object at a time, some milliseconds after something it cares about has changed,
//! and moves the cluster towards what is asked. Does not run containers.

mod cron_job;
mod deployment;
mod endpoints;
mod garbage;
mod job;
mod namespace;
mod pod_garbage;
mod replica_set;
mod rollout;

use super::index::News;
use super::kinds::Kind;
use super::object::Object;
use super::recorder::{self, About, Saying, Source};
use super::store::Change;
use super::{Due, Name};
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::{self, World};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Names a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    Deployment,
    ReplicaSet,
    CronJob,
    Job,
    Endpoints,
    Namespace,
    /// The name is that of an object being deleted in the foreground or with orphans; the namespace holds its kind too.
    Garbage,
    /// The name is that of a node that is gone.
    PodGarbage,
}

/// Between a pod's change and the look at its Job.
const JOB_BATCH: Span = Span::secs(1);

type Key = (Controller, Name, Name);

/// The work queues of all controllers.
#[derive(Clone, Debug)]
pub struct Controllers {
    dice: Dice,
    /// What is on the agenda for the next few milliseconds: asked again, it is not put there twice.
    queued: BTreeSet<Key>,
    /// Later looks that are on the agenda, so that each is put there once.
    alarms: BTreeSet<(Key, Time)>,
    /// Failures in a row of a key, for its back-off (5 ms doubling, client-go's item exponential limiter).
    failures: BTreeMap<Key, u32>,
    /// What a Service was last routed to, so that apps hear only of changes.
    routed: BTreeMap<(Name, Name), Vec<(Name, i64)>>,
    /// Objects with dependents to see off before they may go.
    doomed: BTreeMap<Name, super::index::Place>,
}

impl Controllers {
    pub fn new(dice: Dice) -> Controllers {
        Controllers {
            dice,
            queued: BTreeSet::new(),
            alarms: BTreeSet::new(),
            failures: BTreeMap::new(),
            routed: BTreeMap::new(),
            doomed: BTreeMap::new(),
        }
    }
}

/// Puts a look on the agenda. Without a wait it comes after the usual lag of a watch, once for many reasons.
pub fn enqueue(world: &mut World, controller: Controller, namespace: &str, name: &str, wait: Span) {
    let now = world.now;
    let key: Key = (controller, namespace.into(), name.into());
    let controllers = Arc::make_mut(&mut world.k8s.controllers);
    let at = if wait == Span::ZERO {
        if !controllers.queued.insert(key.clone()) {
            return;
        }
        now + Span::millis(controllers.dice.between(3, 11))
    } else {
        now + wait
    };
    let (controller, namespace, name) = key;
    world.schedule(at, world::Due::K8s(Due::Reconcile { controller, namespace, name }));
}

/// Puts a look at a time on the agenda, once.
fn enqueue_at(world: &mut World, controller: Controller, namespace: &str, name: &str, at: Time) {
    let at = at.max(world.now);
    let key: Key = (controller, namespace.into(), name.into());
    if Arc::make_mut(&mut world.k8s.controllers).alarms.insert((key, at)) {
        let (namespace, name) = (namespace.into(), name.into());
        world.schedule(at, world::Due::K8s(Due::Reconcile { controller, namespace, name }));
    }
}

pub fn reconcile(world: &mut World, controller: Controller, namespace: Name, name: Name) {
    let key = (controller, namespace.clone(), name.clone());
    let now = world.now;
    let controllers = Arc::make_mut(&mut world.k8s.controllers);
    controllers.queued.remove(&key);
    if matches!(controller, Controller::CronJob | Controller::Job) {
        controllers.alarms.retain(|(of, at)| *of != key || *at > now);
    }
    let done = match controller {
        Controller::Deployment => deployment::reconcile(world, &namespace, &name),
        Controller::ReplicaSet => replica_set::reconcile(world, &namespace, &name),
        Controller::CronJob => cron_job::reconcile(world, &namespace, &name),
        Controller::Job => job::reconcile(world, &namespace, &name),
        Controller::Endpoints => endpoints::reconcile(world, &namespace, &name),
        Controller::Namespace => namespace::reconcile(world, &name),
        Controller::Garbage => garbage::reconcile(world, &name),
        Controller::PodGarbage => pod_garbage::reconcile(world, &name),
    };
    let controllers = Arc::make_mut(&mut world.k8s.controllers);
    match done {
        Done::Well => {
            controllers.failures.remove(&key);
        }
        Done::Failed => {
            let failures = controllers.failures.entry(key).or_insert(0);
            let wait = Span::millis((5_i64 << (*failures).min(18)).min(1_000_000));
            *failures += 1;
            enqueue(world, controller, &namespace, &name, wait);
        }
    }
}

/// How a look ended: a failed one is tried again, later and later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Well,
    Failed,
}

/// Tells the controllers of a change; `object` is what is there now.
pub fn notice(world: &mut World, change: &Change, object: Option<&Object>, news: News) {
    let (namespace, name) = (change.namespace.as_str(), change.name.as_str());
    match change.kind {
        Kind::Namespace => enqueue(world, Controller::Namespace, "", name, Span::ZERO),
        Kind::Node => pod_garbage::node_noticed(world, change),
        Kind::Deployment => enqueue(world, Controller::Deployment, namespace, name, Span::ZERO),
        Kind::ReplicaSet => enqueue(world, Controller::ReplicaSet, namespace, name, Span::ZERO),
        Kind::CronJob => enqueue(world, Controller::CronJob, namespace, name, Span::ZERO),
        Kind::Job => enqueue(world, Controller::Job, namespace, name, Span::ZERO),
        Kind::Service => enqueue(world, Controller::Endpoints, namespace, name, Span::ZERO),
        Kind::Pod if news.card_changed => {
            orphan_noticed(world, object);
            endpoints::pod_noticed(world, &news);
        }
        _ => {}
    }
    let owned_change = change.kind != Kind::Pod || news.card_changed;
    // A Job counts restarts too, which are not on the card.
    for owner in news.owners.iter().filter(|owner| owned_change || owner.kind == "Job") {
        let controller = match owner.kind.as_str() {
            "Deployment" => Controller::Deployment,
            "ReplicaSet" => Controller::ReplicaSet,
            "CronJob" => Controller::CronJob,
            // The Job controller gathers what its pods do for a second (`SyncJobBatchPeriod`).
            "Job" => {
                enqueue_at(world, Controller::Job, namespace, &owner.name, world.now + JOB_BATCH);
                continue;
            }
            _ => continue,
        };
        enqueue(world, controller, namespace, &owner.name, Span::ZERO);
    }
    garbage::notice(world, change, object);
}

/// A pod without a controller may be adopted by a ReplicaSet that selects it.
fn orphan_noticed(world: &mut World, object: Option<&Object>) {
    let Some(pod) = object.filter(|pod| pod.controller().is_none() && pod.meta.deleted.is_none()) else { return };
    if pod.meta.labels.is_empty() {
        return;
    }
    let selecting: Vec<String> = world
        .k8s
        .store
        .list(Kind::ReplicaSet, Some(&pod.meta.namespace))
        .filter(|rs| super::network::selects(&rs.spec["selector"], &pod.meta.labels))
        .map(|rs| rs.meta.name.clone())
        .collect();
    for name in selecting {
        enqueue(world, Controller::ReplicaSet, &pod.meta.namespace, &name, Span::ZERO);
    }
}

/// Changes an object in the store; a changed spec raises its generation.
fn update(world: &mut World, kind: Kind, namespace: &str, name: &str, change: impl FnOnce(&mut Object)) {
    let Some(stored) = world.k8s.store.get(kind, namespace, name).cloned() else { return };
    let mut object = Object::clone(&stored);
    change(&mut object);
    if !Arc::ptr_eq(&object.spec, &stored.spec) && object.spec != stored.spec {
        object.meta.generation += 1;
    }
    let now = world.now;
    world.k8s.store.put(object, now);
}

/// A core event of a controller.
fn say(world: &mut World, component: &'static str, about: &Object, warning: bool, reason: &str, message: String) {
    let saying = Saying { warning, reason, message, field_path: String::new() };
    recorder::record(world, Source { component, host: "" }, &About::of(about), saying);
}

/// Deletes as the API does: pods with their grace, objects with finalizers marked, all others at once.
pub fn delete(world: &mut World, kind: Kind, namespace: &str, name: &str) {
    let now = world.now;
    let Some(object) = world.k8s.store.get(kind, namespace, name).cloned() else { return };
    if object.meta.deleted.is_some() {
        return;
    }
    let placed = kind == Kind::Pod && object.spec["nodeName"].as_str().is_some_and(|node| !node.is_empty());
    let over = matches!(object.status["phase"].as_str(), Some("Succeeded" | "Failed"));
    let grace = match object.spec["terminationGracePeriodSeconds"].as_i64() {
        _ if !placed || over => 0,
        grace => grace.unwrap_or(30).max(0),
    };
    if grace == 0 && object.meta.finalizers.is_empty() {
        world.k8s.store.remove(kind, namespace, name);
        return;
    }
    let mut marked = Object::clone(&object);
    marked.meta.deleted = Some((now + Span::secs(grace)).floor_secs());
    marked.meta.grace_s = Some(grace);
    world.k8s.store.put(marked, now);
}

fn integer(value: &Value, default: i64) -> i64 {
    value.as_i64().unwrap_or(default)
}

/// Creates a pod through the API, so that it is defaulted and admitted as anyone's; the error is the server's message.
fn create_pod(world: &mut World, user: &str, namespace: &str, body: Value) -> Result<String, String> {
    let made = create(world, user, Kind::Pod, namespace, body)?;
    Ok(made["metadata"]["name"].as_str().unwrap_or("").into())
}

/// Creates an object through the API; gives it as it was made.
fn create(world: &mut World, user: &str, kind: Kind, namespace: &str, body: Value) -> Result<Value, String> {
    use super::api::{Accept, Body, Query, Request, Verb, handle};
    let request = Request {
        verb: Verb::Create,
        group: kind.row().group.into(),
        version: kind.row().version.into(),
        resource: kind.row().plural.into(),
        namespace: Some(namespace.into()),
        name: None,
        subresource: None,
        query: Query::default(),
        accept: Accept::Json,
        body: Some(body),
        user: user.into(),
        agent: "kube-controller-manager".into(),
    };
    let response = handle(world, &request);
    match (response.code, response.body) {
        (200..=299, Body::Json(made)) => Ok(made),
        (_, Body::Json(status)) => Err(status["message"].as_str().unwrap_or("").into()),
        _ => Err("the server rejected our request".into()),
    }
}

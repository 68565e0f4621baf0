//! The Deployment controller: revisions, a ReplicaSet a template, strategy, conditions and the progress deadline.
//! The arithmetic of a rolling update is in `rollout`. Does not know pods, except whether old ones are gone.

use super::{Controller, Done, delete, enqueue, integer, rollout, say, update};
use crate::stdx::dice::hash_name;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::object::{Object, Owner};
use crate::world::signals::gauges;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const REVISION: &str = "deployment.kubernetes.io/revision";
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX: &str = "deployment.kubernetes.io/max-replicas";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const HASH: &str = "pod-template-hash";

/// A Deployment with its ReplicaSets, as one look sees them.
pub struct Scene {
    pub deployment: Arc<Object>,
    pub new: Option<Arc<Object>>,
    /// Oldest first.
    pub old: Vec<Arc<Object>>,
}

impl Scene {
    pub fn all(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.old.iter().chain(&self.new)
    }

    pub fn wanted(&self) -> i64 {
        integer(&self.deployment.spec["replicas"], 1).max(0)
    }
}

pub fn reconcile(world: &mut World, namespace: &str, name: &str) -> Done {
    let Some(deployment) = world.k8s.store.get(Kind::Deployment, namespace, name).cloned() else {
        report(world, namespace, name, None);
        return Done::Well;
    };
    if deployment.meta.deleted.is_some() {
        return Done::Well;
    }
    let mut scene = look(world, deployment);
    let paused = scene.deployment.spec["paused"] == true;
    note_pause(world, &mut scene, paused);
    let scaled = scene.all().filter(|set| replicas(set) > 0).any(|set| {
        let desired = set.meta.annotations.get(DESIRED).and_then(|text| text.parse::<i64>().ok());
        desired.is_some_and(|desired| desired != scene.wanted())
    });
    if paused || scaled {
        settle_revisions(world, &mut scene, false);
        rollout::scale(world, &scene);
        let scene = look_again(world, &scene);
        write_status(world, &scene);
        return Done::Well;
    }
    if scene.deployment.spec["strategy"]["type"] == "Recreate" {
        recreate(world, scene);
    } else {
        settle_revisions(world, &mut scene, true);
        let acted = rollout::grow_new(world, &scene) || rollout::shrink_old(world, &scene);
        let scene = look_again(world, &scene);
        if !acted && is_complete(&scene, &counts(&scene)) {
            forget_history(world, &scene);
        }
        write_status(world, &scene);
    }
    Done::Well
}

fn look(world: &World, deployment: Arc<Object>) -> Scene {
    let uid = &deployment.meta.uid;
    let places = world.k8s.index.dependents(uid).filter(|place| place.kind == Kind::ReplicaSet);
    let sets = places.filter_map(|place| world.k8s.store.get(Kind::ReplicaSet, &place.namespace, &place.name));
    let mut sets: Vec<Arc<Object>> =
        sets.filter(|set| set.controller().is_some_and(|o| o.uid == *uid)).cloned().collect();
    sets.sort_by(|a, b| (a.meta.created, &a.meta.name).cmp(&(b.meta.created, &b.meta.name)));
    let template = bare(&deployment.spec["template"]);
    let found = sets.iter().position(|set| bare(&set.spec["template"]) == template);
    let new = found.map(|at| sets.remove(at));
    Scene { deployment, new, old: sets }
}

fn look_again(world: &World, scene: &Scene) -> Scene {
    let meta = &scene.deployment.meta;
    let fresh = world.k8s.store.get(Kind::Deployment, &meta.namespace, &meta.name).cloned();
    look(world, fresh.unwrap_or_else(|| scene.deployment.clone()))
}

/// A template without what the controller itself adds, for comparison.
fn bare(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove(HASH);
    }
    if let Some(meta) = template["metadata"].as_object_mut() {
        meta.remove("creationTimestamp");
        meta.retain(|_, value| !value.as_object().is_some_and(Map::is_empty));
    }
    template
}

pub fn replicas(set: &Object) -> i64 {
    integer(&set.spec["replicas"], 1)
}

fn revision(object: &Object) -> i64 {
    object.meta.annotations.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// `56759cc757`: the decimal digits of a 32-bit hash in Kubernetes' safe alphabet. The hash itself is ours.
fn template_hash(template: &Value) -> String {
    const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let hash = hash_name(&template.to_string()) as u32;
    hash.to_string().bytes().map(|b| char::from(SAFE[usize::from(b) % SAFE.len()])).collect()
}

/// Gives the newest template its ReplicaSet (made if `create`) and the highest revision.
fn settle_revisions(world: &mut World, scene: &mut Scene, create: bool) {
    let newest = scene.old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
    let meta = scene.deployment.meta.clone();
    if let Some(new) = &scene.new {
        let current = revision(new);
        if current < newest {
            update(world, Kind::ReplicaSet, &meta.namespace, &new.meta.name, |set| {
                if current > 0 {
                    let history = set.meta.annotations.entry(REVISION_HISTORY.into()).or_default();
                    let comma = if history.is_empty() { "" } else { "," };
                    history.push_str(&format!("{comma}{current}"));
                }
                set.meta.annotations.insert(REVISION.into(), newest.to_string());
                copy_annotations(&meta.annotations, set);
            });
        }
        let shown = current.max(newest).to_string();
        let found = scene.deployment.status["conditions"]
            .as_array()
            .is_some_and(|all| all.iter().any(|c| c["type"] == "Progressing"));
        let text = format!("Found new replica set \"{}\"", new.meta.name);
        let now = world.now;
        update(world, Kind::Deployment, &meta.namespace, &meta.name, |deployment| {
            deployment.meta.annotations.insert(REVISION.into(), shown);
            if !found {
                set_condition(deployment, "Progressing", (true, "FoundNewReplicaSet", &text), now);
            }
        });
    } else if create {
        create_set(world, scene, newest);
    }
    *scene = look_again(world, scene);
}

fn copy_annotations(from: &std::collections::BTreeMap<String, String>, set: &mut Object) {
    for (key, value) in from {
        let skipped =
            [LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED, MAX, "deprecated.deployment.rollback.revision.to"];
        if !skipped.contains(&key.as_str()) {
            set.meta.annotations.insert(key.clone(), value.clone());
        }
    }
}

fn create_set(world: &mut World, scene: &Scene, revision: i64) {
    let now = world.now;
    let deployment = &scene.deployment;
    let meta = &deployment.meta;
    let mut template = bare(&deployment.spec["template"]);
    let hash = template_hash(&template);
    let name = format!("{}-{hash}", meta.name);
    template["metadata"]["labels"][HASH] = hash.as_str().into();
    let mut selector = deployment.spec["selector"].clone();
    selector["matchLabels"][HASH] = hash.as_str().into();
    let count = rollout::new_replicas(scene);
    let mut set = Object::new(Kind::ReplicaSet.row(), &meta.namespace, &name);
    let labels = template["metadata"]["labels"].as_object().into_iter().flatten();
    set.meta.labels = labels.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect();
    set.meta.generation = 1;
    set.meta.owners.push(Owner {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        controller: true,
        block_deletion: true,
    });
    copy_annotations(&meta.annotations, &mut set);
    set.meta.annotations.insert(REVISION.into(), revision.to_string());
    set.meta.annotations.insert(DESIRED.into(), scene.wanted().to_string());
    set.meta.annotations.insert(MAX.into(), (scene.wanted() + rollout::surge_max(scene)).to_string());
    let mut spec = json!({"replicas": count, "selector": selector, "template": template});
    let ready_s = integer(&deployment.spec["minReadySeconds"], 0);
    if ready_s > 0 {
        spec["minReadySeconds"] = ready_s.into();
    }
    set.spec = Arc::new(spec);
    set.status = json!({"replicas": 0}).into();
    world.k8s.store.put(set, now);
    if count > 0 {
        let text = format!("Scaled up replica set {name} from 0 to {count}");
        say(world, "deployment-controller", deployment, false, "ScalingReplicaSet", text);
    }
    let text = format!("Created new replica set \"{name}\"");
    update(world, Kind::Deployment, &meta.namespace, &meta.name, |deployment| {
        deployment.meta.annotations.insert(REVISION.into(), revision.to_string());
        if deployment.spec["progressDeadlineSeconds"].as_i64() != Some(i64::from(i32::MAX)) {
            set_condition(deployment, "Progressing", (true, "NewReplicaSetCreated", &text), now);
        }
    });
    // The update above reaches the index with the next reaction; until then the set would be invisible.
    super::super::react(world);
}

/// Recreate: old pods go first, all of them, then the new ones come.
fn recreate(world: &mut World, mut scene: Scene) {
    settle_revisions(world, &mut scene, false);
    let mut acted = false;
    for set in scene.old.clone().iter().filter(|set| replicas(set) > 0) {
        rollout::set_replicas(world, &scene, set, 0);
        acted = true;
    }
    let left = scene.old.iter().any(|set| {
        let pods = super::replica_set::pods_of(world, &set.meta.uid);
        pods.iter().any(|pod| !matches!(pod.status["phase"].as_str(), Some("Succeeded" | "Failed")))
    });
    if !acted && !left {
        settle_revisions(world, &mut scene, true);
        rollout::grow_new(world, &scene);
    }
    let scene = look_again(world, &scene);
    if is_complete(&scene, &counts(&scene)) {
        forget_history(world, &scene);
    }
    write_status(world, &scene);
    if left {
        enqueue(
            world,
            Controller::Deployment,
            &scene.deployment.meta.namespace,
            &scene.deployment.meta.name,
            Span::secs(1),
        );
    }
}

/// Deletes old ReplicaSets beyond revisionHistoryLimit.
fn forget_history(world: &mut World, scene: &Scene) {
    let limit = integer(&scene.deployment.spec["revisionHistoryLimit"], 10).max(0) as usize;
    let mut idle: Vec<&Arc<Object>> = scene.old.iter().filter(|set| set.meta.deleted.is_none()).collect();
    idle.sort_by_key(|set| revision(set));
    let surplus = idle.len().saturating_sub(limit);
    let gone: Vec<String> = idle
        .into_iter()
        .take(surplus)
        .filter(|set| replicas(set) == 0 && integer(&set.status["replicas"], 0) == 0)
        .map(|set| set.meta.name.clone())
        .collect();
    for name in gone {
        delete(world, Kind::ReplicaSet, &scene.deployment.meta.namespace, &name);
    }
}

/// Keeps the condition Progressing honest while the rollout is paused.
fn note_pause(world: &mut World, scene: &mut Scene, paused: bool) {
    let conditions = scene.deployment.status["conditions"].as_array().cloned().unwrap_or_default();
    let progress = conditions.iter().find(|c| c["type"] == "Progressing");
    if progress.is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded") {
        return;
    }
    let noted = progress.is_some_and(|c| c["reason"] == "DeploymentPaused");
    let now = world.now;
    let new = match (paused, noted) {
        (true, false) => ("DeploymentPaused", "Deployment is paused"),
        (false, true) => ("DeploymentResumed", "Deployment is resumed"),
        _ => return,
    };
    let meta = scene.deployment.meta.clone();
    update(world, Kind::Deployment, &meta.namespace, &meta.name, |deployment| {
        set_condition_as(deployment, "Progressing", "Unknown", (new.0, new.1), now);
    });
    *scene = look_again(world, scene);
}

/// The counts of a status, in the order Kubernetes lists them.
struct Counts {
    replicas: i64,
    updated: i64,
    ready: i64,
    available: i64,
    unavailable: i64,
    terminating: i64,
}

fn counts(scene: &Scene) -> Counts {
    let sum = |field: &str| scene.all().map(|set| integer(&set.status[field], 0)).sum::<i64>();
    let available = sum("availableReplicas");
    let specified: i64 = scene.all().map(|set| replicas(set)).sum();
    Counts {
        replicas: sum("replicas"),
        updated: scene.new.as_ref().map_or(0, |set| integer(&set.status["replicas"], 0)),
        ready: sum("readyReplicas"),
        available,
        unavailable: (specified - available).max(0),
        terminating: sum("terminatingReplicas"),
    }
}

fn is_complete(scene: &Scene, counts: &Counts) -> bool {
    let wanted = scene.wanted();
    counts.updated == wanted && counts.replicas == wanted && counts.available == wanted
}

fn write_status(world: &mut World, scene: &Scene) {
    let now = world.now;
    let counts = counts(scene);
    let before = &scene.deployment.status;
    let mut next = Object::clone(&scene.deployment);
    let enough = counts.available >= scene.wanted() - rollout::unavailable_max(scene);
    if enough {
        let text = "Deployment has minimum availability.";
        set_condition(&mut next, "Available", (true, "MinimumReplicasAvailable", text), now);
    } else {
        let text = "Deployment does not have minimum availability.";
        set_condition(&mut next, "Available", (false, "MinimumReplicasUnavailable", text), now);
    }
    progress(scene, before, &counts, &mut next, now);
    let mut status = Map::new();
    status.insert("observedGeneration".into(), scene.deployment.meta.generation.into());
    for (key, value) in [
        ("replicas", counts.replicas),
        ("updatedReplicas", counts.updated),
        ("readyReplicas", counts.ready),
        ("availableReplicas", counts.available),
        ("unavailableReplicas", counts.unavailable),
    ] {
        if value > 0 {
            status.insert(key.into(), value.into());
        }
    }
    status.insert("terminatingReplicas".into(), counts.terminating.into());
    status.insert("conditions".into(), next.status["conditions"].clone());
    next.status = Value::Object(status).into();
    let deadline = scene.deployment.spec["progressDeadlineSeconds"].as_i64();
    let stuck = stuck_at(&next, deadline);
    let meta = next.meta.clone();
    report(world, &meta.namespace, &meta.name, Some([scene.wanted(), counts.available, counts.unavailable]));
    world.k8s.store.put(next, now);
    if let Some(at) = stuck.filter(|at| *at > now) {
        enqueue(world, Controller::Deployment, &meta.namespace, &meta.name, at - now + Span::millis(600));
    }
}

/// Reports replicas as kube-state-metrics does: wanted, available, unavailable; `None` once the Deployment is gone.
fn report(world: &mut World, namespace: &str, name: &str, counts: Option<[i64; 3]>) {
    const NAMES: [&str; 3] = [
        "kube_deployment_spec_replicas",
        "kube_deployment_status_replicas_available",
        "kube_deployment_status_replicas_unavailable",
    ];
    for (index, metric) in NAMES.into_iter().enumerate() {
        let value = counts.map(|counts| counts[index] as f64);
        gauges::set(world, metric, &[("deployment", name), ("namespace", namespace)], value);
    }
}

/// When a rollout that makes no progress will have timed out.
fn stuck_at(deployment: &Object, deadline_s: Option<i64>) -> Option<Time> {
    let deadline = deadline_s.filter(|s| *s < i64::from(i32::MAX))?;
    let condition = deployment.status["conditions"].as_array()?.iter().find(|c| c["type"] == "Progressing")?;
    let done = ["NewReplicaSetAvailable", "ProgressDeadlineExceeded", "DeploymentPaused"];
    if condition["reason"].as_str().is_some_and(|reason| done.contains(&reason)) {
        return None;
    }
    Some(Time::parse(condition["lastUpdateTime"].as_str()?)? + Span::secs(deadline))
}

fn progress(scene: &Scene, before: &Value, counts: &Counts, next: &mut Object, now: Time) {
    let deadline = scene.deployment.spec["progressDeadlineSeconds"].as_i64();
    if deadline.is_none_or(|s| s >= i64::from(i32::MAX)) || scene.deployment.spec["paused"] == true {
        return;
    }
    let old = |field: &str| integer(&before[field], 0);
    let conditions = before["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let condition = conditions.iter().find(|c| c["type"] == "Progressing");
    let reason = condition.and_then(|c| c["reason"].as_str()).unwrap_or("");
    if counts.replicas == counts.updated && reason == "NewReplicaSetAvailable" {
        return;
    }
    let what = match &scene.new {
        Some(set) => format!("ReplicaSet \"{}\"", set.meta.name),
        None => format!("Deployment \"{}\"", scene.deployment.meta.name),
    };
    let moves = counts.updated > old("updatedReplicas")
        || counts.replicas - counts.updated < old("replicas") - old("updatedReplicas")
        || counts.ready > old("readyReplicas")
        || counts.available > old("availableReplicas");
    if is_complete(scene, counts) {
        let text = format!("{what} has successfully progressed.");
        set_condition(next, "Progressing", (true, "NewReplicaSetAvailable", &text), now);
    } else if moves {
        let text = format!("{what} is progressing.");
        let since = condition.filter(|c| c["status"] == "True").map(|c| c["lastTransitionTime"].clone());
        drop_condition(next, "Progressing");
        set_condition(next, "Progressing", (true, "ReplicaSetUpdated", &text), now);
        if let Some(since) = since {
            edit_conditions(next, |all| {
                if let Some(last) = all.last_mut() {
                    last["lastTransitionTime"] = since;
                }
            });
        }
    } else if reason != "ProgressDeadlineExceeded" && stuck_at(&scene.deployment, deadline).is_some_and(|at| at < now) {
        let text = format!("{what} has timed out progressing.");
        set_condition(next, "Progressing", (false, "ProgressDeadlineExceeded", &text), now);
    }
}

fn set_condition(deployment: &mut Object, kind: &str, new: (bool, &str, &str), now: Time) {
    let status = if new.0 { "True" } else { "False" };
    set_condition_as(deployment, kind, status, (new.1, new.2), now);
}

/// Sets a condition unless status and reason are what they were; a new one goes to the end of the list.
fn set_condition_as(deployment: &mut Object, kind: &str, status: &str, new: (&str, &str), now: Time) {
    let (reason, message) = new;
    edit_conditions(deployment, |all| {
        let old = all.iter().find(|c| c["type"] == kind).cloned();
        if old.as_ref().is_some_and(|c| c["status"] == status && c["reason"] == reason) {
            return;
        }
        let since = match old.filter(|c| c["status"] == status) {
            Some(same) => same["lastTransitionTime"].clone(),
            None => now.rfc3339().into(),
        };
        all.retain(|c| c["type"] != kind);
        all.push(json!({"type": kind, "status": status, "reason": reason, "message": message,
                        "lastUpdateTime": now.rfc3339(), "lastTransitionTime": since}));
    });
}

fn drop_condition(deployment: &mut Object, kind: &str) {
    edit_conditions(deployment, |all| all.retain(|c| c["type"] != kind));
}

fn edit_conditions(deployment: &mut Object, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut status = Value::clone(&deployment.status);
    if status.is_null() {
        status = json!({});
    }
    let mut all = status["conditions"].as_array().cloned().unwrap_or_default();
    edit(&mut all);
    status["conditions"] = Value::Array(all);
    deployment.status = status.into();
}

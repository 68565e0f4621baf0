//! The Job controller: pods until so many have succeeded, later and later after failures, and an end when there were too
//! many or it took too long. Every pod is counted once (its tracking finalizer goes then). Does not know schedules.

use super::replica_set::pods_of;
use super::{Controller, Done, create_pod, delete, enqueue_at, integer, say, update};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::index::is_ready;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::kinds::job::has_condition;
use crate::world::k8s::object::Object;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const USER: &str = "system:serviceaccount:kube-system:job-controller";
const COMPONENT: &str = "job-controller";
/// On a pod until it has been counted.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// After a failed pod: 10 s, 20 s, 40 s, … at most six minutes (Jobs, "Pod backoff failure policy").
const BACKOFF: Span = Span::secs(10);
const BACKOFF_MAX: Span = Span::mins(6);
/// Pods made in one look at most (job controller MaxPodCreateDeletePerSync).
const BURST: usize = 500;

/// A Job's pods sorted by what they mean to it.
struct Scene {
    job: Arc<Object>,
    pods: Vec<Arc<Object>>,
    succeeded: i64,
    failed: i64,
    indexes: BTreeSet<i64>,
}

impl Scene {
    fn spec(&self, field: &str, default: i64) -> i64 {
        integer(&self.job.spec[field], default)
    }

    fn active(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.pods.iter().filter(|pod| pod.meta.deleted.is_none() && !over(pod))
    }

    fn terminating(&self) -> usize {
        self.pods.iter().filter(|pod| pod.meta.deleted.is_some() && !over(pod)).count()
    }

    fn indexed(&self) -> bool {
        self.job.spec["completionMode"] == "Indexed"
    }

    fn started(&self) -> Option<Time> {
        self.job.status["startTime"].as_str().and_then(Time::parse)
    }
}

fn phase(pod: &Object) -> &str {
    pod.status["phase"].as_str().unwrap_or("")
}

/// Whether a pod will do nothing more. One that was deleted before it had a node, or between two starts of its container,
/// counts as failed.
fn over(pod: &Object) -> bool {
    let placed = pod.spec["nodeName"].as_str().is_some_and(|node| !node.is_empty());
    let containers = pod.status["containerStatuses"].as_array();
    let idle = containers.is_some_and(|all| all.iter().all(|container| container["state"]["running"].is_null()));
    matches!(phase(pod), "Succeeded" | "Failed") || (pod.meta.deleted.is_some() && (!placed || idle))
}

fn index_of(pod: &Object) -> Option<i64> {
    pod.meta.annotations.get(INDEX).and_then(|text| text.parse().ok())
}

/// When a pod's last container ended.
fn ended(pod: &Object) -> Option<Time> {
    let all = pod.status["containerStatuses"].as_array()?;
    all.iter().filter_map(|c| Time::parse(c["state"]["terminated"]["finishedAt"].as_str()?)).max()
}

pub fn reconcile(world: &mut World, namespace: &str, name: &str) -> Done {
    let Some(job) = world.k8s.store.get(Kind::Job, namespace, name).cloned() else { return Done::Well };
    let mut scene = Scene {
        pods: pods_of(world, &job.meta.uid),
        succeeded: integer(&job.status["succeeded"], 0),
        failed: integer(&job.status["failed"], 0),
        indexes: indexes(job.status["completedIndexes"].as_str().unwrap_or("")),
        job,
    };
    count(world, &mut scene);
    if scene.job.meta.deleted.is_some() {
        return Done::Well;
    }
    if has_condition(&scene.job, "Complete") || has_condition(&scene.job, "Failed") {
        expire(world, &scene);
        return Done::Well;
    }
    let now = world.now;
    let mut conditions = scene.job.status["conditions"].as_array().cloned().unwrap_or_default();
    let mut started = scene.started();
    let suspended = scene.job.spec["suspend"] == true;
    if suspended || has_condition(&scene.job, "Suspended") {
        suspend(world, &scene, suspended, &mut conditions);
        started = if suspended { None } else { Some(now) };
    } else if started.is_none() {
        started = Some(now);
    }
    if let (Some(start), Some(limit)) = (started, scene.job.spec["activeDeadlineSeconds"].as_i64()) {
        alarm(world, &scene, start.floor_secs() + Span::secs(limit));
    }
    let mut finished = None;
    let mut done = Done::Well;
    if !suspended {
        match verdict(world, &scene, started) {
            Some(end) => finished = settle(world, &scene, end, &mut conditions),
            None => done = manage(world, &scene),
        }
    }
    scene.pods = pods_of(world, &scene.job.meta.uid);
    write_status(world, &scene, started, conditions, finished);
    done
}

fn alarm(world: &mut World, scene: &Scene, at: Time) {
    let meta = &scene.job.meta;
    // A look for what is past would come again at once, for ever.
    if at > world.now {
        enqueue_at(world, Controller::Job, &meta.namespace, &meta.name, at);
    }
}

/// Counts pods that are over and lets them go.
fn count(world: &mut World, scene: &mut Scene) {
    let finished = has_condition(&scene.job, "Complete") || has_condition(&scene.job, "Failed");
    for pod in scene.pods.iter().filter(|pod| pod.meta.finalizers.iter().any(|f| f == TRACKING)) {
        if !over(pod) {
            continue;
        }
        if !finished {
            match (phase(pod), index_of(pod)) {
                ("Succeeded", None) => scene.succeeded += 1,
                // An index that has succeeded counts once.
                ("Succeeded", Some(index)) => scene.succeeded += i64::from(scene.indexes.insert(index)),
                _ => scene.failed += 1,
            }
        }
        let (namespace, name) = (&pod.meta.namespace, &pod.meta.name);
        update(world, Kind::Pod, namespace, name, |pod| pod.meta.finalizers.retain(|f| f != TRACKING));
        let placed = pod.spec["nodeName"].as_str().is_some_and(|node| !node.is_empty());
        if pod.meta.deleted.is_some() && !placed {
            world.k8s.store.remove(Kind::Pod, namespace, name);
        }
    }
}

/// How a Job ends: the condition's type, reason and message.
type End = (&'static str, &'static str, &'static str);

fn verdict(world: &World, scene: &Scene, started: Option<Time>) -> Option<End> {
    let limit = scene.spec("backoffLimit", 6);
    let exhausted = ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
    let late = ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
    let targets = scene.job.status["conditions"].as_array().into_iter().flatten();
    if let Some(target) = targets.into_iter().find(|c| c["type"] == "FailureTarget") {
        return Some(if target["reason"] == late.1 { late } else { exhausted });
    }
    if scene.failed > limit || restarts_exceed(scene, limit) {
        return Some(exhausted);
    }
    let deadline = scene.job.spec["activeDeadlineSeconds"].as_i64().zip(started);
    if deadline.is_some_and(|(limit, start)| world.now >= start.floor_secs() + Span::secs(limit)) {
        return Some(late);
    }
    let complete = match scene.job.spec["completions"].as_i64() {
        Some(wanted) => scene.succeeded >= wanted,
        None => scene.succeeded > 0 && scene.active().next().is_none(),
    };
    complete.then_some(("Complete", "CompletionsReached", "Reached expected number of succeeded pods"))
}

/// Containers that restart in place use up the limit too (`pastBackoffLimitOnFailure`).
fn restarts_exceed(scene: &Scene, limit: i64) -> bool {
    if scene.job.spec["template"]["spec"]["restartPolicy"] != "OnFailure" {
        return false;
    }
    let restarts = |pod: &Object| -> i64 {
        let lists = ["initContainerStatuses", "containerStatuses"];
        let all = lists.into_iter().flat_map(|list| pod.status[list].as_array().into_iter().flatten());
        all.map(|status| integer(&status["restartCount"], 0)).sum()
    };
    let sum: i64 = scene.active().map(|pod| restarts(pod)).sum();
    if limit == 0 { sum > 0 } else { sum >= limit }
}

/// Ends a Job: its remaining pods go first. The time at which it was complete, if it is now.
fn settle(world: &mut World, scene: &Scene, end: End, conditions: &mut Vec<Value>) -> Option<Time> {
    let now = world.now;
    let target = if end.0 == "Failed" { "FailureTarget" } else { "SuccessCriteriaMet" };
    if !conditions.iter().any(|c| c["type"] == target) {
        conditions.push(condition(target, end.1, end.2, now));
    }
    let left: Vec<String> = scene.active().map(|pod| pod.meta.name.clone()).collect();
    for pod in &left {
        remove_pod(world, scene, pod);
    }
    if !left.is_empty() || scene.terminating() > 0 {
        return None;
    }
    conditions.push(condition(end.0, end.1, end.2, now));
    if end.0 == "Failed" {
        say(world, COMPONENT, &scene.job, true, end.1, end.2.to_string());
        return None;
    }
    say(world, COMPONENT, &scene.job, false, "Completed", "Job completed".into());
    Some(now)
}

fn condition(kind: &str, reason: &str, message: &str, now: Time) -> Value {
    let at = now.rfc3339();
    json!({"type": kind, "status": "True", "lastProbeTime": at, "lastTransitionTime": at, "reason": reason,
           "message": message})
}

fn remove_pod(world: &mut World, scene: &Scene, pod: &str) {
    delete(world, Kind::Pod, &scene.job.meta.namespace, pod);
    say(world, COMPONENT, &scene.job, false, "SuccessfulDelete", format!("Deleted pod: {pod}"));
}

/// Holds a Job, or lets it go on.
fn suspend(world: &mut World, scene: &Scene, on: bool, conditions: &mut Vec<Value>) {
    let (status, reason, message) =
        if on { ("True", "JobSuspended", "Job suspended") } else { ("False", "JobResumed", "Job resumed") };
    let known = conditions.iter().find(|c| c["type"] == "Suspended").is_some_and(|c| c["status"] == status);
    if on {
        let active: Vec<String> = scene.active().map(|pod| pod.meta.name.clone()).collect();
        for pod in &active {
            remove_pod(world, scene, pod);
        }
    }
    if known {
        return;
    }
    conditions.retain(|c| c["type"] != "Suspended");
    let mut fresh = condition("Suspended", reason, message, world.now);
    fresh["status"] = status.into();
    conditions.push(fresh);
    let event = if on { "Suspended" } else { "Resumed" };
    say(world, COMPONENT, &scene.job, false, event, message.into());
}

/// Makes missing pods, unless a failure is too recent, and deletes surplus ones.
fn manage(world: &mut World, scene: &Scene) -> Done {
    let active = scene.active().count() as i64;
    let parallel = scene.spec("parallelism", 1).max(0);
    let wanted = match scene.job.spec["completions"].as_i64() {
        Some(completions) => (completions - scene.succeeded).clamp(0, parallel),
        None if scene.succeeded > 0 => active,
        None => parallel,
    };
    if active > wanted {
        let mut surplus: Vec<&Arc<Object>> = scene.active().collect();
        surplus.sort_by_key(|pod| (is_ready(pod), std::cmp::Reverse(pod.meta.created), pod.meta.name.clone()));
        let surplus: Vec<String> = surplus.iter().map(|pod| pod.meta.name.clone()).collect();
        for pod in surplus.iter().take((active - wanted) as usize) {
            remove_pod(world, scene, pod);
        }
    }
    if active >= wanted {
        return Done::Well;
    }
    if let Some(at) = not_before(scene).filter(|at| *at > world.now) {
        alarm(world, scene, at);
        return Done::Well;
    }
    let free: Vec<Option<i64>> = if scene.indexed() {
        let used: BTreeSet<i64> = scene.active().filter_map(|pod| index_of(pod)).collect();
        let all = 0..scene.spec("completions", 0);
        all.filter(|i| !used.contains(i) && !scene.indexes.contains(i)).map(Some).collect()
    } else {
        vec![None; (wanted - active) as usize]
    };
    for index in free.into_iter().take(((wanted - active) as usize).min(BURST)) {
        if !make(world, scene, index) {
            return Done::Failed;
        }
    }
    Done::Well
}

/// When the next pod may come after failures in a row.
fn not_before(scene: &Scene) -> Option<Time> {
    let mut ends: Vec<(Time, bool)> = scene
        .pods
        .iter()
        .filter(|pod| over(pod))
        .filter_map(|pod| Some((ended(pod)?, phase(pod) == "Failed")))
        .collect();
    ends.sort();
    let failures = ends.iter().rev().take_while(|(_, failed)| *failed).count();
    let last = ends.last().filter(|(_, failed)| *failed)?.0;
    let wait = (BACKOFF.0 << (failures - 1).min(16)).min(BACKOFF_MAX.0);
    Some(last + Span(wait))
}

/// Makes a pod from the template; false if it was refused.
fn make(world: &mut World, scene: &Scene, index: Option<i64>) -> bool {
    let job = &scene.job;
    let template = &job.spec["template"];
    let mut meta = template["metadata"].as_object().cloned().unwrap_or_else(Map::new);
    meta.remove("creationTimestamp");
    let stem = index.map_or_else(|| format!("{}-", job.meta.name), |index| format!("{}-{index}-", job.meta.name));
    meta.insert("generateName".into(), stem.into());
    meta.insert("namespace".into(), job.meta.namespace.as_str().into());
    meta.insert("finalizers".into(), json!([TRACKING]));
    meta.insert(
        "ownerReferences".into(),
        json!([{"apiVersion": "batch/v1", "blockOwnerDeletion": true, "controller": true, "kind": "Job",
                "name": job.meta.name, "uid": job.meta.uid}]),
    );
    let mut spec = template["spec"].clone();
    if let Some(index) = index {
        for map in ["annotations", "labels"] {
            let entries = meta.entry(map).or_insert_with(|| json!({}));
            entries[INDEX] = index.to_string().into();
        }
        spec["hostname"] = format!("{}-{index}", job.meta.name).into();
        for container in spec["containers"].as_array_mut().into_iter().flatten() {
            let variable = json!({"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": {
                "apiVersion": "v1", "fieldPath": format!("metadata.labels['{INDEX}']")}}});
            match container["env"].as_array_mut() {
                Some(env) => env.push(variable),
                None => container["env"] = json!([variable]),
            }
        }
    }
    let body = json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec});
    match create_pod(world, USER, &job.meta.namespace, body) {
        Ok(name) => {
            say(world, COMPONENT, job, false, "SuccessfulCreate", format!("Created pod: {name}"));
            true
        }
        Err(why) => {
            say(world, COMPONENT, job, true, "FailedCreate", format!("Error creating: {why}"));
            false
        }
    }
}

/// A finished Job goes when its time to live is over.
fn expire(world: &mut World, scene: &Scene) {
    let Some(ttl) = scene.job.spec["ttlSecondsAfterFinished"].as_i64() else { return };
    let ends = scene.job.status["conditions"].as_array().into_iter().flatten();
    let end = ends.into_iter().find(|c| c["type"] == "Complete" || c["type"] == "Failed");
    let Some(end) = end.and_then(|c| Time::parse(c["lastTransitionTime"].as_str()?)) else { return };
    let at = end + Span::secs(ttl.max(0));
    if at <= world.now {
        delete(world, Kind::Job, &scene.job.meta.namespace, &scene.job.meta.name);
    } else {
        alarm(world, scene, at);
    }
}

/// `0-2,5` as a set.
fn indexes(text: &str) -> BTreeSet<i64> {
    let parts = text.split(',').filter_map(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse::<i64>().ok()?..=to.parse::<i64>().ok()?)
    });
    parts.flatten().collect()
}

/// A set as `0-2,5`.
fn ranges(set: &BTreeSet<i64>) -> String {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for index in set {
        match out.last_mut().filter(|(_, to)| *to + 1 == *index) {
            Some(last) => last.1 = *index,
            None => out.push((*index, *index)),
        }
    }
    let shown = |(from, to): &(i64, i64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    out.iter().map(shown).collect::<Vec<_>>().join(",")
}

fn write_status(
    world: &mut World,
    scene: &Scene,
    started: Option<Time>,
    conditions: Vec<Value>,
    finished: Option<Time>,
) {
    let mut status = Map::new();
    if !conditions.is_empty() {
        status.insert("conditions".into(), Value::Array(conditions));
    }
    for (key, time) in [("startTime", started), ("completionTime", finished)] {
        if let Some(time) = time {
            status.insert(key.into(), time.rfc3339().into());
        }
    }
    let active = scene.active().count() as i64;
    for (key, count) in [("active", active), ("succeeded", scene.succeeded), ("failed", scene.failed)] {
        if count > 0 {
            status.insert(key.into(), count.into());
        }
    }
    if scene.indexed() && !scene.indexes.is_empty() {
        status.insert("completedIndexes".into(), ranges(&scene.indexes).into());
    }
    if started.is_some() {
        let ready = scene.active().filter(|pod| is_ready(pod)).count();
        status.insert("ready".into(), ready.into());
        status.insert("terminating".into(), scene.terminating().into());
        status.insert("uncountedTerminatedPods".into(), json!({}));
    }
    let status = Value::Object(status);
    if status == *scene.job.status {
        return;
    }
    let meta = &scene.job.meta;
    update(world, Kind::Job, &meta.namespace, &meta.name, |job| job.status = status.into());
}

//! The ReplicaSet controller: as many pods as asked, made from the template, adopted or deleted in the known order of
//! preference, and a status that counts them. Does not know Deployments.

use super::{Controller, Done, create_pod, delete, enqueue, integer, say, update};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::index::is_ready;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::network::selects;
use crate::world::k8s::object::{Object, Owner};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Pods made or deleted in one look (kube-controller-manager BurstReplicas).
const BURST: usize = 500;
const USER: &str = "system:serviceaccount:kube-system:replicaset-controller";

pub fn reconcile(world: &mut World, namespace: &str, name: &str) -> Done {
    let Some(set) = world.k8s.store.get(Kind::ReplicaSet, namespace, name).cloned() else { return Done::Well };
    if set.meta.deleted.is_none() {
        adopt(world, &set);
    }
    let pods = pods_of(world, &set.meta.uid);
    let active: Vec<&Arc<Object>> = pods.iter().filter(|pod| is_active(pod)).collect();
    let wanted = integer(&set.spec["replicas"], 1).max(0) as usize;
    let mut failure = None;
    if set.meta.deleted.is_none() {
        if active.len() < wanted {
            failure = create(world, &set, (wanted - active.len()).min(BURST));
        } else if active.len() > wanted {
            shrink(world, &set, &active, (active.len() - wanted).min(BURST));
        }
    }
    write_status(world, &set, &pods, failure.as_deref());
    if failure.is_some() { Done::Failed } else { Done::Well }
}

/// The pods that an owner controls, by name.
pub fn pods_of(world: &World, uid: &str) -> Vec<Arc<Object>> {
    let places = world.k8s.index.dependents(uid).filter(|place| place.kind == Kind::Pod);
    let pods = places.filter_map(|place| world.k8s.store.get(Kind::Pod, &place.namespace, &place.name));
    pods.filter(|pod| pod.controller().is_some_and(|owner| owner.uid == uid)).cloned().collect()
}

fn is_active(pod: &Object) -> bool {
    pod.meta.deleted.is_none() && !matches!(pod.status["phase"].as_str(), Some("Succeeded" | "Failed"))
}

fn owner_of(set: &Object) -> Owner {
    Owner {
        api_version: "apps/v1".into(),
        kind: "ReplicaSet".into(),
        name: set.meta.name.clone(),
        uid: set.meta.uid.clone(),
        controller: true,
        block_deletion: true,
    }
}

/// Takes over pods without a controller that the selector selects, and lets go of those it no longer does.
fn adopt(world: &mut World, set: &Object) {
    let selector = &set.spec["selector"];
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let labels = labels.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect();
    let candidates = world.k8s.index.pods_with(&set.meta.namespace, &labels);
    let loose: Vec<String> = candidates
        .iter()
        .filter_map(|name| world.k8s.store.get(Kind::Pod, &set.meta.namespace, name))
        .filter(|pod| pod.controller().is_none() && is_active(pod) && selects(selector, &pod.meta.labels))
        .map(|pod| pod.meta.name.clone())
        .collect();
    for pod in loose {
        update(world, Kind::Pod, &set.meta.namespace, &pod, |pod| pod.meta.owners.push(owner_of(set)));
    }
    let strayed: Vec<String> = pods_of(world, &set.meta.uid)
        .iter()
        .filter(|pod| is_active(pod) && !selects(selector, &pod.meta.labels))
        .map(|pod| pod.meta.name.clone())
        .collect();
    for pod in strayed {
        update(world, Kind::Pod, &set.meta.namespace, &pod, |pod| pod.meta.owners.retain(|o| o.uid != set.meta.uid));
    }
}

/// Makes pods from the template; stops at the first refusal and gives its message.
fn create(world: &mut World, set: &Object, count: usize) -> Option<String> {
    let template = &set.spec["template"];
    for _ in 0..count {
        let mut meta = template["metadata"].as_object().cloned().unwrap_or_else(Map::new);
        meta.remove("creationTimestamp");
        meta.insert("generateName".into(), format!("{}-", set.meta.name).into());
        meta.insert("namespace".into(), set.meta.namespace.as_str().into());
        meta.insert(
            "ownerReferences".into(),
            json!([{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": "ReplicaSet",
                    "name": set.meta.name, "uid": set.meta.uid}]),
        );
        let body = json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]});
        match create_pod(world, USER, &set.meta.namespace, body) {
            Ok(name) => {
                say(world, "replicaset-controller", set, false, "SuccessfulCreate", format!("Created pod: {name}"));
            }
            Err(why) => {
                say(world, "replicaset-controller", set, true, "FailedCreate", format!("Error creating: {why}"));
                return Some(why);
            }
        }
    }
    None
}

/// Deletes the pods that are missed least: not placed, not running, not ready, doubled on a node, youngest, most restarts.
fn shrink(world: &mut World, set: &Object, active: &[&Arc<Object>], count: usize) {
    let on_node = |pod: &Object| {
        let node = &pod.spec["nodeName"];
        active.iter().filter(|other| other.spec["nodeName"] == *node && is_ready(other)).count()
    };
    let mut order: Vec<_> = active
        .iter()
        .map(|pod| {
            let placed = pod.spec["nodeName"].as_str().is_some_and(|node| !node.is_empty());
            let phase = match pod.status["phase"].as_str() {
                Some("Pending") | None => 0,
                Some("Running") => 2,
                _ => 1,
            };
            let cost = pod.meta.annotations.get("controller.kubernetes.io/pod-deletion-cost");
            let cost: i64 = cost.and_then(|text| text.parse().ok()).unwrap_or(0);
            let ready_since = std::cmp::Reverse(ready_since(pod).unwrap_or_default());
            let doubled = std::cmp::Reverse(on_node(pod));
            let restarts = std::cmp::Reverse(restarts(pod));
            let born = std::cmp::Reverse(pod.meta.created);
            let key = (placed, phase, is_ready(pod), cost, doubled, ready_since, restarts, born);
            (key, pod.meta.name.clone())
        })
        .collect();
    order.sort();
    for (_, pod) in order.into_iter().take(count) {
        delete(world, Kind::Pod, &set.meta.namespace, &pod);
        say(world, "replicaset-controller", set, false, "SuccessfulDelete", format!("Deleted pod: {pod}"));
    }
}

fn restarts(pod: &Object) -> i64 {
    let all = pod.status["containerStatuses"].as_array().into_iter().flatten();
    all.map(|c| integer(&c["restartCount"], 0)).max().unwrap_or(0)
}

/// Since when the pod is ready without a break.
fn ready_since(pod: &Object) -> Option<Time> {
    let conditions = pod.status["conditions"].as_array()?;
    let ready = conditions.iter().find(|c| c["type"] == "Ready" && c["status"] == "True")?;
    Time::parse(ready["lastTransitionTime"].as_str()?)
}

fn write_status(world: &mut World, set: &Object, pods: &[Arc<Object>], failure: Option<&str>) {
    let now = world.now;
    let wait = Span::secs(integer(&set.spec["minReadySeconds"], 0));
    let labels = set.spec["template"]["metadata"]["labels"].as_object();
    let (mut labelled, mut ready, mut available, mut terminating, mut count) = (0, 0, 0, 0, 0);
    let mut soonest: Option<Time> = None;
    for pod in pods {
        if pod.meta.deleted.is_some() {
            terminating += i64::from(!matches!(pod.status["phase"].as_str(), Some("Succeeded" | "Failed")));
        }
        if !is_active(pod) {
            continue;
        }
        count += 1;
        let carries = |(key, value): (&String, &Value)| pod.meta.labels.get(key).map(String::as_str) == value.as_str();
        labelled += i64::from(labels.is_none_or(|labels| labels.iter().all(carries)));
        let Some(since) = ready_since(pod) else { continue };
        ready += 1;
        if wait == Span::ZERO || since + wait <= now {
            available += 1;
        } else {
            soonest = Some(soonest.map_or(since + wait, |t| t.min(since + wait)));
        }
    }
    let mut status = Map::new();
    status.insert("replicas".into(), json!(count));
    for (key, value) in [("fullyLabeledReplicas", labelled), ("readyReplicas", ready), ("availableReplicas", available)]
    {
        if value > 0 {
            status.insert(key.into(), json!(value));
        }
    }
    status.insert("terminatingReplicas".into(), json!(terminating));
    status.insert("observedGeneration".into(), set.meta.generation.into());
    if let Some(why) = failure {
        let old =
            set.status["conditions"].as_array().and_then(|all| all.iter().find(|c| c["type"] == "ReplicaFailure"));
        // The real controller keeps a standing condition as it is; writing each new text would wake it at once for ever.
        let condition = old.cloned().unwrap_or_else(|| {
            json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": why,
                    "lastTransitionTime": now.rfc3339()})
        });
        status.insert("conditions".into(), json!([condition]));
    }
    let status = Value::Object(status).into();
    update(world, Kind::ReplicaSet, &set.meta.namespace, &set.meta.name, |set| set.status = status);
    if let Some(at) = soonest {
        enqueue(world, Controller::ReplicaSet, &set.meta.namespace, &set.meta.name, at - now + Span::millis(5));
    }
}

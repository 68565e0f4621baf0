//! The pod garbage collector: pods bound to a node that is gone are failed and removed at once, without their kubelet.
//! Does not know why the node went.

use super::{Controller, Done, enqueue, update};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::store::{Change, What};
use serde_json::{Value, json};

/// The collector looks every 20 s and believes that a node is gone 40 s after it first missed it
/// (`gcCheckPeriod`, `quarantineTime`).
const BELIEVED_AFTER: Span = Span::secs(60);

/// A node went: its pods are looked at later.
pub fn node_noticed(world: &mut World, change: &Change) {
    if change.what == What::Deleted {
        enqueue(world, Controller::PodGarbage, "", &change.name, BELIEVED_AFTER);
    }
}

/// Removes the pods of a node that has not come back.
pub fn reconcile(world: &mut World, node: &str) -> Done {
    if world.k8s.store.get(Kind::Node, "", node).is_some() {
        return Done::Well;
    }
    let pods = world.k8s.store.list(Kind::Pod, None).filter(|pod| pod.spec["nodeName"] == node);
    let pods: Vec<(String, String)> = pods.map(|pod| (pod.meta.namespace.clone(), pod.meta.name.clone())).collect();
    let now = world.now;
    for (namespace, name) in pods {
        update(world, Kind::Pod, &namespace, &name, |pod| {
            if matches!(pod.status["phase"].as_str(), Some("Succeeded" | "Failed")) {
                return;
            }
            let mut status = Value::clone(&pod.status);
            status["phase"] = "Failed".into();
            let condition = json!({
                "type": "DisruptionTarget", "status": "True", "lastProbeTime": null,
                "lastTransitionTime": now.rfc3339(), "reason": "DeletionByPodGC",
                "message": "PodGC: node no longer exists",
            });
            if let Some(conditions) = status["conditions"].as_array_mut() {
                conditions.push(condition);
            }
            pod.status = status.into();
        });
        world.k8s.store.remove(Kind::Pod, &namespace, &name);
    }
    Done::Well
}

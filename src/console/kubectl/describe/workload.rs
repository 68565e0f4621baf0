//! `describe deployment`, `describe replicaset`, and the pod template in both. Does not know how revisions are chosen.

use super::container::Containers;
use super::volume::Inset;
use super::{Description, controller, selector};
use crate::console::kubectl::subject::{Subject, get, int, list, map, text};
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::time::Time;
use serde_json::Value;

/// The ReplicaSets of a deployment as its description tells them apart.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    pub old: Vec<Value>,
    pub new: Option<Value>,
}

impl Sets {
    /// Sorts the ReplicaSets that a deployment owns: the new one is the oldest whose template equals the deployment's
    /// (but for the hash label); the others are old.
    pub fn of(deployment: &Value, mut owned: Vec<Value>) -> Sets {
        let uid = text(deployment, "/metadata/uid");
        owned.retain(|set| list(set, "/metadata/ownerReferences").iter().any(|owner| text(owner, "uid") == uid));
        owned.sort_by_key(|set| {
            (text(set, "/metadata/creationTimestamp").to_string(), text(set, "/metadata/name").to_string())
        });
        let wanted = template_without_hash(deployment);
        let place = owned.iter().position(|set| template_without_hash(set) == wanted);
        let new = place.map(|i| owned.remove(i));
        Sets { old: owned, new }
    }
}

/// An object's pod template without the label that tells ReplicaSets apart.
pub fn template_without_hash(object: &Value) -> Value {
    let mut template = object.pointer("/spec/template").cloned().unwrap_or(Value::Null);
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
    if let Some(meta) = template.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.retain(|_, v| !v.is_null());
    }
    template
}

pub fn deployment(object: &Value, sets: &Sets, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "Deployment"), now);
    page.field(0, "Name", "metadata.name", text(object, "/metadata/name"));
    page.field(0, "Namespace", "metadata.namespace", text(object, "/metadata/namespace"));
    page.time(0, "CreationTimestamp", "metadata.creationTimestamp", text(object, "/metadata/creationTimestamp"));
    page.labels("Labels", "metadata.labels", &map(object, "/metadata/labels"));
    page.annotations("Annotations", "metadata.annotations", &map(object, "/metadata/annotations"));
    page.field(0, "Selector", "spec.selector", &selector(object.pointer("/spec/selector")));
    page.raw(0, "Replicas:\t");
    for (i, (path, word)) in [
        ("spec.replicas", "desired"),
        ("status.updatedReplicas", "updated"),
        ("status.replicas", "total"),
        ("status.availableReplicas", "available"),
        ("status.unavailableReplicas", "unavailable"),
    ]
    .into_iter()
    .enumerate()
    {
        let count = int(object, &format!("/{}", path.replace('.', "/"))).unwrap_or(0).to_string();
        if i > 0 {
            page.sheet.put(" | ");
        }
        page.value(path, &count, &format!("{count} {word}"));
    }
    page.end();
    page.field(0, "StrategyType", "spec.strategy.type", text(object, "/spec/strategy/type"));
    let ready_s = int(object, "/spec/minReadySeconds").unwrap_or(0).to_string();
    page.field(0, "MinReadySeconds", "spec.minReadySeconds", &ready_s);
    if let Some(rolling) = get(object, "/spec/strategy/rollingUpdate") {
        let amount = |field: &str| canon::scalar(rolling.get(field).unwrap_or(&Value::Null));
        let shown = format!("{} max unavailable, {} max surge", amount("maxUnavailable"), amount("maxSurge"));
        page.field(0, "RollingUpdateStrategy", "spec.strategy.rollingUpdate", &shown);
    }
    template(&mut page, object.pointer("/spec/template").unwrap_or(&Value::Null), "spec.template");
    conditions(&mut page, object);
    if !sets.old.is_empty() || sets.new.is_some() {
        replica_sets(&mut page, "OldReplicaSets", &sets.old);
        replica_sets(&mut page, "NewReplicaSet", sets.new.as_slice());
    }
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn replica_sets(page: &mut Description, label: &str, sets: &[Value]) {
    page.raw(0, label).sheet.put(":\t");
    if sets.is_empty() {
        page.sheet.put("<none>");
    }
    for (i, set) in sets.iter().enumerate() {
        let count = |place: &str| int(set, place).unwrap_or(0);
        if i > 0 {
            page.sheet.put(", ");
        }
        let (made, wanted) = (count("/status/replicas"), count("/spec/replicas"));
        let shown = format!("{} ({made}/{wanted} replicas created)", text(set, "/metadata/name"));
        let fact = Subject::of_kind(set, "ReplicaSet").field("status.replicas", &made.to_string());
        page.sheet.show(&shown, fact);
    }
    page.end();
}

/// How many pods are in each phase, for `Pods Status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    pub running: usize,
    pub waiting: usize,
    pub succeeded: usize,
    pub failed: usize,
}

impl Phases {
    /// Counts the pods that `owner` controls.
    pub fn of(owner: &Value, pods: &[Value]) -> Phases {
        let uid = text(owner, "/metadata/uid");
        let mut counts = Phases::default();
        for pod in pods {
            let owned = list(pod, "/metadata/ownerReferences")
                .iter()
                .any(|o| text(o, "uid") == uid && o.get("controller").and_then(Value::as_bool).unwrap_or(false));
            if !owned {
                continue;
            }
            match text(pod, "/status/phase") {
                "Running" => counts.running += 1,
                "Pending" => counts.waiting += 1,
                "Succeeded" => counts.succeeded += 1,
                "Failed" => counts.failed += 1,
                _ => {}
            }
        }
        counts
    }
}

pub fn replica_set(object: &Value, phases: Phases, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "ReplicaSet"), now);
    page.field(0, "Name", "metadata.name", text(object, "/metadata/name"));
    page.field(0, "Namespace", "metadata.namespace", text(object, "/metadata/namespace"));
    page.field(0, "Selector", "spec.selector", &selector(object.pointer("/spec/selector")));
    page.labels("Labels", "metadata.labels", &map(object, "/metadata/labels"));
    page.annotations("Annotations", "metadata.annotations", &map(object, "/metadata/annotations"));
    if let Some(owner) = controller(object) {
        page.field(0, "Controlled By", "metadata.ownerReferences", &owner);
    }
    let (current, desired) = (
        int(object, "/status/replicas").unwrap_or(0).to_string(),
        int(object, "/spec/replicas").unwrap_or(1).to_string(),
    );
    page.raw(0, "Replicas:\t");
    page.value("status.replicas", &current, &format!("{current} current")).sheet.put(" / ");
    page.value("spec.replicas", &desired, &format!("{desired} desired")).end();
    page.raw(
        0,
        &format!(
            "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed\n",
            phases.running, phases.waiting, phases.succeeded, phases.failed
        ),
    );
    template(&mut page, object.pointer("/spec/template").unwrap_or(&Value::Null), "spec.template");
    conditions(&mut page, object);
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn conditions(page: &mut Description, object: &Value) {
    let conditions = list(object, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    page.raw(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n");
    for condition in conditions {
        let (kind, status, reason) = (text(condition, "type"), text(condition, "status"), text(condition, "reason"));
        page.raw(1, &format!("{kind} \t"));
        page.value(&format!("status.conditions[{kind}].status"), status, status).sheet.put("\t");
        page.value(&format!("status.conditions[{kind}].reason"), reason, reason).end();
    }
}

/// A pod template, as deployments, ReplicaSets and `rollout history --revision` show it.
pub fn template(page: &mut Description, template: &Value, path: &str) {
    page.raw(0, "Pod Template:\n");
    template_body(page, template, path);
}

/// What stands below `Pod Template:`.
pub fn template_body(page: &mut Description, template: &Value, path: &str) {
    page.labels("  Labels", &format!("{path}.metadata.labels"), &map(template, "/metadata/labels"));
    let annotations = map(template, "/metadata/annotations");
    if !annotations.is_empty() {
        page.annotations("  Annotations", &format!("{path}.metadata.annotations"), &annotations);
    }
    let account = text(template, "/spec/serviceAccountName");
    if !account.is_empty() {
        page.field(1, "Service Account", &format!("{path}.spec.serviceAccountName"), account);
    }
    for (label, field) in [("Init Containers", "initContainers"), ("Containers", "containers")] {
        let containers = list(template, &format!("/spec/{field}"));
        if !containers.is_empty() || field == "containers" {
            let path = format!("{path}.spec.{field}");
            page.containers(&Containers { label, path, containers, statuses: None, pod: None });
        }
    }
    page.volumes(list(template, "/spec/volumes"), &format!("{path}.spec.volumes"), Inset::Template);
    let constraints = list(template, "/spec/topologySpreadConstraints");
    page.spread_constraints(constraints, &format!("{path}.spec.topologySpreadConstraints"), Inset::Template);
    let class = text(template, "/spec/priorityClassName");
    if !class.is_empty() {
        page.field(1, "Priority Class Name", &format!("{path}.spec.priorityClassName"), class);
    }
    page.labels("  Node-Selectors", &format!("{path}.spec.nodeSelector"), &map(template, "/spec/nodeSelector"));
    page.tolerations(list(template, "/spec/tolerations"), &format!("{path}.spec.tolerations"), Inset::Template);
}

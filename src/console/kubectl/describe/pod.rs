//! `describe pod`. Does not know workloads.

use super::container::Containers;
use super::volume::Inset;
use super::{Description, controller};
use crate::console::kubectl::subject::{Subject, get, int, list, map, text, time};
use crate::console::page::Line;
use crate::stdx::time::Time;
use serde_json::Value;

/// A pod's description; `events` is `None` where the real tool does not ask for them (several objects by selector).
pub fn describe(pod: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(pod, "Pod"), now);
    heading(&mut page, pod);
    status(&mut page, pod);
    for (label, spec, status) in [
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ] {
        let containers = list(pod, &format!("/spec/{spec}"));
        if containers.is_empty() && label != "Containers" {
            continue;
        }
        page.containers(&Containers {
            label,
            path: format!("spec.{spec}"),
            containers,
            statuses: Some((list(pod, &format!("/status/{status}")), &format!("status.{status}"))),
            pod: Some(pod),
        });
    }
    conditions(&mut page, pod);
    page.volumes(list(pod, "/spec/volumes"), "spec.volumes", Inset::Pod);
    page.field(0, "QoS Class", "status.qosClass", text(pod, "/status/qosClass"));
    page.labels("Node-Selectors", "spec.nodeSelector", &map(pod, "/spec/nodeSelector"));
    page.tolerations(list(pod, "/spec/tolerations"), "spec.tolerations", Inset::Pod);
    let constraints = list(pod, "/spec/topologySpreadConstraints");
    page.spread_constraints(constraints, "spec.topologySpreadConstraints", Inset::Pod);
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn heading(page: &mut Description, pod: &Value) {
    page.field(0, "Name", "metadata.name", text(pod, "/metadata/name"));
    page.field(0, "Namespace", "metadata.namespace", text(pod, "/metadata/namespace"));
    if let Some(priority) = int(pod, "/spec/priority") {
        page.field(0, "Priority", "spec.priority", &priority.to_string());
    }
    for (label, field) in [
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ] {
        let value = text(pod, &format!("/spec/{field}"));
        if !value.is_empty() {
            page.field(0, label, &format!("spec.{field}"), value);
        }
    }
    let node = text(pod, "/spec/nodeName");
    let shown = if node.is_empty() { "<none>".to_string() } else { format!("{node}/{}", text(pod, "/status/hostIP")) };
    page.field_as(0, "Node", "spec.nodeName", node, &shown);
    let started = text(pod, "/status/startTime");
    if !started.is_empty() {
        page.time(0, "Start Time", "status.startTime", started);
    }
    page.labels("Labels", "metadata.labels", &map(pod, "/metadata/labels"));
    page.annotations("Annotations", "metadata.annotations", &map(pod, "/metadata/annotations"));
}

fn status(page: &mut Description, pod: &Value) {
    let phase = text(pod, "/status/phase");
    match time(pod, "/metadata/deletionTimestamp").filter(|_| !matches!(phase, "Failed" | "Succeeded")) {
        Some(deleted) => {
            let shown = format!("Terminating (lasts {})", (page.now - deleted).human());
            let stamp = text(pod, "/metadata/deletionTimestamp");
            page.field_as(0, "Status", "metadata.deletionTimestamp", stamp, &shown);
            let grace = int(pod, "/metadata/deletionGracePeriodSeconds").unwrap_or(30).to_string();
            let path = "metadata.deletionGracePeriodSeconds";
            page.field_as(0, "Termination Grace Period", path, &grace, &format!("{grace}s"));
        }
        None => {
            page.field(0, "Status", "status.phase", phase);
        }
    }
    for (label, field) in [("Reason", "reason"), ("Message", "message")] {
        let value = text(pod, &format!("/status/{field}"));
        if !value.is_empty() {
            page.field(0, label, &format!("status.{field}"), value);
        }
    }
    if let Some(profile) = get(pod, "/spec/securityContext/seccompProfile") {
        page.field(0, "SeccompProfile", "spec.securityContext.seccompProfile.type", text(profile, "type"));
    }
    page.field(0, "IP", "status.podIP", text(pod, "/status/podIP"));
    let addresses = list(pod, "/status/podIPs");
    if addresses.is_empty() {
        page.field_as(0, "IPs", "status.podIPs", "", "<none>");
    } else {
        page.raw(0, "IPs:\n");
        for (i, address) in addresses.iter().enumerate() {
            page.field(1, "IP", &format!("status.podIPs[{i}].ip"), text(address, "ip"));
        }
    }
    if let Some(owner) = controller(pod) {
        page.field(0, "Controlled By", "metadata.ownerReferences", &owner);
    }
    let nominated = text(pod, "/status/nominatedNodeName");
    if !nominated.is_empty() {
        page.field(0, "NominatedNodeName", "status.nominatedNodeName", nominated);
    }
}

fn conditions(page: &mut Description, pod: &Value) {
    let conditions = list(pod, "/status/conditions");
    let gates = list(pod, "/spec/readinessGates");
    if !gates.is_empty() {
        page.raw(0, "Readiness Gates:\n  Type\tStatus\n");
        for gate in gates {
            let kind = text(gate, "conditionType");
            let value = conditions.iter().find(|c| text(c, "type") == kind).map_or("", |c| text(c, "status"));
            page.raw(1, &format!("{kind} \t"));
            let shown = if value.is_empty() { "<none>" } else { value };
            page.value(&format!("status.conditions[{kind}].status"), value, shown).sheet.put(" \n");
        }
    }
    if !conditions.is_empty() {
        page.raw(0, "Conditions:\n  Type\tStatus\n");
        for condition in conditions {
            let (kind, value) = (text(condition, "type"), text(condition, "status"));
            page.raw(1, "");
            let start = page.sheet.here();
            page.sheet.put(&format!("{kind} \t{value}"));
            page.sheet.mark_from(start, page.subject.field(&format!("status.conditions[{kind}].status"), value));
            page.sheet.put(" \n");
        }
    }
}

//! Which fields a cell of the server's tables shows: the same derivations that the server makes, read backwards. Does not
//! know how cells are printed.

use super::subject::{get, int, list, map, text};
use crate::stdx::canon;
use serde_json::Value;

/// The fields that a cell shows, with their values; `<none>` shows a field as absent.
pub fn shown(kind: &str, column: &str, object: &Value, cell: &str) -> Vec<(String, String)> {
    let value = if matches!(cell, "<none>" | "<unset>" | "<unknown>") { "" } else { cell };
    let one = |path: &str| vec![(path.to_string(), value.to_string())];
    let count = |path: &str| {
        let place = format!("/{}", path.replace('.', "/"));
        vec![(path.to_string(), int(object, &place).unwrap_or(0).to_string())]
    };
    match (kind, column) {
        (_, "Name") => vec![("metadata.name".into(), text(object, "/metadata/name").to_string())],
        (_, "Age") => {
            vec![("metadata.creationTimestamp".into(), text(object, "/metadata/creationTimestamp").to_string())]
        }
        ("Pod", "Ready") => pod_ready(object),
        ("Pod", "Status") => vec![pod_status(object, cell)],
        ("Pod", "Restarts") => pod_restarts(object, cell),
        ("Pod", "IP") => one("status.podIP"),
        ("Pod", "Node") => one("spec.nodeName"),
        ("Pod", "Nominated Node") => one("status.nominatedNodeName"),
        ("Deployment", "Ready") => [count("status.readyReplicas"), count("spec.replicas")].concat(),
        ("Deployment", "Up-to-date") => count("status.updatedReplicas"),
        ("Deployment", "Available") => count("status.availableReplicas"),
        ("ReplicaSet", "Desired") => count("spec.replicas"),
        ("ReplicaSet", "Current") => count("status.replicas"),
        ("ReplicaSet", "Ready") => count("status.readyReplicas"),
        ("Deployment" | "ReplicaSet", "Images") => images(object),
        ("Deployment" | "ReplicaSet", "Selector") => one("spec.selector"),
        ("Service", "Type") => one("spec.type"),
        ("Service", "Cluster-IP") => one("spec.clusterIP"),
        ("Service", "External-IP") => one("status.loadBalancer.ingress"),
        ("Service", "Port(s)") => one("spec.ports"),
        ("Service", "Selector") => match map(object, "/spec/selector").as_slice() {
            [] => one("spec.selector"),
            labels => labels.iter().map(|(k, v)| (canon::key("spec.selector", k), v.clone())).collect(),
        },
        ("Endpoints", "Endpoints") => one("subsets"),
        ("EndpointSlice", "Endpoints") => one("endpoints"),
        ("EndpointSlice", "Ports") => one("ports"),
        ("EndpointSlice", "AddressType") => one("addressType"),
        ("Node", "Status") => node_status(object),
        ("Node", "Version") => one("status.nodeInfo.kubeletVersion"),
        ("Node", "Internal-IP") => one("status.addresses[InternalIP].address"),
        ("Node", "OS-Image") => one("status.nodeInfo.osImage"),
        ("Node", "Container-Runtime") => one("status.nodeInfo.containerRuntimeVersion"),
        ("ConfigMap" | "Secret", "Data") => one("data"),
        ("Secret", "Type") => one("type"),
        ("Namespace", "Status") => one("status.phase"),
        _ => Vec::new(),
    }
}

fn images(object: &Value) -> Vec<(String, String)> {
    let path = "spec.template.spec.containers";
    list(object, "/spec/template/spec/containers")
        .iter()
        .enumerate()
        .map(|(i, c)| (canon::key(&canon::item(path, c, i), "image"), text(c, "image").to_string()))
        .collect()
}

/// `2/3` says which containers are ready only where all or none are.
fn pod_ready(object: &Value) -> Vec<(String, String)> {
    let statuses = list(object, "/status/containerStatuses");
    let ready: Vec<bool> = statuses.iter().map(|s| s.get("ready").and_then(Value::as_bool).unwrap_or(false)).collect();
    if ready.windows(2).any(|pair| pair[0] != pair[1]) {
        return Vec::new();
    }
    statuses
        .iter()
        .zip(ready)
        .map(|(s, r)| (format!("status.containerStatuses[{}].ready", text(s, "name")), r.to_string()))
        .collect()
}

/// The sum of restarts says whose they are only where one container has them, or none has any.
fn pod_restarts(object: &Value, cell: &str) -> Vec<(String, String)> {
    let total = cell.split(' ').next().unwrap_or("0");
    let mut out = Vec::new();
    for (field, place) in [
        ("status.containerStatuses", "/status/containerStatuses"),
        ("status.initContainerStatuses", "/status/initContainerStatuses"),
    ] {
        for status in list(object, place) {
            let at = format!("{field}[{}]", text(status, "name"));
            let count = int(status, "restartCount").unwrap_or(0).to_string();
            if count != total {
                continue;
            }
            out.push((format!("{at}.restartCount"), count));
            let finished = text(status, "/lastState/terminated/finishedAt");
            if !finished.is_empty() && cell.contains("ago") {
                out.push((format!("{at}.lastState.terminated.finishedAt"), finished.to_string()));
            }
        }
    }
    if total == "0" || out.iter().filter(|(p, _)| p.ends_with("restartCount")).count() == 1 { out } else { Vec::new() }
}

/// Where STATUS comes from: the first init container that stands in the way, else the first container with a reason, else
/// the pod itself (the server's printPod).
fn pod_status(object: &Value, cell: &str) -> (String, String) {
    if matches!(cell, "Terminating" | "Unknown") && get(object, "/metadata/deletionTimestamp").is_some() {
        return ("metadata.deletionTimestamp".into(), text(object, "/metadata/deletionTimestamp").to_string());
    }
    let bare = cell.strip_prefix("Init:").unwrap_or(cell);
    let lists = [
        ("status.initContainerStatuses", "/status/initContainerStatuses", cell.starts_with("Init:")),
        ("status.containerStatuses", "/status/containerStatuses", !cell.starts_with("Init:")),
    ];
    for (field, place, wanted) in lists {
        for status in list(object, place).iter().filter(|_| wanted) {
            let at = format!("{field}[{}].state", text(status, "name"));
            for state in ["waiting", "terminated"] {
                if text(status, &format!("/state/{state}/reason")) == bare {
                    return (format!("{at}.{state}.reason"), bare.to_string());
                }
            }
            let ended = status.pointer("/state/terminated").filter(|e| !e.is_null());
            if let Some(code) = ended.and_then(|e| int(e, "exitCode")).filter(|c| bare == format!("ExitCode:{c}")) {
                return (format!("{at}.terminated.exitCode"), code.to_string());
            }
            if let Some(signal) = ended.and_then(|e| int(e, "signal")).filter(|s| bare == format!("Signal:{s}")) {
                return (format!("{at}.terminated.signal"), signal.to_string());
            }
        }
    }
    if text(object, "/status/reason") == cell {
        return ("status.reason".into(), cell.to_string());
    }
    if cell == "SchedulingGated" {
        return ("status.conditions[PodScheduled].reason".into(), cell.to_string());
    }
    ("status.phase".into(), text(object, "/status/phase").to_string())
}

fn node_status(object: &Value) -> Vec<(String, String)> {
    let ready = list(object, "/status/conditions").iter().find(|c| text(c, "type") == "Ready");
    let mut out = vec![(
        "status.conditions[Ready].status".to_string(),
        ready.map_or(String::new(), |c| text(c, "status").to_string()),
    )];
    let cordoned = object.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or(false);
    out.push(("spec.unschedulable".into(), cordoned.to_string()));
    out
}

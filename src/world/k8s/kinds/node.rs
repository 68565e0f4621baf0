//! Node (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, items, or_none, text, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Node,
    group: "",
    version: "v1",
    kind: "Node",
    plural: "nodes",
    singular: "node",
    short: &["no"],
    categories: &[],
    namespaced: false,
    verbs: VERBS_ALL,
    subresources: &["status"],
    doc: "A machine that runs pods",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        column("Status"),
        column("Roles"),
        column("Age"),
        column("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let info = &object.status["nodeInfo"];
    let or_unknown = |value: &Value| if text(value).is_empty() { "<unknown>".into() } else { text(value).to_string() };
    let kernel = or_unknown(&info["kernelVersion"]);
    let kernel = match text(&info["architecture"]) {
        "" => kernel,
        architecture => format!("{kernel} ({architecture})"),
    };
    vec![
        object.meta.name.as_str().into(),
        status(object).into(),
        roles(object).into(),
        age(object.meta.created, now).into(),
        text(&info["kubeletVersion"]).into(),
        address(object, "InternalIP").into(),
        address(object, "ExternalIP").into(),
        or_unknown(&info["osImage"]).into(),
        kernel.into(),
        or_unknown(&info["containerRuntimeVersion"]).into(),
    ]
}

fn status(object: &Object) -> String {
    let ready = items(&object.status["conditions"]).find(|condition| text(&condition["type"]) == "Ready");
    let mut status = match ready {
        Some(condition) if text(&condition["status"]) == "True" => "Ready".to_string(),
        Some(_) => "NotReady".into(),
        None => "Unknown".into(),
    };
    if object.spec["unschedulable"] == true {
        status.push_str(",SchedulingDisabled");
    }
    status
}

/// Roles are told by labels: `node-role.kubernetes.io/<role>`, or the value of `kubernetes.io/role`.
fn roles(object: &Object) -> String {
    let role = |(key, value): (&String, &String)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) if !role.is_empty() => Some(role.to_string()),
        _ if key == "kubernetes.io/role" && !value.is_empty() => Some(value.clone()),
        _ => None,
    };
    let roles: std::collections::BTreeSet<String> = object.meta.labels.iter().filter_map(role).collect();
    or_none(&roles.into_iter().collect::<Vec<_>>().join(",")).to_string()
}

fn address(object: &Object, kind: &str) -> String {
    let found = items(&object.status["addresses"]).find(|address| text(&address["type"]) == kind);
    or_none(found.map_or("", |address| text(&address["address"]))).to_string()
}

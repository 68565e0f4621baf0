//! Service (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::selector::format_labels;
use super::super::table::{Print, age, column, items, or_none, text, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Service,
    group: "",
    version: "v1",
    kind: "Service",
    plural: "services",
    singular: "service",
    short: &["svc"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["status"],
    doc: "A stable name and address for a set of pods",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        column("Type"),
        column("Cluster-IP"),
        column("External-IP"),
        column("Port(s)"),
        column("Age"),
        wide("Selector"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let spec = &object.spec;
    let ports: Vec<String> = items(&spec["ports"]).map(port).collect();
    vec![
        object.meta.name.as_str().into(),
        text(&spec["type"]).into(),
        or_none(text(&spec["clusterIPs"][0])).into(),
        external(object).into(),
        or_none(&ports.join(",")).into(),
        age(object.meta.created, now).into(),
        format_labels(&spec["selector"]).into(),
    ]
}

/// `80/TCP`, or `80:30081/TCP` with a node port.
fn port(port: &Value) -> String {
    match &port["nodePort"] {
        Value::Number(node) if node.as_i64() != Some(0) => {
            format!("{}:{node}/{}", port["port"], text(&port["protocol"]))
        }
        _ => format!("{}/{}", port["port"], text(&port["protocol"])),
    }
}

/// printers `getServiceExternalIP`.
fn external(object: &Object) -> String {
    let join = |list: &Value| items(list).map(text).collect::<Vec<_>>().join(",");
    let own = join(&object.spec["externalIPs"]);
    match text(&object.spec["type"]) {
        "ExternalName" => text(&object.spec["externalName"]).to_string(),
        "LoadBalancer" => {
            let ingress = items(&object.status["loadBalancer"]["ingress"]);
            let mut balancer: Vec<&str> = ingress
                .map(|i| if text(&i["ip"]).is_empty() { text(&i["hostname"]) } else { text(&i["ip"]) })
                .filter(|address| !address.is_empty())
                .collect();
            balancer.sort_unstable();
            balancer.dedup();
            match (balancer.is_empty(), own.is_empty()) {
                (true, true) => "<pending>".into(),
                (true, false) => own,
                (false, true) => balancer.join(","),
                (false, false) => format!("{},{own}", balancer.join(",")),
            }
        }
        _ => or_none(&own).to_string(),
    }
}

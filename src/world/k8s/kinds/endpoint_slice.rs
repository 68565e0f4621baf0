//! EndpointSlice (discovery.k8s.io/v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, first_three, items, text};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::EndpointSlice,
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    singular: "endpointslice",
    short: &[],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "A part of the addresses behind a Service",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[column("Name"), column("AddressType"), column("Ports"), column("Endpoints"), column("Age")],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let port = |port: &Value| match &port["port"] {
        Value::Null => "*".to_string(),
        number => number.to_string(),
    };
    let ports: Vec<String> = items(object.field("ports")).map(port).collect();
    let addresses = items(object.field("endpoints")).flat_map(|endpoint| items(&endpoint["addresses"]));
    let addresses: Vec<String> = addresses.map(|address| text(address).to_string()).collect();
    vec![
        object.meta.name.as_str().into(),
        text(object.field("addressType")).into(),
        or_unset(&ports).into(),
        or_unset(&addresses).into(),
        age(object.meta.created, now).into(),
    ]
}

fn or_unset(all: &[String]) -> String {
    if all.is_empty() { "<unset>".into() } else { first_three(all) }
}

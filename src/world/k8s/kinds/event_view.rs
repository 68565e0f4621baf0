//! Event (events.k8s.io/v1): its row, and the two-way view of the one kind of event that is stored. Does not know the store.

use super::super::object::Object;
use super::{Kind, KindRow, VERBS_ALL};
use serde_json::{Map, Value};

pub static ROW: KindRow = KindRow {
    id: Kind::EventView,
    group: "events.k8s.io",
    version: "v1",
    kind: "Event",
    plural: "events",
    singular: "event",
    short: &["ev"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "The newer view of the same events",
    print: Some(&super::event::PRINT),
};

/// The core field behind each field of the newer view.
const FIELDS: [(&str, &str); 8] = [
    ("deprecatedCount", "count"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedSource", "source"),
    ("note", "message"),
    ("regarding", "involvedObject"),
    ("reportingController", "reportingComponent"),
    ("reportingInstance", "reportingInstance"),
];

/// A stored event as events.k8s.io shows it.
pub fn from_core(object: &Object) -> Value {
    renamed(object.to_json(), "events.k8s.io/v1", |name| FIELDS.iter().find(|(_, core)| *core == name).map(|f| f.0))
}

/// An event written through events.k8s.io as it is stored.
pub fn to_core(value: Value) -> Value {
    renamed(value, "v1", |name| FIELDS.iter().find(|(view, _)| *view == name).map(|f| f.1))
}

fn renamed(value: Value, api_version: &str, rename: impl Fn(&str) -> Option<&'static str>) -> Value {
    let Value::Object(map) = value else { return value };
    let mut out: Map<String, Value> = Map::new();
    for (name, field) in map {
        let name = rename(&name).map_or(name, str::to_string);
        out.insert(name, field);
    }
    out.insert("apiVersion".into(), api_version.into());
    Value::Object(out)
}

//! ConfigMap (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::ConfigMap,
    group: "",
    version: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    singular: "configmap",
    short: &["cm"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "Configuration data for pods to consume",
    print: Some(&PRINT),
};

static PRINT: Print = Print { columns: &[column("Name"), column("Data"), column("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let entries: usize =
        ["data", "binaryData"].iter().filter_map(|f| object.field(f).as_object()).map(|m| m.len()).sum();
    vec![object.meta.name.as_str().into(), entries.into(), age(object.meta.created, now).into()]
}

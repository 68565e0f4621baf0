//! Namespace (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, text};
use super::{Kind, KindRow, VERBS_NAMESPACE};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Namespace,
    group: "",
    version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    short: &["ns"],
    categories: &[],
    namespaced: false,
    verbs: VERBS_NAMESPACE,
    subresources: &["finalize", "status"],
    doc: "A scope for names",
    print: Some(&PRINT),
};

static PRINT: Print = Print { columns: &[column("Name"), column("Status"), column("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Value> {
    vec![object.meta.name.as_str().into(), text(&object.status["phase"]).into(), age(object.meta.created, now).into()]
}

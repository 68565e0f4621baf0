//! Secret (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, text};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Secret,
    group: "",
    version: "v1",
    kind: "Secret",
    plural: "secrets",
    singular: "secret",
    short: &[],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "Confidential data for pods to consume",
    print: Some(&PRINT),
};

static PRINT: Print = Print { columns: &[column("Name"), column("Type"), column("Data"), column("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let entries = object.field("data").as_object().map_or(0, |map| map.len());
    vec![
        object.meta.name.as_str().into(),
        text(object.field("type")).into(),
        entries.into(),
        age(object.meta.created, now).into(),
    ]
}

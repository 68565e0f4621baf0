//! ServiceAccount (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::ServiceAccount,
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    singular: "serviceaccount",
    short: &["sa"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "An identity for the processes in a pod",
    print: Some(&PRINT),
};

static PRINT: Print = Print { columns: &[column("Name"), column("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Value> {
    vec![object.meta.name.as_str().into(), age(object.meta.created, now).into()]
}

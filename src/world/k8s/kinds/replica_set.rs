//! ReplicaSet (apps/v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::selector::format_label_selector;
use super::super::table::{Print, age, column, containers_and_images, integer, number, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::ReplicaSet,
    group: "apps",
    version: "v1",
    kind: "ReplicaSet",
    plural: "replicasets",
    singular: "replicaset",
    short: &["rs"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["scale", "status"],
    doc: "Keeps a number of equal pods running",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        number("Desired"),
        number("Current"),
        number("Ready"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&object.spec, &object.status);
    let (containers, images) = containers_and_images(&spec["template"]);
    vec![
        object.meta.name.as_str().into(),
        integer(&spec["replicas"]).into(),
        integer(&status["replicas"]).into(),
        integer(&status["readyReplicas"]).into(),
        age(object.meta.created, now).into(),
        containers.into(),
        images.into(),
        format_label_selector(&spec["selector"]).into(),
    ]
}

//! Deployment (apps/v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::selector::format_label_selector;
use super::super::table::{Print, age, column, containers_and_images, integer, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Deployment,
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    short: &["deploy"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["scale", "status"],
    doc: "Declares pods and how to roll from one version to the next",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        column("Ready"),
        column("Up-to-date"),
        column("Available"),
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
        format!("{}/{}", integer(&status["readyReplicas"]), integer(&spec["replicas"])).into(),
        integer(&status["updatedReplicas"]).into(),
        integer(&status["availableReplicas"]).into(),
        age(object.meta.created, now).into(),
        containers.into(),
        images.into(),
        format_label_selector(&spec["selector"]).into(),
    ]
}

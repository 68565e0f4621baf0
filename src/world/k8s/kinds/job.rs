//! Job (batch/v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::selector::format_label_selector;
use super::super::table::{Print, age, column, containers_and_images, integer, items, text, time_of, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Job,
    group: "batch",
    version: "v1",
    kind: "Job",
    plural: "jobs",
    singular: "job",
    short: &[],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["status"],
    doc: "Runs pods until so many have succeeded",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        column("Status"),
        column("Completions"),
        column("Duration"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells,
};

/// Whether a condition of the Job holds.
pub fn has_condition(object: &Object, kind: &str) -> bool {
    items(&object.status["conditions"]).any(|c| text(&c["type"]) == kind && text(&c["status"]) == "True")
}

/// The word in the STATUS column (printers `printJob`).
fn status(object: &Object) -> &'static str {
    let has = |kind: &str| has_condition(object, kind);
    if has("Complete") {
        "Complete"
    } else if has("Failed") {
        "Failed"
    } else if object.meta.deleted.is_some() {
        "Terminating"
    } else if has("Suspended") {
        "Suspended"
    } else if has("FailureTarget") {
        "FailureTarget"
    } else if has("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    }
}

fn completions(object: &Object) -> String {
    let succeeded = integer(&object.status["succeeded"]);
    match object.spec["completions"].as_i64() {
        Some(wanted) => format!("{succeeded}/{wanted}"),
        None if integer(&object.spec["parallelism"]) > 1 => {
            format!("{succeeded}/1 of {}", integer(&object.spec["parallelism"]))
        }
        None => format!("{succeeded}/1"),
    }
}

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let (spec, status_) = (&object.spec, &object.status);
    let (containers, images) = containers_and_images(&spec["template"]);
    let started = time_of(&status_["startTime"]);
    let duration = match (started == Time::default(), status_["completionTime"].is_string()) {
        (true, _) => String::new(),
        (false, true) => (time_of(&status_["completionTime"]) - started).human(),
        (false, false) => (now - started).human(),
    };
    vec![
        object.meta.name.as_str().into(),
        status(object).into(),
        completions(object).into(),
        duration.into(),
        age(object.meta.created, now).into(),
        containers.into(),
        images.into(),
        format_label_selector(&spec["selector"]).into(),
    ]
}

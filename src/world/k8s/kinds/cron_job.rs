//! CronJob (batch/v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{
    Column, Print, age, column, containers_and_images, items, number, or_none, text, time_of, wide,
};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::CronJob,
    group: "batch",
    version: "v1",
    kind: "CronJob",
    plural: "cronjobs",
    singular: "cronjob",
    short: &["cj"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["status"],
    doc: "Makes a Job whenever its schedule says so",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        column("Schedule"),
        column("Timezone"),
        Column { name: "Suspend", kind: "boolean", priority: 0 },
        number("Active"),
        column("Last Schedule"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&object.spec, &object.status);
    let template = &spec["jobTemplate"]["spec"];
    let (containers, images) = containers_and_images(&template["template"]);
    let last = match time_of(&status["lastScheduleTime"]) {
        never if never == Time::default() => "<none>".to_string(),
        last => age(last, now),
    };
    let suspended = match spec["suspend"].as_bool() {
        None => "<unset>",
        Some(true) => "True",
        Some(false) => "False",
    };
    vec![
        object.meta.name.as_str().into(),
        text(&spec["schedule"]).into(),
        or_none(text(&spec["timeZone"])).into(),
        suspended.into(),
        items(&status["active"]).len().into(),
        last.into(),
        age(object.meta.created, now).into(),
        containers.into(),
        images.into(),
        // A CronJob's Jobs have their selectors from their uids.
        "<none>".into(),
    ]
}

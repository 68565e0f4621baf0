//! Event (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, integer, text, time_of, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Event,
    group: "",
    version: "v1",
    kind: "Event",
    plural: "events",
    singular: "event",
    short: &["ev"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "A report of something that happened to an object",
    print: Some(&PRINT),
};

pub(super) static PRINT: Print = Print {
    columns: &[
        column("Last Seen"),
        column("Type"),
        column("Reason"),
        column("Object"),
        wide("Subobject"),
        wide("Source"),
        column("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    cells,
};

/// printers `printEvent`: events of the older kind carry timestamps and a count, those of the newer an event time and a
/// series.
fn cells(object: &Object, now: Time) -> Vec<Value> {
    let field = |name: &str| object.field(name);
    let time = |name: &str| time_of(field(name));
    let first = if time("firstTimestamp") == Time::default() { time("eventTime") } else { time("firstTimestamp") };
    let series = field("series");
    let last = match (series.is_object(), time("lastTimestamp")) {
        (true, _) => time_of(&series["lastObservedTime"]),
        (false, last) if last == Time::default() => first,
        (false, last) => last,
    };
    let count = if series.is_object() { integer(&series["count"]) } else { integer(field("count")).max(1) };
    let about = field("involvedObject");
    let kind = text(&about["kind"]).to_lowercase();
    let target = match text(&about["name"]) {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    vec![
        age(last, now).into(),
        text(field("type")).into(),
        text(field("reason")).into(),
        target.into(),
        text(&about["fieldPath"]).into(),
        source(object).into(),
        text(field("message")).trim().into(),
        age(first, now).into(),
        count.into(),
        object.meta.name.as_str().into(),
    ]
}

/// `kubelet, node-2`: component and host, or the reporting controller and instance.
fn source(object: &Object) -> String {
    let source = object.field("source");
    let either = |old: &Value, new: &str| match text(old) {
        "" => text(object.field(new)).to_string(),
        old => old.to_string(),
    };
    let component = either(&source["component"], "reportingComponent");
    let host = either(&source["host"], "reportingInstance");
    if host.is_empty() { component } else { format!("{component}, {host}") }
}

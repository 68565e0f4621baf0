//! `describe job` and `describe cronjob`. Does not know how pods are counted.

use super::workload::template;
use super::{Description, controller, selector};
use crate::console::kubectl::subject::{Subject, get, int, list, map, text};
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::time::Time;
use serde_json::Value;

/// Completed indexes are cut at this many characters.
const INDEXES_MAX: usize = 50;

/// A field if the object has it.
fn given(page: &mut Description, object: &Value, label: &str, path: &str) {
    if let Some(value) = get(object, &format!("/{}", path.replace('.', "/"))).filter(|value| !value.is_null()) {
        page.field(0, label, path, &canon::scalar(value));
    }
}

pub fn job(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "Job"), now);
    page.field(0, "Name", "metadata.name", text(object, "/metadata/name"));
    page.field(0, "Namespace", "metadata.namespace", text(object, "/metadata/namespace"));
    page.field(0, "Selector", "spec.selector", &selector(object.pointer("/spec/selector")));
    page.labels("Labels", "metadata.labels", &map(object, "/metadata/labels"));
    page.annotations("Annotations", "metadata.annotations", &map(object, "/metadata/annotations"));
    if let Some(owner) = controller(object) {
        page.field(0, "Controlled By", "metadata.ownerReferences", &owner);
    }
    given(&mut page, object, "Parallelism", "spec.parallelism");
    let completions = int(object, "/spec/completions").map(|n| n.to_string());
    let shown = completions.as_deref().unwrap_or("<unset>");
    page.field_as(0, "Completions", "spec.completions", completions.as_deref().unwrap_or(""), shown);
    given(&mut page, object, "Completion Mode", "spec.completionMode");
    given(&mut page, object, "Suspend", "spec.suspend");
    given(&mut page, object, "Backoff Limit", "spec.backoffLimit");
    given(&mut page, object, "TTL Seconds After Finished", "spec.ttlSecondsAfterFinished");
    let (start, end) = (text(object, "/status/startTime"), text(object, "/status/completionTime"));
    if !start.is_empty() {
        page.time(0, "Start Time", "status.startTime", start);
    }
    if !end.is_empty() {
        page.time(0, "Completed At", "status.completionTime", end);
    }
    if let (Some(start), Some(end)) = (Time::parse(start), Time::parse(end)) {
        page.raw(0, &format!("Duration:\t{}\n", (end - start).human()));
    }
    if let Some(seconds) = int(object, "/spec/activeDeadlineSeconds").map(|n| n.to_string()) {
        page.field_as(0, "Active Deadline Seconds", "spec.activeDeadlineSeconds", &seconds, &format!("{seconds}s"));
    }
    statuses(&mut page, object);
    if text(object, "/spec/completionMode") == "Indexed" {
        let indexes = text(object, "/status/completedIndexes");
        let mut shown: String = indexes.chars().take(INDEXES_MAX).collect();
        if shown.len() < indexes.len() {
            let whole = shown.rfind(',').map_or(shown.len(), |at| at + 1);
            shown.truncate(whole);
            shown.push_str("...");
        }
        let shown = if shown.is_empty() { "<none>" } else { &shown };
        page.field_as(0, "Completed Indexes", "status.completedIndexes", indexes, shown);
    }
    template(&mut page, object.pointer("/spec/template").unwrap_or(&Value::Null), "spec.template");
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn statuses(page: &mut Description, object: &Value) {
    let count = |field: &str| int(object, &format!("/status/{field}")).unwrap_or(0).to_string();
    page.raw(0, "Pods Statuses:\t");
    let active = count("active");
    page.value("status.active", &active, &format!("{active} Active"));
    if int(object, "/status/ready").is_some() {
        let ready = count("ready");
        page.sheet.put(" (");
        page.value("status.ready", &ready, &format!("{ready} Ready")).sheet.put(")");
    }
    for (field, word) in [("succeeded", "Succeeded"), ("failed", "Failed")] {
        let count = count(field);
        page.sheet.put(" / ");
        page.value(&format!("status.{field}"), &count, &format!("{count} {word}"));
    }
    page.end();
}

pub fn cron_job(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "CronJob"), now);
    page.heading(object, true);
    page.field(0, "Schedule", "spec.schedule", text(object, "/spec/schedule"));
    page.field(0, "Concurrency Policy", "spec.concurrencyPolicy", text(object, "/spec/concurrencyPolicy"));
    let suspended = get(object, "/spec/suspend").and_then(Value::as_bool);
    let shown = suspended.map_or("<unset>", |on| if on { "True" } else { "False" });
    let value = suspended.map(|on| on.to_string()).unwrap_or_default();
    page.field_as(0, "Suspend", "spec.suspend", &value, shown);
    given(&mut page, object, "Time Zone", "spec.timeZone");
    unset(&mut page, object, "Successful Job History Limit", "spec.successfulJobsHistoryLimit", "");
    unset(&mut page, object, "Failed Job History Limit", "spec.failedJobsHistoryLimit", "");
    unset(&mut page, object, "Starting Deadline Seconds", "spec.startingDeadlineSeconds", "s");
    let path = "spec.jobTemplate.spec.selector";
    match object.pointer("/spec/jobTemplate/spec/selector").filter(|value| value.is_object()) {
        Some(value) => page.field(0, "Selector", path, &selector(Some(value))),
        None => page.field_as(0, "Selector", path, "", "<unset>"),
    };
    unset(&mut page, object, "Parallelism", "spec.jobTemplate.spec.parallelism", "");
    unset(&mut page, object, "Completions", "spec.jobTemplate.spec.completions", "");
    if int(object, "/spec/jobTemplate/spec/activeDeadlineSeconds").is_some() {
        unset(&mut page, object, "Active Deadline Seconds", "spec.jobTemplate.spec.activeDeadlineSeconds", "s");
    }
    let place = object.pointer("/spec/jobTemplate/spec/template").unwrap_or(&Value::Null);
    template(&mut page, place, "spec.jobTemplate.spec.template");
    match text(object, "/status/lastScheduleTime") {
        "" => drop(page.field_as(0, "Last Schedule Time", "status.lastScheduleTime", "", "<unset>")),
        last => drop(page.time(0, "Last Schedule Time", "status.lastScheduleTime", last)),
    }
    let active: Vec<&str> = list(object, "/status/active").iter().map(|job| text(job, "name")).collect();
    page.field_or_none(0, "Active Jobs", "status.active", &active.join(", "));
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

/// A number with its unit, or `<unset>`.
fn unset(page: &mut Description, object: &Value, label: &str, path: &str, unit: &str) {
    let value = int(object, &format!("/{}", path.replace('.', "/"))).map(|n| n.to_string());
    let shown = value.as_ref().map_or("<unset>".to_string(), |value| format!("{value}{unit}"));
    page.field_as(0, label, path, value.as_deref().unwrap_or(""), &shown);
}

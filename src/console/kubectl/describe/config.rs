//! `describe configmap`, `secret`, `serviceaccount`, `namespace`. Does not know who reads them.

use super::Description;
use crate::console::kubectl::subject::{Subject, list, map, text};
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::time::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub fn config_map(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "ConfigMap"), now);
    page.heading(object, true);
    page.raw(0, "\nData\n====\n");
    for (key, value) in map(object, "data") {
        let path = canon::key("data", key);
        page.raw(0, &format!("{key}:\n----\n"));
        let several = value.trim_end_matches('\n').contains('\n');
        for line in value.split('\n') {
            // Each line of a file shows what it says itself, no more.
            page.value(&path, if several { line.trim() } else { &value }, line).end();
        }
        page.end();
    }
    page.raw(0, "\nBinaryData\n====\n");
    for (key, value) in map(object, "binaryData") {
        let bytes = STANDARD.decode(&value).map_or(0, |b| b.len());
        page.raw(0, &format!("{key}: {bytes} bytes\n"));
    }
    page.end();
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

pub fn secret(object: &Value, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "Secret"), now);
    page.heading(object, true);
    page.end().field(0, "Type", "type", text(object, "type"));
    page.raw(0, "\nData\n====\n");
    for (key, value) in map(object, "data") {
        let bytes = STANDARD.decode(&value).map_or(0, |b| b.len());
        page.raw(0, &format!("{key}:\t"));
        page.sheet.put(&format!("{bytes} bytes\n"));
    }
    page.lines()
}

pub fn service_account(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "ServiceAccount"), now);
    page.heading(object, true);
    let names: Vec<&str> = list(object, "imagePullSecrets").iter().map(|s| text(s, "name")).collect();
    page.raw(0, "Image pull secrets:\t");
    if names.is_empty() {
        page.value("imagePullSecrets", "", "<none>").end();
    }
    for (i, name) in names.into_iter().enumerate() {
        if i > 0 {
            page.sheet.put("\t");
        }
        page.value(&format!("imagePullSecrets[{name}].name"), name, name).end();
    }
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

/// A namespace; this cluster serves no quotas and no limit ranges, and the real tool says so when there are none.
pub fn namespace(object: &Value, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "Namespace"), now);
    page.heading(object, false);
    page.field(0, "Status", "status.phase", text(object, "/status/phase"));
    page.raw(0, "\nNo resource quota.\n\nNo LimitRange resource.\n");
    page.lines()
}

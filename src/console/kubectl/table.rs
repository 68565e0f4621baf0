//! The server's tables as text: which columns are shown, kinds before names, labels, namespaces, and the fact of each
//! cell. Does not know how the table was asked for.

use super::cells;
use super::sheet::Sheet;
use super::subject::{Subject, event_fact, list, map, text};
use serde_json::Value;
use std::sync::Arc;

/// What `get` was asked to show of a table.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub wide: bool,
    pub headers: bool,
    pub namespaces: bool,
    /// `deployment.apps`, put before each name.
    pub prefix: Option<String>,
    pub labels: bool,
    pub label_columns: Vec<String>,
}

/// Writes the heading and rows of a table whose rows carry full objects of `kind`.
pub fn write(sheet: &mut Sheet, table: &Value, kind: &str, shape: &Shape) {
    let columns: Vec<(usize, String)> = list(table, "columnDefinitions")
        .iter()
        .enumerate()
        .filter(|(_, c)| shape.wide || c.get("priority").and_then(Value::as_i64).unwrap_or(0) == 0)
        .map(|(i, c)| (i, text(c, "name").to_string()))
        .collect();
    if shape.headers {
        heading(sheet, &columns, shape);
    }
    for row in list(table, "rows") {
        write_row(sheet, row, kind, &columns, shape);
    }
}

fn heading(sheet: &mut Sheet, columns: &[(usize, String)], shape: &Shape) {
    let mut names: Vec<String> = Vec::new();
    if shape.namespaces {
        names.push("NAMESPACE".into());
    }
    names.extend(columns.iter().map(|(_, name)| name.to_uppercase()));
    names.extend(shape.label_columns.iter().map(|l| l.rsplit('/').next().unwrap_or(l).to_uppercase()));
    if shape.labels {
        names.push("LABELS".into());
    }
    sheet.put(&names.join("\t")).end_line();
}

fn write_row(sheet: &mut Sheet, row: &Value, kind: &str, columns: &[(usize, String)], shape: &Shape) {
    let object = row.get("object").unwrap_or(&Value::Null);
    let mut subject = Subject::of_kind(object, kind);
    subject.id.kind = kind.to_string();
    if shape.namespaces {
        let namespace = text(object, "/metadata/namespace");
        sheet.show(namespace, subject.field("metadata.namespace", namespace)).put("\t");
    }
    let row_start = sheet.here();
    let mut event_start = None;
    let mut event_end = row_start;
    for (n, (i, column)) in columns.iter().enumerate() {
        if n > 0 {
            sheet.put("\t");
        }
        let shown = cell_text(list(row, "cells").get(*i).unwrap_or(&Value::Null));
        if column == "Reason" {
            event_start = Some(sheet.here());
        }
        let start = sheet.here();
        if column == "Name"
            && let Some(prefix) = &shape.prefix
        {
            sheet.put(&format!("{prefix}/"));
        }
        sheet.put(&shown);
        if column == "Message" {
            event_end = sheet.here();
        }
        if kind != "Event" {
            for (path, value) in cells::shown(kind, column, object, &shown) {
                sheet.mark_from(start, subject.field(&path, &value));
            }
        }
    }
    if kind == "Event"
        && let Some(start) = event_start.filter(|s| *s < event_end)
    {
        // From the reason to the message: whoever cuts less out of the row has not seen the event whole.
        sheet.mark_range(start, event_end, Arc::new(event_fact(object)));
    }
    labels(sheet, object, &subject, shape);
    sheet.end_line();
}

fn labels(sheet: &mut Sheet, object: &Value, subject: &Subject, shape: &Shape) {
    let labels = map(object, "/metadata/labels");
    for wanted in &shape.label_columns {
        let value = labels.iter().find(|(k, _)| k == wanted).map_or("", |(_, v)| v.as_str());
        let path = crate::stdx::canon::key("metadata.labels", wanted);
        sheet.put("\t").show(if value.is_empty() { "<none>" } else { value }, subject.field(&path, value));
    }
    if shape.labels {
        sheet.put("\t");
        if labels.is_empty() {
            sheet.show("<none>", subject.field("metadata.labels", ""));
        }
        for (i, (key, value)) in labels.iter().enumerate() {
            sheet.put(if i > 0 { "," } else { "" });
            let fact = subject.field(&crate::stdx::canon::key("metadata.labels", key), value);
            sheet.show(&format!("{key}={value}"), fact);
        }
    }
}

/// A cell as the real tool prints it: cut at the first line break.
fn cell_text(cell: &Value) -> String {
    let whole = match cell {
        Value::String(s) => s.clone(),
        Value::Null => "<none>".to_string(),
        other => other.to_string(),
    };
    match whole.find(['\n', '\r', '\u{c}']) {
        Some(at) => format!("{}...", &whole[..at]),
        None => whole.replace('\t', " "),
    }
}

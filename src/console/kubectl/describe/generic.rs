//! `describe` of a kind without a description of its own: its fields, one below the other. Does not know any kind.

use super::Description;
use crate::console::kubectl::subject::{Subject, text};
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::time::Time;
use serde_json::Value;

/// Fields that the real tool leaves out or has in the heading.
const SKIPPED: &[&str] = &["metadata.managedFields", "metadata.labels", "metadata.annotations"];

pub fn describe(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of(object), now);
    page.heading(object, !text(object, "/metadata/namespace").is_empty());
    fields(&mut page, object, "", 0);
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn fields(page: &mut Description, value: &Value, path: &str, level: usize) {
    let Some(map) = value.as_object() else { return };
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_by_key(|key| words(key));
    for key in keys {
        let at = canon::key(path, key);
        let named = level == 1 && path == "metadata" && matches!(key.as_str(), "name" | "namespace");
        if SKIPPED.contains(&at.as_str()) || named {
            continue;
        }
        match &map[key.as_str()] {
            Value::Object(_) => {
                page.raw(level, &format!("{}:\n", words(key)));
                fields(page, &map[key.as_str()], &at, level + 1);
            }
            Value::Array(list) => {
                page.raw(level, &format!("{}:\n", words(key)));
                for (i, element) in list.iter().enumerate() {
                    let place = canon::item(&at, element, i);
                    if element.is_object() {
                        fields(page, element, &place, level + 1);
                    } else {
                        let shown = canon::scalar(element);
                        page.raw(level + 1, "").value(&place, &shown, &shown).end();
                    }
                }
            }
            leaf => {
                let value = canon::scalar(leaf);
                let shown = if leaf.is_null() { "<nil>" } else { &value };
                page.field_as(level, &words(key), &at, &value, shown);
            }
        }
    }
}

/// `creationTimestamp` → `Creation Timestamp`, `podIP` → `Pod IP`, as the real tool spells fields it does not know.
fn words(key: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = key.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let starts = c.is_uppercase()
            && i > 0
            && (!chars[i - 1].is_uppercase() || chars.get(i + 1).is_some_and(|n| n.is_lowercase()));
        if starts {
            out.push(' ');
        }
        if i == 0 { out.extend(c.to_uppercase()) } else { out.push(c) }
    }
    match out.as_str() {
        "Api Version" => "API Version".into(),
        "Uid" => "UID".into(),
        _ => out,
    }
}

//! `kubectl describe`: one file a family of kinds, each a function of the objects alone, so that what is printed follows
//! from what the API answered. Does not know how the objects were asked for.

pub mod batch;
pub mod config;
pub mod container;
pub mod events;
pub mod generic;
pub mod network;
pub mod node;
pub mod pod;
pub mod volume;
pub mod workload;

use super::sheet::Sheet;
use super::subject::{Subject, map, text};
use crate::console::fact::Fact;
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::table::DESCRIPTION;
use crate::stdx::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values longer than this, or of several lines, are printed below their key.
const ANNOTATION_MAX: usize = 140;
/// Kept out of descriptions by the real tool.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A description being written: the sheet, what it is about, and the time that ages count from.
pub struct Description {
    pub sheet: Sheet,
    pub subject: Subject,
    pub now: Time,
    /// Further facts that go wherever the field at a path is shown (differences between revisions).
    pub also: BTreeMap<String, Vec<Arc<Fact>>>,
}

impl Description {
    pub fn new(subject: Subject, now: Time) -> Description {
        Description { sheet: Sheet::default(), subject, now, also: BTreeMap::new() }
    }

    pub fn lines(self) -> Vec<Line> {
        self.sheet.columns(DESCRIPTION)
    }

    /// Text that shows nothing, at a level of two blanks each.
    pub fn raw(&mut self, level: usize, text: &str) -> &mut Description {
        self.sheet.put(&"  ".repeat(level)).put(text);
        self
    }

    /// Text that shows the field at `path`.
    pub fn value(&mut self, path: &str, value: &str, shown: &str) -> &mut Description {
        let start = self.sheet.here();
        self.sheet.show(shown, self.subject.field(path, value));
        for fact in self.also.get(path).into_iter().flatten() {
            self.sheet.mark_from(start, Arc::clone(fact));
        }
        self
    }

    pub fn end(&mut self) -> &mut Description {
        self.sheet.end_line();
        self
    }

    /// `Label:⇥value`, the value being the field's own.
    pub fn field(&mut self, level: usize, label: &str, path: &str, value: &str) -> &mut Description {
        self.field_as(level, label, path, value, value)
    }

    /// `Label:⇥shown` for a field whose value is written differently.
    pub fn field_as(&mut self, level: usize, label: &str, path: &str, value: &str, shown: &str) -> &mut Description {
        self.raw(level, label).sheet.put(":\t");
        self.value(path, value, shown).end()
    }

    /// `Label:⇥value`, or `<none>` showing that the field is absent.
    pub fn field_or_none(&mut self, level: usize, label: &str, path: &str, value: &str) -> &mut Description {
        self.field_as(level, label, path, value, if value.is_empty() { "<none>" } else { value })
    }

    /// `Label:⇥Sat, 21 Nov 2026 22:38:48 +0000`.
    pub fn time(&mut self, level: usize, label: &str, path: &str, stamp: &str) -> &mut Description {
        let shown = Time::parse(stamp).map(Time::rfc1123).unwrap_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".into());
        self.field_as(level, label, path, stamp, &shown)
    }

    /// `Label:⇥k=v`, one below the other, or `<none>`.
    pub fn labels(&mut self, label: &str, path: &str, entries: &[(&str, String)]) {
        self.raw(0, label).sheet.put(":\t");
        if entries.is_empty() {
            self.value(path, "", "<none>").end();
        }
        for (i, (key, value)) in entries.iter().enumerate() {
            if i > 0 {
                self.sheet.put("\t");
            }
            self.value(&canon::key(path, key), value, &format!("{key}={value}")).end();
        }
    }

    /// Annotations: short ones as `key: value`, others below their key; the last-applied one is kept out.
    pub fn annotations(&mut self, label: &str, path: &str, entries: &[(&str, String)]) {
        self.raw(0, label).sheet.put(":\t");
        let entries: Vec<_> = entries.iter().filter(|(key, _)| *key != LAST_APPLIED).collect();
        if entries.is_empty() {
            self.value(path, "", "<none>").end();
        }
        for (i, (key, value)) in entries.into_iter().enumerate() {
            if i > 0 {
                self.sheet.put("\t");
            }
            let place = canon::key(path, key);
            let body = value.strip_suffix('\n').unwrap_or(value);
            if body.len() + key.len() + 2 <= ANNOTATION_MAX && !body.contains('\n') {
                self.value(&place, value, &format!("{key}: {body}")).end();
                continue;
            }
            self.sheet.put(&format!("{key}:\n"));
            for line in body.split('\n') {
                self.sheet.put("\t  ");
                let shown = shortened(line, ANNOTATION_MAX - 2);
                self.value(&place, if body.contains('\n') { line } else { value }, &shown).end();
            }
        }
    }

    /// Name, namespace (if the kind has one), labels and annotations: how most descriptions begin.
    pub fn heading(&mut self, object: &Value, namespaced: bool) {
        self.field(0, "Name", "metadata.name", text(object, "/metadata/name"));
        if namespaced {
            self.field(0, "Namespace", "metadata.namespace", text(object, "/metadata/namespace"));
        }
        self.labels("Labels", "metadata.labels", &map(object, "/metadata/labels"));
        self.annotations("Annotations", "metadata.annotations", &map(object, "/metadata/annotations"));
    }
}

fn shortened(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_string();
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &text[..end])
}

/// `True` or `False`, as descriptions spell a boolean that is a status.
pub fn title_bool(value: Option<&Value>) -> &'static str {
    if value.and_then(Value::as_bool).unwrap_or(false) { "True" } else { "False" }
}

/// The controller among an object's owners, as `Kind/name`.
pub fn controller(object: &Value) -> Option<String> {
    super::subject::list(object, "/metadata/ownerReferences")
        .iter()
        .find(|owner| owner.get("controller").and_then(Value::as_bool).unwrap_or(false))
        .map(|owner| format!("{}/{}", text(owner, "kind"), text(owner, "name")))
}

/// A label selector as one line: `app=web,tier in (a,b)`; `<none>` if it selects nothing or everything.
pub fn selector(value: Option<&Value>) -> String {
    let Some(value) = value.filter(|v| v.is_object()) else { return "<none>".into() };
    let mut parts: Vec<String> = map(value, "matchLabels").into_iter().map(|(k, v)| format!("{k}={v}")).collect();
    for expression in super::subject::list(value, "matchExpressions") {
        let key = text(expression, "key");
        let mut values: Vec<String> = super::subject::list(expression, "values").iter().map(canon::scalar).collect();
        values.sort();
        parts.push(match text(expression, "operator") {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_string(),
        });
    }
    if parts.is_empty() { "<none>".into() } else { parts.join(",") }
}

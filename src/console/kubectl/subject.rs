//! The object a text is about: makes the facts that its fields show. Does not know how they are printed.

use crate::console::fact::{Fact, ObjectId};
use crate::stdx::canon;
use crate::stdx::time::Time;
use serde_json::Value;
use std::sync::Arc;

/// Names an object in facts; an event's own text shows the event rather than fields of an Event object.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    pub id: ObjectId,
    event: Option<Arc<Fact>>,
}

impl Subject {
    pub fn of(object: &Value) -> Subject {
        let event = (text(object, "kind") == "Event" && object.get("involvedObject").is_some())
            .then(|| Arc::new(event_fact(object)));
        Subject { id: object_id(object), event }
    }

    /// As `of`, for list items that do not repeat their kind.
    pub fn of_kind(object: &Value, kind: &str) -> Subject {
        let mut subject = Subject::of(object);
        if subject.id.kind.is_empty() {
            subject.id.kind = kind.to_string();
            if kind == "Event" && object.get("involvedObject").is_some() {
                subject.event = Some(Arc::new(event_fact(object)));
            }
        }
        subject
    }

    /// The fact that the field at `path` has this value (empty: absent).
    pub fn field(&self, path: &str, value: &str) -> Arc<Fact> {
        match &self.event {
            Some(event) if matches!(path, "message" | "reason" | "note") => Arc::clone(event),
            _ => Arc::new(Fact::Field { object: self.id.clone(), path: path.to_string(), value: value.to_string() }),
        }
    }
}

/// An object's name in facts, from its own `kind` and `metadata`.
pub fn object_id(object: &Value) -> ObjectId {
    ObjectId {
        kind: text(object, "kind").to_string(),
        namespace: text(object, "/metadata/namespace").to_string(),
        name: text(object, "/metadata/name").to_string(),
        uid: text(object, "/metadata/uid").to_string(),
    }
}

/// A string field by JSON pointer or plain key; empty if absent.
pub fn text<'a>(value: &'a Value, place: &str) -> &'a str {
    get(value, place).and_then(Value::as_str).unwrap_or("")
}

/// A field by JSON pointer or plain key; null counts as absent.
pub fn get<'a>(value: &'a Value, place: &str) -> Option<&'a Value> {
    let found = match place.strip_prefix('/') {
        Some(path) if !path.contains('~') => path.split('/').try_fold(value, step),
        Some(_) => value.pointer(place),
        None => value.get(place),
    };
    found.filter(|v| !v.is_null())
}

/// One step of a pointer without escapes; `Value::pointer` makes two copies of each.
fn step<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        _ => value.get(name),
    }
}

/// An integer field; `None` if absent.
pub fn int(value: &Value, place: &str) -> Option<i64> {
    get(value, place).and_then(Value::as_i64)
}

/// The elements of a list field; none if absent.
pub fn list<'a>(value: &'a Value, place: &str) -> &'a [Value] {
    get(value, place).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of a mapping field with scalar values, in the order of their keys.
pub fn map<'a>(value: &'a Value, place: &str) -> Vec<(&'a str, String)> {
    let entries = get(value, place).and_then(Value::as_object);
    let mut out: Vec<(&str, String)> =
        entries.map(|m| m.iter().map(|(k, v)| (k.as_str(), canon::scalar(v))).collect()).unwrap_or_default();
    out.sort();
    out
}

/// A time field (metav1.Time or MicroTime).
pub fn time(value: &Value, place: &str) -> Option<Time> {
    get(value, place).and_then(Value::as_str).and_then(Time::parse)
}

/// How often, first and last an event was seen, by the fields of either event API (core or events.k8s.io).
pub fn event_times(event: &Value) -> (u64, Time, Time) {
    let created = time(event, "/metadata/creationTimestamp").unwrap_or_default();
    let noticed = time(event, "eventTime");
    let first = time(event, "firstTimestamp").or(noticed).unwrap_or(created);
    let last = time(event, "/series/lastObservedTime").or(time(event, "lastTimestamp")).or(noticed).unwrap_or(first);
    let count = int(event, "/series/count").or(int(event, "count")).unwrap_or(1);
    (count.max(0) as u64, first, last)
}

/// What an Event object says, about the object that it involves.
pub fn event_fact(event: &Value) -> Fact {
    let (count, first, last) = event_times(event);
    let involved = event.get("involvedObject").or(event.get("regarding")).unwrap_or(&Value::Null);
    Fact::Event {
        object: ObjectId {
            kind: text(involved, "kind").to_string(),
            namespace: text(involved, "namespace").to_string(),
            name: text(involved, "name").to_string(),
            uid: text(involved, "uid").to_string(),
        },
        reason: text(event, "reason").to_string(),
        message: text(event, "message").to_string(),
        warning: text(event, "type") == "Warning",
        count,
        first,
        last,
    }
}

//! Server-side tables (meta.k8s.io/v1 Table): what `kubectl get` prints. A kind's own file says its columns and cells;
//! here are the frame and what several kinds share. Does not know the client's layout.

use super::api::Accept;
use super::object::Object;
use crate::stdx::time::Time;
use serde_json::{Value, json};

/// A column: its name, whether its cells are numbers, and its priority.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    /// `string`, `integer`, …
    pub kind: &'static str,
    /// 0 is always shown, 1 only with `-o wide`.
    pub priority: u8,
}

/// How a kind is shown in a table: cells in the order of the columns, ages as of `now`.
#[derive(Debug)]
pub struct Print {
    pub columns: &'static [Column],
    pub cells: fn(&Object, Time) -> Vec<Value>,
}

pub const fn column(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 0 }
}

pub const fn number(name: &'static str) -> Column {
    Column { name, kind: "integer", priority: 0 }
}

pub const fn wide(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 1 }
}

/// A table over `objects`; `metadata` is that of the list or of the single object.
pub fn render<'a>(
    print: &Print,
    objects: impl Iterator<Item = &'a Object>,
    metadata: Value,
    accept: Accept,
    now: Time,
) -> Value {
    let full = accept == Accept::Table { full_objects: true };
    let rows: Vec<Value> = objects
        .map(|object| {
            let shown = if full { object.to_json_unmanaged() } else { partial(object) };
            entries([("cells", Value::Array((print.cells)(object, now))), ("object", shown)])
        })
        .collect();
    entries([
        ("kind", "Table".into()),
        ("apiVersion", "meta.k8s.io/v1".into()),
        ("metadata", metadata),
        ("columnDefinitions", definitions(print)),
        ("rows", Value::Array(rows)),
    ])
}

/// An object's metadata alone, as a table without full objects carries it.
fn partial(object: &Object) -> Value {
    entries([
        ("kind", "PartialObjectMetadata".into()),
        ("apiVersion", "meta.k8s.io/v1".into()),
        ("metadata", object.meta_json(false)),
    ])
}

/// An object of a few fields. Values are moved in, where `json!` would copy each one whole.
pub fn entries<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
}

fn definitions(print: &Print) -> Value {
    let define = |column: &Column| {
        let format = if column.name == "Name" { "name" } else { "" };
        json!({
            "name": column.name, "type": column.kind, "format": format, "description": "",
            "priority": column.priority,
        })
    };
    print.columns.iter().map(define).collect()
}

/// An age, or `<unknown>` where there is no time (printers `translateTimestampSince`).
pub fn age(since: Time, now: Time) -> String {
    if since == Time::default() { "<unknown>".into() } else { (now - since).human() }
}

/// The time in a field, or the zero time.
pub fn time_of(value: &Value) -> Time {
    value.as_str().and_then(Time::parse).unwrap_or_default()
}

pub fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

/// The elements of a list field; nothing if it is not there.
pub fn items(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

pub fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// Names and images of the containers in a pod template, as the wide columns show them.
pub fn containers_and_images(template: &Value) -> (String, String) {
    let all = || items(&template["spec"]["containers"]);
    let join = |field: &str| all().map(|c| text(&c[field])).collect::<Vec<_>>().join(",");
    (join("name"), join("image"))
}

/// The first three, and how many more (`a,b,c + 7 more...`).
pub fn first_three(all: &[String]) -> String {
    let shown = all.iter().take(3).cloned().collect::<Vec<_>>().join(",");
    if all.len() > 3 { format!("{shown} + {} more...", all.len() - 3) } else { shown }
}

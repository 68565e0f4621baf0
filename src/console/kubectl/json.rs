//! JSON as kubectl prints it: four spaces, keys sorted, Go's HTML escapes. Every scalar carries its field's fact.
//! Does not know kinds.

use super::sheet::Sheet;
use super::subject::Subject;
use crate::stdx::canon;
use serde_json::Value;

/// Writes an object, or a list of objects, as `-o json` does.
pub fn write(sheet: &mut Sheet, value: &Value) {
    let subject = Subject::of(value);
    node(sheet, value, "", 0, &subject);
    sheet.end_line();
}

/// One line, no blanks, keys sorted: jsonpath's rendering of a tree, and the last-applied annotation.
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let parts: Vec<String> =
                keys.iter().map(|k| format!("{}:{}", quoted(k), compact(&map[k.as_str()]))).collect();
            out.push_str(&format!("{{{}}}", parts.join(",")));
        }
        Value::Array(list) => {
            out.push_str(&format!("[{}]", list.iter().map(compact).collect::<Vec<_>>().join(",")));
        }
        other => out.push_str(&scalar(other)),
    }
    out
}

fn node(sheet: &mut Sheet, value: &Value, path: &str, depth: usize, subject: &Subject) {
    let indent = "    ".repeat(depth + 1);
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            sheet.put("{\n");
            for (i, key) in keys.iter().enumerate() {
                sheet.put(&indent).put(&quoted(key)).put(": ");
                let child = &map[key.as_str()];
                if depth == 0 && key.as_str() == "items" && subject.id.kind.ends_with("List") {
                    items(sheet, child, subject);
                } else {
                    node(sheet, child, &canon::key(path, key), depth + 1, subject);
                }
                sheet.put(if i + 1 < keys.len() { ",\n" } else { "\n" });
            }
            sheet.put(&"    ".repeat(depth)).put("}");
        }
        Value::Array(list) if !list.is_empty() => {
            sheet.put("[\n");
            for (i, element) in list.iter().enumerate() {
                sheet.put(&indent);
                node(sheet, element, &canon::item(path, element, i), depth + 1, subject);
                sheet.put(if i + 1 < list.len() { ",\n" } else { "\n" });
            }
            sheet.put(&"    ".repeat(depth)).put("]");
        }
        leaf => {
            sheet.show(&scalar(leaf), subject.field(path, &canon::scalar(leaf)));
        }
    }
}

/// The items of a list: each is its own subject.
fn items(sheet: &mut Sheet, list: &Value, parent: &Subject) {
    let kind = parent.id.kind.trim_end_matches("List");
    let empty = Vec::new();
    let list = list.as_array().unwrap_or(&empty);
    if list.is_empty() {
        sheet.put("[]");
        return;
    }
    sheet.put("[\n");
    for (i, element) in list.iter().enumerate() {
        sheet.put("        ");
        node(sheet, element, "", 2, &Subject::of_kind(element, kind));
        sheet.put(if i + 1 < list.len() { ",\n" } else { "\n" });
    }
    sheet.put("    ]");
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(s) => quoted(s),
        other => other.to_string(),
    }
}

/// A string as Go's encoding/json writes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\u{0}'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

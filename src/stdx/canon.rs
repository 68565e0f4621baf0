//! Canonical paths into a JSON tree, such as `spec.containers[app].resources.limits.memory`: one spelling for one place,
//! used wherever a field is named. Does not know what the fields mean.

use serde_json::Value;
use std::collections::BTreeMap;

/// `path` with the key of a mapping added: `.key`, or `[key]` where the key holds anything but letters, digits, `_`
/// and `-` (`data[prices.yaml]`).
pub fn key(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    match (path.is_empty(), plain) {
        (true, true) => key.to_string(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{key}]"),
    }
}

/// `path` of a list with one element added: named by its `name` (conditions and addresses: `type`; ports: name, else
/// number), else by its index.
pub fn item(path: &str, element: &Value, index: usize) -> String {
    let list = path.rsplit('.').next().unwrap_or(path);
    let text = |field: &str| element.get(field).and_then(Value::as_str).filter(|s| !s.is_empty()).map(String::from);
    let number = |field: &str| element.get(field).and_then(Value::as_i64).map(|n| n.to_string());
    let name = match list {
        "conditions" | "addresses" if element.get("type").is_some() => text("type"),
        "ports" => text("name").or_else(|| number("port")).or_else(|| number("containerPort")),
        _ => text("name"),
    };
    match name {
        Some(name) => format!("{path}[{name}]"),
        None => format!("{path}[{index}]"),
    }
}

/// A scalar as facts spell it: text bare, numbers and booleans as JSON, null and empty containers as nothing.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        Value::Array(a) if a.is_empty() => String::new(),
        Value::Object(o) if o.is_empty() => String::new(),
        other => other.to_string(),
    }
}

/// Every scalar (and empty container) below `value` with its canonical path, `path` being that of `value` itself.
pub fn leaves(path: &str, value: &Value) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut todo = vec![(path.to_string(), value)];
    while let Some((path, value)) = todo.pop() {
        match value {
            Value::Object(map) if !map.is_empty() => todo.extend(map.iter().map(|(k, v)| (key(&path, k), v))),
            Value::Array(list) if !list.is_empty() => {
                todo.extend(list.iter().enumerate().map(|(i, v)| (item(&path, v, i), v)));
            }
            scalar_value => {
                out.insert(path, scalar(scalar_value));
            }
        }
    }
    out
}

/// The places where two trees differ, with the value before and after (`""`: absent).
pub fn differences(before: &Value, after: &Value) -> BTreeMap<String, (String, String)> {
    let (old, new) = (leaves("", before), leaves("", after));
    let mut out = BTreeMap::new();
    for (path, was) in &old {
        let is = new.get(path).cloned().unwrap_or_default();
        if *was != is {
            out.insert(path.clone(), (was.clone(), is));
        }
    }
    for (path, is) in new {
        if !old.contains_key(&path) && !is.is_empty() {
            out.insert(path, (String::new(), is));
        }
    }
    out
}

/// The value at a canonical path, if there is one.
pub fn at<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    let mut here = root;
    for step in steps(path) {
        here = match here {
            Value::Object(map) => map.get(&step)?,
            Value::Array(list) => {
                let wanted = format!("[{step}]");
                list.iter().enumerate().find(|(i, v)| last_name(v, *i, &wanted)).map(|(_, v)| v)?
            }
            _ => return None,
        };
    }
    Some(here)
}

/// Whether `element` may be called `wanted` in any list: the list's own name is not known here, so every naming rule counts.
fn last_name(element: &Value, index: usize, wanted: &str) -> bool {
    ["conditions", "ports", "items"].iter().any(|list| item(list, element, index).ends_with(wanted))
}

/// A canonical path taken apart into its keys.
pub fn steps(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('[') {
            let end = tail.find(']').unwrap_or(tail.len());
            out.push(tail[..end].to_string());
            rest = tail.get(end + 1..).unwrap_or("");
        } else {
            let tail = rest.strip_prefix('.').unwrap_or(rest);
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            if end > 0 {
                out.push(tail[..end].to_string());
            }
            rest = &tail[end..];
            if end == 0 && !rest.starts_with(['.', '[']) {
                break;
            }
        }
    }
    out
}

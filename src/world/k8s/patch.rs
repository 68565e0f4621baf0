//! Patches on JSON trees: JSON patch (RFC 6902), merge patch (RFC 7386) and Kubernetes' strategic merge with its
//! directives. Does not know objects or the store.

use super::refusal::Refusal;
use super::schema::Type;
use serde_json::{Map, Value};

/// Applies a merge patch: null removes, objects merge, everything else replaces.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(map) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Applies a JSON patch. Any failure is answered without saying which (as the server does).
pub fn json(target: &mut Value, operations: &Value) -> Result<(), Refusal> {
    let Some(operations) = operations.as_array() else {
        return Err(Refusal::bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch",
        ));
    };
    for operation in operations {
        one(target, operation).ok_or_else(Refusal::patch_failed)?;
    }
    Ok(())
}

fn one(target: &mut Value, operation: &Value) -> Option<()> {
    let path = operation["path"].as_str()?;
    let value = || operation.get("value").cloned();
    match operation["op"].as_str()? {
        "add" => add(target, path, value()?),
        "remove" => remove(target, path).map(|_| ()),
        "replace" => {
            *target.pointer_mut(path)? = value()?;
            Some(())
        }
        "move" => {
            let moved = remove(target, operation["from"].as_str()?)?;
            add(target, path, moved)
        }
        "copy" => {
            let copied = target.pointer(operation["from"].as_str()?)?.clone();
            add(target, path, copied)
        }
        "test" => {
            let expected = value().unwrap_or(Value::Null);
            (target.pointer(path).unwrap_or(&Value::Null) == &expected).then_some(())
        }
        _ => None,
    }
}

/// The parent of a pointer, and the last step unescaped.
fn parent<'a>(target: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (above, last) = path.rsplit_once('/')?;
    Some((target.pointer_mut(above)?, last.replace("~1", "/").replace("~0", "~")))
}

fn add(target: &mut Value, path: &str, value: Value) -> Option<()> {
    if path.is_empty() {
        *target = value;
        return Some(());
    }
    match parent(target, path)? {
        (Value::Object(map), key) => {
            map.insert(key, value);
        }
        (Value::Array(list), key) => {
            let at = if key == "-" { list.len() } else { key.parse().ok()? };
            if at > list.len() {
                return None;
            }
            list.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(target: &mut Value, path: &str) -> Option<Value> {
    match parent(target, path)? {
        (Value::Object(map), key) => map.remove(&key),
        (Value::Array(list), key) => {
            let at: usize = key.parse().ok()?;
            (at < list.len()).then(|| list.remove(at))
        }
        _ => None,
    }
}

const ORDER: &str = "$setElementOrder/";
const DELETE_PRIMITIVE: &str = "$deleteFromPrimitiveList/";

/// Applies a strategic merge patch to a value of the given type.
pub fn strategic(kind: Type, target: &mut Value, patch: &Value) -> Result<(), Refusal> {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return Ok(());
    };
    match patch.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            *target = Value::Object(clean(patch));
            return Ok(());
        }
        Some("delete") => {
            *target = Value::Object(Map::new());
            return Ok(());
        }
        Some("merge") | None => {}
        Some(other) => return Err(Refusal::bad_request(format!("Unknown patch type found: {other}"))),
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(map) = target else { return Ok(()) };
    if let Some(retained) = patch.get("$retainKeys").and_then(Value::as_array) {
        map.retain(|key, _| retained.iter().any(|r| r.as_str() == Some(key)));
    }
    for (key, list) in patch {
        if let Some(field) = key.strip_prefix(DELETE_PRIMITIVE)
            && let (Some(Value::Array(items)), Some(gone)) = (map.get_mut(field), list.as_array())
        {
            items.retain(|item| !gone.contains(item));
        }
    }
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        let below = kind.child(key).unwrap_or(Type::Any);
        let order = patch.get(&format!("{ORDER}{key}")).and_then(Value::as_array);
        match value {
            Value::Null => {
                map.remove(key);
            }
            Value::Object(inner) if inner.get("$patch").and_then(Value::as_str) == Some("delete") => {
                map.remove(key);
            }
            Value::Array(items) => {
                let list = map.entry(key.clone()).or_insert(Value::Array(Vec::new()));
                merge_list(below, list, items, order)?;
            }
            Value::Object(_) => strategic(below, map.entry(key.clone()).or_insert(Value::Null), value)?,
            scalar => {
                map.insert(key.clone(), scalar.clone());
            }
        }
    }
    // An order may come without the list: then it only reorders.
    for (key, order) in patch {
        if let Some(field) = key.strip_prefix(ORDER)
            && !patch.contains_key(field)
            && let (Some(list), Some(order)) = (map.get_mut(field), order.as_array())
        {
            merge_list(kind.child(field).unwrap_or(Type::Any), list, &[], Some(order))?;
        }
    }
    Ok(())
}

/// A patch's map without its directives.
fn clean(patch: &Map<String, Value>) -> Map<String, Value> {
    patch.iter().filter(|(key, _)| !key.starts_with('$')).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn merge_list(kind: Type, list: &mut Value, patch: &[Value], order: Option<&Vec<Value>>) -> Result<(), Refusal> {
    let Value::Array(items) = list else {
        *list = Value::Array(patch.to_vec());
        return Ok(());
    };
    match kind {
        Type::Keyed(element, keys) => merge_keyed(*element, keys[0], items, patch, order),
        Type::Set(_) => {
            let server = items.clone();
            items.extend(patch.iter().filter(|item| !server.contains(item)).cloned());
            let same = |a: &Value, b: &Value| a == b;
            *items = arrange(std::mem::take(items), &server, order.map_or(patch, Vec::as_slice), same);
            Ok(())
        }
        _ => {
            *items = patch.to_vec();
            Ok(())
        }
    }
}

fn merge_keyed(
    element: Type,
    key: &str,
    items: &mut Vec<Value>,
    patch: &[Value],
    order: Option<&Vec<Value>>,
) -> Result<(), Refusal> {
    let directive = |item: &Value| item["$patch"].as_str().map(str::to_string);
    if patch.iter().any(|item| directive(item).as_deref() == Some("replace") && item.get(key).is_none()) {
        *items = patch.iter().filter(|item| directive(item).is_none()).cloned().collect();
        return Ok(());
    }
    let server = items.clone();
    for item in patch {
        let Some(name) = item.get(key) else {
            let why = format!("map: {} does not contain declared merge key: {key}", go_map(item));
            return Err(Refusal::internal_error(&why));
        };
        if directive(item).as_deref() == Some("delete") {
            items.retain(|old| old.get(key) != Some(name));
        } else if let Some(old) = items.iter_mut().find(|old| old.get(key) == Some(name)) {
            strategic(element, old, item)?;
        } else {
            let mut fresh = Value::Object(Map::new());
            strategic(element, &mut fresh, item)?;
            items.push(fresh);
        }
    }
    let same = |a: &Value, b: &Value| a.get(key).is_some() && a.get(key) == b.get(key);
    *items = arrange(std::mem::take(items), &server, order.map_or(patch, Vec::as_slice), same);
    Ok(())
}

/// Orders a merged list: items the patch names in the patch's order, the others in the server's, interleaved where the
/// server's order says which comes first (strategicpatch `normalizeElementOrder`).
fn arrange(merged: Vec<Value>, server: &[Value], order: &[Value], same: impl Fn(&Value, &Value) -> bool) -> Vec<Value> {
    let position = |list: &[Value], item: &Value| list.iter().position(|other| same(other, item));
    let (mut named, others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| position(order, item).is_some());
    named.sort_by_key(|item| position(order, item));
    let mut out = Vec::with_capacity(named.len() + others.len());
    let mut named = named.into_iter().peekable();
    for other in others {
        while let Some(next) = named.peek() {
            let first = match (position(server, &other), position(server, next)) {
                (Some(a), Some(b)) => a < b,
                _ => false,
            };
            if first {
                break;
            }
            out.extend(named.next());
        }
        out.push(other);
    }
    out.extend(named);
    out
}

/// A map as Go's `%v` prints it, for one error text.
fn go_map(value: &Value) -> String {
    let Some(map) = value.as_object() else { return value.to_string() };
    let pairs: Vec<String> =
        map.iter().map(|(k, v)| format!("{k}:{}", v.as_str().map_or_else(|| v.to_string(), str::to_string))).collect();
    format!("map[{}]", pairs.join(" "))
}

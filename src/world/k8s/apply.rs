//! Server-side apply: a configuration is merged into the live object, fields that the manager no longer mentions go,
//! fields that others manage with another value are conflicts. Does not store anything.

use super::managed::{self, Booking, Tree, Writer};
use super::object::Managed;
use super::refusal::Refusal;
use super::schema::Type;
use serde_json::{Map, Value};

/// Applies `config` to `live` (a blank object if there is none): the merged object and how to book it.
pub fn apply(
    kind: Type,
    live: &Value,
    config: &Value,
    managers: &[Managed],
    writer: &Writer,
    force: bool,
) -> Result<(Value, Booking), Refusal> {
    let mentioned = managed::mentioned(kind, &managed::manageable(config));
    let mut object = live.clone();
    merge(kind, &mut object, config);
    let changed = managed::changed(kind, Some(live), &object).unwrap_or_default();
    let mut taken = Tree::new();
    let mut conflicts = Vec::new();
    for entry in managers.iter().filter(|entry| !managed::is_of(entry, writer)) {
        let Some(fields) = entry.fields.as_object() else { continue };
        if changed.is_empty() {
            break;
        }
        let Some(contested) = managed::both(fields, &changed) else { continue };
        conflicts.extend(managed::paths(&contested).into_iter().map(|path| (named(entry), path)));
        taken = if taken.is_empty() { contested } else { managed::union(&taken, &contested) };
    }
    conflicts.sort();
    if !conflicts.is_empty() && !force {
        return Err(Refusal::apply_conflicts(&conflicts));
    }
    let own = managers.iter().find(|entry| managed::is_of(entry, writer));
    if let Some(before) = own.and_then(|entry| entry.fields.as_object())
        && let Some(mut gone) = managed::minus(before, &mentioned)
    {
        for entry in managers.iter().filter(|entry| !managed::is_of(entry, writer)) {
            if let Some(fields) = entry.fields.as_object() {
                gone = managed::minus(&gone, fields).unwrap_or_default();
            }
        }
        if !gone.is_empty() {
            prune(kind, &mut object, &gone);
        }
    }
    let changed = object != *live;
    Ok((object, Booking { owned: mentioned, taken, changed }))
}

/// A manager as conflicts name it: those that updated instead of applying are told with the version they used.
fn named(entry: &Managed) -> String {
    let mut name = format!("\"{}\"", entry.manager);
    if !entry.subresource.is_empty() {
        name += &format!(" with subresource \"{}\"", entry.subresource);
    }
    if entry.operation == "Update" {
        name += &format!(" using {}", entry.api_version);
    }
    name
}

/// Structured merge: structs and maps by field, keyed lists by key, sets by value, everything else as one.
fn merge(kind: Type, live: &mut Value, config: &Value) {
    match (kind, config) {
        (Type::Struct(_) | Type::Map(_), Value::Object(map)) => {
            if !live.is_object() {
                *live = Value::Object(Map::new());
            }
            let Value::Object(target) = live else { return };
            for (key, value) in map {
                let below = kind.child(key).unwrap_or(Type::Any);
                merge(below, target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Type::Keyed(element, keys), Value::Array(list)) => {
            if !live.is_array() {
                *live = Value::Array(Vec::new());
            }
            let Value::Array(target) = live else { return };
            for item in list {
                let same = |old: &Value| keys.iter().all(|key| old.get(key) == item.get(key));
                match target.iter_mut().find(|old| same(old)) {
                    Some(old) => merge(*element, old, item),
                    None => target.push(item.clone()),
                }
            }
        }
        (Type::Set(_), Value::Array(list)) => {
            if !live.is_array() {
                *live = Value::Array(Vec::new());
            }
            let Value::Array(target) = live else { return };
            for item in list {
                if !target.contains(item) {
                    target.push(item.clone());
                }
            }
        }
        _ => *live = config.clone(),
    }
}

/// Takes away what a tree names. A list element goes when its own membership (`.`) goes.
fn prune(kind: Type, value: &mut Value, gone: &Tree) {
    match value {
        Value::Object(map) => {
            for (name, sub) in gone {
                let (Some(key), Some(sub)) = (name.strip_prefix("f:"), sub.as_object()) else { continue };
                if sub.is_empty() {
                    map.remove(key);
                } else if let Some(below) = map.get_mut(key) {
                    prune(kind.child(key).unwrap_or(Type::Any), below, sub);
                    let emptied =
                        below.as_object().is_some_and(Map::is_empty) || below.as_array().is_some_and(Vec::is_empty);
                    if emptied && !matches!(kind.child(key), Some(Type::Struct(_))) {
                        map.remove(key);
                    }
                }
            }
        }
        Value::Array(list) => list.retain_mut(|item| {
            let Some(sub) = gone.iter().find(|(name, _)| names(kind, name, item)).and_then(|(_, sub)| sub.as_object())
            else {
                return true;
            };
            if sub.is_empty() || sub.contains_key(".") {
                return false;
            }
            prune(kind.element().unwrap_or(Type::Any), item, sub);
            true
        }),
        _ => {}
    }
}

/// Whether a tree's step names this list element.
fn names(kind: Type, step: &str, item: &Value) -> bool {
    match (kind, step.strip_prefix("k:")) {
        (Type::Keyed(..), Some(key)) => serde_json::from_str::<Map<String, Value>>(key)
            .is_ok_and(|key| key.iter().all(|(field, value)| item.get(field) == Some(value))),
        _ => step.strip_prefix("v:").and_then(|text| serde_json::from_str::<Value>(text).ok()).as_ref() == Some(item),
    }
}

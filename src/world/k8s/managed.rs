//! Field ownership (`metadata.managedFields`): which manager set which fields when, as FieldsV1 trees. Does not decide
//! conflicts and does not know requests.

use super::kinds::Kind;
use super::object::Managed;
use super::schema::Type;
use crate::stdx::time::Time;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A FieldsV1 tree: `f:<field>`, `k:{…}`, `v:…` below each other; an empty one is a leaf, `.` the node itself.
pub type Tree = Map<String, Value>;

/// Who writes: the entry a change is booked under.
#[derive(Clone, Debug)]
pub struct Writer {
    pub manager: String,
    /// `Update` or `Apply`.
    pub operation: &'static str,
    pub api_version: String,
    pub subresource: String,
    pub at: Time,
}

/// Metadata that nobody manages (fieldmanager `stripMetaManager`).
const UNMANAGED: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
];

/// The fields an object has before it is created: structs that Go always writes, even when empty.
pub fn blank(kind: Kind) -> Value {
    let template = json!({"metadata": {}, "spec": {"containers": null}});
    match kind {
        Kind::Pod => json!({"metadata": {}, "spec": {"containers": null}, "status": {}}),
        Kind::Deployment => json!({
            "metadata": {}, "status": {}, "spec": {"selector": null, "strategy": {}, "template": template},
        }),
        Kind::ReplicaSet => json!({"metadata": {}, "status": {}, "spec": {"selector": null, "template": template}}),
        Kind::CronJob => json!({
            "metadata": {}, "status": {},
            "spec": {"jobTemplate": {"metadata": {}, "spec": {"template": template}}},
        }),
        Kind::Job => json!({"metadata": {}, "status": {}, "spec": {"template": template}}),
        Kind::Event | Kind::EventView => json!({"metadata": {}, "involvedObject": {}, "source": {}}),
        _ => json!({"metadata": {}, "spec": {}, "status": {}}),
    }
}

/// The object as managers see it: without type, identity and bookkeeping.
pub fn manageable(object: &Value) -> Value {
    let mut object = object.clone();
    if let Value::Object(map) = &mut object {
        map.remove("apiVersion");
        map.remove("kind");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| !UNMANAGED.contains(&key.as_str()) && key != "uid" && key != "selfLink");
            if metadata.is_empty() {
                map.remove("metadata");
            }
        }
    }
    object
}

/// The name of a list element in a tree.
fn element_name(kind: Type, element: &Value) -> String {
    match kind {
        Type::Keyed(_, keys) => {
            let key: Tree =
                keys.iter().filter_map(|key| element.get(key).map(|value| (key.to_string(), value.clone()))).collect();
            format!("k:{}", Value::Object(key))
        }
        _ => format!("v:{element}"),
    }
}

/// The parts of a value that are owned one by one: name in the tree, type, value. `None`: owned as one.
fn parts(kind: Type, value: &Value) -> Option<Vec<(String, Type, &Value)>> {
    match (kind, value) {
        (Type::Struct(_) | Type::Map(_), Value::Object(map)) => {
            Some(map.iter().map(|(k, v)| (format!("f:{k}"), kind.child(k).unwrap_or(Type::Any), v)).collect())
        }
        (Type::Keyed(element, _) | Type::Set(element), Value::Array(list)) => {
            Some(list.iter().map(|item| (element_name(kind, item), *element, item)).collect())
        }
        _ => None,
    }
}

/// The element of `value` called `name` in a tree.
fn part<'a>(kind: Type, value: &'a Value, name: &str) -> Option<(Type, &'a Value)> {
    match value {
        Value::Object(map) => {
            let key = name.strip_prefix("f:")?;
            Some((kind.child(key).unwrap_or(Type::Any), map.get(key)?))
        }
        Value::Array(list) => {
            let item = list.iter().find(|item| element_name(kind, item) == name)?;
            Some((kind.element()?, item))
        }
        _ => None,
    }
}

/// What `new` sets that `old` does not have, or has otherwise.
pub fn changed(kind: Type, old: Option<&Value>, new: &Value) -> Option<Tree> {
    let Some(parts) = parts(kind, new) else {
        return (old != Some(new)).then(Tree::new);
    };
    let mut tree = Tree::new();
    for (name, below, value) in parts {
        let before = old.and_then(|old| part(kind, old, &name)).map(|(_, value)| value);
        if let Some(sub) = changed(below, before, value) {
            tree.insert(name, Value::Object(sub));
        }
    }
    if old.is_none() && !tree.is_empty() {
        tree.insert(".".into(), json!({}));
    }
    (old.is_none() || !tree.is_empty()).then_some(tree)
}

/// What an applied configuration mentions.
pub fn mentioned(kind: Type, value: &Value) -> Tree {
    let mut tree = Tree::new();
    let list = matches!(kind, Type::Keyed(..));
    for (name, below, value) in parts(kind, value).unwrap_or_default() {
        let mut sub = mentioned(below, value);
        if list && !sub.is_empty() {
            sub.insert(".".into(), json!({}));
        }
        tree.insert(name, Value::Object(sub));
    }
    tree
}

/// Whether the node itself belongs to the set.
fn member(tree: &Tree) -> bool {
    tree.is_empty() || tree.contains_key(".")
}

fn children(tree: &Tree) -> impl Iterator<Item = (&String, &Tree)> {
    tree.iter().filter(|(name, _)| *name != ".").filter_map(|(name, sub)| Some((name, sub.as_object()?)))
}

pub fn union(a: &Tree, b: &Tree) -> Tree {
    let mut out = a.clone();
    if (member(a) || member(b)) && !(a.is_empty() && b.is_empty()) {
        out.insert(".".into(), json!({}));
    }
    for (name, sub) in children(b) {
        let merged = match a.get(name).and_then(Value::as_object) {
            Some(own) => union(own, sub),
            None => sub.clone(),
        };
        out.insert(name.clone(), Value::Object(merged));
    }
    out
}

/// `a` without what is in `b`; `None` if nothing remains.
pub fn minus(a: &Tree, b: &Tree) -> Option<Tree> {
    let keep = member(a) && !member(b);
    let mut out = Tree::new();
    for (name, sub) in children(a) {
        match b.get(name).and_then(Value::as_object) {
            Some(gone) => out.extend(minus(sub, gone).map(|rest| (name.clone(), Value::Object(rest)))),
            None => {
                out.insert(name.clone(), Value::Object(sub.clone()));
            }
        }
    }
    if keep && !out.is_empty() {
        out.insert(".".into(), json!({}));
    }
    (keep || !out.is_empty()).then_some(out)
}

/// What is in both; `None` if nothing is.
pub fn both(a: &Tree, b: &Tree) -> Option<Tree> {
    let keep = member(a) && member(b);
    let mut out = Tree::new();
    for (name, sub) in children(a) {
        let shared = b.get(name).and_then(Value::as_object).and_then(|other| both(sub, other));
        out.extend(shared.map(|shared| (name.clone(), Value::Object(shared))));
    }
    if keep && !out.is_empty() {
        out.insert(".".into(), json!({}));
    }
    (keep || !out.is_empty()).then_some(out)
}

/// `tree` without paths that are no longer in the object.
fn present(kind: Type, tree: &Tree, value: &Value) -> Option<Tree> {
    if tree.is_empty() {
        return Some(Tree::new());
    }
    let mut out = Tree::new();
    for (name, sub) in children(tree) {
        if let Some((below, value)) = part(kind, value, name)
            && let Some(rest) = present(below, sub, value)
        {
            out.insert(name.clone(), Value::Object(rest));
        }
    }
    if tree.contains_key(".") {
        if !out.is_empty() {
            out.insert(".".into(), json!({}));
        }
        return Some(out);
    }
    (!out.is_empty()).then_some(out)
}

/// The paths in a tree as the server prints them in conflicts: `.spec.replicas`,
/// `.spec.template.spec.containers[name="app"].image`.
pub fn paths(tree: &Tree) -> Vec<String> {
    let mut out = Vec::new();
    collect(tree, String::new(), &mut out);
    out
}

fn collect(tree: &Tree, path: String, out: &mut Vec<String>) {
    if member(tree) && !path.is_empty() {
        out.push(path.clone());
    }
    for (name, sub) in children(tree) {
        let step = if let Some(field) = name.strip_prefix("f:") {
            format!(".{field}")
        } else if let Some(key) = name.strip_prefix("k:") {
            let key: Tree = serde_json::from_str(key).unwrap_or_default();
            let pairs: Vec<String> = key.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("[{}]", pairs.join(","))
        } else {
            format!("[={}]", name.strip_prefix("v:").unwrap_or(name))
        };
        collect(sub, format!("{path}{step}"), out);
    }
}

/// A write to be booked.
#[derive(Clone, Debug, Default)]
pub struct Booking {
    /// What the writer owns afterwards: for an update this is added to what it had, for an apply it is all.
    pub owned: Tree,
    /// What the other managers lose.
    pub taken: Tree,
    /// Whether any field of the object changed.
    pub changed: bool,
}

impl Booking {
    /// An update from `old` (nothing or blank for a creation) to `new`, both manageable.
    pub fn update(kind: Type, old: &Value, new: &Value) -> Booking {
        let tree = changed(kind, Some(old), new).unwrap_or_default();
        Booking { changed: !tree.is_empty(), taken: tree.clone(), owned: tree }
    }
}

/// Books a write: the writer owns what it changed, others lose that and what has gone.
pub fn book(managers: &[Managed], writer: &Writer, booking: Booking, kind: Type, new: &Value) -> Vec<Managed> {
    let mut out = Vec::new();
    let mut own: Option<&Managed> = None;
    for entry in managers {
        if is_of(entry, writer) {
            own = Some(entry);
            continue;
        }
        let Some(fields) = entry.fields.as_object() else { continue };
        let kept = if booking.taken.is_empty() { Some(fields.clone()) } else { minus(fields, &booking.taken) };
        if let Some(rest) = kept.and_then(|rest| present(kind, &rest, new)) {
            let fields = if rest == *fields { entry.fields.clone() } else { Arc::new(Value::Object(rest)) };
            out.push(Managed { fields, ..entry.clone() });
        }
    }
    let before = own.and_then(|entry| entry.fields.as_object());
    let fields = match before {
        Some(before) if writer.operation == "Update" && booking.owned.is_empty() => before.clone(),
        Some(before) if writer.operation == "Update" => union(before, &booking.owned),
        _ => booking.owned,
    };
    let fields = present(kind, &fields, new).unwrap_or_default();
    if !fields.is_empty() {
        let still = own.filter(|entry| !booking.changed && entry.fields.as_object() == Some(&fields));
        out.push(Managed {
            manager: writer.manager.clone(),
            operation: writer.operation.into(),
            api_version: writer.api_version.clone(),
            subresource: writer.subresource.clone(),
            at: still.map_or(writer.at.floor_secs(), |entry| entry.at),
            fields: still.map_or_else(|| Arc::new(Value::Object(fields)), |entry| entry.fields.clone()),
        });
    }
    out.sort_by(|a, b| {
        let key = |m: &Managed| (m.operation.clone(), m.at, m.manager.clone(), m.subresource.clone());
        key(a).cmp(&key(b))
    });
    out
}

/// Whether an entry is the writer's own.
pub fn is_of(entry: &Managed, writer: &Writer) -> bool {
    entry.manager == writer.manager
        && entry.operation == writer.operation
        && entry.subresource == writer.subresource
        && entry.api_version == writer.api_version
}

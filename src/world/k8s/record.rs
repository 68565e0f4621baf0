//! The API's part of the audit: which request by a person or a bot changed what. Controllers and kubelets are not
//! recorded. Does not judge.

use super::api::{Body, Request, Response, Verb};
use super::kinds;
use super::object::Object;
use super::read;
use crate::stdx::canon;
use crate::world::World;
use crate::world::audit::{Entry, FieldChange};
use serde_json::Value;
use std::sync::Arc;

/// Parts of an object that say nothing about what somebody wanted.
const BOOKKEEPING: [&str; 4] = ["generation", "managedFields", "resourceVersion", "uid"];

/// What `kubectl apply` notes for itself.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The object a request is about, as it is before the request; `None` too where nothing is recorded.
pub fn before(world: &World, request: &Request) -> Option<Arc<Object>> {
    if !recorded(request) {
        return None;
    }
    find(world, request, request.name.as_deref()?)
}

fn recorded(request: &Request) -> bool {
    let reads = matches!(request.verb, Verb::Get | Verb::List | Verb::Watch);
    let exec = request.subresource.as_deref() == Some("exec");
    (!reads || exec) && !is_controller(&request.user)
}

/// The control plane's own accounts; those of programs in other namespaces are bots.
fn is_controller(user: &str) -> bool {
    let account = user.strip_prefix("system:serviceaccount:");
    user.starts_with("system:") && account.is_none_or(|account| account.starts_with("kube-system:"))
}

fn find(world: &World, request: &Request, name: &str) -> Option<Arc<Object>> {
    let row = kinds::by_resource(&request.group, &request.resource)?;
    let namespace = request.namespace.as_deref().unwrap_or("");
    world.k8s.store.get(read::stored(row), namespace, name).cloned()
}

/// Writes the entry for a request that was answered.
pub fn note(world: &mut World, request: &Request, before: Option<Arc<Object>>, answer: &Response) {
    if !recorded(request) {
        return;
    }
    let name = match (&request.name, &answer.body) {
        (Some(name), _) => name.clone(),
        (None, Body::Json(object)) if answer.code < 300 => object["metadata"]["name"].as_str().unwrap_or("").into(),
        (None, _) => {
            let body = request.body.as_ref();
            body.and_then(|body| body["metadata"]["name"].as_str()).unwrap_or("").to_string()
        }
    };
    let dry_run = request.query.dry_run || request.body.as_ref().is_some_and(|body| body["dryRun"][0] == "All");
    let changed = match (&before, answer.code < 300 && !dry_run) {
        (Some(before), true) => changes(before, find(world, request, &name).as_deref()),
        _ => Vec::new(),
    };
    let verb = match request.verb {
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Patch(_) => "patch",
        Verb::Delete => "delete",
        Verb::DeleteCollection => "deletecollection",
        Verb::Get | Verb::List | Verb::Watch => "get",
    };
    let resource = match &request.subresource {
        Some(subresource) => format!("{}/{subresource}", request.resource),
        None => request.resource.clone(),
    };
    world.audit.record(Entry {
        serial: 0,
        at: world.now,
        user: request.user.clone(),
        agent: request.agent.clone(),
        verb: verb.into(),
        resource,
        namespace: request.namespace.clone().unwrap_or_default(),
        name,
        changed,
        code: answer.code,
        dry_run,
    });
}

/// The paths that differ between two states of one object, in canonical spelling and order. A deleted object has no
/// changes of fields.
pub fn changes(before: &Object, after: Option<&Object>) -> Vec<FieldChange> {
    let Some(after) = after else { return Vec::new() };
    let (old, new) = (wanted(before), wanted(after));
    let differences = canon::differences(&old, &new).into_iter();
    let side = |text: String| Some(text).filter(|text| !text.is_empty());
    differences.map(|(path, (was, is))| FieldChange { path, before: side(was), after: side(is) }).collect()
}

/// An object without bookkeeping and without its status, which nobody but controllers sets.
fn wanted(object: &Object) -> Value {
    let mut value = object.to_json();
    if let Value::Object(map) = &mut value {
        map.remove("status");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| !BOOKKEEPING.contains(&key.as_str()));
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove(LAST_APPLIED);
            }
        }
    }
    value
}

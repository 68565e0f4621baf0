//! Roles: names for objects that are born in play. Binds them to the cast world, and puts an object's name for `{role}`
//! into a line. Does not know patterns.

use super::shape::{Case, Role, Template};
use super::skin::{Piece, pieces};
use crate::console::fact::ObjectId;
use crate::world::World;
use crate::world::k8s::kinds::{KINDS, Kind, KindRow};
use crate::world::k8s::object::Object;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The annotation in which the deployment controller numbers templates.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Binds every role to the world as it is: ReplicaSets by their revision, nodes by the pod that runs on them. Names
/// the roles that mean nothing in this world.
pub fn bind(roles: &mut BTreeMap<String, Role>, world: &World) -> Vec<String> {
    let names: Vec<String> = roles.keys().cloned().collect();
    for name in &names {
        if let Some(role) = roles.get_mut(name)
            && role.template != Template::Any
        {
            bind_template(role, world);
        }
    }
    for name in &names {
        let Some(role) = roles.get(name).filter(|role| role.kind == "Node" && !role.of.is_empty()) else { continue };
        let node = roles.get(&role.of).and_then(|pods| objects(pods, world).first().map(|pod| node_of(pod)));
        if let (Some(node), Some(role)) = (node, roles.get_mut(name)) {
            role.name = node;
        }
    }
    names.into_iter().filter(|name| roles.get(name).is_none_or(|role| resolve(role, world).is_none())).collect()
}

fn bind_template(role: &mut Role, world: &World) {
    let mut sets: Vec<(u64, &str)> = world
        .k8s
        .store
        .list(Kind::ReplicaSet, Some(&role.namespace))
        .filter(|set| set.controller().is_some_and(|owner| owner.name == role.of))
        .filter_map(|set| Some((set.meta.annotations.get(REVISION)?.parse().ok()?, set.meta.name.as_str())))
        .collect();
    sets.sort();
    let index = match role.template {
        Template::Before => sets.len().checked_sub(2),
        _ => sets.len().checked_sub(1),
    };
    if let Some((revision, name)) = index.and_then(|index| sets.get(index)) {
        role.revision = Some(*revision);
        role.replica_set = (*name).to_string();
    }
}

fn node_of(pod: &Object) -> String {
    pod.spec["nodeName"].as_str().unwrap_or_default().to_string()
}

/// The kind's row by its name: `Pod`.
fn row(kind: &str) -> Option<&'static KindRow> {
    KINDS.iter().copied().find(|row| row.kind == kind && row.id != Kind::EventView)
}

/// The objects that a role means now; the likeliest first: pods that restarted most, then not ready, then by name.
pub fn objects<'a>(role: &'a Role, world: &'a World) -> Vec<&'a Arc<Object>> {
    let Some(row) = row(&role.kind) else { return Vec::new() };
    // A role that waits for its template or node to be bound means nothing yet.
    if role.replica_set.is_empty() && role.template != Template::Any {
        return Vec::new();
    }
    let namespace = (!role.namespace.is_empty()).then_some(role.namespace.as_str());
    let mut found: Vec<&Arc<Object>> =
        world.k8s.store.list(row.id, namespace).filter(|object| role.means(&id(object))).collect();
    found.sort_by_key(|object| (std::cmp::Reverse(restarts(object)), object.meta.name.clone()));
    found
}

fn id(object: &Object) -> ObjectId {
    ObjectId {
        kind: object.kind.kind.into(),
        namespace: object.meta.namespace.clone(),
        name: object.meta.name.clone(),
        uid: object.meta.uid.clone(),
    }
}

fn restarts(object: &Object) -> i64 {
    let statuses = object.status["containerStatuses"].as_array().map_or(&[][..], Vec::as_slice);
    statuses.iter().filter_map(|status| status["restartCount"].as_i64()).sum()
}

/// The name that stands for a role now. A role that names its object is that name, whether or not it exists; a kind
/// that the cluster does not have (a flag, an article) is taken at its word.
pub fn resolve(role: &Role, world: &World) -> Option<String> {
    if let Some(object) = objects(role, world).first() {
        return Some(object.meta.name.clone());
    }
    (row(&role.kind).is_none() && !role.name.is_empty()).then(|| role.name.clone())
}

/// Expands a transcript's line: what the seed drew, `{onset}`, `{page_time}`, and roles as they are now.
pub fn expand_line(text: &str, case: &Case, world: &World) -> String {
    expand(&super::skin::expand(text, &case.names), &case.roles, world)
}

/// Puts names for `{role}` (and `{role.node}`, `{role.ip}`, `{role.id}` of what the network has) into a line; what means nothing now stays as it is.
pub fn expand(text: &str, roles: &BTreeMap<String, Role>, world: &World) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Name(name) => match name_of(name, roles, world) {
                Some(found) => out.push_str(&found),
                None => out.push_str(&format!("{{{name}}}")),
            },
        }
    }
    out
}

fn name_of(name: &str, roles: &BTreeMap<String, Role>, world: &World) -> Option<String> {
    let (base, part) = name.split_once('.').unwrap_or((name, ""));
    let role = roles.get(base)?;
    match part {
        "" => resolve(role, world).or_else(|| (!role.name.is_empty()).then(|| role.name.clone())),
        "node" => objects(role, world).first().map(|pod| node_of(pod)),
        "ip" => objects(role, world).first().and_then(|pod| pod.status["podIP"].as_str().map(str::to_string)),
        "revision" => role.revision.map(|number| number.to_string()),
        // What the account calls a thing that people know by its Name tag.
        "id" => crate::world::aws::ec2::id_of_cfn(world, &role.kind, &role.name).map(|id| id.to_string()),
        "namespace" => Some(role.namespace.clone()),
        _ => None,
    }
}

/// What the world says of a path of the first object that a role means; for checks.
pub fn field<'a>(role: &'a Role, world: &'a World, pointer: &str) -> Option<&'a Value> {
    let object = objects(role, world).into_iter().next()?;
    object.status.pointer(pointer).or_else(|| object.spec.pointer(pointer))
}

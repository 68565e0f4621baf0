//! Deletion: grace for pods, propagation to dependents, preconditions, finalizers. The kubelet, the garbage collector and
//! the namespace controller finish what is begun here; this file does not know them.

use super::api::{Body, Request, Response};
use super::kinds::{Kind, KindRow};
use super::object::Object;
use super::read;
use super::refusal::{Faults, Refusal};
use super::selector::Selector;
use super::table::text;
use crate::stdx::time::Span;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// Namespaces that the admission plugin NamespaceLifecycle never lets go.
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

/// What happens to an object's dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// The garbage collector deletes them afterwards.
    Background,
    /// The object stays until they are gone.
    Foreground,
    /// They lose their owner and stay.
    Orphan,
}

/// `DeleteOptions`.
#[derive(Clone, Debug)]
struct Options {
    grace_s: Option<i64>,
    propagation: Propagation,
    uid: String,
    version: String,
    dry_run: bool,
}

impl Options {
    fn read(request: &Request) -> Result<Options, Refusal> {
        static NOTHING: Value = Value::Null;
        let body = request.body.as_ref().unwrap_or(&NOTHING);
        let policy = text(&body["propagationPolicy"]);
        let propagation = match policy {
            "" | "Background" => Propagation::Background,
            "Foreground" => Propagation::Foreground,
            "Orphan" => Propagation::Orphan,
            _ => {
                let mut faults = Faults::default();
                let supported = ["Foreground", "Background", "Orphan", "nil"];
                faults.unsupported("propagationPolicy", &policy.into(), &supported);
                return Err(Refusal::invalid("meta.k8s.io", "DeleteOptions", "", &faults));
            }
        };
        let propagation = if body["orphanDependents"] == true { Propagation::Orphan } else { propagation };
        Ok(Options {
            grace_s: body["gracePeriodSeconds"].as_i64(),
            propagation,
            uid: text(&body["preconditions"]["uid"]).into(),
            version: text(&body["preconditions"]["resourceVersion"]).into(),
            dry_run: request.query.dry_run || body["dryRun"][0] == "All",
        })
    }

    fn check(&self, row: &KindRow, object: &Object) -> Result<(), Refusal> {
        let meta = &object.meta;
        let mismatch = |what: &str, given: &str, is: &str, tail: &str| {
            let why = format!(
                "the {what} in the precondition ({given}) does not match the {what} in record ({is}). The object might have been {tail}"
            );
            Err(Refusal::conflict_on(row.kind, &meta.name, &why))
        };
        if !self.uid.is_empty() && self.uid != meta.uid {
            return mismatch("UID", &self.uid, &meta.uid, "deleted and then recreated");
        }
        let version = meta.resource_version.to_string();
        if !self.version.is_empty() && self.version != version {
            return mismatch("ResourceVersion", &self.version, &version, "modified");
        }
        Ok(())
    }
}

pub fn one(world: &mut World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    let options = Options::read(request)?;
    let namespace = request.namespace.as_deref().unwrap_or("");
    let object = world.k8s.store.get(read::stored(row), namespace, name).cloned();
    let object = object.ok_or_else(|| Refusal::not_found(row, name))?;
    options.check(row, &object)?;
    if row.id == Kind::Namespace && IMMORTAL.contains(&name) {
        return Err(Refusal::forbidden(row, name, "this namespace may not be deleted"));
    }
    Ok(match delete(world, &object, &options) {
        // These kinds answer with the object as it was.
        Outcome::Gone(last) if matches!(row.id, Kind::Pod | Kind::Service | Kind::ServiceAccount) => {
            read::respond(row, &last, request.accept, world.now, 200)
        }
        Outcome::Gone(last) => success(row, &last),
        Outcome::Going(object) => read::respond(row, &object, request.accept, world.now, 200),
    })
}

fn success(row: &KindRow, object: &Object) -> Response {
    let mut details = json!({"name": object.meta.name, "kind": row.plural, "uid": object.meta.uid});
    if !row.group.is_empty() {
        details["group"] = row.group.into();
    }
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details,
    });
    Response { code: 200, body: Body::Json(status), warnings: Vec::new() }
}

/// Deletes all that the selectors pick, in order.
pub fn collection(world: &mut World, request: &Request, row: &'static KindRow) -> Result<Response, Refusal> {
    let options = Options::read(request)?;
    let selector = Selector::parse(read::stored(row), &request.query.label_selector, &request.query.field_selector)?;
    let store = &world.k8s.store;
    let picked = store.list(read::stored(row), request.namespace.as_deref()).filter(|object| selector.matches(object));
    let picked: Vec<Arc<Object>> = picked.cloned().collect();
    let mut items = Vec::with_capacity(picked.len());
    for object in picked {
        match delete(world, &object, &options) {
            Outcome::Gone(last) => items.push(read::shown(row, &last)),
            Outcome::Going(object) => items.push(read::shown(row, &object)),
        }
    }
    let list = json!({
        "kind": format!("{}List", row.kind), "apiVersion": row.api_version(),
        "metadata": {"resourceVersion": world.k8s.store.version().to_string()}, "items": items,
    });
    Ok(Response { code: 200, body: Body::Json(list), warnings: Vec::new() })
}

enum Outcome {
    /// Removed; the object as it last was.
    Gone(Arc<Object>),
    /// Marked; others remove it later.
    Going(Arc<Object>),
}

fn delete(world: &mut World, object: &Arc<Object>, options: &Options) -> Outcome {
    let now = world.now;
    let mut marked = Object::clone(object);
    let grace_s = grace_of(object, options);
    let first = object.meta.deleted.is_none();
    match options.propagation {
        Propagation::Foreground if first && object.kind.id != Kind::Pod => {
            marked.meta.finalizers.push("foregroundDeletion".into());
        }
        Propagation::Orphan if !options.dry_run => orphan(world, &object.meta.uid),
        _ => {}
    }
    if object.kind.id == Kind::Namespace {
        let mut status = Value::clone(&marked.status);
        status["phase"] = "Terminating".into();
        marked.status = status.into();
        if first {
            marked.meta.deleted = Some(now.floor_secs());
        }
        return Outcome::Going(stored(world, marked, options));
    }
    let waits = !marked.meta.finalizers.is_empty();
    if grace_s == 0 && !waits {
        if !options.dry_run {
            world.k8s.store.remove(object.kind.id, &object.meta.namespace, &object.meta.name);
        }
        return Outcome::Gone(object.clone());
    }
    // A second deletion can only shorten the grace.
    if first || object.meta.grace_s.is_some_and(|before| grace_s < before) {
        let begun = match (object.meta.deleted, object.meta.grace_s) {
            (Some(end), Some(before)) => end.floor_secs() - Span::secs(before),
            _ => now.floor_secs(),
        };
        marked.meta.deleted = Some(begun + Span::secs(grace_s));
        marked.meta.grace_s = Some(grace_s);
        if first && marked.meta.generation > 0 {
            marked.meta.generation += 1;
        }
    }
    Outcome::Going(stored(world, marked, options))
}

fn stored(world: &mut World, object: Object, options: &Options) -> Arc<Object> {
    if options.dry_run { Arc::new(object) } else { world.k8s.store.put(object, world.now) }
}

/// Only pods that run somewhere are given time (pod strategy `CheckGracefulDelete`).
fn grace_of(object: &Object, options: &Options) -> i64 {
    if object.kind.id != Kind::Pod {
        return 0;
    }
    let own = object.spec["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
    let asked = options.grace_s.unwrap_or(own);
    // A negative grace means one second.
    let asked = if asked < 0 { 1 } else { asked };
    let ended = matches!(text(&object.status["phase"]), "Succeeded" | "Failed");
    if text(&object.spec["nodeName"]).is_empty() || ended { 0 } else { asked }
}

/// Dependents forget an owner that is deleted without them.
fn orphan(world: &mut World, uid: &str) {
    let dependents: Vec<Arc<Object>> = super::kinds::KINDS
        .iter()
        .flat_map(|row| world.k8s.store.list(row.id, None))
        .filter(|object| object.meta.owners.iter().any(|owner| owner.uid == uid))
        .cloned()
        .collect();
    for dependent in dependents {
        let mut freed = Object::clone(&dependent);
        freed.meta.owners.retain(|owner| owner.uid != uid);
        world.k8s.store.put(freed, world.now);
    }
}

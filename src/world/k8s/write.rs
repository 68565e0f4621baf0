//! Writing: create, update and patch, and the one path by which an object gets into the store (decode, default, book
//! ownership, admit, validate, put). Does not know deletion's grace and propagation.

use super::api::{PatchKind, Request, Response};
use super::kinds::{Kind, KindRow, event_view};
use super::managed::{self, Booking, Writer};
use super::object::{Managed, Object};
use super::refusal::{Faults, Refusal};
use super::schema::{self, Type};
use super::store::Store;
use super::{admit, apply, decode, defaults, patch, read, validate};
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most characters of a generated name's stem (63 less the suffix).
const STEM_MAX: usize = 58;

/// A request's write, as every step needs it.
struct Write<'a> {
    request: &'a Request,
    /// The kind in the path, and the one that is stored.
    row: &'static KindRow,
    stored: &'static KindRow,
    fields: &'static schema::Fields,
    writer: Writer,
    warnings: Vec<String>,
}

impl<'a> Write<'a> {
    fn new(world: &World, request: &'a Request, row: &'static KindRow) -> Result<Write<'a>, Refusal> {
        let stored = read::stored(row).row();
        let fields = schema::of(stored.id).ok_or_else(Refusal::method_not_allowed)?;
        check_options(request)?;
        let manager = match request.query.field_manager.as_str() {
            "" => request.agent.split('/').next().unwrap_or("").trim(),
            manager => manager,
        };
        let writer = Writer {
            manager: if manager.is_empty() { "unknown" } else { manager }.to_string(),
            operation: if request.verb == super::api::Verb::Patch(PatchKind::Apply) { "Apply" } else { "Update" },
            api_version: stored.api_version(),
            subresource: request.subresource.clone().unwrap_or_default(),
            at: world.now,
        };
        Ok(Write { request, row, stored, fields, writer, warnings: Vec::new() })
    }

    fn kind(&self) -> Type {
        Type::Struct(self.fields)
    }

    /// Turns a body into a clean, complete value; unknown fields refuse, warn or vanish as the request asks.
    fn decode(&mut self, mut body: Value) -> Result<Value, Refusal> {
        if self.row.id == Kind::EventView {
            body = event_view::to_core(body);
        }
        let found = decode::decode(self.fields, &mut body).map_err(|why| Refusal::cannot_decode(self.row, &why))?;
        if !found.unknown.is_empty() {
            match self.request.query.field_validation.as_str() {
                "Strict" => {
                    let why = format!("strict decoding error: {}", found.unknown.join(", "));
                    return Err(Refusal::cannot_decode(self.row, &why));
                }
                "Ignore" => {}
                _ => self.warnings.extend(found.unknown),
            }
        }
        defaults::fill(self.stored.id, &mut body);
        Ok(body)
    }

    /// The half of an object that this endpoint writes and so can own.
    fn manageable(&self, object: &Value) -> Value {
        let mut half = managed::manageable(object);
        if let Value::Object(map) = &mut half {
            if self.request.subresource.as_deref() == Some("status") {
                map.retain(|key, _| matches!(key.as_str(), "metadata" | "status"));
            } else if has_status(self.stored.id) {
                map.remove("status");
            }
        }
        half
    }

    fn book(&self, managers: &[Managed], booking: Booking, new: &Value) -> Vec<Managed> {
        managed::book(managers, &self.writer, booking, self.kind(), new)
    }

    fn respond(self, world: &World, object: &Object, code: u16) -> Response {
        let mut response = read::respond(self.row, object, self.request.accept, world.now, code);
        response.warnings = self.warnings;
        response
    }
}

/// Parameters every write understands.
fn check_options(request: &Request) -> Result<(), Refusal> {
    use super::api::Verb;
    let kind = match request.verb {
        Verb::Create => "CreateOptions",
        Verb::Update => "UpdateOptions",
        _ => "PatchOptions",
    };
    let mut faults = Faults::default();
    let query = &request.query;
    let apply = request.verb == Verb::Patch(PatchKind::Apply);
    if apply && query.field_manager.is_empty() {
        faults.required("fieldManager", "is required for apply patch");
    }
    if !apply && query.force && matches!(request.verb, Verb::Patch(_)) {
        faults.forbidden("force", "may not be specified for non-apply patch");
    }
    let validation = query.field_validation.as_str();
    if !matches!(validation, "" | "Ignore" | "Warn" | "Strict") {
        faults.unsupported("fieldValidation", &validation.into(), &["", "Ignore", "Strict", "Warn"]);
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::invalid("meta.k8s.io", kind, "", &faults)) }
}

/// The body, if it is an object of the kind in the path.
fn body_of(request: &Request, row: &KindRow) -> Result<Value, Refusal> {
    let unrecognized = |why: &str| {
        let kind = row.kind;
        Refusal::bad_request(format!("the object provided is unrecognized (must be of type {kind}): {why}"))
    };
    let Some(body) = &request.body else {
        return Err(unrecognized(
            "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
        ));
    };
    if !body.is_object() {
        return Err(unrecognized("couldn't get version/kind; json parse error: json: cannot unmarshal into an object"));
    }
    let (kind, expected) = (body["kind"].as_str().unwrap_or(""), row.api_version());
    let api_version = body["apiVersion"].as_str().unwrap_or("");
    let right_kind = kind.is_empty() || kind == row.kind;
    if right_kind && (api_version.is_empty() || api_version == expected) {
        return Ok(body.clone());
    }
    if right_kind {
        return Err(Refusal::bad_request(format!(
            "the API version in the data ({api_version}) does not match the expected API version ({expected})"
        )));
    }
    let version = api_version.rsplit('/').next().unwrap_or("");
    let internal = if row.group.is_empty() { "core" } else { row.group.split('.').next().unwrap_or(row.group) };
    Err(Refusal::bad_request(format!(
        "{kind} in version \"{version}\" cannot be handled as a {own}: converting ({version}.{kind}) to \
         ({internal}.{own}): unknown conversion",
        own = row.kind
    )))
}

/// The namespace of the body must be that of the path; an absent one is filled in.
fn settle_namespace(request: &Request, row: &KindRow, body: &mut Value) -> Result<(), Refusal> {
    // Where metadata is no object the decoder's own words are the answer.
    if !body.is_object() || !(body["metadata"].is_object() || body["metadata"].is_null()) {
        let fields = schema::of(row.id).ok_or_else(Refusal::no_resource)?;
        let why = decode::decode(fields, body).err().unwrap_or_else(|| "metadata must be an object".into());
        return Err(Refusal::cannot_decode(row, &why));
    }
    let wanted = request.namespace.as_deref().unwrap_or("");
    let given = body["metadata"]["namespace"].as_str().unwrap_or("");
    if row.namespaced && !given.is_empty() && given != wanted {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Refusal::bad_request(why));
    }
    if body["metadata"].is_null() {
        body["metadata"] = json!({});
    }
    if row.namespaced {
        body["metadata"]["namespace"] = wanted.into();
    }
    Ok(())
}

pub fn create(world: &mut World, request: &Request, row: &'static KindRow) -> Result<Response, Refusal> {
    let mut write = Write::new(world, request, row)?;
    let mut body = body_of(request, row)?;
    settle_namespace(request, row, &mut body)?;
    let body = write.decode(body)?;
    let booking = Booking::update(write.kind(), &managed::blank(write.stored.id), &write.manageable(&body));
    let object = insert(world, &write, &body, booking)?;
    Ok(write.respond(world, &object, 201))
}

/// Brings a new object into the store (or, on a dry run, only as far as that).
fn insert(world: &mut World, write: &Write, body: &Value, booking: Booking) -> Result<Arc<Object>, Refusal> {
    let row = write.stored;
    let mut object = Object::of_kind(row, body).map_err(Refusal::bad_request)?;
    if object.meta.resource_version > 0 {
        return Err(Refusal::internal("resourceVersion should not be set on objects to be created"));
    }
    let mut managers = write.book(&[], booking, &managed::manageable(body));
    let now = world.now;
    let store = &mut world.k8s.store;
    store.share_fields(&mut managers);
    object.managed = Arc::new(managers);
    let meta = &mut object.meta;
    (meta.deleted, meta.grace_s, meta.created, meta.generation) = (None, None, now.floor_secs(), 0);
    meta.uid = store.uid();
    if meta.name.is_empty() && !meta.generate_name.is_empty() {
        let stem: String = meta.generate_name.chars().take(STEM_MAX).collect();
        meta.name = format!("{stem}{}", store.suffix());
    }
    if has_generation(row.id) {
        meta.generation = 1;
    }
    reset_status(&mut object);
    if row.namespaced {
        admit::namespace_alive(store, row, &object.meta.namespace, &object.meta.name)?;
    }
    admit::create(store, &mut object, now)?;
    validate::create(&object)?;
    if store.get(row.id, &object.meta.namespace, &object.meta.name).is_some() {
        return Err(Refusal::already_exists(row, &object.meta.name));
    }
    if write.request.query.dry_run {
        return Ok(Arc::new(object));
    }
    Ok(store.put(object, now))
}

/// Kinds whose `metadata.generation` counts changes of the desired state.
fn has_generation(kind: Kind) -> bool {
    matches!(kind, Kind::CronJob | Kind::Deployment | Kind::EndpointSlice | Kind::Job | Kind::Pod | Kind::ReplicaSet)
}

/// Kinds whose status only the `status` subresource writes.
fn has_status(kind: Kind) -> bool {
    kind.row().subresources.contains(&"status")
}

/// A new object starts without a status (nodes report theirs when they register).
fn reset_status(object: &mut Object) {
    let blank = match object.kind.id {
        Kind::CronJob | Kind::Deployment | Kind::Job | Kind::Pod => json!({}),
        Kind::ReplicaSet => json!({"replicas": 0}),
        Kind::Service => json!({"loadBalancer": {}}),
        Kind::Namespace => json!({"phase": "Active"}),
        _ => return,
    };
    object.status = blank.into();
}

fn existing(store: &Store, row: &KindRow, request: &Request, name: &str) -> Result<Arc<Object>, Refusal> {
    let namespace = request.namespace.as_deref().unwrap_or("");
    store.get(read::stored(row), namespace, name).cloned().ok_or_else(|| Refusal::not_found(row, name))
}

pub fn update(world: &mut World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    let mut write = Write::new(world, request, row)?;
    let mut body = body_of(request, row)?;
    settle_namespace(request, row, &mut body)?;
    let given = body["metadata"]["name"].as_str().unwrap_or("");
    if !given.is_empty() && given != name {
        let why = format!("the name of the object ({given}) does not match the name on the URL ({name})");
        return Err(Refusal::bad_request(why));
    }
    body["metadata"]["name"] = name.into();
    let old = existing(&world.k8s.store, row, request, name)?;
    let body = write.decode(body)?;
    let object = replace(world, &write, old, &body, None)?;
    Ok(write.respond(world, &object, 200))
}

pub fn patch(
    world: &mut World,
    request: &Request,
    row: &'static KindRow,
    name: &str,
    kind: PatchKind,
) -> Result<Response, Refusal> {
    let mut write = Write::new(world, request, row)?;
    let body = request.body.as_ref();
    let body = body.ok_or_else(|| Refusal::bad_request("error decoding patch: unexpected end of JSON input"))?;
    if kind == PatchKind::Apply {
        return apply_config(world, write, name, body);
    }
    let old = existing(&world.k8s.store, row, request, name)?;
    let mut patched = read::shown(row, &old);
    match kind {
        PatchKind::Json => patch::json(&mut patched, body)?,
        PatchKind::Merge => patch::merge(&mut patched, body),
        PatchKind::Strategic | PatchKind::Apply => patch::strategic(write.kind(), &mut patched, body)?,
    }
    if patched["metadata"]["name"].as_str() != Some(name) {
        let given = patched["metadata"]["name"].as_str().unwrap_or("");
        let why = format!("the name of the object ({given}) does not match the name on the URL ({name})");
        return Err(Refusal::bad_request(why));
    }
    let body = write.decode(patched)?;
    let object = replace(world, &write, old, &body, None)?;
    Ok(write.respond(world, &object, 200))
}

fn apply_config(world: &mut World, mut write: Write, name: &str, config: &Value) -> Result<Response, Refusal> {
    let (request, row) = (write.request, write.stored);
    if config["metadata"].get("managedFields").is_some_and(|fields| !fields.is_null()) {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    let mut config = config.clone();
    settle_namespace(request, row, &mut config)?;
    // What is applied is checked as it is, before defaults make it more than was said.
    let found = decode::decode(write.fields, &mut config).map_err(|why| Refusal::cannot_decode(row, &why))?;
    if !found.unknown.is_empty() {
        if request.query.field_validation == "Strict" {
            let why = format!("strict decoding error: {}", found.unknown.join(", "));
            return Err(Refusal::cannot_decode(row, &why));
        }
        write.warnings.extend(found.unknown);
    }
    let namespace = request.namespace.as_deref().unwrap_or("");
    let old = world.k8s.store.get(row.id, namespace, name).cloned();
    let live = old.as_ref().map_or_else(|| json!({}), |old| old.to_json());
    let managers = old.as_ref().map(|old| old.managed.clone()).unwrap_or_default();
    let writer = &write.writer;
    let (mut merged, booking) = apply::apply(write.kind(), &live, &config, &managers, writer, request.query.force)?;
    if old.is_some() {
        for key in ["name", "uid", "resourceVersion"] {
            if key != "resourceVersion" || config["metadata"].get(key).is_none() {
                merged["metadata"][key] = live["metadata"][key].clone();
            }
        }
    } else {
        merged["metadata"]["name"] = name.into();
    }
    let body = write.decode(merged)?;
    match old {
        Some(old) => {
            let object = replace(world, &write, old, &body, Some(booking))?;
            Ok(write.respond(world, &object, 200))
        }
        None => {
            let object = insert(world, &write, &body, booking)?;
            Ok(write.respond(world, &object, 201))
        }
    }
}

/// Puts a changed object in the place of the old one. `booking` is given where apply has worked it out.
fn replace(
    world: &mut World,
    write: &Write,
    old: Arc<Object>,
    body: &Value,
    booking: Option<Booking>,
) -> Result<Arc<Object>, Refusal> {
    let row = write.stored;
    let mut object = Object::of_kind(row, body).map_err(Refusal::bad_request)?;
    if !object.meta.uid.is_empty() && object.meta.uid != old.meta.uid {
        let (given, is) = (&object.meta.uid, &old.meta.uid);
        let key = format!("/registry/{}/{}/{}", row.plural, old.meta.namespace, old.meta.name).replace("//", "/");
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: \
             Precondition failed: UID in precondition: {given}, UID in object meta: {is}"
        );
        return Err(Refusal::conflict(row, &old.meta.name, &why));
    }
    if object.meta.resource_version > 0 && object.meta.resource_version != old.meta.resource_version {
        return Err(Refusal::stale(row, &old.meta.name));
    }
    keep_what_is_fixed(&mut object, &old, write.request.subresource.as_deref() == Some("status"));
    object.managed = old.managed.clone();
    let after = managed::manageable(&object.to_json());
    let booking = booking
        .unwrap_or_else(|| Booking::update(write.kind(), &write.manageable(&old.to_json()), &write.manageable(&after)));
    let managers = write.book(&old.managed, booking, &after);
    if managers != *old.managed {
        object.managed = Arc::new(managers);
    }
    let store = &mut world.k8s.store;
    admit::update(store, &old, &mut object)?;
    bump_generation(&mut object, &old);
    validate::update(&object, &old)?;
    if write.request.query.dry_run {
        return Ok(Arc::new(object));
    }
    // The last finalizer of an object that is being deleted takes the object with it.
    if object.meta.deleted.is_some() && object.meta.finalizers.is_empty() && object.meta.grace_s.unwrap_or(0) == 0 {
        store.remove(row.id, &old.meta.namespace, &old.meta.name);
        return Ok(Arc::new(object));
    }
    Ok(store.put(object, world.now))
}

/// What an update cannot change, and the half that this endpoint does not write. Equal parts stay shared.
fn keep_what_is_fixed(object: &mut Object, old: &Object, status_only: bool) {
    let (new, was) = (&mut object.meta, &old.meta);
    new.uid.clone_from(&was.uid);
    new.generate_name.clone_from(&was.generate_name);
    new.resource_version = was.resource_version;
    (new.created, new.deleted, new.grace_s, new.generation) = (was.created, was.deleted, was.grace_s, was.generation);
    if status_only {
        object.spec = old.spec.clone();
        object.rest = old.rest.clone();
        object.meta.labels.clone_from(&old.meta.labels);
        object.meta.owners.clone_from(&old.meta.owners);
        object.meta.finalizers.clone_from(&old.meta.finalizers);
    } else if has_status(object.kind.id) {
        object.status = old.status.clone();
    }
    if object.spec == old.spec {
        object.spec = old.spec.clone();
    }
    if object.status == old.status {
        object.status = old.status.clone();
    }
    if object.rest == old.rest {
        object.rest = old.rest.clone();
    }
}

fn bump_generation(object: &mut Object, old: &Object) {
    let kind = object.kind.id;
    let annotated = kind == Kind::Deployment && object.meta.annotations != old.meta.annotations;
    let sliced = kind == Kind::EndpointSlice && object.rest != old.rest;
    if has_generation(kind) && (object.spec != old.spec || annotated || sliced) {
        object.meta.generation += 1;
    }
}

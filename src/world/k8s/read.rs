//! Reading: get, list with limit and continue, watch from the change log. Does not change anything.

use super::api::{Accept, Body, Request, Response};
use super::kinds::{Kind, KindRow};
use super::object::Object;
use super::refusal::Refusal;
use super::selector::Selector;
use super::store::{Store, What};
use super::table;
use crate::stdx::time::Time;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};
use std::sync::Arc;

const CONTINUE_TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list result. You \
    can start a new list without the continue parameter, or use the continue token in this response to retrieve the \
    remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were \
    created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/// The kind whose objects are stored behind a row: the newer events are a view of the older.
pub fn stored(row: &KindRow) -> Kind {
    if row.id == Kind::EventView { Kind::Event } else { row.id }
}

/// An object as one row's API shows it.
pub fn shown(row: &KindRow, object: &Object) -> Value {
    if row.id == Kind::EventView { super::kinds::event_view::from_core(object) } else { object.to_json() }
}

/// One object, in the form the client accepts.
pub fn respond(row: &'static KindRow, object: &Object, accept: Accept, now: Time, code: u16) -> Response {
    let body = match (accept, row.print) {
        (Accept::Table { .. }, Some(print)) => {
            let metadata = json!({"resourceVersion": object.meta.resource_version.to_string()});
            Body::Table(table::render(print, std::iter::once(object), metadata, accept, now))
        }
        _ => Body::Json(shown(row, object)),
    };
    Response { code, body, warnings: Vec::new() }
}

pub fn get(world: &World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    let store = &world.k8s.store;
    version(store, &request.query.resource_version)?;
    let namespace = request.namespace.as_deref().unwrap_or("");
    let object = store.get(stored(row), namespace, name).ok_or_else(|| Refusal::not_found(row, name))?;
    Ok(respond(row, object, request.accept, world.now, 200))
}

pub fn list(world: &World, request: &Request, row: &'static KindRow) -> Result<Response, Refusal> {
    let store = &world.k8s.store;
    let query = &request.query;
    let selector = Selector::parse(stored(row), &query.label_selector, &query.field_selector)?;
    let asked = version(store, &query.resource_version)?;
    let from = resume(store, request)?;
    let mut matching = store
        .list(stored(row), request.namespace.as_deref())
        .filter(|object| from.as_ref().is_none_or(|(_, start)| place(object) > (&start.0, &start.1)))
        .filter(|object| selector.matches(object));
    // A list from the server's cache (version 0) comes whole.
    let limit = if asked == Some(0) { None } else { query.limit.filter(|limit| *limit > 0) };
    let limit = usize::try_from(limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let page: Vec<&Arc<Object>> = matching.by_ref().take(limit).collect();
    let rest = if page.len() == limit { matching.count() } else { 0 };
    let at = from.map_or(store.version(), |(at, _)| at);
    let mut metadata = json!({"resourceVersion": at.to_string()});
    if rest > 0
        && let Some(last) = page.last()
    {
        let start = match request.namespace {
            Some(_) => format!("/{}", last.meta.name),
            None => format!("/{}/{}", last.meta.namespace, last.meta.name),
        };
        metadata["continue"] = token(at, &start).into();
        if selector.is_empty() {
            metadata["remainingItemCount"] = rest.into();
        }
    }
    let objects = page.iter().map(|object| &***object);
    let body = match (request.accept, row.print) {
        (Accept::Table { .. }, Some(print)) => {
            Body::Table(table::render(print, objects, metadata, request.accept, world.now))
        }
        _ => Body::Json(table::entries([
            ("kind", format!("{}List", row.kind).into()),
            ("apiVersion", row.api_version().into()),
            ("metadata", metadata),
            ("items", objects.map(|object| shown(row, object)).collect()),
        ])),
    };
    Ok(Response { code: 200, body, warnings: Vec::new() })
}

/// Where an object stands in a list: namespace and name.
fn place(object: &Object) -> (&String, &String) {
    (&object.meta.namespace, &object.meta.name)
}

/// A continue token for a list at `version` (-1: whatever is there) whose last item was `start`.
fn token(version: impl Into<Value>, start: &str) -> String {
    let token = json!({"v": "meta.k8s.io/v1", "rv": version.into(), "start": format!("{start}\u{0}")});
    TOKENS.encode(token.to_string())
}

/// Tokens are base64 without padding, read as leniently as Go reads them.
const TOKENS: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// Where a continued list goes on: its version, and namespace and name of the last item served.
type Resumed = (u64, (String, String));

fn resume(store: &Store, request: &Request) -> Result<Option<Resumed>, Refusal> {
    let query = &request.query;
    if query.continue_token.is_empty() {
        return Ok(None);
    }
    if !matches!(query.resource_version.as_str(), "" | "0") {
        return Err(Refusal::bad_request("specifying resource version is not allowed when using continue"));
    }
    let invalid = |why: &str| Refusal::bad_request(format!("invalid continue token: continue key is not valid: {why}"));
    let bytes = TOKENS.decode(&query.continue_token).map_err(|_| invalid("illegal base64 data"))?;
    let given: Value = serde_json::from_slice(&bytes).map_err(|_| {
        let first = bytes.first().copied().map_or('\u{fffd}', char::from);
        invalid(&format!("invalid character '{first}' looking for beginning of value"))
    })?;
    let start = given["start"].as_str().unwrap_or("").trim_end_matches('\u{0}').to_string();
    let steps: Vec<&str> = start.trim_start_matches('/').split('/').collect();
    let place = match (&request.namespace, steps.as_slice()) {
        (Some(namespace), [name]) => (namespace.clone(), name.to_string()),
        (_, [namespace, name]) => (namespace.to_string(), name.to_string()),
        (_, [name]) => (String::new(), name.to_string()),
        _ => return Err(invalid("the key is outside the list")),
    };
    let at = given["rv"].as_i64().unwrap_or(0);
    // A negative version continues with whatever is there now.
    let Ok(at) = u64::try_from(at) else { return Ok(Some((store.version(), place))) };
    if store.changes_since(at).is_err() {
        let mut refusal = Refusal::expired(CONTINUE_TOO_OLD);
        refusal.metadata.insert("continue".into(), token(-1, &start).into());
        return Err(refusal);
    }
    Ok(Some((at, place)))
}

/// The asked resourceVersion: `None` if not given. Not a number or from the future is refused.
fn version(store: &Store, text: &str) -> Result<Option<u64>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let asked: u64 = text.parse().map_err(|_| {
        let why = format!("strconv.ParseUint: parsing {}: invalid syntax", Value::from(text));
        Refusal::internal(format!("resourceVersion: Invalid value: {}: {why}", Value::from(text)))
    })?;
    if asked > store.version() {
        return Err(Refusal::version_too_large(asked, store.version()));
    }
    Ok(Some(asked))
}

/// Everything that happened since the asked version, as one batch, and the version to ask from next. Without a version
/// (or with 0) what is there now comes first, as ADDED. An object that begins or ceases to match is ADDED or DELETED.
pub fn watch(world: &World, request: &Request, row: &'static KindRow) -> Result<Response, Refusal> {
    let store = &world.k8s.store;
    let query = &request.query;
    let selector = Selector::parse(stored(row), &query.label_selector, &query.field_selector)?;
    let picks = |object: &Object| {
        object.kind.id == stored(row)
            && request.namespace.as_ref().is_none_or(|namespace| *namespace == object.meta.namespace)
            && request.name.as_ref().is_none_or(|name| *name == object.meta.name)
            && selector.matches(object)
    };
    let mut events = Vec::new();
    let mut event = |what: &str, object: &Object| {
        let shown = match (request.accept, row.print) {
            (Accept::Table { .. }, Some(print)) => {
                let metadata = json!({"resourceVersion": object.meta.resource_version.to_string()});
                table::render(print, std::iter::once(object), metadata, request.accept, world.now)
            }
            _ => shown(row, object),
        };
        events.push(table::entries([("type", what.into()), ("object", shown)]));
    };
    let asked = if query.resource_version.is_empty() {
        0
    } else {
        match version(store, &query.resource_version) {
            Ok(asked) => asked.unwrap_or(0),
            // A watch from the future waits without a word until the future comes.
            Err(refusal) if refusal.code == 504 => store.version(),
            Err(refusal) => return Err(refusal),
        }
    };
    if asked == 0 {
        let objects = store.list(stored(row), request.namespace.as_deref()).filter(|object| picks(object));
        objects.for_each(|object| event("ADDED", object));
        return Ok(Response { code: 200, body: Body::Events(events, store.version()), warnings: Vec::new() });
    }
    let Ok(changes) = store.changes_since(asked) else {
        let why = format!("too old resource version: {asked} ({})", store.oldest());
        let expired = json!({"type": "ERROR", "object": Refusal::expired(why).status()});
        return Ok(Response { code: 200, body: Body::Events(vec![expired], asked), warnings: Vec::new() });
    };
    for logged in changes {
        let was = logged.before.as_ref().is_some_and(|object| picks(object));
        let is = logged.what != What::Deleted && picks(&logged.object);
        match (was, is) {
            (false, true) => event("ADDED", &logged.object),
            (true, true) => event("MODIFIED", &logged.object),
            (true, false) => event("DELETED", &logged.object),
            (false, false) => {}
        }
    }
    Ok(Response { code: 200, body: Body::Events(events, store.version()), warnings: Vec::new() })
}

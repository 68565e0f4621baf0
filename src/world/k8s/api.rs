//! The API: one request, one answer. The built-in kubectl, the controllers' writes, the deploy-bot and (later) the HTTP
//! door all come through here. Does not know HTTP or flags.

pub use super::kinds::KindRow;
use super::kinds::{self, Kind};
use super::refusal::Refusal;
pub use super::schema::{Fields, Type};
use super::{delete, read, record, subresource, usage, write};
use crate::world::World;
use crate::world::signals::Record;
pub use crate::world::signals::Vocabulary;
use serde_json::Value;

/// What is asked. `resource` is the plural (`pods`), `group` is `""` for core.
#[derive(Clone, Debug)]
pub struct Request {
    pub verb: Verb,
    pub group: String,
    pub version: String,
    pub resource: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
    /// `status`, `scale`, `log`, `exec`, `eviction`, …
    pub subresource: Option<String>,
    pub query: Query,
    pub accept: Accept,
    pub body: Option<Value>,
    /// Who asks: `learner`, `deploy-bot`, `system:…`.
    pub user: String,
    /// The field manager / agent for audit: `kubectl-set`, `kubectl-client-side-apply`, …
    pub agent: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch(PatchKind),
    Delete,
    DeleteCollection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchKind {
    Json,
    Merge,
    Strategic,
    Apply,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    #[default]
    Json,
    /// A server-side Table; rows carry full objects instead of metadata if `full_objects`.
    Table { full_objects: bool },
}

/// Query parameters; empty strings and `None` are absent.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub label_selector: String,
    pub field_selector: String,
    pub limit: Option<u64>,
    pub continue_token: String,
    pub resource_version: String,
    pub dry_run: bool,
    pub field_manager: String,
    /// `Strict`, `Warn`, `Ignore`.
    pub field_validation: String,
    pub force: bool,
    /// Pod log and exec.
    pub container: String,
    pub previous: bool,
    pub since_seconds: Option<i64>,
    pub since_time: String,
    pub tail_lines: Option<u64>,
    pub command: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub code: u16,
    pub body: Body,
    /// Texts of `Warning:` headers.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Body {
    /// An object, a list, or a `Status` when `code >= 400`.
    Json(Value),
    /// A meta.k8s.io/v1 Table as JSON: columnDefinitions, rows (cells, object).
    Table(Value),
    /// Pod logs, and what the program could have said (what proves that it did not).
    Log(Vec<Record>, Vocabulary),
    /// Exec: output lines and exit code.
    Exec(Vec<String>, i32),
    /// Watch: events (`{"type","object"}`) after the asked resourceVersion, and the version to go on from.
    Events(Vec<Value>, u64),
    Empty,
}

/// What this server serves (discovery): a row a kind.
pub fn resources() -> &'static [&'static KindRow] {
    kinds::KINDS
}

/// The fields of a kind as the server publishes them (what `/openapi` is for); `None` for computed kinds.
pub fn schema(row: &KindRow) -> Option<&'static Fields> {
    super::schema::of(row.id)
}

/// The one way in: answers the request, writes the audit, and lets the control plane react.
pub fn handle(world: &mut World, request: &Request) -> Response {
    let before = record::before(world, request);
    let mut answer = serve(world, request).unwrap_or_else(|refusal| refusal.response());
    if answer.code < 400 && request.group.is_empty() && request.resource == "endpoints" {
        answer.warnings.push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".into());
    }
    record::note(world, request, before, &answer);
    super::react(world);
    answer
}

/// The deepest nesting of a body (the server's JSON decoder stops there too, much later; nothing real comes near).
const BODY_DEPTH_MAX: usize = 100;

/// The most bytes of text in a body (`--max-request-body-bytes`: 3 MiB).
const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Bytes of text in a value, or `None` if it is nested too deeply.
fn weigh(value: &Value, depth_left: usize) -> Option<usize> {
    let depth_left = depth_left.checked_sub(1)?;
    match value {
        Value::String(text) => Some(text.len()),
        Value::Array(list) => list.iter().try_fold(0, |sum, item| Some(sum + weigh(item, depth_left)?)),
        Value::Object(map) => {
            map.iter().try_fold(0, |sum, (key, item)| Some(sum + key.len() + weigh(item, depth_left)?))
        }
        _ => Some(1),
    }
}

fn serve(world: &mut World, request: &Request) -> Result<Response, Refusal> {
    match request.body.as_ref().map(|body| weigh(body, BODY_DEPTH_MAX)) {
        Some(None) => return Err(Refusal::bad_request("json: exceeded max depth")),
        Some(Some(bytes)) if bytes > BODY_BYTES_MAX => return Err(Refusal::too_large(BODY_BYTES_MAX)),
        _ => {}
    }
    let row = kinds::by_resource(&request.group, &request.resource).ok_or_else(Refusal::no_resource)?;
    if row.version != request.version || (request.namespace.is_some() && !row.namespaced && request.name.is_some()) {
        return Err(Refusal::no_resource());
    }
    let measured = matches!(row.id, Kind::NodeMetrics | Kind::PodMetrics);
    let name = request.name.as_deref().unwrap_or("");
    if let Some(subresource) = &request.subresource {
        return subresource::serve(world, request, row, name, subresource);
    }
    match request.verb {
        Verb::Get if measured => usage::get(world, request, row, name),
        Verb::List if measured => usage::list(world, request, row),
        _ if measured => Err(Refusal::method_not_allowed()),
        Verb::Get => read::get(world, request, row, name),
        Verb::List => read::list(world, request, row),
        Verb::Watch => read::watch(world, request, row),
        Verb::Create if request.name.is_some() => Err(Refusal::method_not_allowed()),
        Verb::Create => write::create(world, request, row),
        Verb::Update => write::update(world, request, row, name),
        Verb::Patch(kind) => write::patch(world, request, row, name, kind),
        Verb::Delete => delete::one(world, request, row, name),
        Verb::DeleteCollection if !row.verbs.contains(&"deletecollection") => Err(Refusal::method_not_allowed()),
        Verb::DeleteCollection => delete::collection(world, request, row),
    }
}

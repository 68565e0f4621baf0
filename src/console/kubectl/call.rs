//! One run of a verb: what it was given, its way to the API, and the page it prints. Does not know any verb.

use super::flags::Given;
use super::sheet::Sheet;
use super::subject::{get, list, text};
use super::verbs::VerbRow;
use crate::console::page::{Coverage, Line, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::table::LISTING;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::k8s::api::{self, Accept, Body, KindRow, Query, Request, Response, Verb};
use serde_json::Value;

/// Why a verb stopped: lines for standard error, a hint of ours, and the exit code.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    pub lines: Vec<String>,
    pub hint: Option<String>,
    pub code: i32,
    /// The HTTP status, if the API refused.
    pub status: u16,
}

impl Failure {
    /// `error: text`, exit code 1.
    pub fn error(text: impl AsRef<str>) -> Failure {
        Failure { lines: vec![format!("error: {}", text.as_ref())], code: 1, ..Failure::default() }
    }
    /// Text as it is, exit code 1.
    pub fn plain(text: impl Into<String>) -> Failure {
        let text: String = text.into();
        Failure { lines: text.lines().map(String::from).collect(), code: 1, ..Failure::default() }
    }
    pub fn line(mut self, text: impl Into<String>) -> Failure {
        self.lines.push(text.into());
        self
    }
    pub fn hint(mut self, text: impl Into<String>) -> Failure {
        self.hint = Some(text.into());
        self
    }
    /// The mistake in how a verb was used, with the pointer to its help.
    pub fn usage(verb: &VerbRow, text: impl AsRef<str>) -> Failure {
        Failure::error(text).line(format!("See 'kubectl {} -h' for help and examples", verb.name))
    }
    /// The same refusal in a verb's own words: `failed to create deployment: deployments.apps "web" already exists` of the prefix `failed to create deployment:`.
    pub fn reworded(self, prefix: &str) -> Failure {
        let bare = self.lines.first().map(|l| l.split_once("): ").map_or(l.as_str(), |(_, m)| m).to_string());
        Failure { lines: vec![format!("error: {prefix} {}", bare.unwrap_or_default())], ..self }
    }
}

/// What a verb works with.
pub struct Call<'a> {
    pub world: &'a mut World,
    pub session: &'a mut Session,
    pub verb: &'static VerbRow,
    pub given: Given,
    pub input: Option<Vec<Line>>,
    pub out: Output,
    pub standing: Option<Standing>,
}

impl Call<'_> {
    pub fn now(&self) -> Time {
        self.world.now
    }

    /// The namespace that the line is about.
    pub fn namespace(&self) -> String {
        match self.given.value("namespace") {
            Some(name) => name.to_string(),
            None if self.session.namespace.is_empty() => "default".to_string(),
            None => self.session.namespace.clone(),
        }
    }

    pub fn print(&mut self, text: impl Into<String>) {
        self.out.lines.push(Line::plain(text));
    }
    pub fn warn(&mut self, text: impl Into<String>) {
        self.out.lines.push(Line::err(text));
    }
    pub fn hint(&mut self, text: impl Into<String>) {
        self.out.lines.push(Line::hint(text));
    }
    pub fn print_lines(&mut self, lines: Vec<Line>) {
        self.out.lines.extend(lines);
    }
    /// Prints a sheet of tab-separated columns.
    pub fn print_columns(&mut self, sheet: Sheet) {
        self.out.lines.extend(sheet.columns(LISTING));
    }
    pub fn covers(&mut self, coverage: Coverage) {
        self.out.coverage.push(coverage);
    }
    /// Prints a failure and goes on; the exit code remembers it.
    pub fn fail(&mut self, failure: Failure) {
        self.out.lines.extend(failure.lines.into_iter().map(Line::err));
        self.out.lines.extend(failure.hint.map(Line::hint));
        self.out.code = failure.code;
    }

    /// A request for a kind, ready to be changed further.
    pub fn request(&self, verb: Verb, row: &KindRow) -> Request {
        let mut words = self.verb.name.split(' ');
        let manager = words.next().unwrap_or("kubectl");
        Request {
            verb,
            group: row.group.to_string(),
            version: row.version.to_string(),
            resource: row.plural.to_string(),
            namespace: row.namespaced.then(|| self.namespace()),
            name: None,
            subresource: None,
            query: Query { field_manager: format!("kubectl-{manager}"), ..Query::default() },
            accept: Accept::Json,
            body: None,
            user: if self.session.user.is_empty() { "learner".into() } else { self.session.user.clone() },
            agent: format!("kubectl-{manager}"),
        }
    }

    /// Sends a request; warnings of the server go to the page, refusals come back as failures.
    pub fn send(&mut self, request: &Request) -> Result<Response, Failure> {
        let response = api::handle(self.world, request);
        for warning in &response.warnings {
            self.out.lines.push(Line::err(format!("Warning: {warning}")));
        }
        if response.code >= 400 { Err(refusal(&response)) } else { Ok(response) }
    }

    /// Sends a request and takes the JSON of the answer.
    pub fn fetch(&mut self, request: &Request) -> Result<Value, Failure> {
        match self.send(request)?.body {
            Body::Json(value) | Body::Table(value) => Ok(value),
            _ => Ok(Value::Null),
        }
    }

    /// One object.
    pub fn object(&mut self, row: &KindRow, name: &str) -> Result<Value, Failure> {
        let mut request = self.request(Verb::Get, row);
        request.name = Some(name.to_string());
        self.fetch(&request).map(|object| with_kind(object, row))
    }

    /// The objects of a kind that selectors match, in this namespace or in all.
    pub fn objects(&mut self, row: &KindRow, scope: &Scope) -> Result<Vec<Value>, Failure> {
        let mut request = self.request(Verb::List, row);
        match &scope.namespace {
            Reach::Here => {}
            Reach::Everywhere => request.namespace = None,
            Reach::In(name) => request.namespace = row.namespaced.then(|| name.clone()),
        }
        request.query.label_selector = scope.labels.clone();
        request.query.field_selector = scope.fields.clone();
        let found = self.fetch(&request)?;
        Ok(list(&found, "items").iter().map(|item| with_kind(item.clone(), row)).collect())
    }
}

/// Where objects are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Here,
    Everywhere,
    In(String),
}

/// Which objects of a kind are meant.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub namespace: Reach,
    pub labels: String,
    pub fields: String,
}

/// An object with its `apiVersion` and `kind`, which items of lists may lack.
pub fn with_kind(mut object: Value, row: &KindRow) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.entry("apiVersion").or_insert_with(|| row.api_version().into());
        map.entry("kind").or_insert_with(|| row.kind.into());
    }
    object
}

/// A refusal in kubectl's words: `Error from server (NotFound): …`, `The Deployment "web" is invalid: …`.
pub fn refusal(response: &Response) -> Failure {
    let Body::Json(status) = &response.body else {
        return Failure {
            lines: vec!["Error from server: the server could not answer this request".into()],
            code: 1,
            status: response.code,
            ..Failure::default()
        };
    };
    let (reason, message) = (text(status, "reason"), text(status, "message"));
    let mut failure = if reason == "Invalid" {
        invalid(status, message)
    } else if reason.is_empty() {
        Failure::plain(format!("Error from server: {message}"))
    } else {
        Failure::plain(format!("Error from server ({reason}): {message}"))
    };
    failure.status = response.code;
    failure
}

fn invalid(status: &Value, message: &str) -> Failure {
    let Some(details) = get(status, "details") else {
        return Failure::plain(format!("The request is invalid: {message}"));
    };
    let head = format!("The {} {:?} is invalid", text(details, "kind"), text(details, "name"));
    let mut causes: Vec<String> = Vec::new();
    for cause in list(details, "causes") {
        let said = format!("{}: {}", text(cause, "field"), text(cause, "message"));
        if !causes.contains(&said) {
            causes.push(said);
        }
    }
    // A JSON patch that cannot be carried out is about no object.
    if text(details, "kind").is_empty() && text(details, "name").is_empty() && causes.is_empty() {
        return Failure::plain(format!("The request is invalid: {message}"));
    }
    match causes.as_slice() {
        [] => Failure::plain(head),
        [one] => Failure::plain(format!("{head}: {one}")),
        many => Failure::plain(format!("{head}: \n* {}", many.join("\n* "))),
    }
}

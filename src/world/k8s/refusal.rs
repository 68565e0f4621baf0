//! What the API answers when it does not do what was asked: `Status` objects in the server's exact words
//! (apimachinery `api/errors`, `util/validation/field`). Does not know who asks.

use super::api::{Body, Response};
use super::kinds::KindRow;
use serde_json::{Map, Value, json};

/// A refusal: HTTP status, reason, message, and details where the server gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub code: u16,
    /// `NotFound`, `Invalid`, … Empty where the server gives none.
    pub reason: &'static str,
    pub message: String,
    /// `None` where the server leaves them out; it writes `{}` for what it refuses before it knows what it is about.
    pub details: Option<Map<String, Value>>,
    /// The status's own metadata: a fresh `continue` token where a list expired.
    pub metadata: Map<String, Value>,
}

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub reason: &'static str,
    pub field: String,
    pub message: String,
}

/// Everything wrong with an object, in the order in which the server looks.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Refusal {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { code, reason, message: message.into(), details: None, metadata: Map::new() }
    }

    /// With `details` naming a resource, as errors about one object have.
    fn about(self, row: &KindRow, name: &str) -> Refusal {
        self.naming(name, row.group, row.plural)
    }

    fn naming(mut self, name: &str, group: &str, kind: &str) -> Refusal {
        let details = self.details.get_or_insert_default();
        for (key, value) in [("name", name), ("group", group), ("kind", kind)] {
            if !value.is_empty() {
                details.insert(key.into(), value.into());
            }
        }
        self
    }

    fn causes(mut self, causes: Vec<Value>) -> Refusal {
        self.details.get_or_insert_default().insert("causes".into(), causes.into());
        self
    }

    pub fn not_found(row: &KindRow, name: &str) -> Refusal {
        Refusal::new(404, "NotFound", format!("{} \"{name}\" not found", row.qualified())).about(row, name)
    }

    /// Nothing is measured of an object.
    pub fn no_metrics(kind: &str, name: &str) -> Refusal {
        let message = format!("{kind}.metrics.k8s.io \"{name}\" not found");
        Refusal::new(404, "NotFound", message).naming(name, "metrics.k8s.io", kind)
    }

    /// The path names nothing this server knows.
    pub fn no_resource() -> Refusal {
        Refusal::new(404, "NotFound", "the server could not find the requested resource").naming("", "", "")
    }

    pub fn method_not_allowed() -> Refusal {
        let message = "the server does not allow this method on the requested resource";
        Refusal::new(405, "MethodNotAllowed", message).naming("", "", "")
    }

    pub fn already_exists(row: &KindRow, name: &str) -> Refusal {
        Refusal::new(409, "AlreadyExists", format!("{} \"{name}\" already exists", row.qualified())).about(row, name)
    }

    pub fn conflict(row: &KindRow, name: &str, why: &str) -> Refusal {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", row.qualified());
        Refusal::new(409, "Conflict", message).about(row, name)
    }

    /// The optimistic lock: the object has moved on since the client read it.
    pub fn stale(row: &KindRow, name: &str) -> Refusal {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Refusal::conflict(row, name, why)
    }

    /// A conflict about something that is not the resource itself (`pods/binding`, `ConfigMap` in preconditions).
    pub fn conflict_on(what: &str, name: &str, why: &str) -> Refusal {
        let message = format!("Operation cannot be fulfilled on {what} \"{name}\": {why}");
        Refusal::new(409, "Conflict", message).naming(name, "", what)
    }

    /// Server-side apply met fields that others manage: (manager as shown, path).
    pub fn apply_conflicts(conflicts: &[(String, String)]) -> Refusal {
        let count = conflicts.len();
        let message = match conflicts {
            [(manager, path)] => format!("Apply failed with 1 conflict: conflict with {manager}: {path}"),
            _ => {
                let mut message = format!("Apply failed with {count} conflicts: ");
                let mut last = "";
                for (manager, path) in conflicts {
                    if manager != last {
                        message += &format!("{}conflicts with {manager}:", if last.is_empty() { "" } else { "\n" });
                        last = manager;
                    }
                    message += &format!("\n- {path}");
                }
                message
            }
        };
        let causes = conflicts.iter().map(|(manager, path)| {
            json!({"reason": "FieldManagerConflict", "message": format!("conflict with {manager}"), "field": path})
        });
        Refusal::new(409, "Conflict", message).causes(causes.collect())
    }

    pub fn forbidden(row: &KindRow, name: &str, why: &str) -> Refusal {
        let message = format!("{} \"{name}\" is forbidden: {why}", row.qualified());
        Refusal::new(403, "Forbidden", message).about(row, name)
    }

    pub fn terminating(row: &KindRow, name: &str, namespace: &str) -> Refusal {
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        Refusal::forbidden(row, name, &why).causes(vec![json!({
            "reason": "NamespaceTerminating",
            "message": format!("namespace {namespace} is being terminated"),
            "field": "metadata.namespace",
        })])
    }

    pub fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "BadRequest", message)
    }

    /// The decoder's complaint about a body.
    pub fn cannot_decode(row: &KindRow, why: &str) -> Refusal {
        let (kind, version) = (row.kind, row.version);
        Refusal::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    }

    /// A JSON patch that does not apply (the server says no more than this).
    pub fn patch_failed() -> Refusal {
        Refusal::new(422, "Invalid", "the server rejected our request due to an error in our request")
            .naming("", "", "")
    }

    pub fn too_large(bytes_max: usize) -> Refusal {
        Refusal::new(413, "RequestEntityTooLarge", format!("Request entity too large: limit is {bytes_max}"))
    }

    /// An error that the server does not classify.
    pub fn internal(message: impl Into<String>) -> Refusal {
        Refusal::new(500, "", message)
    }

    pub fn internal_error(why: &str) -> Refusal {
        let mut refusal = Refusal::new(500, "InternalError", format!("Internal error occurred: {why}"));
        refusal.details.get_or_insert_default().insert("causes".into(), json!([{"message": why}]));
        refusal
    }

    pub fn version_too_large(asked: u64, current: u64) -> Refusal {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let mut refusal = Refusal::new(504, "Timeout", message);
        refusal.details.get_or_insert_default().insert("retryAfterSeconds".into(), 1.into());
        refusal.causes(vec![json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"})])
    }

    pub fn expired(message: impl Into<String>) -> Refusal {
        Refusal::new(410, "Expired", message)
    }

    /// Faults in the fields of an object.
    pub fn invalid(group: &str, kind: &str, name: &str, faults: &Faults) -> Refusal {
        let mut texts: Vec<String> = Vec::new();
        for fault in &faults.0 {
            let text = format!("{}: {}", fault.field, fault.message);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let listed = if texts.len() == 1 { texts.join("") } else { format!("[{}]", texts.join(", ")) };
        let qualified = if group.is_empty() { kind.to_string() } else { format!("{kind}.{group}") };
        let causes =
            faults.0.iter().map(|f| json!({"reason": f.reason, "message": f.message, "field": f.field})).collect();
        Refusal::new(422, "Invalid", format!("{qualified} \"{name}\" is invalid: {listed}"))
            .naming(name, group, kind)
            .causes(causes)
    }

    /// The `Status` object.
    pub fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        if let Some(details) = &self.details {
            status["details"] = Value::Object(details.clone());
        }
        status
    }

    pub fn response(&self) -> Response {
        Response { code: self.code, body: Body::Json(self.status()), warnings: Vec::new() }
    }
}

impl Faults {
    fn add(&mut self, reason: &'static str, field: &str, message: String) {
        self.0.push(Fault { reason, field: field.into(), message });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn invalid(&mut self, field: &str, value: &Value, why: &str) {
        self.add("FieldValueInvalid", field, format!("Invalid value: {}{}{why}", shown(value), colon(why)));
    }

    pub fn required(&mut self, field: &str, why: &str) {
        self.add("FieldValueRequired", field, format!("Required value{}{why}", colon(why)));
    }

    pub fn unsupported(&mut self, field: &str, value: &Value, supported: &[&str]) {
        let list: Vec<String> = supported.iter().map(|s| format!("\"{s}\"")).collect();
        let message = format!("Unsupported value: {}: supported values: {}", shown(value), list.join(", "));
        self.add("FieldValueNotSupported", field, message);
    }

    pub fn forbidden(&mut self, field: &str, why: &str) {
        self.add("FieldValueForbidden", field, format!("Forbidden: {why}"));
    }

    pub fn duplicate(&mut self, field: &str, value: &Value) {
        self.add("FieldValueDuplicate", field, format!("Duplicate value: {}", shown(value)));
    }

    pub fn missing(&mut self, field: &str, value: &Value) {
        self.add("FieldValueNotFound", field, format!("Not found: {}", shown(value)));
    }

    pub fn too_long(&mut self, field: &str, bytes_max: usize) {
        self.add("FieldValueTooLong", field, format!("Too long: may not be more than {bytes_max} bytes"));
    }

    /// The refusal these faults amount to, if there are any.
    pub fn refuse(self, row: &KindRow, name: &str) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { Err(Refusal::invalid(row.group, row.kind, name, &self)) }
    }
}

fn colon(why: &str) -> &'static str {
    if why.is_empty() { "" } else { ": " }
}

/// A value as field errors show it: text quoted, the rest as JSON.
fn shown(value: &Value) -> String {
    value.to_string()
}

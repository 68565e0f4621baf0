//! What a request asks: which service, by its credential scope; which wire, by its headers; which operation, by target,
//! action or path; and its members as our values. Does not know who asks or what is answered.

use super::json::{self, Misread};
use super::query::{self, Dialect};
use super::{cbor, rest, rest_json, rest_xml};
use crate::host::door::Message;
use crate::world::aws::call::Fault;
use crate::world::aws::model::{self, Model, Operation, Protocol};
use crate::world::aws::service::SERVICES;
use serde_json::Value;

/// How a request came, and how its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Json10,
    Json11,
    Cbor,
    Query,
    /// SQS as clients from before November 2023 speak it.
    OldSqs,
    Ec2,
    RestJson,
    RestXml,
}

impl Wire {
    pub fn content_type(self) -> &'static str {
        match self {
            Wire::Json10 => "application/x-amz-json-1.0",
            Wire::Json11 => "application/x-amz-json-1.1",
            Wire::Cbor => "application/cbor",
            Wire::RestJson => "application/json",
            Wire::Query | Wire::OldSqs => "text/xml",
            Wire::Ec2 => "text/xml;charset=UTF-8",
            Wire::RestXml => "application/xml",
        }
    }

    /// By the headers alone, where the service is not known.
    pub fn guess(message: &Message) -> Wire {
        let kind = message.header("content-type").unwrap_or_default();
        if is_cbor(message) {
            Wire::Cbor
        } else if kind.starts_with("application/x-amz-json-1.0") {
            Wire::Json10
        } else if kind.starts_with("application/x-amz-json") || message.header("x-amz-target").is_some() {
            Wire::Json11
        } else if is_form(message) {
            Wire::Query
        } else {
            Wire::RestJson
        }
    }
}

/// A request that was understood.
#[derive(Clone, Debug)]
pub struct Asked {
    pub model: &'static Model,
    pub operation: &'static Operation,
    pub wire: Wire,
    /// Members by the model's names.
    pub input: Value,
}

/// A request that was not, and how to say so.
#[derive(Clone, Debug)]
pub struct Refused {
    pub model: Option<&'static Model>,
    pub wire: Wire,
    pub fault: Fault,
}

fn is_cbor(message: &Message) -> bool {
    message.header("smithy-protocol") == Some("rpc-v2-cbor")
}

fn is_form(message: &Message) -> bool {
    let form = message.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    form || message.query.split('&').any(|part| part.starts_with("Action="))
}

/// The services that sign by a name: two share `ses`.
pub fn signing(name: &str) -> Vec<&'static Model> {
    SERVICES.iter().filter_map(|service| model::of(service.name)).filter(|model| model.sign == name).collect()
}

/// Reads a request to one of the services that sign by `name`.
pub fn read(message: &Message, name: &str) -> Result<Asked, Refused> {
    let models = signing(name);
    let refused = |model: Option<&'static Model>, wire: Wire, fault: Fault| Refused { model, wire, fault };
    let Some(first) = models.first().copied() else {
        let wire = Wire::guess(message);
        return Err(refused(None, wire, unknown(wire, "", "")));
    };
    if is_cbor(message) {
        return read_cbor(message, first);
    }
    // Of the services that speak JSON, two spoke in forms before, and still do.
    let forms = first.query_mode || first.service == "cloudwatch";
    let json = matches!(first.protocol, Protocol::Json10 | Protocol::Json11);
    if message.header("x-amz-target").is_some() || json && !(forms && is_form(message)) {
        return read_json(message, first);
    }
    let speaks = |model: &&Model| !matches!(model.protocol, Protocol::RestJson | Protocol::RestXml);
    if let Some(model) = models.iter().copied().find(speaks).filter(|_| is_form(message)) {
        return read_form(message, model);
    }
    let model = models.iter().copied().find(|model| !speaks(model)).unwrap_or(first);
    match model.protocol {
        Protocol::RestJson | Protocol::RestXml => read_rest(message, model),
        Protocol::Ec2 => Err(refused(
            Some(model),
            Wire::Ec2,
            Fault::new("MissingParameter", "The request must contain the parameter Action"),
        )),
        _ => Err(refused(Some(model), Wire::Query, missing_action())),
    }
}

/// Common errors of the query services (API references, Common Errors).
fn missing_action() -> Fault {
    Fault::new("MissingAction", "The request is missing an action or a required parameter.")
}

/// What a service says of an operation that it does not have.
fn unknown(wire: Wire, action: &str, version: &str) -> Fault {
    match wire {
        Wire::Json10 | Wire::Json11 | Wire::Cbor => Fault::new("UnknownOperationException", ""),
        Wire::Query => Fault::new("InvalidAction", format!("Could not find operation {action} for version {version}")),
        Wire::OldSqs => Fault::new("InvalidAction", format!("The action {action} is not valid for this endpoint.")),
        Wire::Ec2 => Fault::new("InvalidAction", format!("The action {action} is not valid for this web service.")),
        Wire::RestJson => Fault::new("UnknownOperationException", "").status(404),
        Wire::RestXml => {
            let say = "The specified method is not allowed against this resource.";
            Fault::new("MethodNotAllowed", say).status(405)
        }
    }
}

fn operation(model: &'static Model, wire: Wire, name: &str, version: &str) -> Result<&'static Operation, Refused> {
    let found = model.operations.get(name);
    found.ok_or_else(|| Refused { model: Some(model), wire, fault: unknown(wire, name, version) })
}

/// A body that the operation cannot take, in the framework's words.
fn misread(model: &'static Model, wire: Wire) -> impl Fn(Misread) -> Refused {
    move |Misread(why)| {
        let code = match wire {
            Wire::Query | Wire::OldSqs => "MalformedInput",
            Wire::Ec2 => "InvalidParameterValue",
            Wire::RestXml if why.contains("XML") => "MalformedXML",
            Wire::RestXml => "InvalidArgument",
            _ => "SerializationException",
        };
        Refused { model: Some(model), wire, fault: Fault::new(code, why) }
    }
}

fn read_json(message: &Message, model: &'static Model) -> Result<Asked, Refused> {
    let usual = if model.protocol == Protocol::Json10 { Wire::Json10 } else { Wire::Json11 };
    let wire = match message.header("content-type").unwrap_or_default() {
        kind if kind.starts_with("application/x-amz-json-1.0") => Wire::Json10,
        kind if kind.starts_with("application/x-amz-json-1.1") => Wire::Json11,
        _ => usual,
    };
    let target = message.header("x-amz-target").unwrap_or_default();
    let (space, name) = target.rsplit_once('.').unwrap_or(("", target));
    let known = Some(space).filter(|space| *space == model.target);
    let operation = operation(model, wire, known.map_or("", |_| name), "")?;
    let wrong = misread(model, wire);
    let body = rest_json::parsed(&message.body).map_err(&wrong)?;
    let empty = || Value::Object(serde_json::Map::new());
    let shaped = model.structure(&operation.input).is_some();
    let input = if shaped { json::read(model, &operation.input, &body).map_err(&wrong)? } else { empty() };
    Ok(Asked { model, operation, wire, input })
}

fn read_cbor(message: &Message, model: &'static Model) -> Result<Asked, Refused> {
    let parts: Vec<&str> = message.path.trim_start_matches('/').split('/').collect();
    let name = match parts.as_slice() {
        ["service", target, "operation", name] if *target == model.target => name,
        _ => "",
    };
    let operation = operation(model, Wire::Cbor, name, "")?;
    let input = cbor::read(model, &operation.input, &message.body).map_err(misread(model, Wire::Cbor))?;
    Ok(Asked { model, operation, wire: Wire::Cbor, input })
}

/// The form of a request: the body's, or in a GET the query string's.
fn form(message: &Message) -> Option<query::Node> {
    let body = std::str::from_utf8(&message.body).ok()?;
    let mut pairs = query::pairs(&message.query)?;
    pairs.retain(|(name, _)| !name.starts_with("X-Amz-"));
    pairs.extend(query::pairs(body.trim())?);
    query::tree(&pairs)
}

fn read_form(message: &Message, model: &'static Model) -> Result<Asked, Refused> {
    let (wire, dialect) = match model.protocol {
        Protocol::Ec2 => (Wire::Ec2, Dialect::Ec2),
        _ if model.service == "sqs" => (Wire::OldSqs, Dialect::OldSqs),
        _ => (Wire::Query, Dialect::Plain),
    };
    let refused = |fault: Fault| Refused { model: Some(model), wire, fault };
    let syntax =
        || refused(Fault::new("MalformedQueryString", "The query string contains a syntax error.").status(400));
    let form = form(message).ok_or_else(syntax)?;
    let Some(action) = form.text("Action") else {
        return Err(refused(match wire {
            Wire::Ec2 => Fault::new("MissingParameter", "The request must contain the parameter Action"),
            _ => missing_action(),
        }));
    };
    let version = form.text("Version").unwrap_or(&model.version);
    // Older EC2 clients name older versions, which go on working; others name the one there is.
    if wire == Wire::Query && version != model.version {
        return Err(refused(unknown(wire, action, version)));
    }
    let operation = operation(model, wire, action, version)?;
    if let Some(stray) = stray(model, operation, &form).filter(|_| wire == Wire::Ec2) {
        let say = format!("The parameter {stray} is not recognized");
        return Err(refused(Fault::new("UnknownParameter", say)));
    }
    let mut input = query::read(model, &operation.input, &form, dialect).map_err(misread(model, wire))?;
    // An old client posts to the queue itself.
    let own = model.structure(&operation.input).is_some_and(|shape| shape.member("QueueUrl").is_some());
    if wire == Wire::OldSqs && own && input.get("QueueUrl").is_none() && message.path.len() > 1 {
        let host = message.header("host").unwrap_or_default();
        input["QueueUrl"] = Value::from(format!("http://{host}{}", message.path));
    }
    Ok(Asked { model, operation, wire, input })
}

/// A parameter of a form that the operation does not have.
fn stray(model: &Model, operation: &Operation, form: &query::Node) -> Option<String> {
    let members = model.structure(&operation.input).map_or(&[][..], |structure| &structure.members);
    let names: Vec<String> = members.iter().map(|member| query::request_name(model, member, Dialect::Ec2)).collect();
    let signed =
        ["Action", "Version", "Signature", "SignatureMethod", "SignatureVersion", "AWSAccessKeyId", "Timestamp"];
    form.names().find(|name| !signed.contains(name) && !names.iter().any(|own| own == name)).map(str::to_string)
}

fn read_rest(message: &Message, model: &'static Model) -> Result<Asked, Refused> {
    let wire = if model.protocol == Protocol::RestXml { Wire::RestXml } else { Wire::RestJson };
    let Some((operation, labels)) = rest::operation(model, message) else {
        return Err(Refused { model: Some(model), wire, fault: unknown(wire, "", "") });
    };
    let read = if wire == Wire::RestXml { rest_xml::read } else { rest_json::read };
    let input = read(model, operation, message, &labels).map_err(misread(model, wire))?;
    Ok(Asked { model, operation, wire, input })
}

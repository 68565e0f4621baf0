//! The account's endpoint: the wires that AWS clients speak, read into requests to the simulated account and written from
//! its answers. One port serves all services. Does not know what an operation does, or the run.

pub mod cbor;
pub mod endpoint;
pub mod errors;
pub mod json;
pub mod profile;
pub mod query;
pub mod rest;
pub mod rest_json;
pub mod rest_xml;
pub mod route;
pub mod scalar;
pub mod sign;
pub mod xml;

use super::{Message, Reply};
use crate::world::aws::call::{Answer, Fault};
use crate::world::aws::model::Model;
use route::{Asked, Refused, Wire};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sign::{Key, Refusal, Scope};
use xml::Names;

/// The region on the wire. It does not exist, so that a client that overlooks the endpoint finds no host to talk to.
pub const REGION: &str = "sim-west-1";

/// SQS's XML, from before it spoke JSON (API version 2012-11-05).
pub(super) const OLD_SQS_NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";

/// A request that is understood, and who sent it.
#[derive(Clone, Debug)]
pub struct Call {
    pub asked: Asked,
    pub user: String,
    pub scope: Scope,
    /// `aws-cli/2.31.0`.
    pub agent: String,
}

/// The longest agent that is kept.
const AGENT_MAX: usize = 64;

/// Reads a request; what is refused before it reaches the account is answered here.
pub fn read(message: &Message, keys: &[Key], request_id: &str) -> Result<Call, Reply> {
    let refused = |refused: Refused| {
        finish(
            errors::reply(refused.model, refused.wire, &refused.fault, request_id),
            refused.wire,
            request_id,
            &message.method,
        )
    };
    let (scope, user) =
        match sign::scope(message).and_then(|scope| Ok((sign::known(&scope, keys)?.user.clone(), scope))) {
            Ok((user, scope)) => (scope, user),
            Err(refusal) => {
                let scope = sign::scope(message).unwrap_or_default();
                let model = route::signing(&scope.service).first().copied();
                let wire = model.map_or(Wire::guess(message), |model| usual_wire(model, message));
                return Err(refused(Refused { model, wire, fault: unsigned(wire, &refusal) }));
            }
        };
    let asked = route::read(message, &scope.service).map_err(refused)?;
    let agent = message.header("user-agent").unwrap_or_default();
    let agent: String =
        agent.split(' ').next().unwrap_or_default().chars().filter(|c| c.is_ascii_graphic()).take(AGENT_MAX).collect();
    Ok(Call { asked, user, scope, agent })
}

/// How a service answers somebody it does not know.
fn usual_wire(model: &Model, message: &Message) -> Wire {
    use crate::world::aws::model::Protocol;
    match model.protocol {
        Protocol::RestJson => Wire::RestJson,
        Protocol::RestXml => Wire::RestXml,
        Protocol::Ec2 => Wire::Ec2,
        Protocol::Query => Wire::Query,
        Protocol::Json10 | Protocol::Json11 => Wire::guess(message),
    }
}

/// A caller who is not known, in each service's words (API references, Common Errors; S3 and EC2 have their own lists).
fn unsigned(wire: Wire, refusal: &Refusal) -> Fault {
    let json = matches!(wire, Wire::Json10 | Wire::Json11 | Wire::Cbor | Wire::RestJson);
    let exception = if json { "Exception" } else { "" };
    match refusal {
        Refusal::Missing => match wire {
            Wire::Ec2 => Fault::new("MissingParameter", "The request must contain the parameter AWSAccessKeyId"),
            Wire::RestXml => Fault::new("AccessDenied", "Access Denied").status(403),
            Wire::Query | Wire::OldSqs => {
                Fault::new("MissingAuthenticationToken", "Request is missing Authentication Token").status(403)
            }
            Wire::RestJson => {
                Fault::new("MissingAuthenticationTokenException", "Missing Authentication Token").status(403)
            }
            _ => Fault::new("MissingAuthenticationTokenException", "Missing Authentication Token"),
        },
        Refusal::Incomplete(say) => match wire {
            Wire::RestXml => {
                let say = "The authorization header is malformed; the authorization component is incomplete.";
                Fault::new("AuthorizationHeaderMalformed", say).status(400)
            }
            _ => Fault::new(&format!("IncompleteSignature{exception}"), say.clone())
                .status(if json && wire != Wire::RestJson { 400 } else { 403 }),
        },
        Refusal::Unknown => match wire {
            Wire::Ec2 => {
                Fault::new("AuthFailure", "AWS was not able to validate the provided access credentials").status(401)
            }
            Wire::RestXml => {
                let say = "The AWS Access Key Id you provided does not exist in our records.";
                Fault::new("InvalidAccessKeyId", say).status(403)
            }
            Wire::Query | Wire::OldSqs => {
                Fault::new("InvalidClientTokenId", "The security token included in the request is invalid.").status(403)
            }
            Wire::RestJson => {
                let say = "The security token included in the request is invalid.";
                Fault::new("UnrecognizedClientException", say).status(403)
            }
            _ => Fault::new("UnrecognizedClientException", "The security token included in the request is invalid."),
        },
    }
}

/// What the account answered, on the wire on which it was asked.
pub fn write(asked: &Asked, done: &Result<Answer, Fault>, request_id: &str, method: &str) -> Reply {
    let (model, operation, wire) = (asked.model, asked.operation, asked.wire);
    let reply = match done {
        Err(fault) => errors::reply(Some(model), wire, fault, request_id),
        Ok(answer) => {
            let value = &answer.body;
            match wire {
                Wire::Json10 | Wire::Json11 if operation.output.is_empty() => {
                    // SQS answers nothing with no body at all; the others with an empty object or nothing.
                    Reply::new(200, wire.content_type(), "")
                }
                Wire::Json10 | Wire::Json11 => {
                    Reply::new(200, wire.content_type(), json::write(model, &operation.output, value))
                }
                Wire::Cbor => {
                    let body = if operation.output.is_empty() {
                        Vec::new()
                    } else {
                        cbor::write(model, &operation.output, value)
                    };
                    Reply::new(200, wire.content_type(), body).with("smithy-protocol", "rpc-v2-cbor")
                }
                Wire::Query | Wire::OldSqs => Reply::new(200, wire.content_type(), result(asked, value, request_id)),
                Wire::Ec2 => Reply::new(200, wire.content_type(), ec2_result(asked, value, request_id)),
                Wire::RestJson => rest_json::write(model, operation, value),
                Wire::RestXml => rest_xml::write(model, operation, value),
            }
        }
    };
    finish(reply, wire, request_id, method)
}

/// A refusal by the door itself, before any service, on the wire that the headers suggest.
pub fn refuse(message: &Message, fault: &Fault, request_id: &str) -> Reply {
    let wire = Wire::guess(message);
    finish(errors::reply(None, wire, fault, request_id), wire, request_id, &message.method)
}

/// `<XResponse><XResult>…</XResult><ResponseMetadata>…`.
fn result(asked: &Asked, value: &Value, request_id: &str) -> String {
    let (model, operation) = (asked.model, asked.operation);
    let old = asked.wire == Wire::OldSqs;
    let namespace = if old { OLD_SQS_NAMESPACE } else { &model.namespace };
    let name = &operation.name;
    let mut out = String::from("<?xml version=\"1.0\"?>\n");
    xml::open(&format!("{name}Response xmlns=\"{namespace}\""), &mut out);
    if let Some(structure) = model.structure(&operation.output) {
        let wrapper = if operation.wrapper.is_empty() { format!("{name}Result") } else { operation.wrapper.clone() };
        xml::open(&wrapper, &mut out);
        let names = if old { Names::OldSqs } else { Names::Modern };
        xml::members(model, structure, value, names, &|_| true, &mut out);
        xml::close(&wrapper, &mut out);
    }
    xml::open("ResponseMetadata", &mut out);
    xml::element("RequestId", request_id, &mut out);
    xml::close("ResponseMetadata", &mut out);
    xml::close(&format!("{name}Response"), &mut out);
    out
}

/// `<XResponse><requestId>…</requestId>…`.
fn ec2_result(asked: &Asked, value: &Value, request_id: &str) -> String {
    let (model, operation) = (asked.model, asked.operation);
    let name = &operation.name;
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml::open(&format!("{name}Response xmlns=\"{}/\"", model.namespace.trim_end_matches('/')), &mut out);
    xml::element("requestId", request_id, &mut out);
    match model.structure(&operation.output) {
        Some(structure) => xml::members(model, structure, value, Names::Modern, &|_| true, &mut out),
        None => xml::element("return", "true", &mut out),
    }
    xml::close(&format!("{name}Response"), &mut out);
    out
}

/// Headers of every answer; a HEAD has no body.
fn finish(reply: Reply, wire: Wire, request_id: &str, method: &str) -> Reply {
    let mut reply = match wire {
        Wire::RestXml => reply.with("x-amz-request-id", request_id),
        _ => reply.with("x-amzn-requestid", request_id),
    };
    if method == "HEAD" {
        reply.body.clear();
    }
    reply
}

/// The id of the `n`th answer of a door: shaped like a UUID. Clients only log it.
pub fn request_id(secret: &str, n: u64) -> String {
    let digest = Sha256::new().chain_update(secret).chain_update(n.to_le_bytes()).finalize();
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

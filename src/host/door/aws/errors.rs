//! Refusals on each wire, as the services write them. Does not know why something is refused.

use super::cbor;
use super::json::push_text;
use super::route::Wire;
use super::xml;
use crate::host::door::Reply;
use crate::world::aws::call::Fault;
use crate::world::aws::model::Model;
use ciborium::Value as Cbor;

/// SQS's codes from before it spoke JSON, which clients go on printing, and its shapes of today (SQS API Reference, Errors
/// of each action). Sorted.
static OLD_CODES: &[(&str, &str)] = &[
    ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinct"),
    ("AWS.SimpleQueueService.BatchRequestTooLong", "BatchRequestTooLong"),
    ("AWS.SimpleQueueService.EmptyBatchRequest", "EmptyBatchRequest"),
    ("AWS.SimpleQueueService.InvalidBatchEntryId", "InvalidBatchEntryId"),
    ("AWS.SimpleQueueService.MessageNotInflight", "MessageNotInflight"),
    ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
    ("AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress"),
    ("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"),
    ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest"),
    ("AWS.SimpleQueueService.UnsupportedOperation", "UnsupportedOperation"),
    ("KMS.AccessDeniedException", "KmsAccessDenied"),
    ("KMS.DisabledException", "KmsDisabled"),
    ("KMS.InvalidKeyUsageException", "KmsInvalidKeyUsage"),
    ("KMS.InvalidStateException", "KmsInvalidState"),
    ("KMS.NotFoundException", "KmsNotFound"),
    ("KMS.OptInRequired", "KmsOptInRequired"),
    ("KMS.ThrottlingException", "KmsThrottled"),
    ("QueueAlreadyExists", "QueueNameExists"),
];

/// A refusal as an answer on its wire. The status is the fault's own, else the model's for its code, else 400.
pub fn reply(model: Option<&Model>, wire: Wire, fault: &Fault, request_id: &str) -> Reply {
    let modern = OLD_CODES.iter().find(|(old, _)| *old == fault.code).map_or(fault.code.as_str(), |(_, modern)| modern);
    let known = model.and_then(|model| model.error(modern));
    let status = match (fault.status, known) {
        (0, Some((_, shape))) => shape.status,
        (0, None) => 400,
        (status, _) => status,
    };
    let shape_name = known.map_or(modern, |(name, _)| name);
    match wire {
        Wire::Json10 | Wire::Json11 => json(model, wire, fault, shape_name, status),
        Wire::Cbor => {
            let members = [("__type", shape_name), ("message", fault.message.as_str())];
            let members = members.map(|(name, text)| (Cbor::Text(name.into()), Cbor::Text(text.into())));
            let body = cbor::encode(&Cbor::Map(members.to_vec()));
            let reply = Reply::new(status, "application/cbor", body).with("smithy-protocol", "rpc-v2-cbor");
            query_error(reply, model, fault, status)
        }
        Wire::RestJson => {
            let mut body = String::from("{\"message\":");
            push_text(&fault.message, &mut body);
            body.push('}');
            Reply::new(status, "application/json", body).with("x-amzn-errortype", shape_name)
        }
        Wire::Query | Wire::OldSqs => {
            let namespace = model.map_or("", |model| model.namespace.as_str());
            let namespace = if wire == Wire::OldSqs { super::OLD_SQS_NAMESPACE } else { namespace };
            let mut out = String::new();
            xml::open(&format!("ErrorResponse xmlns=\"{namespace}\""), &mut out);
            xml::open("Error", &mut out);
            xml::element("Type", sender(status), &mut out);
            xml::element("Code", &fault.code, &mut out);
            xml::element("Message", &fault.message, &mut out);
            xml::close("Error", &mut out);
            xml::element("RequestId", request_id, &mut out);
            xml::close("ErrorResponse", &mut out);
            Reply::new(status, "text/xml", out)
        }
        Wire::Ec2 => {
            let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
            xml::element("Code", &fault.code, &mut out);
            xml::element("Message", &fault.message, &mut out);
            out.push_str("</Error></Errors>");
            xml::element("RequestID", request_id, &mut out);
            out.push_str("</Response>");
            Reply::new(status, "text/xml;charset=UTF-8", out)
        }
        Wire::RestXml => {
            let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
            xml::element("Code", &fault.code, &mut out);
            xml::element("Message", &fault.message, &mut out);
            xml::element("RequestId", request_id, &mut out);
            out.push_str("</Error>");
            Reply::new(status, "application/xml", out)
        }
    }
}

fn json(model: Option<&Model>, wire: Wire, fault: &Fault, shape_name: &str, status: u16) -> Reply {
    // JSON 1.0 names errors with their namespace; what is refused before the operation comes from the framework.
    let known = model.is_some_and(|model| model.shapes.contains_key(shape_name));
    let space = match (wire, known) {
        (Wire::Json10, true) => format!("com.amazonaws.{}#", model.map_or("", |model| model.service.as_str())),
        (Wire::Json10, false) => "com.amazon.coral.service#".into(),
        _ => String::new(),
    };
    let mut body = String::from("{\"__type\":");
    push_text(&format!("{space}{shape_name}"), &mut body);
    // The framework's own refusals often say nothing.
    if !fault.message.is_empty() {
        body.push_str(",\"message\":");
        push_text(&fault.message, &mut body);
    }
    body.push('}');
    query_error(Reply::new(status, wire.content_type(), body), model, fault, status)
}

/// Services that spoke the query protocol once tell its code beside the new one.
fn query_error(reply: Reply, model: Option<&Model>, fault: &Fault, status: u16) -> Reply {
    if !model.is_some_and(|model| model.query_mode) {
        return reply;
    }
    reply.with("x-amzn-query-error", format!("{};{}", fault.code, sender(status)))
}

fn sender(status: u16) -> &'static str {
    if status < 500 { "Sender" } else { "Receiver" }
}

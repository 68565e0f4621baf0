//! SQS's operations on messages, from request to answer: single and batch. Does not know what a queue does with them.

use super::super::call::{Answer, Call, Fault, Is};
use super::super::message::{Attribute, Attributes, Draft, Received, Sent};
use super::flow::{self, BATCH_BYTES_MAX, BATCH_MAX, VISIBILITY_MAX, invalid};
use super::operations::{caller, named};
use super::{KIND, digest};
use crate::stdx::time::Span;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads `MessageAttributes`; SQS and SNS spell them alike.
pub fn read_attributes(given: Option<&Value>) -> Result<Attributes, Fault> {
    let mut attributes = Attributes::new();
    let Some(map) = given.and_then(Value::as_object) else { return Ok(attributes) };
    if map.len() > 10 {
        let n = map.len();
        return Err(invalid(format!("Number of message attributes [{n}] exceeds the allowed maximum [10].")));
    }
    for (name, value) in map {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if name.is_empty() || name.len() > 256 || !name.chars().all(plain) {
            return Err(invalid(format!(
                "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), \
                 hyphen (-), and period (.) characters."
            )));
        }
        // SQS Developer Guide, "Message attribute components"; SNS says the same.
        let lower = name.to_ascii_lowercase();
        let reserved = ["aws.", "amazon."].iter().any(|prefix| lower.starts_with(prefix));
        if reserved || name.starts_with('.') || name.ends_with('.') {
            return Err(invalid(
                "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for \
                 internal use. Additionally, they cannot start or end with '.'."
                    .to_string(),
            ));
        }
        let text = |member: &str| value.get(member).and_then(Value::as_str);
        let kind = text("DataType").unwrap_or_default();
        let base = kind.split('.').next().unwrap_or_default();
        if !["String", "Number", "Binary"].contains(&base) {
            return Err(invalid(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String."
            )));
        }
        let member = if base == "Binary" { "BinaryValue" } else { "StringValue" };
        let Some(held) = text(member).filter(|held| !held.is_empty()) else {
            return Err(invalid(format!(
                "The message attribute '{name}' must contain a non-empty value for the type '{kind}'."
            )));
        };
        if base == "Number" && !number(held) {
            return Err(invalid(format!("Can't cast the value of message (user) attribute '{name}' to a number.")));
        }
        attributes.insert(name.as_str().into(), Attribute { data_type: kind.into(), value: held.into() });
    }
    Ok(attributes)
}

fn number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn show_attributes(attributes: &Attributes, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let shown = |attribute: &Attribute| {
        let binary = attribute.data_type.starts_with("Binary");
        let member = if binary { "BinaryValue" } else { "StringValue" };
        json!({ member: &*attribute.value, "DataType": &*attribute.data_type })
    };
    attributes.iter().filter(|(name, _)| wanted(name)).map(|(name, held)| (name.to_string(), shown(held))).collect()
}

fn draft(entry: &Value) -> Result<Draft, Fault> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str).map(Arc::from);
    let delay = entry.get("DelaySeconds").and_then(Value::as_i64);
    if let Some(seconds) = delay.filter(|seconds| !(0..=900).contains(seconds)) {
        return Err(invalid(format!(
            "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        )));
    }
    for member in ["MessageGroupId", "MessageDeduplicationId"] {
        let given: Option<Arc<str>> = text(member);
        if given.as_ref().is_some_and(|id| !identifier(id)) {
            let id = given.unwrap_or_default();
            return Err(invalid(format!(
                "Value {id} for parameter {member} is invalid. Reason: {member} can only include alphanumeric and \
                 punctuation characters. 1 to 128 in length."
            )));
        }
    }
    Ok(Draft {
        body: text("MessageBody").unwrap_or_default(),
        subject: None,
        attributes: read_attributes(entry.get("MessageAttributes"))?,
        group: text("MessageGroupId"),
        dedup: text("MessageDeduplicationId"),
        delay: delay.map(Span::secs),
        notification: None,
    })
}

fn identifier(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a send answers: digests of what was sent let the client check.
fn sent(body: &str, attributes: &Attributes, sent: &Sent) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("MD5OfMessageBody".into(), json!(digest::of_body(body)));
    if let Some(digest) = digest::of_attributes(attributes) {
        row.insert("MD5OfMessageAttributes".into(), json!(digest));
    }
    row.insert("MessageId".into(), json!(&*sent.message_id));
    if let Some(sequence) = sent.sequence {
        row.insert("SequenceNumber".into(), json!(sequence.to_string()));
    }
    row
}

fn done(world: &World, queue: &str, body: Value) -> Answer {
    let name = world.aws.queues.get(queue).map(|queue| queue.name.to_string()).unwrap_or_default();
    let answer = if body.is_null() { Answer::default() } else { Answer::of(body) };
    answer.altering(KIND, &name, Vec::new())
}

pub fn send_message(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let draft = draft(call.input())?;
    let (body, attributes) = (draft.body.clone(), draft.attributes.clone());
    let by = caller(world, call);
    let result = flow::send(world, world.now, &queue, vec![draft], &by)?.pop();
    let receipt = result.unwrap_or_else(|| Err(super::missing()))?;
    let row = sent(&body, &attributes, &receipt);
    Ok(done(world, &queue, Value::Object(row)))
}

/// The entries of a batch, after what is wrong with the batch as a whole.
fn entries<'a>(call: &'a Call, action: &str) -> Result<Vec<(&'a str, &'a Value)>, Fault> {
    let code = |name: &str| format!("AWS.SimpleQueueService.{name}");
    let list = call.list("Entries");
    if list.is_empty() {
        let message = format!("There should be at least one {action} in the request.");
        return Err(Fault::new(&code("EmptyBatchRequest"), message));
    }
    if list.len() > BATCH_MAX {
        let message = format!("Maximum number of entries per request are {BATCH_MAX}. You have sent {}.", list.len());
        return Err(Fault::new(&code("TooManyEntriesInBatchRequest"), message));
    }
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for entry in list {
        let id = entry.get("Id").and_then(Value::as_str).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > 80 || !id.chars().all(plain) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at \
                           most 80 letters long.";
            return Err(Fault::new(&code("InvalidBatchEntryId"), message));
        }
        if !seen.insert(id) {
            return Err(Fault::new(&code("BatchEntryIdsNotDistinct"), format!("Id {id} repeated.")));
        }
        out.push((id, entry));
    }
    Ok(out)
}

fn failed(id: &str, fault: &Fault) -> Value {
    json!({ "Id": id, "SenderFault": fault.status < 500, "Code": fault.code, "Message": fault.message })
}

/// A batch's answer: both lists are there, also empty ones.
fn batch(successful: Vec<Value>, failed: Vec<Value>) -> Value {
    let mut body = Map::new();
    body.insert("Successful".into(), Value::Array(successful));
    if !failed.is_empty() {
        body.insert("Failed".into(), Value::Array(failed));
    }
    Value::Object(body)
}

pub fn send_message_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let entries = entries(call, "SendMessageBatchRequestEntry")?;
    let (mut ids, mut drafts, mut bad, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (id, entry) in entries {
        match draft(entry) {
            Ok(draft) => {
                bytes += super::super::message::bytes(&draft.body, &draft.attributes);
                ids.push((id, draft.body.clone(), draft.attributes.clone()));
                drafts.push(draft);
            }
            Err(fault) => bad.push(failed(id, &fault)),
        }
    }
    if bytes > BATCH_BYTES_MAX {
        let message =
            format!("Batch requests cannot be longer than {BATCH_BYTES_MAX} bytes. You have sent {bytes} bytes.");
        return Err(Fault::new("AWS.SimpleQueueService.BatchRequestTooLong", message));
    }
    let by = caller(world, call);
    let results = flow::send(world, world.now, &queue, drafts, &by)?;
    let mut good = Vec::new();
    for ((id, body, attributes), result) in ids.into_iter().zip(results) {
        match result {
            Ok(receipt) => {
                let mut row = sent(&body, &attributes, &receipt);
                row.insert("Id".into(), json!(id));
                good.push(Value::Object(row));
            }
            Err(fault) => bad.push(failed(id, &fault)),
        }
    }
    Ok(done(world, &queue, batch(good, bad)))
}

/// Which attributes a reader asked for: `All`, `.*`, names, and prefixes as `prefix.*`.
fn asks(wanted: &[&str], name: &str) -> bool {
    wanted.iter().any(|want| {
        *want == "All"
            || *want == ".*"
            || *want == name
            || want.strip_suffix(".*").is_some_and(|head| name.starts_with(head))
    })
}

pub fn receive_message(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let max = call.whole("MaxNumberOfMessages").unwrap_or(1);
    if !(1..=10).contains(&max) {
        return Err(invalid(format!(
            "Value {max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        )));
    }
    let wait = call.whole("WaitTimeSeconds");
    if let Some(wait) = wait.filter(|wait| !(0..=20).contains(wait)) {
        return Err(invalid(format!(
            "Value {wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."
        )));
    }
    let visibility = call.whole("VisibilityTimeout").map(timeout).transpose()?;
    let by = caller(world, call);
    let long = wait.map_or_else(|| super::waits(world, world.now, &queue) > Span::ZERO, |wait| wait > 0);
    let wish = flow::Wish { max: max as usize, visibility, long };
    let received = flow::receive(world, world.now, &queue, wish, &by)?;
    let mut system = call.texts("AttributeNames");
    system.extend(call.texts("MessageSystemAttributeNames"));
    let wanted = call.texts("MessageAttributeNames");
    if received.is_empty() {
        return Ok(Answer::of(json!({})));
    }
    let name = world.aws.queues.get(&queue).map(|queue| queue.name.to_string()).unwrap_or_default();
    let rows: Vec<Value> = received.iter().map(|message| row(world, &queue, message, &system, &wanted)).collect();
    let mut answer = Answer::of(json!({ "Messages": rows }));
    for (at, message) in received.iter().enumerate() {
        let base = format!("Messages[{}]", message.message_id);
        let is = Is::Attributes { kind: KIND.into(), name: name.clone(), base };
        answer = answer.shows(format!("/Messages/{at}"), is);
    }
    Ok(answer)
}

fn row(world: &World, queue: &str, message: &Received, system: &[&str], wanted: &[&str]) -> Value {
    let mut row = Map::new();
    row.insert("MessageId".into(), json!(&*message.message_id));
    row.insert("ReceiptHandle".into(), json!(&*message.receipt));
    row.insert("MD5OfBody".into(), json!(digest::of_body(&message.body)));
    row.insert("Body".into(), json!(&*message.body));
    let system = system_attributes(world, queue, message, system);
    if !system.is_empty() {
        row.insert("Attributes".into(), Value::Object(system));
    }
    let shown: Attributes = message
        .attributes
        .iter()
        .filter(|(name, _)| asks(wanted, name))
        .map(|(name, held)| (name.clone(), held.clone()))
        .collect();
    // The digest covers what is handed over, so that the client can check it.
    if let Some(digest) = digest::of_attributes(&shown) {
        row.insert("MD5OfMessageAttributes".into(), json!(digest));
        row.insert("MessageAttributes".into(), Value::Object(show_attributes(&shown, |_| true)));
    }
    Value::Object(row)
}

fn system_attributes(world: &World, queue: &str, message: &Received, wanted: &[&str]) -> Map<String, Value> {
    let mut out = Map::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| wanted.contains(&"All") || wanted.contains(&name)) {
            out.insert(name.to_string(), json!(value));
        }
    };
    let held = flow::peek(world, queue, &message.receipt);
    add("SenderId", held.map(|held| held.sender.to_string()));
    add("ApproximateFirstReceiveTimestamp", Some(message.first_received.0.to_string()));
    add("ApproximateReceiveCount", Some(message.receive_count.to_string()));
    add("SentTimestamp", Some(message.sent.0.to_string()));
    let fifo = held.filter(|held| held.place.sequence > 0);
    add("SequenceNumber", fifo.map(|held| held.place.sequence.to_string()));
    add("MessageDeduplicationId", fifo.and_then(|held| held.place.dedup.as_ref().map(|id| id.to_string())));
    add("MessageGroupId", message.group.as_ref().map(|group| group.to_string()));
    add("DeadLetterQueueSourceArn", held.and_then(|held| held.origin.as_ref().map(|arn| arn.to_string())));
    out
}

fn timeout(seconds: i64) -> Result<Span, Fault> {
    if (0..=VISIBILITY_MAX.as_secs()).contains(&seconds) {
        return Ok(Span::secs(seconds));
    }
    Err(invalid(format!(
        "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 \
         and 43200"
    )))
}

pub fn delete_message(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let receipt = call.text("ReceiptHandle").unwrap_or_default();
    let result = flow::delete(world, world.now, &queue, &[receipt])?.pop();
    result.unwrap_or(Ok(()))?;
    Ok(done(world, &queue, Value::Null))
}

pub fn delete_message_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let entries = entries(call, "DeleteMessageBatchRequestEntry")?;
    let text = |entry: &'_ Value| entry.get("ReceiptHandle").and_then(Value::as_str).unwrap_or_default().to_string();
    let receipts: Vec<String> = entries.iter().map(|(_, entry)| text(entry)).collect();
    let receipts: Vec<&str> = receipts.iter().map(String::as_str).collect();
    let results = flow::delete(world, world.now, &queue, &receipts)?;
    let body = outcome(&entries, results);
    Ok(done(world, &queue, body))
}

fn outcome(entries: &[(&str, &Value)], results: Vec<Result<(), Fault>>) -> Value {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for ((id, _), result) in entries.iter().zip(results) {
        match result {
            Ok(()) => good.push(json!({ "Id": id })),
            Err(fault) => bad.push(failed(id, &fault)),
        }
    }
    batch(good, bad)
}

pub fn change_message_visibility(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let receipt = call.text("ReceiptHandle").unwrap_or_default();
    let span = timeout(call.whole("VisibilityTimeout").unwrap_or_default())?;
    let result = flow::change_visibility(world, world.now, &queue, &[(receipt, span)])?.pop();
    result.unwrap_or(Ok(()))?;
    Ok(done(world, &queue, Value::Null))
}

pub fn change_message_visibility_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let queue = named(world, call)?;
    let entries = entries(call, "ChangeMessageVisibilityBatchRequestEntry")?;
    let mut changes = Vec::new();
    for (_, entry) in &entries {
        let seconds = entry.get("VisibilityTimeout").and_then(Value::as_i64).unwrap_or_default();
        let receipt = entry.get("ReceiptHandle").and_then(Value::as_str).unwrap_or_default();
        changes.push((receipt, timeout(seconds)?));
    }
    let results = flow::change_visibility(world, world.now, &queue, &changes)?;
    let body = outcome(&entries, results);
    Ok(done(world, &queue, body))
}

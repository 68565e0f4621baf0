//! SQS's operations on queues: create, describe, set, delete, purge, tag, permit. Does not move messages.

use super::super::call::{Answer, Call, Cover, Fault};
use super::super::iam;
use super::super::message::Principal;
use super::super::paging;
use super::attributes::{self, Shown};
use super::flow::invalid;
use super::places::Fate;
use super::queue::{Queue, Setup};
use super::{KIND, missing, propagation, url_of};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A deleted queue's name, and the next purge, are locked so long (SQS API Reference, DeleteQueue and PurgeQueue).
const LOCK: Span = Span::secs(60);

/// The ARN of the queue that a request names.
pub fn named(world: &World, call: &Call) -> Result<Arc<str>, Fault> {
    let url = call.text("QueueUrl").unwrap_or_default();
    if url.is_empty() {
        return Err(Fault::new("MissingParameter", "The request must contain the parameter QueueUrl."));
    }
    super::arn_of_url(world, url).ok_or_else(|| {
        let there = url.contains("//") && url.split('/').count() == 5;
        if there { missing() } else { invalid_address(url) }
    })
}

fn invalid_address(url: &str) -> Fault {
    Fault::new("InvalidAddress", format!("The address {url} is not valid for this endpoint.")).status(404)
}

fn name_of(world: &World, arn: &str) -> String {
    world.aws.queues.get(arn).map(|queue| queue.name.to_string()).unwrap_or_default()
}

fn changes(before: &Shown, after: &Shown) -> Vec<FieldChange> {
    let names: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let value = |shown: &Shown, name: &str| shown.get(name).map(|text| text.to_string());
    names
        .into_iter()
        .map(|name| FieldChange { path: name.to_string(), before: value(before, name), after: value(after, name) })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Queues there may ever have been (ours): deleted ones are kept for what they counted and where their messages went.
const EVER_MAX: usize = 10_000;

fn given(call: &Call) -> Map<String, Value> {
    call.input().get("Attributes").and_then(Value::as_object).cloned().unwrap_or_default()
}

pub fn create_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("QueueName").unwrap_or_default();
    let given = given(call);
    let fifo = given.get("FifoQueue").and_then(Value::as_str) == Some("true");
    let stem = if fifo { name.strip_suffix(".fifo").unwrap_or(name) } else { name };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if stem.is_empty() || name.len() > 80 || !stem.chars().all(plain) || (fifo && stem == name) {
        return Err(invalid(match fifo {
            true => {
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end \
                     with .fifo suffix and be 1 to 80 in length."
            }
            false => "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        }));
    }
    let arn: Arc<str> = super::super::arn::make("sqs", &world.aws.region, &world.aws.id, name).into();
    let read = attributes::read(&world.aws.queues, &arn, fifo, &given)?;
    let url = url_of(world, name);
    if let Some(queue) = world.aws.queues.get(&arn) {
        return match read.iter().find(|(name, value)| queue.setup.shown.get(*name) != Some(*value)) {
            None => Ok(Answer::of(json!({ "QueueUrl": url })).about("", KIND, name)),
            Some((attribute, _)) => {
                let message = format!(
                    "A queue already exists with the same name and a different value for attribute {attribute}"
                );
                Err(Fault::new("QueueAlreadyExists", message))
            }
        };
    }
    if world.aws.queues.deleted_since(&arn, world.now - LOCK) {
        let message =
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        return Err(Fault::new("AWS.SimpleQueueService.QueueDeletedRecently", message));
    }
    if world.aws.queues.ever().count() >= EVER_MAX {
        return Err(Fault::new("RequestThrottled", "Request is throttled.").status(403));
    }
    let mut shown = attributes::defaults(fifo);
    shown.extend(read.into_iter().filter(|(_, value)| !value.is_empty()));
    if shown.contains_key("KmsMasterKeyId") {
        shown.insert("SqsManagedSseEnabled", "false".into());
    }
    let changed = changes(&Shown::new(), &shown);
    let tags = texts(call.input().get("tags"));
    let setup = Setup::new(world.now, fifo, shown, tags);
    let queue = Queue::new(arn, name.into(), world.seed, setup);
    world.aws.queues.insert(queue);
    Ok(Answer::of(json!({ "QueueUrl": url })).altering(KIND, name, changed))
}

fn texts(map: Option<&Value>) -> BTreeMap<String, String> {
    let map = map.and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
}

pub fn delete_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let (now, name) = (world.now, name_of(world, &arn));
    let Some(queue) = world.aws.queues.get_mut(&arn) else { return Err(missing()) };
    queue.settle(now);
    queue.clear(now, Fate::QueueDeleted);
    let changed = changes(&queue.setup.shown, &Shown::new());
    world.aws.queues.remove(&arn, now);
    Ok(Answer::default().altering(KIND, &name, changed))
}

pub fn get_queue_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let names = call.texts("AttributeNames");
    let Some(queue) = world.aws.queues.get(&arn) else { return Err(missing()) };
    let (name, shown) = (queue.name.to_string(), attributes::show(queue, &names)?);
    let all = names.contains(&"All");
    if shown.is_empty() {
        // Nothing was asked for, or what was asked for is not set: the service leaves the member out.
        let asked = names.into_iter().map(str::to_string).collect::<Vec<_>>();
        let answer = Answer::of(json!({}));
        return Ok(if asked.is_empty() { answer } else { answer.covering(Cover::Whole { kind: KIND.into(), name }) });
    }
    let answer = Answer::of(json!({ "Attributes": shown })).about("/Attributes", KIND, &name);
    Ok(if all { answer.covering(Cover::Whole { kind: KIND.into(), name }) } else { answer })
}

pub fn set_queue_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let Some(queue) = world.aws.queues.get(&arn) else { return Err(missing()) };
    let mut given = given(call);
    let fifo = queue.setup.fifo;
    if given.get("FifoQueue").and_then(Value::as_str) == Some("true") && fifo {
        given.remove("FifoQueue");
    }
    let read = attributes::read(&world.aws.queues, &arn, fifo, &given)?;
    let (now, name) = (world.now, queue.name.to_string());
    let (soon, later) = propagation(world.seed, &name, now);
    let Some(queue) = world.aws.queues.get_mut(&arn) else { return Err(missing()) };
    queue.settle(now);
    let before = queue.setup.shown.clone();
    attributes::set(&mut queue.setup, now, read, now + soon, now + later);
    queue.counts.request(now, 0);
    let changed = changes(&before, &queue.setup.shown);
    Ok(Answer::default().altering(KIND, &name, changed))
}

pub fn get_queue_url(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("QueueName").unwrap_or_default();
    let arn = super::super::arn::make("sqs", &world.aws.region, &world.aws.id, name);
    if world.aws.queues.get(&arn).is_none() {
        return Err(missing());
    }
    Ok(Answer::of(json!({ "QueueUrl": url_of(world, name) })).about("", KIND, name))
}

/// A page of URLs, and how it goes on.
fn urls(world: &World, call: &Call, names: Vec<Arc<str>>, member: &str) -> Result<Answer, Fault> {
    let max = call.whole("MaxResults");
    if let Some(max) = max.filter(|max| !(1..=1_000).contains(max)) {
        return Err(invalid(format!(
            "Value {max} for parameter MaxResults is invalid. Reason: must be an integer between 1 and 1000."
        )));
    }
    let token = call.text("NextToken").filter(|token| !token.is_empty());
    let bad = || invalid("Invalid or expired next token.");
    let (page, next) = paging::page(names, token, max.unwrap_or(1_000) as usize).ok_or_else(bad)?;
    let mut body = Map::new();
    if !page.is_empty() || member == "queueUrls" {
        let urls: Vec<String> = page.iter().map(|name| url_of(world, name)).collect();
        body.insert(member.to_string(), json!(urls));
    }
    // Without a size for pages the service gives at most a thousand and no token.
    if let Some(next) = next.filter(|_| max.is_some()) {
        body.insert("NextToken".into(), next.into());
    }
    let mut answer = Answer::of(Value::Object(body));
    for (at, name) in page.iter().enumerate() {
        answer = answer.about(format!("/{member}/{at}"), KIND, name);
    }
    Ok(answer)
}

pub fn list_queues(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let prefix = call.text("QueueNamePrefix").unwrap_or_default();
    let names: Vec<Arc<str>> =
        world.aws.queues.iter().map(|queue| queue.name.clone()).filter(|name| name.starts_with(prefix)).collect();
    let whole = prefix.is_empty() && call.text("NextToken").is_none() && call.whole("MaxResults").is_none();
    let answer = urls(world, call, names, "QueueUrls")?;
    Ok(if whole { answer.covering(Cover::All { kind: KIND.into() }) } else { answer })
}

pub fn list_dead_letter_source_queues(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let names = world.aws.queues.sources_of(&arn).map(|queue| queue.name.clone()).collect();
    urls(world, call, names, "queueUrls")
}

pub fn purge_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let (now, name) = (world.now, name_of(world, &arn));
    let Some(queue) = world.aws.queues.get_mut(&arn) else { return Err(missing()) };
    if queue.purged.is_some_and(|purged| now < purged + LOCK) {
        let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
        return Err(Fault::new("AWS.SimpleQueueService.PurgeQueueInProgress", message).status(403));
    }
    queue.settle(now);
    let before = queue.store.len();
    queue.clear(now, Fate::Purged);
    queue.purged = Some(now);
    queue.counts.request(now, 0);
    let path = "ApproximateNumberOfMessages".to_string();
    let changed = vec![FieldChange { path, before: Some(before.to_string()), after: Some("0".into()) }];
    Ok(Answer::default().altering(KIND, &name, changed))
}

pub fn list_queue_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let Some(queue) = world.aws.queues.get(&arn) else { return Err(missing()) };
    let (name, tags) = (queue.name.clone(), &queue.setup.tags);
    if tags.is_empty() {
        return Ok(Answer::of(json!({})));
    }
    Ok(Answer::of(json!({ "Tags": **tags })).about("", KIND, &name))
}

pub fn tag_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let tags = texts(call.input().get("Tags"));
    if tags.is_empty() {
        return Err(Fault::new("MissingParameter", "The request must contain the parameter Tags."));
    }
    retag(world, &arn, |own| own.extend(tags))
}

pub fn untag_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let keys: Vec<String> = call.texts("TagKeys").into_iter().map(str::to_string).collect();
    retag(world, &arn, |own| own.retain(|key, _| !keys.contains(key)))
}

fn retag(world: &mut World, arn: &str, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<Answer, Fault> {
    let Some(queue) = world.aws.queues.get_mut(arn) else { return Err(missing()) };
    let mut tags = (*queue.setup.tags).clone();
    change(&mut tags);
    if tags.len() > 50 {
        return Err(invalid(format!("Too many tags added for queue {}.", queue.name)));
    }
    let before = std::mem::replace(&mut queue.setup.tags, Arc::new(tags));
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(queue.setup.tags.keys()).collect();
    let changed = keys
        .into_iter()
        .map(|key| FieldChange {
            path: format!("Tags/{key}"),
            before: before.get(key).cloned(),
            after: queue.setup.tags.get(key).cloned(),
        })
        .filter(|change| change.before != change.after)
        .collect();
    let name = queue.name.to_string();
    Ok(Answer::default().altering(KIND, &name, changed))
}

/// Actions that a queue's owner can permit to other accounts with AddPermission (SQS API Reference).
static PERMITTED: &[&str] = &[
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

pub fn add_permission(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let (label, actions) = (call.text("Label").unwrap_or_default(), call.texts("Actions"));
    let accounts = call.texts("AWSAccountIds");
    if actions.len() > 7 {
        let message = format!("{} Actions were found, maximum allowed is 7.", actions.len());
        return Err(Fault::new("OverLimit", message).status(403));
    }
    if let Some(action) = actions.iter().find(|action| !PERMITTED.contains(action)) {
        return Err(invalid(format!(
            "Value SQS:{action} for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this \
             action."
        )));
    }
    if accounts.is_empty() || accounts.iter().any(|id| id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit())) {
        let list = accounts.join(", ");
        return Err(invalid(format!("Value [{list}] for parameter PrincipalId is invalid. Reason: Unable to verify.")));
    }
    let principals: Vec<String> = accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect();
    let actions: Vec<String> = actions.iter().map(|action| format!("SQS:{action}")).collect();
    let one = |list: Vec<String>| if let [only] = &list[..] { json!(only) } else { json!(list) };
    let statement = json!({
        "Sid": label, "Effect": "Allow", "Principal": { "AWS": one(principals) },
        "Action": one(actions), "Resource": &*arn,
    });
    edit_policy(world, &arn, |statements| {
        if statements.iter().any(|statement| statement["Sid"] == label) {
            return Err(invalid(format!("Value {label} for parameter Label is invalid. Reason: Already exists.")));
        }
        statements.push(statement);
        Ok(())
    })
}

pub fn remove_permission(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = named(world, call)?;
    let label = call.text("Label").unwrap_or_default();
    edit_policy(world, &arn, |statements| {
        let before = statements.len();
        statements.retain(|statement| statement["Sid"] != label);
        if statements.len() < before {
            return Ok(());
        }
        let message =
            format!("Value {label} for parameter Label is invalid. Reason: can't find label on existing policy.");
        Err(invalid(message))
    })
}

/// Changes the statements of a queue's policy like any other change of the attribute.
fn edit_policy(
    world: &mut World,
    arn: &Arc<str>,
    change: impl FnOnce(&mut Vec<Value>) -> Result<(), Fault>,
) -> Result<Answer, Fault> {
    let (now, name) = (world.now, name_of(world, arn));
    let (soon, later) = propagation(world.seed, &name, now);
    let Some(queue) = world.aws.queues.get_mut(arn) else { return Err(missing()) };
    queue.settle(now);
    let text = queue.setup.shown.get("Policy").map_or("", |text| &**text);
    let mut policy: Value = serde_json::from_str(text).unwrap_or_else(
        |_| json!({ "Version": "2012-10-17", "Id": format!("{arn}/SQSDefaultPolicy"), "Statement": [] }),
    );
    let mut statements = match policy["Statement"].take() {
        Value::Array(list) => list,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    change(&mut statements)?;
    let text = if statements.is_empty() {
        String::new()
    } else {
        policy["Statement"] = Value::Array(statements);
        policy.to_string()
    };
    let before = queue.setup.shown.clone();
    let policy = Shown::from([("Policy", Arc::from(text))]);
    attributes::set(&mut queue.setup, now, policy, now + soon, now + later);
    let changed = changes(&before, &queue.setup.shown);
    Ok(Answer::default().altering(KIND, &name, changed))
}

/// Who calls, as policies see it.
pub fn caller(world: &World, call: &Call) -> Principal {
    iam::caller(world, &call.request.caller)
}

//! SNS's operations, from request to answer: topics, subscriptions, tags, publishing. Does not know how copies travel.

use super::super::call::{Answer, Call, Cover, Fault, Is};
use super::super::message::Draft;
use super::super::{arn, iam, paging, post, sqs};
use super::attributes;
use super::delivery;
use super::topic::{Protocol, Setup, Shown, Subscription, Topic};
use super::{Due, SUBSCRIPTION, TOPIC, Topics, absent, invalid, propagation};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries of a page of any list (SNS API Reference: up to 100).
const PAGE: usize = 100;

fn topic_arn(call: &Call) -> Result<String, Fault> {
    let given = call.text("TopicArn").unwrap_or_default();
    check_arn(given, "TopicArn")?;
    here(call, given, "TopicArn")?;
    Ok(given.to_string())
}

/// A region's endpoint knows nothing of what is in others, and says so in these words.
fn here(call: &Call, given: &str, member: &str) -> Result<(), Fault> {
    let asked = &call.request.region;
    if asked.is_empty() || arn::region(given) == *asked { Ok(()) } else { Err(invalid(member)) }
}

fn check_arn(given: &str, member: &str) -> Result<(), Fault> {
    let parts = given.split(':').count();
    if parts < 6 {
        return Err(invalid(format!("{member} Reason: An ARN must have at least 6 elements, not {parts}")));
    }
    if !given.starts_with("arn:") {
        return Err(invalid(format!("{member} Reason: Only arn: prefixed identifiers are valid")));
    }
    Ok(())
}

fn name_of(topic: &str) -> String {
    topic.rsplit(':').next().unwrap_or_default().to_string()
}

/// What people call a subscription: the topic and where it leads to.
fn subscription_name(topic: &Topic, subscription: &Subscription) -> String {
    let end = &subscription.endpoint;
    let end = if end.starts_with("arn:") { end.rsplit(':').next().unwrap_or(end) } else { end };
    format!("{}/{end}", topic.name)
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

fn given(call: &Call) -> Vec<(String, String)> {
    let map = call.input().get("Attributes").and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_string()))).collect()
}

fn tags(call: &Call, member: &str) -> BTreeMap<String, String> {
    let text = |tag: &Value, member: &str| Some(tag.get(member)?.as_str()?.to_string());
    call.list(member).iter().filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value")?))).collect()
}

/// Topics there may ever have been (ours): deleted ones are kept for what they counted and where their messages went.
const EVER_MAX: usize = 10_000;

pub fn create_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("Name").unwrap_or_default();
    let settings = given(call);
    let fifo = settings.iter().any(|(name, value)| name == "FifoTopic" && value == "true");
    let stem = if fifo { name.strip_suffix(".fifo").unwrap_or_default() } else { name };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if stem.is_empty() || name.len() > 256 || !stem.chars().all(plain) {
        return Err(invalid(match fifo {
            true => {
                "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, \
                     numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
            }
            false => "Topic Name",
        }));
    }
    let arn: Arc<str> = arn::make("sns", &world.aws.region, &world.aws.id, name).into();
    let mut setup = Setup {
        fifo,
        content_dedup: false,
        shown: Arc::default(),
        policy: None,
        retry: None,
        same_for_all: false,
        kms: None,
        tags: Arc::new(tags(call, "Tags")),
    };
    for (name, value) in &settings {
        attributes::set_topic(&mut setup, name, value)?;
    }
    let body = json!({ "TopicArn": &*arn });
    if let Some(topic) = world.aws.topics.get(&arn) {
        let same = setup.shown.iter().all(|(name, value)| topic.setup.shown.get(name) == Some(value));
        return match same {
            true => Ok(Answer::of(body).about("", TOPIC, name)),
            false => Err(invalid("Attributes Reason: Topic already exists with different attributes")),
        };
    }
    if world.aws.topics.ever().count() >= EVER_MAX {
        return Err(Fault::new("TopicLimitExceeded", "Topic Limit Exceeded: number of topics").status(403));
    }
    let changed = changes(&Shown::new(), &setup.shown);
    let topic = Topic::new(arn, name.into(), world.seed, world.now, setup);
    world.aws.topics.insert(topic);
    Ok(Answer::of(body).altering(TOPIC, name, changed))
}

pub fn delete_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = topic_arn(call)?;
    let before = world.aws.topics.get(&arn).map(|topic| topic.setup.shown.clone()).unwrap_or_default();
    world.aws.topics.remove(&arn);
    // Deleting what is not there is no mistake.
    Ok(Answer::default().altering(TOPIC, &name_of(&arn), changes(&before, &Shown::new())))
}

pub fn get_topic_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = topic_arn(call)?;
    let topic = world.aws.topics.get(&arn).ok_or_else(absent)?;
    let body = json!({ "Attributes": attributes::show_topic(topic, &world.aws.id) });
    let name = topic.name.to_string();
    Ok(Answer::of(body).about("/Attributes", TOPIC, &name).covering(Cover::Whole { kind: TOPIC.into(), name }))
}

pub fn set_topic_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = topic_arn(call)?;
    let (name, value) =
        (call.text("AttributeName").unwrap_or_default(), call.text("AttributeValue").unwrap_or_default());
    let topic = world.aws.topics.get_mut(&arn).ok_or_else(absent)?;
    let before = topic.setup.shown.clone();
    attributes::set_topic(&mut topic.setup, name, value)?;
    let changed = changes(&before, &topic.setup.shown);
    Ok(Answer::default().altering(TOPIC, &name_of(&arn), changed))
}

/// A page of a list: how many were passed over, and the token that leads on.
fn page<T>(call: &Call, items: Vec<T>) -> Result<(Vec<T>, Option<String>), Fault> {
    let token = call.text("NextToken").filter(|token| !token.is_empty());
    paging::page(items, token, PAGE).ok_or_else(|| invalid("NextToken"))
}

pub fn list_topics(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arns: Vec<Arc<str>> = world.aws.topics.iter().map(|topic| topic.arn.clone()).collect();
    let (arns, next) = page(call, arns)?;
    let rows: Vec<Value> = arns.iter().map(|arn| json!({ "TopicArn": &**arn })).collect();
    let mut body = json!({ "Topics": rows });
    let whole = next.is_none() && call.text("NextToken").is_none();
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    let mut answer = Answer::of(body);
    for (at, arn) in arns.iter().enumerate() {
        answer = answer.about(format!("/Topics/{at}"), TOPIC, &name_of(arn));
    }
    Ok(if whole { answer.covering(Cover::All { kind: TOPIC.into() }) } else { answer })
}

fn check_endpoint(topic: &Topic, protocol: Protocol, endpoint: &str) -> Result<(), Fault> {
    match protocol {
        Protocol::Sqs => {
            let parsed = arn::Arn::parse(endpoint).filter(|arn| arn.service == "sqs");
            let queue = parsed.ok_or_else(|| invalid("SQS endpoint ARN"))?;
            if queue.resource.ends_with(".fifo") && !topic.setup.fifo {
                let why =
                    "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics";
                return Err(invalid(why));
            }
        }
        Protocol::Lambda if arn::Arn::parse(endpoint).is_none_or(|arn| arn.service != "lambda") => {
            return Err(invalid("Lambda endpoint ARN"));
        }
        Protocol::Http | Protocol::Https if !endpoint.starts_with(&format!("{}://", protocol.word())) => {
            return Err(invalid("Endpoint must match the specified protocol"));
        }
        Protocol::Email | Protocol::EmailJson if !endpoint.contains('@') => return Err(invalid("Email address")),
        _ => {}
    }
    if topic.setup.fifo && !matches!(protocol, Protocol::Sqs) {
        return Err(invalid("Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"));
    }
    Ok(())
}

pub fn subscribe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = topic_arn(call)?;
    let topic = world.aws.topics.get(&arn).ok_or_else(absent)?;
    let protocol = call.text("Protocol").unwrap_or_default();
    let Some(protocol) = Protocol::parse(protocol) else {
        return Err(invalid(format!("Amazon SNS does not support this protocol string: {protocol}")));
    };
    let endpoint = call.text("Endpoint").unwrap_or_default();
    check_endpoint(topic, protocol, endpoint)?;
    let now = world.now;
    let mut fresh = Subscription::new(protocol, endpoint, now);
    fresh.by = iam::caller(world, &call.request.caller).role;
    // The scope first: the filter is read by it.
    let mut settings = given(call);
    settings.sort_by_key(|(name, _)| name != "FilterPolicyScope");
    for (name, value) in &settings {
        attributes::set_subscription(&mut fresh, name, value, now, "Attributes Reason: ")?;
    }
    fresh.filter.settle(now);
    let same = |held: &&Arc<Subscription>| held.protocol == protocol && *held.endpoint == *endpoint;
    let (arn_of, pending, changed) = match topic.subscriptions.iter().find(same) {
        Some(held) if settings.is_empty() || held.shown == fresh.shown => {
            (held.arn.clone(), held.token.is_some(), None)
        }
        Some(_) => {
            return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
        }
        None => {
            let changed = changes(&Shown::new(), &fresh.shown);
            let (arn_of, pending) = add(world, &arn, fresh);
            (arn_of, pending, Some(changed))
        }
    };
    let shown =
        if pending && call.yes("ReturnSubscriptionArn") != Some(true) { "pending confirmation" } else { &*arn_of };
    let answer = Answer::of(json!({ "SubscriptionArn": shown }));
    let topic = world.aws.topics.get(&arn).ok_or_else(absent)?;
    let name = topic.subscription(&arn_of).map(|held| subscription_name(topic, held)).unwrap_or_default();
    Ok(match changed {
        None => answer.about("", SUBSCRIPTION, &name),
        Some(mut changed) => {
            changed.push(FieldChange { path: "Endpoint".into(), before: None, after: Some(endpoint.to_string()) });
            answer.about("", SUBSCRIPTION, &name).altering(SUBSCRIPTION, &name, changed)
        }
    })
}

/// Whether a subscription waits until its endpoint confirms it: all but queues and functions of the account itself (SNS
/// Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue in a different account": who owns the topic can
/// subscribe such a queue, and its owner has to confirm).
fn asks(protocol: Protocol, endpoint: &str, account: &str) -> bool {
    let own = |endpoint: &str| arn::Arn::parse(endpoint).is_some_and(|arn| arn.account == account);
    !(matches!(protocol, Protocol::Sqs | Protocol::Lambda) && own(endpoint))
}

/// Adds a subscription; queues and functions of the account are confirmed at once, others are asked first.
fn add(world: &mut World, topic: &str, mut fresh: Subscription) -> (Arc<str>, bool) {
    let now = world.now;
    // While an estate is being set up nothing is under way: what it has was confirmed long ago.
    let at_birth = !post::begun(world);
    let pending = !at_birth && asks(fresh.protocol, &fresh.endpoint, &world.aws.id);
    let Some(held) = world.aws.topics.get_mut(topic) else { return (Arc::default(), false) };
    let id = super::super::message::uuid(held.fresh());
    fresh.arn = format!("{topic}:{id}").into();
    if pending {
        let token = held.fresh();
        fresh.token = Some(format!("2336412f37fb687f5d51e6e2425c464de12884d217e7e3{token:032x}").into());
    }
    let (arn, web) = (fresh.arn.clone(), fresh.protocol.web());
    held.subscriptions.push(Arc::new(fresh));
    if pending && web {
        let due = Due::Confirm { topic: topic.into(), subscription: arn.clone(), attempts: 0 };
        post::push(world, now + Span::millis(250), post::Due::Sns(due));
    }
    (arn, pending)
}

pub fn confirm_subscription(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (arn, token) = (topic_arn(call)?, call.text("Token").unwrap_or_default());
    let strict = call.text("AuthenticateOnUnsubscribe") == Some("true");
    let topic = world.aws.topics.get_mut(&arn).ok_or_else(absent)?;
    let found =
        topic.subscriptions.iter().find(|held| held.token.as_deref() == Some(token)).map(|held| held.arn.clone());
    let found = found.filter(|_| !token.is_empty()).ok_or_else(|| invalid("Token"))?;
    let held = topic.subscription_mut(&found).ok_or_else(absent)?;
    (held.token, held.authenticated) = (None, strict);
    let held = held.clone();
    let name = subscription_name(topic, &held);
    let changed = vec![FieldChange {
        path: "PendingConfirmation".into(),
        before: Some("true".into()),
        after: Some("false".into()),
    }];
    Ok(Answer::of(json!({ "SubscriptionArn": &*found })).altering(SUBSCRIPTION, &name, changed))
}

pub fn unsubscribe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = subscription_arn(call)?;
    let Some(topic) = world.aws.topics.of_subscription_mut(&arn) else { return Ok(Answer::default()) };
    let Some(at) = topic.subscriptions.iter().position(|held| *held.arn == *arn) else { return Ok(Answer::default()) };
    if topic.subscriptions[at].token.is_some() {
        return Err(invalid("This operation cannot be performed on a pending subscription"));
    }
    let held = topic.subscriptions.remove(at);
    topic.unsubscribed += 1;
    let name = subscription_name(topic, &held);
    let mut changed = changes(&held.shown, &Shown::new());
    let before = Some(held.endpoint.to_string());
    changed.push(FieldChange { path: "Endpoint".into(), before, after: None });
    Ok(Answer::default().altering(SUBSCRIPTION, &name, changed))
}

fn subscription_arn(call: &Call) -> Result<String, Fault> {
    let given = call.text("SubscriptionArn").unwrap_or_default();
    check_arn(given, "SubscriptionArn")?;
    here(call, given, "SubscriptionArn")?;
    Ok(given.to_string())
}

fn no_subscription() -> Fault {
    Fault::new("NotFound", "Subscription does not exist").status(404)
}

pub fn get_subscription_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = subscription_arn(call)?;
    let topic = world.aws.topics.of_subscription(&arn).ok_or_else(no_subscription)?;
    let held = topic.subscription(&arn).ok_or_else(no_subscription)?;
    let account = &world.aws.id;
    let body = json!({ "Attributes": attributes::show_subscription(topic, held, account) });
    let name = subscription_name(topic, held);
    Ok(Answer::of(body)
        .about("/Attributes", SUBSCRIPTION, &name)
        .covering(Cover::Whole { kind: SUBSCRIPTION.into(), name }))
}

pub fn set_subscription_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = subscription_arn(call)?;
    let (name, value) =
        (call.text("AttributeName").unwrap_or_default(), call.text("AttributeValue").unwrap_or_default());
    let effective = world.now + propagation(world.seed, &arn, world.now);
    let topic = world.aws.topics.of_subscription_mut(&arn).ok_or_else(no_subscription)?;
    let held = topic.subscription_mut(&arn).ok_or_else(no_subscription)?;
    let before = held.shown.clone();
    attributes::set_subscription(held, name, value, effective, "")?;
    let held = held.clone();
    let name = subscription_name(topic, &held);
    Ok(Answer::default().altering(SUBSCRIPTION, &name, changes(&before, &held.shown)))
}

fn row(world: &World, topic: &Topic, held: &Subscription) -> (Value, String) {
    let shown = if held.token.is_some() { "PendingConfirmation" } else { &*held.arn };
    let row = json!({
        "SubscriptionArn": shown, "Owner": &*world.aws.id, "Protocol": held.protocol.word(),
        "Endpoint": &*held.endpoint, "TopicArn": &*topic.arn,
    });
    (row, subscription_name(topic, held))
}

fn listed(call: &Call, rows: Vec<(Value, String)>, all: bool) -> Result<Answer, Fault> {
    let (rows, next) = page(call, rows)?;
    let whole = all && next.is_none() && call.text("NextToken").is_none();
    let shown: Vec<&Value> = rows.iter().map(|(row, _)| row).collect();
    let mut body = json!({ "Subscriptions": shown });
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    let mut answer = Answer::of(body);
    for (at, (_, name)) in rows.iter().enumerate() {
        answer = answer.about(format!("/Subscriptions/{at}"), SUBSCRIPTION, name);
    }
    Ok(if whole { answer.covering(Cover::All { kind: SUBSCRIPTION.into() }) } else { answer })
}

pub fn list_subscriptions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let all = world.aws.topics.iter().flat_map(|topic| topic.subscriptions.iter().map(move |held| (topic, held)));
    listed(call, all.map(|(topic, held)| row(world, topic, held)).collect(), true)
}

pub fn list_subscriptions_by_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = topic_arn(call)?;
    let topic = world.aws.topics.get(&arn).ok_or_else(absent)?;
    listed(call, topic.subscriptions.iter().map(|held| row(world, topic, held)).collect(), false)
}

fn tagged<'t>(topics: &'t mut Topics, call: &Call) -> Result<&'t mut Topic, Fault> {
    let arn = call.text("ResourceArn").unwrap_or_default();
    topics.get_mut(arn).ok_or_else(|| Fault::new("ResourceNotFound", "Resource does not exist").status(404))
}

pub fn list_tags_for_resource(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let topic = tagged(&mut world.aws.topics, call)?;
    let rows: Vec<Value> = topic.setup.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let is = Is::Attributes { kind: TOPIC.into(), name: topic.name.to_string(), base: "/Tags".into() };
    Ok(Answer::of(json!({ "Tags": rows })).shows("/Tags", is))
}

pub fn tag_resource(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let new = tags(call, "Tags");
    retag(world, call, |own| own.extend(new))
}

pub fn untag_resource(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let keys: Vec<String> = call.texts("TagKeys").into_iter().map(str::to_string).collect();
    retag(world, call, |own| own.retain(|key, _| !keys.contains(key)))
}

fn retag(world: &mut World, call: &Call, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<Answer, Fault> {
    let topic = tagged(&mut world.aws.topics, call)?;
    let mut tags = (*topic.setup.tags).clone();
    change(&mut tags);
    if tags.len() > 50 {
        let message = "Could not complete request: tag quota of per resource exceeded";
        return Err(Fault::new("TagLimitExceeded", message));
    }
    let before = std::mem::replace(&mut topic.setup.tags, Arc::new(tags));
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(topic.setup.tags.keys()).collect();
    let changed = keys
        .into_iter()
        .map(|key| FieldChange {
            path: format!("Tags/{key}"),
            before: before.get(key).cloned(),
            after: topic.setup.tags.get(key).cloned(),
        })
        .filter(|change| change.before != change.after)
        .collect();
    let name = topic.name.to_string();
    Ok(Answer::of(json!({})).altering(TOPIC, &name, changed))
}

fn draft(entry: &Value) -> Result<Draft, Fault> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str).map(Arc::<str>::from);
    let subject = text("Subject").filter(|subject| !subject.is_empty());
    if subject.as_ref().is_some_and(|subject| subject.chars().count() > 100 || subject.contains('\n')) {
        return Err(invalid("Subject"));
    }
    let mut body = text("Message").unwrap_or_default();
    match entry.get("MessageStructure").and_then(Value::as_str) {
        None | Some("") => {}
        Some("json") => {
            let message: Value = serde_json::from_str(&body)
                .map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
            let default = message.get("default").and_then(Value::as_str);
            body = default.ok_or_else(|| invalid("Message Structure - No default entry in JSON message body"))?.into();
        }
        Some(_) => return Err(invalid("MessageStructure")),
    }
    let attributes = sqs::read_attributes(entry.get("MessageAttributes"))
        .map_err(|fault| Fault { code: "ParameterValueInvalid".into(), ..fault })?;
    Ok(Draft {
        body,
        subject,
        attributes,
        group: text("MessageGroupId"),
        dedup: text("MessageDeduplicationId"),
        delay: None,
        notification: None,
    })
}

pub fn publish(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let target = call.text("TopicArn").or_else(|| call.text("TargetArn")).unwrap_or_default();
    if target.is_empty() {
        return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter"));
    }
    check_arn(target, "TopicArn")?;
    here(call, target, "TopicArn")?;
    let draft = draft(call.input())?;
    let by = sqs::caller(world, call);
    let notice = delivery::publish(world, world.now, target, draft, &by)?;
    let mut body = json!({ "MessageId": &*notice.id });
    if let Some(sequence) = notice.sequence {
        body["SequenceNumber"] = json!(sequence.to_string());
    }
    Ok(Answer::of(body).altering(TOPIC, &name_of(target), Vec::new()))
}

pub fn publish_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = topic_arn(call)?;
    world.aws.topics.get(&arn).ok_or_else(absent)?;
    let entries = call.list("PublishBatchRequestEntries");
    if entries.is_empty() {
        return Err(Fault::new("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if entries.len() > 10 {
        let message = "The batch request contains more entries than permissible.";
        return Err(Fault::new("TooManyEntriesInBatchRequest", message));
    }
    let id = |entry: &Value| entry.get("Id").and_then(Value::as_str).unwrap_or_default().to_string();
    let distinct: std::collections::BTreeSet<String> = entries.iter().map(id).collect();
    if distinct.len() < entries.len() {
        let message = "Two or more batch entries in the request have the same Id.";
        return Err(Fault::new("BatchEntryIdsNotDistinct", message));
    }
    let by = sqs::caller(world, call);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for entry in entries {
        let done = draft(entry).and_then(|draft| delivery::publish(world, world.now, &arn, draft, &by));
        match done {
            Ok(notice) => {
                let mut row = Map::new();
                row.insert("Id".into(), json!(id(entry)));
                row.insert("MessageId".into(), json!(&*notice.id));
                if let Some(sequence) = notice.sequence {
                    row.insert("SequenceNumber".into(), json!(sequence.to_string()));
                }
                good.push(Value::Object(row));
            }
            Err(fault) => bad.push(json!({
                "Id": id(entry), "Code": fault.code, "Message": fault.message, "SenderFault": fault.status < 500,
            })),
        }
    }
    Ok(Answer::of(json!({ "Successful": good, "Failed": bad })).altering(TOPIC, &name_of(&arn), Vec::new()))
}

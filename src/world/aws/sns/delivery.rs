//! Copies on their way: published, filtered, delivered, retried, redriven or discarded. Does not know requests.

use super::super::call::Fault;
use super::super::message::{self, Attribute, Attributes, Draft, Principal};
use super::super::policy::{Ask, Context};
use super::super::{arn, iam, kms, lambda, post, sqs};
use super::counts::What;
use super::places::Fate;
use super::records::Outcome;
use super::topic::{Notice, Protocol, Subscription, Topic};
use super::{Due, absent, envelope, invalid};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::work;
use std::sync::Arc;

/// The most that a message may weigh, in bytes (SNS quotas: 256 KB).
pub const BYTES_MAX: usize = 262_144;

/// SNS waits so long for an HTTP(S) endpoint (SNS Developer Guide, "HTTP/S endpoints": 15 seconds).
const PATIENCE: Span = Span::secs(15);

/// One copy on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub topic: Arc<str>,
    /// Which topic of that name: one can be deleted and made again.
    pub key: u64,
    pub subscription: Arc<str>,
    pub notice: Arc<Notice>,
    /// Attempts made so far.
    pub attempts: u32,
}

/// The service as queues' and functions' policies see it.
fn service() -> &'static Principal {
    static SNS: std::sync::LazyLock<Principal> = std::sync::LazyLock::new(|| Principal::service("sns.amazonaws.com"));
    &SNS
}

/// Whether `by` may publish.
pub fn allowed(world: &World, at: Time, topic: &str, by: &Principal) -> Result<(), Fault> {
    let found = world.aws.topics.get(topic).ok_or_else(absent)?;
    let context = Context::default();
    let account = &world.aws.id;
    let ask = Ask { principal: by, action: "sns:Publish", resource: topic, account, context: &context };
    iam::may(world, at, &ask, found.setup.policy.as_deref()).map_err(|mut fault| {
        if fault.code == "AccessDenied" {
            fault.code = "AuthorizationError".into();
        }
        fault
    })
}

/// Publishes what was allowed: the notice, or the earlier one of which this is a duplicate.
pub fn publish(world: &mut World, at: Time, topic: &str, draft: Draft, by: &Principal) -> Result<Arc<Notice>, Fault> {
    let found = world.aws.topics.get(topic).ok_or_else(absent)?;
    if let Some(key) = &found.setup.kms {
        kms::may_use(world, at, key, by, "kms:GenerateDataKey").map_err(|fault| kms::through("sns", fault))?;
    }
    let bytes = message::bytes(&draft.body, &draft.attributes);
    check(found, &draft, bytes)?;
    let found = world.aws.topics.get_mut(topic).ok_or_else(absent)?;
    let mut draft = draft;
    if found.setup.fifo {
        let dedup = draft.dedup.take().unwrap_or_else(|| sqs::content_hash(&draft.body));
        if let Some(earlier) = found.dedup.find(at, &dedup) {
            return Ok(earlier.clone());
        }
        draft.dedup = Some(dedup);
    }
    let id = message::shared_uuid(found.fresh());
    let sequence = found.setup.fifo.then(|| 10_000_000_000_000_000_000 + u128::from(found.serial) * 1_000);
    let dedup = draft.dedup.clone();
    let notice = Arc::new(Notice { id, at, draft, sequence });
    if let Some(dedup) = dedup.filter(|_| found.setup.fifo) {
        found.dedup.remember(at, dedup, notice.clone());
    }
    found.places.published += 1;
    found.counts.published(at, bytes);
    for (when, delivery) in fan_out(found, at, &notice) {
        post::push(world, when, post::Due::Sns(Due::Deliver(delivery)));
    }
    Ok(notice)
}

fn check(topic: &Topic, draft: &Draft, bytes: usize) -> Result<(), Fault> {
    if draft.body.is_empty() {
        return Err(invalid("Empty message"));
    }
    if bytes > BYTES_MAX {
        return Err(invalid("Message too long"));
    }
    if topic.setup.fifo {
        if draft.group.is_none() {
            return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
        }
        if draft.dedup.is_none() && !topic.setup.content_dedup {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
    } else if draft.dedup.is_some() {
        return Err(invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this \
             topic type",
        ));
    }
    Ok(())
}

/// A copy for each confirmed subscription whose filter lets it through, and when it is delivered.
fn fan_out(topic: &mut Topic, at: Time, notice: &Arc<Notice>) -> Vec<(Time, Box<Delivery>)> {
    let Topic { subscriptions, counts, places, setup, arn, key, serial, .. } = topic;
    let mut out = Vec::with_capacity(subscriptions.len());
    for (index, subscription) in subscriptions.iter().enumerate() {
        if subscription.token.is_some() {
            continue;
        }
        places.copies += 1;
        let filter = subscription.filter.at(at);
        let reason = filter.as_ref().and_then(|filter| filter.check(&notice.draft.attributes, &notice.draft.body));
        if let Some(reason) = reason {
            counts.count(at, What::Filtered(reason));
            places.end(at, notice, &subscription.arn, Fate::Filtered);
            continue;
        }
        // A few hundredths of a second; the same for all of a FIFO topic, whose messages must not overtake each other.
        let lot = dice::at(*key, *serial, index as u64) % 30;
        let takes = Span::millis(if setup.fifo { 30 } else { 15 + lot as i64 });
        let delivery = Delivery {
            topic: arn.clone(),
            key: *key,
            subscription: subscription.arn.clone(),
            notice: notice.clone(),
            attempts: 0,
        };
        out.push((at + takes, Box::new(delivery)));
    }
    out
}

/// What an endpoint answered: few topics log it, so it is worded when it is.
enum Response {
    Words(Arc<str>),
    /// A queue took the copy as this message.
    Queued {
        message: Arc<str>,
        at: Time,
    },
}

impl Response {
    fn text(&self) -> Arc<str> {
        match self {
            Response::Words(words) => words.clone(),
            Response::Queued { message, at } => {
                let request = dice::at(dice::hash_name(message), 0, at.0 as u64);
                let request = message::uuid((u128::from(request) << 64) | u128::from(request.rotate_left(17)));
                format!("{{\"sqsRequestId\":\"{request}\",\"sqsMessageId\":\"{message}\"}}").into()
            }
        }
    }
}

/// What came of an attempt.
struct Tried {
    response: Response,
    status: u16,
    took: Span,
    verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Done,
    /// A server error: again later.
    Again,
    /// A client error: never again.
    Never,
}

/// One attempt to deliver a copy.
pub fn deliver(world: &mut World, at: Time, mut delivery: Box<Delivery>) {
    let held = world.aws.topics.get(&delivery.topic).filter(|topic| topic.key == delivery.key);
    let found =
        held.and_then(|topic| topic.subscription(&delivery.subscription).map(|found| (topic.retry(found), found)));
    let Some((retry, found)) = found.map(|(retry, found)| (retry, found.clone())) else {
        if let Some(topic) = world.aws.topics.owner_mut(&delivery.topic, delivery.key) {
            topic.places.end(at, &delivery.notice, &delivery.subscription, Fate::Unsubscribed);
        }
        return;
    };
    let tried = attempt(world, at, &found, &delivery);
    delivery.attempts += 1;
    let Some(topic) = world.aws.topics.get_mut(&delivery.topic) else { return };
    if found.protocol.web() {
        topic.counts.pushed(at);
    }
    if tried.verdict == Verdict::Done {
        topic.counts.count(at, What::Delivered);
        topic.places.end(at, &delivery.notice, &delivery.subscription, Fate::Delivered);
        log(topic, at, &found, &delivery, tried);
        return;
    }
    let again = retry.delay(delivery.attempts).filter(|_| tried.verdict == Verdict::Again);
    // Every failed attempt counts on HTTP(S) endpoints, on others only what is given up (SNS Developer Guide, "Monitoring
    // Amazon SNS topics using CloudWatch": NumberOfNotificationsFailed).
    if found.protocol.web() || again.is_none() {
        topic.counts.count(at, What::Failed);
    }
    if let Some(wait) = again {
        post::push(world, at + tried.took + wait, post::Due::Sns(Due::Deliver(delivery)));
        return;
    }
    let fate = if tried.verdict == Verdict::Never { Fate::Refused } else { Fate::Exhausted };
    give_up(world, at, &found, &delivery, tried, fate);
}

/// To the subscription's dead-letter queue if it has one, else nowhere.
fn give_up(world: &mut World, at: Time, found: &Subscription, delivery: &Delivery, tried: Tried, fate: Fate) {
    let mut end = fate;
    let mut counted = None;
    if let Some(queue) = &found.redrive {
        let text = |value: &str| Attribute { data_type: "String".into(), value: value.into() };
        let mut draft = copy(found, delivery);
        let code = if fate == Fate::Refused { "CLIENT_ERROR" } else { "SERVER_ERROR" };
        draft.attributes.insert("ErrorCode".into(), text(code));
        draft.attributes.insert("ErrorMessage".into(), text(&tried.response.text()));
        draft.attributes.insert("RequestID".into(), text(&delivery.notice.id));
        let sent = sqs::send_for(world, at, queue, draft, service(), &delivery.topic);
        counted = Some(if sent.is_ok() { What::Redriven } else { What::RedriveFailed });
        if sent.is_ok() {
            end = Fate::Redriven;
        }
    }
    let Some(topic) = world.aws.topics.get_mut(&delivery.topic) else { return };
    if let Some(what) = counted {
        topic.counts.count(at, what);
    }
    topic.places.end(at, &delivery.notice, &delivery.subscription, end);
    log(topic, at, found, delivery, tried);
}

/// Writes the delivery-status log, as far as the topic asks for it.
fn log(topic: &mut Topic, at: Time, found: &Subscription, delivery: &Delivery, tried: Tried) {
    let Some([success, rate, failure]) = found.protocol.feedback() else { return };
    let failed = tried.verdict != Verdict::Done;
    let shown = &topic.setup.shown;
    let set = |name: &str| shown.get(name).is_some_and(|value| !value.is_empty());
    let sampled = || {
        let percent = shown.get(rate).and_then(|text| text.parse().ok()).unwrap_or(100_u64);
        dice::at(topic.key, 8, dice::hash_name(&delivery.notice.id)) % 100 < percent
    };
    if !(if failed { set(failure) } else { set(success) && sampled() }) {
        return;
    }
    let outcome = Outcome {
        at,
        notice: delivery.notice.clone(),
        destination: found.endpoint.clone(),
        response: tried.response.text(),
        dwell_ms: (at + tried.took).0 - delivery.notice.at.0,
        attempts: delivery.attempts,
        status: tried.status,
    };
    topic.records.keep(outcome, failed);
}

fn attempt(world: &mut World, at: Time, found: &Subscription, delivery: &Delivery) -> Tried {
    match found.protocol {
        Protocol::Sqs => to_queue(world, at, found, delivery),
        Protocol::Lambda => {
            let event = envelope::of(arn::region(&delivery.topic), &found.arn, &delivery.topic, &delivery.notice);
            let told = lambda::notify(world, at, &found.endpoint, &event, service(), &delivery.topic);
            judge(told.map(|()| Response::Words(Arc::default())))
        }
        Protocol::Http | Protocol::Https => to_web(world, at, found, delivery),
        // Mail and phones are outside of the account; they take everything.
        Protocol::Email | Protocol::EmailJson | Protocol::Sms => {
            let response = Response::Words(Arc::default());
            Tried { response, status: 200, took: Span::millis(100), verdict: Verdict::Done }
        }
    }
}

/// The copy as an endpoint gets it.
fn copy(found: &Subscription, delivery: &Delivery) -> Draft {
    let draft = &delivery.notice.draft;
    let (body, attributes) = if found.raw {
        (draft.body.clone(), draft.attributes.clone())
    } else {
        let body = envelope::of(arn::region(&delivery.topic), &found.arn, &delivery.topic, &delivery.notice);
        (body, Attributes::new())
    };
    let notification = Some(delivery.notice.id.clone());
    let (group, dedup) = (draft.group.clone(), draft.dedup.clone());
    Draft { body, subject: None, attributes, group, dedup, delay: None, notification }
}

fn to_queue(world: &mut World, at: Time, found: &Subscription, delivery: &Delivery) -> Tried {
    let draft = copy(found, delivery);
    // A raw message keeps its attributes, and a queue takes no more than ten (SNS Developer Guide, "Raw message delivery").
    if draft.attributes.len() > 10 {
        return judge(Err(Fault::new(
            "InvalidParameterValue",
            "Number of message attributes exceeds the allowed maximum [10].",
        )));
    }
    let sent = sqs::send_for(world, at, &found.endpoint, draft, service(), &delivery.topic);
    judge(sent.map(|sent| Response::Queued { message: sent.message_id, at }))
}

/// Throttling and faults of the service are tried again; what the owner must mend is not (SNS Developer Guide, "Dead-letter
/// queues": client-side and server-side errors).
fn judge(result: Result<Response, Fault>) -> Tried {
    let (response, status, verdict) = match result {
        Ok(response) => (response, 200, Verdict::Done),
        Err(fault) => {
            let again =
                fault.status >= 500 || fault.code == "RequestThrottled" || fault.code == "TooManyRequestsException";
            let (code, message) = (&fault.code, serde_json::Value::from(fault.message.as_str()));
            let response =
                format!("{{\"ErrorCode\":\"{code}\",\"ErrorMessage\":{message},\"sqsRequestId\":\"Unrecoverable\"}}");
            (
                Response::Words(response.into()),
                if fault.status == 0 { 400 } else { fault.status },
                if again { Verdict::Again } else { Verdict::Never },
            )
        }
    };
    Tried { response, status, took: Span::millis(6), verdict }
}

/// Status 100–101, 429 and 5xx, no connection and no answer in time are tried again, other 4xx never (SNS Developer Guide,
/// "HTTP/S endpoints").
fn to_web(world: &mut World, at: Time, found: &Subscription, delivery: &Delivery) -> Tried {
    let push = work::Push {
        topic: delivery.topic.clone(),
        subscription: found.arn.clone(),
        message_id: delivery.notice.id.clone(),
        body: copy(found, delivery).body,
    };
    let pushed = work::deliver(world, at, &found.endpoint, &push);
    let late = pushed.took > PATIENCE;
    let (response, verdict) = match pushed.status {
        _ if late => ("Read timed out".to_string(), Verdict::Again),
        0 => ("Connection refused".to_string(), Verdict::Again),
        status @ 200..=299 => (format!("HTTP/1.1 {status}"), Verdict::Done),
        status if status < 200 || status == 429 || status >= 500 => (format!("HTTP/1.1 {status}"), Verdict::Again),
        status => (format!("HTTP/1.1 {status}"), Verdict::Never),
    };
    let status = if late { 0 } else { pushed.status };
    Tried { response: Response::Words(response.into()), status, took: pushed.took.min(PATIENCE), verdict }
}

/// Asks an HTTP(S) endpoint to confirm its subscription; a program that takes the request visits the link in it.
pub fn confirm(world: &mut World, at: Time, topic: &Arc<str>, subscription: &Arc<str>, attempts: u32) {
    let Some(found) = world.aws.topics.get(topic).and_then(|topic| topic.subscription(subscription)).cloned() else {
        return;
    };
    let Some(token) = found.token.clone() else { return };
    let push = work::Push {
        topic: topic.clone(),
        subscription: subscription.clone(),
        message_id: envelope::confirmation_id(&token).into(),
        body: envelope::confirmation(arn::region(topic), topic, &token, at),
    };
    let pushed = work::deliver(world, at, &found.endpoint, &push);
    let Some(held) = world.aws.topics.get_mut(topic) else { return };
    held.counts.pushed(at);
    let retry = held.retry(&found);
    if (200..300).contains(&pushed.status) {
        if let Some(subscription) = held.subscription_mut(subscription) {
            subscription.token = None;
        }
    } else if let Some(wait) = retry.delay(attempts + 1) {
        let (topic, subscription) = (topic.clone(), subscription.clone());
        let due = Due::Confirm { topic, subscription, attempts: attempts + 1 };
        post::push(world, at + pushed.took + wait, post::Due::Sns(due));
    }
}

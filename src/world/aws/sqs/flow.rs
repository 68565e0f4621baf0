//! Messages in and out of queues at a time: sending, receiving, deleting, visibility, redrive. Does not know requests or
//! their spelling.

use super::super::call::Fault;
use super::super::message::{self, Attributes, Draft, Principal, Received, Sent};
use super::super::policy::{Ask, Context, Held, Holder, decide};
use super::super::{iam, kms};
use super::places::Fate;
use super::queue::{Accepted, Queue, Rules};
use super::receipt;
use super::store::{IN_FLIGHT_MAX, Message, Place, Receives, State};
use super::throttle::Action;
use super::{bell, missing};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// The longest that a message may stay invisible after it was received (same guide: 12 hours).
pub const VISIBILITY_MAX: Span = Span::hours(12);

/// Entries of a batch (same guide).
pub const BATCH_MAX: usize = 10;

/// All messages of one batch together, and the largest message that any queue can take: 1 MiB (same guide).
pub const BATCH_BYTES_MAX: usize = 1_048_576;

fn throttled() -> Fault {
    Fault::new("RequestThrottled", "Request is throttled.").status(403)
}

pub fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// The queue, lived up to `at`.
fn enter<'w>(world: &'w mut World, at: Time, queue: &str) -> Result<&'w mut Queue, Fault> {
    let queue = world.aws.queues.get_mut(queue).ok_or_else(missing)?;
    queue.settle(at);
    Ok(queue)
}

/// Whether `by` may do `action` on a queue: services need the queue's policy, principals of the account their own or it.
/// Who was allowed is remembered for as long as nobody changes a policy.
pub fn allowed(
    world: &mut World,
    at: Time,
    queue: &str,
    by: &Principal,
    action: &'static str,
    source: Option<&str>,
) -> Result<(), Fault> {
    let found = world.aws.queues.get(queue).ok_or_else(missing)?;
    if found.passes.hold(world, found.rules(at), at, (by, action, source)) {
        return Ok(());
    }
    decided(world, at, queue, by, action, source)?;
    if let Some(standing) = iam::standing(world, at)
        && let Some(found) = world.aws.queues.get_mut(queue)
    {
        let rules = found.rules(at).clone();
        found.passes.remember(standing, rules, at, (by, action, source));
    }
    Ok(())
}

fn decided(
    world: &World,
    at: Time,
    queue: &str,
    by: &Principal,
    action: &str,
    source: Option<&str>,
) -> Result<(), Fault> {
    let found = world.aws.queues.get(queue).ok_or_else(missing)?;
    let rules = found.rules(at);
    let account = &world.aws.id;
    let context = match source {
        Some(arn) => Context::default().with("aws:SourceArn", arn).with("aws:SourceAccount", &**account),
        None => Context::default(),
    };
    let ask = Ask { principal: by, action, resource: queue, account, context: &context };
    if by.service.is_empty() {
        return iam::may(world, at, &ask, rules.policy.as_deref());
    }
    let held = rules.policy.as_deref().map(|document| Held { by: Holder::Resource, document });
    if decide(held.as_slice(), &ask).allowed() {
        return Ok(());
    }
    let message = format!("Access to the resource {} is denied.", super::url_of(world, &found.name));
    Err(Fault::new("AccessDenied", message).status(403))
}

/// Whether the queue's key, if it is a customer's, lets `by` do this.
fn keyed(world: &World, at: Time, rules: &Rules, by: &Principal, action: &str) -> Result<(), Fault> {
    let Some(key) = &rules.kms else { return Ok(()) };
    kms::may_use(world, at, key, by, action).map_err(|fault| kms::through("sqs", fault))
}

/// Sends what was allowed: one call with one or more messages.
pub fn send(
    world: &mut World,
    at: Time,
    queue: &str,
    drafts: Vec<Draft>,
    by: &Principal,
) -> Result<Vec<Result<Sent, Fault>>, Fault> {
    let found = enter(world, at, queue)?;
    let rules = found.rules(at).clone();
    let found = match rules.kms {
        None => found,
        Some(_) => {
            keyed(world, at, &rules, by, "kms:GenerateDataKey")?;
            world.aws.queues.get_mut(queue).ok_or_else(missing)?
        }
    };
    let sender = sender(by);
    let bytes: Vec<usize> = drafts.iter().map(|draft| message::bytes(&draft.body, &draft.attributes)).collect();
    if found.setup.fifo {
        let groups: Vec<Arc<str>> = drafts.iter().filter_map(|draft| draft.group.clone()).collect();
        if !found.throttle.admit(at, Action::Send, rules.limit_by_group, &groups) {
            return Err(throttled());
        }
    }
    found.counts.request(at, bytes.iter().sum());
    let mut done = Vec::with_capacity(drafts.len());
    for (draft, bytes) in drafts.into_iter().zip(bytes) {
        done.push(accept(found, at, &rules, draft, bytes, &sender));
    }
    bell::struck(found, at).sound(world, at);
    Ok(done)
}

/// `SenderId`: users and roles have identifiers, services their account's.
fn sender(by: &Principal) -> Arc<str> {
    Arc::clone(if by.service.is_empty() { &by.arn } else { &by.service })
}

fn accept(
    queue: &mut Queue,
    at: Time,
    rules: &Rules,
    draft: Draft,
    bytes: usize,
    sender: &Arc<str>,
) -> Result<Sent, Fault> {
    check(queue, rules, &draft, bytes)?;
    let serial = queue.store.next_serial();
    let id = queue.message_id(serial);
    let mut place = Place { group: draft.group, dedup: draft.dedup, sequence: 0 };
    if queue.setup.fifo {
        let dedup = place.dedup.take().unwrap_or_else(|| content_hash(&draft.body));
        let key = match (&place.group, rules.dedup_by_group) {
            (Some(group), true) => Arc::from(format!("{group}\n{dedup}")),
            _ => dedup.clone(),
        };
        if let Some(earlier) = queue.dedup.find(&key) {
            queue.places.duplicates += 1;
            return Ok(Sent { message_id: message::shared_uuid(earlier.id), sequence: Some(earlier.sequence) });
        }
        place.dedup = Some(dedup);
        place.sequence = queue.sequence(serial);
        queue.dedup.remember(key, Accepted { at, id, sequence: place.sequence });
    }
    let delay = draft.delay.unwrap_or(rules.delay);
    let state = if delay > Span::ZERO { State::Delayed { until: at + delay } } else { State::Visible { since: at } };
    let sequence = queue.setup.fifo.then_some(place.sequence);
    queue.store.put(Message {
        id,
        body: draft.body,
        attributes: shared(draft.attributes),
        sender: sender.clone(),
        enqueued: at,
        arrived: at,
        receives: Receives::default(),
        place,
        origin: None,
        notification: draft.notification,
        state,
    });
    queue.places.sent += 1;
    queue.counts.sent(bytes);
    Ok(Sent { message_id: message::shared_uuid(id), sequence })
}

fn shared(attributes: Attributes) -> Arc<Attributes> {
    static NONE: std::sync::LazyLock<Arc<Attributes>> = std::sync::LazyLock::new(Arc::default);
    if attributes.is_empty() { NONE.clone() } else { Arc::new(attributes) }
}

/// Of the body, as `ContentBasedDeduplication` has it: SHA-256.
pub fn content_hash(body: &str) -> Arc<str> {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(body.as_bytes()) {
        let _ = write!(text, "{byte:02x}");
    }
    text.into()
}

/// What a queue refuses, in its words.
fn check(queue: &Queue, rules: &Rules, draft: &Draft, bytes: usize) -> Result<(), Fault> {
    if draft.body.is_empty() {
        return Err(Fault::new("MissingParameter", "The request must contain the parameter MessageBody."));
    }
    if bytes as i64 > rules.max_bytes {
        let max = rules.max_bytes;
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {max} bytes."
        )));
    }
    let plain =
        |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') || c > '\u{ffff}';
    if !draft.body.chars().all(plain) {
        let message = "Invalid characters found in the message body. Allowed: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 \
                       to #xFFFD | #x10000 to #x10FFFF";
        return Err(Fault::new("InvalidMessageContents", message));
    }
    if !queue.setup.fifo {
        return match &draft.dedup {
            None => Ok(()),
            Some(id) => Err(wrong_kind("MessageDeduplicationId", id)),
        };
    }
    if draft.group.is_none() {
        return Err(Fault::new("MissingParameter", "The request must contain the parameter MessageGroupId."));
    }
    if draft.dedup.is_none() && !rules.content_dedup {
        return Err(invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ));
    }
    match draft.delay {
        Some(delay) if delay > Span::ZERO => Err(wrong_kind("DelaySeconds", &delay.as_secs().to_string())),
        _ => Ok(()),
    }
}

fn wrong_kind(parameter: &str, value: &str) -> Fault {
    invalid(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: The request include parameter that is not valid for \
         this queue type"
    ))
}

/// What a reader asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// 1–10.
    pub max: usize,
    /// `None`: as the queue has it.
    pub visibility: Option<Span>,
    /// It would wait for a message: a long poll. The waiting itself is the asker's.
    pub long: bool,
}

/// Receives what was allowed.
pub fn receive(world: &mut World, at: Time, queue: &str, wish: Wish, by: &Principal) -> Result<Vec<Received>, Fault> {
    let Wish { max, visibility, long } = wish;
    let found = enter(world, at, queue)?;
    let rules = found.rules(at).clone();
    if found.setup.fifo {
        if !found.throttle.admit(at, Action::Receive, rules.limit_by_group, &[]) {
            return Err(throttled());
        }
    } else if !long && found.store.in_flight() >= IN_FLIGHT_MAX {
        // FIFO queues say nothing and give nothing, and so do long polls (SQS Developer Guide, "Queue quotas": with short
        // polling the error is returned, with long polling none is).
        return Err(Fault::new("OverLimit", "Too many messages in flight.").status(403));
    }
    let max = max.clamp(1, BATCH_MAX).min(IN_FLIGHT_MAX.saturating_sub(found.store.in_flight()));
    // Only where something was received too often it matters whether there is a dead-letter queue.
    let target = rules.redrive.as_ref().filter(|redrive| over(found, max, redrive.max_receives).is_some());
    let target = target.map(|redrive| (&redrive.target, redrive.max_receives));
    let (found, target) = match target {
        None => (found, None),
        Some((target, most)) => {
            let there = world.aws.queues.get(target).is_some().then_some((target, most));
            (world.aws.queues.get_mut(queue).ok_or_else(missing)?, there)
        }
    };
    let until = at + visibility.unwrap_or(rules.visibility);
    let mut dead = Vec::new();
    // What was received too often goes to the dead-letter queue instead, and others take its place.
    while let Some(over) = target.and_then(|(_, most)| over(found, max, most)) {
        if let Some(message) = found.store.remove(over) {
            found.places.end(at, &message, Fate::Redriven);
            dead.push(message);
        }
    }
    let serials = found.store.front(max);
    for serial in &serials {
        found.store.hand_out(*serial, at, until);
    }
    found.counts.received(serials.len());
    let received: Vec<Received> = serials.iter().filter_map(|serial| shown(found, *serial)).collect();
    found.counts.request(at, received.iter().map(|message| message.body.len()).sum());
    if dead.is_empty() {
        bell::struck(found, at).sound(world, at);
    } else {
        let source = found.arn.clone();
        bury(world, at, &source, target.map(|(target, _)| target), dead);
        bell::ring(world, at, queue);
    }
    if !received.is_empty() {
        // The messages are in flight before they are decrypted: a reader without the key wears them out.
        keyed(world, at, &rules, by, "kms:Decrypt")?;
    }
    Ok(received)
}

/// The first of the next `max` messages that was received so often before.
fn over(queue: &Queue, max: usize, most: u32) -> Option<u64> {
    let worn = |serial: &u64| queue.store.get(*serial).is_some_and(|message| message.receives.here >= most);
    queue.store.front(max).into_iter().find(worn)
}

fn shown(queue: &Queue, serial: u64) -> Option<Received> {
    let message = queue.store.get(serial)?;
    Some(Received {
        message_id: message::shared_uuid(message.id),
        receipt: receipt::write(queue.key, serial, message.receives.here),
        body: message.body.clone(),
        attributes: message.attributes.clone(),
        sent: message.enqueued,
        first_received: message.receives.first.unwrap_or(message.receives.last),
        receive_count: message.receives.all,
        group: message.place.group.clone(),
        sns_message_id: message.notification.clone(),
    })
}

/// Puts messages into the dead-letter queue. On standard queues a message keeps its enqueue time, so that it expires as
/// counted from its first; on FIFO queues it is set anew (SQS Developer Guide, "Using dead-letter queues"). It keeps its
/// id, and it is not counted as sent (same guide, "Available CloudWatch metrics").
fn bury(world: &mut World, at: Time, source: &Arc<str>, target: Option<&Arc<str>>, dead: Vec<Message>) {
    let Some(target) = target.filter(|_| !dead.is_empty()) else { return };
    let Some(queue) = world.aws.queues.get_mut(target) else { return };
    queue.settle(at);
    let fifo = queue.setup.fifo;
    for mut message in dead {
        message.arrived = at;
        if fifo {
            message.enqueued = at;
            // So that the dead-letter queue takes two messages that share an id (SQS Developer Guide, "Using dead-letter
            // queues").
            message.place.dedup = Some(message::shared_uuid(message.id));
        }
        message.receives.here = 0;
        message.state = State::Visible { since: at };
        message.origin = Some(source.clone());
        queue.adopt(message);
    }
    bell::ring(world, at, target);
}

fn bad_receipt(receipt: &str) -> Fault {
    let message = format!("The input receipt handle \"{receipt}\" is not a valid receipt handle.");
    Fault::new("ReceiptHandleIsInvalid", message)
}

/// Deletes what was allowed: one call with one or more receipts.
pub fn delete(world: &mut World, at: Time, queue: &str, receipts: &[&str]) -> Result<Vec<Result<(), Fault>>, Fault> {
    let found = enter(world, at, queue)?;
    let by_group = found.rules(at).limit_by_group;
    if found.setup.fifo && !found.throttle.admit(at, Action::Delete, by_group, &[]) {
        return Err(throttled());
    }
    found.counts.request(at, 0);
    let done = receipts.iter().map(|receipt| delete_one(found, at, receipt)).collect();
    bell::struck(found, at).sound(world, at);
    Ok(done)
}

fn delete_one(queue: &mut Queue, at: Time, receipt: &str) -> Result<(), Fault> {
    let (serial, count) = receipt::read(queue.key, receipt).ok_or_else(|| bad_receipt(receipt))?;
    if let Some(message) = queue.store.get(serial) {
        let held = matches!(message.state, State::InFlight { .. }) && message.receives.here == count;
        if queue.setup.fifo && !held {
            return Err(invalid(format!(
                "Value {receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
            )));
        }
        if let Some(until) = survives(queue, serial, message.receives.all, at) {
            queue.store.turn(serial, State::InFlight { until });
        } else if let Some(message) = queue.store.remove(serial) {
            queue.places.end(at, &message, Fate::Deleted);
        }
    }
    // Also counted where the message was already gone (SQS Developer Guide on NumberOfMessagesDeleted).
    queue.counts.deleted();
    Ok(())
}

/// When a copy that a deletion missed is received again: "on rare occasions, one of the servers that stores a copy of a
/// message might be unavailable when you receive or delete a message" (SQS Developer Guide, "At-least-once delivery"; how
/// soon it shows up again is ours).
fn survives(queue: &Queue, serial: u64, receives: u32, at: Time) -> Option<Time> {
    let missed = *queue.setup.missed.at(at)?;
    let lot = dice::at(queue.key, serial, u64::from(receives));
    let again = !queue.setup.fifo && lot % 1_000 < missed;
    again.then(|| at + Span::millis(200 + (lot / 1_000 % 3_000) as i64))
}

/// Changes visibility as was allowed: one call with one or more receipts.
pub fn change_visibility(
    world: &mut World,
    at: Time,
    queue: &str,
    changes: &[(&str, Span)],
) -> Result<Vec<Result<(), Fault>>, Fault> {
    let found = enter(world, at, queue)?;
    let by_group = found.rules(at).limit_by_group;
    if found.setup.fifo && !found.throttle.admit(at, Action::Visibility, by_group, &[]) {
        return Err(throttled());
    }
    found.counts.request(at, 0);
    let done = changes.iter().map(|(receipt, timeout)| change_one(found, at, receipt, *timeout)).collect();
    bell::struck(found, at).sound(world, at);
    Ok(done)
}

fn change_one(queue: &mut Queue, at: Time, receipt: &str, timeout: Span) -> Result<(), Fault> {
    let (serial, count) = receipt::read(queue.key, receipt).ok_or_else(|| bad_receipt(receipt))?;
    let refuse = |reason: &str| {
        Err(invalid(format!("Value {receipt} for parameter ReceiptHandle is invalid. Reason: {reason}")))
    };
    let held = queue.store.get(serial).filter(|message| matches!(message.state, State::InFlight { .. }));
    let Some(message) = held.filter(|message| !queue.setup.fifo || message.receives.here == count) else {
        return refuse("Message does not exist or is not available for visibility timeout change.");
    };
    if at + timeout > message.receives.last + VISIBILITY_MAX {
        let seconds = timeout.as_secs();
        return Err(invalid(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is \
             beyond the limit [43200 seconds]"
        )));
    }
    let state =
        if timeout > Span::ZERO { State::InFlight { until: at + timeout } } else { State::Visible { since: at } };
    queue.store.turn(serial, state);
    Ok(())
}

/// The message that a receipt stands for.
pub fn peek<'w>(world: &'w World, queue: &str, receipt: &str) -> Option<&'w Message> {
    let queue = world.aws.queues.get(queue)?;
    let (serial, _) = receipt::read(queue.key, receipt)?;
    queue.store.get(serial)
}

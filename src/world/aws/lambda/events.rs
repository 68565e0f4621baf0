//! Asynchronous events: kept by Lambda, tried, retried, and given to a destination or dead-letter queue in the end. Does
//! not know who sent them.

use super::super::message::Draft;
use super::super::{sns, sqs};
use super::function::EventRules;
use super::run::Invocation;
use super::{Due, Source, functions, later, measure, parsed, plain, run};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An event waits this long before its first attempt, usually.
const QUEUED: Span = Span::millis(35);
/// Pauses before the second and the third attempt (Lambda Developer Guide, "How Lambda handles errors and retries with
/// asynchronous invocation": one minute, then two).
const PAUSES: [Span; 2] = [Span::mins(1), Span::mins(2)];
/// Throttled events come back after one second and then ever later, up to five minutes (same page).
const BACKOFF_MAX: Span = Span::mins(5);
/// Events that wait at once (ours); beyond it new ones are dropped.
const WAITING_MAX: usize = 100_000;

/// Events that wait, by number.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    events: Arc<BTreeMap<u64, Pending>>,
    next: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    function: Arc<str>,
    qualifier: Arc<str>,
    payload: Arc<str>,
    came: Time,
    /// Attempts that the function ended with an error, and attempts that found no room since.
    failed: u32,
    throttled: u32,
}

/// Takes an event.
pub fn accept(world: &mut World, at: Time, function: &str, qualifier: &str, payload: Arc<str>) {
    measure::event(world, "AsyncEventsReceived", function, at, 1);
    let waiting = &mut functions(world).waiting;
    if waiting.events.len() >= WAITING_MAX {
        return measure::event(world, "AsyncEventsDropped", function, at, 1);
    }
    let number = waiting.next;
    waiting.next += 1;
    let (function, qualifier) = (Arc::from(function), Arc::from(qualifier));
    let pending = Pending { function, qualifier, payload, came: at, failed: 0, throttled: 0 };
    Arc::make_mut(&mut waiting.events).insert(number, pending);
    later(world, at + QUEUED, Due::Event(number));
}

fn rules(world: &World, pending: &Pending) -> EventRules {
    let function = world.aws.functions.get(&pending.function);
    let rules = function.and_then(|function| {
        function
            .rules
            .get(&*pending.qualifier)
            .or_else(|| function.rules.get("$LATEST"))
            .or_else(|| function.rules.get(""))
    });
    rules.cloned().unwrap_or_default()
}

/// Tries an event.
pub fn attempt(world: &mut World, at: Time, number: u64) {
    let Some(pending) = world.aws.functions.waiting.events.get(&number).cloned() else { return };
    let rules = rules(world, &pending);
    if at - pending.came > Span::secs(i64::from(rules.max_age)) {
        return give_up(world, at, number, "EventAgeExceeded", None);
    }
    measure::event(world, "AsyncEventAge", &pending.function, at, (at - pending.came).0);
    let lot = dice::at(dice::hash_name(&pending.function), number, u64::from(pending.failed));
    let event = plain(world, &pending.payload, lot);
    let begun = run::begin(world, at, &pending.function, &pending.qualifier, &event, Source::Event(number));
    match begin_failed(begun) {
        None => {}
        Some(true) => {
            let tries = pending.throttled.min(20);
            let pause = Span(1_000 << tries.min(9)).min(BACKOFF_MAX);
            change(world, number, |pending| pending.throttled += 1);
            later(world, at + pause, Due::Event(number));
        }
        // The function is gone.
        Some(false) => drop_event(world, at, number),
    }
}

fn begin_failed(begun: Result<Invocation, super::Fault>) -> Option<bool> {
    begun.err().map(|fault| fault.code == "TooManyRequestsException")
}

fn change(world: &mut World, number: u64, how: impl FnOnce(&mut Pending)) {
    if let Some(pending) = Arc::make_mut(&mut functions(world).waiting.events).get_mut(&number) {
        how(pending);
    }
}

fn take(world: &mut World, number: u64) -> Option<Pending> {
    Arc::make_mut(&mut functions(world).waiting.events).remove(&number)
}

fn drop_event(world: &mut World, at: Time, number: u64) {
    if let Some(pending) = take(world, number) {
        measure::event(world, "AsyncEventsDropped", &pending.function, at, 1);
    }
}

/// An attempt has ended.
pub fn ended(world: &mut World, at: Time, number: u64, invocation: &Invocation) {
    let Some(pending) = world.aws.functions.waiting.events.get(&number).cloned() else { return };
    let rules = rules(world, &pending);
    if invocation.ok() {
        take(world, number);
        if !rules.on_success.is_empty() {
            deliver(world, at, &pending, &rules.on_success, Some("Success"), Some(invocation));
        }
        return;
    }
    if pending.failed < rules.retries {
        let pause = PAUSES.get(pending.failed as usize).copied().unwrap_or(Span::mins(2));
        change(world, number, |pending| (pending.failed, pending.throttled) = (pending.failed + 1, 0));
        return later(world, at + pause, Due::Event(number));
    }
    give_up(world, at, number, "RetriesExhausted", Some(invocation));
}

/// The event goes where failed ones go; without such a place it is gone.
fn give_up(world: &mut World, at: Time, number: u64, condition: &str, last: Option<&Invocation>) {
    let Some(pending) = take(world, number) else { return };
    let rules = rules(world, &pending);
    let dead = world.aws.functions.get(&pending.function).map(|function| function.latest().dead_letter.clone());
    let dead = dead.unwrap_or_default();
    if dead.is_empty() && rules.on_failure.is_empty() {
        return measure::event(world, "AsyncEventsDropped", &pending.function, at, 1);
    }
    if !dead.is_empty() {
        deliver(world, at, &pending, &dead, None, last);
    }
    if !rules.on_failure.is_empty() {
        deliver(world, at, &pending, &rules.on_failure, Some(condition), last);
    }
}

/// Sends an event to a queue, topic or function: to a dead-letter queue as it came, to a destination in a record that says
/// what happened (Lambda Developer Guide, "Adding a destination"). `condition`: it is a destination.
fn deliver(
    world: &mut World,
    at: Time,
    pending: &Pending,
    to: &str,
    condition: Option<&str>,
    last: Option<&Invocation>,
) {
    let record = json!({
        "version": "1.0",
        "timestamp": at.rfc3339_millis(),
        "requestContext": {
            "requestId": last.map(|one| one.request_id(world.seed)),
            "functionArn": format!("{}:$LATEST", super::arn_of(world, &pending.function)),
            "condition": condition,
            "approximateInvokeCount": pending.failed + 1,
        },
        "requestPayload": parsed(&pending.payload),
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": last.map(|one| super::invoke::answer(world, one)),
    });
    let body = if condition.is_some() { record.to_string() } else { pending.payload.to_string() };
    let config = world.aws.functions.get(&pending.function).map(|function| function.latest()).unwrap_or_default();
    let by = run::principal(world, &config);
    let draft = Draft { body: body.clone().into(), ..Draft::default() };
    let sent = match to.split(':').nth(2) {
        Some("sqs") => sqs::send(world, at, to, draft, &by).map(drop),
        Some("sns") => sns::publish(world, at, to, draft, &by).map(drop),
        _ => {
            let (name, qualifier) = super::function::named(to);
            accept(world, at, &name, &qualifier, body.into());
            Ok(())
        }
    };
    if sent.is_err() {
        let metric = if condition.is_some() { "DestinationDeliveryFailures" } else { "DeadLetterErrors" };
        measure::event(world, metric, &pending.function, at, 1);
    }
}

//! Event-source mappings at work: pollers that receive from a queue, call the function with a batch, and delete what was
//! done. Does not know requests.

use super::super::message::Received;
use super::super::{post, sqs};
use super::run::{self, Event, Invocation};
use super::{Due, Source, functions, later};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Batches under way at once at first, and how many more each minute while there is a backlog (Lambda Developer Guide,
/// "Configuring scaling behavior for SQS event source mappings": five, then 300 a minute, up to 1,250).
const FIRST: i64 = 5;
const MORE_A_MINUTE: i64 = 300;
const MOST: i64 = 1_250;
/// Pollers wait so long for messages while there are none, and there are so many of them then (same page).
const LONG_POLL: Span = Span::secs(20);
const IDLE_POLLERS: u32 = 5;
/// After a refusal of the queue or the function the poller tries again.
const AGAIN: Span = Span::secs(10);

/// One mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    pub uuid: Arc<str>,
    pub queue: Arc<str>,
    pub function: Arc<str>,
    pub qualifier: Arc<str>,
    pub batch: i64,
    /// Messages are gathered so long.
    pub window: Span,
    /// `ReportBatchItemFailures`.
    pub partial: bool,
    /// `MaximumConcurrency`.
    pub most: Option<i64>,
    pub state: State,
    pub at_work: AtWork,
}

/// Set-up with the time from which it works.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub enabled: bool,
    /// Until then it is still `Creating`, `Enabling`, `Disabling` or `Updating`; what it says works from then on.
    pub from: Time,
    pub word: &'static str,
    pub modified: Time,
    pub deleted: bool,
}

/// What the pollers do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AtWork {
    pub under_way: i64,
    /// Since when there is a backlog.
    pub busy: Option<Time>,
    pub gathering: bool,
    pub result: Arc<str>,
}

impl Mapping {
    fn works(&self, at: Time) -> bool {
        self.state.enabled && !self.state.deleted && self.state.from <= at
    }

    /// Batches it may have under way.
    fn capacity(&self, at: Time) -> i64 {
        let since = self.at_work.busy.map_or(0, |busy| (at - busy).0.max(0));
        (FIRST + MORE_A_MINUTE * since / 60_000).min(self.most.unwrap_or(MOST))
    }
}

fn get_mut<'w>(world: &'w mut World, uuid: &str) -> Option<&'w mut Mapping> {
    Arc::make_mut(&mut functions(world).mappings).get_mut(uuid)
}

/// A mapping's pollers begin, or stop, at a time that may lie ahead.
pub fn turned(world: &mut World, at: Time, uuid: &str) {
    if !post::begun(world) {
        return;
    }
    // Queues live up to now, never further: what works later is done later.
    if at > world.now { later(world, at, Due::Turn(Arc::from(uuid))) } else { turn(world, at, uuid) }
}

/// While its pollers are idle they are long polls that the queue counts and charges.
pub fn turn(world: &mut World, at: Time, uuid: &str) {
    let Some(mapping) = world.aws.functions.mappings.get(uuid).cloned() else { return };
    // It was changed again: that change has a time of its own.
    if mapping.state.from > at {
        return;
    }
    let open = if mapping.state.enabled && !mapping.state.deleted { IDLE_POLLERS } else { 0 };
    sqs::polling(world, at, &mapping.queue, uuid, open, LONG_POLL);
    later(world, at, Due::Poll(Arc::clone(&mapping.uuid)));
}

/// The world begins to live: the mappings of the account as it was set up begin to poll.
pub fn begin(world: &mut World, start: Time) {
    let all = world.aws.functions.mappings.iter();
    let all: Vec<(String, Time)> = all.map(|(uuid, mapping)| (uuid.clone(), mapping.state.from.max(start))).collect();
    for (uuid, from) in all {
        turned(world, from, &uuid);
    }
}

/// A queue has something.
pub fn wake(world: &mut World, at: Time, queue: &str) {
    let all: &BTreeMap<String, Mapping> = &world.aws.functions.mappings;
    let reads = |mapping: &&Mapping| *mapping.queue == *queue && mapping.works(at);
    let found: Vec<Arc<str>> = all.values().filter(reads).map(|mapping| Arc::clone(&mapping.uuid)).collect();
    for uuid in found {
        let Some(mapping) = get_mut(world, &uuid) else { continue };
        if mapping.at_work.gathering {
            continue;
        }
        if mapping.window > Span::ZERO {
            mapping.at_work.gathering = true;
            let window = mapping.window;
            later(world, at + window, Due::Poll(uuid));
        } else {
            poll(world, at, &uuid);
        }
    }
}

/// Takes one batch, if it may; the queue tells again where there is more.
pub fn poll(world: &mut World, at: Time, uuid: &Arc<str>) {
    let Some(mapping) = get_mut(world, uuid) else { return };
    mapping.at_work.gathering = false;
    if !mapping.works(at) || mapping.at_work.under_way >= mapping.capacity(at) {
        return;
    }
    let mapping = mapping.clone();
    let Some(config) = world.aws.functions.get(&mapping.function).and_then(|function| {
        let version = function.version(&mapping.qualifier)?;
        function.config_at(version, at)
    }) else {
        return note(world, uuid, "PROBLEM: Function not found");
    };
    let by = run::principal(world, &config);
    let batch = match gather(world, at, &mapping, &by) {
        Ok(batch) if batch.is_empty() => return,
        Ok(batch) => batch,
        Err(fault) => {
            note(world, uuid, &format!("PROBLEM: {}", fault.message));
            return later(world, at + AGAIN, Due::Poll(Arc::clone(uuid)));
        }
    };
    let receipts = batch.iter().map(|one| (Arc::clone(&one.message_id), Arc::clone(&one.receipt))).collect();
    let lot =
        batch.first().map_or(0, |one| dice::at(dice::hash_name(&one.message_id), 1, u64::from(one.receive_count)));
    let event = Event { messages: batch, partial: mapping.partial, lot, ..Event::default() };
    let source = Source::Batch { mapping: Arc::clone(uuid), receipts };
    match run::begin(world, at, &mapping.function, &mapping.qualifier, &event, source) {
        Ok(_) => {
            if let Some(mapping) = get_mut(world, uuid) {
                mapping.at_work.under_way += 1;
                mapping.at_work.busy.get_or_insert(at);
            }
            // More may be there for another poller.
            if more(world, &mapping.queue) {
                later(world, at, Due::Poll(Arc::clone(uuid)));
            }
        }
        // The messages come back when their visibility ends: throttling wears them out (Lambda Developer Guide, "Setting up
        // your queue": let the visibility timeout be six times the function's).
        Err(fault) => {
            note(world, uuid, &format!("PROBLEM: {}", fault.message));
            later(world, at + AGAIN, Due::Poll(Arc::clone(uuid)));
        }
    }
}

/// One receive gives ten messages at most; larger batches take several.
fn gather(
    world: &mut World,
    at: Time,
    mapping: &Mapping,
    by: &super::Principal,
) -> Result<Vec<Received>, super::Fault> {
    let mut batch = Vec::new();
    while (batch.len() as i64) < mapping.batch {
        let most = (mapping.batch - batch.len() as i64).min(10) as usize;
        let got = sqs::receive_long(world, at, &mapping.queue, most, by)?;
        let last = got.len() < most;
        batch.extend(got);
        if last {
            break;
        }
    }
    Ok(batch)
}

fn more(world: &World, queue: &str) -> bool {
    world.aws.queues.get(queue).is_some_and(|queue| queue.store.visible() > 0)
}

fn note(world: &mut World, uuid: &str, result: &str) {
    if let Some(mapping) = get_mut(world, uuid) {
        mapping.at_work.result = Arc::from(result);
    }
}

/// A batch has ended: what was done is deleted, what failed comes back when its visibility ends.
pub fn ended(world: &mut World, at: Time, uuid: &Arc<str>, receipts: &[(Arc<str>, Arc<str>)], invocation: &Invocation) {
    let Some(mapping) = get_mut(world, uuid) else { return };
    mapping.at_work.under_way -= 1;
    mapping.at_work.result = Arc::from(if invocation.ok() { "OK" } else { "PROBLEM: Function call failed" });
    let (queue, function) = (Arc::clone(&mapping.queue), Arc::clone(&mapping.function));
    if invocation.ok() {
        let config = world.aws.functions.get(&function).map(|function| function.latest()).unwrap_or_default();
        let by = run::principal(world, &config);
        let done = receipts.iter().filter(|(id, _)| !invocation.failed.contains(id));
        let done: Vec<Arc<str>> = done.map(|(_, receipt)| Arc::clone(receipt)).collect();
        for ten in done.chunks(10) {
            let _refused_ones_come_back = sqs::delete_batch(world, at, &queue, ten, &by);
        }
    }
    if more(world, &queue) {
        later(world, at, Due::Poll(Arc::clone(uuid)));
    } else if let Some(mapping) = get_mut(world, uuid) {
        mapping.at_work.busy = None;
    }
}

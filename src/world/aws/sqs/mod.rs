//! SQS: standard and FIFO queues: visibility, redrive, retention, throttling, move tasks. Does not know who consumes.

use super::call::Fault;
pub use super::message::{Attribute, Draft, Principal, Received, Sent};
use super::service::Service;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::sync::Arc;

pub static SERVICE: Service =
    Service { name: "sqs", doc: "message queues", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Queues {}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {}

pub fn happen(_world: &mut World, _at: Time, due: Due) {
    match due {}
}

fn missing() -> Fault {
    Fault::new("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

/// Sends one message at `at` (not before anything that has already happened).
pub fn send(_world: &mut World, _at: Time, _queue: &str, _draft: Draft, _by: &Principal) -> Result<Sent, Fault> {
    Err(missing())
}

/// Sends up to ten messages as one call.
pub fn send_batch(
    _world: &mut World,
    _at: Time,
    _queue: &str,
    _drafts: Vec<Draft>,
    _by: &Principal,
) -> Result<Vec<Result<Sent, Fault>>, Fault> {
    Err(missing())
}

/// Receives up to `max` (1–10) messages that are visible at `at`; waits for none.
pub fn receive(
    _world: &mut World,
    _at: Time,
    _queue: &str,
    _max: usize,
    _visibility: Option<Span>,
    _by: &Principal,
) -> Result<Vec<Received>, Fault> {
    Err(missing())
}

/// Deletes what a receipt stands for.
pub fn delete(_world: &mut World, _at: Time, _queue: &str, _receipt: &str, _by: &Principal) -> Result<(), Fault> {
    Err(missing())
}

/// Deletes up to ten messages as one call.
pub fn delete_batch(
    _world: &mut World,
    _at: Time,
    _queue: &str,
    _receipts: &[Arc<str>],
    _by: &Principal,
) -> Result<Vec<Result<(), Fault>>, Fault> {
    Err(missing())
}

/// Lets a received message be invisible for `timeout` from now; zero gives it back at once.
pub fn change_visibility(
    _world: &mut World,
    _at: Time,
    _queue: &str,
    _receipt: &str,
    _timeout: Span,
    _by: &Principal,
) -> Result<(), Fault> {
    Err(missing())
}

/// Says that from `at` on `who` keeps `pollers` idle long polls of `wait` each open on a queue: they are charged and
/// counted as empty receives.
pub fn polling(_world: &mut World, _at: Time, _queue: &str, _who: &str, _pollers: u32, _wait: Span) {}

/// The queue's ARN behind its URL, if there is such a queue.
pub fn arn_of_url(_world: &World, _url: &str) -> Option<Arc<str>> {
    None
}

//! SQS: standard and FIFO queues: visibility, redrive, retention, throttling, move tasks. Does not know who consumes.

use super::service::Service;
use crate::stdx::time::Time;
use crate::world::World;

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

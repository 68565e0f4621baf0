//! Lambda: functions, event-source mappings, concurrency, invocations. Does not know what a program does inside.

use super::call::Fault;
use super::policy::Principal;
use super::service::Service;
use crate::stdx::time::Time;
use crate::world::World;

pub static SERVICE: Service =
    Service { name: "lambda", doc: "functions", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Functions {}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {}

pub fn happen(_world: &mut World, _at: Time, due: Due) {
    match due {}
}

/// A queue (by its ARN) has something to receive at `at`: idle pollers of event-source mappings take it.
pub fn wake(_world: &mut World, _at: Time, _queue: &str) {}

/// A service calls a function (by its ARN) asynchronously with an event, for a resource: SNS for a topic.
pub fn notify(
    _world: &mut World,
    _at: Time,
    function: &str,
    _event: &str,
    _by: &Principal,
    _source: &str,
) -> Result<(), Fault> {
    Err(Fault::new("ResourceNotFoundException", format!("Function not found: {function}")).status(404))
}

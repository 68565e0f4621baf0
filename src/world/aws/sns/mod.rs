//! SNS: topics, subscriptions, filters, deliveries and their retries. Does not know who consumes.

use super::call::Fault;
pub use super::message::{Attribute, Draft, Principal};
use super::service::Service;
use crate::stdx::time::Time;
use crate::world::World;
use std::sync::Arc;

pub static SERVICE: Service =
    Service { name: "sns", doc: "topics and subscriptions", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Topics {}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {}

pub fn happen(_world: &mut World, _at: Time, due: Due) {
    match due {}
}

/// Publishes at `at` (not before anything that has already happened): the message's id.
pub fn publish(_world: &mut World, _at: Time, _topic: &str, _draft: Draft, _by: &Principal) -> Result<Arc<str>, Fault> {
    Err(Fault::new("NotFound", "Topic does not exist").status(404))
}

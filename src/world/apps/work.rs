//! What programs do besides answering requests: they publish, send and notify after an order, poll queues, take pushed
//! messages, and write into the books. Does not know how a queue or a topic works.

use super::super::World;
use crate::stdx::time::{Span, Time};
use std::sync::Arc;

/// What is under way in programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {}

/// Puts on the agenda of `aws::post` what requests answered in `after..=to` (excluding `after`) lead to.
pub fn feed(_world: &mut World, _after: Time, _to: Time) {}

pub fn happen(_world: &mut World, _at: Time, due: Due) {
    match due {}
}

/// A queue (by its ARN) has something to receive at `at`: idle pollers of running programs take it.
pub fn wake(_world: &mut World, _at: Time, _queue: &str) {}

/// A message pushed to an HTTP(S) address, as SNS does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub topic: Arc<str>,
    pub subscription: Arc<str>,
    /// `x-amz-sns-message-id`.
    pub message_id: Arc<str>,
    pub body: Arc<str>,
}

/// What the pusher got back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// HTTP status; 0: no connection.
    pub status: u16,
    pub took: Span,
}

/// Delivers a push to whatever program serves `url` at `at`; the program does its work if it answers below 300.
pub fn deliver(_world: &mut World, _at: Time, _url: &str, _push: &Push) -> Pushed {
    Pushed { status: 0, took: Span::ZERO }
}

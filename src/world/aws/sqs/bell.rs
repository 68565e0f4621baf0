//! Tells consumers that a queue has something for them: entries of the agenda, at most one of a kind for each time. Does
//! not know who listens.

use super::super::{lambda, post};
use super::Due;
use super::queue::Queue;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::apps::work;
use std::sync::Arc;

/// After anything changed in a queue: consumers are told in the loop, and the next end of a delay or timeout is noted.
pub fn ring(world: &mut World, at: Time, queue: &str) {
    let Some(found) = world.aws.queues.get_mut(queue) else { return };
    struck(found, at).sound(world, at);
}

/// A bell that was struck and is still to be heard.
pub struct Struck {
    arn: Arc<str>,
    now: bool,
    timer: Option<Time>,
}

/// The same for whoever has the queue at hand.
pub fn struck(found: &mut Queue, at: Time) -> Struck {
    let now = found.store.receivable() && found.bell.wake != Some(at);
    if now {
        found.bell.wake = Some(at);
    }
    let timer = found.store.next_timer().filter(|next| found.bell.timer.is_none_or(|noted| *next < noted));
    if timer.is_some() {
        found.bell.timer = timer;
    }
    Struck { arn: found.arn.clone(), now, timer }
}

impl Struck {
    pub fn sound(self, world: &mut World, at: Time) {
        if self.now {
            post::push(world, at, post::Due::Sqs(Due::Wake(self.arn.clone())));
        }
        if let Some(next) = self.timer {
            post::push(world, next, post::Due::Sqs(Due::Timer(self.arn)));
        }
    }
}

/// Something could be received when this was put on the agenda.
pub fn wake(world: &mut World, at: Time, queue: &Arc<str>) {
    let Some(found) = world.aws.queues.get_mut(queue) else { return };
    if found.bell.wake == Some(at) {
        found.bell.wake = None;
    }
    found.settle(at);
    if found.store.receivable() {
        call(world, at, queue);
    }
}

/// A delay or timeout ends.
pub fn timer(world: &mut World, at: Time, queue: &Arc<str>) {
    let Some(found) = world.aws.queues.get_mut(queue) else { return };
    if found.bell.timer != Some(at) {
        return;
    }
    found.bell.timer = None;
    found.settle(at);
    let receivable = found.store.receivable();
    if let Some(next) = found.store.next_timer() {
        found.bell.timer = Some(next);
        post::push(world, next, post::Due::Sqs(Due::Timer(queue.clone())));
    }
    if receivable {
        call(world, at, queue);
    }
}

fn call(world: &mut World, at: Time, queue: &Arc<str>) {
    work::wake(world, at, queue);
    lambda::wake(world, at, queue);
}

//! What is under way in the account: messages, deliveries, retries, invocations, in the order of time. The only loop that
//! moves them. Does not know policies or programs.

use super::super::World;
use super::super::agenda::Agenda;
use super::super::apps::work;
use super::{apigateway, cloudwatch, lambda, ses, sns, sqs};
use crate::stdx::time::{Span, Time};
use std::sync::Arc;

/// Programs' doings are fed in pieces of this length, so that a long wait needs little memory.
const PIECE: Span = Span::mins(5);

/// The agenda of what is under way. It runs behind the world's own: everything it consults (routes, processes, set-up with
/// its effective times) can be asked as it was at a time, so that one sweep when time has passed is enough.
#[derive(Clone, Debug, Default)]
pub struct Post {
    agenda: Agenda<Due>,
    /// What programs' doings put there as they were fed. Kept apart and first among equal times: when a piece of time was fed
    /// depends on who looked when, and must not decide an order.
    fed: Agenda<Due>,
    feeding: bool,
    /// Until when everything has happened; `None` where there is no account.
    done: Option<Time>,
}

/// Nothing was under way before `start`.
pub fn begin(world: &mut World, start: Time) {
    world.aws.post.done = Some(start);
}

/// Whether anything can be under way: not while an estate's account is being set up.
pub fn begun(world: &World) -> bool {
    world.aws.post.done.is_some()
}

/// One closed list, nested by owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    Api(apigateway::Due),
    Lambda(lambda::Due),
    Mail(ses::Due),
    Sns(sns::Due),
    Sqs(sqs::Due),
    Watch(cloudwatch::Due),
    Work(work::Due),
}

/// Lets everything happen up to and including `until`, in the order of (time, serial).
pub fn run_to(world: &mut World, until: Time) {
    let Some(mut done) = world.aws.post.done else { return };
    while done < until {
        let to = until.min(done + PIECE);
        world.aws.post.feeding = true;
        work::feed(world, done, to);
        apigateway::feed(world, done, to);
        ses::feed(world, done, to);
        world.aws.post.feeding = false;
        while let Some((at, due)) = world.aws.post.next(to) {
            match due {
                Due::Api(due) => apigateway::happen(world, at, due),
                Due::Lambda(due) => lambda::happen(world, at, due),
                Due::Mail(due) => ses::happen(world, at, due),
                Due::Sns(due) => sns::happen(world, at, due),
                Due::Sqs(due) => sqs::happen(world, at, due),
                Due::Watch(due) => cloudwatch::happen(world, at, &due),
                Due::Work(due) => work::happen(world, at, due),
            }
        }
        done = to;
        world.aws.post.done = Some(done);
    }
    world.aws.queues.settle(until);
}

impl Post {
    fn next(&mut self, until: Time) -> Option<(Time, Due)> {
        let fed_first = match (self.fed.next_at(), self.agenda.next_at()) {
            (Some(fed), Some(own)) => fed <= own,
            (fed, _) => fed.is_some(),
        };
        if fed_first { self.fed.pop_until(until) } else { self.agenda.pop_until(until) }
    }
}

/// Puts something on the agenda; a time already past is due next.
pub fn push(world: &mut World, at: Time, due: Due) {
    let post = &mut world.aws.post;
    if post.feeding { post.fed.push(at, due) } else { post.agenda.push(at, due) }
}

/// Puts something on the agenda that was known before the loop came to its time, by whatever pieces the loop goes: lower
/// ranks come first among things due at the same time, and before everything else.
pub fn push_ranked(world: &mut World, at: Time, rank: u8, due: Due) {
    world.aws.post.agenda.push_ranked(at, rank, due);
}

/// Where every message is, or how it ended. Each copy is in exactly one place.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    /// Also of deleted topics.
    pub topics: Vec<TopicFate>,
    /// Also of deleted queues.
    pub queues: Vec<QueueFate>,
}

/// What came of the copies that a topic made of its messages: one for each confirmed subscription.
#[derive(Clone, Debug)]
pub struct TopicFate {
    pub topic: Arc<str>,
    pub places: sns::places::Places,
}

/// What came of the messages of a queue, and what is in it.
#[derive(Clone, Debug)]
pub struct QueueFate {
    pub queue: Arc<str>,
    pub places: sqs::places::Places,
    pub visible: u64,
    pub in_flight: u64,
    pub delayed: u64,
}

/// Where everything is at `world.now`.
pub fn fates(world: &World) -> Fates {
    let topic = |topic: &sns::Topic| TopicFate { topic: topic.arn.clone(), places: topic.places.clone() };
    let queue = |queue: &sqs::Queue| QueueFate {
        queue: queue.arn.clone(),
        places: queue.places.clone(),
        visible: queue.store.visible() as u64,
        in_flight: queue.store.in_flight() as u64,
        delayed: queue.store.delayed() as u64,
    };
    let (topics, queues) = (world.aws.topics.everywhere(), world.aws.queues.everywhere());
    Fates { topics: topics.map(topic).collect(), queues: queues.map(queue).collect() }
}

impl Fates {
    /// What does not add up, in words; empty if every message is in exactly one place.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for TopicFate { topic, places } in &self.topics {
            if places.ended() > places.copies {
                wrong.push(format!("{topic}: {} copies ended {} times", places.copies, places.ended()));
            }
        }
        for fate in &self.queues {
            let (came, left) = (fate.places.came(), fate.places.left());
            let there = fate.visible + fate.in_flight + fate.delayed;
            if came != left + there {
                wrong.push(format!("{}: {came} came, {left} left, {there} are there", fate.queue));
            }
        }
        let passed: u64 = self.queues.iter().map(|fate| fate.places.redriven + fate.places.moved).sum();
        let came_in: u64 = self.queues.iter().map(|fate| fate.places.came_in).sum();
        if passed != came_in {
            wrong.push(format!("{passed} were passed on between queues, {came_in} came"));
        }
        wrong
    }
}

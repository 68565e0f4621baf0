//! Clients from outside that ask an API: arrivals of streams, and people who press the button again. Does not know what
//! answers.

use super::super::lambda::run::Event;
use super::super::post;
use super::Due;
use super::serve::{Ask, Place, Visit, serve};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::spec::ApiClient;
use crate::world::apps::work;
use crate::world::traffic::{self, Arrival};
use std::sync::Arc;

/// Of things due at the same time, after processes that come and go and answered requests; see [`post::push_ranked`].
const RANK: u8 = 2;

/// A client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub arrival: Arrival,
    /// 1: for the first time.
    pub nth: u32,
    /// What it is about, once that is in the books.
    pub order: u32,
}

/// Puts on the agenda of `aws::post` what clients ask for the first time in `after..=to` (excluding `after`).
pub fn feed(world: &mut World, after: Time, to: Time) {
    let estate = Arc::clone(&world.apps.estate);
    for (name, _) in estate.streams.iter().filter(|(_, stream)| stream.api.is_some()) {
        let mut came = traffic::arrivals(world, name, after + Span::millis(1), to);
        came.extend(traffic::trials(world, after + Span::millis(1), to).filter(|t| *t.stream == **name).cloned());
        for arrival in came {
            let at = arrival.at;
            let due = Due::Attempt(Box::new(Attempt { arrival, nth: 1, order: 0 }));
            post::push_ranked(world, at, RANK, post::Due::Api(due));
        }
    }
}

/// One request; whoever gets an error of the server may ask once more.
pub fn attempt(world: &mut World, at: Time, mut attempt: Attempt) {
    let estate = Arc::clone(&world.apps.estate);
    let stream = Arc::clone(&attempt.arrival.stream);
    let Some(client) = estate.streams.get(&*stream).and_then(|stream| stream.api.as_deref()) else { return };
    if attempt.nth == 1 && client.books {
        attempt.order = work::book(world, at, &attempt.arrival, &client.api);
    }
    let (key, nth) = (attempt.arrival.key, attempt.nth);
    let ask = Ask {
        api: Arc::from(client.api.as_str()),
        place: Arc::new(place(client)),
        event: Event { order: attempt.order, lot: dice::at(key, 33, u64::from(nth)), ..Event::default() },
        stream,
        key,
        nth,
    };
    let visit = serve(world, at, ask);
    if visit.status >= 500 && u64::from(nth) <= client.retries {
        let pause = client.retry_after
            + Span((dice::at(key, 34, u64::from(nth)) % (client.retry_after.0.max(1) as u64)) as i64);
        attempt.nth += 1;
        let due = Due::Attempt(Box::new(attempt));
        post::push(world, visit.ended() + pause, post::Due::Api(due));
    }
}

fn place(client: &ApiClient) -> Place {
    let (verb, path) = client.request.split_once(' ').unwrap_or(("GET", client.request.as_str()));
    Place { stage: client.stage.clone(), verb: verb.to_string(), path: path.to_string() }
}

/// Requests that were answered in `from..=to`, in the order in which they came.
pub fn visits(world: &World, from: Time, to: Time) -> impl Iterator<Item = &Visit> {
    // No request takes longer than the longest integration and the gateway's own time.
    let first = world.aws.apis.visits.since(|visit| visit.at < from - Span::secs(31));
    let all = world.aws.apis.visits.starting(first).map(|(_, visit)| visit).take_while(move |visit| visit.at <= to);
    all.filter(move |visit| (from..=to).contains(&visit.ended()))
}

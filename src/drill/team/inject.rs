//! What happens to a room: on time, when a condition comes true, or by hand. A condition is noticed at the moment at which it
//! comes true, however the clock is cut. Does not judge what the room makes of it.

use super::{Done, Role};
use crate::case::score::log::What;
use crate::drill::indicator;
use crate::drill::message::{Kind, Message, To};
use crate::drill::notice::say;
use crate::drill::run::{Outcome, Run};
use crate::drill::terms::Mode;
use crate::scenario::gameday::{Happening, Inject, When};
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;

/// Whoever is called away by the case is back after so long.
pub const AWAY: Span = Span::mins(5);
/// The users' indicator is looked at so often, from the page on, while something waits for it.
const LOOK_EVERY: Span = Span::secs(10);
/// The harm is over when it was healthy so many times in a row.
const HEALTHY_LOOKS: u8 = 6;

/// How the injects of a run stand, by their places in the case's list, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Injects {
    /// Conditions that came true: when the inject comes.
    armed: BTreeMap<usize, Time>,
    /// What has come, and when.
    come: BTreeMap<usize, Time>,
    /// Events that were looked through.
    noticed: usize,
    /// Messages that are not of the case's own list.
    pub(in crate::drill) extra: usize,
    looked: Option<Time>,
    hurting: bool,
    healthy: u8,
}

/// An inject as the desk shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// From 1, as `Control::Inject` counts.
    pub number: u32,
    pub inject: &'a Inject,
    /// When it came, or when it will come if nothing more happens.
    pub came: Option<Time>,
    pub due: Option<Time>,
}

/// All injects of a run's case, in its order.
pub fn rows(run: &Run) -> Vec<Row<'_>> {
    let row = |(place, inject)| {
        let came = run.team.injects.come.get(&place).copied();
        let due = if came.is_some() { None } else { due(run, place, inject) };
        Row { number: place as u32 + 1, inject, came, due }
    };
    run.case.gameday.injects.iter().enumerate().map(row).collect()
}

fn due(run: &Run, place: usize, inject: &Inject) -> Option<Time> {
    match inject.when {
        _ if inject.by_hand => None,
        When::At(span) => Some(run.case.drill.page_at + span + inject.after),
        _ => run.team.injects.armed.get(&place).copied(),
    }
}

/// An inject of the list comes now.
pub(super) fn by_hand(run: &mut Run, number: u32) -> Done {
    let place = (number as usize).wrapping_sub(1);
    let count = run.case.gameday.injects.len();
    let Some(inject) = run.case.gameday.injects.get(place).cloned() else {
        return Err(say("notice.the-case-has-injects").with("n", count));
    };
    if run.team.injects.come.contains_key(&place) {
        return Err(say("notice.that-message-has-come"));
    }
    if !run.is_open() {
        return Err(say("notice.the-reading-is-over"));
    }
    let message = happen(run, place, &inject, run.now());
    run.messages.push(message);
    Ok(Outcome::default())
}

/// Does what an inject does, and gives its message.
fn happen(run: &mut Run, place: usize, inject: &Inject, at: Time) -> Message {
    run.team.injects.come.insert(place, at);
    run.team.injects.extra += 1;
    let to = addressed(run, &inject.to);
    if inject.kind == Happening::Away {
        let whom =
            run.team.seats.values().find(|seat| to != To::Room && to.reaches(seat) && !run.team.is_away(seat.id, at));
        if let Some(seat) = whom.map(|seat| seat.id) {
            run.team.away.insert(seat, Some(at + AWAY));
        }
    }
    let kind = if inject.kind == Happening::Alert { Kind::Page } else { Kind::Person };
    Message { at, kind, from: inject.from.clone(), text: inject.say.clone(), to }
}

fn addressed(run: &Run, to: &str) -> To {
    match Role::named(to) {
        Some(role) => To::Role(role),
        None if run.case.gameday.card(to).is_some() => To::Part(to.to_string()),
        None => To::Room,
    }
}

/// What is due by itself, oldest first.
pub(in crate::drill) fn arriving(run: &mut Run) -> Vec<Message> {
    if run.mode != Mode::Gameday || run.case.gameday.injects.is_empty() {
        return Vec::new();
    }
    let now = run.now();
    let waiting = run.case.gameday.injects.iter().enumerate();
    let waiting = waiting.filter(|(place, _)| !run.team.injects.come.contains_key(place));
    let mut fresh: Vec<(Time, usize)> =
        waiting.filter_map(|(place, inject)| Some((due(run, place, inject).filter(|at| *at <= now)?, place))).collect();
    fresh.sort_unstable();
    let case = std::sync::Arc::clone(&run.case);
    let arrive = |(at, place): (Time, usize)| Some(happen(run, place, case.gameday.injects.get(place)?, at));
    fresh.into_iter().filter_map(arrive).collect()
}

/// Looks for conditions that came true since it looked last.
pub(in crate::drill) fn notice(run: &mut Run) {
    if run.mode != Mode::Gameday || run.case.gameday.injects.is_empty() {
        return;
    }
    let now = run.now();
    let over = look(run);
    let fresh = run.record.events.get(run.team.injects.noticed..).unwrap_or_default();
    let is_open = run.is_open();
    let mut armed = Vec::new();
    for (place, inject) in run.case.gameday.injects.iter().enumerate() {
        let known = run.team.injects.armed.contains_key(&place) || run.team.injects.come.contains_key(&place);
        let true_now = match &inject.when {
            _ if known || inject.by_hand => false,
            When::HarmOver => over,
            When::At(_) | When::Never => false,
            when => fresh.iter().any(|event| fits(when, &event.what, is_open)),
        };
        if true_now {
            armed.push((place, now + inject.after));
        }
    }
    run.team.injects.noticed = run.record.events.len();
    run.team.injects.armed.extend(armed);
}

fn fits(when: &When, what: &What, is_open: bool) -> bool {
    match (when, what) {
        (When::Seen(own), What::Seen { clue }) | (When::Bagged(own), What::Bagged { clue }) => own == clue,
        (When::Change, What::Change { .. }) | (When::Update, What::Updated { .. }) => true,
        (When::Verdict, What::Verdict { .. }) => is_open,
        _ => false,
    }
}

/// Whether something waits for the end of the harm.
fn waits(run: &Run) -> bool {
    let waits = |(place, inject): (usize, &Inject)| {
        let known = run.team.injects.armed.contains_key(&place) || run.team.injects.come.contains_key(&place);
        inject.when == When::HarmOver && !inject.by_hand && !known
    };
    run.mode == Mode::Gameday && run.case.gameday.injects.iter().enumerate().any(waits)
}

/// When the indicator is looked at the next time, if anything waits for it.
pub(in crate::drill) fn next_look(run: &Run) -> Option<Time> {
    let since = (run.now() - run.case.drill.page_at).0;
    let next = (since.div_euclid(LOOK_EVERY.0) + 1) * LOOK_EVERY.0;
    waits(run).then(|| run.case.drill.page_at + Span::millis(next))
}

/// Looks at the indicator if this is the moment; says whether the harm is over.
fn look(run: &mut Run) -> bool {
    let now = run.now();
    let due = (now - run.case.drill.page_at).0 % LOOK_EVERY.0 == 0 && run.team.injects.looked != Some(now);
    if !due || !waits(run) {
        return false;
    }
    let healthy = indicator::harm(run).percent == 0;
    let own = &mut run.team.injects;
    own.looked = Some(now);
    own.hurting |= !healthy;
    own.healthy = if healthy && own.hurting { own.healthy.saturating_add(1) } else { 0 };
    own.healthy >= HEALTHY_LOOKS
}

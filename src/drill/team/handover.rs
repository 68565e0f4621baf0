//! Handovers: a role is offered by who has it and taken by who was asked. Does not know why.

use super::{Done, Role, seated};
use crate::drill::notice::say;
use crate::drill::run::{Outcome, Run};
use crate::stdx::time::Time;
use std::collections::BTreeSet;

/// Offered and not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub entry: u32,
    pub at: Time,
    pub role: Role,
    pub by: u16,
    pub to: u16,
}

/// A role that went from one seat to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Journal entry of the taking.
    pub entry: u32,
    pub at: Time,
    pub role: Role,
    pub from: u16,
    pub to: u16,
    /// Since when it had been offered.
    pub offered: Time,
}

/// Why these roles cannot be one seat's.
pub fn clash(roles: &BTreeSet<Role>) -> Option<&'static str> {
    let has = |role: Role| roles.contains(&role);
    match () {
        () if has(Role::Commander) && has(Role::Operator) => Some("notice.a-commander-has-no-shell"),
        () if roles.len() > 1 && has(Role::Facilitator) => Some("notice.a-facilitator-does-not-play"),
        () if roles.len() > 1 && has(Role::Observer) => Some("notice.an-observer-does-nothing-else"),
        () => None,
    }
}

pub fn offer(run: &mut Run, seat: u16, role: Role, to: u16) -> Done {
    if !run.team.has(seat, role) {
        return Err(say("notice.one-offers-what-one-has"));
    }
    let asked = seated(run, to)?;
    if to == seat || asked.roles.contains(&role) {
        return Err(say("notice.that-seat-has-it"));
    }
    let outside = |role: &Role| matches!(role, Role::Facilitator | Role::Observer);
    if outside(&role) || asked.roles.iter().any(|own| *own == Role::Facilitator) {
        return Err(say("notice.that-role-is-not-handed-over"));
    }
    // A later offer of a role takes the place of an earlier one.
    run.team.offers.retain(|own| !(own.by == seat && own.role == role));
    let (entry, at) = (run.entry(), run.now());
    run.team.offers.push(Offer { entry, at, role, by: seat, to });
    Ok(Outcome::default())
}

/// What the taker has to put down for it goes to the giver, and the parts of both with their roles.
pub fn take(run: &mut Run, seat: u16, role: Role) -> Done {
    let found = run.team.offers.iter().position(|own| own.to == seat && own.role == role);
    let Some(offer) = found.map(|at| run.team.offers.remove(at)) else {
        return Err(say("notice.nobody-offered-you-that"));
    };
    let (mut taker, mut giver) = (seated(run, seat)?.clone(), seated(run, offer.by)?.clone());
    if !giver.roles.remove(&role) {
        return Err(say("notice.nobody-offered-you-that"));
    }
    let mut put_down = None;
    for other in [Role::Commander, Role::Operator, Role::Observer] {
        let mut with = BTreeSet::from([role, other]);
        with.extend([other]);
        if taker.roles.contains(&other) && other != role && clash(&with).is_some() {
            taker.roles.remove(&other);
            put_down = Some(other);
        }
    }
    taker.roles.insert(role);
    let of = |part: &str| run.case.gameday.card(part).map(|card| card.role);
    if of(&giver.part) == Some(role) {
        std::mem::swap(&mut giver.part, &mut taker.part);
    }
    if let Some(other) = put_down.filter(|other| *other != Role::Observer || giver.roles.is_empty()) {
        let mut with = giver.roles.clone();
        with.insert(other);
        if clash(&with).is_none() {
            giver.roles = with;
        }
    }
    if giver.roles.is_empty() {
        giver.roles.insert(Role::Observer);
    }
    // A part that is not of one's roles any more is left.
    for own in [&mut giver, &mut taker] {
        if of(&own.part).is_some_and(|role| !own.roles.contains(&role)) {
            own.part.clear();
        }
    }
    let (entry, at) = (run.entry(), run.now());
    let done = Handover { entry, at, role, from: offer.by, to: seat, offered: offer.at };
    run.team.handovers.push(done);
    run.team.offers.retain(|own| !(own.by == offer.by && own.role == role));
    for own in [giver, taker] {
        super::desk::gate(run, &own);
        run.team.seats.insert(own.id, own);
    }
    Ok(Outcome::default())
}

//! The facilitator's desk: who sits where, pause, speed, more time, hints, messages by hand, who is away and who drives.
//! Does not judge.

use super::handover::clash;
use super::{Done, ROOM, Role, SEATS_MAX, Seat, seated, worded};
use crate::drill::hearing;
use crate::drill::hints;
use crate::drill::interview::{Control, controls};
use crate::drill::message::{Kind, Message, To};
use crate::drill::notice::say;
use crate::drill::run::{Outcome, Phase, Run};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Thousandths of wall time at which a room can run.
pub const SPEED: RangeInclusive<u32> = 100..=60_000;

pub fn sit(run: &mut Run, seat: u16, name: &str, roles: &BTreeSet<Role>, part: &str) -> Done {
    let known = run.team.seats.contains_key(&seat);
    if seat == ROOM || (!known && run.team.seats.len() >= SEATS_MAX) {
        return Err(say("notice.there-is-no-such-seat").with("seat", seat));
    }
    let name = worded(name)?;
    if roles.is_empty() {
        return Err(say("notice.a-seat-has-a-role"));
    }
    if let Some(why) = clash(roles) {
        return Err(say(why));
    }
    if roles.contains(&Role::Commander)
        && let Some(other) = run.team.holders(Role::Commander).find(|other| other.id != seat)
    {
        return Err(say("notice.there-is-a-commander").with("name", &other.name));
    }
    if !part.is_empty() {
        match run.case.gameday.card(part) {
            None => return Err(say("notice.the-case-has-no-part").with("part", part)),
            Some(card) if !roles.contains(&card.role) => {
                return Err(say("notice.that-part-is-of-another-role").with("part", part));
            }
            Some(_) => {}
        }
    }
    let own = Seat { id: seat, name, roles: roles.clone(), part: part.to_string() };
    run.team.offers.retain(|offer| offer.by != seat || own.roles.contains(&offer.role));
    gate(run, &own);
    run.team.seats.insert(seat, own);
    Ok(Outcome::default())
}

/// The shell of a seat has the commands of its part.
pub fn gate(run: &mut Run, seat: &Seat) {
    let can = run.case.gameday.card(&seat.part).map(|card| card.can.clone()).unwrap_or_default();
    if can.is_empty() && !run.team.shells.contains_key(&seat.id) {
        return;
    }
    let others = run.case.gameday.cards.iter().filter(|card| card.id != seat.part && card.role == Role::Operator);
    let others = others.map(|card| (card.title.clone(), card.can.clone())).collect();
    let fresh = &run.session;
    let shell = run.team.shells.entry(seat.id).or_insert_with(|| fresh.clone());
    shell.gate = (!can.is_empty()).then(|| std::sync::Arc::new(crate::console::gate::Gate { can, others }));
}

pub fn away(run: &mut Run, seat: u16, away: bool) -> Done {
    seated(run, seat)?;
    if run.team.is_away(seat, run.now()) == away {
        return Err(say("notice.it-is-so-already"));
    }
    match away {
        true => _ = run.team.away.insert(seat, None),
        false => _ = run.team.away.remove(&seat),
    }
    Ok(Outcome::default())
}

pub fn driver(run: &mut Run, seat: Option<u16>) -> Done {
    if let Some(seat) = seat
        && !seated(run, seat)?.roles.contains(&Role::Operator)
    {
        return Err(say("notice.operators-have-shells"));
    }
    run.team.driver = seat;
    Ok(Outcome::default())
}

pub fn speed(run: &mut Run, permille: u32) -> Done {
    if !SPEED.contains(&permille) {
        return Err(say("notice.a-room-runs-at").with("least", SPEED.start()).with("most", SPEED.end()));
    }
    run.team.speed = Some(permille);
    Ok(Outcome::default())
}

pub fn tell(run: &mut Run, to: Option<Role>, from: &str, text: &str) -> Done {
    let (from, text) = (worded(from)?, worded(text)?);
    super::room_for(&run.messages, super::LINES_MAX)?;
    let (at, to) = (run.now(), to.map_or(To::Room, To::Role));
    run.push_message(Message { at, kind: Kind::Person, from, text, to });
    Ok(Outcome::default())
}

pub fn rate_debrief(run: &mut Run, lines: [u8; 6]) -> Done {
    if lines.iter().any(|line| !(1..=7).contains(line)) {
        return Err(say("notice.six-lines-from-one-to-seven"));
    }
    run.team.after.rating = Some(lines);
    Ok(Outcome::default())
}

/// Free, to the room or to one seat; whoever gives it never works in somebody's shell.
pub fn hint(run: &mut Run, to: Option<u16>) -> Outcome {
    if let Some(seat) = to
        && let Err(refusal) = seated(run, seat)
    {
        return Outcome::refusal(refusal);
    }
    if !run.is_open() {
        return Outcome::refusal("notice.the-reading-is-over");
    }
    hints::given_to(run, to)
}

/// What an interviewer may do beside, as far as a room has it.
pub fn control(run: &mut Run, seat: u16, control: &Control) -> Done {
    let noted = matches!(control, Control::Note { .. });
    if run.phase == Phase::Closed && !noted {
        return Err(say("notice.the-run-is-over-what-is-left"));
    }
    match control {
        Control::Pause | Control::Resume | Control::Extend { .. } | Control::Note { .. } => {
            Ok(controls::control(run, seat, control))
        }
        Control::End => {
            run.sitting.paused = false;
            run.sitting.ended_early = true;
            hearing::end(run);
            Ok(Outcome::remark("notice.the-facilitator-ended-the-run"))
        }
        Control::Inject { number } => super::inject::by_hand(run, *number),
        Control::Reveal => Ok(hint(run, None)),
        Control::Said { .. } | Control::Observe { .. } | Control::Accommodate { .. } => {
            Err(say("notice.that-is-for-interviews"))
        }
    }
}

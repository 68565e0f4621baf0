//! What a seat may read: messages, chat, hints, notes of role cards, and the acts of others without what is secret in them.
//! Faces and reports of a game day ask here. Does not know how it is shown.

use super::rights::{self, Sight};
use super::{Seat, Spoken, TeamAct};
use crate::case::board::Hinted;
use crate::drill::act::Act;
use crate::drill::interview::Control;
use crate::drill::message::{Message, To};
use crate::drill::run::{Phase, Run};
use crate::drill::terms::Mode;
use crate::stdx::time::Time;

impl To {
    /// Whether somebody is addressed.
    pub fn reaches(&self, seat: &Seat) -> bool {
        match self {
            To::Room => true,
            To::Role(role) => seat.roles.contains(role),
            To::Part(part) => seat.part == *part,
            To::Seat(id) => seat.id == *id,
        }
    }
}

/// Whether what is addressed so is for a seat's eyes: the room's for everybody, the rest for those addressed and the desk.
pub fn reads(run: &Run, seat: u16, to: &To) -> bool {
    let own = run.team.seats.get(&seat);
    *to == To::Room
        || run.mode != Mode::Gameday
        || own.is_some_and(|own| to.reaches(own))
        || rights::sees(run, seat, Sight::Private)
}

/// The messages of a seat, oldest first.
pub fn messages_for(run: &Run, seat: u16) -> Vec<&Message> {
    run.messages.iter().filter(|message| reads(run, seat, &message.to)).collect()
}

/// The chat of a seat, oldest first: with what it wrote itself to others.
pub fn chat_for(run: &Run, seat: u16) -> Vec<&Spoken> {
    let mine = |line: &&Spoken| line.seat == seat || reads(run, seat, &line.to.map_or(To::Room, To::Role));
    run.team.chat.iter().filter(mine).collect()
}

/// The hints that a seat was given.
pub fn hints_for(run: &Run, seat: u16) -> Vec<&Hinted> {
    let mine = |hint: &&Hinted| reads(run, seat, &hint.to.map_or(To::Room, To::Seat));
    run.board.hints.iter().filter(mine).collect()
}

/// What only this seat is told before the start: the note of its card, in the case's English.
pub fn note_for(run: &Run, seat: u16) -> Option<&str> {
    let own = run.team.seats.get(&seat)?;
    run.case.gameday.card(&own.part).map(|card| card.note.as_str()).filter(|note| !note.is_empty())
}

/// One act as a seat may know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<'a> {
    /// Journal entry.
    pub entry: u32,
    pub at: Time,
    pub seat: u16,
    pub act: &'a Act,
}

/// The acts of a run that a seat may know of, in order. Votes of others are nobody's business, not even after the end.
pub fn acts_for(run: &Run, seat: u16) -> Vec<Known<'_>> {
    let desk = rights::sees(run, seat, Sight::Private);
    let acts = run.acts.iter().zip(&run.by).zip(1..);
    let known = acts.map(|(((at, act), by), entry)| Known { entry, at: *at, seat: *by, act });
    known.filter(|known| run.mode != Mode::Gameday || open(run, seat, desk, known)).collect()
}

/// Whether a seat may know of one act, by its entry.
pub fn knows(run: &Run, seat: u16, entry: u32) -> bool {
    let place = (entry as usize).wrapping_sub(1);
    let Some(((at, act), by)) = run.acts.get(place).zip(run.by.get(place)) else { return false };
    let desk = rights::sees(run, seat, Sight::Private);
    run.mode != Mode::Gameday || open(run, seat, desk, &Known { entry, at: *at, seat: *by, act })
}

fn open(run: &Run, seat: u16, desk: bool, known: &Known) -> bool {
    if known.seat == seat && seat != super::ROOM {
        return true;
    }
    let told = |to: To| reads(run, seat, &to);
    match known.act {
        Act::Rate { .. } => false,
        Act::Team { act } => match &**act {
            TeamAct::Say { to, .. } | TeamAct::Tell { to, .. } => told(to.map_or(To::Room, To::Role)),
            TeamAct::Hint { to } => told(to.map_or(To::Room, To::Seat)),
            TeamAct::Desk { control: Control::Note { .. } | Control::Inject { .. } | Control::Said { .. } } => desk,
            TeamAct::RateDebrief { .. } => desk || run.phase == Phase::Closed,
            _ => true,
        },
        _ => true,
    }
}

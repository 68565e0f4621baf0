//! Game days: one run, many seats. Who sits where, what they ask of one another, decide, log and hand over; what a role may
//! do and see. Everything here changes by acts alone. Does not know faces, nor how anybody is connected.

pub mod account;
pub mod act;
pub(super) mod decisions;
mod desk;
mod handover;
pub mod inject;
pub mod plan;
pub mod rights;
mod tasks;
pub mod view;
pub(super) mod votes;
pub mod work;

pub use crate::scenario::gameday::Role;
pub use act::TeamAct;
pub use decisions::{Decision, Objection};
pub use desk::SPEED;
pub use handover::{Handover, Offer};
pub use rights::{Deed, ROOM, Sight};
pub use tasks::{Stand, Task};
pub use view::{acts_for, chat_for, hints_for, knows, messages_for, note_for, reads};
pub use votes::Votes;

use super::act::Act;
use super::notice::{Said as Sentence, say};
use super::run::{Outcome, Phase, Run};
use crate::console::session::Session;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Seats of a room.
pub const SEATS_MAX: usize = 1_000;
/// Tasks and decisions of a room, each; lines of chat and of the record; what is said after the end.
pub const BOARD_MAX: usize = 300;
pub const LINES_MAX: usize = 3_000;
pub const AFTER_MAX: usize = 300;

/// Somebody at the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// 1, 2, 3, …; 0 is the room itself.
    pub id: u16,
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// The card of the case that it plays; empty: none.
    pub part: String,
}

/// A line that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Journal entry.
    pub entry: u32,
    pub at: Time,
    pub seat: u16,
    pub text: String,
    /// Only for those of this role.
    pub to: Option<Role>,
}

/// A line of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub entry: u32,
    pub at: Time,
    pub seat: u16,
    /// Who wrote it was the scribe.
    pub scribe: bool,
    pub text: String,
    /// The journal entry that it is about.
    pub about: Option<u32>,
}

/// What somebody will do after the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    pub entry: u32,
    pub text: String,
    pub owner: String,
    pub due: String,
}

/// What is said after the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Afterwards {
    pub reactions: Vec<Spoken>,
    pub actions: Vec<Todo>,
    /// The facilitator's six lines.
    pub rating: Option<[u8; 6]>,
}

/// What a seat did last, kept as it is done: nobody looks through the journal for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latest {
    /// Journal entry of the line that it typed last.
    pub line: Option<u32>,
    /// Its newest page.
    pub page: Option<u32>,
    /// When it acted, the latest times, oldest first.
    pub times: VecDeque<Time>,
}

/// Times that are kept of a seat's acts.
pub const TIMES_MAX: usize = 20;

/// The room of a run; empty in all other modes.
#[derive(Clone, Debug, Default)]
pub struct Team {
    pub seats: BTreeMap<u16, Seat>,
    pub tasks: Vec<Task>,
    pub decisions: Vec<Decision>,
    pub chat: Vec<Spoken>,
    pub log: Vec<Logged>,
    pub votes: Votes,
    /// Offered and not taken yet.
    pub offers: Vec<Offer>,
    pub handovers: Vec<Handover>,
    /// Who drives if nobody else has a keyboard.
    pub driver: Option<u16>,
    /// Who is called away, and until when if that is known.
    pub away: BTreeMap<u16, Option<Time>>,
    /// Thousandths of wall time that somebody asked for; `None`: as the room began.
    pub speed: Option<u32>,
    pub after: Afterwards,
    pub injects: inject::Injects,
    pub latest: BTreeMap<u16, Latest>,
    pub(super) shells: BTreeMap<u16, Session>,
    /// The last entry is a tick of the clock that may still grow.
    pub(super) ticking: bool,
}

impl Team {
    pub fn is_away(&self, seat: u16, now: Time) -> bool {
        self.away.get(&seat).is_some_and(|until| until.is_none_or(|until| now < until))
    }

    /// Who has a role now, by their seats' numbers.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &Seat> {
        self.seats.values().filter(move |seat| seat.roles.contains(&role))
    }

    /// A seat's name; that of the room and of empty seats is empty.
    pub fn name(&self, seat: u16) -> &str {
        self.seats.get(&seat).map_or("", |seat| seat.name.as_str())
    }

    pub fn has(&self, seat: u16, role: Role) -> bool {
        self.seats.get(&seat).is_some_and(|seat| seat.roles.contains(&role))
    }
}

/// The shell of a seat, to work in: that of somebody who sits down is as the room's at the page.
pub(super) fn shell<'a>(room: &'a mut Session, team: &'a mut Team, seat: u16) -> &'a mut Session {
    if !team.seats.contains_key(&seat) {
        return room;
    }
    let fresh = &*room;
    team.shells.entry(seat).or_insert_with(|| fresh.clone())
}

/// An act as the journal keeps it: what others will read is harmless from here on.
pub(super) fn cleaned(act: Act) -> Act {
    let lines = |mut text: String| {
        act::tidy(&mut text, act::TEXT_MAX, true);
        text
    };
    match act {
        Act::Team { act } => Act::Team { act: Box::new(act.cleaned()) },
        Act::Run { line } => Act::Run { line: crate::stdx::text::harmless(&line) },
        Act::State { text, form } => {
            let form = form.map(|mut form| {
                for text in [&mut form.hurts, &mut form.not, &mut form.expected, &mut form.actual, &mut form.since] {
                    act::tidy(text, act::TEXT_MAX, true);
                }
                form
            });
            Act::State { text: lines(text), form }
        }
        Act::Update { mut update } => {
            act::tidy(&mut update.text, act::TEXT_MAX, true);
            act::tidy(&mut update.harm, act::TEXT_MAX, false);
            Act::Update { update }
        }
        Act::Bag { page, lines: of, note } => Act::Bag { page, lines: of, note: lines(note) },
        Act::Predict { hypothesis, text } => Act::Predict { hypothesis, text: lines(text) },
        Act::Expect { text } => Act::Expect { text: lines(text) },
        Act::Note { text } => Act::Note { text: lines(text) },
        other => other,
    }
}

/// An act was done: what its seat did last is kept.
pub(super) fn noted(run: &mut Run, seat: u16, act: &Act, page: Option<u32>) {
    if !run.team.seats.contains_key(&seat) {
        return;
    }
    let (entry, at) = (run.entry(), run.now());
    let own = run.team.latest.entry(seat).or_default();
    if let Act::Run { .. } = act {
        (own.line, own.page) = (Some(entry), page.or(own.page));
    }
    if own.times.len() >= TIMES_MAX {
        own.times.pop_front();
    }
    own.times.push_back(at);
}

/// Which acts on the room have their time now.
pub(super) fn timely(run: &Run, act: &TeamAct) -> Result<(), &'static str> {
    let after = matches!(act, TeamAct::React { .. } | TeamAct::Action { .. } | TeamAct::RateDebrief { .. });
    let always = matches!(act, TeamAct::Sit { .. } | TeamAct::Say { .. } | TeamAct::Desk { .. });
    match run.phase {
        _ if always => Ok(()),
        Phase::Closed if !after => Err("notice.the-case-is-closed-the-debrief"),
        Phase::Closed => Ok(()),
        _ if after => Err("notice.that-comes-after-the-end"),
        _ => Ok(()),
    }
}

/// Does an act on the room.
pub(super) fn act(run: &mut Run, seat: u16, act: &TeamAct) -> Outcome {
    let done = match act {
        TeamAct::Sit { seat, name, roles, part } => desk::sit(run, *seat, name, roles, part),
        TeamAct::Say { text, to } => talk(run, seat, text, *to),
        TeamAct::Ask { .. }
        | TeamAct::Promise { .. }
        | TeamAct::Decline { .. }
        | TeamAct::Report { .. }
        | TeamAct::Accept { .. }
        | TeamAct::Return { .. } => tasks::act(run, seat, act),
        TeamAct::Propose { .. } | TeamAct::Call { .. } | TeamAct::Object { .. } | TeamAct::Decide { .. } => {
            decisions::act(run, seat, act)
        }
        TeamAct::Log { text, about } => log(run, seat, text, *about),
        TeamAct::Offer { role, to } => handover::offer(run, seat, *role, *to),
        TeamAct::Take { role } => handover::take(run, seat, *role),
        TeamAct::Hint { to } => return desk::hint(run, *to),
        TeamAct::Desk { control } => desk::control(run, seat, control),
        TeamAct::Tell { to, from, text } => desk::tell(run, *to, from, text),
        TeamAct::Away { seat, away } => desk::away(run, *seat, *away),
        TeamAct::Driver { seat } => desk::driver(run, *seat),
        TeamAct::Speed { permille } => desk::speed(run, *permille),
        TeamAct::React { text } => react(run, seat, text),
        TeamAct::Action { text, owner, due } => action(run, text, owner, due),
        TeamAct::RateDebrief { lines } => desk::rate_debrief(run, *lines),
    };
    done.unwrap_or_else(Outcome::refusal)
}

/// What an act on the room did, or why it is refused.
type Done = Result<Outcome, Sentence>;

/// Refuses an empty text.
fn worded(text: &str) -> Result<String, Sentence> {
    if text.is_empty() { Err(say("notice.say-something")) } else { Ok(text.to_string()) }
}

/// Refuses what would make a list longer than it may be.
fn room_for<T>(list: &[T], max: usize) -> Result<(), Sentence> {
    if list.len() < max { Ok(()) } else { Err(say("notice.the-board-is-full")) }
}

/// Refuses a seat that nobody has.
fn seated(run: &Run, seat: u16) -> Result<&Seat, Sentence> {
    run.team.seats.get(&seat).ok_or_else(|| say("notice.nobody-sits-at").with("seat", seat))
}

fn spoken(run: &Run, seat: u16, text: &str, to: Option<Role>) -> Result<Spoken, Sentence> {
    Ok(Spoken { entry: run.entry(), at: run.now(), seat, text: worded(text)?, to })
}

fn talk(run: &mut Run, seat: u16, text: &str, to: Option<Role>) -> Done {
    room_for(&run.team.chat, LINES_MAX)?;
    let line = spoken(run, seat, text, to)?;
    run.team.chat.push(line);
    Ok(Outcome::default())
}

fn log(run: &mut Run, seat: u16, text: &str, about: Option<u32>) -> Done {
    room_for(&run.team.log, LINES_MAX)?;
    let (entry, at, text) = (run.entry(), run.now(), worded(text)?);
    if about.is_some_and(|about| about == 0 || about >= entry) {
        return Err(say("notice.there-is-no-entry").with("entry", about.unwrap_or_default()));
    }
    let scribe = run.team.has(seat, Role::Scribe);
    run.team.log.push(Logged { entry, at, seat, scribe, text, about });
    Ok(Outcome::default())
}

fn react(run: &mut Run, seat: u16, text: &str) -> Done {
    room_for(&run.team.after.reactions, AFTER_MAX)?;
    let line = spoken(run, seat, text, None)?;
    run.team.after.reactions.push(line);
    Ok(Outcome::default())
}

fn action(run: &mut Run, text: &str, owner: &str, due: &str) -> Done {
    room_for(&run.team.after.actions, AFTER_MAX)?;
    let (entry, text) = (run.entry(), worded(text)?);
    run.team.after.actions.push(Todo { entry, text, owner: owner.to_string(), due: due.to_string() });
    Ok(Outcome::default())
}

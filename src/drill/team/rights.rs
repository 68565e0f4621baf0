//! Who may do and see what: a table with a row a role. Does not do or show anything.

use super::{Role, TeamAct};
use crate::drill::Mode;
use crate::drill::act::Act;
use crate::drill::notice::{Said, say};
use crate::drill::run::{Phase, Run};
use std::collections::BTreeSet;

/// The room itself: its clock, and who sits down before there is a facilitator.
pub const ROOM: u16 = 0;

/// Kinds of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Bag, suspect, vote, link, clear, expect, note, take back.
    Board,
    /// The room's clock.
    Clock,
    /// Verdict, resolved, close, answers to objections, hints at the team's cost; whether a proposal is taken.
    Decide,
    /// Pause, speed, injects, hints, messages by hand, who is away, who drives.
    Desk,
    /// A line of the record.
    Log,
    /// Lines for a shell.
    Shell,
    /// Sits people down.
    Sit,
    /// Chat, handovers of one's own, the rounds after the end.
    Talk,
    /// Tasks, proposals, objections.
    Team,
    /// Status updates.
    Update,
}

/// What is in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Chain, clues, answer, score.
    Truth,
    /// Everybody's private messages and notes, and the desk's.
    Private,
    /// The board: exhibits, hypotheses, verdicts heard, tasks.
    Board,
    /// Pages of every shell.
    Pages,
}

/// One role.
pub struct Row {
    pub role: Role,
    pub may: &'static [Deed],
    pub sees: &'static [Sight],
}

/// Sorted by the name of the role.
pub const ROWS: &[Row] = &[
    Row {
        role: Role::Commander,
        may: &[Deed::Board, Deed::Decide, Deed::Log, Deed::Talk, Deed::Team, Deed::Update],
        sees: &[Sight::Board, Sight::Pages],
    },
    Row {
        role: Role::Communications,
        may: &[Deed::Board, Deed::Log, Deed::Talk, Deed::Team, Deed::Update],
        sees: &[Sight::Board, Sight::Pages],
    },
    Row {
        role: Role::Facilitator,
        may: &[Deed::Desk, Deed::Sit, Deed::Talk],
        sees: &[Sight::Board, Sight::Pages, Sight::Private, Sight::Truth],
    },
    Row { role: Role::Observer, may: &[], sees: &[Sight::Board, Sight::Pages] },
    Row {
        role: Role::Operator,
        may: &[Deed::Board, Deed::Log, Deed::Shell, Deed::Talk, Deed::Team],
        sees: &[Sight::Board, Sight::Pages],
    },
    Row {
        role: Role::Scribe,
        may: &[Deed::Board, Deed::Log, Deed::Talk, Deed::Team],
        sees: &[Sight::Board, Sight::Pages],
    },
];

/// What the room itself does.
const ROOM_MAY: &[Deed] = &[Deed::Clock, Deed::Desk, Deed::Sit];

/// What kind of act it is.
pub fn deed(act: &Act) -> Deed {
    match act {
        Act::Run { .. } | Act::Leave { .. } | Act::Door { .. } => Deed::Shell,
        Act::Wait { .. } | Act::Clock { .. } => Deed::Clock,
        Act::Update { .. } => Deed::Update,
        Act::Verdict { .. } | Act::Resolve | Act::Close | Act::Answer { .. } | Act::Hint => Deed::Decide,
        Act::Reflect { .. } | Act::Reply { .. } => Deed::Decide,
        Act::Interview { .. } => Deed::Desk,
        Act::State { .. }
        | Act::Bag { .. }
        | Act::Unbag { .. }
        | Act::Suspect { .. }
        | Act::Rate { .. }
        | Act::Predict { .. }
        | Act::Link { .. }
        | Act::Clear { .. }
        | Act::Reopen { .. }
        | Act::Expect { .. }
        | Act::Note { .. }
        | Act::Undo => Deed::Board,
        Act::Team { act } => of_team(act),
    }
}

fn of_team(act: &TeamAct) -> Deed {
    match act {
        TeamAct::Sit { .. } => Deed::Sit,
        TeamAct::Say { .. } | TeamAct::Offer { .. } | TeamAct::Take { .. } => Deed::Talk,
        TeamAct::React { .. } | TeamAct::Action { .. } => Deed::Talk,
        TeamAct::Ask { .. }
        | TeamAct::Promise { .. }
        | TeamAct::Decline { .. }
        | TeamAct::Report { .. }
        | TeamAct::Accept { .. }
        | TeamAct::Return { .. }
        | TeamAct::Propose { .. }
        | TeamAct::Call { .. }
        | TeamAct::Object { .. } => Deed::Team,
        TeamAct::Decide { .. } => Deed::Decide,
        TeamAct::Log { .. } => Deed::Log,
        TeamAct::Desk { .. }
        | TeamAct::Hint { .. }
        | TeamAct::Tell { .. }
        | TeamAct::Away { .. }
        | TeamAct::Driver { .. }
        | TeamAct::Speed { .. }
        | TeamAct::RateDebrief { .. } => Deed::Desk,
    }
}

fn row(role: Role) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.role == role)
}

/// Whether any of these roles may do such acts.
pub fn may(roles: &BTreeSet<Role>, deed: Deed) -> bool {
    roles.iter().filter_map(|role| row(*role)).any(|row| row.may.contains(&deed))
}

/// Whether a seat of a game day has this in view. After the end the truth is everybody's; alone one sees one's own run.
pub fn sees(run: &Run, seat: u16, sight: Sight) -> bool {
    if run.mode != Mode::Gameday {
        return sight != Sight::Truth || run.phase == Phase::Closed;
    }
    if sight == Sight::Truth && run.phase == Phase::Closed {
        return true;
    }
    let Some(own) = run.team.seats.get(&seat) else { return false };
    own.roles.iter().filter_map(|role| row(*role)).any(|row| row.sees.contains(&sight))
}

/// Whether a seat may do an act as the room stands, for faces: what is offered is what would not be refused for its kind.
pub fn allows(run: &Run, seat: u16, deed: Deed) -> bool {
    admits_deed(run, seat, deed).is_ok()
}

/// What a seat's roles leave it to do. Time and phase are somebody else's question.
pub(in crate::drill) fn admits(run: &Run, seat: u16, act: &Act) -> Result<(), Said> {
    if run.mode != Mode::Gameday {
        return match act {
            Act::Team { .. } => Err(say("notice.there-is-no-team-here")),
            _ => Ok(()),
        };
    }
    admits_deed(run, seat, deed(act))
}

fn admits_deed(run: &Run, seat: u16, deed: Deed) -> Result<(), Said> {
    if seat == ROOM {
        let may = ROOM_MAY.contains(&deed);
        return if may { Ok(()) } else { Err(say("notice.nobody-sits-there")) };
    }
    let Some(own) = run.team.seats.get(&seat) else { return Err(say("notice.nobody-sits-there")) };
    if !may(&own.roles, deed) {
        return Err(say("notice.not-for-your-role").said("who", who(deed)));
    }
    if run.team.is_away(seat, run.now()) && deed != Deed::Talk {
        return Err(say("notice.you-are-called-away"));
    }
    match run.team.driver {
        Some(driver) if deed == Deed::Shell && driver != seat => {
            let name = run.team.seats.get(&driver).map_or_else(String::new, |seat| seat.name.clone());
            Err(say("notice.only-one-drives").with("name", name))
        }
        _ => Ok(()),
    }
}

/// Whose it is.
fn who(deed: Deed) -> Said {
    say(match deed {
        Deed::Shell => "notice.operators-have-shells",
        Deed::Decide => "notice.the-commander-decides",
        Deed::Update => "notice.commander-and-communications-update",
        Deed::Desk | Deed::Sit => "notice.the-facilitator-does",
        Deed::Clock => "notice.the-room-keeps-the-clock",
        Deed::Board | Deed::Log | Deed::Talk | Deed::Team => "notice.observers-and-facilitator-do-not",
    })
}

//! The panes of the drill screen: a row each. Does not know how they are laid out.

pub mod board;
pub mod changes;
pub mod chat;
pub mod cost;
pub mod decisions;
pub mod desk;
pub mod listing;
pub mod logs;
pub mod messages;
pub mod metrics;
pub mod shell;
pub mod tasks;
pub mod team;
pub mod timeline;

use super::ask::Ask;
use super::face::{Face, Scene};
use super::keymap::Do;
use crate::drill::run::Run;
use crate::drill::team::{Deed, Role, Sight, rights};
use crate::drill::terms::Mode;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pane {
    #[default]
    Shell,
    Logs,
    Board,
    Changes,
    Messages,
    Cost,
    Metrics,
    Chat,
    Decisions,
    Desk,
    Tasks,
    Team,
    Timeline,
}

/// One pane. `update` is given the inside of its frame, `None` if it is not in sight.
pub struct PaneRow {
    pub pane: Pane,
    /// Its name, and the key of its words (`pane.NAME`).
    pub name: &'static str,
    /// Whether a seat has it: by the rights of its roles. Somebody alone is seat 0.
    pub sits: fn(&Run, u16) -> bool,
    pub title: fn(&Face, &Run) -> String,
    pub contexts: fn(&Face) -> Vec<&'static str>,
    pub update: fn(&mut Face, Do, &Run, Rect) -> Option<Vec<Ask>>,
    pub view: fn(&Face, &Scene, &Run, Rect, &mut Buffer) -> Option<Position>,
    /// What its key bar offers.
    pub offers: fn(&Face) -> &'static [Do],
}

/// In the order of Tab.
pub const PANES: &[PaneRow] = &[
    PaneRow {
        pane: Pane::Shell,
        name: "shell",
        sits: types,
        title: shell::title,
        contexts: shell::contexts,
        update: shell::update,
        view: shell::view,
        offers: shell::offers,
    },
    PaneRow {
        pane: Pane::Logs,
        name: "logs",
        sits: types,
        title: logs::title,
        contexts: logs::contexts,
        update: logs::update,
        view: logs::view,
        offers: logs::offers,
    },
    PaneRow {
        pane: Pane::Board,
        name: "board",
        sits: reads,
        title: board::title,
        contexts: board::contexts,
        update: board::update,
        view: board::view,
        offers: board::offers,
    },
    PaneRow {
        pane: Pane::Changes,
        name: "changes",
        sits: reads,
        title: changes::title,
        contexts: changes::contexts,
        update: changes::update,
        view: changes::view,
        offers: changes::offers,
    },
    PaneRow {
        pane: Pane::Messages,
        name: "messages",
        sits: is_alone,
        title: messages::title,
        contexts: messages::contexts,
        update: messages::update,
        view: messages::view,
        offers: messages::offers,
    },
    PaneRow {
        pane: Pane::Cost,
        name: "cost",
        sits: types,
        title: cost::title,
        contexts: cost::contexts,
        update: cost::update,
        view: cost::view,
        offers: cost::offers,
    },
    PaneRow {
        pane: Pane::Metrics,
        name: "metrics",
        sits: types,
        title: metrics::title,
        contexts: metrics::contexts,
        update: metrics::update,
        view: metrics::view,
        offers: metrics::offers,
    },
    PaneRow {
        pane: Pane::Chat,
        name: "chat",
        sits: at_table,
        title: chat::title,
        contexts: chat::contexts,
        update: chat::update,
        view: chat::view,
        offers: chat::offers,
    },
    PaneRow {
        pane: Pane::Decisions,
        name: "decisions",
        sits: at_table,
        title: decisions::title,
        contexts: decisions::contexts,
        update: decisions::update,
        view: decisions::view,
        offers: decisions::offers,
    },
    PaneRow {
        pane: Pane::Desk,
        name: "desk",
        sits: runs_the_day,
        title: desk::title,
        contexts: desk::contexts,
        update: desk::update,
        view: desk::view,
        offers: desk::offers,
    },
    PaneRow {
        pane: Pane::Tasks,
        name: "tasks",
        sits: at_table,
        title: tasks::title,
        contexts: tasks::contexts,
        update: tasks::update,
        view: tasks::view,
        offers: tasks::offers,
    },
    PaneRow {
        pane: Pane::Team,
        name: "team",
        sits: at_table,
        title: team::title,
        contexts: team::contexts,
        update: team::update,
        view: team::view,
        offers: team::offers,
    },
    PaneRow {
        pane: Pane::Timeline,
        name: "timeline",
        sits: at_table,
        title: timeline::title,
        contexts: timeline::contexts,
        update: timeline::update,
        view: timeline::view,
        offers: timeline::offers,
    },
];

/// The panes of somebody alone, in the order of Tab.
pub fn alone() -> impl Iterator<Item = Pane> {
    PANES.iter().map(|row| row.pane).filter(|pane| !IN_ROOMS.contains(pane) || SHARED.contains(pane))
}

fn is_alone(run: &Run, _seat: u16) -> bool {
    run.mode != Mode::Gameday
}

/// The board and what was changed: for everybody.
fn reads(run: &Run, seat: u16) -> bool {
    is_alone(run, seat) || rights::sees(run, seat, Sight::Board)
}

/// Who types for a shell, though somebody else may drive now.
fn types(run: &Run, seat: u16) -> bool {
    let may = |own: &crate::drill::team::Seat| rights::may(&own.roles, Deed::Shell);
    is_alone(run, seat) || run.team.seats.get(&seat).is_some_and(may)
}

fn at_table(run: &Run, seat: u16) -> bool {
    !is_alone(run, seat) && rights::sees(run, seat, Sight::Board)
}

fn runs_the_day(run: &Run, seat: u16) -> bool {
    let may = |own: &crate::drill::team::Seat| rights::may(&own.roles, Deed::Desk);
    !is_alone(run, seat) && run.team.seats.get(&seat).is_some_and(may)
}

/// The panes of a room in the order of Tab, behind the one where a role is at home.
const IN_ROOMS: &[Pane] = &[
    Pane::Desk,
    Pane::Shell,
    Pane::Board,
    Pane::Chat,
    Pane::Tasks,
    Pane::Decisions,
    Pane::Team,
    Pane::Timeline,
    Pane::Changes,
    Pane::Logs,
    Pane::Metrics,
    Pane::Cost,
];

/// Those of a room that somebody alone has, too.
const SHARED: &[Pane] = &[Pane::Shell, Pane::Board, Pane::Changes, Pane::Logs, Pane::Metrics, Pane::Cost];

/// Where a role is at home; for all others it is the first pane that they have.
const HOMES: &[(Role, Pane)] = &[
    (Role::Operator, Pane::Shell),
    (Role::Commander, Pane::Board),
    (Role::Communications, Pane::Chat),
    (Role::Scribe, Pane::Timeline),
];

/// The panes that a seat has, its home first; alone all in the order of the table.
pub fn of(run: &Run, seat: u16) -> Vec<Pane> {
    let has = |pane: &Pane| (row(*pane).sits)(run, seat);
    if is_alone(run, seat) {
        return alone().collect();
    }
    let mut panes: Vec<Pane> = IN_ROOMS.iter().copied().filter(has).collect();
    let home = HOMES.iter().find(|(role, pane)| run.team.has(seat, *role) && panes.contains(pane));
    if let Some((_, home)) = home {
        panes.retain(|pane| pane != home);
        panes.insert(0, *home);
    }
    panes
}

/// The keys of a command from where the learner is: while the shell has the keys, a letter is text until Esc.
pub fn reach(face: &Face, does: Do) -> String {
    let of = |context: &str, does: Do| face.keymap.key_of(&[context], does).map(|key| key.to_string());
    let key = of("drill", does).unwrap_or_default();
    if face.drill.focus != Pane::Shell || face.drill.shell.selecting {
        return key;
    }
    format!("{} {key}", of("typing", Do::Select).unwrap_or_default())
}

pub fn row(pane: Pane) -> &'static PaneRow {
    PANES.iter().find(|row| row.pane == pane).unwrap_or(&PANES[0])
}

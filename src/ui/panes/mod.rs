//! The panes of the drill screen: a row each. Does not know how they are laid out.

pub mod board;
pub mod changes;
pub mod cost;
pub mod logs;
pub mod messages;
pub mod metrics;
pub mod shell;

use super::ask::Ask;
use super::face::{Face, Scene};
use super::keymap::Do;
use crate::drill::run::Run;
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
}

/// One pane. `update` is given the inside of its frame, `None` if it is not in sight.
pub struct PaneRow {
    pub pane: Pane,
    /// Its name, and the key of its words (`pane.NAME`).
    pub name: &'static str,
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
        title: shell::title,
        contexts: shell::contexts,
        update: shell::update,
        view: shell::view,
        offers: shell::offers,
    },
    PaneRow {
        pane: Pane::Logs,
        name: "logs",
        title: logs::title,
        contexts: logs::contexts,
        update: logs::update,
        view: logs::view,
        offers: logs::offers,
    },
    PaneRow {
        pane: Pane::Board,
        name: "board",
        title: board::title,
        contexts: board::contexts,
        update: board::update,
        view: board::view,
        offers: board::offers,
    },
    PaneRow {
        pane: Pane::Changes,
        name: "changes",
        title: changes::title,
        contexts: changes::contexts,
        update: changes::update,
        view: changes::view,
        offers: changes::offers,
    },
    PaneRow {
        pane: Pane::Messages,
        name: "messages",
        title: messages::title,
        contexts: messages::contexts,
        update: messages::update,
        view: messages::view,
        offers: messages::offers,
    },
    PaneRow {
        pane: Pane::Cost,
        name: "cost",
        title: cost::title,
        contexts: cost::contexts,
        update: cost::update,
        view: cost::view,
        offers: cost::offers,
    },
    PaneRow {
        pane: Pane::Metrics,
        name: "metrics",
        title: metrics::title,
        contexts: metrics::contexts,
        update: metrics::update,
        view: metrics::view,
        offers: metrics::offers,
    },
];

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

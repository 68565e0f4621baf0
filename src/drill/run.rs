//! A run: the fold of a case and a journal of acts. Everything a face may show is read from here. Does not know files:
//! it hands out journal entries as text and takes them back.

use super::act::Act;
use crate::case::board::Board;
use crate::console::page::Page;
use crate::console::session::{Session, Standing};
use crate::console::{self, Candidate};
use crate::scenario::shape::Case;
use crate::scenario::stage::Stage;
use crate::stdx::time::Time;
use std::sync::Arc;

/// How simulated time passes: only by acts, or with the wall clock (the host sends `Act::Clock`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    #[default]
    Turn,
    Live,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Before the first act: page and briefing are shown.
    #[default]
    Briefing,
    Investigating,
    /// The verdict is in, or the run was closed: the debrief may be read.
    Closed,
}

/// What an act did, for the face and for the host.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The page that was printed, if any.
    pub page: Option<u32>,
    /// A refusal or a remark, in the interface's words.
    pub notice: Option<String>,
    /// Something arrived while time passed (messages pane).
    pub arrived: u32,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub case: Arc<Case>,
    pub clock: Clock,
    pub phase: Phase,
    pub stage: Stage,
    pub session: Session,
    pub pages: Vec<Page>,
    pub standing: Vec<(u32, Standing)>,
    pub board: Board,
    pub acts: Vec<(Time, Act)>,
}

impl Run {
    /// Does one act: the clock policy charges it, the world moves, the act is journalled, its pages appear.
    pub fn apply(&mut self, _seat: u16, _act: Act) -> Outcome {
        Outcome::default()
    }

    pub fn now(&self) -> Time {
        self.stage.world.now
    }

    pub fn complete(&self, line: &str, caret: usize) -> Vec<Candidate> {
        console::complete(&self.stage.world, &self.session, line, caret)
    }
}

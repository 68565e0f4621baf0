//! The terms on which a run is played: drill, practice, daily, interview or game day, and what each allows. Does not apply them.

use crate::scenario::shape::Case;

/// Why somebody plays. It stands in the journal's header, because attempts and hints follow from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Three attempts, hints at a cost.
    #[default]
    Drill,
    /// Hints are free; nothing is rated.
    Practice,
    /// One attempt, no hints: the same drill for everybody on a day.
    Daily,
    /// One attempt, no hints, a time-box; judged by a person.
    Interview,
    /// A room of many seats on the live clock: as a drill with a time-box, graded for the team alone and never rated.
    Gameday,
}

/// What hints cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hints {
    None,
    Charged,
    Free,
}

/// What a mode allows in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Verdicts that are heard.
    pub attempts: u32,
    pub hints: Hints,
    /// Objections are raised after the last verdict.
    pub cross: bool,
    /// The time-box in minutes of simulated time from the page on. An interviewer may ask for another and extend it.
    pub minutes: Option<u32>,
    /// The first run on these terms counts for statistics.
    pub rated: bool,
}

/// Minutes from the page to the close, at least as many as the case says that it takes: whoever works as its solution does
/// is never cut off.
fn time_box(case: &Case) -> u32 {
    let open = (case.drill.closes_at - case.drill.page_at).as_secs().max(0).div_euclid(60);
    u32::try_from(open).unwrap_or(u32::MAX).max(case.drill.minutes).max(1)
}

impl Mode {
    pub const ALL: [Mode; 5] = [Mode::Drill, Mode::Practice, Mode::Daily, Mode::Interview, Mode::Gameday];

    /// As flags and journals write it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Drill => "drill",
            Mode::Practice => "practice",
            Mode::Daily => "daily",
            Mode::Interview => "interview",
            Mode::Gameday => "gameday",
        }
    }

    /// Whether somebody beside keeps the time: it can be paused, ended and extended.
    pub fn is_kept(self) -> bool {
        matches!(self, Mode::Interview | Mode::Gameday)
    }

    pub fn named(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The terms in a case. An interview lasts as long as the case counts harm, and no less than it says that it takes.
    pub fn terms(self, case: &Case) -> Terms {
        let open = Terms { attempts: 3, hints: Hints::Charged, cross: true, minutes: None, rated: true };
        match self {
            Mode::Drill => open,
            Mode::Practice => Terms { hints: Hints::Free, rated: false, ..open },
            Mode::Daily => Terms { attempts: 1, hints: Hints::None, ..open },
            Mode::Gameday => Terms { minutes: Some(time_box(case)), rated: false, ..open },
            Mode::Interview => {
                Terms { attempts: 1, hints: Hints::None, minutes: Some(time_box(case)), rated: false, ..open }
            }
        }
    }
}

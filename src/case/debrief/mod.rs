//! What a debrief tells, as data: two lanes of time with what was to be known and what hurt then, the ledger, gaps, habits,
//! predictions, missed clues, proofs, links, both ways side by side. No words: `report` has them. Does not know the run.

pub mod analysis;
pub mod curves;
pub mod gap;
pub mod proof;
pub mod told;

pub use analysis::{Analysis, Habits, LinkTold};
pub use curves::Curves;
pub use gap::{Gap, GapKind};

use super::concepts::CardTold;
use super::forms::Guess;
use super::pace::Pace;
use super::score::log::Fate;
use super::score::truth::Blank;
use super::score::{Dim, Exact, Scorecard};
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;

/// A share in thousandths, floored: of belief, of harm, of a doubt.
pub type Share = u16;

/// Everything a face or a report shows when a run is over.
#[derive(Clone, Debug)]
pub struct Debrief {
    pub heading: Heading,
    pub score: Scorecard,
    /// Both lanes, oldest first.
    pub moments: Vec<Moment>,
    pub words: Vec<WordTold>,
    /// Clues and rivals by id, as people call them.
    pub names: BTreeMap<String, String>,
    pub rivals: Vec<RivalTold>,
    /// Clues that are in no exhibit.
    pub missed: Vec<Missed>,
    pub proof: ProofPath,
    pub predictions: Vec<Prediction>,
    /// Concept cards of the systems in the case, those of missed clues first.
    pub cards: Vec<CardTold>,
    /// What the numbers do not say by themselves.
    pub analysis: Analysis,
    /// What the learner said after the end, beside how it went.
    pub reflection: Option<ReflectionTold>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    pub title: String,
    pub case: String,
    pub variant: String,
    /// Behind a family's page: the title of the case that the variant is from. Empty elsewhere.
    pub behind: String,
    pub seed: u64,
    pub clock: &'static str,
    pub page_at: Time,
    pub ended_at: Time,
    /// A verdict was given; else the run was closed, or is still open.
    pub verdict: bool,
}

/// Whose lane a moment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// The chain of causes.
    Fault,
    /// What others did: the script.
    Others,
    /// The page and other messages.
    Message,
    /// The learner.
    You,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Time,
    pub lane: Lane,
    /// A message key whose words have a place for `{text}`; empty if the text stands for itself.
    pub key: &'static str,
    pub text: String,
    /// Journal entry of the learner's act.
    pub entry: Option<u32>,
    /// How things stood after an act of the learner; not for acts that only moved the board.
    pub then: Option<Then>,
}

/// How things stood right after an act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Then {
    /// What a fair reasoner would believe in the truth.
    pub justified: Share,
    /// It is another than at the step before.
    pub moved: bool,
    /// What the learner said of the truth, at an update or a verdict.
    pub stated: Option<Share>,
    /// Of the indicator's healthy value, what is lacking.
    pub harm: Share,
    /// Clues that this page showed for the first time.
    pub clues: Vec<String>,
    /// Perishable clues that were in no exhibit and are gone since the step before; an act destroyed them or they expired.
    pub lost: Vec<Lost>,
    /// Which look was worth most before this act; `None`: none was worth anything.
    pub best: Option<BestLook>,
}

/// A clue that can no longer be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub clue: String,
    pub how: Loss,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It would be gone as well had nobody acted.
    Expired,
    /// By a change of the learner: its journal entry.
    Through { entry: u32 },
}

/// A look and what it was worth to one who knew what the learner knew: the expected drop of `1 − Σ q²`, in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestLook {
    pub command: String,
    pub worth: Share,
}

/// One blank of the verdict beside its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct WordTold {
    pub blank: Blank,
    /// Empty if left unknown.
    pub said: String,
    pub answer: String,
    pub accuracy: Exact,
    pub exhibits: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RivalTold {
    pub id: String,
    pub thing: String,
    pub how: String,
    pub cleared: bool,
    /// Clues that rule it out.
    pub ruled_out_by: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub clue: String,
    pub say: String,
    /// Commands that would have shown it, as they could have been typed.
    pub at: Vec<String>,
    pub rules_out: Vec<String>,
    /// It was on a page, but not bagged.
    pub seen: bool,
    /// What became of a perishable clue.
    pub fate: Option<Fate>,
    /// The line of the first command's page that shows it; empty where a whole page shows it by what is not there.
    pub line: String,
    /// While it could be had. `None`: at none of the times that were tried.
    pub window: Option<Window>,
}

/// From when to when a clue could be had, as far as was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Time,
    /// `None`: to the end of the run.
    pub until: Option<Time>,
    pub lost: Option<Loss>,
}

/// A short way to a full proof, with hindsight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProofPath {
    pub steps: Vec<ProofStep>,
    pub cost: Span,
    /// Blanks and rivals that no command of the case could have proven at the page.
    pub short_of: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofStep {
    pub command: String,
    pub cost: Span,
    /// The clues that it contributes.
    pub clues: Vec<String>,
}

/// A change, what was expected of it, and what came.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    pub at: Time,
    pub entry: u32,
    pub command: String,
    pub confounded: bool,
    pub expected: Option<String>,
    pub outcome: PredictionOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PredictionOutcome {
    /// Nothing was expected.
    Blind,
    /// Came true after so long.
    Came { after: Span, value: f64 },
    /// Did not come true in time; the value at the end of it.
    Missed { value: f64 },
    /// The run ended before the time was up, and it had not come true.
    Early { value: f64 },
    /// No such metric.
    Unknown,
}

/// What one said of oneself, and how it went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReflectionTold {
    pub reaction: String,
    pub guesses: Vec<GuessTold>,
    /// "Next time, when …, I first …"
    pub pledge: String,
}

/// A guess of one's own dimension beside the result, in the same thirds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuessTold {
    pub dim: Dim,
    pub guess: Guess,
    /// `None` where the dimension is not scored.
    pub was: Option<Guess>,
    pub got_m: i64,
    pub max: i64,
}

/// The learner's way and the solution's, act by act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    pub own: Vec<StepTold>,
    /// Empty if the case has no solution that can be played.
    pub expert: Vec<StepTold>,
}

/// One act of a way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTold {
    /// Journal entry of its run.
    pub entry: u32,
    pub at: Time,
    /// As a player would type it: `$ kubectl …`, `> bag …`.
    pub typed: String,
    /// Why the expert does it, line by line.
    pub why: Vec<String>,
    /// Clues that no page had shown before, by id.
    pub clues: Vec<String>,
    /// What all that was seen until then justifies of the truth.
    pub justified: Share,
    pub changed: bool,
}

/// One command here and in the healthy twin, where the fault never was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContrastTold {
    pub at: Time,
    pub command: String,
    /// The learner's own page; else one that was never asked for, as it was when the page came.
    pub page: Option<u32>,
    pub clues: Vec<String>,
    /// Lines that only one side has: true is the healthy one. None: both say the same.
    pub lines: Vec<(bool, String)>,
    /// Lines that differ and are not listed.
    pub more: u32,
}

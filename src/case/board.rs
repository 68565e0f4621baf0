//! The board: what the learner bagged, collected, suspects, expects, clears and accuses. Plain data moved by acts. Does
//! not know the world, nor what is true.

use super::forms::{Guess, ProblemForm, UpdateForm};
use super::score::Dim;
use super::score::truth::Blank;
use crate::console::fact::{Channel, Fact};
use crate::scenario::shape::WordKind;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A collected word, numbered in the order of collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    pub id: u32,
    pub kind: WordKind,
    pub say: String,
    pub exhibit: u32,
}

/// Something bagged: a line, a range, or a whole page as a negative finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Exhibit {
    /// 1, 2, 3, …: shown as `e1`.
    pub id: u32,
    pub at: Time,
    pub page: u32,
    /// First and last line, zero-based, inclusive; `None` is the whole page.
    pub lines: Option<(u32, u32)>,
    pub command: String,
    /// The copied text, so that it survives the scene.
    pub text: Vec<String>,
    pub facts: Vec<Arc<Fact>>,
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    For,
    Against,
    Neutral,
}

/// Confidences are picked from this scale, in percent; 0 is "not rated". Coarse, because finer numbers would pretend.
pub const SCALE: [u8; 12] = [0, 1, 5, 10, 20, 35, 50, 65, 80, 90, 95, 99];

/// The nearest confidence on the scale; the lower one of two as near. Whoever rates has an opinion: only 0 is none.
pub fn on_scale(percent: u8) -> u8 {
    if percent == 0 { 0 } else { SCALE[1..].iter().copied().min_by_key(|own| own.abs_diff(percent)).unwrap_or(1) }
}

/// The next confidence up or down the scale.
pub fn step(percent: u8, up: bool) -> u8 {
    let (mut above, mut below) = (SCALE.iter(), SCALE.iter().rev());
    let next = if up { above.find(|own| **own > percent) } else { below.find(|own| **own < percent) };
    next.copied().unwrap_or(percent)
}

/// A suspicion: a thing and a how, with a confidence in percent.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    pub id: u32,
    pub thing: u32,
    pub how: u32,
    pub confidence: u8,
    pub links: BTreeMap<u32, Link>,
    /// Exhibits by which it was cleared.
    pub cleared: Option<Vec<u32>>,
    /// "If true I should see …"
    pub prediction: String,
}

/// What the learner expects of the next change: metric, bound, within.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    pub id: u32,
    pub at: Time,
    pub metric: String,
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
    pub within: Span,
    pub text: String,
    /// The labels by which the metric's series is chosen.
    pub labels: BTreeMap<String, String>,
    /// Journal entry of the change that it was declared for, once that was made.
    pub change: Option<u32>,
}

/// One blank of the verdict: a collected word's id (onset: a time) and the exhibits cited for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    pub word: Option<u32>,
    pub onset: Option<Time>,
    pub exhibits: Vec<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub at: Time,
    pub culprit: Claim,
    pub mechanism: Claim,
    pub trigger: Claim,
    pub impact: Claim,
    pub onset: Claim,
}

impl Verdict {
    pub fn claim(&self, blank: Blank) -> &Claim {
        match blank {
            Blank::Culprit => &self.culprit,
            Blank::Mechanism => &self.mechanism,
            Blank::Trigger => &self.trigger,
            Blank::Impact => &self.impact,
            Blank::Onset => &self.onset,
        }
    }
}

/// A status update that was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub at: Time,
    pub update: UpdateForm,
}

impl Told {
    /// When the next one is due, if one was promised.
    pub fn due(&self) -> Option<Time> {
        self.update.next.map(|next| self.at + next)
    }
}

/// What the judge says of a verdict: how many of its five claims hold, in a coarse band and never which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    AllHold,
    /// One or two do not.
    SomeFail,
    /// Three or more do not.
    ManyFail,
}

/// A verdict that was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    pub verdict: Verdict,
    pub band: Band,
}

/// What is objected to the last verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A suspect that nothing has ruled out: the rival's id, which is not for the eyes, and its words, which may never
    /// have been collected.
    Rival { id: String, thing: String, how: String },
    /// The blank whose word rests on the least proof.
    Proof { blank: Blank, word: String },
    /// How one word of the verdict leads to the other.
    Link { from: Blank, to: Blank, words: (String, String) },
}

/// One objection of the cross-examination, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// 1, 2, 3: shown as `o1`.
    pub id: u32,
    pub doubt: Doubt,
    pub answer: Option<Answer>,
}

/// One exhibit, or none: "I cannot rule it out".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub exhibit: Option<u32>,
    pub right: bool,
}

/// What one says of oneself before the numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reflection {
    pub reaction: String,
    pub guess: Vec<(Dim, Guess)>,
    pub pledge: String,
}

/// Hearings, objections, and what was said after the end.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    pub attempts: Vec<Attempt>,
    pub objections: Vec<Objection>,
    pub reflection: Option<Reflection>,
    /// Follow-up questions and what was answered; the last answer to each.
    pub replies: BTreeMap<String, String>,
}

/// A rung of the ladder of hints that was taken: 1 says which question, 2 also where to ask, 3 shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hinted {
    pub at: Time,
    pub rung: u8,
    pub aim: Aim,
    /// From the second rung on.
    pub asked: Option<Asked>,
    /// From the third.
    pub shown: Option<Shown>,
    /// The seat of a game day that it was given to; `None`: whoever reads the board.
    pub to: Option<u16>,
}

/// What a hint is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// These cannot be told apart yet, as thing and how, in the order of their words.
    Apart(Vec<(String, String)>),
    /// The answer to a blank is not fully proven.
    Prove(Blank),
    /// A suspect is not ruled out.
    Clear { thing: String, how: String },
}

/// The instrument to ask, and about what: `Node worker-2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub channel: Option<Channel>,
    pub about: String,
}

/// What was run in the learner's own shell: the page, the lines that matter (zero-based; none: the whole page, by what is
/// not there), and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub page: u32,
    pub lines: Vec<u32>,
    pub say: String,
}

/// The board as it stands.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// In one's own words; never graded.
    pub problem: String,
    /// The last form; the first one was graded.
    pub form: Option<ProblemForm>,
    pub exhibits: Vec<Exhibit>,
    pub words: Vec<Collected>,
    pub hypotheses: Vec<Hypothesis>,
    pub expectations: Vec<Expectation>,
    pub notes: Vec<(Time, String)>,
    /// When the learner declared the incident resolved.
    pub resolved: Vec<Time>,
    pub updates: Vec<Told>,
    pub hints: Vec<Hinted>,
    pub verdict: Option<Verdict>,
    pub hearing: Hearing,
}

impl Board {
    pub fn exhibit(&self, id: u32) -> Option<&Exhibit> {
        self.exhibits.iter().find(|exhibit| exhibit.id == id)
    }

    pub fn word(&self, id: u32) -> Option<&Collected> {
        self.words.iter().find(|word| word.id == id)
    }

    pub fn hypothesis(&self, id: u32) -> Option<&Hypothesis> {
        self.hypotheses.iter().find(|hypothesis| hypothesis.id == id)
    }

    pub fn hypothesis_mut(&mut self, id: u32) -> Option<&mut Hypothesis> {
        self.hypotheses.iter_mut().find(|hypothesis| hypothesis.id == id)
    }
}

//! The board: what the learner bagged, collected, suspects, expects, clears and accuses. Plain data moved by acts. Does
//! not know the world, nor what is true.

use crate::console::fact::Fact;
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

#[derive(Clone, Debug, Default)]
pub struct Board {
    pub problem: String,
    pub exhibits: Vec<Exhibit>,
    pub words: Vec<Collected>,
    pub hypotheses: Vec<Hypothesis>,
    pub expectations: Vec<Expectation>,
    pub notes: Vec<(Time, String)>,
    /// When the learner declared the incident resolved.
    pub resolved: Vec<Time>,
    pub verdict: Option<Verdict>,
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

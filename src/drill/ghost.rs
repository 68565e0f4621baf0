//! Two ways through a case, step by step: the learner's and the solution's. What was typed, why, what it printed, which
//! clues that showed, and what a fair reasoner would have believed then. For the debrief; never before the end. Does not
//! judge.

use super::act::Act;
use super::course;
use super::interview::Control;
use super::passing;
use super::run::Run;
use super::transcript::say;
use crate::case::score::Exact;
use crate::case::score::log::{Suspect, What};
use crate::case::score::posterior::posterior;
use crate::case::score::truth::Truth;
use crate::scenario::skin;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One act.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Journal entry of the run that it is of.
    pub entry: u32,
    /// When it began.
    pub at: Time,
    /// As a player would type it.
    pub typed: String,
    /// The solution's comment before it, line by line, in English: each can be told in another language. Empty in a
    /// learner's run.
    pub why: Vec<String>,
    /// The number of the page that it printed, in its run.
    pub page: Option<u32>,
    /// Clues that no page had shown before, by id.
    pub clues: Vec<String>,
    /// What all that was seen until then justifies.
    pub belief: BTreeMap<Suspect, Exact>,
    /// It changed the world.
    pub changed: bool,
}

/// The solution's run beside its steps.
#[derive(Clone, Debug)]
pub struct Ghost {
    pub run: Arc<Run>,
    pub steps: Vec<Step>,
}

/// The solution played on a clone of the opening; `None` if the case has none that can be played.
pub fn ghost(run: &Run) -> Option<Ghost> {
    let solved = course::solved(run)?;
    let mut comments = comments(run);
    let mut own = steps(&solved.run);
    for step in &mut own {
        let line = (step.entry as usize).checked_sub(1).and_then(|at| solved.lines.get(at));
        // One line may be several acts: the first says why.
        step.why = line.and_then(|line| comments.remove(line)).unwrap_or_default();
    }
    Some(Ghost { run: Arc::clone(&solved.run), steps: own })
}

/// The steps of a run: every act but the clock's own ticks.
pub fn steps(run: &Run) -> Vec<Step> {
    let truth = Truth::of(&run.case);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut page = 0;
    let mut hints = run.board.hints.iter();
    let mut belief = posterior(&truth, &seen);
    let mut steps = Vec::new();
    for ((at, act), entry) in run.acts.iter().zip(1..) {
        // A hint's last rung types its command, too.
        let shown_by_hint = match act {
            Act::Hint => hints.next().is_some_and(|hint| hint.shown.is_some()),
            Act::Interview { control } if **control == Control::Reveal => {
                hints.next().is_some_and(|hint| hint.shown.is_some())
            }
            _ => false,
        };
        let printed = (prints(act) || shown_by_hint).then(|| {
            page += 1;
            page
        });
        let clues: Vec<String> = shown(run, entry).filter(|clue| seen.insert(clue.to_string())).cloned().collect();
        if !clues.is_empty() {
            belief = posterior(&truth, &seen);
        }
        let Some(typed) = say::line_of(run, act) else { continue };
        steps.push(Step {
            entry,
            at: *at,
            typed,
            why: Vec::new(),
            page: printed,
            clues,
            belief: belief.clone(),
            changed: run.record.changes.iter().any(|change| change.entry == entry),
        });
    }
    steps
}

/// The clues that an act showed for the first time.
fn shown(run: &Run, entry: u32) -> impl Iterator<Item = &String> {
    run.record.events.iter().filter(move |event| event.entry == entry).filter_map(|event| match &event.what {
        What::Seen { clue } => Some(clue),
        _ => None,
    })
}

/// Whether an act begins a page. Pages are numbered in the order in which they begin.
fn prints(act: &Act) -> bool {
    match act {
        Act::Run { line } => passing::waited(line).is_none(),
        Act::Door { .. } => true,
        _ => false,
    }
}

/// The comments of the solution, by the line that they stand before. The first line of a solution is its title, which names
/// the answer: it is for authors, and would spoil the steps.
fn comments(run: &Run) -> BTreeMap<u32, Vec<String>> {
    let mut out = BTreeMap::new();
    let mut waiting: Vec<String> = Vec::new();
    for (text, line) in run.case.solution.lines().zip(1..) {
        match text.trim().strip_prefix('#') {
            Some(_) if line == 1 => {}
            Some(comment) => {
                let comment = skin::expand(comment.trim(), &run.case.names);
                waiting.extend((!comment.is_empty()).then_some(comment));
            }
            None if text.trim().is_empty() => {}
            None => _ = out.insert(line, std::mem::take(&mut waiting)),
        }
    }
    out
}

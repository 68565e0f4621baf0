//! One page of a case and one question: which suspects does it rule out? A concept is practised so in two minutes, by the
//! same matrix that grades a drill. The page is the solution's, so it is for cases whose answer is known. Does not keep
//! answers.

use super::ghost;
use super::run::Run;
use crate::console::page::Page;
use crate::scenario::shape::{Case, Clue};
use crate::stdx::time::Time;
use std::collections::BTreeSet;

/// Lines around those that carry the clue.
const AROUND: usize = 4;
/// Lines that are shown, at most.
const LINES_MAX: usize = 24;

/// What is shown, and who is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    pub clue: String,
    /// What the clue says, as the debrief would; empty if its case has no words for it.
    pub says: String,
    pub command: String,
    pub at: Time,
    /// The lines, in order; `None` where some are left out.
    pub lines: Vec<Option<String>>,
    /// By their words.
    pub suspects: Vec<Suspect>,
}

/// Somebody who may have done it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspect {
    /// The thing and the how.
    pub say: String,
    /// Whether the page rules it out.
    pub out: bool,
}

/// How an answer fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// All of those who are ruled out, and nobody else.
    Whole,
    /// Some of them, and nobody else.
    Part,
    /// Nobody, or somebody who is not ruled out.
    Wrong,
}

impl Glimpse {
    /// Judges the suspects that were named, by their place in the list.
    pub fn answer(&self, named: &BTreeSet<usize>) -> Answered {
        let out = self.suspects.iter().enumerate().filter(|(_, suspect)| suspect.out).map(|(at, _)| at);
        let out: BTreeSet<usize> = out.collect();
        match named {
            named if *named == out => Answered::Whole,
            named if !named.is_empty() && named.is_subset(&out) => Answered::Part,
            _ => Answered::Wrong,
        }
    }
}

/// The glimpses that a case has of a concept, in the order of its clues: each clue that the concept explains, that rules out
/// somebody but not everybody, and that the solution saw.
pub fn glimpses(run: &Run, concept: &str) -> Vec<Glimpse> {
    let about: Vec<&Clue> =
        run.case.clues.iter().filter(|clue| clue.card == concept && asks(&run.case, clue)).collect();
    let Some(ghost) = (!about.is_empty()).then(|| ghost::ghost(run)).flatten() else { return Vec::new() };
    about.into_iter().filter_map(|clue| glimpse(&ghost.run, clue)).collect()
}

/// Whether there is anything to ask: the culprit is never ruled out, so a question has two sides as soon as a rival is.
fn asks(case: &Case, clue: &Clue) -> bool {
    case.rivals.iter().any(|rival| clue.rules_out.contains(&rival.id))
}

fn glimpse(solved: &Run, clue: &Clue) -> Option<Glimpse> {
    let (page, lines) = solved.record.evidence.shown.iter().find_map(|(id, shown)| {
        let with = shown.lines.iter().filter(|(_, clues)| clues.contains(&clue.id)).map(|(line, _)| *line as usize);
        let mut lines: BTreeSet<usize> = with.collect();
        if let Some((from, to)) = shown.joint.get(&clue.id) {
            lines.extend([*from as usize, *to as usize]);
        }
        (!lines.is_empty() || shown.absent.contains(&clue.id)).then_some((*id, lines))
    })?;
    let page = solved.page(page)?;
    Some(Glimpse {
        clue: clue.id.clone(),
        says: clue.say.clone(),
        command: page.command.clone(),
        at: page.at,
        lines: excerpt(page, &lines),
        suspects: suspects(&solved.case, clue),
    })
}

/// The lines with what stands around them; the beginning of a page that tells by what it lacks.
fn excerpt(page: &Page, lines: &BTreeSet<usize>) -> Vec<Option<String>> {
    let all = &page.output.lines;
    let near = |line: usize| lines.is_empty() || lines.iter().any(|own| own.abs_diff(line) <= AROUND);
    // The first line is often the head of a table.
    let chosen = (0..all.len()).filter(|line| *line == 0 || near(*line)).take(LINES_MAX);
    let (mut out, mut next) = (Vec::new(), 0);
    for line in chosen {
        if line > next {
            out.push(None);
        }
        out.extend(all.get(line).map(|line| Some(line.text.clone())));
        next = line + 1;
    }
    if next < all.len() {
        out.push(None);
    }
    out
}

/// The rivals and the culprit, by their words.
fn suspects(case: &Case, clue: &Clue) -> Vec<Suspect> {
    let node = |id: &str| case.chain.iter().find(|node| node.id == id).map_or("", |node| node.say.as_str());
    let both = |thing: &str, how: &str| format!("{thing}: {how}");
    let truth = both(node(&case.verdict.culprit), node(&case.verdict.mechanism));
    let rival = |rival: &crate::scenario::shape::Rival| Suspect {
        say: both(&rival.thing, &rival.how),
        out: clue.rules_out.contains(&rival.id),
    };
    let mut suspects: Vec<Suspect> = case.rivals.iter().map(rival).collect();
    suspects.push(Suspect { say: truth, out: false });
    suspects.sort();
    suspects
}

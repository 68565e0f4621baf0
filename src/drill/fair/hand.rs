//! A log written by hand: what a player did, as the graded log says it, without a world. What commands show and how runs
//! end is told by the sheet. Does not decide what is done.

use super::sheet::{Ending, Sheet, Sight};
use crate::case::score::log::{Cite, Claim, Course, Event, Fate, Suspect, What};
use crate::case::score::profile::DETECTIVE;
use crate::case::score::truth::Blank;
use crate::case::score::{Scorecard, WHOLE, score_with};
use crate::stdx::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The fields of the problem's form and of an update, as they are graded.
const PROBLEM: [&str; 5] = ["actual", "expected", "hurts", "not", "since"];
const UPDATE: [&str; 6] = ["action", "audience", "cause", "harm", "next", "state"];

/// A player's log so far.
pub struct Hand<'a> {
    pub sheet: &'a Sheet,
    events: Vec<Event>,
    entry: u32,
    pub at: Time,
    seen: BTreeSet<String>,
    /// Each exhibit's citations.
    pub exhibits: Vec<Vec<BTreeSet<String>>>,
    bagged: BTreeSet<String>,
    changed: Option<u32>,
}

impl<'a> Hand<'a> {
    pub fn new(sheet: &'a Sheet) -> Hand<'a> {
        Hand {
            sheet,
            events: Vec::new(),
            entry: 0,
            at: sheet.case.drill.page_at,
            seen: BTreeSet::new(),
            exhibits: Vec::new(),
            bagged: BTreeSet::new(),
            changed: None,
        }
    }

    fn note(&mut self, what: What) {
        self.events.push(Event { entry: self.entry, at: self.at, what });
    }

    pub fn pass(&mut self, span: Span) {
        self.at += span;
    }

    /// Waits until a time, if it is not there yet.
    pub fn until(&mut self, at: Time) {
        self.at = self.at.max(at);
    }

    pub fn seen(&self) -> &BTreeSet<String> {
        &self.seen
    }

    /// The clues in the bag.
    pub fn held(&self) -> &BTreeSet<String> {
        &self.bagged
    }

    pub fn state(&mut self, right: usize) {
        self.entry += 1;
        let fields = PROBLEM.iter().enumerate().map(|(at, name)| (name.to_string(), at < right)).collect();
        self.note(What::Stated { fields });
    }

    /// Reads a command's page; of its clues only those that are still there.
    pub fn read(&mut self, sight: &Sight, there: impl Fn(&str) -> bool) {
        self.entry += 1;
        self.pass(sight.cost);
        self.note(What::Read { cost: sight.cost });
        for clue in sight.clues.iter().filter(|clue| there(clue)) {
            if self.seen.insert(clue.clone()) {
                self.note(What::Seen { clue: clue.clone() });
            }
        }
        if sight.checks {
            self.note(What::Checked);
        }
    }

    /// Bags a page whole, or only what of it holds these clues; gives the exhibit's place.
    pub fn bag(&mut self, cites: &[BTreeSet<String>]) -> usize {
        self.entry += 1;
        let seen = |cite: &BTreeSet<String>| cite.intersection(&self.seen).cloned().collect::<BTreeSet<_>>();
        let cites: Vec<BTreeSet<String>> = cites.iter().map(seen).filter(|cite| !cite.is_empty()).collect();
        for clue in cites.iter().flatten().cloned().collect::<BTreeSet<_>>() {
            if self.bagged.insert(clue.clone()) {
                self.note(What::Bagged { clue });
            }
        }
        self.exhibits.push(cites);
        self.exhibits.len() - 1
    }

    /// Bags the smallest piece of a page for each of its clues that is not in the bag yet.
    pub fn bag_clues(&mut self, sight: &Sight) {
        for clue in &sight.clues {
            if self.seen.contains(clue)
                && !self.bagged.contains(clue)
                && let Some(cite) = sight.cite(clue)
            {
                self.bag(std::slice::from_ref(cite));
            }
        }
    }

    pub fn believe(&mut self, of: &[(Suspect, u8)]) {
        self.note(What::Beliefs { of: of.to_vec() });
    }

    /// An update with so many true fields, and the beliefs on the board.
    pub fn update(&mut self, right: usize, next: Option<Span>, of: &[(Suspect, u8)]) {
        self.entry += 1;
        self.believe(of);
        let fields = UPDATE.iter().enumerate().map(|(at, name)| (name.to_string(), at < right)).collect();
        self.note(What::Updated { fields, next });
    }

    pub fn change(&mut self, expected: bool, confounded: bool) {
        self.entry += 1;
        self.changed = Some(self.entry);
        self.note(What::Change { expected, confounded });
    }

    pub fn clear(&mut self, suspect: Suspect, exhibits: &[usize]) {
        self.entry += 1;
        let cites = self.cites(exhibits);
        self.note(What::Cleared { suspect, cites, cross: false });
    }

    pub fn resolve(&mut self) {
        self.entry += 1;
        self.note(What::Resolved);
    }

    /// The citations of several exhibits; one without clues is stray.
    pub fn cites(&self, exhibits: &[usize]) -> Vec<Cite> {
        let mut out = Vec::new();
        for at in exhibits {
            let exhibit = *at as u32 + 1;
            match self.exhibits.get(*at) {
                Some(cites) if !cites.is_empty() => {
                    out.extend(cites.iter().map(|clues| Cite { exhibit, clues: clues.clone() }));
                }
                _ => out.push(Cite { exhibit, clues: BTreeSet::new() }),
            }
        }
        out
    }

    pub fn verdict(&mut self, of: &[(Suspect, u8)], claims: BTreeMap<Blank, Claim>) {
        self.entry += 1;
        self.believe(of);
        self.note(What::Verdict { claims });
    }

    /// The right words, each with the exhibits that `cited` chooses for it.
    pub fn right(&self, cited: impl Fn(&str) -> Vec<usize>) -> BTreeMap<Blank, Claim> {
        let truth = &self.sheet.truth;
        let claim = |blank: Blank| {
            let word = truth.answers.get(&blank).and_then(|answers| answers.first()).cloned().unwrap_or_default();
            let about = if blank == Blank::Onset { "onset" } else { word.as_str() };
            let onset = truth.onset.filter(|_| blank == Blank::Onset);
            let cites = self.cites(&cited(about));
            (blank, Claim { word: if blank == Blank::Onset { String::new() } else { word }, onset, cites })
        };
        Blank::ALL.into_iter().map(claim).collect()
    }

    /// The exhibits that bear on a node (or the onset) and hold nothing else than what does.
    pub fn bearing(&self, about: &str) -> Vec<usize> {
        let bears = |clue: &String| {
            let clue = self.sheet.truth.clues.get(clue);
            clue.is_some_and(|clue| clue.shows.contains(about) || clue.hints.contains(about))
        };
        let good = |cites: &Vec<BTreeSet<String>>| !cites.is_empty() && cites.iter().all(|cite| cite.iter().any(bears));
        self.exhibits.iter().enumerate().filter(|(_, cites)| good(cites)).map(|(at, _)| at).collect()
    }

    /// One exhibit that rules a rival out.
    pub fn ruling_out(&self, rival: &str) -> Option<usize> {
        let out = |clue: &String| self.sheet.truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(rival));
        self.exhibits.iter().position(|cites| !cites.is_empty() && cites.iter().all(|cite| cite.iter().any(out)))
    }

    /// The log with an ending; the change that ended the harm there is the last one here.
    pub fn end(self, ending: &Ending) -> Vec<Event> {
        let Hand { sheet, mut events, at, changed, bagged, .. } = self;
        let event = |what| Event { entry: 0, at, what };
        for clue in sheet.perishable().into_iter().filter(|clue| !bagged.contains(*clue)) {
            let fate = ending.fates.get(clue).copied().unwrap_or(Fate::StillThere);
            events.push(event(What::End { clue: clue.clone(), fate }));
        }
        events.push(event(What::Course(Course {
            fix: changed.filter(|_| ending.course.fix.is_some()),
            ..ending.course
        })));
        let (reference, policy) = sheet.effort;
        events.push(event(What::Effort { reference, policy }));
        events
    }
}

/// The whole score of a log.
pub fn graded(sheet: &Sheet, log: &[Event]) -> Scorecard {
    score_with(&sheet.truth, log, &DETECTIVE, WHOLE)
}

/// Points in thousandths.
pub fn points(sheet: &Sheet, log: &[Event]) -> i64 {
    graded(sheet, log).total_m()
}

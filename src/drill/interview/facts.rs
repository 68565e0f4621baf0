//! A run read once for the questions and the rubric: its graded log, its acts, and what was said aloud. Asks the score's
//! rules for shares, never for points that anybody sees.

use super::{Aloud, Competency, Control, Done, controls_of};
use crate::case::score::log::{Change, Course, Digest, Event, Fate, Suspect};
use crate::case::score::posterior::posterior;
use crate::case::score::profile::DETECTIVE;
use crate::case::score::truth::Truth;
use crate::case::score::{Dim, Exact, Scorecard, WHOLE, exact, score_with};
use crate::drill::act::Act;
use crate::drill::casework::whom;
use crate::drill::run::Run;
use crate::stdx::time::Time;
use std::collections::BTreeMap;

pub struct Facts<'a> {
    pub run: &'a Run,
    pub truth: Truth,
    pub log: Vec<Event>,
    pub digest: Digest,
    pub course: Course,
    card: Scorecard,
    controls: Vec<Done<'a>>,
}

impl<'a> Facts<'a> {
    pub fn of(run: &'a Run) -> Facts<'a> {
        let (truth, log) = (Truth::of(&run.case), run.graded_log());
        let digest = Digest::of(&log);
        let course = digest.whole.course.unwrap_or_default();
        let card = score_with(&truth, &log, &DETECTIVE, WHOLE);
        Facts { run, truth, log, digest, course, card, controls: controls_of(run) }
    }

    /// When an act began.
    pub fn at(&self, entry: u32) -> Time {
        let act = (entry as usize).checked_sub(1).and_then(|at| self.run.acts.get(at));
        act.map_or(self.run.case.drill.page_at, |(at, _)| *at)
    }

    /// A time as it is said of this run.
    pub fn said(&self, at: Time) -> String {
        let page = self.run.case.drill.page_at;
        if at.date() == page.date() { at.clock() } else { format!("{} {}", at.date(), at.hour_minute()) }
    }

    /// The line of the change that an act made.
    pub fn command(&self, entry: u32) -> String {
        let change = self.run.record.changes.iter().find(|change| change.entry == entry);
        change.map_or_else(String::new, |change| change.command.clone())
    }

    /// The share of a dimension that was earned, of one.
    pub fn share(&self, dim: Dim) -> Exact {
        self.card.dim(dim) / exact(DETECTIVE.weight(dim).max(1), 1)
    }

    /// The act that earned a line of the ledger, if it was earned.
    pub fn earned(&self, key: &str) -> Option<u32> {
        let line = self.card.ledger.iter().find(|line| line.key == key && line.got > exact(0, 1));
        line.map(|line| line.entries.first().copied().unwrap_or_default())
    }

    /// The candidate did something: looked, changed, or wrote on the board.
    pub fn acted(&self) -> bool {
        let idle = |act: &Act| {
            matches!(
                act,
                Act::Wait { .. }
                    | Act::Clock { .. }
                    | Act::Close
                    | Act::Reflect { .. }
                    | Act::Reply { .. }
                    | Act::Interview { .. }
            )
        };
        self.run.acts.iter().any(|(_, act)| !idle(act))
    }

    /// Entries of acts of a kind.
    pub fn acts(&self, kind: impl Fn(&Act) -> bool) -> Vec<u32> {
        let acts = self.run.acts.iter().zip(1..);
        acts.filter(|((_, act), _)| kind(act)).map(|(_, entry)| entry).collect()
    }

    /// Entries at which something of this kind was said aloud, as the interviewer marked it.
    pub fn aloud(&self, kind: Aloud) -> Vec<u32> {
        let said = |done: &&Done| matches!(done.control, Control::Said { aloud, .. } if *aloud == kind);
        self.controls.iter().filter(said).map(|done| done.entry).collect()
    }

    /// Whether a competency is observed.
    pub fn observes(&self, competency: Competency) -> bool {
        !self.run.sitting.without.contains(&competency)
    }

    /// Changes of which nothing was expected, in writing or aloud: what was said since the change before counts.
    pub fn blind(&self) -> Vec<Change> {
        let aloud = self.aloud(Aloud::Expectation);
        let mut before = 0;
        let mut blind = Vec::new();
        for change in &self.digest.changes {
            // A mark comes a moment after the words: it may stand right behind the change that it is about.
            let marked = self.controls.iter().any(|done| aloud.contains(&done.entry) && done.about == change.entry);
            let said = marked || aloud.iter().any(|entry| (before..change.entry).contains(entry));
            if !change.expected && !said {
                blind.push(*change);
            }
            before = change.entry;
        }
        blind
    }

    /// Perishable clues that a change of the candidate's wiped out before they were in the bag.
    pub fn lost(&self) -> Vec<&String> {
        let lost =
            |(clue, fate): (&'_ String, &Fate)| *fate == Fate::Destroyed && !self.digest.bagged.contains_key(clue);
        self.digest.fates.iter().filter(|(clue, fate)| lost((clue, fate))).map(|(clue, _)| clue).collect()
    }

    /// What was believed most at a checkpoint, in percent.
    pub fn favourites(&self) -> Vec<(u32, Suspect, u32)> {
        let points = self.digest.checkpoints.iter();
        let top = points.filter_map(|point| {
            let best = point.stated.iter().max_by_key(|(_, percent)| **percent)?;
            Some((point.entry, best.0.clone(), *best.1))
        });
        top.collect()
    }

    /// What everything that was seen justifies.
    pub fn justified(&self) -> BTreeMap<Suspect, Exact> {
        posterior(&self.truth, self.digest.seen.keys())
    }

    /// A suspect as people call it, thing and how; words that the case can tell in another language.
    pub fn words(&self, of: &Suspect) -> Vec<String> {
        let node = |id: &str| self.run.case.chain.iter().find(|node| node.id == id).map(|node| node.say.clone());
        let verdict = &self.run.case.verdict;
        let own = self.run.board.hypotheses.iter().find(|own| whom(self.run, own.id) == *of);
        let word = |id: u32| self.run.board.word(id).map(|word| word.say.clone());
        // Whom the candidate wrote down is called as the candidate did.
        if let Some(own) = own {
            return word(own.thing).into_iter().chain(word(own.how)).collect();
        }
        match of {
            Suspect::Truth => node(&verdict.culprit).into_iter().chain(node(&verdict.mechanism)).collect(),
            Suspect::Rival(id) => {
                let rival = self.run.case.rivals.iter().find(|rival| rival.id == *id);
                rival.map_or_else(Vec::new, |rival| vec![rival.thing.clone(), rival.how.clone()])
            }
            Suspect::Other(id) => vec![format!("h{id}")],
        }
    }

    /// Whether an exhibit that was cited for a clearing rules the rival out.
    pub fn ruled_out(&self, rival: &str) -> bool {
        let clearing = self.digest.cleared.get(&Suspect::Rival(rival.to_string()));
        let cited = clearing.into_iter().flat_map(|clearing| &clearing.cites).flat_map(|cite| &cite.clues);
        cited.into_iter().any(|clue| self.truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(rival)))
    }

    /// Of rivals that nothing cleared the most credible one, by what was seen; of equals the first of the case.
    pub fn open_rival(&self) -> Option<(String, Exact)> {
        let justified = self.justified();
        let mut best: Option<(String, Exact)> = None;
        for rival in self.truth.rivals.iter().filter(|rival| !self.ruled_out(rival)) {
            let share = justified.get(&Suspect::Rival(rival.clone())).cloned()?;
            if best.as_ref().is_none_or(|(_, most)| share > *most) {
                best = Some((rival.clone(), share));
            }
        }
        best
    }
}

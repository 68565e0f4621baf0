//! What the debrief shows, reckoned once when a run has ended: the account of the run, both ways with their pages, and the
//! healthy twin's pages once they were asked for. Does not know how it is shown.

use crate::case::debrief::{ContrastTold, Debrief};
use crate::drill::ghost::{self, Step};
use crate::drill::hints;
use crate::drill::run::Run;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Story {
    pub told: Debrief,
    pub own: Vec<Walked>,
    /// Empty if the case has no solution that can be played.
    pub expert: Vec<Walked>,
    /// The solution's run, whose pages the expert's steps printed.
    pub ghost: Option<Arc<Run>>,
    /// `None`: not asked for yet. The twin is another world to warm up.
    pub contrasts: Option<Vec<ContrastTold>>,
}

/// A step of a way, and the lines of its page that showed something new.
#[derive(Clone, Debug)]
pub struct Walked {
    pub step: Step,
    pub marks: Vec<u32>,
}

impl Story {
    /// In a language, as far as the case speaks it.
    pub fn of(run: &Run, lang: &str) -> Story {
        let walked = |run: &Run, step: Step| {
            let lines: BTreeSet<u32> = step
                .page
                .iter()
                .flat_map(|page| step.clues.iter().flat_map(|clue| hints::marked(run, *page, clue)))
                .collect();
            Walked { step, marks: lines.into_iter().collect() }
        };
        let ghost = ghost::ghost(run);
        let expert = ghost.as_ref().map_or_else(Vec::new, |ghost| {
            let mut steps: Vec<Walked> = ghost.steps.iter().cloned().map(|step| walked(&ghost.run, step)).collect();
            for own in &mut steps {
                own.step.why.iter_mut().for_each(|why| *why = run.case.told(lang, why).to_string());
            }
            steps
        });
        Story {
            told: run.debrief_in(lang),
            own: ghost::steps(run).into_iter().map(|step| walked(run, step)).collect(),
            expert,
            ghost: ghost.map(|ghost| ghost.run),
            contrasts: None,
        }
    }

    /// The learner's step at which what an expert's step showed was first seen; else what was being done at that time.
    pub fn beside(&self, expert: usize) -> Option<usize> {
        let other = &self.expert.get(expert)?.step;
        let same = |own: &Walked| own.step.clues.iter().any(|clue| other.clues.contains(clue));
        let typed = || self.own.iter().position(|own| own.step.typed == other.typed);
        let then = || self.own.iter().rposition(|own| own.step.at <= other.at);
        self.own.iter().position(same).or_else(typed).or_else(then)
    }

    /// Whether the learner's step showed something that the expert's did, too, or was the same.
    pub fn shared(&self, own: usize, expert: usize) -> bool {
        let (Some(own), Some(other)) = (self.own.get(own), self.expert.get(expert)) else { return false };
        own.step.typed == other.step.typed || own.step.clues.iter().any(|clue| other.step.clues.contains(clue))
    }

    /// The page that an act of the learner printed.
    pub fn page_of(&self, entry: u32) -> Option<u32> {
        self.own.iter().find(|own| own.step.entry == entry)?.step.page
    }
}

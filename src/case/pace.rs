//! When things came about in a run: what was justified and what was said, step by step, and the six times that a debrief
//! sets beside each other. Reported, never scored. Does not know how they are shown.

use super::score::log::{Course, Digest, Event, Suspect, What};
use super::score::posterior::{belief, posterior};
use super::score::truth::Truth;
use super::score::{Exact, belief as stated, exact};
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// From so many parts of ten on, belief in the truth is justified; from so many on, one is committed to it.
const JUSTIFIED: i64 = 9;
const COMMITTED: i64 = 8;

/// One step of belief.
#[derive(Clone, Debug, PartialEq)]
pub struct Believed {
    pub at: Time,
    /// Journal entry; 0 at the page.
    pub entry: u32,
    /// What a fair reasoner would believe from here on.
    pub justified: BTreeMap<Suspect, Exact>,
    /// What the learner said, as shares of one; only at an update or a verdict.
    pub stated: Option<BTreeMap<Suspect, Exact>>,
}

impl Believed {
    /// The justified belief in the truth.
    pub fn truth(&self) -> Exact {
        belief(&self.justified, &Suspect::Truth)
    }

    /// How much more was said of the foremost suspect than was justified; negative if less.
    pub fn ahead(&self) -> Option<Exact> {
        let stated = self.stated.as_ref()?;
        let (suspect, share) = stated.iter().max_by_key(|(_, share)| (*share).clone())?;
        Some(share - belief(&self.justified, suspect))
    }
}

/// Belief over time: a step at the page, at every entry that showed something new, and wherever belief was stated.
pub fn beliefs(truth: &Truth, log: &[Event]) -> Vec<Believed> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let first = Believed { at: truth.page, entry: 0, justified: posterior(truth, &seen), stated: None };
    let mut steps = vec![first];
    for event in log {
        match &event.what {
            What::Seen { clue } => {
                seen.insert(clue.clone());
                let justified = posterior(truth, &seen);
                let same = steps.last_mut().filter(|last| last.entry == event.entry && last.stated.is_none());
                match same {
                    Some(last) => last.justified = justified,
                    None => steps.push(Believed { at: event.at, entry: event.entry, justified, stated: None }),
                }
            }
            What::Beliefs { of } => {
                let said = stated::shares(&Digest::stated(of));
                let (at, entry, justified) = (event.at, event.entry, posterior(truth, &seen));
                steps.push(Believed { at, entry, justified, stated: Some(said) });
            }
            _ => {}
        }
    }
    steps
}

/// When each first came about; `None`: never. Committed before justified ran ahead of the evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    pub first_look: Option<Time>,
    /// The evidence seen first carried nine tenths.
    pub justified: Option<Time>,
    /// Eight tenths or more on the truth were first stated.
    pub committed: Option<Time>,
    /// The harm had ended for good.
    pub mitigated: Option<Time>,
    /// The users' indicator was looked at after that.
    pub verified: Option<Time>,
    /// It was declared over, and was.
    pub resolved: Option<Time>,
}

pub fn pace(truth: &Truth, log: &[Event]) -> Pace {
    let digest = Digest::of(log);
    let course: Course = digest.whole.course.unwrap_or_default();
    let steps = beliefs(truth, log);
    let looks = log.iter().filter(|event| matches!(event.what, What::Read { .. } | What::Seen { .. }));
    let justified = steps.iter().find(|step| step.truth() * exact(10, 1) >= exact(JUSTIFIED, 1));
    let sure = |step: &&Believed| {
        let said = step.stated.as_ref().and_then(|stated| stated.get(&Suspect::Truth));
        said.is_some_and(|said| said * exact(10, 1) >= exact(COMMITTED, 1))
    };
    let checks = digest.whole.checks.iter().map(|(_, at)| *at);
    let declared = digest.told.resolved.iter().map(|(_, at)| *at);
    Pace {
        first_look: looks.map(|event| event.at).min(),
        justified: justified.map(|step| step.at),
        committed: steps.iter().find(sure).map(|step| step.at),
        mitigated: course.ended,
        verified: checks.filter(|at| course.ended.is_some_and(|ended| ended <= *at)).min(),
        resolved: declared.filter(|at| course.over(*at)).min(),
    }
}

//! While each missed clue could be had: its commands are tried on a clone of the stage when the page came, and again along the
//! run played once more, after every change and every minute or so. Does not match commands to deaths: only folds decide.

use crate::case::absence;
use crate::case::debrief::{Loss, Window};
use crate::case::score::log::{Digest, Event, Fate};
use crate::drill::fates;
use crate::drill::run::{Phase, Run};
use crate::scenario::shape::{Case, Clue};
use crate::scenario::stage::Stage;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Clues are tried again after so long at the earliest, but for changes.
const TRY_EVERY: Span = Span::mins(1);
/// And so often in all, about: a long run is tried at longer intervals.
const TRIES: i64 = 30;

/// What was found of a missed clue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Had {
    pub window: Option<Window>,
    /// The line that shows it; empty where what is not there shows it.
    pub line: String,
}

/// By the clue's id.
pub type Windows = BTreeMap<String, Had>;

/// When a clue was there, as far as it was tried.
struct Trial<'a> {
    clue: &'a Clue,
    first: Option<Time>,
    last: Option<Time>,
    /// The first time after the last one at which it was not there, and the newest change by then.
    gone: Option<(Time, Option<u32>)>,
    line: String,
}

impl Trial<'_> {
    fn try_on(&mut self, case: &Case, stage: &Stage, change: Option<u32>) {
        let now = stage.world.now;
        match shown(case, stage, self.clue) {
            Some(line) => {
                self.first.get_or_insert(now);
                self.last = Some(now);
                self.gone = None;
                if self.line.is_empty() {
                    self.line = line;
                }
            }
            None if self.last.is_some() && self.gone.is_none() => self.gone = Some((now, change)),
            None => {}
        }
    }

    fn had(self, fate: Option<Fate>) -> Had {
        let window = self.first.map(|from| {
            let loss = |change: Option<u32>| match (fate, change) {
                (Some(Fate::Destroyed), Some(entry)) => Some(Loss::Through { entry }),
                (Some(Fate::Expired), _) => Some(Loss::Expired),
                _ => None,
            };
            let until = self.gone.map(|(at, _)| at);
            Window { from, until, lost: self.gone.and_then(|(_, change)| loss(change)) }
        });
        Had { window, line: self.line }
    }
}

/// The windows of all clues that are in no exhibit.
pub fn windows(run: &Run, log: &[Event]) -> Windows {
    let (case, digest) = (&run.case, Digest::of(log));
    let missed = case.clues.iter().filter(|clue| !digest.bagged.contains_key(&clue.id));
    let mut trials: Vec<Trial> =
        missed.map(|clue| Trial { clue, first: None, last: None, gone: None, line: String::new() }).collect();
    trials.iter_mut().for_each(|trial| trial.try_on(case, &run.record.opening, None));
    // What was there when the page came and does not go was there all along.
    let stays = |trial: &Trial| {
        let gone = matches!(digest.fates.get(&trial.clue.id), Some(Fate::Destroyed | Fate::Expired));
        trial.first.is_some() && !gone
    };
    let (known, mut open): (Vec<Trial>, Vec<Trial>) = trials.into_iter().partition(stays);
    if !open.is_empty() {
        replay(run, &mut open);
    }
    let all = known.into_iter().chain(open);
    let told = |trial: Trial| {
        let id = trial.clue.id.clone();
        let fate = digest.fates.get(&id).copied();
        (id, trial.had(fate))
    };
    all.map(told).collect()
}

/// Plays the run once more and tries the clues on the way.
fn replay(run: &Run, trials: &mut [Trial]) {
    let case = Arc::clone(&run.case);
    let mut again = Run::open_as(Arc::clone(&case), (*run.record.opening).clone(), run.clock, run.mode);
    again.sitting.minutes = run.sitting.minutes;
    again.sitting.opening = run.sitting.opening.clone();
    let every = Span::millis((run.elapsed().0 / TRIES).max(TRY_EVERY.0));
    let mut next = again.now() + every;
    let mut changes = 0;
    for ((_, act), seat) in run.acts.iter().zip(&run.by) {
        if again.phase == Phase::Closed || again.apply(*seat, act.clone()).refused {
            break;
        }
        let changed = again.record.changes.len() > changes;
        if changed || again.now() >= next {
            changes = again.record.changes.len();
            next = again.now() + every;
            let newest = again.record.changes.last().map(|change| change.entry);
            trials.iter_mut().for_each(|trial| trial.try_on(&case, &again.stage, newest));
        }
    }
    let newest = again.record.changes.last().map(|change| change.entry);
    trials.iter_mut().for_each(|trial| trial.try_on(&case, &again.stage, newest));
}

/// The line that shows a clue now, if one of its commands does; empty if the page shows it by what is not there.
fn shown(case: &Case, stage: &Stage, clue: &Clue) -> Option<String> {
    let page = clue.at.iter().map(|command| fates::page(case, stage, command));
    let page = page.into_iter().find(|page| absence::carries(case, page, clue))?;
    if clue.absent {
        return Some(String::new());
    }
    let marked = |line: &&crate::console::page::Line| {
        line.marks.iter().any(|mark| clue.pattern.matches(&mark.fact, &case.roles))
    };
    Some(page.output.lines.iter().find(marked).map_or_else(String::new, |line| line.text.clone()))
}

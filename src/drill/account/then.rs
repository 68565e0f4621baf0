//! How things stood after each act: what was justified, what was said, what hurt, and which look was worth most before it.
//! Does not know how it is shown.

use super::windows::Windows;
use crate::case::debrief::curves::share;
use crate::case::debrief::{BestLook, Loss, Lost, Share, Then};
use crate::case::pace::Believed;
use crate::case::policy::{self, Look};
use crate::case::score::log::{Suspect, What};
use crate::case::score::posterior::belief;
use crate::case::score::truth::Truth;
use crate::drill::act::Act;
use crate::drill::course;
use crate::drill::run::Run;
use std::collections::{BTreeMap, BTreeSet};

/// By journal entry: only acts that looked, waited, changed or told.
pub type Thens = BTreeMap<u32, Then>;

pub fn thens(run: &Run, truth: &Truth, steps: &[Believed], windows: &Windows) -> Thens {
    let looks = course::looks(run);
    let watched = course::watched(run);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut before: Share = steps.first().map_or(0, |step| share(&step.truth()));
    // What is worth looking at moves only when something new was seen.
    let mut best = best_look(truth, looks, &seen);
    let mut out = Thens::new();
    for ((_, act), entry) in run.acts.iter().zip(1..) {
        let clues = fresh(run, entry, &seen);
        let own: Vec<&Believed> = steps.iter().filter(|step| step.entry == entry).collect();
        let justified = own.last().map_or(before, |step| share(&step.truth()));
        let stated = own.iter().rev().find_map(|step| step.stated.as_ref()).filter(|stated| !stated.is_empty());
        let told = matters(act) || !own.is_empty();
        let at = run.acts.get(entry as usize).map_or(run.now(), |(next, _)| *next);
        if told {
            let then = Then {
                justified,
                moved: justified != before,
                stated: stated.map(|stated| share(&belief(stated, &Suspect::Truth))),
                harm: watched.suffered.at(at),
                clues: clues.clone(),
                lost: Vec::new(),
                best: best.clone(),
            };
            out.insert(entry, then);
        }
        before = justified;
        if !clues.is_empty() {
            seen.extend(clues);
            best = best_look(truth, looks, &seen);
        }
    }
    mark_lost(run, windows, &mut out);
    out
}

/// A loss stands at the change that brought it about, an expiry at the first act after it.
fn mark_lost(run: &Run, windows: &Windows, thens: &mut Thens) {
    for (clue, had) in windows {
        let Some((window, how)) = had.window.and_then(|window| Some((window, window.lost?))) else { continue };
        let entry = match how {
            Loss::Through { entry } => Some(entry),
            Loss::Expired => {
                let after = |entry: &&u32| {
                    let began = run.acts.get(**entry as usize - 1).map(|(at, _)| *at);
                    began.is_some_and(|began| window.until.is_some_and(|until| began >= until))
                };
                thens.keys().find(after).copied()
            }
        };
        if let Some(then) = entry.and_then(|entry| thens.get_mut(&entry)) {
            then.lost.push(Lost { clue: clue.clone(), how });
        }
    }
}

/// Acts that look at the world, move it, or tell of it.
fn matters(act: &Act) -> bool {
    let looks = matches!(act, Act::Run { .. } | Act::Door { .. } | Act::Wait { .. } | Act::Leave { .. });
    looks || matches!(act, Act::Update { .. } | Act::Verdict { .. } | Act::Resolve | Act::State { .. } | Act::Close)
}

/// Clues that an act showed for the first time.
fn fresh(run: &Run, entry: u32, seen: &BTreeSet<String>) -> Vec<String> {
    let own = run.record.events.iter().filter(|event| event.entry == entry);
    let shown = own.filter_map(|event| match &event.what {
        What::Seen { clue } if !seen.contains(clue) => Some(clue.clone()),
        _ => None,
    });
    shown.collect()
}

/// The first of the most worthy.
fn best_look(truth: &Truth, looks: &[Look], seen: &BTreeSet<String>) -> Option<BestLook> {
    let worths = policy::worths(truth, looks, seen);
    let most = worths.iter().copied().max()?;
    let look = worths.iter().position(|worth| *worth == most).and_then(|at| looks.get(at))?;
    let worth = Share::try_from(most / 1_000).ok().filter(|worth| *worth > 0)?;
    Some(BestLook { command: look.command.clone(), worth })
}

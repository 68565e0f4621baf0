//! What progress remembers of a run, from its case, its graded log and its scorecard: so that it can be made again from
//! what is kept beside a journal. Does not know the run itself.

use super::difficulty::Difficulty;
use super::recall::{Fared, Grade, grade};
use super::record::{Played, Points, Record, Sure};
use crate::case::score::Scorecard;
use crate::case::score::log::{Cite, Event, Suspect, What};
use crate::scenario::shape::Case;
use std::collections::{BTreeMap, BTreeSet};

/// The record of a finished run; key, date, mode, attempt and what was said of oneself are for the outside to add.
pub fn record(case: &Case, log: &[Event], card: &Scorecard) -> Record {
    let graded = card.dims.iter().filter(|sum| sum.got.is_some());
    Record {
        played: Played {
            case: case.slug.clone(),
            variant: case.variant.clone(),
            seed: case.seed,
            title: case.drill.title.clone(),
            ..Played::default()
        },
        tags: case.drill.tags.clone(),
        difficulty_m: Difficulty::of(case).b_m(),
        points: Points {
            engine: card.engine.clone(),
            total_m: card.total_m(),
            max: card.max(),
            dims: graded.map(|sum| (sum.dim, (card.dim_m(sum.dim).clamp(0, sum.max * 1_000), sum.max))).collect(),
        },
        sure: sure(log),
        hints: hints(log),
        concepts: concepts(case, log),
        ..Record::default()
    }
}

/// The confidence in whom the learner held for the likeliest at the first verdict, before the judge had said anything.
/// Nothing if no confidence was stated, or two suspects were as likely.
fn sure(log: &[Event]) -> Option<Sure> {
    let verdict = log.iter().position(|event| matches!(event.what, What::Verdict { .. }))?;
    let stated = log.iter().take(verdict).rev().find_map(|event| match &event.what {
        What::Beliefs { of } => Some(of),
        _ => None,
    })?;
    let percent = stated.iter().map(|(_, percent)| *percent).max().filter(|percent| *percent > 0)?;
    let mut top = stated.iter().filter(|(_, own)| *own == percent);
    let (suspect, _) = top.next()?;
    top.next().is_none().then_some(Sure { percent, right: *suspect == Suspect::Truth })
}

/// How often each rung was taken.
fn hints(log: &[Event]) -> [u32; 3] {
    let mut counts = [0; 3];
    for event in log {
        if let What::Hint { rung, .. } = &event.what
            && let Some(count) = counts.get_mut(usize::from(*rung).saturating_sub(1))
        {
            *count += 1;
        }
    }
    counts
}

/// The concepts of a case, each with the clues that teach it. A case without concept cards teaches what it is tagged with.
pub fn taught(case: &Case) -> BTreeMap<String, Vec<&str>> {
    let mut taught: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for clue in case.clues.iter().filter(|clue| !clue.card.is_empty()) {
        taught.entry(clue.card.clone()).or_default().push(&clue.id);
    }
    if !taught.is_empty() {
        return taught;
    }
    for clue in &case.clues {
        for tag in case.drill.tags.iter().filter(|tag| !super::record::NOT_SKILLS.contains(&tag.as_str())) {
            taught.entry(tag.clone()).or_default().push(&clue.id);
        }
    }
    taught
}

fn concepts(case: &Case, log: &[Event]) -> BTreeMap<String, Grade> {
    let cited = cited(log);
    let mut rungs: BTreeMap<&str, u8> = BTreeMap::new();
    for event in log {
        if let What::Hint { rung, clue, .. } = &event.what {
            let most = rungs.entry(clue).or_default();
            *most = (*most).max(*rung);
        }
    }
    let fared = |clue: &&str| Fared { cited: cited.contains(*clue), rung: rungs.get(clue).copied().unwrap_or(0) };
    let graded = taught(case).into_iter().filter_map(|(concept, clues)| {
        let clues: Vec<Fared> = clues.iter().map(fared).collect();
        Some((concept, grade(&clues)?))
    });
    graded.collect()
}

/// The clues that were in the bag and cited: for a claim of the last verdict, or to clear a suspect.
fn cited(log: &[Event]) -> BTreeSet<&str> {
    let mut held: BTreeSet<&str> = BTreeSet::new();
    let mut claimed: Vec<&Cite> = Vec::new();
    let mut cleared: BTreeMap<&Suspect, &[Cite]> = BTreeMap::new();
    for event in log {
        match &event.what {
            What::Bagged { clue } => _ = held.insert(clue),
            What::Unbagged { clue } => _ = held.remove(clue.as_str()),
            What::Cleared { suspect, cites, .. } => _ = cleared.insert(suspect, cites),
            What::Reopened { suspect } => _ = cleared.remove(suspect),
            What::Verdict { claims } => claimed = claims.values().flat_map(|claim| &claim.cites).collect(),
            _ => {}
        }
    }
    let all = claimed.into_iter().chain(cleared.into_values().flatten());
    all.flat_map(|cite| &cite.clues).map(String::as_str).filter(|clue| held.contains(clue)).collect()
}

//! The account of a run: everything a debrief tells, gathered from the run and from trials on clones of its stages.
//! Does not know formats.

mod lanes;
mod outcome;
mod then;
mod windows;

pub(super) use lanes::told as told_act;
pub(super) use outcome::predictions;

use super::casework;
use super::course;
use super::ghost::{self, Step};
use super::run::{Clock, Phase, Run};
use super::twin::{self, Side};
use crate::case::board::Reflection;
use crate::case::concepts;
use crate::case::debrief::analysis::{self, Analysis};
use crate::case::debrief::curves::{Curves, believed, share, thinned};
use crate::case::debrief::{
    ContrastTold, Debrief, GuessTold, Heading, Loss, Missed, ProofPath, ReflectionTold, StepTold, Ways, gap, proof,
    told,
};
use crate::case::forms::Guess;
use crate::case::pace;
use crate::case::policy;
use crate::case::progress::record::Level;
use crate::case::score::log::{Event, Suspect};
use crate::case::score::posterior::belief;
use crate::case::score::truth::Truth;
use crate::case::score::{Exact, Scorecard};
use crate::scenario::roles;
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};
use windows::Windows;

/// Tells what there is to tell, but for the healthy twin. Meant for the end; on an open run it tells where it stands.
pub fn of(run: &Run) -> Debrief {
    let log = run.graded_log();
    let case = &run.case;
    let typed = |command: &str| roles::expand(command, &case.roles, &run.record.opening.world);
    let truth = Truth::of(case);
    let score = run.graded(&log);
    let steps = pace::beliefs(&truth, &log);
    let windows = windows::windows(run, &log);
    Debrief {
        heading: heading(run),
        moments: lanes::moments(run, &then::thens(run, &truth, &steps, &windows)),
        words: told::words(case, &run.board, &log),
        names: told::names(case),
        rivals: told::rivals(case, &log),
        missed: missed(run, &log, &windows),
        proof: proof::shortest_proof(case, course::looks(run)),
        predictions: outcome::predictions(run),
        cards: concepts::of(case, &log, |clue| holding(run, clue), typed),
        analysis: analysed(run, &truth, &log, &steps, &score, &windows),
        reflection: run.board.hearing.reflection.as_ref().map(|said| reflected(said, &score)),
        score,
    }
}

/// The clues in no exhibit, with the line that shows each and the time while it could be had.
fn missed(run: &Run, log: &[Event], windows: &Windows) -> Vec<Missed> {
    let typed = |command: &str| roles::expand(command, &run.case.roles, &run.record.opening.world);
    let mut missed = told::missed(&run.case, log, typed);
    for own in &mut missed {
        if let Some(had) = windows.get(&own.clue) {
            own.window = had.window;
            own.line.clone_from(&had.line);
        }
    }
    missed
}

/// What was said after the end, beside how it went: all that moves in a debrief by it.
pub fn reflection(run: &Run) -> Option<ReflectionTold> {
    let said = run.board.hearing.reflection.as_ref()?;
    Some(reflected(said, &run.score()))
}

/// The same with the healthy twin's pages, which cost a world to warm up.
pub fn whole(run: &Run) -> Debrief {
    let mut debrief = of(run);
    debrief.analysis.contrasts = contrasts(run);
    debrief
}

/// The exhibits that hold a clue.
fn holding(run: &Run, clue: &str) -> Vec<u32> {
    let held = |id: &u32| run.record.evidence.held(*id).iter().any(|held| held.as_str() == clue);
    run.board.exhibits.iter().map(|exhibit| exhibit.id).filter(held).collect()
}

fn heading(run: &Run) -> Heading {
    Heading {
        title: run.case.drill.title.clone(),
        case: run.case.slug.clone(),
        variant: run.case.variant.clone(),
        behind: run.case.behind.clone(),
        seed: run.case.seed,
        clock: if run.clock == Clock::Live { "live" } else { "turn" },
        page_at: run.case.drill.page_at,
        ended_at: run.now(),
        verdict: run.phase == Phase::Closed && run.board.verdict.is_some(),
    }
}

// ---- analysis ------------------------------------------------------------------------------------------------------

fn analysed(
    run: &Run,
    truth: &Truth,
    log: &[Event],
    steps: &[pace::Believed],
    score: &Scorecard,
    windows: &Windows,
) -> Analysis {
    let did = |entry: u32| {
        let change = run.record.changes.iter().find(|change| change.entry == entry);
        change.map_or_else(String::new, |change| change.command.clone())
    };
    let held = |exhibit: u32| run.record.evidence.held(exhibit).into_iter().cloned().collect();
    let taken = windows.iter().filter_map(|(clue, had)| match had.window?.lost? {
        Loss::Through { entry } => Some((clue.clone(), entry)),
        Loss::Expired => None,
    });
    let through: BTreeMap<String, u32> = taken.collect();
    Analysis {
        gaps: gap::gaps(truth, score, log, &through, did),
        habits: analysis::habits(truth, log, steps, run.now()),
        times: pace::pace(truth, log),
        curves: curves(run, steps),
        fair: fair(run, truth),
        links: analysis::links(truth, &run.board, held, |id| casework::whom(run, id)),
        ways: ways(run),
        contrasts: Vec::new(),
    }
}

fn curves(run: &Run, steps: &[pace::Believed]) -> Curves {
    let (justified, stated) = believed(steps);
    let own = course::watched(run);
    Curves {
        from: run.case.drill.page_at,
        until: own.suffered.series.last().map_or(run.now(), |(at, _)| *at).max(run.now()),
        justified,
        stated,
        harm: thinned(own.suffered.series.clone()),
        idle: thinned(course::idle(run).series.clone()),
        changes: run.record.changes.iter().map(|change| change.at).collect(),
    }
}

/// The way of the optimal policy, which does not know the answer.
fn fair(run: &Run, truth: &Truth) -> ProofPath {
    let looks = course::looks(run);
    let plan = policy::plan(truth, looks, &BTreeSet::new());
    let chosen: Vec<usize> = plan.looks;
    proof::path(truth, looks, &chosen)
}

fn ways(run: &Run) -> Ways {
    let told = |step: Step| StepTold {
        entry: step.entry,
        at: step.at,
        typed: step.typed,
        why: step.why,
        clues: step.clues,
        justified: share(&belief(&step.belief, &Suspect::Truth)),
        changed: step.changed,
    };
    let expert = ghost::ghost(run).map_or_else(Vec::new, |ghost| ghost.steps);
    Ways { own: ghost::steps(run).into_iter().map(told).collect(), expert: expert.into_iter().map(told).collect() }
}

/// The pages of the exhibits and the commands of missed clues beside the healthy twin's.
pub fn contrasts(run: &Run) -> Vec<ContrastTold> {
    let told = |own: twin::Contrast| ContrastTold {
        at: own.at,
        command: own.command,
        page: own.page,
        clues: own.clues,
        lines: own.lines.into_iter().map(|line| (line.side == Side::Healthy, line.text)).collect(),
        more: own.more,
    };
    twin::contrasts(run).into_iter().map(told).collect()
}

// ---- what was said of oneself --------------------------------------------------------------------------------------

fn reflected(said: &Reflection, score: &Scorecard) -> ReflectionTold {
    let guess = |(dim, guess): &(crate::case::score::Dim, Guess)| {
        let sum = score.dims.iter().find(|sum| sum.dim == *dim);
        let max = sum.map_or(0, |sum| sum.max);
        let was = sum.and_then(|sum| third(sum.got.as_ref()?, max));
        GuessTold { dim: *dim, guess: *guess, was, got_m: score.dim_m(*dim), max }
    };
    ReflectionTold {
        reaction: said.reaction.clone(),
        guesses: said.guess.iter().map(guess).collect(),
        pledge: said.pledge.clone(),
    }
}

/// In which third of what can be had a result is: the same thirds as in the statistics of self-knowledge.
fn third(got: &Exact, max: i64) -> Option<Guess> {
    let share = (max > 0).then(|| got / Exact::from_integer(max.into()))?.to_f64()?;
    Some(match Level::of(share) {
        Level::Low => Guess::Low,
        Level::Middle => Guess::Middle,
        Level::High => Guess::High,
    })
}

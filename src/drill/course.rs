//! How the harm went: in this run, in the run in which nobody acts, and in that of the case's solution; what reading enough
//! would have cost. Each is one fold on a clone, made when first asked for and kept. Does not grade.

use super::act::Act;
use super::fates;
use super::run::{Clock, Run, learner_shell};
use super::transcript;
use super::transcript::player::follow;
use super::twin::Twin;
use crate::case::policy::{self, Look};
use crate::case::score::log::{Course, Event, What};
use crate::case::score::truth::Truth;
use crate::console;
use crate::scenario::harm;
use crate::scenario::roles;
use crate::scenario::shape::Case;
use crate::scenario::stage::Stage;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// How often the harm is looked at.
pub const SAMPLE_EVERY: Span = Span::secs(10);

/// What a run is measured against: it follows from the opening alone, so runs of one opening share it. Nothing of it is
/// worked out before somebody asks.
#[derive(Default)]
pub struct Yardstick {
    idle: OnceLock<Suffered>,
    solved: OnceLock<Option<Solved>>,
    looks: OnceLock<Vec<Look>>,
    twin: OnceLock<Option<Twin>>,
}

impl Yardstick {
    /// The healthy twin of the case.
    pub(super) fn twin(&self, case: &Case) -> Option<&Twin> {
        self.twin.get_or_init(|| Twin::of(case)).as_ref()
    }
}

impl std::fmt::Debug for Yardstick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let solved = self.solved.get().and_then(Option::as_ref).map(|solved| solved.harm);
        f.debug_struct("Yardstick")
            .field("idle", &self.idle.get().map(|idle| idle.harm))
            .field("solved", &solved)
            .finish_non_exhaustive()
    }
}

/// The case's solution, played to its end.
#[derive(Clone)]
pub struct Solved {
    pub run: Arc<Run>,
    /// The line of the solution that each act came from, in the order of the acts.
    pub lines: Vec<u32>,
    pub harm: u64,
    pub reading: Span,
}

/// Harm over time.
#[derive(Clone, Debug, Default)]
pub struct Suffered {
    /// From the page to the close of the case, in thousandths of the healthy value times seconds.
    pub harm: u64,
    /// Every ten seconds from the page on, in thousandths of the healthy value.
    pub series: Vec<(Time, u16)>,
}

impl Suffered {
    fn of(case: &Case, series: Vec<(Time, u16)>) -> Suffered {
        Suffered { harm: integral(case, &series), series }
    }

    /// The last sample at or before a time.
    pub fn at(&self, time: Time) -> u16 {
        let after = self.series.partition_point(|(at, _)| *at <= time);
        after.checked_sub(1).and_then(|last| self.series.get(last)).map_or(0, |(_, harm)| *harm)
    }
}

/// Works out what follows from the opening alone, while the learner reads the page: then a debrief need not wait for it.
pub fn prepare(run: &Run) {
    looks(run);
    solved(run);
    idle(run);
}

/// What became of the harm in a run that was carried on with nobody acting, and the stage then.
#[derive(Clone, Debug)]
pub struct Watched {
    stage: Stage,
    pub suffered: Suffered,
    pub ended: Option<Time>,
    pub fix: Option<u32>,
}

/// What has been worked out about a run as it stands: forgotten with the next act that changes it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    watched: OnceLock<Arc<Watched>>,
    end: OnceLock<Arc<[Event]>>,
}

impl Known {
    /// After an act: what it may have changed is worked out anew when somebody asks.
    pub(super) fn forget(&mut self, act: &Act) {
        let moves = matches!(
            act,
            Act::Run { .. }
                | Act::Wait { .. }
                | Act::Clock { .. }
                | Act::Leave { .. }
                | Act::Door { .. }
                | Act::Hint
                | Act::Team { .. }
        );
        if moves {
            self.watched = OnceLock::new();
        }
        // What is said after the end, or beside the run, is graded nowhere.
        let said = matches!(act, Act::Reply { .. } | Act::Reflect { .. } | Act::Interview { .. });
        if !said {
            self.end = OnceLock::new();
        }
    }
}

// ---- at the end ----------------------------------------------------------------------------------------------------

/// What follows from the end of a run, for the grading: the fates of clues left behind, the course of the harm, what
/// reading costs.
pub fn end(run: &Run) -> Arc<[Event]> {
    let events = || {
        let mut events = fates::of(run);
        let event = |what| Event { entry: 0, at: run.now(), what };
        events.push(event(What::Course(course(run))));
        events.push(event(effort(run)));
        events.into()
    };
    Arc::clone(run.record.known.end.get_or_init(events))
}

/// The course of the harm. Without a solution that can be played, a run is its own reference.
pub fn course(run: &Run) -> Course {
    let own = watched(run);
    let reference = solved(run).map_or(own.suffered.harm, |solved| solved.harm);
    let lasts = own.ended.is_some() && harm::lasts(&mut own.stage.clone(), &run.case.indicator);
    Course { harm: own.suffered.harm, idle: idle(run).harm, reference, ended: own.ended, fix: own.fix, lasts }
}

/// What reading costs. Without a solution that can be played, a run is its own reference.
fn effort(run: &Run) -> What {
    let reference = solved(run).map_or_else(|| reading(run), |solved| solved.reading);
    let policy = policy::plan(&Truth::of(&run.case), looks(run), &BTreeSet::new()).cost;
    What::Effort { reference, policy }
}

/// The nominal cost of all that was read until the first verdict.
pub fn reading(run: &Run) -> Span {
    let until = run.record.events.iter().take_while(|event| !matches!(event.what, What::Verdict { .. }));
    until.fold(Span::ZERO, |sum, event| match event.what {
        What::Read { cost } => sum + cost,
        _ => sum,
    })
}

// ---- folds ---------------------------------------------------------------------------------------------------------

/// The harm of the run in which nobody acts.
pub fn idle(run: &Run) -> &Suffered {
    run.record.yardstick.idle.get_or_init(|| {
        if only_time(run) {
            return watched(run).suffered.clone();
        }
        let mut stage = (*run.record.opening).clone();
        stage.advance_to(run.case.drill.closes_at);
        Suffered::of(&run.case, harms(&run.case, &stage, run.case.drill.closes_at))
    })
}

/// Whether nobody acted on the world: then this run is the one in which nobody does.
pub(super) fn only_time(run: &Run) -> bool {
    run.acts.iter().all(|(_, act)| !matches!(act, Act::Run { .. } | Act::Leave { .. } | Act::Door { .. }))
}

/// This run, carried on.
pub fn watched(run: &Run) -> Arc<Watched> {
    Arc::clone(run.record.known.watched.get_or_init(|| Arc::new(watch(run))))
}

/// A run that is over before its case closes is carried on until then. What is measured over a while shows a fix only once
/// that while is over: so the world is also carried on until every change had the time that the case gives its fixes.
fn watch(run: &Run) -> Watched {
    let case = &run.case;
    let within = case.fixes.iter().map(|fix| fix.within).max().unwrap_or(Span::ZERO);
    let settled = run.record.changes.last().map_or(run.now(), |change| change.at + within);
    let until = case.drill.closes_at.max(run.now()).max(settled);
    let mut stage = run.stage.clone();
    stage.advance_to(until);
    let harms = harms(case, &stage, until);
    let ended = match harms.iter().rposition(|(_, harm)| *harm > 0) {
        None => harms.first().map(|(at, _)| *at),
        Some(last) => harms.get(last + 1).map(|(at, _)| *at),
    };
    let before = |change: &&super::changes::Change| ended.is_some_and(|ended| change.at <= ended);
    Watched {
        stage,
        ended,
        fix: run.record.changes.iter().rfind(before).map(|change| change.entry),
        suffered: Suffered::of(case, harms),
    }
}

/// The harm every ten seconds from the page to a time.
fn harms(case: &Case, stage: &Stage, until: Time) -> Vec<(Time, u16)> {
    let page_at = case.drill.page_at;
    let steps = (until - page_at).0.div_euclid(SAMPLE_EVERY.0).max(0);
    let times: Vec<Time> = (0..=steps).map(|n| page_at + Span::millis(SAMPLE_EVERY.0 * n)).collect();
    let harms = harm::through(&stage.world, &case.indicator, &times);
    times.into_iter().zip(harms).collect()
}

/// Thousandths times seconds, from the page to the close: each sample stands for the ten seconds before it.
fn integral(case: &Case, harms: &[(Time, u16)]) -> u64 {
    let counted = harms.iter().skip(1).take_while(|(at, _)| *at <= case.drill.closes_at);
    counted.map(|(_, harm)| u64::from(*harm) * SAMPLE_EVERY.as_secs().unsigned_abs()).sum()
}

// ---- the solution --------------------------------------------------------------------------------------------------

/// The solution's run on the opening's stage; `None` if the case has none that can be played to its verdict.
pub fn solved(run: &Run) -> Option<&Solved> {
    run.record.yardstick.solved.get_or_init(|| play(&run.case, &run.record.opening)).as_ref()
}

fn play(case: &Arc<Case>, opening: &Stage) -> Option<Solved> {
    let steps = transcript::parse(&case.solution).ok().filter(|steps| !steps.is_empty())?;
    let mut run = Run::open(Arc::clone(case), opening.clone(), Clock::Turn);
    let lines = follow(&mut run, steps).ok()?;
    run.board.verdict.is_some().then(|| Solved::of(run, lines))
}

impl Solved {
    fn of(run: Run, lines: Vec<u32>) -> Solved {
        Solved { harm: watched(&run).suffered.harm, reading: reading(&run), run: Arc::new(run), lines }
    }
}

/// A run that was the case's solution need not be played again to be its own reference.
pub fn solved_by(run: &Run, lines: Vec<u32>) {
    run.record.yardstick.solved.get_or_init(|| {
        watched(run);
        let mut own = run.clone();
        // Nobody keeps himself.
        own.record.yardstick = Arc::default();
        Some(Solved::of(own, lines))
    });
}

// ---- what could have been read -------------------------------------------------------------------------------------

/// Every command of the case's clues as it could have been typed at the page, what it costs, and the clues it showed then:
/// for the shortest proof, the policy and the hints.
pub fn looks(run: &Run) -> &[Look] {
    run.record.yardstick.looks.get_or_init(|| {
        let (case, stage) = (&run.case, &run.record.opening);
        let session = learner_shell(stage);
        let mut known = BTreeSet::new();
        let mut looks = Vec::new();
        for command in case.clues.iter().flat_map(|clue| &clue.at) {
            let typed = roles::expand(command, &case.roles, &stage.world);
            if known.insert(typed.clone()) {
                let cost = console::cost(&stage.world, &session, &typed);
                let clues = fates::shown(case, stage, command);
                looks.push(Look { command: typed, cost, clues });
            }
        }
        looks
    })
}

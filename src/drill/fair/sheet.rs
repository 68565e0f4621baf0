//! What one variant shows on one seed, and how it can end: every useful command as it could be typed at the page, and what
//! the runs left behind in which nobody acts, somebody mends at once, and the solution is played. Collected once, so that
//! thousands of players cost no world. Does not play them.

use crate::case::absence;
use crate::case::score::log::{Course, Event, Fate, What};
use crate::case::score::truth::Truth;
use crate::console::page::Page;
use crate::drill::act::Act;
use crate::drill::course;
use crate::drill::fates;
use crate::drill::run::{Clock, Run, learner_shell};
use crate::scenario::roles;
use crate::scenario::shape::Case;
use crate::stdx::time::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that players at the level of the graded log need.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub case: Arc<Case>,
    pub truth: Truth,
    /// Each command once: those of the clues first.
    pub sights: Vec<Sight>,
    pub idle: Ending,
    /// Mended at once and blindly; `None` if the case has no fix.
    pub hasty: Option<Ending>,
    pub solved: Ending,
    /// What reading costs in the solution and in the optimal policy.
    pub effort: (Span, Span),
    /// The solution's log as it was graded.
    pub solution: Vec<Event>,
}

/// A command that only reads, typed at the page.
#[derive(Clone, Debug)]
pub struct Sight {
    pub command: String,
    pub cost: Span,
    pub clues: BTreeSet<String>,
    /// What its page amounts to if it is bagged whole: the clues of each citation; none: one stray exhibit.
    pub cites: Vec<BTreeSet<String>>,
    /// It shows the users' indicator.
    pub checks: bool,
    pub page: Page,
    /// The clues of each of its lines.
    pub lines: BTreeMap<u32, BTreeSet<String>>,
}

impl Sight {
    /// The smallest citation that holds a clue.
    pub fn cite(&self, clue: &str) -> Option<&BTreeSet<String>> {
        self.cites.iter().filter(|cite| cite.contains(clue)).min_by_key(|cite| cite.len())
    }
}

/// How a run ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub course: Course,
    pub fates: BTreeMap<String, Fate>,
    /// Clues that can still be seen then; only of the run that mends at once.
    pub after: BTreeSet<String>,
}

impl Sheet {
    /// `solved`, `idle` and `hasty` are runs of one opening that are over.
    pub fn collect(solved: &Run, idle: &Run, hasty: Option<&Run>) -> Sheet {
        let case = Arc::clone(&solved.case);
        let sights = sights(solved);
        let end = course::end(solved);
        let effort = end.iter().find_map(|event| match event.what {
            What::Effort { reference, policy } => Some((reference, policy)),
            _ => None,
        });
        let hasty = hasty.map(|run| {
            let mut ending = Ending::of(run);
            let page = |sight: &Sight| fates::page_of(&run.stage, learner_shell(&run.stage), &sight.command);
            for page in sights.iter().map(page) {
                let shown = case.clues.iter().filter(|clue| absence::carries(&case, &page, clue));
                ending.after.extend(shown.map(|clue| clue.id.clone()));
            }
            ending
        });
        Sheet {
            truth: Truth::of(&case),
            idle: Ending::of(idle),
            hasty,
            solved: Ending::of(solved),
            effort: effort.unwrap_or_default(),
            solution: solved.graded_log(),
            sights,
            case,
        }
    }

    /// Every clue that some command shows at the page.
    pub fn seen(&self) -> BTreeSet<String> {
        self.sights.iter().flat_map(|sight| &sight.clues).cloned().collect()
    }

    pub fn perishable(&self) -> BTreeSet<&String> {
        self.truth.clues.iter().filter(|(_, clue)| clue.perishable).map(|(id, _)| id).collect()
    }
}

impl Ending {
    fn of(run: &Run) -> Ending {
        let mut ending = Ending::default();
        for event in course::end(run).iter() {
            match &event.what {
                What::Course(course) => ending.course = *course,
                What::End { clue, fate } => _ = ending.fates.insert(clue.clone(), *fate),
                _ => {}
            }
        }
        ending
    }
}

/// Every reading command of the case's clues and of its solution, each typed by itself at the page and bagged whole.
fn sights(solved: &Run) -> Vec<Sight> {
    let opening = (*solved.record.opening).clone();
    let opened = Run::open(Arc::clone(&solved.case), opening, Clock::Turn);
    let of_clues = solved.case.clues.iter().flat_map(|clue| &clue.at);
    let of_clues = of_clues.map(|command| roles::expand(command, &solved.case.roles, &opened.stage.world));
    let typed = solved.acts.iter().filter_map(|(_, act)| match act {
        Act::Run { line } => Some(line.clone()),
        _ => None,
    });
    let mut known = BTreeSet::new();
    let commands: Vec<String> = of_clues.chain(typed).filter(|command| known.insert(command.clone())).collect();
    commands.iter().filter_map(|command| sight(&opened, command)).collect()
}

fn sight(opened: &Run, command: &str) -> Option<Sight> {
    let mut run = opened.clone();
    let page = run.apply(0, Act::Run { line: command.to_string() }).page?;
    run.apply(0, Act::Bag { page, lines: None, note: String::new() });
    let exhibit = run.board.exhibits.last()?.id;
    let mut sight = Sight {
        command: command.to_string(),
        cost: Span::ZERO,
        clues: BTreeSet::new(),
        cites: run.record.evidence.cites.get(&exhibit).into_iter().flatten().map(|cite| cite.clues.clone()).collect(),
        checks: false,
        page: run.page(page)?.clone(),
        lines: run.record.evidence.shown.get(&page).map(|shown| shown.lines.clone()).unwrap_or_default(),
    };
    sight.cites.retain(|cite| !cite.is_empty());
    for event in &run.record.events {
        match &event.what {
            What::Change { .. } => return None,
            What::Read { cost } => sight.cost = *cost,
            What::Checked => sight.checks = true,
            What::Seen { clue } => _ = sight.clues.insert(clue.clone()),
            _ => {}
        }
    }
    Some(sight)
}

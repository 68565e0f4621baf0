//! What became of perishable clues that were never bagged: their commands are tried on a clone of the stage as it is now
//! and as it would be had nobody acted. Does not match commands to deaths: only folds decide.

use super::course;
use super::run::{Run, learner_shell};
use crate::case::absence;
use crate::case::score::log::{Event, Fate, What};
use crate::console;
use crate::console::page::Page;
use crate::console::session::Session;
use crate::scenario::roles;
use crate::scenario::shape::{Case, Clue};
use crate::scenario::stage::Stage;
use crate::stdx::time::Span;
use std::collections::BTreeSet;

/// A command of a clue that blocks is followed for so long at most.
const FOLLOW_MAX: Span = Span::secs(60);

/// One event for each perishable clue that is not in the bag.
pub fn of(run: &Run) -> Vec<Event> {
    let held: Vec<&String> = run.record.evidence.cites.values().flatten().flat_map(|cite| &cite.clues).collect();
    let lost: Vec<&Clue> = run.case.clues.iter().filter(|clue| clue.perishable && !held.contains(&&clue.id)).collect();
    if lost.is_empty() {
        return Vec::new();
    }
    // Where nobody acted, the run is that other one.
    let mut null = if course::only_time(run) { run.stage.clone() } else { (*run.record.opening).clone() };
    null.advance_to(run.now());
    let fate = |clue: &Clue| {
        if shows(&run.case, &run.stage, clue) {
            Fate::StillThere
        } else if shows(&run.case, &null, clue) {
            Fate::Destroyed
        } else {
            Fate::Expired
        }
    };
    let event =
        |clue: &Clue| Event { entry: 0, at: run.now(), what: What::End { clue: clue.id.clone(), fate: fate(clue) } };
    lost.into_iter().map(event).collect()
}

/// Whether one of the clue's own commands would show it now.
pub fn shows(case: &Case, stage: &Stage, clue: &Clue) -> bool {
    clue.at.iter().any(|command| absence::carries(case, &page(case, stage, command), clue))
}

/// The clues that a command (roles in braces) would show now.
pub fn shown(case: &Case, stage: &Stage, command: &str) -> BTreeSet<String> {
    let page = page(case, stage, command);
    case.clues.iter().filter(|clue| absence::carries(case, &page, clue)).map(|clue| clue.id.clone()).collect()
}

/// The page that a command would print, on a clone of the stage.
pub fn page(case: &Case, stage: &Stage, command: &str) -> Page {
    page_of(stage, learner_shell(stage), &roles::expand(command, &case.roles, &stage.world))
}

/// The page that a line would print in a shell, on a clone of the stage.
pub fn page_of(stage: &Stage, mut session: Session, line: &str) -> Page {
    let mut stage = stage.clone();
    let ran = console::run(&mut stage.world, &mut session, line);
    let (at, prompt, command) = (stage.world.now, String::new(), line.to_string());
    let mut page = Page { id: 1, seat: 0, at, prompt, command, output: ran.output };
    if let Some(mut standing) = ran.standing {
        let limit = stage.world.now + FOLLOW_MAX;
        while !standing.done && standing.next <= limit {
            stage.advance_to(standing.next.max(stage.world.now + Span::millis(1)));
            let output = console::poll(&mut stage.world, &mut session, &mut standing);
            page.output.lines.extend(output.lines);
            page.output.coverage.extend(output.coverage);
        }
    }
    page
}

//! How a room worked together, gathered from its run for the grading. Counts of the room, never of a person.

use super::{Decision, Role};
use crate::case::score::log::{Digest, What};
use crate::case::score::teamwork::{Decided, Teamwork};
use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeSet;

/// What is logged later is a memory, not a record.
pub const LOGGED_WITHIN: Span = Span::mins(2);

/// The facts of a run as it stands.
pub fn of(run: &Run) -> Teamwork {
    let read = run.record.events.iter().filter(|event| matches!(event.what, What::Read { .. }));
    let readers: BTreeSet<u16> = read.map(|event| run.seat_of(event.entry)).collect();
    let loops = run.team.tasks.iter().filter(|task| task.stand != super::Stand::Declined);
    let record = moments(run).into_iter().map(|(entry, at, about)| (entry, logged(run, at, &about)));
    Teamwork {
        readers: readers.len() as u32,
        loops: loops.map(|task| (task.entry, task.is_closed_loop())).collect(),
        changes: run
            .record
            .changes
            .iter()
            .map(|change| decided(run, change.entry, change.expectation.is_some()))
            .collect(),
        record: record.collect(),
    }
}

/// The decision that a change belongs to.
pub fn decision_of(run: &Run, entry: u32) -> Option<&Decision> {
    run.team.decisions.iter().find(|decision| decision.change == Some(entry))
}

fn decided(run: &Run, entry: u32, foreseen: bool) -> Decided {
    let decision = decision_of(run, entry);
    Decided {
        entry,
        decided: decision.is_some(),
        expected: foreseen || decision.is_some_and(|own| !own.expect.is_empty()),
        called: decision.is_some_and(|own| own.called.is_some()),
    }
}

/// What a record holds: changes, decisions, turning points (the command handed over, and the checkpoint at which the room's
/// belief moved most). Each with its time and the entries by which a line may mean it.
fn moments(run: &Run) -> Vec<(u32, Time, Vec<u32>)> {
    let mut found: Vec<(u32, Time, Vec<u32>)> =
        run.record.changes.iter().map(|change| (change.entry, change.at, vec![change.entry])).collect();
    let decided = run.team.decisions.iter().filter_map(|own| Some((own, own.decided_at?)));
    found.extend(decided.map(|(own, at)| (own.decided_entry, at, vec![own.decided_entry, own.entry])));
    let handed = run.team.handovers.iter().filter(|own| own.role == Role::Commander);
    found.extend(handed.map(|own| (own.entry, own.at, vec![own.entry])));
    found.extend(turn(run).map(|(entry, at, _)| (entry, at, vec![entry])));
    found.sort();
    found.dedup_by_key(|(entry, ..)| *entry);
    found
}

/// The checkpoint at which what the room believes of one suspect moved most since the one before, and by how much; `None`
/// if it never moved.
pub fn turn(run: &Run) -> Option<(u32, Time, u32)> {
    let digest = Digest::of(&run.record.events);
    let pairs = digest.checkpoints.windows(2).filter_map(|pair| match pair {
        [before, after] => {
            let suspects = before.stated.keys().chain(after.stated.keys());
            let of =
                |point: &crate::case::score::log::Checkpoint, suspect| point.stated.get(suspect).copied().unwrap_or(0);
            let jump = suspects.map(|suspect| of(before, suspect).abs_diff(of(after, suspect))).max()?;
            Some((after.entry, after.at, jump))
        }
        _ => None,
    });
    // The earliest of equals.
    pairs.filter(|(_, _, jump)| *jump > 0).max_by_key(|(entry, _, jump)| (*jump, std::cmp::Reverse(*entry)))
}

/// Whether the scribe wrote a line about it in time.
fn logged(run: &Run, at: Time, about: &[u32]) -> bool {
    let fits = |line: &&super::Logged| line.scribe && line.about.is_some_and(|own| about.contains(&own));
    run.team.log.iter().filter(fits).any(|line| line.at >= at && line.at - at <= LOGGED_WITHIN)
}

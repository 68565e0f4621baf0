//! The learner's changes, as the audit tells them: which act made them, whether something was expected of them, whether
//! anything was looked at since the one before. Does not judge whether a change was wise.

use super::run::{LEARNER, Run};
use super::team::decisions;
use crate::case::score::log::What;
use crate::console::page::Output;
use crate::stdx::time::{Span, Time};
use crate::world::audit::Entry;

/// One change: all that one line altered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Journal entry.
    pub entry: u32,
    pub at: Time,
    pub command: String,
    /// What was altered: `deployments/storefront`, each once.
    pub objects: Vec<String>,
    /// The expectation declared for it.
    pub expectation: Option<u32>,
    /// A second change before anything was looked at.
    pub confounded: bool,
}

/// What was to be seen on a printed piece of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// A source said where it looked.
    covered: bool,
    /// A line shows a fact.
    shown: bool,
}

impl Look {
    pub fn of(output: &Output) -> Look {
        let shown = output.lines.iter().any(|line| !line.marks.is_empty());
        Look { covered: !output.coverage.is_empty(), shown }
    }

    /// A look is a page on which an instrument showed something, or showed that there is nothing.
    fn any(self) -> bool {
        self.covered || self.shown
    }
}

/// After a line ran: what it changed, or that it was a look. A line that only looked is reading, which has its cost; one
/// that goes on printing looks as long as it does.
pub fn after(run: &mut Run, line: &str, page: u32, cost: Span) {
    let look = run.page(page).map_or_else(Look::default, |page| Look::of(&page.output));
    let goes_on = run.standing.iter().any(|(standing, _)| *standing == page);
    let seat = run.page(page).map_or(0, |page| page.seat);
    let changed = weigh(run, seat, line, look);
    if !changed && (look.any() || goes_on) && cost > Span::ZERO {
        run.note(What::Read { cost });
    }
}

/// After a line, or a piece of a line that goes on, ran: what it changed, or that it was a look. Says whether it changed
/// anything. In a room two people's changes at once are confounded: a change is in flight until whoever made it has
/// looked at something.
pub fn weigh(run: &mut Run, seat: u16, line: &str, look: Look) -> bool {
    let fresh: Vec<&Entry> =
        run.stage.world.audit.entries().rev().take_while(|entry| entry.serial >= run.record.audited).collect();
    let mut objects: Vec<String> =
        fresh.iter().rev().filter(|entry| alters(entry)).map(|entry| object(entry)).collect();
    objects.dedup();
    let audited = fresh.first().map(|entry| entry.serial + 1);
    run.record.audited = audited.unwrap_or(run.record.audited);
    if objects.is_empty() {
        if look.any() {
            run.record.in_flight.remove(&seat);
        }
        return false;
    }
    let entry = run.entry();
    let expectation = run.board.expectations.iter_mut().rfind(|expectation| expectation.change.is_none());
    let expectation = expectation.map(|expectation| {
        expectation.change = Some(entry);
        expectation.id
    });
    // What was expected of the change before must not wait for a later one.
    for stale in run.board.expectations.iter_mut().filter(|stale| stale.change.is_none()) {
        stale.change = Some(0);
    }
    let confounded = !run.record.in_flight.is_empty();
    // `kubectl set … && kubectl get pods` looks after it changed: a source was read on the same page.
    match look.covered {
        true => _ = run.record.in_flight.remove(&seat),
        false => _ = run.record.in_flight.insert(seat),
    }
    decisions::changed(run, entry);
    run.note(What::Change { expected: expectation.is_some(), confounded });
    let at = run.now();
    run.record.changes.push(Change { entry, at, command: line.to_string(), objects, expectation, confounded });
    true
}

/// A successful write by the learner that was not a dry run and altered something. Running a program in a container is a
/// `create` to the API (of `pods/exec`), but no change by itself.
fn alters(entry: &Entry) -> bool {
    let streams = ["exec", "attach", "portforward", "log", "proxy"];
    let subresource = entry.resource.split_once('/').map_or("", |(_, subresource)| subresource);
    let written = !matches!(entry.verb.as_str(), "get" | "list" | "watch");
    let same = matches!(entry.verb.as_str(), "patch" | "update" | "apply") && entry.changed.is_empty();
    entry.user == LEARNER && entry.code < 300 && !entry.dry_run && written && !same && !streams.contains(&subresource)
}

fn object(entry: &Entry) -> String {
    format!("{}/{}", entry.resource, entry.name)
}

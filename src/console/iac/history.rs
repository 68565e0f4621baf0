//! `iac history`, `show`, `log` and `diff`: what was applied, and how the code became what it is. Changes nothing.

use super::super::fact::Fact;
use super::super::flag::Given;
use super::super::page::{Coverage, Line, Output};
use super::{Context, Failure, no_address, object, plan};
use crate::stdx::text;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::iac::apply::Apply;
use crate::world::iac::code::{self, Change, Code, Revision};
use crate::world::iac::plan::Step;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the whole history is called in coverages.
const ALL: &str = "iac";

fn revision(address: &str, number: u64, at: Time, path: &str, before: &str, after: &str) -> Arc<Fact> {
    Arc::new(Fact::Revision {
        via: "iac".into(),
        object: object(address),
        revision: number,
        at,
        path: path.into(),
        before: before.into(),
        after: after.into(),
    })
}

fn limit(given: &Given) -> Result<usize, Failure> {
    match given.last("limit") {
        None => Ok(20),
        Some(text) => text.parse().map_err(|_| (format!("--limit: {text:?} is not a number"), None)),
    }
}

/// A time without year and seconds: what a row has room for, so that the title beside it stands within 80 columns. `show` and
/// `diff` have the whole of it.
fn short(at: Time) -> String {
    at.rfc3339().get(5..16).unwrap_or_default().replace('T', " ")
}

pub fn history(context: &mut Context, given: &Given, address: Option<&str>) -> Result<Output, Failure> {
    let limit = limit(given)?;
    let iac = &context.world.iac;
    let touches =
        |apply: &&Apply| address.is_none_or(|wanted| apply.plan.steps.iter().any(|step| step.address == wanted));
    let found: Vec<&Apply> = iac.applies.iter().filter(touches).collect();
    if let (true, Some(address)) = (found.is_empty(), address) {
        let code = iac.code();
        if !code.contains_key(address) {
            return Err(no_address("the code", address, code.keys().map(String::as_str)));
        }
    }
    let mut lines = vec![Line::plain("APPLY  TIME (UTC)   REV  +    ~    -    TITLE (BY)")];
    for apply in found.iter().rev().take(limit) {
        let (add, change, destroy) = apply.plan.counts();
        let state = if apply.failures.is_empty() { "" } else { "FAILED: " };
        let by = if apply.scheduled { "on schedule" } else { &apply.by };
        let text = format!(
            "#{:<4}  {}  {:<3}  {add:<3}  {change:<3}  {destroy:<3}  {state}{} ({by})",
            apply.number,
            short(apply.at),
            apply.revision,
            text::harmless(&apply.title),
        );
        let mut line = Line::default();
        let name = address.unwrap_or(ALL);
        line.push_fact(text.trim_end(), &revision(name, apply.number, apply.at, "apply", "", &apply.title));
        lines.push(line);
    }
    if found.is_empty() {
        lines = vec![Line::plain("no apply on record")];
    }
    let oldest = found.len().checked_sub(limit + 1).and_then(|at| found.get(at)).map_or(Time(0), |apply| apply.at);
    let target = address.unwrap_or(ALL).to_string();
    let coverage = vec![Coverage::History { target, from: oldest, to: context.world.now }];
    Ok(Output { lines, coverage, code: 0 })
}

fn number(word: &str) -> Option<u64> {
    word.trim_start_matches(['#', 'r']).parse().ok()
}

pub fn show(world: &World, word: &str) -> Result<Output, Failure> {
    let apply = number(word).and_then(|number| world.iac.apply(number));
    let unknown =
        || (format!("there is no apply {word:?}"), Some("iac history shows the applies with their numbers".into()));
    let apply = apply.ok_or_else(unknown)?;
    let mut lines = Vec::new();
    let mut head = Line::default();
    let title = format!("apply #{} of revision {}: {}", apply.number, apply.revision, text::harmless(&apply.title));
    head.push_fact(&title, &revision(ALL, apply.number, apply.at, "apply", "", &apply.title));
    lines.push(head);
    let how = if apply.scheduled { "on schedule" } else { &apply.by };
    lines.push(Line::plain(format!("at {} by {how}, took {}", apply.at.rfc3339(), apply.took.human())));
    lines.push(Line::plain(""));
    let shows = |step: &Step, path: &str, before: &str, after: &str| {
        revision(&step.address, apply.number, apply.at, path, before, after)
    };
    plan::steps_shown(&apply.plan, &shows, &mut lines);
    lines.push(Line::plain(""));
    lines.extend(apply.log.iter().map(|line| Line::plain(text::harmless(line))));
    let coverage = apply.plan.steps.iter().map(|step| Coverage::History {
        target: step.address.clone(),
        from: apply.at,
        to: apply.at,
    });
    Ok(Output { lines, coverage: coverage.collect(), code: 0 })
}

/// The revisions of the code.
pub fn log(world: &World, given: &Given) -> Result<Output, Failure> {
    let limit = limit(given)?;
    let mut lines = vec![Line::plain("REV  TIME (UTC)   CHANGES  TITLE (BY)")];
    for entry in world.iac.revisions.iter().rev().take(limit) {
        let resources: BTreeSet<&String> = entry.changes.iter().map(|change| &change.address).collect();
        let text = format!(
            "{:<3}  {}  {:<7}  {} ({})",
            entry.number,
            short(entry.at),
            resources.len(),
            text::harmless(&entry.title),
            entry.by,
        );
        let mut line = Line::default();
        line.push_fact(text.trim_end(), &revision(ALL, entry.number, entry.at, "merge", "", &entry.title));
        lines.push(line);
    }
    let target = ALL.to_string();
    let coverage = vec![Coverage::History { target, from: Time(0), to: world.now }];
    Ok(Output { lines, coverage, code: 0 })
}

fn find<'a>(world: &'a World, word: &str) -> Result<&'a Revision, Failure> {
    let found = number(word).and_then(|number| world.iac.revision(number));
    let found = found.or_else(|| world.iac.revisions.iter().find(|entry| !entry.id.is_empty() && entry.id == word));
    found.ok_or_else(|| {
        let apply = number(word).and_then(|number| world.iac.apply(number));
        let hint = match apply {
            Some(apply) => format!("apply #{} was of revision {}", apply.number, apply.revision),
            None => "iac log shows the revisions with their numbers".into(),
        };
        (format!("there is no revision {word:?}"), Some(hint))
    })
}

/// What one revision changed, or what changed from one to another.
pub fn diff(world: &World, a: &str, b: Option<&str>) -> Result<Output, Failure> {
    let first = find(world, a)?;
    let (title, changes, newer) = match b {
        None => (format!("revision {}: {}", first.number, first.title), first.changes.clone(), first),
        Some(b) => {
            let second = find(world, b)?;
            let (old, new) = if first.number <= second.number { (first, second) } else { (second, first) };
            let title = format!("revision {} -> {}", old.number, new.number);
            (title, code::differences(&old.code, &new.code), new)
        }
    };
    let mut lines = vec![Line::plain(text::harmless(&title))];
    lines.push(Line::plain(format!("at {} by {}", newer.at.rfc3339(), newer.by)));
    lines.extend(changes_shown(&changes, newer));
    let resources: BTreeSet<String> = changes.iter().map(|change| change.address.clone()).collect();
    let coverage = resources.into_iter().map(|target| Coverage::History { target, from: newer.at, to: newer.at });
    Ok(Output { lines, coverage: coverage.collect(), code: 0 })
}

fn changes_shown(changes: &[Change], newer: &Revision) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut last = "";
    for change in changes {
        if change.address != last {
            last = &change.address;
            lines.push(Line::plain(""));
            lines.push(Line::plain(format!("{}{last}", there(&newer.code, last))));
        }
        let fact = revision(last, newer.number, newer.at, &change.path, &change.before, &change.after);
        for (sign, value) in [('-', &change.before), ('+', &change.after)] {
            if !value.is_empty() {
                let mut line = Line::plain("  ");
                line.push_fact(&format!("{sign} {} = {}", change.path, text::harmless(value)), &fact);
                lines.push(line);
            }
        }
    }
    if changes.is_empty() {
        lines.push(Line::plain("no difference"));
    }
    lines
}

/// How a resource's title begins.
fn there(code: &Code, address: &str) -> &'static str {
    if code.contains_key(address) { "" } else { "removed: " }
}

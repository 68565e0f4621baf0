//! `iac apply`, `edit`, `merge`, `revert`, and holding the pipeline up. Does not know how a plan is carried out.

use super::super::fact::Fact;
use super::super::flag::Given;
use super::super::page::{Line, Output};
use super::{Context, Failure, field, history, no_address};
use crate::stdx::text;
use crate::world::World;
use crate::world::iac::types;
use crate::world::iac::{self, Hold, apply};
use serde_json::Value;
use std::sync::Arc;

fn said(text: String) -> Output {
    Output { lines: vec![Line::plain(text)], ..Output::default() }
}

fn shown(text: &str, fact: Arc<Fact>) -> Line {
    let mut line = Line::default();
    line.push_fact(text, &fact);
    line
}

pub fn apply(context: &mut Context, given: &Given, word: Option<&str>) -> Result<Output, Failure> {
    let by = context.session.user.clone();
    if given.has("scheduled")
        && let Some(hold) = &context.world.iac.pipeline.paused
    {
        return Ok(said(format!("scheduled applies are paused by {} since {}", hold.by, hold.at.rfc3339())));
    }
    let number = apply::run(context.world, &by, word, given.has("scheduled"));
    let Some(number) = number.map_err(|why| (format!("Error: {why}"), None))? else {
        let lines = [
            "No changes. The account is as the code says.",
            "",
            "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.",
        ];
        return Ok(Output { lines: lines.into_iter().map(Line::plain).collect(), ..Output::default() });
    };
    let mut output = history::show(context.world, &number.to_string())?;
    let failed = context.world.iac.apply(number).is_some_and(|apply| !apply.failures.is_empty());
    output.code = i32::from(failed);
    Ok(output)
}

pub fn merge(context: &mut Context, id: &str) -> Result<Output, Failure> {
    let by = context.session.user.clone();
    let number = iac::merge(context.world, id, &by).map_err(|why| (why, None))?;
    history::diff(context.world, &number.to_string(), None)
}

pub fn revert(context: &mut Context, word: &str) -> Result<Output, Failure> {
    let by = context.session.user.clone();
    let unknown = || (format!("{word:?} is not the number of a revision"), Some("iac log shows the revisions".into()));
    let number = word.trim_start_matches(['#', 'r']).parse().map_err(|_| unknown())?;
    let number = iac::revert(context.world, number, &by).map_err(|why| (why, None))?;
    history::diff(context.world, &number.to_string(), None)
}

pub fn edit(context: &mut Context, given: &Given, address: &str, edits: &[&str]) -> Result<Output, Failure> {
    let by = context.session.user.clone();
    let code = context.world.iac.code();
    let there = code.contains_key(address);
    if given.has("new") == there {
        return match there {
            true => Err((format!("{address} is in the code already"), None)),
            false => Err(no_address("the code", address, code.keys().map(String::as_str))),
        };
    }
    let number = if given.has("remove") {
        iac::remove(context.world, address, &by)
    } else {
        let mut changes = edits.iter().map(|edit| read(address, edit)).collect::<Result<Vec<_>, _>>()?;
        if let Some(module) = given.last("module") {
            changes.push(("module".into(), Some(Value::from(module))));
        }
        if changes.is_empty() {
            return Err(("what should be edited?".into(), Some("iac edit ADDRESS NAME=VALUE".into())));
        }
        iac::edit(context.world, address, &changes, &by)
    };
    let number = number.map_err(|why| (why, None))?;
    history::diff(context.world, &number.to_string(), None)
}

/// `NAME=VALUE`, or `NAME-`. A value that must be a number, a list or a table is read as JSON.
fn read(address: &str, edit: &str) -> Result<(String, Option<Value>), Failure> {
    if let Some((name, text)) = edit.split_once('=').filter(|(name, _)| !name.is_empty()) {
        let is = types::of(address).and_then(|row| row.attribute(name)).map(|attribute| attribute.is);
        let value = match is {
            Some(types::Is::Text) | None => Value::from(text),
            // What is no JSON stays a text, so that the code's own check says what is wrong with it.
            Some(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        };
        return Ok((name.to_string(), Some(value)));
    }
    match edit.strip_suffix('-').filter(|name| !name.is_empty()) {
        Some(name) => Ok((name.to_string(), None)),
        None => Err((format!("{edit:?} is not NAME=VALUE"), Some("NAME- takes an attribute away".into()))),
    }
}

/// Locks and pauses, and their ends.
pub fn hold(context: &mut Context, verb: &str, why: &str) -> Result<Output, Failure> {
    let (by, at) = (context.session.user.clone(), context.world.now);
    let pipeline = &mut context.world.iac.pipeline;
    let slot = if verb.ends_with("lock") { &mut pipeline.locked } else { &mut pipeline.paused };
    let starts = matches!(verb, "lock" | "pause");
    match (starts, slot.as_ref()) {
        (true, Some(hold)) => return Err((format!("{} holds it already, since {}", hold.by, hold.at.rfc3339()), None)),
        (false, None) => return Err((format!("there is nothing to {verb}"), None)),
        _ => {}
    }
    *slot = starts.then(|| Hold { by: by.clone(), at, why: text::harmless(why) });
    iac::record(context.world, &by, verb, "pipeline", Vec::new());
    Ok(status(context.world))
}

pub fn status(world: &World) -> Output {
    let pipeline = &world.iac.pipeline;
    let mut lines = Vec::new();
    match pipeline.every {
        None => lines.push(Line::plain("schedule  none: applies run when somebody runs them")),
        Some(every) => {
            let every = every.human();
            let last = pipeline.looked.map_or("not yet".into(), |at| at.rfc3339());
            let text = format!("schedule  every {every}, last at {last}");
            lines.push(shown(&text, field("pipeline", "every", &every)));
        }
    }
    for (name, hold) in [("paused", &pipeline.paused), ("locked", &pipeline.locked)] {
        let (words, value) = match hold {
            None => ("no".to_string(), ""),
            Some(hold) => {
                let why = if hold.why.is_empty() { String::new() } else { format!(": {}", hold.why) };
                (format!("by {} since {}{why}", hold.by, hold.at.rfc3339()), hold.by.as_str())
            }
        };
        lines.push(shown(&format!("{name:8}  {words}"), field("pipeline", name, value)));
    }
    if let Some(head) = world.iac.head() {
        let text = format!("head      revision {}: {}", head.number, text::harmless(&head.title));
        lines.push(shown(&text, field("pipeline", "head", &head.number.to_string())));
    }
    Output { lines, ..Output::default() }
}

//! `iac plan`, and how plans are printed: signs, values before and after, what is hidden. The layout is Terraform's. Does
//! not know how a plan is made.

use super::super::fact::Fact;
use super::super::page::{Line, Output};
use super::{Context, Failure, field};
use crate::stdx::{canon, text};
use crate::world::iac::code::UNKNOWN;
use crate::world::iac::plan::{self, Action, Plan, Step};
use serde_json::Value;
use std::sync::Arc;

/// Makes the fact of one printed difference: step, path, before, after.
pub type Shows<'a> = &'a dyn Fn(&Step, &str, &str, &str) -> Arc<Fact>;

pub fn plan(context: &mut Context, module: Option<&str>) -> Result<Output, Failure> {
    let plan = plan::make(context.world, module).map_err(|why| (format!("Error: {why}"), None))?;
    let mut lines = Vec::new();
    if !plan.drift.is_empty() {
        drift_shown(&plan, &mut lines);
    }
    if plan.steps.is_empty() {
        lines.push(Line::plain("No changes. The account is as the code says."));
    } else {
        steps_shown(&plan, &|step, path, _, after| field(&step.address, path, after), &mut lines);
    }
    Ok(Output { lines, ..Output::default() })
}

fn drift_shown(plan: &Plan, lines: &mut Vec<Line>) {
    lines.push(Line::plain("Note: Objects have changed outside of iac"));
    lines.push(Line::plain(""));
    lines.push(Line::plain("These are not as the last apply left them:"));
    for step in &plan.drift {
        lines.push(Line::plain(""));
        let (title, what) = match step.action {
            Action::Delete => (format!("  # {} has been deleted", step.address), "deleted"),
            _ => (format!("  # {} has changed", step.address), "changed"),
        };
        let mut line = Line::default();
        line.push_fact(&title, &field(&step.address, "drift", what));
        lines.push(line);
        let shows =
            |step: &Step, path: &str, _: &str, after: &str| field(&step.address, &format!("drift.{path}"), after);
        body(step, &shows, lines);
    }
    lines.extend([Line::plain(""), Line::plain("─".repeat(77)), Line::plain("")]);
}

/// The steps of a plan and its sum.
pub fn steps_shown(plan: &Plan, shows: Shows, lines: &mut Vec<Line>) {
    lines.push(Line::plain("Resource actions are indicated with the following symbols:"));
    let legend = [
        (Action::Create, "  + create"),
        (Action::Update, "  ~ update in-place"),
        (Action::Delete, "  - destroy"),
        (Action::Replace, "-/+ destroy and then create replacement"),
    ];
    for (action, words) in legend {
        if plan.steps.iter().any(|step| step.action == action) {
            lines.push(Line::plain(words));
        }
    }
    lines.extend([Line::plain(""), Line::plain("These actions are planned:")]);
    for step in &plan.steps {
        lines.push(Line::plain(""));
        let address = &step.address;
        let (words, action) = match step.action {
            Action::Create => ("will be created", "create"),
            Action::Update => ("will be updated in-place", "update"),
            Action::Delete => ("will be destroyed", "destroy"),
            Action::Replace => ("must be replaced", "replace"),
        };
        let mut line = Line::plain("  ");
        line.push_fact(&format!("# {address} {words}"), &shows(step, "action", "", action));
        lines.push(line);
        if step.action == Action::Delete {
            lines.push(Line::plain(format!("  # (because {address} is not in configuration)")));
        }
        if !step.module.is_empty() {
            lines.push(Line::plain(format!("  # (module {})", text::harmless(&step.module))));
        }
        body(step, shows, lines);
    }
    let (add, change, destroy) = plan.counts();
    lines.push(Line::plain(""));
    lines.push(Line::plain(format!("Plan: {add} to add, {change} to change, {destroy} to destroy.")));
}

/// One resource between its braces.
fn body(step: &Step, shows: Shows, lines: &mut Vec<Line>) {
    let (kind, name) = step.address.split_once('.').unwrap_or((&step.address, ""));
    let sign = match step.action {
        Action::Create => "  + ",
        Action::Update => "  ~ ",
        Action::Delete => "  - ",
        Action::Replace => "-/+ ",
    };
    lines.push(Line::plain(format!("{sign}resource \"{kind}\" \"{name}\" {{")));
    let mut names: Vec<&String> = step.changed.iter().collect();
    let id = "id".to_string();
    if !names.contains(&&id) {
        names.push(&id);
    }
    names.sort();
    let wide = names.iter().map(|name| name.len()).max().unwrap_or(0);
    for name in &names {
        let (before, after) = (step.before.get(*name), step.after.get(*name));
        let forces = if step.forces.contains(name) { " # forces replacement" } else { "" };
        attribute(step, (name, wide), (before, after), forces, shows, lines);
    }
    let hidden = step.before.keys().filter(|key| !names.contains(key)).count();
    if hidden > 0 && step.action != Action::Delete {
        let s = if hidden == 1 { "" } else { "s" };
        lines.push(Line::plain(format!("        # ({hidden} unchanged attribute{s} hidden)")));
    }
    lines.push(Line::plain("    }"));
}

fn attribute(
    step: &Step,
    (name, wide): (&str, usize),
    (before, after): (Option<&Value>, Option<&Value>),
    forces: &str,
    shows: Shows,
    lines: &mut Vec<Line>,
) {
    if before == after {
        if let Some(value) = before {
            lines.push(Line::plain(format!("        {name:wide$} = {}", shown(value))));
        }
        return;
    }
    let nested = |value: Option<&Value>| value.is_some_and(|value| value.is_object() || value.is_array());
    if nested(before) || nested(after) {
        return inside(step, name, (before, after), forces, shows, lines);
    }
    let (was, is) = (before.map(canon::scalar).unwrap_or_default(), after.map(canon::scalar).unwrap_or_default());
    let (sign, words) = match (before, after) {
        (None, Some(after)) => ('+', shown(after)),
        (Some(before), None) => ('-', format!("{} -> null", shown(before))),
        (Some(before), Some(after)) => ('~', format!("{} -> {}", shown(before), shown(after))),
        (None, None) => return,
    };
    let mut line = Line::plain("      ");
    line.push_fact(&format!("{sign} {name:wide$} = {words}{forces}"), &shows(step, name, &was, &is));
    lines.push(line);
}

/// A document, a table or a list: the places in it that differ.
fn inside(
    step: &Step,
    name: &str,
    (before, after): (Option<&Value>, Option<&Value>),
    forces: &str,
    shows: Shows,
    lines: &mut Vec<Line>,
) {
    let null = Value::Null;
    let sign = match (before, after) {
        (None, _) => '+',
        (_, None) => '-',
        _ => '~',
    };
    let unknown = after.is_some_and(|after| after == UNKNOWN);
    let tail = if unknown { format!(" -> {UNKNOWN}") } else { String::new() };
    let mut head = Line::plain("      ");
    let whole = |value: Option<&Value>| value.map(Value::to_string).unwrap_or_default();
    head.push_fact(&format!("{sign} {name} = {{{forces}"), &shows(step, name, &whole(before), &whole(after)));
    lines.push(head);
    let after = if unknown { &null } else { after.unwrap_or(&null) };
    for (path, (was, is)) in canon::differences(before.unwrap_or(&null), after) {
        let (sign, words) = match (was.is_empty(), is.is_empty()) {
            (true, _) => ('+', format!("{is:?}")),
            (_, true) => ('-', format!("{was:?}")),
            _ => ('~', format!("{was:?} -> {is:?}")),
        };
        let full = if path.starts_with('[') { format!("{name}{path}") } else { format!("{name}.{path}") };
        let mut line = Line::plain("          ");
        line.push_fact(&format!("{sign} {path} = {words}"), &shows(step, &full, &was, &is));
        lines.push(line);
    }
    lines.push(Line::plain(format!("        }}{tail}")));
}

/// A value as code has it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text == UNKNOWN => text.clone(),
        other => text::harmless(&other.to_string()),
    }
}

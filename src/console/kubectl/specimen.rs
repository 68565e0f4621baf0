//! How a source would have printed a fact that it did not print: the same layout, so that a pipe can be tried on it. Does
//! not know which absences matter.

use crate::console::fact::Fact;
use crate::console::page::{Coverage, EventForm, Line};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The line that the source of `coverage` would have printed for `fact`; `None` if that source never shows such a fact.
pub fn specimen(coverage: &Coverage, fact: &Fact) -> Option<Line> {
    let shown = Arc::new(fact.clone());
    let mut line = Line::default();
    match (coverage, fact) {
        (Coverage::Events { form, .. }, Fact::Event { object, reason, message, warning, .. }) => {
            let kind = if *warning { "Warning" } else { "Normal" };
            match form {
                EventForm::Get => {
                    line.push(&format!("30s         {kind:<9} "));
                    let target = format!("{}/{}", object.kind.to_lowercase(), object.name);
                    line.push_fact(&format!("{reason:<22}   {target:<30}   {message}"), &shown);
                }
                EventForm::Events => {
                    line.push(&format!("30s                   {kind:<9} "));
                    line.push_fact(&format!("{reason:<22}   {}/{:<30}   {message}", object.kind, object.name), &shown);
                }
                EventForm::Describe => {
                    line.push(&format!("  {kind:<7}  "));
                    line.push_fact(&format!("{reason:<18}  30s  kubelet  {message}"), &shown);
                }
            }
        }
        (Coverage::Log { words, .. }, Fact::Log { fields, template, .. }) => {
            // A value that the fact does not give is unknown, and no search for one may find it.
            line.push_fact(&filled(words.get(template)?, fields), &shown);
        }
        (Coverage::Objects { .. }, Fact::Field { object, value, .. }) => {
            line.push_fact(&format!("{:<30}   {value}", object.name), &shown);
        }
        (Coverage::Whole { .. }, Fact::Field { path, value, .. }) => {
            let label = path.rsplit(['.', '[']).next().unwrap_or(path).trim_end_matches(']');
            line.push(&format!("      {label}: "));
            line.push_fact(value, &shown);
        }
        (Coverage::History { .. }, Fact::Revision { path, after, .. }) => {
            let label = path.rsplit('.').next().unwrap_or(path);
            line.push(&format!("      {label}:  "));
            line.push_fact(after, &shown);
        }
        (Coverage::Metric { .. }, Fact::Metric { name, value, .. }) => {
            line.push_fact(&format!("{name}   {value}"), &shown);
        }
        _ => return None,
    }
    Some(line)
}

/// A template's words with the values that are given; the others keep their place as a dot.
fn filled(words: &str, fields: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = tail.split_once('}') else {
            out.push('{');
            rest = tail;
            continue;
        };
        out.push_str(fields.get(name).map_or("·", String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

//! How a source would have printed a fact that it did not print: the same layout, so that a pipe can be tried on it. Does
//! not know which absences matter.

use crate::console::fact::Fact;
use crate::console::page::{Coverage, EventForm, Line};
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
        (Coverage::Log { .. }, Fact::Log { level, fields, template, .. }) => {
            // The program's own words are not known here; its level, template and values are what a search would look for.
            let values: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={v}")).collect();
            line.push_fact(&format!("{level} {template} {}", values.join(" ")), &shown);
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

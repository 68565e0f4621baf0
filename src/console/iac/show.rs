//! `iac code` and `iac state`: what the code says, and what the last apply left behind. Changes nothing.

use super::super::page::{Coverage, Line, Output};
use super::{Failure, field, no_address, object, plan};
use crate::stdx::{canon, text};
use crate::world::World;
use crate::world::iac::code::{Attributes, Resource};
use serde_json::Value;

/// The code of one resource or module; without either, all addresses by module.
pub fn code(world: &World, word: Option<&str>) -> Result<Output, Failure> {
    let code = world.iac.code();
    let Some(word) = word else {
        return Ok(list(&code.iter().map(|(a, r)| (r.module.as_str(), a.as_str())).collect::<Vec<_>>()));
    };
    let found: Vec<(&String, &Resource)> =
        code.iter().filter(|(address, resource)| *address == word || resource.module == word).collect();
    if found.is_empty() {
        return Err(no_address("the code", word, code.keys().map(String::as_str)));
    }
    let mut output = Output::default();
    for (address, resource) in found {
        if !output.lines.is_empty() {
            output.lines.push(Line::plain(""));
        }
        output.lines.push(comment(&resource.module));
        block(address, &resource.attributes, "", &mut output.lines);
        output.coverage.push(Coverage::Whole { object: object(address) });
    }
    Ok(output)
}

pub fn state_list(world: &World) -> Result<Output, Failure> {
    let state = &world.iac.state;
    Ok(list(&state.iter().map(|(a, e)| (e.module.as_str(), a.as_str())).collect::<Vec<_>>()))
}

pub fn state(world: &World, address: &str) -> Result<Output, Failure> {
    let state = &world.iac.state;
    let missing = || no_address("the state", address, state.keys().map(String::as_str));
    let entry = state.get(address).ok_or_else(missing)?;
    let mut lines = vec![comment(&entry.module)];
    block(address, &entry.attributes, "state.", &mut lines);
    Ok(Output { lines, ..Output::default() })
}

fn comment(module: &str) -> Line {
    Line::plain(if module.is_empty() { "# root module".into() } else { format!("# module {}", text::harmless(module)) })
}

/// Addresses, those of the root first, then by module.
fn list(entries: &[(&str, &str)]) -> Output {
    let mut entries = entries.to_vec();
    entries.sort_unstable();
    let mut lines: Vec<Line> = Vec::new();
    for (module, address) in entries {
        let mut line = Line::default();
        line.push_fact(address, &field(address, "module", module));
        if !module.is_empty() {
            line.push(&format!("  # {}", text::harmless(module)));
        }
        lines.push(line);
    }
    let all = Coverage::Objects { kind: "Code".into(), namespace: None, name: None, selector: String::new() };
    Output { lines, coverage: vec![all], code: 0 }
}

fn block(address: &str, attributes: &Attributes, lead: &str, lines: &mut Vec<Line>) {
    let (kind, name) = address.split_once('.').unwrap_or((address, ""));
    lines.push(Line::plain(format!("resource \"{kind}\" \"{name}\" {{")));
    let wide = attributes.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in attributes {
        if value.is_object() || value.as_array().is_some_and(|items| items.iter().any(Value::is_object)) {
            lines.push(Line::plain(format!("    {name} = {{")));
            for (path, value) in canon::leaves("", value) {
                let full =
                    if path.starts_with('[') { format!("{lead}{name}{path}") } else { format!("{lead}{name}.{path}") };
                let mut line = Line::plain("      ");
                line.push_fact(&format!("{path} = {value:?}"), &field(address, &full, &value));
                lines.push(line);
            }
            lines.push(Line::plain("    }"));
            continue;
        }
        let mut line = Line::plain("    ");
        let fact = field(address, &format!("{lead}{name}"), &canon::scalar(value));
        line.push_fact(&format!("{name:wide$} = {}", plan::shown(value)), &fact);
        lines.push(line);
    }
    lines.push(Line::plain("}"));
}

//! `aws help`: services, operations and options, told from the rows and shapes in our own words. Does not know what an
//! operation does.

use super::arguments::{self, Meaning};
use super::ask::Target;
use super::{global, grammar, operations, wait};
use crate::console::page::{Line, Output};
use crate::world::aws::model::{Model, Of, Shape};
use crate::world::aws::service::{SERVICES, Service};

/// How deep the syntax of a structure is told.
const DEPTH_MAX: usize = 4;

fn page(text: &str) -> Output {
    Output { lines: text.lines().map(Line::plain).collect(), ..Output::default() }
}

/// `aws help`.
pub fn all() -> Output {
    let mut text = String::from(
        "NAME\n       aws\n\nSYNOPSIS\n       aws [options] <command> <subcommand> [parameters]\n\nGLOBAL OPTIONS\n",
    );
    for opt in global::options() {
        let value = match opt.takes {
            grammar::Takes::Nothing => String::new(),
            _ if opt.choices.is_empty() => " VALUE".into(),
            _ => format!(" {}", opt.choices.join("|")),
        };
        text.push_str(&format!("       {}{value}\n", opt.name));
    }
    text.push_str("\nAVAILABLE SERVICES\n");
    let mut rows: Vec<(&str, &str)> = SERVICES.iter().map(|row| (row.name, row.doc)).collect();
    rows.extend([("configure", "what this machine is set up with"), ("s3", "buckets and objects, listed and read")]);
    rows.sort_unstable();
    for (name, doc) in rows {
        text.push_str(&format!("       o {name:<26} {doc}\n"));
    }
    page(&text)
}

/// `aws SERVICE help`.
pub fn service(row: &'static Service) -> Output {
    let mut text = format!("NAME\n       {} - {}\n\nAVAILABLE COMMANDS\n", row.name, row.doc);
    let mut known: Vec<(String, &str)> = operations(row)
        .map(|(name, target)| (name, row.operation(&target.operation.name).map_or("", |operation| operation.doc)))
        .collect();
    if row.name == "logs" {
        known.push(("tail".into(), "follow a log group"));
    }
    if !wait::of(row).is_empty() {
        known.push(("wait".into(), "ask again until something holds"));
    }
    known.sort();
    for (name, doc) in known {
        text.push_str(&format!("       o {name:<40} {doc}\n"));
    }
    page(&text)
}

/// `aws SERVICE wait help`.
pub fn waiters(row: &'static Service) -> Output {
    let mut text = format!("NAME\n       {} wait\n\nAVAILABLE COMMANDS\n", row.name);
    for (name, _, waiter) in wait::of(row) {
        let (delay, tries, operation) = (waiter.delay, waiter.tries, &waiter.operation);
        text.push_str(&format!("       o {name:<36} asks {operation} every {delay} s, at most {tries} times\n"));
    }
    page(&text)
}

/// `aws SERVICE OPERATION help`.
pub fn operation(name: &str, target: Target) -> Output {
    let doc = target.service.operation(&target.operation.name).map_or("", |operation| operation.doc);
    let rows = arguments::of(target.model, target.operation);
    let mut text = format!("NAME\n       {name} - {doc}\n\nSYNOPSIS\n         {name}\n");
    for row in rows.iter().filter(|row| !row.opt.hidden) {
        let value = kind(target.model, &row.is);
        let shown = if value.is_empty() { row.opt.name.clone() } else { format!("{} <{value}>", row.opt.name) };
        let line = if row.opt.required { shown } else { format!("[{shown}]") };
        text.push_str(&format!("       {line}\n"));
    }
    if arguments::outfile(target.model, target.operation).is_some() {
        text.push_str("       <outfile>\n");
    }
    text.push_str("\nOPTIONS\n");
    for row in rows.iter().filter(|row| !row.opt.hidden) {
        let Meaning::Member { shape, .. } = &row.is else { continue };
        text.push_str(&format!("       {} ({})\n", row.opt.name, kind(target.model, &row.is)));
        let mut syntax = String::new();
        told(target.model, shape, 0, &mut syntax);
        if matches!(target.model.shape(shape), Some(Shape::Scalar(scalar)) if scalar.choices.is_empty()) {
            continue;
        }
        text.push_str(&format!("          {syntax}\n"));
    }
    text.push_str("\nOUTPUT\n");
    let mut syntax = String::new();
    told(target.model, &target.operation.output, 0, &mut syntax);
    text.push_str(&format!("       {}\n", if syntax.is_empty() { "None" } else { &syntax }));
    page(&text)
}

/// What an option takes, in a word.
fn kind(model: &Model, is: &Meaning) -> &'static str {
    let Meaning::Member { shape, .. } = is else {
        return if matches!(is, Meaning::Truth { .. } | Meaning::Wrapped { .. }) { "" } else { "value" };
    };
    match model.shape(shape) {
        Some(Shape::List(_)) => "list",
        Some(Shape::Map(_)) => "map",
        Some(Shape::Struct(_)) => "structure",
        Some(Shape::Scalar(scalar)) => match scalar.of {
            Of::String => "string",
            Of::Integer => "integer",
            Of::Long => "long",
            Of::Float | Of::Double => "double",
            Of::Boolean => "boolean",
            Of::Blob => "blob",
            Of::Timestamp => "timestamp",
        },
        None => "value",
    }
}

/// A shape's inside in one line: `{Name=string, Values=[string, ...]}`.
fn told(model: &Model, shape: &str, depth: usize, text: &mut String) {
    if depth > DEPTH_MAX {
        text.push_str("...");
        return;
    }
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => {
            text.push('{');
            for (at, member) in structure.members.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                text.push_str(&member.name);
                text.push('=');
                told(model, &member.shape, depth + 1, text);
            }
            text.push('}');
        }
        Some(Shape::List(list)) => {
            text.push('[');
            told(model, &list.member, depth + 1, text);
            text.push_str(", ...]");
        }
        Some(Shape::Map(map)) => {
            text.push('{');
            told(model, &map.key, depth + 1, text);
            text.push('=');
            told(model, &map.value, depth + 1, text);
            text.push_str(", ...}");
        }
        Some(Shape::Scalar(scalar)) if !scalar.choices.is_empty() && depth < 2 => {
            text.push_str(&scalar.choices.join("|"));
        }
        Some(Shape::Scalar(scalar)) => {
            let name = format!("{:?}", scalar.of).to_lowercase();
            text.push_str(&name);
        }
        None => {}
    }
}

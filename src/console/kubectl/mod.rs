//! kubectl 1.36 as a client of the API: one file a verb. May import only the API's request and response from the world.

mod about;
mod apply;
mod call;
pub mod cells;
mod change;
pub mod columns;
pub mod complete;
mod create;
mod create_job;
mod delete;
pub mod describe;
mod events;
mod exec;
mod explain;
mod flags;
mod get;
pub mod json;
pub mod jsonpath;
mod jsonpath_parse;
mod logs;
mod manifest;
pub mod rollout;
mod set;
pub mod sheet;
mod show;
pub mod specimen;
pub mod subject;
pub mod table;
mod targets;
mod top;
pub mod verbs;
mod wait;
pub mod yaml;
mod yaml_scalar;

pub use complete::complete;
pub use specimen::specimen;

use super::page::{Line, Output};
use super::program::{Context, Program};
use super::session::{Session, Standing};
use crate::stdx::time::Span;
use crate::world::World;
use call::{Call, Failure};
use serde_json::Value;

pub static PROGRAM: Program = Program {
    name: "kubectl",
    aliases: &["k"],
    doc: "Control the Kubernetes cluster",
    usage: "kubectl COMMAND [KIND NAME] [flags]; kubectl help",
    flags: &[],
    cost: Span::secs(15),
    run,
    poll: Some(poll),
};

/// Flags before the verb (`kubectl -n shop get pods`) belong to it: they are moved behind it.
fn verb_first(args: &[String]) -> Vec<String> {
    let mut before = Vec::new();
    let mut rest = args.iter().skip(1).cloned();
    while let Some(arg) = rest.next() {
        if !arg.starts_with('-') || arg == "--" {
            let mut words = vec![arg];
            words.extend(rest);
            let named = verbs::find(&words).map_or(1, |(_, n)| n);
            let tail = words.split_off(named.min(words.len()));
            words.extend(before);
            words.extend(tail);
            return words;
        }
        let takes_value = flags::GLOBAL.iter().any(|f| {
            !f.value.is_empty()
                && (arg == format!("--{}", f.long) || (f.short != '\0' && arg == format!("-{}", f.short)))
        });
        before.push(arg);
        if takes_value {
            before.extend(rest.next());
        }
    }
    before
}

/// The verb and what it names, without flags.
pub fn plain(args: &[String]) -> Vec<String> {
    let words = verb_first(args);
    let Some((row, named)) = verbs::find(&words) else { return words };
    let rest = words.get(named..).unwrap_or_default();
    let operands = flags::read(row, rest).map_or_else(|_| rest.to_vec(), |given| given.operands);
    words.iter().take(named).cloned().chain(operands).collect()
}

/// What a line costs on the turn clock, by its verb; `None` if it is no verb's. A line that kubectl refuses to read, or
/// that only asks for help, is free.
pub fn cost(args: &[String]) -> Option<Span> {
    let words = verb_first(args);
    let (row, named) = verbs::find(&words)?;
    let given = match flags::read(row, &words[named..]) {
        Ok(given) if !given.on("help") => given,
        _ => return Some(Span::ZERO),
    };
    Some(if is_complete(row, &given) { row.cost } else { Span::ZERO })
}

/// Whether nothing is missing that a verb refuses to go without before it asks the server anything.
fn is_complete(row: &verbs::VerbRow, given: &flags::Given) -> bool {
    let named = given.operands.len();
    match row.name {
        "apply" | "create" | "diff" | "replace" => given.has("filename"),
        "create service" => named >= 2,
        "create configmap"
        | "create deployment"
        | "create namespace"
        | "create secret generic"
        | "create serviceaccount"
        | "run" => named >= 1,
        "delete" | "describe" | "get" => named >= 1 || given.has("filename"),
        "drain" => named >= 1 || given.has("selector"),
        "exec" => given.dash.map_or(named >= 2, |before| before >= 1 && named > before),
        "logs" => named >= 1 || given.has("selector"),
        "patch" => named >= 1 && (given.has("patch") || given.has("patch-file")),
        "scale" => named >= 1 && given.has("replicas"),
        "set env" | "set image" | "set resources" => named >= 1 || given.has("filename"),
        "taint" => named >= 2,
        "wait" => named >= 1 && given.has("for"),
        "top node" | "top pod" => true,
        _ => named >= 1 || row.takes == verbs::Takes::Nothing,
    }
}

fn failed(failure: Failure) -> Output {
    let mut lines: Vec<Line> = failure.lines.into_iter().map(Line::err).collect();
    lines.extend(failure.hint.map(Line::hint));
    Output { lines, code: failure.code, ..Output::default() }
}

fn run(context: &mut Context) -> Output {
    let words = verb_first(context.args);
    if words.first().is_none_or(|w| w.starts_with('-')) {
        return Output { lines: about::overview(), ..Output::default() };
    }
    let Some((verb, named)) = verbs::find(&words) else { return failed(about::unknown(&words)) };
    let given = match flags::read(verb, &words[named..]) {
        Ok(given) => given,
        Err(failure) => return failed(failure),
    };
    if given.on("help") {
        return Output { lines: about::help_page(verb), ..Output::default() };
    }
    if let Some(other) =
        given.value("context").filter(|c| !context.session.context.is_empty() && *c != context.session.context)
    {
        return failed(Failure::error(format!("context {other:?} does not exist")));
    }
    let mut call = Call {
        world: context.world,
        session: context.session,
        verb,
        given,
        input: context.input.take(),
        out: Output::default(),
        standing: None,
    };
    if let Err(failure) = (verb.run)(&mut call) {
        call.fail(failure);
    }
    let (out, standing) = (call.out, call.standing);
    context.standing = standing;
    out
}

/// A call of a verb without a line, for verbs that go on.
fn call_for<'a>(world: &'a mut World, session: &'a mut Session, name: &str) -> Call<'a> {
    let words: Vec<String> = name.split(' ').map(String::from).collect();
    let verb = verbs::find(&words).map_or(&verbs::VERBS[0], |(row, _)| row);
    let given = flags::Given::default();
    Call { world, session, verb, given, input: None, out: Output::default(), standing: None }
}

fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let verb = standing.cursor.get("verb").and_then(Value::as_str).unwrap_or("").to_string();
    match verb.as_str() {
        "get" => get::poll(world, session, standing),
        "logs" => logs::poll(world, session, standing),
        "events" => events::poll(world, session, standing),
        "rollout status" => rollout::poll(world, session, standing),
        "drain" => delete::poll_drain(world, session, standing),
        "delete" => delete::poll(world, session, standing),
        "wait" => wait::poll(world, session, standing),
        _ => {
            standing.done = true;
            Output::default()
        }
    }
}

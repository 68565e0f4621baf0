//! `aws`: the simulated command line client. Reads options by the services' shapes, asks `world::aws::handle`, and prints as
//! the real client does. Does not know what an operation does.

mod arguments;
mod ask;
mod check;
pub mod complete;
mod configure;
mod document;
mod extras;
mod global;
mod grammar;
mod help;
mod json_fault;
mod node;
mod operation;
pub mod outside;
mod paging;
mod query;
mod receive;
mod s3;
mod shorthand;
mod show;
mod skeleton;
mod stamp;
mod table;
mod tail;
mod text;
mod unpack;
mod usage;
mod wait;
mod words;

use super::page::{Line, Output};
use super::program::{Context, Program};
use super::session::{Session, Standing};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::aws::service::{SERVICES, Service};
use ask::Target;
use global::Global;
use serde_json::Value;

pub const PROGRAM: Program = Program {
    name: "aws",
    aliases: &[],
    doc: "the AWS command line client",
    usage: "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\nTo see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\nExamples:\n  aws sqs list-queues\n  aws sqs get-queue-attributes --queue-url URL --attribute-names All\n  aws cloudwatch describe-alarms --query 'MetricAlarms[].[AlarmName,StateValue]' --output text",
    flags: &[],
    cost: Span::secs(15),
    run,
    poll: Some(poll),
};

/// As the real client says it is; the door's comparison uses the same.
const VERSION: &str = "aws-cli/1.46.3 Python/3.11.7 Linux/6.12 botocore/1.44.5";

/// Commands that are no service.
const COMMANDS: &[&str] = &["s3", "configure", "help"];

fn run(context: &mut Context) -> Output {
    let words = context.args.get(1..).unwrap_or_default();
    perform(context.world, context.session, words, &mut context.standing)
}

/// Runs a command. A poll that waits is asked again by its own words.
fn perform(world: &mut World, session: &mut Session, words: &[String], standing: &mut Option<Standing>) -> Output {
    let output = match go(world, session, words, standing) {
        Ok(output) | Err(output) => output,
    };
    if let Some(poll) = standing.as_mut().filter(|poll| receive::until(poll).is_some()) {
        poll.cursor["words"] = Value::from(words.to_vec());
    }
    output
}

fn go(
    world: &mut World,
    session: &mut Session,
    words: &[String],
    standing: &mut Option<Standing>,
) -> Result<Output, Output> {
    let options = global::options();
    let read = grammar::read(&options, &["command"], words);
    if words.iter().any(|word| word == "--version") {
        return Ok(Output { lines: vec![Line::plain(VERSION)], ..Output::default() });
    }
    let read = read.map_err(|say| usage::misread(&say))?;
    let command = read.operands.first().map_or("", String::as_str);
    let names = || SERVICES.iter().map(|service| service.name).chain(COMMANDS.iter().copied());
    if !names().any(|name| name == command) {
        let say = grammar::choices(command, names());
        return Err(usage::misread(&format!("argument command: {say}")));
    }
    let global = global::understand(world, session, &read)?;
    match command {
        "help" => Ok(help::all()),
        "configure" => configure::run(world, session, &read.extras),
        "s3" => s3::run(world, session, &global, &read.extras),
        _ => match SERVICES.iter().copied().find(|row| row.name == command) {
            Some(row) => service(world, session, (row, &global), &read.extras, standing),
            None => Err(usage::misread("the following arguments are required: command")),
        },
    }
}

/// The service and the operation, without flags.
pub fn plain(words: &[String]) -> Vec<String> {
    let Ok(read) = grammar::read(&global::options(), &["command"], words.get(1..).unwrap_or_default()) else {
        return words.get(1..).unwrap_or_default().to_vec();
    };
    let inner = grammar::read(&[], &["operation"], &read.extras).map(|inner| inner.operands).unwrap_or_default();
    read.operands.into_iter().chain(inner).collect()
}

/// What a line costs on the turn clock. What asks nothing of the account is free: help, forms, and what the client itself
/// refuses to read.
pub fn cost(words: &[String]) -> Span {
    if asks(words.get(1..).unwrap_or_default()) { PROGRAM.cost } else { Span::ZERO }
}

fn asks(words: &[String]) -> bool {
    let Ok(read) = grammar::read(&global::options(), &["command"], words) else { return false };
    let Ok(inner) = grammar::read(&[], &["operation"], &read.extras) else { return false };
    let command = read.operands.first().map_or("", String::as_str);
    let (name, rest) = (inner.operands.first().map_or("", String::as_str), inner.extras.as_slice());
    if read.has("--version") || name.is_empty() || name == "help" || matches!(rest, [word] if word == "help") {
        return false;
    }
    let Some(row) = SERVICES.iter().copied().find(|row| row.name == command) else { return command == "s3" };
    match name {
        "tail" if row.name == "logs" => true,
        "wait" if !wait::of(row).is_empty() => !rest.is_empty(),
        _ => operations(row).find(|(known, _)| known == name).is_some_and(|(_, target)| {
            let read = operation::read(target, &arguments::of(target.model, target.operation), rest);
            read.is_ok_and(|read| !read.has("--generate-cli-skeleton"))
        }),
    }
}

/// The operations of a service that the account answers, by their names on the command line.
fn operations(row: &'static Service) -> impl Iterator<Item = (String, Target)> {
    let model = row.model();
    row.operations.iter().filter_map(move |known| {
        let operation = model.operations.get(known.name)?;
        Some((words::dashed(known.name), Target { service: row, model, operation }))
    })
}

fn service(
    world: &mut World,
    session: &mut Session,
    (row, global): (&'static Service, &Global),
    words: &[String],
    standing: &mut Option<Standing>,
) -> Result<Output, Output> {
    let read = grammar::read(&[], &["operation"], words).map_err(|say| usage::misread(&say))?;
    let name = read.operands.first().map_or("", String::as_str);
    let rest = read.extras.as_slice();
    let helps = matches!(rest, [word] if word == "help");
    match name {
        "help" => return Ok(help::service(row)),
        "tail" if row.name == "logs" => return tail::run(world, session, global, rest, standing),
        "wait" if !wait::of(row).is_empty() && helps => return Ok(help::waiters(row)),
        "wait" if !wait::of(row).is_empty() => return wait::run(world, session, (row, global), rest, standing),
        _ => {}
    }
    match operations(row).find(|(known, _)| known == name) {
        Some((name, target)) if helps => Ok(help::operation(&name, target)),
        Some((_, target)) if receive::waits(target) => receive::run(world, session, (target, global), rest, standing),
        Some((_, target)) => operation::run(world, session, (target, global), rest),
        None => {
            let mut names: Vec<String> = operations(row).map(|(known, _)| known).collect();
            names.sort();
            names.extend((!wait::of(row).is_empty()).then(|| "wait".to_string()));
            names.push("help".into());
            let say = grammar::choices(name, names.iter().map(String::as_str));
            Err(usage::misread(&format!("argument operation: {say}")))
        }
    }
}

/// What goes on: a long poll, a followed log group, or a waiter.
fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    if receive::until(standing).is_some() {
        if world.now < standing.next {
            return Output::default();
        }
        let words = standing.cursor.get("words").and_then(Value::as_array).cloned().unwrap_or_default();
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(str::to_string).collect();
        let mut held = Some(standing.clone());
        let output = perform(world, session, &words, &mut held);
        match held {
            Some(again) => (standing.cursor, standing.next) = (again.cursor, again.next),
            None => standing.done = true,
        }
        output
    } else if standing.cursor.get("tail").is_some() {
        tail::again(world, session, standing)
    } else {
        wait::again(world, session, standing)
    }
}

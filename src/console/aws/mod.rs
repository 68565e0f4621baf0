//! `aws`: the simulated command line client. Reads options by the services' shapes, asks `world::aws::handle`, and prints as
//! the real client does. Does not know what an operation does.

mod arguments;
mod ask;
mod check;
mod extras;
mod global;
mod grammar;
mod json_fault;
mod node;
mod operation;
mod paging;
mod query;
mod shorthand;
mod show;
mod stamp;
mod table;
mod text;
mod unpack;
mod usage;
mod words;

use super::page::{Line, Output};
use super::program::{Context, Program};
use super::session::{Session, Standing};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::aws::service::{SERVICES, Service};
use ask::Target;
use global::Global;

pub const PROGRAM: Program = Program {
    name: "aws",
    aliases: &[],
    doc: "the AWS command line client",
    usage: "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\nTo see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\nExamples:\n  aws sqs list-queues\n  aws sqs get-queue-attributes --queue-url URL --attribute-names All\n  aws cloudwatch describe-alarms --query 'MetricAlarms[].[AlarmName,StateValue]' --output text",
    flags: &[],
    cost: Span::secs(20),
    run,
    poll: Some(poll),
};

/// As the real client says it is; the door's comparison uses the same.
const VERSION: &str = "aws-cli/1.45.11 Python/3.11.7 Linux/6.12 botocore/1.43.11";

/// Commands that are no service.
const COMMANDS: &[&str] = &["help"];

fn run(context: &mut Context) -> Output {
    let words = context.args.get(1..).unwrap_or_default();
    match go(context.world, context.session, words) {
        Ok(output) | Err(output) => output,
    }
}

fn go(world: &mut World, session: &mut Session, words: &[String]) -> Result<Output, Output> {
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
    let row = SERVICES.iter().copied().find(|row| row.name == command);
    match row {
        Some(row) => service(world, session, (row, &global), &read.extras),
        None => Err(usage::misread("the following arguments are required: command")),
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
) -> Result<Output, Output> {
    let read = grammar::read(&[], &["operation"], words).map_err(|say| usage::misread(&say))?;
    let name = read.operands.first().map_or("", String::as_str);
    match operations(row).find(|(known, _)| known == name) {
        Some((_, target)) => operation::run(world, session, (target, global), &read.extras),
        None => {
            let mut names: Vec<String> = operations(row).map(|(known, _)| known).collect();
            names.sort();
            names.push("help".into());
            let say = grammar::choices(name, names.iter().map(String::as_str));
            Err(usage::misread(&format!("argument operation: {say}")))
        }
    }
}

fn poll(_world: &mut World, _session: &mut Session, standing: &mut Standing) -> Output {
    standing.done = true;
    Output::default()
}

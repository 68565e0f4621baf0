//! `aws`: the simulated command line client. Reads options by the services' shapes, asks `world::aws::handle`, and prints as
//! the real client does. Does not know what an operation does.

use super::page::{Line, Output};
use super::program::{Context, Program};
use crate::stdx::time::Span;

pub const PROGRAM: Program = Program {
    name: "aws",
    aliases: &[],
    doc: "the AWS command line client",
    usage: "usage: aws [options] <command> <subcommand> [parameters]",
    flags: &[],
    cost: Span::secs(20),
    run,
    poll: None,
};

fn run(_context: &mut Context) -> Output {
    Output { lines: vec![Line::err("aws: not here yet")], code: 252, ..Output::default() }
}

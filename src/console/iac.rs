//! `iac`: infrastructure as code: what is in the code, what was applied, by whom, and how it differs from what is there.
//! Does not know the account's services (it asks `world::iac`).

use super::page::{Line, Output};
use super::program::{Context, Program};
use crate::stdx::time::Span;

pub const PROGRAM: Program = Program {
    name: "iac",
    aliases: &[],
    doc: "infrastructure as code: plan, apply, history",
    usage: "usage: iac plan | apply | history | show N | diff | state",
    flags: &[],
    cost: Span::secs(20),
    run,
    poll: None,
};

fn run(_context: &mut Context) -> Output {
    Output { lines: vec![Line::err("iac: not here yet")], code: 1, ..Output::default() }
}

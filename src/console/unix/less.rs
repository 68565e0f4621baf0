//! less: the whole text; the page it goes to is the pager. Does not know the screen.

use super::{Sink, sources};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::Output;
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "less",
    aliases: &["more"],
    doc: "show a text; the page scrolls by itself",
    usage: "Usage: less [FILE]...",
    flags: &[
        Flag::switch('F', "quit-if-one-screen", "accepted"),
        Flag::switch('N', "LINE-NUMBERS", "accepted"),
        Flag::switch('R', "RAW-CONTROL-CHARS", "accepted"),
        Flag::switch('S', "chop-long-lines", "accepted"),
        Flag::switch('X', "no-init", "accepted"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut sink = Sink::default();
    for line in sources(context, &given.operands, &mut sink, 1).into_iter().flat_map(|s| s.lines) {
        sink.print(line);
    }
    sink.output
}

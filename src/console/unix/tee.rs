//! tee: what passes, kept in a note too. Does not know what it is.

use super::{Sink, all_lines, write};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::Output;
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "tee",
    aliases: &[],
    doc: "print what is piped in and keep it in notes",
    usage: "Usage: tee [OPTION]... [FILE]...\nExamples:\n  kubectl get pods | tee before.txt",
    flags: &[Flag::switch('a', "append", "add to the notes")],
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
    let lines = all_lines(context, &[], &mut sink, 1);
    for name in &given.operands {
        if let Err(line) = write(context.session, name, lines.clone(), given.has("a")) {
            let text = line.text.replacen("bash:", "tee:", 1);
            sink.error(text, 1);
        }
    }
    for line in lines {
        sink.print(line);
    }
    sink.output
}

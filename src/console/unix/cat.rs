//! cat: notes, one after the other. Does not know what is in them.

use super::{Sink, sources};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "cat",
    aliases: &[],
    doc: "print notes, or what is piped in",
    usage: "Usage: cat [OPTION]... [FILE]...\nExamples:\n  cat before.yaml\n  cat > plan.txt <<EOF",
    flags: &[
        Flag::switch('A', "show-all", "show line ends and tabs"),
        Flag::switch('n', "number", "number the lines"),
        Flag::switch('s', "squeeze-blank", "print one blank line for many"),
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
    let mut blank = false;
    let sources = sources(context, &given.operands, &mut sink, 1);
    for (number, line) in sources.into_iter().flat_map(|s| s.lines).enumerate() {
        let was_blank = std::mem::replace(&mut blank, line.text.is_empty());
        if given.has("s") && was_blank && blank {
            continue;
        }
        let mut out = Line { open: line.open, ..Line::default() };
        if given.has("n") {
            out.push(&format!("{:>6}\t", number + 1));
        }
        if given.has("A") {
            out.push(&line.text.replace('\t', "^I"));
            out.push(if line.open { "" } else { "$" });
        } else {
            out.push_part(&line, 0..line.text.len());
        }
        if !sink.print(out) {
            break;
        }
    }
    sink.output
}

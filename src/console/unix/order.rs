//! tac, rev and nl: lines backwards, letters backwards, lines numbered. Does not know where lines come from.

use super::{Sink, all_lines};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static NL: Program = Program {
    name: "nl",
    aliases: &[],
    doc: "number lines",
    usage: "Usage: nl [OPTION]... [FILE]...",
    flags: &[
        Flag::value('b', "body-numbering", "STYLE", "a: all lines, t: those with text"),
        Flag::value('w', "number-width", "NUM", "columns for the number"),
    ],
    cost: Span::ZERO,
    run: number,
    poll: None,
};

pub static REV: Program = Program {
    name: "rev",
    aliases: &[],
    doc: "print each line backwards",
    usage: "Usage: rev [FILE]...",
    flags: &[],
    cost: Span::ZERO,
    run: reverse,
    poll: None,
};

pub static TAC: Program = Program {
    name: "tac",
    aliases: &[],
    doc: "print lines, the last one first",
    usage: "Usage: tac [FILE]...",
    flags: &[],
    cost: Span::ZERO,
    run: backwards,
    poll: None,
};

fn number(context: &mut Context) -> Output {
    let given = match flag::read(&NL, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let width = given.last("w").and_then(|w| w.parse::<usize>().ok()).unwrap_or(6).min(100);
    let mut sink = Sink::default();
    let mut number = 0;
    for line in all_lines(context, &given.operands, &mut sink, 1) {
        let mut out = Line::default();
        if line.text.is_empty() && given.last("b") != Some("a") {
            out.push(&" ".repeat(width + 1));
        } else {
            number += 1;
            out.push(&format!("{number:>width$}\t"));
        }
        out.push_part(&line, 0..line.text.len());
        if !sink.print(out) {
            break;
        }
    }
    sink.output
}

fn reverse(context: &mut Context) -> Output {
    let given = match flag::read(&REV, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut sink = Sink::default();
    for line in all_lines(context, &given.operands, &mut sink, 1) {
        // Letters in another order are not the bytes that were shown: no mark survives.
        if !sink.print(Line::plain(line.text.chars().rev().collect::<String>())) {
            break;
        }
    }
    sink.output
}

fn backwards(context: &mut Context) -> Output {
    let given = match flag::read(&TAC, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut sink = Sink::default();
    let lines = all_lines(context, &given.operands, &mut sink, 1);
    for mut line in lines.into_iter().rev() {
        line.open = false;
        if !sink.print(line) {
            break;
        }
    }
    sink.output
}

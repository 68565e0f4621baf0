//! tail: the last lines, or all from a line on. Does not know where lines come from.

use super::{Sink, head, sources};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "tail",
    aliases: &[],
    doc: "print the last lines",
    usage: "Usage: tail [OPTION]... [FILE]...\nExamples:\n  kubectl logs deploy/cart | tail -20\n  kubectl get pods | tail -n +2",
    flags: &[
        Flag::value('c', "bytes", "NUM", "print the last NUM bytes"),
        Flag::switch('f', "follow", "accepted; a note does not grow by itself"),
        Flag::value('n', "lines", "NUM", "print the last NUM lines; +NUM: from line NUM on"),
        Flag::switch('q', "quiet", "print no names of notes"),
        Flag::switch('v', "verbose", "print the names of notes"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

fn run(context: &mut Context) -> Output {
    let mut args = head::modern(context.args);
    if let Some(first) = args.get_mut(1)
        && first.len() > 1
        && first.starts_with('+')
        && first[1..].bytes().all(|b| b.is_ascii_digit())
    {
        *first = format!("-n{first}");
    }
    let given = match flag::read(&PROGRAM, &args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let amount = match head::Amount::read("tail", &given) {
        Ok(amount) => amount,
        Err(output) => return output,
    };
    let number = amount.number;
    let mut sink = Sink::default();
    let sources = sources(context, &given.operands, &mut sink, 1);
    let named = head::is_named(&given, sources.len());
    for (at, source) in sources.into_iter().enumerate() {
        if named {
            head::print_name(&mut sink, at, &source.name);
        }
        if amount.unit == "bytes" {
            last_bytes(source.lines, number, &mut sink);
            continue;
        }
        let skip = if amount.text.starts_with('+') {
            number.saturating_sub(1)
        } else {
            source.lines.len().saturating_sub(number)
        };
        source.lines.into_iter().skip(skip).for_each(|line| {
            sink.print(line);
        });
    }
    sink.output
}

fn last_bytes(lines: Vec<Line>, number: usize, sink: &mut Sink) {
    let mut left = number;
    let mut kept = Vec::new();
    for line in lines.into_iter().rev() {
        let newline = usize::from(!line.open);
        if left <= newline {
            break;
        }
        let room = left - newline;
        if line.text.len() <= room {
            left = room - line.text.len();
            kept.push(line);
        } else {
            let start = super::floor(&line.text, line.text.len() - room);
            kept.push(line.part(start..line.text.len()));
            break;
        }
    }
    kept.into_iter().rev().for_each(|line| {
        sink.print(line);
    });
}

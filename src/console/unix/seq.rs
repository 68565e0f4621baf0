//! seq: numbers, one a line. Does not know what they are for.

use super::{Sink, failure};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "seq",
    aliases: &[],
    doc: "print numbers in order",
    usage: "Usage: seq [OPTION]... [FIRST [STEP]] LAST\nExamples:\n  seq 1 5",
    flags: &[
        Flag::value('s', "separator", "STRING", "print STRING between the numbers"),
        Flag::switch('w', "equal-width", "fill with zeros to the same width"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

fn run(context: &mut Context) -> Output {
    // A negative number is no flag.
    let args: Vec<String> =
        context.args.iter().map(|a| if a.parse::<f64>().is_ok() { format!("\u{1}{a}") } else { a.clone() }).collect();
    let given = match flag::read(&PROGRAM, &args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut numbers = Vec::new();
    for text in &given.operands {
        let text = text.trim_start_matches('\u{1}');
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => {
                let mut output = failure(format!("seq: invalid floating point argument: '{text:.100}'"), 1);
                output.lines.push(Line::err("Try 'seq --help' for more information."));
                return output;
            }
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        [] => return failure("seq: missing operand", 1),
        _ => return failure(format!("seq: extra operand '{}'", given.operands[3].trim_start_matches('\u{1}')), 1),
    };
    if step == 0.0 {
        return failure("seq: invalid Zero increment value: '0'", 1);
    }
    let places =
        given.operands.iter().filter_map(|t| t.split_once('.').map(|(_, f)| f.len().min(15))).max().unwrap_or(0);
    let show = |value: f64| format!("{value:.places$}");
    let width = if given.has("w") { show(first).len().max(show(last).len()) } else { 0 };
    let mut sink = Sink::default();
    let mut joined = Vec::new();
    let mut index = 0.0;
    loop {
        let value = first + step * index;
        let past = if step > 0.0 { value > last + 1e-9 } else { value < last - 1e-9 };
        if past {
            break;
        }
        let text = show(value);
        let text = format!("{}{text}", "0".repeat(width.saturating_sub(text.len())));
        if given.has("s") {
            joined.push(text);
            if joined.len() >= super::LINES_MAX {
                break;
            }
        } else if !sink.print(Line::plain(text)) {
            break;
        }
        index += 1.0;
    }
    if let Some(separator) = given.last("s")
        && !joined.is_empty()
    {
        sink.print(Line::plain(joined.join(separator)));
    }
    sink.output
}

//! head: the first lines. Does not know where lines come from.

use super::{Sink, failure, sources};
use crate::console::flag::{self, Flag, Given, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "head",
    aliases: &[],
    doc: "print the first lines",
    usage: "Usage: head [OPTION]... [FILE]...\nExamples:\n  kubectl get events | head -5",
    flags: &[
        Flag::value('c', "bytes", "NUM", "print the first NUM bytes"),
        Flag::value('n', "lines", "NUM", "print the first NUM lines; -NUM: all but the last NUM"),
        Flag::switch('q', "quiet", "print no names of notes"),
        Flag::switch('v', "verbose", "print the names of notes"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// `-5` is `-n 5`, as head and tail still take it.
pub fn modern(args: &[String]) -> Vec<String> {
    let number = |a: &str| {
        let body = a.strip_prefix('-').unwrap_or("");
        !body.is_empty() && body.bytes().all(|b| b.is_ascii_digit())
    };
    let mut out: Vec<String> = Vec::new();
    for arg in args {
        let is_value =
            out.last().is_some_and(|last| last == "-n" || last == "-c" || last == "--lines" || last == "--bytes");
        if !is_value && number(arg) {
            out.push(format!("-n{}", &arg[1..]));
        } else {
            out.push(arg.clone());
        }
    }
    out
}

/// A count with GNU's multipliers.
pub fn count(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1024,
        "kB" => 1000,
        "M" | "MiB" => 1024 * 1024,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// How much of every source is asked for; head and tail read it alike.
pub struct Amount {
    /// `bytes` or `lines`.
    pub unit: &'static str,
    /// As it was written: its sign means another thing to head than to tail.
    pub text: String,
    pub number: usize,
}

impl Amount {
    /// What `-c` or `-n` says, ten lines by default.
    pub fn read(program: &str, given: &Given) -> Result<Amount, Output> {
        let (unit, text) = match (given.last("c"), given.last("n")) {
            (Some(bytes), _) => ("bytes", bytes),
            (None, lines) => ("lines", lines.unwrap_or("10")),
        };
        let Some(number) = count(text.trim_start_matches(['-', '+'])) else {
            return Err(failure(format!("{program}: invalid number of {unit}: '{text}'"), 1));
        };
        Ok(Amount { unit, text: text.to_string(), number: usize::try_from(number).unwrap_or(usize::MAX) })
    }
}

/// Names stand above the sources if there are several, or as `-q` and `-v` say.
pub fn is_named(given: &Given, sources: usize) -> bool {
    (sources > 1 && !given.has("q")) || given.has("v")
}

/// `==> name <==`, with an empty line between the sources.
pub fn print_name(sink: &mut Sink, at: usize, name: &str) {
    if at > 0 {
        sink.print(Line::default());
    }
    let name = if name == "-" { "standard input" } else { name };
    sink.print(Line::plain(format!("==> {name} <==")));
}

fn run(context: &mut Context) -> Output {
    let args = modern(context.args);
    let given = match flag::read(&PROGRAM, &args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let amount = match Amount::read("head", &given) {
        Ok(amount) => amount,
        Err(output) => return output,
    };
    let mut sink = Sink::default();
    let sources = sources(context, &given.operands, &mut sink, 1);
    let named = is_named(&given, sources.len());
    for (at, source) in sources.into_iter().enumerate() {
        if named {
            print_name(&mut sink, at, &source.name);
        }
        let number = amount.number;
        let keep = if amount.text.starts_with('-') { source.lines.len().saturating_sub(number) } else { number };
        if amount.unit == "lines" {
            source.lines.into_iter().take(keep).for_each(|line| {
                sink.print(line);
            });
        } else {
            first_bytes(source.lines, number, &mut sink);
        }
    }
    sink.output
}

fn first_bytes(lines: Vec<Line>, number: usize, sink: &mut Sink) {
    let mut left = number;
    for line in lines {
        if left == 0 {
            return;
        }
        if line.text.len() < left {
            left -= line.text.len() + 1;
            sink.print(line);
        } else {
            let end = super::floor(&line.text, left);
            let mut part = line.part(0..end);
            part.open = true;
            sink.print(part);
            return;
        }
    }
}

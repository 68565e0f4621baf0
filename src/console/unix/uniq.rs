//! uniq: one line for neighbours that are equal, counted if asked. Does not know where lines come from.

use super::{Sink, counted, failure, push_count, sources};
use crate::console::flag::{self, Flag, Given, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "uniq",
    aliases: &[],
    doc: "fold neighbouring lines that are equal",
    usage: "Usage: uniq [OPTION]... [FILE]\nExamples:\n  kubectl get events | awk '{print $3}' | sort | uniq -c | sort -rn",
    flags: &[
        Flag::switch('c', "count", "print how many lines were folded"),
        Flag::switch('d', "repeated", "print only lines that repeat"),
        Flag::value('f', "skip-fields", "N", "do not compare the first N fields"),
        Flag::switch('i', "ignore-case", "ignore case"),
        Flag::value('s', "skip-chars", "N", "do not compare the first N characters"),
        Flag::switch('u', "unique", "print only lines that do not repeat"),
        Flag::value('w', "check-chars", "N", "compare no more than N characters"),
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
    let mut numbers = [0, 0, usize::MAX];
    for (at, (name, what)) in
        [("f", "fields to skip"), ("s", "bytes to skip"), ("w", "bytes to compare")].iter().enumerate()
    {
        if let Some(text) = given.last(name) {
            match text.parse() {
                Ok(number) => numbers[at] = number,
                Err(_) => return failure(format!("uniq: {text}: invalid number of {what}"), 1),
            }
        }
    }
    if given.operands.len() > 2 {
        return failure(format!("uniq: extra operand '{}'", given.operands[2]), 1);
    }
    let mut sink = Sink::default();
    let operands: Vec<String> = given.operands.iter().take(1).cloned().collect();
    let lines: Vec<Line> = sources(context, &operands, &mut sink, 1).into_iter().flat_map(|s| s.lines).collect();
    let keys: Vec<String> = lines.iter().map(|line| key(&line.text, numbers, given.has("i"))).collect();
    let mut start = 0;
    for end in 1..=lines.len() {
        if end < lines.len() && keys[end] == keys[start] {
            continue;
        }
        print_group(&lines[start..end], &given, &mut sink);
        start = end;
    }
    sink.output
}

fn key(text: &str, [fields, chars, width]: [usize; 3], fold: bool) -> String {
    let mut rest = text;
    for _ in 0..fields.min(text.len()) {
        let blank = rest.trim_start_matches([' ', '\t']);
        rest = &blank[blank.find([' ', '\t']).unwrap_or(blank.len())..];
    }
    let key: String = rest.chars().skip(chars).take(width).collect();
    if fold { key.to_lowercase() } else { key }
}

fn print_group(group: &[Line], given: &Given, sink: &mut Sink) {
    let Some(first) = group.first() else { return };
    if (given.has("d") && group.len() < 2) || (given.has("u") && group.len() > 1) {
        return;
    }
    let mut line = Line::default();
    if given.has("c") {
        let fact = counted("uniq", &first.text, group.len() as f64, group);
        push_count(&mut line, &format!("{:>7}", group.len()), fact.as_ref());
        line.push(" ");
    }
    line.push_part(first, 0..first.text.len());
    sink.print(line);
}

//! cut: chosen fields or characters of each line. Does not know where lines come from.

use super::{Sink, all_lines};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use std::ops::Range;

pub static PROGRAM: Program = Program {
    name: "cut",
    aliases: &[],
    doc: "print parts of lines",
    usage: "Usage: cut OPTION... [FILE]...\nExamples:\n  kubectl get pods -o name | cut -d/ -f2",
    flags: &[
        Flag::value('b', "bytes", "LIST", "print these bytes (here: characters)"),
        Flag::value('c', "characters", "LIST", "print these characters"),
        Flag::switch('\0', "complement", "print all but what was chosen"),
        Flag::value('d', "delimiter", "DELIM", "fields are separated by DELIM, not by tab"),
        Flag::value('f', "fields", "LIST", "print these fields: 1,3 2- -4 2-5"),
        Flag::value('\0', "output-delimiter", "STRING", "print STRING between fields"),
        Flag::switch('s', "only-delimited", "drop lines without a delimiter"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// Lines that belong together on a wrong use: GNU's error and where to look.
fn misuse(text: &str) -> Output {
    let mut output = super::failure(format!("cut: {text}"), 1);
    output.lines.push(Line::err("Try 'cut --help' for more information."));
    output
}

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let characters = given.last("c").or(given.last("b"));
    let (list, by_field) = match (given.last("f"), characters) {
        (Some(_), Some(_)) => return misuse("only one list may be specified"),
        (Some(list), None) => (list, true),
        (None, Some(list)) => (list, false),
        (None, None) => return misuse("you must specify a list of bytes, characters, or fields"),
    };
    let delimiter = given.last("d").unwrap_or("\t");
    if delimiter.chars().count() > 1 {
        return misuse("the delimiter must be a single character");
    }
    if given.has("d") && !by_field {
        return misuse("an input delimiter may be specified only when operating on fields");
    }
    let ranges = match ranges(list, by_field) {
        Ok(ranges) => ranges,
        Err(text) => return misuse(&text),
    };
    let chosen = |n: usize| ranges.iter().any(|r| r.contains(&n)) != given.has("complement");
    let between = given.last("output-delimiter").unwrap_or(if by_field { delimiter } else { "" });
    let mut sink = Sink::default();
    for line in all_lines(context, &given.operands, &mut sink, 1) {
        let pieces: Vec<Range<usize>> = if by_field {
            if !line.text.contains(delimiter) || delimiter.is_empty() {
                if !given.has("s") {
                    sink.print(line);
                }
                continue;
            }
            fields(&line.text, delimiter)
        } else {
            line.text.char_indices().map(|(i, c)| i..i + c.len_utf8()).collect()
        };
        let mut out = Line { open: line.open, ..Line::default() };
        if by_field {
            for (at, piece) in pieces.into_iter().enumerate().filter(|(n, _)| chosen(n + 1)).map(|(_, p)| p).enumerate()
            {
                if at > 0 {
                    out.push(between);
                }
                out.push_part(&line, piece);
            }
        } else {
            // Neighbouring characters go together, so that a mark over several of them survives.
            for run in runs(&pieces, &chosen) {
                if !out.text.is_empty() {
                    out.push(between);
                }
                out.push_part(&line, run);
            }
        }
        if !sink.print(out) {
            break;
        }
    }
    sink.output
}

fn fields(text: &str, delimiter: &str) -> Vec<Range<usize>> {
    let mut fields = Vec::new();
    let mut start = 0;
    for (at, found) in text.match_indices(delimiter) {
        fields.push(start..at);
        start = at + found.len();
    }
    fields.push(start..text.len());
    fields
}

fn runs(pieces: &[Range<usize>], chosen: &dyn Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if !chosen(at + 1) {
            continue;
        }
        match runs.last_mut().filter(|last| last.end == piece.start) {
            Some(last) => last.end = piece.end,
            None => runs.push(piece.clone()),
        }
    }
    runs
}

/// `1,3-5,7-` as ranges of numbers that begin at 1.
fn ranges(list: &str, by_field: bool) -> Result<Vec<Range<usize>>, String> {
    let what = if by_field { "field" } else { "byte/character position" };
    let mut ranges = Vec::new();
    for part in list.split([',', ' ']).take(1_000) {
        let (from, to) = match part.split_once('-') {
            Some(("", "")) => return Err("invalid range with no endpoint: -".to_string()),
            Some((from, to)) => (if from.is_empty() { "1" } else { from }, to),
            None => (part, part),
        };
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("invalid {what} value '{part}'"));
        let from = number(from)?;
        let to = if to.is_empty() { usize::MAX - 1 } else { number(to)? };
        if from == 0 {
            let plural = if by_field { "fields" } else { "byte/character positions" };
            return Err(format!("{plural} are numbered from 1"));
        }
        if to < from {
            return Err("invalid decreasing range".to_string());
        }
        ranges.push(from..to.min(usize::MAX - 1) + 1);
    }
    Ok(ranges)
}

//! column: words in aligned columns. Does not know what they mean.

use super::{Sink, all_lines};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::text::width;
use crate::stdx::time::Span;
use std::ops::Range;

pub static PROGRAM: Program = Program {
    name: "column",
    aliases: &[],
    doc: "align words in columns",
    usage: "Usage: column -t [OPTION]... [FILE]...\nExamples:\n  … | jq -r '[.name, .restarts] | @tsv' | column -t",
    flags: &[
        Flag::value('o', "output-separator", "STRING", "between columns (two blanks)"),
        Flag::value('s', "separator", "CHARS", "characters that separate words"),
        Flag::switch('t', "table", "make a table"),
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
    let lines = all_lines(context, &given.operands, &mut sink, 1);
    if !given.has("t") {
        lines.into_iter().for_each(|line| {
            sink.print(line);
        });
        return sink.output;
    }
    let separators = given.last("s");
    let between = given.last("o").unwrap_or("  ");
    let rows: Vec<(Line, Vec<Range<usize>>)> = lines
        .into_iter()
        .filter(|line| !line.text.trim().is_empty())
        .map(|line| {
            let words = words(&line.text, separators);
            (line, words)
        })
        .collect();
    let mut widths: Vec<usize> = Vec::new();
    for (line, words) in &rows {
        for (at, word) in words.iter().enumerate() {
            let columns = width(&line.text[word.clone()]);
            match widths.get_mut(at) {
                Some(widest) => *widest = columns.max(*widest),
                None => widths.push(columns),
            }
        }
    }
    for (line, words) in rows {
        let mut out = Line::default();
        for (at, word) in words.iter().enumerate() {
            let columns = width(&line.text[word.clone()]);
            out.push_part(&line, word.clone());
            if at + 1 < words.len() {
                out.push(&" ".repeat(widths[at] - columns));
                out.push(between);
            }
        }
        if !sink.print(out) {
            break;
        }
    }
    sink.output
}

/// Words between separators: blanks in any number, or each of the given characters.
fn words(text: &str, separators: Option<&str>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    let is = |c: char| separators.map_or(c == ' ' || c == '\t', |s| s.contains(c));
    for (at, c) in text.char_indices().filter(|(_, c)| is(*c)) {
        if start < at || separators.is_some() {
            words.push(start..at);
        }
        start = at + c.len_utf8();
    }
    if start < text.len() || separators.is_some() {
        words.push(start..text.len());
    }
    words
}

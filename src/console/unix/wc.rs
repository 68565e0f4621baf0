//! wc: how many lines, words, bytes. A count over lines that show facts is a fact of its own.

use super::{Sink, Source, counted, push_count, sources};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "wc",
    aliases: &[],
    doc: "count lines, words and bytes",
    usage: "Usage: wc [OPTION]... [FILE]...\nExamples:\n  kubectl get pods | grep -v Running | wc -l",
    flags: &[
        Flag::switch('c', "bytes", "print the number of bytes"),
        Flag::switch('L', "max-line-length", "print the width of the longest line"),
        Flag::switch('l', "lines", "print the number of newlines"),
        Flag::switch('m', "chars", "print the number of characters"),
        Flag::switch('w', "words", "print the number of words"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// wc's columns, always in this order whatever the order of the flags.
const COLUMNS: &[(&str, &str)] =
    &[("l", "lines"), ("w", "words"), ("m", "characters"), ("c", "bytes"), ("L", "longest line")];

fn counts(source: &Source) -> [usize; 5] {
    let newlines = source.lines.iter().filter(|l| !l.open).count();
    let words = source.lines.iter().map(|l| l.text.split_whitespace().count()).sum();
    let chars = source.lines.iter().map(|l| l.text.chars().count()).sum::<usize>() + newlines;
    let bytes = source.lines.iter().map(|l| l.text.len()).sum::<usize>() + newlines;
    let longest = source.lines.iter().map(|l| crate::stdx::text::width(&l.text)).max().unwrap_or(0);
    [newlines, words, chars, bytes, longest]
}

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let chosen: Vec<usize> = (0..COLUMNS.len()).filter(|i| given.has(COLUMNS[*i].0)).collect();
    let chosen = if chosen.is_empty() { vec![0, 1, 3] } else { chosen };
    let mut sink = Sink::default();
    let sources = sources(context, &given.operands, &mut sink, 1);
    let mut rows: Vec<([usize; 5], String, Vec<&Source>)> = sources
        .iter()
        .map(|s| {
            (
                counts(s),
                if s.name == "-" && given.operands.is_empty() { String::new() } else { s.name.clone() },
                vec![s],
            )
        })
        .collect();
    if given.operands.len() > 1 {
        let mut total = [0; 5];
        for (counts, ..) in &rows {
            (0..4).for_each(|i| total[i] += counts[i]);
            total[4] = total[4].max(counts[4]);
        }
        rows.push((total, "total".to_string(), sources.iter().collect()));
    }
    // One number of one input stands alone; of standard input GNU pads to 7; of files to the widest number.
    let digits = rows.iter().flat_map(|(c, ..)| c.iter()).max().map_or(1, |n| n.to_string().len());
    let width = match (chosen.len() * rows.len(), given.operands.is_empty()) {
        (1, _) => 1,
        (_, true) => 7,
        _ => digits,
    };
    for (counts, name, of) in rows {
        let mut line = Line::default();
        for (at, column) in chosen.iter().enumerate() {
            let number = counts[*column];
            let all = of.iter().flat_map(|s| &s.lines);
            let fact = counted("wc", COLUMNS[*column].1, number as f64, all);
            if at > 0 {
                line.push(" ");
            }
            push_count(&mut line, &format!("{number:>width$}"), fact.as_ref());
        }
        if !name.is_empty() {
            line.push(&format!(" {name}"));
        }
        sink.print(line);
    }
    sink.output
}

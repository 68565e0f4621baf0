//! echo: what was typed. Typed text shows nothing, so its lines carry no facts.

use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "echo",
    aliases: &[],
    doc: "print its arguments",
    usage: "Usage: echo [-n] [-e] [WORD]...\nExamples:\n  echo $NS\n  echo -n c2hvcA== | base64 -d",
    flags: &[],
    cost: Span::ZERO,
    run,
    poll: None,
};

fn run(context: &mut Context) -> Output {
    let (mut newline, mut escapes) = (true, false);
    let mut words = &context.args[1..];
    // As bash's: only words made of these letters alone are flags.
    while let Some(first) = words.first()
        && first.len() > 1
        && first.starts_with('-')
        && first[1..].chars().all(|c| "neE".contains(c))
    {
        newline &= !first.contains('n');
        escapes = first.contains('e') || (escapes && !first.contains('E'));
        words = &words[1..];
    }
    let text = words.join(" ");
    let text = if escapes { unescape(&text) } else { text };
    Output { lines: lines(&text, newline), ..Output::default() }
}

/// A text as lines; the last one is open if no newline ends it.
pub fn lines(text: &str, newline: bool) -> Vec<Line> {
    if text.is_empty() && !newline {
        return Vec::new();
    }
    let body = if newline { text } else { text.strip_suffix('\n').unwrap_or(text) };
    let mut lines: Vec<Line> = body.split('\n').map(Line::plain).collect();
    if let Some(last) = lines.last_mut() {
        last.open = !newline && !text.ends_with('\n');
    }
    lines
}

/// Backslash escapes as `echo -e` and `printf` read them.
pub fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('\\') => out.push('\\'),
            Some('"') => out.push('"'),
            Some('e') => out.push('\u{1b}'),
            Some('0') => out.push('\u{0}'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

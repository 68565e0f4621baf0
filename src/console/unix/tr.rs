//! tr: other characters for some, or none. Characters that stay keep the facts they show.

use super::{Sink, failure};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "tr",
    aliases: &[],
    doc: "replace, squeeze or delete characters",
    usage: "Usage: tr [OPTION]... STRING1 [STRING2]\nExamples:\n  echo shop-a | tr a-z A-Z\n  echo 'a  b' | tr -s ' '",
    flags: &[
        Flag::switch('c', "complement", "all characters but those of STRING1"),
        Flag::switch('d', "delete", "delete characters"),
        Flag::switch('s', "squeeze-repeats", "one character for a run of the same"),
        Flag::switch('t', "truncate-set1", "STRING1 is no longer than STRING2"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// A line with each character replaced (`Some`) or dropped (`None`); runs that stay are copied with their marks.
pub fn mapped(line: &Line, mut map: impl FnMut(char) -> Option<char>) -> Line {
    let mut out = Line { open: line.open, stream: line.stream, ..Line::default() };
    let mut kept = 0;
    for (at, c) in line.text.char_indices() {
        let mapped = map(c);
        if mapped == Some(c) {
            continue;
        }
        out.push_part(line, kept..at);
        kept = at + c.len_utf8();
        if let Some(other) = mapped {
            out.push(other.encode_utf8(&mut [0; 4]));
        }
    }
    out.push_part(line, kept..line.text.len());
    out
}

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::FlagsFirst, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let (deletes, squeezes, complement) = (given.has("d"), given.has("s"), given.has("c"));
    let sets = match given.operands.iter().map(|o| set(o)).collect::<Result<Vec<_>, _>>() {
        Ok(sets) => sets,
        Err(text) => return failure(format!("tr: {text}"), 1),
    };
    let (first, second): (&[char], &[char]) = match sets.as_slice() {
        [] => {
            let mut output = failure("tr: missing operand", 1);
            output.lines.push(Line::err("Try 'tr --help' for more information."));
            return output;
        }
        [only] if deletes || squeezes => (only, &[]),
        [_] => {
            let text = format!("tr: missing operand after '{}'", given.operands[0]);
            let mut output = failure(text, 1);
            output.lines.push(Line::err("Two strings must be given when translating."));
            output.lines.push(Line::err("Try 'tr --help' for more information."));
            return output;
        }
        [first, second] => (first, second),
        _ => return failure(format!("tr: extra operand '{}'", given.operands[2]), 1),
    };
    let within = |c: char| first.contains(&c) != complement;
    let translates = !deletes && !second.is_empty();
    let squeezed = |c: char| squeezes && if second.is_empty() { within(c) } else { second.contains(&c) };
    let mut last: Option<char> = None;
    let mut map = |c: char| {
        if deletes && within(c) {
            return None;
        }
        let to = if !translates || !within(c) {
            c
        } else {
            let place = if complement { usize::MAX } else { first.iter().rposition(|f| *f == c).unwrap_or(0) };
            second.get(place).or(second.last()).copied().unwrap_or(c)
        };
        if last == Some(to) && squeezed(to) {
            return None;
        }
        last = Some(to);
        Some(to)
    };
    let Some(lines) = context.input.take() else {
        let hint = Line::hint("nothing is piped into tr: it would wait for the keyboard");
        return Output { lines: vec![hint], code: 1, ..Output::default() };
    };
    translated(lines, &mut map)
}

/// All of a text mapped; a newline is a character like any other: it may be replaced, deleted, or made.
fn translated(lines: Vec<Line>, map: &mut dyn FnMut(char) -> Option<char>) -> Output {
    let mut sink = Sink::default();
    let mut current = Line { open: true, ..Line::default() };
    let mut started = false;
    for line in lines {
        let whole = mapped(&line, &mut *map);
        current.push_part(&whole, 0..whole.text.len());
        started = true;
        if line.open {
            continue;
        }
        match map('\n') {
            Some('\n') => {
                current.open = false;
                split(std::mem::replace(&mut current, Line { open: true, ..Line::default() }), &mut sink);
                started = false;
            }
            Some(other) => current.push(other.encode_utf8(&mut [0; 4])),
            None => {}
        }
    }
    if started {
        split(current, &mut sink);
    }
    sink.output
}

/// Prints a text that may hold newlines which tr made.
fn split(text: Line, sink: &mut Sink) {
    if !text.text.contains('\n') {
        sink.print(text);
        return;
    }
    let mut start = 0;
    let ends: Vec<usize> = text.text.match_indices('\n').map(|(i, _)| i).chain([text.text.len()]).collect();
    for end in ends {
        let last = end == text.text.len();
        if last && text.open && start == end {
            break;
        }
        let mut part = text.part(start..end);
        part.open = last && text.open;
        sink.print(part);
        start = end + 1;
    }
}

/// `a-z`, `[:upper:]`, `\n` as characters.
fn set(text: &str) -> Result<Vec<char>, String> {
    type Class = (&'static str, fn(char) -> bool);
    const CLASSES: &[Class] = &[
        ("[:alnum:]", |c| c.is_ascii_alphanumeric()),
        ("[:alpha:]", |c| c.is_ascii_alphabetic()),
        ("[:blank:]", |c| c == ' ' || c == '\t'),
        ("[:cntrl:]", |c| c.is_ascii_control()),
        ("[:digit:]", |c| c.is_ascii_digit()),
        ("[:lower:]", |c| c.is_ascii_lowercase()),
        ("[:print:]", |c| c == ' ' || c.is_ascii_graphic()),
        ("[:punct:]", |c| c.is_ascii_punctuation()),
        ("[:space:]", |c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')),
        ("[:upper:]", |c| c.is_ascii_uppercase()),
        ("[:xdigit:]", |c| c.is_ascii_hexdigit()),
    ];
    /// The most characters a set may have: a range over all of Unicode is a mistake.
    const SET_MAX: u32 = 4_096;
    let mut out: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, is)) = CLASSES.iter().find(|(name, _)| rest.starts_with(name)) {
            out.extend((0..128_u8).map(char::from).filter(|c| is(*c)));
            rest = &rest[name.len()..];
            continue;
        }
        if rest.starts_with("[:")
            && let Some(end) = rest.find(":]")
        {
            return Err(format!("invalid character class '{}'", &rest[2..end]));
        }
        let (from, after) = letter(c, rest);
        rest = after;
        let mut ahead = rest.chars();
        if ahead.next() == Some('-')
            && let Some(end) = ahead.next()
        {
            let (to, after) = letter(end, &rest[1..]);
            if to < from {
                return Err(format!("range-endpoints of '{from}-{to}' are in reverse collating sequence order"));
            }
            if to as u32 - from as u32 > SET_MAX {
                return Err(format!("the range '{from}-{to}' is too long"));
            }
            out.extend(from..=to);
            rest = after;
        } else {
            out.push(from);
        }
    }
    Ok(out)
}

/// One character of a set, with its escape read, and what follows.
fn letter(c: char, rest: &str) -> (char, &str) {
    let tail = &rest[c.len_utf8()..];
    if c != '\\' {
        return (c, tail);
    }
    let Some(escaped) = tail.chars().next() else { return ('\\', tail) };
    let meant = match escaped {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\u{0}',
        other => other,
    };
    (meant, &tail[escaped.len_utf8()..])
}

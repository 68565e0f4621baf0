//! sort: lines in order, by the whole line or by keys. Does not know where lines come from.

use super::{Sink, all_lines, failure};
use crate::console::flag::{self, Flag, Given, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use std::cmp::Ordering;

pub static PROGRAM: Program = Program {
    name: "sort",
    aliases: &[],
    doc: "sort lines",
    usage: "Usage: sort [OPTION]... [FILE]...\nExamples:\n  … | sort | uniq -c | sort -rn\n  kubectl top pods | sort -k3 -h",
    flags: &[
        Flag::switch('b', "ignore-leading-blanks", "ignore blanks before keys"),
        Flag::switch('f', "ignore-case", "ignore case"),
        Flag::switch('g', "general-numeric-sort", "compare as numbers, exponents included"),
        Flag::switch('h', "human-numeric-sort", "compare sizes such as 2K and 1G"),
        Flag::value('k', "key", "KEYDEF", "sort by a key: 2, 2,2, 3n, 2.3,2.5r"),
        Flag::switch('M', "month-sort", "compare names of months"),
        Flag::switch('n', "numeric-sort", "compare as numbers"),
        Flag::value('o', "output", "FILE", "write a note instead"),
        Flag::switch('r', "reverse", "the other way round"),
        Flag::switch('s', "stable", "keep the order of equal lines"),
        Flag::value('t', "field-separator", "SEP", "fields are separated by SEP"),
        Flag::switch('u', "unique", "print one line for equal ones"),
        Flag::switch('V', "version-sort", "compare numbers within text"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// sort's exit code for trouble.
const TROUBLE: i32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Text,
    Number,
    General,
    Human,
    Month,
    Version,
}

/// How one key compares.
#[derive(Clone, Debug)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    manner: Manner,
    reverse: bool,
    fold: bool,
    blanks: bool,
}

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, TROUBLE) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let separator = match given.last("t") {
        None => None,
        Some("\\t") => Some('\t'),
        Some(text) => {
            let mut letters = text.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None) => Some(letter),
                (None, _) => return failure("sort: empty tab", TROUBLE),
                _ => return failure(format!("sort: multi-character tab '{text}'"), TROUBLE),
            }
        }
    };
    let keys = match keys(&given) {
        Ok(keys) => keys,
        Err(text) => return failure(format!("sort: {text}"), TROUBLE),
    };
    let mut sink = Sink::default();
    let mut lines = all_lines(context, &given.operands, &mut sink, TROUBLE);
    lines.iter_mut().for_each(|l| l.open = false);
    if sink.output.code != 0 {
        return sink.output;
    }
    let plain = given.has("s") || given.has("u");
    let last_resort = |a: &Line, b: &Line| match plain {
        true => Ordering::Equal,
        false if given.has("r") => b.text.cmp(&a.text),
        false => a.text.cmp(&b.text),
    };
    lines.sort_by(|a, b| compare(a, b, &keys, separator).then_with(|| last_resort(a, b)));
    if given.has("u") {
        lines.dedup_by(|b, a| compare(a, b, &keys, separator) == Ordering::Equal);
    }
    if let Some(name) = given.last("o") {
        sink.output.lines.extend(super::write(context.session, name, lines, false).err());
        return sink.output;
    }
    lines.into_iter().for_each(|line| {
        sink.print(line);
    });
    sink.output
}

fn keys(given: &Given) -> Result<Vec<Key>, String> {
    let mut letters = String::new();
    for (flag, _) in given.ordered() {
        if flag.value.is_empty() {
            letters.push(flag.short);
        }
    }
    let whole = Key { from: (1, 1), to: None, manner: Manner::Text, reverse: false, fold: false, blanks: false };
    let global = ordered(whole, &letters)?;
    let mut keys = Vec::new();
    for text in given.all("k").take(32) {
        let (start, end) = match text.split_once(',') {
            Some((start, end)) => (start, Some(end)),
            None => (text, None),
        };
        let (from, first_letters) = position(start, text)?;
        let (to, last_letters) = match end {
            Some(end) => {
                let (to, letters) = position(end, text)?;
                (Some(to), letters)
            }
            None => (None, ""),
        };
        let own = format!("{first_letters}{last_letters}");
        // A key with letters of its own does not inherit the global ones.
        let base = if own.is_empty() { global.clone() } else { Key { from, to, ..blank(&global) } };
        let mut key = ordered(Key { from, to, ..base }, &own)?;
        // `.0` and no character at all mean the end of the field.
        key.to = key.to.map(|(field, c)| (field, if end.is_some_and(|e| e.contains('.')) { c } else { 0 }));
        keys.push(key);
    }
    if keys.is_empty() {
        keys.push(global);
    }
    Ok(keys)
}

fn blank(key: &Key) -> Key {
    Key { manner: Manner::Text, reverse: false, fold: false, blanks: false, ..key.clone() }
}

fn ordered(mut key: Key, letters: &str) -> Result<Key, String> {
    for letter in letters.chars() {
        match letter {
            'n' => key.manner = Manner::Number,
            'g' => key.manner = Manner::General,
            'h' => key.manner = Manner::Human,
            'M' => key.manner = Manner::Month,
            'V' => key.manner = Manner::Version,
            'r' => key.reverse = true,
            'f' => key.fold = true,
            'b' => key.blanks = true,
            's' | 'u' | 'd' | 'i' => {}
            _ => return Err("stray character in field spec: invalid field specification".to_string()),
        }
    }
    Ok(key)
}

/// `2.3n` → ((2, 3), "n").
fn position<'a>(text: &'a str, whole: &str) -> Result<((usize, usize), &'a str), String> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (field, character) = text[..end].split_once('.').unwrap_or((&text[..end], "1"));
    let field = field
        .parse::<usize>()
        .map_err(|_| format!("invalid number at field start: invalid count at start of '{whole}'"))?;
    let character = character.parse::<usize>().unwrap_or(1);
    if field == 0 {
        return Err(format!("field number is zero: invalid field specification '{whole}'"));
    }
    Ok(((field, character), &text[end..]))
}

/// Where each field begins and ends; without a separator a field takes the blanks before it.
fn bounds(text: &str, separator: Option<char>) -> Vec<(usize, usize)> {
    let mut bounds = Vec::new();
    let mut start = 0;
    match separator {
        Some(separator) => {
            for (at, _) in text.match_indices(separator) {
                bounds.push((start, at));
                start = at + separator.len_utf8();
            }
            bounds.push((start, text.len()));
        }
        None => {
            let bytes = text.as_bytes();
            let blank = |i: usize| bytes[i] == b' ' || bytes[i] == b'\t';
            let mut at = 0;
            while at < bytes.len() {
                while at < bytes.len() && blank(at) {
                    at += 1;
                }
                while at < bytes.len() && !blank(at) {
                    at += 1;
                }
                bounds.push((start, at));
                start = at;
            }
        }
    }
    bounds
}

fn key_text<'a>(text: &'a str, key: &Key, separator: Option<char>) -> &'a str {
    if key.from == (1, 1) && key.to.is_none() {
        return if key.blanks { text.trim_start_matches([' ', '\t']) } else { text };
    }
    let bounds = bounds(text, separator);
    let place = |(field, character): (usize, usize), ends: bool| match bounds.get(field - 1) {
        None => text.len(),
        Some((start, end)) => {
            let mut start = *start;
            if key.blanks {
                let body = &text[start..*end];
                start += body.len() - body.trim_start_matches([' ', '\t']).len();
            }
            if ends && character == 0 {
                return *end;
            }
            let skip = if ends { character } else { character.saturating_sub(1) };
            text[start..].char_indices().nth(skip).map_or(text.len(), |(i, _)| start + i)
        }
    };
    let start = place(key.from, false);
    let end = key.to.map_or(text.len(), |to| place(to, true));
    if start < end { &text[start..end] } else { "" }
}

fn compare(a: &Line, b: &Line, keys: &[Key], separator: Option<char>) -> Ordering {
    for key in keys {
        let (x, y) = (key_text(&a.text, key, separator), key_text(&b.text, key, separator));
        let order = match key.manner {
            Manner::Text if key.fold => x.to_uppercase().cmp(&y.to_uppercase()),
            Manner::Text => x.cmp(y),
            Manner::Number => number(x).total_cmp(&number(y)),
            Manner::General => general(x).total_cmp(&general(y)),
            Manner::Human => human(x).partial_cmp(&human(y)).unwrap_or(Ordering::Equal),
            Manner::Month => month(x).cmp(&month(y)),
            Manner::Version => version(x, y),
        };
        let order = if key.reverse { order.reverse() } else { order };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The decimal number a text begins with; 0 if none.
fn number(text: &str) -> f64 {
    let text = text.trim_start_matches([' ', '\t']);
    let mut points = 0;
    let end = text
        .char_indices()
        .find(|(i, c)| {
            points += usize::from(*c == '.');
            !(c.is_ascii_digit() || (*c == '.' && points == 1) || (*i == 0 && *c == '-'))
        })
        .map_or(text.len(), |(i, _)| i);
    let value: f64 = text[..end].parse().unwrap_or(0.0);
    if value == 0.0 { 0.0 } else { value }
}

fn general(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(text.len());
    (0..=end).rev().find_map(|n| text.get(..n)?.parse::<f64>().ok()).unwrap_or(f64::NEG_INFINITY)
}

/// Order of magnitude by suffix, then the number: GNU compares suffixes before digits. `Ki`, `Mi` are read as their
/// first letter; `m` (thousandths) is below none.
fn human(text: &str) -> (i32, f64) {
    let text = text.trim_start_matches([' ', '\t']);
    let value = number(text);
    let suffix = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-').chars().next();
    let rank =
        suffix.and_then(|c| "KMGTPEZY".find(c.to_ascii_uppercase()).filter(|_| c != 'm')).map_or(0, |n| n as i32 + 1);
    if value == 0.0 {
        return (0, 0.0);
    }
    (if value < 0.0 { -rank } else { rank }, value)
}

fn month(text: &str) -> usize {
    const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let start: String = text.trim_start().chars().take(3).collect::<String>().to_ascii_uppercase();
    MONTHS.iter().position(|m| *m == start).map_or(0, |n| n + 1)
}

/// Runs of digits compare as numbers, the rest as text.
fn version(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    loop {
        let text = |s: &str| s.find(|c: char| c.is_ascii_digit()).unwrap_or(s.len());
        let (i, j) = (text(x), text(y));
        let order = x[..i].cmp(&y[..j]);
        if order != Ordering::Equal {
            return order;
        }
        (x, y) = (&x[i..], &y[j..]);
        let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
        let (i, j) = (digits(x), digits(y));
        let (p, q) = (x[..i].trim_start_matches('0'), y[..j].trim_start_matches('0'));
        let order = p.len().cmp(&q.len()).then_with(|| p.cmp(q));
        if order != Ordering::Equal {
            return order;
        }
        (x, y) = (&x[i..], &y[j..]);
        if x.is_empty() || y.is_empty() {
            return x.len().cmp(&y.len()).then_with(|| a.cmp(b));
        }
    }
}

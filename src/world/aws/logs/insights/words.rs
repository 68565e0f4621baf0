//! The words of a query: names, numbers, texts, patterns, signs, each with its place. Does not know grammar.

use super::Mistake;

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Name(String),
    Number(f64),
    /// `5m` in milliseconds.
    Span(i64),
    Text(String),
    Regex(String),
    Sign(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub kind: Kind,
    pub from: usize,
    pub to: usize,
}

const SIGNS: &[&str] =
    &["!=", ">=", "<=", "=~", "=", ">", "<", "(", ")", "[", "]", ",", "|", "+", "-", "*", "/", "%", "^"];
/// A query may be this long (API Reference, StartQuery).
const LENGTH_MAX: usize = 10_000;

pub fn words(text: &str) -> Result<Vec<Word>, Mistake> {
    if text.len() > LENGTH_MAX {
        return Err(Mistake { say: "the query is too long".into(), from: 0, to: 0 });
    }
    let mut out: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if first == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let wrong = |say: &str| Mistake { say: say.to_string(), from: at, to: at + first.len_utf8() };
        let pattern_may_stand = out.last().is_some_and(|word| match &word.kind {
            Kind::Name(name) => name.eq_ignore_ascii_case("like") || name.eq_ignore_ascii_case("parse"),
            Kind::Sign("=~") => true,
            _ => false,
        }) || out
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|word| matches!(&word.kind, Kind::Name(name) if name.eq_ignore_ascii_case("parse")));
        let (kind, length) = match first {
            '"' | '\'' | '`' => {
                let (inner, length) = quoted(rest, first).ok_or_else(|| wrong("unterminated string"))?;
                (if first == '`' { Kind::Name(inner) } else { Kind::Text(inner) }, length)
            }
            '/' if pattern_may_stand => {
                let (inner, length) = quoted(rest, '/').ok_or_else(|| wrong("unterminated regular expression"))?;
                (Kind::Regex(inner), length)
            }
            '0'..='9' => number(rest).ok_or_else(|| wrong("invalid number"))?,
            letter if letter.is_alphabetic() || letter == '_' || letter == '@' => {
                let part = |c: char| c.is_alphanumeric() || c == '_' || c == '@' || c == '.';
                let end = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
                (Kind::Name(rest.get(..end).unwrap_or_default().to_string()), end)
            }
            other => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| wrong(&format!("unexpected symbol found {other}")))?;
                (Kind::Sign(sign), sign.len())
            }
        };
        out.push(Word { kind, from: at, to: at + length });
        at += length;
    }
    Ok(out)
}

/// What is between two marks, and how long it is with them; a mark after a backslash is part of it.
fn quoted(rest: &str, mark: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => {
                // Only the mark loses its backslash: patterns need the others.
                if letter != mark {
                    out.push('\\');
                }
                out.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            _ if letter == mark => return Some((out, at + letter.len_utf8())),
            _ => out.push(letter),
        }
    }
    None
}

fn number(rest: &str) -> Option<(Kind, usize)> {
    let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let number: f64 = rest.get(..digits)?.parse().ok()?;
    let tail = rest.get(digits..)?;
    let letters = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
    let unit = match tail.get(..letters)? {
        "" => return Some((Kind::Number(number), digits)),
        "ms" | "msec" => 1,
        "s" | "sec" => 1_000,
        "m" | "min" => 60_000,
        "h" | "hr" => 3_600_000,
        "d" | "day" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    Some((Kind::Span((number as i64).saturating_mul(unit)), digits + letters))
}

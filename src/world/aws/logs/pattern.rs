//! Filter patterns: terms, JSON selectors, space-delimited fields (CloudWatch Logs User Guide, "Filter pattern syntax"). Linear;
//! does not know where the text came from.

use regex::Regex;
use serde_json::Value;

/// A pattern may be this long (API Reference, FilterPattern).
const LENGTH_MAX: usize = 1_024;
const DEPTH_MAX: usize = 16;

/// A filter pattern, read.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Terms that must be there, must not, and of which one must.
    Terms {
        all: Vec<Term>,
        none: Vec<Term>,
        any: Vec<Term>,
    },
    Json(Test),
    Fields(Vec<Field>),
}

#[derive(Clone, Debug)]
pub enum Term {
    /// A word by itself.
    Word(String),
    /// Anywhere.
    Phrase(String),
    Regex(Regex),
}

/// A condition over one value or several.
#[derive(Clone, Debug)]
pub enum Test {
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Is(Vec<String>, Compare),
}

#[derive(Clone, Debug)]
pub enum Compare {
    Equal(Text),
    NotEqual(Text),
    Number(&'static str, f64),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

/// What a value is compared with: text with `*`, or a regular expression.
#[derive(Clone, Debug)]
pub enum Text {
    Glob(String),
    Regex(Regex),
}

/// A field of a space-delimited pattern.
#[derive(Clone, Debug)]
pub enum Field {
    /// `...`: any number of fields.
    Rest,
    One(Option<Test>),
}

impl Pattern {
    pub fn read(text: &str) -> Result<Pattern, String> {
        let text = text.trim();
        if text.len() > LENGTH_MAX {
            return Err("Invalid filter pattern".into());
        }
        let inner = |open, close| text.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
        if let Some(inner) = inner('{', '}') {
            let mut reader = Reader { rest: inner.trim(), named: None };
            let test = reader.any(0)?;
            return if reader.rest.is_empty() { Ok(Pattern::Json(test)) } else { Err("Invalid filter pattern".into()) };
        }
        if let Some(inner) = inner('[', ']') {
            return fields(inner);
        }
        terms(text)
    }

    pub fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Terms { all, none, any } => {
                all.iter().all(|term| term.is_in(text))
                    && !none.iter().any(|term| term.is_in(text))
                    // Optional terms count only by themselves.
                    && (!all.is_empty() || any.is_empty() || any.iter().any(|term| term.is_in(text)))
            }
            Pattern::Json(test) => {
                let Ok(value) = serde_json::from_str::<Value>(text) else { return false };
                test.holds(&|path| select(&value, path))
            }
            Pattern::Fields(fields) => fields_fit(fields, &split(text)),
        }
    }
}

fn terms(text: &str) -> Result<Pattern, String> {
    let (mut all, mut none, mut any) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = text;
    while !rest.is_empty() {
        let (into, tail) = match rest.chars().next() {
            Some('?') => (&mut any, rest.get(1..).unwrap_or_default()),
            Some('-') => (&mut none, rest.get(1..).unwrap_or_default()),
            _ => (&mut all, rest),
        };
        let (term, tail) = one_term(tail)?;
        into.push(term);
        rest = tail.trim_start();
    }
    Ok(Pattern::Terms { all, none, any })
}

fn one_term(text: &str) -> Result<(Term, &str), String> {
    for (mark, is_regex) in [('"', false), ('%', true)] {
        if let Some(inner) = text.strip_prefix(mark) {
            let (term, tail) = inner.split_once(mark).ok_or("Invalid filter pattern")?;
            let term = if is_regex { Term::Regex(regex(term)?) } else { Term::Phrase(term.to_string()) };
            return Ok((term, tail));
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, tail) = text.split_at(end);
    // Terms with anything but letters, digits and underscores must be quoted.
    if word.is_empty() || !word.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        return Err(format!("Invalid character(s) in term '{word}'"));
    }
    Ok((Term::Word(word.to_string()), tail))
}

fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|_| "Invalid regular expression in the filter pattern".to_string())
}

impl Term {
    fn is_in(&self, text: &str) -> bool {
        match self {
            Term::Phrase(phrase) => text.contains(phrase.as_str()),
            Term::Regex(regex) => regex.is_match(text),
            Term::Word(word) => {
                let part = |letter: char| letter.is_alphanumeric() || letter == '_';
                text.match_indices(word.as_str()).any(|(at, _)| {
                    let before = text.get(..at).and_then(|text| text.chars().next_back());
                    let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
                    !before.is_some_and(part) && !after.is_some_and(part)
                })
            }
        }
    }
}

/// Reads conditions; in a space-delimited field their left side is the field's name.
struct Reader<'a> {
    rest: &'a str,
    named: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn takes(&mut self, word: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(word) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn any(&mut self, depth: usize) -> Result<Test, String> {
        let mut left = self.all(depth)?;
        while self.takes("||") {
            left = Test::Or(Box::new(left), Box::new(self.all(depth)?));
        }
        Ok(left)
    }

    fn all(&mut self, depth: usize) -> Result<Test, String> {
        let mut left = self.one(depth)?;
        while self.takes("&&") {
            left = Test::And(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Test, String> {
        if depth > DEPTH_MAX {
            return Err("Invalid filter pattern".into());
        }
        if self.takes("(") {
            let inner = self.any(depth + 1)?;
            return if self.takes(")") { Ok(inner) } else { Err("Invalid filter pattern".into()) };
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || "=!<>()&|".contains(c)).unwrap_or(self.rest.len());
        let (path, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        let path = match (self.named, path.strip_prefix('$')) {
            (Some(name), _) if name == path => Vec::new(),
            (None, Some(selector)) => steps(selector),
            _ => return Err("Invalid filter pattern".into()),
        };
        Ok(Test::Is(path, self.compare()?))
    }

    fn compare(&mut self) -> Result<Compare, String> {
        for (words, compare) in [
            ("IS NULL", Compare::IsNull),
            ("IS TRUE", Compare::IsTrue),
            ("IS FALSE", Compare::IsFalse),
            ("NOT EXISTS", Compare::NotExists),
        ] {
            if self.takes(words) {
                return Ok(compare);
            }
        }
        let operators = ["!=", ">=", "<=", "=", ">", "<"];
        let operator = operators.into_iter().find(|operator| self.takes(operator)).ok_or("Invalid filter pattern")?;
        let text = self.value()?;
        match operator {
            "=" => Ok(Compare::Equal(text)),
            "!=" => Ok(Compare::NotEqual(text)),
            _ => match text {
                Text::Glob(number) => {
                    let number = number.parse().map_err(|_| "Invalid filter pattern")?;
                    Ok(Compare::Number(operator, number))
                }
                Text::Regex(_) => Err("Invalid filter pattern".into()),
            },
        }
    }

    fn value(&mut self) -> Result<Text, String> {
        for (mark, is_regex) in [('"', false), ('%', true)] {
            if let Some(inner) = self.rest.strip_prefix(mark) {
                let (value, tail) = inner.split_once(mark).ok_or("Invalid filter pattern")?;
                self.rest = tail.trim_start();
                return if is_regex { Ok(Text::Regex(regex(value)?)) } else { Ok(Text::Glob(value.to_string())) };
            }
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || "()&|".contains(c)).unwrap_or(self.rest.len());
        let (value, tail) = self.rest.split_at(end);
        self.rest = tail.trim_start();
        if value.is_empty() { Err("Invalid filter pattern".into()) } else { Ok(Text::Glob(value.to_string())) }
    }
}

/// `.a.b[0]` as `a`, `b`, `0`.
fn steps(selector: &str) -> Vec<String> {
    let parts = selector.split(['.', '[']).map(|part| part.trim_end_matches(']').trim_matches('\'').to_string());
    parts.filter(|part| !part.is_empty()).collect()
}

fn select(value: &Value, path: &[String]) -> Option<Value> {
    let mut at = value;
    for step in path {
        at = match at {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(step)?,
        };
    }
    Some(at.clone())
}

impl Test {
    fn holds(&self, get: &dyn Fn(&[String]) -> Option<Value>) -> bool {
        match self {
            Test::And(a, b) => a.holds(get) && b.holds(get),
            Test::Or(a, b) => a.holds(get) || b.holds(get),
            Test::Is(path, compare) => compare.holds(get(path).as_ref()),
        }
    }
}

impl Compare {
    fn holds(&self, value: Option<&Value>) -> bool {
        let text = value.map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        match self {
            Compare::NotExists => value.is_none(),
            Compare::IsNull => value.is_some_and(Value::is_null),
            Compare::IsTrue => value == Some(&Value::Bool(true)),
            Compare::IsFalse => value == Some(&Value::Bool(false)),
            Compare::Equal(wanted) => text.is_some_and(|text| wanted.fits(&text)),
            Compare::NotEqual(wanted) => text.is_some_and(|text| !wanted.fits(&text)),
            Compare::Number(operator, wanted) => {
                text.and_then(|text| text.parse::<f64>().ok()).is_some_and(|number| match *operator {
                    ">" => number > *wanted,
                    ">=" => number >= *wanted,
                    "<" => number < *wanted,
                    _ => number <= *wanted,
                })
            }
        }
    }
}

impl Text {
    fn fits(&self, text: &str) -> bool {
        match self {
            Text::Regex(regex) => regex.is_match(text),
            Text::Glob(wanted) => {
                let same_number = || Some(wanted.parse::<f64>().ok()? == text.parse::<f64>().ok()?);
                let glob = crate::world::aws::policy::glob(&wanted.replace('?', "\u{1}"), text);
                glob || same_number().unwrap_or(false)
            }
        }
    }
}

fn fields(inner: &str) -> Result<Pattern, String> {
    let mut out = Vec::new();
    for part in inner.split(',').map(str::trim) {
        if part == "..." {
            out.push(Field::Rest);
            continue;
        }
        let end = part.find(|c: char| c.is_whitespace() || "=!<>".contains(c)).unwrap_or(part.len());
        let name = part.get(..end).unwrap_or_default();
        if name.is_empty() {
            return Err("Invalid filter pattern".into());
        }
        if end == part.len() {
            out.push(Field::One(None));
            continue;
        }
        let mut reader = Reader { rest: part, named: Some(name) };
        let test = reader.any(0)?;
        if !reader.rest.is_empty() {
            return Err("Invalid filter pattern".into());
        }
        out.push(Field::One(Some(test)));
    }
    if out.iter().filter(|field| matches!(field, Field::Rest)).count() > 1 {
        return Err("Invalid filter pattern".into());
    }
    Ok(Pattern::Fields(out))
}

/// Fields of a line: between blanks; what is in quotes or brackets is one.
fn split(text: &str) -> Vec<String> {
    let (mut out, mut rest) = (Vec::new(), text.trim());
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let quoted = close.and_then(|close| rest.get(1..)?.split_once(close));
        let (field, tail) = quoted.unwrap_or_else(|| {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest.split_at(end)
        });
        out.push(field.to_string());
        rest = tail.trim_start();
    }
    out
}

fn fields_fit(fields: &[Field], line: &[String]) -> bool {
    let fits = |field: &Field, text: &String| match field {
        Field::One(Some(test)) => test.holds(&|_| Some(Value::String(text.clone()))),
        _ => true,
    };
    match fields.iter().position(|field| matches!(field, Field::Rest)) {
        None => fields.len() == line.len() && fields.iter().zip(line).all(|(field, text)| fits(field, text)),
        Some(at) => {
            let behind = fields.len() - at - 1;
            line.len() >= fields.len() - 1
                && fields.iter().take(at).zip(line).all(|(field, text)| fits(field, text))
                && fields.iter().rev().take(behind).zip(line.iter().rev()).all(|(field, text)| fits(field, text))
        }
    }
}

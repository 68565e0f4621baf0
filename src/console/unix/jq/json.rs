//! Reads JSON from lines whose bytes carry facts: a scalar shows what was marked on it. Does not know programs.

use super::value::{DEPTH_MAX, NULL, Number, Shows, Value};
use crate::console::fact::Fact;
use crate::console::page::{Line, Mark};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Why a text is not JSON, in jq's words, and the line it was found on.
pub struct Fault {
    pub text: String,
    pub line: usize,
    pub column: usize,
}

/// Reads values one after the other.
pub struct Reader {
    text: String,
    marks: Vec<Mark>,
    at: usize,
    /// The first mark that may lie on what is still to be read.
    next_mark: usize,
}

impl Reader {
    pub fn new(lines: &[Line]) -> Reader {
        let mut text = String::new();
        let mut marks = Vec::new();
        for line in lines {
            let base = text.len() as u32;
            text.push_str(&line.text);
            text.push('\n');
            marks.extend(line.marks.iter().map(|m| Mark {
                start: m.start + base,
                end: m.end + base,
                fact: Arc::clone(&m.fact),
            }));
        }
        marks.sort_by_key(|m| m.start);
        Reader { text, marks, at: 0, next_mark: 0 }
    }

    fn fault<T>(&self, text: impl Into<String>) -> Result<T, Fault> {
        // jq has read the newline when it finds out.
        let at = self.at + usize::from(self.peek() == Some(b'\n'));
        let before = self.text.get(..at).unwrap_or(&self.text);
        let column = before.len() - before.rfind('\n').map_or(0, |n| n + 1);
        Err(Fault { text: text.into(), line: before.matches('\n').count() + 1, column })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The line on which reading stands.
    pub fn line(&self) -> usize {
        self.text.get(..self.at).unwrap_or(&self.text).matches('\n').count() + 1
    }

    /// The next value; `None` at the end.
    pub fn next(&mut self) -> Option<Result<Value, Fault>> {
        self.skip();
        self.peek()?;
        Some(self.value(0))
    }

    fn value(&mut self, depth: u32) -> Result<Value, Fault> {
        if depth + 1 >= DEPTH_MAX {
            return self.fault("Exceeds depth limit for parsing");
        }
        self.skip();
        let start = self.at;
        match self.peek() {
            None => self.fault("Unfinished JSON term at EOF"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => {
                let line = self.string()?;
                Ok(Value::Text(Rc::new(line)))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => {
                let rest = &self.text[start..];
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let word = &rest[..length];
                let shown = |shows: Shows| match word {
                    "null" => Some(Value::Null(shows)),
                    "true" => Some(Value::Bool(true, shows)),
                    "false" => Some(Value::Bool(false, shows)),
                    "nan" | "NaN" => Some(NULL),
                    _ => None,
                };
                if shown(None).is_none() {
                    self.at += length;
                    return self.fault("Invalid literal");
                }
                let end = start + length;
                let shows = self.shows(start..end);
                self.at = end;
                let rest = &self.text[start..];
                Ok(match &rest[..length] {
                    "true" => Value::Bool(true, shows),
                    "false" => Value::Bool(false, shows),
                    _ => Value::Null(shows),
                })
            }
        }
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        match self.text[start..self.at].parse::<f64>() {
            Ok(value) => {
                let shows = self.shows(start..self.at);
                Ok(Value::Number(Number { value, shows, computed: false }))
            }
            Err(_) => self.fault("Invalid numeric literal"),
        }
    }

    /// Marks that touch a range, in order; those before it are never asked for again.
    fn touching(&mut self, range: &Range<usize>) -> Vec<Mark> {
        let (start, end) = (range.start as u32, range.end as u32);
        while self.marks.get(self.next_mark).is_some_and(|m| m.end <= start) {
            self.next_mark += 1;
        }
        let ahead = self.marks[self.next_mark..].iter().take_while(|m| m.start < end);
        ahead.filter(|m| m.end > start).cloned().collect()
    }

    fn shows(&mut self, range: Range<usize>) -> Shows {
        let facts: Vec<Arc<Fact>> = self.touching(&range).into_iter().map(|m| m.fact).collect();
        if facts.is_empty() { None } else { Some(facts.into()) }
    }

    /// A text: each decoded byte remembers where it stood, so that marks move with it.
    fn string(&mut self) -> Result<Line, Fault> {
        let open = self.at;
        self.at += 1;
        let mut line = Line::default();
        let mut places: Vec<usize> = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else { return self.fault("Unfinished string") };
            let here = self.at;
            self.at += c.len_utf8();
            let decoded = match c {
                '"' => break,
                '\\' => self.escape()?,
                _ => c,
            };
            line.text.push(decoded);
            places.resize(line.text.len(), here);
        }
        let touching = self.touching(&(open..self.at));
        for mark in touching {
            let start = places.iter().position(|p| *p >= mark.start as usize).unwrap_or(places.len());
            let end = places.iter().position(|p| *p >= mark.end as usize).unwrap_or(places.len());
            // A mark on an empty text still says what the text shows.
            if start < end || line.text.is_empty() {
                line.marks.push(Mark { start: start as u32, end: end as u32, fact: mark.fact });
            }
        }
        Ok(line)
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let Some(c) = self.text[self.at..].chars().next() else { return self.fault("Unfinished string") };
        self.at += c.len_utf8();
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            '"' | '\\' | '/' => c,
            'u' => {
                let high = self.hex()?;
                if (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let low = self.hex()?;
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
                    char::from_u32(code).unwrap_or('\u{fffd}')
                } else {
                    char::from_u32(high).unwrap_or('\u{fffd}')
                }
            }
            _ => return self.fault("Invalid escape"),
        })
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let code = self.text.get(self.at..self.at + 4).and_then(|h| u32::from_str_radix(h, 16).ok());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.fault("Invalid escape"),
        }
    }

    fn list(&mut self, depth: u32) -> Result<Value, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                items.push(self.value(depth + 1)?);
                self.skip();
                self.at += 1;
                match self.text.as_bytes().get(self.at - 1) {
                    Some(b',') => {}
                    Some(b']') => break,
                    _ => return self.unfinished("Expected separator between values"),
                }
            }
        }
        Value::list(items).or_else(|_| self.fault("the input is too large"))
    }

    fn unfinished<T>(&mut self, text: &str) -> Result<T, Fault> {
        self.at -= 1;
        if self.at >= self.text.len() { self.fault("Unfinished JSON term at EOF") } else { self.fault(text) }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Fault> {
        self.at += 1;
        let mut pairs: Vec<(Rc<str>, Value)> = Vec::new();
        self.skip();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                self.skip();
                match self.peek() {
                    Some(b'"') => {}
                    None => return self.fault("Unfinished JSON term at EOF"),
                    Some(_) => return self.fault("Object keys must be strings"),
                }
                let key = self.string()?;
                self.skip();
                if self.peek() != Some(b':') {
                    return self.fault("Objects must consist of key:value pairs");
                }
                self.at += 1;
                let value = self.value(depth + 1)?;
                pairs.push((key.text.into(), value));
                self.skip();
                self.at += 1;
                match self.text.as_bytes().get(self.at - 1) {
                    Some(b',') => {}
                    Some(b'}') => break,
                    _ => return self.unfinished("Expected separator between values"),
                }
            }
        }
        Value::pairs(pairs).or_else(|_| self.fault("the input is too large"))
    }
}

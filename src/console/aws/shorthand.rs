//! The shorthand for structures on a command line: `Name=state,Values=a,b`, `a={b=c},d=[e,f]`. Does not know shapes: what
//! comes out are texts, lists and maps.

use serde_json::{Map, Value};

/// How deep brackets may nest.
const DEPTH_MAX: usize = 32;

/// A file's text by its name (`file://…`), for `key@=file://…`.
pub type Load<'a> = &'a dyn Fn(&str) -> Option<Result<String, String>>;

/// Reads one argument. The error is the client's own.
pub fn parse(text: &str, load: Load) -> Result<Value, String> {
    let mut parser = Parser { text: text.chars().collect(), at: 0, load, files: false, depth: 0 };
    parser.parameter()
}

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    load: Load<'a>,
    /// The value may name a file (`@=`).
    files: bool,
    depth: usize,
}

/// A character that ends no bare value: as the client's own pattern, everything but blanks, quotes, `,`, brackets at the start…
fn starts_word(c: char) -> bool {
    matches!(c, '!' | '#'..='&' | '('..='+' | '-'..='<' | '>'..='Z' | '\\'..='z' | '|'..='\u{ffff}')
}

/// … and inside of a first value, which may stand before a `]` or `}` …
fn follows_first(c: char) -> bool {
    c.is_whitespace() || matches!(c, '!' | '#'..='&' | '('..='+' | '-'..='\\' | '^'..='|' | '~'..='\u{ffff}')
}

/// … and of those after a comma, which may not hold `=` (that begins the next key).
fn follows_second(c: char) -> bool {
    c.is_whitespace() || matches!(c, '!' | '#'..='&' | '('..='+' | '-'..='<' | '>'..='\u{ffff}')
}

impl Parser<'_> {
    fn parameter(&mut self) -> Result<Value, String> {
        let mut members = Map::new();
        let (key, value) = self.pair()?;
        members.insert(key, value);
        let mut last = self.at;
        while self.at < self.text.len() {
            self.expect(',', true)?;
            let (key, value) = self.pair()?;
            if members.contains_key(&key) {
                self.at = last + 1;
                return Err(format!(
                    "Second instance of key \"{key}\" encountered for input:\n{}\nThis is often because there is a preceding \",\" instead of a space.",
                    self.place()
                ));
            }
            members.insert(key, value);
            last = self.at;
        }
        Ok(Value::Object(members))
    }

    fn pair(&mut self) -> Result<(String, Value), String> {
        let key = self.key_and_equals()?;
        let value = match self.current() {
            None => Value::from(""),
            Some('[') => self.list()?,
            Some('{') => self.map()?,
            Some(_) => self.csv()?,
        };
        Ok((key, value))
    }

    fn key_and_equals(&mut self) -> Result<String, String> {
        let start = self.at;
        while self.current().is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c)) {
            self.at += 1;
        }
        let key: String = self.text.iter().skip(start).take(self.at - start).collect();
        self.blanks();
        self.files = self.current() == Some('@');
        if self.files {
            self.at += 1;
        }
        self.expect('=', true)?;
        Ok(key)
    }

    /// `a` or `a,b,c`; what follows a comma may also be the next key, then the comma belongs to that.
    fn csv(&mut self) -> Result<Value, String> {
        let first = self.first_value()?;
        self.blanks();
        if self.current() != Some(',') {
            return Ok(first);
        }
        self.expect(',', true)?;
        let mut values = vec![first.clone()];
        loop {
            let second = self.second_value().and_then(|value| {
                self.blanks();
                if self.current().is_some() {
                    self.expect(',', true)?;
                    return Ok((value, false));
                }
                Ok((value, true))
            });
            match second {
                Ok((value, ended)) => {
                    values.push(value);
                    if ended {
                        break;
                    }
                }
                Err(fault) if self.current().is_none() => return Err(fault),
                Err(_) => {
                    while self.at > 0 && self.current() != Some(',') {
                        self.at -= 1;
                    }
                    break;
                }
            }
        }
        Ok(if values.len() == 1 { first } else { Value::Array(values) })
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("brackets nest deeper than {DEPTH_MAX}"));
        }
        Ok(())
    }

    fn list(&mut self) -> Result<Value, String> {
        self.deeper()?;
        self.expect('[', true)?;
        let mut values = Vec::new();
        while self.current() != Some(']') {
            values.push(self.explicit()?);
            self.blanks();
            if self.current() != Some(']') {
                self.expect(',', false)?;
                self.blanks();
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Value::Array(values))
    }

    fn map(&mut self) -> Result<Value, String> {
        self.deeper()?;
        self.expect('{', true)?;
        let mut members = Map::new();
        while self.current() != Some('}') {
            let key = self.key_and_equals()?;
            let value = self.explicit()?;
            self.blanks();
            if self.current() != Some('}') {
                self.expect(',', false)?;
                self.blanks();
            }
            members.insert(key, value);
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Value::Object(members))
    }

    fn explicit(&mut self) -> Result<Value, String> {
        match self.current() {
            Some('[') => self.list(),
            Some('{') => self.map(),
            _ => self.first_value(),
        }
    }

    fn first_value(&mut self) -> Result<Value, String> {
        let text = match self.current() {
            Some(mark @ ('\'' | '"')) => self.quoted(mark)?,
            _ => self.bare(follows_first).unwrap_or_default(),
        };
        self.resolved(text)
    }

    fn second_value(&mut self) -> Result<Value, String> {
        let text = match self.current() {
            Some(mark @ ('\'' | '"')) => self.quoted(mark)?,
            _ => self.bare(follows_second).ok_or_else(|| self.wrong("<second>", "<none>"))?,
        };
        self.resolved(text)
    }

    fn resolved(&self, text: String) -> Result<Value, String> {
        if !self.files {
            return Ok(Value::from(text));
        }
        (self.load)(&text).unwrap_or(Ok(text)).map(Value::from)
    }

    /// A value without quotes; `\,` is a comma.
    fn bare(&mut self, follows: fn(char) -> bool) -> Option<String> {
        let start = self.at;
        loop {
            let fits = if self.at == start { starts_word } else { follows };
            match self.current() {
                Some('\\') if self.text.get(self.at + 1) == Some(&',') => self.at += 2,
                Some(c) if fits(c) => self.at += 1,
                _ => break,
            }
        }
        let text: String = self.text.iter().skip(start).take(self.at - start).collect();
        (self.at > start).then(|| text.replace("\\,", ",").trim_end().to_string())
    }

    fn quoted(&mut self, mark: char) -> Result<String, String> {
        let name = if mark == '"' { "<double quoted>" } else { "<singled quoted>" };
        let mut end = self.at + 1;
        loop {
            match self.text.get(end) {
                Some('\\') if self.text.get(end + 1) == Some(&mark) => end += 2,
                Some(c) if *c == mark => break,
                Some(_) => end += 1,
                None => return Err(self.wrong(name, "<none>")),
            }
        }
        let text: String = self.text.iter().skip(self.at + 1).take(end - self.at - 1).collect();
        self.at = end + 1;
        Ok(text.replace(&format!("\\{mark}"), &mark.to_string()).replace("\\\\", "\\"))
    }

    fn current(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.current().is_some_and(|c| c.is_ascii_whitespace() || c == '\x0b') {
            self.at += 1;
        }
    }

    fn expect(&mut self, wanted: char, blanks: bool) -> Result<(), String> {
        if blanks {
            self.blanks();
        }
        match self.current() {
            Some(c) if c == wanted => self.at += 1,
            Some(c) => return Err(self.wrong(&wanted.to_string(), &c.to_string())),
            None => return Err(self.wrong(&wanted.to_string(), "EOF")),
        }
        if blanks {
            self.blanks();
        }
        Ok(())
    }

    fn wrong(&self, wanted: &str, found: &str) -> String {
        format!("Expected: '{wanted}', received: '{found}' for input:\n{}", self.place())
    }

    /// The input with a caret under where reading stopped.
    fn place(&self) -> String {
        let (before, after) = self.text.split_at(self.at.min(self.text.len()));
        let column = before.iter().rev().take_while(|c| **c != '\n').count();
        let rest = after.iter().position(|c| *c == '\n').unwrap_or(after.len());
        let head: String = before.iter().chain(after.iter().take(rest)).collect();
        let tail: String = after.iter().skip(rest).collect();
        format!("{head}\n{}^{tail}", " ".repeat(column))
    }
}

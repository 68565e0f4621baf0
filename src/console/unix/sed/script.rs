//! The grammar of sed scripts. Does not run them.

use crate::console::unix::pattern::{self, Case, Dialect};
use regex::Regex;
use std::collections::BTreeMap;

/// One command with its addresses.
#[derive(Debug)]
pub struct Step {
    pub from: Option<Address>,
    pub to: Option<Address>,
    pub negated: bool,
    pub command: Command,
}

#[derive(Debug)]
pub enum Address {
    Line(usize),
    Last,
    /// `first~step`
    Step(usize, usize),
    /// `,+N`
    Plus(usize),
    /// `,~N`
    Multiple(usize),
    /// `None` is the last pattern used.
    Pattern(Option<Regex>),
}

#[derive(Debug)]
pub enum Command {
    /// `{`: where the group ends.
    Group(usize),
    Close,
    Label,
    Substitute(Substitution),
    Translate(Vec<(char, char)>),
    Print,
    PrintFirst,
    Number,
    Delete,
    Quit(i32),
    QuitSilently(i32),
    Append(String),
    Insert(String),
    Change(String),
    Next,
    NextAppended,
    Hold,
    HoldAppended,
    Get,
    GetAppended,
    Exchange,
    /// To a step, or to the end.
    Branch(Option<usize>),
    BranchIfSubstituted(Option<usize>),
}

#[derive(Debug)]
pub struct Substitution {
    /// `None` is the last pattern used.
    pub regex: Option<Regex>,
    pub replacement: Vec<Piece>,
    pub global: bool,
    pub nth: usize,
    pub print: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Group(usize),
}

/// The most commands of one script.
const COMMANDS_MAX: usize = 1_000;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    steps: Vec<Step>,
    groups: Vec<usize>,
    labels: BTreeMap<String, usize>,
    branches: Vec<(usize, String)>,
}

/// Reads a script; the error is in sed's words.
pub fn parse(text: &str, extended: bool) -> Result<Vec<Step>, String> {
    let dialect = if extended { Dialect::Extended } else { Dialect::Basic };
    let mut parser = Parser {
        text,
        at: 0,
        dialect,
        steps: Vec::new(),
        groups: Vec::new(),
        labels: BTreeMap::new(),
        branches: Vec::new(),
    };
    parser.script()?;
    Ok(parser.steps)
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn fault<T>(&self, text: impl std::fmt::Display) -> Result<T, String> {
        let char = self.text[..self.at].chars().count();
        Err(format!("-e expression #1, char {char}: {text}"))
    }

    fn skip(&mut self, set: &[char]) {
        while self.peek().is_some_and(|c| set.contains(&c)) {
            self.bump();
        }
    }

    fn script(&mut self) -> Result<(), String> {
        loop {
            self.skip(&[' ', '\t', '\n', ';']);
            match self.peek() {
                None => break,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                    continue;
                }
                Some(_) => {}
            }
            if self.steps.len() >= COMMANDS_MAX {
                return self.fault("too many commands");
            }
            let from = self.address()?;
            let mut to = None;
            if from.is_some() {
                self.skip(&[' ']);
                if self.peek() == Some(',') {
                    self.bump();
                    self.skip(&[' ']);
                    to = self.end_address()?;
                    if to.is_none() {
                        return self.fault("unexpected `,'");
                    }
                }
            }
            self.skip(&[' ', '\t']);
            let mut negated = false;
            while self.peek() == Some('!') {
                self.bump();
                self.skip(&[' ']);
                negated = true;
            }
            let command = self.command(from.is_some())?;
            self.steps.push(Step { from, to, negated, command });
        }
        if !self.groups.is_empty() {
            return Err("-e expression #1, char 0: unmatched `{'".to_string());
        }
        for (step, label) in std::mem::take(&mut self.branches) {
            let target = match label.as_str() {
                "" => None,
                label => match self.labels.get(label) {
                    Some(step) => Some(*step),
                    None => {
                        return Err(format!(
                            "-e expression #1, char {}: can't find label for jump to `{label}'",
                            self.text.len()
                        ));
                    }
                },
            };
            match &mut self.steps[step].command {
                Command::Branch(to) | Command::BranchIfSubstituted(to) => *to = target,
                _ => {}
            }
        }
        Ok(())
    }

    fn number(&mut self) -> usize {
        let mut number = 0_usize;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.bump();
            number = number.saturating_mul(10).saturating_add(digit as usize);
        }
        number
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        Ok(match self.peek() {
            Some('0'..='9') => {
                let first = self.number();
                if self.peek() == Some('~') {
                    self.bump();
                    return Ok(Some(Address::Step(first, self.number())));
                }
                if first == 0 {
                    return self.fault("invalid usage of line address 0");
                }
                Some(Address::Line(first))
            }
            Some('$') => {
                self.bump();
                Some(Address::Last)
            }
            Some('/') => {
                self.bump();
                Some(self.pattern('/')?)
            }
            Some('\\') => {
                self.bump();
                match self.bump() {
                    Some(delimiter) => Some(self.pattern(delimiter)?),
                    None => return self.fault("unterminated address regex"),
                }
            }
            _ => None,
        })
    }

    fn end_address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some('+') => {
                self.bump();
                Ok(Some(Address::Plus(self.number())))
            }
            Some('~') => {
                self.bump();
                Ok(Some(Address::Multiple(self.number())))
            }
            _ => self.address(),
        }
    }

    fn pattern(&mut self, delimiter: char) -> Result<Address, String> {
        let Some(text) = self.until(delimiter, true) else { return self.fault("unterminated address regex") };
        let mut case = Case::Exact;
        while self.peek() == Some('I') {
            self.bump();
            case = Case::Ignored;
        }
        self.compiled(&text, case).map(Address::Pattern)
    }

    fn compiled(&self, text: &str, case: Case) -> Result<Option<Regex>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        match pattern::compile(text, self.dialect, case) {
            Ok(regex) => Ok(Some(regex)),
            Err(text) => self.fault(text),
        }
    }

    /// Text up to an unescaped delimiter. Inside brackets of a pattern the delimiter is text.
    fn until(&mut self, delimiter: char, is_pattern: bool) -> Option<String> {
        let mut text = String::new();
        let mut bracket = false;
        loop {
            let c = self.bump()?;
            if c == '\\' {
                let escaped = self.bump()?;
                if escaped == delimiter {
                    // An escaped delimiter is the character itself.
                    text.push(escaped);
                } else if escaped == '\n' {
                    text.push('\n');
                } else {
                    text.extend(['\\', escaped]);
                }
                continue;
            }
            if bracket {
                bracket = c != ']';
            } else if c == delimiter {
                return Some(text);
            } else if c == '[' && is_pattern {
                bracket = true;
                text.push(c);
                for first in ['^', ']'] {
                    if self.peek() == Some(first) {
                        self.bump();
                        text.push(first);
                    }
                }
                continue;
            }
            text.push(c);
        }
    }

    fn command(&mut self, addressed: bool) -> Result<Command, String> {
        let Some(letter) = self.bump() else { return self.fault("missing command") };
        let command = match letter {
            '{' => {
                self.groups.push(self.steps.len());
                return Ok(Command::Group(0));
            }
            '}' => {
                if addressed {
                    return self.fault("} doesn't want any addresses");
                }
                let Some(open) = self.groups.pop() else { return self.fault("unexpected `}'") };
                self.steps[open].command = Command::Group(self.steps.len() + 1);
                Command::Close
            }
            ':' => {
                let label = self.word();
                if label.is_empty() {
                    return self.fault("\":\" lacks a label");
                }
                self.labels.insert(label, self.steps.len());
                return Ok(Command::Label);
            }
            'b' | 't' => {
                let label = self.word();
                self.branches.push((self.steps.len(), label));
                return Ok(if letter == 'b' { Command::Branch(None) } else { Command::BranchIfSubstituted(None) });
            }
            's' => Command::Substitute(self.substitution()?),
            'y' => self.translation()?,
            'a' => return Ok(Command::Append(self.text_argument()?)),
            'i' => return Ok(Command::Insert(self.text_argument()?)),
            'c' => return Ok(Command::Change(self.text_argument()?)),
            'q' | 'Q' => {
                self.skip(&[' ']);
                let code = i32::try_from(self.number() % 256).unwrap_or(0);
                if letter == 'q' { Command::Quit(code) } else { Command::QuitSilently(code) }
            }
            'p' => Command::Print,
            'P' => Command::PrintFirst,
            '=' => Command::Number,
            'd' => Command::Delete,
            'n' => Command::Next,
            'N' => Command::NextAppended,
            'h' => Command::Hold,
            'H' => Command::HoldAppended,
            'g' => Command::Get,
            'G' => Command::GetAppended,
            'x' => Command::Exchange,
            other => return self.fault(format!("unknown command: `{other}'")),
        };
        self.skip(&[' ', '\t']);
        match self.peek() {
            None | Some(';' | '\n' | '}' | '#') => Ok(command),
            Some(_) => {
                self.bump();
                self.fault("extra characters after command")
            }
        }
    }

    fn word(&mut self) -> String {
        self.skip(&[' ']);
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, ';' | '\n' | '}' | ' ')) {
            self.bump();
            word.push(c);
        }
        word
    }

    /// The text of `a`, `i`, `c`: the rest of the line, with GNU's one-line form and the older `a\`.
    fn text_argument(&mut self) -> Result<String, String> {
        self.skip(&[' ', '\t']);
        if self.text[self.at..].starts_with('\\') {
            self.bump();
            if self.peek() == Some('\n') {
                self.bump();
            }
        }
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '\n' => break,
                '\\' => text.extend(self.bump()),
                _ => text.push(c),
            }
        }
        if text.is_empty() { self.fault("expected \\ after `a', `c' or `i'") } else { Ok(text) }
    }

    fn substitution(&mut self) -> Result<Substitution, String> {
        let Some(delimiter) = self.bump().filter(|c| *c != '\n' && *c != '\\') else {
            return self.fault("unterminated `s' command");
        };
        let (Some(pattern), Some(replacement)) = (self.until(delimiter, true), self.until(delimiter, false)) else {
            return self.fault("unterminated `s' command");
        };
        let (mut global, mut nth, mut print, mut case) = (false, 1, false, Case::Exact);
        loop {
            match self.peek() {
                Some('g') => global = true,
                Some('p') => print = true,
                Some('i' | 'I') => case = Case::Ignored,
                Some('0'..='9') => {
                    nth = self.number();
                    if nth == 0 {
                        return self.fault("number option to `s' command may not be zero");
                    }
                    continue;
                }
                None | Some(';' | '\n' | '}' | ' ' | '#') => break,
                Some(_) => {
                    self.bump();
                    return self.fault("unknown option to `s'");
                }
            }
            self.bump();
        }
        let regex = self.compiled(&pattern, case)?;
        let groups = regex.as_ref().map_or(9, |r| r.captures_len() - 1);
        let replacement = pieces(&replacement);
        for piece in &replacement {
            if let Piece::Group(n) = piece
                && *n > groups
            {
                return self.fault(format!("invalid reference \\{n} on `s' command's RHS"));
            }
        }
        Ok(Substitution { regex, replacement, global, nth, print })
    }

    fn translation(&mut self) -> Result<Command, String> {
        let Some(delimiter) = self.bump() else { return self.fault("unterminated `y' command") };
        let (Some(from), Some(to)) = (self.until(delimiter, false), self.until(delimiter, false)) else {
            return self.fault("unterminated `y' command");
        };
        let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
        if from.len() != to.len() {
            return self.fault("strings for `y' command are different lengths");
        }
        Ok(Command::Translate(from.into_iter().zip(to).collect()))
    }
}

/// A replacement as pieces: text, `&` and `\1`.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let group = match c {
            '&' => Some(0),
            '\\' => match rest.next() {
                Some(digit @ '0'..='9') => digit.to_digit(10).map(|n| n as usize),
                Some('n') => {
                    plain.push('\n');
                    None
                }
                Some('t') => {
                    plain.push('\t');
                    None
                }
                Some(other) => {
                    plain.push(other);
                    None
                }
                None => None,
            },
            _ => {
                plain.push(c);
                None
            }
        };
        if let Some(group) = group {
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Group(group));
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

//! Flags declared once: reading, help and completion come from the same rows, in the manner of GNU getopt. Does not know
//! what a flag means.

use super::page::{Line, Output};
use super::program::Program;
use crate::stdx::suggest;

/// One flag of a program.
#[derive(Debug, PartialEq, Eq)]
pub struct Flag {
    /// `'\0'` if there is only a long form.
    pub short: char,
    /// Empty if there is only a short form.
    pub long: &'static str,
    /// What its value is called in the help; empty for a switch.
    pub value: &'static str,
    pub about: &'static str,
}

impl Flag {
    pub const fn switch(short: char, long: &'static str, about: &'static str) -> Flag {
        Flag { short, long, value: "", about }
    }
    pub const fn value(short: char, long: &'static str, value: &'static str, about: &'static str) -> Flag {
        Flag { short, long, value, about }
    }

    /// `name` is the short form (`"i"`) or the long one (`"ignore-case"`).
    fn is(&self, name: &str) -> bool {
        (!self.long.is_empty() && self.long == name) || (self.short != '\0' && name.chars().eq([self.short]))
    }

    /// `-n, --lines=NUM`, as the help shows it.
    pub fn shape(&self) -> String {
        let mut shape = String::new();
        if self.short != '\0' {
            shape.push('-');
            shape.push(self.short);
        }
        if !self.long.is_empty() {
            shape.push_str(if self.short == '\0' { "    --" } else { ", --" });
            shape.push_str(self.long);
            if !self.value.is_empty() {
                shape.push('=');
            }
        } else if !self.value.is_empty() {
            shape.push(' ');
        }
        shape.push_str(self.value);
        shape
    }
}

/// What was given on a command line.
#[derive(Debug, Default)]
pub struct Given {
    flags: Vec<(&'static Flag, String)>,
    pub operands: Vec<String>,
}

impl Given {
    pub fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, _)| flag.is(name))
    }
    /// The value of a flag; the last one wins.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(flag, _)| flag.is(name)).map(|(_, value)| value.as_str())
    }
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags.iter().filter(move |(flag, _)| flag.is(name)).map(|(_, value)| value.as_str())
    }
    /// Flags in the order they were given.
    pub fn ordered(&self) -> impl Iterator<Item = (&'static Flag, &str)> {
        self.flags.iter().map(|(flag, value)| (*flag, value.as_str()))
    }
}

/// How operands are told from flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Flags may follow operands (GNU's habit).
    Mixed,
    /// The first operand ends the flags (`awk`, `xargs`, `watch`).
    FlagsFirst,
}

/// Reads `args` (the program's name first). A mistake, or `--help`, is a finished page; `code` is the exit code of a mistake.
pub fn read(program: &'static Program, args: &[String], order: Order, code: i32) -> Result<Given, Output> {
    let mut given = Given::default();
    let mut rest = args.iter().skip(1);
    while let Some(arg) = rest.next() {
        if arg == "--" {
            given.operands.extend(rest.cloned());
            break;
        }
        if arg == "--help" {
            return Err(Output { lines: super::help::page(program), ..Output::default() });
        }
        if let Some(body) = arg.strip_prefix("--") {
            let (name, value) = match body.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (body, None),
            };
            read_long(program, name, value, &mut rest, &mut given).map_err(|text| misuse(program, text, arg, code))?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            read_short(program, arg, &mut rest, &mut given).map_err(|text| misuse(program, text, arg, code))?;
        } else {
            given.operands.push(arg.clone());
            if order == Order::FlagsFirst {
                given.operands.extend(rest.cloned());
                break;
            }
        }
    }
    Ok(given)
}

fn read_long<'a>(
    program: &'static Program,
    name: &str,
    value: Option<String>,
    rest: &mut impl Iterator<Item = &'a String>,
    given: &mut Given,
) -> Result<(), String> {
    let exact = program.flags.iter().find(|f| !f.long.is_empty() && f.long == name);
    let mut starts = program.flags.iter().filter(|f| !name.is_empty() && f.long.starts_with(name));
    // An unambiguous beginning stands for the whole, as in getopt_long.
    let flag = match (exact, starts.next(), starts.next()) {
        (Some(flag), _, _) | (None, Some(flag), None) => flag,
        (None, Some(_), Some(_)) => return Err(format!("option '--{name}' is ambiguous")),
        (None, None, _) => return Err(format!("unrecognized option '--{name}'")),
    };
    let value = match (flag.value.is_empty(), value) {
        (true, Some(_)) => return Err(format!("option '--{}' doesn't allow an argument", flag.long)),
        (true, None) => String::new(),
        (false, Some(value)) => value,
        (false, None) => {
            rest.next().cloned().ok_or_else(|| format!("option '--{}' requires an argument", flag.long))?
        }
    };
    given.flags.push((flag, value));
    Ok(())
}

fn read_short<'a>(
    program: &'static Program,
    arg: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    given: &mut Given,
) -> Result<(), String> {
    for (at, letter) in arg.char_indices().skip(1) {
        let flag = program
            .flags
            .iter()
            .find(|f| f.short == letter && letter != '\0')
            .ok_or_else(|| format!("invalid option -- '{letter}'"))?;
        if flag.value.is_empty() {
            given.flags.push((flag, String::new()));
            continue;
        }
        let tail = arg.get(at + letter.len_utf8()..).unwrap_or("");
        let value = if tail.is_empty() {
            rest.next().cloned().ok_or_else(|| format!("option requires an argument -- '{letter}'"))?
        } else {
            tail.to_string()
        };
        given.flags.push((flag, value));
        break;
    }
    Ok(())
}

/// The page of a wrong flag: GNU's words, and our hint.
fn misuse(program: &'static Program, text: String, arg: &str, code: i32) -> Output {
    let mut lines = vec![
        Line::err(format!("{}: {text}", program.name)),
        Line::err(format!("Try '{} --help' for more information.", program.name)),
    ];
    // grep alone shows its usage here, as GNU's does.
    if let Some(usage) = program.usage.lines().next().filter(|_| program.name == "grep") {
        lines.insert(1, Line::err(usage));
    }
    let word = arg.trim_start_matches('-').split('=').next().unwrap_or("");
    let known = program.flags.iter().map(|f| f.long).filter(|l| !l.is_empty());
    if let Some(near) = suggest::nearest(word, known).filter(|_| arg.starts_with("--")) {
        lines.push(Line::hint(format!("did you mean --{near}?")));
    }
    Output { lines, code, ..Output::default() }
}

//! The text tools of the shell: one file a tool. They see lines with facts and nothing else.

pub mod awk;
pub mod base64;
pub mod cat;
pub mod column;
pub mod cut;
pub mod date;
pub mod echo;
pub mod grep;
pub mod head;
pub mod jq;
pub mod less;
pub mod note;
pub mod order;
mod pattern;
pub mod printf;
pub mod sed;
pub mod seq;
pub mod sort;
pub mod tail;
pub mod tee;
pub mod tr;
pub mod truth;
pub mod uniq;
pub mod wait;
pub mod wc;
pub mod xargs;

use super::fact::Fact;
use super::flag::{self, Order};
use super::page::{Line, Output};
use super::program::{self, Context, Program};
use super::session::Session;
use std::sync::Arc;

/// The most lines that a tool prints.
pub const LINES_MAX: usize = super::pipeline::PAGE_LINES_MAX;
/// The most text that a tool prints, and the longest single text that it builds, in bytes.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// The most lines that the notes of a session hold together.
const NOTES_LINES_MAX: usize = 400_000;
const NOTES_MAX: usize = 1_000;

/// Collects what a tool prints, within bounds.
#[derive(Debug, Default)]
pub struct Sink {
    pub output: Output,
    bytes: usize,
    cut: bool,
}

impl Sink {
    /// False once the bounds are reached: the tool may stop.
    pub fn print(&mut self, line: Line) -> bool {
        if self.cut {
            return false;
        }
        self.bytes += line.text.len() + 1;
        if self.output.lines.len() >= LINES_MAX || self.bytes > BYTES_MAX {
            self.cut = true;
            self.output.lines.push(Line::hint("the output was cut here: it grows beyond all bounds"));
            return false;
        }
        self.output.lines.push(line);
        true
    }

    /// Whether the bounds are reached.
    pub fn is_full(&self) -> bool {
        self.cut
    }

    pub fn error(&mut self, text: impl Into<String>, code: i32) {
        self.output.lines.push(Line::err(text));
        self.output.code = code;
    }
}

/// A page that is one error.
pub fn failure(text: impl Into<String>, code: i32) -> Output {
    Output { lines: vec![Line::err(text)], code, ..Output::default() }
}

/// The name a note is kept under, however it is written.
fn note_name(session: &Session, name: &str) -> String {
    let home = format!("/home/{}/", session.user);
    let name = name.strip_prefix(home.as_str()).or_else(|| name.strip_prefix("~/")).unwrap_or(name);
    let mut name = name;
    while let Some(rest) = name.strip_prefix("./") {
        name = rest;
    }
    name.to_string()
}

/// A note's lines.
pub fn file(session: &Session, name: &str) -> Option<Vec<Line>> {
    if name == "/dev/null" {
        return Some(Vec::new());
    }
    session.files.get(&note_name(session, name)).cloned()
}

/// Writes a note; the error is bash's.
pub fn write(session: &mut Session, name: &str, lines: Vec<Line>, append: bool) -> Result<(), Line> {
    if name == "/dev/null" {
        return Ok(());
    }
    let key = note_name(session, name);
    if key.is_empty() {
        return Err(Line::err(format!("bash: {name}: No such file or directory")));
    }
    if key.contains('/') {
        return Err(Line::err(format!("bash: {name:.200}: No such file or directory")));
    }
    let held: usize = session.files.iter().filter(|(k, _)| append || **k != key).map(|(_, l)| l.len()).sum();
    let full = !session.files.contains_key(&key) && session.files.len() >= NOTES_MAX;
    if held + lines.len() > NOTES_LINES_MAX || full || key.len() > 255 {
        return Err(Line::err(format!("bash: {name:.200}: No space left on device")));
    }
    let note = session.files.entry(key).or_default();
    if !append {
        note.clear();
    }
    for line in lines {
        match note.last_mut().filter(|last| last.open) {
            Some(last) => {
                last.push_part(&line, 0..line.text.len());
                last.open = line.open;
            }
            None => note.push(line),
        }
    }
    Ok(())
}

/// One input of a tool: `-` and no name at all are what is piped in.
pub struct Source {
    pub name: String,
    pub lines: Vec<Line>,
}

/// The inputs that `operands` name. A missing file is an error on the sink (`code`), as GNU's tools do it.
pub fn sources(context: &mut Context, operands: &[String], sink: &mut Sink, code: i32) -> Vec<Source> {
    let tool = context.args.first().cloned().unwrap_or_default();
    if operands.is_empty() {
        return piped(context, &tool, sink, code);
    }
    let mut sources = Vec::new();
    for name in operands {
        if name == "-" {
            sources.extend(piped(context, &tool, sink, code));
        } else if let Some(lines) = file(context.session, name) {
            sources.push(Source { name: name.clone(), lines });
        } else {
            let cannot = match tool.as_str() {
                "head" | "tail" => format!("{tool}: cannot open '{name}' for reading: No such file or directory"),
                "sort" => format!("sort: cannot read: {name}: No such file or directory"),
                "awk" => format!("awk: cannot open \"{name}\" (No such file or directory)"),
                "sed" => format!("sed: can't read {name}: No such file or directory"),
                "jq" => format!("jq: error: Could not open {name}: No such file or directory"),
                _ => format!("{tool}: {name}: No such file or directory"),
            };
            sink.error(cannot, code);
        }
    }
    sources
}

fn piped(context: &mut Context, tool: &str, sink: &mut Sink, code: i32) -> Vec<Source> {
    match context.input.take() {
        Some(lines) => vec![Source { name: "-".to_string(), lines }],
        None => {
            let hint = format!("nothing is piped into {tool}, and no note is named: it would wait for the keyboard");
            sink.output.lines.push(Line::hint(hint));
            sink.output.code = code;
            Vec::new()
        }
    }
}

/// All lines that `operands` name, one after the other.
pub fn all_lines(context: &mut Context, operands: &[String], sink: &mut Sink, code: i32) -> Vec<Line> {
    let sources = sources(context, operands, sink, code);
    sources.into_iter().flat_map(|s| s.lines).collect()
}

/// A number that `tool` computed over `lines`: a fact of its own if any of them shows one.
pub fn counted<'a>(tool: &str, of: &str, value: f64, lines: impl IntoIterator<Item = &'a Line>) -> Option<Arc<Fact>> {
    let shows = lines.into_iter().any(|line| !line.marks.is_empty());
    shows.then(|| Arc::new(Fact::Count { tool: tool.to_string(), of: of.to_string(), value }))
}

/// Appends a computed number with its fact, if it has one.
pub fn push_count(line: &mut Line, text: &str, fact: Option<&Arc<Fact>>) {
    match fact {
        // Leading blanks are layout, not number.
        Some(fact) => {
            let number = text.trim_start();
            line.push(&text[..text.len() - number.len()]);
            line.push_fact(number, fact);
        }
        None => line.push(text),
    }
}

/// A slice of a line's text that never fails: out-of-range ends are clamped.
pub fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// A stage's flags as its tool reads them.
fn given(words: &[String], order: Order) -> Option<(&'static Program, flag::Given)> {
    let program = program::find(words.first()?)?;
    let words = match program.name {
        "head" | "tail" => head::modern(words),
        "grep" => grep::modern(words),
        _ => words.to_vec(),
    };
    Some((program, flag::read(program, &words, order, 1).ok()?))
}

/// Whether a stage's output on a part of its input is the beginning of its output on the whole, so that a standing
/// pipeline may print as it goes.
pub fn flows(words: &[String]) -> bool {
    let Some(program) = words.first().and_then(|name| program::find(name)) else { return false };
    match program.name {
        "cat" | "cut" | "less" | "nl" | "tee" | "tr" | "rev" => true,
        "grep" => given(words, Order::Mixed).is_some_and(|(_, g)| !g.has("c")),
        "head" => given(words, Order::Mixed).is_some_and(|(_, g)| g.last("n").is_none_or(|n| !n.starts_with('-'))),
        "tail" => given(words, Order::Mixed).is_some_and(|(_, g)| g.last("n").is_some_and(|n| n.starts_with('+'))),
        "uniq" => given(words, Order::Mixed).is_some_and(|(_, g)| !g.has("c") && !g.has("d") && !g.has("u")),
        "awk" => awk::flows(words),
        "sed" => sed::flows(words),
        "jq" => given(words, Order::FlagsFirst).is_some_and(|(_, g)| !g.has("s") && !g.has("n")),
        _ => false,
    }
}

/// Whether a stage prints for each line what it prints for that line alone, so that it need not see the others again.
pub fn is_linewise(words: &[String]) -> bool {
    let Some((program, given)) = given(words, Order::Mixed) else { return false };
    let only = |known: &str| given.ordered().all(|(flag, _)| known.contains(flag.short));
    match program.name {
        "cut" | "rev" => given.operands.is_empty(),
        "cat" => given.operands.is_empty() && given.ordered().next().is_none(),
        "grep" => only("EFGPeiosvwx") && given.operands.len() + usize::from(given.has("e")) == 1,
        _ => false,
    }
}

/// Whether a stage that printed so many lines prints no more: `head` got what it wanted.
pub fn sated(words: &[String], printed: usize) -> bool {
    let Some((program, given)) = given(words, Order::Mixed) else { return false };
    let wanted = given.last("n").unwrap_or("10");
    program.name == "head" && !given.has("c") && head::count(wanted).is_some_and(|n| printed as u64 >= n)
}

/// Whether a program only passes text on: what it prints depends on its input and its arguments alone.
pub fn is_filter(name: &str) -> bool {
    const FILTERS: &[&str] = &[
        "awk", "base64", "cat", "column", "cut", "grep", "head", "jq", "less", "nl", "rev", "sed", "sort", "tac",
        "tail", "tr", "uniq", "wc",
    ];
    program::find(name).is_some_and(|p| FILTERS.contains(&p.name))
}

/// Whether a stage may stop before it has read everything, by a count that a specimen alone does not reach.
pub fn stops_early(words: &[String]) -> bool {
    match words.first().map(String::as_str) {
        Some("grep" | "egrep" | "fgrep") => given(words, Order::Mixed).is_none_or(|(_, g)| g.has("m") || g.has("q")),
        _ => false,
    }
}

//! sed: edits lines as they pass; the parts that are copied keep the facts they show. Does not know where lines come from.

mod script;

use super::{Sink, TEXT_BYTES_MAX, failure, sources};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use regex::Regex;
use script::{Address, Command, Piece, Step, Substitution};

pub static PROGRAM: Program = Program {
    name: "sed",
    aliases: &[],
    doc: "edit lines as they pass",
    usage: "Usage: sed [OPTION]... {script} [FILE]...\nExamples:\n  … | sed 's/-[a-z0-9]*$//'\n  kubectl logs cart | sed -n '10,20p'",
    flags: &[
        Flag::switch('E', "regexp-extended", "patterns are extended regular expressions"),
        Flag::value('e', "expression", "SCRIPT", "add a script"),
        Flag::switch('i', "in-place", "change the notes themselves"),
        Flag::switch('n', "quiet", "print only what p prints"),
        Flag::switch('r', "", "the same as -E"),
        Flag::switch('s', "separate", "every note has line numbers of its own"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// How many commands one call may run in all, sixteen bytes of text counting as one more.
const STEPS_MAX: usize = 2_000_000;

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut operands = given.operands.clone();
    let mut text = given.all("e").collect::<Vec<_>>().join("\n");
    if !given.has("e") {
        if operands.is_empty() {
            let mut output = failure("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...", 1);
            output.lines.push(Line::err("Try 'sed --help' for more information."));
            return output;
        }
        text = operands.remove(0);
    }
    let steps = match script::parse(&text, given.has("E") || given.has("r")) {
        Ok(steps) => steps,
        Err(text) => return failure(format!("sed: {text}"), 1),
    };
    let mut sink = Sink::default();
    let sources = sources(context, &operands, &mut sink, 2);
    if given.has("i") {
        for source in sources {
            let mut own = Sink::default();
            Editor::new(&steps, given.has("n"), &mut own).run(source.lines);
            sink.output.lines.extend(super::write(context.session, &source.name, own.output.lines, false).err());
        }
        return sink.output;
    }
    let code = sink.output.code;
    let lines = sources.into_iter().flat_map(|s| s.lines).collect();
    let quit = Editor::new(&steps, given.has("n"), &mut sink).run(lines);
    sink.output.code = if code == 0 { quit } else { code };
    sink.output
}

/// Whether what the script prints for the first lines does not depend on the lines that follow: it asks neither for the
/// last line (`$`) nor for the next one to be appended (`N`).
pub fn flows(words: &[String]) -> bool {
    let Ok(given) = flag::read(&PROGRAM, words, Order::Mixed, 1) else { return true };
    let mut text = given.all("e").collect::<Vec<_>>().join("\n");
    if !given.has("e") {
        text = given.operands.first().cloned().unwrap_or_default();
    }
    let Ok(steps) = script::parse(&text, given.has("E") || given.has("r")) else { return true };
    steps.iter().all(|step| {
        let last = |address: &Option<Address>| matches!(address, Some(Address::Last));
        !last(&step.from) && !last(&step.to) && !matches!(step.command, Command::NextAppended)
    })
}

/// What a command makes of the rest of the cycle.
enum Then {
    Next,
    /// To the step with this index.
    Jump(usize),
    /// The cycle ends; the pattern space is printed or not.
    End(bool),
    Quit(i32, bool),
}

/// The two spaces, and where the input stands.
struct Editor<'a> {
    steps: &'a [Step],
    quiet: bool,
    sink: &'a mut Sink,
    space: Line,
    hold: Line,
    number: usize,
    /// Whether a range is open, and the line it ends at if that is known; by step.
    open: Vec<Option<usize>>,
    regex: Option<Regex>,
    substituted: bool,
    after: Vec<Line>,
    budget: usize,
}

impl<'a> Editor<'a> {
    fn new(steps: &'a [Step], quiet: bool, sink: &'a mut Sink) -> Editor<'a> {
        Editor {
            steps,
            quiet,
            sink,
            space: Line::default(),
            hold: Line::default(),
            number: 0,
            open: vec![None; steps.len()],
            regex: None,
            substituted: false,
            after: Vec::new(),
            budget: STEPS_MAX,
        }
    }

    fn run(mut self, lines: Vec<Line>) -> i32 {
        let total = lines.len();
        let mut rest = lines.into_iter();
        while let Some(line) = rest.next() {
            self.number += 1;
            self.space = line;
            self.substituted = false;
            let then = self.cycle(&mut rest, total);
            if self.budget == 0 {
                self.sink.error("sed: stopped: the script goes round and round, or its text grows too long", 4);
                return 4;
            }
            match then {
                Then::Quit(code, print) => {
                    self.end(print);
                    return code;
                }
                Then::End(print) => self.end(print),
                _ => self.end(true),
            }
            if self.sink.is_full() {
                return 4;
            }
        }
        0
    }

    fn end(&mut self, print: bool) {
        if print && !self.quiet {
            let space = self.space.clone();
            self.print(space);
        }
        for line in std::mem::take(&mut self.after) {
            self.print(line);
        }
    }

    /// Prints a space; one that holds several lines prints them all.
    fn print(&mut self, space: Line) {
        let mut start = 0;
        let pieces: Vec<usize> = space.text.match_indices('\n').map(|(i, _)| i).chain([space.text.len()]).collect();
        for end in pieces {
            let mut line = space.part(start..end);
            line.open = space.open && end == space.text.len();
            self.sink.print(line);
            start = end + 1;
        }
    }

    fn cycle(&mut self, rest: &mut std::vec::IntoIter<Line>, total: usize) -> Then {
        let steps = self.steps;
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            // Long texts cost more than short ones, so that a loop over a growing text ends soon.
            let bytes =
                if matches!(step.command, Command::Label | Command::Branch(_)) { 0 } else { self.space.text.len() };
            self.budget = self.budget.saturating_sub(1 + bytes / 16);
            if self.budget == 0 {
                return Then::Quit(4, false);
            }
            if self.selects(step, at, total) == step.negated {
                at = if let Command::Group(end) = step.command { end } else { at + 1 };
                continue;
            }
            match self.step(step, rest) {
                Then::Next => at += 1,
                Then::Jump(to) => at = to,
                end => return end,
            }
        }
        Then::End(true)
    }

    fn selects(&mut self, step: &Step, index: usize, total: usize) -> bool {
        let Some(from) = &step.from else { return true };
        let Some(to) = &step.to else { return self.matches(from, total) };
        if let Some(until) = self.open[index] {
            let closes = match to {
                Address::Pattern(_) | Address::Last => self.matches(to, total),
                _ => self.number >= until,
            };
            if closes {
                self.open[index] = None;
            }
            // A range whose numbered end has passed was closed by the line before.
            return matches!(to, Address::Pattern(_) | Address::Last) || self.number <= until;
        }
        if !self.matches(from, total) {
            return false;
        }
        let until = match to {
            Address::Line(n) => *n,
            Address::Plus(n) => self.number.saturating_add(*n),
            Address::Multiple(n) => self.number.div_ceil((*n).max(1)) * (*n).max(1),
            _ => usize::MAX,
        };
        if until > self.number {
            self.open[index] = Some(until);
        }
        true
    }

    fn matches(&mut self, address: &Address, total: usize) -> bool {
        match address {
            Address::Line(n) => self.number == *n,
            Address::Last => self.number == total,
            Address::Step(first, 0) => self.number == *first,
            Address::Step(first, step) => self.number >= *first && (self.number - first).is_multiple_of(*step),
            Address::Plus(_) | Address::Multiple(_) => false,
            Address::Pattern(Some(regex)) => {
                self.regex = Some(regex.clone());
                regex.is_match(&self.space.text)
            }
            // An empty pattern is the last one that was used.
            Address::Pattern(None) => self.regex.as_ref().is_some_and(|r| r.is_match(&self.space.text)),
        }
    }

    fn step(&mut self, step: &Step, rest: &mut std::vec::IntoIter<Line>) -> Then {
        match &step.command {
            Command::Group(_) | Command::Close | Command::Label => {}
            Command::Substitute(substitution) => self.substitute(substitution),
            Command::Translate(map) => self.translate(map),
            Command::Print => {
                let space = self.space.clone();
                self.print(space);
            }
            Command::PrintFirst => {
                let end = self.space.text.find('\n').unwrap_or(self.space.text.len());
                let first = self.space.part(0..end);
                self.print(first);
            }
            Command::Number => {
                self.sink.print(Line::plain(self.number.to_string()));
            }
            Command::Delete => return Then::End(false),
            Command::Quit(code) => return Then::Quit(*code, true),
            Command::QuitSilently(code) => return Then::Quit(*code, false),
            Command::Append(text) => self.after.extend(text.lines().map(Line::plain)),
            Command::Insert(text) => text.lines().for_each(|t| {
                self.sink.print(Line::plain(t));
            }),
            Command::Change(text) => {
                text.lines().for_each(|t| {
                    self.sink.print(Line::plain(t));
                });
                return Then::End(false);
            }
            Command::Next => {
                self.end(true);
                match rest.next() {
                    Some(line) => {
                        self.number += 1;
                        self.space = line;
                    }
                    None => return Then::Quit(0, false),
                }
            }
            Command::NextAppended => match rest.next() {
                Some(line) => {
                    self.number += 1;
                    append(&mut self.space, &line);
                }
                None => return Then::Quit(0, true),
            },
            Command::Hold => self.hold = self.space.clone(),
            Command::HoldAppended => append(&mut self.hold, &self.space),
            Command::Get => self.space = self.hold.clone(),
            Command::GetAppended => append(&mut self.space, &self.hold),
            Command::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
            Command::Branch(to) => return to.map_or(Then::End(true), Then::Jump),
            Command::BranchIfSubstituted(to) => {
                if std::mem::take(&mut self.substituted) {
                    return to.map_or(Then::End(true), Then::Jump);
                }
            }
        }
        if self.space.text.len() > TEXT_BYTES_MAX || self.hold.text.len() > TEXT_BYTES_MAX {
            self.sink.error("sed: the text grows beyond all bounds", 4);
            return Then::Quit(4, false);
        }
        Then::Next
    }

    fn substitute(&mut self, substitution: &Substitution) {
        let regex = match substitution.regex.clone().or_else(|| self.regex.clone()) {
            Some(regex) => regex,
            None => return,
        };
        self.regex = Some(regex.clone());
        let space = &self.space;
        let mut out = Line { open: space.open, ..Line::default() };
        let mut copied = 0;
        let mut changed = false;
        for (n, found) in regex.captures_iter(&space.text).enumerate() {
            let Some(whole) = found.get(0) else { continue };
            self.budget = self.budget.saturating_sub(1).max(1);
            if n + 1 > substitution.nth && !substitution.global {
                break;
            }
            if n + 1 < substitution.nth {
                continue;
            }
            changed = true;
            out.push_part(space, copied..whole.start());
            for piece in &substitution.replacement {
                match piece {
                    Piece::Text(text) => out.push(text),
                    Piece::Group(n) => {
                        if let Some(group) = found.get(*n) {
                            out.push_part(space, group.range());
                        }
                    }
                }
            }
            copied = whole.end();
            if out.text.len() > TEXT_BYTES_MAX {
                break;
            }
        }
        if !changed {
            return;
        }
        out.push_part(space, copied..space.text.len());
        self.space = out;
        self.substituted = true;
        if substitution.print {
            let space = self.space.clone();
            self.print(space);
        }
    }

    fn translate(&mut self, map: &[(char, char)]) {
        self.space =
            super::tr::mapped(&self.space, |c| Some(map.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)));
    }
}

fn append(space: &mut Line, line: &Line) {
    space.push("\n");
    space.push_part(line, 0..line.text.len());
}

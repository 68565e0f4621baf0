//! Runs what was parsed: lists, pipelines, redirections to notes, and pipelines that go on printing. Does not know the
//! grammar or any program.

use super::expand;
use super::flag;
use super::page::{Line, Output, Stream};
use super::parse::{self, Command, Fault, Join, Part, Pipeline, RedirectKind, Script};
use super::program::{self, Context, PROGRAMS, Program};
use super::session::{Session, Standing};
use super::{Ran, unix};
use crate::stdx::suggest;
use crate::stdx::time::{Span, Time};
use crate::world::World;

/// The most lines that one page holds; what is longer is cut with a note.
pub const PAGE_LINES_MAX: usize = 200_000;
/// The most commands that one line may run, substitutions and `xargs` included.
const COMMANDS_MAX: usize = 1_000;
/// How deep programs that run programs (`xargs`, `watch`) may nest.
const NESTING_MAX: u8 = 6;
/// The most that a substitution may put into a line, in bytes.
const SUBSTITUTION_BYTES_MAX: usize = 64 * 1024;

/// A shell at work on one line.
pub struct Shell<'a> {
    pub world: &'a mut World,
    pub session: &'a mut Session,
    /// What the page shows so far.
    page: Output,
    /// Commands that may still run.
    budget: usize,
}

/// What a pipeline did.
enum Went {
    Ended,
    Stands(Box<Standing>),
}

impl<'a> Shell<'a> {
    pub fn new(world: &'a mut World, session: &'a mut Session) -> Shell<'a> {
        Shell { world, session, page: Output::default(), budget: COMMANDS_MAX }
    }

    /// Runs a whole line that was already expanded from history.
    pub fn line(mut self, line: &str) -> Ran {
        let standing = match parse::parse(line) {
            Ok(script) => self.script(&script, line),
            Err(fault) => {
                self.page.lines.extend(fault_lines(line, &fault));
                self.session.code = 2;
                None
            }
        };
        self.page.code = self.session.code;
        bound(&mut self.page);
        Ran { output: self.page, standing }
    }

    /// Runs the pipelines of a list until one stands; the standing one remembers the rest as text.
    fn script(&mut self, script: &Script, text: &str) -> Option<Standing> {
        for item in &script.items {
            let runs = match item.join {
                Join::Then => true,
                Join::And => self.session.code == 0,
                Join::Or => self.session.code != 0,
            };
            if !runs {
                continue;
            }
            if let Went::Stands(mut standing) = self.pipeline(&item.pipeline) {
                standing.line = text.to_string();
                standing.then = text.get(item.pipeline.span.end..).unwrap_or("").trim_start().to_string();
                return Some(*standing);
            }
        }
        None
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Went {
        let mut input: Option<Vec<Line>> = None;
        let last = pipeline.commands.len() - 1;
        for (at, command) in pipeline.commands.iter().enumerate() {
            let words = match self.words(command) {
                Ok(words) => words,
                Err(line) => {
                    self.page.lines.push(line);
                    self.session.code = 1;
                    return Went::Ended;
                }
            };
            let Some(given) = self.redirected_input(command, input.take(), at) else {
                input = Some(Vec::new());
                continue;
            };
            let mut standing = None;
            let noted = [RedirectKind::Write, RedirectKind::Append, RedirectKind::Both];
            self.session.piped = at < last || command.redirects.iter().any(|redirect| noted.contains(&redirect.kind));
            let output = if words.is_empty() {
                Output::default()
            } else {
                let (output, stands) = self.command(&words, given);
                standing = stands;
                output
            };
            self.session.code = output.code;
            let lines = self.keep(command, output, at == last);
            // A program that waits in the middle of a pipe has no page of its own: it is ended at once.
            if let Some(standing) = standing.filter(|_| at == 0) {
                return self.stand(standing, pipeline, lines);
            }
            if at == last {
                self.finish(command, lines, &words);
            } else {
                input = Some(lines);
            }
        }
        if pipeline.negated {
            self.session.code = i32::from(self.session.code == 0);
        }
        Went::Ended
    }

    /// The words of a command after expansion; assignments before no words set variables.
    fn words(&mut self, command: &Command) -> Result<Vec<String>, Line> {
        let mut words = Vec::new();
        let mut bytes = 0;
        for word in &command.words {
            let (budget, world, page) = (&mut self.budget, &mut *self.world, &mut self.page);
            let mut substitute =
                |session: &mut Session, script: &Script| substituted(world, session, script, budget, page);
            for field in expand::fields(word, self.session, &mut substitute) {
                bytes += field.len();
                words.push(field);
            }
            if bytes > expand::WORDS_BYTES_MAX {
                let name = words.first().map(String::as_str).unwrap_or_default();
                return Err(Line::err(format!("bash: {name:.40}: Argument list too long")));
            }
        }
        for (name, value) in &command.assigns {
            let value = self.text(value);
            // `NAME=value program` would set it for the program alone; no program here reads its environment.
            if words.is_empty() {
                self.session.vars.insert(name.clone(), value);
            }
        }
        Ok(words)
    }

    fn text(&mut self, word: &parse::Word) -> String {
        let (budget, world, page) = (&mut self.budget, &mut *self.world, &mut self.page);
        let mut substitute = |session: &mut Session, script: &Script| substituted(world, session, script, budget, page);
        expand::text(word, self.session, &mut substitute)
    }

    /// Standard input after `<` and `<<`; `None` if the file is missing (the page says so).
    fn redirected_input(
        &mut self,
        command: &Command,
        piped: Option<Vec<Line>>,
        at: usize,
    ) -> Option<Option<Vec<Line>>> {
        let mut given = if at == 0 { None } else { piped };
        for redirect in &command.redirects {
            match redirect.kind {
                RedirectKind::Text => {
                    let text = self.text(&redirect.target);
                    given = Some(text.lines().map(Line::plain).collect());
                }
                RedirectKind::Read => {
                    let name = self.text(&redirect.target);
                    match unix::file(self.session, &name) {
                        Some(lines) => given = Some(lines),
                        None => {
                            self.page.lines.push(Line::err(format!("bash: {name}: No such file or directory")));
                            self.session.code = 1;
                            return None;
                        }
                    }
                }
                _ => {}
            }
        }
        Some(given)
    }

    /// Runs one command whose words are known.
    pub fn command(&mut self, words: &[String], input: Option<Vec<Line>>) -> (Output, Option<Standing>) {
        let Some(name) = words.first() else { return (Output::default(), None) };
        if self.budget == 0 {
            let text = format!("bash: {name:.40}: one line runs at most {COMMANDS_MAX} commands");
            return (Output { lines: vec![Line::err(text)], code: 1, ..Output::default() }, None);
        }
        self.budget -= 1;
        let Some(program) = program::find(name) else { return (unknown(name), None) };
        if let Some(refused) = self.session.gate.as_ref().and_then(|gate| gate.refusal(program, words)) {
            return (refused, None);
        }
        if self.session.nesting >= NESTING_MAX {
            let text = format!("bash: {name}: commands run inside commands deeper than {NESTING_MAX}");
            return (Output { lines: vec![Line::err(text)], code: 1, ..Output::default() }, None);
        }
        self.session.nesting += 1;
        let mut context = Context { world: self.world, session: self.session, args: words, input, standing: None };
        let mut output = (program.run)(&mut context);
        let standing = context.standing.take();
        self.session.nesting -= 1;
        bound(&mut output);
        (output, standing)
    }

    /// Puts on the page what is not piped on, and returns what is. The last command's errors stay where they were written
    /// among its output.
    fn keep(&mut self, command: &Command, output: Output, last: bool) -> Vec<Line> {
        self.page.coverage.extend(output.coverage);
        let to_file =
            |r: &parse::Redirect| matches!(r.kind, RedirectKind::Write | RedirectKind::Append | RedirectKind::Both);
        let together = last && !command.redirects.iter().any(to_file);
        let mut errors_to_output = false;
        let mut output_to_errors = false;
        let mut errors_into = None;
        for redirect in &command.redirects {
            match redirect.kind {
                RedirectKind::ErrorsToOutput | RedirectKind::Both => errors_to_output = true,
                RedirectKind::OutputToErrors => output_to_errors = true,
                RedirectKind::Errors => errors_into = Some(self.text(&redirect.target)),
                _ => {}
            }
        }
        let (mut on, mut errors) = (Vec::new(), Vec::new());
        for mut line in output.lines {
            match line.stream {
                Stream::Out if output_to_errors => {
                    line.stream = Stream::Err;
                    self.page.lines.push(line);
                }
                Stream::Out => on.push(line),
                Stream::Err if errors_to_output => {
                    line.stream = Stream::Out;
                    on.push(line);
                }
                Stream::Err if errors_into.is_some() => errors.push(line),
                Stream::Err | Stream::Hint if together => on.push(line),
                Stream::Err | Stream::Hint => self.page.lines.push(line),
            }
        }
        if let Some(name) = errors_into {
            self.write(&name, errors, false);
        }
        on
    }

    /// The end of a pipeline: to the page, or into a note.
    fn finish(&mut self, command: &Command, lines: Vec<Line>, words: &[String]) {
        let mut targets = Vec::new();
        for redirect in &command.redirects {
            if matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append | RedirectKind::Both) {
                targets.push((self.text(&redirect.target), redirect.kind == RedirectKind::Append));
            }
        }
        if targets.is_empty() {
            self.page.lines.extend(lines);
            if words.first().is_some_and(|w| w == "clear") {
                self.page.lines.clear();
            }
            return;
        }
        let mut lines = Some(lines);
        let count = targets.len();
        for (at, (name, append)) in targets.into_iter().enumerate() {
            // As in bash, each file is made and the last one gets the text.
            let text = if at + 1 == count { lines.take().unwrap_or_default() } else { Vec::new() };
            self.write(&name, text, append);
        }
    }

    fn write(&mut self, name: &str, lines: Vec<Line>, append: bool) {
        if let Err(line) = unix::write(self.session, name, lines, append) {
            self.page.lines.push(line);
            self.session.code = 1;
        }
    }

    /// Keeps a pipeline that goes on: its later stages as words, what its source has printed already.
    fn stand(&mut self, mut standing: Standing, pipeline: &Pipeline, first: Vec<Line>) -> Went {
        for command in &pipeline.commands[1..] {
            match self.words(command) {
                Ok(words) if !words.is_empty() => standing.stages.push(words),
                Ok(_) => {}
                Err(line) => {
                    self.page.lines.push(line);
                    self.session.code = 1;
                    return Went::Ended;
                }
            }
        }
        if let Some(command) = pipeline.commands.last() {
            for redirect in &command.redirects {
                if matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append | RedirectKind::Both) {
                    let name = self.text(&redirect.target);
                    if redirect.kind != RedirectKind::Append {
                        self.write(&name, Vec::new(), false);
                    }
                    standing.into = Some(name);
                }
            }
        }
        let fed = feed(self.world, self.session, &mut standing, first, Phase::Going);
        self.page.lines.extend(fed.lines);
        self.page.coverage.extend(fed.coverage);
        if standing.done {
            self.session.code = fed.code;
            return Went::Ended;
        }
        Went::Stands(Box::new(standing))
    }
}

/// Whether a standing pipeline's source goes on or has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Going,
    Ending,
}

/// Sends what the source printed through the stages. Stages that take each line by itself see only what is new; the
/// others see everything from the start again, so that each of them keeps its state (`grep -A`, `awk`), and only what is
/// new comes out.
fn feed(world: &mut World, session: &mut Session, standing: &mut Standing, fresh: Vec<Line>, phase: Phase) -> Output {
    let mut output = Output::default();
    let (fresh, errors): (Vec<_>, Vec<_>) = fresh.into_iter().partition(|line| line.stream == Stream::Out);
    output.lines.extend(errors);
    let code = session.code;
    let stages = std::mem::take(&mut standing.stages);
    let new = staged(world, session, standing, (&stages, fresh, phase), &mut output);
    standing.stages = stages;
    session.code = code;
    match &standing.into {
        Some(name) => output.lines.extend(unix::write(session, name, new, true).err()),
        None => output.lines.extend(new),
    }
    output
}

/// The new lines that come out of the last stage. A `head` that has its lines ends the pipeline, wherever it stands.
fn staged(
    world: &mut World,
    session: &mut Session,
    standing: &mut Standing,
    (stages, fresh, mut phase): (&[Vec<String>], Vec<Line>, Phase),
    output: &mut Output,
) -> Vec<Line> {
    if stages.is_empty() {
        return fresh;
    }
    let first = standing.held.is_empty() && standing.printed == 0;
    if fresh.is_empty() && phase == Phase::Going && !first {
        return Vec::new();
    }
    let linewise = stages.iter().take_while(|words| unix::is_linewise(words)).count();
    let mut shell = Shell::new(world, session);
    let mut errors = Vec::new();
    let mut run = |words: &[String], lines: Vec<Line>, code: &mut i32| {
        let (ran, _) = shell.command(words, Some(lines));
        *code = ran.code;
        let (out, other): (Vec<_>, Vec<_>) = ran.lines.into_iter().partition(|l| l.stream == Stream::Out);
        errors.extend(other);
        out
    };
    let mut lines = fresh;
    for words in &stages[..linewise] {
        lines = run(words, lines, &mut output.code);
    }
    if linewise == stages.len() {
        standing.printed += lines.len();
        // grep's code tells whether anything matched, now or before.
        output.code = if standing.printed > 0 { 0 } else { output.code };
    } else {
        standing.held.extend(lines);
        standing.held.truncate(PAGE_LINES_MAX);
        lines = standing.held.clone();
        for words in &stages[linewise..] {
            if phase == Phase::Going && !unix::flows(words) {
                lines = Vec::new();
                break;
            }
            lines = run(words, lines, &mut output.code);
            if unix::sated(words, lines.len()) {
                standing.done = true;
                phase = Phase::Ending;
            }
        }
        lines = lines.split_off(standing.printed.min(lines.len()));
        standing.printed += lines.len();
    }
    if first || phase == Phase::Ending {
        output.lines.extend(errors);
    }
    lines
}

/// Asks a standing pipeline's source what is new.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    if standing.done {
        return Output::default();
    }
    let polled = match program::find(&standing.program).and_then(|p| p.poll) {
        Some(poll) => poll(world, session, standing),
        None => {
            standing.done = true;
            Output::default()
        }
    };
    let phase = if standing.done { Phase::Ending } else { Phase::Going };
    let fed = feed(world, session, standing, polled.lines, phase);
    let code = if standing.stages.is_empty() { polled.code } else { fed.code };
    let mut output = Output { lines: fed.lines, code, coverage: polled.coverage };
    if standing.done {
        session.code = code;
        carry_on(world, session, standing, &mut output);
    }
    bound(&mut output);
    output
}

/// Runs what follows a standing pipeline that has ended by itself; if that stands again, it takes its place.
fn carry_on(world: &mut World, session: &mut Session, standing: &mut Standing, output: &mut Output) {
    let then = std::mem::take(&mut standing.then);
    let (join, rest) = if let Some(rest) = then.strip_prefix("&&") {
        (Join::And, rest)
    } else if let Some(rest) = then.strip_prefix("||") {
        (Join::Or, rest)
    } else {
        (Join::Then, then.strip_prefix([';', '\n']).unwrap_or(&then))
    };
    let Ok(mut script) = parse::parse(rest) else { return };
    if let Some(first) = script.items.first_mut() {
        first.join = join;
    }
    let mut shell = Shell::new(world, session);
    let next = shell.script(&script, rest);
    let page = std::mem::take(&mut shell.page);
    output.lines.extend(page.lines);
    output.coverage.extend(page.coverage);
    output.code = session.code;
    if let Some(next) = next {
        *standing = Standing { line: std::mem::take(&mut standing.line), ..next };
    }
}

/// Ctrl-C: the source stops, the stages print what they held back, and the rest of the line is dropped.
pub fn interrupt(world: &mut World, session: &mut Session, mut standing: Standing) -> Output {
    let mut output = feed(world, session, &mut standing, Vec::new(), Phase::Ending);
    // 128 + SIGINT, as bash reports a program that Ctrl-C ended.
    output.code = 130;
    session.code = 130;
    output
}

/// What a substitution gives: everything its commands print, joined, without the newlines at the end.
fn substituted(
    world: &mut World,
    session: &mut Session,
    script: &Script,
    budget: &mut usize,
    page: &mut Output,
) -> String {
    let mut shell = Shell { world, session, page: Output::default(), budget: *budget };
    shell.script(script, "");
    *budget = shell.budget;
    let mut text = String::new();
    for line in shell.page.lines {
        if line.stream != Stream::Out {
            page.lines.push(line);
        } else if text.len() < SUBSTITUTION_BYTES_MAX {
            text.push_str(&line.text);
            text.push('\n');
        }
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

/// Cuts a page that grew too long, and says so.
fn bound(output: &mut Output) {
    if output.lines.len() > PAGE_LINES_MAX {
        output.lines.truncate(PAGE_LINES_MAX);
        output
            .lines
            .push(Line::hint(format!("cut after {PAGE_LINES_MAX} lines; ask for less (grep, --since, --tail)")));
    }
}

/// Editors and shells that people reach for, and what serves here instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("bash", "this is the shell; there is only one"),
    ("cd", "there is one folder of notes here; `ls` lists it"),
    ("emacs", "there is no editor; write a note with `cat > NAME <<EOF`, change it with sed"),
    ("find", "there is one folder of notes here; `ls` lists it"),
    ("k9s", "the cluster pane shows the same"),
    ("nano", "there is no editor; write a note with `cat > NAME <<EOF`, change it with sed"),
    ("python", "jq, awk and sed are here"),
    ("python3", "jq, awk and sed are here"),
    ("ssh", "the machines behind the cluster cannot be reached from here"),
    ("sudo", "no need: the shell may do all that its user may"),
    ("vi", "there is no editor; write a note with `cat > NAME <<EOF`, change it with sed"),
    ("vim", "there is no editor; write a note with `cat > NAME <<EOF`, change it with sed"),
];

fn unknown(name: &str) -> Output {
    let mut lines = vec![Line::err(format!("bash: {name:.200}: command not found"))];
    let known = PROGRAMS.iter().flat_map(|p| std::iter::once(p.name).chain(p.aliases.iter().copied()));
    if let Some((_, hint)) = ELSEWHERE.iter().find(|(known, _)| *known == name) {
        lines.push(Line::hint(*hint));
    } else if let Some(near) = suggest::nearest(name, known).filter(|_| name.len() <= 64) {
        lines.push(Line::hint(format!("did you mean {near}?")));
    } else {
        lines.push(Line::hint("`help` lists the programs of this shell"));
    }
    // 127: bash's exit code for a command that is not there.
    Output { lines, code: 127, ..Output::default() }
}

/// The page of a line that does not parse: bash's words, then where and what next.
fn fault_lines(line: &str, fault: &Fault) -> Vec<Line> {
    let mut lines = vec![Line::err(fault.message.clone())];
    if fault.hint.is_empty() {
        return lines;
    }
    let start = fault.span.start.min(line.len());
    let shown_start = line[..floor(line, start)].rfind('\n').map_or(0, |n| n + 1);
    let shown = line[shown_start..].lines().next().unwrap_or("");
    if crate::stdx::text::width(shown) > 200 {
        lines.push(Line::hint(fault.hint.clone()));
        return lines;
    }
    let before = crate::stdx::text::width(&line[shown_start..floor(line, start)]);
    let carets = fault.span.end.saturating_sub(start).clamp(1, 40);
    lines.push(Line::hint(shown.to_string()));
    lines.push(Line::hint(format!("{}{} {}", " ".repeat(before), "^".repeat(carets), fault.hint)));
    lines
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// What a line costs: the programs of its pipelines, together. Text tools cost nothing; neither does a line that does
/// not parse.
pub fn cost(session: &Session, line: &str) -> Span {
    let line = match expand::history(line, &session.history) {
        Ok(expanded) => expanded.unwrap_or_else(|| line.to_string()),
        Err(_) => return Span::ZERO,
    };
    parse::parse(&line).map_or(Span::ZERO, |script| script_cost(&script))
}

fn script_cost(script: &Script) -> Span {
    let mut total = Span::ZERO;
    for command in script.items.iter().flat_map(|item| &item.pipeline.commands) {
        let words: Vec<String> = command.words.iter().map(literal).collect();
        let literal = command.words.iter().flat_map(|word| &word.parts).all(|part| matches!(part, Part::Text { .. }));
        total = total + words_cost(&words, literal);
        for part in command.words.iter().flat_map(|w| &w.parts) {
            if let Part::Substitution { script, .. } = part {
                total = total + script_cost(script);
            }
        }
        for part in command.assigns.iter().flat_map(|(_, w)| &w.parts) {
            if let Part::Substitution { script, .. } = part {
                total = total + script_cost(script);
            }
        }
    }
    total
}

/// A program that runs another one (`watch`, `xargs`) costs what that one costs.
fn words_cost(words: &[String], literal: bool) -> Span {
    let Some(program) = words.first().and_then(|name| program::find(name)) else { return Span::ZERO };
    // What stands behind a variable is not known here: the price is the program's own.
    if !literal {
        let own =
            if program.name == "kubectl" { super::kubectl::cost(words).filter(|c| *c > Span::ZERO) } else { None };
        return own.unwrap_or(program.cost);
    }
    let inner = if matches!(program.name, "watch" | "xargs") {
        words[1..].iter().find_map(|w| program::find(w.split(' ').next().unwrap_or(""))).map_or(Span::ZERO, |p| p.cost)
    } else {
        Span::ZERO
    };
    // kubectl's verbs differ: each row says what it costs.
    let own = match program.name {
        "kubectl" => super::kubectl::cost(words).unwrap_or(Span::ZERO),
        "aws" => super::aws::cost(words),
        _ if only_reads(program, words) => Span::ZERO,
        _ => program.cost,
    };
    own + inner
}

/// What asks nothing of the estate is free: help, flags that cannot be read, operands that the program refuses before it
/// asks, and what people have already said.
fn only_reads(program: &'static Program, words: &[String]) -> bool {
    if program.cost == Span::ZERO {
        return true;
    }
    let Ok(given) = flag::read(program, words, flag::Order::Mixed, 2) else { return true };
    let operands: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    let asks = match program.name {
        "chat" => matches!(operands.as_slice(), ["ask", _, _, ..]),
        "ci" => matches!(operands.as_slice(), ["history"] | ["history" | "show", _] | ["diff" | "deploy", _, _]),
        "prom" => given.has("list") || super::prom::is_query(&operands.join(" ")),
        "shopctl" => super::shopctl::is_known(&operands),
        _ => true,
    };
    !asks
}

/// The words of every command that a line runs, as far as they stand on it; none of a line that does not parse.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    fn of(script: &Script, found: &mut Vec<Vec<String>>) {
        for command in script.items.iter().flat_map(|item| &item.pipeline.commands) {
            let words: Vec<String> = command.words.iter().map(literal).collect();
            // What a program runs inside stands behind it.
            if matches!(words.first().map(String::as_str), Some("watch" | "xargs")) {
                let inner = words.iter().skip(1).position(|word| program::find(word).is_some());
                found.extend(inner.and_then(|at| words.get(at + 1..)).map(<[String]>::to_vec));
            }
            found.push(words);
            let parts = command.words.iter().chain(command.assigns.iter().map(|(_, word)| word));
            for part in parts.flat_map(|word| &word.parts) {
                if let Part::Substitution { script, .. } = part {
                    of(script, found);
                }
            }
        }
    }
    let mut found = Vec::new();
    if let Ok(script) = parse::parse(line) {
        of(&script, &mut found);
    }
    found
}

/// A word as far as it stands on the line.
fn literal(word: &parse::Word) -> String {
    let texts = word.parts.iter().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// Lines of no meaning around a specimen, more than people's `head` and `tail` keep.
const FILLERS: usize = 2_500;

/// Whether the stages behind the source of `line` would have printed `specimen`'s fact: they run on it, put among many
/// lines that show nothing. Only for a page with exactly one pipeline whose stages do not depend on the session.
pub fn survives(line: &str, specimen: Line) -> bool {
    // `!!` stands for a line that is not known here.
    if expand::history(line, &[]).is_err() {
        return false;
    }
    let Ok(script) = parse::parse(line) else { return false };
    let [item] = script.items.as_slice() else { return false };
    let stages = &item.pipeline.commands[1..];
    let fixed = |command: &Command| {
        command.words.iter().flat_map(|w| &w.parts).all(|part| matches!(part, Part::Text { .. }))
            && !command.redirects.iter().any(|r| !matches!(r.kind, RedirectKind::ErrorsToOutput | RedirectKind::Errors))
    };
    if !stages.iter().all(fixed) || !item.pipeline.commands.iter().take(1).all(|c| c.redirects.iter().all(only_errors))
    {
        return false;
    }
    let facts: Vec<_> = specimen.marks.iter().map(|m| std::sync::Arc::clone(&m.fact)).collect();
    let mut world = World::new(0, Time(0));
    let mut session = Session::default();
    let mut shell = Shell::new(&mut world, &mut session);
    let filler = || std::iter::repeat_n(Line::plain("-"), if stages.is_empty() { 0 } else { FILLERS });
    let mut lines: Vec<Line> = filler().chain([specimen]).chain(filler()).collect();
    for command in stages {
        let Ok(words) = shell.words(command) else { return false };
        // A tool that stops after so many matches may have stopped before this one.
        if !words.first().is_some_and(|name| unix::is_filter(name)) || unix::stops_early(&words) {
            return false;
        }
        let (output, _) = shell.command(&words, Some(lines));
        lines = output.lines.into_iter().filter(|l| l.stream == Stream::Out).collect();
    }
    facts.iter().any(|fact| lines.iter().any(|l| l.marks.iter().any(|m| m.fact == *fact)))
}

fn only_errors(redirect: &parse::Redirect) -> bool {
    matches!(
        redirect.kind,
        RedirectKind::ErrorsToOutput | RedirectKind::Errors | RedirectKind::Text | RedirectKind::Read
    )
}

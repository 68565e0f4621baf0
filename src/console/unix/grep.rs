//! grep: keeps the lines that match, and with them the facts they show. Does not know where lines come from.

use super::pattern::{self, Case, Dialect};
use super::{Sink, Source, counted, push_count, sources};
use crate::console::flag::{self, Flag, Given, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use regex::Regex;
use regex::RegexSet;

pub static PROGRAM: Program = Program {
    name: "grep",
    aliases: &["egrep", "fgrep"],
    doc: "print lines that match patterns",
    usage: "Usage: grep [OPTION]... PATTERNS [FILE]...\nExamples:\n  kubectl get pods | grep -v Running\n  kubectl describe pod cart | grep -A4 'Last State'",
    flags: &[
        Flag::value('A', "after-context", "NUM", "print NUM lines after a match"),
        Flag::value('B', "before-context", "NUM", "print NUM lines before a match"),
        Flag::value('C', "context", "NUM", "print NUM lines around a match"),
        Flag::switch('c', "count", "print only how many lines match"),
        Flag::value('\0', "color", "WHEN", "accepted; the page has its own colours"),
        Flag::switch('E', "extended-regexp", "patterns are extended regular expressions"),
        Flag::value('e', "regexp", "PATTERNS", "use PATTERNS for matching"),
        Flag::switch('F', "fixed-strings", "patterns are plain text"),
        Flag::switch('G', "basic-regexp", "patterns are basic regular expressions"),
        Flag::switch('H', "with-filename", "print the name of the note before each line"),
        Flag::switch('h', "no-filename", "print no names of notes"),
        Flag::switch('i', "ignore-case", "ignore case"),
        Flag::switch('l', "files-with-matches", "print only the names of notes that match"),
        Flag::value('m', "max-count", "NUM", "stop after NUM matching lines"),
        Flag::switch('n', "line-number", "print the number of each line"),
        Flag::switch('o', "only-matching", "print only the parts that match"),
        Flag::switch('P', "perl-regexp", "patterns are Perl's, as far as they are regular"),
        Flag::switch('q', "quiet", "print nothing; the exit code tells"),
        Flag::switch('s', "no-messages", "no errors about missing notes"),
        Flag::switch('v', "invert-match", "keep the lines that do not match"),
        Flag::switch('w', "word-regexp", "match whole words only"),
        Flag::switch('x', "line-regexp", "match whole lines only"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// grep's exit codes: 0 a line was kept, 1 none was, 2 a mistake.
const TROUBLE: i32 = 2;

/// What to look for: one expression per pattern, tried in order.
struct Search {
    regexes: Vec<Regex>,
    set: RegexSet,
}

/// How to print what was found.
struct Layout {
    before: usize,
    after: usize,
    max: usize,
    names: bool,
}

fn run(context: &mut Context) -> Output {
    let args = modern(context.args);
    let given = match flag::read(&PROGRAM, &args, Order::Mixed, TROUBLE) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut operands = given.operands.clone();
    let mut patterns: Vec<String> = given.all("e").map(str::to_string).collect();
    if patterns.is_empty() {
        if operands.is_empty() {
            let mut output = super::failure("Usage: grep [OPTION]... PATTERNS [FILE]...", TROUBLE);
            output.lines.push(Line::err("Try 'grep --help' for more information."));
            return output;
        }
        patterns.push(operands.remove(0));
    }
    let search = match searching(&patterns, &given, context.args) {
        Ok(search) => search,
        Err(text) => return super::failure(format!("grep: {text}"), TROUBLE),
    };
    let layout = match layout(&given, operands.len()) {
        Ok(layout) => layout,
        Err(text) => return super::failure(format!("grep: {text}"), TROUBLE),
    };
    let mut sink = Sink::default();
    let sources = sources(context, &operands, &mut sink, TROUBLE);
    if given.has("s") {
        sink.output.lines.clear();
    }
    let trouble = sink.output.code;
    let mut found = 0;
    for source in &sources {
        found += search_source(source, &search, &layout, &given, &mut sink);
    }
    // Trouble outweighs a match, except that -q is content with a match.
    sink.output.code = match (trouble, found) {
        (0, 0) => 1,
        (0, _) => 0,
        (_, n) if n > 0 && given.has("q") => 0,
        (code, _) => code,
    };
    sink.output
}

/// `-3` is `-C 3`.
pub fn modern(args: &[String]) -> Vec<String> {
    let number = |a: &String| a.len() > 1 && a.starts_with('-') && a[1..].bytes().all(|b| b.is_ascii_digit());
    let mut flags = true;
    args.iter()
        .map(|a| {
            flags &= a != "--";
            if flags && number(a) { format!("-C{}", &a[1..]) } else { a.clone() }
        })
        .collect()
}

fn searching(patterns: &[String], given: &Given, args: &[String]) -> Result<Search, String> {
    let named = args.first().map(String::as_str);
    let dialect = if given.has("F") || named == Some("fgrep") {
        Dialect::Fixed
    } else if given.has("P") {
        Dialect::Perl
    } else if given.has("E") || named == Some("egrep") {
        Dialect::Extended
    } else {
        Dialect::Basic
    };
    let case = if given.has("i") { Case::Ignored } else { Case::Exact };
    let mut regexes = Vec::new();
    for pattern in patterns.iter().flat_map(|p| p.split('\n')).take(1_000) {
        pattern::compile(pattern, dialect, case)?;
        let body = pattern::translate(pattern, dialect)?;
        let whole = if given.has("x") {
            format!("^(?:{body})$")
        } else if given.has("w") {
            format!("(?:^|\\b{{start-half}})(?:{body})(?:\\b{{end-half}}|$)")
        } else {
            body
        };
        regexes.push(pattern::compile(&whole, Dialect::Perl, case)?);
    }
    let set = regex::RegexSetBuilder::new(regexes.iter().map(Regex::as_str))
        .case_insensitive(case == Case::Ignored)
        .size_limit(16 * 1024 * 1024)
        .build()
        .map_err(|_| "Regular expression too big".to_string())?;
    Ok(Search { regexes, set })
}

fn layout(given: &Given, operands: usize) -> Result<Layout, String> {
    let length = |name: &str| match given.last(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| format!("{text}: invalid context length argument")),
    };
    let around = length("C")?.unwrap_or(0);
    let max = match given.last("m") {
        None => usize::MAX,
        Some(text) => text.parse().map_err(|_| "invalid max count".to_string())?,
    };
    let names = given.has("H") || (operands > 1 && !given.has("h"));
    Ok(Layout { before: length("B")?.unwrap_or(around), after: length("A")?.unwrap_or(around), max, names })
}

/// Searches one input and prints what it keeps; returns how many lines were kept.
fn search_source(source: &Source, search: &Search, layout: &Layout, given: &Given, sink: &mut Sink) -> usize {
    let wanted = !given.has("v");
    let quiet = given.has("q");
    let silent = quiet || given.has("c") || given.has("l");
    let name = if source.name == "-" { "(standard input)" } else { source.name.as_str() };
    let prefix = |number: usize, mark: char| {
        let mut line = Line::default();
        if layout.names {
            line.push(name);
            line.push(&mark.to_string());
        }
        if given.has("n") {
            line.push(&format!("{}{mark}", number + 1));
        }
        line
    };
    let mut found = 0;
    let mut printed_to = 0;
    let mut owed = 0;
    for (number, line) in source.lines.iter().enumerate() {
        if found >= layout.max && owed == 0 {
            break;
        }
        let keeps = found < layout.max && search.set.is_match(&line.text) == wanted;
        if keeps {
            found += 1;
        }
        if silent {
            continue;
        }
        if keeps && given.has("o") {
            if wanted {
                only_matching(line, search, |part| {
                    let mut out = prefix(number, ':');
                    out.push_part(&part, 0..part.text.len());
                    sink.print(out)
                });
            }
        } else if keeps {
            let from = number.saturating_sub(layout.before).max(printed_to);
            if (layout.before > 0 || layout.after > 0) && found > 1 && from > printed_to {
                sink.print(Line::plain("--"));
            }
            for (n, before) in source.lines.iter().enumerate().take(number).skip(from) {
                sink.print(joined(prefix(n, '-'), before));
            }
            sink.print(joined(prefix(number, ':'), line));
            printed_to = number + 1;
            owed = layout.after;
        } else if owed > 0 {
            sink.print(joined(prefix(number, '-'), line));
            printed_to = number + 1;
            owed -= 1;
        }
    }
    if given.has("l") && found > 0 && !quiet {
        sink.print(Line::plain(name));
    } else if given.has("c") && !quiet {
        let mut line = Line::default();
        if layout.names {
            line.push(&format!("{name}:"));
        }
        let of = search.regexes.first().map_or("", |r| r.as_str());
        let fact = counted("grep", of, found as f64, &source.lines);
        push_count(&mut line, &found.to_string(), fact.as_ref());
        sink.print(line);
    }
    found
}

fn joined(mut prefix: Line, line: &Line) -> Line {
    prefix.push_part(line, 0..line.text.len());
    prefix
}

/// Each part of the line that matches, leftmost and longest first, as lines; stops when `print` says so.
fn only_matching(line: &Line, search: &Search, mut print: impl FnMut(Line) -> bool) {
    let mut at = 0;
    while at <= line.text.len() {
        let next = search
            .regexes
            .iter()
            .filter_map(|r| r.find_at(&line.text, at))
            .min_by_key(|m| (m.start(), usize::MAX - m.end()));
        let Some(hit) = next else { return };
        if hit.is_empty() {
            let step = line.text[hit.end()..].chars().next().map_or(1, char::len_utf8);
            at = hit.end() + step;
            continue;
        }
        if !print(line.part(hit.range())) {
            return;
        }
        at = hit.end();
    }
}

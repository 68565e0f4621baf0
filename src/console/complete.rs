//! What may stand at the caret: programs, flags from their rows, notes, variables; kubectl's words are its own. Shows
//! names, carries no facts, runs nothing.

use super::Candidate;
use super::kubectl;
use super::program::{self, PROGRAMS, Program};
use super::session::Session;
use crate::world::World;

/// More candidates than this help nobody.
const CANDIDATES_MAX: usize = 200;

/// The command at the caret, read as far as it is typed: open quotes are no mistake.
#[derive(Debug, Default)]
struct Typed {
    words: Vec<String>,
    /// Where the last word begins on the line; the caret if none is begun.
    start: usize,
    /// The word is the name of a note, after `>` or `<`.
    is_file: bool,
    /// The caret stands in single quotes, where `$` means nothing.
    single: bool,
}

fn typed(line: &str) -> Typed {
    let mut typed = Typed { start: line.len(), ..Typed::default() };
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = line.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                if word.is_none() {
                    typed.start = at;
                }
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None | Some('"'), '\\') => {
                if word.is_none() {
                    typed.start = at;
                }
                word.get_or_insert_default().extend(letters.next().map(|(_, c)| c));
            }
            (None | Some('"'), '$') if letters.peek().is_some_and(|(_, c)| *c == '(') => {
                letters.next();
                (typed, word, quote) = (Typed { start: line.len(), ..Typed::default() }, None, None);
            }
            (None, ' ' | '\t' | '<' | '>') => {
                if let Some(done) = word.take() {
                    if !typed.is_file {
                        typed.words.push(done);
                    }
                    typed.is_file = false;
                }
                typed.is_file |= c == '<' || c == '>';
            }
            (None, '|' | ';' | '&' | '\n' | '(' | '`' | ')') => {
                (typed, word) = (Typed { start: line.len(), ..Typed::default() }, None);
            }
            (_, c) => {
                if word.is_none() {
                    typed.start = at;
                }
                word.get_or_insert_default().push(c);
            }
        }
    }
    if word.is_none() {
        typed.start = line.len();
    }
    typed.single = quote == Some('\'');
    typed.words.push(word.unwrap_or_default());
    typed
}

/// Completion at `caret`, a byte offset that may lie anywhere.
pub fn complete(world: &World, session: &Session, line: &str, caret: usize) -> Vec<Candidate> {
    let caret = super::unix::floor(line, caret);
    let mut typed = typed(&line[..caret]);
    // Assignments before a command are not its words.
    while typed.words.len() > 1 && is_assignment(&typed.words[0]) {
        typed.words.remove(0);
    }
    let word = typed.words.last().cloned().unwrap_or_default();
    if let Some(at) = word.rfind('$').filter(|_| !typed.single) {
        let name = &word[at + 1..];
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let start = caret - name.len() - 1;
            return variables(session, name, start);
        }
    }
    let mut candidates =
        if typed.is_file { notes(session, &word) } else { command_words(world, session, &typed.words, &word) };
    candidates.iter_mut().for_each(|c| c.start = typed.start);
    candidates.truncate(CANDIDATES_MAX);
    candidates
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn command_words(world: &World, session: &Session, words: &[String], word: &str) -> Vec<Candidate> {
    if words.len() <= 1 {
        return programs(word);
    }
    let Some(program) = program::find(&words[0]) else { return notes(session, word) };
    match program.name {
        "aws" => super::aws::complete::complete(world, session, words),
        "kubectl" => kubectl::complete::complete(world, session, words, words.len() - 1),
        "help" | "man" => programs(word),
        "shopctl" if !word.starts_with('-') => shop_words(world, session, words, word),
        "watch" | "xargs" if !word.starts_with('-') => {
            // The command that is run has words of its own, after the flags.
            let first = words.iter().skip(1).position(|w| program::find(w).is_some()).map(|n| n + 1);
            match first.filter(|first| *first < words.len() - 1) {
                Some(first) => command_words(world, session, &words[first..], word),
                None => programs(word),
            }
        }
        _ if word.starts_with('-') => flags(program, word),
        _ => notes(session, word),
    }
}

fn shop_words(world: &World, session: &Session, words: &[String], word: &str) -> Vec<Candidate> {
    let fit = super::shopctl::words(world, words);
    let fit = fit.into_iter().filter(|(text, _)| text.starts_with(word));
    let found: Vec<Candidate> = fit.map(|(text, about)| Candidate { start: 0, text, about }).collect();
    if found.is_empty() { notes(session, word) } else { found }
}

fn programs(word: &str) -> Vec<Candidate> {
    let rows = PROGRAMS.iter().filter(|p| p.name.starts_with(word));
    rows.map(|p| Candidate { start: 0, text: p.name.to_string(), about: p.doc.to_string() }).collect()
}

fn flags(program: &Program, word: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    for flag in program.flags {
        let short = (flag.short != '\0').then(|| format!("-{}", flag.short));
        let long = (!flag.long.is_empty()).then(|| format!("--{}", flag.long));
        for text in short.into_iter().chain(long).filter(|text| text.starts_with(word)) {
            found.push(Candidate { start: 0, text, about: flag.about.to_string() });
        }
    }
    found
}

fn notes(session: &Session, word: &str) -> Vec<Candidate> {
    let names = session.files.iter().filter(|(name, _)| name.starts_with(word));
    let about = |lines: usize| if lines == 1 { "1 line".to_string() } else { format!("{lines} lines") };
    names.map(|(name, lines)| Candidate { start: 0, text: name.clone(), about: about(lines.len()) }).collect()
}

fn variables(session: &Session, name: &str, start: usize) -> Vec<Candidate> {
    let own = session.vars.iter().map(|(known, value)| (known.as_str(), value.chars().take(40).collect::<String>()));
    let every = ["HOME", "PWD", "SHELL", "USER"].into_iter().filter(|n| !session.vars.contains_key(*n));
    let every = every.map(|n| (n, super::expand::variable(session, n).unwrap_or_default()));
    let found = own.chain(every).filter(|(known, _)| known.starts_with(name));
    found.map(|(known, value)| Candidate { start, text: format!("${known}"), about: value }).collect()
}

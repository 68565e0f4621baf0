//! Shells that have only some commands: the parts of a game day. What asks an instrument is let through or refused; text
//! tools, help and waiting are everybody's. Does not know who sits there.

use super::page::{Line, Output};
use super::program::Program;
use super::{aws, kubectl};

/// What asks the estate or its people, sorted. Everything else works on text that is there already.
pub const INSTRUMENTS: &[&str] = &["aws", "chat", "ci", "iac", "kubectl", "logs", "prom", "shopctl"];

/// The commands of one shell, and who has the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Prefixes: `kubectl`, `aws sqs`, `kubectl rollout`.
    pub can: Vec<String>,
    /// Titles of the other shells, with theirs; none: all.
    pub others: Vec<(String, Vec<String>)>,
}

impl Gate {
    /// The page of a command that this shell does not have.
    pub fn refusal(&self, program: &Program, words: &[String]) -> Option<Output> {
        if !INSTRUMENTS.contains(&program.name) {
            return None;
        }
        let plain = plain(program.name, words);
        if self.can.is_empty() || admits(&self.can, &plain) {
            return None;
        }
        let named: Vec<&str> = plain.iter().take(2).map(String::as_str).collect();
        let has = self.others.iter().find(|(_, can)| can.is_empty() || admits(can, &plain));
        let who = has.map_or_else(String::new, |(title, _)| format!("; {title} has it"));
        let text = format!("{}: not for this seat{who}", named.join(" "));
        Some(Output { lines: vec![Line::err(text)], code: 126, ..Output::default() })
    }
}

/// Whether one of the prefixes is the beginning of these words.
fn admits(can: &[String], words: &[String]) -> bool {
    can.iter().any(|prefix| {
        let mut given = words.iter();
        prefix.split_whitespace().all(|word| given.next().is_some_and(|own| own == word))
    })
}

/// Whether one command is among these prefixes; text tools always are.
fn has(can: &[String], words: &[String]) -> bool {
    let Some(program) = words.first().and_then(|name| super::program::find(name)) else { return true };
    can.is_empty() || !INSTRUMENTS.contains(&program.name) || admits(can, &plain(program.name, words))
}

/// Whether all that a line runs is among these prefixes, as far as it stands there.
pub fn has_line(can: &[String], line: &str) -> bool {
    super::pipeline::commands(line).iter().all(|words| has(can, words))
}

/// The program and its subcommands, without options: `kubectl -n shop get pods` is `kubectl get pods`.
fn plain(name: &str, words: &[String]) -> Vec<String> {
    let own: Vec<String> = match name {
        "aws" => aws::plain(words),
        "kubectl" => kubectl::plain(words),
        _ => words.iter().skip(1).cloned().collect(),
    };
    let own = own.into_iter().filter(|word| !word.starts_with('-'));
    std::iter::once(name.to_string()).chain(own).collect()
}

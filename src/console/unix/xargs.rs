//! xargs: runs a command with the words that are piped in. The command is an ordinary one; words carry no facts.

use super::{Sink, failure};
use crate::console::flag::{self, Flag, Given, Order};
use crate::console::page::{Line, Output, Stream};
use crate::console::pipeline::Shell;
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "xargs",
    aliases: &[],
    doc: "run a command with the words piped in",
    usage: "Usage: xargs [OPTION]... COMMAND [INITIAL-ARGS]...\nExamples:\n  kubectl get pods -o name | grep cart | xargs kubectl describe\n  … | xargs -I{} kubectl logs {} --tail=5",
    flags: &[
        Flag::value('d', "delimiter", "CHAR", "words are separated by CHAR"),
        Flag::value('I', "replace", "TEXT", "put each line in place of TEXT, one command a line"),
        Flag::value('L', "max-lines", "NUM", "at most NUM lines a command"),
        Flag::value('n', "max-args", "NUM", "at most NUM words a command"),
        Flag::value('P', "max-procs", "NUM", "accepted; commands run one after the other"),
        Flag::switch('r', "no-run-if-empty", "run nothing if nothing is piped in"),
        Flag::switch('t', "verbose", "print each command first"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// The most commands that one xargs runs.
const COMMANDS_MAX: usize = 200;
/// The most words of one command.
const WORDS_MAX: usize = 5_000;

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::FlagsFirst, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut limit = WORDS_MAX;
    for name in ["n", "L"] {
        match given.last(name).map(str::parse::<usize>) {
            None => {}
            Some(Ok(number)) if number > 0 => limit = number.min(WORDS_MAX),
            Some(_) => {
                return failure(
                    format!("xargs: invalid number \"{}\" for -{name} option", given.last(name).unwrap_or("")),
                    1,
                );
            }
        }
    }
    let mut command = given.operands.clone();
    if command.is_empty() {
        command.push("echo".to_string());
    }
    let lines = context.input.take().unwrap_or_default();
    let commands = match commands(&command, &lines, &given, limit) {
        Ok(commands) => commands,
        Err(text) => return failure(format!("xargs: {text}"), 1),
    };
    let mut sink = Sink::default();
    if commands.len() > COMMANDS_MAX {
        return failure(format!("xargs: at most {COMMANDS_MAX} commands at once"), 1);
    }
    for words in commands {
        if given.has("t") {
            sink.output.lines.push(Line::err(words.join(" ")));
        }
        let (output, _) = Shell::new(context.world, context.session).command(&words, Some(Vec::new()));
        let known = output.code != 127;
        for line in output.lines {
            match line.stream {
                Stream::Out => {
                    sink.print(line);
                }
                _ => sink.output.lines.push(line),
            }
        }
        sink.output.coverage.extend(output.coverage);
        // xargs' exit codes: 123 a command failed, 127 it was not found.
        match (output.code, known) {
            (0, _) => {}
            (_, true) => sink.output.code = 123,
            (_, false) => {
                sink.output.code = 127;
                break;
            }
        }
    }
    sink.output
}

/// The commands to run, each as its words.
fn commands(command: &[String], lines: &[Line], given: &Given, limit: usize) -> Result<Vec<Vec<String>>, String> {
    if let Some(place) = given.last("I") {
        let texts = lines.iter().map(|l| l.text.trim_start()).filter(|t| !t.is_empty());
        return Ok(texts.map(|text| command.iter().map(|word| word.replace(place, text)).collect()).collect());
    }
    let words = words(lines, given.last("d"), given.has("L"))?;
    if words.is_empty() {
        return Ok(if given.has("r") { Vec::new() } else { vec![command.to_vec()] });
    }
    let batches = words.chunks(limit);
    Ok(batches.map(|batch| command.iter().cloned().chain(batch.iter().flatten().cloned()).collect()).collect())
}

/// What is piped in as words, each a group of its own (a line's words together, if asked).
fn words(lines: &[Line], delimiter: Option<&str>, by_line: bool) -> Result<Vec<Vec<String>>, String> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    for line in lines {
        let split = match delimiter {
            Some("\\n") => vec![line.text.clone()],
            Some(delimiter) => line.text.split(delimiter).map(str::to_string).collect(),
            None => quoted_words(&line.text)?,
        };
        if by_line {
            groups.push(split);
        } else {
            groups.extend(split.into_iter().map(|word| vec![word]));
        }
    }
    groups.retain(|g| !g.is_empty());
    Ok(groups)
}

fn quoted_words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        Some(end) if end == c => break,
                        Some(inner) => word.push(inner),
                        None => {
                            let which = if c == '"' { "double" } else { "single" };
                            return Err(format!(
                                "unmatched {which} quote; by default quotes are special to xargs unless you use the -0 option"
                            ));
                        }
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

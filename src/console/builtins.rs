//! What a shell does itself: its variables, its history, its help, a clean page. Does not know any program's work.

use super::expand;
use super::help;
use super::page::{Line, Output};
use super::program::{Context, Program};
use super::unix::failure;
use crate::stdx::time::Span;

pub static CLEAR: Program = Program {
    name: "clear",
    aliases: &["reset"],
    doc: "begin a clean page",
    usage: "Usage: clear",
    flags: &[],
    cost: Span::ZERO,
    run: |_| Output::default(),
    poll: None,
};

pub static ENV: Program = Program {
    name: "env",
    aliases: &["printenv"],
    doc: "print the variables of this shell",
    usage: "Usage: env\n       printenv [NAME]",
    flags: &[],
    cost: Span::ZERO,
    run: environment,
    poll: None,
};

pub static EXPORT: Program = Program {
    name: "export",
    aliases: &["set"],
    doc: "set variables",
    usage: "Usage: export NAME=value...\nExamples:\n  export NS=shop",
    flags: &[],
    cost: Span::ZERO,
    run: export,
    poll: None,
};

pub static HELP: Program = Program {
    name: "help",
    aliases: &[],
    doc: "list the programs, or explain one",
    usage: "Usage: help [NAME]",
    flags: &[],
    cost: Span::ZERO,
    run: help::run,
    poll: None,
};

pub static HISTORY: Program = Program {
    name: "history",
    aliases: &[],
    doc: "print the lines that were run",
    usage: "Usage: history [N]\nExamples:\n  !!      the last line again\n  !12     line 12 again\n  !kube   the last line that began so",
    flags: &[],
    cost: Span::ZERO,
    run: history,
    poll: None,
};

pub static MAN: Program = Program {
    name: "man",
    aliases: &[],
    doc: "explain a program",
    usage: "Usage: man NAME",
    flags: &[],
    cost: Span::ZERO,
    run: help::manual,
    poll: None,
};

pub static UNSET: Program = Program {
    name: "unset",
    aliases: &[],
    doc: "forget variables",
    usage: "Usage: unset NAME...",
    flags: &[],
    cost: Span::ZERO,
    run: |context| {
        for name in &context.args[1..] {
            context.session.vars.remove(name);
        }
        Output::default()
    },
    poll: None,
};

fn environment(context: &mut Context) -> Output {
    let session = &context.session;
    if let Some(name) = context.args.get(1) {
        return match expand::variable(session, name) {
            Some(value) => Output { lines: vec![Line::plain(value)], ..Output::default() },
            None => Output { code: 1, ..Output::default() },
        };
    }
    let mut lines: Vec<Line> =
        session.vars.iter().map(|(name, value)| Line::plain(format!("{name}={value}"))).collect();
    for name in ["HOME", "PWD", "SHELL", "USER"] {
        if let Some(value) = expand::variable(session, name).filter(|_| !session.vars.contains_key(name)) {
            lines.push(Line::plain(format!("{name}={value}")));
        }
    }
    Output { lines, ..Output::default() }
}

fn export(context: &mut Context) -> Output {
    if context.args.len() == 1 {
        let vars = &context.session.vars;
        let lines = vars.iter().map(|(name, value)| Line::plain(format!("declare -x {name}=\"{value}\""))).collect();
        return Output { lines, ..Output::default() };
    }
    for word in &context.args[1..] {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !named {
            return failure(format!("bash: export: `{word:.100}': not a valid identifier"), 1);
        }
        if let Some(value) = value {
            context.session.vars.insert(name.to_string(), value.to_string());
        }
    }
    Output::default()
}

fn history(context: &mut Context) -> Output {
    if context.args.get(1).is_some_and(|a| a == "-c") {
        context.session.history.clear();
        return Output::default();
    }
    let all = &context.session.history;
    let count = match context.args.get(1).map(|a| a.parse::<usize>()) {
        None => all.len(),
        Some(Ok(count)) => count,
        Some(Err(_)) => {
            return failure(format!("bash: history: {:.100}: numeric argument required", context.args[1]), 1);
        }
    };
    let skip = all.len().saturating_sub(count);
    let mut lines = Vec::new();
    for (n, line) in all.iter().enumerate().skip(skip) {
        lines.extend(format!("{:>5}  {line}", n + 1).split('\n').map(Line::plain));
    }
    Output { lines, ..Output::default() }
}

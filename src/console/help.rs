//! Help made from the rows: the list of programs, one program's page. Does not know what a program does.

use super::page::{Line, Output};
use super::program::{self, Context, PROGRAMS, Program};
use super::unix::{failure, is_filter};
use crate::stdx::suggest;

/// The help page of one program: usage and examples, then its flags.
pub fn page(program: &Program) -> Vec<Line> {
    let mut lines = vec![Line::plain(format!("{}: {}", program.name, program.doc))];
    lines.extend(program.usage.lines().map(Line::plain));
    if !program.flags.is_empty() {
        lines.push(Line::plain(""));
        let widest = program.flags.iter().map(|f| f.shape().len()).max().unwrap_or(0);
        lines.extend(program.flags.iter().map(|f| Line::plain(format!("  {:widest$}  {}", f.shape(), f.about))));
    }
    lines
}

/// `help` and `help NAME`.
pub fn run(context: &mut Context) -> Output {
    let Some(name) = context.args.get(1) else {
        return Output { lines: overview(), ..Output::default() };
    };
    match program::find(name) {
        Some(program) => Output { lines: page(program), ..Output::default() },
        None => missing(format!("bash: help: no help topics match `{name:.100}'."), name, 1),
    }
}

/// `man NAME`.
pub fn manual(context: &mut Context) -> Output {
    let Some(name) = context.args.get(1) else {
        return failure("What manual page do you want?\nFor example, try 'man man'.", 1);
    };
    match program::find(name) {
        Some(program) => Output { lines: page(program), ..Output::default() },
        // 16: man's exit code for a page that is not there.
        None => missing(format!("No manual entry for {name:.100}"), name, 16),
    }
}

fn missing(text: String, name: &str, code: i32) -> Output {
    let mut output = failure(text, code);
    if let Some(near) = suggest::nearest(name, PROGRAMS.iter().map(|p| p.name)).filter(|_| name.len() <= 64) {
        output.lines.push(Line::hint(format!("did you mean {near}?")));
    }
    output
}

fn overview() -> Vec<Line> {
    let widest = PROGRAMS.iter().map(|p| p.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    let mut section = |title: &str, belongs: &dyn Fn(&Program) -> bool| {
        if !lines.is_empty() {
            lines.push(Line::plain(""));
        }
        lines.push(Line::plain(title));
        let rows = PROGRAMS.iter().filter(|p| belongs(p));
        lines.extend(rows.map(|p| Line::plain(format!("  {:widest$}  {}", p.name, p.doc))));
    };
    section("Tools that ask the estate (each costs a little time):", &|p| p.cost.0 > 0);
    section("Text tools (free):", &|p| p.cost.0 == 0 && is_filter(p.name));
    section("The shell:", &|p| p.cost.0 == 0 && !is_filter(p.name));
    lines.push(Line::plain(""));
    lines.push(Line::plain("Pipes |, lists && || ;, notes > >> <, variables NS=shop and $NS, $( ), history !!."));
    lines.push(Line::plain("`help NAME` explains a program."));
    lines
}

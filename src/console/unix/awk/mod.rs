//! awk: fields, patterns, sums. Copied text keeps the facts it shows; a number computed over facts is a fact of its own.
//! No files, processes or chance.

mod functions;
mod lex;
mod parse;
mod run;
mod value;

use super::{Sink, failure, sources};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use run::Machine;
use value::Value;

pub static PROGRAM: Program = Program {
    name: "awk",
    aliases: &["gawk"],
    doc: "fields, patterns and sums",
    usage: "Usage: awk [OPTION]... 'program' [FILE]...\nExamples:\n  kubectl get pods | awk '{print $1, $3}'\n  … | awk '$4 > 3 {n++} END {print n}'\n  … | awk -F, '{sum += $2} END {print sum/NR}'",
    flags: &[
        Flag::value('F', "field-separator", "FS", "fields are separated by FS"),
        Flag::value('f', "file", "FILE", "read the program from a note"),
        Flag::value('v', "assign", "VAR=VALUE", "set a variable first"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// awk's exit code for trouble.
const TROUBLE: i32 = 2;

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::FlagsFirst, TROUBLE) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut operands = given.operands.clone();
    let text = match given.last("f") {
        Some(name) => match super::file(context.session, name) {
            Some(lines) => lines.iter().map(|l| format!("{}\n", l.text)).collect(),
            None => {
                return failure(
                    format!("awk: fatal: cannot open source file `{name}' for reading: No such file or directory"),
                    TROUBLE,
                );
            }
        },
        None if operands.is_empty() => {
            return failure("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]", TROUBLE);
        }
        None => operands.remove(0),
    };
    let program = match parse::parse(&text) {
        Ok(program) => program,
        Err(fault) => return faulty(&text, &fault),
    };
    let mut machine = Machine::new(&program, &text, context.world.now);
    if let Some(separator) = given.last("F") {
        let separator = match separator {
            "t" | "\\t" => "\t".to_string(),
            "\\|" => "|".to_string(),
            other => super::echo::unescape(other),
        };
        machine.set("FS", Value::text(separator));
    }
    let mut assigns: Vec<String> = given.all("v").map(str::to_string).collect();
    // An operand of the form name=value is an assignment too.
    let is_assign = |o: &String| {
        o.split_once('=')
            .is_some_and(|(n, _)| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    assigns.extend(operands.iter().filter(|o| is_assign(o)).cloned());
    operands.retain(|o| !is_assign(o));
    for assign in &assigns {
        match assign.split_once('=') {
            Some((name, value)) => machine.set(name, Value::input(Line::plain(super::echo::unescape(value)))),
            None => {
                return failure(
                    format!("awk: fatal: `{assign:.100}' argument to `-v' not in `var=value' form"),
                    TROUBLE,
                );
            }
        }
    }
    let mut sink = Sink::default();
    let reads = !program.rules.is_empty() || program.has_end;
    let sources = if reads { sources(context, &operands, &mut sink, TROUBLE) } else { Vec::new() };
    let code = sink.output.code;
    let ended = machine.run(sources, &mut sink);
    sink.output.code = if ended == 0 { code } else { ended };
    sink.output
}

/// Whether what the program prints for the first lines does not depend on the lines that follow: it has no `END`.
pub fn flows(words: &[String]) -> bool {
    let Ok(given) = flag::read(&PROGRAM, words, Order::FlagsFirst, TROUBLE) else { return true };
    let text = given.operands.first().filter(|_| !given.has("f"));
    text.is_some_and(|text| parse::parse(text).is_ok_and(|program| !program.has_end))
}

/// gawk's page of a program that does not parse: the line, and where.
fn faulty(text: &str, fault: &parse::Fault) -> Output {
    let at = super::floor(text, fault.at);
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let line = text[start..].lines().next().unwrap_or("");
    let number = text[..start].matches('\n').count() + 1;
    let column = crate::stdx::text::width(&text[start..at]);
    let shown: String = line.chars().take(200).collect();
    let lines = vec![
        Line::err(format!("awk: cmd. line:{number}: {shown}")),
        Line::err(format!("awk: cmd. line:{number}: {}^ {}", " ".repeat(column.min(200)), fault.text)),
    ];
    Output { lines, code: 1, ..Output::default() }
}

//! jq: JSON filtered by programs that see their input alone. Values carry the facts that were marked on the input, and
//! printed scalars show them. Does not know where lines come from.

mod calls;
mod eval;
mod functions;
mod json;
mod paths;
mod syntax;
mod value;

use super::{Sink, all_lines};
use crate::console::flag::{self, Flag, Given, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use eval::{Env, Item, Machine, Stop};
use json::Reader;
use std::collections::VecDeque;
use value::{Layout, Value};

pub static PROGRAM: Program = Program {
    name: "jq",
    aliases: &[],
    doc: "filter JSON",
    usage: "Usage: jq [OPTIONS...] FILTER [FILES...]\nExamples:\n  kubectl get pods -o json | jq -r '.items[].metadata.name'\n  … | jq '.items | map(select(.status.phase != \"Running\")) | length'",
    flags: &[
        Flag::switch('a', "ascii-output", "accepted"),
        Flag::switch('\0', "arg", "NAME VALUE: set $NAME to a text"),
        Flag::switch('\0', "argjson", "NAME JSON: set $NAME to a value"),
        Flag::switch('C', "color-output", "accepted; the page has its own colours"),
        Flag::switch('c', "compact-output", "one line a value"),
        Flag::switch('e', "exit-status", "exit 1 if the last output is false or null"),
        Flag::value('\0', "indent", "N", "N blanks a level"),
        Flag::switch('j', "join-output", "texts without quotes, no newlines between"),
        Flag::switch('M', "monochrome-output", "accepted"),
        Flag::switch('n', "null-input", "the input is null"),
        Flag::switch('R', "raw-input", "each line is a text"),
        Flag::switch('r', "raw-output", "texts without quotes"),
        Flag::switch('S', "sort-keys", "keys in order"),
        Flag::switch('s', "slurp", "all inputs as one array"),
        Flag::switch('\0', "tab", "tabs for indentation"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// jq's exit codes: usage, a program that does not compile, an error when it runs.
const USAGE: i32 = 2;
const COMPILE: i32 = 3;
const RUNTIME: i32 = 5;

fn run(context: &mut Context) -> Output {
    let (args, named) = match named_arguments(context.args) {
        Ok(split) => split,
        Err(output) => return output,
    };
    let given = match flag::read(&PROGRAM, &args, Order::Mixed, USAGE) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let mut operands = given.operands.clone();
    if operands.is_empty() {
        operands.push(".".to_string());
    }
    let program = operands.remove(0);
    let term = match syntax::parse(&program) {
        Ok(term) => term,
        Err(lines) => {
            let lines = lines.into_iter().map(Line::err).collect();
            return Output { lines, code: COMPILE, ..Output::default() };
        }
    };
    let mut sink = Sink::default();
    let lines = if given.has("n") && context.input.is_none() && operands.is_empty() {
        Vec::new()
    } else {
        all_lines(context, &operands, &mut sink, USAGE)
    };
    let Inputs { values, ends, fault } = inputs(&lines, &given);
    let count = values.len();
    let mut machine = Machine::new(context.world.now, values);
    let prelude = syntax::prelude();
    let mut env = prelude.iter().fold(Env::default(), |env, d| env.definition(d));
    for (name, value) in &named {
        env = env.variable(name, value.clone());
    }
    let mut printer = Printer { given: &given, layout: layout(&given), last: None, at: "<unknown>".to_string() };
    let code = if given.has("n") {
        step(&mut machine, &term, &env, value::NULL, (&mut printer, &mut sink))
    } else {
        let mut code = 0;
        while let Some(input) = machine.inputs.pop_front() {
            let read = count - machine.inputs.len();
            printer.at = format!("<stdin>:{}", ends.get(read - 1).copied().unwrap_or(0));
            code = code.max(step(&mut machine, &term, &env, input, (&mut printer, &mut sink)));
            if code == COMPILE {
                break;
            }
        }
        code
    };
    let code = match fault {
        Some(text) => {
            sink.error(text, USAGE);
            USAGE
        }
        None => code,
    };
    let falsy = given.has("e") && code == 0 && printer.last != Some(true);
    let missing = sink.output.code;
    sink.output.code = if falsy { if printer.last.is_none() { 4 } else { 1 } } else { code.max(missing) };
    sink.output
}

/// Variables given on the command line, `$` included.
type Named = Vec<(String, Value)>;

/// `--arg NAME VALUE` takes two words, which getopt's manner does not know.
fn named_arguments(args: &[String]) -> Result<(Vec<String>, Named), Output> {
    let mut rest = args.iter();
    let (mut plain, mut named) = (Vec::new(), Vec::new());
    while let Some(arg) = rest.next() {
        if arg != "--arg" && arg != "--argjson" {
            plain.push(arg.clone());
            continue;
        }
        let (Some(name), Some(text)) = (rest.next(), rest.next()) else {
            let text = format!("jq: error: {arg} takes two parameters (e.g. {arg} varname value)");
            return Err(super::failure(text, USAGE));
        };
        let value = if arg == "--arg" {
            Value::text(text.clone())
        } else {
            match Reader::new(&[Line::plain(text.clone())]).next() {
                Some(Ok(value)) => value,
                _ => return Err(super::failure("jq: Invalid JSON text passed to --argjson", USAGE)),
            }
        };
        named.push((format!("${name}"), value));
    }
    Ok((plain, named))
}

/// The input as values, the lines they end on, and what is wrong with the rest of it.
struct Inputs {
    values: VecDeque<Value>,
    ends: Vec<usize>,
    fault: Option<String>,
}

fn inputs(lines: &[Line], given: &Given) -> Inputs {
    let mut values = VecDeque::new();
    let mut ends = Vec::new();
    let mut fault = None;
    if given.has("R") {
        if given.has("s") {
            let mut all = Line::default();
            for line in lines {
                all.push_part(line, 0..line.text.len());
                all.push("\n");
            }
            values.push_back(Value::line(all));
        } else {
            values.extend(lines.iter().map(|l| Value::line(l.clone())));
        }
        return Inputs { values, ends, fault };
    }
    let mut reader = Reader::new(lines);
    while let Some(read) = reader.next() {
        match read {
            Ok(value) => {
                values.push_back(value);
                // Counting lines anew for each of very many values would take too long.
                ends.push(if ends.len() < 1_000 { reader.line() } else { 0 });
            }
            Err(found) => {
                fault =
                    Some(format!("jq: parse error: {} at line {}, column {}", found.text, found.line, found.column));
                break;
            }
        }
    }
    if given.has("s") && fault.is_none() {
        match Value::list(values.into_iter().collect()) {
            Ok(list) => values = VecDeque::from([list]),
            Err(_) => {
                values = VecDeque::new();
                fault = Some("jq: error: the input is too large".to_string());
            }
        }
    }
    Inputs { values, ends, fault }
}

fn layout(given: &Given) -> Layout {
    let indent = given.last("indent").and_then(|n| n.parse::<usize>().ok()).unwrap_or(2).min(7);
    let compact = given.has("c") || indent == 0;
    Layout { indent: if compact { None } else { Some(indent) }, sorted: given.has("S") }
}

struct Printer<'g> {
    given: &'g Given,
    layout: Layout,
    /// Whether the last output was neither false nor null.
    last: Option<bool>,
    /// Where the input ends that is being filtered, for messages.
    at: String,
}

impl Printer<'_> {
    /// Prints one output; false when the page is full.
    fn print(&mut self, value: &Value, sink: &mut Sink) -> bool {
        self.last = Some(value.is_true());
        let joins = self.given.has("j");
        let raw = self.given.has("r") || joins;
        let mut lines = match value {
            Value::Text(text) if raw => {
                let mut lines = Vec::new();
                let mut start = 0;
                for end in text.text.match_indices('\n').map(|(i, _)| i).chain([text.text.len()]) {
                    lines.push(text.part(start..end));
                    start = end + 1;
                }
                lines
            }
            value => value::print(value, self.layout, super::BYTES_MAX),
        };
        if joins {
            // Everything joins the line before.
            if let Some(last) = sink.output.lines.last_mut().filter(|l| l.open) {
                let first = lines.remove(0);
                last.push_part(&first, 0..first.text.len());
                last.open = lines.is_empty();
            }
            if let Some(last) = lines.last_mut() {
                last.open = true;
            }
        }
        lines.into_iter().all(|line| sink.print(line))
    }
}

/// Runs the program on one input; the exit code.
fn step<'a>(
    machine: &mut Machine<'a>,
    term: &'a syntax::Tree<'a>,
    env: &Env<'a>,
    input: Value,
    (printer, sink): (&mut Printer, &mut Sink),
) -> i32 {
    let run = machine.eval(term, env, Item::new(input), &mut |_, item| {
        if printer.print(&item.value, sink) { Ok(()) } else { Err(Stop::Break(0)) }
    });
    match run {
        Ok(()) | Err(Stop::Break(_)) => 0,
        Err(Stop::Error(value)) => {
            let text = match &value {
                Value::Text(text) => text.text.clone(),
                other => format!("{} (not a string)", value::compact(other).text),
            };
            sink.error(format!("jq: error (at {}): {text}", printer.at), RUNTIME);
            RUNTIME
        }
        Err(Stop::Bound(text)) if text.ends_with("is not defined") => {
            sink.error(format!("jq: error: {text} at <top-level>, line 1"), COMPILE);
            sink.error("jq: 1 compile error", COMPILE);
            COMPILE
        }
        Err(Stop::Bound(text)) => {
            sink.error(format!("jq: error: {text}"), COMPILE);
            COMPILE
        }
    }
}

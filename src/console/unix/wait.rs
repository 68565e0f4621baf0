//! sleep and watch: programs that stand while simulated time passes. Do not know what makes it pass.

use super::{Sink, failure};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output, Stream};
use crate::console::pipeline::Shell;
use crate::console::program::{Context, Program};
use crate::console::session::{Session, Standing};
use crate::stdx::dice::hash_name;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::{Value, json};

pub static SLEEP: Program = Program {
    name: "sleep",
    aliases: &[],
    doc: "let time pass",
    usage: "Usage: sleep NUMBER[SUFFIX]...\nExamples:\n  sleep 30s\n  sleep 2m && kubectl get pods",
    flags: &[],
    cost: Span::ZERO,
    run: sleep,
    poll: Some(awake),
};

pub static WATCH: Program = Program {
    name: "watch",
    aliases: &[],
    doc: "run a command again and again, and show it when it changed",
    usage: "Usage: watch [OPTION]... COMMAND\nExamples:\n  watch kubectl get pods\n  watch -n 10 'kubectl get pods | grep cart'",
    flags: &[
        Flag::switch('d', "differences", "accepted; only changes are printed anyway"),
        Flag::value('n', "interval", "SECS", "wait SECS seconds between runs (2)"),
        Flag::switch('t', "no-title", "print no title"),
    ],
    cost: Span::ZERO,
    run: watch,
    poll: Some(look_again),
};

pub static WAIT: Program = Program {
    name: "wait",
    aliases: &[],
    doc: "wait for background jobs, of which there are none; `sleep` lets time pass",
    usage: "Usage: wait [ID]...\nExamples:\n  sleep 5m",
    flags: &[],
    cost: Span::ZERO,
    run: wait,
    poll: None,
};

/// The longest sleep: a slip of the finger must not pass a week.
const SLEEP_MAX: Span = Span::hours(12);

fn sleep(context: &mut Context) -> Output {
    let mut total = Span::ZERO;
    if context.args.len() < 2 {
        let mut output = failure("sleep: missing operand", 1);
        output.lines.push(Line::err("Try 'sleep --help' for more information."));
        return output;
    }
    if context.args[1] == "--help" {
        return Output { lines: crate::console::help::page(&SLEEP), ..Output::default() };
    }
    for text in &context.args[1..] {
        let bare = text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let span = Span::parse(&if bare { format!("{text}s") } else { text.clone() });
        match span.filter(|s| *s >= Span::ZERO && !text.starts_with(['+', '-'])) {
            Some(span) if span <= SLEEP_MAX => total = total + span,
            Some(_) => total = SLEEP_MAX + Span::secs(1),
            None => {
                let mut output = failure(format!("sleep: invalid time interval '{text:.100}'"), 1);
                output.lines.push(Line::err("Try 'sleep --help' for more information."));
                return output;
            }
        }
        if total > SLEEP_MAX {
            return failure(format!("sleep: at most {} at once", SLEEP_MAX.human()), 1);
        }
    }
    let until = context.world.now + total;
    let standing = Standing::new("sleep", json!({ "until": until.0 }), until);
    context.standing = Some(Standing { blocking: true, ..standing });
    Output::default()
}

/// There are no jobs to wait for; whoever types this wants time to pass.
fn wait(context: &mut Context) -> Output {
    let mut output = Output::default();
    let span = context.args.get(1).map_or("5m", String::as_str);
    for word in &context.args[1..] {
        output.lines.push(Line::err(format!("bash: wait: `{word:.100}': not a pid or valid job spec")));
        output.code = 1;
    }
    let span = if Span::parse(span).is_some() { span } else { "5m" };
    output.lines.push(Line::hint(format!("to let time pass: `sleep {span}`, or the act `:wait {span}`")));
    output
}

fn awake(world: &mut World, _session: &mut Session, standing: &mut Standing) -> Output {
    let until = standing.cursor.get("until").and_then(Value::as_i64).unwrap_or(0);
    standing.done = world.now >= Time(until);
    Output::default()
}

fn watch(context: &mut Context) -> Output {
    let given = match flag::read(&WATCH, context.args, Order::FlagsFirst, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let seconds = match given.last("n").map(str::parse::<f64>) {
        None => 2.0,
        Some(Ok(seconds)) if seconds.is_finite() => seconds.clamp(0.1, 3_600.0),
        Some(_) => return failure(format!("watch: failed to parse argument: '{}'", given.last("n").unwrap_or("")), 1),
    };
    if given.operands.is_empty() {
        let mut output = failure("Usage:", 1);
        output.lines.push(Line::err(" watch [options] command"));
        return output;
    }
    let command = given.operands.join(" ");
    let cursor = json!({
        "command": command,
        "every": (seconds * 1_000.0) as i64,
        "title": !given.has("t"),
        "shown": Value::Null,
    });
    let mut standing = Standing::new("watch", cursor, context.world.now);
    let output = look_again(context.world, context.session, &mut standing);
    context.standing = Some(standing);
    output
}

/// Runs the command and prints it if it prints something else than the last time.
fn look_again(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let command = cursor.get("command").and_then(Value::as_str).unwrap_or_default();
    let every = Span::millis(cursor.get("every").and_then(Value::as_i64).unwrap_or(2_000).max(100));
    if world.now < standing.next {
        return Output::default();
    }
    standing.next = world.now + every;
    let code = session.code;
    let ran = Shell::new(world, session).line(command);
    session.code = code;
    let text: String = ran.output.lines.iter().map(|l| format!("{}\n", l.text)).collect();
    let shown = json!(hash_name(&text));
    if cursor.get("shown") == Some(&shown) {
        return Output { coverage: ran.output.coverage, ..Output::default() };
    }
    standing.cursor["shown"] = shown;
    let mut sink = Sink::default();
    if cursor.get("title").and_then(Value::as_bool).unwrap_or(true) {
        let seconds = every.0 as f64 / 1_000.0;
        let now = world.now.format("%a %b %e %H:%M:%S %Y").unwrap_or_default();
        sink.print(Line::plain(format!("Every {seconds:.1}s: {command}    {now}")));
        sink.print(Line::default());
    }
    // A watch shows what its command says on either stream.
    for mut line in ran.output.lines {
        if line.stream == Stream::Err {
            line.stream = Stream::Out;
        }
        sink.print(line);
    }
    sink.output.coverage = ran.output.coverage;
    sink.output
}

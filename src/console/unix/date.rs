//! date: the simulated clock, which is UTC. Does not know any other.

use super::failure;
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::{Span, Time};

pub static PROGRAM: Program = Program {
    name: "date",
    aliases: &[],
    doc: "print the time of the estate",
    usage: "Usage: date [OPTION]... [+FORMAT]\nExamples:\n  date +%H:%M\n  date -d '10 minutes ago' -Iseconds",
    flags: &[
        Flag::value('d', "date", "STRING", "another time: '10 minutes ago', @1770000000, 2026-03-02T10:00:00Z"),
        Flag::value('I', "iso-8601", "PRECISION", "ISO 8601: date, seconds"),
        Flag::switch('R', "rfc-email", "RFC 5322"),
        Flag::switch('u', "utc", "accepted; the estate's clocks are UTC"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

fn run(context: &mut Context) -> Output {
    let args: Vec<String> = context
        .args
        .iter()
        .map(|a| if a == "-I" || a == "--iso-8601" { "-Idate".to_string() } else { a.clone() })
        .collect();
    let given = match flag::read(&PROGRAM, &args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let now = context.world.now;
    let at = match given.last("d") {
        None => now,
        Some(text) => match moment(text, now) {
            Some(at) if at.is_in_calendar() => at,
            Some(_) => return failure(format!("date: time '{text:.100}' is out of range"), 1),
            None => return failure(format!("date: invalid date '{text:.100}'"), 1),
        },
    };
    let pattern = match given.operands.as_slice() {
        [] if given.has("R") => "%a, %d %b %Y %H:%M:%S +0000",
        [] => match given.last("I") {
            None => "%a %b %e %H:%M:%S UTC %Y",
            Some("date") => "%Y-%m-%d",
            Some("minutes") => "%Y-%m-%dT%H:%M+00:00",
            Some("hours") => "%Y-%m-%dT%H+00:00",
            Some("seconds" | "s") => "%Y-%m-%dT%H:%M:%S+00:00",
            Some(other) => return failure(format!("date: invalid argument '{other:.100}' for '--iso-8601'"), 1),
        },
        [format] if format.starts_with('+') => &format[1..],
        [other, ..] => return failure(format!("date: invalid date '{other:.100}'"), 1),
    };
    match at.format(pattern) {
        Some(text) => Output { lines: text.split('\n').map(Line::plain).collect(), ..Output::default() },
        None => failure(format!("date: invalid format '{pattern:.100}'"), 1),
    }
}

/// `now`, `@seconds`, an instant, `10 minutes ago`, `-5min`.
fn moment(text: &str, now: Time) -> Option<Time> {
    let text = text.trim();
    if text.is_empty() || text == "now" {
        return Some(now);
    }
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse::<i64>().ok()?.checked_mul(1_000).map(Time);
    }
    if let Some(at) = Time::parse(text) {
        return Some(at);
    }
    let (body, ago) = match text.strip_suffix("ago") {
        Some(body) => (body.trim(), -1),
        None => (text, 1),
    };
    let split = body.find(|c: char| c.is_ascii_alphabetic())?;
    let number: i64 = body[..split].trim().parse().ok()?;
    let unit = match body[split..].trim().trim_end_matches('s') {
        "sec" | "second" | "" => Span::secs(1),
        "min" | "minute" => Span::mins(1),
        "hour" => Span::hours(1),
        "day" => Span::hours(24),
        _ => return None,
    };
    let span = number.checked_mul(unit.0)?.checked_mul(ago)?;
    now.0.checked_add(span).map(Time)
}

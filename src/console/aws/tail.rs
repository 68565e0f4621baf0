//! `aws logs tail`: a log group read as it grows. Version 2 of the client has it; it asks FilterLogEvents. Does not know how
//! groups are filled.

use super::ask::{self, Reply, Target};
use super::global::Global;
use super::grammar::{self, Opt, Takes};
use super::node::{Facts, Node};
use super::show::{self, Paper};
use super::{operations, stamp, usage};
use crate::console::page::{Line, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::service;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How often a followed group is asked, as version 2 does.
const EVERY: Span = Span::secs(5);
/// Pages of one question.
const PAGES_MAX: usize = 1_000;

/// `aws logs tail GROUP …`.
pub fn run(
    world: &mut World,
    session: &mut Session,
    global: &Global,
    words: &[String],
    standing: &mut Option<Standing>,
) -> Result<Output, Output> {
    let opt = |name: &str, takes| Opt { name: name.to_string(), takes, ..Opt::default() };
    let opts = [
        opt("--since", Takes::One),
        opt("--follow", Takes::Nothing),
        Opt { choices: &["detailed", "short", "json"], ..opt("--format", Takes::One) },
        opt("--filter-pattern", Takes::One),
        opt("--log-stream-names", Takes::Many),
        opt("--log-stream-name-prefix", Takes::One),
    ];
    let read = grammar::read(&opts, &["group_name"], words).map_err(|say| usage::misread(&say))?;
    if !read.extras.is_empty() {
        return Err(usage::unknown(&read.extras, None));
    }
    let since = since(read.last("--since").unwrap_or("10m"), world.now).map_err(|say| usage::failed(&say))?;
    ask::ready(world, global)?;
    let mut input = json!({ "logGroupName": read.operands.first(), "startTime": since.0 });
    for (option, member) in [("--filter-pattern", "filterPattern"), ("--log-stream-name-prefix", "logStreamNamePrefix")]
    {
        if let Some(value) = read.last(option) {
            input[member] = Value::from(value);
        }
    }
    if let Some(names) = read.values("--log-stream-names") {
        input["logStreamNames"] = Value::from(names.to_vec());
    }
    let format = read.last("--format").unwrap_or("detailed");
    let cursor = json!({ "tail": input, "region": global.region, "format": format, "seen": [] });
    let mut first = Standing::new("aws", cursor, world.now);
    let output = again(world, session, &mut first);
    if read.has("--follow") && !first.done {
        *standing = Some(first);
    }
    Ok(output)
}

/// `10m` ago, or a time.
fn since(text: &str, now: Time) -> Result<Time, String> {
    let relative = text.char_indices().last().and_then(|(at, unit)| {
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        let amount = text.get(..at)?.parse::<u32>().ok()?;
        Some(now - Span::secs(i64::from(amount) * seconds))
    });
    let quoted = text.chars().take(100).collect::<String>();
    relative
        .or_else(|| stamp::read(&Value::from(text), now))
        .ok_or_else(|| format!("Invalid timestamp \"{quoted}\": Unknown string format: {quoted}"))
}

/// What has come since the last time.
pub fn again(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    if world.now < standing.next {
        return Output::default();
    }
    standing.next = world.now + EVERY;
    match more(world, session, standing) {
        Ok(output) => output,
        Err(page) => {
            standing.done = true;
            page
        }
    }
}

fn target() -> Option<Target> {
    let row = service::find("logs")?;
    operations(row).map(|(_, target)| target).find(|target| target.operation.name == "FilterLogEvents")
}

fn more(world: &mut World, session: &mut Session, standing: &mut Standing) -> Result<Output, Output> {
    let target = target().ok_or_else(|| usage::failed("the account does not answer FilterLogEvents"))?;
    let cursor = standing.cursor.clone();
    let text = |key: &str| cursor.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut input = cursor.get("tail").cloned().unwrap_or_default();
    let seen: BTreeSet<&str> =
        cursor.get("seen").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let (mut paper, mut output) = (Paper::default(), Output::default());
    let mut last = input.get("startTime").and_then(Value::as_i64).unwrap_or(0);
    let mut at_last: Vec<String> = seen.iter().map(|id| id.to_string()).collect();
    for _ in 0..PAGES_MAX {
        let answer = match ask::ask(world, &session.user, text("region"), target, input.clone())? {
            Reply::Answer(answer) => answer,
            Reply::Refused(fault) => return Err(usage::failed(&ask::words(target, &fault))),
        };
        let node = ask::tree(target, &answer);
        for event in node.get("events").and_then(Node::items).unwrap_or_default() {
            let id = event.get("eventId").and_then(Node::as_text).unwrap_or_default();
            if seen.contains(id) {
                continue;
            }
            let at = event.get("timestamp").map(Node::words).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            if at > last {
                (last, at_last) = (at, Vec::new());
            }
            if at == last {
                at_last.push(id.to_string());
            }
            print(event, Time(at), text("format"), &mut paper);
        }
        output.coverage.extend(ask::coverage(&answer));
        match answer.body.get("nextToken").and_then(Value::as_str) {
            Some(token) => input["nextToken"] = Value::from(token),
            None => break,
        }
    }
    standing.cursor["tail"]["startTime"] = Value::from(last);
    standing.cursor["seen"] = Value::from(at_last);
    output.lines = paper.done();
    Ok(output)
}

/// One event: the whole line shows its record.
fn print(event: &Node, at: Time, format: &str, paper: &mut Paper) {
    let message = event.get("message");
    let facts: Facts = message.map(|node| node.facts.clone()).unwrap_or_default();
    let text = message.and_then(Node::as_text).unwrap_or_default().trim_end_matches('\n');
    let line = match format {
        "short" => format!("{} {text}", at.format("%Y-%m-%dT%H:%M:%S").unwrap_or_default()),
        "json" => {
            let pretty = serde_json::from_str::<Value>(text).map(|value| show::json(&Node::plain(&value)));
            let body = pretty.map_or_else(
                |_| text.to_string(),
                |lines: Vec<Line>| lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"),
            );
            format!("{} {body}", at.format("%Y-%m-%dT%H:%M:%S").unwrap_or_default())
        }
        _ => {
            let stream = event.get("logStreamName").and_then(Node::as_text).unwrap_or_default();
            let micros = at.rfc3339_micros();
            let micros = micros.trim_end_matches('Z');
            // A time without a fraction is written without one.
            let stamp = micros.strip_suffix(".000000").unwrap_or(micros);
            format!("{stamp}+00:00 {stream} {text}")
        }
    };
    paper.put(&line, &facts);
    paper.end();
}

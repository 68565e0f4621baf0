//! What functions write: Lambda's own lines (`INIT_START`, `START`, `END`, `REPORT`, `Task timed out`) and the program's,
//! made from the invocations when asked. Does not store a line.

use super::super::service::{LogGroup, LogSource};
use super::run::{INIT_MAX, Invocation, LOOK_BACK, Outcome, Said};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::Record;
use std::sync::Arc;

pub const SOURCE: LogSource = LogSource { groups, records, late: Span::ZERO };

/// `/aws/lambda/NAME`.
pub fn group_of(name: &str) -> String {
    format!("/aws/lambda/{name}")
}

/// A group exists from a function's first run on.
fn groups(world: &World) -> Vec<LogGroup> {
    let all = world.aws.functions.ever();
    let group = |function: &super::function::Function| {
        let created = function.pool.first?;
        Some(LogGroup { name: group_of(&function.name), created, retention_days: None })
    };
    let mut groups: Vec<LogGroup> = all.filter_map(group).collect();
    groups.sort_by(|a, b| (&a.name, a.created).cmp(&(&b.name, b.created)));
    groups.dedup_by(|a, b| a.name == b.name);
    groups
}

fn records(world: &World, group: &str, from: Time, to: Time) -> Vec<Record> {
    let Some(name) = group.strip_prefix("/aws/lambda/") else { return Vec::new() };
    let began = world.aws.functions.invocations_between(from - LOOK_BACK, to);
    let ours = began.filter(|invocation| *invocation.function == *name);
    let mut out: Vec<Record> = ours.flat_map(|invocation| of(world, invocation)).collect();
    out.retain(|record| (from..=to).contains(&record.at));
    // Of one moment, the lines stay in the order in which each environment wrote them.
    out.sort_by_key(|record| record.at);
    out
}

/// The lines of one invocation, in the order in which they were written.
pub fn of(world: &World, invocation: &Invocation) -> Vec<Record> {
    let page = Page::new(world, invocation);
    let (begun, ended) = (invocation.begun, invocation.ended());
    let id = &page.id;
    let mut out = Vec::new();
    if let Some((init, stopped)) = invocation.init {
        let runtime = &page.runtime;
        let version = dice::hash_name(runtime) % 60 + 1;
        let hash = hex(dice::hash_name(runtime), 4);
        out.push(page.record(
            invocation.at,
            "init-start",
            format!(
                "INIT_START Runtime Version: {}.v{version}\tRuntime Version ARN: arn:aws:lambda:{}::runtime:{hash}",
                runtime_words(runtime),
                world.aws.region
            ),
            &[],
        ));
        if stopped {
            let text = format!(
                "INIT_REPORT Init Duration: {}.{:02} ms\tPhase: init\tStatus: timeout",
                INIT_MAX.0 - 1,
                invocation.part(2)
            );
            out.push(page.record(begun, "init-report", text, &[("init_ms", init.0.to_string())]));
        }
    }
    let version = if invocation.version == 0 { "$LATEST".to_string() } else { invocation.version.to_string() };
    out.push(page.record(begun, "start", format!("START RequestId: {id} Version: {version}"), &[]));
    out.extend(invocation.said.iter().filter_map(|said| page.said(said)));
    match &invocation.outcome {
        Outcome::Raised(kind, error) => {
            let text = format!("[ERROR] {kind}: {error}");
            out.push(page.record(ended, "error", text, &[("err", error.to_string()), ("type", kind.to_string())]));
        }
        Outcome::TimedOut => {
            let seconds = format!("{}.{:02}", invocation.took.0 / 1_000, invocation.took.0 % 1_000 / 10);
            let text = format!("{} {id} Task timed out after {seconds} seconds", ended.rfc3339_millis());
            out.push(page.record(ended, "timed-out", text, &[("seconds", seconds)]));
        }
        Outcome::OutOfMemory => {
            let text = format!("RequestId: {id} Error: Runtime exited with error: signal: killed\nRuntime.ExitError");
            out.push(page.record(ended, "killed", text, &[("err", "Runtime.ExitError".into())]));
        }
        Outcome::Done(_) => {}
    }
    out.push(page.record(ended, "end", format!("END RequestId: {id}"), &[]));
    out.push(page.report());
    out
}

/// Everything that an invocation's lines share.
struct Page<'a> {
    world: &'a World,
    invocation: &'a Invocation,
    id: String,
    runtime: String,
    group: Arc<str>,
    stream: Arc<str>,
}

impl<'a> Page<'a> {
    fn new(world: &'a World, invocation: &'a Invocation) -> Page<'a> {
        let function = world.aws.functions.find(&invocation.function);
        let config = function.and_then(|function| function.config_at(invocation.version, invocation.at));
        Page {
            world,
            invocation,
            id: invocation.request_id(world.seed),
            runtime: config.map(|config| config.runtime.clone()).unwrap_or_default(),
            group: Arc::from(group_of(&invocation.function)),
            stream: Arc::from(stream(world, invocation)),
        }
    }

    fn record(&self, at: Time, template: &str, text: String, fields: &[(&str, String)]) -> Record {
        let mut all = vec![(Arc::from("request_id"), self.id.clone())];
        all.extend(fields.iter().map(|(name, value)| (Arc::from(*name), value.clone())));
        Record {
            at,
            namespace: Arc::from("AWS::Logs::LogGroup"),
            pod: Arc::clone(&self.stream),
            container: Arc::clone(&self.group),
            restart: 0,
            level: "",
            template: Arc::from(template),
            text,
            fields: all,
        }
    }

    /// A line of the program's: `[INFO]`, time and request id before its words, as Python's handler of Lambda has it.
    fn said(&self, said: &Said) -> Option<Record> {
        let function = self.world.aws.functions.find(&self.invocation.function)?;
        let config = function.config_at(self.invocation.version, self.invocation.at)?;
        let release = function.release(&config);
        let (level, words) = release.lines.get(&said.line)?;
        let order = if said.order == 0 { String::new() } else { self.world.ledger.name(said.order) };
        let fields = [
            ("err", said.err.to_string()),
            ("ms", said.took.0.to_string()),
            ("order", order),
            ("total_ms", said.after.0.to_string()),
        ];
        let mut text = words.to_string();
        for (name, value) in &fields {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        let at = self.invocation.begun + said.after;
        let text = format!("[{level}]\t{}\t{}\t{text}", at.rfc3339_millis(), self.id);
        let named: Vec<(&str, String)> =
            fields.iter().filter(|(name, _)| words.contains(&format!("{{{name}}}"))).cloned().collect();
        Some(self.record(at, &said.line, text, &named))
    }

    fn report(&self) -> Record {
        let one = self.invocation;
        let hundredths = one.hundredths();
        let duration = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let mut text = format!(
            "REPORT RequestId: {}\tDuration: {duration} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            self.id,
            one.billed(),
            one.memory.1,
            one.memory.0
        );
        let mut fields = vec![
            ("duration", duration),
            ("billed", one.billed().to_string()),
            ("memory_size", one.memory.1.to_string()),
            ("memory_used", one.memory.0.to_string()),
        ];
        if let Some((init, false)) = one.init {
            let init = format!("{}.{:02}", init.0, one.part(1));
            text.push_str(&format!("Init Duration: {init} ms\t"));
            fields.push(("init", init));
        }
        match &one.outcome {
            Outcome::TimedOut => {
                text.push_str("Status: timeout");
                fields.push(("status", "timeout".into()));
            }
            Outcome::OutOfMemory => {
                text.push_str("Status: error\tError Type: Runtime.OutOfMemory");
                fields.push(("status", "error".into()));
            }
            Outcome::Raised(..) | Outcome::Done(_) => {}
        }
        self.record(one.ended(), "report", text, &fields)
    }
}

/// `2026/03/02/[$LATEST]4f0c…`: one stream an environment, named by the day on which it was made.
pub fn stream(world: &World, invocation: &Invocation) -> String {
    let lot = dice::at(world.seed, dice::hash_name(&invocation.function), invocation.environment.0 ^ 0x5eed);
    let day = invocation.environment.1.date().replace('-', "/");
    let version = if invocation.version == 0 { "$LATEST".to_string() } else { invocation.version.to_string() };
    format!("{day}/[{version}]{}", hex(lot, 2))
}

fn hex(lot: u64, words: u64) -> String {
    (0..words).map(|n| format!("{:016x}", dice::at(lot, n, 7))).collect()
}

/// `python3.12` is called `python:3.12` here.
fn runtime_words(runtime: &str) -> String {
    let digit = runtime.find(|c: char| c.is_ascii_digit()).unwrap_or(runtime.len());
    let (name, version) = runtime.split_at(digit);
    format!("{name}:{}", version.trim_end_matches(".x"))
}

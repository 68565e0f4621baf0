//! The life of one process, planned when it starts: its checks, when it listens, when it runs out of memory, how it
//! ends. Does not know what happens to it from outside.

use super::instance::Fields;
use super::spec::{AppSpec, Memory, Must, Need, NeedOf};
use super::{Exit, Launch};
use crate::stdx::time::Span;
use crate::world::World;
use std::sync::Arc;

/// What will happen to a process if nobody interferes. Spans count from its start.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// When it listens; `None`: it never does.
    pub up: Option<Span>,
    /// When its readiness endpoint says yes.
    pub ready: Option<Span>,
    pub exit: Option<Exit>,
    /// The line it dies with, and what it says.
    pub dying: Option<(Arc<str>, Fields)>,
}

/// Plans a described program's life from what it was started with and what is there at its start.
pub fn plan(world: &World, spec: &AppSpec, launch: &Launch) -> Plan {
    let failing = spec.needs.iter().find_map(|need| fault(world, need, launch).map(|fields| (need, fields)));
    let up = spec.life.start;
    let ready = match &spec.memory.warm {
        Some(warm) if warm.gates_ready => up.max(warm.after + warm.over),
        _ => up,
    };
    let mut plan = Plan { up: Some(up), ready: Some(ready), ..Plan::default() };
    if let Some((need, fields)) = failing {
        plan.exit = Some(Exit { after: need.after, code: need.exit, reason: "Error", message: String::new() });
        plan.dying = Some((Arc::clone(&need.line), fields));
    }
    if let Some(after) = spec.life.ends.filter(|after| plan.exit.as_ref().is_none_or(|exit| *after < exit.after)) {
        plan.exit = Some(Exit { after, code: 0, reason: "Completed", message: String::new() });
        plan.dying = None;
    }
    let oom = launch.memory_limit.and_then(|limit| crosses(&spec.memory, up, limit));
    if let Some(after) = oom.filter(|after| plan.exit.as_ref().is_none_or(|exit| *after < exit.after)) {
        plan.exit = Some(Exit { after, code: 137, reason: "OOMKilled", message: String::new() });
        plan.dying = None;
    }
    if let Some(exit) = &plan.exit {
        plan.up = plan.up.filter(|up| *up < exit.after);
        plan.ready = plan.ready.filter(|ready| *ready < exit.after);
    }
    plan
}

/// What is wrong with a need, as fields for its line; `None` if it is met.
fn fault(world: &World, need: &Need, launch: &Launch) -> Option<Fields> {
    let (name, value) = match &need.what {
        NeedOf::Env(name) => (name.clone(), launch.env.get(name)),
        NeedOf::File(path) => (path.clone(), launch.files.get(path)),
        NeedOf::Peer(namespace, service) => {
            let there = !world.apps.routing.at(namespace, service, world.now).is_empty();
            let name = format!("{service}.{namespace}");
            return (!there).then(|| fields(name, "unreachable", "", need.exit));
        }
    };
    match value {
        None if need.optional => None,
        // A program that reads its environment cannot tell an unset variable from an empty one, and says "empty".
        None => Some(fields(name, "empty", "", need.exit)),
        Some(value) => problem(need.must, value).map(|problem| fields(name, problem, value, need.exit)),
    }
}

fn fields(name: String, problem: &str, value: &str, exit: i32) -> Fields {
    // Quoted as a program quotes what it could not read: what cannot be seen becomes visible.
    let value = format!("\"{}\"", value.escape_debug());
    let pairs = [("name", name), ("problem", problem.to_string()), ("value", value), ("exit", exit.to_string())];
    pairs.into_iter().map(|(key, value)| (Arc::from(key), value)).collect()
}

/// Why a value does not pass a check.
pub fn problem(must: Must, value: &str) -> Option<&'static str> {
    if value.is_empty() {
        return Some("empty");
    }
    match must {
        Must::NonEmpty => None,
        Must::Arn => {
            let parts: Vec<&str> = value.splitn(6, ':').collect();
            let whole = parts.len() == 6 && parts[0] == "arn" && !parts[5].is_empty();
            (!whole || value.chars().any(char::is_whitespace)).then_some("not a valid ARN")
        }
        Must::Number => (!is_number(value)).then_some("not a number"),
        Must::NoNbsp => value.contains('\u{a0}').then_some("not readable (unexpected character)"),
    }
}

/// An optionally signed decimal number with nothing around it.
pub fn is_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
    !whole.is_empty()
        && !fraction.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
        && fraction.bytes().all(|b| b.is_ascii_digit())
}

/// The working set so long after the start, in bytes: a third of the base at once, the base when it listens, then the
/// cache and the leak.
pub fn memory(memory: &Memory, up: Span, since: Span) -> u64 {
    let since_ms = since.0.max(0) as u64;
    let ramp = ratio(memory.base - memory.base / 3, since_ms, up.0.max(1) as u64);
    let warm = memory.warm.as_ref().map_or(0, |warm| {
        let into = (since - warm.after).0.max(0) as u64;
        ratio(warm.to, into, warm.over.0.max(1) as u64)
    });
    let grown = (u128::from(memory.growth_per_hour) * u128::from(since_ms) / 3_600_000) as u64;
    memory.base / 3 + ramp + warm + grown
}

/// `whole × done / total`, at most `whole`.
fn ratio(whole: u64, done: u64, total: u64) -> u64 {
    (u128::from(whole) * u128::from(done.min(total)) / u128::from(total.max(1))) as u64
}

/// When the working set first reaches `limit`: by halving, as the curve never falls.
fn crosses(curve: &Memory, up: Span, limit: u64) -> Option<Span> {
    let (mut low, mut high) = (0_i64, Span::hours(24 * 30).0);
    if memory(curve, up, Span(high)) < limit {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if memory(curve, up, Span(middle)) >= limit { high = middle } else { low = middle + 1 }
    }
    // Even a hopeless limit lets the process start: the kernel kills it at its first pages.
    Some(Span(low.max(30)))
}

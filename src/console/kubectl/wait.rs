//! `kubectl wait`: until a condition, a field's value, or the end of objects. Does not know why they change.

use super::call::{Call, Failure};
use super::jsonpath::{self, Found};
use super::jsonpath_parse;
use super::subject::{list, text};
use super::targets;
use crate::console::page::Output;
use crate::console::session::{Session, Standing};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::api::Verb;
use serde_json::{Value, json};

const LOOK_EVERY: Span = Span::secs(1);
/// The real tool's default.
const TIMEOUT: Span = Span::secs(30);

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let goal = call.given.text("for").to_string();
    check(&goal)?;
    let mut objects = Vec::new();
    for (row, object) in call.named(&call.given.operands.clone())? {
        objects.push(
            json!({"kind": row.qualified(), "label": targets::label(row), "name": text(&object, "/metadata/name"),
            "uid": text(&object, "/metadata/uid")}),
        );
    }
    if objects.is_empty() {
        return Err(Failure::error("no matching resources found"));
    }
    let timeout = match call.given.value("timeout") {
        None => TIMEOUT,
        Some(word) => Span::parse(word)
            .ok_or_else(|| Failure::error(format!("invalid argument {word:?} for \"--timeout\" flag")))?,
    };
    let cursor = json!({"verb": "wait", "for": goal, "objects": objects, "namespace": call.namespace(),
        "until": (call.now() + timeout).0});
    let mut standing = Standing::new("kubectl", cursor, call.now());
    standing.blocking = true;
    let output = look(call, &mut standing);
    call.out = output;
    if !standing.done {
        call.standing = Some(standing);
    }
    Ok(())
}

fn check(goal: &str) -> Result<(), Failure> {
    let known = goal == "delete" || goal == "create" || goal.starts_with("condition=") || goal.starts_with("jsonpath=");
    if known { Ok(()) } else { Err(Failure::error(format!("unrecognized condition: {goal:?}"))) }
}

pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let mut call = super::call_for(world, session, "wait");
    look(&mut call, standing)
}

fn look(call: &mut Call, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let goal = text(&cursor, "for");
    standing.next = call.now() + LOOK_EVERY;
    let mut left = Vec::new();
    for one in list(&cursor, "objects") {
        let Ok(row) = targets::kind(text(one, "kind")) else { continue };
        let mut ask = call.request(Verb::Get, row);
        ask.name = Some(text(one, "name").to_string());
        ask.namespace = row.namespaced.then(|| text(&cursor, "namespace").to_string());
        let found = call.fetch(&ask).ok().filter(|o| text(o, "/metadata/uid") == text(one, "uid"));
        let met = match (&found, goal) {
            (None, "delete") => true,
            (Some(_), "delete") => false,
            (Some(object), goal) => holds(object, goal),
            (None, _) => {
                call.fail(Failure::plain(format!(
                    "Error from server (NotFound): {} {:?} not found",
                    row.qualified(),
                    text(one, "name")
                )));
                continue;
            }
        };
        if met {
            let label = text(one, "label");
            call.print(format!("{label}/{} condition met", text(one, "name")));
        } else {
            left.push(one.clone());
        }
    }
    standing.done = left.is_empty();
    if cursor.get("until").and_then(Value::as_i64).is_some_and(|t| Time(t) <= call.now()) && !left.is_empty() {
        standing.done = true;
        for one in &left {
            let label = format!("{}/{}", text(one, "kind"), text(one, "name"));
            call.fail(Failure::error(format!("timed out waiting for the condition on {label}")));
        }
    }
    standing.cursor["objects"] = json!(left);
    std::mem::take(&mut call.out)
}

/// Whether an object meets `condition=NAME[=VALUE]` or `jsonpath={…}[=VALUE]`.
fn holds(object: &Value, goal: &str) -> bool {
    if let Some(condition) = goal.strip_prefix("condition=") {
        let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
        return list(object, "/status/conditions")
            .iter()
            .any(|c| text(c, "type").eq_ignore_ascii_case(name) && text(c, "status").eq_ignore_ascii_case(value));
    }
    let Some(expression) = goal.strip_prefix("jsonpath=") else { return true };
    let (path, value) = match expression.rfind("}=") {
        Some(at) => (&expression[..=at], Some(expression[at + 2..].trim_matches(['\'', '"']))),
        None => expression.split_once('=').map_or((expression, None), |(p, v)| (p, Some(v))),
    };
    let Ok(steps) = jsonpath_parse::relaxed(path.trim_matches('\'')) else { return false };
    let root = Found::root(object);
    let found = jsonpath::walk(&steps, &root, &root).unwrap_or_default();
    found.first().is_some_and(|f| value.is_none_or(|v| f.text() == v))
}

//! Waiters: an operation asked again until something holds. A standing pipeline that blocks; the turn clock runs it. Does not
//! know the grammar of words.

use super::ask::{self, Reply, Target};
use super::global::Global;
use super::node::Node;
use super::query;
use super::{arguments, grammar, operation, operations, usage, words};
use crate::console::page::Output;
use crate::console::session::{Session, Standing};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::aws::model::{Acceptor, Waiter};
use crate::world::aws::service::{self, Service};
use serde_json::{Value, json};

/// The waiters of a service whose operation the account answers, by their names on the command line.
pub fn of(row: &'static Service) -> Vec<(String, &'static str, &'static Waiter)> {
    let known = |waiter: &Waiter| row.operation(&waiter.operation).is_some();
    let waiters = row.model().waiters.iter().filter(|(_, waiter)| known(waiter));
    waiters.map(|(name, waiter)| (words::dashed(name), name.as_str(), waiter)).collect()
}

fn target(row: &'static Service, operation: &str) -> Option<Target> {
    operations(row).map(|(_, target)| target).find(|target| target.operation.name == operation)
}

/// `aws SERVICE wait NAME …`.
pub fn run(
    world: &mut World,
    session: &mut Session,
    (row, global): (&'static Service, &Global),
    given: &[String],
    standing: &mut Option<Standing>,
) -> Result<Output, Output> {
    let waiters = of(row);
    let (Some(name), rest) = (given.first(), given.get(1..).unwrap_or_default()) else {
        let say = "usage: aws [options] <command> <subcommand> [parameters]\naws: error: too few arguments";
        return Err(usage::failed(say));
    };
    let found = waiters.iter().find(|(known, ..)| known == name);
    let Some((target, camel)) = found.and_then(|(_, camel, waiter)| Some((target(row, &waiter.operation)?, *camel)))
    else {
        let say = grammar::choices(name, waiters.iter().map(|(known, ..)| known.as_str()));
        return Err(usage::misread(&format!("argument subcommand: {say}")));
    };
    let rows = arguments::of(target.model, target.operation);
    let read = operation::read(target, &rows, rest)?;
    let asked = operation::understand(world, session, (target, global), (&rows, &read))?;
    ask::ready(world, global)?;
    let cursor = json!({
        "service": row.name,
        "waiter": camel,
        "input": asked.input,
        "region": global.region,
        "tries": 0,
    });
    let mut first = Standing { blocking: true, ..Standing::new("aws", cursor, world.now) };
    let output = again(world, session, &mut first);
    if !first.done {
        *standing = Some(first);
    }
    Ok(output)
}

/// Asks once more, if it is time to.
pub fn again(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    if world.now < standing.next {
        return Output::default();
    }
    match attempt(world, session, standing) {
        Ok(output) => output,
        Err(page) => {
            standing.done = true;
            page
        }
    }
}

fn attempt(world: &mut World, session: &mut Session, standing: &mut Standing) -> Result<Output, Output> {
    let text = |key: &str| standing.cursor.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let (name, region) = (text("waiter"), text("region"));
    let gone = || usage::failed("the waiter is gone");
    let row = service::find(&text("service")).ok_or_else(gone)?;
    let waiter = row.model().waiters.get(&name).ok_or_else(gone)?;
    let target = target(row, &waiter.operation).ok_or_else(gone)?;
    let input = standing.cursor.get("input").cloned().unwrap_or_default();
    let reply = ask::ask(world, &session.user, &region, target, input)?;
    let (node, fault) = match &reply {
        Reply::Answer(answer) => (ask::tree(target, answer), None),
        Reply::Refused(fault) => (Node::default(), Some(fault)),
    };
    let mut found = None;
    for acceptor in &waiter.acceptors {
        let code = fault.map(|fault| (fault.code.as_str(), i64::from(fault.status)));
        if matches(acceptor, &node, code).map_err(|say| usage::failed(&say))? {
            found = Some(acceptor);
            break;
        }
    }
    let fail = |reason: String| Err(usage::failed(&format!("Waiter {name} failed: {reason}")));
    match (found, fault) {
        (Some(acceptor), _) if acceptor.state == "success" => {
            standing.done = true;
            return Ok(Output::default());
        }
        (Some(acceptor), _) if acceptor.state == "failure" => {
            return fail(format!("Waiter encountered a terminal failure state: {}", explained(acceptor)));
        }
        (None, Some(fault)) => return fail(format!("An error occurred ({}): {}", fault.code, fault.message)),
        _ => {}
    }
    let tries = 1 + standing.cursor.get("tries").and_then(Value::as_i64).unwrap_or(0);
    if tries >= i64::from(waiter.tries) {
        return fail(match found {
            Some(acceptor) => {
                format!("Max attempts exceeded. Previously accepted state: {}", explained(acceptor))
            }
            None => "Max attempts exceeded".into(),
        });
    }
    standing.cursor["tries"] = Value::from(tries);
    standing.next = world.now + Span::secs(i64::from(waiter.delay.max(1)));
    Ok(Output::default())
}

fn matches(acceptor: &Acceptor, node: &Node, fault: Option<(&str, i64)>) -> Result<bool, String> {
    let expected: Value = serde_json::from_str(&acceptor.expected).unwrap_or_default();
    match acceptor.matcher.as_str() {
        "error" => Ok(match (&expected, fault) {
            (Value::Bool(any), fault) => *any == fault.is_some(),
            (Value::String(code), Some((has, _))) => code == has,
            _ => false,
        }),
        "status" => {
            let status = fault.map_or(200, |(_, status)| if status == 0 { 400 } else { status });
            Ok(expected.as_i64() == Some(status))
        }
        _ if fault.is_some() => Ok(false),
        matcher => {
            let found = query::parse(&acceptor.argument)?.search(node)?;
            let same = |node: &Node| query::same(node, &Node::plain(&expected));
            Ok(match matcher {
                "pathAll" => found.items().is_some_and(|items| !items.is_empty() && items.iter().all(same)),
                "pathAny" => found.items().is_some_and(|items| items.iter().any(same)),
                _ => same(&found),
            })
        }
    }
}

/// Why an acceptor took what it saw, in the client's words.
fn explained(acceptor: &Acceptor) -> String {
    let expected: Value = serde_json::from_str(&acceptor.expected).unwrap_or_default();
    let wanted = Node::plain(&expected).words();
    let path = &acceptor.argument;
    match acceptor.matcher.as_str() {
        "path" => format!("For expression \"{path}\" we matched expected path: \"{wanted}\""),
        "pathAll" => format!("For expression \"{path}\" all members matched expected path: \"{wanted}\""),
        "pathAny" => format!("For expression \"{path}\" we matched expected path: \"{wanted}\" at least once"),
        "status" => format!("Matched expected HTTP status code: {wanted}"),
        _ => format!("Matched expected service error code: {wanted}"),
    }
}

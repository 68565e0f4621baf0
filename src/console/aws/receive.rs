//! `aws sqs receive-message`: a long poll waits for a message as the real request does, as a standing pipeline that blocks.
//! Does not know how queues keep messages or how an answer is printed.

use super::ask::{self, Reply, Target};
use super::global::Global;
use super::operation::{self, Asked};
use super::{arguments, operations};
use crate::console::page::Output;
use crate::console::session::{Session, Standing};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::{Value, json};

/// How often a waiting poll looks; the door's does so too.
const LOOK_EVERY: Span = Span::millis(200);

/// The longest that the service waits (SQS API Reference, ReceiveMessage: 20 seconds).
const WAIT_MAX: i64 = 20;

/// Whether an operation may wait.
pub fn waits(target: Target) -> bool {
    target.service.name == "sqs" && target.operation.name == "ReceiveMessage"
}

/// Asks, or waits for something to be there. A poll that goes on is given as `standing`, with when its time is up; it is
/// asked of copies of the world, so that the queue counts one request.
pub fn run(
    world: &mut World,
    session: &mut Session,
    (target, global): (Target, &Global),
    words: &[String],
    standing: &mut Option<Standing>,
) -> Result<Output, Output> {
    let going = standing.take().and_then(|held| until(&held));
    let rows = arguments::of(target.model, target.operation);
    let read = operation::read(target, &rows, words)?;
    if read.has("--generate-cli-skeleton") {
        return operation::run(world, session, (target, global), words);
    }
    let asked = operation::understand(world, session, (target, global), (&rows, &read))?;
    ask::ready(world, global)?;
    let until = going.unwrap_or_else(|| world.now + patience(world, session, &asked, global));
    if world.now < until && is_empty(world, session, &asked, global) {
        let next = (world.now + LOOK_EVERY).min(until);
        let cursor = json!({ "until": until.0 });
        *standing = Some(Standing { blocking: true, ..Standing::new("aws", cursor, next) });
        return Ok(Output::default());
    }
    operation::answer(world, session, &asked, global)
}

/// Until when a standing poll waits; `None`: it is no poll.
pub fn until(standing: &Standing) -> Option<Time> {
    standing.cursor.get("until").and_then(Value::as_i64).map(Time)
}

/// How long a request is ready to wait: its own word, else the queue's.
fn patience(world: &World, session: &Session, asked: &Asked, global: &Global) -> Span {
    let own = asked.input.get("WaitTimeSeconds").and_then(Value::as_i64);
    let queue = || {
        let name = "ReceiveMessageWaitTimeSeconds";
        let (_, target) =
            operations(asked.target.service).find(|(_, target)| target.operation.name == "GetQueueAttributes")?;
        let input = json!({ "QueueUrl": asked.input.get("QueueUrl")?, "AttributeNames": [name] });
        let reply = ask::ask(&mut world.clone(), &session.user, &global.region, target, input).ok()?;
        let Reply::Answer(answer) = reply else { return None };
        answer.body.get("Attributes")?.get(name)?.as_str()?.parse().ok()
    };
    own.or_else(queue).filter(|wait| (0..=WAIT_MAX).contains(wait)).map_or(Span::ZERO, Span::secs)
}

/// Whether it would get no message now. A refusal is an answer.
fn is_empty(world: &World, session: &Session, asked: &Asked, global: &Global) -> bool {
    let reply = ask::ask(&mut world.clone(), &session.user, &global.region, asked.target, asked.input.clone());
    matches!(reply, Ok(Reply::Answer(answer)) if answer.body.get("Messages").is_none())
}

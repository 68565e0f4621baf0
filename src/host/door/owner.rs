//! Between the door and the one owner of the run: requests go over a channel and answers come back, so that no lock lies
//! around a run or a screen. Long polls wait here, and are asked of clones until something is there. Does not know wires.

use crate::console::aws::outside;
use crate::drill::act::{Act, Asked};
use crate::drill::run::{Outcome, Run};
use crate::world::aws::call::{Answer, Caller, Fault, Request};
use serde_json::{Value, json};
use std::io;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What came of a request.
#[derive(Debug)]
pub enum Done {
    Answered(Box<Result<Answer, Fault>>),
    /// No run is open, or it takes no more; why.
    Refused(String),
}

/// A request on its way to the owner of the run.
#[derive(Debug)]
pub struct Ask {
    pub asked: Asked,
    pub reply: oneshot::Sender<Done>,
}

/// How requests reach the owner; whether one was taken.
pub type Send = Box<dyn Fn(Ask) -> bool + std::marker::Send + Sync>;

/// The owner's desk: requests that wait for messages.
#[derive(Debug, Default)]
pub struct Desk {
    waiting: Vec<(Ask, Instant)>,
}

/// Requests that wait at a time.
const WAITING_MAX: usize = 64;
/// How often those that wait are looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Desk {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes a request: gives it back to be answered now, or keeps it until there is a message. `speed` is thousandths of
    /// wall time.
    pub fn take(&mut self, ask: Ask, run: &Run, speed: u32) -> Option<Ask> {
        let wait = Duration::from_secs(patience(&ask.asked, run)) * 1_000 / speed.max(1);
        if !wait.is_zero() && self.waiting.len() < WAITING_MAX && is_empty(&ask.asked, run) {
            self.waiting.push((ask, Instant::now() + wait));
            return None;
        }
        Some(ask)
    }

    /// One of those for which something is there by now, or whose time is up. What one takes is not there for the next, so
    /// it is answered before this is asked again. Who went away is forgotten.
    pub fn ripe(&mut self, run: &Run) -> Option<Ask> {
        self.waiting.retain(|(ask, _)| !ask.reply.is_closed());
        let now = Instant::now();
        let due = |(ask, until): &(Ask, Instant)| *until <= now || !is_empty(&ask.asked, run);
        let at = self.waiting.iter().position(due)?;
        Some(self.waiting.remove(at).0)
    }
}

/// Has the run answer a request.
pub fn finish(ask: Ask, act: impl FnOnce(Act) -> io::Result<Outcome>) -> io::Result<()> {
    let outcome = act(Act::Door { asked: Box::new(ask.asked) })?;
    let done = match outcome.answered {
        Some(done) => Done::Answered(done),
        None => Done::Refused(outcome.notice.map(|said| said.to_string()).unwrap_or_default()),
    };
    // A client that went away is told nothing.
    let _ = ask.reply.send(done);
    Ok(())
}

/// Seconds that a request is ready to wait for a message: its own word, else the queue's (SQS Developer Guide, long
/// polling).
fn patience(asked: &Asked, run: &Run) -> u64 {
    if asked.service != "sqs" || asked.operation != "ReceiveMessage" {
        return 0;
    }
    const WAIT_MAX: u64 = 20;
    let own = asked.input.get("WaitTimeSeconds").and_then(Value::as_u64);
    let queue = || {
        let name = "ReceiveMessageWaitTimeSeconds";
        let input = json!({ "QueueUrl": asked.input.get("QueueUrl")?, "AttributeNames": [name] });
        let question = Asked { operation: "GetQueueAttributes".into(), input, ..asked.clone() };
        let answer = tried(&question, run).ok()?;
        answer.body.get("Attributes")?.get(name)?.as_str()?.parse().ok()
    };
    own.or_else(queue).filter(|wait| *wait <= WAIT_MAX).unwrap_or(0)
}

/// Whether a request for messages would get none now. A refusal is an answer.
fn is_empty(asked: &Asked, run: &Run) -> bool {
    tried(asked, run).is_ok_and(|answer| answer.body.get("Messages").is_none())
}

/// What would be answered, on a clone of the world.
fn tried(asked: &Asked, run: &Run) -> Result<Answer, Fault> {
    let request = Request {
        service: asked.service.clone(),
        operation: asked.operation.clone(),
        input: asked.input.clone(),
        caller: Caller { user: asked.user.clone(), arn: String::new() },
        region: asked.region.clone(),
        agent: asked.agent.clone(),
    };
    outside::ask(&mut run.stage.world.clone(), request).0
}

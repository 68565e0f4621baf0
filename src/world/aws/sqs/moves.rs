//! Message-move tasks: messages of a dead-letter queue go back to where they came from, or elsewhere, so many a second.
//! Does not know why they died.

use super::super::call::{Answer, Call, Fault};
use super::super::post;
use super::places::Fate;
use super::queue::Queue;
use super::store::{Message, Receives, State};
use super::{Due, bell};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most messages a second (SQS API Reference, StartMessageMoveTask).
const RATE_MAX: i64 = 500;

/// The rate where none was given: the service chooses; the largest it would take.
const RATE_OWN: i64 = 500;

/// Tasks remembered for each source (SQS API Reference, ListMessageMoveTasks: up to 10 most recent).
const TASKS_MAX: usize = 10;

/// One task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: Arc<str>,
    pub destination: Option<Arc<str>>,
    pub rate: Option<i64>,
    pub started: Time,
    pub status: Status,
    pub moved: i64,
    pub to_move: i64,
    pub failure: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Running,
    Completed,
    Cancelled,
    Failed,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Completed => "COMPLETED",
            Status::Cancelled => "CANCELLED",
            Status::Failed => "FAILED",
        }
    }
}

fn no_source() -> Fault {
    let message = "The resource that you specified for the SourceArn parameter doesn't exist.";
    Fault::new("ResourceNotFoundException", message).status(404)
}

fn handle(task: &Task, source: &str) -> String {
    STANDARD.encode(format!("{{\"taskId\":\"{}\",\"sourceArn\":\"{source}\"}}", task.id))
}

pub fn start(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = call.text("SourceArn").unwrap_or_default();
    let destination = call.text("DestinationArn").filter(|arn| !arn.is_empty());
    let rate = call.whole("MaxNumberOfMessagesPerSecond");
    let queues = &world.aws.queues;
    let found = queues.get(source).ok_or_else(no_source)?;
    let refuse = |message: &str| Err(Fault::new("InvalidParameterValue", message));
    if queues.sources_of(source).next().is_none() {
        return refuse("Source queue must be configured as a Dead Letter Queue.");
    }
    if destination.is_some_and(|arn| queues.get(arn).is_none()) {
        let message = "The resource that you specified for the DestinationArn parameter doesn't exist.";
        return Err(Fault::new("ResourceNotFoundException", message).status(404));
    }
    // A queue of the other type cannot take them: only FIFO queues keep groups (SQS Developer Guide, "Using dead-letter
    // queues": a queue and its dead-letter queue are of one type; the sentence is ours).
    let fifo = |arn: &str| queues.get(arn).is_some_and(|queue| queue.setup.fifo);
    if destination.is_some_and(|arn| fifo(arn) != fifo(source)) {
        return refuse("Source queue and destination queue must be of the same type.");
    }
    if destination == Some(source) {
        return refuse("Source queue arn and destination queue arn cannot be the same.");
    }
    if let Some(rate) = rate.filter(|rate| !(1..=RATE_MAX).contains(rate)) {
        return refuse(&format!(
            "Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a value between 1 \
             and 500."
        ));
    }
    if found.tasks.iter().any(|task| task.status == Status::Running) {
        let message = "There is already a task running. Only one active task is allowed for a source queue arn at a given \
                       time.";
        return Err(Fault::new("AWS.SimpleQueueService.UnsupportedOperation", message));
    }
    let (now, name) = (world.now, found.name.to_string());
    let mut dice = dice::Dice::new(found.key).fork("move").fork(&now.0.to_string());
    let task = Task {
        id: dice.uuid().into(),
        destination: destination.map(Arc::from),
        rate,
        started: now,
        status: Status::Running,
        moved: 0,
        to_move: found.store.visible() as i64,
        failure: None,
    };
    let (id, token) = (task.id.clone(), handle(&task, source));
    if let Some(queue) = world.aws.queues.get_mut(source) {
        queue.tasks.push_front(task);
        queue.tasks.truncate(TASKS_MAX);
    }
    let due = Due::Move { queue: source.into(), task: id };
    post::push(world, now + Span::secs(1), post::Due::Sqs(due));
    Ok(Answer::of(json!({ "TaskHandle": token })).altering("AWS::SQS::Queue", &name, Vec::new()))
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = call.text("SourceArn").unwrap_or_default();
    let max = call.whole("MaxResults").unwrap_or(1);
    if !(1..=10).contains(&max) {
        let message = format!(
            "Value {max} for parameter MaxResults is invalid. Reason: Value for parameter MaxResults must be an integer \
             between 1 and 10."
        );
        return Err(Fault::new("InvalidParameterValue", message));
    }
    let found = world.aws.queues.get(source).ok_or_else(no_source)?;
    let results: Vec<Value> = found.tasks.iter().take(max as usize).map(|task| shown(task, source)).collect();
    let name = found.name.to_string();
    let mut answer = Answer::of(json!({ "Results": results }));
    for at in 0..answer.body["Results"].as_array().map_or(0, Vec::len) {
        let is = super::super::call::Is::Attributes {
            kind: "AWS::SQS::Queue".into(),
            name: name.clone(),
            base: format!("MessageMoveTasks[{at}]"),
        };
        answer = answer.shows(format!("/Results/{at}"), is);
    }
    Ok(answer)
}

fn shown(task: &Task, source: &str) -> Value {
    let mut row = json!({
        "Status": task.status.word(),
        "SourceArn": source,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": task.started.0,
    });
    // Only a running task can be cancelled, so only it has a handle.
    if task.status == Status::Running {
        row["TaskHandle"] = json!(handle(task, source));
    }
    if let Some(destination) = &task.destination {
        row["DestinationArn"] = json!(destination);
    }
    if let Some(rate) = task.rate {
        row["MaxNumberOfMessagesPerSecond"] = json!(rate);
    }
    if let Some(failure) = task.failure {
        row["FailureReason"] = json!(failure);
    }
    row
}

pub fn cancel(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let token = call.text("TaskHandle").unwrap_or_default();
    let gone = || Fault::new("ResourceNotFoundException", "Task does not exist.").status(404);
    let bad = || Fault::new("InvalidParameterValue", "Value for parameter TaskHandle is invalid.");
    let bytes = STANDARD.decode(token).map_err(|_| bad())?;
    let said: Value = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    let member = |name: &str| said.get(name).and_then(Value::as_str).ok_or_else(bad);
    let (id, source) = (member("taskId")?, member("sourceArn")?);
    let queue = world.aws.queues.get_mut(source).ok_or_else(no_source)?;
    let task = queue.tasks.iter_mut().find(|task| &*task.id == id).ok_or_else(gone)?;
    if task.status != Status::Running {
        let message = "Only active tasks can be cancelled.";
        return Err(Fault::new("AWS.SimpleQueueService.UnsupportedOperation", message));
    }
    task.status = Status::Cancelled;
    let (moved, name) = (task.moved, queue.name.to_string());
    let body = json!({ "ApproximateNumberOfMessagesMoved": moved });
    Ok(Answer::of(body).altering("AWS::SQS::Queue", &name, Vec::new()))
}

/// One second of a task.
pub fn step(world: &mut World, at: Time, source: &Arc<str>, id: &Arc<str>) {
    let Some(queue) = world.aws.queues.get_mut(source) else { return };
    queue.settle(at);
    let Some(task) = queue.tasks.iter().find(|task| task.id == *id && task.status == Status::Running) else { return };
    let (rate, destination) = (task.rate.unwrap_or(RATE_OWN), task.destination.clone());
    let mut moved = 0;
    let mut status = Status::Running;
    while moved < rate {
        let Some(queue) = world.aws.queues.get(source) else { return };
        let Some(serial) = queue.store.front(1).first().copied() else {
            status = Status::Completed;
            break;
        };
        let origin = queue.store.get(serial).and_then(|message| message.origin.clone());
        let target = destination.clone().or(origin).filter(|target| world.aws.queues.get(target).is_some());
        let Some(target) = target else {
            status = Status::Failed;
            break;
        };
        pass(world, at, source, serial, &target);
        moved += 1;
    }
    let Some(queue) = world.aws.queues.get_mut(source) else { return };
    let left = !queue.store.front(1).is_empty();
    if let Some(task) = queue.tasks.iter_mut().find(|task| task.id == *id) {
        task.moved += moved;
        task.status = if status == Status::Running && !left { Status::Completed } else { status };
        if status == Status::Failed {
            task.failure = Some("AWS.SimpleQueueService.NonExistentQueue");
        }
        if task.status == Status::Running {
            let due = Due::Move { queue: source.clone(), task: id.clone() };
            post::push(world, at + Span::secs(1), post::Due::Sqs(due));
        }
    }
}

/// A moved message is a new one: new id, new enqueue time, received never (SQS Developer Guide, "Configure a dead-letter
/// queue redrive").
fn pass(world: &mut World, at: Time, source: &Arc<str>, serial: u64, target: &Arc<str>) {
    let Some(queue) = world.aws.queues.get_mut(source) else { return };
    let Some(old) = queue.store.remove(serial) else { return };
    queue.places.end(at, &old, Fate::Moved);
    // The task receives and deletes like a consumer.
    queue.counts.received(1);
    queue.counts.deleted();
    let Some(queue) = world.aws.queues.get_mut(target) else { return };
    queue.settle(at);
    let message = renewed(queue, at, old);
    let bytes = super::super::message::bytes(&message.body, &message.attributes);
    queue.adopt(message);
    queue.counts.sent(bytes);
    bell::ring(world, at, target);
}

fn renewed(queue: &Queue, at: Time, old: Message) -> Message {
    let serial = queue.store.next_serial();
    let mut message = Message {
        id: queue.message_id(serial),
        enqueued: at,
        arrived: at,
        receives: Receives::default(),
        origin: None,
        state: State::Visible { since: at },
        ..old
    };
    if queue.setup.fifo {
        message.place.sequence = queue.sequence(serial);
    }
    message
}

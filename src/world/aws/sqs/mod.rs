//! SQS: standard and FIFO queues: visibility, redrive, retention, throttling, move tasks. Does not know who consumes.

mod attributes;
mod bell;
mod counts;
mod digest;
mod flow;
mod messages;
mod moves;
mod operations;
mod passes;
pub mod places;
mod queue;
mod receipt;
mod store;
mod throttle;

use super::arn::Arn;
use super::call::Fault;
pub use super::message::{Attribute, Draft, Principal, Received, Sent};
use super::service::{Effect, Operation, Service};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use flow::content_hash;
pub(super) use messages::read_attributes;
pub(super) use operations::caller;
pub use queue::{DEDUP_WINDOW, Queue};

/// The CloudFormation type of a queue.
pub const KIND: &str = "AWS::SQS::Queue";

pub static SERVICE: Service = Service {
    name: "sqs",
    doc: "message queues",
    operations: OPERATIONS,
    metrics: &[counts::SOURCE],
    logs: &[],
    meters: &[counts::METER],
};

const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    run: fn(&mut World, &super::call::Call) -> Result<super::call::Answer, Fault>,
) -> Operation {
    Operation { name, doc, effect, run }
}

/// Sorted by name, one a line.
static OPERATIONS: &[Operation] = &[
    row("AddPermission", "let another account use a queue", Effect::Write, operations::add_permission),
    row("CancelMessageMoveTask", "stop moving messages", Effect::Write, moves::cancel),
    row("ChangeMessageVisibility", "prolong or end a receive", Effect::Data, messages::change_message_visibility),
    row("ChangeMessageVisibilityBatch", "up to ten at once", Effect::Data, messages::change_message_visibility_batch),
    row("CreateQueue", "make a queue", Effect::Write, operations::create_queue),
    row("DeleteMessage", "a received message is done", Effect::Data, messages::delete_message),
    row("DeleteMessageBatch", "up to ten at once", Effect::Data, messages::delete_message_batch),
    row("DeleteQueue", "delete a queue with its messages", Effect::Write, operations::delete_queue),
    row("GetQueueAttributes", "how a queue is set up and stands", Effect::Read, operations::get_queue_attributes),
    row("GetQueueUrl", "a queue's URL by its name", Effect::Read, operations::get_queue_url),
    row(
        "ListDeadLetterSourceQueues",
        "whose dead letters come here",
        Effect::Read,
        operations::list_dead_letter_source_queues,
    ),
    row("ListMessageMoveTasks", "the latest move tasks", Effect::Read, moves::list),
    row("ListQueueTags", "a queue's tags", Effect::Read, operations::list_queue_tags),
    row("ListQueues", "all queues", Effect::Read, operations::list_queues),
    row("PurgeQueue", "delete every message", Effect::Write, operations::purge_queue),
    row("ReceiveMessage", "take messages for a while", Effect::Peek, messages::receive_message),
    row("RemovePermission", "take a permission back", Effect::Write, operations::remove_permission),
    row("SendMessage", "send a message", Effect::Data, messages::send_message),
    row("SendMessageBatch", "up to ten at once", Effect::Data, messages::send_message_batch),
    row("SetQueueAttributes", "change how a queue is set up", Effect::Write, operations::set_queue_attributes),
    row("StartMessageMoveTask", "move dead letters back", Effect::Write, moves::start),
    row("TagQueue", "add tags", Effect::Write, operations::tag_queue),
    row("UntagQueue", "remove tags", Effect::Write, operations::untag_queue),
];

/// State of the service, in all regions; what is listed is that of the region looked at.
#[derive(Clone, Debug, Default)]
pub struct Queues {
    /// Empty: all of them.
    region: Arc<str>,
    /// By ARN. There are few, and one of them changes with every message.
    live: BTreeMap<Arc<str>, Arc<Queue>>,
    /// Deleted queues with the time, for what they counted.
    gone: Arc<Vec<(Time, Arc<Queue>)>>,
}

impl Queues {
    pub fn get(&self, arn: &str) -> Option<&Queue> {
        self.live.get(arn).map(|queue| &**queue)
    }

    fn get_mut(&mut self, arn: &str) -> Option<&mut Queue> {
        self.live.get_mut(arn).map(Arc::make_mut)
    }

    fn insert(&mut self, queue: Queue) {
        self.live.insert(queue.arn.clone(), Arc::new(queue));
    }

    fn remove(&mut self, arn: &str, at: Time) {
        if let Some(queue) = self.live.remove(arn) {
            Arc::make_mut(&mut self.gone).push((at, queue));
        }
    }

    fn deleted_since(&self, arn: &str, since: Time) -> bool {
        self.gone.iter().any(|(at, queue)| *at > since && *queue.arn == *arn)
    }

    /// Looks at a region.
    pub fn look_at(&mut self, region: &Arc<str>) {
        self.region = Arc::clone(region);
    }

    /// Every queue of the region looked at, by ARN.
    pub fn iter(&self) -> impl Iterator<Item = &Queue> {
        self.live.values().map(|queue| &**queue).filter(|queue| self.here(queue))
    }

    /// Also the deleted ones, those first.
    pub fn ever(&self) -> impl Iterator<Item = &Queue> {
        self.everywhere().filter(|queue| self.here(queue))
    }

    /// The living and the deleted ones of all regions, those first.
    pub fn everywhere(&self) -> impl Iterator<Item = &Queue> {
        self.gone.iter().map(|(_, queue)| &**queue).chain(self.live.values().map(|queue| &**queue))
    }

    fn here(&self, queue: &Queue) -> bool {
        self.region.is_empty() || *self.region == *super::arn::region(&queue.arn)
    }

    /// The queues whose dead letters come to this one.
    pub fn sources_of<'q>(&'q self, arn: &'q str) -> impl Iterator<Item = &'q Queue> {
        self.iter().filter(move |queue| {
            let rules = queue.setup.rules.latest();
            rules.redrive.as_ref().is_some_and(|redrive| *redrive.target == *arn)
        })
    }

    /// Lets every queue live up to `at`.
    pub(super) fn settle(&mut self, at: Time) {
        if self.live.is_empty() {
            return;
        }
        for queue in self.live.values_mut() {
            Arc::make_mut(queue).settle(at);
        }
    }
}

/// What is under way here; queues by ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// One second of a move task.
    Move { queue: Arc<str>, task: Arc<str> },
    /// A delay or visibility timeout ends.
    Timer(Arc<str>),
    /// Something can be received.
    Wake(Arc<str>),
}

pub fn happen(world: &mut World, at: Time, due: Due) {
    match due {
        Due::Move { queue, task } => moves::step(world, at, &queue, &task),
        Due::Timer(queue) => bell::timer(world, at, &queue),
        Due::Wake(queue) => bell::wake(world, at, &queue),
    }
}

fn missing() -> Fault {
    Fault::new("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

/// How long a change of attributes takes to work: up to 60 seconds, of the retention period up to 15 minutes (SQS API
/// Reference, SetQueueAttributes). Drawn for each change.
fn propagation(seed: u64, queue: &str, at: Time) -> (Span, Span) {
    let mut dice = dice::Dice::new(seed).fork("sqs propagation").fork(queue).fork(&at.0.to_string());
    (Span::millis(dice.between(2_000, 60_000)), Span::millis(dice.between(60_000, 900_000)))
}

fn url_of(world: &World, name: &str) -> String {
    format!("https://sqs.{}.amazonaws.com/{}/{name}", world.aws.region, world.aws.id)
}

/// Sends one message at `at` (not before anything that has already happened).
pub fn send(world: &mut World, at: Time, queue: &str, draft: Draft, by: &Principal) -> Result<Sent, Fault> {
    let mut done = send_batch(world, at, queue, vec![draft], by)?;
    done.pop().unwrap_or_else(|| Err(missing()))
}

/// Sends up to ten messages as one call.
pub fn send_batch(
    world: &mut World,
    at: Time,
    queue: &str,
    drafts: Vec<Draft>,
    by: &Principal,
) -> Result<Vec<Result<Sent, Fault>>, Fault> {
    flow::allowed(world, at, queue, by, "sqs:SendMessage", None)?;
    flow::send(world, at, queue, drafts, by)
}

/// Sends for a service on behalf of a resource, as SNS does for a topic: the queue's policy must let it.
pub(super) fn send_for(
    world: &mut World,
    at: Time,
    queue: &str,
    draft: Draft,
    service: &Principal,
    source: &str,
) -> Result<Sent, Fault> {
    flow::allowed(world, at, queue, service, "sqs:SendMessage", Some(source))?;
    let mut done = flow::send(world, at, queue, vec![draft], service)?;
    done.pop().unwrap_or_else(|| Err(missing()))
}

/// Receives up to `max` (1–10) messages that are visible at `at`, by a short poll.
pub fn receive(
    world: &mut World,
    at: Time,
    queue: &str,
    max: usize,
    visibility: Option<Span>,
    by: &Principal,
) -> Result<Vec<Received>, Fault> {
    flow::allowed(world, at, queue, by, "sqs:ReceiveMessage", None)?;
    flow::receive(world, at, queue, flow::Wish { max, visibility, long: false }, by)
}

/// What a long poll of up to `max` (1–10) messages finds at `at`; whoever finds nothing waits on, see [`polling`].
pub fn receive_long(
    world: &mut World,
    at: Time,
    queue: &str,
    max: usize,
    by: &Principal,
) -> Result<Vec<Received>, Fault> {
    flow::allowed(world, at, queue, by, "sqs:ReceiveMessage", None)?;
    flow::receive(world, at, queue, flow::Wish { max, visibility: None, long: true }, by)
}

/// How long a receive waits that says nothing of it: `ReceiveMessageWaitTimeSeconds` (SQS API Reference, ReceiveMessage).
pub fn waits(world: &World, at: Time, queue: &str) -> Span {
    world.aws.queues.get(queue).map_or(Span::ZERO, |queue| queue.rules(at).wait)
}

/// Deletes what a receipt stands for.
pub fn delete(world: &mut World, at: Time, queue: &str, receipt: &str, by: &Principal) -> Result<(), Fault> {
    flow::allowed(world, at, queue, by, "sqs:DeleteMessage", None)?;
    flow::delete(world, at, queue, &[receipt])?.pop().unwrap_or(Ok(()))
}

/// Deletes up to ten messages as one call.
pub fn delete_batch(
    world: &mut World,
    at: Time,
    queue: &str,
    receipts: &[Arc<str>],
    by: &Principal,
) -> Result<Vec<Result<(), Fault>>, Fault> {
    flow::allowed(world, at, queue, by, "sqs:DeleteMessage", None)?;
    let receipts: Vec<&str> = receipts.iter().map(|receipt| &**receipt).collect();
    flow::delete(world, at, queue, &receipts)
}

/// Lets a received message be invisible for `timeout` from now; zero gives it back at once.
pub fn change_visibility(
    world: &mut World,
    at: Time,
    queue: &str,
    receipt: &str,
    timeout: Span,
    by: &Principal,
) -> Result<(), Fault> {
    flow::allowed(world, at, queue, by, "sqs:ChangeMessageVisibility", None)?;
    flow::change_visibility(world, at, queue, &[(receipt, timeout)])?.pop().unwrap_or(Ok(()))
}

/// Says that from `at` on `who` keeps `pollers` idle polls open on a queue, each as long as its reader's `wait` or, without
/// one, as the queue's: they are charged and counted as empty receives. Who does not wait at all asks once a second (the
/// pause of a program's loop; ours).
pub fn polling(world: &mut World, at: Time, queue: &str, who: &str, pollers: u32, wait: impl Into<Option<Span>>) {
    if let Some(queue) = world.aws.queues.get_mut(queue) {
        queue.settle(at);
        let own = queue.rules(at).wait;
        queue.counts.poll(at, who, (pollers, wait.into()), own);
    }
}

/// The queue's ARN behind its URL, if there is such a queue in the region looked at.
pub fn arn_of_url(world: &World, url: &str) -> Option<Arc<str>> {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    // `sqs.REGION.amazonaws.com`: what another region's endpoint has is not here.
    let region = parts.next().and_then(|host| host.strip_prefix("sqs.")?.split('.').next());
    let is =
        |arn: Arn| arn.resource == name && arn.account == account && region.is_none_or(|region| region == arn.region);
    let mut queues = world.aws.queues.iter().map(|queue| &queue.arn);
    queues.find(|arn| Arn::parse(arn).is_some_and(is)).cloned()
}

/// The MD5 digest of a message's body in hexadecimal digits.
pub fn md5(body: &str) -> String {
    digest::of_body(body)
}

/// Queues with their tags, for whoever asks across services.
pub fn tagged(world: &World) -> Vec<super::tagging::Tagged> {
    world.aws.queues.iter().map(tags_of).collect()
}

/// Deleted queues with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<super::tagging::Tagged> {
    let queues = &world.aws.queues;
    queues.gone.iter().map(|(_, queue)| &**queue).filter(|queue| queues.here(queue)).map(tags_of).collect()
}

fn tags_of(queue: &Queue) -> super::tagging::Tagged {
    super::tagging::Tagged {
        arn: queue.arn.to_string(),
        kind: "AWS::SQS::Queue",
        name: queue.name.clone(),
        tags: (*queue.setup.tags).clone(),
    }
}

/// Weather: from a time on, so many in a thousand deletions of a standard queue miss a copy of the message, until a time if it
/// ends. A queue that nobody made, or that was made after a time, is passed over.
pub fn miss_copies(
    world: &mut World,
    (name, made_by): (&str, Time),
    (from, until): (Time, Option<Time>),
    per_mille: u64,
) {
    let mut queues = world.aws.queues.live.values_mut().map(Arc::make_mut);
    let Some(queue) = queues.find(|queue| *queue.name == *name && queue.setup.created <= made_by) else { return };
    queue.setup.missed.set_forgetting(from, per_mille);
    if let Some(until) = until {
        queue.setup.missed.set_forgetting(until, 0);
    }
}

//! Polling programs: who receives from which queue, what a message comes to, and when it is deleted. Messages of one batch
//! are worked on one after the other. Does not know how a queue keeps its messages.

use super::doing::{Came, Doing, Mail};
use super::spec::{Consumer, Deletes, Refusal, RefusalWhen};
use super::{Due, env, holds, note, principal, push_due, queue_arn, short};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::InstanceId;
use crate::world::apps::dial::call;
use crate::world::apps::instance::Instance;
use crate::world::aws::call::Fault;
use crate::world::aws::message::Received;
use crate::world::aws::{kms, ses, sqs};
use crate::world::ledger::Row;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A poller whose receive failed tries again after this: the estate's consumers share one library.
const RECEIVE_BACKOFF: Span = Span::secs(20);
/// Workers of one process begin so far apart.
const STAGGER: Span = Span::millis(37);
/// Characters of a message that a program quotes in its log.
const BODY_SHOWN: usize = 80;
/// Pollers of one queue; further ones are not started.
const POLLERS_MAX: usize = 500;

/// Who polls which queue, by its ARN.
#[derive(Clone, Debug, Default)]
pub struct Pollers {
    by_queue: Arc<BTreeMap<Arc<str>, Vec<Poller>>>,
    next: u64,
}

/// One worker of one process.
#[derive(Clone, Debug)]
struct Poller {
    id: u64,
    instance: InstanceId,
    consumer: Arc<Consumer>,
    /// Since when it waits for a message; `None`: it works.
    idle: Option<Time>,
    /// Received and not yet begun.
    batch: VecDeque<Received>,
    job: Option<Job>,
    /// Receipts of what was done and is deleted with the rest of its batch.
    done: Vec<Arc<str>>,
}

/// A message as it is worked on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// `None`: it names no order.
    pub order: Option<u32>,
    pub mail: Mail,
    pub receipt: Arc<str>,
    pub receive: u32,
    pub took: Span,
    pub partner: Span,
    pub failure: Option<Failure>,
}

/// Why a message was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub reason: Arc<str>,
    pub error: Arc<str>,
    pub line: Option<Arc<str>>,
}

impl Pollers {
    pub fn polls(&self, queue: &str) -> bool {
        self.by_queue.contains_key(queue)
    }

    fn of(&mut self, queue: &str) -> Option<&mut Vec<Poller>> {
        Arc::make_mut(&mut self.by_queue).get_mut(queue)
    }

    fn get(&mut self, queue: &str, id: u64) -> Option<&mut Poller> {
        self.of(queue)?.iter_mut().find(|poller| poller.id == id)
    }
}

fn pollers(world: &mut World) -> &mut Pollers {
    &mut world.apps.work.pollers
}

/// How many pollers of a queue wait for a message.
pub fn idle(world: &World, queue: &str) -> usize {
    let pollers = world.apps.work.pollers.by_queue.get(queue);
    pollers.map_or(0, |pollers| pollers.iter().filter(|poller| poller.idle.is_some()).count())
}

/// A process listens: its workers begin to poll.
pub fn up(world: &mut World, at: Time, id: InstanceId) {
    let Some(instance) = world.apps.instance(id).cloned().filter(|instance| instance.runs_at(at)) else { return };
    let Some(work) = instance.app().and_then(|app| app.work.clone()) else { return };
    for consumer in work.consumers.values() {
        let url = env(&instance, &consumer.queue);
        if consumer.queue.is_empty() || !holds(world, &instance, &consumer.only, at, 0) {
            continue;
        }
        let Some(queue) = queue_arn(url) else { continue };
        let mut begun = Vec::new();
        let all = pollers(world);
        let list = Arc::make_mut(&mut all.by_queue).entry(Arc::clone(&queue)).or_default();
        for _ in 0..consumer.workers {
            if list.len() < POLLERS_MAX {
                let (id, consumer) = (all.next, Arc::clone(consumer));
                all.next += 1;
                begun.push(id);
                let (batch, job, done) = (VecDeque::new(), None, Vec::new());
                list.push(Poller { id, instance: instance.id, consumer, idle: None, batch, job, done });
            }
        }
        sqs::polling(world, at, &queue, &instance.launch.pod, begun.len() as u32, consumer.wait);
        for (n, poller) in begun.into_iter().enumerate() {
            let queue = Arc::clone(&queue);
            push_due(world, at + Span(STAGGER.0 * n as i64), Due::Turn { queue, poller });
        }
    }
}

/// A process has ended: what it had received comes back when its visibility ends.
pub fn down(world: &mut World, at: Time, id: InstanceId) {
    let Some(instance) = world.apps.instance(id).cloned() else { return };
    let mut left: Vec<Arc<str>> = Vec::new();
    for (queue, list) in Arc::make_mut(&mut pollers(world).by_queue) {
        let before = list.len();
        list.retain(|poller| poller.instance != id);
        if list.len() < before {
            left.push(Arc::clone(queue));
        }
    }
    for queue in left {
        sqs::polling(world, at, &queue, &instance.launch.pod, 0, None);
    }
}

/// The poller that has waited longest asks its queue.
pub fn woken(world: &mut World, at: Time, queue: &Arc<str>) {
    let Some(list) = world.apps.work.pollers.by_queue.get(queue) else { return };
    let alive = |poller: &&Poller| {
        let instance = world.apps.instance(poller.instance);
        instance.is_some_and(|instance| receives(instance, at))
    };
    let waiting = list.iter().filter(|poller| poller.idle.is_some()).filter(alive);
    let Some(chosen) = waiting.min_by_key(|poller| (poller.idle, poller.id)).map(|poller| poller.id) else { return };
    if let Some(poller) = pollers(world).get(queue, chosen) {
        poller.idle = None;
    }
    turn(world, at, queue, chosen);
}

/// Whether a process asks for messages at a time: not after SIGTERM.
fn receives(instance: &Instance, at: Time) -> bool {
    instance.runs_at(at) && instance.term.is_none_or(|term| at < term)
}

/// A poller finishes its message, begins the next, or asks for more.
pub fn turn(world: &mut World, at: Time, queue: &Arc<str>, id: u64) {
    let Some(poller) = pollers(world).get(queue, id) else { return };
    let (job, consumer, instance) = (poller.job.take(), Arc::clone(&poller.consumer), poller.instance);
    // Whoever has ended does no more: `down` takes its pollers away.
    let Some(instance) = world.apps.instance(instance).cloned().filter(|instance| instance.runs_at(at)) else { return };
    if let Some(job) = job {
        conclude(world, at, &instance, &consumer, &job, Some(queue));
        settle(world, at, (&instance, &consumer), &job, (queue, id));
    }
    let Some(poller) = pollers(world).get(queue, id) else { return };
    let mut next = poller.batch.pop_front();
    if next.is_none() && receives(&instance, at) {
        let Some(batch) = receive(world, at, &instance, &consumer, queue) else {
            let queue = Arc::clone(queue);
            return push_due(world, at + RECEIVE_BACKOFF, Due::Turn { queue, poller: id });
        };
        let Some(poller) = pollers(world).get(queue, id) else { return };
        poller.idle = batch.is_empty().then_some(at);
        poller.batch = batch.into();
        next = poller.batch.pop_front();
    }
    let Some(next) = next else { return };
    let job = take(world, at, &instance, &consumer, next, queue);
    let after = at + job.took;
    if let Some(poller) = pollers(world).get(queue, id) {
        poller.job = Some(job);
    }
    push_due(world, after, Due::Turn { queue: Arc::clone(queue), poller: id });
}

/// What is left of a batch after one of its messages: what must not overtake a failed one is given back, and what was
/// done is deleted together.
fn settle(
    world: &mut World,
    at: Time,
    (instance, consumer): (&Arc<Instance>, &Consumer),
    job: &Job,
    (queue, id): (&Arc<str>, u64),
) {
    let holds_up = job.failure.is_some() && consumer.in_order;
    if !holds_up && consumer.deletes != Deletes::Together {
        return;
    }
    let Some(poller) = pollers(world).get(queue, id) else { return };
    let mut back: Vec<Arc<str>> = Vec::new();
    if job.failure.is_none() && consumer.deletes == Deletes::Together {
        poller.done.push(Arc::clone(&job.receipt));
    }
    if holds_up {
        let behind = |message: &Received| message.group.as_ref().is_some_and(|group| *group == job.mail.attrs);
        back.extend(poller.batch.iter().filter(|message| behind(message)).map(|message| Arc::clone(&message.receipt)));
        poller.batch.retain(|message| !behind(message));
    }
    let done = if poller.batch.is_empty() { std::mem::take(&mut poller.done) } else { Vec::new() };
    let by = principal(world, instance);
    for receipt in back.iter().filter(|_| consumer.deletes != Deletes::Before) {
        if let Some(after) = consumer.retry_after {
            let _gone_already = sqs::change_visibility(world, at, queue, receipt, after, &by);
        }
    }
    if done.is_empty() {
        return;
    }
    let faults = match sqs::delete_batch(world, at, queue, &done, &by) {
        Ok(results) => results.into_iter().filter_map(Result::err).collect(),
        Err(fault) => vec![fault],
    };
    if let Some(fault) = faults.first() {
        let doing =
            Doing { mail: job.mail.clone(), nth: job.receive, count: faults.len() as u32, ..blank(at, instance, job) };
        not_deleted(world, consumer, doing, "DeleteMessageBatch", fault);
    }
}

fn blank(at: Time, instance: &Instance, job: &Job) -> Doing {
    Doing::new(at, instance, &Arc::from(""), job.order.unwrap_or(0))
}

/// Writes down that a message was done, but is still in its queue.
fn not_deleted(world: &mut World, consumer: &Consumer, doing: Doing, operation: &str, fault: &Fault) {
    let error = format!("operation error SQS: {operation}, {}: {}", fault.code, fault.message);
    let came = Came { outcome: Arc::from(&*fault.code), error: Arc::from(error) };
    let name = Arc::from(format!("{}-delete", consumer.name));
    note(world, Doing { name, came, line: consumer.lines.failed.clone(), ..doing });
}

/// Asks the queue; `None`: it refused.
fn receive(
    world: &mut World,
    at: Time,
    instance: &Arc<Instance>,
    consumer: &Consumer,
    queue: &Arc<str>,
) -> Option<Vec<Received>> {
    let by = principal(world, instance);
    let most = env(instance, &consumer.batch_env).parse::<u64>().unwrap_or(consumer.batch).clamp(1, 10);
    let wait = consumer.wait.unwrap_or_else(|| sqs::waits(world, at, queue));
    let asked = match wait {
        Span::ZERO => sqs::receive(world, at, queue, most as usize, None, &by),
        _ => sqs::receive_long(world, at, queue, most as usize, &by),
    };
    let fault = match asked {
        Ok(batch) => {
            if consumer.deletes == Deletes::Before && !batch.is_empty() {
                let receipts: Vec<Arc<str>> = batch.iter().map(|message| Arc::clone(&message.receipt)).collect();
                let _refused_ones_come_back = sqs::delete_batch(world, at, queue, &receipts, &by);
            }
            return Some(batch);
        }
        Err(fault) => fault,
    };
    let error = format!("operation error SQS: ReceiveMessage, {}: {}", fault.code, fault.message);
    let doing = Doing {
        line: consumer.lines.receive.clone(),
        came: Came { outcome: Arc::from(fault.code), error: Arc::from(error) },
        mail: Mail { to: short(queue), ..Mail::default() },
        count: 0,
        ..Doing::new(at, instance, &Arc::from(format!("{}-receive", consumer.name)), 0)
    };
    note(world, doing);
    None
}

/// Begins the work on a received message.
fn take(world: &World, at: Time, instance: &Instance, consumer: &Consumer, message: Received, queue: &str) -> Job {
    let lot = dice::at(world.seed, dice::hash_name(&message.message_id), u64::from(message.receive_count));
    let order = world.ledger.named(&message.body);
    let mut job = judge(world, at, instance, consumer, order, lot);
    if let Some(failure) = job.failure.as_mut().filter(|_| order.is_none()) {
        // What a program cannot make sense of, it quotes.
        let body: String = message.body.chars().take(BODY_SHOWN).collect();
        failure.error = Arc::from(format!("{}: {}", failure.error, body.replace('"', "\\\"")));
    }
    let sns = message.sns_message_id.unwrap_or_default();
    // What keeps it in order with others.
    let attrs = message.group.unwrap_or_default();
    let mail = Mail { id: message.message_id, sns, to: short(queue), attrs };
    Job { mail, receipt: message.receipt, receive: message.receive_count, ..job }
}

/// What the work on a message begun at a time comes to: how long it takes, and why it fails if it does.
pub fn judge(world: &World, at: Time, instance: &Instance, consumer: &Consumer, order: Option<u32>, lot: u64) -> Job {
    let own = consumer.pace.takes + Span((dice::at(lot, 1, 0) % (consumer.pace.jitter.0.max(0) as u64 + 1)) as i64);
    let mut job = Job { order, took: own, receive: 1, ..Job::default() };
    let known = order.and_then(|number| world.ledger.order(number));
    let fail = |reason: &str, error: &str| {
        let (reason, error) = (Arc::from(reason), Arc::from(error));
        Some(Failure { reason, error, line: consumer.lines.failed.clone() })
    };
    let Some(known) = known else {
        job.failure = fail("unknown_order", "no such order");
        return job;
    };
    if written(world, instance, consumer, known.number) {
        return job;
    }
    let traits = world.ledger.traits_of(known);
    let refused = |partner_failed: bool| {
        let mut rules = consumer.rules.iter().enumerate().filter(|(_, rule)| {
            let of_partner = rule.when == RefusalWhen::PartnerFailed;
            of_partner == partner_failed
        });
        rules.find_map(|(index, rule)| {
            let error = match &rule.when {
                RefusalWhen::PartnerFailed => true,
                RefusalWhen::Share { per_mille } => dice::at(lot, 8, index as u64) % 1_000 < *per_mille,
                RefusalWhen::Trait { name } => traits.contains(&&**name),
                RefusalWhen::KeyDenied { action, key, traits: meant } => {
                    if !meant.is_empty() && !meant.iter().any(|name| traits.contains(&&**name)) {
                        return None;
                    }
                    let by = principal(world, instance);
                    let fault = kms::may_use(world, at, key, &by, action).err()?;
                    let said = format!("{}: {}", fault.code, fault.message);
                    return Some((rule, Arc::from(rule.error.replace("{denied}", &said))));
                }
            };
            error.then(|| (rule, Arc::clone(&rule.error)))
        })
    };
    let failure = |(rule, error): (&Refusal, Arc<str>)| Failure {
        reason: Arc::clone(&rule.reason),
        error,
        line: rule.line.clone().or_else(|| consumer.lines.failed.clone()),
    };
    job.failure = refused(false).map(failure);
    if job.failure.is_some() {
        return job;
    }
    let longer = consumer.pace.by_trait.iter().filter(|(name, _)| traits.contains(&name.as_str()));
    job.took = job.took + longer.map(|(_, span)| *span).max().unwrap_or(Span::ZERO);
    if let Some(partner) = partner_of(world, instance, consumer) {
        if let Some(error) = call::barred(world, instance, partner, at + job.took, lot) {
            (job.partner, job.took) = (call::PATIENCE, job.took + call::PATIENCE);
            job.failure = refused(true).map(failure).or_else(|| fail("partner_failed", &error));
            return job;
        }
        let called = world.partners.call(partner, at + job.took, &traits, lot);
        (job.partner, job.took) = (called.took, job.took + called.took);
        if called.refused {
            let says = world.partners.get(partner).map_or("", |own| own.mood_at(at).refuses.says.as_str());
            job.failure = fail("partner_refused", &format!("{partner}: {says}"));
        } else if !called.ok {
            let own = refused(true).map(failure);
            job.failure = own.or_else(|| fail("partner_failed", &format!("{partner}: 503 Service Unavailable")));
        }
    }
    job
}

/// The partner that a program calls: the one its variable names if there is such a partner, else its usual one.
fn partner_of<'a>(world: &World, instance: &'a Instance, consumer: &'a Consumer) -> Option<&'a str> {
    let named = env(instance, &consumer.pace.calls_env);
    let known = Some(named).filter(|name| !name.is_empty() && world.partners.get(name).is_some());
    known.or(consumer.pace.calls.as_deref())
}

/// Whether an order that a consumer does only once has been done.
fn written(world: &World, instance: &Instance, consumer: &Consumer, order: u32) -> bool {
    let once = consumer.writes.unique || env(instance, &consumer.writes.unique_env) == "true";
    once && consumer.writes.tables.first().is_some_and(|table| world.ledger.slot(table, order).full.is_some())
}

/// The letter to the order's customer, if the work has one: its id at SES.
fn letter(
    world: &mut World,
    at: Time,
    instance: &Arc<Instance>,
    consumer: &Consumer,
    order: u32,
) -> Result<Arc<str>, Failure> {
    let none = Ok(Arc::default());
    let Some(mails) = consumer.pace.mails.as_ref().filter(|_| world.aws.mail.described()) else { return none };
    let Some(to) = world.ledger.order(order).map(|order| order.customer()) else { return none };
    let region = Some(env(instance, &mails.region)).filter(|region| !region.is_empty());
    let region = region.map_or_else(|| world.aws.region.to_string(), str::to_string);
    let by = principal(world, instance);
    let letter = ses::Letter {
        from: Arc::from(env(instance, &mails.sender)),
        to: Arc::from(to),
        set: Arc::from(env(instance, &mails.set)),
        order,
    };
    ses::send(world, at, &region, letter, &by).map_err(|fault| Failure {
        reason: Arc::from(fault.code.as_str()),
        error: Arc::from(format!("operation error SESv2: SendEmail, {}: {}", fault.code, fault.message)),
        line: consumer.lines.failed.clone(),
    })
}

/// The work on a message is over: the books, the log, and the queue it came from.
pub fn conclude(
    world: &mut World,
    at: Time,
    instance: &Arc<Instance>,
    consumer: &Consumer,
    job: &Job,
    queue: Option<&Arc<str>>,
) {
    let order = job.order.unwrap_or(0);
    let mut doing = Doing {
        mail: job.mail.clone(),
        took: job.took,
        partner: job.partner,
        nth: job.receive,
        ..Doing::new(at, instance, &consumer.name, order)
    };
    let mut failure = job.failure.clone();
    let mut again = written(world, instance, consumer, order);
    if failure.is_none() && !again {
        match letter(world, at, instance, consumer, order) {
            Ok(id) if id.is_empty() => {}
            Ok(id) => {
                doing.mail.attrs = id;
                again = written(world, instance, consumer, order);
            }
            Err(failed) => failure = Some(failed),
        }
    }
    if let Some(failure) = &failure {
        doing.line.clone_from(&failure.line);
        doing.came = Came { outcome: Arc::clone(&failure.reason), error: Arc::clone(&failure.error) };
        note(world, doing);
        let held = queue.filter(|_| consumer.deletes != Deletes::Before);
        if let (Some(queue), Some(after)) = (held, consumer.retry_after) {
            let by = principal(world, instance);
            let _gone_already = sqs::change_visibility(world, at, queue, &job.receipt, after, &by);
        }
        return;
    }
    doing.line.clone_from(if again { &consumer.lines.again } else { &consumer.lines.done });
    if again {
        doing.came.outcome = Arc::from("again");
    } else {
        let value = world.ledger.order(order).map_or(0, |order| order.amount);
        for table in &consumer.writes.tables {
            let message = if job.mail.id.is_empty() { &job.mail.sns } else { &job.mail.id };
            let (by, message) = (Arc::clone(&instance.launch.pod), Arc::clone(message));
            world.ledger.write(table, Row { at, order, by, message, value });
        }
    }
    let kept = match (queue, consumer.deletes) {
        (Some(queue), Deletes::After) => {
            let by = principal(world, instance);
            sqs::delete(world, at, queue, &job.receipt, &by).err()
        }
        _ => None,
    };
    match kept {
        None => note(world, doing),
        Some(fault) => {
            note(world, doing.clone());
            not_deleted(world, consumer, doing, "DeleteMessage", &fault);
        }
    }
}

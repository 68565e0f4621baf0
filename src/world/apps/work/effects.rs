//! What follows an answered request: the order is written down, published, sent or told to others. Does not know who
//! receives it.

use super::doing::{Came, Doing, Mail};
use super::spec::{Does, Effect, Files, Letter, Tries};
use super::{Due, env, holds, note, principal, push, push_due, short};
use crate::stdx::dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::apps::InstanceId;
use crate::world::apps::instance::{Instance, fill_from};
use crate::world::apps::routing::{self, Landed};
use crate::world::aws::call::Fault;
use crate::world::aws::message::{Attribute, Draft};
use crate::world::aws::{sns, sqs};
use crate::world::ledger::{Order, STAFF};
use crate::world::traffic::Arrival;
use std::borrow::Cow;
use std::sync::Arc;

/// Messages that one batch call may carry (SQS: at most 10 entries).
const BATCH: usize = 10;

/// An attempt after the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    instance: InstanceId,
    route: Arc<str>,
    /// Which of the route's effects.
    effect: usize,
    order: u32,
    nth: u32,
    /// Which of its messages are left.
    parts: Vec<u32>,
}

/// One effect as it is tried at a time.
struct Attempt<'a> {
    at: Time,
    instance: &'a Arc<Instance>,
    effect: &'a Effect,
    /// Where to find it again.
    place: (&'a Arc<str>, usize),
    order: u32,
    nth: u32,
    of: u32,
    parts: Vec<u32>,
}

/// Lets the effects of an answered request begin.
pub fn begin(world: &mut World, at: Time, instance: InstanceId, route: &Arc<str>, arrival: &Arrival) {
    let Some(instance) = world.apps.instance(instance).cloned() else { return };
    let Some(app) = instance.app().cloned() else { return };
    let Some(spec) = app.routes.get(&**route) else { return };
    let mut order = 0;
    for (index, effect) in spec.effects.iter().enumerate() {
        if !holds(world, &instance, &effect.only, at, order) {
            continue;
        }
        if matches!(effect.does, Does::Order) {
            order = place(world, at, &instance, arrival);
            let line = effect.line.clone();
            note(world, Doing { line, ..Doing::new(at, &instance, &effect.name, order) });
        } else if order != 0 {
            let of = attempts(&instance, effect);
            let (place, parts) = ((route, index), Vec::new());
            attempt(world, Attempt { at, instance: &instance, effect, place, order, nth: 1, of, parts });
        }
    }
}

/// Tries an effect once more, if its process still runs.
pub fn again(world: &mut World, at: Time, again: Again) {
    let Some(instance) = world.apps.instance(again.instance).cloned() else { return };
    let Some(app) = instance.app().cloned().filter(|_| instance.runs_at(at)) else { return };
    let Some(effect) = app.routes.get(&*again.route).and_then(|route| route.effects.get(again.effect)) else { return };
    let Again { effect: index, order, nth, parts, .. } = again;
    let (of, place) = (attempts(&instance, effect), (&again.route, index));
    attempt(world, Attempt { at, instance: &instance, effect, place, order, nth, of, parts });
}

fn tries(effect: &Effect) -> Option<&Tries> {
    match &effect.does {
        Does::Order => None,
        Does::Publish { tries, .. } | Does::Send { tries, .. } | Does::Notify { tries, .. } => Some(tries),
    }
}

fn attempts(instance: &Instance, effect: &Effect) -> u32 {
    let Some(tries) = tries(effect) else { return 1 };
    let retries = env(instance, &tries.retries_env).parse::<u64>().ok().filter(|_| !tries.retries_env.is_empty());
    retries.map_or(tries.attempts, |retries| retries.min(19) + 1) as u32
}

/// Writes the order of an arrival into the books; its number.
fn place(world: &mut World, at: Time, instance: &Instance, arrival: &Arrival) -> u32 {
    book(world, at, arrival, &instance.launch.pod)
}

/// Writes an arrival into the books as an order taken by a pod or an API; its number.
pub fn book(world: &mut World, at: Time, arrival: &Arrival, by: &str) -> u32 {
    let stream = world.apps.estate.streams.get(&*arrival.stream);
    let staff = stream.map_or(STAFF, |stream| stream.staff).min(1_000) as u16;
    let declared = stream.map(|stream| &stream.traits);
    let mut traits = 0;
    for (bit, name) in world.ledger.traits().iter().enumerate() {
        let per_mille = declared.and_then(|traits| traits.get(&**name)).copied().unwrap_or(0);
        // A trait's name, not its place, decides: another trait more changes no order's.
        if dice::at(arrival.key, 9, dice::hash_name(name)) % 1_000 < per_mille {
            traits |= 1 << bit;
        }
    }
    let price = world.skus.get(&arrival.sku).and_then(|row| row.column_at("price", arrival.at));
    let amount = price.and_then(|price| price.parse().ok()).unwrap_or(0);
    world.ledger.place(Order {
        number: 0,
        at,
        key: arrival.key,
        basket: arrival.basket,
        sku: Arc::clone(&arrival.sku),
        amount,
        traits,
        by: Arc::from(by),
        trial: arrival.trial,
        staff,
    })
}

fn attempt(world: &mut World, attempt: Attempt) {
    match &attempt.effect.does {
        Does::Order => {}
        Does::Publish { topic, letter, .. } => publish(world, &attempt, topic, letter),
        Does::Send { queue, letter, files, .. } => send(world, &attempt, queue, letter, files),
        Does::Notify { namespace, service, route, tries } => {
            notify(world, &attempt, (namespace, service, route), tries);
        }
    }
}

impl Attempt<'_> {
    fn doing(&self) -> Doing {
        let line = self.effect.line.clone();
        let (nth, of) = (self.nth, self.of);
        Doing { line, nth, of, ..Doing::new(self.at, self.instance, &self.effect.name, self.order) }
    }

    fn failed(&self, outcome: &str, error: impl Into<Arc<str>>, mail: Mail, count: u32) -> Doing {
        let came = Came { outcome: Arc::from(outcome), error: error.into() };
        Doing { came, mail, count, line: self.effect.failed_line.clone(), ..self.doing() }
    }

    /// Whether the answer to this attempt is lost on its way back.
    fn doubted(&self, order: &Order) -> bool {
        let doubles = tries(self.effect).filter(|_| self.nth == 1 && self.of > 1).map_or(0, |tries| tries.doubles);
        dice::at(order.key, dice::hash_name("answer lost"), dice::hash_name(&self.effect.name)) % 1_000 < doubles
    }

    /// What was sent was taken, and the program does not know.
    fn lost(&self, world: &mut World, mail: Mail, parts: Vec<u32>) -> Doing {
        self.retry(world, parts);
        let error = "operation timed out: request send failed, context deadline exceeded";
        self.failed("timeout", error, mail, 1)
    }

    /// Comes back to what failed, if it may.
    fn retry(&self, world: &mut World, parts: Vec<u32>) {
        let Some(tries) = tries(self.effect).filter(|_| self.nth < self.of) else { return };
        let (route, effect) = self.place;
        let (instance, order, nth) = (self.instance.id, self.order, self.nth + 1);
        let again = Again { instance, route: Arc::clone(route), effect, order, nth, parts };
        push_due(world, self.at + tries.backoff, Due::Again(Box::new(again)));
    }
}

/// A service's refusal as its SDK words it.
fn worded(operation: &str, fault: &Fault) -> String {
    let (status, code) = (fault.status, &fault.code);
    format!("operation error {operation}, https response error StatusCode: {status}, {code}: {}", fault.message)
}

fn publish(world: &mut World, attempt: &Attempt, topic: &str, letter: &Letter) {
    // Some have it in their code.
    let arn = if topic.starts_with("arn:") { topic } else { env(attempt.instance, topic) };
    let Some(order) = world.ledger.order(attempt.order).cloned() else { return };
    let (draft, attrs) = write(world, &order, letter);
    let mail = Mail { to: short(arn), attrs, ..Mail::default() };
    let by = principal(world, attempt.instance);
    let doing = match sns::publish(world, attempt.at, arn, draft, &by) {
        Ok(_) if attempt.doubted(&order) => attempt.lost(world, mail, Vec::new()),
        Ok(id) => Doing { mail: Mail { id, ..mail }, ..attempt.doing() },
        Err(fault) => {
            attempt.retry(world, Vec::new());
            attempt.failed(&fault.code, worded("SNS: Publish", &fault), mail, 1)
        }
    };
    note(world, doing);
}

fn send(world: &mut World, attempt: &Attempt, queue: &str, letter: &Letter, files: &Files) {
    let url = env(attempt.instance, queue);
    let Some(order) = world.ledger.order(attempt.order).cloned() else { return };
    let (draft, attrs) = write(world, &order, letter);
    let mail = Mail { to: short(url), attrs, ..Mail::default() };
    let by = principal(world, attempt.instance);
    let arn = super::queue_arn(url).unwrap_or_else(|| Arc::from(url));
    let batched = env(attempt.instance, &files.batch_env) == "true"
        || (!files.batch_flag.is_empty() && world.flags.on_at(&files.batch_flag, attempt.at));
    let parts = if attempt.parts.is_empty() { (0..files.count as u32).collect() } else { attempt.parts.clone() };
    let name = world.ledger.name(order.number);
    let draft_of = |part: u32| Draft {
        group: named(&name, &files.group, &order, part),
        dedup: named(&name, &files.dedup, &order, part),
        ..draft.clone()
    };
    let doubted = attempt.doubted(&order);
    let (mut sent, mut first, mut left) = (0, Arc::default(), Vec::new());
    // One line for all that came back with the same answer.
    let mut failures: Vec<(Fault, u32)> = Vec::new();
    let operation = if batched { "SQS: SendMessageBatch" } else { "SQS: SendMessage" };
    for piece in parts.chunks(if batched { BATCH } else { 1 }) {
        let results = if batched {
            let drafts = piece.iter().map(|part| draft_of(*part)).collect();
            sqs::send_batch(world, attempt.at, &arn, drafts, &by)
        } else {
            let one = piece.first().copied().unwrap_or_default();
            sqs::send(world, attempt.at, &arn, draft_of(one), &by).map(|sent| vec![Ok(sent)])
        };
        let results = results.unwrap_or_else(|fault| piece.iter().map(|_| Err(fault.clone())).collect());
        for (part, result) in piece.iter().zip(results) {
            match result {
                Ok(done) => (sent, first) = (sent + 1, done.message_id),
                Err(fault) => {
                    left.push(*part);
                    match failures.iter_mut().find(|(known, _)| known.code == fault.code) {
                        Some((_, count)) => *count += 1,
                        None => failures.push((fault, 1)),
                    }
                }
            }
        }
    }
    for (fault, count) in failures {
        note(world, attempt.failed(&fault.code, worded(operation, &fault), mail.clone(), count));
    }
    if sent > 0 && doubted {
        let doing = attempt.lost(world, mail, parts);
        return note(world, Doing { count: sent, ..doing });
    }
    if sent > 0 {
        note(world, Doing { mail: Mail { id: first, ..mail }, count: sent, ..attempt.doing() });
    }
    if !left.is_empty() {
        attempt.retry(world, left);
    }
}

fn notify(world: &mut World, attempt: &Attempt, to: (&str, &str, &str), tries: &Tries) {
    let (namespace, service, route) = to;
    let Some(order) = world.ledger.order(attempt.order) else { return };
    let lot = dice::at(order.key, dice::hash_name(service), 100 + u64::from(attempt.nth));
    let mail = Mail { to: Arc::from(format!("{service}.{namespace}")), ..Mail::default() };
    let landed = match routing::connect(world, namespace, service, attempt.at, lot) {
        Landed::On(instance) => Some(Arc::clone(instance)),
        // A Service without a ready address is refused by the node's rules (REJECT), like a port where nothing listens.
        Landed::Nobody | Landed::Refused => None,
    };
    let came = match landed {
        None => Err(("refused", "dial tcp {ip}:80: connect: connection refused".to_string())),
        Some(callee) => {
            let (status, took) = push::serve(world, attempt.at, &callee, route, Some(attempt.order), &Mail::default());
            match status {
                // Go's net/http words for a client's own timeout.
                _ if took > tries.timeout => Err((
                    "timeout",
                    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)".into(),
                )),
                200..=299 => Ok(took),
                status => Err(("status", format!("unexpected status {status}"))),
            }
        }
    };
    let doing = match came {
        Ok(took) => Doing { mail, took, ..attempt.doing() },
        Err((outcome, error)) => {
            attempt.retry(world, Vec::new());
            attempt.failed(outcome, error, mail, 1)
        }
    };
    note(world, doing);
}

/// `{order}`, `{sku}`, `{n}` and so on in a text.
fn named(name: &str, text: &str, order: &Order, part: u32) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| Arc::from(filled(name, text, order, part)))
}

fn filled(called: &str, text: &str, order: &Order, part: u32) -> String {
    if !text.contains('{') {
        return text.to_string();
    }
    fill_from(text, |name| {
        Some(match name {
            "amount" => order.amount.to_string().into(),
            "n" => part.to_string().into(),
            "order" => called.to_string().into(),
            "sku" => Cow::Borrowed(&*order.sku),
            _ => return None,
        })
    })
}

/// Writes the message about an order, and its attributes as logs show them.
fn write(world: &World, order: &Order, letter: &Letter) -> (Draft, Arc<str>) {
    let (of, traits) = (world.ledger.name(order.number), world.ledger.traits_of(order));
    let mut draft = Draft { body: body(&of, order, letter, &traits).into(), ..Draft::default() };
    let mut shown: Vec<String> = Vec::new();
    for (name, usual) in &letter.attributes {
        let own = traits.iter().find_map(|one| letter.by_trait.get(*one)?.get(&**name));
        let value = own.unwrap_or(usual);
        if value.is_empty() {
            continue;
        }
        let value = filled(&of, value, order, 0);
        let data_type = letter.types.get(&**name).map_or("String", String::as_str);
        // The usual type goes without saying.
        shown.push(if data_type == "String" {
            format!("{name}={value}")
        } else {
            format!("{name}:{data_type}={value}")
        });
        draft
            .attributes
            .insert(Arc::clone(name), Attribute { data_type: Arc::from(data_type), value: Arc::from(value) });
    }
    (draft, Arc::from(format!("{{{}}}", shown.join(" "))))
}

fn body(name: &str, order: &Order, letter: &Letter, traits: &[&str]) -> String {
    let mut more = traits.iter().filter_map(|one| letter.members.get(*one)).flatten().peekable();
    let text = if more.peek().is_none() {
        order.text(name)
    } else {
        let mut members = order.members(name.to_string());
        more.for_each(|(key, value)| drop(members.insert(key.clone(), value.as_str().into())));
        serde_json::Value::Object(members).to_string()
    };
    if letter.wrapped { serde_json::json!({ "payload": text, "version": "2" }).to_string() } else { text }
}

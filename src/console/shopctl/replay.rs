//! Replays: orders sent once more, to one of those who work on them. Does not know who already did.

use super::Failure;
use super::books;
use crate::console::flag::Given;
use crate::console::page::{Line, Output, Stream};
use crate::console::program::Context;
use crate::world::World;
use crate::world::apps::work;
use crate::world::audit::FieldChange;
use crate::world::aws;
use crate::world::aws::call::{Caller, Fault, Request};
use serde_json::{Value, json};

/// Messages of one replay.
const REPLAY_MAX: usize = 100_000;
/// Entries of one batch (SQS: at most 10).
const BATCH: usize = 10;

pub fn replay(context: &mut Context, given: &Given) -> Result<Output, Failure> {
    let orders = chosen(context, given)?;
    let to = given.last("to").ok_or_else(|| {
        let hint = "a queue's name, or the Service that works on them: --to shipping-orders, --to fulfil/shipping";
        ("to whom? --to is missing".to_string(), Some(hint.to_string()))
    })?;
    let [first, .., last] = bounds(context.world, &orders)?;
    let what = format!("{} ({first} to {last}) to {to}", amount(&orders));
    if given.has("dry-run") {
        return Ok(page(format!("would send {what} (dry run)"), 0));
    }
    let user = context.session.user.clone();
    let sent = match to.split_once('/') {
        Some((namespace, service)) => over_http(context.world, namespace, service, &orders)?,
        None => into_queue(context.world, &user, to, &orders)?,
    };
    let changed = FieldChange { path: "orders".into(), before: None, after: Some(sent.taken.to_string()) };
    books::record(context.world, &user, "replay", "orders", to, std::iter::once(changed));
    let mut output = page(format!("sent {} of {what}", sent.taken), i32::from(sent.taken < orders.len()));
    let failed = orders.len() - sent.taken - sent.throttled;
    if sent.throttled > 0 {
        output.lines.push(Line::err(format!("shopctl: {} were throttled and not sent: {}", sent.throttled, sent.why)));
    }
    if failed > 0 {
        let why = if sent.refused.is_empty() { String::new() } else { format!(": {}", sent.refused) };
        output.lines.push(Line::err(format!("shopctl: {failed} were not taken{why}")));
    }
    Ok(output)
}

/// What became of the messages of a replay.
#[derive(Clone, Debug, Default)]
struct Sent {
    taken: usize,
    /// Refused because there were too many at once, in these words.
    throttled: usize,
    why: String,
    /// Why the others were not taken, if that was said.
    refused: String,
}

/// `12 orders`, or `40 messages of 12 orders` where some are sent more than once.
fn amount(orders: &[u32]) -> String {
    let different = orders.chunk_by(|a, b| a == b).count();
    if different == orders.len() {
        return format!("{different} orders");
    }
    format!("{} messages of {different} orders", orders.len())
}

fn page(text: String, code: i32) -> Output {
    Output { lines: vec![Line::plain(text)], code, ..Output::default() }
}

fn bounds(world: &World, orders: &[u32]) -> Result<[String; 2], Failure> {
    match (orders.first(), orders.last()) {
        (Some(first), Some(last)) if orders.len() <= REPLAY_MAX => {
            Ok([world.ledger.name(*first), world.ledger.name(*last)])
        }
        (Some(_), Some(_)) => Err((format!("{} are too many at once; at most {REPLAY_MAX}", amount(orders)), None)),
        _ => Err(("there is nothing to send".into(), None)),
    }
}

/// The orders that the flags name, in their order: each once, or as often as it lacks rows in the table that is named.
fn chosen(context: &Context, given: &Given) -> Result<Vec<u32>, Failure> {
    let world = &*context.world;
    let mut orders = match (given.last("orders"), given.last("missing")) {
        (Some(list), None) => match list.strip_prefix('@') {
            Some(note) => {
                let piped = context.input.as_ref().filter(|_| note == "-");
                let lines = piped.or_else(|| context.session.files.get(note));
                let lines = lines.ok_or_else(|| (format!("there is no note {note:?}"), None))?;
                let out = lines.iter().filter(|line| line.stream == Stream::Out);
                out.filter_map(|line| books::order_of(world, &line.text)).collect::<Vec<u32>>()
            }
            None => {
                let words = list.split([',', ' ']).filter(|word| !word.is_empty());
                words.map(|word| books::find(world, word).map(|order| order.number)).collect::<Result<_, _>>()?
            }
        },
        (None, Some(table)) => {
            books::known_table(world, table)?;
            let (from, to) = books::window(world, given, "until")?;
            let meant = books::of_trait(world, given)?;
            let orders = world.ledger.orders(from, to).filter(|order| meant(world, order));
            let lacking = |order: u32| world.ledger.wanted(table).saturating_sub(world.ledger.slot(table, order).rows);
            let numbers = orders.map(|order| order.number);
            return Ok(numbers.flat_map(|order| std::iter::repeat_n(order, lacking(order) as usize)).collect());
        }
        _ => {
            let hint = "for instance --missing shipments --from 09:02 --until 09:44, or --orders @lost.txt";
            return Err(("which orders? either --orders or --missing".into(), Some(hint.into())));
        }
    };
    orders.retain(|order| world.ledger.order(*order).is_some());
    orders.sort_unstable();
    orders.dedup();
    Ok(orders)
}

/// The message about an order, as a program would write it.
fn message(world: &World, order: u32) -> String {
    world
        .ledger
        .order(order)
        .map_or(String::new(), |order| Value::Object(order.members(world.ledger.name(order.number))).to_string())
}

fn ask(world: &mut World, user: &str, operation: &str, input: Value) -> Result<Value, Fault> {
    let request = Request {
        service: "sqs".into(),
        operation: operation.into(),
        input,
        caller: Caller { user: user.into(), arn: String::new() },
        region: world.aws.region.to_string(),
        agent: "shopctl".into(),
    };
    aws::handle(world, &request).map(|answer| answer.body)
}

fn words(fault: &Fault) -> String {
    format!("{}: {}", fault.code, fault.message)
}

/// Sends to a queue, ten at a time. What is throttled is not tried again; what is refused for another reason ends it, as it
/// would be refused every time.
fn into_queue(world: &mut World, user: &str, queue: &str, orders: &[u32]) -> Result<Sent, Failure> {
    let found =
        ask(world, user, "GetQueueUrl", json!({ "QueueName": queue })).map_err(|fault| (words(&fault), None))?;
    let url = found.get("QueueUrl").and_then(Value::as_str).unwrap_or_default().to_string();
    let mut sent = Sent::default();
    for (at, piece) in orders.chunks(BATCH).enumerate() {
        let entry = |(n, order): (usize, &u32)| {
            let mut entry = json!({ "Id": format!("m{n}"), "MessageBody": message(world, *order) });
            if let Some(order) = world.ledger.order(*order).filter(|_| queue.ends_with(".fifo")) {
                entry["MessageGroupId"] = (*order.sku).into();
                entry["MessageDeduplicationId"] =
                    format!("{}-replay-{}-{at}{n}", world.ledger.name(order.number), world.now.0).into();
            }
            entry
        };
        let entries: Vec<Value> = piece.iter().enumerate().map(entry).collect();
        match ask(world, user, "SendMessageBatch", json!({ "QueueUrl": url, "Entries": entries })) {
            Ok(answer) => {
                let list = |member: &str| answer.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
                sent.taken += list("Successful").len();
                for failed in list("Failed") {
                    sent.refused = format!("{}: {}", plain(&failed, "Code"), plain(&failed, "Message"));
                }
            }
            Err(fault) if fault.code.contains("Throttl") => {
                sent.throttled += piece.len();
                sent.why = words(&fault);
            }
            Err(fault) => {
                sent.refused = words(&fault);
                break;
            }
        }
    }
    Ok(sent)
}

fn plain<'a>(entry: &'a Value, member: &str) -> &'a str {
    entry.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Tells a Service of each order.
fn over_http(world: &mut World, namespace: &str, service: &str, orders: &[u32]) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    for order in orders {
        match work::push::hand(world, namespace, service, *order) {
            Some(status) if status < 300 => sent.taken += 1,
            Some(status) => sent.refused = format!("HTTP {status}"),
            None => {
                let hint = Some("a Service whose program takes orders: fulfil/shipping".to_string());
                return Err((format!("nobody at {namespace}/{service} takes orders"), hint));
            }
        }
    }
    Ok(sent)
}

//! Event-source mappings made, changed, shown. Does not know how they poll (see `mapping`).

use super::function::named;
use super::mapping::{AtWork, Mapping, State, turned};
use super::{MAPPING_KIND, functions, invalid, not_found, qualified_arn};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::arn;
use crate::world::aws::call::{Answer, Call, Cover, Fault};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A change of a mapping takes some seconds to work ("up to a minute", Lambda Developer Guide); what is seen is shorter.
const WORKS_AFTER: Span = Span::secs(12);
/// Batches from a standard queue have up to 10,000 messages, more than 10 only with a window (Lambda API Reference).
const BATCH_MAX: i64 = 10_000;
const WINDOW_MAX: i64 = 300;

fn missing(_: &str) -> Fault {
    Fault::new("ResourceNotFoundException", "The resource you requested does not exist.").status(404)
}

fn body(world: &World, mapping: &Mapping) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_string(), value));
    let (now, state) = (world.now, &mapping.state);
    put("UUID", json!(&*mapping.uuid));
    put("BatchSize", json!(mapping.batch));
    put("MaximumBatchingWindowInSeconds", json!(mapping.window.as_secs()));
    put("EventSourceArn", json!(&*mapping.queue));
    let function = world.aws.functions.find(&mapping.function);
    let arn = function.map_or_else(String::new, |function| qualified_arn(function, &mapping.qualifier));
    put("FunctionArn", json!(arn));
    put("LastModified", json!(state.modified.0));
    if !mapping.at_work.result.is_empty() {
        put("LastProcessingResult", json!(&*mapping.at_work.result));
    }
    let settled = if state.enabled { "Enabled" } else { "Disabled" };
    put("State", json!(if now < state.from { state.word } else { settled }));
    put("StateTransitionReason", json!("USER_INITIATED"));
    put("FunctionResponseTypes", if mapping.partial { json!(["ReportBatchItemFailures"]) } else { json!([]) });
    if let Some(most) = mapping.most {
        put("ScalingConfig", json!({ "MaximumConcurrency": most }));
    }
    let (region, account) = (&world.aws.region, &world.aws.id);
    let own = arn::make("lambda", region, account, &format!("event-source-mapping:{}", mapping.uuid));
    put("EventSourceMappingArn", json!(own));
    Value::Object(out)
}

fn answered(world: &World, mapping: &Mapping) -> Answer {
    Answer::of(body(world, mapping)).about("", MAPPING_KIND, &mapping.uuid)
}

/// What a request says, laid over a mapping.
fn laid(world: &World, call: &Call, mut mapping: Mapping) -> Result<Mapping, Fault> {
    if let Some(batch) = call.whole("BatchSize") {
        mapping.batch = batch.clamp(1, BATCH_MAX);
    }
    if let Some(window) = call.whole("MaximumBatchingWindowInSeconds") {
        mapping.window = Span::secs(window.clamp(0, WINDOW_MAX));
    }
    if call.input().get("FunctionResponseTypes").is_some() {
        mapping.partial = call.texts("FunctionResponseTypes").contains(&"ReportBatchItemFailures");
    }
    if let Some(scaling) = call.input().get("ScalingConfig") {
        mapping.most = scaling["MaximumConcurrency"].as_i64().map(|most| most.clamp(2, 1_000));
    }
    let fifo = mapping.queue.ends_with(".fifo");
    if mapping.batch > 10 && mapping.window == Span::ZERO {
        return Err(invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ));
    }
    if fifo && mapping.window > Span::ZERO {
        return Err(invalid("Batching window is not supported for FIFO queues."));
    }
    let function = world.aws.functions.get(&mapping.function);
    let timeout = function.map_or(0, |function| function.latest().timeout);
    let visibility = world.aws.queues.get(&mapping.queue).map(|queue| queue.rules(world.now).visibility.as_secs());
    if let Some(visibility) = visibility.filter(|visibility| *visibility < i64::from(timeout)) {
        return Err(invalid(format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )));
    }
    Ok(mapping)
}

fn keep(world: &mut World, mapping: Mapping) {
    let (uuid, from) = (mapping.uuid.to_string(), mapping.state.from);
    Arc::make_mut(&mut functions(world).mappings).insert(uuid.clone(), mapping);
    turned(world, from, &uuid);
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = named(call.text("FunctionName").unwrap_or_default());
    let function = world.aws.functions.get(&name).ok_or_else(|| not_found(world, &name, &qualifier))?;
    let queue = call.text("EventSourceArn").unwrap_or_default().to_string();
    if world.aws.queues.get(&queue).is_none() {
        let message = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS \
                       Error Message: The specified queue does not exist.";
        return Err(invalid(message));
    }
    let same = |mapping: &&Mapping| {
        !mapping.state.deleted
            && *mapping.queue == *queue
            && *mapping.function == *name
            && *mapping.qualifier == *qualifier
    };
    if let Some(known) = world.aws.functions.mappings.values().find(same) {
        let message = format!(
            "An event source mapping with SQS arn (\" {queue} \") and function (\" {name} \") already exists. Please \
             update or delete the existing mapping with UUID {}",
            known.uuid
        );
        return Err(Fault::new("ResourceConflictException", message).status(409));
    }
    let number = world.aws.functions.mappings.len() as u64;
    let lot = dice::at(world.seed, dice::hash_name(&format!("{queue}/{name}")), number);
    let uuid = super::super::message::uuid((u128::from(lot) << 64) | u128::from(dice::at(lot, 1, 1)));
    let enabled = call.yes("Enabled").unwrap_or(true);
    let (now, word) = (world.now, "Creating");
    let mapping = Mapping {
        uuid: uuid.into(),
        queue: queue.into(),
        function: Arc::clone(&function.name),
        qualifier: qualifier.into(),
        batch: 10,
        window: Span::ZERO,
        partial: false,
        most: None,
        state: State { enabled, from: now + WORKS_AFTER, word, modified: now, deleted: false },
        at_work: AtWork::default(),
    };
    let mapping = laid(world, call, mapping)?;
    keep(world, mapping.clone());
    Ok(answered(world, &mapping).altering(MAPPING_KIND, &mapping.uuid, Vec::new()))
}

fn find(world: &World, call: &Call) -> Result<Mapping, Fault> {
    let uuid = call.text("UUID").unwrap_or_default();
    let found = world.aws.functions.mappings.get(uuid).filter(|mapping| !mapping.state.deleted);
    found.cloned().ok_or_else(|| missing(uuid))
}

pub fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mapping = find(world, call)?;
    Ok(answered(world, &mapping))
}

pub fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let function = call.text("FunctionName").map(|given| named(given).0);
    let queue = call.text("EventSourceArn");
    let wanted = |mapping: &&Mapping| {
        !mapping.state.deleted
            && function.as_ref().is_none_or(|name| *mapping.function == **name)
            && queue.is_none_or(|queue| *mapping.queue == *queue)
    };
    let found: Vec<&Mapping> = world.aws.functions.mappings.values().filter(wanted).collect();
    let rows: Vec<Value> = found.iter().map(|mapping| body(world, mapping)).collect();
    let mut answer = Answer::of(json!({ "EventSourceMappings": rows }));
    for (n, mapping) in found.iter().enumerate() {
        answer = answer.about(format!("/EventSourceMappings/{n}"), MAPPING_KIND, &mapping.uuid);
    }
    let whole = function.is_none() && queue.is_none();
    Ok(if whole { answer.covering(Cover::All { kind: MAPPING_KIND.into() }) } else { answer })
}

fn differences(before: &Mapping, after: &Mapping) -> Vec<FieldChange> {
    let rows = [
        ("BatchSize", before.batch.to_string(), after.batch.to_string()),
        ("Enabled", before.state.enabled.to_string(), after.state.enabled.to_string()),
        ("FunctionResponseTypes", before.partial.to_string(), after.partial.to_string()),
        ("MaximumConcurrency", format!("{:?}", before.most), format!("{:?}", after.most)),
    ];
    let differ = rows.into_iter().filter(|(_, before, after)| before != after);
    differ.map(|(path, a, b)| FieldChange { path: path.into(), before: Some(a), after: Some(b) }).collect()
}

pub fn update(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let before = find(world, call)?;
    let mut after = laid(world, call, before.clone())?;
    after.state.enabled = call.yes("Enabled").unwrap_or(before.state.enabled);
    after.state.word = match (before.state.enabled, after.state.enabled) {
        (false, true) => "Enabling",
        (true, false) => "Disabling",
        _ => "Updating",
    };
    let now: Time = world.now;
    (after.state.modified, after.state.from) = (now, now + WORKS_AFTER);
    let changed = differences(&before, &after);
    keep(world, after.clone());
    Ok(answered(world, &after).altering(MAPPING_KIND, &after.uuid, changed))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut mapping = find(world, call)?;
    let now = world.now;
    mapping.state = State { enabled: false, from: now, word: "Deleting", modified: now, deleted: true };
    keep(world, mapping.clone());
    let mut answer = answered(world, &mapping).altering(MAPPING_KIND, &mapping.uuid, Vec::new());
    answer.body["State"] = "Deleting".into();
    Ok(answer)
}

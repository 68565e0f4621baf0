//! Invoke: somebody calls a function by hand, waiting or not. Does not know what becomes of events.

use super::read::asked;
use super::run::{Invocation, Outcome};
use super::{Source, events, logs, plain, run};
use crate::stdx::dice;
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Fault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;

/// Bytes of an event (Lambda quotas: 6 MB for each request and response, synchronous; 1 MB asynchronous).
const SYNC_MAX: usize = 6_291_456;
const ASYNC_MAX: usize = 1_048_576;
/// Invoke answers the last bytes of the log (Lambda API Reference, Invoke: LogResult).
const TAIL: usize = 4_096;

/// The payload that an invocation answers: what the program's description says, or its error.
pub fn answer(world: &World, invocation: &Invocation) -> Value {
    let id = invocation.request_id(world.seed);
    match &invocation.outcome {
        Outcome::Done(status) => returned(world, invocation, &id, *status),
        Outcome::Raised(kind, error) => {
            json!({ "errorMessage": &**error, "errorType": &**kind, "requestId": id, "stackTrace": [] })
        }
        Outcome::TimedOut => {
            let seconds = format!("{}.{:02}", invocation.took.0 / 1_000, invocation.took.0 % 1_000 / 10);
            let text = format!("{} {id} Task timed out after {seconds} seconds", invocation.ended().rfc3339_millis());
            json!({ "errorType": "Sandbox.Timedout", "errorMessage": text })
        }
        Outcome::OutOfMemory => json!({
            "errorType": "Runtime.ExitError",
            "errorMessage": format!("RequestId: {id} Error: Runtime exited with error: signal: killed"),
        }),
    }
}

fn returned(world: &World, invocation: &Invocation, id: &str, status: u16) -> Value {
    let function = world.aws.functions.get(&invocation.function);
    let config = function.and_then(|function| function.config_at(invocation.version, invocation.at));
    let reply = function.zip(config).map(|(function, config)| Arc::clone(&function.release(&config).reply));
    match reply.filter(|reply| !reply.is_empty()) {
        Some(reply) => {
            let text = reply.replace("{status}", &status.to_string()).replace("{id}", id);
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        None => {
            json!({ "statusCode": status, "body": if status < 300 { "{\"ok\": true}" } else { "{\"ok\": false}" } })
        }
    }
}

pub fn invoke(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (function, _, qualifier) = asked(world, call)?;
    let name = function.name.clone();
    let payload = call.text("Payload").map(|coded| STANDARD.decode(coded).unwrap_or_default()).unwrap_or_default();
    let kind = call.text("InvocationType").unwrap_or("RequestResponse");
    let most = if kind == "Event" { ASYNC_MAX } else { SYNC_MAX };
    if payload.len() > most {
        let message = format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
        return Err(Fault::new("RequestTooLargeException", message).status(413));
    }
    let payload = String::from_utf8_lossy(&payload).into_owned();
    if !payload.is_empty() && serde_json::from_str::<Value>(&payload).is_err() {
        let message = "Could not parse request body into json: Could not parse payload into json";
        return Err(Fault::new("InvalidRequestContentException", message).status(400));
    }
    let now = world.now;
    match kind {
        "DryRun" => return Ok(Answer::of(json!({ "StatusCode": 204 }))),
        "Event" => {
            events::accept(world, now, &name, &qualifier, payload.into());
            return Ok(Answer::of(json!({ "StatusCode": 202, "Payload": "" })));
        }
        _ => {}
    }
    let lot = dice::at(world.seed, dice::hash_name("invoke"), now.0 as u64);
    let event = plain(world, &payload, lot);
    let done = run::begin(world, now, &name, &qualifier, &event, Source::Caller)?;
    let version = if done.version == 0 { "$LATEST".to_string() } else { done.version.to_string() };
    let mut body = json!({
        "StatusCode": 200,
        "ExecutedVersion": version,
        "Payload": STANDARD.encode(answer(world, &done).to_string()),
    });
    if !done.ok() {
        body["FunctionError"] = "Unhandled".into();
    }
    if call.text("LogType") == Some("Tail") {
        let lines: Vec<String> = logs::of(world, &done).into_iter().map(|record| record.text).collect();
        let text = lines.join("\n") + "\n";
        let from = text.char_indices().map(|(at, _)| at).find(|at| text.len() - at <= TAIL).unwrap_or(0);
        body["LogResult"] = STANDARD.encode(&text[from..]).into();
    }
    Ok(Answer::of(body).about("/FunctionError", super::KIND, &name).about("/StatusCode", super::KIND, &name))
}

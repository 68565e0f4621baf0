//! REST-JSON (Lambda, API Gateway, SES v2): bodies. Does not know which operation it is.

use super::json::{self, Misread};
use super::rest;
use crate::host::door::{Message, Reply};
use crate::world::aws::model::{Model, Operation, Shape};
use serde_json::{Map, Value};

/// The operation's members, from where each travels.
pub fn read(
    model: &Model,
    operation: &Operation,
    message: &Message,
    labels: &[(String, String)],
) -> Result<Value, Misread> {
    let Some(structure) = model.structure(&operation.input) else { return Ok(Value::Object(Map::new())) };
    let mut input = rest::read_places(model, structure, message, labels)?;
    match rest::payload(model, structure) {
        Some((member, Some(Shape::Scalar(scalar)))) => {
            if !message.body.is_empty() {
                input.insert(member.name.clone(), rest::raw_payload(scalar, &message.body)?);
            }
        }
        Some((member, _)) => {
            let body = parsed(&message.body)?;
            input.insert(member.name.clone(), json::read(model, &member.shape, &body)?);
        }
        None => {
            let Value::Object(body) = json::read(model, &operation.input, &parsed(&message.body)?)? else {
                return Err(Misread::default());
            };
            let inner = body.into_iter().filter(|(name, _)| structure.member(name).is_some_and(rest::in_body));
            input.extend(inner);
        }
    }
    Ok(Value::Object(input))
}

/// A body as JSON; an empty one has no members.
pub fn parsed(body: &[u8]) -> Result<Value, Misread> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|_| Misread::default())
}

/// The operation's answer.
pub fn write(model: &Model, operation: &Operation, value: &Value) -> Reply {
    let Some(structure) = model.structure(&operation.output) else {
        return Reply::new(200, "application/json", "");
    };
    let body = match rest::payload(model, structure) {
        Some((member, Some(Shape::Scalar(scalar)))) => {
            rest::raw_bytes(scalar, value.get(&member.name).unwrap_or(&Value::Null))
        }
        Some((member, _)) => match value.get(&member.name) {
            Some(own) => json::write(model, &member.shape, own).into_bytes(),
            None => b"{}".to_vec(),
        },
        None => {
            let mut out = String::new();
            json::write_members(model, structure, value, rest::in_body, &mut out);
            out.into_bytes()
        }
    };
    rest::write_places(model, structure, value, Reply::new(200, "application/json", body))
}

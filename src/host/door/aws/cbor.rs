//! CBOR bodies (smithy-rpc-v2-cbor), as newer SDKs speak to CloudWatch. Does not know HTTP.

use super::json::Misread;
use super::scalar;
use crate::world::aws::model::{List, Mapping, Model, Of, Scalar, Shape};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use serde_json::{Map, Value};

/// Levels of a body, at most.
const DEPTH_MAX: usize = 64;
/// The tag of epoch seconds (RFC 8949 §3.4.2).
const EPOCH: u64 = 1;

/// The members of `shape` in a client's body; an empty body has none.
pub fn read(model: &Model, shape: &str, body: &[u8]) -> Result<Value, Misread> {
    if body.is_empty() || model.structure(shape).is_none() {
        return Ok(Value::Object(Map::new()));
    }
    let wire: Cbor = ciborium::de::from_reader_with_recursion_limit(body, DEPTH_MAX).map_err(|_| Misread::default())?;
    read_shape(model, shape, &wire)
}

fn read_shape(model: &Model, shape: &str, wire: &Cbor) -> Result<Value, Misread> {
    let due = || Misread("Unexpected field type".into());
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => {
            let mut out = Map::new();
            for (key, value) in wire.as_map().ok_or_else(due)?.iter().filter(|(_, value)| !value.is_null()) {
                if let Some(member) = key.as_text().and_then(|name| structure.member(name)) {
                    out.insert(member.name.clone(), read_shape(model, &member.shape, value)?);
                }
            }
            Ok(Value::Object(out))
        }
        Some(Shape::List(List { member, .. })) => {
            let items = wire.as_array().ok_or_else(due)?.iter().map(|item| read_shape(model, member, item));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        Some(Shape::Map(Mapping { value, .. })) => {
            let mut out = Map::new();
            for (key, item) in wire.as_map().ok_or_else(due)? {
                out.insert(key.as_text().ok_or_else(due)?.to_string(), read_shape(model, value, item)?);
            }
            Ok(Value::Object(out))
        }
        Some(Shape::Scalar(scalar)) => read_scalar(scalar, wire).ok_or_else(due),
        None => Err(due()),
    }
}

fn read_scalar(scalar: &Scalar, wire: &Cbor) -> Option<Value> {
    let whole = || wire.as_integer().and_then(|number| i64::try_from(number).ok());
    let number = || wire.as_float().or_else(|| whole().map(|whole| whole as f64));
    match scalar.of {
        Of::String => wire.as_text().map(Value::from),
        Of::Blob => wire.as_bytes().map(|bytes| Value::from(STANDARD.encode(bytes))),
        Of::Boolean => wire.as_bool().map(Value::Bool),
        Of::Integer => whole().and_then(|whole| i32::try_from(whole).ok()).map(Value::from),
        Of::Long => whole().map(Value::from),
        Of::Float | Of::Double => number().and_then(scalar::float),
        Of::Timestamp => {
            let (tag, inner) = wire.as_tag()?;
            let whole = inner.as_integer().and_then(|number| i64::try_from(number).ok());
            let seconds = inner.as_float().or_else(|| whole.map(|whole| whole as f64))?;
            (tag == EPOCH).then(|| scalar::from_seconds(seconds)).flatten().map(Value::from)
        }
    }
}

/// Writes a value as the service does.
pub fn write(model: &Model, shape: &str, value: &Value) -> Vec<u8> {
    encode(&write_shape(model, shape, value))
}

/// The bytes of a CBOR value.
pub fn encode(value: &Cbor) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = ciborium::into_writer(value, &mut out);
    out
}

fn write_shape(model: &Model, shape: &str, value: &Value) -> Cbor {
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => {
            let members = structure.members.iter().filter_map(|member| {
                let own = value.get(&member.name).filter(|own| !own.is_null())?;
                Some((Cbor::Text(member.name.clone()), write_shape(model, &member.shape, own)))
            });
            Cbor::Map(members.collect())
        }
        Some(Shape::List(List { member, .. })) => {
            Cbor::Array(value.as_array().into_iter().flatten().map(|item| write_shape(model, member, item)).collect())
        }
        Some(Shape::Map(Mapping { value: inner, .. })) => {
            let entries = value.as_object().into_iter().flatten();
            Cbor::Map(entries.map(|(key, item)| (Cbor::Text(key.clone()), write_shape(model, inner, item))).collect())
        }
        Some(Shape::Scalar(scalar)) => write_scalar(scalar, value),
        None => Cbor::Null,
    }
}

fn write_scalar(scalar: &Scalar, value: &Value) -> Cbor {
    match (scalar.of, value) {
        (Of::Timestamp, Value::Number(number)) => {
            let seconds = number.as_i64().unwrap_or_default() as f64 / 1_000.0;
            Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds)))
        }
        (Of::Blob, Value::String(text)) => Cbor::Bytes(STANDARD.decode(text).unwrap_or_default()),
        (Of::Float | Of::Double, Value::Number(number)) => Cbor::Float(number.as_f64().unwrap_or_default()),
        (Of::Float | Of::Double, Value::String(text)) => Cbor::Float(text.parse().unwrap_or(f64::NAN)),
        (_, Value::Bool(yes)) => Cbor::Bool(*yes),
        (_, Value::Number(number)) => Cbor::Integer(number.as_i64().unwrap_or_default().into()),
        (_, Value::String(text)) => Cbor::Text(text.clone()),
        _ => Cbor::Null,
    }
}

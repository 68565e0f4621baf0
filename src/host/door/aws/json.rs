//! JSON bodies by the model: what a client wrote as our values, our values as a service writes them, members in the
//! model's order. Does not know HTTP.

use super::scalar::{self, Stamp};
use crate::world::aws::model::{List, Mapping, Member, Model, Of, Scalar, Shape, Structure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Why a body is not what the operation takes, in the words of the services' own reader; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misread(pub String);

/// The members of `shape` in a client's JSON. Members that the model does not know are passed over, as services do.
pub fn read(model: &Model, shape: &str, wire: &Value) -> Result<Value, Misread> {
    read_shape(model, shape, None, wire)
}

/// Only members that travel in the body are read: the others of a REST request were read from where they travel.
fn read_struct(model: &Model, structure: &Structure, wire: &Value) -> Result<Value, Misread> {
    let Value::Object(members) = wire else { return Err(unexpected(wire)) };
    let mut out = Map::new();
    for member in &structure.members {
        let given = members.get(wire_name(member)).filter(|value| !value.is_null());
        if let Some(given) = given {
            out.insert(member.name.clone(), read_shape(model, &member.shape, Some(member), given)?);
        }
    }
    Ok(Value::Object(out))
}

fn wire_name(member: &Member) -> &str {
    if member.wire.is_empty() { &member.name } else { &member.wire }
}

fn read_shape(model: &Model, shape: &str, member: Option<&Member>, wire: &Value) -> Result<Value, Misread> {
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => read_struct(model, structure, wire),
        Some(Shape::List(list)) => {
            let Value::Array(items) = wire else { return Err(unexpected(wire)) };
            let items = items.iter().map(|item| read_shape(model, &list.member, None, item));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        Some(Shape::Map(map)) => {
            let Value::Object(entries) = wire else { return Err(unexpected(wire)) };
            let mut out = Map::new();
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                out.insert(key.clone(), read_shape(model, &map.value, None, value)?);
            }
            Ok(Value::Object(out))
        }
        Some(Shape::Scalar(scalar)) => read_scalar(scalar, wire),
        None => Err(Misread(format!("no shape {} for {}", shape, member.map_or("", |member| &member.name)))),
    }
}

/// A list or a structure where another was due.
fn unexpected(wire: &Value) -> Misread {
    Misread(match wire {
        Value::Array(_) => "Start of list found where not expected".into(),
        Value::Object(_) => "Start of structure or map found where not expected.".into(),
        _ => "Unexpected field type".into(),
    })
}

fn read_scalar(scalar: &Scalar, wire: &Value) -> Result<Value, Misread> {
    let whole = |number: &serde_json::Number| {
        number.as_i64().or_else(|| {
            number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15).map(|value| value as i64)
        })
    };
    let value = match (scalar.of, wire) {
        (Of::String, Value::String(text)) => Some(Value::from(text.as_str())),
        (Of::Blob, Value::String(text)) => STANDARD.decode(text).ok().map(|bytes| Value::from(STANDARD.encode(bytes))),
        (Of::Boolean, Value::Bool(_)) => Some(wire.clone()),
        (Of::Integer, Value::Number(number)) => {
            whole(number).and_then(|whole| i32::try_from(whole).ok()).map(Value::from)
        }
        (Of::Long, Value::Number(number)) => whole(number).map(Value::from),
        (Of::Float | Of::Double, Value::Number(number)) => number.as_f64().and_then(scalar::float),
        (Of::Float | Of::Double, Value::String(text)) => {
            ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()).then(|| wire.clone())
        }
        (Of::Timestamp, Value::Number(number)) => number.as_f64().and_then(scalar::from_seconds).map(Value::from),
        (Of::Timestamp, Value::String(text)) => scalar::read_stamp(text).map(Value::from),
        _ => None,
    };
    value.ok_or_else(|| refused(scalar.of, wire))
}

/// The sentence of the services' JSON reader about a single value of the wrong kind.
fn refused(of: Of, wire: &Value) -> Misread {
    let found = match wire {
        Value::String(_) => "STRING_VALUE",
        // What is too large for a whole number was read as a decimal.
        Value::Number(number) if number.as_f64().is_some_and(|value| wire.is_f64() && value.abs() < 9e15) => {
            "DECIMAL_VALUE"
        }
        Value::Number(_) => "NUMBER_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        _ => return unexpected(wire),
    };
    let due = match of {
        Of::String => "a String",
        Of::Integer => "an Integer",
        Of::Long => "a Long",
        Of::Float => "a Float",
        Of::Double => "a Double",
        Of::Boolean => "a Boolean",
        Of::Blob => "a Blob",
        Of::Timestamp => "a Timestamp",
    };
    Misread(format!("{found} can not be converted to {due}"))
}

/// Writes a value as a service does. What the model does not know is left out: it could not be on the real wire.
pub fn write(model: &Model, shape: &str, value: &Value) -> String {
    let mut out = String::new();
    write_shape(model, shape, None, value, &mut out);
    out
}

/// The members of a structure that travel in the body.
pub fn write_members(
    model: &Model,
    structure: &Structure,
    value: &Value,
    body: impl Fn(&Member) -> bool,
    out: &mut String,
) {
    out.push('{');
    let mut first = true;
    for member in structure.members.iter().filter(|member| body(member)) {
        let Some(own) = value.get(&member.name).filter(|own| !own.is_null()) else { continue };
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        push_text(wire_name(member), out);
        out.push(':');
        write_shape(model, &member.shape, Some(member), own, out);
    }
    out.push('}');
}

fn write_shape(model: &Model, shape: &str, member: Option<&Member>, value: &Value, out: &mut String) {
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => write_members(model, structure, value, |_| true, out),
        Some(Shape::List(List { member: inner, .. })) => {
            out.push('[');
            for (at, item) in value.as_array().map_or(&[][..], Vec::as_slice).iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_shape(model, inner, None, item, out);
            }
            out.push(']');
        }
        Some(Shape::Map(Mapping { value: inner, .. })) => {
            out.push('{');
            for (at, (key, item)) in value.as_object().into_iter().flatten().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_text(key, out);
                out.push(':');
                write_shape(model, inner, None, item, out);
            }
            out.push('}');
        }
        Some(Shape::Scalar(scalar)) => write_scalar(scalar, member, value, out),
        None => out.push_str("null"),
    }
}

fn write_scalar(scalar: &Scalar, member: Option<&Member>, value: &Value, out: &mut String) {
    match (scalar.of, value) {
        (Of::Timestamp, Value::Number(number)) => {
            let ms = number.as_i64().unwrap_or_default();
            match Stamp::of(member, scalar, Stamp::Seconds) {
                Stamp::Seconds => out.push_str(&scalar::seconds(ms)),
                stamp => push_text(&scalar::stamp_text(ms, stamp), out),
            }
        }
        (Of::Float | Of::Double, Value::Number(number)) => {
            out.push_str(&scalar::float_text(number.as_f64().unwrap_or_default()));
        }
        (_, Value::String(text)) => push_text(text, out),
        (_, other) => out.push_str(&other.to_string()),
    }
}

/// Text in JSON's quotes.
pub fn push_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

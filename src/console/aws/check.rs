//! What the client refuses before it asks: missing, unknown and ill-typed members; and timestamps made milliseconds. Does
//! not know rules that only the service knows.

use super::node::Node;
use super::stamp;
use crate::stdx::time::Time;
use crate::world::aws::call::Fault;
use crate::world::aws::model::{List, Mapping, Model, Of, Protocol, Scalar, Shape, Structure};
use serde_json::Value;

/// Checks an input and settles its timestamps. The error lists all that is wrong.
pub fn input(model: &Model, shape: &str, value: &mut Value, now: Time) -> Result<(), String> {
    let mut check = Check { model, now, wrong: Vec::new() };
    check.value(shape, value, "");
    if check.wrong.is_empty() {
        return Ok(());
    }
    Err(format!("Parameter validation failed:\n{}", check.wrong.join("\n")))
}

/// Larger than any whole number here.
const LARGE: f64 = 9.2e18;

/// What the service's reader of numbers refuses, though the client sent it: a number larger than its type. The sentences
/// are those of the service families' readers, as users report them.
pub fn large(model: &Model, shape: &str, value: &Value) -> Option<Fault> {
    match (model.shape(shape)?, value) {
        (Shape::Struct(structure), Value::Object(members)) => {
            members.iter().find_map(|(key, value)| large(model, &structure.member(key)?.shape, value))
        }
        (Shape::List(list), Value::Array(items)) => items.iter().find_map(|item| large(model, &list.member, item)),
        (Shape::Map(map), Value::Object(members)) => members.values().find_map(|item| large(model, &map.value, item)),
        (Shape::Scalar(scalar), Value::Number(number)) => {
            let (fits, kind) = match scalar.of {
                Of::Integer => (number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()), "an Integer"),
                Of::Long => (number.as_i64().is_some(), "a Long"),
                _ => return None,
            };
            let text = number.as_f64().filter(|_| number.is_f64()).map_or(number.to_string(), |n| format!("{n:.0}"));
            (!fits).then(|| match model.protocol {
                Protocol::Query => Fault::new("MalformedInput", format!("For input string: \"{text}\"")),
                Protocol::Ec2 => Fault::new("InvalidParameterValue", format!("Invalid value '{text}' for integer")),
                Protocol::RestXml => Fault::new("InvalidArgument", format!("For input string: \"{text}\"")),
                _ => Fault::new("SerializationException", format!("NUMBER_VALUE can not be converted to {kind}")),
            })
        }
        _ => None,
    }
}

struct Check<'a> {
    model: &'a Model,
    now: Time,
    wrong: Vec<String>,
}

/// A member's place as messages have it.
fn called(name: &str) -> &str {
    match name {
        "" => "input",
        name => name.strip_prefix('.').unwrap_or(name),
    }
}

impl Check<'_> {
    fn value(&mut self, shape: &str, value: &mut Value, name: &str) {
        let model = self.model;
        match model.shape(shape) {
            Some(Shape::Struct(structure)) => self.structure(structure, value, name),
            Some(Shape::List(list)) => self.list(list, value, name),
            Some(Shape::Map(map)) => self.map(map, value, name),
            Some(Shape::Scalar(scalar)) => self.scalar(scalar, value, name),
            None => {}
        }
    }

    fn ill_typed(&mut self, name: &str, value: &Value, valid: &str) {
        let class = match value {
            Value::Null => "NoneType",
            Value::Bool(_) => "bool",
            Value::Number(number) if number.is_f64() => "float",
            Value::Number(_) => "int",
            Value::String(_) => "str",
            Value::Array(_) => "list",
            Value::Object(_) => "dict",
        };
        let words = Node::plain(value).words();
        let name = called(name);
        self.wrong.push(format!(
            "Invalid type for parameter {name}, value: {words}, type: <class '{class}'>, valid types: {valid}"
        ));
    }

    fn least(&mut self, name: &str, what: &str, (has, least): (i64, Option<i64>)) {
        let Some(least) = least.filter(|least| has < *least) else { return };
        let words = if what == "length" { "valid min length" } else { "valid min value" };
        self.wrong.push(format!("Invalid {what} for parameter {}, value: {has}, {words}: {least}", called(name)));
    }

    fn structure(&mut self, structure: &Structure, value: &mut Value, name: &str) {
        let Value::Object(members) = value else { return self.ill_typed(name, value, "<class 'dict'>") };
        for member in structure.members.iter().filter(|m| m.required && !m.token) {
            if !members.contains_key(&member.name) {
                self.wrong.push(format!("Missing required parameter in {}: \"{}\"", called(name), member.name));
            }
        }
        let known: Vec<&str> = structure.members.iter().map(|m| m.name.as_str()).collect();
        for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
            let known = known.join(", ");
            self.wrong.push(format!("Unknown parameter in {}: \"{key}\", must be one of: {known}", called(name)));
        }
        // In the model's order, which is that of the options.
        for member in &structure.members {
            if let Some(value) = members.get_mut(&member.name) {
                self.value(&member.shape, value, &format!("{name}.{}", member.name));
            }
        }
    }

    fn list(&mut self, list: &List, value: &mut Value, name: &str) {
        let Value::Array(items) = value else { return self.ill_typed(name, value, "<class 'list'>, <class 'tuple'>") };
        self.least(name, "length", (items.len() as i64, list.min));
        for (index, item) in items.iter_mut().enumerate() {
            self.value(&list.member, item, &format!("{name}[{index}]"));
        }
    }

    fn map(&mut self, map: &Mapping, value: &mut Value, name: &str) {
        let Value::Object(members) = value else { return self.ill_typed(name, value, "<class 'dict'>") };
        for (key, value) in members {
            self.value(&map.key, &mut Value::from(key.as_str()), &format!("{name} (key: {key})"));
            self.value(&map.value, value, &format!("{name}.{key}"));
        }
    }

    fn scalar(&mut self, scalar: &Scalar, value: &mut Value, name: &str) {
        match (scalar.of, &*value) {
            (Of::String, Value::String(text)) => {
                let length = text.chars().count() as i64;
                self.least(name, "length", (length, scalar.min));
            }
            (Of::String, _) => self.ill_typed(name, value, "<class 'str'>"),
            (Of::Integer | Of::Long, Value::Number(number)) if !number.is_f64() => {
                self.least(name, "value", (number.as_i64().unwrap_or(i64::MAX), scalar.min));
            }
            // Whole, but larger than whole numbers here: the client sends it, the service refuses it.
            (Of::Integer | Of::Long, Value::Number(number)) if number.as_f64().is_some_and(|n| n.abs() >= LARGE) => {}
            (Of::Integer | Of::Long, _) => self.ill_typed(name, value, "<class 'int'>"),
            (Of::Float | Of::Double, Value::Number(number)) => {
                self.least(name, "value", (number.as_f64().unwrap_or(0.0).floor() as i64, scalar.min));
            }
            (Of::Float | Of::Double, _) => {
                self.ill_typed(name, value, "<class 'float'>, <class 'decimal.Decimal'>, <class 'int'>");
            }
            (Of::Boolean, Value::Bool(_)) | (Of::Blob, Value::String(_)) => {}
            (Of::Boolean, _) => self.ill_typed(name, value, "<class 'bool'>"),
            (Of::Blob, _) => {
                self.ill_typed(name, value, "<class 'bytes'>, <class 'bytearray'>, file-like object");
            }
            (Of::Timestamp, _) => match stamp::read(value, self.now) {
                Some(at) => *value = Value::from(at.0),
                None => self.ill_typed(name, value, "<class 'datetime.datetime'>, timestamp-string"),
            },
        }
    }
}

//! What the client refuses before it asks: missing, unknown and ill-typed members; and timestamps made milliseconds. Does
//! not know rules that only the service knows.

use super::node::Node;
use super::stamp;
use crate::stdx::time::Time;
use crate::world::aws::model::{List, Mapping, Model, Of, Scalar, Shape, Structure};
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
        for (key, value) in members {
            if let Some(member) = structure.member(key) {
                self.value(&member.shape, value, &format!("{name}.{key}"));
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

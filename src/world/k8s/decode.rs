//! Decoding a body against the schema as the API server's strict JSON decoder does: type errors in Go's words, unknown
//! fields found (and dropped), quantities made canonical. Does not judge what the values mean.

use super::schema::{Fields, Type};
use crate::stdx::quantity::Quantity;
use crate::stdx::time::Time;
use base64::Engine;
use serde_json::Value;

const QUANTITY_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// The deepest nesting that is followed; no kind comes near it.
const DEPTH_MAX: usize = 64;

/// What decoding found besides a clean value.
#[derive(Debug, Default)]
pub struct Findings {
    /// `unknown field "spec.foo"`, in the order of the body.
    pub unknown: Vec<String>,
}

/// Checks `value` against `fields` and normalises it. `Err` is the decoder's complaint.
pub fn decode(fields: &'static Fields, value: &mut Value) -> Result<Findings, String> {
    let mut walk = Walk { findings: Findings::default(), owner: fields.go, depth: 0 };
    walk.structure(fields, value, "", "")?;
    Ok(walk.findings)
}

struct Walk {
    findings: Findings,
    /// The struct whose field is being read, as Go names it in errors.
    owner: &'static str,
    depth: usize,
}

impl Walk {
    /// `path` carries list indices (for unknown fields), `go` does not (for type errors).
    fn value(&mut self, kind: Type, value: &mut Value, path: &str, go: &str) -> Result<(), String> {
        if value.is_null() {
            return Ok(());
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("json: exceeded max depth".into());
        }
        let done = match kind {
            Type::Struct(fields) | Type::Atomic(fields) => self.structure(fields, value, path, go),
            Type::Map(element) | Type::AtomicMap(element) => self.map(kind, *element, value, path, go),
            Type::List(element) | Type::Set(element) | Type::Keyed(element, _) => {
                self.list(kind, *element, value, path, go)
            }
            _ => self.scalar(kind, value, go),
        };
        self.depth -= 1;
        done
    }

    fn structure(&mut self, fields: &'static Fields, value: &mut Value, path: &str, go: &str) -> Result<(), String> {
        let Value::Object(map) = value else {
            return Err(self.mismatch(value, go, Type::Struct(fields)));
        };
        let owner = std::mem::replace(&mut self.owner, fields.go);
        let mut unknown = Vec::new();
        for (name, field) in map.iter_mut() {
            let below = join(path, name);
            match fields.field(name) {
                Some(kind) => self.value(kind, field, &below, &join(go, name))?,
                None => {
                    self.findings.unknown.push(format!("unknown field \"{below}\""));
                    unknown.push(name.clone());
                }
            }
        }
        self.owner = owner;
        // What the server does not know it does not keep; nulls are the same as absence, except where Go always writes
        // the field.
        map.retain(|name, field| {
            let written = !field.is_null() || matches!(fields.field(name), Some(Type::Time | Type::MicroTime));
            written && !unknown.contains(name)
        });
        Ok(())
    }

    fn map(&mut self, kind: Type, element: Type, value: &mut Value, path: &str, go: &str) -> Result<(), String> {
        let Value::Object(map) = value else {
            return Err(self.mismatch(value, go, kind));
        };
        for (name, field) in map.iter_mut() {
            if field.is_null() {
                *field = Value::from("");
            }
            self.value(element, field, &join(path, name), go)?;
        }
        Ok(())
    }

    fn list(&mut self, kind: Type, element: Type, value: &mut Value, path: &str, go: &str) -> Result<(), String> {
        let Value::Array(list) = value else {
            return Err(self.mismatch(value, go, kind));
        };
        for (index, item) in list.iter_mut().enumerate() {
            self.value(element, item, &format!("{path}[{index}]"), go)?;
        }
        Ok(())
    }

    fn scalar(&mut self, kind: Type, value: &mut Value, go: &str) -> Result<(), String> {
        match kind {
            Type::Any => Ok(()),
            Type::Text | Type::Uid if value.is_string() => Ok(()),
            Type::Bool if value.is_boolean() => Ok(()),
            Type::Int32 if value.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Ok(()),
            Type::Int64 if value.as_i64().is_some() => Ok(()),
            Type::Int32 | Type::Int64 if value.is_number() => {
                Err(format!("{} of type {}", self.cannot(&format!("number {value}"), go), kind.go()))
            }
            Type::IntOrText => match value {
                Value::String(_) => Ok(()),
                Value::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Ok(()),
                other => Err(format!("json: cannot unmarshal {} into Go value of type int32", described(other))),
            },
            Type::Quantity => {
                *value = quantity(value)?.into();
                Ok(())
            }
            Type::Time | Type::MicroTime => match value.as_str() {
                Some(text) if Time::parse(text).is_some() => Ok(()),
                Some(text) => Err(format!(
                    "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\""
                )),
                None => Err(format!("json: cannot unmarshal {} into Go value of type string", described(value))),
            },
            Type::Bytes => match value.as_str().map(|text| base64::engine::general_purpose::STANDARD.decode(text)) {
                Some(Ok(_)) => Ok(()),
                Some(Err(fault)) => Err(format!("illegal base64 data at input byte {}", offset(&fault, value))),
                None => Err(self.mismatch(value, go, kind)),
            },
            _ => Err(self.mismatch(value, go, kind)),
        }
    }

    fn mismatch(&self, value: &Value, go: &str, kind: Type) -> String {
        format!("{} of type {}", self.cannot(described(value), go), kind.go())
    }

    fn cannot(&self, what: &str, go: &str) -> String {
        format!("json: cannot unmarshal {what} into Go struct field {}.{go}", self.owner)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The canonical text of a quantity given as text or number.
fn quantity(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim().to_string(),
        Value::Number(number) => number.to_string(),
        _ => return Err(QUANTITY_FORMAT.into()),
    };
    if let Some(quantity) = Quantity::parse(&text) {
        return Ok(quantity.to_string());
    }
    let rest = text.trim_start_matches(['+', '-']);
    let suffix = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let numeric = rest.len() > suffix.len();
    let tail = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let tail = tail.strip_prefix(['+', '-']).unwrap_or(tail);
    if numeric && tail.bytes().all(|b| b.is_ascii_digit()) {
        return Err("unable to parse quantity's suffix".into());
    }
    Err(QUANTITY_FORMAT.into())
}

fn offset(fault: &base64::DecodeError, value: &Value) -> usize {
    match fault {
        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => *at,
        _ => value.as_str().map_or(0, str::len) / 4 * 4,
    }
}

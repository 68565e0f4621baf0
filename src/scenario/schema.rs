//! The JSON Schema of scenario files, made from the key tables. Does not check anything.

use super::format::{FAMILY, SCENARIO};
use super::keys::{Kind, Need, Shape};
use serde_json::{Map, Value, json};

/// The schema of `scenario.toml` (JSON Schema 2020-12), for editors.
pub fn schema() -> Value {
    let mut defs = Map::new();
    let forms = [&SCENARIO, &FAMILY].map(|form| shape(form, &mut defs));
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!("whodunit scenario, format 1"));
    schema.insert("oneOf".into(), json!(forms));
    schema.insert("$defs".into(), Value::Object(defs));
    Value::Object(schema)
}

fn shape(shape: &'static Shape, defs: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in shape.all_keys() {
        let mut value = kind(&key.kind, defs);
        if let Value::Object(map) = &mut value {
            map.insert("description".into(), json!(key.doc));
        }
        properties.insert(key.name.into(), value);
        if key.need == Need::Required {
            required.push(key.name);
        }
    }
    json!({
        "type": "object",
        "description": shape.doc,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

/// What the seed draws stands as a `{name}`.
fn drawn() -> Value {
    json!({"type": "string", "pattern": "^\\{[a-z][a-z0-9_.]*\\}$"})
}

fn kind(of: &'static Kind, defs: &mut Map<String, Value>) -> Value {
    match of {
        Kind::Text(max) => json!({"type": "string", "maxLength": max}),
        Kind::Id => json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$", "maxLength": 63}),
        Kind::Span => json!({"type": "string"}),
        Kind::Integer(low, high) => json!({"anyOf": [{"type": "integer", "minimum": low, "maximum": high}, drawn()]}),
        Kind::Number => json!({"anyOf": [{"type": "number"}, drawn()]}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Kind::Any => json!({}),
        Kind::OneOf(words) => json!({"enum": words}),
        Kind::List(inner, max) => json!({"type": "array", "maxItems": max, "items": kind(inner, defs)}),
        Kind::Map(inner, max) => {
            json!({"type": "object", "maxProperties": max, "additionalProperties": kind(inner, defs)})
        }
        Kind::Table(inner) => {
            let name: String = inner.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
            if !defs.contains_key(&name) {
                defs.insert(name.clone(), Value::Null);
                let made = shape(inner, defs);
                defs.insert(name.clone(), made);
            }
            json!({"$ref": format!("#/$defs/{name}")})
        }
    }
}

//! One argument's words as a value: files, JSON, shorthand, numbers. Does not know options or rules of the service.

use super::shorthand;
use crate::console::session::Session;
use crate::console::unix;
use crate::world::aws::model::{Model, Of, Scalar, Shape};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

/// The words of one option.
#[derive(Clone, Debug)]
pub enum Given {
    Word(String),
    Words(Vec<String>),
}

/// The learner's notes and manifests, which stand for the files of the machine.
pub struct Files<'a>(pub &'a Session);

impl Files<'_> {
    /// The text that `file://NAME` or `fileb://NAME` means; `None` if it is neither.
    pub fn load(&self, given: &str) -> Option<Result<String, String>> {
        let name = given.strip_prefix("file://").or_else(|| given.strip_prefix("fileb://"))?;
        let lines = unix::file(self.0, name);
        let text = lines.map(|lines| {
            let mut all = String::new();
            for line in &lines {
                all.push_str(&line.text);
                if !line.open {
                    all.push('\n');
                }
            }
            all
        });
        let why = || format!("[Errno 2] No such file or directory: {}", super::node::quoted(name));
        Some(text.ok_or_else(|| format!("Unable to load paramfile {given}: {}", why())))
    }
}

/// A file's contents by its path, for bodies that are sent as they are.
pub fn body(path: &str, files: &Files, name: &str) -> Result<Value, String> {
    let bare = path.strip_prefix("fileb://").or_else(|| path.strip_prefix("file://")).unwrap_or(path);
    match files.load(&format!("file://{bare}")) {
        Some(Ok(text)) => Ok(Value::String(STANDARD.encode(text))),
        _ => Err(format!("Error parsing parameter '{name}': Blob values must be a path to a file.")),
    }
}

/// The value of an argument, of texts where only the service knows better. `name` is the option.
pub fn argument(
    model: &'static Model,
    shape: &str,
    given: Given,
    (name, files): (&str, &Files),
) -> Result<Value, String> {
    let wrong = |say: String| format!("Error parsing parameter '{name}': {say}");
    let single = match &given {
        Given::Word(word) => Some(word.as_str()),
        Given::Words(words) => words.first().filter(|_| words.len() == 1).map(String::as_str),
    };
    let given = match single.and_then(|word| files.load(word)) {
        Some(loaded) => Given::Word(loaded.map_err(wrong)?),
        None => given,
    };
    let first = match &given {
        Given::Word(word) => word.as_str(),
        Given::Words(words) => words.first().map_or("", String::as_str),
    };
    if complex(model, shape) && !first.trim_start().starts_with(['[', '{']) {
        let load = |text: &str| files.load(text);
        let one = |text: &str| shorthand::parse(text, &load);
        let mut value = match &given {
            Given::Word(word) => one(word).map_err(wrong)?,
            Given::Words(words) => Value::Array(words.iter().map(|w| one(w)).collect::<Result<_, _>>().map_err(wrong)?),
        };
        settle(model, shape, &mut value)?;
        encode(model, shape, &mut value);
        return Ok(value);
    }
    unpacked(model, shape, &given, name)
}

/// Whether the shorthand is tried: structures, maps, and lists of either.
fn complex(model: &Model, shape: &str) -> bool {
    match model.shape(shape) {
        Some(Shape::Struct(_) | Shape::Map(_)) => true,
        Some(Shape::List(list)) => !matches!(model.shape(&list.member), Some(Shape::Scalar(_)) | None),
        _ => false,
    }
}

/// Texts of the shorthand made what the shape wants: numbers, truths, lists of one.
fn settle(model: &Model, shape: &str, value: &mut Value) -> Result<(), String> {
    match (model.shape(shape), value) {
        (Some(Shape::Struct(structure)), Value::Object(members)) => {
            for member in &structure.members {
                if let Some(value) = members.get_mut(&member.name) {
                    settle(model, &member.shape, value)?;
                }
            }
        }
        (Some(Shape::Map(map)), Value::Object(members)) => {
            for value in members.values_mut() {
                settle(model, &map.value, value)?;
            }
        }
        (Some(Shape::List(list)), Value::Array(items)) => {
            for item in items {
                settle(model, &list.member, item)?;
            }
        }
        // The client does not look further into what it wraps here.
        (Some(Shape::List(_)), value) => *value = Value::Array(vec![value.take()]),
        (Some(Shape::Scalar(scalar)), value) => {
            if let Value::String(text) = &*value {
                *value = number_or_truth(scalar, text)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn number_or_truth(scalar: &Scalar, text: &str) -> Result<Value, String> {
    Ok(match scalar.of {
        Of::Boolean if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        Of::Boolean if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        Of::Integer | Of::Long | Of::Float | Of::Double => scalar_value(scalar, text)?,
        _ => Value::from(text),
    })
}

fn scalar_value(scalar: &Scalar, text: &str) -> Result<Value, String> {
    let quoted = || super::node::quoted(text);
    Ok(match scalar.of {
        Of::Integer | Of::Long => {
            let bare = text.trim().replace('_', "");
            let digits = bare.trim_start_matches(['-', '+']);
            let large = || {
                let whole = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
                whole.then(|| bare.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)).flatten()
            };
            let number = bare.parse::<i64>().ok().map(Value::from).or_else(large);
            number.ok_or_else(|| format!("invalid literal for int() with base 10: {}", quoted()))?
        }
        Of::Float | Of::Double => {
            let number = text.trim().parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number);
            number.ok_or_else(|| format!("could not convert string to float: {}", quoted()))?
        }
        Of::Boolean => Value::Bool(!text.eq_ignore_ascii_case("false") && !text.is_empty()),
        Of::Blob => Value::String(STANDARD.encode(text)),
        Of::String | Of::Timestamp => Value::from(text),
    })
}

fn unpacked(model: &Model, shape: &str, given: &Given, name: &str) -> Result<Value, String> {
    let read = |text: &str| {
        let wrong = |fault| format!("Error parsing parameter '{name}': Invalid JSON: {fault}\nJSON received: {text}");
        json(text).map_err(wrong)
    };
    match (model.shape(shape), given) {
        (Some(Shape::Scalar(scalar)), Given::Word(text)) => scalar_value(scalar, text),
        (Some(Shape::Struct(_) | Shape::Map(_)), Given::Word(text)) => {
            if text.trim_start().starts_with('{') {
                return read(text).map(|mut value| {
                    encode(model, shape, &mut value);
                    value
                });
            }
            Err(format!("Error parsing parameter '{name}': Invalid JSON:\n{text}"))
        }
        (Some(Shape::List(list)), given) => {
            let words = match given {
                Given::Word(text) => std::slice::from_ref(text),
                Given::Words(words) => words,
            };
            if let [text] = words
                && text.trim_start().starts_with('[')
            {
                let mut value = read(text)?;
                encode(model, shape, &mut value);
                return Ok(value);
            }
            let items = words.iter().map(|word| unpacked(model, &list.member, &Given::Word(word.clone()), name));
            let items: Result<Vec<Value>, String> = items.collect();
            let plain = |fault: String| {
                let known = fault.starts_with("Error parsing parameter");
                let first = words.first().map_or("", String::as_str);
                if known { fault } else { format!("Error parsing parameter '{name}': {first}") }
            };
            items.map(Value::Array).map_err(plain)
        }
        (_, Given::Word(text)) => Ok(Value::from(text.as_str())),
        (_, Given::Words(words)) => Ok(Value::from(words.clone())),
    }
}

/// Blobs inside JSON are texts to the client, whose bytes travel in base64.
pub fn encode(model: &Model, shape: &str, value: &mut Value) {
    match (model.shape(shape), value) {
        (Some(Shape::Struct(structure)), Value::Object(members)) => {
            for (key, value) in members {
                if let Some(member) = structure.member(key) {
                    encode(model, &member.shape, value);
                }
            }
        }
        (Some(Shape::Map(map)), Value::Object(members)) => {
            members.values_mut().for_each(|value| encode(model, &map.value, value));
        }
        (Some(Shape::List(list)), Value::Array(items)) => {
            items.iter_mut().for_each(|item| encode(model, &list.member, item));
        }
        (Some(Shape::Scalar(Scalar { of: Of::Blob, .. })), Value::String(text)) => *text = STANDARD.encode(&*text),
        _ => {}
    }
}

/// JSON, or what is wrong with it in the words of the client's language.
pub fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|_| super::json_fault::of(text))
}

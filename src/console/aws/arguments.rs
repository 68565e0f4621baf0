//! The options of an operation, made from its input shape, and what was given turned into the operation's input. Does not
//! know global options or how a service is asked.

use super::grammar::{Opt, Read, Takes};
use super::{extras, unpack, words};
use crate::world::aws::model::{Model, Of, Operation, Paging, Scalar, Shape};
use serde_json::{Map, Value, json};

/// What one option of an operation means.
#[derive(Clone, Debug)]
pub struct Argument {
    pub opt: Opt,
    pub is: Meaning,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A member of the input.
    Member { name: String, shape: String },
    /// A truth member, set or unset.
    Truth { name: String, yes: bool },
    /// A structure around one truth, unset.
    Wrapped { name: String },
    /// `--starting-token`, `--page-size`, `--max-items`.
    Paging,
    /// `--cli-input-json`, `--generate-cli-skeleton`.
    Client,
    /// What the client adds for convenience, by its name.
    Extra,
}

/// The options of an operation in the client's order: the input's members, then paging, then the client's own.
pub fn of(model: &'static Model, operation: &Operation) -> Vec<Argument> {
    let mut rows: Vec<Argument> = Vec::new();
    let members = model.structure(&operation.input).map_or(&[][..], |structure| structure.members.as_slice());
    let manual = operation.page.as_ref().map(manual_paging).unwrap_or_default();
    for member in members {
        let name = renamed(&model.service, &operation.name, &words::dashed(&member.name));
        let (required, hidden) = (member.required && !member.token, manual.contains(&member.name));
        let opt = |name: String, takes| Opt { name, takes, required, hidden, ..Opt::default() };
        let truth = matches!(model.shape(&member.shape), Some(Shape::Scalar(Scalar { of: Of::Boolean, .. })));
        if truth {
            for yes in [true, false] {
                let name = if yes { format!("--{name}") } else { unset(&model.service, &name) };
                // Either of the two will do.
                let opt = Opt { required: false, ..opt(name, Takes::Nothing) };
                rows.push(Argument { opt, is: Meaning::Truth { name: member.name.clone(), yes } });
            }
            continue;
        }
        let many = matches!(model.shape(&member.shape), Some(Shape::List(_)));
        let is = Meaning::Member { name: member.name.clone(), shape: member.shape.clone() };
        if model.service == "ec2" && wraps_truth(model, &member.shape) {
            let is_not = Meaning::Wrapped { name: member.name.clone() };
            rows.push(Argument { opt: opt(format!("--{name}"), Takes::Maybe), is });
            rows.push(Argument {
                opt: Opt { required: false, ..opt(format!("--no-{name}"), Takes::Nothing) },
                is: is_not,
            });
            continue;
        }
        rows.push(Argument { opt: opt(format!("--{name}"), if many { Takes::Many } else { Takes::One }), is });
    }
    extras::add(model, operation, &mut rows);
    if let Some(page) = &operation.page {
        let whole = !page.limit.is_empty() && limit_is_whole(model, operation, &page.limit);
        let mut paging = |name: &str, whole| {
            rows.retain(|row| row.opt.name != name);
            let opt = Opt { name: name.to_string(), whole, ..Opt::default() };
            rows.push(Argument { opt, is: Meaning::Paging });
        };
        paging("--starting-token", false);
        if !page.limit.is_empty() {
            paging("--page-size", whole);
        }
        paging("--max-items", whole || page.limit.is_empty());
    }
    let client = |name: &str, takes, choices| {
        let opt = Opt { name: name.to_string(), takes, choices, ..Opt::default() };
        Argument { opt, is: Meaning::Client }
    };
    rows.push(client("--cli-input-json", Takes::One, &[]));
    rows.push(client("--generate-cli-skeleton", Takes::Maybe, &["input", "output"]));
    rows
}

/// Whether a structure holds one truth alone: EC2 has those, and the client takes them as switches.
fn wraps_truth(model: &Model, shape: &str) -> bool {
    let members = model.structure(shape).map_or(&[][..], |structure| structure.members.as_slice());
    let [member] = members else { return false };
    let truth = matches!(model.shape(&member.shape), Some(Shape::Scalar(Scalar { of: Of::Boolean, .. })));
    truth && member.name == "Value"
}

fn limit_is_whole(model: &Model, operation: &Operation, limit: &str) -> bool {
    let member = model.structure(&operation.input).and_then(|structure| structure.member(limit));
    let shape = member.and_then(|member| model.shape(&member.shape));
    matches!(shape, Some(Shape::Scalar(Scalar { of: Of::Integer | Of::Long, .. })))
}

/// Members that page by hand: the client hides their options, and does not page itself where they are given.
pub fn manual_paging(page: &Paging) -> Vec<String> {
    page.input.iter().chain(Some(&page.limit)).filter(|name| !name.is_empty()).cloned().collect()
}

/// What a name that would hide a global option is called instead, as the client has it.
fn renamed(service: &str, operation: &str, name: &str) -> String {
    match (service, operation, name) {
        ("sns", "Subscribe", "endpoint") => "notification-endpoint".into(),
        ("apigateway", "CreateRestApi", "version") => "api-version".into(),
        ("ses", "SendEmail", "source") => "from".into(),
        _ => name.to_string(),
    }
}

/// The name that unsets a truth.
fn unset(service: &str, name: &str) -> String {
    match (service, name) {
        ("ec2", "egress") => "--ingress".into(),
        ("ec2", "disable-api-termination") => "--enable-api-termination".into(),
        _ => format!("--no-{name}"),
    }
}

/// The member of an answer that is a file of its own: the client asks where to write it.
pub fn outfile(model: &Model, operation: &Operation) -> Option<String> {
    let structure = model.structure(&operation.output)?;
    let member = structure.member(&structure.payload)?;
    let blob = matches!(model.shape(&member.shape), Some(Shape::Scalar(Scalar { of: Of::Blob, .. })));
    blob.then(|| member.name.clone())
}

/// The input that was given, as values: texts, numbers, lists and maps, not yet checked.
pub fn input(
    (model, input_shape): (&'static Model, &str),
    rows: &[Argument],
    read: &Read,
    files: &unpack::Files,
) -> Result<Value, String> {
    let mut input = match read.last("--cli-input-json") {
        Some(text) => {
            let mut whole = Value::Object(whole_input(text, files)?);
            unpack::encode(model, input_shape, &mut whole);
            whole.as_object().cloned().unwrap_or_default()
        }
        None => Map::new(),
    };
    for row in rows {
        match &row.is {
            Meaning::Truth { name, yes } if read.has(&row.opt.name) => {
                input.insert(name.clone(), Value::Bool(*yes));
            }
            Meaning::Wrapped { name } if read.has(&row.opt.name) => {
                input.insert(name.clone(), json!({ "Value": false }));
            }
            Meaning::Member { name, shape } => {
                let Some(values) = read.values(&row.opt.name) else { continue };
                if row.opt.takes == Takes::Maybe && values.is_empty() {
                    input.insert(name.clone(), json!({ "Value": true }));
                    continue;
                }
                if streams(model, input_shape, name) {
                    input.insert(
                        name.clone(),
                        unpack::body(values.first().map_or("", String::as_str), files, &row.opt.name)?,
                    );
                    continue;
                }
                let given = if row.opt.takes == Takes::Many {
                    unpack::Given::Words(values.to_vec())
                } else {
                    unpack::Given::Word(values.first().cloned().unwrap_or_default())
                };
                let value = unpack::argument(model, shape, given, (&row.opt.name, files))?;
                input.insert(name.clone(), value);
            }
            _ => {}
        }
    }
    // The last of `--x` and `--no-x` wins.
    for (given, _) in &read.given {
        if let Some(Meaning::Truth { name, yes }) = rows.iter().find(|row| row.opt.name == *given).map(|row| &row.is) {
            input.insert(name.clone(), Value::Bool(*yes));
        }
    }
    Ok(Value::Object(input))
}

/// Refuses both switches of a structure around one truth.
pub fn both(rows: &[Argument], read: &Read) -> Result<(), String> {
    let given = |row: &&Argument| read.has(&row.opt.name);
    for row in rows.iter().filter(|row| matches!(row.is, Meaning::Wrapped { .. })).filter(given) {
        let yes = row.opt.name.replacen("--no-", "--", 1);
        if read.has(&yes) {
            return Err(format!("Cannot specify both the \"{yes}\" option and the \"{}\" option.", row.opt.name));
        }
    }
    Ok(())
}

/// Whether a member is a file's contents, named by its path.
fn streams(model: &Model, input_shape: &str, name: &str) -> bool {
    model.structure(input_shape).and_then(|structure| structure.member(name)).is_some_and(|member| member.streaming)
}

fn whole_input(text: &str, files: &unpack::Files) -> Result<Map<String, Value>, String> {
    let wrong = |say: String| format!("Error parsing parameter 'cli-input-json': {say}");
    let text = match files.load(text) {
        Some(loaded) => loaded.map_err(|say| format!("Error parsing parameter '--cli-input-json': {say}"))?,
        None => text.to_string(),
    };
    match unpack::json(&text).map_err(|fault| wrong(format!("Invalid JSON: {fault}\nJSON received: {text}")))? {
        Value::Object(members) => Ok(members),
        // The client does not look, and stumbles later.
        other => {
            let class = match other {
                Value::Array(_) => "list",
                Value::String(_) => "str",
                Value::Bool(_) => "bool",
                Value::Number(number) if number.is_f64() => "float",
                Value::Number(_) => "int",
                _ => "NoneType",
            };
            Err(format!("'{class}' object has no attribute 'keys'"))
        }
    }
}

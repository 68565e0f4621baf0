//! The code: resources with attributes by address (`aws_sqs_queue.shipping_orders`), revisions of it, references between
//! resources. Does not know what is in the account.

use super::types::{self, Is, Rule};
use crate::stdx::time::Time;
use crate::stdx::{canon, suggest};
use crate::world::apps::lower::Problem;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// At most this many resources in the code.
const RESOURCES_MAX: usize = 2_000;
/// What stands for a value that only an apply will tell, in plans.
pub const UNKNOWN: &str = "(known after apply)";

/// Attributes by name.
pub type Attributes = Map<String, Value>;

/// Resources by address: `<type>.<name>`.
pub type Code = BTreeMap<String, Resource>;

/// One resource as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// `net/tables`; empty is the root.
    pub module: String,
    /// References (`${aws_sqs_queue.orders.arn}`) as they are written.
    pub attributes: Attributes,
}

/// The code at one time.
#[derive(Clone, Debug)]
pub struct Revision {
    pub number: u64,
    /// Of a prepared change: `tables-split`.
    pub id: String,
    pub title: String,
    /// Who wrote it.
    pub by: String,
    /// When it was merged.
    pub at: Time,
    pub code: Arc<Code>,
    /// Against the revision before.
    pub changes: Vec<Change>,
    /// The number that its apply has at least; 0: whatever comes next.
    pub apply: u64,
}

/// One attribute that a revision changed; an empty text is an absent one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub address: String,
    pub path: String,
    pub before: String,
    pub after: String,
}

/// A change of the code that waits to be merged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    pub id: String,
    pub title: String,
    pub by: String,
    /// The number that its apply has at least; 0: whatever comes next.
    pub apply: u64,
    /// New resources by address, with `module` among their attributes.
    pub add: BTreeMap<String, Value>,
    /// Attributes to set by address.
    pub set: BTreeMap<String, Value>,
    /// Addresses (`type.name`) or single attributes (`type.name.attribute`).
    pub remove: Vec<String>,
}

/// Reads the resources of an `account.toml`.
pub fn read(resources: &Value) -> (Code, Vec<Problem>) {
    let mut code = Code::new();
    for (address, value) in resources.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(attributes) => code.insert(address.clone(), resource(attributes)),
            None => return (code, vec![problem(&[address], "is not a table of attributes", None)]),
        };
    }
    let problems = check(&code);
    (code, problems)
}

fn resource(attributes: &Attributes) -> Resource {
    let mut attributes = attributes.clone();
    let module = attributes.remove("module");
    Resource { module: module.as_ref().and_then(Value::as_str).unwrap_or_default().to_string(), attributes }
}

fn problem(path: &[&str], say: impl Into<String>, hint: Option<String>) -> Problem {
    Problem { path: path.iter().map(|part| (*part).to_string()).collect(), say: say.into(), hint }
}

/// What is wrong with a code: unknown types and attributes, what is missing, references to nothing or in a circle.
pub fn check(code: &Code) -> Vec<Problem> {
    let mut problems = Vec::new();
    if code.len() > RESOURCES_MAX {
        problems.push(problem(&[], format!("{} resources; at most {RESOURCES_MAX}", code.len()), None));
    }
    for (address, resource) in code {
        check_resource(code, address, resource, &mut problems);
    }
    if let Err(circle) = order(code) {
        let first = circle.first().map_or("", String::as_str);
        problems.push(problem(&[first], format!("Cycle: {}", circle.join(", ")), None));
    }
    problems
}

fn check_resource(code: &Code, address: &str, resource: &Resource, problems: &mut Vec<Problem>) {
    let Some(row) = types::of(address) else {
        let kind = address.split('.').next().unwrap_or_default();
        let near = suggest::nearest(kind, types::TYPES.iter().map(|row| row.name));
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        problems.push(problem(&[address], format!("there is no resource type {kind:?}"), hint));
        return;
    };
    let name = address.split_once('.').map_or("", |(_, name)| name);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        problems.push(problem(&[address], "an address is TYPE.NAME; a name has letters, digits, _ and -", None));
    }
    for (key, value) in &resource.attributes {
        let Some(attribute) = row.attribute(key).filter(|attribute| attribute.rule != Rule::Computed) else {
            let near = suggest::nearest(key, row.attributes.iter().map(|attribute| attribute.name));
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            problems.push(problem(&[address, key], format!("{} has no argument {key:?}", row.name), hint));
            continue;
        };
        if let Some(say) = misfit(attribute.is, value) {
            problems.push(problem(&[address, key], say, None));
        }
        for (to, part) in references(value) {
            let known = code.contains_key(&to)
                && types::of(&to).is_some_and(|row| part == "id" || row.attribute(&part).is_some());
            if !known {
                problems.push(problem(&[address, key], format!("there is no {to}.{part}"), None));
            }
        }
    }
    for attribute in row.attributes.iter().filter(|attribute| attribute.rule == Rule::Required) {
        if !resource.attributes.contains_key(attribute.name) {
            let say = format!("{} needs the argument {:?}", row.name, attribute.name);
            problems.push(problem(&[address], say, None));
        }
    }
}

fn misfit(is: Is, value: &Value) -> Option<&'static str> {
    let reference = value.as_str().is_some_and(|text| text.contains("${"));
    let texts = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    let fits = match is {
        Is::Text => value.is_string() || value.is_number(),
        // A text that holds a whole number is one ("Type Conversion" of the language's documentation).
        Is::Whole => value.is_i64() || value.is_u64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        Is::Number => value.is_number() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        Is::Yes => value.is_boolean(),
        Is::Texts | Is::Set => texts(value),
        Is::Map => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
        Is::Json => value.is_object() || value.as_str().is_some_and(|text| serde_json::from_str::<Value>(text).is_ok()),
        Is::Blocks => value.as_array().is_some_and(|items| items.iter().all(Value::is_object)),
    };
    let say = match is {
        Is::Text => "is not a text",
        Is::Whole => "is not a whole number",
        Is::Number => "is not a number",
        Is::Yes => "is not true or false",
        Is::Texts | Is::Set => "is not a list of texts",
        Is::Map => "is not a table of texts",
        Is::Json => "is not a JSON document",
        Is::Blocks => "is not a list of tables",
    };
    (!fits && !reference).then_some(say)
}

/// `${type.name.attribute}` in a text: where it stands, and what it names.
fn next_reference(text: &str) -> Option<(usize, usize, String, String)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("${aws_") {
        let start = from + at;
        let end = start + text.get(start..)?.find('}')?;
        let mut parts = text.get(start + 2..end)?.splitn(3, '.');
        if let (Some(kind), Some(name), Some(part)) = (parts.next(), parts.next(), parts.next()) {
            return Some((start, end + 1, format!("{kind}.{name}"), part.to_string()));
        }
        from = end;
    }
    None
}

/// Every (address, attribute) that a value refers to.
pub fn references(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::String(text) => {
            let (mut found, mut rest) = (Vec::new(), text.as_str());
            while let Some((_, end, address, part)) = next_reference(rest) {
                found.push((address, part));
                rest = rest.get(end..).unwrap_or("");
            }
            found
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(map) => map.values().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The addresses that a resource needs to be there first.
pub fn needs(resource: &Resource) -> BTreeSet<String> {
    resource.attributes.values().flat_map(references).map(|(address, _)| address).collect()
}

/// Puts values in the place of references. What is not known makes the whole text unknown.
pub fn resolve(value: &Value, known: &dyn Fn(&str, &str) -> Option<Value>) -> Value {
    match value {
        Value::String(text) => resolve_text(text, known),
        Value::Array(items) => items.iter().map(|item| resolve(item, known)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), resolve(value, known))).collect(),
        other => other.clone(),
    }
}

fn resolve_text(text: &str, known: &dyn Fn(&str, &str) -> Option<Value>) -> Value {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((start, end, address, part)) = next_reference(rest) {
        let Some(value) = known(&address, &part).filter(|value| value != UNKNOWN) else { return UNKNOWN.into() };
        if start == 0 && end == rest.len() && out.is_empty() {
            return value;
        }
        out.push_str(rest.get(..start).unwrap_or(""));
        out.push_str(&canon::scalar(&value));
        rest = rest.get(end..).unwrap_or("");
    }
    out.push_str(rest);
    Value::String(out)
}

/// Addresses in an order in which each comes after what it refers to; else a circle. Ties by address.
pub fn order(code: &Code) -> Result<Vec<String>, Vec<String>> {
    let needs = code.iter().map(|(address, resource)| (address.clone(), needs(resource)));
    sorted(needs.collect())
}

/// Addresses after what they need, as far as that is among them.
pub fn sorted(mut needs: BTreeMap<String, BTreeSet<String>>) -> Result<Vec<String>, Vec<String>> {
    let mut out = Vec::with_capacity(needs.len());
    while !needs.is_empty() {
        let free =
            |wanted: &BTreeSet<String>, own: &str| !wanted.iter().any(|need| need != own && needs.contains_key(need));
        let ready: Vec<String> =
            needs.iter().filter(|(own, wanted)| free(wanted, own)).map(|(own, _)| own.clone()).collect();
        if ready.is_empty() {
            return Err(needs.into_keys().collect());
        }
        for address in &ready {
            needs.remove(address);
        }
        out.extend(ready);
    }
    Ok(out)
}

/// A code with a prepared change made.
pub fn changed(code: &Code, prepared: &Prepared) -> Result<Code, String> {
    let mut next = code.clone();
    for entry in &prepared.remove {
        let mut parts = entry.splitn(3, '.');
        let address = format!("{}.{}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let gone = match parts.next() {
            None => next.remove(&address).is_some(),
            Some(part) => next.get_mut(&address).is_some_and(|resource| resource.attributes.remove(part).is_some()),
        };
        if !gone {
            return Err(format!("{}: the code has no {entry}", prepared.id));
        }
    }
    for (address, attributes) in &prepared.add {
        let fresh = attributes.as_object().map(resource);
        let fresh = fresh.ok_or_else(|| format!("{}: {address} is not a table", prepared.id))?;
        if next.insert(address.clone(), fresh).is_some() {
            return Err(format!("{}: {address} is in the code already", prepared.id));
        }
    }
    for (address, attributes) in &prepared.set {
        let resource = next.get_mut(address).ok_or_else(|| format!("{}: the code has no {address}", prepared.id))?;
        for (key, value) in attributes.as_object().into_iter().flatten() {
            if key == "module" {
                resource.module = value.as_str().unwrap_or_default().to_string();
            } else {
                resource.attributes.insert(key.clone(), value.clone());
            }
        }
    }
    match check(&next).into_iter().next() {
        Some(problem) => Err(format!("{}: {}: {}", prepared.id, problem.path.join("."), problem.say)),
        None => Ok(next),
    }
}

/// What differs between two states of the code, by address and path.
pub fn differences(before: &Code, after: &Code) -> Vec<Change> {
    let empty = Resource::default();
    let addresses: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    for address in addresses {
        let (was, is) = (before.get(address).unwrap_or(&empty), after.get(address).unwrap_or(&empty));
        if was == is {
            continue;
        }
        let whole = |resource: &Resource| {
            let mut attributes = resource.attributes.clone();
            if !resource.module.is_empty() {
                attributes.insert("module".into(), resource.module.as_str().into());
            }
            Value::Object(attributes)
        };
        changes.extend(canon::differences(&whole(was), &whole(is)).into_iter().map(|(path, (before, after))| Change {
            address: address.clone(),
            path,
            before,
            after,
        }));
    }
    changes
}

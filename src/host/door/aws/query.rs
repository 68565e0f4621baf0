//! The query wire (`Action=…&Version=…` as a form, XML back), EC2's dialect of it, and SQS as older clients speak it.
//! Does not know HTTP beyond a form.

use super::json::Misread;
use super::scalar;
use crate::world::aws::model::{List, Mapping, Member, Model, Of, Scalar, Shape, Structure};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Which dialect of the query wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Plain,
    /// Lists are always flat, names begin with a capital.
    Ec2,
    OldSqs,
}

/// Pairs of one form, at most: the largest real request (a batch of ten messages with ten attributes) has some 400.
const PAIRS_MAX: usize = 10_000;
/// Parts of one name, at most.
const DEPTH_MAX: usize = 32;

/// A name's part: its own text and what goes on below it.
#[derive(Clone, Debug, Default)]
pub struct Node {
    text: Option<String>,
    below: BTreeMap<String, Node>,
}

impl Node {
    /// Numbered parts in the order of their numbers.
    fn numbered(&self) -> Vec<&Node> {
        let mut rows: Vec<(u32, &Node)> =
            self.below.iter().filter_map(|(name, node)| Some((name.parse().ok()?, node))).collect();
        rows.sort_by_key(|(number, _)| *number);
        rows.into_iter().map(|(_, node)| node).collect()
    }

    /// The names at the top.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.below.keys().map(String::as_str)
    }

    /// The text of a name at the top.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.below.get(name)?.text.as_deref()
    }
}

/// A form's pairs, decoded; `None` if it is not one, or too large.
pub fn pairs(form: &str) -> Option<Vec<(String, String)>> {
    let parts: Vec<&str> = form.split('&').filter(|part| !part.is_empty()).collect();
    if parts.len() > PAIRS_MAX {
        return None;
    }
    let pair = |part: &&str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((decode(name, true)?, decode(value, true)?))
    };
    parts.iter().map(pair).collect()
}

/// Percent-decoding; in forms a plus is a space. `None` if what comes out is not UTF-8 or a `%` stands alone.
pub fn decode(text: &str, form: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| (byte? as char).to_digit(16);
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                out.push((high * 16 + low) as u8);
            }
            b'+' if form => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

/// `Filter.1.Name=a` and the like as a tree.
pub fn tree(pairs: &[(String, String)]) -> Option<Node> {
    let mut root = Node::default();
    for (name, value) in pairs {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > DEPTH_MAX {
            return None;
        }
        let mut node = &mut root;
        for part in parts {
            node = node.below.entry(part.to_string()).or_default();
        }
        node.text = Some(value.clone());
    }
    Some(root)
}

/// The members of `shape` in a form.
pub fn read(model: &Model, shape: &str, form: &Node, dialect: Dialect) -> Result<Value, Misread> {
    match model.structure(shape) {
        Some(structure) => read_struct(model, structure, form, dialect),
        None => Ok(Value::Object(Map::new())),
    }
}

/// What EC2 calls a member in a request: its query name, else its wire name with a capital, else its own.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A member's name in requests.
pub fn request_name(model: &Model, member: &Member, dialect: Dialect) -> String {
    if dialect == Dialect::Ec2 {
        if !member.query.is_empty() {
            return member.query.clone();
        }
        return if member.wire.is_empty() { member.name.clone() } else { capital(&member.wire) };
    }
    let own = if member.wire.is_empty() { &member.name } else { &member.wire };
    if dialect == Dialect::OldSqs
        && let Some(old) = old_names(&member.shape)
    {
        return old.item.to_string();
    }
    // A flat list goes by the name of its elements.
    match model.shape(&member.shape) {
        Some(Shape::List(List { flat, wire, .. })) if (*flat || member.flat) && !wire.is_empty() => wire.clone(),
        _ => own.clone(),
    }
}

fn read_struct(model: &Model, structure: &Structure, form: &Node, dialect: Dialect) -> Result<Value, Misread> {
    let mut out = Map::new();
    for member in &structure.members {
        if let Some(node) = form.below.get(&request_name(model, member, dialect))
            && let Some(value) = read_shape(model, &member.shape, Some(member), node, dialect)?
        {
            out.insert(member.name.clone(), value);
        }
    }
    Ok(Value::Object(out))
}

fn read_shape(
    model: &Model,
    shape: &str,
    member: Option<&Member>,
    node: &Node,
    dialect: Dialect,
) -> Result<Option<Value>, Misread> {
    let item = |shape: &str, node: &Node| Ok(read_shape(model, shape, None, node, dialect)?.unwrap_or_default());
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => read_struct(model, structure, node, dialect).map(Some),
        Some(Shape::List(List { member: inner, flat, wire, .. })) => {
            let flat = *flat || dialect == Dialect::Ec2 || member.is_some_and(|member| member.flat);
            let name = if wire.is_empty() { "member" } else { wire };
            let rows = if flat { Some(node) } else { node.below.get(name) };
            let rows = rows.map(Node::numbered).unwrap_or_default();
            rows.into_iter()
                .map(|node| item(inner, node))
                .collect::<Result<Vec<_>, _>>()
                .map(|rows| Some(Value::Array(rows)))
        }
        Some(Shape::Map(map)) => read_map(model, map, shape, member, node, dialect).map(Some),
        Some(Shape::Scalar(scalar)) => match &node.text {
            Some(text) => read_scalar(scalar, text, dialect).map(Some),
            None => Ok(None),
        },
        None => Ok(None),
    }
}

fn read_map(
    model: &Model,
    map: &Mapping,
    shape: &str,
    member: Option<&Member>,
    node: &Node,
    dialect: Dialect,
) -> Result<Value, Misread> {
    let old = if dialect == Dialect::OldSqs { old_names(shape) } else { None };
    let flat = map.flat || old.is_some() || member.is_some_and(|member| member.flat);
    let rows = if flat { Some(node) } else { node.below.get("entry") };
    let or = |given: &str, usual: &str| if given.is_empty() { usual.to_string() } else { given.to_string() };
    let (key_name, value_name) = match old {
        Some(old) => (or(old.key, "Name"), or(old.value, "Value")),
        None => (or(&map.key_wire, "key"), or(&map.value_wire, "value")),
    };
    let mut out = Map::new();
    for row in rows.map(Node::numbered).unwrap_or_default() {
        let key = row.below.get(&key_name).and_then(|node| node.text.clone());
        let value = row.below.get(&value_name);
        if let (Some(key), Some(value)) = (key, value) {
            out.insert(key, read_shape(model, &map.value, None, value, dialect)?.unwrap_or_default());
        }
    }
    Ok(Value::Object(out))
}

fn read_scalar(scalar: &Scalar, text: &str, dialect: Dialect) -> Result<Value, Misread> {
    scalar::read(scalar, text).ok_or_else(|| {
        let due = match scalar.of {
            Of::Boolean => "boolean",
            Of::Timestamp => "timestamp",
            Of::Blob => "base64",
            Of::Float | Of::Double => "number",
            _ => "integer",
        };
        Misread(match dialect {
            Dialect::Ec2 => format!("Invalid value '{text}' for {due}"),
            _ if due == "integer" => format!("For input string: \"{text}\""),
            _ => format!("{text} is not a valid {due}"),
        })
    })
}

/// A name that SQS gave on its XML wire.
#[derive(Clone, Copy, Debug)]
pub struct Old {
    shape: &'static str,
    pub item: &'static str,
    pub key: &'static str,
    pub value: &'static str,
}

/// SQS API 2012-11-05 before it spoke JSON (2023): lists and maps were flat and went by these names. Sorted by shape.
static OLD: &[Old] = &[
    list("AWSAccountIdList", "AWSAccountId"),
    list("ActionNameList", "ActionName"),
    list("AttributeNameList", "AttributeName"),
    list("BatchResultErrorEntryList", "BatchResultErrorEntry"),
    list("BinaryList", "BinaryListValue"),
    list("ChangeMessageVisibilityBatchRequestEntryList", "ChangeMessageVisibilityBatchRequestEntry"),
    list("ChangeMessageVisibilityBatchResultEntryList", "ChangeMessageVisibilityBatchResultEntry"),
    list("DeleteMessageBatchRequestEntryList", "DeleteMessageBatchRequestEntry"),
    list("DeleteMessageBatchResultEntryList", "DeleteMessageBatchResultEntry"),
    list("ListMessageMoveTasksResultEntryList", "ListMessageMoveTasksResultEntry"),
    map("MessageBodyAttributeMap", "MessageAttribute", "Name"),
    map("MessageBodySystemAttributeMap", "MessageSystemAttribute", "Name"),
    list("MessageAttributeNameList", "MessageAttributeName"),
    list("MessageList", "Message"),
    list("MessageSystemAttributeList", "MessageSystemAttributeName"),
    map("MessageSystemAttributeMap", "Attribute", "Name"),
    map("QueueAttributeMap", "Attribute", "Name"),
    list("QueueUrlList", "QueueUrl"),
    list("SendMessageBatchRequestEntryList", "SendMessageBatchRequestEntry"),
    list("SendMessageBatchResultEntryList", "SendMessageBatchResultEntry"),
    list("StringList", "StringListValue"),
    list("TagKeyList", "TagKey"),
    map("TagMap", "Tag", "Key"),
];

const fn list(shape: &'static str, item: &'static str) -> Old {
    Old { shape, item, key: "", value: "" }
}

const fn map(shape: &'static str, item: &'static str, key: &'static str) -> Old {
    Old { shape, item, key, value: "Value" }
}

/// What SQS called the elements of a list or the entries of a map.
pub fn old_names(shape: &str) -> Option<&'static Old> {
    OLD.iter().find(|old| old.shape == shape)
}

//! REST-XML (S3): bodies. Does not know which operation it is.

use super::json::Misread;
use super::xml::{self, Names};
use super::{rest, scalar};
use crate::host::door::{Message, Reply};
use crate::world::aws::model::{List, Mapping, Member, Model, Operation, Shape, Structure};
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// S3's namespace, which its model names only at a few shapes (Amazon S3 API Reference, 2006-03-01).
const S3: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The operation's members, from where each travels.
pub fn read(
    model: &Model,
    operation: &Operation,
    message: &Message,
    labels: &[(String, String)],
) -> Result<Value, Misread> {
    let Some(structure) = model.structure(&operation.input) else { return Ok(Value::Object(Map::new())) };
    let mut input = rest::read_places(model, structure, message, labels)?;
    if message.body.is_empty() {
        return Ok(Value::Object(input));
    }
    match rest::payload(model, structure) {
        Some((member, Some(Shape::Scalar(scalar)))) => {
            input.insert(member.name.clone(), rest::raw_payload(scalar, &message.body)?);
        }
        Some((member, _)) => {
            let text = std::str::from_utf8(&message.body).map_err(|_| malformed())?;
            // The parser knows no entities but XML's own, and refuses documents that declare others.
            let document = Document::parse(text).map_err(|_| malformed())?;
            let value = read_node(model, &member.shape, document.root_element(), 0)?;
            input.insert(member.name.clone(), value);
        }
        None => {}
    }
    Ok(Value::Object(input))
}

/// S3's word for a body that is not what it expects (S3 API Reference, MalformedXML).
fn malformed() -> Misread {
    Misread("The XML you provided was not well-formed or did not validate against our published schema".into())
}

/// Levels of a body, at most.
const DEPTH_MAX: u32 = 32;

fn below<'a>(node: Node<'a, 'a>, tag: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == tag)
}

fn read_node<'a>(model: &'a Model, shape: &str, node: Node<'a, 'a>, depth: u32) -> Result<Value, Misread> {
    if depth > DEPTH_MAX {
        return Err(malformed());
    }
    match model.shape(shape) {
        Some(Shape::Struct(structure)) => read_members(model, structure, node, depth),
        Some(Shape::List(List { member, wire, .. })) => {
            let items = below(node, if wire.is_empty() { "member" } else { wire });
            items.map(|item| read_node(model, member, item, depth + 1)).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Some(Shape::Map(Mapping { value, .. })) => {
            let mut out = Map::new();
            for entry in below(node, "entry") {
                if let (Some(key), Some(item)) = (below(entry, "key").next(), below(entry, "value").next()) {
                    out.insert(key.text().unwrap_or_default().into(), read_node(model, value, item, depth + 1)?);
                }
            }
            Ok(Value::Object(out))
        }
        Some(Shape::Scalar(scalar)) => scalar::read(scalar, node.text().unwrap_or_default()).ok_or_else(malformed),
        None => Err(malformed()),
    }
}

fn read_members<'a>(
    model: &'a Model,
    structure: &'a Structure,
    node: Node<'a, 'a>,
    depth: u32,
) -> Result<Value, Misread> {
    let mut out = Map::new();
    for member in structure.members.iter().filter(|member| rest::in_body(member)) {
        let tag = if member.wire.is_empty() { &member.name } else { &member.wire };
        let flat = |list: &List| list.flat || member.flat;
        let value = match model.shape(&member.shape) {
            Some(Shape::List(list)) if flat(list) => {
                let items = below(node, if list.wire.is_empty() { tag } else { &list.wire });
                let items = items.map(|item| read_node(model, &list.member, item, depth + 1));
                Some(items.collect::<Result<Vec<_>, _>>()?).filter(|items| !items.is_empty()).map(Value::Array)
            }
            _ if tag.contains(':') => attribute(node, member).map(Value::from),
            _ => below(node, tag).next().map(|child| read_node(model, &member.shape, child, depth + 1)).transpose()?,
        };
        out.extend(value.map(|value| (member.name.clone(), value)));
    }
    Ok(Value::Object(out))
}

/// A member that is an attribute: of S3's only `xsi:type`.
fn attribute<'a>(node: Node<'a, 'a>, member: &Member) -> Option<&'a str> {
    let (_, name) = member.wire.split_once(':')?;
    node.attribute(("http://www.w3.org/2001/XMLSchema-instance", name))
}

/// The operation's answer.
pub fn write(model: &Model, operation: &Operation, value: &Value) -> Reply {
    let Some(structure) = model.structure(&operation.output) else { return Reply::new(200, "application/xml", "") };
    if let Some((member, Some(Shape::Scalar(scalar)))) = rest::payload(model, structure) {
        let bytes = rest::raw_bytes(scalar, value.get(&member.name).unwrap_or(&Value::Null));
        return rest::write_places(model, structure, value, Reply::new(200, "binary/octet-stream", bytes));
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // S3's oldest answer has its only member as the root itself.
    if operation.name == "GetBucketLocation" {
        let place = value.get("LocationConstraint").and_then(Value::as_str).unwrap_or_default();
        xml::open(&format!("LocationConstraint xmlns=\"{S3}\""), &mut out);
        xml::escape(place, &mut out);
        xml::close("LocationConstraint", &mut out);
        return Reply::new(200, "application/xml", out);
    }
    let root = root(operation);
    if structure.members.iter().any(rest::in_body) {
        xml::open(&format!("{root} xmlns=\"{S3}\""), &mut out);
        xml::members(model, structure, value, Names::Modern, &rest::in_body, &mut out);
        xml::close(root, &mut out);
    } else {
        out.clear();
    }
    rest::write_places(model, structure, value, Reply::new(200, "application/xml", out))
}

/// The root element as the S3 API Reference has it; the model of the listed operations does not say it.
fn root(operation: &Operation) -> &str {
    match operation.name.as_str() {
        "GetBucketLifecycleConfiguration" => "LifecycleConfiguration",
        "GetBucketLogging" => "BucketLoggingStatus",
        "GetBucketTagging" => "Tagging",
        "ListBuckets" => "ListAllMyBucketsResult",
        "ListObjectsV2" => "ListBucketResult",
        _ => &operation.output,
    }
}

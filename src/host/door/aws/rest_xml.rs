//! REST-XML (S3): bodies. Does not know which operation it is; no operation here takes a body of XML.

use super::json::Misread;
use super::rest;
use super::xml::{self, Names};
use crate::host::door::{Message, Reply};
use crate::world::aws::model::{Model, Operation, Shape};
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
    if let Some((member, Some(Shape::Scalar(scalar)))) = rest::payload(model, structure)
        && !message.body.is_empty()
    {
        input.insert(member.name.clone(), rest::raw_payload(scalar, &message.body)?);
    }
    Ok(Value::Object(input))
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

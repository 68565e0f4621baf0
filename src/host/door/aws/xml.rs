//! XML bodies by the model, for the query, EC2 and REST-XML wires. Only writes: no operation here takes XML. Does not know
//! HTTP.

use super::query::old_names;
use super::scalar::{self, Stamp};
use crate::world::aws::model::{List, Mapping, Member, Model, Of, Scalar, Shape, Structure};
use serde_json::Value;

/// Which names an XML writer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// As the model says.
    Modern,
    /// SQS as it was when it spoke XML: the model of today no longer says those names.
    OldSqs,
}

/// `<tag>text</tag>`.
pub fn element(tag: &str, text: &str, out: &mut String) {
    open(tag, out);
    escape(text, out);
    close(tag, out);
}

pub fn open(tag: &str, out: &mut String) {
    out.push('<');
    out.push_str(tag);
    out.push('>');
}

pub fn close(tag: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// Text between tags. What XML 1.0 cannot say at all becomes the replacement character.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A bare carriage return would be read back as a newline.
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if (c as u32) < 0x20 => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// The members of a structure that travel in the body.
pub fn members(
    model: &Model,
    structure: &Structure,
    value: &Value,
    names: Names,
    body: &dyn Fn(&Member) -> bool,
    out: &mut String,
) {
    for member in structure.members.iter().filter(|member| body(member)) {
        let Some(own) = value.get(&member.name).filter(|own| !own.is_null()) else { continue };
        let tag = if member.wire.is_empty() { &member.name } else { &member.wire };
        shape(model, &member.shape, Some(member), tag, own, names, out);
    }
}

/// One value as an element, or as elements where a list is flat.
pub fn shape(
    model: &Model,
    name: &str,
    member: Option<&Member>,
    tag: &str,
    value: &Value,
    names: Names,
    out: &mut String,
) {
    let old = if names == Names::OldSqs { old_names(name) } else { None };
    match model.shape(name) {
        Some(Shape::Struct(structure)) => {
            open(tag, out);
            members(model, structure, value, names, &|_| true, out);
            close(tag, out);
        }
        Some(Shape::List(List { member: inner, flat, wire, .. })) => {
            let items = value.as_array().map_or(&[][..], Vec::as_slice);
            let flat = *flat || member.is_some_and(|member| member.flat);
            let item = old.map_or(wire.as_str(), |old| old.item);
            if flat {
                let tag = if item.is_empty() { tag } else { item };
                items.iter().for_each(|value| shape(model, inner, None, tag, value, names, out));
            } else {
                open(tag, out);
                let item = if item.is_empty() { "member" } else { item };
                items.iter().for_each(|value| shape(model, inner, None, item, value, names, out));
                close(tag, out);
            }
        }
        Some(Shape::Map(map)) => {
            entries(model, map, member, tag, value, names, old.map(|old| (old.item, old.key, old.value)), out)
        }
        Some(Shape::Scalar(_)) if is_document(model, name) => {
            element(tag, &percent(value.as_str().unwrap_or_default()), out)
        }
        Some(Shape::Scalar(scalar)) => element(tag, &text(scalar, member, value), out),
        None => {}
    }
}

/// Policies travel from IAM percent-encoded "compliant with RFC 3986" (IAM API Reference, GetPolicyVersion); clients decode
/// them.
pub fn is_document(model: &Model, shape: &str) -> bool {
    model.service == "iam" && shape == "policyDocumentType"
}

/// Percent-encoding of RFC 3986: all but the unreserved characters.
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[expect(clippy::too_many_arguments, reason = "the walk's state, handed on")]
fn entries(
    model: &Model,
    map: &Mapping,
    member: Option<&Member>,
    tag: &str,
    value: &Value,
    names: Names,
    old: Option<(&'static str, &'static str, &'static str)>,
    out: &mut String,
) {
    let flat = map.flat || member.is_some_and(|member| member.flat);
    let or = |given: &'static str, usual: &'static str| if given.is_empty() { usual } else { given };
    let key_wire = if map.key_wire.is_empty() { "key" } else { &map.key_wire };
    let value_wire = if map.value_wire.is_empty() { "value" } else { &map.value_wire };
    let (entry, key_tag, value_tag) = match old {
        Some((item, key, value)) => (item, or(key, "Name"), or(value, "Value")),
        None => (if flat { tag } else { "entry" }, key_wire, value_wire),
    };
    if !flat {
        open(tag, out);
    }
    for (key, item) in value.as_object().into_iter().flatten() {
        open(entry, out);
        element(key_tag, key, out);
        shape(model, &map.value, None, value_tag, item, names, out);
        close(entry, out);
    }
    if !flat {
        close(tag, out);
    }
}

fn text(scalar: &Scalar, member: Option<&Member>, value: &Value) -> String {
    let stamp = Stamp::of(member, scalar, Stamp::Iso);
    // A timestamp that says epoch seconds is whole in XML.
    match (scalar.of, stamp, value.as_i64()) {
        (Of::Timestamp, Stamp::Seconds, Some(ms)) if ms % 1_000 == 0 => (ms / 1_000).to_string(),
        _ => scalar::write(scalar, stamp, value),
    }
}

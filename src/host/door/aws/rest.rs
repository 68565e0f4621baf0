//! What REST-JSON and REST-XML share: members in the path, the query string, headers and the status; and which operation
//! a method and a path are. Does not know the forms of bodies.

use super::json::Misread;
use super::query::{decode, pairs};
use super::scalar::{self, Stamp};
use crate::host::door::{Message, Reply};
use crate::world::aws::model::{List, Member, Model, Of, Operation, Place, Scalar, Shape, Structure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// The operation of a service that a method, a path and a query string are, with what the path's labels say. Of several
/// that fit, the one whose template says most.
pub fn operation<'a>(model: &'a Model, message: &Message) -> Option<(&'a Operation, Vec<(String, String)>)> {
    let query = pairs(&message.query)?;
    let fits =
        model.operations.values().filter(|operation| operation.method == message.method).filter_map(|operation| {
            let (path, wanted) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
            let labels = labels(path, &message.path)?;
            let said = wanted.split('&').filter(|part| !part.is_empty());
            let all = said.clone().all(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                query.iter().any(|(own, given)| own == name && (value.is_empty() || value == given))
            });
            let weight = said.count() * 100 + path.split('/').filter(|part| !part.starts_with('{')).count();
            all.then_some((weight, operation, labels))
        });
    fits.max_by_key(|(weight, ..)| *weight).map(|(_, operation, labels)| (operation, labels))
}

/// What a path's parts say of a template's labels; a label with `+` takes all the rest.
fn labels(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = Some(path.trim_start_matches('/'));
    for part in template.trim_start_matches('/').split('/') {
        let label = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let own = rest?;
        if let Some(label) = label.and_then(|label| label.strip_suffix('+')) {
            if own.is_empty() {
                return None;
            }
            found.push((label.to_string(), decode(own, false)?));
            return Some(found);
        }
        let (head, tail) = own.split_once('/').map_or((own, None), |(head, tail)| (head, Some(tail)));
        match label {
            Some(label) if !head.is_empty() => found.push((label.to_string(), decode(head, false)?)),
            Some(_) => return None,
            None if head == part => {}
            None => return None,
        }
        rest = tail;
    }
    // A slash at the end is no part of its own.
    rest.is_none_or(str::is_empty).then_some(found)
}

/// The member's name where it travels.
fn wire_name(member: &Member) -> &str {
    if member.wire.is_empty() { &member.name } else { &member.wire }
}

/// Reads all members that do not travel in the body.
pub fn read_places(
    model: &Model,
    structure: &Structure,
    message: &Message,
    labels: &[(String, String)],
) -> Result<Map<String, Value>, Misread> {
    let mut out = Map::new();
    let query = pairs(&message.query).ok_or_else(Misread::default)?;
    for member in &structure.members {
        let name = wire_name(member);
        let given = match member.place {
            Place::Uri => labels.iter().find(|(own, _)| own == name).map(|(_, text)| vec![text.clone()]),
            Place::Querystring => {
                let own: Vec<String> =
                    query.iter().filter(|(own, _)| own == name).map(|(_, text)| text.clone()).collect();
                Some(own).filter(|own| !own.is_empty())
            }
            Place::Header => message.header(&name.to_ascii_lowercase()).map(|text| vec![text.to_string()]),
            Place::Headers => {
                let prefix = name.to_ascii_lowercase();
                let own = message.headers.iter().filter_map(|(name, text)| Some((name.strip_prefix(&prefix)?, text)));
                let map: Map<String, Value> =
                    own.map(|(name, text)| (name.to_string(), Value::from(text.as_str()))).collect();
                if !map.is_empty() {
                    out.insert(member.name.clone(), Value::Object(map));
                }
                None
            }
            Place::Body | Place::Status => None,
        };
        if let Some(texts) = given {
            out.insert(member.name.clone(), read_texts(model, member, &texts)?);
        }
    }
    Ok(out)
}

fn read_texts(model: &Model, member: &Member, texts: &[String]) -> Result<Value, Misread> {
    let one = |scalar: &Scalar, text: &str| {
        scalar::read(scalar, text).ok_or_else(|| Misread(format!("{text} is not a valid value for {}", member.name)))
    };
    match model.shape(&member.shape) {
        Some(Shape::Scalar(scalar)) => one(scalar, texts.first().map_or("", String::as_str)),
        Some(Shape::List(List { member: inner, .. })) => {
            let Some(scalar) = scalar::of(model, inner) else { return Err(Misread::default()) };
            let listed: Vec<String> = match member.place {
                Place::Header => texts.iter().flat_map(|text| listed(text)).collect(),
                _ => texts.to_vec(),
            };
            listed.iter().map(|text| one(scalar, text)).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        _ => Err(Misread::default()),
    }
}

/// The parts of a header that is a list; a part may stand in quotes.
fn listed(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let Some(part) = parts.last_mut() else { break };
        match c {
            _ if std::mem::take(&mut escaped) => part.push(c),
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            _ => part.push(c),
        }
    }
    parts.iter().map(|part| part.trim().to_string()).collect()
}

/// The member that is the whole body, with its shape.
pub fn payload<'a>(model: &'a Model, structure: &'a Structure) -> Option<(&'a Member, Option<&'a Shape>)> {
    let member = structure.member(&structure.payload)?;
    Some((member, model.shape(&member.shape)))
}

/// A body that is one text or blob.
pub fn raw_payload(scalar: &Scalar, body: &[u8]) -> Result<Value, Misread> {
    match scalar.of {
        Of::Blob => Ok(Value::from(STANDARD.encode(body))),
        _ => std::str::from_utf8(body).map(Value::from).map_err(|_| Misread::default()),
    }
}

/// The bytes of a body that is one text or blob.
pub fn raw_bytes(scalar: &Scalar, value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_default();
    if scalar.of == Of::Blob { STANDARD.decode(text).unwrap_or_default() } else { text.as_bytes().to_vec() }
}

/// Writes the members that travel in the status and in headers.
pub fn write_places(model: &Model, structure: &Structure, value: &Value, mut reply: Reply) -> Reply {
    for member in &structure.members {
        let Some(own) = value.get(&member.name).filter(|own| !own.is_null()) else { continue };
        let name = wire_name(member).to_ascii_lowercase();
        match (member.place, model.shape(&member.shape)) {
            (Place::Status, _) => {
                reply.status = own.as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(reply.status);
            }
            (Place::Header, Some(Shape::Scalar(scalar))) => {
                let text = scalar::write(scalar, Stamp::of(Some(member), scalar, Stamp::Rfc822), own);
                reply = reply.with(&name, header_text(&text));
            }
            (Place::Header, Some(Shape::List(List { member: inner, .. }))) => {
                let text =
                    |item: &Value| scalar::of(model, inner).map(|scalar| scalar::write(scalar, Stamp::Rfc822, item));
                let texts: Vec<String> = own.as_array().into_iter().flatten().filter_map(text).collect();
                reply = reply.with(&name, header_text(&texts.join(",")));
            }
            (Place::Headers, _) => {
                for (key, item) in own.as_object().into_iter().flatten() {
                    reply = reply.with(
                        &format!("{name}{}", key.to_ascii_lowercase()),
                        header_text(item.as_str().unwrap_or_default()),
                    );
                }
            }
            _ => {}
        }
    }
    reply
}

/// Text in a header: no line of a value may begin another header.
fn header_text(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Whether a member travels in the body.
pub fn in_body(member: &Member) -> bool {
    member.place == Place::Body
}

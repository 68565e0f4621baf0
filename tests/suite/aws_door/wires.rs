//! Every wire against botocore's own writers and readers, over every operation, with random members.

use super::{lines, python, sample, script, text, text_at};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use whodunit::host::door::Message;
use whodunit::host::door::aws;
use whodunit::host::door::aws::route::{self, Asked, Wire};
use whodunit::stdx::dice::Dice;
use whodunit::world::aws::call::{Answer, Fault};
use whodunit::world::aws::model::{self, Member, Model, Of, Place, Protocol, Shape};
use whodunit::world::aws::service::SERVICES;

fn models() -> impl Iterator<Item = &'static Model> {
    SERVICES.iter().filter_map(|service| model::of(service.name))
}

fn decoded(row: &Value, key: &str) -> Vec<u8> {
    STANDARD.decode(row[key].as_str().unwrap_or_default()).expect("base64")
}

/// Whatever members botocore sends on whatever wire arrive as they were given.
#[test]
fn requests_of_botocore_are_read() {
    let Some(python) = python() else { return };
    let asked: Vec<Value> = models()
        .map(|model| json!({ "service": model.service, "operations": model.operations.keys().collect::<Vec<_>>() }))
        .collect();
    let rows = lines(python, &[&script("wire.py"), "requests", "7", "12"], &asked);
    let operations: usize = models().map(|model| model.operations.len()).sum();
    assert!(rows.len() >= operations * 12, "{} requests of {operations} operations", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let headers = row["headers"].as_array().expect("headers").iter();
        let message = Message {
            method: text(row, "method"),
            path: text(row, "path"),
            query: text(row, "query"),
            headers: headers.map(|pair| (text_at(pair, 0), text_at(pair, 1))).collect(),
            body: decoded(row, "body"),
        };
        let model = model::of(&text(row, "service")).expect("a model");
        match route::read(&message, &model.sign) {
            Ok(read) if read.operation.name == text(row, "operation") && read.model.service == model.service => {
                if read.input != row["input"] {
                    wrong.push(format!(
                        "{} {}\n sent {}\n read {}",
                        model.service, row["operation"], row["input"], read.input
                    ));
                }
            }
            Ok(read) => wrong.push(format!(
                "{} {} was read as {} {}",
                model.service, row["operation"], read.model.service, read.operation.name
            )),
            Err(refused) => {
                wrong.push(format!("{} {}: {:?} for {}", model.service, row["operation"], refused.fault, row["input"]))
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), sample(&wrong));
}

/// Wires on which a service's answers are compared, with botocore's names for them.
fn wires(model: &Model) -> Vec<(Wire, &'static str)> {
    match model.protocol {
        Protocol::Json10 if model.service == "cloudwatch" => {
            vec![(Wire::Json10, "json"), (Wire::Cbor, "cbor"), (Wire::Query, "query")]
        }
        Protocol::Json10 => vec![(Wire::Json10, "json")],
        Protocol::Json11 => vec![(Wire::Json11, "json")],
        Protocol::Query => vec![(Wire::Query, "query")],
        Protocol::Ec2 => vec![(Wire::Ec2, "ec2")],
        Protocol::RestJson => vec![(Wire::RestJson, "rest-json")],
        Protocol::RestXml => vec![(Wire::RestXml, "rest-xml")],
    }
}

/// Random values of a model's shapes.
struct Maker<'a> {
    model: &'a Model,
    dice: Dice,
    /// Whether the wire can tell an empty list or map from none at all.
    says_empty: bool,
}

impl Maker<'_> {
    fn text(&mut self, letters: &str) -> String {
        let letters: Vec<char> = letters.chars().collect();
        let length = self.dice.between(1, 12);
        (0..length).filter_map(|_| self.dice.pick(&letters).copied()).collect()
    }

    fn make(&mut self, shape: &str, member: Option<&Member>, depth: u32) -> Value {
        let model = self.model;
        let place = member.map_or(Place::Body, |member| member.place);
        match model.shape(shape).expect("a shape") {
            Shape::Struct(structure) => {
                let mut out = Map::new();
                for member in &structure.members {
                    let per_mille = if depth < 2 { 800 } else { 400 / u64::from(depth) };
                    // A status, headers, and a body that is one text or blob are always there, if only as nothing.
                    let there = structure.payload == member.name
                        || matches!(member.place, Place::Status | Place::Headers)
                        || member.place == Place::Header && member.name == "ContentType";
                    // Text to the model, a date to botocore.
                    let own = member.name == "Expires";
                    if depth < 7 && !own && (there || self.dice.chance(per_mille)) {
                        let value = self.make(&member.shape, Some(member), depth + 1);
                        out.insert(member.name.clone(), value);
                    }
                }
                Value::Object(out)
            }
            Shape::List(list) => {
                let flat = list.flat || member.is_some_and(|member| member.flat) || place != Place::Body;
                let least = i64::from(flat && !self.says_empty || place != Place::Body);
                let count = self.dice.between(least, 3);
                let inner = Member { place, ..Member::default() };
                (0..count).map(|_| self.make(&list.member, Some(&inner), depth + 1)).collect()
            }
            Shape::Map(map) => {
                let least = i64::from(map.flat && !self.says_empty || place != Place::Body);
                let count = self.dice.between(least, 3);
                let entries = (0..count).map(|_| {
                    let key = self.text("abcdefgh-0123");
                    let inner = Member { place, ..Member::default() };
                    (key, self.make(&map.value, Some(&inner), depth + 1))
                });
                Value::Object(entries.collect())
            }
            Shape::Scalar(scalar) => match scalar.of {
                Of::String if place != Place::Body => Value::from(self.text("abcXYZ019-_./:")),
                Of::String => Value::from(self.text("abc XYZ019-_.,/:;&<>\"'%+=\n\t\ré한✓🦀\\{}[]")),
                Of::Integer | Of::Long if place == Place::Status => Value::from(200 + self.dice.below(99)),
                Of::Integer => Value::from(self.dice.between(-(1 << 31), (1 << 31) - 1)),
                Of::Long => Value::from(self.dice.between(-(1 << 60), 1 << 60)),
                Of::Float | Of::Double => {
                    let number = self.dice.between(-1_000_000, 1_000_000) as f64;
                    let scale = [1.0, 3.0, 1e-9, 1e18][self.dice.below(4) as usize];
                    json!(number * scale)
                }
                Of::Boolean => Value::Bool(self.dice.chance(500)),
                Of::Blob => {
                    let bytes: Vec<u8> = (0..self.dice.below(9)).map(|_| self.dice.below(256) as u8).collect();
                    Value::from(STANDARD.encode(bytes))
                }
                Of::Timestamp => {
                    let ms = self.dice.between(0, 4_000_000_000_000);
                    let named = member.map_or("", |member| member.format.as_str()).to_string() + &scalar.format;
                    // What has no fraction on its wire is given none.
                    let whole = place != Place::Body || named.contains("rfc822") || named.contains("unixTimestamp");
                    Value::from(if whole { ms / 1_000 * 1_000 } else { ms })
                }
            },
        }
    }
}

/// Every answer that a service could give is read by botocore as it was meant, on every wire that the service speaks.
#[test]
fn answers_are_read_by_botocore() {
    let Some(python) = python() else { return };
    let mut sent = Vec::new();
    let mut meant = Vec::new();
    for model in models() {
        // Where a bucket is, botocore reads by itself rather than by the model.
        for operation in model.operations.values().filter(|operation| operation.name != "GetBucketLocation") {
            for (wire, named) in wires(model) {
                let dice = Dice::new(11).fork(&format!("{}/{}/{named}", model.service, operation.name));
                let says_empty = matches!(wire, Wire::Json10 | Wire::Json11 | Wire::Cbor | Wire::RestJson);
                let mut maker = Maker { model, dice, says_empty };
                for _ in 0..12 {
                    let body =
                        if operation.output.is_empty() { json!({}) } else { maker.make(&operation.output, None, 0) };
                    let asked = Asked { model, operation, wire, input: Value::Null };
                    let reply = aws::write(&asked, &Ok(Answer::of(body.clone())), "an-id", &operation.method);
                    sent.push(json!({ "service": model.service, "operation": operation.name, "wire": named,
                        "status": reply.status, "headers": reply.headers, "body": STANDARD.encode(&reply.body) }));
                    meant.push(body);
                }
            }
        }
    }
    let read = lines(python, &[&script("wire.py"), "answers"], &sent);
    let mut wrong = Vec::new();
    for ((sent, meant), read) in sent.iter().zip(&meant).zip(&read) {
        // Policies of IAM go percent-encoded, and the parser alone does not decode them.
        let meant = &if sent["service"] == "iam" { encoded(meant) } else { meant.clone() };
        // A union has one member set; random ones have any number.
        let union = read["failed"].as_str().is_some_and(|why| why.contains("one and only one member"));
        if read["output"] != *meant && !union {
            let body = String::from_utf8_lossy(&decoded(sent, "body")).into_owned();
            wrong.push(format!(
                "{} {} {}\n meant {meant}\n read  {read}\n body {body}",
                sent["service"], sent["operation"], sent["wire"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), read.len(), sample(&wrong));
}

/// An answer of IAM as botocore's parser has it before its decoder: documents are percent-encoded.
fn encoded(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let encoded = members.iter().map(|(key, value)| match value {
                Value::String(text) if key.ends_with("Document") => (key.clone(), Value::from(aws::xml::percent(text))),
                value => (key.clone(), encoded(value)),
            });
            Value::Object(encoded.collect())
        }
        Value::Array(items) => items.iter().map(encoded).collect(),
        other => other.clone(),
    }
}

/// Every error that a service's model names reaches botocore with its code and message.
#[test]
fn refusals_are_read_by_botocore() {
    let Some(python) = python() else { return };
    let (mut sent, mut meant) = (Vec::new(), Vec::new());
    for model in models() {
        let Some(operation) = model.operations.values().find(|operation| operation.method != "HEAD") else { continue };
        let named = model.shapes.values().filter_map(|shape| match shape {
            Shape::Struct(structure) => Some(structure.error.as_ref()?.code.clone()),
            _ => None,
        });
        // Of a service that speaks JSON and never spoke otherwise, clients see the shape's name.
        let named = named.map(|code| match model.error(&code) {
            Some((name, _)) if wires(model)[0].1.contains("json") && !model.query_mode => name.to_string(),
            _ => code,
        });
        // Clients go on seeing what SQS said before it spoke JSON.
        let old = (model.service == "sqs").then(|| "AWS.SimpleQueueService.NonExistentQueue".to_string());
        for code in named.chain(["AccessDenied".to_string()]).chain(old) {
            for (wire, named) in wires(model) {
                let fault = Fault::new(&code, "a <message> & \"more\" 한");
                let asked = Asked { model, operation, wire, input: Value::Null };
                let reply = aws::write(&asked, &Err(fault), "an-id", &operation.method);
                assert!((400..600).contains(&reply.status), "{code}: {}", reply.status);
                sent.push(json!({ "service": model.service, "operation": operation.name, "wire": named,
                    "status": reply.status, "headers": reply.headers, "body": STANDARD.encode(&reply.body) }));
                meant.push(code.clone());
            }
        }
    }
    let read = lines(python, &[&script("wire.py"), "answers"], &sent);
    for ((sent, code), read) in sent.iter().zip(&meant).zip(&read) {
        let due = json!({ "Code": code, "Message": "a <message> & \"more\" 한" });
        assert_eq!(read["error"], due, "{sent}");
        assert_eq!(read["request_id"], "an-id", "{sent}");
    }
}

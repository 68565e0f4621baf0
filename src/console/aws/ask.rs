//! Asking the account on somebody's behalf: credentials, regions, refusals in the client's words. Does not know options or
//! formats.

use super::global::Global;
use super::node::{self, Node};
use super::{check, usage};
use crate::console::fact::ObjectId;
use crate::console::page::{Coverage, Output};
use crate::world::World;
use crate::world::aws;
use crate::world::aws::call::{Answer, Caller, Cover, Fault, Request};
use crate::world::aws::ec2::tags::REGIONS;
use crate::world::aws::model::{Model, Operation, Protocol};
use crate::world::aws::service::{Effect, Service};
use serde_json::Value;

/// Services with one endpoint for the world: the region is not looked at (botocore's endpoint rules).
const GLOBAL: &[&str] = &["budgets", "ce", "iam"];
/// Services that have an endpoint in each region and answer the same from all.
const EVERYWHERE: &[&str] = &["s3api", "sts"];

/// One operation of one service.
#[derive(Clone, Copy)]
pub struct Target {
    pub service: &'static Service,
    pub model: &'static Model,
    pub operation: &'static Operation,
}

/// Services that have things in several regions.
const BY_REGION: &[&str] = &["ses", "sesv2", "sns", "sqs"];

/// What came of a request.
pub enum Reply {
    Answer(Box<Answer>),
    Refused(Fault),
}

/// Whether anybody could ask at all; a page if not.
pub fn ready(world: &World, global: &Global) -> Result<(), Output> {
    if world.aws.id.is_empty() || global.unsigned {
        let say = "Unable to locate credentials. You can configure credentials by running \"aws configure\".";
        return Err(usage::plain(say));
    }
    if global.region.is_empty() {
        let say = "You must specify a region. You can also configure your region by running \"aws configure\".";
        return Err(usage::plain(say));
    }
    Ok(())
}

/// Whether a region is shaped like one (botocore, `validate_region_name`).
fn well_formed(region: &str) -> bool {
    let plain = region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let digits = region.chars().all(|c| c.is_ascii_digit());
    plain && !digits && region.len() <= 63 && !region.starts_with('-') && !region.ends_with('-')
}

/// Where a request to a region that does not exist would have gone: botocore's endpoint rules; paths of REST services with
/// their labels filled in.
fn address(target: Target, region: &str, input: &Value) -> String {
    let host = &target.model.endpoint;
    let bucket = input.get("Bucket").and_then(Value::as_str).filter(|_| target.service.name == "s3api");
    let mut path = match target.model.protocol {
        Protocol::RestJson | Protocol::RestXml => target.operation.uri.split('?').next().unwrap_or("/").to_string(),
        _ => "/".to_string(),
    };
    if let Some(bucket) = bucket {
        path = path.replacen("/{Bucket}", "", 1);
        path.insert_str(0, if path.is_empty() { "/" } else { "" });
        return filled(&format!("https://{bucket}.{host}.{region}.amazonaws.com{path}"), input);
    }
    filled(&format!("https://{host}.{region}.amazonaws.com{path}"), input)
}

fn filled(path: &str, input: &Value) -> String {
    let mut path = path.to_string();
    for (name, value) in input.as_object().into_iter().flatten() {
        if let Some(text) = value.as_str() {
            path = path.replace(&format!("{{{name}}}"), text).replace(&format!("{{{name}+}}"), text);
        }
    }
    path
}

/// Asks, as the session's user. Other regions of the account have only mail, topics and queues; nothing else can be made there.
pub fn ask(world: &mut World, user: &str, global_region: &str, target: Target, input: Value) -> Result<Reply, Output> {
    let request = Request {
        service: target.service.name.to_string(),
        operation: target.operation.name.clone(),
        input,
        caller: Caller { user: user.to_string(), arn: String::new() },
        region: global_region.to_string(),
        agent: "aws-cli".to_string(),
    };
    if !well_formed(global_region) {
        let say = format!("Provided region_name '{global_region}' doesn't match a supported format.");
        return Err(usage::failed(&say));
    }
    let address = address(target, global_region, &request.input);
    carry(world, request, target)
        .ok_or_else(|| usage::failed(&format!("Could not connect to the endpoint URL: \"{address}\"")))
}

/// Carries a request to the region that it names; `None` where there is none of that name.
pub fn carry(world: &mut World, mut request: Request, target: Target) -> Option<Reply> {
    let home = world.aws.region.to_string();
    let there = REGIONS.contains(&&*request.region);
    let by_region = there && BY_REGION.contains(&target.service.name);
    let everywhere =
        GLOBAL.contains(&target.service.name) || there && EVERYWHERE.contains(&target.service.name) || by_region;
    if let Some(fault) = check::large(target.model, &target.operation.input, &request.input) {
        return Some(Reply::Refused(fault));
    }
    if everywhere || *home == *request.region {
        if !by_region {
            request.region = home;
        }
        return Some(match aws::handle(world, &request) {
            Ok(answer) => Reply::Answer(Box::new(answer)),
            Err(fault) => Reply::Refused(fault),
        });
    }
    REGIONS.contains(&&*request.region).then(|| abroad(world, &request, target))
}

/// The same account in another region: nothing but mail, topics and queues, and what is measured of them.
fn abroad(world: &World, request: &Request, target: Target) -> Reply {
    let effect = target.service.operation(&request.operation).map(|operation| operation.effect);
    if effect != Some(Effect::Read) {
        let who = format!("arn:aws:sts::{}:assumed-role/oncall/{}", world.aws.id, request.caller.user);
        let action = format!("{}:{}", target.model.sign, request.operation);
        let say = format!(
            "User: {who} is not authorized to perform: {action} with an explicit deny in a service control policy"
        );
        return Reply::Refused(Fault::new("AccessDenied", say).status(403));
    }
    let mut other = world.clone();
    other.aws = world.aws.in_region(&request.region);
    match aws::handle(&mut other, request) {
        Ok(answer) => Reply::Answer(Box::new(answer)),
        Err(fault) => Reply::Refused(fault),
    }
}

/// Codes that the client tries again, four times in its standing mode (botocore's `_retry.json`).
const TRIED_AGAIN: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// The refusal as the client words it.
pub fn words(target: Target, fault: &Fault) -> String {
    let status = match fault.status {
        0 => target.model.error(&fault.code).map_or(400, |(_, error)| error.status),
        status => status,
    };
    let again = TRIED_AGAIN.contains(&fault.code.as_str()) || matches!(status, 429 | 500 | 502 | 503 | 504);
    let tries = if again { " (reached max retries: 4)" } else { "" };
    let operation = &target.operation.name;
    format!("An error occurred ({}) when calling the {operation} operation{tries}: {}", fault.code, fault.message)
}

/// The answer as the client's tree.
pub fn tree(target: Target, answer: &Answer) -> Node {
    node::of(target.model, &target.operation.output, answer)
}

/// A thing that is gone, as a part of the client's tree.
pub struct Lost {
    pub object: ObjectId,
    /// The member of the answer that would list it.
    pub list: String,
    pub node: Node,
}

/// What is gone from an answer's lists.
pub fn lost(target: Target, answer: &Answer) -> Vec<Lost> {
    let of = |cover: &Cover| {
        let Cover::Lost { kind, name, list, item } = cover else { return None };
        let alone = Answer::of(serde_json::json!({ list: [item] })).about(format!("/{list}/0"), kind, name);
        let node = tree(target, &alone).get(list)?.items()?.first()?.clone();
        let object = ObjectId { kind: kind.clone(), name: name.clone(), ..ObjectId::default() };
        Some(Lost { object, list: list.clone(), node })
    };
    answer.covers.iter().filter_map(of).collect()
}

/// What the operation looked at, for proofs of absence.
pub fn coverage(answer: &Answer) -> Vec<Coverage> {
    let of = |cover: &Cover| {
        Some(match cover {
            Cover::All { kind } => {
                Coverage::Objects { kind: kind.clone(), namespace: None, name: None, selector: String::new() }
            }
            Cover::Whole { kind, name } => {
                Coverage::Whole { object: ObjectId { kind: kind.clone(), name: name.clone(), ..ObjectId::default() } }
            }
            Cover::Metric { name, from, to } => Coverage::Metric { name: name.clone(), from: *from, to: *to },
            Cover::Rows { table, from, to } => Coverage::Rows { table: table.clone(), from: *from, to: *to },
            Cover::Log(looked) => Coverage::Group(looked.clone()),
            Cover::Deeds { from, to } => Coverage::History { target: String::new(), from: *from, to: *to },
            // How it would have been printed depends on the words after it.
            Cover::Lost { .. } => return None,
        })
    };
    answer.covers.iter().filter_map(of).collect()
}

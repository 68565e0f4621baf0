//! CloudTrail: who called which management operation, visible some minutes later. Reads the audit and keeps beside it what
//! the audit does not: what was asked for and what was refused.

use super::call::{Answer, Call, Cover, Fault, Is};
use super::policy::Principal;
use super::service::{self, Effect, Operation, Service};
use super::{iam, paging};
use crate::stdx::dice::{self, Dice};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::Entry;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub static SERVICE: Service = Service {
    name: "cloudtrail",
    doc: "who changed what in the account",
    operations: &[
        Operation { name: "DescribeTrails", doc: "list trails", effect: Effect::Read, run: trails },
        Operation { name: "GetTrailStatus", doc: "whether a trail logs", effect: Effect::Read, run: trail_status },
        Operation { name: "LookupEvents", doc: "who changed what", effect: Effect::Read, run: lookup },
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

/// Events are looked up for this long (CloudTrail User Guide, "Working with CloudTrail event history").
const KEPT: Span = Span::hours(24 * 90);
/// An event can be looked up five to fifteen minutes after the call ("typically within an average of about 5 minutes", up to
/// 15 as measured).
const SOONEST: Span = Span::mins(5);
const LATEST: Span = Span::mins(15);
/// Events on a page (API Reference, LookupEvents).
const PAGE_MAX: i64 = 50;
/// What events are looked up by (API Reference, LookupAttribute).
const KEYS: &[&str] =
    &["EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"];
/// What was asked for is left out where it is longer (ours), and of how many calls it is kept (ours).
const INPUT_MAX: usize = 65_536;
const KEPT_MAX: usize = 20_000;

/// What the audit does not say of calls, by their serial in it.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    details: Arc<BTreeMap<u64, Detail>>,
    /// Looked at from another region than the account's home.
    is_away: bool,
}

impl Trail {
    /// The same, as another region has it.
    #[must_use]
    pub fn away(&self) -> Trail {
        Trail { is_away: true, ..self.clone() }
    }
}

#[derive(Clone, Debug)]
struct Detail {
    arn: String,
    /// Of the call; `None`: the account's home.
    region: Option<Arc<str>>,
    input: Arc<Value>,
    /// Code and message.
    fault: Option<(String, String)>,
}

/// Keeps what was asked for by a call that the audit has as `serial`.
pub fn keep(world: &mut World, serial: u64, call: &Call, done: &Result<Answer, Fault>) {
    let principal = iam::caller(world, &call.request.caller);
    let is_long = call.input().to_string().len() > INPUT_MAX;
    let input = if is_long { Value::Null } else { call.input().clone() };
    let fault = done.as_ref().err().map(|fault| (fault.code.clone(), fault.message.clone()));
    let abroad = call.is_abroad(&world.aws.region);
    let region = abroad.then(|| Arc::from(call.request.region.as_str()));
    let details = Arc::make_mut(&mut world.aws.trail.details);
    if details.len() >= KEPT_MAX {
        details.pop_first();
    }
    details.insert(serial, Detail { arn: principal.arn.to_string(), region, input: Arc::new(input), fault });
}

/// The domain under which a service's events are filed.
fn source(service: &str) -> String {
    let name = match service {
        "cloudwatch" => "monitoring",
        "elbv2" => "elasticloadbalancing",
        "resourcegroupstaggingapi" => "tagging",
        "s3api" => "s3",
        "sesv2" => "ses",
        other => other,
    };
    format!("{name}.amazonaws.com")
}

/// Lambda's events carry the version of the API in their names (Lambda Developer Guide, "Logging API calls"). Sorted.
static VERSIONED: &[(&str, &str)] = &[
    ("CreateEventSourceMapping", "20150331"),
    ("DeleteEventSourceMapping", "20150331"),
    ("DeleteFunctionConcurrency", "20171031"),
    ("PublishVersion", "20150331"),
    ("PutFunctionConcurrency", "20171031"),
    ("UpdateAlias", "20150331"),
    ("UpdateEventSourceMapping", "20150331"),
    ("UpdateFunctionCode", "20150331v2"),
    ("UpdateFunctionConfiguration", "20150331v2"),
];

fn event_name(service: &str, operation: &str) -> String {
    let version = VERSIONED.iter().find(|(name, _)| service == "lambda" && *name == operation);
    format!("{operation}{}", version.map_or("", |(_, version)| version))
}

/// An event that can be looked up.
struct Event<'w> {
    entry: &'w Entry,
    service: &'w str,
    detail: Option<&'w Detail>,
}

/// The management events in `from..=to` that can be looked up now, the newest first.
fn events(world: &World, from: Time, to: Time) -> Vec<Event<'_>> {
    let from = from.max(world.now - KEPT);
    let stream = dice::hash_name("cloudtrail/lag");
    let visible = |entry: &Entry| {
        let roll = dice::at(world.seed, stream, entry.serial);
        let between = (LATEST - SOONEST).0.unsigned_abs() + 1;
        entry.at + SOONEST + Span::millis(i64::try_from(roll % between).unwrap_or(0)) <= world.now
    };
    let found = world.audit.entries().rev().filter(|entry| (from..=to).contains(&entry.at) && visible(entry));
    // A region's history has what was asked of that region.
    let here = |entry: &Entry| {
        let detail = world.aws.trail.details.get(&entry.serial);
        match detail.and_then(|detail| detail.region.as_ref()) {
            Some(region) => *region == world.aws.region,
            None => !world.aws.trail.is_away,
        }
    };
    let event = |entry: &'_ Entry| {
        let name = entry.resource.strip_prefix("aws/")?;
        let operation = service::find(name)?.operation(&entry.verb)?;
        (operation.effect == Effect::Write).then_some(())
    };
    found
        .filter(|entry| event(entry).is_some() && here(entry))
        .map(|entry| Event {
            entry,
            service: entry.resource.strip_prefix("aws/").unwrap_or_default(),
            detail: world.aws.trail.details.get(&entry.serial),
        })
        .collect()
}

fn lookup(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (from, to) = (call.time("StartTime").unwrap_or_default(), call.time("EndTime").unwrap_or(world.now));
    if from > to {
        return Err(Fault::new(
            "InvalidTimeRangeException",
            "The time range is not valid: the start time is after the end time.",
        ));
    }
    let attributes = call.list("LookupAttributes");
    if attributes.len() > 1 {
        let message = "You can specify only one lookup attribute.";
        return Err(Fault::new("InvalidLookupAttributesException", message));
    }
    let key = attributes.first().and_then(|item| item.get("AttributeKey")?.as_str());
    if key.is_some_and(|key| !KEYS.contains(&key)) {
        let message = "The lookup attribute key is not valid.";
        return Err(Fault::new("InvalidLookupAttributesException", message));
    }
    let part = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let wanted = attributes.first().map(|item| (part(item, "AttributeKey"), part(item, "AttributeValue")));
    let most = call.whole("MaxResults").unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&most) {
        return Err(Fault::new(
            "InvalidMaxResultsException",
            format!("Maximum results must be between 1 and {PAGE_MAX}."),
        ));
    }
    let mut found: Vec<(Value, Is)> = Vec::new();
    for event in events(world, from, to) {
        let shown = shown(world, &event);
        if wanted.as_ref().is_none_or(|(key, value)| fits(&shown, key, value)) {
            let entry = event.entry;
            let is = Is::Deed {
                who: entry.user.clone(),
                verb: entry.verb.clone(),
                kind: entry.namespace.clone(),
                name: entry.name.clone(),
                at: entry.at,
                changed: entry.changed.clone(),
            };
            found.push((shown, is));
        }
    }
    let bad = || Fault::new("InvalidNextTokenException", "Invalid token.");
    let (page, next) = paging::page(found, call.text("NextToken"), most as usize).ok_or_else(bad)?;
    let rows: Vec<&Value> = page.iter().map(|(shown, _)| shown).collect();
    let mut body = json!({ "Events": rows });
    let whole = next.is_none() && call.text("NextToken").is_none() && wanted.is_none();
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("NextToken".into(), next.into());
    }
    let deeds = page.into_iter().enumerate();
    let answer = deeds.fold(Answer::of(body), |answer, (at, (_, is))| answer.shows(format!("/Events/{at}"), is));
    // What is younger than the longest delay may still be missing.
    let cover = Cover::Deeds { from: from.max(world.now - KEPT), to: to.min(world.now - LATEST) };
    Ok(if whole { answer.covering(cover) } else { answer })
}

fn fits(event: &Value, key: &str, value: &str) -> bool {
    let resources = event.get("Resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let resource =
        |member: &str| resources.iter().any(|resource| resource.get(member).and_then(Value::as_str) == Some(value));
    match key {
        "ResourceName" => resource("ResourceName"),
        "ResourceType" => resource("ResourceType"),
        _ => event.get(key).and_then(Value::as_str) == Some(value),
    }
}

fn shown(world: &World, event: &Event) -> Value {
    let Event { entry, service, detail } = event;
    let who = principal(world, event);
    let id = uuid(world, "event", entry.serial);
    let name = event_name(service, &entry.verb);
    let mut resources = Vec::new();
    if !entry.name.is_empty() {
        resources.push(json!({ "ResourceType": entry.namespace, "ResourceName": entry.name }));
    }
    let mut record = Map::new();
    let mut put = |member: &str, value: Value| record.insert(member.to_string(), value);
    put("eventVersion", json!("1.11"));
    put("userIdentity", identity(world, &who));
    put("eventTime", json!(stamp(entry.at)));
    put("eventSource", json!(source(service)));
    put("eventName", json!(name));
    // IAM is one for all regions and files its events where it is.
    put("awsRegion", json!(if *service == "iam" { "us-east-1" } else { &*world.aws.region }));
    put("sourceIPAddress", json!(address(&entry.user)));
    put("userAgent", json!(entry.agent));
    if let Some((code, message)) = detail.and_then(|detail| detail.fault.as_ref()) {
        put("errorCode", json!(code));
        put("errorMessage", json!(message));
    }
    put("requestParameters", detail.map_or(Value::Null, |detail| parameters(&detail.input)));
    put("responseElements", Value::Null);
    put("requestID", json!(uuid(world, "request", entry.serial)));
    put("eventID", json!(id));
    put("readOnly", json!(false));
    put("eventType", json!("AwsApiCall"));
    put("managementEvent", json!(true));
    put("recipientAccountId", json!(&*world.aws.id));
    put("eventCategory", json!("Management"));
    json!({
        "EventId": id, "EventName": name, "ReadOnly": "false", "AccessKeyId": access_key(world, &who),
        "EventTime": entry.at.0.div_euclid(1_000) * 1_000, "EventSource": source(service),
        "Username": who.arn.rsplit('/').next().unwrap_or_default(), "Resources": resources,
        "CloudTrailEvent": Value::Object(record).to_string(),
    })
}

fn principal(world: &World, event: &Event) -> Principal {
    let arn = event.detail.map(|detail| detail.arn.as_str()).filter(|arn| !arn.is_empty());
    iam::principal(world, arn.unwrap_or(&event.entry.user))
}

fn identity(world: &World, who: &Principal) -> Value {
    let key = access_key(world, who);
    if who.role.is_empty() {
        let name = who.arn.rsplit('/').next().unwrap_or_default();
        return json!({ "type": "IAMUser", "arn": who.arn, "accountId": who.account, "accessKeyId": key, "userName": name });
    }
    let role = who.role.rsplit('/').next().unwrap_or_default();
    let session = who.arn.rsplit('/').next().unwrap_or_default();
    let id = iam::trusted(world, role).map_or_else(|| iam::made_up_id(world, role), |(id, _)| id);
    json!({
        "type": "AssumedRole", "principalId": format!("{id}:{session}"), "arn": who.arn, "accountId": who.account,
        "accessKeyId": key,
        "sessionContext": { "sessionIssuer": {
            "type": "Role", "principalId": id, "arn": who.role, "accountId": who.account, "userName": role,
        } },
    })
}

/// Members as CloudTrail spells them: beginning with a small letter.
fn parameters(input: &Value) -> Value {
    let Some(members) = input.as_object().filter(|members| !members.is_empty()) else { return Value::Null };
    let small = |name: &String| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    Value::Object(members.iter().map(|(name, value)| (small(name), value.clone())).collect())
}

fn stamp(time: Time) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(time.0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn uuid(world: &World, what: &str, serial: u64) -> String {
    Dice::new(world.seed).fork("cloudtrail").fork(&format!("{what}/{serial}")).uuid()
}

/// A user's own keys begin with AKIA, those of sessions with ASIA (IAM User Guide, "IAM identifiers", unique prefixes).
fn access_key(world: &World, who: &Principal) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut dice = Dice::new(world.seed).fork("cloudtrail/key").fork(&who.arn);
    let tail: String = (0..16).filter_map(|_| dice.pick(LETTERS).map(|byte| char::from(*byte))).collect();
    format!("{}{tail}", if who.role.is_empty() { "AKIA" } else { "ASIA" })
}

/// An address from the block for documentation (RFC 5737), the same for all calls of a user.
fn address(user: &str) -> String {
    format!("203.0.113.{}", dice::hash_name(user) % 254 + 1)
}

/// Nobody set a trail up: the event history is there without one.
fn trails(_world: &mut World, _call: &Call) -> Result<Answer, Fault> {
    Ok(Answer::of(json!({ "trailList": [] })).covering(Cover::All { kind: "AWS::CloudTrail::Trail".into() }))
}

fn trail_status(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("Name").unwrap_or_default();
    let arn = match name.starts_with("arn:") {
        true => name.to_string(),
        false => super::arn::make("cloudtrail", &world.aws.region, &world.aws.id, &format!("trail/{name}")),
    };
    let message = format!("Unknown trail: {arn} for the user: {}", world.aws.id);
    Err(Fault::new("TrailNotFoundException", message))
}

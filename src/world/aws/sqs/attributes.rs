//! Queue attributes: what may be set to what, what they do, and what is shown. Does not know messages.

use super::super::arn::Arn;
use super::super::call::Fault;
use super::super::policy::{self, Kind};
use super::Queues;
use super::queue::{Queue, Redrive, Rules, Setup};
use crate::stdx::time::{Span, Time};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Settable attributes as they are shown.
pub type Shown = BTreeMap<&'static str, Arc<str>>;

/// How an attribute's value is checked.
#[derive(Clone, Copy, Debug)]
enum Check {
    /// Whole seconds or bytes from..=to.
    Whole(i64, i64),
    Bool,
    OneOf(&'static [&'static str]),
    Key,
    Policy,
    Redrive,
    Allow,
}

/// One settable attribute: its check, its default (empty: not shown), and whether only FIFO queues have it.
struct Row(&'static str, Check, &'static str, bool);

/// Sorted by name, one a line; ranges and defaults as the SQS API Reference (SetQueueAttributes) has them.
static ROWS: &[Row] = &[
    Row("ContentBasedDeduplication", Check::Bool, "false", true),
    Row("DeduplicationScope", Check::OneOf(&["messageGroup", "queue"]), "queue", true),
    Row("DelaySeconds", Check::Whole(0, 900), "0", false),
    Row("FifoQueue", Check::OneOf(&["true"]), "true", true),
    Row("FifoThroughputLimit", Check::OneOf(&["perQueue", "perMessageGroupId"]), "perQueue", true),
    Row("KmsDataKeyReusePeriodSeconds", Check::Whole(60, 86_400), "", false),
    Row("KmsMasterKeyId", Check::Key, "", false),
    Row("MaximumMessageSize", Check::Whole(1_024, 1_048_576), "1048576", false),
    Row("MessageRetentionPeriod", Check::Whole(60, 1_209_600), "345600", false),
    Row("Policy", Check::Policy, "", false),
    Row("ReceiveMessageWaitTimeSeconds", Check::Whole(0, 20), "0", false),
    Row("RedriveAllowPolicy", Check::Allow, "", false),
    Row("RedrivePolicy", Check::Redrive, "", false),
    Row("SqsManagedSseEnabled", Check::Bool, "true", false),
    Row("VisibilityTimeout", Check::Whole(0, 43_200), "30", false),
];

/// Attributes that cannot be set.
static COMPUTED: &[&str] = &[
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

fn unknown(name: &str) -> Fault {
    Fault::new("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

fn bad(name: &str) -> Fault {
    Fault::new("InvalidAttributeValue", format!("Invalid value for the parameter {name}."))
}

/// What a new queue has.
pub fn defaults(fifo: bool) -> Shown {
    ROWS.iter().filter(|row| !row.2.is_empty() && (fifo || !row.3)).map(|row| (row.0, Arc::from(row.2))).collect()
}

/// Reads attributes of a request; nothing is changed if one of them is refused.
pub fn read(queues: &Queues, own_arn: &str, fifo: bool, given: &Map<String, Value>) -> Result<Shown, Fault> {
    let mut read = Shown::new();
    for (name, value) in given {
        let row = ROWS.iter().find(|row| row.0 == name).filter(|row| fifo || !row.3).ok_or_else(|| unknown(name))?;
        let text = value.as_str().ok_or_else(|| bad(name))?;
        read.insert(row.0, check(queues, own_arn, fifo, row, text)?);
    }
    // "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup" (API Reference).
    let standing = queues.get(own_arn).map(|queue| &queue.setup.shown);
    let will_be = |name: &str| read.get(name).or_else(|| standing?.get(name)).map(AsRef::as_ref);
    if will_be("FifoThroughputLimit") == Some("perMessageGroupId")
        && will_be("DeduplicationScope") != Some("messageGroup")
    {
        return Err(bad("FifoThroughputLimit"));
    }
    Ok(read)
}

fn check(queues: &Queues, own_arn: &str, fifo: bool, row: &Row, text: &str) -> Result<Arc<str>, Fault> {
    let fine = match row.1 {
        Check::Whole(least, most) => text.parse().is_ok_and(|n: i64| (least..=most).contains(&n)),
        Check::Bool => ["true", "false"].contains(&text.to_ascii_lowercase().as_str()),
        Check::OneOf(choices) => choices.contains(&text),
        Check::Key => text.len() <= 2_048,
        Check::Policy => {
            if !text.is_empty() {
                policy::parse(text, Kind::Resource).map_err(|flaw| policy::complaint("sqs", &flaw))?;
            }
            true
        }
        Check::Redrive => {
            if !text.is_empty() {
                let redrive = read_redrive(text)?;
                target_allows(queues, own_arn, fifo, &redrive, text)?;
            }
            true
        }
        Check::Allow => {
            if !text.is_empty() {
                read_allow(text)?;
            }
            true
        }
    };
    let text = if matches!(row.1, Check::Bool) { text.to_ascii_lowercase() } else { text.to_string() };
    if fine { Ok(text.into()) } else { Err(bad(row.0)) }
}

fn refuse(parameter: &str, value: &str, reason: &str) -> Fault {
    let message = format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
    Fault::new("InvalidParameterValue", message)
}

/// `maxReceiveCount` may be a number or text of one; 1 to 1,000 (SQS Developer Guide, "Configure a dead-letter queue").
fn read_redrive(text: &str) -> Result<Redrive, Fault> {
    let refuse = |reason: &str| refuse("RedrivePolicy", text, reason);
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let map = value.as_object().ok_or_else(|| refuse("Redrive policy is not a valid JSON map."))?;
    let member = |name: &str| {
        map.get(name).ok_or_else(|| refuse(&format!("Redrive policy does not contain mandatory attribute: {name}.")))
    };
    let (max, target) = (member("maxReceiveCount")?, member("deadLetterTargetArn")?);
    if map.len() > 2 {
        return Err(refuse("Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount]."));
    }
    let target = target.as_str().filter(|arn| Arn::parse(arn).is_some_and(|arn| arn.service == "sqs"));
    let target = target.ok_or_else(|| refuse("Invalid value for deadLetterTargetArn."))?;
    let spelled = max.as_str().map_or_else(|| max.to_string(), str::to_string);
    let count = spelled.parse().ok().filter(|n| (1..=1_000).contains(n)).ok_or_else(|| {
        refuse(&format!(
            "Invalid value for maxReceiveCount: {spelled}, valid values are from 1 to 1000 both inclusive."
        ))
    })?;
    Ok(Redrive { target: target.into(), max_receives: count })
}

/// The dead-letter queue must exist, be of the same kind, and let the source use it.
fn target_allows(queues: &Queues, own_arn: &str, fifo: bool, redrive: &Redrive, text: &str) -> Result<(), Fault> {
    let refuse = |reason: &str| Err(refuse("RedrivePolicy", text, reason));
    let Some(target) = queues.get(&redrive.target) else { return refuse("Dead letter target does not exist.") };
    if target.setup.fifo != fifo {
        return refuse("Dead-letter queue must be same type of queue as the source.");
    }
    let allow = target.setup.shown.get("RedriveAllowPolicy").and_then(|text| read_allow(text).ok());
    if allow.is_some_and(|allow| !allow.lets(own_arn)) {
        return refuse("Queue does not have permission to use the specified dead letter target.");
    }
    Ok(())
}

/// Which source queues may name a queue as their dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Allow {
    All,
    None,
    Only(Vec<String>),
}

impl Allow {
    fn lets(&self, source: &str) -> bool {
        match self {
            Allow::All => true,
            Allow::None => false,
            Allow::Only(arns) => arns.iter().any(|arn| arn == source),
        }
    }
}

fn read_allow(text: &str) -> Result<Allow, Fault> {
    let refuse = |reason: &str| refuse("RedriveAllowPolicy", text, reason);
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let map = value.as_object().ok_or_else(|| refuse("Redrive Allow policy is not a valid JSON map."))?;
    let arns: Option<Vec<String>> = map.get("sourceQueueArns").map(|list| {
        let list = list.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(str::to_string).collect()
    });
    match (map.get("redrivePermission").and_then(Value::as_str), arns) {
        (None, _) => Err(refuse("Redrive Allow policy does not contain mandatory attribute: redrivePermission.")),
        (Some("allowAll"), None) => Ok(Allow::All),
        (Some("denyAll"), None) => Ok(Allow::None),
        (Some("byQueue"), Some(arns)) if (1..=10).contains(&arns.len()) => Ok(Allow::Only(arns)),
        (Some("byQueue"), _) => Err(refuse("Amount of source queue ARNs must be between 1 and 10.")),
        (Some("allowAll" | "denyAll"), Some(_)) => {
            Err(refuse("sourceQueueArns can only be specified when redrivePermission is byQueue."))
        }
        (Some(other), _) => Err(refuse(&format!("Invalid value for redrivePermission: {other}."))),
    }
}

fn whole(shown: &Shown, name: &str) -> i64 {
    shown.get(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// What attributes do.
pub fn rules(shown: &Shown) -> Rules {
    let is = |name: &str, value: &str| shown.get(name).is_some_and(|text| &**text == value);
    let text = |name: &str| shown.get(name).filter(|text| !text.is_empty());
    // The key that AWS manages for the service lets everybody in the account through.
    let kms = text("KmsMasterKeyId").filter(|key| &***key != "alias/aws/sqs");
    Rules {
        visibility: Span::secs(whole(shown, "VisibilityTimeout")),
        delay: Span::secs(whole(shown, "DelaySeconds")),
        wait: Span::secs(whole(shown, "ReceiveMessageWaitTimeSeconds")),
        max_bytes: whole(shown, "MaximumMessageSize"),
        policy: text("Policy").and_then(|text| policy::parse(text, Kind::Resource).ok()).map(Arc::new),
        redrive: text("RedrivePolicy").and_then(|text| read_redrive(text).ok()),
        content_dedup: is("ContentBasedDeduplication", "true"),
        dedup_by_group: is("DeduplicationScope", "messageGroup"),
        limit_by_group: is("FifoThroughputLimit", "perMessageGroupId"),
        kms: kms.cloned(),
    }
}

pub fn retention(shown: &Shown) -> Span {
    Span::secs(whole(shown, "MessageRetentionPeriod"))
}

/// Changes what is shown at once, and what works from `soon` (retention: `later`) on.
pub fn set(setup: &mut Setup, at: Time, changes: Shown, soon: Time, later: Time) {
    let before = setup.shown.clone();
    let shown = Arc::make_mut(&mut setup.shown);
    for (name, value) in changes {
        if value.is_empty() {
            shown.remove(name);
        } else {
            shown.insert(name, value);
        }
    }
    // A customer's key and the service's own encryption exclude each other.
    if shown.contains_key("KmsMasterKeyId") && !before.contains_key("KmsMasterKeyId") {
        shown.insert("SqsManagedSseEnabled", "false".into());
    }
    setup.modified = at;
    let rules = rules(shown);
    if *setup.rules.latest().as_ref() != rules {
        setup.rules.set(soon, Arc::new(rules));
    }
    let retention = retention(shown);
    if *setup.retention.latest() != retention {
        setup.retention.set(later, retention);
    }
}

/// The attributes asked for, as `GetQueueAttributes` answers them.
pub fn show(queue: &Queue, names: &[&str]) -> Result<Map<String, Value>, Fault> {
    let all = names.contains(&"All");
    let known = |name: &str| ROWS.iter().any(|row| row.0 == name) || COMPUTED.contains(&name);
    if let Some(name) = names.iter().find(|name| **name != "All" && !known(name)) {
        return Err(unknown(name));
    }
    let mut out = Map::new();
    let mut add = |name: &str, value: String| {
        if all || names.contains(&name) {
            out.insert(name.to_string(), json!(value));
        }
    };
    for (name, value) in queue.setup.shown.iter() {
        add(name, value.to_string());
    }
    let store = &queue.store;
    add("ApproximateNumberOfMessages", store.visible().to_string());
    add("ApproximateNumberOfMessagesDelayed", store.delayed().to_string());
    add("ApproximateNumberOfMessagesNotVisible", store.in_flight().to_string());
    add("CreatedTimestamp", queue.setup.created.0.div_euclid(1_000).to_string());
    add("LastModifiedTimestamp", queue.setup.modified.0.div_euclid(1_000).to_string());
    add("QueueArn", queue.arn.to_string());
    Ok(out)
}

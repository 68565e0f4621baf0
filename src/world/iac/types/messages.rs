//! Topics, subscriptions, queues and their policies. Does not know how messages flow.

use super::{Attr, Attributes, Fault, Hand, Is, Rule, TypeRow, attr, document, pairs, parsed, table, tags_gone, text};
use serde_json::{Map, Value, json};

const GONE: &[&str] = &["NonExistentQueue", "QueueDoesNotExist", "NotFound", "NotFoundException"];

/// (attribute, the service's name, default): `aws_sqs_queue` with the defaults of SQS' CreateQueue.
const QUEUE_NUMBERS: &[(&str, &str)] = &[
    ("delay_seconds", "DelaySeconds"),
    ("max_message_size", "MaximumMessageSize"),
    ("message_retention_seconds", "MessageRetentionPeriod"),
    ("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds"),
    ("visibility_timeout_seconds", "VisibilityTimeout"),
];

static QUEUE_ATTRIBUTES: &[Attr] = &[
    attr("arn", Is::Text, Rule::Computed),
    attr("content_based_deduplication", Is::Yes, Rule::Default("false")),
    attr("delay_seconds", Is::Whole, Rule::Default("0")),
    attr("fifo_queue", Is::Yes, Rule::Default("false")).forces(),
    attr("kms_master_key_id", Is::Text, Rule::Optional),
    attr("max_message_size", Is::Whole, Rule::Kept),
    attr("message_retention_seconds", Is::Whole, Rule::Default("345600")),
    attr("name", Is::Text, Rule::Required).forces(),
    attr("policy", Is::Json, Rule::Kept),
    attr("receive_wait_time_seconds", Is::Whole, Rule::Default("0")),
    attr("redrive_policy", Is::Json, Rule::Kept),
    attr("region", Is::Text, Rule::Optional).forces(),
    attr("tags", Is::Map, Rule::Optional),
    attr("url", Is::Text, Rule::Computed),
    attr("visibility_timeout_seconds", Is::Whole, Rule::Default("30")),
];

pub static QUEUE: TypeRow = TypeRow {
    name: "aws_sqs_queue",
    noun: "SQS Queue",
    kind: "AWS::SQS::Queue",
    attributes: QUEUE_ATTRIBUTES,
    create: queue_create,
    read: queue_read,
    update: queue_update,
    delete: |hand, id, _| hand.ask("sqs", "DeleteQueue", json!({ "QueueUrl": id })).map(drop),
};

/// Where a queue or topic is made: in the region that the code says (the AWS provider's `region` of its version 6), or in the
/// account's.
fn region(hand: &Hand, wanted: &Attributes) -> String {
    let given = text(wanted, "region");
    if given.is_empty() { hand.world.aws.region.to_string() } else { given.to_string() }
}

/// The service's attributes, all texts, of what is named in `only` (`None`: all).
fn queue_settings(wanted: &Attributes, only: Option<&[&str]>) -> Map<String, Value> {
    let mut out = Map::new();
    let asked = |name: &str| only.is_none_or(|only| only.contains(&name));
    for (name, real) in QUEUE_NUMBERS.iter().filter(|(name, _)| asked(name)) {
        if let Some(number) = wanted.get(*name).and_then(Value::as_i64) {
            out.insert((*real).into(), number.to_string().into());
        }
    }
    for (name, real) in
        [("policy", "Policy"), ("redrive_policy", "RedrivePolicy"), ("kms_master_key_id", "KmsMasterKeyId")]
    {
        match wanted.get(name) {
            Some(value) if asked(name) => drop(out.insert(real.into(), document(value).into())),
            None if only.is_some() && asked(name) => drop(out.insert(real.into(), "".into())),
            _ => {}
        }
    }
    for (name, real) in [("fifo_queue", "FifoQueue"), ("content_based_deduplication", "ContentBasedDeduplication")] {
        let on = wanted.get(name).and_then(Value::as_bool).unwrap_or(false);
        if asked(name) && (on || only.is_some()) && (name != "fifo_queue" || only.is_none()) {
            out.insert(real.into(), on.to_string().into());
        }
    }
    out
}

fn queue_create(hand: &mut Hand, wanted: &Attributes) -> Result<String, Fault> {
    let mut input = json!({ "QueueName": text(wanted, "name"), "Attributes": queue_settings(wanted, None) });
    if let Some(tags) = wanted.get("tags") {
        input["tags"] = tags.clone();
    }
    let body = hand.ask_in(&region(hand, wanted), "sqs", "CreateQueue", input)?;
    Ok(body["QueueUrl"].as_str().unwrap_or_default().to_string())
}

fn queue_attributes(hand: &mut Hand, url: &str) -> Result<Option<Value>, Fault> {
    let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    hand.find("sqs", "GetQueueAttributes", input, GONE)
}

fn queue_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let Some(body) = queue_attributes(hand, id)? else { return Ok(None) };
    let real = &body["Attributes"];
    let mut out = Attributes::new();
    for (name, service) in QUEUE_NUMBERS {
        let number = real[*service].as_str().and_then(|text| text.parse::<i64>().ok());
        out.insert((*name).into(), number.map_or(Value::Null, Value::from));
    }
    for (name, service) in [("fifo_queue", "FifoQueue"), ("content_based_deduplication", "ContentBasedDeduplication")] {
        out.insert(name.into(), (real[service] == "true").into());
    }
    out.insert("policy".into(), parsed(&real["Policy"]));
    out.insert("redrive_policy".into(), parsed(&real["RedrivePolicy"]));
    out.insert("kms_master_key_id".into(), real["KmsMasterKeyId"].clone());
    out.insert("arn".into(), real["QueueArn"].clone());
    out.insert("name".into(), real["QueueArn"].as_str().and_then(|arn| arn.rsplit(':').next()).unwrap_or("").into());
    out.insert("url".into(), id.into());
    let tags = hand.ask("sqs", "ListQueueTags", json!({ "QueueUrl": id }))?;
    out.insert("tags".into(), tags["Tags"].clone());
    Ok(Some(out))
}

fn queue_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    let settings = queue_settings(wanted, Some(changed));
    if !settings.is_empty() {
        hand.ask("sqs", "SetQueueAttributes", json!({ "QueueUrl": id, "Attributes": settings }))?;
    }
    if changed.contains(&"tags") {
        let old = hand.ask("sqs", "ListQueueTags", json!({ "QueueUrl": id }))?;
        let new = wanted.get("tags").cloned().unwrap_or(json!({}));
        let gone = tags_gone(&old["Tags"], wanted);
        if !gone.is_empty() {
            hand.ask("sqs", "UntagQueue", json!({ "QueueUrl": id, "TagKeys": gone }))?;
        }
        hand.ask("sqs", "TagQueue", json!({ "QueueUrl": id, "Tags": new }))?;
    }
    Ok(())
}

/// A queue's policy or redrive policy as a resource of its own: (attribute, the service's name).
fn part_read(hand: &mut Hand, id: &str, part: (&str, &str)) -> Result<Option<Attributes>, Fault> {
    let Some(body) = queue_attributes(hand, id)? else { return Ok(None) };
    let value = parsed(&body["Attributes"][part.1]);
    // Without its document the resource is gone.
    Ok((!value.is_null())
        .then(|| Attributes::from_iter([(part.0.to_string(), value), ("queue_url".into(), id.into())])))
}

fn part_set(hand: &mut Hand, url: &str, part: &str, value: &str) -> Result<(), Fault> {
    let input = json!({ "QueueUrl": url, "Attributes": { part: value } });
    hand.ask("sqs", "SetQueueAttributes", input).map(drop)
}

fn part_delete(hand: &mut Hand, url: &str, part: &str) -> Result<(), Fault> {
    match part_set(hand, url, part, "") {
        Err(fault) if GONE.iter().any(|code| fault.code.ends_with(code)) => Ok(()),
        done => done,
    }
}

pub static QUEUE_POLICY: TypeRow = TypeRow {
    name: "aws_sqs_queue_policy",
    noun: "SQS Queue Policy",
    kind: "AWS::SQS::QueuePolicy",
    attributes: &[attr("policy", Is::Json, Rule::Required), attr("queue_url", Is::Text, Rule::Required).forces()],
    create: |hand, wanted| {
        let url = text(wanted, "queue_url").to_string();
        part_set(hand, &url, "Policy", &wanted.get("policy").map(document).unwrap_or_default())?;
        Ok(url)
    },
    read: |hand, id, _| part_read(hand, id, ("policy", "Policy")),
    update: |hand, id, wanted, _| part_set(hand, id, "Policy", &wanted.get("policy").map(document).unwrap_or_default()),
    delete: |hand, id, _| part_delete(hand, id, "Policy"),
};

pub static QUEUE_REDRIVE_POLICY: TypeRow = TypeRow {
    name: "aws_sqs_queue_redrive_policy",
    noun: "SQS Queue Redrive Policy",
    kind: "AWS::SQS::Queue",
    attributes: &[
        attr("queue_url", Is::Text, Rule::Required).forces(),
        attr("redrive_policy", Is::Json, Rule::Required),
    ],
    create: |hand, wanted| {
        let url = text(wanted, "queue_url").to_string();
        part_set(hand, &url, "RedrivePolicy", &wanted.get("redrive_policy").map(document).unwrap_or_default())?;
        Ok(url)
    },
    read: |hand, id, _| part_read(hand, id, ("redrive_policy", "RedrivePolicy")),
    update: |hand, id, wanted, _| {
        part_set(hand, id, "RedrivePolicy", &wanted.get("redrive_policy").map(document).unwrap_or_default())
    },
    delete: |hand, id, _| part_delete(hand, id, "RedrivePolicy"),
};

/// (attribute, SNS' name, whether it is a document).
const TOPIC_SETTINGS: &[(&str, &str, bool)] = &[
    ("delivery_policy", "DeliveryPolicy", true),
    ("display_name", "DisplayName", false),
    ("http_failure_feedback_role_arn", "HTTPFailureFeedbackRoleArn", false),
    ("http_success_feedback_role_arn", "HTTPSuccessFeedbackRoleArn", false),
    ("http_success_feedback_sample_rate", "HTTPSuccessFeedbackSampleRate", false),
    ("kms_master_key_id", "KmsMasterKeyId", false),
    ("policy", "Policy", true),
    ("sqs_failure_feedback_role_arn", "SQSFailureFeedbackRoleArn", false),
    ("sqs_success_feedback_role_arn", "SQSSuccessFeedbackRoleArn", false),
    ("sqs_success_feedback_sample_rate", "SQSSuccessFeedbackSampleRate", false),
];

pub static TOPIC: TypeRow = TypeRow {
    name: "aws_sns_topic",
    noun: "SNS Topic",
    kind: "AWS::SNS::Topic",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("delivery_policy", Is::Json, Rule::Optional),
        attr("display_name", Is::Text, Rule::Optional),
        attr("fifo_topic", Is::Yes, Rule::Default("false")).forces(),
        attr("http_failure_feedback_role_arn", Is::Text, Rule::Optional),
        attr("http_success_feedback_role_arn", Is::Text, Rule::Optional),
        attr("http_success_feedback_sample_rate", Is::Text, Rule::Optional),
        attr("kms_master_key_id", Is::Text, Rule::Optional),
        attr("name", Is::Text, Rule::Required).forces(),
        attr("policy", Is::Json, Rule::Kept),
        attr("region", Is::Text, Rule::Optional).forces(),
        attr("sqs_failure_feedback_role_arn", Is::Text, Rule::Optional),
        attr("sqs_success_feedback_role_arn", Is::Text, Rule::Optional),
        attr("sqs_success_feedback_sample_rate", Is::Text, Rule::Optional),
        attr("tags", Is::Map, Rule::Optional),
    ],
    create: topic_create,
    read: topic_read,
    update: topic_update,
    delete: |hand, id, _| hand.ask("sns", "DeleteTopic", json!({ "TopicArn": id })).map(drop),
};

fn topic_create(hand: &mut Hand, wanted: &Attributes) -> Result<String, Fault> {
    let mut settings = Map::new();
    for (name, real, _) in TOPIC_SETTINGS {
        if let Some(value) = wanted.get(*name) {
            settings.insert((*real).into(), document(value).into());
        }
    }
    if wanted.get("fifo_topic") == Some(&Value::Bool(true)) {
        settings.insert("FifoTopic".into(), "true".into());
    }
    let input = json!({ "Name": text(wanted, "name"), "Attributes": settings, "Tags": pairs(wanted.get("tags")) });
    let body = hand.ask_in(&region(hand, wanted), "sns", "CreateTopic", input)?;
    Ok(body["TopicArn"].as_str().unwrap_or_default().to_string())
}

fn topic_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let Some(body) = hand.find("sns", "GetTopicAttributes", json!({ "TopicArn": id }), GONE)? else { return Ok(None) };
    let real = &body["Attributes"];
    let mut out = Attributes::new();
    for (name, service, is_document) in TOPIC_SETTINGS {
        let value = if *is_document { parsed(&real[*service]) } else { real[*service].clone() };
        out.insert((*name).into(), value);
    }
    out.insert("arn".into(), id.into());
    out.insert("name".into(), id.rsplit(':').next().unwrap_or("").into());
    let tags = hand.ask("sns", "ListTagsForResource", json!({ "ResourceArn": id }))?;
    out.insert("tags".into(), table(&tags["Tags"]));
    Ok(Some(out))
}

fn topic_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    for (name, real, _) in TOPIC_SETTINGS.iter().filter(|(name, _, _)| changed.contains(name)) {
        let value = wanted.get(*name).map(document).unwrap_or_default();
        let input = json!({ "TopicArn": id, "AttributeName": real, "AttributeValue": value });
        hand.ask("sns", "SetTopicAttributes", input)?;
    }
    if changed.contains(&"tags") {
        hand.ask("sns", "TagResource", json!({ "ResourceArn": id, "Tags": pairs(wanted.get("tags")) }))?;
    }
    Ok(())
}

/// (attribute, SNS' name, whether it is a document) of a subscription.
const SUBSCRIPTION_SETTINGS: &[(&str, &str, bool)] = &[
    ("delivery_policy", "DeliveryPolicy", true),
    ("filter_policy", "FilterPolicy", true),
    ("filter_policy_scope", "FilterPolicyScope", false),
    ("raw_message_delivery", "RawMessageDelivery", false),
    ("redrive_policy", "RedrivePolicy", true),
];

pub static SUBSCRIPTION: TypeRow = TypeRow {
    name: "aws_sns_topic_subscription",
    noun: "SNS Topic Subscription",
    kind: "AWS::SNS::Subscription",
    attributes: &[
        attr("arn", Is::Text, Rule::Computed),
        attr("delivery_policy", Is::Json, Rule::Optional),
        attr("endpoint", Is::Text, Rule::Required).forces(),
        attr("filter_policy", Is::Json, Rule::Optional),
        attr("filter_policy_scope", Is::Text, Rule::Kept),
        attr("protocol", Is::Text, Rule::Required).forces(),
        attr("raw_message_delivery", Is::Yes, Rule::Default("false")),
        attr("redrive_policy", Is::Json, Rule::Optional),
        attr("topic_arn", Is::Text, Rule::Required).forces(),
    ],
    create: subscription_create,
    read: subscription_read,
    update: subscription_update,
    delete: subscription_delete,
};

/// SNS removes no subscription that waits for confirmation; such tools forget it then, and SNS keeps it (the AWS provider's
/// documentation of `aws_sns_topic_subscription`).
fn subscription_delete(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<(), Fault> {
    match hand.ask("sns", "Unsubscribe", json!({ "SubscriptionArn": id })) {
        Err(fault) if fault.message.contains("pending subscription") => Ok(()),
        done => done.map(drop),
    }
}

fn subscription_create(hand: &mut Hand, wanted: &Attributes) -> Result<String, Fault> {
    let mut settings = Map::new();
    for (name, real, _) in SUBSCRIPTION_SETTINGS {
        if let Some(value) = wanted.get(*name).filter(|value| **value != false) {
            settings.insert((*real).into(), document(value).into());
        }
    }
    let input = json!({
        "TopicArn": text(wanted, "topic_arn"), "Protocol": text(wanted, "protocol"), "Endpoint": text(wanted, "endpoint"),
        "Attributes": settings, "ReturnSubscriptionArn": true,
    });
    let body = hand.ask("sns", "Subscribe", input)?;
    Ok(body["SubscriptionArn"].as_str().unwrap_or_default().to_string())
}

fn subscription_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let input = json!({ "SubscriptionArn": id });
    let Some(body) = hand.find("sns", "GetSubscriptionAttributes", input, GONE)? else { return Ok(None) };
    let real = &body["Attributes"];
    let mut out = Attributes::new();
    for (name, service, is_document) in SUBSCRIPTION_SETTINGS {
        let value = if *is_document { parsed(&real[*service]) } else { real[*service].clone() };
        out.insert((*name).into(), value);
    }
    out.insert("raw_message_delivery".into(), (real["RawMessageDelivery"] == "true").into());
    for (name, service) in [("endpoint", "Endpoint"), ("protocol", "Protocol"), ("topic_arn", "TopicArn")] {
        out.insert(name.into(), real[service].clone());
    }
    out.insert("arn".into(), id.into());
    Ok(Some(out))
}

fn subscription_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    for (name, real, _) in SUBSCRIPTION_SETTINGS.iter().filter(|(name, _, _)| changed.contains(name)) {
        let value = wanted.get(*name).map(document).unwrap_or_default();
        let input = json!({ "SubscriptionArn": id, "AttributeName": real, "AttributeValue": value });
        hand.ask("sns", "SetSubscriptionAttributes", input)?;
    }
    Ok(())
}

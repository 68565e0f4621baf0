//! Attributes of topics and subscriptions: what may be set, what it does, what is shown. Does not know deliveries.

use super::super::call::Fault;
use super::super::policy::{self, Kind};
use super::filter::{self, Scope};
use super::invalid;
use super::retry::{self, Retry};
use super::topic::{Setup, Shown, Subscription, Topic};
use crate::stdx::time::Time;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Settable attributes of topics, sorted (SNS API Reference, SetTopicAttributes).
static TOPIC: &[&str] = &[
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoTopic",
    "HTTPFailureFeedbackRoleArn",
    "HTTPSuccessFeedbackRoleArn",
    "HTTPSuccessFeedbackSampleRate",
    "KmsMasterKeyId",
    "LambdaFailureFeedbackRoleArn",
    "LambdaSuccessFeedbackRoleArn",
    "LambdaSuccessFeedbackSampleRate",
    "Policy",
    "SQSFailureFeedbackRoleArn",
    "SQSSuccessFeedbackRoleArn",
    "SQSSuccessFeedbackSampleRate",
    "SignatureVersion",
    "TracingConfig",
];

/// Settable attributes of subscriptions, sorted (SNS API Reference, SetSubscriptionAttributes).
static SUBSCRIPTION: &[&str] =
    &["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"];

/// Sets one attribute of a topic; nothing is changed if it is refused.
pub fn set_topic(setup: &mut Setup, name: &str, value: &str) -> Result<(), Fault> {
    let Some(name) = TOPIC.iter().find(|known| **known == name) else { return Err(invalid("AttributeName")) };
    match *name {
        "Policy" if value.is_empty() => setup.policy = None,
        "Policy" => {
            let document = policy::parse(value, Kind::Resource).map_err(|flaw| policy::complaint("sns", &flaw))?;
            if !policy::in_scope(&document, "sns") {
                return Err(invalid("Policy statement action out of service scope!"));
            }
            setup.policy = Some(Arc::new(document));
        }
        "DeliveryPolicy" if value.is_empty() => (setup.retry, setup.same_for_all) = (None, false),
        "DeliveryPolicy" => (setup.retry, setup.same_for_all) = retry::of_topic(value)?,
        "KmsMasterKeyId" => {
            // The key that AWS manages for the service lets everybody in the account through.
            setup.kms = Some(Arc::from(value)).filter(|_| !value.is_empty() && value != "alias/aws/sns");
        }
        "ContentBasedDeduplication" if setup.fifo => setup.content_dedup = value == "true",
        "ContentBasedDeduplication" => {
            return Err(invalid("Content-Based Deduplication can only be set for FIFO topics"));
        }
        "FifoTopic" if value == "true" && setup.fifo => {}
        "FifoTopic" => return Err(invalid("FifoTopic")),
        "DisplayName" if value.chars().count() > 100 => {
            return Err(invalid("DisplayName Reason: must be at most 100 characters"));
        }
        name if name.ends_with("SampleRate") && !value.parse().is_ok_and(|n: u8| n <= 100) => {
            return Err(invalid(name));
        }
        _ => {}
    }
    let shown = Arc::make_mut(&mut setup.shown);
    if value.is_empty() {
        shown.remove(name);
    } else {
        shown.insert(name, value.into());
    }
    Ok(())
}

/// What makes the filter: the policy's text and its scope.
fn scope(shown: &Shown) -> Scope {
    if shown.get("FilterPolicyScope").is_some_and(|scope| &**scope == "MessageBody") {
        Scope::Body
    } else {
        Scope::Attributes
    }
}

/// Sets one attribute of a subscription; a filter works from `effective` on. Nothing is changed if it is refused.
pub fn set_subscription(
    subscription: &mut Subscription,
    name: &str,
    value: &str,
    effective: Time,
    place: &str,
) -> Result<(), Fault> {
    let Some(name) = SUBSCRIPTION.iter().find(|known| **known == name) else { return Err(invalid("AttributeName")) };
    let mut shown = (*subscription.shown).clone();
    // An empty filter lets everything through, like none.
    if value.is_empty() || (*name == "FilterPolicy" && value.trim() == "{}") {
        shown.remove(name);
    } else {
        shown.insert(name, value.into());
    }
    match *name {
        "FilterPolicy" | "FilterPolicyScope" => {
            if *name == "FilterPolicyScope" && !["MessageAttributes", "MessageBody"].contains(&value) {
                return Err(invalid(format!(
                    "{place}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
                )));
            }
            let filter = shown.get("FilterPolicy").map(|text| filter::read(text, scope(&shown), place)).transpose()?;
            let filter = filter.map(Arc::new);
            if *subscription.filter.latest() != filter {
                subscription.filter.set(effective, filter);
            }
        }
        "RawMessageDelivery" => {
            if !["true", "false"].contains(&value.to_ascii_lowercase().as_str()) {
                return Err(invalid(format!(
                    "{place}RawMessageDelivery: Invalid value [{value}]. Must be true or false."
                )));
            }
            subscription.raw = value.eq_ignore_ascii_case("true");
        }
        "RedrivePolicy" => subscription.redrive = redrive(value, place)?,
        _ if value.is_empty() => subscription.retry = None,
        _ => {
            if !subscription.protocol.web() {
                return Err(invalid(format!("{place}Delivery policy is only supported for HTTP/S subscriptions")));
            }
            subscription.retry = retry::of_subscription(value)?;
        }
    }
    subscription.shown = Arc::new(shown);
    Ok(())
}

fn redrive(value: &str, place: &str) -> Result<Option<Arc<str>>, Fault> {
    if value.is_empty() {
        return Ok(None);
    }
    let refuse = |why: &str| invalid(format!("{place}RedrivePolicy: {why}"));
    let policy: Value = serde_json::from_str(value).map_err(|_| refuse("failed to parse JSON."))?;
    let target = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    let target = target.filter(|arn| super::super::arn::Arn::parse(arn).is_some_and(|arn| arn.service == "sqs"));
    target.map(|arn| Some(arn.into())).ok_or_else(|| refuse("deadLetterTargetArn is an invalid arn"))
}

/// The policy of a topic that has none of its own: the account may do everything (as SNS shows it).
fn default_policy(topic: &Topic, account: &str) -> String {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
                "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
            ],
            "Resource": &*topic.arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": account } },
        }],
    })
    .to_string()
}

/// As `GetTopicAttributes` answers.
pub fn show_topic(topic: &Topic, account: &str) -> Map<String, Value> {
    let mut out = Map::new();
    let pending = topic.subscriptions.iter().filter(|subscription| subscription.token.is_some()).count();
    let retry = topic.setup.retry.unwrap_or(Retry::WEB).shown();
    let effective = json!({ "http": {
        "defaultHealthyRetryPolicy": retry, "disableSubscriptionOverrides": topic.setup.same_for_all,
        "defaultRequestPolicy": { "headerContentType": "text/plain; charset=UTF-8" },
    }});
    let mut put = |name: &str, value: String| drop(out.insert(name.to_string(), Value::from(value)));
    put("Policy", default_policy(topic, account));
    put("DisplayName", String::new());
    for (name, value) in topic.setup.shown.iter() {
        put(name, value.to_string());
    }
    put("Owner", account.to_string());
    put("TopicArn", topic.arn.to_string());
    put("SubscriptionsPending", pending.to_string());
    put("SubscriptionsConfirmed", (topic.subscriptions.len() - pending).to_string());
    put("SubscriptionsDeleted", topic.unsubscribed.to_string());
    put("EffectiveDeliveryPolicy", effective.to_string());
    if topic.setup.fifo {
        put("FifoTopic", "true".into());
        put("ContentBasedDeduplication", topic.setup.content_dedup.to_string());
    }
    out
}

/// As `GetSubscriptionAttributes` answers.
pub fn show_subscription(topic: &Topic, subscription: &Subscription, account: &str) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: String| drop(out.insert(name.to_string(), Value::from(value)));
    put("SubscriptionPrincipal", subscription.by.to_string());
    put("RawMessageDelivery", subscription.raw.to_string());
    for (name, value) in subscription.shown.iter() {
        put(name, value.to_string());
    }
    put("RawMessageDelivery", subscription.raw.to_string());
    // The scope is shown only with a filter, and then always.
    if subscription.shown.contains_key("FilterPolicy") {
        let scope = match scope(&subscription.shown) {
            Scope::Attributes => "MessageAttributes",
            Scope::Body => "MessageBody",
        };
        put("FilterPolicyScope", scope.into());
    }
    if subscription.protocol.web() {
        let effective = json!({
            "healthyRetryPolicy": topic.retry(subscription).shown(), "sicklyRetryPolicy": null, "throttlePolicy": null,
            "requestPolicy": null, "guaranteed": false,
        });
        put("EffectiveDeliveryPolicy", effective.to_string());
    }
    put("ConfirmationWasAuthenticated", subscription.authenticated.to_string());
    put("Endpoint", subscription.endpoint.to_string());
    put("Owner", account.to_string());
    put("PendingConfirmation", subscription.token.is_some().to_string());
    put("Protocol", subscription.protocol.word().into());
    put("SubscriptionArn", subscription.arn.to_string());
    put("TopicArn", topic.arn.to_string());
    out
}

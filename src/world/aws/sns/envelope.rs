//! The JSON that SNS wraps around a message for endpoints that do not take it raw, in its own layout. Its signature cannot
//! be verified: nobody has the key.

use super::topic::Notice;
use crate::stdx::dice;
use crate::stdx::time::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::Arc;

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Shaped like the base64 of a 2,048-bit signature.
fn signature(seed: &str) -> String {
    let key = dice::hash_name(seed);
    let mut bytes = [0; 256];
    for (index, place) in bytes.chunks_exact_mut(8).enumerate() {
        place.copy_from_slice(&dice::at(key, 9, index as u64).to_be_bytes());
    }
    STANDARD.encode(bytes)
}

/// A line of the layout.
fn put(out: &mut String, name: &str, value: &str) {
    let comma = if out.len() > 1 { "," } else { "" };
    let _ = write!(out, "{comma}\n  \"{name}\" : {value}");
}

/// A notification.
pub fn of(region: &str, subscription: &str, topic: &str, notice: &Notice) -> Arc<str> {
    let mut out = String::with_capacity(notice.draft.body.len() + 1_400);
    out.push('{');
    put(&mut out, "Type", "\"Notification\"");
    put(&mut out, "MessageId", &quoted(&notice.id));
    if let Some(sequence) = notice.sequence {
        put(&mut out, "SequenceNumber", &quoted(&sequence.to_string()));
    }
    put(&mut out, "TopicArn", &quoted(topic));
    if let Some(subject) = &notice.draft.subject {
        put(&mut out, "Subject", &quoted(subject));
    }
    put(&mut out, "Message", &quoted(&notice.draft.body));
    put(&mut out, "Timestamp", &quoted(&notice.at.rfc3339_millis()));
    signed(&mut out, region, &notice.id);
    let link = format!("https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}");
    put(&mut out, "UnsubscribeURL", &quoted(&link));
    if !notice.draft.attributes.is_empty() {
        let shown = |data_type: &str, value: &str| json!({ "Type": data_type, "Value": value });
        let attributes: Map<String, Value> = notice
            .draft
            .attributes
            .iter()
            .map(|(name, held)| (name.to_string(), shown(&held.data_type, &held.value)))
            .collect();
        put(&mut out, "MessageAttributes", &Value::Object(attributes).to_string());
    }
    out.push_str("\n}");
    out.into()
}

fn signed(out: &mut String, region: &str, seed: &str) {
    let host = format!("https://sns.{region}.amazonaws.com");
    let pem = format!("{host}/SimpleNotificationService-{:016x}{:016x}.pem", dice::at(1, 2, 3), dice::at(4, 5, 6));
    put(out, "SignatureVersion", "\"1\"");
    put(out, "Signature", &quoted(&signature(seed)));
    put(out, "SigningCertURL", &quoted(&pem));
}

pub fn confirmation_id(token: &str) -> String {
    let key = dice::hash_name(token);
    super::super::message::uuid((u128::from(dice::at(key, 1, 0)) << 64) | u128::from(dice::at(key, 2, 0)))
}

/// What an endpoint gets that is to be subscribed.
pub fn confirmation(region: &str, topic: &str, token: &str, at: Time) -> Arc<str> {
    let mut out = String::from("{");
    let said = format!(
        "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in \
         this message."
    );
    let link = format!("https://sns.{region}.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
    put(&mut out, "Type", "\"SubscriptionConfirmation\"");
    put(&mut out, "MessageId", &quoted(&confirmation_id(token)));
    put(&mut out, "Token", &quoted(token));
    put(&mut out, "TopicArn", &quoted(topic));
    put(&mut out, "Message", &quoted(&said));
    put(&mut out, "SubscribeURL", &quoted(&link));
    put(&mut out, "Timestamp", &quoted(&at.rfc3339_millis()));
    signed(&mut out, region, token);
    out.push_str("\n}");
    out.into()
}

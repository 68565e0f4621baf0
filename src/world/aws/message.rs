//! What travels through topics and queues: a message as it is sent and as it is received, and who acts on it. Does not
//! know where it goes.

pub use super::policy::Principal;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One message attribute: `String`, `Number`, `Binary`, `String.Array` or a custom `String.x`; binary values are base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribute {
    pub data_type: Arc<str>,
    pub value: Arc<str>,
}

/// Message attributes by name.
pub type Attributes = BTreeMap<Arc<str>, Attribute>;

/// A message to be sent or published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub body: Arc<str>,
    /// Only topics have subjects.
    pub subject: Option<Arc<str>>,
    pub attributes: Attributes,
    /// `MessageGroupId`.
    pub group: Option<Arc<str>>,
    /// `MessageDeduplicationId`.
    pub dedup: Option<Arc<str>>,
    /// `DelaySeconds` of this message; `None`: the queue's.
    pub delay: Option<Span>,
    /// The id of the notification that this copy came from, set by SNS.
    pub notification: Option<Arc<str>>,
}

/// What a queue answers to a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub message_id: Arc<str>,
    /// FIFO queues number their messages.
    pub sequence: Option<u128>,
}

/// A message as a consumer gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub message_id: Arc<str>,
    pub receipt: Arc<str>,
    pub body: Arc<str>,
    pub attributes: Arc<Attributes>,
    /// `SentTimestamp`.
    pub sent: Time,
    /// `ApproximateFirstReceiveTimestamp`.
    pub first_received: Time,
    /// `ApproximateReceiveCount`, this time included.
    pub receive_count: u32,
    pub group: Option<Arc<str>>,
    /// The notification's id where the message came through a topic.
    pub sns_message_id: Option<Arc<str>>,
}

/// A number as an identifier in the form of a random UUID.
pub fn uuid(id: u128) -> String {
    spelled(&digits(id)).into()
}

/// The same for what is shared.
pub fn shared_uuid(id: u128) -> Arc<str> {
    spelled(&digits(id)).into()
}

/// Where the two digits of each byte stand.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// Every message has one, so it is spelled by hand.
fn digits(id: u128) -> [u8; 36] {
    // Version 4, variant 1.
    let id = id & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let mut text = [b'-'; 36];
    for (byte, place) in id.to_be_bytes().into_iter().zip(PLACES) {
        if let Some([high, low]) = text.get_mut(place..place + 2) {
            (*high, *low) = (digit(byte >> 4), digit(byte & 0xf));
        }
    }
    text
}

fn spelled(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

/// What a message weighs: its body and its attributes' names, types and values, in bytes of UTF-8 (SQS and SNS count the
/// same way; a binary value counts decoded).
pub fn bytes(body: &str, attributes: &Attributes) -> usize {
    let value = |attribute: &Attribute| match &*attribute.data_type {
        kind if kind.starts_with("Binary") => attribute.value.len() / 4 * 3,
        _ => attribute.value.len(),
    };
    let one = |(name, attribute): (&Arc<str>, &Attribute)| name.len() + attribute.data_type.len() + value(attribute);
    body.len() + attributes.iter().map(one).sum::<usize>()
}

//! What travels through topics and queues: a message as it is sent and as it is received, and who acts on it. Does not
//! know where it goes.

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

/// Who acts, as policies see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A role, user or session by its ARN.
    Aws(Arc<str>),
    /// An AWS service on behalf of a resource: `sns.amazonaws.com`, and what `aws:SourceArn` will be.
    Service { name: Arc<str>, source: Arc<str> },
}

//! A topic and its subscriptions: set-up and state. Does not know how anything is delivered.

use super::super::message::Draft;
use super::super::policy::Document;
use super::super::timed::Timed;
use super::counts::Counts;
use super::filter::Filter;
use super::places::Places;
use super::records::Records;
use super::retry::Retry;
use crate::stdx::dice;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Attributes as they are shown.
pub type Shown = BTreeMap<&'static str, Arc<str>>;

/// A topic.
#[derive(Clone, Debug)]
pub struct Topic {
    pub arn: Arc<str>,
    pub name: Arc<str>,
    pub setup: Setup,
    /// In the order in which they were made.
    pub subscriptions: Vec<Arc<Subscription>>,
    /// How many were deleted.
    pub unsubscribed: u32,
    pub counts: Counts,
    pub places: Places,
    pub records: Records,
    pub dedup: Dedup,
    /// From which identifiers are made, and how many were.
    pub key: u64,
    pub serial: u64,
}

/// How a topic is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    pub fifo: bool,
    pub content_dedup: bool,
    pub shown: Arc<Shown>,
    /// Its own policy; `None` is the default one, which lets the account in.
    pub policy: Option<Arc<Document>>,
    /// How HTTP(S) deliveries are repeated, and whether subscriptions may differ.
    pub retry: Option<Retry>,
    pub same_for_all: bool,
    pub kms: Option<Arc<str>>,
    pub tags: Arc<BTreeMap<String, String>>,
}

/// Who gets copies, and which.
#[derive(Clone, Debug)]
pub struct Subscription {
    pub arn: Arc<str>,
    pub protocol: Protocol,
    pub endpoint: Arc<str>,
    pub made: Time,
    /// Who subscribed: the ARN of the role or user.
    pub by: Arc<str>,
    /// With which a pending one is confirmed; `None`: it is.
    pub token: Option<Arc<str>>,
    pub authenticated: bool,
    pub shown: Arc<Shown>,
    /// What is let through; `None` is everything. Takes its time to work.
    pub filter: Timed<Option<Arc<Filter>>>,
    pub raw: bool,
    /// The dead-letter queue.
    pub redrive: Option<Arc<str>>,
    pub retry: Option<Retry>,
}

/// How copies are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Email,
    EmailJson,
    Http,
    Https,
    Lambda,
    Sms,
    Sqs,
}

/// By name, one a line. Deliveries to phones' applications and Firehose are not part of the account.
static PROTOCOLS: &[(&str, Protocol)] = &[
    ("email", Protocol::Email),
    ("email-json", Protocol::EmailJson),
    ("http", Protocol::Http),
    ("https", Protocol::Https),
    ("lambda", Protocol::Lambda),
    ("sms", Protocol::Sms),
    ("sqs", Protocol::Sqs),
];

impl Protocol {
    pub fn parse(text: &str) -> Option<Protocol> {
        PROTOCOLS.iter().find(|(name, _)| *name == text).map(|(_, protocol)| *protocol)
    }

    pub fn word(self) -> &'static str {
        PROTOCOLS.iter().find(|(_, protocol)| *protocol == self).map_or("", |(name, _)| name)
    }

    pub fn web(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    /// The head of the topic attributes that turn its delivery log on: `SQSFailureFeedbackRoleArn`.
    pub fn feedback(self) -> Option<[&'static str; 3]> {
        match self {
            Protocol::Http | Protocol::Https => {
                Some(["HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate", "HTTPFailureFeedbackRoleArn"])
            }
            Protocol::Lambda => Some([
                "LambdaSuccessFeedbackRoleArn",
                "LambdaSuccessFeedbackSampleRate",
                "LambdaFailureFeedbackRoleArn",
            ]),
            Protocol::Sqs => {
                Some(["SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate", "SQSFailureFeedbackRoleArn"])
            }
            _ => None,
        }
    }
}

/// One published message, shared by its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: Arc<str>,
    pub at: Time,
    pub draft: Draft,
    pub sequence: Option<u128>,
}

/// What a FIFO topic remembers of what it accepted: five minutes, as FIFO queues do.
#[derive(Clone, Debug, Default)]
pub struct Dedup {
    seen: BTreeMap<Arc<str>, Arc<Notice>>,
    order: VecDeque<(Time, Arc<str>)>,
}

impl Dedup {
    pub fn find(&mut self, at: Time, id: &str) -> Option<&Arc<Notice>> {
        while self.order.front().is_some_and(|(accepted, _)| *accepted + super::super::sqs::DEDUP_WINDOW <= at) {
            if let Some((_, id)) = self.order.pop_front() {
                self.seen.remove(&id);
            }
        }
        self.seen.get(id)
    }

    pub fn remember(&mut self, at: Time, id: Arc<str>, notice: Arc<Notice>) {
        self.order.push_back((at, id.clone()));
        self.seen.insert(id, notice);
    }
}

impl Subscription {
    /// Confirmed, takes everything, wrapped.
    pub fn new(protocol: Protocol, endpoint: &str, made: Time) -> Subscription {
        Subscription {
            arn: Arc::default(),
            protocol,
            endpoint: endpoint.into(),
            made,
            by: Arc::default(),
            token: None,
            authenticated: true,
            shown: Arc::default(),
            filter: Timed::default(),
            raw: false,
            redrive: None,
            retry: None,
        }
    }
}

impl Topic {
    pub fn new(arn: Arc<str>, name: Arc<str>, seed: u64, made: Time, setup: Setup) -> Topic {
        Topic {
            key: dice::at(seed, dice::hash_name(&arn), made.0 as u64),
            arn,
            name,
            setup,
            subscriptions: Vec::new(),
            unsubscribed: 0,
            counts: Counts::default(),
            places: Places::default(),
            records: Records::default(),
            dedup: Dedup::default(),
            serial: 0,
        }
    }

    pub fn subscription(&self, arn: &str) -> Option<&Arc<Subscription>> {
        self.subscriptions.iter().find(|subscription| *subscription.arn == *arn)
    }

    pub fn subscription_mut(&mut self, arn: &str) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| *subscription.arn == *arn).map(Arc::make_mut)
    }

    /// A fresh identifier.
    pub fn fresh(&mut self) -> u128 {
        self.serial += 1;
        (u128::from(dice::at(self.key, 1, self.serial)) << 64) | u128::from(dice::at(self.key, 2, self.serial))
    }

    /// How deliveries to a subscription are repeated.
    pub fn retry(&self, subscription: &Subscription) -> Retry {
        if !subscription.protocol.web() {
            return match subscription.protocol {
                Protocol::Sqs | Protocol::Lambda => Retry::MANAGED,
                _ => Retry::MAIL,
            };
        }
        let own = subscription.retry.filter(|_| !self.setup.same_for_all);
        own.or(self.setup.retry).unwrap_or(Retry::WEB)
    }
}

//! What an estate says of its programs' work: effects of requests, consumers of messages, addresses and subscriptions.
//! Facts only. Does not know TOML (see `lower`), nor anything that has happened.

use crate::stdx::time::Span;
use crate::world::apps::dial::spec::Dial;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a program does besides answering requests.
#[derive(Clone, Debug, Default)]
pub struct Work {
    pub consumers: BTreeMap<Arc<str>, Arc<Consumer>>,
    pub dials: BTreeMap<Arc<str>, Arc<Dial>>,
    pub endpoints: BTreeMap<String, Endpoint>,
    pub subscribes: BTreeMap<String, Subscribe>,
}

impl Work {
    pub fn is_empty(&self) -> bool {
        self.consumers.is_empty() && self.dials.is_empty() && self.endpoints.is_empty() && self.subscribes.is_empty()
    }
}

/// When something is done at all; all that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct Only {
    /// Variables of the process and how they read; an unset one reads empty.
    pub env: BTreeMap<String, String>,
    pub flag: String,
    pub unless_flag: String,
    /// One of these.
    pub traits: Vec<Arc<str>>,
}

/// Something that follows an answered request.
#[derive(Clone, Debug)]
pub struct Effect {
    /// For metrics: what feeds them.
    pub name: Arc<str>,
    pub only: Only,
    pub does: Does,
    pub line: Option<Arc<str>>,
    pub failed_line: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub enum Does {
    /// The order is written into the books.
    Order,
    /// A message goes to the topic in a variable, or to the one with this ARN.
    Publish { topic: String, letter: Letter, tries: Tries },
    /// Messages go to the queue in a variable.
    Send { queue: String, letter: Letter, files: Files, tries: Tries },
    /// A Service of the cluster is told by HTTP.
    Notify { namespace: String, service: String, route: String, tries: Tries },
}

/// How a message about an order is written.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    pub attributes: BTreeMap<Arc<str>, String>,
    /// Data types of attributes that are not `String`.
    pub types: BTreeMap<String, String>,
    /// Trait → attributes that read otherwise; an empty value leaves the attribute out.
    pub by_trait: BTreeMap<String, BTreeMap<String, String>>,
    /// Trait → further members of the body.
    pub members: BTreeMap<String, BTreeMap<String, String>>,
    /// The body is a JSON text inside an envelope's member.
    pub wrapped: bool,
}

/// How many messages go to a queue, and how they are kept in order.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// `MessageGroupId`; empty: none (a standard queue).
    pub group: String,
    pub dedup: String,
    pub count: u64,
    /// Ten to a call if the variable is `true`, or while the flag is on.
    pub batch_env: String,
    pub batch_flag: String,
}

/// How often a call that fails is tried.
#[derive(Clone, Debug, Default)]
pub struct Tries {
    pub attempts: u64,
    /// The variable with the number of attempts after the first.
    pub retries_env: String,
    pub backoff: Span,
    pub timeout: Span,
    /// So many in a thousand are taken, but the answer is lost on the way: the program sends them once more.
    pub doubles: u64,
}

/// Work on messages, whether they are polled from a queue or pushed.
#[derive(Clone, Debug, Default)]
pub struct Consumer {
    pub name: Arc<str>,
    /// When it polls; pushed messages it takes at any rate.
    pub only: Only,
    /// The variable with the queue's URL; empty: it does not poll.
    pub queue: String,
    pub batch: u64,
    pub batch_env: String,
    pub workers: u64,
    /// Its `WaitTimeSeconds`; `None`: it gives none, so that the queue's attribute decides.
    pub wait: Option<Span>,
    pub pace: Pace,
    pub deletes: Deletes,
    /// After a failure the rest of its message group in the batch is left alone, so that nothing overtakes it.
    pub in_order: bool,
    /// `None`: a failed message comes back when its visibility ends.
    pub retry_after: Option<Span>,
    pub writes: Writes,
    pub lines: Lines,
    pub rules: Vec<Refusal>,
}

/// How long one message takes.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    pub takes: Span,
    pub jitter: Span,
    /// Trait → what it takes longer for an order that has it; of several the longest.
    pub by_trait: BTreeMap<String, Span>,
    /// A partner that is called, and waited for.
    pub calls: Option<Arc<str>>,
    /// The variable that may name another partner to call.
    pub calls_env: String,
    /// A letter to the order's customer.
    pub mails: Option<Mails>,
}

/// A letter that a message's work sends by SES: the variables with the sender, the region and the configuration set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mails {
    pub sender: String,
    pub region: String,
    pub set: String,
}

/// When a message is deleted from its queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletes {
    #[default]
    After,
    Before,
    /// All that were done of one batch, with one call, after the last.
    Together,
}

/// What a success leaves in the books.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// One row in each; none: nothing is written.
    pub tables: Vec<Arc<str>>,
    /// An order that has a row gets no second one.
    pub unique: bool,
    pub unique_env: String,
    /// Rows that an order has in each when all was done: as many as messages are sent for it.
    pub per_order: u32,
}

/// Log lines of a consumer.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    pub done: Option<Arc<str>>,
    pub again: Option<Arc<str>>,
    pub failed: Option<Arc<str>>,
    pub receive: Option<Arc<str>>,
}

/// What a consumer fails on.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub when: RefusalWhen,
    pub error: Arc<str>,
    pub reason: Arc<str>,
    pub line: Option<Arc<str>>,
}

/// Conditions of refusals. Closed: a new trick is a new variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalWhen {
    /// The order has one of the traits (none named: any order), and the program's role may not use a key (id, ARN or alias) for
    /// what it has to do.
    /// `{denied}` in the error stands for KMS's words.
    KeyDenied { action: String, key: String, traits: Vec<Arc<str>> },
    /// The partner's call failed.
    PartnerFailed,
    /// So many in a thousand, by lot for each attempt.
    Share { per_mille: u64 },
    /// The order has a trait.
    Trait { name: Arc<str> },
}

/// Words of [`RefusalWhen`] as written in files, sorted.
pub static REFUSALS: &[&str] = &["key-denied", "partner-failed", "share", "trait"];

/// A public address that leads to a Service of the cluster.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// `hooks.scoopline.example/sns`: host and path.
    pub address: String,
    pub namespace: String,
    pub service: String,
    pub route: String,
}

/// A topic that the program subscribes an address of its own to whenever it starts.
#[derive(Clone, Debug, Default)]
pub struct Subscribe {
    /// The variable with the topic's ARN.
    pub topic: String,
    /// With `{pod}`.
    pub endpoint: String,
    pub only: Only,
    pub line: Option<Arc<str>>,
    pub failed_line: Option<Arc<str>>,
}

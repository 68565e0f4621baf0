//! What functions do, as `[functions.NAME]` of an estate's `account.toml` says it: steps one after the other, by release.
//! Facts only. Does not know TOML (see `lower`), configuration, or anything that has happened.

use crate::stdx::time::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The code behind one function name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    pub base: Arc<Release>,
    /// By version of the code; a key is a whole version or its leading dotted parts (`1.9` covers `1.9.2`).
    pub releases: BTreeMap<String, Arc<Release>>,
}

/// One release of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Release {
    /// Bytes of the deployment package.
    pub size: u64,
    /// Import and set-up before the first event, and what chance adds.
    pub init: Span,
    pub init_jitter: Span,
    /// Megabytes used at most by an invocation, and what chance adds.
    pub memory: u64,
    pub memory_jitter: u64,
    pub steps: Vec<Step>,
    /// Log lines by name: level and words with `{names}`.
    pub lines: BTreeMap<Arc<str>, (Arc<str>, Arc<str>)>,
    /// What the handler returns, with `{status}` and `{id}` (of the request); empty: an answer as API Gateway wants it.
    pub reply: Arc<str>,
    /// Lines of every invocation, written only where `LOG_LEVEL` is `DEBUG`.
    pub debug: Vec<Arc<str>>,
}

/// One thing that an invocation does.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `geocode`: as its spans and errors name it.
    pub name: Arc<str>,
    pub does: Does,
    /// Its own time, or the service's it asks.
    pub takes: Span,
    pub jitter: Span,
    pub only: Only,
    /// Its client gives up after this; `None`: never.
    pub timeout: Option<Span>,
    pub fails: Fails,
    /// Written when it is done, with `{ms}`, `{order}`, `{id}`.
    pub line: Option<Arc<str>>,
    /// Written where it fails and that is no error, with `{err}`.
    pub failed_line: Option<Arc<str>>,
}

/// When a step is taken at all; all that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Variables of the function and how they read; an unset one reads empty.
    pub env: BTreeMap<String, String>,
    pub flag: String,
    pub unless_flag: String,
    /// The event's order has one of these.
    pub traits: Vec<Arc<str>>,
}

/// A small closed set.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    /// Reads or writes a cache (replication group or cluster).
    Cache {
        group: Arc<str>,
    },
    Compute,
    /// Calls a third party and waits.
    Call {
        partner: Arc<str>,
    },
    /// Calls another function asynchronously.
    Invoke {
        function: Arc<str>,
    },
    /// Sends mail about the order: the variables with the sender and the region.
    Mail {
        sender: String,
        region: String,
    },
    /// Puts an object of so many bytes into a bucket.
    Put {
        bucket: Arc<str>,
        bytes: u64,
    },
    /// Asks a database.
    Query {
        database: Arc<str>,
    },
    /// Fails for so many events in a thousand, by lot; with traits, for those that have one.
    Refuse {
        per_mille: u64,
        error: Arc<str>,
    },
    /// Writes a row into a database's table; `unique`: an order that has one gets no second.
    Write {
        database: Arc<str>,
        table: Arc<str>,
        unique: bool,
    },
}

/// What a failed step leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fails {
    /// The handler raises: a function error.
    #[default]
    Raise,
    /// The handler answers with a status of its own.
    Answer(u16),
    /// It goes on without.
    Pass,
}

/// Words of [`Does`] as written in files, sorted.
pub static DOES: &[&str] = &["cache", "call", "compute", "invoke", "mail", "put", "query", "refuse", "write"];

impl Program {
    /// What a version of the code does: the most specific release that covers it, else the base.
    pub fn release(&self, version: &str) -> &Arc<Release> {
        let covers = |key: &str| version == key || version.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        let found = self.releases.iter().filter(|(key, _)| covers(key)).max_by_key(|(key, _)| key.len());
        found.map_or(&self.base, |(_, release)| release)
    }
}

//! How a program dials a third party, as an estate says it: facts only. Does not know TOML (see `lower`), nor what comes of
//! it.

use crate::stdx::time::Span;
use crate::world::apps::work::spec::Only;
use std::sync::Arc;

/// A client for one third party.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    pub name: Arc<str>,
    /// With which settings a process has this client at all (`env`), and when it calls (flags).
    pub only: Only,
    pub partner: Arc<str>,
    pub load: Load,
    pub policy: Policy,
    pub holds: Holds,
}

/// How many calls there are.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Each of whose arrivals makes calls, spread over the processes; empty: none does.
    pub stream: String,
    /// For each of those arrivals.
    pub calls: u64,
    /// A minute and process, whoever comes or not.
    pub steady: u64,
}

/// What a client does with a call that fails.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub retries: u64,
    /// The variable with the number of further attempts.
    pub retries_env: String,
    /// The variable with the retry budget: further attempts in a hundred calls. Unset: no budget.
    pub budget_env: String,
    /// While this flag is on nothing is tried again.
    pub once_flag: String,
    /// Of one attempt, its connection included.
    pub timeout: Span,
    /// If this variable is `true`, connections that went well are used again.
    pub reuse_env: String,
}

/// What becomes of connections.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// How long a call that goes well needs its connection.
    pub lasting: Span,
    /// If this variable is `true`, what is given up is not closed: its dial goes on, and its connection stands until
    /// something in between forgets it.
    pub detached_env: String,
    /// Nothing is ever closed.
    pub leaks: bool,
    /// To so many addresses that no gateway runs out of ports for one of them.
    pub spread: bool,
}

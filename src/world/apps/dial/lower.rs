//! Reads what an estate says of its programs' clients into typed specs. Does not know what anything does.

use super::spec::{Dial, Holds, Load, Policy};
use crate::stdx::time::Span;
use crate::world::apps::lower::Reader;
use crate::world::apps::work::spec::Only;
use std::sync::Arc;

/// Calls for an arrival, and calls a minute of a process; more is a mistake.
const CALLS_MAX: u64 = 1_000_000;
/// Further attempts.
const RETRIES_MAX: u64 = 19;

pub(in crate::world::apps) fn dial(r: &mut Reader) -> Dial {
    let only = Only {
        env: r.named_texts("when_env"),
        flag: r.text("when_flag"),
        unless_flag: r.text("unless_flag"),
        ..Only::default()
    };
    let mut many = |key| r.whole(key).unwrap_or(0).min(CALLS_MAX);
    let (calls, steady) = (many("calls"), many("steady_per_minute"));
    Dial {
        name: Arc::from(""),
        only,
        partner: Arc::from(r.text("partner")),
        load: Load { stream: r.text("stream"), calls, steady },
        policy: Policy {
            retries: r.whole("retries").unwrap_or(0).min(RETRIES_MAX),
            retries_env: r.text("retries_env"),
            budget_env: r.text("budget_env"),
            once_flag: r.text("once_flag"),
            timeout: r.span("timeout").filter(|span| *span > Span::ZERO).unwrap_or(Span::secs(1)),
            reuse_env: r.text("reuse_env"),
        },
        holds: Holds {
            lasting: r.span("lasting").unwrap_or(Span::secs(4)),
            detached_env: r.text("detached_env"),
            leaks: r.yes("leaks"),
            spread: r.yes("spread"),
        },
    }
}

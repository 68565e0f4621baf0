//! The kubelet's back-off: 10 s, doubling to 300 s, forgotten after twice that time without a failure (client-go
//! `flowcontrol.Backoff`). Does not know what is held back.

use crate::stdx::time::{Span, Time};

pub const FIRST: Span = Span::secs(10);
pub const MAX: Span = Span::secs(300);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub delay: Span,
    pub updated: Time,
}

/// When the back-off that counts from `event` ends, if it still holds at `now`.
pub fn held_until(backoff: Option<Backoff>, event: Time, now: Time) -> Option<Time> {
    let backoff = backoff.filter(|b| !expired(*b, event))?;
    let until = event + backoff.delay;
    (until > now).then_some(until)
}

/// The back-off after another try at `now`, occasioned by a failure at `event`.
pub fn next(backoff: Option<Backoff>, event: Time, now: Time) -> Backoff {
    match backoff.filter(|b| !expired(*b, event)) {
        Some(b) => Backoff { delay: Span((b.delay.0 * 2).min(MAX.0)), updated: now },
        None => Backoff { delay: FIRST, updated: now },
    }
}

fn expired(backoff: Backoff, event: Time) -> bool {
    event - backoff.updated > Span(MAX.0 * 2)
}

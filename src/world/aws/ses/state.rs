//! What SES keeps for each region: whether the account left the sandbox, identities, limits, the suppression list,
//! reputation. Does not know requests.

use super::super::tally::Tally;
use super::super::timeline::Timeline;
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The sandbox's limits (SES Developer Guide, "Request production access": 200 messages in 24 hours, one a second).
pub const SANDBOX: (u64, u64) = (200, 1);
/// Reputation looks at the last so many messages: SES says a "representative volume" and no figure (ours).
const VOLUME: usize = 2_000;
/// Fewer messages than this say nothing.
const VOLUME_LEAST: usize = 400;
/// Shares of bounces and complaints from which an account is reviewed and from which it may be paused, in tenths of a
/// thousandth (SES Developer Guide, "Reputation": bounces 5 and 10 %, complaints 0.1 and 0.5 %).
const BOUNCES: (usize, usize) = (500, 1_000);
const COMPLAINTS: (usize, usize) = (10, 50);
/// Between the breach and the pause somebody looks at it: a quarter of an hour here (SES promises no figure).
pub const REVIEW: Span = Span::mins(15);

/// An address or domain that one may send from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub created: Time,
    /// `None`: nobody has confirmed it.
    pub verified: Option<Time>,
    pub set: String,
}

/// Who must not be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub reason: Arc<str>,
    pub since: Time,
}

/// A domain whose addresses were put on the list long ago: so many in a thousand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub domain: Arc<str>,
    pub per_mille: u64,
    pub entry: Suppressed,
}

/// A configuration set: options as they were given, event destinations by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    pub options: Value,
    pub destinations: BTreeMap<String, Value>,
}

/// Events of a quarter of an hour: attempts, bounces, complaints, rejects.
pub type Quarter = [u64; 4];

/// How fast and how much may be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Messages in 24 hours and in a second.
    pub limits: (u64, u64),
    /// Thousandths of messages that may be sent at once, as of a time.
    tokens: i64,
    as_of: Time,
    /// Minutes since 1970 with what was sent, of the last 24 hours.
    sent: VecDeque<(i64, u64)>,
    total: u64,
}

/// What came of the last messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    last: VecDeque<u8>,
    bounces: usize,
    complaints: usize,
}

/// One region.
#[derive(Clone, Debug, Default)]
pub struct Region {
    pub production: bool,
    pub enabled: bool,
    /// `HEALTHY`, `PROBATION`, `SHUTDOWN`.
    pub status: Timeline<&'static str>,
    /// What puts addresses on the list, and keeps mail from those on it.
    pub reasons: Timeline<Vec<String>>,
    pub identities: BTreeMap<String, Identity>,
    pub suppressed: BTreeMap<Arc<str>, Suppressed>,
    pub listed: Vec<Listed>,
    /// Taken off the list again, of those listed by domain.
    pub freed: BTreeMap<Arc<str>, Time>,
    pub sets: BTreeMap<String, Set>,
    pub flow: Flow,
    pub reputation: Reputation,
    pub kept: Kept,
}

/// What is only shown.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// What CloudWatch counts in a region that is not the account's home; that one's is in the account's own tally.
    pub tally: Tally,
    pub quarters: BTreeMap<i64, Quarter>,
    pub details: Value,
}

impl Flow {
    /// Lets a message through, or says which limit is reached.
    pub fn admit(&mut self, at: Time) -> Result<(), &'static str> {
        self.settle(at);
        if self.total >= self.limits.0 {
            return Err("Daily message quota exceeded.");
        }
        if self.tokens < 1_000 {
            return Err("Maximum sending rate exceeded.");
        }
        self.tokens -= 1_000;
        self.total += 1;
        let minute = at.0.div_euclid(60_000);
        match self.sent.back_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            _ => self.sent.push_back((minute, 1)),
        }
        Ok(())
    }

    /// A message that was let through did not come.
    pub fn give_back(&mut self) {
        if let Some((_, count)) = self.sent.back_mut().filter(|(_, count)| *count > 0) {
            *count -= 1;
            self.total -= 1;
            self.tokens += 1_000;
        }
    }

    fn settle(&mut self, at: Time) {
        let rate = self.limits.1 as i64;
        // Short bursts pass: what two seconds allow (SES Developer Guide, "Sending quotas": bursts for short periods).
        self.tokens = (self.tokens + (at - self.as_of).0.max(0).saturating_mul(rate)).min(rate * 2_000);
        self.as_of = self.as_of.max(at);
        let first = at.0.div_euclid(60_000) - 1_440;
        while self.sent.front().is_some_and(|(minute, _)| *minute <= first) {
            self.total -= self.sent.pop_front().map_or(0, |(_, count)| count);
        }
    }

    /// Sent in the last 24 hours.
    pub fn total_at(&self, at: Time) -> u64 {
        let first = at.0.div_euclid(60_000) - 1_440;
        self.sent.iter().filter(|(minute, _)| *minute > first).map(|(_, count)| count).sum()
    }
}

impl Reputation {
    /// 0 delivered, 1 bounced, 2 complained about.
    pub fn see(&mut self, outcome: u8) {
        if self.last.len() == VOLUME
            && let Some(old) = self.last.pop_front()
        {
            self.bounces -= usize::from(old == 1);
            self.complaints -= usize::from(old == 2);
        }
        self.last.push_back(outcome);
        self.bounces += usize::from(outcome == 1);
        self.complaints += usize::from(outcome == 2);
    }

    /// Shares of bounces and complaints, in millionths.
    pub fn shares(&self) -> (i64, i64) {
        let all = self.last.len().max(1);
        ((self.bounces * 1_000_000 / all) as i64, (self.complaints * 1_000_000 / all) as i64)
    }

    /// What SES makes of it.
    pub fn verdict(&self) -> &'static str {
        let all = self.last.len();
        let over = |limit: (usize, usize), which: usize, count: usize| {
            let limit = if which == 0 { limit.0 } else { limit.1 };
            count * 10_000 >= limit * all
        };
        match () {
            () if all < VOLUME_LEAST => "HEALTHY",
            () if over(BOUNCES, 1, self.bounces) || over(COMPLAINTS, 1, self.complaints) => "SHUTDOWN",
            () if over(BOUNCES, 0, self.bounces) || over(COMPLAINTS, 0, self.complaints) => "PROBATION",
            () => "HEALTHY",
        }
    }
}

impl Region {
    /// A region that nobody has used: in the sandbox, bounces and complaints suppressed (the default of accounts made since
    /// November 2019, SES Developer Guide, "Using the account-level suppression list").
    pub fn new(since: Time) -> Region {
        Region {
            enabled: true,
            status: Timeline::new(since, "HEALTHY"),
            reasons: Timeline::new(since, vec!["BOUNCE".into(), "COMPLAINT".into()]),
            flow: Flow { limits: SANDBOX, as_of: since, ..Flow::default() },
            ..Region::default()
        }
    }

    /// Whether an address, or its domain, is verified.
    pub fn verified(&self, address: &str, at: Time) -> bool {
        let domain = address.rsplit('@').next().unwrap_or(address);
        let is = |name: &str| {
            let identity = self.identities.get(name);
            identity.is_some_and(|identity| identity.verified.is_some_and(|since| since <= at))
        };
        if is(address) {
            return true;
        }
        // A verified domain covers its subdomains (SES Developer Guide, "Verified identities").
        let mut rest = Some(domain);
        while let Some(name) = rest {
            if is(name) {
                return true;
            }
            rest = name.split_once('.').map(|(_, rest)| rest);
        }
        false
    }

    /// The entry of an address on the suppression list.
    pub fn entry(&self, address: &str) -> Option<&Suppressed> {
        if let Some(entry) = self.suppressed.get(address) {
            return Some(entry);
        }
        if self.freed.contains_key(address) {
            return None;
        }
        let (_, domain) = address.split_once('@')?;
        let of = |listed: &&Listed| *listed.domain == *domain && drawn(address) < listed.per_mille;
        self.listed.iter().find(of).map(|listed| &listed.entry)
    }

    /// Whether the list keeps mail from an address at a time.
    pub fn suppresses(&self, address: &str, at: Time) -> bool {
        let Some(entry) = self.entry(address) else { return false };
        self.reasons.at(at).is_some_and(|reasons| reasons.iter().any(|reason| **reason == *entry.reason))
    }
}

/// An address' lot among a thousand.
pub fn drawn(address: &str) -> u64 {
    dice::at(dice::hash_name(address), 51, 0) % 1_000
}

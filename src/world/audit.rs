//! Who asked the estate to change what, and when: append-only, bounded. Does not judge.

use crate::stdx::time::Time;
use std::collections::VecDeque;

/// At most this many entries are kept; the oldest fall out first.
pub const ENTRIES_MAX: usize = 100_000;

/// One request that changed (or tried to change) something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub serial: u64,
    pub at: Time,
    /// Who asked: `learner`, `deploy-bot`, `system:serviceaccount:…`.
    pub user: String,
    /// What was used: `kubectl set env`, `kubectl-client-side-apply`, `iac`, `shopctl`, …
    pub agent: String,
    /// `create`, `update`, `patch`, `delete`, `set-flag`, …
    pub verb: String,
    /// `deployments`, `flags`, …
    pub resource: String,
    pub namespace: String,
    pub name: String,
    /// Paths that differ, with the values before and after, where the object existed.
    pub changed: Vec<FieldChange>,
    /// HTTP status; below 300 is a success.
    pub code: u16,
    pub dry_run: bool,
}

/// One path of an object with its value before and after (`None`: absent), spelled as `stdx::canon::scalar` spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The record. Only requests by people and bots are kept, not those of controllers.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    entries: VecDeque<Entry>,
    serial: u64,
}

impl Audit {
    /// Keeps an entry; gives its serial.
    pub fn record(&mut self, mut entry: Entry) -> u64 {
        entry.serial = self.serial;
        self.serial += 1;
        if self.entries.len() == ENTRIES_MAX {
            self.entries.pop_front();
        }
        let serial = entry.serial;
        self.entries.push_back(entry);
        serial
    }

    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }
}

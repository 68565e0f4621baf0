//! How many calls a FIFO queue takes a second. Does not know what a call does.

use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Calls a second for each action of a FIFO queue, or of one message group in high-throughput mode (SQS Developer Guide,
/// "Message quotas": 300 transactions a second for each API action and partition; a batch is one).
pub const CALLS_MAX: u32 = 300;

/// Calls a second for each action of a whole high-throughput queue (same page: 2,400 where no region is named).
pub const HIGH_THROUGHPUT_MAX: u32 = 2_400;

/// The actions that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Send,
    Receive,
    Delete,
    Visibility,
}

/// Calls in the second under way.
#[derive(Clone, Debug, Default)]
pub struct Throttle {
    second: i64,
    calls: BTreeMap<Action, u32>,
    groups: BTreeMap<(Action, Arc<str>), u32>,
}

impl Throttle {
    /// Whether one more call is taken. A refused call does not count: 300 go through however many are tried.
    pub fn admit(&mut self, at: Time, action: Action, by_group: bool, groups: &[Arc<str>]) -> bool {
        let second = at.0.div_euclid(1_000);
        if second != self.second {
            self.second = second;
            self.calls.clear();
            self.groups.clear();
        }
        let limit = if by_group { HIGH_THROUGHPUT_MAX } else { CALLS_MAX };
        let calls = self.calls.entry(action).or_default();
        let full = |group: &Arc<str>| self.groups.get(&(action, group.clone())).is_some_and(|n| *n >= CALLS_MAX);
        if *calls >= limit || (by_group && groups.iter().any(full)) {
            return false;
        }
        *calls += 1;
        if by_group {
            for group in groups {
                *self.groups.entry((action, group.clone())).or_default() += 1;
            }
        }
        true
    }
}

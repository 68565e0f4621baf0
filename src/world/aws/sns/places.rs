//! What came of a topic's copies: one for each message and confirmed subscription. Every copy is under way or counted here
//! once.

use super::topic::Notice;
use crate::stdx::time::Time;
use std::collections::VecDeque;
use std::sync::Arc;

/// The lost copies of a topic that are kept by name; the oldest fall out first.
pub const LOST_MAX: usize = 20_000;

/// What ended a copy's way through a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The endpoint took it.
    Delivered,
    Filtered,
    /// A client error: not tried again (no permission, no such queue, HTTP 4xx).
    Refused,
    /// Tried as often as the policy says.
    Exhausted,
    /// The subscription was gone before it could be delivered.
    Unsubscribed,
    /// To the subscription's dead-letter queue.
    Redriven,
}

/// A copy that nobody will get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub at: Time,
    pub notice: Arc<Notice>,
    pub subscription: Arc<str>,
    pub fate: Fate,
}

/// What came of a topic's copies.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Messages.
    pub published: u64,
    /// Messages × confirmed subscriptions at the time.
    pub copies: u64,
    pub delivered: u64,
    pub filtered: u64,
    pub refused: u64,
    pub exhausted: u64,
    pub unsubscribed: u64,
    pub redriven: u64,
    /// Refused, exhausted, unsubscribed, and filtered ones.
    pub lost: Arc<VecDeque<Lost>>,
}

impl Places {
    pub fn end(&mut self, at: Time, notice: &Arc<Notice>, subscription: &Arc<str>, fate: Fate) {
        let place = match fate {
            Fate::Delivered => &mut self.delivered,
            Fate::Filtered => &mut self.filtered,
            Fate::Refused => &mut self.refused,
            Fate::Exhausted => &mut self.exhausted,
            Fate::Unsubscribed => &mut self.unsubscribed,
            Fate::Redriven => &mut self.redriven,
        };
        *place += 1;
        if matches!(fate, Fate::Delivered | Fate::Redriven) {
            return;
        }
        let lost = Arc::make_mut(&mut self.lost);
        if lost.len() == LOST_MAX {
            lost.pop_front();
        }
        lost.push_back(Lost { at, notice: notice.clone(), subscription: subscription.clone(), fate });
    }

    /// Copies whose way through the topic is over.
    pub fn ended(&self) -> u64 {
        self.delivered + self.filtered + self.refused + self.exhausted + self.unsubscribed + self.redriven
    }

    /// Copies on their first way or waiting for a retry.
    pub fn under_way(&self) -> u64 {
        self.copies - self.ended()
    }
}

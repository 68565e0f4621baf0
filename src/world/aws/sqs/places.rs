//! Where a queue's messages ended: counted exactly, and the lost ones by name. Every message that ever came in is either
//! still in the store or counted here once.

use super::store::Message;
use crate::stdx::time::Time;
use std::collections::VecDeque;
use std::sync::Arc;

/// The lost messages of a queue that are kept by name; the oldest fall out first.
pub const LOST_MAX: usize = 20_000;

/// How a message left a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A consumer deleted it.
    Deleted,
    /// It was older than the retention period.
    Expired,
    Purged,
    /// The queue was deleted with it.
    QueueDeleted,
    /// To the dead-letter queue.
    Redriven,
    /// By a move task.
    Moved,
}

/// A message that nobody will get from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub at: Time,
    pub id: u128,
    pub body: Arc<str>,
    /// The notification it was a copy of.
    pub notification: Option<Arc<str>>,
    pub fate: Fate,
    /// How often it had been received.
    pub receives: u32,
}

/// What came of a queue's messages.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Accepted from senders.
    pub sent: u64,
    /// Accepted and dropped as duplicates of an earlier send: they never were messages.
    pub duplicates: u64,
    /// Came by redrive or a move task.
    pub came_in: u64,
    pub deleted: u64,
    pub expired: u64,
    pub purged: u64,
    pub queue_deleted: u64,
    pub redriven: u64,
    pub moved: u64,
    pub lost: Arc<VecDeque<Lost>>,
}

impl Places {
    pub fn end(&mut self, at: Time, message: &Message, fate: Fate) {
        let place = match fate {
            Fate::Deleted => &mut self.deleted,
            Fate::Expired => &mut self.expired,
            Fate::Purged => &mut self.purged,
            Fate::QueueDeleted => &mut self.queue_deleted,
            Fate::Redriven => &mut self.redriven,
            Fate::Moved => &mut self.moved,
        };
        *place += 1;
        if !matches!(fate, Fate::Expired | Fate::Purged | Fate::QueueDeleted) {
            return;
        }
        let lost = Arc::make_mut(&mut self.lost);
        if lost.len() == LOST_MAX {
            lost.pop_front();
        }
        let (id, body, notification) = (message.id, message.body.clone(), message.notification.clone());
        lost.push_back(Lost { at, id, body, notification, fate, receives: message.receives.all });
    }

    /// Everything that ever came in.
    pub fn came(&self) -> u64 {
        self.sent + self.came_in
    }

    /// Everything that left.
    pub fn left(&self) -> u64 {
        self.deleted + self.expired + self.purged + self.queue_deleted + self.redriven + self.moved
    }
}

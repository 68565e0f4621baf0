//! One queue: its set-up, its messages, what it counted, and its life between calls (delays and timeouts end, messages
//! expire, minutes are sampled). Does not know other queues or who calls.

use super::super::policy::Document;
use super::super::timed::Timed;
use super::super::timeline::Timeline;
use super::attributes::{self, Shown};
use super::counts::Counts;
use super::moves::Task;
use super::passes::Passes;
use super::places::{Fate, Places};
use super::store::{Message, Store};
use super::throttle::Throttle;
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    pub arn: Arc<str>,
    pub name: Arc<str>,
    pub setup: Setup,
    pub store: Store,
    pub counts: Counts,
    pub places: Places,
    pub throttle: Throttle,
    pub dedup: Dedup,
    pub tasks: VecDeque<Task>,
    pub bell: Bell,
    pub passes: Passes,
    /// When it was last purged.
    pub purged: Option<Time>,
    /// From which identifiers are made.
    pub key: u64,
}

/// How a queue is set up: what is shown, and what works.
#[derive(Clone, Debug)]
pub struct Setup {
    pub fifo: bool,
    pub created: Time,
    pub modified: Time,
    /// Settable attributes as `GetQueueAttributes` shows them, changed at once.
    pub shown: Arc<BTreeMap<&'static str, Arc<str>>>,
    /// What is in effect.
    pub rules: Timed<Arc<Rules>>,
    /// On its own, as it takes longer to work.
    pub retention: Timed<Span>,
    pub tags: Arc<BTreeMap<String, String>>,
    /// Weather: of a thousand deletions of a standard queue, so many miss a copy of the message.
    pub missed: Timeline<u64>,
}

/// What attributes do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    pub visibility: Span,
    pub delay: Span,
    /// `ReceiveMessageWaitTimeSeconds`.
    pub wait: Span,
    pub max_bytes: i64,
    pub policy: Option<Arc<Document>>,
    pub redrive: Option<Redrive>,
    pub content_dedup: bool,
    /// `DeduplicationScope` is `messageGroup`.
    pub dedup_by_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId`.
    pub limit_by_group: bool,
    /// A customer's KMS key.
    pub kms: Option<Arc<str>>,
}

/// A source's redrive policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    pub target: Arc<str>,
    pub max_receives: u32,
}

/// What a FIFO queue remembers of what it accepted.
#[derive(Clone, Debug, Default)]
pub struct Dedup {
    seen: BTreeMap<Arc<str>, Accepted>,
    order: VecDeque<(Time, Arc<str>)>,
}

/// A send that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub at: Time,
    pub id: u128,
    pub sequence: u128,
}

/// Entries of the agenda that are out for this queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bell {
    /// Something can be received.
    pub wake: Option<Time>,
    /// A delay or timeout ends.
    pub timer: Option<Time>,
}

/// How long a FIFO queue remembers a deduplication id (SQS Developer Guide, "Exactly-once processing": 5 minutes).
pub const DEDUP_WINDOW: Span = Span::mins(5);

impl Setup {
    /// Everything works from the start.
    pub fn new(at: Time, fifo: bool, shown: Shown, tags: BTreeMap<String, String>) -> Setup {
        let (rules, retention) = (attributes::rules(&shown), attributes::retention(&shown));
        Setup {
            fifo,
            created: at,
            modified: at,
            shown: Arc::new(shown),
            rules: Timed::new(Arc::new(rules)),
            retention: Timed::new(retention),
            tags: Arc::new(tags),
            missed: Timeline::default(),
        }
    }
}

impl Queue {
    pub fn new(arn: Arc<str>, name: Arc<str>, seed: u64, setup: Setup) -> Queue {
        let made = setup.created;
        Queue {
            store: Store::new(setup.fifo),
            counts: Counts::new(made),
            key: dice::at(seed, dice::hash_name(&arn), made.0 as u64),
            arn,
            name,
            setup,
            places: Places::default(),
            throttle: Throttle::default(),
            dedup: Dedup::default(),
            tasks: VecDeque::new(),
            bell: Bell::default(),
            passes: Passes::default(),
            purged: None,
        }
    }

    /// Lets the queue's own life go on up to and including `at`.
    pub fn settle(&mut self, at: Time) {
        loop {
            let timer = self.store.next_timer();
            let expiry =
                self.store.eldest().map(|(enqueued, _)| enqueued + *self.setup.retention.at(self.counts.settled));
            let mark = self.counts.next_mark();
            let change = self.setup.retention.next();
            let next = [timer, expiry, change, Some(mark)].into_iter().flatten().min().unwrap_or(at);
            if next > at {
                break;
            }
            // An expiry can lie before what has been settled, if the retention was cut.
            self.counts.settled = self.counts.settled.max(next);
            if change.is_some_and(|change| change <= next) {
                self.setup.retention.settle(next);
            } else if timer.is_some_and(|timer| timer <= next) {
                self.store.wake(next);
            } else if expiry.is_some_and(|expiry| expiry <= next) {
                self.expire();
            } else {
                self.counts.sample(mark, &self.store, self.setup.rules.at(mark).wait);
                if self.counts.idle(&self.store, mark) {
                    self.counts.skip_to(at);
                }
            }
        }
        self.counts.settled = self.counts.settled.max(at);
        self.setup.rules.settle(at);
        self.dedup.forget(at);
    }

    fn expire(&mut self) {
        let Some((_, serial)) = self.store.eldest() else { return };
        let at = self.counts.settled;
        if let Some(message) = self.store.remove(serial) {
            self.places.end(at, &message, Fate::Expired);
        }
    }

    /// What is in effect at a settled time.
    pub fn rules(&self, at: Time) -> &Arc<Rules> {
        self.setup.rules.at(at)
    }

    /// The resource policy that works at a settled time.
    pub fn policy(&self, at: Time) -> Option<Arc<Document>> {
        self.rules(at).policy.clone()
    }

    /// The identifier of the message with this serial.
    pub fn message_id(&self, serial: u64) -> u128 {
        (u128::from(dice::at(self.key, 3, serial)) << 64) | u128::from(dice::at(self.key, 4, serial))
    }

    /// FIFO sequence numbers are 128-bit numbers that rise within a queue; these look like the real ones.
    pub fn sequence(&self, serial: u64) -> u128 {
        18_850_000_000_000_000_000 + (u128::from(self.key % 1_000_000) << 20) + u128::from(serial) * 256
    }

    /// Takes every message out, each with the same fate.
    pub fn clear(&mut self, at: Time, fate: Fate) {
        let serials: Vec<u64> = self.store.iter().map(|(serial, _)| serial).collect();
        for serial in serials {
            if let Some(message) = self.store.remove(serial) {
                self.places.end(at, &message, fate);
            }
        }
    }

    /// Puts in a message that came by redrive or a move task, visible at once.
    pub fn adopt(&mut self, message: Message) {
        self.places.came_in += 1;
        self.store.put(message);
    }
}

impl Dedup {
    pub fn find(&self, id: &str) -> Option<Accepted> {
        self.seen.get(id).copied()
    }

    pub fn remember(&mut self, id: Arc<str>, accepted: Accepted) {
        self.order.push_back((accepted.at, id.clone()));
        self.seen.insert(id, accepted);
    }

    fn forget(&mut self, at: Time) {
        while self.order.front().is_some_and(|(accepted, _)| *accepted + DEDUP_WINDOW <= at) {
            if let Some((_, id)) = self.order.pop_front() {
                self.seen.remove(&id);
            }
        }
    }
}

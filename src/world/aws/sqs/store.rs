//! The messages of one queue, and in which order they may be received: delayed, visible, in flight. Knows nothing of
//! policies, counters or other queues.

use super::super::message::Attributes;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: u128,
    pub body: Arc<str>,
    pub attributes: Arc<Attributes>,
    /// `SenderId`.
    pub sender: Arc<str>,
    /// `SentTimestamp`: retention counts from here.
    pub enqueued: Time,
    /// When it came into this queue.
    pub arrived: Time,
    pub receives: Receives,
    pub place: Place,
    /// `DeadLetterQueueSourceArn`.
    pub origin: Option<Arc<str>>,
    /// The notification it is a copy of.
    pub notification: Option<Arc<str>>,
    pub state: State,
}

/// How often it was handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receives {
    /// `ApproximateReceiveCount`: goes along into a dead-letter queue.
    pub all: u32,
    /// In this queue.
    pub here: u32,
    /// `ApproximateFirstReceiveTimestamp`.
    pub first: Option<Time>,
    /// When it was handed out last.
    pub last: Time,
}

/// Group, deduplication and order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub group: Option<Arc<str>>,
    pub dedup: Option<Arc<str>>,
    /// `SequenceNumber` of FIFO queues.
    pub sequence: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Delayed { until: Time },
    Visible { since: Time },
    InFlight { until: Time },
}

/// A FIFO queue's messages of one group, in order.
#[derive(Clone, Debug, Default)]
struct Line {
    waiting: BTreeSet<u64>,
    in_flight: u32,
    /// Under which serial the group stands among the open ones.
    open: Option<u64>,
}

/// All messages of a queue, by the serial in which they came.
#[derive(Clone, Debug, Default)]
pub struct Store {
    messages: BTreeMap<u64, Message>,
    serial: u64,
    /// Standard queues: visible messages by since when; one that came back stands at the end.
    ready: BTreeSet<(Time, u64)>,
    /// Ends of delays and of visibility timeouts.
    timers: BTreeSet<(Time, u64)>,
    /// By enqueue time, for expiry.
    ages: BTreeSet<(Time, u64)>,
    /// What the age metric looks at: in standard queues not what was received three times.
    seniors: BTreeSet<u64>,
    lines: Option<Lines>,
    delayed: usize,
    in_flight: usize,
}

#[derive(Clone, Debug, Default)]
struct Lines {
    groups: BTreeMap<Arc<str>, Line>,
    /// Groups of which something can be received, by the serial of their first message.
    open: BTreeMap<u64, Arc<str>>,
    busy: usize,
}

/// A standard queue's age metric passes over a message once it was received so often (SQS Developer Guide, "Available
/// CloudWatch metrics": a poison pill is not considered).
const POISON: u32 = 3;

/// Messages in flight at once (SQS Developer Guide, "Queue quotas": 120,000 for both kinds of queues).
pub const IN_FLIGHT_MAX: usize = 120_000;

impl Store {
    pub fn new(fifo: bool) -> Store {
        Store { lines: fifo.then(Lines::default), ..Store::default() }
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub fn delayed(&self) -> usize {
        self.delayed
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub fn visible(&self) -> usize {
        self.messages.len() - self.delayed - self.in_flight
    }

    /// Groups with messages in flight.
    pub fn busy_groups(&self) -> usize {
        self.lines.as_ref().map_or(0, |lines| lines.busy)
    }

    pub fn get(&self, serial: u64) -> Option<&Message> {
        self.messages.get(&serial)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, &Message)> {
        self.messages.iter().map(|(serial, message)| (*serial, message))
    }

    /// The serial that the next message will get.
    pub fn next_serial(&self) -> u64 {
        self.serial
    }

    /// Since when the message that the age metric looks at has been in the queue.
    pub fn oldest(&self) -> Option<Time> {
        self.messages.get(self.seniors.first()?).map(|message| message.arrived)
    }

    /// The earliest end of a delay or visibility timeout.
    pub fn next_timer(&self) -> Option<Time> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The earliest enqueue time.
    pub fn eldest(&self) -> Option<(Time, u64)> {
        self.ages.first().copied()
    }

    /// Whether something could be received now.
    pub fn receivable(&self) -> bool {
        if self.in_flight >= IN_FLIGHT_MAX {
            return false;
        }
        match &self.lines {
            None => !self.ready.is_empty(),
            Some(lines) => !lines.open.is_empty(),
        }
    }

    pub fn put(&mut self, message: Message) -> u64 {
        let serial = self.serial;
        self.serial += 1;
        self.ages.insert((message.enqueued, serial));
        self.seniors.insert(serial);
        self.enter(serial, message.state);
        let group = message.place.group.clone();
        self.messages.insert(serial, message);
        if let (Some(lines), Some(group)) = (&mut self.lines, group) {
            lines.groups.entry(group.clone()).or_default().waiting.insert(serial);
            lines.refresh(&group, &self.messages);
        }
        serial
    }

    pub fn remove(&mut self, serial: u64) -> Option<Message> {
        let message = self.messages.remove(&serial)?;
        self.ages.remove(&(message.enqueued, serial));
        self.seniors.remove(&serial);
        self.leave(serial, message.state);
        if let (Some(lines), Some(group)) = (&mut self.lines, &message.place.group)
            && let Some(line) = lines.groups.get_mut(group)
        {
            line.waiting.remove(&serial);
            lines.settle(group, matches!(message.state, State::InFlight { .. }), &self.messages);
        }
        Some(message)
    }

    /// Undoes what a state stands for in the indexes.
    fn leave(&mut self, serial: u64, state: State) {
        match state {
            State::Delayed { until } => {
                self.timers.remove(&(until, serial));
                self.delayed -= 1;
            }
            State::InFlight { until } => {
                self.timers.remove(&(until, serial));
                self.in_flight -= 1;
            }
            State::Visible { since } => {
                self.ready.remove(&(since, serial));
            }
        }
    }

    fn enter(&mut self, serial: u64, state: State) {
        match state {
            State::Delayed { until } => {
                self.timers.insert((until, serial));
                self.delayed += 1;
            }
            State::InFlight { until } => {
                self.timers.insert((until, serial));
                self.in_flight += 1;
            }
            State::Visible { since } => {
                if self.lines.is_none() {
                    self.ready.insert((since, serial));
                }
            }
        }
    }

    /// Moves a message from one state to another.
    pub fn turn(&mut self, serial: u64, state: State) {
        let Some(message) = self.messages.get_mut(&serial) else { return };
        let before = std::mem::replace(&mut message.state, state);
        let group = message.place.group.clone();
        self.leave(serial, before);
        self.enter(serial, state);
        let (was, is) = (matches!(before, State::InFlight { .. }), matches!(state, State::InFlight { .. }));
        if let (Some(lines), Some(group)) = (&mut self.lines, group) {
            if is && !was {
                lines.hold(&group);
            }
            lines.settle(&group, was && !is, &self.messages);
        }
    }

    /// Ends every delay and visibility timeout that is over by `at`.
    pub fn wake(&mut self, at: Time) {
        while let Some((until, serial)) = self.timers.first().copied().filter(|(until, _)| *until <= at) {
            self.turn(serial, State::Visible { since: until });
        }
    }

    /// Hands a message out until `until`.
    pub fn hand_out(&mut self, serial: u64, at: Time, until: Time) {
        let standard = self.lines.is_none();
        if let Some(message) = self.messages.get_mut(&serial) {
            message.receives.all += 1;
            message.receives.here += 1;
            message.receives.first.get_or_insert(at);
            message.receives.last = at;
            if standard && message.receives.here >= POISON {
                self.seniors.remove(&serial);
            }
        }
        // A timeout of zero gives it back at once, behind the others.
        let state = if until > at { State::InFlight { until } } else { State::Visible { since: at } };
        self.turn(serial, state);
    }

    /// What can be received next, at most `max`, in order: of a FIFO queue the first messages of groups that have none in
    /// flight.
    pub fn front(&self, max: usize) -> Vec<u64> {
        let Some(lines) = &self.lines else {
            return self.ready.iter().take(max).map(|(_, serial)| *serial).collect();
        };
        let mut out = Vec::new();
        for group in lines.open.values() {
            let Some(line) = lines.groups.get(group) else { continue };
            let seen = |serial: &&u64| self.messages.get(serial).is_some_and(Message::visible);
            out.extend(line.waiting.iter().take_while(seen).take(max - out.len()));
            if out.len() == max {
                break;
            }
        }
        out
    }
}

impl Message {
    pub fn visible(&self) -> bool {
        matches!(self.state, State::Visible { .. })
    }
}

impl Lines {
    fn hold(&mut self, group: &Arc<str>) {
        let Some(line) = self.groups.get_mut(group) else { return };
        line.in_flight += 1;
        if line.in_flight == 1 {
            self.busy += 1;
        }
    }

    /// After a message of a group changed: `freed` if it was in flight and is no longer.
    fn settle(&mut self, group: &Arc<str>, freed: bool, messages: &BTreeMap<u64, Message>) {
        if let Some(line) = self.groups.get_mut(group).filter(|_| freed) {
            line.in_flight -= 1;
            if line.in_flight == 0 {
                self.busy -= 1;
            }
        }
        self.refresh(group, messages);
    }

    /// Whether the group stands among the open ones, and where.
    fn refresh(&mut self, group: &Arc<str>, messages: &BTreeMap<u64, Message>) {
        let Some(line) = self.groups.get_mut(group) else { return };
        let head = line.waiting.first().copied();
        let open = head.filter(|head| line.in_flight == 0 && messages.get(head).is_some_and(Message::visible));
        if line.open != open {
            if let Some(before) = line.open {
                self.open.remove(&before);
            }
            if let Some(now) = open {
                self.open.insert(now, group.clone());
            }
            line.open = open;
        }
        if line.waiting.is_empty() {
            self.groups.remove(group);
        }
    }
}

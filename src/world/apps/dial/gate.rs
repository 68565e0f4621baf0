//! Where connections run out: ports of a NAT gateway to one destination, and a machine's connection table. One step of
//! either, given who wants how much. Amounts are thousandths of a connection; shares are millionths. Does not know programs
//! or ways.

use crate::stdx::roll::Roll;
use crate::stdx::time::{Span, Time};
use crate::world::apps::InstanceId;
use crate::world::aws::flows::ports;
use std::collections::{BTreeMap, VecDeque};

/// The whole of a share.
pub const WHOLE: u64 = 1_000_000;
/// Steps remembered: some eleven days.
const STEPS_MAX: usize = 100_000;
/// How long a connection that nobody uses keeps its port: NAT gateways drop it after 350 seconds without traffic (VPC
/// guide, "NAT gateway basics"). What was left open is not silent at once: retransmissions and keep-alive probes come for up
/// to four minutes more (ours), evenly spread over so many parts.
const IDLE: Span = ports::IDLE;
const SPREAD: Span = Span::secs(250);
const PARTS: u64 = 6;
/// Linux repeats a SYN after 1, 3, 7, 15 and 31 seconds (tcp_syn_retries): about four times within the half minute that a
/// dial of most client libraries lasts. For a step of ten seconds and a dial that lives three of them: 4/3, and a third ends.
const SYNS: (u64, u64) = (4, 3);
const SURVIVING: (u64, u64) = (2, 3);
/// A closed connection stays in the kernel's table for two minutes (nf_conntrack_tcp_timeout_time_wait): so many steps.
const CLOSING: usize = 12;

/// What one process wants of a gate in a step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Want {
    pub by: InstanceId,
    /// New connections.
    pub fresh: u64,
    /// For how much of a step each of those that go well needs its port: millionths, more than a whole for longer calls.
    pub lasting: u64,
    /// Share of established ones whose call is given up all the same.
    pub given_up: u64,
    pub left_open: bool,
    pub leaks: bool,
}

/// A gate's connections in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub at: Time,
    pub tried: u64,
    pub established: u64,
    /// At the end of it.
    pub open: u64,
    /// Ended by idling.
    pub idled: u64,
    /// The share of new connections that find no room.
    pub failing: u64,
}

/// Ports to one destination at one gateway.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Held by nobody's work: until when, whose, how many.
    held: BTreeMap<(Time, InstanceId), u64>,
    /// Dials that were given up and go on.
    waiting: BTreeMap<InstanceId, u64>,
    pub steps: Roll<Step>,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { held: BTreeMap::new(), waiting: BTreeMap::new(), steps: Roll::new(STEPS_MAX) }
    }
}

fn part(amount: u64, share: u64) -> u64 {
    scaled(amount, share, WHOLE)
}

/// `amount * of / whole`, which fits.
pub fn scaled(amount: u64, of: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(amount) * u128::from(of) / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

impl Gate {
    /// The share that fails for lack of a port at a time.
    pub fn failing(&self, at: Time) -> u64 {
        failing(&self.steps, at)
    }

    pub fn open_of(&self, by: InstanceId) -> u64 {
        self.held.iter().filter(|((_, whose), _)| *whose == by).map(|(_, many)| *many).sum()
    }

    /// One step from `at` on, with `room` ports. What ended processes held is free again.
    pub fn step(&mut self, at: Time, room: u64, wants: &[Want], alive: impl Fn(InstanceId) -> bool) -> Step {
        let later = self.held.split_off(&(at + Span::millis(1), InstanceId(0)));
        let idled = std::mem::replace(&mut self.held, later).into_values().sum();
        self.held.retain(|(_, by), _| alive(*by));
        self.waiting.retain(|by, _| alive(*by));
        let held: u64 = self.held.values().sum();
        let free = room.saturating_sub(held);
        let waiting: u64 = self.waiting.values().sum();
        let need = |want: &Want| if want.leaks { want.fresh } else { part(want.fresh, want.lasting) };
        let needed: u64 = wants.iter().map(need).sum();
        let syns = scaled(waiting, SYNS.0, SYNS.1);
        // Every SYN has the same chance where there are more than free ports.
        let share = if needed + waiting <= free { WHOLE } else { scaled(WHOLE, free, needed + syns).min(WHOLE) };
        let (mut tried, mut established, mut working) = (0, 0, 0);
        let mut kept: Vec<(InstanceId, u64)> = Vec::new();
        let mut later: BTreeMap<InstanceId, u64> = BTreeMap::new();
        for (by, many) in &self.waiting {
            let through = if share == WHOLE { *many } else { part(scaled(*many, SYNS.0, SYNS.1), share).min(*many) };
            tried += through;
            established += through;
            kept.push((*by, through));
            later.insert(*by, scaled(*many - through, SURVIVING.0, SURVIVING.1));
        }
        for want in wants {
            let through = part(want.fresh, share);
            let given_up = part(through, want.given_up);
            let stay = match (want.leaks, want.left_open) {
                (true, _) => through,
                (false, true) => given_up,
                (false, false) => 0,
            };
            tried += want.fresh;
            established += through;
            working += part(through - stay, want.lasting);
            kept.push((want.by, stay));
            if want.left_open {
                *later.entry(want.by).or_default() += want.fresh - through;
            }
        }
        later.retain(|_, many| *many > 0);
        self.waiting = later;
        for (by, many) in kept.into_iter().filter(|(_, many)| *many > 0) {
            for part in 0..PARTS {
                let until = at + IDLE + Span(SPREAD.0 * part as i64 / (PARTS - 1) as i64);
                *self.held.entry((until, by)).or_default() += many * (part + 1) / PARTS - many * part / PARTS;
            }
        }
        let held: u64 = self.held.values().sum();
        let open = (held + working).min(room);
        let step = Step { at, tried, established, open, idled, failing: WHOLE - share };
        self.steps.push(step);
        step
    }
}

fn failing(steps: &Roll<Step>, at: Time) -> u64 {
    let next = steps.since(|step| step.at <= at);
    next.checked_sub(1).and_then(|index| steps.get(index)).map_or(0, |step| step.failing)
}

/// A machine's connection table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Established, and never closed: by whose process.
    kept: BTreeMap<InstanceId, u64>,
    /// What the last steps opened and closed again.
    closing: VecDeque<u64>,
    pub steps: Roll<Step>,
    /// Entries it has room for.
    pub room: u64,
}

impl Table {
    pub fn new(room: u64) -> Table {
        Table { kept: BTreeMap::new(), closing: VecDeque::new(), steps: Roll::new(STEPS_MAX), room }
    }

    pub fn failing(&self, at: Time) -> u64 {
        failing(&self.steps, at)
    }

    /// One step. The kernel keeps an established connection for days (kube-proxy sets a day), so what leaks stays until its
    /// process ends.
    pub fn step(&mut self, at: Time, wants: &[Want], alive: impl Fn(InstanceId) -> bool) -> Step {
        let ended: Vec<InstanceId> = self.kept.keys().filter(|by| !alive(**by)).copied().collect();
        // What an ended process had open is closed, and stays in the table as such for a while.
        let closed: u64 = ended.iter().filter_map(|by| self.kept.remove(by)).sum();
        let gone = if self.closing.len() >= CLOSING { self.closing.pop_front().unwrap_or(0) } else { 0 };
        let held: u64 = self.kept.values().sum::<u64>() + self.closing.iter().sum::<u64>() + closed;
        let free = self.room.saturating_sub(held);
        let tried: u64 = wants.iter().map(|want| want.fresh).sum();
        let share = if tried <= free { WHOLE } else { scaled(WHOLE, free, tried) };
        let (mut closing, mut established) = (closed, 0);
        for want in wants {
            let through = part(want.fresh, share);
            established += through;
            if want.leaks {
                *self.kept.entry(want.by).or_default() += through;
            } else {
                closing += through;
            }
        }
        self.closing.push_back(closing);
        let open = (held + established).min(self.room);
        let step = Step { at, tried, established, open, idled: gone, failing: WHOLE - share };
        self.steps.push(step);
        step
    }
}

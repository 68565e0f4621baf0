//! One call to a third party, attempt by attempt: a pure function of its lot and of what stood at its time. Does not know
//! whose request it serves.

use super::gate::WHOLE;
use super::spec::Dial;
use super::{Place, has, setting};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::instance::Instance;
use crate::world::aws::ec2::way::Sender;
use crate::world::aws::ec2::{Way, guard, instances};
use crate::world::aws::flows;
use std::sync::Arc;

/// What a call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    pub took: Span,
    /// Attempts made, and how many there might have been.
    pub attempts: u32,
    pub of: u32,
    /// As the client words it; empty for a success.
    pub error: Arc<str>,
}

impl Called {
    pub fn ok(&self) -> bool {
        self.error.is_empty()
    }
}

/// How often a client tries again at a time.
pub fn retries(world: &World, instance: &Instance, dial: &Dial, at: Time) -> u64 {
    let policy = &dial.policy;
    if !policy.once_flag.is_empty() && world.flags.on_at(&policy.once_flag, at) {
        return 0;
    }
    setting(instance, &policy.retries_env).unwrap_or(policy.retries).min(19)
}

/// Whether a process makes such calls at a time at all.
pub fn calls(world: &World, instance: &Instance, dial: &Dial, at: Time) -> bool {
    let only = &dial.only;
    has(instance, only)
        && (only.flag.is_empty() || world.flags.on_at(&only.flag, at))
        && (only.unless_flag.is_empty() || !world.flags.on_at(&only.unless_flag, at))
}

/// The share of new connections of a process that find no way out at a time.
pub fn lacking(world: &World, instance: &Instance, dial: &Dial, at: Time) -> u64 {
    let state = &world.apps.dialling;
    let Some(member) = state.members.get(&(instance.id, Arc::clone(&dial.name))) else { return 0 };
    let table = state.tables.get(&member.node).map_or(0, |table| table.failing(at));
    let gate = match member.place(at) {
        Place::Nowhere => return WHOLE,
        Place::Direct => 0,
        Place::Gate(key) => state.gates.get(key).map_or(0, |gate| gate.failing(at)),
    };
    table + (WHOLE - table) * gate / WHOLE
}

/// Makes a call.
pub fn make(world: &World, instance: &Instance, dial: &Dial, at: Time, lot: u64) -> Called {
    let of = retries(world, instance, dial, at) as u32 + 1;
    let patience = dial.policy.timeout;
    let mut called = Called { of, ..Called::default() };
    let ends = |called: &Called| called.attempts >= of;
    loop {
        let (now, lot) = (at + called.took, dice::at(lot, 31, u64::from(called.attempts)));
        called.attempts += 1;
        let lacking = lacking(world, instance, dial, now);
        if dice::at(lot, 32, 0) % WHOLE < lacking {
            called.took = called.took + patience;
            called.error = dialled(world, &dial.partner).into();
        } else {
            let answer = world.partners.call(&dial.partner, now, &[], lot);
            called.took = called.took + answer.took.min(patience);
            called.error = match (answer.took > patience, answer.ok) {
                (true, _) => waited(world, &dial.partner).into(),
                (false, false) => "503 Service Unavailable".into(),
                (false, true) => Arc::default(),
            };
        }
        if called.ok() || ends(&called) {
            return called;
        }
    }
}

/// How long programs that say nothing of it wait for a connection.
pub const PATIENCE: Span = Span::secs(10);

/// Why a process finds no way to a third party at a time, in its client's words: there is no route, the gateway has no port
/// left for that destination, or the machine's table is full.
pub fn barred(world: &World, instance: &Instance, partner: &str, at: Time, lot: u64) -> Option<String> {
    let setup = world.aws.network.setup_at(at)?;
    let node = &*instance.launch.node;
    let (subnet, address) = instances::seat_of(world, node)?;
    let to = flows::destination(world, &format!("partner:{partner}"));
    let way = guard::way(world, at, Sender { subnet: &subnet, address, groups: &[] }, &to);
    if !setup.lets_out(&subnet, &way) {
        return Some(dialled(world, partner));
    }
    let state = &world.apps.dialling;
    let table = state.tables.get(node).map_or(0, |table| table.failing(at));
    let gate = match way {
        Way::Nat(id) => state.gates.get(&(id, Arc::from(partner))).map_or(0, |gate| gate.failing(at)),
        _ => 0,
    };
    let lacking = table + (WHOLE - table) * gate / WHOLE;
    (dice::at(lot, 34, 0) % WHOLE < lacking).then(|| dialled(world, partner))
}

/// What a client says whose connection never came: Go's net package, for a dial that ran out of time.
pub fn dialled(world: &World, partner: &str) -> String {
    let spec = world.partners.get(partner).map(|partner| partner.spec.clone()).unwrap_or_default();
    format!("dial tcp {}:{}: i/o timeout", spec.ip, spec.port)
}

/// What a client says whose answer never came: Go's net/http.
fn waited(world: &World, partner: &str) -> String {
    let host = world.partners.get(partner).map(|partner| partner.spec.host.clone()).unwrap_or_default();
    format!(
        "Post \\\"https://{host}/v2/calls\\\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    )
}

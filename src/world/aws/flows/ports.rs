//! Ports of NAT gateways: how many connections to a destination want one at once, and what share finds none. Does not know
//! why programs connect.

use super::super::ec2::setup::Nat;
use super::pieces::{self, Piece};
use super::spec::Flow;
use crate::stdx::time::{Span, Time};
use crate::world::World;

/// Simultaneous connections to one destination for each of a gateway's addresses (VPC guide, "NAT gateway basics").
pub const PORTS: u64 = 55_000;
/// After so long without traffic a connection is dropped (VPC guide, "NAT gateway basics").
pub const IDLE: Span = Span::secs(350);

/// One destination's ports at one gateway, in one minute. Connections in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// New connections tried in the minute.
    pub tried: u64,
    /// Connections that would be open at once if all found a port.
    pub wanted: u64,
    /// Connections that can be open at once.
    pub room: u64,
    /// Connections of the minute that will end by idling.
    pub idling: u64,
}

impl Ports {
    /// Tries of the minute that find no port.
    pub fn failed(&self) -> u64 {
        if self.wanted <= self.room {
            return 0;
        }
        let share = u128::from(self.tried) * u128::from(self.wanted - self.room) / u128::from(self.wanted.max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    }

    pub fn open(&self) -> u64 {
        self.wanted.min(self.room)
    }

    /// Of a thousand tries, how many find no port.
    pub fn failing_per_mille(&self) -> u64 {
        self.failed() * 1_000 / self.tried.max(1)
    }
}

/// Whether two flows go to the same address and port: they share the ports to it.
fn same_destination(a: &Flow, b: &Flow) -> bool {
    a.range == b.range && a.port == b.port
}

/// The ports of the destinations that flows have through one gateway in a minute.
pub fn of_minute(world: &World, pieces: &[Piece], nat: &Nat, minute: i64) -> Vec<Ports> {
    let room = PORTS * 1_000 * nat.addresses.len() as u64;
    let mut found: Vec<(&Flow, Ports)> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.from <= minute && minute < piece.to) {
        if piece.nat() != Some(&nat.id) {
            continue;
        }
        let made = &piece.flow.connections;
        let tried = piece.connections(world, minute);
        let lasting = if made.leaked { IDLE } else { made.lasting };
        let wanted = u128::from(tried) * lasting.0.unsigned_abs() as u128 / 60_000;
        let index = found.iter().position(|(flow, _)| same_destination(flow, &piece.flow)).unwrap_or_else(|| {
            found.push((&piece.flow, Ports { room, ..Ports::default() }));
            found.len() - 1
        });
        if let Some((_, ports)) = found.get_mut(index) {
            ports.tried += tried;
            ports.wanted += u64::try_from(wanted).unwrap_or(u64::MAX);
            ports.idling += if made.leaked || made.lasting > IDLE { tried } else { 0 };
        }
    }
    found.into_iter().map(|(_, ports)| ports).collect()
}

/// The ports to a destination (as flows name it: `partner:payments`) from a subnet's gateway at a time; `None` if the way
/// is not through a gateway or nothing flows there.
pub fn at(world: &World, subnet: &str, to: &str, at: Time) -> Option<Ports> {
    let minute = at.0.div_euclid(60_000);
    let flow = world.aws.flows.specs.iter().find(|flow| *flow.to == *to)?;
    let setup = world.aws.network.setup_at(at)?;
    let super::super::ec2::way::Way::Nat(id) = setup.way(at, subnet, &pieces::destination(flow)) else { return None };
    let nat = setup.nats.get(&id)?;
    // The minute that runs is not over: the one before stands for it.
    let minute = minute.min(pieces::over(world) - 1);
    let all = pieces::pieces(world, minute, minute + 1);
    let shared: Vec<Piece> = all.into_iter().filter(|piece| same_destination(&piece.flow, flow)).collect();
    of_minute(world, &shared, nat, minute).into_iter().next()
}

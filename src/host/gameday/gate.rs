//! Who may come in at all: the allow-list, how many of one address, how often an address was wrong. Does not know seats.

use super::limits;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Instant;

/// A range of addresses, as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    base: u128,
    bits: u32,
    four: bool,
}

impl Cidr {
    pub fn parse(text: &str) -> Result<Cidr, String> {
        let wrong = || format!("`{text}` is no range of addresses\nhint: `10.0.0.0/8`, `192.168.1.7`, `fd00::/8`");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (base, four) = number(address);
        let width = if four { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| wrong())?;
        if bits > width {
            return Err(wrong());
        }
        Ok(Cidr { base, bits, four })
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        let (own, four) = number(address);
        let width = if four { 32 } else { 128 };
        four == self.four && (self.bits == 0 || (own ^ self.base) >> (width - self.bits) == 0)
    }
}

/// An address as a number; one of version 4 inside version 6 is one of version 4.
fn number(address: IpAddr) -> (u128, bool) {
    match address.to_canonical() {
        IpAddr::V4(four) => (u128::from(u32::from(four)), true),
        IpAddr::V6(six) => (u128::from(six), false),
    }
}

/// Whose counters these are: a customer's line has a /64 of its own.
fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from(u128::from(six) >> 64 << 64)),
        four => four,
    }
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// Not on the allow-list.
    Foreign,
    /// Too many connections, of this address or in all.
    Full,
    /// Too many wrong secrets.
    Wrong,
}

impl Shut {
    pub fn word(self) -> &'static str {
        match self {
            Shut::Foreign => "not-allowed",
            Shut::Full => "full",
            Shut::Wrong => "too-many-wrong",
        }
    }
}

#[derive(Debug)]
struct Visitor {
    inside: usize,
    wrong: u32,
    since: Instant,
}

/// The gate. Its lock is held for a look at a small map, never while anybody waits.
#[derive(Debug)]
pub struct Gate {
    pub allow: Vec<Cidr>,
    pub sessions_max: usize,
    pub of_address_max: usize,
    visitors: Mutex<(usize, BTreeMap<IpAddr, Visitor>)>,
}

impl Gate {
    pub fn new(allow: Vec<Cidr>, sessions_max: usize, of_address_max: usize) -> Gate {
        Gate { allow, sessions_max, of_address_max, visitors: Mutex::default() }
    }

    /// Whether a connection from there is answered at all.
    pub fn admits(&self, address: IpAddr) -> Result<(), Shut> {
        if !self.allow.is_empty() && !self.allow.iter().any(|range| range.holds(address)) {
            return Err(Shut::Foreign);
        }
        let Ok(visitors) = self.visitors.lock() else { return Err(Shut::Full) };
        match visitors.1.get(&holder(address)) {
            Some(known) if known.wrong >= limits::WRONG_MAX && known.since.elapsed() < limits::WRONG_WITHIN => {
                Err(Shut::Wrong)
            }
            _ => Ok(()),
        }
    }

    /// Somebody logged in: counted until [`Gate::left`].
    pub fn entered(&self, address: IpAddr) -> Result<(), Shut> {
        let Ok(mut visitors) = self.visitors.lock() else { return Err(Shut::Full) };
        let (all, known) = &mut *visitors;
        let own = visitor(known, address);
        if *all >= self.sessions_max || own.inside >= self.of_address_max {
            return Err(Shut::Full);
        }
        own.inside += 1;
        *all += 1;
        Ok(())
    }

    pub fn left(&self, address: IpAddr) {
        let Ok(mut visitors) = self.visitors.lock() else { return };
        visitors.0 = visitors.0.saturating_sub(1);
        if let Some(own) = visitors.1.get_mut(&holder(address)) {
            own.inside = own.inside.saturating_sub(1);
        }
    }

    /// A secret was wrong.
    pub fn wrong(&self, address: IpAddr) {
        let Ok(mut visitors) = self.visitors.lock() else { return };
        let own = visitor(&mut visitors.1, address);
        if own.since.elapsed() >= limits::WRONG_WITHIN {
            (own.wrong, own.since) = (0, Instant::now());
        }
        own.wrong += 1;
    }
}

/// The counters of an address. Where too many are remembered, those of whom nothing is known any more are forgotten first,
/// then whoever was wrong the longest ago.
fn visitor(known: &mut BTreeMap<IpAddr, Visitor>, address: IpAddr) -> &mut Visitor {
    let address = holder(address);
    if known.len() >= limits::ADDRESSES_MAX && !known.contains_key(&address) {
        known.retain(|_, own| own.inside > 0 || own.since.elapsed() < limits::WRONG_WITHIN);
        if known.len() >= limits::ADDRESSES_MAX {
            let oldest = known.iter().filter(|(_, own)| own.inside == 0).min_by_key(|(_, own)| own.since);
            let oldest = oldest.map(|(address, _)| *address);
            oldest.and_then(|address| known.remove(&address));
        }
    }
    known.entry(address).or_insert(Visitor { inside: 0, wrong: 0, since: Instant::now() })
}

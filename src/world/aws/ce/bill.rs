//! The bill: every quantity the services metered, priced, hour by hour; and until when Cost Explorer has it. Enumerates what
//! the services enumerate and keeps nothing. Does not know who asks.

use super::calendar;
use crate::stdx::dice::Dice;
use crate::world::World;
use crate::world::aws::prices::{self, Price};
use crate::world::aws::service::{Meter, SERVICES, Used};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So much money for so much of something in one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Hours since 1970.
    pub hour: i64,
    pub service: &'static str,
    /// As the bill prints it: `APN2-NatGateway-Bytes`.
    pub usage_type: Arc<str>,
    pub operation: &'static str,
    pub resource: Arc<str>,
    /// Millionths of the unit.
    pub micros: i128,
    /// `GB`; empty where the price book does not know the usage type.
    pub unit: &'static str,
    /// Attodollars.
    pub attos: i128,
}

/// All charges of the hours `from..to`, by service row, meter and hour. What was charged in an hour does not depend on which
/// hours are asked for.
pub fn charges(world: &World, from: i64, to: i64) -> Vec<Charge> {
    charges_of(world, from, to, &|_| true)
}

/// The charges of the usage types that are wanted (without the region's prefix). Only the meters that have such are read.
pub fn charges_of(world: &World, from: i64, to: i64, wanted: &dyn Fn(&str) -> bool) -> Vec<Charge> {
    let mut out = Vec::new();
    if world.aws.id.is_empty() || from >= to {
        return out;
    }
    let mut pricing = Pricing { region: &world.aws.region, rates: BTreeMap::new() };
    // Prices by tiers are those of the account's month, whoever uses: what came before in the month is read with the rest.
    let back = calendar::month_start(from);
    for meter in SERVICES.iter().flat_map(|service| service.meters) {
        // A usage type that goes on with a class is only known once it is read.
        if !meter.usage_types.iter().any(|name| name.ends_with([':', '.']) || wanted(name)) {
            continue;
        }
        let tiered = back < from && depends(&world.aws.region, meter, wanted);
        let mut used = (meter.read)(world, if tiered { back } else { from }, to);
        used.retain(|used| wanted(&used.usage_type));
        used.sort_by_key(|used| used.hour);
        for used in used {
            let hour = used.hour;
            let charge = pricing.charge(used);
            if hour >= from {
                out.push(charge);
            }
        }
    }
    out
}

/// A usage type without its region's prefix.
pub fn plain<'a>(world: &World, billed: &'a str) -> &'a str {
    let region = billed.strip_prefix(&*world.aws.region).and_then(|rest| rest.strip_prefix('-'));
    region.or_else(|| billed.strip_prefix(prices::prefix(&world.aws.region))).unwrap_or(billed)
}

/// Whether some wanted price of a meter depends on the month so far.
fn depends(region: &str, meter: &Meter, wanted: &dyn Fn(&str) -> bool) -> bool {
    let read = |usage_type: &str| meter.usage_types.contains(&usage_type) && wanted(usage_type);
    let mut rows = prices::known().filter(|(_, usage_type)| read(usage_type));
    rows.any(|(service, usage_type)| prices::of(region, service, usage_type).iter().any(Price::tiered))
}

/// Prices found and tiers filled so far.
struct Pricing<'a> {
    region: &'a str,
    rates: BTreeMap<(&'static str, String), Rate>,
}

struct Rate {
    billed: Arc<str>,
    prices: &'static [Price],
    /// The month (its first hour) and what was used in it.
    month: i64,
    used: i128,
}

impl Pricing<'_> {
    fn charge(&mut self, used: Used) -> Charge {
        let region = self.region;
        let rate = self.rates.entry((used.service, used.usage_type)).or_insert_with_key(|(service, usage_type)| Rate {
            billed: Arc::from(prices::billed(region, usage_type)),
            prices: prices::of(region, service, usage_type),
            month: i64::MIN,
            used: 0,
        });
        let price = prices::at(rate.prices, used.hour);
        if price.is_some_and(Price::tiered) {
            let month = calendar::month_start(used.hour);
            if month != rate.month {
                (rate.month, rate.used) = (month, 0);
            }
        }
        let attos = price.map_or(0, |price| price.charge(rate.used, used.micros));
        rate.used += used.micros;
        Charge {
            hour: used.hour,
            service: used.service,
            usage_type: Arc::clone(&rate.billed),
            operation: used.operation,
            resource: used.resource,
            micros: used.micros,
            unit: price.map_or("", |price| price.unit),
            attos,
        }
    }
}

/// Hours between two refreshes (user guide: "Cost Explorer refreshes your cost data at least once every 24 hours").
const REFRESH: i64 = 8;
/// By how many hours a refresh comes late, at most.
const JITTER: u64 = 2;
/// How many hours the newest usage is behind at a refresh: together never more than a day.
const BEHIND: (i64, i64) = (7, 13);

/// The first hour that the bill does not show yet.
pub fn known_until(world: &World) -> i64 {
    let now = calendar::hour(world.now);
    let dice = Dice::new(world.seed).fork("bill");
    let slot = now.div_euclid(REFRESH);
    // A refresh never takes away what an earlier one showed.
    let shown = (slot - 3..=slot).filter_map(|slot| {
        let mut dice = dice.fork(&slot.to_string());
        let at = slot * REFRESH + dice.below(JITTER + 1) as i64;
        let behind = dice.between(BEHIND.0, BEHIND.1);
        (at <= now).then_some(at - behind)
    });
    shown.max().unwrap_or(now - calendar::DAY)
}

/// The account's first hour with usage that a bill can show: data older than this is not kept (user guide: Cost Explorer has
/// the current month and the 13 before).
pub fn oldest(world: &World) -> i64 {
    let (year, month) = calendar::month(calendar::hour(world.now));
    calendar::first(year, month - 13)
}

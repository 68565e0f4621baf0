//! What an account spends against what it may: the share of the last hours' spend that was allowed for, from the same
//! meters and prices as the bill, hour by hour and without the bill's delay. Does not know why money was spent.

use super::metrics::Steps;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::ce::{bill, calendar};
use crate::world::aws::prices::DOLLAR;
use std::collections::{BTreeMap, VecDeque};

/// What may be spent, by usage type without the region's prefix (`NatGateway-Bytes`), in cents a day. Types that are not named
/// do not count.
pub type Allowance = BTreeMap<String, u64>;

/// Attodollars of the named types, in the order of their names.
type Spent = Vec<i128>;

/// The share from each full hour on that touches `from..=to`: of the whole hours in `over` before it, what was within the
/// allowance of its usage type among all that was spent. One where nothing was.
pub fn steps(world: &World, allowed: &Allowance, over: Span, from: Time, to: Time) -> Steps {
    let (from, to) = (calendar::hour(from), calendar::hour(to.min(world.now)));
    let hours = (over.0 / calendar::HOUR).max(1);
    let mut spent = by_hour(world, allowed, from - hours, to);
    let limits: Spent = allowed.values().map(|cents| limit(*cents, hours)).collect();
    let mut window: VecDeque<Option<Spent>> = (from - hours..from).map(|hour| spent.remove(&hour)).collect();
    let mut sums: Spent = vec![0; limits.len()];
    window.iter().flatten().for_each(|hour| add(&mut sums, hour, 1));
    let mut out = vec![(calendar::time(from), Some(share(&sums, &limits)))];
    for hour in from..to {
        let (next, last) = (spent.remove(&hour), window.pop_front().flatten());
        next.iter().for_each(|hour| add(&mut sums, hour, 1));
        last.iter().for_each(|hour| add(&mut sums, hour, -1));
        window.push_back(next);
        out.push((calendar::time(hour + 1), Some(share(&sums, &limits))));
    }
    out
}

/// Attodollars that may be spent in so many hours.
fn limit(cents: u64, hours: i64) -> i128 {
    i128::from(cents) * DOLLAR / 100 * i128::from(hours) / i128::from(calendar::DAY)
}

fn add(sums: &mut Spent, hour: &Spent, sign: i128) {
    sums.iter_mut().zip(hour).for_each(|(sum, spent)| *sum += spent * sign);
}

fn share(sums: &Spent, limits: &Spent) -> f64 {
    let all: i128 = sums.iter().sum();
    let within: i128 = sums.iter().zip(limits).map(|(sum, limit)| *sum.min(limit)).sum();
    // Nothing was spent, so nothing was wasted.
    if all == 0 { 1.0 } else { within as f64 / all as f64 }
}

fn by_hour(world: &World, allowed: &Allowance, from: i64, to: i64) -> BTreeMap<i64, Spent> {
    let mut out: BTreeMap<i64, Spent> = BTreeMap::new();
    let places: BTreeMap<&str, usize> = allowed.keys().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    for charge in bill::charges_of(world, from, to, &|usage_type| places.contains_key(usage_type)) {
        let name = bill::plain(world, &charge.usage_type);
        let hour = out.entry(charge.hour).or_insert_with(|| vec![0; places.len()]);
        if let Some(spent) = places.get(name).and_then(|at| hour.get_mut(*at)) {
            *spent += charge.attos;
        }
    }
    out
}

//! What was used before the world began to live: an account is older than that, and a month's bill is whole. Things ran as
//! they did in the first hours, as much as there were visitors. Does not know prices.

use super::service::Used;
use crate::stdx::time::Time;
use crate::world::{World, traffic};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many of the first whole hours stand for those before. They are before an estate's incident, and stay what they are.
const FIRST: i64 = 6;
const HOUR: i64 = 3_600_000;

/// Reads what was counted in the hours `from..to`.
pub type Counted = fn(&World, i64, i64) -> Vec<Used>;

/// What was used in the hours `from..to`: what was counted since the world began, and what that means for the time before,
/// of resources that `was` says were there already.
pub fn with(world: &World, (from, to): (i64, i64), counted: Counted, was: impl Fn(&str) -> bool) -> Vec<Used> {
    let start = world.aws.flows.start.0;
    let mut out = counted(world, from, to);
    let (began, first) = (start.div_euclid(HOUR), start.div_euclid(HOUR) + i64::from(start.rem_euclid(HOUR) > 0));
    let earliest = from.max(world.aws.flows.born.0.div_euclid(HOUR));
    let last = (first + FIRST).min(world.now.0.div_euclid(HOUR));
    if earliest >= to.min(first) || last <= first {
        return out;
    }
    type Row = (&'static str, String, &'static str, Arc<str>);
    let mut sums: BTreeMap<Row, i128> = BTreeMap::new();
    for used in counted(world, first, last) {
        let row = (used.service, used.usage_type, used.operation, used.resource);
        *sums.entry(row).or_default() += used.micros;
    }
    sums.retain(|(.., resource), _| was(resource));
    let weight = |hour: i64| i128::from(visitors(world, Time(hour * HOUR + HOUR / 2)).max(1));
    let whole: i128 = (first..last).map(weight).sum();
    for hour in earliest..to.min(first) {
        // Of the hour in which the world began, the part before.
        let part = if hour == began { start.rem_euclid(HOUR) } else { HOUR };
        let share = weight(hour) * i128::from(part);
        for ((service, usage_type, operation, resource), sum) in &sums {
            let micros = sum * share / (whole * i128::from(HOUR)).max(1);
            let (usage_type, resource) = (usage_type.clone(), Arc::clone(resource));
            out.push(Used { hour, service, usage_type, operation, micros, resource });
        }
    }
    out
}

/// Everybody who comes a minute, in thousandths.
fn visitors(world: &World, at: Time) -> u64 {
    world.apps.estate.streams.keys().map(|stream| traffic::rate_at(world, stream, at)).sum()
}

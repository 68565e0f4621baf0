//! How much of a flow in which minute: whole bytes, so that the minutes of any span add up to the span and the parts of
//! all sources to the whole. Does not know ways.

use super::spec::{Flow, Shape};
use crate::stdx::dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::traffic;

/// Minutes of a block: amounts are given by block, and spread evenly over its minutes.
pub const BLOCK: i64 = 10;

/// To the destination, or back from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Out,
    In,
}

/// One source's part of a flow: the `index`th of `of`, times a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub index: u64,
    pub of: u64,
    pub times: u64,
}

/// `amount * (k + 1) / n - amount * k / n`: the kth of n parts, which add up to the whole.
fn share(amount: u128, k: u64, n: u64) -> u128 {
    let n = u128::from(n.max(1));
    amount * (u128::from(k) + 1) / n - amount * u128::from(k) / n
}

/// The bytes of one source in the minutes `from..to` (minutes since 1970).
pub fn sum(world: &World, flow: &Flow, direction: Direction, part: Part, from: i64, to: i64) -> u64 {
    let shape = if direction == Direction::Out { &flow.out } else { &flow.into };
    if *shape == Shape::Nothing || part.times == 0 {
        return 0;
    }
    let mut total: u128 = 0;
    let mut at = from;
    while at < to {
        // A whole hour at once where its amount is one number; else block by block.
        let length = if matches!(shape, Shape::Stream { .. } | Shape::Window { .. }) { BLOCK } else { 60 };
        let start = at.div_euclid(length) * length;
        let end = (start + length).min(to);
        let whole =
            share(amount(world, flow, shape, direction, start, length) * u128::from(part.times), part.index, part.of);
        total += upto(whole, end - start, length) - upto(whole, at - start, length);
        at = end;
    }
    u64::try_from(total).unwrap_or(u64::MAX)
}

fn upto(whole: u128, minutes: i64, length: i64) -> u128 {
    whole * minutes.unsigned_abs() as u128 / length.unsigned_abs() as u128
}

/// What all sources together send in the `length` minutes from `start` on.
fn amount(world: &World, flow: &Flow, shape: &Shape, direction: Direction, start: i64, length: i64) -> u128 {
    let hour = start.div_euclid(60);
    let base: u128 = match shape {
        Shape::Nothing => 0,
        Shape::Flat(bytes) => u128::from(*bytes),
        Shape::Hours(hours) => hours.get(hour.rem_euclid(24) as usize).copied().unwrap_or_default().into(),
        Shape::Window { from, to, bytes } => {
            let (from, to) = (i64::from(*from), i64::from(*to));
            let day = start.rem_euclid(1_440);
            let upto = |minute: i64| {
                u128::from(*bytes) * (minute.clamp(from, to) - from).unsigned_abs() as u128
                    / (to - from).max(1).unsigned_abs() as u128
            };
            upto(day + length) - upto(day)
        }
        Shape::Stream { stream, bytes } => {
            let rate = traffic::rate_at(world, stream, Time(start * 60_000));
            u128::from(rate) * length.unsigned_abs() as u128 * u128::from(*bytes) / 1_000
        }
    };
    base * u128::from(jitter(world.seed, flow, direction, hour)) / 1_000
}

/// Thousandths: how an hour differs from the usual.
fn jitter(seed: u64, flow: &Flow, direction: Direction, hour: i64) -> u64 {
    let spread = flow.jitter * 10;
    let stream = dice::hash_name(&flow.name) ^ (direction as u64 + 1);
    let lot = dice::at(seed, stream, hour.unsigned_abs());
    1_000 - spread + lot % (2 * spread + 1)
}

/// New connections of one source in a minute, in thousandths.
pub fn connections(world: &World, flow: &Flow, part: Part, minute: i64) -> u64 {
    let made = &flow.connections;
    let by_stream = if made.stream.is_empty() {
        0
    } else {
        let block = minute.div_euclid(BLOCK) * BLOCK;
        u128::from(traffic::rate_at(world, &made.stream, Time(block * 60_000))) * u128::from(made.per_1000) / 1_000
    };
    let all = (u128::from(made.per_minute) * 1_000 + by_stream) * u128::from(part.times);
    u64::try_from(share(all, part.index, part.of)).unwrap_or(u64::MAX)
}

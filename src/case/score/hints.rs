//! What hints cost: 1, 3 and 6 points by their rung, from everything but the verdict, which they touch by halving what they
//! pointed out. Does not know how a hint was chosen.

use super::log::Digest;
use super::{Dim, Exact, Line, exact};
use num_traits::Zero;

/// What each rung costs.
pub const COSTS: [i64; 3] = [1, 3, 6];

/// What a hint of this rung costs.
pub fn cost(rung: u8) -> i64 {
    COSTS[usize::from(rung.max(1)).min(COSTS.len()) - 1]
}

/// A line for each hint, and one that gives back what there was not to take. `others` is the sum of all but V.
pub fn lines(digest: &Digest, others: &Exact) -> Vec<Line> {
    let hints = digest.told.hints.iter();
    let mut lines: Vec<Line> = hints
        .map(|hint| {
            let line = Line::new(Dim::H, "hint.rung", &hint.clue, Exact::zero()).because("rung", hint.rung);
            line.got(exact(-cost(hint.rung), 1)).at([hint.entry])
        })
        .collect();
    let left: Exact = others + lines.iter().map(|line| line.got.clone()).sum::<Exact>();
    if left < Exact::zero() {
        lines.push(Line::new(Dim::H, "hint.floor", "", Exact::zero()).got(-left));
    }
    lines
}

//! Justified belief: what a fair reasoner who has seen exactly these clues would believe. Whole numbers 16 : 10 : 1 for a
//! clue that fits, is silent, or rules out; within a channel only the strongest statement counts, for two lines of one
//! instrument are one witness. Does not know what the learner believes.

use super::log::Suspect;
use super::truth::{Rating, Truth};
use super::{Exact, exact};
use num_bigint::BigInt;
use num_traits::Zero;
use std::collections::{BTreeMap, BTreeSet};

/// How likely a fact is, by what it says of a hypothesis; of 20: 0.80, 0.50, 0.05.
pub fn likelihood(rating: Rating) -> u64 {
    match rating {
        Rating::Fits => 16,
        Rating::Silent => 10,
        Rating::Against => 1,
    }
}

/// The belief in each hypothesis; together one. Before anything was seen all are equal.
pub fn posterior<'a>(truth: &Truth, seen: impl IntoIterator<Item = &'a String>) -> BTreeMap<Suspect, Exact> {
    let mut channels: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for id in seen {
        if let Some(clue) = truth.clues.get(id) {
            channels.entry(&clue.channel).or_default().insert(id);
        }
    }
    let weigh = |hypothesis: Suspect| {
        let strongest = |clues: &BTreeSet<&String>| {
            clues.iter().map(|clue| truth.rating(clue, &hypothesis)).min().unwrap_or(Rating::Silent)
        };
        let weight: BigInt = channels.values().map(|clues| BigInt::from(likelihood(strongest(clues)))).product();
        (hypothesis, weight)
    };
    let weights: Vec<(Suspect, BigInt)> = truth.hypotheses().into_iter().map(weigh).collect();
    let all: BigInt = weights.iter().map(|(_, weight)| weight.clone()).sum();
    weights.into_iter().map(|(hypothesis, weight)| (hypothesis, Exact::new(weight, all.clone()))).collect()
}

/// The belief in one suspect; in one that is none of the case's there is none.
pub fn belief(posterior: &BTreeMap<Suspect, Exact>, suspect: &Suspect) -> Exact {
    posterior.get(suspect).cloned().unwrap_or_else(Exact::zero)
}

/// How far what was seen carries beyond guessing: 0 at equal beliefs, 1 at certainty in the truth.
pub fn gain(truth: &Truth, posterior: &BTreeMap<Suspect, Exact>) -> Exact {
    let guess = exact(1, truth.rivals.len() as i64 + 1);
    let room = exact(1, 1) - &guess;
    if room.is_zero() {
        return Exact::zero();
    }
    ((belief(posterior, &Suspect::Truth) - guess) / room).max(Exact::zero())
}

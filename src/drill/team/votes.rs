//! Secret votes: what each seat believes of each hypothesis. What is shown is mean and spread, once two have voted; never
//! whose vote it was. Does not know what is true.

use crate::drill::run::Run;
use std::collections::BTreeMap;

/// Hypothesis → seat → percent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Votes(BTreeMap<u32, BTreeMap<u16, u8>>);

/// Nothing is shown before so many have voted: one vote alone would be somebody's.
pub const SHOWN_FROM: usize = 2;

impl Votes {
    /// One's own.
    pub fn own(&self, hypothesis: u32, seat: u16) -> Option<u8> {
        self.0.get(&hypothesis)?.get(&seat).copied()
    }

    /// How many have voted.
    pub fn count(&self, hypothesis: u32) -> usize {
        self.0.get(&hypothesis).map_or(0, BTreeMap::len)
    }

    /// The mean, rounded, once it is shown.
    pub fn mean(&self, hypothesis: u32) -> Option<u8> {
        self.graded(hypothesis).filter(|_| self.count(hypothesis) >= SHOWN_FROM)
    }

    /// The lowest and the highest, once they are shown.
    pub fn spread(&self, hypothesis: u32) -> Option<(u8, u8)> {
        let votes = self.0.get(&hypothesis).filter(|votes| votes.len() >= SHOWN_FROM)?;
        Some((*votes.values().min()?, *votes.values().max()?))
    }

    /// The mean of all votes, also of a single one: what is graded.
    pub(in crate::drill) fn graded(&self, hypothesis: u32) -> Option<u8> {
        let votes = self.0.get(&hypothesis).filter(|votes| !votes.is_empty())?;
        let sum: usize = votes.values().map(|percent| usize::from(*percent)).sum();
        u8::try_from((sum + votes.len() / 2) / votes.len()).ok()
    }

    /// The way back is what it was before.
    pub(in crate::drill) fn set(&mut self, hypothesis: u32, seat: u16, percent: Option<u8>) -> Option<u8> {
        let votes = self.0.entry(hypothesis).or_default();
        match percent {
            Some(percent) => votes.insert(seat, percent),
            None => votes.remove(&seat),
        }
    }
}

/// The board shows what is to be shown of a hypothesis. Whoever cleared it believes it no more.
pub(in crate::drill) fn settle(run: &mut Run, hypothesis: u32) {
    let mean = run.team.votes.mean(hypothesis).unwrap_or(0);
    if let Some(own) = run.board.hypothesis_mut(hypothesis) {
        own.confidence = if own.cleared.is_some() { mean.min(1) } else { mean };
    }
}

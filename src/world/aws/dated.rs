//! A value together with the times from which it was something else, so that it can be asked as it was. Does not know what
//! changes it.

use crate::stdx::time::Time;

/// At most this many changes are remembered (ours); the oldest fall out, as what is under way never looks back far.
pub const CHANGES_MAX: usize = 256;

/// A value over time; before its first change it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T>(Vec<(Time, T)>);

impl<T> Default for Dated<T> {
    fn default() -> Dated<T> {
        Dated(Vec::new())
    }
}

impl<T> Dated<T> {
    pub fn new(from: Time, value: T) -> Dated<T> {
        Dated(vec![(from, value)])
    }

    /// From `from` on it is `value`; later changes that were still to come are dropped.
    pub fn set(&mut self, from: Time, value: T) {
        self.0.retain(|(at, _)| *at < from);
        if self.0.len() >= CHANGES_MAX {
            self.0.remove(0);
        }
        self.0.push((from, value));
    }

    /// What it is at a time.
    pub fn at(&self, at: Time) -> Option<&T> {
        self.0.iter().rev().find(|(from, _)| *from <= at).map(|(_, value)| value)
    }

    /// What it was last set to, whether or not that has taken effect.
    pub fn last(&self) -> Option<&T> {
        self.0.last().map(|(_, value)| value)
    }

    /// When it last becomes something else.
    pub fn last_change(&self) -> Option<Time> {
        self.0.last().map(|(from, _)| *from)
    }

    /// All changes, by time.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &(Time, T)> {
        self.0.iter()
    }
}

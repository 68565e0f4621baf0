//! A value that is shown at once and works only later: set-up that the service first has to carry to all its machines.
//! Does not know how long that takes.

use crate::stdx::time::Time;
use std::collections::VecDeque;

/// What is in effect, and what will be from when on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timed<T> {
    value: T,
    /// Rising by time.
    coming: VecDeque<(Time, T)>,
}

impl<T> Timed<T> {
    /// In effect from the start.
    pub fn new(value: T) -> Timed<T> {
        Timed { value, coming: VecDeque::new() }
    }

    /// Takes effect at `from`; earlier settings that would take effect later than that never do.
    pub fn set(&mut self, from: Time, value: T) {
        while self.coming.back().is_some_and(|(at, _)| *at >= from) {
            self.coming.pop_back();
        }
        self.coming.push_back((from, value));
    }

    /// What is in effect at a time not before the last one settled.
    pub fn at(&self, at: Time) -> &T {
        self.coming.iter().rev().find(|(from, _)| *from <= at).map_or(&self.value, |(_, value)| value)
    }

    /// What was set last, whether or not it works yet.
    pub fn latest(&self) -> &T {
        self.coming.back().map_or(&self.value, |(_, value)| value)
    }

    /// When the next change takes effect.
    pub fn next(&self) -> Option<Time> {
        self.coming.front().map(|(from, _)| *from)
    }

    /// Forgets what is over by `at`; true if something took effect.
    pub fn settle(&mut self, at: Time) -> bool {
        let mut changed = false;
        while self.coming.front().is_some_and(|(from, _)| *from <= at) {
            if let Some((_, value)) = self.coming.pop_front() {
                (self.value, changed) = (value, true);
            }
        }
        changed
    }
}

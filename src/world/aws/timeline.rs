//! What something is from when on: change points, some of them still to come. So history back to a birth and what is
//! already decided for later are pure questions. Does not know what changes.

use crate::stdx::time::Time;

/// Changes that are remembered of what is set again and again (ours).
const CHANGES_MAX: usize = 256;

/// Values and the times from which they hold, rising; nothing holds before the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<T>(Vec<(Time, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Timeline<T> {
        Timeline(Vec::new())
    }
}

impl<T> Timeline<T> {
    /// Holds from `from` on; nothing is known of before.
    pub fn new(from: Time, value: T) -> Timeline<T> {
        Timeline(vec![(from, value)])
    }

    pub fn at(&self, at: Time) -> Option<&T> {
        let after = self.0.partition_point(|(from, _)| *from <= at);
        self.0.get(after.checked_sub(1)?).map(|(_, value)| value)
    }

    /// Holds from now on; what was to come at or after this is dropped.
    pub fn set(&mut self, at: Time, value: T) {
        self.0.retain(|(from, _)| *from < at);
        self.0.push((at, value));
    }

    /// The same of what anybody may change often, and what is under way never asks far back: of more changes than
    /// `CHANGES_MAX` the oldest fall out.
    pub fn set_forgetting(&mut self, at: Time, value: T) {
        self.set(at, value);
        let beyond = self.0.len().saturating_sub(CHANGES_MAX);
        self.0.drain(..beyond);
    }

    /// Will hold from a later time on, after what is planned already.
    pub fn plan(&mut self, at: Time, value: T) {
        let at = self.0.last().map_or(at, |(last, _)| at.max(*last));
        self.0.push((at, value));
    }

    /// What it was last set to, whether or not that holds yet.
    pub fn last(&self) -> Option<&T> {
        self.0.last().map(|(_, value)| value)
    }

    /// When it last becomes something else.
    pub fn last_change(&self) -> Option<Time> {
        self.0.last().map(|(from, _)| *from)
    }

    pub fn points(&self) -> &[(Time, T)] {
        &self.0
    }

    /// What held when in `from..to`, cut at both ends.
    pub fn spans(&self, from: Time, to: Time) -> impl Iterator<Item = (Time, Time, &T)> {
        let end = move |index: usize| self.0.get(index + 1).map_or(to, |(at, _)| (*at).min(to));
        let spans = self.0.iter().enumerate().map(move |(index, (at, value))| ((*at).max(from), end(index), value));
        spans.filter(|(from, to, _)| from < to)
    }
}

/// How long something holds in each hour (hours since 1970, milliseconds) between two times.
pub fn hours(from: Time, to: Time) -> impl Iterator<Item = (i64, i64)> {
    const HOUR: i64 = 3_600_000;
    let last = (to.0 - 1).div_euclid(HOUR);
    let hours = from.0.div_euclid(HOUR)..=if from < to { last } else { i64::MIN };
    hours.map(move |hour| (hour, to.0.min((hour + 1) * HOUR) - from.0.max(hour * HOUR)))
}

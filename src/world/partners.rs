//! Third parties: how long they take and how often they fail, since when. Does not know who calls.

use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes kept a partner.
const CHANGES_MAX: usize = 1_000;

/// The third parties of an estate.
#[derive(Clone, Debug, Default)]
pub struct Partners {
    by_name: Arc<BTreeMap<String, Partner>>,
}

/// Where a third party is, and how it is to deal with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    pub host: String,
    pub ip: String,
    pub port: u16,
    pub mood: Mood,
}

/// How long it takes, how many in a thousand calls fail, and what it does not take at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mood {
    pub takes: Span,
    pub jitter: Span,
    pub fails: u64,
    pub refuses: Arc<Refuses>,
}

/// What a third party turns away whenever it is asked: orders with one of these traits, and what it answers to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refuses {
    pub traits: Vec<Arc<str>>,
    pub says: String,
}

/// A third party and how it has been since when.
#[derive(Clone, Debug, Default)]
pub struct Partner {
    pub spec: Spec,
    changes: Vec<(Time, Mood)>,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    pub took: Span,
    pub ok: bool,
    /// It failed because it is something that the partner does not take.
    pub refused: bool,
}

impl Partners {
    pub fn declare(&mut self, name: &str, spec: Spec) {
        Arc::make_mut(&mut self.by_name).insert(name.to_string(), Partner { spec, changes: Vec::new() });
    }

    pub fn get(&self, name: &str) -> Option<&Partner> {
        self.by_name.get(name)
    }

    pub fn all(&self) -> impl Iterator<Item = (&String, &Partner)> {
        self.by_name.iter()
    }

    /// From a time on, it is so; `None`: as usual again. May be said ahead; of equal times the later said holds.
    pub fn change(&mut self, name: &str, from: Time, mood: Option<Mood>) {
        let Some(partner) = Arc::make_mut(&mut self.by_name).get_mut(name) else { return };
        if partner.changes.len() < CHANGES_MAX {
            let index = partner.changes.partition_point(|(since, _)| *since <= from);
            partner.changes.insert(index, (from, mood.unwrap_or_else(|| partner.spec.mood.clone())));
        }
    }

    /// How a call made at a time about something with `traits` goes: a pure function of `lot`. An unknown partner answers
    /// at once.
    pub fn call(&self, name: &str, at: Time, traits: &[&str], lot: u64) -> Called {
        let Some(partner) = self.get(name) else { return Called { took: Span::ZERO, ok: true, refused: false } };
        let mood = partner.mood_at(at);
        let took = mood.takes + Span((dice::at(lot, 21, 0) % (mood.jitter.0.max(0) as u64 + 1)) as i64);
        let refused = mood.refuses.traits.iter().any(|name| traits.contains(&&**name));
        Called { took, ok: !refused && dice::at(lot, 22, 0) % 1_000 >= mood.fails, refused }
    }
}

impl Partner {
    pub fn mood_at(&self, at: Time) -> &Mood {
        let index = self.changes.partition_point(|(since, _)| *since <= at);
        index.checked_sub(1).and_then(|i| self.changes.get(i)).map_or(&self.spec.mood, |(_, mood)| mood)
    }
}

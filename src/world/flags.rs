//! Feature flags: what they are for, and how they stood at any time. Does not know what reads them.

use super::World;
use super::audit::{Entry, FieldChange};
use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes kept a flag; beyond it a change is refused.
pub const CHANGES_MAX: usize = 10_000;

#[derive(Clone, Debug, Default)]
pub struct Flag {
    pub about: String,
    /// Since when it stands how, and who set it; never empty once declared.
    pub history: Vec<(Time, bool, String)>,
}

/// All flags by name.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    flags: Arc<BTreeMap<String, Flag>>,
}

impl Flags {
    /// Makes a flag known as it stands at the start of the world.
    pub fn declare(&mut self, name: &str, on: bool, about: &str, at: Time) {
        let flag = Flag { about: about.to_string(), history: vec![(at, on, String::new())] };
        Arc::make_mut(&mut self.flags).insert(name.to_string(), flag);
    }

    pub fn get(&self, name: &str) -> Option<&Flag> {
        self.flags.get(name)
    }

    pub fn all(&self) -> impl Iterator<Item = (&String, &Flag)> {
        self.flags.iter()
    }

    /// Whether a flag stood on at some time in `from..=to`.
    pub fn on_within(&self, name: &str, from: Time, to: Time) -> bool {
        let later = |flag: &Flag| flag.history.iter().any(|(since, on, _)| *on && from < *since && *since <= to);
        self.on_at(name, from) || self.flags.get(name).is_some_and(later)
    }

    /// How a flag stood at a time; an unknown flag is off, and before its first entry it stands as that entry says.
    pub fn on_at(&self, name: &str, at: Time) -> bool {
        let Some(flag) = self.flags.get(name) else { return false };
        let index = flag.history.partition_point(|(since, ..)| *since <= at);
        flag.history.get(index.saturating_sub(1)).is_some_and(|(_, on, _)| *on)
    }
}

/// Sets a flag at `world.now` and writes it to the audit; `None` if there is no such flag or it was changed too often.
pub fn set(world: &mut World, name: &str, on: bool, user: &str, agent: &str) -> Option<bool> {
    let now = world.now;
    let before = world.flags.get(name)?.history.last().map(|(_, on, _)| *on)?;
    let flag = Arc::make_mut(&mut world.flags.flags).get_mut(name)?;
    if flag.history.len() >= CHANGES_MAX {
        return None;
    }
    if before != on {
        flag.history.push((now, on, user.to_string()));
    }
    world.audit.record(Entry {
        serial: 0,
        at: now,
        user: user.to_string(),
        agent: agent.to_string(),
        verb: "set-flag".into(),
        resource: "flags".into(),
        namespace: String::new(),
        name: name.to_string(),
        changed: if before == on {
            Vec::new()
        } else {
            let (before, after) = (Some(before.to_string()), Some(on.to_string()));
            vec![FieldChange { path: "enabled".into(), before, after }]
        },
        code: 200,
        dry_run: false,
    });
    Some(before)
}

//! Who was found to be allowed to do what with a queue, so that programs that do the same all day are not judged for each
//! message. What is remembered ends with any change of a policy. Does not know how it is decided.

use super::queue::Rules;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::iam::Standing;
use crate::world::aws::message::Principal;
use std::sync::Arc;

/// Passes of one queue; all are forgotten when there are more.
const PASSES_MAX: usize = 64;

/// Who, what, and on behalf of which resource.
type Asked<'a> = (&'a Principal, &'static str, Option<&'a str>);

/// What a queue remembers.
#[derive(Clone, Default)]
pub struct Passes(Vec<Pass>);

#[derive(Clone)]
struct Pass {
    by: Principal,
    action: &'static str,
    source: Option<Arc<str>>,
    /// From then on: a time before may have been under other policies.
    since: Time,
    standing: Standing,
    rules: Arc<Rules>,
}

impl std::fmt::Debug for Passes {
    // It decides nothing that would not be decided again.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Passes")
    }
}

impl Passes {
    /// Whether it is remembered, and neither the account's policies nor the queue's rules are others by now.
    pub fn hold(&self, world: &World, rules: &Arc<Rules>, at: Time, (by, action, source): Asked) -> bool {
        // The latest are those of processes that still run.
        self.0.iter().rev().any(|pass| {
            pass.action == action
                && pass.since <= at
                && pass.source.as_deref() == source
                && pass.by == *by
                && Arc::ptr_eq(&pass.rules, rules)
                && pass.standing.holds(world)
        })
    }

    pub fn remember(&mut self, standing: Standing, rules: Arc<Rules>, at: Time, (by, action, source): Asked) {
        // Those from before a change are never good again.
        self.0.retain(|pass| Arc::ptr_eq(&pass.rules, &rules) && pass.standing.same(&standing));
        if self.0.len() >= PASSES_MAX {
            self.0.clear();
        }
        self.0.push(Pass { by: by.clone(), action, source: source.map(Arc::from), since: at, standing, rules });
    }
}

//! Bytes on the estate's ways to the outside: who sends how much to whom, over which gateway, at which time. A pure
//! function of workloads, routes and time. Does not know prices.

use super::super::World;
use super::super::apps::lower::Problem;
use serde_json::Value;

/// Reads `[flows]` of an estate's account.
pub fn describe(_world: &mut World, _flows: &Value) -> Vec<Problem> {
    Vec::new()
}

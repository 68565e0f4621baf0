//! Infrastructure as code: what the code says, what was applied when by whom, and how that differs from what is there.
//! Acts on the account only through its operations. Does not know who reads.

/// Code, state and history.
#[derive(Clone, Debug, Default)]
pub struct Iac {}

use super::World;
use super::apps::lower::Problem;
use serde_json::Value;

/// Reads `[resources]` of an estate's account and applies them: the account as the code made it.
pub fn describe(_world: &mut World, _resources: &Value) -> Vec<Problem> {
    Vec::new()
}

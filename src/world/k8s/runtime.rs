//! What the API asks of running containers: logs, exec, usage. The one place where it meets kubelet and programs.

use super::api::Query;
use super::object::Object;
use crate::world::World;
use crate::world::apps::{self, InstanceId};
use crate::world::signals::Record;

/// The process that runs a container now, if one does.
pub fn instance(_world: &World, _pod: &Object, _container: &str) -> Option<InstanceId> {
    None
}

/// The log lines a query asks for.
pub fn logs(_world: &World, _pod: &Object, _container: &str, _query: &Query) -> Vec<Record> {
    Vec::new()
}

/// Runs a command in a container: output lines and exit code.
pub fn exec(world: &World, pod: &Object, container: &str, command: &[String]) -> Option<(Vec<String>, i32)> {
    instance(world, pod, container).map(|id| apps::exec(world, id, command))
}

/// What a container uses: thousandths of a core, and bytes.
pub fn usage(world: &World, pod: &Object, container: &str) -> Option<(u64, u64)> {
    instance(world, pod, container).map(|id| apps::usage(world, id))
}

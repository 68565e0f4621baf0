//! What the API asks of running containers: logs, exec, usage. The one place where it meets kubelet and programs.

use super::api::Query;
use super::object::Object;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::{self, InstanceId};
use crate::world::signals::logs::LogQuery;
use crate::world::signals::{self, Record};

/// The newest process of a container, running or ended.
pub fn instance(world: &World, pod: &Object, container: &str) -> Option<InstanceId> {
    let starts = super::instances(world, &pod.meta.namespace, &pod.meta.name, container);
    starts.last().map(|(_, instance)| *instance)
}

/// Whether a container waits for its next start (`CrashLoopBackOff`): its last process is in `lastState` then.
fn waits(pod: &Object, container: &str) -> bool {
    ["containerStatuses", "initContainerStatuses"]
        .iter()
        .filter_map(|list| pod.status[*list].as_array())
        .flatten()
        .any(|status| status["name"] == container && status["state"]["waiting"].is_object())
}

/// The log lines a query asks for.
pub fn logs(world: &World, pod: &Object, container: &str, query: &Query) -> Vec<Record> {
    let now = world.now;
    let since = query.since_seconds.map(|seconds| now - Span::secs(seconds.clamp(0, i64::from(i32::MAX))));
    signals::logs::logs(
        world,
        &LogQuery {
            namespace: pod.meta.namespace.clone(),
            pod: pod.meta.name.clone(),
            uid: pod.meta.uid.clone(),
            container: container.into(),
            // While it waits to be started again, the one that ended last is both the newest and the previous one.
            previous: query.previous && !waits(pod, container),
            from: since.or_else(|| Time::parse(&query.since_time)),
            to: None,
            tail: query.tail_lines.map(|lines| usize::try_from(lines).unwrap_or(usize::MAX)),
        },
    )
}

/// Runs a command in a container: output lines and exit code.
pub fn exec(world: &World, pod: &Object, container: &str, command: &[String]) -> Option<(Vec<String>, i32)> {
    instance(world, pod, container).map(|id| apps::exec(world, id, command))
}

/// What a container uses: thousandths of a core, and bytes.
pub fn usage(world: &World, pod: &Object, container: &str) -> Option<(u64, u64)> {
    instance(world, pod, container).map(|id| apps::usage(world, id))
}

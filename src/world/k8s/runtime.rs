//! What the API asks of running containers: logs, exec, usage. The one place where it meets kubelet and programs.

use super::api::Query;
use super::object::Object;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::{self, InstanceId};
use crate::world::signals::logs::LogQuery;
use crate::world::signals::{self, Record, Vocabulary};

/// The newest process of a container, running or ended.
pub fn instance(world: &World, pod: &Object, container: &str) -> Option<InstanceId> {
    let starts = super::instances(world, &pod.meta.namespace, &pod.meta.name, container);
    starts.last().map(|(_, instance)| *instance)
}

/// Which start of a container a log is asked of, counted as `restartCount` does. While it waits to be started again, the
/// one that ended last is `lastState.terminated`, and so both the one to show and the previous one.
fn start(pod: &Object, container: &str, previous: bool) -> Option<u32> {
    let lists = ["containerStatuses", "initContainerStatuses"].iter().filter_map(|list| pod.status[*list].as_array());
    let status = lists.flatten().find(|status| status["name"] == container)?;
    let count = u32::try_from(status["restartCount"].as_u64()?).ok()?;
    if previous && !status["state"]["waiting"].is_object() { count.checked_sub(1) } else { Some(count) }
}

/// The log lines a query asks for, and what the program could have said.
pub fn logs(world: &World, pod: &Object, container: &str, query: &Query) -> (Vec<Record>, Vocabulary) {
    let now = world.now;
    let since = query.since_seconds.map(|seconds| now - Span::secs(seconds.clamp(0, i64::from(i32::MAX))));
    let query = LogQuery {
        namespace: pod.meta.namespace.clone(),
        pod: pod.meta.name.clone(),
        uid: pod.meta.uid.clone(),
        container: container.into(),
        previous: query.previous,
        restart: start(pod, container, query.previous),
        from: since.or_else(|| Time::parse(&query.since_time)),
        to: None,
        tail: query.tail_lines.map(|lines| usize::try_from(lines).unwrap_or(usize::MAX)),
    };
    (signals::logs::logs(world, &query), signals::logs::vocabulary(world, &query))
}

/// Runs a command in a container: output lines and exit code.
pub fn exec(world: &World, pod: &Object, container: &str, command: &[String]) -> Option<(Vec<String>, i32)> {
    instance(world, pod, container).map(|id| apps::exec(world, id, command))
}

/// What a container uses: thousandths of a core, and bytes.
pub fn usage(world: &World, pod: &Object, container: &str) -> Option<(u64, u64)> {
    instance(world, pod, container).map(|id| apps::usage(world, id))
}

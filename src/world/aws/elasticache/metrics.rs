//! What CloudWatch has of cache nodes, computed from what they are and what asks them. Does not know who reads.

use super::super::load;
use super::super::tally::{Key, Minute};
use super::state::Group;
use crate::stdx::time::Time;
use crate::world::World;
use std::sync::Arc;

/// Metrics of a node (user guide, "Metrics for Redis OSS" and "Host-level metrics"), sorted.
static NAMES: &[&str] = &[
    "BytesUsedForCache",
    "CPUUtilization",
    "CacheHits",
    "CacheMisses",
    "CurrConnections",
    "CurrItems",
    "DatabaseMemoryUsagePercentage",
    "EngineCPUUtilization",
    "Evictions",
    "FreeableMemory",
    "GetTypeCmds",
    "NetworkBytesIn",
    "NetworkBytesOut",
    "NewConnections",
    "SetTypeCmds",
];

/// Every node has its series twice: by cluster, and by cluster and node.
pub fn list(world: &World) -> Vec<Key> {
    let mut keys = std::collections::BTreeSet::new();
    for group in world.aws.caches.groups.iter().filter(|group| group.created <= world.now) {
        let nodes = group.life.points().iter().map(|(_, state)| state.shape.nodes).max().unwrap_or(0);
        for name in (0..nodes).map(|index| Arc::<str>::from(group.member(index))) {
            for metric in NAMES {
                let short = vec![("CacheClusterId", name.clone())];
                let long = vec![("CacheClusterId", name.clone()), ("CacheNodeId", Arc::from("0001"))];
                for dimensions in [short, long] {
                    keys.insert(Key { namespace: "AWS/ElastiCache", metric, dimensions });
                }
            }
        }
    }
    keys.into_iter().collect()
}

pub fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let name = match key.dimensions.as_slice() {
        [("CacheClusterId", name)] => name,
        [("CacheClusterId", name), ("CacheNodeId", node)] if **node == *"0001" => name,
        _ => return Vec::new(),
    };
    let to = to.min(world.now.0.div_euclid(60_000));
    let mut out = Vec::new();
    for group in world.aws.caches.groups.iter() {
        let nodes = group.life.points().iter().map(|(_, state)| state.shape.nodes).max().unwrap_or(0);
        let Some(index) = (0..nodes).find(|index| group.member(*index) == **name) else { continue };
        of_node(world, group, (index, key.metric), (from, to), &mut out);
    }
    out
}

fn of_node(
    world: &World,
    group: &Group,
    (index, metric): (i64, &str),
    (from, to): (i64, i64),
    out: &mut Vec<(i64, Minute)>,
) {
    let clients = load::clients(world, &group.name);
    let spans = group.life.spans(Time(from * 60_000), Time((to + 1) * 60_000));
    for (start, end, state) in spans.filter(|(_, _, state)| state.status.runs()) {
        let first = (start.0 + 59_999).div_euclid(60_000);
        for minute in first..=(end.0 - 1).div_euclid(60_000) {
            let at = Time(minute * 60_000);
            let held = clients.iter().filter(|(from, to, _)| *from <= at && at < *to).map(|(_, _, pool)| *pool).sum();
            let node = Node { world, group, primary: index == 0, memory: memory(&state.shape.node_type), minute, held };
            let Some(value) = node.value(metric) else { continue };
            out.push((minute, Minute { sum: value, count: 1, least: value, most: value }));
        }
    }
}

/// MiB of memory of a node type (pricing page).
fn memory(node_type: &str) -> i64 {
    match node_type.rsplit('.').next().unwrap_or_default() {
        "micro" => 512,
        "small" => 1_402,
        "medium" => 3_164,
        _ if node_type.contains(".r") => 13_386,
        _ => 6_534,
    }
}

/// A node in one minute.
struct Node<'a> {
    world: &'a World,
    group: &'a Group,
    primary: bool,
    /// MiB.
    memory: i64,
    minute: i64,
    /// Connections of the estate's own programs.
    held: i64,
}

/// Connections that the service itself holds to a node: it watches it.
const OWN_CONNECTIONS: i64 = 2;

impl Node<'_> {
    fn value(&self, metric: &str) -> Option<i64> {
        let name = &self.group.name;
        let declared = load::at(self.world, name, Time(self.minute * 60_000));
        let rate = |what: &str, mean: i64| load::of_minute(self.world.seed, what, self.minute, mean);
        // Replicas serve no reads here; writes reach them by replication.
        let gets = if self.primary { rate(name, declared.gets) } else { 0 };
        let sets = rate(name, declared.sets);
        let hits = gets * declared.hits / 100;
        let used = (declared.stored + 4).min(self.memory);
        let busy = (gets + sets) * 40 * 100 / 60_000;
        Some(match metric {
            "BytesUsedForCache" => used << 20,
            "CPUUtilization" => (1_400 + busy / 2 + rate(metric, 400)).min(100_000),
            "CacheHits" => hits,
            "CacheMisses" => gets - hits,
            "CurrConnections" if self.primary => OWN_CONNECTIONS + declared.connections + self.held,
            "CurrConnections" => OWN_CONNECTIONS,
            "CurrItems" => declared.stored * 700,
            "DatabaseMemoryUsagePercentage" => used * 100_000 / self.memory,
            "EngineCPUUtilization" => (200 + busy).min(100_000),
            "Evictions" => 0,
            "FreeableMemory" => (self.memory - used).max(8) << 20,
            "GetTypeCmds" => gets,
            "NetworkBytesIn" => 24_000 + gets * 60 + sets * 400,
            "NetworkBytesOut" => 90_000 + hits * 380 + (gets - hits + sets) * 8,
            "NewConnections" => 1 + (declared.connections + self.held) / 20,
            "SetTypeCmds" => {
                if self.primary {
                    sets
                } else {
                    0
                }
            }
            _ => return None,
        })
    }
}

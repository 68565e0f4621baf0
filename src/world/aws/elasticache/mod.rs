//! ElastiCache: replication groups and clusters with their nodes' lives, snapshots, events, metrics and meters. Does not
//! know keys.

mod body;
mod change;
mod metrics;
mod read;
pub mod state;

use super::service::{Effect, Meter, MetricSource, Operation, Service};
use super::tagging::Tagged;
use crate::world::World;
pub use state::Caches;

pub static SERVICE: Service = Service {
    name: "elasticache",
    doc: "caches",
    operations: &[
        row("AddTagsToResource", "tags a group, cluster or snapshot", Effect::Write, change::add_tags),
        row("CreateCacheCluster", "makes a cluster of its own", Effect::Write, change::create_cluster),
        row("CreateReplicationGroup", "makes a primary with replicas", Effect::Write, change::create_group),
        row("CreateSnapshot", "makes a snapshot", Effect::Write, change::snapshot),
        row("DeleteCacheCluster", "deletes a cluster", Effect::Write, change::delete_cluster),
        row(
            "DeleteReplicationGroup",
            "deletes a group, with or without a last snapshot",
            Effect::Write,
            change::delete_group,
        ),
        row("DeleteSnapshot", "deletes a snapshot", Effect::Write, change::delete_snapshot),
        row("DescribeCacheClusters", "clusters, also those of groups", Effect::Read, read::clusters),
        row("DescribeEvents", "what happened to caches in the last 14 days", Effect::Read, read::events),
        row("DescribeReplicationGroups", "groups and their members", Effect::Read, read::groups),
        row("DescribeSnapshots", "snapshots", Effect::Read, read::snapshots),
        row("ListTagsForResource", "a resource's tags", Effect::Read, read::tags),
        row("ModifyReplicationGroup", "changes a group, at once or in its window", Effect::Write, change::modify),
        row("RemoveTagsFromResource", "untags a resource", Effect::Write, change::remove_tags),
    ],
    metrics: &[MetricSource { namespace: "AWS/ElastiCache", list: metrics::list, minutes: metrics::minutes }],
    logs: &[],
    meters: &[Meter { usage_types: state::USAGE_TYPES, read: state::used }],
};

type Run = fn(&mut World, &super::call::Call) -> Result<super::call::Answer, super::call::Fault>;

const fn row(name: &'static str, doc: &'static str, effect: Effect, run: Run) -> Operation {
    Operation { name, doc, effect, run }
}

/// Groups, clusters and snapshots that exist now. What a group's members cost is told under the group's name.
pub fn tagged(world: &World) -> Vec<Tagged> {
    let caches = &world.aws.caches;
    let groups = caches.living(world.now).map(|group| tags_of(world, group));
    let snapshots = caches.snapshots.iter().filter(|snapshot| snapshot.deleted.is_none()).map(|snapshot| Tagged {
        arn: state::arn(world, "snapshot", &snapshot.name),
        kind: state::SNAPSHOT,
        name: snapshot.name.clone(),
        tags: snapshot.tags.clone(),
    });
    groups.chain(snapshots).collect()
}

/// Deleted groups with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<Tagged> {
    let gone = world.aws.caches.groups.iter().filter(|group| group.status(world.now) == state::Status::Gone);
    gone.map(|group| tags_of(world, group)).collect()
}

fn tags_of(world: &World, group: &state::Group) -> Tagged {
    let (arn, name) = (state::arn(world, group.arn_kind(), &group.name), group.name.clone());
    Tagged { arn, kind: group.kind(), name, tags: group.tags.clone() }
}

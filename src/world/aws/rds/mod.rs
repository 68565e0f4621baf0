//! RDS: database instances with their lives, snapshots, events, metrics and meters. SQL is not here.

mod body;
mod change;
mod metrics;
mod read;
pub mod state;

use super::service::{Effect, Meter, MetricSource, Operation, Service};
use super::tagging::Tagged;
use crate::world::World;
pub(super) use change::next_window;
pub(super) use read::{page, window};
pub use state::Databases;

pub static SERVICE: Service = Service {
    name: "rds",
    doc: "database instances",
    operations: &[
        row("AddTagsToResource", "tags an instance or snapshot", Effect::Write, change::add_tags),
        row("CreateDBInstance", "makes an instance", Effect::Write, change::create),
        row("CreateDBSnapshot", "makes a snapshot", Effect::Write, change::snapshot),
        row("DeleteDBInstance", "deletes an instance, with or without a last snapshot", Effect::Write, change::delete),
        row("DeleteDBSnapshot", "deletes a snapshot", Effect::Write, change::delete_snapshot),
        row("DescribeDBInstances", "instances and their status", Effect::Read, read::instances),
        row("DescribeDBSnapshots", "snapshots", Effect::Read, read::snapshots),
        row("DescribeEvents", "what happened to instances in the last 14 days", Effect::Read, read::events),
        row("ListTagsForResource", "an instance's or snapshot's tags", Effect::Read, read::tags),
        row("ModifyDBInstance", "changes an instance, at once or in its window", Effect::Write, change::modify),
        row("RebootDBInstance", "restarts an instance", Effect::Write, change::reboot),
        row("RemoveTagsFromResource", "untags an instance or snapshot", Effect::Write, change::remove_tags),
        row("StartDBInstance", "starts a stopped instance", Effect::Write, change::start),
        row("StopDBInstance", "stops an instance for up to seven days", Effect::Write, change::stop),
    ],
    metrics: &[MetricSource { namespace: "AWS/RDS", list: metrics::list, minutes: metrics::minutes }],
    logs: &[],
    meters: &[Meter { usage_types: state::USAGE_TYPES, read: state::used }],
};

type Run = fn(&mut World, &super::call::Call) -> Result<super::call::Answer, super::call::Fault>;

const fn row(name: &'static str, doc: &'static str, effect: Effect, run: Run) -> Operation {
    Operation { name, doc, effect, run }
}

/// Instances and snapshots that exist now, with their tags.
pub fn tagged(world: &World) -> Vec<Tagged> {
    let databases = &world.aws.databases;
    let instances = databases.living(world.now).map(|instance| tags_of(world, instance));
    let snapshots = databases.snapshots.iter().filter(|snapshot| snapshot.deleted.is_none()).map(|snapshot| Tagged {
        arn: state::arn(world, "snapshot", &snapshot.name),
        kind: state::SNAPSHOT,
        name: snapshot.name.clone(),
        tags: snapshot.tags.clone(),
    });
    instances.chain(snapshots).collect()
}

/// Deleted instances with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<Tagged> {
    let all = world.aws.databases.instances.iter();
    let gone = all.filter(|instance| instance.status(world.now) == state::Status::Gone);
    gone.map(|instance| tags_of(world, instance)).collect()
}

fn tags_of(world: &World, instance: &state::Instance) -> Tagged {
    let (arn, name) = (state::arn(world, "db", &instance.name), instance.name.clone());
    Tagged { arn, kind: state::INSTANCE, name, tags: instance.tags.clone() }
}

//! What groups and snapshots are from when on, and what of it is charged. A cluster of its own is a group of one. Does not
//! know requests.

use super::super::ce::calendar;
use super::super::rds::state::per_month;
use super::super::service::Used;
use super::super::timeline::{self, Timeline};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

pub const CLUSTER: &str = "AWS::ElastiCache::CacheCluster";
pub const GROUP: &str = "AWS::ElastiCache::ReplicationGroup";
pub const SNAPSHOT: &str = "AWS::ElastiCache::Snapshot";

/// Everything there is and was; what is gone stays for the bill.
#[derive(Clone, Debug, Default)]
pub struct Caches {
    pub(super) groups: Arc<Vec<Group>>,
    pub(super) snapshots: Arc<Vec<Snapshot>>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub name: Arc<str>,
    /// Tells apart groups that had the same name one after another.
    pub serial: usize,
    /// A cluster that belongs to no group.
    pub alone: bool,
    pub description: String,
    pub created: Time,
    pub engine: Engine,
    pub life: Timeline<State>,
    pub tags: BTreeMap<String, String>,
    /// What happened and will happen: time, message.
    pub events: Vec<(Time, String)>,
}

/// What stays as it was made.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    pub name: String,
    pub version: String,
    pub port: i64,
    pub subnet_group: String,
    pub parameter_group: String,
    pub security_groups: Vec<String>,
    pub encrypted_in_transit: bool,
    pub encrypted_at_rest: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub status: Status,
    pub shape: Arc<Shape>,
    /// Where a modification will lead.
    pub pending: Option<Arc<Shape>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub node_type: String,
    pub nodes: i64,
    pub failover: bool,
    pub multi_az: bool,
    pub retention_days: i64,
    pub snapshot_window: String,
    pub maintenance_window: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Available,
    Creating,
    Deleting,
    Gone,
    Modifying,
    Snapshotting,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Available => "available",
            Status::Creating => "creating",
            Status::Deleting => "deleting",
            Status::Gone => "deleted",
            Status::Modifying => "modifying",
            Status::Snapshotting => "snapshotting",
        }
    }

    /// Whether node-hours are charged: from available until deletion begins (pricing page).
    pub fn runs(self) -> bool {
        matches!(self, Status::Available | Status::Modifying | Status::Snapshotting)
    }
}

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub name: Arc<str>,
    /// The group it is of, as it was.
    pub group: Group,
    pub shape: Arc<Shape>,
    pub ready: Time,
    pub deleted: Option<Time>,
    pub tags: BTreeMap<String, String>,
    /// Megabytes.
    pub stored: i64,
}

/// How long a snapshot takes (in-game).
pub const SNAPSHOT_TAKES: Span = Span::mins(2);

impl Caches {
    pub fn living(&self, at: Time) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.status(at) != Status::Gone)
    }
}

impl Group {
    pub fn status(&self, at: Time) -> Status {
        self.life.at(at).map_or(Status::Gone, |state| state.status)
    }

    pub fn kind(&self) -> &'static str {
        if self.alone { CLUSTER } else { GROUP }
    }

    pub fn arn_kind(&self) -> &'static str {
        if self.alone { "cluster" } else { "replicationgroup" }
    }

    /// Clusters: `desk-sessions-001`; the first is the primary.
    pub fn member(&self, index: i64) -> String {
        if self.alone { self.name.to_string() } else { format!("{}-{:03}", self.name, index + 1) }
    }
}

/// `arn:aws:elasticache:REGION:ACCOUNT:KIND:NAME`.
pub fn arn(world: &World, kind: &str, name: &str) -> String {
    super::super::arn::make("elasticache", &world.aws.region, &world.aws.id, &format!("{kind}:{name}"))
}

/// The one that ends in a dot goes on with a node type.
pub static USAGE_TYPES: &[&str] = &["BackupUsage", "NodeUsage:cache."];

const SERVICE: &str = "Amazon ElastiCache";

/// Codes of engines in bills (user guide: `CreateCacheCluster:0002` is Redis OSS).
fn operation(engine: &str) -> &'static str {
    match engine {
        "memcached" => "CreateCacheCluster:0001",
        "valkey" => "CreateCacheCluster:0003",
        _ => "CreateCacheCluster:0002",
    }
}

/// Node-hours and gigabyte-months of snapshots in the hours `from..to`.
pub fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    let (start, end) = (calendar::time(from), calendar::time(to));
    for group in world.aws.caches.groups.iter() {
        let mut sums: BTreeMap<(i64, String), i128> = BTreeMap::new();
        for (start, end, state) in group.life.spans(start, end).filter(|(_, _, state)| state.status.runs()) {
            for (hour, ms) in timeline::hours(start, end) {
                let usage_type = format!("NodeUsage:{}", state.shape.node_type);
                *sums.entry((hour, usage_type)).or_default() += i128::from(ms * state.shape.nodes);
            }
        }
        for ((hour, usage_type), ms) in sums {
            let (micros, resource) = (ms * 1_000_000 / i128::from(calendar::HOUR), group.name.clone());
            let operation = operation(&group.engine.name);
            out.push(Used { hour, service: SERVICE, usage_type, operation, micros, resource });
        }
    }
    for snapshot in world.aws.caches.snapshots.iter() {
        let gone = snapshot.deleted.unwrap_or(end).min(end);
        for (hour, ms) in timeline::hours(snapshot.ready.max(start), gone) {
            out.push(Used {
                hour,
                service: SERVICE,
                usage_type: "BackupUsage".into(),
                operation: operation(&snapshot.group.engine.name),
                micros: per_month(i128::from(ms * snapshot.stored) / 1_024, hour),
                resource: snapshot.name.clone(),
            });
        }
    }
    out
}

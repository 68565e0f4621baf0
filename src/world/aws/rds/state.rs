//! What instances and snapshots are from when on, and what of it is charged. Does not know requests.

use super::super::ce::calendar;
use super::super::service::Used;
use super::super::timeline::{self, Timeline};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

pub const INSTANCE: &str = "AWS::RDS::DBInstance";
pub const SNAPSHOT: &str = "AWS::RDS::DBSnapshot";

/// Everything there is and was; what is gone stays for the bill.
#[derive(Clone, Debug, Default)]
pub struct Databases {
    pub(super) instances: Arc<Vec<Instance>>,
    pub(super) snapshots: Arc<Vec<Snapshot>>,
}

#[derive(Clone, Debug)]
pub struct Instance {
    pub name: Arc<str>,
    /// `db-` and 26 capitals and digits.
    pub resource_id: String,
    pub created: Time,
    pub engine: Engine,
    pub life: Timeline<State>,
    pub tags: BTreeMap<String, String>,
    /// What happened and will happen: time, category, message.
    pub events: Vec<(Time, &'static str, String)>,
}

/// What stays as it was made.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    pub name: String,
    pub user: String,
    pub database: String,
    pub port: i64,
    pub subnet_group: String,
    pub encrypted: bool,
    pub zone: String,
    pub parameter_group: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub status: Status,
    pub shape: Arc<Shape>,
    /// Where a modification will lead.
    pub pending: Option<Arc<Shape>>,
    /// When a stopped instance starts by itself.
    pub restarts: Option<Time>,
}

/// What a modification can change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub class: String,
    pub multi_az: bool,
    /// GiB.
    pub storage: i64,
    pub storage_type: String,
    pub version: String,
    pub retention_days: i64,
    pub backup_window: String,
    pub maintenance_window: String,
    pub protected: bool,
    pub public: bool,
    pub security_groups: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Available,
    Creating,
    Deleting,
    Gone,
    Modifying,
    Rebooting,
    Starting,
    Stopped,
    Stopping,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Available => "available",
            Status::Creating => "creating",
            Status::Deleting => "deleting",
            Status::Gone => "deleted",
            Status::Modifying => "modifying",
            Status::Rebooting => "rebooting",
            Status::Starting => "starting",
            Status::Stopped => "stopped",
            Status::Stopping => "stopping",
        }
    }

    /// Whether instance-hours are charged (user guide, "Viewing Amazon RDS DB instance status").
    pub fn runs(self) -> bool {
        matches!(self, Status::Available | Status::Modifying | Status::Rebooting)
    }

    /// Whether storage is charged (the same table).
    pub fn stores(self) -> bool {
        self.runs() || matches!(self, Status::Starting | Status::Stopped | Status::Stopping)
    }
}

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub name: Arc<str>,
    pub instance: Arc<str>,
    pub started: Time,
    pub ready: Time,
    pub deleted: Option<Time>,
    pub tags: BTreeMap<String, String>,
    pub engine: Engine,
    pub shape: Arc<Shape>,
    /// Megabytes that were stored.
    pub stored: i64,
    pub created: Time,
}

/// How long a snapshot takes (in-game).
pub const SNAPSHOT_TAKES: Span = Span::mins(3);

impl Databases {
    /// Also those that are gone.
    pub fn ever(&self) -> impl Iterator<Item = &Instance> {
        self.instances.iter()
    }

    /// Instances that exist at a time.
    pub fn living(&self, at: Time) -> impl Iterator<Item = &Instance> {
        self.instances.iter().filter(move |instance| instance.status(at) != Status::Gone)
    }
}

impl Instance {
    pub fn status(&self, at: Time) -> Status {
        self.life.at(at).map_or(Status::Gone, |state| state.status)
    }
}

/// `arn:aws:rds:REGION:ACCOUNT:db:NAME`.
pub fn arn(world: &World, kind: &str, name: &str) -> String {
    super::super::arn::make("rds", &world.aws.region, &world.aws.id, &format!("{kind}:{name}"))
}

/// Megabytes stored in an instance at a time: declared, or a tenth of what it may hold.
pub fn stored(world: &World, instance: &Instance, shape: &Shape, at: Time) -> i64 {
    let declared = super::super::load::at(world, &instance.name, at).stored;
    let room = shape.storage * 1_024;
    if declared > 0 { declared.min(room) } else { room / 10 }
}

/// Those that end in a dot go on with an instance class.
pub static USAGE_TYPES: &[&str] = &[
    "InstanceUsage:db.",
    "Multi-AZUsage:db.",
    "RDS:ChargedBackupUsage",
    "RDS:GP2-Storage",
    "RDS:GP3-Storage",
    "RDS:Multi-AZ-GP2-Storage",
    "RDS:Multi-AZ-GP3-Storage",
];

const SERVICE: &str = "Amazon Relational Database Service";

/// Codes of engines in bills (user guide: `CreateDBInstance:0014` is PostgreSQL).
fn operation(engine: &str) -> &'static str {
    match engine {
        "mysql" => "CreateDBInstance:0002",
        "mariadb" => "CreateDBInstance:0018",
        _ => "CreateDBInstance:0014",
    }
}

/// Instance-hours, gigabyte-months of storage and of snapshots in the hours `from..to`.
pub fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut out = Vec::new();
    let databases = &world.aws.databases;
    for instance in databases.instances.iter() {
        // A class for milliseconds of each hour; gigabyte-milliseconds of each kind of storage.
        let mut sums: BTreeMap<(i64, String), i128> = BTreeMap::new();
        for (start, end, state) in instance.life.spans(calendar::time(from), calendar::time(to)) {
            let shape = &state.shape;
            let kind = if shape.storage_type == "gp2" { "GP2" } else { "GP3" };
            let (class, storage) = match shape.multi_az {
                true => (format!("Multi-AZUsage:{}", shape.class), format!("RDS:Multi-AZ-{kind}-Storage")),
                false => (format!("InstanceUsage:{}", shape.class), format!("RDS:{kind}-Storage")),
            };
            for (hour, ms) in timeline::hours(start, end) {
                if state.status.runs() {
                    *sums.entry((hour, class.clone())).or_default() += i128::from(ms);
                }
                if state.status.stores() {
                    *sums.entry((hour, storage.clone())).or_default() += i128::from(ms * shape.storage);
                }
            }
        }
        for ((hour, usage_type), amount) in sums {
            let micros = match usage_type.starts_with("RDS:") {
                true => per_month(amount, hour),
                false => amount * 1_000_000 / i128::from(calendar::HOUR),
            };
            let operation = operation(&instance.engine.name);
            let resource = instance.name.clone();
            out.push(Used { hour, service: SERVICE, usage_type, operation, micros, resource });
        }
    }
    backups(world, from, to, &mut out);
    out
}

/// Gigabyte-milliseconds of an hour as millionths of gigabyte-months: a month has as many hours as it has.
pub fn per_month(amount: i128, hour: i64) -> i128 {
    let hours = calendar::month_end(hour) - calendar::month_start(hour);
    amount * 1_000_000 / i128::from(calendar::HOUR * hours)
}

/// Snapshots are free up to the storage of the region's instances (pricing page, "Backup storage"); what is more is charged
/// to the newest first. Whole hours.
fn backups(world: &World, from: i64, to: i64, out: &mut Vec<Used>) {
    let databases = &world.aws.databases;
    let Some(first) = databases.snapshots.iter().map(|snapshot| calendar::hour(snapshot.ready) + 1).min() else {
        return;
    };
    for hour in from.max(first)..to {
        let at = calendar::time(hour);
        let free: i64 = databases
            .instances
            .iter()
            .filter_map(|instance| instance.life.at(at))
            .filter(|state| state.status.stores())
            .map(|state| state.shape.storage * 1_024)
            .sum();
        let there = |snapshot: &&Snapshot| snapshot.ready <= at && snapshot.deleted.is_none_or(|deleted| deleted > at);
        let mut free = free;
        for snapshot in databases.snapshots.iter().filter(there) {
            let charged = (snapshot.stored - free).max(0);
            free = (free - snapshot.stored).max(0);
            if charged > 0 {
                out.push(Used {
                    hour,
                    service: SERVICE,
                    usage_type: "RDS:ChargedBackupUsage".into(),
                    operation: operation(&snapshot.engine.name),
                    micros: per_month(i128::from(charged) * i128::from(calendar::HOUR) / 1_024, hour),
                    resource: snapshot.name.clone(),
                });
            }
        }
    }
}

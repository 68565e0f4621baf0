//! Making, changing, stopping and deleting instances and snapshots. What takes minutes is planned as change points; nothing
//! is on an agenda. Does not know who asks.

use super::super::call::{Answer, Call, Fault};
use super::super::tagging;
use super::body;
use super::state::{self, Engine, INSTANCE, Instance, SNAPSHOT, SNAPSHOT_TAKES, Shape, Snapshot, State, Status};
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Value, json};
use std::sync::Arc;

// How long things take: of the order that the user guide and experience give; the exact spans are in-game.
const CREATE: Span = Span::mins(6);
const CREATE_MULTI_AZ: Span = Span::mins(11);
const MODIFY: Span = Span::mins(6);
const MODIFY_MULTI_AZ: Span = Span::mins(12);
const REBOOT: Span = Span::secs(70);
const STOP: Span = Span::mins(4);
const START: Span = Span::mins(7);
const DELETE: Span = Span::mins(4);
/// An accepted modification begins a little later.
const BEGINS: Span = Span::secs(20);
/// A stopped instance is started after seven days (user guide, "Stopping an Amazon RDS DB instance temporarily").
const STOPPED_MOST: Span = Span::hours(24 * 7);
/// Instances an account can have in a region (quotas).
const MOST: usize = 40;

/// A fault of RDS's.
pub fn fault(code: &str, say: impl Into<String>) -> Fault {
    Fault::new(code, say)
}

pub fn bad_arn(arn: &str) -> Fault {
    let say = format!("The specified resource name does not match an RDS resource in this region: {arn}");
    fault("InvalidParameterValue", say)
}

pub fn find<'a>(world: &'a World, name: &str) -> Result<&'a Instance, Fault> {
    let found = world.aws.databases.living(world.now).find(|instance| instance.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| fault("DBInstanceNotFound", format!("DBInstance {name} not found.")))
}

pub fn find_snapshot<'a>(world: &'a World, name: &str) -> Result<&'a Snapshot, Fault> {
    let mut living = world.aws.databases.snapshots.iter().filter(|snapshot| snapshot.deleted.is_none());
    let found = living.find(|snapshot| snapshot.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| fault("DBSnapshotNotFound", format!("DBSnapshot {name} not found.")))
}

/// The instance a call names, as it is now.
fn called(world: &World, call: &Call) -> Result<(Instance, State), Fault> {
    let instance = find(world, call.text("DBInstanceIdentifier").unwrap_or_default())?.clone();
    let state = instance.life.at(world.now).cloned();
    let name = instance.name.clone();
    let state = state.ok_or_else(|| fault("DBInstanceNotFound", format!("DBInstance {name} not found.")))?;
    Ok((instance, state))
}

/// Puts an instance back and answers with it.
fn keep(world: &mut World, instance: Instance, changed: Vec<FieldChange>) -> Answer {
    let name = instance.name.clone();
    let now = world.now;
    let body = body::instance(world, &instance, now);
    let all = Arc::make_mut(&mut world.aws.databases.instances);
    match all.iter_mut().find(|known| known.resource_id == instance.resource_id) {
        Some(known) => *known = instance,
        None => all.push(instance),
    }
    Answer::of(json!({"DBInstance": body})).about("/DBInstance", INSTANCE, &name).altering(INSTANCE, &name, changed)
}

fn changed(path: &str, before: impl ToString, after: impl ToString) -> FieldChange {
    FieldChange { path: path.into(), before: Some(before.to_string()), after: Some(after.to_string()) }
}

impl Instance {
    /// Something happens at a time; what was to come after `now` is no longer planned.
    fn forget(&mut self, now: Time) {
        self.events.retain(|(at, ..)| *at <= now);
    }

    fn tell(&mut self, at: Time, category: &'static str, message: impl Into<String>) {
        self.events.push((at, category, message.into()));
    }
}

static ENGINES: &[(&str, &str, i64)] =
    &[("mariadb", "10.11.10", 3306), ("mysql", "8.0.40", 3306), ("postgres", "15.10", 5432)];

/// Instance classes: those the price book knows.
fn known_class(class: &str) -> Result<(), Fault> {
    let wanted = format!("InstanceUsage:{class}");
    if super::super::prices::known().any(|(_, usage_type)| usage_type == wanted) {
        return Ok(());
    }
    Err(fault("InvalidParameterValue", format!("Invalid DB Instance class: {class}")))
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("DBInstanceIdentifier").unwrap_or_default().to_lowercase();
    check_name(&name)?;
    if find(world, &name).is_ok() {
        return Err(fault("DBInstanceAlreadyExists", "DB instance already exists"));
    }
    if world.aws.databases.living(world.now).count() >= MOST {
        return Err(fault("InstanceQuotaExceeded", "Cannot create more than 40 DB instances"));
    }
    let engine = call.text("Engine").unwrap_or_default();
    let Some((_, version, port)) = ENGINES.iter().find(|(known, ..)| *known == engine) else {
        return Err(fault("InvalidParameterValue", format!("Invalid DB engine: {engine}")));
    };
    let shape = shape_of(call, version)?;
    let multi = shape.multi_az;
    let text = |member: &str| call.text(member).unwrap_or_default().to_string();
    let major = shape.version.split('.').next().unwrap_or_default();
    let made = Instance {
        name: Arc::from(name.as_str()),
        resource_id: resource_id(world, &name),
        created: world.now + CREATE,
        engine: Engine {
            name: engine.to_string(),
            user: text("MasterUsername"),
            database: text("DBName"),
            port: call.whole("Port").unwrap_or(*port),
            subnet_group: text("DBSubnetGroupName"),
            encrypted: call.yes("StorageEncrypted").unwrap_or(false),
            zone: call.text("AvailabilityZone").map_or_else(|| format!("{}a", world.aws.region), str::to_string),
            parameter_group: call
                .text("DBParameterGroupName")
                .map_or_else(|| format!("default.{engine}{major}"), str::to_string),
        },
        life: Default::default(),
        tags: tagging::read(call.list("Tags")),
        events: Vec::new(),
    };
    Ok(begin(world, made, shape, if multi { CREATE_MULTI_AZ } else { CREATE }))
}

fn begin(world: &mut World, mut made: Instance, shape: Shape, takes: Span) -> Answer {
    let shape = Arc::new(shape);
    let (now, ready) = (world.now, world.now + takes);
    let state = |status| State { status, shape: shape.clone(), pending: None, restarts: None };
    made.life.set(now, state(Status::Creating));
    made.life.plan(ready, state(Status::Available));
    made.tell(made.created, "creation", "DB instance created");
    let class = changed("DBInstanceClass", "", &shape.class);
    keep(world, made, vec![FieldChange { before: None, ..class }])
}

fn check_name(name: &str) -> Result<(), Fault> {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let letters = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if starts && letters && name.len() <= 63 && !name.ends_with('-') && !name.contains("--") {
        return Ok(());
    }
    let say = "The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must \
               contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive \
               hyphens.";
    Err(fault("InvalidParameterValue", say))
}

fn shape_of(call: &Call, version: &str) -> Result<Shape, Fault> {
    let class = call.text("DBInstanceClass").unwrap_or_default();
    known_class(class)?;
    let storage = call.whole("AllocatedStorage").unwrap_or(20);
    if !(20..=65_536).contains(&storage) {
        let say = format!(
            "Invalid storage size for engine name {} and storage type gp3: {storage}",
            call.text("Engine").unwrap_or("")
        );
        return Err(fault("InvalidParameterCombination", say));
    }
    let text = |member: &str, other: &str| call.text(member).unwrap_or(other).to_string();
    Ok(Shape {
        class: class.to_string(),
        multi_az: call.yes("MultiAZ").unwrap_or(false),
        storage,
        storage_type: text("StorageType", "gp3"),
        version: text("EngineVersion", version),
        retention_days: call.whole("BackupRetentionPeriod").unwrap_or(1),
        backup_window: text("PreferredBackupWindow", "17:10-17:40"),
        maintenance_window: text("PreferredMaintenanceWindow", "sun:18:00-sun:18:30"),
        protected: call.yes("DeletionProtection").unwrap_or(false),
        public: call.yes("PubliclyAccessible").unwrap_or(false),
        security_groups: call.texts("VpcSecurityGroupIds").iter().map(ToString::to_string).collect(),
    })
}

fn resource_id(world: &World, name: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // A name used again names another instance.
    let again = world.aws.databases.instances.len();
    let mut dice = Dice::new(world.seed).fork("rds").fork(&format!("{name} {again}"));
    let signs = (0..26).filter_map(|_| dice.pick(SIGNS).copied()).map(char::from);
    format!("db-{}", signs.collect::<String>())
}

/// The next beginning of a window like `sun:18:00-sun:18:30`.
pub fn next_window(now: Time, window: &str) -> Time {
    const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    let mut parts = window.split('-').next().unwrap_or_default().split(':');
    let day = parts.next().and_then(|day| DAYS.iter().position(|known| *known == day)).unwrap_or(3) as i64;
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0).clamp(0, 59);
    let (hour, minute) = (number(), number());
    // 1970 began on a Thursday.
    const WEEK: i64 = 7 * 24 * 60;
    let into = day * 24 * 60 + hour * 60 + minute;
    let minutes = now.0.div_euclid(60_000);
    Time((minutes + (into - minutes).rem_euclid(WEEK)) * 60_000).max(now)
}

pub fn modify(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut instance, state) = called(world, call)?;
    if state.status != Status::Available && state.status != Status::Stopped {
        let say = format!("Database instance is not in available state. Current state is {}.", state.status.word());
        return Err(fault("InvalidDBInstanceState", say));
    }
    let (mut shape, mut next) = ((*state.shape).clone(), state.pending.as_deref().unwrap_or(&state.shape).clone());
    at_once(call, &mut shape);
    at_once(call, &mut next);
    later(call, &state.shape, &mut next)?;
    let differences = differences(&state.shape, &next);
    let (shape, next, now) = (Arc::new(shape), Arc::new(next), world.now);
    instance.forget(now);
    let is = |status, pending| State { status, shape: shape.clone(), pending, restarts: None };
    let done = State { status: Status::Available, shape: next.clone(), pending: None, restarts: None };
    let waits = Some(next.clone()).filter(|next| *next != shape);
    if waits.is_none() {
        instance.life.set(now, State { pending: None, shape: shape.clone(), ..state });
        return Ok(keep(world, instance, differences));
    }
    let takes = if shape.multi_az != next.multi_az && next.multi_az { MODIFY_MULTI_AZ } else { MODIFY };
    let begins = match call.yes("ApplyImmediately").unwrap_or(false) {
        true => now + BEGINS,
        false => next_window(now + Span::secs(1), &shape.maintenance_window),
    };
    instance.life.set(now, is(Status::Available, waits.clone()));
    instance.life.plan(begins, is(Status::Modifying, waits));
    instance.life.plan(begins + takes, done);
    tell_modified(&mut instance, &shape, &next, begins, begins + takes);
    Ok(keep(world, instance, differences))
}

/// Settings that hold as soon as they are accepted (user guide, "Settings for DB instances").
fn at_once(call: &Call, shape: &mut Shape) {
    let set = |member: &str, field: &mut String| {
        if let Some(text) = call.text(member) {
            *field = text.to_string();
        }
    };
    set("PreferredBackupWindow", &mut shape.backup_window);
    set("PreferredMaintenanceWindow", &mut shape.maintenance_window);
    shape.retention_days = call.whole("BackupRetentionPeriod").unwrap_or(shape.retention_days);
    shape.protected = call.yes("DeletionProtection").unwrap_or(shape.protected);
    shape.public = call.yes("PubliclyAccessible").unwrap_or(shape.public);
    let groups = call.texts("VpcSecurityGroupIds");
    if !groups.is_empty() {
        shape.security_groups = groups.iter().map(ToString::to_string).collect();
    }
}

/// Settings that wait for the window or are applied at once by `ApplyImmediately`.
fn later(call: &Call, now: &Shape, next: &mut Shape) -> Result<(), Fault> {
    if let Some(class) = call.text("DBInstanceClass") {
        known_class(class)?;
        next.class = class.to_string();
    }
    next.multi_az = call.yes("MultiAZ").unwrap_or(next.multi_az);
    if let Some(storage) = call.whole("AllocatedStorage") {
        if storage < now.storage {
            let say = format!(
                "Invalid storage size. The requested storage size cannot be less than the current storage size ({})",
                now.storage
            );
            return Err(fault("InvalidParameterCombination", say));
        }
        next.storage = storage;
    }
    if let Some(kind) = call.text("StorageType") {
        next.storage_type = kind.to_string();
    }
    if let Some(version) = call.text("EngineVersion") {
        next.version = version.to_string();
    }
    Ok(())
}

fn differences(before: &Shape, after: &Shape) -> Vec<FieldChange> {
    let rows = [
        ("DBInstanceClass", before.class.clone(), after.class.clone()),
        ("MultiAZ", before.multi_az.to_string(), after.multi_az.to_string()),
        ("AllocatedStorage", before.storage.to_string(), after.storage.to_string()),
        ("StorageType", before.storage_type.clone(), after.storage_type.clone()),
        ("EngineVersion", before.version.clone(), after.version.clone()),
        ("BackupRetentionPeriod", before.retention_days.to_string(), after.retention_days.to_string()),
        ("DeletionProtection", before.protected.to_string(), after.protected.to_string()),
        ("PubliclyAccessible", before.public.to_string(), after.public.to_string()),
        ("VpcSecurityGroupIds", before.security_groups.join(","), after.security_groups.join(",")),
    ];
    rows.into_iter().filter(|(_, before, after)| before != after).map(|(path, b, a)| changed(path, b, a)).collect()
}

fn tell_modified(instance: &mut Instance, before: &Shape, after: &Shape, begins: Time, done: Time) {
    if before.class != after.class {
        instance.tell(begins, "configuration change", "Applying modification to database instance class");
        instance.tell(done, "configuration change", "Finished applying modification to DB instance class");
    }
    if before.multi_az != after.multi_az {
        let (start, end) = match after.multi_az {
            true => ("Applying modification to convert to a Multi-AZ DB instance", "Multi-AZ DB instance"),
            false => {
                ("Applying modification to convert to a standard (Single-AZ) DB instance", "Single-AZ DB instance")
            }
        };
        instance.tell(begins, "configuration change", start);
        instance.tell(done, "configuration change", format!("Finished applying modification to convert to a {end}"));
    }
    if before.storage != after.storage {
        instance.tell(begins, "configuration change", "Applying modification to allocated storage");
        instance.tell(done, "configuration change", "Finished applying modification to allocated storage");
    }
}

/// The only way on from here for most operations.
fn must_be_available(instance: &Instance, state: &State) -> Result<(), Fault> {
    if state.status == Status::Available {
        return Ok(());
    }
    Err(fault("InvalidDBInstanceState", format!("Instance {} is not in available state.", instance.name)))
}

/// Goes through a status for a while and then is something else; modifications that wait for a window go on waiting.
fn pass(world: &World, instance: &mut Instance, state: &State, through: Status, takes: Span, then: Status) -> Time {
    let planned: Vec<(Time, State)> =
        instance.life.points().iter().filter(|(at, _)| *at > world.now).cloned().collect();
    let done = world.now + takes;
    instance.life.set(world.now, State { status: through, restarts: None, ..state.clone() });
    instance.life.plan(done, State { status: then, restarts: None, ..state.clone() });
    for (at, state) in planned.into_iter().filter(|(at, _)| *at > done && then == Status::Available) {
        instance.life.plan(at, state);
    }
    done
}

pub fn reboot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut instance, state) = called(world, call)?;
    must_be_available(&instance, &state)?;
    let failover = call.yes("ForceFailover").unwrap_or(false);
    if failover && !state.shape.multi_az {
        let say = "Reboot with force failover can only be used with Multi-AZ DB instances";
        return Err(fault("InvalidParameterCombination", say));
    }
    let done = pass(world, &mut instance, &state, Status::Rebooting, REBOOT, Status::Available);
    instance.tell(world.now + Span::secs(20), "availability", "DB instance shutdown");
    instance.tell(done - Span::secs(10), "availability", "DB instance restarted");
    if failover {
        instance.tell(world.now + Span::secs(5), "failover", "Multi-AZ instance failover started.");
        instance.tell(done, "failover", "Multi-AZ instance failover completed");
    }
    Ok(keep(world, instance, vec![FieldChange { path: "Reboot".into(), before: None, after: Some("true".into()) }]))
}

pub fn stop(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut instance, state) = called(world, call)?;
    must_be_available(&instance, &state)?;
    if let Some(name) = call.text("DBSnapshotIdentifier") {
        take_snapshot(world, &instance, name, call.list("Tags"))?;
    }
    let now = world.now;
    instance.forget(now);
    let (stopped, starts) = (now + STOP, now + STOPPED_MOST);
    let is = |status, restarts| State { status, restarts, ..state.clone() };
    instance.life.set(now, is(Status::Stopping, None));
    instance.life.plan(stopped, is(Status::Stopped, Some(starts)));
    instance.life.plan(starts, is(Status::Starting, None));
    instance.life.plan(starts + START, is(Status::Available, None));
    instance.tell(stopped, "notification", "DB instance stopped");
    let say = "DB instance is being started due to it exceeding the maximum allowed time being stopped.";
    instance.tell(starts, "notification", say);
    instance.tell(starts + START, "notification", "DB instance started");
    Ok(keep(world, instance, vec![changed("DBInstanceStatus", "available", "stopped")]))
}

pub fn start(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut instance, state) = called(world, call)?;
    if state.status != Status::Stopped {
        let say = format!(
            "Instance {} cannot be started as it is not in one of the following statuses: 'stopped, \
             inaccessible-encryption-credentials-recoverable, incompatible-network (only valid for non-SqlServer instances)'.",
            instance.name
        );
        return Err(fault("InvalidDBInstanceState", say));
    }
    let now = world.now;
    instance.forget(now);
    let is = |status| State { status, restarts: None, ..state.clone() };
    instance.life.set(now, is(Status::Starting));
    instance.life.plan(now + START, is(Status::Available));
    instance.tell(now + START, "notification", "DB instance started");
    Ok(keep(world, instance, vec![changed("DBInstanceStatus", "stopped", "available")]))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut instance, state) = called(world, call)?;
    let (skip, last) = (call.yes("SkipFinalSnapshot").unwrap_or(false), call.text("FinalDBSnapshotIdentifier"));
    if state.status == Status::Deleting {
        let say = format!("Instance {} is already being deleted.", instance.name);
        return Err(fault("InvalidDBInstanceState", say));
    }
    let wrong = |say: &str| Err(fault("InvalidParameterCombination", say));
    match (skip, last) {
        _ if state.shape.protected => {
            return wrong("Cannot delete protected DB Instance, please disable deletion protection and try again.");
        }
        (false, None) => return wrong("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."),
        (true, Some(_)) => {
            return wrong("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.");
        }
        (_, Some(name)) => {
            if state.status != Status::Available {
                let say = format!("Instance {} is not in available state.", instance.name);
                return Err(fault("InvalidDBInstanceState", say));
            }
            take_snapshot(world, &instance, name, &[])?;
        }
        (true, None) => {}
    }
    let now = world.now;
    instance.forget(now);
    let gone = now + DELETE + if last.is_some() { SNAPSHOT_TAKES } else { Span::ZERO };
    instance.life.set(now, State { status: Status::Deleting, restarts: None, ..state.clone() });
    instance.life.plan(gone, State { status: Status::Gone, restarts: None, ..state.clone() });
    instance.tell(gone, "deletion", "DB instance deleted");
    let kept = last.map_or_else(|| "none".to_string(), str::to_string);
    let change = vec![
        FieldChange { path: "DBInstanceStatus".into(), before: Some(state.status.word().into()), after: None },
        FieldChange { path: "FinalDBSnapshotIdentifier".into(), before: None, after: Some(kept) },
    ];
    Ok(keep(world, instance, change))
}

fn take_snapshot(world: &mut World, instance: &Instance, name: &str, tags: &[Value]) -> Result<Snapshot, Fault> {
    if find_snapshot(world, name).is_ok() {
        let say = format!("Cannot create the snapshot because a snapshot with the identifier {name} already exists.");
        return Err(fault("DBSnapshotAlreadyExists", say));
    }
    let Some(state) = instance.life.at(world.now) else { return Err(fault("InternalFailure", "")) };
    let taken = Snapshot {
        name: Arc::from(name.to_lowercase()),
        instance: instance.name.clone(),
        started: world.now,
        ready: world.now + SNAPSHOT_TAKES,
        deleted: None,
        tags: tagging::read(tags),
        engine: instance.engine.clone(),
        shape: state.shape.clone(),
        stored: state::stored(world, instance, &state.shape, world.now),
        created: instance.created,
    };
    Arc::make_mut(&mut world.aws.databases.snapshots).push(taken.clone());
    Ok(taken)
}

pub fn snapshot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut instance, state) = called(world, call)?;
    must_be_available(&instance, &state)?;
    let name = call.text("DBSnapshotIdentifier").unwrap_or_default();
    let taken = take_snapshot(world, &instance, name, call.list("Tags"))?;
    instance.tell(taken.started, "backup", "Creating manual snapshot");
    instance.tell(taken.ready, "backup", "Manual snapshot created");
    keep(world, instance, Vec::new());
    let body = body::snapshot(world, &taken, world.now);
    let made =
        FieldChange { path: "DBInstanceIdentifier".into(), before: None, after: Some(taken.instance.to_string()) };
    let answer = Answer::of(json!({"DBSnapshot": body})).about("/DBSnapshot", SNAPSHOT, &taken.name);
    Ok(answer.altering(SNAPSHOT, &taken.name, vec![made]))
}

pub fn delete_snapshot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = find_snapshot(world, call.text("DBSnapshotIdentifier").unwrap_or_default())?.clone();
    if found.ready > world.now {
        let say = format!("Snapshot {} is not in available state.", found.name);
        return Err(fault("InvalidDBSnapshotState", say));
    }
    let now = world.now;
    for snapshot in Arc::make_mut(&mut world.aws.databases.snapshots).iter_mut() {
        if snapshot.name == found.name && snapshot.deleted.is_none() {
            snapshot.deleted = Some(now);
        }
    }
    let mut body = body::snapshot(world, &found, now);
    body["Status"] = "deleted".into();
    let gone = FieldChange { path: "Status".into(), before: Some("available".into()), after: None };
    let answer = Answer::of(json!({"DBSnapshot": body})).about("/DBSnapshot", SNAPSHOT, &found.name);
    Ok(answer.altering(SNAPSHOT, &found.name, vec![gone]))
}

/// Changes the tags of whatever an ARN names.
fn retag(
    world: &mut World,
    call: &Call,
    change: impl Fn(&mut std::collections::BTreeMap<String, String>),
) -> Result<Answer, Fault> {
    let arn = call.text("ResourceName").unwrap_or_default();
    let tagged = super::tagged(world).into_iter().find(|tagged| tagged.arn == arn).ok_or_else(|| bad_arn(arn))?;
    let mut after = tagged.tags.clone();
    change(&mut after);
    let now = world.now;
    for instance in Arc::make_mut(&mut world.aws.databases.instances).iter_mut() {
        if tagged.kind == INSTANCE && instance.name == tagged.name && instance.status(now) != Status::Gone {
            instance.tags.clone_from(&after);
        }
    }
    for snapshot in Arc::make_mut(&mut world.aws.databases.snapshots).iter_mut() {
        if tagged.kind == SNAPSHOT && snapshot.name == tagged.name && snapshot.deleted.is_none() {
            snapshot.tags.clone_from(&after);
        }
    }
    let differences = tagging::differences(&tagged.tags, &after);
    Ok(Answer::of(Value::Null).altering(tagged.kind, &tagged.name, differences))
}

pub fn add_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let more = tagging::read(call.list("Tags"));
    retag(world, call, |tags| tags.extend(more.clone()))
}

pub fn remove_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let keys = call.texts("TagKeys");
    retag(world, call, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))
}

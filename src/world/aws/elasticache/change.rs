//! Making, changing and deleting groups, clusters and snapshots. What takes minutes is planned as change points; nothing is
//! on an agenda. Does not know who asks.

use super::super::call::{Answer, Call, Fault};
use super::super::rds::next_window;
use super::super::tagging::{self, Tagged};
use super::body;
use super::state::{Engine, Group, SNAPSHOT, SNAPSHOT_TAKES, Shape, Snapshot, State, Status};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

// How long things take: in-game, of the order that the user guide gives.
const CREATE: Span = Span::mins(7);
const MODIFY: Span = Span::mins(9);
const DELETE: Span = Span::mins(4);
const BEGINS: Span = Span::secs(20);
/// Nodes an account can have in a region (quotas).
const NODES_MOST: i64 = 300;
/// Replicas of a primary (quotas: five, so that a group has six nodes).
const GROUP_MOST: i64 = 6;

fn living<'a>(world: &'a World, name: &str) -> Option<&'a Group> {
    world.aws.caches.living(world.now).find(|group| group.name.eq_ignore_ascii_case(name))
}

pub fn find_group<'a>(world: &'a World, name: &str) -> Result<&'a Group, Fault> {
    let say = || Fault::new("ReplicationGroupNotFoundFault", format!("ReplicationGroup {name} not found."));
    living(world, name).filter(|group| !group.alone).ok_or_else(say)
}

pub fn no_cluster(name: &str) -> Fault {
    Fault::new("CacheClusterNotFound", format!("CacheCluster not found: {name}"))
}

pub fn find_snapshot<'a>(world: &'a World, name: &str) -> Result<&'a Snapshot, Fault> {
    let mut living = world.aws.caches.snapshots.iter().filter(|snapshot| snapshot.deleted.is_none());
    let found = living.find(|snapshot| *snapshot.name == *name);
    found.ok_or_else(|| Fault::new("SnapshotNotFoundFault", format!("Snapshot {name} not found")))
}

/// Also ARNs of a group's members, which have the group's tags.
pub fn by_arn(world: &World, arn: &str) -> Result<Tagged, Fault> {
    let own = |tagged: &Tagged| tagged.arn == arn;
    let say = || Fault::new("InvalidARN", format!("{arn} is not a valid ElastiCache ARN"));
    super::tagged(world).into_iter().find(own).ok_or_else(say)
}

fn called(world: &World, group: &Group) -> Result<(Group, State), Fault> {
    let state = group.life.at(world.now).cloned().ok_or_else(|| no_cluster(&group.name))?;
    Ok((group.clone(), state))
}

/// Puts a group back and answers with it.
fn keep(world: &mut World, group: Group, changed: Vec<FieldChange>) -> Answer {
    let (name, kind, now) = (group.name.clone(), group.kind(), world.now);
    let (member, body) = match group.alone {
        true => ("CacheCluster", body::cluster(world, &group, 0, false, now)),
        false => ("ReplicationGroup", body::group(world, &group, now)),
    };
    let all = Arc::make_mut(&mut world.aws.caches.groups);
    match all.iter_mut().find(|known| known.serial == group.serial) {
        Some(known) => *known = group,
        None => all.push(group),
    }
    Answer::of(json!({member: body})).about(format!("/{member}"), kind, &name).altering(kind, &name, changed)
}

fn changed(path: &str, before: impl ToString, after: impl ToString) -> FieldChange {
    FieldChange { path: path.into(), before: Some(before.to_string()), after: Some(after.to_string()) }
}

fn shape_of(call: &Call, nodes: i64) -> Result<Shape, Fault> {
    let node_type = call.text("CacheNodeType").unwrap_or_default();
    known_type(node_type)?;
    let text = |member: &str, other: &str| call.text(member).unwrap_or(other).to_string();
    let failover = call.yes("AutomaticFailoverEnabled").unwrap_or(false);
    if failover && nodes < 2 {
        let say = "Replication group with automatic failover enabled should have at least one replica";
        return Err(Fault::new("InvalidParameterValue", say));
    }
    Ok(Shape {
        node_type: node_type.to_string(),
        nodes,
        failover,
        multi_az: call.yes("MultiAZEnabled").unwrap_or(false),
        retention_days: call.whole("SnapshotRetentionLimit").unwrap_or(0),
        snapshot_window: text("SnapshotWindow", "16:30-17:30"),
        maintenance_window: text("PreferredMaintenanceWindow", "sun:19:00-sun:20:00"),
    })
}

/// Node types: those the price book knows.
fn known_type(node_type: &str) -> Result<(), Fault> {
    let wanted = format!("NodeUsage:{node_type}");
    if super::super::prices::known().any(|(_, usage_type)| usage_type == wanted) {
        return Ok(());
    }
    Err(Fault::new("InvalidParameterValue", format!("Invalid cache node type: {node_type}")))
}

static ENGINES: &[(&str, &str, &str, i64)] = &[
    ("memcached", "1.6.22", "default.memcached1.6", 11211),
    ("redis", "7.1.0", "default.redis7", 6379),
    ("valkey", "7.2.6", "default.valkey7", 6379),
];

fn create(world: &mut World, call: &Call, name: &str, alone: bool, nodes: i64) -> Result<Answer, Fault> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty()
        || name.len() > 40
        || !name.chars().all(good)
        || !name.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        let member = if alone { "CacheClusterId" } else { "ReplicationGroupId" };
        let say = format!(
            "The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII \
             letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        );
        return Err(Fault::new("InvalidParameterValue", say));
    }
    let there: i64 =
        world.aws.caches.living(world.now).filter_map(|group| group.life.at(world.now)).map(|s| s.shape.nodes).sum();
    if there + nodes > NODES_MOST {
        return Err(Fault::new(
            "NodeQuotaForCustomerExceeded",
            "The request cannot be processed because it would exceed the quota for number of nodes allowed per customer",
        ));
    }
    let engine = call.text("Engine").unwrap_or("redis");
    let Some((engine, version, parameters, port)) = ENGINES.iter().find(|(known, ..)| *known == engine) else {
        return Err(Fault::new("InvalidParameterValue", format!("Invalid engine: {engine}")));
    };
    let shape = Arc::new(shape_of(call, nodes)?);
    let text = |member: &str, other: &str| call.text(member).unwrap_or(other).to_string();
    let (now, ready) = (world.now, world.now + CREATE);
    let state = |status| State { status, shape: shape.clone(), pending: None };
    let mut made = Group {
        name: Arc::from(name.to_lowercase()),
        serial: world.aws.caches.groups.len(),
        alone,
        description: text("ReplicationGroupDescription", ""),
        created: now,
        engine: Engine {
            name: (*engine).to_string(),
            version: text("EngineVersion", version),
            port: call.whole("Port").unwrap_or(*port),
            subnet_group: text("CacheSubnetGroupName", "default"),
            parameter_group: text("CacheParameterGroupName", parameters),
            security_groups: call.texts("SecurityGroupIds").iter().map(ToString::to_string).collect(),
            encrypted_in_transit: call.yes("TransitEncryptionEnabled").unwrap_or(false),
            encrypted_at_rest: call.yes("AtRestEncryptionEnabled").unwrap_or(false),
        },
        life: Default::default(),
        tags: tagging::read(call.list("Tags")),
        events: vec![(
            ready,
            if alone { "Cache cluster created".into() } else { format!("Replication group {name} created") },
        )],
    };
    made.life.set(now, state(Status::Creating));
    made.life.plan(ready, state(Status::Available));
    let node_type = FieldChange { before: None, ..changed("CacheNodeType", "", &shape.node_type) };
    Ok(keep(world, made, vec![node_type]))
}

pub fn create_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("ReplicationGroupId").unwrap_or_default();
    if living(world, name).is_some() {
        return Err(Fault::new("ReplicationGroupAlreadyExists", format!("Replication group {name} already exists.")));
    }
    let replicas = call.whole("ReplicasPerNodeGroup").map(|replicas| replicas + 1);
    let nodes = call.whole("NumCacheClusters").or(replicas).unwrap_or(1);
    if !(1..=GROUP_MOST).contains(&nodes) {
        return Err(Fault::new("InvalidParameterValue", "NumCacheClusters must be between 1 and 6"));
    }
    if call.whole("NumNodeGroups").is_some_and(|shards| shards > 1) {
        return Err(Fault::new("InvalidParameterCombination", "Cluster mode is not available for this account"));
    }
    create(world, call, name, false, nodes)
}

pub fn create_cluster(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("CacheClusterId").unwrap_or_default();
    if living(world, name).is_some() {
        return Err(Fault::new("CacheClusterAlreadyExists", format!("Cache cluster already exists: {name}")));
    }
    let nodes = call.whole("NumCacheNodes").unwrap_or(1);
    if nodes != 1 {
        let say = "Cannot create a Redis cluster with a NumCacheNodes parameter greater than 1.";
        return Err(Fault::new("InvalidParameterValue", say));
    }
    create(world, call, name, true, nodes)
}

pub fn modify(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (mut group, state) = called(world, find_group(world, call.text("ReplicationGroupId").unwrap_or_default())?)?;
    must_be_available(&group, &state)?;
    let before = state.pending.as_deref().unwrap_or(&state.shape).clone();
    let (mut shape, mut next) = ((*state.shape).clone(), before);
    for shape in [&mut shape, &mut next] {
        shape.retention_days = call.whole("SnapshotRetentionLimit").unwrap_or(shape.retention_days);
        shape.multi_az = call.yes("MultiAZEnabled").unwrap_or(shape.multi_az);
        if let Some(window) = call.text("PreferredMaintenanceWindow") {
            shape.maintenance_window = window.to_string();
        }
        if let Some(window) = call.text("SnapshotWindow") {
            shape.snapshot_window = window.to_string();
        }
    }
    if let Some(node_type) = call.text("CacheNodeType") {
        known_type(node_type)?;
        next.node_type = node_type.to_string();
    }
    next.failover = call.yes("AutomaticFailoverEnabled").unwrap_or(next.failover);
    if let Some(description) = call.text("ReplicationGroupDescription") {
        group.description = description.to_string();
    }
    let differences = differences(&state.shape, &next);
    let (shape, next, now) = (Arc::new(shape), Arc::new(next), world.now);
    group.events.retain(|(at, _)| *at <= now);
    let pending = Some(next.clone()).filter(|next| *next != shape);
    if pending.is_none() {
        group.life.set(now, State { shape, pending: None, ..state });
        return Ok(keep(world, group, differences));
    }
    let begins = match call.yes("ApplyImmediately").unwrap_or(false) {
        true => now + BEGINS,
        false => next_window(now + Span::secs(1), &shape.maintenance_window),
    };
    let is = |status| State { status, shape: shape.clone(), pending: pending.clone() };
    group.life.set(now, is(Status::Available));
    group.life.plan(begins, is(Status::Modifying));
    group.life.plan(begins + MODIFY, State { status: Status::Available, shape: next, pending: None });
    group.events.push((begins + MODIFY, "Modifications to replication group completed".into()));
    Ok(keep(world, group, differences))
}

fn differences(before: &Shape, after: &Shape) -> Vec<FieldChange> {
    let rows = [
        ("CacheNodeType", before.node_type.clone(), after.node_type.clone()),
        ("AutomaticFailoverEnabled", before.failover.to_string(), after.failover.to_string()),
        ("MultiAZEnabled", before.multi_az.to_string(), after.multi_az.to_string()),
        ("SnapshotRetentionLimit", before.retention_days.to_string(), after.retention_days.to_string()),
    ];
    rows.into_iter().filter(|(_, before, after)| before != after).map(|(path, b, a)| changed(path, b, a)).collect()
}

fn must_be_available(group: &Group, state: &State) -> Result<(), Fault> {
    if state.status == Status::Available {
        return Ok(());
    }
    Err(match group.alone {
        true => {
            Fault::new("InvalidCacheClusterState", format!("Cache cluster {} is not in available state.", group.name))
        }
        false => {
            let say =
                format!("Replication group must be in available state. {} is {}.", group.name, state.status.word());
            Fault::new("InvalidReplicationGroupState", say)
        }
    })
}

fn delete(world: &mut World, call: &Call, mut group: Group, state: &State) -> Result<Answer, Fault> {
    must_be_available(&group, state)?;
    let last = call.text("FinalSnapshotIdentifier");
    if let Some(name) = last {
        take_snapshot(world, &group, state, name, &[])?;
    }
    let now = world.now;
    let gone = now + DELETE + if last.is_some() { SNAPSHOT_TAKES } else { Span::ZERO };
    group.events.retain(|(at, _)| *at <= now);
    group.life.set(now, State { status: Status::Deleting, ..state.clone() });
    group.life.plan(gone, State { status: Status::Gone, ..state.clone() });
    group
        .events
        .push((gone, if group.alone { "Cache cluster deleted".into() } else { "Replication group deleted".into() }));
    let kept = last.map_or_else(|| "none".to_string(), str::to_string);
    let change = vec![
        FieldChange { path: "Status".into(), before: Some(state.status.word().into()), after: None },
        FieldChange { path: "FinalSnapshotIdentifier".into(), before: None, after: Some(kept) },
    ];
    Ok(keep(world, group, change))
}

pub fn delete_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (group, state) = called(world, find_group(world, call.text("ReplicationGroupId").unwrap_or_default())?)?;
    if call.yes("RetainPrimaryCluster").unwrap_or(false) {
        return Err(Fault::new(
            "InvalidParameterCombination",
            "RetainPrimaryCluster is not available for this account",
        ));
    }
    delete(world, call, group, &state)
}

pub fn delete_cluster(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("CacheClusterId").unwrap_or_default();
    let Some(group) = living(world, name).filter(|group| group.alone) else {
        let member = |group: &&Group| (0..GROUP_MOST).any(|index| group.member(index) == name);
        return Err(match world.aws.caches.living(world.now).find(member) {
            Some(group) => {
                let say = format!(
                    "Cache cluster {name} is serving as primary or replica of replication group {}; delete the replication group instead",
                    group.name
                );
                Fault::new("InvalidCacheClusterState", say)
            }
            None => no_cluster(name),
        });
    };
    let (group, state) = called(world, group)?;
    delete(world, call, group, &state)
}

fn take_snapshot(
    world: &mut World,
    group: &Group,
    state: &State,
    name: &str,
    tags: &[Value],
) -> Result<Snapshot, Fault> {
    if find_snapshot(world, name).is_ok() {
        return Err(Fault::new(
            "SnapshotAlreadyExistsFault",
            format!("Snapshot with specified name {name} already exists."),
        ));
    }
    if group.engine.name == "memcached" {
        return Err(Fault::new("SnapshotFeatureNotSupportedFault", "Snapshot feature is not supported on memcached"));
    }
    let taken = Snapshot {
        name: Arc::from(name),
        group: group.clone(),
        shape: state.shape.clone(),
        ready: world.now + SNAPSHOT_TAKES,
        deleted: None,
        tags: tagging::read(tags),
        stored: super::super::load::at(world, &group.name, world.now).stored.max(1),
    };
    Arc::make_mut(&mut world.aws.caches.snapshots).push(taken.clone());
    Ok(taken)
}

pub fn snapshot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = match (call.text("ReplicationGroupId"), call.text("CacheClusterId")) {
        (Some(name), None) => find_group(world, name)?,
        (None, Some(name)) => {
            let of = |group: &&Group| (0..GROUP_MOST).any(|index| group.member(index) == name);
            world.aws.caches.living(world.now).find(of).ok_or_else(|| no_cluster(name))?
        }
        _ => {
            let say = "Exactly one of ReplicationGroupId and CacheClusterId must be given";
            return Err(Fault::new("InvalidParameterCombination", say));
        }
    };
    let (mut group, state) = called(world, group)?;
    must_be_available(&group, &state)?;
    let taken = take_snapshot(world, &group, &state, call.text("SnapshotName").unwrap_or_default(), call.list("Tags"))?;
    let planned: Vec<(Time, State)> = group.life.points().iter().filter(|(at, _)| *at > taken.ready).cloned().collect();
    group.life.set(world.now, State { status: Status::Snapshotting, ..state.clone() });
    group.life.plan(taken.ready, state);
    for (at, state) in planned {
        group.life.plan(at, state);
    }
    group.events.push((
        taken.ready,
        format!(
            "Snapshot succeeded for snapshot with ID '{}' of replication group with ID '{}'",
            taken.name, group.name
        ),
    ));
    keep(world, group, Vec::new());
    let of = FieldChange { path: "ReplicationGroupId".into(), before: None, after: Some(taken.group.name.to_string()) };
    let body = body::snapshot(world, &taken, world.now);
    Ok(Answer::of(json!({"Snapshot": body})).about("/Snapshot", SNAPSHOT, &taken.name).altering(
        SNAPSHOT,
        &taken.name,
        vec![of],
    ))
}

pub fn delete_snapshot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = find_snapshot(world, call.text("SnapshotName").unwrap_or_default())?.clone();
    if found.ready > world.now {
        return Err(Fault::new("InvalidSnapshotState", format!("Snapshot {} is not in available state", found.name)));
    }
    let now = world.now;
    for snapshot in Arc::make_mut(&mut world.aws.caches.snapshots).iter_mut() {
        if snapshot.name == found.name && snapshot.deleted.is_none() {
            snapshot.deleted = Some(now);
        }
    }
    let mut body = body::snapshot(world, &found, now);
    body["SnapshotStatus"] = "deleting".into();
    let gone = FieldChange { path: "SnapshotStatus".into(), before: Some("available".into()), after: None };
    Ok(Answer::of(json!({"Snapshot": body})).about("/Snapshot", SNAPSHOT, &found.name).altering(
        SNAPSHOT,
        &found.name,
        vec![gone],
    ))
}

fn retag(world: &mut World, call: &Call, change: impl Fn(&mut BTreeMap<String, String>)) -> Result<Answer, Fault> {
    let tagged = by_arn(world, call.text("ResourceName").unwrap_or_default())?;
    let mut after = tagged.tags.clone();
    change(&mut after);
    let now = world.now;
    for group in Arc::make_mut(&mut world.aws.caches.groups).iter_mut() {
        if tagged.kind == group.kind() && group.name == tagged.name && group.status(now) != Status::Gone {
            group.tags.clone_from(&after);
        }
    }
    for snapshot in Arc::make_mut(&mut world.aws.caches.snapshots).iter_mut() {
        if tagged.kind == SNAPSHOT && snapshot.name == tagged.name && snapshot.deleted.is_none() {
            snapshot.tags.clone_from(&after);
        }
    }
    let differences = tagging::differences(&tagged.tags, &after);
    let body = json!({"TagList": tagging::list(&after)});
    Ok(Answer::of(body).about("/TagList", tagged.kind, &tagged.name).altering(tagged.kind, &tagged.name, differences))
}

pub fn add_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let more = tagging::read(call.list("Tags"));
    retag(world, call, |tags| tags.extend(more.clone()))
}

pub fn remove_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let keys = call.texts("TagKeys");
    retag(world, call, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))
}

//! Questions about groups, clusters, snapshots, events and tags. Changes nothing.

use super::super::call::{Answer, Call, Cover, Fault, Is};
use super::super::rds::page;
use super::super::tagging;
use super::state::{CLUSTER, GROUP, Group, SNAPSHOT, Snapshot};
use super::{body, change};
use crate::stdx::time::Time;
use crate::world::World;
use serde_json::{Value, json};

pub fn groups(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let name = call.text("ReplicationGroupId");
    let mut found: Vec<&Group> = match name {
        Some(name) => vec![change::find_group(world, name)?],
        None => world.aws.caches.living(world.now).filter(|group| !group.alone).collect(),
    };
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let (found, marker) = page(call, found, |group| group.name.to_string())?;
    let rows: Vec<Value> = found.iter().map(|group| body::group(world, group, world.now)).collect();
    let mut answer = Answer::of(json!({"ReplicationGroups": rows}));
    for (index, group) in found.iter().enumerate() {
        answer = answer.about(format!("/ReplicationGroups/{index}"), GROUP, &group.name);
        answer = answer.covering(Cover::Whole { kind: GROUP.into(), name: group.name.to_string() });
    }
    if name.is_none() && marker.is_none() {
        answer = answer.covering(Cover::All { kind: GROUP.into() });
    }
    if let Some(marker) = marker {
        answer.body["Marker"] = marker.into();
    }
    Ok(answer)
}

pub fn clusters(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let name = call.text("CacheClusterId");
    let alone = call.yes("ShowCacheClustersNotInReplicationGroups").unwrap_or(false);
    let mut found: Vec<(String, &Group, i64)> = Vec::new();
    for group in world.aws.caches.living(world.now).filter(|group| !alone || group.alone) {
        let nodes = group.life.at(world.now).map_or(0, |state| state.shape.nodes);
        found.extend((0..if group.alone { 1 } else { nodes }).map(|index| (group.member(index), group, index)));
    }
    found.retain(|(member, ..)| name.is_none_or(|name| name.eq_ignore_ascii_case(member)));
    if let Some(name) = name.filter(|_| found.is_empty()) {
        return Err(change::no_cluster(name));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (found, marker) = page(call, found, |row| row.0.clone())?;
    let nodes = call.yes("ShowCacheNodeInfo").unwrap_or(false);
    let row = |(_, group, index): &(String, &Group, i64)| body::cluster(world, group, *index, nodes, world.now);
    let mut answer = Answer::of(json!({"CacheClusters": found.iter().map(row).collect::<Vec<Value>>()}));
    for (index, (member, ..)) in found.iter().enumerate() {
        answer = answer.about(format!("/CacheClusters/{index}"), CLUSTER, member);
    }
    if name.is_none() && !alone && marker.is_none() {
        answer = answer.covering(Cover::All { kind: CLUSTER.into() });
    }
    if let Some(marker) = marker {
        answer.body["Marker"] = marker.into();
    }
    Ok(answer)
}

pub fn snapshots(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let of = call.text("ReplicationGroupId").or_else(|| call.text("CacheClusterId"));
    let mut found: Vec<&Snapshot> = match call.text("SnapshotName") {
        Some(name) => vec![change::find_snapshot(world, name)?],
        None => world.aws.caches.snapshots.iter().filter(|snapshot| snapshot.deleted.is_none()).collect(),
    };
    found.retain(|snapshot| of.is_none_or(|name| *name == *snapshot.group.name || name == snapshot.group.member(0)));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let (found, marker) = page(call, found, |snapshot| snapshot.name.to_string())?;
    let rows: Vec<Value> = found.iter().map(|snapshot| body::snapshot(world, snapshot, world.now)).collect();
    let mut answer = Answer::of(json!({"Snapshots": rows}));
    for (index, snapshot) in found.iter().enumerate() {
        answer = answer.about(format!("/Snapshots/{index}"), SNAPSHOT, &snapshot.name);
    }
    if of.is_none() && call.text("SnapshotName").is_none() {
        answer = answer.covering(Cover::All { kind: SNAPSHOT.into() });
    }
    if let Some(marker) = marker {
        answer.body["Marker"] = marker.into();
    }
    Ok(answer)
}

pub fn events(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let (from, to) = super::super::rds::window(world, call);
    let (source, kind) = (call.text("SourceIdentifier"), call.text("SourceType"));
    if source.is_some() && kind.is_none() {
        return Err(Fault::new(
            "InvalidParameterCombination",
            "SourceType must be supplied when SourceIdentifier is supplied",
        ));
    }
    let mut found: Vec<(Time, &Group, &str)> = Vec::new();
    for group in world.aws.caches.groups.iter() {
        let is = if group.alone { "cache-cluster" } else { "replication-group" };
        if kind.is_none_or(|kind| kind == is) && source.is_none_or(|name| *name == *group.name) {
            let events = group.events.iter().filter(|(at, _)| (from..=to).contains(at));
            found.extend(events.map(|(at, message)| (*at, group, message.as_str())));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    let row = |(at, group, message): &(Time, &Group, &str)| {
        let kind = if group.alone { "cache-cluster" } else { "replication-group" };
        json!({"SourceIdentifier": group.name.as_ref(), "SourceType": kind, "Message": message, "Date": at.0})
    };
    let mut answer = Answer::of(json!({"Events": found.iter().map(row).collect::<Vec<Value>>()}));
    for (index, (_, group, _)) in found.iter().enumerate() {
        let is = Is::Attributes { kind: group.kind().into(), name: group.name.to_string(), base: "Events".into() };
        answer = answer.shows(format!("/Events/{index}"), is);
    }
    Ok(answer)
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let tagged = change::by_arn(world, call.text("ResourceName").unwrap_or_default())?;
    Ok(Answer::of(json!({"TagList": tagging::list(&tagged.tags)})).about("/TagList", tagged.kind, &tagged.name))
}

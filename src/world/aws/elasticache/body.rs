//! Groups, clusters and snapshots as answers have them. Does not know operations.

use super::state::{self, Group, Snapshot, State, Status};
use crate::stdx::dice::Dice;
use crate::stdx::time::Time;
use crate::world::World;
use serde_json::{Value, json};

/// The part of endpoints that is the account's, and the region's short name: `x1y2z3.apn2`.
fn middle(world: &World) -> String {
    let mut dice = Dice::new(world.seed).fork("elasticache-endpoint");
    let code = super::super::prices::prefix(&world.aws.region).trim_end_matches('-').to_lowercase();
    let code = if code.is_empty() { "use1" } else { code.as_str() };
    format!("{}.{code}.cache.amazonaws.com", dice.suffix(6))
}

fn zone(world: &World, index: i64) -> String {
    let letter = ['a', 'b', 'c'].get(index.rem_euclid(3) as usize).copied().unwrap_or('a');
    format!("{}{letter}", world.aws.region)
}

fn on(yes: bool) -> &'static str {
    if yes { "enabled" } else { "disabled" }
}

pub fn group(world: &World, group: &Group, now: Time) -> Value {
    let Some(State { status, shape, pending, .. }) = group.life.at(now) else { return json!({}) };
    let engine = &group.engine;
    let members: Vec<String> = (0..shape.nodes).map(|index| group.member(index)).collect();
    let middle = middle(world);
    let member = |(index, name): (usize, &String)| {
        json!({
            "CacheClusterId": name, "CacheNodeId": "0001",
            "ReadEndpoint": {"Address": format!("{name}.{}.0001.{middle}", group.name), "Port": engine.port},
            "PreferredAvailabilityZone": zone(world, index as i64),
            "CurrentRole": if index == 0 { "primary" } else { "replica" },
        })
    };
    let mut body = json!({
        "ReplicationGroupId": group.name.as_ref(), "Description": group.description, "GlobalReplicationGroupInfo": {},
        "Status": status.word(), "PendingModifiedValues": {}, "MemberClusters": members,
        "AutomaticFailover": on(shape.failover), "MultiAZ": on(shape.multi_az),
        "SnapshotRetentionLimit": shape.retention_days, "SnapshotWindow": shape.snapshot_window, "ClusterEnabled": false,
        "CacheNodeType": shape.node_type, "AuthTokenEnabled": false,
        "TransitEncryptionEnabled": engine.encrypted_in_transit, "AtRestEncryptionEnabled": engine.encrypted_at_rest,
        "ARN": state::arn(world, "replicationgroup", &group.name), "LogDeliveryConfigurations": [],
        "ReplicationGroupCreateTime": group.created.0, "DataTiering": "disabled", "AutoMinorVersionUpgrade": true,
        "NetworkType": "ipv4", "IpDiscovery": "ipv4", "ClusterMode": "disabled", "Engine": engine.name,
    });
    if let Some(pending) = pending.as_ref().filter(|pending| pending.failover != shape.failover) {
        body["PendingModifiedValues"]["AutomaticFailoverStatus"] = on(pending.failover).into();
    }
    if *status != Status::Creating {
        body["NodeGroups"] = json!([{
            "NodeGroupId": "0001", "Status": status.word(),
            "PrimaryEndpoint": {"Address": format!("{}.{middle}", group.name), "Port": engine.port},
            "ReaderEndpoint": {"Address": format!("{}-ro.{middle}", group.name), "Port": engine.port},
            "NodeGroupMembers": members.iter().enumerate().map(member).collect::<Vec<Value>>(),
        }]);
    }
    body
}

/// A member of a group, or a cluster of its own.
pub fn cluster(world: &World, group: &Group, index: i64, nodes: bool, now: Time) -> Value {
    let Some(State { status, shape, pending, .. }) = group.life.at(now) else { return json!({}) };
    let (engine, name) = (&group.engine, group.member(index));
    let security = |id: &String| json!({"SecurityGroupId": id, "Status": "active"});
    let mut body = json!({
        "CacheClusterId": name,
        "ClientDownloadLandingPage": "https://console.aws.amazon.com/elasticache/home#client-download:",
        "CacheNodeType": shape.node_type, "Engine": engine.name, "EngineVersion": engine.version,
        "CacheClusterStatus": status.word(), "NumCacheNodes": 1, "PreferredAvailabilityZone": zone(world, index),
        "CacheClusterCreateTime": group.created.0, "PreferredMaintenanceWindow": shape.maintenance_window,
        "PendingModifiedValues": {}, "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": engine.parameter_group, "ParameterApplyStatus": "in-sync", "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": engine.subnet_group, "AutoMinorVersionUpgrade": true,
        "SecurityGroups": engine.security_groups.iter().map(security).collect::<Vec<Value>>(),
        "SnapshotRetentionLimit": shape.retention_days, "SnapshotWindow": shape.snapshot_window,
        "AuthTokenEnabled": false, "TransitEncryptionEnabled": engine.encrypted_in_transit,
        "AtRestEncryptionEnabled": engine.encrypted_at_rest, "ARN": state::arn(world, "cluster", &name),
        "ReplicationGroupLogDeliveryEnabled": false, "LogDeliveryConfigurations": [], "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    });
    if !group.alone {
        body["ReplicationGroupId"] = group.name.as_ref().into();
    }
    if let Some(pending) = pending.as_ref().filter(|pending| pending.node_type != shape.node_type) {
        body["PendingModifiedValues"]["CacheNodeType"] = pending.node_type.clone().into();
    }
    if nodes && *status != Status::Creating {
        body["CacheNodes"] = json!([{
            "CacheNodeId": "0001", "CacheNodeStatus": status.word(), "CacheNodeCreateTime": group.created.0,
            "Endpoint": {"Address": format!("{name}.{}", middle(world)), "Port": engine.port},
            "ParameterGroupStatus": "in-sync", "CustomerAvailabilityZone": zone(world, index),
        }]);
    }
    body
}

pub fn snapshot(world: &World, snapshot: &Snapshot, now: Time) -> Value {
    let (group, shape) = (&snapshot.group, &snapshot.shape);
    let ready = snapshot.ready <= now;
    let node = json!({
        "CacheClusterId": group.member(0), "CacheNodeId": "0001", "CacheSize": format!("{} MB", snapshot.stored),
        "CacheNodeCreateTime": group.created.0, "SnapshotCreateTime": snapshot.ready.0,
    });
    let mut body = json!({
        "SnapshotName": snapshot.name.as_ref(), "SnapshotStatus": if ready { "available" } else { "creating" },
        "SnapshotSource": "manual", "CacheNodeType": shape.node_type, "Engine": group.engine.name,
        "EngineVersion": group.engine.version, "PreferredMaintenanceWindow": shape.maintenance_window,
        "Port": group.engine.port, "CacheParameterGroupName": group.engine.parameter_group,
        "CacheSubnetGroupName": group.engine.subnet_group, "AutoMinorVersionUpgrade": true,
        "SnapshotRetentionLimit": shape.retention_days, "SnapshotWindow": shape.snapshot_window, "NumNodeGroups": 1,
        "AutomaticFailover": on(shape.failover), "NodeSnapshots": if ready { json!([node]) } else { json!([]) },
        "ARN": state::arn(world, "snapshot", &snapshot.name), "DataTiering": "disabled",
    });
    if group.alone {
        body["CacheClusterId"] = group.name.as_ref().into();
        body["NumCacheNodes"] = 1.into();
        body["CacheClusterCreateTime"] = group.created.0.into();
    } else {
        body["ReplicationGroupId"] = group.name.as_ref().into();
        body["ReplicationGroupDescription"] = group.description.clone().into();
    }
    body
}

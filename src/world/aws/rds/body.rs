//! Instances and snapshots as answers have them. Does not know operations.

use super::super::tagging;
use super::state::{self, Instance, Shape, Snapshot, State, Status};
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::{Map, Value, json};

/// How far restoring to a point in time lags (user guide: within the last five minutes).
const RESTORABLE: Span = Span::mins(5);

/// `scoop-orders.c9akciq32.ap-northeast-2.rds.amazonaws.com`: the middle is the account's in the region.
pub fn endpoint(world: &World, name: &str) -> String {
    let mut dice = Dice::new(world.seed).fork("rds-endpoint");
    format!("{name}.c{}.{}.rds.amazonaws.com", dice.suffix(11), world.aws.region)
}

pub fn instance(world: &World, instance: &Instance, now: Time) -> Value {
    let Some(State { status, shape, pending, restarts }) = instance.life.at(now) else { return json!({}) };
    let engine = &instance.engine;
    let mut body = json!({
        "DBInstanceIdentifier": instance.name.as_ref(), "DBInstanceClass": shape.class, "Engine": engine.name,
        "DBInstanceStatus": status.word(), "MasterUsername": engine.user, "AllocatedStorage": shape.storage,
        "PreferredBackupWindow": shape.backup_window, "BackupRetentionPeriod": shape.retention_days,
        "DBSecurityGroups": [], "VpcSecurityGroups": groups(shape),
        "DBParameterGroups": [{"DBParameterGroupName": engine.parameter_group, "ParameterApplyStatus": "in-sync"}],
        "PreferredMaintenanceWindow": shape.maintenance_window, "PendingModifiedValues": waiting(shape, pending.as_deref()),
        "MultiAZ": shape.multi_az, "EngineVersion": shape.version, "AutoMinorVersionUpgrade": true,
        "ReadReplicaDBInstanceIdentifiers": [], "LicenseModel": license(&engine.name),
        "OptionGroupMemberships": [{"OptionGroupName": option_group(engine, shape), "Status": "in-sync"}],
        "PubliclyAccessible": shape.public, "StorageType": shape.storage_type, "DbInstancePort": 0,
        "StorageEncrypted": engine.encrypted, "DbiResourceId": instance.resource_id,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1", "DomainMemberships": [], "CopyTagsToSnapshot": false,
        "MonitoringInterval": 0, "DBInstanceArn": state::arn(world, "db", &instance.name),
        "IAMDatabaseAuthenticationEnabled": false, "PerformanceInsightsEnabled": false,
        "DeletionProtection": shape.protected, "AssociatedRoles": [], "TagList": tagging::list(&instance.tags),
        "CustomerOwnedIpEnabled": false, "NetworkType": "IPV4", "BackupTarget": "region",
    });
    if !engine.database.is_empty() {
        body["DBName"] = engine.database.clone().into();
    }
    if !engine.subnet_group.is_empty() {
        body["DBSubnetGroup"] = json!({
            "DBSubnetGroupName": engine.subnet_group, "DBSubnetGroupDescription": engine.subnet_group,
            "SubnetGroupStatus": "Complete",
        });
    }
    if shape.storage_type == "gp3" {
        // What gp3 comes with below 400 GiB (user guide, "General Purpose SSD storage").
        (body["Iops"], body["StorageThroughput"]) = (3_000.into(), 125.into());
    }
    if *status != Status::Creating {
        let host = endpoint(world, &instance.name);
        body["Endpoint"] = json!({"Address": host, "Port": engine.port, "HostedZoneId": "ZLA2NUCOLGUUR"});
        body["InstanceCreateTime"] = instance.created.0.into();
        body["AvailabilityZone"] = engine.zone.clone().into();
        if shape.retention_days > 0 && status.runs() {
            body["LatestRestorableTime"] = ((now - RESTORABLE).0.div_euclid(300_000) * 300_000).into();
        }
        if shape.multi_az {
            body["SecondaryAvailabilityZone"] = other_zone(&engine.zone).into();
        }
    }
    if let Some(restarts) = restarts {
        body["AutomaticRestartTime"] = restarts.0.into();
    }
    body
}

fn groups(shape: &Shape) -> Value {
    let row = |id: &String| json!({"VpcSecurityGroupId": id, "Status": "active"});
    shape.security_groups.iter().map(row).collect()
}

fn license(engine: &str) -> &'static str {
    if engine == "postgres" { "postgresql-license" } else { "general-public-license" }
}

fn option_group(engine: &state::Engine, shape: &Shape) -> String {
    let mut parts = shape.version.split('.');
    let major = parts.next().unwrap_or_default();
    let minor = parts.next().filter(|_| engine.name != "postgres").map(|minor| format!("-{minor}")).unwrap_or_default();
    format!("default:{}-{major}{minor}", engine.name)
}

fn other_zone(zone: &str) -> String {
    let other = if zone.ends_with('c') { 'a' } else { 'c' };
    format!("{}{other}", zone.get(..zone.len().saturating_sub(1)).unwrap_or_default())
}

fn waiting(shape: &Shape, pending: Option<&Shape>) -> Value {
    let mut out = Map::new();
    let Some(pending) = pending else { return Value::Object(out) };
    if pending.class != shape.class {
        out.insert("DBInstanceClass".into(), pending.class.clone().into());
    }
    if pending.storage != shape.storage {
        out.insert("AllocatedStorage".into(), pending.storage.into());
    }
    if pending.multi_az != shape.multi_az {
        out.insert("MultiAZ".into(), pending.multi_az.into());
    }
    if pending.version != shape.version {
        out.insert("EngineVersion".into(), pending.version.clone().into());
    }
    if pending.storage_type != shape.storage_type {
        out.insert("StorageType".into(), pending.storage_type.clone().into());
    }
    Value::Object(out)
}

pub fn snapshot(world: &World, snapshot: &Snapshot, now: Time) -> Value {
    let ready = snapshot.ready <= now;
    let (engine, shape) = (&snapshot.engine, &snapshot.shape);
    let mut body = json!({
        "DBSnapshotIdentifier": snapshot.name.as_ref(), "DBInstanceIdentifier": snapshot.instance.as_ref(),
        "Engine": engine.name, "AllocatedStorage": shape.storage, "Status": if ready { "available" } else { "creating" },
        "Port": engine.port, "AvailabilityZone": engine.zone, "InstanceCreateTime": snapshot.created.0,
        "MasterUsername": engine.user, "EngineVersion": shape.version, "LicenseModel": license(&engine.name),
        "SnapshotType": "manual", "OptionGroupName": option_group(engine, shape),
        "PercentProgress": if ready { 100 } else { 0 }, "StorageType": shape.storage_type, "Encrypted": engine.encrypted,
        "DBSnapshotArn": state::arn(world, "snapshot", &snapshot.name), "IAMDatabaseAuthenticationEnabled": false,
        "TagList": tagging::list(&snapshot.tags), "SnapshotTarget": "region",
    });
    if ready {
        body["SnapshotCreateTime"] = snapshot.ready.0.into();
        body["OriginalSnapshotCreateTime"] = snapshot.ready.0.into();
    }
    body
}

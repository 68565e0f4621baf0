//! Flow logs as they are set up: whose traffic is recorded, where, in which format. The records are made in `flows`.

use super::super::call::{Answer, Call, Fault};
use super::describe::dry;
use super::kinds::Kind;
use super::resources::{add, find, remove};
use super::vpc::deleted;
use crate::world::World;
use serde_json::json;

/// What a record says where nobody asked for a format of their own (VPC guide, "Flow log records": version 2).
pub const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} \
                                  ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let kind = call.text("ResourceType").unwrap_or_default();
    let of = match kind {
        "VPC" => Kind::Vpc,
        "Subnet" => Kind::Subnet,
        "NetworkInterface" => Kind::Interface,
        _ => return Err(Fault::new("InvalidParameter", format!("Unknown resource type {kind}"))),
    };
    let destination = call.text("LogDestinationType").unwrap_or("cloud-watch-logs");
    let group = call.text("LogGroupName").unwrap_or_default();
    if destination == "cloud-watch-logs" && (group.is_empty() || call.text("DeliverLogsPermissionArn").is_none()) {
        let message = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.";
        return Err(Fault::new("InvalidParameter", message));
    }
    let interval = call.whole("MaxAggregationInterval").unwrap_or(600);
    if interval != 60 && interval != 600 {
        return Err(Fault::new("InvalidParameter", "Invalid Flow Log Max Aggregation Interval"));
    }
    let resources = call.texts("ResourceIds");
    for id in resources.iter().filter(|_| of != Kind::Interface) {
        find(world, of, id)?;
    }
    dry(call)?;
    let (mut ids, mut wrong) = (Vec::new(), Vec::new());
    let mut last = None;
    for id in resources {
        let same = |log: &super::resources::Resource| {
            log.text("ResourceId") == id
                && log.text("LogGroupName") == group
                && log.text("LogDestinationType") == destination
        };
        if world.aws.network.there(Kind::FlowLog).any(|log| same(log)) {
            let message = "Error. There is an existing Flow Log with the same configuration and log destination.";
            wrong.push(json!({"Error": {"Code": "FlowLogAlreadyExists", "Message": message}, "ResourceId": id}));
            continue;
        }
        let mut body = json!({
            "CreationTime": world.now.0, "DeliverLogsStatus": "SUCCESS", "FlowLogStatus": "ACTIVE", "ResourceId": id,
            "TrafficType": call.text("TrafficType").unwrap_or("ALL"), "LogDestinationType": destination,
            "LogFormat": call.text("LogFormat").unwrap_or(DEFAULT_FORMAT), "MaxAggregationInterval": interval,
        });
        for member in ["DeliverLogsPermissionArn", "LogGroupName", "LogDestination"] {
            if let Some(text) = call.text(member) {
                body[member] = json!(text);
            }
        }
        let now = world.now;
        let log = add(world, Kind::FlowLog, body, call.input(), now)?;
        ids.push(log.id.to_string());
        last = Some(log);
    }
    let mut answer = Answer::of(
        json!({"ClientToken": call.text("ClientToken").unwrap_or_default(), "FlowLogIds": ids, "Unsuccessful": wrong}),
    );
    if let Some(log) = last {
        let changed = super::resources::changes(&serde_json::Value::Null, &log.body);
        answer = answer.altering(Kind::FlowLog.row().cfn, log.name(), changed);
    }
    Ok(answer)
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut logs = Vec::new();
    for id in call.texts("FlowLogIds") {
        logs.push(find(world, Kind::FlowLog, id)?.clone());
    }
    dry(call)?;
    let now = world.now;
    logs.iter().for_each(|log| remove(world, &log.id, now));
    let answer = logs.last().map_or_else(Answer::default, |log| deleted(log));
    Ok(Answer { body: json!({"Unsuccessful": []}), ..answer })
}

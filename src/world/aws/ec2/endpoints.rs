//! VPC endpoints: gateway endpoints stand in route tables, interface endpoints in subnets. Does not know what they carry.

use super::super::call::{Answer, Call, Fault};
use super::super::policy;
use super::describe::dry;
use super::kinds::Kind;
use super::resources::{Resource, add, alter, find, missing, remove};
use super::vpc::{altered, created, required};
use super::{prefix_lists, setup};
use crate::stdx::time::Span;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// From asking for an interface endpoint until it answers; a minute or two in practice. A gateway endpoint works at once.
const PENDING: Span = Span::secs(80);
/// Services of the game's region that have interface endpoints.
const INTERFACE_SERVICES: &[&str] = &[
    "ecr.api",
    "ecr.dkr",
    "email-smtp",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
];

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.id.clone();
    let name = required(call, "ServiceName")?;
    let interface = call.text("VpcEndpointType").unwrap_or("Gateway") == "Interface";
    let region = world.aws.region.clone();
    let service = setup::service(name, &region);
    let known =
        if interface { INTERFACE_SERVICES.contains(&service) } else { !prefix_lists::ranges(service).is_empty() };
    if !known || !name.starts_with("com.amazonaws.") {
        let message = format!("The Vpc Endpoint Service '{name}' does not exist");
        return Err(Fault::new("InvalidServiceName", message));
    }
    let (tables, subnets) = (call.texts("RouteTableIds"), call.texts("SubnetIds"));
    known_all(world, Kind::RouteTable, &tables)?;
    known_all(world, Kind::Subnet, &subnets)?;
    known_all(world, Kind::Group, &call.texts("SecurityGroupIds"))?;
    for table in &tables {
        free_for(world, table, service, "")?;
    }
    let policy = call.text("PolicyDocument").unwrap_or(FULL_ACCESS);
    readable(policy)?;
    dry(call)?;
    let groups: Vec<Value> = call.texts("SecurityGroupIds").iter().map(|id| group(world, id)).collect();
    let kind = if interface { "Interface" } else { "Gateway" };
    let private = interface && call.yes("PrivateDnsEnabled").unwrap_or(true);
    let body = json!({
        "VpcEndpointType": kind, "VpcId": *vpc, "ServiceName": name, "PolicyDocument": policy,
        "RouteTableIds": tables, "SubnetIds": subnets, "Groups": groups, "PrivateDnsEnabled": private,
        "RequesterManaged": false, "DnsEntries": [], "CreationTimestamp": world.now.0,
    });
    let ready = if interface { world.now + PENDING } else { world.now };
    let endpoint = add(world, Kind::Endpoint, body, call.input(), ready)?;
    Ok(created(world, &endpoint, "VpcEndpoint"))
}

fn readable(text: &str) -> Result<(), Fault> {
    policy::parse(text, policy::Kind::Resource).map(drop).map_err(|flaw| policy::complaint("ec2", &flaw))
}

/// The policy of an endpoint that nobody gave one.
pub(super) const FULL_ACCESS: &str =
    r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

fn known_all(world: &World, kind: Kind, ids: &[&str]) -> Result<(), Fault> {
    ids.iter().try_for_each(|id| find(world, kind, id).map(drop).map_err(|_| missing(kind, id)))
}

fn group(world: &World, id: &str) -> Value {
    let name = find(world, Kind::Group, id).map(|group| group.text("GroupName").to_string()).unwrap_or_default();
    json!({"GroupId": id, "GroupName": name})
}

/// A table has at most one route to a service.
fn free_for(world: &World, table: &str, service: &str, but: &str) -> Result<(), Fault> {
    let region = &world.aws.region;
    let stands = |endpoint: &Resource| {
        let same = setup::service(endpoint.text("ServiceName"), region) == service && &*endpoint.id != but;
        same && endpoint.list("RouteTableIds").iter().any(|id| *id == *table)
    };
    if world.aws.network.there(Kind::Endpoint).any(|endpoint| stands(endpoint)) {
        let list = prefix_lists::id(service, region);
        let message = format!("route table {table} already has a route with destination-prefix-list-id {list}");
        return Err(Fault::new("RouteAlreadyExists", message));
    }
    Ok(())
}

pub fn modify(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let endpoint = find(world, Kind::Endpoint, required(call, "VpcEndpointId")?)?.clone();
    let region = world.aws.region.clone();
    let service = setup::service(endpoint.text("ServiceName"), &region);
    let gateway = endpoint.text("VpcEndpointType") == "Gateway";
    let of_tables = !call.list("AddRouteTableIds").is_empty() || !call.list("RemoveRouteTableIds").is_empty();
    let of_subnets = !call.list("AddSubnetIds").is_empty() || !call.list("RemoveSubnetIds").is_empty();
    if !gateway && of_tables {
        let message = "Route table IDs are only supported for Gateway type VPC Endpoint.";
        return Err(Fault::new("InvalidParameter", message));
    }
    if gateway && of_subnets {
        let message = "Subnet IDs are only supported for Interface type VPC Endpoint.";
        return Err(Fault::new("InvalidParameter", message));
    }
    known_all(world, Kind::RouteTable, &call.texts("AddRouteTableIds"))?;
    known_all(world, Kind::Subnet, &call.texts("AddSubnetIds"))?;
    known_all(world, Kind::Group, &call.texts("AddSecurityGroupIds"))?;
    let groups: Vec<Value> = call.texts("AddSecurityGroupIds").iter().map(|id| group(world, id)).collect();
    for table in call.texts("AddRouteTableIds") {
        free_for(world, table, service, &endpoint.id)?;
    }
    call.text("PolicyDocument").map_or(Ok(()), readable)?;
    dry(call)?;
    let changed = alter(world, &endpoint.id, |body| {
        let pairs = [
            ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
            ("SubnetIds", "AddSubnetIds", "RemoveSubnetIds"),
        ];
        for (member, add, take) in pairs {
            let mut ids: Vec<String> = body[member]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|id| id.as_str().map(str::to_string))
                .collect();
            ids.retain(|id| !call.texts(take).contains(&id.as_str()));
            let new = call.texts(add).into_iter().filter(|id| !ids.iter().any(|have| have == id));
            let new: Vec<String> = new.map(str::to_string).collect();
            ids.extend(new);
            body[member] = json!(ids);
        }
        if let Some(list) = body["Groups"].as_array_mut() {
            let gone = call.texts("RemoveSecurityGroupIds");
            list.retain(|have| !gone.iter().any(|id| have["GroupId"] == **id) && !groups.contains(have));
            list.extend(groups);
        }
        if let Some(policy) = call.text("PolicyDocument") {
            body["PolicyDocument"] = json!(policy);
        }
        if call.yes("ResetPolicy") == Some(true) {
            body["PolicyDocument"] = json!(FULL_ACCESS);
        }
        if let Some(private) = call.yes("PrivateDnsEnabled") {
            body["PrivateDnsEnabled"] = json!(private);
        }
    });
    Ok(Answer { body: json!({"Return": true}), ..altered(&endpoint, changed) })
}

/// `DeleteVpcEndpoints` deletes those that are there and lists the others.
pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let mut wrong = Vec::new();
    let mut last: Option<Arc<Resource>> = None;
    for id in call.texts("VpcEndpointIds") {
        match find(world, Kind::Endpoint, id).cloned() {
            Ok(endpoint) => {
                let now = world.now;
                remove(world, id, now);
                last = Some(endpoint);
            }
            Err(fault) => {
                wrong.push(json!({"Error": {"Code": fault.code, "Message": fault.message}, "ResourceId": id}));
            }
        }
    }
    let answer = last.map_or_else(Answer::default, |endpoint| super::vpc::deleted(&endpoint));
    Ok(Answer { body: json!({"Unsuccessful": wrong}), ..answer })
}

//! Networks, their subnets and internet gateways: made, changed, deleted. Does not know routes or traffic.

use super::super::arn;
use super::super::call::{Answer, Call, Fault};
use super::address::Range;
use super::describe::dry;
use super::kinds::Kind;
use super::resources::{self, Resource, add, alter, derived_id, find, remove};
use super::{groups, interfaces, routes, view};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Value, json};

/// What a creation answers: the new thing under `member`, and that it was altered.
pub fn created(world: &World, resource: &Resource, member: &str) -> Answer {
    let kind = resource.kind.row().cfn;
    let shown = view::one(world, resource).unwrap_or_default();
    let changed = resources::changes(&Value::Null, &shown);
    Answer::of(json!({member: shown})).about(format!("/{member}"), kind, resource.name()).altering(
        kind,
        resource.name(),
        changed,
    )
}

/// What a change without an answer of its own gives.
pub fn altered(resource: &Resource, changed: Vec<FieldChange>) -> Answer {
    Answer::default().altering(resource.kind.row().cfn, resource.name(), changed)
}

/// A deletion's change: everything it said is gone.
pub fn deleted(resource: &Resource) -> Answer {
    altered(resource, resources::changes(&resource.body, &Value::Null))
}

/// A required member, or the words for its absence.
pub fn required<'a>(call: &Call<'a>, member: &str) -> Result<&'a str, Fault> {
    let missing = || {
        let message = format!("The request must contain the parameter {member}");
        Fault::new("MissingParameter", message)
    };
    call.text(member).filter(|text| !text.is_empty()).ok_or_else(missing)
}

pub fn range(call: &Call, member: &str) -> Result<Range, Fault> {
    let text = required(call, member)?;
    let wrong = || {
        let message =
            format!("Value ({text}) for parameter {} is invalid. This is not a valid CIDR block.", lower(member));
        Fault::new("InvalidParameterValue", message)
    };
    Range::parse(text).ok_or_else(wrong)
}

/// Parameters are named with a small first letter in EC2's messages.
fn lower(member: &str) -> String {
    let mut chars = member.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

pub fn create_vpc(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let range = range(call, "CidrBlock")?;
    // VPC guide: between /16 and /28.
    if !(16..=28).contains(&range.bits) {
        return Err(Fault::new("InvalidVpc.Range", format!("The CIDR '{range}' is invalid.")));
    }
    dry(call)?;
    let cidr = range.to_string();
    let owner = world.aws.id.clone();
    let association = derived_id(world.seed, "vpc-cidr-assoc-", &cidr);
    let body = json!({
        "OwnerId": *owner, "InstanceTenancy": "default", "IsDefault": false, "State": "available", "CidrBlock": cidr,
        "DhcpOptionsId": derived_id(world.seed, "dopt-", &owner),
        "CidrBlockAssociationSet": [
            {"AssociationId": association, "CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}],
    });
    let now = world.now;
    let vpc = add(world, Kind::Vpc, body, call.input(), now)?;
    routes::main_table(world, &vpc.id, &cidr)?;
    groups::default_group(world, &vpc.id)?;
    Ok(created(world, &vpc, "Vpc"))
}

pub fn delete_vpc(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.clone();
    let network = &world.aws.network;
    let own = |resource: &Resource| {
        resource.kind == Kind::RouteTable && resource.list("Associations").iter().any(|a| a["Main"] == true)
            || resource.kind == Kind::Group && resource.text("GroupName") == "default"
    };
    let kinds = [Kind::Subnet, Kind::RouteTable, Kind::NatGateway, Kind::Endpoint, Kind::Group];
    let mut inside = kinds.into_iter().flat_map(|kind| network.there(kind)).filter(|r| r.text("VpcId") == &*vpc.id);
    let attached = |gateway: &Resource| gateway.list("Attachments").iter().any(|row| row["VpcId"] == *vpc.id);
    let held = inside.any(|resource| !own(resource)) || network.there(Kind::Gateway).any(|gateway| attached(gateway));
    drop(inside);
    if held {
        let message = format!("The vpc '{}' has dependencies and cannot be deleted.", vpc.id);
        return Err(Fault::new("DependencyViolation", message));
    }
    dry(call)?;
    let kinds = [Kind::RouteTable, Kind::Group];
    let rest = kinds.into_iter().flat_map(|kind| network.there(kind)).filter(|r| r.text("VpcId") == &*vpc.id);
    let rest: Vec<_> = rest.map(|resource| resource.id.clone()).collect();
    let now = world.now;
    rest.iter().chain([&vpc.id]).for_each(|id| remove(world, id, now));
    Ok(deleted(&vpc))
}

/// `ModifyVpcAttribute`: the two switches for names.
pub fn modify_vpc(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.clone();
    let switch = |member: &str| call.input().get(member).and_then(|value| value["Value"].as_bool());
    let changed: Vec<FieldChange> = ["EnableDnsHostnames", "EnableDnsSupport"]
        .iter()
        .filter_map(|member| {
            let after = Some(switch(member)?.to_string());
            Some(FieldChange { path: (*member).into(), before: None, after })
        })
        .collect();
    Ok(altered(&vpc, changed))
}

pub fn create_subnet(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.clone();
    let range = range(call, "CidrBlock")?;
    let within = Range::parse(vpc.text("CidrBlock")).is_some_and(|whole| whole.covers(range));
    if !within || !(16..=28).contains(&range.bits) {
        return Err(Fault::new("InvalidSubnet.Range", format!("The CIDR '{range}' is invalid.")));
    }
    let taken = |subnet: &Resource| {
        let other = Range::parse(subnet.text("CidrBlock")).filter(|_| subnet.text("VpcId") == &*vpc.id);
        other.is_some_and(|other| other.covers(range) || range.covers(other))
    };
    if world.aws.network.there(Kind::Subnet).any(|subnet| taken(subnet)) {
        let message = format!("The CIDR '{range}' conflicts with another subnet");
        return Err(Fault::new("InvalidSubnet.Conflict", message));
    }
    dry(call)?;
    let (owner, region) = (world.aws.id.clone(), world.aws.region.clone());
    let zone = call.text("AvailabilityZone").map_or_else(|| format!("{region}a"), str::to_string);
    let body = json!({
        "AvailabilityZone": zone, "AvailabilityZoneId": zone_id(&region, &zone), "CidrBlock": range.to_string(),
        "VpcId": *vpc.id, "State": "available", "DefaultForAz": false, "MapPublicIpOnLaunch": false,
        "AssignIpv6AddressOnCreation": false, "Ipv6CidrBlockAssociationSet": [], "OwnerId": *owner,
        "EnableDns64": false, "Ipv6Native": false, "MapCustomerOwnedIpOnLaunch": false,
        "PrivateDnsNameOptionsOnLaunch": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": false,
            "EnableResourceNameDnsAAAARecord": false},
    });
    let now = world.now;
    let subnet = add(world, Kind::Subnet, body, call.input(), now)?;
    let named = arn::make("ec2", &region, &owner, &format!("subnet/{}", subnet.id));
    alter(world, &subnet.id, |body| body["SubnetArn"] = json!(named));
    let subnet = find(world, Kind::Subnet, &subnet.id)?;
    Ok(created(world, subnet, "Subnet"))
}

/// `apne2-az1` of `ap-northeast-2a`; in other regions the same pattern.
pub fn zone_id(region: &str, zone: &str) -> String {
    let mut parts = region.split('-');
    let (area, side, number) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let side = match side {
        "northeast" => "ne",
        "southeast" => "se",
        "northwest" => "nw",
        "southwest" => "sw",
        other => other.get(..1).unwrap_or_default(),
    };
    let letter = zone.bytes().last().unwrap_or(b'a').saturating_sub(b'a') + 1;
    format!("{}{side}{number}-az{letter}", area.unwrap_or_default())
}

pub fn modify_subnet(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let subnet = find(world, Kind::Subnet, required(call, "SubnetId")?)?.clone();
    let public = call.input().get("MapPublicIpOnLaunch").and_then(|value| value["Value"].as_bool());
    let changed = alter(world, &subnet.id, |body| {
        if let Some(public) = public {
            body["MapPublicIpOnLaunch"] = json!(public);
        }
    });
    Ok(altered(&subnet, changed))
}

pub fn delete_subnet(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let subnet = find(world, Kind::Subnet, required(call, "SubnetId")?)?.clone();
    if interfaces::all(world).iter().any(|interface| interface.subnet == subnet.id) {
        let message = format!("The subnet '{}' has dependencies and cannot be deleted.", subnet.id);
        return Err(Fault::new("DependencyViolation", message));
    }
    dry(call)?;
    let now = world.now;
    remove(world, &subnet.id, now);
    Ok(deleted(&subnet))
}

pub fn create_gateway(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let body = json!({"Attachments": [], "OwnerId": *world.aws.id});
    let now = world.now;
    let gateway = add(world, Kind::Gateway, body, call.input(), now)?;
    Ok(created(world, &gateway, "InternetGateway"))
}

pub fn attach_gateway(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let gateway = find(world, Kind::Gateway, required(call, "InternetGatewayId")?)?.clone();
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.id.clone();
    if !gateway.list("Attachments").is_empty() {
        let message = format!("resource {} is already attached to network {vpc}", gateway.id);
        return Err(Fault::new("Resource.AlreadyAssociated", message));
    }
    dry(call)?;
    let rows = json!([{"State": "available", "VpcId": *vpc}]);
    let changed = alter(world, &gateway.id, |body| body["Attachments"] = rows);
    Ok(altered(&gateway, changed))
}

pub fn detach_gateway(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let gateway = find(world, Kind::Gateway, required(call, "InternetGatewayId")?)?.clone();
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.id.clone();
    if !gateway.list("Attachments").iter().any(|row| row["VpcId"] == *vpc) {
        let message = format!("resource {} is not attached to network {vpc}", gateway.id);
        return Err(Fault::new("Gateway.NotAttached", message));
    }
    // Public addresses in the network hold the gateway (VPC guide, "Detach an internet gateway").
    if world.aws.network.there(Kind::NatGateway).any(|nat| nat.text("VpcId") == &*vpc) {
        let message = format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        );
        return Err(Fault::new("DependencyViolation", message));
    }
    dry(call)?;
    let changed = alter(world, &gateway.id, |body| body["Attachments"] = json!([]));
    Ok(altered(&gateway, changed))
}

pub fn delete_gateway(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let gateway = find(world, Kind::Gateway, required(call, "InternetGatewayId")?)?.clone();
    if !gateway.list("Attachments").is_empty() {
        let message = format!("The internetGateway '{}' has dependencies and cannot be deleted.", gateway.id);
        return Err(Fault::new("DependencyViolation", message));
    }
    dry(call)?;
    let now = world.now;
    remove(world, &gateway.id, now);
    Ok(deleted(&gateway))
}

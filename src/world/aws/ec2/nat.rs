//! NAT gateways and elastic addresses. Does not know what passes through.

use super::super::call::{Answer, Call, Fault};
use super::address;
use super::describe::dry;
use super::kinds::Kind;
use super::resources::{Resource, add, alter, derived_id, find, remove};
use super::vpc::{altered, created, deleted, required};
use super::{interfaces, view};
use crate::stdx::dice;
use crate::stdx::time::Span;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// From asking for a gateway until it carries traffic: some one to two minutes in practice.
const PENDING: Span = Span::secs(95);
/// From asking for its deletion until it is deleted; about a minute in practice.
const DELETING: Span = Span::secs(60);
/// Public addresses of one gateway (VPC quotas: 2 by default, adjustable up to 8; the account has the 8).
pub const ADDRESSES_MAX: usize = 8;

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let subnet = find(world, Kind::Subnet, required(call, "SubnetId")?)?.clone();
    let public = call.text("ConnectivityType") != Some("private");
    let mut allocations: Vec<Value> = Vec::new();
    if public {
        allocations.push(json!(required(call, "AllocationId")?));
    }
    allocations.extend(call.list("SecondaryAllocationIds").iter().cloned());
    let mut rows = Vec::new();
    for (index, allocation) in allocations.iter().filter_map(Value::as_str).enumerate() {
        rows.push(row(world, &subnet, allocation, index)?);
    }
    if !public {
        rows.push(json!({"PrivateIp": interfaces::free(world, &subnet, 0), "IsPrimary": true}));
    }
    dry(call)?;
    let body = json!({
        "CreateTime": world.now.0, "NatGatewayAddresses": rows, "SubnetId": *subnet.id, "VpcId": subnet.text("VpcId"),
        "ConnectivityType": if public { "public" } else { "private" },
    });
    let ready = world.now + PENDING;
    let nat = add(world, Kind::NatGateway, body, call.input(), ready)?;
    let interface = derived_id(world.seed, "eni-", &nat.id);
    for allocation in allocations.iter().filter_map(Value::as_str) {
        hold(world, allocation, &interface);
    }
    alter(world, &nat.id, |body| {
        for row in body["NatGatewayAddresses"].as_array_mut().into_iter().flatten() {
            row["NetworkInterfaceId"] = json!(interface);
        }
    });
    let nat = find(world, Kind::NatGateway, &nat.id)?.clone();
    let mut answer = created(world, &nat, "NatGateway");
    if let Some(token) = call.text("ClientToken") {
        answer.body["ClientToken"] = json!(token);
    }
    Ok(answer)
}

/// One address of a gateway.
fn row(world: &World, subnet: &Resource, allocation: &str, index: usize) -> Result<Value, Fault> {
    let found = find(world, Kind::Address, allocation)?;
    if found.body.get("AssociationId").is_some() {
        let message = format!("Elastic IP address [{allocation}] is already associated");
        return Err(Fault::new("Resource.AlreadyAssociated", message));
    }
    Ok(json!({
        "AllocationId": allocation, "PrivateIp": interfaces::free(world, subnet, index as u64),
        "PublicIp": found.text("PublicIp"), "IsPrimary": index == 0,
        "AssociationId": derived_id(world.seed, "eipassoc-", allocation),
    }))
}

/// An elastic address serves an interface from now on.
fn hold(world: &mut World, allocation: &str, interface: &str) {
    let (association, owner) = (derived_id(world.seed, "eipassoc-", allocation), world.aws.id.clone());
    alter(world, allocation, |body| {
        body["AssociationId"] = json!(association);
        body["NetworkInterfaceId"] = json!(interface);
        body["NetworkInterfaceOwnerId"] = json!(*owner);
    });
}

/// `AssociateNatGatewayAddress`: more addresses, and with them more ports.
pub fn associate(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let nat = find(world, Kind::NatGateway, required(call, "NatGatewayId")?)?.clone();
    let allocations = call.texts("AllocationIds");
    let have = nat.list("NatGatewayAddresses").len();
    if have + allocations.len() > ADDRESSES_MAX {
        let message = format!("The maximum number of {ADDRESSES_MAX} addresses for the NAT gateway has been reached.");
        return Err(Fault::new("NatGatewayAddressLimitExceeded", message));
    }
    let subnet = find(world, Kind::Subnet, nat.text("SubnetId"))?.clone();
    let mut rows = Vec::new();
    for (index, allocation) in allocations.iter().enumerate() {
        rows.push(row(world, &subnet, allocation, have + index)?);
    }
    dry(call)?;
    let interface = derived_id(world.seed, "eni-", &nat.id);
    for row in &mut rows {
        row["NetworkInterfaceId"] = json!(interface);
        row["IsPrimary"] = json!(false);
    }
    for allocation in allocations {
        hold(world, allocation, &interface);
    }
    let added = rows.clone();
    let changed = alter(world, &nat.id, |body| {
        if let Some(addresses) = body["NatGatewayAddresses"].as_array_mut() {
            addresses.extend(rows);
        }
    });
    let mut answer = altered(&nat, changed);
    answer.body = json!({"NatGatewayId": *nat.id, "NatGatewayAddresses": added});
    Ok(answer)
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let nat = find(world, Kind::NatGateway, required(call, "NatGatewayId")?)?.clone();
    dry(call)?;
    let now = world.now;
    alter(world, &nat.id, |body| body["DeleteTime"] = json!(now.0));
    remove(world, &nat.id, now + DELETING);
    let interface = derived_id(world.seed, "eni-", &nat.id);
    let held = world.aws.network.there(Kind::Address).filter(|found| found.text("NetworkInterfaceId") == interface);
    let held: Vec<Arc<str>> = held.map(|found| found.id.clone()).collect();
    for allocation in held {
        alter(world, &allocation, |body| {
            for member in ["AssociationId", "NetworkInterfaceId", "NetworkInterfaceOwnerId"] {
                body.as_object_mut().map(|body| body.remove(member));
            }
        });
    }
    let mut answer = deleted(&nat);
    answer.body = json!({"NatGatewayId": *nat.id});
    Ok(answer)
}

/// `AllocateAddress`.
pub fn allocate(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let region = world.aws.region.clone();
    let name = super::resources::tags_asked(call.input(), "elastic-ip");
    let name = name.iter().find(|tag| tag["Key"] == "Name").and_then(|tag| tag["Value"].as_str()).unwrap_or_default();
    let serial = world.aws.network.ever(Kind::Address).count() as u64;
    // 3.34.0.0/15 and 43.200.0.0/14 are the region's own pools; one address never comes twice.
    let lot = dice::at(world.seed, dice::hash_name("eip"), dice::hash_name(name) ^ serial);
    let pool = address::Range { first: 0x0322_0000, bits: 15 };
    let mut public = pool.at(lot);
    while world.aws.network.ever(Kind::Address).any(|found| found.text("PublicIp") == address::show(public)) {
        public = pool.at(u64::from(public - pool.first) + 1);
    }
    let body = json!({
        "Domain": "vpc", "PublicIpv4Pool": "amazon", "NetworkBorderGroup": *region, "PublicIp": address::show(public)});
    let now = world.now;
    let found = add(world, Kind::Address, body, call.input(), now)?;
    let shown = view::one(world, &found).unwrap_or_default();
    let mut answer = created(world, &found, "Address");
    answer.subjects.clear();
    let member = |name: &str| shown[name].clone();
    answer.body = json!({
        "AllocationId": member("AllocationId"), "PublicIpv4Pool": member("PublicIpv4Pool"),
        "NetworkBorderGroup": member("NetworkBorderGroup"), "Domain": member("Domain"),
        "PublicIp": member("PublicIp")});
    Ok(answer.about("", Kind::Address.row().cfn, found.name()))
}

/// `ReleaseAddress`.
pub fn release(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = find(world, Kind::Address, required(call, "AllocationId")?)?.clone();
    if found.body.get("AssociationId").is_some() {
        let message = format!("Address {} is in use.", found.text("PublicIp"));
        return Err(Fault::new("InvalidIPAddress.InUse", message));
    }
    dry(call)?;
    let now = world.now;
    remove(world, &found.id, now);
    Ok(deleted(&found))
}

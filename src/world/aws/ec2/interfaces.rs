//! Network interfaces: nobody keeps them, they follow from the gateways, endpoints and instances that have them. Does not
//! know what passes.

use super::address::{self, Range};
use super::guard;
use super::instances;
use super::kinds::Kind;
use super::resources::{Resource, derived_id};
use crate::stdx::dice;
use crate::world::World;
use crate::world::aws::lambda;
use serde_json::{Value, json};
use std::sync::Arc;

/// One interface.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    pub id: String,
    pub subnet: Arc<str>,
    pub address: u32,
    /// As `DescribeNetworkInterfaces` has it.
    pub body: Value,
}

/// Every interface there is now.
pub fn all(world: &World) -> Vec<Interface> {
    let mut out = Vec::new();
    let network = &world.aws.network;
    let now = world.now;
    for nat in network.ever(Kind::NatGateway).filter(|nat| nat.lives(now)) {
        let Some(first) = nat.list("NatGatewayAddresses").first() else { continue };
        let private = first["PrivateIp"].as_str().and_then(address::parse).unwrap_or_default();
        let id = derived_id(world.seed, "eni-", &nat.id);
        let about = About { kind: "nat_gateway", words: format!("Interface for NAT Gateway {}", nat.id), ours: true };
        let mut found = interface(world, id, nat.text("SubnetId"), private, &about);
        if let Some(public) = first["PublicIp"].as_str() {
            found.body["Association"] = json!({
                "AllocationId": first["AllocationId"], "AssociationId": first["AssociationId"],
                "IpOwnerId": *world.aws.id, "PublicDnsName": "", "PublicIp": public});
        }
        out.push(found);
    }
    for endpoint in network.there(Kind::Endpoint) {
        for subnet in endpoint.list("SubnetIds").iter().filter_map(Value::as_str) {
            let id = derived_id(world.seed, "eni-", &format!("{}/{subnet}", endpoint.id));
            let kept = network.get(subnet);
            let address = kept.map_or(0, |subnet| place(world, subnet, &endpoint.id));
            let words = format!("VPC Endpoint Interface {}", endpoint.id);
            let groups = guard::ids(endpoint.list("Groups"));
            let about = About { kind: "vpc_endpoint", words, ours: true };
            out.push(guarded(world, interface(world, id, subnet, address, &about), &groups));
        }
    }
    for (name, subnet, groups) in lambda::interfaces(world) {
        let id = derived_id(world.seed, "eni-", &format!("{name}/{subnet}"));
        let address = network.get(&subnet).map_or(0, |found| place(world, found, &name));
        let words = format!("AWS Lambda VPC ENI-{name}-{}", lambda::interface_id(world, &name, &subnet));
        let about = About { kind: "lambda", words, ours: true };
        out.push(guarded(world, interface(world, id, &subnet, address, &about), &groups));
    }
    out.extend(instances::interfaces(world));
    out.extend(inner(world));
    out
}

/// The interfaces of databases and caches that flows say the places of.
fn inner(world: &World) -> Vec<Interface> {
    let Some(setup) = world.aws.network.setup_at(world.now) else { return Vec::new() };
    let mut out: Vec<Interface> = Vec::new();
    for flow in world.aws.flows.specs.iter() {
        let to = super::super::flows::pieces::destination(flow);
        let words = match to.name.split_once(':') {
            Some(("rds", _)) => "RDSNetworkInterface".to_string(),
            Some(("cache", name)) => format!("ElastiCache {name}"),
            _ => continue,
        };
        let Some(net) = setup.net_of(to.address) else { continue };
        let id = derived_id(world.seed, "eni-", &to.name);
        let Some(groups) = guard::inside(world, world.now, &to).filter(|_| out.iter().all(|one| one.id != id)) else {
            continue;
        };
        let about = About { kind: "interface", words, ours: true };
        let mut found = interface(world, id, &net.id, to.address, &about);
        found.body["Groups"] = groups_shown(world, &groups);
        out.push(found);
    }
    out
}

/// The interface of an endpoint in one of its subnets.
pub fn endpoint_interface(world: &World, endpoint: &str, subnet: &str) -> String {
    derived_id(world.seed, "eni-", &format!("{endpoint}/{subnet}"))
}

/// The private address of an interface endpoint in one of its subnets.
pub fn endpoint_address(world: &World, endpoint: &str, subnet: &str) -> u32 {
    world.aws.network.get(subnet).map_or(0, |subnet| place(world, subnet, endpoint))
}

/// The same of a function; one interface for each function and subnet.
pub fn function_address(world: &World, function: &str, subnet: &str) -> u32 {
    world.aws.network.get(subnet).map_or(0, |subnet| place(world, subnet, function))
}

/// The interfaces of an interface endpoint.
pub fn of_endpoint(world: &World, endpoint: &Resource) -> Vec<String> {
    let subnets = endpoint.list("SubnetIds").iter().filter_map(Value::as_str);
    subnets.map(|subnet| derived_id(world.seed, "eni-", &format!("{}/{subnet}", endpoint.id))).collect()
}

/// A free private address of a subnet for a gateway, as text; `nth` tells several of one apart.
pub fn free(world: &World, subnet: &Resource, nth: u64) -> String {
    let salt = format!("{}#{nth}#{}", subnet.id, world.aws.network.ever(Kind::NatGateway).count());
    address::show(place(world, subnet, &salt))
}

/// An address of a subnet that follows from what it is for. The first four and the last are AWS's own; nodes stand below
/// the hundredth.
fn place(world: &World, subnet: &Resource, for_what: &str) -> u32 {
    let Some(range) = Range::parse(subnet.text("CidrBlock")) else { return 0 };
    let lot = dice::at(world.seed, dice::hash_name("private-address"), dice::hash_name(for_what));
    let room = range.size().saturating_sub(105).max(1);
    let first = if range.size() > 110 { 100 } else { 4 };
    range.at(first + lot % room)
}

/// An interface with the security groups that stand before it now: those named, or what stands at its place.
pub fn guarded(world: &World, mut interface: Interface, named: &[Arc<str>]) -> Interface {
    let setup = world.aws.network.setup_at(world.now);
    let end = setup.map(|setup| setup.end(&interface.subnet, interface.address, named));
    let groups = end.and_then(|end| end.groups).unwrap_or_default();
    interface.body["Groups"] = groups_shown(world, &groups);
    interface
}

/// Groups as bodies list them.
pub fn groups_shown(world: &World, groups: &[Arc<str>]) -> Value {
    let name = |id: &str| world.aws.network.get(id).map(|group| group.text("GroupName").to_string());
    groups.iter().map(|id| json!({"GroupId": **id, "GroupName": name(id).unwrap_or_default()})).collect()
}

/// What an interface is for.
pub struct About<'a> {
    /// `InterfaceType`.
    pub kind: &'a str,
    pub words: String,
    /// Whether AWS manages it.
    pub ours: bool,
}

pub fn interface(world: &World, id: String, subnet: &str, address: u32, about: &About) -> Interface {
    let zone = world.aws.network.get(subnet).map(|subnet| subnet.text("AvailabilityZone").to_string());
    let vpc = world.aws.network.get(subnet).map(|subnet| subnet.text("VpcId").to_string());
    let private = address::show(address);
    let dns = format!("ip-{}.{}.compute.internal", private.replace('.', "-"), world.aws.region);
    let mac = dice::hash_name(&id);
    let byte = |n: u32| (mac >> (8 * n)) & 0xff;
    let body = json!({
        "AvailabilityZone": zone.unwrap_or_default(), "Description": about.words, "Groups": [],
        "InterfaceType": about.kind, "Ipv6Addresses": [],
        "MacAddress": format!("02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", byte(0), byte(1), byte(2), byte(3), byte(4)),
        "NetworkInterfaceId": id, "OwnerId": *world.aws.id, "PrivateDnsName": dns, "PrivateIpAddress": private,
        "PrivateIpAddresses": [{"Primary": true, "PrivateDnsName": dns, "PrivateIpAddress": private}],
        "RequesterManaged": about.ours, "SourceDestCheck": !about.ours, "Status": "in-use", "SubnetId": subnet,
        "VpcId": vpc.unwrap_or_default(),
    });
    Interface { id, subnet: subnet.into(), address, body }
}

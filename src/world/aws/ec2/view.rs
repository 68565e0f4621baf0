//! What there is, as it looks at `world.now`: states that follow from time, counts, and the interfaces and instances that
//! nobody keeps because they follow from other things. Does not know requests.

use super::kinds::Kind;
use super::resources::{LINGERS, Resource};
use super::{groups, instances, interfaces, prefix_lists, setup};
use crate::world::World;
use serde_json::{Value, json};

/// Everything of a kind, as it is listed.
pub fn all(world: &World, kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Instance => instances::all(world),
        Kind::Interface => interfaces::all(world).into_iter().map(|interface| interface.body).collect(),
        Kind::PrefixList => prefix_lists::all(world),
        Kind::Volume => {
            let own = world.aws.network.ever(kind).filter_map(|resource| one(world, resource));
            own.chain(instances::root_volumes(world)).collect()
        }
        _ => world.aws.network.ever(kind).filter_map(|resource| one(world, resource)).collect(),
    }
}

/// A thing as it looks now; `None` if it is no longer listed.
pub fn one(world: &World, resource: &Resource) -> Option<Value> {
    let now = world.now;
    let lingers = matches!(resource.kind, Kind::NatGateway | Kind::Instance);
    let listed = |gone| now < gone || (lingers && now < gone + LINGERS);
    if resource.gone.is_some_and(|gone| !listed(gone)) {
        return None;
    }
    let mut body = resource.body.clone();
    let owner = &world.aws.id;
    match resource.kind {
        Kind::NatGateway => nat(&mut body, resource, world),
        Kind::RouteTable => {
            body["OwnerId"] = json!(**owner);
            table(world, resource, &mut body);
        }
        Kind::Subnet => {
            let taken = interfaces::all(world).iter().filter(|found| *found.subnet == *resource.id).count() as u64;
            let range = super::address::Range::parse(resource.text("CidrBlock"));
            // Five addresses of every subnet are AWS's own (VPC guide, "Subnet sizing").
            let free = range.map_or(0, |range| range.size().saturating_sub(5 + taken));
            body["AvailableIpAddressCount"] = json!(free);
        }
        Kind::Endpoint => {
            let pending = resource.ready > now;
            let gateway = resource.text("VpcEndpointType") == "Gateway";
            let ids: Vec<String> = if gateway { Vec::new() } else { interfaces::of_endpoint(world, resource) };
            body["NetworkInterfaceIds"] = json!(ids);
            body["State"] = json!(if resource.gone.is_some() { "deleting" } else { state(pending) });
            body["OwnerId"] = json!(**owner);
        }
        Kind::Group => groups::shown(world, resource, &mut body),
        _ => {}
    }
    Some(body)
}

fn state(pending: bool) -> &'static str {
    if pending { "pending" } else { "available" }
}

fn nat(body: &mut Value, resource: &Resource, world: &World) {
    let now = world.now;
    let state = match resource.gone {
        Some(gone) if now >= gone => "deleted",
        Some(_) => "deleting",
        None => state(resource.ready > now),
    };
    body["State"] = json!(state);
    let wanted = if state == "available" { "succeeded" } else { "associating" };
    for address in body["NatGatewayAddresses"].as_array_mut().into_iter().flatten() {
        address["Status"] = json!(wanted);
    }
}

/// Routes with their states, and those that gateway endpoints put there (origin `CreateRoute`, as the real ones have).
fn table(world: &World, resource: &Resource, body: &mut Value) {
    let network = &world.aws.network;
    let now = world.now;
    let lives = |id: &str| network.get(id).is_some_and(|target| target.gone.is_none_or(|gone| now < gone));
    let attached = |id: &str| network.get(id).is_some_and(|gateway| !gateway.list("Attachments").is_empty());
    let mut routes = resource.list("Routes").to_vec();
    for route in &mut routes {
        let text = |member: &str| route.get(member).and_then(Value::as_str);
        let active = match (text("GatewayId"), text("NatGatewayId")) {
            (Some("local"), _) => true,
            (Some(id), _) => lives(id) && attached(id),
            (_, Some(id)) => lives(id),
            _ => false,
        };
        route["State"] = json!(if active { "active" } else { "blackhole" });
    }
    for endpoint in network.there(Kind::Endpoint).filter(|e| e.text("VpcEndpointType") == "Gateway") {
        if endpoint.list("RouteTableIds").iter().any(|id| *id == *resource.id) {
            let service = setup::service(endpoint.text("ServiceName"), &world.aws.region);
            let list = prefix_lists::id(service, &world.aws.region);
            routes.push(json!({
                "DestinationPrefixListId": list, "GatewayId": *endpoint.id, "Origin": "CreateRoute", "State": "active",
            }));
        }
    }
    body["Routes"] = json!(routes);
}

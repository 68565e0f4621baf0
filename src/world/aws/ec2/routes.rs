//! Route tables: routes and which subnets ask them. Does not know traffic.

use super::super::call::{Answer, Call, Fault};
use super::address::Range;
use super::describe::dry;
use super::kinds::Kind;
use super::resources::{Resource, add, alter, derived_id, find, missing, remove};
use super::vpc::{altered, created, deleted, required};
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// Routes of a table that are not AWS's own (VPC quotas: 50).
const ROUTES_MAX: usize = 50;

/// The table that every network has.
pub fn main_table(world: &mut World, vpc: &str, cidr: &str) -> Result<Arc<Resource>, Fault> {
    table(world, vpc, cidr, &Value::Null, true)
}

fn table(world: &mut World, vpc: &str, cidr: &str, input: &Value, main: bool) -> Result<Arc<Resource>, Fault> {
    let now = world.now;
    let local = json!({
        "DestinationCidrBlock": cidr, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"});
    let body = json!({"Associations": [], "PropagatingVgws": [], "Routes": [local], "VpcId": vpc});
    let table = add(world, Kind::RouteTable, body, input, now)?;
    if main {
        let id = derived_id(world.seed, "rtbassoc-", &table.id);
        let association = json!({
            "Main": true, "RouteTableAssociationId": id, "RouteTableId": *table.id,
            "AssociationState": {"State": "associated"}});
        alter(world, &table.id, |body| body["Associations"] = json!([association]));
    }
    Ok(find(world, Kind::RouteTable, &table.id)?.clone())
}

pub fn create_table(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let vpc = find(world, Kind::Vpc, required(call, "VpcId")?)?.clone();
    dry(call)?;
    let table = table(world, &vpc.id, vpc.text("CidrBlock"), call.input(), false)?;
    Ok(created(world, &table, "RouteTable"))
}

pub fn delete_table(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = find(world, Kind::RouteTable, required(call, "RouteTableId")?)?.clone();
    if !table.list("Associations").is_empty() {
        let message = format!("The routeTable '{}' has dependencies and cannot be deleted.", table.id);
        return Err(Fault::new("DependencyViolation", message));
    }
    dry(call)?;
    // A gateway endpoint forgets a table that is gone.
    let endpoints: Vec<Arc<str>> = world.aws.network.there(Kind::Endpoint).map(|found| found.id.clone()).collect();
    for endpoint in endpoints {
        alter(world, &endpoint, |body| {
            if let Some(ids) = body["RouteTableIds"].as_array_mut() {
                ids.retain(|id| *id != *table.id);
            }
        });
    }
    let now = world.now;
    remove(world, &table.id, now);
    Ok(deleted(&table))
}

/// What a route leads to, as asked: the member and the id.
fn target(world: &World, call: &Call) -> Result<(&'static str, String), Fault> {
    if let Some(id) = call.text("NatGatewayId") {
        let found = find(world, Kind::NatGateway, id).map_err(|_| {
            let message = format!("The natGateway ID '{id}' does not exist");
            Fault::new("InvalidNatGatewayID.NotFound", message)
        })?;
        return Ok(("NatGatewayId", found.id.to_string()));
    }
    if let Some(id) = call.text("GatewayId") {
        if id == "local" {
            return Ok(("GatewayId", id.to_string()));
        }
        let found = find(world, Kind::Gateway, id);
        let wrong = || Fault::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"));
        return Ok(("GatewayId", found.map_err(|_| wrong())?.id.to_string()));
    }
    let message = "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, \
                   vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, \
                   carrierGatewayId, vpcEndpointId or instanceId";
    Err(Fault::new("MissingParameter", message))
}

/// The destination as asked: the member and its normal form.
fn destination(call: &Call) -> Result<(&'static str, String), Fault> {
    if let Some(list) = call.text("DestinationPrefixListId") {
        return Ok(("DestinationPrefixListId", list.to_string()));
    }
    let text = required(call, "DestinationCidrBlock")?;
    let wrong = || {
        let message =
            format!("Value ({text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.");
        Fault::new("InvalidParameterValue", message)
    };
    Ok(("DestinationCidrBlock", Range::parse(text).ok_or_else(wrong)?.to_string()))
}

fn at(table: &Resource, (member, wanted): &(&'static str, String)) -> Option<usize> {
    table.list("Routes").iter().position(|route| route.get(*member).is_some_and(|value| *value == **wanted))
}

fn flat(member: &str) -> &'static str {
    if member == "DestinationPrefixListId" { "destination-prefix-list-id" } else { "destination-cidr-block" }
}

pub fn create_route(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = find(world, Kind::RouteTable, required(call, "RouteTableId")?)?.clone();
    let (to, target) = (destination(call)?, target(world, call)?);
    if at(&table, &to).is_some() {
        return Err(Fault::new("RouteAlreadyExists", format!("The route identified by {} already exists.", to.1)));
    }
    if table.list("Routes").len() > ROUTES_MAX {
        let message = "The maximum number of routes has been reached for this route table.";
        return Err(Fault::new("RouteLimitExceeded", message));
    }
    dry(call)?;
    let route = json!({to.0: to.1, target.0: target.1, "Origin": "CreateRoute", "State": "active"});
    let changed = alter(world, &table.id, |body| {
        if let Some(routes) = body["Routes"].as_array_mut() {
            routes.push(route);
        }
    });
    Ok(Answer { body: json!({"Return": true}), ..altered(&table, changed) })
}

pub fn replace_route(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = find(world, Kind::RouteTable, required(call, "RouteTableId")?)?.clone();
    let (to, target) = (destination(call)?, target(world, call)?);
    let Some(index) = at(&table, &to) else {
        let message = format!("There is no route defined for '{}' in the route table. Use CreateRoute instead.", to.1);
        return Err(Fault::new("InvalidParameterValue", message));
    };
    dry(call)?;
    let changed = alter(world, &table.id, |body| {
        if let Some(route) = body["Routes"].get_mut(index).and_then(Value::as_object_mut) {
            for member in ["GatewayId", "NatGatewayId"] {
                route.remove(member);
            }
            route.insert(target.0.into(), json!(target.1));
        }
    });
    Ok(altered(&table, changed))
}

pub fn delete_route(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = find(world, Kind::RouteTable, required(call, "RouteTableId")?)?.clone();
    let to = destination(call)?;
    let Some(index) = at(&table, &to) else {
        let message = format!("no route with {} {} in route table {}", flat(to.0), to.1, table.id);
        return Err(Fault::new("InvalidRoute.NotFound", message));
    };
    if table.list("Routes").get(index).is_some_and(|route| route["GatewayId"] == "local") {
        let message = format!("cannot remove local route {} in route table {}", to.1, table.id);
        return Err(Fault::new("InvalidParameterValue", message));
    }
    dry(call)?;
    let changed = alter(world, &table.id, |body| {
        if let Some(routes) = body["Routes"].as_array_mut() {
            routes.remove(index);
        }
    });
    Ok(altered(&table, changed))
}

/// The table and the place of an association.
fn association(world: &World, id: &str) -> Result<(Arc<Resource>, usize), Fault> {
    let found = world.aws.network.there(Kind::RouteTable).find_map(|table| {
        let rows = table.list("Associations");
        let index = rows.iter().position(|row| row["RouteTableAssociationId"] == *id)?;
        Some((Arc::clone(table), index))
    });
    let message = format!("The association ID '{id}' does not exist");
    found.ok_or_else(|| Fault::new("InvalidAssociationID.NotFound", message))
}

fn attach(world: &mut World, table: &Resource, row: &mut Value) -> Vec<crate::world::audit::FieldChange> {
    row["RouteTableId"] = json!(*table.id);
    let row = row.clone();
    alter(world, &table.id, |body| {
        if let Some(rows) = body["Associations"].as_array_mut() {
            rows.push(row);
        }
    })
}

fn detach(world: &mut World, table: &str, index: usize) {
    alter(world, table, |body| {
        if let Some(rows) = body["Associations"].as_array_mut() {
            rows.remove(index);
        }
    });
}

pub fn associate(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = find(world, Kind::RouteTable, required(call, "RouteTableId")?)?.clone();
    let subnet = find(world, Kind::Subnet, required(call, "SubnetId")?)?.id.clone();
    let asks = |table: &Resource| table.list("Associations").iter().any(|row| row["SubnetId"] == *subnet);
    if let Some(other) = world.aws.network.there(Kind::RouteTable).find(|other| asks(other)) {
        let message =
            format!("the specified association for route table {} conflicts with an existing association", other.id);
        return Err(Fault::new("Resource.AlreadyAssociated", message));
    }
    dry(call)?;
    let id = derived_id(world.seed, "rtbassoc-", &format!("{subnet}@{}", world.now.0));
    let mut row = json!({
        "Main": false, "RouteTableAssociationId": id, "SubnetId": *subnet,
        "AssociationState": {"State": "associated"}});
    let changed = attach(world, &table, &mut row);
    let body = json!({"AssociationId": id, "AssociationState": {"State": "associated"}});
    Ok(Answer { body, ..altered(&table, changed) })
}

pub fn disassociate(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = required(call, "AssociationId")?;
    let (table, index) = association(world, id)?;
    if table.list("Associations").get(index).is_some_and(|row| row["Main"] == true) {
        let message = format!("cannot disassociate the main route table association {id}");
        return Err(Fault::new("InvalidParameterValue", message));
    }
    dry(call)?;
    let before = table.body.clone();
    detach(world, &table.id, index);
    let after = find(world, Kind::RouteTable, &table.id)?.body.clone();
    Ok(altered(&table, super::resources::changes(&before, &after)))
}

/// `ReplaceRouteTableAssociation`: the subnet asks another table, under a new association.
pub fn replace_association(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = required(call, "AssociationId")?;
    let (from, index) = association(world, id)?;
    let to = required(call, "RouteTableId")?;
    let table = find(world, Kind::RouteTable, to).map_err(|_| missing(Kind::RouteTable, to))?.clone();
    dry(call)?;
    let Some(mut row) = from.list("Associations").get(index).cloned() else { return Ok(Answer::default()) };
    detach(world, &from.id, index);
    let new = derived_id(world.seed, "rtbassoc-", &format!("{id}@{}", world.now.0));
    row["RouteTableAssociationId"] = json!(new);
    let changed = attach(world, &table, &mut row);
    let body = json!({"NewAssociationId": new, "AssociationState": {"State": "associated"}});
    Ok(Answer { body, ..altered(&table, changed) })
}

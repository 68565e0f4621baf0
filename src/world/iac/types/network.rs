//! Networks: VPCs, subnets, route tables, gateways, endpoints, addresses, security groups, flow logs, instances. Does not
//! know what travels.

use super::{Attr, Attributes, Fault, Hand, Is, Rule, TypeRow, attr, inputs, pairs, table, tags_gone, taken, text};
use serde_json::{Map, Value, json};

/// Asks `operation` for one resource by its id; `None` where it is not there, or not any more.
fn found(hand: &mut Hand, operation: &str, (ids, id): (&str, &str), list: &str) -> Result<Option<Value>, Fault> {
    let mut input = json!({});
    input[ids] = json!([id]);
    let body = match hand.ask("ec2", operation, input) {
        Ok(body) => body,
        Err(fault) if fault.code.contains("NotFound") => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let gone = |value: &Value| {
        let state = value["State"]["Name"].as_str().or(value["State"].as_str()).unwrap_or_default();
        matches!(state, "deleted" | "deleting" | "terminated")
    };
    Ok(body[list].as_array().and_then(|items| items.iter().find(|item| !gone(item))).cloned())
}

fn specification(kind: &str, wanted: &Attributes) -> Value {
    match wanted.get("tags") {
        Some(tags) => json!([{ "ResourceType": kind, "Tags": pairs(Some(tags)) }]),
        None => json!([]),
    }
}

/// Makes something: the operation's members from attributes, its tags, and the id from the answer (a JSON pointer).
fn made(
    hand: &mut Hand,
    operation: &str,
    kind: &str,
    wanted: &Attributes,
    members: &[(&str, &str)],
    id: &str,
) -> Result<String, Fault> {
    let mut input = inputs(wanted, members);
    let tags = specification(kind, wanted);
    if tags != json!([]) {
        input.insert("TagSpecifications".into(), tags);
    }
    let body = hand.ask("ec2", operation, Value::Object(input))?;
    Ok(body.pointer(id).and_then(Value::as_str).unwrap_or_default().to_string())
}

fn retag(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str], old: &Value) -> Result<(), Fault> {
    if !changed.contains(&"tags") {
        return Ok(());
    }
    let gone: Vec<Value> = tags_gone(&table(old), wanted).into_iter().map(|key| json!({ "Key": key })).collect();
    if !gone.is_empty() {
        hand.ask("ec2", "DeleteTags", json!({ "Resources": [id], "Tags": gone }))?;
    }
    let tags = pairs(wanted.get("tags"));
    if tags != json!([]) {
        hand.ask("ec2", "CreateTags", json!({ "Resources": [id], "Tags": tags }))?;
    }
    Ok(())
}

fn remove(hand: &mut Hand, operation: &str, member: &str, id: &str) -> Result<(), Fault> {
    let mut input = Map::new();
    input.insert(member.into(), id.into());
    match hand.ask("ec2", operation, Value::Object(input)) {
        Err(fault) if fault.code.contains("NotFound") => Ok(()),
        done => done.map(drop),
    }
}

/// What was read of a resource: members as attributes, and its tags.
fn read_of(body: &Value, members: &[(&str, &str)]) -> Attributes {
    let mut out = taken(body, members);
    out.insert("tags".into(), table(&body["Tags"]));
    out
}

/// A type whose only changes in place are its tags.
macro_rules! tagged {
    ($name:ident, $type:literal, $noun:literal, $kind:literal, $attributes:expr, $create:expr, $read:expr, $delete:expr) => {
        pub static $name: TypeRow = TypeRow {
            name: $type,
            noun: $noun,
            kind: $kind,
            attributes: $attributes,
            create: $create,
            read: $read,
            update: |hand, id, wanted, changed| {
                let old = $read(hand, id, wanted)?.and_then(|read| read.get("tags").cloned()).unwrap_or_default();
                retag(hand, id, wanted, changed, &pairs(Some(&old)))
            },
            delete: $delete,
        };
    };
}

const TAGS: Attr = attr("tags", Is::Map, Rule::Optional);

const VPC_MEMBERS: &[(&str, &str)] = &[("cidr_block", "CidrBlock")];

fn vpc_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    Ok(found(hand, "DescribeVpcs", ("VpcIds", id), "Vpcs")?.map(|body| read_of(&body, VPC_MEMBERS)))
}

tagged!(
    VPC,
    "aws_vpc",
    "EC2 VPC",
    "AWS::EC2::VPC",
    &[attr("cidr_block", Is::Text, Rule::Required).forces(), TAGS],
    |hand, wanted| made(hand, "CreateVpc", "vpc", wanted, VPC_MEMBERS, "/Vpc/VpcId"),
    vpc_read,
    |hand, id, _| remove(hand, "DeleteVpc", "VpcId", id)
);

const SUBNET_MEMBERS: &[(&str, &str)] =
    &[("availability_zone", "AvailabilityZone"), ("cidr_block", "CidrBlock"), ("vpc_id", "VpcId")];

fn subnet_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeSubnets", ("SubnetIds", id), "Subnets")?;
    Ok(body.map(|body| {
        let mut out = read_of(&body, SUBNET_MEMBERS);
        out.insert("map_public_ip_on_launch".into(), (body["MapPublicIpOnLaunch"] == true).into());
        out
    }))
}

fn subnet_public(hand: &mut Hand, id: &str, wanted: &Attributes) -> Result<(), Fault> {
    let public = wanted.get("map_public_ip_on_launch") == Some(&Value::Bool(true));
    let input = json!({ "SubnetId": id, "MapPublicIpOnLaunch": { "Value": public } });
    hand.ask("ec2", "ModifySubnetAttribute", input).map(drop)
}

pub static SUBNET: TypeRow = TypeRow {
    name: "aws_subnet",
    noun: "EC2 Subnet",
    kind: "AWS::EC2::Subnet",
    attributes: &[
        attr("availability_zone", Is::Text, Rule::Kept).forces(),
        attr("cidr_block", Is::Text, Rule::Required).forces(),
        attr("map_public_ip_on_launch", Is::Yes, Rule::Default("false")),
        TAGS,
        attr("vpc_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let id = made(hand, "CreateSubnet", "subnet", wanted, SUBNET_MEMBERS, "/Subnet/SubnetId")?;
        if wanted.get("map_public_ip_on_launch") == Some(&Value::Bool(true)) {
            subnet_public(hand, &id, wanted)?;
        }
        Ok(id)
    },
    read: subnet_read,
    update: |hand, id, wanted, changed| {
        if changed.contains(&"map_public_ip_on_launch") {
            subnet_public(hand, id, wanted)?;
        }
        let old = subnet_read(hand, id, wanted)?.and_then(|read| read.get("tags").cloned()).unwrap_or_default();
        retag(hand, id, wanted, changed, &pairs(Some(&old)))
    },
    delete: |hand, id, _| remove(hand, "DeleteSubnet", "SubnetId", id),
};

fn gateway_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeInternetGateways", ("InternetGatewayIds", id), "InternetGateways")?;
    Ok(body.map(|body| {
        let mut out = read_of(&body, &[]);
        out.insert("vpc_id".into(), body["Attachments"][0]["VpcId"].clone());
        out
    }))
}

tagged!(
    INTERNET_GATEWAY,
    "aws_internet_gateway",
    "EC2 Internet Gateway",
    "AWS::EC2::InternetGateway",
    &[TAGS, attr("vpc_id", Is::Text, Rule::Required).forces()],
    |hand, wanted| {
        let (kind, at) = ("internet-gateway", "/InternetGateway/InternetGatewayId");
        let id = made(hand, "CreateInternetGateway", kind, wanted, &[], at)?;
        let input = json!({ "InternetGatewayId": id, "VpcId": text(wanted, "vpc_id") });
        hand.ask("ec2", "AttachInternetGateway", input)?;
        Ok(id)
    },
    gateway_read,
    |hand, id, known| {
        let input = json!({ "InternetGatewayId": id, "VpcId": text(known, "vpc_id") });
        hand.ask("ec2", "DetachInternetGateway", input)?;
        remove(hand, "DeleteInternetGateway", "InternetGatewayId", id)
    }
);

fn route_table_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeRouteTables", ("RouteTableIds", id), "RouteTables")?;
    Ok(body.map(|body| read_of(&body, &[("vpc_id", "VpcId")])))
}

/// As the provider does, the subnets are let go first.
fn route_table_delete(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<(), Fault> {
    let body = found(hand, "DescribeRouteTables", ("RouteTableIds", id), "RouteTables")?.unwrap_or_default();
    for row in body["Associations"].as_array().into_iter().flatten().filter(|row| row["Main"] != true) {
        hand.ask("ec2", "DisassociateRouteTable", json!({ "AssociationId": row["RouteTableAssociationId"] }))?;
    }
    remove(hand, "DeleteRouteTable", "RouteTableId", id)
}

tagged!(
    ROUTE_TABLE,
    "aws_route_table",
    "EC2 Route Table",
    "AWS::EC2::RouteTable",
    &[TAGS, attr("vpc_id", Is::Text, Rule::Required).forces()],
    |hand, wanted| {
        made(hand, "CreateRouteTable", "route-table", wanted, &[("vpc_id", "VpcId")], "/RouteTable/RouteTableId")
    },
    route_table_read,
    route_table_delete
);

const ROUTE_TARGETS: &[(&str, &str)] = &[("gateway_id", "GatewayId"), ("nat_gateway_id", "NatGatewayId")];

fn route_input(wanted: &Attributes, targets: &[(&str, &str)]) -> Value {
    let mut input = inputs(wanted, targets);
    input.insert("RouteTableId".into(), text(wanted, "route_table_id").into());
    input.insert("DestinationCidrBlock".into(), text(wanted, "destination_cidr_block").into());
    Value::Object(input)
}

/// The id is the table's and the destination's: `r-rtb-priv-a:0.0.0.0/0`.
pub static ROUTE: TypeRow = TypeRow {
    name: "aws_route",
    noun: "EC2 Route",
    kind: "AWS::EC2::Route",
    attributes: &[
        attr("destination_cidr_block", Is::Text, Rule::Required).forces(),
        attr("gateway_id", Is::Text, Rule::Optional),
        attr("nat_gateway_id", Is::Text, Rule::Optional),
        attr("route_table_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        hand.ask("ec2", "CreateRoute", route_input(wanted, ROUTE_TARGETS))?;
        Ok(format!("r-{}:{}", text(wanted, "route_table_id"), text(wanted, "destination_cidr_block")))
    },
    read: |hand, _, known| {
        let id = text(known, "route_table_id");
        let body = found(hand, "DescribeRouteTables", ("RouteTableIds", id), "RouteTables")?.unwrap_or_default();
        let routes = body["Routes"].as_array();
        let own = routes.into_iter().flatten().find(|r| r["DestinationCidrBlock"] == known["destination_cidr_block"]);
        Ok(own.map(|route| taken(route, ROUTE_TARGETS)))
    },
    update: |hand, _, wanted, _| hand.ask("ec2", "ReplaceRoute", route_input(wanted, ROUTE_TARGETS)).map(drop),
    delete: |hand, _, known| match hand.ask("ec2", "DeleteRoute", route_input(known, &[])) {
        Err(fault) if fault.code.contains("NotFound") => Ok(()),
        done => done.map(drop),
    },
};

/// Another table is another association here: the plan shows a replacement where the provider changes in place.
pub static ROUTE_TABLE_ASSOCIATION: TypeRow = TypeRow {
    name: "aws_route_table_association",
    noun: "EC2 Route Table Association",
    kind: "AWS::EC2::SubnetRouteTableAssociation",
    attributes: &[
        attr("route_table_id", Is::Text, Rule::Required).forces(),
        attr("subnet_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let members = [("route_table_id", "RouteTableId"), ("subnet_id", "SubnetId")];
        let body = hand.ask("ec2", "AssociateRouteTable", Value::Object(inputs(wanted, &members)))?;
        Ok(body["AssociationId"].as_str().unwrap_or_default().to_string())
    },
    read: |hand, id, known| {
        let table = text(known, "route_table_id");
        let body = found(hand, "DescribeRouteTables", ("RouteTableIds", table), "RouteTables")?.unwrap_or_default();
        let rows = body["Associations"].as_array();
        let own = rows.into_iter().flatten().find(|row| row["RouteTableAssociationId"] == id);
        Ok(own.map(|row| taken(row, &[("route_table_id", "RouteTableId"), ("subnet_id", "SubnetId")])))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, id, _| remove(hand, "DisassociateRouteTable", "AssociationId", id),
};

fn nat_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeNatGateways", ("NatGatewayIds", id), "NatGateways")?;
    Ok(body.map(|body| {
        let mut out = read_of(&body, &[("connectivity_type", "ConnectivityType"), ("subnet_id", "SubnetId")]);
        let first = &body["NatGatewayAddresses"][0];
        out.extend(taken(first, &[("allocation_id", "AllocationId"), ("public_ip", "PublicIp")]));
        out
    }))
}

tagged!(
    NAT_GATEWAY,
    "aws_nat_gateway",
    "EC2 NAT Gateway",
    "AWS::EC2::NatGateway",
    &[
        attr("allocation_id", Is::Text, Rule::Optional).forces(),
        attr("connectivity_type", Is::Text, Rule::Default("\"public\"")).forces(),
        attr("public_ip", Is::Text, Rule::Computed),
        attr("subnet_id", Is::Text, Rule::Required).forces(),
        TAGS,
    ],
    |hand, wanted| {
        let members =
            [("allocation_id", "AllocationId"), ("connectivity_type", "ConnectivityType"), ("subnet_id", "SubnetId")];
        made(hand, "CreateNatGateway", "natgateway", wanted, &members, "/NatGateway/NatGatewayId")
    },
    nat_read,
    |hand, id, _| remove(hand, "DeleteNatGateway", "NatGatewayId", id)
);

fn address_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeAddresses", ("AllocationIds", id), "Addresses")?;
    Ok(body.map(|body| {
        read_of(&body, &[("allocation_id", "AllocationId"), ("domain", "Domain"), ("public_ip", "PublicIp")])
    }))
}

tagged!(
    ADDRESS,
    "aws_eip",
    "EC2 EIP",
    "AWS::EC2::EIP",
    &[
        attr("allocation_id", Is::Text, Rule::Computed),
        attr("domain", Is::Text, Rule::Default("\"vpc\"")).forces(),
        attr("public_ip", Is::Text, Rule::Computed),
        TAGS,
    ],
    |hand, wanted| made(hand, "AllocateAddress", "elastic-ip", wanted, &[("domain", "Domain")], "/AllocationId"),
    address_read,
    |hand, id, _| remove(hand, "ReleaseAddress", "AllocationId", id)
);

const ENDPOINT_LISTS: &[(&str, &str, &str)] = &[
    ("route_table_ids", "AddRouteTableIds", "RemoveRouteTableIds"),
    ("security_group_ids", "AddSecurityGroupIds", "RemoveSecurityGroupIds"),
    ("subnet_ids", "AddSubnetIds", "RemoveSubnetIds"),
];

fn endpoint_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeVpcEndpoints", ("VpcEndpointIds", id), "VpcEndpoints")?;
    Ok(body.map(|body| {
        let members = [
            ("route_table_ids", "RouteTableIds"),
            ("service_name", "ServiceName"),
            ("subnet_ids", "SubnetIds"),
            ("vpc_endpoint_type", "VpcEndpointType"),
            ("vpc_id", "VpcId"),
        ];
        let mut out = read_of(&body, &members);
        out.insert("private_dns_enabled".into(), (body["PrivateDnsEnabled"] == true).into());
        let groups = body["Groups"].as_array().into_iter().flatten();
        out.insert("security_group_ids".into(), groups.map(|group| group["GroupId"].clone()).collect());
        out
    }))
}

fn endpoint_update(hand: &mut Hand, id: &str, wanted: &Attributes, changed: &[&str]) -> Result<(), Fault> {
    let old = endpoint_read(hand, id, wanted)?.unwrap_or_default();
    let mut input = Map::new();
    for (name, add, take) in ENDPOINT_LISTS.iter().filter(|(name, _, _)| changed.contains(name)) {
        let list = |from: &Attributes| from.get(*name).and_then(Value::as_array).cloned().unwrap_or_default();
        let (was, is) = (list(&old), list(wanted));
        let new: Vec<&Value> = is.iter().filter(|id| !was.contains(id)).collect();
        let gone: Vec<&Value> = was.iter().filter(|id| !is.contains(id)).collect();
        for (member, ids) in [(add, new), (take, gone)] {
            if !ids.is_empty() {
                input.insert((*member).into(), json!(ids));
            }
        }
    }
    if changed.contains(&"private_dns_enabled") {
        input.insert("PrivateDnsEnabled".into(), wanted["private_dns_enabled"].clone());
    }
    if !input.is_empty() {
        input.insert("VpcEndpointId".into(), id.into());
        hand.ask("ec2", "ModifyVpcEndpoint", Value::Object(input))?;
    }
    retag(hand, id, wanted, changed, &pairs(old.get("tags")))
}

pub static ENDPOINT: TypeRow = TypeRow {
    name: "aws_vpc_endpoint",
    noun: "EC2 VPC Endpoint",
    kind: "AWS::EC2::VPCEndpoint",
    attributes: &[
        attr("private_dns_enabled", Is::Yes, Rule::Default("false")),
        attr("route_table_ids", Is::Set, Rule::Kept),
        attr("security_group_ids", Is::Set, Rule::Kept),
        attr("service_name", Is::Text, Rule::Required).forces(),
        attr("subnet_ids", Is::Set, Rule::Kept),
        TAGS,
        attr("vpc_endpoint_type", Is::Text, Rule::Default("\"Gateway\"")).forces(),
        attr("vpc_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let mut members = vec![
            ("route_table_ids", "RouteTableIds"),
            ("security_group_ids", "SecurityGroupIds"),
            ("service_name", "ServiceName"),
            ("subnet_ids", "SubnetIds"),
            ("vpc_endpoint_type", "VpcEndpointType"),
            ("vpc_id", "VpcId"),
        ];
        if text(wanted, "vpc_endpoint_type") == "Interface" {
            members.push(("private_dns_enabled", "PrivateDnsEnabled"));
        }
        made(hand, "CreateVpcEndpoint", "vpc-endpoint", wanted, &members, "/VpcEndpoint/VpcEndpointId")
    },
    read: endpoint_read,
    update: endpoint_update,
    delete: |hand, id, _| match hand.ask("ec2", "DeleteVpcEndpoints", json!({ "VpcEndpointIds": [id] })) {
        Err(fault) if fault.code.contains("NotFound") => Ok(()),
        done => done.map(drop),
    },
};

/// One table of a gateway endpoint as a resource of its own.
pub static ENDPOINT_ROUTE_TABLE: TypeRow = TypeRow {
    name: "aws_vpc_endpoint_route_table_association",
    noun: "EC2 VPC Endpoint Route Table Association",
    kind: "AWS::EC2::VPCEndpoint",
    attributes: &[
        attr("route_table_id", Is::Text, Rule::Required).forces(),
        attr("vpc_endpoint_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let (endpoint, table) = (text(wanted, "vpc_endpoint_id"), text(wanted, "route_table_id"));
        let input = json!({ "VpcEndpointId": endpoint, "AddRouteTableIds": [table] });
        hand.ask("ec2", "ModifyVpcEndpoint", input)?;
        Ok(format!("a-{endpoint}/{table}"))
    },
    read: |hand, _, known| {
        let (endpoint, table) = (text(known, "vpc_endpoint_id").to_string(), &known["route_table_id"]);
        let read = endpoint_read(hand, &endpoint, known)?.unwrap_or_default();
        let there = read.get("route_table_ids").and_then(Value::as_array).is_some_and(|ids| ids.contains(table));
        Ok(there.then(Attributes::new))
    },
    update: |_, _, _, _| Ok(()),
    delete: |hand, _, known| {
        let (endpoint, table) = (text(known, "vpc_endpoint_id"), text(known, "route_table_id"));
        let input = json!({ "VpcEndpointId": endpoint, "RemoveRouteTableIds": [table] });
        match hand.ask("ec2", "ModifyVpcEndpoint", input) {
            Err(fault) if fault.code.contains("NotFound") => Ok(()),
            done => done.map(drop),
        }
    },
};

/// A rule of a security group, from the code's names to the service's and back.
fn permission(block: &Value) -> Value {
    let mut out = json!({
        "IpProtocol": block["protocol"].as_str().unwrap_or("-1"),
        "IpRanges": block["cidr_blocks"].as_array().into_iter().flatten().map(|cidr| json!({ "CidrIp": cidr })).collect::<Value>(),
        "UserIdGroupPairs": block["security_groups"].as_array().into_iter().flatten().map(|group| json!({ "GroupId": group })).collect::<Value>(),
    });
    for (name, member) in [("from_port", "FromPort"), ("to_port", "ToPort")] {
        if out["IpProtocol"] != "-1" {
            out[member] = block[name].clone();
        }
    }
    out
}

fn block(permission: &Value) -> Value {
    let all = |list: &str, member: &str| -> Vec<Value> {
        permission[list].as_array().into_iter().flatten().map(|item| item[member].clone()).collect()
    };
    let mut out = json!({ "protocol": permission["IpProtocol"] });
    for (name, values) in
        [("cidr_blocks", all("IpRanges", "CidrIp")), ("security_groups", all("UserIdGroupPairs", "GroupId"))]
    {
        if !values.is_empty() {
            out[name] = json!(values);
        }
    }
    for (name, member) in [("from_port", "FromPort"), ("to_port", "ToPort")] {
        if permission[member].is_number() {
            out[name] = permission[member].clone();
        }
    }
    out
}

fn group_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeSecurityGroups", ("GroupIds", id), "SecurityGroups")?;
    Ok(body.map(|body| {
        let mut out = read_of(&body, &[("description", "Description"), ("name", "GroupName"), ("vpc_id", "VpcId")]);
        for (name, list) in [("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")] {
            out.insert(name.into(), body[list].as_array().into_iter().flatten().map(block).collect());
        }
        out
    }))
}

/// Brings one direction's rules to what is wanted.
fn group_rules(hand: &mut Hand, id: &str, was: &Value, is: &Value, direction: &str) -> Result<(), Fault> {
    let side = |rules: &Value| rules.as_array().cloned().unwrap_or_default();
    let (was, is) = (side(was), side(is));
    let gone: Vec<Value> = was.iter().filter(|rule| !is.contains(rule)).map(permission).collect();
    let new: Vec<Value> = is.iter().filter(|rule| !was.contains(rule)).map(permission).collect();
    for (verb, rules) in [("Revoke", gone), ("Authorize", new)] {
        if !rules.is_empty() {
            let operation = format!("{verb}SecurityGroup{direction}");
            hand.ask("ec2", &operation, json!({ "GroupId": id, "IpPermissions": rules }))?;
        }
    }
    Ok(())
}

fn group_settle(hand: &mut Hand, id: &str, wanted: &Attributes, names: &[&str]) -> Result<(), Fault> {
    let old = group_read(hand, id, wanted)?.unwrap_or_default();
    for (name, direction) in [("ingress", "Ingress"), ("egress", "Egress")] {
        if names.contains(&name) {
            let side = |from: &Attributes| from.get(name).cloned().unwrap_or_default();
            group_rules(hand, id, &side(&old), &side(wanted), direction)?;
        }
    }
    retag(hand, id, wanted, names, &pairs(old.get("tags")))
}

pub static SECURITY_GROUP: TypeRow = TypeRow {
    name: "aws_security_group",
    noun: "EC2 Security Group",
    kind: "AWS::EC2::SecurityGroup",
    attributes: &[
        attr("description", Is::Text, Rule::Default("\"Managed by iac\"")).forces(),
        attr("egress", Is::Blocks, Rule::Kept),
        attr("ingress", Is::Blocks, Rule::Kept),
        attr("name", Is::Text, Rule::Required).forces(),
        TAGS,
        attr("vpc_id", Is::Text, Rule::Required).forces(),
    ],
    create: |hand, wanted| {
        let members = [("description", "Description"), ("name", "GroupName"), ("vpc_id", "VpcId")];
        let id = made(hand, "CreateSecurityGroup", "security-group", wanted, &members, "/GroupId")?;
        let written: Vec<&str> = ["ingress", "egress"].into_iter().filter(|name| wanted.contains_key(*name)).collect();
        group_settle(hand, &id, wanted, &written)?;
        Ok(id)
    },
    read: group_read,
    update: group_settle,
    delete: |hand, id, _| remove(hand, "DeleteSecurityGroup", "GroupId", id),
};

const FLOW_LOG_MEMBERS: &[(&str, &str)] = &[
    ("iam_role_arn", "DeliverLogsPermissionArn"),
    ("log_destination_type", "LogDestinationType"),
    ("log_format", "LogFormat"),
    ("log_group_name", "LogGroupName"),
    ("max_aggregation_interval", "MaxAggregationInterval"),
    ("traffic_type", "TrafficType"),
];

fn flow_log_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeFlowLogs", ("FlowLogIds", id), "FlowLogs")?;
    Ok(body.map(|body| {
        let mut out = read_of(&body, FLOW_LOG_MEMBERS);
        out.insert("vpc_id".into(), body["ResourceId"].clone());
        out
    }))
}

tagged!(
    FLOW_LOG,
    "aws_flow_log",
    "EC2 Flow Log",
    "AWS::EC2::FlowLog",
    &[
        attr("iam_role_arn", Is::Text, Rule::Optional).forces(),
        attr("log_destination_type", Is::Text, Rule::Default("\"cloud-watch-logs\"")).forces(),
        attr("log_format", Is::Text, Rule::Kept).forces(),
        attr("log_group_name", Is::Text, Rule::Optional).forces(),
        attr("max_aggregation_interval", Is::Whole, Rule::Default("600")).forces(),
        TAGS,
        attr("traffic_type", Is::Text, Rule::Default("\"ALL\"")).forces(),
        attr("vpc_id", Is::Text, Rule::Required).forces(),
    ],
    |hand, wanted| {
        let mut input = inputs(wanted, FLOW_LOG_MEMBERS);
        input.insert("ResourceType".into(), "VPC".into());
        input.insert("ResourceIds".into(), json!([text(wanted, "vpc_id")]));
        let tags = specification("vpc-flow-log", wanted);
        if tags != json!([]) {
            input.insert("TagSpecifications".into(), tags);
        }
        let body = hand.ask("ec2", "CreateFlowLogs", Value::Object(input))?;
        Ok(body["FlowLogIds"][0].as_str().unwrap_or_default().to_string())
    },
    flow_log_read,
    |hand, id, _| hand.ask("ec2", "DeleteFlowLogs", json!({ "FlowLogIds": [id] })).map(drop)
);

fn instance_read(hand: &mut Hand, id: &str, _known: &Attributes) -> Result<Option<Attributes>, Fault> {
    let body = found(hand, "DescribeInstances", ("InstanceIds", id), "Reservations")?;
    let body = body.map(|reservation| reservation["Instances"][0].clone());
    let gone = |body: &Value| matches!(body["State"]["Name"].as_str(), Some("terminated" | "shutting-down") | None);
    Ok(body.filter(|body| !gone(body)).map(|body| {
        let members = [
            ("ami", "ImageId"),
            ("instance_type", "InstanceType"),
            ("private_ip", "PrivateIpAddress"),
            ("subnet_id", "SubnetId"),
        ];
        read_of(&body, &members)
    }))
}

tagged!(
    INSTANCE,
    "aws_instance",
    "EC2 Instance",
    "AWS::EC2::Instance",
    &[
        attr("ami", Is::Text, Rule::Required).forces(),
        attr("instance_type", Is::Text, Rule::Required).forces(),
        attr("private_ip", Is::Text, Rule::Kept).forces(),
        attr("subnet_id", Is::Text, Rule::Required).forces(),
        TAGS,
    ],
    |hand, wanted| {
        let members = [
            ("ami", "ImageId"),
            ("instance_type", "InstanceType"),
            ("private_ip", "PrivateIpAddress"),
            ("subnet_id", "SubnetId"),
        ];
        let mut input = inputs(wanted, &members);
        input.insert("MinCount".into(), json!(1));
        input.insert("MaxCount".into(), json!(1));
        let tags = specification("instance", wanted);
        if tags != json!([]) {
            input.insert("TagSpecifications".into(), tags);
        }
        let body = hand.ask("ec2", "RunInstances", Value::Object(input))?;
        Ok(body["Instances"][0]["InstanceId"].as_str().unwrap_or_default().to_string())
    },
    instance_read,
    |hand, id, _| hand.ask("ec2", "TerminateInstances", json!({ "InstanceIds": [id] })).map(drop)
);

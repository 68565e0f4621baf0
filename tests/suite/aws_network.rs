//! Routes, gateways, endpoints, flow logs, bytes.

use serde_json::{Value, json};
use whodunit::console;
use whodunit::console::session::Session;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::call::{Answer, Caller, Fault, Request};
use whodunit::world::aws::ec2::{self, Destination, Way};
use whodunit::world::aws::model::{Model, Shape};
use whodunit::world::aws::service::{SERVICES, Used};
use whodunit::world::aws::tally::Key;
use whodunit::world::aws::{self, flows};

mod policies;

const START: &str = "2026-03-01T00:00:00Z";

pub fn try_ask(world: &mut World, service: &str, operation: &str, input: Value) -> Result<Answer, Fault> {
    let request = Request {
        service: service.into(),
        operation: operation.into(),
        input,
        caller: Caller { user: "learner".into(), arn: String::new() },
        region: "ap-northeast-2".into(),
        agent: "aws-cli".into(),
    };
    aws::handle(world, &request)
}

pub fn ask(world: &mut World, service: &str, operation: &str, input: Value) -> Value {
    let what = format!("{operation} {input}");
    try_ask(world, service, operation, input).unwrap_or_else(|fault| panic!("{what}: {fault:?}")).body
}

pub fn fault(world: &mut World, operation: &str, input: Value) -> (String, String) {
    let fault = try_ask(world, "ec2", operation, input).expect_err(operation);
    (fault.code, fault.message)
}

pub fn named(kind: &str, name: &str) -> Value {
    json!([{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}])
}

pub fn id(world: &World, name: &str) -> String {
    ec2::id_of(world, name).unwrap_or_else(|| panic!("no {name}")).to_string()
}

/// A network as Scoopline's: a public and a private subnet in each of two zones, a NAT gateway in each, an endpoint for S3,
/// one machine in each private subnet, everything an hour old.
pub fn network(seed: u64, flows: Value) -> World {
    let start = Time::parse(START).unwrap();
    let mut world = World::new(seed, start);
    let account = json!({"account": "123456789012", "region": "ap-northeast-2", "flows": flows});
    let problems = aws::describe(&mut world, &account, start);
    assert!(problems.is_empty(), "{problems:?}");
    let w = &mut world;
    let vpc =
        ask(w, "ec2", "CreateVpc", json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": named("vpc", "scoop")}));
    let vpc = vpc["Vpc"]["VpcId"].as_str().unwrap().to_string();
    let igw = ask(w, "ec2", "CreateInternetGateway", json!({}))["InternetGateway"]["InternetGatewayId"].clone();
    ask(w, "ec2", "AttachInternetGateway", json!({"VpcId": vpc, "InternetGatewayId": igw}));
    let mut tables = Vec::new();
    for (index, zone) in ["a", "b"].iter().enumerate() {
        let mut subnet = |kind: &str, third: usize| {
            let input = json!({"VpcId": vpc, "CidrBlock": format!("10.0.{third}.0/24"),
                "AvailabilityZone": format!("ap-northeast-2{zone}"), "TagSpecifications": named("subnet", &format!("{kind}-{zone}"))});
            ask(w, "ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].as_str().unwrap().to_string()
        };
        let (public, private) = (subnet("public", 101 + index), subnet("private", 1 + index));
        let mut table = |name: String| {
            let input = json!({"VpcId": vpc, "TagSpecifications": named("route-table", &name)});
            ask(w, "ec2", "CreateRouteTable", input)["RouteTable"]["RouteTableId"].as_str().unwrap().to_string()
        };
        let (out, inner) = (table(format!("rtb-pub-{zone}")), table(format!("rtb-priv-{zone}")));
        ask(
            w,
            "ec2",
            "CreateRoute",
            json!({"RouteTableId": out, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": igw}),
        );
        ask(w, "ec2", "AssociateRouteTable", json!({"RouteTableId": out, "SubnetId": public}));
        ask(w, "ec2", "AssociateRouteTable", json!({"RouteTableId": inner, "SubnetId": private}));
        let eip = ask(w, "ec2", "AllocateAddress", json!({"Domain": "vpc"}))["AllocationId"].clone();
        let input = json!({"SubnetId": public, "AllocationId": eip, "TagSpecifications": named("natgateway", &format!("nat-{zone}"))});
        let nat = ask(w, "ec2", "CreateNatGateway", input)["NatGateway"]["NatGatewayId"].clone();
        let route = json!({"RouteTableId": inner, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat});
        ask(w, "ec2", "CreateRoute", route);
        tables.push(inner);
    }
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.ap-northeast-2.s3", "RouteTableIds": tables,
        "TagSpecifications": named("vpc-endpoint", "vpce-0s3")});
    ask(w, "ec2", "CreateVpcEndpoint", input);
    ask(
        w,
        "ec2",
        "CreateFlowLogs",
        json!({"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogGroupName": "/vpc/scoop/flow", "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
        "LogFormat": "${interface-id} ${pkt-srcaddr} ${pkt-dstaddr} ${dstport} ${bytes} ${flow-direction} ${start} ${action}"}),
    );
    for (index, zone) in ["a", "b"].iter().enumerate() {
        super::physics::create(
            w,
            &json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": format!("ip-10-0-{}-12", index + 1), "labels": {
                    "topology.kubernetes.io/zone": format!("ap-northeast-2{zone}"),
                    "topology.kubernetes.io/region": "ap-northeast-2", "node.kubernetes.io/instance-type": "m6i.xlarge"}},
                "status": {"addresses": [{"type": "InternalIP", "address": format!("10.0.{}.12", index + 1)}]},
            }),
        );
    }
    pass(w, Span::hours(1));
    world
}

pub fn pass(world: &mut World, span: Span) {
    let until = world.now + span;
    world.advance_to(until);
}

/// A backup to S3, telemetry to a SaaS, payments.
pub fn three_flows() -> Value {
    json!({
        "backup": {"from": "node", "to": "s3:scoop-backups", "out": {"per_hour": "90GB"}, "in": {"per_hour": "40MB"},
            "connections": {"per_minute": 12, "lasting": "30s"}},
        "telemetry": {"from": "node", "to": "internet:otlp.example.com", "range": "198.51.100.0/24",
            "out": {"per_hour": "700MB"}, "in": {"per_hour": 7_000_003}, "connections": {"per_minute": 40}},
        "pay": {"from": "node", "to": "partner:payments", "range": "203.0.113.40/32", "out": {"per_hour": "30MB"},
            "in": {"per_hour": "50MB"}, "connections": {"per_minute": 900, "lasting": "2s"}},
    })
}

fn to(name: &str, service: &str, address: &str) -> Destination {
    let address = address.parse::<std::net::Ipv4Addr>().unwrap().into();
    Destination { name: name.into(), service: service.into(), address, port: 443 }
}

fn ways(world: &World, zone: &str) -> (Way, Way, Way) {
    let subnet = id(world, &format!("private-{zone}"));
    let way = |to: &Destination| ec2::way(world, world.now, &subnet, to);
    (way(&to("s3", "s3", "52.219.56.7")), way(&to("saas", "", "198.51.100.7")), way(&to("db", "", "10.0.2.9")))
}

/// Sums of a metric of a gateway over the minutes `from..to`.
pub fn metric(world: &World, nat: &str, name: &'static str, from: i64, to: i64) -> i64 {
    let source = SERVICES.iter().flat_map(|s| s.metrics).find(|s| s.namespace == "AWS/NATGateway").unwrap();
    let key =
        Key { namespace: "AWS/NATGateway", metric: name, dimensions: vec![("NatGatewayId", id(world, nat).into())] };
    assert!((source.list)(world).contains(&key), "{key:?} is listed");
    (source.minutes)(world, &key, from, to - 1).iter().map(|(_, minute)| minute.sum).sum()
}

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let ec2 = SERVICES.iter().find(|service| service.name == "ec2").unwrap();
    ec2.meters.iter().flat_map(|meter| (meter.read)(world, from, to)).collect()
}

pub fn billed(world: &World, usage_type: &str, from: i64, to: i64) -> i128 {
    used(world, from, to).iter().filter(|used| used.usage_type == usage_type).map(|used| used.micros).sum()
}

/// Bytes that the flow log saw at the gateways' interfaces towards the outside, out and in.
fn logged(world: &World, from: Time, to: Time) -> i64 {
    let ec2 = SERVICES.iter().find(|service| service.name == "ec2").unwrap();
    let setup = world.aws.network.setup_at(world.now).unwrap();
    let private: Vec<String> =
        setup.nats.values().map(|nat| whodunit::world::aws::ec2::address::show(nat.private)).collect();
    let ours: Vec<&str> = setup.nats.values().map(|nat| &*nat.interface).collect();
    let mut sum = 0;
    for record in (ec2.logs[0].records)(world, "/vpc/scoop/flow", from, to) {
        let field = |name: &str| record.field(name).unwrap();
        let beyond = private.iter().any(|ip| ip == field("pkt-srcaddr") || ip == field("pkt-dstaddr"));
        if ours.contains(&field("interface-id")) && beyond {
            sum += field("bytes").parse::<i64>().unwrap();
        }
    }
    sum
}

#[test]
fn the_longest_prefix_decides() {
    let world = network(1, json!({}));
    let (s3, saas, db) = ways(&world, "a");
    assert_eq!(s3, Way::GatewayEndpoint(id(&world, "vpce-0s3").into()));
    assert_eq!(saas, Way::Nat(id(&world, "nat-a").into()));
    assert_eq!(db, Way::Local);
    let public = id(&world, "public-a");
    assert_eq!(ec2::way(&world, world.now, &public, &to("saas", "", "198.51.100.7")), Way::InternetGateway);
    // Before there was a network there was no way.
    let before = Time::parse(START).unwrap() - Span::secs(1);
    assert_eq!(ec2::way(&world, before, &public, &to("saas", "", "198.51.100.7")), Way::Blackhole);
}

#[test]
fn an_endpoint_takes_bytes_at_once() {
    let mut world = network(2, three_flows());
    let endpoint = id(&world, "vpce-0s3");
    let tables = [id(&world, "rtb-priv-a"), id(&world, "rtb-priv-b")];
    ask(&mut world, "ec2", "ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "RemoveRouteTableIds": tables}));
    assert_eq!(ways(&world, "a").0, Way::Nat(id(&world, "nat-a").into()));
    let shown = ask(&mut world, "ec2", "DescribeVpcEndpoints", json!({}));
    assert_eq!(shown["VpcEndpoints"][0]["RouteTableIds"], json!([]));
    pass(&mut world, Span::hours(1));
    ask(&mut world, "ec2", "ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "AddRouteTableIds": tables}));
    pass(&mut world, Span::hours(1));
    let start = Time::parse(START).unwrap().0 / 60_000;
    let hours: Vec<i64> = (0..3)
        .map(|h| metric(&world, "nat-a", "BytesOutToDestination", start + h * 60 + 2, start + h * 60 + 60))
        .collect();
    assert!(hours[1] > hours[0] * 50 && hours[1] > 40_000_000_000, "{hours:?}");
    assert!(hours[2] < hours[1] / 50, "{hours:?}");
    let table = ask(&mut world, "ec2", "DescribeRouteTables", json!({"RouteTableIds": [tables[0]]}));
    let routes = table["RouteTables"][0]["Routes"].as_array().unwrap();
    assert!(
        routes.iter().any(|route| route["DestinationPrefixListId"] == "pl-78a54011" && route["GatewayId"] == *endpoint)
    );
}

#[test]
fn a_deleted_gateway_is_a_black_hole() {
    let mut world = network(3, three_flows());
    let nat = id(&world, "nat-b");
    ask(&mut world, "ec2", "DeleteNatGateway", json!({"NatGatewayId": nat}));
    let state = |world: &mut World| {
        ask(world, "ec2", "DescribeNatGateways", json!({"NatGatewayIds": [nat]}))["NatGateways"][0]["State"].clone()
    };
    assert_eq!(state(&mut world), "deleting");
    pass(&mut world, Span::mins(2));
    assert_eq!(state(&mut world), "deleted");
    assert_eq!(ways(&world, "b").1, Way::Blackhole);
    assert_eq!(ways(&world, "a").1, Way::Nat(id(&world, "nat-a").into()));
    let filters = json!({"Filters": [{"Name": "route.state", "Values": ["blackhole"]}]});
    let tables = ask(&mut world, "ec2", "DescribeRouteTables", filters);
    assert_eq!(tables["RouteTables"].as_array().unwrap().len(), 1, "{tables}");
    pass(&mut world, Span::mins(10));
    let now = world.now.0 / 60_000;
    let sum = |name| {
        let all = flows::pieces::pieces(&world, now - 5, now);
        let of = |p: &&flows::pieces::Piece| &*p.flow.name == name;
        let bytes = |p: &flows::pieces::Piece| p.bytes(&world, flows::amounts::Direction::Out, now - 5, now);
        all.iter().filter(of).map(bytes).sum::<u64>()
    };
    // Half of the senders have no way; the backup goes through the endpoint and does not care.
    let (telemetry, backup) = (sum("telemetry"), sum("backup"));
    assert!(telemetry > 25_000_000 && telemetry < 33_000_000, "{telemetry}");
    assert!(backup > 6_500_000_000, "{backup}");
}

#[test]
fn another_zone_costs_both_ways() {
    let mut world = network(4, three_flows());
    let (table, nat) = (id(&world, "rtb-priv-b"), id(&world, "nat-a"));
    let from = world.now.0 / 3_600_000;
    pass(&mut world, Span::hours(1));
    assert_eq!(billed(&world, "DataTransfer-Regional-Bytes", from, from + 1), 0);
    let route = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat});
    ask(&mut world, "ec2", "ReplaceRoute", route);
    pass(&mut world, Span::hours(1));
    let (regional, nat) = (
        billed(&world, "DataTransfer-Regional-Bytes", from + 1, from + 2),
        billed(&world, "NatGateway-Bytes", from + 1, from + 2),
    );
    // Half of the bytes come from the other zone, and each of them is charged at both ends.
    assert!((regional - nat).abs() < 10, "{regional} {nat}");
}

#[test]
fn billed_is_metered_is_logged() {
    for seed in 1..=6 {
        let mut world = network(seed, three_flows());
        let from = world.now;
        let endpoint = id(&world, "vpce-0s3");
        for step in 0..5_u64 {
            let roll = whodunit::stdx::dice::at(seed, 77, step);
            let zone = if roll.is_multiple_of(2) { "a" } else { "b" };
            let table = id(&world, &format!("rtb-priv-{zone}"));
            let nat = id(&world, if (roll / 2).is_multiple_of(2) { "nat-a" } else { "nat-b" });
            let _ = match roll / 4 % 3 {
                0 => try_ask(
                    &mut world,
                    "ec2",
                    "ModifyVpcEndpoint",
                    json!({"VpcEndpointId": endpoint, "RemoveRouteTableIds": [table]}),
                ),
                1 => try_ask(
                    &mut world,
                    "ec2",
                    "ModifyVpcEndpoint",
                    json!({"VpcEndpointId": endpoint, "AddRouteTableIds": [table]}),
                ),
                _ => try_ask(
                    &mut world,
                    "ec2",
                    "ReplaceRoute",
                    json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat}),
                ),
            };
            pass(&mut world, Span::mins(7 + (roll / 64 % 50) as i64));
        }
        let end = Time((world.now.0 / 3_600_000 + 1) * 3_600_000);
        world.advance_to(end + Span::mins(20));
        let (first, last) = (from.0 / 60_000, end.0 / 60_000);
        let mut counted = 0;
        for nat in ["nat-a", "nat-b"] {
            for name in ["BytesInFromSource", "BytesInFromDestination"] {
                let bytes = metric(&world, nat, name, first, last);
                let other = if name == "BytesInFromSource" { "BytesOutToDestination" } else { "BytesOutToSource" };
                assert_eq!(bytes, metric(&world, nat, other, first, last));
                counted += bytes;
            }
        }
        let bill = billed(&world, "NatGateway-Bytes", first / 60, last / 60);
        let wanted = i128::from(counted) * 1_000_000 / (1 << 30);
        assert!((bill - wanted).abs() <= 2 * i128::from(last / 60 - first / 60), "seed {seed}: {bill} {wanted}");
        assert_eq!(logged(&world, from, end - Span::secs(1)), counted, "seed {seed}");
    }
}

#[test]
fn parts_add_up() {
    let mut world = network(7, three_flows());
    pass(&mut world, Span::hours(30));
    let now = world.now.0 / 60_000;
    let sum = |from: i64, to: i64| {
        let all = flows::pieces::pieces(&world, from, to);
        all.iter().map(|p| p.bytes(&world, flows::amounts::Direction::Out, from, to)).sum::<u64>()
    };
    for (from, mid, to) in
        [(now - 1_500, now - 731, now - 3), (now - 95, now - 90, now - 61), (now - 61, now - 60, now)]
    {
        assert_eq!(sum(from, mid) + sum(mid, to), sum(from, to));
        assert_eq!((from..to).map(|minute| sum(minute, minute + 1)).sum::<u64>(), sum(from, to));
    }
    // However time came to pass.
    let mut other = network(7, three_flows());
    for minutes in [1, 59, 600, 1_140] {
        pass(&mut other, Span::mins(minutes));
    }
    assert_eq!(other.now, world.now);
    let hours = (now / 60 - 30, now / 60);
    assert_eq!(used(&world, hours.0, hours.1), used(&other, hours.0, hours.1));
}

#[test]
fn ports_run_out_at_the_limit() {
    let pay = |per_minute: u64| {
        json!({"pay": {"from": "node", "to": "partner:payments", "range": "203.0.113.40/32", "jitter_percent": 0,
            "connections": {"per_minute": per_minute, "lasting": "60s"}}})
    };
    // Two machines over two gateways: each gateway sees half of the connections, which last a minute.
    let errors = |per_minute| {
        let world = network(8, pay(per_minute));
        let minute = world.now.0 / 60_000 - 5;
        let get = |name| metric(&world, "nat-a", name, minute, minute + 1);
        (get("ErrorPortAllocation"), get("ActiveConnectionCount"), get("ConnectionAttemptCount"))
    };
    assert_eq!(errors(110_000), (0, 55_000, 55_000));
    assert_eq!(errors(110_002), (1, 55_000, 55_001));
    let (failed, open, tried) = errors(440_000);
    assert_eq!((failed, open, tried), (165_000, 55_000, 220_000));
    // A second address doubles the room.
    let mut world = network(8, pay(200_000));
    let subnet = id(&world, "private-a");
    let failing =
        |world: &World| flows::ports::at(world, &subnet, "partner:payments", world.now).unwrap().failing_per_mille();
    assert_eq!(failing(&world), 450);
    let eip = ask(&mut world, "ec2", "AllocateAddress", json!({"Domain": "vpc"}))["AllocationId"].clone();
    let nat = id(&world, "nat-a");
    ask(&mut world, "ec2", "AssociateNatGatewayAddress", json!({"NatGatewayId": nat, "AllocationIds": [eip]}));
    pass(&mut world, Span::mins(3));
    assert_eq!(failing(&world), 0);
}

#[test]
fn filters_and_refusals_are_those_of_the_service() {
    let mut world = network(9, json!({}));
    let w = &mut world;
    let subnets = |w: &mut World, name: &str, values: Value| {
        let body = ask(w, "ec2", "DescribeSubnets", json!({"Filters": [{"Name": name, "Values": values}]}));
        body["Subnets"].as_array().unwrap().len()
    };
    assert_eq!(subnets(w, "tag:Name", json!(["private-*"])), 2);
    assert_eq!(subnets(w, "tag:Name", json!(["private-?", "public-a"])), 3);
    assert_eq!(subnets(w, "tag:Name", json!(["Private-*"])), 0);
    assert_eq!(subnets(w, "tag-key", json!(["Name"])), 4);
    let wrong = fault(w, "DescribeSubnets", json!({"Filters": [{"Name": "nmae", "Values": ["x"]}]}));
    assert_eq!(wrong, ("InvalidParameterValue".into(), "The filter 'nmae' is invalid".into()));
    let gone = fault(w, "DescribeRouteTables", json!({"RouteTableIds": ["rtb-0aaaaaaaaaaaaaaaa"]}));
    let words = "The routeTable ID 'rtb-0aaaaaaaaaaaaaaaa' does not exist";
    assert_eq!(gone, ("InvalidRouteTableID.NotFound".into(), words.into()));
    let table = id(w, "rtb-priv-a");
    let dry =
        fault(w, "DeleteRoute", json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "DryRun": true}));
    assert_eq!(dry.0, "DryRunOperation");
    let nat = id(w, "nat-a");
    let twice = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat});
    assert_eq!(fault(w, "CreateRoute", twice).0, "RouteAlreadyExists");
    assert_eq!(fault(w, "DeleteRouteTable", json!({"RouteTableId": table})).0, "DependencyViolation");
    let first = ask(w, "ec2", "DescribeSecurityGroupRules", json!({"MaxResults": 5}));
    assert_eq!(first["SecurityGroupRules"].as_array().unwrap().len(), 2);
    let page = ask(w, "ec2", "DescribeTags", json!({"MaxResults": 5}));
    let rest = ask(w, "ec2", "DescribeTags", json!({"MaxResults": 1000, "NextToken": page["NextToken"]}));
    let all = ask(w, "ec2", "DescribeTags", json!({}));
    let count = |body: &Value| body["Tags"].as_array().unwrap().len();
    assert_eq!((count(&page), count(&page) + count(&rest)), (5, count(&all)));
    let nodes = ask(
        w,
        "ec2",
        "DescribeInstances",
        json!({"Filters": [{"Name": "private-ip-address", "Values": ["10.0.1.12"]}]}),
    );
    assert_eq!(nodes["Reservations"][0]["Instances"][0]["InstanceType"], "m6i.xlarge");
    // 256 addresses, five of AWS's, one of the machine.
    let shown = ask(w, "ec2", "DescribeSubnets", json!({"SubnetIds": [id(w, "private-a")]}));
    assert_eq!(shown["Subnets"][0]["AvailableIpAddressCount"], 250);
}

#[test]
fn every_operation_has_its_row() {
    for name in ["ec2", "s3api", "ecr", "elbv2"] {
        let service = SERVICES.iter().find(|service| service.name == name).unwrap();
        let rows: Vec<&str> = service.operations.iter().map(|operation| operation.name).collect();
        let known: Vec<&str> = service.model().operations.keys().map(String::as_str).collect();
        assert_eq!(rows, known, "{name}");
    }
}

#[test]
fn a_pull_needs_a_way_and_moves_its_layers() {
    let flows = json!({"pulls": {"from": "node", "to": "ecr", "images": {"registry.example/canary": "2100MB"}}});
    let mut world = network(10, flows);
    let endpoint = id(&world, "vpce-0s3");
    let tables = [id(&world, "rtb-priv-a"), id(&world, "rtb-priv-b")];
    ask(&mut world, "ec2", "ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "RemoveRouteTableIds": tables}));
    let from = world.now.0 / 60_000;
    let pod = |name: &str, policy: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"restartPolicy": "Always", "containers": [{"name": "app", "image": "registry.example/canary:1",
                "imagePullPolicy": policy, "command": ["sh", "-c", "sleep 20; exit 1"]}]}})
    };
    super::physics::create(&mut world, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
    super::physics::create(&mut world, &pod("canary", "Always"));
    pass(&mut world, Span::mins(30));
    let now = world.now.0 / 60_000;
    let back = metric(&world, "nat-a", "BytesInFromDestination", from, now)
        + metric(&world, "nat-b", "BytesInFromDestination", from, now);
    // Each start after a crash pulls again.
    let pulls = back / 2_100_000_000;
    assert!(back % 2_100_000_000 == 0 && (4..=14).contains(&pulls), "{back}");
    // Without a way the kubelet says so.
    for zone in ["a", "b"] {
        let table = id(&world, &format!("rtb-priv-{zone}"));
        ask(&mut world, "ec2", "DeleteRoute", json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}));
    }
    super::physics::create(&mut world, &pod("other", "Always"));
    pass(&mut world, Span::mins(2));
    let pod = world.k8s.store.get(whodunit::world::k8s::kinds::Kind::Pod, "shop", "other").unwrap();
    let status = pod.status.to_string();
    assert!(status.contains("dial tcp 52.95.192.10:443: i/o timeout"), "{status}");
    let to = flows::destination(&world, "partner:payments");
    assert!(!flows::node_reaches(&world, world.now, "ip-10-0-1-12", &to));
}

#[test]
fn buckets_repositories_balancers() {
    let mut world = network(11, json!({}));
    let w = &mut world;
    ask(w, "s3api", "CreateBucket", json!({"Bucket": "scoop-backups"}));
    ask(w, "s3api", "CreateBucket", json!({"Bucket": "scoop-logs"}));
    let logging = json!({"LoggingEnabled": {"TargetBucket": "scoop-logs", "TargetPrefix": "backups/"}});
    ask(w, "s3api", "PutBucketLogging", json!({"Bucket": "scoop-backups", "BucketLoggingStatus": logging}));
    for key in ["a/1", "a/2", "b/1", "c"] {
        ask(w, "s3api", "PutObject", json!({"Bucket": "scoop-backups", "Key": key, "Body": "aGVsbG8="}));
    }
    let listed = ask(w, "s3api", "ListObjectsV2", json!({"Bucket": "scoop-backups", "Delimiter": "/"}));
    assert_eq!(listed["CommonPrefixes"], json!([{"Prefix": "a/"}, {"Prefix": "b/"}]));
    assert_eq!((&listed["Contents"][0]["Key"], &listed["KeyCount"]), (&json!("c"), &json!(3)));
    let first = ask(w, "s3api", "ListObjectsV2", json!({"Bucket": "scoop-backups", "MaxKeys": 3}));
    let token = first["NextContinuationToken"].clone();
    let rest = ask(w, "s3api", "ListObjectsV2", json!({"Bucket": "scoop-backups", "ContinuationToken": token}));
    assert_eq!((rest["KeyCount"].clone(), rest["IsTruncated"].clone()), (json!(1), json!(false)));
    let code = |w: &mut World, service: &str, operation: &str, input: Value| {
        try_ask(w, service, operation, input).unwrap_err().code
    };
    assert_eq!(code(w, "s3api", "GetBucketPolicy", json!({"Bucket": "scoop-logs"})), "NoSuchBucketPolicy");
    assert_eq!(code(w, "s3api", "ListObjectsV2", json!({"Bucket": "nobodys"})), "NoSuchBucket");
    assert_eq!(code(w, "s3api", "DeleteBucket", json!({"Bucket": "scoop-backups"})), "BucketNotEmpty");
    ask(w, "ecr", "CreateRepository", json!({"repositoryName": "shop/cart"}));
    let manifest = json!({"layers": [{"size": 40_000_000}, {"size": 2_000_000}]}).to_string();
    let put = json!({"repositoryName": "shop/cart", "imageTag": "1", "imageManifest": manifest});
    ask(w, "ecr", "PutImage", put);
    let images = ask(w, "ecr", "DescribeImages", json!({"repositoryName": "shop/cart"}));
    assert_eq!(images["imageDetails"][0]["imageSizeInBytes"], 42_000_000);
    assert_eq!(code(w, "ecr", "ListImages", json!({"repositoryName": "x"})), "RepositoryNotFoundException");
    let subnets = [id(w, "public-a"), id(w, "public-b")];
    let made = ask(w, "elbv2", "CreateLoadBalancer", json!({"Name": "ingress", "Type": "network", "Subnets": subnets}));
    let balancer = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let group = ask(w, "elbv2", "CreateTargetGroup", json!({"Name": "ingress-http", "Protocol": "TCP", "Port": 30080}));
    let group = group["TargetGroups"][0]["TargetGroupArn"].clone();
    let forward = json!([{"Type": "forward", "TargetGroupArn": group}]);
    let listener = json!({"LoadBalancerArn": balancer, "Protocol": "TCP", "Port": 80, "DefaultActions": forward});
    ask(w, "elbv2", "CreateListener", listener);
    let nodes = ask(w, "ec2", "DescribeInstances", json!({}));
    let node = nodes["Reservations"][0]["Instances"][0]["InstanceId"].clone();
    ask(w, "elbv2", "RegisterTargets", json!({"TargetGroupArn": group, "Targets": [{"Id": node}]}));
    let state = |w: &mut World| {
        let body = ask(w, "elbv2", "DescribeTargetHealth", json!({"TargetGroupArn": group}));
        body["TargetHealthDescriptions"][0]["TargetHealth"]["State"].clone()
    };
    assert_eq!(state(w), "initial");
    pass(w, Span::mins(3));
    assert_eq!(state(w), "healthy");
    assert_eq!(code(w, "elbv2", "DeleteTargetGroup", json!({"TargetGroupArn": group})), "ResourceInUse");
}

/// What a day costs by usage type at the catalogue's price, in millionths of a dollar.
fn nat_dollars(world: &World, day: i64) -> i128 {
    billed(world, "NatGateway-Bytes", day * 24, day * 24 + 24) * 59 / 1_000
}

#[test]
fn a_day_of_scoopline_costs_what_it_should() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    let account = std::fs::read_to_string(path).unwrap();
    for seed in [1] {
        let mut world = super::ledger::stage(seed, "", Some(&account)).world;
        let day = world.now.0 / 86_400_000;
        // Long before the world began to live, and yesterday.
        for day in [day - 40, day - 7, day - 1] {
            let cost = nat_dollars(&world, day);
            assert!((2_250_000..2_550_000).contains(&cost), "seed {seed}: {cost}");
        }
        let start = std::time::Instant::now();
        let month = billed(&world, "NatGateway-Bytes", (day - 30) * 24, day * 24);
        println!("a month of bytes: {:?} {month}", start.elapsed());
        // The endpoint loses its tables; a day later the bill says so.
        let endpoint = id(&world, "s3");
        let tables = ["rtb-priv-a", "rtb-priv-b", "rtb-priv-c"].map(|name| id(&world, name));
        let midnight = Time((day + 1) * 86_400_000);
        world.advance_to(midnight);
        ask(&mut world, "ec2", "ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "RemoveRouteTableIds": tables}));
        world.advance_to(midnight + Span::hours(24));
        let cost = nat_dollars(&world, day + 1);
        assert!((155_000_000..171_000_000).contains(&cost), "seed {seed}: {cost}");
        let nodes = ask(&mut world, "ec2", "DescribeInstances", json!({}));
        assert_eq!(nodes["Reservations"].as_array().unwrap().len(), 9);
    }
}

/// Members of an answer that the service's model does not have.
fn strangers(model: &Model, shape: &str, value: &Value, path: &str, out: &mut Vec<String>) {
    match (model.shapes.get(shape), value) {
        (Some(Shape::Struct(known)), Value::Object(map)) => {
            for (key, inner) in map {
                match known.members.iter().find(|member| member.name == *key) {
                    Some(member) => strangers(model, &member.shape, inner, &format!("{path}.{key}"), out),
                    None => out.push(format!("{path}.{key}")),
                }
            }
        }
        (Some(Shape::List(list)), Value::Array(items)) => {
            items.iter().for_each(|item| strangers(model, &list.member, item, &format!("{path}[]"), out));
        }
        (Some(Shape::Scalar(_)), Value::Object(_) | Value::Array(_))
        | (Some(Shape::Struct(_) | Shape::List(_)), Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            out.push(format!("{path}: {value} is no {shape}"));
        }
        _ => {}
    }
}

#[test]
fn answers_have_the_model_s_members_only() {
    let mut world = network(12, three_flows());
    let w = &mut world;
    ask(
        w,
        "ec2",
        "RunInstances",
        json!({"SubnetId": id(w, "private-a"), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}),
    );
    let volume =
        ask(w, "ec2", "CreateVolume", json!({"AvailabilityZone": "ap-northeast-2a", "Size": 8, "VolumeType": "gp3"}));
    ask(w, "ec2", "CreateSnapshot", json!({"VolumeId": volume["VolumeId"]}));
    let (vpc, subnet) = (id(w, "scoop"), id(w, "private-b"));
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.ap-northeast-2.sqs", "VpcEndpointType": "Interface",
        "SubnetIds": [subnet]});
    ask(w, "ec2", "CreateVpcEndpoint", input);
    ask(w, "elbv2", "CreateLoadBalancer", json!({"Name": "ingress", "Type": "network", "Subnets": [subnet]}));
    ask(w, "elbv2", "CreateTargetGroup", json!({"Name": "http", "Protocol": "TCP", "Port": 80}));
    ask(w, "s3api", "CreateBucket", json!({"Bucket": "scoop-logs"}));
    ask(w, "ecr", "CreateRepository", json!({"repositoryName": "cart"}));
    let mut found = Vec::new();
    for name in ["ec2", "s3api", "ecr", "elbv2"] {
        let service = SERVICES.iter().find(|service| service.name == name).unwrap();
        let model = service.model();
        for operation in
            service.operations.iter().filter(|row| row.name.starts_with("Describe") || row.name.starts_with("List"))
        {
            if let Ok(answer) = try_ask(w, name, operation.name, json!({})) {
                let output = &model.operations[operation.name].output;
                strangers(model, output, &answer.body, operation.name, &mut found);
            }
        }
    }
    found.sort();
    found.dedup();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_command_shows_the_lost_endpoint() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    let account = std::fs::read_to_string(path).unwrap();
    let mut stage = super::ledger::stage(3, "", Some(&account));
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    let mut run = |line: &str| {
        let ran = console::run(&mut stage.world, &mut session, line);
        ran.output.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    };
    let routes = "aws ec2 describe-route-tables --filters Name=tag:Name,Values=rtb-priv-a \
                  --query 'RouteTables[0].Routes[].[DestinationCidrBlock,DestinationPrefixListId,State]' --output text";
    assert_eq!(run(routes), "10.0.0.0/16\tNone\tactive\n0.0.0.0/0\tNone\tactive\nNone\tpl-78a54011\tactive");
    let ids =
        run("aws ec2 describe-vpc-endpoints --query 'VpcEndpoints[0].[VpcEndpointId,RouteTableIds[0]]' --output text");
    let (endpoint, table) = ids.split_once('\t').unwrap();
    run(&format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --remove-route-table-ids {table}"));
    let left = run("aws ec2 describe-vpc-endpoints --query 'length(VpcEndpoints[0].RouteTableIds)' --output text");
    assert_eq!(left, "2");
    let wrong = run("aws ec2 describe-route-tables --route-table-ids rtb-0123456789abcdef0");
    assert!(wrong.contains(
        "An error occurred (InvalidRouteTableID.NotFound) when calling the DescribeRouteTables operation: The routeTable ID \
         'rtb-0123456789abcdef0' does not exist"
    ), "{wrong}");
}

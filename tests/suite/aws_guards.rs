//! Security groups: what they do not let through is dropped, recorded as REJECT, and missed by whoever waits for it.

use crate::aws_network::{ask, billed, fault, id, metric, named, network, pass, three_flows};
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::service::SERVICES;
use whodunit::world::aws::{ec2, flows};
use whodunit::world::signals::Record;

fn flow_records(world: &World, from: Time, to: Time) -> Vec<Record> {
    let ec2 = SERVICES.iter().find(|service| service.name == "ec2").unwrap();
    (ec2.logs[0].records)(world, "/vpc/scoop/flow", from, to)
}

fn group(world: &mut World, name: &str) -> String {
    let groups = ask(world, "ec2", "DescribeSecurityGroups", json!({}))["SecurityGroups"].clone();
    let found = groups.as_array().unwrap().iter().find(|group| group["GroupName"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {groups}"))["GroupId"].as_str().unwrap().to_string()
}

fn rule(group: &str, port: i64, peer: Value) -> Value {
    let mut permission = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port });
    for (name, value) in peer.as_object().unwrap() {
        permission[name] = value.clone();
    }
    json!({ "GroupId": group, "IpPermissions": [permission] })
}

fn everything(group: &str) -> Value {
    json!({ "GroupId": group, "IpPermissions": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }] })
}

/// The next whole aggregation interval (ten minutes), and one whole one after it.
fn interval(world: &mut World) -> (Time, Time) {
    let from = Time((world.now.0 / 600_000 + 1) * 600_000);
    world.advance_to(from + Span::mins(26));
    (from, from + Span::mins(10) - Span::secs(1))
}

fn number(record: &Record, name: &str) -> i64 {
    record.field(name).unwrap().parse().unwrap()
}

/// Machines name no group, so the network's default one stands before them: without its rule for what goes out, nothing
/// leaves, each first packet is recorded where it was dropped, and no gateway sees or charges any of it.
#[test]
fn without_a_rule_for_what_goes_out_nothing_leaves() {
    let mut world = network(3, three_flows());
    let own = group(&mut world, "default");
    let (from, to) = interval(&mut world);
    let open = flow_records(&world, from, to);
    assert!(open.len() > 10 && open.iter().all(|record| record.field("action") == Some("ACCEPT")));
    let partner = flows::destination(&world, "partner:payments");
    assert!(flows::node_reaches(&world, world.now, "ip-10-0-1-12", &partner));

    ask(&mut world, "ec2", "RevokeSecurityGroupEgress", everything(&own));
    assert!(!flows::node_reaches(&world, world.now, "ip-10-0-1-12", &partner), "whoever dials waits in vain");
    let (from, to) = interval(&mut world);
    let shut = flow_records(&world, from, to);
    assert!(!shut.is_empty());
    for record in &shut {
        assert_eq!(record.field("action"), Some("REJECT"), "{}", record.text);
        assert_eq!(record.field("flow-direction"), Some("egress"), "{}", record.text);
        assert!(
            record.text.ends_with(" REJECT") && number(record, "bytes") % 180 == 0,
            "three packets of 60 bytes each"
        );
    }
    // 900 connections a minute, of two machines, for ten minutes; 40 to the SaaS; 12 to the backup.
    let packets = |to: &str| -> i64 {
        let there = shut.iter().filter(|record| record.field("pkt-dstaddr") == Some(to));
        there.map(|record| number(record, "bytes") / 60).sum()
    };
    assert_eq!(packets("203.0.113.40"), 3 * 900 * 10);
    let minutes = (from.0 / 60_000, from.0 / 60_000 + 10);
    for nat in ["nat-a", "nat-b"] {
        assert_eq!(metric(&world, nat, "BytesOutToDestination", minutes.0, minutes.1), 0);
        assert_eq!(metric(&world, nat, "ConnectionAttemptCount", minutes.0, minutes.1), 0, "nothing came so far");
    }

    ask(
        &mut world,
        "ec2",
        "AuthorizeSecurityGroupEgress",
        rule(&own, 443, json!({ "IpRanges": [{ "CidrIp": "203.0.113.0/24" }] })),
    );
    let (from, to) = interval(&mut world);
    let some = flow_records(&world, from, to);
    let actions = |to: &str| {
        let fits = |r: &&Record| r.field("pkt-dstaddr").is_some_and(|address| address.starts_with(to));
        some.iter()
            .filter(fits)
            .map(|r| r.field("action").unwrap().to_string())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(actions("203.0.113.40").into_iter().collect::<Vec<_>>(), ["ACCEPT"], "what the new rule names");
    assert_eq!(actions("198.51.100.").into_iter().collect::<Vec<_>>(), ["REJECT"], "and nothing else");
    assert!(flows::node_reaches(&world, world.now, "ip-10-0-1-12", &partner));
}

/// An endpoint for queues with a group of its own, which lets nobody in yet; the group, and the endpoint's interfaces with
/// their addresses.
fn endpoint(world: &mut World) -> (String, Vec<(String, String)>) {
    let vpc = ask(world, "ec2", "DescribeVpcs", json!({}))["Vpcs"][0]["VpcId"].as_str().unwrap().to_string();
    let made = json!({ "GroupName": "queues", "Description": "who may ask queues", "VpcId": vpc });
    let guard = ask(world, "ec2", "CreateSecurityGroup", made)["GroupId"].as_str().unwrap().to_string();
    let subnets = [id(world, "private-a"), id(world, "private-b")];
    let input = json!({
        "VpcId": vpc, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.ap-northeast-2.sqs",
        "SubnetIds": subnets, "SecurityGroupIds": [guard], "PrivateDnsEnabled": true,
        "TagSpecifications": named("vpc-endpoint", "vpce-sqs"),
    });
    ask(world, "ec2", "CreateVpcEndpoint", input);
    pass(world, Span::mins(5));
    let interfaces = ask(world, "ec2", "DescribeNetworkInterfaces", json!({}))["NetworkInterfaces"].clone();
    let own = interfaces.as_array().unwrap().iter().filter(|one| one["InterfaceType"] == "vpc_endpoint");
    let text = |value: &Value| value.as_str().unwrap().to_string();
    (guard, own.map(|one| (text(&one["NetworkInterfaceId"]), text(&one["PrivateIpAddress"]))).collect())
}

/// A flow to queues, and its network.
fn queues() -> World {
    let flow = json!({ "queues": { "from": "node", "to": "aws:sqs", "out": { "per_hour": "60MB" },
        "in": { "per_hour": "6MB" }, "connections": { "per_minute": 30 } } });
    network(5, flow)
}

fn at_endpoint(own: &[(String, String)], records: &[Record]) -> Vec<Record> {
    let fits = |r: &&Record| own.iter().any(|(eni, _)| r.field("interface-id") == Some(eni));
    records.iter().filter(fits).cloned().collect()
}

/// What the endpoint's traffic is charged for in the hour that a time lies in.
fn charged(world: &World, at: Time) -> i128 {
    billed(world, "VpcEndpoint-Bytes", at.0 / 3_600_000, at.0 / 3_600_000 + 1)
}

/// An endpoint's group decides who gets in: a packet that it drops has left its sender (ACCEPT there) and did not arrive
/// (REJECT at the endpoint's interface), and is not charged as the endpoint's traffic.
#[test]
fn what_an_endpoint_drops_has_left_and_did_not_arrive() {
    let mut world = queues();
    let (_, own) = endpoint(&mut world);
    assert_eq!(own.len(), 2);
    pass(&mut world, Span::hours(1));
    let (from, to) = interval(&mut world);
    let records = flow_records(&world, from, to);
    let refused = at_endpoint(&own, &records);
    assert_eq!(refused.len(), 2, "one for each machine and its zone");
    for record in &refused {
        assert_eq!((record.field("action"), record.field("flow-direction")), (Some("REJECT"), Some("ingress")));
        assert!(own.iter().any(|(_, address)| record.field("pkt-dstaddr") == Some(address)), "{}", record.text);
        assert_eq!(number(record, "bytes"), 3 * 60 * 15 * 10);
    }
    let left = records.iter().filter(|r| r.field("flow-direction") == Some("egress"));
    assert!(left.clone().count() == 2 && left.clone().all(|r| r.field("action") == Some("ACCEPT")));
    pass(&mut world, Span::hours(1));
    assert_eq!(charged(&world, from), 0);
}

/// Whoever has the group that a rule names is let in, or whoever has the address; and what passes is charged to the byte.
#[test]
fn an_endpoint_takes_whom_its_group_lets_in() {
    let mut world = queues();
    let (guard, own) = endpoint(&mut world);
    let machines = group(&mut world, "default");
    let members = rule(&guard, 443, json!({ "UserIdGroupPairs": [{ "GroupId": machines }] }));
    ask(&mut world, "ec2", "AuthorizeSecurityGroupIngress", members.clone());
    pass(&mut world, Span::hours(3));
    let start = Time((world.now.0 / 3_600_000 - 1) * 3_600_000);
    let records = at_endpoint(&own, &flow_records(&world, start, start + Span::hours(1) - Span::secs(1)));
    assert!(records.iter().all(|record| record.field("action") == Some("ACCEPT")));
    let passed: i64 = records.iter().map(|record| number(record, "bytes")).sum();
    let wanted = i128::from(passed) * 1_000_000 / (1 << 30);
    assert!((charged(&world, start) - wanted).abs() <= 2 && wanted > 50_000, "{wanted}");

    ask(&mut world, "ec2", "RevokeSecurityGroupIngress", members);
    let sqs = flows::destination(&world, "aws:sqs");
    assert!(!flows::node_reaches(&world, world.now, "ip-10-0-2-12", &sqs));
    let zone = rule(&guard, 443, json!({ "IpRanges": [{ "CidrIp": "10.0.2.0/24" }] }));
    ask(&mut world, "ec2", "AuthorizeSecurityGroupIngress", zone);
    assert!(flows::node_reaches(&world, world.now, "ip-10-0-2-12", &sqs));
    assert!(!flows::node_reaches(&world, world.now, "ip-10-0-1-12", &sqs), "the other zone's machine is not named");
    let (code, _) = fault(&mut world, "DeleteSecurityGroup", json!({ "GroupId": guard }));
    assert_eq!(code, "DependencyViolation", "it is in use");
}

/// On a way that leads nowhere the first packets leave, and nobody says anything.
#[test]
fn a_black_hole_swallows_first_packets() {
    let mut world = network(6, three_flows());
    let table = id(&world, "rtb-priv-a");
    ask(&mut world, "ec2", "DeleteRoute", json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" }));
    let (from, to) = interval(&mut world);
    let records = flow_records(&world, from, to);
    let fits =
        |r: &&Record| r.field("pkt-srcaddr") == Some("10.0.1.12") && r.field("pkt-dstaddr") == Some("203.0.113.40");
    let ours: Vec<&Record> = records.iter().filter(fits).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!((ours[0].field("action"), number(ours[0], "bytes")), (Some("ACCEPT"), 450 * 10 * 3 * 60));
    assert!(
        !records
            .iter()
            .any(|r| r.field("pkt-dstaddr") == Some("10.0.1.12") && r.field("pkt-srcaddr") == Some("203.0.113.40"))
    );
    assert_eq!(
        ec2::way(&world, world.now, &id(&world, "private-a"), &flows::destination(&world, "partner:payments")),
        ec2::Way::Blackhole
    );
}

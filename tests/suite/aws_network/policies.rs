//! Policies of buckets, repositories and endpoints, and what they keep from passing; load balancers and who comes through them.

use super::{ask, id, metric, network, pass, three_flows, try_ask};
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::flows::rights;
use whodunit::world::aws::service::SERVICES;
use whodunit::world::aws::tally::Key;
use whodunit::world::traffic;

fn refusal(world: &mut World, service: &str, operation: &str, input: Value) -> (String, String) {
    let fault = try_ask(world, service, operation, input).expect_err(operation);
    (fault.code, fault.message)
}

fn policy(statement: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

/// S3's words; a HEAD has none (S3 guide, "Troubleshoot access denied errors").
#[test]
fn a_buckets_policy_is_asked() {
    let mut world = network(51, json!({}));
    let w = &mut world;
    ask(w, "s3api", "CreateBucket", json!({ "Bucket": "box" }));
    ask(w, "s3api", "PutObject", json!({ "Bucket": "box", "Key": "a", "Body": "YQ==" }));
    let deny =
        json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*" });
    ask(w, "s3api", "PutBucketPolicy", json!({ "Bucket": "box", "Policy": policy(deny.clone()) }));
    let object = json!({ "Bucket": "box", "Key": "a" });
    let (code, message) = refusal(w, "s3api", "GetObject", object.clone());
    assert_eq!(code, "AccessDenied");
    assert_eq!(
        message,
        "User: arn:aws:sts::123456789012:assumed-role/oncall/learner is not authorized to perform: s3:GetObject on \
         resource: \"arn:aws:s3:::box/a\" with an explicit deny in a resource-based policy"
    );
    assert_eq!(refusal(w, "s3api", "HeadObject", object.clone()), ("403".into(), "Forbidden".into()));
    ask(w, "s3api", "ListObjectsV2", json!({ "Bucket": "box" }));
    ask(w, "s3api", "DeleteBucketPolicy", json!({ "Bucket": "box" }));
    ask(w, "s3api", "GetObject", object);
    let mut put = |text: String| refusal(w, "s3api", "PutBucketPolicy", json!({ "Bucket": "box", "Policy": text }));
    let with = |member: &str, value: &str| {
        let mut statement = deny.clone();
        statement[member] = value.into();
        policy(statement)
    };
    let malformed = |message: &str| ("MalformedPolicy".to_string(), message.to_string());
    assert_eq!(put("{".into()), malformed("Policies must be valid JSON and the first byte must be '{'"));
    assert_eq!(put(with("Resource", "arn:aws:s3:::other/*")), malformed("Policy has invalid resource"));
    assert_eq!(put(with("Action", "sqs:SendMessage")), malformed("Policy has invalid action"));
    assert_eq!(put(with("Effect", "Perhaps")), malformed("Invalid effect: Perhaps"));
}

/// Bytes through both gateways towards a minute's destination.
fn through_nats(world: &World, from: Time) -> i64 {
    let minutes = (from.0 / 60_000, world.now.0 / 60_000);
    ["nat-a", "nat-b"].iter().map(|nat| metric(world, nat, "BytesOutToDestination", minutes.0, minutes.1)).sum()
}

/// The classic trap: a bucket that takes only what comes through one endpoint, and then the endpoint leaves the route tables.
/// What is refused is not charged to the NAT gateway either.
#[test]
fn a_bucket_that_wants_its_endpoint_takes_nothing_by_another_way() {
    let mut world = network(52, three_flows());
    let w = &mut world;
    ask(w, "s3api", "CreateBucket", json!({ "Bucket": "scoop-backups" }));
    let endpoint = id(w, "vpce-0s3");
    let tables = [id(w, "rtb-priv-a"), id(w, "rtb-priv-b")];
    ask(w, "ec2", "ModifyVpcEndpoint", json!({ "VpcEndpointId": endpoint, "RemoveRouteTableIds": tables }));
    let from = w.now;
    pass(w, Span::mins(30));
    let open = through_nats(w, from);
    assert!(open > 40_000_000_000, "{open}");
    let only = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::scoop-backups/*"],
        "Condition": { "StringNotEquals": { "aws:SourceVpce": endpoint } } });
    ask(w, "s3api", "PutBucketPolicy", json!({ "Bucket": "scoop-backups", "Policy": policy(only) }));
    let from = w.now;
    pass(w, Span::mins(30));
    let shut = through_nats(w, from);
    assert!(shut < 1_000_000_000, "{shut}");
}

/// An endpoint's policy is a sieve for what goes through it, and EC2 says little of one that it cannot read.
#[test]
fn an_endpoints_policy_lets_through_what_it_allows() {
    let mut world = network(53, three_flows());
    let w = &mut world;
    let endpoint = id(w, "vpce-0s3");
    let bad = json!({ "VpcEndpointId": endpoint, "PolicyDocument": "{\"Statement\": 1}" });
    let words = ("InvalidPolicyDocument".to_string(), "Invalid Policy Document".to_string());
    assert_eq!(refusal(w, "ec2", "ModifyVpcEndpoint", bad), words);
    let node = "ip-10-0-1-12";
    let image = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop/cart:1";
    assert_eq!(rights::pull_refused(w, w.now, node, image), None);
    // The repository's own policy.
    ask(w, "ecr", "CreateRepository", json!({ "repositoryName": "shop/cart" }));
    let wrong = json!({ "repositoryName": "shop/cart", "policyText": policy(json!({ "Effect": "Deny", "Principal": "*",
        "Action": "ecr:BatchGetImage", "Resource": "*" })) });
    let (code, message) = refusal(w, "ecr", "SetRepositoryPolicy", wrong);
    assert_eq!(code, "InvalidParameterException");
    assert!(message.ends_with("constraint: 'Invalid repository policy provided'"), "{message}");
    let deny = policy(json!({ "Sid": "no pulls", "Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage" }));
    ask(w, "ecr", "SetRepositoryPolicy", json!({ "repositoryName": "shop/cart", "policyText": deny }));
    assert_eq!(rights::pull_refused(w, w.now, node, image), Some(None));
    // What flows to a bucket that the endpoint's policy does not name.
    let sent = |w: &World, from: Time| {
        let pieces = whodunit::world::aws::flows::pieces::pieces(w, from.0 / 60_000, w.now.0 / 60_000);
        let to_s3 = pieces.iter().filter(|piece| piece.flow.to.starts_with("s3:"));
        to_s3
            .map(|piece| {
                piece.bytes(w, whodunit::world::aws::flows::amounts::Direction::Out, i64::MIN / 2, i64::MAX / 2)
            })
            .sum::<u64>()
    };
    let from = w.now;
    pass(w, Span::mins(10));
    assert!(sent(w, from) > 10_000_000_000);
    let other =
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::scoop-receipts/*" });
    ask(w, "ec2", "ModifyVpcEndpoint", json!({ "VpcEndpointId": endpoint, "PolicyDocument": policy(other) }));
    let from = w.now;
    pass(w, Span::mins(10));
    assert_eq!(sent(w, from), 0);
    ask(w, "ec2", "ModifyVpcEndpoint", json!({ "VpcEndpointId": endpoint, "ResetPolicy": true }));
    let from = w.now;
    pass(w, Span::mins(10));
    assert!(sent(w, from) > 10_000_000_000);
}

/// A metric of the only balancer of a kind over minutes.
fn of_balancer(world: &World, namespace: &'static str, name: &str, from: Time) -> Vec<i64> {
    let source = SERVICES.iter().flat_map(|s| s.metrics).find(|s| s.namespace == namespace).unwrap();
    let keys: Vec<Key> = (source.list)(world).into_iter().filter(|key| key.metric == name).collect();
    let minutes = |key: &Key| {
        let minutes = (source.minutes)(world, key, from.0 / 60_000 + 1, world.now.0 / 60_000);
        minutes.iter().map(|(_, minute)| minute.sum).collect::<Vec<i64>>()
    };
    keys.iter().flat_map(minutes).collect()
}

/// Visitors come through the balancer whose listeners lead to targets, are answered as the programs answer the same
/// arrivals, and by the balancer itself where there is no target.
#[test]
fn a_balancer_counts_the_visitors_that_it_carries() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    let account = std::fs::read_to_string(path).unwrap();
    let mut world = crate::ledger::stage(3, "", Some(&account)).world;
    let w = &mut world;
    pass(w, Span::mins(5));
    let old = ask(w, "elbv2", "DescribeLoadBalancers", json!({}))["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let subnets: Vec<String> = ask(w, "ec2", "DescribeSubnets", json!({}))["Subnets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subnet| subnet["SubnetId"].as_str().unwrap().to_string())
        .collect();
    let made = ask(
        w,
        "elbv2",
        "CreateLoadBalancer",
        json!({ "Name": "front", "Type": "application", "Subnets": subnets[..2] }),
    );
    let balancer = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let group = ask(w, "elbv2", "CreateTargetGroup", json!({ "Name": "web", "Protocol": "HTTP", "Port": 30080 }));
    let group = group["TargetGroups"][0]["TargetGroupArn"].clone();
    let forward = json!([{ "Type": "forward", "TargetGroupArn": group }]);
    ask(
        w,
        "elbv2",
        "CreateListener",
        json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward }),
    );
    let from = w.now;
    pass(w, Span::mins(10));
    let sum = |w: &World, name: &str, from: Time| of_balancer(w, "AWS/ApplicationELB", name, from).iter().sum::<i64>();
    assert_eq!(sum(w, "RequestCount", from), 0, "the other one carries them");
    assert!(of_balancer(w, "AWS/NetworkELB", "ProcessedBytes", from).iter().sum::<i64>() > 0);
    ask(w, "elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": old }));
    let from = w.now;
    pass(w, Span::mins(10));
    let turned = sum(w, "HTTPCode_ELB_5XX_Count", from);
    assert!(turned > 0, "nobody is registered");
    assert_eq!(
        (turned, sum(w, "HTTPCode_Target_2XX_Count", from), sum(w, "ProcessedBytes", from)),
        (sum(w, "RequestCount", from), 0, 0)
    );
    let nodes = ask(w, "ec2", "DescribeInstances", json!({}));
    let node = nodes["Reservations"][0]["Instances"][0]["InstanceId"].clone();
    ask(w, "elbv2", "RegisterTargets", json!({ "TargetGroupArn": group, "Targets": [{ "Id": node }] }));
    pass(w, Span::mins(3));
    let from = w.now;
    pass(w, Span::mins(10));
    let first = Time((from.0 / 60_000 + 1) * 60_000);
    let last = Time(w.now.0 / 60_000 * 60_000 - 1);
    let names: Vec<String> = w.apps.estate.streams.keys().cloned().collect();
    let came: usize = names.iter().map(|name| traffic::arrivals(w, name, first, last).len()).sum();
    assert_eq!(sum(w, "RequestCount", from), came as i64);
    let answered = [
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_2XX_Count",
        "HTTPCode_Target_4XX_Count",
        "HTTPCode_Target_5XX_Count",
    ];
    assert_eq!(answered.iter().map(|name| sum(w, name, from)).sum::<i64>(), came as i64);
    assert!(sum(w, "HTTPCode_Target_2XX_Count", from) > 0);
    let healthy = of_balancer(w, "AWS/ApplicationELB", "HealthyHostCount", from);
    assert!(!healthy.is_empty() && healthy.iter().all(|count| *count == 1), "{healthy:?}");
    assert!(of_balancer(w, "AWS/ApplicationELB", "UnHealthyHostCount", from).iter().all(|count| *count == 0));
    ask(w, "elbv2", "DeregisterTargets", json!({ "TargetGroupArn": group, "Targets": [{ "Id": node }] }));
    let from = w.now;
    pass(w, Span::mins(5));
    assert!(of_balancer(w, "AWS/ApplicationELB", "HealthyHostCount", from).iter().all(|count| *count == 0));
}

/// `traffic-path` says how a packet left (VPC guide, "Available fields"): a machine's goes through the gateway of its network
/// (1), which hands it to the internet gateway (8) and back to the machine (1); to S3 it goes by the gateway endpoint (7).
#[test]
fn flow_logs_say_which_way_a_packet_left() {
    let mut world = network(54, three_flows());
    let w = &mut world;
    let vpc = id(w, "scoop");
    let log = json!({ "ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "/vpc/scoop/path",
        "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow", "MaxAggregationInterval": 60,
        "LogFormat": "${interface-id} ${srcaddr} ${dstaddr} ${flow-direction} ${traffic-path} ${pkt-dst-aws-service}" });
    ask(w, "ec2", "CreateFlowLogs", log);
    let from = w.now;
    pass(w, Span::mins(20));
    let ec2 = SERVICES.iter().find(|service| service.name == "ec2").unwrap();
    let nats: Vec<String> =
        w.aws.network.setup_at(w.now).unwrap().nats.values().map(|nat| nat.interface.to_string()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for record in (ec2.logs[0].records)(w, "/vpc/scoop/path", from, w.now) {
        let field = |name: &str| record.field(name).unwrap().to_string();
        let inside = field("dstaddr").starts_with("10.0.");
        let who = if nats.contains(&field("interface-id")) { "nat" } else { "machine" };
        let s3 = if field("pkt-dst-aws-service") == "S3" { "s3" } else { "" };
        seen.insert((who, field("flow-direction"), inside, s3, field("traffic-path")));
    }
    let out = |who, inside, s3, path: &str| (who, "egress".to_string(), inside, s3, path.to_string());
    let came = |who| (who, "ingress".to_string(), true, "", "-".to_string());
    let expected = [
        out("machine", false, "", "1"),
        out("machine", false, "s3", "7"),
        came("machine"),
        out("nat", false, "", "8"),
        out("nat", true, "", "1"),
        came("nat"),
    ];
    let seen: Vec<_> = seen.into_iter().collect();
    let mut wanted = expected.to_vec();
    wanted.sort();
    assert_eq!(seen, wanted);
}

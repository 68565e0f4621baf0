//! What was, stays: a change made now alters no hour, byte or message of before, and what is set up works from its time on.

use crate::aws_functions::function;
use crate::aws_messages::{Desk, arn};
use crate::aws_network::{network, three_flows};
use crate::physics;
use proptest::prelude::*;
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::call::{Caller, Request};
use whodunit::world::aws::ec2::kinds::Kind;
use whodunit::world::aws::service::{self, Used};
use whodunit::world::aws::tally::{Key, Tally};
use whodunit::world::aws::{self, ec2, flows, lambda};
use whodunit::world::ledger::Order;

const HOUR: i64 = 3_600_000;

/// What a service charged in the hours from `from` up to the one that runs, of one usage type.
fn charged(world: &World, name: &str, usage_type: &str, from: i64, to: i64) -> i128 {
    let meters = service::find(name).unwrap().meters;
    let rows: Vec<Used> = meters.iter().flat_map(|meter| (meter.read)(world, from, to)).collect();
    rows.iter().filter(|row| row.usage_type.starts_with(usage_type)).map(|row| row.micros).sum()
}

fn hour(at: Time) -> i64 {
    at.0.div_euclid(HOUR)
}

// ---- functions ----------------------------------------------------------------------------------------------------------

fn programs() -> Value {
    json!({
        "quick": { "init": "300ms", "memory": 60, "steps": [{ "is": "compute", "takes": "100ms" }] },
        "hungry": { "init": "300ms", "memory": 300, "steps": [{ "is": "compute", "takes": "1s" },
            { "is": "mail", "takes": "100ms", "sender_env": "FROM", "region_env": "REGION" }] },
    })
}

fn desk() -> Desk {
    let mut desk = Desk::new(7);
    assert!(lambda::describe(&mut desk.world, &programs()).is_empty());
    desk
}

/// A version of `quick` with `count` environments kept ready, asked for now.
fn provided(desk: &mut Desk, count: i64) {
    let input = json!({ "FunctionName": "quick", "Qualifier": "1", "ProvisionedConcurrentExecutions": count });
    desk.ask("lambda", "PutProvisionedConcurrencyConfig", input).unwrap();
}

fn published() -> Desk {
    let mut desk = desk();
    function(&mut desk, "quick", json!({}));
    desk.ask("lambda", "PublishVersion", json!({ "FunctionName": "quick" })).unwrap();
    desk
}

fn kept(desk: &Desk) -> usize {
    let pool = &desk.world.aws.functions.get("quick").unwrap().pool;
    pool.environments.iter().filter(|one| one.provisioned).count()
}

#[test]
fn environments_being_made_ready_take_no_room_and_are_not_made_twice() {
    let mut desk = published();
    let reserve = json!({ "FunctionName": "quick", "ReservedConcurrentExecutions": 4 });
    desk.ask("lambda", "PutFunctionConcurrency", reserve).unwrap();
    desk.wait(Span::mins(1));
    provided(&mut desk, 4);
    let invoke = json!({ "FunctionName": "quick:1" });
    desk.ask("lambda", "Invoke", invoke.clone()).unwrap();
    desk.wait(Span::secs(30));
    provided(&mut desk, 4);
    assert_eq!(kept(&desk), 4);
    desk.wait(Span::mins(3));
    // Fewer take some away at once; the same again keeps what is ready.
    provided(&mut desk, 2);
    assert_eq!(kept(&desk), 2);
    provided(&mut desk, 2);
    let asked = json!({ "FunctionName": "quick", "Qualifier": "1" });
    assert_eq!(desk.ask("lambda", "GetProvisionedConcurrencyConfig", asked).unwrap()["Status"], "READY");
    desk.ask("lambda", "Invoke", invoke).unwrap();
    assert_eq!(kept(&desk), 2);
}

#[test]
fn what_was_kept_ready_stays_charged_when_it_is_kept_no_more() {
    let mut desk = published();
    let (from, later) = (hour(desk.world.now), hour(desk.world.now) + 48);
    let cost = |desk: &Desk| charged(&desk.world, "lambda", "Lambda-Provisioned-Concurrency", from, later);
    provided(&mut desk, 4);
    desk.wait(Span::hours(5));
    let before = cost(&desk);
    assert!(before > 0);
    let which = json!({ "FunctionName": "quick", "Qualifier": "1" });
    desk.ask("lambda", "DeleteProvisionedConcurrencyConfig", which).unwrap();
    desk.wait(Span::hours(3));
    assert_eq!(cost(&desk), before);
    provided(&mut desk, 2);
    desk.wait(Span::hours(1));
    let again = cost(&desk);
    assert!(again > before);
    desk.ask("lambda", "DeleteFunction", json!({ "FunctionName": "quick" })).unwrap();
    desk.wait(Span::hours(3));
    assert_eq!(cost(&desk), again);
}

#[test]
fn what_was_kept_ready_stays_charged_when_it_is_asked_for_again() {
    let mut desk = published();
    let from = hour(desk.world.now);
    let cost = |desk: &Desk, to: i64| charged(&desk.world, "lambda", "Lambda-Provisioned-Concurrency", from, to);
    provided(&mut desk, 4);
    desk.wait(Span::hours(5));
    let to = hour(desk.world.now) + 1;
    let before = cost(&desk, to);
    // Four of 128 MB for five hours less ninety seconds; each hour's millionths are cut once.
    assert!((4 * (5 * 3_600 - 90) * 1_000_000 / 8 - before).abs() < 10, "{before}");
    provided(&mut desk, 8);
    assert_eq!(cost(&desk, to), before);
    desk.wait(Span::hours(2));
    // Four more after another ninety seconds.
    let more = (8 * 7_200 - 4 * 90) * 1_000_000 / 8;
    let after = cost(&desk, to + 3);
    assert!((before + more - after).abs() < 10, "{after}");
}

#[test]
fn a_mapping_does_not_let_its_queue_live_ahead() {
    let mut desk = desk();
    function(&mut desk, "quick", json!({}));
    let url = desk.queue("jobs", json!({ "VisibilityTimeout": "60" }));
    desk.sqs("SendMessage", json!({ "QueueUrl": url, "MessageBody": "later", "DelaySeconds": 8 }));
    let input = json!({ "FunctionName": "quick", "EventSourceArn": arn("jobs"), "BatchSize": 1 });
    let uuid = desk.ask("lambda", "CreateEventSourceMapping", input).unwrap()["UUID"].clone();
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessagesDelayed"), "1");
    assert!(desk.world.aws.queues.get(&arn("jobs")).unwrap().counts.settled <= desk.world.now);
    // Changed once more before it works: that is when it works.
    desk.wait(Span::secs(6));
    desk.ask("lambda", "UpdateEventSourceMapping", json!({ "UUID": uuid, "BatchSize": 2 })).unwrap();
    desk.wait(Span::secs(11));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "1");
    desk.wait(Span::secs(5));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0");
    assert_eq!(desk.fate("jobs").places.deleted, 1);
    // Its idle polls are counted from then on.
    desk.wait(Span::mins(10));
    assert!(desk.sum("sqs", "NumberOfEmptyReceives", "jobs") > 100);
}

#[test]
fn bytes_of_a_deleted_function_end_with_it_and_not_before() {
    let flows = json!({ "fetch": {
        "from": "function/quick", "to": "internet:feed.example", "range": "203.0.113.0/28",
        "out": { "per_hour": "60MB" }, "in": { "per_hour": "60MB" },
    } });
    let mut desk = Desk { world: network(3, flows) };
    assert!(lambda::describe(&mut desk.world, &programs()).is_empty());
    let from = hour(desk.world.now);
    let subnet = ec2::id_of(&desk.world, "private-a").unwrap();
    function(&mut desk, "quick", json!({ "VpcConfig": { "SubnetIds": [*subnet], "SecurityGroupIds": [] } }));
    let bytes =
        |desk: &Desk, from: i64| charged(&desk.world, "ec2", "NatGateway-Bytes", from, hour(desk.world.now) + 1);
    assert_eq!(bytes(&desk, from - 1), bytes(&desk, from), "nothing flowed before it was made");
    desk.wait(Span::hours(3));
    let before = bytes(&desk, from);
    assert!(before > 0);
    desk.ask("lambda", "DeleteFunction", json!({ "FunctionName": "quick" })).unwrap();
    assert_eq!(bytes(&desk, from), before);
    desk.wait(Span::hours(3));
    // The minute under way when it was deleted still counts.
    assert!(bytes(&desk, from) - before < 3_000, "{} {before}", bytes(&desk, from));
}

#[test]
fn who_may_call_a_function_by_its_alias_may_say_so_in_each_way() {
    let mut desk = published();
    let alias = json!({ "FunctionName": "quick", "Name": "live", "FunctionVersion": "1" });
    desk.ask("lambda", "CreateAlias", alias).unwrap();
    let own = "arn:aws:lambda:ap-northeast-2:123456789012:function:quick";
    let rights = json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": format!("{own}:live") });
    let trust = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" } } });
    let role = json!({ "RoleName": "caller", "AssumeRolePolicyDocument": trust.to_string() });
    desk.ask("iam", "CreateRole", role).unwrap();
    let document = json!({ "Version": "2012-10-17", "Statement": rights }).to_string();
    let policy = json!({ "RoleName": "caller", "PolicyName": "rights", "PolicyDocument": document });
    desk.ask("iam", "PutRolePolicy", policy).unwrap();
    desk.wait(Span::secs(30));
    let mut invoke = |name: &str, qualifier: Option<&str>| {
        let mut input = json!({ "FunctionName": name });
        if let Some(qualifier) = qualifier {
            input["Qualifier"] = qualifier.into();
        }
        let request = Request {
            service: "lambda".into(),
            operation: "Invoke".into(),
            input,
            caller: Caller { user: "caller".into(), arn: String::new() },
            region: "ap-northeast-2".into(),
            agent: "aws-cli".into(),
        };
        aws::handle(&mut desk.world, &request).map(|_| ()).map_err(|fault| fault.message)
    };
    for (name, qualifier) in [
        ("quick:live", None),
        ("quick", Some("live")),
        ("123456789012:function:quick:live", None),
        (&format!("{own}:live"), None),
        (own, Some("live")),
    ] {
        assert_eq!(invoke(name, qualifier), Ok(()), "{name} {qualifier:?}");
    }
    for (name, qualifier) in [("quick", None), (own, None), ("quick:1", None), ("quick", Some("1"))] {
        let said = invoke(name, qualifier).unwrap_err();
        assert!(said.contains("is not authorized to perform: lambda:InvokeFunction"), "{name}: {said}");
    }
}

#[test]
fn a_killed_function_sends_no_letter() {
    let mut desk = desk();
    let now = desk.world.now;
    let mail = json!({ "own": ["shop.example"], "regions": { "ap-northeast-2": { "production": true } } });
    assert!(aws::ses::describe(&mut desk.world, &mail, now, now).is_empty());
    desk.ask("sesv2", "CreateEmailIdentity", json!({ "EmailIdentity": "shop.example" })).unwrap();
    desk.world.ledger.open(7, std::iter::empty(), "ord");
    let order = desk.world.ledger.place(Order {
        number: 0,
        at: now,
        key: 1,
        basket: 1,
        sku: "cone".into(),
        amount: 1,
        traits: 0,
        by: "storefront".into(),
        trial: false,
        staff: 14,
    });
    let payload = {
        use base64::Engine;
        let text = json!({ "order": desk.world.ledger.name(order) }).to_string();
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    let env = json!({ "Variables": { "REGION": "ap-northeast-2", "FROM": "orders@shop.example" } });
    function(&mut desk, "hungry", json!({ "MemorySize": 128, "Timeout": 10, "Environment": env }));
    desk.wait(Span::mins(10));
    let sent = |desk: &mut Desk| {
        let quota = desk.ask("sesv2", "GetAccount", json!({})).unwrap();
        let all = desk.world.aws.tally.series().filter(|(key, _)| key.namespace == "AWS/SES" && key.metric == "Send");
        let letters: i64 = all.flat_map(|(_, minutes)| minutes.values()).map(|minute| minute.sum).sum();
        (letters, quota["SendQuota"]["SentLast24Hours"].as_f64().unwrap_or_default())
    };
    let invoke = json!({ "FunctionName": "hungry", "Payload": payload });
    let body = desk.ask("lambda", "Invoke", invoke.clone()).unwrap();
    assert_eq!(body["FunctionError"], "Unhandled", "{body}");
    desk.wait(Span::mins(1));
    assert_eq!(sent(&mut desk), (0, 0.0));
    // With memory enough it comes to its letter, and the letter leaves when it does.
    let more = json!({ "FunctionName": "hungry", "MemorySize": 512 });
    desk.ask("lambda", "UpdateFunctionConfiguration", more).unwrap();
    desk.wait(Span::mins(1));
    let body = desk.ask("lambda", "Invoke", invoke).unwrap();
    assert_eq!(body["FunctionError"], Value::Null, "{body}");
    assert_eq!(sent(&mut desk).0, 0, "not before its time");
    desk.wait(Span::mins(1));
    assert_eq!(sent(&mut desk), (1, 1.0));
}

// ---- the network --------------------------------------------------------------------------------------------------------

fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    crate::aws_network::ask(world, "ec2", operation, input)
}

fn pass(world: &mut World, span: Span) {
    let until = world.now + span;
    world.advance_to(until);
}

#[test]
fn hours_of_a_stopped_instance_are_those_it_ran() {
    let mut world = network(4, json!({}));
    let w = &mut world;
    let from = hour(w.now);
    let subnet = ec2::id_of(w, "private-a").unwrap();
    let run = json!({ "SubnetId": *subnet, "InstanceType": "c6i.large", "MinCount": 1, "MaxCount": 1 });
    let id = ask(w, "RunInstances", run)["Instances"][0]["InstanceId"].clone();
    pass(w, Span::hours(4));
    let cost = |w: &World| charged(w, "ec2", "BoxUsage:c6i.large", from, hour(w.now));
    // From its running state on, half a minute after it was asked for.
    let before = cost(w);
    assert_eq!(before, 4_000_000 - 30 * 1_000_000 / 3_600 - 1);
    ask(w, "StopInstances", json!({ "InstanceIds": [id] }));
    assert_eq!(cost(w), before);
    pass(w, Span::hours(3));
    assert_eq!(cost(w), before);
    pass(w, Span::mins(30));
    ask(w, "StartInstances", json!({ "InstanceIds": [id] }));
    pass(w, Span::mins(150));
    assert_eq!(cost(w), before + 2_500_000, "the stopped hours stay free");
}

#[test]
fn hours_of_an_endpoint_are_by_the_zones_it_had() {
    let mut world = network(5, json!({}));
    let w = &mut world;
    let from = hour(w.now);
    let zone = |w: &World, zone: &str| ec2::id_of(w, &format!("private-{zone}")).unwrap().to_string();
    let vpc = ec2::id_of(w, "scoop").unwrap();
    let (a, b) = (zone(w, "a"), zone(w, "b"));
    let input = json!({ "VpcId": *vpc, "ServiceName": "com.amazonaws.ap-northeast-2.sqs", "VpcEndpointType": "Interface",
        "SubnetIds": [a, b] });
    let id = ask(w, "CreateVpcEndpoint", input)["VpcEndpoint"]["VpcEndpointId"].clone();
    pass(w, Span::hours(4));
    let cost = |w: &World| charged(w, "ec2", "VpcEndpoint-Hours", from, hour(w.now));
    assert_eq!(cost(w), 8_000_000);
    ask(w, "ModifyVpcEndpoint", json!({ "VpcEndpointId": id, "RemoveSubnetIds": [b] }));
    assert_eq!(cost(w), 8_000_000);
    pass(w, Span::hours(2));
    assert_eq!(cost(w), 10_000_000);
}

/// Records of the flow log, bytes that were charged and those that a gateway counted, in the three hours from a time on.
fn seen(world: &World, from: Time) -> (Vec<String>, i128, i128, i64) {
    let (to, own) = (from + Span::hours(3), service::find("ec2").unwrap());
    let records = (own.logs[0].records)(world, "/vpc/scoop/flow", from, to);
    let source = &own.metrics[0];
    let keys = (source.list)(world).into_iter();
    let minutes = keys.flat_map(|key| (source.minutes)(world, &key, from.0 / 60_000, to.0 / 60_000 - 1));
    let counted = minutes.map(|(_, minute)| minute.sum).sum();
    let (first, last) = (hour(from), hour(to));
    (
        records.into_iter().map(|record| record.text).collect(),
        charged(world, "ec2", "NatGateway-Bytes", first, last),
        charged(world, "ec2", "BoxUsage", first, last),
        counted,
    )
}

#[test]
fn a_node_that_is_deleted_has_been_there() {
    let mut world = network(6, three_flows());
    let w = &mut world;
    let from = w.now;
    pass(w, Span::hours(3) + Span::mins(20));
    let before = seen(w, from);
    assert!(before.0.len() > 20 && before.1 > 0 && before.2 == 6_000_000 && before.3 > 0);
    physics::delete(w, &json!({ "apiVersion": "v1", "kind": "Node" }), "ip-10-0-1-12", json!({}));
    assert_eq!(seen(w, from), before);
    pass(w, Span::hours(4));
    assert_eq!(seen(w, from), before);
    // It sends nothing any more; the machine itself runs on, is listed and charged.
    let after = seen(w, from + Span::hours(4));
    let ends = |records: &[String]| -> std::collections::BTreeSet<String> {
        records.iter().filter_map(|text| text.split(' ').next()).map(str::to_string).collect()
    };
    // Neither it nor the gateway of its zone.
    assert_eq!(ends(&after.0).len() + 2, ends(&before.0).len());
    assert_eq!(after.2, before.2);
    let listed = ask(w, "DescribeInstances", json!({}));
    assert_eq!(listed["Reservations"].as_array().unwrap().len(), 2);
}

#[test]
fn pulls_beyond_count_stay_on_the_bill() {
    let images = json!({ "pulls": { "from": "node", "to": "ecr", "images": { "registry.example/canary": "2100MB" } } });
    let mut world = network(8, images);
    let w = &mut world;
    let (start, from) = (w.now, hour(w.now));
    let cost = |w: &World| {
        charged(w, "ec2", "VpcEndpoint-Bytes", from, from + 24 * 40)
            + charged(w, "ec2", "NatGateway-Bytes", from, from + 24 * 40)
    };
    let endpoint = ec2::id_of(w, "vpce-0s3").unwrap();
    let tables = ["rtb-priv-a", "rtb-priv-b"].map(|name| ec2::id_of(w, name).unwrap().to_string());
    ask(w, "ModifyVpcEndpoint", json!({ "VpcEndpointId": *endpoint, "RemoveRouteTableIds": tables }));
    let pull = |w: &mut World, n: i64| {
        w.now = start + Span::secs(61 * n);
        flows::pulled(w, "ip-10-0-1-12", "registry.example/canary:1");
    };
    (0..50_000).for_each(|n| pull(w, n));
    w.now = start + Span::hours(24 * 39);
    let full = cost(w);
    let each = 2_100_000_000_i128 * 81 / 80 * 1_000_000 / (1 << 30);
    assert!((50_000 * each - full).abs() < 50_000, "{full}");
    (50_000..50_010).for_each(|n| pull(w, n));
    w.now = start + Span::hours(24 * 39);
    assert!((cost(w) - full - 10 * each).abs() < 50, "{}", cost(w));
}

#[test]
fn changed_a_thousand_times_the_ways_are_remembered_by_the_minute() {
    let mut world = network(9, three_flows());
    let w = &mut world;
    let table = ec2::id_of(w, "rtb-priv-a").unwrap();
    let from = w.now;
    for n in 0..5_000 {
        let to = Time(from.0 + n * 7_000);
        w.now = to;
        let route = json!({ "RouteTableId": *table, "DestinationCidrBlock": "192.0.2.0/24" });
        if n % 2 == 1 {
            ask(w, "DeleteRoute", route);
        } else {
            let igw = w.aws.network.ever(ec2::kinds::Kind::Gateway).next().unwrap().id.clone();
            let mut route = route;
            route["GatewayId"] = json!(*igw);
            ask(w, "CreateRoute", route);
        }
        // A minute begins every ninth change or so: what stood there is what is remembered of it.
        assert!(w.aws.network.setups().len() <= 4_096);
    }
    for minute in from.0 / 60_000 + 1..w.now.0 / 60_000 {
        let at = Time(minute * 60_000);
        let n = (at.0 - from.0) / 7_000;
        let open = w.aws.network.setup_at(at).unwrap().longest(&table, 0xC000_0207);
        let to = open.map(|route| &route.target);
        assert_eq!(matches!(to, Some(ec2::setup::Target::Internet(_))), n % 2 == 0, "{minute}");
    }
}

// ---- counts -------------------------------------------------------------------------------------------------------------

#[test]
fn minutes_are_folded_as_the_service_folds_them() {
    let mut tally = Tally::default();
    let key = Key { namespace: "AWS/Lambda", metric: "Duration", dimensions: Vec::new() };
    let day = 1_440;
    for minute in 0..70 * day {
        tally.sample(&key, Time(minute * 60_000 + 7), minute % 11);
    }
    let now = 70 * day - 1;
    let minutes = tally.get(&key).unwrap();
    let in_days = |from: i64, to: i64| minutes.range(now - to * day..now - from * day).count() as i64;
    assert_eq!((in_days(0, 14), in_days(16, 62)), (14 * day, 46 * day / 5));
    assert!(minutes.range(..now - 64 * day).all(|(minute, _)| minute % 60 == 0));
    assert_eq!(minutes.values().map(|minute| minute.count).sum::<i64>(), 70 * day);
    assert_eq!(
        minutes.values().map(|minute| minute.sum).sum::<i64>(),
        (0..70 * day).map(|minute| minute % 11).sum::<i64>()
    );
    let first = minutes.values().next().unwrap();
    assert_eq!((first.least, first.most, first.count), (0, 10, 60));
    assert!(tally.samples(&key, now - 16 * day).is_empty() && !tally.samples(&key, now - 14 * day).is_empty());
    // What is older than fifteen months is gone.
    tally.observe(&key, Time((now + 455 * day) * 60_000), 1);
    assert!(tally.get(&key).unwrap().keys().next().is_some_and(|first| *first >= now));
}

#[test]
fn history_of_a_deleted_alarm_ends_after_thirty_days() {
    let mut desk = Desk::new(3);
    let put = |desk: &mut Desk, name: &str| {
        let alarm = json!({ "AlarmName": name, "Namespace": "Shop", "MetricName": "Parcels", "Period": 60,
            "Statistic": "Sum", "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold" });
        desk.ask("cloudwatch", "PutMetricAlarm", alarm).unwrap();
    };
    put(&mut desk, "first");
    desk.ask("cloudwatch", "DeleteAlarms", json!({ "AlarmNames": ["first"] })).unwrap();
    desk.wait(Span::hours(24 * 29));
    put(&mut desk, "second");
    assert!(format!("{:?}", desk.world.aws.watch).contains("\"first\""));
    desk.wait(Span::hours(48));
    put(&mut desk, "third");
    assert!(!format!("{:?}", desk.world.aws.watch).contains("\"first\""));
}

// ---- whatever is done -----------------------------------------------------------------------------------------------------

#[derive(Clone, Debug)]
enum Step {
    Node(u8),
    Stop,
    Start,
    Run,
    Zone(bool),
    Route(bool),
    Gateway,
}

fn step() -> impl Strategy<Value = (Step, i64)> {
    let step = prop_oneof![
        1 => (0..3_u8).prop_map(Step::Node),
        2 => Just(Step::Stop),
        2 => Just(Step::Start),
        1 => Just(Step::Run),
        2 => any::<bool>().prop_map(Step::Zone),
        2 => any::<bool>().prop_map(Step::Route),
        1 => Just(Step::Gateway),
    ];
    (step, 1..200_i64)
}

fn act(w: &mut World, step: &Step) {
    let id = |w: &World, name: &str| ec2::id_of(w, name).unwrap().to_string();
    let first =
        |w: &World, kind| w.aws.network.there(kind).next().map(|found| found.id.to_string()).unwrap_or_default();
    let (operation, input) = match step {
        Step::Node(n) => {
            let name = format!("ip-10-0-{}-12", n % 2 + 1);
            let there = w.k8s.store.get(whodunit::world::k8s::kinds::Kind::Node, "", &name).is_some();
            if there && *n < 2 {
                physics::delete(w, &json!({ "apiVersion": "v1", "kind": "Node" }), &name, json!({}));
            } else if !there {
                let address = name.trim_start_matches("ip-").replace('-', ".");
                physics::create(
                    w,
                    &json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name },
                    "status": { "addresses": [{ "type": "InternalIP", "address": address }] } }),
                );
            }
            return;
        }
        Step::Stop => ("StopInstances", json!({ "InstanceIds": [first(w, Kind::Instance)] })),
        Step::Start => ("StartInstances", json!({ "InstanceIds": [first(w, Kind::Instance)] })),
        Step::Run => (
            "RunInstances",
            json!({ "SubnetId": id(w, "private-b"), "InstanceType": "c6i.large", "MinCount": 1, "MaxCount": 1 }),
        ),
        Step::Zone(add) => {
            let ends = w.aws.network.there(Kind::Endpoint).find(|end| end.text("VpcEndpointType") == "Interface");
            let end = ends.map(|end| end.id.to_string()).unwrap_or_default();
            let member = if *add { "AddSubnetIds" } else { "RemoveSubnetIds" };
            ("ModifyVpcEndpoint", json!({ "VpcEndpointId": end, member: [id(w, "private-b")] }))
        }
        Step::Route(add) => {
            let table = id(w, "rtb-priv-a");
            let nat = first(w, Kind::NatGateway);
            let mut route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" });
            if *add {
                route["NatGatewayId"] = json!(nat);
            }
            (if *add { "CreateRoute" } else { "DeleteRoute" }, route)
        }
        Step::Gateway => ("DeleteNatGateway", json!({ "NatGatewayId": first(w, Kind::NatGateway) })),
    };
    let _refused = crate::aws_network::try_ask(w, "ec2", operation, input);
}

/// Everything that the hours `from..to` came to.
fn told(w: &World, from: i64, to: i64) -> Vec<String> {
    let own = service::find("ec2").unwrap();
    let mut out: Vec<String> =
        own.meters.iter().flat_map(|meter| (meter.read)(w, from, to)).map(|used| format!("{used:?}")).collect();
    let until = Time(to * HOUR - 1);
    let records = (own.logs[0].records)(w, "/vpc/scoop/flow", Time(from * HOUR), until);
    // Their numbers may be anything; what they say may not change.
    out.extend(records.into_iter().filter(|record| record.at < until - Span::mins(20)).map(|record| record.text));
    let source = &own.metrics[0];
    for key in (source.list)(w) {
        let minutes = (source.minutes)(w, &key, from * 60, to * 60 - 1);
        out.extend(
            minutes.into_iter().filter(|(_, minute)| minute.sum > 0).map(|minute| format!("{key:?} {minute:?}")),
        );
    }
    out.sort();
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is done to machines and ways, hours that are over stay as they were told.
    #[test]
    fn nothing_done_now_changes_an_hour_that_is_over(
        seed in 0..1_000_u64,
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let mut world = network(seed, three_flows());
        let w = &mut world;
        let zones = json!([ec2::id_of(w, "private-a").unwrap().to_string()]);
        let input = json!({ "VpcId": ec2::id_of(w, "scoop").unwrap().to_string(), "SubnetIds": zones,
            "ServiceName": "com.amazonaws.ap-northeast-2.sqs", "VpcEndpointType": "Interface" });
        ask(w, "CreateVpcEndpoint", input);
        act(w, &Step::Run);
        let from = hour(w.now);
        let mut was: Vec<(i64, Vec<String>)> = Vec::new();
        for (step, minutes) in &steps {
            act(w, step);
            pass(w, Span::mins(*minutes));
            // Flow records come a quarter of an hour late.
            let to = hour(w.now - Span::mins(20));
            for (to, before) in &was {
                prop_assert_eq!(&told(w, from, *to), before, "after {:?}", step);
            }
            was.push((to, told(w, from, to)));
        }
    }
}

//! Conservation on a whole estate while a learner does what learners do: every order has a place, bytes billed are bytes
//! sent, the bill is the meters times the price book, and it does not matter how often anybody looked.

use crate::aws_network::{ask, network, three_flows};
use crate::ledger::stage;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use whodunit::console;
use whodunit::console::session::Session;
use whodunit::scenario::stage::Stage;
use whodunit::stdx::dice::{self, Dice};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::apps::work::doing;
use whodunit::world::aws::call::{Caller, Request};
use whodunit::world::aws::ce::calendar;
use whodunit::world::aws::service::{SERVICES, Used};
use whodunit::world::aws::sqs::places::Fate;
use whodunit::world::aws::tally::Key;
use whodunit::world::aws::{self, ec2, post, prices};

const TOPIC: &str = "arn:aws:sns:ap-northeast-2:123456789012:order-events";
const URL: &str = "https://sqs.ap-northeast-2.amazonaws.com/123456789012";

/// What a learner does; `{sub}` is the subscription of shipping's queue, if there is one.
const ACTS: &[&str] = &[
    "kubectl -n fulfil scale deploy/shipping --replicas=0",
    "kubectl -n fulfil scale deploy/shipping --replicas=4",
    "kubectl -n fulfil delete pods -l app=shipping --force --grace-period=0",
    "kubectl -n shop rollout restart deploy/storefront",
    "ci deploy shipping 4.1.0",
    "ci deploy shipping 4.1.2",
    "kubectl -n fulfil rollout undo deploy/shipping",
    "aws sqs set-queue-attributes --queue-url {url}/shipping-orders --attributes VisibilityTimeout=1",
    "aws sqs set-queue-attributes --queue-url {url}/shipping-orders --attributes MessageRetentionPeriod=60",
    "aws sqs set-queue-attributes --queue-url {url}/shipping-orders --attributes '{\"Policy\":\"\"}'",
    "aws sqs set-queue-attributes --queue-url {url}/shipping-orders-dlq --attributes MessageRetentionPeriod=1209600",
    "aws sqs purge-queue --queue-url {url}/shipping-orders",
    "aws sqs delete-queue --queue-url {url}/shipping-orders",
    "aws sqs receive-message --queue-url {url}/shipping-orders --max-number-of-messages 10",
    "aws sqs start-message-move-task --source-arn arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders-dlq",
    "aws sns unsubscribe --subscription-arn {sub}",
    "aws sns subscribe --topic-arn {topic} --protocol sqs --notification-endpoint arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders --attributes RawMessageDelivery=true",
    "aws sns set-subscription-attributes --subscription-arn {sub} --attribute-name FilterPolicy --attribute-value '{\"eventType\":[\"Nothing\"]}'",
    "iac apply",
    "iac apply",
    "shopctl replay --missing shipments --since 20m --to shipping-orders",
    "shopctl replay --missing bookings --since 20m --to fulfil/accounting",
];

fn subscription(world: &World) -> Option<String> {
    let topic = world.aws.topics.get(TOPIC)?;
    let held = topic.subscriptions.iter().find(|held| held.endpoint.ends_with(":shipping-orders"))?;
    Some(held.arn.to_string())
}

fn act(stage: &mut Stage, line: &str) {
    let sub = subscription(&stage.world).unwrap_or_else(|| format!("{TOPIC}:gone"));
    let line = line.replace("{sub}", &sub).replace("{topic}", TOPIC).replace("{url}", URL);
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    console::run(&mut stage.world, &mut session, &line);
}

/// The place of every order, as the world tells it: each has at least one.
fn placed(world: &World, unheard: &[(Time, Time)]) -> BTreeMap<&'static str, usize> {
    let mut places: BTreeMap<&'static str, BTreeSet<u32>> = BTreeMap::new();
    for queue in world.aws.queues.ever() {
        let name = if queue.arn.ends_with("-dlq") { "dead letters" } else { "in flight" };
        places
            .entry(name)
            .or_default()
            .extend(queue.store.iter().filter_map(|(_, message)| world.ledger.named(&message.body)));
        for lost in queue.places.lost.iter() {
            let reason = match lost.fate {
                Fate::Expired => "expired",
                Fate::Purged => "purged",
                Fate::QueueDeleted => "went with its queue",
                other => panic!("{other:?} is no loss"),
            };
            assert!(lost.at <= world.now);
            places.entry(reason).or_default().extend(world.ledger.named(&lost.body));
        }
    }
    for topic in world.aws.topics.ever() {
        let lost = topic.places.lost.iter().filter_map(|lost| world.ledger.named(&lost.notice.draft.body));
        places.entry("lost by the topic").or_default().extend(lost);
    }
    let dropped = doing::between(world, Time(0), world.now).filter(|doing| doing.dropped());
    places.entry("never sent").or_default().extend(dropped.map(|doing| doing.order));
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let young = world.now - Span::mins(2);
    for order in world.ledger.orders(Time(0), world.now) {
        let heard = |window: &&(Time, Time)| window.0 - Span::secs(5) <= order.at && order.at <= window.1;
        let place = if world.ledger.slot("shipments", order.number).rows > 0 {
            "delivered"
        } else if let Some((name, _)) = places.iter().find(|(_, orders)| orders.contains(&order.number)) {
            name
        } else if unheard.iter().any(|window| heard(&window)) {
            "nobody listened"
        } else {
            assert!(order.at >= young, "{} is nowhere", world.ledger.name(order.number));
            "under way"
        };
        *counts.entry(place).or_default() += 1;
    }
    let orders = world.ledger.orders(Time(0), world.now).count();
    assert_eq!(counts.values().sum::<usize>(), orders);
    counts
}

/// Whatever a learner does, every order is delivered, in flight, among dead letters, or lost in a place and for a reason; and
/// cutting time differently changes nothing at all.
#[test]
fn every_order_has_a_place_whatever_a_learner_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    let account = std::fs::read_to_string(path).expect("the estate has an account");
    let mut seen: BTreeSet<&'static str> = BTreeSet::new();
    for seed in 21..25 {
        let mut whole = stage(seed, "", Some(&account));
        let mut cut = stage(seed, "", Some(&account));
        let mut dice = Dice::new(seed).fork("a learner");
        // When the topic had nobody to tell for shipping, or a filter that lets nothing through.
        let mut unheard: Vec<(Time, Time)> = Vec::new();
        for step in 0..10 {
            let line = ACTS[dice.below(ACTS.len() as u64) as usize];
            let span = Span::secs(dice.between(5, 400));
            act(&mut whole, line);
            act(&mut cut, line);
            let filtered = line.contains("FilterPolicy") || unheard.iter().any(|(_, to)| *to > whole.world.now);
            let deaf = subscription(&whole.world).is_none() || filtered;
            let from = whole.world.now;
            let to = from + span;
            if deaf {
                // A filter stays for good and takes up to a quarter of an hour to work.
                let end = if filtered { Time(i64::MAX) } else { to + Span::secs(1) };
                unheard.push((from, end));
            }
            whole.advance_to(to);
            for part in 1..=(step % 4) {
                cut.advance_to(from + Span(span.0 * part / 5 + 17));
            }
            cut.advance_to(to);
            assert_eq!(post::fates(&whole.world).wrong(), Vec::<String>::new(), "seed {seed}: {line}");
            seen.extend(placed(&whole.world, &unheard).into_keys());
        }
        let shown = |stage: &Stage| {
            let world = &stage.world;
            let parts = [
                format!("{:#?}", world.aws.queues),
                format!("{:#?}", world.aws.topics),
                format!("{:#?}", world.ledger),
                format!("{:#?}", world.apps.work.doings),
                format!("{:#?}", world.audit),
            ];
            parts.join("\n")
        };
        let (whole, cut) = (shown(&whole), shown(&cut));
        let differ = whole.lines().zip(cut.lines()).find(|(a, b)| a != b);
        assert_eq!(differ, None, "seed {seed}");
        assert_eq!(whole.len(), cut.len(), "seed {seed}");
    }
    // The test is about something: orders were delivered and lost in more than one way.
    assert!(seen.contains("delivered") && seen.contains("in flight") && seen.len() >= 5, "{seen:?}");
}

fn attempt(world: &mut World, operation: &str, input: serde_json::Value) {
    let request = Request {
        service: "ec2".into(),
        operation: operation.into(),
        input,
        caller: Caller { user: "learner".into(), arn: String::new() },
        region: "ap-northeast-2".into(),
        agent: "aws-cli".into(),
    };
    let _refusals_change_nothing = aws::handle(world, &request);
}

/// One random act on the network.
fn disturb(world: &mut World, roll: u64) {
    let id =
        |world: &World, name: &str| ec2::id_of(world, name).map_or_else(|| format!("{name}-gone"), |id| id.to_string());
    let zone = if roll.is_multiple_of(2) { "a" } else { "b" };
    let (table, nat) = (
        id(world, &format!("rtb-priv-{zone}")),
        id(world, if (roll / 2).is_multiple_of(2) { "nat-a" } else { "nat-b" }),
    );
    let endpoint = id(world, "vpce-0s3");
    let everywhere = "0.0.0.0/0";
    match roll / 4 % 9 {
        0 => attempt(world, "ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "RemoveRouteTableIds": [table]})),
        1 => attempt(world, "ModifyVpcEndpoint", json!({"VpcEndpointId": endpoint, "AddRouteTableIds": [table]})),
        2 | 3 => attempt(
            world,
            "ReplaceRoute",
            json!({"RouteTableId": table, "DestinationCidrBlock": everywhere, "NatGatewayId": nat}),
        ),
        4 => attempt(world, "DeleteRoute", json!({"RouteTableId": table, "DestinationCidrBlock": everywhere})),
        5 => attempt(
            world,
            "CreateRoute",
            json!({"RouteTableId": table, "DestinationCidrBlock": everywhere, "NatGatewayId": nat}),
        ),
        6 => attempt(world, "DeleteNatGateway", json!({"NatGatewayId": nat})),
        7 => {
            let eip = ask(world, "ec2", "AllocateAddress", json!({"Domain": "vpc"}))["AllocationId"].clone();
            let subnet = id(world, &format!("public-{zone}"));
            attempt(world, "CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": eip}));
        }
        _ => attempt(world, "DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]})),
    }
}

fn gateways(world: &World) -> Vec<String> {
    world.aws.network.ever(ec2::kinds::Kind::NatGateway).map(|found| found.id.to_string()).collect()
}

/// Bytes that gateways' metrics count in the minutes `from..to`, in both directions.
fn metered(world: &World, from: i64, to: i64) -> i128 {
    let source = SERVICES.iter().flat_map(|s| s.metrics).find(|s| s.namespace == "AWS/NATGateway").unwrap();
    let mut sum = 0;
    for id in gateways(world) {
        for metric in ["BytesInFromSource", "BytesInFromDestination"] {
            let dimensions = vec![("NatGatewayId", id.as_str().into())];
            let key = Key { namespace: "AWS/NATGateway", metric, dimensions };
            let minutes = (source.minutes)(world, &key, from, to - 1);
            sum += minutes.iter().map(|(_, minute)| i128::from(minute.sum)).sum::<i128>();
        }
    }
    sum
}

fn used(world: &World, from: i64, to: i64) -> Vec<Used> {
    let mut used: Vec<Used> =
        SERVICES.iter().flat_map(|row| row.meters).flat_map(|meter| (meter.read)(world, from, to)).collect();
    used.sort_by_key(|used| used.hour);
    used
}

/// The meters times the price book, summed up here: attodollars of the hours `from..to`, whose month begins at `from`.
fn priced(world: &World, from: i64, to: i64) -> i128 {
    let mut filled: BTreeMap<(&str, String), i128> = BTreeMap::new();
    let mut sum = 0;
    for used in used(world, from, to) {
        let before = filled.entry((used.service, used.usage_type.clone())).or_default();
        let book = prices::of(&world.aws.region, used.service, &used.usage_type);
        let price = prices::at(book, used.hour).unwrap_or_else(|| panic!("{} has no price", used.usage_type));
        sum += price.charge(*before, used.micros);
        *before += used.micros;
    }
    sum
}

/// Whatever is done to routes, endpoints and gateways, the bill's bytes are those that gateways counted, and what Cost
/// Explorer says is the meters times the prices of their day.
#[test]
fn bytes_billed_are_bytes_sent_and_the_bill_is_meters_times_prices() {
    for seed in 31..39 {
        let mut world = network(seed, three_flows());
        let begun = Time::parse("2026-03-01T00:00:00Z").unwrap();
        for step in 0..9 {
            let roll = dice::at(seed, 78, step);
            disturb(&mut world, roll);
            let to = world.now + Span::mins(7 + (roll / 64 % 90) as i64);
            world.advance_to(to);
        }
        let end = Time((world.now.0 / 3_600_000 + 1) * 3_600_000);
        world.advance_to(end + Span::hours(26));
        let (first, last) = (calendar::hour(begun), calendar::hour(end));
        let bytes = metered(&world, first * 60, last * 60);
        let bill: i128 = used(&world, first, last)
            .iter()
            .filter(|used| used.usage_type == "NatGateway-Bytes")
            .map(|used| used.micros)
            .sum();
        let wanted = bytes * 1_000_000 / (1 << 30);
        let gateways = gateways(&world).len() as i128;
        // A millionth of a GB is cut off in each hour and gateway.
        assert!((bill - wanted).abs() <= gateways * i128::from(last - first), "seed {seed}: {bill} {wanted}");
        let stamp = |hour: i64| Time(hour * 3_600_000).format("%Y-%m-%dT%H:%M:%SZ").unwrap();
        let input = json!({
            "TimePeriod": {"Start": stamp(first), "End": stamp(last)}, "Granularity": "HOURLY", "Metrics": ["UnblendedCost"],
        });
        let told = ask(&mut world, "ce", "GetCostAndUsage", input);
        let rows = told["ResultsByTime"].as_array().unwrap();
        let amount = |row: &serde_json::Value| {
            let text = row["Total"]["UnblendedCost"]["Amount"].as_str().unwrap();
            prices::parse(text, prices::DOLLAR).unwrap()
        };
        let total: i128 = rows.iter().map(amount).sum();
        let sums = priced(&world, first, last);
        // Cost Explorer prints ten decimals.
        let grain = i128::from(last - first) * prices::DOLLAR / 10_000_000_000;
        assert!((total - sums).abs() <= grain, "seed {seed}: {total} {sums}");
        assert!(sums > 0 && bytes > 0);
    }
}

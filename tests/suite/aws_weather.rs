//! Weather that acts on queues and third parties, and the rule of a denied key: what a day in it looks like. What was before
//! the world began is charged too, and an indicator of nothing says nothing.

use crate::ledger::{ACCOUNT, stage, subscribed, weathered};
use std::collections::BTreeMap;
use whodunit::console;
use whodunit::console::session::Session;
use whodunit::scenario;
use whodunit::scenario::stage::Stage;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::post;
use whodunit::world::aws::service::{SERVICES, Used};
use whodunit::world::signals::{self, Search, metrics};

fn account() -> String {
    format!("{ACCOUNT}{}{}", subscribed("accounting-orders"), subscribed("shipping-orders"))
}

fn run(stage: &mut Stage, line: &str) -> (String, i32) {
    let mut session = Session { user: "learner".into(), namespace: "fulfil".into(), ..Session::default() };
    let ran = console::run(&mut stage.world, &mut session, line);
    let lines: Vec<&str> = ran.output.lines.iter().map(|line| line.text.as_str()).collect();
    (lines.join("\n"), ran.output.code)
}

/// What CloudWatch summed of a queue between two times.
fn summed(world: &World, queue: &str, metric: &str, from: Time, to: Time) -> i64 {
    let source = SERVICES.iter().flat_map(|service| service.metrics).find(|source| source.namespace == "AWS/SQS");
    let source = source.unwrap();
    let named = |(_, value): &(&str, std::sync::Arc<str>)| **value == *queue;
    let keys = (source.list)(world);
    let key = keys.iter().find(|key| key.metric == metric && key.dimensions.iter().any(named)).unwrap();
    let minutes = (source.minutes)(world, key, from.0 / 60_000, to.0 / 60_000 - 1);
    minutes.iter().map(|(_, minute)| minute.sum).sum()
}

/// A standard queue may hand out again what was deleted; in weather it does so often, and only then; a FIFO queue never.
#[test]
fn what_was_deleted_comes_again_in_a_queues_weather() {
    let weather = r#"
[[weather]]
at = "-90m"
for = "60m"
kind = "queue"
on = "shipping-orders"
repeats = 500
[[weather]]
at = "-90m"
kind = "queue"
on = "stock-moves.fifo"
repeats = 1000
"#;
    let stage = weathered(5, "", Some(&account()), weather);
    let world = &stage.world;
    let ago = |minutes: i64| Time((world.now - Span::mins(minutes)).0 / 60_000 * 60_000);
    let both = |queue: &str, from: i64, to: i64| {
        let sum = |metric: &str| summed(world, queue, metric, ago(from), ago(to));
        (sum("NumberOfMessagesSent"), sum("NumberOfMessagesReceived"))
    };
    let (sent, received) = both("shipping-orders", 88, 32);
    // Each deletion misses one time in two, also those of copies: twice as many in the end.
    assert!(sent > 100 && received * 10 > sent * 17 && received * 10 < sent * 23, "{sent} sent, {received} received");
    for (queue, from, to) in [("shipping-orders", 25, 3), ("accounting-orders", 88, 32), ("stock-moves.fifo", 88, 32)] {
        let (sent, received) = both(queue, from, to);
        assert!(sent > 50 && (received - sent).abs() <= 3, "{queue}: {sent} sent, {received} received");
    }
    assert_eq!(post::fates(world).wrong(), Vec::<String>::new(), "each copy is in one place");
}

fn handled(world: &World, template: &str, from: Time) -> Vec<signals::Record> {
    let search = Search { subject: "shipping".into(), from, to: world.now, ..Search::default() };
    signals::shipped(world, &search).into_iter().filter(|record| &*record.template == template).collect()
}

/// A third party that does not take something turns away what is like that and nothing else, says so, and takes it again
/// when the weather is over.
#[test]
fn a_partner_turns_away_what_it_refuses_and_says_why() {
    let says = "422 Unprocessable Entity: no such service option";
    let weather = format!(
        "[[weather]]\nat = \"-30m\"\nfor = \"35m\"\nkind = \"partner\"\non = \"carrier\"\nrefuses = [\"emoji\"]\nsays = \"{says}\"\n"
    );
    let mut stage = weathered(6, "", Some(&account()), &weather);
    let (from, to) = (stage.world.now - Span::mins(29), stage.world.now - Span::mins(3));
    let (mut refused, mut taken) = (Vec::new(), 0);
    for order in stage.world.ledger.orders(from, to) {
        let rows = stage.world.ledger.slot("shipments", order.number).rows;
        let emoji = stage.world.ledger.has_trait(order, "emoji");
        assert_eq!(rows, u32::from(!emoji), "{}", stage.world.ledger.name(order.number));
        if emoji { refused.push(order.number) } else { taken += 1 }
    }
    assert!(refused.len() >= 2 && taken > 80, "{refused:?} {taken}");
    let failed = handled(&stage.world, "handler-failed", from);
    assert!(
        failed.len() >= refused.len() && failed.iter().all(|r| r.text.contains(&format!("carrier: {says}"))),
        "{failed:?}"
    );
    let (text, _) = run(&mut stage, "shopctl probe carrier --trait emoji");
    assert!(text.contains(says), "{text}");
    let (text, _) = run(&mut stage, "shopctl probe carrier");
    assert!(!text.contains("422"), "{text}");
    // Over: what is still in the queue is taken.
    let until = stage.world.now + Span::mins(20);
    stage.advance_to(until);
    let shipped = |order: &u32| stage.world.ledger.slot("shipments", *order).rows > 0;
    assert!(refused.iter().all(shipped), "{refused:?}");
}

/// A program that may not use a key fails at what the key is for, in KMS's words, and at nothing else.
#[test]
fn a_denied_key_stops_what_it_is_for() {
    let mut stage = stage(7, "", Some(&account()));
    let (id, _) =
        run(&mut stage, "aws kms describe-key --key-id alias/scoop-messages --query KeyMetadata.KeyId --output text");
    assert_eq!(run(&mut stage, &format!("aws kms disable-key --key-id {id}")).1, 0);
    let from = stage.world.now;
    stage.advance_to(from + Span::mins(30));
    let to = from + Span::mins(25);
    let rows = |world: &World, table: &str| -> Vec<u32> {
        let orders = world.ledger.orders(from + Span::secs(20), to);
        orders.map(|order| world.ledger.slot(table, order.number).rows).collect()
    };
    let shipped = rows(&stage.world, "shipments");
    assert!(shipped.len() > 60 && shipped.iter().all(|rows| *rows == 0), "{shipped:?}");
    assert!(rows(&stage.world, "bookings").iter().all(|rows| *rows == 1), "accounting needs no key");
    let failed = handled(&stage.world, "handler-failed", from);
    let words = |r: &signals::Record| {
        r.text.contains("could not unwrap the data key of the label") && r.text.contains("is disabled")
    };
    assert!(!failed.is_empty() && failed.iter().all(words), "{:?}", failed.first());
    assert_eq!(run(&mut stage, &format!("aws kms enable-key --key-id {id}")).1, 0);
    let until = stage.world.now + Span::mins(15);
    stage.advance_to(until);
    assert!(rows(&stage.world, "shipments").iter().all(|rows| *rows == 1), "what waited is kept after all");
}

/// What came to nothing is no hundred percent.
#[test]
fn an_indicator_of_nothing_says_nothing() {
    let stage = stage(8, "", Some(&account()));
    let world = &stage.world;
    let shares = world.apps.estate.indicators.keys().filter(|name| name.ends_with("_ratio") && !name.contains("ready"));
    let shares: Vec<&String> = shares.filter(|name| !name.contains("thrift")).collect();
    assert!(shares.len() > 5);
    for name in shares {
        assert_eq!(
            metrics::indicator_at(world, name, world.now - Span::hours(24 * 9)),
            None,
            "{name}: before anybody came"
        );
        assert!(metrics::indicator_at(world, name, world.now).is_some(), "{name}");
    }
}

fn by_service(world: &World, from: i64, to: i64) -> BTreeMap<&'static str, i128> {
    let mut sums = BTreeMap::new();
    for meter in SERVICES.iter().flat_map(|service| service.meters) {
        for used in (meter.read)(world, from, to) {
            *sums.entry(used.service).or_default() += used.micros;
        }
    }
    sums
}

/// What is counted message by message and call by call was used before the world began as well: a month's bill is whole.
#[test]
fn what_was_before_the_world_began_is_charged_too() {
    let pack = scenario::find("the-three-second-alibi").expect("the case");
    let (_, stage) = scenario::cast(&pack, "A", 3).unwrap_or_else(|wrong| panic!("{}", scenario::render(&wrong)));
    let world = &stage.world;
    let start = world.aws.flows.start.0.div_euclid(3_600_000) + 1;
    let (before, after) = (by_service(world, start - 24, start), by_service(world, start, start + 6));
    for service in ["AWS Lambda", "Amazon API Gateway", "Amazon Simple Email Service"] {
        let (day, hours) = (before.get(service).copied().unwrap_or(0), after.get(service).copied().unwrap_or(0));
        assert!(
            hours > 0 && day > hours && day < hours * 40,
            "{service}: {day} in the day before, {hours} in six hours"
        );
    }
    // However the hours are asked for, they are the same; and before there was an account there was nothing.
    for meter in SERVICES.iter().flat_map(|service| service.meters) {
        let key =
            |used: &Used| (used.hour, used.usage_type.clone(), used.resource.clone(), used.operation, used.micros);
        let mut whole: Vec<_> = (meter.read)(world, start - 30, start + 2).iter().map(key).collect();
        let parts = [(start - 30, start - 7), (start - 7, start), (start, start + 2)];
        let mut apart: Vec<_> = parts.iter().flat_map(|(a, b)| (meter.read)(world, *a, *b)).map(|u| key(&u)).collect();
        whole.sort();
        apart.sort();
        assert_eq!(whole, apart, "{:?}", meter.usage_types);
    }
    let born = world.aws.flows.born.0.div_euclid(3_600_000);
    assert!(by_service(world, born - 48, born).is_empty());
}

/// A replay that is throttled says what was sent, what was throttled and what was not taken, and fails.
#[test]
fn a_throttled_replay_says_what_was_sent() {
    let mut stage = stage(9, "", Some(ACCOUNT));
    let numbers: Vec<String> = {
        let ledger = &stage.world.ledger;
        ledger.orders(Time(0), stage.world.now).take(60).map(|order| ledger.name(order.number).to_string()).collect()
    };
    let url = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/stock-moves.fifo";
    // A FIFO queue takes 300 calls a second; programs make a few of them.
    for n in 0..297 {
        let line = format!(
            "aws sqs send-message --queue-url {url} --message-body x --message-group-id g{n} --message-deduplication-id d{n}"
        );
        run(&mut stage, &line);
    }
    let (text, code) = run(&mut stage, &format!("shopctl replay --orders {} --to stock-moves.fifo", numbers.join(",")));
    let sent: usize = text.strip_prefix("sent ").unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(sent < 60 && sent.is_multiple_of(10), "{text}");
    let throttled = format!("shopctl: {} were throttled and not sent: RequestThrottled: ", 60 - sent);
    assert!(text.contains(&throttled) && code == 1, "{text}");
    let until = stage.world.now + Span::secs(1);
    stage.advance_to(until);
    let (text, code) = run(&mut stage, &format!("shopctl replay --orders {} --to stock-moves.fifo", numbers.join(",")));
    assert!(text.starts_with("sent 60 of 60 orders") && code == 0, "{text}");
}

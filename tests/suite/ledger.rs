//! The shop's books: programs that publish, poll and write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use whodunit::console;
use whodunit::console::session::Session;
use whodunit::scenario::cast::{self, Telling};
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, Pack};
use whodunit::stdx::dice::Dice;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::partners::Mood;
use whodunit::world::signals::metrics::{self, Need, Query};
use whodunit::world::signals::{self, Search};

/// The queues and the topic of the estate, as its code would make them.
pub const ACCOUNT: &str = r#"
account = "123456789012"
region = "ap-northeast-2"
[mail]
own = ["scoopline.example"]
table = "receipts"
[mail.regions.us-east-1]
production = true
max_24_hours = 20000
per_second = 2
[resources."aws_sesv2_email_identity.virginia"]
region = "us-east-1"
email_identity = "scoopline.example"
[resources."aws_kms_key.messages"]
description = "messages between services"
[resources."aws_kms_alias.messages"]
name = "alias/scoop-messages"
target_key_id = "${aws_kms_key.messages.key_id}"
[resources."aws_sqs_queue.shipping_orders"]
name = "shipping-orders"
visibility_timeout_seconds = 30
[resources."aws_sqs_queue.accounting_orders"]
name = "accounting-orders"
visibility_timeout_seconds = 30
[resources."aws_sqs_queue.receipts"]
name = "receipts"
[resources."aws_sqs_queue.stock_moves"]
name = "stock-moves.fifo"
fifo_queue = true
[resources."aws_sns_topic.order_events"]
name = "order-events"
"#;

/// The topic's subscription of a queue, and the queue's leave for it.
pub fn subscribed(queue: &str) -> String {
    let id = queue.replace('-', "_");
    format!(
        r#"
[resources."aws_sqs_queue_policy.{id}"]
queue_url = "${{aws_sqs_queue.{id}.url}}"
policy = """{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"*"}}]}}"""
[resources."aws_sns_topic_subscription.{id}"]
topic_arn = "${{aws_sns_topic.order_events.arn}}"
protocol = "sqs"
endpoint = "${{aws_sqs_queue.{id}.arn}}"
"#
    )
}

/// A quiet day in the cloud estate: the template's case without its fault, with skin entries of our own.
pub fn stage(seed: u64, skin: &str, account: Option<&str>) -> Stage {
    weathered(seed, skin, account, "")
}

/// The same in some weather, as a case's file has it.
pub fn weathered(seed: u64, skin: &str, account: Option<&str>, weather: &str) -> Stage {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/template/scenario.toml");
    let text = std::fs::read_to_string(root).expect("the template");
    let text = text.replace("estate = \"scoopline\"", "estate = \"scoopline-cloud\"");
    let text = text.replace("[skin]", &format!("[skin]\n{skin}"));
    let text = format!("{text}\n{weather}");
    let mut pack = Pack::new("a-day", "a-day", [("scenario.toml".to_string(), text.into_bytes())]);
    let files = Arc::make_mut(pack.estates.get_mut("scoopline-cloud").expect("the estate"));
    files.remove("account.toml");
    if let Some(account) = account {
        files.insert("account.toml".into(), Arc::from(account.as_bytes()));
    }
    let file = scenario::file::read(&pack).expect("a readable case");
    let drawn = scenario::file::draw(&pack, &file, &file.variants[0], seed);
    let drawn = drawn.unwrap_or_else(|problems| panic!("{problems:#?}"));
    cast::stage(&drawn, seed, Telling::Healthy).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// One line in a shell; what it printed, one string.
fn run(stage: &mut Stage, line: &str) -> String {
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    let ran = console::run(&mut stage.world, &mut session, line);
    ran.output.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn wait(stage: &mut Stage, span: Span) {
    let until = stage.world.now + span;
    stage.advance_to(until);
}

/// Rows in a table of each order placed in a window.
fn rows(world: &World, table: &str, from: Time, to: Time) -> Vec<u32> {
    world.ledger.orders(from, to).map(|order| world.ledger.slot(table, order.number).rows).collect()
}

fn counted(world: &World, name: &str, from: Time, to: Time, label: Option<(&str, &str)>) -> f64 {
    let exact = BTreeMap::new();
    let query = Query { name, exact: &exact, from, to, need: Need::Added };
    let series = metrics::select(world, &query);
    let meant =
        series.iter().filter(|s| label.is_none_or(|(key, value)| s.labels.get(key).is_some_and(|v| v == value)));
    meant.filter_map(|series| series.increase(from, to)).sum()
}

fn lines(world: &World, app: &str, template: &str, from: Time, to: Time) -> usize {
    let search = Search { subject: app.into(), from, to, ..Search::default() };
    signals::shipped(world, &search).iter().filter(|record| &*record.template == template).count()
}

/// Shares of answered requests: some fail by themselves.
fn fluctuates(indicator: &str) -> bool {
    indicator.contains("success") || indicator == "slo_payable_ratio"
}

const DIRECT: &str = "notify_mode = { pick = [\"http\"] }";
/// Nobody is told of orders: what is sent is sent by hand.
const SILENT: &str = "notify_mode = { pick = [\"off\"] }";

#[test]
fn told_directly_every_order_is_shipped_and_booked_once() {
    for seed in 1..4 {
        let stage = stage(seed, DIRECT, Some(ACCOUNT));
        let world = &stage.world;
        let (from, to) = (world.now - Span::hours(1), world.now - Span::mins(5));
        for table in ["shipments", "bookings", "captures", "moves", "receipts"] {
            let rows = rows(world, table, from, to);
            assert!(rows.len() > 100, "{} orders", rows.len());
            assert!(rows.iter().all(|rows| *rows == 1), "{table}: {rows:?}");
        }
        for name in world.apps.estate.indicators.keys().filter(|name| !fluctuates(name)) {
            assert_eq!(metrics::indicator_at(world, name, world.now), Some(1.0), "{name}");
        }
    }
}

#[test]
fn books_logs_metrics_and_queues_agree_on_the_orders() {
    for seed in 1..4 {
        let stage = stage(seed, DIRECT, Some(ACCOUNT));
        let world = &stage.world;
        // A window of whole minutes, and old enough that the shipper has caught up.
        let to = Time((world.now - Span::mins(3)).0.div_euclid(60_000) * 60_000);
        let from = to - Span::mins(40);
        let inside = from + Span::millis(1);
        let orders = world.ledger.orders(inside, to).count();
        assert_eq!(counted(world, "orders_total", from, to, None), orders as f64);
        assert_eq!(counted(world, "storefront_stock_moves_total", from, to, Some(("outcome", "ok"))), orders as f64);
        let placed = lines(world, "storefront", "order-placed", inside, to);
        assert_eq!(placed, orders, "a line for each order");
        let shipped = world.ledger.rows("shipments", inside, to).count();
        assert_eq!(lines(world, "shipping", "shipped", inside, to), shipped);
        assert_eq!(counted(world, "shipping_handled_total", from, to, None), shipped as f64);
        assert_eq!(counted(world, "shipping_handle_seconds_count", from, to, None), shipped as f64);
        // The queue counted what was sent to it.
        let sent: i64 = sent(world, "stock-moves.fifo", from, to);
        assert_eq!(sent, world.ledger.orders(from, to - Span::millis(1)).count() as i64);
    }
}

/// Messages that a queue says were sent to it.
fn sent(world: &World, queue: &str, from: Time, to: Time) -> i64 {
    let sources = whodunit::world::aws::service::SERVICES.iter().flat_map(|service| service.metrics);
    let mut sum = 0;
    for source in sources.filter(|source| source.namespace == "AWS/SQS") {
        let keys = (source.list)(world);
        let meant = keys.iter().filter(|key| key.metric == "NumberOfMessagesSent");
        for key in meant.filter(|key| key.dimensions.iter().any(|(_, value)| **value == *queue)) {
            let minutes = (source.minutes)(world, key, from.0.div_euclid(60_000), to.0.div_euclid(60_000) - 1);
            sum += minutes.iter().map(|(_, minute)| minute.sum).sum::<i64>();
        }
    }
    sum
}

#[test]
fn nobody_to_tell_is_logged_kept_in_memory_and_lost_with_it() {
    let mut stage = stage(2, DIRECT, Some(ACCOUNT));
    run(&mut stage, "kubectl -n fulfil scale deploy/shipping --replicas=0");
    wait(&mut stage, Span::mins(1));
    let from = stage.world.now;
    wait(&mut stage, Span::mins(20));
    let to = stage.world.now;
    run(&mut stage, "kubectl -n fulfil scale deploy/shipping --replicas=3");
    wait(&mut stage, Span::mins(6));
    let lost = rows(&stage.world, "shipments", from, to).iter().filter(|rows| **rows == 0).count();
    assert!(lost > 80, "{lost}");
    assert_eq!(rows(&stage.world, "bookings", from, to).iter().filter(|rows| **rows == 0).count(), 0);
    assert_eq!(lines(&stage.world, "storefront", "notify-failed", from, to), lost);
    let log = run(&mut stage, "kubectl logs deploy/storefront --tail=3000 | grep shipping.fulfil | tail -1");
    assert!(log.contains("connection refused") && log.contains("attempt=1/1 dropped=true"), "{log}");
    // The books say the same, both ways.
    let window = format!("--from {} --to {}", from.rfc3339(), to.rfc3339());
    let said = run(&mut stage, &format!("shopctl reconcile shipments {window}"));
    assert!(said.contains(&format!("{lost:8}  without a row in shipments")), "{said}");
    let listed = run(&mut stage, &format!("shopctl reconcile shipments {window} --list"));
    assert_eq!(listed.lines().count(), lost);
    // What failed is in the memory of the processes that tried, until they end.
    let ring = "curl -s localhost:6060/debug/failed-notifications";
    let pods = run(&mut stage, "kubectl get pods -l app=storefront -o name");
    let kept = |stage: &mut Stage, pod: &str| run(stage, &format!("kubectl exec {pod} -- {ring}")).lines().count() - 1;
    let all: Vec<usize> = pods.lines().map(|pod| kept(&mut stage, pod)).collect();
    assert!(all.iter().sum::<usize>() >= lost, "{all:?} of {lost}");
    run(&mut stage, "kubectl rollout restart deploy/storefront");
    wait(&mut stage, Span::mins(10));
    let pods = run(&mut stage, "kubectl get pods -l app=storefront -o name");
    assert!(pods.lines().all(|pod| kept(&mut stage, pod) == 0), "a restart forgets");
    // Replayed to one of the two, they are shipped and not booked twice.
    let replay = format!(
        "shopctl replay --missing shipments --from {} --until {} --to fulfil/shipping",
        from.rfc3339(),
        to.rfc3339()
    );
    let dry = run(&mut stage, &format!("{replay} --dry-run"));
    assert!(dry.starts_with(&format!("would send {lost} orders")), "{dry}");
    let sent = run(&mut stage, &replay);
    assert!(sent.starts_with(&format!("sent {lost} of {lost} orders")), "{sent}");
    wait(&mut stage, Span::mins(2));
    assert!(rows(&stage.world, "shipments", from, to).iter().all(|rows| *rows == 1));
    assert!(rows(&stage.world, "bookings", from, to).iter().all(|rows| *rows == 1));
    assert!(stage.world.audit.entries().any(|entry| entry.verb == "replay" && entry.agent == "shopctl"));
}

#[test]
fn a_batch_that_dies_with_its_process_comes_back() {
    let mut stage = stage(3, SILENT, Some(ACCOUNT));
    let to = stage.world.now - Span::mins(1);
    let from = to - Span::mins(30);
    // The carrier is slow, so that work is in hand when the processes end.
    let slow = Mood { takes: Span::secs(4), jitter: Span::ZERO, fails: 0, ..Mood::default() };
    let now = stage.world.now;
    stage.world.partners.change("carrier", now, Some(slow));
    let window = format!("--from {} --until {}", from.rfc3339(), to.rfc3339());
    let said = run(&mut stage, &format!("shopctl replay --missing shipments {window} --to shipping-orders"));
    assert!(said.starts_with("sent "), "{said}");
    wait(&mut stage, Span::secs(9));
    run(&mut stage, "kubectl -n fulfil delete pods -l app=shipping --force --grace-period=0");
    wait(&mut stage, Span::mins(20));
    let rows = rows(&stage.world, "shipments", from, to);
    assert!(rows.len() > 50 && rows.iter().all(|rows| *rows >= 1), "nothing is lost: {rows:?}");
    // Ten messages of four seconds each do not fit into thirty seconds of invisibility: some are shipped twice.
    assert!(rows.iter().any(|rows| *rows > 1), "{rows:?}");
    let doubled = rows.iter().filter(|rows| **rows > 1).count();
    let order =
        stage.world.ledger.orders(from, to).find(|order| stage.world.ledger.slot("shipments", order.number).rows > 1);
    let number = order.map(|order| order.number).expect("a doubled order");
    let same: Vec<_> =
        stage.world.ledger.rows_of("shipments", number).iter().map(|(_, row)| row.message.clone()).collect();
    assert_eq!(same[0], same[1], "the same message twice");
    let shown = run(&mut stage, &format!("shopctl order show ord-{number}"));
    assert_eq!(shown.matches(&*same[0]).count(), same.len(), "{shown}");
    assert!(doubled < rows.len());
}

#[test]
fn what_a_release_cannot_read_fails_again_and_again() {
    let mut stage = stage(4, SILENT, Some(ACCOUNT));
    run(&mut stage, "kubectl -n fulfil set image deploy/shipping app=registry.scoopline.example/shipping:4.1.0");
    wait(&mut stage, Span::mins(5));
    let (from, to) = (stage.world.now - Span::hours(2), stage.world.now);
    let window = format!("--from {} --until {}", from.rfc3339(), to.rfc3339());
    run(&mut stage, &format!("shopctl replay --missing shipments {window} --to shipping-orders"));
    wait(&mut stage, Span::mins(5));
    let world = &stage.world;
    for order in world.ledger.orders(from, to) {
        let rows = world.ledger.slot("shipments", order.number).rows;
        assert_eq!(rows, u32::from(!world.ledger.has_trait(order, "emoji")), "{}", world.ledger.name(order.number));
    }
    let failed = lines(world, "shipping", "handler-failed", to, world.now);
    let emoji = world.ledger.orders(from, to).filter(|order| world.ledger.has_trait(order, "emoji")).count();
    assert!(emoji > 3 && failed > 10 * emoji, "{failed} for {emoji}");
}

#[test]
fn however_time_is_cut_the_books_are_the_same() {
    let account = format!("{ACCOUNT}{}{}", subscribed("accounting-orders"), subscribed("shipping-orders"));
    for (seed, skin) in [(5, DIRECT), (6, "")] {
        let mut whole = stage(seed, skin, Some(&account));
        let mut cut = whole.clone();
        wait(&mut whole, Span::mins(30));
        for n in 0..600 {
            wait(&mut cut, Span::millis(if n % 2 == 0 { 1_237 } else { 4_763 }));
        }
        assert_eq!(whole.world.now, cut.world.now);
        assert_eq!(format!("{:?}", whole.world.ledger), format!("{:?}", cut.world.ledger));
        assert_eq!(format!("{:?}", whole.world.apps.work), format!("{:?}", cut.world.apps.work));
    }
}

#[test]
fn an_estate_without_an_account_writes_nothing() {
    let stage = stage(1, DIRECT, None);
    assert_eq!(stage.world.ledger.orders(Time(0), stage.world.now).count(), 0);
    // Only the night-saver says what it left alone.
    assert!(stage.world.apps.work.doings.starting(0).all(|(_, doing)| doing.order == 0));
}
#[test]
fn by_topic_and_queues_every_order_is_done_once() {
    let account = format!("{ACCOUNT}{}{}", subscribed("accounting-orders"), subscribed("shipping-orders"));
    for seed in 1..4 {
        let stage = stage(seed, "", Some(&account));
        let world = &stage.world;
        let (from, to) = (world.now - Span::hours(1), world.now - Span::mins(5));
        for table in ["shipments", "bookings", "captures", "moves", "receipts"] {
            let rows = rows(world, table, from, to);
            assert!(rows.len() > 100, "{} orders", rows.len());
            assert!(rows.iter().all(|rows| *rows == 1), "{table}: {rows:?}");
        }
        for name in world.apps.estate.indicators.keys().filter(|name| !fluctuates(name)) {
            assert_eq!(metrics::indicator_at(world, name, world.now), Some(1.0), "{name}");
        }
    }
}

#[test]
fn a_subscription_for_each_process_ships_each_order_so_often() {
    let account = format!("{ACCOUNT}{}", subscribed("accounting-orders"));
    let skin = "shipping_via = { pick = [\"hook\"] }\nsubscribe_at_start = { pick = [\"true\"] }\nshipping_replicas = { pick = [\"1\"] }";
    let mut stage = stage(6, skin, Some(&account));
    let early = stage.world.now - Span::mins(30);
    let before = rows(&stage.world, "shipments", early, stage.world.now - Span::mins(2));
    assert!(before.len() > 30 && before.iter().all(|rows| *rows == 1), "{before:?}");
    run(&mut stage, "kubectl -n fulfil scale deploy/shipping --replicas=3");
    wait(&mut stage, Span::mins(3));
    let from = stage.world.now;
    wait(&mut stage, Span::mins(20));
    let (world, to) = (&stage.world, stage.world.now - Span::mins(2));
    let after = rows(world, "shipments", from, to);
    assert!(after.len() > 30 && after.iter().all(|rows| *rows == 3), "{after:?}");
    assert!(rows(world, "bookings", from, to).iter().all(|rows| *rows == 1));
    // One message id in all three, which the log shows as well.
    let order = world.ledger.orders(from, to).next().expect("an order");
    let copies = world.ledger.rows_of("shipments", order.number);
    assert!(copies.iter().all(|(_, row)| row.message == copies[0].1.message && !row.message.is_empty()));
    assert!(lines(world, "shipping", "subscribed", Time(0), world.now) >= 3);
    // A rollout makes three more, and the old ones stay.
    run(&mut stage, "kubectl -n fulfil rollout restart deploy/shipping");
    wait(&mut stage, Span::mins(5));
    let from = stage.world.now;
    wait(&mut stage, Span::mins(15));
    let after = rows(&stage.world, "shipments", from, stage.world.now - Span::mins(2));
    assert!(after.iter().all(|rows| *rows == 6), "{after:?}");
    assert!(metrics::indicator_at(&stage.world, "slo_shipped_once_ratio", stage.world.now) < Some(0.1));
    // Held back in the warehouse, surplus parcels hurt nobody any more.
    let said = run(&mut stage, "shopctl hold shipments");
    assert!(said.contains("held back from now on"), "{said}");
    wait(&mut stage, Span::mins(40));
    assert_eq!(metrics::indicator_at(&stage.world, "slo_shipped_once_ratio", stage.world.now), Some(1.0));
    assert!(stage.world.audit.entries().any(|entry| entry.verb == "hold" && entry.name == "shipments"));
}

#[test]
fn pushed_to_nobody_an_order_is_lost_after_the_last_retry() {
    let account = format!("{ACCOUNT}{}", subscribed("accounting-orders"));
    let skin = "shipping_via = { pick = [\"hook\"] }\nsubscribe_at_start = { pick = [\"true\"] }\nshipping_replicas = { pick = [\"1\"] }";
    let mut stage = stage(8, skin, Some(&account));
    run(&mut stage, "kubectl -n fulfil scale deploy/shipping --replicas=0");
    wait(&mut stage, Span::mins(1));
    let from = stage.world.now;
    wait(&mut stage, Span::mins(20));
    let to = stage.world.now;
    run(&mut stage, "kubectl -n fulfil scale deploy/shipping --replicas=1");
    wait(&mut stage, Span::mins(10));
    let shipped = rows(&stage.world, "shipments", from, to);
    // The default policy gives up after three retries, twenty seconds apart: only the last minute's survive.
    let lost = shipped.iter().filter(|rows| **rows == 0).count();
    assert!(lost * 10 > shipped.len() * 8 && lost < shipped.len(), "{lost} of {}", shipped.len());
    assert_eq!(rows(&stage.world, "bookings", from, to).iter().filter(|rows| **rows == 0).count(), 0);
}

/// Every order is somewhere: in the table, on its way, in a queue, or counted as lost where it was lost.
fn conserved(world: &World, table: &str, queues: &[&str]) {
    let arn = |name: &str| format!("arn:aws:sqs:ap-northeast-2:123456789012:{name}");
    let topic = world.aws.topics.get("arn:aws:sns:ap-northeast-2:123456789012:order-events").expect("the topic");
    let orders: Vec<_> = world.ledger.orders(Time(0), world.now).collect();
    let done = |number: u32| world.ledger.slot(table, number).rows > 0;
    let mut held: BTreeSet<u32> = BTreeSet::new();
    for queue in queues {
        let Some(queue) = world.aws.queues.get(&arn(queue)) else { continue };
        held.extend(queue.store.iter().filter_map(|(_, message)| world.ledger.named(&message.body)));
        held.extend(queue.places.lost.iter().filter_map(|lost| world.ledger.named(&lost.body)));
    }
    held.extend(topic.places.lost.iter().filter_map(|lost| world.ledger.named(&lost.notice.draft.body)));
    // What was published in the last minutes may be under way.
    let young = world.now - Span::mins(2);
    let nowhere: Vec<String> = orders
        .iter()
        .filter(|order| order.at < young && !done(order.number) && !held.contains(&order.number))
        .map(|order| world.ledger.name(order.number))
        .collect();
    assert!(nowhere.is_empty(), "{} of {} orders are nowhere: {nowhere:?}", nowhere.len(), orders.len());
}

#[test]
fn whatever_happens_every_order_is_somewhere() {
    let account = format!("{ACCOUNT}{}{}", subscribed("accounting-orders"), subscribed("shipping-orders"));
    let deeds: &[&str] = &[
        "kubectl -n fulfil scale deploy/shipping --replicas=0",
        "kubectl -n fulfil scale deploy/shipping --replicas=4",
        "kubectl -n fulfil delete pods -l app=shipping --force --grace-period=0",
        "kubectl -n fulfil delete pods -l app=accounting --force --grace-period=0",
        "kubectl -n fulfil set image deploy/shipping app=registry.scoopline.example/shipping:4.1.0",
        "kubectl -n fulfil rollout undo deploy/shipping",
        "kubectl -n shop rollout restart deploy/storefront",
        "aws sqs set-queue-attributes --queue-url https://sqs.ap-northeast-2.amazonaws.com/123456789012/shipping-orders --attributes MessageRetentionPeriod=60",
        "aws sqs purge-queue --queue-url https://sqs.ap-northeast-2.amazonaws.com/123456789012/shipping-orders",
    ];
    for seed in 10..14 {
        let mut stage = stage(seed, "", Some(&account));
        let mut dice = Dice::new(seed).fork("deeds");
        for _ in 0..8 {
            let deed = deeds[dice.below(deeds.len() as u64) as usize];
            run(&mut stage, deed);
            wait(&mut stage, Span::secs(dice.between(5, 600)));
            conserved(&stage.world, "shipments", &["shipping-orders", "shipping-orders-dlq"]);
            conserved(&stage.world, "bookings", &["accounting-orders", "accounting-orders-dlq"]);
        }
    }
}

#[test]
fn a_full_single_file_throttles_what_is_sent_one_by_one() {
    let busy = "stock_moves_per_order = { pick = [\"200\"] }\norders_per_1000_minutes = { pick = [\"60000\"] }";
    let skin = format!("{SILENT}\n{busy}\nstorefront_requests_per_minute = {{ pick = [\"0\"] }}");
    let mut stage = stage(9, &skin, Some(ACCOUNT));
    let throttled = |world: &World, from: Time| {
        counted(world, "storefront_stock_moves_total", from, world.now, Some(("outcome", "RequestThrottled")))
    };
    let from = stage.world.now;
    wait(&mut stage, Span::mins(2));
    let refused = throttled(&stage.world, from);
    assert!(refused > 100.0, "{refused}");
    let log = run(&mut stage, "kubectl logs deploy/storefront --since=2m | grep 'sqs send' | tail -1");
    assert!(log.contains("RequestThrottled: Request is throttled.") && log.contains("SendMessage"), "{log}");
    // Ten to a call there is room for all of them.
    run(&mut stage, "shopctl flag set batch_moves on");
    wait(&mut stage, Span::secs(10));
    let from = stage.world.now;
    wait(&mut stage, Span::mins(2));
    assert_eq!(throttled(&stage.world, from), 0.0);
}

#[test]
fn the_estates_own_account_loses_nothing_and_doubles_nothing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    let account = std::fs::read_to_string(path).expect("the estate has an account");
    let stage = stage(1, "", Some(&account));
    let world = &stage.world;
    for name in world.apps.estate.indicators.keys().filter(|name| !fluctuates(name)) {
        assert_eq!(metrics::indicator_at(world, name, world.now), Some(1.0), "{name}");
    }
    assert!(world.ledger.orders(Time(0), world.now).count() > 200);
}

#[test]
fn an_orders_text_is_its_members_in_json() {
    for (key, sku, amount) in [(7, "VAN-001", 4_900), (8, "a \"quoted\"\tSKU \u{1f366}", -1)] {
        let (at, by) = (Time(1_772_409_600_123), Arc::from("storefront-1"));
        let sku = Arc::from(sku);
        let order = whodunit::world::ledger::Order {
            number: 50_213,
            at,
            key,
            basket: 3,
            sku,
            amount,
            traits: 0,
            by,
            trial: key == 8,
            staff: 14,
        };
        assert_eq!(order.text("ord-50213"), serde_json::Value::Object(order.members("ord-50213".into())).to_string());
    }
}

//! Programs that call third parties: attempts, ports of gateways, tables of machines, and a storm that feeds itself.

use crate::ledger::stage;
use std::collections::BTreeMap;
use whodunit::console;
use whodunit::console::session::Session;
use whodunit::scenario::stage::Stage;
use whodunit::stdx::time::Span;
use whodunit::world::World;
use whodunit::world::partners::Mood;
use whodunit::world::signals::metrics::{self, Need, Query};

fn account() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline-cloud/account.toml");
    std::fs::read_to_string(path).expect("the estate has an account")
}

fn run(stage: &mut Stage, line: &str) -> String {
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    let ran = console::run(&mut stage.world, &mut session, line);
    ran.output.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn wait(stage: &mut Stage, span: Span) {
    let until = stage.world.now + span;
    stage.advance_to(until);
}

/// Quiet but for checkout, whose processes run in one zone and call the card house themselves.
fn calling(seed: u64) -> Stage {
    let skin = "notify_mode = { pick = [\"off\"] }\norders_per_1000_minutes = { pick = [\"42000\"] }";
    let mut stage = stage(seed, skin, Some(&account()));
    let zone = r#"kubectl -n shop patch deploy checkout --type merge -p '{"spec":{"template":{"spec":{"nodeSelector":{"topology.kubernetes.io/zone":"ap-northeast-2a"}}}}}'"#;
    run(&mut stage, zone);
    run(
        &mut stage,
        "kubectl -n shop set env deploy/checkout PAYMENT_CLIENT=direct PAYMENT_RETRIES=5 PAYMENT_DETACHED_DIALS=true",
    );
    wait(&mut stage, Span::mins(5));
    stage
}

/// The card house takes longer than anybody waits, for so long.
fn brownout(stage: &mut Stage, span: Span) {
    let now = stage.world.now;
    let mood = Mood { takes: Span::secs(8), jitter: Span::ZERO, fails: 0, ..Mood::default() };
    stage.world.partners.change("payments", now, Some(mood));
    stage.world.partners.change("payments", now + span, None);
}

fn gained(world: &World, name: &str, span: Span, labels: &[(&str, &str)]) -> f64 {
    let exact: BTreeMap<String, String> = labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let query = Query { name, exact: &exact, from: world.now - span, to: world.now, need: Need::Added };
    metrics::select(world, &query).iter().filter_map(|series| series.increase(query.from, query.to)).sum()
}

/// Failed payments in a hundred.
fn failing(world: &World, span: Span) -> f64 {
    let failed = gained(world, "checkout_payments_total", span, &[("outcome", "provider_unreachable")]);
    100.0 * failed / gained(world, "checkout_payments_total", span, &[])
}

fn amplified(world: &World, span: Span) -> f64 {
    gained(world, "outbound_attempts_total", span, &[("app", "checkout")])
        / gained(world, "outbound_calls_total", span, &[("app", "checkout")])
}

fn nat(world: &World, name: &str) -> String {
    whodunit::world::aws::ec2::id_of(world, name).expect("a gateway").to_string()
}

/// A sum of a metric of nat-a over the last minutes that are over.
fn counted(stage: &mut Stage, metric: &str, minutes: i64) -> i64 {
    let world = &stage.world;
    let source = whodunit::world::aws::service::SERVICES
        .iter()
        .flat_map(|row| row.metrics)
        .find(|row| row.namespace == "AWS/NATGateway")
        .unwrap();
    let id = nat(world, "nat-a");
    let keys = (source.list)(world);
    let key = keys.iter().find(|key| key.metric == metric && *key.dimensions[0].1 == *id).unwrap();
    let last = world.now.0.div_euclid(60_000) - 1;
    (source.minutes)(world, key, last + 1 - minutes, last).iter().map(|(_, minute)| minute.sum).sum()
}

/// INC-27: the loop keeps itself going long after what began it is over, and ends when nothing is tried again.
#[test]
fn a_storm_of_retries_outlives_its_trigger_until_load_is_shed() {
    let mut stage = calling(5);
    assert_eq!(failing(&stage.world, Span::mins(3)), 0.0);
    assert!((0.99..1.01).contains(&amplified(&stage.world, Span::mins(3))));
    assert_eq!(counted(&mut stage, "ErrorPortAllocation", 5), 0);
    brownout(&mut stage, Span::secs(140));
    wait(&mut stage, Span::mins(20));
    let world = &stage.world;
    assert!(failing(world, Span::mins(5)) > 40.0, "{}", failing(world, Span::mins(5)));
    assert!(amplified(world, Span::mins(5)) > 3.5, "{}", amplified(world, Span::mins(5)));
    assert!(counted(&mut stage, "ErrorPortAllocation", 5) > 10_000);
    assert!(counted(&mut stage, "ActiveConnectionCount", 1) > 50_000);
    // From elsewhere the card house is well.
    assert!(run(&mut stage, "shopctl probe payments --via nat-c").contains("5 calls, 0 failed"));
    let here = run(&mut stage, "shopctl probe payments --via nat-a");
    assert!(!here.contains(" 0 failed") && here.contains("no connection"), "{here}");
    let log = run(&mut stage, "kubectl logs deploy/checkout --since=3m | grep 'attempt=6/6'");
    assert!(log.contains("dial tcp 203.0.113.40:443: i/o timeout"), "{log}");
    // More processes are more clients, and no cure.
    let mut more = stage.world.clone();
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    console::run(&mut more, &mut session, "kubectl scale deploy/checkout --replicas=6");
    let later = more.now + Span::mins(8);
    more.advance_to(later);
    assert!(failing(&more, Span::mins(3)) > 30.0);
    run(&mut stage, "shopctl flag set payment_retries_off on");
    wait(&mut stage, Span::mins(4));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
    // A second time it gets over it alone.
    brownout(&mut stage, Span::secs(120));
    wait(&mut stage, Span::mins(3));
    assert_eq!(failing(&stage.world, Span::secs(50)), 0.0);
}

#[test]
fn a_client_that_tries_once_more_gets_over_it_alone() {
    let mut stage = calling(6);
    run(&mut stage, "kubectl set env deploy/checkout PAYMENT_RETRIES=1");
    wait(&mut stage, Span::mins(3));
    brownout(&mut stage, Span::secs(140));
    wait(&mut stage, Span::mins(6));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
    // So does one that closes what it gives up.
    run(&mut stage, "kubectl set env deploy/checkout PAYMENT_RETRIES=5 PAYMENT_DETACHED_DIALS=false");
    wait(&mut stage, Span::mins(3));
    brownout(&mut stage, Span::secs(140));
    wait(&mut stage, Span::mins(4));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
    // And one with a budget for what it tries again.
    run(&mut stage, "kubectl set env deploy/checkout PAYMENT_DETACHED_DIALS=true PAYMENT_RETRY_BUDGET_PERCENT=10");
    wait(&mut stage, Span::mins(3));
    brownout(&mut stage, Span::secs(140));
    wait(&mut stage, Span::mins(6));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
}

/// What ended processes held is free again: a restart is a rest, until the next time.
#[test]
fn a_restart_helps_until_the_next_brownout() {
    let mut stage = calling(7);
    brownout(&mut stage, Span::secs(140));
    wait(&mut stage, Span::mins(12));
    run(&mut stage, "kubectl rollout restart deploy/checkout");
    wait(&mut stage, Span::mins(4));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
    brownout(&mut stage, Span::secs(140));
    wait(&mut stage, Span::mins(12));
    assert!(failing(&stage.world, Span::mins(5)) > 40.0);
}

/// INC-27 C: the attempts of one program are as ever; another one holds the ports.
#[test]
fn somebody_elses_connections_take_the_ports() {
    let mut stage = calling(8);
    run(&mut stage, "kubectl set env deploy/checkout PAYMENT_RETRIES=1 PAYMENT_DETACHED_DIALS-");
    let zone = r#"kubectl -n fulfil patch deploy accounting --type merge -p '{"spec":{"template":{"spec":{"nodeSelector":{"topology.kubernetes.io/zone":"ap-northeast-2a"}}}}}'"#;
    run(&mut stage, zone);
    run(&mut stage, "kubectl -n fulfil set env deploy/accounting SETTLEMENTS=stream");
    wait(&mut stage, Span::mins(15));
    let world = &stage.world;
    assert!(failing(world, Span::mins(5)) > 10.0, "{}", failing(world, Span::mins(5)));
    assert!(amplified(world, Span::mins(5)) < 1.9);
    let exact = BTreeMap::new();
    let query = Query {
        name: "outbound_connections_idle",
        exact: &exact,
        from: world.now,
        to: world.now,
        need: Need::Standing,
    };
    let held: BTreeMap<String, f64> = metrics::select(world, &query)
        .iter()
        .filter_map(|series| Some((series.labels.get("app")?.clone(), series.at(world.now)?)))
        .fold(BTreeMap::new(), |mut sums, (app, value)| {
            *sums.entry(app).or_default() += value;
            sums
        });
    assert!(held["accounting"] > 40_000.0 && held["checkout"] < 2_000.0, "{held:?}");
    run(&mut stage, "kubectl -n fulfil set env deploy/accounting SETTLEMENTS-");
    wait(&mut stage, Span::mins(4));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
}

/// INC-27 D: the gateway has ports enough; the table of one machine is full.
#[test]
fn a_full_connection_table_bars_one_machine() {
    let mut stage = calling(9);
    let pushes = r#"kubectl -n fulfil patch deploy inventory --type merge -p '{"spec":{"replicas":1,"template":{"spec":{"nodeSelector":{"topology.kubernetes.io/zone":"ap-northeast-2a"}}}}}'"#;
    run(&mut stage, pushes);
    run(&mut stage, "kubectl -n fulfil set env deploy/inventory SUPPLIERS=push");
    wait(&mut stage, Span::mins(15));
    assert_eq!(counted(&mut stage, "ErrorPortAllocation", 5), 0);
    let world = &stage.world;
    let rate = failing(world, Span::mins(5));
    assert!((5.0..95.0).contains(&rate), "{rate}");
    let full: Vec<String> = world
        .apps
        .dialling
        .tables
        .iter()
        .filter(|(_, table)| table.failing(world.now) > 0)
        .map(|(node, _)| node.to_string())
        .collect();
    let [node] = &full[..] else { panic!("{full:?}") };
    let events = run(&mut stage, "kubectl get events -A");
    assert!(events.contains("ConntrackFull") && events.contains(&format!("node/{node}")), "{events}");
    let shown = run(&mut stage, "prom node_nf_conntrack_entries");
    assert!(shown.contains("131072"), "{shown}");
    run(&mut stage, "kubectl -n fulfil set env deploy/inventory SUPPLIERS-");
    wait(&mut stage, Span::mins(6));
    assert_eq!(failing(&stage.world, Span::mins(1)), 0.0);
}

/// A partner behind a gateway that is gone is not reached, by consumers as little as by others.
#[test]
fn without_a_gateway_nobody_is_reached() {
    let mut stage = stage(10, "", Some(&account()));
    for name in ["nat-a", "nat-b", "nat-c"] {
        let id = nat(&stage.world, name);
        run(&mut stage, &format!("aws ec2 delete-nat-gateway --nat-gateway-id {id}"));
    }
    wait(&mut stage, Span::mins(6));
    let from = stage.world.now - Span::mins(3);
    let done = gained(&stage.world, "shipping_handled_total", stage.world.now - from, &[("outcome", "ok")]);
    let barred =
        gained(&stage.world, "shipping_handled_total", stage.world.now - from, &[("outcome", "partner_failed")]);
    assert!(done == 0.0 && barred > 0.0, "{done} {barred}");
    let log = run(&mut stage, "kubectl -n fulfil logs deploy/shipping --since=3m | grep -m1 handler");
    assert!(log.contains("dial tcp 203.0.113.41:443: i/o timeout"), "{log}");
}

/// It does not matter how often anybody looks, and what metrics of the account and of programs say is one thing.
#[test]
fn however_time_is_cut_the_storm_is_the_same() {
    let mut whole = calling(11);
    let mut cut = Stage { world: whole.world.clone(), ..calling(11) };
    brownout(&mut whole, Span::secs(130));
    brownout(&mut cut, Span::secs(130));
    wait(&mut whole, Span::mins(12));
    for _ in 0..48 {
        wait(&mut cut, Span::secs(7));
        wait(&mut cut, Span::secs(8));
    }
    let shown = |stage: &Stage| format!("{:?}", stage.world.apps.dialling);
    assert!(shown(&whole) == shown(&cut));
    let failed = gained(&whole.world, "outbound_attempts_total", Span::mins(5), &[]);
    let tried = counted(&mut whole, "ConnectionAttemptCount", 5) as f64;
    // Dials that were given up and go on are attempts for the gateway only.
    assert!(tried > failed && tried < failed * 1.6, "{tried} {failed}");
}

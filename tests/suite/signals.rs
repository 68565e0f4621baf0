//! Logs, metrics and ledgers: several routes to one number, over the same arrivals.

use super::apps::{launch, world};
use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::apps::{self, InstanceId, Launch};
use whodunit::world::signals::metrics::{self, Need, Query};
use whodunit::world::signals::{self, LogQuery, Search};
use whodunit::world::{flags, skus, traffic};

/// The shop with everything running and routed since a minute after the start; `change` edits what is launched.
pub fn shop(change: impl Fn(&mut Launch)) -> (World, BTreeMap<String, InstanceId>) {
    let mut world = world();
    let mut running = BTreeMap::new();
    let parts = [("storefront", "2.13.1", 4), ("checkout", "5.2.3", 3), ("catalog", "1.9.2", 2), ("cart", "3.2.0", 3)];
    for (app, tag, replicas) in parts {
        for n in 0..replicas {
            let pod = format!("{app}-{n}");
            let mut start = launch(&world, &format!("registry.scoopline.example/{app}:{tag}"), &pod, 0);
            change(&mut start);
            let (id, _) = apps::launch(&mut world, start);
            running.insert(pod, id);
        }
    }
    world.advance_to(world.now + Span::mins(1));
    for (app, _, replicas) in parts {
        route(&mut world, app, &(0..replicas).map(|n| format!("{app}-{n}")).collect::<Vec<_>>());
    }
    (world, running)
}

pub fn route(world: &mut World, app: &str, pods: &[String]) {
    let backends: Vec<(Arc<str>, i64)> = pods.iter().map(|pod| (Arc::from(format!("uid-{pod}")), 8080)).collect();
    apps::routed(world, "shop", app, &backends);
}

fn set(env: &str, value: &str) -> impl Fn(&mut Launch) {
    move |launch| drop(launch.env.insert(env.into(), value.into()))
}

/// Outcomes of payments: (sku, reason or ok) → how many.
fn outcomes(world: &World, from: Time, to: Time) -> BTreeMap<(String, String), usize> {
    let mut out = BTreeMap::new();
    for journey in traffic::journeys(world, from, to).iter().filter(|j| *j.arrival.stream == *"orders") {
        *out.entry((journey.arrival.sku.to_string(), journey.outcome().to_string())).or_default() += 1;
    }
    out
}

fn counted(world: &World, name: &str, from: Time, to: Time, keep: impl Fn(&signals::gauges::Labels) -> bool) -> f64 {
    let exact = BTreeMap::new();
    let query = Query { name, exact: &exact, from, to, need: Need::Added };
    metrics::select(world, &query).iter().filter(|s| keep(&s.labels)).filter_map(|s| s.increase(from, to)).sum()
}

#[test]
fn logs_metrics_and_ledger_agree_to_the_last_payment() {
    let (mut world, _) = shop(set("SESSION_TTL_SECONDS", "60"));
    let from = world.now;
    world.advance_to(from + Span::mins(90));
    // The shipper needs a moment, and a window's edge is a millisecond.
    let (from, to) = (from + Span::secs(5), world.now - Span::secs(10));
    let search = Search { subject: "checkout".into(), from: from + Span::millis(1), to, ..Search::default() };
    let lines = signals::shipped(&world, &search);
    let rejected = lines.iter().filter(|record| &*record.template == "rejected-session").count();
    let expired = |labels: &signals::gauges::Labels| labels.get("outcome").is_some_and(|o| o == "session_expired");
    assert_eq!(counted(&world, "checkout_payments_total", from, to, expired), rejected as f64);
    assert!(rejected > 20, "{rejected}");
    let paid = lines.iter().filter(|record| &*record.template == "paid").count();
    let ok = |labels: &signals::gauges::Labels| labels.get("outcome").is_some_and(|o| o == "ok");
    assert_eq!(counted(&world, "checkout_payments_total", from, to, ok), paid as f64);
    // The histogram's count is the counter's.
    let all = |_: &signals::gauges::Labels| true;
    let payments = counted(&world, "checkout_payments_total", from, to, all);
    assert_eq!(counted(&world, "checkout_basket_age_seconds_count", from, to, all), payments);
    // No expired basket is in the bucket up to sixty seconds: the cliff.
    let young = |labels: &signals::gauges::Labels| expired(labels) && labels.get("le").is_some_and(|le| le == "60");
    assert_eq!(counted(&world, "checkout_basket_age_seconds_bucket", from, to, young), 0.0);
    // At the edge the same customers are told 402.
    let edge = traffic::journeys(&world, from + Span::millis(1), to);
    let edge = edge.iter().filter(|journey| journey.status == 402).count() as f64;
    let told = |labels: &signals::gauges::Labels| labels.get("code").is_some_and(|code| code == "402");
    assert_eq!(counted(&world, "edge_requests_total", from, to, told), edge);
}

#[test]
fn one_pods_file_is_its_part_of_the_search() {
    let (mut world, _) = shop(|_| {});
    world.advance_to(world.now + Span::mins(30));
    let to = world.now - Span::secs(5);
    let query = LogQuery {
        namespace: "shop".into(),
        pod: "checkout-1".into(),
        container: "app".into(),
        to: Some(to),
        ..LogQuery::default()
    };
    let file = signals::logs(&world, &query);
    let search = Search { subject: "checkout".into(), from: Time(0), to, ..Search::default() };
    let part: Vec<_> =
        signals::shipped(&world, &search).into_iter().filter(|record| &*record.pod == "checkout-1").collect();
    assert_eq!(file, part);
    assert!(file.len() > 50, "{}", file.len());
    let tail = signals::logs(&world, &LogQuery { tail: Some(7), ..query });
    assert_eq!(tail, file[file.len() - 7..]);
}

#[test]
fn what_is_asked_early_is_asked_late_alike() {
    let (mut world, _) = shop(|_| {});
    let from = world.now;
    let mut stepped = world.clone();
    world.advance_to(from + Span::mins(20));
    let early = outcomes(&world, from, world.now - Span::mins(1));
    for _ in 0..20 {
        stepped.advance_to(stepped.now + Span::mins(1));
        traffic::journeys(&stepped, from, stepped.now);
    }
    let until = stepped.now - Span::mins(1);
    stepped.advance_to(stepped.now + Span::hours(2));
    assert_eq!(early, outcomes(&stepped, from, until));
    assert!(early.values().sum::<usize>() > 50);
}

#[test]
fn an_old_basket_fails_whatever_is_in_it() {
    let (mut world, _) = shop(set("SESSION_TTL_SECONDS", "60"));
    let from = world.now;
    world.advance_to(from + Span::hours(4));
    let seen = outcomes(&world, from, world.now);
    let of = |sku: &str, reason: &str| seen.get(&(sku.to_string(), reason.to_string())).copied().unwrap_or(0);
    assert_eq!(of("VAN-001", "ok"), 0, "{seen:?}");
    assert!(of("VAN-001", "session_expired") > 20, "{seen:?}");
    assert!(of("CHO-002", "session_expired") > 0, "slow shoppers of other flavours fail too: {seen:?}");
    // The waiting room switched off: vanilla baskets are as young as others.
    flags::set(&mut world, "waitingroom.vanilla", false, "learner", "shopctl");
    let from = world.now;
    world.advance_to(from + Span::hours(4));
    let seen = outcomes(&world, from, world.now);
    assert!(seen.get(&("VAN-001".into(), "ok".into())).is_some_and(|ok| *ok > 20), "{seen:?}");
}

#[test]
fn a_replica_behind_fails_who_pays_too_soon_and_a_bad_price_fails_one_sku() {
    let (mut world, _) = shop(set("READ_FROM_REPLICA", "true"));
    let fast = traffic::order(&mut world, "orders", "CHO-002", Span::ZERO).expect("an order");
    assert_eq!((fast.status, fast.outcome()), (402, "reservation_not_found"));
    let slow = traffic::order(&mut world, "orders", "VAN-001", Span::secs(5)).expect("an order");
    assert_eq!((slow.status, slow.outcome()), (201, "ok"));

    let (mut world, _) = shop(|_| {});
    skus::edit(&mut world, "VAN-001", "price", "4900\u{a0}", "importer", "shopctl");
    for (sku, wait, status) in [("VAN-001", 0, 402), ("VAN-001", 30, 402), ("CHO-002", 0, 201), ("CHO-002", 90, 201)] {
        let order = traffic::order(&mut world, "orders", sku, Span::secs(wait)).expect("an order");
        assert_eq!(order.status, status, "{sku} after {wait} s");
    }
    // Somebody's own orders are customers like the others.
    world.advance_to(world.now + Span::secs(10));
    let search = Search { subject: "catalog".into(), from: Time(0), to: world.now, ..Search::default() };
    let lines = signals::shipped(&world, &search);
    let line = lines.iter().find(|record| &*record.template == "price-bad").expect("the parser complains");
    assert!(line.text.contains("\\u{a0}"), "what cannot be seen is shown: {}", line.text);
}

#[test]
fn without_a_backend_the_edge_says_503_and_capacity_sheds() {
    let (mut world, _) = shop(|_| {});
    let start = world.now;
    world.advance_to(start + Span::secs(5));
    route(&mut world, "storefront", &[]);
    world.advance_to(start + Span::mins(10));
    let seen = traffic::journeys(&world, start + Span::secs(70), world.now);
    assert!(seen.len() > 30 && seen.iter().all(|journey| journey.status == 503), "{}", seen.len());
    assert_eq!(metrics::indicator_at(&world, "slo_storefront_ready_ratio", world.now), Some(0.0));
    // One of four at the evening peak turns customers away, four do not.
    let evening = Time::parse("2026-03-02T20:00:00Z").expect("a time");
    world.advance_to(evening);
    route(&mut world, "storefront", &["storefront-0".into()]);
    world.advance_to(evening + Span::mins(30));
    route(&mut world, "storefront", &(0..4).map(|n| format!("storefront-{n}")).collect::<Vec<_>>());
    world.advance_to(evening + Span::mins(60));
    let shed = |from: Time| {
        let seen = traffic::journeys(&world, from, from + Span::mins(28));
        seen.iter().filter(|journey| journey.outcome() == "overloaded").count() * 100 / seen.len().max(1)
    };
    assert!(shed(evening + Span::mins(1)) > 40);
    assert_eq!(shed(evening + Span::mins(31)), 0);
}

#[test]
fn a_restart_empties_counters_but_not_what_they_gained() {
    let (mut world, running) = shop(|_| {});
    let opened = world.now;
    world.advance_to(opened + Span::mins(30));
    apps::stopped(&mut world, running["checkout-0"]);
    let again = launch(&world, "registry.scoopline.example/checkout:5.2.3", "checkout-0", 1);
    apps::launch(&mut world, again);
    world.advance_to(world.now + Span::mins(30));
    let exact =
        BTreeMap::from([("pod".to_string(), "checkout-0".to_string()), ("code".to_string(), "201".to_string())]);
    let query = Query { name: "http_requests_total", exact: &exact, from: opened, to: world.now, need: Need::Standing };
    let series = metrics::select(&world, &query);
    let (stands, gained) = (series[0].at(world.now).expect("alive"), series[0].increase(opened, world.now));
    assert!(stands > 10.0 && gained.is_some_and(|gained| gained > stands * 1.5), "{stands} {gained:?}");
    let restarts = BTreeMap::from([("pod".to_string(), "checkout-0".to_string())]);
    let name = "kube_pod_container_status_restarts_total";
    let query = Query { name, exact: &restarts, from: world.now, to: world.now, need: Need::Standing };
    assert_eq!(metrics::select(&world, &query)[0].at(world.now), Some(1.0));
}

#[test]
fn weather_adds_customers_and_keeps_the_others() {
    let (mut world, _) = shop(|_| {});
    let from = world.now;
    let mut stormy = world.clone();
    traffic::set_load(&mut stormy, "orders", 3_000, from);
    world.advance_to(from + Span::hours(1));
    stormy.advance_to(from + Span::hours(1));
    let calm = traffic::arrivals(&world, "orders", from + Span::secs(10), world.now);
    let wild = traffic::arrivals(&stormy, "orders", from + Span::secs(10), stormy.now);
    assert!(calm.iter().all(|arrival| wild.contains(arrival)));
    let ratio = wild.len() as f64 / calm.len() as f64;
    assert!((2.3..3.7).contains(&ratio), "{ratio}");
}

#[test]
fn the_mean_is_what_the_stream_says() {
    let (mut world, _) = shop(|_| {});
    let noon = Time::parse("2026-03-02T15:00:00Z").expect("a time");
    world.advance_to(noon + Span::hours(1));
    let hour = traffic::arrivals(&world, "orders", noon, noon + Span::hours(1)).len();
    assert!((640..800).contains(&hour), "720 in the mean: {hour}");
}

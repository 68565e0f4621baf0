//! Programs: what they need, how they end, what they write, how they answer. Uses the Scoopline estate's descriptions.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::apps::{self, Exit, InstanceId, Launch, Probe, ProbeAnswer};
use whodunit::world::signals::{self, LogQuery, Search};

pub const STOREFRONT: &str = "registry.scoopline.example/storefront:2.13.1";
const ARN: &str = "arn:aws:sns:ap-northeast-2:123456789012:order-events";

/// Scoopline's description as the estate has it, with its one drawn number.
pub fn description() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/_estates/scoopline/apps.toml");
    let text = std::fs::read_to_string(path).expect("the estate describes its apps");
    toml::from_str(&text.replace("{storefront_replicas}", "4")).expect("apps.toml is TOML")
}

/// A world at 01:00 that knows Scoopline's programs and runs none.
pub fn world() -> World {
    let mut world = World::new(7, Time::parse("2026-03-02T01:00:00Z").expect("a time"));
    let problems = apps::describe(&mut world, &description());
    assert!(problems.is_empty(), "{problems:#?}");
    world
}

/// What a storefront is started with.
pub fn launch(world: &World, image: &str, pod: &str, restart: u32) -> Launch {
    let env = [
        ("CATALOG_URL", "http://catalog.shop"),
        ("CHECKOUT_URL", "http://checkout.shop"),
        ("ORDER_TOPIC_ARN", ARN),
        ("DATABASE_URL", "postgres://shop@db/shop"),
        ("SESSION_TTL_SECONDS", "600"),
        ("READ_FROM_REPLICA", "false"),
        ("PAYMENT_PROVIDER_URL", "https://pay.example"),
        ("BASKET_TTL_HOURS", "48"),
    ];
    Launch {
        namespace: Arc::from("shop"),
        pod: Arc::from(pod),
        pod_uid: Arc::from(format!("uid-{pod}")),
        container: Arc::from("app"),
        node: Arc::from("ip-10-0-1-12"),
        image: image.to_string(),
        command: Vec::new(),
        env: env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        files: BTreeMap::from([("/etc/pay/provider-key".to_string(), "ck".to_string())]),
        pod_labels: BTreeMap::new(),
        pod_annotations: BTreeMap::new(),
        memory_limit: Some(512 << 20),
        cpu_limit: None,
        restart,
        started: world.now,
    }
}

fn log(world: &World, pod: &str, previous: bool) -> Vec<String> {
    let query = LogQuery {
        namespace: "shop".into(),
        pod: pod.into(),
        container: "app".into(),
        previous,
        ..LogQuery::default()
    };
    signals::logs(world, &query).into_iter().map(|record| record.text).collect()
}

/// Starts, and ends it as the plan says.
fn live_and_die(world: &mut World, launch: Launch) -> (InstanceId, Exit) {
    let started = launch.started;
    let (id, exit) = apps::launch(world, launch);
    let exit = exit.expect("it ends by itself");
    world.advance_to(started + exit.after);
    apps::stopped(world, id);
    (id, exit)
}

#[test]
fn a_new_release_needs_what_the_old_one_did_not() {
    let mut world = world();
    let old = launch(&world, STOREFRONT, "storefront-a", 0);
    assert_eq!(apps::launch(&mut world, old).1, None);
    let new = launch(&world, "registry.scoopline.example/storefront:2.14.0", "storefront-b", 0);
    let (_, exit) = live_and_die(&mut world, new.clone());
    assert_eq!((exit.code, exit.after, exit.reason), (78, Span::secs(3), "Error"));
    world.advance_to(world.now + Span::secs(5));
    let last = log(&world, "storefront-b", false).pop().expect("a dying line");
    assert!(last.contains(" FATAL ") && last.contains("RECEIPT_TOPIC_ARN is empty"), "{last}");
    // With the variable it lives.
    let mut given = new;
    given.env.insert("RECEIPT_TOPIC_ARN".into(), ARN.into());
    given.started = world.now;
    assert_eq!(apps::launch(&mut world, given).1, None);
}

#[test]
fn a_trailing_newline_poisons_an_arn_for_every_release() {
    let mut world = world();
    let mut poisoned = launch(&world, STOREFRONT, "storefront-a", 0);
    poisoned.env.insert("ORDER_TOPIC_ARN".into(), format!("{ARN}\n"));
    let (_, exit) = live_and_die(&mut world, poisoned);
    assert_eq!(exit.code, 78);
    let last = log(&world, "storefront-a", false).pop().expect("a dying line");
    assert!(last.contains("ORDER_TOPIC_ARN is not a valid ARN"), "{last}");
}

#[test]
fn halving_the_limit_moves_the_oom_and_the_last_line_is_cut() {
    let mut world = world();
    let mut ends = Vec::new();
    for (n, limit) in [192_u64, 96].into_iter().enumerate() {
        let mut small = launch(&world, STOREFRONT, &format!("storefront-{n}"), 0);
        small.memory_limit = Some(limit << 20);
        let (_, exit) = live_and_die(&mut world, small);
        assert_eq!((exit.code, exit.reason), (137, "OOMKilled"));
        ends.push(exit.after);
    }
    assert!(ends[1] < ends[0], "{ends:?}");
    assert!(ends[0] > Span::secs(15) && ends[0] < Span::secs(25), "{ends:?}");
    let lines = log(&world, "storefront-0", false);
    let last = lines.last().expect("lines");
    assert!(lines.iter().any(|line| line.contains("warming cache") && line.ends_with("/240000")), "{lines:?}");
    assert!(!last.ends_with("/240000"), "the last line is cut off: {last}");
    // What was cut off was never shipped.
    world.advance_to(world.now + Span::secs(10));
    let search = Search { subject: "storefront-0".into(), from: Time(0), to: world.now, ..Search::default() };
    let shipped = signals::shipped(&world, &search);
    assert_eq!(shipped.len(), lines.len() - 1);
    // With room enough there is no end, and memory settles.
    let roomy = launch(&world, STOREFRONT, "storefront-9", 0);
    let (id, exit) = apps::launch(&mut world, roomy);
    assert_eq!(exit, None);
    world.advance_to(world.now + Span::mins(5));
    let (_, bytes) = apps::usage(&world, id);
    assert!((285 << 20..300 << 20).contains(&bytes), "{bytes}");
}

#[test]
fn previous_shows_the_last_container_and_search_keeps_them_all() {
    let mut world = world();
    for restart in 0..3 {
        let mut bad = launch(&world, STOREFRONT, "storefront-a", restart);
        bad.env.remove("ORDER_TOPIC_ARN");
        live_and_die(&mut world, bad);
        world.advance_to(world.now + Span::secs(20));
    }
    let (current, previous) = (log(&world, "storefront-a", false), log(&world, "storefront-a", true));
    assert_eq!((current.len(), previous.len()), (2, 2), "{current:?} {previous:?}");
    assert_ne!(current, previous);
    let search = Search { subject: "storefront".into(), from: Time(0), to: world.now, ..Search::default() };
    let restarts: Vec<u32> = signals::shipped(&world, &search).iter().map(|record| record.restart).collect();
    assert_eq!(restarts, [0, 0, 1, 1, 2, 2]);
}

#[test]
fn probes_are_refused_then_answered_in_the_programs_own_time() {
    let mut world = world();
    let start = launch(&world, STOREFRONT, "storefront-a", 0);
    let (id, _) = apps::launch(&mut world, start);
    let livez = Probe::Http { path: "/livez".into(), port: 8080 };
    let readyz = Probe::Http { path: "/readyz".into(), port: 8080 };
    assert_eq!(apps::probe(&world, id, &livez), ProbeAnswer::Refused);
    world.advance_to(world.now + Span::secs(6));
    let ProbeAnswer::Answered { status, after, .. } = apps::probe(&world, id, &livez) else { panic!("it listens") };
    assert_eq!(status, 200);
    assert!(after >= Span::millis(1_400) && after <= Span::millis(1_480), "{after:?}");
    let status = |world: &World, probe: &Probe| match apps::probe(world, id, probe) {
        ProbeAnswer::Answered { status, .. } => status,
        ProbeAnswer::Refused => 0,
    };
    assert_eq!(status(&world, &readyz), 503, "the cache is cold");
    world.advance_to(world.now + Span::secs(45));
    assert_eq!(status(&world, &readyz), 200);
    assert_eq!(status(&world, &Probe::Http { path: "/nope".into(), port: 8080 }), 404);
    assert_eq!(status(&world, &Probe::Tcp { port: 5432 }), 0);
    assert_eq!(status(&world, &Probe::Exec { command: vec!["cat".into(), "/tmp/ready".into()] }), 500);
    assert_eq!(apps::terminate(&mut world, id), (143, Span::millis(600)));
}

#[test]
fn shell_lines_of_containers_end_as_they_say() {
    let mut world = world();
    let mut run = |line: &str| {
        let mut start = launch(&world, "busybox:1.36", "box", 0);
        start.command = ["sh", "-c", line].map(str::to_string).to_vec();
        apps::launch(&mut world, start).1.map(|exit| (exit.code, exit.after, exit.reason))
    };
    assert_eq!(run("exit 3"), Some((3, Span::millis(20), "Error")));
    assert_eq!(run("sleep 2; exit 1"), Some((1, Span::millis(2_020), "Error")));
    assert_eq!(run("echo hi && true"), Some((0, Span::millis(20), "Completed")));
    assert_eq!(run("false && exit 9"), Some((1, Span::millis(20), "Error")));
    assert_eq!(run("while true; do echo hi; sleep 5; done"), None);
    assert_eq!(run("nope"), Some((127, Span::millis(20), "Error")));
    assert_eq!(run("sleep infinity"), None);
}

#[test]
fn exec_reads_what_the_container_was_started_with() {
    let mut world = world();
    let mut start = launch(&world, STOREFRONT, "storefront-a", 0);
    start.files.insert("/etc/app/app.yaml".into(), "a: 1\nb: 2\n".into());
    let (id, _) = apps::launch(&mut world, start);
    let run = |world: &World, line: &[&str]| {
        apps::exec(world, id, &line.iter().map(|word| word.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(run(&world, &["cat", "/etc/app/app.yaml"]), (vec!["a: 1".into(), "b: 2".into()], 0));
    assert_eq!(run(&world, &["printenv", "ORDER_TOPIC_ARN"]), (vec![ARN.into()], 0));
    assert_eq!(run(&world, &["sh", "-c", "foo"]), (vec!["sh: 1: foo: not found".into()], 127));
    assert_eq!(run(&world, &["ls", "/etc/app"]), (vec!["app.yaml".into()], 0));
    assert_eq!(run(&world, &["foo"]).1, 126);
    // The kubelet refreshes files, never the environment.
    apps::refreshed(&mut world, id, BTreeMap::from([("/etc/app/app.yaml".to_string(), "a: 2".to_string())]));
    assert_eq!(run(&world, &["cat", "/etc/app/app.yaml"]).0, ["a: 2"]);
}

#[test]
fn every_key_is_known_and_every_mistake_is_said_with_its_path() {
    let text = r#"
        [apps.web]
        imag = "x"
        needs = [{ env = "A", must = "arnn" }, { env = "A", file = "/b" }]
        [apps.web.life]
        start = "soon"
        [apps.web.routes.r]
        line = "nope"
        rules = [{ when = "whatever" }]
        [streams.s]
        service = "shop"
        mix = { GONE-1 = 3 }
    "#;
    let mut world = world();
    let problems = apps::describe(&mut world, &toml::from_str(text).expect("TOML"));
    let said: Vec<String> = problems.iter().map(|p| format!("{}: {} {:?}", p.path.join("."), p.say, p.hint)).collect();
    for wanted in [
        "apps.web.imag: unknown key `imag` Some(\"did you mean `image`?\")",
        "apps.web.needs.0.must: no check is called `arnn` Some(\"did you mean `arn`?\")",
        "apps.web.needs.1: a need is exactly one of env, file, peer None",
        "apps.web.life.start: `start` should be a span",
        "apps.web.routes.r: there is no line `nope`",
        "apps.web.routes.r.rules.0.when: no condition is called `whatever`",
        "streams.s.service: `service` should be \"namespace/service\"",
        "streams.s.mix.GONE-1: there is no SKU `GONE-1`",
    ] {
        assert!(said.iter().any(|line| line.starts_with(wanted)), "{wanted}\nin {said:#?}");
    }
}

#[test]
fn the_key_table_is_sorted_and_names_only_shapes_it_has() {
    use whodunit::world::apps::spec::{Is, KEYS};
    let rows: Vec<(&str, &str)> = KEYS.iter().map(|key| (key.table, key.key)).collect();
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
    for key in KEYS {
        if let Is::Table(shape) | Is::Tables(shape) | Is::Named(shape) = key.is {
            assert!(rows.iter().any(|(table, _)| *table == shape), "{shape}");
        }
    }
}

//! The shop's own consoles: logs, prom, ci, shopctl, chat, as a learner types them.

use super::apps::launch;
use super::signals::shop;
use serde_json::{Value, json};
use whodunit::console::fact::Fact;
use whodunit::console::page::{Line, Output, Stream};
use whodunit::console::session::Session;
use whodunit::console::{self};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::k8s::api::{self, Request, Verb};
use whodunit::world::witnesses::{Message, Topic, Witness};
use whodunit::world::{World, apps};

fn session(user: &str) -> Session {
    Session { user: user.into(), namespace: "shop".into(), context: "scoop-prod".into(), ..Session::default() }
}

/// Runs a line to its end: a blocking pipeline moves the world.
fn run(world: &mut World, line: &str) -> Output {
    run_as(world, "learner", line)
}

fn run_as(world: &mut World, user: &str, line: &str) -> Output {
    let mut session = session(user);
    let ran = console::run(world, &mut session, line);
    let mut output = ran.output;
    let mut standing = ran.standing;
    while let Some(mut pipeline) = standing.take().filter(|pipeline| pipeline.blocking && !pipeline.done) {
        world.advance_to(pipeline.next);
        let more = console::poll(world, &mut session, &mut pipeline);
        output.lines.extend(more.lines);
        output.code = more.code;
        standing = Some(pipeline);
    }
    output
}

fn text(output: &Output) -> String {
    let shown = output.lines.iter().filter(|line| line.stream != Stream::Hint);
    shown.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn hints(output: &Output) -> String {
    output.lines.iter().filter(|line| line.stream == Stream::Hint).map(|line| line.text.clone()).collect()
}

fn facts(lines: &[Line]) -> impl Iterator<Item = &Fact> {
    lines.iter().flat_map(|line| &line.marks).map(|mark| &*mark.fact)
}

/// The shop with a session TTL of a minute, an hour and a half old.
fn hurried() -> World {
    let (mut world, _) = shop(|launch| drop(launch.env.insert("SESSION_TTL_SECONDS".into(), "60".into())));
    world.advance_to(world.now + Span::mins(90));
    world
}

#[test]
fn logs_finds_filters_and_counts() {
    let mut world = hurried();
    let all = run(&mut world, "logs checkout --since 1h --level WARN");
    assert_eq!(all.code, 0);
    let old = run(&mut world, "logs shop/checkout --since 1h --field 'age_s>60' --field reason=session_expired");
    assert!(!old.lines.is_empty());
    for line in old.lines.iter().filter(|line| line.stream == Stream::Out) {
        let Fact::Log { fields, template, level, .. } = &*line.marks[0].fact else { panic!("{line:?}") };
        assert_eq!((template.as_str(), level.as_str()), ("rejected-session", "WARN"));
        assert!(fields["age_s"].parse::<u64>().is_ok_and(|age| age > 60));
        assert_eq!(fields["ttl_s"], "60");
        // A fact says what its text shows, no more.
        assert!(fields.values().all(|value| line.text.contains(value.as_str())), "{fields:?} in {}", line.text);
        assert!(!fields.contains_key("gap_ms"));
    }
    assert!(old.coverage.is_empty(), "a filter hides, so absence is not shown");
    assert!(!run(&mut world, "logs checkout").coverage.is_empty());
    // What it counts is what it lists.
    let counted = run(&mut world, "logs checkout --since 1h --level WARN --count-by reason");
    let expired = facts(&counted.lines).find_map(|fact| match fact {
        Fact::Count { of, value, .. } if of.ends_with("reason=session_expired") => Some(*value),
        _ => None,
    });
    assert_eq!(expired, Some(old.lines.len() as f64), "{}", text(&counted));
    let per = run(&mut world, "logs checkout --since 1h --field reason=session_expired --count-per 10m");
    let sum: f64 = facts(&per.lines).map(|fact| if let Fact::Count { value, .. } = fact { *value } else { 0.0 }).sum();
    assert_eq!(sum, old.lines.len() as f64);
    // A pipe keeps what it copies.
    let piped = run(&mut world, "logs checkout --since 1h | grep session_expired | head -2");
    assert_eq!(facts(&piped.lines).count(), 2);
}

#[test]
fn logs_says_what_was_wrong() {
    let mut world = hurried();
    for (line, say, hint) in [
        ("logs chekout", "nothing called \"chekout\" has ever logged", "did you mean `checkout`?"),
        ("logs checkout --field nonsense", "\"nonsense\" is not a test", "for instance"),
        ("logs checkout --level LOUD", "no level \"LOUD\"", "one of DEBUG"),
        ("logs checkout --grep '('", "is not a regular expression", ""),
        ("logs checkout --since soon", "\"soon\" is not a span", ""),
        ("logs checkout --count-per 1s --since 6h", "rows are too many", "longer"),
    ] {
        let page = run(&mut world, line);
        assert_eq!(page.code, 1, "{line}");
        assert!(text(&page).contains(say), "{line}: {}", text(&page));
        assert!(hints(&page).contains(hint), "{line}: {}", hints(&page));
    }
}

#[test]
fn a_crashed_pod_is_found_after_it_is_gone() {
    let mut world = hurried();
    let mut bad = launch(&world, "registry.scoopline.example/storefront:2.14.0", "storefront-new", 0);
    bad.started = world.now;
    let (id, exit) = apps::launch(&mut world, bad);
    world.advance_to(world.now + exit.expect("it dies").after);
    apps::stopped(&mut world, id);
    world.advance_to(world.now + Span::mins(1));
    let page = run(&mut world, "logs storefront --level FATAL");
    assert!(text(&page).contains("FATAL") && text(&page).contains("RECEIPT_TOPIC_ARN is empty"), "{}", text(&page));
}

#[test]
fn prom_agrees_with_logs_and_draws() {
    let mut world = hurried();
    let query = "sum by (outcome) (increase(checkout_payments_total[1h] offset 10s))";
    let page = run(&mut world, &format!("prom '{query}'"));
    let value = facts(&page.lines).find_map(|fact| match fact {
        Fact::Metric { name, labels, value, .. } if labels.get("outcome").is_some_and(|o| o == "session_expired") => {
            assert_eq!(name, "checkout_payments_total");
            Some(*value)
        }
        _ => None,
    });
    let (from, to) = (world.now - Span::secs(3_610), world.now - Span::secs(10));
    let lines = run(
        &mut world,
        &format!(
            "logs checkout --from {} --to {} --field reason=session_expired --limit 5000",
            (from + Span::millis(1)).rfc3339_millis(),
            to.rfc3339_millis()
        ),
    );
    assert_eq!(value, Some(lines.lines.len() as f64), "{}", text(&page));
    // The cliff at sixty seconds.
    let cliff = run(
        &mut world,
        "prom 'sum by (le) (increase(checkout_basket_age_seconds_bucket{outcome=\"session_expired\",le=~\"60|300\"}[1h]))'",
    );
    assert!(
        text(&cliff).contains("{le=\"60\"}") && text(&cliff).lines().any(|line| line.ends_with("  0")),
        "{}",
        text(&cliff)
    );
    let chart = run(&mut world, "prom --range 1h --step 1m slo_order_success_ratio");
    assert!(text(&chart).contains('▁') && text(&chart).contains("min 0."), "{}", text(&chart));
    assert!(
        facts(&chart.lines).all(|fact| matches!(fact, Fact::Metric { name, .. } if name == "slo_order_success_ratio"))
    );
    assert_eq!(chart.coverage.len(), 1);
    let bare = run(&mut world, "prom 'slo_order_success_ratio[1h]'");
    assert_eq!(text(&bare), text(&chart));
    let listed = run(&mut world, "prom --list basket");
    assert!(text(&listed).contains("checkout_basket_age_seconds"));
}

#[test]
fn prom_computes_as_arithmetic_does() {
    let mut world = hurried();
    for (query, shows) in [
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("0 -(2 + 3) % 4", "-1"),
        ("2 > bool 1", "1"),
        ("count(up{app=\"checkout\"})", "3"),
        ("count by (app) (up{pod=~\"checkout-.*|cart-0\"})", "{app=\"cart\"}"),
        ("sum(up{namespace=\"shop\"}) / count(up)", "1"),
        ("max(up) unless up", "{}"),
        ("up{app=\"cart\",pod!=\"cart-0\"} == 1", "cart-2"),
        ("topk(1, kube_endpoint_address_available)", "endpoint=\"storefront\", namespace=\"shop\"}  4"),
        ("container_spec_memory_limit_bytes{pod=\"cart-0\"} / 1024 / 1024", "512"),
        ("histogram_quantile(0.5, vector(1))", "no data"),
        ("feature_flag_enabled{flag=\"waitingroom.vanilla\"}", "1"),
    ] {
        let page = run(&mut world, &format!("prom '{query}'"));
        assert!(page.code == 0 && text(&page).contains(shows), "{query}: {}", text(&page));
    }
    let median = run(
        &mut world,
        "prom 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{app=\"checkout\"}[30m])))'",
    );
    let value =
        facts(&median.lines).find_map(|fact| if let Fact::Metric { value, .. } = fact { Some(*value) } else { None });
    assert!(value.is_some_and(|value| value > 0.1 && value < 0.25), "{}", text(&median));
}

#[test]
fn prom_says_what_was_wrong() {
    let mut world = hurried();
    let deep = format!("prom '{}1{}'", "(".repeat(2_000), ")".repeat(2_000));
    for (line, say, hint) in [
        ("prom 'rat(up[5m])'", "unknown function \"rat\"", "did you mean `rate`?"),
        ("prom 'rate(up)'", "rate needs a range", "for instance"),
        ("prom 'up['", "the range has no closing ]", ""),
        ("prom 'up{pod=3}'", "a label's value is a text", "in double quotes"),
        ("prom 'sum(up'", "expected \")\", found the end", ""),
        ("prom upp", "no metric is called \"upp\"", "did you mean `up`?"),
        ("prom 'sum(up[5m])'", "goes into a function", ""),
        (deep.as_str(), "nested too deeply", ""),
        ("prom --range 7d --step 1s up", "steps are too many", "longer --step"),
    ] {
        let page = run(&mut world, line);
        assert_eq!(page.code, 1, "{line:.60}");
        assert!(text(&page).contains(say), "{line:.60}: {}", text(&page));
        assert!(hints(&page).contains(hint), "{line:.60}: {}", hints(&page));
    }
}

#[test]
fn a_probe_order_is_an_experiment_that_takes_its_time() {
    let mut world = hurried();
    let before = world.now;
    let old = run(&mut world, "shopctl order --flavour chocolate --wait 90");
    assert_eq!(world.now - before, Span::secs(90));
    assert!(text(&old).contains("402 payment_declined") && text(&old).contains("age 90s"), "{}", text(&old));
    let Some(Fact::Experiment { given, outcome, .. }) = facts(&old.lines).next() else { panic!("no experiment") };
    assert_eq!((given["sku"].as_str(), given["wait_s"].as_str()), ("CHO-002", "90"));
    assert_eq!((outcome["status"].as_str(), outcome["ok"].as_str()), ("402", "false"));
    assert!(!outcome.contains_key("reason"), "a customer is not told why");
    let young = run(&mut world, "shopctl order --flavour vanilla --wait 5");
    assert!(text(&young).contains("201 created"), "{}", text(&young));
    assert!(text(&run(&mut world, "shopctl order --flavour vanila")).contains("the shop sells no"));
    // The ledger counts both among the customers.
    let ledger = run(&mut world, "shopctl orders --since 2m --by sku,status");
    assert!(text(&ledger).contains("402 payment_declined"), "{}", text(&ledger));
}

#[test]
fn flags_and_goods_are_changed_through_the_audit() {
    let mut world = hurried();
    let set = run(&mut world, "shopctl flag set waitingroom.vanilla off");
    assert!(text(&set).contains("is off (was on)"), "{}", text(&set));
    let entry = world.audit.entries().next_back().expect("an entry");
    assert_eq!(
        (entry.user.as_str(), entry.verb.as_str(), entry.name.as_str()),
        ("learner", "set-flag", "waitingroom.vanilla")
    );
    assert!(text(&run(&mut world, "shopctl flag list")).contains("waitingroom.vanilla  off"));
    let wrong = run(&mut world, "shopctl flag set waitingroom.vanila off");
    assert!(hints(&wrong).contains("did you mean `waitingroom.vanilla`?"));

    run_as(&mut world, "importer", "shopctl sku set VAN-001 'price=4900\u{a0}'");
    run_as(&mut world, "photo-desk", "shopctl sku set VAN-001 image_url=https://img.scoopline.example/van-001-v4.jpg");
    let json = run(&mut world, "shopctl sku show vanilla --json");
    assert!(text(&json).contains("\"price\": \"4900\\u00a0\""), "{}", text(&json));
    let history = run(&mut world, "shopctl sku history VAN-001");
    let changes: Vec<(&str, &str)> = facts(&history.lines)
        .filter_map(|fact| match fact {
            Fact::Change { who, path, .. } => Some((who.as_str(), path.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(changes, [("importer", "price"), ("photo-desk", "image_url")]);
    assert!(text(&run(&mut world, "shopctl sku set VAN-001 prize=1")).contains("goods have no column"));
}

#[test]
fn people_say_what_they_know() {
    let mut world = hurried();
    let says = "Only vanilla has the waiting room.".to_string();
    let topic = Topic { words: vec!["queue".into()], says };
    let witness = Witness { role: "product manager".into(), topics: [("vanilla".to_string(), topic)].into() };
    world.witnesses.declare("mina", witness);
    let message =
        Message { at: world.now, who: "mina".into(), topic: "sale".into(), text: "Sale starts at 11.".into() };
    world.witnesses.post(message);
    let said = run(&mut world, "chat ask Mina is there a queue somewhere");
    assert_eq!(text(&said), "mina: Only vanilla has the waiting room.");
    assert_eq!(facts(&said.lines).next(), Some(&Fact::Said { who: "mina".into(), topic: "vanilla".into() }));
    assert!(text(&run(&mut world, "chat ask mina weather")).contains("I don't know anything"));
    assert!(hints(&run(&mut world, "chat ask nina vanilla")).contains("did you mean `mina`?"));
    assert!(text(&run(&mut world, "chat read")).ends_with("mina: Sale starts at 11."));
    assert!(text(&run(&mut world, "chat list")).contains("product manager"));
}

fn create(world: &mut World, resource: &str, group: &str, body: Value) {
    let request = Request {
        verb: Verb::Create,
        group: group.into(),
        version: "v1".into(),
        resource: resource.into(),
        namespace: (resource != "namespaces").then(|| "shop".into()),
        name: None,
        subresource: None,
        query: api::Query::default(),
        accept: api::Accept::Json,
        body: Some(body),
        user: "admin".into(),
        agent: "test".into(),
    };
    let answer = api::handle(world, &request);
    assert_eq!(answer.code, 201, "{:?}", answer.body);
}

#[test]
fn a_deploy_goes_through_the_api_and_into_the_history() {
    let mut world = World::new(3, Time::parse("2026-03-02T00:00:00Z").expect("a time"));
    create(&mut world, "namespaces", "", json!({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}));
    let config = json!({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"checkout-config"},
        "data":{"SESSION_TTL_SECONDS":"600","CURRENCY":"KRW"}});
    create(&mut world, "configmaps", "", config);
    let container = json!({"name":"app","image":"registry.scoopline.example/checkout:5.2.3",
        "env":[{"name":"A","value":"1"}],"resources":{"limits":{"memory":"512Mi"}}});
    create(
        &mut world,
        "deployments",
        "apps",
        json!({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"checkout"},
            "spec":{"replicas":2,"selector":{"matchLabels":{"app":"checkout"}},
                "template":{"metadata":{"labels":{"app":"checkout"}},"spec":{"containers":[container]}}}}),
    );
    world.advance_to(world.now + Span::hours(1));
    let deployed = run_as(
        &mut world,
        "deploy-bot",
        "ci deploy checkout 5.3.0 --config SESSION_TTL_SECONDS=60 --env B=2 --memory-limit 192Mi --note 'faster sessions'",
    );
    assert_eq!(text(&deployed), "release 1: checkout 5.3.0 is being rolled out");
    run_as(&mut world, "deploy-bot", "ci deploy checkout 5.3.1 --config SESSION_TTL_SECONDS=30");
    let history = run(&mut world, "ci history checkout");
    assert!(text(&history).contains("superseded   faster sessions"), "{}", text(&history));
    let shown = run(&mut world, "ci show 1");
    let ttl = facts(&shown.lines).find_map(|fact| match fact {
        Fact::Revision { via, object, path, before, after, .. } if path == "data.SESSION_TTL_SECONDS" => {
            Some((via.clone(), object.kind.clone(), before.clone(), after.clone()))
        }
        _ => None,
    });
    assert_eq!(ttl, Some(("ci".into(), "ConfigMap".into(), "600".into(), "60".into())), "{}", text(&shown));
    for line in ["- 512Mi", "+ 192Mi", "+ registry.scoopline.example/checkout:5.3.0", "+ 2"] {
        assert!(text(&shown).contains(line), "{line} in {}", text(&shown));
    }
    assert!(!text(&shown).contains("CURRENCY"));
    let diff = run(&mut world, "ci diff 1 2");
    assert!(
        text(&diff).contains("- 60") && text(&diff).contains("+ 30") && !text(&diff).contains("192Mi"),
        "{}",
        text(&diff)
    );
    // The audit knows who and with what.
    let by = world.audit.entries().filter(|entry| entry.agent == "ci" && entry.user == "deploy-bot").count();
    assert_eq!(by, 4);
    assert!(hints(&run(&mut world, "ci history chekout")).contains("did you mean `checkout`?"));
    let refused = run_as(&mut world, "deploy-bot", "ci deploy checkout 5.3.2 --memory-limit lots");
    assert!(refused.code == 1 && text(&refused).contains("was refused"), "{}", text(&refused));
    assert!(text(&run(&mut world, "ci history checkout")).contains("refused"));
}

//! The cases of bills: fairness beyond the common checks, and the indicator that measures them.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use whodunit::console;
use whodunit::console::fact::Fact;
use whodunit::console::rows;
use whodunit::console::session::Session;
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, roles};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::apps;
use whodunit::world::aws::call::{Caller, Request};
use whodunit::world::aws::ce::{bill, calendar};
use whodunit::world::aws::{self, prices};
use whodunit::world::signals::metrics::{self, Need, Query};

fn ask(world: &mut World, service: &str, operation: &str, input: Value) {
    let request = Request {
        service: service.into(),
        operation: operation.into(),
        input,
        caller: Caller { user: "learner".into(), arn: String::new() },
        region: "ap-northeast-2".into(),
        agent: "aws-cli".into(),
    };
    aws::handle(world, &request).unwrap_or_else(|fault| panic!("{operation}: {fault:?}"));
}

/// An account with a database at 3.7 cents an hour, of which `cents` a day are allowed for over `over`.
fn allowed(cents: u64, over: &str) -> World {
    let born = Time::parse("2026-01-20 00:00").expect("a time");
    let mut world = World::new(1, born);
    let thrift = json!({"is": "thrift", "daily_cents": {"InstanceUsage:db.t4g.small": cents}, "over": over});
    let problems = apps::describe(&mut world, &json!({"indicators": {"slo_thrift": thrift}}));
    assert!(problems.is_empty(), "{:?}", problems.iter().map(|problem| &problem.say).collect::<Vec<_>>());
    let account = json!({"account": "123456789012", "region": "ap-northeast-2"});
    assert!(aws::describe(&mut world, &account, born).is_empty());
    let database = json!({
        "DBInstanceIdentifier": "desk", "DBInstanceClass": "db.t4g.small", "Engine": "postgres", "AllocatedStorage": 20,
        "MasterUsername": "desk",
    });
    ask(&mut world, "rds", "CreateDBInstance", database);
    world
}

fn thrift(world: &World, at: Time) -> f64 {
    metrics::indicator_at(world, "slo_thrift", at).expect("it is measured")
}

#[test]
fn thrift_is_the_part_of_the_days_spend_that_was_allowed() {
    let later = Time::parse("2026-01-25 09:30").expect("a time");
    for (cents, expected) in [(200, 1.0), (89, 1.0), (44, 44.0 / 88.8), (0, 0.0)] {
        let mut world = allowed(cents, "24h");
        world.advance_to(later);
        let found = thrift(&world, later);
        assert!((found - expected).abs() < 1e-9, "{cents} cents a day: {found}, not {expected}");
    }
}

#[test]
fn thrift_counts_what_the_bill_counts_hour_by_hour() {
    let mut world = allowed(30, "6h");
    let end = Time::parse("2026-01-23 00:00").expect("a time");
    world.advance_to(Time::parse("2026-01-21 12:00").expect("a time"));
    ask(&mut world, "rds", "DeleteDBInstance", json!({"DBInstanceIdentifier": "desk", "SkipFinalSnapshot": true}));
    world.advance_to(end);
    let exact = BTreeMap::new();
    let query = |from, to| Query { name: "slo_thrift", exact: &exact, from, to, need: Need::Standing };
    let whole = metrics::select(&world, &query(Time::parse("2026-01-20 00:00").expect("a time"), end)).remove(0);
    for hour in calendar::hour(end) - 60..calendar::hour(end) {
        let at = calendar::time(hour) + Span::mins(17);
        let charges = bill::charges(&world, hour - 6, hour);
        let spent: i128 = charges.iter().filter(|c| c.usage_type.contains("InstanceUsage")).map(|c| c.attos).sum();
        let limit = 30 * prices::DOLLAR / 100 / 4;
        let expected = if spent == 0 { 1.0 } else { spent.min(limit) as f64 / spent as f64 };
        assert_eq!(whole.at(at), Some(expected), "{}", at.rfc3339());
        // Asked alone or with others, an hour says the same.
        assert_eq!(thrift(&world, at), expected, "{}", at.rfc3339());
    }
    // The database is gone for more than six hours: nothing is spent, so nothing is wasted.
    assert_eq!(thrift(&world, end), 1.0);
}

#[test]
fn mistakes_in_an_allowance_are_told() {
    let told = |thrift: Value| {
        let mut world = World::new(1, Time::parse("2026-01-20 00:00").expect("a time"));
        let problems = apps::describe(&mut world, &json!({"indicators": {"slo_thrift": thrift}}));
        problems.iter().map(|p| format!("{} {}", p.say, p.hint.as_deref().unwrap_or_default())).collect::<String>()
    };
    let wrong = told(json!({"is": "thrift", "daily_cents": {"NatGateway-Byte": 5}, "over": "24h"}));
    assert!(wrong.contains("no usage type `NatGateway-Byte`") && wrong.contains("`NatGateway-Bytes`"), "{wrong}");
    let wrong = told(json!({"is": "thrift", "daily_cents": {"NatGateway-Bytes": 5}, "over": "90m"}));
    assert!(wrong.contains("whole hours"), "{wrong}");
    let wrong = told(json!({"is": "thrift", "over": "24h"}));
    assert!(wrong.contains("what each usage type may cost"), "{wrong}");
}

/// What a line prints, with what its lines show together.
fn shown(stage: &mut Stage, session: &mut Session, line: &str) -> (String, Vec<Fact>) {
    let ran = console::run(&mut stage.world, session, line);
    let text = ran.output.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    (text, rows::shown(&ran.output.lines).iter().map(|fact| (**fact).clone()).collect())
}

#[test]
fn who_pays_the_toll_is_found_by_sums_and_a_fix_bends_the_curve() {
    let pack = scenario::find("the-toll-road").expect("the case");
    let (case, mut stage) = scenario::cast(&pack, "A", 1).expect("it casts");
    let mut session = Session { user: "learner".into(), namespace: "default".into(), ..Session::default() };
    let one = case.names.get("one").and_then(|ms| ms.get(..10)).expect("a second").to_string();
    let from: i64 = one.parse().expect("a number");
    let query = "parse @message \"* * * * * * * * * * * * * * * * *\" as v, a, e, src, dst, sp, dp, pr, pk, amount, st, en, ac, ls, \
                 psrc, pdst, way | filter src like /^10.0.10/ | stats sum(amount) as total by src | sort total desc";
    let start = format!(
        "Q=$(aws logs start-query --log-group-name /vpc/scoop-prod/flow --start-time {from} --end-time {} \
         --query-string '{query}' --query queryId --output text)",
        from + 1_800
    );
    shown(&mut stage, &mut session, &start);
    stage.advance_to(stage.world.now + Span::secs(30));
    let (text, facts) = shown(&mut stage, &mut session, "aws logs get-query-results --query-id $Q");
    let most = facts.iter().find_map(|fact| match fact {
        Fact::Row { table, fields, .. } if table == "flow" => Some(fields.clone()),
        _ => None,
    });
    let most = most.unwrap_or_else(|| panic!("a sum is a row of the flow log: {text}"));
    assert!(most["srcaddr"].starts_with("10.0.10"), "{most:?}");
    assert!(most["bytes"].parse::<u64>().is_ok_and(|bytes| bytes > 100_000_000_000), "{most:?}");
    assert!(!most.contains_key("pkt-dstaddr"), "what differs is not said: {most:?}");

    // The metrics pane charts all gateways at once, over days.
    let asked = "AWS/NATGateway BytesOutToDestination NatGatewayId=* stat=Sum back=3d";
    let chart = whodunit::ui::panes::metrics::command(asked).expect("a command");
    let (text, facts) = shown(&mut stage, &mut session, &chart);
    let mut hours: BTreeMap<String, usize> = BTreeMap::new();
    for fact in &facts {
        if let Fact::Metric { labels, .. } = fact {
            *hours.entry(labels.get("NatGatewayId").cloned().unwrap_or_default()).or_default() += 1;
        }
    }
    assert!(hours.len() == 3 && hours.values().all(|hours| *hours >= 60), "{hours:?}: {text}");

    let measured = |stage: &Stage| metrics::indicator_at(&stage.world, &case.indicator.name, stage.world.now);
    let line = |stage: &mut Stage, hours: i64| {
        stage.advance_to(stage.world.now + Span::hours(hours));
        measured(stage).expect("it is measured")
    };
    let (mut mended, harmed) = (stage.clone(), line(&mut stage, 0));
    assert!(harmed < 0.5, "{harmed}");
    let fix = roles::expand(&case.fixes[0].run[0], &case.roles, &mended.world);
    shown(&mut mended, &mut session, &fix);
    let (after, day) = (line(&mut mended, 20), line(&mut mended, 5));
    assert!(after > harmed && day == 1.0, "{harmed}, {after} after the night, {day} a day later");
    // Nobody acts: it stays.
    assert!(line(&mut stage, 25) < 0.5);
}

//! Bills: what is billed was used, hours add up, a fix bends the curve, newest hours are missing, filters and groups equal sums
//! made here, prices change at their date, and an anomaly is where the bill jumps. Everything through `aws::handle`.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::call::{Answer, Caller, Cover, Fault, Is, Request};
use whodunit::world::aws::ce::{anomaly, bill, calendar};
use whodunit::world::aws::prices;
use whodunit::world::aws::service::SERVICES;
use whodunit::world::aws::{self};

fn ask(world: &mut World, service: &str, operation: &str, input: Value) -> Result<Answer, Fault> {
    let caller = Caller { user: "learner".into(), arn: String::new() };
    let request = Request {
        service: service.into(),
        operation: operation.into(),
        input,
        caller,
        region: world.aws.region.to_string(),
        agent: "aws-cli".into(),
    };
    aws::handle(world, &request)
}

fn told(world: &mut World, service: &str, operation: &str, input: Value) -> Value {
    ask(world, service, operation, input).unwrap_or_else(|fault| panic!("{operation}: {fault:?}")).body
}

fn refused(world: &mut World, service: &str, operation: &str, input: Value) -> Fault {
    ask(world, service, operation, input).map(|answer| answer.body).expect_err(operation)
}

/// An account in Seoul since 2026-01-20 with a database, a cache and what outside clients do to them.
fn account(seed: u64) -> World {
    let born = Time::parse("2026-01-20 00:00").expect("a time");
    let mut world = World::new(seed, born);
    let toml = json!({
        "account": "123456789012", "region": "ap-northeast-2",
        "load": {
            "citizen-desk": {"connections": 3, "queries": 40, "stored": 2_000},
            "desk-sessions": {"connections": 0, "gets": 0, "hits": 0, "sets": 0, "stored": 30},
        },
    });
    let problems = aws::describe(&mut world, &toml, born);
    assert!(problems.is_empty(), "{:?}", problems.iter().map(|problem| &problem.say).collect::<Vec<_>>());
    told(
        &mut world,
        "rds",
        "CreateDBInstance",
        json!({
            "DBInstanceIdentifier": "citizen-desk", "DBInstanceClass": "db.t4g.small", "Engine": "postgres",
            "AllocatedStorage": 20, "MasterUsername": "desk", "DBName": "desk", "Tags": [{"Key": "owner", "Value": "desk"}],
        }),
    );
    told(
        &mut world,
        "elasticache",
        "CreateReplicationGroup",
        json!({
            "ReplicationGroupId": "desk-sessions", "ReplicationGroupDescription": "sessions", "NumCacheClusters": 1,
            "CacheNodeType": "cache.t4g.small", "Engine": "redis",
        }),
    );
    world
}

fn go(world: &mut World, to: &str) {
    let to = Time::parse(to).expect("a time");
    world.advance_to(to);
}

fn usage(world: &mut World, from: &str, to: &str, by: &str, more: Value) -> Answer {
    let mut input = json!({
        "TimePeriod": {"Start": from, "End": to}, "Granularity": by, "Metrics": ["UnblendedCost", "UsageQuantity"],
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        input[key] = value.clone();
    }
    ask(world, "ce", "GetCostAndUsage", input).unwrap_or_else(|fault| panic!("{fault:?}"))
}

fn by(key: &str) -> Value {
    json!({"GroupBy": [{"Type": "DIMENSION", "Key": key}]})
}

/// Group → (amount, quantity) of the first piece of time.
fn groups(body: &Value) -> BTreeMap<String, (String, String)> {
    let rows = body["ResultsByTime"][0]["Groups"].as_array().expect("groups");
    let text = |row: &Value, metric: &str| row["Metrics"][metric]["Amount"].as_str().expect("text").to_string();
    rows.iter()
        .map(|row| {
            (row["Keys"][0].as_str().expect("key").into(), (text(row, "UnblendedCost"), text(row, "UsageQuantity")))
        })
        .collect()
}

fn atto(text: &str) -> i128 {
    prices::parse(text, prices::DOLLAR).expect("a decimal")
}

#[test]
fn instance_hours_are_those_it_was_there() {
    let mut world = account(1);
    go(&mut world, "2026-01-22 00:00");
    told(&mut world, "rds", "StopDBInstance", json!({"DBInstanceIdentifier": "citizen-desk"}));
    go(&mut world, "2026-01-24 00:00");
    told(&mut world, "rds", "StartDBInstance", json!({"DBInstanceIdentifier": "citizen-desk"}));
    go(&mut world, "2026-01-26 12:00");
    let last = json!({"DBInstanceIdentifier": "citizen-desk", "SkipFinalSnapshot": true});
    told(&mut world, "rds", "DeleteDBInstance", last);
    go(&mut world, "2026-02-01 00:00");
    let from = calendar::hour(Time::parse("2026-01-20 00:00").expect("time"));
    let charges = bill::charges(&world, from, from + 24 * 20);
    let sum = |wanted: &str| -> i128 {
        charges.iter().filter(|charge| charge.usage_type.contains(wanted)).map(|charge| charge.micros).sum()
    };
    // Available from 6 minutes after its birth to the stop, and from 7 minutes after the start to the deletion; an hour's
    // millionths are cut once in each hour that it did not fill.
    let hours = (48 * 60 - 6) + (2 * 1440 + 12 * 60 - 7);
    let micros = i128::from(hours) * 1_000_000 / 60;
    assert!((sum("InstanceUsage:db.t4g.small") - micros).abs() <= 4, "{} {micros}", sum("InstanceUsage:db.t4g.small"));
    // Storage was charged while it was stopped, too: 6.5 days less the first six minutes, 20 GB, a month of 31 days.
    let storage = i128::from(156 * 60 - 6) * 20 * 1_000_000 / (60 * 744);
    assert!((sum("RDS:GP3-Storage") - storage).abs() <= 200, "{} {storage}", sum("RDS:GP3-Storage"));
    let none = calendar::hour(Time::parse("2026-01-27 00:00").expect("time"));
    assert!(charges.iter().all(|charge| charge.hour < none || !charge.usage_type.contains("db.t4g")));
}

#[test]
fn hours_add_up_and_every_meter_has_a_price() {
    let mut world = account(2);
    go(&mut world, "2026-03-02 07:00");
    let (from, to) = (calendar::hour(Time::parse("2026-02-03 00:00").expect("time")), calendar::hour(world.now));
    let whole = bill::charges(&world, from, to);
    assert!(whole.iter().all(|charge| !charge.unit.is_empty()), "a usage type is not in the price book");
    let sum = |charges: &[bill::Charge]| {
        let mut sums: BTreeMap<(String, i64), i128> = BTreeMap::new();
        for charge in charges {
            *sums.entry((charge.usage_type.to_string(), charge.hour)).or_default() += charge.attos;
        }
        sums
    };
    let mut pieces = Vec::new();
    for start in (from..to).step_by(37) {
        pieces.extend(bill::charges(&world, start, (start + 37).min(to)));
    }
    assert_eq!(sum(&whole), sum(&pieces));
    // Every meter says its usage types, and bills only those.
    for meter in SERVICES.iter().flat_map(|service| service.meters) {
        for used in (meter.read)(&world, from, to) {
            let said = |known: &str| match known.ends_with([':', '.']) {
                true => used.usage_type.starts_with(known),
                false => known == used.usage_type,
            };
            assert!(meter.usage_types.iter().any(|known| said(known)), "{} is not announced", used.usage_type);
        }
    }
}

#[test]
fn the_newest_hours_are_missing_and_what_was_shown_stays() {
    let mut world = account(3);
    let mut shown = i64::MIN;
    go(&mut world, "2026-02-10 00:00");
    let mut lags = BTreeSet::new();
    for _ in 0..200 {
        let next = world.now + Span::mins(53);
        world.advance_to(next);
        let until = bill::known_until(&world);
        let lag = calendar::hour(world.now) - until;
        assert!((7..=24).contains(&lag), "{lag} hours behind");
        assert!(until >= shown, "a refresh took something away");
        shown = until;
        lags.insert(lag);
    }
    assert!(lags.len() > 4, "{lags:?}");
    let body = usage(&mut world, "2026-02-10T00:00:00Z", "2026-02-18T00:00:00Z", "HOURLY", json!({})).body;
    for row in body["ResultsByTime"].as_array().expect("rows") {
        let start = Time::parse(row["TimePeriod"]["Start"].as_str().expect("text")).expect("time");
        let nothing = row["Total"]["UnblendedCost"]["Amount"] == "0";
        assert_eq!(nothing, calendar::hour(start) >= shown, "{start:?}");
        assert_eq!(row["Estimated"], true);
    }
}

#[test]
fn groups_and_filters_equal_sums_made_here() {
    let mut world = account(4);
    go(&mut world, "2026-03-02 07:00");
    let (from, to) = ("2026-02-01", "2026-02-28");
    let hours = (
        calendar::hour(Time::parse("2026-02-01 00:00").unwrap()),
        calendar::hour(Time::parse("2026-02-28 00:00").unwrap()),
    );
    let charges = bill::charges(&world, hours.0, hours.1);
    let by_type = groups(&usage(&mut world, from, to, "MONTHLY", by("USAGE_TYPE")).body);
    let mut own: BTreeMap<String, i128> = BTreeMap::new();
    for charge in &charges {
        *own.entry(charge.usage_type.to_string()).or_default() += charge.attos;
    }
    assert_eq!(by_type.keys().collect::<Vec<_>>(), own.keys().collect::<Vec<_>>());
    for (usage_type, (amount, _)) in &by_type {
        assert_eq!(*amount, prices::decimal(own[usage_type], prices::DOLLAR), "{usage_type}");
    }
    assert_eq!(by_type["APN2-NodeUsage:cache.t4g.small"], ("30.456".into(), "648".into()));
    // The total is the sum of the groups, whatever they are.
    let total = usage(&mut world, from, to, "MONTHLY", json!({})).body;
    let total = atto(total["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"].as_str().unwrap());
    let own: i128 = own.values().sum();
    assert!((total - own).abs() < 1_000_000_000, "{total} {own}");
    for key in ["SERVICE", "OPERATION", "REGION", "LINKED_ACCOUNT", "AZ"] {
        let sum: i128 =
            groups(&usage(&mut world, from, to, "MONTHLY", by(key)).body).values().map(|row| atto(&row.0)).sum();
        assert!((sum - own).abs() < 10_000_000_000, "{key}");
    }
    // Days sum to the month.
    let daily = usage(&mut world, from, to, "DAILY", json!({})).body;
    let days = daily["ResultsByTime"].as_array().unwrap();
    assert_eq!(days.len(), 27);
    let sum: i128 = days.iter().map(|day| atto(day["Total"]["UnblendedCost"]["Amount"].as_str().unwrap())).sum();
    assert!((sum - own).abs() < 10_000_000_000);
    // Filters.
    let cache = json!({"Dimensions": {"Key": "SERVICE", "Values": ["Amazon ElastiCache"]}});
    let one = groups(
        &usage(&mut world, from, to, "MONTHLY", json!({"Filter": cache, "GroupBy": by("USAGE_TYPE")["GroupBy"]})).body,
    );
    assert_eq!(one.keys().collect::<Vec<_>>(), ["APN2-NodeUsage:cache.t4g.small"]);
    let others = json!({"Not": cache});
    let rest = groups(
        &usage(&mut world, from, to, "MONTHLY", json!({"Filter": others, "GroupBy": by("USAGE_TYPE")["GroupBy"]})).body,
    );
    assert_eq!(one.len() + rest.len(), by_type.len());
    let owned = json!({"Tags": {"Key": "owner", "Values": ["desk"]}});
    let both = json!({"And": [owned, {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["Storage"], "MatchOptions": ["CONTAINS"]}}]});
    let stored = groups(
        &usage(&mut world, from, to, "MONTHLY", json!({"Filter": both, "GroupBy": by("USAGE_TYPE")["GroupBy"]})).body,
    );
    assert_eq!(stored.keys().collect::<Vec<_>>(), ["APN2-RDS:GP3-Storage"]);
    // Tags group, and what has none is there too.
    let tags =
        groups(&usage(&mut world, from, to, "MONTHLY", json!({"GroupBy": [{"Type": "TAG", "Key": "owner"}]})).body);
    assert_eq!(tags.keys().collect::<Vec<_>>(), ["owner$", "owner$desk"]);
    assert_eq!(tags["owner$"].0, "30.456");
}

#[test]
fn a_fix_bends_the_curve_and_rows_are_facts() {
    let mut world = account(5);
    go(&mut world, "2026-02-20 12:00");
    let last = json!({"ReplicationGroupId": "desk-sessions", "FinalSnapshotIdentifier": "desk-sessions-last"});
    told(&mut world, "elasticache", "DeleteReplicationGroup", last);
    go(&mut world, "2026-02-24 12:00");
    let answer = usage(&mut world, "2026-02-19", "2026-02-23", "DAILY", by("SERVICE"));
    let rows: Vec<f64> = answer.body["ResultsByTime"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| {
            let groups = day["Groups"].as_array().unwrap();
            let cache = groups.iter().find(|group| group["Keys"][0] == "Amazon ElastiCache");
            cache.map_or(0.0, |group| group["Metrics"]["UnblendedCost"]["Amount"].as_str().unwrap().parse().unwrap())
        })
        .collect();
    assert!((rows[0] - 24.0 * 0.047).abs() < 1e-9, "{rows:?}");
    assert!(rows[1] < rows[0] && rows[1] > 0.5 * rows[0], "{rows:?}");
    assert!(rows[2] < 0.01 && rows[2] > 0.0, "the snapshot costs a little: {rows:?}");
    let is = &answer.subjects.iter().find(|subject| subject.at == "/ResultsByTime/0/Groups/0").expect("a row").is;
    let Is::Row { table, fields, .. } = is else { panic!("{is:?}") };
    assert_eq!(
        (table.as_str(), fields["service"].as_str(), fields["amount"].as_str()),
        ("bill", "Amazon ElastiCache", "1.128")
    );
    assert!(answer.covers.iter().any(|cover| matches!(cover, Cover::Rows { table, .. } if table == "bill")));
}

#[test]
fn an_anomaly_is_where_the_bill_jumps_and_nowhere_else() {
    let mut world = account(6);
    go(&mut world, "2026-03-01 04:00");
    let quiet = json!({"DateInterval": {"StartDate": "2026-02-01", "EndDate": "2026-03-05"}});
    assert_eq!(told(&mut world, "ce", "GetAnomalies", quiet.clone())["Anomalies"], json!([]));
    told(
        &mut world,
        "rds",
        "ModifyDBInstance",
        json!({
            "DBInstanceIdentifier": "citizen-desk", "DBInstanceClass": "db.m6g.xlarge", "MultiAZ": true, "ApplyImmediately": true,
        }),
    );
    // Not yet in the bill.
    go(&mut world, "2026-03-01 08:00");
    assert_eq!(told(&mut world, "ce", "GetAnomalies", quiet.clone())["Anomalies"], json!([]));
    go(&mut world, "2026-03-04 12:00");
    let found = ask(&mut world, "ce", "GetAnomalies", quiet).expect("answered");
    let rows = found.body["Anomalies"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["DimensionValue"], "Amazon Relational Database Service");
    assert_eq!(rows[0]["AnomalyStartDate"], "2026-03-01T00:00:00Z");
    assert_eq!(rows[0]["RootCauses"][0]["UsageType"], "APN2-Multi-AZUsage:db.m6g.xlarge");
    let odd = anomaly::odd(&world, 0, i64::MAX / 8, &|_| true);
    assert!(odd.iter().all(|odd| odd.usage_type.contains("db.m6g.xlarge")), "{odd:?}");
    assert!(matches!(&found.subjects[0].is, Is::Row { table, .. } if table == "bill"));
    // A second one, and both a page at a time.
    go(&mut world, "2026-03-08 02:00");
    let make = json!({"ReplicationGroupId": "more", "ReplicationGroupDescription": "more", "NumCacheClusters": 3,
        "CacheNodeType": "cache.r6g.large", "Engine": "redis"});
    told(&mut world, "elasticache", "CreateReplicationGroup", make);
    go(&mut world, "2026-03-11 12:00");
    let mut asked = json!({"DateInterval": {"StartDate": "2026-02-01", "EndDate": "2026-03-12"}});
    let all = told(&mut world, "ce", "GetAnomalies", asked.clone())["Anomalies"].as_array().unwrap().clone();
    assert!(all.len() > 1, "{all:?}");
    asked["MaxResults"] = json!(1);
    let mut paged = Vec::new();
    loop {
        let page = told(&mut world, "ce", "GetAnomalies", asked.clone());
        assert_eq!(page["Anomalies"].as_array().map(Vec::len), Some(1));
        paged.push(page["Anomalies"][0].clone());
        match page.get("NextPageToken") {
            Some(token) => asked["NextPageToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(paged, all);
    asked["NextPageToken"] = json!("nonsense");
    assert_eq!(refused(&mut world, "ce", "GetAnomalies", asked).code, "InvalidNextTokenException");
}

#[test]
fn prices_begin_at_their_date_and_tiers_fill_by_the_month() {
    let hour = |text: &str| calendar::hour(Time::parse(text).expect("time"));
    let address = prices::of("ap-northeast-2", "Amazon Virtual Private Cloud", "PublicIPv4:InUseAddress");
    assert!(prices::at(address, hour("2024-01-31 23:00")).is_none());
    let price = prices::at(address, hour("2024-02-01 00:00")).expect("a price");
    assert_eq!(price.charge(0, prices::UNIT), prices::DOLLAR / 200);
    let nat = prices::at(prices::of("ap-northeast-2", "EC2 - Other", "NatGateway-Bytes"), hour("2026-03-01 00:00"));
    assert_eq!(prices::decimal(nat.expect("a price").charge(0, 2_700 * prices::UNIT), prices::DOLLAR), "159.3");
    let out = prices::at(prices::of("ap-northeast-2", "EC2 - Other", "DataTransfer-Out-Bytes"), 0).expect("a price");
    assert_eq!(out.charge(0, 100 * prices::UNIT), 0);
    assert_eq!(prices::decimal(out.charge(90 * prices::UNIT, 20 * prices::UNIT), prices::DOLLAR), "1.26");
    assert_eq!(prices::decimal(1, prices::DOLLAR), "0");
    assert_eq!(prices::decimal(-prices::DOLLAR / 8, prices::DOLLAR), "-0.125");
    assert_eq!((prices::prefix("ap-northeast-2"), prices::prefix("us-east-1")), ("APN2-", ""));
    for month in 1..=12 {
        let first = calendar::first(2024, month);
        assert_eq!(calendar::date(first), format!("2024-{month:02}-01"));
        assert_eq!((calendar::month(first), calendar::month(first - 1).1), ((2024, month), (month + 10) % 12 + 1));
    }
}

#[test]
fn cost_explorer_refuses_in_its_words() {
    let mut world = account(7);
    go(&mut world, "2026-03-02 07:00");
    let mut say = |from: &str, to: &str, by: &str, more: Value| {
        let mut input =
            json!({"TimePeriod": {"Start": from, "End": to}, "Granularity": by, "Metrics": ["UnblendedCost"]});
        for (key, value) in more.as_object().into_iter().flatten() {
            input[key] = value.clone();
        }
        let fault = refused(&mut world, "ce", "GetCostAndUsage", input);
        assert_eq!(fault.code, "ValidationException");
        fault.message
    };
    assert_eq!(
        say("2026-03-02", "2026-03-01", "DAILY", json!({})),
        "Start date (and hour) should be before end date (and hour)"
    );
    assert_eq!(
        say("03/01/26", "2026-03-01", "DAILY", json!({})),
        "Start time 03/01/26 is invalid. Valid format is: yyyy-MM-dd."
    );
    assert!(say("2026-03-01", "2026-03-02", "HOURLY", json!({})).ends_with("yyyy-MM-dd'T'HH:mm:ss'Z'."));
    assert!(
        say("2026-02-01T00:00:00Z", "2026-03-02T00:00:00Z", "HOURLY", json!({}))
            .contains("max supported days for hourly")
    );
    assert_eq!(say("2026-03-01", "2026-05-01", "DAILY", json!({})), "end date past the beginning of next month");
    assert!(say("2024-01-01", "2026-03-01", "MONTHLY", json!({})).contains("beyond 14 months"));
    assert!(
        say("2026-03-01", "2026-03-02", "DAILY", by("COLOUR")).starts_with("Group Definition dimension is invalid")
    );
    assert!(say("2026-03-01", "2026-03-02", "DAILY", json!({"Metrics": ["Happiness"]})).contains("Happiness"));
    assert!(say("2026-03-01", "2026-03-02", "DAILY", json!({"Filter": {}})).starts_with("Expression is empty"));
    let mut deep = json!({"Dimensions": {"Key": "SERVICE", "Values": ["x"]}});
    for _ in 0..60 {
        deep = json!({"Not": deep});
    }
    assert!(say("2026-03-01", "2026-03-02", "DAILY", json!({"Filter": deep})).contains("nested"));
    let mut young = World::new(1, Time::parse("2026-03-02 00:00").expect("time"));
    aws::describe(
        &mut young,
        &json!({"account": "1", "region": "ap-northeast-2"}),
        Time::parse("2026-03-02 00:00").unwrap(),
    );
    let forecast = json!({"TimePeriod": {"Start": "2026-03-02", "End": "2026-03-05"}, "Metric": "UNBLENDED_COST", "Granularity": "DAILY"});
    assert_eq!(refused(&mut young, "ce", "GetCostForecast", forecast).code, "DataUnavailableException");
}

#[test]
fn budgets_and_forecasts_follow_the_bill() {
    let mut world = account(8);
    let budget = json!({
        "AccountId": "123456789012",
        "Budget": {"BudgetName": "desk", "BudgetLimit": {"Amount": "20", "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"},
        "NotificationsWithSubscribers": [{"Notification": {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0}, "Subscribers": []}],
    });
    told(&mut world, "budgets", "CreateBudget", budget.clone());
    assert_eq!(refused(&mut world, "budgets", "CreateBudget", budget).code, "DuplicateRecordException");
    go(&mut world, "2026-02-15 12:00");
    let body = told(&mut world, "budgets", "DescribeBudgets", json!({"AccountId": "123456789012"}));
    let amount = |kind: &str| -> f64 {
        body["Budgets"][0]["CalculatedSpend"][kind]["Amount"].as_str().expect("text").parse().expect("a number")
    };
    // A small database, its storage and a cache node come to 2.11 dollars a day.
    let a_day = 24.0 * (0.037 + 0.047) + 20.0 * 0.131 / 28.0;
    assert!((amount("ActualSpend") / a_day - 14.0).abs() < 1.1, "{}", amount("ActualSpend"));
    assert!((amount("ForecastedSpend") / a_day - 28.0).abs() < 0.05, "{}", amount("ForecastedSpend"));
    let told_of = json!({"AccountId": "123456789012", "BudgetName": "desk"});
    let body = told(&mut world, "budgets", "DescribeNotificationsForBudget", told_of);
    assert_eq!(body["Notifications"][0]["NotificationState"], "ALARM");
    let ahead = json!({"TimePeriod": {"Start": "2026-02-16", "End": "2026-02-18"}, "Metric": "UNBLENDED_COST", "Granularity": "DAILY", "PredictionIntervalLevel": 80});
    let body = told(&mut world, "ce", "GetCostForecast", ahead);
    let mean: f64 = body["Total"]["Amount"].as_str().unwrap().parse().unwrap();
    assert!((mean / a_day - 2.0).abs() < 0.01, "{mean}");
}

#[test]
fn databases_live_as_the_service_says() {
    let mut world = account(9);
    let status = |world: &mut World| -> String {
        let body = told(world, "rds", "DescribeDBInstances", json!({"DBInstanceIdentifier": "citizen-desk"}));
        body["DBInstances"][0]["DBInstanceStatus"].as_str().expect("text").to_string()
    };
    let named = || json!({"DBInstanceIdentifier": "citizen-desk"});
    assert_eq!(status(&mut world), "creating");
    assert_eq!(
        refused(&mut world, "rds", "StopDBInstance", named()).message,
        "Instance citizen-desk is not in available state."
    );
    go(&mut world, "2026-01-21 00:00");
    assert_eq!(status(&mut world), "available");
    // A change waits for its window: Sunday 18:00.
    let change = json!({"DBInstanceIdentifier": "citizen-desk", "DBInstanceClass": "db.t4g.medium"});
    let body = told(&mut world, "rds", "ModifyDBInstance", change);
    assert_eq!(body["DBInstance"]["PendingModifiedValues"], json!({"DBInstanceClass": "db.t4g.medium"}));
    go(&mut world, "2026-01-25 18:01");
    assert_eq!(status(&mut world), "modifying");
    go(&mut world, "2026-01-25 18:30");
    let body = told(&mut world, "rds", "DescribeDBInstances", named());
    assert_eq!(body["DBInstances"][0]["DBInstanceClass"], "db.t4g.medium");
    // Stopped, it starts again by itself after seven days.
    told(&mut world, "rds", "StopDBInstance", named());
    go(&mut world, "2026-01-26 00:00");
    assert_eq!(status(&mut world), "stopped");
    go(&mut world, "2026-02-01 20:00");
    assert_eq!(status(&mut world), "available");
    assert_eq!(refused(&mut world, "rds", "DeleteDBInstance", named()).code, "InvalidParameterCombination");
    told(
        &mut world,
        "rds",
        "DeleteDBInstance",
        json!({"DBInstanceIdentifier": "citizen-desk", "FinalDBSnapshotIdentifier": "last"}),
    );
    go(&mut world, "2026-02-02 00:00");
    assert_eq!(refused(&mut world, "rds", "DescribeDBInstances", named()).code, "DBInstanceNotFound");
    assert_eq!(told(&mut world, "rds", "DescribeDBSnapshots", json!({}))["DBSnapshots"][0]["Status"], "available");
    let events = told(&mut world, "rds", "DescribeEvents", json!({"Duration": 20_160}));
    let said: Vec<&str> =
        events["Events"].as_array().unwrap().iter().filter_map(|event| event["Message"].as_str()).collect();
    assert!(said.iter().any(|say| say.contains("exceeding the maximum allowed time")), "{said:?}");
    assert_eq!(said.last(), Some(&"DB instance deleted"));
}

#[test]
fn costs_keep_the_tags_of_what_was_deleted() {
    let mut world = account(12);
    go(&mut world, "2026-01-22 12:00");
    let by_owner = json!({"GroupBy": [{"Type": "TAG", "Key": "owner"}]});
    let day = |world: &mut World| groups(&usage(world, "2026-01-21", "2026-01-22", "DAILY", by_owner.clone()).body);
    let before = day(&mut world);
    assert!(before.contains_key("owner$desk"), "{before:?}");
    let last = json!({"DBInstanceIdentifier": "citizen-desk", "SkipFinalSnapshot": true});
    told(&mut world, "rds", "DeleteDBInstance", last);
    go(&mut world, "2026-01-22 18:00");
    assert_eq!(day(&mut world), before);
}

#[test]
fn metrics_follow_state_and_load() {
    let mut world = account(10);
    go(&mut world, "2026-01-22 00:00");
    told(&mut world, "rds", "StopDBInstance", json!({"DBInstanceIdentifier": "citizen-desk"}));
    go(&mut world, "2026-01-23 00:00");
    let read = |service: &str, metric: &str, from: &str, to: &str| {
        let row = SERVICES.iter().find(|row| row.name == service).expect("a service");
        let source = &row.metrics[0];
        let key = (source.list)(&world).into_iter().find(|key| key.metric == metric).expect("a series");
        let minute = |text: &str| Time::parse(text).expect("time").0 / 60_000;
        (source.minutes)(&world, &key, minute(from), minute(to))
    };
    let connections = read("rds", "DatabaseConnections", "2026-01-21 00:00", "2026-01-21 23:59");
    assert_eq!(connections.len(), 1_440);
    assert!(connections.iter().all(|(_, minute)| minute.most == 3));
    // Nothing runs, so there is no data: a gap, not zero.
    assert!(read("rds", "CPUUtilization", "2026-01-22 01:00", "2026-01-22 23:59").is_empty());
    let hits = read("elasticache", "CacheHits", "2026-01-22 00:00", "2026-01-22 23:59");
    assert!(hits.len() == 1_440 && hits.iter().all(|(_, minute)| minute.sum == 0 && minute.count == 1));
    let own = read("elasticache", "CurrConnections", "2026-01-22 00:00", "2026-01-22 00:09");
    assert!(own.iter().all(|(_, minute)| minute.sum == 2), "only the service's own");
}

#[test]
fn tags_are_found_across_services() {
    let mut world = account(11);
    go(&mut world, "2026-01-21 00:00");
    let arn = "arn:aws:elasticache:ap-northeast-2:123456789012:replicationgroup:desk-sessions";
    told(
        &mut world,
        "elasticache",
        "AddTagsToResource",
        json!({"ResourceName": arn, "Tags": [{"Key": "owner", "Value": "nobody"}]}),
    );
    let found = told(&mut world, "resourcegroupstaggingapi", "GetResources", json!({"TagFilters": [{"Key": "owner"}]}));
    assert_eq!(found["ResourceTagMappingList"].as_array().unwrap().len(), 2);
    let one = told(&mut world, "resourcegroupstaggingapi", "GetResources", json!({"ResourceTypeFilters": ["rds:db"]}));
    assert_eq!(
        one["ResourceTagMappingList"][0]["ResourceARN"],
        "arn:aws:rds:ap-northeast-2:123456789012:db:citizen-desk"
    );
    let values = told(&mut world, "resourcegroupstaggingapi", "GetTagValues", json!({"Key": "owner"}));
    assert_eq!(values["TagValues"], json!(["desk", "nobody"]));
}

#[test]
fn every_operation_of_the_models_has_a_row() {
    for name in ["budgets", "ce", "elasticache", "rds", "resourcegroupstaggingapi"] {
        let service = SERVICES.iter().find(|service| service.name == name).expect("a service");
        let rows: Vec<&str> = service.operations.iter().map(|operation| operation.name).collect();
        let model: Vec<&String> = service.model().operations.keys().collect();
        assert_eq!(rows, model, "{name}");
    }
}

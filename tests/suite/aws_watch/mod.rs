//! CloudWatch, logs, CloudTrail, IAM and KMS.

use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws;
use whodunit::world::aws::call::{Answer, Caller, Fault, Is, Request};
use whodunit::world::aws::logs::Pattern;

mod acts;
mod rights;

const START: &str = "2026-03-02T09:00:00Z";

fn world() -> World {
    let start = Time::parse(START).unwrap();
    let mut world = World::new(7, start);
    let account = json!({ "account": "123456789012", "region": "ap-northeast-2" });
    assert!(aws::describe(&mut world, &account, start - Span::hours(24)).is_empty());
    world
}

fn by(world: &mut World, user: &str, service: &str, operation: &str, input: Value) -> Result<Answer, Fault> {
    let request = Request {
        service: service.into(),
        operation: operation.into(),
        input,
        caller: Caller { user: user.into(), arn: String::new() },
        region: "ap-northeast-2".into(),
        agent: "aws-cli".into(),
    };
    aws::handle(world, &request)
}

fn ask(world: &mut World, service: &str, operation: &str, input: Value) -> Answer {
    let what = format!("{operation} {input}");
    by(world, "learner", service, operation, input).unwrap_or_else(|fault| panic!("{what}: {fault:?}"))
}

fn told(world: &mut World, service: &str, operation: &str, input: Value) -> Value {
    ask(world, service, operation, input).body
}

fn refused(world: &mut World, service: &str, operation: &str, input: Value) -> (String, String) {
    let fault = by(world, "learner", service, operation, input).expect_err(operation);
    (fault.code, fault.message)
}

fn pass(world: &mut World, span: Span) {
    let until = world.now + span;
    world.advance_to(until);
}

fn whole(of: &str) -> String {
    format!("arn:aws:sqs:ap-northeast-2:123456789012:{of}")
}

// ---- metrics ------------------------------------------------------------------------------------------------------------

/// Reports a value of `Shop/Parcels` at so many minutes from now.
fn report(world: &mut World, minutes: i64, value: f64) {
    let at = (world.now + Span::mins(minutes)).0;
    let datum = json!({ "MetricName": "Parcels", "Timestamp": at, "Value": value, "Unit": "Count",
        "Dimensions": [{ "Name": "Depot", "Value": "north" }] });
    told(world, "cloudwatch", "PutMetricData", json!({ "Namespace": "Shop", "MetricData": [datum] }));
}

fn parcels(more: Value) -> Value {
    let mut input =
        json!({ "Namespace": "Shop", "MetricName": "Parcels", "Dimensions": [{ "Name": "Depot", "Value": "north" }] });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

fn points(world: &mut World, more: Value) -> Vec<(i64, f64)> {
    let now = world.now.0;
    let mut input =
        parcels(json!({ "StartTime": now - 3_600_000, "EndTime": now, "Period": 60, "Statistics": ["Sum"] }));
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    let body = told(world, "cloudwatch", "GetMetricStatistics", input);
    let mut out: Vec<(i64, f64)> = body["Datapoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| (point["Timestamp"].as_i64().unwrap(), point["Sum"].as_f64().unwrap()))
        .collect();
    out.sort_by(|a, b| a.partial_cmp(b).unwrap());
    out
}

#[test]
fn metrics_show_late_and_only_to_their_own_dimensions() {
    let world = &mut world();
    report(world, 0, 3.0);
    report(world, 0, 4.0);
    let at = world.now.0.div_euclid(60_000) * 60_000;
    pass(world, Span::mins(1));
    assert_eq!(points(world, json!({})), [], "a minute is visible a minute after its end at the earliest");
    assert_eq!(told(world, "cloudwatch", "ListMetrics", json!({ "Namespace": "Shop" }))["Metrics"], json!([]));
    pass(world, Span::mins(4));
    assert_eq!(points(world, json!({})), [(at, 7.0)]);
    for more in [
        json!({ "Dimensions": [] }),
        json!({ "Dimensions": [{ "Name": "Depot", "Value": "south" }] }),
        json!({ "Dimensions": [{ "Name": "Depot", "Value": "north" }, { "Name": "Van", "Value": "1" }] }),
        json!({ "MetricName": "parcels" }),
        json!({ "Unit": "Bytes" }),
    ] {
        assert_eq!(points(world, more.clone()), [], "{more}");
    }
    let now = world.now.0;
    let answer = ask(
        world,
        "cloudwatch",
        "GetMetricStatistics",
        parcels(json!({
        "StartTime": now - 3_600_000, "EndTime": now, "Period": 3_600, "ExtendedStatistics": ["p50"] })),
    );
    assert_eq!(answer.body["Datapoints"][0]["ExtendedStatistics"]["p50"], 3.0);
    assert!(matches!(&answer.subjects[0].is, Is::Metric { name, value, labels, .. }
        if name == "Shop/Parcels" && *value == 3.0 && labels["Depot"] == "north" && labels["stat"] == "p50"));
    assert_eq!(
        told(world, "cloudwatch", "ListMetrics", json!({ "Namespace": "Shop" }))["Metrics"].as_array().unwrap().len(),
        1
    );
    pass(world, Span::hours(24 * 15));
    assert_eq!(
        told(world, "cloudwatch", "ListMetrics", json!({ "Namespace": "Shop" }))["Metrics"],
        json!([]),
        "two weeks"
    );
    assert_eq!(points(world, json!({ "StartTime": at, "EndTime": at + 60_000 })), [], "a minute is kept fifteen days");
    assert_eq!(points(world, json!({ "StartTime": at, "EndTime": at + 300_000, "Period": 300 })), [(at, 7.0)]);
}

#[test]
fn too_much_is_refused_in_the_services_words() {
    let world = &mut world();
    let now = world.now.0;
    let day = 24 * 3_600_000;
    let refuse = |world: &mut World, more: Value| {
        let mut input = json!({ "StartTime": now - 14 * day, "EndTime": now, "Period": 60, "Statistics": ["Sum"] });
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        refused(world, "cloudwatch", "GetMetricStatistics", parcels(input))
    };
    assert_eq!(refuse(world, json!({})), ("InvalidParameterCombination".into(),
        "You have requested up to 20,160 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.".into()));
    assert_eq!(refuse(world, json!({ "Period": 90 })).1, "The parameter Period must be a multiple of 60.");
    assert_eq!(
        refuse(world, json!({ "EndTime": now - 15 * day })).1,
        "The parameter StartTime must be less than the parameter EndTime."
    );
    assert_eq!(refuse(world, json!({ "Statistics": [] })).0, "InvalidParameterCombination");
}

#[test]
fn expressions_are_evaluated_over_lines() {
    let world = &mut world();
    for (minutes, value) in [(-10, 10.0), (-9, 20.0), (-7, 40.0)] {
        report(world, minutes, value);
    }
    let now = world.now.0;
    let stat = json!({ "Metric": parcels(json!({})), "Period": 60, "Stat": "Sum" });
    let mut line = |expression: &str| {
        let queries =
            json!([{ "Id": "m1", "MetricStat": stat, "ReturnData": false }, { "Id": "e1", "Expression": expression }]);
        let input = json!({ "MetricDataQueries": queries, "StartTime": now - 600_000, "EndTime": now - 360_000, "ScanBy": "TimestampAscending" });
        match by(world, "learner", "cloudwatch", "GetMetricData", input) {
            Ok(answer) => answer.body["MetricDataResults"][0]["Values"].to_string(),
            Err(fault) => fault.message,
        }
    };
    assert_eq!(line("m1 * 2 + 1"), "[21.0,41.0,81.0]");
    assert_eq!(line("FILL(m1, 0)"), "[10.0,20.0,0.0,40.0]");
    assert_eq!(line("FILL(m1, REPEAT)"), "[10.0,20.0,20.0,40.0]");
    assert_eq!(line("RATE(m1)*60"), "[10.0,10.0]");
    assert_eq!(line("IF(m1 > 15, m1, 0)"), "[0.0,20.0,40.0]");
    assert_eq!(line("SUM([m1, m1])"), "[20.0,40.0,80.0]");
    assert_eq!(line("m1 / SUM(m1) * 70"), "[10.0,20.0,40.0]");
    assert_eq!(line("SEARCH('{Shop,Depot} MetricName=\"Parcels\" north', 'Sum', 60)"), "[10.0,20.0,40.0]");
    assert_eq!(line("m1 / 0"), "[]");
    assert_eq!(line("m2 + 1"), "Error in expression 'e1' [The id m2 is not the id of a metric or expression]");
    assert_eq!(line("m1 +"), "Error in expression 'e1' [Unexpected end of the expression]");
    assert_eq!(line("SUM(m1)"), "Error in expression 'e1' [The result must be a time series]");
    assert!(line(&"(".repeat(2_000)).starts_with("Error in expression"));
}

fn alarm(world: &mut World, more: Value) {
    let mut input = parcels(json!({ "AlarmName": "parcels", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3,
        "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold" }));
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    told(world, "cloudwatch", "PutMetricAlarm", input);
}

fn state(world: &mut World) -> Value {
    told(world, "cloudwatch", "DescribeAlarms", json!({ "AlarmNames": ["parcels"] }))["MetricAlarms"][0].clone()
}

/// The newest minute that the alarm's first evaluation looks at, before the time at which it is made.
fn first_window(world: &World) -> i64 {
    let mut probe = world.clone();
    for minutes in -20..0 {
        report(&mut probe, minutes, 9.0);
    }
    alarm(&mut probe, json!({}));
    pass(&mut probe, Span::mins(2));
    let data: Value = serde_json::from_str(state(&mut probe)["StateReasonData"].as_str().unwrap()).unwrap();
    let newest =
        Time::parse(&data["evaluatedDatapoints"][0]["timestamp"].as_str().unwrap().replace("+0000", "Z")).unwrap();
    (newest.0 - world.now.0.div_euclid(60_000) * 60_000) / 60_000
}

#[test]
fn missing_data_are_treated_as_the_guide_says() {
    // Data points oldest first over the evaluation range of five: X breaches, 0 does not, - is missing; with three
    // periods. The states for missing, ignore, breaching, notBreaching (CloudWatch User Guide, the two tables). What keeps
    // its state is a new alarm here.
    let keeps = "INSUFFICIENT_DATA";
    let table = [
        (3, "0-X-X", ["OK", "OK", "OK", "OK"]),
        (3, "----0", ["OK", "OK", "OK", "OK"]),
        (3, "-----", ["INSUFFICIENT_DATA", keeps, "ALARM", "OK"]),
        (3, "0XX-X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        (3, "--X--", ["ALARM", keeps, "ALARM", "OK"]),
        (3, "----X", [keeps, keeps, "ALARM", "OK"]),
        (2, "0-X-X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        (2, "00X0X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        (2, "0-X--", ["OK", "OK", "ALARM", "OK"]),
        (2, "----0", ["OK", "OK", "ALARM", "OK"]),
    ];
    let world = world();
    let newest = first_window(&world);
    for (to_alarm, pattern, states) in table {
        for (treat, expected) in ["missing", "ignore", "breaching", "notBreaching"].into_iter().zip(states) {
            let mut world = world.clone();
            for (back, point) in pattern.chars().rev().enumerate().filter(|(_, point)| *point != '-') {
                report(&mut world, newest - back as i64, if point == 'X' { 9.0 } else { 0.0 });
            }
            alarm(&mut world, json!({ "DatapointsToAlarm": to_alarm, "TreatMissingData": treat }));
            // One evaluation.
            let minute = world.now + Span::secs(60);
            let mut seen = state(&mut world);
            while seen["StateReason"] == "Unchecked: Initial alarm creation" && world.now < minute + Span::secs(59) {
                pass(&mut world, Span::secs(1));
                seen = state(&mut world);
            }
            assert_eq!(seen["StateValue"], expected, "{to_alarm} of 3, {pattern}, {treat}: {}", seen["StateReason"]);
        }
    }
}

#[test]
fn an_alarm_says_why_and_remembers() {
    let world = &mut world();
    alarm(world, json!({ "EvaluationPeriods": 1, "TreatMissingData": "notBreaching" }));
    assert_eq!(state(world)["StateReason"], "Unchecked: Initial alarm creation");
    pass(world, Span::mins(5));
    assert_eq!(
        state(world)["StateReason"],
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."
    );
    report(world, 0, 6.0);
    report(world, 1, 1.0);
    pass(world, Span::mins(10));
    let updates = json!({ "AlarmName": "parcels", "HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending" });
    let items = told(world, "cloudwatch", "DescribeAlarmHistory", updates)["AlarmHistoryItems"].clone();
    let reason = |at: usize| {
        let data: Value = serde_json::from_str(items[at]["HistoryData"].as_str().unwrap()).unwrap();
        data["newState"]["stateReason"].as_str().unwrap().to_string()
    };
    assert_eq!(
        reason(1),
        "Threshold Crossed: 1 out of the last 1 datapoints [6.0 (02/03/26 09:05:00)] was greater than the threshold \
         (5.0) (minimum 1 datapoint for OK -> ALARM transition)."
    );
    assert_eq!(
        reason(2),
        "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (02/03/26 09:06:00)] was not greater than the \
         threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition)."
    );
}

#[test]
fn an_alarm_is_set_by_hand_until_it_is_evaluated() {
    let world = &mut world();
    alarm(world, json!({ "EvaluationPeriods": 1, "TreatMissingData": "notBreaching" }));
    pass(world, Span::mins(5));
    // Set by hand until the next evaluation.
    told(
        world,
        "cloudwatch",
        "SetAlarmState",
        json!({ "AlarmName": "parcels", "StateValue": "ALARM", "StateReason": "test" }),
    );
    assert_eq!(state(world)["StateReason"], "test");
    pass(world, Span::mins(2));
    assert_eq!(state(world)["StateValue"], "OK");
    let history = told(
        world,
        "cloudwatch",
        "DescribeAlarmHistory",
        json!({ "AlarmName": "parcels", "ScanBy": "TimestampAscending" }),
    );
    let summaries: Vec<&str> = history["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["HistorySummary"].as_str().unwrap())
        .collect();
    assert_eq!(
        summaries,
        [
            "Alarm \"parcels\" created",
            "Alarm updated from INSUFFICIENT_DATA to OK",
            "Alarm updated from OK to ALARM",
            "Alarm updated from ALARM to OK"
        ]
    );
    alarm(world, json!({ "EvaluationPeriods": 2, "TreatMissingData": "missing" }));
    pass(world, Span::mins(2));
    assert_eq!(state(world)["StateReason"], "Insufficient Data: 2 datapoints were unknown.");
    let bad = parcels(
        json!({ "AlarmName": "x", "Statistic": "Sum", "Period": 3_600, "EvaluationPeriods": 200, "Threshold": 1.0,
        "ComparisonOperator": "LessThanThreshold" }),
    );
    assert_eq!(
        refused(world, "cloudwatch", "PutMetricAlarm", bad).1,
        "Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= 604800)."
    );
    assert_eq!(
        refused(
            world,
            "cloudwatch",
            "SetAlarmState",
            json!({ "AlarmName": "y", "StateValue": "OK", "StateReason": "" })
        )
        .0,
        "ResourceNotFound"
    );
}

#[test]
fn alarms_do_not_depend_on_when_they_are_looked_at() {
    let mut often = world();
    alarm(&mut often, json!({ "TreatMissingData": "missing" }));
    for minutes in [-3, -2, -1, 4, 5, 6, 30, 31, 32, 33] {
        report(&mut often, minutes, 6.0);
    }
    let mut once = often.clone();
    for _ in 0..50 {
        pass(&mut often, Span::mins(1));
        state(&mut often);
    }
    pass(&mut once, Span::mins(50));
    let history = |world: &mut World| told(world, "cloudwatch", "DescribeAlarmHistory", json!({}));
    let (a, b) = (history(&mut often), history(&mut once));
    assert_eq!(a, b);
    assert!(a["AlarmHistoryItems"].as_array().unwrap().len() > 3, "{a}");
}

fn queue(world: &mut World, name: &str, attributes: Value) -> String {
    let body = told(world, "sqs", "CreateQueue", json!({ "QueueName": name, "Attributes": attributes }));
    body["QueueUrl"].as_str().unwrap().to_string()
}

#[test]
fn an_alarm_on_sent_messages_sleeps_while_the_dead_letters_pile_up() {
    let world = &mut world();
    queue(world, "orders-dlq", json!({}));
    let redrive = json!({ "deadLetterTargetArn": whole("orders-dlq"), "maxReceiveCount": 1 }).to_string();
    let orders = queue(world, "orders", json!({ "RedrivePolicy": redrive, "VisibilityTimeout": "5" }));
    for (name, metric, statistic) in
        [("sent", "NumberOfMessagesSent", "Sum"), ("visible", "ApproximateNumberOfMessagesVisible", "Maximum")]
    {
        told(
            world,
            "cloudwatch",
            "PutMetricAlarm",
            json!({ "AlarmName": name, "Namespace": "AWS/SQS", "MetricName": metric,
            "Dimensions": [{ "Name": "QueueName", "Value": "orders-dlq" }], "Statistic": statistic, "Period": 60, "EvaluationPeriods": 1,
            "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching" }),
        );
    }
    pass(world, Span::mins(2));
    for _ in 0..20 {
        told(world, "sqs", "SendMessage", json!({ "QueueUrl": orders, "MessageBody": "poison" }));
        told(world, "sqs", "ReceiveMessage", json!({ "QueueUrl": orders }));
        pass(world, Span::secs(20));
        told(world, "sqs", "ReceiveMessage", json!({ "QueueUrl": orders }));
    }
    pass(world, Span::mins(5));
    let alarms = told(world, "cloudwatch", "DescribeAlarms", json!({}));
    let states: Vec<&Value> =
        alarms["MetricAlarms"].as_array().unwrap().iter().map(|alarm| &alarm["StateValue"]).collect();
    assert_eq!(states, ["OK", "ALARM"], "{alarms}");
    let history = told(
        world,
        "cloudwatch",
        "DescribeAlarmHistory",
        json!({ "AlarmName": "sent", "HistoryItemType": "StateUpdate" }),
    );
    assert_eq!(history["AlarmHistoryItems"].as_array().unwrap().len(), 1, "it never fired");
}

// ---- logs ---------------------------------------------------------------------------------------------------------------

#[test]
fn patterns_fit_as_the_guide_says() {
    let table = [
        ("", "anything", true),
        ("ERROR", "09:00 ERROR handler", true),
        ("ERROR", "09:00 ERRORS handler", false),
        ("error", "ERROR", false),
        ("ERROR handler", "handler ERROR", true),
        ("ERROR -timeout", "ERROR timeout", false),
        ("?ERROR ?WARN", "WARN low", true),
        ("?ERROR ?WARN", "INFO", false),
        ("\"Task timed out\"", "x Task timed out after 3.00 seconds", true),
        ("%5[0-9]{2}%", "status 503", true),
        ("{ $.status = \"FAILURE\" }", "{\"status\":\"FAILURE\"}", true),
        ("{ $.status = FAIL* }", "{\"status\":\"FAILURE\"}", true),
        ("{ $.status != \"FAILURE\" }", "{\"status\":\"FAILURE\"}", false),
        ("{ $.a.b[1] > 3 && ($.c IS TRUE || $.d NOT EXISTS) }", "{\"a\":{\"b\":[1,4]},\"c\":false}", true),
        ("{ $.a >= 4 }", "{\"a\":\"3\"}", false),
        ("{ $.a IS NULL }", "{\"a\":null}", true),
        ("{ $.a = 1 }", "not json", false),
        ("[ip, user, status = 4*, bytes > 10]", "1.2.3.4 - 404 11", true),
        ("[ip, user, status = 4*, bytes]", "1.2.3.4 - 200 11", false),
        ("[ip, ..., bytes]", "1.2.3.4 [02/Mar/2026 09:00] \"GET / HTTP\" 11", true),
        ("[ip, bytes]", "1.2.3.4 - 11", false),
    ];
    for (pattern, text, fits) in table {
        assert_eq!(Pattern::read(pattern).unwrap().fits(text), fits, "{pattern} on {text}");
    }
    for (pattern, say) in [
        ("timed-out", "Invalid character(s) in term 'timed-out'"),
        ("{ $.a = }", "Invalid filter pattern"),
        ("{ a = 1 }", "Invalid filter pattern"),
        ("[a, ..., b, ...]", "Invalid filter pattern"),
        ("\"open", "Invalid filter pattern"),
    ] {
        assert_eq!(Pattern::read(pattern).unwrap_err(), say, "{pattern}");
    }
}

/// A topic whose deliveries to a queue without a policy fail and are logged.
fn failing() -> (World, &'static str) {
    let mut world = world();
    let w = &mut world;
    queue(w, "orders", json!({}));
    let topic = told(w, "sns", "CreateTopic", json!({ "Name": "order-events" }))["TopicArn"].clone();
    for (name, value) in [
        ("SQSFailureFeedbackRoleArn", "arn:aws:iam::123456789012:role/sns-logs"),
        ("SQSSuccessFeedbackSampleRate", "100"),
    ] {
        told(
            w,
            "sns",
            "SetTopicAttributes",
            json!({ "TopicArn": topic, "AttributeName": name, "AttributeValue": value }),
        );
    }
    told(w, "sns", "Subscribe", json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": whole("orders") }));
    for _ in 0..5 {
        told(w, "sns", "Publish", json!({ "TopicArn": topic, "Message": "order" }));
        pass(w, Span::mins(1));
    }
    pass(w, Span::mins(1));
    (world, "sns/ap-northeast-2/123456789012/order-events/Failure")
}

#[test]
fn events_are_filtered_and_queried() {
    let (mut world, group) = failing();
    let w = &mut world;
    let found = ask(
        w,
        "logs",
        "FilterLogEvents",
        json!({ "logGroupName": group, "filterPattern": "{ $.delivery.statusCode = 403 }" }),
    );
    assert_eq!(found.body["events"].as_array().unwrap().len(), 5);
    assert_eq!(found.subjects.iter().filter(|subject| matches!(subject.is, Is::Record(_))).count(), 5);
    let none = told(
        w,
        "logs",
        "FilterLogEvents",
        json!({ "logGroupName": group, "filterPattern": "{ $.delivery.statusCode = 200 }" }),
    );
    assert_eq!(none["events"], json!([]));
    let first = told(w, "logs", "FilterLogEvents", json!({ "logGroupName": group, "limit": 3 }));
    let rest = told(
        w,
        "logs",
        "FilterLogEvents",
        json!({ "logGroupName": group, "limit": 3, "nextToken": first["nextToken"] }),
    );
    assert_eq!((first["events"].as_array().unwrap().len(), rest["events"].as_array().unwrap().len()), (3, 2));
    let (code, message) = refused(w, "logs", "FilterLogEvents", json!({ "logGroupName": "none" }));
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ResourceNotFoundException", "The specified log group does not exist.")
    );
}

#[test]
fn queries_run_for_seconds_and_say_what_they_found() {
    let (mut world, group) = failing();
    let w = &mut world;
    let mut query = |text: &str| {
        let (from, to) = (w.now.0 / 1_000 - 3_600, w.now.0 / 1_000);
        let input = json!({ "logGroupName": group, "startTime": from, "endTime": to, "queryString": text });
        let started = match by(w, "learner", "logs", "StartQuery", input) {
            Ok(answer) => answer.body,
            Err(fault) => return format!("{}: {}", fault.code, fault.message),
        };
        let running = told(w, "logs", "GetQueryResults", started.clone());
        assert_eq!(running["status"], "Running");
        pass(w, Span::secs(5));
        let body = told(w, "logs", "GetQueryResults", started);
        assert_eq!(body["status"], "Complete");
        let row = |row: &Value| {
            row.as_array()
                .unwrap()
                .iter()
                .filter(|cell| cell["field"] != "@ptr")
                .map(|cell| cell["value"].as_str().unwrap().to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        body["results"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("|")
    };
    assert_eq!(query("stats count(*) as n by status"), "FAILURE 5");
    assert_eq!(query("filter delivery.statusCode != 403 | stats count(*)"), "0");
    assert_eq!(
        query("fields status, delivery.attempts * 2 as twice | sort @timestamp desc | limit 2"),
        "FAILURE 2|FAILURE 2"
    );
    assert_eq!(
        query("filter @message like /AccessDenied/ | stats count(*) as n, max(delivery.statusCode) by bin(1h)"),
        "2026-03-02 09:00:00.000 5 403"
    );
    assert_eq!(query("parse @message '\"statusCode\":*}' as code | dedup status | display status"), "FAILURE");
    assert_eq!(query("filtr x = 1"), "MalformedQueryException: unexpected symbol found filtr at line 1 and position 1");
    assert_eq!(query("stats nothing(*)"), "MalformedQueryException: Invalid function name: nothing");
    assert!(query("fields @message | ").starts_with("MalformedQueryException: unexpected end of query"));
    assert!(query(&"(".repeat(5_000)).starts_with("MalformedQueryException"));
    told(w, "logs", "PutRetentionPolicy", json!({ "logGroupName": group, "retentionInDays": 1 }));
    pass(w, Span::hours(25));
    assert_eq!(
        told(w, "logs", "FilterLogEvents", json!({ "logGroupName": group }))["events"],
        json!([]),
        "a day has passed"
    );
    assert!(
        refused(w, "logs", "PutRetentionPolicy", json!({ "logGroupName": group, "retentionInDays": 2 }))
            .1
            .contains("enum value set: [1, 3, 5,")
    );
}

// ---- trail --------------------------------------------------------------------------------------------------------------

#[test]
fn the_trail_is_five_to_fifteen_minutes_late_and_says_what_was_asked() {
    let world = &mut world();
    let url = queue(world, "orders", json!({}));
    rights::role(world, "iac-runner", json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": "*" }));
    pass(world, Span::hours(1));
    let set = json!({ "QueueUrl": url, "Attributes": { "VisibilityTimeout": "60" } });
    by(world, "iac-runner", "sqs", "SetQueueAttributes", set).unwrap();
    let denied = by(world, "iac-runner", "kms", "CreateKey", json!({})).unwrap_err();
    told(world, "sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": "x" }));
    let done = world.now;
    let mine = json!({ "LookupAttributes": [{ "AttributeKey": "Username", "AttributeValue": "iac-runner" }] });
    pass(world, Span::secs(299));
    assert_eq!(told(world, "cloudtrail", "LookupEvents", mine.clone())["Events"], json!([]));
    pass(world, Span::mins(11));
    let answer = ask(world, "cloudtrail", "LookupEvents", mine);
    let names: Vec<&str> =
        answer.body["Events"].as_array().unwrap().iter().map(|event| event["EventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["CreateKey", "SetQueueAttributes"], "the newest first; data events are not there");
    let event = &answer.body["Events"][1];
    assert_eq!(event["Resources"], json!([{ "ResourceType": "AWS::SQS::Queue", "ResourceName": "orders" }]));
    let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["requestParameters"]["queueUrl"], url);
    assert_eq!(record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "iac-runner");
    assert_eq!(record["eventSource"], "sqs.amazonaws.com");
    let refused_one: Value =
        serde_json::from_str(answer.body["Events"][0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(refused_one["errorCode"], denied.code);
    assert!(matches!(&answer.subjects[1].is, Is::Deed { who, verb, name, at, .. }
        if who == "iac-runner" && verb == "SetQueueAttributes" && name == "orders" && *at == done));
    let key = json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": "CreateQueue" }] });
    assert_eq!(told(world, "cloudtrail", "LookupEvents", key)["Events"].as_array().unwrap().len(), 1);
    let page = told(world, "cloudtrail", "LookupEvents", json!({ "MaxResults": 2 }));
    assert_eq!(page["Events"].as_array().unwrap().len(), 2);
    let next = told(world, "cloudtrail", "LookupEvents", json!({ "MaxResults": 2, "NextToken": page["NextToken"] }));
    assert_ne!(page["Events"][0]["EventId"], next["Events"][0]["EventId"]);
}

#[test]
fn every_operation_has_its_row() {
    for name in ["cloudtrail", "cloudwatch", "iam", "kms", "logs", "sts"] {
        let service = aws::service::find(name).unwrap();
        let rows: Vec<&str> = service.operations.iter().map(|row| row.name).collect();
        let known: Vec<&str> = service.model().operations.keys().map(String::as_str).collect();
        assert_eq!(rows, known, "{name}");
    }
}

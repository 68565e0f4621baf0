//! Lambda, API Gateway and SES.

use crate::aws_messages::Desk;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::aws::lambda;
use whodunit::world::aws::post;
use whodunit::world::aws::service;

mod gateway;
mod mail;
mod vpc;

/// What the code of these tests' functions does.
fn programs() -> Value {
    json!({
        "slow": { "init": "300ms", "memory": 60, "steps": [{ "is": "compute", "takes": "4s" }] },
        "quick": {
            "init": "300ms", "memory": 60,
            "lines": { "done": { "level": "INFO", "text": "worked ms={ms}" } },
            "steps": [{ "is": "compute", "takes": "100ms", "line": "done" }],
        },
        "big": { "init": "12s", "memory": 60, "steps": [{ "is": "compute", "takes": "100ms" }] },
        "fails": { "init": "300ms", "memory": 60, "steps": [{ "is": "refuse", "error": "no such thing" }] },
        "picky": { "init": "300ms", "memory": 60, "steps": [{ "is": "refuse", "per_mille": 400, "error": "not this one" }] },
        "tells": { "reply": "{\"stored\": {status}, \"by\": \"{id}\"}", "steps": [{ "is": "compute", "takes": "10ms" }] },
        "words": { "reply": "nothing to do", "steps": [{ "is": "compute", "takes": "10ms" }] },
        "hungry": { "init": "300ms", "memory": 300, "steps": [{ "is": "compute", "takes": "1s" }] },
    })
}

fn desk() -> Desk {
    let mut desk = Desk::new(7);
    let problems = lambda::describe(&mut desk.world, &programs());
    assert!(problems.is_empty(), "{problems:?}");
    desk
}

/// Makes a function of that program, and waits until it is there.
pub fn function(desk: &mut Desk, name: &str, more: Value) {
    let mut input = json!({
        "FunctionName": name, "Runtime": "python3.12", "Role": "arn:aws:iam::123456789012:role/fn",
        "Handler": "app.handler", "Code": { "S3Bucket": "code", "S3Key": format!("{name}/1.0.0.zip") },
    });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    desk.workshop();
    desk.ask("lambda", "CreateFunction", input).unwrap();
    desk.wait(Span::mins(1));
}

/// Lambda Developer Guide, "Execution role": its trust has to name the service. Code has to be in a bucket that is there.
#[test]
fn a_function_needs_a_role_that_lambda_may_assume_and_code_that_is_there() {
    let mut desk = Desk::new(7);
    let make = |desk: &mut Desk, role: &str, bucket: &str| {
        let input = json!({
            "FunctionName": "tried", "Runtime": "python3.12", "Role": format!("arn:aws:iam::123456789012:role/{role}"),
            "Handler": "app.handler", "Code": { "S3Bucket": bucket, "S3Key": "tried.zip" },
        });
        desk.ask("lambda", "CreateFunction", input).map(drop)
    };
    let refused = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.";
    assert_eq!(make(&mut desk, "fn", "code"), Err(refused.to_string()));
    desk.workshop();
    let gone = "InvalidParameterValueException: Error occurred while GetObject. S3 Error Code:";
    let no_bucket = format!("{gone} NoSuchBucket. S3 Error Message: The specified bucket does not exist");
    assert_eq!(make(&mut desk, "fn", "nowhere"), Err(no_bucket));
    let no_key = format!("{gone} NoSuchKey. S3 Error Message: The specified key does not exist.");
    assert_eq!(make(&mut desk, "fn", "code"), Err(no_key));
    desk.ask("s3api", "PutObject", json!({ "Bucket": "code", "Key": "tried.zip" })).unwrap();
    assert_eq!(make(&mut desk, "fn", "code"), Ok(()));
    let update = json!({ "FunctionName": "tried", "Role": "arn:aws:iam::123456789012:role/nobody" });
    desk.wait(Span::mins(1));
    assert_eq!(desk.ask("lambda", "UpdateFunctionConfiguration", update).unwrap_err(), refused);
}

fn invoke(desk: &mut Desk, name: &str) -> (Value, Value, String) {
    let body = desk.ask("lambda", "Invoke", json!({ "FunctionName": name, "LogType": "Tail" })).unwrap();
    let decode = |value: &Value| String::from_utf8(STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap();
    let payload = serde_json::from_str(&decode(&body["Payload"])).unwrap();
    (body.clone(), payload, decode(&body["LogResult"]))
}

fn sum(desk: &Desk, metric: &str, function: &str) -> i64 {
    let all = desk.world.aws.tally.series();
    let fits = |key: &&whodunit::world::aws::tally::Key| {
        key.metric == metric && key.dimensions.first().is_some_and(|(_, value)| **value == *function)
    };
    let minutes = all.filter(|(key, _)| fits(key)).map(|(_, minutes)| minutes);
    minutes.flat_map(|minutes| minutes.values()).map(|minute| minute.sum).sum()
}

#[test]
fn the_default_timeout_is_three_seconds_and_kills() {
    let mut desk = desk();
    function(&mut desk, "slow", json!({}));
    let (body, payload, log) = invoke(&mut desk, "slow");
    assert_eq!(body["FunctionError"], "Unhandled");
    let said = payload["errorMessage"].as_str().unwrap();
    assert!(said.ends_with(" Task timed out after 3.00 seconds"), "{said}");
    assert!(log.contains("Task timed out after 3.00 seconds"), "{log}");
    let report = log.lines().find(|line| line.starts_with("REPORT ")).unwrap();
    assert!(report.contains("\tDuration: 3000.00 ms\t"), "{report}");
    assert!(report.contains("\tMemory Size: 128 MB\tMax Memory Used: 60 MB\t"), "{report}");
    assert!(report.ends_with("\tStatus: timeout"), "{report}");
    desk.wait(Span::mins(1));
    assert_eq!((sum(&desk, "Invocations", "slow"), sum(&desk, "Errors", "slow")), (1, 1));
}

#[test]
fn a_cold_start_is_told_and_charged_and_a_warm_one_is_not() {
    let mut desk = desk();
    function(&mut desk, "quick", json!({}));
    let (_, _, cold) = invoke(&mut desk, "quick");
    assert!(cold.starts_with("INIT_START Runtime Version: python:3.12."), "{cold}");
    assert!(cold.contains("Init Duration: 300."), "{cold}");
    let billed = |log: &str| {
        let after = log.split("Billed Duration: ").nth(1).unwrap();
        after.split(' ').next().unwrap().parse::<i64>().unwrap()
    };
    desk.wait(Span::secs(30));
    let (_, _, warm) = invoke(&mut desk, "quick");
    assert!(!warm.contains("INIT_START") && !warm.contains("Init Duration"), "{warm}");
    assert_eq!(billed(&cold) - billed(&warm), 301);
    // An environment that nobody uses goes.
    desk.wait(Span::mins(20));
    let (_, _, again) = invoke(&mut desk, "quick");
    assert!(again.contains("INIT_START"), "{again}");
    // A change of the configuration makes new environments.
    let input = json!({ "FunctionName": "quick", "MemorySize": 256 });
    desk.ask("lambda", "UpdateFunctionConfiguration", input.clone()).unwrap();
    let fault = desk.ask("lambda", "UpdateFunctionConfiguration", input).unwrap_err();
    assert!(fault.starts_with("ResourceConflictException: The operation cannot be performed at this time."), "{fault}");
    desk.wait(Span::secs(10));
    let (_, _, changed) = invoke(&mut desk, "quick");
    assert!(changed.contains("INIT_START") && changed.contains("Memory Size: 256 MB"), "{changed}");
}

#[test]
fn a_set_up_of_more_than_ten_seconds_is_done_again_inside_the_invocation() {
    let mut desk = desk();
    function(&mut desk, "big", json!({ "Timeout": 30 }));
    let (body, _, log) = invoke(&mut desk, "big");
    assert!(body.get("FunctionError").is_none());
    assert!(log.contains("INIT_REPORT Init Duration: 9999."), "{log}");
    assert!(log.contains("\tPhase: init\tStatus: timeout"), "{log}");
    assert!(log.contains("\tDuration: 12100."), "{log}");
    // With the usual timeout it never gets there.
    desk.ask("lambda", "UpdateFunctionConfiguration", json!({ "FunctionName": "big", "Timeout": 3 })).unwrap();
    desk.wait(Span::secs(10));
    assert_eq!(invoke(&mut desk, "big").0["FunctionError"], "Unhandled");
}

/// What a handler returns is what its program's description says.
#[test]
fn a_function_answers_what_its_program_returns() {
    let mut desk = desk();
    for name in ["tells", "words"] {
        function(&mut desk, name, json!({}));
    }
    let (body, payload, log) = invoke(&mut desk, "tells");
    assert!(body.get("FunctionError").is_none());
    assert_eq!(payload["stored"], 200);
    assert!(log.contains(payload["by"].as_str().unwrap()), "{log}");
    assert_eq!(invoke(&mut desk, "words").1, json!("nothing to do"));
}

#[test]
fn memory_that_is_not_there_kills() {
    let mut desk = desk();
    function(&mut desk, "hungry", json!({ "MemorySize": 256 }));
    let (_, payload, log) = invoke(&mut desk, "hungry");
    assert_eq!(payload["errorType"], "Runtime.ExitError");
    assert!(log.contains("Max Memory Used: 256 MB"), "{log}");
}

#[test]
fn reserved_concurrency_throttles_and_a_throttle_is_no_error() {
    let mut desk = desk();
    function(&mut desk, "slow", json!({ "Timeout": 10 }));
    let input = json!({ "FunctionName": "slow", "ReservedConcurrentExecutions": 2 });
    desk.ask("lambda", "PutFunctionConcurrency", input).unwrap();
    for _ in 0..2 {
        invoke(&mut desk, "slow");
    }
    let fault = desk.ask("lambda", "Invoke", json!({ "FunctionName": "slow" })).unwrap_err();
    assert_eq!(fault, "TooManyRequestsException: Rate Exceeded.");
    desk.wait(Span::mins(1));
    let counts = ["Invocations", "Errors", "Throttles"].map(|metric| sum(&desk, metric, "slow"));
    assert_eq!(counts, [2, 0, 1]);
    // A hundred executions stay unreserved (Lambda quotas).
    let input = json!({ "FunctionName": "slow", "ReservedConcurrentExecutions": 901 });
    let fault = desk.ask("lambda", "PutFunctionConcurrency", input).unwrap_err();
    assert!(fault.contains("below its minimum value of [100]"), "{fault}");
}

#[test]
fn an_event_that_fails_is_tried_three_times_and_goes_to_the_dead_letter_queue() {
    let mut desk = desk();
    let queue = desk.queue("dead", json!({}));
    let dead = json!({ "TargetArn": "arn:aws:sqs:ap-northeast-2:123456789012:dead" });
    function(&mut desk, "fails", json!({ "DeadLetterConfig": dead }));
    let payload = STANDARD.encode("{\"order\": \"ord-12345\"}");
    let input = json!({ "FunctionName": "fails", "InvocationType": "Event", "Payload": payload });
    assert_eq!(desk.ask("lambda", "Invoke", input).unwrap()["StatusCode"], 202);
    // One minute, then two (Lambda Developer Guide).
    for (after, tried) in [(Span::secs(55), 1), (Span::secs(10), 2), (Span::secs(110), 2), (Span::secs(20), 3)] {
        desk.wait(after);
        assert_eq!(sum(&desk, "Errors", "fails"), tried);
    }
    assert_eq!(desk.bodies(&queue), ["{\"order\": \"ord-12345\"}"]);
    assert_eq!(sum(&desk, "AsyncEventsDropped", "fails"), 0);
}

#[test]
fn a_destination_gets_a_record_and_without_one_the_event_is_gone() {
    let mut desk = desk();
    let queue = desk.queue("failed", json!({}));
    function(&mut desk, "fails", json!({}));
    let input = json!({
        "FunctionName": "fails", "MaximumRetryAttempts": 0,
        "DestinationConfig": { "OnFailure": { "Destination": "arn:aws:sqs:ap-northeast-2:123456789012:failed" } },
    });
    desk.ask("lambda", "PutFunctionEventInvokeConfig", input).unwrap();
    let event = json!({ "FunctionName": "fails", "InvocationType": "Event", "Payload": STANDARD.encode("{\"n\": 1}") });
    desk.ask("lambda", "Invoke", event.clone()).unwrap();
    desk.wait(Span::secs(10));
    let record: Value = serde_json::from_str(&desk.bodies(&queue)[0]).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestPayload"]["n"], 1);
    desk.ask("lambda", "DeleteFunctionEventInvokeConfig", json!({ "FunctionName": "fails" })).unwrap();
    desk.ask("lambda", "Invoke", event).unwrap();
    desk.wait(Span::mins(5));
    assert_eq!(sum(&desk, "AsyncEventsDropped", "fails"), 1);
}

/// A queue with messages that name orders, and a function that reads it.
fn mapped(desk: &mut Desk, name: &str, messages: u32, more: Value) -> String {
    let dead = desk.queue("work-dlq", json!({}));
    let redrive =
        "{\"deadLetterTargetArn\":\"arn:aws:sqs:ap-northeast-2:123456789012:work-dlq\",\"maxReceiveCount\":3}";
    let queue = desk.queue("work", json!({ "VisibilityTimeout": "30", "RedrivePolicy": redrive }));
    function(desk, name, json!({}));
    let mut input = json!({ "FunctionName": name, "EventSourceArn": "arn:aws:sqs:ap-northeast-2:123456789012:work" });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    desk.ask("lambda", "CreateEventSourceMapping", input).unwrap();
    desk.wait(Span::mins(1));
    for n in 0..messages {
        desk.send(&queue, &format!("message {n}"));
    }
    desk.wait(Span::mins(10));
    assert_eq!(post::fates(&desk.world).wrong(), Vec::<String>::new());
    dead
}

#[test]
fn a_mapping_deletes_what_was_done() {
    let mut desk = desk();
    mapped(&mut desk, "quick", 200, json!({}));
    let fates = post::fates(&desk.world);
    let work = fates.queues.iter().find(|fate| fate.queue.ends_with(":work")).unwrap();
    assert_eq!((work.places.deleted, work.visible + work.in_flight), (200, 0));
    // Batches of at most ten.
    assert!(sum(&desk, "Invocations", "quick") >= 20);
}

#[test]
fn without_item_failures_one_bad_message_takes_the_batch_with_it() {
    let bad = |more: Value| {
        let mut desk = desk();
        mapped(&mut desk, "picky", 100, more);
        let fates = post::fates(&desk.world);
        let work = fates.queues.iter().find(|fate| fate.queue.ends_with(":work")).unwrap();
        assert_eq!(work.places.deleted + work.places.redriven, 100);
        (work.places.redriven, sum(&desk, "Errors", "picky"))
    };
    let (whole, errors) = bad(json!({}));
    let (single, none) = bad(json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] }));
    assert!(whole > 3 * single, "{whole} with whole batches, {single} one by one");
    assert!(errors > 0 && none == 0, "{errors} {none}");
}

#[test]
fn a_mapping_wants_a_visibility_timeout_as_long_as_the_functions() {
    let mut desk = desk();
    desk.queue("short", json!({ "VisibilityTimeout": "10" }));
    function(&mut desk, "quick", json!({ "Timeout": 60 }));
    let input = json!({ "FunctionName": "quick", "EventSourceArn": "arn:aws:sqs:ap-northeast-2:123456789012:short" });
    let fault = desk.ask("lambda", "CreateEventSourceMapping", input).unwrap_err();
    let said = "InvalidParameterValueException: Queue visibility timeout: 10 seconds is less than Function timeout: 60 seconds";
    assert_eq!(fault, said);
}

/// Every line of a function's log group.
fn lines(desk: &Desk, name: &str) -> Vec<String> {
    let source = &service::find("lambda").unwrap().logs[0];
    let now = desk.world.now;
    let records = (source.records)(&desk.world, &format!("/aws/lambda/{name}"), Time(0), now);
    records.into_iter().map(|record| record.text).collect()
}

#[test]
fn the_bill_is_the_sum_of_the_reports() {
    let mut desk = desk();
    mapped(&mut desk, "picky", 150, json!({}));
    for _ in 0..7 {
        invoke(&mut desk, "picky");
        desk.wait(Span::mins(7));
    }
    let after = |line: &str, mark: &str| -> i128 {
        line.split(mark).nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    let reports: Vec<String> = lines(&desk, "picky").into_iter().filter(|line| line.starts_with("REPORT ")).collect();
    let mb_ms: i128 = reports.iter().map(|line| after(line, "Billed Duration: ") * after(line, "Memory Size: ")).sum();
    let used: Vec<_> = (service::find("lambda").unwrap().meters[0].read)(&desk.world, 0, i64::MAX);
    let sum = |usage: &str| used.iter().filter(|row| row.usage_type == usage).map(|row| row.micros).sum::<i128>();
    assert_eq!(sum("Request"), reports.len() as i128 * 1_000_000);
    assert_eq!(sum("Lambda-GB-Second"), mb_ms * 1_000 / 1_024);
}

#[test]
fn what_one_waits_for_in_steps_comes_out_the_same() {
    let run = |step: Span| {
        let mut desk = desk();
        let queue = desk.queue("work", json!({ "VisibilityTimeout": "30" }));
        function(&mut desk, "picky", json!({}));
        let input =
            json!({ "FunctionName": "picky", "EventSourceArn": "arn:aws:sqs:ap-northeast-2:123456789012:work" });
        desk.ask("lambda", "CreateEventSourceMapping", input).unwrap();
        desk.ask(
            "lambda",
            "PutFunctionConcurrency",
            json!({ "FunctionName": "picky", "ReservedConcurrentExecutions": 2 }),
        )
        .unwrap();
        for n in 0..80 {
            desk.send(&queue, &format!("message {n}"));
        }
        let end = desk.world.now + Span::mins(6);
        while desk.world.now < end {
            let to = (desk.world.now + step).min(end);
            desk.world.advance_to(to);
        }
        lines(&desk, "picky")
    };
    let whole = run(Span::mins(6));
    assert!(whole.len() > 30);
    assert_eq!(whole, run(Span::millis(777)));
    assert_eq!(whole, run(Span::secs(61)));
}

//! What alarms do besides telling topics, and who is kept from what they do.

use super::{ask, pass, told, world};
use crate::aws_messages::Desk;
use serde_json::{Value, json};
use whodunit::stdx::time::Span;
use whodunit::world::aws::lambda;

fn depth(actions: Value) -> Value {
    json!({ "AlarmName": "depth", "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{ "Name": "QueueName", "Value": "orders" }], "Statistic": "Maximum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching", "AlarmActions": actions })
}

/// The newest action in the alarm's history: its summary, and what it says of it.
fn acted(desk: &mut Desk) -> (String, Value) {
    let asked = json!({ "AlarmName": "depth", "HistoryItemType": "Action" });
    let item = desk.ask("cloudwatch", "DescribeAlarmHistory", asked).unwrap()["AlarmHistoryItems"][0].clone();
    let data = item["HistoryData"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
    (item["HistorySummary"].as_str().unwrap_or_default().to_string(), data)
}

fn turn(desk: &mut Desk) {
    let state = |of: &str| json!({ "AlarmName": "depth", "StateValue": of, "StateReason": "a test" });
    desk.ask("cloudwatch", "SetAlarmState", state("OK")).unwrap();
    desk.ask("cloudwatch", "SetAlarmState", state("ALARM")).unwrap();
    desk.wait(Span::secs(10));
}

/// CloudWatch User Guide, "Invoke a Lambda function from an alarm": asynchronously, with the alarm's states, and only if the
/// function's policy names CloudWatch's alarms.
#[test]
fn an_alarm_invokes_a_function_that_lets_it() {
    let mut desk = Desk::new(46);
    let program =
        json!({ "heal": { "init": "300ms", "memory": 60, "steps": [{ "is": "compute", "takes": "100ms" }] } });
    assert!(lambda::describe(&mut desk.world, &program).is_empty());
    desk.workshop();
    desk.ask(
        "lambda",
        "CreateFunction",
        json!({
        "FunctionName": "heal", "Runtime": "python3.12", "Role": "arn:aws:iam::123456789012:role/fn",
        "Handler": "app.handler", "Code": { "S3Bucket": "code", "S3Key": "heal/1.0.0.zip" } }),
    )
    .unwrap();
    desk.queue("orders", json!({}));
    let function = "arn:aws:lambda:ap-northeast-2:123456789012:function:heal";
    desk.ask("cloudwatch", "PutMetricAlarm", depth(json!([function]))).unwrap();
    desk.wait(Span::mins(2));
    turn(&mut desk);
    let (summary, data) = acted(&mut desk);
    assert!(
        summary
            .starts_with(&format!("Failed to execute action {function}. Received error: \"CloudWatch Alarms is not")),
        "{summary}"
    );
    assert_eq!(data["actionState"], "Failed");
    let runs = |desk: &Desk| {
        desk.world.aws.functions.invocations_between(desk.world.now - Span::mins(5), desk.world.now).count()
    };
    assert_eq!(runs(&desk), 0);
    desk.ask(
        "lambda",
        "AddPermission",
        json!({
        "FunctionName": "heal", "StatementId": "alarm", "Action": "lambda:InvokeFunction",
        "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
        "SourceArn": "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:depth" }),
    )
    .unwrap();
    turn(&mut desk);
    let (summary, data) = acted(&mut desk);
    assert_eq!(summary, format!("Successfully executed action {function}"));
    assert_eq!(runs(&desk), 1);
    let event: Value = serde_json::from_str(data["publishedMessage"].as_str().unwrap()).unwrap();
    assert_eq!(event["alarmData"]["state"]["value"], "ALARM");
    assert_eq!(event["alarmData"]["previousState"]["value"], "OK");
    let metric = &event["alarmData"]["configuration"]["metrics"][0]["metricStat"]["metric"];
    assert_eq!(metric["dimensions"], json!({ "QueueName": "orders" }));
    // What is not simulated does not pretend that it was done.
    let stop = "arn:aws:automate:ap-northeast-2:ec2:stop";
    desk.ask("cloudwatch", "PutMetricAlarm", depth(json!([stop]))).unwrap();
    turn(&mut desk);
    let (summary, data) = acted(&mut desk);
    assert!(summary.starts_with(&format!("Failed to execute action {stop}.")), "{summary}");
    assert_eq!(data["actionState"], "Failed");
}

/// An encrypted topic hears of alarms only if its key's policy names CloudWatch.
#[test]
fn a_topics_key_must_let_cloudwatch_use_it() {
    let mut desk = Desk::new(47);
    let key = desk.ask("kms", "CreateKey", json!({ "Description": "pager" })).unwrap();
    let id = key["KeyMetadata"]["KeyId"].as_str().unwrap().to_string();
    let topic = desk.topic("pager", json!({ "KmsMasterKeyId": id }));
    desk.queue("orders", json!({}));
    desk.ask("cloudwatch", "PutMetricAlarm", depth(json!([topic]))).unwrap();
    desk.wait(Span::mins(2));
    turn(&mut desk);
    let refusal = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key.";
    assert_eq!(acted(&mut desk).0, format!("Failed to execute action {topic}. Received error: \"{refusal}\""));
    let statement = |principal: Value, action: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        statement(json!({ "AWS": "arn:aws:iam::123456789012:root" }), json!("kms:*")),
        statement(json!({ "Service": "cloudwatch.amazonaws.com" }), json!(["kms:Decrypt", "kms:GenerateDataKey*"])),
    ] });
    desk.ask("kms", "PutKeyPolicy", json!({ "KeyId": id, "Policy": policy.to_string() })).unwrap();
    desk.wait(Span::mins(1));
    turn(&mut desk);
    assert_eq!(acted(&mut desk).0, format!("Successfully executed action {topic}"));
}

/// The event history shows a user's own key for a user and a session's for a role (IAM User Guide, "IAM identifiers").
#[test]
fn access_key_ids_begin_as_their_owners_do() {
    let world = &mut world();
    told(world, "iam", "CreateUser", json!({ "UserName": "ci" }));
    for (user, prefix) in [("arn:aws:iam::123456789012:user/ci", "AKIA"), ("learner", "ASIA")] {
        let name = format!("of-{prefix}");
        super::by(world, user, "sqs", "CreateQueue", json!({ "QueueName": name })).ok();
        pass(world, Span::mins(16));
        let asked = json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": "CreateQueue" }] });
        let events = ask(world, "cloudtrail", "LookupEvents", asked).body;
        assert!(events["Events"][0]["AccessKeyId"].as_str().unwrap().starts_with(prefix), "{}", events["Events"][0]);
    }
}

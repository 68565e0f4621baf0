//! What a slip of the finger, or ill will, can do to an account: the largest numbers, spans without end, expressions without
//! bottom, tokens that nobody gave out. Nothing panics, nothing hangs, every refusal says why.

use crate::aws_door::counter;
use std::time::{Duration, Instant};
use whodunit::console;
use whodunit::console::page::Stream;
use whodunit::stdx::time::Span;

const MOST: &str = "9223372036854775807";
const LEAST: &str = "-9223372036854775808";

/// What a command prints as text.
fn named(line: &str) -> String {
    let (world, session) = counter();
    let ran = console::run(&mut world.clone(), &mut session.clone(), &format!("{line} --output text"));
    ran.output.lines.first().map(|line| line.text.clone()).expect("a name")
}

fn hostile() -> Vec<String> {
    let group = named("aws logs describe-log-groups --query logGroups[0].logGroupName");
    let vpc = named("aws ec2 describe-vpcs --query Vpcs[0].VpcId");
    let metric = |id: &str, period: &str| {
        format!(
            "{{\"Id\":\"{id}\",\"MetricStat\":{{\"Metric\":{{\"Namespace\":\"AWS/SQS\",\"MetricName\":\"NumberOfMessagesSent\",\
             \"Dimensions\":[{{\"Name\":\"QueueName\",\"Value\":\"shipping-orders\"}}]}},\"Period\":{period},\"Stat\":\"Sum\"}}}}"
        )
    };
    let math = |expression: &str| format!("{{\"Id\":\"e1\",\"Expression\":\"{expression}\"}}");
    let ever = "--start-time 0001-01-01T00:00:00Z --end-time 9999-12-31T00:00:00Z";
    let data = |queries: &[String], more: &str| {
        format!("aws cloudwatch get-metric-data --metric-data-queries '[{}]' {more}", queries.join(","))
    };
    let insights = |query: &str| {
        format!(
            "aws logs start-query --log-group-name {group} --start-time 0 --end-time {MOST} --query-string '{query}'"
        )
    };
    let many = "[{\"Id\":\"m1\",\"Expression\":\"1\"}]";
    vec![
        format!("aws ec2 create-vpc-endpoint --vpc-id {vpc} --service-name com.amazonaws.ap-northeast-2"),
        format!("aws ec2 create-vpc-endpoint --vpc-id {vpc} --service-name com.amazonaws.ap-northeast-2é"),
        data(&[metric("m1", "60")], ever),
        data(&[metric("m1", "3600"), math("FILL(m1,0)")], ever),
        data(&[metric("m1", "60"), math("FILL(m1,REPEAT)")], ever),
        data(&[metric("m1", MOST)], ever),
        data(&[metric("m1", "300"), math(&format!("m1{}", "^64".repeat(60)))], ever),
        data(&[metric("m1", "300")], &format!("{ever} --next-token x-18446744073709551615 --no-paginate")),
        data(&[metric("m1", "300")], &format!("{ever} --max-datapoints {MOST}")),
        format!("aws cloudwatch get-metric-data --metric-data-queries '{many}' {ever}"),
        format!(
            "aws cloudwatch get-metric-statistics --namespace AWS/SQS --metric-name NumberOfMessagesSent {ever} --period 60 \
             --statistics Sum"
        ),
        "aws cloudwatch get-metric-statistics --namespace AWS/SQS --metric-name NumberOfMessagesSent --start-time \
         2026-03-04T00:00:00Z --end-time 2026-03-04T01:00:00Z --period 60 --extended-statistics p429496729.9"
            .into(),
        "aws sns list-topics --starting-token 18446744073709551615".into(),
        "aws sns list-subscriptions --next-token 18446744073709551615 --no-paginate".into(),
        format!("aws sqs list-queues --max-items {LEAST}"),
        format!("aws sqs list-queues --max-items {MOST} --page-size {MOST}"),
        insights("stats count() by datefloor(0-99999999999999999999, 7s)"),
        insights(&format!("filter {} 1", "not ".repeat(2_400))),
        insights(&format!("fields {}1", "-".repeat(9_000))),
        insights(&format!("fields {}1{}", "(".repeat(4_000), ")".repeat(4_000))),
        insights("fields 2 ^ 9999999999999999999999 as a, 9999999999999999999999 as b | sort a"),
        format!("aws sqs list-queues --query '{}'", vec!["[@,@]"; 40].join("|")),
        format!("aws sqs list-queues --query '{}'", vec!["[@]"; 3_000].join("|")),
        "aws ses send-email --from a@b.c --to d@e.f --cli-input-json '{\"Destination\":\"x\"}'".into(),
        "aws ses send-email --from a@b.c --text hi --cli-input-json '{\"Message\":{\"Body\":\"x\"}}'".into(),
        "aws ses send-email --from a@b.c --text hi --cli-input-json '{\"Message\":[]}'".into(),
        "aws ses send-email --from a@b.c --to d@e.f --text hi --cli-input-json '[]'".into(),
        format!("aws sqs list-queues --query 'QueueUrls{}'", "[]".repeat(6_000)),
        format!("aws sqs list-queues --query 'QueueUrls{}'", "[*]".repeat(6_000)),
        format!("aws sqs list-queues --query '{}'", vec!["a"; 6_000].join("||")),
    ]
}

/// The same for services that keep what they are told.
fn hostile_changes() -> Vec<String> {
    let group = named("aws logs describe-log-groups --query logGroups[0].logGroupName");
    let budget = |amount: &str| {
        format!(
            "aws budgets create-budget --account-id 123456789012 --budget \
             '{{\"BudgetName\":\"b{}\",\"BudgetType\":\"COST\",\"TimeUnit\":\"MONTHLY\",\"BudgetLimit\":{{\"Amount\":\"{amount}\",\"Unit\":\"USD\"}}}}'",
            amount.len()
        )
    };
    let manifest = |size: &str| {
        format!(
            "aws ecr put-image --repository-name storefront --image-tag huge --image-manifest '{{\"layers\":[{size},{size}]}}'"
        )
    };
    vec![
        budget("170141183460469231731687303715884105728"),
        budget("-170141183460469231731687303715884105728"),
        budget("100000000000000000000"),
        "aws budgets describe-notifications-for-budget --account-id 123456789012 --budget-name scoop-monthly".into(),
        manifest("{\"size\":18446744073709551615}"),
        "aws rds create-db-instance --db-instance-identifier huge --engine postgres --db-instance-class db.m6g.large \
         --allocated-storage 100 --master-username a --master-user-password abcdefgh --preferred-maintenance-window \
         sun:9223372036854775807:0-sun:9223372036854775807:30"
            .into(),
        format!("aws rds modify-db-instance --db-instance-identifier scoop-orders --allocated-storage {MOST}"),
        format!("aws sqs receive-message --queue-url shipping-orders --max-number-of-messages {MOST} --wait-time-seconds {LEAST}"),
        format!("aws sqs change-message-visibility --queue-url shipping-orders --receipt-handle a --visibility-timeout {MOST}"),
        format!("aws logs get-log-events --log-group-name {group} --log-stream-name a --start-time {LEAST} --end-time {MOST}"),
        format!("aws logs filter-log-events --log-group-name {group} --start-time {MOST} --end-time {LEAST}"),
        format!("aws lambda put-function-concurrency --function-name a --reserved-concurrent-executions {MOST}"),
        "aws ce get-cost-and-usage --time-period Start=0001-01-01,End=9999-12-31 --granularity HOURLY --metrics UnblendedCost".into(),
        "aws ce get-cost-forecast --time-period Start=2026-03-06,End=9999-12-31 --granularity DAILY --metric UNBLENDED_COST".into(),
    ]
}

#[test]
fn the_largest_numbers_break_no_account() {
    let (world, session) = counter();
    let mut wrong = Vec::new();
    for line in hostile().into_iter().chain(hostile_changes()) {
        let (mut world, mut session) = (world.clone(), session.clone());
        let began = Instant::now();
        let ran = console::run(&mut world, &mut session, &line);
        let refused = ran.output.lines.iter().any(|line| line.stream == Stream::Err && !line.text.trim().is_empty());
        if ran.output.code != 0 && !refused {
            wrong.push(format!(
                "{}: refused without a word: {}",
                ran.output.code,
                line.chars().take(200).collect::<String>()
            ));
        }
        // What it left behind is lived with and looked at.
        world.advance_to(world.now + Span::hours(2));
        for look in [
            "aws budgets describe-budgets --account-id 123456789012",
            "aws ce get-cost-and-usage --time-period Start=2026-03-01,End=2026-03-05 --granularity DAILY --metrics UnblendedCost",
            "aws cloudwatch describe-alarms",
        ] {
            console::run(&mut world, &mut session, look);
        }
        if began.elapsed() > Duration::from_secs(20) {
            wrong.push(format!("{:?}: {}", began.elapsed(), line.chars().take(200).collect::<String>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Periods begin at whole multiples of their length, filled ones too.
#[test]
fn what_is_filled_in_stands_between_what_was_measured() {
    let (world, session) = counter();
    let line = "aws cloudwatch get-metric-data --metric-data-queries \
                '[{\"Id\":\"m1\",\"ReturnData\":false,\"MetricStat\":{\"Metric\":{\"Namespace\":\"AWS/SQS\",\"MetricName\":\"NumberOfMessagesSent\",\
                \"Dimensions\":[{\"Name\":\"QueueName\",\"Value\":\"nobody\"}]},\"Period\":300,\"Stat\":\"Sum\"}},\
                {\"Id\":\"e1\",\"Expression\":\"FILL(m1,7)\"}]' --start-time 2026-03-01T00:03:00Z --end-time 2026-03-01T00:20:00Z \
                --scan-by TimestampAscending --query MetricDataResults[0].[Timestamps,Values] --output json";
    let ran = console::run(&mut world.clone(), &mut session.clone(), line);
    let text: String = ran.output.lines.iter().map(|line| format!("{}\n", line.text)).collect();
    let stamps: Vec<&str> = text.lines().map(str::trim).filter_map(|line| line.strip_prefix("17723")).collect();
    let minutes: Vec<&str> = stamps.iter().map(|stamp| stamp.split('.').next().unwrap_or_default()).collect();
    assert_eq!(minutes, ["23200", "23500", "23800", "24100"], "{text}");
}

//! The traps of the real services that an incident turns on and no other page of tests names: each test is called after
//! its trap. Everything is asked through the account's front door, or as programs ask it.

use crate::aws_messages::{Desk, arn, policy_for, redrive};
use crate::aws_network::{ask, network};
use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::message::{Draft, Principal};
use whodunit::world::aws::tally::Key;
use whodunit::world::aws::{ec2, flows, iam, service, sqs};

fn draft(n: u64) -> Draft {
    Draft { body: "m".into(), group: Some(n.to_string().into()), dedup: Some(n.to_string().into()), ..Draft::default() }
}

/// A standard queue says that too much is in flight; a FIFO queue gives nothing and says nothing (SQS Developer Guide,
/// "Queue quotas").
#[test]
fn a_hundred_and_twenty_thousand_messages_are_in_flight_at_most() {
    for fifo in [false, true] {
        let mut desk = Desk::new(31);
        let (name, kind) = if fifo {
            ("q.fifo", json!({ "FifoQueue": "true", "VisibilityTimeout": "43200" }))
        } else {
            ("q", json!({ "VisibilityTimeout": "43200" }))
        };
        let url = desk.queue(name, kind);
        let (queue, by) = (arn(name), iam::principal(&desk.world, "shipping"));
        for call in 0..12_001_u64 {
            // 250 calls a second are less than a FIFO queue's quota.
            let at = desk.world.now + Span::millis(call as i64 * 4);
            let drafts = (0..10)
                .map(|n| if fifo { draft(call * 10 + n) } else { Draft { body: "m".into(), ..Draft::default() } });
            assert_eq!(sqs::send_batch(&mut desk.world, at, &queue, drafts.collect(), &by).unwrap().len(), 10);
            if call < 12_000 {
                assert_eq!(sqs::receive(&mut desk.world, at, &queue, 10, None, &by).unwrap().len(), 10);
            }
        }
        desk.wait(Span::mins(1));
        let asked = desk.ask("sqs", "ReceiveMessage", json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 }));
        match fifo {
            false => assert!(asked.unwrap_err().starts_with("OverLimit: "), "a standard queue complains"),
            true => assert_eq!(asked.unwrap().get("Messages"), None, "a FIFO queue is silent"),
        }
        let long = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 5 });
        assert_eq!(
            desk.ask("sqs", "ReceiveMessage", long.clone()).unwrap().get("Messages"),
            None,
            "a long poll is silent"
        );
        if !fifo {
            // Also where the queue makes it a long poll.
            desk.set(&url, "ReceiveMessageWaitTimeSeconds", "5");
            desk.wait(Span::mins(1));
            let plain = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
            assert_eq!(desk.ask("sqs", "ReceiveMessage", plain).unwrap().get("Messages"), None);
        }
        assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessagesNotVisible"), "120000");
        assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "10");
    }
}

/// INC-16 D: without a dead-letter queue the head of a group that always fails stops its group for ever, and no other.
#[test]
fn a_poison_head_blocks_its_own_group_only() {
    let mut desk = Desk::new(32);
    let dead = desk.queue("moves-dlq.fifo", json!({ "FifoQueue": "true" }));
    let url = desk.queue("moves.fifo", json!({ "FifoQueue": "true", "VisibilityTimeout": "30" }));
    for (n, sku) in ["VAN", "VAN", "CHO", "CHO"].iter().enumerate() {
        desk.send_fifo(&url, &format!("{sku}-{n}"), sku, &n.to_string());
    }
    let mut done = Vec::new();
    for _ in 0..10 {
        for message in desk.receive(&url) {
            let body = message["Body"].as_str().unwrap().to_string();
            if body != "VAN-0" && !done.contains(&"VAN-0".to_string()) && body.starts_with("VAN") {
                continue;
            }
            if body != "VAN-0" {
                desk.sqs("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] }));
                done.push(body);
            }
        }
        desk.wait(Span::secs(31));
    }
    assert_eq!(done, ["CHO-2", "CHO-3"]);
    assert!(desk.last("ApproximateAgeOfOldestMessage", "moves.fifo") >= 300, "a FIFO queue's age keeps its poison");
    // A redrive policy lets the group go on; what stood behind the poison was handed out with it and dies with it.
    desk.set(&url, "RedrivePolicy", &redrive("moves-dlq.fifo", 3));
    desk.wait(Span::secs(61));
    desk.send_fifo(&url, "VAN-4", "VAN", "4");
    assert_eq!(desk.bodies(&url), ["VAN-4"]);
    assert_eq!(desk.bodies(&dead), ["VAN-0", "VAN-1"]);
}

/// INC-09: three people peek with the default visibility, and the third sees an empty queue.
#[test]
fn what_somebody_peeks_at_is_hidden_from_everybody_else() {
    let mut desk = Desk::new(33);
    let url = desk.queue("orders-dlq", json!({}));
    for n in 0..12 {
        desk.send(&url, &format!("ord-{n}"));
    }
    assert_eq!((desk.receive(&url).len(), desk.receive(&url).len(), desk.receive(&url).len()), (10, 2, 0));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0");
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessagesNotVisible"), "12");
    desk.wait(Span::secs(30));
    let peek = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0 });
    assert_eq!(desk.sqs("ReceiveMessage", peek)["Messages"].as_array().unwrap().len(), 10);
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "12", "a peek of zero seconds hides nothing");
}

/// INC-16 C: the window counts from the send, whatever became of the message.
#[test]
fn a_duplicate_is_dropped_though_its_original_is_gone_and_taken_after_the_window() {
    let mut desk = Desk::new(34);
    let url = desk.queue("moves.fifo", json!({ "FifoQueue": "true" }));
    desk.send_fifo(&url, "m", "VAN", "move-1");
    let receipt = desk.receive(&url)[0]["ReceiptHandle"].clone();
    desk.sqs("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": receipt }));
    desk.wait(Span::mins(4));
    desk.send_fifo(&url, "m", "VAN", "move-1");
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0");
    desk.wait(Span::mins(2));
    desk.send_fifo(&url, "m", "VAN", "move-1");
    assert_eq!(desk.bodies(&url), ["m"], "a retry after the window is a message of its own");
}

/// INC-05, INC-15: a deleted endpoint is the owner's to mend; SNS does not try again, not even when it is back.
#[test]
fn a_deleted_queue_is_tried_once() {
    let mut desk = Desk::new(35);
    let topic =
        desk.topic("order-events", json!({ "SQSFailureFeedbackRoleArn": "arn:aws:iam::123456789012:role/logs" }));
    let url = desk.open_queue("shipping-orders", &topic);
    desk.subscribe(&topic, "sqs", &arn("shipping-orders"), json!({}));
    desk.sqs("DeleteQueue", json!({ "QueueUrl": url }));
    desk.wait(Span::mins(1));
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::secs(30));
    let url = desk.open_queue("shipping-orders", &topic);
    desk.wait(Span::hours(24));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0");
    let places = desk.topic_fate();
    assert_eq!((places.refused, places.under_way()), (1, 0));
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailed", "order-events"), 1);
    let source = &service::find("sns").unwrap().logs[0];
    let group = "sns/ap-northeast-2/123456789012/order-events/Failure";
    let record = &(source.records)(&desk.world, group, Time(0), desk.world.now)[0];
    let said: Value = serde_json::from_str(&record.text).unwrap();
    assert_eq!(said["delivery"]["attempts"], 1);
}

/// INC-15 D: where nobody is subscribed nothing fails: only the number of deliveries drops.
#[test]
fn without_a_subscription_nothing_fails() {
    let mut desk = Desk::new(36);
    let topic = desk.topic("order-events", json!({}));
    desk.open_queue("shipping-orders", &topic);
    let sub = desk.subscribe(&topic, "sqs", &arn("shipping-orders"), json!({}));
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::mins(2));
    desk.sns("Unsubscribe", json!({ "SubscriptionArn": sub }));
    desk.publish(&topic, "ord-2", "");
    desk.wait(Span::mins(2));
    let sum = |metric: &str| desk.sum("sns", metric, "order-events");
    assert_eq!(sum("NumberOfMessagesPublished"), 2);
    assert_eq!(sum("NumberOfNotificationsDelivered"), 1);
    assert_eq!((sum("NumberOfNotificationsFailed"), sum("NumberOfNotificationsFilteredOut")), (0, 0));
    assert_eq!(desk.topic_fate().lost.len(), 0, "it was nobody's");
}

/// INC-15 C: the queue's policy lets the topic in, the key's does not.
#[test]
fn a_key_that_does_not_name_the_topic_keeps_its_messages_out() {
    let mut desk = Desk::new(37);
    let key = desk.ask("kms", "CreateKey", json!({ "Description": "queues" })).unwrap()["KeyMetadata"]["KeyId"].clone();
    let topic =
        desk.topic("order-events", json!({ "SQSFailureFeedbackRoleArn": "arn:aws:iam::123456789012:role/logs" }));
    let policy = policy_for("shipping-orders", &topic);
    let url = desk.queue("shipping-orders", json!({ "Policy": policy, "KmsMasterKeyId": key }));
    desk.subscribe(&topic, "sqs", &arn("shipping-orders"), json!({}));
    desk.wait(Span::mins(2));
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::hours(1));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0");
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailed", "order-events"), 1, "a client's error: not tried again");
    let source = &service::find("sns").unwrap().logs[0];
    let group = "sns/ap-northeast-2/123456789012/order-events/Failure";
    let record = &(source.records)(&desk.world, group, Time(0), desk.world.now)[0];
    let said: Value = serde_json::from_str(&record.text).unwrap();
    let response = said["delivery"]["providerResponse"].as_str().unwrap();
    assert!(response.contains("KMS.AccessDeniedException"), "{response}");
}

/// SNS counts every failed attempt on HTTP(S) endpoints, but on queues only what it gives up (SNS Developer Guide,
/// "Monitoring Amazon SNS topics using CloudWatch": NumberOfNotificationsFailed).
#[test]
fn a_throttled_queue_is_tried_again_and_counts_no_failure() {
    let mut desk = Desk::new(38);
    let topic = desk.topic("moves.fifo", json!({ "FifoTopic": "true", "ContentBasedDeduplication": "true" }));
    let policy = policy_for("moves.fifo", &topic);
    let url = desk.queue("moves.fifo", json!({ "FifoQueue": "true", "Policy": policy }));
    desk.subscribe(&topic, "sqs", &arn("moves.fifo"), json!({ "RawMessageDelivery": "true" }));
    for n in 0..400 {
        let group = format!("sku-{}", n % 40);
        desk.sns("Publish", json!({ "TopicArn": topic, "Message": format!("m-{n}"), "MessageGroupId": group }));
    }
    desk.wait(Span::millis(900));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "300");
    desk.wait(Span::mins(1));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "400");
    let sum = |metric: &str| desk.sum("sns", metric, "moves.fifo");
    assert_eq!((sum("NumberOfNotificationsDelivered"), sum("NumberOfNotificationsFailed")), (400, 0));
}

/// INC-09: letters redriven before the fix die again, and their place in time is another.
#[test]
fn letters_redriven_before_the_fix_come_back_younger() {
    let mut desk = Desk::new(39);
    let dead = desk.queue("orders-dlq", json!({ "MessageRetentionPeriod": "345600" }));
    let url = desk.queue("orders", json!({ "RedrivePolicy": redrive("orders-dlq", 1), "VisibilityTimeout": "1" }));
    desk.send(&url, "poison");
    let die = |desk: &mut Desk| {
        desk.receive(&url);
        desk.wait(Span::secs(2));
        desk.receive(&url);
    };
    let sent = |desk: &mut Desk| -> i64 {
        let letter = desk.receive(&dead).remove(0);
        letter["Attributes"]["SentTimestamp"].as_str().unwrap().parse().unwrap()
    };
    desk.wait(Span::hours(72));
    die(&mut desk);
    let first = sent(&mut desk);
    assert_eq!(first, 1_772_409_600_000, "its first enqueue");
    desk.wait(Span::mins(1));
    desk.sqs("StartMessageMoveTask", json!({ "SourceArn": arn("orders-dlq") }));
    desk.wait(Span::mins(1));
    die(&mut desk);
    let second = sent(&mut desk);
    assert!(second > first + Span::hours(72).0, "{second}");
    desk.wait(Span::hours(90));
    assert_eq!(desk.fate("orders-dlq").places.expired, 0, "the clock of the dead letters began again");
}

/// The retention of both ends, and the default of four days.
#[test]
fn retention_is_a_minute_to_fourteen_days_and_four_days_where_nobody_said() {
    let mut desk = Desk::new(40);
    let url = desk.queue("orders-dlq", json!({}));
    assert_eq!(desk.attribute(&url, "MessageRetentionPeriod"), "345600");
    for (value, taken) in [("59", false), ("60", true), ("1209600", true), ("1209601", false)] {
        let set = json!({ "QueueUrl": url, "Attributes": { "MessageRetentionPeriod": value } });
        assert_eq!(desk.ask("sqs", "SetQueueAttributes", set).is_ok(), taken, "{value}");
    }
    desk.send(&url, "ord-1");
    desk.wait(Span::mins(16));
    desk.set(&url, "MessageRetentionPeriod", "345600");
    desk.wait(Span::hours(96) - Span::mins(17));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "1");
    desk.wait(Span::mins(1));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0");
    assert_eq!(desk.fate("orders-dlq").places.expired, 1);
}

fn nat(world: &World, metric: &'static str, minute: i64) -> i64 {
    let source =
        service::SERVICES.iter().flat_map(|row| row.metrics).find(|row| row.namespace == "AWS/NATGateway").unwrap();
    let id = ec2::id_of(world, "nat-a").unwrap().to_string();
    let key = Key { namespace: "AWS/NATGateway", metric, dimensions: vec![("NatGatewayId", id.into())] };
    (source.minutes)(world, &key, minute, minute).iter().map(|(_, minute)| minute.sum).sum()
}

/// INC-27: 55,000 to each destination, so that whoever talks to another one feels nothing; and connections that nobody
/// closes hold their port for 350 seconds (VPC guide, "NAT gateway basics").
#[test]
fn ports_run_out_for_one_destination_and_idle_connections_hold_theirs() {
    let flow = |name: &str, range: &str, made: Value| json!({ "from": "node", "to": format!("partner:{name}"), "range": range, "jitter_percent": 0, "connections": made });
    // Over two gateways; what is leaked needs 350 seconds to go: 110,000 / 350 s = 18,857 a minute.
    let leak = json!({
        "score": flow("payments", "203.0.113.40/32", json!({ "per_minute": 24_000, "leaked": true })),
        "maps": flow("geocoder", "198.51.100.23/32", json!({ "per_minute": 24_000, "lasting": "1s" })),
    });
    let world = network(41, leak);
    let subnet = ec2::id_of(&world, "private-a").unwrap();
    let failing = |to: &str| flows::ports::at(&world, &subnet, to, world.now).unwrap().failing_per_mille();
    assert_eq!((failing("partner:payments"), failing("partner:geocoder")), (214, 0));
    let minute = world.now.0 / 60_000 - 5;
    assert_eq!(nat(&world, "ConnectionAttemptCount", minute), 24_000, "no storm");
    assert_eq!(nat(&world, "ActiveConnectionCount", minute), 55_000 + 200, "and yet full");
    assert_eq!(nat(&world, "IdleTimeoutCount", minute), 55_000 * 60 / 350);
}

/// A gateway has eight public addresses at most (VPC quotas).
#[test]
fn a_ninth_address_is_refused() {
    let mut world = network(42, json!({}));
    let id = ec2::id_of(&world, "nat-a").unwrap().to_string();
    let mut refused = 0;
    for _ in 0..9 {
        let eip = ask(&mut world, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }))["AllocationId"].clone();
        let input = json!({ "NatGatewayId": id, "AllocationIds": [eip] });
        let request = whodunit::world::aws::call::Request {
            service: "ec2".into(),
            operation: "AssociateNatGatewayAddress".into(),
            input,
            ..Default::default()
        };
        refused += u32::from(whodunit::world::aws::handle(&mut world, &request).is_err());
    }
    assert_eq!(refused, 2, "one was there");
}

/// INC-04: a gateway is charged by the hour whether or not anything passes, and by the GB in both directions.
#[test]
fn an_idle_gateway_costs_its_hours() {
    let mut world = network(43, json!({}));
    let from = world.now.0 / 3_600_000 + 1;
    let later = world.now + Span::hours(30);
    world.advance_to(later);
    let ec2 = service::find("ec2").unwrap();
    let used: Vec<_> = ec2.meters.iter().flat_map(|meter| (meter.read)(&world, from, from + 24)).collect();
    let sum = |kind: &str| used.iter().filter(|used| used.usage_type == kind).map(|used| used.micros).sum::<i128>();
    assert_eq!((sum("NatGateway-Hours"), sum("NatGateway-Bytes")), (2 * 24 * 1_000_000, 0));
}

/// INC-04: a replication group deleted without a snapshot leaves none.
#[test]
fn a_cache_deleted_without_a_snapshot_is_gone_for_good() {
    for keep in [false, true] {
        let mut desk = Desk::new(44);
        let make = json!({ "ReplicationGroupId": "desk-sessions", "ReplicationGroupDescription": "sessions",
            "CacheNodeType": "cache.t4g.small", "NumCacheClusters": 1, "Engine": "redis" });
        desk.ask("elasticache", "CreateReplicationGroup", make).unwrap();
        desk.wait(Span::hours(1));
        let mut input = json!({ "ReplicationGroupId": "desk-sessions" });
        if keep {
            input["FinalSnapshotIdentifier"] = json!("last");
        }
        desk.ask("elasticache", "DeleteReplicationGroup", input).unwrap();
        desk.wait(Span::hours(1));
        let groups = desk.ask("elasticache", "DescribeReplicationGroups", json!({})).unwrap();
        assert_eq!(groups["ReplicationGroups"].as_array().map(Vec::len), Some(0));
        let kept = desk.ask("elasticache", "DescribeSnapshots", json!({})).unwrap();
        assert_eq!(kept["Snapshots"].as_array().map(Vec::len), Some(usize::from(keep)));
    }
}

/// An alarm tells its topic when its state turns, in time and though nobody looks; and if its topic is kept from it, its
/// history says so (CloudWatch User Guide, "Notifying users on alarm changes").
#[test]
fn an_alarm_tells_its_topic_when_it_turns_and_only_then() {
    let mut desk = Desk::new(45);
    let topic = desk.topic("pager", json!({}));
    let told = desk.open_queue("told", &topic);
    desk.subscribe(&topic, "sqs", &arn("told"), json!({ "RawMessageDelivery": "true" }));
    let url = desk.queue("orders", json!({}));
    let alarm = |actions: Value| {
        json!({ "AlarmName": "depth", "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{ "Name": "QueueName", "Value": "orders" }], "Statistic": "Maximum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching", "AlarmActions": actions })
    };
    desk.ask("cloudwatch", "PutMetricAlarm", alarm(json!([topic]))).unwrap();
    desk.wait(Span::mins(10));
    assert_eq!(desk.attribute(&told, "ApproximateNumberOfMessages"), "0", "it has turned to OK, which tells nobody");
    desk.send(&url, "ord-1");
    let sent = desk.world.now;
    desk.wait(Span::mins(30));
    let letters = desk.receive(&told);
    assert_eq!(letters.len(), 1, "once, for as long as it stays in ALARM");
    let at: i64 = letters[0]["Attributes"]["SentTimestamp"].as_str().unwrap().parse().unwrap();
    assert!((1..=5).contains(&((at - sent.0) / 60_000)), "within minutes, not when somebody looks");
    let said: Value = serde_json::from_str(letters[0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!((&said["NewStateValue"], &said["OldStateValue"]), (&json!("ALARM"), &json!("OK")));
    assert!(
        said["NewStateReason"].as_str().unwrap().starts_with("Threshold Crossed: 1 out of the last 1 datapoints [1.0")
    );
    assert_eq!(said["Trigger"]["Statistic"], "MAXIMUM");
    assert_eq!(said["Trigger"]["Dimensions"], json!([{ "name": "QueueName", "value": "orders" }]));
    let history = |desk: &mut Desk| {
        let asked = json!({ "AlarmName": "depth", "HistoryItemType": "Action" });
        let items = desk.ask("cloudwatch", "DescribeAlarmHistory", asked).unwrap()["AlarmHistoryItems"].clone();
        items[0]["HistorySummary"].as_str().unwrap_or_default().to_string()
    };
    assert_eq!(history(&mut desk), format!("Successfully executed action {topic}"));
    // The topic's policy does not name CloudWatch; then its key does not.
    let nobody = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sns:Publish", "Resource": topic }] });
    let policy = json!({ "TopicArn": topic, "AttributeName": "Policy", "AttributeValue": nobody.to_string() });
    desk.sns("SetTopicAttributes", policy);
    let state = |of: &str| json!({ "AlarmName": "depth", "StateValue": of, "StateReason": "a test" });
    desk.ask("cloudwatch", "SetAlarmState", state("OK")).unwrap();
    desk.wait(Span::mins(3));
    assert!(history(&mut desk).contains("is not authorized to perform: SNS:Publish"), "{}", history(&mut desk));
    // Where nobody is to act, nobody acts.
    desk.ask("cloudwatch", "DisableAlarmActions", json!({ "AlarmNames": ["depth"] })).unwrap();
    let before = history(&mut desk);
    desk.ask("cloudwatch", "SetAlarmState", state("OK")).unwrap();
    desk.wait(Span::mins(3));
    assert_eq!(history(&mut desk), before);
}

/// Who was let in before is not let in for ever: a role's policy, the queue's, and a deny all count from when they work.
#[test]
fn who_may_send_is_decided_anew_when_policies_change() {
    let mut desk = Desk::new(16);
    desk.queue("returns", json!({}));
    let mut iam = |operation: &str, more: Value| {
        let mut input = json!({ "RoleName": "storefront" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.ask("iam", operation, input).unwrap_or_else(|fault| panic!("{operation}: {fault}"));
    };
    let says = |effect: &str| {
        let statement = json!({ "Effect": effect, "Action": "sqs:SendMessage", "Resource": "*" });
        json!({ "PolicyName": "send", "PolicyDocument": json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string() })
    };
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
                        "Principal": { "Service": "ec2.amazonaws.com" } }] });
    iam("CreateRole", json!({ "AssumeRolePolicyDocument": trust.to_string() }));
    iam("PutRolePolicy", says("Allow"));
    desk.wait(Span::mins(1));
    let by = Principal {
        arn: "arn:aws:sts::123456789012:assumed-role/storefront/storefront-1".into(),
        role: "arn:aws:iam::123456789012:role/storefront".into(),
        account: "123456789012".into(),
        ..Principal::default()
    };
    let send = |desk: &mut Desk| {
        let draft = Draft { body: "{}".into(), ..Draft::default() };
        let now = desk.world.now;
        sqs::send(&mut desk.world, now, &arn("returns"), draft, &by).is_ok()
    };
    assert!(send(&mut desk) && send(&mut desk), "the role may");
    let before = desk.world.clone();
    let denied = says("Deny");
    desk.ask("iam", "PutRolePolicy", {
        let mut input = json!({ "RoleName": "storefront" });
        input.as_object_mut().unwrap().extend(denied.as_object().unwrap().clone());
        input
    })
    .unwrap();
    assert!(send(&mut desk), "a change takes a while");
    desk.wait(Span::secs(10));
    assert!(!send(&mut desk), "and then it works");
    // A world that was set aside knows nothing of it.
    let mut other = Desk { world: before };
    other.wait(Span::secs(10));
    assert!(send(&mut other));
    desk.ask("iam", "DeleteRolePolicy", json!({ "RoleName": "storefront", "PolicyName": "send" })).unwrap();
    desk.wait(Span::secs(10));
    assert!(!send(&mut desk), "nothing allows it");
}

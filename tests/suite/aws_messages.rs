//! SNS and SQS: delays, redrive, expiry, FIFO; conservation of messages. Everything is asked through the account's front
//! door, or as programs ask it.

use serde_json::{Value, json};
use std::sync::Arc;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::call::{Caller, Request};
use whodunit::world::aws::tally::{Key, Minute};
use whodunit::world::aws::{self, iam, post, service, sns, sqs};

mod elsewhere;
mod queues;

const START: Time = Time(1_772_409_600_000);

/// An account with nothing in it.
pub struct Desk {
    pub world: World,
}

impl Desk {
    pub fn new(seed: u64) -> Desk {
        let mut world = World::new(seed, START);
        world.aws.id = "123456789012".into();
        world.aws.look_at(&"ap-northeast-2".into());
        post::begin(&mut world, START);
        Desk { world }
    }

    /// What functions are made with: a role that Lambda may assume, a bucket with their code.
    pub fn workshop(&mut self) {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
        let role = json!({ "RoleName": "fn", "AssumeRolePolicyDocument": trust.to_string() });
        if self.ask("iam", "GetRole", json!({ "RoleName": "fn" })).is_err() {
            let all = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
            let policy = json!({ "RoleName": "fn", "PolicyName": "all", "PolicyDocument": all.to_string() });
            self.ask("iam", "CreateRole", role).unwrap();
            self.ask("iam", "PutRolePolicy", policy).unwrap();
            self.ask("s3api", "CreateBucket", json!({ "Bucket": "code" })).unwrap();
        }
    }

    pub fn ask(&mut self, service: &str, operation: &str, input: Value) -> Result<Value, String> {
        self.ask_in("ap-northeast-2", service, operation, input)
    }

    pub fn ask_in(&mut self, region: &str, service: &str, operation: &str, input: Value) -> Result<Value, String> {
        let request = Request {
            service: service.into(),
            operation: operation.into(),
            input,
            caller: Caller { user: "learner".into(), arn: String::new() },
            region: region.into(),
            agent: "aws-cli".into(),
        };
        let done = aws::handle(&mut self.world, &request);
        done.map(|answer| answer.body).map_err(|fault| format!("{}: {}", fault.code, fault.message))
    }

    pub fn sqs(&mut self, operation: &str, input: Value) -> Value {
        self.ask("sqs", operation, input).unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    pub fn sns(&mut self, operation: &str, input: Value) -> Value {
        self.ask("sns", operation, input).unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    pub fn wait(&mut self, span: Span) {
        let to = self.world.now + span;
        self.world.advance_to(to);
    }

    pub fn queue(&mut self, name: &str, attributes: Value) -> String {
        let body = self.sqs("CreateQueue", json!({ "QueueName": name, "Attributes": attributes }));
        body["QueueUrl"].as_str().unwrap().to_string()
    }

    pub fn set(&mut self, url: &str, name: &str, value: &str) {
        self.sqs("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { name: value } }));
    }

    pub fn attribute(&mut self, url: &str, name: &str) -> String {
        let body = self.sqs("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": [name] }));
        body["Attributes"][name].as_str().unwrap_or_default().to_string()
    }

    pub fn send(&mut self, url: &str, body: &str) -> String {
        let sent = self.sqs("SendMessage", json!({ "QueueUrl": url, "MessageBody": body }));
        sent["MessageId"].as_str().unwrap().to_string()
    }

    pub fn send_fifo(&mut self, url: &str, body: &str, group: &str, dedup: &str) -> Value {
        let input =
            json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": dedup });
        self.sqs("SendMessage", input)
    }

    pub fn receive(&mut self, url: &str) -> Vec<Value> {
        let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"] });
        let body = self.sqs("ReceiveMessage", input);
        body["Messages"].as_array().cloned().unwrap_or_default()
    }

    pub fn bodies(&mut self, url: &str) -> Vec<String> {
        self.receive(url).iter().map(|message| message["Body"].as_str().unwrap().to_string()).collect()
    }

    pub fn topic(&mut self, name: &str, attributes: Value) -> String {
        let body = self.sns("CreateTopic", json!({ "Name": name, "Attributes": attributes }));
        body["TopicArn"].as_str().unwrap().to_string()
    }

    pub fn subscribe(&mut self, topic: &str, protocol: &str, endpoint: &str, attributes: Value) -> String {
        let input = json!({
            "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes,
            "ReturnSubscriptionArn": true,
        });
        self.sns("Subscribe", input)["SubscriptionArn"].as_str().unwrap().to_string()
    }

    pub fn publish(&mut self, topic: &str, body: &str, event_type: &str) {
        let attributes = match event_type {
            "" => json!({}),
            value => json!({ "eventType": { "DataType": "String", "StringValue": value } }),
        };
        self.sns("Publish", json!({ "TopicArn": topic, "Message": body, "MessageAttributes": attributes }));
    }

    /// A queue that lets a topic in.
    pub fn open_queue(&mut self, name: &str, topic: &str) -> String {
        let policy = policy_for(name, topic);
        self.queue(name, json!({ "Policy": policy }))
    }

    pub fn minutes(&self, service: &str, metric: &str, resource: &str) -> Vec<(i64, Minute)> {
        let row = service::find(service).unwrap();
        let source = &row.metrics[0];
        let keys = (source.list)(&self.world);
        let fits = |key: &&Key| key.metric == metric && *key.dimensions[0].1 == *resource;
        let Some(key) = keys.iter().find(fits) else { return Vec::new() };
        (source.minutes)(&self.world, key, START.0 / 60_000, self.world.now.0 / 60_000)
    }

    pub fn sum(&self, service: &str, metric: &str, resource: &str) -> i64 {
        self.minutes(service, metric, resource).iter().map(|(_, minute)| minute.sum).sum()
    }

    pub fn last(&self, metric: &str, queue: &str) -> i64 {
        self.minutes("sqs", metric, queue).last().map_or(-1, |(_, minute)| minute.most)
    }

    pub fn fate(&self, queue: &str) -> post::QueueFate {
        let fates = post::fates(&self.world);
        assert_eq!(fates.wrong(), Vec::<String>::new());
        fates.queues.into_iter().rfind(|fate| fate.queue.ends_with(&format!(":{queue}"))).unwrap()
    }

    pub fn topic_fate(&self) -> sns::places::Places {
        post::fates(&self.world).topics[0].places.clone()
    }
}

pub fn policy_for(queue: &str, topic: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage",
            "Resource": arn(queue), "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
        }],
    })
    .to_string()
}

pub fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:ap-northeast-2:123456789012:{queue}")
}

pub fn redrive(queue: &str, max: u32) -> String {
    json!({ "deadLetterTargetArn": arn(queue), "maxReceiveCount": max }).to_string()
}

/// Beyond every propagation delay.
fn settled(desk: &mut Desk) {
    desk.wait(Span::mins(16));
}

#[test]
fn every_operation_of_the_models_has_its_row() {
    for name in ["sqs", "sns"] {
        let service = service::find(name).unwrap();
        let rows: Vec<&str> = service.operations.iter().map(|operation| operation.name).collect();
        let known: Vec<&str> = service.model().operations.keys().map(String::as_str).collect();
        assert_eq!(rows, known, "{name}");
    }
}

#[test]
fn a_message_goes_in_is_hidden_comes_back_and_is_deleted() {
    let mut desk = Desk::new(1);
    let url = desk.queue("orders", json!({}));
    let id = desk.send(&url, "ord-1");
    let first = desk.receive(&url);
    assert_eq!(first[0]["MessageId"], json!(id));
    assert_eq!(first[0]["MD5OfBody"], "bb28430377eb08d170a1340113814d20");
    assert_eq!(first[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(desk.receive(&url).is_empty(), "it is in flight");
    desk.wait(Span::millis(29_999));
    assert!(desk.receive(&url).is_empty());
    desk.wait(Span::millis(1));
    let second = desk.receive(&url);
    assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
    assert_ne!(second[0]["ReceiptHandle"], first[0]["ReceiptHandle"]);
    // A standard queue takes the older handle too.
    desk.sqs("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": first[0]["ReceiptHandle"] }));
    desk.wait(Span::mins(1));
    assert!(desk.receive(&url).is_empty());
    assert_eq!(desk.fate("orders").places.deleted, 1);
    // Deleting what is gone succeeds and is counted again; nonsense does not.
    desk.sqs("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": second[0]["ReceiptHandle"] }));
    assert_eq!(desk.sum("sqs", "NumberOfMessagesDeleted", "orders"), 2);
    let fault = desk.ask("sqs", "DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": "AQEBx" })).unwrap_err();
    assert_eq!(fault, "ReceiptHandleIsInvalid: The input receipt handle \"AQEBx\" is not a valid receipt handle.");
}

#[test]
fn digests_are_those_of_the_service() {
    let mut desk = Desk::new(1);
    let url = desk.queue("orders", json!({}));
    let attributes = json!({
        "eventType": { "DataType": "String", "StringValue": "OrderPlaced.Gift" },
        "n": { "DataType": "Number", "StringValue": "42" },
        "pic": { "DataType": "Binary", "BinaryValue": "AAEC" },
    });
    let input = json!({ "QueueUrl": url, "MessageBody": "ord-1", "MessageAttributes": attributes });
    let sent = desk.sqs("SendMessage", input);
    // Computed apart from the program by the documented encoding.
    assert_eq!(sent["MD5OfMessageAttributes"], "454fcac65c17e74bc6d4fc0d7f47bb34");
    let input = json!({ "QueueUrl": url, "MessageAttributeNames": ["event.*", "pic", "none"] });
    let got = desk.sqs("ReceiveMessage", input);
    let shown: Vec<&String> = got["Messages"][0]["MessageAttributes"].as_object().unwrap().keys().collect();
    assert_eq!(shown, ["eventType", "pic"]);
}

#[test]
fn a_dead_letter_queue_does_not_count_what_is_redriven_as_sent() {
    let mut desk = Desk::new(2);
    let dead = desk.queue("orders-dlq", json!({}));
    let url = desk.queue("orders", json!({ "RedrivePolicy": redrive("orders-dlq", 3), "VisibilityTimeout": "5" }));
    let id = desk.send(&url, "ord-1");
    for _ in 0..3 {
        assert_eq!(desk.receive(&url).len(), 1);
        desk.wait(Span::secs(6));
    }
    assert_eq!(desk.attribute(&dead, "ApproximateNumberOfMessages"), "0", "it moves on the receive that would exceed");
    assert!(desk.receive(&url).is_empty());
    desk.wait(Span::mins(3));
    assert_eq!(desk.attribute(&dead, "ApproximateNumberOfMessages"), "1");
    assert_eq!(desk.sum("sqs", "NumberOfMessagesSent", "orders-dlq"), 0);
    assert!(!desk.minutes("sqs", "NumberOfMessagesSent", "orders-dlq").is_empty(), "zero, not missing");
    assert_eq!(desk.last("ApproximateNumberOfMessagesVisible", "orders-dlq"), 1);
    let letter = &desk.receive(&dead)[0];
    assert_eq!(letter["MessageId"], json!(id));
    assert_eq!(letter["Attributes"]["ApproximateReceiveCount"], "4");
    assert_eq!(letter["Attributes"]["DeadLetterQueueSourceArn"], arn("orders"));
    assert_eq!(desk.fate("orders").places.redriven, 1);
}

#[test]
fn poison_drops_out_of_the_age_after_three_receives() {
    let mut desk = Desk::new(3);
    let url = desk.queue("orders", json!({ "VisibilityTimeout": "10" }));
    desk.send(&url, "poison");
    desk.wait(Span::mins(5));
    assert!(desk.last("ApproximateAgeOfOldestMessage", "orders") >= 240);
    for _ in 0..3 {
        desk.receive(&url);
        desk.wait(Span::secs(10));
    }
    desk.wait(Span::mins(2));
    assert_eq!(desk.last("ApproximateAgeOfOldestMessage", "orders"), 0);
    assert_eq!(desk.last("ApproximateNumberOfMessagesVisible", "orders"), 1);
}

#[test]
fn dead_letters_of_standard_queues_expire_as_counted_from_their_first_enqueue() {
    for (fifo, expected) in [(false, 1), (true, 0)] {
        let mut desk = Desk::new(4);
        let kind = if fifo { json!({ "FifoQueue": "true" }) } else { json!({}) };
        let tail = if fifo { ".fifo" } else { "" };
        let with = |mut map: Value, name: &str, value: &str| {
            map[name] = json!(value);
            map
        };
        let dead_name = format!("d{tail}");
        let dead = desk.queue(&dead_name, with(kind.clone(), "MessageRetentionPeriod", "86400"));
        let source = with(with(kind, "RedrivePolicy", &redrive(&dead_name, 1)), "VisibilityTimeout", "5");
        let url = desk.queue(&format!("q{tail}"), source);
        match fifo {
            true => drop(desk.send_fifo(&url, "ord-1", "g", "1")),
            false => drop(desk.send(&url, "ord-1")),
        }
        desk.wait(Span::hours(20));
        desk.receive(&url);
        desk.wait(Span::secs(6));
        desk.receive(&url);
        assert_eq!(desk.attribute(&dead, "ApproximateNumberOfMessages"), "1");
        // 24 hours after the first enqueue, four after the move.
        desk.wait(Span::hours(5));
        assert_eq!(desk.fate(&dead_name).places.expired, expected, "fifo: {fifo}");
        desk.wait(Span::hours(20));
        assert_eq!(desk.fate(&dead_name).places.expired, 1, "fifo: {fifo}");
    }
}

#[test]
fn a_cut_of_the_retention_works_later_and_takes_what_is_there() {
    let mut desk = Desk::new(5);
    let url = desk.queue("orders", json!({}));
    desk.send(&url, "ord-1");
    desk.wait(Span::mins(10));
    let cut = desk.world.now;
    desk.set(&url, "MessageRetentionPeriod", "60");
    assert_eq!(desk.attribute(&url, "MessageRetentionPeriod"), "60", "shown at once");
    desk.wait(Span::secs(50));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "1", "not yet");
    settled(&mut desk);
    let fate = desk.fate("orders");
    assert_eq!(fate.places.expired, 1);
    let lost = &fate.places.lost[0];
    assert!(lost.at >= cut + Span::mins(1) && lost.at <= cut + Span::mins(15), "{:?}", lost.at);
    assert_eq!(&*lost.body, "ord-1");
    desk.send(&url, "ord-2");
    desk.wait(Span::millis(59_999));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "1");
    desk.wait(Span::millis(1));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "0", "the queue is empty, which is the lie");
    assert_eq!(desk.sum("sqs", "NumberOfMessagesSent", "orders"), 2);
    assert_eq!(desk.sum("sqs", "NumberOfMessagesDeleted", "orders"), 0);
}

#[test]
fn a_new_visibility_timeout_works_within_a_minute_and_for_later_receives_only() {
    let mut desk = Desk::new(6);
    let url = desk.queue("orders", json!({ "VisibilityTimeout": "300" }));
    desk.send(&url, "ord-1");
    desk.send(&url, "ord-2");
    assert_eq!(desk.receive(&url).len(), 2);
    desk.set(&url, "VisibilityTimeout", "30");
    assert_eq!(desk.attribute(&url, "VisibilityTimeout"), "30");
    desk.wait(Span::secs(120));
    assert!(desk.receive(&url).is_empty(), "what was received before keeps its lease");
    desk.wait(Span::secs(180));
    assert_eq!(desk.receive(&url).len(), 2);
    desk.wait(Span::secs(30));
    assert_eq!(desk.receive(&url).len(), 2, "now with the new timeout");
    // The very moment after a change the old value still works.
    desk.set(&url, "VisibilityTimeout", "600");
    desk.wait(Span::secs(30));
    desk.set(&url, "DelaySeconds", "0");
    assert_eq!(desk.receive(&url).len(), 2);
}

#[test]
fn visibility_can_be_prolonged_ended_and_not_beyond_twelve_hours() {
    let mut desk = Desk::new(7);
    let url = desk.queue("orders", json!({}));
    desk.send(&url, "ord-1");
    let receipt = desk.receive(&url)[0]["ReceiptHandle"].clone();
    let change =
        |seconds: i64| json!({ "QueueUrl": url, "ReceiptHandle": receipt.clone(), "VisibilityTimeout": seconds });
    desk.sqs("ChangeMessageVisibility", change(100));
    desk.wait(Span::secs(99));
    assert!(desk.receive(&url).is_empty());
    let fault = desk.ask("sqs", "ChangeMessageVisibility", change(43_200)).unwrap_err();
    assert!(fault.ends_with("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"), "{fault}");
    desk.sqs("ChangeMessageVisibility", change(0));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "1");
    let fault = desk.ask("sqs", "ChangeMessageVisibility", change(10)).unwrap_err();
    assert!(fault.ends_with("Reason: Message does not exist or is not available for visibility timeout change."));
}

#[test]
fn delays_hide_a_message_at_first() {
    let mut desk = Desk::new(8);
    let url = desk.queue("orders", json!({ "DelaySeconds": "60" }));
    desk.send(&url, "ord-1");
    desk.sqs("SendMessage", json!({ "QueueUrl": url, "MessageBody": "ord-2", "DelaySeconds": 0 }));
    assert_eq!(desk.bodies(&url), ["ord-2"]);
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessagesDelayed"), "1");
    desk.wait(Span::secs(60));
    assert!(desk.bodies(&url).contains(&"ord-1".to_string()));
}

#[test]
fn fifo_duplicates_are_dropped_for_five_minutes() {
    let mut desk = Desk::new(9);
    let url = desk.queue("moves.fifo", json!({ "FifoQueue": "true" }));
    let first = desk.send_fifo(&url, "m", "VAN-001", "move-1");
    desk.wait(Span::millis(299_999));
    let again = desk.send_fifo(&url, "m", "VAN-001", "move-1");
    assert_eq!((&again["MessageId"], &again["SequenceNumber"]), (&first["MessageId"], &first["SequenceNumber"]));
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "1");
    desk.wait(Span::millis(1));
    let late = desk.send_fifo(&url, "m", "VAN-001", "move-1");
    assert_ne!(late["MessageId"], first["MessageId"]);
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "2");
    assert_eq!(desk.fate("moves.fifo").places.duplicates, 1);
    // By content, where the queue says so.
    let url = desk.queue("c.fifo", json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" }));
    for body in ["a", "a", "b"] {
        desk.sqs("SendMessage", json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": "g" }));
    }
    assert_eq!(desk.attribute(&url, "ApproximateNumberOfMessages"), "2");
}

#[test]
fn a_group_with_messages_in_flight_waits_and_others_do_not() {
    let mut desk = Desk::new(10);
    let url = desk.queue("moves.fifo", json!({ "FifoQueue": "true" }));
    for (n, group) in ["a", "a", "b", "a"].iter().enumerate() {
        desk.send_fifo(&url, &format!("{group}{n}"), group, &n.to_string());
    }
    let one = json!({ "QueueUrl": url, "MaxNumberOfMessages": 1 });
    let head = desk.sqs("ReceiveMessage", one.clone());
    assert_eq!(head["Messages"][0]["Body"], "a0");
    assert_eq!(desk.bodies(&url), ["b2"], "group a waits for its head");
    desk.wait(Span::mins(1) - Span::millis(30_001));
    assert!(desk.bodies(&url).is_empty());
    desk.wait(Span::millis(1));
    let longer = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 300 });
    let got = desk.sqs("ReceiveMessage", longer);
    let bodies: Vec<&str> =
        got["Messages"].as_array().unwrap().iter().map(|message| message["Body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["a0", "a1", "a3", "b2"], "in order again");
    desk.wait(Span::mins(1));
    assert_eq!(desk.last("ApproximateNumberOfGroupsWithInflightMessages", "moves.fifo"), 2);
    // The first handle is no good any more.
    let receipt = &head["Messages"][0]["ReceiptHandle"];
    let fault = desk.ask("sqs", "DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": receipt })).unwrap_err();
    let text = receipt.as_str().unwrap();
    assert_eq!(
        fault,
        format!(
            "InvalidParameterValue: Value {text} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
        )
    );
}

#[test]
fn a_fifo_queue_takes_three_hundred_calls_a_second_and_action() {
    let mut desk = Desk::new(11);
    let url = desk.queue("moves.fifo", json!({ "FifoQueue": "true" }));
    let queue = arn("moves.fifo");
    let by = iam::principal(&desk.world, "checkout");
    let draft = |n: u64, group: &str| sqs::Draft {
        body: "m".into(),
        group: Some(group.into()),
        dedup: Some(n.to_string().into()),
        ..sqs::Draft::default()
    };
    let offer = |desk: &mut Desk, from: u64, group: &str, calls: u64, batch: u64| {
        let start = desk.world.now;
        let mut taken = 0;
        for call in 0..calls {
            let at = start + Span::millis((call * 1_000 / calls) as i64);
            desk.world.advance_to(at);
            let drafts = (0..batch).map(|n| draft(from + call * batch + n, group)).collect();
            match sqs::send_batch(&mut desk.world, at, &queue, drafts, &by) {
                Ok(sent) => taken += sent.len(),
                Err(fault) => assert_eq!((fault.code.as_str(), fault.status), ("RequestThrottled", 403)),
            }
        }
        desk.world.advance_to(start + Span::secs(1));
        taken
    };
    assert_eq!(offer(&mut desk, 0, "g", 420, 1), 300);
    assert_eq!(offer(&mut desk, 1_000, "g", 420, 1), 300, "every second anew");
    assert_eq!(offer(&mut desk, 2_000, "g", 420, 10), 3_000, "a batch is one call");
    assert_eq!(offer(&mut desk, 9_000, "g", 299, 1), 299);
    desk.sqs(
        "SetQueueAttributes",
        json!({ "QueueUrl": url, "Attributes": {
            "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
        }}),
    );
    desk.wait(Span::secs(60));
    assert_eq!(offer(&mut desk, 20_000, "whale", 420, 1), 300, "a group keeps its limit");
    let (start, mut taken) = (desk.world.now, 0);
    for n in 0..600 {
        let group = format!("sku-{}", n % 7);
        taken += usize::from(sqs::send(&mut desk.world, start, &queue, draft(30_000 + n, &group), &by).is_ok());
    }
    assert_eq!(taken, 600, "groups share the load");
}

#[test]
fn throttled_minutes_are_flat_at_eighteen_thousand() {
    let mut desk = Desk::new(12);
    desk.queue("moves.fifo", json!({ "FifoQueue": "true" }));
    let by = iam::principal(&desk.world, "checkout");
    for n in 0..420 * 120 {
        let at = START + Span::millis(n * 1_000 / 420);
        desk.world.advance_to(at);
        let (group, dedup) = (Some("g".into()), Some(n.to_string().into()));
        let draft = sqs::Draft { body: "m".into(), group, dedup, ..sqs::Draft::default() };
        let _refused = sqs::send(&mut desk.world, at, &arn("moves.fifo"), draft, &by);
    }
    desk.wait(Span::mins(1));
    let sent: Vec<i64> = desk.minutes("sqs", "NumberOfMessagesSent", "moves.fifo").iter().map(|(_, m)| m.sum).collect();
    assert_eq!(sent[..2], [18_000, 18_000]);
}

#[test]
fn long_polls_that_find_nothing_are_counted_and_charged() {
    let mut desk = Desk::new(13);
    desk.queue("orders", json!({}));
    sqs::polling(&mut desk.world, START, &arn("orders"), "shipping-1", 3, Span::secs(20));
    desk.wait(Span::hours(1));
    assert_eq!(desk.sum("sqs", "NumberOfEmptyReceives", "orders"), 3 * 3 * 60);
    let meter = &service::find("sqs").unwrap().meters[0];
    let hour = START.0 / 3_600_000;
    let used = (meter.read)(&desk.world, hour, hour + 1);
    assert_eq!((used[0].usage_type.as_str(), used[0].micros), ("Requests-Tier1", 540_000_000));
    sqs::polling(&mut desk.world, START + Span::hours(1), &arn("orders"), "shipping-1", 0, Span::secs(20));
    desk.wait(Span::hours(8));
    let last = desk.minutes("sqs", "NumberOfMessagesSent", "orders").last().unwrap().0;
    assert!(
        last < (START + Span::hours(7) + Span::mins(2)).0 / 60_000,
        "an idle queue reports nothing after six hours"
    );
}

#[test]
fn locks_of_sixty_seconds() {
    let mut desk = Desk::new(14);
    let url = desk.queue("orders", json!({}));
    desk.send(&url, "ord-1");
    desk.sqs("PurgeQueue", json!({ "QueueUrl": url }));
    assert_eq!(desk.fate("orders").places.purged, 1);
    desk.wait(Span::secs(59));
    let fault = desk.ask("sqs", "PurgeQueue", json!({ "QueueUrl": url })).unwrap_err();
    assert_eq!(
        fault,
        "AWS.SimpleQueueService.PurgeQueueInProgress: Only one PurgeQueue operation on orders is allowed every 60 seconds."
    );
    desk.wait(Span::secs(1));
    desk.sqs("PurgeQueue", json!({ "QueueUrl": url }));
    desk.send(&url, "ord-2");
    desk.sqs("DeleteQueue", json!({ "QueueUrl": url }));
    assert_eq!(desk.fate("orders").places.queue_deleted, 1);
    let fault = desk.ask("sqs", "CreateQueue", json!({ "QueueName": "orders" })).unwrap_err();
    assert!(fault.starts_with("AWS.SimpleQueueService.QueueDeletedRecently: You must wait 60 seconds"), "{fault}");
    let fault = desk.ask("sqs", "ReceiveMessage", json!({ "QueueUrl": url })).unwrap_err();
    assert_eq!(fault, "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
    desk.wait(Span::secs(60));
    desk.queue("orders", json!({}));
}

#[test]
fn move_tasks_refuse_what_is_no_queues_dead_letters_and_renew_what_they_move() {
    let mut desk = Desk::new(15);
    let dead = desk.queue("orders-dlq", json!({}));
    let start = |rate: Option<i64>| {
        let mut input = json!({ "SourceArn": arn("orders-dlq") });
        if let Some(rate) = rate {
            input["MaxNumberOfMessagesPerSecond"] = json!(rate);
        }
        input
    };
    let fault = desk.ask("sqs", "StartMessageMoveTask", start(None)).unwrap_err();
    assert_eq!(fault, "InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.");
    let url = desk.queue("orders", json!({ "RedrivePolicy": redrive("orders-dlq", 1), "VisibilityTimeout": "1" }));
    for n in 0..25 {
        desk.send(&url, &format!("ord-{n}"));
    }
    for _ in 0..6 {
        desk.receive(&url);
        desk.wait(Span::secs(2));
    }
    assert_eq!(desk.attribute(&dead, "ApproximateNumberOfMessages"), "25");
    let fault = desk.ask("sqs", "StartMessageMoveTask", start(Some(501))).unwrap_err();
    assert!(fault.contains("MaxNumberOfMessagesPerSecond is invalid"), "{fault}");
    let began = desk.world.now;
    desk.sqs("StartMessageMoveTask", start(Some(10)));
    let fault = desk.ask("sqs", "StartMessageMoveTask", start(None)).unwrap_err();
    assert!(fault.starts_with("AWS.SimpleQueueService.UnsupportedOperation: There is already a task running."));
    desk.wait(Span::secs(1));
    let tasks = desk.sqs("ListMessageMoveTasks", json!({ "SourceArn": arn("orders-dlq") }));
    assert_eq!(tasks["Results"][0]["ApproximateNumberOfMessagesMoved"], 10);
    let handle = tasks["Results"][0]["TaskHandle"].clone();
    let done = desk.sqs("CancelMessageMoveTask", json!({ "TaskHandle": handle }));
    assert_eq!(done["ApproximateNumberOfMessagesMoved"], 10);
    desk.wait(Span::secs(5));
    assert_eq!(desk.attribute(&dead, "ApproximateNumberOfMessages"), "15");
    desk.sqs("StartMessageMoveTask", start(None));
    desk.wait(Span::secs(5));
    let tasks = desk.sqs("ListMessageMoveTasks", json!({ "SourceArn": arn("orders-dlq"), "MaxResults": 10 }));
    let states: Vec<&str> =
        tasks["Results"].as_array().unwrap().iter().map(|task| task["Status"].as_str().unwrap()).collect();
    assert_eq!(states, ["COMPLETED", "CANCELLED"]);
    let moved = desk.receive(&url);
    assert_eq!(moved[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(moved[0]["Attributes"]["SentTimestamp"].as_str().unwrap() > began.0.to_string().as_str());
    assert_eq!(desk.fate("orders-dlq").places.moved, 25);
}

#[test]
fn a_subscription_without_permission_fails_once_and_is_logged() {
    let mut desk = Desk::new(16);
    let role = "arn:aws:iam::123456789012:role/sns-logs";
    let topic = desk.topic("order-events", json!({ "SQSFailureFeedbackRoleArn": role }));
    let url = desk.open_queue("shipping-orders", &topic);
    desk.subscribe(&topic, "sqs", &arn("shipping-orders"), json!({ "RawMessageDelivery": "true" }));
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::secs(1));
    assert_eq!(desk.bodies(&url), ["ord-1"]);
    desk.set(&url, "Policy", "");
    assert_eq!(desk.attribute(&url, "Policy"), "");
    desk.wait(Span::secs(60));
    desk.publish(&topic, "ord-2", "");
    desk.wait(Span::hours(2));
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailed", "order-events"), 1, "not tried again");
    assert_eq!(desk.sum("sqs", "NumberOfMessagesSent", "shipping-orders"), 1);
    let places = desk.topic_fate();
    assert_eq!((places.copies, places.delivered, places.refused, places.under_way()), (2, 1, 1, 0));
    assert_eq!(&*places.lost[0].notice.draft.body, "ord-2");
    let source = &service::find("sns").unwrap().logs[0];
    let groups = (source.groups)(&desk.world);
    assert_eq!(groups[0].name, "sns/ap-northeast-2/123456789012/order-events/Failure");
    let record = &(source.records)(&desk.world, &groups[0].name, START, desk.world.now)[0];
    let said: Value = serde_json::from_str(&record.text).unwrap();
    assert_eq!(said["status"], "FAILURE");
    assert_eq!((&said["delivery"]["attempts"], &said["delivery"]["statusCode"]), (&json!(1), &json!(403)));
    assert_eq!(
        said["delivery"]["providerResponse"],
        "{\"ErrorCode\":\"AccessDenied\",\"ErrorMessage\":\"Access to the resource https://sqs.ap-northeast-2.amazonaws.com/123456789012/shipping-orders is denied.\",\"sqsRequestId\":\"Unrecoverable\"}"
    );
    // With the topic named wrongly it is the same.
    let other = policy_for("shipping-orders", "arn:aws:sns:ap-northeast-2:123456789012:other");
    desk.set(&url, "Policy", &other);
    desk.wait(Span::secs(60));
    desk.publish(&topic, "ord-3", "");
    desk.wait(Span::secs(1));
    assert_eq!(desk.topic_fate().refused, 2);
}

#[test]
fn a_subscriptions_dead_letters_are_kept_but_cannot_be_moved_by_a_task() {
    let mut desk = Desk::new(17);
    let topic = desk.topic("order-events", json!({}));
    desk.queue("shipping-orders", json!({}));
    let dead = desk.open_queue("sub-dlq", &topic);
    let redrive = json!({ "deadLetterTargetArn": arn("sub-dlq") }).to_string();
    desk.subscribe(
        &topic,
        "sqs",
        &arn("shipping-orders"),
        json!({ "RawMessageDelivery": "true", "RedrivePolicy": redrive }),
    );
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::secs(1));
    assert_eq!(desk.bodies(&dead), ["ord-1"]);
    assert_eq!(desk.sum("sns", "NumberOfNotificationsRedrivenToDlq", "order-events"), 1);
    assert_eq!(desk.topic_fate().redriven, 1);
    let fault = desk.ask("sqs", "StartMessageMoveTask", json!({ "SourceArn": arn("sub-dlq") })).unwrap_err();
    assert_eq!(fault, "InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.");
    desk.sqs("DeleteQueue", json!({ "QueueUrl": dead }));
    desk.publish(&topic, "ord-2", "");
    desk.wait(Span::secs(1));
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailedToRedriveToDlq", "order-events"), 1);
    assert_eq!(desk.topic_fate().refused, 1);
}

/// An HTTP subscription to an address that nobody serves, as if confirmed long ago.
pub fn dead_address(desk: &mut Desk, topic: &str, attributes: Value) {
    let sub = desk.subscribe(topic, "http", "http://shipping.example/sns", attributes);
    let token = desk.world.aws.topics.get(topic).unwrap().subscription(&sub).unwrap().token.clone().unwrap();
    desk.sns("ConfirmSubscription", json!({ "TopicArn": topic, "Token": &*token }));
}

#[test]
fn pushes_are_tried_four_times_within_about_a_minute() {
    let mut desk = Desk::new(18);
    let topic = desk.topic("order-events", json!({}));
    dead_address(&mut desk, &topic, json!({}));
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::secs(59));
    assert_eq!(desk.topic_fate().under_way(), 1);
    desk.wait(Span::secs(3));
    let places = desk.topic_fate();
    assert_eq!((places.exhausted, places.under_way()), (1, 0));
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailed", "order-events"), 4, "every attempt is counted");
    let meter = &service::find("sns").unwrap().meters[0];
    let used = (meter.read)(&desk.world, START.0 / 3_600_000, START.0 / 3_600_000 + 1);
    let pushes = used.iter().find(|row| row.usage_type == "DeliveryAttempts-HTTP").unwrap();
    assert_eq!(pushes.micros, 4_000_000);
}

#[test]
fn delivery_policies_have_phases_and_an_end() {
    let mut desk = Desk::new(19);
    let topic = desk.topic("order-events", json!({}));
    let policy = json!({ "healthyRetryPolicy": {
        "numRetries": 6, "numNoDelayRetries": 1, "numMinDelayRetries": 1, "numMaxDelayRetries": 1,
        "minDelayTarget": 10, "maxDelayTarget": 50, "backoffFunction": "linear",
    }});
    dead_address(&mut desk, &topic, json!({ "DeliveryPolicy": policy.to_string() }));
    desk.publish(&topic, "ord-1", "");
    // 0 + 10 + (10, 30, 50) + 50 seconds.
    desk.wait(Span::secs(149));
    assert_eq!(desk.topic_fate().under_way(), 1);
    desk.wait(Span::secs(3));
    assert_eq!(desk.topic_fate().exhausted, 1);
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailed", "order-events"), 7);
    let long = json!({ "healthyRetryPolicy": { "numRetries": 100, "minDelayTarget": 40, "maxDelayTarget": 40 } });
    let input = json!({ "TopicArn": topic, "Protocol": "http", "Endpoint": "http://x.example/", "Attributes": { "DeliveryPolicy": long.to_string() } });
    let fault = desk.ask("sns", "Subscribe", input).unwrap_err();
    assert!(fault.contains("3600 seconds"), "{fault}");
}

#[test]
fn a_new_filter_works_within_a_quarter_of_an_hour_and_silently() {
    let mut desk = Desk::new(21);
    let topic = desk.topic("order-events", json!({}));
    let url = desk.open_queue("accounting-orders", &topic);
    let filter = json!({ "eventType": ["OrderPlaced"] }).to_string();
    let sub = desk.subscribe(
        &topic,
        "sqs",
        &arn("accounting-orders"),
        json!({ "FilterPolicy": filter, "RawMessageDelivery": "true" }),
    );
    for n in 0..3 {
        desk.publish(&topic, &format!("ord-{n}"), "OrderPlaced");
        desk.publish(&topic, &format!("gift-{n}"), "OrderPlaced.Gift");
    }
    desk.publish(&topic, "bare", "");
    desk.wait(Span::secs(1));
    assert_eq!(desk.bodies(&url).len(), 3);
    let sum = |desk: &Desk, metric: &str| desk.sum("sns", metric, "order-events");
    assert_eq!(sum(&desk, "NumberOfNotificationsFilteredOut"), 4);
    assert_eq!(sum(&desk, "NumberOfNotificationsFilteredOut-MessageAttributes"), 3);
    assert_eq!(sum(&desk, "NumberOfNotificationsFilteredOut-NoMessageAttributes"), 1);
    assert_eq!(sum(&desk, "NumberOfNotificationsFailed"), 0);
    let set = json!({
        "SubscriptionArn": sub, "AttributeName": "FilterPolicy",
        "AttributeValue": json!({ "eventType": [{ "prefix": "OrderPlaced" }] }).to_string(),
    });
    let changed = desk.world.now;
    desk.sns("SetSubscriptionAttributes", set);
    let shown = desk.sns("GetSubscriptionAttributes", json!({ "SubscriptionArn": sub }));
    assert_eq!(shown["Attributes"]["FilterPolicy"], "{\"eventType\":[{\"prefix\":\"OrderPlaced\"}]}");
    assert_eq!(shown["Attributes"]["FilterPolicyScope"], "MessageAttributes");
    let mut through = None;
    while through.is_none() && desk.world.now < changed + Span::mins(20) {
        desk.publish(&topic, "gift", "OrderPlaced.Gift");
        desk.wait(Span::secs(10));
        if !desk.bodies(&url).is_empty() {
            through = Some(desk.world.now - changed);
        }
    }
    let took = through.expect("the filter never worked");
    assert!(took > Span::secs(20) && took <= Span::mins(15) + Span::secs(10), "{took:?}");
}

#[test]
fn every_kind_of_filter() {
    let cases: &[(Value, &str, &str, bool)] = &[
        (json!({ "k": ["a", "b"] }), "String", "b", true),
        (json!({ "k": ["a"] }), "String", "ab", false),
        (json!({ "k": [{ "suffix": ".Gift" }] }), "String", "Order.Gift", true),
        (json!({ "k": [{ "anything-but": ["a", "b"] }] }), "String", "c", true),
        (json!({ "k": [{ "anything-but": "a" }] }), "String", "a", false),
        (json!({ "k": [{ "anything-but": { "prefix": "test-" } }] }), "String", "test-1", false),
        (json!({ "k": [{ "equals-ignore-case": "GIFT" }] }), "String", "gift", true),
        (json!({ "k": [{ "wildcard": "a*z" }] }), "String", "abcz", true),
        (json!({ "k": [{ "exists": true }] }), "String", "x", true),
        (json!({ "k": [{ "exists": false }] }), "String", "x", false),
        (json!({ "other": [{ "exists": false }] }), "String", "x", true),
        (json!({ "k": [{ "numeric": ["=", 5] }] }), "Number", "5.0", true),
        (json!({ "k": [{ "numeric": [">", 0, "<=", 150] }] }), "Number", "150", true),
        (json!({ "k": [{ "numeric": [">", 0, "<", 150] }] }), "Number", "150", false),
        (json!({ "k": [5] }), "Number", "5", true),
        (json!({ "k": [5] }), "String", "5", false),
        (json!({ "k": ["a"] }), "String.Array", "[\"x\",\"a\"]", true),
        (json!({ "k": ["a"] }), "String.Array", "a", false),
        (json!({ "k": ["a"], "l": ["b"] }), "String", "a", false),
        (json!({ "$or": [{ "k": ["a"] }, { "l": ["b"] }] }), "String", "a", true),
    ];
    for (filter, kind, value, through) in cases {
        let mut desk = Desk::new(22);
        let topic = desk.topic("t", json!({}));
        desk.open_queue("q", &topic);
        desk.subscribe(&topic, "sqs", &arn("q"), json!({ "FilterPolicy": filter.to_string() }));
        let attributes = json!({ "k": { "DataType": kind, "StringValue": value } });
        desk.sns("Publish", json!({ "TopicArn": topic, "Message": "m", "MessageAttributes": attributes }));
        desk.wait(Span::secs(1));
        assert_eq!(desk.topic_fate().delivered == 1, *through, "{filter} {kind} {value}");
    }
    let body = |filter: Value, body: &str| {
        let mut desk = Desk::new(22);
        let topic = desk.topic("t", json!({}));
        desk.open_queue("q", &topic);
        let attributes = json!({ "FilterPolicyScope": "MessageBody", "FilterPolicy": filter.to_string() });
        desk.subscribe(&topic, "sqs", &arn("q"), attributes);
        desk.publish(&topic, body, "");
        desk.wait(Span::secs(1));
        let invalid = desk.sum("sns", "NumberOfNotificationsFilteredOut-InvalidMessageBody", "t");
        (desk.topic_fate().delivered, invalid)
    };
    let nested = json!({ "order": { "kind": ["gift"], "lines": { "sku": ["VAN"] } } });
    assert_eq!(body(nested.clone(), r#"{"order":{"kind":"gift","lines":[{"sku":"X"},{"sku":"VAN"}]}}"#), (1, 0));
    assert_eq!(body(nested.clone(), r#"{"order":{"kind":"gift","lines":[]}}"#), (0, 0));
    assert_eq!(body(nested, "\"a JSON string in an envelope\""), (0, 1));
}

#[test]
fn the_envelope_is_left_out_where_delivery_is_raw() {
    let mut desk = Desk::new(23);
    let topic = desk.topic("order-events", json!({}));
    let wrapped = desk.open_queue("a", &topic);
    let raw = desk.open_queue("b", &topic);
    let sub = desk.subscribe(&topic, "sqs", &arn("a"), json!({}));
    desk.subscribe(&topic, "sqs", &arn("b"), json!({ "RawMessageDelivery": "true" }));
    desk.publish(&topic, "ord-1 \"x\"", "OrderPlaced");
    desk.wait(Span::secs(1));
    let body = desk.bodies(&wrapped).remove(0);
    assert!(body.starts_with("{\n  \"Type\" : \"Notification\",\n  \"MessageId\" : \""), "{body}");
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&said["Message"], &said["TopicArn"]), (&json!("ord-1 \"x\""), &json!(topic)));
    assert_eq!(said["MessageAttributes"]["eventType"], json!({ "Type": "String", "Value": "OrderPlaced" }));
    assert!(said["UnsubscribeURL"].as_str().unwrap().ends_with(&sub));
    let got = desk.sqs("ReceiveMessage", json!({ "QueueUrl": raw, "MessageAttributeNames": ["All"] }));
    assert_eq!(got["Messages"][0]["Body"], "ord-1 \"x\"");
    assert_eq!(got["Messages"][0]["MessageAttributes"]["eventType"]["StringValue"], "OrderPlaced");
}

#[test]
fn delivered_is_published_times_subscriptions() {
    let mut desk = Desk::new(24);
    let topic = desk.topic("order-events", json!({}));
    for name in ["a", "b", "c"] {
        desk.open_queue(name, &topic);
        desk.subscribe(&topic, "sqs", &arn(name), json!({}));
    }
    for n in 0..50 {
        desk.publish(&topic, &format!("ord-{n}"), "");
        desk.wait(Span::secs(1));
    }
    assert_eq!(desk.sum("sns", "NumberOfMessagesPublished", "order-events"), 50);
    assert_eq!(desk.sum("sns", "NumberOfNotificationsDelivered", "order-events"), 150);
    assert_eq!(["a", "b", "c"].map(|name| desk.sum("sqs", "NumberOfMessagesSent", name)), [50, 50, 50]);
    // The same queue twice is one subscription.
    let again = desk.subscribe(&topic, "sqs", &arn("a"), json!({}));
    assert_eq!(desk.sns("ListSubscriptions", json!({}))["Subscriptions"][0]["SubscriptionArn"], again);
    assert_eq!(desk.sns("ListSubscriptions", json!({}))["Subscriptions"].as_array().unwrap().len(), 3);
}

/// Asks for what must be refused: nothing may be changed by it.
fn refused(desk: &mut Desk, service: &str, cases: Vec<(&str, Value, &str)>) {
    let state = |desk: &Desk| {
        let queue = desk.world.aws.queues.get(&arn("orders")).unwrap();
        format!("{:?} {:?} {:?}", queue.setup, queue.store, desk.world.aws.topics)
    };
    let before = state(desk);
    for (operation, input, words) in cases {
        assert_eq!(desk.ask(service, operation, input.clone()).unwrap_err(), words, "{operation} {input}");
    }
    assert_eq!(state(desk), before, "nothing was changed");
}

#[test]
fn sqs_refuses_bad_input_in_its_own_words() {
    let mut desk = Desk::new(25);
    let url = desk.queue("orders", json!({}));
    let set = |name: &str, value: &str| json!({ "QueueUrl": url, "Attributes": { name: value } });
    let cases = vec![
        (
            "SetQueueAttributes",
            set("Policy", "{nonsense"),
            "InvalidAttributeValue: Invalid value for the parameter Policy.",
        ),
        (
            "SetQueueAttributes",
            set("VisibilityTimeout", "43201"),
            "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.",
        ),
        (
            "SetQueueAttributes",
            set("MessageRetentionPeriod", "59"),
            "InvalidAttributeValue: Invalid value for the parameter MessageRetentionPeriod.",
        ),
        ("SetQueueAttributes", set("Colour", "red"), "InvalidAttributeName: Unknown Attribute Colour."),
        (
            "SetQueueAttributes",
            set("RedrivePolicy", "[]"),
            "InvalidParameterValue: Value [] for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.",
        ),
        (
            "GetQueueUrl",
            json!({ "QueueName": "nobody" }),
            "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.",
        ),
        (
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "x", "DelaySeconds": 901 }),
            "InvalidParameterValue: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        ),
        (
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "\u{1}" }),
            "InvalidMessageContents: Invalid characters found in the message body. Allowed: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": [] }),
            "AWS.SimpleQueueService.EmptyBatchRequest: There should be at least one SendMessageBatchRequestEntry in the request.",
        ),
    ];
    refused(&mut desk, "sqs", cases);
}

#[test]
fn sns_refuses_bad_input_in_its_own_words() {
    let mut desk = Desk::new(25);
    desk.queue("orders", json!({}));
    let topic = desk.topic("order-events", json!({}));
    let sub = desk.subscribe(&topic, "sqs", &arn("orders"), json!({}));
    let filter =
        |text: &str| json!({ "SubscriptionArn": sub, "AttributeName": "FilterPolicy", "AttributeValue": text });
    let cases = vec![
        (
            "SetSubscriptionAttributes",
            filter("{"),
            "InvalidParameter: Invalid parameter: FilterPolicy: failed to parse JSON. Unexpected character or end of input",
        ),
        (
            "SetSubscriptionAttributes",
            filter("{\"a\":\"b\"}"),
            "InvalidParameter: Invalid parameter: FilterPolicy: \"a\" must be an object or an array",
        ),
        (
            "SetSubscriptionAttributes",
            filter("{\"a\":[{\"like\":\"b\"}]}"),
            "InvalidParameter: Invalid parameter: FilterPolicy: Unrecognized match type like",
        ),
        (
            "SetSubscriptionAttributes",
            filter("{\"a\":{\"b\":[1]}}"),
            "InvalidParameter: Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            "Publish",
            json!({ "TopicArn": "order-events", "Message": "x" }),
            "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
        ),
        ("Publish", json!({ "TopicArn": format!("{topic}-x"), "Message": "x" }), "NotFound: Topic does not exist"),
        (
            "Subscribe",
            json!({ "TopicArn": topic, "Protocol": "pigeon", "Endpoint": "x" }),
            "InvalidParameter: Invalid parameter: Amazon SNS does not support this protocol string: pigeon",
        ),
    ];
    refused(&mut desk, "sns", cases);
}

#[test]
fn a_clone_lives_on_its_own() {
    let mut desk = Desk::new(30);
    let url = desk.queue("orders", json!({}));
    desk.send(&url, "ord-1");
    let twin = desk.world.clone();
    desk.sqs("PurgeQueue", json!({ "QueueUrl": url }));
    let mut other = Desk { world: twin };
    assert_eq!(other.bodies(&url), ["ord-1"]);
    let _same: Arc<str> = sqs::arn_of_url(&other.world, &url).unwrap();
}

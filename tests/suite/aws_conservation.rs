//! Conservation: whatever people do to topics and queues, every message copy is in exactly one place, and it does not
//! matter how often anybody looked.

use crate::aws_messages::{Desk, arn, dead_address, policy_for, redrive};
use proptest::prelude::*;
use serde_json::{Value, json};
use whodunit::stdx::time::Span;
use whodunit::world::aws::{lambda, post, sqs};

/// What somebody does to the account in the property tests.
#[derive(Clone, Debug)]
enum Step {
    Publish(u8),
    Send,
    Receive(u8),
    DeleteSome,
    Set(u8),
    Purge,
    Move,
    DeleteQueue,
    Subscribe,
    Unsubscribe,
    Policy(bool),
    Filter(u8),
    Cancel,
    Map(u8),
    Unmap,
}

fn step() -> impl Strategy<Value = (Step, u32)> {
    let step = prop_oneof![
        6 => (0..3_u8).prop_map(Step::Publish),
        3 => Just(Step::Send),
        6 => (0..3_u8).prop_map(Step::Receive),
        3 => Just(Step::DeleteSome),
        2 => (0..4_u8).prop_map(Step::Set),
        1 => Just(Step::Purge),
        1 => Just(Step::Move),
        1 => Just(Step::DeleteQueue),
        1 => Just(Step::Subscribe),
        1 => Just(Step::Unsubscribe),
        1 => any::<bool>().prop_map(Step::Policy),
        1 => (0..3_u8).prop_map(Step::Filter),
        1 => Just(Step::Cancel),
        2 => (0..3_u8).prop_map(Step::Map),
        1 => Just(Step::Unmap),
    ];
    (step, prop_oneof![4 => 0..30_000_u32, 2 => 30_000..400_000_u32, 1 => 3_000_000..40_000_000_u32])
}

struct Scene {
    desk: Desk,
    topic: String,
    receipts: Vec<(String, Value)>,
    count: usize,
}

const QUEUES: [&str; 3] = ["q", "dead", "m.fifo"];

const CHANGES: [(&str, &str); 4] =
    [("VisibilityTimeout", "5"), ("MessageRetentionPeriod", "60"), ("DelaySeconds", "45"), ("RedrivePolicy", "")];

impl Scene {
    fn new(seed: u64) -> Scene {
        let mut desk = Desk::new(seed);
        let topic = desk.topic("t", json!({}));
        desk.queue("dead", json!({ "MessageRetentionPeriod": "7200" }));
        let policy = policy_for("q", &topic);
        desk.queue(
            "q",
            json!({ "Policy": policy, "RedrivePolicy": redrive("dead", 2), "MessageRetentionPeriod": "3600" }),
        );
        desk.queue("m.fifo", json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" }));
        desk.subscribe(&topic, "sqs", &arn("q"), json!({}));
        dead_address(&mut desk, &topic, json!({}));
        // It fails with two messages in five: what it is given comes back, and dies in the end.
        let picky = json!({ "init": "300ms", "memory": 60, "steps": [{ "is": "refuse", "per_mille": 400, "error": "no", "takes": "2s" }] });
        assert!(lambda::describe(&mut desk.world, &json!({ "picky": picky })).is_empty());
        let function = json!({
            "FunctionName": "picky", "Runtime": "python3.12", "Role": "arn:aws:iam::123456789012:role/fn", "Timeout": 3,
            "Handler": "app.handler", "Code": { "S3Bucket": "code", "S3Key": "picky/1.0.0.zip" },
        });
        desk.workshop();
        desk.ask("lambda", "CreateFunction", function).unwrap();
        Scene { desk, topic, receipts: Vec::new(), count: 0 }
    }

    /// Refusals are fine: nothing may be lost by them.
    fn act(&mut self, step: &Step) {
        self.count += 1;
        let url = |name: &str| format!("https://sqs.ap-northeast-2.amazonaws.com/123456789012/{name}");
        let desk = &mut self.desk;
        let sub = || desk_subscription(desk, &self.topic);
        let (service, operation, input) = match step {
            Step::Publish(n) => {
                let kind = json!({ "k": { "DataType": "String", "StringValue": n.to_string() } });
                let message = format!("ord-{}", self.count);
                ("sns", "Publish", json!({ "TopicArn": self.topic, "Message": message, "MessageAttributes": kind }))
            }
            Step::Send => {
                let body = format!("m-{}", self.count / 2);
                (
                    "sqs",
                    "SendMessage",
                    json!({ "QueueUrl": url("m.fifo"), "MessageBody": body, "MessageGroupId": (self.count % 3).to_string() }),
                )
            }
            Step::Receive(n) => {
                let url = url(QUEUES[usize::from(*n)]);
                let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 1 + self.count % 10 });
                let got = desk.ask("sqs", "ReceiveMessage", input).unwrap_or_default();
                let messages = got["Messages"].as_array().cloned().unwrap_or_default();
                return self.receipts.extend(messages.iter().map(|one| (url.clone(), one["ReceiptHandle"].clone())));
            }
            Step::DeleteSome => {
                let Some((url, receipt)) = self.receipts.pop() else { return };
                ("sqs", "DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": receipt }))
            }
            Step::Set(n) => {
                let (name, value) = CHANGES[usize::from(*n)];
                ("sqs", "SetQueueAttributes", json!({ "QueueUrl": url("q"), "Attributes": { name: value } }))
            }
            Step::Purge => ("sqs", "PurgeQueue", json!({ "QueueUrl": url("q") })),
            Step::Move => {
                ("sqs", "StartMessageMoveTask", json!({ "SourceArn": arn("dead"), "MaxNumberOfMessagesPerSecond": 2 }))
            }
            Step::DeleteQueue if self.count.is_multiple_of(2) => {
                ("sqs", "DeleteQueue", json!({ "QueueUrl": url("q") }))
            }
            Step::DeleteQueue => (
                "sqs",
                "CreateQueue",
                json!({ "QueueName": "q", "Attributes": { "Policy": policy_for("q", &self.topic) } }),
            ),
            Step::Subscribe => {
                ("sns", "Subscribe", json!({ "TopicArn": self.topic, "Protocol": "sqs", "Endpoint": arn("q") }))
            }
            Step::Cancel | Step::Map(_) | Step::Unmap => flow(desk, step, self.count),
            Step::Unsubscribe => ("sns", "Unsubscribe", json!({ "SubscriptionArn": sub() })),
            Step::Policy(open) => {
                let policy = if *open { policy_for("q", &self.topic) } else { String::new() };
                ("sqs", "SetQueueAttributes", json!({ "QueueUrl": url("q"), "Attributes": { "Policy": policy } }))
            }
            Step::Filter(n) => {
                let filter = json!({ "k": [n.to_string()] }).to_string();
                (
                    "sns",
                    "SetSubscriptionAttributes",
                    json!({ "SubscriptionArn": sub(), "AttributeName": "FilterPolicy", "AttributeValue": filter }),
                )
            }
        };
        let _refused = desk.ask(service, operation, input);
    }

    /// All state, in small pieces.
    fn shown(&self) -> Vec<String> {
        let text = format!("{:#?}\n{:#?}", self.desk.world.aws.queues, self.desk.world.aws.topics);
        let lines: Vec<&str> = text.lines().collect();
        lines.windows(4).map(|lines| lines.join("\n")).collect()
    }

    fn balanced(&self) {
        let fates = post::fates(&self.desk.world);
        assert_eq!(fates.wrong(), Vec::<String>::new());
        // What the metrics say was sent is what came from senders and by move tasks.
        let sent: i64 = QUEUES.iter().map(|queue| self.desk.sum("sqs", "NumberOfMessagesSent", queue)).sum();
        let places =
            |pick: fn(&sqs::places::Places) -> u64| fates.queues.iter().map(|fate| pick(&fate.places)).sum::<u64>();
        assert_eq!(sent as u64, places(|places| places.sent) + places(|places| places.moved));
        let topic = &fates.topics[0].places;
        assert_eq!(topic.delivered as i64, self.desk.sum("sns", "NumberOfNotificationsDelivered", "t"));
        assert_eq!(topic.filtered as i64, self.desk.sum("sns", "NumberOfNotificationsFilteredOut", "t"));
    }
}

/// What is done to move tasks and mappings.
fn flow(desk: &mut Desk, step: &Step, count: usize) -> (&'static str, &'static str, Value) {
    match step {
        Step::Cancel => {
            let tasks =
                desk.ask("sqs", "ListMessageMoveTasks", json!({ "SourceArn": arn("dead") })).unwrap_or_default();
            ("sqs", "CancelMessageMoveTask", json!({ "TaskHandle": tasks["Results"][0]["TaskHandle"] }))
        }
        Step::Map(n) => {
            let queue = arn(QUEUES[usize::from(*n)]);
            let batch = 1 + count % 10;
            let known =
                desk.ask("lambda", "ListEventSourceMappings", json!({ "EventSourceArn": queue })).unwrap_or_default();
            match known["EventSourceMappings"][0]["UUID"].as_str() {
                Some(uuid) => (
                    "lambda",
                    "UpdateEventSourceMapping",
                    json!({ "UUID": uuid, "Enabled": batch > 3, "BatchSize": batch }),
                ),
                None => (
                    "lambda",
                    "CreateEventSourceMapping",
                    json!({ "FunctionName": "picky", "EventSourceArn": queue,
                        "BatchSize": batch, "FunctionResponseTypes": ["ReportBatchItemFailures"] }),
                ),
            }
        }
        _ => {
            let known = desk.ask("lambda", "ListEventSourceMappings", json!({})).unwrap_or_default();
            ("lambda", "DeleteEventSourceMapping", json!({ "UUID": known["EventSourceMappings"][0]["UUID"] }))
        }
    }
}

fn desk_subscription(desk: &Desk, topic: &str) -> String {
    let topic = desk.world.aws.topics.get(topic).unwrap();
    topic.subscriptions.first().map_or_else(|| format!("{}:gone", topic.arn), |held| held.arn.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is done, every message copy is in exactly one place; and it does not matter how often anybody looked.
    #[test]
    fn nothing_is_lost_and_cutting_time_changes_nothing(
        seed in 0..1_000_u64,
        steps in prop::collection::vec(step(), 1..60),
        cuts in prop::collection::vec(1..9_999_u32, 0..40),
    ) {
        let mut whole = Scene::new(seed);
        let mut cut = Scene::new(seed);
        for (index, (step, wait)) in steps.iter().enumerate() {
            whole.act(step);
            cut.act(step);
            let to = whole.desk.world.now + Span::millis((*wait).into());
            whole.desk.world.advance_to(to);
            let mut parts: Vec<u32> = cuts.iter().skip(index % 7).take(5).map(|cut| wait / 10_000 * cut + wait % 97).collect();
            parts.sort_unstable();
            let from = cut.desk.world.now;
            for part in parts {
                cut.desk.world.advance_to((from + Span::millis(part.into())).min(to));
            }
            cut.desk.world.advance_to(to);
            whole.balanced();
        }
        let (whole, cut) = (whole.shown(), cut.shown());
        let differ = whole.iter().zip(&cut).find(|(a, b)| a != b);
        prop_assert_eq!(differ, None);
        prop_assert_eq!(whole.len(), cut.len());
    }
}

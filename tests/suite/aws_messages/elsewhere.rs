//! Topics and queues of other regions, queues of other accounts, addresses: who has to be asked first.

use super::{Desk, arn, policy_for};
use serde_json::json;
use whodunit::stdx::time::Span;
use whodunit::world::aws::post;

/// SNS Developer Guide, "Cross-region delivery": a queue of another region is told like one of its own. Each region's endpoint
/// knows its own topics and queues only.
#[test]
fn a_topic_of_another_region_delivers_here_and_is_listed_there() {
    let mut desk = Desk::new(25);
    let tokyo = "ap-northeast-1";
    let made = desk.ask_in(tokyo, "sns", "CreateTopic", json!({ "Name": "mirror" })).unwrap();
    let mirror = "arn:aws:sns:ap-northeast-1:123456789012:mirror";
    assert_eq!(made["TopicArn"], mirror);
    let own = desk.open_queue("orders", mirror);
    let there = json!({ "QueueName": "standby", "Attributes": { "Policy": policy_for("standby", mirror).replace("sqs:ap-northeast-2", "sqs:ap-northeast-1") } });
    let there = desk.ask_in(tokyo, "sqs", "CreateQueue", there).unwrap()["QueueUrl"].clone();
    assert_eq!(there, "https://sqs.ap-northeast-1.amazonaws.com/123456789012/standby");
    for endpoint in [arn("orders"), arn("standby").replace("ap-northeast-2", tokyo)] {
        let input = json!({ "TopicArn": mirror, "Protocol": "sqs", "Endpoint": endpoint, "Attributes": { "RawMessageDelivery": "true" } });
        assert_ne!(desk.ask_in(tokyo, "sns", "Subscribe", input).unwrap()["SubscriptionArn"], "pending confirmation");
    }
    let message = json!({ "TopicArn": mirror, "Message": "ord-1" });
    assert_eq!(
        desk.ask("sns", "Publish", message.clone()).unwrap_err(),
        "InvalidParameter: Invalid parameter: TopicArn"
    );
    desk.ask_in(tokyo, "sns", "Publish", message).unwrap();
    desk.wait(Span::mins(1));
    assert_eq!(desk.bodies(&own), ["ord-1"]);
    let read = json!({ "QueueUrl": there, "AttributeNames": ["ApproximateNumberOfMessages"] });
    let shown = desk.ask_in(tokyo, "sqs", "GetQueueAttributes", read.clone()).unwrap();
    assert_eq!(shown["Attributes"]["ApproximateNumberOfMessages"], "1");
    assert!(desk.ask("sqs", "GetQueueAttributes", read).unwrap_err().contains("NonExistentQueue"));
    // A name that both regions have is meant where the URL says.
    let elsewhere = json!({ "QueueUrl": "https://sqs.ap-northeast-1.amazonaws.com/123456789012/orders" });
    assert!(desk.ask("sqs", "PurgeQueue", elsewhere).unwrap_err().contains("NonExistentQueue"));
    assert_eq!(desk.sns("ListTopics", json!({}))["Topics"], json!([]));
    assert_eq!(desk.ask_in(tokyo, "sns", "ListTopics", json!({})).unwrap()["Topics"][0]["TopicArn"], mirror);
    assert_eq!(desk.sqs("ListQueues", json!({}))["QueueUrls"], json!([own]));
    // What is measured is measured there, and every copy has its place.
    assert_eq!(desk.sum("sns", "NumberOfNotificationsDelivered", "mirror"), 0);
    desk.world.aws = desk.world.aws.in_region(tokyo);
    assert_eq!(desk.sum("sns", "NumberOfNotificationsDelivered", "mirror"), 2);
    assert_eq!(post::fates(&desk.world).wrong(), Vec::<String>::new());
}

/// Who owns the other account has to say yes; until then nothing is tried, so nothing fails.
#[test]
fn a_queue_of_another_account_stays_pending_and_gets_nothing() {
    let mut desk = Desk::new(24);
    let topic = desk.topic("order-events", json!({}));
    let own = desk.open_queue("orders", &topic);
    desk.subscribe(&topic, "sqs", &arn("orders"), json!({ "RawMessageDelivery": "true" }));
    let theirs = arn("orders").replace("123456789012", "210987654321");
    let input = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": theirs });
    assert_eq!(desk.sns("Subscribe", input)["SubscriptionArn"], "pending confirmation");
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::hours(1));
    assert_eq!(desk.bodies(&own), ["ord-1"]);
    let listed = desk.sns("ListSubscriptionsByTopic", json!({ "TopicArn": topic }));
    let row = &listed["Subscriptions"][1];
    assert_eq!((&row["SubscriptionArn"], &row["Endpoint"]), (&json!("PendingConfirmation"), &json!(theirs)));
    assert_eq!((desk.topic_fate().copies, desk.topic_fate().refused), (1, 0));
    assert_eq!(desk.sum("sns", "NumberOfNotificationsFailed", "order-events"), 0);
    let arn = desk.world.aws.topics.get(&topic).unwrap().subscriptions[1].arn.to_string();
    let fault = desk.ask("sns", "Unsubscribe", json!({ "SubscriptionArn": arn })).unwrap_err();
    assert!(fault.contains("pending subscription"), "{fault}");
}

#[test]
fn addresses_are_asked_and_stay_pending_until_they_confirm() {
    let mut desk = Desk::new(20);
    let topic = desk.topic("order-events", json!({}));
    let input = json!({ "TopicArn": topic, "Protocol": "email", "Endpoint": "care@scoopline.example" });
    assert_eq!(desk.sns("Subscribe", input)["SubscriptionArn"], "pending confirmation");
    desk.subscribe(&topic, "https", "https://hooks.example/sns", json!({}));
    desk.wait(Span::hours(1));
    let listed = desk.sns("ListSubscriptionsByTopic", json!({ "TopicArn": topic }));
    let arns: Vec<&str> = listed["Subscriptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["SubscriptionArn"].as_str().unwrap())
        .collect();
    assert_eq!(arns, ["PendingConfirmation", "PendingConfirmation"]);
    desk.publish(&topic, "ord-1", "");
    desk.wait(Span::secs(1));
    assert_eq!(desk.topic_fate().copies, 0, "nobody gets what was published before");
    let attributes = desk.sns("GetTopicAttributes", json!({ "TopicArn": topic }))["Attributes"].clone();
    assert_eq!(
        (&attributes["SubscriptionsPending"], &attributes["SubscriptionsConfirmed"]),
        (&json!("2"), &json!("0"))
    );
}

//! Queues: move tasks between types, dead letters of FIFO queues, idle polls.

use super::{Desk, START, arn, redrive};
use serde_json::json;
use whodunit::stdx::time::Span;
use whodunit::world::aws::sqs;

/// A standard queue's letters have no group, so that a FIFO queue could not hold them back, and the other way round.
#[test]
fn move_tasks_go_to_queues_of_the_same_type_only() {
    for fifo in [false, true] {
        let mut desk = Desk::new(15);
        let kind = |fifo: bool| if fifo { json!({ "FifoQueue": "true" }) } else { json!({}) };
        let tail = |fifo: bool| if fifo { ".fifo" } else { "" };
        let dead = format!("dead{}", tail(fifo));
        desk.queue(&dead, kind(fifo));
        let mut source = kind(fifo);
        source["RedrivePolicy"] = json!(redrive(&dead, 1));
        desk.queue(&format!("orders{}", tail(fifo)), source);
        desk.queue(&format!("alike{}", tail(fifo)), kind(fifo));
        desk.queue(&format!("other{}", tail(!fifo)), kind(!fifo));
        let to = |name: String| json!({ "SourceArn": arn(&dead), "DestinationArn": arn(&name) });
        let fault = desk.ask("sqs", "StartMessageMoveTask", to(format!("other{}", tail(!fifo)))).unwrap_err();
        assert_eq!(fault, "InvalidParameterValue: Source queue and destination queue must be of the same type.");
        desk.sqs("StartMessageMoveTask", to(format!("alike{}", tail(fifo))));
    }
}

/// A FIFO dead-letter queue knows a message by the message's id, so that two with one deduplication id both get there.
#[test]
fn dead_letters_of_fifo_queues_have_their_ids_as_deduplication_ids() {
    let mut desk = Desk::new(17);
    let dead = desk.queue("dead.fifo", json!({ "FifoQueue": "true" }));
    let set = json!({
        "FifoQueue": "true", "VisibilityTimeout": "1", "RedrivePolicy": redrive("dead.fifo", 1),
        "DeduplicationScope": "messageGroup",
    });
    let url = desk.queue("moves.fifo", set);
    for group in ["a", "b"] {
        desk.send_fifo(&url, "sold", group, "one-id");
    }
    desk.receive(&url);
    desk.wait(Span::secs(2));
    desk.receive(&url);
    let letters = desk.receive(&dead);
    assert_eq!(letters.len(), 2);
    for letter in letters {
        assert_eq!(letter["Attributes"]["MessageDeduplicationId"], letter["MessageId"]);
    }
}

/// Readers that say nothing of waiting wait as long as the queue says; the change works when it has propagated.
#[test]
fn idle_polls_follow_the_queues_waiting_time() {
    let mut desk = Desk::new(13);
    let url = desk.queue("orders", json!({ "ReceiveMessageWaitTimeSeconds": "5" }));
    sqs::polling(&mut desk.world, START, &arn("orders"), "shipping-1", 1, None);
    desk.wait(Span::hours(1));
    assert_eq!(desk.sum("sqs", "NumberOfEmptyReceives", "orders"), 12 * 60);
    desk.set(&url, "ReceiveMessageWaitTimeSeconds", "20");
    desk.wait(Span::mins(2));
    let before = desk.sum("sqs", "NumberOfEmptyReceives", "orders");
    desk.wait(Span::hours(1));
    assert_eq!(desk.sum("sqs", "NumberOfEmptyReceives", "orders") - before, 3 * 60);
    desk.set(&url, "ReceiveMessageWaitTimeSeconds", "0");
    desk.wait(Span::mins(2));
    let before = desk.sum("sqs", "NumberOfEmptyReceives", "orders");
    desk.wait(Span::mins(10));
    assert_eq!(desk.sum("sqs", "NumberOfEmptyReceives", "orders") - before, 600, "a loop that does not wait");
}

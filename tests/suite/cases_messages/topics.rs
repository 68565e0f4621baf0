//! Letters to the Wrong Box and The Revoked Key: what a topic did with every order, and what mends that do not hold.

use super::{drawn, filled, open, solved, type_in, wait};
use whodunit::drill::run::Run;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::sns::places::Fate;
use whodunit::world::signals::metrics;

const FILTERED: &str = "letters-to-the-wrong-box";
const REVOKED: &str = "the-revoked-key";
const QUEUE: &str = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/shipping-orders";

fn indicator(run: &Run, name: &str) -> f64 {
    metrics::indicator_at(&run.stage.world, name, run.now()).expect("an indicator")
}

fn well(run: &Run, name: &str) -> bool {
    (indicator(run, name) - 1.0).abs() < f64::EPSILON
}

/// Orders (placed until two minutes ago) without a row in a table, and those with more than one.
fn wrong(world: &World, table: &str) -> (u64, u64) {
    let orders = world.ledger.orders(Time(0), world.now - Span::mins(2));
    let rows = orders.map(|order| world.ledger.slot(table, order.number).rows);
    rows.fold((0, 0), |(none, more), rows| (none + u64::from(rows == 0), more + u64::from(rows > 1)))
}

/// Filtered-out messages are as many as the bookings that lack, whatever they were filtered out for: the topic's own count
/// and the books agree, and nothing is dead, failed or waiting.
#[test]
fn what_was_filtered_out_is_what_is_missing() {
    for (variant, seed) in [("A", 1), ("B", 2), ("C", 3), ("D", 4)] {
        let mut run = open(FILTERED, variant, seed);
        wait(&mut run, Span::mins(3));
        let world = &run.stage.world;
        let (missing, doubled) = wrong(world, drawn(&run, "table"));
        assert!(missing > 20, "{variant}: {missing}");
        assert_eq!((wrong(world, drawn(&run, "other_table")), doubled), ((0, 0), 0), "{variant}");
        let topic = world.aws.topics.iter().find(|topic| &*topic.name == "order-events").expect("the topic");
        let filtered = topic.places.filtered;
        assert!(missing <= filtered && filtered <= missing + 40, "{variant}: {filtered} filtered, {missing} missing");
        assert!(topic.places.lost.iter().all(|lost| lost.fate == Fate::Filtered), "{variant}");
    }
}

/// A changed filter takes up to a quarter of an hour: whoever replays at once is not done.
#[test]
fn a_replay_before_the_filter_has_changed_leaves_a_gap() {
    let mut run = open(FILTERED, "B", 5);
    let replay = filled(&run, "shopctl replay --missing {table} --from 06:00 --to {who}-orders");
    let ratio = filled(&run, "slo_{done}_ratio");
    type_in(&mut run, &["iac revert 3", "iac apply", &replay]);
    wait(&mut run, Span::mins(25));
    assert!(!well(&run, &ratio), "{}", indicator(&run, &ratio));
    type_in(&mut run, &[&replay]);
    wait(&mut run, Span::mins(5));
    assert!(well(&run, &ratio), "{}", indicator(&run, &ratio));
}

/// At the end of each solution every order is booked and shipped, each once.
#[test]
fn solutions_bring_both_readers_together() {
    for (slug, table, variant, seed) in
        [(FILTERED, "", "A", 6), (FILTERED, "", "C", 7), (REVOKED, "shipments", "B", 6), (REVOKED, "shipments", "D", 7)]
    {
        let run = solved(slug, variant, seed);
        let table = if table.is_empty() { drawn(&run, "table") } else { table };
        let (missing, _) = wrong(&run.stage.world, table);
        assert_eq!(missing, 0, "{slug} {variant}");
    }
}

/// What is mended by hand and is otherwise in the code, the next scheduled apply takes back; what the code does not mention
/// any more stays.
#[test]
fn the_next_apply_takes_back_what_was_mended_by_hand() {
    let policy = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"arn:aws:sns:ap-northeast-2:123456789012:order-events\"}}}]}"#;
    let allow = format!(r#"aws sqs set-queue-attributes --queue-url {QUEUE} --attributes '{{"Policy":"{policy}"}}'"#);
    let plain = format!(r#"aws sqs set-queue-attributes --queue-url {QUEUE} --attributes '{{"KmsMasterKeyId":""}}'"#);
    for (variant, by_hand, stays) in [("A", &allow, true), ("B", &allow, false), ("C", &plain, false)] {
        let mut run = open(REVOKED, variant, 8);
        type_in(
            &mut run,
            &[by_hand, "sleep 2m", "shopctl replay --missing shipments --since 90m --to shipping-orders"],
        );
        wait(&mut run, Span::mins(8));
        assert!(well(&run, "slo_shipped_ratio"), "{variant}: {}", indicator(&run, "slo_shipped_ratio"));
        wait(&mut run, Span::mins(30));
        assert_eq!(well(&run, "slo_shipped_ratio"), stays, "{variant}: {}", indicator(&run, "slo_shipped_ratio"));
    }
}

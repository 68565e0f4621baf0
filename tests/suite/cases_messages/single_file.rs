//! Single File, Please: the quota, the groups, the five minutes, and what a head of a group takes with it.

use super::{drawn, open, solved, type_in, wait};
use std::collections::BTreeSet;
use whodunit::drill::run::Run;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::aws::service;
use whodunit::world::signals::metrics;

const FILE: &str = "single-file-please";
const QUEUE: &str = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/stock-moves.fifo";
const RATIO: &str = "slo_stock_once_ratio";

fn ratio(run: &Run) -> f64 {
    metrics::indicator_at(&run.stage.world, RATIO, run.now()).expect("an indicator")
}

/// Messages sent to the queue, by the minute of the sale.
fn sent(run: &Run) -> Vec<i64> {
    let source = &service::find("sqs").unwrap().metrics[0];
    let keys = (source.list)(&run.stage.world);
    let fits = |key: &&whodunit::world::aws::tally::Key| {
        key.metric == "NumberOfMessagesSent" && &*key.dimensions[0].1 == "stock-moves.fifo"
    };
    let key = keys.iter().find(fits).expect("the metric");
    let now = run.now().0 / 60_000;
    let minutes = (source.minutes)(&run.stage.world, key, now - 60, now - 1);
    minutes.into_iter().map(|(_, minute)| minute.sum).filter(|sum| *sum > 5_000).collect()
}

/// Orders placed in the last hour by what their rows lack of, or exceed, what each moves.
fn books(run: &Run) -> (u64, u64) {
    let world = &run.stage.world;
    let moves: u64 = drawn(run, "stock_moves_per_order").parse().expect("a number");
    let orders = world.ledger.orders(world.now - Span::hours(1), world.now - Span::mins(1));
    let rows = orders.map(|order| u64::from(world.ledger.slot("moves", order.number).rows));
    rows.fold((0, 0), |(lacking, surplus), rows| {
        (lacking + moves.saturating_sub(rows), surplus + rows.saturating_sub(moves))
    })
}

/// Flat at the top, whatever is offered; batches of ten go through.
#[test]
fn three_hundred_a_second_and_not_one_more() {
    let mut run = open(FILE, "A", 1);
    wait(&mut run, Span::mins(1));
    let flat = sent(&run);
    assert!(flat.len() >= 6 && flat.iter().all(|sum| (16_500..=18_000).contains(sum)), "{flat:?}");
    type_in(&mut run, &["shopctl flag set batch_moves on"]);
    wait(&mut run, Span::mins(2));
    let batched = sent(&run).into_iter().max().unwrap_or_default();
    assert!(batched > 20_000, "{batched}");
    let (lost, surplus) = books(&run);
    assert!(lost > 20_000 && surplus == 0, "{lost} lost, {surplus} too many");
}

/// At the end of each solution that can bring the books in order they are.
#[test]
fn solutions_bring_the_books_in_order() {
    for (variant, seed) in [("A", 2), ("B", 3), ("D", 4)] {
        let run = solved(FILE, variant, seed);
        assert_eq!(books(&run), (0, 0), "{variant}");
        assert!((ratio(&run) - 1.0).abs() < f64::EPSILON, "{variant}");
    }
}

/// A queue for dead letters takes the bad message, and with it the good ones of its batch, which were received as often.
#[test]
fn what_stands_behind_a_bad_message_wears_out_with_it() {
    let mut run = open(FILE, "D", 5);
    let redrive = format!(
        r#"aws sqs set-queue-attributes --queue-url {QUEUE} --attributes '{{"RedrivePolicy":"{{\"deadLetterTargetArn\":\"arn:aws:sqs:ap-northeast-2:123456789012:stock-moves-dlq.fifo\",\"maxReceiveCount\":\"3\"}}"}}'"#
    );
    let create = "aws sqs create-queue --queue-name stock-moves-dlq.fifo --attributes FifoQueue=true";
    type_in(&mut run, &[create, &redrive]);
    wait(&mut run, Span::mins(6));
    let dead = run.stage.world.aws.queues.get("arn:aws:sqs:ap-northeast-2:123456789012:stock-moves-dlq.fifo");
    let dead: Vec<Option<u32>> =
        dead.expect("the queue").store.iter().map(|(_, message)| run.stage.world.ledger.named(&message.body)).collect();
    let good: BTreeSet<u32> = dead.iter().flatten().copied().collect();
    assert_eq!(dead.iter().filter(|order| order.is_none()).count(), 1, "{dead:?}");
    assert!(!good.is_empty() && dead.len() <= 10, "{dead:?}");
    let (lacking, _) = books(&run);
    assert_eq!(lacking as usize, dead.len() - 1, "{dead:?}");
}

/// More pods do not shorten a single file.
#[test]
fn more_readers_do_not_help_one_group() {
    let waiting = |run: &Run| {
        let queue = run.stage.world.aws.queues.get("arn:aws:sqs:ap-northeast-2:123456789012:stock-moves.fifo");
        queue.expect("the queue").store.iter().count()
    };
    let mut idle = open(FILE, "B", 6);
    wait(&mut idle, Span::mins(4));
    let mut more = open(FILE, "B", 6);
    type_in(&mut more, &["kubectl -n fulfil scale deploy/inventory --replicas=6"]);
    wait(&mut more, Span::mins(4));
    let (without, with) = (waiting(&idle), waiting(&more));
    assert!(with * 10 >= without * 9, "{with} against {without}");
    assert!(Time(0) < more.now());
}

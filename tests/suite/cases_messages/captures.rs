//! *The Clerk Who Came Back Too Late* beyond the common checks: what tells its variants apart is so for every doubled order, and
//! what fools do makes it no better.

use std::collections::BTreeSet;
use std::sync::Arc;
use whodunit::drill::act::Act;
use whodunit::drill::check;
use whodunit::drill::run::{Clock, Run};
use whodunit::drill::transcript::player;
use whodunit::scenario;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

const SLUG: &str = "the-clerk-who-came-back-too-late";
const QUEUE: &str = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/accounting-orders";

fn open(variant: &str, seed: u64) -> Run {
    let pack = scenario::find(SLUG).expect("the case");
    let (case, stage) = scenario::cast(&pack, variant, seed).expect("a case");
    Run::open(Arc::new(case), stage, Clock::Turn)
}

fn type_in(run: &mut Run, line: &str) {
    assert!(!run.apply(0, Act::Run { line: line.to_string() }).refused, "{line}");
}

fn wait(run: &mut Run, span: Span) {
    run.apply(0, Act::Wait { span });
}

/// Orders with more than one capture, placed since a time.
fn doubled(world: &World, since: Time) -> Vec<u32> {
    let orders = world.ledger.orders(since, world.now).map(|order| order.number);
    orders.filter(|number| world.ledger.slot("captures", *number).rows > 1).collect()
}

/// Rows too many of orders placed since a time.
fn surplus(world: &World, since: Time) -> u32 {
    doubled(world, since).iter().map(|order| world.ledger.slot("captures", *order).rows - 1).sum()
}

/// A number that the seed drew, without its unit.
fn drawn(run: &Run, name: &str) -> i64 {
    run.case.names[name].trim_end_matches('s').parse().expect("a number")
}

/// How far apart the captures of one message are: a lease, and as much more or less as the card house's times differ.
fn around(run: &Run, jitter: &str) -> std::ops::RangeInclusive<i64> {
    let (lease, jitter) = (drawn(run, "lease"), drawn(run, jitter));
    lease - jitter - 1..=lease + jitter + 1
}

/// The discriminators: whether the captures of an order are of one message, and the shortest and longest time between two.
#[test]
fn captures_differ_by_message_and_by_gap_as_the_variants_say() {
    for (variant, seed, one_message) in [("A", 1, true), ("B", 2, true), ("C", 3, false), ("D", 4, true)] {
        let run = open(variant, seed);
        let gaps = match variant {
            "A" => around(&run, "slow_jitter"),
            "B" => 5..=13,
            "C" => 0..=15,
            _ => around(&run, "fifo_jitter"),
        };
        let world = &run.stage.world;
        let twice = doubled(world, run.now() - Span::mins(29));
        assert!(twice.len() >= 5, "{variant}: {}", twice.len());
        // The handful of the night, which proves nothing; a FIFO queue has none.
        let night = doubled(world, Time(0)).len() - twice.len();
        assert!(night <= 20 && (night > 0) == (variant != "D"), "{variant}: {night} in the night");
        for order in twice {
            let rows = world.ledger.rows_of("captures", order);
            let messages: BTreeSet<&str> = rows.iter().map(|(_, row)| &*row.message).collect();
            assert_eq!(messages.len() == 1, one_message, "{variant}: {order}");
            for pair in rows.windows(2) {
                let gap = (pair[1].1.at - pair[0].1.at).0 / 1_000;
                assert!(gaps.contains(&gap), "{variant}: {order} after {gap} s");
            }
        }
        // One order was placed for each, and none is without a capture.
        let missing = world.ledger.orders(Time(0), world.now - Span::mins(5));
        let missing = missing.filter(|order| world.ledger.slot("captures", order.number).rows == 0).count();
        assert_eq!(missing, 0, "{variant}");
    }
}

/// More workers make no fewer doubles, and a shorter timeout makes more captures of each.
#[test]
fn more_hands_and_shorter_leases_do_not_help() {
    let shorter = format!("aws sqs set-queue-attributes --queue-url {QUEUE} --attributes VisibilityTimeout=10");
    let surplus_after = |line: &str| {
        let mut run = open("A", 5);
        type_in(&mut run, line);
        wait(&mut run, Span::mins(5));
        let since = run.now();
        wait(&mut run, Span::mins(15));
        surplus(&run.stage.world, since)
    };
    let (idle, hands) =
        (surplus_after("date"), surplus_after("kubectl -n fulfil scale deploy/accounting --replicas=6"));
    let leases = surplus_after(&shorter);
    assert!(idle > 20 && hands > idle - idle / 10, "{hands} with more hands, {idle} without");
    assert!(leases > idle + idle / 2, "{leases} with shorter leases, {idle} without");
}

/// Accounting's key mends the books of accounting alone: where the producer sends twice, parcels go on leaving twice.
#[test]
fn a_key_in_accounting_does_not_mend_the_producer() {
    let mut run = open("C", 6);
    type_in(&mut run, "kubectl -n fulfil set env deploy/accounting IDEMPOTENT=true");
    wait(&mut run, Span::mins(5));
    let since = run.now();
    wait(&mut run, Span::mins(40));
    let world = &run.stage.world;
    assert_eq!(surplus(world, since), 0);
    let orders = world.ledger.orders(since, world.now).map(|order| order.number);
    assert!(orders.filter(|number| world.ledger.slot("shipments", *number).rows > 1).count() > 5);
}

/// After each solution no order is captured twice any more, and none was lost on the way.
#[test]
fn solutions_end_it() {
    for (variant, seed) in [("A", 7), ("B", 8), ("C", 9), ("D", 10)] {
        let pack = scenario::find(SLUG).expect("the case");
        let solution = check::read_solution(&pack, variant).expect("a solution");
        let mut run = open(variant, seed);
        player::play(&mut run, solution.steps).unwrap_or_else(|problem| panic!("{variant}: {problem:?}"));
        let world = &run.stage.world;
        assert_eq!(surplus(world, world.now - Span::mins(35)), 0, "{variant}");
        let all = world.ledger.orders(Time(0), world.now - Span::mins(5));
        let missing = all.filter(|order| world.ledger.slot("captures", order.number).rows == 0).count();
        assert_eq!(missing, 0, "{variant}");
    }
}

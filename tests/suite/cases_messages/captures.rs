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

/// The discriminators: whether the captures of an order are of one message, and the shortest and longest time between two.
#[test]
fn captures_differ_by_message_and_by_gap_as_the_variants_say() {
    for (variant, seed, one_message, gaps) in
        [("A", 1, true, 9..=51), ("B", 2, true, 5..=13), ("C", 3, false, 0..=15), ("D", 4, true, 9..=51)]
    {
        let run = open(variant, seed);
        let world = &run.stage.world;
        let twice = doubled(world, Time(0));
        assert!(twice.len() >= 5, "{variant}: {}", twice.len());
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
    for fools in ["kubectl -n fulfil scale deploy/accounting --replicas=6", "shorter"] {
        let mut run = open("A", 5);
        let line = format!("aws sqs set-queue-attributes --queue-url {QUEUE} --attributes VisibilityTimeout=10");
        type_in(&mut run, if fools == "shorter" { &line } else { fools });
        wait(&mut run, Span::mins(5));
        let since = run.now();
        wait(&mut run, Span::mins(15));
        let world = &run.stage.world;
        let placed = world.ledger.orders(since, world.now - Span::mins(2)).count() as u32;
        let more = surplus(world, since);
        if fools == "shorter" {
            assert!(more > placed + placed / 2, "{more} for {placed}");
        } else {
            assert!(more > placed - placed / 10, "{more} for {placed}");
        }
    }
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

//! *The Dead-Letter Office* beyond the common checks: what fools do costs what it should, and at the end every order is
//! shipped, waits, or is lost at a place that says why.

use std::collections::BTreeSet;
use std::sync::Arc;
use whodunit::drill::act::Act;
use whodunit::drill::check;
use whodunit::drill::run::{Clock, Run};
use whodunit::drill::transcript::player;
use whodunit::scenario;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::sqs::places::Fate;
use whodunit::world::signals::metrics;

const SLUG: &str = "the-dead-letter-office";
const DEAD: &str = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/shipping-orders-dlq";
const REDRIVE: &str =
    "aws sqs start-message-move-task --source-arn arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders-dlq";

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

fn letters(world: &World) -> BTreeSet<u32> {
    let queue = world.aws.queues.get("arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders-dlq").expect("the queue");
    queue.store.iter().filter_map(|(_, message)| world.ledger.named(&message.body)).collect()
}

/// Orders whose letter ended so.
fn ended(world: &World, fate: Fate) -> BTreeSet<u32> {
    let queue = world.aws.queues.get("arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders-dlq").expect("the queue");
    let lost = queue.places.lost.iter().filter(|lost| lost.fate == fate);
    lost.filter_map(|lost| world.ledger.named(&lost.body)).collect()
}

/// Orders by their rows in the books, but those placed in the last five minutes.
fn with_rows(world: &World, meant: impl Fn(u32) -> bool) -> BTreeSet<u32> {
    let orders = world.ledger.orders(Time(0), world.now - Span::mins(5));
    orders.map(|order| order.number).filter(|number| meant(world.ledger.slot("shipments", *number).rows)).collect()
}

fn parcels(run: &Run) -> f64 {
    metrics::indicator_at(&run.stage.world, "slo_parcels_ratio", run.now()).expect("an indicator")
}

/// Orders placed equal those shipped, those among the dead letters, and those that died there of age: in each variant in
/// which something is missing. The alarm has said nothing of it.
#[test]
fn every_missing_order_is_a_letter_or_was_one() {
    for (variant, seed) in [("A", 1), ("B", 2), ("D", 3)] {
        let run = open(variant, seed);
        let world = &run.stage.world;
        let missing = with_rows(world, |rows| rows == 0);
        let (held, expired) = (letters(world), ended(world, Fate::Expired));
        assert!(held.len() > 60 && expired.len() > 25, "{variant}: {} and {}", held.len(), expired.len());
        assert_eq!(missing.difference(&held).filter(|order| !expired.contains(order)).count(), 0, "{variant}");
        assert_eq!(with_rows(world, |rows| rows > 1).len(), 0, "{variant}");
    }
}

/// What the page says of the dashboard is so, and whose orders they are differs: those with an emoji, all, those with a note.
#[test]
fn the_page_is_true_of_every_culprit_and_the_letters_tell_them_apart() {
    for (variant, all) in [("A", false), ("B", true), ("C", false), ("D", false)] {
        let run = open(variant, 11);
        let world = &run.stage.world;
        let queue = world.aws.queues.get("arn:aws:sqs:ap-northeast-2:123456789012:shipping-orders").expect("the queue");
        assert_eq!(queue.store.visible(), 0, "{variant}");
        let oldest = queue.store.oldest().map_or(Span::ZERO, |since| world.now - since);
        assert!(oldest < Span::mins(1), "{variant}: {oldest:?}");
        let held = letters(world);
        let plain =
            held.iter().filter(|order| world.ledger.order(**order).is_some_and(|order| order.traits == 0)).count();
        assert_eq!(plain * 2 > held.len(), all, "{variant}: {plain} of {}", held.len());
        assert_eq!(plain == 0, !all, "{variant}: {plain} of {}", held.len());
    }
}

/// Where the lease is too short, every letter is of an order that was shipped, and more often than once: who sends them round
/// again sends yet another parcel.
#[test]
fn letters_of_successes_make_another_parcel() {
    let mut run = open("C", 4);
    let held = letters(&run.stage.world);
    assert!(held.len() > 150, "{}", held.len());
    assert!(with_rows(&run.stage.world, |rows| rows == 0).is_empty());
    let before =
        |run: &Run| held.iter().map(|order| run.stage.world.ledger.slot("shipments", *order).rows).sum::<u32>();
    let (rows, harm) = (before(&run), parcels(&run));
    type_in(&mut run, REDRIVE);
    wait(&mut run, Span::mins(40));
    assert!(before(&run) >= rows + held.len() as u32, "{} after {rows}", before(&run));
    assert!(parcels(&run) < harm, "{} after {harm}", parcels(&run));
}

/// Before the mend a redrive brings every letter back, worn three times more; a purge ends them and what they said.
#[test]
fn a_redrive_before_the_mend_returns_and_a_purge_destroys() {
    let mut run = open("A", 5);
    let (held, harm) = (letters(&run.stage.world), parcels(&run));
    type_in(&mut run, REDRIVE);
    wait(&mut run, Span::mins(10));
    let back = letters(&run.stage.world);
    assert!(held.difference(&back).count() * 10 < held.len(), "{} of {}", back.len(), held.len());
    assert!((parcels(&run) - harm).abs() < 0.05);
    type_in(&mut run, &format!("aws sqs purge-queue --queue-url {DEAD}"));
    wait(&mut run, Span::mins(3));
    assert!(ended(&run.stage.world, Fate::Purged).len() > 60);
    run.apply(0, Act::Close);
    let card = run.score();
    let state = |clue: &str| {
        let line = card.ledger.iter().find(|line| line.key == "scene.clue" && line.subject == clue);
        line.and_then(|line| line.because.first()).map_or(String::new(), |(_, state)| state.clone())
    };
    assert_eq!(state("text"), "destroyed");
}

/// Who rebuilds all that is missing from the books and then sends the letters round as well ships twice.
#[test]
fn rebuilding_what_still_lies_there_ships_twice() {
    let mut run = open("B", 6);
    let held = letters(&run.stage.world);
    for line in [
        "iac revert 3 && iac apply roles",
        "sleep 1m",
        "shopctl replay --missing shipments --since 80h --until 08:20 --to shipping-orders",
        "sleep 20m",
        REDRIVE,
        "sleep 40m",
    ] {
        type_in(&mut run, line);
    }
    let twice = with_rows(&run.stage.world, |rows| rows > 1);
    assert!(twice.len() * 10 > held.len() * 8, "{} of {}", twice.len(), held.len());
}

/// At the end of each solution nobody waits, and where nothing was doubled before, nothing is.
#[test]
fn solutions_leave_nobody_waiting() {
    for (variant, seed) in [("A", 7), ("C", 8), ("D", 9)] {
        let pack = scenario::find(SLUG).expect("the case");
        let solution = check::read_solution(&pack, variant).expect("a solution");
        let mut run = open(variant, seed);
        let doubled = with_rows(&run.stage.world, |rows| rows > 1);
        player::play(&mut run, solution.steps).unwrap_or_else(|problem| panic!("{variant}: {problem:?}"));
        let world = &run.stage.world;
        assert!(with_rows(world, |rows| rows == 0).is_empty(), "{variant}");
        assert!(letters(world).is_empty(), "{variant}");
        let more = with_rows(world, |rows| rows > 1);
        let since = more.difference(&doubled).count();
        assert!(since == 0 || variant == "C" && since < 20, "{variant}: {since}");
        assert!((parcels(&run) - 1.0).abs() < f64::EPSILON, "{variant}");
    }
}

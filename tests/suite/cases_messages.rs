//! The cases of lost, late and doubled messages: fairness beyond the common checks. What fools do costs what it should, and
//! whatever was played, every order is shipped, waits somewhere, or is lost at a place that says why.

mod captures;
mod dead_letters;
mod single_file;
mod topics;

use std::collections::BTreeSet;
use std::sync::Arc;
use whodunit::case::score::Scorecard;
use whodunit::drill::act::Act;
use whodunit::drill::check;
use whodunit::drill::run::{Clock, Run};
use whodunit::drill::transcript::player;
use whodunit::scenario;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::aws::{sns, sqs};
use whodunit::world::signals::{self, Search, metrics};

const PARCEL: &str = "the-parcel-nobody-signed-for";
const VANS: &str = "two-vans-one-parcel";
const HOOKS: &str = "aws sns list-subscriptions-by-topic --topic-arn arn:aws:sns:ap-northeast-2:123456789012:order-events \
    --query \"Subscriptions[?Protocol=='https'].SubscriptionArn\" --output text | xargs -n1 aws sns unsubscribe --subscription-arn";

fn open(slug: &str, variant: &str, seed: u64) -> Run {
    let pack = scenario::find(slug).expect("the case");
    let (case, stage) = scenario::cast(&pack, variant, seed).expect("a case");
    Run::open(Arc::new(case), stage, Clock::Turn)
}

fn type_in(run: &mut Run, lines: &[&str]) {
    for line in lines {
        let outcome = run.apply(0, Act::Run { line: (*line).to_string() });
        assert!(!outcome.refused, "{line}");
    }
}

fn wait(run: &mut Run, span: Span) {
    run.apply(0, Act::Wait { span });
}

/// A variant's own solution, to its verdict.
fn solved(slug: &str, variant: &str, seed: u64) -> Run {
    let pack = scenario::find(slug).expect("the case");
    let solution = check::read_solution(&pack, variant).expect("a solution");
    let mut run = open(slug, variant, seed);
    player::play(&mut run, solution.steps).unwrap_or_else(|problem| panic!("{variant}: {problem:?}"));
    run
}

/// What became of a perishable clue.
fn state(card: &Scorecard, clue: &str) -> String {
    let line = card.ledger.iter().find(|line| line.key == "scene.clue" && line.subject == clue);
    line.and_then(|line| line.because.first()).map_or(String::new(), |(_, state)| state.clone())
}

fn today(run: &Run) -> f64 {
    metrics::indicator_at(&run.stage.world, &run.case.indicator.name, run.now()).expect("an indicator")
}

/// What the seed drew under a name.
fn drawn<'a>(run: &'a Run, name: &str) -> &'a str {
    &run.case.names[name]
}

/// A line with what the seed drew.
fn filled(run: &Run, line: &str) -> String {
    let names = run.case.names.iter();
    names.fold(line.to_string(), |line, (name, text)| line.replace(&format!("{{{name}}}"), text))
}

/// Rows that an order has in the book that finance or logistics misses.
fn rows(run: &Run, number: u32) -> u32 {
    run.stage.world.ledger.slot(drawn(run, "table"), number).rows
}

fn doubled(run: &Run) -> usize {
    let world = &run.stage.world;
    world.ledger.orders(Time(0), world.now).filter(|order| rows(run, order.number) > 1).count()
}

/// Orders that are not in a reader's book, by what is known of each.
#[derive(Debug, Default, PartialEq, Eq)]
struct Whereabouts {
    waiting: BTreeSet<u32>,
    dead_letters: BTreeSet<u32>,
    expired: BTreeSet<u32>,
    given_up: BTreeSet<u32>,
    dropped: BTreeSet<u32>,
    refused: BTreeSet<u32>,
    nowhere: BTreeSet<u32>,
}

/// Orders that an app's records of a template name.
fn named_in(world: &World, app: &str, template: &str) -> BTreeSet<u32> {
    let search = Search { subject: app.into(), from: Time(0), to: world.now, ..Search::default() };
    let records = signals::shipped(world, &search).into_iter().filter(|record| &*record.template == template);
    records.filter_map(|record| world.ledger.named(record.field("order")?)).collect()
}

fn whereabouts(world: &World, reader: &str, table: &str) -> Whereabouts {
    let arn = |name: &str| format!("arn:aws:sqs:ap-northeast-2:123456789012:{name}");
    let queue = world.aws.queues.get(&arn(&format!("{reader}-orders"))).expect("the queue");
    let dead = world.aws.queues.get(&arn(&format!("{reader}-orders-dlq"))).expect("its dead letters");
    let topic = world.aws.topics.get("arn:aws:sns:ap-northeast-2:123456789012:order-events").expect("the topic");
    let held = |queue: &sqs::Queue| -> BTreeSet<u32> {
        queue.store.iter().filter_map(|(_, message)| world.ledger.named(&message.body)).collect()
    };
    let expired = queue.places.lost.iter().filter(|lost| lost.fate == sqs::places::Fate::Expired);
    let expired: BTreeSet<u32> = expired.filter_map(|lost| world.ledger.named(&lost.body)).collect();
    let given_up = topic.places.lost.iter().filter(|lost| lost.fate == sns::places::Fate::Exhausted);
    let given_up: BTreeSet<u32> = given_up.filter_map(|lost| world.ledger.named(&lost.notice.draft.body)).collect();
    let (waiting, dead) = (held(queue), held(dead));
    let (dropped, refused) =
        (named_in(world, "storefront", "notify-failed"), named_in(world, reader, "handler-failed"));
    let mut all = Whereabouts::default();
    // What was placed a moment ago may be on its way.
    for order in world.ledger.orders(Time(0), world.now - Span::mins(2)) {
        let number = order.number;
        if world.ledger.slot(table, number).rows > 0 {
            continue;
        }
        let places = [
            (&waiting, &mut all.waiting),
            (&dead, &mut all.dead_letters),
            (&expired, &mut all.expired),
            (&given_up, &mut all.given_up),
            (&dropped, &mut all.dropped),
            (&refused, &mut all.refused),
        ];
        let place = places.into_iter().find(|(known, _)| known.contains(&number)).map(|(_, place)| place);
        place.unwrap_or(&mut all.nowhere).insert(number);
    }
    all
}

/// Orders placed equal those delivered, in flight, in the dead letters, expired, and lost with the place and the reason:
/// the place of each variant is its culprit's.
#[test]
fn nobody_acts_and_every_order_is_somewhere() {
    for (variant, seed) in [("A", 1), ("B", 2), ("C", 3), ("D", 4)] {
        let mut run = open(PARCEL, variant, seed);
        wait(&mut run, Span::mins(20));
        let all = whereabouts(&run.stage.world, drawn(&run, "who"), drawn(&run, "table"));
        let lost = [&all.dropped, &all.given_up, &all.expired, &all.refused].map(BTreeSet::len);
        let place = ["A", "B", "C", "D"].iter().position(|id| *id == variant).unwrap();
        for (at, count) in lost.into_iter().enumerate() {
            assert!(if at == place { count > 60 } else { count == 0 }, "{variant}: {lost:?}");
        }
        assert!(all.nowhere.is_empty() && all.waiting.is_empty() && all.dead_letters.is_empty(), "{variant}: {all:?}");
    }
}

/// At the end of each solution every order is in both books, each once: also those of the second standstill.
#[test]
fn solutions_ship_every_order_once() {
    for (variant, seed) in [("A", 5), ("B", 6), ("C", 7), ("D", 8)] {
        let run = solved(PARCEL, variant, seed);
        let (reader, table) = (drawn(&run, "who"), drawn(&run, "table"));
        assert_eq!(whereabouts(&run.stage.world, reader, table), Whereabouts::default(), "{variant}");
        assert_eq!(doubled(&run), 0, "{variant}");
        assert!((today(&run) - 1.0).abs() < f64::EPSILON, "{variant}");
    }
}

/// Sending the whole morning again ships what had been shipped once more: the harm is another, and it is no smaller.
#[test]
fn a_blind_replay_doubles_the_morning() {
    let mut run = open(PARCEL, "B", 9);
    let before = today(&run);
    let other = if drawn(&run, "who") == "shipping" { "accounting" } else { "shipping" };
    let all = format!("logs {other} --since 5h --grep order= | shopctl replay --orders @- --to {{who}}-orders");
    let all = filled(&run, &all);
    type_in(&mut run, &[&all]);
    wait(&mut run, Span::mins(20));
    assert!(doubled(&run) > 800, "{}", doubled(&run));
    assert!(today(&run) < before, "{} after {before}", today(&run));
    // Nothing takes the second parcel back.
    wait(&mut run, Span::hours(1));
    assert!(today(&run) < before, "{} after {before}", today(&run));
}

/// What the storefront remembers is gone with its processes, and events after an hour.
#[test]
fn a_restart_forgets_and_an_hour_expires() {
    let mut run = open(PARCEL, "A", 1);
    type_in(&mut run, &["kubectl -n shop rollout restart deploy/storefront"]);
    wait(&mut run, Span::mins(3));
    run.apply(0, Act::Close);
    let card = run.score();
    assert_eq!(state(&card, "ring"), "destroyed");
    assert_eq!(state(&card, "scaled-up"), "still-there");
    let mut run = open(PARCEL, "A", 1);
    wait(&mut run, Span::mins(16));
    run.apply(0, Act::Close);
    let card = run.score();
    assert_eq!(state(&card, "ring"), "still-there");
    assert_eq!(state(&card, "scaled-up"), "expired");
}

/// A release that deletes first loses what its pods hold when they are replaced: orders replayed before they are gone.
#[test]
fn a_replay_into_a_rollout_is_lost_with_it() {
    let mut run = open(PARCEL, "D", 2);
    let image = "kubectl -n fulfil set image deploy/{who} app=registry.scoopline.example/{who}:{good_version}";
    let replay = "shopctl replay --missing {table} --from 08:50 --until {gap_over} --to {who}-orders";
    let both = filled(&run, &format!("{image} && {replay}"));
    type_in(&mut run, &[&both]);
    wait(&mut run, Span::mins(20));
    let lost = whereabouts(&run.stage.world, drawn(&run, "who"), drawn(&run, "table"));
    assert!(today(&run) < 1.0, "{lost:?}");
    // Once they are gone, nothing is lost any more; what was placed meanwhile is replayed as well.
    let rest = filled(&run, "shopctl replay --missing {table} --from 08:50 --until {later} --to {who}-orders");
    type_in(&mut run, &[&rest]);
    wait(&mut run, Span::mins(5));
    assert!((today(&run) - 1.0).abs() < f64::EPSILON);
}

/// How many shipments the orders of a window have, each number once.
fn copies(world: &World, from: Time, to: Time) -> BTreeSet<u32> {
    world.ledger.orders(from, to).map(|order| world.ledger.slot("shipments", order.number).rows).collect()
}

/// Exact multiples: three and then six where each pod has a subscription, twice elsewhere, and once before noon.
#[test]
fn copies_are_exact_multiples() {
    for (variant, noon, late) in [("A", 3, 6), ("B", 2, 2), ("C", 2, 2), ("D", 2, 2)] {
        let run = open(VANS, variant, 3);
        let (world, page) = (&run.stage.world, run.now());
        let at = |minutes: i64| page - Span::mins(minutes);
        assert_eq!(copies(world, at(170), at(120)), BTreeSet::from([1]), "{variant}");
        assert_eq!(copies(world, at(85), at(30)), BTreeSet::from([noon]), "{variant}");
        assert_eq!(copies(world, at(9), at(3)), BTreeSet::from([late]), "{variant}");
    }
}

/// The addresses of pods that are gone lead to those that are there: fewer pods are as many copies, and new pods more.
#[test]
fn fewer_pods_are_as_many_copies_and_new_ones_more() {
    let mut run = open(VANS, "A", 2);
    type_in(&mut run, &["kubectl -n fulfil scale deploy/shipping --replicas=1"]);
    wait(&mut run, Span::mins(12));
    let now = run.now();
    assert_eq!(copies(&run.stage.world, now - Span::mins(8), now - Span::mins(3)), BTreeSet::from([6]));
    type_in(&mut run, &["kubectl -n fulfil rollout restart deploy/shipping"]);
    wait(&mut run, Span::mins(12));
    let now = run.now();
    assert_eq!(copies(&run.stage.world, now - Span::mins(8), now - Span::mins(3)), BTreeSet::from([7]));
}

/// Whoever takes every subscription away before the queue has its own stops the copies, and the parcels with them.
#[test]
fn without_a_subscription_nothing_is_shipped() {
    let mut run = open(VANS, "A", 4);
    type_in(&mut run, &[HOOKS]);
    wait(&mut run, Span::mins(12));
    let now = run.now();
    assert_eq!(copies(&run.stage.world, now - Span::mins(8), now - Span::mins(3)), BTreeSet::from([0]));
}

/// At the end of each solution every order has left, and those of the last half hour left once.
#[test]
fn solutions_lose_none_and_double_none() {
    for (variant, seed) in [("A", 5), ("B", 6), ("C", 7), ("D", 8)] {
        let run = solved(VANS, variant, seed);
        let (world, now) = (&run.stage.world, run.now());
        assert_eq!(whereabouts(world, "shipping", "shipments"), Whereabouts::default(), "{variant}");
        assert_eq!(copies(world, now - Span::mins(30), now - Span::mins(3)), BTreeSet::from([1]), "{variant}");
    }
}

/// What a topic gives up once somebody has told it where to keep that waits there; whoever sends everything that lacks, and
/// then that as well, has it twice.
#[test]
fn half_of_what_was_given_up_may_wait() {
    let kept = |seed: u64| {
        let run = open(PARCEL, "B", seed);
        let queue = run.stage.world.aws.queues.get("arn:aws:sqs:ap-northeast-2:123456789012:orders-undelivered");
        let waits = queue.expect("the queue").store.iter().count();
        (drawn(&run, "rescue_name") == "RedrivePolicy", waits)
    };
    let all: Vec<(bool, usize)> = (1..=8).map(kept).collect();
    assert!(all.iter().all(|(told, waits)| if *told { *waits > 30 } else { *waits == 0 }), "{all:?}");
    assert!(all.iter().any(|(told, _)| *told) && all.iter().any(|(told, _)| !told), "{all:?}");
}

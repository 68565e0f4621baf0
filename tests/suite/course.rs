//! What the whole score knows of a run from folds of the world: the truth of what is stated, the course of the harm, and what
//! the solution does beside it.

use std::sync::Arc;
use whodunit::drill::act::Act;
use whodunit::drill::claims;
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario;
use whodunit::stdx::time::Span;

pub fn opened(slug: &str, variant: &str) -> Run {
    let pack = scenario::find(slug).expect("the case");
    let (case, stage) = scenario::cast(&pack, variant, 1).expect("a case");
    Run::open(Arc::new(case), stage, Clock::Turn)
}

pub fn does(run: &mut Run, line: &str) {
    let outcome = run.apply(0, Act::Run { line: line.into() });
    assert!(!outcome.refused, "{line}: {:?}", outcome.notice);
}

const POD: &str = "the-pod-that-would-not-stay-up";

/// A run brings its solution, of a member of a family as well.
#[test]
fn a_case_knows_its_solution() {
    assert!(opened(POD, "A").case.solution.contains("> verdict "));
    let member = opened("two-of-everything", "two-vans-one-parcel/A");
    assert!(member.case.solution.contains("> verdict "));
    assert_eq!(member.case.origin.0.as_ref().map(|pack| pack.slug.as_str()), Some("two-of-everything"));
}

/// The fields of a stated problem are true or false of the world, whatever the case says of itself.
#[test]
fn a_stated_problem_is_true_or_false_of_the_world() {
    let mut run = opened(POD, "A");
    let own = run.case.indicator.name.clone();
    let onset = run.case.verdict.onset.expect("an onset");
    assert!(claims::hurts(&run, &own));
    assert!(claims::hurts(&run, "kube_endpoint_address_available{endpoint=storefront,namespace=shop}"));
    assert!(!claims::hurts(&run, "kube_endpoint_address_available{endpoint=cart,namespace=shop}"));
    assert!(!claims::hurts(&run, "no_such_series") && !claims::hurts(&run, "what hurts?"));
    assert!(claims::is_well(&run, &own, "kube_endpoint_address_available{endpoint=cart,namespace=shop}"));
    assert!(!claims::is_well(&run, &own, &own), "what hurts is not what does not");
    assert!(!claims::is_well(&run, &own, "no_such_series"), "what is not there is not well");
    assert!(claims::is_expected(&run, &own, "1") && claims::is_expected(&run, &own, "96%"));
    assert!(!claims::is_expected(&run, &own, "0.9") && !claims::is_expected(&run, &own, "all of them"));
    let value = run.harm().value.expect("it is measured");
    assert!(claims::is_actual(&run, &own, &format!("{}", value + 0.09)));
    assert!(!claims::is_actual(&run, &own, &format!("{}", value + 0.11)));
    assert!(claims::is_since(&run, &(onset + Span::mins(6)).hour_minute()));
    assert!(!claims::is_since(&run, &(onset - Span::mins(8)).hour_minute()));
    assert!(claims::is_harm(&run, &own) && !claims::is_harm(&run, "none"));
    does(&mut run, "kubectl -n shop rollout undo deploy/storefront");
    run.apply(0, Act::Wait { span: Span::mins(10) });
    assert!(!claims::hurts_now(&run));
    assert!(claims::is_harm(&run, "none") && !claims::is_harm(&run, &own));
    assert!(claims::hurts(&run, &own), "it is what the problem was");
}

/// Whoever names a counter means how fast it counts: its standing value never falls.
#[test]
fn a_counter_hurts_when_it_counts_less() {
    let run = opened("the-car-that-hated-vanilla", "A");
    assert!(claims::hurts(&run, &run.case.indicator.name.clone()));
    assert!(!claims::is_well(&run, "", "edge_requests_total{stream=nobody}"));
    assert!(claims::named("up{app=\"cart\", namespace=shop}").is_some_and(|named| named.labels.len() == 2));
}

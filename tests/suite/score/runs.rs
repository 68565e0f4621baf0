//! Two properties that need a run: whose hands did it, and what things are called, is nothing to the score.

use crate::drill::{SOLUTION, case, play, stage};
use std::sync::Arc;
use whodunit::case::score::profile::{DETECTIVE, TEAM};
use whodunit::case::score::truth::Truth;
use whodunit::case::score::{Dim, Scorecard, WHOLE, score_with};
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario::shape::Case;

fn solved(case: Case) -> Run {
    let mut run = Run::open(Arc::new(case), stage(), Clock::Turn);
    play(&mut run, SOLUTION).expect("the solution plays");
    run
}

fn graded(run: &Run) -> Scorecard {
    score_with(&Truth::of(&run.case), &run.graded_log(), &DETECTIVE, WHOLE)
}

/// P16: words translated, clues and rivals in another order: the same score.
#[test]
fn words_and_order_of_a_case_change_nothing() {
    let mut other = case();
    other.clues.reverse();
    other.rivals.reverse();
    other.decoys.reverse();
    let says = other.chain.iter_mut().map(|node| &mut node.say).chain(other.clues.iter_mut().map(|clue| &mut clue.say));
    says.for_each(|say| *say = format!("{say} (번역)"));
    for rival in &mut other.rivals {
        rival.thing = format!("{} (번역)", rival.thing);
        rival.how = format!("{} (번역)", rival.how);
    }
    let (own, translated) = (graded(&solved(case())), graded(&solved(other)));
    assert!(own.dim(Dim::V) == translated.dim(Dim::V) && own.dim_m(Dim::V) > 40_000);
    for dim in WHOLE {
        assert_eq!(own.dim(*dim), translated.dim(*dim), "{dim:?}");
    }
    assert_eq!(own.total(), translated.total());
}

/// P18: the log of several seats, relabelled to one, scores the same.
#[test]
fn whose_hands_did_it_is_nothing_to_the_score() {
    let alone = solved(case());
    let mut team = Run::open(Arc::new(case()), stage(), Clock::Turn);
    for (number, (_, act)) in alone.acts.iter().enumerate() {
        let outcome = team.apply((number % 3) as u16, act.clone());
        assert!(!outcome.refused, "{:?}", outcome.notice);
    }
    assert_eq!(alone.graded_log(), team.graded_log());
    for profile in [&DETECTIVE, &TEAM] {
        let of = |run: &Run| score_with(&Truth::of(&run.case), &run.graded_log(), profile, WHOLE);
        let (alone, team) = (of(&alone), of(&team));
        for dim in [Dim::V, Dim::E, Dim::P, Dim::R] {
            assert_eq!(alone.dim(dim), team.dim(dim), "{dim:?} of {}", profile.name);
        }
    }
}

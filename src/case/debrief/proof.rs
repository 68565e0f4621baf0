//! The shortest way to a full proof, with hindsight: a search over sets of commands. Does not know what was played.

use super::{ProofPath, ProofStep};
use crate::case::policy::Look;
use crate::case::score::truth::{Blank, Truth};
use crate::case::score::{Exact, exact};
use crate::scenario::shape::Case;
use num_traits::{One, Zero};
use std::collections::BTreeSet;

/// A greedy search over commands: each step takes what proves most for its cost, until every blank is fully supported
/// and every rival is ruled out; then steps that turned out needless are dropped. `shows` says which clues a command
/// shows and what it costs.
pub fn shortest_proof(case: &Case, shows: &[Look]) -> ProofPath {
    let truth = Truth::of(case);
    let mut chosen: Vec<usize> = Vec::new();
    let mut held: BTreeSet<String> = BTreeSet::new();
    while worth(&truth, &held) < full(&truth) {
        let now = worth(&truth, &held);
        let gain = |at: &usize| {
            let with: BTreeSet<String> = held.union(&shows[*at].clues).cloned().collect();
            (worth(&truth, &with) - &now) / exact(shows[*at].cost.as_secs().max(1), 1)
        };
        let best = (0..shows.len()).filter(|at| !chosen.contains(at)).map(|at| (gain(&at), at));
        // The first of equals: the order of the case.
        let best = best.fold(None, |best: Option<(Exact, usize)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        });
        let Some((gain, at)) = best.filter(|(gain, _)| !gain.is_zero()) else { break };
        let _ = gain;
        held.extend(shows[at].clues.iter().cloned());
        chosen.push(at);
    }
    prune(&truth, shows, &mut chosen);
    path(&truth, shows, &chosen)
}

/// Drops the dearest steps without which nothing is lost.
fn prune(truth: &Truth, shows: &[Look], chosen: &mut Vec<usize>) {
    let all = |chosen: &[usize]| chosen.iter().flat_map(|at| shows[*at].clues.iter().cloned()).collect::<BTreeSet<_>>();
    let reached = worth(truth, &all(chosen));
    let mut order = chosen.clone();
    order.sort_by_key(|at| std::cmp::Reverse(shows[*at].cost));
    for at in order {
        let without: Vec<usize> = chosen.iter().copied().filter(|other| *other != at).collect();
        if worth(truth, &all(&without)) == reached {
            *chosen = without;
        }
    }
}

pub fn path(truth: &Truth, shows: &[Look], chosen: &[usize]) -> ProofPath {
    let mut told: BTreeSet<&String> = BTreeSet::new();
    let mut out = ProofPath::default();
    for at in chosen {
        let Look { command, cost, clues } = &shows[*at];
        let clues: Vec<String> = clues.iter().filter(|clue| told.insert(clue)).cloned().collect();
        out.cost = out.cost + *cost;
        out.steps.push(ProofStep { command: command.clone(), cost: *cost, clues });
    }
    let held: BTreeSet<String> = told.into_iter().cloned().collect();
    for blank in Blank::ALL {
        if truth.support(&held, blank) < Exact::one() {
            out.short_of.push(blank.name().to_string());
        }
    }
    for rival in &truth.rivals {
        if !ruled_out(truth, &held, rival) {
            out.short_of.push(rival.clone());
        }
    }
    out
}

/// How much is proven: a point for each fully supported blank, a part of it for a partly supported one, and a point for
/// each rival ruled out.
fn worth(truth: &Truth, held: &BTreeSet<String>) -> Exact {
    let blanks: Exact = Blank::ALL.into_iter().map(|blank| truth.support(held, blank)).sum();
    let rivals = truth.rivals.iter().filter(|rival| ruled_out(truth, held, rival)).count();
    blanks + exact(rivals as i64, 1)
}

fn full(truth: &Truth) -> Exact {
    exact((Blank::ALL.len() + truth.rivals.len()) as i64, 1)
}

fn ruled_out(truth: &Truth, held: &BTreeSet<String>, rival: &str) -> bool {
    truth.clues.iter().any(|(id, clue)| held.contains(id) && clue.rules_out.contains(rival))
}

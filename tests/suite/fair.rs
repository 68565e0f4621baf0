//! Every case of the library is fair: its solutions win, idlers, hasty rollbacks and wrong accusations do not. Here on one
//! seed of each case; `whodunit check --seeds 20` is what a release owes, and what `.ci/run` does.

use crate::library::Family;
use std::sync::Arc;
use whodunit::case::score::{Scorecard, exact};
use whodunit::drill::act::Act;
use whodunit::drill::check::{self, Task};
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario;
use whodunit::scenario::roles;
use whodunit::stdx::time::Span;

/// What became of the perishable clues.
fn states(card: &Scorecard) -> Vec<String> {
    let lines = card.ledger.iter().filter(|line| line.key == "scene.clue");
    lines.filter_map(|line| line.because.first().map(|(_, state)| state.clone())).collect()
}

/// The crashing pods are the scene: deleting them before looking destroys what they would have told, unless the cause
/// makes it grow back in time.
#[test]
fn deleting_the_crashing_pods_destroys_their_last_words() {
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 1).expect("a case");
    let case = Arc::new(case);
    let mended = |wait: i64| {
        let mut run = Run::open(Arc::clone(&case), stage.clone(), Clock::Turn);
        for line in ["kubectl -n shop rollout undo deploy/storefront", "kubectl -n shop get pods"] {
            run.apply(0, Act::Run { line: line.into() });
        }
        run.apply(0, Act::Wait { span: Span::mins(wait) });
        run.apply(0, Act::Close);
        run
    };
    let run = mended(3);
    assert_eq!(run.record.changes.len(), 1, "{:?}", run.record.changes);
    assert_eq!(run.record.changes[0].objects, ["deployments/storefront"]);
    let gone = states(&run.score());
    assert!(gone.iter().any(|state| state == "destroyed"), "{gone:?}");
    // The cause still acts: a new pod crashes as the old one did, and says the same last words.
    let mut run = Run::open(Arc::clone(&case), stage.clone(), Clock::Turn);
    let pod = roles::expand("kubectl -n shop delete pod {crash_pod}", &case.roles, &run.stage.world);
    run.apply(0, Act::Run { line: pod });
    run.apply(0, Act::Wait { span: Span::mins(4) });
    run.apply(0, Act::Close);
    let grown = states(&run.score());
    assert!(grown.iter().any(|state| state == "still-there"), "{grown:?}");
}

/// Solutions win, idlers and hasty rollbacks do not. Rivals and those who remember another variant are played against the
/// first variant only: `whodunit check` plays them against all.
pub fn who_must_not_win_does_not(family: &Family) {
    for (at, (case, stage)) in family.cast.iter().enumerate() {
        let task = Task { variant: case.variant.clone(), seed: case.seed, bots: at == 0 };
        let proof = check::prove_on(&family.pack, &task, case, stage);
        let file = scenario::file::read(&family.pack).expect("it reads");
        let left = scenario::check::allowed(&file, proof.problems);
        let problems: Vec<String> = left.iter().map(|p| format!("{} — {}", p.brief(), p.hint)).collect();
        assert!(problems.is_empty(), "{} {}: {problems:#?}", case.slug, case.variant);
        let idle = check::idle(case, stage).score();
        let name = format!("{} {}", case.slug, case.variant);
        assert!(idle.total() * exact(100, 1) <= exact(10 * idle.max(), 1), "{name}: idle {}", idle.total());
        let hasty = check::rollback_first(case, stage).expect("a fix").score();
        assert!(hasty.total() * exact(100, 1) < exact(25 * hasty.max(), 1), "{name}: hasty {}", hasty.total());
        // Nobody who does nothing destroys anything; whoever changes things blindly is told so.
        assert!(states(&idle).iter().all(|state| state != "destroyed"), "{name}: {:?}", states(&idle));
        assert!(hasty.ledger.iter().any(|line| line.key == "scene.blind"), "{name}: {:#?}", hasty.ledger);
    }
}

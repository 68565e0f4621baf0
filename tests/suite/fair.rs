//! Every case of the library is fair: its solutions win on many seeds, idlers, hasty rollbacks and wrong accusations do
//! not. `WHODUNIT_SEEDS` says how many seeds (20 is what a release owes); a few are tried by default.

use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::case::score::{Scorecard, exact};
use whodunit::drill::act::Act;
use whodunit::drill::check::{self, Accused};
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario::check::Report;
use whodunit::scenario::roles;
use whodunit::scenario::{self, Pack};
use whodunit::stdx::time::Span;

fn seeds() -> Vec<u64> {
    let count = std::env::var("WHODUNIT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    (1..=count).collect()
}

fn packs() -> Vec<Pack> {
    let packs = scenario::library();
    assert!(packs.len() >= 2, "the library holds its cases");
    packs
}

#[test]
fn every_case_is_fair() {
    let mut problems = Vec::new();
    for pack in packs() {
        let file = scenario::file::read(&pack).expect("a readable case");
        let mut report = Report { slug: pack.slug.clone(), variants: file.variants.clone(), ..Report::default() };
        check::check(&pack, &seeds(), &mut report);
        problems.extend(report.problems.iter().map(|problem| format!("{} — {}", problem.brief(), problem.hint)));
    }
    assert!(problems.is_empty(), "{} problem(s):\n{}", problems.len(), problems.join("\n"));
}

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

/// The figures themselves, so that a drift is seen before it becomes a failure.
#[test]
fn who_must_not_win_does_not() {
    for pack in packs() {
        for variant in scenario::file::read(&pack).expect("a readable case").variants {
            let (case, stage) = scenario::cast(&pack, &variant, 1).expect("a case");
            let case = Arc::new(case);
            let solution = check::read_solution(&pack, &variant).expect("a solution");
            let name = format!("{} {variant}", pack.slug);
            let idle = check::idle(&case, &stage).score();
            assert!(idle.total() * exact(100, 1) <= exact(10 * idle.max(), 1), "{name}: idle {}", idle.total());
            let hasty = check::rollback_first(&case, &stage).expect("a fix").score();
            assert!(hasty.total() * exact(100, 1) < exact(25 * hasty.max(), 1), "{name}: hasty {}", hasty.total());
            // Nobody who does nothing destroys anything; whoever changes things blindly is told so.
            assert!(states(&idle).iter().all(|state| state != "destroyed"), "{name}: {:?}", states(&idle));
            assert!(hasty.ledger.iter().any(|line| line.key == "scene.blind"), "{name}: {:#?}", hasty.ledger);
            let mut accused = BTreeMap::new();
            for rival in &case.rivals {
                match check::accuse(&case, &stage, &solution.steps, rival) {
                    Accused::Unmet(word) => panic!("{name}: `{word}` of {} is never met", rival.id),
                    Accused::Judged(card) => accused.insert(rival.id.clone(), card.dim(whodunit::case::score::Dim::V)),
                };
            }
            assert!(accused.values().all(|points| *points < exact(23, 1)), "{name}: {accused:?}");
        }
    }
}

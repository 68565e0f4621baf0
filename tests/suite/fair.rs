//! Every case of the library is fair: its solutions win on many seeds, idlers, hasty rollbacks and wrong accusations do
//! not. `WHODUNIT_SEEDS` says how many seeds (20 is what a release owes); a few are tried by default.

use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::case::score::exact;
use whodunit::drill::check::{self, Accused};
use whodunit::scenario::check::Report;
use whodunit::scenario::{self, Pack};

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

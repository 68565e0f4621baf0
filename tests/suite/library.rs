//! What holds for every case of the library and all its variants. Living until the page is dear, so each variant is cast
//! once, with its case's seed, and put under all laws; a law is a function of another module, and one row here.
//! `WHODUNIT_CASE=<slug>` puts one case under them.

use crate::{fair, folds, words};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::Mutex;
use whodunit::scenario::shape::Case;
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, Pack};

/// A case with all its variants at the page.
pub struct Family {
    pub pack: Pack,
    /// One case is looked at closer than the others.
    pub first: bool,
    /// All with the same seed.
    pub cast: Vec<(Arc<Case>, Stage)>,
}

/// Cases take turns with the seeds that `whodunit check --seeds 20` proves as well.
const SEEDS: u64 = 20;

/// A law's name, and the function that panics where it is broken.
type Law = (&'static str, fn(&Family));

const LAWS: &[Law] = &[
    ("advances add up", folds::advances_add_up),
    ("a run is the fold of its journal", folds::runs_fold),
    ("equal lines bring equal words", words::equal_lines_bring_equal_words),
    ("the script's lines succeed", scripts_succeed),
    ("who must not win does not", fair::who_must_not_win_does_not),
];

fn scripts_succeed(family: &Family) {
    for (case, stage) in &family.cast {
        assert_eq!(stage.world.now, case.drill.page_at);
        assert!(stage.refused.is_empty(), "{} {}: {:?}", case.slug, case.variant, stage.refused);
    }
}

fn family(at: usize, pack: Pack) -> Family {
    let file = scenario::file::read(&pack).unwrap_or_else(|p| panic!("{}", scenario::render(&p)));
    let cast = scenario::cast::variants(&pack, &file.variants, 1 + (at as u64 + 10) % SEEDS)
        .unwrap_or_else(|p| panic!("{}: {}", pack.slug, scenario::render(&p)));
    let cast = cast.into_iter().map(|(case, stage)| (Arc::new(case), stage)).collect();
    Family { pack, first: at == 0, cast }
}

#[test]
fn every_case_keeps_every_law() {
    let only = std::env::var("WHODUNIT_CASE").ok();
    // A family's worlds are those of its members' cases.
    let packs = scenario::library().into_iter().filter(|pack| !pack.is_family()).enumerate();
    let packs: Vec<(usize, Pack)> =
        packs.filter(|(_, pack)| only.as_ref().is_none_or(|only| *only == pack.slug)).collect();
    assert!(only.is_some() || packs.len() >= 2, "the library holds its cases");
    let (left, broken) = (Mutex::new(packs), Mutex::new(Vec::new()));
    let worker = || {
        loop {
            let Some((at, pack)) = left.lock().expect("a list").pop() else { return };
            let slug = pack.slug.clone();
            let Ok(family) = catch_unwind(AssertUnwindSafe(|| family(at, pack))) else {
                broken.lock().expect("a list").push(format!("{slug} does not cast"));
                continue;
            };
            for (law, holds) in LAWS {
                if catch_unwind(AssertUnwindSafe(|| holds(&family))).is_err() {
                    broken.lock().expect("a list").push(format!("{slug}: {law}"));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(worker);
        worker();
    });
    let broken = broken.into_inner().expect("a list");
    assert!(broken.is_empty(), "broken, see above: {broken:#?}");
}

//! Proves a pack fair as far as scenario, console and world can tell: what the file says of itself (`paper`), and what
//! the cast world shows (`live`). Does not play solutions: that needs the board, and belongs to the drill.

pub mod gameday;
pub mod leak;
pub mod live;
pub mod paper;
pub mod rivals;
pub mod rules;
pub mod tongue;

use super::cast;
use super::family;
use super::file::{self, File};
use super::problem::{Problem, Severity, tidy};
use super::shape::Case;
use super::source::Pack;
use super::stage::Stage;

/// What was found of one pack. Later rooms add problems of their own before it is shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub slug: String,
    pub title: String,
    pub variants: Vec<String>,
    /// Its variants are those of other cases, which are proved with those.
    pub family: bool,
    pub problems: Vec<Problem>,
    /// What was proven, one line a rule: for the author's eye.
    pub proven: Vec<String>,
    /// The rivals of every variant, tried in their worlds.
    pub trials: Vec<rivals::Trial>,
}

impl Report {
    pub fn passed(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }
}

/// How deep to look: the text alone, or the living world as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Paper,
    Live,
}

/// Checks a pack with one seed.
pub fn check(pack: &Pack, seed: u64, depth: Depth) -> Report {
    check_by(pack, seed, depth, |casts, live| casts.iter().map(live).collect()).0
}

/// What came of casting a variant.
pub type Tried = Result<live::Cast, Vec<Problem>>;
/// How one variant's world is looked at.
type Live<'a> = &'a (dyn Fn(&Tried) -> live::Finding + Sync);

/// The same, with `each` looking at the variants' worlds in whatever way and giving what was found in their order. Also
/// gives the variants as they were cast with the seed, if the depth is that of their worlds.
pub fn check_by(
    pack: &Pack,
    seed: u64,
    depth: Depth,
    each: impl Fn(&[Tried], Live) -> Vec<live::Finding>,
) -> (Report, Vec<(Case, Stage)>) {
    let mut report = Report { slug: pack.slug.clone(), ..Report::default() };
    let file = match file::read(pack) {
        Ok(file) => file,
        Err(problems) => {
            report.problems = problems;
            return (report, Vec::new());
        }
    };
    report.variants.clone_from(&file.variants);
    report.family = family::is_family(&file.tree);
    report.problems.extend(tongue::check(pack, &file));
    report.problems.extend(paper::cards(&file));
    let mut sound = true;
    for variant in &file.variants {
        let before = errors(&report.problems);
        check_variant(pack, &file, variant, seed, &mut report);
        sound &= errors(&report.problems) == before;
    }
    let mut stages = Vec::new();
    if sound && depth == Depth::Live && !report.family {
        let casts = live::cast(pack, &file, &file.variants, seed);
        let found = each(&casts, &|tried| match tried {
            Ok(cast) => live::check(&file, cast),
            Err(problems) => live::Finding { problems: problems.clone(), ..live::Finding::default() },
        });
        for (variant, found) in file.variants.iter().zip(found) {
            report.problems.extend(found.problems);
            if !found.trials.is_empty() {
                report.proven.push(rivals::certificate(variant, &found.trials));
            }
            report.trials.extend(found.trials);
        }
        stages = casts.into_iter().flatten().map(|live| cast::bound(live.drawn, live.told)).collect();
    }
    report.problems = allowed(&file, tidy(std::mem::take(&mut report.problems)));
    (report, stages)
}

fn errors(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

fn check_variant(pack: &Pack, file: &File, variant: &str, seed: u64, report: &mut Report) {
    match file::draw(pack, file, variant, seed) {
        Ok(drawn) => {
            report.title.clone_from(&drawn.lowered.case.drill.title);
            if report.family {
                return paper::page(file, &drawn.lowered.case, report);
            }
            paper::check(pack, file, &drawn, variant, report);
        }
        Err(mut problems) => report.problems.append(&mut problems),
    }
}

/// Drops warnings that the author accepts in writing: `allow = ["few-changes: only one thing ever changed"]`.
pub fn allowed(file: &File, problems: Vec<Problem>) -> Vec<Problem> {
    let allow = file.tree.get("allow").map_or(&[][..], super::tree::Tree::items);
    let accepted = |code: &str| {
        allow.iter().filter_map(|item| item.text()?.split_once(':')).any(|(c, why)| c == code && !why.trim().is_empty())
    };
    problems.into_iter().filter(|p| p.severity == Severity::Error || !accepted(p.code)).collect()
}

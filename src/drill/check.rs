//! Proves a pack fair by playing it: every solution wins on every seed, doing nothing and rolling back at once do not, and
//! no rival can be convicted. Adds to the report of the scenario's own check. Does not read files.

use super::act::{Act, Blank, Blanks};
use super::course::Yardstick;
use super::fair::laws::{self, Breach};
use super::fair::{self, Examined};
use super::run::{Clock, Phase, Run};
use super::transcript::{self, Step, Verb, player};
use super::{course, memoriser};
use crate::case::lexicon::Meaning;
use crate::case::score::{Dim, Scorecard, exact};
use crate::scenario::check::{Report, allowed};
use crate::scenario::overlay::overlay;
use crate::scenario::problem::Problem;
use crate::scenario::roles;
use crate::scenario::shape::Case;
use crate::scenario::source::Pack;
use crate::scenario::stage::Stage;
use crate::scenario::{cast, family, file, shape};
use crate::stdx::time::Span;
use std::sync::Arc;

/// A solution earns at least this share of what the existing dimensions can give, in percent.
pub const SOLUTION_MIN: i64 = 95;
/// An idle run earns at most this share.
pub const IDLE_MAX: i64 = 10;
/// Rolling back first, without evidence, earns less than this share.
pub const ROLLBACK_BELOW: i64 = 25;
/// How long the bots wait after their last act.
const SETTLE: Span = Span::mins(10);

/// One variant on one seed. Tasks do not touch each other: whoever has threads may do several at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub variant: String,
    pub seed: u64,
    /// Besides the solution, the players who must not win.
    pub bots: bool,
}

/// What a task found.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub problems: Vec<Problem>,
    pub proven: Vec<String>,
    /// What was tried on the variant, if bots were.
    pub examined: Option<Box<Examined>>,
}

/// All variants of one seed: what they have in common is lived once, and forgotten with the round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub variants: Vec<String>,
    pub seed: u64,
}

/// Who does pieces of work in whatever way, and gives what came of them in the pieces' order.
pub trait Hands {
    fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R>;
}

/// One piece after the other.
pub struct Alone;

impl Hands for Alone {
    fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        items.iter().map(work).collect()
    }
}

/// Plays all variants. Solutions run on every seed, the others on the first.
pub fn check(pack: &Pack, seeds: &[u64], report: &mut Report) {
    check_by(pack, seeds, Vec::new(), report, &Alone);
}

/// The same by many hands. `begun` are the variants as they were cast with the first seed; if there are none, they are cast.
/// A variant whose first seed fails is not played on.
pub fn check_by(
    pack: &Pack,
    seeds: &[u64],
    begun: Vec<(Case, Stage)>,
    report: &mut Report,
    hands: &impl Hands,
) -> Vec<Examined> {
    let Some((first, others)) = seeds.split_first() else { return Vec::new() };
    if report.family {
        prove_family(pack, *first, report, hands);
        return Vec::new();
    }
    let variants = report.variants.clone();
    let begun = if begun.len() == variants.len() { Ok(begun) } else { cast::variants(pack, &variants, *first) };
    let begun: Vec<(Arc<Case>, Stage)> = match begun {
        Ok(begun) => begun.into_iter().map(|(case, stage)| (Arc::new(case), stage)).collect(),
        Err(problems) => {
            report.problems.extend(problems);
            return Vec::new();
        }
    };
    let mut proofs = hands.each(&begun, |(case, stage)| {
        let task = Task { variant: case.variant.clone(), seed: *first, bots: true };
        prove_on(pack, &task, case, stage)
    });
    drop(begun);
    let well = variants.iter().zip(&proofs).filter(|(_, proof)| proof.problems.is_empty());
    let well: Vec<String> = well.map(|(variant, _)| variant.clone()).collect();
    let round = |seed: &u64| Round { variants: well.clone(), seed: *seed };
    let rounds: Vec<Round> = others.iter().map(round).filter(|_| !well.is_empty()).collect();
    let gone_on = hands.each(&rounds, |round| prove(pack, round));
    for (variant, proof) in variants.iter().zip(&proofs) {
        let place = well.iter().position(|other| other == variant);
        let more: Vec<&Proof> = gone_on.iter().filter_map(|round| round.get(place?)).collect();
        // One failing seed tells enough.
        let failing = more.iter().position(|proof| !proof.problems.is_empty()).map_or(more.len(), |at| at + 1);
        for proof in std::iter::once(proof).chain(more.into_iter().take(failing)) {
            report.problems.extend(proof.problems.iter().cloned());
            report.proven.extend(proof.proven.iter().cloned());
        }
    }
    if let Ok(file) = file::read(pack) {
        report.problems = allowed(&file, std::mem::take(&mut report.problems));
    }
    proofs.iter_mut().filter_map(|proof| proof.examined.take()).map(|examined| *examined).collect()
}

/// Plays the members of a family on one seed: that they can be solved under its page, and that whoever remembers a member
/// does not win another. What else holds of a member is proved with its case.
fn prove_family(pack: &Pack, seed: u64, report: &mut Report, hands: &impl Hands) {
    let proofs = hands.each(&report.variants, |id| match cast::cast(pack, id, seed) {
        Ok((case, stage)) => {
            let task = Task { variant: id.clone(), seed, bots: false };
            let case = Arc::new(case);
            let mut proof = prove_on(pack, &task, &case, &stage);
            if proof.problems.is_empty() {
                memorisers(pack, id, &case, &stage, &mut proof);
            }
            proof
        }
        Err(problems) => Proof { problems, ..Proof::default() },
    });
    for proof in proofs {
        report.problems.extend(proof.problems);
        report.proven.extend(proof.proven);
    }
}

/// Plays the solutions of a round.
pub fn prove(pack: &Pack, round: &Round) -> Vec<Proof> {
    let cast = match cast::variants(pack, &round.variants, round.seed) {
        Ok(cast) => cast,
        Err(problems) => {
            return round.variants.iter().map(|_| Proof { problems: problems.clone(), ..Proof::default() }).collect();
        }
    };
    let solved = |(case, stage): (Case, Stage)| {
        let task = Task { variant: case.variant.clone(), seed: round.seed, bots: false };
        prove_on(pack, &task, &Arc::new(case), &stage)
    };
    cast.into_iter().map(solved).collect()
}

/// Does one task on its stage, cast before.
pub fn prove_on(pack: &Pack, task: &Task, case: &Arc<Case>, stage: &Stage) -> Proof {
    let mut proof = Proof::default();
    let Task { variant, seed, .. } = task;
    let solution = match read_solution(pack, variant) {
        Ok(solution) => solution,
        Err(problems) => return Proof { problems, ..proof },
    };
    let solved = match play_solution(variant, &solution, case, stage) {
        Ok((run, card)) => {
            let (earned, most) = (shown(&card), card.max());
            proof.proven.push(format!("variant {variant}, seed {seed}: the solution earns {earned} of {most}"));
            run
        }
        Err(problem) => {
            proof.problems.push(*problem);
            return proof;
        }
    };
    if task.bots {
        let (idle, hasty) = bots(pack, variant, &solution.steps, &solved, stage, &mut proof);
        let remembered = memorisers(pack, variant, case, stage, &mut proof);
        examine(pack, variant, (&solved, &idle, hasty.as_ref()), remembered, &mut proof);
    }
    proof
}

/// Tries the laws that only players can tell.
fn examine(pack: &Pack, variant: &str, runs: (&Run, &Run, Option<&Run>), remembered: i64, proof: &mut Proof) {
    let (solved, idle, hasty) = runs;
    let mut examined = fair::examine(solved, idle, hasty);
    examined.played.totals.insert("memoriser-v", remembered);
    let breaches = laws::breaches(&examined.sheet, &examined.played);
    proof.problems.extend(breaches.iter().map(|breach| at_place(pack, variant, breach)));
    let told = |(name, points): (&&str, &i64)| format!("{name} {}", laws::shown(*points));
    let players: Vec<String> = examined.played.totals.iter().map(told).collect();
    proof.proven.push(format!("variant {variant}, seed {}: of 100: {}", solved.case.seed, players.join(", ")));
    let told = |(name, points): &(&str, i64)| format!("{name} {}", laws::shown(*points));
    let archetypes: Vec<String> = examined.played.archetypes.iter().map(told).collect();
    proof.proven.push(format!("variant {variant}, seed {}: archetypes: {}", solved.case.seed, archetypes.join(" > ")));
    proof.examined = Some(Box::new(examined));
}

/// A breach as a problem of the file, where what it is about stands.
fn at_place(pack: &Pack, variant: &str, breach: &Breach) -> Problem {
    let message = format!("{} (variant {variant})", breach.message);
    let located = file::read(pack).ok().and_then(|file| {
        let tree = overlay(&file.tree, variant)?;
        let of = |table: &str, id: &str| {
            let entries = tree.get(table)?.entries();
            entries.iter().find(|entry| entry.key == *id).map(|entry| entry.span.clone())
        };
        let first = |table: &str| Some(tree.get(table)?.items().first()?.span.clone());
        let span = match &breach.place {
            laws::Place::Clue(id) => of("clues", id),
            laws::Place::Rival(id) => of("rivals", id),
            laws::Place::Fixes => first("fixes"),
            laws::Place::Chain => first("chain"),
            laws::Place::Drill => tree.get("drill")?.get("title").map(|title| title.span.clone()),
        };
        Some(Problem::at(&file.shown, &file.source, span?, breach.code, &message))
    });
    let file = format!("{}/scenario.toml", pack.shown);
    let mut problem = located.unwrap_or_else(|| Problem::of_file(&file, breach.code, &message)).hint(breach.hint);
    problem.severity = breach.severity;
    problem
}

/// A solution as text and as steps.
pub struct Solution {
    pub path: String,
    pub text: String,
    pub steps: Vec<Step>,
}

/// Reads a variant's solution; every unreadable line is a problem of its file.
pub fn read_solution(pack: &Pack, variant: &str) -> Result<Solution, Vec<Problem>> {
    let missing = || vec![Problem::of_file(&pack.shown, "unknown-case", format!("there is no case for {variant:?}"))];
    let (pack, variant) = family::behind(pack, variant).ok_or_else(missing)?;
    let path = file::solution_path(variant);
    let text = pack.text(&path).map_err(|problem| vec![*problem])?.to_string();
    let path = format!("{}/{path}", pack.shown);
    match transcript::parse(&text) {
        Ok(steps) => Ok(Solution { path, text, steps }),
        Err(problems) => {
            Err(problems.iter().map(|problem| located(&path, &text, "solution-line", problem, "")).collect())
        }
    }
}

/// A transcript's problem as a problem of its file, with a caret.
pub fn located(path: &str, text: &str, code: &'static str, problem: &transcript::Problem, about: &str) -> Problem {
    let line = text.split_inclusive('\n').take(problem.line.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    let rest = text.get(line..).unwrap_or_default();
    let own = rest.lines().next().unwrap_or_default();
    let bytes = |count: u32| own.char_indices().nth(count as usize).map_or(own.len(), |(at, _)| at);
    let start = bytes(problem.column.saturating_sub(1));
    let width = if problem.text.is_empty() { own.len() - start } else { problem.text.len().min(own.len() - start) };
    let message = format!("{}{about}", problem.what);
    Problem::at(path, text, line + start..line + start + width, code, message).hint(problem.hint.clone())
}

fn play_solution(
    variant: &str,
    solution: &Solution,
    case: &Arc<Case>,
    stage: &Stage,
) -> Result<(Run, Scorecard), Box<Problem>> {
    let mut run = Run::open(Arc::clone(case), stage.clone(), Clock::Turn);
    let about = format!(" (variant {variant}, seed {})", case.seed);
    match player::follow(&mut run, solution.steps.clone()) {
        Ok(lines) => course::solved_by(&run, lines),
        Err(problem) => {
            return Err(Box::new(located(&solution.path, &solution.text, "solution-fails", &problem, &about)));
        }
    }
    if run.board.verdict.is_none() && run.phase != Phase::Closed {
        let message = format!("the solution gives no verdict{about}");
        return Err(Box::new(Problem::of_file(&solution.path, "solution-fails", message)));
    }
    let card = run.score();
    let helped = !run.board.hints.is_empty();
    if card.reaches(SOLUTION_MIN) && !helped && run.record.verdicts() == 1 {
        return Ok((run, card));
    }
    if card.reaches(SOLUTION_MIN) {
        let message = format!("the solution needs a hint, or more than one attempt{about}");
        return Err(Box::new(Problem::of_file(&solution.path, "solution-falls-short", message)));
    }
    let message = format!("the solution earns {} of {}, less than {SOLUTION_MIN} %{about}", shown(&card), card.max());
    Err(Box::new(Problem::of_file(&solution.path, "solution-falls-short", message).hint(losses(&card))))
}

fn shown(card: &Scorecard) -> String {
    format!("{}.{:03}", card.total_m() / 1_000, card.total_m() % 1_000)
}

/// Where points were lost, the dearest first.
fn losses(card: &Scorecard) -> String {
    let mut lost: Vec<(i64, String)> = card
        .ledger
        .iter()
        .filter(|line| line.got < line.max || line.got < exact(0, 1))
        .map(|line| {
            let why: Vec<String> = line.because.iter().map(|(key, value)| format!("{key} {value}")).collect();
            (line.max_m() - line.got_m, format!("{} {} ({})", line.key, line.subject, why.join(", ")))
        })
        .collect();
    lost.sort_by_key(|(lost, _)| -lost);
    let told: Vec<String> =
        lost.into_iter().take(5).map(|(lost, text)| format!("-{}.{:03} {text}", lost / 1_000, lost % 1_000)).collect();
    told.join("; ")
}

// ---- players who must not win --------------------------------------------------------------------------------------

/// Gives the runs of whoever does nothing and of whoever mends at once.
fn bots(
    pack: &Pack,
    variant: &str,
    solution: &[Step],
    solved: &Run,
    stage: &Stage,
    report: &mut Proof,
) -> (Run, Option<Run>) {
    let case = &solved.case;
    let beside = &solved.record.yardstick;
    let file = format!("{}/scenario.toml", pack.shown);
    let about = format!("variant {variant}, seed {}", case.seed);
    let problem = |code: &'static str, message: String, hint: &str| {
        Problem::of_file(&file, code, format!("{message} ({about})")).hint(hint)
    };
    let idler = idle_beside(case, stage, beside);
    let idle = idler.score();
    if idle.total() * exact(100, 1) > exact(IDLE_MAX * idle.max(), 1) {
        let message = format!("doing nothing earns {} of {}", shown(&idle), idle.max());
        let hint = "a clue that outlives an idle run is worth 0.4 of its share of the scene";
        report.problems.push(problem("idle-wins", message, hint));
    }
    report.proven.push(format!("{about}: doing nothing earns {} of {}", shown(&idle), idle.max()));
    let hasty = rollback_beside(case, stage, beside);
    if let Some(run) = &hasty {
        let card = run.score();
        if card.total() * exact(100, 1) >= exact(ROLLBACK_BELOW * card.max(), 1) {
            let message = format!("rolling back first, without evidence, earns {} of {}", shown(&card), card.max());
            report.problems.push(problem("rollback-wins", message, "the first change must cost the scene something"));
        }
        report.proven.push(format!("{about}: rolling back first earns {} of {}", shown(&card), card.max()));
    }
    let brought = brought(case, stage, solution);
    for rival in &case.rivals {
        match accuse(&brought, rival) {
            Accused::Unmet(word) => {
                let message = format!("the rival `{}` cannot be suspected: nothing brings up \"{word}\"", rival.id);
                let hint = "give it `met`, or a clue that rules it out and can be seen";
                report.problems.push(problem("rival-unmet", message, hint));
            }
            Accused::Judged(card) => {
                let half = exact(card.dims.iter().find(|sum| sum.dim == Dim::V).map_or(0, |sum| sum.max), 2);
                if card.dim(Dim::V) >= half {
                    let message =
                        format!("accusing the rival `{}` still earns {} points of V", rival.id, card.dim(Dim::V));
                    let hint = "a rival must not share the culprit's and the mechanism's words";
                    report.problems.push(problem("rival-convicted", message, hint));
                }
            }
        }
    }
    (idler, hasty)
}

/// Whoever remembers one variant of the page must not win another. Members of one case are tried with that case. Gives the
/// most points of V that any of them earns, in thousandths.
fn memorisers(pack: &Pack, variant: &str, case: &Arc<Case>, stage: &Stage, report: &mut Proof) -> i64 {
    let mut most = 0;
    let Ok(file) = file::read(pack) else { return most };
    let kin = |other: &str| family::case_of(variant).is_some_and(|case| family::case_of(other) == Some(case));
    for other in file.variants.iter().filter(|other| *other != variant && !kin(other)) {
        // Its words are enough: nobody looks at the other's world.
        let (Ok(solution), Ok(theirs)) = (read_solution(pack, other), file::draw(pack, &file, other, case.seed)) else {
            continue;
        };
        let card = memoriser::play(case, stage, &theirs.lowered.case, &solution.steps);
        most = most.max(card.dim_m(Dim::V));
        let half = exact(card.dims.iter().find(|sum| sum.dim == Dim::V).map_or(0, |sum| sum.max), 2);
        let about = format!("variant {variant}, seed {}", case.seed);
        if card.dim(Dim::V) >= half {
            let message = format!("remembering variant {other} earns {} points of V ({about})", card.dim(Dim::V));
            let hint = "culprit and mechanism of the variants must differ";
            let file = format!("{}/scenario.toml", pack.shown);
            report.problems.push(Problem::of_file(&file, "memoriser-wins", message).hint(hint));
        }
        report.proven.push(format!("{about}: remembering variant {other} earns {} of V", card.dim(Dim::V)));
    }
    most
}

/// Nobody acts until the harm integral ends.
pub fn idle(case: &Arc<Case>, stage: &Stage) -> Run {
    idle_beside(case, stage, &Arc::default())
}

/// A run that was just opened, measured by what is known already of its opening.
fn opened(case: &Arc<Case>, stage: &Stage, beside: &Arc<Yardstick>) -> Run {
    let mut run = Run::open(Arc::clone(case), stage.clone(), Clock::Turn);
    run.record.yardstick = Arc::clone(beside);
    run
}

fn idle_beside(case: &Arc<Case>, stage: &Stage, beside: &Arc<Yardstick>) -> Run {
    let mut run = opened(case, stage, beside);
    while run.now() < case.drill.closes_at {
        let span = case.drill.closes_at - run.now();
        if run.apply(0, Act::Wait { span: span.min(Span::hours(1)) }).refused {
            break;
        }
    }
    run.apply(0, Act::Close);
    run
}

/// The first lasting fix at once, without a look or an expectation.
pub fn rollback_first(case: &Arc<Case>, stage: &Stage) -> Option<Run> {
    rollback_beside(case, stage, &Arc::default())
}

fn rollback_beside(case: &Arc<Case>, stage: &Stage, beside: &Arc<Yardstick>) -> Option<Run> {
    let fix = case.fixes.iter().find(|fix| fix.lasts).or(case.fixes.first())?;
    let mut run = opened(case, stage, beside);
    for command in &fix.run {
        let line = roles::expand(command, &case.roles, &run.stage.world);
        run.apply(0, Act::Run { line });
    }
    run.apply(0, Act::Wait { span: SETTLE });
    run.apply(0, Act::Resolve);
    run.apply(0, Act::Close);
    Some(run)
}

/// What became of an accusation.
pub enum Accused {
    /// A word of the rival that nothing brings up.
    Unmet(String),
    Judged(Box<Scorecard>),
}

/// A run with everything that the case can show in the bag: the solution is played up to its verdict, and every clue's
/// command is run and bagged whole.
pub fn brought(case: &Arc<Case>, stage: &Stage, solution: &[Step]) -> Run {
    let mut run = Run::open(Arc::clone(case), stage.clone(), Clock::Turn);
    let kept =
        solution.iter().filter(|step| !matches!(step.verb, Verb::Verdict(_) | Verb::Answer { .. } | Verb::Close));
    if player::play(&mut run, kept.cloned().collect()).is_err() {
        // The solution's own problem is reported elsewhere.
        run = Run::open(Arc::clone(case), stage.clone(), Clock::Turn);
    }
    for command in case.clues.iter().flat_map(|clue| &clue.at) {
        let line = roles::expand(command, &case.roles, &run.stage.world);
        if let Some(page) = run.apply(0, Act::Run { line }).page {
            run.apply(0, Act::Bag { page, lines: None, note: String::new() });
        }
    }
    run
}

/// Accuses a rival with all that was brought: the verdict is the solution's with the rival's thing and how.
pub fn accuse(brought: &Run, rival: &shape::Rival) -> Accused {
    let run = brought;
    let word = |meaning: Meaning| {
        let entry = run.record.evidence.lexicon.find(&meaning)?;
        run.record.evidence.words.iter().find(|(_, own)| **own == entry).map(|(word, _)| *word)
    };
    let Some(thing) = word(Meaning::RivalThing(rival.id.clone())) else { return Accused::Unmet(rival.thing.clone()) };
    let Some(how) = word(Meaning::RivalHow(rival.id.clone())) else { return Accused::Unmet(rival.how.clone()) };
    let answer = &run.case.verdict;
    let exhibits = |blank: &str| best(run, blank);
    let said = |id: &String, blank: &str| Blank {
        word: word(Meaning::Node(id.clone())),
        time: String::new(),
        exhibits: exhibits(blank),
    };
    let blanks = Blanks {
        culprit: Blank { word: Some(thing), time: String::new(), exhibits: exhibits(&answer.culprit) },
        mechanism: Blank { word: Some(how), time: String::new(), exhibits: exhibits(&answer.mechanism) },
        trigger: said(&answer.trigger, &answer.trigger),
        impact: said(&answer.impact, &answer.impact),
        onset: Blank {
            word: None,
            time: answer.onset.map_or_else(String::new, crate::stdx::time::Time::hour_minute),
            exhibits: exhibits("onset"),
        },
    };
    let mut run = run.clone();
    run.apply(0, Act::Verdict { blanks: Box::new(blanks) });
    Accused::Judged(Box::new(run.verdict_score()))
}

/// The smallest exhibits that hold each clue bearing on a node.
pub(super) fn best(run: &Run, about: &str) -> Vec<u32> {
    let bears = |clue: &&shape::Clue| clue.shows.iter().chain(&clue.hints).any(|id| id == about);
    let smallest = |clue: &shape::Clue| {
        let held = |id: u32| run.record.evidence.held(id);
        let holding = run.board.exhibits.iter().filter(|exhibit| held(exhibit.id).contains(&clue.id));
        holding.min_by_key(|exhibit| (held(exhibit.id).len(), exhibit.id)).map(|exhibit| exhibit.id)
    };
    let mut exhibits: Vec<u32> = run.case.clues.iter().filter(bears).filter_map(smallest).collect();
    exhibits.sort_unstable();
    exhibits.dedup();
    exhibits
}

//! Both laws, for every variant of every case of the library (see [`crate::library`]): however a stage is cut into advances the same stage comes
//! out, and a run is the fold of its journal, byte for byte, whatever was typed.

use crate::library::Family;
use std::fmt::Write;
use std::sync::Arc;
use whodunit::console::fact::Fact;
use whodunit::console::{self, session::Session};
use whodunit::drill::act::{Act, Blank, Blanks, Certainty, ProblemForm, Standing, UpdateForm};
use whodunit::drill::journal::{self, Header, Writer};
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario::shape::{Case, WordKind};
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, roles};
use whodunit::stdx::dice::{self, Dice};
use whodunit::stdx::time::Span;
use whodunit::world::k8s::kinds::KINDS;

/// Everything the store holds, and what the instruments say of the last quarter of an hour.
fn dump(stage: &Stage) -> String {
    let world = &stage.world;
    let mut out = format!("{} {} {}\n", world.now, stage.cursor, world.k8s.store.version());
    for row in KINDS {
        for object in world.k8s.store.list(row.id, None) {
            writeln!(out, "{}", object.to_json()).expect("text");
        }
    }
    for entry in world.audit.entries() {
        writeln!(out, "{entry:?}").expect("text");
    }
    let mut looked = stage.clone();
    for line in [
        "logs --since 5m",
        "prom http_requests_total",
        "prom container_memory_working_set_bytes",
        "kubectl top pods -A",
    ] {
        out.push_str(&look(&mut looked, line));
    }
    out
}

/// What a good line prints.
fn look(stage: &mut Stage, line: &str) -> String {
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    let ran = console::run(&mut stage.world, &mut session, line);
    assert_eq!(ran.output.code, 0, "{line}: {:?}", ran.output.lines);
    ran.output.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

/// A stage is the same however it was cut into advances.
pub fn advances_add_up(family: &Family) {
    for (case, start) in &family.cast {
        let end = start.world.now + Span::mins(17);
        let mut whole = start.clone();
        whole.advance_to(end);
        let whole = dump(&whole);
        let mut dice = Dice::new(case.seed).fork("cuts").fork(&case.variant);
        for _ in 0..2 {
            let mut cuts: Vec<i64> = (0..dice.between(1, 30)).map(|_| dice.between(0, Span::mins(17).0)).collect();
            cuts.sort_unstable();
            let mut parts = start.clone();
            for cut in &cuts {
                parts.advance_to(start.world.now + Span(*cut));
                // A clone goes on exactly as its original would, and looking changes nothing.
                look(&mut parts.clone(), "kubectl -n shop get pods");
                parts = parts.clone();
            }
            parts.advance_to(end);
            assert!(whole == dump(&parts), "{} {} differs when cut at {cuts:?}", case.slug, case.variant);
        }
    }
}

/// Lines a learner may type, good, bad and destructive; roles stand in braces.
const LINES: &[&str] = &[
    "kubectl get pods -n shop",
    "kubectl -n shop get pods -o wide | grep storefront",
    "kubectl -n shop describe deploy storefront",
    "kubectl -n shop get events --sort-by=.lastTimestamp | tail -5",
    "kubectl -n shop logs deploy/checkout --tail=20",
    "kubectl -n shop logs deploy/storefront -f | grep -c GET",
    "kubectl -n shop get pods -w",
    "kubectl -n shop rollout status deploy/storefront",
    "kubectl -n shop rollout restart deploy/checkout && kubectl -n shop rollout status deploy/checkout",
    "kubectl -n shop rollout undo deploy/storefront",
    "kubectl -n shop scale deploy/cart --replicas=5",
    "kubectl -n shop set env deploy/storefront LOG_LEVEL=debug",
    "kubectl -n shop delete pod -l app=catalog",
    "kubectl get nodes -o jsonpath='{.items[*].metadata.name}'",
    "kubectl -n shop get pods -o json | jq -r '.items[].status.phase' | sort | uniq -c",
    "logs app=checkout --since 20m --count 5m",
    "prom 'sum by (code) (rate(http_requests_total[5m]))'",
    "shopctl order",
    "ci history storefront",
    "chat list",
    "echo note > n.txt; cat n.txt | wc -l",
    "kubectl get pdos",
    "awk 'BEGIN { while (1) x++ }'",
    "not-a-program | grep x",
    "kubectl -n shop get configmap storefront-config -o yaml > before.yaml",
    "sleep 45s",
];

fn act(dice: &mut Dice, run: &Run) -> Act {
    match dice.below(19) {
        0 => Act::Wait { span: Span::secs(dice.between(1, 240)) },
        1 if !run.pages.is_empty() => {
            let page = &run.pages[dice.below(run.pages.len() as u64) as usize];
            let last = page.output.lines.len() as u64;
            let from = dice.below(last) as u32;
            let lines = (last > 0 && dice.chance(800)).then_some((from, from));
            Act::Bag { page: page.id, lines, note: String::new() }
        }
        2 => Act::Expect { text: "slo_storefront_ready_ratio >= 1 within 3m".into() },
        10 | 11 if run.board.words.len() > 1 => {
            Act::Suspect { thing: any_word(dice, run, WordKind::Thing), how: any_word(dice, run, WordKind::How) }
        }
        12 if !run.board.hypotheses.is_empty() => Act::Clear {
            hypothesis: dice.pick(&run.board.hypotheses).map_or(0, |hypothesis| hypothesis.id),
            exhibits: any_exhibits(dice, run),
        },
        13 if !run.board.hypotheses.is_empty() => {
            Act::Reopen { hypothesis: dice.pick(&run.board.hypotheses).map_or(0, |hypothesis| hypothesis.id) }
        }
        14 => Act::Undo,
        15 => update(dice, run),
        16 => {
            let picks = run.problem_picks();
            let mut pick = || dice.pick(&picks).cloned().unwrap_or_default();
            let form = ProblemForm {
                hurts: pick(),
                not: pick(),
                expected: "1".into(),
                actual: "50%".into(),
                since: String::new(),
            };
            Act::State { text: String::new(), form: Some(Box::new(form)) }
        }
        17 if !run.board.hypotheses.is_empty() => Act::Rate {
            hypothesis: dice.pick(&run.board.hypotheses).map_or(0, |hypothesis| hypothesis.id),
            percent: dice.below(101) as u8,
        },
        18 if dice.chance(400) => Act::Hint,
        3 if !run.standing.is_empty() => Act::Leave { standing: run.standing[0].0 },
        _ => {
            let line = dice.pick(LINES).expect("lines");
            Act::Run { line: roles::expand(line, &run.case.roles, &run.stage.world) }
        }
    }
}

fn update(dice: &mut Dice, run: &Run) -> Act {
    let cause = dice.pick(&run.board.hypotheses).map(|hypothesis| (hypothesis.id, Certainty::Suspected));
    let state = *dice.pick(&[Standing::Investigating, Standing::Mitigating, Standing::Resolved]).expect("states");
    let harm = dice.pick(&run.problem_picks()).cloned().unwrap_or_else(|| "none".into());
    let next = dice.chance(500).then_some(Span::mins(15));
    Act::Update { update: Box::new(UpdateForm { harm, state, cause, next, ..UpdateForm::default() }) }
}

/// A collected word of a kind, or any number where there is none.
fn any_word(dice: &mut Dice, run: &Run, kind: WordKind) -> u32 {
    let words: Vec<u32> = run.board.words.iter().filter(|word| word.kind == kind).map(|word| word.id).collect();
    dice.pick(&words).copied().unwrap_or(99)
}

fn any_exhibits(dice: &mut Dice, run: &Run) -> Vec<u32> {
    run.board.exhibits.iter().map(|exhibit| exhibit.id).filter(|_| dice.chance(400)).collect()
}

/// Whatever words and exhibits were collected, as a verdict.
fn verdict(dice: &mut Dice, run: &Run) -> Act {
    let mut blank = |kind| {
        let word = any_word(dice, run, kind);
        Blank { word: (word != 99).then_some(word), time: String::new(), exhibits: any_exhibits(dice, run) }
    };
    let blanks = Blanks {
        culprit: blank(WordKind::Thing),
        mechanism: blank(WordKind::How),
        trigger: blank(WordKind::Change),
        impact: blank(WordKind::Harm),
        onset: Blank { time: run.now().hour_minute(), ..Blank::default() },
    };
    Act::Verdict { blanks: Box::new(blanks) }
}

fn digest(run: &Run) -> String {
    let mut out = String::new();
    for page in &run.pages {
        writeln!(out, "{:?} {} {} {:?}", page.at, page.prompt, page.command, page.output).expect("text");
    }
    writeln!(out, "{:?}\n{:?}\n{}", run.board, run.score(), dump(&run.stage)).expect("text");
    out
}

/// Plays thirty acts by the seed, and folds what the journal kept of them.
fn plays_and_folds(case: &Arc<Case>, stage: Stage, clock: Clock, seed: u64) {
    let mut dice = Dice::new(seed).fork("acts");
    let mut run = Run::open(Arc::clone(case), stage.clone(), clock);
    let header = Header::new(case, clock, 1000, "2026-11-22T00:00:00Z");
    let (mut writer, mut bytes) = Writer::begin(&header);
    for n in 0..30 {
        // The clock runs between the acts, as the host would say.
        let to = run.now() - run.case.drill.page_at + Span::millis(dice.between(1, 40_000));
        let ticks = (clock == Clock::Live).then_some(Act::Clock { to });
        let acted = if n == 29 { verdict(&mut dice, &run) } else { act(&mut dice, &run) };
        for act in ticks.into_iter().chain([acted]) {
            let at = run.now();
            if !run.apply(0, act.clone()).refused {
                bytes.extend(writer.entry(at, 0, &act));
            }
        }
    }
    assert!(run.pages.len() > 5, "something was read: {}", run.pages.len());
    let journal = journal::parse(&bytes).expect("a whole journal");
    let again = journal::fold(&journal, Arc::clone(case), stage).expect("it folds");
    assert!(digest(&run) == digest(&again), "{} {} seed {seed} folds differently", case.slug, case.variant);
}

/// A run is the fold of its journal, whatever was typed. The first case is played with more seeds, and by the live clock as
/// well.
pub fn runs_fold(family: &Family) {
    for (case, stage) in &family.cast {
        let lot = case.seed + dice::hash_name(&case.variant) % 1_000;
        for more in 0..if family.first { 3 } else { 1 } {
            plays_and_folds(case, stage.clone(), Clock::Turn, lot + 1_000 * more);
        }
        if family.first {
            plays_and_folds(case, stage.clone(), Clock::Live, lot);
        }
    }
}

/// What stands prints the same however the waiting is cut.
#[test]
fn waiting_in_pieces_shows_what_waiting_shows() {
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 5).expect("a case");
    let case = Arc::new(case);
    let lines = [
        "watch -n 1 date",
        "watch -n 0.7 kubectl -n shop get pods",
        "kubectl -n shop get pods -w",
        "kubectl -n shop logs deploy/checkout -f --tail=1",
        "kubectl -n shop logs deploy/checkout -f --tail=1 | grep -v nothing",
    ];
    let told = |pieces: &[i64], clock: Clock| {
        let mut run = Run::open(Arc::clone(&case), stage.clone(), clock);
        for line in lines {
            run.apply(0, Act::Run { line: line.into() });
        }
        assert_eq!(run.standing.len(), lines.len());
        for piece in pieces {
            let outcome = match clock {
                Clock::Turn => run.apply(0, Act::Wait { span: Span::millis(*piece) }),
                Clock::Live => run.apply(0, Act::Clock { to: run.elapsed() + Span::millis(*piece) }),
            };
            assert!(!outcome.refused, "{outcome:?}");
        }
        run.pages.iter().map(|page| format!("{:?}\n", page.output)).collect::<String>()
    };
    for clock in [Clock::Turn, Clock::Live] {
        let whole = told(&[60_000], clock);
        assert!(whole == told(&[1_000; 60], clock), "{clock:?}: cut in seconds");
        assert!(whole == told(&[333, 14_667, 1, 4_999, 30_000, 10_000], clock), "{clock:?}: cut anyhow");
    }
    let mut run = Run::open(case, stage, Clock::Turn);
    run.apply(0, Act::Run { line: "watch -n 1 date".into() });
    run.apply(0, Act::Wait { span: Span::secs(10) });
    let frames = run.pages[0].output.lines.iter().filter(|line| line.text.starts_with("Every 1.0s: date")).count();
    assert_eq!(frames, 11, "{:?}", run.pages[0].output.lines);
}

/// Whatever a standing pipeline writes, each time it does, is a change of its own.
#[test]
fn what_a_standing_pipeline_writes_is_counted() {
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 5).expect("a case");
    let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
    let line = "watch -n 5 kubectl -n shop delete pod -l app=cart --wait=false";
    run.apply(0, Act::Run { line: line.into() });
    run.apply(0, Act::Wait { span: Span::secs(21) });
    assert!(run.record.changes.len() >= 3, "{:?}", run.record.changes);
    assert!(run.record.changes.iter().all(|change| change.command == line), "{:?}", run.record.changes);
}

/// A log that was cut does not say that a line was never in it.
#[test]
fn a_cut_log_proves_no_absence() {
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 5).expect("a case");
    let never = whodunit::scenario::shape::Pattern {
        family: "log".into(),
        on: "crash_pod".into(),
        path: "no-such-words".into(),
        tests: Vec::new(),
    };
    let proven = |command: &str| {
        let page = whodunit::drill::fates::page(&case, &stage, command);
        assert!(!page.output.coverage.is_empty(), "{command}: {:?}", page.output.lines);
        whodunit::case::absence::proven(&case, &page, &never)
    };
    assert!(proven("kubectl -n shop logs {crash_pod} --previous"));
    assert!(!proven("kubectl -n shop logs {crash_pod} --previous --tail=1"));
    assert!(!proven("kubectl -n shop logs {crash_pod} --previous --since=1s"));
    assert!(!proven("logs storefront --since 1m"));
}

/// A chart is a standing question: as the clock moves it is asked again by itself, and what it says counts as seen. Who opens
/// another chart leaves it.
#[test]
fn a_chart_is_asked_again_as_the_clock_moves() {
    use whodunit::ui::panes::metrics;
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 5).expect("a case");
    let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
    let line = metrics::command("slo_storefront_ready_ratio").expect("a question");
    let page = run.apply(0, Act::Run { line }).page.expect("a page");
    let newest = |run: &Run| {
        let lines = &run.page(page).expect("the page").output.lines;
        let times = lines.iter().flat_map(|line| &line.marks).filter_map(|mark| match mark.fact.as_ref() {
            Fact::Metric { to, .. } => Some(*to),
            _ => None,
        });
        times.max().expect("a value")
    };
    let (first, journalled) = (newest(&run), run.acts.len());
    run.apply(0, Act::Wait { span: Span::mins(7) });
    let later = newest(&run);
    assert!(later - first >= Span::mins(6), "{first:?} {later:?}");
    assert_eq!(run.acts.len(), journalled + 1, "nobody had to ask");
    assert_eq!(metrics::asked(&run, 0), [page]);
    // Left, it says no more.
    run.apply(0, Act::Leave { standing: page });
    run.apply(0, Act::Wait { span: Span::mins(7) });
    assert_eq!(newest(&run), later);
    assert!(metrics::asked(&run, 0).is_empty());
}

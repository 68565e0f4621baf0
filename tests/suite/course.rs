//! What the whole score knows of a run from folds of the world: the truth of what is stated, the course of the harm, and what
//! the solution does beside it.

use std::collections::BTreeSet;
use std::sync::Arc;
use whodunit::case::score::exact;
use whodunit::case::score::log::{Course, Suspect, What};
use whodunit::drill::Mode;
use whodunit::drill::act::Act;
use whodunit::drill::glimpse::{Answered, glimpses};
use whodunit::drill::run::{Clock, Run};
use whodunit::drill::{check, claims, course, ghost, transcript, twin};
use whodunit::scenario;
use whodunit::stdx::time::Span;

pub fn opened(slug: &str, variant: &str) -> Run {
    opened_as(slug, variant, Mode::Drill)
}

fn opened_as(slug: &str, variant: &str, mode: Mode) -> Run {
    let pack = scenario::find(slug).expect("the case");
    let (case, stage) = scenario::cast(&pack, variant, 1).expect("a case");
    Run::open_as(Arc::new(case), stage, Clock::Turn, mode)
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

fn course(run: &Run) -> Course {
    let found = run.graded_log().into_iter().find_map(|event| match event.what {
        What::Course(course) => Some(course),
        _ => None,
    });
    found.expect("a course")
}

fn effort(run: &Run) -> (Span, Span) {
    let found = run.graded_log().into_iter().find_map(|event| match event.what {
        What::Effort { reference, policy } => Some((reference, policy)),
        _ => None,
    });
    found.expect("an effort")
}

fn solved(run: &Run) -> Run {
    let mut own = Run::open(Arc::clone(&run.case), (*run.record.opening).clone(), Clock::Turn);
    let steps = transcript::parse(&run.case.solution).expect("a solution");
    transcript::player::follow(&mut own, steps).expect("it is played");
    own
}

/// Nobody acts: the harm is that of nobody, however the time was cut, and it goes on.
#[test]
fn an_idle_run_is_the_idle_run() {
    let run = opened(POD, "A");
    let idle = check::idle(&run.case, &run.record.opening);
    let own = course(&idle);
    assert!(own.harm > 0);
    assert_eq!(own.harm, own.idle);
    assert_eq!((own.ended, own.fix, own.lasts), (None, None, false));
    assert!(own.reference < own.idle / 2, "the solution helps: {own:?}");
    // Closed at once, the world goes on without anybody.
    let mut gone = run.clone();
    gone.apply(0, Act::Close);
    assert_eq!(course(&gone), own);
}

/// The solution is the reference, whoever played it: its harm, its reading, its end.
#[test]
fn the_solutions_run_is_the_reference() {
    let run = opened(POD, "A");
    let own = solved(&run);
    let course = course(&own);
    assert_eq!(course.harm, course.reference);
    assert!(course.harm < course.idle && course.lasts, "{course:?}");
    let fix = course.fix.expect("a fix");
    let change = own.record.changes.iter().find(|change| change.entry == fix).expect("a change");
    assert!(course.ended.is_some_and(|ended| ended >= change.at), "{course:?} {change:?}");
    let (reference, policy) = effort(&own);
    let read: Vec<Span> = own
        .record
        .events
        .iter()
        .filter_map(|event| match event.what {
            What::Read { cost } => Some(cost),
            _ => None,
        })
        .collect();
    assert_eq!(reference, read.iter().fold(Span::ZERO, |sum, cost| sum + *cost));
    assert!(read.len() >= 5 && policy > Span::ZERO && policy <= reference, "{reference:?} {policy:?}");
    assert!(read.len() + own.record.changes.len() <= own.pages.len(), "what changes something is not reading");
    // Whoever knows it already gets the same without playing it again.
    let again = opened(POD, "A");
    let lines = vec![0; own.acts.len()];
    course::solved_by(&own, lines);
    assert_eq!(course::course(&own), course::course(&solved(&again)));
}

/// A restart answers until the cache is warm: the harm ends, and comes back.
#[test]
fn a_fix_that_does_not_last_is_seen_through() {
    let run = opened(POD, "A");
    let mut own = run.clone();
    does(&mut own, "kubectl -n shop scale deploy/storefront --replicas=0");
    own.apply(0, Act::Close);
    let gone = course(&own);
    assert!(!gone.lasts && gone.ended.is_none(), "what is switched off is not mended: {gone:?}");
    assert_eq!(gone.harm, gone.idle.max(gone.harm));
    let mut own = run;
    does(&mut own, "kubectl -n shop rollout undo deploy/storefront");
    own.apply(0, Act::Wait { span: Span::mins(8) });
    let mended = course(&own);
    assert!(mended.lasts && mended.ended.is_some() && mended.fix == Some(1), "{mended:?}");
    does(&mut own, "kubectl -n shop rollout undo deploy/storefront");
    own.apply(0, Act::Wait { span: Span::mins(2) });
    own.apply(0, Act::Resolve);
    own.apply(0, Act::Close);
    let relapsed = course(&own);
    assert!(!relapsed.lasts && relapsed.ended.is_none(), "{relapsed:?}");
    assert!(relapsed.harm > mended.harm);
}

/// What is worked out does not depend on who asks when: the same acts have the same course.
#[test]
fn the_course_is_a_fold_of_the_acts() {
    let play = |asks: bool| {
        let mut run = opened("the-three-second-alibi", "B");
        for act in [
            Act::Run { line: "prom slo_report_ratio".into() },
            Act::Wait { span: Span::mins(3) },
            Act::Run { line: "kubectl -n shop get pods".into() },
            Act::Run { line: "kubectl -n shop get pods".into() },
            Act::Close,
        ] {
            if asks {
                course(&run);
            }
            run.apply(0, act);
        }
        run
    };
    let (once, often) = (play(false), play(true));
    assert_eq!(once.graded_log(), often.graded_log());
    assert_eq!(once.graded_log(), once.clone().graded_log());
    assert!(once.record.events.iter().any(|event| event.what == What::Checked));
}

/// Without a solution a run is measured against itself.
#[test]
fn a_pack_under_construction_has_no_reference() {
    let pack = scenario::find(POD).expect("the case");
    let (mut case, stage) = scenario::cast(&pack, "A", 1).expect("a case");
    case.solution.clear();
    let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
    does(&mut run, "kubectl -n shop get pods");
    run.apply(0, Act::Close);
    let own = course(&run);
    assert_eq!(own.reference, own.harm);
    assert_eq!(effort(&run).0, course::reading(&run));
}

/// Only what reads has a cost, and an old value of the indicator is no look at it.
#[test]
fn reading_and_checking_are_told_apart() {
    let mut run = opened(POD, "A");
    let own = run.case.indicator.name.clone();
    let whats = |run: &Run| {
        let own = run.record.events.iter().filter(|event| event.entry == run.entry());
        own.map(|event| event.what.clone()).filter(|what| !matches!(what, What::Seen { .. })).collect::<Vec<_>>()
    };
    does(&mut run, &format!("prom {own}"));
    assert!(matches!(whats(&run)[..], [What::Checked, What::Read { cost }] if cost > Span::ZERO), "{:?}", whats(&run));
    does(&mut run, &format!("prom {own} --at 06:30"));
    assert!(matches!(whats(&run)[..], [What::Read { .. }]), "{:?}", whats(&run));
    does(&mut run, "cd");
    assert_eq!(whats(&run), []);
    does(&mut run, "kubectl -n shop rollout undo deploy/storefront");
    assert!(matches!(whats(&run)[..], [What::Change { .. }]), "{:?}", whats(&run));
}

/// The expert's way, step by step: what was typed can be typed, and leads to the same end.
#[test]
fn the_ghosts_steps_can_be_typed() {
    for (slug, variant) in [(POD, "B"), ("the-three-second-alibi", "A")] {
        let run = opened(slug, variant);
        let ghost = ghost::ghost(&run).expect("a ghost");
        let first = ghost.steps.first().expect("a step");
        let mut written = run.case.solution.lines();
        let title = written.next().and_then(|line| line.strip_prefix("# ")).expect("a solution has a title");
        let whys: Vec<&String> = ghost.steps.iter().flat_map(|step| &step.why).collect();
        assert_eq!(whys.len(), written.filter(|line| line.starts_with('#')).count(), "no other comment is lost");
        assert!(whys.len() > 5 && whys.iter().all(|why| *why != title), "the title names the answer: {title}");
        for step in ghost.steps.iter().filter(|step| step.page.is_some()) {
            let page = ghost.run.page(step.page.expect("a page")).expect("it is there");
            assert_eq!(step.typed, format!("$ {}", page.command));
        }
        let justified = |step: &ghost::Step| step.belief[&Suspect::Truth].clone();
        assert!(justified(first) <= exact(1, 2));
        assert!(justified(ghost.steps.last().expect("a step")) >= exact(9, 10), "{slug} {variant}");
        assert!(ghost.steps.iter().any(|step| step.changed));
        let shown: usize = ghost.steps.iter().map(|step| step.clues.len()).sum();
        assert_eq!(shown, ghost.run.record.evidence.seen.len());
        // Typed by a player, it is the same run.
        let typed: Vec<String> = ghost.steps.iter().map(|step| step.typed.clone()).collect();
        let mut player = Run::open(Arc::clone(&run.case), (*run.record.opening).clone(), Clock::Turn);
        let steps = transcript::parse(&typed.join("\n")).expect("lines of a transcript");
        transcript::player::follow(&mut player, steps)
            .unwrap_or_else(|problem| panic!("{slug} {variant}: {problem:?}"));
        assert_eq!(player.acts, ghost.run.acts);
        assert_eq!(ghost::steps(&player).len(), ghost.steps.len());
    }
}

/// A hint's last rung types a command: the pages after it are still those of their steps.
#[test]
fn steps_keep_their_pages_after_a_hint() {
    let mut run = opened_as(POD, "B", Mode::Practice);
    let look = Act::Run { line: "kubectl -n shop get pods".into() };
    for _ in 0..12 {
        run.apply(0, Act::Hint);
        run.apply(0, look.clone());
        if run.board.hints.iter().any(|hint| hint.shown.is_some()) {
            break;
        }
    }
    let shown = run.board.hints.iter().find_map(|hint| hint.shown.as_ref()).expect("the last rung");
    let steps = ghost::steps(&run);
    let of = |page: u32| steps.iter().find(|step| step.page == Some(page)).expect("a step");
    assert_eq!(of(shown.page).typed, "> hint");
    let last = run.pages.last().expect("a page");
    assert_eq!(
        (of(last.id).typed.as_str(), last.command.as_str()),
        ("$ kubectl -n shop get pods", "kubectl -n shop get pods")
    );
    assert_eq!(steps.iter().filter(|step| step.page.is_some()).count(), run.pages.len());
}

/// A page of the solution asks whom it rules out, and judges by the matrix.
#[test]
fn a_page_asks_whom_it_rules_out() {
    let run = opened(POD, "A");
    let all = glimpses(&run, "oom-kill");
    assert!(!all.is_empty() && glimpses(&run, "sqs-fifo").is_empty());
    for glimpse in &all {
        let clue = run.case.clues.iter().find(|clue| clue.id == glimpse.clue).expect("a clue");
        assert_eq!((clue.card.as_str(), glimpse.suspects.len()), ("oom-kill", run.case.rivals.len() + 1));
        let out =
            |on: bool| glimpse.suspects.iter().enumerate().filter(move |(_, one)| one.out == on).map(|(at, _)| at);
        let (out, not): (BTreeSet<usize>, BTreeSet<usize>) = (out(true).collect(), out(false).collect());
        assert_eq!(out.len(), clue.rules_out.len());
        assert!(glimpse.lines.iter().flatten().count() > 0, "{glimpse:?}");
        assert_eq!(glimpse.answer(&out), Answered::Whole);
        assert_eq!(glimpse.answer(&BTreeSet::new()), Answered::Wrong);
        assert_eq!(glimpse.answer(&out.union(&not).copied().collect()), Answered::Wrong);
        let first: BTreeSet<usize> = out.iter().take(1).copied().collect();
        assert_eq!(glimpse.answer(&first), if out.len() == 1 { Answered::Whole } else { Answered::Part });
        let culprit = glimpse.suspects.iter().filter(|one| !one.out).any(|one| {
            run.case.chain.iter().any(|node| node.id == run.case.verdict.culprit && one.say.starts_with(&node.say))
        });
        assert!(culprit, "the culprit is among those who are not ruled out");
    }
}

/// What a clue shows is not in the healthy twin: the lines that differ say so.
#[test]
fn the_healthy_twin_differs_where_the_clues_are() {
    for (slug, variant) in [(POD, "A"), ("single-file-please", "B")] {
        let run = solved(&opened(slug, variant));
        let contrasts = twin::contrasts(&run);
        let own: Vec<&twin::Contrast> = contrasts.iter().filter(|contrast| contrast.page.is_some()).collect();
        assert!(!own.is_empty() && own.len() <= 8, "{slug}: {}", own.len());
        let telling = |id: &String| {
            let clue = run.case.clues.iter().find(|clue| clue.id == *id).expect("a clue");
            !(clue.absent || clue.shows.is_empty() && clue.hints.is_empty())
        };
        let told = own.iter().filter(|contrast| contrast.clues.iter().any(telling));
        for contrast in told {
            assert!(contrast.lines.iter().any(|line| line.side == twin::Side::Here), "{slug}: {contrast:?}");
        }
        assert_eq!(contrasts, twin::contrasts(&run.clone()));
    }
    // Who looked at nothing is shown what there was to see.
    let mut idle = opened(POD, "A");
    idle.apply(0, Act::Close);
    let contrasts = twin::contrasts(&idle);
    assert!(contrasts.len() >= 3 && contrasts.iter().all(|contrast| contrast.page.is_none()), "{contrasts:#?}");
    assert!(contrasts.iter().any(|contrast| !contrast.lines.is_empty()));
}

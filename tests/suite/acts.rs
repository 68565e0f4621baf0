//! The whole board: forms that are true or false of the world, updates and promises, three hearings, objections, hints,
//! taking back, what does not last. Most of it on the toy of `drill`, what needs instruments on a case of the library.

use super::drill::{case, open, play, stage};
use std::sync::Arc;
use whodunit::case::board::{Aim, Band, Doubt, SCALE, on_scale, step};
use whodunit::case::score::log::{Suspect, What};
use whodunit::case::score::{Dim, exact};
use whodunit::drill::act::{Act, Guess, ProblemForm};
use whodunit::drill::journal::{self, Header, Writer};
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::transcript::{self, player::Player};
use whodunit::drill::volatile::Lasts;
use whodunit::drill::{Mode, hearing};
use whodunit::scenario;
use whodunit::stdx::time::Span;

/// A run as a session: `# why`, `$ command`, `> act`, `wait SPAN` go in; pages, `[note]`s and `[refused]`s come out.
pub fn session(text: &str) -> String {
    let head = text.lines().find_map(|line| line.strip_prefix("# board: ")).expect("a head");
    let mut run = match head.split(' ').collect::<Vec<_>>()[..] {
        ["toy", mode] => of_mode(Mode::named(mode).expect("a mode")),
        [slug, variant, seed, mode] => {
            let pack = scenario::find(slug).expect("a case");
            let (case, stage) = scenario::cast(&pack, variant, seed.parse().expect("a seed")).expect("casts");
            Run::open_as(Arc::new(case), stage, Clock::Turn, Mode::named(mode).expect("a mode"))
        }
        _ => panic!("# board: SLUG VARIANT SEED MODE"),
    };
    let mut out = String::new();
    let mut described = true;
    for line in text.lines() {
        if line.starts_with("# ") {
            out.push_str(if described { "" } else { "\n" });
            described = true;
            out.push_str(&format!("{line}\n"));
            continue;
        }
        if !["$ ", "> ", "wait "].iter().any(|sign| line.starts_with(sign)) {
            continue;
        }
        described = false;
        out.push_str(&format!("{line}\n"));
        for told in done(&mut run, line).iter().flat_map(|told| told.lines()) {
            let sign = ["# ", "$ ", "> ", "wait ", "\\"].iter().any(|sign| told.starts_with(sign));
            out.push_str(&format!("{}{}\n", if sign { "\\" } else { "" }, told.trim_end()));
        }
    }
    out
}

/// Does a line and gives what there is to say.
fn done(run: &mut Run, line: &str) -> Vec<String> {
    let refused = |problem: &transcript::Problem| format!("[refused] {}\nhint: {}", problem.what, problem.hint);
    let steps = match transcript::parse(line) {
        Ok(steps) => steps,
        Err(problems) => return problems.iter().map(refused).collect(),
    };
    let (mut player, mut out, phase) = (Player::new(steps), Vec::new(), run.phase);
    loop {
        let act = match player.next(run) {
            Ok(Some(act)) => act,
            Ok(None) => break,
            Err(problem) => {
                out.push(refused(&problem));
                break;
            }
        };
        let outcome = run.apply(0, act);
        let page = outcome.page.and_then(|page| run.page(page));
        out.extend(page.iter().flat_map(|page| &page.output.lines).map(|line| line.text.clone()));
        let sign = if outcome.refused { "refused" } else { "note" };
        out.extend(
            outcome.notice.iter().flat_map(|notice| {
                notice.to_string().lines().map(|line| format!("[{sign}] {line}")).collect::<Vec<_>>()
            }),
        );
    }
    if run.phase != phase {
        out.push(format!("[phase] {:?}", run.phase));
    }
    out
}

fn of_mode(mode: Mode) -> Run {
    Run::open_as(Arc::new(case()), stage(), Clock::Turn, mode)
}

fn said(run: &mut Run, line: &str) -> String {
    let before = (run.acts.len(), format!("{:?}", run.board));
    let mut player = Player::new(transcript::parse(line).expect("readable"));
    let mut told = String::new();
    while let Some(act) = player.next(run).expect("resolvable") {
        let outcome = run.apply(0, act);
        told = outcome.notice.map(|notice| notice.to_string()).unwrap_or_default();
        if outcome.refused {
            assert_eq!(before, (run.acts.len(), format!("{:?}", run.board)), "{line} left a trace");
            return format!("refused: {told}");
        }
    }
    told
}

fn whats(run: &Run) -> Vec<&What> {
    run.record.events.iter().map(|event| &event.what).collect()
}

/// Everything in the bag, singly: e1 oomkilled, e2 limit-diff, e3 ratio, e4 warming.
const BAGGED: &str = "$ cat pods.txt\n> bag oomkilled limit-diff ratio\n$ cat app.log | grep warming\n> bag warming\n";
const VERDICT: &str = "> verdict culprit=limit:limit-diff,oomkilled mechanism=oom:oomkilled,warming \
trigger=rollout:limit-diff,warming impact=harm:ratio,warming onset=09:54:ratio,warming\n";

// ---- confidences ---------------------------------------------------------------------------------------------------

#[test]
fn confidences_go_by_a_coarse_scale() {
    for own in SCALE {
        assert_eq!(on_scale(own), own);
    }
    assert_eq!([3, 15, 37, 42, 72, 85, 97, 100].map(on_scale), [1, 10, 35, 35, 65, 80, 95, 99]);
    assert_eq!((step(0, true), step(99, true), step(0, false), step(80, false), step(37, true)), (1, 99, 0, 65, 50));
    let mut run = open();
    play(&mut run, BAGGED).expect("plays");
    play(&mut run, "> suspect truth\n").expect("plays");
    assert!(said(&mut run, "> rate truth 85").contains("80 %"));
    assert_eq!(run.board.hypotheses[0].confidence, 80);
    assert_eq!(said(&mut run, "> rate truth 95"), "");
    // Clearing says that it was not that one.
    play(&mut run, "> suspect bug\n> rate bug 20\n> clear bug with limit-diff\n").expect("plays");
    assert_eq!(run.board.hypotheses[1].confidence, 1);
    play(&mut run, "> clear truth with limit-diff\n> reopen truth\n> rate truth 0\n> clear truth with ratio\n")
        .expect("plays");
    assert_eq!(run.board.hypotheses[0].confidence, 0, "what was not rated stays unrated");
}

// ---- taking back ---------------------------------------------------------------------------------------------------

#[test]
fn whatever_is_done_on_the_board_is_taken_back_step_by_step() {
    let mut run = open();
    play(&mut run, "$ cat pods.txt\n$ cat app.log | grep warming\n").expect("plays");
    let steps = [
        "> bag oomkilled",
        "> bag limit-diff",
        "> bag warming",
        "> suspect truth",
        "> rate truth 65",
        "> rate truth 80",
        "> link truth oomkilled +",
        "> link truth oomkilled -",
        "> predict truth the limit is full",
        "> suspect bug",
        "> rate bug 20",
        "> clear bug with oomkilled",
        "> clear bug with limit-diff",
        "> reopen bug",
        "> unbag oomkilled",
        "> expect slo_x >= 1 within 5m",
        "> note first",
        "> note second",
    ];
    let words = |run: &Run| {
        // Words that were met stay met: they are no step.
        let mut board = run.board.clone();
        board.words.clear();
        format!("{board:?} {:?} {:?}", run.record.evidence.cites, run.score().dims)
    };
    let mut stood = vec![words(&run)];
    for step in steps {
        said(&mut run, step);
        stood.push(words(&run));
    }
    for (step, stood) in steps.iter().zip(&stood).rev() {
        let told = said(&mut run, "> undo");
        assert!(told.starts_with("Taken back: "), "{step}: {told}");
        assert_eq!(words(&run), *stood, "after taking back `{step}`");
    }
    assert!(said(&mut run, "> undo").starts_with("refused: Nothing on the board"));
    // The journal keeps both, and a number is given once.
    assert_eq!(run.acts.len(), 2 + 2 * steps.len());
    play(&mut run, "> bag limit-diff\n> suspect truth\n").expect("plays");
    assert_eq!((run.board.exhibits[0].id, run.board.hypotheses[0].id), (4, 3));
}

#[test]
fn what_was_said_to_others_stands() {
    let mut run = open();
    play(&mut run, BAGGED).expect("plays");
    play(
        &mut run,
        "> note only this\n> state payments fail\n> update harm=none state=investigating next=15m -- looking\n> resolve\n",
    )
    .expect("plays");
    assert!(said(&mut run, "> undo").contains("the last note"));
    assert_eq!(
        (run.board.problem.as_str(), run.board.updates.len(), run.board.resolved.len()),
        ("payments fail", 1, 1)
    );
    // An expectation that a change has used is a part of that change; the four exhibits are left.
    let bagged = run.board.exhibits.len();
    for _ in 0..bagged {
        said(&mut run, "> undo");
    }
    assert!(said(&mut run, "> undo").starts_with("refused"));
    assert_eq!((run.board.exhibits.len(), run.board.updates.len()), (0, 1));
}

// ---- hearings ------------------------------------------------------------------------------------------------------

#[test]
fn three_hearings_and_a_band_but_no_oracle() {
    let mut run = open();
    play(&mut run, BAGGED).expect("plays");
    play(&mut run, "> clear bug with limit-diff\n> clear db with warming\n").expect("plays");
    // Two words without proof, three blanks left open.
    assert!(said(&mut run, "> verdict culprit=limit mechanism=oom").contains("three or more do not hold"));
    assert_eq!((run.phase, run.board.hearing.attempts[0].band), (Phase::Investigating, Band::ManyFail));
    // Nothing new: it is not heard, and it costs no attempt.
    assert!(said(&mut run, VERDICT).starts_with("refused: That evidence was heard"));
    // The same lines once more are nothing new either.
    play(&mut run, "> unbag ratio\n> bag ratio\n").expect("plays");
    assert!(said(&mut run, VERDICT).starts_with("refused"));
    play(&mut run, "$ cat pods.txt\n> bag \"image: 2.14.0\"\n").expect("a page may still be read");
    let almost = VERDICT.replace(" onset=09:54:ratio,warming", "");
    assert!(said(&mut run, &almost).contains("one or two do not hold"));
    play(&mut run, "> reopen db\n> suspect truth\n> clear truth with ratio\n> reopen truth\n").expect("plays");
    assert!(said(&mut run, VERDICT).starts_with("refused"), "a suspect that is open again is no exoneration");
    play(&mut run, "> clear truth with ratio\n").expect("plays");
    assert!(said(&mut run, VERDICT).contains("all five hold"));
    assert_eq!(run.score().dim(Dim::V), exact(46, 1) * exact(6, 10));
    assert_eq!(run.board.hearing.attempts.len(), 3);
    // Each hearing has the beliefs right before it.
    let events = whats(&run);
    let heard = events.iter().enumerate().filter(|(_, what)| matches!(what, What::Verdict { .. }));
    assert!(heard.into_iter().all(|(at, _)| matches!(events[at - 1], What::Beliefs { .. })));
}

#[test]
fn the_third_hearing_is_the_last_and_close_accepts() {
    let mut run = open();
    play(&mut run, BAGGED).expect("plays");
    for line in ["> suspect truth\n> clear truth with ratio", "> suspect bug\n> clear bug with ratio"] {
        assert!(said(&mut run, "> verdict culprit=limit").contains("three or more"));
        assert_eq!(run.phase, Phase::Investigating);
        play(&mut run, line).expect("plays");
    }
    let mut accepted = run.clone();
    assert!(said(&mut run, "> verdict culprit=limit").contains("three or more"));
    assert!(!run.is_open());
    // Who accepts meets the objections too, and may leave them.
    play(&mut accepted, "> close\n").expect("plays");
    assert_eq!(accepted.phase, Phase::Cross);
    assert!(said(&mut accepted, "$ date").starts_with("refused"));
    play(&mut accepted, "> close\n").expect("plays");
    assert_eq!(accepted.phase, Phase::Closed);
    // Without a verdict there is nothing to object to.
    let mut given_up = open();
    play(&mut given_up, "> close\n").expect("plays");
    assert_eq!(given_up.phase, Phase::Closed);
}

#[test]
fn one_attempt_and_no_hints_on_stricter_terms() {
    for mode in [Mode::Daily, Mode::Interview] {
        let mut run = of_mode(mode);
        play(&mut run, BAGGED).expect("plays");
        assert!(said(&mut run, "> hint").starts_with("refused"), "{mode:?}");
        said(&mut run, "> verdict culprit=limit");
        assert!(!run.is_open(), "{mode:?}");
    }
    assert_eq!(Mode::ALL.map(|mode| Mode::named(mode.name())), Mode::ALL.map(Some));
    assert!(of_mode(Mode::Interview).terms().minutes.is_some());
}

// ---- cross-examination ---------------------------------------------------------------------------------------------

#[test]
fn the_most_credible_rival_that_stands_is_named_and_answered() {
    let mut run = open();
    play(&mut run, BAGGED).expect("plays");
    play(&mut run, "> clear bug with limit-diff\n").expect("plays");
    let told = said(&mut run, VERDICT);
    // The learner never met the words of `db`.
    assert!(told.contains("the database: refusing"), "{told}");
    assert_eq!(run.phase, Phase::Cross);
    let doubts: Vec<&Doubt> = run.board.hearing.objections.iter().map(|own| &own.doubt).collect();
    assert!(matches!(doubts[..], [Doubt::Rival { id, .. }] if id == "db"), "{doubts:?}");
    let mut wrong = run.clone();
    let before = wrong.score().total();
    assert!(said(&mut wrong, "> answer o1 with limit-diff").contains("does not"));
    assert_eq!((wrong.phase, wrong.score().total()), (Phase::Closed, before), "a wrong answer costs nothing");
    let mut passed = run.clone();
    play(&mut passed, "> answer db pass\n").expect("plays");
    assert_eq!((passed.phase, passed.score().total()), (Phase::Closed, wrong.score().total()));
    assert!(said(&mut run, "> answer o2 pass").starts_with("refused"));
    play(&mut run, "> answer o1 with warming\n").expect("plays");
    assert!(run.score().dim(Dim::E) > wrong.score().dim(Dim::E));
    let crossed =
        What::Cleared { suspect: Suspect::Rival("db".into()), cites: run.record.evidence.citing(&[4]), cross: true };
    assert!(whats(&run).contains(&&crossed));
    assert!(said(&mut run, "> answer o1 with warming").starts_with("refused"));
}

#[test]
fn weak_proof_and_missing_links_are_asked_for() {
    let mut run = of_mode(Mode::Daily);
    play(&mut run, BAGGED).expect("plays");
    play(&mut run, "> clear bug with limit-diff\n> clear db with warming\n").expect("plays");
    // The trigger has no proof; of culprit and mechanism one witness each, and nothing that bears on both.
    said(&mut run, "> verdict culprit=limit:limit-diff mechanism=oom:ratio trigger=rollout");
    let doubts: Vec<Doubt> = run.board.hearing.objections.iter().map(|own| own.doubt.clone()).collect();
    assert!(matches!(&doubts[..], [Doubt::Proof { .. }, Doubt::Link { .. }]), "{doubts:?}");
    // What was not cited for the blank and bears on it answers; what bears on both words answers the link.
    assert!(said(&mut run, "> answer o1 with warming").contains("answers that"));
    assert!(said(&mut run, "> answer o2 with oomkilled").contains("answers that"));
    assert_eq!(run.phase, Phase::Closed);
}

#[test]
fn warnings_are_about_the_form() {
    let mut run = open();
    play(&mut run, BAGGED).expect("plays");
    play(&mut run, "> bag p1:4 p2:1\n").expect("plays");
    let word = run.board.words[0].id;
    let of = |run: &Run, exhibits: &[u32]| {
        let blank = whodunit::drill::act::Blank { word: Some(word), exhibits: exhibits.to_vec(), ..Default::default() };
        let blanks = whodunit::drill::act::Blanks { culprit: blank, ..Default::default() };
        hearing::warnings(run, &blanks).first().map(|(_, warning)| *warning)
    };
    assert_eq!(of(&run, &[]), Some(hearing::Warning::NoExhibit));
    assert_eq!(of(&run, &[1]), Some(hearing::Warning::OneInstrument));
    assert_eq!(of(&run, &[1, 4]), None);
    assert_eq!(of(&run, &[1, 2, 3, 4]), Some(hearing::Warning::ManyExhibits));
}

// ---- hints ---------------------------------------------------------------------------------------------------------

#[test]
fn hints_climb_after_looks_of_ones_own() {
    let mut run = open();
    assert!(said(&mut run, "> hint").contains("cannot yet tell these apart"));
    assert!(said(&mut run, "> hint").starts_with("refused: Look for yourself first"));
    // What shows nothing is no look.
    play(&mut run, "$ date\n$ date\n").expect("plays");
    assert!(said(&mut run, "> hint").starts_with("refused"));
    play(&mut run, "$ cat pods.txt | grep image\n$ cat pods.txt | grep image\n").expect("plays");
    assert!(said(&mut run, "> hint").contains("Ask here: "));
    play(&mut run, "$ cat pods.txt | grep image\n$ cat pods.txt | grep image\n").expect("plays");
    let pages = run.pages.len();
    let told = said(&mut run, "> hint");
    assert!(told.contains("Look at p") && run.pages.len() == pages + 1, "{told}");
    let hints: Vec<&What> = whats(&run).into_iter().filter(|what| matches!(what, What::Hint { .. })).collect();
    let rungs: Vec<(u8, bool)> = hints
        .iter()
        .map(|what| if let What::Hint { rung, free, .. } = what { (*rung, *free) } else { (0, true) })
        .collect();
    assert_eq!(rungs, [(1, false), (2, false), (3, false)]);
    // The page is the learner's own: what it shows was seen, and can be bagged.
    let shown = run.board.hints[2].shown.clone().expect("a page");
    assert!(!shown.lines.is_empty());
    let What::Hint { clue, .. } = hints[2] else { panic!("a hint") };
    assert!(run.record.evidence.seen.contains(clue) && !run.is_rated());
    assert!(matches!(run.board.hints[0].aim, Aim::Apart(_)));
    // The order of suspects is that of their words: the truth is not first because it is true.
    let Aim::Apart(suspects) = &run.board.hints[0].aim else { panic!("suspects") };
    assert!(suspects.is_sorted() && suspects.len() > 1);
}

#[test]
fn practice_hints_are_free() {
    let mut run = of_mode(Mode::Practice);
    said(&mut run, "> hint");
    assert!(whats(&run).iter().any(|what| matches!(what, What::Hint { rung: 1, free: true, .. })));
    assert!(!run.terms().rated);
}

// ---- after the end -------------------------------------------------------------------------------------------------

#[test]
fn what_comes_after_the_end_is_kept_and_not_graded() {
    let mut run = open();
    assert!(said(&mut run, "> reflect -- too early").starts_with("refused"));
    play(&mut run, BAGGED).expect("plays");
    play(&mut run, "> clear bug with limit-diff\n> clear db with warming\n").expect("plays");
    play(&mut run, VERDICT).expect("plays");
    assert_eq!(run.phase, Phase::Closed);
    let card = run.score();
    let line =
        "> reflect V=high K=low pledge=\"when a pod restarts, I first read its last log\" -- when I saw the limit\n";
    play(&mut run, line).expect("plays");
    play(&mut run, "> reply q1 I would look at the node\n> reply q1 at the node first\n").expect("plays");
    let hearing = &run.board.hearing;
    let own = hearing.reflection.as_ref().expect("a reflection");
    assert_eq!(own.guess, [(Dim::V, Guess::High), (Dim::K, Guess::Low)]);
    assert_eq!((own.reaction.as_str(), own.pledge.len() > 10), ("when I saw the limit", true));
    assert_eq!(hearing.replies["q1"], "at the node first");
    assert_eq!(run.score(), card);
    assert!(said(&mut run, "> note late").starts_with("refused"));
}

// ---- journals ------------------------------------------------------------------------------------------------------

/// Journals of before: acts without the newer fields, and a header without a mode, where a verdict ended the run.
#[test]
fn older_journals_are_read_and_folded_as_they_were_played() {
    let old: Act = serde_json::from_str(r#"{"do":"state","text":"payments fail"}"#).expect("an old statement");
    assert_eq!(old, Act::State { text: "payments fail".into(), form: None });
    assert_eq!(serde_json::to_string(&old).expect("text"), r#"{"do":"state","text":"payments fail"}"#);
    let event: What =
        serde_json::from_str(r#"{"event":"cleared","suspect":"truth","cites":[]}"#).expect("an old event");
    assert!(matches!(event, What::Cleared { cross: false, .. }));
    let mut run = open();
    let header = Header { mode: String::new(), ..Header::new(&run.case, Clock::Turn, 1000, "") };
    let (mut writer, mut bytes) = Writer::begin(&header);
    let text = String::from_utf8(bytes.clone()).expect("text");
    assert!(text.contains("\"mode\":\"\""));
    let steps = transcript::parse("$ cat pods.txt\n> bag oomkilled\n> verdict culprit=limit\n");
    let mut player = Player::new(steps.expect("readable"));
    while let Some(act) = player.next(&run).expect("resolvable") {
        bytes.extend(writer.entry(run.now(), 0, &act));
        run.apply(0, act);
    }
    assert_eq!(run.phase, Phase::Investigating);
    let again = journal::fold(&journal::parse(&bytes).expect("whole"), Arc::new(case()), stage()).expect("folds");
    assert_eq!(again.phase, Phase::Closed, "a verdict ended such a run");
    // The header as it was written then has no such member at all.
    let old: Header = serde_json::from_str(
        r#"{"format":1,"engine":"e","case":"c","variant":"A","seed":1,"case_hash":"h","clock":"turn","speed":1000,"started":""}"#,
    )
    .expect("an old header");
    assert_eq!((old.mode(), old.mode.as_str()), (Mode::Drill, ""));
}

/// The fold law for the newer acts, and for each mode.
#[test]
fn the_whole_board_is_the_fold_of_its_journal() {
    let text = format!(
        "> hint\n{BAGGED}> undo\n> bag warming\n> suspect truth\n> rate truth 65\n> update to=management harm=none \
         state=investigating cause=truth:suspected next=15m -- one suspect\n> suspect bug\n> undo\n> undo\n> clear bug with \
         limit-diff\n{VERDICT}> answer o1 with warming\n> reflect V=high -- well\n> reply q1 so\n"
    );
    for mode in [Mode::Drill, Mode::Practice] {
        let mut run = of_mode(mode);
        let header = Header::new(&run.case, Clock::Turn, 1000, "").of_mode(mode);
        let (mut writer, mut bytes) = Writer::begin(&header);
        let steps = transcript::parse(&text).expect("readable");
        let mut player = Player::new(steps);
        while let Some(act) = player.next(&run).expect("resolvable") {
            let entry = writer.entry(run.now(), 0, &act);
            let outcome = run.apply(0, act);
            player.check(&outcome).expect("accepted");
            bytes.extend(entry);
        }
        assert_eq!(run.phase, Phase::Closed);
        let again = journal::fold(&journal::parse(&bytes).expect("whole"), Arc::new(case()), stage()).expect("folds");
        assert_eq!((again.mode, format!("{:?}", again.board)), (mode, format!("{:?}", run.board)));
        assert_eq!(again.record.events, run.record.events);
    }
}

// ---- on a real case ------------------------------------------------------------------------------------------------

fn pod_case() -> Run {
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("a case");
    let (case, stage) = scenario::cast(&pack, "A", 7).expect("casts");
    Run::open(Arc::new(case), stage, Clock::Turn)
}

#[test]
fn a_problem_is_true_field_by_field_and_refused_only_where_it_says_nothing() {
    let mut run = pod_case();
    let picks = run.problem_picks();
    assert!(picks.contains(&"slo_storefront_ready_ratio".to_string()) && picks.is_sorted(), "{picks:?}");
    for (line, why) in [
        ("> state hurts=slo_storefront_ready_rato", "did you mean `slo_storefront_ready_ratio`?"),
        ("> state hurts=up{app=nobody}", "no series `up` has these labels"),
        ("> state not=\"two words\"", "is not a series"),
        ("> state expected=all", "is not a number"),
        ("> state actual=NaN", "is not a number"),
        ("> state since=soon", "is not a time"),
        ("> update harm=slo_x state=investigating", "there is no series `slo_x`"),
        ("> update harm=none state=investigating next=48h", "promise a time"),
    ] {
        let told = said(&mut run, line);
        assert!(told.starts_with("refused") && told.contains(why), "{line}: {told}");
    }
    let mut empty = run.clone();
    let refused = empty.apply(0, Act::State { text: "x".into(), form: Some(Box::<ProblemForm>::default()) });
    assert!(refused.refused);
    let line = "> state hurts=slo_storefront_ready_ratio not=slo_order_success_ratio expected={healthy} actual={now} since=03:33 -- new pods";
    said(&mut run, line);
    let stated = whats(&run)
        .into_iter()
        .find_map(|what| if let What::Stated { fields } = what { Some(fields.clone()) } else { None });
    let stated = stated.expect("stated");
    let wrong: Vec<&String> = stated.iter().filter(|(_, is_true)| !**is_true).map(|(name, _)| name).collect();
    assert_eq!((stated.len(), wrong), (5, vec![&"since".to_string()]), "{stated:?}");
    assert_eq!(run.board.problem, "new pods");
    // A better one is kept, and not graded.
    said(&mut run, "> state hurts=slo_storefront_ready_ratio since={onset}");
    assert_eq!(run.board.form.as_ref().map(|form| form.actual.as_str()), Some(""));
    assert_eq!(whats(&run).iter().filter(|what| matches!(what, What::Stated { .. })).count(), 1);
}

#[test]
fn an_update_is_true_field_by_field_and_promises() {
    let mut run = pod_case();
    let fields = |run: &Run| {
        let last = whats(run)
            .into_iter()
            .rev()
            .find_map(|what| if let What::Updated { fields, .. } = what { Some(fields.clone()) } else { None });
        let fields = last.expect("an update");
        fields.into_iter().filter(|(_, is_true)| !is_true).map(|(name, _)| name).collect::<Vec<_>>()
    };
    said(&mut run, "> update harm=slo_storefront_ready_ratio state=investigating next=15m");
    assert!(fields(&run).is_empty(), "{:?}", fields(&run));
    assert_eq!(run.promise_due(), Some(run.now() + Span::mins(15)));
    said(&mut run, "> update to=customers harm=none state=resolved action=change");
    assert_eq!(fields(&run), ["action", "harm", "next", "state"]);
    assert_eq!(run.promise_due(), None);
    assert!(matches!(whats(&run)[..], [.., What::Beliefs { .. }, What::Updated { .. }, What::Resolved]));
    assert_eq!(run.board.resolved.len(), 1, "who tells that it is over has declared it");
    said(&mut run, "> update harm=slo_order_success_ratio state=mitigating next=10m");
    assert_eq!(fields(&run), ["harm", "state"]);
}

#[test]
fn what_does_not_last_is_on_the_tray_whatever_it_means() {
    let mut run = pod_case();
    play(
        &mut run,
        "$ kubectl -n shop get pods\n$ kubectl -n shop get events\n$ kubectl -n shop describe pod {crash_pod}\n",
    )
    .expect("plays");
    let tray = run.volatile();
    let events: Vec<_> = tray.iter().filter(|own| own.lasts == Lasts::Event).collect();
    assert!(
        !events.is_empty()
            && events.iter().all(|own| own.until.is_some_and(|until| until <= run.now() + Span::hours(1)))
    );
    let pods: Vec<_> = tray.iter().filter(|own| own.lasts == Lasts::PodStatus).collect();
    // The quiet ones stand there like the one that crashes.
    assert!(pods.len() > 3 && pods.iter().all(|own| own.until.is_none() && !own.gone && !own.bagged), "{pods:#?}");
    let page = run.pages.len() as u32;
    run.apply(0, Act::Bag { page, lines: None, note: String::new() });
    assert_eq!(run.volatile().iter().filter(|own| own.lasts == Lasts::PodStatus && own.bagged).count(), 1);
    run.apply(0, Act::Run { line: "kubectl -n shop rollout undo deploy storefront".into() });
    run.apply(0, Act::Wait { span: Span::mins(90) });
    let tray = run.volatile();
    assert!(tray.iter().any(|own| own.lasts == Lasts::PodStatus && own.gone), "the pod was replaced");
    assert!(tray.iter().filter(|own| own.lasts == Lasts::Event).all(|own| own.gone), "an hour is over");
}

//! Interview practice: controls beside a run, follow-up questions, the rubric, papers without totals, openings, hostile texts,
//! Korean. The runs are played on the small stage of `drill`, through transcripts.

use crate::drill::{case, play, stage};
use std::collections::BTreeSet;
use std::sync::Arc;
use whodunit::drill::Mode;
use whodunit::drill::act::Act;
use whodunit::drill::interview::assessment::{Assessment, Judged};
use whodunit::drill::interview::opening::{Opening, differences};
use whodunit::drill::interview::rubric::{self, Proposal};
use whodunit::drill::interview::{Competency, Control, account, controls_of, follow};
use whodunit::drill::journal::{self, Header, Writer};
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::report::interview::{Filed, write};
use whodunit::scenario;
use whodunit::scenario::shape::{Inject, Question};
use whodunit::stdx::lang::Lang;
use whodunit::stdx::time::Span;

fn opened(adjust: impl FnOnce(&mut whodunit::scenario::shape::Case)) -> Run {
    let mut case = case();
    case.drill.closes_at = case.drill.page_at + Span::mins(40);
    case.people.questions =
        (1..=3).map(|n| Question { ask: format!("Bank {n}?"), listen: vec!["something".into()] }).collect();
    case.people.injects =
        vec![Inject { at: case.drill.page_at + Span::mins(30), from: "boss".into(), say: "How long?".into() }];
    adjust(&mut case);
    Run::open_as(Arc::new(case), stage(), Clock::Turn, Mode::Interview)
}

fn interview(text: &str) -> Run {
    let mut run = opened(|_| {});
    for line in text.lines() {
        // Without objections a verdict ends the run by itself.
        if line == "> close" && run.phase == Phase::Closed {
            continue;
        }
        play(&mut run, line).unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
    }
    run
}

fn refused(run: &mut Run, line: &str) -> String {
    let problems = play(run, line).expect_err(line);
    format!("{} {}", problems[0].what, problems[0].hint)
}

fn level(run: &Run, competency: Competency) -> Option<u8> {
    proposal(run, competency).level
}

fn proposal(run: &Run, competency: Competency) -> Proposal {
    rubric::proposals(run).into_iter().find(|own| own.competency == competency).expect("one of seven")
}

fn asked(run: &Run) -> Vec<String> {
    follow::asked(run).into_iter().map(|own| own.id).collect()
}

fn found(run: &Run) -> BTreeSet<String> {
    follow::found(run).into_iter().map(|own| own.id).collect()
}

fn filed(run: &Run, lang: &str) -> Filed {
    Filed {
        account: account::of(run, lang),
        opening: String::new(),
        journal: "abc".into(),
        assessments: Vec::new(),
        hidden: 0,
        comments: Vec::new(),
        candidate: false,
    }
}

fn assessment(run: &Run) -> Assessment {
    Assessment {
        format: 1,
        interviewer: "Kim".into(),
        journal: "abc".into(),
        levels: rubric::proposals(run).iter().map(Judged::confirmed).collect(),
        ..Assessment::default()
    }
}

/// Changes the world of the small stage: a write that the audit tells.
const CHANGE: &str = "$ kubectl create namespace one\n";
const AGAIN: &str = "$ kubectl create namespace two\n";
const LOOK: &str = "$ cat pods.txt\n";
const CAREFUL: &str = "\
> state payments answer 503
$ cat pods.txt
> bag oomkilled limit-diff ratio
> suspect truth
> suspect bug
> rate truth 65
> rate bug 20
> interview said doubt if other pods were fine with the same limit
$ cat app.log | grep warming
> bag warming
> clear bug with limit-diff
> rate truth 80
";
const VERDICT: &str = "> verdict culprit=limit:limit-diff,oomkilled mechanism=oom:oomkilled,warming \
trigger=rollout:limit-diff,warming impact=harm:ratio,warming onset=09:54:ratio,warming\n> close\n";

// ---- controls --------------------------------------------------------------------------------------------------------

#[test]
fn controls_belong_to_interviews_and_are_journalled() {
    let mut drill = crate::drill::open();
    assert!(refused(&mut drill, "> interview pause\n").contains("--interview"));
    let mut run = interview("> interview without communication\n");
    assert_eq!(run.phase, Phase::Briefing, "arranging is not yet playing");
    play(&mut run, "$ cat pods.txt\n> interview said hypothesis the limit\n> interview note nervous\n").expect("plays");
    let done = controls_of(&run);
    assert_eq!(done.len(), 3);
    assert_eq!((done[1].about, done[1].entry), (2, 3), "what was said belongs to the command before it");
    assert!(matches!(done[2].control, Control::Note { text } if text == "nervous"));
    let before = run.now();
    play(&mut run, "> interview pause\n").expect("plays");
    assert!(refused(&mut run, "$ cat pods.txt\n").contains("paused"));
    assert!(refused(&mut run, "> suspect truth\n").contains("word") || run.sitting.paused);
    assert_eq!(run.now(), before, "nothing moves");
    play(&mut run, "> interview resume\n$ cat pods.txt\n").expect("plays");
    for wrong in
        ["> interview jump\n", "> interview said gossip x\n", "> interview without humour\n", "> interview inject x\n"]
    {
        assert!(play(&mut run, wrong).is_err(), "{wrong}");
    }
    assert!(refused(&mut run, "> interview paus\n").contains("did you mean `pause`?"));
}

#[test]
fn the_time_box_ends_reading_and_not_the_verdict() {
    let mut run = opened(|_| {});
    assert_eq!(run.terms().minutes, Some(40), "as long as the case counts harm");
    run.sitting.minutes = Some(10);
    play(&mut run, CAREFUL).expect("plays");
    assert!(refused(&mut run, "wait 30m\n").contains("left"));
    let left = run.deadline().expect("a box") - run.now();
    run.apply(0, Act::Wait { span: left });
    assert!(refused(&mut run, "$ cat pods.txt\n").contains("time is up"));
    play(&mut run, "> interview extend 5\n$ cat pods.txt\n").expect("an extension opens it");
    assert!(refused(&mut run, "> interview extend 5000\n").contains("day"));
    play(&mut run, VERDICT).expect("a verdict is always heard");
    assert_eq!(run.phase, Phase::Closed);
}

#[test]
fn a_message_comes_once_whether_brought_forward_or_not() {
    let mut run = interview("$ cat pods.txt\n> interview inject 1\n");
    assert_eq!(run.messages.iter().filter(|own| own.from == "boss").count(), 1);
    assert!(refused(&mut run, "> interview inject 1\n").contains("already"));
    assert!(refused(&mut run, "> interview inject 2\n").contains("has 1"));
    play(&mut run, "wait 35m\n").expect("plays");
    assert_eq!(run.messages.iter().filter(|own| own.from == "boss").count(), 1, "not a second time at its hour");
    let mut other = interview("wait 35m\n");
    assert_eq!(other.messages.len(), run.messages.len());
    assert!(refused(&mut other, "> interview inject 1\n").contains("already"));
}

#[test]
fn a_rung_that_is_given_costs_nothing() {
    let mut run = interview("> note hello\n");
    let before = rubric::proposals(&run);
    let score = run.score().total();
    play(&mut run, "> interview reveal\n").expect("given");
    assert_eq!(run.board.hints.len(), 1);
    assert_eq!((rubric::proposals(&run), run.score().total()), (before, score));
    assert!(refused(&mut run, "> hint\n").contains("no hints"), "the candidate has none to take");
}

#[test]
fn an_interview_folds_to_the_same_run() {
    let text = format!(
        "> interview without recovery\n{CAREFUL}> interview inject 1\n> interview extend 3\n{VERDICT}> reply q1 because\n> interview note after\n"
    );
    let run = interview(&text);
    let mut header = Header::new(&run.case, Clock::Turn, 1_000, "").of_mode(Mode::Interview);
    header.opening = "code".into();
    let (mut writer, mut bytes) = Writer::begin(&header);
    for (at, act) in &run.acts {
        bytes.extend(writer.entry(*at, 0, act));
    }
    let read = journal::parse(&bytes).expect("a journal");
    let again = journal::fold(&read, Arc::clone(&run.case), stage()).expect("folds");
    assert_eq!(again.messages, run.messages);
    assert_eq!(again.sitting.extended, 3);
    assert_eq!(again.board.hearing.replies, run.board.hearing.replies);
    assert_eq!(rubric::proposals(&again), rubric::proposals(&run));
    assert_eq!(follow::asked(&again), follow::asked(&run));
    assert_ne!(journal::fingerprint(&bytes), journal::fingerprint(&bytes[..bytes.len() - 1]));
}

#[test]
fn nobody_judges_a_verdict_aloud() {
    let mut run = interview(CAREFUL);
    let steps = whodunit::drill::transcript::parse(VERDICT).expect("reads");
    let mut player = whodunit::drill::transcript::player::Player::new(steps);
    let act = player.next(&run).expect("resolves").expect("an act");
    let said = run.apply(0, act).notice.expect("something is said").to_string();
    assert!(said.starts_with("The verdict is in.") && !said.contains("judge") && !said.contains("hold"), "{said}");
}

// ---- questions -------------------------------------------------------------------------------------------------------

/// Each rule with a run in which it fires and one in which it is silent.
#[test]
fn every_rule_fires_and_is_silent() {
    let careful =
        format!("{CAREFUL}> update to=team harm=none state=investigating cause=h1:suspected action=none next=30m\n");
    let plain = format!("{CAREFUL}{VERDICT}");
    let blind = format!("{LOOK}{CHANGE}> close\n");
    let foreseen = format!("{LOOK}> expect x >= 1 within 3m\n{CHANGE}> close\n");
    let aloud = format!("{LOOK}> interview said expectation it comes back\n{CHANGE}> close\n");
    let pairs: Vec<(&str, String, String)> = vec![
        ("blind", blind.clone(), foreseen.clone()),
        ("blind", blind.clone(), aloud),
        ("confounded", format!("{LOOK}{CHANGE}{AGAIN}> close\n"), format!("{LOOK}{CHANGE}{LOOK}{AGAIN}> close\n")),
        ("unchecked", blind.clone(), plain.clone()),
        ("no-verdict", blind.clone(), plain.clone()),
        ("no-verdict", blind.clone(), "> close\n".into()),
        ("unstated", blind.clone(), plain.clone()),
        ("unstated", format!("{LOOK}{CHANGE}> state late\n> close\n"), format!("{LOOK}> state soon\n{CHANGE}> close\n")),
        ("silent", format!("{LOOK}wait 20m\n> close\n"), format!("{LOOK}> close\n")),
        ("silent", format!("{LOOK}wait 20m\n> close\n"), format!("{careful}wait 20m\n> close\n")),
        ("open-rival", "$ cat pods.txt\n> bag limit-diff\n> verdict culprit=limit:limit-diff\n> close\n".into(), format!("{CAREFUL}> clear db with warming\n{VERDICT}")),
        ("one-witness", "$ cat pods.txt\n> bag limit-diff\n> verdict culprit=limit:limit-diff\n> close\n".into(), plain.clone()),
        ("left-open", "$ cat pods.txt\n> bag limit-diff\n> verdict culprit=limit:limit-diff\n> close\n".into(), plain.clone()),
        ("promise", format!("{CAREFUL}> update to=team harm=none state=investigating next=5m\nwait 20m\n> close\n"), format!("{careful}wait 20m\n> close\n")),
        ("both", "$ cat pods.txt\n> bag oomkilled \"image: 2.14.0\"\n> suspect truth\n> suspect bug\n> link truth oomkilled +\n> link bug oomkilled +\n> close\n".into(), "$ cat pods.txt\n> bag oomkilled \"image: 2.14.0\"\n> suspect truth\n> suspect bug\n> link truth oomkilled +\n> link bug oomkilled -\n> close\n".into()),
        ("believed", plain.clone(), plain.replace("rate truth 80", "rate truth 65")),
        ("turned", "$ cat pods.txt\n> bag oomkilled \"image: 2.14.0\"\n> suspect truth\n> suspect bug\n> rate bug 65\n> update to=team harm=none state=investigating\n> rate bug 10\n> rate truth 65\n> update to=team harm=none state=investigating\n> close\n".into(), plain.clone()),
        ("ahead", "$ cat pods.txt\n> bag oomkilled \"image: 2.14.0\"\n> suspect bug\n> rate bug 95\n> update to=team harm=none state=investigating\n> close\n".into(), plain.clone()),
        ("kept", format!("{LOOK}> bag oomkilled\n{CHANGE}> close\n"), format!("{LOOK}{CHANGE}> bag oomkilled\n> close\n")),
    ];
    for (rule, fires, silent) in &pairs {
        let (fires, silent) = (interview(fires), interview(silent));
        assert!(found(&fires).contains(*rule), "{rule} does not fire: {:?}", found(&fires));
        assert!(!found(&silent).contains(*rule), "{rule} is not silent: {:?}", found(&silent));
        let own = follow::found(&fires).into_iter().find(|own| own.id == *rule).expect("it fires");
        assert!(own.entries.iter().all(|entry| *entry >= 1 && *entry <= fires.entry()), "{own:?}");
        for code in ["en", "ko"] {
            let text = own.text(&fires.case, &Lang::named(code).expect("a language"));
            assert!(!text.contains('{') && !text.starts_with("follow."), "{code} {rule}: {text}");
        }
    }
    let tried: BTreeSet<&str> = pairs.iter().map(|(rule, ..)| *rule).collect();
    let rest: Vec<&str> = follow::rules().filter(|rule| !tried.contains(rule)).collect();
    // These need harm that ends, or expectations of a real series: the next test has them.
    assert_eq!(rest, ["lost", "declared", "late", "early", "looked"]);
}

/// A case of the library, played whole by somebody who knows it, by somebody who repairs first, and by two between them.
#[test]
fn real_runs_reach_what_the_small_stage_cannot() {
    use Competency::{Action, Communication, Frames, Recovery};
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("a case");
    let (case, stage) = scenario::cast(&pack, "A", 3).expect("a cast");
    let (case, solution) = (Arc::new(case.clone()), case.solution);
    let sat = |text: &str| {
        let mut run = Run::open_as(Arc::clone(&case), stage.clone(), Clock::Turn, Mode::Interview);
        play(&mut run, text).unwrap_or_else(|problems| panic!("{problems:?}"));
        if run.phase != Phase::Closed {
            run.apply(0, Act::Close);
        }
        run
    };
    let levels = |run: &Run| [Frames, Action, Recovery, Communication].map(|own| level(run, own));
    let fires = |run: &Run, rules: &[&str], silent: &[&str]| {
        let found = found(run);
        assert!(rules.iter().all(|rule| found.contains(*rule)), "{rules:?}: {found:?}");
        assert!(silent.iter().all(|rule| !found.contains(*rule)), "{silent:?}: {found:?}");
    };
    let said = solution.replace("> expect", "> interview said weighing a minute is cheap\n> expect");
    let expert = sat(&said.replace("> resolve", "> interview said relapse the next release\n> resolve"));
    assert_eq!(levels(&expert), [Some(4), Some(4), Some(4), Some(3)]);
    fires(&expert, &["early", "looked", "kept"], &["lost", "late", "declared", "blind", "unchecked"]);
    let first =
        sat("$ kubectl -n shop delete pod {crash_pod}\n$ kubectl -n shop rollout undo deploy storefront\n> resolve\n");
    assert_eq!(levels(&first), [Some(1), Some(1), Some(1), Some(1)]);
    fires(&first, &["declared", "confounded", "blind", "unchecked"], &["looked", "kept", "early"]);
    let half = "> state hurts=slo_storefront_ready_ratio\n$ kubectl -n shop get pods\n\
> expect slo_storefront_ready_ratio >= 1 within 10s\n\
$ kubectl -n shop set env deploy/storefront RECEIPT_TOPIC_ARN={receipt_topic}\nwait 5m\n\
$ kubectl -n shop get pods\n\
> update to=team harm=none state=monitoring cause=unknown next=10m -- x\n\
> update to=customers harm=none state=monitoring cause=unknown next=10m -- x\nwait 5m\n\
> update to=management harm=none state=resolved cause=unknown -- x\n";
    let pods = sat(half);
    assert_eq!(levels(&pods), [Some(2), Some(2), Some(2), Some(4)]);
    fires(&pods, &["lost", "late"], &["early", "looked", "blind", "silent", "promise"]);
    let whole = "hurts=slo_storefront_ready_ratio since={onset} expected={healthy}";
    let users = half
        .replace("hurts=slo_storefront_ready_ratio", whole)
        .replace("kubectl -n shop get pods", "prom slo_storefront_ready_ratio");
    assert_eq!(levels(&sat(&users)), [Some(3), Some(2), Some(3), Some(4)]);
}

#[test]
fn at_most_six_are_asked_and_one_of_the_bank_at_least() {
    let poor = format!(
        "{LOOK}{CHANGE}{AGAIN}> resolve\nwait 30m\n> bag limit-diff\n> verdict culprit=limit:limit-diff\n> close\n"
    );
    let run = interview(&poor);
    assert!(found(&run).len() > 5, "{:?}", found(&run));
    let ids = asked(&run);
    assert_eq!(ids.len(), 6);
    assert_eq!(ids.last().map(String::as_str), Some("bank-1"), "{ids:?}");
    assert_eq!(ids.first().map(String::as_str), Some("confounded"), "what is plainest comes first: {ids:?}");
    let idle = interview("> close\n");
    assert_eq!(asked(&idle), ["bank-1", "bank-2", "bank-3"]);
    assert!(asked(&interview(LOOK)).is_empty(), "nothing is asked before the end");
    // What is not observed is not asked about.
    let without = interview(&format!("> interview without action\n> interview without recovery\n{poor}"));
    assert!(asked(&without).iter().all(|id| !["blind", "confounded", "declared", "unchecked"].contains(&id.as_str())));
}

#[test]
fn answers_are_kept_by_what_was_asked() {
    let mut run = interview(&format!("{LOOK}{CHANGE}> close\n"));
    let first = asked(&run)[0].clone();
    play(&mut run, "> reply q1 I expected nothing\n").expect("plays");
    assert_eq!(run.board.hearing.replies.get(&first).map(String::as_str), Some("I expected nothing"));
    assert_eq!(asked(&run)[0], first, "an answer changes no question");
}

// ---- the rubric ------------------------------------------------------------------------------------------------------

#[test]
fn an_idle_person_is_not_observed() {
    let run = interview("wait 10m\n> close\n");
    for own in rubric::proposals(&run) {
        assert_eq!((own.level, own.because[0].0), (None, "idle"), "{own:?}");
    }
}

#[test]
fn rolling_back_first_is_level_one_of_safe_action() {
    let run = interview(&format!("{CHANGE}> resolve\n> close\n"));
    let levels: Vec<Option<u8>> = Competency::ALL.iter().map(|own| level(&run, *own)).collect();
    assert_eq!(levels, [Some(1), None, None, Some(1), Some(1), Some(1), Some(1)]);
    assert_eq!(proposal(&run, Competency::Action).entries, [1]);
}

#[test]
fn each_level_can_be_reached() {
    use Competency::{Action, Communication, Elimination, Evidence, Frames, Hypotheses};
    let told = "> update to=team harm=none state=investigating cause=unknown action=none next=30m\n";
    let open = "> verdict culprit=limit:limit-diff,oomkilled mechanism=oom:oomkilled,warming trigger=rollout:limit-diff,warming impact=harm:ratio,warming\n> close\n";
    let cases: Vec<(Competency, Option<u8>, String)> = vec![
        (Frames, Some(1), format!("{LOOK}> close\n")),
        (Frames, Some(1), format!("{LOOK}{CHANGE}> state late\n> close\n")),
        (Frames, Some(2), format!("{CAREFUL}{VERDICT}")),
        (Hypotheses, None, format!("{LOOK}> close\n")),
        (Hypotheses, Some(1), format!("{LOOK}> bag oomkilled\n> suspect truth\n> rate truth 80\n> close\n")),
        (Hypotheses, Some(2), "$ cat pods.txt\n> bag oomkilled \"image: 2.14.0\"\n> suspect truth\n> suspect bug\n> rate truth 65\n> rate bug 20\n> close\n".into()),
        (Hypotheses, Some(3), format!("{}{VERDICT}", CAREFUL.replace("> interview said doubt if other pods were fine with the same limit\n", ""))),
        (Hypotheses, Some(4), format!("{CAREFUL}{told}{VERDICT}")),
        (Evidence, None, format!("{LOOK}> close\n")),
        (Evidence, Some(1), "$ cat pods.txt\n> bag limit-diff ratio\n> verdict culprit=limit:ratio trigger=rollout:ratio impact=harm:ratio\n> close\n".into()),
        (Evidence, Some(2), "$ cat pods.txt\n> bag limit-diff ratio\n> verdict culprit=limit:limit-diff trigger=rollout:limit-diff impact=harm:ratio\n> close\n".into()),
        (Evidence, Some(3), format!("{CAREFUL}{VERDICT}")),
        (Evidence, Some(4), format!("{CAREFUL}{open}")),
        (Evidence, Some(4), format!("{CAREFUL}> interview said missing nobody saw the node\n{VERDICT}")),
        (Elimination, Some(1), format!("{LOOK}> close\n")),
        (Elimination, Some(2), "$ cat pods.txt\n> bag ratio oomkilled \"image: 2.14.0\"\n> suspect bug\n> clear bug with ratio\n> close\n".into()),
        (Elimination, Some(3), format!("{}> clear db with warming\n{VERDICT}", CAREFUL.replace("> rate truth 65\n", ""))),
        (Elimination, Some(4), format!("{CAREFUL}> bag \"image: 2.14.0\"\n> clear db with warming\n{VERDICT}")),
        (Action, None, format!("{LOOK}> close\n")),
        (Action, Some(1), format!("{LOOK}{CHANGE}> close\n")),
        (Action, Some(2), format!("{LOOK}> expect x >= 1 within 3m\n{CHANGE}{LOOK}{AGAIN}> close\n")),
        (Action, Some(3), format!("{LOOK}> expect x >= 1 within 3m\n{CHANGE}> close\n")),
        (Action, Some(4), format!("{LOOK}> expect x >= 1 within 3m\n> interview said weighing a minute costs little\n{CHANGE}> close\n")),
        (Communication, Some(1), format!("{LOOK}> close\n")),
        (Communication, Some(2), format!("{LOOK}> bag oomkilled\n> suspect truth\n> update to=team harm=none state=investigating cause=h1:confirmed\n> close\n")),
    ];
    for (competency, wanted, text) in &cases {
        let run = interview(text);
        let own = proposal(&run, *competency);
        assert_eq!(own.level, *wanted, "{text}\n{own:?}");
        assert!(own.entries.iter().all(|entry| *entry >= 1 && *entry <= run.entry()), "{own:?}");
    }
}

#[test]
fn what_is_switched_off_is_not_observed() {
    let run = interview(&format!("> interview without communication\n{CAREFUL}{VERDICT}"));
    let own = proposal(&run, Competency::Communication);
    assert_eq!((own.level, own.because[0].0), (None, "off"));
    let again =
        interview(&format!("> interview without communication\n> interview with communication\n{CAREFUL}{VERDICT}"));
    assert_eq!(level(&again, Competency::Communication), Some(1));
}

// ---- papers ----------------------------------------------------------------------------------------------------------

const HOSTILE: &str = "<script>alert(1)</script> \u{1b}[2J | [x](javascript:y) <img src=x onerror=z> `</td>`";

fn hostile() -> (Run, Filed) {
    let text = format!(
        "{LOOK}> interview note {HOSTILE}\n> interview said doubt {HOSTILE}\n> interview accommodate {HOSTILE}\n> state {HOSTILE}\n{CHANGE}> close\n> reply q1 {HOSTILE}\n"
    );
    let run = interview(&text);
    let mut own = filed(&run, "en");
    let mut assessment = assessment(&run);
    assessment.interviewer = HOSTILE.into();
    assessment.words = HOSTILE.into();
    assessment.notes = vec![format!("secret {HOSTILE}")];
    assessment.levels[4].level = Some(3);
    assessment.levels[4].reason = HOSTILE.into();
    own.assessments = vec![assessment];
    own.comments = vec![HOSTILE.into()];
    (run, own)
}

#[test]
fn hostile_texts_are_harmless_in_every_format() {
    let (_, own) = hostile();
    for code in ["en", "ko"] {
        let lang = Lang::named(code).expect("a language");
        for format in ["html", "md", "text", "json"] {
            let text = write(&own, format, &lang).expect("a format");
            assert!(!text.contains('\u{1b}'), "{format}");
            if format == "html" {
                for bad in ["<script", "<img", "</td>`", "onerror=z>"] {
                    assert!(!text.contains(bad), "{format} has {bad}");
                }
                assert!(text.contains("&lt;script&gt;"));
            }
            if format == "md" {
                assert!(!text.contains("<script") && !text.contains("](javascript"), "{text}");
            }
            if format == "json" {
                serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
            }
        }
    }
    assert!(write(&own, "pdf", &Lang::english()).is_err());
}

#[test]
fn the_candidates_copy_has_no_private_note_and_says_so() {
    let (_, mut own) = hostile();
    for format in ["html", "md", "text", "json"] {
        own.candidate = false;
        let whole = write(&own, format, &Lang::english()).expect("a format");
        assert!(whole.contains("secret"), "{format}");
        own.candidate = true;
        let copy = write(&own, format, &Lang::english()).expect("a format");
        assert!(!copy.contains("secret"), "{format}");
        assert_eq!(own.left_out(), 2);
        let told = if format == "json" { "\"left_out_private_notes\": 2" } else { "2 private notes" };
        assert!(copy.contains(told), "{format}: {copy}");
    }
}

#[test]
fn no_paper_has_a_total_a_band_or_advice() {
    let run = interview(&format!("{CAREFUL}{CHANGE}{VERDICT}> reply q1 yes\n"));
    let mut own = filed(&run, "en");
    own.assessments = vec![assessment(&run)];
    for candidate in [false, true] {
        own.candidate = candidate;
        for code in ["en", "ko"] {
            let lang = Lang::named(code).expect("a language");
            for format in ["html", "md", "text", "json"] {
                let text = write(&own, format, &lang).expect("a format").to_lowercase();
                // The page's style has shares of widths, and its words say that there is no sum.
                let text = text.split("</style>").last().unwrap_or_default().to_string();
                for word in [
                    "/100",
                    "/64",
                    "/36",
                    "of 100",
                    "of 68",
                    "total",
                    "points",
                    "percentile",
                    "beyond doubt",
                    "charged",
                    "suspicion",
                    "recommend",
                    "점수",
                    "백분위",
                ] {
                    assert!(!text.contains(word), "{format} {code}: {word}\n{text}");
                }
                for key in ["\"score\"", "\"sum\"", "\"band\"", "_m\""] {
                    assert!(!text.contains(key), "{format}: {key}");
                }
            }
        }
    }
}

#[test]
fn papers_are_told_in_korean() {
    let run = interview(&format!("{CAREFUL}{CHANGE}{VERDICT}> reply q1 yes\n"));
    let text = write(&filed(&run, "ko"), "text", &Lang::named("ko").expect("Korean")).expect("a format");
    for word in ["일곱 가지 역량", "읽는 법", "후속 질문", "관찰되지 않음", "제안"] {
        assert!(text.contains(word), "{word}\n{text}");
    }
    for row in text.lines() {
        for key in ["competency.", "because.", "anchor.", "follow.", "interview.", "control.", "column."] {
            assert!(!row.contains(key), "{row}");
        }
    }
}

#[test]
fn an_override_needs_a_reason_and_every_competency_a_level() {
    let run = interview(&format!("{LOOK}> close\n"));
    let own = assessment(&run);
    assert_eq!(own.fault(), None);
    let mut bare = own.clone();
    bare.levels[0].level = Some(4);
    assert!(bare.fault().expect("a fault").contains("reason"));
    bare.levels[0].reason = "she said it to me".into();
    assert_eq!(bare.fault(), None);
    bare.levels[0].level = Some(5);
    assert!(bare.fault().is_some());
    let mut less = own.clone();
    less.levels.pop();
    assert!(less.fault().is_some());
    let mut nobody = own;
    nobody.interviewer = " ".into();
    assert!(nobody.fault().is_some());
}

// ---- openings --------------------------------------------------------------------------------------------------------

#[test]
fn a_code_is_the_same_drill_and_another_seed_is_not() {
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("a case");
    let (case, first) = scenario::cast(&pack, "B", 77).expect("a cast");
    let opening = Opening::new(&case, 40, Clock::Turn, BTreeSet::from([Competency::Communication]));
    let read = Opening::read(&opening.code()).expect("a code");
    assert_eq!(read, opening);
    let (again, second) = scenario::cast(&pack, &read.variant, read.seed).expect("a cast");
    assert!(read.is_of(&again));
    assert_eq!(format!("{case:?}"), format!("{again:?}"), "the same case to the byte");
    let pages = |case, stage| {
        let mut run = Run::open_as(Arc::new(case), stage, Clock::Turn, Mode::Interview);
        run.apply(0, Act::Run { line: "kubectl get pods -A; kubectl get events -A".into() });
        run.pages.last().map(|page| page.output.lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>())
    };
    assert_eq!(pages(case, first), pages(again, second));
    let (other, _) = scenario::cast(&pack, "B", 78).expect("a cast");
    assert!(!read.is_of(&other));
    assert_ne!(other.names, scenario::cast(&pack, "B", 77).expect("a cast").0.names);
    let slip = opening.code().replace(":77:", ":78:");
    assert!(!Opening::read(&slip).expect("it reads").is_of(&other), "a slip of the pen is noticed");
    for wrong in
        ["", "a:b", "a:A:x:40m:turn:all:0", "a:A:1:0m:turn:all:0", "a:A:1:4m:sun:all:0", "a:A:1:4m:turn:no-luck:0"]
    {
        assert!(Opening::read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn deviations_are_named() {
    let of = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    let (first, other) = (of(&[("seed", "1"), ("reveal", "0")]), of(&[("seed", "1"), ("reveal", "2"), ("x", "y")]));
    assert!(differences(&first, &first).is_empty());
    let found = differences(&first, &other);
    assert_eq!(found[0], ("reveal".to_string(), "0".to_string(), "2".to_string()));
    assert_eq!(found.len(), 2);
}

// ---- by the command line ---------------------------------------------------------------------------------------------

mod line {
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    fn whodunit(data: &Path, args: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_whodunit"))
            .args(args)
            .env("WHODUNIT_DATA", data)
            .env("LC_ALL", "C.UTF-8")
            .current_dir(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    }

    fn said(data: &Path, args: &[&str], input: &str) -> String {
        let output = whodunit(data, args, input);
        let text = String::from_utf8_lossy(&output.stdout).to_string();
        assert!(output.status.success(), "{args:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    fn refused(data: &Path, args: &[&str], words: &str) {
        let output = whodunit(data, args, "");
        let text = String::from_utf8_lossy(&output.stderr).to_string();
        assert!(!output.status.success() && text.contains(words), "{args:?}: {text}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }

    fn newest(data: &Path) -> String {
        let text = said(data, &["runs", "--json"], "");
        let runs: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        runs["runs"][0]["id"].as_str().expect("a run").to_string()
    }

    /// Without a total, wherever one looks.
    fn unjudged(text: &str) {
        for word in ["of 100", "of 68", "/100", "beyond doubt", "Case ", "points_m\": 1", "total"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }

    #[test]
    fn an_opening_from_its_pack_to_the_candidates_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let case = "the-pod-that-would-not-stay-up";
        let made = said(
            data,
            &["interview", "new", case, "--seed", "3", "--variant", "A", "--minutes", "40", "--out", "pack"],
            "",
        );
        let code = std::fs::read_to_string(data.join("pack/code.txt")).expect("a code").trim().to_string();
        assert!(made.contains(&code), "{made}");
        let sheet = std::fs::read_to_string(data.join("pack/candidate.md")).expect("a sheet");
        let beside = std::fs::read_to_string(data.join("pack/interviewer.md")).expect("a sheet");
        assert!(sheet.contains("kubectl") && sheet.contains("--mode practice") && beside.contains("exit code"));
        assert!(!sheet.contains(case) && !sheet.contains(":A:"), "the candidate's sheet says nothing of the case");
        let again = said(data, &["interview", "new", &code, "--out", "again"], "");
        assert!(again.contains(&code), "the same code is given out again: {again}");
        refused(data, &["interview", "start", &code.replace(":3:", ":4:"), "--plain"], "slip");

        let play = "kubectl -n shop get pods\n:interview note SECRET-BESIDE\n:interview said doubt if the node were full\n:close\nan answer\n\n:quit\n";
        let shown = said(data, &["interview", "start", "pack", "--plain"], play);
        assert!(shown.contains("40 minutes") && shown.contains("q1> ") && shown.contains("an answer"), "{shown}");
        unjudged(&shown);
        let first = newest(data);
        unjudged(&said(data, &["runs"], ""));
        unjudged(&said(data, &["replay", &first], ""));
        unjudged(&said(data, &["report", &first], ""));
        unjudged(&std::fs::read_to_string(data.join("runs").join(&first).join("summary.json")).expect("a summary"));

        let file = ["interview", "assess", &first, "--as", "Kim"];
        refused(data, &[&file[..], &["--level", "frames=4", "--confirm"]].concat(), "needs a reason");
        said(
            data,
            &[&file[..], &["--level", "frames=2:said it to me", "--note", "SECRET-FILED", "--words", "calm"]].concat(),
            "",
        );
        refused(data, &[&file[..], &["--confirm"]].concat(), "filed already");
        let hidden = said(data, &["report", &first, "--interview"], "");
        assert!(hidden.contains("1 assessments are filed") && !hidden.contains("said it to me"), "{hidden}");
        refused(data, &["report", &first, "--interview", "--as", "Lee"], "has not filed");
        refused(data, &["report", &first, "--interview", "--candidate"], "--as NAME");
        // Another one, level by level: the second is overridden, the rest confirmed.
        let answers = format!("\n3\n3 named two aloud\n{}\nfine words\nSECRET-ASKED\n", "\n".repeat(4));
        let asked = said(data, &["interview", "assess", &first, "--as", "Lee Ann"], &answers);
        assert!(asked.contains("needs a reason") && asked.contains("Filed"), "{asked}");
        said(data, &["interview", "comment", &first, "I had seen this before."], "");
        for format in ["text", "md", "html", "json"] {
            let own = said(data, &["report", &first, "--interview", "--as", "kim", "--format", format], "");
            let own = own.split_whitespace().collect::<Vec<_>>().join(" ");
            for word in ["SECRET-BESIDE", "SECRET-FILED", "SECRET-ASKED", "said it to me", "named two aloud", "calm"] {
                assert!(own.contains(word) || own.contains(&word.replace('-', "\\-")), "{format} {word}: {own}");
            }
            let copy =
                said(data, &["report", &first, "--interview", "--as", "Kim", "--candidate", "--format", format], "");
            let copy = copy.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!copy.contains("SECRET") && copy.contains("I had seen this before"), "{format}: {copy}");
            assert!(copy.contains("said it to me"), "{format}: the candidate reads the reasons");
        }

        said(data, &["interview", "start", &code, "--plain"], "kubectl -n shop get pods\n:interview reveal\n:close\n");
        let second = newest(data);
        assert_ne!(first, second);
        let output = whodunit(data, &["interview", "compare", &first, &second], "");
        let text = String::from_utf8_lossy(&output.stdout).to_string();
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains("reveal: 0 / 1") && !text.contains("seed:"), "{text}");
        said(data, &["interview", "compare", &first, &first], "");
        let korean = said(data, &["report", &second, "--interview", "--lang", "ko"], "");
        assert!(korean.contains("일곱 가지 역량") && korean.contains("관찰되지 않음"), "{korean}");
    }

    #[test]
    fn a_transcript_answers_too_and_questions_are_printed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, case) = (folder.path(), "the-pod-that-would-not-stay-up");
        std::fs::write(data.join("t.txt"), "$ kubectl -n shop get pods\n> close\n> reply q1 A-REPLY\n")
            .expect("written");
        let shown = said(data, &["run", case, "t.txt", "--seed", "3", "--mode", "interview"], "");
        assert!(shown.contains("A-REPLY") && shown.contains("Follow-up questions"), "{shown}");
        unjudged(&shown);
        let json = said(data, &["run", case, "t.txt", "--seed", "3", "--mode", "interview", "--json"], "");
        let object: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert!(object.get("score").is_none() && object["follow_ups"].as_array().is_some_and(|own| own.len() <= 6));
        let bank = said(data, &["interview", "questions", case], "");
        assert!(bank.contains("Listen for") && bank.contains("exit code"), "{bank}");
        assert!(said(data, &["interview", "questions", case, "--lang", "ko"], "").contains("들을 점"));
        refused(data, &["play", case, "--minutes", "5", "--plain"], "--interview");
    }
}

//! A run: acts, the board, words from exhibits, refusals; and the language of transcripts. The stage here is a shell with
//! two notes whose lines carry facts, so that nothing depends on the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;
use whodunit::case::score::log::What;
use whodunit::case::score::{Dim, exact};
use whodunit::console::fact::{Channel, Fact, ObjectId};
use whodunit::console::page::Line;
use whodunit::console::session::Session;
use whodunit::drill::act::{Act, Blank, Blanks};
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::transcript::{self, Problem, player};
use whodunit::scenario::shape::{Answer, Case, Clue, Node, Op, Pattern, Rival, Test, Word, WordKind};
use whodunit::scenario::stage::Stage;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

pub const PAGE_AT: &str = "2026-03-02T10:00:00Z";

fn fact(name: &str, path: &str, value: &str) -> Arc<Fact> {
    let object = ObjectId { kind: "Pod".into(), namespace: "shop".into(), name: name.into(), uid: String::new() };
    Arc::new(Fact::Field { object, path: path.into(), value: value.into() })
}

fn log(template: &str) -> Arc<Fact> {
    Arc::new(Fact::Log {
        pod: ObjectId { kind: "Pod".into(), namespace: "shop".into(), name: "checkout".into(), uid: String::new() },
        container: "app".into(),
        restart: 0,
        at: Time(0),
        level: "INFO".into(),
        template: template.into(),
        fields: BTreeMap::new(),
    })
}

fn shown(text: &str, fact: &Arc<Fact>) -> Line {
    let mut line = Line::default();
    line.push("  ");
    line.push_fact(text, fact);
    line
}

fn pattern(family: &str, path: &str, value: Option<&str>) -> Pattern {
    let tests = value.map(|value| Test { part: String::new(), op: Op::Is(value.into()) }).into_iter().collect();
    Pattern { family: family.into(), path: path.into(), tests, ..Pattern::default() }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn clue(id: &str, channel: Channel, pattern: Pattern, shows: &[&str], hints: &[&str], rules_out: &[&str]) -> Clue {
    Clue {
        id: id.into(),
        pattern,
        channel: Some(channel),
        at: texts(&["cat pods.txt"]),
        shows: texts(shows),
        hints: texts(hints),
        rules_out: texts(rules_out),
        say: format!("what {id} says"),
        ..Clue::default()
    }
}

fn node(id: &str, kind: WordKind, say: &str) -> Node {
    Node { id: id.into(), kind, say: say.into(), ..Node::default() }
}

pub fn case() -> Case {
    let chain = vec![
        node("rollout", WordKind::Change, "the rollout of revision 42"),
        node("limit", WordKind::Thing, "the memory limit"),
        node("oom", WordKind::How, "being OOM-killed"),
        node("harm", WordKind::Harm, "payments answer 503"),
    ];
    let oom = pattern("field", "reason", Some("OOMKilled"));
    let mut perishable = clue("oomkilled", Channel::PodStatus, oom, &["oom"], &["limit"], &["bug"]);
    perishable.perishable = true;
    let clues = vec![
        perishable,
        clue(
            "limit-diff",
            Channel::ChangeHistory,
            pattern("field", "limit", None),
            &["limit", "rollout"],
            &[],
            &["bug"],
        ),
        clue(
            "warming",
            Channel::AppLog,
            pattern("log", "warming", None),
            &["harm", "onset"],
            &["limit", "rollout", "oom"],
            &["db"],
        ),
        clue("ratio", Channel::Indicator, pattern("field", "ratio", None), &["harm", "onset"], &[], &[]),
    ];
    let mut rival_bug = Rival { id: "bug".into(), thing: "image 2.14.0".into(), how: "crashing".into(), met: vec![] };
    rival_bug.met = vec![pattern("field", "image", None)];
    let db = Rival { id: "db".into(), thing: "the database".into(), how: "refusing".into(), met: vec![] };
    let page_at = Time::parse(PAGE_AT).expect("a time");
    let mut case = Case {
        slug: "toy".into(),
        variant: "A".into(),
        seed: 7,
        hash: "toy-hash".into(),
        chain,
        clues,
        rivals: vec![rival_bug, db],
        decoys: vec![Word {
            kind: WordKind::Change,
            say: "the CA rotation".into(),
            met: vec![pattern("log", "ca", None)],
        }],
        verdict: Answer {
            culprit: "limit".into(),
            mechanism: "oom".into(),
            trigger: "rollout".into(),
            impact: "harm".into(),
            onset: Some(page_at - Span::mins(6)),
            also: BTreeMap::new(),
        },
        ..Case::default()
    };
    case.drill.title = "A toy".into();
    case.drill.page = "checkout is down".into();
    case.drill.page_at = page_at;
    case
}

/// A stage whose learner has two notes to read.
pub fn stage() -> Stage {
    let world = World::new(7, Time::parse(PAGE_AT).expect("a time") - Span::mins(30));
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    let pods = vec![
        Line::plain("NAME checkout"),
        shown("Reason: OOMKilled", &fact("checkout", "reason", "OOMKilled")),
        shown("memory: 256Mi", &fact("checkout", "limit", "256Mi")),
        shown("image: 2.14.0", &fact("checkout", "image", "2.14.0")),
        shown("ratio: 0.00 since 09:54", &fact("checkout", "ratio", "0")),
    ];
    session.files.insert("pods.txt".into(), pods);
    session
        .files
        .insert("app.log".into(), vec![shown("warming cache", &log("warming")), shown("ca rotated", &log("ca"))]);
    let actors = BTreeMap::from([("learner".to_string(), session)]);
    Stage { world, script: Vec::new().into(), cursor: 0, actors, refused: Vec::new() }
}

pub fn open() -> Run {
    Run::open(Arc::new(case()), stage(), Clock::Turn)
}

pub const SOLUTION: &str = "\
# what a careful player does
> state payments answer 503
$ cat pods.txt
> bag oomkilled limit-diff ratio
$ cat app.log | grep warming
> bag warming \"image: 2.14.0\"
> suspect truth
> rate truth 80
> link truth oomkilled +
> clear bug with limit-diff
> clear db with warming
wait 5m
> resolve
> verdict culprit=limit:limit-diff,oomkilled mechanism=oom:oomkilled,warming trigger=rollout:limit-diff,warming \
impact=harm:ratio,warming onset=09:54:ratio,warming
";

pub fn play(run: &mut Run, text: &str) -> Result<(), Vec<Problem>> {
    player::play(run, transcript::parse(text)?).map_err(|problem| vec![problem])
}

fn refused(run: &mut Run, act: Act) -> String {
    let before = (run.acts.len(), run.now(), run.board.exhibits.len(), run.phase);
    let outcome = run.apply(0, act.clone());
    assert!(outcome.refused, "{act:?} was not refused");
    assert_eq!(before, (run.acts.len(), run.now(), run.board.exhibits.len(), run.phase), "{act:?} left a trace");
    outcome.notice.expect("a refusal says why").to_string()
}

#[test]
fn a_careful_transcript_earns_everything() {
    let mut run = open();
    assert_eq!(run.phase, Phase::Briefing);
    play(&mut run, SOLUTION).expect("the solution plays");
    assert_eq!(run.phase, Phase::Closed);
    let card = run.score();
    assert_eq!((card.total(), card.total_m(), card.max()), (exact(68, 1), 68_000, 100), "{:#?}", card.ledger);
    // Waiting took simulated time; thinking and bagging took none.
    assert!(run.elapsed() >= Span::mins(5));
    // Every line of the ledger that earned something points at acts that exist.
    for line in card.ledger.iter().filter(|line| line.got > exact(0, 1)) {
        assert!(!line.entries.is_empty() && line.entries.iter().all(|n| *n >= 1 && *n <= run.entry()), "{line:?}");
    }
}

#[test]
fn words_come_only_from_exhibits() {
    let mut run = open();
    run.apply(0, Act::Run { line: "cat pods.txt".into() });
    assert!(run.board.words.is_empty(), "reading alone collects nothing");
    run.apply(0, Act::Bag { page: 1, lines: Some((1, 1)), note: String::new() });
    let said: Vec<&str> = run.board.words.iter().map(|word| word.say.as_str()).collect();
    assert_eq!(said, ["the memory limit", "being OOM-killed", "image 2.14.0", "crashing"]);
    // The decoy and the database are met elsewhere.
    run.apply(0, Act::Run { line: "cat app.log".into() });
    run.apply(0, Act::Bag { page: 2, lines: Some((1, 1)), note: String::new() });
    assert_eq!(run.board.words.last().map(|word| word.say.as_str()), Some("the CA rotation"));
    assert!(run.board.words.iter().all(|word| word.say != "the database"));
}

#[test]
fn what_grep_dropped_was_not_seen() {
    let mut run = open();
    run.apply(0, Act::Run { line: "cat pods.txt | grep memory".into() });
    let seen: Vec<&What> = run.record.events.iter().map(|event| &event.what).collect();
    assert_eq!(seen, [&What::Seen { clue: "limit-diff".into() }]);
    assert!(play(&mut run, "> bag oomkilled\n").is_err());
}

#[test]
fn forms_are_refused_without_a_trace() {
    let mut run = open();
    refused(&mut run, Act::Bag { page: 3, lines: None, note: String::new() });
    run.apply(0, Act::Run { line: "cat pods.txt".into() });
    refused(&mut run, Act::Bag { page: 1, lines: Some((2, 99)), note: String::new() });
    refused(&mut run, Act::Bag { page: 1, lines: Some((3, 2)), note: String::new() });
    assert!(!run.apply(0, Act::Bag { page: 1, lines: Some((1, 1)), note: String::new() }).refused);
    assert!(refused(&mut run, Act::Bag { page: 1, lines: Some((1, 1)), note: String::new() }).contains("e1"));
    refused(&mut run, Act::Unbag { exhibit: 9 });
    refused(&mut run, Act::Suspect { thing: 2, how: 1 });
    refused(&mut run, Act::Suspect { thing: 1, how: 77 });
    refused(&mut run, Act::Rate { hypothesis: 1, percent: 50 });
    run.apply(0, Act::Suspect { thing: 3, how: 4 });
    refused(&mut run, Act::Suspect { thing: 3, how: 4 });
    refused(&mut run, Act::Rate { hypothesis: 1, percent: 101 });
    refused(&mut run, Act::Clear { hypothesis: 1, exhibits: vec![] });
    refused(&mut run, Act::Clear { hypothesis: 1, exhibits: vec![4] });
    refused(&mut run, Act::Reopen { hypothesis: 1 });
    refused(&mut run, Act::Link { hypothesis: 1, exhibit: 1, sign: 'x' });
    for text in
        ["soon better", "ratio > 1 within 3m", "ratio >= one within 3m", "ratio >= 1 within soon", "a b >= 1 within 3m"]
    {
        refused(&mut run, Act::Expect { text: text.into() });
    }
    refused(&mut run, Act::Wait { span: Span::ZERO });
    refused(&mut run, Act::Wait { span: Span::hours(100) });
    refused(&mut run, Act::Clock { to: Span::mins(5) });
    refused(&mut run, Act::Leave { standing: 1 });
    refused(&mut run, Act::Run { line: "x".repeat(70_000) });
    refused(&mut run, Act::Verdict { blanks: Box::default() });
    let mut blanks = Blanks { culprit: Blank { word: Some(2), ..Blank::default() }, ..Blanks::default() };
    assert!(refused(&mut run, Act::Verdict { blanks: Box::new(blanks.clone()) }).contains("another kind"));
    blanks.culprit = Blank { word: Some(1), time: String::new(), exhibits: vec![8] };
    refused(&mut run, Act::Verdict { blanks: Box::new(blanks.clone()) });
    blanks.culprit = Blank { word: Some(1), time: String::new(), exhibits: vec![1] };
    blanks.onset = Blank { word: None, time: "25:00".into(), exhibits: vec![] };
    refused(&mut run, Act::Verdict { blanks: Box::new(blanks.clone()) });
    blanks.onset.time = "9:54".into();
    assert!(!run.apply(0, Act::Verdict { blanks: Box::new(blanks) }).refused);
    // It does not hold, so that the reading goes on; who accepts it reads no more.
    assert!(!run.apply(0, Act::Close).refused);
    refused(&mut run, Act::Run { line: "cat pods.txt".into() });
    assert_eq!(run.pages.len(), 1, "the last verdict ends the reading");
}

#[test]
fn what_is_undone_is_undone_in_the_score_too() {
    let mut run = open();
    play(&mut run, "$ cat pods.txt\n> bag limit-diff oomkilled\n> clear bug with limit-diff\n").expect("plays");
    assert!(run.score().dim(Dim::E) > exact(0, 1));
    assert!(run.clone().apply(0, Act::Unbag { exhibit: 1 }).refused, "a clearing rests on it");
    play(&mut run, "> reopen bug\n> unbag e1\n").expect("plays");
    assert_eq!(run.score().dim(Dim::E), exact(0, 1));
    assert!(play(&mut run, "> clear bug with limit-diff\n").is_err());
    play(&mut run, "> bag limit-diff\n> clear bug with limit-diff\n").expect("plays");
    assert_eq!(run.board.exhibits.last().map(|exhibit| exhibit.id), Some(3), "numbers are never given twice");
    assert!(run.score().dim(Dim::E) > exact(0, 1));
}

#[test]
fn whole_pages_secure_but_cite_badly() {
    let mut run = open();
    play(&mut run, "$ cat pods.txt\n> bag all\n").expect("plays");
    assert_eq!(run.score().dim(Dim::P), exact(12, 1), "what is bagged is secured");
    // Three clue lines are cited for one claim, two of which bear: one stray is forgiven, and no other channel helps.
    play(&mut run, "> verdict mechanism=oom:e1\n").expect("plays");
    let card = run.score();
    let line = card.ledger.iter().find(|line| line.subject == "mechanism").expect("a line");
    assert_eq!(line.got, exact(14, 1) * exact(7, 10) * exact(2, 3), "{line:?}");
}

#[test]
fn the_onset_is_the_latest_such_time_before_the_page() {
    use whodunit::drill::casework::onset;
    let page = Time::parse("2026-03-02T00:10:00Z").expect("a time");
    assert_eq!(onset(page, "00:05"), Time::parse("2026-03-02T00:05:00Z"));
    assert_eq!(onset(page, "23:55"), Time::parse("2026-03-01T23:55:00Z"));
    assert_eq!(onset(page, "9:5"), Time::parse("2026-03-01T09:05:00Z"));
    // What began days ago is said with its day.
    for said in ["2026-02-27 04:12", "2026-02-27T04:12", "02-27 04:12"] {
        assert_eq!(onset(page, said), Time::parse("2026-02-27T04:12:00Z"), "{said}");
    }
    for wrong in ["", "9", "9:60", "24:00", "-1:00", "009:00", "٩:٠٠", "9:5x"] {
        assert_eq!(onset(page, wrong), None, "{wrong}");
    }
}

#[test]
fn every_unreadable_line_is_a_located_problem() {
    let text = "\
$
kubectl get pods
wait soon
> bga all
> bag
> bag \"never closed
> suspect only / 
> suspect a b
> rate h1 lots
> link h1 e1 *
> clear h1 e1
> verdict
> verdict culprit
> verdict culpirt=x:e1
> verdict culprit=x culprit=y
> verdict culprit=
> leave now
> resolve now
> note
> predict h1
";
    let problems = transcript::parse(text).expect_err("nothing of this can be read");
    let lines: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, (1..=20).collect::<Vec<u32>>());
    assert!(problems.iter().all(|problem| problem.column >= 1 && !problem.what.is_empty()), "{problems:#?}");
    assert_eq!(problems[3].hint, "did you mean `> bag`?");
    assert_eq!((problems[5].column, problems[13].column), (7, 11));
    assert!(problems[13].hint.contains("culprit"));
}

#[test]
fn every_unresolvable_line_is_a_located_problem() {
    let ready = "$ cat pods.txt\n> bag limit-diff\n> suspect bug\n";
    let wrong = [
        ("> bag oomkild", "no clue `oomkild`", "did you mean `oomkilled`?"),
        ("> bag warming", "clue `warming` is on no page so far", "it shows with"),
        ("> bag \"no such text\"", "no line so far says", ""),
        ("> bag p9", "There is no page 9", ""),
        ("> unbag e7", "no exhibit e7", ""),
        ("> suspect bgu", "no rival `bgu`", "did you mean `bug`?"),
        ("> suspect db", "was not collected yet", ""),
        ("> suspect \"the memory limit\" / w99", "no word w99", ""),
        ("> rate h9 10", "no hypothesis h9", ""),
        ("> rate truth 10", "was not collected yet", ""),
        ("> clear bug with oomkilled", "is in no exhibit", "write `> bag oomkilled` before"),
        ("> leave", "nothing goes on printing", ""),
        ("> verdict culprit=harm:limit-diff", "is a word of another kind", ""),
        ("> verdict onset=noon:limit-diff", "not a time", ""),
    ];
    for (line, what, hint) in wrong {
        let mut run = open();
        let problems = play(&mut run, &format!("{ready}{line}\n")).expect_err(line);
        let problem = &problems[0];
        assert_eq!(problem.line, 4, "{line}: {problem:?}");
        assert!(problem.what.contains(what) && problem.hint.contains(hint), "{line}: {problem:?}");
    }
}

#[test]
fn words_may_be_said_in_full() {
    let mut run = open();
    let text = "\
$ cat pods.txt
> bag p1:2 p1:3-4
> suspect the memory limit / \"being OOM-killed\"
> rate h1 65%
> predict h1 the next pod dies as well
> verdict culprit=\"the memory limit\":e1,e2 mechanism=w2:e1 onset=truth:e2
";
    play(&mut run, text).expect("plays");
    let verdict = run.board.verdict.as_ref().expect("a verdict");
    assert_eq!(
        (verdict.culprit.word, verdict.mechanism.word, verdict.onset.exhibits.as_slice()),
        (Some(1), Some(2), &[2][..])
    );
    assert_eq!(run.board.hypotheses[0].confidence, 65);
    assert_eq!(run.board.exhibits[1].text.len(), 2);
}

/// Any text at all is read without a panic, and so is any act on a young run.
#[test]
fn hostile_lines_do_no_harm() {
    let mut run = open();
    for text in [
        "> verdict onset=:",
        "> verdict culprit=\"\":",
        "> bag p1:0",
        "> bag \"\"",
        "> verdict onset=1:2:",
        "$ \u{1b}[2J",
        "> suspect / /",
        "> bag e\u{301}",
        "> clear  with with",
        "> link h1 e1 \u{fe0f}",
    ] {
        let _ = play(&mut run, text);
    }
    run.apply(0, Act::Bag { page: u32::MAX, lines: Some((u32::MAX, u32::MAX)), note: "\u{202e}".into() });
    run.apply(0, Act::Clock { to: Span(i64::MAX) });
    run.apply(0, Act::Wait { span: Span(i64::MIN) });
    assert!(run.acts.len() <= 10);
}

#[test]
fn a_blocking_command_costs_until_it_is_done() {
    let mut run = open();
    let began = run.now();
    let outcome = run.apply(0, Act::Run { line: "sleep 90 && cat pods.txt".into() });
    assert!(run.now() - began >= Span::secs(90), "{:?}", run.now() - began);
    assert!(run.standing.is_empty() && outcome.notice.is_none());
    let page = run.page(1).expect("a page");
    assert!(page.output.lines.iter().any(|line| line.text.contains("OOMKilled")), "{:?}", page.output);
    // What the rest of the line printed was seen like anything else.
    assert!(run.record.evidence.seen.contains("oomkilled"));
    // One that never ends is interrupted after half an hour.
    let began = run.now();
    run.apply(0, Act::Run { line: "sleep 5h".into() });
    assert_eq!((run.now() - began).as_secs() / 60, 30);
    assert!(run.standing.is_empty());
}

/// As the brief says it: `wait 5m` on the shell's line lets time pass. A number alone is a process, as in a shell.
#[test]
fn waiting_may_be_typed() {
    let mut run = open();
    let began = run.now();
    let outcome = run.apply(0, Act::Run { line: " wait 5m ".into() });
    assert_eq!((run.now() - began, outcome.notice), (Span::mins(5), None));
    assert!(run.pages.is_empty());
    run.apply(0, Act::Run { line: "wait 300".into() });
    assert_eq!((run.now() - began, run.pages.len()), (Span::mins(5), 1));
    let outcome = run.apply(0, Act::Run { line: "wait 48h".into() });
    assert!(outcome.notice.is_some(), "{outcome:?}");
    let mut live = Run::open(Arc::clone(&run.case), open().stage, Clock::Live);
    assert!(live.apply(0, Act::Run { line: "wait 5m".into() }).notice.is_some());
    assert_eq!(live.now(), began);
}

#[test]
fn a_standing_pipeline_is_fed_by_later_acts_and_left_by_hand() {
    let mut run = open();
    run.apply(0, Act::Run { line: "cat pods.txt".into() });
    run.apply(0, Act::Run { line: "watch -n 10 date".into() });
    assert_eq!(run.standing.iter().map(|(page, _)| *page).collect::<Vec<u32>>(), [2]);
    let before = run.page(2).map_or(0, |page| page.output.lines.len());
    run.apply(0, Act::Wait { span: Span::mins(1) });
    let after = run.page(2).map_or(0, |page| page.output.lines.len());
    assert!(after > before, "{before} lines, then {after}");
    play(&mut run, "> leave\n").expect("plays");
    assert!(run.standing.is_empty());
    run.apply(0, Act::Wait { span: Span::mins(1) });
    assert_eq!(run.page(2).map(|page| page.output.lines.len()), Some(after));
    // No more than eight at a time.
    for _ in 0..10 {
        run.apply(0, Act::Run { line: "watch -n 10 cat pods.txt".into() });
    }
    assert_eq!(run.standing.len(), 8);
    // A verdict that is not the last lets them print; the one that is accepted ends the reading.
    play(&mut run, "> bag \"memory: 256Mi\"\n> verdict culprit=limit:e1\n").expect("plays");
    assert_eq!((run.standing.len(), run.phase), (8, Phase::Investigating));
    play(&mut run, "> close\n").expect("plays");
    assert!(run.standing.is_empty() && run.phase == Phase::Cross);
}

#[test]
fn the_live_clock_moves_only_when_the_host_says_so() {
    let mut run = Run::open(Arc::new(case()), stage(), Clock::Live);
    let began = run.now();
    run.apply(0, Act::Run { line: "cat pods.txt".into() });
    run.apply(0, Act::Run { line: "sleep 30".into() });
    assert_eq!(run.now(), began, "commands cost nothing");
    assert_eq!(run.standing.len(), 1, "a blocking command stands until the clock has done it");
    refused(&mut run, Act::Wait { span: Span::mins(1) });
    assert!(!run.apply(0, Act::Clock { to: Span::secs(20) }).refused);
    assert_eq!(run.standing.len(), 1);
    assert!(!run.apply(0, Act::Clock { to: Span::secs(31) }).refused);
    assert_eq!((run.now() - began, run.standing.len()), (Span::secs(31), 0));
    refused(&mut run, Act::Clock { to: Span::secs(30) });
}

#[test]
fn messages_arrive_when_they_are_due() {
    let mut case = case();
    let inject = |minutes: i64, say: &str| whodunit::scenario::shape::Inject {
        at: case.drill.page_at + Span::mins(minutes),
        from: "maya".into(),
        say: say.into(),
    };
    case.people.injects = vec![inject(9, "still down?"), inject(4, "support is asking")];
    let mut run = Run::open(Arc::new(case), stage(), Clock::Turn);
    let texts = |run: &Run| run.messages.iter().map(|message| message.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&run), ["checkout is down"]);
    assert_eq!(run.apply(0, Act::Wait { span: Span::mins(3) }).arrived, 0);
    assert_eq!(run.apply(0, Act::Wait { span: Span::mins(3) }).arrived, 1);
    assert_eq!(run.apply(0, Act::Wait { span: Span::mins(30) }).arrived, 1);
    assert_eq!(texts(&run), ["checkout is down", "support is asking", "still down?"]);
}

/// However waiting is cut up, the run is the same (the law of additivity, seen from the learner's side).
#[test]
fn waiting_in_pieces_is_waiting() {
    let mut whole = open();
    let mut pieces = open();
    play(&mut whole, "$ watch -n 20 date\nwait 10m\n$ date\n").expect("plays");
    play(&mut pieces, "$ watch -n 20 date\nwait 4m\nwait 6m\n$ date\n").expect("plays");
    assert_eq!(whole.now(), pieces.now());
    assert_eq!(whole.page(1).map(|page| &page.output.lines), pieces.page(1).map(|page| &page.output.lines));
    assert_eq!(whole.page(2).map(|page| &page.output.lines), pieces.page(2).map(|page| &page.output.lines));
}

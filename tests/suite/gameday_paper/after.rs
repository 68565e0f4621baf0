//! The team's report: what is in it, what is not, and that its own words blame nobody.

use super::{golden, toy, whodunit};
use crate::drill::stage;
use std::sync::Arc;
use whodunit::drill::Mode;
use whodunit::drill::act::Act;
use whodunit::drill::interview::Control;
use whodunit::drill::journal::{Header, Writer};
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::team::{ROOM, Role, TeamAct};
use whodunit::report::gameday::compare::{self, Finished};
use whodunit::report::gameday::write;
use whodunit::stdx::lang::Lang;
use whodunit::stdx::time::Span;

const LEAD: u16 = 1;
const OPS: u16 = 2;
const MORE: u16 = 3;
const PEN: u16 = 4;
const DESK: u16 = 5;

fn act(run: &mut Run, seat: u16, act: TeamAct) {
    done(run, seat, Act::Team { act: Box::new(act) });
}

fn done(run: &mut Run, seat: u16, act: Act) {
    let said = format!("{seat}: {act:?}");
    let outcome = run.apply(seat, act);
    assert!(!outcome.refused, "{said}: {:?}", outcome.notice);
}

/// A short day: a finding, a task that is closed and one that is not, a decision, votes far apart, a handover, the end.
fn day(names: [&str; 5], text: &str) -> Run {
    let mut case = toy();
    case.gameday.cards.clear();
    case.gameday.injects.clear();
    let mut run = Run::open_as(Arc::new(case), stage(), Clock::Live, Mode::Gameday);
    let roles = [Role::Commander, Role::Operator, Role::Operator, Role::Scribe, Role::Facilitator];
    for ((name, role), seat) in names.into_iter().zip(roles).zip(1..) {
        act(&mut run, ROOM, TeamAct::Sit { seat, name: name.into(), roles: [role].into(), part: String::new() });
    }
    let text = |own: &str| format!("{own}{text}");
    let within = Some(Span::mins(5));
    act(&mut run, LEAD, TeamAct::Ask { to: OPS, text: text("look at the pods"), within });
    act(&mut run, OPS, TeamAct::Promise { task: 1 });
    done(&mut run, OPS, Act::Run { line: "cat pods.txt".into() });
    done(&mut run, ROOM, Act::Clock { to: Span::mins(2) });
    done(&mut run, MORE, Act::Bag { page: 1, lines: Some((1, 1)), note: text("mine") });
    act(&mut run, OPS, TeamAct::Report { task: 1, text: text("killed for memory") });
    act(&mut run, LEAD, TeamAct::Accept { task: 1 });
    act(&mut run, LEAD, TeamAct::Ask { to: MORE, text: text("look at the nodes"), within: None });
    act(&mut run, OPS, TeamAct::Propose { text: text("raise the limit"), expect: String::new(), reason: text("") });
    act(&mut run, LEAD, TeamAct::Call { decision: 1 });
    act(&mut run, MORE, TeamAct::Object { decision: 1, text: text("is it the node?") });
    act(&mut run, LEAD, TeamAct::Decide { decision: 1, accept: true, reason: text("it is the limit") });
    act(&mut run, PEN, TeamAct::Log { text: text("limit is raised"), about: None });
    act(&mut run, LEAD, TeamAct::Say { text: "a secret word".into(), to: Some(Role::Scribe) });
    act(&mut run, DESK, TeamAct::Desk { control: Control::Note { text: "a private note".into() } });
    act(&mut run, LEAD, TeamAct::Offer { role: Role::Commander, to: MORE });
    act(&mut run, MORE, TeamAct::Take { role: Role::Commander });
    done(&mut run, ROOM, Act::Clock { to: Span::mins(4) });
    act(&mut run, DESK, TeamAct::Desk { control: Control::End });
    assert_eq!(run.phase, Phase::Closed);
    act(&mut run, OPS, TeamAct::React { text: text("that was quick") });
    let action = text("say aloud what is seen");
    act(&mut run, OPS, TeamAct::Action { text: action, owner: "commander".into(), due: "2026-12-01".into() });
    act(&mut run, DESK, TeamAct::RateDebrief { lines: [5, 6, 5, 6, 4, 7] });
    run
}

fn usual() -> Run {
    day(["Mina", "Jun", "Ada", "Tae", "Kim"], "")
}

fn report(run: &Run, format: &str, lang: &str) -> String {
    write(run, format, &Lang::named(lang).expect("a language")).expect("a format")
}

#[test]
fn the_report_reads_well_in_every_format() {
    let run = usual();
    golden("after.md", &report(&run, "md", "en"));
    golden("after.txt", &report(&run, "text", "ko"));
    let html = report(&run, "html", "en");
    assert!(html.contains("<html lang=\"en\"") && html.contains("operator 2"), "{html}");
    let json: serde_json::Value = serde_json::from_str(&report(&run, "json", "en")).expect("JSON");
    assert_eq!(json["format"], 1);
    assert_eq!(json["counts"]["closed"], 1);
    assert_eq!(json["open_loops"][0]["task"], 2);
    assert_eq!(json["decisions"][0]["known"]["bagged"], 1);
    assert_eq!(json["handovers"][0]["role"], "commander");
    assert_eq!(json["actions"][0]["owner"], "commander");
    assert_eq!(json["debrief_rating"][5], 7);
    assert!(write(&run, "pdf", &Lang::english()).is_err());
}

#[test]
fn roles_in_the_timeline_are_those_of_the_moment() {
    let text = report(&usual(), "md", "en").replace('\\', "");
    assert!(text.contains("commander 1: asks operator 2 for t1: look at the pods"), "{text}");
    assert!(text.contains("operator 3: takes the role: commander"), "{text}");
}

/// What one seat alone was told, and what is secret for good, is in no report.
#[test]
fn private_words_votes_and_notes_are_in_no_report() {
    let mut run = usual();
    for format in ["md", "html", "json", "text"] {
        let text = report(&run, format, "en");
        for secret in ["a secret word", "a private note"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    // What is said after the end can be added to, and changes no point.
    let before = run.score().total_m();
    act(&mut run, LEAD, TeamAct::React { text: "one more".into() });
    assert!(report(&run, "md", "en").contains("one more"));
    assert_eq!(run.score().total_m(), before);
}

/// Figures stand beside roles of the room, never beside a name: a name is on the list of seats and nowhere else.
#[test]
fn names_stand_on_the_list_of_seats_alone() {
    let run = usual();
    for format in ["md", "html", "json", "text"] {
        for lang in ["en", "ko"] {
            let text = report(&run, format, lang);
            for name in ["Mina", "Jun", "Ada", "Tae"] {
                assert_eq!(text.matches(name).count(), 1, "{name} in {text}");
            }
        }
    }
}

/// The tool's own words: no blame, no hindsight, in either language. What people wrote is theirs.
#[test]
fn the_tools_own_words_blame_nobody() {
    let english = ["should have", "failed to", "human error", "fault of", "blame", "mistake", "careless", "too late"];
    let korean = ["했어야", "실패했", "실수", "탓입", "잘못", "부주의", "과실"];
    let ours = |key: &str| ["after.", "how.", "turn.", "gameday."].iter().any(|lead| key.starts_with(lead));
    for (code, words) in [("en", &english[..]), ("ko", &korean[..])] {
        let lang = Lang::named(code).expect("a language");
        let keys: Vec<&str> = lang.keys().filter(|key| ours(key)).collect();
        assert!(keys.len() > 150, "{}", keys.len());
        for key in keys {
            let said = lang.say(key).to_lowercase().replace("blameless", "");
            for word in words {
                assert!(!said.contains(word), "{key}: {said}");
            }
            // Names are put into no sentence: `{who}` is a role and its seat.
            assert!(!said.contains("{name}"), "{key}: {said}");
        }
        for format in ["md", "text", "html", "json"] {
            let text = report(&usual(), format, code).to_lowercase().replace("blameless", "");
            for word in words {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }
}

#[test]
fn hostile_names_and_notes_are_harmless() {
    let evil = "<script>alert(1)</script>![x](http://evil)\u{1b}[31m\u{202e}|";
    let run = day([evil, "<b>Jun</b>", "Ada", "Tae", "Kim"], evil);
    let html = report(&run, "html", "en");
    assert!(!html.contains("<script") && !html.contains("<b>Jun"), "{html}");
    assert!(html.contains("&lt;script&gt;"), "{html}");
    let markdown = report(&run, "md", "ko");
    assert!(!markdown.contains("<script") && !markdown.contains("](http"), "{markdown}");
    for format in ["html", "md", "text", "json"] {
        let text = report(&run, format, "en");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn korean_reports_have_words_for_everything() {
    for format in ["md", "html"] {
        let text = report(&usual(), format, "ko").replace('\\', "");
        for key in ["after.", "gameday.", "column.", "role.", "how.", "turn."] {
            assert!(!text.contains(key), "{key} in {text}");
        }
    }
}

#[test]
fn an_end_before_anything_was_done_is_told_too() {
    let mut run = Run::open_as(Arc::new(toy()), stage(), Clock::Live, Mode::Gameday);
    let sit =
        |seat, role: Role| TeamAct::Sit { seat, name: format!("n{seat}"), roles: [role].into(), part: String::new() };
    act(&mut run, ROOM, sit(1, Role::Facilitator));
    act(&mut run, 1, TeamAct::Desk { control: Control::End });
    for format in ["md", "html", "json", "text"] {
        assert!(!report(&run, format, "en").is_empty());
    }
}

#[test]
fn days_stand_side_by_side_with_figures_of_rooms_alone() {
    let (one, other) = (usual(), day(["Abel", "Bo", "Cleo", "Dina", "Eva"], "|<b>"));
    let days = [Finished { name: "blue", run: &one }, Finished { name: "red<b>", run: &other }];
    for code in ["en", "ko"] {
        let lang = Lang::named(code).expect("a language");
        let paper = compare::compare(&days, &lang);
        assert_eq!(paper.under, [lang.say("gameday.compare-race")]);
        let (text, markdown) = (compare::text(&paper), paper.markdown());
        if code == "en" {
            golden("compare.txt", &text);
        }
        let html = paper.html(&lang);
        assert!(!html.contains("<b>") && html.contains("red&lt;b&gt;"), "{html}");
        for page in [&text, &markdown, &html] {
            assert!(["Mina", "Jun", "Cleo"].iter().all(|name| !page.contains(name)), "{page}");
            assert!(!page.replace('\\', "").contains("gameday."), "{page}");
        }
    }
}

/// A run on disk, as a server leaves it: the report and the comparison come from its journal alone, and not before its end.
#[test]
fn the_program_reports_a_finished_day_and_tells_nothing_of_an_open_one() {
    let data = tempfile::tempdir().expect("a folder");
    let keep = |name: &str, ends: bool| {
        let pack = whodunit::scenario::find("the-stampede").expect("a case");
        let (case, stage) = whodunit::scenario::cast(&pack, "A", 1).expect("it is cast");
        let mut run = Run::open_as(Arc::new(case), stage, Clock::Live, Mode::Gameday);
        let header = Header::new(&run.case, run.clock, 1_000, "2026-11-22T20:00:00Z").of_mode(run.mode);
        let (mut writer, mut bytes) = Writer::begin(&header);
        let sit =
            |seat, role: Role| TeamAct::Sit { seat, name: "Zoë".into(), roles: [role].into(), part: String::new() };
        let desk = TeamAct::Desk { control: Control::End };
        let of = |act| Act::Team { act: Box::new(act) };
        let mut acts = vec![(ROOM, of(sit(1, Role::Facilitator))), (ROOM, of(sit(2, Role::Operator)))];
        acts.push((2, Act::Run { line: "kubectl get pods -A".into() }));
        acts.extend(ends.then(|| (1, of(desk))));
        for (seat, act) in acts {
            bytes.extend(writer.entry(run.now(), seat, &act));
            done(&mut run, seat, act);
        }
        let folder = data.path().join("data/runs").join(name);
        std::fs::create_dir_all(&folder).expect("made");
        std::fs::write(folder.join("journal.jsonl"), bytes).expect("written");
    };
    keep("blue", true);
    keep("red", true);
    keep("green", false);
    let (code, text) = whodunit(data.path(), &["report", "blue", "--format", "md"], "");
    assert!(code == Some(0) && text.contains("operator 2") && text.matches("Zoë").count() == 2, "{text}");
    let (code, text) = whodunit(data.path(), &["gameday", "compare", "blue", "red"], "");
    assert!(code == Some(0) && text.contains("blue") && text.contains("One incident, the same seed"), "{text}");
    for args in [["report", "green", "--format", "md"].as_slice(), &["gameday", "compare", "blue", "green"]] {
        let (code, text) = whodunit(data.path(), args, "");
        assert!(code == Some(1) && text.contains("still going on"), "{text}");
    }
}

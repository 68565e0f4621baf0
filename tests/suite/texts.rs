//! Texts in other languages and concept cards: what is told, where it is shown, and that nothing of it is graded.

use crate::screens::{MIDDLE, SMALL, drawn, golden, look, press, type_text};
use ratatui::buffer::Buffer;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;
use whodunit::drill::act::Act;
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::transcript::{self, player};
use whodunit::report;
use whodunit::scenario::{self, Pack, card};
use whodunit::stdx::lang::Lang;
use whodunit::ui::face::{Face, Scene, Screen};
use whodunit::ui::panes::Pane;
use whodunit::ui::screens::debrief::Story;
use whodunit::ui::widgets::paint;

/// The template with a Korean file.
fn told(rows: &str) -> Pack {
    let files = scenario::new("a-case").expect("a good slug").into_iter();
    let files = files.map(|(path, text)| (path, text.into_bytes()));
    Pack::new("a-case", "a-case", files.chain([("ko.toml".to_string(), rows.as_bytes().to_vec())]))
}

const ROWS: &str = r#"
[[say]]
en = "A Case"
ko = "이름 없는 사건"

[[say]]
en = """You are on call for the shop. Somebody delivers,
somebody else is paged: find out what happened, prove it, mend it."""
ko = """당신은 가게의 당직입니다.
배포한 사람은 따로 있고, 호출은 당신이 받았습니다."""

[[say]]
en = "the release of storefront {new_version}"
ko = "storefront {new_version} 릴리스"

[[say]]
en = "crashing at its start"
ko = ""
"#;

#[test]
fn a_case_is_told_in_the_language_that_is_asked_for() {
    let (case, _) = scenario::cast(&told(ROWS), "A", 3).expect("a case");
    let version = &case.names["new_version"];
    let word = format!("the release of storefront {version}");
    assert_eq!(case.told("ko", &word), format!("storefront {version} 릴리스"), "names are drawn in both");
    assert_eq!(case.told("ko", &case.drill.title), "이름 없는 사건");
    assert!(case.told("ko", &case.drill.brief).starts_with("당신은"), "line ends do not count");
    assert_eq!(case.told("en", &case.drill.title), case.drill.title);
    assert_eq!(case.told("ko", "crashing at its start"), "crashing at its start", "an empty row says nothing");
    assert_eq!(case.told("xx", &word), word);
}

/// A drawn word within a Korean sentence is Korean if a row says so, and otherwise as it was drawn.
#[test]
fn what_the_seed_draws_can_be_told() {
    let (case, _) = scenario::cast(&told(ROWS), "A", 3).expect("a case");
    let version = &case.names["new_version"];
    let row = format!("{ROWS}[[say]]\nen = \"{version}\"\nko = \"새것\"\n");
    let (case, _) = scenario::cast(&told(&row), "A", 3).expect("a case");
    assert_eq!(case.told("ko", &format!("the release of storefront {version}")), "storefront 새것 릴리스");
    assert_eq!(&case.names["new_version"], version, "the case itself keeps what was drawn");
    let file = scenario::file::read(&told(&row)).expect("a case");
    let problems = scenario::check::tongue::check(&told(&row), &file);
    assert!(problems.iter().all(|problem| problem.code != "odd-translation"), "{}", scenario::render(&problems));
}

#[test]
fn a_translation_changes_nothing_but_what_is_told() {
    let (plain, _) = scenario::cast(&told(""), "A", 3).expect("a case");
    let (korean, _) = scenario::cast(&told(ROWS), "A", 3).expect("a case");
    assert_eq!(plain.hash, korean.hash, "a run outlives a better translation");
    // What does not fit is left out, not obeyed.
    let odd = told("[[say]]\nen = \"A Case\"\nko = \"\\u001b[2J{page}\"\n[[say\n");
    let (odd, _) = scenario::cast(&odd, "A", 3).expect("a broken translation stops nobody");
    assert_eq!(odd.told("ko", &odd.drill.title), odd.drill.title);
}

#[test]
fn the_rows_that_are_missing_can_be_filled_in() {
    let pack = told(ROWS);
    let file = scenario::file::read(&pack).expect("a case");
    let rows = scenario::check::tongue::rows_to_fill(&pack, &file, "ko").expect("a language");
    assert!(
        rows.contains("# scenario.toml:") && rows.contains("en = \"crashing at its start\"\nko = \"\"\n"),
        "{rows}"
    );
    assert!(rows.contains("# solutions/A.txt:1 \n[[say]]\nen = \"The proof that"), "comments of solutions too: {rows}");
    assert!(!rows.contains("A Case"), "what is told is not asked for");
    let mut filled = String::new();
    for (n, part) in rows.split_inclusive("ko = \"\"").enumerate() {
        filled.push_str(&part.replace("ko = \"\"", &format!("ko = \"{n}째 말\"")));
    }
    let pack = told(&format!("{ROWS}\n{filled}"));
    let problems = scenario::check::tongue::check(&pack, &file);
    assert!(problems.is_empty(), "{}", scenario::render(&problems));
}

/// Every text of every case of the library is told in Korean.
#[test]
fn the_library_is_told_whole() {
    for pack in scenario::library() {
        let file = scenario::file::read(&pack).expect("a readable case");
        assert!(pack.files.contains_key("ko.toml"), "{}: no ko.toml", pack.slug);
        let problems = scenario::check::tongue::check(&pack, &file);
        assert!(problems.is_empty(), "{}", scenario::render(&problems));
    }
}

#[test]
fn every_card_can_be_read_in_every_language() {
    for (id, text) in card::files() {
        let card = card::read(&format!("assets/cards/{id}.toml"), id, text);
        let card = card.unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        assert_eq!(card.texts.len(), 2, "{id}");
        assert!(!card.commands.is_empty() && !card.tags.is_empty(), "{id} names commands and tags");
    }
    assert!(card::ids().count() > 0);
}

/// A card is checked as strictly as a case.
#[test]
fn a_broken_card_says_where() {
    let good = card::files().find(|(id, _)| *id == "oom-kill").expect("a card").1;
    for (old, new, code) in [
        ("id = \"oom-kill\"", "id = \"oom\"", "bad-name"),
        ("[ko]", "[kr]", "unknown-key"),
        ("next = \"", "next = \"\\u001b[2J", "control-character"),
        ("tags = [", "tag = [", "unknown-key"),
        ("[en]", "[en", "syntax"),
    ] {
        assert!(good.contains(old), "{old}");
        let problems = card::read("c.toml", "oom-kill", &good.replacen(old, new, 1)).expect_err(code);
        assert!(problems.iter().any(|problem| problem.code == code), "{code}: {}", scenario::render(&problems));
    }
    let long = good.replacen("next = \"", &format!("next = \"{}", "x".repeat(400)), 1);
    assert!(card::read("c.toml", "oom-kill", &long).is_err_and(|problems| problems[0].code == "too-long"));
}

// ---- faces ---------------------------------------------------------------------------------------------------------

const POD: &str = "the-pod-that-would-not-stay-up";

pub fn pod() -> Run {
    let pack = scenario::find(POD).expect("the case");
    let (case, stage) = scenario::cast(&pack, "A", 1).expect("a case");
    Run::open(Arc::new(case), stage, Clock::Turn)
}

/// The first `lines` of the pod's solution, played; all of it with `usize::MAX`.
pub fn played(lines: usize) -> Run {
    let mut run = pod();
    let text = run.case.solution.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>();
    let mut player = player::Player::new(transcript::parse(&text).expect("a transcript"));
    while let Some(act) = player.next(&run).expect("a step") {
        let outcome = run.apply(0, act);
        player.check(&outcome).expect("the act is done");
    }
    run
}

fn face(run: &Run, size: (u16, u16), screen: Screen) -> Face {
    let mut face = Face::new(look("ko"), size);
    face.opened(run);
    face.screen = screen;
    face
}

/// No wide character is cut by the edge or by what stands beside it, and none lies over another: the cell after a wide
/// one is blank, and there is one.
pub fn whole(buf: &Buffer) {
    for y in buf.area.top()..buf.area.bottom() {
        let mut x = buf.area.left();
        while x < buf.area.right() {
            let symbol = buf.cell((x, y)).expect("a cell").symbol();
            let width = symbol.width() as u16;
            assert!((1..=2).contains(&width), "a cell of {width} columns at {x},{y}: {symbol:?}");
            if width == 2 {
                assert!(x + 1 < buf.area.right(), "cut by the edge at {x},{y}: {symbol:?}");
                let beside = buf.cell((x + 1, y)).expect("a cell").symbol();
                assert!(beside == " ", "{beside:?} lies over {symbol:?} at {x},{y}");
            }
            x += width;
        }
    }
}

fn frame(face: &Face, scene: &Scene) -> String {
    let buf = drawn(face, scene);
    whole(&buf);
    paint::plain_text(&buf)
}

const SIZES: [(&str, (u16, u16)); 2] = [("80x24", SMALL), ("120x40", MIDDLE)];

#[test]
fn a_briefing_and_a_debrief_in_korean() {
    let fresh = pod();
    let done = played(usize::MAX);
    let story = Story::of(&done, "ko");
    for (name, size) in SIZES {
        let scene = Scene { run: Some(&fresh), ..Scene::default() };
        let briefing = frame(&face(&fresh, size, Screen::Briefing), &scene);
        assert!(briefing.contains("파드"), "{briefing}");
        golden(&format!("briefing-ko-{name}"), &briefing);
        let scene = Scene { run: Some(&done), story: Some(&story), ..Scene::default() };
        let mut face = face(&done, size, Screen::Debrief);
        // What one thinks of oneself is asked first.
        face.overlays.clear();
        golden(&format!("debrief-ko-{name}"), &frame(&face, &scene));
        let mut seen = BTreeSet::new();
        while seen.insert(frame(&face, &scene)) {
            press(&mut face, &scene, "tab");
        }
        assert_eq!(seen.len(), 10, "the debrief has its tabs");
    }
}

/// What is drawn over the panes, at both sizes and after each of these keys.
#[test]
fn words_on_the_board_and_in_pickers_are_korean_and_found_in_both() {
    let run = played(20);
    let word = run.board.words.iter().find(|word| run.case.told("ko", &word.say) != word.say).expect("a told word");
    let told = run.case.told("ko", &word.say).to_string();
    for (_, size) in SIZES {
        let scene = Scene { run: Some(&run), ..Scene::default() };
        let mut face = face(&run, size, Screen::Drill);
        face.drill.focus_on(Pane::Board);
        let mut all = frame(&face, &scene);
        for _ in 0..12 {
            press(&mut face, &scene, "pagedown");
            all.push_str(&frame(&face, &scene));
        }
        let start: String = told.chars().take(4).collect();
        assert!(all.contains(&start), "{told}: {all}");
        for keys in ["?", "esc v", "enter", "esc esc h", "esc", ":"] {
            press(&mut face, &scene, keys);
            frame(&face, &scene);
        }
        press(&mut face, &scene, "esc h");
        let thing = run.board.words.iter().find(|word| format!("{:?}", word.kind) == "Thing").expect("a thing");
        let korean = run.case.told("ko", &thing.say);
        type_text(&mut face, &scene, thing.say.split(' ').next_back().unwrap_or_default());
        let picker = frame(&face, &scene);
        let start: String = korean.chars().take(4).collect();
        assert!(picker.contains(&start), "{korean} is found by its English: {picker}");
    }
}

/// Grading does not read: the language changes words and nothing else.
#[test]
fn a_debrief_in_korean_has_the_same_points() {
    let run = played(usize::MAX);
    assert_eq!(run.phase, Phase::Closed);
    let (english, korean) = (run.debrief(), run.debrief_in("ko"));
    assert_eq!(english.score.ledger, korean.score.ledger);
    assert_eq!(english.score.total_m(), korean.score.total_m());
    let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    assert!(korean.words.iter().filter(|told| hangul(&told.answer)).count() >= 4, "{:?}", korean.words);
    assert!(korean.rivals.iter().all(|told| hangul(&told.thing) || hangul(&told.how)), "{:?}", korean.rivals);
    assert!(hangul(&korean.heading.title));
    for format in report::FORMATS {
        let text = (format.write)(&korean, &look("ko").lang);
        assert!(hangul(&text) && text.contains(&korean.heading.title), "{}", format.name);
    }
    assert_eq!(english.moments.len(), korean.moments.len());
}

/// Cards: what was missed comes first, with a command; what was bagged names its exhibit.
#[test]
fn a_card_says_why_it_is_here() {
    let mut run = played(usize::MAX);
    let mut case = (*run.case).clone();
    case.drill.cards = vec!["configmap-env".into(), "oom-kill".into(), "audit-trail".into()];
    let held = run.record.evidence.held(run.board.exhibits[0].id).into_iter().next().expect("a clue").clone();
    let missed = case.clues.iter().map(|clue| clue.id.clone()).find(|id| !run.record.evidence.seen.contains(id));
    let missed = missed.expect("the solution leaves a clue alone");
    for clue in &mut case.clues {
        clue.card = match () {
            () if clue.id == held => "oom-kill".into(),
            () if clue.id == missed => "audit-trail".into(),
            () => String::new(),
        };
    }
    run.case = Arc::new(case);
    let debrief = run.debrief();
    let order: Vec<&str> = debrief.cards.iter().map(|told| told.card.id.as_str()).collect();
    assert_eq!(order, ["audit-trail", "oom-kill", "configmap-env"]);
    let text = (report::format("text").expect("text").write)(&debrief, &Lang::english());
    let cards = &text[text.find("Concepts in this case").expect("the section")..];
    assert!(cards.contains("missed: ") && cards.contains(" e1") && cards.contains("How it fails"), "{cards}");
    let md = (report::format("md").expect("md").write)(&debrief, &Lang::english());
    assert!(md.contains("## Concepts in this case"), "{md}");
    let json = (report::format("json").expect("json").write)(&debrief, &Lang::english());
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["cards"][0]["clues"][0]["met"], "missed");
    assert_eq!(json["cards"][1]["clues"][0]["exhibits"][0], 1);
}

/// What the drill says of an act are keys: each has its words in every language, and none is left that nobody says.
#[test]
fn what_the_drill_says_is_told_in_every_language() {
    let key = regex::Regex::new(r#""(notice\.[a-z0-9-]+)""#).expect("a pattern");
    let mut used = BTreeSet::new();
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/drill");
    let mut entries: Vec<_> = std::fs::read_dir(&room).expect("a room").flatten().collect();
    for inner in ["interview", "team"] {
        entries.extend(std::fs::read_dir(room.join(inner)).expect("a room").flatten());
    }
    for entry in entries {
        if entry.path().extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(entry.path()).expect("a file");
            used.extend(key.captures_iter(&source).map(|found| found[1].to_string()));
            for call in ["Outcome::refusal(\"", "Outcome::remark(\""] {
                for (at, _) in source.match_indices(call) {
                    let said = &source[at + call.len()..];
                    assert!(
                        said.starts_with("notice."),
                        "{}: a key is said, not a sentence: {said:.60}",
                        entry.path().display()
                    );
                }
            }
        }
    }
    assert!(used.len() > 60, "{used:?}");
    for lang in [Lang::english(), Lang::named("ko").expect("Korean")] {
        let rows: BTreeSet<String> = lang.keys().filter(|key| key.starts_with("notice.")).map(str::to_string).collect();
        assert_eq!(used, rows, "{}", lang.code);
    }
    let ko = Lang::named("ko").expect("Korean");
    let mut run = played(20);
    let exhibit = run.board.exhibits[0].clone();
    let outcome = run.apply(0, Act::Unbag { exhibit: 99 });
    assert_eq!(outcome.notice.as_ref().expect("a refusal").to_string(), "There is no exhibit e99 in the bag.");
    assert_eq!(
        outcome.notice.expect("a refusal").words(&run.case, &ko),
        ko.with("notice.there-is-no-exhibit-e-in", &[("id", "99")])
    );
    run.apply(0, Act::Unbag { exhibit: exhibit.id });
    let back = run.apply(0, Act::Undo).notice.expect("a remark");
    let id = exhibit.id;
    assert_eq!(back.to_string(), format!("Taken back: e{id} is in the bag again."));
    assert_eq!(back.words(&run.case, &ko), format!("되돌림: e{id}이(가) 다시 가방에 있음."));
    // A name that was typed is not taken for a place of the sentence.
    let said =
        whodunit::drill::notice::say("notice.is-not-a-number-write-099").with("name", "{text}").with("text", "x");
    assert!(whodunit::drill::notice::Notice::from(said).to_string().starts_with("{text}: `x` is not"));
}

/// The help of plain play says the same acts in both languages.
#[test]
fn the_help_of_plain_play_is_whole_in_korean() {
    let file = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file");
    let source = file("src/host/plain.rs");
    let help =
        source.split_once("const HELP: &str").and_then(|(_, rest)| rest.split_once("\n\";")).expect("the help").0;
    let acts = |text: &str| {
        let words = text.split_whitespace();
        let words =
            words.filter(|word| word.strip_prefix(':').is_some_and(|act| act.starts_with(|c: char| c.is_ascii())));
        words.map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(acts(help), acts(&file("assets/lang/plain-help.ko.txt")));
}

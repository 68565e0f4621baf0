//! Every screen and everything that lies over one, in Korean at 80×24 and 120×40, as golden frames (`BLESS=1` rewrites; read
//! the diff): no wide character is cut or overlapped, and no line is longer than the screen.

use crate::screens::{MIDDLE, SMALL, drawn, frame, golden, look, press};
use crate::texts::{played, pod, whole};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;
use whodunit::drill::Mode;
use whodunit::drill::act::{Act, Blank, Blanks};
use whodunit::drill::run::{Phase, Run};
use whodunit::ui::event::{Acted, Event};
use whodunit::ui::face::{Face, Scene, Screen, update};
use whodunit::ui::panes::{PANES, alone};
use whodunit::ui::screens::debrief::{Story, TABS};
use whodunit::ui::screens::list::Card;
use whodunit::ui::widgets::paint;

const SIZES: [(&str, (u16, u16)); 2] = [("80x24", SMALL), ("120x40", MIDDLE)];

/// A frame is checked cell by cell and row by row, and kept.
pub fn keep(name: &str, face: &Face, scene: &Scene) -> String {
    let text = checked(name, face, scene);
    golden(name, &text);
    text
}

/// A frame whose rows move with the library is only checked.
fn checked(name: &str, face: &Face, scene: &Scene) -> String {
    let buf = drawn(face, scene);
    whole(&buf);
    let text = paint::plain_text(&buf);
    for (y, line) in text.lines().enumerate() {
        assert!(line.width() <= usize::from(face.size.0), "{name}: row {y} is {} wide: {line}", line.width());
    }
    assert_eq!(text.lines().count(), usize::from(face.size.1), "{name}");
    text
}

fn korean(run: &Run, size: (u16, u16)) -> Face {
    let mut face = Face::new(look("ko"), size);
    face.opened(run);
    face
}

/// Each of these keys, pressed on a fresh drill screen, shows something else.
const OVER_THE_DRILL: &[(&str, &str)] = &[
    ("problem", "ctrl-s"),
    ("update", "esc U"),
    ("hints", "esc H"),
    ("tray", "esc T"),
    ("suspect", "esc h"),
    ("suspect-how", "esc h enter"),
    ("matrix", "esc l"),
    ("pager", "esc enter"),
    ("palette", ":"),
    ("help-typing", "?"),
    ("help-lines", "esc ?"),
    ("search", "esc /"),
    ("expect", "esc e"),
    ("wait", "esc w"),
    ("note", "esc n"),
    ("verdict", "esc v"),
    ("word", "esc v enter"),
    ("exhibits", "esc v e"),
    ("onset", "esc v G enter"),
    ("submit", "esc v s"),
    ("resolved", "esc R"),
    ("quit", "esc q"),
];

#[test]
fn the_drill_and_what_lies_over_it_in_korean() {
    let run = played(24);
    let harm = [0.1, 0.5, 0.9, 1.0];
    let scene = Scene { run: Some(&run), harm: &harm, ..Scene::default() };
    for (tag, size) in SIZES {
        let mut seen = BTreeSet::new();
        for row in PANES.iter().filter(|row| alone().any(|pane| pane == row.pane)) {
            let mut face = korean(&run, size);
            face.screen = Screen::Drill;
            face.drill.focus_on(row.pane);
            keep(&format!("ko-pane-{}-{tag}", row.name), &face, &scene);
        }
        for (name, keys) in OVER_THE_DRILL {
            let mut face = korean(&run, size);
            face.screen = Screen::Drill;
            press(&mut face, &scene, keys);
            let text = keep(&format!("ko-over-{name}-{tag}"), &face, &scene);
            assert!(seen.insert(text), "{name} shows nothing of its own");
        }
    }
}

#[test]
fn lists_and_briefing_in_korean() {
    let run = pod();
    let cards: Vec<Card> = whodunit::scenario::library()
        .iter()
        // A family's variants are named otherwise.
        .filter_map(|pack| whodunit::scenario::cast(pack, "A", 1).ok())
        .take(12)
        .map(|(case, _)| {
            let told = |text: &str| case.told("ko", text).to_string();
            Card {
                slug: case.slug.clone(),
                title: told(&case.drill.title),
                english: case.drill.title.clone(),
                level: case.drill.level,
                minutes: case.drill.minutes,
                tags: case.drill.tags.clone(),
                brief: told(&case.drill.brief),
                tutorial: case.drill.tags.iter().any(|tag| tag == "tutorial"),
                open_run: (case.slug == run.case.slug).then(|| "r1".to_string()),
                ..Card::default()
            }
        })
        .collect();
    let scene = Scene {
        cards: &cards,
        run: Some(&run),
        pledge: Some("느린 페이지를 보면 먼저 무엇이 기다리는지 본다"),
        ..Scene::default()
    };
    for (tag, size) in SIZES {
        let mut face = Face::new(look("ko"), size);
        face.list.welcome = true;
        let text = checked(&format!("ko-list-{tag}"), &face, &scene);
        let whole = cards.iter().filter(|card| text.contains(&card.title)).count();
        assert!(whole * 10 >= cards.len() * 8, "titles are whole where they can be, at {tag}: {text}");
        press(&mut face, &scene, "/");
        checked(&format!("ko-list-filter-{tag}"), &face, &scene);
        let mut face = korean(&run, size);
        let text = checked(&format!("ko-briefing-{tag}"), &face, &scene);
        press(&mut face, &scene, "pagedown");
        let more = checked(&format!("ko-briefing-2-{tag}"), &face, &scene);
        assert!(format!("{text}{more}").contains("느린 페이지를 보면"), "the pledge of the last run is shown");
    }
}

/// A verdict that does not hold, and one after the other what follows it.
#[test]
fn the_hearing_and_the_end_in_korean() {
    for (tag, size) in SIZES {
        let mut run = played(24);
        let harm = [0.5];
        let mut face = korean(&run, size);
        let thing = run.board.words.iter().find(|word| format!("{:?}", word.kind) == "Thing").expect("a thing").id;
        let blanks = Blanks {
            culprit: Blank { word: Some(thing), exhibits: vec![run.board.exhibits[0].id], ..Blank::default() },
            ..Blanks::default()
        };
        let outcome = run.apply(0, Act::Verdict { blanks: Box::new(blanks) });
        let tell = |face: &mut Face, run: &Run, outcome: whodunit::drill::run::Outcome| {
            let acted = Acted { page: outcome.page, notice: outcome.notice, arrived: outcome.arrived };
            update(face, Event::Acted(acted), &Scene { run: Some(run), ..Scene::default() });
        };
        tell(&mut face, &run, outcome);
        keep(&format!("ko-judged-{tag}"), &face, &Scene { run: Some(&run), harm: &harm, ..Scene::default() });
        let outcome = run.apply(0, Act::Close);
        tell(&mut face, &run, outcome);
        assert_eq!(run.phase, Phase::Cross);
        keep(&format!("ko-cross-{tag}"), &face, &Scene { run: Some(&run), harm: &harm, ..Scene::default() });
        let outcome = run.apply(0, Act::Close);
        tell(&mut face, &run, outcome);
        keep(&format!("ko-reflect-{tag}"), &face, &Scene { run: Some(&run), harm: &harm, ..Scene::default() });
    }
}

/// In an interview the objections come without the judge's word.
#[test]
fn an_interview_asks_without_a_judgement() {
    for (mode, told) in [(Mode::Drill, true), (Mode::Interview, false)] {
        let mut run = played(24);
        run.mode = mode;
        let mut face = Face::new(look("en"), MIDDLE);
        face.opened(&run);
        let thing = run.board.words.iter().find(|word| format!("{:?}", word.kind) == "Thing").expect("a thing").id;
        let culprit = Blank { word: Some(thing), exhibits: vec![run.board.exhibits[0].id], ..Blank::default() };
        let blanks = Box::new(Blanks { culprit, ..Blanks::default() });
        let mut outcome = run.apply(0, Act::Verdict { blanks });
        // In a drill the judge would hear more; an interview has one hearing.
        if mode == Mode::Drill {
            outcome = run.apply(0, Act::Close);
        }
        assert_eq!(run.phase, Phase::Cross);
        let acted = Acted { page: outcome.page, notice: outcome.notice, arrived: outcome.arrived };
        update(&mut face, Event::Acted(acted), &Scene { run: Some(&run), ..Scene::default() });
        let text = frame(&face, &Scene { run: Some(&run), harm: &[0.5], ..Scene::default() });
        assert_eq!(text.contains("do not hold") || text.contains("all five hold"), told, "{mode:?}:\n{text}");
    }
}

/// All tabs of the debrief in both languages, and what lies over them.
#[test]
fn the_debrief_in_both_languages() {
    let mut run = played(usize::MAX);
    run.apply(
        0,
        Act::Reflect {
            reaction: "when the limit showed".into(),
            guess: vec![(whodunit::case::score::Dim::V, whodunit::drill::act::Guess::High)],
            pledge: String::new(),
        },
    );
    for lang in ["en", "ko"] {
        let mut story = Story::of(&run, lang);
        story.contrasts = Some(whodunit::drill::account::contrasts(&run));
        let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
        for (tag, size) in SIZES {
            let mut face = Face::new(look(lang), size);
            face.opened(&run);
            for (at, (_, key)) in TABS.iter().enumerate() {
                press(&mut face, &scene, &((at + 1) % 10).to_string());
                let name = key.trim_start_matches("tab.");
                let text = keep(&format!("{lang}-debrief-{name}-{tag}"), &face, &scene);
                assert!(text.contains(&format!("[{} {}]", (at + 1) % 10, face.look.say(key))), "{text}");
            }
            press(&mut face, &scene, "7 n n n");
            keep(&format!("{lang}-debrief-step-{tag}"), &face, &scene);
            press(&mut face, &scene, "o");
            keep(&format!("{lang}-debrief-step-other-{tag}"), &face, &scene);
            press(&mut face, &scene, "? esc 4 j enter");
            keep(&format!("{lang}-debrief-behind-{tag}"), &face, &scene);
            press(&mut face, &scene, "esc 0 j enter");
            keep(&format!("{lang}-debrief-card-{tag}"), &face, &scene);
            press(&mut face, &scene, "esc p");
            keep(&format!("{lang}-debrief-pledge-{tag}"), &face, &scene);
            press(&mut face, &scene, "esc ?");
            keep(&format!("{lang}-debrief-help-{tag}"), &face, &scene);
        }
    }
}

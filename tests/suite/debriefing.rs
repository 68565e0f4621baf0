//! The debrief by its keys: tabs, search, what is behind a line, both ways side by side.

use crate::screens::{MIDDLE, SMALL, frame, look, press, type_text};
use crate::texts::played;
use std::collections::BTreeSet;
use whodunit::case::score::log::Suspect;
use whodunit::ui::ask::Ask;
use whodunit::ui::face::{Face, Scene};
use whodunit::ui::overlays::Overlay;
use whodunit::ui::screens::debrief::{Story, TABS, Tab};

fn face_of(run: &whodunit::drill::run::Run, size: (u16, u16)) -> Face {
    let mut face = Face::new(look("en"), size);
    face.opened(run);
    face.overlays.clear();
    face
}

#[test]
fn tabs_by_digit_and_by_tab() {
    let run = played(usize::MAX);
    let story = Story::of(&run, "en");
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = face_of(&run, SMALL);
    for (at, (tab, _)) in TABS.iter().enumerate() {
        assert_eq!(face.debrief.tab, *tab);
        let asks = press(&mut face, &scene, "tab");
        // The healthy twin costs a world: it is asked for when it is looked at.
        assert_eq!(asks == [Ask::Contrast], TABS[(at + 1) % TABS.len()].0 == Tab::Twin, "{tab:?}");
    }
    assert_eq!(face.debrief.tab, Tab::Score, "round");
    press(&mut face, &scene, "backtab");
    assert_eq!(face.debrief.tab, Tab::Next);
    press(&mut face, &scene, "4");
    assert_eq!(face.debrief.tab, Tab::Ledger);
    assert_eq!(press(&mut face, &scene, "esc"), [Ask::Shelve]);
}

/// Every line of the ledger that points at acts leads to them, and says so.
#[test]
fn enter_on_a_line_of_the_ledger_shows_what_it_points_at() {
    let run = played(usize::MAX);
    let story = Story::of(&run, "en");
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = face_of(&run, MIDDLE);
    press(&mut face, &scene, "4");
    let (mut opened, mut pages) = (0, 0);
    for _ in 0..400 {
        press(&mut face, &scene, "enter");
        match face.overlays.last() {
            Some(Overlay::Pager(_)) => pages += 1,
            Some(Overlay::Acts(_)) => {
                press(&mut face, &scene, "enter");
                assert_eq!(face.overlays.len(), 2, "an act of several opens");
                press(&mut face, &scene, "esc");
            }
            Some(_) => {}
            None => {
                press(&mut face, &scene, "j");
                continue;
            }
        }
        opened += 1;
        press(&mut face, &scene, "esc j");
    }
    let pointing = story.told.score.ledger.iter().filter(|line| !line.entries.is_empty()).count();
    assert!(opened >= pointing && pages > 0, "{opened} of {pointing}, {pages} pages");
}

#[test]
fn what_is_looked_for_is_found_in_any_tab() {
    let run = played(usize::MAX);
    let story = Story::of(&run, "en");
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = face_of(&run, SMALL);
    press(&mut face, &scene, "/");
    type_text(&mut face, &scene, "a fair way");
    press(&mut face, &scene, "enter");
    assert_eq!(face.debrief.tab, Tab::Paths);
    assert!(frame(&face, &scene).contains("A fair way"));
    press(&mut face, &scene, "/ ctrl-u");
    type_text(&mut face, &scene, "kubectl");
    press(&mut face, &scene, "enter");
    let mut tabs = BTreeSet::new();
    for _ in 0..400 {
        tabs.insert(format!("{:?}", face.debrief.tab));
        press(&mut face, &scene, "n");
    }
    assert!(tabs.len() >= 3, "{tabs:?}");
    press(&mut face, &scene, "/ ctrl-u");
    type_text(&mut face, &scene, "no such words here");
    press(&mut face, &scene, "enter");
    assert!(face.flash.is_some());
}

#[test]
fn both_ways_are_stepped_through_side_by_side() {
    let run = played(usize::MAX);
    let story = Story::of(&run, "en");
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    assert!(story.expert.len() > 5 && story.ghost.is_some());
    // The same way twice: what the expert saw, the learner saw at the same act.
    for (at, walked) in story.expert.iter().enumerate().filter(|(_, walked)| !walked.step.clues.is_empty()) {
        let own = story.beside(at).expect("a step");
        assert!(story.shared(own, at), "{}", walked.step.typed);
        assert_eq!(story.own[own].step.belief.get(&Suspect::Truth), walked.step.belief.get(&Suspect::Truth));
    }
    assert!(story.expert.iter().any(|walked| !walked.marks.is_empty()), "lines that told something are marked");
    let mut face = face_of(&run, MIDDLE);
    press(&mut face, &scene, "7");
    let mut seen = BTreeSet::new();
    for _ in 0..story.expert.len() {
        let text = frame(&face, &scene);
        assert!(text.contains("an expert") && text.contains("you"), "{text}");
        seen.insert(text);
        press(&mut face, &scene, "n");
    }
    assert_eq!(seen.len(), story.expert.len());
    press(&mut face, &scene, "g");
    assert!(frame(&face, &scene).contains("Step 1 of"));
    // On a narrow screen one side is there at a time.
    let mut face = face_of(&run, SMALL);
    press(&mut face, &scene, "7");
    let text = frame(&face, &scene);
    assert!(text.contains("▪ an expert") && !text.contains("▪ you"), "{text}");
    press(&mut face, &scene, "o");
    let text = frame(&face, &scene);
    assert!(text.contains("▪ you") && !text.contains("an expert ─"), "{text}");
    // Digits and Tab still go to the other tabs; p steps back here and pledges elsewhere.
    press(&mut face, &scene, "p 1 p");
    assert!(matches!(face.overlays[..], [Overlay::Form(_)]));
}

/// An absent solution leaves the learner's own way.
#[test]
fn without_a_solution_ones_own_way_is_stepped_through() {
    let mut run = crate::drill::open();
    crate::drill::play(&mut run, crate::drill::SOLUTION).expect("it plays");
    let mut story = Story::of(&run, "en");
    story.expert.clear();
    story.ghost = None;
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = face_of(&run, MIDDLE);
    press(&mut face, &scene, "7 n n");
    let text = frame(&face, &scene);
    assert!(text.contains("Step 3 of") && text.contains("There is no solution"), "{text}");
}

/// What is typed is found as it stands before its letters are looked for one by one.
#[test]
fn what_is_typed_is_found_as_it_stands() {
    use whodunit::ui::overlays::palette::holding;
    let words = ["the card provider  the card provider", "the price column of VAN-001", "the new price"];
    assert_eq!(holding("price", words.into_iter()), [1, 2]);
    assert_eq!(holding("new price", words.into_iter()), [2]);
    assert_eq!(holding("", words.into_iter()), [0, 1, 2]);
    assert_eq!(holding("crdprv", words.into_iter()), [0], "else its letters in their order");
    assert!(holding("zzz", words.into_iter()).is_empty());
}

/// Drawing is quick: everything was reckoned before.
#[test]
fn a_frame_of_the_debrief_is_quick() {
    let run = played(usize::MAX);
    let mut story = Story::of(&run, "ko");
    story.contrasts = Some(whodunit::drill::account::contrasts(&run));
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = Face::new(look("ko"), (200, 60));
    face.opened(&run);
    face.overlays.clear();
    for (at, (tab, _)) in TABS.iter().enumerate() {
        press(&mut face, &scene, &((at + 1) % 10).to_string());
        let began = std::time::Instant::now();
        for _ in 0..20 {
            crate::screens::drawn(&face, &scene);
        }
        let each = began.elapsed() / 20;
        println!("{tab:?}: {each:?} a frame");
        assert!(each < std::time::Duration::from_millis(50), "{tab:?}: {each:?} a frame");
    }
}

//! Forms, hearings, objections, hints and what is said after the end, by keys and as golden frames in both languages.

use crate::drill::{SOLUTION, case, open, play, stage};
use crate::screens::{MIDDLE, SMALL, drawn, frame, golden, look, page, press, type_text};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;
use whodunit::case::score::{DIMENSIONS, SCORED};
use whodunit::drill::act::{Act, Blank, Blanks, Guess, Standing};
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::terms::Mode;
use whodunit::scenario;
use whodunit::stdx::time::Span;
use whodunit::ui::ask::Ask;
use whodunit::ui::event::{Acted, Event};
use whodunit::ui::face::{Face, Scene, Screen, update};
use whodunit::ui::overlays::Overlay;
use whodunit::ui::panes::Pane;

fn played() -> Run {
    let mut run = open();
    play(
        &mut run,
        "$ cat pods.txt\n> bag oomkilled limit-diff ratio\n> suspect truth\n> rate truth 80\n> link truth oomkilled +\n",
    )
    .expect("the toy plays");
    run
}

fn face_of(run: &Run, lang: &str, size: (u16, u16)) -> Face {
    let mut face = Face::new(look(lang), size);
    face.opened(run);
    face
}

/// Does what was asked for, as a host does.
fn obey(face: &mut Face, run: &mut Run, asks: Vec<Ask>) -> bool {
    let mut refused = false;
    for ask in asks {
        let Ask::Act(act) = ask else { continue };
        let outcome = run.apply(0, act);
        refused |= outcome.refused;
        let acted = Acted { page: outcome.page, notice: outcome.notice, arrived: outcome.arrived };
        update(face, Event::Acted(acted), &Scene { run: Some(run), ..Scene::default() });
    }
    refused
}

fn keys(face: &mut Face, run: &mut Run, keys: &str) -> bool {
    let mut refused = false;
    for key in keys.split_whitespace() {
        let asks = press(face, &Scene { run: Some(run), ..Scene::default() }, key);
        refused |= obey(face, run, asks);
    }
    refused
}

/// A frame in both languages and sizes: golden, and no wide character cut at an edge or under a border.
fn frames(name: &str, run: &Run, keys: &str) {
    for lang in ["en", "ko"] {
        for (size, tag) in [(SMALL, "80x24"), (MIDDLE, "120x40")] {
            let scene = Scene { run: Some(run), harm: &[0.4], ..Scene::default() };
            let mut face = face_of(run, lang, size);
            press(&mut face, &scene, keys);
            whole(&face, &scene);
            golden(&format!("form-{name}-{lang}-{tag}"), &frame(&face, &scene));
        }
    }
}

/// The right half of a wide character belongs to it: nothing else stands there, and none hangs over the edge.
fn whole(face: &Face, scene: &Scene) {
    let buf = drawn(face, scene);
    for y in 0..face.size.1 {
        for x in 0..face.size.0 {
            let symbol = buf.cell((x, y)).expect("in the buffer").symbol();
            if symbol.width() > 1 {
                let next = buf.cell((x + 1, y)).map(|cell| cell.symbol());
                assert_eq!(next, Some(" "), "`{symbol}` is cut at {x},{y}:\n{}", frame(face, scene));
            }
        }
    }
}

#[test]
fn forms_and_what_is_read_fit_both_sizes_in_both_languages() {
    let run = played();
    for (name, keys) in
        [("problem", "ctrl-s"), ("update", "esc U"), ("verdict", "esc v"), ("hints", "esc H"), ("tray", "esc T")]
    {
        frames(name, &run, keys);
    }
    let mut crossed = played();
    accuse(&mut crossed);
    frames("judged-board", &crossed, "tab tab");
    let mut closed = played();
    closed.apply(0, Act::Close);
    frames("reflect", &closed, "");
    frames("pledge", &closed, "esc p");
}

#[test]
fn the_problem_is_stated_field_by_field() {
    let mut run = played();
    let mut face = face_of(&run, "en", SMALL);
    keys(&mut face, &mut run, "ctrl-s right tab tab");
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "soon");
    assert!(keys(&mut face, &mut run, "ctrl-s"), "`soon` is no number");
    assert!(run.board.form.is_none() && face.flash.is_some());
    // Nothing was lost by it.
    keys(&mut face, &mut run, "ctrl-s ctrl-u");
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "0.99");
    keys(&mut face, &mut run, "enter");
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "41%");
    keys(&mut face, &mut run, "enter enter");
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "결제가 안 됩니다");
    assert!(!keys(&mut face, &mut run, "enter"), "the last field hands it in");
    let form = run.board.form.clone().expect("it is stated");
    assert_eq!((form.expected.as_str(), form.actual.as_str()), ("0.99", "41%"));
    assert_eq!(form.hurts, run.problem_picks().first().cloned().unwrap_or_default());
    assert_eq!(run.board.problem, "결제가 안 됩니다");
    // Left and opened again, it is as it was.
    keys(&mut face, &mut run, "ctrl-s esc");
    assert!(face.overlays.is_empty());
}

/// A series is found by some letters of it; what does not fit changes nothing.
#[test]
fn a_series_is_found_by_typing() {
    let pack = scenario::find("the-car-that-hated-vanilla").expect("a case");
    let (case, stage) = scenario::cast(&pack, "A", 1).expect("a case");
    let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
    let mut face = face_of(&run, "en", SMALL);
    let picks = run.problem_picks();
    let wanted = picks.last().expect("a series").clone();
    keys(&mut face, &mut run, "enter ctrl-s");
    let letters: String = wanted.trim_start_matches("slo_").chars().take(6).collect();
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, &letters);
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains(&format!("‹ {wanted}")) && text.contains(&format!("/{letters}")), "{wanted}: {text}");
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "zzz");
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains("nothing fits") && text.contains(&wanted), "{text}");
    keys(&mut face, &mut run, "ctrl-u tab ctrl-s");
    assert_eq!(run.board.form.as_ref().map(|form| form.hurts.clone()), Some(wanted));
    assert!(face.flash.as_ref().is_some_and(|(_, words)| words.starts_with("Stated")), "{:?}", face.flash);
}

/// A key is offered when it can lead to something, and the help says so of the others.
#[test]
fn keys_are_offered_when_they_lead_to_something() {
    let mut run = open();
    let mut face = face_of(&run, "en", MIDDLE);
    keys(&mut face, &mut run, "enter esc");
    face.drill.focus_on(Pane::Board);
    let bar = |face: &Face, run: &Run| {
        let text = frame(face, &Scene { run: Some(run), ..Scene::default() });
        text.lines().last().unwrap_or_default().to_string()
    };
    for not_yet in ["suspect", "verdict", "link", "undo"] {
        assert!(!bar(&face, &run).contains(not_yet), "{not_yet}: {}", bar(&face, &run));
    }
    keys(&mut face, &mut run, "?");
    assert!(frame(&face, &Scene { run: Some(&run), ..Scene::default() }).contains("(not yet)"));
    let run = played();
    let mut face = face_of(&run, "en", MIDDLE);
    face.drill.focus_on(Pane::Board);
    for now in ["suspect", "link", "verdict", "help"] {
        assert!(bar(&face, &run).contains(now), "{now}: {}", bar(&face, &run));
    }
}

/// A line on which nothing was printed is no exhibit.
#[test]
fn a_blank_line_is_not_bagged() {
    let mut run = played();
    page(&mut run, "cat gap.txt", "above\n\nbelow");
    let mut face = face_of(&run, "en", SMALL);
    let bagged = run.board.exhibits.len();
    keys(&mut face, &mut run, "esc k b");
    assert_eq!(run.board.exhibits.len(), bagged);
    assert!(face.flash.as_ref().is_some_and(|(_, words)| words.contains("Nothing was printed")), "{:?}", face.flash);
    keys(&mut face, &mut run, "j b");
    assert_eq!(run.board.exhibits.len(), bagged + 1);
}

#[test]
fn an_update_promises_the_next_one_and_the_header_counts() {
    let mut run = played();
    let mut face = face_of(&run, "en", SMALL);
    // To the team, nothing hurts, identified, h1 suspected, no change, in 15 minutes.
    assert!(!keys(&mut face, &mut run, "esc U down down right down right ctrl-s"));
    let told = run.board.updates.last().expect("it was told").update.clone();
    assert_eq!((told.state, told.next), (Standing::Identified, Some(Span::mins(15))));
    assert!(told.cause.is_some());
    let header = |face: &Face, run: &Run| {
        let scene = Scene { run: Some(run), harm: &[0.5; 12], ..Scene::default() };
        frame(face, &scene).lines().next().unwrap_or_default().to_string()
    };
    assert!(header(&face, &run).contains("update in 15:00"), "{}", header(&face, &run));
    run.apply(0, Act::Wait { span: Span::secs(15 * 60 + 70) });
    assert!(header(&face, &run).contains("! update late 01:10"), "{}", header(&face, &run));
    assert!(header(&face, &run).contains("50%"), "the harm stays in sight: {}", header(&face, &run));
    // The next form is a new one, and begins where things stand.
    keys(&mut face, &mut run, "U");
    assert!(frame(&face, &Scene { run: Some(&run), ..Scene::default() }).contains("identified"));
}

/// A verdict that does not hold wholly: only the culprit is named, with one exhibit.
fn accuse(run: &mut Run) {
    let thing = run.board.hypotheses[0].thing;
    let blanks = Blanks {
        culprit: Blank { word: Some(thing), exhibits: vec![run.board.exhibits[0].id], ..Blank::default() },
        ..Blanks::default()
    };
    let outcome = run.apply(0, Act::Verdict { blanks: Box::new(blanks) });
    assert!(!outcome.refused, "{outcome:?}");
}

#[test]
fn the_judges_word_is_read_and_the_case_goes_on() {
    let mut run = played();
    let mut face = face_of(&run, "en", SMALL);
    keys(&mut face, &mut run, "esc v enter enter e enter s");
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains("Hearing 1 of 3") && text.contains("2 left"), "{text}");
    keys(&mut face, &mut run, "y");
    assert_eq!((run.phase, run.board.hearing.attempts.len()), (Phase::Investigating, 1));
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains("The judge: three or more do not hold.") && text.contains("Keep looking"), "{text}");
    keys(&mut face, &mut run, "enter v");
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains("hearing 2 of 3") && text.contains("nobody was told yet"), "{text}");
    assert!(text.contains("80%"), "beliefs stand beside it: {text}");
    // On terms of one attempt it says so.
    let mut daily = Run::open_as(Arc::new(case()), stage(), Clock::Turn, Mode::Daily);
    let mut face = face_of(&daily, "en", SMALL);
    daily.apply(0, Act::Note { text: "x".into() });
    keys(&mut face, &mut daily, "enter");
    face.drill.focus_on(Pane::Board);
    keys(&mut face, &mut daily, "v s");
    let text = frame(&face, &Scene { run: Some(&daily), ..Scene::default() });
    assert!(text.contains("There is one hearing") && text.contains("the only hearing"), "{text}");
}

#[test]
fn objections_are_answered_passed_or_left() {
    let mut run = played();
    accuse(&mut run);
    run.apply(0, Act::Close);
    assert_eq!(run.phase, Phase::Cross);
    let count = run.board.hearing.objections.len();
    assert!(count > 1);
    frames("cross", &run, "");
    let mut face = face_of(&run, "en", SMALL);
    assert!(matches!(face.overlays[..], [Overlay::Cross(_)]), "it opens by itself");
    // It can be put away and comes back by the verdict's key.
    keys(&mut face, &mut run, "esc");
    assert!(face.overlays.is_empty());
    keys(&mut face, &mut run, "esc v");
    let mut left = run.clone();
    keys(&mut face, &mut run, "j enter");
    assert_eq!(run.board.hearing.objections[0].answer.and_then(|own| own.exhibit), Some(run.board.exhibits[1].id));
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains("Objection 2 of"), "{text}");
    for _ in 1..count {
        keys(&mut face, &mut run, "n");
    }
    assert_eq!((run.phase, face.screen), (Phase::Closed, Screen::Debrief));
    let mut face = face_of(&left, "en", SMALL);
    keys(&mut face, &mut left, "c y");
    assert_eq!(left.phase, Phase::Closed, "they may be left");
}

#[test]
fn a_hint_says_what_it_costs_and_stays_readable() {
    // A case of the library: the toy has nothing left to look at.
    let pack = scenario::find("the-pod-that-would-not-stay-up").expect("a case");
    let (case, stage) = scenario::cast(&pack, "A", 1).expect("a case");
    let mut run = Run::open(Arc::new(case), stage, Clock::Turn);
    let mut face = face_of(&run, "en", SMALL);
    keys(&mut face, &mut run, "enter esc H");
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    for wanted in ["which question: 1", "where to ask: 3", "shown in your shell: 6", "looked twice"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(run.board.hints.is_empty(), "nothing is taken by looking");
    keys(&mut face, &mut run, "enter");
    assert_eq!(run.board.hints.len(), 1);
    assert!(matches!(face.overlays[..], [Overlay::Told(_)]), "what it says stays until it is put away");
    let said = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    keys(&mut face, &mut run, "esc H");
    let kept = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(kept.contains("which question"), "{said}\n{kept}");
    // The next at once is refused, and the words of the refusal are there.
    assert!(keys(&mut face, &mut run, "y"));
    assert!(face.flash.is_some());
}

#[test]
fn a_line_is_bagged_and_linked_in_two_keys_and_taken_back() {
    let mut run = played();
    page(&mut run, "cat more.txt", "one line\nanother line");
    run.apply(0, Act::Suspect { thing: run.board.hypotheses[0].thing, how: run.board.hypotheses[0].how });
    let mut face = face_of(&run, "en", MIDDLE);
    let (bagged, first) = (run.board.exhibits.len(), run.board.hypotheses[0].id);
    keys(&mut face, &mut run, "esc b");
    assert_eq!(run.board.exhibits.len(), bagged + 1);
    let words = face.flash.clone().map(|(_, words)| words).unwrap_or_default();
    assert!(words.contains("+ - .") && words.contains(&format!("h{first}")), "{words}");
    keys(&mut face, &mut run, "-");
    let exhibit = run.board.exhibits.last().expect("bagged").id;
    assert!(run.board.hypotheses[0].links.contains_key(&exhibit));
    let words = face.flash.clone().map(|(_, words)| words).unwrap_or_default();
    assert!(words.starts_with(&format!("e{exhibit} - h{first}")), "{words}");
    keys(&mut face, &mut run, "9");
    assert!(face.flash.as_ref().is_some_and(|(_, words)| words.contains("no hypothesis")));
    // Back again, step by step, and each step says what it was.
    keys(&mut face, &mut run, "u");
    assert!(!run.board.hypotheses[0].links.contains_key(&exhibit));
    let words = face.flash.clone().map(|(_, words)| words).unwrap_or_default();
    assert!(words.starts_with("Taken back"), "{words}");
    keys(&mut face, &mut run, "u");
    assert_eq!(run.board.exhibits.len(), bagged);
}

#[test]
fn one_says_what_one_thinks_before_the_numbers_and_pledges_after() {
    let mut run = open();
    play(&mut run, SOLUTION).expect("it plays");
    let mut face = face_of(&run, "en", SMALL);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let text = frame(&face, &scene);
    assert!(text.contains("Before the numbers") && !text.contains(" of 68"), "{text}");
    type_text(&mut face, &scene, "when the limit showed");
    keys(&mut face, &mut run, "tab right right tab right ctrl-s");
    let own = run.board.hearing.reflection.clone().expect("it was said");
    assert_eq!(own.reaction, "when the limit showed");
    assert_eq!(own.guess, [(SCORED[0], Guess::Middle), (SCORED[1], Guess::Low)]);
    assert!(face.overlays.is_empty());
    keys(&mut face, &mut run, "p");
    type_text(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "look at limits");
    keys(&mut face, &mut run, "enter");
    let after = run.board.hearing.reflection.clone().expect("it is kept");
    assert_eq!((after.pledge.as_str(), after.guess), ("look at limits", own.guess), "the rest stays");
}

#[test]
fn the_briefing_tells_of_what_is_graded_and_of_nothing_else() {
    let run = open();
    let english = look("en").lang;
    for lang in ["en", "ko"] {
        let face = face_of(&run, lang, MIDDLE);
        let told: Vec<String> = whodunit::ui::screens::briefing::lines(&face, &Scene::default(), &run, 200)
            .into_iter()
            .map(|(_, own)| own)
            .collect();
        for row in DIMENSIONS {
            let key = format!("graded.{}", row.name);
            assert_ne!(english.say(&key), key);
            let lead = face.look.say(&key).split(" {").next().unwrap_or_default().to_string();
            let said = told.iter().any(|line| line.trim_start().starts_with(&lead));
            assert_eq!(said, SCORED.contains(&row.dim), "{lang}: {key}");
        }
    }
}

#[test]
fn the_board_shows_where_an_exhibit_comes_from_and_what_speaks_for_a_suspect() {
    let mut run = played();
    run.apply(0, Act::Predict { hypothesis: 1, text: "the limit is reached".into() });
    let mut face = face_of(&run, "en", SMALL);
    face.drill.focus_on(Pane::Board);
    let text = frame(&face, &Scene { run: Some(&run), ..Scene::default() });
    assert!(text.contains("$ cat pods.txt") && text.contains(&run.board.exhibits[0].at.clock()), "{text}");
    let rows = whodunit::ui::panes::board::rows(&face, &run, 78);
    assert!(rows.iter().any(|row| row.words.contains("for e1")), "what speaks for it");
    assert!(rows.iter().any(|row| row.words.contains("the limit is reached")), "what it predicts");
}

//! Screens as golden frames, plain text, at 80×24 and 120×40 (`BLESS=1` rewrites; read the diff), and keys in → asks out.
//! The run is the toy of `drill.rs` with pages of its own, so that nothing here depends on the cluster.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use whodunit::console::Candidate;
use whodunit::console::fact::Fact;
use whodunit::console::page::{Line, Output, Page};
use whodunit::drill::act::Act;
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::scenario::shape::CoachStep;
use whodunit::stdx::time::{Span, Time};
use whodunit::ui::ask::Ask;
use whodunit::ui::event::{Acted, Event};
use whodunit::ui::face::{Face, Look, Scene, Screen, update, view};
use whodunit::ui::key::Key;
use whodunit::ui::keymap::{COMMANDS, Keymap};
use whodunit::ui::lang::{LANGS, Lang};
use whodunit::ui::panes::shell::Menu;
use whodunit::ui::panes::{PANES, Pane, alone};
use whodunit::ui::screens::debrief::{Story, TABS};
use whodunit::ui::screens::list::Card;
use whodunit::ui::theme::{THEMES, Theme};
use whodunit::ui::widgets::paint::{self, Lines};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub const SMALL: (u16, u16) = (80, 24);
pub const MIDDLE: (u16, u16) = (120, 40);
pub const LARGE: (u16, u16) = (200, 60);

const PODS: &str = "\
NAME                        READY   STATUS             RESTARTS      AGE
cart-6d5f7c9b8-7l2xk        1/1     Running            0             26h
checkout-7d9c6f8b4-x2x1p    0/1     CrashLoopBackOff   6 (40s ago)   9m
checkout-7d9c6f8b4-zz81q    0/1     OOMKilled          6 (12s ago)   9m
storefront-5b9f8d7c6-hq4mv  1/1     Running            0             26h";

pub fn page(run: &mut Run, command: &str, text: &str) {
    let id = run.pages.len() as u32 + 1;
    let output = Output { lines: text.lines().map(Line::plain).collect(), ..Output::default() };
    run.pages.push(Page { id, seat: 0, at: run.now(), prompt: "$ ".into(), command: command.into(), output });
}

/// A run with a page, exhibits, words, a hypothesis and a note in Korean.
pub fn played() -> Run {
    let mut run = crate::drill::open();
    run.session.context = "scoop-prod".into();
    crate::drill::play(
        &mut run,
        "> state payments answer 503 since 09:54, cart pages do not\n$ cat pods.txt\n> bag oomkilled limit-diff ratio\n\
         > suspect truth\n> rate truth 80\n> link truth oomkilled +\n",
    )
    .expect("the toy plays");
    page(&mut run, "kubectl get pods -n shop", PODS);
    page(&mut run, "cat note.txt", "결제가 안 됩니다: 503만 나옵니다\nerror: 한글과 ASCII가 섞인 줄");
    run
}

fn cards() -> Vec<Card> {
    let card = |slug: &str, title: &str, level, minutes, tags: &[&str]| Card {
        slug: slug.into(),
        title: title.into(),
        level,
        minutes,
        tags: tags.iter().map(ToString::to_string).collect(),
        brief: "You are on call for Scoopline, a shop that delivers ice cream.".into(),
        tutorial: tags.contains(&"tutorial"),
        ..Card::default()
    };
    let mut cards = vec![
        card("vanilla", "The Car That Hated Vanilla", 1, 15, &["tutorial", "method"]),
        card("pod", "The Pod That Would Not Stay Up", 2, 15, &["kubernetes", "pods"]),
        card("broken", "한글 제목의 사건", 3, 20, &["queues"]),
    ];
    cards[1].best = Some("57.5 of 68".into());
    cards[2].broken = Some("scenarios/broken/scenario.toml:3:1: there is no [drill]".into());
    cards
}

pub fn look(lang: &str) -> Look {
    let lang = Lang::named(lang).expect("a language");
    Look { theme: Theme::named("dark").expect("a theme"), lang, lines: Lines::Box }
}

pub fn face(size: (u16, u16)) -> Face {
    Face::new(look("en"), size)
}

pub fn drill_face(run: &Run, size: (u16, u16)) -> Face {
    let mut face = face(size);
    face.opened(run);
    face
}

pub fn drawn(face: &Face, scene: &Scene) -> Buffer {
    let mut buf = Buffer::empty(Rect { x: 0, y: 0, width: face.size.0, height: face.size.1 });
    view(face, scene, &mut buf);
    buf
}

pub fn frame(face: &Face, scene: &Scene) -> String {
    paint::plain_text(&drawn(face, scene))
}

pub fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/screens").join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
    }
    let known = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name}: no golden frame; BLESS=1 writes it"));
    assert_eq!(text, known, "{name} differs; BLESS=1 rewrites it");
}

pub fn press(face: &mut Face, scene: &Scene, keys: &str) -> Vec<Ask> {
    let mut asks = Vec::new();
    for word in keys.split_whitespace() {
        let key = Key::parse(word).unwrap_or_else(|| panic!("no key {word}"));
        asks.extend(update(face, Event::Key(key), scene));
    }
    asks
}

pub fn type_text(face: &mut Face, scene: &Scene, text: &str) {
    for c in text.chars() {
        update(face, Event::Key(Key::Char(c)), scene);
    }
}

#[test]
fn the_case_list_fits_both_sizes() {
    let cards = cards();
    let scene = Scene { cards: &cards, ..Scene::default() };
    for (name, size) in [("list-80x24", SMALL), ("list-120x40", MIDDLE)] {
        let mut face = face(size);
        face.list.welcome = true;
        golden(name, &frame(&face, &scene));
    }
    let mut korean = Face::new(look("ko"), SMALL);
    korean.list.welcome = true;
    press(&mut korean, &scene, "G");
    golden("list-ko-80x24", &frame(&korean, &scene));
}

#[test]
fn the_briefing_says_page_grading_and_clock() {
    let run = crate::drill::open();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    golden("briefing-80x24", &frame(&face, &scene));
    press(&mut face, &scene, "enter");
    assert_eq!(face.screen, Screen::Drill, "Enter starts the drill");
    // Nothing was done yet, so the run is still at its briefing, and the face stays where its user went.
    update(&mut face, Event::Acted(Acted::default()), &scene);
    assert_eq!(face.screen, Screen::Drill);
}

#[test]
fn the_drill_screen_at_three_sizes() {
    let run = played();
    let harm = [0.0, 0.2, 0.6, 1.0, 1.0];
    let scene = Scene { run: Some(&run), harm: &harm, ..Scene::default() };
    for (name, size) in [("drill-80x24", SMALL), ("drill-120x40", MIDDLE), ("drill-200x60", LARGE)] {
        golden(name, &frame(&drill_face(&run, size), &scene));
    }
    let mut ascii = drill_face(&run, SMALL);
    ascii.look.lines = Lines::Ascii;
    press(&mut ascii, &scene, "esc");
    let text = frame(&ascii, &scene);
    assert!(!text.contains(['│', '─', '●', '▸', '█', '▪']), "an ascii frame has no line drawing:\n{text}");
}

#[test]
fn every_pane_has_its_frame() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    for row in PANES.iter().filter(|row| alone().any(|pane| pane == row.pane)) {
        let mut face = drill_face(&run, SMALL);
        face.drill.focus_on(row.pane);
        golden(&format!("pane-{}-80x24", row.name), &frame(&face, &scene));
    }
    // And the reverse: no frame of a pane that is gone.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/screens");
    for entry in fs::read_dir(folder).expect("frames").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(pane) = name.strip_prefix("pane-").and_then(|name| name.strip_suffix("-80x24.txt")) {
            assert!(PANES.iter().any(|row| row.name == pane), "{name} has no row in PANES");
        }
    }
}

#[test]
fn the_metrics_pane_draws_what_was_printed() {
    let mut run = played();
    let id = run.pages.len() as u32 + 1;
    let mut lines = Vec::new();
    for (series, base) in [("a", 40.0), ("b", 5.0)] {
        // No data for ten minutes in the middle.
        for minute in (0..60_i64).filter(|minute| !(30..40).contains(minute)) {
            let at = Time::parse("2026-03-02 09:00").expect("a time") + Span::mins(minute);
            let value = base + f64::from((minute % 13) as i32) * 3.0;
            let labels = [("CacheClusterId".to_string(), series.to_string())].into();
            let name = "AWS/ElastiCache/CacheHits".to_string();
            let fact = Arc::new(Fact::Metric { name, labels, from: at, to: at + Span::mins(1), value });
            let mut line = Line::default();
            line.push_fact(&format!("{} {value}", at.clock()), &fact);
            lines.push(line);
        }
    }
    let output = Output { lines, ..Output::default() };
    run.pages.push(Page {
        id,
        seat: 0,
        at: run.now(),
        prompt: "$ ".into(),
        command: "aws cloudwatch get-metric-data …".into(),
        output,
    });
    let scene = Scene { run: Some(&run), ..Scene::default() };
    for (name, size) in [("metrics-80x24", SMALL), ("metrics-120x40", MIDDLE), ("metrics-200x60", LARGE)] {
        let mut face = drill_face(&run, size);
        face.drill.focus_on(Pane::Metrics);
        golden(name, &frame(&face, &scene));
    }
    let mut face = drill_face(&run, SMALL);
    face.drill.focus_on(Pane::Metrics);
    face.look.lines = Lines::Ascii;
    golden("metrics-ascii-80x24", &frame(&face, &scene));
    press(&mut face, &scene, "j left left");
    assert_eq!(
        press(&mut face, &scene, "b"),
        [Ask::Act(Act::Bag { page: id, lines: Some((97, 97)), note: String::new() })]
    );
    assert_eq!(press(&mut face, &scene, "r"), [Ask::Act(Act::Run { line: "aws cloudwatch get-metric-data …".into() })]);
    press(&mut face, &scene, "/");
    assert_eq!(face.overlays.len(), 1);
    for word in ["AWS/RDS CPUUtilization DBInstanceIdentifier=desk stat=Maximum", "rate(x_total[5m])", "a'b", ""] {
        let line = whodunit::ui::panes::metrics::command(word).unwrap_or_default();
        match word {
            "" | "a'b" => assert_eq!(line, ""),
            _ if word.starts_with("AWS/") => {
                assert!(line.contains(r#""Stat":"Maximum""#) && line.contains(r#""Value":"desk""#), "{line}")
            }
            _ => assert_eq!(line, r"watch -t -n 60 'prom --range 1h --values '\''rate(x_total[5m])'\'''"),
        }
    }
}

#[test]
fn overlays_at_both_sizes() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    for (name, keys) in [
        ("help", "esc ?"),
        ("palette", ": v e r"),
        ("verdict", "esc v"),
        ("suspect", "esc h"),
        ("matrix", "esc l"),
        ("pager", "esc k k enter"),
        ("quit", "ctrl-q"),
        ("state", "esc s"),
    ] {
        for (size, tag) in [(SMALL, "80x24"), (MIDDLE, "120x40")] {
            let mut face = drill_face(&run, size);
            press(&mut face, &scene, keys);
            assert_eq!(face.overlays.len(), 1, "{name}: {keys}");
            golden(&format!("overlay-{name}-{tag}"), &frame(&face, &scene));
            press(&mut face, &scene, "esc");
            assert!(face.overlays.is_empty(), "{name}: Esc pops it");
        }
    }
}

/// What a terminal would obey, wherever a text of a case or of a player stands.
fn obeyed(frame: &str) -> Vec<char> {
    let harmful = |c: &char| {
        (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    frame.chars().filter(harmful).collect()
}

#[test]
fn nothing_in_a_case_breaks_out_of_a_frame() {
    let evil = "\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{1b}]52;c;Z28=\u{7}\u{1b}P1q\u{1b}\\\u{9b}31m\u{202e}\u{200b}z";
    let mut case = crate::drill::case();
    for text in [&mut case.slug, &mut case.drill.title, &mut case.drill.brief, &mut case.drill.page] {
        *text = evil.into();
    }
    case.drill.tags = vec![evil.into()];
    case.indicator.name = evil.into();
    case.chain.iter_mut().for_each(|node| node.say = format!("{evil}{}", node.id));
    case.rivals.iter_mut().for_each(|rival| (rival.thing, rival.how) = (evil.into(), format!("{evil}how")));
    case.decoys.iter_mut().for_each(|word| word.say = evil.into());
    case.clues.iter_mut().for_each(|clue| clue.say = evil.into());
    let mut run = Run::open(Arc::new(case), crate::drill::stage(), Clock::Turn);
    let lines = "$ cat pods.txt\n> bag oomkilled limit-diff ratio\n> suspect truth\n> link truth oomkilled +\n";
    crate::drill::play(&mut run, lines).expect("the toy plays");
    run.session.context = evil.into();
    run.session.namespace = evil.into();
    page(&mut run, evil, &format!("{evil}\ncafe\u{301}\u{301}\u{301}\u{301}"));
    for act in [
        Act::State { text: evil.into(), form: None },
        Act::Note { text: evil.into() },
        Act::Predict { hypothesis: 1, text: evil.into() },
        Act::Bag { page: 1, lines: None, note: evil.into() },
        Act::Run { line: format!("echo {evil}") },
    ] {
        run.apply(0, act);
    }
    let scene = Scene { run: Some(&run), ..Scene::default() };
    for size in [SMALL, MIDDLE] {
        for row in PANES.iter().filter(|row| alone().any(|pane| pane == row.pane)) {
            let mut face = drill_face(&run, size);
            face.drill.focus_on(row.pane);
            let text = frame(&face, &scene);
            assert_eq!(obeyed(&text), [], "{}:\n{text:?}", row.name);
        }
        for keys in [
            "esc ?",
            ": v e r",
            "esc v",
            "esc h",
            "esc l",
            "esc k k enter",
            "ctrl-q",
            "esc s",
            "esc U",
            "esc H",
            "esc T",
        ] {
            let mut face = drill_face(&run, size);
            press(&mut face, &scene, keys);
            let text = frame(&face, &scene);
            assert_eq!(obeyed(&text), [], "{keys}:\n{text:?}");
        }
    }
    run.apply(0, Act::Close);
    let mut story = Story::of(&run, "en");
    story.contrasts = Some(whodunit::drill::account::contrasts(&run));
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    let before = frame(&face, &scene);
    assert_eq!(obeyed(&before), [], "before the numbers:\n{before:?}");
    press(&mut face, &scene, "esc");
    for _ in TABS {
        let text = frame(&face, &scene);
        assert_eq!(obeyed(&text), [], "debrief:\n{text:?}");
        press(&mut face, &scene, "tab");
    }
}

#[test]
fn the_debrief_has_its_sections() {
    let mut run = crate::drill::open();
    crate::drill::play(&mut run, crate::drill::SOLUTION).expect("it plays");
    assert_eq!(run.phase, Phase::Closed);
    let story = Story::of(&run, "en");
    let scene = Scene { run: Some(&run), story: Some(&story), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    assert_eq!(face.screen, Screen::Debrief);
    assert!(!frame(&face, &scene).contains("68"), "one's own guess comes before the numbers");
    press(&mut face, &scene, "esc");
    let text = frame(&face, &scene);
    assert!(text.contains("of 100") && text.contains("[1 Score]"), "{text}");
    let mut all = String::new();
    for _ in TABS {
        all.push_str(&frame(&face, &scene));
        press(&mut face, &scene, "tab");
    }
    for wanted in ["Verdict", "Rivals", "IN THE ESTATE", "Clues that you did not bag", "A short proof", "Next time"] {
        assert!(all.contains(wanted), "{wanted}: {all}");
    }
    let before = frame(&face, &scene);
    press(&mut face, &scene, "tab");
    assert_ne!(before, frame(&face, &scene), "Tab goes to the next section");
    assert_eq!(press(&mut face, &scene, "esc"), [Ask::Shelve]);
}

#[test]
fn a_typed_line_is_an_act() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    type_text(&mut face, &scene, "kubectl get podss");
    let asks = press(&mut face, &scene, "backspace ctrl-a ctrl-k ctrl-y enter");
    assert_eq!(asks, [Ask::Act(Act::Run { line: "kubectl get pods".into() })]);
    assert!(press(&mut face, &scene, "enter").is_empty(), "an empty line is nothing");
    // The history comes back with the arrow, and the draft after it.
    type_text(&mut face, &scene, "draft");
    press(&mut face, &scene, "up");
    assert_eq!(face.drill.shell.editor.text(), "cat pods.txt");
    press(&mut face, &scene, "down");
    assert_eq!(face.drill.shell.editor.text(), "draft");
    // Ctrl-R finds a line by a part of it.
    press(&mut face, &scene, "ctrl-u ctrl-r");
    assert!(face.drill.shell.search.is_some());
    type_text(&mut face, &scene, "pods");
    assert!(frame(&face, &scene).contains("(reverse-i-search)`pods': cat pods.txt"), "{}", frame(&face, &scene));
    press(&mut face, &scene, "enter");
    assert_eq!(face.drill.shell.editor.text(), "cat pods.txt");
}

#[test]
fn words_are_edited_at_graphemes() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    type_text(&mut face, &scene, "echo 한글 e\u{301}x");
    press(&mut face, &scene, "left left backspace backspace");
    assert_eq!(face.drill.shell.editor.text(), "echo 한e\u{301}x");
    press(&mut face, &scene, "ctrl-e ctrl-w");
    assert_eq!(face.drill.shell.editor.text(), "echo ");
    // The real cursor stands behind wide characters, so that an input method draws there.
    type_text(&mut face, &scene, "한글");
    let mut buf = Buffer::empty(Rect { x: 0, y: 0, width: 80, height: 24 });
    let caret = view(&face, &scene, &mut buf).expect("the shell has the cursor");
    assert_eq!(caret.x, 1 + 1 + 6 + 5 + 4, "frame, gutter, `shop$ `, `echo `, two wide characters");
}

#[test]
fn completion_pops_up_and_is_taken() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    type_text(&mut face, &scene, "get po");
    let candidate = |text: &str| Candidate { start: 4, text: text.into(), about: "of the shop".into() };
    face.drill.shell.menu = Some(Menu { candidates: vec![candidate("pods"), candidate("podtemplates")], at: 0 });
    golden("completion-80x24", &frame(&face, &scene));
    press(&mut face, &scene, "tab enter");
    assert_eq!(face.drill.shell.editor.text(), "get podtemplates");
    assert!(face.drill.shell.menu.is_none());
    // Typing on, or Esc, closes it; nothing was chosen.
    face.drill.shell.menu = Some(Menu { candidates: vec![candidate("pods")], at: 0 });
    press(&mut face, &scene, "esc");
    assert!(face.drill.shell.menu.is_none() && !face.drill.shell.selecting);
}

#[test]
fn a_paste_runs_line_by_line() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    update(&mut face, Event::Paste("echo 1\r\necho \x1b]0;evil\x07 2\n\necho 3\n".into()), &scene);
    let mut asks = Vec::new();
    for _ in 0..4 {
        asks.extend(press(&mut face, &scene, "enter"));
    }
    let lines: Vec<String> = asks
        .into_iter()
        .map(|ask| match ask {
            Ask::Act(Act::Run { line }) => line,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[0].as_str(), lines[2].as_str()), ("echo 1", "echo 3"));
    assert!(!lines[1].contains('\x1b') && !lines[1].contains('\x07'), "{:?}", lines[1]);
}

#[test]
fn lines_are_bagged_by_cursor_range_and_page() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    // Esc: the cursor is on the last line of the last page.
    let asks = press(&mut face, &scene, "esc b");
    assert_eq!(asks, [Ask::Act(Act::Bag { page: 3, lines: Some((1, 1)), note: String::new() })]);
    let asks = press(&mut face, &scene, "k k k V k k b");
    assert_eq!(asks, [Ask::Act(Act::Bag { page: 2, lines: Some((2, 4)), note: String::new() })]);
    let asks = press(&mut face, &scene, "B");
    assert_eq!(asks, [Ask::Act(Act::Bag { page: 2, lines: None, note: String::new() })]);
    // A prompt line shows nothing.
    assert!(press(&mut face, &scene, "g b").is_empty());
    assert!(face.flash.is_some());
    // Search goes to the next match and around.
    press(&mut face, &scene, "/");
    type_text(&mut face, &scene, "oomkilled");
    press(&mut face, &scene, "enter");
    assert_eq!((face.drill.shell.place.cursor.page, face.drill.shell.place.cursor.line), (Some(0), 2));
    press(&mut face, &scene, "n");
    assert_eq!((face.drill.shell.place.cursor.page, face.drill.shell.place.cursor.line), (Some(1), 4));
}

#[test]
fn the_board_is_worked_by_keys() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    face.drill.focus_on(Pane::Board);
    let rows = whodunit::ui::panes::board::rows(&face, &run, 32);
    let hypothesis = rows.iter().position(|row| row.words.contains("80%")).expect("a hypothesis");
    while face.drill.board.scroll.at < hypothesis {
        press(&mut face, &scene, "j");
    }
    assert_eq!(face.drill.board.scroll.at, hypothesis, "a step goes to the next thing");
    let id = run.board.hypotheses[0].id;
    assert_eq!(press(&mut face, &scene, "+"), [Ask::Act(Act::Rate { hypothesis: id, percent: 90 })]);
    assert_eq!(press(&mut face, &scene, "-"), [Ask::Act(Act::Rate { hypothesis: id, percent: 65 })]);
    let asks = press(&mut face, &scene, "c tab tab enter");
    assert_eq!(asks, [Ask::Act(Act::Clear { hypothesis: id, exhibits: vec![1, 2] })]);
    assert_eq!(press(&mut face, &scene, "x"), [Ask::Act(Act::Reopen { hypothesis: id })]);
    // Links: a cell of the matrix, then a sign.
    let asks = press(&mut face, &scene, "l j -");
    assert_eq!(asks, [Ask::Act(Act::Link { hypothesis: id, exhibit: run.board.exhibits[1].id, sign: '-' })]);
    press(&mut face, &scene, "esc");
    // A suspicion is a thing and a how, both collected.
    let asks = press(&mut face, &scene, "h enter enter");
    assert!(matches!(asks[..], [Ask::Act(Act::Suspect { .. })]), "{asks:?}");
    press(&mut face, &scene, "e");
    type_text(&mut face, &scene, "slo >= 0.99 within 3m");
    assert_eq!(press(&mut face, &scene, "enter"), [Ask::Act(Act::Expect { text: "slo >= 0.99 within 3m".into() })]);
    press(&mut face, &scene, "w ctrl-u");
    type_text(&mut face, &scene, "soon");
    assert!(press(&mut face, &scene, "enter").is_empty(), "not a span");
    press(&mut face, &scene, "ctrl-u");
    type_text(&mut face, &scene, "5m");
    assert_eq!(press(&mut face, &scene, "enter"), [Ask::Act(Act::Wait { span: Span::mins(5) })]);
}

#[test]
fn the_harm_is_declared_ended_once_asked() {
    let mut run = played();
    let mut face = drill_face(&run, MIDDLE);
    face.drill.focus_on(Pane::Board);
    let asks = press(&mut face, &Scene { run: Some(&run), ..Scene::default() }, "R n R y");
    assert_eq!(asks, [Ask::Act(Act::Resolve)], "a question stands before it");
    run.apply(0, Act::Resolve);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    update(&mut face, Event::Acted(Acted::default()), &scene);
    let words = face.flash.clone().map(|(_, words)| words).unwrap_or_default();
    assert!(words.contains(&run.now().clock()), "the time of it is said: {words}");
    let rows = whodunit::ui::panes::board::rows(&face, &run, 32);
    assert!(rows.iter().any(|row| row.words.contains('✓')), "the board keeps it");
    let palette = press(&mut face, &scene, ": r e s o l v e d enter enter");
    assert_eq!(palette, [Ask::Act(Act::Resolve)], "the palette has it");
}

#[test]
fn a_filter_that_fits_nothing_keeps_the_choice_open() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    press(&mut face, &scene, "esc h j z q enter");
    assert_eq!(face.overlays.len(), 1);
    let text = frame(&face, &scene);
    assert!(text.contains("Nothing fits what was typed") && text.contains("type to filter"), "{text}");
    assert!(matches!(press(&mut face, &scene, "ctrl-u enter enter")[..], [Ask::Act(Act::Suspect { .. })]));
    // A row that is no hypothesis cannot be cleared, and says so.
    face.drill.focus_on(Pane::Board);
    assert!(press(&mut face, &scene, "g c").is_empty());
    assert!(face.flash.as_ref().is_some_and(|(_, words)| words.contains("no hypothesis")), "{:?}", face.flash);
}

#[test]
fn a_log_line_wraps_and_a_table_is_cut() {
    let mut run = played();
    let field = "request_id=4f2a ".repeat(6);
    page(&mut run, "logs checkout", &format!("09:54:00 level=error {field}END-OF-LOG"));
    let wide = format!("NAME   READY   {}\ncart   1/1     {}END-OF-ROW", "STATUS   ".repeat(9), "Running  ".repeat(9));
    page(&mut run, "kubectl get pods -o wide", &wide);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    let text = frame(&face, &scene);
    assert!(text.contains("END-OF-LOG") && text.contains('›') && !text.contains("END-OF-ROW"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("│   ") && line.contains("END-OF-LOG")), "it stands in: {text}");
    press(&mut face, &scene, "esc W");
    let text = frame(&face, &scene);
    assert!(text.contains("END-OF-LOG") && text.contains("END-OF-ROW"), "everything wraps: {text}");
    press(&mut face, &scene, "W");
    assert!(!frame(&face, &scene).contains("END-OF-"), "nothing wraps");
}

#[test]
fn the_board_keeps_its_newest_exhibits_in_sight() {
    let mut run = played();
    for line in 0..6 {
        run.apply(0, Act::Bag { page: 2, lines: Some((line % 5, line % 5)), note: String::new() });
    }
    let hidden = run.board.exhibits.len() - 5;
    assert!(hidden > 0);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    face.drill.focus_on(Pane::Board);
    let text = frame(&face, &scene);
    assert!(text.contains(&format!("+{hidden} earlier")) && !text.contains("e1 Reason"), "{text}");
    press(&mut face, &scene, "g j j enter");
    assert!(frame(&face, &scene).contains("e1 Reason"), "Enter shows all:\n{}", frame(&face, &scene));
}

#[test]
fn the_verdict_is_filled_warned_about_and_handed_in() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    press(&mut face, &scene, "esc v enter enter e tab enter");
    let text = frame(&face, &scene);
    assert!(text.contains("! rests on one instrument"), "{text}");
    assert!(text.contains("! left unknown"), "{text}");
    assert!(text.contains("e1 Reason: OOMKilled"), "an exhibit is named by its text: {text}");
    assert!(!text.contains("right") && !text.contains("wrong"), "warnings name form, never truth");
    press(&mut face, &scene, "G enter");
    type_text(&mut face, &scene, "09:54");
    press(&mut face, &scene, "enter esc v");
    assert_eq!(face.drill.form.blanks.onset.time, "09:54", "leaving the form loses nothing");
    let asks = press(&mut face, &scene, "s y");
    let [Ask::Act(Act::Verdict { blanks })] = &asks[..] else { panic!("{asks:?}") };
    assert!(blanks.culprit.word.is_some());
    assert_eq!(blanks.culprit.exhibits, [1]);
}

#[test]
fn one_key_has_one_reader() {
    let run = played();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    // While typing, letters are letters.
    type_text(&mut face, &scene, "bhvq");
    assert_eq!(face.drill.shell.editor.text(), "bhvq");
    // A question over the pane hears `n`, the pane does not.
    press(&mut face, &scene, "ctrl-q n");
    assert_eq!(face.drill.shell.editor.text(), "bhvq");
    assert!(face.overlays.is_empty());
    assert_eq!(press(&mut face, &scene, "ctrl-q y"), [Ask::Quit]);
    // Ctrl-C drops the line, then says that nothing runs.
    assert!(press(&mut face, &scene, "ctrl-c").is_empty());
    assert!(face.drill.shell.editor.is_empty());
    assert!(press(&mut face, &scene, "ctrl-c").is_empty());
    assert!(face.flash.is_some());
}

#[test]
fn coaching_shows_the_first_step_not_done() {
    let mut run = played();
    let step = |say: &str, until: &str| CoachStep { say: say.into(), until: until.into(), ..CoachStep::default() };
    let mut case = (*run.case).clone();
    case.coach = vec![
        step("state it", "act:state"),
        step("look at the board: press Tab", "key:board"),
        step("wait", "act:wait"),
    ];
    run.case = std::sync::Arc::new(case);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    assert!(frame(&face, &scene).contains("look at the board: press Tab"));
    assert!(!frame(&face, &scene).contains("state it"));
    face.drill.focus_on(Pane::Board);
    assert!(frame(&face, &scene).contains("☞  wait"), "{}", frame(&face, &scene));
}

#[test]
fn an_overlay_over_wide_characters_keeps_its_border() {
    let mut buf = Buffer::empty(Rect { x: 0, y: 0, width: 20, height: 5 });
    let style = ratatui::style::Style::default();
    for y in 0..5 {
        paint::text(&mut buf, (0, y), 20, "가나다라마바사아자차", style);
    }
    let area = Rect { x: 5, y: 1, width: 8, height: 3 };
    paint::clear(&mut buf, area, style);
    paint::frame(&mut buf, area, "", (style, style), Lines::Box);
    let text = paint::plain_text(&buf);
    assert_eq!(text.lines().nth(1), Some("가나 ┌──────┐ 아자차"), "{text}");
}

#[test]
fn a_page_of_a_million_lines_is_a_screen_of_lines() {
    let mut run = played();
    let lines = (0..1_000_000).map(|n| Line::plain(format!("line {n}"))).collect();
    let output = Output { lines, ..Output::default() };
    let id = run.pages.len() as u32 + 1;
    run.pages.push(Page { id, seat: 0, at: run.now(), prompt: "$ ".into(), command: "big".into(), output });
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    assert!(frame(&face, &scene).contains("line 999999"));
    // A thousand motions and frames; touching every line each time would take minutes.
    press(&mut face, &scene, "esc");
    for _ in 0..500 {
        press(&mut face, &scene, "pageup k");
        drawn(&face, &scene);
    }
    press(&mut face, &scene, "g");
    assert!(frame(&face, &scene).contains("cat pods.txt"));
}

#[test]
fn absurd_sizes_draw_without_harm() {
    let run = played();
    let cards = cards();
    let story = Story::of(&run, "en");
    let scene = Scene { cards: &cards, run: Some(&run), story: Some(&story), harm: &[1.0], ..Scene::default() };
    for size in [(0, 0), (1, 1), (2, 2), (3, 30), (30, 3), (7, 9), (29, 8), (31, 9), (500, 1), (1, 200), (500, 200)] {
        for screen in [Screen::List, Screen::Briefing, Screen::Drill, Screen::Debrief] {
            for keys in [
                "",
                "esc ?",
                "esc v",
                "esc h",
                "esc l",
                "esc k enter",
                ":",
                "ctrl-q",
                "h tab",
                "esc s",
                "esc U",
                "esc H",
                "esc T",
                "2 j enter",
                "7 n o",
            ] {
                let mut face = drill_face(&run, size);
                face.screen = screen;
                press(&mut face, &scene, keys);
                drawn(&face, &scene);
                update(&mut face, Event::Resize { columns: 40, rows: 12 }, &scene);
                drawn(&face, &scene);
            }
        }
    }
}

#[test]
fn hostile_text_never_reaches_a_cell() {
    let mut run = played();
    page(&mut run, "evil \x1b[2J", "\x1b[31mred\x07\u{202e}gnp\u{200b}x\u{9b}2J\te\u{301}\u{301}\u{301}\u{301}");
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let buf = drawn(&drill_face(&run, SMALL), &scene);
    for cell in buf.content() {
        assert!(!cell.symbol().chars().any(char::is_control), "{:?}", cell.symbol());
    }
}

#[test]
fn both_languages_have_every_word() {
    let keys: Vec<Vec<String>> = LANGS
        .iter()
        .map(|(code, _, text)| {
            let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{code}: {error}"));
            let lang = Lang::named(code).expect("it is there");
            for (key, value) in &table {
                assert_eq!(value.as_str(), Some(lang.say(key)), "{code}: {key} is read as TOML reads it");
            }
            table.keys().cloned().collect()
        })
        .collect();
    assert_eq!(keys[0], keys[1], "the languages have the same keys");
    for row in COMMANDS {
        for prefix in ["do", "key"] {
            assert!(keys[0].contains(&format!("{prefix}.{}", row.name)), "{prefix}.{}", row.name);
        }
    }
    for row in PANES {
        assert!(keys[0].contains(&format!("pane.{}", row.name)));
    }
}

/// Keys of the interface that the source names but no language has would show as keys.
#[test]
fn every_word_the_source_names_exists() {
    let english = Lang::english();
    let mut files = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/ui")];
    let mut checked = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).expect("read").flatten().map(|entry| entry.path()));
            continue;
        }
        let text = fs::read_to_string(&path).expect("read");
        for call in [".say(\"", "tell(Role::Warn, \"", "tell(Role::Dim, \"", "lang.with(\""] {
            for (at, _) in text.match_indices(call) {
                let key = text[at + call.len()..].split('"').next().unwrap_or_default();
                assert_ne!(english.say(key), key, "{}: `{key}` has no words", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn the_key_table_is_whole() {
    let (keymap, problems) = Keymap::parse(include_str!("../../assets/keys.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    let english = Lang::english();
    for context in keymap.contexts() {
        let key = format!("context.{context}");
        assert_ne!(english.say(&key), key, "{key} has no words");
        let keys: Vec<Key> = keymap.of(context).map(|binding| binding.key).collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "[{context}] has {key} twice");
        }
    }
    let names: Vec<&str> = COMMANDS.iter().map(|row| row.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted, "rows are sorted");
    for table in [include_str!("../../assets/keys.toml"), include_str!("../../assets/themes.toml")] {
        table.parse::<toml::Table>().expect("it is TOML");
    }
}

#[test]
fn themes_differ_and_no_colour_has_none() {
    for (name, _) in THEMES {
        let theme = Theme::named(name).expect("its row is in the table");
        assert_ne!(theme.of(whodunit::ui::theme::Role::Focus), theme.of(whodunit::ui::theme::Role::Text), "{name}");
    }
    let run = played();
    let scene = Scene { run: Some(&run), harm: &[0.5], ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    face.look.theme = Theme::plain();
    for cell in drawn(&face, &scene).content() {
        assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
    }
}

/// The screen of the README: a case of the library as its player sees it.
#[test]
fn a_real_case_as_the_readme_shows_it() {
    let library = whodunit::scenario::library();
    let name = "the-pod-that-would-not-stay-up";
    let (case, stage) = library
        .iter()
        .filter_map(|pack| whodunit::scenario::cast(pack, "A", 3).ok())
        .find(|(case, _)| case.slug == name)
        .expect("the library has it");
    let clock = whodunit::drill::run::Clock::Turn;
    let mut run = Run::open(std::sync::Arc::new(case), stage, clock);
    run.apply(0, Act::State { text: "two new storefront pods crash, the old ones serve".into(), form: None });
    run.apply(0, Act::Run { line: "kubectl get pods -n shop -l app=storefront".into() });
    run.apply(0, Act::Bag { page: 1, lines: Some((4, 4)), note: String::new() });
    assert_eq!(run.board.exhibits.len(), 1);
    let scene = Scene { run: Some(&run), harm: &[0.25, 0.25, 0.25], ..Scene::default() };
    golden("readme-120x40", &frame(&drill_face(&run, MIDDLE), &scene));
}

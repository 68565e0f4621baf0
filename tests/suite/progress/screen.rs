//! Progress as a screen: golden frames in two sizes and two languages (`BLESS=1` rewrites; read the diff), its keys, and
//! what the case list says of it.

use super::{day, record};
use crate::screens::{MIDDLE, SMALL, drawn, face, frame, golden, look, press};
use std::collections::{BTreeMap, BTreeSet};
use whodunit::case::progress::next::{Suggestion, Why};
use whodunit::case::progress::overview::Overview;
use whodunit::case::progress::recall::Grade;
use whodunit::case::progress::record::{Level, Record, Sure};
use whodunit::case::score::Dim;
use whodunit::stdx::lang::Lang;
use whodunit::ui::face::{Scene, Screen};
use whodunit::ui::screens::list::Card;
use whodunit::ui::screens::stats::Progress;
use whodunit::ui::theme::Theme;

/// A learner of 24 runs, with all there is to show.
fn learner() -> Progress {
    let runs: Vec<Record> = (0..24)
        .map(|n| {
            let tags: &[&str] = if n % 3 == 0 { &["kubernetes", "pods"] } else { &["aws", "messaging"] };
            let mut one = record(n, 35 + 2 * n, tags);
            one.difficulty_m = (n % 4) * 400 - 400;
            one.sure = Some(Sure { percent: if n % 2 == 0 { 90 } else { 65 }, right: n % 4 != 0 });
            one.concepts.insert(["oom-kill", "visibility-timeout", "dns-ttl"][n as usize % 3].into(), Grade::Good);
            one.concepts.insert("back-off".into(), if n % 5 == 0 { Grade::Again } else { Grade::Good });
            one
        })
        .collect();
    let mut runs = runs;
    runs[20].hints = [1, 1, 0];
    runs[21].played.mode = "practice".into();
    runs[22].played.attempt = 2;
    runs[23].guess = BTreeMap::from([(Dim::V, Level::High), (Dim::K, Level::Low)]);
    runs[23].pledge = "when a queue grows, I first ask who reads it".into();
    runs[23].played.title = "단 하나의 파일로: 한글 제목이 긴 사건이라도 잘리지 않고 겹치지 않는다".into();
    let titles = BTreeMap::from([
        ("oom-kill".to_string(), "Killed at the memory limit".to_string()),
        ("back-off".to_string(), "재시작 간격".to_string()),
    ]);
    let next = vec![Suggestion {
        slug: "pod".into(),
        utility: 3.0,
        why: vec![Why::Due(vec!["oom-kill".into()]), Why::WeakestDim(Dim::P), Why::Fits(64)],
    }];
    Progress { overview: Overview::of(&runs, &[], day(60)), next, titles }
}

#[test]
fn progress_fits_both_sizes_in_both_languages() {
    let progress = learner();
    let scene = Scene { progress: Some(&progress), ..Scene::default() };
    for lang in ["en", "ko"] {
        for (name, size) in [("80x24", SMALL), ("120x40", MIDDLE)] {
            let mut face = face(size);
            face.look = look(lang);
            face.screen = Screen::Stats;
            golden(&format!("stats-{lang}-{name}"), &frame(&face, &scene));
            for page in 2..=4 {
                press(&mut face, &scene, "pagedown");
                golden(&format!("stats-{lang}-{name}-{page}"), &frame(&face, &scene));
            }
        }
    }
}

/// No line is wider than its room, whatever the width and the language: nothing is cut by the screen itself.
#[test]
fn no_line_is_wider_than_its_room() {
    let progress = learner();
    for lang in ["en", "ko"] {
        let look = look(lang);
        for columns in [40, 60, 76, 98, 116, 200] {
            for section in progress.sections(&look, columns) {
                for (_, line) in &section.rows {
                    let width = whodunit::stdx::text::width(line);
                    assert!(width <= columns, "{lang} {columns}: {width} columns: {line}");
                }
            }
        }
    }
}

#[test]
fn the_list_opens_progress_and_progress_goes_back() {
    let progress = learner();
    let due: BTreeSet<String> = progress.overview.due_set();
    assert!(due.contains("back-off"), "{due:?}");
    let card = Card {
        slug: "pod".into(),
        title: "The Pod".into(),
        brief: "Somebody is paged.".into(),
        concepts: vec!["back-off".into(), "never-met".into()],
        ..Card::default()
    };
    let cards = [card];
    let scene = Scene { cards: &cards, progress: Some(&progress), ..Scene::default() };
    let mut face = face(SMALL);
    let list = frame(&face, &scene);
    assert!(list.contains("Next: The Pod — a concept is due (Killed at the memory limit);"), "{list}");
    assert!(list.contains("Due here: 재시작 간격\n"), "{list}");
    press(&mut face, &scene, "s");
    assert_eq!(face.screen, Screen::Stats);
    let top = frame(&face, &scene);
    press(&mut face, &scene, "tab");
    assert_ne!(frame(&face, &scene), top, "the next section");
    press(&mut face, &scene, "backtab");
    assert_eq!(frame(&face, &scene), top);
    press(&mut face, &scene, "esc");
    assert_eq!(face.screen, Screen::List);
    // Colour says nothing that words do not.
    press(&mut face, &scene, "s");
    face.look.theme = Theme::plain();
    for cell in drawn(&face, &scene).content() {
        assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
    }
}

/// Below five runs there is no rate anywhere, and before the first there is nothing but a word about that.
#[test]
fn too_little_is_said_to_be_too_little() {
    let runs: Vec<Record> = (0..4).map(|n| record(n, 50, &["pods"])).collect();
    let few = Progress { overview: Overview::of(&runs, &[], day(5)), ..Progress::default() };
    let english = look("en");
    let words: Vec<String> =
        few.sections(&english, 76).into_iter().take(3).flat_map(|section| section.rows).map(|(_, line)| line).collect();
    let told = words.join("\n");
    assert!(told.contains("not enough to say (4 of 5)") && !told.contains('●'), "{told}");
    assert_eq!(told.matches('%').count(), 1, "only what an interval is: {told}");
    let mut none = face(SMALL);
    none.screen = Screen::Stats;
    assert!(frame(&none, &Scene::default()).contains(Lang::english().say("stats.no-runs")));
}

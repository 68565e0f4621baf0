//! Small measurements inside the process, each beside a peer measured in the same run: the agenda against a plain heap, a
//! frame unchanged and scrolled by a line, a page of a million lines. `cargo bench --bench micro`; prints, judges nothing.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark measures wall time and prints it"
)]

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use whodunit::console::page::{Line, Output, Page};
use whodunit::console::session::Session;
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario::shape::Case;
use whodunit::scenario::stage::Stage;
use whodunit::stdx::time::Time;
use whodunit::ui::event::Event;
use whodunit::ui::face::{Face, Look, Scene, update, view};
use whodunit::ui::key::{Key, Named};
use whodunit::ui::lang::Lang;
use whodunit::ui::theme::Theme;
use whodunit::ui::widgets::paint::Lines;
use whodunit::world::World;
use whodunit::world::agenda::Agenda;

const PENDING: u64 = 100_000;
const EVENTS: u64 = 2_000_000;

fn main() {
    agenda();
    frames();
}

/// A portable shuffle of times: both queues get the same ones.
fn next(state: &mut u64) -> i64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 44) as i64 + 1
}

fn agenda() {
    let ours = best(3, || {
        let (mut agenda, mut state) = (Agenda::default(), 1);
        for n in 0..PENDING {
            agenda.push(Time(next(&mut state)), n);
        }
        for _ in 0..EVENTS {
            if let Some((at, due)) = agenda.pop_until(Time(i64::MAX)) {
                agenda.push(Time(at.0 + next(&mut state)), due);
            }
        }
        black_box(agenda.len());
    });
    let peer = best(3, || {
        let (mut heap, mut state) = (BinaryHeap::new(), 1);
        for n in 0..PENDING {
            heap.push(Reverse((next(&mut state), n)));
        }
        for _ in 0..EVENTS {
            if let Some(Reverse((at, due))) = heap.pop() {
                heap.push(Reverse((at + next(&mut state), due)));
            }
        }
        black_box(heap.len());
    });
    let rate = |took: Duration| EVENTS as f64 / took.as_secs_f64() / 1e6;
    let ratio = ours.as_secs_f64() / peer.as_secs_f64();
    println!(
        "row\tagenda alone, {PENDING} pending\t{:.2} M events/s\ta plain heap {:.2} M/s\t{ratio:.2} (time)",
        rate(ours),
        rate(peer)
    );
}

fn best(times: u32, mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..times).map(|_| once(&mut work)).min().unwrap_or_default()
}

fn run_with(lines: usize) -> Run {
    let world = World::new(1, Time(0));
    let actors = BTreeMap::from([("learner".to_string(), Session::default())]);
    let stage = Stage { world, script: Vec::new().into(), cursor: 0, actors, refused: Vec::new() };
    let mut run = Run::open(Arc::new(Case::default()), stage, Clock::Turn);
    let line =
        |n| Line::plain(format!("2026-03-02T10:00:{:02}Z checkout-7d9c-x2x1p INFO order {n} paid in 41 ms", n % 60));
    let output = Output { lines: (0..lines).map(line).collect(), ..Output::default() };
    run.pages.push(Page { id: 1, seat: 0, at: Time(0), prompt: "$ ".into(), command: "logs".into(), output });
    run
}

fn frames() {
    let size = (160, 50);
    let area = Rect { x: 0, y: 0, width: size.0, height: size.1 };
    let naive = naive_frame(area);
    for lines in [1_000, 1_000_000] {
        let run = run_with(lines);
        let scene = Scene { run: Some(&run), ..Scene::default() };
        let look =
            Look { theme: Theme::named("dark").unwrap_or_else(Theme::plain), lang: Lang::english(), lines: Lines::Box };
        let mut face = Face::new(look, size);
        face.opened(&run);
        update(&mut face, Event::Key(Key::Named(Named::Enter)), &scene);
        update(&mut face, Event::Key(Key::Named(Named::Esc)), &scene);
        let (mut shown, mut next) = (Buffer::empty(area), Buffer::empty(area));
        view(&face, &scene, &mut shown);
        let mut frame = |face: &Face| {
            next.reset();
            view(face, &scene, &mut next);
            black_box(shown.diff(&next).len());
            std::mem::swap(&mut shown, &mut next);
        };
        let unchanged = best(50, || frame(&face));
        let scrolled = best(50, || {
            update(&mut face, Event::Key(Key::Char('k')), &scene);
            frame(&face);
        });
        for (what, took) in [("drawn again", unchanged), ("after a key", scrolled)] {
            let ratio = took.as_secs_f64() / naive.as_secs_f64();
            println!(
                "row\tframe 160x50 of a page of {lines} lines, {what}\t{took:.1?}\ta bare ratatui paragraph \
                 {naive:.1?}\t{ratio:.2}"
            );
        }
    }
}

/// The peer: a screen full of text by ratatui's own widget, and the difference to the frame before.
fn naive_frame(area: Rect) -> Duration {
    let text = vec!["2026-03-02T10:00:00Z checkout-7d9c-x2x1p INFO order 1 paid in 41 ms".repeat(2); 50].join("\n");
    let (mut shown, mut next) = (Buffer::empty(area), Buffer::empty(area));
    best(50, || {
        next.reset();
        Paragraph::new(text.as_str()).render(area, &mut next);
        black_box(shown.diff(&next).len());
        std::mem::swap(&mut shown, &mut next);
    })
}

//! The logs pane: what the newest standing pipeline printed and goes on printing. Does not start or end one itself.

use super::shell;
use crate::console::session::Standing;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::terms::Mode;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::tape::{self, Gutter, Place, Tape};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug, Default)]
pub struct Logs {
    pub place: Place,
}

/// What stands for a seat: in a room everybody has their own.
pub fn standing(run: &Run, seat: u16) -> impl DoubleEndedIterator<Item = &(u32, Standing)> {
    let own = move |id: u32| run.page(id).is_some_and(|page| page.seat == seat);
    run.standing.iter().filter(move |(id, _)| run.mode != Mode::Gameday || own(*id))
}

/// Places in `run.pages` of the pages that standing pipelines of a seat print on.
pub fn standing_pages(run: &Run, seat: u16) -> Vec<usize> {
    let place = |id: u32| {
        let numbered = (id as usize).checked_sub(1).filter(|_| run.page(id).is_some());
        numbered.or_else(|| run.pages.iter().rposition(|page| page.id == id))
    };
    let mut pages: Vec<usize> =
        standing(run, seat).filter(|(_, s)| !s.blocking).filter_map(|(id, _)| place(*id)).collect();
    pages.sort_unstable();
    pages
}

pub fn title(face: &Face, run: &Run) -> String {
    let name = face.look.say("pane.logs");
    let seat = face.drill.seat.id;
    match standing(run, seat).next_back() {
        Some((_, own)) => format!("{name} {} [{}]", own.line, standing(run, seat).count()),
        None => name.to_string(),
    }
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["logs", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Bag, Do::Range, Do::Filter, Do::Bottom, Do::Remove, Do::NextPane, Do::Palette, Do::Help]
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if matches!(does, Do::Remove | Do::Interrupt) {
        let Some((standing, _)) = standing(run, face.drill.seat.id).next_back() else {
            face.tell(Role::Dim, "shell.nothing-runs");
            return Some(Vec::new());
        };
        return Some(vec![Ask::Act(Act::Leave { standing: *standing })]);
    }
    let pages = standing_pages(run, face.drill.seat.id);
    let shown = pages.last().map_or(&[][..], std::slice::from_ref);
    let tape = Tape { preface: &[], pages: &run.pages, shown, folded: &[] };
    let mut place = std::mem::take(&mut face.drill.logs.place);
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    let done = shell::on_tape(face, &mut place, does, run, &tape, area);
    face.drill.logs.place = place;
    done
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let pages = standing_pages(run, face.drill.seat.id);
    let shown = pages.last().map_or(&[][..], std::slice::from_ref);
    if shown.is_empty() {
        let words = face.look.say("logs.none");
        for (row, line) in crate::stdx::text::wrap(words, usize::from(area.width.saturating_sub(2))).iter().enumerate()
        {
            let y = area.y + row as u16;
            if y < area.bottom() {
                paint::clipped(buf, (area.x + 1, y), area.width.saturating_sub(2), line, face.look.of(Role::Dim));
            }
        }
        return None;
    }
    let tape = Tape { preface: &[], pages: &run.pages, shown, folded: &[] };
    let bagged = |page: usize, line: u32| shell::is_bagged(run, page, line);
    let gutter = Gutter { selecting: face.drill.focus == super::Pane::Logs, bagged: &bagged };
    tape::draw(&tape, &face.drill.logs.place, &gutter, &face.look, area, buf);
    None
}

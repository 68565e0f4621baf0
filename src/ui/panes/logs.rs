//! The logs pane: what the newest standing pipeline printed and goes on printing. Does not start or end one itself.

use super::shell;
use crate::drill::act::Act;
use crate::drill::run::Run;
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

/// Places in `run.pages` of the pages that standing pipelines print on.
pub fn standing_pages(run: &Run) -> Vec<usize> {
    let place = |id: u32| run.pages.iter().rposition(|page| page.id == id);
    let mut pages: Vec<usize> =
        run.standing.iter().filter(|(_, s)| !s.blocking).filter_map(|(id, _)| place(*id)).collect();
    pages.sort_unstable();
    pages
}

pub fn title(face: &Face, run: &Run) -> String {
    let name = face.look.say("pane.logs");
    match run.standing.last() {
        Some((_, standing)) => format!("{name} {} [{}]", standing.line, run.standing.len()),
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
        let Some((standing, _)) = run.standing.last() else {
            face.tell(Role::Dim, "shell.nothing-runs");
            return Some(Vec::new());
        };
        return Some(vec![Ask::Act(Act::Leave { standing: *standing })]);
    }
    let pages = standing_pages(run);
    let shown = pages.last().map_or(&[][..], std::slice::from_ref);
    let tape = Tape { preface: &[], pages: &run.pages, shown, folded: &[] };
    let mut place = std::mem::take(&mut face.drill.logs.place);
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    let done = shell::on_tape(face, &mut place, does, run, &tape, area);
    face.drill.logs.place = place;
    done
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let pages = standing_pages(run);
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

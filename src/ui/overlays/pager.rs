//! One page alone: scroll, search, bag. Does not print anything itself.

use super::{Overlay, keys_line, sheet};
use crate::drill::run::Run;
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::panes::shell;
use crate::ui::widgets::paint;
use crate::ui::widgets::tape::{self, Gutter, Place, Spot, Tape, Wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug)]
pub struct Pager {
    page: [usize; 1],
    pub place: Place,
}

impl Pager {
    pub fn at(spot: Spot) -> Pager {
        let page = spot.page.unwrap_or_default();
        let top = Some(Spot::on(page, 0));
        Pager { page: [page], place: Place { cursor: spot, top, wrap: Wrap::Everything, ..Place::default() } }
    }

    fn inside(area: Rect) -> Rect {
        Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(3),
            height: area.height.saturating_sub(3),
        }
    }

    pub fn update(mut self, face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
        let tape = Tape { preface: &[], pages: &run.pages, shown: &self.page, folded: &[] };
        let area = Pager::inside(face.area());
        // The pager lies below whatever it opens, and is not opened upon itself.
        if does == Do::Open {
            face.overlays.push(Overlay::Pager(self));
            return Some(Vec::new());
        }
        let mut place = std::mem::take(&mut self.place);
        let at = face.overlays.len();
        let done = shell::on_tape(face, &mut place, does, run, &tape, area);
        face.overlays.insert(at, Overlay::Pager(Pager { place, ..self }));
        done
    }

    pub fn view(&self, face: &Face, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let page = run.pages.get(self.page[0])?;
        let at = self.place.cursor.line;
        let title = format!("{}{} [{at}/{}]", page.prompt, page.command, page.output.lines.len());
        let inner = sheet(face, area, &title, buf);
        let body = Rect { height: inner.height.saturating_sub(1), ..inner };
        let tape = Tape { preface: &[], pages: &run.pages, shown: &self.page, folded: &[] };
        let bagged = |page: usize, line: u32| shell::is_bagged(run, page, line);
        let mut place = self.place.clone();
        place.keep_in_sight(&tape, Rect { width: body.width.saturating_sub(1), ..body });
        tape::draw(&tape, &place, &Gutter { selecting: true, bagged: &bagged }, &face.look, body, buf);
        let last = Rect {
            x: inner.x + 1,
            y: inner.bottom().saturating_sub(1),
            width: inner.width.saturating_sub(1),
            height: 1,
        };
        match &face.flash {
            Some((role, words)) => {
                paint::clipped(buf, (last.x, last.y), last.width, words, face.look.of(*role));
            }
            None => keys_line(
                face,
                &[Do::Bag, Do::BagPage, Do::Range, Do::Filter, Do::NextMatch, Do::Wrap, Do::Back],
                last,
                buf,
            ),
        }
        None
    }
}

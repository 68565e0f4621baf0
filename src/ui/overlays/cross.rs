//! The cross-examination: one objection after the other, each answered with one exhibit or passed. Does not know which
//! exhibit answers it.

use super::confirm::Question;
use super::{Overlay, keys_line, sheet};
use crate::drill::Mode;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::spoken;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look};
use crate::ui::keymap::Do;
use crate::ui::panes::board;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug, Default)]
pub struct Cross {
    scroll: Scroll,
}

/// The objection that is asked now.
fn asked(run: &Run) -> Option<u32> {
    run.board.hearing.objections.iter().find(|own| own.answer.is_none()).map(|own| own.id)
}

/// The judge's word, what was answered, and the objection that is open.
fn said(look: &Look, run: &Run) -> Vec<(Role, String)> {
    let hearing = &run.board.hearing;
    // In an interview nobody is told how the verdict was judged.
    let judged = hearing.attempts.last().filter(|_| run.mode != Mode::Interview);
    let mut rows: Vec<(Role, String)> =
        judged.map(|heard| (Role::Title, spoken::band(heard.band, &look.lang).to_string())).into_iter().collect();
    for own in &hearing.objections {
        let words = spoken::objection(own, &run.case, &look.lang);
        let Some(answer) = own.answer else {
            rows.push((Role::Focus, words));
            break;
        };
        let (role, key) = match (answer.exhibit, answer.right) {
            (None, _) => (Role::Dim, "cross.passed"),
            (Some(_), true) => (Role::Good, "cross.right"),
            (Some(_), false) => (Role::Warn, "cross.wrong"),
        };
        let exhibit = answer.exhibit.map(|id| format!("e{id}")).unwrap_or_default();
        rows.push((Role::Dim, words));
        rows.push((role, format!("  {}", look.lang.with(key, &[("exhibit", &exhibit)]))));
    }
    rows
}

impl Cross {
    fn frame(area: Rect) -> Rect {
        paint::middle(area, 100, area.height.saturating_sub(2).min(30))
    }

    /// What is said as rows, and the height that is left for exhibits.
    fn parts(face: &Face, run: &Run, area: Rect) -> (Vec<(Role, String)>, usize) {
        let frame = Cross::frame(area);
        let (room, inside) = (frame.width.saturating_sub(4), usize::from(frame.height.saturating_sub(2)));
        let mut rows = Vec::new();
        for (role, words) in said(&face.look, run) {
            rows.extend(paint::rows(&words, room).into_iter().map(|range| (role, words[range].to_string())));
        }
        // What was said first goes first if there is no room.
        let most = inside.saturating_sub(5).max(2);
        rows.drain(..rows.len().saturating_sub(most));
        let left = inside.saturating_sub(rows.len() + 3).max(1);
        (rows, left)
    }

    pub fn update(mut self, face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
        let count = run.board.exhibits.len();
        let height = Cross::parts(face, run, face.area()).1;
        let moved = self.scroll.motion(does, count, height);
        let exhibit = run.board.exhibits.get(self.scroll.at).map(|own| own.id);
        let answer = |exhibit| asked(run).map(|objection| Ask::Act(Act::Answer { objection, exhibit }));
        let asks = match does {
            _ if moved => Some(Vec::new()),
            Do::Present if exhibit.is_some() => Some(answer(exhibit).into_iter().collect()),
            Do::Present => Some(Vec::new()),
            Do::Pass => Some(answer(None).into_iter().collect()),
            _ => None,
        };
        face.overlays.push(Overlay::Cross(self));
        if does == Do::Close {
            face.overlays.push(Overlay::confirm(Question::Close));
            return Some(Vec::new());
        }
        asks
    }

    pub fn view(&self, face: &Face, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let look = &face.look;
        let objections = &run.board.hearing.objections;
        let (at, count) = (asked(run).unwrap_or(1).to_string(), objections.len().to_string());
        let title = look.lang.with("cross.title", &[("n", &at), ("count", &count)]);
        let inner = sheet(face, Cross::frame(area), &title, buf);
        let (rows, height) = Cross::parts(face, run, area);
        let room = inner.width.saturating_sub(2);
        for (row, (role, words)) in rows.iter().enumerate() {
            paint::text(buf, (inner.x + 1, inner.y + row as u16), room, words, look.of(*role));
        }
        let top = inner.y + rows.len() as u16 + 1;
        let lead = if run.board.exhibits.is_empty() { "cross.no-exhibits" } else { "cross.which" };
        paint::clipped(buf, (inner.x + 1, top), room, look.say(lead), look.of(Role::Dim));
        let mut scroll = self.scroll;
        scroll.show(run.board.exhibits.len(), height);
        for (row, exhibit) in run.board.exhibits.iter().skip(scroll.top).take(height).enumerate() {
            let y = top + 1 + row as u16;
            if y + 1 >= inner.bottom() {
                break;
            }
            let about = board::exhibit_about(look, run, exhibit, usize::from(room) / 2);
            paint::clipped(buf, (inner.x + 2, y), room.saturating_sub(1), &about, look.of(Role::Text));
            if scroll.top + row == scroll.at {
                paint::tint(buf, Rect { y, height: 1, ..inner }, look.of(Role::Select));
                paint::text(buf, (inner.x, y), 1, "▸", look.of(Role::Focus));
            }
        }
        let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), width: room, ..inner };
        keys_line(face, &[Do::Present, Do::Pass, Do::Down, Do::Close, Do::Back], keys, buf);
        None
    }
}

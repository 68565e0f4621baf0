//! The links matrix: exhibits down, hypotheses across, a sign in each cell. Does not know which sign is right.

use super::{Overlay, keys_line, sheet};
use crate::case::board::Link;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::panes::board;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug, Default)]
pub struct Matrix {
    rows: Scroll,
    column: usize,
}

const CELL: u16 = 5;

impl Matrix {
    fn frame(area: Rect, run: &Run) -> Rect {
        let wanted = (run.board.exhibits.len() + run.board.hypotheses.len()) as u16 + 6;
        paint::middle(area, 100, wanted.min(area.height))
    }

    fn height(area: Rect, run: &Run) -> usize {
        usize::from(Matrix::frame(area, run).height).saturating_sub(run.board.hypotheses.len() + 5).max(1)
    }

    pub fn update(mut self, face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
        let board = &run.board;
        let moved = self.rows.motion(does, board.exhibits.len(), Matrix::height(face.area(), run));
        let columns = board.hypotheses.len();
        let cell = board.exhibits.get(self.rows.at).zip(board.hypotheses.get(self.column));
        let sign = match does {
            Do::SignFor => Some('+'),
            Do::SignAgainst => Some('-'),
            Do::SignNeutral => Some('.'),
            _ => None,
        };
        let mut asks = Vec::new();
        if let (Some(sign), Some((exhibit, hypothesis))) = (sign, cell) {
            asks.push(Ask::Act(Act::Link { hypothesis: hypothesis.id, exhibit: exhibit.id, sign }));
        }
        match does {
            Do::LeftChar => self.column = self.column.saturating_sub(1),
            Do::RightChar => self.column = (self.column + 1).min(columns.saturating_sub(1)),
            _ if moved || sign.is_some() => {}
            _ => {
                face.overlays.push(Overlay::Matrix(self));
                return None;
            }
        }
        face.overlays.push(Overlay::Matrix(self));
        Some(asks)
    }

    pub fn view(&self, face: &Face, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let (look, board) = (&face.look, &run.board);
        let inner = sheet(face, Matrix::frame(area, run), look.say("matrix.title"), buf);
        for (at, hypothesis) in board.hypotheses.iter().enumerate() {
            let role = if at == self.column { Role::Focus } else { Role::Text };
            let words = format!("h{} {}", hypothesis.id, board::suspicion(look, run, hypothesis));
            paint::clipped(
                buf,
                (inner.x + 1, inner.y + at as u16),
                inner.width.saturating_sub(2),
                &words,
                look.of(role),
            );
        }
        let head = inner.y + board.hypotheses.len() as u16 + 1;
        let label = inner.width.saturating_sub(CELL * board.hypotheses.len() as u16 + 2);
        for (at, hypothesis) in board.hypotheses.iter().enumerate() {
            let x = inner.x + 1 + label + at as u16 * CELL;
            paint::text(buf, (x, head), CELL, &format!("h{}", hypothesis.id), look.of(Role::Title));
        }
        let height = Matrix::height(area, run);
        for (row, exhibit) in board.exhibits.iter().skip(self.rows.top).take(height).enumerate() {
            let y = head + 1 + row as u16;
            if y + 1 >= inner.bottom() {
                break;
            }
            let here = self.rows.top + row == self.rows.at;
            let words = board::exhibit_line(exhibit);
            paint::clipped(
                buf,
                (inner.x + 1, y),
                label.saturating_sub(1),
                &words,
                look.of(if here { Role::Focus } else { Role::Text }),
            );
            for (at, hypothesis) in board.hypotheses.iter().enumerate() {
                let (sign, role) = match hypothesis.links.get(&exhibit.id) {
                    Some(Link::For) => (" + ", Role::Good),
                    Some(Link::Against) => (" - ", Role::Bad),
                    Some(Link::Neutral) => (" · ", Role::Dim),
                    None => ("   ", Role::Dim),
                };
                let x = inner.x + 1 + label + at as u16 * CELL;
                paint::text(buf, (x, y), 3, sign, look.of(role));
                if here && at == self.column {
                    paint::tint(buf, Rect { x, y, width: 3, height: 1 }, look.of(Role::Select));
                }
            }
        }
        let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), ..inner };
        keys_line(face, &[Do::SignFor, Do::SignAgainst, Do::SignNeutral, Do::RightChar, Do::Down, Do::Back], keys, buf);
        None
    }
}

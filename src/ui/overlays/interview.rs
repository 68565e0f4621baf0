//! The follow-up questions of an interview, one after the other: a question, a line for the answer. Does not choose them, and
//! does not judge.

use super::{Overlay, sheet};
use crate::drill::act::Act;
use crate::drill::interview::follow;
use crate::drill::run::Run;
use crate::stdx::text::{harmless, wrap};
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug)]
pub struct FollowUps {
    /// What the journal knows it by, and its words.
    questions: Vec<(String, String)>,
    at: usize,
    pub editor: Editor,
}

/// Columns of the frame, and rows around the question.
const COLUMNS: u16 = 84;
const ROWS_BESIDE: u16 = 7;

impl FollowUps {
    /// The questions that were not answered yet, if there are any.
    pub fn of(face: &Face, run: &Run) -> Option<FollowUps> {
        let replies = &run.board.hearing.replies;
        let open = follow::asked(run).into_iter().filter(|own| !replies.contains_key(&own.id));
        let told = open.map(|own| (own.id.clone(), harmless(&own.text(&run.case, &face.look.lang)).to_string()));
        let questions: Vec<(String, String)> = told.collect();
        (!questions.is_empty()).then(|| FollowUps { questions, at: 0, editor: Editor::new("") })
    }

    pub fn update(mut self, face: &mut Face, does: Do) -> Option<Vec<Ask>> {
        if does != Do::Accept {
            face.overlays.push(Overlay::FollowUps(self));
            return None;
        }
        let text = self.editor.text().trim().to_string();
        let question = self.questions.get(self.at).map(|(id, _)| id.clone()).unwrap_or_default();
        self.at += 1;
        self.editor = Editor::new("");
        if self.at < self.questions.len() {
            face.overlays.push(Overlay::FollowUps(self));
        }
        Some(if text.is_empty() { Vec::new() } else { vec![Ask::Act(Act::Reply { question, text })] })
    }

    pub fn view(&self, face: &Face, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let look = &face.look;
        let (_, question) = self.questions.get(self.at)?;
        let width = COLUMNS.min(area.width);
        let lines = wrap(question, usize::from(width.saturating_sub(4)).max(8));
        let count = self.questions.len().to_string();
        let title = look.lang.with("interview.follow-title", &[("n", &(self.at + 1).to_string()), ("count", &count)]);
        let inner = sheet(face, paint::middle(area, width, lines.len() as u16 + ROWS_BESIDE), &title, buf);
        let room = inner.width.saturating_sub(2);
        for (row, line) in lines.iter().enumerate().take(usize::from(inner.height.saturating_sub(4))) {
            paint::text(buf, (inner.x + 1, inner.y + row as u16), room, line, look.of(Role::Title));
        }
        let y = inner.bottom().saturating_sub(3);
        let caret = self.editor.caret_column() as u16;
        let skip = usize::from(caret.saturating_sub(room.saturating_sub(3)));
        let shown = super::prompt::slid(self.editor.text(), skip);
        let used = paint::text(buf, (inner.x + 1, y), 2, "> ", look.of(Role::Prompt));
        paint::text(buf, (inner.x + 1 + used, y), room.saturating_sub(2), shown.0, look.of(Role::Text));
        let how = look.say("interview.follow-how");
        paint::clipped(buf, (inner.x + 1, inner.bottom().saturating_sub(1)), room, how, look.of(Role::Dim));
        let x = inner.x + 1 + used + caret.saturating_sub(shown.1 as u16);
        Some(Position { x: x.min(inner.right().saturating_sub(1)), y })
    }
}

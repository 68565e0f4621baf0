//! A question with yes and no. Does not know what yes does beyond the ask it gives.

use super::sheet;
use crate::drill::act::Act;
use crate::drill::interview::Control;
use crate::drill::run::{Phase, Run};
use crate::drill::team::TeamAct;
use crate::drill::terms::Mode;
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Quit,
    /// Ends the day for all seats.
    EndDay,
    /// Ends the run without a verdict.
    Close,
    /// Forgets one's progress.
    Forget,
    /// Declares that the harm has ended.
    Resolve,
    /// Hands in the verdict form.
    Submit,
}

impl Question {
    /// What is asked depends on where the run stands: who ends what, and whether one may go on after the verdict.
    fn words(self, face: &Face, run: Option<&Run>) -> String {
        let given = run.map_or(0, |run| run.board.hearing.attempts.len() as u32);
        let of = run.map_or(1, |run| run.terms().attempts);
        let key = match self {
            Question::Quit if run.is_some_and(|run| run.mode == Mode::Gameday) => "confirm.leave-room",
            Question::Quit => "confirm.quit",
            Question::EndDay => "confirm.end-day",
            Question::Forget => "confirm.forget",
            Question::Close if run.is_some_and(|run| run.phase == Phase::Cross) => "confirm.close-cross",
            Question::Close if given > 0 => "confirm.close-accept",
            Question::Close => "confirm.close",
            Question::Resolve => "confirm.resolve",
            Question::Submit if of <= 1 => "confirm.submit-only",
            Question::Submit if given + 1 >= of => "confirm.submit-last",
            Question::Submit => "confirm.submit-more",
        };
        let (n, left) = ((given + 1).to_string(), of.saturating_sub(given + 1).to_string());
        face.look.lang.with(key, &[("n", &n), ("of", &of.to_string()), ("left", &left)])
    }
}

pub fn update(face: &mut Face, question: Question, does: Do) -> Option<Vec<Ask>> {
    match does {
        Do::Confirm => Some(match question {
            Question::Quit => vec![Ask::Quit],
            Question::EndDay => {
                let act = TeamAct::Desk { control: Control::End };
                vec![Ask::Act(Act::Team { act: Box::new(act) })]
            }
            Question::Forget => vec![Ask::Forget],
            Question::Close => vec![Ask::Act(Act::Close)],
            Question::Resolve => vec![Ask::Act(Act::Resolve)],
            Question::Submit => vec![Ask::Act(Act::Verdict { blanks: Box::new(face.drill.form.blanks.clone()) })],
        }),
        Do::Deny => Some(Vec::new()),
        _ => {
            face.overlays.push(super::Overlay::Confirm(question));
            None
        }
    }
}

pub fn view(question: Question, face: &Face, run: Option<&Run>, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let words = question.words(face, run);
    let width = (paint::columns(&words) as u16 + 6).clamp(30, 70);
    let rows = paint::rows(&words, width - 4);
    let frame = paint::middle(area, width, rows.len() as u16 + 4);
    let inner = sheet(face, frame, "", buf);
    for (row, range) in rows.into_iter().enumerate() {
        paint::text(
            buf,
            (inner.x + 1, inner.y + row as u16),
            inner.width.saturating_sub(2),
            &words[range],
            face.look.of(Role::Text),
        );
    }
    let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), ..inner };
    super::keys_line(face, &[Do::Confirm, Do::Deny], keys, buf);
    None
}

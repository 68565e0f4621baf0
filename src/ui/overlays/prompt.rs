//! One question answered with a line of text. Does not judge the answer: the run does.

use super::table::Wanted;
use super::{Overlay, sheet};
use crate::drill::act::Act;
use crate::drill::transcript;
use crate::stdx::time::Span;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene, Screen};
use crate::ui::keymap::Do;
use crate::ui::panes::{Pane, metrics};
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// What an interviewer does beside the run, in the words of transcripts.
    Beside,
    Expect,
    Wait,
    Note,
    Predict {
        hypothesis: u32,
    },
    /// Text to look for in the pane that has the focus.
    Search,
    /// The verdict's time.
    Onset,
    /// What the metrics pane charts.
    Chart,
    /// Something said at a room's table.
    Table(Wanted),
}

#[derive(Clone, Debug)]
pub struct Prompt {
    pub purpose: For,
    pub editor: Editor,
}

impl Prompt {
    fn key(&self) -> &'static str {
        match self.purpose {
            For::Beside => "prompt.beside",
            For::Expect => "prompt.expect",
            For::Wait => "prompt.wait",
            For::Note => "prompt.note",
            For::Predict { .. } => "prompt.predict",
            For::Search => "prompt.search",
            For::Onset => "prompt.onset",
            For::Chart => "prompt.chart",
            For::Table(wanted) => wanted.key(),
        }
    }

    pub fn update(self, face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
        if does != Do::Accept {
            face.overlays.push(Overlay::Prompt(self));
            return None;
        }
        let text = self.editor.text().trim().to_string();
        let act = match self.purpose {
            For::Search => {
                search(face, text);
                return crate::ui::face::act(face, Do::NextMatch, scene).or(Some(Vec::new()));
            }
            For::Onset => {
                face.drill.form.blanks.onset.time = text;
                return Some(Vec::new());
            }
            _ if text.is_empty() => return Some(Vec::new()),
            For::Chart => {
                let Some(line) = metrics::command(&text) else { return Some(Vec::new()) };
                // One chart is drawn at a time: what the last one asked need not be asked any more.
                let seat = face.drill.seat.id;
                let old = scene.run.map(|run| metrics::asked(run, seat)).unwrap_or_default().into_iter();
                let leave = old.map(|standing| Ask::Act(Act::Leave { standing }));
                return Some(leave.chain([Ask::Act(Act::Run { line })]).collect());
            }
            For::Beside => match transcript::control(&text) {
                Ok(control) => Act::Interview { control: Box::new(control) },
                Err(why) => {
                    face.flash = Some((Role::Warn, why));
                    face.overlays.push(Overlay::Prompt(self));
                    return Some(Vec::new());
                }
            },
            For::Expect => Act::Expect { text },
            For::Note => Act::Note { text },
            For::Table(wanted) => wanted.act(text),
            For::Predict { hypothesis } => Act::Predict { hypothesis, text },
            For::Wait => match Span::parse(&text).filter(|span| span.0 > 0) {
                Some(span) => Act::Wait { span },
                None => {
                    face.tell(Role::Warn, "prompt.bad-span");
                    face.overlays.push(Overlay::Prompt(self));
                    return Some(Vec::new());
                }
            },
        };
        Some(vec![Ask::Act(act)])
    }

    pub fn view(&self, face: &Face, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let look = &face.look;
        let words = look.say(self.key());
        let frame = paint::middle(area, 76, 5);
        let inner = sheet(face, frame, words.lines().next().unwrap_or_default(), buf);
        let room = inner.width.saturating_sub(3);
        let caret = self.editor.caret_column() as u16;
        // The line slides so that the caret stays in sight.
        let skip = usize::from(caret.saturating_sub(room));
        let shown = slid(self.editor.text(), skip);
        let used = paint::text(buf, (inner.x + 1, inner.y), 2, "> ", look.of(Role::Prompt));
        paint::text(buf, (inner.x + 1 + used, inner.y), room, shown.0, look.of(Role::Text));
        if inner.height > 1 {
            let about = words.lines().nth(1).unwrap_or_default();
            paint::clipped(
                buf,
                (inner.x + 1, inner.bottom() - 1),
                inner.width.saturating_sub(2),
                about,
                look.of(Role::Dim),
            );
        }
        let x = inner.x + 1 + used + caret.saturating_sub(shown.1 as u16);
        Some(Position { x: x.min(inner.right().saturating_sub(1)), y: inner.y })
    }
}

/// The text without its first columns, and how many were left out (a wide character may take one more).
pub(super) fn slid(text: &str, skip: usize) -> (&str, usize) {
    let mut hidden = 0;
    for (at, c) in text.char_indices() {
        if hidden >= skip {
            return (&text[at..], hidden);
        }
        hidden += paint::columns(c.encode_utf8(&mut [0; 4]));
    }
    if skip == 0 { (text, 0) } else { ("", hidden) }
}

/// Puts the text into the tape beneath: a pager if one is open, else the focused pane.
fn search(face: &mut Face, text: String) {
    if face.screen == Screen::Debrief && face.overlays.is_empty() {
        face.debrief.search = text;
        return;
    }
    let place = match face.overlays.last_mut() {
        Some(Overlay::Pager(pager)) => &mut pager.place,
        _ if face.drill.focus == Pane::Logs => &mut face.drill.logs.place,
        _ => &mut face.drill.shell.place,
    };
    place.search = text;
}

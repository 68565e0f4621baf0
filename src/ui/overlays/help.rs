//! Help: the keys of what had the focus, read from the key table, so that it never lies. Does not know what they do.

use super::{Overlay, sheet};
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::{self, Do};
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug)]
pub struct Help {
    contexts: Vec<&'static str>,
    scroll: Scroll,
}

impl Help {
    pub fn of(face: &Face) -> Help {
        Help { contexts: face.contexts(), scroll: Scroll::default() }
    }

    /// Heading per context, then a line per command with all of its keys.
    pub fn lines(&self, face: &Face) -> Vec<(Role, String)> {
        let mut lines = Vec::new();
        let mut taken: Vec<keymap::Binding> = Vec::new();
        for context in &self.contexts {
            lines.push((Role::Focus, face.look.say(&format!("context.{context}")).to_string()));
            let mut told: Vec<Do> = Vec::new();
            for binding in face.keymap.of(context) {
                // A key that an earlier context takes never gets here.
                if told.contains(&binding.does) || taken.iter().any(|b| b.key == binding.key) {
                    continue;
                }
                told.push(binding.does);
                let keys: Vec<String> =
                    face.keymap.of(context).filter(|b| b.does == binding.does).map(|b| b.key.to_string()).collect();
                let name = keymap::command(binding.does).map_or("", |row| row.name);
                let about = face.look.say(&format!("do.{name}")).to_string();
                let (role, later) = match face.can(binding.does) {
                    true => (Role::Text, String::new()),
                    false => (Role::Dim, format!(" {}", face.look.say("help.later"))),
                };
                lines.push((role, format!("  {:<18} {about}{later}", keys.join(" "))));
            }
            taken.extend(face.keymap.of(context).cloned());
        }
        lines.push((Role::Text, String::new()));
        lines.extend(face.look.say("help.more").lines().map(|line| (Role::Dim, line.to_string())));
        lines
    }

    fn frame(area: Rect) -> Rect {
        paint::middle(area, 72, area.height.saturating_sub(2).max(3))
    }

    pub fn update(mut self, face: &mut Face, does: Do) -> Option<Vec<Ask>> {
        let height = usize::from(Help::frame(face.area()).height.saturating_sub(2));
        let count = self.lines(face).len();
        let moved = self.scroll.slide(does, count, height);
        face.overlays.push(Overlay::Help(self));
        moved.then(Vec::new)
    }

    pub fn view(&self, face: &Face, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let frame = Help::frame(area);
        let inner = sheet(face, frame, face.look.say("help.title"), buf);
        let lines = self.lines(face);
        let hidden = lines.len().saturating_sub(self.scroll.top + usize::from(inner.height));
        crate::ui::screens::more_below(face, hidden, Rect { y: inner.bottom(), height: 1, ..frame }, buf);
        for (row, (role, words)) in lines.iter().skip(self.scroll.top).take(usize::from(inner.height)).enumerate() {
            paint::clipped(
                buf,
                (inner.x + 1, inner.y + row as u16),
                inner.width.saturating_sub(2),
                words,
                face.look.of(*role),
            );
        }
        None
    }
}

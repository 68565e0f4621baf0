//! The palette: every command and pane by name, fuzzy. Does what the chosen command does where one was. Does not know how.

use super::{Overlay, sheet};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::{COMMANDS, Command, Do};
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub editor: Editor,
    pub scroll: Scroll,
    contexts: Vec<&'static str>,
}

/// How well `needle` fits in `hay` as a subsequence: smaller is better; starts and runs of letters count.
pub fn fuzzy(needle: &str, hay: &str) -> Option<u32> {
    let hay: Vec<char> = hay.to_lowercase().chars().collect();
    let (mut at, mut gap) = (0, 0);
    for c in needle.to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        let skip = hay.get(at..)?.iter().position(|h| *h == c)?;
        gap += skip as u32 * if at == 0 { 2 } else { 3 };
        at += skip + 1;
    }
    Some(gap + hay.len() as u32 / 8)
}

/// Which of these hold what was typed: every word of it as it stands, or, if none does, its letters in their order, the best
/// first.
pub fn holding<'a>(typed: &str, hays: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let hays: Vec<String> = hays.map(str::to_lowercase).collect();
    let typed = typed.to_lowercase();
    let whole = |hay: &String| typed.split_whitespace().all(|word| hay.contains(word));
    let found: Vec<usize> = hays.iter().enumerate().filter(|(_, hay)| whole(hay)).map(|(at, _)| at).collect();
    if !found.is_empty() {
        return found;
    }
    let score = |(at, hay): (usize, &String)| Some((fuzzy(&typed, hay)?, at));
    let mut found: Vec<(u32, usize)> = hays.iter().enumerate().filter_map(score).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
}

impl Palette {
    pub fn of(face: &Face) -> Palette {
        Palette { contexts: face.contexts(), ..Palette::default() }
    }

    /// The commands that fit what was typed, best first.
    pub fn found(&self, face: &Face) -> Vec<&'static Command> {
        let mut found: Vec<(u32, &Command)> = COMMANDS
            .iter()
            .filter(|row| row.palette && face.has(row))
            .filter_map(|row| {
                let about = face.look.say(&format!("do.{}", row.name)).to_string();
                let by_name = fuzzy(self.editor.text(), row.name);
                let by_words = fuzzy(self.editor.text(), &about).map(|score| score + 20);
                by_name.into_iter().chain(by_words).min().map(|score| (score, row))
            })
            .collect();
        found.sort_by_key(|(score, row)| (*score, row.name));
        found.into_iter().map(|(_, row)| row).collect()
    }

    /// How many commands are in sight at once.
    fn shown(area: Rect) -> u16 {
        area.height.saturating_sub(10).clamp(1, 24)
    }

    pub fn update(mut self, face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
        let found = self.found(face);
        if does == Do::Accept {
            let row = found.get(self.scroll.at)?;
            return crate::ui::face::act(face, row.does, scene).or_else(|| {
                face.tell(Role::Warn, "palette.not-here");
                Some(Vec::new())
            });
        }
        let moved = self.scroll.motion(does, found.len(), usize::from(Palette::shown(face.area())));
        face.overlays.push(Overlay::Palette(self));
        moved.then(Vec::new)
    }

    pub fn view(&self, face: &Face, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let look = &face.look;
        let frame = Rect { y: area.y + area.height.min(2), ..paint::middle(area, 72, Palette::shown(area) + 3) }
            .intersection(area);
        let inner = sheet(face, frame, look.say("palette.title"), buf);
        paint::text(buf, (inner.x + 1, inner.y), 1, ":", look.of(Role::Prompt));
        paint::text(
            buf,
            (inner.x + 2, inner.y),
            inner.width.saturating_sub(3),
            self.editor.text(),
            look.of(Role::Text),
        );
        for (row, command) in
            self.found(face).iter().skip(self.scroll.top).take(usize::from(Palette::shown(area))).enumerate()
        {
            let y = inner.y + 1 + row as u16;
            if y >= inner.bottom() {
                break;
            }
            let key = face.keymap.key_of(&self.contexts, command.does).map_or_else(String::new, |key| key.to_string());
            let about = look.say(&format!("do.{}", command.name)).to_string();
            let words = format!(" {:<12} {about}", command.name);
            paint::clipped(buf, (inner.x, y), inner.width.saturating_sub(8), &words, look.of(Role::Text));
            paint::clipped(buf, (inner.right().saturating_sub(7), y), 6, &key, look.of(Role::Key));
            if self.scroll.top + row == self.scroll.at {
                paint::tint(buf, Rect { y, height: 1, ..inner }, look.of(Role::Select));
            }
        }
        let x = inner.x + 2 + self.editor.caret_column() as u16;
        Some(Position { x: x.min(inner.right().saturating_sub(1)), y: inner.y })
    }
}

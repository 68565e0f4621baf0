//! The acts that a line of the debrief points at: each can be opened where it printed something or was about a page. Does
//! not know why the line points at them.

use super::told::Told;
use super::{Overlay, keys_line, sheet};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::text::harmless;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::screens::debrief::Story;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use crate::ui::widgets::tape::Spot;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug)]
pub struct Acts {
    entries: Vec<u32>,
    scroll: Scroll,
}

impl Acts {
    pub fn of(entries: Vec<u32>) -> Acts {
        Acts { entries, scroll: Scroll::default() }
    }

    /// What an act was: the page that it printed or was about, at its line; else its words.
    pub fn opened(face: &Face, run: &Run, story: &Story, entry: u32) -> Overlay {
        let act = (entry as usize).checked_sub(1).and_then(|at| run.acts.get(at)).map(|(_, act)| act);
        let place = match act {
            Some(Act::Bag { page, lines, .. }) => Some((*page, lines.map_or(0, |(from, _)| from as usize + 1))),
            _ => story.page_of(entry).map(|page| (page, 0)),
        };
        let spot = place.and_then(|(id, line)| {
            let page = run.pages.iter().position(|page| page.id == id)?;
            Some(Spot::on(page, line))
        });
        match spot {
            Some(spot) => Overlay::pager(spot),
            None => Overlay::Told(Told::act(face, words(run, story, entry))),
        }
    }

    fn frame(&self, area: Rect) -> Rect {
        paint::middle(area, 100, (self.entries.len() as u16).saturating_add(3).min(area.height.saturating_sub(4)))
    }

    pub fn update(mut self, face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
        let height = usize::from(self.frame(face.area()).height.saturating_sub(3));
        let moved = self.scroll.motion(does, self.entries.len(), height);
        let chosen = self.entries.get(self.scroll.at).copied();
        face.overlays.push(Overlay::Acts(self));
        if does == Do::Open
            && let (Some(run), Some(story), Some(entry)) = (scene.run, scene.story, chosen)
        {
            let opened = Acts::opened(face, run, story, entry);
            face.overlays.push(opened);
            return Some(Vec::new());
        }
        moved.then(Vec::new)
    }

    pub fn view(&self, face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let (run, story, look) = (scene.run?, scene.story?, &face.look);
        let inner = sheet(face, self.frame(area), look.say("acts.title"), buf);
        let height = usize::from(inner.height.saturating_sub(1));
        let mut scroll = self.scroll;
        scroll.show(self.entries.len(), height);
        for (row, entry) in self.entries.iter().skip(scroll.top).take(height).enumerate() {
            let y = inner.y + row as u16;
            let words = words(run, story, *entry);
            paint::clipped(buf, (inner.x + 2, y), inner.width.saturating_sub(3), &words, look.of(Role::Text));
            if scroll.top + row == scroll.at {
                paint::tint(buf, Rect { y, height: 1, ..inner }, look.of(Role::Select));
                paint::text(buf, (inner.x, y), 1, "▸", look.of(Role::Focus));
            }
        }
        let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), ..inner };
        keys_line(face, &[Do::Open, Do::Down, Do::Up, Do::Back], keys, buf);
        None
    }
}

/// `10:04:20  12  $ kubectl get pods`: when, its number in the journal, and as it was typed.
fn words(run: &Run, story: &Story, entry: u32) -> String {
    let own = story.own.iter().find(|own| own.step.entry == entry);
    let at = (entry as usize).checked_sub(1).and_then(|at| run.acts.get(at)).map(|(at, _)| at.clock());
    let typed = own.map_or_else(String::new, |own| harmless(&own.step.typed).replace('\n', " "));
    format!("{}  {entry:>3}  {typed}", at.unwrap_or_default())
}

//! One's progress over many runs: sections of ready-made lines, scrolled. Does not know how they were reckoned, nor where
//! runs are kept.

use super::{bottom_line, debrief, more_below};
use crate::case::progress::next::Suggestion;
use crate::case::progress::overview::Overview;
use crate::report::progress::{self, Section};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene, Screen};
use crate::ui::keymap::Do;
use crate::ui::overlays::{Overlay, confirm::Question};
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeMap;

/// What is shown, as it was when the list was laid.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub overview: Overview,
    /// What to play next, the best first.
    pub next: Vec<Suggestion>,
    /// Concept → what it is called, in the reader's language.
    pub titles: BTreeMap<String, String>,
}

impl Progress {
    /// The same with what concepts are called.
    pub fn titled(self, titles: BTreeMap<String, String>) -> Progress {
        Progress { titles, ..self }
    }

    /// What a concept is called; one without a card is called by its id.
    pub fn title(&self, concept: &str) -> String {
        self.titles.get(concept).cloned().unwrap_or_else(|| concept.replace('-', " "))
    }

    /// The sections at a width.
    pub fn sections(&self, look: &Look, columns: usize) -> Vec<Section> {
        progress::sections(&self.overview, &look.lang, &|concept| self.title(concept), columns)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub scroll: Scroll,
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["stats"]
}

/// Bars in wider rows tell no more.
const COLUMNS_MAX: u16 = 130;

/// All rows at a width, and at which row each section starts.
fn rows(progress: &Progress, look: &Look, width: u16) -> (Vec<(Role, String)>, Vec<usize>) {
    let (mut rows, mut starts) = (Vec::new(), Vec::new());
    for section in progress.sections(look, usize::from(width.min(COLUMNS_MAX))) {
        starts.push(rows.len());
        rows.push((Role::Focus, section.title));
        rows.extend(section.rows.into_iter().map(|(tone, line)| (debrief::role(tone), line)));
        rows.push((Role::Text, String::new()));
    }
    rows.pop();
    (rows, starts)
}

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    if does == Do::Back {
        face.screen = Screen::List;
        return Some(Vec::new());
    }
    let progress = scene.progress?;
    match does {
        _ if progress.overview.recent.is_empty() => {}
        Do::Export => return Some(vec![Ask::Export]),
        Do::Delete => {
            face.overlays.push(Overlay::confirm(Question::Forget));
            return Some(Vec::new());
        }
        _ => {}
    }
    let area = face.area();
    let (rows, starts) = rows(progress, &face.look, area.width.saturating_sub(4));
    let height = usize::from(area.height.saturating_sub(3));
    face.stats.scroll.turn(does, rows.len(), height, &starts).then(Vec::new)
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let room = area.width.saturating_sub(4);
    paint::clipped(buf, (area.x + 2, area.y), room, look.say("stats.title"), look.of(Role::Title));
    let empty = Progress::default();
    let progress = scene.progress.unwrap_or(&empty);
    let (rows, _) = rows(progress, look, room);
    let height = usize::from(area.height.saturating_sub(3));
    let top = face.stats.scroll.top.min(rows.len().saturating_sub(height));
    for (row, (role, words)) in rows.iter().skip(top).take(height).enumerate() {
        paint::text(buf, (area.x + 2, area.y + 2 + row as u16), room, words, look.of(*role));
    }
    let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    let kept: &[Do] = if progress.overview.recent.is_empty() { &[] } else { &[Do::Export, Do::Delete] };
    let wanted =
        [&[Do::Back, Do::Down, Do::PageDown, Do::NextSection], kept, &[Do::Help, Do::Theme, Do::Quit]].concat();
    bottom_line(face, last, &wanted, buf);
    more_below(face, rows.len().saturating_sub(top + height), Rect { y: area.y, height: 1, ..area }, buf);
    None
}

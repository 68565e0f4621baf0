//! The screens: a row each. Does not know what lies over them.

pub mod briefing;
pub mod coach;
pub mod debrief;
pub mod drill;
mod head;
pub mod list;
pub mod lobby;
mod news;
pub mod stats;

use super::ask::Ask;
use super::face::{Face, Scene, Screen};
use super::keymap::Do;
use super::theme::Role;
use super::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// One screen.
pub struct ScreenRow {
    pub screen: Screen,
    contexts: fn(&Face) -> Vec<&'static str>,
    update: fn(&mut Face, Do, &Scene) -> Option<Vec<Ask>>,
    view: fn(&Face, &Scene, Rect, &mut Buffer) -> Option<Position>,
}

/// In the order of a game.
pub const SCREENS: &[ScreenRow] = &[
    ScreenRow { screen: Screen::List, contexts: list::contexts, update: list::update, view: list::view },
    ScreenRow {
        screen: Screen::Briefing,
        contexts: briefing::contexts,
        update: briefing::update,
        view: briefing::view,
    },
    ScreenRow { screen: Screen::Drill, contexts: drill::contexts, update: drill::update, view: drill::view },
    ScreenRow { screen: Screen::Debrief, contexts: debrief::contexts, update: debrief::update, view: debrief::view },
    ScreenRow { screen: Screen::Lobby, contexts: lobby::contexts, update: lobby::update, view: lobby::view },
    ScreenRow { screen: Screen::Stats, contexts: stats::contexts, update: stats::update, view: stats::view },
];

pub fn row(screen: Screen) -> &'static ScreenRow {
    SCREENS.iter().find(|row| row.screen == screen).unwrap_or(&SCREENS[0])
}

impl ScreenRow {
    pub fn contexts(&self, face: &Face) -> Vec<&'static str> {
        (self.contexts)(face)
    }
    pub fn update(&self, face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
        (self.update)(face, does, scene)
    }
    pub fn view(&self, face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
        (self.view)(face, scene, area, buf)
    }
}

/// `key:word` pairs for what can be done now, as many as fit; the keys come from the table, so that they never lie.
pub fn key_bar(face: &Face, wanted: &[Do], room: u16) -> Vec<(String, String)> {
    let contexts = face.contexts();
    let (mut bar, mut used) = (Vec::new(), 0);
    let cell = |does: Do| {
        let key = face.keymap.key_of(&contexts, does).filter(|_| face.can(does))?.to_string();
        let word = face.look.say(&format!("key.{}", super::keymap::command(does)?.name)).to_string();
        let columns = paint::columns(&key) + paint::columns(&word) + 3;
        Some((key, word, columns))
    };
    // The way to all the others is always there.
    let last = wanted.contains(&Do::Help).then(|| cell(Do::Help)).flatten();
    let room = usize::from(room).saturating_sub(last.as_ref().map_or(0, |(_, _, columns)| *columns));
    for does in wanted.iter().filter(|does| **does != Do::Help) {
        let Some((key, word, columns)) = cell(*does) else { continue };
        if used + columns > room {
            break;
        }
        used += columns;
        bar.push((key, word));
    }
    bar.extend(last.map(|(key, word, _)| (key, word)));
    bar
}

/// Says at the right end of a row how many lines are below what is shown, and the key that shows them.
pub fn more_below(face: &Face, hidden: usize, area: Rect, buf: &mut Buffer) {
    if hidden == 0 {
        return;
    }
    let key = face.keymap.key_of(&face.contexts(), Do::PageDown).map(|key| key.to_string()).unwrap_or_default();
    let words = format!(" {} ", face.look.lang.with("more.below", &[("n", &hidden.to_string()), ("key", &key)]));
    let width = paint::columns(&words) as u16;
    if width + 2 <= area.width {
        paint::text(buf, (area.right() - width - 2, area.y), width, &words, face.look.of(Role::Key));
    }
}

/// What is said on the last line may take rows above it.
const FLASH_ROWS_MAX: usize = 4;

/// The last line of a screen: the flash if there is one, else the keys.
pub fn bottom_line(face: &Face, area: Rect, wanted: &[Do], buf: &mut Buffer) {
    let at = (area.x + 1, area.y);
    let room = area.width.saturating_sub(2);
    if let Some((role, words)) = &face.flash {
        let sign = match role {
            Role::Bad => "✗ ",
            Role::Warn => "! ",
            Role::Good => "✓ ",
            _ => "· ",
        };
        let style = face.look.of(*role);
        let width = room.saturating_sub(2);
        let rows = paint::rows(words, width);
        let shown = rows.len().min(FLASH_ROWS_MAX).min(usize::from(area.y) + 1);
        let top = area.y + 1 - shown as u16;
        paint::clear(buf, Rect { y: top, height: shown as u16, ..area }, face.look.of(Role::Text));
        paint::text(buf, (at.0, top), 2, sign, style);
        for (row, range) in rows.iter().take(shown).enumerate() {
            let last = row + 1 == shown;
            let part = if last { &words[range.start..] } else { &words[range.clone()] };
            paint::clipped(buf, (at.0 + 2, top + row as u16), width, part, style);
        }
        return;
    }
    let mut x = at.0;
    for (key, word) in key_bar(face, wanted, room) {
        let left = (area.x + area.width).saturating_sub(x);
        x += paint::text(buf, (x, at.1), left, &key, face.look.of(Role::Key));
        x += paint::text(buf, (x, at.1), (area.x + area.width).saturating_sub(x), " ", face.look.of(Role::Text));
        x += paint::text(buf, (x, at.1), (area.x + area.width).saturating_sub(x), &word, face.look.of(Role::Dim));
        x += 2;
    }
}

//! The case list: what can be played, how long, how hard, and one's best first attempt. Does not know where cases are kept.

use super::bottom_line;
use super::stats::Progress;
use crate::report::progress::reason;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene, Screen};
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// One case as the list shows it. Nothing here may tell a variant from another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    pub slug: String,
    pub title: String,
    /// The English title, by which a case is found as well.
    pub english: String,
    pub level: u8,
    pub minutes: u32,
    pub tags: Vec<String>,
    pub brief: String,
    /// Best first attempt, as displayed: `64 of 68`.
    pub best: Option<String>,
    pub tutorial: bool,
    /// A run of it that was left open.
    pub open_run: Option<String>,
    /// Why it cannot be played, if the file has problems.
    pub broken: Option<String>,
    /// Concepts that it teaches, by id.
    pub concepts: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct List {
    pub scroll: Scroll,
    pub filter: Editor,
    pub filtering: bool,
    /// First start: the tutorial is offered.
    pub welcome: bool,
}

impl List {
    pub fn editor(&mut self) -> Option<&mut Editor> {
        self.filtering.then_some(&mut self.filter)
    }

    pub fn typed(&mut self, cards: &[Card]) {
        self.scroll = Scroll::default();
        self.scroll.show(self.shown(cards).len(), 1);
    }

    /// The cards that pass the filter: every word of it in title, slug or tags.
    pub fn shown<'a>(&self, cards: &'a [Card]) -> Vec<&'a Card> {
        let words: Vec<String> = self.filter.text().to_lowercase().split_whitespace().map(String::from).collect();
        let passes = |card: &&Card| {
            let hay = format!("{} {} {} {}", card.title, card.english, card.slug, card.tags.join(" ")).to_lowercase();
            words.iter().all(|word| hay.contains(word))
        };
        cards.iter().filter(passes).collect()
    }
}

pub fn contexts(face: &Face) -> Vec<&'static str> {
    if face.list.filtering { vec!["prompt", "editing"] } else { vec!["list"] }
}

/// Lines below the list for what a case is about: at least so many, and what the list leaves up to so many.
const ABOUT_ROWS: (u16, u16) = (4, 16);

fn body(area: Rect, count: usize) -> Rect {
    let room = area.height.saturating_sub(4);
    let left = usize::from(room).saturating_sub(count) as u16;
    let about = left.clamp(ABOUT_ROWS.0, ABOUT_ROWS.1);
    Rect { y: area.y + 3, height: room.saturating_sub(about), ..area }
}

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    let count = face.list.shown(scene.cards).len();
    let height = usize::from(body(face.area(), count).height).max(1);
    if face.list.scroll.motion(does, count, height) {
        return Some(Vec::new());
    }
    match does {
        Do::Stats => {
            face.stats = Default::default();
            face.screen = Screen::Stats;
        }
        Do::Filter => face.list.filtering = true,
        Do::Accept => face.list.filtering = false,
        Do::Back => {
            face.list.filtering = false;
            face.list.filter.set("");
        }
        Do::Open => {
            let card = face.list.shown(scene.cards).get(face.list.scroll.at).map(|card| (*card).clone())?;
            if let Some(why) = card.broken {
                face.flash = Some((Role::Bad, why));
                return Some(Vec::new());
            }
            face.list.welcome = false;
            return Some(vec![Ask::Play { slug: card.slug }]);
        }
        _ => return None,
    }
    Some(Vec::new())
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let title = paint::text(buf, (area.x + 1, area.y), area.width, "whodunit", look.of(Role::Title));
    let tagline = format!("  {}", look.say("list.tagline"));
    paint::clipped(
        buf,
        (area.x + 1 + title, area.y),
        area.width.saturating_sub(title + 2),
        &tagline,
        look.of(Role::Dim),
    );
    let cards = face.list.shown(scene.cards);
    let mut caret = None;
    if area.height > 2 {
        if face.list.filtering || !face.list.filter.is_empty() {
            let used = paint::text(buf, (area.x + 1, area.y + 1), area.width, "/", look.of(Role::Prompt));
            paint::text(buf, (area.x + 1 + used, area.y + 1), area.width, face.list.filter.text(), look.of(Role::Text));
            let x = area.x + 1 + used + face.list.filter.caret_column() as u16;
            caret = face.list.filtering.then_some(Position { x: x.min(area.right() - 1), y: area.y + 1 });
        } else if face.list.welcome {
            let words = look.say("list.welcome");
            paint::clipped(buf, (area.x + 1, area.y + 1), area.width.saturating_sub(2), words, look.of(Role::Coach));
        } else if let Some(words) = next(face, scene) {
            paint::clipped(buf, (area.x + 1, area.y + 1), area.width.saturating_sub(2), &words, look.of(Role::Hint));
        }
        heading(face, scene.cards, Rect { y: area.y + 2, height: 1, ..area }, buf);
    }
    let body = body(area, cards.len());
    let columns = columns(face, scene.cards, area.width);
    for (row, card) in cards.iter().skip(face.list.scroll.top).take(usize::from(body.height)).enumerate() {
        let at = face.list.scroll.top + row == face.list.scroll.at;
        line(face, card, (columns, at), Rect { y: body.y + row as u16, height: 1, ..body }, buf);
    }
    if cards.is_empty() {
        let key = if scene.cards.is_empty() { "list.none" } else { "list.no-match" };
        paint::clipped(buf, (area.x + 3, body.y), area.width.saturating_sub(4), look.say(key), look.of(Role::Dim));
    }
    if let Some(card) = cards.get(face.list.scroll.at) {
        about(
            face,
            card,
            scene.progress,
            Rect { y: body.bottom(), height: area.bottom().saturating_sub(body.bottom() + 1), ..area },
            buf,
        );
    }
    let wanted = [Do::Open, Do::Filter, Do::Stats, Do::Help, Do::Palette, Do::Theme, Do::Quit, Do::Accept, Do::Back];
    bottom_line(face, Rect { y: area.bottom() - 1, height: 1, ..area }, &wanted, buf);
    caret
}

/// What to play next, and why.
fn next(face: &Face, scene: &Scene) -> Option<String> {
    let progress = scene.progress?;
    let first = progress.next.first()?;
    let card = scene.cards.iter().find(|card| card.slug == first.slug)?;
    let reason = reason(&first.why, &face.look.lang, &|concept| progress.title(concept));
    Some(face.look.lang.with("list.next", &[("title", &card.title), ("reason", &reason)]))
}

/// The concepts of a case that are due.
fn due(face: &Face, card: &Card, progress: Option<&Progress>) -> String {
    let Some(progress) = progress else { return String::new() };
    let due = progress.overview.due_set();
    let titles: Vec<String> =
        card.concepts.iter().filter(|concept| due.contains(*concept)).map(|one| progress.title(one)).collect();
    if titles.is_empty() {
        titles.concat()
    } else {
        face.look.lang.with("list.due", &[("concepts", &titles.join(", "))])
    }
}

/// A tag alone needs so much.
const TAGS_COLUMNS_MIN: u16 = 12;

/// Columns: level, title, minutes, best, tags. Titles are whole if they can be; tags take what is left, or nothing.
fn columns(face: &Face, cards: &[Card], width: u16) -> [u16; 5] {
    let rest = width.saturating_sub(3 + 7 + 8 + 12);
    let own = |card: &Card| paint::columns(&card.title) + paint::columns(&marks(face, card)) + 2;
    let widest = cards.iter().map(own).max().unwrap_or(0).max(20) as u16;
    let tags = rest.saturating_sub(widest);
    let tags = if tags < TAGS_COLUMNS_MIN { 0 } else { tags };
    [7, rest - tags, 8, 12, tags]
}

/// What a title is followed by.
fn marks(face: &Face, card: &Card) -> String {
    let tutorial = card.tutorial.then(|| format!(" ({})", face.look.say("list.tutorial")));
    let open = card.open_run.as_ref().map(|_| format!(" [{}]", face.look.say("list.open")));
    tutorial.into_iter().chain(open).collect()
}

/// As many whole tags as there is room for, and how many more there are.
fn tags_within(tags: &[String], room: usize) -> String {
    let all = tags.join(" ");
    if paint::columns(&all) <= room {
        return all;
    }
    for shown in (1..tags.len()).rev() {
        let words = format!("{} +{}", tags[..shown].join(" "), tags.len() - shown);
        if paint::columns(&words) <= room {
            return words;
        }
    }
    tags.first().map_or_else(String::new, |first| crate::stdx::text::clip(first, room))
}

fn heading(face: &Face, cards: &[Card], area: Rect, buf: &mut Buffer) {
    let mut x = area.x + 3;
    let keys = ["list.level", "list.title", "list.minutes", "list.best", "list.tags"];
    for (key, width) in keys.iter().zip(columns(face, cards, area.width)) {
        if width == 0 {
            continue;
        }
        paint::clipped(buf, (x, area.y), width.saturating_sub(1), face.look.say(key), face.look.of(Role::Dim));
        x += width;
    }
}

fn line(face: &Face, card: &Card, (columns, chosen): ([u16; 5], bool), area: Rect, buf: &mut Buffer) {
    let look = &face.look;
    if chosen {
        paint::tint(buf, area, look.of(Role::Select));
        paint::text(
            buf,
            (area.x + 1, area.y),
            1,
            if look.lines == paint::Lines::Ascii { ">" } else { "▸" },
            look.of(Role::Focus),
        );
    }
    let text = if chosen { look.of(Role::Select) } else { look.of(Role::Text) };
    let level = format!("{} {}", card.level, "*".repeat(usize::from(card.level.min(5))));
    // The title is cut before the marks are.
    let marks = marks(face, card);
    let room = usize::from(columns[1]).saturating_sub(1 + paint::columns(&marks));
    let title = crate::stdx::text::clip(&card.title, room) + &marks;
    let best = match (&card.broken, &card.best) {
        (Some(_), _) => look.say("list.broken").to_string(),
        (None, Some(best)) => best.clone(),
        (None, None) => "-".into(),
    };
    let tags = tags_within(&card.tags, usize::from(columns[4]).saturating_sub(1));
    let cells = [level, title, look.lang.with("list.min", &[("n", &card.minutes.to_string())]), best, tags];
    let mut x = area.x + 3;
    for (cell, width) in cells.iter().zip(columns) {
        paint::clipped(buf, (x, area.y), width.saturating_sub(1), cell, text);
        x += width;
    }
}

fn about(face: &Face, card: &Card, progress: Option<&Progress>, area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let text = card.broken.as_deref().unwrap_or(&card.brief);
    let columns = usize::from(area.width.saturating_sub(6));
    let due = due(face, card, progress);
    // The row above may have had no room for all of them.
    let mut lines = if card.tags.is_empty() { Vec::new() } else { vec![tags_within(&card.tags, columns)] };
    if !due.is_empty() {
        lines.push(crate::stdx::text::clip(&due, columns));
    }
    lines.extend(crate::stdx::text::wrap(text, columns));
    let room = usize::from(area.height - 1);
    for (row, words) in lines.iter().take(room).enumerate() {
        let y = area.y + 1 + row as u16;
        let cut = row + 1 == room && lines.len() > room;
        let words = if cut { face.look.say("list.more") } else { words };
        paint::clipped(buf, (area.x + 3, y), area.width.saturating_sub(5), words, face.look.of(Role::Dim));
    }
}

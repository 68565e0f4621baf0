//! The debrief: ten tabs of lines that can be searched and followed, one of them both ways side by side. Does not know how
//! anything was reckoned.

mod closing;
pub mod lines;
mod replay;
pub mod story;
mod tabs;
mod timeline;

pub use crate::report::sheet::Sheet;
pub use story::Story;

use super::{bottom_line, more_below};
use crate::report::sheet::Tone;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::{Overlay, acts::Acts, form, prompt::For, told::Told};
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use crate::ui::widgets::tape::Spot;
use lines::{Line, To};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use replay::Replay;
use tabs::Given;

/// The colour of a tone, for whatever is laid by the report.
pub(super) fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Good => Role::Good,
        Tone::Near => Role::Warn,
        Tone::Bad => Role::Bad,
        Tone::You => Role::Info,
        Tone::Command => Role::Key,
        Tone::Dim => Role::Dim,
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Score,
    Time,
    Gaps,
    Ledger,
    Changes,
    Clues,
    Replay,
    Twin,
    Paths,
    Next,
}

/// In the order in which they are read, with the key of their name; the digits 1 to 9 and 0 go to them.
pub const TABS: [(Tab, &str); 10] = [
    (Tab::Score, "tab.score"),
    (Tab::Time, "tab.time"),
    (Tab::Gaps, "tab.gaps"),
    (Tab::Ledger, "tab.ledger"),
    (Tab::Changes, "tab.changes"),
    (Tab::Clues, "tab.clues"),
    (Tab::Replay, "tab.replay"),
    (Tab::Twin, "tab.twin"),
    (Tab::Paths, "tab.paths"),
    (Tab::Next, "tab.next"),
];

#[derive(Clone, Debug, Default)]
pub struct Debrief {
    pub tab: Tab,
    scrolls: [Scroll; TABS.len()],
    pub replay: Replay,
    pub search: String,
}

impl Debrief {
    fn place(&self) -> usize {
        TABS.iter().position(|(tab, _)| *tab == self.tab).unwrap_or(0)
    }

    fn scroll(&self) -> Scroll {
        self.scrolls.get(self.place()).copied().unwrap_or_default()
    }

    fn scroll_mut(&mut self) -> &mut Scroll {
        let at = self.place();
        &mut self.scrolls[at.min(TABS.len() - 1)]
    }
}

pub fn contexts(face: &Face) -> Vec<&'static str> {
    if face.debrief.tab == Tab::Replay { vec!["debrief-replay", "debrief"] } else { vec!["debrief"] }
}

/// The place of the lines: below title and tabs, above the keys.
fn body(area: Rect) -> Rect {
    Rect { x: area.x + 1, y: area.y + 3, width: area.width.saturating_sub(2), height: area.height.saturating_sub(4) }
}

/// Lines leave a column for the cursor at the left.
fn columns(area: Rect) -> u16 {
    body(area).width.saturating_sub(2)
}

fn given<'a>(face: &'a Face, scene: &'a Scene<'a>) -> Option<Given<'a>> {
    Some(Given { look: &face.look, scene, run: scene.run?, story: scene.story? })
}

fn laid(face: &Face, scene: &Scene, tab: Tab) -> Vec<Line> {
    given(face, scene).map_or_else(Vec::new, |given| tabs::lines(tab, &given, columns(face.area())))
}

/// A digit goes to a tab.
pub fn jump(face: &mut Face, digit: char, scene: &Scene) -> Vec<Ask> {
    let at = digit.to_digit(10).map_or(0, |digit| (digit as usize + 9) % 10);
    let Some((tab, _)) = TABS.get(at) else { return Vec::new() };
    enter(face, *tab, scene)
}

/// Shows a tab; what it needs and is not there yet is asked for.
fn enter(face: &mut Face, tab: Tab, scene: &Scene) -> Vec<Ask> {
    face.debrief.tab = tab;
    let wanting = tab == Tab::Twin && scene.story.is_some_and(|story| story.contrasts.is_none());
    if wanting { vec![Ask::Contrast] } else { Vec::new() }
}

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    if let Some(sheet) = scene.sheet {
        return closing::update(face, does, sheet);
    }
    let story = scene.story?;
    let height = usize::from(body(face.area()).height);
    let at = face.debrief.place();
    match does {
        Do::NextSection => return Some(enter(face, TABS[(at + 1) % TABS.len()].0, scene)),
        Do::PreviousSection => return Some(enter(face, TABS[(at + TABS.len() - 1) % TABS.len()].0, scene)),
        Do::Filter => {
            let known = face.debrief.search.clone();
            face.overlays.push(Overlay::prompt(For::Search, &known, face));
            return Some(Vec::new());
        }
        Do::NextMatch | Do::PreviousMatch => return Some(seek(face, does, scene)),
        _ => {}
    }
    if face.debrief.tab == Tab::Replay {
        if does == Do::Open {
            return Some(open_own(face, scene));
        }
        return face.debrief.replay.update(does, story, height).then(Vec::new);
    }
    let lines = laid(face, scene, face.debrief.tab);
    if face.debrief.scroll_mut().motion(does, lines.len(), height) {
        return Some(Vec::new());
    }
    match does {
        Do::Open => {
            let to = lines.get(face.debrief.scroll().at).and_then(|line| line.to.clone());
            Some(follow(face, to, scene))
        }
        _ => None,
    }
}

/// The learner's page of the step that is shown.
fn open_own(face: &mut Face, scene: &Scene) -> Vec<Ask> {
    let page = scene.story.and_then(|story| face.debrief.replay.page(story));
    let to = page.map(|(page, line)| To::Page(page, line));
    follow(face, to, scene)
}

/// Goes where a line leads.
fn follow(face: &mut Face, to: Option<To>, scene: &Scene) -> Vec<Ask> {
    let (Some(run), Some(story)) = (scene.run, scene.story) else { return Vec::new() };
    let overlay = match to {
        Some(To::Acts(entries)) => match entries.as_slice() {
            [entry] => Acts::opened(face, run, story, *entry),
            _ => Overlay::Acts(Acts::of(entries)),
        },
        Some(To::Page(id, line)) => match run.pages.iter().position(|page| page.id == id) {
            Some(page) => Overlay::pager(Spot::on(page, line as usize + 1)),
            None => return Vec::new(),
        },
        Some(To::Card(at)) => match story.told.cards.get(at) {
            Some(card) => Overlay::Told(Told::card(face, story, card)),
            None => return Vec::new(),
        },
        Some(To::Pledge) => Overlay::form(form::Kind::Pledge, run, face),
        Some(To::Play(slug)) => return vec![Ask::Shelve, Ask::Play { slug }],
        None => {
            face.tell(Role::Dim, "debrief.leads-nowhere");
            return Vec::new();
        }
    };
    face.overlays.push(overlay);
    Vec::new()
}

/// The next line of any tab that holds what is looked for, from where one stands.
fn seek(face: &mut Face, does: Do, scene: &Scene) -> Vec<Ask> {
    let wanted = face.debrief.search.to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (place, (tab, _)) in TABS.iter().enumerate() {
        let lines = laid(face, scene, *tab);
        let fits = lines.iter().enumerate().filter(|(_, line)| line.words.to_lowercase().contains(&wanted));
        found.extend(fits.map(|(at, _)| (place, at)));
    }
    let here = (face.debrief.place(), face.debrief.scroll().at);
    let next = match does {
        Do::NextMatch => found.iter().find(|own| **own > here).or(found.first()),
        _ => found.iter().rev().find(|own| **own < here).or(found.last()),
    };
    let Some((place, at)) = next.copied() else {
        face.tell(Role::Warn, "search.none");
        return Vec::new();
    };
    let asks = enter(face, TABS[place].0, scene);
    let count = laid(face, scene, TABS[place].0).len();
    let height = usize::from(body(face.area()).height);
    let scroll = face.debrief.scroll_mut();
    scroll.at = at;
    scroll.show(count, height);
    asks
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    if let Some(sheet) = scene.sheet {
        return closing::view(face, sheet, area, buf);
    }
    let look = &face.look;
    let room = area.width.saturating_sub(2);
    let Some(given) = given(face, scene) else {
        paint::clipped(buf, (area.x + 2, area.y), room, look.say("debrief.none"), look.of(Role::Dim));
        return None;
    };
    let title = crate::report::phrase::plain(&given.story.told.heading.title);
    let used = paint::clipped(buf, (area.x + 1, area.y), room, &title, look.of(Role::Title));
    let heading = format!("   {}", crate::report::phrase::heading(&look.lang, &given.story.told));
    paint::clipped(buf, (area.x + 1 + used, area.y), room.saturating_sub(used), &heading, look.of(Role::Dim));
    tab_bar(face, Rect { y: area.y + 1, height: 1, ..area }, buf);
    let body = body(area).intersection(area);
    if face.debrief.tab == Tab::Replay {
        let higher = Rect { y: body.y.saturating_sub(1), height: body.height + 1, ..body };
        face.debrief.replay.view(face, &given, higher, buf);
    } else {
        let lines = tabs::lines(face.debrief.tab, &given, columns(area));
        listed(face, &lines, body, buf);
    }
    let wanted: &[Do] = if face.debrief.tab == Tab::Replay {
        &[Do::StepOn, Do::StepBack, Do::OtherSide, Do::Open, Do::Down, Do::NextSection, Do::Shelve, Do::Help, Do::Quit]
    } else {
        &[Do::Down, Do::NextSection, Do::Open, Do::Filter, Do::NextMatch, Do::Pledge, Do::Shelve, Do::Help, Do::Quit]
    };
    bottom_line(face, Rect { y: area.bottom().saturating_sub(1), height: 1, ..area }, wanted, buf);
    None
}

/// The lines with the cursor; those that lead somewhere say so.
fn listed(face: &Face, lines: &[Line], body: Rect, buf: &mut Buffer) {
    let look = &face.look;
    let mut scroll = face.debrief.scroll();
    let height = usize::from(body.height);
    scroll.show(lines.len(), height);
    for (row, line) in lines.iter().skip(scroll.top).take(height).enumerate() {
        let y = body.y + row as u16;
        let room = body.width.saturating_sub(2);
        paint::clipped(buf, (body.x + 2, y), room, &line.words, look.of(line.role));
        if scroll.top + row == scroll.at {
            paint::tint(buf, Rect { y, height: 1, ..body }, look.of(Role::Select));
            let sign = if line.to.is_some() { "▸" } else { "·" };
            paint::text(buf, (body.x, y), 1, sign, look.of(Role::Focus));
        }
    }
    let hidden = lines.len().saturating_sub(scroll.top + height);
    more_below(face, hidden, Rect { y: body.y.saturating_sub(1), height: 1, ..body }, buf);
}

/// `1 Score [2 Time] 3 Gaps`: the one that is shown stands in brackets, whatever the colours.
fn tab_bar(face: &Face, area: Rect, buf: &mut Buffer) {
    let look = &face.look;
    let here = face.debrief.place();
    let names: Vec<String> = TABS.iter().map(|(_, key)| look.say(key).to_string()).collect();
    let whole: usize = names.iter().map(|name| paint::columns(name) + 3).sum::<usize>() + 1;
    let mut x = area.x;
    for (at, name) in names.iter().enumerate() {
        let shown = at == here;
        // Where there is no room the others are their digits.
        let name = if shown || whole <= usize::from(area.width) { format!(" {name}") } else { String::new() };
        let digit = (at + 1) % 10;
        let words = if shown { format!("[{digit}{name}]") } else { format!(" {digit}{name}") };
        let role = if shown { Role::Focus } else { Role::Dim };
        x += paint::text(buf, (x, area.y), area.right().saturating_sub(x), &words, look.of(role));
    }
}

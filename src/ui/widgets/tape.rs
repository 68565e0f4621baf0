//! Pages laid end to end, scrolled line by line; only the lines in sight are ever touched, so a page of a million lines
//! costs what a screen of it costs. Does not know which pages belong on it.

use super::paint;
use crate::console::page::{Line, Page, Stream};
use crate::ui::face::Look;
use crate::ui::keymap::Do;
use crate::ui::theme::{Role, status};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A line of the tape: the page's place in the list, and 0 for its prompt line or n for its n-th printed line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub page: usize,
    pub line: usize,
}

/// The pages shown; `folded` pages show their prompt line only (they print elsewhere).
#[derive(Clone, Copy)]
pub struct Tape<'a> {
    pub pages: &'a [Page],
    pub shown: &'a [usize],
    pub folded: &'a [usize],
}

/// Where one looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub cursor: Spot,
    /// The other end of a range.
    pub anchor: Option<Spot>,
    /// First line in sight; `None` follows the end.
    pub top: Option<Spot>,
    pub search: String,
    pub clip: bool,
}

impl<'a> Tape<'a> {
    fn rank(&self, page: usize) -> usize {
        self.shown.partition_point(|shown| *shown < page)
    }
    fn lines_of(&self, page: usize) -> usize {
        if self.folded.contains(&page) { 0 } else { self.pages.get(page).map_or(0, |p| p.output.lines.len()) }
    }
    pub fn first(&self) -> Option<Spot> {
        self.shown.first().map(|page| Spot { page: *page, line: 0 })
    }
    pub fn last(&self) -> Option<Spot> {
        self.shown.last().map(|page| Spot { page: *page, line: self.lines_of(*page) })
    }
    pub fn next(&self, spot: Spot) -> Option<Spot> {
        if spot.line < self.lines_of(spot.page) {
            return Some(Spot { line: spot.line + 1, ..spot });
        }
        self.shown.get(self.rank(spot.page) + 1).map(|page| Spot { page: *page, line: 0 })
    }
    pub fn previous(&self, spot: Spot) -> Option<Spot> {
        if spot.line > 0 {
            return Some(Spot { line: spot.line - 1, ..spot });
        }
        let page = *self.shown.get(self.rank(spot.page).checked_sub(1)?)?;
        Some(Spot { page, line: self.lines_of(page) })
    }
    pub fn line(&self, spot: Spot) -> Option<&'a Line> {
        self.pages.get(spot.page)?.output.lines.get(spot.line.checked_sub(1)?)
    }
    /// The text of a line as it is drawn, prompt included.
    pub fn text(&self, spot: Spot) -> String {
        match self.line(spot) {
            Some(line) if line.stream == Stream::Hint && !line.text.starts_with("hint") => {
                format!("hint: {}", line.text)
            }
            Some(line) => line.text.clone(),
            None => {
                self.pages.get(spot.page).map_or_else(String::new, |page| format!("{}{}", page.prompt, page.command))
            }
        }
    }
    fn rows(&self, spot: Spot, width: u16, clip: bool) -> usize {
        if clip { 1 } else { paint::rows(&self.text(spot), width).len() }
    }

    /// A line so many rows above `from`; stops at the start.
    fn above(&self, from: Spot, mut rows: usize, width: u16, clip: bool) -> Spot {
        let mut spot = from;
        while let Some(previous) = self.previous(spot) {
            let taken = self.rows(previous, width, clip);
            if taken > rows {
                break;
            }
            rows -= taken;
            spot = previous;
        }
        spot
    }

    /// The first line in sight when the end is followed.
    pub fn top_at_end(&self, width: u16, height: u16, clip: bool) -> Option<Spot> {
        let last = self.last()?;
        let below = usize::from(height).saturating_sub(self.rows(last, width, clip));
        Some(self.above(last, below, width, clip))
    }
}

impl Place {
    /// Moves the cursor and keeps it in sight; false if the command is no motion.
    pub fn motion(&mut self, does: Do, tape: &Tape, area: Rect) -> bool {
        let (Some(first), Some(last)) = (tape.first(), tape.last()) else {
            return matches!(does, Do::Down | Do::Up | Do::PageDown | Do::PageUp | Do::Top | Do::Bottom);
        };
        let cursor = self.cursor.clamp(first, last);
        let many = usize::from(area.height.max(2) - 1);
        let steps = |count: usize, step: &dyn Fn(Spot) -> Option<Spot>| {
            (0..count).try_fold(cursor, |spot, _| step(spot).ok_or(spot)).unwrap_or_else(|end| end)
        };
        self.cursor = match does {
            Do::Down => steps(1, &|spot| tape.next(spot)),
            Do::Up => steps(1, &|spot| tape.previous(spot)),
            Do::PageDown => steps(many, &|spot| tape.next(spot)),
            Do::PageUp => steps(many, &|spot| tape.previous(spot)),
            Do::Top => first,
            Do::Bottom => last,
            _ => return false,
        };
        self.keep_in_sight(tape, area);
        true
    }

    /// Scrolls so that the cursor is drawn.
    pub fn keep_in_sight(&mut self, tape: &Tape, area: Rect) {
        let Some(end_top) = tape.top_at_end(area.width, area.height, self.clip) else { return };
        let top = self.top.unwrap_or(end_top);
        let own = tape.rows(self.cursor, area.width, self.clip);
        let lowest = tape.above(self.cursor, usize::from(area.height).saturating_sub(own), area.width, self.clip);
        let top = top.min(self.cursor).max(lowest);
        self.top = (top < end_top).then_some(top);
    }

    /// Goes to the next line that holds the search text, forward or back, around the ends once.
    pub fn seek(&mut self, does: Do, tape: &Tape, area: Rect) -> bool {
        if self.search.is_empty() {
            return false;
        }
        let needle = self.search.to_lowercase();
        let forward = does != Do::PreviousMatch;
        let Some((first, last)) = tape.first().zip(tape.last()) else { return false };
        let start = self.cursor.clamp(first, last);
        let mut spot = start;
        loop {
            spot = if forward { tape.next(spot).unwrap_or(first) } else { tape.previous(spot).unwrap_or(last) };
            if tape.text(spot).to_lowercase().contains(&needle) {
                self.cursor = spot;
                self.keep_in_sight(tape, area);
                return true;
            }
            if spot == start {
                return false;
            }
        }
    }

    /// The printed lines chosen, as a page's place and its zero-based first and last line. A range stays within one page.
    pub fn chosen(&self) -> Option<(usize, u32, u32)> {
        let (a, b) = match self.anchor {
            Some(anchor) if anchor.page == self.cursor.page => (anchor.min(self.cursor), anchor.max(self.cursor)),
            _ => (self.cursor, self.cursor),
        };
        let to = b.line.checked_sub(1)?;
        Some((self.cursor.page, a.line.max(1) as u32 - 1, to as u32))
    }
}

/// What is drawn beside the lines.
pub struct Gutter<'a> {
    /// The cursor is shown.
    pub selecting: bool,
    /// Whether a printed line (page's place, zero-based line) is in the bag.
    pub bagged: &'a dyn Fn(usize, u32) -> bool,
}

/// Draws the tape into `area`, from `place`; gives the number of rows used.
pub fn draw(tape: &Tape, place: &Place, gutter: &Gutter, look: &Look, area: Rect, buf: &mut Buffer) -> u16 {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let top = place.top.or_else(|| tape.top_at_end(inner.width, inner.height, place.clip));
    let (mut spot, mut y) = (top, area.y);
    while let Some(here) = spot.filter(|_| y < area.bottom()) {
        y += draw_line(tape, here, place, gutter, look, Rect { y, height: area.bottom() - y, ..inner }, buf);
        spot = tape.next(here);
    }
    y - area.y
}

fn draw_line(t: &Tape, spot: Spot, place: &Place, gutter: &Gutter, look: &Look, area: Rect, buf: &mut Buffer) -> u16 {
    let text = t.text(spot);
    let stream = t.line(spot).map(|line| line.stream);
    let base = match stream {
        None => look.of(Role::Prompt),
        Some(Stream::Out) => look.of(Role::Text),
        Some(Stream::Err) => look.of(Role::Warn),
        Some(Stream::Hint) => look.of(Role::Hint),
    };
    let rows = if place.clip { std::iter::once(0..text.len()).collect() } else { paint::rows(&text, area.width) };
    let drawn = rows.len().min(usize::from(area.height)) as u16;
    for (row, range) in rows.into_iter().take(usize::from(drawn)).enumerate() {
        let at = (area.x, area.y + row as u16);
        if place.clip {
            paint::clipped(buf, at, area.width, &text, base);
        } else {
            paint::text(buf, at, area.width, &text[range.clone()], base);
        }
        if stream == Some(Stream::Out) {
            tint_statuses(&text[range.clone()], at, area.width, look, buf);
        }
        if !place.search.is_empty() {
            tint_matches(&text[range], &place.search, at, area.width, look, buf);
        }
    }
    mark(spot, place, gutter, look, Rect { height: drawn, ..area }, buf);
    drawn
}

/// The gutter's sign and the tint of chosen lines.
fn mark(spot: Spot, place: &Place, gutter: &Gutter, look: &Look, area: Rect, buf: &mut Buffer) {
    let at = (area.x - 1, area.y);
    let bagged = spot.line > 0 && (gutter.bagged)(spot.page, spot.line as u32 - 1);
    let ascii = look.lines == paint::Lines::Ascii;
    if bagged {
        paint::text(buf, at, 1, if ascii { "*" } else { "●" }, look.of(Role::Good));
    }
    if !gutter.selecting {
        return;
    }
    let (low, high) = match place.anchor {
        Some(anchor) => (anchor.min(place.cursor), anchor.max(place.cursor)),
        None => (place.cursor, place.cursor),
    };
    if (low..=high).contains(&spot) {
        paint::tint(buf, area, look.of(Role::Select));
    }
    if spot == place.cursor {
        paint::text(buf, at, 1, if ascii { ">" } else { "▸" }, look.of(Role::Focus));
    }
}

fn tint_statuses(text: &str, at: (u16, u16), room: u16, look: &Look, buf: &mut Buffer) {
    let mut from = 0;
    for word in text.split_ascii_whitespace() {
        let Some(found) = text[from..].find(word) else { return };
        let start = from + found;
        from = start + word.len();
        if let Some(role) = status(word) {
            tint_range(text, start..from, at, room, look.of(role), buf);
        }
    }
}

fn tint_matches(text: &str, needle: &str, at: (u16, u16), room: u16, look: &Look, buf: &mut Buffer) {
    // Byte offsets of a lowered text are those of the text itself only where lowering keeps lengths; ASCII does.
    let (hay, needle) = (text.to_ascii_lowercase(), needle.to_ascii_lowercase());
    for (start, found) in hay.match_indices(&needle) {
        tint_range(text, start..start + found.len(), at, room, look.of(Role::Match), buf);
    }
}

fn tint_range(
    text: &str,
    range: std::ops::Range<usize>,
    at: (u16, u16),
    room: u16,
    style: ratatui::style::Style,
    buf: &mut Buffer,
) {
    let (Some(before), Some(part)) = (text.get(..range.start), text.get(range)) else { return };
    let x = paint::columns(before) as u16;
    let width = (paint::columns(part) as u16).min(room.saturating_sub(x));
    if width > 0 {
        paint::tint(buf, Rect { x: at.0 + x, y: at.1, width, height: 1 }, style);
    }
}

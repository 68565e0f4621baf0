//! Pages laid end to end, scrolled line by line; only the lines in sight are ever touched, so a page of a million lines
//! costs what a screen of it costs. Does not know which pages belong on it.

use super::paint;
use crate::console::page::{Line, Page, Stream};
use crate::ui::face::Look;
use crate::ui::keymap::Do;
use crate::ui::theme::{Role, status};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A line of the tape: the page's place in the list, and 0 for its prompt line or n for its n-th printed line. Without a
/// page it is a line of the preface, which stands before all pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub page: Option<usize>,
    pub line: usize,
}

impl Spot {
    pub fn on(page: usize, line: usize) -> Spot {
        Spot { page: Some(page), line }
    }
}

/// The pages shown; `folded` pages show their prompt line only (they print elsewhere).
#[derive(Clone, Copy)]
pub struct Tape<'a> {
    /// What stands before the first page: nothing that was printed, so it cannot be bagged.
    pub preface: &'a [(Role, String)],
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
    pub wrap: Wrap,
    /// How many columns of cut lines are out of sight.
    pub left: u16,
}

/// Which printed lines go on in the next row; the others are cut at the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// All but tables: columns stay beneath each other, and no field of a log line is out of sight.
    #[default]
    Lines,
    Everything,
    Nothing,
}

impl Wrap {
    fn next(self) -> Wrap {
        match self {
            Wrap::Lines => Wrap::Everything,
            Wrap::Everything => Wrap::Nothing,
            Wrap::Nothing => Wrap::Lines,
        }
    }

    /// What is said of it, by language key.
    pub fn key(self) -> &'static str {
        match self {
            Wrap::Lines => "wrap.lines",
            Wrap::Everything => "wrap.everything",
            Wrap::Nothing => "wrap.nothing",
        }
    }
}

/// How far the next rows of a printed line stand in.
const INDENT: u16 = 2;
/// A pane narrower than this has no room for an indent.
const INDENTED_FROM: u16 = 20;
/// The heading of a table is looked for among so many lines.
const HEADING_LINES_MAX: usize = 8;

/// Whether a page begins with a heading of columns: names in capitals, three blanks or more between them.
fn is_table(page: &Page) -> bool {
    let mut printed = page.output.lines.iter().take(HEADING_LINES_MAX).filter(|line| line.stream == Stream::Out);
    let Some(heading) = printed.next().map(|line| line.text.trim()) else { return false };
    heading.contains("   ")
        && heading.starts_with(|c: char| c.is_ascii_uppercase())
        && !heading.contains(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '=')
        || heading.split_once("   ").is_some_and(|(first, _)| first == "NAME")
}

/// How many columns one step to the side is.
const PAN_COLUMNS: u16 = 24;
/// No line is looked at further to the right than this.
const PAN_COLUMNS_MAX: u16 = 4_096;

impl<'a> Tape<'a> {
    fn rank(&self, page: usize) -> usize {
        self.shown.partition_point(|shown| *shown < page)
    }
    fn lines_of(&self, page: usize) -> usize {
        if self.folded.contains(&page) { 0 } else { self.pages.get(page).map_or(0, |p| p.output.lines.len()) }
    }
    pub fn first(&self) -> Option<Spot> {
        if !self.preface.is_empty() {
            return Some(Spot::default());
        }
        self.shown.first().map(|page| Spot::on(*page, 0))
    }
    pub fn last(&self) -> Option<Spot> {
        match self.shown.last() {
            Some(page) => Some(Spot::on(*page, self.lines_of(*page))),
            None => self.preface_end(),
        }
    }
    fn preface_end(&self) -> Option<Spot> {
        Some(Spot { page: None, line: self.preface.len().checked_sub(1)? })
    }
    pub fn next(&self, spot: Spot) -> Option<Spot> {
        let (more, rank) = match spot.page {
            Some(page) => (spot.line < self.lines_of(page), self.rank(page) + 1),
            None => (spot.line + 1 < self.preface.len(), 0),
        };
        if more {
            return Some(Spot { line: spot.line + 1, ..spot });
        }
        self.shown.get(rank).map(|page| Spot::on(*page, 0))
    }
    pub fn previous(&self, spot: Spot) -> Option<Spot> {
        if spot.line > 0 {
            return Some(Spot { line: spot.line - 1, ..spot });
        }
        let Some(before) = self.rank(spot.page?).checked_sub(1) else { return self.preface_end() };
        let page = *self.shown.get(before)?;
        Some(Spot::on(page, self.lines_of(page)))
    }
    pub fn line(&self, spot: Spot) -> Option<&'a Line> {
        self.pages.get(spot.page?)?.output.lines.get(spot.line.checked_sub(1)?)
    }
    /// The text of a line as it is drawn, prompt included.
    pub fn text(&self, spot: Spot) -> String {
        let Some(page) = spot.page else {
            return self.preface.get(spot.line).map_or_else(String::new, |(_, words)| words.clone());
        };
        match self.line(spot) {
            Some(line) if line.stream == Stream::Hint && !line.text.starts_with("hint") => {
                format!("hint: {}", line.text)
            }
            Some(line) => line.text.clone(),
            None => self
                .pages
                .get(page)
                .map_or_else(String::new, |page| format!("{}{}", page.prompt, page.command.replace('\n', "⏎"))),
        }
    }
    /// Rows of a table are cut at the edge; our own words and errors are sentences and always wrap.
    fn is_cut(&self, spot: Spot, wrap: Wrap) -> bool {
        let table = || spot.page.and_then(|page| self.pages.get(page)).is_some_and(is_table);
        self.is_printed(spot)
            && match wrap {
                Wrap::Lines => table(),
                Wrap::Everything => false,
                Wrap::Nothing => true,
            }
    }
    /// What an instrument printed.
    fn is_printed(&self, spot: Spot) -> bool {
        self.line(spot).is_some_and(|line| line.stream == Stream::Out)
    }
    fn rows(&self, spot: Spot, width: u16, wrap: Wrap) -> usize {
        if self.is_cut(spot, wrap) { 1 } else { self.broken(spot, &self.text(spot), width).len() }
    }
    /// The rows of a line that wraps: those after the first of a printed line stand in, so that they are no lines.
    fn broken(&self, spot: Spot, text: &str, width: u16) -> Vec<std::ops::Range<usize>> {
        let mut rows = paint::rows(text, width);
        if rows.len() > 1 && self.indent(spot, width) > 0 {
            let rest = rows[0].end;
            rows.truncate(1);
            let narrow = paint::rows(&text[rest..], width - INDENT);
            rows.extend(narrow.into_iter().map(|row| row.start + rest..row.end + rest));
        }
        rows
    }
    fn indent(&self, spot: Spot, width: u16) -> u16 {
        if self.is_printed(spot) && width >= INDENTED_FROM { INDENT } else { 0 }
    }

    /// A line so many rows above `from`; stops at the start.
    fn above(&self, from: Spot, mut rows: usize, width: u16, wrap: Wrap) -> Spot {
        let mut spot = from;
        while let Some(previous) = self.previous(spot) {
            let taken = self.rows(previous, width, wrap);
            if taken > rows {
                break;
            }
            rows -= taken;
            spot = previous;
        }
        spot
    }

    /// The first line in sight when the end is followed.
    pub fn top_at_end(&self, width: u16, height: u16, wrap: Wrap) -> Option<Spot> {
        let last = self.last()?;
        let below = usize::from(height).saturating_sub(self.rows(last, width, wrap));
        Some(self.above(last, below, width, wrap))
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
            Do::PanLeft | Do::PanRight => return self.pan(does),
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

    pub fn toggle_wrap(&mut self) {
        self.wrap = self.wrap.next();
        self.left = 0;
    }

    /// Looks further to the side; wrapped lines have no side.
    pub fn pan(&mut self, does: Do) -> bool {
        let left = match does {
            Do::PanLeft => self.left.saturating_sub(PAN_COLUMNS),
            Do::PanRight => (self.left + PAN_COLUMNS).min(PAN_COLUMNS_MAX),
            _ => return false,
        };
        self.left = if self.wrap == Wrap::Everything { 0 } else { left };
        true
    }

    /// Scrolls so that the cursor is drawn.
    pub fn keep_in_sight(&mut self, tape: &Tape, area: Rect) {
        let Some(end_top) = tape.top_at_end(area.width, area.height, self.wrap) else { return };
        let top = self.top.unwrap_or(end_top);
        let own = tape.rows(self.cursor, area.width, self.wrap);
        let lowest = tape.above(self.cursor, usize::from(area.height).saturating_sub(own), area.width, self.wrap);
        let top = top.min(self.cursor).max(lowest);
        self.top = (top < end_top).then_some(top);
    }

    /// Looks so many lines further down, or up; the cursor stays. At the end the end is followed again.
    pub fn slide(&mut self, lines: i64, tape: &Tape, area: Rect) {
        let Some(end_top) = tape.top_at_end(area.width, area.height, self.wrap) else { return };
        let step = |spot: Spot| if lines < 0 { tape.previous(spot) } else { tape.next(spot) };
        let from = self.top.unwrap_or(end_top);
        let top = (0..lines.unsigned_abs()).try_fold(from, |spot, _| step(spot).ok_or(spot)).unwrap_or_else(|end| end);
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
        Some((self.cursor.page?, a.line.max(1) as u32 - 1, to as u32))
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
    let top = place.top.or_else(|| tape.top_at_end(inner.width, inner.height, place.wrap));
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
        None if spot.page.is_none() => look.of(t.preface.get(spot.line).map_or(Role::Text, |(role, _)| *role)),
        None => look.of(Role::Prompt),
        Some(Stream::Out) => look.of(Role::Text),
        Some(Stream::Err) => look.of(Role::Warn),
        Some(Stream::Hint) => look.of(Role::Hint),
    };
    let cut = t.is_cut(spot, place.wrap);
    let rows =
        if cut { std::iter::once(in_sight(&text, place.left)).collect() } else { t.broken(spot, &text, area.width) };
    let drawn = rows.len().min(usize::from(area.height)) as u16;
    for (row, range) in rows.into_iter().take(usize::from(drawn)).enumerate() {
        let indent = if row == 0 { 0 } else { t.indent(spot, area.width) };
        let (at, room) = ((area.x + indent, area.y + row as u16), area.width - indent);
        if cut {
            cut_line(&text, range.clone(), at, room, (base, look), buf);
        } else {
            paint::text(buf, at, room, &text[range.clone()], base);
        }
        if stream == Some(Stream::Out) {
            tint_statuses(&text[range.clone()], at, room, look, buf);
        }
        if !place.search.is_empty() {
            tint_matches(&text[range], &place.search, at, room, look, buf);
        }
    }
    mark(spot, place, gutter, look, Rect { height: drawn, ..area }, buf);
    drawn
}

/// What is left of a line without its first columns.
fn in_sight(text: &str, left: u16) -> std::ops::Range<usize> {
    if left == 0 {
        return 0..text.len();
    }
    let mut hidden = 0;
    for (at, c) in text.char_indices() {
        if hidden >= usize::from(left) {
            return at..text.len();
        }
        hidden += paint::columns(c.encode_utf8(&mut [0; 4]));
    }
    text.len()..text.len()
}

/// A line that may go on beyond either edge: a sign at the edge says so.
fn cut_line(
    text: &str,
    range: std::ops::Range<usize>,
    at: (u16, u16),
    room: u16,
    (base, look): (ratatui::style::Style, &Look),
    buf: &mut Buffer,
) {
    let shown = &text[range.clone()];
    let (before, after) = if look.lines == paint::Lines::Ascii { ("<", ">") } else { ("‹", "›") };
    paint::text(buf, at, room, shown, base);
    if paint::columns(shown) > usize::from(room) && room > 0 {
        let edge = (at.0 + room - 1, at.1);
        paint::clear(buf, Rect { x: edge.0, y: edge.1, width: 1, height: 1 }, base);
        paint::text(buf, edge, 1, after, look.of(Role::Key));
    }
    if range.start > 0 && !text.trim().is_empty() {
        paint::clear(buf, Rect { x: at.0, y: at.1, width: 1, height: 1 }, base);
        paint::text(buf, at, 1, before, look.of(Role::Key));
    }
}

/// The gutter's sign and the tint of chosen lines.
fn mark(spot: Spot, place: &Place, gutter: &Gutter, look: &Look, area: Rect, buf: &mut Buffer) {
    let at = (area.x - 1, area.y);
    let bagged = spot.line > 0 && spot.page.is_some_and(|page| (gutter.bagged)(page, spot.line as u32 - 1));
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

//! Drawing straight into cells: text with right widths, frames, fills. Does not know what the text means.

use crate::ui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Tabs go to the next multiple of eight, as terminals do.
const TAB_COLUMNS: u16 = 8;

/// Columns that `text` takes when `text()` draws it at the start of a line.
pub fn columns(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += step(grapheme, used as u16) as usize;
    }
    used
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

fn step(grapheme: &str, used: u16) -> u16 {
    if grapheme == "\t" {
        return TAB_COLUMNS - used % TAB_COLUMNS;
    }
    if grapheme.chars().any(char::is_control) {
        return 1;
    }
    (grapheme.width() as u16).min(2)
}

/// Byte ranges of the rows that `text` takes at `width` columns; breaks at a space if there is one in the last half.
pub fn rows(text: &str, width: u16) -> Vec<std::ops::Range<usize>> {
    let width = width.max(1);
    if text.len() <= usize::from(width) && is_plain(text) {
        return std::iter::once(0..text.len()).collect();
    }
    let (mut rows, mut start, mut used, mut space) = (Vec::new(), 0, 0u16, None);
    for (at, grapheme) in text.grapheme_indices(true) {
        let w = step(grapheme, used);
        if used + w > width && at > start {
            let cut = space.filter(|s| s - start > usize::from(width) / 2 && *s <= at).unwrap_or(at);
            rows.push(start..cut);
            start = cut;
            used = columns(&text[start..at]) as u16;
            space = None;
        }
        used += w;
        if grapheme == " " {
            space = Some(at + 1);
        }
    }
    rows.push(start..text.len());
    rows
}

/// Draws text at (x, y), at most `room` columns, and returns how many columns it took. Outside the buffer nothing happens.
pub fn text(buf: &mut Buffer, (x, y): (u16, u16), room: u16, text: &str, style: Style) -> u16 {
    let area = buf.area;
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return 0;
    }
    let room = room.min(area.right() - x);
    let start = buf.index_of(x, y);
    if is_plain(text) {
        let count = text.len().min(usize::from(room));
        for (cell, byte) in buf.content[start..start + count].iter_mut().zip(text.bytes()) {
            cell.set_char(char::from(byte)).set_style(style);
        }
        return count as u16;
    }
    let mut used = 0u16;
    for grapheme in text.graphemes(true) {
        let w = step(grapheme, used);
        if w == 0 {
            continue;
        }
        if used + w > room {
            break;
        }
        let cells = &mut buf.content[start + usize::from(used)..start + usize::from(used + w)];
        for cell in cells.iter_mut() {
            cell.set_symbol(" ").set_style(style);
        }
        if grapheme != "\t" {
            let harmless = if grapheme.chars().any(char::is_control) { "�" } else { grapheme };
            cells[0].set_symbol(harmless);
        }
        used += w;
    }
    used
}

/// Text that says by `…` that it was cut.
pub fn clipped(buf: &mut Buffer, (x, y): (u16, u16), room: u16, words: &str, style: Style) -> u16 {
    if columns(words) <= usize::from(room) {
        return text(buf, (x, y), room, words, style);
    }
    if room == 0 {
        return 0;
    }
    let used = text(buf, (x, y), room - 1, words, style);
    used + text(buf, (x + used, y), 1, "…", style)
}

/// Spans of (words, role), one after the other.
pub fn spans(buf: &mut Buffer, (x, y): (u16, u16), room: u16, parts: &[(&str, Role)], theme: &Theme) -> u16 {
    let mut used = 0;
    for (words, role) in parts {
        used += text(buf, (x + used, y), room.saturating_sub(used), words, theme.of(*role));
    }
    used
}

/// Blanks an area for something to be drawn over others. A wide character whose left half stands just outside would
/// swallow the first column of the area, so it is blanked as well.
pub fn clear(buf: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buf.area);
    for y in area.top()..area.bottom() {
        if area.left() > buf.area.left() {
            let before = &mut buf.content[buf_index(buf.area, area.left() - 1, y)];
            if before.symbol().width() > 1 {
                before.set_symbol(" ");
            }
        }
        let start = buf_index(buf.area, area.left(), y);
        for cell in &mut buf.content[start..start + usize::from(area.width)] {
            cell.reset();
            cell.set_style(style);
        }
    }
}

fn buf_index(area: Rect, x: u16, y: u16) -> usize {
    usize::from(y - area.y) * usize::from(area.width) + usize::from(x - area.x)
}

/// Lays a style over an area, keeping the text.
pub fn tint(buf: &mut Buffer, area: Rect, style: Style) {
    buf.set_style(area.intersection(buf.area), style);
}

/// How borders are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    #[default]
    Box,
    Ascii,
}

/// A frame with a title in its top edge; gives the inside. Areas too small for a border are given back whole.
pub fn frame(buf: &mut Buffer, area: Rect, title: &str, styles: (Style, Style), lines: Lines) -> Rect {
    let area = area.intersection(buf.area);
    if area.width < 3 || area.height < 3 {
        return area;
    }
    let (border, name) = styles;
    let [h, v, tl, tr, bl, br] = match lines {
        Lines::Box => ["─", "│", "┌", "┐", "└", "┘"],
        Lines::Ascii => ["-", "|", "+", "+", "+", "+"],
    };
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.left()..=right {
        for (y, left_corner, right_corner) in [(area.top(), tl, tr), (bottom, bl, br)] {
            let symbol = if x == area.left() {
                left_corner
            } else if x == right {
                right_corner
            } else {
                h
            };
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_symbol(symbol).set_style(border);
            }
        }
    }
    for y in area.top() + 1..bottom {
        for x in [area.left(), right] {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_symbol(v).set_style(border);
            }
        }
    }
    if !title.is_empty() && area.width > 6 {
        let used = clipped(buf, (area.x + 2, area.y), area.width - 5, title, name);
        text(buf, (area.x + 1, area.y), 1, " ", name);
        text(buf, (area.x + 2 + used, area.y), 1, " ", name);
    }
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}

/// The middle of an area, at most so wide and high.
pub fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// Signs of ours that some terminals draw two columns wide (Unicode, East Asian Width: ambiguous), and plain ones.
const SIGNS: &[(char, &str)] = &[
    ('·', "-"),
    ('×', "x"),
    ('–', "-"),
    ('—', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
    ('•', "*"),
    ('…', "~"),
    ('‹', "<"),
    ('›', ">"),
    ('←', "<"),
    ('↑', "^"),
    ('→', ">"),
    ('↓', "v"),
    ('⏎', "|"),
    ('⏱', "@"),
    ('─', "-"),
    ('│', "|"),
    ('█', "#"),
    ('░', "."),
    ('▪', "*"),
    ('▸', ">"),
    ('▾', "v"),
    ('○', "o"),
    ('●', "*"),
    ('☞', ">"),
    ('✓', "+"),
    ('✗', "x"),
];

/// Puts plain signs in place of ours, whoever drew them.
pub fn to_ascii(buf: &mut Buffer, area: Rect) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let Some(cell) = buf.cell_mut((x, y)) else { continue };
            let mut chars = cell.symbol().chars();
            let (Some(sign), None) = (chars.next(), chars.next()) else { continue };
            if let Some((_, plain)) = SIGNS.iter().find(|(one, _)| *one == sign) {
                cell.set_symbol(plain);
            }
        }
    }
}

/// What stands in a buffer as plain text: one line a row, wide characters once, no trailing blanks.
pub fn plain_text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let (mut line, mut x) = (String::new(), buf.area.left());
        while x < buf.area.right() {
            let symbol = buf.cell((x, y)).map_or(" ", |cell| cell.symbol());
            line.push_str(symbol);
            x += symbol.width().max(1) as u16;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

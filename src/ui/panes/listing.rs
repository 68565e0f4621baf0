//! Rows of a list in a pane: each item takes so many rows, one is chosen. Only what is in sight is put into words. Does not
//! know what the items are.

use crate::ui::face::Face;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// One row in words.
pub type Said = (Role, String);

/// How many items of so many rows are in sight.
pub fn shown(area: Rect, each: u16) -> usize {
    usize::from(area.height / each.max(1)).max(1)
}

/// Draws `count` items of `each` rows; `words` gives the rows of one. The chosen one is marked where the pane has the keys.
pub fn draw(
    face: &Face,
    (scroll, focused): (Scroll, bool),
    (count, each): (usize, u16),
    area: Rect,
    buf: &mut Buffer,
    words: impl Fn(usize) -> Vec<Said>,
) {
    let mut scroll = scroll;
    let height = shown(area, each);
    scroll.show(count, height);
    for at in (scroll.top..count).take(height) {
        let y = area.y + (at - scroll.top) as u16 * each;
        let rows = words(at);
        for (row, (role, said)) in rows.iter().take(usize::from(each)).enumerate() {
            let y = y + row as u16;
            if y < area.bottom() {
                paint::clipped(buf, (area.x + 1, y), area.width.saturating_sub(1), said, face.look.of(*role));
            }
        }
        if focused && at == scroll.at && y < area.bottom() {
            let sign = if face.look.lines == paint::Lines::Ascii { ">" } else { "▸" };
            let height = each.min(area.bottom() - y);
            paint::tint(buf, Rect { x: area.x, y, width: area.width, height }, face.look.of(Role::Select));
            paint::text(buf, (area.x, y), 1, sign, face.look.of(Role::Focus));
        }
    }
}

/// What is said where there is nothing yet, in as many rows as it takes.
pub fn nothing(face: &Face, words: &str, area: Rect, buf: &mut Buffer) {
    let room = area.width.saturating_sub(2);
    for (row, range) in paint::rows(words, room).into_iter().take(usize::from(area.height)).enumerate() {
        paint::text(buf, (area.x + 1, area.y + row as u16), room, &words[range], face.look.of(Role::Dim));
    }
}

//! What is left to read after an interview: sections of ready-made lines, scrolled. Does not know how they were reckoned.

use super::super::bottom_line;
use super::role;
use crate::report::sheet::Sheet;
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Lines in wider rows are hard to read.
const READ_COLUMNS_MAX: u16 = 130;

/// All rows at a width, and at which row each section starts.
fn rows(sheet: &Sheet, width: u16) -> (Vec<(Role, String)>, Vec<usize>) {
    let (mut rows, mut starts) = (Vec::new(), Vec::new());
    for section in &sheet.sections {
        starts.push(rows.len());
        rows.push((Role::Focus, section.title.clone()));
        for (tone, row) in &section.rows {
            let lines = row.lines(usize::from(width.min(READ_COLUMNS_MAX)));
            rows.extend(lines.into_iter().map(|line| (role(*tone), line)));
        }
        rows.push((Role::Text, String::new()));
    }
    (rows, starts)
}

pub fn update(face: &mut Face, does: Do, sheet: &Sheet) -> Option<Vec<Ask>> {
    let area = face.area();
    let (rows, starts) = rows(sheet, area.width.saturating_sub(4));
    let height = usize::from(area.height.saturating_sub(3));
    face.debrief.scroll_mut().turn(does, rows.len(), height, &starts).then(Vec::new)
}

pub fn view(face: &Face, sheet: &Sheet, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let room = area.width.saturating_sub(4);
    let (rows, _) = rows(sheet, room);
    let height = usize::from(area.height.saturating_sub(3));
    let used = paint::clipped(buf, (area.x + 2, area.y), room, &sheet.title, look.of(Role::Title));
    let heading = format!("   {}", sheet.heading);
    paint::clipped(buf, (area.x + 2 + used, area.y), room.saturating_sub(used), &heading, look.of(Role::Dim));
    let top = face.debrief.scroll().top.min(rows.len().saturating_sub(height));
    for (row, (role, words)) in rows.iter().skip(top).take(height).enumerate() {
        paint::text(buf, (area.x + 2, area.y + 2 + row as u16), room, words, look.of(*role));
    }
    let wanted = [Do::Down, Do::PageDown, Do::NextSection, Do::Shelve, Do::Help, Do::Quit];
    bottom_line(face, Rect { y: area.bottom() - 1, height: 1, ..area }, &wanted, buf);
    None
}

//! The debrief as plain text, 80 columns wide. Does not know colours.

use super::sheet::Sheet;
use crate::case::debrief::Debrief;
use crate::stdx::lang::Lang;
use crate::stdx::text::width;

const COLUMNS: usize = 80;

pub fn write(debrief: &Debrief, lang: &Lang) -> String {
    let sheet = Sheet::of(debrief, lang);
    let mut out = format!("{}\n{}\n", sheet.title, sheet.heading);
    for section in &sheet.sections {
        out.push_str(&format!("\n{}\n{}\n", section.title, "─".repeat(width(&section.title).min(COLUMNS))));
        for (_, row) in &section.rows {
            for line in row.lines(COLUMNS) {
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    out
}

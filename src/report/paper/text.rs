//! A paper as plain text, 80 columns wide. Does not know terminals.

use super::{Block, Paper};
use crate::stdx::text::{width, wrap};

const TEXT_COLUMNS: usize = 80;

impl Paper {
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.title);
        for under in &self.under {
            wrap(under, TEXT_COLUMNS).iter().for_each(|line| out.push_str(&format!("{line}\n")));
        }
        for part in &self.parts {
            out.push_str(&format!("\n{}\n{}\n", part.title, "─".repeat(width(&part.title).min(TEXT_COLUMNS))));
            for block in &part.blocks {
                match block {
                    Block::Text(text) => flow(&mut out, "", text),
                    Block::List(rows) => rows.iter().for_each(|row| flow(&mut out, "· ", row)),
                    Block::Code(line) => out.push_str(&format!("    {line}\n")),
                    Block::Table { rows, .. } => rows.iter().for_each(|row| cells(&mut out, row)),
                }
            }
        }
        out
    }
}

fn flow(out: &mut String, lead: &str, text: &str) {
    for (at, line) in wrap(text, TEXT_COLUMNS - width(lead)).iter().enumerate() {
        let lead = if at == 0 { lead.to_string() } else { " ".repeat(width(lead)) };
        out.push_str(format!("{lead}{line}").trim_end());
        out.push('\n');
    }
}

/// The first two cells on one line if they fit, what follows below them.
fn cells(out: &mut String, row: &[String]) {
    let head: Vec<&str> = row.iter().take(2).map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    let joined = head.join("  ");
    let short = width(&joined) <= TEXT_COLUMNS;
    flow(out, "", if short { &joined } else { head.first().copied().unwrap_or_default() });
    if !short {
        head.iter().skip(1).for_each(|cell| flow(out, "    ", cell));
    }
    for cell in row.iter().skip(2).filter(|cell| !cell.is_empty()) {
        flow(out, "    ", cell);
    }
}

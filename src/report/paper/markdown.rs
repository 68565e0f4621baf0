//! A paper as Markdown: every foreign character escaped. Does not know who renders it.

use super::{Block, Paper};
use crate::report::markdown::safe;
use crate::report::phrase;

impl Paper {
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n", safe(&self.title));
        self.under.iter().for_each(|line| out.push_str(&format!("{}\n\n", safe(line))));
        for part in &self.parts {
            out.push_str(&format!("## {}\n\n", safe(&part.title)));
            for block in &part.blocks {
                write(&mut out, block);
                out.push('\n');
            }
        }
        out
    }
}

fn write(out: &mut String, block: &Block) {
    match block {
        Block::Text(text) => out.push_str(&format!("{}\n", safe(text))),
        Block::List(rows) => rows.iter().for_each(|row| out.push_str(&format!("* {}\n", safe(row)))),
        // Indented: nothing in it can end it.
        Block::Code(line) => out.push_str(&format!("    {}\n", phrase::plain(line))),
        Block::Table { heads, rows } => {
            let line = |cells: &[String]| {
                let cells: Vec<String> = cells.iter().map(|cell| safe(cell)).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            out.push_str(&line(heads));
            out.push_str(&format!("|{}\n", " --- |".repeat(heads.len())));
            rows.iter().for_each(|row| out.push_str(&line(row)));
        }
    }
}

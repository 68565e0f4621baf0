//! The report of an interview as Markdown: every foreign character escaped. Does not know who renders it.

use super::{Block, Filed, Paper};
use crate::report::markdown::safe;
use crate::stdx::lang::Lang;

pub fn write(filed: &Filed, lang: &Lang) -> String {
    let paper = Paper::of(filed, lang);
    let mut out = format!("# {}\n\n", safe(&paper.title));
    paper.under.iter().for_each(|line| out.push_str(&format!("{}\n\n", safe(line))));
    for part in &paper.parts {
        out.push_str(&format!("## {}\n\n", safe(&part.title)));
        for block in &part.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("{}\n", safe(text))),
                Block::List(rows) => rows.iter().for_each(|row| out.push_str(&format!("* {}\n", safe(row)))),
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
            out.push('\n');
        }
    }
    out
}

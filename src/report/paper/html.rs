//! A paper as one HTML page, in the shell of all reports: it escapes every text. Does not know what it says.

use super::{Block, Paper, Part};
use crate::report::html::page::{Cell, Head, Section, document, plain, table};
use crate::stdx::lang::Lang;
use maud::{Markup, html};

impl Paper {
    pub fn html(self, lang: &Lang) -> String {
        let section = |part: Part| {
            let blocks = html! { @for own in &part.blocks { (block(lang, &part.title, own)) } };
            let body = if part.leaf {
                html! { div.leaf { (blocks) } }
            } else {
                blocks
            };
            Section { id: part.id, title: plain(&part.title), about: String::new(), body }
        };
        let sections: Vec<Section> = self.parts.into_iter().map(section).collect();
        document(lang, &Head { title: self.title, lines: self.under }, &sections)
    }
}

fn block(lang: &Lang, title: &str, block: &Block) -> Markup {
    match block {
        Block::Text(text) => html! { p { (plain(text)) } },
        Block::List(rows) => html! { ul { @for row in rows { li { (plain(row)) } } } },
        Block::Code(line) => html! { pre { code { (plain(line)) } } },
        Block::Table { heads, rows } => {
            let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
            let rows: Vec<Vec<Cell>> =
                rows.iter().map(|row| row.iter().map(|cell| Cell::Text(cell.clone())).collect()).collect();
            table(lang, title, &heads, &rows)
        }
    }
}

//! The report of an interview as one HTML page, in the shell of all reports: it escapes every text. Does not know what it
//! says.

use super::{Block, Filed, Paper, Part};
use crate::report::html::page::{Cell, Head, Section, document, plain, table};
use crate::stdx::lang::Lang;
use maud::{Markup, html};

pub fn write(filed: &Filed, lang: &Lang) -> String {
    let paper = Paper::of(filed, lang);
    let section = |part: &Part| {
        let body = html! { @for own in &part.blocks { (block(lang, &part.title, own)) } };
        Section { id: part.id, title: part.title.clone(), about: String::new(), body }
    };
    let sections: Vec<Section> = paper.parts.iter().map(section).collect();
    document(lang, &Head { title: paper.title, lines: paper.under }, &sections)
}

fn block(lang: &Lang, title: &str, block: &Block) -> Markup {
    match block {
        Block::Text(text) => html! { p { (plain(text)) } },
        Block::List(rows) => html! { ul { @for row in rows { li { (plain(row)) } } } },
        Block::Table { heads, rows } => {
            let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
            let rows: Vec<Vec<Cell>> =
                rows.iter().map(|row| row.iter().map(|cell| Cell::Text(cell.clone())).collect()).collect();
            table(lang, title, &heads, &rows)
        }
    }
}

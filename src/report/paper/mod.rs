//! A paper: titled parts of texts, lists and tables in the reader's language, written out as HTML, Markdown or plain text.
//! Does not know what it says.

mod html;
mod markdown;
mod text;

use std::borrow::Cow;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    pub title: String,
    /// Lines right below the title.
    pub under: Vec<String>,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// A name of its own on the page: ours, never a text of others.
    pub id: Cow<'static, str>,
    pub title: String,
    /// Printed, it begins a page.
    pub leaf: bool,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Text(String),
    List(Vec<String>),
    Table {
        heads: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A line to type.
    Code(String),
}

impl Part {
    pub fn new(id: impl Into<Cow<'static, str>>, title: &str, blocks: Vec<Block>) -> Part {
        Part { id: id.into(), title: title.to_string(), leaf: false, blocks }
    }
}

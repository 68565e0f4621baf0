//! A debrief written out: one file a format. Does not know the screen.

pub mod author;
pub mod cards;
pub mod gameday;
pub mod html;
pub mod interview;
mod json;
mod markdown;
pub mod paper;
pub mod phrase;
pub mod progress;
pub mod sheet;
pub mod telling;
mod text;

use crate::case::debrief::Debrief;
use crate::stdx::lang::Lang;
use crate::stdx::suggest;

/// One format.
pub struct Format {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub doc: &'static str,
    /// The usual ending of a file's name.
    pub extension: &'static str,
    /// The debrief and what it is told in.
    pub write: fn(&Debrief, &Lang) -> String,
}

/// Sorted by name.
pub const FORMATS: &[Format] = &[
    Format {
        name: "html",
        aliases: &["htm", "web"],
        doc: "one page for a browser, that needs nothing else",
        extension: "html",
        write: html::write,
    },
    Format {
        name: "json",
        aliases: &[],
        doc: "one stable object, for programs",
        extension: "json",
        write: json::write,
    },
    Format {
        name: "md",
        aliases: &["markdown"],
        doc: "Markdown, for a page or an issue",
        extension: "md",
        write: markdown::write,
    },
    Format {
        name: "text",
        aliases: &["txt", "plain"],
        doc: "plain text, for a terminal",
        extension: "txt",
        write: text::write,
    },
];

/// A format by its name or alias, or what to say if there is none.
pub fn format(name: &str) -> Result<&'static Format, String> {
    let found = FORMATS.iter().find(|format| format.name == name || format.aliases.contains(&name));
    found.ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        match suggest::nearest(name, names.iter().copied()) {
            Some(near) => format!("no format `{}`; did you mean `{near}`?", crate::stdx::text::harmless(name)),
            None => format!("no format `{}`; there are {}", crate::stdx::text::harmless(name), names.join(", ")),
        }
    })
}

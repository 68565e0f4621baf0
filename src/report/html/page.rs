//! The shell of a report in HTML: one file with its style inside, no script, nothing fetched. Landmarks, contents, headings in
//! order, tables that scroll alone. Text is escaped by the template; what a browser would obey elsewhere is taken out here.
//! Does not know what is reported.

use crate::stdx::lang::Lang;
use crate::stdx::text::harmless;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::borrow::Cow;

const STYLE: &str = include_str!("style.css");

/// Nothing is fetched and nothing runs, whatever should get into the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The top of a page.
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub title: String,
    /// Under the title, one line each.
    pub lines: Vec<String>,
}

/// A part of the page with a heading of its own. Its id is ours, never a text of others.
#[derive(Clone, Debug)]
pub struct Section {
    pub id: Cow<'static, str>,
    pub title: String,
    /// One line under the heading: what this part is for.
    pub about: String,
    pub body: Markup,
}

/// The whole file.
pub fn document(lang: &Lang, head: &Head, sections: &[Section]) -> String {
    let title = plain(&head.title);
    let page = html! {
        (DOCTYPE)
        html lang=(lang.code) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(concat!("whodunit ", env!("CARGO_PKG_VERSION")));
                link rel="icon" href="data:,";
                title { (title) " · whodunit" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (lang.say("html.skip")) }
                header {
                    h1 { (title) }
                    @for line in &head.lines { p { (plain(line)) } }
                }
                nav aria-label=(lang.say("html.contents")) {
                    ol { @for own in sections { li { a href={ "#" (own.id) } { (own.title) } } } }
                }
                main #main {
                    @for own in sections {
                        section aria-labelledby={ (own.id) "-h" } id=(own.id) {
                            h2 id={ (own.id) "-h" } { (own.title) }
                            @if !own.about.is_empty() { p.about { (own.about) } }
                            (own.body)
                        }
                    }
                }
                footer { p { (lang.say("html.footer")) } }
            }
        }
    };
    page.into_string()
}

/// Text of others on one line: no control characters, no marks that turn the direction of reading.
pub fn plain(text: &str) -> String {
    harmless(text).replace(['\n', '\t'], " ")
}

/// Text of others with its lines.
pub fn lines(text: &str) -> String {
    harmless(text).to_string()
}

/// One cell of a table.
#[derive(Clone, Debug)]
pub enum Cell {
    Text(String),
    /// Stays on one line.
    Time(String),
    /// Right-aligned figures.
    Number(String),
    /// Typed or printed: monospaced.
    Code(String),
    Markup(Markup),
}

impl Cell {
    fn markup(&self) -> Markup {
        match self {
            Cell::Text(text) => html! { td { (plain(text)) } },
            Cell::Time(text) => html! { td.t { (plain(text)) } },
            Cell::Number(text) => html! { td.n { (plain(text)) } },
            Cell::Code(text) if text.is_empty() => html! { td {} },
            Cell::Code(text) => html! { td { code { (plain(text)) } } },
            Cell::Markup(own) => html! { td { (own) } },
        }
    }
}

/// A table with a caption for whoever does not see the heading above it; wider than the screen it scrolls by itself, by keyboard
/// too. Nothing but a word where it is empty.
pub fn table(lang: &Lang, caption: &str, heads: &[&str], rows: &[Vec<Cell>]) -> Markup {
    if rows.is_empty() {
        return html! { p.dim { (lang.say("told.none")) } };
    }
    let number =
        |at: usize| rows.first().and_then(|row| row.get(at)).is_some_and(|cell| matches!(cell, Cell::Number(_)));
    html! {
        div.wide role="group" tabindex="0" aria-label=(caption) {
            table {
                caption.unseen { (caption) }
                thead { tr { @for (at, head) in heads.iter().enumerate() { th.n[number(at)] scope="col" { (head) } } } }
                tbody { @for row in rows { tr { @for cell in row { (cell.markup()) } } } }
            }
        }
    }
}

/// How something went: a glyph, a colour, and always a word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    Good,
    Near,
    Bad,
}

impl Went {
    pub fn class(self) -> &'static str {
        match self {
            Went::Good => "good",
            Went::Near => "near",
            Went::Bad => "bad",
        }
    }

    pub fn glyph(self) -> &'static str {
        match self {
            Went::Good => "✓",
            Went::Near => "≈",
            Went::Bad => "✗",
        }
    }
}

/// A word or two with how it went.
pub fn mark(went: Went, words: &str) -> Markup {
    html! { span.mark.(went.class()) { span aria-hidden="true" { (went.glyph()) " " } (plain(words)) } }
}

/// A bar of so many thousandths; the figure stands beside it, so readers of the screen skip it.
pub fn bar(thousandths: u16) -> Markup {
    let width = format!("--w:{}.{}%", thousandths.min(1000) / 10, thousandths.min(1000) % 10);
    html! { span.bar aria-hidden="true" style=(width) {} }
}

/// Links to acts of the timeline; acts that have no row there stay plain numbers.
pub fn acts(lang: &Lang, entries: &[u32], known: impl Fn(u32) -> bool) -> Markup {
    html! {
        @for (at, entry) in entries.iter().enumerate() {
            @if at > 0 { " " }
            @if known(*entry) {
                a.act href={ "#act-" (entry) } aria-label=(lang.with("told.act", &[("n", &entry.to_string())])) { (entry) }
            } @else {
                (entry)
            }
        }
    }
}

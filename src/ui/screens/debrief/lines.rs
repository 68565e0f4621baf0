//! Lines of a tab as they are laid: headings, labels in a column of their own, bars, and where Enter leads. Does not know
//! what they say.

use crate::stdx::text::{clip, width, wrap};
use crate::ui::face::Look;
use crate::ui::theme::Role;

/// Where Enter on a line leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Acts of the learner, by journal entry.
    Acts(Vec<u32>),
    /// A page of the run, and a line of it counted from 0.
    Page(u32, u32),
    /// A concept card, by its place.
    Card(usize),
    Pledge,
    /// Another case.
    Play(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub role: Role,
    pub words: String,
    pub to: Option<To>,
}

/// Lines in wider rows are hard to read.
const READ_COLUMNS_MAX: usize = 118;

pub struct Lines<'a> {
    pub look: &'a Look,
    pub columns: usize,
    pub lines: Vec<Line>,
}

impl<'a> Lines<'a> {
    pub fn new(look: &'a Look, columns: u16) -> Lines<'a> {
        Lines { look, columns: usize::from(columns).max(20), lines: Vec::new() }
    }

    pub fn say(&self, key: &str) -> String {
        self.look.say(key).to_string()
    }

    pub fn push(&mut self, role: Role, words: String, to: Option<To>) {
        self.lines.push(Line { role, words, to });
    }

    /// A heading, with a blank line before it unless it is the first.
    pub fn head(&mut self, words: &str) {
        if !self.lines.is_empty() {
            self.push(Role::Text, String::new(), None);
        }
        self.push(Role::Focus, clip(words, self.columns), None);
    }

    /// A paragraph.
    pub fn text(&mut self, role: Role, words: &str) {
        self.item(role, "", 0, words, None);
    }

    /// A label, and text beside it that goes on below itself.
    pub fn item(&mut self, role: Role, label: &str, columns: usize, words: &str, to: Option<&To>) {
        let lead = if columns == 0 { 0 } else { columns + 1 };
        let room = self.columns.min(READ_COLUMNS_MAX).saturating_sub(lead).max(12);
        for (at, part) in wrap(words, room).into_iter().enumerate() {
            let label = if at == 0 { clip(label, columns) } else { String::new() };
            let gap = if lead == 0 { String::new() } else { padded(&label, columns) + " " };
            self.push(role, format!("{gap}{part}").trim_end().to_string(), to.cloned());
        }
    }

    /// One line, cut where it is longer: a command, a printed line.
    pub fn cut(&mut self, role: Role, indent: usize, words: &str, to: Option<&To>) {
        let words = format!("{}{words}", " ".repeat(indent));
        self.push(role, clip(&words, self.columns), to.cloned());
    }
}

pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A share in thousandths as a bar of so many cells.
pub fn bar(share: i64, cells: usize) -> String {
    let full = ((share.clamp(0, 1000) as usize) * cells + 500) / 1000;
    "█".repeat(full) + &"░".repeat(cells - full)
}

const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// A share in thousandths as one step of a sparkline.
pub fn spark(share: i64) -> &'static str {
    STEPS[((share.clamp(0, 1000) * 7 + 500) / 1000).clamp(0, 7) as usize]
}

/// A share in thousandths as whole percent, right-aligned in four columns.
pub fn percent(share: i64) -> String {
    format!("{:>3}%", (share + 5) / 10)
}

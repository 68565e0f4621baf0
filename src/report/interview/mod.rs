//! The report of an interview: one paper in three formats, for interviewers, and as a copy for the candidate, which has no
//! private note. There is no total, no band, no rank and no advice in it. Does not know files, nor how levels are proposed.

mod json;
mod paper;

pub use crate::report::markdown::safe;
pub use crate::report::paper::{Block, Paper, Part};
pub use paper::{because, closing, level};

use crate::drill::interview::account::Account;
use crate::drill::interview::assessment::Assessment;
use crate::stdx::lang::Lang;
use crate::stdx::suggest;
use crate::stdx::text::harmless;

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Filed {
    pub account: Account,
    /// The code of the opening; empty for an interview of its own.
    pub opening: String,
    /// Fingerprint of the journal.
    pub journal: String,
    /// The assessments that this reader may see.
    pub assessments: Vec<Assessment>,
    /// How many more are filed.
    pub hidden: usize,
    /// What the candidate says of it.
    pub comments: Vec<String>,
    /// The candidate's copy.
    pub candidate: bool,
}

type Write = fn(&Filed, &Lang) -> String;

/// Sorted by name.
const FORMATS: &[(&str, &[&str], Write)] = &[
    ("html", &["htm"], |filed, lang| Paper::of(filed, lang).html(lang)),
    ("json", &[], json::write),
    ("md", &["markdown"], |filed, lang| Paper::of(filed, lang).markdown()),
    ("text", &["txt", "plain"], |filed, lang| Paper::of(filed, lang).text()),
];

/// Writes a report in a format, or says which there are.
pub fn write(filed: &Filed, format: &str, lang: &Lang) -> Result<String, String> {
    let found = FORMATS.iter().find(|(name, aliases, _)| *name == format || aliases.contains(&format));
    if let Some((_, _, write)) = found {
        return Ok(write(filed, lang));
    }
    let names: Vec<&str> = FORMATS.iter().map(|(name, _, _)| *name).collect();
    Err(match suggest::nearest(format, names.iter().copied()) {
        Some(near) => format!("no format `{}`; did you mean `{near}`?", harmless(format)),
        None => format!("no format `{}`; there are {}", harmless(format), names.join(", ")),
    })
}

impl Filed {
    /// Private notes that a candidate's copy leaves out.
    pub fn left_out(&self) -> usize {
        use crate::drill::interview::Control;
        let beside = self.account.controls.iter().filter(|used| matches!(used.control, Control::Note { .. })).count();
        beside + self.assessments.iter().map(|own| own.notes.len()).sum::<usize>()
    }
}

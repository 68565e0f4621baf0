//! Printed text that knows what it shows: lines with facts on spans of bytes, and what a page looked at. Facts survive a
//! pipe where their bytes were copied. Does not know programs.

use super::fact::{Fact, ObjectId};
use crate::stdx::time::Time;
use crate::world::aws::logs::Looked;
use crate::world::signals::Vocabulary;
use std::ops::Range;
use std::sync::Arc;

/// A fact on the bytes `start..end` of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub start: u32,
    pub end: u32,
    pub fact: Arc<Fact>,
}

/// Where a line comes from; colour and bagging follow from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    #[default]
    Out,
    Err,
    /// Our own hint, on a line of its own; never piped.
    Hint,
}

/// One line of text without its newline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub text: String,
    pub marks: Vec<Mark>,
    pub stream: Stream,
    /// No newline follows (`echo -n`): the last line of a text that does not end with one.
    pub open: bool,
}

impl Line {
    pub fn plain(text: impl Into<String>) -> Line {
        Line { text: text.into(), ..Line::default() }
    }
    pub fn err(text: impl Into<String>) -> Line {
        Line { text: text.into(), stream: Stream::Err, ..Line::default() }
    }
    pub fn hint(text: impl Into<String>) -> Line {
        Line { text: text.into(), stream: Stream::Hint, ..Line::default() }
    }

    /// Appends text that shows nothing.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends text that shows `fact`.
    pub fn push_fact(&mut self, text: &str, fact: &Arc<Fact>) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        self.marks.push(Mark { start, end: self.text.len() as u32, fact: Arc::clone(fact) });
    }

    /// Appends a part of another line with the marks whose bytes are wholly within it.
    pub fn push_part(&mut self, from: &Line, range: Range<usize>) {
        let base = self.text.len() as u32;
        self.text.push_str(&from.text[range.clone()]);
        let (start, end) = (range.start as u32, range.end as u32);
        self.marks.extend(from.marks.iter().filter(|m| start <= m.start && m.end <= end).map(|m| Mark {
            start: m.start - start + base,
            end: m.end - start + base,
            fact: Arc::clone(&m.fact),
        }));
    }

    /// A part of this line as a line, with the marks that lie wholly within it.
    pub fn part(&self, range: Range<usize>) -> Line {
        let mut line = Line { stream: self.stream, ..Line::default() };
        line.push_part(self, range);
        line
    }
}

/// What a source looked at, whether or not it found anything: an absence is proven only inside a coverage.
#[derive(Clone, Debug, PartialEq)]
pub enum Coverage {
    /// Events of a namespace (`None`: all), or of one object; `warnings_only` if filtered by type at the source.
    Events {
        namespace: Option<String>,
        object: Option<ObjectId>,
        form: EventForm,
        types: Option<String>,
        reason: Option<String>,
    },
    /// A container's log over a time, with what was cut (`tail` applied) said by `from`.
    Log {
        namespace: String,
        pod: String,
        container: String,
        restart: Option<u32>,
        from: Time,
        to: Time,
        /// The words of the program's lines by template, with `{names}` where values go.
        words: Vocabulary,
    },
    /// Events of a log group of the account over a time.
    Group(Box<Looked>),
    /// All objects of a kind that match; `name` if one was asked for.
    Objects {
        kind: String,
        namespace: Option<String>,
        name: Option<String>,
        selector: String,
    },
    /// A thing that is gone, and how it would have been printed if it were still there.
    Lost {
        object: ObjectId,
        lines: Vec<Line>,
    },
    /// Every field of one object was printed (describe, -o yaml, -o json): an absent field was shown absent.
    Whole {
        object: ObjectId,
    },
    /// A deploy or change history over a time.
    History {
        target: String,
        from: Time,
        to: Time,
    },
    Metric {
        name: String,
        from: Time,
        to: Time,
    },
    /// All rows of a bill, a flow log or a ledger over a time.
    Rows {
        table: String,
        from: Time,
        to: Time,
    },
}

/// How events are laid out on the page, so that a specimen can be printed the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventForm {
    Get,
    Describe,
    Events,
}

/// What a program printed.
#[derive(Clone, Debug, Default)]
pub struct Output {
    pub lines: Vec<Line>,
    pub code: i32,
    pub coverage: Vec<Coverage>,
}

/// A page as a run keeps it: the command, when it was printed, and what was printed.
#[derive(Clone, Debug)]
pub struct Page {
    pub id: u32,
    pub seat: u16,
    pub at: Time,
    pub prompt: String,
    pub command: String,
    pub output: Output,
}

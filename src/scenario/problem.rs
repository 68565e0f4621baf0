//! An author's mistake: where it is, what is wrong, what to do, and how that is drawn with a caret. Does not know which
//! rules there are.

use super::check::rules::law_of;
use crate::stdx::text;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::ops::Range;

/// At most so many problems are reported of one pack; a file of nonsense would otherwise bury the first mistake.
pub const PROBLEMS_MAX: usize = 200;
/// Columns of source that are drawn; a longer line is clipped around the mistake.
const DRAWN_MAX: usize = 160;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    /// Does not stop a case from being played.
    Warning,
}

/// One mistake, located. Lines and columns count from one; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// Bytes of the file.
    pub span: Range<usize>,
    pub severity: Severity,
    /// The rule, a row of `check::rules::CODES`: `unknown-key`, `cyclic-chain`, …
    pub code: &'static str,
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// The line it is on, clipped and harmless, and the columns (bytes of it) to mark.
    excerpt: (String, Range<usize>),
}

impl Problem {
    /// A problem at `span` of `source`, the text of `file`.
    pub fn at(file: &str, source: &str, span: Range<usize>, code: &'static str, message: impl Into<String>) -> Problem {
        let (start, end) = (floor(source, span.start), floor(source, span.end.max(span.start)));
        let law = law_of(code).map_or_else(String::new, |law| format!("{law}: "));
        let message = format!("{law}{}", message.into());
        let line_start = source[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |i| start + i);
        Problem {
            file: text::harmless(file),
            line: source[..start].matches('\n').count() as u32 + 1,
            column: source[line_start..start].chars().count() as u32 + 1,
            span: start..end,
            severity: Severity::Error,
            code,
            message: text::clip(&text::harmless(&message).replace('\n', " "), 400),
            hint: String::new(),
            excerpt: excerpt(&source[line_start..line_end], start - line_start, end.min(line_end) - line_start),
        }
    }

    /// A problem of a whole file, or of no file at all.
    pub fn of_file(file: &str, code: &'static str, message: impl Into<String>) -> Problem {
        Problem::at(file, "", 0..0, code, message)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = text::clip(&text::harmless(&hint.into()).replace('\n', " "), 400);
        self
    }

    pub fn warning(mut self) -> Problem {
        self.severity = Severity::Warning;
        self
    }

    /// `file:line:column: error[code]: message`, on one line.
    pub fn brief(&self) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!("{}:{}:{}: {word}[{}]: {}", self.file, self.line, self.column, self.code, self.message)
    }
}

/// Draws problems as a compiler does, without colour: place, line, caret, hint.
pub fn render(problems: &[Problem]) -> String {
    problems.iter().map(render_one).collect::<Vec<_>>().join("\n\n")
}

fn render_one(problem: &Problem) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let (line, marked) = &problem.excerpt;
    let mut group = level.primary_title(problem.message.as_str()).id(problem.code).element(
        Snippet::source(line.as_str())
            .line_start(problem.line as usize)
            .path(problem.file.as_str())
            .annotation(AnnotationKind::Primary.span(marked.clone())),
    );
    if !problem.hint.is_empty() {
        group = group.element(Level::HELP.message(problem.hint.as_str()));
    }
    Renderer::plain().render(&[group])
}

/// The greatest character boundary at or before `index`.
fn floor(source: &str, index: usize) -> usize {
    let mut index = index.min(source.len());
    while !source.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// The line made harmless and clipped around `start..end`, and where that range went.
fn excerpt(line: &str, start: usize, end: usize) -> (String, Range<usize>) {
    let before = text::harmless(&line[..start]).replace('\t', " ");
    let marked = text::clip(&text::harmless(&line[start..end]).replace('\t', " "), DRAWN_MAX / 2);
    let after = text::clip(&text::harmless(&line[end..]).replace('\t', " "), DRAWN_MAX / 4);
    let mut skipped = before.chars().count().saturating_sub(DRAWN_MAX / 2);
    let mut lead = String::new();
    if skipped > 0 {
        skipped += 1;
        lead.push('…');
    }
    lead.extend(before.chars().skip(skipped));
    let from = lead.len();
    let to = (from + marked.len()).max(from);
    (format!("{lead}{marked}{after}"), from..to)
}

/// Problems in the order of the file, repeated ones once, bounded.
pub fn tidy(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| {
        (&a.file, a.span.start, a.severity, a.code, &a.message).cmp(&(
            &b.file,
            b.span.start,
            b.severity,
            b.code,
            &b.message,
        ))
    });
    problems.dedup();
    problems.truncate(PROBLEMS_MAX);
    problems
}

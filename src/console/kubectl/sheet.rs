//! Marked text under construction: what a verb writes, with facts on what it shows, laid out into lines at the end.
//! Does not know what is written.

use crate::console::fact::Fact;
use crate::console::page::{Line, Mark};
use crate::stdx::table::{self, Style};
use std::sync::Arc;

/// Where a line and its cells stood in the text, and where the cells stand in the line.
struct Place {
    begin: usize,
    end: usize,
    /// For every cell, its old and its new start.
    starts: Vec<(usize, usize)>,
}

/// Text with tabs and newlines, and the facts on ranges of it.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    text: String,
    marks: Vec<(usize, usize, Arc<Fact>)>,
}

impl Sheet {
    /// Writes text that shows nothing.
    pub fn put(&mut self, text: &str) -> &mut Sheet {
        self.text.push_str(text);
        self
    }

    /// Writes text that shows `fact`.
    pub fn show(&mut self, text: &str, fact: Arc<Fact>) -> &mut Sheet {
        let start = self.text.len();
        self.text.push_str(text);
        self.marks.push((start, self.text.len(), fact));
        self
    }

    pub fn end_line(&mut self) -> &mut Sheet {
        self.text.push('\n');
        self
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Where the next byte goes: a start for `mark_from`.
    pub fn here(&self) -> usize {
        self.text.len()
    }

    /// Lets the text from `start` to `end` show `fact`.
    pub fn mark_range(&mut self, start: usize, end: usize, fact: Arc<Fact>) {
        if start < end && end <= self.text.len() {
            self.marks.push((start, end, fact));
        }
    }

    /// Lets everything written since `start` show `fact`.
    pub fn mark_from(&mut self, start: usize, fact: Arc<Fact>) {
        if start < self.text.len() {
            self.marks.push((start, self.text.len(), fact));
        }
    }

    /// The widest cell of each column, all lines taken as one block: what a later part of the same table must keep to.
    pub fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::new();
        for line in self.text.lines() {
            for (i, cell) in line.split('\t').enumerate() {
                let width = cell.chars().count();
                match widths.get_mut(i) {
                    Some(known) => *known = width.max(*known),
                    None => widths.push(width),
                }
            }
        }
        widths
    }

    /// The lines as they stand; tabs stay tabs.
    pub fn lines(self) -> Vec<Line> {
        self.cut(|cells, _| cells.join("\t"), None)
    }

    /// The lines with every tab-terminated cell padded to its column.
    pub fn columns(self, style: Style) -> Vec<Line> {
        self.cut(|_, padded| padded.to_string(), Some(style))
    }

    fn cut(self, join: impl Fn(&[&str], &str) -> String, style: Option<Style>) -> Vec<Line> {
        let body = self.text.strip_suffix('\n').unwrap_or(&self.text);
        if self.text.is_empty() {
            return Vec::new();
        }
        let rows: Vec<Vec<&str>> = body.split('\n').map(|line| line.split('\t').collect()).collect();
        let sizes: Vec<Vec<usize>> =
            rows.iter().map(|cells| cells.iter().map(|c| c.chars().count()).collect()).collect();
        let widths = style.map(|s| table::layout(&sizes, s));
        let mut out = Vec::with_capacity(rows.len());
        let mut places: Vec<Place> = Vec::with_capacity(rows.len());
        let mut old = 0;
        for (r, cells) in rows.iter().enumerate() {
            let begin = old;
            let mut text = String::new();
            let mut starts = Vec::with_capacity(cells.len());
            for (c, cell) in cells.iter().enumerate() {
                starts.push((old, text.len()));
                text.push_str(cell);
                let last = c + 1 == cells.len();
                match &widths {
                    Some(widths) if !last => {
                        let pad = widths[r].get(c).copied().unwrap_or(0).saturating_sub(sizes[r][c]);
                        text.extend(std::iter::repeat_n(' ', pad));
                    }
                    None if !last => text.push('\t'),
                    _ => {}
                }
                old += cell.len() + 1;
            }
            places.push(Place { begin, end: old - 1, starts });
            out.push(Line::plain(join(cells, &text)));
        }
        for (start, end, fact) in &self.marks {
            place(&mut out, &places, *start, *end, fact);
        }
        out
    }
}

/// Puts a mark on every line that its range touches.
fn place(lines: &mut [Line], places: &[Place], start: usize, end: usize, fact: &Arc<Fact>) {
    let first = places.partition_point(|p| p.begin <= start).saturating_sub(1);
    for (line, place) in lines.iter_mut().zip(places).skip(first) {
        if place.begin > end || (place.begin == end && place.begin > start) {
            break;
        }
        let (from, to) = (start.max(place.begin), end.min(place.end));
        if from > to || (from == to && start != end) {
            continue;
        }
        let moved = |at: usize, at_end: bool| {
            let before = |cell: &(usize, usize)| if at_end { cell.0 < at } else { cell.0 <= at };
            let cell = place.starts.partition_point(before).saturating_sub(1);
            place.starts.get(cell).map_or(0, |(old, new)| new + at.saturating_sub(*old))
        };
        let (from, to) = (moved(from, false), moved(to, true));
        line.marks.push(Mark { start: from as u32, end: to.max(from) as u32, fact: Arc::clone(fact) });
    }
}

//! `--output table`: sections in boxes, widened to one width, turned on their side where they would be wider than 80
//! columns (what the client takes a pipe's width to be). Does not know where a value comes from.

use super::node::{Data, Facts, Node};
use super::show::Paper;
use crate::console::page::Line;
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

/// Columns of a terminal that is none.
const TERMINAL: usize = 80;

#[derive(Clone, Default)]
struct Cell {
    text: String,
    facts: Facts,
}

impl Cell {
    fn of(node: &Node) -> Cell {
        Cell { text: node.words(), facts: node.facts.clone() }
    }

    fn name(text: &str) -> Cell {
        Cell { text: text.to_string(), facts: Facts::new() }
    }
}

#[derive(Default)]
struct Section {
    title: String,
    depth: usize,
    headers: Vec<String>,
    rows: Vec<Vec<Cell>>,
    columns: Option<usize>,
    widths: Vec<usize>,
}

/// What the client says of rows that do not fit their table.
type Fault = String;

/// The table of an answer; nothing if it is empty.
pub fn write(title: &str, node: &Node) -> Result<Vec<Line>, Fault> {
    let mut sections = Vec::new();
    if !build(Some(title), node, 0, &mut sections)? {
        return Ok(Vec::new());
    }
    let mut width = widest(&sections);
    if width > TERMINAL {
        sections.iter_mut().for_each(Section::turn);
        width = widest(&sections);
    }
    let mut paper = Paper::default();
    paper.push(&"-".repeat(width));
    paper.end();
    sections.iter().for_each(|section| section.render(width, &mut paper));
    Ok(paper.lines)
}

fn widest(sections: &[Section]) -> usize {
    sections.iter().map(Section::total_width).max().unwrap_or(0)
}

/// Columns as the client counts them: ambiguous characters are wide.
fn columns(text: &str) -> usize {
    text.width_cjk()
}

fn falsy(node: &Node) -> bool {
    match &node.data {
        Data::Null | Data::Yes(false) => true,
        Data::Yes(true) => false,
        Data::Number(number) => number.as_f64() == Some(0.0),
        Data::Text(text) => text.is_empty(),
        Data::List(items) => items.is_empty(),
        Data::Map(members) => members.is_empty(),
    }
}

fn build(title: Option<&str>, node: &Node, depth: usize, sections: &mut Vec<Section>) -> Result<bool, Fault> {
    if falsy(node) {
        return Ok(false);
    }
    if let Some(title) = title {
        sections.push(Section { title: title.to_string(), depth, ..Section::default() });
    }
    match &node.data {
        Data::List(items) if matches!(items.first().map(|item| &item.data), Some(Data::Map(_))) => {
            list_of_maps(title.unwrap_or_default(), items, depth, sections)?;
        }
        Data::List(items) => {
            for item in items.iter() {
                match item.items() {
                    None if item.is_scalar() => add_row(sections, vec![Cell::of(item)])?,
                    Some(inner) if inner.iter().all(Node::is_scalar) => {
                        add_row(sections, inner.iter().map(Cell::of).collect())?;
                    }
                    _ => {
                        build(None, item, 0, sections)?;
                    }
                }
            }
        }
        Data::Map(_) => map(node, depth, sections)?,
        _ => {}
    }
    Ok(true)
}

/// The keys of a map whose values are scalars, and the others; both in order.
fn keys<'a>(nodes: impl Iterator<Item = &'a Node>) -> (BTreeSet<&'a str>, BTreeSet<&'a str>) {
    let (mut scalars, mut more) = (BTreeSet::new(), BTreeSet::new());
    for node in nodes {
        let Data::Map(members) = &node.data else { continue };
        for (key, value) in members.iter() {
            if value.is_scalar() {
                scalars.insert(&**key)
            } else {
                more.insert(&**key)
            };
        }
    }
    (scalars, more)
}

fn map(node: &Node, depth: usize, sections: &mut Vec<Section>) -> Result<(), Fault> {
    let (scalars, more) = keys(std::iter::once(node));
    let cell = |key: &str| node.get(key).map(Cell::of).unwrap_or_default();
    match scalars.len() {
        0 => {}
        1 => {
            for key in &scalars {
                add_row(sections, vec![Cell::name(key), cell(key)])?;
            }
        }
        _ => {
            add_header(sections, &scalars);
            add_row(sections, scalars.iter().map(|key| cell(key)).collect())?;
        }
    }
    for key in more {
        if let Some(value) = node.get(key) {
            build(Some(key), value, depth + 1, sections)?;
        }
    }
    Ok(())
}

fn list_of_maps(title: &str, items: &[Node], depth: usize, sections: &mut Vec<Section>) -> Result<(), Fault> {
    let (scalars, more) = keys(items.iter());
    add_header(sections, &scalars);
    for (at, item) in items.iter().enumerate() {
        if at > 0 && !more.is_empty() {
            sections.push(Section { title: title.to_string(), depth, ..Section::default() });
            add_header(sections, &scalars);
        }
        let cells = scalars.iter().map(|key| item.get(key).map(Cell::of).unwrap_or_default());
        add_row(sections, cells.collect())?;
        for key in &more {
            if let Some(value) = item.get(key) {
                build(Some(key), value, depth + 1, sections)?;
            }
        }
    }
    Ok(())
}

fn add_header(sections: &mut [Section], headers: &BTreeSet<&str>) {
    let Some(section) = sections.last_mut() else { return };
    section.headers = headers.iter().map(|header| header.to_string()).collect();
    section.columns.get_or_insert(headers.len());
    section.widen(headers.iter().map(|header| columns(header)).collect());
}

fn add_row(sections: &mut [Section], cells: Vec<Cell>) -> Result<(), Fault> {
    let Some(section) = sections.last_mut() else { return Ok(()) };
    section.add(cells)
}

impl Section {
    fn add(&mut self, cells: Vec<Cell>) -> Result<(), Fault> {
        let wanted = *self.columns.get_or_insert(cells.len());
        if cells.len() != wanted {
            return Err(format!("Row should have {wanted} elements, instead it has {}", cells.len()));
        }
        self.widen(cells.iter().map(|cell| columns(&cell.text)).collect());
        self.rows.push(cells);
        Ok(())
    }

    fn widen(&mut self, widths: Vec<usize>) {
        if self.widths.is_empty() {
            self.widths = widths;
            return;
        }
        for (known, width) in self.widths.iter_mut().zip(widths) {
            *known = (*known).max(width);
        }
    }

    /// A section of one row becomes two columns: name and value.
    fn turn(&mut self) {
        if self.rows.len() != 1 || self.headers.is_empty() {
            return;
        }
        let (headers, cells) = (std::mem::take(&mut self.headers), self.rows.pop().unwrap_or_default());
        (self.columns, self.widths) = (None, Vec::new());
        for (header, cell) in headers.iter().zip(cells) {
            // Both have two cells, so that this cannot fail.
            let _ = self.add(vec![Cell::name(header), cell]);
        }
    }

    fn total_width(&self) -> usize {
        let cells: usize = self.widths.iter().map(|width| width + 4).sum();
        let outer = 2 + 2 * self.depth;
        (columns(&self.title) + outer).max(cells + outer)
    }

    /// The columns' widths scaled so that they fill `width`.
    fn scaled(&self, width: usize) -> Vec<usize> {
        let padded: Vec<usize> = self.widths.iter().map(|width| width + 4).collect();
        let sum: usize = padded.iter().sum();
        if sum == 0 {
            return padded;
        }
        let factor = width as f64 / sum as f64;
        let mut scaled: Vec<i64> = padded.iter().map(|w| (factor * *w as f64).round_ties_even() as i64).collect();
        let mut off = scaled.iter().sum::<i64>() - width as i64;
        while off != 0 {
            let count = scaled.len();
            for at in 0..count {
                let at = if off < 0 { count - 1 - at } else { at };
                if let Some(column) = scaled.get_mut(at) {
                    *column -= off.signum();
                }
                off -= off.signum();
                if off == 0 {
                    break;
                }
            }
        }
        scaled.into_iter().map(|width| width.max(2) as usize).collect()
    }

    fn render(&self, width: usize, paper: &mut Paper) {
        let width = width.saturating_sub(2 * self.depth);
        let edge = "|".repeat(self.depth);
        let line = |paper: &mut Paper, write: &dyn Fn(&mut Paper)| {
            paper.push(&edge);
            write(paper);
            paper.push(&edge);
            paper.end();
        };
        if !self.title.is_empty() {
            line(paper, &|paper| center(&self.title, width, true, paper));
            if self.headers.is_empty() && self.rows.is_empty() {
                line(paper, &|paper| paper.push(&format!("+{}+", "-".repeat(width.saturating_sub(2)))));
            }
        }
        let widths = self.scaled(width);
        let rule = |paper: &mut Paper| {
            for (at, width) in widths.iter().enumerate() {
                paper.push(if at == 0 { "+" } else { "" });
                paper.push(&"-".repeat(width.saturating_sub(if at == 0 { 2 } else { 1 })));
                paper.push("+");
            }
        };
        if !self.headers.is_empty() {
            line(paper, &rule);
            line(paper, &|paper| {
                for (at, (width, header)) in widths.iter().zip(&self.headers).enumerate() {
                    center(header, *width, at == 0, paper);
                }
            });
        }
        if self.rows.is_empty() || widths.is_empty() {
            return;
        }
        line(paper, &rule);
        for row in &self.rows {
            line(paper, &|paper| {
                for (at, (width, cell)) in widths.iter().zip(row).enumerate() {
                    left(cell, *width, at == 0, paper);
                }
            });
        }
        line(paper, &rule);
    }
}

fn center(text: &str, width: usize, first: bool, paper: &mut Paper) {
    let edge = usize::from(first);
    let size = columns(text);
    let before = (width / 2).saturating_sub(size / 2).saturating_sub(1);
    paper.push(if first { "|" } else { "" });
    paper.push(&" ".repeat(before));
    paper.push(text);
    paper.push(&" ".repeat(width.saturating_sub(1 + edge + before + size)));
    paper.push("|");
}

fn left(cell: &Cell, width: usize, first: bool, paper: &mut Paper) {
    let edge = usize::from(first);
    let size = columns(&cell.text);
    let padding = if size + 2 + edge < width { 2 } else { 0 };
    paper.push(if first { "|" } else { "" });
    paper.push(&" ".repeat(padding));
    paper.put(&cell.text, &cell.facts);
    paper.push(&" ".repeat(width.saturating_sub(edge + padding + size + 1)));
    paper.push("|");
}

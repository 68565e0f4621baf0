//! What printed pages say of the bill: amounts by group and time, what grew, anomalies and forecasts. Knows only what was
//! printed; does not know prices, nor how it is drawn.

use crate::console::fact::Fact;
use crate::console::rows as pieces;
use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Columns and cells of a row, as printed.
pub type Cells = BTreeMap<String, String>;

/// What one page says of the bill.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// Its place in `run.pages`.
    pub page: usize,
    /// Columns and cells that all rows share.
    pub scope: Cells,
    /// Starts of the pieces of time, as printed.
    pub times: Vec<String>,
    /// How many of them, from the first, are billed for certain or have an amount; the others are not billed yet.
    pub billed: usize,
    /// How many of them, from the first, are billed to their end.
    pub whole: usize,
    /// The largest first.
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Columns and cells by which rows differ.
    pub cells: Cells,
    pub total: f64,
    /// Dollars of the last whole piece of time, less the median of those before; `None` where there is nothing before.
    pub change: Option<f64>,
    /// Start → dollars, and the line that said so.
    pub amounts: BTreeMap<String, (f64, u32)>,
}

/// Columns that say how much and when rather than of what.
const MEASURES: [&str; 5] = ["amount", "end", "quantity", "start", "unit"];
/// A page of more rows is not looked through further.
const ROWS_MOST: usize = 50_000;
/// "Cost Explorer refreshes your cost data at least once every 24 hours" (its user guide): older usage is there.
const BEHIND: Span = Span::hours(24);

/// The rows of bills on a page, with the line that says how much; forecasts and anomalies are among them.
fn rows(run: &Run, page: usize) -> Vec<(u32, Cells)> {
    let lines = run.pages.get(page).map_or(&[][..], |page| &page.output.lines);
    let marks = lines.iter().enumerate().flat_map(|(at, line)| line.marks.iter().map(move |mark| (at as u32, mark)));
    let mut out: Vec<(u32, Cells)> = Vec::new();
    let mut known: BTreeMap<pieces::Key, usize> = BTreeMap::new();
    for (at, mark) in marks.take(ROWS_MOST * 8) {
        let Fact::Row { table, fields, .. } = mark.fact.as_ref() else { continue };
        if table != "bill" {
            continue;
        }
        let key = pieces::key(&mark.fact);
        match key.as_ref().and_then(|key| known.get(key)).and_then(|place| out.get_mut(*place)) {
            Some((line, row)) => {
                *line = if fields.contains_key("amount") { at } else { *line };
                row.extend(fields.iter().map(|(column, cell)| (column.clone(), cell.clone())));
            }
            None => {
                known.extend(key.map(|key| (key, out.len())));
                out.push((at, fields.clone()));
            }
        }
    }
    out
}

/// The usage types that an anomaly names: as many columns as there are causes.
pub fn usage_types(anomaly: &Cells) -> impl Iterator<Item = &str> {
    anomaly.iter().filter(|(column, _)| column.starts_with("usage_type")).map(|(_, cell)| cell.as_str())
}

fn is_amount(fields: &Cells) -> bool {
    fields.contains_key("amount") && !fields.contains_key("anomaly") && !fields.contains_key("forecast")
}

/// `2026-03-07` or `2026-03-07T05:00:00Z`, as Cost Explorer prints the start of a piece of time.
fn start_of(text: &str) -> Option<Time> {
    let date = text.get(..10)?;
    Time::parse(&format!("{date} {}", text.get(11..16).unwrap_or("00:00")))
}

impl Bill {
    pub fn read(run: &Run, page: usize) -> Option<Bill> {
        let mut seen: BTreeMap<(Cells, String), (f64, u32)> = BTreeMap::new();
        for (line, fields) in rows(run, page).iter().filter(|(_, fields)| is_amount(fields)) {
            let cells = fields.iter().filter(|(key, _)| !MEASURES.contains(&key.as_str()));
            let cells = cells.map(|(key, value)| (key.clone(), value.clone())).collect();
            let amount = fields.get("amount").and_then(|text| text.parse().ok()).unwrap_or(0.0);
            let start = fields.get("start").cloned().unwrap_or_default();
            let known = seen.entry((cells, start)).or_insert((amount, *line));
            // A page that goes on being printed says the same days again, the last time with the most usage in them.
            if known.0.total_cmp(&amount).is_ne() {
                *known = (amount, *line);
            }
        }
        let (first, _) = seen.keys().next()?;
        let mut scope = first.clone();
        scope.retain(|key, value| seen.keys().all(|(cells, _)| cells.get(key) == Some(value)));
        let mut groups: BTreeMap<Cells, Group> = BTreeMap::new();
        let mut times = BTreeSet::new();
        for ((mut cells, start), (amount, line)) in seen {
            cells.retain(|key, _| !scope.contains_key(key));
            times.insert(start.clone());
            let group = groups.entry(cells.clone()).or_insert_with(|| Group { cells, ..Group::default() });
            group.total += amount;
            group.amounts.insert(start, (amount, line));
        }
        let groups = groups.into_values().collect();
        let mut bill = Bill { page, scope, times: times.into_iter().collect(), groups, ..Bill::default() };
        bill.date(run.pages.get(page)?.at);
        for at in 0..bill.groups.len() {
            let change = bill.groups.get(at).and_then(|group| bill.change_of(group));
            bill.groups.iter_mut().skip(at).take(1).for_each(|group| group.change = change);
        }
        bill.groups.sort_by(|a, b| b.total.total_cmp(&a.total));
        Some(bill)
    }

    /// Which pieces of time are billed, as far as a page printed at `at` can tell: what has an amount, and what ended a
    /// day before. Pieces that Cost Explorer does not know yet come as zeros.
    fn date(&mut self, at: Time) {
        let length = if self.is_hourly() { Span::hours(1) } else { Span::hours(24) };
        let sure = |time: &String| start_of(time).is_some_and(|start| start + length + BEHIND <= at);
        let spent = |time: &String| self.groups.iter().any(|g| g.amounts.get(time).is_some_and(|(a, _)| *a > 0.0));
        let sure = self.times.iter().rposition(sure).map_or(0, |at| at + 1);
        let spent = self.times.iter().rposition(spent).map_or(0, |at| at + 1);
        self.billed = sure.max(spent);
        // Usage is known by the hour, so the newest hour with an amount is whole; a day may be half there.
        self.whole = if self.is_hourly() { self.billed } else { sure };
    }

    pub fn is_hourly(&self) -> bool {
        self.times.iter().any(|time| time.contains('T'))
    }

    /// By the amounts as printed. A group without a row in a piece of time that others have cost nothing then.
    fn change_of(&self, group: &Group) -> Option<f64> {
        let amount = |time: &String| group.amounts.get(time).map_or(0.0, |(amount, _)| *amount);
        let (last, before) = self.times.get(..self.whole)?.split_last()?;
        let mut before: Vec<f64> = before.iter().map(amount).collect();
        before.sort_by(f64::total_cmp);
        let (low, high) = (before.get(before.len().checked_sub(1)? / 2)?, before.get(before.len() / 2)?);
        Some(amount(last) - f64::midpoint(*low, *high))
    }

    /// The piece of time that `change` is of, and with how many before it that is compared.
    pub fn compared(&self) -> Option<(&str, usize)> {
        let before = self.whole.checked_sub(1).filter(|before| *before > 0)?;
        Some((self.times.get(before)?.as_str(), before))
    }

    /// Puts what grew most first.
    pub fn by_change(&mut self) {
        let grown = |group: &Group| group.change.unwrap_or(f64::NEG_INFINITY);
        self.groups.sort_by(|a, b| grown(b).total_cmp(&grown(a)));
    }

    pub fn total(&self) -> f64 {
        self.groups.iter().map(|group| group.total).sum()
    }

    /// Whether everything of `lower` lies within this, and more does.
    fn is_above(&self, lower: &Bill) -> bool {
        let within = self.scope.iter().all(|(key, value)| lower.scope.get(key) == Some(value));
        let finer = lower.is_hourly() && !self.is_hourly();
        let coarser = self.is_hourly() && !lower.is_hourly();
        within && !coarser && (finer || self.scope.len() < lower.scope.len())
    }

    /// The row that `lower` is about.
    pub fn row_of(&self, lower: &Bill) -> Option<usize> {
        let same = |group: &Group| group.cells.iter().all(|(key, value)| lower.scope.get(key) == Some(value));
        self.groups.iter().position(same)
    }
}

/// Places of the pages that hold bills, newest first.
pub fn bills(run: &Run) -> impl Iterator<Item = usize> {
    (0..run.pages.len()).rev().filter(|page| rows(run, *page).iter().any(|(_, fields)| is_amount(fields)))
}

/// The newest bill printed before that this one is a part of.
pub fn above(run: &Run, bill: &Bill) -> Option<Bill> {
    bills(run).filter(|page| *page < bill.page).filter_map(|page| Bill::read(run, page)).find(|one| one.is_above(bill))
}

/// What the newest page says that has rows with the column `wanted`, or was printed whole by `aws ce COMMAND` and has
/// none. `None` if it was never asked.
pub fn told(run: &Run, command: &str, wanted: &str) -> Option<(usize, Vec<Cells>)> {
    (0..run.pages.len()).rev().find_map(|page| {
        let mut out: Vec<Cells> = Vec::new();
        for (_, fields) in rows(run, page).into_iter().filter(|(_, fields)| fields.contains_key(wanted)) {
            if !out.contains(&fields) {
                out.push(fields);
            }
        }
        let asked = run.pages.get(page).is_some_and(|page| {
            let whole = page.command.split_once("aws ce ").is_some_and(|(_, rest)| rest.starts_with(command));
            whole && page.output.code == 0 && !page.command.contains(['|', '>']) && !page.command.contains("help")
        });
        (asked || !out.is_empty()).then_some((page, out))
    })
}

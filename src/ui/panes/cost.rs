//! The cost pane: a picture of the bill rows that `aws ce` printed last. It asks with ordinary commands, so that what it shows
//! was on a page. Does not know prices or the bill itself.

use super::Pane;
use crate::console::fact::Fact;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::text::harmless;
use crate::stdx::time::{Span, Time};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::chart;
use crate::ui::widgets::paint::{self, Lines};
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Cost {
    rows: Scroll,
    /// Pieces of time back from the newest.
    back: usize,
    /// Bills back from the newest page, and how many pages there were then.
    depth: usize,
    pages: usize,
}

/// What one page says of the bill.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// Its place in `run.pages`.
    pub page: usize,
    /// Columns and cells that all rows share.
    pub scope: BTreeMap<String, String>,
    /// Starts of the pieces of time, as printed.
    pub times: Vec<String>,
    /// The largest first.
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Columns and cells by which rows differ.
    pub cells: BTreeMap<String, String>,
    pub total: f64,
    /// Start → dollars, and the line that said so.
    pub amounts: BTreeMap<String, (f64, u32)>,
}

/// Columns that say how much and when rather than of what.
const MEASURES: [&str; 5] = ["amount", "end", "quantity", "start", "unit"];
/// A page of more rows is not looked through further.
const ROWS_MOST: usize = 50_000;

/// The rows of bills on a page; forecasts and anomalies are others.
fn rows(run: &Run, page: usize) -> impl Iterator<Item = (u32, &BTreeMap<String, String>)> {
    let lines = run.pages.get(page).map_or(&[][..], |page| &page.output.lines);
    let marks = lines.iter().enumerate().flat_map(|(at, line)| line.marks.iter().map(move |mark| (at as u32, mark)));
    marks.take(ROWS_MOST * 8).filter_map(|(at, mark)| match mark.fact.as_ref() {
        Fact::Row { table, fields, .. } if table == "bill" => Some((at, fields)),
        _ => None,
    })
}

fn is_amount(fields: &BTreeMap<String, String>) -> bool {
    fields.contains_key("amount") && !fields.contains_key("anomaly") && !fields.contains_key("forecast")
}

impl Bill {
    fn read(run: &Run, page: usize) -> Option<Bill> {
        let mut seen: BTreeMap<(BTreeMap<String, String>, String), (f64, u32)> = BTreeMap::new();
        for (line, fields) in rows(run, page).filter(|(_, fields)| is_amount(fields)) {
            let cells = fields.iter().filter(|(key, _)| !MEASURES.contains(&key.as_str()));
            let cells = cells.map(|(key, value)| (key.clone(), value.clone())).collect();
            let amount = fields.get("amount").and_then(|text| text.parse().ok()).unwrap_or(0.0);
            let start = fields.get("start").cloned().unwrap_or_default();
            seen.entry((cells, start)).or_insert((amount, line));
        }
        let (first, _) = seen.keys().next()?;
        let mut scope = first.clone();
        scope.retain(|key, value| seen.keys().all(|(cells, _)| cells.get(key) == Some(value)));
        let mut groups: BTreeMap<BTreeMap<String, String>, Group> = BTreeMap::new();
        let mut times = BTreeSet::new();
        for ((mut cells, start), (amount, line)) in seen {
            cells.retain(|key, _| !scope.contains_key(key));
            times.insert(start.clone());
            let group = groups.entry(cells.clone()).or_insert_with(|| Group { cells, ..Group::default() });
            group.total += amount;
            group.amounts.insert(start, (amount, line));
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by(|a, b| b.total.total_cmp(&a.total));
        Some(Bill { page, scope, times: times.into_iter().collect(), groups })
    }
}

/// Places of the pages that hold bills, newest first.
fn bills(run: &Run) -> impl Iterator<Item = usize> {
    (0..run.pages.len()).rev().filter(|page| rows(run, *page).any(|(_, fields)| is_amount(fields)))
}

/// Where the learner is in it; a new page begins anew.
fn place(face: &Face, run: &Run) -> Cost {
    if face.drill.cost.pages == run.pages.len() {
        return face.drill.cost.clone();
    }
    Cost { pages: run.pages.len(), ..Cost::default() }
}

fn shown(face: &Face, run: &Run) -> Option<Bill> {
    Bill::read(run, bills(run).nth(place(face, run).depth)?)
}

/// What else pages say of the bill: the newest forecast, and anomalies by usage type.
fn told(run: &Run, wanted: &str) -> Vec<BTreeMap<String, String>> {
    let mut out: Vec<BTreeMap<String, String>> = Vec::new();
    for page in (0..run.pages.len()).rev() {
        for (_, fields) in rows(run, page).filter(|(_, fields)| fields.contains_key(wanted)) {
            if !out.contains(fields) {
                out.push(fields.clone());
            }
        }
        if !out.is_empty() {
            break;
        }
    }
    out
}

pub fn title(face: &Face, _run: &Run) -> String {
    face.look.say("pane.cost").to_string()
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["cost", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Refresh, Do::Open, Do::Back, Do::Forecast, Do::Anomalies, Do::Bag, Do::NextPane, Do::Help]
}

/// `Start=…,End=…`: so many days back to the end of today.
fn days(now: Time, back: i64) -> String {
    let day = |shift: i64| (now + Span::hours(24 * shift)).date();
    format!("Start={},End={}", day(-back), day(1))
}

const METRICS: &str = "--metrics UnblendedCost UsageQuantity --output text";

fn overview(now: Time) -> String {
    format!(
        "aws ce get-cost-and-usage --time-period {} --granularity DAILY --group-by Type=DIMENSION,Key=USAGE_TYPE {METRICS}",
        days(now, 30)
    )
}

/// What lies below a group: a usage type's resources and operations, a resource's hours, anything else's usage types.
fn below(now: Time, scope: &BTreeMap<String, String>, cells: &BTreeMap<String, String>) -> Option<String> {
    let mut all = scope.clone();
    all.extend(cells.clone());
    let known = ["linked_account", "operation", "region", "resource_id", "service", "usage_type"];
    let parts: Vec<serde_json::Value> = known
        .iter()
        .filter_map(|key| Some((key, all.get(*key)?)))
        .map(|(key, value)| json!({"Dimensions": {"Key": key.to_uppercase(), "Values": [value]}}))
        .collect();
    let filter = match parts.as_slice() {
        [] => return None,
        [one] => one.to_string(),
        _ => json!({"And": parts}).to_string(),
    };
    // A quote in a name of the estate's cannot be said within quotes.
    if filter.contains('\'') {
        return None;
    }
    let (operation, by, granularity, time) = if all.contains_key("resource_id") {
        let hour = |at: Time| at.format("%Y-%m-%dT00:00:00Z").unwrap_or_default();
        let time = format!("Start={},End={}", hour(now - Span::hours(72)), hour(now + Span::hours(24)));
        ("get-cost-and-usage-with-resources", "", "HOURLY", time)
    } else if all.contains_key("usage_type") {
        let by = "--group-by Type=DIMENSION,Key=RESOURCE_ID Type=DIMENSION,Key=OPERATION ";
        ("get-cost-and-usage-with-resources", by, "DAILY", days(now, 13))
    } else {
        ("get-cost-and-usage", "--group-by Type=DIMENSION,Key=USAGE_TYPE ", "DAILY", days(now, 30))
    };
    Some(format!(
        "aws ce {operation} --time-period {time} --granularity {granularity} {by}--filter '{filter}' {METRICS}"
    ))
}

fn run_line(line: String) -> Option<Vec<Ask>> {
    Some(vec![Ask::Act(Act::Run { line })])
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let now = run.now();
    face.drill.cost = place(face, run);
    match does {
        Do::Refresh => return run_line(overview(now)),
        Do::Forecast => {
            let day = |at: Time| at.date();
            let period = format!("Start={},End={}", day(now), day(now + Span::hours(24 * 30)));
            return run_line(format!(
                "aws ce get-cost-forecast --time-period {period} --metric UNBLENDED_COST --granularity MONTHLY"
            ));
        }
        Do::Anomalies => {
            let start = (now - Span::hours(24 * 30)).date();
            return run_line(format!("aws ce get-anomalies --date-interval StartDate={start},EndDate={}", now.date()));
        }
        _ => {}
    }
    let Some(bill) = shown(face, run) else {
        if does == Do::Back {
            face.drill.focus_on(Pane::Shell);
            return Some(Vec::new());
        }
        return None;
    };
    let height = table_area(area).height.into();
    if face.drill.cost.rows.motion(does, bill.groups.len(), height) {
        return Some(Vec::new());
    }
    let chosen = bill.groups.get(face.drill.cost.rows.at);
    let most = bill.times.len().saturating_sub(1);
    match does {
        Do::LeftChar => face.drill.cost.back = (face.drill.cost.back + 1).min(most),
        Do::RightChar => face.drill.cost.back = face.drill.cost.back.saturating_sub(1),
        Do::Open => match chosen.and_then(|group| below(now, &bill.scope, &group.cells)) {
            Some(line) if !bill.scope.contains_key("resource_id") => return run_line(line),
            _ => face.tell(Role::Dim, "cost.bottom"),
        },
        Do::Back if bills(run).nth(face.drill.cost.depth + 1).is_some() => {
            let depth = face.drill.cost.depth + 1;
            face.drill.cost = Cost { depth, pages: run.pages.len(), ..Cost::default() };
        }
        Do::Back => face.drill.focus_on(Pane::Shell),
        Do::Bag => {
            let time = bill.times.len().checked_sub(1 + face.drill.cost.back).and_then(|at| bill.times.get(at));
            let line = chosen.zip(time).and_then(|(group, time)| group.amounts.get(time)).map(|(_, line)| *line);
            let Some((line, page)) = line.zip(run.pages.get(bill.page)) else {
                face.tell(Role::Warn, "cost.no-cell");
                return Some(Vec::new());
            };
            return Some(vec![Ask::Act(Act::Bag { page: page.id, lines: Some((line, line)), note: String::new() })]);
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Rows of the bars above the table, by how much room there is.
fn bar_rows(area: Rect) -> u16 {
    (area.height / 3).clamp(2, 10)
}

fn table_area(area: Rect) -> Rect {
    // Two lines of words, the bars, a line of times, one for the cursor; the forecast below.
    let above = bar_rows(area) + 4;
    Rect { y: area.y + above, height: area.height.saturating_sub(above + 1), ..area }
}

fn dollars(value: f64) -> String {
    if value.abs() < 0.005 && value != 0.0 { format!("${value:.4}") } else { format!("${value:.2}") }
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let Some(bill) = shown(face, run) else {
        let lines = crate::stdx::text::wrap(look.say("cost.none"), usize::from(area.width));
        for (row, line) in lines.iter().enumerate().take(usize::from(area.height)) {
            paint::clipped(buf, (area.x, area.y + row as u16), area.width, line, look.of(Role::Dim));
        }
        return None;
    };
    let state = place(face, run);
    let chosen = bill.groups.get(state.rows.at.min(bill.groups.len().saturating_sub(1)))?;
    let at = bill.times.len().saturating_sub(1 + state.back);
    head(look, &bill, area, buf);
    bars(look, &bill, chosen, at, area, buf);
    table(look, &bill, &state.rows, &told(run, "anomaly"), table_area(area), buf);
    if let Some(forecast) = told(run, "forecast").first() {
        let cell = |key: &str| forecast.get(key).map(|text| harmless(text)).unwrap_or_default();
        let amount = cell("forecast").parse().map_or_else(|_| cell("forecast"), dollars);
        let (start, end) = (cell("start"), cell("end"));
        let words = look.lang.with("cost.forecast", &[("amount", &amount), ("start", &start), ("end", &end)]);
        paint::clipped(buf, (area.x, area.bottom().saturating_sub(1)), area.width, &words, look.of(Role::Text));
    }
    None
}

fn head(look: &Look, bill: &Bill, area: Rect, buf: &mut Buffer) {
    let total: f64 = bill.groups.iter().map(|group| group.total).sum();
    let scope: Vec<String> =
        bill.scope.iter().filter(|(_, v)| !v.is_empty()).map(|(_, value)| harmless(value)).collect();
    let scope = if scope.is_empty() { look.say("cost.all").to_string() } else { scope.join(" / ") };
    let parts = [(dollars(total), Role::Title), (format!("  {scope}"), Role::Text)];
    let parts: Vec<(&str, Role)> = parts.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    paint::spans(buf, (area.x, area.y), area.width, &parts, &look.theme);
    // Pieces that Cost Explorer does not know yet come as zeros.
    let spent =
        |time: &&String| bill.groups.iter().any(|group| group.amounts.get(*time).is_some_and(|(a, _)| *a > 0.0));
    let last = bill.times.iter().rev().find(spent).or(bill.times.last());
    let last = last.map(|time| harmless(time)).unwrap_or_default();
    let words = look.lang.with("cost.until", &[("time", &last)]);
    paint::clipped(buf, (area.x, area.y + 1), area.width, &words, look.of(Role::Dim));
}

fn bars(look: &Look, bill: &Bill, chosen: &Group, at: usize, area: Rect, buf: &mut Buffer) {
    // As many columns a piece as fit, so that a fortnight is wide and a month narrow.
    let wide = (usize::from(area.width) / bill.times.len().max(1)).clamp(1, 4);
    let first = bill.times.len().saturating_sub(usize::from(area.width) / wide);
    let mut values = Vec::new();
    for time in bill.times.iter().skip(first) {
        let value = chosen.amounts.get(time).map(|(amount, _)| *amount);
        values.extend((0..wide).map(|column| value.filter(|_| wide == 1 || column + 1 < wide)));
    }
    let place = Rect { y: area.y + 2, height: bar_rows(area), ..area };
    let cursor = at.saturating_sub(first) * wide;
    chart::bars(look, &values, Some(cursor), place, buf);
    let y = place.bottom();
    // Where the bars begin and end, as far as the mark leaves room.
    let end = (values.len() as u16).min(area.width);
    for (time, right) in [(bill.times.get(first), false), (bill.times.last(), true)] {
        let time = time.map(|time| harmless(time)).unwrap_or_default();
        let x = if right { end.saturating_sub(time.len() as u16) } else { 0 };
        let clear = !(x..=x + time.len() as u16).contains(&(cursor as u16));
        if clear && usize::from(end) > 2 * time.len() + 2 {
            paint::text(buf, (area.x + x, y), area.width.saturating_sub(x), &time, look.of(Role::Dim));
        }
    }
    let mark = if look.lines == Lines::Ascii { "^" } else { "▲" };
    paint::text(buf, (area.x + cursor as u16, y), 1, mark, look.of(Role::Focus));
    if let Some(time) = bill.times.get(at) {
        let value =
            chosen.amounts.get(time).map_or_else(|| look.say("cost.gap").to_string(), |(amount, _)| dollars(*amount));
        let words = format!("{}  {value}  {}", harmless(time), name(look, chosen));
        paint::clipped(buf, (area.x, y + 1), area.width, &words, look.of(Role::Focus));
    }
}

fn name(look: &Look, group: &Group) -> String {
    let cells: Vec<String> = group.cells.values().map(|value| harmless(value)).collect();
    let cells: Vec<String> = cells.into_iter().map(|cell| if cell.is_empty() { "-".into() } else { cell }).collect();
    if cells.is_empty() { look.say("cost.total").to_string() } else { cells.join(" · ") }
}

fn table(
    look: &Look,
    bill: &Bill,
    rows: &Scroll,
    anomalies: &[BTreeMap<String, String>],
    area: Rect,
    buf: &mut Buffer,
) {
    let ascii = look.lines == Lines::Ascii;
    let total: f64 = bill.groups.iter().map(|group| group.total).sum();
    let share_columns = usize::from((area.width / 5).min(24));
    for (row, (index, group)) in
        bill.groups.iter().enumerate().skip(rows.top).take(usize::from(area.height)).enumerate()
    {
        let y = area.y + row as u16;
        let share = if total > 0.0 { group.total / total } else { 0.0 };
        let full = (share * share_columns as f64).round() as usize;
        let (on, off) = if ascii { ("#", ".") } else { ("█", "░") };
        let bar = format!("{}{}", on.repeat(full.min(share_columns)), off.repeat(share_columns.saturating_sub(full)));
        let odd = anomalies.iter().find(|fields| {
            let usage_type = group.cells.get("usage_type").or_else(|| bill.scope.get("usage_type"));
            usage_type.is_some_and(|wanted| {
                fields.get("usage_types").is_some_and(|all| all.split(' ').any(|one| one == wanted))
            })
        });
        let point = if index != rows.at {
            "  "
        } else if ascii {
            "> "
        } else {
            "▸ "
        };
        let amounts = format!("{:>11} {:>3.0}% ", dollars(group.total), share * 100.0);
        let mark = if odd.is_some() { "! " } else { "  " };
        let role = if index == rows.at { Role::Focus } else { Role::Text };
        let parts =
            [(point, role), (amounts.as_str(), role), (bar.as_str(), Role::Info), (" ", Role::Text), (mark, Role::Bad)];
        let used = paint::spans(buf, (area.x, y), area.width, &parts, &look.theme);
        // What was expected is of the usage type as a whole, not of a part of it.
        let odd = odd.filter(|_| group.cells.contains_key("usage_type"));
        let expected = odd.and_then(|fields| fields.get("expected")?.parse::<f64>().ok());
        let words = match expected {
            Some(expected) => {
                let note = look.lang.with("cost.expected", &[("amount", &dollars(expected))]);
                format!("{} ({note})", name(look, group))
            }
            None => name(look, group),
        };
        paint::clipped(buf, (area.x + used, y), area.width.saturating_sub(used), &words, look.of(role));
    }
}

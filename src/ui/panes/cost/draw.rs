//! How the cost pane looks: what the bill is of, what is odd, the bars of the chosen row, and the rows with what grew. Does
//! not change anything.

use super::bill::{Bill, Cells, Group, told, usage_types};
use super::{Cost, at, place};
use crate::drill::run::Run;
use crate::stdx::text::{clip_start, harmless, width};
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::chart;
use crate::ui::widgets::paint::{self, Lines};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Columns of the amounts at the left of the bars.
const AXIS: u16 = 9;
/// Columns of an amount, a change and a share in the table.
const AMOUNT: usize = 10;
const CHANGE: usize = 10;
const SHARE: usize = 5;
/// Lines besides bars and rows: what it is of, what is odd, whose bars, their times, the names of the columns.
const WORDS: u16 = 5;

/// Rows of the bars: few where the pane is low, so that the table has most of it.
fn bar_rows(area: Rect) -> u16 {
    (area.height.saturating_sub(WORDS) / 4).clamp(2, 8)
}

fn forecast(run: &Run) -> Option<Cells> {
    told(run, "get-cost-forecast", "forecast")?.1.into_iter().next()
}

pub fn table_area(run: &Run, area: Rect) -> Rect {
    let above = bar_rows(area) + WORDS;
    let below = u16::from(forecast(run).is_some());
    Rect { y: area.y + above, height: area.height.saturating_sub(above + below), ..area }
}

fn dollars(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    if size < 0.005 && size > 0.0 { format!("{sign}${size:.4}") } else { format!("{sign}${size:.2}") }
}

/// `+$9.43`, `-$0.20`, `0`.
fn grown(value: f64) -> String {
    if value.abs() < 0.00005 {
        return "0".into();
    }
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", dollars(value))
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let (mut state, bill) = place(face, run);
    let Some(bill) = bill else {
        let lines = crate::stdx::text::wrap(look.say("cost.none"), usize::from(area.width));
        for (row, line) in lines.iter().enumerate().take(usize::from(area.height)) {
            paint::clipped(buf, (area.x, area.y + row as u16), area.width, line, look.of(Role::Dim));
        }
        return None;
    };
    let rows = table_area(run, area);
    state.rows.show(bill.groups.len(), rows.height.into());
    let chosen = bill.groups.get(state.rows.at)?;
    let anomalies = told(run, "get-anomalies", "anomaly").map(|(_, rows)| rows);
    head(look, &bill, area, buf);
    odd_line(face, anomalies.as_deref(), Rect { y: area.y + 1, ..area }, buf);
    let upper = Rect { y: area.y + 2, height: bar_rows(area) + 2, ..area };
    bars(look, &bill, chosen, at(&state, &bill), upper, buf);
    names(face, &bill, &state, Rect { y: rows.y.saturating_sub(1), height: 1, ..area }, buf);
    table(look, &bill, &state, anomalies.as_deref().unwrap_or_default(), rows, buf);
    if let Some(forecast) = forecast(run) {
        let cell = |key: &str| forecast.get(key).map(|text| harmless(text)).unwrap_or_default();
        let amount = cell("forecast").parse().map_or_else(|_| cell("forecast"), dollars);
        let (start, end) = (cell("start"), cell("end"));
        let words = look.lang.with("cost.forecast", &[("amount", &amount), ("start", &start), ("end", &end)]);
        paint::clipped(buf, (area.x, area.bottom().saturating_sub(1)), area.width, &words, look.of(Role::Text));
    }
    None
}

/// What the page is of in all, and until when.
fn head(look: &Look, bill: &Bill, area: Rect, buf: &mut Buffer) {
    let scope: Vec<String> = bill.scope.values().filter(|value| !value.is_empty()).map(|value| short(value)).collect();
    let scope = if scope.is_empty() { look.say("cost.all").to_string() } else { scope.join(" / ") };
    let last = bill.billed.checked_sub(1).and_then(|at| bill.times.get(at)).map(|time| harmless(time));
    let until = look.lang.with("cost.until", &[("time", &last.unwrap_or_default())]);
    let total = dollars(bill.total());
    let room = usize::from(area.width).saturating_sub(total.len() + 2);
    // The resource's own name is last in its scope.
    let scope = if width(&scope) + width(&until) + 2 > room { clip_start(&scope, room) } else { scope };
    let used = total.len() + 2 + width(&scope) + 2;
    let parts = [(total.as_str(), Role::Title), ("  ", Role::Text), (scope.as_str(), Role::Text), ("  ", Role::Text)];
    paint::spans(buf, (area.x, area.y), area.width, &parts, &look.theme);
    let rest = area.width.saturating_sub(used as u16);
    if rest > 12 {
        paint::clipped(buf, (area.x + used as u16, area.y), rest, &until, look.of(Role::Dim));
    }
}

/// The anomalies that were told, if they were asked for.
fn odd_line(face: &Face, anomalies: Option<&[Cells]>, area: Rect, buf: &mut Buffer) {
    let look = &face.look;
    let (role, words) = match anomalies {
        None => {
            let key = face.keymap.key_of(&["cost"], Do::Anomalies).map(|key| key.to_string()).unwrap_or_default();
            (Role::Dim, look.lang.with("cost.ask-anomalies", &[("key", &key)]))
        }
        Some([]) => (Role::Dim, look.say("cost.no-anomalies").to_string()),
        Some(all) => {
            let list: Vec<String> = all.iter().map(|one| odd_words(look, one)).collect();
            let key = if all.len() == 1 { "cost.anomaly" } else { "cost.anomalies" };
            (Role::Bad, look.lang.with(key, &[("n", &all.len().to_string()), ("list", &list.join("; "))]))
        }
    };
    paint::clipped(buf, (area.x, area.y), area.width, &words, look.of(role));
}

/// `APN2-NatGateway-Bytes since 03-07, +$9.43`: more than was expected, over its days.
fn odd_words(look: &Look, fields: &Cells) -> String {
    let cell = |key: &str| fields.get(key).map(|text| harmless(text)).unwrap_or_default();
    let number = |key: &str| cell(key).parse::<f64>().unwrap_or(0.0);
    let usage = harmless(&usage_types(fields).collect::<Vec<_>>().join(", "));
    let start = cell("start");
    let day = start.get(5..10).unwrap_or(&start).to_string();
    let amount = grown(number("amount") - number("expected"));
    look.lang.with("cost.anomaly-of", &[("usage", &usage), ("day", &day), ("amount", &amount)])
}

/// The anomaly that a row's usage type is part of.
pub fn anomaly_of<'a>(bill: &Bill, group: &Group, anomalies: &'a [Cells]) -> Option<&'a Cells> {
    let wanted = group.cells.get("usage_type").or_else(|| bill.scope.get("usage_type"))?;
    anomalies.iter().find(|fields| usage_types(fields).any(|one| one == wanted))
}

/// A line that says whose bars they are, the bars with the largest amount at their left, and what the cursor is on.
fn bars(look: &Look, bill: &Bill, chosen: &Group, at: usize, area: Rect, buf: &mut Buffer) {
    let most = chosen.amounts.values().fold(0.0_f64, |most, (amount, _)| most.max(*amount));
    let key = if bill.is_hourly() { "cost.by-hour" } else { "cost.by-day" };
    let words = look.lang.with(key, &[("name", &name(look, chosen)), ("amount", &dollars(most))]);
    let words = clip_start(&words, usize::from(area.width));
    paint::text(buf, (area.x, area.y), area.width, &words, look.of(Role::Info));
    let plot = Rect {
        x: area.x + AXIS,
        y: area.y + 1,
        width: area.width.saturating_sub(AXIS),
        height: area.height.saturating_sub(2).max(1),
    };
    for (row, label) in [(0, dollars(most)), (plot.height - 1, "$0".to_string())] {
        let label = format!("{label:>8}");
        paint::text(buf, (area.x, plot.y + row), AXIS - 1, &label, look.of(Role::Dim));
    }
    // As many columns a piece as fit, so that a fortnight is wide and a month narrow; the cursor stays in sight.
    let wide = (usize::from(plot.width) / bill.times.len().max(1)).clamp(1, 4);
    let first = bill.times.len().saturating_sub(usize::from(plot.width) / wide).min(at);
    let mut values = Vec::new();
    for (index, time) in bill.times.iter().enumerate().skip(first) {
        let value = chosen.amounts.get(time).map(|(amount, _)| *amount).filter(|_| index < bill.billed);
        values.extend((0..wide).map(|column| value.filter(|_| wide == 1 || column + 1 < wide)));
    }
    let cursor = (at - first) * wide;
    chart::bars(look, &values, Some(cursor), plot, buf);
    // What is not billed yet is no zero: it has a word where there is room for it.
    let unbilled = bill.billed.saturating_sub(first) * wide;
    let words = look.say("cost.unbilled");
    let room = values.len().min(usize::from(plot.width)).saturating_sub(unbilled);
    if bill.billed < bill.times.len() && room >= width(words) {
        paint::text(buf, (plot.x + unbilled as u16, plot.bottom() - 1), room as u16, words, look.of(Role::Dim));
    }
    readout(look, bill, (chosen, at, cursor as u16, first), Rect { y: plot.bottom(), height: 1, ..plot }, buf);
}

/// The line under the bars: where they begin, and beneath the cursor what is there.
fn readout(
    look: &Look,
    bill: &Bill,
    (chosen, at, cursor, first): (&Group, usize, u16, usize),
    area: Rect,
    buf: &mut Buffer,
) {
    let Some(time) = bill.times.get(at) else { return };
    let value = match chosen.amounts.get(time) {
        _ if at >= bill.billed => look.say("cost.unbilled").to_string(),
        Some((amount, _)) => dollars(*amount),
        None => look.say("cost.gap").to_string(),
    };
    let words = format!("{} {value}", harmless(time));
    let size = width(&words) as u16 + 2;
    let up = if look.lines == Lines::Ascii { "^" } else { "↑" };
    let right = cursor + size <= area.width;
    let (x, words) = match right {
        true => (cursor, format!("{up} {words}")),
        false => ((cursor + 1).saturating_sub(size), format!("{words} {up}")),
    };
    paint::text(buf, (area.x + x, area.y), area.width.saturating_sub(x), &words, look.of(Role::Focus));
    let begin = bill.times.get(first).map(|time| harmless(time)).unwrap_or_default();
    if usize::from(x) > begin.len() + 1 {
        paint::text(buf, (area.x, area.y), x, &begin, look.of(Role::Dim));
    }
}

/// A name of the estate's in few columns: of an ARN what its resource is called.
fn short(value: &str) -> String {
    let value = harmless(value);
    match value.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) {
        Some(resource) if !resource.is_empty() => resource.to_string(),
        _ => value,
    }
}

fn name(look: &Look, group: &Group) -> String {
    let cell = |value: &String| if value.is_empty() { "-".to_string() } else { short(value) };
    let cells: Vec<String> = group.cells.values().map(cell).collect();
    if cells.is_empty() { look.say("cost.total").to_string() } else { cells.join(" · ") }
}

fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The names of the columns, the sorted one marked, the key that sorts, and what the change compares.
fn names(face: &Face, bill: &Bill, state: &Cost, area: Rect, buf: &mut Buffer) {
    let look = &face.look;
    let down = if look.lines == Lines::Ascii { "v" } else { "▾" };
    let title = |key: &str, sorted: bool| format!("{}{}", if sorted { down } else { "" }, look.say(key));
    let columns = format!(
        "  {}{}{}",
        right(&title("cost.amount", !state.by_change), AMOUNT),
        right(&title("cost.change", state.by_change), CHANGE),
        right(look.say("cost.share"), SHARE + 1),
    );
    let used = paint::text(buf, (area.x, area.y), area.width, &columns, look.of(Role::Dim));
    let key = face.keymap.key_of(&["cost"], Do::Order).map(|key| key.to_string()).unwrap_or_default();
    let sort = if state.by_change { "cost.sort-amount" } else { "cost.sort-change" };
    let mut words = format!(" {}", look.lang.with(sort, &[("key", &key)]));
    if let Some((time, before)) = bill.compared() {
        let key = if bill.is_hourly() { "cost.compared-hours" } else { "cost.compared-days" };
        let day = harmless(time.get(5..).unwrap_or(time));
        words.push_str("; ");
        words.push_str(&look.lang.with(key, &[("time", &day), ("n", &before.to_string())]));
    }
    paint::clipped(buf, (area.x + used, area.y), area.width.saturating_sub(used), &words, look.of(Role::Dim));
}

fn table(look: &Look, bill: &Bill, state: &Cost, anomalies: &[Cells], area: Rect, buf: &mut Buffer) {
    let ascii = look.lines == Lines::Ascii;
    let total = bill.total();
    let share_columns = usize::from(if area.width < 60 { 0 } else { (area.width / 8).min(20) });
    let (on, off, pointer) = if ascii { ("#", ".", "> ") } else { ("█", "░", "▸ ") };
    let shown = bill.groups.iter().enumerate().skip(state.rows.top).take(usize::from(area.height));
    for (row, (index, group)) in shown.enumerate() {
        let y = area.y + row as u16;
        let chosen = index == state.rows.at;
        let share = if total > 0.0 { group.total / total } else { 0.0 };
        let full = ((share * share_columns as f64).round() as usize).min(share_columns);
        let bar = format!("{}{}", on.repeat(full), off.repeat(share_columns - full));
        let change = group.change.map_or_else(|| "-".to_string(), grown);
        let percent = format!("{:.0}%", share * 100.0);
        let figures =
            format!("{}{}{} ", right(&dollars(group.total), AMOUNT), right(&change, CHANGE), right(&percent, SHARE));
        let mark = if anomaly_of(bill, group, anomalies).is_some() { " ! " } else { "   " };
        let role = if chosen { Role::Focus } else { Role::Text };
        let point = if chosen { pointer } else { "  " };
        let parts = [(point, role), (figures.as_str(), role), (bar.as_str(), Role::Info), (mark, Role::Bad)];
        let used = paint::spans(buf, (area.x, y), area.width, &parts, &look.theme);
        let room = area.width.saturating_sub(used);
        // What tells rows apart is at the end of a long name.
        let words = clip_start(&name(look, group), usize::from(room));
        paint::text(buf, (area.x + used, y), room, &words, look.of(role));
    }
}

//! The cost pane: a picture of the bill rows that `aws ce` printed. It asks with ordinary commands, so that what it shows
//! was on a page. Does not know prices or the bill itself.

mod bill;
mod draw;

use super::metrics;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::scroll::Scroll;
use bill::{Bill, Cells, bills, told};
pub use draw::view;
use ratatui::layout::Rect;
use serde_json::json;

#[derive(Clone, Debug, Default)]
pub struct Cost {
    rows: Scroll,
    /// The piece of time at the cursor; `None` is the last that is billed.
    at: Option<usize>,
    /// The page looked at; `None` is the newest bill.
    page: Option<usize>,
    /// What grew most stands first.
    by_change: bool,
    /// The newest pages of bills and of anomalies when this was last seen: a newer one begins anew.
    newest: Option<usize>,
    odd: Option<usize>,
}

/// Where the learner is in it, and the bill that shows: a new bill begins anew, and anomalies lead to the first of them.
fn place(face: &Face, run: &Run) -> (Cost, Option<Bill>) {
    let mut state = face.drill.cost.clone();
    let newest = bills(run).next();
    if state.newest != newest {
        state = Cost { newest, by_change: state.by_change, odd: state.odd, ..Cost::default() };
    }
    let mut bill = state.page.or(newest).and_then(|page| Bill::read(run, page));
    if let Some(bill) = bill.as_mut().filter(|_| state.by_change) {
        bill.by_change();
    }
    let odd = told(run, "get-anomalies", "anomaly");
    let page = odd.as_ref().map(|(page, _)| *page);
    if state.odd != page {
        state.odd = page;
        let rows = odd.as_ref().map_or(&[][..], |(_, rows)| rows);
        if let Some((bill, at)) = bill.as_ref().and_then(|bill| Some((bill, odd_row(bill, rows)?))) {
            state.rows.at = at;
            state.rows.show(bill.groups.len(), bill.groups.len());
        }
    }
    (state, bill)
}

/// The first row that is an anomaly's.
fn odd_row(bill: &Bill, anomalies: &[Cells]) -> Option<usize> {
    bill.groups
        .iter()
        .position(|group| group.cells.contains_key("usage_type") && draw::anomaly_of(bill, group, anomalies).is_some())
}

pub fn title(face: &Face, _run: &Run) -> String {
    face.look.say("pane.cost").to_string()
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["cost", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Refresh, Do::Open, Do::Back, Do::Order, Do::Anomalies, Do::Forecast, Do::Bag, Do::NextPane, Do::Help]
}

/// `Start=…,End=…`: so many days back to the end of today.
fn days(now: Time, back: i64) -> String {
    let day = |shift: i64| (now + Span::hours(24 * shift)).date();
    format!("Start={},End={}", day(-back), day(1))
}

const METRICS: &str = "--metrics UnblendedCost UsageQuantity --output text";

fn overview() -> String {
    format!(
        "aws ce get-cost-and-usage --time-period {} --granularity DAILY --group-by Type=DIMENSION,Key=USAGE_TYPE {METRICS}",
        "Start=$(date -d '30 days ago' +%F),End=$(date -d '1 day' +%F)"
    )
}

/// What lies below a group: a usage type's resources and operations, a resource's hours, anything else's usage types.
fn below(now: Time, scope: &Cells, cells: &Cells) -> Option<String> {
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
        // To the hour that runs now; what comes after it is nobody's.
        let hour = |at: Time| at.format("%Y-%m-%dT%H:00:00Z").unwrap_or_default();
        let start = (now - Span::hours(72)).date();
        let time = format!("Start={start}T00:00:00Z,End={}", hour(now + Span::hours(1)));
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

/// Seconds between two questions: the bill is brought up to date some times a day.
const EVERY: u32 = 3_600;

/// Asks for the bill, again and again; what was asked before stands no longer.
fn stand(run: &Run, seat: u16, line: &str) -> Option<Vec<Ask>> {
    let start = metrics::standing(EVERY, "aws ce");
    let start = start.trim_end_matches('\'');
    let old = super::logs::standing(run, seat).filter(|(_, standing)| standing.line.starts_with(start));
    let leave = old.map(|(page, _)| Ask::Act(Act::Leave { standing: *page }));
    Some(leave.chain([Ask::Act(Act::Run { line: metrics::standing(EVERY, line) })]).collect())
}

fn run_line(line: String) -> Option<Vec<Ask>> {
    Some(vec![Ask::Act(Act::Run { line })])
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let now = run.now();
    let (state, bill) = place(face, run);
    face.drill.cost = state;
    match does {
        Do::Refresh => return stand(run, face.drill.seat.id, &overview()),
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
    let Some(bill) = bill else {
        if does == Do::Back {
            face.drill.to_shell();
            return Some(Vec::new());
        }
        return None;
    };
    let height = draw::table_area(run, area).height.into();
    if face.drill.cost.rows.motion(does, bill.groups.len(), height) {
        return Some(Vec::new());
    }
    on_bill(face, does, run, &bill)
}

fn on_bill(face: &mut Face, does: Do, run: &Run, bill: &Bill) -> Option<Vec<Ask>> {
    let chosen = bill.groups.get(face.drill.cost.rows.at);
    let state = &mut face.drill.cost;
    let at = at(state, bill);
    match does {
        Do::LeftChar => state.at = Some(at.saturating_sub(1)),
        Do::RightChar => state.at = Some((at + 1).min(bill.times.len().saturating_sub(1))),
        Do::Order => {
            // The row stays the one that was chosen.
            state.by_change = !state.by_change;
            let cells = chosen.map(|group| group.cells.clone());
            let sorted = place(face, run).1;
            let found =
                sorted.and_then(|bill| bill.groups.iter().position(|group| Some(&group.cells) == cells.as_ref()));
            face.drill.cost.rows.at = found.unwrap_or(0);
        }
        Do::Open => match chosen.and_then(|group| below(run.now(), &bill.scope, &group.cells)) {
            Some(line) if !bill.is_hourly() => return run_line(line),
            _ => face.tell(Role::Dim, "cost.bottom"),
        },
        Do::Back => match bill::above(run, bill) {
            Some(mut above) => {
                if state.by_change {
                    above.by_change();
                }
                let rows = Scroll { at: above.row_of(bill).unwrap_or(0), top: 0 };
                *state = Cost { rows, at: None, page: Some(above.page), ..state.clone() };
            }
            None => face.drill.to_shell(),
        },
        Do::Bag => {
            let line = chosen.zip(bill.times.get(at)).and_then(|(group, time)| group.amounts.get(time));
            let Some(((_, line), page)) = line.zip(run.pages.get(bill.page)) else {
                face.tell(Role::Warn, "cost.no-cell");
                return Some(Vec::new());
            };
            return Some(vec![Ask::Act(Act::Bag { page: page.id, lines: Some((*line, *line)), note: String::new() })]);
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// The piece of time at the cursor.
fn at(state: &Cost, bill: &Bill) -> usize {
    let last = bill.times.len().saturating_sub(1);
    state.at.unwrap_or(bill.billed.saturating_sub(1)).min(last)
}

//! The metrics pane: a chart of the metric values that a command printed last, of Prometheus or CloudWatch. It asks with
//! ordinary commands that are asked again as time passes, so that what it shows was on a page. Does not know how values
//! come about.

use crate::console::fact::Fact;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::text::harmless;
use crate::stdx::time::{Span, Time};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::{Overlay, prompt::For};
use crate::ui::theme::Role;
use crate::ui::widgets::chart::{self, Chart, Series};
use crate::ui::widgets::paint::{self, Lines};
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct Metrics {
    series: Scroll,
    /// Points back from the newest.
    back: usize,
}

/// Series on one page and the lines that said their points.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its place in `run.pages`.
    page: usize,
    series: Vec<Series>,
    lines: Vec<Vec<u32>>,
}

/// So many points of a page are looked at.
const POINTS_MOST: usize = 20_000;

impl Page {
    fn read(run: &Run, page: usize) -> Page {
        let mut found: BTreeMap<String, BTreeMap<Time, (f64, u32)>> = BTreeMap::new();
        let lines = run.pages.get(page).map_or(&[][..], |page| &page.output.lines);
        let marks =
            lines.iter().enumerate().flat_map(|(at, line)| line.marks.iter().map(move |mark| (at as u32, mark)));
        // What was printed last counts: a page that goes on being printed says the same times again.
        for (line, mark) in marks.collect::<Vec<_>>().into_iter().rev().take(POINTS_MOST) {
            if let Fact::Metric { name, labels, from, to, value } = mark.fact.as_ref() {
                // CloudWatch's values are of the period that begins at `from`; Prometheus' are as of `to`.
                let at = if name.contains('/') { *from } else { *to };
                found.entry(title_of(name, labels)).or_default().entry(at).or_insert((*value, line));
            }
        }
        let mut out = Page { page, ..Page::default() };
        for (name, points) in found {
            out.lines.push(points.values().map(|(_, line)| *line).collect());
            out.series.push(Series { name, points: points.into_iter().map(|(at, (value, _))| (at, value)).collect() });
        }
        out
    }

    fn charts(&self) -> bool {
        self.series.iter().any(|line| line.points.len() > 1)
    }
}

fn title_of(name: &str, labels: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() { harmless(name) } else { harmless(&format!("{name}{{{}}}", pairs.join(", "))) }
}

/// The newest page with a series of more than one value.
fn shown(run: &Run) -> Option<Page> {
    (0..run.pages.len()).rev().map(|page| Page::read(run, page)).find(Page::charts)
}

/// A line that is asked again, so many seconds after each time, as long as it stands.
pub fn standing(every: u32, line: &str) -> String {
    format!("watch -t -n {every} '{}'", line.replace('\'', r"'\''"))
}

/// Seconds between two questions: Prometheus is asked each minute, CloudWatch has a value every five.
const PROM_EVERY: u32 = 60;
const CLOUD_EVERY: u32 = 300;

/// What charts ask and still stands: who opens another leaves it.
pub fn asked(run: &Run, seat: u16) -> Vec<u32> {
    let starts = [
        format!("watch -t -n {PROM_EVERY} 'prom --range"),
        format!("watch -t -n {CLOUD_EVERY} 'aws cloudwatch get-metric-data"),
    ];
    let asks = |line: &str| starts.iter().any(|start| line.starts_with(start));
    super::logs::standing(run, seat).filter(|(_, standing)| asks(&standing.line)).map(|(page, _)| *page).collect()
}

/// The command for what somebody types: `AWS/RDS CPUUtilization DBInstanceIdentifier=desk` asks CloudWatch, all else is
/// PromQL. A dimension that is `*` draws every series that has it; `back=3d` looks further back than a day, by the hour.
pub fn command(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['\'', '\n']) {
        return None;
    }
    if !text.starts_with("AWS/") {
        return Some(standing(PROM_EVERY, &format!("prom --range 1h --values '{text}'")));
    }
    let mut words = text.split_whitespace();
    let (namespace, metric) = (words.next()?, words.next()?);
    let (mut dimensions, mut any, mut stat, mut back) = (Vec::new(), Vec::new(), "Average", DAY);
    for (key, value) in words.filter_map(|word| word.split_once('=')) {
        match (key, value) {
            ("stat", _) => stat = value,
            ("back", _) => back = Span::parse(value).filter(|span| *span > Span::ZERO && *span <= BACK_MAX)?,
            (_, "*") => any.push(key),
            _ => dimensions.push(json!({"Name": key, "Value": value})),
        }
    }
    let period = if back > DAY { 3_600 } else { 300 };
    let query = if any.is_empty() {
        let metric = json!({"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions});
        json!([{"Id": "m1", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}])
    } else {
        let names = any.join(",");
        let found = format!("SEARCH('{{{namespace},{names}}} MetricName=\"{metric}\"', '{stat}', {period})");
        json!([{"Id": "m1", "Expression": found}])
    };
    // A quote ends the shell's word; one that is escaped between two words stands for itself.
    let query = query.to_string().replace('\'', "'\\''");
    let minutes = back.0 / 60_000;
    let line = format!(
        "aws cloudwatch get-metric-data --scan-by TimestampAscending --start-time $(date -d '{minutes} minutes ago' -Is) \
         --end-time $(date -Is) --metric-data-queries '{query}'"
    );
    Some(standing(CLOUD_EVERY, &line))
}

/// How far a chart of CloudWatch looks back where nothing is said, and at most: hourly values are kept for longer.
const DAY: Span = Span::hours(24);
const BACK_MAX: Span = Span::hours(24 * 14);

pub fn title(face: &Face, _run: &Run) -> String {
    face.look.say("pane.metrics").to_string()
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["metrics", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Chart, Do::Refresh, Do::Down, Do::Bag, Do::NextPane, Do::Palette, Do::Help]
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if does == Do::Chart {
        face.overlays.push(Overlay::prompt(For::Chart, "", face));
        return Some(Vec::new());
    }
    if does == Do::Back {
        face.drill.to_shell();
        return Some(Vec::new());
    }
    let page = shown(run)?;
    if face.drill.metrics.series.motion(does, page.series.len(), usize::from(legend_rows(&page, area))) {
        face.drill.metrics.back = 0;
        return Some(Vec::new());
    }
    let at = face.drill.metrics.series.at.min(page.series.len().saturating_sub(1));
    let count = page.series.get(at).map_or(0, |line| line.points.len());
    let back = &mut face.drill.metrics.back;
    match does {
        Do::LeftChar => *back = (*back + 1).min(count.saturating_sub(1)),
        Do::RightChar => *back = back.saturating_sub(1),
        Do::Refresh => {
            let (id, line) = run.pages.get(page.page).map(|page| (page.id, page.command.clone()))?;
            // What stands is asked by itself.
            let stands = run.standing.iter().any(|(page, _)| *page == id);
            return Some(if stands { Vec::new() } else { vec![Ask::Act(Act::Run { line })] });
        }
        Do::Bag => {
            let line = count.checked_sub(1 + *back).and_then(|point| page.lines.get(at)?.get(point).copied());
            let (line, page) = line.zip(run.pages.get(page.page))?;
            return Some(vec![Ask::Act(Act::Bag { page: page.id, lines: Some((line, line)), note: String::new() })]);
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Rows of the list of series below the chart.
fn legend_rows(page: &Page, area: Rect) -> u16 {
    (page.series.len() as u16).min((area.height / 4).max(1))
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let Some(page) = shown(run) else {
        let lines = crate::stdx::text::wrap(look.say("metrics.none"), usize::from(area.width));
        for (row, line) in lines.iter().enumerate().take(usize::from(area.height)) {
            paint::clipped(buf, (area.x, area.y + row as u16), area.width, line, look.of(Role::Dim));
        }
        return None;
    };
    let state = &face.drill.metrics;
    let chosen = state.series.at.min(page.series.len().saturating_sub(1));
    let point =
        page.series.get(chosen).and_then(|line| line.points.get(line.points.len().checked_sub(1 + state.back)?));
    let legend = legend_rows(&page, area);
    let plot = Rect { height: area.height.saturating_sub(legend + 1), ..area };
    let chart = Chart { series: &page.series, chosen, cursor: point.map(|(at, _)| *at) };
    chart.draw(look, plot, buf);
    if let Some((at, value)) = point {
        let words = format!("{}  {}", chart::day_minute(*at), chart::short(*value));
        paint::clipped(buf, (area.x, plot.bottom()), area.width, &words, look.of(Role::Focus));
    }
    list(look, &page, &state.series, chosen, Rect { y: plot.bottom() + 1, height: legend, ..area }, buf);
    None
}

fn list(look: &Look, page: &Page, scroll: &Scroll, chosen: usize, area: Rect, buf: &mut Buffer) {
    for (row, (index, line)) in
        page.series.iter().enumerate().skip(scroll.top).take(usize::from(area.height)).enumerate()
    {
        let mark = match (index == chosen, look.lines == Lines::Ascii) {
            (true, true) => "> ",
            (true, false) => "▸ ",
            _ => "  ",
        };
        let role = if index == chosen { Role::Focus } else { Role::Dim };
        let values = || line.points.iter().map(|(_, value)| *value);
        let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
        let words = format!("{mark}{}  {} – {}", line.name, chart::short(least), chart::short(most));
        let words = if look.lines == Lines::Ascii { words.replace('–', "-") } else { words };
        paint::clipped(buf, (area.x, area.y + row as u16), area.width, &words, look.of(role));
    }
}

//! Charts as inline SVG: shares over time as steps, areas and points, with marks and a legend, and the same as a table for
//! whoever does not see them. Whole numbers only. Does not know what is charted.

use super::page::{self, Cell};
use crate::stdx::lang::Lang;
use crate::stdx::time::{Span, Time};
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The picture in its own units.
const WIDTH: i64 = 900;
const HEIGHT: i64 = 260;
/// Room around the plot: for percents, the top, the right end, the times.
const LEFT: i64 = 52;
const TOP: i64 = 14;
const RIGHT: i64 = 26;
const BOTTOM: i64 = 30;
/// Times on the axis, at most.
const TICKS_MAX: i64 = 9;
/// Rows of the table, at most: more are thinned.
const ROWS_MAX: usize = 60;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each value holds until the next.
    Steps,
    /// The same, filled below.
    Area,
    /// Single statements.
    Points,
}

/// One series, in thousandths.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    pub name: String,
    /// Its style: `own`, `other`, `said`.
    pub class: &'static str,
    pub shape: Shape,
    pub values: &'a [(Time, u16)],
}

#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// Unique on the page, ours.
    pub id: &'static str,
    pub title: String,
    /// What is to be seen, in a sentence.
    pub about: String,
    pub from: Time,
    pub until: Time,
    pub series: Vec<Series<'a>>,
    /// Upright lines: changes.
    pub marks: &'a [Time],
    /// What an upright line means; shown if there is one.
    pub marked: String,
    /// A level to be reached, and its name.
    pub goal: Option<(u16, String)>,
}

impl Chart<'_> {
    /// The picture with its legend, and the table folded away below.
    pub fn figure(&self, lang: &Lang) -> Markup {
        html! {
            figure {
                div.wide role="group" tabindex="0" aria-label=(self.title) {
                    svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                        aria-labelledby={ (self.id) "-t " (self.id) "-d" } {
                        title id={ (self.id) "-t" } { (self.title) }
                        desc id={ (self.id) "-d" } { (self.about) }
                        (self.axes())
                        @if let Some((level, _)) = &self.goal {
                            line.goal x1=(LEFT) x2=(WIDTH - RIGHT) y1=(y(*level)) y2=(y(*level)) {}
                        }
                        @for at in self.marks.iter().filter(|at| self.inside(**at)) {
                            line.change x1=(self.x(*at)) x2=(self.x(*at)) y1=(TOP) y2=(HEIGHT - BOTTOM) {}
                        }
                        @for own in &self.series { (self.drawn(own)) }
                    }
                }
                figcaption {
                    span.title { (self.title) }
                    span.legend {
                        @for own in self.series.iter().filter(|own| !own.values.is_empty()) { span.key.(own.class) { (own.name) } }
                        @if !self.marks.is_empty() { span.key.change { (self.marked) } }
                        @if let Some((_, name)) = &self.goal { span.key.goal { (name) } }
                    }
                }
                details { summary { (lang.say("html.as-table")) ": " (self.title) } (self.table(lang)) }
            }
        }
    }

    fn inside(&self, at: Time) -> bool {
        self.from <= at && at <= self.until
    }

    fn x(&self, at: Time) -> i64 {
        let all = (self.until - self.from).0.max(1);
        let part = (at - self.from).0.clamp(0, all);
        LEFT + part * (WIDTH - LEFT - RIGHT) / all
    }

    fn axes(&self) -> Markup {
        html! {
            @for percent in [0u16, 25, 50, 75, 100] {
                line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(y(percent * 10)) y2=(y(percent * 10)) {}
                text.tick x=(LEFT - 8) y=(y(percent * 10) + 4) text-anchor="end" { (percent) " %" }
            }
            @for at in ticks(self.from, self.until) {
                text.tick x=(self.x(at)) y=(HEIGHT - 8) text-anchor="middle" { (at.hour_minute()) }
            }
        }
    }

    fn drawn(&self, own: &Series) -> Markup {
        let values: Vec<(i64, i64)> = own.values.iter().map(|(at, share)| (self.x(*at), y(*share))).collect();
        match own.shape {
            Shape::Points => html! {
                @for (x, y) in values { circle.(own.class) cx=(x) cy=(y) r="6" {} }
            },
            Shape::Steps => html! { path.(own.class) d=(self.steps(&values)) fill="none" {} },
            Shape::Area => {
                let line = self.steps(&values);
                let (first, base) = (values.first().map_or(LEFT, |(x, _)| *x), y(0));
                let closed = format!("{line}V{base}H{first}Z");
                html! { path.fill.(own.class) d=(PreEscaped(closed)) {} path.(own.class) d=(line) fill="none" {} }
            }
        }
    }

    fn steps(&self, values: &[(i64, i64)]) -> String {
        let mut path = String::new();
        for (at, (x, y)) in values.iter().enumerate() {
            let _ = if at == 0 { write!(path, "M{x} {y}") } else { write!(path, "H{x}V{y}") };
        }
        if !path.is_empty() {
            let _ = write!(path, "H{}", self.x(self.until));
        }
        path
    }

    /// Every time at which something moves, thinned where there are too many.
    fn table(&self, lang: &Lang) -> Markup {
        let moves = self.series.iter().flat_map(|own| own.values.iter().map(|(at, _)| *at));
        let times: BTreeSet<Time> = moves.filter(|at| self.inside(*at)).collect();
        let every = times.len().div_ceil(ROWS_MAX).max(1);
        let heads: Vec<&str> =
            std::iter::once(lang.say("column.time")).chain(self.series.iter().map(|own| own.name.as_str())).collect();
        let rows: Vec<Vec<Cell>> = times
            .iter()
            .enumerate()
            .filter(|(at, _)| at % every == 0 || at + 1 == times.len())
            .map(|(_, at)| {
                let cells = self.series.iter().map(|own| Cell::Number(own.at(*at).map_or_else(String::new, percent)));
                std::iter::once(Cell::Time(at.clock())).chain(cells).collect()
            })
            .collect();
        page::table(lang, &self.title, &heads, &rows)
    }
}

impl Series<'_> {
    fn at(&self, at: Time) -> Option<u16> {
        if self.shape == Shape::Points {
            return self.values.iter().find(|(own, _)| *own == at).map(|(_, share)| *share);
        }
        let after = self.values.partition_point(|(own, _)| *own <= at);
        after.checked_sub(1).and_then(|last| self.values.get(last)).map(|(_, share)| *share)
    }
}

fn y(share: u16) -> i64 {
    let room = HEIGHT - TOP - BOTTOM;
    TOP + room - i64::from(share.min(1000)) * room / 1000
}

/// Thousandths as whole percent, floored: what was there, never more.
pub fn percent(share: u16) -> String {
    format!("{} %", share / 10)
}

/// Round times between two ends, few enough to be read.
fn ticks(from: Time, until: Time) -> Vec<Time> {
    const STEPS: [i64; 12] = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1_440, 10_080];
    let all = (until - from).0.max(0);
    let minutes = STEPS.into_iter().find(|minutes| all / (minutes * 60_000) < TICKS_MAX).unwrap_or(10_080);
    let step = minutes * 60_000;
    let first = from.0.div_euclid(step) + i64::from(from.0.rem_euclid(step) != 0);
    let times = (0..=TICKS_MAX).map(|n| Time((first + n) * step));
    times.take_while(|at| *at <= until).collect()
}

/// Room at both ends of a span, so that nothing stands on the frame.
pub fn padded(from: Time, until: Time) -> Time {
    if until - from < Span::mins(1) { from + Span::mins(1) } else { until }
}

//! `prom`: metrics by a part of PromQL, at an instant or over a time with a chart. Every value printed is a fact. Does not
//! know how series come about.

mod eval;
mod parse;

use super::fact::Fact;
use super::flag::{self, Flag, Given, Order};
use super::page::{Coverage, Line, Output};
use super::program::{Context, Program};
use crate::stdx::suggest;
use crate::stdx::text;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::metrics;
use eval::{Data, Sample, Value};
use parse::{Expr, Mistake};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "prom",
    aliases: &["promql"],
    doc: "metrics: query series now, or over a time with a chart",
    usage: "\
usage: prom [FLAGS] QUERY
       prom --list [WORD]

A query is a part of PromQL: selectors with =, !=, =~, !~, ranges and offset; rate, increase, delta, changes,
max/min/avg_over_time, histogram_quantile, abs, ceil, floor, round, sort; sum, avg, min, max, count, topk, bottomk
with by and without; + - * / %, comparisons, and, or, unless.

  prom 'up{namespace=\"shop\"}'
  prom 'sum by (code) (rate(edge_requests_total[5m]))'
  prom 'up{app=\"cart\"}[1h]'
  prom --range 1h --step 1m slo_order_success_ratio
  prom 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{app=\"checkout\"}[5m])))'",
    flags: &[
        Flag::value(
            '\0',
            "at",
            "TIME",
            "evaluate then instead of now: 09:14, 2026-03-02T09:14:00Z, or 15m for so long ago",
        ),
        Flag::switch('l', "list", "list the metrics there are"),
        Flag::value('r', "range", "SPAN", "over the last SPAN, with a chart"),
        Flag::value('s', "step", "SPAN", "between two values of a range (default: a 60th of it)"),
        Flag::switch('v', "values", "with --range: print every value instead of a chart"),
    ],
    cost: Span::secs(30),
    run,
    poll: None,
};

/// Values one page prints.
const LINES_MAX: usize = 500;
/// Steps of a range.
const STEPS_MAX: i64 = 1_500;
const CHART_COLUMNS: usize = 60;

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(page) => return page,
    };
    let world = &*context.world;
    if given.has("list") {
        return list(world, given.operands.first().map_or("", String::as_str));
    }
    let query = given.operands.join(" ");
    if query.trim().is_empty() {
        return failed("no query", Some("prom --list shows the metrics; prom --help shows examples".into()));
    }
    match answer(world, &given, &query) {
        Ok(output) => output,
        Err((say, hint)) => failed(&say, hint),
    }
}

/// Whether a text is a query at all: what is none is refused before any series is asked for.
pub fn is_query(text: &str) -> bool {
    parse::parse(text).is_ok()
}

type Failure = (String, Option<String>);

fn failed(say: &str, hint: Option<String>) -> Output {
    let mut lines = vec![Line::err(format!("prom: {say}"))];
    lines.extend(hint.map(Line::hint));
    Output { lines, code: 1, ..Output::default() }
}

fn answer(world: &World, given: &Given, query: &str) -> Result<Output, Failure> {
    let (mut expr, selectors) = parse::parse(query).map_err(|mistake| explain(query, &mistake))?;
    let at = match given.last("at") {
        None => world.now,
        Some(word) => when(world.now, word).ok_or_else(|| (format!("{word:?} is not a time"), None))?.min(world.now),
    };
    let span = |name: &str| match given.last(name) {
        None => Ok(None),
        Some(word) => {
            let span = Span::parse(word).filter(|span| *span >= Span::secs(1) && *span <= Span::hours(24 * 7));
            span.map(Some).ok_or_else(|| (format!("--{name}: {word:?} is not a span from 1s to 7d"), None))
        }
    };
    let (mut range, step) = (span("range")?, span("step")?);
    // A bare `up[1h]` asks for the series over that time.
    if let Expr::Select(selector) = &mut expr {
        range = selector.range.take().or(range);
    }
    let from = range.map_or(at, |range| at - range);
    let data = eval::fetch(world, &expr, selectors, from, at);
    if let Some(name) = data.unknown.first() {
        let names = metrics::names(world);
        let near = suggest::nearest(name, names.keys().map(String::as_str));
        let hint = near.map_or("prom --list shows the metrics".to_string(), |near| format!("did you mean `{near}`?"));
        return Err((format!("no metric is called {name:?}"), Some(hint)));
    }
    let shown = Shown { query, expr: &expr, data: &data };
    let mut output = match range {
        None => shown.instant(at)?,
        Some(range) => shown.range(from, at, step.unwrap_or(Span((range.0 / 60).max(1_000))), given.has("values"))?,
    };
    output.coverage.extend(eval::metrics_of(&expr).into_iter().map(|name| Coverage::Metric { name, from, to: at }));
    if let Some(histogram) = bare_histogram(world, &expr) {
        output.lines.push(Line::hint(format!(
            "{histogram} is a histogram: ask for {histogram}_bucket, {histogram}_sum or {histogram}_count"
        )));
    }
    Ok(output)
}

/// A histogram that was asked for without an ending has no series of its own.
fn bare_histogram(world: &World, expr: &Expr) -> Option<String> {
    let Expr::Select(selector) = expr else { return None };
    let own = world.apps.estate.apps.values().flat_map(|app| &app.metrics);
    let own = own.filter(|metric| !metric.buckets.is_empty()).map(|metric| metric.name.as_str());
    let built_in = ["http_request_duration_seconds", "edge_request_duration_seconds"];
    own.chain(built_in).find(|name| *name == selector.name).map(str::to_string)
}

/// `09:14`, `09:14:30` (today, or yesterday if that is still to come), an instant, or a span ago.
pub(super) fn when(now: Time, word: &str) -> Option<Time> {
    if let Some(at) = Time::parse(word) {
        return Some(at);
    }
    if let Some(span) = Span::parse(word) {
        return Some(now - span);
    }
    let today = Time::parse(&format!("{} {word}", now.date()))?;
    Some(if today > now { today - Span::hours(24) } else { today })
}

fn explain(query: &str, mistake: &Mistake) -> Failure {
    let before = query.get(..mistake.at.min(query.len())).unwrap_or("");
    let column = text::width(before) + 1;
    (format!("parse error at {column}: {}", mistake.say), mistake.hint.clone())
}

fn list(world: &World, word: &str) -> Output {
    let names = metrics::names(world);
    let found: Vec<_> = names.iter().filter(|(name, about)| name.contains(word) || about.contains(word)).collect();
    let widest = found.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut lines: Vec<Line> =
        found.iter().map(|(name, about)| Line::plain(format!("{name:widest$}  {about}"))).collect();
    if lines.is_empty() {
        lines.push(Line::err(format!("prom: no metric is about {word:?}")));
    }
    Output { lines, ..Output::default() }
}

/// A query with its data, about to be printed.
struct Shown<'a> {
    query: &'a str,
    expr: &'a Expr,
    data: &'a Data,
}

impl Shown<'_> {
    fn eval(&self, at: Time) -> Result<Vec<Sample>, Failure> {
        match eval::eval(self.expr, self.data, at).map_err(|say| (say, None))? {
            Value::Vector(samples) => Ok(samples),
            Value::Scalar(value) => {
                let (labels, how) = (BTreeMap::new(), "scalar".into());
                Ok(vec![Sample { labels, value, metric: None, how, back: Span::ZERO }])
            }
        }
    }

    fn fact(&self, sample: &Sample, at: Time) -> Arc<Fact> {
        Arc::new(match &sample.metric {
            Some(name) => {
                let mut labels = sample.labels.clone();
                if !sample.how.is_empty() {
                    labels.insert("__fn__".into(), sample.how.clone());
                }
                Fact::Metric { name: name.clone(), labels, from: at - sample.back, to: at, value: sample.value }
            }
            None => Fact::Count { tool: "prom".into(), of: self.query.to_string(), value: sample.value },
        })
    }

    /// The series as it is called on the page: with its name only while it is a metric as it stands.
    fn title(&self, sample: &Sample) -> String {
        let name = match self.expr {
            Expr::Select(selector) => selector.name.as_str(),
            _ => "",
        };
        let pairs: Vec<String> = sample.labels.iter().map(|(key, value)| format!("{key}={value:?}")).collect();
        format!("{name}{{{}}}", pairs.join(", "))
    }

    fn instant(&self, at: Time) -> Result<Output, Failure> {
        let mut samples = self.eval(at)?;
        if !self.query.contains("sort") && !self.query.contains("topk") {
            // Buckets in the order of their bounds: as text, 100 stands before 20.
            samples.sort_by(|a, b| unbounded(a).cmp(&unbounded(b)).then(bound(a).total_cmp(&bound(b))));
        }
        let mut lines = Vec::new();
        let titles: Vec<String> = samples.iter().map(|sample| self.title(sample)).collect();
        let widest = titles.iter().map(|title| text::width(title)).max().unwrap_or(0).min(140);
        for (sample, title) in samples.iter().zip(&titles).take(LINES_MAX) {
            let mut line = Line::default();
            let pad = " ".repeat(widest.saturating_sub(text::width(title)));
            // The whole line is the fact: a value without its labels says nothing.
            line.push_fact(&format!("{title}{pad}  {}", number(sample.value)), &self.fact(sample, at));
            lines.push(line);
        }
        if samples.len() > LINES_MAX {
            lines.push(Line::hint(format!("{} more; narrow it down or use topk", samples.len() - LINES_MAX)));
        }
        if samples.is_empty() {
            lines.push(Line::plain(format!("no data at {}", at.rfc3339())));
        }
        Ok(Output { lines, ..Output::default() })
    }

    fn range(&self, from: Time, to: Time, step: Span, values: bool) -> Result<Output, Failure> {
        let steps = (to - from).0 / step.0.max(1);
        if steps > STEPS_MAX {
            return Err((format!("{steps} steps are too many"), Some("use a longer --step".into())));
        }
        let mut by: BTreeMap<String, Vec<(Time, Sample)>> = BTreeMap::new();
        for n in 0..=steps {
            let at = to - Span(step.0 * (steps - n));
            for sample in self.eval(at)? {
                by.entry(self.title(&sample)).or_default().push((at, sample));
            }
        }
        let mut lines = Vec::new();
        for (title, points) in &by {
            if lines.len() >= LINES_MAX {
                lines.push(Line::hint("more series follow; narrow it down or use topk"));
                break;
            }
            lines.push(Line::plain(title.clone()));
            if values {
                for (at, sample) in points {
                    let mut line = Line::plain("  ");
                    line.push_fact(&format!("{}  {}", at.rfc3339(), number(sample.value)), &self.fact(sample, *at));
                    lines.push(line);
                }
            } else {
                self.chart(points, from, to, &mut lines);
            }
        }
        if by.is_empty() {
            lines.push(Line::plain(format!("no data from {} to {}", from.rfc3339(), to.rfc3339())));
        }
        Ok(Output { lines, ..Output::default() })
    }

    /// Bars, then the least, the greatest and the last value with their times.
    fn chart(&self, points: &[(Time, Sample)], from: Time, to: Time, lines: &mut Vec<Line>) {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let finite = || points.iter().filter(|(_, sample)| sample.value.is_finite());
        let by_value = |a: &&(Time, Sample), b: &&(Time, Sample)| a.1.value.total_cmp(&b.1.value);
        let (Some(least), Some(most)) = (finite().min_by(by_value), finite().max_by(by_value)) else {
            lines.push(Line::plain("  no number in this time"));
            return;
        };
        let width = (to - from).0.max(1);
        let middle = (least.1.value + most.1.value) / 2.0;
        let mut cells: Vec<Option<f64>> = vec![None; CHART_COLUMNS];
        for (at, sample) in finite() {
            let column =
                ((*at - from).0 * (CHART_COLUMNS as i64 - 1) / width).clamp(0, CHART_COLUMNS as i64 - 1) as usize;
            // Of several values in one column the one farther from the middle is shown: no peak and no dip is lost.
            let extreme = |value: f64| (value - middle).abs();
            cells[column] =
                Some(cells[column].filter(|held| extreme(*held) >= extreme(sample.value)).unwrap_or(sample.value));
        }
        let height = most.1.value - least.1.value;
        let mut held = None;
        let bars: String = cells
            .iter()
            .map(|cell| {
                held = cell.or(held);
                held.map_or(' ', |value| {
                    let level = if height > 0.0 { ((value - least.1.value) / height * 7.0 + 0.5) as usize } else { 3 };
                    BARS[level.min(7)]
                })
            })
            .collect();
        lines.push(Line::plain(format!("  {bars}")));
        // Hours alone would be read as today's: a chart that begins on another day names its days.
        let days = from.date() != to.date();
        let end = |at: Time| if days { format!("{} {}", at.date(), at.hour_minute()) } else { at.hour_minute() };
        let gap = " ".repeat(CHART_COLUMNS.saturating_sub(2 * end(from).len()));
        lines.push(Line::plain(format!("  {}{gap}{}", end(from), end(to))));
        let mut line = Line::plain("  ");
        for (name, point) in [("min", Some(least)), ("max", Some(most)), ("last", points.last())] {
            let Some((at, sample)) = point else { continue };
            let when = if days { at.rfc3339() } else { at.clock() };
            line.push_fact(&format!("{name} {} at {when}", number(sample.value)), &self.fact(sample, *at));
            line.push(if name == "last" { "" } else { "  ·  " });
        }
        lines.push(line);
    }
}

/// A bucket's labels but for its bound; of any other sample nothing, so that its place is kept.
fn unbounded(sample: &Sample) -> Vec<(&String, &String)> {
    let bounded = sample.labels.contains_key("le");
    sample.labels.iter().filter(|(name, _)| bounded && *name != "le").collect()
}

/// A bucket's upper bound.
fn bound(sample: &Sample) -> f64 {
    match sample.labels.get("le").map(String::as_str) {
        Some("+Inf") => f64::INFINITY,
        Some(bound) => bound.parse().unwrap_or(0.0),
        None => 0.0,
    }
}

/// A number as a person reads it: whole as it is, else at most six digits after the point.
fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_string() }
}

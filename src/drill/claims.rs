//! What is true of the world when somebody states the problem or tells others: whether a named series hurts, what it should
//! be, what it is, since when. Pure questions about a run as it stands. Does not know forms, and does not grade.

use super::casework::onset;
use super::indicator;
use super::run::Run;
use crate::scenario::harm;
use crate::stdx::time::{Span, Time};
use crate::world::signals::metrics::{self, Need, Query, Series};
use std::collections::BTreeMap;

/// A series hurts from this share of its usual value lacking on, in thousandths.
const HURTS: f64 = 50.0;
/// A series is well while less than this share of its usual value is lacking, in thousandths.
const WELL: f64 = 20.0;
/// An expected value is right within this share of what is healthy or usual.
const EXPECTED: f64 = 0.05;
/// An actual value is right within this, of a share; of anything else within this part of what is usual.
const ACTUAL: f64 = 0.10;
/// Since when is right within so many minutes of the onset; clocks are read to the minute.
const SINCE_MINUTES: i64 = 6;
/// What is usual is the mean of so many values before the onset, so far apart.
const USUAL_POINTS: i64 = 6;
const USUAL_STEP: Span = Span::mins(5);
/// A counter is measured by what it gains in so long.
const GAIN: Span = Span::mins(10);
/// What hurt so short a time ago hurts still: what crashes in a loop is well in between.
const JUST: Span = Span::mins(2);
const JUST_STEP: Span = Span::secs(10);

/// A series as people name it: `slo_pay_ratio`, `up{app=cart}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

/// Reads `METRIC` or `METRIC{label=value,…}`.
pub fn named(text: &str) -> Option<Named> {
    let (name, labels) = match text.trim().split_once('{') {
        None => (text.trim(), BTreeMap::new()),
        Some((name, labels)) => {
            let pair = |pair: &str| {
                let (label, value) = pair.split_once('=')?;
                Some((label.trim().to_string(), value.trim().trim_matches('"').to_string()))
            };
            let body = labels.trim_end().strip_suffix('}')?;
            let pairs: Option<BTreeMap<String, String>> =
                body.split(',').filter(|part| !part.trim().is_empty()).map(pair).collect();
            (name.trim(), pairs?)
        }
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    (!name.is_empty() && name.chars().all(plain)).then(|| Named { name: name.to_string(), labels })
}

/// IS: the case's indicator, or a series that is at least 5 % below what it was before the onset.
pub fn hurts(run: &Run, text: &str) -> bool {
    let Some(named) = named(text) else { return false };
    if owns(run, &named) {
        return now(run, &named).is_some() || usual(run, &named).is_some();
    }
    fallen(run, &named).is_some_and(|fallen| fallen >= HURTS)
}

/// IS NOT: another series, that there is and that is less than 2 % below what it was before the onset.
pub fn is_well(run: &Run, hurting: &str, text: &str) -> bool {
    let Some(other) = named(text) else { return false };
    if owns(run, &other) || named(hurting).is_some_and(|hurting| hurting == other) {
        return false;
    }
    fallen(run, &other).is_some_and(|fallen| fallen < WELL)
}

/// Expected: within 5 % of what is healthy (the case's indicator) or of what was usual before the onset.
pub fn is_expected(run: &Run, hurting: &str, text: &str) -> bool {
    let (Some(named), Some(said)) = (named(hurting), number(text)) else { return false };
    let healthy = owns(run, &named).then_some(run.case.indicator.healthy);
    let near = |right: f64| (said - right).abs() <= right.abs() * EXPECTED;
    healthy.is_some_and(near) || usual(run, &named).is_some_and(near)
}

/// Actual: within ten percent points of the value now; of what is no share, within a tenth of what was usual.
pub fn is_actual(run: &Run, hurting: &str, text: &str) -> bool {
    let (Some(named), Some(said)) = (named(hurting), number(text)) else { return false };
    let Some(value) = now(run, &named) else { return false };
    let usual = usual(run, &named).unwrap_or(value).max(value);
    let scale = if usual <= 1.0 { 1.0 } else { usual };
    (said - value).abs() <= scale * ACTUAL
}

/// Since: within six minutes of the onset.
pub fn is_since(run: &Run, text: &str) -> bool {
    let minute = |time: Time| time.0.div_euclid(60_000);
    match (run.case.verdict.onset, onset(run.case.drill.page_at, text)) {
        (Some(true_one), Some(said)) => (minute(true_one) - minute(said)).abs() <= SINCE_MINUTES,
        _ => false,
    }
}

/// The harm that an update tells of: a series that hurts now (or did a moment ago), or `none` while nothing hurts.
pub fn is_harm(run: &Run, text: &str) -> bool {
    let Some(named) = named(text) else { return false };
    if named.labels.is_empty() && named.name == "none" {
        return !hurts_now(run);
    }
    if owns(run, &named) {
        return hurt_just(run);
    }
    fallen(run, &named).is_some_and(|fallen| fallen >= HURTS)
}

/// Whether the case's indicator is below what is healthy at this instant.
pub fn hurts_now(run: &Run) -> bool {
    !harm::well(&run.stage.world, &run.case.indicator)
}

/// Whether it was so within the last two minutes.
fn hurt_just(run: &Run) -> bool {
    let steps = JUST.0 / JUST_STEP.0;
    let times: Vec<Time> = (0..=steps).rev().map(|n| run.now() - Span::millis(JUST_STEP.0 * n)).collect();
    harm::through(&run.stage.world, &run.case.indicator, &times).iter().any(|harm| *harm > 0)
}

/// Whether this is the case's indicator: its name, and no label that says otherwise.
fn owns(run: &Run, named: &Named) -> bool {
    let own = &run.case.indicator;
    let fits = |(label, value): (&String, &String)| own.labels.get(label).is_none_or(|known| known == value);
    named.name == own.name && named.labels.iter().all(fits)
}

/// Reads `0.41`, `41%`.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    value.is_finite().then_some(value)
}

/// How much of what was usual is lacking now, in thousandths; less than nothing if there is more of it. `None` if it cannot
/// be compared.
fn fallen(run: &Run, named: &Named) -> Option<f64> {
    let usual = usual(run, named).filter(|usual| *usual > 0.0)?;
    // What counts nothing at all any more has no series: that is nothing. Another value that is not there says nothing.
    let now = now(run, named).or(counts(&named.name).then_some(0.0))?;
    Some((usual - now) / usual * 1000.0)
}

fn now(run: &Run, named: &Named) -> Option<f64> {
    measured(run, named, &[run.now()]).pop().flatten()
}

/// The mean of the half hour before the onset; before the page, if the case has no onset.
fn usual(run: &Run, named: &Named) -> Option<f64> {
    let onset = run.case.verdict.onset.unwrap_or(run.case.drill.page_at);
    let times: Vec<Time> = (1..=USUAL_POINTS).rev().map(|n| onset - Span::millis(USUAL_STEP.0 * n)).collect();
    let known: Vec<f64> = measured(run, named, &times).into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// The values of a series at rising times: of a counter, what it gained in the ten minutes before.
fn measured(run: &Run, named: &Named, times: &[Time]) -> Vec<Option<f64>> {
    let world = &run.stage.world;
    if !counts(&named.name) {
        return indicator::read(world, &named.name, &named.labels, times);
    }
    let (Some(from), Some(to)) = (times.first(), times.last()) else { return Vec::new() };
    let query = Query { name: &named.name, exact: &named.labels, from: *from - GAIN, to: *to, need: Need::Added };
    let fits = |series: &&Series| named.labels.iter().all(|(label, value)| series.labels.get(label) == Some(value));
    let found = metrics::select(world, &query);
    // What is counted by many processes is one thing to whoever names it without them.
    let all: Vec<&Series> = found.iter().filter(fits).collect();
    let gain = |at: &Time| {
        let gains: Vec<f64> = all.iter().filter_map(|series| series.increase(*at - GAIN, *at)).collect();
        (!gains.is_empty()).then(|| gains.iter().sum())
    };
    times.iter().map(gain).collect()
}

/// Whether a metric counts, by the endings that Prometheus gives to counters and histograms.
fn counts(name: &str) -> bool {
    ["_total", "_count", "_sum", "_bucket"].iter().any(|ending| name.ends_with(ending))
}

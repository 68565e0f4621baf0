//! An alarm's life: its state as a function of its metric's and its own history, evaluated once a minute. Evaluated when
//! somebody looks, up to now, with what could be seen at each minute. Does not know who is told.

use super::history::{self, Item};
use super::reason;
use super::series::{self, Name, Stat};
use super::{data, math};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One alarm.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// PutMetricAlarm's members as they were given.
    pub given: Value,
    pub rule: Rule,
    pub configured: Time,
    pub state: State,
    /// The last minute (since 1970) that was evaluated.
    pub evaluated: i64,
    pub actions_enabled: bool,
    /// Since when it is evaluated in time, because it has something to do.
    pub watched: Option<Time>,
    pub tags: BTreeMap<String, String>,
}

/// Where an alarm stands, and since when.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub of: StateOf,
    pub reason: String,
    /// JSON text; empty: none.
    pub data: String,
    pub since: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateOf {
    Alarm,
    InsufficientData,
    Ok,
}

impl StateOf {
    pub fn word(self) -> &'static str {
        match self {
            StateOf::Alarm => "ALARM",
            StateOf::InsufficientData => "INSUFFICIENT_DATA",
            StateOf::Ok => "OK",
        }
    }

    pub fn parse(text: &str) -> Option<StateOf> {
        [StateOf::Alarm, StateOf::InsufficientData, StateOf::Ok].into_iter().find(|state| state.word() == text)
    }
}

/// What an alarm watches.
#[derive(Clone, Debug)]
pub struct Rule {
    pub source: Source,
    /// Seconds; a multiple of 60.
    pub period: i64,
    /// N: evaluation periods.
    pub periods: usize,
    /// M: data points to alarm.
    pub to_alarm: usize,
    pub threshold: f64,
    pub comparison: Comparison,
    pub missing: Treat,
}

#[derive(Clone, Debug)]
pub enum Source {
    Metric { name: Name, stat: Stat, stat_name: String, unit: Option<String> },
    Math(Arc<Vec<math::Query>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    AtLeast,
    AtMost,
    Less,
    More,
}

/// How missing data are treated; `missing` where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treat {
    Breaching,
    Ignore,
    Missing,
    NotBreaching,
}

impl Rule {
    pub fn breaches(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::AtLeast => value >= self.threshold,
            Comparison::AtMost => value <= self.threshold,
            Comparison::Less => value < self.threshold,
            Comparison::More => value > self.threshold,
        }
    }

    pub fn stat_name(&self) -> Option<&str> {
        match &self.source {
            Source::Metric { stat_name, .. } => Some(stat_name),
            Source::Math(_) => None,
        }
    }
}

/// Data points that are looked at beyond the evaluation periods, so that late or missing ones can be made up for by older
/// ones. With three periods five are looked at (CloudWatch User Guide, "Configuring how alarms treat missing data"); other
/// figures are not documented.
const RANGE_EXTRA: usize = 2;

/// Evaluates every alarm up to now.
pub fn catch_up(world: &mut World) {
    let names: Vec<String> = world.aws.watch.alarms.keys().cloned().collect();
    for name in names {
        let Some(mut alarm) = world.aws.watch.alarms.get(&name).cloned() else { continue };
        let items = evaluate(world, &name, &mut alarm, world.now);
        Arc::make_mut(&mut world.aws.watch.alarms).insert(name.clone(), alarm);
        history::remember(world, &name, items);
    }
}

/// The second of the minute at which an alarm is evaluated: always the same one (as seen in alarm histories).
pub fn offset(name: &str) -> Span {
    Span::millis(i64::try_from(dice::hash_name(name) % 60_000).unwrap_or(0))
}

/// Evaluates an alarm up to a time, and says what it went through.
pub fn evaluate(world: &World, name: &str, alarm: &mut Alarm, until: Time) -> Vec<Item> {
    let offset = offset(name);
    let last = (until.0 - offset.0).div_euclid(60_000);
    let first = alarm.evaluated + 1;
    if last < first {
        return Vec::new();
    }
    let mut watched = Watched::new(world, &alarm.rule, first, last);
    let mut items = Vec::new();
    for minute in first..=last {
        let at = Time(minute * 60_000) + offset;
        if let Some(state) = turned(&alarm.rule, &mut watched, at, alarm.state.of) {
            items.push(Item::update(at, &alarm.state, &state));
            alarm.state = state;
        }
    }
    alarm.evaluated = last;
    items
}

/// The state at one evaluation; `None`: it stays what it `is`. Why is only told of a change, as most minutes bring none.
fn turned(rule: &Rule, watched: &mut Watched, at: Time, is: StateOf) -> Option<State> {
    let (length, end) = (rule.period / 60, watched.end(at));
    let range: Vec<i64> = (1..=rule.periods + RANGE_EXTRA).map(|back| end - length * back as i64).collect();
    let seen: Vec<(i64, f64)> =
        range.iter().filter_map(|start| Some((*start, watched.value(*start, start + length)?))).collect();
    let (of, real, filled) = verdict(rule, &range, &seen).filter(|(of, _, _)| *of != is)?;
    let reason = reason::sentence(rule, of, real, filled);
    let starts = range.get(..rule.periods.min(range.len())).unwrap_or_default();
    let data = reason::data(rule, &watched.unit, at, real, starts);
    Some(State { of, reason, data, since: at })
}

/// A state, the data points that it rests on, and how many had to be filled in.
type Verdict<'s> = (StateOf, &'s [(i64, f64)], usize);

/// Decides over the data points seen in the evaluation range (newest first): which state, on which of them, and how many had
/// to be filled in. If there are as many as evaluation periods, the newest of them count, however old; else the missing ones
/// are filled in as the alarm says (CloudWatch User Guide, "Configuring how alarms treat missing data").
fn verdict<'s>(rule: &Rule, range: &[i64], seen: &'s [(i64, f64)]) -> Option<Verdict<'s>> {
    let real = seen.get(..rule.periods).unwrap_or(seen);
    let filled = rule.periods - real.len();
    let breaching = real.iter().filter(|(_, value)| rule.breaches(*value)).count();
    let decided = |alarm: bool| Some((if alarm { StateOf::Alarm } else { StateOf::Ok }, real, filled));
    if filled == 0 {
        return decided(breaching >= rule.to_alarm);
    }
    match rule.missing {
        Treat::Breaching => decided(breaching + filled >= rule.to_alarm),
        Treat::NotBreaching => decided(breaching >= rule.to_alarm),
        Treat::Missing if real.is_empty() => Some((StateOf::InsufficientData, real, filled)),
        Treat::Ignore if real.is_empty() => None,
        _ if breaching >= rule.to_alarm => decided(true),
        _ if breaching < real.len() => decided(false),
        Treat::Ignore => None,
        // All that is there breaches. Once the oldest is as old as the data points to alarm, that is enough; until then the
        // next could be fine, and the alarm waits ("Avoiding premature transitions to alarm state").
        Treat::Missing => {
            let oldest = real.last().and_then(|(start, _)| range.iter().position(|at| at == start));
            if oldest.is_some_and(|back| back + 1 >= rule.to_alarm) { decided(true) } else { None }
        }
    }
}

/// The values that an alarm looks at, by window.
struct Watched {
    lag: Span,
    unit: String,
    values: Values,
}

enum Values {
    /// A metric's minutes and the statistic over them; windows slide by the minute, so each is looked at several times: what
    /// it came to, by its start from the first of them on.
    Sliding { minutes: BTreeMap<i64, series::Minute>, stat: Stat, first: i64, known: Vec<Option<Option<f64>>> },
    /// An expression's values by the start of their period.
    Aligned { length: i64, values: BTreeMap<i64, f64> },
}

impl Watched {
    fn new(world: &World, rule: &Rule, first: i64, last: i64) -> Watched {
        let length = rule.period / 60;
        let from = first - length * (rule.periods + RANGE_EXTRA) as i64 - 10;
        match &rule.source {
            Source::Metric { name, stat, unit, .. } => {
                let series = series::find(world, name);
                let fits = series.filter(|series| unit.as_ref().is_none_or(|unit| *unit == series.unit));
                let minutes = fits.as_ref().map(|series| series.seen(world, from, last)).unwrap_or_default();
                let known = vec![None; usize::try_from(last - from).unwrap_or(0)];
                let unit = unit.clone().or(fits.map(|series| series.unit)).unwrap_or_default();
                Watched {
                    lag: name.lag(world.seed),
                    unit,
                    values: Values::Sliding { minutes, stat: *stat, first: from, known },
                }
            }
            Source::Math(queries) => {
                let from = from.div_euclid(length) * length;
                let to = (last + 1).div_euclid(length) * length;
                let values = data::watched(world, queries, (from, to), length);
                // Its metrics may each be late by as much as three minutes.
                Watched { lag: Span::mins(3), unit: String::new(), values: Values::Aligned { length, values } }
            }
        }
    }

    /// The end of the newest window that is complete and visible at an evaluation.
    fn end(&self, at: Time) -> i64 {
        let visible = (at.0 - self.lag.0).div_euclid(60_000);
        match &self.values {
            Values::Sliding { .. } => visible,
            Values::Aligned { length, .. } => visible.div_euclid(*length) * length,
        }
    }

    fn value(&mut self, from: i64, to: i64) -> Option<f64> {
        match &mut self.values {
            Values::Sliding { minutes, stat, first, known } => {
                let over = || stat.over(minutes.range(from..to).map(|(_, minute)| minute));
                let place = usize::try_from(from - *first).ok();
                match place.and_then(|place| known.get_mut(place)) {
                    Some(known) => *known.get_or_insert_with(over),
                    None => over(),
                }
            }
            Values::Aligned { values, .. } => values.get(&from).copied(),
        }
    }
}

//! CloudWatch Logs: log groups and streams, filters, Insights. Lines are made when asked, by those who wrote them.

mod events;
mod groups;
mod insights;
mod pattern;
mod queries;
mod sample;

use super::call::{Answer, Call, Fault};
use super::service::{Effect, LogGroup, LogSource, Operation, SERVICES, Service};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use pattern::Pattern;
pub use sample::{Looked, Samples, Through};

const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    run: fn(&mut World, &Call) -> Result<Answer, Fault>,
) -> Operation {
    Operation { name, doc, effect, run }
}

pub static SERVICE: Service = Service {
    name: "logs",
    doc: "log groups",
    operations: &[
        row("CreateLogGroup", "make a log group", Effect::Write, groups::create),
        row("DeleteLogGroup", "delete a log group and all its events", Effect::Write, groups::delete),
        row("DeleteRetentionPolicy", "keep a group's events for ever", Effect::Write, groups::keep),
        row("DescribeLogGroups", "list log groups", Effect::Read, groups::describe),
        row("DescribeLogStreams", "list the streams of a log group", Effect::Read, events::streams),
        row("DescribeQueries", "list queries", Effect::Read, queries::describe),
        row("FilterLogEvents", "events of a log group that fit a pattern", Effect::Read, events::filter),
        row("GetLogEvents", "events of a log stream", Effect::Read, events::get),
        row("GetQueryResults", "what a query found", Effect::Read, queries::results),
        row("ListTagsForResource", "list a log group's tags", Effect::Read, groups::tags),
        row("PutRetentionPolicy", "set how long events are kept", Effect::Write, groups::retain),
        row("StartQuery", "start an Insights query", Effect::Peek, queries::start),
        row("StopQuery", "stop an Insights query", Effect::Peek, queries::stop),
        row("TagResource", "tag a log group", Effect::Write, groups::tag),
        row("UntagResource", "remove a log group's tags", Effect::Write, groups::untag),
    ],
    metrics: &[],
    logs: &[],
    meters: &[],
};

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// What was set up here, by group; groups themselves come from those who write them, or were made empty.
    set_up: Arc<BTreeMap<String, SetUp>>,
    queries: Arc<BTreeMap<String, queries::Query>>,
}

/// What people set up for a log group.
#[derive(Clone, Debug, Default)]
struct SetUp {
    /// When it was made by CreateLogGroup; `None`: by its writer.
    made: Option<Time>,
    /// Events before this time were deleted with the group.
    deleted: Option<Time>,
    /// `Some(None)`: kept for ever.
    retention: Option<Option<u32>>,
    tags: BTreeMap<String, String>,
}

/// How long after it was written an event can be found (seconds, as seen; the documentation promises none).
const LAG: Span = Span::secs(5);

/// A log group and who writes it.
struct Group {
    group: LogGroup,
    source: Option<&'static LogSource>,
    /// Events before are gone.
    from: Time,
}

/// All log groups, by name.
fn all(world: &World) -> Vec<Group> {
    let set_up = &world.aws.logs.set_up;
    let sources = SERVICES.iter().flat_map(|service| service.logs.iter());
    let written = sources.flat_map(|source| (source.groups)(world).into_iter().map(move |group| (group, Some(source))));
    let made = set_up.iter().filter_map(|(name, set_up)| {
        let group = LogGroup { name: name.clone(), created: set_up.made?, retention_days: None };
        Some((group, None))
    });
    let mut out: Vec<Group> =
        written.chain(made).map(|(group, source)| Group { group, source, from: Time(0) }).collect();
    // Whoever writes a group is its source, also if somebody made it before.
    out.sort_by(|a, b| (&a.group.name, a.source.is_none()).cmp(&(&b.group.name, b.source.is_none())));
    out.dedup_by(|a, b| a.group.name == b.group.name);
    for group in &mut out {
        let Some(set_up) = set_up.get(&group.group.name) else { continue };
        if let Some(retention) = set_up.retention {
            group.group.retention_days = retention;
        }
        group.group.created = set_up.made.unwrap_or(group.group.created);
        group.from = set_up.deleted.unwrap_or_default();
    }
    for group in &mut out {
        let kept = group.group.retention_days.map(|days| world.now - Span::hours(24 * i64::from(days)));
        group.from = group.from.max(kept.unwrap_or_default());
    }
    // A deleted group comes back when its writer writes again.
    let newly = |group: &Group| {
        let deleted = set_up.get(&group.group.name).and_then(|set_up| set_up.deleted);
        deleted.is_none_or(|_| group.source.is_none() || !events_of(world, group, Time(0), world.now).is_empty())
    };
    out.retain(newly);
    out
}

/// The group of a name or ARN.
fn named(world: &World, call: &Call) -> Result<Group, Fault> {
    let given = call.text("logGroupName").or(call.text("logGroupIdentifier")).or(call.text("resourceArn"));
    find(world, given.unwrap_or_default())
}

fn find(world: &World, given: &str) -> Result<Group, Fault> {
    let name = given.split_once(":log-group:").map_or(given, |(_, name)| name.trim_end_matches(":*"));
    let found = all(world).into_iter().find(|group| group.group.name == name);
    found.ok_or_else(|| Fault::new("ResourceNotFoundException", "The specified log group does not exist."))
}

/// A group's events in `from..=to` that can be found now, by time.
fn events_of(world: &World, group: &Group, from: Time, to: Time) -> Vec<Record> {
    let (from, to) = (from.max(group.from), to.min(world.now - LAG));
    match group.source {
        Some(source) if from <= to => (source.records)(world, &group.group.name, from, to),
        _ => Vec::new(),
    }
}

/// How late a group's events can be found at the latest.
fn lag_of(group: &Group) -> Span {
    group.source.map_or(LAG, |source| source.late.max(LAG))
}

/// Before a span in which nothing was written, samples are looked for so far back.
const SAMPLES_BACK: Span = Span::hours(6);

/// What a question about events looked at; `seen`: the events of the span before any filter.
fn looked(world: &World, group: &Group, (from, to): (Time, Time), seen: &[Record], through: Through) -> Looked {
    let mut samples = sample::samples(seen);
    if samples.is_empty() {
        let until = to.min(world.now);
        samples = sample::samples(&events_of(world, group, until - SAMPLES_BACK, until));
    }
    let (group, lag) = (group.group.name.clone(), lag_of(group));
    Looked { group, stream: None, from, to: to.min(world.now), lag, through, samples }
}

/// When an event arrived: up to two seconds after it was written.
fn ingested(world: &World, record: &Record) -> Time {
    let stream = dice::hash_name(&record.pod);
    let roll = dice::at(world.seed, stream, record.at.0.unsigned_abs());
    record.at + Span::millis(100 + i64::try_from(roll % 1_900).unwrap_or(0))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}

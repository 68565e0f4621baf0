//! Log lines, made when asked: what programs wrote about their own lives and about the requests they served. Does not
//! store a line.

use super::{CUT, Record, Vocabulary};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::InstanceId;
use crate::world::apps::instance::Instance;
use crate::world::apps::work::doing;
use crate::world::traffic::{self, walk};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A container's log file is rotated beyond so many lines; the kubelet serves the newest.
pub const FILE_LINES_MAX: usize = 10_000;
/// A line is found by searching so long after it was written.
pub const SHIPPING: Span = Span::secs(2);
/// Shipped lines are kept so long.
pub const KEPT: Span = Span::hours(24 * 7);
/// A search makes at most so many lines; the newest are kept.
pub const SEARCH_LINES_MAX: usize = 200_000;

/// What the kubelet is asked: one container of one pod, its current or its last start.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    pub namespace: String,
    pub pod: String,
    /// Only the pod with this uid; empty: the newest pod of that name.
    pub uid: String,
    pub container: String,
    /// The start before the current one, as far as the kubelet still has it.
    pub previous: bool,
    /// This start and no other (0 is the first), whatever `previous` says.
    pub restart: Option<u32>,
    pub from: Option<Time>,
    pub to: Option<Time>,
    pub tail: Option<usize>,
}

/// Whether there is a start to show: `kubectl logs --previous` fails without one.
pub fn found<'a>(world: &'a World, query: &LogQuery) -> Option<&'a Arc<Instance>> {
    let of = |instance: &&Arc<Instance>| {
        let launch = &instance.launch;
        *launch.pod == *query.pod
            && *launch.namespace == *query.namespace
            && (query.container.is_empty() || *launch.container == *query.container)
            && (query.uid.is_empty() || *launch.pod_uid == *query.uid)
    };
    let newest = world.apps.instances().rev().find(of)?;
    if let Some(restart) = query.restart {
        let mut starts = world.apps.of_pod(&newest.launch.pod_uid).rev().filter(of);
        return starts.find(|instance| instance.launch.restart == restart);
    }
    if !query.previous {
        return Some(newest);
    }
    world
        .apps
        .of_pod(&newest.launch.pod_uid)
        .rev()
        .filter(of)
        .find(|instance| instance.launch.restart < newest.launch.restart)
}

/// The log file of one container as the kubelet has it now, oldest line first.
pub fn logs(world: &World, query: &LogQuery) -> Vec<Record> {
    let Some(instance) = found(world, query) else { return Vec::new() };
    let started = instance.launch.started;
    let from = query.from.unwrap_or(started).max(started);
    let to = query.to.unwrap_or(world.now).min(world.now);
    let want = query.tail.unwrap_or(usize::MAX).min(FILE_LINES_MAX);
    newest_lines(world, instance, from, to, want)
}

/// The newest `want` lines of a process in `from..=to`: looks back in growing steps, so that a tail is cheap.
fn newest_lines(world: &World, instance: &Arc<Instance>, from: Time, to: Time, want: usize) -> Vec<Record> {
    let to = instance.ends().map_or(to, |end| end.min(to));
    let mut parts: Vec<Vec<Record>> = Vec::new();
    let mut count = 0;
    let mut end = to;
    let mut step = Span::mins(10);
    while end >= from && count < want {
        let begin = from.max(end - step);
        let part = lines_of(world, &[instance], begin, end);
        count += part.len();
        parts.push(part);
        end = begin - Span::millis(1);
        step = Span(step.0 * 2);
    }
    let mut out: Vec<Record> = parts.into_iter().rev().flatten().collect();
    out.drain(..out.len().saturating_sub(want));
    out
}

/// What the program of a container can say: its lines' names, and their words with `{names}` where values go. Empty for a
/// program that was not described.
pub fn vocabulary(world: &World, query: &LogQuery) -> Vocabulary {
    found(world, query).map_or_else(Vocabulary::default, |instance| instance.vocabulary(world.seed))
}

/// All lines of some processes in `from..=to`, by time; a process's own lines come before its requests' of that instant.
fn lines_of(world: &World, instances: &[&Arc<Instance>], from: Time, to: Time) -> Vec<Record> {
    let mut keyed: Vec<(Time, InstanceId, u32, Record)> = Vec::new();
    let mut wanted: BTreeMap<InstanceId, u32> = BTreeMap::new();
    for instance in instances {
        wanted.insert(instance.id, 0);
        let lines = instance.life_lines(world.seed, from, to);
        keyed.extend(lines.into_iter().enumerate().map(|(n, record)| (record.at, instance.id, n as u32, record)));
    }
    let serves = |instance: &&&Arc<Instance>| instance.app().is_some_and(|app| !app.routes.is_empty());
    if instances.iter().any(|instance| serves(&instance)) {
        request_lines(world, &wanted, from, to, &mut keyed);
    }
    if instances.iter().any(|instance| instance.app().is_some_and(|app| app.works())) {
        doing_lines(world, &wanted, from, to, &mut keyed);
    }
    keyed.sort_by_key(|(at, id, n, _)| (*at, *id, *n));
    keyed.into_iter().map(|(.., record)| record).collect()
}

fn request_lines(
    world: &World,
    wanted: &BTreeMap<InstanceId, u32>,
    from: Time,
    to: Time,
    keyed: &mut Vec<(Time, InstanceId, u32, Record)>,
) {
    // A hop is answered before its whole journey ends.
    let mut serial = 1 << 20;
    for journey in traffic::journeys(world, from, to + walk::TOOK_MAX) {
        for hop in journey.hops.iter().filter(|hop| from <= hop.at && hop.at <= to) {
            if !wanted.contains_key(&hop.instance.id) || !hop.instance.runs_at(hop.at) {
                continue;
            }
            let Some(route) = hop.instance.app().and_then(|app| app.routes.get(&*hop.route)) else { continue };
            let line = match hop.rule.and_then(|index| route.rules.get(index)) {
                Some(rule) => rule.line.as_ref(),
                None => route.line.as_ref(),
            };
            let said =
                line.and_then(|line| hop.instance.say(world.seed, hop.at, line, walk::fields(world, &journey, hop)));
            keyed.extend(said.map(|record| (hop.at, hop.instance.id, serial, record)));
            serial += 1;
        }
    }
}

/// What programs wrote about their doings besides requests.
fn doing_lines(
    world: &World,
    wanted: &BTreeMap<InstanceId, u32>,
    from: Time,
    to: Time,
    keyed: &mut Vec<(Time, InstanceId, u32, Record)>,
) {
    let ours = doing::between(world, from, to).filter(|doing| wanted.contains_key(&doing.instance));
    for (n, doing) in ours.enumerate() {
        let instance = world.apps.instance(doing.instance);
        let said = instance.and_then(|instance| doing.record(world, instance));
        keyed.extend(said.map(|record| (doing.at, doing.instance, (1 << 30) + n as u32, record)));
    }
}

/// A search over everything that was shipped.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Empty: all.
    pub namespace: String,
    /// An app, a pod's name or its beginning, or a container; empty: all.
    pub subject: String,
    pub from: Time,
    pub to: Time,
}

/// Whether a process is one of a search's subjects.
fn matches(search: &Search, instance: &Instance) -> bool {
    let launch = &instance.launch;
    let named = |name: &str| launch.pod_labels.get(name).is_some_and(|value| *value == search.subject);
    (search.namespace.is_empty() || *launch.namespace == *search.namespace)
        && (search.subject.is_empty()
            || instance.app_name() == search.subject
            || named("app")
            || named("app.kubernetes.io/name")
            || *launch.pod == *search.subject
            || launch.pod.strip_prefix(search.subject.as_str()).is_some_and(|rest| rest.starts_with('-')))
}

/// Shipped lines of a search, by time: every start of every pod, also of pods that are gone; only a line that was cut
/// off never left its node.
pub fn shipped(world: &World, search: &Search) -> Vec<Record> {
    let from = search.from.max(world.now - KEPT);
    let to = search.to.min(world.now - SHIPPING);
    if from > to {
        return Vec::new();
    }
    let window = Search { from, to, ..search.clone() };
    let instances: Vec<&Arc<Instance>> = searched(world, &window).collect();
    let mut out = lines_of(world, &instances, from, to);
    out.retain(|record| *record.template != *CUT);
    out.drain(..out.len().saturating_sub(SEARCH_LINES_MAX));
    out
}

/// The processes that a search looks at: those of its subject that ran in its time.
pub fn searched<'a>(world: &'a World, search: &'a Search) -> impl Iterator<Item = &'a Arc<Instance>> {
    world
        .apps
        .instances()
        .filter(|instance| instance.launch.started <= search.to && instance.ends().is_none_or(|end| end >= search.from))
        .filter(|instance| matches(search, instance))
}

/// Whether a search's subject ever ran.
pub fn names_something(world: &World, search: &Search) -> bool {
    world.apps.instances().any(|instance| matches(search, instance))
}

/// The apps that ever ran, for a hint.
pub fn subjects(world: &World) -> Vec<String> {
    let mut names: Vec<String> = world.apps.instances().map(|instance| instance.app_name().to_string()).collect();
    names.sort();
    names.dedup();
    names
}

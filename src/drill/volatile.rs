//! The tray of evidence that does not last: what was on pages so far, by instrument and object, and when it is gone. Told of
//! everything alike, whatever it means to the case, of which it knows nothing.

use super::run::Run;
use crate::console::fact::{Channel, Fact, ObjectId};
use crate::console::page::{Coverage, Page};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::kinds;
use crate::world::k8s::recorder;
use std::collections::BTreeMap;

/// Entries that are told, at most: those that go first.
pub const ENTRIES_MAX: usize = 200;
/// Data points of periods shorter than a minute are kept for three hours (CloudWatch User Guide, "Metrics retention").
const HIGH_RESOLUTION: Span = Span::hours(3);
/// A period shorter than this is of high resolution (CloudWatch User Guide, "High-resolution metrics").
const PERIOD: Span = Span::mins(1);

/// How long evidence of a kind lasts. The order is that of haste.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lasts {
    /// An event, an hour after it happened last (kube-apiserver, `--event-ttl`).
    Event,
    /// A message in a queue, until it is deleted or its retention ends (SQS API Reference, `MessageRetentionPeriod`).
    Message,
    /// A data point of a period under a minute, three hours.
    HighResolution,
    /// A container's log as the node keeps it: of this start and the one before (kubectl reference, `logs --previous`), and
    /// of none once the pod is replaced.
    ContainerLog,
    /// A pod's status: the last end of each container until it ends again, and all of it until the pod is replaced
    /// (Kubernetes API, `ContainerStatus.lastState`).
    PodStatus,
    /// A state as it is now, of which the instrument keeps no past: until somebody changes it.
    State,
}

/// One kind of evidence about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volatile {
    pub lasts: Lasts,
    pub channel: Channel,
    pub object: ObjectId,
    /// When it was on a page last, and on which.
    pub seen: Time,
    pub page: u32,
    /// When it is gone at the latest, if that is known.
    pub until: Option<Time>,
    /// It is gone already: the pod was replaced, or the time is over.
    pub gone: bool,
    /// Some of it is in the bag.
    pub bagged: bool,
}

type Key = (Lasts, Channel, ObjectId);

/// Everything volatile that was on a page: what is gone last, what has the least time left first.
pub fn tray(run: &Run) -> Vec<Volatile> {
    let mut found: BTreeMap<Key, Volatile> = BTreeMap::new();
    for page in &run.pages {
        for mark in page.output.lines.iter().flat_map(|line| &line.marks) {
            let Some(lasts) = lasts(page, &mark.fact) else { continue };
            let Some(object) = about(&mark.fact) else { continue };
            let channel = mark.fact.channel();
            let until = until(&run.stage.world, lasts, &mark.fact);
            let fresh = Volatile {
                lasts,
                channel,
                object: object.clone(),
                seen: page.at,
                page: page.id,
                until,
                gone: false,
                bagged: false,
            };
            let known = found.entry((lasts, channel, object)).or_insert(fresh);
            known.seen = known.seen.max(page.at);
            known.page = known.page.max(page.id);
            known.until = known.until.max(until);
        }
    }
    for exhibit in &run.board.exhibits {
        let Some(page) = run.page(exhibit.page) else { continue };
        for fact in &exhibit.facts {
            let key = lasts(page, fact).zip(about(fact)).map(|(lasts, object)| (lasts, fact.channel(), object));
            if let Some(own) = key.and_then(|key| found.get_mut(&key)) {
                own.bagged = true;
            }
        }
    }
    let mut tray: Vec<Volatile> = found.into_values().collect();
    for own in &mut tray {
        own.gone = gone(&run.stage.world, own);
    }
    tray.sort_by_key(|own| (own.gone, own.lasts, own.until, std::cmp::Reverse(own.seen)));
    tray.truncate(ENTRIES_MAX);
    tray
}

/// How long what a fact tells lasts; `None` for what is kept.
fn lasts(page: &Page, fact: &Fact) -> Option<Lasts> {
    match fact {
        Fact::Event { .. } => Some(Lasts::Event),
        Fact::Field { object, path, .. } => match (object.kind.as_str(), fact.channel()) {
            ("AWS::SQS::Queue", _) if path.starts_with("Messages") => Some(Lasts::Message),
            (_, Channel::PodStatus) => Some(Lasts::PodStatus),
            _ => Some(Lasts::State),
        },
        // The estate's log store keeps what was shipped to it; a node keeps two starts of a container.
        Fact::Log { pod, .. } if pod.kind == "Pod" => {
            let from_node = |coverage: &Coverage| matches!(coverage, Coverage::Log { restart: Some(_), .. });
            page.output.coverage.iter().any(from_node).then_some(Lasts::ContainerLog)
        }
        Fact::Metric { name, from, to, .. } if name.contains('/') && to > from && *to - *from < PERIOD => {
            Some(Lasts::HighResolution)
        }
        _ => None,
    }
}

fn about(fact: &Fact) -> Option<ObjectId> {
    let named = |object: &ObjectId| ObjectId { uid: String::new(), ..object.clone() };
    match fact {
        Fact::Event { object, .. } | Fact::Field { object, .. } => Some(named(object)),
        Fact::Log { pod, .. } => Some(named(pod)),
        Fact::Metric { name, .. } => {
            Some(ObjectId { kind: "Metric".into(), name: name.clone(), ..ObjectId::default() })
        }
        _ => None,
    }
}

fn until(world: &World, lasts: Lasts, fact: &Fact) -> Option<Time> {
    match (lasts, fact) {
        (Lasts::Event, Fact::Event { last, .. }) => Some(*last + recorder::TTL),
        (Lasts::HighResolution, Fact::Metric { from, .. }) => Some(*from + HIGH_RESOLUTION),
        (Lasts::Message, Fact::Field { object, path, value }) if path.ends_with("SentTimestamp") => {
            let sent = Time(value.parse().ok()?);
            let queue = world.aws.queues.iter().find(|queue| *queue.name == *object.name)?;
            let kept = queue.setup.shown.get("MessageRetentionPeriod")?.parse().ok()?;
            Some(sent + Span::secs(kept))
        }
        _ => None,
    }
}

fn gone(world: &World, own: &Volatile) -> bool {
    if own.until.is_some_and(|until| until <= world.now) {
        return true;
    }
    let of_pod = matches!(own.lasts, Lasts::ContainerLog | Lasts::PodStatus);
    of_pod && world.k8s.store.get(kinds::Kind::Pod, &own.object.namespace, &own.object.name).is_none()
}

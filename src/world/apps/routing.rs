//! Which addresses stood behind which Service at which time: append-only change points. Does not know why.

use super::World;
use super::instance::Instance;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Change points are kept so long, at least one a Service.
const KEEP: Span = Span::hours(24 * 8);
/// At most so many change points a Service.
const CHANGES_MAX: usize = 50_000;

/// A ready address: the pod and the target port.
pub type Backend = (Arc<str>, i64);

/// The ready addresses of a Service since a time.
pub type Points = Vec<(Time, Arc<[Backend]>)>;

/// Services by namespace and name, each with its change points in order.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    services: BTreeMap<String, BTreeMap<String, Points>>,
}

impl Routing {
    pub(super) fn change(&mut self, now: Time, namespace: &str, service: &str, backends: &[Backend]) {
        let names = self.services.entry(namespace.to_string()).or_default();
        let points = names.entry(service.to_string()).or_default();
        if points.last().is_some_and(|(_, last)| **last == *backends) {
            return;
        }
        points.retain({
            let mut left = points.len();
            move |(at, _)| {
                left -= 1;
                left == 0 || (now - *at < KEEP && left < CHANGES_MAX)
            }
        });
        match points.last_mut() {
            Some((at, last)) if *at == now => *last = backends.into(),
            _ => points.push((now, backends.into())),
        }
    }

    /// Whether a Service of that name was ever routed.
    pub fn known(&self, namespace: &str, service: &str) -> bool {
        self.services.get(namespace).is_some_and(|names| names.contains_key(service))
    }

    /// Every Service ever routed, as (namespace, name).
    pub fn services(&self) -> impl Iterator<Item = (&str, &str)> {
        self.services.iter().flat_map(|(ns, names)| names.keys().map(move |name| (ns.as_str(), name.as_str())))
    }

    /// Every change point of a Service.
    pub fn points(&self, namespace: &str, service: &str) -> &[(Time, Arc<[Backend]>)] {
        self.services.get(namespace).and_then(|names| names.get(service)).map_or(&[], Vec::as_slice)
    }

    /// The ready addresses at a time.
    pub fn at(&self, namespace: &str, service: &str, at: Time) -> &[Backend] {
        let points = self.points(namespace, service);
        let index = points.partition_point(|(since, _)| *since <= at);
        index.checked_sub(1).and_then(|i| points.get(i)).map_or(&[], |(_, backends)| backends)
    }
}

/// Where a connection to a Service ends at a time.
#[derive(Clone, Copy, Debug)]
pub enum Landed<'a> {
    /// The Service has no ready address.
    Nobody,
    /// An address was tried, and nothing listened there.
    Refused,
    On(&'a Arc<Instance>),
}

/// Opens a connection to a Service at `at`; `lot` chooses among the ready addresses.
pub fn connect<'a>(world: &'a World, namespace: &str, service: &str, at: Time, lot: u64) -> Landed<'a> {
    let backends = world.apps.routing.at(namespace, service, at);
    if backends.is_empty() {
        return Landed::Nobody;
    }
    let Some((pod, port)) = backends.get((lot % backends.len() as u64) as usize) else { return Landed::Nobody };
    let mut instances = world.apps.of_pod(pod);
    match instances.find(|instance| instance.listens(*port, at)) {
        Some(instance) => Landed::On(instance),
        None => Landed::Refused,
    }
}

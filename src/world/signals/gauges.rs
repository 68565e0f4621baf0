//! Values that controllers report when they change (replicas, conditions): step functions, bounded. Does not know what
//! they mean.

use super::super::World;
use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Change points kept a series; the oldest fall out first.
pub const POINTS_MAX: usize = 20_000;

/// Labels in their order.
pub type Labels = BTreeMap<String, String>;

/// Since when a series has which value; `None` ends it.
type Steps = Vec<(Time, Option<f64>)>;

/// Metric name → labels → change points.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    series: Arc<BTreeMap<String, BTreeMap<Labels, Steps>>>,
}

/// Reports a value at `world.now`; `None` says that the object is gone. An unchanged value leaves nothing.
pub fn set(world: &mut World, name: &str, labels: &[(&str, &str)], value: Option<f64>) {
    let now = world.now;
    let labels: Labels = labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let known = world.signals.gauges.series.get(name).and_then(|by| by.get(&labels)).and_then(|steps| steps.last());
    if known.map_or(value.is_none(), |(_, last)| *last == value) {
        return;
    }
    let series = Arc::make_mut(&mut world.signals.gauges.series);
    let steps = series.entry(name.to_string()).or_default().entry(labels).or_default();
    match steps.last_mut() {
        Some((at, last)) if *at == now => *last = value,
        _ => steps.push((now, value)),
    }
    if steps.len() > POINTS_MAX {
        steps.remove(0);
    }
}

impl Gauges {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// All series of a name with their change points.
    pub fn of(&self, name: &str) -> impl Iterator<Item = (&Labels, &[(Time, Option<f64>)])> {
        self.series.get(name).into_iter().flatten().map(|(labels, steps)| (labels, steps.as_slice()))
    }
}

//! How much it hurts: a case's indicator read from the world, and the one rule for harm that stays ended. Fixes that a pack
//! declares and what a learner mended are measured alike. Does not know who acted.

use super::shape::Indicator;
use super::stage::Stage;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::metrics::{self, Need, Query, Series};
use std::collections::BTreeMap;

/// How long the world goes on after the harm has ended before it is said that it stays ended.
pub const LASTS: Span = Span::hours(1);

type Labels = BTreeMap<String, String>;

/// Several values of one series, at rising times; `None` where there is no such series or it had no value then. If
/// several series fit the labels, the first counts.
pub fn read(world: &World, metric: &str, labels: &Labels, times: &[Time]) -> Vec<Option<f64>> {
    let (Some(from), Some(to)) = (times.first(), times.last()) else { return Vec::new() };
    let query = Query { name: metric, exact: labels, from: *from, to: *to, need: Need::Standing };
    let fits = |series: &Series| labels.iter().all(|(name, value)| series.labels.get(name) == Some(value));
    let series = metrics::select(world, &query).into_iter().find(fits);
    times.iter().map(|at| series.as_ref()?.at(*at)).collect()
}

/// What of the healthy value is lacking, in whole thousandths, at least one if anything is. Where nobody came there is no
/// value, and nobody was hurt.
pub fn lacking(value: Option<f64>, healthy: f64) -> u16 {
    match value {
        // IEEE division and product only: the same thousandths on every machine.
        Some(value) if healthy > 0.0 && value < healthy => {
            ((healthy - value) / healthy * 1000.0).clamp(1.0, 1000.0) as u16
        }
        _ => 0,
    }
}

/// The harm at rising times, in thousandths of the healthy value.
pub fn through(world: &World, indicator: &Indicator, times: &[Time]) -> Vec<u16> {
    let values = read(world, &indicator.name, &indicator.labels, times);
    values.into_iter().map(|value| lacking(value, indicator.healthy)).collect()
}

/// Whether nothing hurts now.
pub fn well(world: &World, indicator: &Indicator) -> bool {
    through(world, indicator, &[world.now]) == [0]
}

/// Whether what is well now is well after [`LASTS`]; the stage lives on until then.
pub fn lasts(stage: &mut Stage, indicator: &Indicator) -> bool {
    stage.advance_to(stage.world.now + LASTS);
    well(&stage.world, indicator)
}

//! What hurts, measured: the case's indicator and the harm it means. Reads the same series as everybody. Does not judge.

use super::run::Run;
pub use crate::scenario::harm::read;
use crate::stdx::time::{Span, Time};

/// The harm meter of the drill.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Harm {
    /// The indicator now.
    pub value: Option<f64>,
    pub healthy: f64,
    /// How far below healthy, 0 to 100.
    pub percent: u8,
    pub unit: String,
}

/// The meter now.
pub fn harm(run: &Run) -> Harm {
    let own = &run.case.indicator;
    let value = read(&run.stage.world, &own.name, &own.labels, &[run.now()]).pop().flatten();
    Harm { value, healthy: own.healthy, percent: percent(value, own.healthy), unit: own.unit.clone() }
}

fn percent(value: Option<f64>, healthy: f64) -> u8 {
    match value {
        Some(value) if healthy > 0.0 && value < healthy => ((1.0 - value / healthy) * 100.0).clamp(1.0, 100.0) as u8,
        _ => 0,
    }
}

/// The indicator of the last while, oldest first, for a small chart.
pub fn history(run: &Run, back: Span, points: u32) -> Vec<Option<f64>> {
    let own = &run.case.indicator;
    let points = points.clamp(1, 500);
    let step = Span::millis((back.0 / i64::from(points)).max(1_000));
    let back = |n: u32| run.now() - Span::millis(step.0 * i64::from(points - 1 - n));
    let times: Vec<Time> = (0..points).map(back).collect();
    read(&run.stage.world, &own.name, &own.labels, &times)
}

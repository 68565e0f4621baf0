//! How much it hurts, minute by minute, for the header: the case's own indicator against its healthy floor. Read once after
//! an act. Does not grade.

use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};
use crate::world::signals::metrics;

/// As many minutes as the header has bars.
const MINUTES: i64 = 12;

/// Shares of full harm, 0 to 1, oldest first, one a minute up to now.
pub fn series(run: &Run) -> Vec<f64> {
    let indicator = &run.case.indicator;
    if indicator.name.is_empty() || indicator.healthy <= 0.0 {
        return Vec::new();
    }
    let now = run.now();
    let at = |minutes: i64| Time(now.0 - Span::mins(minutes).0);
    let harm = |value: f64| ((indicator.healthy - value) / indicator.healthy).clamp(0.0, 1.0);
    let read = |time: Time| metrics::indicator_at(&run.stage.world, &indicator.name, time);
    (0..MINUTES).rev().filter_map(|minutes| read(at(minutes)).map(harm)).collect()
}

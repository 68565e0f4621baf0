//! How much it hurts, minute by minute, for the header. Read once after an act, not at each frame. Does not grade.

use crate::drill::indicator;
use crate::drill::run::Run;
use crate::stdx::time::Span;

/// As many minutes as the header has bars.
const MINUTES: u32 = 12;

/// Shares of full harm, 0 to 1, oldest first, one a minute up to now; minutes without a value are left out.
pub fn series(run: &Run) -> Vec<f64> {
    let healthy = run.case.indicator.healthy;
    if healthy <= 0.0 {
        return Vec::new();
    }
    let values = indicator::history(run, Span::mins(i64::from(MINUTES)), MINUTES);
    values.into_iter().flatten().map(|value| ((healthy - value) / healthy).clamp(0.0, 1.0)).collect()
}

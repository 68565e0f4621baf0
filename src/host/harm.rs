//! How much it hurts, minute by minute, for the header: the case's own indicator against its healthy floor. Read once after
//! an act. Does not grade.

use crate::drill::run::Run;

/// Shares of full harm, 0 to 1, oldest first, one a minute up to now.
pub fn series(_run: &Run) -> Vec<f64> {
    Vec::new()
}

//! R, recovery: its place. Not scored yet: it gives no points and is left out of the total and of its maximum.

use super::{Dim, Dimension};

pub const ROW: Dimension =
    Dimension { dim: Dim::R, name: "recovery", doc: "harm ended, verified, and staying ended", score: None };

//! U, communication: its place. Not scored yet: it gives no points and is left out of the total and of its maximum.

use super::{Dim, Dimension};

pub const ROW: Dimension = Dimension {
    dim: Dim::U,
    name: "communication",
    doc: "updates that were true, in time, and kept their promises",
    score: None,
};

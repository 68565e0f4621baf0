//! M, method: its place. Not scored yet: it gives no points and is left out of the total and of its maximum.

use super::{Dim, Dimension};

pub const ROW: Dimension = Dimension {
    dim: Dim::M,
    name: "method",
    doc: "the problem stated first, and reading that was worth its time",
    score: None,
};

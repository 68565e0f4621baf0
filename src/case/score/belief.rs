//! K, belief: its place. Not scored yet: it gives no points and is left out of the total and of its maximum.

use super::{Dim, Dimension};

pub const ROW: Dimension = Dimension {
    dim: Dim::K,
    name: "belief",
    doc: "justified confidence: stated beliefs against what the evidence seen so far justified",
    score: None,
};

//! Scenario files (format 1): shapes, checks, and the cast that turns a file, a seed and a variant into a world with its
//! script. Does not know the board or the score.

pub mod shape;
pub mod stage;

//! What std lacks: simulated time, dice, quantities, aligned tables, text width, "did you mean".
//! Knows no noun of any domain.

pub mod dice;
pub mod suggest;
pub mod text;
pub mod time;

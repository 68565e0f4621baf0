//! What std lacks: simulated time, dice, quantities, aligned tables, text width, "did you mean".
//! Knows no noun of any domain.

pub mod canon;
pub mod dice;
pub mod lang;
pub mod quantity;
pub mod roll;
pub mod suggest;
pub mod table;
pub mod text;
pub mod time;

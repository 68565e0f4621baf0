//! The score: against the reference model, as properties, and play by play; and what to look at next.

pub mod plays;
mod policy;
mod properties;
pub mod reference;
mod runs;

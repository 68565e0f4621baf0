//! The score: against the reference model, as properties, and play by play.

mod properties;
mod reference;

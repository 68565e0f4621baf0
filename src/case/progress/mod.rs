//! A learner over many runs: skill with honest intervals, concepts that are due, calibration, the next drill, today's drill.
//! Pure: records in, figures out, `now` an argument. Floats are for showing only and never reach a score. Does not know
//! where records are kept, nor how they are shown.

pub mod calibration;
pub mod daily;
pub mod derive;
pub mod difficulty;
pub mod next;
pub mod number;
pub mod overview;
pub mod recall;
pub mod record;
pub mod skill;

pub use overview::Overview;
pub use record::Record;

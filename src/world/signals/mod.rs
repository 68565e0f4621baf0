//! What the estate leaves behind for an observer: log records and metric series. Append-only and bounded, or computed
//! from the same arrivals that everything else is computed from. Does not know who reads.

use crate::stdx::time::Time;
use std::sync::Arc;

/// One log line, structured: the text is what a reader sees, the rest is what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub at: Time,
    pub namespace: Arc<str>,
    pub pod: Arc<str>,
    pub container: Arc<str>,
    /// Which start of the container wrote it: 0 is the first, equal to the restart count at that time.
    pub restart: u32,
    /// `INFO`, `WARN`, `ERROR`, `FATAL`, or empty.
    pub level: &'static str,
    /// The name of the template the line was made from, for facts.
    pub template: Arc<str>,
    /// The line as the program wrote it (kubectl adds the time only with --timestamps).
    pub text: String,
    /// The values that were put into the template.
    pub fields: Vec<(Arc<str>, String)>,
}

#[derive(Clone, Debug, Default)]
pub struct Signals {}

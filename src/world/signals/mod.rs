//! What the estate leaves behind for an observer: log records and metric series, computed from the same arrivals,
//! instances and change points that everything else is computed from. Does not know who reads.

pub mod gauges;
pub mod logs;
pub mod metrics;
pub mod thrift;

use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use logs::{LogQuery, Search, logs, shipped};

/// The template of a line that was cut off by a kill.
pub const CUT: &str = "cut-off";

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

impl Record {
    /// The text without the program's own time and level at its start.
    pub fn message(&self) -> &str {
        let text = self.text.as_str();
        let rest = text.strip_prefix(self.at.rfc3339_millis().as_str()).map_or(text, str::trim_start);
        if self.level.is_empty() { rest } else { rest.strip_prefix(self.level).map_or(rest, str::trim_start) }
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.as_str())
    }
}

/// The words of a program's lines by their template's name, as `{level} words with {names}`: what a line of that template
/// would have looked like, had it been written.
pub type Vocabulary = Arc<BTreeMap<String, String>>;

/// Recorded change points of what is not computed.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    pub gauges: gauges::Gauges,
}

//! How the lines of a group look, so that a line that is not there can be imagined and tried on a filter. Does not know
//! which lines matter.

use super::Pattern;
use super::insights;
use crate::stdx::time::{Span, Time};
use crate::world::signals::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands for a value of which nothing is said: no search for a value may find it.
const UNKNOWN: &str = "·";
/// Templates of which samples are taken.
const TEMPLATES_MAX: usize = 100;

/// One record of each template.
pub type Samples = Arc<BTreeMap<String, Record>>;

/// Events of a log group over a time, as a question looked at them.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    pub group: String,
    /// `None`: all.
    pub stream: Option<String>,
    pub from: Time,
    pub to: Time,
    /// What was written later than this before the page was printed could not be found yet.
    pub lag: Span,
    pub through: Through,
    pub samples: Samples,
}

/// What an event has to pass to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// A filter pattern; empty: all pass.
    Filter(String),
    /// An Insights query.
    Query(String),
}

/// One record of each template among these.
pub fn samples<'r>(records: impl IntoIterator<Item = &'r Record>) -> Samples {
    let mut out: BTreeMap<String, Record> = BTreeMap::new();
    for record in records {
        if out.len() < TEMPLATES_MAX && !out.contains_key(&*record.template) {
            out.insert(record.template.to_string(), record.clone());
        }
    }
    Arc::new(out)
}

impl Looked {
    /// The text of a line of a template with these values, had it been written at a time; `None` if it would not have been
    /// shown.
    pub fn shows(&self, template: &str, fields: &BTreeMap<String, String>, at: Time) -> Option<String> {
        let Some(sample) = self.samples.get(template) else {
            // Of lines that nobody has ever seen, only that all lines were looked at can be said.
            let all = matches!(&self.through, Through::Filter(pattern) if pattern.is_empty());
            let values: Vec<&str> = fields.values().map(String::as_str).collect();
            return all.then(|| format!("{template} {}", values.join(" ")));
        };
        let text = filled(sample, fields);
        let passes = match &self.through {
            Through::Filter(pattern) => Pattern::read(pattern).is_ok_and(|pattern| pattern.fits(&text)),
            Through::Query(query) => {
                let record = Record { at, text: text.clone(), ..sample.clone() };
                insights::read(query)
                    .is_ok_and(|query| insights::run(&query, &[record], &self.group, None).rows.iter().any(shown))
            }
        };
        passes.then_some(text)
    }
}

fn shown(row: &insights::FoundRow) -> bool {
    row.record.is_some() || !row.of.is_empty()
}

/// A sample's text with other values: those that are given, and for the rest what no search finds. Values are looked for in
/// the order of the fields first, then anywhere: as whole words, not as parts of others.
fn filled(sample: &Record, fields: &BTreeMap<String, String>) -> String {
    let text = sample.text.as_str();
    let json = text.trim_start().starts_with('{');
    let mut taken: Vec<(usize, usize, String)> = Vec::new();
    let mut cursor = 0;
    for (name, value) in sample.fields.iter().filter(|(_, value)| !value.is_empty()) {
        let free = |(from, to): &(usize, usize)| taken.iter().all(|(a, b, _)| to <= a || b <= from);
        let places: Vec<(usize, usize)> = places(text, value).into_iter().filter(free).collect();
        let place = places.iter().find(|(from, _)| *from >= cursor).or_else(|| places.first());
        let Some((from, to)) = place.copied() else { continue };
        cursor = to;
        // A number in JSON has no quotes that could hold the dot.
        let number = json && text.get(..from).is_some_and(|before| before.ends_with("\":"));
        let unknown = if number { "null" } else { UNKNOWN };
        let new = fields.get(&**name).map_or(unknown, String::as_str).to_string();
        taken.push((from, to, new));
    }
    taken.sort();
    let (mut out, mut at) = (String::new(), 0);
    for (from, to, new) in taken {
        out.push_str(text.get(at..from).unwrap_or_default());
        out.push_str(&new);
        at = to;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Where a value stands in a text as a whole word.
fn places(text: &str, value: &str) -> Vec<(usize, usize)> {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(value)
        .map(|(from, found)| (from, from + found.len()))
        .filter(|(from, to)| {
            let (before, after) = (text.get(..*from).unwrap_or_default(), text.get(*to..).unwrap_or_default());
            edge(before.chars().next_back()) && edge(after.chars().next())
        })
        .collect()
}

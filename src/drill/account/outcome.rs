//! What was expected of each change, and what came: the indicator read again. Does not judge.

use crate::case::board::Expectation;
use crate::case::debrief::{Prediction, PredictionOutcome};
use crate::drill::indicator;
use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};

/// How often a metric is read when an expectation is checked.
const SAMPLE_EVERY: Span = Span::secs(10);

pub fn predictions(run: &Run) -> Vec<Prediction> {
    let changes = run.record.changes.iter();
    changes
        .map(|change| {
            let id = change.expectation;
            let expected = id.and_then(|id| run.board.expectations.iter().find(|expected| expected.id == id));
            Prediction {
                at: change.at,
                entry: change.entry,
                command: change.command.clone(),
                confounded: change.confounded,
                expected: expected.map(|expected| expected.text.clone()),
                outcome: expected.map_or(PredictionOutcome::Blind, |expected| outcome(run, change.at, expected)),
            }
        })
        .collect()
}

/// Whether what was expected came true within its time, read every ten seconds.
fn outcome(run: &Run, from: Time, expected: &Expectation) -> PredictionOutcome {
    let until = from + expected.within;
    let end = until.min(run.now());
    let mut times = Vec::new();
    let mut at = from;
    while at < end {
        at = (at + SAMPLE_EVERY).min(end);
        times.push(at);
    }
    if times.is_empty() {
        times.push(from);
    }
    let values = indicator::read(&run.stage.world, &expected.metric, &expected.labels, &times);
    let came = |value: f64| {
        expected.at_least.is_none_or(|bound| value >= bound) && expected.at_most.is_none_or(|bound| value <= bound)
    };
    for (at, value) in times.iter().zip(&values) {
        if let Some(value) = value.filter(|value| came(*value)) {
            return PredictionOutcome::Came { after: *at - from, value };
        }
    }
    match values.into_iter().flatten().last() {
        None => PredictionOutcome::Unknown,
        Some(value) if end < until => PredictionOutcome::Early { value },
        Some(value) => PredictionOutcome::Missed { value },
    }
}

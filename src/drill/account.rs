//! The account of a run: everything a debrief tells, gathered from the run and from trials on clones of its stages.
//! Does not know formats.

use super::act::Act;
use super::message::Kind;
use super::run::{Clock, Phase, Run};
use super::{course, indicator};
use crate::case::board::Expectation;
use crate::case::concepts;
use crate::case::debrief::{
    self, Debrief, Heading, Lane, Moment, Prediction, PredictionOutcome, ProofPath, fault_lane, shortest_proof,
};
use crate::scenario::roles;
use crate::stdx::time::{Span, Time};

/// How often a metric is read when an expectation is checked.
const SAMPLE_EVERY: Span = Span::secs(10);
/// Lines of others' doings in the timeline, at most; the newest are kept.
const OTHERS_MAX: usize = 60;

/// Tells what there is to tell. Meant for the end; on an open run it tells where it stands.
pub fn of(run: &Run) -> Debrief {
    let log = run.graded_log();
    let case = &run.case;
    let typed = |command: &str| roles::expand(command, &case.roles, &run.record.opening.world);
    Debrief {
        heading: heading(run),
        score: run.graded(&log),
        moments: moments(run),
        words: debrief::words(case, &run.board, &log),
        names: debrief::names(case),
        rivals: debrief::rivals(case, &log),
        missed: debrief::missed(case, &log, typed),
        proof: proof(run),
        predictions: predictions(run),
        cards: concepts::of(case, &log, |clue| holding(run, clue), typed),
        next_time: None,
    }
}

/// The exhibits that hold a clue.
fn holding(run: &Run, clue: &str) -> Vec<u32> {
    let held = |id: &u32| run.record.evidence.held(*id).iter().any(|held| held.as_str() == clue);
    run.board.exhibits.iter().map(|exhibit| exhibit.id).filter(held).collect()
}

fn heading(run: &Run) -> Heading {
    Heading {
        title: run.case.drill.title.clone(),
        case: run.case.slug.clone(),
        variant: run.case.variant.clone(),
        behind: run.case.behind.clone(),
        seed: run.case.seed,
        clock: if run.clock == Clock::Live { "live" } else { "turn" },
        page_at: run.case.drill.page_at,
        ended_at: run.now(),
        verdict: run.phase == Phase::Closed && run.board.verdict.is_some(),
    }
}

// ---- timeline ------------------------------------------------------------------------------------------------------

fn moments(run: &Run) -> Vec<Moment> {
    let mut moments = fault_lane(&run.case);
    let due = run.stage.script.iter().filter(|line| line.at <= run.now());
    let others: Vec<Moment> = due
        .map(|line| Moment {
            at: line.at,
            lane: Lane::Others,
            key: "",
            text: format!("{}: {}", line.by, line.run),
            entry: None,
        })
        .collect();
    moments.extend(others.iter().skip(others.len().saturating_sub(OTHERS_MAX)).cloned());
    moments.extend(run.messages.iter().map(|message| Moment {
        at: message.at,
        lane: Lane::Message,
        key: if message.kind == Kind::Page { "moment.page" } else { "" },
        text: match message.kind {
            Kind::Page => String::new(),
            Kind::Person => format!("{}: {}", message.from, message.text),
        },
        entry: None,
    }));
    let acts = run.acts.iter().enumerate();
    moments.extend(acts.filter_map(|(at, (began, act))| {
        let entry = at as u32 + 1;
        told(run, entry, act).map(|(key, text)| Moment { at: *began, lane: Lane::You, key, text, entry: Some(entry) })
    }));
    moments.sort_by_key(|moment| (moment.at, moment.lane, moment.entry));
    moments
}

/// What an act looks like on the timeline, as a message key and its text; the clock's own ticks are left out.
fn told(run: &Run, entry: u32, act: &Act) -> Option<(&'static str, String)> {
    let hypothesis = |id: u32| {
        let words = run.board.hypothesis(id).map(|own| (run.board.word(own.thing), run.board.word(own.how)));
        match words {
            Some((Some(thing), Some(how))) => format!("{}: {}", thing.say, how.say),
            _ => format!("h{id}"),
        }
    };
    let cited = |exhibits: &[u32]| exhibits.iter().map(|id| format!("e{id}")).collect::<Vec<_>>().join(" ");
    Some(match act {
        Act::Clock { .. } => return None,
        Act::Run { line } => {
            let key = match run.record.changes.iter().find(|change| change.entry == entry) {
                Some(change) if change.confounded => "moment.changed-early",
                Some(change) if change.expectation.is_none() => "moment.changed-blind",
                Some(_) => "moment.changed",
                None => "",
            };
            (key, format!("$ {line}"))
        }
        Act::Door { asked } => {
            let key = if run.record.changes.iter().any(|change| change.entry == entry) { "moment.changed" } else { "" };
            (key, format!("$ {}", super::door::line(asked)))
        }
        Act::Wait { span } => ("moment.wait", span.human()),
        Act::Leave { .. } => ("moment.leave", String::new()),
        Act::State { text, .. } => ("moment.state", text.clone()),
        Act::Update { update } => ("moment.update", super::transcript::update_words(update)),
        Act::Hint => ("moment.hint", String::new()),
        Act::Undo => ("moment.undo", undone(run, entry)),
        Act::Answer { objection, exhibit } => {
            let exhibit = exhibit.map_or_else(|| "–".to_string(), |exhibit| format!("e{exhibit}"));
            ("moment.answer", format!("o{objection} ← {exhibit}"))
        }
        // What comes after the end is no part of what happened.
        Act::Reflect { .. } | Act::Reply { .. } => return None,
        Act::Bag { page, lines, .. } => {
            let bagged = run.board.exhibits.iter().find(|exhibit| exhibit.page == *page && exhibit.lines == *lines);
            let close = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            match (bagged, lines) {
                (Some(exhibit), Some(_)) => {
                    ("moment.bag", format!("e{}: {}", exhibit.id, close(&exhibit.text.join(" ⏎ "))))
                }
                (Some(exhibit), None) => ("moment.bag-page", format!("e{}: {}", exhibit.id, exhibit.command)),
                (None, _) => ("moment.bag-later-out", String::new()),
            }
        }
        Act::Unbag { exhibit } => ("moment.unbag", format!("e{exhibit}")),
        Act::Suspect { .. } => {
            let opened = run.acts.iter().take(entry as usize).filter(|(_, act)| matches!(act, Act::Suspect { .. }));
            ("moment.suspect", hypothesis(opened.count() as u32))
        }
        Act::Rate { hypothesis: id, percent } => ("moment.rate", format!("{} — {percent} %", hypothesis(*id))),
        Act::Predict { text, .. } => ("moment.predict", text.clone()),
        Act::Link { hypothesis: id, exhibit, sign } => {
            ("moment.link", format!("e{exhibit} {sign} {}", hypothesis(*id)))
        }
        Act::Clear { hypothesis: id, exhibits } => {
            ("moment.clear", format!("{} ← {}", hypothesis(*id), cited(exhibits)))
        }
        Act::Reopen { hypothesis: id } => ("moment.reopen", hypothesis(*id)),
        Act::Expect { text } => ("moment.expect", text.clone()),
        Act::Resolve => ("moment.resolve", String::new()),
        Act::Note { text } => ("moment.note", text.clone()),
        Act::Verdict { .. } => ("moment.verdict", String::new()),
        Act::Close => ("moment.close", String::new()),
    })
}

/// What an undoing took back, as it was told when it was done.
fn undone(run: &Run, entry: u32) -> String {
    let back = run.record.undo.done.get(&entry).copied();
    let act = back.and_then(|back| Some((back, &run.acts.get((back as usize).checked_sub(1)?)?.1)));
    act.and_then(|(back, act)| told(run, back, act)).map_or_else(String::new, |(_, text)| text)
}

// ---- expectations --------------------------------------------------------------------------------------------------

fn predictions(run: &Run) -> Vec<Prediction> {
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

// ---- the shortest proof --------------------------------------------------------------------------------------------

fn proof(run: &Run) -> ProofPath {
    shortest_proof(&run.case, course::looks(run))
}

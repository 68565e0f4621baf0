//! The debrief as one JSON object. Keys are stable: they may be added to, never renamed. Points are whole thousandths
//! (`_m`), times RFC 3339, spans milliseconds. Does not know who reads it.

mod analysis;

use super::phrase;
use crate::case::concepts::{CardClue, CardTold, Met};
use crate::case::debrief::{Debrief, PredictionOutcome};
use crate::case::score::log::Fate;
use crate::case::score::{Band, Dim, Line, Scorecard};
use crate::stdx::lang::Lang;
use serde_json::{Value, json};

/// The version of this object's shape.
const FORMAT: u32 = 1;

pub fn write(debrief: &Debrief, lang: &Lang) -> String {
    let mut text = serde_json::to_string_pretty(&value(debrief, lang)).unwrap_or_default();
    text.push('\n');
    escaped(&text)
}

/// Characters that a terminal might obey are written as `\uXXXX`; outside strings there are none.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            _ => out.push(c),
        }
    }
    out
}

fn value(debrief: &Debrief, lang: &Lang) -> Value {
    let heading = &debrief.heading;
    let missed = |missed: &crate::case::debrief::Missed| {
        let fate = missed.fate.map(|fate| match fate {
            Fate::StillThere => "still-there",
            Fate::Expired => "expired",
            Fate::Destroyed => "destroyed",
        });
        json!({
            "clue": missed.clue, "say": missed.say, "at": missed.at, "rules_out": missed.rules_out,
            "seen": missed.seen, "fate": fate, "line": missed.line, "window": analysis::window(missed),
        })
    };
    json!({
        "format": FORMAT,
        "title": heading.title,
        "case": heading.case,
        "variant": heading.variant,
        "behind": heading.behind,
        "seed": heading.seed,
        "clock": heading.clock,
        "page_at": heading.page_at.rfc3339_millis(),
        "ended_at": heading.ended_at.rfc3339_millis(),
        "verdict": heading.verdict,
        "score": score(&debrief.score),
        "words": debrief.words.iter().map(|told| json!({
            "blank": told.blank.name(), "said": told.said, "answer": told.answer,
            "accuracy": told.accuracy.to_string(), "exhibits": told.exhibits,
        })).collect::<Vec<_>>(),
        "rivals": debrief.rivals.iter().map(|told| json!({
            "id": told.id, "thing": told.thing, "how": told.how, "cleared": told.cleared,
            "ruled_out_by": told.ruled_out_by,
        })).collect::<Vec<_>>(),
        "timeline": debrief.moments.iter().map(|moment| json!({
            "at": moment.at.rfc3339_millis(), "lane": phrase::lane(moment.lane), "text": phrase::moment(lang, moment),
            "act": moment.entry, "then": moment.then.as_ref().map(analysis::then),
        })).collect::<Vec<_>>(),
        "predictions": debrief.predictions.iter().map(prediction).collect::<Vec<_>>(),
        "missed": debrief.missed.iter().map(missed).collect::<Vec<_>>(),
        "proof": analysis::path(&debrief.proof),
        "analysis": analysis::value(debrief, lang),
        "reflection": debrief.reflection.as_ref().map(analysis::reflection),
        "cards": debrief.cards.iter().map(|told| card(told, lang)).collect::<Vec<_>>(),
        "next_time": debrief.reflection.as_ref().map(|said| &said.pledge),
    })
}

fn score(card: &Scorecard) -> Value {
    let line = |line: &Line| {
        let because: serde_json::Map<String, Value> =
            line.because.iter().map(|(key, value)| ((*key).to_string(), json!(value))).collect();
        json!({
            "dimension": format!("{:?}", line.dim), "key": line.key, "subject": line.subject,
            "got": line.got.to_string(), "got_m": line.got_m, "max_m": line.max_m(),
            "because": because, "acts": line.entries,
        })
    };
    json!({
        "engine": card.engine,
        "case_hash": card.case_hash,
        "profile": card.profile,
        "total": card.total().to_string(),
        "total_m": card.total_m(),
        "max": card.max(),
        "case_m": card.case_m(),
        "conduct_m": card.conduct_m(),
        "hints_m": card.dim_m(Dim::H),
        "band": card.band().map(Band::key),
        "dimensions": card.dims.iter().map(|sum| json!({
            "id": format!("{:?}", sum.dim), "name": sum.name, "max": sum.max,
            "got": sum.got.as_ref().map(ToString::to_string),
            "got_m": sum.got.as_ref().map(|_| card.dim_m(sum.dim)),
        })).collect::<Vec<_>>(),
        "ledger": card.ledger.iter().map(line).collect::<Vec<_>>(),
    })
}

fn card(told: &CardTold, lang: &Lang) -> Value {
    let text = told.card.text(lang.code).cloned().unwrap_or_default();
    let clue = |clue: &CardClue| match &clue.met {
        Met::Missed { command } => json!({ "clue": clue.clue, "met": "missed", "command": command }),
        Met::Seen { entry } => json!({ "clue": clue.clue, "met": "seen", "act": entry }),
        Met::Bagged { exhibits } => json!({ "clue": clue.clue, "met": "bagged", "exhibits": exhibits }),
    };
    json!({
        "id": told.card.id, "title": text.title, "does": text.does, "fails": text.fails, "shows": text.shows,
        "next": text.next, "commands": told.card.commands, "clues": told.clues.iter().map(clue).collect::<Vec<_>>(),
    })
}

fn prediction(told: &crate::case::debrief::Prediction) -> Value {
    let (outcome, after, value) = match told.outcome {
        PredictionOutcome::Blind => ("blind", None, None),
        PredictionOutcome::Came { after, value } => ("came", Some(after.0), Some(value)),
        PredictionOutcome::Missed { value } => ("missed", None, Some(value)),
        PredictionOutcome::Early { value } => ("early", None, Some(value)),
        PredictionOutcome::Unknown => ("unknown", None, None),
    };
    json!({
        "at": told.at.rfc3339_millis(), "act": told.entry, "command": told.command, "confounded": told.confounded,
        "expected": told.expected, "outcome": outcome, "after_ms": after, "value": value,
    })
}

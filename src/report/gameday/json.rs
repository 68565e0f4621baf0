//! The after-action report as one JSON object. Keys are stable: they may be added to, never renamed. Times RFC 3339. No figure of
//! a person is in it. Does not know who reads it.

use super::{After, flow};
use crate::report::json::escaped;
use crate::stdx::time::Span;
use serde_json::{Value, json};

/// The version of this object's shape.
const FORMAT: u32 = 1;

pub fn write(after: &After) -> String {
    let mut text = serde_json::to_string_pretty(&value(after)).unwrap_or_default();
    text.push('\n');
    escaped(&text)
}

fn value(after: &After) -> Value {
    let (own, card, team) = (&after.debrief.heading, &after.debrief.score, &after.run.team);
    let beats = after.beats();
    json!({
        "format": FORMAT, "case": own.case, "title": own.title, "variant": own.variant, "seed": own.seed,
        "page_at": own.page_at.rfc3339(), "ended_at": own.ended_at.rfc3339(), "verdict": own.verdict,
        "score": {
            "profile": card.profile, "total_m": card.total_m(), "max": card.max(),
            "dimensions": card.dims.iter().filter(|sum| sum.got.is_some()).map(|sum| json!({
                "name": sum.name, "points_m": card.dim_m(sum.dim), "max": sum.max,
            })).collect::<Vec<_>>(),
        },
        "seats": team.seats.values().map(|seat| json!({
            "seat": seat.id, "name": seat.name, "roles": seat.roles, "part": seat.part,
        })).collect::<Vec<_>>(),
        "timeline": beats.iter().map(|beat| json!({
            "at": beat.at.rfc3339(), "lane": if beat.own { "room" } else { "estate" },
            "act": beat.own.then_some(beat.entry), "by": beat.by, "text": beat.text,
        })).collect::<Vec<_>>(),
        "counts": flow::counts(after).into_iter().map(|(key, n)| (key.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "went_right": flow::rights(after).into_iter().map(|(key, n)| (key.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "findings": after.account.waits.iter().map(|wait| json!({
            "clue": wait.clue, "seen_at": wait.seen.rfc3339(),
            "bagged_after_s": wait.bagged.map(Span::as_secs), "linked_after_s": wait.linked.map(Span::as_secs),
        })).collect::<Vec<_>>(),
        "decisions": after.account.decisions.iter().map(|own| json!({
            "decision": own.id, "at": own.at.rfc3339(), "accepted": own.accepted, "text": own.text,
            "because": own.because, "objections": own.objections, "called": own.called, "change": own.change,
            "known": {
                "seen": own.known.seen, "bagged": own.known.bagged, "justified_percent": own.known.justified,
                "believed": own.known.believed.iter().map(|(id, percent)| json!({
                    "hypothesis": id, "percent": percent,
                })).collect::<Vec<_>>(),
            },
        })).collect::<Vec<_>>(),
        "changes_without_decision": after.account.undecided.iter().map(|(entry, at, command)| json!({
            "act": entry, "at": at.rfc3339(), "command": command,
        })).collect::<Vec<_>>(),
        "open_loops": after.account.open_loops.iter().map(|task| json!({
            "task": task.id, "at": task.at.rfc3339(), "text": task.text,
        })).collect::<Vec<_>>(),
        "handovers": after.account.handovers.iter().map(|own| json!({
            "at": own.at.rfc3339(), "role": own.role, "from": own.from, "to": own.to,
            "waited_s": (own.at - own.offered).as_secs(),
        })).collect::<Vec<_>>(),
        "turning_points": after.account.turns.iter().map(|own| json!({
            "at": own.at.rfc3339(), "act": own.entry, "kind": own.kind.key(), "text": flow::turn(after, &own.kind),
        })).collect::<Vec<_>>(),
        "reactions": team.after.reactions.iter().map(|own| &own.text).collect::<Vec<_>>(),
        "actions": team.after.actions.iter().map(|own| json!({
            "text": own.text, "owner": own.owner, "due": own.due,
        })).collect::<Vec<_>>(),
        "debrief_rating": team.after.rating,
    })
}

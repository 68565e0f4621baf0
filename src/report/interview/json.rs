//! The report of an interview as one JSON object. Keys are stable: they may be added to, never renamed. Times RFC 3339. No
//! sum of anything is in it. Does not know who reads it.

use super::Filed;
use super::paper::because;
use crate::drill::interview::Control;
use crate::drill::interview::account::Used;
use crate::drill::interview::assessment::Assessment;
use crate::drill::spoken;
use crate::drill::transcript::beside;
use crate::report::json::escaped;
use crate::report::phrase;
use crate::stdx::lang::Lang;
use serde_json::{Value, json};

/// The version of this object's shape.
const FORMAT: u32 = 1;

pub fn write(filed: &Filed, lang: &Lang) -> String {
    let mut text = serde_json::to_string_pretty(&value(filed, lang)).unwrap_or_default();
    text.push('\n');
    escaped(&text)
}

fn value(filed: &Filed, lang: &Lang) -> Value {
    let (account, candidate) = (&filed.account, filed.candidate);
    let own = &account.setting;
    let open = |used: &&Used| !(candidate && matches!(used.control, Control::Note { .. }));
    json!({
        "format": FORMAT,
        "copy": if candidate { "candidate" } else { "interviewer" },
        "left_out_private_notes": candidate.then(|| filed.left_out()),
        "title": own.title, "case": own.case, "variant": own.variant, "seed": own.seed,
        "case_hash": own.case_hash, "engine": own.engine, "clock": own.clock, "minutes": own.minutes,
        "extended": own.extended, "page_at": own.page_at.rfc3339(), "ended_at": own.ended_at.rfc3339(),
        "ended_early": own.ended_early, "opening": filed.opening, "journal": filed.journal,
        "controls": account.controls.iter().filter(open).map(|used| json!({
            "at": used.at.rfc3339(), "act": used.entry, "about": used.about, "control": beside::words(&used.control),
        })).collect::<Vec<_>>(),
        "timeline": account.moments.iter().map(|moment| json!({
            "at": moment.at.rfc3339(), "lane": phrase::lane(moment.lane), "text": phrase::moment(lang, moment),
            "act": moment.entry,
        })).collect::<Vec<_>>(),
        "looks_not_listed": account.looks,
        "verdict": account.verdict,
        "claims": account.claims.iter().map(|claim| json!({
            "blank": claim.blank.name(), "said": claim.said,
            "exhibits": claim.exhibits.iter().map(|own| json!({
                "exhibit": own.id, "command": own.command, "text": own.text,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "objections": account.objections.iter().map(|own| json!({
            "says": spoken::objection(own, &account.case, lang),
            "exhibit": own.answer.and_then(|answer| answer.exhibit), "answers": own.answer.map(|answer| answer.right),
        })).collect::<Vec<_>>(),
        "competencies": account.proposals.iter().map(|proposal| json!({
            "competency": proposal.competency.name(), "proposed": proposal.level, "because": because(proposal, lang),
            "acts": proposal.entries,
        })).collect::<Vec<_>>(),
        "assessments": filed.assessments.iter().map(|own| assessment(own, candidate)).collect::<Vec<_>>(),
        "assessments_hidden": filed.hidden,
        "follow_ups": account.follow.iter().map(|(question, answer)| json!({
            "id": question.id, "question": question.text(&account.case, lang), "acts": question.entries,
            "answer": answer,
        })).collect::<Vec<_>>(),
        "comments": filed.comments,
        "reading": (1..=5).map(|n| lang.say(&format!("interview.reading-{n}")).to_string()).collect::<Vec<_>>(),
    })
}

fn assessment(own: &Assessment, candidate: bool) -> Value {
    json!({
        "interviewer": own.interviewer, "filed": own.filed, "journal": own.journal, "engine": own.engine,
        "words": own.words, "private_notes": (!candidate).then_some(&own.notes),
        "levels": own.levels,
    })
}

//! The analysis of a run as JSON: gaps with their words, the pattern, times, curves, both ways, the twin. Shares are
//! thousandths (`_t`), points thousandths of a point (`_m`), times RFC 3339, spans milliseconds. Keys may be added to, never
//! renamed.

use crate::case::board::Link;
use crate::case::debrief::analysis::{Analysis, Anchored};
use crate::case::debrief::curves::{Curves, Series};
use crate::case::debrief::{
    ContrastTold, Debrief, Gap, GuessTold, LinkTold, Loss, Missed, ProofPath, ReflectionTold, StepTold, Then,
};
use crate::case::forms::Guess;
use crate::case::score::log::Suspect;
use crate::case::score::truth::Rating;
use crate::report::telling;
use crate::stdx::lang::Lang;
use crate::stdx::time::Time;
use serde_json::{Value, json};

pub fn value(debrief: &Debrief, lang: &Lang) -> Value {
    let own: &Analysis = &debrief.analysis;
    let habits = &own.habits;
    json!({
        "gaps": own.gaps.iter().map(|one| gap(debrief, lang, one)).collect::<Vec<_>>(),
        "pattern": {
            "anchored": habits.anchored.as_ref().map(anchored),
            "premature": habits.premature.iter().map(|(rival, t)| json!({ "rival": rival, "justified_t": t })).collect::<Vec<_>>(),
            "confirming_reads": habits.confirming.0,
            "telling_reads": habits.confirming.1,
            "one_instrument": habits.one_instrument.iter().map(|blank| blank.name()).collect::<Vec<_>>(),
            "changes_ahead": habits.ahead.iter().map(|(act, t)| json!({ "act": act, "justified_t": t })).collect::<Vec<_>>(),
        },
        "times": {
            "first_look": at(own.times.first_look),
            "justified": at(own.times.justified),
            "committed": at(own.times.committed),
            "mitigated": at(own.times.mitigated),
            "verified": at(own.times.verified),
            "resolved": at(own.times.resolved),
        },
        "curves": curves(&own.curves),
        "fair": path(&own.fair),
        "links": own.links.iter().map(link).collect::<Vec<_>>(),
        "ways": {
            "own": own.ways.own.iter().map(step).collect::<Vec<_>>(),
            "expert": own.ways.expert.iter().map(step).collect::<Vec<_>>(),
        },
        "twin": own.contrasts.iter().map(contrast).collect::<Vec<_>>(),
    })
}

fn at(time: Option<Time>) -> Option<String> {
    time.map(Time::rfc3339_millis)
}

fn gap(debrief: &Debrief, lang: &Lang, own: &Gap) -> Value {
    let words = telling::gap(lang, debrief, own);
    json!({
        "kind": own.kind.key(), "dimension": format!("{:?}", own.dim), "lost_m": own.lost_m, "at": at(own.at), "acts": own.entries,
        "observation": words.observation, "concern": words.concern, "question": words.question,
    })
}

fn anchored(own: &Anchored) -> Value {
    let suspect = match &own.suspect {
        Suspect::Truth => "truth".to_string(),
        Suspect::Rival(id) => id.clone(),
        Suspect::Other(id) => format!("h{id}"),
    };
    json!({
        "suspect": suspect, "from": at(Some(own.from)), "span_ms": own.span.0, "said_t": own.said,
        "justified_t": own.justified, "act": own.entry,
    })
}

fn curves(own: &Curves) -> Value {
    let series = |own: &Series| own.iter().map(|(time, t)| json!([time.rfc3339_millis(), t])).collect::<Vec<Value>>();
    json!({
        "from": at(Some(own.from)), "until": at(Some(own.until)), "justified_t": series(&own.justified),
        "stated_t": series(&own.stated), "harm_t": series(&own.harm), "idle_harm_t": series(&own.idle),
        "changes": own.changes.iter().map(|time| time.rfc3339_millis()).collect::<Vec<_>>(),
    })
}

pub fn path(own: &ProofPath) -> Value {
    json!({
        "cost_ms": own.cost.0,
        "steps": own.steps.iter().map(|step| json!({
            "command": step.command, "cost_ms": step.cost.0, "clues": step.clues,
        })).collect::<Vec<_>>(),
        "short_of": own.short_of,
    })
}

fn link(own: &LinkTold) -> Value {
    let said = match own.said {
        Link::For => "for",
        Link::Against => "against",
        Link::Neutral => "neutral",
    };
    let is = match own.is {
        Rating::Fits => "for",
        Rating::Against => "against",
        Rating::Silent => "neutral",
    };
    json!({
        "exhibit": own.exhibit, "hypothesis": own.hypothesis, "thing": own.thing, "how": own.how, "said": said, "is": is,
        "clues": own.clues,
    })
}

fn step(own: &StepTold) -> Value {
    json!({
        "act": own.entry, "at": at(Some(own.at)), "typed": own.typed, "why": own.why, "clues": own.clues,
        "justified_t": own.justified, "changed": own.changed,
    })
}

fn contrast(own: &ContrastTold) -> Value {
    json!({
        "at": at(Some(own.at)), "command": own.command, "page": own.page, "clues": own.clues, "more": own.more,
        "lines": own.lines.iter().map(|(healthy, text)| json!({ "healthy": healthy, "text": text })).collect::<Vec<_>>(),
    })
}

/// How things stood after an act.
pub fn then(own: &Then) -> Value {
    json!({
        "justified_t": own.justified, "stated_t": own.stated, "harm_t": own.harm, "clues": own.clues,
        "lost": own.lost.iter().map(|lost| json!({ "clue": lost.clue, "by_act": by(lost.how) })).collect::<Vec<_>>(),
        "best_look": own.best.as_ref().map(|best| json!({ "command": best.command, "worth_t": best.worth })),
    })
}

/// The act that took a clue away; nothing where it expired.
fn by(loss: Loss) -> Option<u32> {
    match loss {
        Loss::Through { entry } => Some(entry),
        Loss::Expired => None,
    }
}

pub fn window(own: &Missed) -> Value {
    json!(own.window.map(|window| json!({
        "from": at(Some(window.from)), "until": at(window.until), "by_act": window.lost.and_then(by),
        "expired": window.lost == Some(Loss::Expired),
    })))
}

pub fn reflection(own: &ReflectionTold) -> Value {
    let word = |guess: Guess| match guess {
        Guess::Low => "low",
        Guess::Middle => "middle",
        Guess::High => "high",
    };
    let guess = |own: &GuessTold| {
        json!({
            "dimension": format!("{:?}", own.dim), "guess": word(own.guess), "was": own.was.map(word), "got_m": own.got_m,
            "max": own.max,
        })
    };
    json!({
        "reaction": own.reaction, "pledge": own.pledge,
        "guesses": own.guesses.iter().map(guess).collect::<Vec<_>>(),
    })
}

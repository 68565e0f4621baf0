//! How a debrief's facts are said in words, the same in every format. Does not know layout.

use crate::case::debrief::{Debrief, Lane, Missed, Prediction, PredictionOutcome, RivalTold, WordTold};
use crate::case::score::log::Fate;
use crate::case::score::{Exact, Line, Scorecard};
use crate::stdx::text::harmless;
use num_traits::{One, Zero};

/// Thousandths of a point as a decimal without trailing zeros: 44800 → `44.8`.
pub fn points(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, rest) = (milli.unsigned_abs() / 1_000, milli.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
}

/// `57.8 of 68`.
pub fn total(card: &Scorecard) -> String {
    format!("{} of {}", points(card.total_m()), card.max())
}

/// Third-party text on one line, harmless.
pub fn plain(text: &str) -> String {
    harmless(text).replace(['\n', '\t'], " ")
}

pub fn heading(debrief: &Debrief) -> String {
    let heading = &debrief.heading;
    let took = heading.ended_at - heading.page_at;
    let how = if heading.verdict { "verdict" } else { "no verdict" };
    format!(
        "{} · variant {} · seed {} · {} clock · {how} after {}",
        plain(&heading.case),
        plain(&heading.variant),
        heading.seed,
        heading.clock,
        took.human()
    )
}

pub fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Fault => "fault",
        Lane::Others => "others",
        Lane::Message => "message",
        Lane::You => "you",
    }
}

/// What a line of the ledger is about.
pub fn ledger_subject(line: &Line) -> String {
    match line.key {
        "verdict.blank" => line.subject.clone(),
        "elimination.rival" => format!("rival {}", plain(&line.subject)),
        "elimination.truth" => "the truth was cleared".into(),
        "scene.clue" => format!("clue {}", plain(&line.subject)),
        "scene.blind" => "a change without an expectation".into(),
        "scene.confounded" => "a second change before a look".into(),
        "scene.floor" => "never below nothing".into(),
        other => other.to_string(),
    }
}

/// Why, in words.
pub fn ledger_reason(line: &Line) -> String {
    let part = |(key, value): &(&str, String)| match (*key, value.as_str()) {
        ("claim", _) => "left blank".to_string(),
        ("cleared", _) => "not cleared".to_string(),
        ("forfeited", _) => "forfeits all elimination".to_string(),
        ("state", "bagged") => "bagged".to_string(),
        ("state", "destroyed") => "destroyed by your change before it was bagged".to_string(),
        ("state", "expired") => "expired by itself, not bagged".to_string(),
        ("state", _) => "still there, not bagged".to_string(),
        (key, value) => format!("{key} {}", fraction(value)),
    };
    line.because.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// `7/10` → `0.7`; other texts as they are.
fn fraction(text: &str) -> String {
    let Ok(value) = text.parse::<Exact>() else { return text.to_string() };
    let milli = (value * Exact::from_integer(1_000.into())).floor().to_integer();
    i64::try_from(milli).map_or_else(|_| text.to_string(), points)
}

/// `acts 18 24`.
pub fn entries(line: &Line) -> String {
    let numbers: Vec<String> = line.entries.iter().map(u32::to_string).collect();
    if numbers.is_empty() { String::new() } else { format!("acts {}", numbers.join(" ")) }
}

pub fn word(told: &WordTold) -> String {
    let said = if told.said.is_empty() { "unknown".to_string() } else { format!("“{}”", plain(&told.said)) };
    let answer = plain(&told.answer);
    if told.said.is_empty() {
        format!("left unknown; it was “{answer}”")
    } else if told.accuracy.is_one() {
        format!("{said} — right")
    } else if told.accuracy.is_zero() {
        format!("{said} — wrong; it was “{answer}”")
    } else {
        format!("{said} — near ({}); it was “{answer}”", fraction(&told.accuracy.to_string()))
    }
}

pub fn rival(told: &RivalTold) -> String {
    let cleared = if told.cleared { "cleared" } else { "not cleared" };
    let by = told.ruled_out_by.iter().map(|clue| plain(clue)).collect::<Vec<_>>().join(", ");
    format!("{} / {} — {cleared}; ruled out by {by}", plain(&told.thing), plain(&told.how))
}

pub fn missed(missed: &Missed) -> String {
    let mut text = if missed.say.is_empty() { plain(&missed.clue) } else { plain(&missed.say) };
    if missed.seen {
        text.push_str(" — it was on a page, not bagged");
    }
    match missed.fate {
        Some(Fate::Destroyed) => text.push_str(" — gone through a change of yours"),
        Some(Fate::Expired) => text.push_str(" — expired by itself"),
        Some(Fate::StillThere) | None => {}
    }
    if !missed.rules_out.is_empty() {
        text.push_str(&format!("; it rules out {}", plain(&missed.rules_out.join(", "))));
    }
    text
}

pub fn prediction(told: &Prediction) -> String {
    let expected = told.expected.as_deref().map(plain).unwrap_or_default();
    let outcome = match told.outcome {
        PredictionOutcome::Blind => "nothing was expected of it".to_string(),
        PredictionOutcome::Came { after, value } => {
            format!("expected {expected}: came after {} ({value})", after.human())
        }
        PredictionOutcome::Missed { value } => format!("expected {expected}: did not come; it was {value}"),
        PredictionOutcome::Early { value } => format!("expected {expected}: the run ended first; it was {value}"),
        PredictionOutcome::Unknown => format!("expected {expected}: there is no such metric"),
    };
    let confounded = if told.confounded { "; made before the change before it was looked at" } else { "" };
    format!("{outcome}{confounded}")
}

//! How a debrief's facts are said in words, the same in every format. Does not know layout.

use crate::case::debrief::{Debrief, Lane, Missed, Moment, Prediction, PredictionOutcome, RivalTold, WordTold};
use crate::case::score::log::Fate;
use crate::case::score::truth::Blank;
use crate::case::score::{CASE, CONDUCT, Dim, Exact, Line, Scorecard};
use crate::stdx::lang::Lang;
use crate::stdx::text::harmless;
use crate::stdx::time::Time;
use num_traits::{One, Zero};
use std::collections::BTreeMap;

/// Thousandths of a point as a decimal without trailing zeros: 44800 → `44.8`.
pub fn points(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, rest) = (milli.unsigned_abs() / 1_000, milli.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
}

/// `Case 62.8 of 64 · Conduct 35.8 of 36 — beyond doubt`, and what hints cost. Only a whole score has both halves.
pub fn halves(lang: &Lang, card: &Scorecard) -> Option<String> {
    let band = card.band()?;
    let half = |key: &str, got_m: i64, dims: &[Dim]| {
        // Tenths are enough here; the ledger has the rest.
        lang.with(key, &[("got", &points(got_m.div_euclid(100) * 100)), ("max", &card.most(dims).to_string())])
    };
    let mut parts = vec![half("told.case", card.case_m(), CASE), half("told.conduct", card.conduct_m(), CONDUCT)];
    if card.dim_m(Dim::H) != 0 {
        parts.push(lang.with("told.hints", &[("points", &points(card.dim_m(Dim::H)))]));
    }
    Some(format!("{} — {}", parts.join(" · "), lang.say(&format!("band.{}", band.key()))))
}

/// Third-party text on one line, harmless.
pub fn plain(text: &str) -> String {
    harmless(text).replace(['\n', '\t'], " ")
}

pub fn heading(lang: &Lang, debrief: &Debrief) -> String {
    let heading = &debrief.heading;
    let took = (heading.ended_at - heading.page_at).human();
    let how = lang.with(if heading.verdict { "told.verdict" } else { "told.no-verdict" }, &[("span", &took)]);
    let (case, variant) = (plain(&heading.case), plain(&heading.variant));
    let (seed, behind) = (heading.seed.to_string(), plain(&heading.behind));
    let parts =
        [("behind", behind.as_str()), ("case", case.as_str()), ("variant", variant.as_str()), ("seed", seed.as_str())];
    let key = if behind.is_empty() { "told.heading" } else { "told.heading-family" };
    format!("{} · {how}", lang.with(key, &parts))
}

pub fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Fault => "fault",
        Lane::Others => "others",
        Lane::Message => "message",
        Lane::You => "you",
    }
}

/// When something was, for a reader who knows when the page came: `09:54:10` of its day, `03-07 04:08` of another.
pub fn when(debrief: &Debrief, at: Time) -> String {
    if at.date() == debrief.heading.page_at.date() {
        return at.clock();
    }
    format!("{} {}", at.date().get(5..).unwrap_or_default(), at.hour_minute())
}

/// Columns of the longest time of these, as `when` says them.
pub fn when_columns(debrief: &Debrief, times: impl Iterator<Item = Time>) -> usize {
    times.map(|at| when(debrief, at).len()).max().unwrap_or(0).max(8)
}

/// What happened at a moment of the timeline: the command line, if it was one, and words.
pub fn moment(lang: &Lang, moment: &Moment) -> (String, String) {
    let text = plain(&moment.text);
    let said = |text: &str| if moment.key.is_empty() { text.into() } else { lang.with(moment.key, &[("text", text)]) };
    if moment.lane == Lane::You && text.starts_with("$ ") {
        return (text, said("").trim().to_string());
    }
    (String::new(), said(&text))
}

/// A blank's question: "What failed".
pub fn blank(lang: &Lang, blank: Blank) -> String {
    lang.say(&format!("blank.{}", blank.name())).to_string()
}

/// A clue or a rival as people call it.
fn name(names: &BTreeMap<String, String>, id: &str) -> String {
    names.get(id).map_or_else(|| plain(id), |name| plain(name.trim().trim_end_matches('.')))
}

pub fn listed(names: &BTreeMap<String, String>, ids: &[String]) -> String {
    ids.iter().map(|id| name(names, id)).collect::<Vec<_>>().join("; ")
}

/// What a line of the ledger is about.
pub fn ledger_subject(lang: &Lang, names: &BTreeMap<String, String>, line: &Line) -> String {
    let with = |key: &str| lang.with(key, &[("what", &line.subject)]);
    match (line.key, line.subject.as_str()) {
        ("verdict.blank", blank) => lang.say(&format!("blank.{blank}")).to_string(),
        ("elimination.rival" | "scene.clue", id) => name(names, id),
        ("elimination.truth", _) => lang.say("ledger.truth").to_string(),
        ("scene.blind", _) => lang.say("ledger.blind").to_string(),
        ("scene.confounded", _) => lang.say("ledger.confounded").to_string(),
        ("scene.floor" | "hint.floor", _) => lang.say("ledger.floor").to_string(),
        ("belief.checkpoint", _) => with("ledger.belief"),
        ("belief.missing", _) => lang.say("ledger.no-belief").to_string(),
        ("method.statement", _) => lang.say("ledger.statement").to_string(),
        ("method.reading", _) => lang.say("ledger.reading").to_string(),
        ("recovery.harm", _) => lang.say("ledger.spared").to_string(),
        ("recovery.expected", _) => lang.say("ledger.foreseen").to_string(),
        ("recovery.checked", _) => lang.say("ledger.looked").to_string(),
        ("recovery.held", _) => lang.say("ledger.looked-again").to_string(),
        ("recovery.lasts", _) => lang.say("ledger.lasting").to_string(),
        ("communication.timely", _) => lang.say("ledger.timely").to_string(),
        ("communication.truthful", "") => lang.say("ledger.truthful").to_string(),
        ("communication.truthful", _) => with("ledger.truthful-at"),
        ("communication.false-resolved", _) => lang.say("ledger.false-resolved").to_string(),
        ("communication.promise", "") => lang.say("ledger.promises").to_string(),
        ("communication.promise", _) => with("ledger.promise-at"),
        ("communication.decisions", _) => lang.say("ledger.decisions").to_string(),
        ("communication.loops", _) => lang.say("ledger.loops").to_string(),
        ("communication.record", _) => lang.say("ledger.record").to_string(),
        ("hint.rung", id) => lang.with("ledger.hint", &[("what", &name(names, id))]),
        (other, _) => other.to_string(),
    }
}

/// Why, in words.
pub fn ledger_reason(lang: &Lang, line: &Line) -> String {
    let parts = line.because.iter().map(|(key, value)| {
        let said = because(lang, line, key, value);
        if said.is_empty() { account(lang, line.key, key, value) } else { said }
    });
    parts.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
}

/// One reason of a line of verdict, elimination, scene or hints.
fn because(lang: &Lang, line: &Line, key: &str, value: &str) -> String {
    let wrong = line.because.iter().any(|(key, value)| *key == "accuracy" && exact(value).is_zero());
    let share = exact(value);
    let percent = percent(&share);
    let with = |key: &str| lang.with(key, &[("percent", percent.as_str())]);
    match (key, value) {
        ("claim", _) => with("ledger.unknown"),
        ("accuracy", _) if share.is_one() => with("ledger.right"),
        ("accuracy", _) if share.is_zero() => with("ledger.wrong"),
        ("accuracy", _) => with("ledger.near"),
        ("support" | "precision" | "hinted" | "attempt", _) if wrong => String::new(),
        ("support", _) if share.is_one() => with("ledger.proved"),
        ("support", _) if share.is_zero() => with("ledger.unproved"),
        ("support", _) => with("ledger.half-proved"),
        ("precision", _) if share.is_one() => String::new(),
        ("precision", _) => with("ledger.stray"),
        ("hinted", _) => with("ledger.hinted"),
        ("attempt", _) => with("ledger.attempt"),
        ("bearing", _) if share.is_one() => with("ledger.cleared"),
        ("bearing", _) => with("ledger.cleared-partly"),
        ("cleared", _) => with("ledger.not-cleared"),
        ("forfeited", "truth") => with("ledger.forfeited-truth"),
        ("forfeited", _) => with("ledger.forfeited"),
        ("state", "bagged") => with("ledger.bagged"),
        ("state", "destroyed") => with("ledger.destroyed"),
        ("state", "expired") => with("ledger.expired"),
        ("state", _) => with("ledger.still-there"),
        _ => String::new(),
    }
}

/// One reason of a line of belief, method, recovery or communication.
fn account(lang: &Lang, line: &str, key: &str, value: &str) -> String {
    let share = exact(value);
    let (percent, number) = (percent(&share), tenths(&share));
    let with = |key: &str| lang.with(key, &[("percent", &percent), ("value", value), ("number", &number)]);
    match (line, key, value) {
        ("belief.checkpoint", "open", "0" | "1") => with("ledger.one-open"),
        ("belief.checkpoint", "stated", _) => with("ledger.stated"),
        ("belief.checkpoint", "justified", _) => with("ledger.justified"),
        ("method.statement", "stated", _) => with("ledger.not-stated"),
        (_, "fields", _) => with("ledger.fields"),
        (_, "untrue", _) => with("ledger.untrue"),
        (_, "late", _) => with("ledger.late"),
        (_, "carried", _) => with("ledger.carried"),
        (_, "spent", _) => with("ledger.spent"),
        (_, "due", _) => with("ledger.due"),
        (_, "course", _) => with("ledger.no-course"),
        (_, "harm", _) => with("ledger.harm"),
        (_, "idle", _) => with("ledger.idle"),
        (_, "reference", _) => with("ledger.reference"),
        (_, "lasts", "no") => with("ledger.not-lasting"),
        (_, "ended", _) => with("ledger.not-ended"),
        (_, "done", "no") => with("ledger.not-done"),
        (_, "updates", "0") => with("ledger.untold"),
        ("communication.timely", "updates", _) => with("ledger.updates"),
        (_, "stale", _) => with("ledger.stale"),
        (_, "promises", _) => with("ledger.no-promise"),
        (_, "within", _) => with("ledger.within"),
        (_, "kept", _) => with("ledger.kept"),
        (_, "closed", _) => with("ledger.closed"),
        (_, "decided", _) => with("ledger.decided"),
        (_, "logged", _) => with("ledger.logged"),
        (_, "broken", _) => with("ledger.broken"),
        _ => String::new(),
    }
}

/// An exact number, as a ledger's reason keeps it, with one decimal, floored.
pub fn tenths_of(number: &str) -> String {
    tenths(&exact(number))
}

/// An exact share, as a ledger's reason keeps it, in whole percent.
pub fn percent_of(share: &str) -> String {
    percent(&exact(share))
}

/// Thousandths of a point in tenths, floored.
pub fn tenths_m(milli: i64) -> String {
    points(milli.div_euclid(100) * 100)
}

/// A number with one decimal, floored: `61/9` → `6.7`.
fn tenths(number: &Exact) -> String {
    let tenths = (number * Exact::from_integer(10.into())).floor().to_integer();
    points(i64::try_from(tenths).unwrap_or_default() * 100)
}

/// `What failed: right, fully proved`.
pub fn ledger(lang: &Lang, names: &BTreeMap<String, String>, line: &Line) -> String {
    let (subject, reason) = (ledger_subject(lang, names, line), ledger_reason(lang, line));
    if reason.is_empty() { subject } else { format!("{subject} — {reason}") }
}

fn exact(text: &str) -> Exact {
    text.parse().unwrap_or_else(|_| Exact::zero())
}

/// Whole percent, floored: `7/10` → `70`.
fn percent(share: &Exact) -> String {
    (share * Exact::from_integer(100.into())).floor().to_integer().to_string()
}

/// `acts 18 24`.
pub fn entries(lang: &Lang, line: &Line) -> String {
    let numbers: Vec<String> = line.entries.iter().map(u32::to_string).collect();
    if numbers.is_empty() { String::new() } else { lang.with("ledger.acts", &[("acts", &numbers.join(" "))]) }
}

/// How an answer fared, for words and for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fared {
    Right,
    Near,
    Wrong,
}

pub fn fared(told: &WordTold) -> Fared {
    match () {
        () if told.said.is_empty() || told.accuracy.is_zero() => Fared::Wrong,
        () if told.accuracy.is_one() => Fared::Right,
        () => Fared::Near,
    }
}

pub fn word(lang: &Lang, told: &WordTold) -> String {
    let percent = percent(&told.accuracy);
    let (said, answer) = (plain(&told.said), plain(&told.answer));
    let key = match fared(told) {
        _ if told.said.is_empty() => "told.unknown",
        Fared::Right => "told.right",
        Fared::Wrong => "told.wrong",
        Fared::Near => "told.near",
    };
    lang.with(key, &[("said", &said), ("answer", &answer), ("percent", &percent)])
}

pub fn rival(lang: &Lang, names: &BTreeMap<String, String>, told: &RivalTold) -> String {
    let cleared = lang.say(if told.cleared { "ledger.cleared-word" } else { "ledger.not-cleared" });
    let by = listed(names, &told.ruled_out_by);
    let suspect = format!("{}: {}", plain(&told.thing), plain(&told.how));
    if by.is_empty() {
        return format!("{suspect} — {cleared}");
    }
    format!("{suspect} — {cleared}; {}", lang.with("told.ruled-out-by", &[("clues", &by)]))
}

pub fn missed(lang: &Lang, names: &BTreeMap<String, String>, missed: &Missed) -> String {
    let mut text = name(names, &missed.clue);
    let mut add = |words: &str| text.push_str(&format!(" — {words}"));
    if missed.seen {
        add(lang.say("told.seen"));
    }
    match missed.fate {
        Some(Fate::Destroyed) => add(lang.say("told.destroyed")),
        Some(Fate::Expired) => add(lang.say("told.expired")),
        Some(Fate::StillThere) | None => {}
    }
    if !missed.rules_out.is_empty() {
        text.push_str(&format!("; {}", lang.with("told.rules-out", &[("rivals", &listed(names, &missed.rules_out))])));
    }
    text
}

pub fn prediction(lang: &Lang, told: &Prediction) -> String {
    let expected = told.expected.as_deref().map(plain).unwrap_or_default();
    let said = |key: &str, after: &str, value: Option<f64>| {
        let value = value.map_or_else(String::new, |value| value.to_string());
        lang.with(key, &[("after", after), ("value", &value), ("expected", &expected)])
    };
    let outcome = match told.outcome {
        PredictionOutcome::Blind => said("told.blind", "", None),
        PredictionOutcome::Came { after, value } => said("told.came", &after.human(), Some(value)),
        PredictionOutcome::Missed { value } => said("told.came-not", "", Some(value)),
        PredictionOutcome::Early { value } => said("told.came-early", "", Some(value)),
        PredictionOutcome::Unknown => said("told.no-metric", "", None),
    };
    if told.confounded { format!("{outcome}; {}", lang.say("told.confounded")) } else { outcome }
}

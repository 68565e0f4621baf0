//! How the analysis of a run is said in words, the same in every format: gaps, the pattern of a run, windows, links, times,
//! guesses. Never speaks of a person. Does not know layout.

use super::phrase;
use crate::case::board::Link;
use crate::case::debrief::gap::About;
use crate::case::debrief::{Debrief, Gap, GapKind, GuessTold, LinkTold, Loss, Lost, Missed, StepTold, Then};
use crate::case::forms::Guess;
use crate::case::score::Exact;
use crate::case::score::log::Suspect;
use crate::case::score::truth::Rating;
use crate::stdx::lang::Lang;
use crate::stdx::time::{Span, Time};

/// A gap in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapTold {
    /// What it cost: `−8.4`.
    pub lost: String,
    /// What was seen, with its time.
    pub observation: String,
    pub concern: String,
    pub question: String,
    /// The acts that it is about; may be empty.
    pub acts: String,
}

pub fn gap(lang: &Lang, debrief: &Debrief, own: &Gap) -> GapTold {
    let key = own.kind.key();
    let words = Words::of(lang, debrief, own);
    let seen = format!("gap.{key}.seen{}", words.which(own.kind));
    let concern = match words.value("proof") {
        Some(_) if own.kind == GapKind::SceneLost => "gap.scene-lost.concern-proof".to_string(),
        _ => format!("gap.{key}.concern"),
    };
    let acts: Vec<String> = own.entries.iter().map(u32::to_string).collect();
    let acts = match acts.is_empty() {
        true => String::new(),
        false => lang.with("gap.acts", &[("acts", &acts.join(" "))]),
    };
    GapTold {
        lost: lang.with("gap.lost", &[("points", &phrase::tenths_m(own.lost_m))]),
        observation: words.fill(&seen),
        concern: words.fill(&concern),
        question: lang.say(&format!("gap.{key}.ask")).to_string(),
        acts,
    }
}

/// What a gap names, ready to be put into its sentences.
struct Words<'a> {
    lang: &'a Lang,
    own: &'a Gap,
    at: String,
    what: String,
    command: String,
}

impl Words<'_> {
    fn of<'a>(lang: &'a Lang, debrief: &Debrief, own: &'a Gap) -> Words<'a> {
        let (mut what, mut command) = (Vec::new(), String::new());
        for about in &own.about {
            match about {
                About::Clues(ids) | About::Rivals(ids) => what.push(phrase::listed(&debrief.names, ids)),
                About::Blanks(blanks) => what.extend(blanks.iter().map(|blank| phrase::blank(lang, *blank))),
                About::Fields(fields) => what.extend(fields.iter().map(|field| named(lang, field))),
                About::Command(line) => command = format!("`{}`", phrase::plain(line)),
                About::Value(..) => {}
            }
        }
        let at = own.at.map_or_else(String::new, |at| phrase::when(debrief, at));
        Words { lang, own, at, what: what.join("; "), command }
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.own.about.iter().find_map(|about| match about {
            About::Value(own, value) if *own == key => Some(value.as_str()),
            _ => None,
        })
    }

    /// Which of several sentences fits.
    fn which(&self, kind: GapKind) -> &'static str {
        let share = |key: &str| self.value(key).and_then(|value| value.parse::<Exact>().ok());
        match kind {
            GapKind::SceneLost if self.command.is_empty() || self.at.is_empty() => "-plain",
            GapKind::Ahead if share("stated") > share("justified") => "-sure",
            GapKind::Silent if self.value("updates") == Some("0") => "-none",
            GapKind::Silent if self.value("stale").is_none() => "-promise",
            _ => "",
        }
    }

    fn fill(&self, key: &str) -> String {
        let percent = |key: &str| phrase::percent_of(self.value(key).unwrap_or("0"));
        let tenths = |key: &str| phrase::tenths_of(self.value(key).unwrap_or("0"));
        let text = |key: &str| self.value(key).unwrap_or_default().to_string();
        let count = self.own.entries.len().to_string();
        let none = || Span::ZERO.human();
        let stale = self.value("stale").map_or_else(none, str::to_string);
        let parts: [(&str, String); 13] = [
            ("time", self.at.clone()),
            ("count", count),
            ("stated", percent("stated")),
            ("justified", percent("justified")),
            ("carried", percent("carried")),
            ("harm", tenths("harm")),
            ("reference", tenths("reference")),
            ("proof", tenths("proof")),
            ("spent", text("spent")),
            ("due", text("due")),
            ("updates", text("updates")),
            ("stale", stale),
            ("command", self.command.clone()),
        ];
        let mut parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        // Last, for what it names is text of others, which may look like a place to fill in.
        parts.push(("what", &self.what));
        self.lang.with(key, &parts)
    }
}

/// A field of a form as people call it.
fn named(lang: &Lang, field: &str) -> String {
    let key = match field {
        "expected" | "checked" | "held" => format!("gapfield.{field}"),
        other => format!("gapfield.{other}"),
    };
    let said = lang.say(&key);
    if said == key { phrase::plain(field) } else { said.to_string() }
}

/// One line of the pattern: its name, what was seen, and whether there was anything to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HabitTold {
    pub name: String,
    pub seen: String,
    pub there: bool,
}

/// The pattern of this run, always the same five.
pub fn habits(lang: &Lang, debrief: &Debrief) -> Vec<HabitTold> {
    let own = &debrief.analysis.habits;
    let told = |key: &str, words: Option<String>| HabitTold {
        name: lang.say(&format!("habit.{key}-title")).to_string(),
        there: words.is_some(),
        seen: words.unwrap_or_else(|| lang.say(&format!("habit.{key}-none")).to_string()),
    };
    let anchored = own.anchored.as_ref().map(|own| {
        let (said, justified) = ((own.said / 10).to_string(), (own.justified / 10).to_string());
        let parts = [
            ("span", own.span.human()),
            ("time", phrase::when(debrief, own.from)),
            ("said", said),
            ("justified", justified),
            ("act", own.entry.to_string()),
            ("what", suspect(debrief, &own.suspect)),
        ];
        lang.with("habit.anchored", &parts.each_ref().map(|(name, value)| (*name, value.as_str())))
    });
    let premature: Vec<String> = own
        .premature
        .iter()
        .map(|(rival, share)| {
            format!("{} ({} %)", phrase::listed(&debrief.names, std::slice::from_ref(rival)), share / 10)
        })
        .collect();
    let premature = (!premature.is_empty()).then(|| lang.with("habit.premature", &[("what", &premature.join("; "))]));
    let (idle, all) = own.confirming;
    let confirming =
        (all > 0).then(|| lang.with("habit.confirming", &[("n", &idle.to_string()), ("all", &all.to_string())]));
    let blanks: Vec<String> = own.one_instrument.iter().map(|blank| phrase::blank(lang, *blank)).collect();
    let single = (!blanks.is_empty()).then(|| lang.with("habit.one-instrument", &[("what", &blanks.join("; "))]));
    let acts: Vec<String> = own.ahead.iter().map(|(entry, _)| entry.to_string()).collect();
    let most = own.ahead.iter().map(|(_, share)| share / 10).max().unwrap_or(0).to_string();
    let ahead = (!acts.is_empty()).then(|| {
        lang.with("habit.ahead", &[("n", &acts.len().to_string()), ("acts", &acts.join(" ")), ("most", &most)])
    });
    vec![
        told("anchored", anchored),
        told("premature", premature),
        told("confirming", confirming),
        told("one-instrument", single),
        told("ahead", ahead),
    ]
}

/// A suspect by its words; the truth by those of its answers.
fn suspect(debrief: &Debrief, own: &Suspect) -> String {
    use crate::case::score::truth::Blank;
    match own {
        Suspect::Rival(id) => format!("“{}”", phrase::listed(&debrief.names, std::slice::from_ref(id))),
        Suspect::Other(id) => format!("h{id}"),
        Suspect::Truth => {
            let word = |blank: Blank| debrief.words.iter().find(|told| told.blank == blank);
            let words: Vec<String> = [Blank::Culprit, Blank::Mechanism]
                .into_iter()
                .filter_map(word)
                .map(|told| phrase::plain(&told.answer))
                .collect();
            format!("“{}”", words.join(": "))
        }
    }
}

/// While a missed clue could be had, and how it went.
pub fn window(lang: &Lang, debrief: &Debrief, missed: &Missed) -> String {
    let Some(own) = missed.window else { return String::new() };
    let from = phrase::when(debrief, own.from);
    let Some(until) = own.until.map(|until| phrase::when(debrief, until)) else {
        return lang.with("window.to-end", &[("from", &from)]);
    };
    let had = lang.with("window.from-to", &[("from", &from), ("until", &until)]);
    match own.lost {
        Some(loss) => format!("{had}; {}", lost_at(lang, &until, loss)),
        None => had,
    }
}

fn lost_at(lang: &Lang, until: &str, loss: Loss) -> String {
    match loss {
        Loss::Expired => lang.with("window.expired", &[("until", until)]),
        Loss::Through { entry } => lang.with("window.lost", &[("until", until), ("act", &entry.to_string())]),
    }
}

/// A clue that is gone, at the moment of the timeline where it went.
pub fn lost(lang: &Lang, debrief: &Debrief, own: &Lost) -> String {
    let clue = phrase::listed(&debrief.names, std::slice::from_ref(&own.clue));
    let how = match own.how {
        Loss::Expired => lang.say("told.expired"),
        Loss::Through { .. } => lang.say("told.destroyed"),
    };
    format!("{clue} — {how}")
}

/// How things stood at a moment, in short parts: `evidence 57 %`, `you said 80 %`, `harm 100 %`.
pub fn then(lang: &Lang, own: &Then) -> Vec<String> {
    let percent = |key: &str, share: u16| format!("{} {} %", lang.say(key), share / 10);
    let mut parts = Vec::new();
    if own.moved || own.stated.is_some() {
        parts.push(percent("html.then-justified", own.justified));
    }
    parts.extend(own.stated.map(|stated| percent("html.then-said", stated)));
    if own.harm > 0 {
        parts.push(percent("html.then-harm", own.harm));
    }
    parts
}

pub fn link(lang: &Lang, debrief: &Debrief, own: &LinkTold) -> String {
    let said = match own.said {
        Link::For => "linked.for",
        Link::Against => "linked.against",
        Link::Neutral => "linked.neutral",
    };
    let is = match own.is {
        Rating::Against => "linked.rules-out",
        Rating::Fits => "linked.fits",
        Rating::Silent => "linked.silent",
    };
    let exhibit = own.exhibit.to_string();
    let suspect = format!("{}: {}", phrase::plain(&own.thing), phrase::plain(&own.how));
    let clues = phrase::listed(&debrief.names, &own.clues);
    let parts = [
        ("exhibit", exhibit.as_str()),
        ("said", lang.say(said)),
        ("is", lang.say(is)),
        ("suspect", suspect.as_str()),
        ("clues", clues.as_str()),
    ];
    lang.with("linked.read", &parts).replace(" ()", "")
}

/// The six times, each with its words, and the two differences.
pub fn times(lang: &Lang, debrief: &Debrief) -> Vec<(String, String)> {
    let own = &debrief.analysis.times;
    let at = |at: Option<Time>| at.map_or_else(|| lang.say("html.time-never").into(), |at| phrase::when(debrief, at));
    let between = |a: Option<Time>, b: Option<Time>| match (a, b) {
        (Some(a), Some(b)) if a < b => format!("−{}", (b - a).human()),
        (Some(a), Some(b)) => format!("+{}", (a - b).human()),
        _ => "–".to_string(),
    };
    let rows = [
        ("first", at(own.first_look)),
        ("justified", at(own.justified)),
        ("committed", at(own.committed)),
        ("mitigated", at(own.mitigated)),
        ("verified", at(own.verified)),
        ("resolved", at(own.resolved)),
        ("gap-committed", between(own.committed, own.justified)),
        ("gap-mitigated", between(own.mitigated, own.justified)),
    ];
    rows.into_iter().map(|(key, value)| (lang.say(&format!("html.time-{key}")).to_string(), value)).collect()
}

/// `you guessed high, it was middle`.
pub fn guess(lang: &Lang, own: &GuessTold) -> String {
    let word = |guess: Guess| match guess {
        Guess::Low => lang.say("guess.low"),
        Guess::Middle => lang.say("guess.middle"),
        Guess::High => lang.say("guess.high"),
    };
    let was = own.was.map_or_else(|| lang.say("told.not-scored"), word);
    lang.with("html.guess", &[("guess", word(own.guess)), ("was", was)])
}

/// A step of a way on one line: its command without the sign of the prompt.
pub fn step(own: &StepTold) -> String {
    phrase::plain(&own.typed)
}

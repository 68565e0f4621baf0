//! What the judge, the other side and the trainer say, in a language: bands, objections, hints, how long evidence lasts.
//! One place for every face. Does not decide what is said.

use super::volatile::Lasts;
use crate::case::board::{Aim, Band, Doubt, Hinted, Objection};
use crate::case::score::truth::Blank;
use crate::console::fact::Channel;
use crate::scenario::shape::Case;
use crate::stdx::lang::Lang;

/// The judge's words for a verdict: how many claims hold, never which.
pub fn band(band: Band, lang: &Lang) -> &str {
    lang.say(match band {
        Band::AllHold => "judge.all-hold",
        Band::SomeFail => "judge.some-fail",
        Band::ManyFail => "judge.many-fail",
    })
}

/// An objection, with its number.
pub fn objection(objection: &Objection, case: &Case, lang: &Lang) -> String {
    let told = |text: &str| case.told(lang.code, text).to_string();
    let says = match &objection.doubt {
        Doubt::Rival { thing, how, .. } => {
            lang.with("objection.rival", &[("thing", &told(thing)), ("how", &told(how))])
        }
        Doubt::Proof { blank: of, word } => {
            lang.with("objection.proof", &[("blank", blank(*of, lang)), ("word", &told(word))])
        }
        Doubt::Link { words: (from, to), .. } => {
            lang.with("objection.link", &[("from", &told(from)), ("to", &told(to))])
        }
    };
    format!("o{}: {says}", objection.id)
}

/// A hint: what it is good for, from the second rung where to ask, on the third what was shown.
pub fn hint(hinted: &Hinted, case: &Case, lang: &Lang) -> String {
    let told = |text: &str| case.told(lang.code, text).to_string();
    let named = |(thing, how): &(String, String)| format!("  {}: {}", told(thing), told(how));
    let mut lines = match &hinted.aim {
        Aim::Apart(suspects) => {
            std::iter::once(lang.say("hint.apart").to_string()).chain(suspects.iter().map(named)).collect()
        }
        Aim::Prove(of) => vec![lang.with("hint.prove", &[("blank", blank(*of, lang))])],
        Aim::Clear { thing, how } => vec![lang.say("hint.clear").to_string(), named(&(thing.clone(), how.clone()))],
    };
    if let Some(asked) = &hinted.asked {
        let instrument = asked.channel.map_or_else(String::new, |channel| instrument(channel, lang));
        let key = if asked.about.is_empty() { "hint.ask" } else { "hint.ask-about" };
        lines.push(lang.with(key, &[("instrument", &instrument), ("object", &asked.about)]));
    }
    if let Some(shown) = &hinted.shown {
        let numbers: Vec<String> = shown.lines.iter().map(|line| (line + 1).to_string()).collect();
        let key = if numbers.is_empty() { "hint.page" } else { "hint.lines" };
        let parts = [("page", shown.page.to_string()), ("lines", numbers.join(" ")), ("text", told(&shown.say))];
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        lines.push(lang.with(key, &parts));
    }
    lines.join("\n")
}

/// Until when evidence of a kind can be read again.
pub fn lasts(lasts: Lasts, lang: &Lang) -> &str {
    lang.say(match lasts {
        Lasts::Event => "lasts.event",
        Lasts::Message => "lasts.message",
        Lasts::HighResolution => "lasts.high-resolution",
        Lasts::ContainerLog => "lasts.container-log",
        Lasts::PodStatus => "lasts.pod-status",
        Lasts::State => "lasts.state",
    })
}

/// An instrument, as people call it.
pub fn instrument(channel: Channel, lang: &Lang) -> String {
    let name = serde_json::to_value(channel).ok();
    lang.say(&format!("instrument.{}", name.as_ref().and_then(|name| name.as_str()).unwrap_or_default())).to_string()
}

fn blank(blank: Blank, lang: &Lang) -> &str {
    lang.say(match blank {
        Blank::Culprit => "blank.culprit",
        Blank::Mechanism => "blank.mechanism",
        Blank::Trigger => "blank.trigger",
        Blank::Impact => "blank.impact",
        Blank::Onset => "blank.onset",
    })
}

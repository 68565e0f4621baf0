//! The papers of a game day: before it the briefing, the role cards and the facilitator's paper, after it the team's report.
//! Does not know files, nor how a plan is made.

mod after;
mod briefing;
mod cards;
pub mod compare;
mod course;
mod facilitator;
mod flow;
mod json;
mod script;

pub use after::{After, write};

use super::paper::{Block, Part};
use crate::drill::run::Run;
use crate::drill::team::plan::{self, Choice, Place, Plan, Reason};
use crate::scenario::gameday::{Card, Role};
use crate::scenario::shape::Case;
use crate::stdx::lang::Lang;

/// A day that is planned, in the reader's language.
pub struct Day<'a> {
    /// The case as it was cast, at its page.
    pub run: &'a Run,
    /// The same case, told in the language.
    case: Case,
    pub plan: &'a Plan,
    pub chosen: &'a Choice,
    /// The next best, for whoever wants another.
    pub others: &'a [Choice],
    pub lang: &'a Lang,
}

impl<'a> Day<'a> {
    pub fn new(run: &'a Run, plan: &'a Plan, (chosen, others): (&'a Choice, &'a [Choice]), lang: &'a Lang) -> Day<'a> {
        Day { run, case: run.case.told_in(lang.code), plan, chosen, others, lang }
    }

    fn card(&self, id: &str) -> Option<&Card> {
        self.case.gameday.card(id)
    }

    fn part(&self, key: &'static str, blocks: Vec<Block>) -> Part {
        part(self.lang, key, blocks)
    }

    /// What a seat is called: its card's title, else its roles.
    fn seat(&self, place: &Place) -> String {
        self.card(&place.part).map_or_else(|| roles(self.lang, &place.roles), |card| card.title.clone())
    }

    /// From minute to minute, and what then.
    fn times(&self) -> Block {
        let schedule = plan::schedule(self.plan.minutes, self.chosen.case.minutes);
        let first = [("briefing", schedule.briefing), ("play", schedule.play), ("spare", schedule.spare)];
        let mut at = 0;
        let mut rows = Vec::new();
        for (key, minutes) in first.into_iter().chain(plan::DEBRIEF).filter(|(_, minutes)| *minutes > 0) {
            let what = self.lang.say(&format!("gameday.time-{key}")).to_string();
            rows.push(vec![span(at, at + minutes), minutes.to_string(), what]);
            at += minutes;
        }
        Block::Table { heads: heads(self.lang, &["time", "minutes", "what"]), rows }
    }

    fn reasons(&self, choice: &Choice) -> String {
        let told: Vec<String> = choice.reasons.iter().map(|own| reason(self.lang, own)).collect();
        told.join("; ")
    }
}

/// `0:05 – 0:35`.
fn span(from: u32, to: u32) -> String {
    format!("{}:{:02} – {}:{:02}", from / 60, from % 60, to / 60, to % 60)
}

/// Why a case is proposed, in a few words.
pub fn reason(lang: &Lang, reason: &Reason) -> String {
    let with = |key: &str, parts: &[(&str, String)]| {
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        lang.with(&format!("gameday.why-{key}"), &parts)
    };
    match reason {
        Reason::Level { own, wished } => {
            let key = if own == wished { "level" } else { "level-other" };
            with(key, &[("own", own.to_string()), ("wished", wished.to_string())])
        }
        Reason::Tags(tags) => with("tags", &[("tags", tags.join(", "))]),
        Reason::Minutes { own, play } => with("minutes", &[("own", own.to_string()), ("play", play.to_string())]),
        Reason::Split(n) => with("split", &[("n", n.to_string())]),
        Reason::TooFew { least } => with("too-few", &[("n", least.to_string())]),
        Reason::Fresh => with("fresh", &[]),
        Reason::Played(n) => with("played", &[("n", n.to_string())]),
    }
}

/// A part by the key of its title.
fn part(lang: &Lang, key: &'static str, blocks: Vec<Block>) -> Part {
    Part::new(key.trim_start_matches("gameday."), lang.say(key), blocks)
}

fn heads(lang: &Lang, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| lang.say(&format!("column.{key}")).to_string()).collect()
}

/// Rows `key-1`, `key-2`, … as far as there are.
fn numbered(lang: &Lang, key: &str) -> Vec<String> {
    let row = |n: u32| format!("{key}-{n}");
    (1..=20).map(row).take_while(|key| lang.say(key) != key).map(|key| lang.say(&key).to_string()).collect()
}

/// Roles as people say them.
fn roles(lang: &Lang, roles: &[Role]) -> String {
    let said: Vec<String> = roles.iter().map(|role| lang.say(&format!("role.{}", role.name())).to_string()).collect();
    said.join(", ")
}

/// Text of the case, a paragraph each.
fn paragraphs(text: &str) -> impl Iterator<Item = Block> + '_ {
    text.split("\n\n").map(|own| own.split_whitespace().collect::<Vec<_>>().join(" ")).map(Block::Text)
}

//! The debrief as one HTML file that needs nothing else: first what the learner said, then what happened, then what it may
//! mean, then every point with its reason, then other ways through it. Does not know the screen.

pub mod chart;
mod course;
mod lessons;
pub mod page;
mod score;
mod ways;

use super::phrase;
use crate::case::debrief::Debrief;
use crate::case::score::Dim;
use crate::stdx::lang::Lang;
use maud::{Markup, html};
use page::{Head, Section, document};
use std::collections::BTreeSet;

pub fn write(debrief: &Debrief, lang: &Lang) -> String {
    let own = &debrief.heading;
    let title = if own.title.is_empty() { &own.case } else { &own.title };
    let head = Head { title: title.clone(), lines: vec![phrase::heading(lang, debrief)] };
    let told = Telling { debrief, lang, acts: debrief.moments.iter().filter_map(|moment| moment.entry).collect() };
    document(lang, &head, &told.sections())
}

/// What every part of the page reads.
struct Telling<'a> {
    debrief: &'a Debrief,
    lang: &'a Lang,
    /// Acts that have a row in the timeline.
    acts: BTreeSet<u32>,
}

impl Telling<'_> {
    fn sections(&self) -> Vec<Section> {
        let mut out = Vec::new();
        let mut put = |id: &'static str, title: &str, about: &str, body: Option<Markup>| {
            let about = if about.is_empty() { "" } else { self.lang.say(about) };
            let title = self.lang.say(title).to_string();
            out.extend(body.map(|body| Section { id: id.into(), title, about: about.to_string(), body }));
        };
        put("words", "html.section-reflection", "html.about-reflection", lessons::reflection(self));
        put("score", "section.score", "html.about-score", Some(score::score(self)));
        put("verdict", "section.verdict", "html.about-verdict", Some(score::verdict(self)));
        put("gaps", "html.section-gaps", "html.about-gaps", Some(lessons::gaps(self)));
        put("charts", "html.section-charts", "html.about-charts", Some(course::charts(self)));
        put("timeline", "section.timeline", "html.about-timeline", Some(course::timeline(self)));
        put("pattern", "html.section-pattern", "html.about-pattern", Some(lessons::pattern(self)));
        put("predictions", "section.predictions", "html.about-predictions", Some(lessons::predictions(self)));
        put("missed", "section.missed", "html.about-missed", Some(lessons::missed(self)));
        put("ledger", "section.ledger", "html.about-ledger", Some(score::ledger(self)));
        put("proof", "html.section-proof", "html.about-proof", Some(ways::proofs(self)));
        put("ways", "html.section-ways", "html.about-ways", ways::side_by_side(self));
        put("twin", "html.section-contrasts", "html.about-contrasts", ways::contrasts(self));
        put("cards", "section.cards", "html.about-cards", lessons::cards(self));
        put("next", "section.next", "", lessons::pledge(self));
        out
    }

    fn say<'b>(&'b self, key: &'b str) -> &'b str {
        self.lang.say(key)
    }

    /// Clues or rivals as people call them.
    fn listed(&self, ids: &[String]) -> String {
        phrase::listed(&self.debrief.names, ids)
    }

    /// Links to acts of the timeline.
    fn links(&self, entries: &[u32]) -> Markup {
        page::acts(self.lang, entries, |entry| self.acts.contains(&entry))
    }

    /// A dimension's name without its letter, which has a place of its own.
    fn dim(&self, dim: Dim) -> String {
        let row = self.debrief.score.dims.iter().find(|sum| sum.dim == dim);
        let Some(row) = row else { return self.say("hints.title").to_string() };
        let said = self.lang.say(&format!("dim.{}", row.name)).to_string();
        said.split_once("  ").map_or(said.clone(), |(_, name)| name.to_string())
    }

    /// Exhibits, each leading to the act that bagged it.
    fn exhibits(&self, ids: &[u32]) -> Markup {
        let bagged = |id: u32| {
            let lead = format!("e{id}:");
            let own = |moment: &&crate::case::debrief::Moment| {
                moment.key.starts_with("moment.bag") && moment.text.starts_with(&lead)
            };
            self.debrief.moments.iter().find(own).and_then(|moment| moment.entry)
        };
        html! {
            @for (at, id) in ids.iter().enumerate() {
                @if at > 0 { " " }
                @match bagged(*id) {
                    Some(entry) => a.act href={ "#act-" (entry) } { "e" (id) },
                    None => { "e" (id) }
                }
            }
        }
    }
}

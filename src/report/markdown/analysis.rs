//! The analysis of a run in Markdown: what the learner said, gaps, the pattern, times, both ways, the twin. Every foreign
//! character is escaped by the tables and lines of its parent.

use super::{line, safe, table};
use crate::case::debrief::{Debrief, StepTold};
use crate::report::{phrase, telling};
use crate::stdx::lang::Lang;
use crate::stdx::text::clip;

/// A line of a page that is compared is cut here.
const LINE_COLUMNS_MAX: usize = 160;

fn head(out: &mut String, lang: &Lang, key: &str) {
    line(out, &format!("## {}", safe(lang.say(key))));
}

/// What was said before the numbers; nothing where nothing was.
pub fn reflection(out: &mut String, debrief: &Debrief, lang: &Lang) {
    let Some(said) = &debrief.reflection else { return };
    head(out, lang, "html.section-reflection");
    if !said.reaction.is_empty() {
        line(out, &format!("> {}", safe(&said.reaction)));
    }
    let guesses = said.guesses.iter().map(|own| vec![format!("{:?}", own.dim), telling::guess(lang, own)]);
    if !said.guesses.is_empty() {
        table(out, lang, &["dimension", "said"], guesses);
    }
}

pub fn gaps(out: &mut String, debrief: &Debrief, lang: &Lang) {
    head(out, lang, "html.section-gaps");
    if debrief.analysis.gaps.is_empty() {
        line(out, &safe(lang.say("gap.none")));
    }
    for (own, number) in debrief.analysis.gaps.iter().zip(1..) {
        let told = telling::gap(lang, debrief, own);
        let acts = if told.acts.is_empty() { String::new() } else { format!(" ({})", safe(&told.acts)) };
        line(out, &format!("{number}. **{}** {}{acts}", safe(&told.lost), safe(&told.observation)));
        line(out, &format!("   {}", safe(&told.concern)));
        line(out, &format!("   *{}*", safe(&told.question)));
    }
}

pub fn pattern(out: &mut String, debrief: &Debrief, lang: &Lang) {
    head(out, lang, "html.section-pattern");
    let habits = telling::habits(lang, debrief);
    table(out, lang, &["what", "why"], habits.into_iter().map(|own| vec![own.name, own.seen]));
    for own in &debrief.analysis.links {
        line(out, &format!("* {}", safe(&telling::link(lang, debrief, own))));
    }
    head(out, lang, "html.times");
    let times = telling::times(lang, debrief);
    table(out, lang, &["what", "time"], times.into_iter().map(|(what, time)| vec![what, time]));
}

/// The fair way, both ways, and the twin.
pub fn ways(out: &mut String, debrief: &Debrief, lang: &Lang) {
    let own = &debrief.analysis;
    line(out, &format!("## {}", safe(&lang.with("html.fair", &[("span", &own.fair.cost.human())]))));
    let steps = own.fair.steps.iter();
    let row = |step: &crate::case::debrief::ProofStep| {
        vec![step.cost.human(), step.command.clone(), phrase::listed(&debrief.names, &step.clues)]
    };
    table(out, lang, &["cost", "command", "clues"], steps.map(row));
    if !own.ways.expert.is_empty() {
        head(out, lang, "html.asked");
        let row = |step: &StepTold| {
            let why = step.why.join(" ");
            let clues = phrase::listed(&debrief.names, &step.clues);
            vec![phrase::when(debrief, step.at), telling::step(step), why, clues, percent(step.justified)]
        };
        table(out, lang, &["time", "command", "why", "clues", "evidence"], own.ways.expert.iter().map(row));
    }
    let differ: Vec<_> = own.contrasts.iter().filter(|own| !own.lines.is_empty()).collect();
    if differ.is_empty() {
        return;
    }
    head(out, lang, "html.section-contrasts");
    for own in differ {
        line(out, &format!("### {}", safe(&own.command)));
        let side = |healthy: bool| lang.say(if healthy { "html.contrast-healthy" } else { "html.contrast-here" });
        let rows = own
            .lines
            .iter()
            .map(|(healthy, text)| vec![side(*healthy).to_string(), clip(&phrase::plain(text), LINE_COLUMNS_MAX)]);
        table(out, lang, &["", "what"], rows);
    }
}

fn percent(share: u16) -> String {
    format!("{} %", share / 10)
}

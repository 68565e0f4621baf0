//! The analysis of a run as rows: gaps, the pattern, times, the fair way. Does not know colours.

use super::{Row, Section, Tone, item, plain_line, section};
use crate::case::debrief::Debrief;
use crate::report::{phrase, telling};
use crate::stdx::lang::Lang;

/// Columns of what a gap cost.
const LOST_COLUMNS: usize = 6;
/// Columns of a habit's name.
const NAME_COLUMNS: usize = 24;

pub fn gaps(debrief: &Debrief, lang: &Lang) -> Section {
    let mut rows: Vec<(Tone, Row)> = Vec::new();
    for own in &debrief.analysis.gaps {
        let told = telling::gap(lang, debrief, own);
        let acts = if told.acts.is_empty() { String::new() } else { format!(" ({})", told.acts) };
        rows.push(item(Tone::Near, &told.lost, LOST_COLUMNS, &format!("{}{acts}", told.observation)));
        rows.push(item(Tone::Plain, "", LOST_COLUMNS, &told.concern));
        rows.push(item(Tone::You, "", LOST_COLUMNS, &told.question));
    }
    if rows.is_empty() {
        rows.push(plain_line(Tone::Dim, lang.say("gap.none")));
    }
    section(lang, "html.section-gaps", rows)
}

pub fn pattern(debrief: &Debrief, lang: &Lang) -> Section {
    let habits = telling::habits(lang, debrief).into_iter();
    let rows = habits.map(|own| {
        let tone = if own.there { Tone::Near } else { Tone::Dim };
        item(tone, &own.name, NAME_COLUMNS, &own.seen)
    });
    let links = debrief.analysis.links.iter().map(|own| plain_line(Tone::Near, &telling::link(lang, debrief, own)));
    section(lang, "html.section-pattern", rows.chain(links).collect())
}

pub fn times(debrief: &Debrief, lang: &Lang) -> Section {
    let columns = phrase::when_columns(debrief, std::iter::once(debrief.heading.ended_at));
    let times = telling::times(lang, debrief).into_iter();
    section(lang, "html.times", times.map(|(what, time)| item(Tone::Plain, &time, columns, &what)).collect())
}

pub fn fair(debrief: &Debrief, lang: &Lang) -> Section {
    let own = &debrief.analysis.fair;
    let steps = own.steps.iter().map(|step| {
        item(Tone::Command, &step.cost.human(), LOST_COLUMNS, &format!("$ {}", phrase::plain(&step.command)))
    });
    let mut told = section(lang, "html.fair", steps.collect());
    told.title = lang.with("html.fair", &[("span", &own.cost.human())]);
    told
}

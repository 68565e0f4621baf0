//! The concept cards of a debrief as rows: what a part does, how it fails, where that shows, and what the learner met of it.
//! Does not know formats.

use super::phrase;
use super::sheet::{Row, Section, Tone};
use crate::case::concepts::{CardClue, CardTold, Met};
use crate::case::debrief::Debrief;
use crate::stdx::lang::Lang;

/// Columns of a part's name.
const LABEL_COLUMNS: usize = 14;

/// The section; `None` if the case names no cards.
pub fn section(debrief: &Debrief, lang: &Lang) -> Option<Section> {
    if debrief.cards.is_empty() {
        return None;
    }
    let rows = debrief.cards.iter().flat_map(|told| rows(debrief, told, lang)).collect();
    Some(Section { title: lang.say("section.cards").to_string(), rows })
}

fn row(tone: Tone, label: &str, columns: usize, text: &str) -> (Tone, Row) {
    (tone, Row::Item { label: label.to_string(), columns, text: text.to_string() })
}

fn rows(debrief: &Debrief, told: &CardTold, lang: &Lang) -> Vec<(Tone, Row)> {
    let Some(text) = told.card.text(lang.code) else { return Vec::new() };
    let tone = match told.clues.first().map(|first| &first.met) {
        Some(Met::Missed { .. }) => Tone::Bad,
        Some(Met::Seen { .. }) => Tone::Near,
        Some(Met::Bagged { .. }) => Tone::Good,
        None => Tone::You,
    };
    let mut rows = vec![row(tone, "▪", 1, &text.title)];
    for clue in &told.clues {
        let tone = match clue.met {
            Met::Missed { .. } => Tone::Bad,
            Met::Seen { .. } => Tone::Near,
            Met::Bagged { .. } => Tone::Good,
        };
        rows.push(row(tone, "", 1, &why(debrief, clue, lang)));
        if let Met::Missed { command } = &clue.met {
            rows.push(row(Tone::Command, "", 3, &format!("$ {}", phrase::plain(command))));
        }
    }
    let parts = [("does", &text.does), ("fails", &text.fails), ("shows", &text.shows), ("next", &text.next)];
    for (key, words) in parts {
        rows.push(row(Tone::Plain, &format!("  {}", lang.say(&format!("card.{key}"))), LABEL_COLUMNS + 4, words));
    }
    for command in &told.card.commands {
        rows.push(row(Tone::Command, "", 3, &format!("$ {command}")));
    }
    rows
}

/// Why a card is here: `missed: the kernel ended the process`.
pub fn why(debrief: &Debrief, told: &CardClue, lang: &Lang) -> String {
    let clue = phrase::listed(&debrief.names, std::slice::from_ref(&told.clue));
    match &told.met {
        Met::Missed { .. } => lang.with("card.missed", &[("clue", &clue)]),
        Met::Seen { entry } => lang.with("card.seen", &[("clue", &clue), ("act", &entry.to_string())]),
        Met::Bagged { exhibits } => {
            let exhibits: Vec<String> = exhibits.iter().map(|id| format!("e{id}")).collect();
            lang.with("card.bagged", &[("clue", &clue), ("exhibits", &exhibits.join(" "))])
        }
    }
}

//! The debrief as Markdown: tables and lists, every foreign character escaped. Does not know who renders it.

mod analysis;

use super::{cards, phrase, telling};
use crate::case::concepts::Met;
use crate::case::debrief::Debrief;
use crate::stdx::lang::Lang;
use crate::stdx::text::clip;

/// A command of the timeline stays on one line of a usual page.
const COMMAND_COLUMNS_MAX: usize = 100;

pub fn write(debrief: &Debrief, lang: &Lang) -> String {
    let mut out = String::new();
    let head = |key: &str| format!("## {}", lang.say(key));
    let title = if debrief.heading.title.is_empty() { &debrief.heading.case } else { &debrief.heading.title };
    line(&mut out, &format!("# {}", safe(title)));
    line(&mut out, &safe(&phrase::heading(lang, debrief)));
    analysis::reflection(&mut out, debrief, lang);
    let (got, max) = (phrase::points(debrief.score.total_m()), debrief.score.max().to_string());
    let points = lang.with("told.points", &[("got", &got), ("max", &max)]);
    line(&mut out, &format!("**{} {points}**", lang.say("section.score")));
    scores(&mut out, debrief, lang);
    line(&mut out, &head("section.verdict"));
    table(
        &mut out,
        lang,
        &["blank", "said"],
        debrief.words.iter().map(|w| vec![phrase::blank(lang, w.blank), phrase::word(lang, w)]),
    );
    line(&mut out, &head("section.rivals"));
    table(&mut out, lang, &["rival"], debrief.rivals.iter().map(|r| vec![phrase::rival(lang, &debrief.names, r)]));
    analysis::gaps(&mut out, debrief, lang);
    ledger(&mut out, debrief, lang);
    line(&mut out, &head("section.timeline"));
    let moments = debrief.moments.iter().map(|moment| {
        let (command, words) = phrase::moment(lang, moment);
        let parts = [clip(&command, COMMAND_COLUMNS_MAX), words];
        let text = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("  ");
        let at = phrase::when(debrief, moment.at);
        match moment.entry {
            Some(entry) => {
                let act = lang.with("told.act", &[("n", &entry.to_string())]);
                vec![at, String::new(), format!("{text} ({act})")]
            }
            None => vec![at, text, String::new()],
        }
    });
    table(&mut out, lang, &["time", "estate", "you"], moments);
    analysis::pattern(&mut out, debrief, lang);
    line(&mut out, &head("section.predictions"));
    let told = debrief.predictions.iter();
    table(
        &mut out,
        lang,
        &["time", "change", "came"],
        told.map(|told| vec![phrase::when(debrief, told.at), told.command.clone(), phrase::prediction(lang, told)]),
    );
    line(&mut out, &head("section.missed"));
    let told = debrief.missed.iter();
    table(
        &mut out,
        lang,
        &["clue", "at", "window"],
        told.map(|told| {
            let window = telling::window(lang, debrief, told);
            vec![phrase::missed(lang, &debrief.names, told), told.at.join(" | "), window]
        }),
    );
    proof(&mut out, debrief, lang);
    analysis::ways(&mut out, debrief, lang);
    cards(&mut out, debrief, lang);
    if let Some(next) = debrief.reflection.as_ref().map(|said| &said.pledge).filter(|pledge| !pledge.is_empty()) {
        line(&mut out, &head("section.next"));
        line(&mut out, &safe(next));
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

/// Text that means nothing to Markdown or HTML, on one line.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in phrase::plain(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' | '@'
            | ':' => {
                out.push('\\');
                out.push(c);
            }
            '-' | '=' if out.is_empty() => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A table with the words of `column.` and each head above it.
fn table(out: &mut String, lang: &Lang, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        line(out, lang.say("told.none"));
        return;
    }
    let named = |head: &&str| if head.is_empty() { String::new() } else { lang.say(&format!("column.{head}")).into() };
    let heads: Vec<String> = heads.iter().map(named).collect();
    out.push_str(&format!("| {} |\n", heads.join(" | ")));
    out.push_str(&format!("|{}\n", " --- |".repeat(heads.len())));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| safe(cell)).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push('\n');
}

fn scores(out: &mut String, debrief: &Debrief, lang: &Lang) {
    let rows = debrief.score.dims.iter().map(|sum| {
        let got = match sum.got {
            Some(_) => phrase::points(debrief.score.dim_m(sum.dim)),
            None => lang.say("told.not-scored").to_string(),
        };
        // Its letter has a column of its own.
        let key = format!("dim.{}", sum.name);
        let name = lang.say(&key);
        let name = name.split_once("  ").map_or(name, |(_, name)| name).to_string();
        vec![format!("{:?}", sum.dim), name, got, sum.max.to_string()]
    });
    table(out, lang, &["", "dimension", "points", "of"], rows);
    if let Some(halves) = phrase::halves(lang, &debrief.score) {
        line(out, &safe(&halves));
    }
}

fn ledger(out: &mut String, debrief: &Debrief, lang: &Lang) {
    line(out, &format!("## {}", lang.say("section.ledger")));
    let rows = debrief.score.ledger.iter().map(|own| {
        vec![
            format!("{:?}", own.dim),
            phrase::points(own.got_m),
            phrase::points(own.max_m()),
            phrase::ledger_subject(lang, &debrief.names, own),
            phrase::ledger_reason(lang, own),
            phrase::entries(lang, own),
        ]
    });
    table(out, lang, &["", "points", "of", "what", "why", "where"], rows);
}

fn proof(out: &mut String, debrief: &Debrief, lang: &Lang) {
    line(out, &format!("## {}: {}", lang.say("section.proof"), debrief.proof.cost.human()));
    let steps = debrief.proof.steps.iter();
    table(
        out,
        lang,
        &["cost", "command", "clues"],
        steps.map(|step| vec![step.cost.human(), step.command.clone(), phrase::listed(&debrief.names, &step.clues)]),
    );
    if !debrief.proof.short_of.is_empty() {
        let what = phrase::listed(&debrief.names, &debrief.proof.short_of);
        line(out, &safe(&lang.with("told.short-of", &[("what", &what)])));
    }
}

/// Each concept under a heading of its own: why it is here, then what it says.
fn cards(out: &mut String, debrief: &Debrief, lang: &Lang) {
    if debrief.cards.is_empty() {
        return;
    }
    line(out, &format!("## {}", lang.say("section.cards")));
    for told in &debrief.cards {
        let Some(text) = told.card.text(lang.code) else { continue };
        line(out, &format!("### {}", safe(&text.title)));
        let why = told.clues.iter().map(|clue| match &clue.met {
            Met::Missed { command } => vec![cards::why(debrief, clue, lang), command.clone()],
            _ => vec![cards::why(debrief, clue, lang), String::new()],
        });
        if !told.clues.is_empty() {
            table(out, lang, &["clue", "at"], why);
        }
        for (key, words) in [("does", &text.does), ("fails", &text.fails), ("shows", &text.shows), ("next", &text.next)]
        {
            line(out, &format!("**{}**: {}", safe(lang.say(&format!("card.{key}"))), safe(words)));
        }
        let commands = told.card.commands.iter().map(|command| vec![command.clone()]);
        table(out, lang, &["command"], commands);
    }
}

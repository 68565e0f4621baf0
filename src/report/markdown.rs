//! The debrief as Markdown: tables and lists, every foreign character escaped. Does not know who renders it.

use super::phrase;
use crate::case::debrief::Debrief;
use crate::stdx::lang::Lang;
use crate::stdx::text::clip;

/// A command of the timeline stays on one line of a usual page.
const COMMAND_COLUMNS_MAX: usize = 100;

pub fn write(debrief: &Debrief) -> String {
    let (mut out, lang) = (String::new(), &Lang::english());
    let title = if debrief.heading.title.is_empty() { &debrief.heading.case } else { &debrief.heading.title };
    line(&mut out, &format!("# {}", safe(title)));
    line(&mut out, &safe(&phrase::heading(lang, debrief)));
    line(&mut out, &format!("**Score {}**", phrase::total(&debrief.score)));
    scores(&mut out, debrief);
    line(&mut out, "## Verdict");
    table(
        &mut out,
        &["blank", "said"],
        debrief.words.iter().map(|w| vec![phrase::blank(lang, w.blank), phrase::word(lang, w)]),
    );
    line(&mut out, "## Rivals");
    table(&mut out, &["rival"], debrief.rivals.iter().map(|r| vec![phrase::rival(lang, &debrief.names, r)]));
    ledger(&mut out, debrief, lang);
    line(&mut out, "## Timeline");
    let moments = debrief.moments.iter().map(|moment| {
        let (command, words) = phrase::moment(lang, moment);
        let parts = [clip(&command, COMMAND_COLUMNS_MAX), words];
        let text = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("  ");
        let at = phrase::when(debrief, moment.at);
        match moment.entry {
            Some(entry) => vec![at, String::new(), format!("{text} (act {entry})")],
            None => vec![at, text, String::new()],
        }
    });
    table(&mut out, &["time", "the estate", "you"], moments);
    line(&mut out, "## What you expected of your changes");
    let told = debrief.predictions.iter();
    table(
        &mut out,
        &["time", "change", "what came"],
        told.map(|told| vec![phrase::when(debrief, told.at), told.command.clone(), phrase::prediction(lang, told)]),
    );
    line(&mut out, "## Clues that you did not bag");
    let told = debrief.missed.iter();
    table(
        &mut out,
        &["clue", "where it was"],
        told.map(|told| vec![phrase::missed(lang, &debrief.names, told), told.at.join(" | ")]),
    );
    proof(&mut out, debrief);
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

/// Text that means nothing to Markdown or HTML, on one line.
fn safe(text: &str) -> String {
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

fn table(out: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        line(out, "None.");
        return;
    }
    out.push_str(&format!("| {} |\n", heads.join(" | ")));
    out.push_str(&format!("|{}\n", " --- |".repeat(heads.len())));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| safe(cell)).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push('\n');
}

fn scores(out: &mut String, debrief: &Debrief) {
    let rows = debrief.score.dims.iter().map(|sum| {
        let got = match sum.got {
            Some(_) => phrase::points(debrief.score.dim_m(sum.dim)),
            None => "not scored yet".to_string(),
        };
        vec![format!("{:?}", sum.dim), sum.name.to_string(), got, sum.max.to_string()]
    });
    table(out, &["", "dimension", "points", "of"], rows);
}

fn ledger(out: &mut String, debrief: &Debrief, lang: &Lang) {
    line(out, "## Ledger");
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
    table(out, &["", "points", "of", "what", "why", "where"], rows);
}

fn proof(out: &mut String, debrief: &Debrief) {
    line(out, &format!("## A short proof, with hindsight: {}", debrief.proof.cost.human()));
    let steps = debrief.proof.steps.iter();
    table(
        out,
        &["cost", "command", "clues"],
        steps.map(|step| vec![step.cost.human(), step.command.clone(), phrase::listed(&debrief.names, &step.clues)]),
    );
    if !debrief.proof.short_of.is_empty() {
        line(out, &format!("It falls short of: {}", safe(&phrase::listed(&debrief.names, &debrief.proof.short_of))));
    }
    if let Some(next) = &debrief.next_time {
        line(out, "## Next time");
        line(out, &safe(next));
    }
}

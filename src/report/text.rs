//! The debrief as plain text, 80 columns wide. Does not know colours.

use super::phrase;
use crate::case::debrief::Debrief;
use crate::stdx::text::{clip, width, wrap};

const COLUMNS: usize = 80;

pub fn write(debrief: &Debrief) -> String {
    let mut out = Page::default();
    out.line(&phrase::plain(&debrief.heading.title));
    out.line(&phrase::heading(debrief));
    out.line("");
    score(&mut out, debrief);
    verdict(&mut out, debrief);
    ledger(&mut out, debrief);
    timeline(&mut out, debrief);
    predictions(&mut out, debrief);
    missed(&mut out, debrief);
    proof(&mut out, debrief);
    out.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        self.line("");
        self.line(title);
        self.line(&"─".repeat(width(title)));
    }

    /// A label in a column of its own, and wrapped text beside it.
    fn item(&mut self, label: &str, columns: usize, text: &str) {
        let room = COLUMNS.saturating_sub(columns + 1).max(20);
        for (at, part) in wrap(text, room).iter().enumerate() {
            let label = if at == 0 { clip(label, columns) } else { String::new() };
            let gap = columns.saturating_sub(width(&label)) + 1;
            self.line(&format!("{label}{}{part}", " ".repeat(gap)));
        }
    }
}

fn score(out: &mut Page, debrief: &Debrief) {
    out.title(&format!("Score {}", phrase::total(&debrief.score)));
    for sum in &debrief.score.dims {
        let text = match sum.got {
            Some(_) => format!("{:>7} of {}", phrase::points(debrief.score.dim_m(sum.dim)), sum.max),
            None => "not scored yet".to_string(),
        };
        out.item(&format!("{:?}  {}", sum.dim, sum.name), 18, &text);
    }
}

fn verdict(out: &mut Page, debrief: &Debrief) {
    out.title("Verdict");
    for told in &debrief.words {
        out.item(told.blank.name(), 10, &phrase::word(told));
    }
    out.title("Rivals");
    for told in &debrief.rivals {
        out.item(&phrase::plain(&told.id), 10, &phrase::rival(told));
    }
}

fn ledger(out: &mut Page, debrief: &Debrief) {
    out.title("Ledger");
    for line in &debrief.score.ledger {
        let max = if line.max_m() > 0 { format!(" of {}", phrase::points(line.max_m())) } else { String::new() };
        let points = format!("{:?} {:>6}{max}", line.dim, phrase::points(line.got_m));
        let why: Vec<String> = [phrase::ledger_subject(line), phrase::ledger_reason(line), phrase::entries(line)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        out.item(&points, 20, &why.join(" · "));
    }
    out.line(&format!("= {:>6}", phrase::points(debrief.score.total_m())));
}

fn timeline(out: &mut Page, debrief: &Debrief) {
    out.title("Timeline");
    for moment in &debrief.moments {
        let mark = if moment.entry.is_some() { "      ▓ you: " } else { "  ░ " };
        let lane = if moment.entry.is_some() { String::new() } else { format!("{}: ", phrase::lane(moment.lane)) };
        let text = clip(&phrase::plain(&moment.text), 200);
        out.item(&moment.at.clock(), 8, &format!("{mark}{lane}{text}"));
    }
}

fn predictions(out: &mut Page, debrief: &Debrief) {
    out.title("What you expected of your changes");
    if debrief.predictions.is_empty() {
        out.line("No change was made.");
    }
    for told in &debrief.predictions {
        out.item(&told.at.clock(), 8, &phrase::plain(&told.command));
        out.item("", 8, &phrase::prediction(told));
    }
}

fn missed(out: &mut Page, debrief: &Debrief) {
    out.title("Clues that you did not bag");
    if debrief.missed.is_empty() {
        out.line("None.");
    }
    for told in &debrief.missed {
        out.item("·", 1, &phrase::missed(told));
        for command in &told.at {
            out.item("", 3, &format!("$ {}", phrase::plain(command)));
        }
    }
}

fn proof(out: &mut Page, debrief: &Debrief) {
    out.title(&format!("A short proof, with hindsight: {}", debrief.proof.cost.human()));
    for step in &debrief.proof.steps {
        out.item(&step.cost.human(), 6, &format!("$ {}", phrase::plain(&step.command)));
        out.item("", 8, &phrase::plain(&step.clues.join(", ")));
    }
    if !debrief.proof.short_of.is_empty() {
        out.line(&format!("It falls short of: {}", phrase::plain(&debrief.proof.short_of.join(", "))));
    }
    if let Some(next) = &debrief.next_time {
        out.title("Next time");
        out.item("", 0, &phrase::plain(next));
    }
}

//! The debrief as sections of rows in the reader's language, for a screen and for plain text alike: what is said, and how
//! it went. Does not know colours, nor how wide it is shown until it is asked.

mod analysis;

use super::phrase::{self, Fared};
use super::telling;
use crate::case::debrief::{Debrief, PredictionOutcome};
use crate::stdx::lang::Lang;
use crate::stdx::text::{clip, width, wrap};

/// How it went, or who speaks; the words say it as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Near,
    Bad,
    You,
    Command,
    Dim,
}

/// One row before it is broken into lines.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A label in a column of its own, and text beside it.
    Item { label: String, columns: usize, text: String },
    /// A moment of the two lanes: what happened in the estate, or what the learner did.
    /// `command` takes one line, cut where it is longer: the page that it printed has all of it.
    Lanes { at: String, columns: usize, estate: String, command: String, you: String },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub title: String,
    pub rows: Vec<(Tone, Row)>,
}

/// A debrief ready to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub title: String,
    pub heading: String,
    pub sections: Vec<Section>,
}

impl Row {
    /// The row's lines at a width.
    pub fn lines(&self, columns: usize) -> Vec<String> {
        match self {
            Row::Item { label, columns: own, text } => {
                let room = columns.saturating_sub(own + 1).max(12);
                let lead = |at: usize| if at == 0 { label.as_str() } else { "" };
                let parts = wrap(text, room).into_iter().enumerate();
                parts.map(|(at, part)| format!("{} {part}", padded(lead(at), *own)).trim_end().to_string()).collect()
            }
            Row::Lanes { at, columns: own, estate, command, you } => {
                // Time, a rule, the estate, a rule, the learner.
                let room = columns.saturating_sub(own + 3 + 3).max(20) / 2;
                let left = wrap(estate, room);
                let mut right = if command.is_empty() { Vec::new() } else { vec![clip(command, room)] };
                if command.is_empty() || !you.is_empty() {
                    right.extend(wrap(you, room));
                }
                (0..left.len().max(right.len()))
                    .map(|n| {
                        let at = if n == 0 { at.as_str() } else { "" };
                        let cell = |lane: &[String]| lane.get(n).cloned().unwrap_or_default();
                        let line = format!("{} │ {} │ {}", padded(at, *own), padded(&cell(&left), room), cell(&right));
                        line.trim_end().to_string()
                    })
                    .collect()
            }
        }
    }
}

fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

fn item(tone: Tone, label: &str, columns: usize, text: &str) -> (Tone, Row) {
    (tone, Row::Item { label: label.to_string(), columns, text: text.to_string() })
}

fn plain_line(tone: Tone, text: &str) -> (Tone, Row) {
    item(tone, "", 0, text)
}

impl Sheet {
    pub fn of(debrief: &Debrief, lang: &Lang) -> Sheet {
        let mut sections = vec![
            score(debrief, lang),
            verdict(debrief, lang),
            rivals(debrief, lang),
            analysis::gaps(debrief, lang),
            ledger(debrief, lang),
            timeline(debrief, lang),
            analysis::times(debrief, lang),
            analysis::pattern(debrief, lang),
            predictions(debrief, lang),
            missed(debrief, lang),
            proof(debrief, lang),
            analysis::fair(debrief, lang),
        ];
        sections.extend(super::cards::section(debrief, lang));
        if let Some(next) = debrief.reflection.as_ref().map(|said| &said.pledge).filter(|pledge| !pledge.is_empty()) {
            let rows = vec![plain_line(Tone::Plain, &phrase::plain(next))];
            sections.push(Section { title: lang.say("section.next").to_string(), rows });
        }
        let title = phrase::plain(&debrief.heading.title);
        Sheet { title, heading: phrase::heading(lang, debrief), sections }
    }
}

fn section(lang: &Lang, key: &str, rows: Vec<(Tone, Row)>) -> Section {
    let rows = if rows.is_empty() { vec![plain_line(Tone::Dim, lang.say("told.none"))] } else { rows };
    Section { title: lang.say(key).to_string(), rows }
}

fn score(debrief: &Debrief, lang: &Lang) -> Section {
    let card = &debrief.score;
    let rows = card.dims.iter().map(|sum| {
        let key = format!("dim.{}", sum.name);
        let name = lang.say(&key);
        let (got, max) = (phrase::points(card.dim_m(sum.dim)), sum.max.to_string());
        match sum.got {
            Some(_) => item(Tone::Plain, name, 24, &lang.with("told.points", &[("got", &got), ("max", &max)])),
            None => item(Tone::Dim, name, 24, lang.say("told.not-scored")),
        }
    });
    let halves = phrase::halves(lang, card).map(|halves| plain_line(Tone::Plain, &halves));
    let mut section = section(lang, "section.score", rows.chain(halves).collect());
    let (got, max) = (phrase::points(card.total_m()), card.max().to_string());
    section.title = format!("{} {}", section.title, lang.with("told.points", &[("got", &got), ("max", &max)]));
    section
}

fn verdict(debrief: &Debrief, lang: &Lang) -> Section {
    let rows = debrief.words.iter().map(|told| {
        let tone = match phrase::fared(told) {
            Fared::Right => Tone::Good,
            Fared::Near => Tone::Near,
            Fared::Wrong => Tone::Bad,
        };
        item(tone, &phrase::blank(lang, told.blank), 13, &phrase::word(lang, told))
    });
    section(lang, "section.verdict", rows.collect())
}

fn rivals(debrief: &Debrief, lang: &Lang) -> Section {
    let rows = debrief.rivals.iter().map(|told| {
        let tone = if told.cleared { Tone::Good } else { Tone::Bad };
        item(tone, if told.cleared { "✓" } else { "✗" }, 1, &phrase::rival(lang, &debrief.names, told))
    });
    section(lang, "section.rivals", rows.collect())
}

/// Both halves of a whole score, and its band.
pub fn halves(card: &crate::case::score::Scorecard, lang: &Lang) -> Option<String> {
    phrase::halves(lang, card)
}

/// The lines of the ledger alone: points, what they were for and why.
pub fn ledger_rows(card: &crate::case::score::Scorecard, names: &Names, lang: &Lang) -> Vec<(Tone, Row)> {
    let rows = card.ledger.iter().map(|line| {
        let (got, max) = (phrase::points(line.got_m), phrase::points(line.max_m()));
        let points = if line.max_m() > 0 { lang.with("told.points", &[("got", &got), ("max", &max)]) } else { got };
        let tone = match () {
            () if line.max_m() > 0 && line.got_m >= line.max_m() => Tone::Good,
            () if line.got_m < 0 || (line.max_m() > 0 && line.got_m == 0) => Tone::Bad,
            () => Tone::Plain,
        };
        let acts = phrase::entries(lang, line);
        let acts = if acts.is_empty() { acts } else { format!("  ({acts})") };
        item(tone, &points, 16, &format!("{}{acts}", phrase::ledger(lang, names, line)))
    });
    rows.collect()
}

pub type Names = std::collections::BTreeMap<String, String>;

fn ledger(debrief: &Debrief, lang: &Lang) -> Section {
    let mut rows = ledger_rows(&debrief.score, &debrief.names, lang);
    rows.push(item(Tone::Plain, &format!("= {}", phrase::points(debrief.score.total_m())), 16, ""));
    section(lang, "section.ledger", rows)
}

/// A moment's text is cut here; the page it came from has all of it.
const MOMENT_COLUMNS_MAX: usize = 240;

fn timeline(debrief: &Debrief, lang: &Lang) -> Section {
    let columns = phrase::when_columns(debrief, debrief.moments.iter().map(|moment| moment.at));
    let head = Row::Lanes {
        at: String::new(),
        columns,
        command: String::new(),
        estate: lang.say("told.lane-estate").to_string(),
        you: lang.say("told.lane-you").to_string(),
    };
    let moments = debrief.moments.iter().map(|moment| {
        let (command, text) = phrase::moment(lang, moment);
        let text = clip(&text, MOMENT_COLUMNS_MAX);
        let at = phrase::when(debrief, moment.at);
        let (tone, estate, you) = match moment.entry {
            Some(_) => (Tone::You, String::new(), text),
            None => (Tone::Plain, text, String::new()),
        };
        (tone, Row::Lanes { at, columns, estate, command, you })
    });
    let rows = std::iter::once((Tone::Dim, head)).chain(moments).collect();
    section(lang, "section.timeline", rows)
}

fn predictions(debrief: &Debrief, lang: &Lang) -> Section {
    let columns = phrase::when_columns(debrief, debrief.predictions.iter().map(|told| told.at));
    let rows = debrief.predictions.iter().flat_map(|told| {
        let tone = match told.outcome {
            PredictionOutcome::Came { .. } => Tone::Good,
            PredictionOutcome::Blind | PredictionOutcome::Missed { .. } => Tone::Bad,
            _ => Tone::Near,
        };
        let at = phrase::when(debrief, told.at);
        let command = item(Tone::Command, &at, columns, &format!("$ {}", phrase::plain(&told.command)));
        [command, item(tone, "", columns, &phrase::prediction(lang, told))]
    });
    section(lang, "section.predictions", rows.collect())
}

fn missed(debrief: &Debrief, lang: &Lang) -> Section {
    let rows = debrief.missed.iter().flat_map(|told| {
        let tone = if told.seen { Tone::Near } else { Tone::Plain };
        let what = item(tone, "·", 1, &phrase::missed(lang, &debrief.names, told));
        let commands =
            told.at.iter().map(|command| item(Tone::Command, "", 3, &format!("$ {}", phrase::plain(command))));
        let window = telling::window(lang, debrief, told);
        let window = (!window.is_empty()).then(|| item(Tone::Dim, "", 1, &window));
        std::iter::once(what).chain(window).chain(commands).collect::<Vec<_>>()
    });
    section(lang, "section.missed", rows.collect())
}

fn proof(debrief: &Debrief, lang: &Lang) -> Section {
    let mut rows: Vec<(Tone, Row)> = Vec::new();
    for step in &debrief.proof.steps {
        rows.push(item(Tone::Command, &step.cost.human(), 6, &format!("$ {}", phrase::plain(&step.command))));
        let clues = phrase::listed(&debrief.names, &step.clues);
        if !clues.is_empty() {
            rows.push(item(Tone::Plain, "", 8, &clues));
        }
    }
    if !debrief.proof.short_of.is_empty() {
        let name = |id: &String| {
            let blank = format!("blank.{id}");
            let said = lang.say(&blank);
            if said == blank { phrase::listed(&debrief.names, std::slice::from_ref(id)) } else { said.to_string() }
        };
        let short: Vec<String> = debrief.proof.short_of.iter().map(name).collect();
        rows.push(plain_line(Tone::Dim, &lang.with("told.short-of", &[("what", &short.join("; "))])));
    }
    let mut section = section(lang, "section.proof", rows);
    section.title = format!("{}: {}", section.title, debrief.proof.cost.human());
    section
}

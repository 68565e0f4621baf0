//! A learner's progress as sections of lines in the reader's language, for a screen and for plain text alike. Every rate
//! stands beside the number it rests on. Does not know colours, nor how anything was reckoned.

use super::sheet::Tone;
use crate::case::progress::calibration::{Bin, VERDICTS_MIN};
use crate::case::progress::difficulty::Difficulty;
use crate::case::progress::next::Why;
use crate::case::progress::overview::{Overview, RUNS_MIN};
use crate::case::progress::record::{Record, Standing};
use crate::case::progress::skill::{Interval, Skill};
use crate::case::score::DIMENSIONS;
use crate::case::score::Dim;
use crate::stdx::lang::Lang;
use crate::stdx::text::{clip, width, wrap};

/// A title and its lines, none wider than was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub title: String,
    pub rows: Vec<(Tone, String)>,
}

/// What a concept is called, by its id.
pub type Titles<'a> = &'a dyn Fn(&str) -> String;

/// All sections, at most `columns` wide.
pub fn sections(of: &Overview, lang: &Lang, titles: Titles, columns: usize) -> Vec<Section> {
    let columns = columns.max(40);
    vec![
        runs(of, lang, columns),
        subjects(of, lang, columns),
        dimensions(of, lang, columns),
        concepts(of, lang, titles, columns),
        certainty(of, lang, columns),
        recent(of, lang, columns),
    ]
}

/// As plain text.
pub fn text(of: &Overview, lang: &Lang, titles: Titles, columns: usize) -> String {
    let mut out = String::new();
    for section in sections(of, lang, titles, columns) {
        out.push_str(&format!("{}\n", section.title));
        for (_, line) in &section.rows {
            out.push_str(&format!("  {line}\n"));
        }
        out.push('\n');
    }
    out.trim_end().to_string() + "\n"
}

fn section(lang: &Lang, key: &str, rows: Vec<(Tone, String)>) -> Section {
    Section { title: lang.say(key).to_string(), rows }
}

fn flowed(tone: Tone, words: &str, columns: usize) -> Vec<(Tone, String)> {
    wrap(words, columns).into_iter().map(|line| (tone, line)).collect()
}

/// A share as whole percent.
fn percent(share: f64) -> String {
    format!("{}", (share * 100.0).round() as i64)
}

/// A difference of shares in points, with its sign.
fn points(share: f64) -> String {
    format!("{:+}", (share * 100.0).round() as i64)
}

fn too_few(lang: &Lang, have: usize, need: usize) -> String {
    lang.with("stats.too-few", &[("n", &have.to_string()), ("need", &need.to_string())])
}

// ---- runs --------------------------------------------------------------------------------------------------------------

fn runs(of: &Overview, lang: &Lang, columns: usize) -> Section {
    let count = |n: usize| n.to_string();
    let runs = of.runs;
    let mut rows = flowed(
        Tone::Plain,
        &lang.with(
            "stats.counts",
            &[
                ("first", &count(runs.first)),
                ("hinted", &count(runs.hinted)),
                ("repeats", &count(runs.repeats)),
                ("unrated", &count(runs.unrated)),
            ],
        ),
        columns,
    );
    let level = match of.level {
        None => (Tone::Dim, too_few(lang, runs.first, RUNS_MIN)),
        Some(own) => (Tone::Plain, said(lang, "stats.level", &interval(own, runs.first))),
    };
    rows.extend(flowed(level.0, &level.1, columns));
    rows.extend(change(of, lang, columns));
    let guessed = of.guesses;
    let all = guessed.right + guessed.too_high + guessed.too_low;
    if all > 0 {
        let parts = [
            ("right", guessed.right.to_string()),
            ("high", guessed.too_high.to_string()),
            ("low", guessed.too_low.to_string()),
            ("n", all.to_string()),
        ];
        rows.extend(flowed(Tone::Plain, &said(lang, "stats.guesses", &parts), columns));
    }
    if let Some((at, pledge)) = &of.pledge {
        let parts = [("date", at.date()), ("pledge", pledge.clone())];
        rows.extend(flowed(Tone::You, &said(lang, "stats.pledge", &parts), columns));
    }
    section(lang, "stats.runs", rows)
}

fn said(lang: &Lang, key: &str, parts: &[(&str, String)]) -> String {
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lang.with(key, &parts)
}

/// The parts of an interval's words: `{middle}`, `{low}`, `{high}` in percent, and the `{n}` it rests on.
fn interval(own: Interval, n: usize) -> [(&'static str, String); 4] {
    let parts = [("middle", own.middle), ("low", own.low), ("high", own.high)];
    let [middle, low, high] = parts.map(|(name, share)| (name, percent(share)));
    [middle, low, high, ("n", n.to_string())]
}

fn change(of: &Overview, lang: &Lang, columns: usize) -> Vec<(Tone, String)> {
    let Some(change) = of.change else { return Vec::new() };
    let (tone, verdict) = match change.claimed() {
        Some(true) => (Tone::Good, "stats.better"),
        Some(false) => (Tone::Bad, "stats.worse"),
        None => (Tone::Dim, "stats.no-change"),
    };
    let level = |b: f64| format!("{:.1}", 3.0 + b);
    let parts = [
        ("later", change.runs.1.to_string()),
        ("earlier", change.runs.0.to_string()),
        ("middle", points(change.difference.middle)),
        ("low", points(change.difference.low)),
        ("high", points(change.difference.high)),
        ("before", level(change.difficulty.0)),
        ("after", level(change.difficulty.1)),
    ];
    let words = format!("{} {}", said(lang, "stats.change", &parts), lang.say(verdict));
    flowed(tone, &words, columns)
}

// ---- skill -------------------------------------------------------------------------------------------------------------

/// Columns of a name, of the words beside a bar, and of what is left to the bar at most.
const NAME: usize = 24;
const FIGURES: usize = 24;
const BAR_MAX: usize = 60;

/// `name   ····───●──····  62 % (48–74), n 6`.
fn skill_row(name: &str, own: &Skill, lang: &Lang, columns: usize) -> (Tone, String) {
    let name_room = NAME.min(columns / 3);
    let room = columns.saturating_sub(name_room + FIGURES + 3).min(BAR_MAX);
    let name = padded(&clip(name, name_room), name_room);
    let Some(told) = Overview::told(own) else {
        let words = too_few(lang, own.runs as usize, RUNS_MIN);
        return (Tone::Dim, format!("{name} {}", clip(&words, columns.saturating_sub(name_room + 1))));
    };
    let figures = said(lang, "stats.figures", &interval(told, own.runs as usize));
    let bar = if room >= 10 { format!("{} ", bar(told, room)) } else { String::new() };
    (Tone::Plain, clip(&format!("{name} {bar}{figures}"), columns))
}

/// An interval between 0 and 1 on so many columns.
fn bar(of: Interval, columns: usize) -> String {
    let place = |share: f64| ((share.clamp(0.0, 1.0) * (columns - 1) as f64).round()) as usize;
    let (low, middle, high) = (place(of.low), place(of.middle), place(of.high));
    let glyph = |at: usize| match at {
        _ if at == middle => '●',
        _ if (low..=high).contains(&at) => '─',
        _ => '·',
    };
    (0..columns).map(glyph).collect()
}

fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

fn subjects(of: &Overview, lang: &Lang, columns: usize) -> Section {
    let mut rows: Vec<(Tone, String)> =
        of.skills.tags.iter().map(|(tag, skill)| skill_row(tag, skill, lang, columns)).collect();
    if rows.is_empty() {
        rows = flowed(Tone::Dim, lang.say("stats.no-runs"), columns);
    } else {
        rows.splice(0..0, flowed(Tone::Dim, lang.say("stats.skill-note"), columns));
    }
    section(lang, "stats.subjects", rows)
}

/// What a dimension is called: the words of the score's table.
pub fn dim_name(lang: &Lang, dim: Dim) -> String {
    let row = DIMENSIONS.iter().find(|row| row.dim == dim);
    row.map_or_else(String::new, |row| lang.say(&format!("dim.{}", row.name)).to_string())
}

fn dimensions(of: &Overview, lang: &Lang, columns: usize) -> Section {
    let row = |(dim, skill): (&Dim, &Skill)| skill_row(&dim_name(lang, *dim), skill, lang, columns);
    let mut rows: Vec<(Tone, String)> = of.skills.dims.iter().map(row).collect();
    if rows.is_empty() {
        rows = flowed(Tone::Dim, lang.say("stats.no-runs"), columns);
    }
    section(lang, "stats.dimensions", rows)
}

// ---- concepts ----------------------------------------------------------------------------------------------------------

/// Concepts that are listed; how many more there are is said.
const DUE_MAX: usize = 12;

fn concepts(of: &Overview, lang: &Lang, titles: Titles, columns: usize) -> Section {
    let due = of.due();
    let mut rows = Vec::new();
    if of.memories.is_empty() {
        rows = flowed(Tone::Dim, lang.say("stats.no-concepts"), columns);
    } else if due.is_empty() {
        rows = flowed(Tone::Good, lang.say("stats.none-due"), columns);
    }
    for (concept, memory) in due.iter().take(DUE_MAX) {
        let name = padded(&clip(&titles(concept), NAME + 8), (NAME + 8).min(columns / 2));
        let parts = [
            ("date", memory.due.date()),
            ("n", memory.reviews.to_string()),
            ("lapses", memory.lapses.to_string()),
            ("last", memory.last.date()),
        ];
        rows.push((Tone::Near, clip(&format!("{name} {}", said(lang, "stats.due", &parts)), columns)));
    }
    if due.len() > DUE_MAX {
        rows.push((Tone::Dim, lang.with("stats.more", &[("n", &(due.len() - DUE_MAX).to_string())])));
    }
    if let Some((concept, memory)) = of.due_next() {
        let parts = [("concept", titles(concept)), ("date", memory.due.date())];
        rows.extend(flowed(Tone::Dim, &said(lang, "stats.due-next", &parts), columns));
    }
    let mut section = section(lang, "stats.concepts", rows);
    if !of.memories.is_empty() {
        let parts = [("due", due.len().to_string()), ("n", of.memories.len().to_string())];
        section.title = format!("{} {}", section.title, said(lang, "stats.of-concepts", &parts));
    }
    section
}

// ---- certainty ---------------------------------------------------------------------------------------------------------

fn certainty(of: &Overview, lang: &Lang, columns: usize) -> Section {
    let Some(own) = &of.calibration else {
        return section(lang, "stats.certainty", flowed(Tone::Dim, &too_few(lang, of.verdicts, VERDICTS_MIN), columns));
    };
    let mut rows = flowed(Tone::Dim, lang.say("stats.certainty-note"), columns);
    rows.extend(own.bins.iter().rev().map(|bin| bin_row(bin, lang, columns)));
    let three = |value: f64| format!("{value:.3}");
    let parts = [
        ("brier", three(own.brier)),
        ("calibration", three(own.calibration)),
        ("resolution", three(own.resolution)),
        ("uncertainty", three(own.uncertainty)),
        ("n", own.verdicts.to_string()),
    ];
    rows.extend(flowed(Tone::Plain, &said(lang, "stats.brier", &parts), columns));
    section(lang, "stats.certainty", rows)
}

/// `90 % ·········──●─·  8 of 10`: what was said as `┊`, what came true with its interval.
fn bin_row(bin: &Bin, lang: &Lang, columns: usize) -> (Tone, String) {
    let came = f64::from(bin.right) / f64::from(bin.count.max(1));
    let said_share = f64::from(bin.percent) / 100.0;
    let room = columns.saturating_sub(6 + FIGURES).clamp(10, BAR_MAX);
    let mut cells: Vec<char> = bar(Interval { low: bin.low, middle: came, high: bin.high }, room).chars().collect();
    let place = (said_share * (room - 1) as f64).round() as usize;
    if let Some(cell) = cells.get_mut(place).filter(|cell| **cell != '●') {
        *cell = '│';
    }
    let inside = (bin.low..=bin.high).contains(&said_share);
    let parts = [("right", bin.right.to_string()), ("n", bin.count.to_string()), ("percent", percent(came))];
    let figures = said(lang, if inside { "stats.bin" } else { "stats.bin-off" }, &parts);
    let line = format!("{:>3} % {} {figures}", bin.percent, cells.into_iter().collect::<String>());
    (if inside { Tone::Plain } else { Tone::Near }, clip(&line, columns))
}

// ---- runs one by one ---------------------------------------------------------------------------------------------------

/// Columns of a run's title.
const TITLE: usize = 34;

fn recent(of: &Overview, lang: &Lang, columns: usize) -> Section {
    let mut rows: Vec<(Tone, String)> = of.recent.iter().map(|run| run_row(run, lang, columns)).collect();
    if rows.is_empty() {
        rows = flowed(Tone::Dim, lang.say("stats.no-runs"), columns);
    }
    section(lang, "stats.recent", rows)
}

/// `2026-03-02  The Pod That …  ████████░░  57 of 68  first attempt`.
fn run_row((record, standing): &(Record, Standing), lang: &Lang, columns: usize) -> (Tone, String) {
    let room = TITLE.min(columns.saturating_sub(46)).max(10);
    let title = if record.played.title.is_empty() { &record.played.case } else { &record.played.title };
    let share = record.points.share();
    let full = (share * 10.0).floor() as usize;
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(10 - full.min(10)));
    let kind = match standing {
        Standing::First => "stats.first",
        Standing::Hinted => "stats.hinted",
        Standing::Repeat => "stats.repeat",
        Standing::Unrated => "stats.unrated",
    };
    let total = record.points.total_m.div_euclid(1_000).to_string();
    let got = lang.with("told.points", &[("got", &total), ("max", &record.points.max.to_string())]);
    // What has no points, an interview, shows none.
    let (bar, got) = if record.points.max == 0 { (" ".repeat(10), String::new()) } else { (bar, got) };
    let level = Difficulty::level(record.difficulty_m);
    let line = format!(
        "{}  {}  {bar}  {}  {level}  {}",
        record.at.date(),
        padded(&clip(title, room), room),
        padded(&got, 10),
        lang.say(kind),
    );
    (if *standing == Standing::First { Tone::Plain } else { Tone::Dim }, clip(&line, columns))
}

// ---- the next drill ----------------------------------------------------------------------------------------------------

/// Why a drill is next, as one sentence.
pub fn reason(why: &[Why], lang: &Lang, titles: Titles) -> String {
    let one = |why: &Why| match why {
        Why::Due(concepts) => {
            let names: Vec<String> = concepts.iter().map(|concept| titles(concept)).collect();
            let parts = [("n", names.len().to_string()), ("concepts", names.join(", "))];
            said(lang, if names.len() == 1 { "next.due-one" } else { "next.due" }, &parts)
        }
        Why::Fits(percent) => lang.with("next.fits", &[("percent", &percent.to_string())]),
        Why::WeakestTag(tag) => lang.with("next.tag", &[("tag", tag)]),
        Why::WeakestDim(dim) => {
            let name = dim_name(lang, *dim);
            lang.with("next.dim", &[("dim", name.split_once("  ").map_or(name.as_str(), |(_, words)| words))])
        }
        Why::Recent => lang.say("next.recent").to_string(),
    };
    why.iter().map(one).collect::<Vec<_>>().join("; ")
}

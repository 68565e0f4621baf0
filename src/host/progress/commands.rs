//! The commands about progress: `stats`, `next`, `daily`. Does not know flags' spelling.

use super::super::commands::{Done, Failure, print, print_json};
use super::super::places::Places;
use super::super::{cases, show};
use super::store::{self, Loaded};
use super::{daily, gather};
use crate::case::progress::daily::Daily;
use crate::case::progress::next::{Suggestion, Why};
use crate::case::progress::overview::Overview;
use crate::case::progress::recall::{Grade, Review};
use crate::case::progress::record::Record;
use crate::case::progress::skill::{Interval, Skill};
use crate::report::progress::{reason, text};
use crate::stdx::lang::Lang;
use crate::stdx::time::Time;
use crate::ui::screens::list::Card;
use crate::ui::screens::stats::Progress;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Columns of running text.
const COLUMNS: usize = 98;

/// Reads the store, saying on standard error what there is to say about it.
fn loaded(places: &Places, now: Time) -> store::Store {
    let Loaded { store, said } = store::load(places, now);
    said.iter().for_each(|words| super::super::commands::tell(&format!("note: {words}\n")));
    store
}

fn progress(places: &Places, lang: &Lang, now: Time) -> (Vec<Card>, Progress) {
    let cards = cases::cards(places, lang);
    let store = loaded(places, now);
    let progress = gather(places, &store, &cards, now).titled(cases::concept_titles(lang));
    (cards, progress)
}

pub fn stats(places: &Places, lang: &Lang, json: bool) -> Done {
    let (_, progress) = progress(places, lang, super::now());
    if json {
        print_json(&stats_json(&progress, lang));
    } else if progress.overview.recent.is_empty() {
        print(&format!("{}\n", lang.say("stats.empty")));
    } else {
        print(&text(&progress.overview, lang, &|concept| progress.title(concept), COLUMNS));
    }
    Ok(ExitCode::SUCCESS)
}

fn share(of: Option<Interval>) -> Value {
    let three = |share: f64| (share * 1_000.0).round() / 1_000.0;
    of.map_or(Value::Null, |own| json!({ "low": three(own.low), "middle": three(own.middle), "high": three(own.high) }))
}

fn skill(own: &Skill) -> Value {
    json!({ "runs": own.runs, "expected": share(Overview::told(own)) })
}

/// One stable object. `null` where too little is known to say anything.
fn stats_json(progress: &Progress, lang: &Lang) -> Value {
    let of = &progress.overview;
    let tags: serde_json::Map<String, Value> =
        of.skills.tags.iter().map(|(tag, own)| (tag.clone(), skill(own))).collect();
    let dims: serde_json::Map<String, Value> =
        of.skills.dims.iter().map(|(dim, own)| (format!("{dim:?}"), skill(own))).collect();
    let concepts: Vec<Value> = of
        .memories
        .iter()
        .map(|(concept, memory)| {
            json!({ "concept": concept, "due": memory.due.date(), "is_due": memory.due <= of.now,
                "reviews": memory.reviews, "lapses": memory.lapses })
        })
        .collect();
    let certainty = of.calibration.as_ref().map(|own| {
        let bins: Vec<Value> = own
            .bins
            .iter()
            .map(|bin| json!({ "percent": bin.percent, "verdicts": bin.count, "right": bin.right }))
            .collect();
        json!({ "brier": own.brier, "calibration": own.calibration, "resolution": own.resolution,
            "uncertainty": own.uncertainty, "bins": bins })
    });
    let change = of.change.map(|own| {
        json!({ "earlier": own.runs.0, "later": own.runs.1, "difference": share(Some(own.difference)),
            "better": own.claimed(), "difficulty": [own.difficulty.0, own.difficulty.1] })
    });
    let runs: Vec<Value> = of
        .recent
        .iter()
        .map(|(record, standing)| {
            json!({ "date": record.at.date(), "case": record.played.case, "mode": record.played.mode,
                "points_m": (record.points.max > 0).then_some(record.points.total_m),
                "max": (record.points.max > 0).then_some(record.points.max),
                "counts_as": format!("{standing:?}").to_lowercase() })
        })
        .collect();
    json!({
        "runs": { "first": of.runs.first, "hinted": of.runs.hinted, "repeats": of.runs.repeats, "unrated": of.runs.unrated },
        "level": share(of.level), "change": change, "tags": tags, "dimensions": dims, "concepts": concepts,
        "verdicts": of.verdicts, "certainty": certainty,
        "next": progress.next.first().map(|first| next_json(first, progress, lang)), "recent": runs,
    })
}

// ---- export, import, delete ----------------------------------------------------------------------------------------------

pub fn export(places: &Places, file: &Path) -> Done {
    let store = loaded(places, super::now());
    let text = store::export(&store);
    if file == Path::new("-") {
        print(&text);
        return Ok(ExitCode::SUCCESS);
    }
    // What is there already may be somebody's only copy.
    let made = OpenOptions::new().write(true).create_new(true).open(file);
    let said = |error: io::Error| Failure::from(format!("{}: {error}", file.display()));
    made.and_then(|mut file| file.write_all(text.as_bytes())).map_err(said)?;
    print(&format!("wrote {} runs to {}\n", store.records.len(), file.display()));
    Ok(ExitCode::SUCCESS)
}

pub fn import(places: &Places, file: &Path) -> Done {
    let refused = |why: String| Failure { words: format!("{}: {why}\nnothing was imported", file.display()), code: 1 };
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let about = std::fs::metadata(file).map_err(|error| Failure::from(format!("{}: {error}", file.display())))?;
        if !about.is_file() {
            return Err(Failure::from(format!("{} is not a file", file.display())));
        }
        Box::new(File::open(file).map_err(|error| Failure::from(format!("{}: {error}", file.display())))?)
    };
    let merged = store::import(places, from, super::now()).map_err(refused)?;
    print(&format!(
        "imported {} runs and {} marks; {} runs were known already\n",
        merged.records, merged.marks, merged.known
    ));
    if let Some(words) = merged.refused {
        super::super::commands::tell(&format!("note: {words}\n"));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn delete(places: &Places, yes: bool, runs_too: bool) -> Done {
    let what = if runs_too {
        "This forgets your progress and removes the folders of all finished runs."
    } else {
        "This forgets your progress; finished runs stay (`whodunit runs`), but do not count any more."
    };
    if !yes {
        if !io::stdin().is_terminal() {
            return Err(Failure::from(format!("{what}\nhint: add `--yes`")));
        }
        print(&format!("{what} It cannot be undone.\nType `delete` to go on: "));
        let mut line = String::new();
        io::stdin().lock().take(100).read_line(&mut line)?;
        if line.trim() != "delete" {
            print("Nothing was deleted.\n");
            return Ok(ExitCode::from(1));
        }
    }
    let removed = store::delete(places, runs_too, super::now())?;
    print(&if runs_too { format!("Progress deleted, and {removed} runs.\n") } else { "Progress deleted.\n".into() });
    Ok(ExitCode::SUCCESS)
}

/// A concept that is easy: it comes again much later.
pub fn easy(places: &Places, lang: &Lang, concept: &str) -> Done {
    let now = super::now();
    let store = loaded(places, now);
    let known = Overview::of(&store.records, &store.marks, now).memories;
    if !known.contains_key(concept) {
        return Err(super::review::unknown(concept, known.keys().map(String::as_str)));
    }
    let review = Review { at: now, concept: concept.to_string(), grade: Grade::Easy };
    store::mark(places, review, now)?;
    let store = loaded(places, now);
    let due = Overview::of(&store.records, &store.marks, now).memories.get(concept).map(|memory| memory.due.date());
    let parts = [("concept", concept), ("date", due.as_deref().unwrap_or_default())];
    print(&format!("{}\n", lang.with("stats.due-next", &parts)));
    Ok(ExitCode::SUCCESS)
}

// ---- next --------------------------------------------------------------------------------------------------------------

fn next_json(of: &Suggestion, progress: &Progress, lang: &Lang) -> Value {
    let due = of.why.iter().find_map(|why| if let Why::Due(due) = why { Some(due.clone()) } else { None });
    let words = reason(&of.why, lang, &|concept| progress.title(concept));
    json!({ "case": of.slug, "reason": words, "due": due.unwrap_or_default() })
}

/// How many are told.
const NEXT_MAX: usize = 3;

pub fn next(places: &Places, lang: &Lang, json: bool) -> Done {
    let (cards, progress) = progress(places, lang, super::now());
    if json {
        let rows: Vec<Value> = progress.next.iter().take(NEXT_MAX).map(|one| next_json(one, &progress, lang)).collect();
        print_json(&json!({ "next": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<[String; 3]> = progress
        .next
        .iter()
        .take(NEXT_MAX)
        .map(|one| {
            let title = cards.iter().find(|card| card.slug == one.slug).map_or("", |card| card.title.as_str());
            [one.slug.clone(), title.to_string(), reason(&one.why, lang, &|concept| progress.title(concept))]
        })
        .collect();
    print(&show::columns(["CASE", "TITLE", "WHY"], &rows));
    Ok(ExitCode::SUCCESS)
}

/// The concepts of a case that are due, for `list`.
pub fn due(places: &Places, cards: &[Card]) -> Vec<Vec<String>> {
    let now = super::now();
    let store = store::load(places, now).store;
    let due = Overview::of(&store.records, &store.marks, now).due_set();
    cards.iter().map(|card| card.concepts.iter().filter(|one| due.contains(*one)).cloned().collect()).collect()
}

// ---- daily -------------------------------------------------------------------------------------------------------------

/// The record of a day's finished run.
pub fn daily_record(places: &Places, of: &Daily, now: Time) -> Option<Record> {
    let store = store::load(places, now).store;
    let same = |record: &&Record| {
        let played = &record.played;
        played.mode == "daily" && played.case == of.slug && played.variant == of.variant && played.seed == of.seed
    };
    store.records.iter().filter(same).min_by_key(|record| record.at).cloned()
}

/// What there is to say of today's drill without playing it.
pub fn daily_json(places: &Places, of: &Daily, now: Time) -> Value {
    let run = daily::run(places, of);
    let state = run.as_ref().map_or("new", |run| run.state.as_str());
    let record = daily_record(places, of, now);
    let card = cases::library_card(&of.slug);
    json!({
        "number": of.number, "date": of.date, "case": of.slug,
        "title": card.as_ref().map(|card| card.title.clone()), "level": card.as_ref().map(|card| card.level),
        "minutes": card.as_ref().map(|card| card.minutes), "state": state, "run": run.map(|run| run.id),
        "total_m": record.as_ref().map(|record| record.points.total_m), "max": record.as_ref().map(|own| own.points.max),
        "line": record.as_ref().map(|record| daily::line(of, record)),
    })
}

/// What is printed once today's drill is done: the line to be shared, and when the next one comes.
pub fn daily_done(places: &Places, of: &Daily, now: Time) -> Option<String> {
    let record = daily_record(places, of, now)?;
    let left = Time((now.0.div_euclid(DAY_MS) + 1) * DAY_MS) - now;
    Some(format!("{}\nThe next one comes in {}.\n", daily::line(of, &record), left.human()))
}

const DAY_MS: i64 = 86_400_000;

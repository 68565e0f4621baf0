//! `whodunit review`: a concept that is due, practised in two minutes on one page of a case that was finished before. Asks,
//! judges by the case's own matrix, and lets the concept come again sooner or later. Does not know what rules whom out.

use super::super::cases;
use super::super::commands::{Done, Failure, print};
use super::super::places::Places;
use super::store::{self, Store};
use crate::case::progress::overview::Overview;
use crate::case::progress::recall::{Grade, Review};
use crate::drill::glimpse::{Answered, Glimpse, glimpses};
use crate::drill::run::{Clock, Run};
use crate::scenario::{self, card};
use crate::stdx::lang::Lang;
use crate::stdx::suggest;
use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Read};
use std::process::ExitCode;
use std::sync::Arc;

/// Cases are looked through for a page, newest first, at most so many: each is played once by its solution.
const CASES_MAX: usize = 4;
/// Bytes of an answer that are read.
const ANSWER_MAX: u64 = 200;
/// How often an answer that cannot be read is asked for again.
const ASKED_MAX: usize = 3;

/// Practises the concept that is most overdue, or the named one.
pub fn review(places: &Places, lang: &Lang, concept: Option<&str>) -> Done {
    let now = super::now();
    let store = store::load(places, now).store;
    let overview = Overview::of(&store.records, &store.marks, now);
    let concepts: Vec<String> = match concept {
        Some(concept) if overview.memories.contains_key(concept) => vec![concept.to_string()],
        Some(concept) => return Err(unknown(concept, overview.memories.keys().map(String::as_str))),
        None => overview.due().into_iter().map(|(concept, _)| concept.to_string()).collect(),
    };
    if concepts.is_empty() {
        print(&format!("{}\n", lang.say("stats.none-due")));
        return Ok(told_next(&overview, lang));
    }
    // What was met more often is seen with other names.
    let turn = |concept: &str| overview.memories.get(concept).map_or(0, |memory| u64::from(memory.reviews));
    let found =
        concepts.iter().find_map(|concept| Some((concept, scene(places, &store, lang, concept, turn(concept))?)));
    let Some((concept, (title, glimpse))) = found else {
        print(&format!("{}\n", lang.with("review.none", &[("concepts", &concepts.join(", "))])));
        return Ok(ExitCode::SUCCESS);
    };
    let Some(answered) = ask(&title, concept, &glimpse, lang)? else { return Ok(ExitCode::SUCCESS) };
    let grade = match answered {
        Answered::Whole => Grade::Good,
        Answered::Part => Grade::Hard,
        Answered::Wrong => Grade::Again,
    };
    store::mark(places, Review { at: now, concept: concept.clone(), grade }, now)?;
    let store = store::load(places, now).store;
    let due = Overview::of(&store.records, &store.marks, now).memories.get(concept).map(|memory| memory.due.date());
    let title = titled(concept, lang);
    let parts = [("concept", title.as_str()), ("date", due.as_deref().unwrap_or_default())];
    print(&format!("{}\n", lang.with("stats.due-next", &parts)));
    Ok(ExitCode::SUCCESS)
}

/// A concept that was never met.
pub(super) fn unknown<'a>(concept: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let hint = match suggest::nearest(concept, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`whodunit stats --json` lists the concepts that you have met".into(),
    };
    Failure { words: format!("you have not met a concept `{concept}`\nhint: {hint}"), code: 1 }
}

/// A concept by its card's title, else by its id.
fn titled(concept: &str, lang: &Lang) -> String {
    let card = card::find(concept);
    card.as_ref().and_then(|card| card.text(lang.code)).map_or_else(|| concept.to_string(), |text| text.title.clone())
}

fn told_next(overview: &Overview, lang: &Lang) -> ExitCode {
    if let Some((concept, memory)) = overview.due_next() {
        let (title, date) = (titled(concept, lang), memory.due.date());
        let parts = [("concept", title.as_str()), ("date", date.as_str())];
        print(&format!("{}\n", lang.with("stats.due-next", &parts)));
    }
    ExitCode::SUCCESS
}

/// A page about a concept, and the title of its case. Only tellings that were finished: the question names the culprit among
/// the others.
fn scene(places: &Places, store: &Store, lang: &Lang, concept: &str, turn: u64) -> Option<(String, Glimpse)> {
    let mut tried = BTreeSet::new();
    let quoted = format!("\"{concept}\"");
    for record in store.records.iter().rev() {
        let played = &record.played;
        // What a run was about stands in its record: only cases of the concept are looked through.
        if !record.concepts.contains_key(concept) || tried.contains(&(&played.case, &played.variant)) {
            continue;
        }
        if tried.len() == CASES_MAX {
            break;
        }
        tried.insert((&played.case, &played.variant));
        let Ok(pack) = cases::find(places, &played.case) else { continue };
        if !pack.is_family() && !pack.text("scenario.toml").is_ok_and(|text| text.contains(&quoted)) {
            continue;
        }
        let Ok((case, stage)) = scenario::cast(&pack, &played.variant, played.seed.wrapping_add(turn)) else {
            continue;
        };
        let title = case.told(lang.code, &case.drill.title).to_string();
        let run = Run::open(Arc::new(case.told_in(lang.code)), stage, Clock::Turn);
        let mut found = glimpses(&run, concept);
        if !found.is_empty() {
            let at = (turn % found.len() as u64) as usize;
            return Some((title, found.swap_remove(at)));
        }
    }
    None
}

/// Shows the page, asks and judges; `None` if nobody answers.
fn ask(title: &str, concept: &str, glimpse: &Glimpse, lang: &Lang) -> io::Result<Option<Answered>> {
    let card = card::find(concept);
    let text = card.as_ref().and_then(|card| card.text(lang.code));
    let mut out = format!("{} · {title}\n\n", text.map_or(concept, |text| &text.title));
    out.push_str(&format!("{} $ {}\n", glimpse.at.clock(), glimpse.command));
    for line in &glimpse.lines {
        out.push_str(&format!("  {}\n", line.as_deref().unwrap_or("…")));
    }
    out.push_str(&format!("\n{}\n", lang.say("review.ask")));
    for (suspect, number) in glimpse.suspects.iter().zip(1..) {
        out.push_str(&format!("  {number}  {}\n", suspect.say));
    }
    print(&out);
    let Some(named) = named(glimpse.suspects.len(), lang)? else { return Ok(None) };
    let answered = glimpse.answer(&named);
    let key = match answered {
        Answered::Whole => "review.whole",
        Answered::Part => "review.part",
        Answered::Wrong => "review.wrong",
    };
    let numbers: Vec<String> =
        glimpse.suspects.iter().zip(1..).filter(|(one, _)| one.out).map(|(_, n)| n.to_string()).collect();
    let mut out = format!("{}\n", lang.with(key, &[("numbers", &numbers.join(", "))]));
    for words in [Some(glimpse.says.as_str()), text.map(|text| text.shows.as_str())].into_iter().flatten() {
        out.push_str(&format!("{words}\n"));
    }
    print(&out);
    Ok(Some(answered))
}

/// The places that were named; `None` if nobody answers. Nothing typed is: I do not know.
fn named(suspects: usize, lang: &Lang) -> io::Result<Option<BTreeSet<usize>>> {
    for _ in 0..ASKED_MAX {
        if io::stdin().is_terminal() {
            print("> ");
        }
        let mut line = String::new();
        if io::stdin().lock().take(ANSWER_MAX).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let words = line.split([' ', ',', '\t']).map(str::trim).filter(|word| !word.is_empty());
        let places: Option<BTreeSet<usize>> = words
            .map(|word| {
                word.parse::<usize>().ok().filter(|place| (1..=suspects).contains(place)).map(|place| place - 1)
            })
            .collect();
        if let Some(places) = places {
            return Ok(Some(places));
        }
        print(&format!("{}\n", lang.with("review.again", &[("n", &suspects.to_string())])));
    }
    Ok(None)
}

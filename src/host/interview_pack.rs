//! The pack of an opening: the drill that all who apply get, its code, a sheet for whoever interviews and one for the
//! candidate, and a case to warm up on. Does not conduct interviews.

use super::cases;
use super::cli::{ClockArg, PackArgs};
use super::commands::{Done, Failure, print};
use super::places::Places;
use super::runs::{self, Order};
use crate::drill::Mode;
use crate::drill::act::Act;
use crate::drill::interview::opening::{MINUTES_MAX, Opening};
use crate::drill::interview::{Aloud, Competency};
use crate::drill::run::{Clock, Run};
use crate::report::interview::safe;
use crate::scenario::shape::Case;
use crate::stdx::lang::Lang;
use crate::stdx::text::harmless;
use crate::ui::screens::list::Card;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Minutes of simulated time to find one's way with the tools.
const WARM_UP_MINUTES: u32 = 15;

fn wrong(words: impl Into<String>) -> Failure {
    Failure { words: words.into(), code: 1 }
}

/// The casting of a code, checked: it is the same drill to the byte, or it is refused.
pub fn order_of(places: &Places, code: &str) -> Result<Order, Failure> {
    let opening = Opening::read(code).map_err(|why| wrong(format!("`{}`: {why}", harmless(code))))?;
    let order = order(&opening, code.trim());
    let run = runs::cast(places, &order, 0)?;
    if !opening.is_of(&run.case) {
        let words = "that code is of another version of the case, or was copied with a slip";
        return Err(wrong(format!("{words}\nhint: `whodunit interview new` makes a code for this version")));
    }
    Ok(order)
}

/// A code as it was typed, or that of a pack's folder.
pub fn code_at(text: &str) -> String {
    let file = std::path::Path::new(text).join("code.txt");
    std::fs::read_to_string(file).map_or_else(|_| text.to_string(), |code| code.trim().to_string())
}

fn order(opening: &Opening, code: &str) -> Order {
    Order {
        case: opening.case.clone(),
        seed: Some(opening.seed),
        variant: Some(opening.variant.clone()),
        clock: opening.clock,
        speed: 1_000,
        mode: Mode::Interview,
        minutes: Some(opening.minutes),
        opening: code.to_string(),
        without: opening.without.clone(),
    }
}

// ---- questions -------------------------------------------------------------------------------------------------------

/// Prints the bank of a case.
pub fn questions(places: &Places, name: &str, lang: &Lang) -> Done {
    let order = Order { case: name.to_string(), seed: Some(1), speed: 1_000, ..Order::default() };
    let run = runs::cast(places, &order, 0)?;
    print(&bank(&run.case, lang, |text| harmless(text).to_string()));
    Ok(ExitCode::SUCCESS)
}

/// The bank; `escaped` makes a text harmless for where it is read.
fn bank(case: &Case, lang: &Lang, escaped: fn(&str) -> String) -> String {
    let told = |text: &str| escaped(case.told(lang.code, text));
    let title = told(&case.drill.title);
    let mut out = format!("# {}\n\n", lang.with("interview.bank-title", &[("title", &title)]));
    if case.people.questions.is_empty() {
        return format!("{out}{}\n", lang.say("interview.bank-none"));
    }
    out.push_str(&format!("{}\n", lang.say("interview.bank-how")));
    for (question, n) in case.people.questions.iter().zip(1..) {
        out.push_str(&format!("\n{n}. {}\n\n   {}\n", told(&question.ask), lang.say("interview.bank-listen")));
        question.listen.iter().for_each(|own| out.push_str(&format!("   * {}\n", told(own))));
    }
    out
}

// ---- the pack --------------------------------------------------------------------------------------------------------

pub fn new(places: &Places, asked: &PackArgs, lang: &Lang) -> Done {
    let cards = cases::cards(places, lang);
    let case = match (&asked.case, asked.tags.is_empty()) {
        (Some(case), _) => case.clone(),
        (None, false) => by_tags(&cards, &asked.tags)?,
        (None, true) => return Err(Failure::from("name a case, a code, or tags".to_string())),
    };
    let order = if case.contains(':') { order_of(places, &case)? } else { fresh(asked, case)? };
    let now = chrono::Utc::now();
    let run = runs::cast(places, &order, now.timestamp_millis())?;
    let minutes = order.minutes.or(run.terms().minutes).unwrap_or(1).min(MINUTES_MAX);
    let opening = Opening::new(&run.case, minutes, order.clock, order.without.clone());
    let code = opening.code();
    let folder = asked.out.clone().unwrap_or_else(|| PathBuf::from(format!("opening-{}", opening.check)));
    if folder.exists() {
        return Err(wrong(format!("{} exists already\nhint: name another folder with `--out`", folder.display())));
    }
    std::fs::create_dir_all(&folder)?;
    let warm_up = warm_up(&cards, &run.case.slug);
    std::fs::write(folder.join("code.txt"), format!("{code}\n"))?;
    std::fs::write(folder.join("interviewer.md"), interviewer(&run, &code, &warm_up, lang))?;
    std::fs::write(folder.join("candidate.md"), candidate(run, minutes, &opening, &warm_up, lang))?;
    let parts = [("code", code.as_str()), ("folder", &folder.display().to_string())];
    print(&format!("{}\n", lang.with("pack.done", &parts)));
    Ok(ExitCode::SUCCESS)
}

fn fresh(asked: &PackArgs, case: String) -> Result<Order, Failure> {
    let mut without = BTreeSet::new();
    for name in &asked.without {
        let Some(competency) = Competency::named(name) else {
            let known: Vec<&str> = Competency::ALL.into_iter().map(Competency::name).collect();
            return Err(Failure::from(format!(
                "`{}` is no competency\nhint: one of {}",
                harmless(name),
                known.join(", ")
            )));
        };
        without.insert(competency);
    }
    let clock = if asked.clock == ClockArg::Live { Clock::Live } else { Clock::Turn };
    let (seed, variant) = (asked.telling.seed, asked.telling.variant.clone());
    let (minutes, mode, opening) = (asked.minutes, Mode::Interview, String::new());
    Ok(Order { case, seed, variant, clock, speed: 1_000, mode, minutes, opening, without })
}

/// The case that has most of the tags; of equals the easier one.
fn by_tags(cards: &[Card], tags: &[String]) -> Result<String, Failure> {
    let shared = |card: &Card| card.tags.iter().filter(|tag| tags.contains(tag)).count();
    let fitting = cards.iter().filter(|card| card.broken.is_none() && !card.tutorial && shared(card) > 0);
    let best = fitting.min_by_key(|card| (std::cmp::Reverse(shared(card)), card.level, card.slug.clone()));
    let known = || {
        let known: BTreeSet<&str> = cards.iter().flat_map(|card| &card.tags).map(String::as_str).collect();
        known.into_iter().collect::<Vec<_>>().join(", ")
    };
    best.map(|card| card.slug.clone())
        .ok_or_else(|| wrong(format!("no case has such a tag\nhint: there are {}", known())))
}

/// The easiest other case of the same platforms.
fn warm_up(cards: &[Card], slug: &str) -> String {
    let own: Vec<&String> = cards.iter().filter(|card| card.slug == slug).flat_map(|card| &card.tags).collect();
    let shared = |card: &Card| card.tags.iter().filter(|tag| own.contains(tag)).count();
    let others = cards.iter().filter(|card| card.slug != slug && card.broken.is_none());
    let best = others.min_by_key(|card| (card.level, std::cmp::Reverse(shared(card)), card.slug.clone()));
    best.map_or_else(String::new, |card| card.slug.clone())
}

fn lines(lang: &Lang, keys: &str, count: usize) -> String {
    (1..=count).map(|n| format!("* {}\n", lang.say(&format!("{keys}-{n}")))).collect()
}

/// The sheet of whoever interviews: how it is conducted, what was behind the page, the anchors, the bank, the cautions.
fn interviewer(run: &Run, code: &str, warm_up: &str, lang: &Lang) -> String {
    let case = &run.case;
    let told = |text: &str| safe(case.told(lang.code, text));
    let mut out = format!("# {}\n\n", lang.with("pack.interviewer", &[("title", &told(&case.drill.title))]));
    out.push_str(&format!("`{code}`\n\n## {}\n\n", lang.say("pack.conduct")));
    for n in 1..=6 {
        let (minutes, key) = (WARM_UP_MINUTES.to_string(), format!("pack.conduct-{n}"));
        let parts = [("code", code), ("case", warm_up), ("minutes", minutes.as_str())];
        out.push_str(&format!("{n}. {}\n", lang.with(&key, &parts)));
    }
    out.push_str(&format!("\n## {}\n\n", lang.say("pack.controls")));
    out.push_str(&format!("{}\n\n", lang.say("pack.controls-how")));
    for aloud in Aloud::ALL {
        out.push_str(&format!("* `said {}`: {}\n", aloud.name(), lang.say(&format!("aloud.{}", aloud.name()))));
    }
    if !case.people.injects.is_empty() {
        out.push_str(&format!("\n{}\n\n", lang.say("pack.injects")));
        for (inject, n) in case.people.injects.iter().zip(1..) {
            out.push_str(&format!("{n}. {} {}: {}\n", inject.at.clock(), safe(&inject.from), safe(&inject.say)));
        }
    }
    out.push_str(&format!("\n## {}\n\n", lang.say("pack.truth")));
    for node in &case.chain {
        let at = node.at.map_or_else(String::new, |at| format!("{} ", at.told_at(case.drill.page_at)));
        out.push_str(&format!("* {at}{}\n", told(&node.say)));
    }
    out.push_str(&format!("\n## {}\n\n", lang.say("interview.section-levels")));
    for competency in Competency::ALL {
        out.push_str(&format!("* **{}**\n", lang.say(&format!("competency.{}", competency.name()))));
        for level in 1..=4 {
            out.push_str(&format!("  * {level}: {}\n", lang.say(&format!("anchor.{}.{level}", competency.name()))));
        }
    }
    out.push_str(&format!(
        "\n{}\n## {}\n\n",
        bank(case, lang, safe).replacen("# ", "## ", 1),
        lang.say("pack.cautions")
    ));
    out.push_str(&lines(lang, "pack.caution", 7));
    out
}

/// The candidate's sheet: what is observed, the warm-up, the commands. Nothing of the case but that it is one.
fn candidate(mut run: Run, minutes: u32, opening: &Opening, warm_up: &str, lang: &Lang) -> String {
    let mut out = format!("# {}\n\n", lang.say("pack.candidate"));
    let (warm, own) = (WARM_UP_MINUTES.to_string(), minutes.to_string());
    for n in 1..=6 {
        let parts = [("case", warm_up), ("warm", warm.as_str()), ("minutes", own.as_str())];
        out.push_str(&format!("* {}\n", lang.with(&format!("pack.candidate-{n}"), &parts)));
    }
    out.push_str(&format!("\n## {}\n\n", lang.say("pack.observed")));
    for competency in Competency::ALL.into_iter().filter(|own| !opening.without.contains(own)) {
        out.push_str(&format!("* {}\n", lang.say(&format!("competency.{}", competency.name()))));
    }
    out.push_str(&format!("\n## {}\n\n```\n{}```\n", lang.say("pack.board"), super::plain::help(lang)));
    // What the shell itself says of its tools: the same for every candidate, and nothing of what is wrong.
    run.mode = Mode::Drill;
    run.apply(0, Act::Run { line: "help".into() });
    let page = run.pages.last().map(|page| page.output.lines.as_slice()).unwrap_or_default();
    let tools: String = page.iter().map(|line| format!("{}\n", harmless(&line.text))).collect();
    out.push_str(&format!("\n## {}\n\n```\n{tools}```\n", lang.say("pack.tools")));
    out
}

//! `whodunit gameday`: asks what a day is wished to be, proposes one, and writes its papers. Files and answers; what a good plan
//! is, and what the papers say, is known elsewhere.

use super::cases;
use super::cli::{DayArgs, GamedayCommand};
use super::commands::{Done, Failure, print};
use super::gameday;
use super::places::Places;
use super::runs::{self, Order};
use crate::drill::Mode;
use crate::drill::run::{Clock, Phase, Run};
use crate::drill::team::plan::{self, Candidate, Choice, Place, Plan, Wish};
use crate::report::gameday::compare::{self, Finished};
use crate::report::gameday::{self as papers, Day, reason};
use crate::report::paper::Paper;
use crate::stdx::lang::Lang;
use crate::stdx::text::harmless;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::BufRead;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Unless said otherwise.
const PEOPLE: u16 = 4;
const MINUTES: u32 = 60;
/// How often a question is asked again, and how many cases are named beside the proposed one.
const ASKED_MAX: usize = 5;
const OTHERS: usize = 2;
/// An answer, and a plan's file, are no longer than this.
const PLAN_BYTES_MAX: u64 = 1 << 20;

pub fn command(places: &Places, what: GamedayCommand, lang: &Lang) -> Done {
    match what {
        GamedayCommand::Compare { runs, format } => compare(places, &runs, &format, lang),
        GamedayCommand::New(asked) => new(places, &asked, lang),
    }
}

fn wrong(words: impl Into<String>) -> Failure {
    Failure { words: words.into(), code: 1 }
}

/// What a plan's file says is what is served, if the case has it all.
pub fn plan(places: &Places, path: &Path, order: &mut gameday::Order) -> Result<(), Failure> {
    use std::io::Read;
    let said = |why: String| wrong(format!("{}: {why}", path.display()));
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| said(error.to_string()))?;
    file.take(PLAN_BYTES_MAX).read_to_string(&mut text).map_err(|error| said(error.to_string()))?;
    let plan = Plan::read(&text).map_err(said)?;
    let (case, seed, variant) = (plan.case.clone(), Some(plan.seed), plan.variant.clone());
    let cast = Order { case, seed, variant, speed: 1_000, mode: Mode::Gameday, ..Order::default() };
    let run = runs::cast(places, &cast, 0)?;
    for seat in plan.seats.iter().filter(|seat| !seat.part.is_empty()) {
        let fits = run.case.gameday.card(&seat.part).is_some_and(|card| seat.has(card.role));
        if !fits {
            let words = format!("the case has no card `{}` for these roles", harmless(&seat.part));
            return Err(said(format!("{words}\nhint: `whodunit gameday new` makes a plan for this version")));
        }
    }
    (order.case, order.seed, order.variant) = (Some(plan.case), Some(plan.seed), plan.variant);
    order.minutes = Some(plan.play);
    let roles = |seat: &Place| seat.roles.iter().map(|role| role.name().to_string()).collect();
    order.table = gameday::Table::Planned(plan.seats.iter().map(|seat| (roles(seat), seat.part.clone())).collect());
    Ok(())
}

/// Finished days side by side.
fn compare(places: &Places, names: &[String], format: &str, lang: &Lang) -> Done {
    let mut days = Vec::new();
    for name in names {
        let folder = runs::folder(places, Some(name))?;
        let journal = runs::read(&folder).map_err(wrong)?;
        if journal.header.mode() != Mode::Gameday {
            return Err(wrong(format!("`{}` is no game day\nhint: `whodunit runs` names them", harmless(name))));
        }
        let run = runs::fold(places, &journal).map_err(wrong)?;
        if run.phase != Phase::Closed {
            return Err(wrong(format!("`{}` is still going on", harmless(name))));
        }
        days.push((folder.file_name().and_then(|own| own.to_str()).unwrap_or(name).to_string(), run));
    }
    let days: Vec<Finished> = days.iter().map(|(name, run)| Finished { name, run }).collect();
    let paper = compare::compare(&days, lang);
    print(&match format {
        "html" => paper.html(lang),
        "md" => paper.markdown(),
        _ => compare::text(&paper),
    });
    Ok(ExitCode::SUCCESS)
}

/// The team's report, if the run is a game day; what cannot be read is told by whoever reads it.
pub fn report(places: &Places, name: &str, format: &str, lang: &Lang) -> Option<Done> {
    let folder = runs::folder(places, Some(name)).ok()?;
    let journal = runs::read(&folder).ok().filter(|journal| journal.header.mode() == Mode::Gameday)?;
    let written = || {
        let run = runs::fold(places, &journal).map_err(wrong)?;
        if run.phase != Phase::Closed {
            return Err(wrong("the game day is still going on: its report opens with its end"));
        }
        print(&papers::write(&run, format, lang)?);
        Ok(ExitCode::SUCCESS)
    };
    Some(written())
}

fn new(places: &Places, asked: &DayArgs, lang: &Lang) -> Done {
    let candidates = candidates(places, lang);
    let known: BTreeSet<&str> = candidates.iter().flat_map(|case| &case.tags).map(String::as_str).collect();
    let known: Vec<&str> = known.into_iter().collect();
    let wish = wish(asked, &candidates, &known, lang)?;
    let Some((run, ranked)) = chosen(places, asked, &wish, &candidates, lang)? else { return Ok(ExitCode::SUCCESS) };
    let (Some(first), others) = (ranked.first(), ranked.get(1..).unwrap_or_default()) else {
        return Err(wrong(format!("no case has such a tag\nhint: there are {}", known.join(", "))));
    };
    let schedule = plan::schedule(wish.minutes, first.case.minutes);
    let plan = Plan {
        format: plan::FORMAT,
        case: run.case.slug.clone(),
        seed: run.case.seed,
        variant: asked.telling.variant.clone(),
        minutes: wish.minutes,
        play: schedule.play,
        seats: plan::seats(wish.people, &run.case.gameday.cards),
    };
    let folder = asked.out.clone().unwrap_or_else(|| PathBuf::from(format!("gameday-{}", run.case.slug)));
    let others = others.get(..OTHERS.min(others.len())).unwrap_or_default();
    write(&folder, &Day::new(&run, &plan, (first, others), lang))?;
    print(&format!("{}\n", lang.with("gameday.new-done", &[("folder", &folder.display().to_string())])));
    Ok(ExitCode::SUCCESS)
}

/// All papers of a day in a new folder.
fn write(folder: &Path, day: &Day) -> Result<(), Failure> {
    if folder.exists() {
        return Err(wrong(format!("{} exists already\nhint: name another folder with `--out`", folder.display())));
    }
    fs::create_dir_all(folder)?;
    let head = "# A game day, as `whodunit gameday new` planned it: `whodunit serve --plan` opens it.\n";
    fs::write(folder.join("plan.toml"), format!("{head}{}", day.plan.write()))?;
    let papers: [(&str, Paper); 3] =
        [("briefing", day.briefing()), ("cards", day.cards()), ("facilitator", day.facilitator())];
    for (name, paper) in papers {
        fs::write(folder.join(format!("{name}.md")), paper.markdown())?;
        fs::write(folder.join(format!("{name}.html")), paper.html(day.lang))?;
    }
    Ok(())
}

/// Cases that can be read, with what earlier days on this machine played.
fn candidates(places: &Places, lang: &Lang) -> Vec<Candidate> {
    let mut played: BTreeMap<String, u32> = BTreeMap::new();
    for run in runs::list(places).into_iter().filter(|run| run.mode == Mode::Gameday.name()) {
        *played.entry(run.case).or_default() += 1;
    }
    let cards = cases::cards(places, lang).into_iter().filter(|card| card.broken.is_none() && !card.tutorial);
    let candidate = |card: crate::ui::screens::list::Card| Candidate {
        split: split(places, &card.slug),
        played: played.get(&card.slug).copied().unwrap_or_default(),
        slug: card.slug,
        title: card.title,
        level: card.level,
        minutes: card.minutes,
        tags: card.tags,
        concepts: card.concepts,
    };
    cards.map(candidate).collect()
}

/// Operators' cards with commands of their own, as the file has them; whether they are right is asked when the case is cast.
fn split(places: &Places, slug: &str) -> u16 {
    let pack = cases::find(places, slug).ok();
    let table = pack.and_then(|pack| pack.text("scenario.toml").ok()?.parse::<toml::Table>().ok());
    let gameday = table.as_ref().and_then(|table| table.get("gameday")?.as_table());
    let seats = gameday.and_then(|gameday| gameday.get("seat")?.as_array());
    let divided = |seat: &&toml::Value| {
        seat.get("role").and_then(|role| role.as_str()) == Some("operator") && seat.get("can").is_some()
    };
    seats.map_or(0, |seats| seats.iter().filter(divided).count().min(99) as u16)
}

// ---- questions -------------------------------------------------------------------------------------------------------

/// One line of an answer; nothing once the input is over.
fn line() -> Result<String, Failure> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock();
    if std::io::Read::take(&mut input, PLAN_BYTES_MAX).read_line(&mut text)? == 0 {
        return Err(Failure::from("the answers ended early\nhint: `--yes` asks nothing".to_string()));
    }
    Ok(text.trim().to_string())
}

/// A number by its flag, else by its default or an answer.
fn number(
    said: Option<u32>,
    (asks, default): (bool, Option<u32>),
    question: &str,
    range: RangeInclusive<u32>,
) -> Result<Option<u32>, Failure> {
    if said.is_some() || !asks {
        return Ok(said.or(default));
    }
    for _ in 0..ASKED_MAX {
        let usual = default.map_or_else(String::new, |usual| format!(" [{usual}]"));
        print(&format!("{question}{usual} "));
        let answer = line()?;
        match answer.parse() {
            _ if answer.is_empty() => return Ok(default),
            Ok(number) if range.contains(&number) => return Ok(Some(number)),
            _ => print(&format!("{} – {}\n", range.start(), range.end())),
        }
    }
    Err(Failure::from(format!("a number from {} to {} was asked for", range.start(), range.end())))
}

fn wish(asked: &DayArgs, cases: &[Candidate], known: &[&str], lang: &Lang) -> Result<Wish, Failure> {
    let asks = !asked.yes;
    let wide = |range: &RangeInclusive<u16>| u32::from(*range.start())..=u32::from(*range.end());
    let people = asked.people.map(u32::from);
    let usual = (asks, Some(u32::from(PEOPLE)));
    let people = number(people, usual, lang.say("gameday.new-people"), wide(&plan::PEOPLE))?;
    let minutes = number(asked.minutes, (asks, Some(MINUTES)), lang.say("gameday.new-minutes"), plan::MINUTES)?;
    // Who names a case has chosen already.
    let asks = asks && asked.case.is_none();
    let levels = u32::from(*plan::LEVELS.start())..=u32::from(*plan::LEVELS.end());
    let level = number(asked.level.map(u32::from), (asks, None), lang.say("gameday.new-level"), levels)?;
    let mut tags = asked.tags.clone();
    if asks && tags.is_empty() {
        print(&format!("{} ", lang.with("gameday.new-tags", &[("tags", &known.join(", "))])));
        let answer = line()?;
        tags.extend(answer.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_string));
    }
    if let Some(tag) = tags.iter().find(|tag| !cases.iter().any(|case| case.is_about(tag))) {
        let words = format!("no case has the tag `{}`", harmless(tag));
        return Err(wrong(format!("{words}\nhint: there are {}", known.join(", "))));
    }
    let people = people.and_then(|people| u16::try_from(people).ok()).unwrap_or(PEOPLE);
    let level = level.and_then(|level| u8::try_from(level).ok());
    Ok(Wish { people, minutes: minutes.unwrap_or(MINUTES), level, tags })
}

/// The case that is taken, cast, with the ranking that it is now the first of; nothing if somebody left.
fn chosen(
    places: &Places,
    asked: &DayArgs,
    wish: &Wish,
    candidates: &[Candidate],
    lang: &Lang,
) -> Result<Option<(Run, Vec<Choice>)>, Failure> {
    let mut named = asked.case.clone();
    for _ in 0..ASKED_MAX {
        let ranked = match &named {
            Some(case) => first(places, wish, candidates, case)?,
            None => plan::rank(wish, candidates.to_vec()),
        };
        let Some(proposed) = ranked.first() else {
            return Err(wrong("there is no case to propose\nhint: `whodunit list` names them"));
        };
        print(&told(proposed, ranked.get(1..=OTHERS).unwrap_or_default(), lang));
        if !asked.yes {
            print(&format!("{} ", lang.say("gameday.new-take")));
            match line()?.as_str() {
                "" => {}
                "q" => return Ok(None),
                other => {
                    named = Some(other.to_string());
                    continue;
                }
            }
        }
        let case = named.clone().unwrap_or_else(|| proposed.case.slug.clone());
        let order = Order {
            case,
            seed: asked.telling.seed,
            variant: asked.telling.variant.clone(),
            clock: Clock::Live,
            speed: 1_000,
            mode: Mode::Gameday,
            ..Order::default()
        };
        let run = runs::cast(places, &order, chrono::Utc::now().timestamp_millis())?;
        return Ok(Some((run, ranked)));
    }
    Err(Failure::from("no case was taken".to_string()))
}

/// A case that was named first, then what would have been proposed.
fn first(places: &Places, wish: &Wish, candidates: &[Candidate], name: &str) -> Result<Vec<Choice>, Failure> {
    let pack = cases::find(places, name).map_err(wrong)?;
    let free = Wish { tags: Vec::new(), ..wish.clone() };
    let all = plan::rank(&free, candidates.to_vec());
    let (mut own, others): (Vec<Choice>, Vec<Choice>) = all.into_iter().partition(|own| own.case.slug == pack.slug);
    if own.is_empty() {
        let title = cases::title(&pack);
        let candidate = Candidate { slug: pack.slug, title, ..Candidate::default() };
        own = plan::rank(&free, vec![candidate]);
    }
    own.extend(others);
    Ok(own)
}

fn told(proposed: &Choice, others: &[Choice], lang: &Lang) -> String {
    let named = |key: &str, choice: &Choice| {
        lang.with(key, &[("title", choice.case.title.as_str()), ("case", choice.case.slug.as_str())])
    };
    let mut out = format!("\n{}\n", named("gameday.new-proposal", proposed));
    proposed.reasons.iter().for_each(|own| out.push_str(&format!("  · {}\n", reason(lang, own))));
    others.iter().for_each(|other| out.push_str(&format!("{}\n", named("gameday.new-next", other))));
    out
}

//! Progress on disk: one file beside the runs, made again from them whenever it is missing or damaged; nothing leaves the
//! machine. The commands `stats`, `next`, `daily` and `review`. Does not know how figures are reckoned.

pub mod commands;
pub mod daily;
pub mod review;
pub mod store;

use super::cases;
use super::places::Places;
use super::runs;
use crate::case::progress::difficulty::Difficulty;
use crate::case::progress::next::{self, Candidate};
use crate::case::progress::overview::Overview;
use crate::case::progress::record::NOT_SKILLS;
use crate::scenario::source::Pack;
use crate::scenario::{family, file};
use crate::stdx::time::{Span, Time};
use crate::ui::screens::list::Card;
use crate::ui::screens::stats::Progress;
use std::collections::BTreeMap;
use store::Store;

/// The wall clock.
pub fn now() -> Time {
    Time(chrono::Utc::now().timestamp_millis())
}

/// Everything that is told of progress, for these cards.
pub fn gather(places: &Places, store: &Store, cards: &[Card], now: Time) -> Progress {
    let overview = Overview::of(&store.records, &store.marks, now);
    let recent = recent(places, store, now);
    let candidates: Vec<Candidate> = cards
        .iter()
        .filter(|card| card.broken.is_none() && !card.tutorial)
        .map(|card| candidate(places, card, recent.contains(&card.slug)))
        .collect();
    // Whoever has played nothing is offered the tutorial, not advice.
    if overview.recent.is_empty() {
        return Progress { overview, ..Progress::default() };
    }
    let next = next::ranked(&candidates, &overview.skills, &overview.due_set());
    Progress { overview, next, titles: BTreeMap::new() }
}

/// Cases that were played within fourteen days, finished or not.
fn recent(places: &Places, store: &Store, now: Time) -> std::collections::BTreeSet<String> {
    let since = now - Span::hours(24 * next::RECENT_DAYS);
    let open = runs::list(places).into_iter().filter(|run| run.acts > 0 && run.began().is_some_and(|at| at >= since));
    let finished = store.records.iter().filter(|record| record.at >= since).map(|record| record.played.case.clone());
    open.map(|run| run.case).chain(finished).collect()
}

fn candidate(places: &Places, card: &Card, recent: bool) -> Candidate {
    let of = cases::find(places, &card.slug).ok().map(|pack| difficulties(&pack)).unwrap_or_default();
    let sum: i64 = of.iter().map(Difficulty::b_m).sum();
    Candidate {
        slug: card.slug.clone(),
        tags: card.tags.iter().filter(|tag| !NOT_SKILLS.contains(&tag.as_str())).cloned().collect(),
        concepts: card.concepts.clone(),
        b_m: sum / (of.len() as i64).max(1),
        asks: of.iter().flat_map(next::asks).collect(),
        recent,
    }
}

/// The difficulty of each variant, from the file alone.
fn difficulties(pack: &Pack) -> Vec<Difficulty> {
    let Ok(read) = file::read(pack) else { return Vec::new() };
    let of = |id: &String| {
        let (inner, variant) = family::behind(pack, id)?;
        let case = if inner.slug == pack.slug {
            file::outline(&read, variant)
        } else {
            file::outline(&file::read(&inner).ok()?, variant)
        };
        Some(Difficulty::of(&case?))
    };
    read.variants.iter().filter_map(of).collect()
}

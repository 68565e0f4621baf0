//! Concepts that fade: what is due, by FSRS (the `rs-fsrs` crate). A concept is rated by what the learner did, never asked
//! for. Does not know cases beyond the concepts of their clues.

use super::record::{EARLIEST, name};
use crate::stdx::time::Time;
use chrono::{DateTime, Utc};
use rs_fsrs::{Card, FSRS, Parameters, Rating, Seed, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a concept was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Missed, or a hint showed the clue itself.
    Again,
    /// Cited after a hint that did not show it.
    Hard,
    /// Cited unaided.
    Good,
    /// By the learner's own hand alone.
    Easy,
}

/// How one clue of a concept fared in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fared {
    /// In an exhibit that was cited for a claim or to clear a rival.
    pub cited: bool,
    /// The highest rung of a hint about it; 0 for none.
    pub rung: u8,
}

/// The grade of a concept from its clues in one run; nothing if it has none.
pub fn grade(clues: &[Fared]) -> Option<Grade> {
    let rung = clues.iter().map(|clue| clue.rung).max()?;
    Some(match clues.iter().any(|clue| clue.cited) {
        _ if rung >= 3 => Grade::Again,
        false => Grade::Again,
        true if rung > 0 => Grade::Hard,
        true => Grade::Good,
    })
}

/// One time a concept was needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Review {
    pub at: Time,
    pub concept: String,
    pub grade: Grade,
}

impl Review {
    /// The review if it can have been before `latest`, or why not.
    pub fn believed(self, latest: Time) -> Result<Review, &'static str> {
        if !(EARLIEST..=latest).contains(&self.at) {
            return Err("its date is not one at which it can have been");
        }
        if name(&self.concept) { Ok(self) } else { Err("its concept is empty, too long or unprintable") }
    }
}

/// What is known of a concept's fading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// When it should be met again.
    pub due: Time,
    /// Days until it is remembered with nine chances in ten.
    pub stability: f64,
    pub reviews: u32,
    /// Times it had been known and then was not.
    pub lapses: u32,
    pub last: Time,
}

/// The default weights of FSRS 5, which the crate ships and does not give out.
const WEIGHTS: [f64; 19] = [
    0.4072, 1.1829, 3.1262, 15.4722, 7.2102, 0.5316, 1.0651, 0.0234, 1.616, 0.1544, 1.0824, 1.9813, 0.0953, 0.2975,
    2.2042, 0.2407, 2.9466, 0.5034, 0.6567,
];

/// Every parameter said: the crate's own default reads the clock. Days only (nobody plays a case again after ten
/// minutes), and no fuzz, so that the same reviews give the same days.
fn scheduler() -> FSRS {
    FSRS::new(Parameters {
        request_retention: 0.9,
        maximum_interval: 365,
        w: WEIGHTS,
        decay: Parameters::DECAY,
        factor: Parameters::FACTOR,
        enable_short_term: false,
        enable_fuzz: false,
        seed: Seed::new(0),
    })
}

fn date(at: Time) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

/// What all reviews, in the order of their times, come to.
pub fn memories(reviews: &[Review]) -> BTreeMap<String, Memory> {
    let mut sorted: Vec<&Review> = reviews.iter().collect();
    sorted.sort();
    let scheduler = scheduler();
    let mut cards: BTreeMap<&str, Card> = BTreeMap::new();
    for review in sorted {
        let now = date(review.at);
        let card = cards.remove(review.concept.as_str()).unwrap_or_else(|| new_card(now));
        let rating = match review.grade {
            Grade::Again => Rating::Again,
            Grade::Hard => Rating::Hard,
            Grade::Good => Rating::Good,
            Grade::Easy => Rating::Easy,
        };
        cards.insert(&review.concept, scheduler.next(card, now, rating).card);
    }
    let memory = |card: &Card| Memory {
        due: Time(card.due.timestamp_millis()),
        stability: card.stability,
        reviews: u32::try_from(card.reps).unwrap_or(0),
        lapses: u32::try_from(card.lapses).unwrap_or(0),
        last: Time(card.last_review.timestamp_millis()),
    };
    cards.iter().map(|(concept, card)| (concept.to_string(), memory(card))).collect()
}

/// A card that was never shown. The crate's `Card::new` would read the clock.
fn new_card(now: DateTime<Utc>) -> Card {
    Card {
        due: now,
        stability: 0.0,
        difficulty: 0.0,
        elapsed_days: 0,
        scheduled_days: 0,
        reps: 0,
        lapses: 0,
        state: State::New,
        last_review: now,
    }
}

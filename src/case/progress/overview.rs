//! Everything that is told of a learner's progress, and what is left unsaid because too little is known. Does not know
//! words or screens.

use super::calibration::{self, Calibration};
use super::number::{mean, student, variance};
use super::recall::{self, Memory, Review};
use super::record::{Level, Record, Standing, standings};
use super::skill::{Interval, Skill, Skills};
use crate::case::score::Dim;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Below so many rated runs there is not enough to say.
pub const RUNS_MIN: usize = 5;
/// Runs in each half before the two are compared.
const HALF_MIN: usize = 5;

/// A learner at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    pub now: Time,
    pub runs: Runs,
    pub skills: Skills,
    /// Concept → what is known of its fading.
    pub memories: BTreeMap<String, Memory>,
    /// Of first attempts without hints: how sure they were.
    pub verdicts: usize,
    pub calibration: Option<Calibration>,
    /// The mean share of first attempts without hints, once there are enough.
    pub level: Option<Interval>,
    pub change: Option<Change>,
    pub guesses: Guesses,
    /// The last resolution, and when.
    pub pledge: Option<(Time, String)>,
    /// Newest first.
    pub recent: Vec<(Record, Standing)>,
}

/// How many runs of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    pub first: usize,
    pub hinted: usize,
    pub repeats: usize,
    pub unrated: usize,
}

/// The later half of the rated runs against the earlier: shares, and the case mix of both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// Runs in each half, earlier and later.
    pub runs: (usize, usize),
    /// Later minus earlier, with its 80 % interval.
    pub difference: Interval,
    /// Mean difficulty of both halves.
    pub difficulty: (f64, f64),
}

impl Change {
    /// Whether a change may be claimed: `Some(true)` better, `Some(false)` worse.
    pub fn claimed(&self) -> Option<bool> {
        match self.difference {
            Interval { low, .. } if low > 0.0 => Some(true),
            Interval { high, .. } if high < 0.0 => Some(false),
            _ => None,
        }
    }
}

/// One's own dimensions as guessed before the numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guesses {
    pub right: u32,
    pub too_high: u32,
    pub too_low: u32,
}

/// Runs that are shown.
const RECENT_MAX: usize = 50;

impl Overview {
    /// `marks` are the reviews by the learner's own hand.
    pub fn of(records: &[Record], marks: &[Review], now: Time) -> Overview {
        let runs = standings(records);
        let firsts: Vec<&Record> = only(&runs, Standing::First);
        let sure: Vec<_> = firsts.iter().filter_map(|record| record.sure).collect();
        let shares: Vec<f64> = firsts.iter().map(|record| record.points.share()).collect();
        let count = |standing: Standing| runs.iter().filter(|(_, own)| *own == standing).count();
        Overview {
            now,
            runs: Runs {
                first: firsts.len(),
                hinted: count(Standing::Hinted),
                repeats: count(Standing::Repeat),
                unrated: count(Standing::Unrated),
            },
            skills: Skills::of(&runs, now),
            memories: recall::memories(&reviews(records, marks)),
            verdicts: sure.len(),
            calibration: calibration::of(&sure),
            level: (shares.len() >= RUNS_MIN).then(|| of_mean(&shares)),
            change: change(&firsts),
            guesses: guesses(records),
            pledge: pledge(&runs),
            recent: runs.iter().rev().take(RECENT_MAX).map(|(record, own)| ((*record).clone(), *own)).collect(),
        }
    }

    /// Rated runs: first attempts, with or without hints.
    pub fn rated(&self) -> usize {
        self.runs.first + self.runs.hinted
    }

    /// Concepts that are due, the longest overdue first.
    pub fn due(&self) -> Vec<(&str, Memory)> {
        let due = self.memories.iter().filter(|(_, memory)| memory.due <= self.now);
        let mut due: Vec<(&str, Memory)> = due.map(|(concept, memory)| (concept.as_str(), *memory)).collect();
        due.sort_by(|a, b| (a.1.due, a.0).cmp(&(b.1.due, b.0)));
        due
    }

    /// The next concept that will be due.
    pub fn due_next(&self) -> Option<(&str, Memory)> {
        let later = self.memories.iter().filter(|(_, memory)| memory.due > self.now);
        later
            .min_by_key(|(concept, memory)| (memory.due, *concept))
            .map(|(concept, memory)| (concept.as_str(), *memory))
    }

    pub fn due_set(&self) -> BTreeSet<String> {
        self.due().into_iter().map(|(concept, _)| concept.to_string()).collect()
    }

    /// A skill with what it comes to on a case of middling difficulty; nothing while it rests on too few runs.
    pub fn told(skill: &Skill) -> Option<Interval> {
        (skill.runs as usize >= RUNS_MIN).then(|| skill.expected(0.0))
    }
}

fn only<'a>(runs: &[(&'a Record, Standing)], wanted: Standing) -> Vec<&'a Record> {
    runs.iter().filter(|(_, own)| *own == wanted).map(|(record, _)| *record).collect()
}

/// Every time that a concept was needed, whatever the run counted as: remembering is no score.
fn reviews(records: &[Record], marks: &[Review]) -> Vec<Review> {
    let own = records.iter().flat_map(|record| {
        let of = |(concept, grade): (&String, &recall::Grade)| Review {
            at: record.at,
            concept: concept.clone(),
            grade: *grade,
        };
        record.concepts.iter().map(of)
    });
    own.chain(marks.iter().cloned()).collect()
}

/// A mean with its 80 % interval.
fn of_mean(values: &[f64]) -> Interval {
    let middle = mean(values);
    let half = student(values.len() - 1) * (variance(values) / values.len() as f64).sqrt();
    Interval { low: (middle - half).max(0.0), middle, high: (middle + half).min(1.0) }
}

fn change(firsts: &[&Record]) -> Option<Change> {
    if firsts.len() < 2 * HALF_MIN {
        return None;
    }
    let (earlier, later) = firsts.split_at(firsts.len() / 2);
    let shares = |half: &[&Record]| half.iter().map(|record| record.points.share()).collect::<Vec<f64>>();
    let hard =
        |half: &[&Record]| mean(&half.iter().map(|record| record.difficulty_m as f64 / 1_000.0).collect::<Vec<f64>>());
    let (a, b) = (shares(earlier), shares(later));
    let middle = mean(&b) - mean(&a);
    let (va, vb) = (variance(&a) / a.len() as f64, variance(&b) / b.len() as f64);
    // Welch's degrees of freedom, floored.
    let below = va * va / (a.len() - 1) as f64 + vb * vb / (b.len() - 1) as f64;
    let degrees = if below > 0.0 { ((va + vb) * (va + vb) / below) as usize } else { a.len() + b.len() - 2 };
    let half = student(degrees.max(1)) * (va + vb).sqrt();
    Some(Change {
        runs: (a.len(), b.len()),
        difference: Interval { low: middle - half, middle, high: middle + half },
        difficulty: (hard(earlier), hard(later)),
    })
}

fn guesses(records: &[Record]) -> Guesses {
    let mut out = Guesses::default();
    for record in records {
        let of = |dim: &Dim| record.points.dim(*dim).map(Level::of);
        for (guessed, was) in record.guess.iter().filter_map(|(dim, guessed)| Some((*guessed, of(dim)?))) {
            match guessed.cmp(&was) {
                std::cmp::Ordering::Equal => out.right += 1,
                std::cmp::Ordering::Greater => out.too_high += 1,
                std::cmp::Ordering::Less => out.too_low += 1,
            }
        }
    }
    out
}

fn pledge(runs: &[(&Record, Standing)]) -> Option<(Time, String)> {
    let (record, _) = runs.iter().rev().find(|(record, _)| !record.pledge.is_empty())?;
    Some((record.at, record.pledge.clone()))
}

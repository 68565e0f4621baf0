//! Skill as a normal belief on a logit scale: one number per tag and per dimension, with an honest width. An Elo whose step
//! shrinks by itself as runs add up. Does not know which runs are rated beyond their standing.

use super::number::{EIGHTY, logistic};
use super::record::{Record, Standing};
use crate::case::score::Dim;
use crate::stdx::time::Time;
use std::collections::BTreeMap;

/// How far one result lies from what skill alone would give, as a standard deviation of the share: one case tells little.
pub const NOISE: f64 = 0.20;
/// What is not known grows by this a day, up to what was not known at first.
const DRIFT_PER_DAY: f64 = 0.004;
const DAY_MS: i64 = 86_400_000;

/// A belief about a skill: normal, with this mean and variance, in logits against a case of difficulty 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skill {
    pub mean: f64,
    pub variance: f64,
    /// Rated runs that it rests on.
    pub runs: u32,
    /// The day of the last one, since 1970.
    day: Option<i64>,
}

impl Default for Skill {
    /// Nothing is known: N(0, 1).
    fn default() -> Skill {
        Skill { mean: 0.0, variance: 1.0, runs: 0, day: None }
    }
}

impl Skill {
    /// Lets time pass: what was known is a little less certain.
    pub fn aged(mut self, now: Time) -> Skill {
        let today = now.0.div_euclid(DAY_MS);
        if let Some(day) = self.day.filter(|day| *day < today) {
            self.variance = (self.variance + DRIFT_PER_DAY * (today - day) as f64).min(1.0);
            self.day = Some(today);
        }
        self
    }

    /// Takes in a result `y` (0 to 1) on a case of difficulty `b`; `share` is 1 / the number of skills that it tells about.
    pub fn learned(self, at: Time, y: f64, b: f64, share: f64) -> Skill {
        let mut own = self.aged(at);
        let p = logistic(own.mean - b);
        let s = p * (1.0 - p);
        let gain = share * own.variance * s / (s * s * own.variance + NOISE * NOISE);
        own.mean += gain * (y - p);
        own.variance *= 1.0 - gain * s;
        own.runs += 1;
        own.day = Some(at.0.div_euclid(DAY_MS));
        own
    }

    /// What is expected on a case of difficulty `b`: the middle, and the ends of the 80 % interval, as shares.
    pub fn expected(&self, b: f64) -> Interval {
        let half = EIGHTY * self.variance.max(0.0).sqrt();
        let at = |skill: f64| logistic(skill - b);
        Interval { low: at(self.mean - half), middle: at(self.mean), high: at(self.mean + half) }
    }

    /// Whether the 80 % interval holds a true skill.
    pub fn holds(&self, truth: f64) -> bool {
        (truth - self.mean).abs() <= EIGHTY * self.variance.max(0.0).sqrt()
    }
}

/// An 80 % interval of a share, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub middle: f64,
    pub high: f64,
}

/// What is known of a learner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skills {
    pub tags: BTreeMap<String, Skill>,
    pub dims: BTreeMap<Dim, Skill>,
}

impl Skills {
    /// Every rated run once, oldest first; at the end as certain as that is by `now`.
    pub fn of(runs: &[(&Record, Standing)], now: Time) -> Skills {
        let mut skills = Skills::default();
        let rated = runs.iter().filter(|(_, standing)| matches!(standing, Standing::First | Standing::Hinted));
        for (record, _) in rated {
            skills.learn(record);
        }
        skills.tags.values_mut().for_each(|skill| *skill = skill.aged(now));
        skills.dims.values_mut().for_each(|skill| *skill = skill.aged(now));
        skills
    }

    fn learn(&mut self, record: &Record) {
        let b = record.difficulty_m as f64 / 1_000.0;
        let share = 1.0 / record.skills().count().max(1) as f64;
        for tag in record.skills() {
            let own = self.tags.entry(tag.to_string()).or_default();
            *own = own.learned(record.at, record.points.share(), b, share);
        }
        for dim in record.points.dims.keys() {
            let Some(y) = record.points.dim(*dim) else { continue };
            let own = self.dims.entry(*dim).or_default();
            *own = own.learned(record.at, y, b, 1.0);
        }
    }

    /// What is expected of a case with these tags: the mean of their skills, nothing known of those never met.
    pub fn expected(&self, tags: &[&str], b: f64) -> f64 {
        let means: Vec<f64> = tags.iter().map(|tag| self.tags.get(*tag).map_or(0.0, |skill| skill.mean)).collect();
        logistic(super::number::mean(&means) - b)
    }
}

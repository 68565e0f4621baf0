//! What progress remembers of one finished run, and what of a record from elsewhere is believed. Does not know the run.

use super::recall::Grade;
use crate::case::score::Dim;
use crate::stdx::text::harmless;
use crate::stdx::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How runs are played, as a journal's header names it.
pub const MODES: &[&str] = &["daily", "drill", "interview", "practice"];
/// Tags that say what kind of case it is, not what it is about: nobody has a skill in them.
pub const NOT_SKILLS: &[&str] = &["family", "tutorial"];
/// The tag of the case that is coached step by step.
const TUTORIAL: &str = "tutorial";

/// One finished run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// 16 hex digits that only this run has, wherever its record is copied to.
    pub key: String,
    /// When the run began, by the wall clock.
    pub at: Time,
    pub played: Played,
    pub tags: Vec<String>,
    /// Difficulty `b` of the case in thousandths, from its structure.
    pub difficulty_m: i64,
    pub points: Points,
    /// What the learner was sure of at the verdict, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<Sure>,
    /// How often each rung of the hints was taken.
    #[serde(default)]
    pub hints: [u32; 3],
    /// How each concept of the case was known.
    #[serde(default)]
    pub concepts: BTreeMap<String, Grade>,
    /// What was guessed of the own dimensions before the numbers were shown.
    #[serde(default)]
    pub guess: BTreeMap<Dim, Level>,
    /// "Next time, when …, I first …"
    #[serde(default)]
    pub pledge: String,
}

/// Which telling of which case it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Played {
    pub case: String,
    pub variant: String,
    pub seed: u64,
    /// One of `MODES`.
    pub mode: String,
    /// 1 for the first run of this case and variant on the machine where it was played.
    pub attempt: u32,
    /// The title, for people.
    #[serde(default)]
    pub title: String,
}

/// What it was worth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// The rules that graded it.
    pub engine: String,
    /// Thousandths of a point.
    pub total_m: i64,
    /// What could be had: less than 100 under rules that did not grade every dimension.
    pub max: i64,
    /// Thousandths got and points to be had, of the dimensions that were graded.
    pub dims: BTreeMap<Dim, (i64, i64)>,
}

/// The confidence in the accused at the verdict, in percent, and whether it was the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sure {
    pub percent: u8,
    pub right: bool,
}

/// A guess of one's own result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Low,
    Middle,
    High,
}

impl Level {
    /// Thirds of what a dimension can give.
    pub fn of(share: f64) -> Level {
        match share {
            _ if share < 1.0 / 3.0 => Level::Low,
            _ if share < 2.0 / 3.0 => Level::Middle,
            _ => Level::High,
        }
    }
}

/// What a run counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A first attempt without any hint: what statistics are made of.
    First,
    /// A first attempt with hints that did not show the clue itself: it moves the skill, and is listed apart.
    Hinted,
    /// The case and variant had been played before.
    Repeat,
    /// Practice, interview, the coached tutorial, or a clue that a hint showed: not rated.
    Unrated,
}

impl Points {
    /// Of what could be had, 0 to 1.
    pub fn share(&self) -> f64 {
        part(self.total_m, self.max)
    }

    pub fn dim(&self, dim: Dim) -> Option<f64> {
        self.dims.get(&dim).map(|(got, max)| part(*got, *max))
    }
}

/// Thousandths of points, of points.
pub fn part(got_m: i64, max: i64) -> f64 {
    if max <= 0 { 0.0 } else { (got_m as f64 / (max as f64 * 1_000.0)).clamp(0.0, 1.0) }
}

impl Record {
    /// The case and the variant behind whatever page it was played: a family's member is that of its case.
    pub fn behind(&self) -> (&str, &str) {
        self.played.variant.split_once('/').unwrap_or((&self.played.case, &self.played.variant))
    }

    /// Tags in which there is skill.
    pub fn skills(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(String::as_str).filter(|tag| !NOT_SKILLS.contains(tag))
    }

    /// `before`: whether a record of the same case and variant is older.
    fn standing(&self, before: bool) -> Standing {
        let rated = matches!(self.played.mode.as_str(), "drill" | "daily");
        match self.hints {
            _ if !rated || self.tags.iter().any(|tag| tag == TUTORIAL) => Standing::Unrated,
            _ if before || self.played.attempt != 1 => Standing::Repeat,
            [_, _, shown] if shown > 0 => Standing::Unrated,
            [0, 0, _] => Standing::First,
            _ => Standing::Hinted,
        }
    }
}

/// Records, oldest first, each with what it counts as.
pub fn standings(records: &[Record]) -> Vec<(&Record, Standing)> {
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
    let mut known = std::collections::BTreeSet::new();
    sorted.into_iter().map(|record| (record, record.standing(!known.insert(record.behind())))).collect()
}

// ---- what is believed of a record from elsewhere -----------------------------------------------------------------------

/// Characters of names, of a title, of what somebody resolved to do.
const NAME_MAX: usize = 80;
const TITLE_MAX: usize = 120;
const PLEDGE_MAX: usize = 500;
/// Tags and concepts of one case.
const TAGS_MAX: usize = 24;
const CONCEPTS_MAX: usize = 64;
/// Difficulties lie far within this, thousandths.
const DIFFICULTY_M_MAX: i64 = 20_000;
/// Before this nobody played: 2020-01-01, milliseconds.
pub(super) const EARLIEST: Time = Time(1_577_836_800_000);

pub(super) fn name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= NAME_MAX && harmless(text) == text && !text.contains(['\n', '\t'])
}

impl Record {
    /// The record with texts made harmless and cut, or why it cannot be one of a run that ended before `latest`.
    pub fn believed(mut self, latest: Time) -> Result<Record, &'static str> {
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if self.key.len() != 16 || !self.key.chars().all(hex) {
            return Err("its key is not 16 hex digits");
        }
        if self.at < EARLIEST || self.at > latest {
            return Err("its date is not one at which it can have been played");
        }
        let names = [&self.played.case, &self.played.variant].into_iter().chain(&self.tags).chain(self.concepts.keys());
        if !names.into_iter().all(|text| name(text)) || self.points.engine.len() > NAME_MAX {
            return Err("a name in it is empty, too long or unprintable");
        }
        if !MODES.contains(&self.played.mode.as_str()) || !(1..=1_000_000).contains(&self.played.attempt) {
            return Err("its mode or the number of its attempt is none");
        }
        if self.tags.len() > TAGS_MAX || self.concepts.len() > CONCEPTS_MAX {
            return Err("it has too many tags or concepts");
        }
        let sum = |part: fn(&(i64, i64)) -> i64| self.points.dims.values().map(part).sum::<i64>();
        let lawful = |(got, max): &(i64, i64)| (0..=100).contains(max) && (0..=max * 1_000).contains(got);
        let all = (self.points.total_m, self.points.max);
        if !lawful(&all) || !self.points.dims.values().all(lawful) || sum(|(_, max)| *max) != self.points.max {
            return Err("its points are none that can be had");
        }
        if self.sure.is_some_and(|sure| sure.percent > 100) || self.difficulty_m.abs() > DIFFICULTY_M_MAX {
            return Err("a number in it is out of range");
        }
        if self.hints.iter().any(|count| *count > 1_000) {
            return Err("it has more hints than a case can give");
        }
        let one_line = |text: &str, most: usize| -> String {
            harmless(text).replace(['\n', '\t'], " ").chars().take(most).collect()
        };
        self.points.engine = one_line(&self.points.engine, NAME_MAX);
        self.played.title = one_line(&self.played.title, TITLE_MAX);
        self.pledge = one_line(&self.pledge, PLEDGE_MAX);
        Ok(self)
    }
}

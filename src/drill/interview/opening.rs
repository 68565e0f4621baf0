//! An opening: one drill on the same terms for all who apply, and its code, by which it is given out again. The same code is
//! the same drill to the byte; another seed gives other names, counts and times of the same case and culprit. Does not know
//! who applies.

use super::Competency;
use crate::drill::run::Clock;
use crate::scenario::shape::Case;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub case: String,
    pub variant: String,
    pub seed: u64,
    /// The time-box, in minutes of simulated time.
    pub minutes: u32,
    pub clock: Clock,
    /// What is not observed.
    pub without: BTreeSet<Competency>,
    /// Of the case and all of the above: another version of the case, or a slip of the pen, has another one.
    pub check: String,
}

/// Minutes that a time-box has at most: a month, for cases that wait for a bill.
pub const MINUTES_MAX: u32 = 31 * 24 * 60;

impl Opening {
    pub fn new(case: &Case, minutes: u32, clock: Clock, without: BTreeSet<Competency>) -> Opening {
        let (variant, seed) = (case.variant.clone(), case.seed);
        let opening = Opening { case: case.slug.clone(), variant, seed, minutes, clock, without, check: String::new() };
        Opening { check: opening.check_of(&case.hash), ..opening }
    }

    fn terms(&self) -> String {
        let clock = if self.clock == Clock::Live { "live" } else { "turn" };
        let without: Vec<&str> = self.without.iter().map(|own| own.name()).collect();
        let without = if without.is_empty() { "all".to_string() } else { format!("no-{}", without.join("-")) };
        format!("{}:{}:{}:{}m:{clock}:{without}", self.case, self.variant, self.seed, self.minutes)
    }

    fn check_of(&self, hash: &str) -> String {
        let sum = Sha256::digest(format!("{}:{hash}", self.terms()).as_bytes());
        sum.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// `the-toll-road:B:4711:45m:turn:all:3fa2c1d0`.
    pub fn code(&self) -> String {
        format!("{}:{}", self.terms(), self.check)
    }

    /// Reads a code; what is wrong with it, else.
    pub fn read(code: &str) -> Result<Opening, String> {
        let parts: Vec<&str> = code.trim().split(':').collect();
        let [case, variant, seed, minutes, clock, without, check] = parts[..] else {
            return Err("a code has seven parts: CASE:VARIANT:SEED:MINUTESm:CLOCK:OBSERVED:CHECK".into());
        };
        let seed = seed.parse().map_err(|_| format!("`{seed}` is no seed"))?;
        let minutes = minutes.strip_suffix('m').and_then(|minutes| minutes.parse().ok());
        let minutes =
            minutes.filter(|minutes| (1..=MINUTES_MAX).contains(minutes)).ok_or("the minutes are no number")?;
        let clock = match clock {
            "turn" => Clock::Turn,
            "live" => Clock::Live,
            _ => return Err(format!("`{clock}` is no clock: turn or live")),
        };
        let mut left_out = BTreeSet::new();
        for name in without.strip_prefix("no-").into_iter().flat_map(|names| names.split('-')) {
            left_out.insert(Competency::named(name).ok_or_else(|| format!("`{name}` is no competency"))?);
        }
        let (case, variant, check) = (case.to_string(), variant.to_string(), check.to_string());
        Ok(Opening { case, variant, seed, minutes, clock, without: left_out, check })
    }

    /// Whether the code is of this case, to the byte.
    pub fn is_of(&self, case: &Case) -> bool {
        self.check_of(&case.hash) == self.check && self.seed == case.seed && self.variant == case.variant
    }
}

/// What differs between two runs of one opening: a word for each thing, and how it was in each.
pub fn differences(first: &[(String, String)], other: &[(String, String)]) -> Vec<(String, String, String)> {
    let value = |of: &[(String, String)], name: &str| {
        of.iter().find(|(own, _)| own == name).map_or_else(String::new, |(_, value)| value.clone())
    };
    let names: BTreeSet<&String> = first.iter().chain(other).map(|(name, _)| name).collect();
    let pairs = names.into_iter().map(|name| (name.clone(), value(first, name), value(other, name)));
    pairs.filter(|(_, first, other)| first != other).collect()
}

//! Profiles of weights, and the constitution that every profile must obey. Does not know any run.

use super::Dim;
use super::truth::Blank;

/// How many points each dimension and each blank of the verdict can give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: &'static str,
    weights: [(Dim, i64); 7],
    blanks: [(Blank, i64); 5],
}

/// The default: Case (V, E, K) 64, Conduct (P, M, R, U) 36.
pub const DETECTIVE: Profile = Profile {
    name: "detective",
    weights: [(Dim::V, 46), (Dim::E, 10), (Dim::K, 8), (Dim::P, 12), (Dim::M, 6), (Dim::R, 12), (Dim::U, 6)],
    blanks: [(Blank::Culprit, 14), (Blank::Mechanism, 14), (Blank::Trigger, 10), (Blank::Impact, 4), (Blank::Onset, 4)],
};

/// A team's: belief, method and preserving count a little less, communication twice. Of its twelve points for that, updates
/// give six as they do to one alone; the other six are for closed loops, decisions and the record.
pub const TEAM: Profile = Profile {
    name: "team",
    weights: [(Dim::V, 46), (Dim::E, 10), (Dim::K, 6), (Dim::P, 10), (Dim::M, 4), (Dim::R, 12), (Dim::U, 12)],
    blanks: DETECTIVE.blanks,
};

/// Sorted by name.
pub const PROFILES: &[&Profile] = &[&DETECTIVE, &TEAM];

/// What updates can give at most; the rest of a profile's U is for what only a team does.
const UPDATES_MAX: i64 = 6;

// A profile of our own that breaks the constitution does not compile.
const _: () = assert!(DETECTIVE.lawful() && TEAM.lawful());

impl Profile {
    /// A profile, or what is wrong with it.
    pub fn new(name: &'static str, weights: [(Dim, i64); 7], blanks: [(Blank, i64); 5]) -> Result<Profile, String> {
        let profile = Profile { name, weights, blanks };
        if profile.lawful() {
            return Ok(profile);
        }
        Err(format!(
            "profile `{name}`: weights must be positive and add up to 100, the blanks to V, and 2·V + E must exceed \
             100, so that a proven diagnosis beats every run without evidence"
        ))
    }

    /// The constitution: 2·V + E > 100.
    const fn lawful(&self) -> bool {
        let (mut sum, mut verdict, mut elimination, mut blanks) = (0, 0, 0, 0);
        let mut at = 0;
        while at < self.weights.len() {
            let (dim, weight) = self.weights[at];
            if weight < 0 || weight > 100 {
                return false;
            }
            sum += weight;
            match dim {
                Dim::V => verdict = weight,
                Dim::E => elimination = weight,
                _ => {}
            }
            at += 1;
        }
        at = 0;
        while at < self.blanks.len() {
            if self.blanks[at].1 < 0 || self.blanks[at].1 > 100 {
                return false;
            }
            blanks += self.blanks[at].1;
            at += 1;
        }
        sum == 100 && blanks == verdict && 2 * verdict + elimination > 100
    }

    /// The points of U that updates give.
    pub fn updates(&self) -> i64 {
        self.weight(Dim::U).min(UPDATES_MAX)
    }

    pub fn weight(&self, dim: Dim) -> i64 {
        self.weights.iter().find(|(own, _)| *own == dim).map_or(0, |(_, weight)| *weight)
    }

    pub fn blank(&self, blank: Blank) -> i64 {
        self.blanks.iter().find(|(own, _)| *own == blank).map_or(0, |(_, weight)| *weight)
    }
}

//! Profiles of weights, and the constitution that every profile must obey. Does not know any run.

use super::Dim;
use super::truth::Blank;
use crate::stdx::suggest::nearest;
use crate::stdx::text::harmless;
use serde::Deserialize;
use std::borrow::Cow;

/// How many points each dimension and each blank of the verdict can give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: Cow<'static, str>,
    weights: [(Dim, i64); 7],
    blanks: [(Blank, i64); 5],
}

/// The default: Case (V, E, K) 64, Conduct (P, M, R, U) 36.
pub const DETECTIVE: Profile = Profile {
    name: Cow::Borrowed("detective"),
    weights: [(Dim::V, 46), (Dim::E, 10), (Dim::K, 8), (Dim::P, 12), (Dim::M, 6), (Dim::R, 12), (Dim::U, 6)],
    blanks: [(Blank::Culprit, 14), (Blank::Mechanism, 14), (Blank::Trigger, 10), (Blank::Impact, 4), (Blank::Onset, 4)],
};

/// A team's: belief, method and preserving count a little less, communication twice. Of its twelve points for that, updates
/// give six as they do to one alone; the other six are for closed loops, decisions and the record.
pub const TEAM: Profile = Profile {
    name: Cow::Borrowed("team"),
    weights: [(Dim::V, 46), (Dim::E, 10), (Dim::K, 6), (Dim::P, 10), (Dim::M, 4), (Dim::R, 12), (Dim::U, 12)],
    blanks: DETECTIVE.blanks,
};

/// Sorted by name.
pub const PROFILES: &[&Profile] = &[&DETECTIVE, &TEAM];

/// What updates can give at most; the rest of a profile's U is for what only a team does.
const UPDATES_MAX: i64 = 6;

/// Bytes of a profile's file, at most.
const FILE_MAX: usize = 4_096;
/// Characters of a profile's name, at most.
const NAME_MAX: usize = 40;

/// A profile's file: `name`, the points of each dimension under `[weights]`, those of the verdict's blanks under `[blanks]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    weights: Weights,
    blanks: Blanks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
struct Weights {
    v: i64,
    e: i64,
    k: i64,
    p: i64,
    m: i64,
    r: i64,
    u: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Blanks {
    culprit: i64,
    mechanism: i64,
    trigger: i64,
    impact: i64,
    onset: i64,
}

// A profile of our own that breaks the constitution does not compile.
const _: () = assert!(DETECTIVE.lawful() && TEAM.lawful());

/// What the reader says of a file, harmless line by line.
fn told(error: toml::de::Error) -> String {
    error.to_string().trim_end().lines().map(harmless).collect::<Vec<_>>().join("\n")
}

impl Profile {
    /// A profile, or what is wrong with it.
    pub fn new(name: &str, weights: [(Dim, i64); 7], blanks: [(Blank, i64); 5]) -> Result<Profile, String> {
        let profile = Profile { name: Cow::Owned(name.to_string()), weights, blanks };
        if profile.lawful() {
            return Ok(profile);
        }
        Err(format!(
            "profile `{name}`: weights must be positive and add up to 100, the blanks to V, and 2·V + E must exceed \
             100, so that a proven diagnosis beats every run without evidence"
        ))
    }

    /// A profile of ours by its name, or what there is.
    pub fn named(name: &str) -> Result<&'static Profile, String> {
        if let Some(found) = PROFILES.iter().find(|profile| profile.name == name) {
            return Ok(found);
        }
        let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name.as_ref()).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}, or a file of your own", known.join(", ")),
        };
        Err(format!("no profile `{}`: {hint}", harmless(name)))
    }

    /// Reads a profile's file; says where it is wrong, and refuses one that breaks the constitution.
    pub fn read(text: &str) -> Result<Profile, String> {
        if text.len() > FILE_MAX {
            return Err(format!("a profile has at most {FILE_MAX} bytes"));
        }
        let File { name, weights: w, blanks: b } = toml::from_str(text).map_err(told)?;
        if name.is_empty() || name.chars().count() > NAME_MAX || harmless(&name) != name {
            return Err(format!("a profile's name has 1 to {NAME_MAX} printable characters"));
        }
        let weights =
            [(Dim::V, w.v), (Dim::E, w.e), (Dim::K, w.k), (Dim::P, w.p), (Dim::M, w.m), (Dim::R, w.r), (Dim::U, w.u)];
        let blanks = [
            (Blank::Culprit, b.culprit),
            (Blank::Mechanism, b.mechanism),
            (Blank::Trigger, b.trigger),
            (Blank::Impact, b.impact),
            (Blank::Onset, b.onset),
        ];
        Profile::new(&name, weights, blanks)
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

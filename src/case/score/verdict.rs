//! V, verdict and proof: `Σ weight · accuracy · proof` over the blanks. A claim without an exhibit is worth nothing.
//! Does not know how words were collected.

use super::log::{Cite, Claim, Digest, judged};
use super::profile::Profile;
use super::truth::{Blank, Truth};
use super::{Dim, Dimension, Exact, Line, exact};
use num_traits::{One, Zero};
use std::collections::BTreeMap;

pub const ROW: Dimension = Dimension {
    dim: Dim::V,
    name: "verdict",
    doc: "what failed, how, set off by what, hurting whom, since when — each worth its weight × accuracy × proof",
    rule: score,
};

/// The share that is left at the first, second and third attempt; only the last attempt counts.
const ATTEMPTS: [(i64, i64); 3] = [(1, 1), (8, 10), (6, 10)];

fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let attempt = ATTEMPTS[digest.verdicts.len().clamp(1, ATTEMPTS.len()) - 1];
    let (entry, claims) = match digest.verdicts.last() {
        Some((entry, claims)) => (Some(*entry), claims.clone()),
        None => (None, BTreeMap::new()),
    };
    Blank::ALL
        .iter()
        .map(|blank| {
            let weight = exact(profile.blank(*blank), 1);
            let mut entries: Vec<u32> = entry.into_iter().collect();
            let mut because = Vec::new();
            let got = match claims.get(blank) {
                None => {
                    because.push(("claim", "blank".to_string()));
                    Exact::zero()
                }
                Some(claim) => {
                    let judgement = judge(truth, digest, *blank, claim);
                    entries.extend(judgement.bags);
                    because.push(("accuracy", judgement.accuracy.to_string()));
                    because.push(("support", judgement.support.to_string()));
                    because.push(("precision", judgement.precision.to_string()));
                    if judgement.hinted {
                        because.push(("hinted", "halved".to_string()));
                    }
                    if attempt != (1, 1) {
                        because.push(("attempt", exact(attempt.0, attempt.1).to_string()));
                    }
                    &weight * judgement.accuracy * judgement.support * judgement.precision * exact(attempt.0, attempt.1)
                }
            };
            entries.sort_unstable();
            entries.dedup();
            Line {
                dim: Dim::V,
                key: "verdict.blank",
                subject: blank.name().into(),
                got,
                got_m: 0,
                max: weight,
                because,
                entries,
            }
        })
        .collect()
}

/// One claim, weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub accuracy: Exact,
    /// `min(1, Σ over channels of the strongest cited exhibit)`.
    pub support: Exact,
    /// `min(1, (relevant + 1) / cited)`: one stray exhibit is forgiven.
    pub precision: Exact,
    /// Journal entries at which the bearing clues were bagged.
    pub bags: Vec<u32>,
    /// A bearing clue was pointed out by a hint, and counts half.
    pub hinted: bool,
}

impl Judgement {
    pub fn proof(&self) -> Exact {
        &self.support * &self.precision
    }

    /// The word is right and proven by 0.7 or more: what the judge confirms.
    pub fn holds(&self) -> bool {
        self.accuracy.is_one() && self.proof() >= exact(7, 10)
    }
}

pub fn judge(truth: &Truth, digest: &Digest, blank: Blank, claim: &Claim) -> Judgement {
    let accuracy = match blank {
        Blank::Onset => claim.onset.map_or_else(Exact::zero, |time| truth.onset_accuracy(time)),
        _ => truth.accuracy(blank, &claim.word),
    };
    let cites = judged(&claim.cites, |clue| digest.held.contains(clue));
    let pointed_out = digest.pointed_out();
    let mut best: BTreeMap<&str, Exact> = BTreeMap::new();
    let (mut relevant, mut bags, mut hinted) = (0, Vec::new(), false);
    for clue in cites.iter().map(|cite| bearing(truth, blank, &claim.word, cite)) {
        relevant += i64::from(!clue.is_empty());
        for (clue, channel, mut strength) in clue {
            if pointed_out.contains(clue) {
                strength /= exact(2, 1);
                hinted = true;
            }
            bags.extend(digest.bagged.get(clue));
            let strongest = best.entry(channel).or_insert_with(Exact::zero);
            if *strongest < strength {
                *strongest = strength;
            }
        }
    }
    let support: Exact = best.into_values().sum();
    let precision = if cites.is_empty() { Exact::one() } else { exact(relevant + 1, cites.len() as i64) };
    Judgement { accuracy, support: support.min(Exact::one()), precision: precision.min(Exact::one()), bags, hinted }
}

/// The clues of a citation that bear on the claim: each with its channel and its strength.
fn bearing<'a>(truth: &'a Truth, blank: Blank, word: &str, cite: &'a Cite) -> Vec<(&'a str, &'a str, Exact)> {
    let weighed = cite.clues.iter().filter_map(|clue| {
        let strength = truth.strength(clue, blank, word);
        let known = truth.clues.get(clue).filter(|_| !strength.is_zero())?;
        Some((clue.as_str(), known.channel.as_str(), strength))
    });
    weighed.collect()
}

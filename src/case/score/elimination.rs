//! E, elimination: rivals cleared with exhibits that rule them out; the hard ones count more, and clearing the truth
//! forfeits all. Does not know hypotheses' words.

use super::log::{Clearing, Digest, Suspect, judged};
use super::profile::Profile;
use super::truth::Truth;
use super::{Dim, Dimension, Exact, Line, exact};
use num_traits::{One, Zero};

pub const ROW: Dimension = Dimension {
    dim: Dim::E,
    name: "elimination",
    doc: "rivals cleared, each with exhibits that rule it out",
    rule: score,
};

/// E = weight · min(1, Σ b·v / (0.75·Σ v)) · min(1, (Σ b + 1) / filed), shared among the cleared rivals by b·v.
fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let weight = exact(profile.weight(Dim::E), 1);
    let worths: Exact = truth.rivals.iter().map(|rival| truth.rival_worth(rival)).sum();
    let needed = &worths * exact(3, 4);
    let cleared_truth = digest.cleared.get(&Suspect::Truth);
    let filed = digest.cleared.keys().filter(|suspect| !matches!(suspect, Suspect::Other(_))).count() as i64;
    let bearing = |rival: &str| {
        let clearing = digest.cleared.get(&Suspect::Rival(rival.to_string()));
        clearing.map(|clearing| bearing_share(truth, digest, rival, clearing))
    };
    let shares: Vec<Option<Exact>> = truth.rivals.iter().map(|rival| bearing(rival)).collect();
    let good: Exact = shares.iter().flatten().cloned().sum();
    let valid: Exact =
        truth.rivals.iter().zip(&shares).filter_map(|(r, b)| b.as_ref().map(|b| b * truth.rival_worth(r))).sum();
    let earned = if filed == 0 || cleared_truth.is_some() || needed.is_zero() {
        Exact::zero()
    } else {
        let reach = (&valid / &needed).min(Exact::one());
        let aim = ((&good + Exact::one()) / exact(filed, 1)).min(Exact::one());
        &weight * reach * aim
    };
    let mut lines: Vec<Line> = truth
        .rivals
        .iter()
        .zip(&shares)
        .map(|(rival, share)| {
            let worth = truth.rival_worth(rival);
            let got = match share {
                Some(share) if !valid.is_zero() => &earned * share * &worth / &valid,
                _ => Exact::zero(),
            };
            let clearing = digest.cleared.get(&Suspect::Rival(rival.clone()));
            Line {
                dim: Dim::E,
                key: "elimination.rival",
                subject: rival.clone(),
                got,
                got_m: 0,
                max: &weight * &worth / &worths,
                because: match share {
                    Some(share) => vec![("bearing", share.to_string()), ("worth", worth.to_string())],
                    None => vec![("cleared", "no".to_string()), ("worth", worth.to_string())],
                },
                entries: clearing.map(|clearing| clearing.entry).into_iter().collect(),
            }
        })
        .collect();
    if let Some(clearing) = cleared_truth {
        lines.push(Line {
            dim: Dim::E,
            key: "elimination.truth",
            subject: "truth".into(),
            got: Exact::zero(),
            got_m: 0,
            max: Exact::zero(),
            because: vec![("forfeited", "all".into())],
            entries: vec![clearing.entry],
        });
    }
    lines
}

/// Which share of the cited exhibits rules the rival out; what is not held rules nothing out. A rival that was only
/// cleared when the cross-examination named it is worth 0.7 of that.
fn bearing_share(truth: &Truth, digest: &Digest, rival: &str, clearing: &Clearing) -> Exact {
    let cites = judged(&clearing.cites, |clue| digest.bagged.contains_key(clue));
    if cites.is_empty() {
        return Exact::zero();
    }
    let rules_out = |clue: &String| truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(rival));
    let bearing = cites.iter().filter(|cite| cite.clues.iter().any(rules_out)).count();
    exact(bearing as i64, cites.len() as i64) * if clearing.cross { exact(7, 10) } else { Exact::one() }
}

//! K, belief: stated confidences against what the evidence seen until then justified. Being right by luck is overconfidence.
//! Does not know how it turned out.

use super::log::{Checkpoint, Digest, Suspect};
use super::posterior::{belief, posterior};
use super::profile::Profile;
use super::truth::Truth;
use super::{Dim, Dimension, Exact, Line, exact};
use num_traits::{One, Zero};
use std::collections::BTreeMap;

pub const ROW: Dimension = Dimension {
    dim: Dim::K,
    name: "belief",
    doc: "justified confidence: stated beliefs against what the evidence seen so far justified",
    rule: score,
};

/// Fewer checkpoints than this are counted as so many.
const CHECKPOINTS_MIN: usize = 2;

/// K = weight · Σ k / max(2, checkpoints).
fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let count = digest.checkpoints.len();
    let weight = exact(profile.weight(Dim::K), 1);
    let each = &weight / exact(count.max(CHECKPOINTS_MIN) as i64, 1);
    let mut lines: Vec<Line> = digest.checkpoints.iter().map(|point| line(truth, point, each.clone())).collect();
    if count < CHECKPOINTS_MIN {
        let max = each * exact((CHECKPOINTS_MIN - count) as i64, 1);
        lines.push(Line::new(Dim::K, "belief.missing", "", max).because("checkpoints", count));
    }
    lines
}

fn line(truth: &Truth, point: &Checkpoint, max: Exact) -> Line {
    let justified = posterior(truth, &point.seen);
    let stated = shares(&point.stated);
    let said = stated.get(&Suspect::Truth).cloned().unwrap_or_else(Exact::zero);
    let line = Line::new(Dim::K, "belief.checkpoint", point.at.clock(), max.clone())
        .because("open", stated.len())
        .because("stated", said)
        .because("justified", belief(&justified, &Suspect::Truth))
        .at([point.entry]);
    let close = closeness(&stated, &justified);
    let distance = distance(&stated, &justified);
    line.because("distance", distance).got(max * close)
}

/// Percents as shares of one; more than one is scaled down to it.
pub fn shares(stated: &BTreeMap<Suspect, u32>) -> BTreeMap<Suspect, Exact> {
    let all = stated.values().map(|percent| i64::from(*percent)).sum::<i64>().max(100);
    stated.iter().map(|(suspect, percent)| (suspect.clone(), exact(i64::from(*percent), all))).collect()
}

/// D = Σ (p − q)² over what is stated, and the same for all the rest.
pub fn distance(stated: &BTreeMap<Suspect, Exact>, justified: &BTreeMap<Suspect, Exact>) -> Exact {
    let (mut rest_stated, mut rest_justified) = (Exact::one(), Exact::one());
    let mut distance = Exact::zero();
    for (suspect, p) in stated {
        let q = belief(justified, suspect);
        let off = p - &q;
        distance += &off * &off;
        rest_stated -= p;
        rest_justified -= q;
    }
    let off = rest_stated - rest_justified;
    distance + &off * &off
}

/// k = max(0, 1 − 2·D), and 0 if fewer than two hypotheses are open.
pub fn closeness(stated: &BTreeMap<Suspect, Exact>, justified: &BTreeMap<Suspect, Exact>) -> Exact {
    if stated.len() < 2 {
        return Exact::zero();
    }
    (Exact::one() - exact(2, 1) * distance(stated, justified)).max(Exact::zero())
}

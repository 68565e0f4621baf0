//! P, the scene: perishable clues bagged before they were gone, and changes made one at a time with an expectation.
//! Does not know how a clue dies: the folds decide.

use super::log::{Digest, Fate};
use super::profile::Profile;
use super::truth::Truth;
use super::{Dim, Dimension, Exact, Line, exact};
use num_traits::Zero;

pub const ROW: Dimension = Dimension {
    dim: Dim::P,
    name: "scene",
    doc: "perishable clues secured before they were lost; no blind and no confounded change",
    rule: score,
};

/// P = max(0, weight · mean − 2·confounded − 1·blind).
fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let weight = exact(profile.weight(Dim::P), 1);
    let perishable: Vec<&String> = truth.clues.iter().filter(|(_, clue)| clue.perishable).map(|(id, _)| id).collect();
    let mut lines: Vec<Line> = Vec::new();
    for id in &perishable {
        let max = &weight / exact(perishable.len() as i64, 1);
        let (share, state) = worth(digest, id);
        lines.push(Line {
            dim: Dim::P,
            key: "scene.clue",
            subject: (*id).clone(),
            got: &max * share,
            got_m: 0,
            max,
            because: vec![("state", state.to_string())],
            entries: digest.bagged.get(*id).copied().into_iter().collect(),
        });
    }
    for change in &digest.changes {
        if change.confounded {
            lines.push(deduction("scene.confounded", -2, change.entry));
        }
        if !change.expected {
            lines.push(deduction("scene.blind", -1, change.entry));
        }
    }
    let sum: Exact = lines.iter().map(|line| line.got.clone()).sum();
    if sum < Exact::zero() {
        lines.push(Line { got: -sum, ..deduction("scene.floor", 0, 0) });
    }
    lines
}

fn worth(digest: &Digest, clue: &str) -> (Exact, &'static str) {
    if digest.bagged.contains_key(clue) {
        return (exact(1, 1), "bagged");
    }
    match digest.fates.get(clue) {
        Some(Fate::Destroyed) => (exact(0, 1), "destroyed"),
        Some(Fate::Expired) => (exact(2, 10), "expired"),
        Some(Fate::StillThere) | None => (exact(4, 10), "still-there"),
    }
}

fn deduction(key: &'static str, points: i64, entry: u32) -> Line {
    Line {
        dim: Dim::P,
        key,
        subject: String::new(),
        got: exact(points, 1),
        got_m: 0,
        max: Exact::zero(),
        because: Vec::new(),
        entries: if entry == 0 { Vec::new() } else { vec![entry] },
    }
}

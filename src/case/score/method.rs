//! M, method: the problem stated first, and reading that was worth its time, measured once and on the whole run. Does not
//! know single steps.

use super::log::{Digest, Suspect};
use super::posterior::{belief, gain, posterior};
use super::profile::Profile;
use super::truth::Truth;
use super::{Dim, Dimension, Exact, Line, exact, teamwork};
use crate::stdx::time::Span;
use num_traits::{One, Zero};

pub const ROW: Dimension = Dimension {
    dim: Dim::M,
    name: "method",
    doc: "the problem stated first, and reading that was worth its time",
    rule: score,
};

/// A third for the problem statement, two thirds for reading.
fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let weight = profile.weight(Dim::M);
    vec![statement(digest, exact(weight, 3)), reading(truth, digest, exact(2 * weight, 3))]
}

/// The share of its fields that are true, if it came before the first change and before any belief of a half.
fn statement(digest: &Digest, max: Exact) -> Line {
    let line = Line::new(Dim::M, "method.statement", "", max.clone());
    let Some(stated) = &digest.told.statement else { return line.because("stated", "no") };
    let (right, of) = (stated.fields.values().filter(|field| **field).count(), stated.fields.len());
    let wrong: Vec<&str> = stated.fields.iter().filter(|(_, right)| !**right).map(|(name, _)| name.as_str()).collect();
    let line = line.because("fields", format!("{right}/{of}")).at([stated.entry]);
    let line = if wrong.is_empty() { line } else { line.because("untrue", wrong.join(" ")) };
    match () {
        () if !stated.first => line.because("late", "yes"),
        () if of == 0 => line,
        () => line.got(max * exact(right as i64, of as i64)),
    }
}

/// How far what was uncovered would have carried a fair reasoner, times `min(1, 1.5 · C_ref / C)`; a room's
/// budget grows with those who read in it. Fast and empty is
/// nothing, thorough and slow loses at most the ratio.
fn reading(truth: &Truth, digest: &Digest, max: Exact) -> Line {
    let justified = posterior(truth, digest.seen.keys());
    let carried = gain(truth, &justified);
    let spent = digest.whole.reading.max(Span::secs(1));
    let (reference, policy) = digest.whole.effort.unwrap_or_default();
    let due = reference.max(policy);
    let readers = digest.whole.teamwork.as_ref().map_or(1, |work| work.readers);
    let pace = (exact(3 * due.0, 2 * spent.0) * teamwork::budget(readers)).min(Exact::one()).max(Exact::zero());
    Line::new(Dim::M, "method.reading", "", max.clone())
        .because("justified", belief(&justified, &Suspect::Truth))
        .because("carried", &carried)
        .because("spent", digest.whole.reading.human())
        .because("due", due.human())
        .because("pace", &pace)
        .got(max * carried * pace)
}

//! Which drill next, and why: concepts that are due, a challenge that is neither too easy nor hopeless, what is weakest,
//! and nothing that was just played. Does not know how cases are found.

use super::difficulty::Difficulty;
use super::skill::Skills;
use crate::case::score::Dim;
use std::collections::BTreeSet;

/// A drill teaches most when about this much of it succeeds.
const CHALLENGE: f64 = 0.70;
const DUE: f64 = 2.0;
const FITS: f64 = 1.5;
const TAG: f64 = 1.0;
const DIM: f64 = 0.5;
const RECENT: f64 = 2.0;
/// Days within which a case was just played.
pub const RECENT_DAYS: i64 = 14;

/// A case that could be next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    pub slug: String,
    /// Tags in which there is skill.
    pub tags: Vec<String>,
    pub concepts: Vec<String>,
    /// Thousandths; the mean over its variants, so that it tells none of them from another.
    pub b_m: i64,
    /// The dimensions that its structure asks most of.
    pub asks: BTreeSet<Dim>,
    /// Played within the last fourteen days.
    pub recent: bool,
}

/// The dimensions that a structure asks most of: what can be lost, who is hard to clear, how far the proof is.
pub fn asks(of: &Difficulty) -> BTreeSet<Dim> {
    let rows = [
        (Dim::P, of.perishable),
        (Dim::E, of.single),
        (Dim::V, of.channels > 0),
        (Dim::M, of.commands > 0),
        (Dim::K, of.apart),
    ];
    rows.into_iter().filter(|(_, is)| *is).map(|(dim, _)| dim).collect()
}

/// Why a case was put where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Concepts that are due and that it holds.
    Due(Vec<String>),
    /// About so much of it should succeed, in percent.
    Fits(u8),
    WeakestTag(String),
    WeakestDim(Dim),
    Recent,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub slug: String,
    pub utility: f64,
    /// In the order of their weight; the challenge is always told.
    pub why: Vec<Why>,
}

/// All candidates, the best first, ties by name.
pub fn ranked(candidates: &[Candidate], skills: &Skills, due: &BTreeSet<String>) -> Vec<Suggestion> {
    // The least mean; of equals the first by name. What was never rated is not weak, it is unknown.
    let tag = skills.tags.iter().min_by(|a, b| a.1.mean.total_cmp(&b.1.mean)).map(|(tag, _)| tag);
    let dim = skills.dims.iter().min_by(|a, b| a.1.mean.total_cmp(&b.1.mean)).map(|(dim, _)| *dim);
    let mut ranked: Vec<Suggestion> = candidates.iter().map(|one| suggestion(one, skills, due, tag, dim)).collect();
    ranked.sort_by(|a, b| b.utility.total_cmp(&a.utility).then_with(|| a.slug.cmp(&b.slug)));
    ranked
}

fn suggestion(
    one: &Candidate,
    skills: &Skills,
    due: &BTreeSet<String>,
    tag: Option<&String>,
    dim: Option<Dim>,
) -> Suggestion {
    let tags: Vec<&str> = one.tags.iter().map(String::as_str).collect();
    let expected = skills.expected(&tags, one.b_m as f64 / 1_000.0);
    let covered: Vec<String> = one.concepts.iter().filter(|concept| due.contains(*concept)).cloned().collect();
    let mut why = Vec::new();
    let mut utility = FITS * (1.0 - (expected - CHALLENGE).abs() / CHALLENGE);
    if !covered.is_empty() {
        utility += DUE * covered.len() as f64;
        why.push(Why::Due(covered));
    }
    if let Some(tag) = tag.filter(|tag| one.tags.contains(tag)) {
        utility += TAG;
        why.push(Why::WeakestTag(tag.clone()));
    }
    if let Some(dim) = dim.filter(|dim| one.asks.contains(dim)) {
        utility += DIM;
        why.push(Why::WeakestDim(dim));
    }
    if one.recent {
        utility -= RECENT;
        why.push(Why::Recent);
    }
    why.push(Why::Fits((expected * 100.0).round() as u8));
    Suggestion { slug: one.slug.clone(), utility, why }
}

//! What the numbers of a run do not say by themselves: gaps, the pattern of this run (never of a person), times beside each
//! other, readings that differ from the case's own. Does not judge people and has no words.

use super::curves::{Curves, share};
use super::gap::Gap;
use super::{ContrastTold, Pace, ProofPath, Share, Span, Time, Ways};
use crate::case::board::{Board, Link};
use crate::case::pace::Believed;
use crate::case::score::log::{Digest, Event, Suspect, What};
use crate::case::score::posterior::{belief, posterior};
use crate::case::score::truth::{Blank, Rating, Truth};
use crate::case::score::{Exact, exact};
use num_traits::Zero;
use std::collections::BTreeSet;

/// Stated belief runs ahead from so many tenths over what is justified.
const AHEAD_TENTHS: i64 = 3;
/// A suspect is still to be reckoned with from so many hundredths.
const CREDIBLE_PERCENT: i64 = 10;

/// What a debrief makes of a run.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// At most three, the costliest first.
    pub gaps: Vec<Gap>,
    pub habits: Habits,
    pub times: Pace,
    pub curves: Curves,
    /// The order of commands that costs least to one who does not know the answer, until one suspect is justified.
    pub fair: ProofPath,
    /// Links that say otherwise than the case.
    pub links: Vec<LinkTold>,
    pub ways: Ways,
    /// The healthy twin's pages. Empty unless they were asked for: the twin is another world to warm up.
    pub contrasts: Vec<ContrastTold>,
}

/// The pattern of this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// How long more was said of the foremost suspect than the evidence carried, by over 0.3.
    pub anchored: Option<Anchored>,
    /// Rivals above a tenth of justified belief that stood uncleared at the verdict, and how much.
    pub premature: Vec<(String, Share)>,
    /// Of the reads that bore on a suspect (second), so many could not have unseated the favourite (first).
    pub confirming: (u32, u32),
    /// Blanks whose word rests on one instrument.
    pub one_instrument: Vec<Blank>,
    /// Changes made when the evidence gave no suspect one half, each with the most it gave any.
    pub ahead: Vec<(u32, Share)>,
}

/// Belief that stayed ahead of the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    pub span: Span,
    pub from: Time,
    /// At its widest: said, and justified, of the same suspect.
    pub said: Share,
    pub justified: Share,
    /// The journal entry of that statement.
    pub entry: u32,
    pub suspect: Suspect,
}

/// A link that says otherwise than the case does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTold {
    pub exhibit: u32,
    pub hypothesis: u32,
    /// The hypothesis as it stands on the board.
    pub thing: String,
    pub how: String,
    pub said: Link,
    /// What the exhibit's clues say of it, and the clues that say so.
    pub is: Rating,
    pub clues: Vec<String>,
}

/// The pattern of a run, from its log.
pub fn habits(truth: &Truth, log: &[Event], steps: &[Believed], ended: Time) -> Habits {
    let digest = Digest::of(log);
    Habits {
        anchored: anchored(steps, ended),
        premature: premature(truth, &digest),
        confirming: confirming(truth, log),
        one_instrument: one_instrument(truth, &digest),
        ahead: ahead(truth, log),
    }
}

// ---- belief ahead of evidence --------------------------------------------------------------------------------------

/// What was said last holds until something else is said; what is justified moves with every page.
fn anchored(steps: &[Believed], ended: Time) -> Option<Anchored> {
    let mut said: Option<(&Suspect, &Exact, u32)> = None;
    let mut widest: Option<(Exact, Anchored)> = None;
    let (mut span, mut from) = (Span::ZERO, None);
    for (at, step) in steps.iter().enumerate() {
        if let Some(stated) = &step.stated {
            let top = stated.iter().max_by_key(|(_, share)| (*share).clone());
            said = top.map(|(suspect, share)| (suspect, share, step.entry));
        }
        let Some((suspect, own, entry)) = said else { continue };
        let justified = belief(&step.justified, suspect);
        let over = own - &justified;
        if over <= exact(AHEAD_TENTHS, 10) {
            continue;
        }
        let until = steps.get(at + 1).map_or(ended, |next| next.at);
        span = span + (until - step.at).max(Span::ZERO);
        from.get_or_insert(step.at);
        if widest.as_ref().is_none_or(|(most, _)| over > *most) {
            let suspect = suspect.clone();
            let own = Anchored { span, from: step.at, said: share(own), justified: share(&justified), entry, suspect };
            widest = Some((over, own));
        }
    }
    let (_, found) = widest?;
    Some(Anchored { span, from: from.unwrap_or(found.from), ..found })
}

// ---- closing early -------------------------------------------------------------------------------------------------

fn premature(truth: &Truth, digest: &Digest) -> Vec<(String, Share)> {
    let Some(point) = digest.checkpoints.last().filter(|_| !digest.verdicts.is_empty()) else { return Vec::new() };
    let justified = posterior(truth, &point.seen);
    let open = truth.rivals.iter().filter(|rival| !digest.cleared.contains_key(&Suspect::Rival((*rival).clone())));
    let held = open.map(|rival| (rival.clone(), belief(&justified, &Suspect::Rival(rival.clone()))));
    let mut held: Vec<(String, Exact)> = held.filter(|(_, q)| *q > exact(CREDIBLE_PERCENT, 100)).collect();
    held.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    held.into_iter().map(|(rival, q)| (rival, share(&q))).collect()
}

// ---- reads ---------------------------------------------------------------------------------------------------------

/// Reads that showed a clue which bears on a suspect, and those of them that could not have unseated the favourite: with
/// any of the clues there or not, the foremost stays foremost.
fn confirming(truth: &Truth, log: &[Event]) -> (u32, u32) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut idle, mut all) = (0, 0);
    for read in log.chunk_by(|a, b| a.entry == b.entry) {
        let fresh: Vec<String> = read
            .iter()
            .filter_map(|event| match &event.what {
                What::Seen { clue } if !seen.contains(clue) => Some(clue.clone()),
                _ => None,
            })
            .collect();
        let bears = |clue: &&String| truth.hypotheses().iter().any(|own| truth.rating(clue, own) != Rating::Silent);
        if fresh.iter().any(|clue| bears(&clue)) {
            all += 1;
            let telling: Vec<&String> = fresh.iter().filter(bears).collect();
            idle += u32::from(!unseats(truth, &seen, &telling));
        }
        seen.extend(fresh);
    }
    (idle, all)
}

/// Whether some outcome puts another suspect to the front. A clue that is not there counts for nothing here: what speaks
/// against a suspect by being absent is a clue of its own.
fn unseats(truth: &Truth, seen: &BTreeSet<String>, telling: &[&String]) -> bool {
    let foremost = |seen: &BTreeSet<String>| {
        let justified = posterior(truth, seen);
        let most = justified.values().max().cloned().unwrap_or_else(Exact::zero);
        justified.into_iter().filter(|(_, q)| *q == most).map(|(suspect, _)| suspect).collect::<BTreeSet<_>>()
    };
    let before = foremost(seen);
    let outcomes = 1usize << telling.len().min(OUTCOME_CLUES_MAX);
    (1..outcomes).any(|outcome| {
        let there = telling.iter().enumerate().filter(|(bit, _)| outcome >> bit & 1 == 1);
        let mut with = seen.clone();
        with.extend(there.map(|(_, clue)| (*clue).clone()));
        foremost(&with) != before
    })
}

/// Outcomes of one page are told apart by at most so many of its clues.
const OUTCOME_CLUES_MAX: usize = 6;

// ---- proof and changes ---------------------------------------------------------------------------------------------

fn one_instrument(truth: &Truth, digest: &Digest) -> Vec<Blank> {
    let Some((_, claims)) = digest.verdicts.last() else { return Vec::new() };
    let single = |blank: &Blank| {
        let Some(claim) = claims.get(blank) else { return false };
        let cited = claim.cites.iter().flat_map(|cite| &cite.clues);
        let bearing = cited.filter(|clue| !truth.strength(clue, *blank, &claim.word).is_zero());
        let channels: BTreeSet<&str> =
            bearing.filter_map(|clue| truth.clues.get(clue)).map(|clue| clue.channel.as_str()).collect();
        channels.len() == 1
    };
    Blank::ALL.into_iter().filter(single).collect()
}

/// Changes while the evidence favoured nobody.
fn ahead(truth: &Truth, log: &[Event]) -> Vec<(u32, Share)> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::new();
    for event in log {
        match &event.what {
            What::Seen { clue } => _ = seen.insert(clue.clone()),
            What::Change { .. } => {
                let most = posterior(truth, &seen).into_values().max().unwrap_or_else(Exact::zero);
                if most < exact(1, 2) {
                    out.push((event.entry, share(&most)));
                }
            }
            _ => {}
        }
    }
    out
}

// ---- links ---------------------------------------------------------------------------------------------------------

/// Links of the board that say otherwise than the case: for or against where the exhibit says something else. `held`
/// gives the clues of an exhibit, `means` the suspect that a hypothesis means.
pub fn links(
    truth: &Truth,
    board: &Board,
    held: impl Fn(u32) -> Vec<String>,
    means: impl Fn(u32) -> Suspect,
) -> Vec<LinkTold> {
    let mut out = Vec::new();
    for own in &board.hypotheses {
        let suspect = means(own.id);
        if matches!(suspect, Suspect::Other(_)) {
            continue;
        }
        for (exhibit, said) in &own.links {
            let clues = held(*exhibit);
            let is = clues.iter().map(|clue| truth.rating(clue, &suspect)).min().unwrap_or(Rating::Silent);
            if agrees(*said, is) {
                continue;
            }
            let clues = clues.into_iter().filter(|clue| truth.rating(clue, &suspect) == is).collect();
            let say = |word: u32| board.word(word).map_or_else(String::new, |word| word.say.clone());
            let (thing, how) = (say(own.thing), say(own.how));
            let (exhibit, hypothesis, said) = (*exhibit, own.id, *said);
            out.push(LinkTold { exhibit, hypothesis, thing, how, said, is, clues });
        }
    }
    out
}

/// What does not speak against a rival may well be read as fitting it: the case does not rate that.
fn agrees(said: Link, is: Rating) -> bool {
    match (said, is) {
        (Link::For, Rating::Fits | Rating::Silent) | (Link::Against, Rating::Against) => true,
        (Link::Neutral, Rating::Silent | Rating::Fits) => true,
        (Link::For | Link::Neutral, Rating::Against) | (Link::Against, Rating::Fits | Rating::Silent) => false,
    }
}

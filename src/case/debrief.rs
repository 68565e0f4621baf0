//! What a debrief tells, as data: two lanes of time, the ledger, missed clues and where they were, the shortest proof,
//! what was expected and what came, which words were right. Does not know the run it is about, nor any format.

use super::board::{Board, Claim};
use super::concepts::CardTold;
use super::policy::Look;
use super::score::log::{Digest, Event, Fate, Suspect};
use super::score::truth::{Blank, Truth};
use super::score::{Exact, Scorecard, exact};
use crate::scenario::shape::{Case, WordKind};
use crate::stdx::time::{Span, Time};
use num_traits::{One, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// Everything a face or a report shows when a run is over.
#[derive(Clone, Debug)]
pub struct Debrief {
    pub heading: Heading,
    pub score: Scorecard,
    /// Both lanes, oldest first.
    pub moments: Vec<Moment>,
    pub words: Vec<WordTold>,
    /// Clues and rivals by id, as people call them.
    pub names: BTreeMap<String, String>,
    pub rivals: Vec<RivalTold>,
    /// Clues that are in no exhibit.
    pub missed: Vec<Missed>,
    pub proof: ProofPath,
    pub predictions: Vec<Prediction>,
    /// Concept cards of the systems in the case, those of missed clues first.
    pub cards: Vec<CardTold>,
    /// The one thing to do differently. Its place; filled when the analysis of gaps exists.
    pub next_time: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    pub title: String,
    pub case: String,
    pub variant: String,
    /// Behind a family's page: the title of the case that the variant is from. Empty elsewhere.
    pub behind: String,
    pub seed: u64,
    pub clock: &'static str,
    pub page_at: Time,
    pub ended_at: Time,
    /// A verdict was given; else the run was closed, or is still open.
    pub verdict: bool,
}

/// Whose lane a moment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// The chain of causes.
    Fault,
    /// What others did: the script.
    Others,
    /// The page and other messages.
    Message,
    /// The learner.
    You,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Time,
    pub lane: Lane,
    /// A message key whose words have a place for `{text}`; empty if the text stands for itself.
    pub key: &'static str,
    pub text: String,
    /// Journal entry of the learner's act.
    pub entry: Option<u32>,
}

/// One blank of the verdict beside its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct WordTold {
    pub blank: Blank,
    /// Empty if left unknown.
    pub said: String,
    pub answer: String,
    pub accuracy: Exact,
    pub exhibits: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RivalTold {
    pub id: String,
    pub thing: String,
    pub how: String,
    pub cleared: bool,
    /// Clues that rule it out.
    pub ruled_out_by: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub clue: String,
    pub say: String,
    /// Commands that would have shown it, as they could have been typed.
    pub at: Vec<String>,
    pub rules_out: Vec<String>,
    /// It was on a page, but not bagged.
    pub seen: bool,
    /// What became of a perishable clue.
    pub fate: Option<Fate>,
}

/// A short way to a full proof, with hindsight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProofPath {
    pub steps: Vec<ProofStep>,
    pub cost: Span,
    /// Blanks and rivals that no command of the case could have proven at the page.
    pub short_of: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofStep {
    pub command: String,
    pub cost: Span,
    /// The clues that it contributes.
    pub clues: Vec<String>,
}

/// A change, what was expected of it, and what came.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    pub at: Time,
    pub entry: u32,
    pub command: String,
    pub confounded: bool,
    pub expected: Option<String>,
    pub outcome: PredictionOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PredictionOutcome {
    /// Nothing was expected.
    Blind,
    /// Came true after so long.
    Came { after: Span, value: f64 },
    /// Did not come true in time; the value at the end of it.
    Missed { value: f64 },
    /// The run ended before the time was up, and it had not come true.
    Early { value: f64 },
    /// No such metric.
    Unknown,
}

/// Each blank with what was said and what is right.
pub fn words(case: &Case, board: &Board, log: &[Event]) -> Vec<WordTold> {
    let truth = Truth::of(case);
    let claims = Digest::of(log).verdicts.pop().map(|(_, claims)| claims).unwrap_or_default();
    let own = |blank: Blank| -> Option<&Claim> {
        let verdict = board.verdict.as_ref()?;
        Some(match blank {
            Blank::Culprit => &verdict.culprit,
            Blank::Mechanism => &verdict.mechanism,
            Blank::Trigger => &verdict.trigger,
            Blank::Impact => &verdict.impact,
            Blank::Onset => &verdict.onset,
        })
    };
    let told = |blank: Blank| {
        let accuracy = claims.get(&blank).map_or_else(Exact::zero, |claim| match (blank, claim.onset) {
            (Blank::Onset, Some(onset)) => truth.onset_accuracy(onset),
            (Blank::Onset, None) => Exact::zero(),
            _ => truth.accuracy(blank, &claim.word),
        });
        let said = own(blank).map_or_else(String::new, |claim| match (claim.word, claim.onset) {
            (Some(word), _) => board.word(word).map_or_else(String::new, |word| word.say.clone()),
            (None, Some(onset)) => onset.told_at(case.drill.page_at),
            (None, None) => String::new(),
        });
        let exhibits = own(blank).map_or_else(Vec::new, |claim| claim.exhibits.clone());
        WordTold { blank, said, answer: answer(case, &truth, blank), accuracy, exhibits }
    };
    Blank::ALL.into_iter().map(told).collect()
}

fn answer(case: &Case, truth: &Truth, blank: Blank) -> String {
    if blank == Blank::Onset {
        return truth.onset.map_or_else(String::new, Time::hour_minute);
    }
    let id = truth.answers.get(&blank).and_then(|answers| answers.first());
    let node = id.and_then(|id| case.chain.iter().find(|node| node.id == *id));
    node.map_or_else(String::new, |node| node.say.clone())
}

pub fn rivals(case: &Case, log: &[Event]) -> Vec<RivalTold> {
    let digest = Digest::of(log);
    let told = |rival: &crate::scenario::shape::Rival| RivalTold {
        id: rival.id.clone(),
        thing: rival.thing.clone(),
        how: rival.how.clone(),
        cleared: digest.cleared.contains_key(&Suspect::Rival(rival.id.clone())),
        ruled_out_by: case.clues.iter().filter(|c| c.rules_out.contains(&rival.id)).map(|c| c.id.clone()).collect(),
    };
    case.rivals.iter().map(told).collect()
}

/// What people call the clues and rivals of a case: an author's ids are not for readers.
pub fn names(case: &Case) -> BTreeMap<String, String> {
    let clue = |clue: &crate::scenario::shape::Clue| {
        let say = if clue.say.is_empty() { clue.id.replace('-', " ") } else { clue.say.clone() };
        (clue.id.clone(), say)
    };
    let rivals = case.rivals.iter().map(|rival| (rival.id.clone(), format!("{}: {}", rival.thing, rival.how)));
    case.clues.iter().map(clue).chain(rivals).collect()
}

/// The clues in no exhibit. `typed` turns an author's command into one that could have been typed.
pub fn missed(case: &Case, log: &[Event], typed: impl Fn(&str) -> String) -> Vec<Missed> {
    let digest = Digest::of(log);
    let unbagged = case.clues.iter().filter(|clue| !digest.bagged.contains_key(&clue.id));
    unbagged
        .map(|clue| Missed {
            clue: clue.id.clone(),
            say: clue.say.clone(),
            at: clue.at.iter().map(|command| typed(command)).collect(),
            rules_out: clue.rules_out.clone(),
            seen: digest.seen.contains_key(&clue.id),
            fate: digest.fates.get(&clue.id).copied(),
        })
        .collect()
}

/// The lane of the fault: nodes of the chain whose time is known.
pub fn fault_lane(case: &Case) -> Vec<Moment> {
    let moment = |node: &crate::scenario::shape::Node| {
        let kind = match node.kind {
            WordKind::Change => "moment.change",
            WordKind::Thing => "moment.thing",
            WordKind::How => "moment.how",
            WordKind::Harm => "moment.harm",
        };
        Some(Moment { at: node.at?, lane: Lane::Fault, key: kind, text: node.say.clone(), entry: None })
    };
    case.chain.iter().filter_map(moment).collect()
}

/// A greedy search over commands: each step takes what proves most for its cost, until every blank is fully supported
/// and every rival is ruled out; then steps that turned out needless are dropped. `shows` says which clues a command
/// shows and what it costs.
pub fn shortest_proof(case: &Case, shows: &[Look]) -> ProofPath {
    let truth = Truth::of(case);
    let mut chosen: Vec<usize> = Vec::new();
    let mut held: BTreeSet<String> = BTreeSet::new();
    while worth(&truth, &held) < full(&truth) {
        let now = worth(&truth, &held);
        let gain = |at: &usize| {
            let with: BTreeSet<String> = held.union(&shows[*at].clues).cloned().collect();
            (worth(&truth, &with) - &now) / exact(shows[*at].cost.as_secs().max(1), 1)
        };
        let best = (0..shows.len()).filter(|at| !chosen.contains(at)).map(|at| (gain(&at), at));
        // The first of equals: the order of the case.
        let best = best.fold(None, |best: Option<(Exact, usize)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        });
        let Some((gain, at)) = best.filter(|(gain, _)| !gain.is_zero()) else { break };
        let _ = gain;
        held.extend(shows[at].clues.iter().cloned());
        chosen.push(at);
    }
    prune(&truth, shows, &mut chosen);
    path(&truth, shows, &chosen)
}

/// Drops the dearest steps without which nothing is lost.
fn prune(truth: &Truth, shows: &[Look], chosen: &mut Vec<usize>) {
    let all = |chosen: &[usize]| chosen.iter().flat_map(|at| shows[*at].clues.iter().cloned()).collect::<BTreeSet<_>>();
    let reached = worth(truth, &all(chosen));
    let mut order = chosen.clone();
    order.sort_by_key(|at| std::cmp::Reverse(shows[*at].cost));
    for at in order {
        let without: Vec<usize> = chosen.iter().copied().filter(|other| *other != at).collect();
        if worth(truth, &all(&without)) == reached {
            *chosen = without;
        }
    }
}

fn path(truth: &Truth, shows: &[Look], chosen: &[usize]) -> ProofPath {
    let mut told: BTreeSet<&String> = BTreeSet::new();
    let mut out = ProofPath::default();
    for at in chosen {
        let Look { command, cost, clues } = &shows[*at];
        let clues: Vec<String> = clues.iter().filter(|clue| told.insert(clue)).cloned().collect();
        out.cost = out.cost + *cost;
        out.steps.push(ProofStep { command: command.clone(), cost: *cost, clues });
    }
    let held: BTreeSet<String> = told.into_iter().cloned().collect();
    for blank in Blank::ALL {
        if truth.support(&held, blank) < Exact::one() {
            out.short_of.push(blank.name().to_string());
        }
    }
    for rival in &truth.rivals {
        if !ruled_out(truth, &held, rival) {
            out.short_of.push(rival.clone());
        }
    }
    out
}

/// How much is proven: a point for each fully supported blank, a part of it for a partly supported one, and a point for
/// each rival ruled out.
fn worth(truth: &Truth, held: &BTreeSet<String>) -> Exact {
    let blanks: Exact = Blank::ALL.into_iter().map(|blank| truth.support(held, blank)).sum();
    let rivals = truth.rivals.iter().filter(|rival| ruled_out(truth, held, rival)).count();
    blanks + exact(rivals as i64, 1)
}

fn full(truth: &Truth) -> Exact {
    exact((Blank::ALL.len() + truth.rivals.len()) as i64, 1)
}

fn ruled_out(truth: &Truth, held: &BTreeSet<String>, rival: &str) -> bool {
    truth.clues.iter().any(|(id, clue)| held.contains(id) && clue.rules_out.contains(rival))
}

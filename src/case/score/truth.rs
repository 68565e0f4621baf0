//! What is true of a case, as far as grading needs it: chain, answers, rivals, clues. Does not know facts or patterns.

use super::log::Suspect;
use super::{Exact, exact};
use crate::scenario::shape::{Case, WordKind};
use crate::stdx::time::Time;
use num_traits::{One, Zero};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The five blanks of the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blank {
    Culprit,
    Mechanism,
    Trigger,
    Impact,
    Onset,
}

impl Blank {
    pub const ALL: [Blank; 5] = [Blank::Culprit, Blank::Mechanism, Blank::Trigger, Blank::Impact, Blank::Onset];

    pub fn name(self) -> &'static str {
        match self {
            Blank::Culprit => "culprit",
            Blank::Mechanism => "mechanism",
            Blank::Trigger => "trigger",
            Blank::Impact => "impact",
            Blank::Onset => "onset",
        }
    }
}

/// A clue as grading sees it. `channel` is the instrument: proof adds up over channels only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClueTruth {
    pub channel: String,
    pub shows: BTreeSet<String>,
    pub hints: BTreeSet<String>,
    pub rules_out: BTreeSet<String>,
    pub perishable: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    pub case_hash: String,
    /// Cause first: id and kind of each node.
    pub chain: Vec<(String, WordKind)>,
    /// Blank → the answer's node, then others that are right as well. The onset is not here.
    pub answers: BTreeMap<Blank, Vec<String>>,
    pub onset: Option<Time>,
    pub rivals: Vec<String>,
    pub clues: BTreeMap<String, ClueTruth>,
    /// When the page came, and when the harm is no longer counted.
    pub page: Time,
    pub closes: Time,
}

/// What a clue says of a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    /// It rules it out.
    Against,
    /// It is what the hypothesis would have brought about.
    Fits,
    Silent,
}

impl Truth {
    pub fn of(case: &Case) -> Truth {
        let verdict = &case.verdict;
        let named = [
            (Blank::Culprit, &verdict.culprit),
            (Blank::Mechanism, &verdict.mechanism),
            (Blank::Trigger, &verdict.trigger),
            (Blank::Impact, &verdict.impact),
        ];
        let answers = named.map(|(blank, answer)| {
            let also = verdict.also.get(blank.name()).into_iter().flatten().cloned();
            (blank, std::iter::once(answer.clone()).chain(also).collect())
        });
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let clues = case.clues.iter().map(|clue| {
            let truth = ClueTruth {
                channel: clue.channel.map_or_else(String::new, |channel| format!("{channel:?}")),
                shows: set(&clue.shows),
                hints: set(&clue.hints),
                rules_out: set(&clue.rules_out),
                perishable: clue.perishable,
            };
            (clue.id.clone(), truth)
        });
        Truth {
            case_hash: case.hash.clone(),
            chain: case.chain.iter().map(|node| (node.id.clone(), node.kind)).collect(),
            answers: answers.into_iter().collect(),
            onset: verdict.onset,
            rivals: case.rivals.iter().map(|rival| rival.id.clone()).collect(),
            clues: clues.collect(),
            page: case.drill.page_at,
            closes: case.drill.closes_at,
        }
    }

    /// The truth and its rivals.
    pub fn hypotheses(&self) -> Vec<Suspect> {
        std::iter::once(Suspect::Truth).chain(self.rivals.iter().cloned().map(Suspect::Rival)).collect()
    }

    /// What a clue says of a hypothesis. It fits the truth if it shows or hints at the culprit, the mechanism or the trigger.
    pub fn rating(&self, clue: &str, of: &Suspect) -> Rating {
        let Some(clue) = self.clues.get(clue) else { return Rating::Silent };
        let about = |blank: &Blank| {
            let answers = self.answers.get(blank).map_or(&[][..], Vec::as_slice);
            answers.iter().any(|answer| clue.shows.contains(answer) || clue.hints.contains(answer))
        };
        match of {
            Suspect::Rival(rival) if clue.rules_out.contains(rival) => Rating::Against,
            Suspect::Truth if [Blank::Culprit, Blank::Mechanism, Blank::Trigger].iter().any(about) => Rating::Fits,
            _ => Rating::Silent,
        }
    }

    /// How right a word is: 1 for the answer, 3^-d for a node d steps away among nodes of its own kind, else 0. So a
    /// symptom instead of the cause earns a third, and splitting the chain finer changes nothing.
    pub fn accuracy(&self, blank: Blank, word: &str) -> Exact {
        let answers = self.answers.get(&blank).map_or(&[][..], Vec::as_slice);
        if answers.iter().any(|answer| answer == word) {
            return Exact::one();
        }
        let kind_of = |id: &str| self.chain.iter().find(|(own, _)| own == id).map(|(_, kind)| *kind);
        let (Some(kind), Some(answer)) = (kind_of(word), answers.first()) else { return Exact::zero() };
        if kind_of(answer) != Some(kind) {
            return Exact::zero();
        }
        let rank = |id: &str| {
            self.chain.iter().filter(|(_, own)| *own == kind).position(|(own, _)| own == id).unwrap_or_default()
        };
        let mut accuracy = Exact::one();
        for _ in 0..rank(word).abs_diff(rank(answer)) {
            accuracy /= exact(3, 1);
        }
        accuracy
    }

    /// Onset: 1 within two minutes, a half within six; clocks are read to the minute.
    pub fn onset_accuracy(&self, said: Time) -> Exact {
        let minute = |time: Time| time.0.div_euclid(60_000);
        match self.onset.map(|onset| (minute(onset) - minute(said)).abs()) {
            Some(0..=2) => Exact::one(),
            Some(3..=6) => exact(1, 2),
            _ => Exact::zero(),
        }
    }

    /// How strongly a clue bears on `blank` being `word`: 0.7 direct, 0.4 circumstantial.
    pub fn strength(&self, clue: &str, blank: Blank, word: &str) -> Exact {
        let Some(clue) = self.clues.get(clue) else { return Exact::zero() };
        let about = if blank == Blank::Onset { "onset" } else { word };
        if clue.shows.contains(about) {
            exact(7, 10)
        } else if clue.hints.contains(about) {
            exact(4, 10)
        } else {
            Exact::zero()
        }
    }

    /// The support that a blank's answer would have with these clues cited.
    pub fn support(&self, held: &BTreeSet<String>, blank: Blank) -> Exact {
        let answer = self.answers.get(&blank).and_then(|answers| answers.first()).map_or("", String::as_str);
        let mut best: BTreeMap<&str, Exact> = BTreeMap::new();
        for (id, clue) in self.clues.iter().filter(|(id, _)| held.contains(*id)) {
            let strength = self.strength(id, blank, answer);
            let known = best.entry(clue.channel.as_str()).or_insert_with(Exact::zero);
            if *known < strength {
                *known = strength;
            }
        }
        best.into_values().sum::<Exact>().min(Exact::one())
    }

    /// What clearing a rival is worth: 1 / the number of channels able to clear it. The hard ones count more.
    pub fn rival_worth(&self, rival: &str) -> Exact {
        let channels: BTreeSet<&str> = self
            .clues
            .values()
            .filter(|clue| clue.rules_out.contains(rival))
            .map(|clue| clue.channel.as_str())
            .collect();
        exact(1, channels.len().max(1) as i64)
    }
}

//! The log that is graded: what was seen, bagged, changed, cleared, claimed and lost, each pointing at a journal entry.
//! It lies beside the journal, so that another engine can grade without replaying. Does not know the acts themselves.

use super::truth::Blank;
use crate::stdx::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that mattered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Journal entry, counted from 1; 0 is what follows from the end of the run.
    pub entry: u32,
    pub at: Time,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// A clue was on a printed page.
    Seen {
        clue: String,
    },
    /// A clue is in an exhibit.
    Bagged {
        clue: String,
    },
    /// The last exhibit that held it was taken out of the bag.
    Unbagged {
        clue: String,
    },
    /// A successful write that was not a dry run.
    Change {
        expected: bool,
        confounded: bool,
    },
    /// A suspect was cleared with exhibits.
    Cleared {
        suspect: Suspect,
        cites: Vec<Cite>,
    },
    Reopened {
        suspect: Suspect,
    },
    /// The verdict: blanks filled.
    Verdict {
        claims: BTreeMap<Blank, Claim>,
    },
    /// Where a perishable clue was at the end of the run.
    End {
        clue: String,
        fate: Fate,
    },
}

/// Whom a hypothesis means, by its two words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suspect {
    Truth,
    Rival(String),
    /// None of the case's hypotheses: clearing it neither earns nor costs.
    Other(u32),
}

/// One citation: a line of an exhibit (or the absence that a whole page proves) with the clues it holds. Without any it
/// is stray.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cite {
    pub exhibit: u32,
    pub clues: BTreeSet<String>,
}

/// One filled blank. `word` is a node's id, or empty for a word off the chain; the onset has a time instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub word: String,
    pub onset: Option<Time>,
    pub cites: Vec<Cite>,
}

/// What became of a perishable clue that was never bagged, by comparing this run's end with that of the run in which
/// nobody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    StillThere,
    Expired,
    Destroyed,
}

/// A change, as the digest keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub entry: u32,
    pub expected: bool,
    pub confounded: bool,
}

/// The log read once.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// Clue → entry at which it was first seen, bagged.
    pub seen: BTreeMap<String, u32>,
    pub bagged: BTreeMap<String, u32>,
    pub changes: Vec<Change>,
    /// The last word on each suspect: entry and citations.
    pub cleared: BTreeMap<Suspect, (u32, Vec<Cite>)>,
    /// Every verdict; the last one counts, and the number of attempts is kept for the day when more than one is given.
    pub verdicts: Vec<(u32, BTreeMap<Blank, Claim>)>,
    /// Clues in the bag at the last verdict.
    pub held: BTreeSet<String>,
    pub fates: BTreeMap<String, Fate>,
}

impl Digest {
    pub fn of(log: &[Event]) -> Digest {
        let mut digest = Digest::default();
        for event in log {
            let entry = event.entry;
            match &event.what {
                What::Seen { clue } => {
                    digest.seen.entry(clue.clone()).or_insert(entry);
                }
                // What was never seen cannot be bagged.
                What::Bagged { clue } if digest.seen.contains_key(clue) => {
                    digest.bagged.entry(clue.clone()).or_insert(entry);
                }
                What::Bagged { .. } => {}
                What::Unbagged { clue } => {
                    digest.bagged.remove(clue);
                }
                What::Change { expected, confounded } => {
                    digest.changes.push(Change { entry, expected: *expected, confounded: *confounded });
                }
                What::Cleared { suspect, cites } => {
                    digest.cleared.insert(suspect.clone(), (entry, cites.clone()));
                }
                What::Reopened { suspect } => {
                    digest.cleared.remove(suspect);
                }
                What::Verdict { claims } => {
                    digest.verdicts.push((entry, claims.clone()));
                    digest.held = digest.bagged.keys().cloned().collect();
                }
                What::End { clue, fate } => {
                    digest.fates.insert(clue.clone(), *fate);
                }
            }
        }
        digest
    }
}

/// Citations as they are judged: only clues that are held count, the same clues cited twice are one citation, and each
/// stray exhibit is one.
pub fn judged(cites: &[Cite], held: impl Fn(&str) -> bool) -> Vec<Cite> {
    let mut distinct = BTreeSet::new();
    let mut out = Vec::new();
    for cite in cites {
        let clues: BTreeSet<String> = cite.clues.iter().filter(|clue| held(clue)).cloned().collect();
        let key = (if clues.is_empty() { Some(cite.clone()) } else { None }, clues.clone());
        if distinct.insert(key) {
            out.push(Cite { exhibit: cite.exhibit, clues });
        }
    }
    out
}

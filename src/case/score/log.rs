//! The log that is graded: what was seen, bagged, changed, cleared, claimed and lost, each pointing at a journal entry.
//! It lies beside the journal, so that another engine can grade without replaying. Does not know the acts themselves.

use super::teamwork::Teamwork;
use super::truth::Blank;
use super::{Dim, EARLY, SCORED};
use crate::stdx::time::{Span, Time};
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
        /// Only when the cross-examination named it.
        #[serde(default)]
        cross: bool,
    },
    Reopened {
        suspect: Suspect,
    },
    /// The verdict: blanks filled.
    Verdict {
        claims: BTreeMap<Blank, Claim>,
    },
    /// The problem was stated in its form, for the first time: each field that was filled or could have been, and whether
    /// it is true of the world.
    Stated {
        fields: BTreeMap<String, bool>,
    },
    /// The confidences on the board in percent, 0 for what was not rated. Comes right before the update or the verdict
    /// that it belongs to, also if there are none.
    Beliefs {
        of: Vec<(Suspect, u8)>,
    },
    /// A status update was sent: each graded field and whether it is true, and the promise of a next one.
    Updated {
        fields: BTreeMap<String, bool>,
        next: Option<Span>,
    },
    /// The incident was declared resolved, truly or not: the course tells.
    Resolved,
    /// A command that read was run; its nominal cost.
    Read {
        cost: Span,
    },
    /// A page showed the indicator by which the users' harm is measured.
    Checked,
    /// A hint was taken, and the clue that it leads to. A free one (practice) costs nothing and halves nothing.
    Hint {
        rung: u8,
        clue: String,
        #[serde(default)]
        free: bool,
    },
    /// Where a perishable clue was at the end of the run.
    End {
        clue: String,
        fate: Fate,
    },
    /// How the harm went from the page to the close: entry 0.
    Course(Course),
    /// How a room worked together: entry 0, only of a game day.
    Teamwork(Teamwork),
    /// What reading would have done: the times that reading costs in the solution and in the optimal policy. Entry 0.
    Effort {
        reference: Span,
        policy: Span,
    },
}

/// The harm of a run beside that of two others: the integral of harm, in thousandths of the indicator's healthy value
/// times seconds, from the page to the close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub harm: u64,
    /// Of the run in which nobody acts.
    pub idle: u64,
    /// Of the solution.
    pub reference: u64,
    /// When the harm ended for good in this run.
    pub ended: Option<Time>,
    /// The entry of the change that ended it.
    pub fix: Option<u32>,
    /// The end state survives the time after the run.
    pub lasts: bool,
}

impl Course {
    /// Whether "resolved", said at this time, is true: the harm has ended, does not come back, and the end state lasts.
    pub fn over(&self, at: Time) -> bool {
        self.lasts && self.ended.is_some_and(|ended| ended <= at)
    }
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

/// A suspect as it was cleared last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearing {
    pub entry: u32,
    pub cites: Vec<Cite>,
    pub cross: bool,
}

/// What was believed at a checkpoint, beside what had been seen until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub entry: u32,
    pub at: Time,
    /// Percent by suspect; two hypotheses that mean the same are one. What was not rated is left out.
    pub stated: BTreeMap<Suspect, u32>,
    pub seen: BTreeSet<String>,
}

/// The problem statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub entry: u32,
    pub fields: BTreeMap<String, bool>,
    /// It came before every change and before every belief of a half or more.
    pub first: bool,
}

/// An update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub entry: u32,
    pub at: Time,
    pub fields: BTreeMap<String, bool>,
    pub next: Option<Span>,
}

/// A hint that was not free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hinted {
    pub entry: u32,
    pub rung: u8,
    pub clue: String,
}

/// What was told to others, and what was asked of the trainer.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub statement: Option<Statement>,
    pub updates: Vec<Update>,
    /// Declarations that it is over: entry and time.
    pub resolved: Vec<(u32, Time)>,
    pub hints: Vec<Hinted>,
}

/// How the run went as a whole.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// What all reading cost: until the last verdict, for nothing can be read after it.
    pub reading: Span,
    /// When the users' indicator was looked at: entry and time.
    pub checks: Vec<(u32, Time)>,
    pub course: Option<Course>,
    /// What reading costs in the solution and in the optimal policy.
    pub effort: Option<(Span, Span)>,
    pub teamwork: Option<Teamwork>,
}

/// The log read once.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// Clue → entry at which it was first seen, bagged.
    pub seen: BTreeMap<String, u32>,
    pub bagged: BTreeMap<String, u32>,
    pub changes: Vec<Change>,
    /// The last word on each suspect.
    pub cleared: BTreeMap<Suspect, Clearing>,
    /// Every verdict; the last one counts, and the number of attempts is kept for the day when more than one is given.
    pub verdicts: Vec<(u32, BTreeMap<Blank, Claim>)>,
    /// Clues in the bag at the last verdict.
    pub held: BTreeSet<String>,
    pub fates: BTreeMap<String, Fate>,
    pub checkpoints: Vec<Checkpoint>,
    pub told: Told,
    pub whole: Whole,
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
                What::Cleared { suspect, cites, cross } => {
                    let clearing = Clearing { entry, cites: cites.clone(), cross: *cross };
                    digest.cleared.insert(suspect.clone(), clearing);
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
                What::Beliefs { of } => digest.believe(event, of),
                other => {
                    let early = digest.early();
                    digest.told.take(event, other, early);
                    digest.whole.take(event, other);
                }
            }
        }
        digest
    }

    /// The clues that hints of the last rung pointed out.
    pub fn pointed_out(&self) -> BTreeSet<&str> {
        self.told.hints.iter().filter(|hint| hint.rung >= 3).map(|hint| hint.clue.as_str()).collect()
    }

    /// Confidences by suspect: two hypotheses that mean the same are one, and what was not rated is left out.
    pub fn stated(of: &[(Suspect, u8)]) -> BTreeMap<Suspect, u32> {
        let mut stated = BTreeMap::new();
        for (suspect, percent) in of.iter().filter(|(_, percent)| *percent > 0) {
            *stated.entry(suspect.clone()).or_insert(0) += u32::from(*percent);
        }
        stated
    }

    fn believe(&mut self, event: &Event, of: &[(Suspect, u8)]) {
        let (stated, seen) = (Digest::stated(of), self.seen.keys().cloned().collect());
        self.checkpoints.push(Checkpoint { entry: event.entry, at: event.at, stated, seen });
    }

    /// Nothing was changed yet, and nothing believed by a half or more.
    fn early(&self) -> bool {
        let sure = self.checkpoints.iter().any(|point| point.stated.values().any(|percent| *percent >= 50));
        self.changes.is_empty() && !sure
    }
}

impl Told {
    fn take(&mut self, event: &Event, what: &What, early: bool) {
        let (entry, at) = (event.entry, event.at);
        match what {
            What::Stated { fields } if self.statement.is_none() => {
                self.statement = Some(Statement { entry, fields: fields.clone(), first: early });
            }
            What::Updated { fields, next } => {
                self.updates.push(Update { entry, at, fields: fields.clone(), next: *next });
            }
            What::Resolved => self.resolved.push((entry, at)),
            What::Hint { rung, clue, free: false } => {
                self.hints.push(Hinted { entry, rung: *rung, clue: clue.clone() });
            }
            _ => {}
        }
    }
}

impl Whole {
    fn take(&mut self, event: &Event, what: &What) {
        match what {
            What::Read { cost } => self.reading = self.reading + *cost,
            What::Checked => self.checks.push((event.entry, event.at)),
            What::Course(course) => self.course = Some(*course),
            What::Teamwork(work) => self.teamwork = Some(work.clone()),
            What::Effort { reference, policy } => self.effort = Some((*reference, *policy)),
            _ => {}
        }
    }
}

/// The dimensions that a log can be graded in: one that an older engine kept does not say how the harm went, nor what was
/// believed and told.
pub fn carried(log: &[Event]) -> &'static [Dim] {
    if log.iter().any(|event| matches!(event.what, What::Course(_))) { SCORED } else { EARLY }
}

/// Citations as they are judged: only clues that are held count, the same clues cited twice are one citation, and each
/// stray exhibit is one. What is the same is judged by what was cited, held or not: otherwise losing a clue could make two
/// citations one, and pay.
pub fn judged(cites: &[Cite], held: impl Fn(&str) -> bool) -> Vec<Cite> {
    let mut distinct = BTreeSet::new();
    let mut out = Vec::new();
    for cite in cites {
        let stray = cite.clues.is_empty().then_some(cite.exhibit);
        if distinct.insert((stray, &cite.clues)) {
            let clues = cite.clues.iter().filter(|clue| held(clue)).cloned().collect();
            out.push(Cite { exhibit: cite.exhibit, clues });
        }
    }
    out
}

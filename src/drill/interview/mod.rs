//! Interview practice: what an interviewer beside may do, what is asked afterwards, and what a rubric of seven competencies
//! proposes. Evidence is produced here, never a judgement: there is no total, no ranking and no recommendation. Does not
//! know how anything is shown, nor where an interviewer's own levels are kept.

pub mod account;
pub mod assessment;
pub mod controls;
pub mod facts;
pub mod follow;
pub mod opening;
pub mod rubric;

use super::act::Act;
use super::run::Run;
use crate::stdx::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is observed in an interview, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Competency {
    /// Says what hurts, since when and how much, before what may be the cause.
    Frames,
    /// Holds several suspects and moves with what is seen.
    Hypotheses,
    /// Rests each claim on what instruments said.
    Evidence,
    /// Rules out what it was not.
    Elimination,
    /// Changes one thing at a time, foreseen, with the scene kept.
    Action,
    /// Ends the harm and sees that it stays ended.
    Recovery,
    /// Tells others truly, in time and in their words.
    Communication,
}

impl Competency {
    pub const ALL: [Competency; 7] = [
        Competency::Frames,
        Competency::Hypotheses,
        Competency::Evidence,
        Competency::Elimination,
        Competency::Action,
        Competency::Recovery,
        Competency::Communication,
    ];

    /// As flags, transcripts and files write it.
    pub fn name(self) -> &'static str {
        match self {
            Competency::Frames => "frames",
            Competency::Hypotheses => "hypotheses",
            Competency::Evidence => "evidence",
            Competency::Elimination => "elimination",
            Competency::Action => "action",
            Competency::Recovery => "recovery",
            Competency::Communication => "communication",
        }
    }

    pub fn named(name: &str) -> Option<Competency> {
        Competency::ALL.into_iter().find(|own| own.name() == name)
    }
}

/// What a candidate said aloud, for the interviewer to mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aloud {
    /// What may be the cause.
    Hypothesis,
    /// What the next change should do.
    Expectation,
    /// What would change one's mind.
    Doubt,
    /// What is not proven yet.
    Missing,
    /// The harm of waiting against the evidence that a change would cost.
    Weighing,
    /// What would bring the harm back.
    Relapse,
}

impl Aloud {
    pub const ALL: [Aloud; 6] =
        [Aloud::Hypothesis, Aloud::Expectation, Aloud::Doubt, Aloud::Missing, Aloud::Weighing, Aloud::Relapse];

    pub fn name(self) -> &'static str {
        match self {
            Aloud::Hypothesis => "hypothesis",
            Aloud::Expectation => "expectation",
            Aloud::Doubt => "doubt",
            Aloud::Missing => "missing",
            Aloud::Weighing => "weighing",
            Aloud::Relapse => "relapse",
        }
    }

    pub fn named(name: &str) -> Option<Aloud> {
        Aloud::ALL.into_iter().find(|own| own.name() == name)
    }
}

/// What an interviewer does beside a run. Every one is an entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "control", rename_all = "kebab-case")]
pub enum Control {
    /// Nothing of the run moves until it goes on.
    Pause,
    Resume,
    /// Ends the run where it stands.
    End,
    /// Brings a message of the case's list forward: counted from 1.
    Inject {
        number: u32,
    },
    /// Gives the next rung of the ladder of hints; it costs the candidate nothing.
    Reveal,
    /// Marks what the candidate said, at the act that was done last.
    Said {
        aloud: Aloud,
        text: String,
    },
    /// A private note: never in the candidate's copy.
    Note {
        text: String,
    },
    /// Leaves a competency unobserved, or observes it again.
    Observe {
        competency: Competency,
        on: bool,
    },
    /// More of the time-box.
    Extend {
        minutes: u32,
    },
    /// Something was arranged for the candidate; why is nobody's business.
    Accommodate {
        text: String,
    },
}

/// How a run's interview stands: moved by controls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sitting {
    /// The time-box that was asked for, in minutes of simulated time; else the case's own.
    pub minutes: Option<u32>,
    /// The code of the opening; nothing follows from it.
    pub opening: String,
    pub extended: u32,
    pub paused: bool,
    pub ended_early: bool,
    /// What is not observed.
    pub without: BTreeSet<Competency>,
    /// Messages brought forward, by their place in the case's list, from 0.
    pub injected: BTreeSet<usize>,
}

/// A control as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done<'a> {
    /// Journal entry.
    pub entry: u32,
    pub at: Time,
    pub control: &'a Control,
    /// The candidate's last act before it: what was said aloud belongs there. 0: before the first.
    pub about: u32,
}

/// All controls of a run, in order.
pub fn controls_of(run: &Run) -> Vec<Done<'_>> {
    let (mut done, mut about) = (Vec::new(), 0);
    for ((at, act), entry) in run.acts.iter().zip(1..) {
        match act {
            Act::Interview { control } => done.push(Done { entry, at: *at, control, about }),
            Act::Clock { .. } => {}
            _ => about = entry,
        }
    }
    done
}

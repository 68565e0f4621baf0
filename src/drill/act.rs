//! What a person can do in a run: a closed list, serialised in the journal. Does not do it.

use crate::case::score::Dim;
use crate::drill::interview::Control;
use crate::drill::team::TeamAct;
use crate::stdx::time::Span;
use serde::{Deserialize, Serialize};

pub use crate::case::forms::{Action, Audience, Certainty, Guess, ProblemForm, Standing, UpdateForm};

/// One act of one seat. Ids are those the board gave (exhibits `e1` = 1, words, hypotheses).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Act {
    /// A line for the shell.
    Run {
        line: String,
    },
    /// Lets simulated time pass (turn clock).
    Wait {
        span: Span,
    },
    /// Live clock: the host says that simulated time has reached so many milliseconds after the page.
    Clock {
        to: Span,
    },
    /// Ctrl-C for a standing pipeline.
    Leave {
        standing: u32,
    },
    /// An outside client asks the account for something through the door (live clock).
    Door {
        asked: Box<Asked>,
    },
    /// The problem, stated first: a form whose fields are true or false of the world, and words of one's own.
    State {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<Box<ProblemForm>>,
    },
    /// Tells others where things stand, and when they hear the next time.
    Update {
        update: Box<UpdateForm>,
    },
    /// Asks for the next rung of the ladder of hints.
    Hint,
    /// Bags lines `from..=to` of a page, or the whole page as a finding of its own (`lines: None`).
    Bag {
        page: u32,
        lines: Option<(u32, u32)>,
        note: String,
    },
    Unbag {
        exhibit: u32,
    },
    Suspect {
        thing: u32,
        how: u32,
    },
    Rate {
        hypothesis: u32,
        percent: u8,
    },
    Predict {
        hypothesis: u32,
        text: String,
    },
    /// `sign`: `+`, `-`, `.`
    Link {
        hypothesis: u32,
        exhibit: u32,
        sign: char,
    },
    Clear {
        hypothesis: u32,
        exhibits: Vec<u32>,
    },
    Reopen {
        hypothesis: u32,
    },
    /// What the next change should do: `slo_pay_ratio >= 0.99 within 3m`.
    Expect {
        text: String,
    },
    Resolve,
    Note {
        text: String,
    },
    Verdict {
        blanks: Box<Blanks>,
    },
    /// Answers an objection of the cross-examination with an exhibit; without one: "I cannot rule it out".
    Answer {
        objection: u32,
        exhibit: Option<u32>,
    },
    /// Takes back the last act on the board that can be taken back.
    Undo,
    /// Ends the run: without a verdict, with the one that was given, or while objections are open.
    Close,
    /// After the end, before the numbers: when one's mind was changed, a guess of one's own dimensions, and what to do
    /// first the next time. Never graded.
    Reflect {
        reaction: String,
        #[serde(default)]
        guess: Vec<(Dim, Guess)>,
        #[serde(default)]
        pledge: String,
    },
    /// What an interviewer sitting beside does; only in an interview.
    Interview {
        control: Box<Control>,
    },
    /// What people at one table do with one another; only in a game day.
    Team {
        act: Box<TeamAct>,
    },
    /// After the end: an answer to a follow-up question of an interview. Never graded.
    Reply {
        question: String,
        text: String,
    },
}

/// A request of an outside client, in neutral form: no wire is in it, so that a run stays a fold of its journal whatever
/// the client spoke.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The `aws` command's name: `sqs`.
    pub service: String,
    /// `GetQueueAttributes`.
    pub operation: String,
    /// Members by the model's names.
    pub input: serde_json::Value,
    /// Whose key it was: `learner`.
    pub user: String,
    pub region: String,
    /// `aws-cli/1.46.3`.
    pub agent: String,
}

/// A blank of the verdict: a word's id, or for the onset a time as `HH:MM`; and the exhibits cited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Blank {
    pub word: Option<u32>,
    pub time: String,
    pub exhibits: Vec<u32>,
}

/// The verdict form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Blanks {
    pub culprit: Blank,
    pub mechanism: Blank,
    pub trigger: Blank,
    pub impact: Blank,
    pub onset: Blank,
}

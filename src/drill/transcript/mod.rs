//! The language of transcripts: what a player types, one act a line, for solutions and `whodunit run`. A line is
//!
//! | line | act |
//! |---|---|
//! | `# text`, empty | nothing |
//! | `$ COMMAND` | runs a shell line; `{names}` are expanded |
//! | `wait SPAN` | lets simulated time pass: `wait 5m` (turn clock) |
//! | `> state TEXT` | states the problem |
//! | `> state hurts=SERIES not=SERIES expected=N actual=N since=HH:MM -- TEXT` | the same as a form; each field is true or false |
//! | `> update to=team harm=SERIES state=identified cause=HYPOTHESIS:suspected action=none next=15m -- TEXT` | tells how things stand; `harm=none`, `cause=unknown`, `next=none` |
//! | `> bag WHAT…` | bags; WHAT is a clue's id, `"text on a line"` (newest page that has it), `all` (the last page, whole), `pPAGE`, `pPAGE:LINE` or `pPAGE:FROM-TO` (lines count from 1) |
//! | `> unbag EXHIBIT` | takes an exhibit (`e1`) out of the bag |
//! | `> suspect THING / HOW`, `> suspect RIVAL` | opens a hypothesis |
//! | `> rate HYPOTHESIS PERCENT` | states a confidence |
//! | `> predict HYPOTHESIS TEXT` | "if true I should see …" |
//! | `> link HYPOTHESIS EXHIBIT +`, `-` or `.` | for, against, neutral |
//! | `> clear HYPOTHESIS with EXHIBIT…` | clears a suspect; a rival named by id is suspected first if need be |
//! | `> reopen HYPOTHESIS` | takes a clearing back |
//! | `> expect METRIC >= NUMBER within SPAN` | what the next change should do (`<=` too; labels: `METRIC{app=cart}`) |
//! | `> resolve`, `> note TEXT`, `> close` | as they say |
//! | `> undo` | takes back the last act on the board that can be taken back |
//! | `> hint` | the next rung of the ladder |
//! | `> leave`, `> leave NUMBER` | Ctrl-C for the last standing pipeline, or for the one of that number |
//! | `> verdict culprit=WORD:EXHIBIT,… mechanism=… trigger=… impact=… onset=HH:MM:EXHIBIT,…` | accuses; the last hearing ends the reading |
//! | `> answer OBJECTION with EXHIBIT`, `> answer OBJECTION pass` | in the cross-examination; OBJECTION is `o1`, or the id of the rival it names |
//! | `> reflect V=high K=low pledge="TEXT" -- TEXT`, `> reply q1 TEXT` | after the end; `q1` is the first follow-up question of an interview |
//! | `> interview pause`, `resume`, `end`, `reveal`, `inject N`, `extend MINUTES`, `said KIND TEXT`, `note TEXT`, `without COMPETENCY`, `with COMPETENCY`, `accommodate TEXT` | what an interviewer beside does |
//! | `> team {"team": "say", "text": "…"}` | what people at one table do with one another, as in the journal |
//! | `seat 2: LINE` | any of these, by seat 2 of a game day |
//!
//! A WORD is a collected word: its number (`w3`), its text in double quotes, or the id of a node of the chain; of a
//! rival, `RIVAL.thing` or `RIVAL.how`. A HYPOTHESIS is its number (`h2`), a rival's id, or `truth`. An EXHIBIT is its
//! number (`e2`) or the id of a clue, which means the exhibit that holds it with the fewest lines. Ids resolve only to
//! what has been seen or collected. `onset={onset}:…` (or `truth`) is the case's own onset, which moves with the seed. In the forms `since={onset}`, `expected={healthy}` and `actual={now}` stand for what is true. A whole page must be bagged (`all`, `pPAGE`) to cite what it does not show; bagging
//! such a clue by its id does so.
//!
//! Every line that cannot be read, resolved or applied is a problem with its place. Does not know files.

pub mod beside;
pub mod forms;
pub mod player;
mod read;
pub mod say;

use crate::case::score::Dim;
use crate::drill::act::Guess;
use crate::drill::interview::Control;
use crate::drill::team::TeamAct;
use crate::stdx::time::Span;

pub use forms::{problem_words, update_words};
pub use read::{control, parse};

/// What is wrong with a transcript, and where. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub line: u32,
    pub column: u32,
    /// The offending text, for a caret of the right width.
    pub text: String,
    pub what: String,
    /// What next; may be empty.
    pub hint: String,
}

/// One line, read but not yet resolved against a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub line: u32,
    /// Who does it, in a game day; 0 alone.
    pub seat: u16,
    pub verb: Verb,
}

/// A word of a line and the column where it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    pub column: u32,
    pub text: String,
    /// It stood in double quotes: text, never an id.
    pub quoted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    Run(String),
    Wait(Span),
    /// A form, if any field is filled.
    State {
        fields: Vec<forms::Field>,
        text: String,
    },
    Update(Box<forms::UpdateLine>),
    Bag(Vec<Token>),
    Unbag(Token),
    Suspect(Suspicion),
    Rate(Token, u8),
    Predict(Token, String),
    Link {
        hypothesis: Token,
        exhibit: Token,
        sign: char,
    },
    Clear {
        hypothesis: Token,
        exhibits: Vec<Token>,
    },
    Reopen(Token),
    Expect(String),
    Resolve,
    Note(String),
    Close,
    Hint,
    Undo,
    Answer {
        objection: Token,
        exhibit: Option<Token>,
    },
    Reflect {
        guess: Vec<(Dim, Guess)>,
        pledge: String,
        reaction: String,
    },
    Interview(Control),
    Team(Box<TeamAct>),
    Reply {
        question: String,
        text: String,
    },
    Leave(Option<u32>),
    Verdict(Vec<Blank>),
}

/// How a suspect was named: by its two words, or by a rival's id (`truth` for the answer).
#[derive(Clone, Debug, PartialEq)]
pub enum Suspicion {
    Words { thing: Token, how: Token },
    Named(Token),
}

/// The five blanks of the verdict, in the order of the form.
pub const BLANKS: [&str; 5] = ["culprit", "mechanism", "trigger", "impact", "onset"];

/// One filled blank: which, the word (or `HH:MM`), and the exhibits.
#[derive(Clone, Debug, PartialEq)]
pub struct Blank {
    pub name: &'static str,
    pub word: Token,
    pub exhibits: Vec<Token>,
}

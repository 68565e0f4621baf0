//! What one shell remembers: who and where it is, its history, notes and the pipelines that still print. Does not know
//! the run it belongs to.

use super::gate::Gate;
use super::page::Line;
use crate::stdx::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One shell.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// `learner`, `deploy-bot`, …: goes to the audit.
    pub user: String,
    /// The current namespace of the context.
    pub namespace: String,
    pub context: String,
    pub history: Vec<String>,
    /// Files written by redirection or read by `-f`; a learner's notes and manifests.
    pub files: BTreeMap<String, Vec<Line>>,
    /// Variables set by `NAME=value` and `export`.
    pub vars: BTreeMap<String, String>,
    /// `$?`: the exit code of the last pipeline.
    pub code: i32,
    /// How many commands run inside another one (`xargs`, `watch`) just now; bounded.
    pub nesting: u8,
    /// What the command prints just now goes into another one or into a note, not before somebody's eyes.
    pub piped: bool,
    /// The commands that this shell has; `None`: all.
    pub gate: Option<Arc<Gate>>,
}

/// A pipeline that goes on printing: the source's own state as data, and the stages behind it as text.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The whole line, for the pane's title.
    pub line: String,
    /// The source program's name.
    pub program: String,
    /// The source's state, owned by that program's `poll`.
    pub cursor: Value,
    /// The stages after the source, each as its words.
    pub stages: Vec<Vec<String>>,
    /// What the source printed so far, if stages behind it need to see it again.
    pub held: Vec<Line>,
    /// How many lines came out of the stages so far.
    pub printed: usize,
    /// The file that the pipeline writes instead of the page.
    pub into: Option<String>,
    /// What the line does after this pipeline, beginning with its operator: `&& kubectl get pods`.
    pub then: String,
    /// When it wants to be asked next; the turn clock runs there for a blocking one.
    pub next: Time,
    /// How often it was asked so far.
    pub feeds: u32,
    /// It ends by itself (`rollout status`, `sleep`): the turn clock runs until it does.
    pub blocking: bool,
    pub done: bool,
}

impl Standing {
    /// What a program puts into its context to go on: the shell fills in the line, the stages and what follows.
    pub fn new(program: &str, cursor: Value, next: Time) -> Standing {
        Standing { program: program.to_string(), cursor, next, ..Standing::default() }
    }
}

//! What one shell remembers: who and where it is, its history, notes and the pipelines that still print. Does not know
//! the run it belongs to.

use super::page::Line;
use crate::stdx::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;

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
}

/// A pipeline that goes on printing: the source's own state as data, and the stages behind it as text.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The whole line, for the pane's title.
    pub line: String,
    /// The source program's name.
    pub program: String,
    /// The source's state, owned by that program's `poll`.
    pub cursor: Value,
    /// The stages after the source, each as its words.
    pub stages: Vec<Vec<String>>,
    /// Lines held back by stages that print at the end (`sort`, `wc`).
    pub held: Vec<Line>,
    /// When it wants to be asked next; the turn clock runs there for a blocking one.
    pub next: Time,
    /// It ends by itself (`rollout status`, `sleep`): the turn clock runs until it does.
    pub blocking: bool,
    pub done: bool,
}

//! The simulated shell: a typed line becomes pages whose lines carry the facts they show. Does not know physics (it asks
//! the world), the board, or the screen.

pub mod fact;
pub mod flag;
pub mod help;
pub mod kubectl;
pub mod page;
pub mod program;
pub mod session;
pub mod unix;

use crate::stdx::time::Span;
use crate::world::World;
use page::Output;
use session::Session;

/// A candidate for completion: what replaces `start..caret`, and a word about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub start: usize,
    pub text: String,
    pub about: String,
}

/// What running a line gave: printed lines, and what goes on printing, if anything does.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    pub output: Output,
    /// A standing pipeline (`-f`, `-w`, `rollout status`, `sleep`): fed by `poll` until it is done or interrupted.
    pub standing: Option<session::Standing>,
}

/// What the line costs on the turn clock, charged before it runs. A line that does not parse is free.
pub fn cost(_world: &World, _session: &Session, _line: &str) -> Span {
    Span::ZERO
}

/// Runs one line. Never fails: a mistake is a page with the real tool's words and exit code, and our hint.
pub fn run(_world: &mut World, _session: &mut Session, _line: &str) -> Ran {
    Ran::default()
}

/// Feeds a standing pipeline with what happened since it was last asked. `Output.code` counts when `Standing::done`.
pub fn poll(_world: &mut World, _session: &mut Session, _standing: &mut session::Standing) -> Output {
    Output::default()
}

/// Ctrl-C: what the pipeline prints at its end, if anything.
pub fn interrupt(_world: &mut World, _session: &mut Session, _standing: session::Standing) -> Output {
    Output::default()
}

/// Completion at `caret` (a byte offset). Shows names, carries no facts, costs nothing.
pub fn complete(_world: &World, _session: &Session, _line: &str, _caret: usize) -> Vec<Candidate> {
    Vec::new()
}

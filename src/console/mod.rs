//! The simulated shell: a typed line becomes pages whose lines carry the facts they show. Does not know physics (it asks
//! the world), the board, or the screen.

pub mod aws;
mod builtins;
pub mod chat;
pub mod ci;
mod complete;
mod expand;
pub mod fact;
pub mod flag;
pub mod gate;
pub mod help;
pub mod iac;
pub mod kubectl;
pub mod logs;
pub mod page;
mod parse;
mod pipeline;
pub mod program;
pub mod prom;
pub mod rows;
pub mod session;
pub mod shopctl;
pub mod unix;

use crate::stdx::time::Span;
use crate::world::World;
use page::{Line, Output};
use pipeline::Shell;
use session::Session;

/// The most lines that a shell remembers.
const HISTORY_MAX: usize = 1_000;

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
pub fn cost(_world: &World, session: &Session, line: &str) -> Span {
    pipeline::cost(session, line)
}

/// Runs one line. Never fails: a mistake is a page with the real tool's words and exit code, and our hint.
pub fn run(world: &mut World, session: &mut Session, line: &str) -> Ran {
    let line = line.trim();
    if line.is_empty() {
        return Ran::default();
    }
    let mut echoed = None;
    let line = match expand::history(line, &session.history) {
        Ok(None) => line.to_string(),
        Ok(Some(expanded)) => {
            // bash shows what the line became before it runs.
            echoed = Some(Line::plain(expanded.clone()));
            expanded
        }
        Err(text) => {
            session.code = 1;
            return Ran {
                output: Output { lines: vec![Line::err(text)], code: 1, ..Output::default() },
                standing: None,
            };
        }
    };
    if line.len() <= parse::LINE_BYTES_MAX {
        session.history.push(line.clone());
        if session.history.len() > HISTORY_MAX {
            session.history.remove(0);
        }
    }
    let mut ran = Shell::new(world, session).line(&line);
    ran.output.lines.splice(0..0, echoed);
    ran
}

/// Feeds a standing pipeline with what happened since it was last asked. `Output.code` counts when `Standing::done`.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut session::Standing) -> Output {
    pipeline::poll(world, session, standing)
}

/// Ctrl-C: what the pipeline prints at its end, if anything.
pub fn interrupt(world: &mut World, session: &mut Session, standing: session::Standing) -> Output {
    pipeline::interrupt(world, session, standing)
}

/// Whether the stages behind the source of `line` would have let `specimen` through with its fact: what an absence
/// needs. False if the line is more than one pipeline, or its stages depend on variables, notes or counts.
pub fn survives(line: &str, specimen: Line) -> bool {
    pipeline::survives(line, specimen)
}

/// Completion at `caret` (a byte offset). Shows names, carries no facts, costs nothing.
pub fn complete(world: &World, session: &Session, line: &str, caret: usize) -> Vec<Candidate> {
    complete::complete(world, session, line, caret)
}

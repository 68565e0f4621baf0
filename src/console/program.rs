//! The programs of the shell: a row each; help, completion, manual, costs and "did you mean" come from the rows. Does not
//! know how a line is parsed.

use super::page::{Line, Output};
use super::session::{Session, Standing};
use crate::stdx::time::Span;
use crate::world::World;

/// What a program is given. Everything it may touch is here.
pub struct Context<'a> {
    pub world: &'a mut World,
    pub session: &'a mut Session,
    /// The program's name and arguments, after quotes were removed.
    pub args: &'a [String],
    /// Standard input; `None` if nothing is piped in.
    pub input: Option<Vec<Line>>,
    /// Set by a program that goes on (`-f`, `-w`, `rollout status`).
    pub standing: Option<Standing>,
}

/// One program of the shell.
pub struct Program {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub doc: &'static str,
    /// Usage and examples, shown by `help NAME` and `NAME --help` where the real tool's help is not imitated.
    pub usage: &'static str,
    /// Turn-clock cost.
    pub cost: Span,
    pub run: fn(&mut Context) -> Output,
    /// Feeds a standing program; `None` for programs that never stand.
    pub poll: Option<fn(&mut World, &mut Session, &mut Standing) -> Output>,
}

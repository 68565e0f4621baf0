//! The programs of the shell: a row each; help, completion, manual, costs and "did you mean" come from the rows. Does not
//! know how a line is parsed.

use super::builtins;
use super::flag::Flag;
use super::kubectl;
use super::page::{Line, Output};
use super::session::{Session, Standing};
use super::{aws, chat, ci, iac, logs, prom, shopctl, unix};
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
    /// The flags it reads, declared once; empty for a program that declares its own by verb (`kubectl`).
    pub flags: &'static [Flag],
    /// Turn-clock cost.
    pub cost: Span,
    pub run: fn(&mut Context) -> Output,
    /// Feeds a standing program; `None` for programs that never stand.
    pub poll: Option<fn(&mut World, &mut Session, &mut Standing) -> Output>,
}

/// How the usage of a program writes its subcommand: `usage: iac diff REVISION [REVISION]`.
pub fn form(program: &Program, word: &str) -> Option<String> {
    let lines = program.usage.lines().map(|line| line.trim_start_matches("usage:").trim());
    let mut forms = lines.filter_map(|line| line.strip_prefix(program.name)).flat_map(|line| {
        let line = line.trim_start().split("  ").next().unwrap_or_default();
        line.split(" | ").map(str::trim)
    });
    let found = forms.find(|form| form.split(' ').next() == Some(word))?;
    Some(format!("usage: {} {found}", program.name))
}

/// Every program, sorted by name, one a line.
pub static PROGRAMS: &[&Program] = &[
    &unix::awk::PROGRAM,
    &aws::PROGRAM,
    &unix::base64::PROGRAM,
    &unix::cat::PROGRAM,
    &chat::PROGRAM,
    &ci::PROGRAM,
    &builtins::CLEAR,
    &unix::column::PROGRAM,
    &unix::cut::PROGRAM,
    &unix::date::PROGRAM,
    &unix::echo::PROGRAM,
    &builtins::ENV,
    &builtins::EXPORT,
    &unix::truth::FALSE,
    &unix::grep::PROGRAM,
    &unix::head::PROGRAM,
    &builtins::HELP,
    &builtins::HISTORY,
    &iac::PROGRAM,
    &unix::jq::PROGRAM,
    &kubectl::PROGRAM,
    &unix::less::PROGRAM,
    &logs::PROGRAM,
    &unix::note::LS,
    &builtins::MAN,
    &unix::order::NL,
    &unix::printf::PROGRAM,
    &prom::PROGRAM,
    &unix::note::PWD,
    &unix::order::REV,
    &unix::note::RM,
    &unix::sed::PROGRAM,
    &unix::seq::PROGRAM,
    &shopctl::PROGRAM,
    &unix::wait::SLEEP,
    &unix::sort::PROGRAM,
    &unix::order::TAC,
    &unix::tail::PROGRAM,
    &unix::tee::PROGRAM,
    &unix::tr::PROGRAM,
    &unix::truth::TRUE,
    &unix::uniq::PROGRAM,
    &builtins::UNSET,
    &unix::wait::WAIT,
    &unix::wait::WATCH,
    &unix::wc::PROGRAM,
    &unix::xargs::PROGRAM,
];

/// The row of a name or alias.
pub fn find(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().copied().find(|p| p.name == name || p.aliases.contains(&name))
}

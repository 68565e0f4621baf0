//! `iac`: infrastructure as code: what is in the code, what was applied, by whom, and how it differs from what is there.
//! Does not know the account's services (it asks `world::iac`).

mod change;
mod history;
mod plan;
mod show;

use super::fact::{Fact, ObjectId};
use super::flag::{self, Flag, Order};
use super::page::{Line, Output};
use super::program::{self, Context, Program};
use crate::stdx::suggest;
use crate::stdx::text;
use crate::stdx::time::Span;
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "iac",
    aliases: &[],
    doc: "infrastructure as code: plan, apply, history",
    usage: "\
usage: iac plan [MODULE]                    what an apply would do, and what others changed
       iac apply [MODULE]                   make the account as the code says
       iac history [ADDRESS] | show N       applies, newest first; the plan and log of one
       iac code [ADDRESS|MODULE] | log      the code's head; its revisions
       iac diff REVISION [REVISION]         what changed in the code
       iac state list | state show ADDRESS  what the last apply left behind
       iac edit ADDRESS NAME=VALUE…         change the code (NAME- takes one away); --new, --remove
       iac merge REVISION | revert N        make a prepared change the head; take a revision back
       iac lock [WHY] | unlock | pause [WHY] | resume | status

  iac plan net/tables
  iac show 7
  iac edit aws_sqs_queue.orders visibility_timeout_seconds=120 && iac apply",
    flags: &[
        Flag::value('\0', "limit", "N", "history, log: at most the newest N (default 20)"),
        Flag::value('m', "module", "NAME", "edit --new: the module that it belongs to"),
        Flag::switch('\0', "new", "edit: a resource that is not in the code yet"),
        Flag::switch('\0', "remove", "edit: take the resource out of the code"),
        Flag::switch('\0', "scheduled", "apply: as the schedule does, not while it is paused"),
    ],
    cost: Span::secs(20),
    run,
    poll: None,
};

type Failure = (String, Option<String>);

/// The first words of what can be done.
const VERBS: &[&str] = &[
    "apply", "code", "diff", "edit", "history", "lock", "log", "merge", "pause", "plan", "resume", "revert", "show",
    "state", "status", "unlock",
];

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(page) => return page,
    };
    let words: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["plan"] => plan::plan(context, None),
        ["plan", module] => plan::plan(context, Some(module)),
        ["apply"] => change::apply(context, &given, None),
        ["apply", module] => change::apply(context, &given, Some(module)),
        ["history"] => history::history(context, &given, None),
        ["history", address] => history::history(context, &given, Some(address)),
        ["show", number] => history::show(context.world, number),
        ["log"] => history::log(context.world, &given),
        ["diff", a] => history::diff(context.world, a, None),
        ["diff", a, b] => history::diff(context.world, a, Some(b)),
        ["code"] => show::code(context.world, None),
        ["code", address] => show::code(context.world, Some(address)),
        ["state"] | ["state", "list"] => show::state_list(context.world),
        ["state", "show", address] | ["state", address] => show::state(context.world, address),
        ["edit", address, edits @ ..] => change::edit(context, &given, address, edits),
        ["merge", id] => change::merge(context, id),
        ["revert", number] => change::revert(context, number),
        ["status"] => Ok(change::status(context.world)),
        [verb @ ("lock" | "unlock" | "pause" | "resume"), why @ ..] => change::hold(context, verb, &why.join(" ")),
        [] => Err(("what should be done?".into(), Some("iac --help shows what there is".into()))),
        [word, ..] => {
            let near = suggest::nearest(word, VERBS.iter().copied()).filter(|near| near != word);
            let hint = near.map(|near| format!("did you mean `iac {near}`?"));
            let hint = hint.or_else(|| program::form(&PROGRAM, word)).unwrap_or("iac --help shows how".into());
            Err((format!("cannot {:?}", words.join(" ")), Some(hint)))
        }
    };
    done.unwrap_or_else(|(say, hint)| {
        let mut lines = vec![Line::err(format!("iac: {}", text::harmless(&say)))];
        lines.extend(hint.map(Line::hint));
        Output { lines, code: 1, ..Output::default() }
    })
}

fn object(address: &str) -> ObjectId {
    ObjectId { kind: "Code".into(), namespace: String::new(), name: address.into(), uid: String::new() }
}

fn field(address: &str, path: &str, value: &str) -> Arc<Fact> {
    Arc::new(Fact::Field { object: object(address), path: path.into(), value: value.into() })
}

/// The failure of an address that is not there, with the nearest one that is.
fn no_address<'a>(what: &str, address: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let hint = suggest::nearest(address, known).map(|near| format!("did you mean `{near}`?"));
    (format!("{what} has no {address:?}"), hint)
}

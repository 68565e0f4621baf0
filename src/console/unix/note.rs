//! ls, rm and pwd: the one folder of notes that a session has. Does not know what notes hold.

use super::{Sink, failure, note_name};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static LS: Program = Program {
    name: "ls",
    aliases: &["ll"],
    doc: "list the notes of this session",
    usage: "Usage: ls [OPTION]... [FILE]...\nExamples:\n  ls -l",
    flags: &[
        Flag::switch('1', "", "one a line (always so here)"),
        Flag::switch('a', "all", "accepted"),
        Flag::switch('h', "human-readable", "accepted"),
        Flag::switch('l', "", "print sizes too"),
        Flag::switch('t', "", "accepted"),
    ],
    cost: Span::ZERO,
    run: list,
    poll: None,
};

pub static RM: Program = Program {
    name: "rm",
    aliases: &[],
    doc: "remove notes",
    usage: "Usage: rm [OPTION]... [FILE]...",
    flags: &[
        Flag::switch('f', "force", "no error about a missing note"),
        Flag::switch('r', "recursive", "accepted; notes have no folders"),
    ],
    cost: Span::ZERO,
    run: remove,
    poll: None,
};

pub static PWD: Program = Program {
    name: "pwd",
    aliases: &[],
    doc: "print where the notes are",
    usage: "Usage: pwd",
    flags: &[],
    cost: Span::ZERO,
    run: |context| Output { lines: vec![Line::plain(format!("/home/{}", context.session.user))], ..Output::default() },
    poll: None,
};

fn list(context: &mut Context) -> Output {
    let given = match flag::read(&LS, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let long = given.has("l") || context.args.first().is_some_and(|a| a == "ll");
    let mut sink = Sink::default();
    let session = &context.session;
    let here = [".", "~", "./"];
    let mut names: Vec<String> = Vec::new();
    for operand in &given.operands {
        let name = note_name(session, operand);
        if here.contains(&operand.as_str()) || name.is_empty() {
            names.extend(session.files.keys().cloned());
        } else if session.files.contains_key(&name) {
            names.push(name);
        } else {
            sink.error(format!("ls: cannot access '{operand}': No such file or directory"), 2);
        }
    }
    if given.operands.is_empty() {
        names.extend(session.files.keys().cloned());
    }
    for name in names {
        let lines = session.files.get(&name).map_or(&[][..], Vec::as_slice);
        let bytes: usize = lines.iter().map(|l| l.text.len() + usize::from(!l.open)).sum();
        let user = &session.user;
        let text = if long { format!("-rw-r--r-- 1 {user} {user} {bytes:>7} {name}") } else { name };
        sink.print(Line::plain(text));
    }
    sink.output
}

fn remove(context: &mut Context) -> Output {
    let given = match flag::read(&RM, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    if given.operands.is_empty() && !given.has("f") {
        return failure("rm: missing operand", 1);
    }
    let mut sink = Sink::default();
    for operand in &given.operands {
        let name = note_name(context.session, operand);
        if context.session.files.remove(&name).is_none() && !given.has("f") {
            sink.error(format!("rm: cannot remove '{operand}': No such file or directory"), 1);
        }
    }
    sink.output
}

//! `chat`: people who know something, or think they do. Does not judge what they say.

use super::fact::Fact;
use super::flag::{self, Flag, Order};
use super::page::{Line, Output};
use super::program::{Context, Program};
use crate::stdx::suggest;
use crate::stdx::text;
use crate::stdx::time::Span;
use crate::world::World;
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "chat",
    aliases: &[],
    doc: "ask people, and read what they wrote; they may be wrong",
    usage: "\
usage: chat list
       chat ask WHO ABOUT…
       chat read [WHO]

  chat ask pm vanilla
  chat read",
    flags: &[Flag::value('n', "last", "N", "read: only the newest N messages")],
    cost: Span::secs(60),
    run,
    poll: None,
};

/// Columns that a statement is wrapped to.
const COLUMNS: usize = 100;

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(page) => return page,
    };
    let world = &*context.world;
    let words: Vec<&str> = given.operands.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => list(world),
        ["ask", who, about @ ..] if !about.is_empty() => ask(world, who, &about.join(" ")),
        ["ask", who] => {
            let known = world.witnesses.find(who).map(|(name, witness)| topics(name, witness));
            failed("ask about what?", known)
        }
        ["read"] => read(world, None, given.last("last")),
        ["read", who] => read(world, Some(who), given.last("last")),
        _ => failed("list, ask or read?", Some("chat --help shows how".into())),
    }
}

fn failed(say: &str, hint: Option<String>) -> Output {
    let mut lines = vec![Line::err(format!("chat: {say}"))];
    lines.extend(hint.map(Line::hint));
    Output { lines, code: 1, ..Output::default() }
}

fn topics(name: &str, witness: &crate::world::witnesses::Witness) -> String {
    let known: Vec<&str> = witness.topics.keys().map(String::as_str).collect();
    format!("{name} may be asked about: {}", known.join(", "))
}

fn list(world: &World) -> Output {
    let people = &world.witnesses.people;
    let name_width = people.keys().map(|name| text::width(name)).max().unwrap_or(0).max(3);
    let role_width = people.values().map(|person| text::width(&person.role)).max().unwrap_or(0).max(4);
    let pad = |word: &str, width: usize| format!("{word}{}", " ".repeat(width.saturating_sub(text::width(word))));
    let mut lines = vec![Line::plain(format!("{}  {}  ASK ABOUT", pad("WHO", name_width), pad("ROLE", role_width)))];
    for (name, person) in people.iter() {
        let known: Vec<&str> = person.topics.keys().map(String::as_str).collect();
        let role = text::harmless(&person.role);
        let row =
            format!("{}  {}  {}", pad(&text::harmless(name), name_width), pad(&role, role_width), known.join(", "));
        lines.push(Line::plain(row));
    }
    if people.is_empty() {
        lines = vec![Line::plain("nobody is around")];
    }
    Output { lines, ..Output::default() }
}

fn ask(world: &World, who: &str, about: &str) -> Output {
    let Some((name, witness)) = world.witnesses.find(who) else {
        let near = suggest::nearest(who, world.witnesses.people.keys().map(String::as_str));
        let hint = near.map_or("chat list shows who is around".to_string(), |near| format!("did you mean `{near}`?"));
        return failed(&format!("nobody here is called {who:?}"), Some(hint));
    };
    match witness.topic(about) {
        Some((topic, said)) => Output { lines: spoken(name, topic, &said.says), ..Output::default() },
        None => {
            let line = Line::plain(format!("{}: I don't know anything about that.", text::harmless(name)));
            Output { lines: vec![line, Line::hint(topics(name, witness))], ..Output::default() }
        }
    }
}

/// What somebody says: every line of it is the statement.
fn spoken(who: &str, topic: &str, says: &str) -> Vec<Line> {
    let fact = Arc::new(Fact::Said { who: who.to_string(), topic: topic.to_string() });
    let who = text::harmless(who);
    let indent = " ".repeat(text::width(&who) + 2);
    let wrapped = text::wrap(&text::harmless(says), COLUMNS.saturating_sub(indent.len()).max(20));
    wrapped
        .iter()
        .enumerate()
        .map(|(n, part)| {
            let mut line = Line::plain(if n == 0 { format!("{who}: ") } else { indent.clone() });
            line.push_fact(part, &fact);
            line
        })
        .collect()
}

fn read(world: &World, who: Option<&str>, last: Option<&str>) -> Output {
    let limit = match last.map(str::parse::<usize>) {
        None => usize::MAX,
        Some(Ok(limit)) => limit,
        Some(Err(_)) => return failed("--last wants a number", None),
    };
    let said: Vec<_> = world
        .witnesses
        .messages()
        .iter()
        .filter(|message| message.at <= world.now)
        .filter(|message| who.is_none_or(|who| message.who.eq_ignore_ascii_case(who)))
        .collect();
    let mut lines = Vec::new();
    for message in &said[said.len().saturating_sub(limit)..] {
        let mut spoken = spoken(&message.who, &message.topic, &message.text);
        if let Some(first) = spoken.first_mut() {
            let mut stamped = Line::plain(format!("{} ", message.at.clock()));
            stamped.push_part(first, 0..first.text.len());
            *first = stamped;
        }
        lines.extend(spoken);
    }
    if lines.is_empty() {
        lines.push(Line::plain("no messages"));
    }
    Output { lines, ..Output::default() }
}

//! jq's functions that take filters: loops, sorting by a key, patterns, inputs. Does not know functions of plain values.

use super::eval::{Env, Item, Machine, Out, Run, Stop, error};
use super::functions::{self, shown};
use super::paths;
use super::syntax::Tree;
use super::value::{NULL, Value, compare};
use crate::console::page::Line;
use crate::console::unix::pattern::{self, Case, Dialect};
use regex::Regex;
use std::rc::Rc;

type Arguments<'a> = &'a [Tree<'a>];

/// Calls what is not defined in the language itself.
pub fn native<'a>(
    machine: &mut Machine<'a>,
    name: &'a str,
    arguments: Arguments<'a>,
    env: &Env<'a>,
    item: Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    match (name, arguments) {
        ("empty", []) => Ok(()),
        ("error", []) => Err(Stop::Error(item.value)),
        ("error", [message]) => match machine.all(message, env, &item.value)?.into_iter().next() {
            Some(value) => Err(Stop::Error(value)),
            None => Ok(()),
        },
        ("recurse", [step]) => repeated(machine, step, env, item, out),
        ("repeat", [step]) => repeated(machine, step, env, item, out),
        ("while", [condition, step]) => while_loop(machine, (condition, step), env, item, out),
        ("until", [condition, step]) => until_loop(machine, (condition, step), env, item, out),
        ("range", [from, to, by]) => range(machine, (from, to, by), env, item, out),
        ("path", [filter]) => {
            for path in paths::of(machine, filter, env, &item.value)? {
                let path = machine.list(path)?;
                out(machine, item.made(path)?)?;
            }
            Ok(())
        }
        ("getpath", [path]) => {
            for path in machine.all(path, env, &item.value)? {
                let keys = paths::keys(&path)?;
                let value = paths::get(machine, &item.value, &keys).or_else(|stop| match stop {
                    Stop::Error(_) if item.path.is_some() => Ok(NULL),
                    stop => Err(stop),
                })?;
                let path = item.path.as_ref().map(|p| p.iter().cloned().chain(keys).collect());
                out(machine, Item { value, path })?;
            }
            Ok(())
        }
        ("sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", [key]) => {
            let value = keyed(machine, name, key, env, &item.value)?;
            out(machine, item.made(value)?)
        }
        ("sub", [re, replacement, flags]) => substitute(machine, (re, replacement, flags), env, item, out),
        ("input", []) => match machine.inputs.pop_front() {
            Some(value) => out(machine, item.made(value)?),
            None => error("No more inputs"),
        },
        ("inputs", []) => {
            while let Some(value) = machine.inputs.pop_front() {
                out(machine, item.made(value)?)?;
            }
            Ok(())
        }
        (
            "env" | "halt" | "halt_error" | "input_filename" | "get_search_list" | "$__loc__" | "modulemeta" | "system",
            _,
        ) => Err(Stop::Bound(format!("{name} is not part of this jq: a program sees its input alone"))),
        _ => {
            // Functions of plain values: every combination of the arguments' values.
            let mut values = Vec::new();
            for argument in arguments {
                values.push(machine.all(argument, env, &item.value)?);
            }
            combined(machine, (name, arguments.len()), &values, Vec::new(), &item, out)
        }
    }
}

fn combined<'a>(
    machine: &mut Machine<'a>,
    function: (&str, usize),
    values: &[Vec<Value>],
    chosen: Vec<Value>,
    item: &Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    let Some((first, rest)) = values.split_first() else {
        for value in functions::call(machine, function.0, &item.value, &chosen)? {
            out(machine, item.made(value)?)?;
        }
        return Ok(());
    };
    for value in first {
        let chosen = chosen.iter().cloned().chain([value.clone()]).collect();
        combined(machine, function, rest, chosen, item, out)?;
    }
    Ok(())
}

/// The value, then what the filter makes of it, and so on, depth first, without using the stack.
fn repeated<'a>(machine: &mut Machine<'a>, step: &'a Tree<'a>, env: &Env<'a>, item: Item, out: Out<'_, 'a>) -> Run<()> {
    let mut open = vec![item];
    while let Some(item) = open.pop() {
        machine.charge(1)?;
        out(machine, item.clone())?;
        let mut below = Vec::new();
        machine.eval(step, env, item, &mut |_, item| {
            below.push(item);
            Ok(())
        })?;
        open.extend(below.into_iter().rev());
    }
    Ok(())
}

fn while_loop<'a>(
    machine: &mut Machine<'a>,
    (condition, step): (&'a Tree<'a>, &'a Tree<'a>),
    env: &Env<'a>,
    item: Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    let mut open = vec![item];
    while let Some(item) = open.pop() {
        if !machine.all(condition, env, &item.value)?.first().is_some_and(Value::is_true) {
            continue;
        }
        out(machine, item.clone())?;
        let below = machine.all(step, env, &item.value)?;
        open.extend(below.into_iter().rev().map(Item::new));
    }
    Ok(())
}

fn until_loop<'a>(
    machine: &mut Machine<'a>,
    (condition, step): (&'a Tree<'a>, &'a Tree<'a>),
    env: &Env<'a>,
    item: Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    let mut open = vec![item];
    while let Some(item) = open.pop() {
        if machine.all(condition, env, &item.value)?.first().is_some_and(Value::is_true) {
            out(machine, item)?;
            continue;
        }
        let below = machine.all(step, env, &item.value)?;
        open.extend(below.into_iter().rev().map(Item::new));
    }
    Ok(())
}

fn range<'a>(
    machine: &mut Machine<'a>,
    (from, to, by): (&'a Tree<'a>, &'a Tree<'a>, &'a Tree<'a>),
    env: &Env<'a>,
    item: Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    let number = |value: &Value| match value {
        Value::Number(number) => Ok(number.value),
        _ => error("Range bounds must be numeric"),
    };
    for from in machine.all(from, env, &item.value)? {
        for to in machine.all(to, env, &item.value)? {
            for by in machine.all(by, env, &item.value)? {
                let (mut at, to, by) = (number(&from)?, number(&to)?, number(&by)?);
                if by == 0.0 {
                    continue;
                }
                while if by > 0.0 { at < to } else { at > to } {
                    machine.charge(1)?;
                    out(machine, item.made(Value::number(at))?)?;
                    at += by;
                }
            }
        }
    }
    Ok(())
}

/// `sort_by`, `group_by` and their like: elements with their keys, sorted.
fn keyed<'a>(machine: &mut Machine<'a>, name: &str, key: &'a Tree<'a>, env: &Env<'a>, value: &Value) -> Run<Value> {
    let Value::List(list) = value else {
        return error(format!("Cannot index {} with number", value.kind()));
    };
    let mut keyed = Vec::new();
    for item in &list.items {
        let key = machine.all(key, env, item)?;
        machine.charge(item.weight() / 64)?;
        keyed.push((Value::list(key)?, item.clone()));
    }
    match name {
        "min_by" => {
            let least = keyed.into_iter().reduce(|a, b| if compare(&b.0, &a.0).is_lt() { b } else { a });
            return Ok(least.map_or(NULL, |(_, v)| v));
        }
        "max_by" => {
            let most = keyed.into_iter().reduce(|a, b| if compare(&b.0, &a.0).is_ge() { b } else { a });
            return Ok(most.map_or(NULL, |(_, v)| v));
        }
        _ => keyed.sort_by(|a, b| compare(&a.0, &b.0)),
    }
    if name == "sort_by" {
        return machine.list(keyed.into_iter().map(|(_, v)| v).collect());
    }
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, value) in keyed {
        match groups.last_mut().filter(|(last, _)| compare(last, &key).is_eq()) {
            Some((_, group)) => group.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    let mut out = Vec::new();
    for (_, group) in groups {
        if name == "group_by" {
            out.push(machine.list(group)?);
        } else {
            out.extend(group.into_iter().next());
        }
    }
    machine.list(out)
}

/// A pattern with jq's flags, compiled once; whether all matches are meant.
pub fn regex(machine: &mut Machine, re: &Value, flags: &Value) -> Run<(Regex, bool)> {
    let (Value::Text(re), flags) = (re, flags) else {
        return error(format!("{} cannot be matched, as it is not a string", shown(re)));
    };
    let flags = match flags {
        Value::Null(_) => String::new(),
        Value::Text(flags) => flags.text.clone(),
        other => return error(format!("{} is not a string", shown(other))),
    };
    if let Some(unknown) = flags.chars().find(|c| !"gimnpslx".contains(*c)) {
        let _ = unknown;
        return error(format!("{flags} is not a valid modifier string"));
    }
    let all = flags.contains('g');
    let key = (re.text.clone(), flags.clone());
    if let Some(regex) = machine.regexes.get(&key) {
        return Ok((regex.clone(), all));
    }
    if machine.regexes.len() > 200 {
        return Err(Stop::Bound("more than 200 patterns".to_string()));
    }
    let mut text = re.text.clone();
    let modes: String = flags
        .chars()
        .filter_map(|c| match c {
            'x' => Some('x'),
            's' | 'p' => Some('s'),
            _ => None,
        })
        .collect();
    if !modes.is_empty() {
        text = format!("(?{modes}){text}");
    }
    let case = if flags.contains('i') { Case::Ignored } else { Case::Exact };
    let regex = pattern::compile(&text, Dialect::Perl, case)
        .or_else(|why| error(format!("{} (at offset 0) is not a valid regex: {why}", re.text)))?;
    machine.regexes.insert(key, regex.clone());
    Ok((regex, all))
}

/// `match`: each match as an object; texts keep the marks of what they were copied from.
pub fn matches(machine: &mut Machine, text: &Line, regex: &Regex, all: bool) -> Run<Vec<Value>> {
    let mut found = Vec::new();
    let offset = |at: usize| Value::number(text.text[..at].chars().count() as f64);
    let length = |from: usize, to: usize| Value::number(text.text[from..to].chars().count() as f64);
    let names: Vec<Option<&str>> = regex.capture_names().collect();
    for captures in regex.captures_iter(&text.text) {
        let Some(whole) = captures.get(0) else { continue };
        machine.charge(4 + text.text.len() / 64)?;
        let mut groups = Vec::new();
        for (index, name) in names.iter().enumerate().skip(1) {
            let name = name.map_or(NULL, Value::text);
            let group = match captures.get(index) {
                Some(group) => [
                    ("offset".into(), offset(group.start())),
                    ("length".into(), length(group.start(), group.end())),
                    ("string".into(), Value::line(text.part(group.range()))),
                    ("name".into(), name),
                ],
                None => [
                    ("offset".into(), Value::number(-1.0)),
                    ("length".into(), Value::number(0.0)),
                    ("string".into(), NULL),
                    ("name".into(), name),
                ],
            };
            groups.push(Value::pairs(group)?);
        }
        found.push(Value::pairs([
            ("offset".into(), offset(whole.start())),
            ("length".into(), length(whole.start(), whole.end())),
            ("string".into(), Value::line(text.part(whole.range()))),
            ("captures".into(), Value::list(groups)?),
        ])?);
        if !all {
            break;
        }
    }
    Ok(found)
}

/// `sub` and `gsub`: the replacement sees the named captures.
fn substitute<'a>(
    machine: &mut Machine<'a>,
    (re, replacement, flags): (&'a Tree<'a>, &'a Tree<'a>, &'a Tree<'a>),
    env: &Env<'a>,
    item: Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    let Value::Text(text) = &item.value else {
        return error(format!("{} cannot be matched, as it is not a string", shown(&item.value)));
    };
    for flags in machine.all(flags, env, &item.value)? {
        for re in machine.all(re, env, &item.value)? {
            let (regex, all) = regex(machine, &re, &flags)?;
            let names: Vec<Option<String>> = regex.capture_names().map(|n| n.map(str::to_string)).collect();
            let mut result = Line::default();
            let mut copied = 0;
            for captures in regex.captures_iter(&text.text) {
                let Some(whole) = captures.get(0) else { continue };
                machine.charge(4)?;
                let mut pairs: Vec<(Rc<str>, Value)> = Vec::new();
                for (index, name) in names.iter().enumerate() {
                    if let Some(name) = name {
                        let value = captures.get(index).map_or(NULL, |g| Value::line(text.part(g.range())));
                        pairs.push((name.as_str().into(), value));
                    }
                }
                let captured = Value::pairs(pairs)?;
                result.push_part(text, copied..whole.start());
                match machine.all(replacement, env, &captured)?.into_iter().next() {
                    Some(Value::Text(piece)) => result.push_part(&piece, 0..piece.text.len()),
                    Some(other) => {
                        return error(format!("{} cannot be added to a string", shown(&other)));
                    }
                    None => {}
                }
                copied = whole.end();
                if !all || result.text.len() > super::super::TEXT_BYTES_MAX {
                    break;
                }
            }
            result.push_part(text, copied..text.text.len());
            let value = machine.built(result)?;
            out(machine, item.made(value)?)?;
        }
    }
    Ok(())
}

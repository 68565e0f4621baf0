//! jq's functions of plain values, arithmetic, indexing and formats. Copied texts keep their marks; numbers computed over
//! facts say so. Does not know filters.

use super::calls;
use super::eval::{Machine, Run, Stop, error};
use super::json::Reader;
use super::paths;
use super::value::{self, NULL, Number, Value, compact, compare};
use crate::console::page::Line;
use crate::stdx::time::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jaq_core::ops::Math;
use std::rc::Rc;

/// A value as messages show it: its kind, and the beginning of its text.
pub fn shown(value: &Value) -> String {
    let text = compact(value).text;
    let short = if text.len() > 11 { format!("{}...", &text[..crate::console::unix::floor(&text, 10)]) } else { text };
    format!("{} ({short})", value.kind())
}

pub fn cannot_index(value: &Value, key: &Value) -> String {
    match key {
        Value::Text(name) => format!("Cannot index {} with string \"{}\"", value.kind(), name.text),
        _ => format!("Cannot index {} with {}", value.kind(), key.kind()),
    }
}

/// `.[key]`
pub fn index(value: &Value, key: &Value) -> Run<Value> {
    match (value, key) {
        (Value::Object(object), Value::Text(name)) => Ok(object.cells.get(name.text.as_str()).cloned().unwrap_or(NULL)),
        (Value::List(list), Value::Number(number)) => {
            let place = number.value.floor();
            let place = if place < 0.0 { place + list.items.len() as f64 } else { place };
            let found = if place >= 0.0 { list.items.get(place as usize) } else { None };
            Ok(found.cloned().unwrap_or(NULL))
        }
        (Value::Null(_), Value::Text(_) | Value::Number(_) | Value::Null(_)) => Ok(NULL),
        (Value::List(list), Value::List(part)) => {
            let width = part.items.len();
            let starts = (0..list.items.len()).filter(|at| {
                width > 0
                    && list
                        .items
                        .get(*at..at + width)
                        .is_some_and(|w| w.iter().zip(&part.items).all(|(a, b)| compare(a, b).is_eq()))
            });
            Ok(Value::list(starts.map(|at| Value::number(at as f64)).collect())?)
        }
        _ => error(cannot_index(value, key)),
    }
}

/// The ends of a slice within a length.
pub fn bounds(length: usize, from: &Value, to: &Value) -> Run<(usize, usize)> {
    let end = |value: &Value, missing: usize, up: bool| match value {
        Value::Null(_) => Ok(missing),
        Value::Number(number) => {
            let place = if number.value < 0.0 { number.value + length as f64 } else { number.value };
            let place = if up { place.ceil() } else { place.floor() };
            Ok(place.clamp(0.0, length as f64) as usize)
        }
        _ => error("Start and end indices of an array slice must be numbers"),
    };
    let (start, stop) = (end(from, 0, false)?, end(to, length, true)?);
    Ok((start, stop.max(start)))
}

/// `.[from:to]`
pub fn slice(machine: &mut Machine, value: &Value, from: &Value, to: &Value) -> Run<Value> {
    match value {
        Value::Null(_) => Ok(NULL),
        Value::List(list) => {
            let (start, end) = bounds(list.items.len(), from, to)?;
            machine.list(list.items[start..end].to_vec())
        }
        Value::Text(text) => {
            let (start, end) = bounds(text.text.chars().count(), from, to)?;
            let place = |n: usize| text.text.char_indices().nth(n).map_or(text.text.len(), |(i, _)| i);
            Ok(Value::line(text.part(place(start)..place(end))))
        }
        other => error(format!("Cannot index {} with object", other.kind())),
    }
}

pub fn negate(value: &Value) -> Run<Value> {
    match value {
        Value::Number(number) => Ok(Value::result(-number.value, value.shows())),
        other => error(format!("{} cannot be negated", shown(other))),
    }
}

/// `+ - * / %`
pub fn math(machine: &mut Machine, math: Math, a: &Value, b: &Value) -> Run<Value> {
    let computed = a.shows() || b.shows();
    let failed = |what: &str| error(format!("{} and {} cannot be {what}", shown(a), shown(b)));
    match (math, a, b) {
        (Math::Add, Value::Null(_), other) | (Math::Add, other, Value::Null(_)) => Ok(other.clone()),
        (_, Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.value, y.value);
            let value = match math {
                Math::Add => x + y,
                Math::Sub => x - y,
                Math::Mul => x * y,
                Math::Div if y == 0.0 => return failed("divided because the divisor is zero"),
                Math::Div => x / y,
                Math::Rem => {
                    let divisor = y.trunc().abs();
                    if divisor == 0.0 {
                        return failed("divided (remainder) because the divisor is zero");
                    }
                    x.trunc() % divisor
                }
            };
            Ok(Value::result(value, computed))
        }
        (Math::Add, Value::Text(x), Value::Text(y)) => {
            let mut line = (**x).clone();
            line.push_part(y, 0..y.text.len());
            machine.built(line)
        }
        (Math::Add, Value::List(x), Value::List(y)) => machine.list(x.items.iter().chain(&y.items).cloned().collect()),
        (Math::Add, Value::Object(x), Value::Object(y)) => {
            machine.charge((x.keys.len() + y.keys.len()) / 8)?;
            let pairs = |o: &Rc<value::Object>| {
                o.keys.iter().filter_map(|k| o.cells.get(k).map(|v| (Rc::clone(k), v.clone()))).collect::<Vec<_>>()
            };
            Ok(Value::pairs(pairs(x).into_iter().chain(pairs(y)))?)
        }
        (Math::Add, ..) => failed("added"),
        (Math::Sub, Value::List(x), Value::List(y)) => {
            machine.charge(x.items.len() * y.items.len() / 8)?;
            let kept = x.items.iter().filter(|v| !y.items.iter().any(|w| compare(v, w).is_eq()));
            machine.list(kept.cloned().collect())
        }
        (Math::Sub, ..) => failed("subtracted"),
        (Math::Mul, Value::Text(text), Value::Number(n)) | (Math::Mul, Value::Number(n), Value::Text(text)) => {
            if n.value <= 0.0 {
                return Ok(NULL);
            }
            let mut line = Line::default();
            let times = n.value.ceil().max(1.0);
            if times * text.text.len() as f64 > super::super::TEXT_BYTES_MAX as f64 {
                return Err(Stop::Bound("a text grows beyond all bounds".to_string()));
            }
            (0..times as usize).for_each(|_| line.push_part(text, 0..text.text.len()));
            machine.built(line)
        }
        (Math::Mul, Value::Object(x), Value::Object(y)) => merged(machine, x, y),
        (Math::Mul, ..) => failed("multiplied"),
        (Math::Div, Value::Text(text), Value::Text(by)) => split(machine, text, &by.text),
        (Math::Div | Math::Rem, ..) => failed("divided"),
    }
}

fn merged(machine: &mut Machine, x: &value::Object, y: &value::Object) -> Run<Value> {
    machine.charge(x.keys.len() + y.keys.len())?;
    let (mut keys, mut cells) = (x.keys.clone(), x.cells.clone());
    for key in &y.keys {
        let Some(new) = y.cells.get(key) else { continue };
        let new = match (cells.get(key), new) {
            (Some(Value::Object(old)), Value::Object(new)) => merged(machine, &Rc::clone(old), new)?,
            _ => new.clone(),
        };
        if cells.insert(Rc::clone(key), new).is_none() {
            keys.push(Rc::clone(key));
        }
    }
    Ok(Value::object(keys, cells)?)
}

fn split(machine: &mut Machine, text: &Line, by: &str) -> Run<Value> {
    if text.text.is_empty() {
        return machine.list(Vec::new());
    }
    let mut parts = Vec::new();
    let mut start = 0;
    if by.is_empty() {
        parts.extend(text.text.char_indices().map(|(i, c)| Value::line(text.part(i..i + c.len_utf8()))));
    } else {
        for (at, found) in text.text.match_indices(by) {
            parts.push(Value::line(text.part(start..at)));
            start = at + found.len();
        }
        parts.push(Value::line(text.part(start..text.text.len())));
    }
    machine.charge(parts.len())?;
    machine.list(parts)
}

/// A function of values; most give one value.
pub fn call(machine: &mut Machine, name: &str, input: &Value, arguments: &[Value]) -> Run<Vec<Value>> {
    let one = |value: Run<Value>| value.map(|v| vec![v]);
    machine.charge(1)?;
    if let ("match", [re, flags]) = (name, arguments) {
        let Value::Text(text) = input else {
            return error(format!("{} cannot be matched, as it is not a string", shown(input)));
        };
        let (re, flags) = match re {
            // `match(["re", "flags"])`
            Value::List(list) if matches!(flags, Value::Null(_)) => {
                (list.items.first().cloned().unwrap_or(NULL), list.items.get(1).cloned().unwrap_or(NULL))
            }
            _ => (re.clone(), flags.clone()),
        };
        let (regex, all) = calls::regex(machine, &re, &flags)?;
        return calls::matches(machine, text, &regex, all);
    }
    if let Some(value) = texts(machine, name, input, arguments) {
        return one(value);
    }
    if let Some(value) = numbers(name, input, arguments) {
        return one(value);
    }
    if let Some(value) = collections(machine, name, input, arguments) {
        return one(value);
    }
    if let ([], true) = (arguments, name.starts_with('@')) {
        let line = format(machine, name, input)?;
        return one(machine.built(line));
    }
    Err(Stop::Bound(format!("{name}/{} is not defined", arguments.len())))
}

fn texts(machine: &mut Machine, name: &str, input: &Value, arguments: &[Value]) -> Option<Run<Value>> {
    Some(match (name, arguments, input) {
        ("test", [re, flags], Value::Text(text)) => {
            calls::regex(machine, re, flags).map(|(regex, _)| Value::truth(regex.is_match(&text.text)))
        }
        ("test", [_, _], other) => error(format!("{} cannot be matched, as it is not a string", shown(other))),
        ("split", [Value::Text(by)], Value::Text(text)) => split(machine, text, &by.text),
        ("split", [_], _) => error("split input and separator must be strings"),
        ("split", [re, flags], Value::Text(text)) => split_by(machine, text, re, flags),
        ("split", [_, _], other) => error(format!("{} cannot be matched, as it is not a string", shown(other))),
        ("join", [separator], Value::List(list)) => join(machine, &list.items, separator),
        ("join", [_], other) => error(format!("Cannot iterate over {}", shown(other))),
        ("ascii_downcase" | "ascii_upcase", [], Value::Text(text)) => {
            let up = name == "ascii_upcase";
            let map = |c: char| Some(if up { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
            Ok(Value::line(super::super::tr::mapped(text, map)))
        }
        ("ascii_downcase" | "ascii_upcase", [], _) => error(format!("{name} input must be a string")),
        ("startswith", [Value::Text(part)], Value::Text(text)) => Ok(Value::truth(text.text.starts_with(&part.text))),
        ("endswith", [Value::Text(part)], Value::Text(text)) => Ok(Value::truth(text.text.ends_with(&part.text))),
        ("startswith" | "endswith", [_], _) => error(format!("{name}() requires string inputs")),
        ("ltrimstr", [Value::Text(part)], Value::Text(text)) if text.text.starts_with(&part.text) => {
            Ok(Value::line(text.part(part.text.len()..text.text.len())))
        }
        ("rtrimstr", [Value::Text(part)], Value::Text(text)) if text.text.ends_with(&part.text) => {
            Ok(Value::line(text.part(0..text.text.len() - part.text.len())))
        }
        ("ltrimstr" | "rtrimstr", [_], other) => Ok(other.clone()),
        ("trim" | "ltrim" | "rtrim", [], Value::Text(text)) => {
            let all = text.text.as_str();
            let start = if name == "rtrim" { 0 } else { all.len() - all.trim_start().len() };
            let end = if name == "ltrim" { all.len() } else { all.trim_end().len().max(start) };
            Ok(Value::line(text.part(start..end)))
        }
        ("trim" | "ltrim" | "rtrim", [], other) => error(format!("{} cannot be trimmed", shown(other))),
        ("explode", [], Value::Text(text)) => {
            machine.list(text.text.chars().map(|c| Value::number(f64::from(c as u32))).collect())
        }
        ("explode", [], other) => error(format!("{} cannot be exploded", shown(other))),
        ("implode", [], Value::List(list)) => {
            let letters = list.items.iter().map(|v| match v {
                Value::Number(n) => char::from_u32(n.value as u32).unwrap_or('\u{fffd}'),
                _ => '\u{fffd}',
            });
            let text: String = letters.collect();
            machine.built(Line::plain(text))
        }
        _ => return converted(machine, name, input, arguments),
    })
}

/// Texts and what they stand for: numbers, JSON, dates.
fn converted(machine: &mut Machine, name: &str, input: &Value, arguments: &[Value]) -> Option<Run<Value>> {
    Some(match (name, arguments, input) {
        ("tostring", [], Value::Text(_)) => Ok(input.clone()),
        ("tostring" | "tojson", [], _) => {
            if let Err(stop) = machine.charge(input.weight() / 8) {
                return Some(Err(stop));
            }
            machine.built(compact(input))
        }
        ("tonumber", [], Value::Number(_)) => Ok(input.clone()),
        ("tonumber", [], Value::Text(text)) => match text.text.trim().parse::<f64>() {
            // The number is the text: what one shows, the other shows.
            Ok(value) => {
                let facts: Vec<_> = text.marks.iter().map(|m| std::sync::Arc::clone(&m.fact)).collect();
                let shows = if facts.is_empty() { None } else { Some(facts.into()) };
                Ok(Value::Number(Number { value, shows, computed: false }))
            }
            Err(_) => error(format!("Cannot parse '{:.40}' as a number", text.text)),
        },
        ("tonumber", [], other) => error(format!("{} cannot be parsed as a number", shown(other))),
        ("fromjson", [], Value::Text(text)) => match Reader::new(&[(**text).clone()]).next() {
            Some(Ok(value)) => Ok(value),
            Some(Err(fault)) => error(format!("{} (while parsing '{:.40}')", fault.text, text.text)),
            None => Ok(NULL),
        },
        ("utf8bytelength", [], Value::Text(text)) => Ok(Value::number(text.text.len() as f64)),
        ("now", [], _) => Ok(Value::number(machine.now.0 as f64 / 1_000.0)),
        ("strftime", [Value::Text(pattern)], Value::Number(seconds)) => {
            let at = Time((seconds.value * 1_000.0) as i64);
            at.format(&pattern.text).map_or_else(|| error("strftime/1: unknown system failure"), |t| Ok(Value::text(t)))
        }
        ("fromdateiso8601", [], Value::Text(text)) => match Time::parse(&text.text) {
            Some(at) => Ok(Value::result((at.0 / 1_000) as f64, input.shows())),
            None => error(format!("date \"{}\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"", text.text)),
        },
        ("strftime", [_], _) => error("strftime/1 requires parsed datetime inputs"),
        ("fromdateiso8601", [], _) => error("strptime/1 requires string inputs and arguments"),
        _ => return None,
    })
}

fn split_by(machine: &mut Machine, text: &Line, re: &Value, flags: &Value) -> Run<Value> {
    let (regex, _) = calls::regex(machine, re, flags)?;
    let mut parts = Vec::new();
    let mut start = 0;
    for found in regex.find_iter(&text.text) {
        parts.push(Value::line(text.part(start..found.start())));
        start = found.end();
    }
    parts.push(Value::line(text.part(start..text.text.len())));
    machine.charge(parts.len())?;
    machine.list(parts)
}

fn join(machine: &mut Machine, items: &[Value], separator: &Value) -> Run<Value> {
    let Value::Text(separator) = separator else {
        return if items.is_empty() {
            Ok(Value::text(""))
        } else {
            error(format!("{} cannot separate texts", shown(separator)))
        };
    };
    let mut line = Line::default();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            line.push_part(separator, 0..separator.text.len());
        }
        match item {
            Value::Null(_) => {}
            Value::List(_) | Value::Object(_) => {
                return error(format!("{} and {} cannot be added", shown(&Value::text(&*line.text)), shown(item)));
            }
            other => {
                let piece = plain(other);
                line.push_part(&piece, 0..piece.text.len());
            }
        }
        if line.text.len() > super::super::TEXT_BYTES_MAX {
            break;
        }
    }
    machine.built(line)
}

/// A value as text: a text as it is, anything else as JSON.
pub fn plain(value: &Value) -> Line {
    match value {
        Value::Text(text) => (**text).clone(),
        other => compact(other),
    }
}

fn numbers(name: &str, input: &Value, arguments: &[Value]) -> Option<Run<Value>> {
    if !arguments.is_empty() {
        return None;
    }
    let value = match input {
        Value::Number(number) => number.value,
        _ => f64::NAN,
    };
    let result = match name {
        "floor" => value.floor(),
        "ceil" => value.ceil(),
        "round" => value.round(),
        "trunc" => value.trunc(),
        "sqrt" => value.sqrt(),
        "fabs" | "abs" => value.abs(),
        "infinite" => return Some(Ok(Value::number(f64::INFINITY))),
        "nan" => return Some(Ok(Value::number(f64::NAN))),
        "isnan" => return Some(Ok(Value::truth(value.is_nan()))),
        "isinfinite" => return Some(Ok(Value::truth(value.is_infinite()))),
        "input_line_number" => return Some(Ok(Value::number(0.0))),
        "not" => return Some(Ok(Value::truth(!input.is_true()))),
        "true" => return Some(Ok(Value::truth(true))),
        "false" => return Some(Ok(Value::truth(false))),
        "null" => return Some(Ok(NULL)),
        "type" => return Some(Ok(Value::text(input.kind()))),
        _ => return None,
    };
    Some(match input {
        Value::Number(number) if result == number.value => Ok(input.clone()),
        Value::Number(_) => Ok(Value::result(result, input.shows())),
        other => error(format!("{} number required", shown(other))),
    })
}

fn collections(machine: &mut Machine, name: &str, input: &Value, arguments: &[Value]) -> Option<Run<Value>> {
    Some(match (name, arguments, input) {
        ("length", [], value) => match value {
            Value::Null(_) => Ok(Value::number(0.0)),
            Value::Bool(..) => error(format!("{} has no length", shown(value))),
            Value::Number(number) => Ok(Value::result(number.value.abs(), value.shows())),
            Value::Text(text) => Ok(Value::number(text.text.chars().count() as f64)),
            // How many there are is counted over what they show.
            Value::List(list) => Ok(Value::result(list.items.len() as f64, value.shows())),
            Value::Object(object) => Ok(Value::result(object.keys.len() as f64, value.shows())),
        },
        ("keys" | "keys_unsorted", [], Value::Object(object)) => {
            let sorted: Vec<Value> = object.cells.keys().map(|k| Value::text(&**k)).collect();
            let given: Vec<Value> = object.keys.iter().map(|k| Value::text(&**k)).collect();
            machine.list(if name == "keys" { sorted } else { given })
        }
        ("keys" | "keys_unsorted", [], Value::List(list)) => {
            machine.list((0..list.items.len()).map(|n| Value::number(n as f64)).collect())
        }
        ("keys" | "keys_unsorted", [], other) => error(format!("{} has no keys", shown(other))),
        ("has", [Value::Text(key)], Value::Object(object)) => {
            Ok(Value::truth(object.cells.contains_key(key.text.as_str())))
        }
        ("has", [Value::Number(at)], Value::List(list)) => {
            Ok(Value::truth(at.value >= 0.0 && at.value < list.items.len() as f64))
        }
        ("has", [key], other) => error(format!("Cannot check whether {} has a {} key", other.kind(), key.kind())),
        ("contains", [part], value) => contains(machine, value, part).map(Value::truth),
        ("add", [], Value::Null(_)) => Ok(NULL),
        ("add", [], Value::List(list)) => add(machine, &list.items),
        ("add", [], Value::Object(object)) => {
            let values: Vec<Value> = object.keys.iter().filter_map(|k| object.cells.get(k).cloned()).collect();
            add(machine, &values)
        }
        ("add", [], other) => error(format!("Cannot iterate over {}", shown(other))),
        ("sort" | "unique" | "min" | "max" | "reverse" | "flatten" | "tojson", _, Value::List(list)) => {
            listed(machine, name, &list.items, arguments)
        }
        ("reverse", [], Value::Null(_)) => machine.list(Vec::new()),
        ("reverse", [], Value::Text(text)) => machine.built(Line::plain(text.text.chars().rev().collect::<String>())),
        ("sort" | "unique", [], other) => error(format!("{} cannot be sorted, as it is not an array", shown(other))),
        ("min" | "max" | "reverse" | "flatten", _, other) => error(format!("Cannot iterate over {}", shown(other))),
        ("index" | "rindex" | "indices", [part], value) => indices(machine, name, value, part),
        ("setpath", [path, new], value) => match paths::keys(path) {
            Ok(path) => paths::set(machine, value, &path, new.clone()),
            Err(stop) => Err(stop),
        },
        ("delpaths", [Value::List(list)], value) => {
            match list.items.iter().map(paths::keys).collect::<Result<Vec<_>, _>>() {
                Ok(paths) => paths::delete_all(machine, value, paths),
                Err(stop) => Err(stop),
            }
        }
        ("delpaths", [_], _) => error("Paths must be specified as an array"),
        _ => return None,
    })
}

fn listed(machine: &mut Machine, name: &str, items: &[Value], arguments: &[Value]) -> Run<Value> {
    machine.charge(items.iter().map(Value::weight).sum::<usize>() / 8)?;
    let mut sorted = items.to_vec();
    match name {
        "reverse" => sorted.reverse(),
        "flatten" => {
            let depth = match arguments.first() {
                Some(Value::Number(n)) if n.value < 0.0 => return error("flatten depth must not be negative"),
                Some(Value::Number(n)) => n.value as usize,
                _ => usize::MAX,
            };
            let mut flat = Vec::new();
            flatten(items, depth, &mut flat);
            return machine.list(flat);
        }
        "min" | "max" => {
            let least = sorted.into_iter().reduce(|a, b| {
                let order = compare(&b, &a);
                if (name == "min" && order.is_lt()) || (name == "max" && order.is_ge()) { b } else { a }
            });
            return Ok(least.unwrap_or(NULL));
        }
        _ => sorted.sort_by(compare),
    }
    if name == "unique" {
        sorted.dedup_by(|a, b| compare(a, b).is_eq());
    }
    machine.list(sorted)
}

fn flatten(items: &[Value], depth: usize, flat: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::List(list) if depth > 0 => flatten(&list.items, depth - 1, flat),
            other => flat.push(other.clone()),
        }
    }
}

/// `add`: texts, lists and numbers in one go, anything else pair by pair.
fn add(machine: &mut Machine, items: &[Value]) -> Run<Value> {
    machine.charge(items.len())?;
    if !items.is_empty() && items.iter().all(|v| matches!(v, Value::Text(_))) {
        return join(machine, items, &Value::text(""));
    }
    if !items.is_empty() && items.iter().all(|v| matches!(v, Value::List(_))) {
        let mut all = Vec::new();
        flatten(items, 1, &mut all);
        return machine.list(all);
    }
    let mut sum = NULL;
    for item in items {
        sum = math(machine, Math::Add, &sum, item)?;
    }
    Ok(sum)
}

fn contains(machine: &mut Machine, value: &Value, part: &Value) -> Run<bool> {
    machine.charge(1)?;
    match (value, part) {
        (Value::Object(object), Value::Object(part)) => {
            for (key, wanted) in &part.cells {
                let Some(found) = object.cells.get(key) else { return Ok(false) };
                if !contains(machine, found, wanted)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::List(list), Value::List(part)) => {
            for wanted in &part.items {
                let mut any = false;
                for found in &list.items {
                    any = any || (found.kind() == wanted.kind() && contains(machine, found, wanted)?);
                }
                if !any {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Text(text), Value::Text(part)) => Ok(text.text.contains(&part.text)),
        _ if value.kind() == part.kind() => Ok(compare(value, part).is_eq()),
        _ => error(format!("{} and {} cannot have their containment checked", shown(value), shown(part))),
    }
}

fn indices(machine: &mut Machine, name: &str, value: &Value, part: &Value) -> Run<Value> {
    let all = match (value, part) {
        (Value::Null(_), _) => return Ok(NULL),
        (Value::Text(text), Value::Text(part)) if !part.text.is_empty() => {
            let found = text.text.match_indices(part.text.as_str()).map(|(at, _)| text.text[..at].chars().count());
            found.map(|n| Value::number(n as f64)).collect()
        }
        (Value::List(_), Value::List(_)) => match index(value, part)? {
            Value::List(list) => list.items.clone(),
            _ => Vec::new(),
        },
        (Value::List(list), part) => {
            let found = list.items.iter().enumerate().filter(|(_, v)| compare(v, part).is_eq());
            found.map(|(at, _)| Value::number(at as f64)).collect()
        }
        _ => return Ok(NULL),
    };
    machine.charge(all.len())?;
    Ok(match name {
        "index" => all.into_iter().next().unwrap_or(NULL),
        "rindex" => all.into_iter().next_back().unwrap_or(NULL),
        _ => machine.list(all)?,
    })
}

/// A value in a format: `@tsv`, `@csv`, `@base64` and so on.
pub fn format(machine: &mut Machine, name: &str, value: &Value) -> Run<Line> {
    machine.charge(1 + value.weight() / 8)?;
    let row = |escape: &dyn Fn(&Line) -> Line, between: &str, kind: &str| -> Run<Line> {
        let Value::List(list) = value else {
            return error(format!("{} cannot be {kind}-formatted, only an array can be", shown(value)));
        };
        let mut line = Line::default();
        for (at, item) in list.items.iter().enumerate() {
            if at > 0 {
                line.push(between);
            }
            let cell = match item {
                Value::Null(_) => Line::default(),
                Value::Text(text) => escape(text),
                Value::Bool(..) | Value::Number(_) => compact(item),
                other => return error(format!("{} is not valid in a {kind} row", shown(other))),
            };
            line.push_part(&cell, 0..cell.text.len());
        }
        Ok(line)
    };
    match name {
        "@text" => Ok(plain(value)),
        "@json" => Ok(compact(value)),
        "@tsv" => {
            row(&|text| escaped(text, &[('\\', "\\\\"), ('\t', "\\t"), ('\n', "\\n"), ('\r', "\\r")]), "\t", "tsv")
        }
        "@csv" => row(
            &|text| {
                let mut cell = Line::plain("\"");
                let body = escaped(text, &[('"', "\"\"")]);
                cell.push_part(&body, 0..body.text.len());
                cell.push("\"");
                cell
            },
            ",",
            "csv",
        ),
        "@sh" => {
            let quoted = |text: &Line| {
                let mut cell = Line::plain("'");
                let body = escaped(text, &[('\'', "'\\''")]);
                cell.push_part(&body, 0..body.text.len());
                cell.push("'");
                cell
            };
            match value {
                Value::List(_) => row(&quoted, " ", "shell"),
                Value::Text(text) => Ok(quoted(text)),
                other => Ok(compact(other)),
            }
        }
        _ => encoded(name, value),
    }
}

/// Formats that write the whole text in another way.
fn encoded(name: &str, value: &Value) -> Run<Line> {
    match name {
        "@html" => Ok(escaped(
            &plain(value),
            &[('<', "&lt;"), ('>', "&gt;"), ('&', "&amp;"), ('\'', "&#39;"), ('"', "&quot;")],
        )),
        "@uri" => {
            let text = plain(value).text;
            let kept = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
            let encoded = text.bytes().map(|b| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") });
            Ok(Line::plain(encoded.collect::<String>()))
        }
        "@base64" => Ok(recoded(&plain(value), |text| STANDARD.encode(text.as_bytes()))),
        "@base64d" => {
            let text = plain(value);
            let bytes = STANDARD.decode(
                text.text.trim_end_matches('=').to_string()
                    + &"=".repeat((4 - text.text.trim_end_matches('=').len() % 4) % 4),
            );
            match bytes {
                Ok(bytes) => Ok(recoded(&text, |_| String::from_utf8_lossy(&bytes).into_owned())),
                Err(_) => error(format!("{} is not valid base64 data", shown(value))),
            }
        }
        other => Err(Stop::Bound(format!("{} is not a valid format", other.trim_start_matches('@')))),
    }
}

fn escaped(text: &Line, escapes: &[(char, &str)]) -> Line {
    let mut out = Line::default();
    let mut kept = 0;
    for (at, c) in text.text.char_indices() {
        if let Some((_, escape)) = escapes.iter().find(|(from, _)| *from == c) {
            out.push_part(text, kept..at);
            out.push(escape);
            kept = at + c.len_utf8();
        }
    }
    out.push_part(text, kept..text.text.len());
    out
}

/// Another writing of the whole text: a mark on all of it still holds.
fn recoded(text: &Line, recode: impl FnOnce(&str) -> String) -> Line {
    let whole: Vec<_> = text.marks.iter().filter(|m| m.start == 0 && m.end as usize == text.text.len()).collect();
    let mut out = Line::plain(recode(&text.text));
    let end = out.text.len() as u32;
    out.marks.extend(whole.into_iter().map(|m| crate::console::page::Mark {
        start: 0,
        end,
        fact: std::sync::Arc::clone(&m.fact),
    }));
    out
}

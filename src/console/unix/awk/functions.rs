//! awk's functions on text and numbers. Does not know statements or input.

use super::parse::{Expr, Function};
use super::run::{Machine, Run, Stop, key_of};
use super::value::{Value, plain};
use crate::console::page::Line;
use crate::console::unix::TEXT_BYTES_MAX;
use crate::console::unix::printf::Spec;

/// Calls a function; the grammar has counted its arguments.
pub fn call(machine: &mut Machine, function: Function, arguments: &[Expr]) -> Run<Value> {
    Ok(match function {
        Function::Sub => return substitute(machine, arguments, false),
        Function::Gsub => return substitute(machine, arguments, true),
        Function::Split => return split(machine, arguments),
        Function::Sprintf => Value::Text(sprintf(machine, arguments)?),
        Function::Length => return length(machine, arguments),
        Function::Systime => Value::number((machine.now.0 / 1_000) as f64),
        Function::Match => {
            let text = plain(&machine.eval(&arguments[0])?);
            let regex = machine.pattern(&arguments[1])?;
            let (start, length) = match regex.find(&text) {
                Some(found) => {
                    (text[..found.start()].chars().count() as f64 + 1.0, found.as_str().chars().count() as f64)
                }
                None => (0.0, -1.0),
            };
            machine.set("RSTART", Value::number(start));
            machine.set("RLENGTH", Value::number(length));
            Value::number(start)
        }
        Function::Index => {
            let (text, part) = (plain(&machine.eval(&arguments[0])?), plain(&machine.eval(&arguments[1])?));
            let at = text.find(&part).map_or(0, |at| text[..at].chars().count() + 1);
            Value::number(at as f64)
        }
        Function::Int | Function::Sqrt => {
            let value = machine.eval(&arguments[0])?;
            let number = value.to_number();
            let number = if function == Function::Int { number.trunc() } else { number.sqrt() };
            machine.computed(number, &[&value])
        }
        Function::Tolower | Function::Toupper => {
            let value = machine.eval(&arguments[0])?;
            let line = machine.line(&value);
            let upper = function == Function::Toupper;
            Value::Text(crate::console::unix::tr::mapped(&line, |c| {
                Some(if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            }))
        }
        Function::Substr => {
            let value = machine.eval(&arguments[0])?;
            let line = machine.line(&value);
            let start = machine.eval(&arguments[1])?.to_number().round();
            let length = match arguments.get(2) {
                Some(length) => machine.eval(length)?.to_number().round(),
                None => f64::INFINITY,
            };
            let from = start.max(1.0);
            let until = start + length;
            let mut places = line.text.char_indices().map(|(i, _)| i).chain([line.text.len()]);
            if until <= from || from > line.text.len() as f64 {
                return Ok(Value::text(""));
            }
            let first = places.nth(from as usize - 1).unwrap_or(line.text.len());
            let count = (until - from).min(line.text.len() as f64) as usize;
            let last = if count == 0 { first } else { places.nth(count - 1).unwrap_or(line.text.len()) };
            Value::Text(line.part(first..last))
        }
    })
}

fn length(machine: &mut Machine, arguments: &[Expr]) -> Run<Value> {
    let Some(argument) = arguments.first() else {
        return Ok(Value::number(machine.record.text.chars().count() as f64));
    };
    if let Expr::Variable(slot) = argument
        && let Some(array) = machine.arrays.get(slot)
    {
        let shows = array.cells.values().any(|(key, value)| !key.marks.is_empty() || value.shows());
        return Ok(Value::Number { value: array.cells.len() as f64, computed: shows });
    }
    let text = plain(&machine.eval(argument)?);
    Ok(Value::number(text.chars().count() as f64))
}

fn substitute(machine: &mut Machine, arguments: &[Expr], all: bool) -> Run<Value> {
    let regex = machine.pattern(&arguments[0])?;
    let replacement = machine.eval(&arguments[1])?;
    let replacement = machine.line(&replacement);
    let record = Expr::Field(Box::new(Expr::Number(0.0)));
    let target = arguments.get(2).unwrap_or(&record);
    let value = machine.eval(target)?;
    let line = machine.line(&value);
    let mut out = Line::default();
    let (mut copied, mut count) = (0, 0);
    for found in regex.find_iter(&line.text) {
        out.push_part(&line, copied..found.start());
        let mut letters = replacement.text.char_indices().peekable();
        let mut kept = 0;
        // `&` is what was found, `\&` is an ampersand.
        while let Some((at, c)) = letters.next() {
            if c == '\\' && letters.peek().is_some_and(|(_, n)| *n == '&' || *n == '\\') {
                out.push_part(&replacement, kept..at);
                kept = at + 1;
                letters.next();
            } else if c == '&' {
                out.push_part(&replacement, kept..at);
                out.push_part(&line, found.range());
                kept = at + 1;
            }
        }
        out.push_part(&replacement, kept..replacement.text.len());
        copied = found.end();
        count += 1;
        if !all {
            break;
        }
        if out.text.len() > TEXT_BYTES_MAX {
            return Err(Stop("the text grows beyond all bounds".to_string()));
        }
    }
    if count > 0 {
        out.push_part(&line, copied..line.text.len());
        let out = machine.built(out)?;
        machine.assign(target, Value::Text(out))?;
    }
    Ok(Value::number(f64::from(count)))
}

fn split(machine: &mut Machine, arguments: &[Expr]) -> Run<Value> {
    let value = machine.eval(&arguments[0])?;
    let line = machine.line(&value);
    let Expr::Variable(array) = &arguments[1] else {
        return Err(Stop("split: second argument is not an array".to_string()));
    };
    let parts = match arguments.get(2) {
        Some(Expr::Regex(regex)) => {
            let separator = regex.as_str().to_string();
            machine.split(&line, if separator == " " { "[ ]" } else { &separator })
        }
        Some(separator) => {
            let separator = plain(&machine.eval(separator)?);
            machine.split(&line, &separator)
        }
        None => {
            let fs = machine.separator();
            machine.split(&line, &fs)
        }
    };
    machine.arrays.remove(array);
    let count = parts.len();
    for (at, part) in parts.into_iter().enumerate() {
        let written = (at + 1).to_string();
        *machine.cell(*array, key_of(&written), Line::plain(written))? = Value::input(part);
    }
    Ok(Value::number(count as f64))
}

/// `printf` and `sprintf`: text keeps its marks, a computed number is a fact.
pub fn sprintf(machine: &mut Machine, arguments: &[Expr]) -> Run<Line> {
    let format = plain(&machine.eval(&arguments[0])?);
    let mut values = Vec::new();
    for argument in &arguments[1..] {
        values.push(machine.eval(argument)?);
    }
    let mut values = values.into_iter();
    let mut out = Line::default();
    let mut rest = format.as_str();
    while let Some(at) = rest.find('%') {
        out.push(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((spec, tail)) = Spec::read(rest) else {
            out.push("%");
            continue;
        };
        rest = tail;
        if spec.letter == '%' {
            out.push("%");
            continue;
        }
        let Some(value) = values.next() else {
            return Err(Stop("fatal: not enough arguments to satisfy format string".to_string()));
        };
        push_converted(machine, &mut out, &spec, &value);
        if out.text.len() > TEXT_BYTES_MAX {
            break;
        }
    }
    out.push(rest);
    machine.built(out)
}

fn push_converted(machine: &Machine, out: &mut Line, spec: &Spec, value: &Value) {
    let line = match (spec.letter, value) {
        ('s', _) => machine.line(value),
        ('c', Value::Number { value, .. }) => {
            let letter = char::from_u32(*value as u32).unwrap_or('\u{fffd}');
            Line::plain(letter.to_string())
        }
        ('c', _) => Line::plain(plain(value).chars().take(1).collect::<String>()),
        _ => {
            let number = value.to_number();
            let mut line = Line::plain(spec.number(number));
            if value.shows() {
                // The number as it is laid out shows what the value shows.
                let bare = machine.line(value);
                let (start, end) = (line.text.len() - line.text.trim_start().len(), line.text.trim_end().len());
                for mark in bare.marks {
                    line.marks.push(crate::console::page::Mark { start: start as u32, end: end as u32, ..mark });
                }
            }
            out.push_part(&line, 0..line.text.len());
            return;
        }
    };
    let shown = spec.text(&line.text);
    // Padding is added at one side; what stands between is the text itself, if the precision did not cut it.
    match shown.find(&line.text) {
        Some(at) if !line.text.is_empty() => {
            out.push(&shown[..at]);
            out.push_part(&line, 0..line.text.len());
            out.push(&shown[at + line.text.len()..]);
        }
        _ => out.push(&shown),
    }
}

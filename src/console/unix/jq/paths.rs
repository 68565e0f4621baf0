//! Places in values: stepping into them, reading, setting and deleting by path, and the assignments built on that. Does
//! not know how filters are evaluated beyond asking for their outputs.

use super::eval::{Env, Item, Machine, Out, Run, Stop, error};
use super::functions::{self, shown};
use super::syntax::Tree;
use super::value::{NULL, Object, Value, compare};
use jaq_core::load::parse::BinaryOp;
use std::rc::Rc;

fn extended(path: Option<&Vec<Value>>, key: Value) -> Option<Vec<Value>> {
    path.map(|path| path.iter().cloned().chain([key]).collect())
}

/// `.[key]`
pub fn step(item: &Item, key: Value) -> Run<Item> {
    let value = functions::index(&item.value, &key)?;
    Ok(Item { value, path: extended(item.path.as_ref(), key) })
}

/// `.[]`
pub fn children(machine: &mut Machine, item: &Item) -> Run<Vec<Item>> {
    let path = item.path.as_ref();
    match &item.value {
        Value::List(list) => {
            machine.charge(list.items.len() / 8)?;
            let items = list.items.iter().enumerate();
            Ok(items.map(|(at, v)| Item { value: v.clone(), path: extended(path, Value::number(at as f64)) }).collect())
        }
        Value::Object(object) => {
            let cells = object.keys.iter().filter_map(|k| object.cells.get(k).map(|v| (k, v)));
            Ok(cells.map(|(k, v)| Item { value: v.clone(), path: extended(path, Value::text(&**k)) }).collect())
        }
        other => error(format!("Cannot iterate over {}", shown(other))),
    }
}

/// `..`: the value and everything in it.
pub fn recurse<'a>(machine: &mut Machine<'a>, item: Item, out: Out<'_, 'a>) -> Run<()> {
    let mut open = vec![item];
    while let Some(item) = open.pop() {
        machine.charge(1)?;
        let below = match &item.value {
            Value::List(_) | Value::Object(_) => children(machine, &item)?,
            _ => Vec::new(),
        };
        out(machine, item)?;
        open.extend(below.into_iter().rev());
    }
    Ok(())
}

/// `.[from:to]`
pub fn slice(machine: &mut Machine, item: &Item, from: &Value, to: &Value) -> Run<Item> {
    let value = functions::slice(machine, &item.value, from, to)?;
    let key = Value::pairs([("start".into(), from.clone()), ("end".into(), to.clone())])?;
    Ok(Item { value, path: extended(item.path.as_ref(), key) })
}

/// The value at a path; nothing on the way is null.
pub fn get(machine: &mut Machine, value: &Value, path: &[Value]) -> Run<Value> {
    let mut value = value.clone();
    for key in path {
        value = match (&value, key) {
            (Value::Null(_), _) => return Ok(NULL),
            (_, Value::Object(range)) => {
                let (from, to) = range_ends(range);
                functions::slice(machine, &value, &from, &to)?
            }
            _ => functions::index(&value, key)?,
        };
    }
    Ok(value)
}

fn range_ends(range: &Object) -> (Value, Value) {
    let end = |name: &str| range.cells.get(name).cloned().unwrap_or(NULL);
    (end("start"), end("end"))
}

/// The value with `new` at a path; what is missing on the way is made.
pub fn set(machine: &mut Machine, value: &Value, path: &[Value], new: Value) -> Run<Value> {
    let Some((key, rest)) = path.split_first() else { return Ok(new) };
    machine.charge(1 + value.weight() / 64)?;
    match (value, key) {
        (Value::Object(_) | Value::Null(_), Value::Text(name)) => {
            let name: Rc<str> = name.text.as_str().into();
            let (mut keys, mut cells) = match value {
                Value::Object(object) => (object.keys.clone(), object.cells.clone()),
                _ => Default::default(),
            };
            let below = set(machine, cells.get(&name).unwrap_or(&NULL), rest, new)?;
            if cells.insert(Rc::clone(&name), below).is_none() {
                keys.push(name);
            }
            Ok(Value::object(keys, cells)?)
        }
        (Value::List(_) | Value::Null(_), Value::Number(number)) => {
            let mut items = match value {
                Value::List(list) => list.items.clone(),
                _ => Vec::new(),
            };
            let place =
                if number.value < 0.0 { items.len() as f64 + number.value.floor() } else { number.value.floor() };
            if place < 0.0 {
                return error("Out of bounds negative array index");
            }
            if place > 200_000.0 {
                return error("Array index too large");
            }
            let at = place as usize;
            if items.len() <= at {
                items.resize(at + 1, NULL);
            }
            items[at] = set(machine, &items[at].clone(), rest, new)?;
            machine.list(items)
        }
        (Value::List(_) | Value::Null(_), Value::Object(range)) => {
            let (from, to) = range_ends(range);
            let part = get(machine, value, std::slice::from_ref(key))?;
            let Value::List(put) = set(machine, &part, rest, new)? else {
                return error("A slice of an array can only be assigned another array");
            };
            let empty = Vec::new();
            let items = match value {
                Value::List(list) => &list.items,
                _ => &empty,
            };
            let (start, end) = functions::bounds(items.len(), &from, &to)?;
            let joined = items[..start].iter().chain(&put.items).chain(&items[end..]).cloned().collect();
            machine.list(joined)
        }
        _ => error(functions::cannot_index(value, key)),
    }
}

/// The value without what is at a path.
pub fn delete(machine: &mut Machine, value: &Value, path: &[Value]) -> Run<Value> {
    let Some((key, rest)) = path.split_first() else { return Ok(NULL) };
    if matches!(value, Value::Null(_)) {
        return Ok(NULL);
    }
    machine.charge(1 + value.weight() / 64)?;
    if !rest.is_empty() {
        let below = get(machine, value, std::slice::from_ref(key))?;
        if matches!(below, Value::Null(_)) {
            return Ok(value.clone());
        }
        let below = delete(machine, &below, rest)?;
        return set(machine, value, std::slice::from_ref(key), below);
    }
    match (value, key) {
        (Value::Object(object), Value::Text(name)) => {
            let (mut keys, mut cells) = (object.keys.clone(), object.cells.clone());
            cells.remove(name.text.as_str());
            keys.retain(|k| **k != *name.text);
            Ok(Value::object(keys, cells)?)
        }
        (Value::List(list), Value::Number(number)) => {
            let place = if number.value < 0.0 { list.items.len() as f64 + number.value } else { number.value };
            let kept = list.items.iter().enumerate().filter(|(at, _)| *at as f64 != place.floor());
            machine.list(kept.map(|(_, v)| v.clone()).collect())
        }
        (Value::List(list), Value::Object(range)) => {
            let (from, to) = range_ends(range);
            let (start, end) = functions::bounds(list.items.len(), &from, &to)?;
            machine.list(list.items[..start].iter().chain(&list.items[end..]).cloned().collect())
        }
        (Value::Object(_), key) => error(format!("Cannot delete field at object index of {}", key.kind())),
        (Value::List(_), key) => error(format!("Cannot delete field at array index of {}", key.kind())),
        (other, _) => error(format!("Cannot delete fields from {}", other.kind())),
    }
}

/// Deletes many paths, the last ones first, so that earlier ones still mean the same.
pub fn delete_all(machine: &mut Machine, value: &Value, mut paths: Vec<Vec<Value>>) -> Run<Value> {
    let key = |path: &Vec<Value>| Value::list(path.clone());
    let mut keyed = Vec::new();
    for path in paths.drain(..) {
        keyed.push((key(&path)?, path));
    }
    keyed.sort_by(|a, b| compare(&b.0, &a.0));
    keyed.dedup_by(|a, b| compare(&a.0, &b.0).is_eq());
    let mut value = value.clone();
    for (_, path) in keyed {
        value = delete(machine, &value, &path)?;
    }
    Ok(value)
}

/// All paths that a filter gives on a value.
pub fn of<'a>(machine: &mut Machine<'a>, term: &'a Tree<'a>, env: &Env<'a>, value: &Value) -> Run<Vec<Vec<Value>>> {
    let mut paths = Vec::new();
    let root = Item { value: value.clone(), path: Some(Vec::new()) };
    machine.eval(term, env, root, &mut |_, item| {
        paths.extend(item.path);
        Ok(())
    })?;
    Ok(paths)
}

/// `=`, `|=`, `+=` and their like.
pub fn update<'a>(
    machine: &mut Machine<'a>,
    target: &'a Tree<'a>,
    op: &'a BinaryOp<&'a str>,
    (right, env): (&'a Tree<'a>, &Env<'a>),
    item: Item,
    out: Out<'_, 'a>,
) -> Run<()> {
    let paths = of(machine, target, env, &item.value)?;
    if matches!(op, BinaryOp::Update) {
        let mut value = item.value.clone();
        let mut gone = Vec::new();
        for path in paths {
            let old = get(machine, &value, &path)?;
            match machine.all(right, env, &old)?.into_iter().next() {
                Some(new) => value = set(machine, &value, &path, new)?,
                // `|= empty` deletes, as since jq 1.7.
                None => gone.push(path),
            }
        }
        let value = delete_all(machine, &value, gone)?;
        let made = item.made(value)?;
        return out(machine, made);
    }
    for operand in machine.all(right, env, &item.value)? {
        let mut value = item.value.clone();
        for path in &paths {
            let new = match op {
                BinaryOp::UpdateMath(math) => {
                    let old = get(machine, &value, path)?;
                    functions::math(machine, *math, &old, &operand)?
                }
                BinaryOp::UpdateAlt => {
                    let old = get(machine, &value, path)?;
                    if old.is_true() { old } else { operand.clone() }
                }
                _ => operand.clone(),
            };
            value = set(machine, &value, path, new)?;
        }
        let made = item.made(value)?;
        out(machine, made)?;
    }
    Ok(())
}

/// A path given as a value: a list of keys.
pub fn keys(path: &Value) -> Result<Vec<Value>, Stop> {
    match path {
        Value::List(list) => Ok(list.items.clone()),
        _ => Err(Stop::Error(Value::text("Path must be specified as an array"))),
    }
}

//! kubectl's JSONPath dialect: templates with `{…}`, `range`/`end`, filters, unions, slices, `..`, escapes. Each result
//! knows the object and field it came from. Does not know how results are printed in columns.

use super::jsonpath_parse::{Compare, Index, Node, Operand, Step};
use super::sheet::Sheet;
use super::subject::Subject;
use super::{json, jsonpath_parse};
use crate::stdx::canon;
use serde_json::Value;
use std::cmp::Ordering;
use std::rc::Rc;

/// Results beyond this are an error: `..` on a large list can multiply.
const FOUND_MAX: usize = 100_000;

/// One result: a value, whose it is and where it is in it.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    pub value: &'a Value,
    pub path: String,
    pub subject: Rc<Subject>,
}

impl<'a> Found<'a> {
    pub fn root(value: &'a Value) -> Found<'a> {
        Found { value, path: String::new(), subject: Rc::new(Subject::of(value)) }
    }

    fn list_items(&self) -> bool {
        self.path == "items" && self.subject.id.kind.ends_with("List")
    }

    fn key(&self, key: &str) -> Option<Found<'a>> {
        let value = self.value.as_object()?.get(key)?;
        Some(Found { value, path: canon::key(&self.path, key), subject: Rc::clone(&self.subject) })
    }

    fn element(&self, index: usize) -> Option<Found<'a>> {
        let value = self.value.as_array()?.get(index)?;
        if self.list_items() {
            let kind = self.subject.id.kind.trim_end_matches("List");
            let subject = Rc::new(Subject::of_kind(value, kind));
            return Some(Found { value, path: String::new(), subject });
        }
        Some(Found { value, path: canon::item(&self.path, value, index), subject: Rc::clone(&self.subject) })
    }

    fn children(&self) -> Vec<Found<'a>> {
        match self.value {
            Value::Array(list) => (0..list.len()).filter_map(|i| self.element(i)).collect(),
            Value::Object(map) => map.keys().filter_map(|k| self.key(k)).collect(),
            _ => Vec::new(),
        }
    }

    /// The value as JSONPath prints it: text bare, trees as compact JSON.
    pub fn text(&self) -> String {
        match self.value {
            Value::String(s) => s.clone(),
            Value::Null => String::new(),
            other => json::compact(other),
        }
    }

    /// Writes the value with the facts it shows.
    pub fn write(&self, sheet: &mut Sheet) {
        let text = self.text();
        if matches!(self.value, Value::Object(_) | Value::Array(_)) {
            let start = sheet.here();
            sheet.put(&text);
            for (path, value) in canon::leaves(&self.path, self.value) {
                sheet.mark_from(start, self.subject.field(&path, &value));
            }
        } else {
            sheet.show(&text, self.subject.field(&self.path, &canon::scalar(self.value)));
        }
    }
}

/// Runs a template over a value. Missing keys give nothing; other mistakes give the real tool's words.
pub fn write(sheet: &mut Sheet, template: &str, root: &Value) -> Result<(), String> {
    let nodes = jsonpath_parse::template(template)?;
    let root = Found::root(root);
    run(sheet, &nodes, &root, &root)
}

fn run<'a>(sheet: &mut Sheet, nodes: &[Node], here: &Found<'a>, root: &Found<'a>) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(text) => {
                sheet.put(text);
            }
            Node::Path(steps) => {
                for (i, found) in walk(steps, here, root)?.iter().enumerate() {
                    if i > 0 {
                        sheet.put(" ");
                    }
                    found.write(sheet);
                }
            }
            Node::Range(steps, body) => {
                for found in walk(steps, here, root)? {
                    run(sheet, body, &found, root)?;
                }
            }
        }
    }
    Ok(())
}

/// Everything that `steps` lead to from `here` (or from `root`, after `$`).
pub fn walk<'a>(steps: &[Step], here: &Found<'a>, root: &Found<'a>) -> Result<Vec<Found<'a>>, String> {
    let mut found = vec![here.clone()];
    for step in steps {
        let mut next = Vec::new();
        for one in &found {
            step_from(step, one, root, &mut next)?;
            if next.len() > FOUND_MAX {
                return Err("too many results".into());
            }
        }
        found = next;
    }
    Ok(found)
}

fn step_from<'a>(step: &Step, one: &Found<'a>, root: &Found<'a>, out: &mut Vec<Found<'a>>) -> Result<(), String> {
    match step {
        Step::Root => out.push(root.clone()),
        Step::Key(key) => out.extend(one.key(key)),
        Step::Every => out.extend(one.children()),
        Step::Deep => deep(one, out),
        Step::Union(parts) => {
            for part in parts {
                step_from(part, one, root, out)?;
            }
        }
        Step::Index(index) => {
            let Some(list) = one.value.as_array() else {
                return if one.value.is_null() {
                    Ok(())
                } else {
                    Err(format!("{} is not array or slice", json::compact(one.value)))
                };
            };
            for at in index.positions(list.len())? {
                out.extend(one.element(at));
            }
        }
        Step::Filter(left, compare, right) => {
            for child in one.children() {
                if holds(left, *compare, right, &child, root)? {
                    out.push(child);
                }
            }
        }
    }
    Ok(())
}

fn deep<'a>(one: &Found<'a>, out: &mut Vec<Found<'a>>) {
    let mut todo = vec![one.clone()];
    while let Some(found) = todo.pop() {
        if out.len() > FOUND_MAX {
            return;
        }
        todo.extend(found.children().into_iter().rev());
        out.push(found);
    }
}

fn holds<'a>(
    left: &Operand,
    compare: Compare,
    right: &Operand,
    child: &Found<'a>,
    root: &Found<'a>,
) -> Result<bool, String> {
    let value = |operand: &Operand| -> Result<Option<Value>, String> {
        match operand {
            Operand::Literal(value) => Ok(Some(value.clone())),
            Operand::Path(steps) => Ok(walk(steps, child, root)?.first().map(|f| f.value.clone())),
        }
    };
    let left = value(left)?;
    if compare == Compare::Exists {
        return Ok(left.is_some());
    }
    let (Some(left), Some(right)) = (left, value(right)?) else { return Ok(false) };
    let order = order(&left, &right);
    Ok(match compare {
        Compare::Equal => order == Some(Ordering::Equal),
        Compare::NotEqual => order != Some(Ordering::Equal),
        Compare::Less => order == Some(Ordering::Less),
        Compare::More => order == Some(Ordering::Greater),
        Compare::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Compare::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Compare::Exists => true,
    })
}

/// How two scalars compare: numbers by value, text by bytes, otherwise by their text.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left.as_f64(), right.as_f64()) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => Some(canon::scalar(left).cmp(&canon::scalar(right))),
    }
}

impl Index {
    /// The places that an index or slice names in a list of `len`.
    fn positions(&self, len: usize) -> Result<Vec<usize>, String> {
        let size = i64::try_from(len).unwrap_or(i64::MAX);
        let from_end = |n: i64| if n < 0 { n + size } else { n };
        match *self {
            Index::One(n) => {
                let at = from_end(n);
                if at < 0 || at >= size {
                    return Err(format!("array index out of bounds: index {n}, length {len}"));
                }
                Ok(vec![usize::try_from(at).unwrap_or(0)])
            }
            Index::Slice { start, end, step } => {
                if step <= 0 {
                    return Err("step must be > 0".into());
                }
                let (start, end) = (from_end(start.unwrap_or(0)).max(0), from_end(end.unwrap_or(size)).min(size));
                let step = usize::try_from(step).unwrap_or(1);
                Ok((start..end).step_by(step).filter_map(|n| usize::try_from(n).ok()).collect())
            }
        }
    }
}

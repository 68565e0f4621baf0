//! YAML as kubectl prints it (go-yaml v2's block style): quoting by YAML 1.1 resolution, literal blocks, folding at 80
//! columns, natural key order. Every scalar carries its field's fact. Does not know kinds.

use super::sheet::Sheet;
use super::subject::Subject;
use super::yaml_scalar::{self, Style};
use crate::stdx::canon;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// The column after which the next blank of a scalar becomes a line break.
const BEST_WIDTH: usize = 80;

/// Writes an object, or a list of objects, as `-o yaml` does.
pub fn write(sheet: &mut Sheet, value: &Value) {
    let subject = Subject::of(value);
    let mut emitter = Emitter { sheet, column: 0 };
    match value {
        Value::Object(map) if !map.is_empty() => emitter.mapping(map, 0, "", &subject),
        Value::Array(list) if !list.is_empty() => emitter.sequence(list, 0, "", &subject),
        other => emitter.leaf(other, 0, "", &subject),
    }
    emitter.break_line();
}

struct Emitter<'a> {
    sheet: &'a mut Sheet,
    /// Characters written on this line.
    column: usize,
}

impl Emitter<'_> {
    fn put(&mut self, text: &str) {
        self.sheet.put(text);
        match text.rfind('\n') {
            Some(at) => self.column = text[at + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    /// Ends the line unless it is still empty (a literal block ended it already).
    fn break_line(&mut self) {
        if self.column > 0 {
            self.put("\n");
        }
    }

    fn indent(&mut self, indent: usize) {
        self.break_line();
        self.put(&" ".repeat(indent));
    }

    /// A mapping whose first key is written where the line stands (after `- `), the others at `indent`.
    fn mapping(&mut self, map: &Map<String, Value>, indent: usize, path: &str, subject: &Subject) {
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort_by(|a, b| natural(a, b));
        for (i, key) in keys.into_iter().enumerate() {
            if i > 0 || self.column != indent {
                self.indent(indent);
            }
            let (text, _) = yaml_scalar::render(key, yaml_scalar::key_style(key), None, 0);
            self.put(&text);
            self.put(":");
            let child = &map[key.as_str()];
            if indent == 0 && path.is_empty() && key == "items" && subject.id.kind.ends_with("List") {
                self.items(child, subject);
            } else {
                self.value(child, indent, &canon::key(path, key), subject);
            }
        }
    }

    /// What follows `key:` in a mapping at `indent`; sequences stand at the mapping's own indentation.
    fn value(&mut self, value: &Value, indent: usize, path: &str, subject: &Subject) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.indent(indent + 2);
                self.mapping(map, indent + 2, path, subject);
            }
            Value::Array(list) if !list.is_empty() => {
                self.indent(indent);
                self.sequence(list, indent, path, subject);
            }
            leaf => {
                self.put(" ");
                self.leaf(leaf, indent, path, subject);
            }
        }
    }

    fn sequence(&mut self, list: &[Value], indent: usize, path: &str, subject: &Subject) {
        for (i, element) in list.iter().enumerate() {
            self.element(element, i, indent, &canon::item(path, element, i), subject);
        }
    }

    fn element(&mut self, element: &Value, index: usize, indent: usize, path: &str, subject: &Subject) {
        if index > 0 || self.column != indent {
            self.indent(indent);
        }
        self.put("- ");
        match element {
            Value::Object(map) if !map.is_empty() => self.mapping(map, indent + 2, path, subject),
            Value::Array(list) if !list.is_empty() => self.sequence(list, indent + 2, path, subject),
            leaf => self.leaf(leaf, indent, path, subject),
        }
    }

    /// The items of a list: each is its own subject.
    fn items(&mut self, list: &Value, parent: &Subject) {
        let kind = parent.id.kind.trim_end_matches("List");
        match list.as_array() {
            Some(list) if !list.is_empty() => {
                self.indent(0);
                for (i, element) in list.iter().enumerate() {
                    self.element(element, i, 0, "", &Subject::of_kind(element, kind));
                }
            }
            _ => self.put(" []"),
        }
    }

    fn leaf(&mut self, value: &Value, indent: usize, path: &str, subject: &Subject) {
        let Value::String(text) = value else {
            let shown = match value {
                Value::Null => "null".to_string(),
                Value::Object(_) => "{}".to_string(),
                Value::Array(_) => "[]".to_string(),
                other => other.to_string(),
            };
            self.sheet.show(&shown, subject.field(path, &canon::scalar(value)));
            self.column += shown.chars().count();
            return;
        };
        let style = yaml_scalar::value_style(text);
        let (shown, _) = yaml_scalar::render(text, style, Some((BEST_WIDTH, self.column)), indent + 2);
        if style == Style::Literal {
            self.literal(&shown, text, path, subject);
        } else {
            let start = self.sheet.here();
            self.put(&shown);
            self.sheet.mark_from(start, subject.field(path, text));
        }
    }

    /// A block of lines: each line shows what it says itself, no more. Of a single line, the sign above it (`|`: it ends
    /// in a line break, `|-`: it does not) says how the whole value ends.
    fn literal(&mut self, shown: &str, text: &str, path: &str, subject: &Subject) {
        let single = shown.lines().count() == 2;
        for (i, line) in shown.split_inclusive('\n').enumerate() {
            let start = self.sheet.here();
            self.put(line);
            let said = line.trim();
            if i == 0 && single {
                self.sheet.mark_from(start, subject.field(path, text));
            } else if i > 0 && !said.is_empty() {
                self.sheet.mark_from(start, subject.field(path, said));
            }
        }
    }
}

/// go-yaml's order of keys: letters by code point, numbers by value, letters after everything else.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for i in 0..a.len().min(b.len()) {
        if a[i] == b[i] {
            continue;
        }
        let (al, bl) = (a[i].is_alphabetic(), b[i].is_alphabetic());
        if al && bl {
            return a[i].cmp(&b[i]);
        }
        if al || bl {
            return if bl { Ordering::Less } else { Ordering::Greater };
        }
        let seed =
            (a[i] == '0' || b[i] == '0') && a[..i].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
        let (an, ai) = number(&a, i, seed);
        let (bn, bi) = number(&b, i, seed);
        return an.cmp(&bn).then(ai.cmp(&bi)).then(a[i].cmp(&b[i]));
    }
    a.len().cmp(&b.len())
}

fn number(chars: &[char], from: usize, seed: bool) -> (u128, usize) {
    let mut value = u128::from(seed);
    let mut at = from;
    while let Some(digit) = chars.get(at).and_then(|c| c.to_digit(10)) {
        value = value.saturating_mul(10).saturating_add(u128::from(digit));
        at += 1;
    }
    (value, at)
}

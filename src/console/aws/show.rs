//! Printed lines made of pieces that show facts; JSON as the client dumps it, YAML as its second version does. Does not know
//! where a value comes from.

use super::node::{Data, Facts, Node, numeral};
use crate::console::fact::{Fact, ObjectId};
use crate::console::page::Line;
use crate::world::signals::Record;

/// Lines being written.
#[derive(Default)]
pub struct Paper {
    pub lines: Vec<Line>,
    line: Line,
}

impl Paper {
    /// Text that shows `facts`; newlines in it end lines.
    pub fn put(&mut self, text: &str, facts: &Facts) {
        let mut rest = text;
        loop {
            let (piece, more) = match rest.split_once('\n') {
                Some((piece, more)) => (piece, Some(more)),
                None => (rest, None),
            };
            match facts.split_first() {
                None => self.line.push(piece),
                Some((first, others)) => {
                    self.line.push_fact(piece, first);
                    if let Some(mark) = self.line.marks.last().cloned() {
                        let same = |fact: &std::sync::Arc<Fact>| crate::console::page::Mark {
                            fact: fact.clone(),
                            ..mark.clone()
                        };
                        self.line.marks.extend(others.iter().map(same));
                    }
                }
            }
            let Some(more) = more else { return };
            self.end();
            rest = more;
        }
    }

    pub fn push(&mut self, text: &str) {
        self.put(text, &Facts::new());
    }

    /// Ends the line.
    pub fn end(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
    }

    /// The lines; one begun but not ended has no newline.
    pub fn done(mut self) -> Vec<Line> {
        if !self.line.text.is_empty() {
            self.end();
        }
        self.lines
    }
}

/// What a record of a log group says.
pub fn record(record: &Record, group: ObjectId) -> Fact {
    Fact::Log {
        pod: group,
        container: record.pod.to_string(),
        restart: 0,
        at: record.at,
        level: record.level.to_string(),
        template: record.template.to_string(),
        fields: record.fields.iter().map(|(key, value)| (key.to_string(), value.clone())).collect(),
    }
}

/// JSON indented by four, as `json.dump(indent=4, ensure_ascii=False)` writes it; nothing for an empty answer.
pub fn json(node: &Node) -> Vec<Line> {
    if matches!(&node.data, Data::Map(members) if members.is_empty()) {
        return Vec::new();
    }
    let mut paper = Paper::default();
    json_value(node, 0, &mut paper);
    paper.end();
    paper.lines
}

fn json_value(node: &Node, depth: usize, paper: &mut Paper) {
    let indent = |paper: &mut Paper, depth: usize| {
        paper.end();
        paper.push(&" ".repeat(4 * depth));
    };
    match &node.data {
        Data::List(items) if items.is_empty() => paper.put("[]", &node.facts),
        Data::Map(members) if members.is_empty() => paper.put("{}", &node.facts),
        Data::List(items) => {
            paper.push("[");
            for (at, item) in items.iter().enumerate() {
                indent(paper, depth + 1);
                json_value(item, depth + 1, paper);
                if at + 1 < items.len() {
                    paper.push(",");
                }
            }
            indent(paper, depth);
            paper.push("]");
        }
        Data::Map(members) => {
            paper.push("{");
            for (at, (key, value)) in members.iter().enumerate() {
                indent(paper, depth + 1);
                paper.push(&json_text(key));
                paper.push(": ");
                json_value(value, depth + 1, paper);
                if at + 1 < members.len() {
                    paper.push(",");
                }
            }
            indent(paper, depth);
            paper.push("}");
        }
        _ => paper.put(&json_scalar(node), &node.facts),
    }
}

pub fn json_scalar(node: &Node) -> String {
    match &node.data {
        Data::Null => "null".into(),
        Data::Yes(yes) => yes.to_string(),
        Data::Number(number) => numeral(number),
        Data::Text(text) => json_text(text),
        Data::List(_) | Data::Map(_) => compact(node),
    }
}

fn json_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// JSON in one line without blanks.
pub fn compact(node: &Node) -> String {
    match &node.data {
        Data::List(items) => format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(",")),
        Data::Map(members) => {
            let pairs = members.iter().map(|(key, value)| format!("{}:{}", json_text(key), compact(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        _ => json_scalar(node),
    }
}

/// YAML as version 2 of the client writes it: block style, lists at their key's own column.
pub fn yaml(node: &Node) -> Vec<Line> {
    if matches!(&node.data, Data::Map(members) if members.is_empty()) {
        return Vec::new();
    }
    let mut paper = Paper::default();
    yaml_value(node, 0, &mut paper);
    paper.done()
}

fn yaml_value(node: &Node, depth: usize, paper: &mut Paper) {
    match &node.data {
        Data::List(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    paper.push(&"  ".repeat(depth));
                }
                paper.push("- ");
                yaml_value(item, depth + 1, paper);
            }
        }
        Data::Map(members) if !members.is_empty() => {
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    paper.push(&"  ".repeat(depth));
                }
                paper.push(&yaml_text(key));
                paper.push(":");
                let (inner, nested) = match &value.data {
                    Data::List(items) if !items.is_empty() => (depth, true),
                    Data::Map(members) if !members.is_empty() => (depth + 1, true),
                    _ => (depth, false),
                };
                if nested {
                    paper.end();
                    paper.push(&"  ".repeat(inner));
                } else {
                    paper.push(" ");
                }
                yaml_value(value, inner, paper);
            }
        }
        Data::List(_) => line(paper, "[]", node),
        Data::Map(_) => line(paper, "{}", node),
        Data::Text(text) => line(paper, &yaml_text(text), node),
        _ => line(paper, &json_scalar(node), node),
    }
}

fn line(paper: &mut Paper, text: &str, node: &Node) {
    paper.put(text, &node.facts);
    paper.end();
}

/// A text that YAML reads back as the same text.
fn yaml_text(text: &str) -> String {
    let special = text.chars().any(|c| c.is_control());
    if special {
        return json_text(text);
    }
    let first = text.chars().next();
    let indicator = first.is_none_or(|c| "!&*-?:,[]{}#|>@`\"'%= ".contains(c))
        && !(text.len() > 1 && text.starts_with('-') && !text.starts_with("- "));
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "~" | "y" | "n"
    );
    let numeric = text.parse::<f64>().is_ok() || text.starts_with("0x");
    let dated = text.len() >= 10
        && text.as_bytes().get(4) == Some(&b'-')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.get(..10).is_some_and(|day| day.chars().all(|c| c.is_ascii_digit() || c == '-'));
    let inside = text.contains(": ") || text.contains(" #") || text.ends_with(':') || text.ends_with(' ');
    if indicator || word || numeric || dated || inside {
        return format!("'{}'", text.replace('\'', "''"));
    }
    text.to_string()
}

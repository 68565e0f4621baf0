//! A TOML file as a tree in which every key and value knows its place, bounded in depth and size. Does not know what any
//! key means.

use super::problem::Problem;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Tables and arrays inside one another.
pub const DEPTH_MAX: usize = 12;
/// Values in one file.
pub const VALUES_MAX: usize = 20_000;
/// Characters of one string.
pub const TEXT_MAX: usize = 20_000;

/// A value with its bytes in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub span: Range<usize>,
    pub data: Data,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Array(Vec<Tree>),
    Table(Vec<Entry>),
}

/// A key of a table with its value, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub span: Range<usize>,
    pub value: Tree,
}

impl Tree {
    pub fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Table(entries) => entries,
            _ => &[],
        }
    }
    pub fn items(&self) -> &[Tree] {
        match &self.data {
            Data::Array(items) => items,
            _ => &[],
        }
    }
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }
    /// A number, also one that the seed drew, which stands as text.
    pub fn number(&self) -> Option<f64> {
        match &self.data {
            Data::Integer(n) => Some(*n as f64),
            Data::Number(n) => Some(*n),
            Data::Text(text) => text.parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }
    /// A whole number, also one that the seed drew.
    pub fn integer(&self) -> Option<i64> {
        match &self.data {
            Data::Integer(n) => Some(*n),
            Data::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
    pub fn truth(&self) -> Option<bool> {
        match self.data {
            Data::Bool(b) => Some(b),
            _ => None,
        }
    }
    /// What it is, in the author's words.
    pub fn noun(&self) -> &'static str {
        match self.data {
            Data::Text(_) => "a string",
            Data::Integer(_) => "an integer",
            Data::Number(_) => "a number",
            Data::Bool(_) => "true or false",
            Data::Array(_) => "a list",
            Data::Table(_) => "a table",
        }
    }
    /// A scalar as text: what stands in a placeholder.
    pub fn shown(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) => Some(text.clone()),
            Data::Integer(n) => Some(n.to_string()),
            Data::Number(n) => Some(n.to_string()),
            Data::Bool(b) => Some(b.to_string()),
            Data::Array(_) | Data::Table(_) => None,
        }
    }
}

/// Reads TOML. What could be read is returned with what was wrong; syntax errors beyond the third are follow-on noise.
pub fn parse(file: &str, source: &str) -> (Tree, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(source);
    let mut problems: Vec<Problem> = errors
        .iter()
        .take(3)
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            Problem::at(file, source, span, "syntax", format!("this is not TOML: {}", error.message()))
        })
        .collect();
    let span = table.span();
    let mut reader = Reader { file, source, values: 0, problems: Vec::new() };
    let tree = Tree { span, data: reader.table(table.get_ref(), 0) };
    problems.append(&mut reader.problems);
    (tree, problems)
}

struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    values: usize,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, span: Range<usize>, code: &'static str, message: String) {
        if self.problems.len() < 20 {
            self.problems.push(Problem::at(self.file, self.source, span, code, message));
        }
    }

    fn table(&mut self, table: &DeTable, depth: usize) -> Data {
        let mut keys: Vec<_> = table.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::new();
        for (key, value) in keys {
            if let Some(value) = self.value(value, depth + 1) {
                entries.push(Entry { key: key.get_ref().to_string(), span: key.span(), value });
            }
        }
        Data::Table(entries)
    }

    fn value(&mut self, value: &Spanned<DeValue>, depth: usize) -> Option<Tree> {
        let span = value.span();
        self.values += 1;
        if self.values > VALUES_MAX {
            if self.values == VALUES_MAX + 1 {
                self.complain(span, "too-many", format!("the file has more than {VALUES_MAX} values"));
            }
            return None;
        }
        if depth > DEPTH_MAX {
            self.complain(span, "too-deep", format!("nested more than {DEPTH_MAX} deep"));
            return None;
        }
        let data = match value.get_ref() {
            DeValue::String(text) if text.chars().count() > TEXT_MAX => {
                self.complain(span, "too-long", format!("a string has at most {TEXT_MAX} characters"));
                return None;
            }
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(n) => Data::Integer(n),
                Err(_) => {
                    self.complain(span, "bad-number", "the integer does not fit into 64 bits".into());
                    return None;
                }
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(n) if n.is_finite() => Data::Number(n),
                _ => {
                    self.complain(span, "bad-number", "the number is not finite".into());
                    return None;
                }
            },
            DeValue::Boolean(b) => Data::Bool(*b),
            DeValue::Datetime(time) => Data::Text(time.to_string()),
            DeValue::Array(items) => Data::Array(items.iter().filter_map(|item| self.value(item, depth + 1)).collect()),
            DeValue::Table(table) => self.table(table, depth),
        };
        Some(Tree { span, data })
    }
}

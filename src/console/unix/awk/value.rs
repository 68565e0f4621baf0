//! awk's values: numbers, texts, and texts that look like numbers. Texts carry the marks of what they were copied from;
//! numbers remember whether facts went into them. Does not know programs.

use crate::console::page::Line;
use crate::console::unix::printf;
use std::cmp::Ordering;

#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Unset,
    Number {
        value: f64,
        /// It was computed over text that shows facts.
        computed: bool,
    },
    Text(Line),
    /// Input that looks like a number compares as one.
    Input(Line, Option<f64>),
}

impl Value {
    pub fn number(value: f64) -> Value {
        Value::Number { value, computed: false }
    }

    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(Line::plain(text))
    }

    pub fn input(line: Line) -> Value {
        let number = whole_number(&line.text);
        Value::Input(line, number)
    }

    pub fn to_number(&self) -> f64 {
        match self {
            Value::Unset => 0.0,
            Value::Number { value, .. } => *value,
            Value::Input(_, Some(value)) => *value,
            Value::Text(line) | Value::Input(line, None) => leading_number(&line.text).0,
        }
    }

    pub fn truth(&self) -> bool {
        match self {
            Value::Unset => false,
            Value::Number { value, .. } | Value::Input(_, Some(value)) => *value != 0.0,
            Value::Text(line) | Value::Input(line, None) => !line.text.is_empty(),
        }
    }

    /// Whether facts went into it.
    pub fn shows(&self) -> bool {
        match self {
            Value::Unset => false,
            Value::Number { computed, .. } => *computed,
            Value::Text(line) | Value::Input(line, _) => !line.marks.is_empty(),
        }
    }

    fn numeric(&self) -> Option<f64> {
        match self {
            Value::Unset => Some(0.0),
            Value::Number { value, .. } => Some(*value),
            Value::Input(_, number) => *number,
            Value::Text(_) => None,
        }
    }
}

/// Numbers compare as numbers, everything else as text.
pub fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.numeric(), right.numeric()) {
        (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        _ => plain(left).cmp(&plain(right)),
    }
}

/// A value's text without marks.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Unset => String::new(),
        Value::Number { value, .. } => number_text(*value),
        Value::Text(line) | Value::Input(line, _) => line.text.clone(),
    }
}

/// A number as awk prints it: whole ones as they are, others by `%.6g`.
pub fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    // Whole numbers are printed whole, however large, as gawk does.
    if value == value.trunc() && value.abs() < 1e30 {
        return if value == 0.0 { "0".to_string() } else { format!("{value:.0}") };
    }
    let text = printf::general(value.abs(), 6);
    if value < 0.0 { format!("-{text}") } else { text }
}

/// The decimal number that a text begins with, and how long it is.
pub fn leading_number(text: &str) -> (f64, usize) {
    let start = text.len() - text.trim_start().len();
    let bytes = text.as_bytes();
    let mut at = start + usize::from(matches!(bytes.get(start), Some(b'+' | b'-')));
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let first = at;
    at = digits(at);
    let mut any = at > first;
    if bytes.get(at) == Some(&b'.') {
        let end = digits(at + 1);
        any |= end > at + 1;
        at = end;
    }
    if !any {
        return (0.0, 0);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let signed = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(signed).is_some_and(u8::is_ascii_digit) {
            at = digits(signed);
        }
    }
    (text[start..at].trim_start_matches('+').parse().unwrap_or(0.0), at)
}

/// The number that a text is, blanks around it allowed.
fn whole_number(text: &str) -> Option<f64> {
    let (value, end) = leading_number(text);
    (end > 0 && text[end..].trim().is_empty()).then_some(value)
}

//! JSON values that carry facts: every scalar knows what it shows, texts by spans. Sizes are bounded when values are made,
//! so that no walk over one can run away. Does not know programs.

use crate::console::fact::Fact;
use crate::console::page::{Line, Mark};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The facts that a scalar shows.
pub type Shows = Option<Rc<[Arc<Fact>]>>;

/// The most scalars, lists and objects that one value holds, shared parts counted each time.
pub const WEIGHT_MAX: usize = 4_000_000;
/// How deep a value nests.
pub const DEPTH_MAX: u32 = 256;

#[derive(Clone, Debug)]
pub enum Value {
    Null(Shows),
    Bool(bool, Shows),
    Number(Number),
    Text(Rc<Line>),
    List(Rc<List>),
    Object(Rc<Object>),
}

#[derive(Clone, Debug)]
pub struct Number {
    pub value: f64,
    pub shows: Shows,
    /// It was computed over values that show facts.
    pub computed: bool,
}

#[derive(Debug)]
pub struct List {
    pub items: Vec<Value>,
    pub weight: usize,
    depth: u32,
}

/// Keys in the order they came, as jq prints them.
#[derive(Debug)]
pub struct Object {
    pub keys: Vec<Rc<str>>,
    pub cells: BTreeMap<Rc<str>, Value>,
    pub weight: usize,
    depth: u32,
}

/// A value that grew beyond the bounds.
#[derive(Debug)]
pub struct TooLarge;

pub const NULL: Value = Value::Null(None);

fn size<'a>(values: impl Iterator<Item = &'a Value>) -> Result<(usize, u32), TooLarge> {
    let (mut weight, mut depth) = (1_usize, 0);
    for value in values {
        weight += value.weight();
        depth = depth.max(value.depth());
    }
    if weight > WEIGHT_MAX || depth >= DEPTH_MAX { Err(TooLarge) } else { Ok((weight, depth + 1)) }
}

impl Value {
    pub fn number(value: f64) -> Value {
        Value::Number(Number { value, shows: None, computed: false })
    }

    /// A number that comes of others; `computed` if facts went into it.
    pub fn result(value: f64, computed: bool) -> Value {
        Value::Number(Number { value, shows: None, computed })
    }

    pub fn truth(yes: bool) -> Value {
        Value::Bool(yes, None)
    }

    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(Rc::new(Line::plain(text)))
    }

    pub fn line(line: Line) -> Value {
        Value::Text(Rc::new(line))
    }

    pub fn list(items: Vec<Value>) -> Result<Value, TooLarge> {
        let (weight, depth) = size(items.iter())?;
        Ok(Value::List(Rc::new(List { items, weight, depth })))
    }

    pub fn object(keys: Vec<Rc<str>>, cells: BTreeMap<Rc<str>, Value>) -> Result<Value, TooLarge> {
        let (weight, depth) = size(cells.values())?;
        Ok(Value::Object(Rc::new(Object { keys, cells, weight, depth })))
    }

    /// An object of pairs; a key that comes twice has its last value.
    pub fn pairs(pairs: impl IntoIterator<Item = (Rc<str>, Value)>) -> Result<Value, TooLarge> {
        let (mut keys, mut cells) = (Vec::new(), BTreeMap::new());
        for (key, value) in pairs {
            if cells.insert(Rc::clone(&key), value).is_none() {
                keys.push(key);
            }
        }
        Value::object(keys, cells)
    }

    pub fn weight(&self) -> usize {
        match self {
            Value::List(list) => list.weight,
            Value::Object(object) => object.weight,
            _ => 1,
        }
    }

    fn depth(&self) -> u32 {
        match self {
            Value::List(list) => list.depth,
            Value::Object(object) => object.depth,
            _ => 0,
        }
    }

    pub fn is_true(&self) -> bool {
        !matches!(self, Value::Null(_) | Value::Bool(false, _))
    }

    /// Whether it, or anything in it, shows a fact.
    pub fn shows(&self) -> bool {
        match self {
            Value::Null(shows) | Value::Bool(_, shows) => shows.is_some(),
            Value::Number(number) => number.shows.is_some() || number.computed,
            Value::Text(line) => !line.marks.is_empty(),
            Value::List(list) => list.items.iter().any(Value::shows),
            Value::Object(object) => object.cells.values().any(Value::shows),
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null(_) => "null",
            Value::Bool(..) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Object(_) => "object",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Null(_) => 0,
            Value::Bool(false, _) => 1,
            Value::Bool(true, _) => 2,
            Value::Number(_) => 3,
            Value::Text(_) => 4,
            Value::List(_) => 5,
            Value::Object(_) => 6,
        }
    }
}

/// jq's order over all values: null, false, true, numbers, strings, arrays, objects (by keys, then by values).
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.value.partial_cmp(&b.value).unwrap_or(Ordering::Less),
        (Value::Text(a), Value::Text(b)) => a.text.cmp(&b.text),
        (Value::List(a), Value::List(b)) => {
            for (x, y) in a.items.iter().zip(&b.items) {
                let order = compare(x, y);
                if order != Ordering::Equal {
                    return order;
                }
            }
            a.items.len().cmp(&b.items.len())
        }
        (Value::Object(a), Value::Object(b)) => a.cells.keys().cmp(b.cells.keys()).then_with(|| {
            let pairs = a.cells.values().zip(b.cells.values());
            pairs.map(|(x, y)| compare(x, y)).find(|o| *o != Ordering::Equal).unwrap_or(Ordering::Equal)
        }),
        _ => a.rank().cmp(&b.rank()),
    }
}

/// A number as jq prints it.
pub fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "null".to_string();
    }
    let value = value.clamp(-f64::MAX, f64::MAX);
    if value == value.trunc() && value.abs() < 1e17 {
        return format!("{}", value as i64);
    }
    if value.abs() >= 1e17 || value.abs() < 1e-5 {
        let text = format!("{value:e}");
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = match power.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', power),
        };
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    format!("{value}")
}

/// How a value is printed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout {
    /// Blanks a level; `None` prints on one line.
    pub indent: Option<usize>,
    pub sorted: bool,
}

/// Prints a value as JSON; scalars carry their facts. Stops growing at `limit` bytes a value.
pub fn print(value: &Value, layout: Layout, limit: usize) -> Vec<Line> {
    let mut printer = Printer { layout, lines: Vec::new(), line: Line::default(), level: 0, left: limit };
    printer.value(value);
    let last = std::mem::take(&mut printer.line);
    printer.lines.push(last);
    printer.lines
}

/// A value on one line.
pub fn compact(value: &Value) -> Line {
    let mut lines = print(value, Layout::default(), super::super::TEXT_BYTES_MAX);
    lines.pop().unwrap_or_default()
}

struct Printer {
    layout: Layout,
    lines: Vec<Line>,
    line: Line,
    level: usize,
    left: usize,
}

impl Printer {
    fn newline(&mut self) {
        if let Some(indent) = self.layout.indent {
            let next = Line::plain(" ".repeat(indent * self.level));
            self.lines.push(std::mem::replace(&mut self.line, next));
        }
    }

    fn value(&mut self, value: &Value) {
        if self.left == 0 {
            return;
        }
        let before = self.line.text.len();
        match value {
            Value::Null(shows) => push_scalar(&mut self.line, "null", shows),
            Value::Bool(yes, shows) => push_scalar(&mut self.line, if *yes { "true" } else { "false" }, shows),
            Value::Number(number) => push_number(&mut self.line, number),
            Value::Text(text) => push_quoted(&mut self.line, text),
            Value::List(list) if list.items.is_empty() => self.line.push("[]"),
            Value::List(list) => {
                self.line.push("[");
                self.level += 1;
                for (at, item) in list.items.iter().enumerate() {
                    if at > 0 {
                        self.line.push(",");
                    }
                    self.newline();
                    self.value(item);
                }
                self.level -= 1;
                self.newline();
                self.line.push("]");
                return;
            }
            Value::Object(object) if object.keys.is_empty() => self.line.push("{}"),
            Value::Object(object) => return self.object(object),
        }
        self.left = self.left.saturating_sub(self.line.text.len().saturating_sub(before));
    }

    fn object(&mut self, object: &Object) {
        self.line.push("{");
        self.level += 1;
        let sorted: Vec<&Rc<str>>;
        let keys: Vec<&Rc<str>> = if self.layout.sorted {
            sorted = object.cells.keys().collect();
            sorted
        } else {
            object.keys.iter().collect()
        };
        for (at, key) in keys.into_iter().enumerate() {
            let Some(value) = object.cells.get(key) else { continue };
            if at > 0 {
                self.line.push(",");
            }
            self.newline();
            push_quoted(&mut self.line, &Line::plain(&**key));
            self.line.push(if self.layout.indent.is_some() { ": " } else { ":" });
            self.value(value);
        }
        self.level -= 1;
        self.newline();
        self.line.push("}");
    }
}

fn push_scalar(line: &mut Line, text: &str, shows: &Shows) {
    let start = line.text.len() as u32;
    line.push(text);
    let end = line.text.len() as u32;
    for fact in shows.iter().flat_map(|s| s.iter()) {
        line.marks.push(Mark { start, end, fact: Arc::clone(fact) });
    }
}

pub fn push_number(line: &mut Line, number: &Number) {
    let text = number_text(number.value);
    if number.computed && number.shows.is_none() {
        let fact = Fact::Count { tool: "jq".to_string(), of: String::new(), value: number.value };
        line.push_fact(&text, &Arc::new(fact));
    } else {
        push_scalar(line, &text, &number.shows);
    }
}

/// A text in quotes, with JSON's escapes; marks move with the bytes they are on.
fn push_quoted(line: &mut Line, text: &Line) {
    line.push("\"");
    let plain = |c: char| c >= ' ' && c != '"' && c != '\\' && c != '\u{7f}';
    if text.text.chars().all(plain) {
        line.push_part(text, 0..text.text.len());
        line.push("\"");
        return;
    }
    let mut places = Vec::with_capacity(text.text.len() + 1);
    for c in text.text.chars() {
        for _ in 0..c.len_utf8() {
            places.push(line.text.len() as u32);
        }
        match c {
            '"' => line.push("\\\""),
            '\\' => line.push("\\\\"),
            '\n' => line.push("\\n"),
            '\t' => line.push("\\t"),
            '\r' => line.push("\\r"),
            '\u{8}' => line.push("\\b"),
            '\u{c}' => line.push("\\f"),
            c if plain(c) => line.push(c.encode_utf8(&mut [0; 4])),
            c => line.push(&format!("\\u{:04x}", c as u32)),
        }
    }
    places.push(line.text.len() as u32);
    for mark in &text.marks {
        if let (Some(start), Some(end)) = (places.get(mark.start as usize), places.get(mark.end as usize)) {
            line.marks.push(Mark { start: *start, end: *end, fact: Arc::clone(&mark.fact) });
        }
    }
    line.push("\"");
}

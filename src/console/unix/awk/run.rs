//! Runs awk programs, within a budget of steps and of text. Does not know their grammar.

use super::functions;
use super::parse::{Compare, Expr, Math, Program, Statement, When};
use super::value::{self, Value, compare, plain};
use crate::console::fact::Fact;
use crate::console::page::Line;
use crate::console::unix::pattern::{self, Case, Dialect};
use crate::console::unix::{LINES_MAX, Sink, Source, TEXT_BYTES_MAX};
use crate::stdx::time::Time;
use regex::Regex;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many steps one call may take.
const STEPS_MAX: usize = 2_000_000;
/// How much text one call may build, in bytes.
const BUILT_BYTES_MAX: usize = 128 * 1024 * 1024;
/// How deep expressions may nest when they run.
const DEPTH_MAX: usize = 200;
const REGEXES_MAX: usize = 500;
const FIELDS_MAX: usize = 100_000;

/// How a statement ended.
pub enum Flow {
    On,
    Break,
    Continue,
    Next,
    Exit(i32),
}

/// A run that cannot go on: awk's words.
pub struct Stop(pub String);

pub type Run<T> = Result<T, Stop>;

/// The key of an array's element: whole numbers in order, then texts.
pub type Key = (bool, i64, String);

#[derive(Default)]
pub struct Array {
    /// Each element with its key as it was written, marks and all.
    pub cells: BTreeMap<Key, (Line, Value)>,
}

pub struct Machine<'a> {
    program: &'a Program,
    /// The beginning of the program's text: what a computed number is a count of.
    of: String,
    pub now: Time,
    values: Vec<Value>,
    pub arrays: BTreeMap<usize, Array>,
    names: BTreeMap<String, usize>,
    pub record: Line,
    fields: Option<Vec<Value>>,
    number: usize,
    /// Whether any record shows facts.
    shown: bool,
    ranges: Vec<bool>,
    printed: Line,
    steps: usize,
    built: usize,
    depth: usize,
    regexes: BTreeMap<String, Regex>,
}

/// Variables that awk itself sets or reads; they have slots even if the program does not name them.
const OWN: &[&str] = &["FS", "NF", "NR", "FNR", "OFS", "ORS", "SUBSEP", "RSTART", "RLENGTH", "FILENAME", "RS"];

impl<'a> Machine<'a> {
    pub fn new(program: &'a Program, text: &str, now: Time) -> Machine<'a> {
        let mut names = program.names.clone();
        for name in OWN {
            let next = names.len();
            names.entry((*name).to_string()).or_insert(next);
        }
        let mut machine = Machine {
            program,
            of: text.chars().take(80).collect(),
            now,
            values: vec![Value::Unset; names.len()],
            arrays: BTreeMap::new(),
            names,
            record: Line::default(),
            fields: None,
            number: 0,
            shown: false,
            ranges: vec![false; program.rules.len()],
            printed: Line::default(),
            steps: STEPS_MAX,
            built: BUILT_BYTES_MAX,
            depth: 0,
            regexes: BTreeMap::new(),
        };
        for (name, text) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("SUBSEP", "\u{1c}"), ("RS", "\n")] {
            machine.set(name, Value::text(text));
        }
        machine
    }

    pub fn set(&mut self, name: &str, value: Value) {
        // A variable that the program never names changes nothing.
        if let Some(slot) = self.names.get(name).copied() {
            self.values[slot] = value;
        }
    }

    fn get(&self, name: &str) -> String {
        self.names.get(name).and_then(|slot| self.values.get(*slot)).map(plain).unwrap_or_default()
    }

    /// Runs the whole program over its input; the exit code.
    pub fn run(mut self, sources: Vec<Source>, sink: &mut Sink) -> i32 {
        let code = match self.all(sources, sink) {
            Ok(code) => code,
            Err(Stop(text)) => {
                sink.error(format!("awk: {text}"), 2);
                2
            }
        };
        if !self.printed.text.is_empty() {
            let rest = std::mem::take(&mut self.printed);
            sink.print(Line { open: true, ..rest });
        }
        code
    }

    fn all(&mut self, sources: Vec<Source>, sink: &mut Sink) -> Run<i32> {
        let program = self.program;
        let mut code = None;
        if let Flow::Exit(exit) = self.statements(&program.begin, sink)? {
            code = Some(exit);
        }
        if program.rules.is_empty() && !program.has_end {
            return Ok(code.unwrap_or(0));
        }
        if code.is_none() {
            code = self.records(sources, sink)?;
        }
        // `exit` in a rule still runs END.
        match self.statements(&program.end, sink)? {
            Flow::Exit(exit) => Ok(exit),
            _ => Ok(code.unwrap_or(0)),
        }
    }

    fn records(&mut self, sources: Vec<Source>, sink: &mut Sink) -> Run<Option<i32>> {
        let program = self.program;
        for source in sources {
            let name = if source.name == "-" { String::new() } else { source.name };
            self.set("FILENAME", Value::text(name));
            for (at, line) in source.lines.into_iter().enumerate() {
                self.number += 1;
                self.shown |= !line.marks.is_empty();
                let computed = self.shown;
                self.set("NR", Value::Number { value: self.number as f64, computed });
                self.set("FNR", Value::Number { value: (at + 1) as f64, computed });
                self.record = Line { open: false, ..line };
                self.fields = None;
                for (index, rule) in program.rules.iter().enumerate() {
                    if !self.selects(index, rule.from.as_ref(), rule.to.as_ref())? {
                        continue;
                    }
                    let flow = match &rule.body {
                        Some(body) => self.statements(body, sink)?,
                        None => {
                            let record = self.record.clone();
                            self.emit(record, sink);
                            self.newline(sink);
                            Flow::On
                        }
                    };
                    match flow {
                        Flow::Next => break,
                        Flow::Exit(code) => return Ok(Some(code)),
                        _ => {}
                    }
                }
            }
        }
        Ok(None)
    }

    fn selects(&mut self, index: usize, from: Option<&Expr>, to: Option<&Expr>) -> Run<bool> {
        let Some(from) = from else { return Ok(true) };
        let Some(to) = to else { return Ok(self.eval(from)?.truth()) };
        if !self.ranges[index] && !self.eval(from)?.truth() {
            return Ok(false);
        }
        self.ranges[index] = !self.eval(to)?.truth();
        Ok(true)
    }

    /// Adds to the line being printed; a newline in it ends a line.
    fn emit(&mut self, text: Line, sink: &mut Sink) {
        let mut start = 0;
        let ends: Vec<usize> = text.text.match_indices('\n').map(|(i, _)| i).collect();
        for end in ends {
            self.printed.push_part(&text, start..end);
            self.newline(sink);
            start = end + 1;
        }
        self.printed.push_part(&text, start..text.text.len());
    }

    fn newline(&mut self, sink: &mut Sink) {
        sink.print(std::mem::take(&mut self.printed));
    }

    fn step(&mut self) -> Run<()> {
        if self.steps == 0 {
            return Err(Stop(format!("stopped after {STEPS_MAX} steps")));
        }
        self.steps -= 1;
        Ok(())
    }

    /// Accounts for text that was built.
    pub fn built(&mut self, line: Line) -> Run<Line> {
        if line.text.len() > TEXT_BYTES_MAX || line.text.len() > self.built {
            return Err(Stop("the text grows beyond all bounds".to_string()));
        }
        self.built -= line.text.len();
        // Long texts cost more than short ones.
        self.steps = self.steps.saturating_sub(line.text.len() / 64);
        Ok(line)
    }

    fn statements(&mut self, statements: &[Statement], sink: &mut Sink) -> Run<Flow> {
        for statement in statements {
            match self.statement(statement, sink)? {
                Flow::On => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::On)
    }

    fn statement(&mut self, statement: &Statement, sink: &mut Sink) -> Run<Flow> {
        self.step()?;
        match statement {
            Statement::Expr(expr) => {
                self.eval(expr)?;
            }
            Statement::Print(list) => self.print(list, sink)?,
            Statement::Printf(list) => {
                let line = functions::sprintf(self, list)?;
                self.emit(line, sink);
            }
            Statement::If(condition, yes, no) => {
                let chosen = if self.eval(condition)?.truth() { yes } else { no };
                return self.statements(chosen, sink);
            }
            Statement::While(condition, body, after) => {
                while condition.as_ref().map_or(Ok(true), |c| self.eval(c).map(|v| v.truth()))? {
                    self.step()?;
                    match self.statements(body, sink)? {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return Ok(flow),
                    }
                    self.statements(after, sink)?;
                }
            }
            Statement::DoWhile(body, condition) => loop {
                self.step()?;
                match self.statements(body, sink)? {
                    Flow::On | Flow::Continue => {}
                    Flow::Break => break,
                    flow => return Ok(flow),
                }
                if !self.eval(condition)?.truth() {
                    break;
                }
            },
            Statement::ForIn(key, array, body) => return self.for_in(*key, *array, body, sink),
            Statement::Block(body) => return self.statements(body, sink),
            Statement::Delete(array, None) => {
                self.arrays.remove(array);
            }
            Statement::Delete(array, Some(index)) => {
                let (key, _) = self.key(index)?;
                if let Some(array) = self.arrays.get_mut(array) {
                    array.cells.remove(&key);
                }
            }
            Statement::Next => return Ok(Flow::Next),
            Statement::Exit(None) => return Ok(Flow::Exit(0)),
            Statement::Exit(Some(code)) => {
                let code = self.eval(code)?.to_number();
                return Ok(Flow::Exit((code as i64).rem_euclid(256) as i32));
            }
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn for_in(&mut self, key: usize, array: usize, body: &[Statement], sink: &mut Sink) -> Run<Flow> {
        let keys: Vec<Line> =
            self.arrays.get(&array).map(|a| a.cells.values().map(|(key, _)| key.clone()).collect()).unwrap_or_default();
        for written in keys {
            self.step()?;
            self.values[key] = Value::input(written);
            match self.statements(body, sink)? {
                Flow::On | Flow::Continue => {}
                Flow::Break => break,
                flow => return Ok(flow),
            }
        }
        Ok(Flow::On)
    }

    fn print(&mut self, list: &[Expr], sink: &mut Sink) -> Run<()> {
        let mut line = Line::default();
        if list.is_empty() {
            let record = &self.record;
            line.push_part(record, 0..record.text.len());
        }
        let separator = self.get("OFS");
        for (at, expr) in list.iter().enumerate() {
            if at > 0 {
                line.push(&separator);
            }
            let value = self.eval(expr)?;
            let text = self.line(&value);
            line.push_part(&text, 0..text.text.len());
        }
        let ends = self.get("ORS");
        line.push(&ends);
        let line = self.built(line)?;
        self.emit(line, sink);
        Ok(())
    }

    /// A value as text: marks are kept, and a number that facts went into is a fact itself.
    pub fn line(&self, value: &Value) -> Line {
        match value {
            Value::Text(line) | Value::Input(line, _) => line.clone(),
            Value::Number { value, computed: true } => {
                let fact = Arc::new(Fact::Count { tool: "awk".to_string(), of: self.of.clone(), value: *value });
                let mut line = Line::default();
                line.push_fact(&value::number_text(*value), &fact);
                line
            }
            other => Line::plain(plain(other)),
        }
    }

    /// The key of an element, and how it was written.
    pub fn key(&mut self, index: &[Expr]) -> Run<(Key, Line)> {
        let mut written = Line::default();
        for (at, expr) in index.iter().enumerate() {
            if at > 0 {
                let separator = self.get("SUBSEP");
                written.push(&separator);
            }
            let value = self.eval(expr)?;
            let part = match &value {
                Value::Number { .. } => Line::plain(plain(&value)),
                _ => self.line(&value),
            };
            written.push_part(&part, 0..part.text.len());
        }
        Ok((key_of(&written.text), written))
    }

    pub fn cell(&mut self, array: usize, key: Key, written: Line) -> Run<&mut Value> {
        let cells = self.arrays.values().map(|a| a.cells.len()).sum::<usize>();
        let known = self.arrays.get(&array).is_some_and(|a| a.cells.contains_key(&key));
        if !known && cells >= LINES_MAX {
            return Err(Stop("the arrays grow beyond all bounds".to_string()));
        }
        let array = self.arrays.entry(array).or_default();
        Ok(&mut array.cells.entry(key).or_insert((written, Value::Unset)).1)
    }

    fn fields(&mut self) -> &mut Vec<Value> {
        if self.fields.is_none() {
            let separator = self.get("FS");
            let parts = self.split(&self.record.clone(), &separator);
            self.fields = Some(parts.into_iter().map(Value::input).collect());
        }
        self.fields.get_or_insert_default()
    }

    pub fn separator(&self) -> String {
        self.get("FS")
    }

    /// Parts of a text between separators: blanks, one character, or a pattern.
    pub fn split(&mut self, line: &Line, separator: &str) -> Vec<Line> {
        let text = &line.text;
        let mut parts = Vec::new();
        if separator == " " {
            let mut start = None;
            for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
                if matches!(c, ' ' | '\t' | '\n') {
                    if let Some(start) = start.take() {
                        parts.push(line.part(start..at));
                    }
                } else if start.is_none() {
                    start = Some(at);
                }
            }
            return parts;
        }
        if text.is_empty() {
            return parts;
        }
        if separator.is_empty() {
            return text.char_indices().map(|(i, c)| line.part(i..i + c.len_utf8())).collect();
        }
        let mut start = 0;
        let single = separator.chars().count() == 1 && separator != "\\";
        let ends: Vec<(usize, usize)> = if single {
            text.match_indices(separator).map(|(i, s)| (i, i + s.len())).collect()
        } else {
            match self.regex(separator) {
                Ok(regex) => regex.find_iter(text).filter(|m| !m.is_empty()).map(|m| (m.start(), m.end())).collect(),
                Err(_) => Vec::new(),
            }
        };
        for (end, next) in ends {
            parts.push(line.part(start..end));
            start = next;
        }
        parts.push(line.part(start..text.len()));
        parts
    }

    /// A pattern made at run time; compiled once.
    pub fn regex(&mut self, text: &str) -> Run<Regex> {
        if let Some(regex) = self.regexes.get(text) {
            return Ok(regex.clone());
        }
        if self.regexes.len() >= REGEXES_MAX {
            return Err(Stop(format!("more than {REGEXES_MAX} patterns")));
        }
        let regex = pattern::compile(text, Dialect::Extended, Case::Exact).map_err(Stop)?;
        self.regexes.insert(text.to_string(), regex.clone());
        Ok(regex)
    }

    pub fn pattern(&mut self, expr: &Expr) -> Run<Regex> {
        if let Expr::Regex(regex) = expr {
            return Ok(regex.clone());
        }
        let value = self.eval(expr)?;
        self.regex(&plain(&value))
    }

    fn field(&mut self, number: f64) -> Run<Value> {
        if number < 0.0 {
            return Err(Stop(format!("attempt to access field {}", number as i64)));
        }
        let number = number as usize;
        if number == 0 {
            return Ok(Value::input(self.record.clone()));
        }
        Ok(self.fields().get(number - 1).cloned().unwrap_or_default())
    }

    fn set_field(&mut self, number: f64, value: Value) -> Run<()> {
        if !(0.0..FIELDS_MAX as f64).contains(&number) {
            return Err(Stop(format!("attempt to access field {}", number as i64)));
        }
        let number = number as usize;
        let line = self.line(&value);
        if number == 0 {
            self.record = line;
            self.fields = None;
            return Ok(());
        }
        let fields = self.fields();
        if fields.len() < number {
            fields.resize(number, Value::Unset);
        }
        fields[number - 1] = Value::input(line);
        self.rebuild()
    }

    /// The record after a field changed: the fields with OFS between them.
    fn rebuild(&mut self) -> Run<()> {
        let separator = self.get("OFS");
        let fields = self.fields().clone();
        let mut record = Line::default();
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                record.push(&separator);
            }
            let line = self.line(field);
            record.push_part(&line, 0..line.text.len());
        }
        self.record = self.built(record)?;
        Ok(())
    }

    pub fn assign(&mut self, target: &Expr, value: Value) -> Run<()> {
        match target {
            Expr::Variable(slot) => {
                if self.names.get("NF") == Some(slot) {
                    let count = value.to_number().clamp(0.0, FIELDS_MAX as f64) as usize;
                    self.fields().resize(count, Value::Unset);
                    return self.rebuild();
                }
                self.values[*slot] = value;
            }
            Expr::Field(number) => {
                let number = self.eval(number)?.to_number();
                self.set_field(number, value)?;
            }
            Expr::Index(array, index) => {
                let (key, written) = self.key(index)?;
                *self.cell(*array, key, written)? = value;
            }
            _ => {}
        }
        Ok(())
    }

    /// A number that comes of others: whether facts went into it.
    pub fn computed(&self, value: f64, from: &[&Value]) -> Value {
        let computed = from.iter().any(|v| v.shows()) || (self.shown && !self.record.marks.is_empty());
        Value::Number { value, computed }
    }

    pub fn eval(&mut self, expr: &Expr) -> Run<Value> {
        self.step()?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Stop("an expression is nested too deep".to_string()));
        }
        let value = self.eval_inner(expr);
        self.depth -= 1;
        value
    }

    fn eval_inner(&mut self, expr: &Expr) -> Run<Value> {
        let truth = |yes: bool| Value::number(f64::from(u8::from(yes)));
        Ok(match expr {
            Expr::Number(number) => Value::number(*number),
            Expr::Text(text) => Value::text(text.clone()),
            Expr::Regex(regex) => truth(regex.is_match(&self.record.text)),
            Expr::Variable(slot) => {
                if self.names.get("NF") == Some(slot) {
                    return Ok(Value::number(self.fields().len() as f64));
                }
                self.values[*slot].clone()
            }
            Expr::Field(number) => {
                let number = self.eval(number)?.to_number();
                self.field(number)?
            }
            Expr::Index(array, index) => {
                let (key, written) = self.key(index)?;
                self.cell(*array, key, written)?.clone()
            }
            Expr::Assign(target, math, value) => return self.assigned(target, *math, value),
            Expr::Step(step, when, target) => return self.stepped(*step, *when, target),
            Expr::Choice(condition, yes, no) => {
                let chosen = if self.eval(condition)?.truth() { yes } else { no };
                return self.eval(chosen);
            }
            Expr::And(a, b) => truth(self.eval(a)?.truth() && self.eval(b)?.truth()),
            Expr::Or(a, b) => truth(self.eval(a)?.truth() || self.eval(b)?.truth()),
            Expr::Not(value) => truth(!self.eval(value)?.truth()),
            Expr::Negative(value) => {
                let value = self.eval(value)?;
                self.computed(-value.to_number(), &[&value])
            }
            Expr::Positive(value) => {
                let value = self.eval(value)?;
                self.computed(value.to_number(), &[&value])
            }
            Expr::In(index, array) => {
                let (key, _) = self.key(index)?;
                truth(self.arrays.get(array).is_some_and(|a| a.cells.contains_key(&key)))
            }
            Expr::Matches(wanted, text, pattern) => {
                let text = plain(&self.eval(text)?);
                truth(self.pattern(pattern)?.is_match(&text) == *wanted)
            }
            Expr::Compares(how, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                truth(holds(*how, compare(&a, &b)))
            }
            Expr::Math(math, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                let value = calculate(*math, a.to_number(), b.to_number())?;
                self.computed(value, &[&a, &b])
            }
            Expr::Joined(a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                let mut line = self.line(&a);
                let rest = self.line(&b);
                line.push_part(&rest, 0..rest.text.len());
                Value::Text(self.built(line)?)
            }
            Expr::Call(function, arguments) => return functions::call(self, *function, arguments),
        })
    }

    fn stepped(&mut self, step: f64, when: When, target: &Expr) -> Run<Value> {
        let before = self.eval(target)?;
        let after = self.computed(before.to_number() + step, &[&before]);
        self.assign(target, after.clone())?;
        Ok(match when {
            When::Before => after,
            When::After => self.computed(before.to_number(), &[&before]),
        })
    }

    fn assigned(&mut self, target: &Expr, math: Option<Math>, value: &Expr) -> Run<Value> {
        let value = match math {
            None => self.eval(value)?,
            Some(math) => {
                let right = self.eval(value)?;
                let left = self.eval(target)?;
                let value = calculate(math, left.to_number(), right.to_number())?;
                self.computed(value, &[&left, &right])
            }
        };
        self.assign(target, value.clone())?;
        Ok(value)
    }
}

pub fn key_of(text: &str) -> Key {
    let number = text.parse::<i64>().ok().filter(|n| n.to_string() == text);
    (number.is_none(), number.unwrap_or(0), if number.is_some() { String::new() } else { text.to_string() })
}

fn holds(how: Compare, order: Ordering) -> bool {
    match how {
        Compare::Lt => order == Ordering::Less,
        Compare::Le => order != Ordering::Greater,
        Compare::Eq => order == Ordering::Equal,
        Compare::Ne => order != Ordering::Equal,
        Compare::Gt => order == Ordering::Greater,
        Compare::Ge => order != Ordering::Less,
    }
}

fn calculate(math: Math, a: f64, b: f64) -> Run<f64> {
    Ok(match math {
        Math::Add => a + b,
        Math::Sub => a - b,
        Math::Mul => a * b,
        Math::Div if b == 0.0 => return Err(Stop("division by zero".to_string())),
        Math::Div => a / b,
        Math::Rem if b == 0.0 => return Err(Stop("division by zero in %".to_string())),
        Math::Rem => a % b,
        Math::Pow => power(a, b)?,
    })
}

/// Whole exponents only, by repeated squaring: the library's power differs between platforms.
fn power(base: f64, exponent: f64) -> Run<f64> {
    if exponent == 0.5 {
        return Ok(base.sqrt());
    }
    if exponent != exponent.trunc() || exponent.abs() > 4_096.0 {
        return Err(Stop("^ takes whole exponents here".to_string()));
    }
    let (mut result, mut square, mut left) = (1.0, base, exponent.abs() as u32);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    Ok(if exponent < 0.0 { 1.0 / result } else { result })
}

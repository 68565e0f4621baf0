//! Metric math: expressions over lines of values, read and evaluated; bounded. Does not know where the lines come from.

use super::Fault;
use super::series::{self, Name, Stat};
use crate::stdx::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;

/// How deep expressions may nest, and how long they may be (the latter from the API Reference).
const DEPTH_MAX: usize = 32;
const LENGTH_MAX: usize = 2_048;

/// One query of GetMetricData or of an alarm.
#[derive(Clone, Debug)]
pub struct Query {
    pub id: String,
    pub label: Option<String>,
    /// Whether its values are wanted, or only used by expressions.
    pub shown: bool,
    /// Seconds.
    pub period: Option<i64>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Metric { name: Name, stat: Stat, stat_name: String, unit: Option<String> },
    Expression(Expr),
}

/// An expression, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Number(f64),
    Text(String),
    Id(String),
    Call(String, Vec<Expr>),
    List(Vec<Expr>),
    Negated(Box<Expr>),
    Pair(&'static str, Box<Expr>, Box<Expr>),
}

/// Values by the minute (since 1970) at which their period begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub label: String,
    /// Which metric with which statistic it is, if it is one as it was measured.
    pub of: Option<(Name, String)>,
    /// Seconds.
    pub period: i64,
    pub points: BTreeMap<i64, f64>,
}

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Result_ {
    Scalar(f64),
    Line(Line),
    Lines(Vec<Line>),
    Text(String),
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

/// Reads `MetricDataQueries`.
pub fn queries(items: &[Value]) -> Result<Vec<Query>, Fault> {
    let mut out: Vec<Query> = Vec::new();
    for item in items {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let id = text("Id").unwrap_or_default().to_string();
        let mut letters = id.chars();
        let fine = letters.next().is_some_and(|first| first.is_ascii_lowercase())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !fine {
            return Err(invalid(format!(
                "The value {id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if out.iter().any(|query| query.id == id) {
            return Err(invalid("The values for parameter Id in MetricDataQueries are not unique."));
        }
        let mut period = item.get("Period").and_then(Value::as_i64);
        let what = match (item.get("MetricStat"), text("Expression")) {
            (Some(stat), None) => {
                period = stat.get("Period").and_then(Value::as_i64);
                metric(stat)?
            }
            (None, Some(expression)) => What::Expression(read(&id, expression)?),
            _ => return Err(invalid("Exactly one of the parameters Expression and MetricStat must be specified.")),
        };
        if period.is_some_and(|period| period < 60 || period % 60 != 0) {
            return Err(invalid("The parameter Period must be a multiple of 60."));
        }
        let shown = item.get("ReturnData").and_then(Value::as_bool).unwrap_or(true);
        out.push(Query { id, label: text("Label").map(str::to_string), shown, period, what });
    }
    Ok(out)
}

fn metric(stat: &Value) -> Result<What, Fault> {
    let stat_name = stat.get("Stat").and_then(Value::as_str).unwrap_or_default().to_string();
    let parsed = Stat::parse(&stat_name);
    let parsed =
        parsed.ok_or_else(|| invalid(format!("The value {stat_name} for parameter Stat is not supported.")))?;
    let unit = stat.get("Unit").and_then(Value::as_str).map(str::to_string);
    let name = Name::given(stat.get("Metric").unwrap_or(&Value::Null));
    Ok(What::Metric { name, stat: parsed, stat_name, unit })
}

/// Reads an expression.
pub fn read(id: &str, text: &str) -> Result<Expr, Fault> {
    let wrong = |why: String| invalid(format!("Error in expression '{id}' [{why}]"));
    if text.len() > LENGTH_MAX {
        return Err(wrong("The expression is too long".into()));
    }
    let tokens = tokens(text).map_err(wrong)?;
    let mut reader = Reader { tokens: &tokens, at: 0 };
    let expr = reader.pairs(0, 0).map_err(wrong)?;
    match reader.peek() {
        None => Ok(expr),
        Some(token) => Err(wrong(format!("Unexpected {}", token.text()))),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Word(String),
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Token::Number(number) => number.to_string(),
            Token::Text(text) => format!("'{text}'"),
            Token::Word(word) => word.clone(),
            Token::Sign(sign) => (*sign).to_string(),
        }
    }
}

const SIGNS: &[&str] =
    &["&&", "||", ">=", "<=", "==", "!=", ">", "<", "+", "-", "*", "/", "^", "(", ")", "[", "]", ","];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => {
                let inner = rest.get(1..).unwrap_or_default();
                let end = inner.find(first).ok_or("Unterminated string")?;
                out.push(Token::Text(inner.get(..end).unwrap_or_default().to_string()));
                end + 2
            }
            '0'..='9' | '.' => {
                let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
                let number = rest.get(..end).unwrap_or_default();
                out.push(Token::Number(number.parse().map_err(|_| format!("Invalid number {number}"))?));
                end
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                out.push(Token::Word(rest.get(..end).unwrap_or_default().to_string()));
                end
            }
            other => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| format!("Unexpected character {other}"))?;
                out.push(Token::Sign(sign));
                sign.len()
            }
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(out)
}

/// Operators by how tightly they bind, the loosest first.
const LEVELS: &[&[&str]] =
    &[&["||", "OR"], &["&&", "AND"], &["==", "!=", ">=", "<=", ">", "<"], &["+", "-"], &["*", "/"], &["^"]];

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(is)) if *is == sign);
        self.at += usize::from(found);
        found
    }

    fn pairs(&mut self, level: usize, depth: usize) -> Result<Expr, String> {
        if depth > DEPTH_MAX {
            return Err("The expression is nested too deeply".into());
        }
        let Some(operators) = LEVELS.get(level) else { return self.single(depth) };
        let mut left = self.pairs(level + 1, depth)?;
        loop {
            let found = operators.iter().find(|operator| match self.peek() {
                Some(Token::Sign(sign)) => sign == *operator,
                Some(Token::Word(word)) => word.eq_ignore_ascii_case(operator),
                _ => false,
            });
            let Some(operator) = found else { return Ok(left) };
            self.at += 1;
            let right = self.pairs(level + 1, depth + 1)?;
            left = Expr::Pair(operator, Box::new(left), Box::new(right));
        }
    }

    fn single(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > DEPTH_MAX {
            return Err("The expression is nested too deeply".into());
        }
        let Some(token) = self.peek().cloned() else { return Err("Unexpected end of the expression".into()) };
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expr::Number(number)),
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Sign("-") => Ok(Expr::Negated(Box::new(self.single(depth + 1)?))),
            Token::Sign("(") => {
                let inner = self.pairs(0, depth + 1)?;
                if self.takes(")") { Ok(inner) } else { Err("Missing )".into()) }
            }
            Token::Sign("[") => Ok(Expr::List(self.items("]", depth)?)),
            Token::Word(word) if self.takes("(") => Ok(Expr::Call(word.to_uppercase(), self.items(")", depth)?)),
            Token::Word(word) => Ok(Expr::Id(word)),
            Token::Sign(sign) => Err(format!("Unexpected {sign}")),
        }
    }

    fn items(&mut self, close: &str, depth: usize) -> Result<Vec<Expr>, String> {
        let mut out = Vec::new();
        if self.takes(close) {
            return Ok(out);
        }
        loop {
            out.push(self.pairs(0, depth + 1)?);
            if self.takes(close) {
                return Ok(out);
            }
            if !self.takes(",") {
                return Err(format!("Missing {close}"));
            }
        }
    }
}

/// Finds lines by a search expression, a statistic and a period in seconds.
pub type Search<'a> = dyn Fn(&str, &str, i64) -> Result<Vec<Line>, String> + 'a;

/// What expressions are evaluated over.
pub struct Scope<'a> {
    /// Lines of queries by id.
    pub lines: &'a BTreeMap<String, Result_>,
    /// Ids of queries that are metrics, for METRICS().
    pub metrics: &'a [String],
    /// Minutes since 1970; `to` is not included. For FILL.
    pub from: i64,
    pub to: i64,
    pub now: Time,
    /// Finds lines for SEARCH(expression, statistic, period).
    pub search: &'a Search<'a>,
}

impl Scope<'_> {
    pub fn evaluate(&self, expr: &Expr) -> Result<Result_, String> {
        match expr {
            Expr::Number(number) => Ok(Result_::Scalar(*number)),
            Expr::Text(text) => Ok(Result_::Text(text.clone())),
            Expr::Id(id) => self
                .lines
                .get(id)
                .cloned()
                .ok_or_else(|| format!("The id {id} is not the id of a metric or expression")),
            Expr::Negated(inner) => Ok(each(self.evaluate(inner)?, |value| -value)),
            Expr::List(items) => {
                let mut lines = Vec::new();
                for item in items {
                    lines.extend(lined(self.evaluate(item)?)?);
                }
                Ok(Result_::Lines(lines))
            }
            Expr::Pair(operator, left, right) => pair(operator, self.evaluate(left)?, self.evaluate(right)?),
            Expr::Call(name, arguments) => self.call(name, arguments),
        }
    }

    fn call(&self, name: &str, arguments: &[Expr]) -> Result<Result_, String> {
        let argument = |index: usize| match arguments.get(index) {
            Some(expr) => self.evaluate(expr),
            None => Err(format!("{name} needs more arguments")),
        };
        match name {
            "ABS" => Ok(each(argument(0)?, f64::abs)),
            "CEIL" => Ok(each(argument(0)?, f64::ceil)),
            "FLOOR" => Ok(each(argument(0)?, f64::floor)),
            "AVG" | "MAX" | "MIN" | "SUM" => gathered(name, argument(0)?),
            "DIFF" => Ok(steps(argument(0)?, |_, before, after| after - before)),
            "RATE" => Ok(steps(argument(0)?, |seconds, before, after| (after - before) / seconds)),
            "RUNNING_SUM" => Ok(running(argument(0)?)),
            "PERIOD" => match argument(0)? {
                Result_::Line(line) => Ok(Result_::Scalar(line.period as f64)),
                _ => Err("PERIOD needs a time series".into()),
            },
            "IF" => {
                let otherwise = if arguments.len() > 2 { Some(argument(2)?) } else { None };
                chosen(argument(0)?, argument(1)?, otherwise)
            }
            "FILL" => match arguments.get(1) {
                Some(Expr::Id(how)) => Ok(self.filled(argument(0)?, &Fill::Word(how.to_uppercase()))),
                _ => match argument(1)? {
                    Result_::Scalar(value) => Ok(self.filled(argument(0)?, &Fill::With(value))),
                    _ => Err("FILL needs a number, REPEAT or LINEAR".into()),
                },
            },
            "METRICS" => {
                let part = match arguments.first() {
                    Some(Expr::Text(part)) => part.as_str(),
                    _ => "",
                };
                let ids = self.metrics.iter().filter(|id| id.contains(part));
                let lines = ids.filter_map(|id| match self.lines.get(id) {
                    Some(Result_::Line(line)) => Some(line.clone()),
                    _ => None,
                });
                Ok(Result_::Lines(lines.collect()))
            }
            "SEARCH" => {
                let (Some(Expr::Text(what)), Some(Expr::Text(stat))) = (arguments.first(), arguments.get(1)) else {
                    return Err("SEARCH needs an expression and a statistic in quotes".into());
                };
                let period = match arguments.get(2) {
                    Some(Expr::Number(period)) => *period as i64,
                    _ => 300,
                };
                Ok(Result_::Lines((self.search)(what, stat, period)?))
            }
            _ => Err(format!("The function {name} is not known")),
        }
    }

    fn filled(&self, value: Result_, how: &Fill) -> Result_ {
        let fill = |mut line: Line| {
            let length = (line.period / 60).max(1);
            let known = line.points.clone();
            let mut at = self.from.max(series::oldest(line.period, self.now)).div_euclid(length) * length;
            while at < self.to {
                let before = known.range(..=at).next_back();
                let after = known.range(at..).next();
                let value = match (how, before, after) {
                    (Fill::With(value), ..) => Some(*value),
                    (Fill::Word(word), Some((b, from)), Some((a, to))) if word == "LINEAR" && a > b => {
                        Some(from + (to - from) * ((at - b) as f64) / ((a - b) as f64))
                    }
                    (Fill::Word(_), Some((_, value)), _) => Some(*value),
                    _ => None,
                };
                if let (false, Some(value)) = (known.contains_key(&at), value) {
                    line.points.insert(at, value);
                }
                at += length;
            }
            line.of = None;
            line
        };
        match value {
            Result_::Line(line) => Result_::Line(fill(line)),
            Result_::Lines(lines) => Result_::Lines(lines.into_iter().map(fill).collect()),
            other => other,
        }
    }
}

enum Fill {
    With(f64),
    /// `REPEAT`, `LINEAR`.
    Word(String),
}

fn lined(value: Result_) -> Result<Vec<Line>, String> {
    match value {
        Result_::Line(line) => Ok(vec![line]),
        Result_::Lines(lines) => Ok(lines),
        _ => Err("A time series is expected".into()),
    }
}

/// Applies something to every value; what comes out is no longer as it was measured.
fn each(value: Result_, how: impl Fn(f64) -> f64) -> Result_ {
    let line = |mut line: Line| {
        line.points.values_mut().for_each(|value| *value = how(*value));
        line.of = None;
        line
    };
    match value {
        Result_::Scalar(value) => Result_::Scalar(how(value)),
        Result_::Line(inner) => Result_::Line(line(inner)),
        Result_::Lines(lines) => Result_::Lines(lines.into_iter().map(line).collect()),
        text => text,
    }
}

/// Multiplied out, so that it is the same on every machine; whole exponents up to 64 only.
pub fn power(base: f64, exponent: f64) -> Option<f64> {
    if exponent.fract() != 0.0 || exponent.abs() > 64.0 {
        return None;
    }
    let whole = (0..exponent.abs() as u32).fold(1.0, |product, _| product * base);
    Some(if exponent < 0.0 { 1.0 / whole } else { whole })
}

fn apply(operator: &str, left: f64, right: f64) -> Option<f64> {
    let truth = |yes: bool| Some(f64::from(u8::from(yes)));
    match operator {
        "+" => Some(left + right),
        "-" => Some(left - right),
        "*" => Some(left * right),
        // Nothing comes of a division by zero.
        "/" => (right != 0.0).then(|| left / right),
        "^" => power(left, right),
        ">" => truth(left > right),
        "<" => truth(left < right),
        ">=" => truth(left >= right),
        "<=" => truth(left <= right),
        "==" => truth(left == right),
        "!=" => truth(left != right),
        "AND" | "&&" => truth(left != 0.0 && right != 0.0),
        _ => truth(left != 0.0 || right != 0.0),
    }
}

fn pair(operator: &str, left: Result_, right: Result_) -> Result<Result_, String> {
    let scaled = |mut line: Line, how: &dyn Fn(f64) -> Option<f64>| {
        line.points = line.points.iter().filter_map(|(at, value)| Some((*at, how(*value)?))).collect();
        line.of = None;
        line
    };
    let joined = |left: Line, right: &Line| {
        let both = left.points.iter().filter_map(|(at, value)| {
            let other = right.points.get(at)?;
            Some((*at, apply(operator, *value, *other)?))
        });
        Line { points: both.collect(), of: None, label: left.label.clone(), period: left.period }
    };
    Ok(match (left, right) {
        (Result_::Scalar(a), Result_::Scalar(b)) => Result_::Scalar(apply(operator, a, b).unwrap_or(0.0)),
        (Result_::Line(line), Result_::Scalar(b)) => Result_::Line(scaled(line, &|a| apply(operator, a, b))),
        (Result_::Scalar(a), Result_::Line(line)) => Result_::Line(scaled(line, &|b| apply(operator, a, b))),
        (Result_::Line(a), Result_::Line(b)) => Result_::Line(joined(a, &b)),
        (Result_::Lines(lines), Result_::Scalar(b)) => {
            Result_::Lines(lines.into_iter().map(|line| scaled(line, &|a| apply(operator, a, b))).collect())
        }
        (Result_::Scalar(a), Result_::Lines(lines)) => {
            Result_::Lines(lines.into_iter().map(|line| scaled(line, &|b| apply(operator, a, b))).collect())
        }
        (Result_::Lines(lines), Result_::Line(b)) => {
            Result_::Lines(lines.into_iter().map(|line| joined(line, &b)).collect())
        }
        (Result_::Line(a), Result_::Lines(lines)) => {
            Result_::Lines(lines.iter().map(|line| joined(a.clone(), line)).collect())
        }
        (Result_::Lines(a), Result_::Lines(b)) => {
            Result_::Lines(a.into_iter().zip(&b).map(|(a, b)| joined(a, b)).collect())
        }
        _ => return Err(format!("Unsupported operand for {operator}")),
    })
}

/// Over one line's values a number; over several lines' values at each time a line.
fn gathered(name: &str, value: Result_) -> Result<Result_, String> {
    let gather = |values: &[f64]| match name {
        "MAX" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "MIN" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "AVG" => values.iter().sum::<f64>() / values.len() as f64,
        _ => values.iter().sum(),
    };
    match value {
        Result_::Line(line) if line.points.is_empty() => Ok(Result_::Scalar(0.0)),
        Result_::Line(line) => Ok(Result_::Scalar(gather(&line.points.into_values().collect::<Vec<_>>()))),
        Result_::Lines(lines) => {
            let mut columns: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for (at, value) in lines.iter().flat_map(|line| line.points.iter()) {
                columns.entry(*at).or_default().push(*value);
            }
            let points = columns.into_iter().map(|(at, values)| (at, gather(&values))).collect();
            let period = lines.iter().map(|line| line.period).max().unwrap_or(60);
            Ok(Result_::Line(Line { label: name.to_string(), of: None, period, points }))
        }
        _ => Err(format!("{name} needs a time series")),
    }
}

/// From each value and the one before it.
fn steps(value: Result_, how: impl Fn(f64, f64, f64) -> f64) -> Result_ {
    let line = |line: Line| {
        let pairs = line.points.iter().zip(line.points.iter().skip(1));
        let points = pairs.map(|((from, before), (to, after))| (*to, how(((to - from) * 60) as f64, *before, *after)));
        Line { points: points.collect(), of: None, ..line.clone() }
    };
    match value {
        Result_::Line(inner) => Result_::Line(line(inner)),
        Result_::Lines(lines) => Result_::Lines(lines.into_iter().map(line).collect()),
        other => other,
    }
}

fn running(value: Result_) -> Result_ {
    let line = |mut line: Line| {
        let mut sum = 0.0;
        for value in line.points.values_mut() {
            sum += *value;
            *value = sum;
        }
        line.of = None;
        line
    };
    match value {
        Result_::Line(inner) => Result_::Line(line(inner)),
        Result_::Lines(lines) => Result_::Lines(lines.into_iter().map(line).collect()),
        other => other,
    }
}

/// `IF(condition, then, else)`: at each time of the condition.
fn chosen(condition: Result_, then: Result_, otherwise: Option<Result_>) -> Result<Result_, String> {
    let line = match condition {
        Result_::Scalar(0.0) => return Ok(otherwise.unwrap_or(Result_::Line(Line::default()))),
        Result_::Scalar(_) => return Ok(then),
        Result_::Line(line) => line,
        _ => return Err("IF needs a time series or a number as its condition".into()),
    };
    let at = |value: &Result_, time: i64| match value {
        Result_::Scalar(value) => Some(*value),
        Result_::Line(line) => line.points.get(&time).copied(),
        _ => None,
    };
    let points = line.points.iter().filter_map(|(time, yes)| {
        let value = if *yes != 0.0 { at(&then, *time) } else { otherwise.as_ref().and_then(|other| at(other, *time)) };
        Some((*time, value?))
    });
    Ok(Result_::Line(Line { points: points.collect(), of: None, ..line.clone() }))
}

//! The query language of `prom`: a part of PromQL, read by recursive descent, bounded in length and depth. Does not know
//! any series.

use crate::stdx::suggest;
use crate::stdx::time::Span;
use regex::Regex;

/// Bytes of a query.
pub const QUERY_MAX: usize = 4_096;
/// Parentheses and operators within each other.
const DEPTH_MAX: u32 = 40;

#[derive(Clone, Debug)]
pub enum Expr {
    Number(f64),
    Select(Selector),
    Call(String, Vec<Expr>),
    Aggregate { op: String, by: Grouping, parameter: Option<Box<Expr>>, of: Box<Expr> },
    Binary { op: &'static str, on: Option<Grouping>, yes_no: bool, left: Box<Expr>, right: Box<Expr> },
    Negative(Box<Expr>),
}

/// A metric's name with matchers; `range` for `[5m]`. `id` numbers the selectors of a query.
#[derive(Clone, Debug)]
pub struct Selector {
    pub id: usize,
    pub name: String,
    pub matchers: Vec<Matcher>,
    pub range: Option<Span>,
    pub offset: Span,
}

#[derive(Clone, Debug)]
pub struct Matcher {
    pub label: String,
    pub test: Match,
}

#[derive(Clone, Debug)]
pub enum Match {
    Is(String),
    Not(String),
    Like(Regex),
    Unlike(Regex),
}

impl Matcher {
    pub fn allows(&self, value: &str) -> bool {
        match &self.test {
            Match::Is(wanted) => value == wanted,
            Match::Not(wanted) => value != wanted,
            Match::Like(regex) => regex.is_match(value),
            Match::Unlike(regex) => !regex.is_match(value),
        }
    }
}

/// `by (…)`, `without (…)`, `on (…)`, `ignoring (…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Only these labels count.
    Only(Vec<String>),
    /// All but these count.
    But(Vec<String>),
}

/// Where it went wrong (byte), why, and perhaps what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub at: usize,
    pub say: String,
    pub hint: Option<String>,
}

/// Aggregations, sorted.
pub static AGGREGATIONS: &[&str] = &["avg", "bottomk", "count", "max", "min", "sum", "topk"];

/// Functions with the number of their arguments, sorted.
pub static FUNCTIONS: &[(&str, usize)] = &[
    ("abs", 1),
    ("avg_over_time", 1),
    ("ceil", 1),
    ("changes", 1),
    ("delta", 1),
    ("floor", 1),
    ("histogram_quantile", 2),
    ("increase", 1),
    ("max_over_time", 1),
    ("min_over_time", 1),
    ("rate", 1),
    ("round", 1),
    ("sort", 1),
    ("sort_desc", 1),
    ("time", 0),
    ("vector", 1),
];

/// Functions that want a range.
pub static OVER_RANGE: &[&str] =
    &["avg_over_time", "changes", "delta", "increase", "max_over_time", "min_over_time", "rate"];

/// Binary operators by rising strength.
const OPERATORS: &[&[&str]] =
    &[&["or"], &["and", "unless"], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

/// Reads a query; with it, how many selectors it has.
pub fn parse(text: &str) -> Result<(Expr, usize), Mistake> {
    if text.len() > QUERY_MAX {
        return Err(Mistake { at: QUERY_MAX, say: "the query is too long".into(), hint: None });
    }
    let mut parser = Parser { text, at: 0, depth: 0, selectors: 0 };
    let expr = parser.binary(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.mistake(format!("unexpected {:?}", parser.word_here())));
    }
    Ok((expr, parser.selectors))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    selectors: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn mistake(&self, say: impl Into<String>) -> Mistake {
        Mistake { at: self.at, say: say.into(), hint: None }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn word_here(&self) -> String {
        self.rest().chars().take_while(|c| !c.is_whitespace()).take(20).collect()
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn want(&mut self, token: &str) -> Result<(), Mistake> {
        if self.eat(token) {
            return Ok(());
        }
        let found = self.word_here();
        let found = if found.is_empty() { "the end".to_string() } else { format!("{found:?}") };
        Err(self.mistake(format!("expected {token:?}, found {found}")))
    }

    /// A name, or an empty text.
    fn name(&mut self) -> &'a str {
        self.space();
        let rest = self.rest();
        let first = rest.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == ':');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let end = if first { end } else { 0 };
        self.at += end;
        &rest[..end]
    }

    /// A word operator or aggregation keyword only counts if no name goes on after it.
    fn keyword(&mut self, word: &str) -> bool {
        self.space();
        let rest = self.rest();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let found = rest.strip_prefix(word).is_some_and(|after| !after.starts_with(goes_on));
        if found {
            self.at += word.len();
        }
        found
    }

    fn binary(&mut self, strength: usize) -> Result<Expr, Mistake> {
        let Some(operators) = OPERATORS.get(strength) else { return self.unary() };
        self.depth += 1;
        if self.depth > DEPTH_MAX * OPERATORS.len() as u32 {
            return Err(self.mistake("the query is nested too deeply"));
        }
        let mut left = self.binary(strength + 1)?;
        loop {
            let is_word = |op: &str| op.starts_with(|c: char| c.is_ascii_alphabetic());
            let found = operators.iter().find(|op| if is_word(op) { self.keyword(op) } else { self.eat(op) });
            let Some(op) = found else { break };
            let yes_no = self.keyword("bool");
            let on = if self.keyword("on") {
                Some(Grouping::Only(self.names()?))
            } else if self.keyword("ignoring") {
                Some(Grouping::But(self.names()?))
            } else {
                None
            };
            let right = self.binary(strength + 1)?;
            left = Expr::Binary { op, on, yes_no, left: Box::new(left), right: Box::new(right) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, Mistake> {
        self.space();
        if self.eat("-") {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Err(self.mistake("the query is nested too deeply"));
            }
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Expr::Negative(Box::new(inner)));
        }
        let expr = self.atom()?;
        self.suffixes(expr)
    }

    fn atom(&mut self) -> Result<Expr, Mistake> {
        self.space();
        let rest = self.rest();
        if rest.starts_with(['"', '\'']) {
            return Err(self.mistake("a text has no value here"));
        }
        if self.eat("(") {
            let inner = self.binary(0)?;
            self.want(")")?;
            return Ok(inner);
        }
        if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return self.number();
        }
        if rest.starts_with('{') {
            return self.selector(String::new());
        }
        let start = self.at;
        let name = self.name();
        if name.is_empty() {
            let found = self.word_here();
            return Err(self.mistake(if found.is_empty() {
                "the query ends too early".to_string()
            } else {
                format!("unexpected {found:?}")
            }));
        }
        if AGGREGATIONS.contains(&name) {
            return self.aggregate(name);
        }
        self.space();
        if self.rest().starts_with('(') {
            return self.call(name, start);
        }
        self.selector(name.to_string())
    }

    fn number(&mut self) -> Result<Expr, Mistake> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == 'e')).unwrap_or(rest.len());
        let number =
            rest[..end].parse::<f64>().map_err(|_| self.mistake(format!("{:?} is not a number", &rest[..end])))?;
        self.at += end;
        Ok(Expr::Number(number))
    }

    fn text_literal(&mut self) -> Result<String, Mistake> {
        let mut chars = self.rest().char_indices();
        let Some((_, quote)) = chars.next() else { return Err(self.mistake("a text was expected")) };
        let mut out = String::new();
        let mut escaped = false;
        for (at, c) in chars {
            match c {
                _ if escaped => {
                    if c != quote && c != '\\' {
                        out.push('\\');
                    }
                    out.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                c if c == quote => {
                    self.at += at + c.len_utf8();
                    return Ok(out);
                }
                c => out.push(c),
            }
        }
        Err(self.mistake("the text has no closing quote"))
    }

    fn names(&mut self) -> Result<Vec<String>, Mistake> {
        self.want("(")?;
        let mut names = Vec::new();
        while !self.eat(")") {
            let name = self.name();
            if name.is_empty() {
                return Err(self.mistake("a label's name was expected"));
            }
            names.push(name.to_string());
            if !self.eat(",") {
                self.want(")")?;
                break;
            }
        }
        Ok(names)
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Mistake> {
        if self.keyword("by") {
            return Ok(Some(Grouping::Only(self.names()?)));
        }
        if self.keyword("without") {
            return Ok(Some(Grouping::But(self.names()?)));
        }
        Ok(None)
    }

    fn aggregate(&mut self, op: &str) -> Result<Expr, Mistake> {
        let before = self.grouping()?;
        let mut arguments = self.arguments()?;
        let by = match before {
            Some(by) => by,
            None => self.grouping()?.unwrap_or(Grouping::Only(Vec::new())),
        };
        let wanted = if matches!(op, "topk" | "bottomk") { 2 } else { 1 };
        if arguments.len() != wanted {
            return Err(self.mistake(format!("{op} takes {wanted} argument{}", if wanted == 1 { "" } else { "s" })));
        }
        let Some(of) = arguments.pop() else { return Err(self.mistake("an argument is missing")) };
        Ok(Expr::Aggregate { op: op.to_string(), by, parameter: arguments.pop().map(Box::new), of: Box::new(of) })
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, Mistake> {
        self.want("(")?;
        let mut arguments = Vec::new();
        while !self.eat(")") {
            arguments.push(self.binary(0)?);
            if !self.eat(",") {
                self.want(")")?;
                break;
            }
        }
        Ok(arguments)
    }

    fn call(&mut self, name: &str, start: usize) -> Result<Expr, Mistake> {
        let Some((_, wanted)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let known = FUNCTIONS.iter().map(|(known, _)| *known).chain(AGGREGATIONS.iter().copied());
            let hint = suggest::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
            return Err(Mistake { at: start, say: format!("unknown function {name:?}"), hint });
        };
        let arguments = self.arguments()?;
        if arguments.len() != *wanted {
            let say = format!(
                "{name} takes {wanted} argument{}, not {}",
                if *wanted == 1 { "" } else { "s" },
                arguments.len()
            );
            return Err(Mistake { at: start, say, hint: None });
        }
        let has_range = matches!(arguments.first(), Some(Expr::Select(Selector { range: Some(_), .. })));
        if OVER_RANGE.contains(&name) && !has_range {
            let hint = Some(format!("for instance {name}(http_requests_total[5m])"));
            return Err(Mistake { at: start, say: format!("{name} needs a range, such as [5m]"), hint });
        }
        Ok(Expr::Call(name.to_string(), arguments))
    }

    fn selector(&mut self, name: String) -> Result<Expr, Mistake> {
        let mut matchers = Vec::new();
        let mut name = name;
        if self.eat("{") {
            while !self.eat("}") {
                let label = self.name().to_string();
                if label.is_empty() {
                    return Err(self.mistake("a label's name was expected"));
                }
                let op = ["=~", "!~", "!=", "="].into_iter().find(|op| self.eat(op));
                let Some(op) = op else { return Err(self.mistake("one of =, !=, =~, !~ was expected")) };
                self.space();
                let start = self.at;
                if !self.rest().starts_with(['"', '\'']) {
                    let hint = Some("put the value in double quotes, and the whole query in single ones".to_string());
                    return Err(Mistake { at: start, say: "a label's value is a text".into(), hint });
                }
                let value = self.text_literal()?;
                let regex = || {
                    Regex::new(&format!("^(?:{value})$")).map_err(|_| Mistake {
                        at: start,
                        say: format!("{value:?} is not a regular expression"),
                        hint: None,
                    })
                };
                let test = match op {
                    "=~" => Match::Like(regex()?),
                    "!~" => Match::Unlike(regex()?),
                    "!=" => Match::Not(value),
                    _ if label == "__name__" => {
                        name = value;
                        Match::Not(String::new())
                    }
                    _ => Match::Is(value),
                };
                if label != "__name__" {
                    matchers.push(Matcher { label, test });
                }
                if !self.eat(",") {
                    self.want("}")?;
                    break;
                }
            }
        }
        if name.is_empty() {
            return Err(self.mistake("a selector needs a metric's name"));
        }
        let id = self.selectors;
        self.selectors += 1;
        Ok(Expr::Select(Selector { id, name, matchers, range: None, offset: Span::ZERO }))
    }

    /// `[5m]` and `offset 1h` after a selector.
    fn suffixes(&mut self, expr: Expr) -> Result<Expr, Mistake> {
        let Expr::Select(mut selector) = expr else { return Ok(expr) };
        if self.eat("[") {
            let end = self.rest().find(']').ok_or_else(|| self.mistake("the range has no closing ]"))?;
            let text = &self.rest()[..end];
            let span = Span::parse(text).filter(|span| *span > Span::ZERO && *span <= Span::hours(24 * 7));
            selector.range = Some(span.ok_or_else(|| self.mistake(format!("{text:?} is not a range such as 5m")))?);
            self.at += end + 1;
        }
        if self.keyword("offset") {
            self.space();
            let rest = self.rest();
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let span = Span::parse(&rest[..end]).filter(|span| *span <= Span::hours(24 * 7));
            selector.offset = span.ok_or_else(|| self.mistake("an offset is a span such as 1h"))?;
            self.at += end;
        }
        Ok(Expr::Select(selector))
    }
}

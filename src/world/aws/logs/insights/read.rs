//! Reads queries. Does not run them.

use super::words::{Kind, Word, words};
use super::{Expr, Mistake, Named, Query, Step};
use regex::Regex;

const DEPTH_MAX: usize = 32;

/// Reads a query; what is wrong is said as the service says it, with its place.
pub fn read(text: &str) -> Result<Query, Mistake> {
    let words = words(text)?;
    let mut reader = Reader { text, words: &words, at: 0 };
    let mut query = Query::default();
    loop {
        query.steps.push(reader.step()?);
        if reader.at == words.len() {
            return Ok(query);
        }
        if !reader.sign("|") {
            return Err(reader.unexpected());
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [Word],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.words.get(self.at).map(|word| &word.kind)
    }

    fn unexpected(&self) -> Mistake {
        match self.words.get(self.at) {
            Some(word) => {
                let found = self.text.get(word.from..word.to).unwrap_or_default();
                let (line, position) = place(self.text, word.from);
                let say = format!("unexpected symbol found {found} at line {line} and position {position}");
                Mistake { say, from: word.from, to: word.to }
            }
            None => {
                let (line, position) = place(self.text, self.text.len());
                let say = format!("unexpected end of query at line {line} and position {position}");
                Mistake { say, from: self.text.len(), to: self.text.len() }
            }
        }
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Kind::Sign(is)) if *is == sign);
        self.at += usize::from(found);
        found
    }

    fn name_is(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Kind::Name(name)) if name.eq_ignore_ascii_case(word))
    }

    fn name(&mut self, word: &str) -> bool {
        let found = self.name_is(word);
        self.at += usize::from(found);
        found
    }

    fn any_name(&mut self) -> Result<String, Mistake> {
        match self.peek() {
            Some(Kind::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn step(&mut self) -> Result<Step, Mistake> {
        let at = self.at;
        let command = self.any_name()?.to_lowercase();
        match command.as_str() {
            "fields" => Ok(Step::Fields(self.nameds()?)),
            "display" => Ok(Step::Display(self.nameds()?)),
            "filter" => Ok(Step::Filter(self.expr(0, 0)?)),
            "stats" => {
                let values = self.nameds()?;
                let by = if self.name("by") { self.nameds()? } else { Vec::new() };
                Ok(Step::Stats { values, by })
            }
            "sort" => self.sort(),
            "limit" | "head" => match self.peek() {
                Some(Kind::Number(number)) => {
                    let limit = *number as usize;
                    self.at += 1;
                    Ok(Step::Limit(limit))
                }
                _ => Err(self.unexpected()),
            },
            "parse" => self.parse(),
            "dedup" => {
                let mut by = vec![self.expr(3, 0)?];
                while self.sign(",") {
                    by.push(self.expr(3, 0)?);
                }
                Ok(Step::Dedup(by))
            }
            _ => {
                self.at = at;
                Err(self.unexpected())
            }
        }
    }

    fn sort(&mut self) -> Result<Step, Mistake> {
        let mut by = Vec::new();
        loop {
            let expr = self.expr(3, 0)?;
            let down = self.name("desc");
            if !down {
                self.name("asc");
            }
            by.push((expr, down));
            if !self.sign(",") {
                return Ok(Step::Sort(by));
            }
        }
    }

    /// `parse @message "user=*, took *" as user, took`, or with a pattern whose groups have names.
    fn parse(&mut self) -> Result<Step, Mistake> {
        let pattern_first = matches!(self.peek(), Some(Kind::Text(_) | Kind::Regex(_)));
        let from = if pattern_first { Expr::Field("@message".into()) } else { Expr::Field(self.any_name()?) };
        let wrong = self.unexpected();
        let (pattern, globbed) = match self.peek() {
            Some(Kind::Text(text)) => {
                let parts: Vec<String> = text.split('*').map(regex::escape).collect();
                let last = parts.last().is_some_and(String::is_empty);
                let joined = parts.join("(.*?)");
                (if last { format!("{joined}$") } else { joined }, true)
            }
            Some(Kind::Regex(text)) => (text.clone(), false),
            _ => return Err(wrong),
        };
        self.at += 1;
        let regex = Regex::new(&format!("(?s){pattern}")).map_err(|_| wrong)?;
        let mut names: Vec<String> = regex.capture_names().flatten().map(str::to_string).collect();
        if globbed {
            if !self.name("as") {
                return Err(self.unexpected());
            }
            names.push(self.any_name()?);
            while self.sign(",") {
                names.push(self.any_name()?);
            }
        }
        Ok(Step::Parse(from, regex, names))
    }

    fn nameds(&mut self) -> Result<Vec<Named>, Mistake> {
        let mut out = Vec::new();
        loop {
            let from = self.words.get(self.at).map_or(0, |word| word.from);
            let expr = self.expr(0, 0)?;
            let to = self.at.checked_sub(1).and_then(|at| self.words.get(at)).map_or(from, |word| word.to);
            let name = match &expr {
                _ if self.name("as") => self.any_name()?,
                Expr::Field(name) => name.clone(),
                // A column without a name is called as it is written.
                _ => self.text.get(from..to).unwrap_or_default().to_string(),
            };
            out.push(Named { expr, name });
            if !self.sign(",") {
                return Ok(out);
            }
        }
    }

    /// Levels: or, and, comparison, sum, product.
    fn expr(&mut self, level: usize, depth: usize) -> Result<Expr, Mistake> {
        if depth > DEPTH_MAX {
            return Err(self.unexpected());
        }
        if level == 2 {
            return self.comparison(depth);
        }
        if level == 5 {
            return self.single(depth);
        }
        let mut left = self.expr(level + 1, depth)?;
        loop {
            let operator = match (level, self.peek()) {
                (0, Some(Kind::Name(name))) if name.eq_ignore_ascii_case("or") => "or",
                (1, Some(Kind::Name(name))) if name.eq_ignore_ascii_case("and") => "and",
                (3, Some(Kind::Sign(sign @ ("+" | "-")))) => sign,
                (4, Some(Kind::Sign(sign @ ("*" | "/" | "%" | "^")))) => sign,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.expr(level + 1, depth + 1)?;
            left = Expr::Pair(operator.to_string(), Box::new(left), Box::new(right));
        }
    }

    fn comparison(&mut self, depth: usize) -> Result<Expr, Mistake> {
        if depth > DEPTH_MAX {
            return Err(self.unexpected());
        }
        if self.name("not") {
            return Ok(Expr::Not(Box::new(self.comparison(depth + 1)?)));
        }
        let left = self.expr(3, depth)?;
        let negated = self.name_is("not");
        self.at += usize::from(negated);
        let turned = |expr: Expr| if negated { Expr::Not(Box::new(expr)) } else { expr };
        if self.name("like") || self.sign("=~") {
            let wrong = self.unexpected();
            let pattern = match self.peek() {
                Some(Kind::Text(text)) => regex::escape(text),
                Some(Kind::Regex(text)) => text.clone(),
                _ => return Err(wrong),
            };
            self.at += 1;
            let regex = Regex::new(&pattern).map_err(|_| wrong)?;
            return Ok(turned(Expr::Like(Box::new(left), regex)));
        }
        if self.name("in") {
            if !self.sign("[") {
                return Err(self.unexpected());
            }
            let mut items = vec![self.expr(3, depth + 1)?];
            while self.sign(",") {
                items.push(self.expr(3, depth + 1)?);
            }
            return if self.sign("]") { Ok(turned(Expr::In(Box::new(left), items))) } else { Err(self.unexpected()) };
        }
        for operator in ["=", "!=", "<=", ">=", "<", ">"] {
            if self.sign(operator) {
                let right = self.expr(3, depth + 1)?;
                return Ok(Expr::Pair(operator.to_string(), Box::new(left), Box::new(right)));
            }
        }
        if negated { Err(self.unexpected()) } else { Ok(left) }
    }

    fn single(&mut self, depth: usize) -> Result<Expr, Mistake> {
        let Some(kind) = self.peek().filter(|_| depth <= DEPTH_MAX).cloned() else { return Err(self.unexpected()) };
        self.at += 1;
        match kind {
            Kind::Number(number) => Ok(Expr::Number(number)),
            Kind::Span(span) => Ok(Expr::Span(span)),
            Kind::Text(text) => Ok(Expr::Text(text)),
            Kind::Sign("-") => Ok(Expr::Negated(Box::new(self.single(depth + 1)?))),
            Kind::Sign("(") => {
                let inner = self.expr(0, depth + 1)?;
                if self.sign(")") { Ok(inner) } else { Err(self.unexpected()) }
            }
            Kind::Name(name) if self.sign("(") => {
                let mut arguments = Vec::new();
                while !self.sign(")") {
                    if !arguments.is_empty() && !self.sign(",") {
                        return Err(self.unexpected());
                    }
                    // count(*) counts rows.
                    let argument = if self.sign("*") { Expr::Field("*".into()) } else { self.expr(0, depth + 1)? };
                    arguments.push(argument);
                }
                let name = name.to_lowercase();
                if known(&name) { Ok(Expr::Call(name, arguments)) } else { self.no_function(&name) }
            }
            Kind::Name(name) => Ok(Expr::Field(name)),
            Kind::Regex(_) | Kind::Sign(_) => {
                self.at -= 1;
                Err(self.unexpected())
            }
        }
    }

    fn no_function(&self, name: &str) -> Result<Expr, Mistake> {
        let at = self.words.get(self.at.saturating_sub(1)).map_or(0, |word| word.from);
        Err(Mistake { say: format!("Invalid function name: {name}"), from: at, to: at })
    }
}

/// Functions there are, sorted.
const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "bin",
    "ceil",
    "coalesce",
    "concat",
    "count",
    "count_distinct",
    "datefloor",
    "earliest",
    "floor",
    "frommillis",
    "isblank",
    "isempty",
    "ispresent",
    "latest",
    "max",
    "median",
    "min",
    "pct",
    "replace",
    "strcontains",
    "strlen",
    "substr",
    "sum",
    "tolower",
    "tomillis",
    "toupper",
    "trim",
];

fn known(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Line and column of a place, counted from one.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

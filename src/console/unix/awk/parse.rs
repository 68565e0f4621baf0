//! The grammar of awk programs: rules, statements, expressions. Does not run them.

use super::lex::{self, Kind, Token};
use crate::console::unix::pattern::{self, Case, Dialect};
use regex::Regex;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Program {
    pub begin: Vec<Statement>,
    pub rules: Vec<Rule>,
    pub end: Vec<Statement>,
    /// Names of variables and arrays; expressions know them by index.
    pub names: BTreeMap<String, usize>,
    pub has_end: bool,
}

#[derive(Debug)]
pub struct Rule {
    pub from: Option<Expr>,
    pub to: Option<Expr>,
    /// `None` prints the record.
    pub body: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub enum Statement {
    Expr(Expr),
    Print(Vec<Expr>),
    Printf(Vec<Expr>),
    If(Expr, Vec<Statement>, Vec<Statement>),
    /// Condition, body, what is done after each round.
    While(Option<Expr>, Vec<Statement>, Vec<Statement>),
    DoWhile(Vec<Statement>, Expr),
    ForIn(usize, usize, Vec<Statement>),
    Block(Vec<Statement>),
    Delete(usize, Option<Vec<Expr>>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Math {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Pow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

#[derive(Debug)]
pub enum Expr {
    Number(f64),
    Text(String),
    Regex(Regex),
    Variable(usize),
    Field(Box<Expr>),
    Index(usize, Vec<Expr>),
    Assign(Box<Expr>, Option<Math>, Box<Expr>),
    /// The step, whether the value is the one before it, and what is stepped.
    Step(f64, When, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Positive(Box<Expr>),
    In(Vec<Expr>, usize),
    Matches(bool, Box<Expr>, Box<Expr>),
    Compares(Compare, Box<Expr>, Box<Expr>),
    Math(Math, Box<Expr>, Box<Expr>),
    Joined(Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Gsub,
    Index,
    Int,
    Length,
    Match,
    Split,
    Sprintf,
    Sqrt,
    Sub,
    Substr,
    Systime,
    Tolower,
    Toupper,
}

/// Name, function, least and most arguments.
const FUNCTIONS: &[(&str, Function, usize, usize)] = &[
    ("gsub", Function::Gsub, 2, 3),
    ("index", Function::Index, 2, 2),
    ("int", Function::Int, 1, 1),
    ("length", Function::Length, 0, 1),
    ("match", Function::Match, 2, 2),
    ("split", Function::Split, 2, 3),
    ("sprintf", Function::Sprintf, 1, 64),
    ("sqrt", Function::Sqrt, 1, 1),
    ("sub", Function::Sub, 2, 3),
    ("substr", Function::Substr, 2, 3),
    ("systime", Function::Systime, 0, 0),
    ("tolower", Function::Tolower, 1, 1),
    ("toupper", Function::Toupper, 1, 1),
];

/// What awk has and this one has not: files, processes, chance, and functions whose last digit differs by machine.
const ABSENT: &[&str] = &[
    "atan2", "close", "cos", "exp", "fflush", "func", "function", "getline", "log", "nextfile", "rand", "return",
    "sin", "srand", "system",
];

/// How deep brackets nest and how many operands one chain has: together they bound the stack.
const DEPTH_MAX: usize = 30;
const CHAIN_MAX: usize = 80;
/// The longest program, in bytes.
const PROGRAM_BYTES_MAX: usize = 16 * 1024;

/// A mistake in a program: awk's words and where.
pub struct Fault {
    pub text: String,
    pub at: usize,
}

type Parsed<T> = Result<T, Fault>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    names: BTreeMap<String, usize>,
    /// False in the list of a `print`, where `>` is not a comparison.
    plain_greater: bool,
}

/// Reads a program.
pub fn parse(text: &str) -> Parsed<Program> {
    if text.len() > PROGRAM_BYTES_MAX {
        return Err(Fault { text: format!("the program is longer than {PROGRAM_BYTES_MAX} bytes"), at: 0 });
    }
    let tokens = lex::tokens(text).map_err(|(text, at)| Fault { text, at })?;
    let mut parser = Parser { tokens, at: 0, depth: 0, names: BTreeMap::new(), plain_greater: true };
    let mut program = parser.program()?;
    program.names = parser.names;
    Ok(program)
}

impl Parser {
    fn kind(&self) -> &Kind {
        self.tokens.get(self.at).map_or(&Kind::End, |t| &t.kind)
    }

    fn fault<T>(&self, text: impl Into<String>) -> Parsed<T> {
        let at = self.tokens.get(self.at).map_or(0, |t| t.at);
        Err(Fault { text: text.into(), at })
    }

    fn syntax<T>(&self) -> Parsed<T> {
        match self.kind() {
            Kind::End => self.fault("unexpected newline or end of string"),
            Kind::Name(name) if ABSENT.contains(&name.as_str()) => {
                self.fault(format!("{name} is not part of this awk"))
            }
            _ => self.fault("syntax error"),
        }
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.kind(), Kind::Sign(s) if *s == sign)
    }

    fn named(&self, name: &str) -> bool {
        matches!(self.kind(), Kind::Name(n) if n == name)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) { Ok(()) } else { self.syntax() }
    }

    fn skip_newlines(&mut self) {
        while matches!(self.kind(), Kind::Newline) {
            self.at += 1;
        }
    }

    fn skip_ends(&mut self) {
        while matches!(self.kind(), Kind::Newline) || self.is(";") {
            self.at += 1;
        }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Parser) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.fault(format!("nested deeper than {DEPTH_MAX}"));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn slot(&mut self, name: &str) -> usize {
        let next = self.names.len();
        *self.names.entry(name.to_string()).or_insert(next)
    }

    fn program(&mut self) -> Parsed<Program> {
        let mut program = Program::default();
        self.skip_ends();
        while !matches!(self.kind(), Kind::End) {
            if self.named("BEGIN") || self.named("END") {
                let ends = self.named("END");
                self.at += 1;
                let body = self.block()?;
                program.has_end |= ends;
                if ends { program.end.extend(body) } else { program.begin.extend(body) }
            } else {
                let (mut from, mut to, mut body) = (None, None, None);
                if !self.is("{") {
                    from = Some(self.expr()?);
                    if self.take(",") {
                        self.skip_newlines();
                        to = Some(self.expr()?);
                    }
                }
                if self.is("{") {
                    body = Some(self.block()?);
                }
                program.rules.push(Rule { from, to, body });
                if !matches!(self.kind(), Kind::End | Kind::Newline) && !self.is(";") && !self.is("{") {
                    let block_ended = matches!(self.tokens[self.at - 1].kind, Kind::Sign("}"));
                    if !block_ended {
                        return self.syntax();
                    }
                }
            }
            self.skip_ends();
        }
        Ok(program)
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        self.deeper(|parser| {
            let mut statements = Vec::new();
            parser.skip_ends();
            while !parser.take("}") {
                statements.push(parser.statement()?);
                parser.skip_ends();
            }
            Ok(statements)
        })
    }

    /// One statement or a block, as the body of `if`, `for`, `while`.
    fn body(&mut self) -> Parsed<Vec<Statement>> {
        self.skip_newlines();
        if self.is("{") {
            return self.block();
        }
        if self.take(";") {
            return Ok(Vec::new());
        }
        self.deeper(|parser| Ok(vec![parser.statement()?]))
    }

    fn statement(&mut self) -> Parsed<Statement> {
        if self.is("{") {
            return Ok(Statement::Block(self.block()?));
        }
        let name = match self.kind() {
            Kind::Name(name) => name.clone(),
            _ => String::new(),
        };
        match name.as_str() {
            "if" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                let then = self.body()?;
                let before = self.at;
                self.skip_ends();
                if self.named("else") {
                    self.at += 1;
                    return Ok(Statement::If(condition, then, self.body()?));
                }
                self.at = before;
                Ok(Statement::If(condition, then, Vec::new()))
            }
            "while" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                Ok(Statement::While(Some(condition), self.body()?, Vec::new()))
            }
            "do" => {
                self.at += 1;
                let body = self.body()?;
                self.skip_ends();
                if !self.named("while") {
                    return self.syntax();
                }
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                Ok(Statement::DoWhile(body, condition))
            }
            "for" => {
                self.at += 1;
                self.for_loop()
            }
            _ => {
                let statement = self.simple()?;
                match self.kind() {
                    Kind::Newline | Kind::End => Ok(statement),
                    Kind::Sign(";" | "}" | ")") => Ok(statement),
                    Kind::Sign(">" | ">>" | "|") => self.fault("this awk prints to the pipe only"),
                    _ => self.syntax(),
                }
            }
        }
    }

    fn for_loop(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        if let (Kind::Name(key), Some(Kind::Name(word)), Some(Kind::Name(array)), Some(Kind::Sign(")"))) = (
            self.kind().clone(),
            self.tokens.get(self.at + 1).map(|t| t.kind.clone()),
            self.tokens.get(self.at + 2).map(|t| t.kind.clone()),
            self.tokens.get(self.at + 3).map(|t| t.kind.clone()),
        ) && word == "in"
        {
            self.at += 4;
            let (key, array) = (self.slot(&key), self.slot(&array));
            return Ok(Statement::ForIn(key, array, self.body()?));
        }
        let first = if self.is(";") { None } else { Some(self.simple()?) };
        self.expect(";")?;
        self.skip_newlines();
        let condition = if self.is(";") { None } else { Some(self.expr()?) };
        self.expect(";")?;
        self.skip_newlines();
        let after = if self.is(")") { Vec::new() } else { vec![self.simple()?] };
        self.expect(")")?;
        let body = self.body()?;
        let mut statements: Vec<Statement> = first.into_iter().collect();
        statements.push(Statement::While(condition, body, after));
        Ok(Statement::Block(statements))
    }

    fn simple(&mut self) -> Parsed<Statement> {
        let name = match self.kind() {
            Kind::Name(name) => name.clone(),
            _ => String::new(),
        };
        let ends = |kind: &Kind| matches!(kind, Kind::Newline | Kind::End | Kind::Sign(";" | "}" | ">" | ">>" | "|"));
        match name.as_str() {
            "print" | "printf" => {
                self.at += 1;
                let list = if ends(self.kind()) { Vec::new() } else { self.print_list()? };
                if name == "print" {
                    Ok(Statement::Print(list))
                } else if list.is_empty() {
                    self.fault("printf: no format")
                } else {
                    Ok(Statement::Printf(list))
                }
            }
            "delete" => {
                self.at += 1;
                let Kind::Name(array) = self.kind().clone() else { return self.syntax() };
                self.at += 1;
                let array = self.slot(&array);
                let index = if self.take("[") { Some(self.list("]")?) } else { None };
                Ok(Statement::Delete(array, index))
            }
            "exit" => {
                self.at += 1;
                Ok(Statement::Exit(if ends(self.kind()) { None } else { Some(self.expr()?) }))
            }
            "next" | "break" | "continue" => {
                self.at += 1;
                Ok(match name.as_str() {
                    "next" => Statement::Next,
                    "break" => Statement::Break,
                    _ => Statement::Continue,
                })
            }
            _ => Ok(Statement::Expr(self.expr()?)),
        }
    }

    /// The list of a print; brackets may stand around all of it.
    fn print_list(&mut self) -> Parsed<Vec<Expr>> {
        if self.is("(") {
            let before = self.at;
            self.at += 1;
            let list = self.list(")")?;
            let closed = matches!(self.kind(), Kind::Newline | Kind::End | Kind::Sign(";" | "}" | ">" | ">>" | "|"));
            if closed {
                return Ok(list);
            }
            self.at = before;
        }
        let outer = std::mem::replace(&mut self.plain_greater, false);
        let mut list = vec![self.expr()?];
        while self.take(",") {
            self.skip_newlines();
            list.push(self.expr()?);
        }
        self.plain_greater = outer;
        Ok(list)
    }

    fn list(&mut self, closing: &str) -> Parsed<Vec<Expr>> {
        let outer = std::mem::replace(&mut self.plain_greater, true);
        let mut list = Vec::new();
        if !self.take(closing) {
            loop {
                self.skip_newlines();
                list.push(self.expr()?);
                self.skip_newlines();
                if !self.take(",") {
                    break;
                }
            }
            self.expect(closing)?;
        }
        self.plain_greater = outer;
        Ok(list)
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(Parser::assignment)
    }

    fn assignment(&mut self) -> Parsed<Expr> {
        let left = self.choice()?;
        let math = match self.kind() {
            Kind::Sign("=") => None,
            Kind::Sign("+=") => Some(Math::Add),
            Kind::Sign("-=") => Some(Math::Sub),
            Kind::Sign("*=") => Some(Math::Mul),
            Kind::Sign("/=") => Some(Math::Div),
            Kind::Sign("%=") => Some(Math::Rem),
            Kind::Sign("^=" | "**=") => Some(Math::Pow),
            _ => return Ok(left),
        };
        if !matches!(left, Expr::Variable(_) | Expr::Field(_) | Expr::Index(..)) {
            return self.syntax();
        }
        self.at += 1;
        self.skip_newlines();
        let right = self.expr()?;
        Ok(Expr::Assign(Box::new(left), math, Box::new(right)))
    }

    fn choice(&mut self) -> Parsed<Expr> {
        let condition = self.or()?;
        if !self.take("?") {
            return Ok(condition);
        }
        self.skip_newlines();
        let yes = self.expr()?;
        self.skip_newlines();
        self.expect(":")?;
        self.skip_newlines();
        let no = self.expr()?;
        Ok(Expr::Choice(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    /// A chain of operators of one rank, grouped from the left.
    fn chain(
        &mut self,
        operand: fn(&mut Parser) -> Parsed<Expr>,
        join: impl Fn(&mut Parser, Expr) -> Parsed<Result<Expr, Expr>>,
    ) -> Parsed<Expr> {
        let mut left = operand(self)?;
        for _ in 0..CHAIN_MAX {
            left = match join(self, left)? {
                Ok(joined) => joined,
                Err(left) => return Ok(left),
            };
        }
        self.fault(format!("an expression has more than {CHAIN_MAX} operands"))
    }

    fn or(&mut self) -> Parsed<Expr> {
        self.chain(Parser::and, |parser, left| {
            if !parser.take("||") {
                return Ok(Err(left));
            }
            parser.skip_newlines();
            let right = parser.and()?;
            Ok(Ok(Expr::Or(Box::new(left), Box::new(right))))
        })
    }

    fn and(&mut self) -> Parsed<Expr> {
        self.chain(Parser::membership, |parser, left| {
            if !parser.take("&&") {
                return Ok(Err(left));
            }
            parser.skip_newlines();
            let right = parser.membership()?;
            Ok(Ok(Expr::And(Box::new(left), Box::new(right))))
        })
    }

    fn membership(&mut self) -> Parsed<Expr> {
        self.chain(Parser::matching, |parser, left| {
            if !parser.named("in") {
                return Ok(Err(left));
            }
            parser.at += 1;
            let Kind::Name(array) = parser.kind().clone() else { return parser.syntax() };
            parser.at += 1;
            let array = parser.slot(&array);
            Ok(Ok(Expr::In(vec![left], array)))
        })
    }

    fn matching(&mut self) -> Parsed<Expr> {
        self.chain(Parser::comparison, |parser, left| {
            let wanted = match parser.kind() {
                Kind::Sign("~") => true,
                Kind::Sign("!~") => false,
                _ => return Ok(Err(left)),
            };
            parser.at += 1;
            let right = parser.comparison()?;
            Ok(Ok(Expr::Matches(wanted, Box::new(left), Box::new(right))))
        })
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.joined()?;
        let compare = match self.kind() {
            Kind::Sign("<") => Compare::Lt,
            Kind::Sign("<=") => Compare::Le,
            Kind::Sign("==") => Compare::Eq,
            Kind::Sign("!=") => Compare::Ne,
            Kind::Sign(">") if self.plain_greater => Compare::Gt,
            Kind::Sign(">=") => Compare::Ge,
            _ => return Ok(left),
        };
        self.at += 1;
        let right = self.joined()?;
        Ok(Expr::Compares(compare, Box::new(left), Box::new(right)))
    }

    /// Whether a value begins here that the one before is joined with.
    fn joins(&self) -> bool {
        match self.kind() {
            Kind::Number(_) | Kind::Text(_) | Kind::Regex(_) => true,
            Kind::Name(name) => name != "in" && !ABSENT.contains(&name.as_str()),
            Kind::Sign(sign) => matches!(*sign, "$" | "(" | "!" | "-" | "+" | "++" | "--"),
            _ => false,
        }
    }

    fn joined(&mut self) -> Parsed<Expr> {
        self.chain(Parser::sum, |parser, left| {
            // A sign after a value was taken by the sum already.
            if !parser.joins() || parser.is("-") || parser.is("+") || parser.is("!") {
                return Ok(Err(left));
            }
            let right = parser.sum()?;
            Ok(Ok(Expr::Joined(Box::new(left), Box::new(right))))
        })
    }

    fn sum(&mut self) -> Parsed<Expr> {
        self.chain(Parser::product, |parser, left| {
            let math = match parser.kind() {
                Kind::Sign("+") => Math::Add,
                Kind::Sign("-") => Math::Sub,
                _ => return Ok(Err(left)),
            };
            parser.at += 1;
            let right = parser.product()?;
            Ok(Ok(Expr::Math(math, Box::new(left), Box::new(right))))
        })
    }

    fn product(&mut self) -> Parsed<Expr> {
        self.chain(Parser::unary, |parser, left| {
            let math = match parser.kind() {
                Kind::Sign("*") => Math::Mul,
                Kind::Sign("/") => Math::Div,
                Kind::Sign("%") => Math::Rem,
                _ => return Ok(Err(left)),
            };
            parser.at += 1;
            let right = parser.unary()?;
            Ok(Ok(Expr::Math(math, Box::new(left), Box::new(right))))
        })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let make: fn(Box<Expr>) -> Expr = match self.kind() {
            Kind::Sign("!") => Expr::Not,
            Kind::Sign("-") => Expr::Negative,
            Kind::Sign("+") => Expr::Positive,
            _ => return self.power(),
        };
        self.at += 1;
        let operand = self.deeper(Parser::unary)?;
        Ok(make(Box::new(operand)))
    }

    fn power(&mut self) -> Parsed<Expr> {
        let base = self.postfix()?;
        if self.take("^") || self.take("**") {
            let exponent = self.deeper(Parser::unary)?;
            return Ok(Expr::Math(Math::Pow, Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        for (sign, step) in [("++", 1.0), ("--", -1.0)] {
            if self.take(sign) {
                let target = self.deeper(Parser::primary)?;
                if !matches!(target, Expr::Variable(_) | Expr::Field(_) | Expr::Index(..)) {
                    return self.syntax();
                }
                return Ok(Expr::Step(step, When::Before, Box::new(target)));
            }
        }
        let value = self.primary()?;
        if matches!(value, Expr::Variable(_) | Expr::Field(_) | Expr::Index(..)) {
            for (sign, step) in [("++", 1.0), ("--", -1.0)] {
                if self.take(sign) {
                    return Ok(Expr::Step(step, When::After, Box::new(value)));
                }
            }
        }
        Ok(value)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let token = self.kind().clone();
        match token {
            Kind::Number(number) => {
                self.at += 1;
                Ok(Expr::Number(number))
            }
            Kind::Text(text) => {
                self.at += 1;
                Ok(Expr::Text(text))
            }
            Kind::Regex(text) => match pattern::compile(&text, Dialect::Extended, Case::Exact) {
                Ok(regex) => {
                    self.at += 1;
                    Ok(Expr::Regex(regex))
                }
                Err(text) => self.fault(text),
            },
            Kind::Sign("$") => {
                self.at += 1;
                let field = self.deeper(|parser| match parser.kind() {
                    Kind::Sign("++" | "--" | "-" | "+" | "!") => parser.unary(),
                    _ => parser.primary(),
                })?;
                Ok(Expr::Field(Box::new(field)))
            }
            Kind::Sign("(") => {
                self.at += 1;
                let mut list = self.list(")")?;
                if list.len() == 1 {
                    return Ok(list.remove(0));
                }
                // `(i, j) in array`
                if !self.named("in") || list.is_empty() {
                    return self.syntax();
                }
                self.at += 1;
                let Kind::Name(array) = self.kind().clone() else { return self.syntax() };
                self.at += 1;
                Ok(Expr::In(list, self.slot(&array)))
            }
            Kind::Sign("-" | "+" | "!") => self.deeper(Parser::unary),
            Kind::Name(name) => self.name(&name),
            _ => self.syntax(),
        }
    }

    fn name(&mut self, name: &str) -> Parsed<Expr> {
        const KEYWORDS: &[&str] = &[
            "BEGIN", "END", "break", "continue", "delete", "do", "else", "exit", "for", "if", "in", "next", "print",
            "printf", "while",
        ];
        if ABSENT.contains(&name) || KEYWORDS.contains(&name) {
            return self.syntax();
        }
        self.at += 1;
        if let Some((_, function, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) {
            let arguments = if self.take("(") { self.list(")")? } else { Vec::new() };
            if arguments.len() < *least || arguments.len() > *most {
                self.at -= 1;
                return self.fault(format!("{} is invalid as number of arguments for {name}", arguments.len()));
            }
            return Ok(Expr::Call(*function, arguments));
        }
        if self.is("(") && self.tokens.get(self.at).is_some_and(|t| !t.spaced) {
            self.at -= 1;
            return self.fault(format!("function `{name}' not defined"));
        }
        let slot = self.slot(name);
        if self.take("[") {
            return Ok(Expr::Index(slot, self.list("]")?));
        }
        Ok(Expr::Variable(slot))
    }
}

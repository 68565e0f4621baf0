//! A query's words as a tree, by precedence. Does not evaluate.

use super::super::node::Node;
use super::lex::{Kind, Token, words};

/// How deep a query may nest, and how long a row may be in which each step holds the one before (`|`, `[]`, `||`).
const DEPTH_MAX: usize = 64;
/// What binds less tightly ends a projection.
const PROJECTION_STOP: u8 = 10;

#[derive(Clone, Debug)]
pub enum Ast {
    Current,
    Field(String),
    Index(i64),
    Slice([Option<i64>; 3]),
    Literal(Node),
    /// One after the other.
    Chain(Vec<Ast>),
    Projection(Box<Ast>, Box<Ast>),
    ValueProjection(Box<Ast>, Box<Ast>),
    /// List, right side, condition.
    Filter(Box<Ast>, Box<Ast>, Box<Ast>),
    Flatten(Box<Ast>),
    Or(Box<Ast>, Box<Ast>),
    And(Box<Ast>, Box<Ast>),
    Not(Box<Ast>),
    Compare(Kind, Box<Ast>, Box<Ast>),
    List(Vec<Ast>),
    Map(Vec<(String, Ast)>),
    Function(String, Vec<Ast>),
    Expression(Box<Ast>),
}

pub fn parse(text: &str) -> Result<Ast, String> {
    let tokens = words(text)?;
    let mut parser = Parser { text, tokens, at: 0, depth: 0 };
    let ast = parser.expression(0)?;
    if parser.kind() != Kind::Eof {
        let token = parser.token();
        return Err(parser.wrong(&token, &format!("Unexpected token: {}", token.text)));
    }
    Ok(ast)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn token(&self) -> Token {
        let end = || Token { kind: Kind::Eof, text: String::new(), value: None, start: self.text.chars().count() };
        self.tokens.get(self.at).cloned().unwrap_or_else(end)
    }

    fn kind(&self) -> Kind {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> Kind {
        self.tokens.get(self.at + by).map_or(Kind::Eof, |token| token.kind)
    }

    fn wrong(&self, token: &Token, say: &str) -> String {
        let (at, text, kind) = (token.start, &token.text, token.kind.name().to_uppercase());
        let caret = " ".repeat(at + 1);
        format!(
            "{say}: Parse error at column {at}, token \"{text}\" ({kind}), for expression:\n\"{}\"\n{caret}^",
            self.text
        )
    }

    fn incomplete(&self) -> String {
        let caret = " ".repeat(self.text.chars().count() + 1);
        format!("Invalid jmespath expression: Incomplete expression:\n\"{}\"\n{caret}^", self.text)
    }

    fn expect(&mut self, kind: Kind) -> Result<(), String> {
        self.expect_one(&[kind], kind.name().to_string()).map(|_| ())
    }

    fn expect_one(&mut self, kinds: &[Kind], names: String) -> Result<Token, String> {
        let token = self.token();
        if kinds.contains(&token.kind) {
            self.at += 1;
            return Ok(token);
        }
        if token.kind == Kind::Eof {
            return Err(self.incomplete());
        }
        Err(self.wrong(&token, &format!("Expecting: {names}, got: {}", token.kind.name())))
    }

    fn expression(&mut self, power: u8) -> Result<Ast, String> {
        let outside = self.depth;
        self.deeper()?;
        let mut left = self.begin()?;
        while power < self.kind().power() {
            // What goes on holds what came before inside it, so a long row of `|` or `[]` is as deep as brackets are.
            self.deeper()?;
            left = self.go_on(left)?;
        }
        self.depth = outside;
        Ok(left)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err("maximum recursion depth exceeded".into()) } else { Ok(()) }
    }

    /// What may begin an expression.
    fn begin(&mut self) -> Result<Ast, String> {
        let token = self.token();
        self.at += 1;
        match token.kind {
            Kind::Literal => Ok(Ast::Literal(token.value.unwrap_or_default())),
            Kind::Unquoted => Ok(Ast::Field(token.text)),
            Kind::Quoted => {
                if self.kind() == Kind::Lparen {
                    let next = Token { start: 0, ..self.token() };
                    return Err(self.wrong(&next, "Quoted identifier not allowed for function names."));
                }
                Ok(Ast::Field(token.text))
            }
            Kind::Star => {
                let right = if self.kind() == Kind::Rbracket { Ast::Current } else { self.right(Kind::Star.power())? };
                Ok(Ast::ValueProjection(Box::new(Ast::Current), Box::new(right)))
            }
            Kind::Filter => self.filter(Ast::Current),
            Kind::Lbrace => self.map(),
            Kind::Lparen => {
                let inner = self.expression(0)?;
                self.expect(Kind::Rparen)?;
                Ok(inner)
            }
            Kind::Flatten => self.flatten(Ast::Current),
            Kind::Not => Ok(Ast::Not(Box::new(self.expression(Kind::Not.power())?))),
            Kind::Lbracket => match (self.kind(), self.ahead(1)) {
                (Kind::Number | Kind::Colon, _) => self.index(Ast::Current),
                (Kind::Star, Kind::Rbracket) => {
                    self.at += 2;
                    let right = self.right(Kind::Star.power())?;
                    Ok(Ast::Projection(Box::new(Ast::Current), Box::new(right)))
                }
                _ => self.list(),
            },
            Kind::Current => Ok(Ast::Current),
            Kind::Expref => Ok(Ast::Expression(Box::new(self.expression(0)?))),
            Kind::Eof => Err(self.incomplete()),
            _ => Err(self.wrong(&token, "invalid token")),
        }
    }

    /// What may follow an expression.
    fn go_on(&mut self, left: Ast) -> Result<Ast, String> {
        let token = self.token();
        self.at += 1;
        match token.kind {
            Kind::Dot if self.kind() == Kind::Star => {
                self.at += 1;
                let right = self.right(Kind::Dot.power())?;
                Ok(Ast::ValueProjection(Box::new(left), Box::new(right)))
            }
            Kind::Dot => {
                let right = self.after_dot(Kind::Dot.power())?;
                Ok(chained(left, right))
            }
            Kind::Pipe => {
                let right = self.expression(Kind::Pipe.power())?;
                Ok(Ast::Chain(vec![left, right]))
            }
            Kind::Or => Ok(Ast::Or(Box::new(left), Box::new(self.expression(Kind::Or.power())?))),
            Kind::And => Ok(Ast::And(Box::new(left), Box::new(self.expression(Kind::And.power())?))),
            Kind::Lparen => self.function(left),
            Kind::Filter => self.filter(left),
            Kind::Eq | Kind::Ne | Kind::Gt | Kind::Gte | Kind::Lt | Kind::Lte => {
                let right = self.expression(token.kind.power())?;
                Ok(Ast::Compare(token.kind, Box::new(left), Box::new(right)))
            }
            Kind::Flatten => self.flatten(left),
            Kind::Lbracket => {
                if matches!(self.kind(), Kind::Number | Kind::Colon) {
                    return self.index(left);
                }
                self.expect(Kind::Star)?;
                self.expect(Kind::Rbracket)?;
                let right = self.right(Kind::Star.power())?;
                Ok(Ast::Projection(Box::new(left), Box::new(right)))
            }
            _ => Err(self.wrong(&token, "invalid token")),
        }
    }

    fn flatten(&mut self, left: Ast) -> Result<Ast, String> {
        let right = self.right(Kind::Flatten.power())?;
        Ok(Ast::Projection(Box::new(Ast::Flatten(Box::new(left))), Box::new(right)))
    }

    fn filter(&mut self, left: Ast) -> Result<Ast, String> {
        let condition = self.expression(0)?;
        self.expect(Kind::Rbracket)?;
        let right = if self.kind() == Kind::Flatten { Ast::Current } else { self.right(Kind::Filter.power())? };
        Ok(Ast::Filter(Box::new(left), Box::new(right), Box::new(condition)))
    }

    fn function(&mut self, left: Ast) -> Result<Ast, String> {
        let Ast::Field(name) = left else {
            let before = self.tokens.get(self.at.saturating_sub(2)).cloned().unwrap_or_else(|| self.token());
            return Err(self.wrong(&before, &format!("Invalid function name '{}'", before.text)));
        };
        let mut arguments = Vec::new();
        while self.kind() != Kind::Rparen {
            arguments.push(self.expression(0)?);
            if self.kind() == Kind::Comma {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(Ast::Function(name, arguments))
    }

    /// `[3]` or a slice, after the bracket.
    fn index(&mut self, left: Ast) -> Result<Ast, String> {
        if self.kind() != Kind::Colon && self.ahead(1) != Kind::Colon {
            let token = self.token();
            self.at += 1;
            self.expect(Kind::Rbracket)?;
            return Ok(chained(left, Ast::Index(whole(&token.text))));
        }
        let mut parts = [None; 3];
        let mut part = 0;
        while self.kind() != Kind::Rbracket && part < 3 {
            let token = self.token();
            match token.kind {
                Kind::Colon => {
                    part += 1;
                    if part == 3 {
                        return Err(self.wrong(&token, "syntax error"));
                    }
                }
                Kind::Number => {
                    if let Some(slot) = parts.get_mut(part) {
                        *slot = Some(whole(&token.text));
                    }
                }
                _ => return Err(self.wrong(&token, "syntax error")),
            }
            self.at += 1;
        }
        self.expect(Kind::Rbracket)?;
        let right = self.right(Kind::Star.power())?;
        Ok(Ast::Projection(Box::new(chained(left, Ast::Slice(parts))), Box::new(right)))
    }

    fn list(&mut self) -> Result<Ast, String> {
        let mut items = Vec::new();
        loop {
            items.push(self.expression(0)?);
            if self.kind() == Kind::Rbracket {
                break;
            }
            self.expect(Kind::Comma)?;
        }
        self.at += 1;
        Ok(Ast::List(items))
    }

    fn map(&mut self) -> Result<Ast, String> {
        let mut pairs = Vec::new();
        loop {
            let names = "['quoted_identifier', 'unquoted_identifier']".to_string();
            let key = self.expect_one(&[Kind::Quoted, Kind::Unquoted], names)?;
            self.expect(Kind::Colon)?;
            pairs.push((key.text, self.expression(0)?));
            match self.kind() {
                Kind::Comma => self.at += 1,
                Kind::Rbrace => break,
                _ => {}
            }
        }
        self.at += 1;
        Ok(Ast::Map(pairs))
    }

    /// What is done with each element of a projection.
    fn right(&mut self, power: u8) -> Result<Ast, String> {
        match self.kind() {
            kind if kind.power() < PROJECTION_STOP => Ok(Ast::Current),
            Kind::Lbracket | Kind::Filter => self.expression(power),
            Kind::Dot => {
                self.at += 1;
                self.after_dot(power)
            }
            _ => Err(self.wrong(&self.token(), "syntax error")),
        }
    }

    fn after_dot(&mut self, power: u8) -> Result<Ast, String> {
        match self.kind() {
            Kind::Quoted | Kind::Unquoted | Kind::Star => self.expression(power),
            Kind::Lbracket => {
                self.at += 1;
                self.list()
            }
            Kind::Lbrace => {
                self.at += 1;
                self.map()
            }
            kind => {
                let allowed = "['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace']";
                Err(self.wrong(&self.token(), &format!("Expecting: {allowed}, got: {}", kind.name())))
            }
        }
    }
}

fn chained(left: Ast, right: Ast) -> Ast {
    match left {
        Ast::Chain(mut steps) => {
            steps.push(right);
            Ast::Chain(steps)
        }
        left => Ast::Chain(vec![left, right]),
    }
}

fn whole(text: &str) -> i64 {
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

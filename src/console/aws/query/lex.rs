//! A query's words. Does not know what they mean together.

use super::super::node::Node;
use serde_json::Value;

/// Kinds of words, by the names that errors use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    And,
    Colon,
    Comma,
    Current,
    Dot,
    Eof,
    Eq,
    Expref,
    Filter,
    Flatten,
    Gt,
    Gte,
    Lbrace,
    Lbracket,
    Literal,
    Lparen,
    Lt,
    Lte,
    Ne,
    Not,
    Number,
    Or,
    Pipe,
    Quoted,
    Rbrace,
    Rbracket,
    Rparen,
    Star,
    Unquoted,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::And => "and",
            Kind::Colon => "colon",
            Kind::Comma => "comma",
            Kind::Current => "current",
            Kind::Dot => "dot",
            Kind::Eof => "eof",
            Kind::Eq => "eq",
            Kind::Expref => "expref",
            Kind::Filter => "filter",
            Kind::Flatten => "flatten",
            Kind::Gt => "gt",
            Kind::Gte => "gte",
            Kind::Lbrace => "lbrace",
            Kind::Lbracket => "lbracket",
            Kind::Literal => "literal",
            Kind::Lparen => "lparen",
            Kind::Lt => "lt",
            Kind::Lte => "lte",
            Kind::Ne => "ne",
            Kind::Not => "not",
            Kind::Number => "number",
            Kind::Or => "or",
            Kind::Pipe => "pipe",
            Kind::Quoted => "quoted_identifier",
            Kind::Rbrace => "rbrace",
            Kind::Rbracket => "rbracket",
            Kind::Rparen => "rparen",
            Kind::Star => "star",
            Kind::Unquoted => "unquoted_identifier",
        }
    }

    /// How tightly it binds what is before it.
    pub fn power(self) -> u8 {
        match self {
            Kind::Pipe => 1,
            Kind::Or => 2,
            Kind::And => 3,
            Kind::Eq | Kind::Gt | Kind::Lt | Kind::Gte | Kind::Lte | Kind::Ne => 5,
            Kind::Flatten => 9,
            Kind::Star => 20,
            Kind::Filter => 21,
            Kind::Dot => 40,
            Kind::Not => 45,
            Kind::Lbrace => 50,
            Kind::Lbracket => 55,
            Kind::Lparen => 60,
            _ => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    /// Its text; of a literal, what it means.
    pub text: String,
    pub value: Option<Node>,
    /// In characters.
    pub start: usize,
}

/// The words of a query, the end last.
pub fn words(text: &str) -> Result<Vec<Token>, String> {
    if text.is_empty() {
        return Err("Invalid JMESPath expression: cannot be empty.".into());
    }
    let mut lexer = Lexer { source: text, text: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    while lexer.at < lexer.text.len() {
        tokens.extend(lexer.next()?);
    }
    tokens.push(Token { kind: Kind::Eof, text: String::new(), value: None, start: lexer.text.len() });
    Ok(tokens)
}

struct Lexer<'a> {
    source: &'a str,
    text: Vec<char>,
    at: usize,
}

impl Lexer<'_> {
    fn here(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn wrong(&self, at: usize, say: &str) -> String {
        format!("Bad jmespath expression: {say}:\n{}\n{}^", self.source, " ".repeat(at))
    }

    fn next(&mut self) -> Result<Option<Token>, String> {
        let start = self.at;
        let Some(c) = self.here() else { return Ok(None) };
        self.at += 1;
        let token = |kind, text: &str| Ok(Some(Token { kind, text: text.to_string(), value: None, start }));
        match c {
            ' ' | '\t' | '\n' | '\r' => Ok(None),
            '.' => token(Kind::Dot, "."),
            '*' => token(Kind::Star, "*"),
            ']' => token(Kind::Rbracket, "]"),
            ',' => token(Kind::Comma, ","),
            ':' => token(Kind::Colon, ":"),
            '@' => token(Kind::Current, "@"),
            '(' => token(Kind::Lparen, "("),
            ')' => token(Kind::Rparen, ")"),
            '{' => token(Kind::Lbrace, "{"),
            '}' => token(Kind::Rbrace, "}"),
            '[' => match self.here() {
                Some(']') => self.two(start, Kind::Flatten, "[]"),
                Some('?') => self.two(start, Kind::Filter, "[?"),
                _ => token(Kind::Lbracket, "["),
            },
            '|' if self.here() == Some('|') => self.two(start, Kind::Or, "||"),
            '|' => token(Kind::Pipe, "|"),
            '&' if self.here() == Some('&') => self.two(start, Kind::And, "&&"),
            '&' => token(Kind::Expref, "&"),
            '<' if self.here() == Some('=') => self.two(start, Kind::Lte, "<="),
            '<' => token(Kind::Lt, "<"),
            '>' if self.here() == Some('=') => self.two(start, Kind::Gte, ">="),
            '>' => token(Kind::Gt, ">"),
            '!' if self.here() == Some('=') => self.two(start, Kind::Ne, "!="),
            '!' => token(Kind::Not, "!"),
            '=' if self.here() == Some('=') => self.two(start, Kind::Eq, "=="),
            '=' => Err(self.wrong(start, "Unknown token '='")),
            '\'' | '`' | '"' => self.quoted(start, c).map(Some),
            c if c.is_ascii_digit() || c == '-' => self.number(start).map(Some),
            c if c.is_ascii_alphabetic() || c == '_' => {
                while self.here().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.at += 1;
                }
                let text: String = self.text.iter().skip(start).take(self.at - start).collect();
                token(Kind::Unquoted, &text)
            }
            c => Err(self.wrong(start, &format!("Unknown token {c}"))),
        }
    }

    fn two(&mut self, start: usize, kind: Kind, text: &str) -> Result<Option<Token>, String> {
        self.at += 1;
        Ok(Some(Token { kind, text: text.to_string(), value: None, start }))
    }

    fn number(&mut self, start: usize) -> Result<Token, String> {
        while self.here().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let text: String = self.text.iter().skip(start).take(self.at - start).collect();
        if text == "-" {
            return Err(self.wrong(start, "Unknown token '-'"));
        }
        Ok(Token { kind: Kind::Number, text, value: None, start })
    }

    /// What stands between two marks; a backslash keeps the next character from ending it.
    fn quoted(&mut self, start: usize, mark: char) -> Result<Token, String> {
        let mut body = String::new();
        loop {
            let Some(mut c) = self.here() else {
                return Err(self.wrong(start, &format!("Unclosed {mark} delimiter")));
            };
            if c == mark {
                break;
            }
            if c == '\\' {
                body.push('\\');
                self.at += 1;
                let Some(next) = self.here() else {
                    return Err(self.wrong(start, &format!("Unclosed {mark} delimiter")));
                };
                c = next;
            }
            body.push(c);
            self.at += 1;
        }
        self.at += 1;
        match mark {
            '\'' => {
                let text = body.replace("\\'", "'");
                Ok(Token { kind: Kind::Literal, value: Some(Node::text(text.as_str())), text, start })
            }
            '`' => self.literal(start, &body.replace("\\`", "`")),
            _ => {
                let lexeme = format!("\"{body}\"");
                match serde_json::from_str::<String>(&lexeme) {
                    Ok(text) => Ok(Token { kind: Kind::Quoted, text, value: None, start }),
                    Err(_) => {
                        let say = super::super::json_fault::of(&lexeme);
                        Err(self.wrong(start, say.split(':').next().unwrap_or_default()))
                    }
                }
            }
        }
    }

    /// JSON between backticks; what is none is a text, as it used to be.
    fn literal(&self, start: usize, body: &str) -> Result<Token, String> {
        let value = serde_json::from_str::<Value>(body).or_else(|_| {
            let text = format!("\"{}\"", body.trim_start());
            serde_json::from_str::<Value>(&text).map_err(|_| self.wrong(start, &format!("Bad token {body}")))
        })?;
        let node = Node::plain(&value);
        Ok(Token { kind: Kind::Literal, text: node.words(), value: Some(node), start })
    }
}

//! The tokens of awk programs. Does not know their grammar.

/// One token and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub kind: Kind,
    pub at: usize,
    /// A blank stood before it: `f (x)` is a concatenation, `f(x)` a call.
    pub spaced: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// Operators and punctuation.
    Sign(&'static str),
    /// A newline, which ends a statement.
    Newline,
    End,
}

/// Longest first, so that the first that fits is the right one.
const SIGNS: &[&str] = &[
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", ">>", "**", "{",
    "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
];

/// Reads a whole program; the error is a text and where.
pub fn tokens(text: &str) -> Result<Vec<Token>, (String, usize)> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut spaced = false;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c == ' ' || c == '\t' || c == '\r' {
            at += 1;
            spaced = true;
            continue;
        }
        if rest.starts_with("\\\n") {
            at += 2;
            continue;
        }
        if c == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (kind, length) = if c == '\n' {
            (Kind::Newline, 1)
        } else if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit())) {
            number(rest)
        } else if c.is_ascii_alphabetic() || c == '_' {
            let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            (Kind::Name(rest[..length].to_string()), length)
        } else if c == '"' {
            quoted(rest).ok_or_else(|| ("unterminated string".to_string(), at))?
        } else if c == '/' && operand_expected(tokens.last()) {
            regex(rest).ok_or_else(|| ("unterminated regexp".to_string(), at))?
        } else {
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s));
            let sign = sign.ok_or_else(|| (format!("invalid char '{c}' in expression"), at))?;
            (Kind::Sign(sign), sign.len())
        };
        tokens.push(Token { kind, at, spaced });
        at += length;
        spaced = false;
    }
    tokens.push(Token { kind: Kind::End, at: text.len(), spaced });
    Ok(tokens)
}

/// After a value a slash divides; anywhere else it opens a pattern.
fn operand_expected(last: Option<&Token>) -> bool {
    match last.map(|t| &t.kind) {
        Some(Kind::Number(_) | Kind::Text(_) | Kind::Regex(_)) => false,
        Some(Kind::Name(name)) => matches!(name.as_str(), "print" | "printf" | "return" | "in" | "else" | "do"),
        Some(Kind::Sign(sign)) => !matches!(*sign, ")" | "]" | "++" | "--" | "$"),
        _ => true,
    }
}

fn number(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(signed).is_some_and(u8::is_ascii_digit) {
            end = digits(signed);
        }
    }
    (Kind::Number(rest[..end].parse().unwrap_or(0.0)), end)
}

fn quoted(rest: &str) -> Option<(Kind, usize)> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, c)) = letters.next() {
        match c {
            '"' => return Some((Kind::Text(text), at + 1)),
            '\n' => return None,
            '\\' => match letters.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                '"' => text.push('"'),
                '\\' => text.push('\\'),
                '/' => text.push('/'),
                // Kept for the pattern that this text may become.
                other => text.extend(['\\', other]),
            },
            _ => text.push(c),
        }
    }
    None
}

fn regex(rest: &str) -> Option<(Kind, usize)> {
    let mut text = String::new();
    let mut bracket = false;
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = letters.next() {
        match c {
            '\n' => return None,
            '/' if !bracket => return Some((Kind::Regex(text), at + 1)),
            '\\' => {
                let (_, escaped) = letters.next()?;
                if escaped != '/' {
                    text.push('\\');
                }
                text.push(escaped);
            }
            '[' if !bracket => {
                bracket = true;
                text.push(c);
                for first in ['^', ']'] {
                    if letters.peek().is_some_and(|(_, c)| *c == first) {
                        letters.next();
                        text.push(first);
                    }
                }
            }
            ']' => {
                bracket = false;
                text.push(c);
            }
            _ => text.push(c),
        }
    }
    None
}

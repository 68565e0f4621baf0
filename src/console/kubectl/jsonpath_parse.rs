//! Reads kubectl's JSONPath: a template into text, paths and ranges, a path into steps. Does not know any value.

use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Text(String),
    Path(Vec<Step>),
    Range(Vec<Step>, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Root,
    Key(String),
    Every,
    Deep,
    Union(Vec<Step>),
    Index(Index),
    Filter(Operand, Compare, Operand),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Index {
    One(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Literal(Value),
    Path(Vec<Step>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Exists,
    Equal,
    NotEqual,
    Less,
    More,
    AtMost,
    AtLeast,
}

/// Ranges and filters may be nested this deep.
const DEPTH_MAX: usize = 16;

/// Reads a whole template.
pub fn template(text: &str) -> Result<Vec<Node>, String> {
    // The open ranges, the outermost first; each holds its path and what was read inside it.
    let mut open: Vec<(Vec<Step>, Vec<Node>)> = vec![(Vec::new(), Vec::new())];
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        if at > 0 {
            push(&mut open, Node::Text(rest[..at].to_string()));
        }
        let end = closing(&rest[at + 1..]).ok_or_else(|| "unclosed action".to_string())?;
        let body = rest[at + 1..at + 1 + end].trim();
        rest = &rest[at + end + 2..];
        if body == "end" {
            let (path, nodes) = open.pop().filter(|_| !open.is_empty()).ok_or_else(|| "not in range".to_string())?;
            push(&mut open, Node::Range(path, nodes));
        } else if let Some(path) = body.strip_prefix("range ") {
            if open.len() > DEPTH_MAX {
                return Err("ranges are nested too deeply".into());
            }
            open.push((path_steps(path.trim(), 0)?, Vec::new()));
        } else {
            action(body, &mut open)?;
        }
    }
    if !rest.is_empty() {
        push(&mut open, Node::Text(rest.to_string()));
    }
    match open.pop() {
        Some((_, nodes)) if open.is_empty() => Ok(nodes),
        _ => Err("unexpected end of input; no \"end\" for \"range\"".into()),
    }
}

fn push(open: &mut [(Vec<Step>, Vec<Node>)], node: Node) {
    if let Some((_, nodes)) = open.last_mut() {
        nodes.push(node);
    }
}

/// Where the brace closes that was opened before `text`, outside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') => return Some(i),
            _ => {}
        }
    }
    None
}

/// One `{…}`: a quoted text, or paths one after the other.
fn action(body: &str, open: &mut [(Vec<Step>, Vec<Node>)]) -> Result<(), String> {
    if let Some(quote) = body.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inner = body
            .get(1..)
            .and_then(|b| b.strip_suffix(quote))
            .ok_or_else(|| "unterminated quoted string".to_string())?;
        push(open, Node::Text(unescaped(inner)));
        return Ok(());
    }
    push(open, Node::Path(path_steps(body, 0)?));
    Ok(())
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

/// A path as `custom-columns` and `--sort-by` take it: braces and the leading dot may be missing.
pub fn relaxed(text: &str) -> Result<Vec<Step>, String> {
    let body = text.trim();
    let body = body.strip_prefix('{').and_then(|b| b.strip_suffix('}')).unwrap_or(body);
    if body.is_empty() {
        return Err("path expression can not be empty".into());
    }
    let dotted = if body.starts_with(['.', '[', '$', '@']) { body.to_string() } else { format!(".{body}") };
    path_steps(&dotted, 0)
}

/// Reads the steps of one path.
pub fn path_steps(text: &str, depth: usize) -> Result<Vec<Step>, String> {
    if depth > DEPTH_MAX {
        return Err("filters are nested too deeply".into());
    }
    let mut steps = Vec::new();
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '$' => {
                steps.push(Step::Root);
                &rest[1..]
            }
            '@' => &rest[1..],
            '*' => {
                steps.push(Step::Every);
                &rest[1..]
            }
            '.' if rest.starts_with("..") => {
                steps.push(Step::Deep);
                field(&rest[2..], &mut steps)
            }
            '.' => field(&rest[1..], &mut steps),
            '[' => {
                let end = bracket(&rest[1..]).ok_or_else(|| "unterminated array".to_string())?;
                steps.push(subscript(rest[1..1 + end].trim(), depth)?);
                &rest[end + 2..]
            }
            c if c.is_alphanumeric() || c == '_' && steps.is_empty() => {
                return Err(format!("unrecognized identifier {text}"));
            }
            c => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
        };
    }
    Ok(steps)
}

/// A field name up to the next separator; `\` takes the next character as it is. Returns what follows.
fn field<'a>(text: &'a str, steps: &mut Vec<Step>) -> &'a str {
    if let Some(rest) = text.strip_prefix('*') {
        steps.push(Step::Every);
        return rest;
    }
    let mut name = String::new();
    let mut escaped = false;
    let mut end = text.len();
    for (i, c) in text.char_indices() {
        if escaped {
            name.push(c);
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if matches!(c, '.' | '[' | ' ' | ']' | ')' | '=' | '!' | '<' | '>' | '|' | '$' | '@' | '*') {
            end = i;
            break;
        } else {
            name.push(c);
        }
    }
    if !name.is_empty() {
        steps.push(Step::Key(name));
    }
    text[end..].trim_start()
}

/// Where the bracket closes that was opened before `text`.
fn bracket(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(i),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn subscript(body: &str, depth: usize) -> Result<Step, String> {
    if let Some(inner) = body.strip_prefix("?(").and_then(|b| b.strip_suffix(')')) {
        return filter(inner, depth);
    }
    let mut parts = Vec::new();
    for part in split_commas(body) {
        let part = part.trim();
        let quoted = ['\'', '"'].iter().find_map(|q| part.strip_prefix(*q)?.strip_suffix(*q));
        parts.push(match (part, quoted) {
            ("*", _) => Step::Every,
            (_, Some(name)) => Step::Key(unescaped(name)),
            _ => Step::Index(index(part)?),
        });
    }
    match parts.len() {
        0 => Err("invalid array index ".into()),
        1 => Ok(parts.remove(0)),
        _ => Ok(Step::Union(parts)),
    }
}

fn split_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ',') => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn index(text: &str) -> Result<Index, String> {
    let bad = || format!("invalid array index {text}");
    let number = |s: &str| if s.is_empty() { Ok(None) } else { s.parse::<i64>().map(Some).map_err(|_| bad()) };
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [one] => number(one)?.map(Index::One).ok_or_else(bad),
        [start, end] => Ok(Index::Slice { start: number(start)?, end: number(end)?, step: 1 }),
        [start, end, step] => {
            Ok(Index::Slice { start: number(start)?, end: number(end)?, step: number(step)?.unwrap_or(1) })
        }
        _ => Err(bad()),
    }
}

fn filter(body: &str, depth: usize) -> Result<Step, String> {
    const SIGNS: [(&str, Compare); 6] = [
        ("==", Compare::Equal),
        ("!=", Compare::NotEqual),
        ("<=", Compare::AtMost),
        (">=", Compare::AtLeast),
        ("<", Compare::Less),
        (">", Compare::More),
    ];
    let mut quote = None;
    let mut nested = 0;
    for (i, c) in body.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => nested += 1,
            (None, ']') => nested -= 1,
            (None, _) if nested == 0 => {
                if let Some((sign, compare)) = SIGNS.iter().find(|(sign, _)| body[i..].starts_with(sign)) {
                    let (left, right) = (&body[..i], &body[i + sign.len()..]);
                    return Ok(Step::Filter(operand(left, depth)?, *compare, operand(right, depth)?));
                }
            }
            _ => {}
        }
    }
    Ok(Step::Filter(operand(body, depth)?, Compare::Exists, Operand::Literal(Value::Null)))
}

fn operand(text: &str, depth: usize) -> Result<Operand, String> {
    let text = text.trim();
    let quoted = ['\'', '"'].iter().find_map(|q| text.strip_prefix(*q)?.strip_suffix(*q));
    if let Some(inner) = quoted {
        return Ok(Operand::Literal(Value::String(unescaped(inner))));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Operand::Literal(number.into()));
    }
    match text {
        "true" | "false" => Ok(Operand::Literal(Value::Bool(text == "true"))),
        _ => match text.parse::<f64>() {
            Ok(number) => Ok(Operand::Literal(number.into())),
            Err(_) => Ok(Operand::Path(path_steps(text, depth + 1)?)),
        },
    }
}

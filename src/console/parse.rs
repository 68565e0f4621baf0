//! The grammar of a shell line: words, quotes, variables, substitutions, pipes, lists, redirections, with the span of
//! each. Bounded in length and depth. Does not know programs or what a variable holds.

use std::ops::Range;

/// The longest line that is read, in bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// How deep `$( … )` may nest.
const DEPTH_MAX: usize = 8;

/// A list of pipelines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub join: Join,
    pub pipeline: Pipeline,
}

/// What must be true of the pipeline before, for this one to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    #[default]
    Then,
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// `! command` turns the exit code round.
    pub negated: bool,
    pub commands: Vec<Command>,
    pub span: Range<usize>,
}

/// One stage of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    pub assigns: Vec<(String, Word)>,
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
    pub span: Range<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    pub parts: Vec<Part>,
    pub span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text {
        text: String,
        quoted: bool,
    },
    /// `$NAME`, `${NAME}`, `${NAME:-fallback}`, `$?`.
    Variable {
        name: String,
        fallback: String,
        quoted: bool,
    },
    /// `$( … )` or backquotes.
    Substitution {
        script: Script,
        quoted: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    pub kind: RedirectKind,
    pub target: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `>`
    Write,
    /// `>>`
    Append,
    /// `<`
    Read,
    /// `2>` and `2>>`
    Errors,
    /// `2>&1`
    ErrorsToOutput,
    /// `>&2`
    OutputToErrors,
    /// `&>`
    Both,
    /// `<<EOF`, `<<<`: the target is the text itself.
    Text,
}

/// Why a line cannot be read: bash's words, where, and our hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    pub span: Range<usize>,
    pub hint: String,
}

/// Reads a line.
pub fn parse(line: &str) -> Result<Script, Fault> {
    if line.len() > LINE_BYTES_MAX {
        return Err(Fault {
            message: format!("bash: the line is longer than {LINE_BYTES_MAX} bytes"),
            span: 0..0,
            hint: String::new(),
        });
    }
    let mut scanner = Scanner { text: line, at: 0, depth: 0, bodies: None };
    scanner.script(None)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Where the newline before the bodies of here-documents is, and where the line after them begins.
    bodies: Option<(usize, usize)>,
}

/// Words that begin a compound command of bash, which this shell does not have.
const KEYWORDS: &[&str] = &["[[", "case", "for", "function", "if", "select", "until", "while", "{"];

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n'
            && let Some((newline, resume)) = self.bodies
            && newline + 1 == self.at
        {
            self.at = resume;
            self.bodies = None;
        }
        Some(c)
    }

    fn fault<T>(&self, message: impl Into<String>, span: Range<usize>, hint: &str) -> Result<T, Fault> {
        Err(Fault { message: message.into(), span, hint: hint.to_string() })
    }

    fn unexpected<T>(&self, hint: &str) -> Result<T, Fault> {
        let rest = self.rest();
        let token = ["&&", "||", ";;", "|&", ">>", "<<", "|", "&", ";", "(", ")", "<", ">"]
            .into_iter()
            .find(|t| rest.starts_with(t))
            .unwrap_or("newline");
        self.fault(
            format!("bash: syntax error near unexpected token `{token}'"),
            self.at..self.at + if token == "newline" { 0 } else { token.len() },
            hint,
        )
    }

    /// Blanks, continuations and a comment.
    fn skip_blanks(&mut self) {
        loop {
            if self.rest().starts_with("\\\n") {
                self.at += 2;
            } else if matches!(self.peek(), Some(' ' | '\t' | '\r')) {
                self.bump();
            } else if self.peek() == Some('#') {
                let rest = self.rest();
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return;
            }
        }
    }

    fn skip_newlines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.bump();
            self.skip_blanks();
        }
    }

    fn script(&mut self, closing: Option<char>) -> Result<Script, Fault> {
        let mut script = Script::default();
        let mut join = Join::Then;
        loop {
            self.skip_newlines();
            if self.peek().is_none() || (self.peek() == closing && closing.is_some()) {
                if join != Join::Then {
                    return self.fault(
                        "bash: syntax error: unexpected end of file",
                        self.at..self.at,
                        "a command is missing here",
                    );
                }
                return Ok(script);
            }
            let pipeline = self.pipeline(closing)?;
            script.items.push(Item { join, pipeline });
            self.skip_blanks();
            let rest = self.rest();
            join = if rest.starts_with("&&") {
                self.at += 2;
                Join::And
            } else if rest.starts_with("||") {
                self.at += 2;
                Join::Or
            } else if rest.starts_with(";;") {
                return self.unexpected("one `;' is enough");
            } else if rest.starts_with([';', '\n']) {
                self.bump();
                Join::Then
            } else if rest.starts_with('&') {
                return self.unexpected("nothing runs in the background here: open the command in a pane of its own");
            } else if rest.is_empty() || self.peek() == closing {
                Join::Then
            } else {
                return self.unexpected("");
            };
        }
    }

    fn pipeline(&mut self, closing: Option<char>) -> Result<Pipeline, Fault> {
        let start = self.at;
        let mut negated = false;
        while self.rest().starts_with("! ") {
            negated = !negated;
            self.at += 1;
            self.skip_blanks();
        }
        let mut commands = vec![self.command(closing)?];
        let mut end = self.at;
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if rest.starts_with("||") || !rest.starts_with('|') {
                break;
            }
            self.at += 1;
            if self.peek() == Some('&') {
                self.at += 1;
                if let Some(last) = commands.last_mut() {
                    last.redirects.push(Redirect { kind: RedirectKind::ErrorsToOutput, target: Word::default() });
                }
            }
            self.skip_newlines();
            if self.peek().is_none() {
                return self.fault(
                    "bash: syntax error: unexpected end of file",
                    self.at..self.at,
                    "a command is missing after the pipe",
                );
            }
            commands.push(self.command(closing)?);
            end = self.at;
        }
        Ok(Pipeline { negated, commands, span: start..end })
    }

    fn command(&mut self, closing: Option<char>) -> Result<Command, Fault> {
        let mut command = Command { span: self.at..self.at, ..Command::default() };
        loop {
            self.skip_blanks();
            if self.rest().starts_with("&>") || self.redirect_ahead() {
                let redirect = self.redirect()?;
                command.redirects.push(redirect);
                command.span.end = self.at;
                continue;
            }
            match self.peek() {
                None | Some('\n' | ';' | '|' | '&' | ')') => break,
                Some(c) if Some(c) == closing => break,
                Some('(') => {
                    return self
                        .unexpected("this shell has no functions and no subshells; quote a bracket that is text");
                }
                Some(_) => {}
            }
            let mut word = self.word(closing)?;
            command.span.end = self.at;
            if command.words.is_empty()
                && let Some((name, value)) = assignment(&mut word)
            {
                command.assigns.push((name, value));
                continue;
            }
            if command.words.is_empty()
                && let [Part::Text { text, quoted: false }] = word.parts.as_slice()
                && KEYWORDS.contains(&text.as_str())
            {
                let message = format!("bash: syntax error near unexpected token `{text}'");
                return self.fault(
                    message,
                    word.span,
                    "this shell runs pipelines, && and ||; for a loop there are `watch` and `xargs`",
                );
            }
            command.words.push(word);
        }
        if command.words.is_empty() && command.assigns.is_empty() && command.redirects.is_empty() {
            return self.unexpected("a command is missing here");
        }
        Ok(command)
    }

    /// True if a redirection begins here: `<`, `>`, `2>`.
    fn redirect_ahead(&self) -> bool {
        let rest = self.rest();
        rest.starts_with(['<', '>']) || ["1>", "2>", "0<"].iter().any(|t| rest.starts_with(t))
    }

    fn redirect(&mut self) -> Result<Redirect, Fault> {
        const OPERATORS: &[(&str, RedirectKind)] = &[
            ("&>>", RedirectKind::Both),
            ("&>", RedirectKind::Both),
            ("2>&1", RedirectKind::ErrorsToOutput),
            ("2>>", RedirectKind::Errors),
            ("2>", RedirectKind::Errors),
            ("1>&2", RedirectKind::OutputToErrors),
            (">&2", RedirectKind::OutputToErrors),
            ("1>>", RedirectKind::Append),
            (">>", RedirectKind::Append),
            ("1>", RedirectKind::Write),
            (">|", RedirectKind::Write),
            (">", RedirectKind::Write),
            ("<<<", RedirectKind::Text),
            ("<<-", RedirectKind::Text),
            ("<<", RedirectKind::Text),
            ("0<", RedirectKind::Read),
            ("<", RedirectKind::Read),
        ];
        let start = self.at;
        let found = OPERATORS.iter().find(|(operator, _)| self.rest().starts_with(operator));
        let Some((operator, kind)) = found else { return self.unexpected("") };
        self.at += operator.len();
        if matches!(kind, RedirectKind::ErrorsToOutput | RedirectKind::OutputToErrors) {
            return Ok(Redirect { kind: *kind, target: Word::default() });
        }
        self.skip_blanks();
        if matches!(self.peek(), None | Some('\n' | ';' | '|' | '&' | ')' | '(' | '<' | '>')) {
            return self.unexpected("the name of a file is missing here");
        }
        let target = self.word(None)?;
        let target = match *operator {
            "<<" | "<<-" => self.here_document(&target, start, *operator == "<<-")?,
            _ => target,
        };
        Ok(Redirect { kind: *kind, target })
    }

    /// Reads the body of a here-document, which stands after the end of the current line.
    fn here_document(&mut self, delimiter: &Word, start: usize, strip: bool) -> Result<Word, Fault> {
        let mut end_word = String::new();
        let mut expands = true;
        for part in &delimiter.parts {
            if let Part::Text { text, quoted } = part {
                end_word.push_str(text);
                expands &= !quoted;
            }
        }
        let (newline, mut at) = match self.bodies {
            Some(bodies) => bodies,
            None => match self.rest().find('\n') {
                Some(n) => (self.at + n, self.at + n + 1),
                None => {
                    let message = format!(
                        "bash: warning: here-document at line 1 delimited by end-of-file (wanted `{end_word}')"
                    );
                    return self.fault(message, start..self.at, "the text and its end word go on the lines below");
                }
            },
        };
        let body_start = at;
        let mut body = String::new();
        loop {
            let rest = &self.text[at..];
            if rest.is_empty() {
                let message =
                    format!("bash: warning: here-document at line 1 delimited by end-of-file (wanted `{end_word}')");
                return self.fault(message, start..start + 2, &format!("close it with a line that says {end_word}"));
            }
            let length = rest.find('\n').unwrap_or(rest.len());
            let line = if strip { rest[..length].trim_start_matches('\t') } else { &rest[..length] };
            at += length + usize::from(length < rest.len());
            if line.trim_end_matches('\r') == end_word {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        self.bodies = Some((newline, at));
        let span = body_start..at;
        if !expands {
            return Ok(Word { parts: vec![Part::Text { text: body, quoted: true }], span });
        }
        let mut inner = Scanner { text: &body, at: 0, depth: self.depth, bodies: None };
        let mut word = Word { parts: Vec::new(), span: span.clone() };
        inner.quoted_run(&mut word, None).map_err(|fault| Fault { span, ..fault })?;
        Ok(word)
    }

    fn word(&mut self, closing: Option<char>) -> Result<Word, Fault> {
        let start = self.at;
        let mut word = Word { parts: Vec::new(), span: start..start };
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' => break,
                _ if Some(c) == closing => break,
                '\\' => {
                    self.bump();
                    match self.peek() {
                        Some('\n') => {
                            self.bump();
                        }
                        Some(escaped) => {
                            self.bump();
                            push_text(&mut word, escaped, true);
                        }
                        None => push_text(&mut word, '\\', false),
                    }
                }
                '\'' => self.single_quoted(&mut word)?,
                '"' => {
                    let open = self.at;
                    self.bump();
                    mark_quoted(&mut word);
                    self.quoted_run(&mut word, Some(open))?;
                }
                '$' if self.rest().starts_with("$'") => self.ansi_quoted(&mut word)?,
                '$' => self.dollar(&mut word, false)?,
                '`' => self.substitution(&mut word, false)?,
                _ => {
                    self.bump();
                    push_text(&mut word, c, false);
                }
            }
        }
        word.span.end = self.at;
        Ok(word)
    }

    fn single_quoted(&mut self, word: &mut Word) -> Result<(), Fault> {
        let open = self.at;
        self.at += 1;
        let Some(length) = self.rest().find('\'') else {
            return self.fault(
                "bash: unexpected EOF while looking for matching `''",
                open..open + 1,
                "the quote that opens here is never closed",
            );
        };
        let text = self.rest()[..length].to_string();
        self.at += length + 1;
        word.parts.push(Part::Text { text, quoted: true });
        Ok(())
    }

    /// `$'…'`, with the escapes that people type: newline, tab, quote, backslash.
    fn ansi_quoted(&mut self, word: &mut Word) -> Result<(), Fault> {
        let open = self.at;
        self.at += 2;
        let mut text = String::new();
        loop {
            match self.bump() {
                None => {
                    return self.fault(
                        "bash: unexpected EOF while looking for matching `''",
                        open..open + 2,
                        "the quote that opens here is never closed",
                    );
                }
                Some('\'') => break,
                Some('\\') => match self.bump() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('0') => text.push('\u{0}'),
                    Some(c @ ('\\' | '\'' | '"')) => text.push(c),
                    Some(c) => text.extend(['\\', c]),
                    None => text.push('\\'),
                },
                Some(c) => text.push(c),
            }
        }
        word.parts.push(Part::Text { text, quoted: true });
        Ok(())
    }

    /// Text in which only `$`, backquotes and some backslashes mean something: up to the closing `"`, or (a
    /// here-document, `open` is `None`) to the end.
    fn quoted_run(&mut self, word: &mut Word, open: Option<usize>) -> Result<(), Fault> {
        loop {
            match self.peek() {
                None => match open {
                    None => return Ok(()),
                    Some(open) => {
                        return self.fault(
                            "bash: unexpected EOF while looking for matching `\"'",
                            open..open + 1,
                            "the quote that opens here is never closed",
                        );
                    }
                },
                Some('"') if open.is_some() => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => self.at += 1,
                        Some(c @ ('$' | '`' | '\\')) => {
                            self.at += 1;
                            push_text(word, c, true);
                        }
                        Some('"') if open.is_some() => {
                            self.at += 1;
                            push_text(word, '"', true);
                        }
                        _ => push_text(word, '\\', true),
                    }
                }
                Some('$') => self.dollar(word, true)?,
                Some('`') => self.substitution(word, true)?,
                Some(c) => {
                    self.at += c.len_utf8();
                    push_text(word, c, true);
                }
            }
        }
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        if rest.starts_with("((") {
            return self.fault(
                "bash: $((: arithmetic is not part of this shell",
                start..start + 3,
                "awk can reckon: awk 'BEGIN { print 6*7 }'",
            );
        }
        if rest.starts_with('(') {
            self.at = start;
            return self.substitution(word, quoted);
        }
        if rest.starts_with('{') {
            let Some(length) = rest.find('}') else {
                return self.fault(
                    "bash: unexpected EOF while looking for matching `}'",
                    start..start + 2,
                    "the brace that opens here is never closed",
                );
            };
            let body = &rest[1..length];
            let (name, fallback) = body.split_once(":-").or_else(|| body.split_once('-')).unwrap_or((body, ""));
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '?') {
                let message = format!("bash: ${{{body}}}: bad substitution");
                return self.fault(message, start..start + length + 2, "known are ${NAME} and ${NAME:-otherwise}");
            }
            if fallback.contains(['$', '`']) {
                let message = format!("bash: ${{{body}}}: bad substitution");
                let hint = "what stands in place of a missing value is plain text in this shell";
                return self.fault(message, start..start + length + 2, hint);
            }
            let part = Part::Variable { name: name.to_string(), fallback: fallback.to_string(), quoted };
            self.at += length + 1;
            word.parts.push(part);
            return Ok(());
        }
        let length = match rest.chars().next() {
            Some('?') => 1,
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            _ => 0,
        };
        if length == 0 {
            push_text(word, '$', quoted);
            return Ok(());
        }
        let name = rest[..length].to_string();
        self.at += length;
        word.parts.push(Part::Variable { name, fallback: String::new(), quoted });
        Ok(())
    }

    fn substitution(&mut self, word: &mut Word, quoted: bool) -> Result<(), Fault> {
        let start = self.at;
        let closing = if self.peek() == Some('`') { '`' } else { ')' };
        self.at += if closing == '`' { 1 } else { 2 };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.fault(
                format!("bash: $( nested deeper than {DEPTH_MAX}"),
                start..self.at,
                "keep a part in a variable: POD=$(…)",
            );
        }
        let outer = self.bodies.take();
        let script = self.script(Some(closing))?;
        self.bodies = outer;
        if self.peek() != Some(closing) {
            return self.fault(
                format!("bash: unexpected EOF while looking for matching `{closing}'"),
                start..self.at.min(start + 2),
                "the substitution that opens here is never closed",
            );
        }
        self.at += 1;
        self.depth -= 1;
        word.parts.push(Part::Substitution { script, quoted });
        Ok(())
    }
}

fn push_text(word: &mut Word, c: char, quotes: bool) {
    match word.parts.last_mut() {
        Some(Part::Text { text, quoted }) if *quoted == quotes => text.push(c),
        _ => word.parts.push(Part::Text { text: c.to_string(), quoted: quotes }),
    }
}

/// An empty pair of quotes is still a word.
fn mark_quoted(word: &mut Word) {
    word.parts.push(Part::Text { text: String::new(), quoted: true });
}

/// Splits `NAME=value` if the word is one.
fn assignment(word: &mut Word) -> Option<(String, Word)> {
    let Some(Part::Text { text, quoted: false }) = word.parts.first() else { return None };
    let (name, value) = text.split_once('=')?;
    let mut letters = name.chars();
    let first = letters.next()?;
    if !(first.is_ascii_alphabetic() || first == '_') || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let (name, value) = (name.to_string(), value.to_string());
    let mut rest = std::mem::take(word);
    rest.parts[0] = Part::Text { text: value, quoted: false };
    Some((name, rest))
}

//! POSIX regular expressions, basic and extended, written as the regex library reads them: linear in time whatever the
//! pattern. Does not know what is searched.

use regex::{Regex, RegexBuilder};

/// The dialect a pattern is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `\( \| \+` are operators, `( | +` are text (grep, sed).
    Basic,
    /// `( | +` are operators (grep -E, sed -E, awk).
    Extended,
    /// Everything is text.
    Fixed,
    /// Perl's, as far as it is regular (grep -P, jq).
    Perl,
}

/// A compiled pattern may take so many bytes; a hostile one is refused.
const PATTERN_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What is asked of the whole pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    Exact,
    Ignored,
}

/// Compiles a pattern; the error is in grep's words, without the tool's name.
pub fn compile(pattern: &str, dialect: Dialect, case: Case) -> Result<Regex, String> {
    let translated = translate(pattern, dialect)?;
    RegexBuilder::new(&translated)
        .case_insensitive(case == Case::Ignored)
        .size_limit(PATTERN_BYTES_MAX)
        .dfa_size_limit(PATTERN_BYTES_MAX)
        .nest_limit(100)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "Regular expression too big".to_string(),
            _ => words(&error.to_string()),
        })
}

/// The library's complaint in glibc's words.
fn words(error: &str) -> String {
    let known = [
        ("unclosed group", "Unmatched ( or \\("),
        ("unopened group", "Unmatched ) or \\)"),
        ("unclosed character class", "Unmatched [, [^, [:, [., or [="),
        ("repetition operator missing", "Invalid preceding regular expression"),
        ("unclosed counted repetition", "Unmatched \\{"),
        ("repetition quantifier", "Invalid content of \\{\\}"),
        ("invalid repetition count", "Invalid content of \\{\\}"),
        ("invalid character class range", "Invalid range end"),
        ("invalid escape", "Trailing backslash"),
        ("incomplete escape", "Trailing backslash"),
        ("look-around", "look-ahead and look-behind are not regular and not supported"),
        ("backreferences", "back-references are not regular and not supported"),
    ];
    let found = known.iter().find(|(part, _)| error.contains(part));
    found.map_or("Invalid regular expression", |(_, text)| text).to_string()
}

/// Writes a POSIX pattern in the library's syntax.
pub fn translate(pattern: &str, dialect: Dialect) -> Result<String, String> {
    match dialect {
        Dialect::Fixed => return Ok(regex::escape(pattern)),
        Dialect::Perl => return Ok(pattern.to_string()),
        Dialect::Basic | Dialect::Extended => {}
    }
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern.chars().peekable();
    // At the start of an expression `*` is text, and in a basic one `^` is an anchor only there.
    let mut start = true;
    while let Some(c) = rest.next() {
        let was_start = std::mem::replace(&mut start, false);
        match (c, dialect) {
            ('[', _) => bracket(&mut rest, &mut out)?,
            ('\\', _) => {
                let Some(escaped) = rest.next() else { return Err("Trailing backslash".to_string()) };
                start = escape(escaped, dialect, &mut out)?;
            }
            ('*', _) if was_start => out.push_str("\\*"),
            ('^', Dialect::Basic) if !was_start => out.push_str("\\^"),
            ('^', _) => {
                out.push('^');
                start = true;
            }
            ('$', Dialect::Basic) => {
                // An anchor only at the end of an expression.
                let mut ahead = rest.clone();
                let ends = matches!((ahead.next(), ahead.next()), (None, _) | (Some('\\'), Some(')' | '|')));
                out.push_str(if ends { "$" } else { "\\$" });
            }
            ('(' | ')' | '|' | '+' | '?' | '{' | '}', Dialect::Basic) => {
                out.push('\\');
                out.push(c);
            }
            ('{', _) if !counts(rest.clone()) => out.push_str("\\{"),
            ('}', _) if !open_count(&out) => out.push_str("\\}"),
            ('(' | '|', _) => {
                out.push(c);
                start = true;
            }
            ('+' | '?', _) if was_start => {
                out.push('\\');
                out.push(c);
            }
            // A second operator repeats the repetition in POSIX; the library would read `a*?` as lazy.
            ('*' | '+' | '?', _) => push_repeat(c, &mut out),
            ('#' | '&' | '-' | '~', _) => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    Ok(out)
}

fn push_repeat(c: char, out: &mut String) {
    let repeated =
        out.ends_with(['*', '+', '?']) && !out.ends_with("\\*") && !out.ends_with("\\+") && !out.ends_with("\\?");
    if repeated {
        // `a**` is `a*`; any other pair means "any number of times" too.
        out.pop();
        out.push('*');
    } else {
        out.push(c);
    }
}

/// True if what follows a `{` is a count: `2}`, `2,}`, `,3}`, `2,3}`.
fn counts(rest: impl Iterator<Item = char>) -> bool {
    let body: String = rest.take_while(|c| *c != '}').take(12).collect();
    !body.is_empty() && body.chars().all(|c| c.is_ascii_digit() || c == ',') && body != ","
}

/// True if `out` ends in an open count.
fn open_count(out: &str) -> bool {
    let body = out.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
    body.ends_with('{') && !body.ends_with("\\{")
}

/// Writes an escaped character; true if an expression starts after it.
fn escape(escaped: char, dialect: Dialect, out: &mut String) -> Result<bool, String> {
    match (escaped, dialect) {
        ('(' | '|', Dialect::Basic) => {
            out.push(escaped);
            return Ok(true);
        }
        (')' | '{' | '}', Dialect::Basic) => out.push(escaped),
        ('+' | '?', Dialect::Basic) => push_repeat(escaped, out),
        ('1'..='9', _) => return Err("back-references are not regular and not supported".to_string()),
        ('w' | 'W' | 's' | 'S' | 'b' | 'B' | 'd' | 'D', _) => out.extend(['\\', escaped]),
        ('<', _) => out.push_str("\\b{start}"),
        ('>', _) => out.push_str("\\b{end}"),
        ('`', _) => out.push_str("\\A"),
        ('\'', _) => out.push_str("\\z"),
        ('n', _) => out.push('\n'),
        ('t', _) => out.push('\t'),
        ('r', _) => out.push('\r'),
        _ => out.push_str(&regex::escape(&escaped.to_string())),
    }
    Ok(false)
}

/// A bracket expression: a backslash in it is text, classes are kept, the library's own set operators are escaped.
fn bracket(rest: &mut std::iter::Peekable<std::str::Chars>, out: &mut String) -> Result<(), String> {
    const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
    out.push('[');
    if rest.peek() == Some(&'^') {
        rest.next();
        out.push('^');
    }
    let mut first = true;
    loop {
        let Some(c) = rest.next() else { return Err(UNMATCHED.to_string()) };
        match c {
            ']' if !first => break,
            '[' if rest.peek() == Some(&':') => {
                rest.next();
                let mut name = String::new();
                loop {
                    match rest.next() {
                        Some(':') if rest.peek() == Some(&']') => break,
                        Some(letter) if name.len() < 12 => name.push(letter),
                        _ => return Err(UNMATCHED.to_string()),
                    }
                }
                rest.next();
                const CLASSES: &[&str] = &[
                    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
                    "xdigit",
                ];
                if !CLASSES.contains(&name.as_str()) {
                    return Err("Invalid character class name".to_string());
                }
                out.push_str(&format!("[:{name}:]"));
            }
            '\\' => match rest.peek() {
                // GNU's tools take these three as escapes inside brackets as awk does; the rest is a plain backslash.
                Some('t') => {
                    rest.next();
                    out.push('\t');
                }
                Some('n') => {
                    rest.next();
                    out.push('\n');
                }
                Some('/' | '.' | '-' | ']' | '[' | '"') => {
                    if let Some(c) = rest.next() {
                        out.extend(['\\', c]);
                    }
                }
                _ => out.push_str("\\\\"),
            },
            '-' if !first && rest.peek() != Some(&']') => out.push('-'),
            '[' | ']' | '&' | '~' | '-' | '^' => out.extend(['\\', c]),
            _ => out.push(c),
        }
        first = false;
    }
    out.push(']');
    Ok(())
}

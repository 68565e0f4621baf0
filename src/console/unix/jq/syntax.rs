//! jq's grammar, which comes from a library, behind bounds on length and depth, with jq's words for mistakes. Does not
//! run programs.

use jaq_core::load::lex::{Lexer, Tok, Token};
use jaq_core::load::parse::{Def, Parser, Term};

pub type Tree<'a> = Term<&'a str>;
pub type Definition<'a> = Def<&'a str, Tree<'a>>;

/// The longest program, in bytes, and the most that may nest in it: the grammar recurses.
const PROGRAM_BYTES_MAX: usize = 16 * 1024;
const BRACKETS_MAX: usize = 40;
const PREFIXES_MAX: usize = 300;

/// What the language defines in itself; a definition sees itself and those before it.
pub const PRELUDE: &str = r#"
def map(f): [.[] | f];
def select(f): if f then . else empty end;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def map_values(f): .[] |= f;
def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];
def from_entries: reduce .[] as $x ({}; .[$x | (if .key == null then .k // .name // .Name // .K // .Key else .key end) | if type == "string" then . else tojson end] = ($x | if has("value") then .value elif has("v") then .v else .Value end));
def with_entries(f): to_entries | map(f) | from_entries;
def recurse: ..;
def recurse(f; c): recurse(f | select(c));
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def del(f): delpaths([path(f)]);
def pick(f): . as $all | reduce path(f) as $p (null; setpath($p; $all | getpath($p)));
def first(f): label $done | (f | ., break $done);
def isempty(f): label $done | ((f | false, break $done), true);
def any(g; c): isempty(g | c | select(.)) | not;
def any(f): any(.[]; f);
def any: any(.[]; .);
def all(g; c): isempty(g | c | select(. | not));
def all(f): all(.[]; f);
def all: all(.[]; .);
def limit($n; f): if $n > 0 then label $done | foreach f as $x (0; . + 1; $x, if . >= $n then break $done else empty end) else empty end;
def skip($n; f): foreach f as $x ($n; . - 1; if . < 0 then $x else empty end);
def last(f): reduce f as $x (null; $x);
def nth($n): .[$n];
def nth($n; f): last(limit($n + 1; f));
def first: .[0];
def last: .[-1];
def add(f): reduce f as $x (null; . + $x);
def range($n): range(0; $n; 1);
def range($a; $b): range($a; $b; 1);
def in(o): . as $k | o | has($k);
def inside(o): . as $part | o | contains($part);
def toarray: if type == "array" then . else [.] end;
def splits(re): split(re; null) | .[];
def splits(re; flags): split(re; flags) | .[];
def test(re): test(re; null);
def match(re): match(re; null);
def capture(re; flags): match(re; flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture(re): capture(re; null);
def scan(re; flags): match(re; "g" + flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def scan(re): scan(re; null);
def sub(re; f): sub(re; f; "");
def gsub(re; f): sub(re; f; "g");
def gsub(re; f; flags): sub(re; f; flags + "g");
def walk(f): def w: (if type == "object" then map_values(w) elif type == "array" then map(w) else . end) | f; w;
def transpose: if . == [] then [] else . as $in | (map(length) | max) as $max | [range(0; $max) as $j | [range(0; $in | length) as $i | $in[$i][$j]]] end;
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(s; f): reduce s as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def date: todate;
def debug: .;
def debug(f): .;
def finites: select(isinfinite or isnan | not);
"#;

/// Reads a program; the error is jq's page.
pub fn parse(text: &str) -> Result<Tree<'_>, Vec<String>> {
    if text.len() > PROGRAM_BYTES_MAX {
        return Err(vec![format!("jq: error: the program is longer than {PROGRAM_BYTES_MAX} bytes")]);
    }
    if nests_too_deep(text) {
        return Err(vec!["jq: error: the program is nested too deep".to_string()]);
    }
    if text.trim().is_empty() {
        return Ok(Term::Id);
    }
    let tokens = Lexer::new(text).lex().map_err(|errors| {
        let (expected, found) = &errors[0];
        let what = if found.is_empty() {
            format!("unexpected end of file, expecting {}", expected.as_str())
        } else {
            "unexpected INVALID_CHARACTER".to_string()
        };
        page(text, found, &what)
    })?;
    if prefixes(&tokens) > PREFIXES_MAX {
        return Err(vec!["jq: error: the program is nested too deep".to_string()]);
    }
    Parser::new(&tokens).parse(|parser| parser.term()).map_err(|errors| {
        let Some((expected, found)) = errors.first() else { return page(text, "", "syntax error") };
        let found_text = Token::opt_as_str(*found, text);
        let what = match found {
            None => format!("unexpected end of file, expecting {}", expected.as_str()),
            Some(_) => format!("unexpected {found_text:.40}, expecting {}", expected.as_str()),
        };
        page(text, found_text, &what)
    })
}

/// jq's page of a syntax error: what, where, the line and a caret.
fn page(text: &str, found: &str, what: &str) -> Vec<String> {
    let at = crate::console::unix::floor(text, (found.as_ptr() as usize).saturating_sub(text.as_ptr() as usize));
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let number = text[..start].matches('\n').count() + 1;
    let line: String = text[start..].lines().next().unwrap_or("").chars().take(200).collect();
    let column = crate::stdx::text::width(&text[start..at]);
    vec![
        format!("jq: error: syntax error, {what} at <top-level>, line {number}, column {}:", column + 1),
        format!("    {line}"),
        format!("    {}^", " ".repeat(column.min(200))),
        "jq: 1 compile error".to_string(),
    ]
}

/// Counts brackets, quotes included: a text in quotes may hold more of them, which only makes the bound stricter.
fn nests_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return true;
        }
    }
    false
}

/// Words that make the grammar recurse without a bracket, and operators that lengthen a chain.
fn prefixes(tokens: &[Token<&str>]) -> usize {
    tokens
        .iter()
        .map(|Token(text, kind)| match kind {
            Tok::Block(inner) => prefixes(inner),
            Tok::Word => {
                usize::from(matches!(*text, "def" | "if" | "try" | "label" | "reduce" | "foreach" | "catch" | "as"))
            }
            Tok::Sym => usize::from(!text.starts_with('.')),
            _ => 0,
        })
        .sum()
}

/// The prelude's definitions.
pub fn prelude() -> Vec<Definition<'static>> {
    let tokens = Lexer::new(PRELUDE).lex().unwrap_or_default();
    Parser::new(&tokens).parse(|parser| parser.defs()).unwrap_or_default()
}

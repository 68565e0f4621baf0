//! How go-yaml v2 writes one scalar: which style it takes, and the text of each style. Does not know trees.

use regex::Regex;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What libyaml's emitter finds out about a scalar before it chooses a style.
#[derive(Default)]
struct Analysis {
    plain: bool,
    single: bool,
    block: bool,
}

/// The style of a string in value position.
pub fn value_style(text: &str) -> Style {
    let wanted = match (text.contains('\n'), resolves_to_text(text)) {
        (true, _) => Style::Literal,
        (false, true) => Style::Plain,
        (false, false) => Style::Double,
    };
    let found = analyse(text);
    let mut style = wanted;
    if style == Style::Plain && !found.plain {
        style = Style::Single;
    }
    if style == Style::Single && !found.single {
        style = Style::Double;
    }
    if style == Style::Literal && !found.block {
        style = Style::Double;
    }
    style
}

/// The style of a mapping key: as a value, but never a block.
pub fn key_style(text: &str) -> Style {
    match value_style(text) {
        Style::Literal => Style::Double,
        Style::Plain if text.is_empty() => Style::Single,
        other => other,
    }
}

/// The text of a scalar. `fold` is the width after which lines break and the column where the scalar starts; `indent` is
/// where continued lines start. Also says at which column it ends.
pub fn render(text: &str, style: Style, fold: Option<(usize, usize)>, indent: usize) -> (String, usize) {
    let mut out = Folder { out: String::new(), column: fold.map_or(0, |f| f.1), best: fold.map(|f| f.0), indent };
    match style {
        Style::Plain => out.plain(text),
        Style::Single => out.single(text),
        Style::Double => out.double(text),
        Style::Literal => out.literal(text),
    }
    (out.out, out.column)
}

struct Folder {
    out: String,
    column: usize,
    best: Option<usize>,
    indent: usize,
}

impl Folder {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column = if c == '\n' { 0 } else { self.column + 1 };
    }

    fn break_line(&mut self) {
        self.put('\n');
        for _ in 0..self.indent {
            self.put(' ');
        }
    }

    fn beyond(&self) -> bool {
        self.best.is_some_and(|best| self.column > best)
    }

    fn plain(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                if !spaces && self.beyond() && chars.get(i + 1) != Some(&' ') {
                    self.break_line();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
    }

    fn single(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        self.put('\'');
        for (i, &c) in chars.iter().enumerate() {
            if c == ' ' {
                let inner = i > 0 && i + 1 < chars.len();
                if !spaces && self.beyond() && inner && chars.get(i + 1) != Some(&' ') {
                    self.break_line();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                spaces = false;
            }
        }
        self.put('\'');
    }

    fn double(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let mut spaces = false;
        self.put('"');
        for (i, &c) in chars.iter().enumerate() {
            if !printable(c) || is_break(c) || c == '"' || c == '\\' {
                for e in escape(c).chars() {
                    self.put(e);
                }
                spaces = false;
            } else if c == ' ' {
                if !spaces && self.beyond() && i > 0 && i + 1 < chars.len() {
                    self.break_line();
                    if chars.get(i + 1) == Some(&' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.put('"');
    }

    fn literal(&mut self, text: &str) {
        self.put('|');
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.put('2');
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.put('-'),
            (true, None) => self.put('+'),
            (true, Some(before)) if is_break(before) => self.put('+'),
            _ => {}
        }
        self.put('\n');
        let mut fresh = true;
        for c in text.chars() {
            if is_break(c) {
                self.put(c);
                fresh = true;
            } else {
                if fresh {
                    for _ in 0..self.indent {
                        self.put(' ');
                    }
                }
                self.put(c);
                fresh = false;
            }
        }
    }
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => "0",
        '\u{7}' => "a",
        '\u{8}' => "b",
        '\t' => "t",
        '\n' => "n",
        '\u{b}' => "v",
        '\u{c}' => "f",
        '\r' => "r",
        '\u{1b}' => "e",
        '"' => "\"",
        '\\' => "\\",
        '\u{85}' => "N",
        '\u{a0}' => "_",
        '\u{2028}' => "L",
        '\u{2029}' => "P",
        _ => "",
    };
    match (short, c as u32) {
        ("", n @ 0..=0xff) => format!("\\x{n:02X}"),
        ("", n @ 0x100..=0xffff) => format!("\\u{n:04X}"),
        ("", n) => format!("\\U{n:08X}"),
        (short, _) => format!("\\{short}"),
    }
}

/// libyaml's idea of a printable character: tabs, C1 controls and everything beyond the basic plane are not.
fn printable(c: char) -> bool {
    matches!(c, '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn analyse(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis { plain: true, single: true, block: false };
    }
    let chars: Vec<char> = text.chars().collect();
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut break_space, mut space_break) = (false, false, false);
    let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
    for (i, &c) in chars.iter().enumerate() {
        let before_blank = chars.get(i + 1).is_none_or(|n| matches!(n, ' ' | '\t'));
        indicators |= match c {
            '#' => after_blank,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => i == 0,
            ':' => before_blank,
            '?' | '-' => i == 0 && before_blank,
            _ => false,
        };
        special |= !printable(c);
        if c == ' ' {
            break_space |= after_break;
        } else if is_break(c) {
            space_break |= after_space;
        }
        after_space = c == ' ';
        after_break = is_break(c);
        after_blank = c == ' ' || c == '\t' || is_break(c);
    }
    let (first, last) = (chars[0], chars[chars.len() - 1]);
    let edges = [first, last].iter().any(|c| *c == ' ' || is_break(*c));
    let breaks = chars.iter().any(|c| is_break(*c));
    Analysis {
        plain: !(edges || break_space || space_break || special || breaks || indicators),
        single: !(break_space || space_break || special),
        block: !(last == ' ' || space_break || special),
    }
}

/// Whether plain text would be read back as text: not as a number, time, boolean or null of YAML 1.1.
pub fn resolves_to_text(text: &str) -> bool {
    static FLOAT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$").ok());
    static BASE60: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$").ok());
    static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let clock = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?";
        let zone = "(Z|[-+][0-9]{2}:[0-9]{2})";
        Regex::new(&format!("^[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}([Tt]{clock}{zone}| {clock})?$")).ok()
    });
    const WORDS: &[&str] = &[
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n",
        "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf",
        ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", "<<",
    ];
    if WORDS.contains(&text) {
        return false;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return true;
    }
    let matches = |re: &Option<Regex>, s: &str| re.as_ref().is_some_and(|re| re.is_match(s));
    let plain = text.replace('_', "");
    let float = |s: &str| matches(&FLOAT, s) && s.parse::<f64>().is_ok_and(f64::is_finite);
    !(float(&plain) || is_integer(&plain) || matches(&BASE60, text) || matches(&STAMP, text))
}

/// Go's `strconv.ParseInt(s, 0, 64)`, or an unsigned 64-bit one.
fn is_integer(text: &str) -> bool {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return false;
    }
    match u64::from_str_radix(body, radix) {
        Ok(n) => !negative || n <= 1 << 63,
        Err(_) => false,
    }
}

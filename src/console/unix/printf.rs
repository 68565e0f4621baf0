//! printf: words laid out by a format. Typed text shows nothing, so its lines carry no facts.

use super::echo;
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;

pub static PROGRAM: Program = Program {
    name: "printf",
    aliases: &[],
    doc: "print its arguments by a format",
    usage: "Usage: printf FORMAT [ARGUMENT]...\nExamples:\n  printf '%s\\n' one two three",
    flags: &[],
    cost: Span::ZERO,
    run,
    poll: None,
};

fn run(context: &mut Context) -> Output {
    let Some(format) = context.args.get(1) else {
        return super::failure("printf: usage: printf [-v var] format [arguments]", 2);
    };
    let format = echo::unescape(format);
    let mut arguments = context.args[2..].iter();
    let mut errors = Vec::new();
    let mut text = String::new();
    // The format is used again until no argument is left.
    loop {
        let before = arguments.len();
        text.push_str(&formatted(&format, &mut arguments, &mut errors));
        if arguments.len() == 0 || arguments.len() == before || text.len() > super::TEXT_BYTES_MAX {
            break;
        }
    }
    let code = i32::from(!errors.is_empty());
    let mut lines: Vec<Line> = errors.into_iter().map(Line::err).collect();
    lines.extend(echo::lines(&text, false));
    Output { lines, code, ..Output::default() }
}

fn formatted<'a>(format: &str, arguments: &mut impl Iterator<Item = &'a String>, errors: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((spec, tail)) = Spec::read(rest) else {
            out.push('%');
            continue;
        };
        rest = tail;
        if spec.letter == '%' {
            out.push('%');
            continue;
        }
        let argument = arguments.next().map(String::as_str);
        let number = |errors: &mut Vec<String>| {
            let text = argument.unwrap_or("0").trim();
            text.parse::<f64>().unwrap_or_else(|_| {
                if !text.is_empty() {
                    errors.push(format!("bash: printf: {text:.100}: invalid number"));
                }
                0.0
            })
        };
        match spec.letter {
            's' => out.push_str(&spec.text(argument.unwrap_or(""))),
            'b' => out.push_str(&spec.text(&echo::unescape(argument.unwrap_or("")))),
            'q' => out.push_str(&format!("'{}'", argument.unwrap_or(""))),
            'c' => out.push_str(&spec.text(&argument.unwrap_or("").chars().take(1).collect::<String>())),
            _ => out.push_str(&spec.number(number(errors))),
        }
    }
    out.push_str(rest);
    out
}

/// One conversion: `%-8.3f`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
    pub letter: char,
}

/// The widest field; a hostile width must not fill the memory.
const WIDTH_MAX: usize = 10_000;

impl Spec {
    /// Reads what follows a `%`; `None` if it is no conversion.
    pub fn read(text: &str) -> Option<(Spec, &str)> {
        let mut spec = Spec::default();
        let mut rest = text;
        loop {
            match rest.chars().next()? {
                '-' => spec.left = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '#' | '\'' => {}
                _ => break,
            }
            rest = &rest[1..];
        }
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let width = digits(rest);
        spec.width = rest[..width].parse().unwrap_or(0).min(WIDTH_MAX);
        rest = &rest[width..];
        if let Some(tail) = rest.strip_prefix('.') {
            let precision = digits(tail);
            spec.precision = Some(tail[..precision].parse().unwrap_or(0).min(60));
            rest = &tail[precision..];
        }
        rest = rest.trim_start_matches(['l', 'h']);
        spec.letter = rest.chars().next()?;
        "sdiufFgGeExXobcq%".contains(spec.letter).then(|| (spec, &rest[1..]))
    }

    /// Pads a text, cut to the precision.
    pub fn text(&self, text: &str) -> String {
        let shown: String = match self.precision {
            Some(n) => text.chars().take(n).collect(),
            None => text.to_string(),
        };
        self.pad(shown)
    }

    pub fn pad(&self, shown: String) -> String {
        let missing = self.width.saturating_sub(shown.chars().count());
        let blanks = " ".repeat(missing);
        if self.left { shown + &blanks } else { blanks + &shown }
    }

    pub fn number(&self, value: f64) -> String {
        let size = value.abs();
        let body = match self.letter {
            'd' | 'i' | 'u' => {
                let digits = format!("{:.0}", size.trunc());
                let missing = self.precision.unwrap_or(0).saturating_sub(digits.len());
                "0".repeat(missing) + &digits
            }
            'x' => format!("{:x}", value as i64),
            'X' => format!("{:X}", value as i64),
            'o' => format!("{:o}", value as i64),
            'e' | 'E' => exponent(size, self.precision.unwrap_or(6)),
            'g' | 'G' => general(size, self.precision.unwrap_or(6)),
            _ => format!("{size:.*}", self.precision.unwrap_or(6)),
        };
        let negative = value < 0.0 && !matches!(self.letter, 'x' | 'X' | 'o');
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        if self.zero && !self.left && size.is_finite() {
            let missing = self.width.saturating_sub(body.len() + sign.len());
            return format!("{sign}{}{body}", "0".repeat(missing));
        }
        self.pad(format!("{sign}{body}"))
    }
}

/// `%e`: C writes at least two digits of exponent.
fn exponent(size: f64, precision: usize) -> String {
    if !size.is_finite() {
        return size.to_string().to_lowercase();
    }
    let text = format!("{size:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match power.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', power),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%g`: the shorter of `%e` and `%f`, without zeros at the end.
pub fn general(size: f64, precision: usize) -> String {
    if size == 0.0 {
        return "0".to_string();
    }
    if !size.is_finite() {
        return size.to_string().to_lowercase();
    }
    let precision = precision.max(1);
    let text = exponent(size, precision - 1);
    let power: i32 = text.split_once('e').and_then(|(_, p)| p.parse().ok()).unwrap_or(0);
    let strip = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text.to_string() }
    };
    if power < -4 || power >= precision as i32 {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
        format!("{}e{exponent}", strip(mantissa))
    } else {
        let places = (precision as i32 - 1 - power).max(0) as usize;
        strip(&format!("{size:.places$}"))
    }
}

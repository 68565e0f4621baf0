//! Reads a transcript: text to steps, every problem at once. Does not know any run.

use super::{BLANKS, Blank, Problem, Step, Suspicion, Token, Verb, beside, forms};
use crate::drill::interview::Control;
use crate::stdx::suggest;
use crate::stdx::time::Span;
use std::borrow::Cow;

/// A transcript longer than this is refused whole.
pub const BYTES_MAX: usize = 1 << 20;

/// The verbs that follow `>`, for "did you mean".
const VERBS: [&str; 23] = [
    "answer",
    "bag",
    "clear",
    "close",
    "expect",
    "hint",
    "interview",
    "leave",
    "link",
    "note",
    "predict",
    "rate",
    "reflect",
    "reopen",
    "reply",
    "resolve",
    "state",
    "suspect",
    "team",
    "unbag",
    "undo",
    "update",
    "verdict",
];

/// Reads all lines, or gives every problem.
pub fn parse(text: &str) -> Result<Vec<Step>, Vec<Problem>> {
    if text.len() > BYTES_MAX {
        let what = format!("a transcript of {} bytes; the most is {BYTES_MAX}", text.len());
        return Err(vec![Problem { line: 1, column: 1, text: String::new(), what, hint: String::new() }]);
    }
    let mut steps = Vec::new();
    let mut problems = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = index as u32 + 1;
        let (seat, raw) = seated(raw);
        match read_line(line, &raw) {
            Ok(Some(verb)) => steps.push(Step { line, seat, verb }),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(steps) } else { Err(problems) }
}

/// Reads a control of an interviewer without its `> interview`; else what is wrong and what next, on one line.
pub fn control(text: &str) -> Result<Control, String> {
    let place = Place { line: 1, column: 1, text };
    beside::interview(&place).map_err(|problem| format!("{}: {}", problem.what, problem.hint))
}

/// Who does a line, and the line with blanks where that stood, so that columns count as they are written.
fn seated(raw: &str) -> (u16, Cow<'_, str>) {
    let named = raw.trim_start().strip_prefix("seat ").and_then(|rest| rest.split_once(':'));
    match named.and_then(|(seat, rest)| Some((seat.trim().parse().ok()?, rest))) {
        Some((seat, rest)) => (seat, Cow::Owned(" ".repeat(raw.chars().count() - rest.chars().count()) + rest)),
        None => (0, Cow::Borrowed(raw)),
    }
}

fn read_line(line: u32, raw: &str) -> Result<Option<Verb>, Problem> {
    let body = raw.trim();
    let indent = raw.chars().take_while(|c| c.is_whitespace()).count() as u32;
    if body.is_empty() || body.starts_with('#') {
        return Ok(None);
    }
    if let Some(command) = body.strip_prefix('$') {
        let command = command.trim();
        if command.is_empty() {
            return Err(problem(line, indent + 1, "$", "no command after `$`", "write `$ kubectl get pods`"));
        }
        return Ok(Some(Verb::Run(command.to_string())));
    }
    let (rest, column) = match body.strip_prefix('>') {
        Some(rest) => {
            let gap = rest.chars().take_while(|c| c.is_whitespace()).count() as u32;
            (rest.trim_start(), indent + 2 + gap)
        }
        None => (body, indent + 1),
    };
    let (verb, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if verb == "wait" {
        let Some(span) = Span::parse(text).filter(|span| span.0 > 0) else {
            let what = "`wait` takes a span of simulated time";
            return Err(problem(line, column + 5, text, what, "write `wait 5m` or `wait 90s`"));
        };
        return Ok(Some(Verb::Wait(span)));
    }
    if !body.starts_with('>') {
        let what = "a line begins with `$`, `>`, `wait` or `#`";
        let hint =
            if VERBS.contains(&verb) { format!("write `> {body}`") } else { format!("for a command write `$ {body}`") };
        return Err(problem(line, column, verb, what, &hint));
    }
    let head = verb.chars().count() as u32;
    let place = Place { line, column: column + head + 1, text: text.trim_end() };
    read_verb(verb, &place).map(Some).map_err(|mut p| {
        if p.column == 0 {
            p.column = column;
        }
        p
    })
}

/// The rest of a line after its verb, and where it begins.
pub(super) struct Place<'a> {
    pub line: u32,
    pub column: u32,
    pub text: &'a str,
}

impl Place<'_> {
    pub(super) fn wrong(&self, what: &str, hint: &str) -> Problem {
        problem(self.line, self.column, self.text, what, hint)
    }

    pub(super) fn at(&self, token: &Token, what: &str, hint: &str) -> Problem {
        problem(self.line, token.column, &token.text, what, hint)
    }

    pub(super) fn words(&self) -> Result<Vec<Token>, Problem> {
        tokens(self.text, self.column).map_err(|column| {
            problem(self.line, column, "\"", "a double quote that is never closed", "close it with `\"`")
        })
    }

    pub(super) fn free(&self, usage: &str) -> Result<String, Problem> {
        let text = self.text.trim();
        if text.is_empty() { Err(self.wrong("nothing said", usage)) } else { Ok(text.to_string()) }
    }

    pub(super) fn none(&self, verb: Verb) -> Result<Verb, Problem> {
        if self.text.trim().is_empty() { Ok(verb) } else { Err(self.wrong("nothing may follow here", "drop it")) }
    }
}

fn read_verb(verb: &str, place: &Place) -> Result<Verb, Problem> {
    match verb {
        "state" => forms::state(place),
        "update" => forms::update(place),
        "answer" => forms::answer(place),
        "reflect" => forms::reflect(place),
        "reply" => forms::reply(place),
        "hint" => place.none(Verb::Hint),
        "team" => serde_json::from_str(place.text.trim()).map(|act| Verb::Team(Box::new(act))).map_err(|error| {
            place.wrong(
                &format!("not an act of a team: {error}"),
                "write it as the journal does: `> team {\"team\": \"say\", \"text\": \"…\"}`",
            )
        }),
        "interview" => beside::interview(place).map(Verb::Interview),
        "undo" => place.none(Verb::Undo),
        "note" => place.free("write `> note TEXT`").map(Verb::Note),
        "expect" => place.free("write `> expect METRIC >= NUMBER within SPAN`").map(Verb::Expect),
        "resolve" => place.none(Verb::Resolve),
        "close" => place.none(Verb::Close),
        "bag" => {
            let words = place.words()?;
            if words.is_empty() {
                return Err(place.wrong("nothing to bag", "a clue's id, \"text on a line\", `all`, or `p1:3-5`"));
            }
            Ok(Verb::Bag(words))
        }
        "unbag" => one(place, "write `> unbag e1`").map(Verb::Unbag),
        "reopen" => one(place, "write `> reopen h1`").map(Verb::Reopen),
        "leave" => match place.words()?.as_slice() {
            [] => Ok(Verb::Leave(None)),
            [token] => match token.text.parse() {
                Ok(number) => Ok(Verb::Leave(Some(number))),
                Err(_) => {
                    Err(place.at(token, "not the number of a standing pipeline", "write `> leave` or `> leave 1`"))
                }
            },
            _ => Err(place.wrong("one number, or none", "write `> leave`")),
        },
        "suspect" => suspect(place),
        "rate" => rate(place),
        "predict" => predict(place),
        "link" => link(place),
        "clear" => clear(place),
        "verdict" => verdict(place),
        _ => {
            let hint = match suggest::nearest(verb, VERBS) {
                Some(near) => format!("did you mean `> {near}`?"),
                None => format!("the verbs are {}", VERBS.join(", ")),
            };
            Err(problem(place.line, 0, verb, &format!("no verb `{verb}`"), &hint))
        }
    }
}

pub(super) fn one(place: &Place, usage: &str) -> Result<Token, Problem> {
    match place.words()?.as_slice() {
        [token] => Ok(token.clone()),
        _ => Err(place.wrong("one name is wanted", usage)),
    }
}

fn suspect(place: &Place) -> Result<Verb, Problem> {
    let words = place.words()?;
    if let [only] = words.as_slice() {
        return Ok(Verb::Suspect(Suspicion::Named(only.clone())));
    }
    let Some(slash) = words.iter().position(|token| token.text == "/" && !token.quoted) else {
        return Err(place.wrong("a suspect is a thing and a how", "write `> suspect THING / HOW`"));
    };
    let (thing, how) = (&words[..slash], &words[slash + 1..]);
    match (phrase(thing), phrase(how)) {
        (Some(thing), Some(how)) => Ok(Verb::Suspect(Suspicion::Words { thing, how })),
        _ => Err(place.wrong("a word is missing beside the `/`", "write `> suspect THING / HOW`")),
    }
}

/// Several bare words in a row are one word's text.
fn phrase(tokens: &[Token]) -> Option<Token> {
    match tokens {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(Token {
            column: many[0].column,
            text: many.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" "),
            quoted: true,
        }),
    }
}

fn rate(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> rate h1 80`";
    match place.words()?.as_slice() {
        [hypothesis, percent] => match percent.text.trim_end_matches('%').parse::<u8>() {
            Ok(value) if value <= 100 => Ok(Verb::Rate(hypothesis.clone(), value)),
            _ => Err(place.at(percent, "a confidence is a whole percentage from 0 to 100", usage)),
        },
        _ => Err(place.wrong("a hypothesis and a percentage are wanted", usage)),
    }
}

fn predict(place: &Place) -> Result<Verb, Problem> {
    let text = place.text.trim();
    match text.split_once(char::is_whitespace) {
        Some((name, rest)) if !rest.trim().is_empty() => {
            let token = Token { column: place.column, text: name.to_string(), quoted: false };
            Ok(Verb::Predict(token, rest.trim().to_string()))
        }
        _ => Err(place.wrong("a hypothesis and a prediction are wanted", "write `> predict h1 TEXT`")),
    }
}

fn link(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> link h1 e2 +`, with `+`, `-` or `.`";
    match place.words()?.as_slice() {
        [hypothesis, exhibit, sign] => match sign.text.as_str() {
            "+" | "-" | "." => Ok(Verb::Link {
                hypothesis: hypothesis.clone(),
                exhibit: exhibit.clone(),
                sign: sign.text.chars().next().unwrap_or('.'),
            }),
            _ => Err(place.at(sign, "not a sign", usage)),
        },
        _ => Err(place.wrong("a hypothesis, an exhibit and a sign are wanted", usage)),
    }
}

fn clear(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> clear h1 with e1 e2`";
    let words = place.words()?;
    match words.as_slice() {
        [hypothesis, with, exhibits @ ..] if with.text == "with" && !exhibits.is_empty() => Ok(Verb::Clear {
            hypothesis: hypothesis.clone(),
            exhibits: exhibits.iter().flat_map(split_commas).collect(),
        }),
        _ => Err(place.wrong("a hypothesis, `with`, and exhibits are wanted", usage)),
    }
}

fn split_commas(token: &Token) -> Vec<Token> {
    let mut column = token.column;
    let mut out = Vec::new();
    for part in token.text.split(',') {
        if !part.is_empty() {
            out.push(Token { column, text: part.to_string(), quoted: token.quoted });
        }
        column += part.chars().count() as u32 + 1;
    }
    out
}

fn verdict(place: &Place) -> Result<Verb, Problem> {
    let mut blanks: Vec<Blank> = Vec::new();
    for token in place.words()? {
        let Some((name, rest)) = token.text.split_once('=') else {
            return Err(place.at(&token, "not a blank", "write `culprit=WORD:e1,e2`"));
        };
        let Some(known) = BLANKS.iter().copied().find(|known| *known == name) else {
            let hint = suggest::nearest(name, BLANKS).map_or_else(
                || format!("the blanks are {}", BLANKS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(place.at(&token, &format!("no blank `{name}`"), &hint));
        };
        if blanks.iter().any(|blank| blank.name == known) {
            return Err(place.at(&token, &format!("`{known}` is filled twice"), "fill it once"));
        }
        let column = token.column + name.chars().count() as u32 + 1;
        blanks.push(blank(place, known, rest, column, &token)?);
    }
    if blanks.is_empty() {
        return Err(place.wrong("a verdict without a single blank", "write `> verdict culprit=WORD:e1,e2 …`"));
    }
    Ok(Verb::Verdict(blanks))
}

fn blank(place: &Place, name: &'static str, rest: &str, column: u32, token: &Token) -> Result<Blank, Problem> {
    let (text, quoted, after) = match rest.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
        Some((text, after)) => (text, true, after.strip_prefix(':').unwrap_or(after)),
        None if name == "onset" && rest.starts_with(|c: char| c.is_ascii_digit()) => {
            // The time has a colon of its own: `09:54:e1,e2`.
            let mut parts = rest.splitn(3, ':');
            let (hour, minute) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let end = (hour.len() + 1 + minute.len()).min(rest.len());
            (rest.get(..end).unwrap_or(rest), false, parts.next().unwrap_or(""))
        }
        None => {
            let (text, after) = rest.split_once(':').unwrap_or((rest, ""));
            (text, false, after)
        }
    };
    if text.is_empty() {
        return Err(place.at(token, &format!("no word for `{name}`"), "leave the blank out if it is unknown"));
    }
    let start = column + (rest.chars().count() - after.chars().count()) as u32;
    let exhibits = split_commas(&Token { column: start, text: after.to_string(), quoted: false });
    Ok(Blank { name, word: Token { column, text: text.to_string(), quoted }, exhibits })
}

/// Splits at blanks; double quotes keep blanks together and are dropped when they enclose a whole word. An unclosed
/// quote gives its column.
fn tokens(text: &str, column: u32) -> Result<Vec<Token>, u32> {
    let mut out = Vec::new();
    let mut word = Token::default();
    let mut open: Option<u32> = None;
    let mut within = false;
    for (index, c) in text.chars().enumerate() {
        let here = column + index as u32;
        if c.is_whitespace() && open.is_none() {
            if within {
                out.push(std::mem::take(&mut word));
                within = false;
            }
            continue;
        }
        if !within {
            word.column = here;
            within = true;
        }
        if c == '"' {
            open = if open.is_some() { None } else { Some(here) };
        }
        word.text.push(c);
    }
    if let Some(at) = open {
        return Err(at);
    }
    if within {
        out.push(word);
    }
    for token in &mut out {
        let inner = token.text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        if let Some(inner) = inner.filter(|inner| !inner.contains('"')).map(str::to_string) {
            token.text = inner;
            token.quoted = true;
        }
    }
    Ok(out)
}

fn problem(line: u32, column: u32, text: &str, what: &str, hint: &str) -> Problem {
    Problem { line, column, text: text.to_string(), what: what.to_string(), hint: hint.to_string() }
}

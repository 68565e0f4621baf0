//! Reads the lines that are forms: the problem, an update, a look back at oneself, and answers. `name=value` pairs, and
//! after ` -- ` words of one's own. Does not know any run.

use super::read::{Place, one};
use super::{Problem, Token, Verb};
use crate::case::score::Dim;
use crate::drill::act::{Action, Audience, Certainty, Guess, ProblemForm, Standing, UpdateForm};
use crate::stdx::suggest;
use crate::stdx::time::Span;

/// The fields of the problem form, in its order.
pub const PROBLEM: [&str; 5] = ["hurts", "not", "expected", "actual", "since"];
/// The fields of an update, in its order.
pub const UPDATE: [&str; 6] = ["to", "harm", "state", "cause", "action", "next"];

const TO: &[(&str, Audience)] =
    &[("customers", Audience::Customers), ("management", Audience::Management), ("team", Audience::Team)];
const STATES: &[(&str, Standing)] = &[
    ("identified", Standing::Identified),
    ("investigating", Standing::Investigating),
    ("mitigating", Standing::Mitigating),
    ("monitoring", Standing::Monitoring),
    ("resolved", Standing::Resolved),
];
const CERTAINTIES: &[(&str, Certainty)] =
    &[("confirmed", Certainty::Confirmed), ("suspected", Certainty::Suspected), ("unknown", Certainty::Unknown)];
const ACTIONS: &[(&str, Action)] = &[("change", Action::Change), ("none", Action::None)];
const GUESSES: &[(&str, Guess)] = &[("high", Guess::High), ("low", Guess::Low), ("middle", Guess::Middle)];
const DIMS: &[(&str, Dim)] =
    &[("E", Dim::E), ("K", Dim::K), ("M", Dim::M), ("P", Dim::P), ("R", Dim::R), ("U", Dim::U), ("V", Dim::V)];

/// A field that was filled: its name, and its value where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub value: Token,
}

/// An update as it was read; hypotheses and names are not yet resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateLine {
    pub to: Audience,
    pub harm: Token,
    pub state: Standing,
    pub cause: Option<(Token, Certainty)>,
    pub action: Action,
    pub next: Option<Span>,
    pub text: String,
}

/// A whole line is free text, or a form that begins with `name=`.
pub(super) fn state(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> state TEXT`, or `> state hurts=SERIES not=SERIES expected=N actual=N since=HH:MM -- TEXT`";
    let head = place.text.trim_start();
    let name = head.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
    if name.is_empty() || !head[name.len()..].starts_with('=') {
        return Ok(Verb::State { fields: Vec::new(), text: place.free(usage)? });
    }
    let (fields, text) = filled(place, &PROBLEM)?;
    Ok(Verb::State { fields, text })
}

pub(super) fn update(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> update to=team harm=SERIES state=investigating cause=unknown action=none next=15m -- TEXT`";
    let (fields, text) = filled(place, &UPDATE)?;
    let field = |name: &str| fields.iter().find(|field| field.name == name).map(|field| &field.value);
    let (Some(harm), Some(state)) = (field("harm"), field("state")) else {
        return Err(place.wrong("an update says at least its harm and its state", usage));
    };
    let cause = match field("cause").filter(|cause| cause.text != "unknown") {
        None => None,
        Some(cause) => {
            let Some((key, how)) = cause.text.rsplit_once(':') else {
                return Err(place.at(cause, "a cause is a suspect and how sure", "write `cause=h1:suspected`"));
            };
            let column = cause.column + key.chars().count() as u32 + 1;
            let how = Token { column, text: how.to_string(), quoted: false };
            let key = Token { text: key.to_string(), ..cause.clone() };
            Some((key, chosen(place, &how, CERTAINTIES)?))
        }
    };
    let next = match field("next").filter(|next| next.text != "none") {
        None => None,
        Some(next) => match Span::parse(&next.text).filter(|span| *span > Span::ZERO) {
            Some(span) => Some(span),
            None => return Err(place.at(next, "not a span of time", "write `next=15m`, or `next=none`")),
        },
    };
    Ok(Verb::Update(Box::new(UpdateLine {
        to: field("to").map_or(Ok(Audience::Team), |to| chosen(place, to, TO))?,
        harm: harm.clone(),
        state: chosen(place, state, STATES)?,
        cause,
        action: field("action").map_or(Ok(Action::None), |action| chosen(place, action, ACTIONS))?,
        next,
        text,
    })))
}

/// `o1 with e3`, `o1 pass`.
pub(super) fn answer(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> answer o1 with e3`, or `> answer o1 pass`";
    match place.words()?.as_slice() {
        [objection, pass] if pass.text == "pass" => Ok(Verb::Answer { objection: objection.clone(), exhibit: None }),
        [objection, with, exhibit] if with.text == "with" => {
            Ok(Verb::Answer { objection: objection.clone(), exhibit: Some(exhibit.clone()) })
        }
        _ => Err(place.wrong("an objection and one exhibit are wanted, or `pass`", usage)),
    }
}

/// `V=high K=low pledge="…" -- when I changed my mind`.
pub(super) fn reflect(place: &Place) -> Result<Verb, Problem> {
    let (head, reaction) = divided(place);
    let (mut guess, mut pledge) = (Vec::new(), String::new());
    for token in head.words()? {
        let Some((name, value)) = token.text.split_once('=') else {
            let usage = "write `> reflect V=high K=low pledge=\"…\" -- TEXT`";
            return Err(place.at(&token, "not a guess", usage));
        };
        let column = token.column + name.chars().count() as u32 + 1;
        let value = Token { column, text: value.trim_matches('"').to_string(), quoted: false };
        if name == "pledge" {
            pledge = value.text;
            continue;
        }
        let name = Token { text: name.to_string(), ..token.clone() };
        let dim = chosen(place, &name, DIMS)?;
        guess.retain(|(known, _)| *known != dim);
        guess.push((dim, chosen(place, &value, GUESSES)?));
    }
    Ok(Verb::Reflect { guess, pledge, reaction })
}

/// `q1 TEXT`.
pub(super) fn reply(place: &Place) -> Result<Verb, Problem> {
    let usage = "write `> reply q1 TEXT`";
    let text = place.free(usage)?;
    match text.split_once(char::is_whitespace) {
        Some((question, text)) => Ok(Verb::Reply { question: question.to_string(), text: text.trim().to_string() }),
        None => one(place, usage).and_then(|question| Err(place.at(&question, "nothing replied", usage))),
    }
}

/// Before and after ` -- `.
fn divided<'a>(place: &Place<'a>) -> (Place<'a>, String) {
    let whole = place.text;
    let cut = if whole.starts_with("-- ") { Some(0) } else { whole.find(" -- ").map(|at| at + 1) };
    let (head, tail) = cut.map_or((whole, ""), |at| (&whole[..at], &whole[at + 3..]));
    (Place { line: place.line, column: place.column, text: head }, tail.trim().to_string())
}

fn filled(place: &Place, names: &[&'static str]) -> Result<(Vec<Field>, String), Problem> {
    let (head, text) = divided(place);
    let mut fields: Vec<Field> = Vec::new();
    for token in head.words()? {
        let hint = || format!("the fields are {}; words of your own follow ` -- `", names.join(", "));
        let Some((name, value)) = token.text.split_once('=') else {
            return Err(place.at(&token, "not a field", &hint()));
        };
        let Some(known) = names.iter().copied().find(|known| *known == name) else {
            let near = suggest::nearest(name, names.iter().copied());
            let hint = near.map_or_else(hint, |near| format!("did you mean `{near}`?"));
            return Err(place.at(&token, &format!("no field `{name}`"), &hint));
        };
        if fields.iter().any(|field| field.name == known) {
            return Err(place.at(&token, &format!("`{known}` is filled twice"), "fill it once"));
        }
        let column = token.column + name.chars().count() as u32 + 1;
        let value = value.trim_matches('"');
        if value.is_empty() {
            return Err(place.at(&token, &format!("nothing said for `{known}`"), "leave it out if it is not known"));
        }
        fields.push(Field { name: known, value: Token { column, text: value.to_string(), quoted: false } });
    }
    Ok((fields, text))
}

/// One of a few words.
fn chosen<T: Copy>(place: &Place, token: &Token, of: &[(&str, T)]) -> Result<T, Problem> {
    if let Some((_, value)) = of.iter().find(|(name, _)| *name == token.text) {
        return Ok(*value);
    }
    let names: Vec<&str> = of.iter().map(|(name, _)| *name).collect();
    let near = suggest::nearest(&token.text, names.iter().copied());
    let hint = near.map_or_else(|| format!("one of {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(place.at(token, &format!("`{}` cannot be said here", token.text), &hint))
}

/// The word for a value, as transcripts write it.
fn word_of<T: PartialEq>(value: T, of: &[(&'static str, T)]) -> &'static str {
    of.iter().find(|(_, own)| *own == value).map_or("", |(name, _)| name)
}

/// An update as a transcript writes it.
pub fn update_words(update: &UpdateForm) -> String {
    let cause = match update.cause {
        None => "unknown".to_string(),
        Some((id, how)) => format!("h{id}:{}", word_of(how, CERTAINTIES)),
    };
    let next = update.next.map_or_else(|| "none".to_string(), |next| format!("{}s", next.as_secs()));
    let text = if update.text.is_empty() { String::new() } else { format!(" -- {}", update.text) };
    format!(
        "to={} harm={} state={} cause={cause} action={} next={next}{text}",
        word_of(update.to, TO),
        update.harm,
        word_of(update.state, STATES),
        word_of(update.action, ACTIONS)
    )
}

/// A problem as a transcript writes it.
pub fn problem_words(form: &ProblemForm, text: &str) -> String {
    let values = [&form.hurts, &form.not, &form.expected, &form.actual, &form.since];
    let fields = PROBLEM.iter().zip(values).filter(|(_, value)| !value.is_empty());
    let mut words: Vec<String> = fields.map(|(name, value)| format!("{name}={value}")).collect();
    if !text.is_empty() {
        words.push(format!("-- {text}"));
    }
    words.join(" ")
}

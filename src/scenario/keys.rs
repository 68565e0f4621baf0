//! What may be written where in a scenario file: tables of keys, each with its type, limits and one sentence. Reading,
//! "did you mean" and the JSON Schema are all made from these tables. Does not know what a value is used for.

use super::problem::Problem;
use super::skin::Piece;
use super::tree::{Data, Tree};
use crate::stdx::time::Span;
use crate::stdx::{suggest, text};

/// Characters of a text whose meaning is not this file's.
const ANY_MAX: usize = 8_000;

/// The type of a value.
#[derive(Debug)]
pub enum Kind {
    /// A string of at most so many characters.
    Text(usize),
    /// A name: lower-case letters, digits and dashes (or underscores), starting with a letter; `{names}` may be in it.
    Id,
    /// A length of time: `90s`, `12m`, `-26h10m`, `2d`.
    Span,
    Integer(i64, i64),
    Number,
    Bool,
    /// A string, a number or a truth value.
    Scalar,
    /// Whatever the world makes of it.
    Any,
    OneOf(&'static [&'static str]),
    /// A list of at most so many.
    List(&'static Kind, usize),
    Table(&'static Shape),
    /// A table whose keys are names that the author gives, at most so many.
    Map(&'static Kind, usize),
}

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub need: Need,
    pub doc: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
}

/// A table: its name in the schema, and its keys.
#[derive(Debug)]
pub struct Shape {
    pub name: &'static str,
    pub doc: &'static str,
    pub keys: &'static [Key],
    /// The keys of another table belong to it as well (a clue is also a pattern).
    pub also: Option<&'static Shape>,
}

impl Shape {
    /// Own keys and those of the included table.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().chain(self.also.map_or(&[][..], |shape| shape.keys))
    }
}

/// Where the checked file is, and what was found.
pub struct Place<'a> {
    pub file: &'a str,
    pub source: &'a str,
    pub problems: Vec<Problem>,
}

impl Place<'_> {
    /// Adds a problem and hands it out, so that a hint can be put on it.
    pub fn complain(&mut self, tree: &Tree, code: &'static str, message: impl Into<String>) -> &mut Problem {
        self.complain_at(tree.span.clone(), code, message)
    }

    pub fn complain_at(
        &mut self,
        span: std::ops::Range<usize>,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Problem {
        self.problems.push(Problem::at(self.file, self.source, span, code, message));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }
}

/// Checks a tree against a shape: unknown keys, missing keys, types, limits.
pub fn check(tree: &Tree, shape: &'static Shape, place: &mut Place) {
    let Data::Table(entries) = &tree.data else {
        place.complain(tree, "wrong-type", format!("{} must be a table, not {}", shape.name, tree.noun()));
        return;
    };
    for entry in entries {
        match shape.all_keys().find(|key| key.name == entry.key) {
            Some(key) => check_kind(&entry.value, &key.kind, key.name, place),
            None => {
                let names: Vec<&str> = shape.all_keys().map(|key| key.name).collect();
                let hint = match suggest::nearest(&entry.key, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("{} may have: {}", shape.name, names.join(", ")),
                };
                let message = format!("{} has no key `{}`", shape.name, entry.key);
                place.complain_at(entry.span.clone(), "unknown-key", message).hint = hint;
            }
        }
    }
    for key in shape.all_keys().filter(|key| key.need == Need::Required) {
        if tree.get(key.name).is_none() {
            let end = tree.span.start..tree.span.end.min(tree.span.start + 1);
            let span = entries.first().map_or(end, |entry| entry.span.clone());
            let message = format!("{} needs `{}`", shape.name, key.name);
            place.complain_at(span, "missing-key", message).hint = format!("`{}`: {}", key.name, key.doc);
        }
    }
}

/// Checks, once the seed has drawn, that what stands where numbers are wanted is one within the limits.
pub fn check_drawn(tree: &Tree, shape: &'static Shape, place: &mut Place) {
    for (key, entry) in tree
        .entries()
        .iter()
        .filter_map(|entry| shape.all_keys().find(|key| key.name == entry.key).map(|key| (key, entry)))
    {
        check_drawn_kind(&entry.value, &key.kind, key.name, place);
    }
}

fn check_drawn_kind(tree: &Tree, kind: &'static Kind, name: &str, place: &mut Place) {
    match (kind, &tree.data) {
        (Kind::Integer(..), Data::Text(text)) => match text.parse::<i64>() {
            Ok(number) => check_kind(&Tree { span: tree.span.clone(), data: Data::Integer(number) }, kind, name, place),
            Err(_) => {
                place.complain(tree, "wrong-type", format!("`{name}` must be an integer; the seed drew {text:?}"));
            }
        },
        (Kind::Number, Data::Text(text)) if !text.parse().is_ok_and(f64::is_finite) => {
            place.complain(tree, "wrong-type", format!("`{name}` must be a number; the seed drew {text:?}"));
        }
        (Kind::List(inner, _), Data::Array(items)) => {
            items.iter().for_each(|item| check_drawn_kind(item, inner, name, place));
        }
        (Kind::Table(shape), Data::Table(_)) => check_drawn(tree, shape, place),
        (Kind::Map(inner, _), Data::Table(entries)) => {
            entries.iter().for_each(|entry| check_drawn_kind(&entry.value, inner, &entry.key, place));
        }
        _ => {}
    }
}

/// Whether a text is one `{name}` and nothing else.
fn is_placeholder(text: &str) -> bool {
    matches!(super::skin::pieces(text)[..], [Piece::Plain(""), Piece::Name(_), Piece::Plain("")])
}

fn check_kind(tree: &Tree, kind: &'static Kind, name: &str, place: &mut Place) {
    let wanted = match (kind, &tree.data) {
        (Kind::Text(max), Data::Text(text)) => return check_length(tree, text, *max, name, place),
        (Kind::Id, Data::Text(text)) => return check_id(tree, text, name, place),
        (Kind::Span, Data::Text(text)) => {
            if !text.contains('{') && Span::parse(text).is_none() {
                place.complain(tree, "bad-time", format!("`{name}` is not a length of time: {text:?}")).hint =
                    "write it as 90s, 12m, -26h10m or 2d".into();
            }
            return;
        }
        (Kind::Integer(low, high), Data::Integer(n)) => {
            if n < low || n > high {
                place.complain(tree, "out-of-range", format!("`{name}` is {n}; it must be {low} to {high}"));
            }
            return;
        }
        // Drawn by the seed: a number when it is used.
        (Kind::Number | Kind::Integer(..), Data::Text(text)) if is_placeholder(text) => return,
        (Kind::OneOf(words), Data::Text(text)) => return check_word(tree, words, text, name, place),
        (Kind::Number, Data::Integer(_) | Data::Number(_)) | (Kind::Bool, Data::Bool(_)) => return,
        (Kind::Any, _) => return check_texts(tree, name, place),
        (Kind::Scalar, Data::Text(_) | Data::Integer(_) | Data::Number(_) | Data::Bool(_)) => return,
        (Kind::List(inner, max), Data::Array(items)) => {
            if items.len() > *max {
                place.complain(tree, "too-many", format!("`{name}` has {} entries; at most {max}", items.len()));
            }
            items.iter().take(*max).for_each(|item| check_kind(item, inner, name, place));
            return;
        }
        (Kind::Table(shape), Data::Table(_)) => return check(tree, shape, place),
        (Kind::Map(inner, max), Data::Table(entries)) => {
            if entries.len() > *max {
                place.complain(tree, "too-many", format!("`{name}` has {} entries; at most {max}", entries.len()));
            }
            entries.iter().take(*max).for_each(|entry| check_kind(&entry.value, inner, &entry.key, place));
            return;
        }
        _ => kind.noun(),
    };
    place.complain(tree, "wrong-type", format!("`{name}` must be {wanted}, not {}", tree.noun()));
}

fn check_length(tree: &Tree, text: &str, max: usize, name: &str, place: &mut Place) {
    let length = text.chars().count();
    if length > max {
        place.complain(tree, "too-long", format!("`{name}` has {length} characters; at most {max}"));
    }
    if text::harmless(text) != text {
        place.complain(tree, "control-character", format!("`{name}` holds a control character")).hint =
            "texts are shown as they are; leave escape sequences out".into();
    }
}

/// Every text in a value of any kind.
fn check_texts(tree: &Tree, name: &str, place: &mut Place) {
    match &tree.data {
        Data::Text(text) => check_length(tree, text, ANY_MAX, name, place),
        Data::Array(items) => items.iter().for_each(|item| check_texts(item, name, place)),
        Data::Table(entries) => entries.iter().for_each(|entry| check_texts(&entry.value, name, place)),
        _ => {}
    }
}

fn check_id(tree: &Tree, text: &str, name: &str, place: &mut Place) {
    if !is_id(text) {
        place.complain(tree, "bad-name", format!("`{name}` is not a name: {text:?}")).hint =
            "use lower-case letters, digits and dashes".into();
    }
}

/// Whether `text` is a name that an author may give to a clue, a node or a role.
pub fn is_id(text: &str) -> bool {
    text.len() <= 63
        && text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn check_word(tree: &Tree, words: &[&'static str], text: &str, name: &str, place: &mut Place) {
    if words.contains(&text) {
        return;
    }
    let hint = match suggest::nearest(text, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of: {}", words.join(", ")),
    };
    place.complain(tree, "unknown-word", format!("`{name}` cannot be {text:?}")).hint = hint;
}

impl Kind {
    /// The type in the author's words.
    pub fn noun(&self) -> &'static str {
        match self {
            Kind::Text(_) => "a string",
            Kind::Id => "a name (a string)",
            Kind::Span => "a length of time such as \"12m\"",
            Kind::Integer(..) => "an integer",
            Kind::Number => "a number",
            Kind::Bool => "true or false",
            Kind::Scalar => "a string, a number or true or false",
            Kind::Any => "anything",
            Kind::OneOf(_) => "one of a few words",
            Kind::List(..) => "a list",
            Kind::Table(_) | Kind::Map(..) => "a table",
        }
    }
}

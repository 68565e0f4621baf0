//! The skin: what the seed draws, and how `{name}` is put into texts. Expanded once; what was put in is not looked at
//! again. Does not know what the names mean.

use super::keys::Place;
use super::tree::{Data, Tree};
use crate::stdx::dice::Dice;
use crate::stdx::{suggest, text};
use std::collections::BTreeMap;

/// Name → drawn text.
pub type Draws = BTreeMap<String, String>;

/// Draws every entry of a `[skin]` table. An entry already drawn (by the scenario) is kept: it overrules the estate's.
pub fn draw(skin: &Tree, seed: u64, draws: &mut Draws, place: &mut Place) {
    let dice = Dice::new(seed).fork("skin");
    for entry in skin.entries() {
        if draws.contains_key(&entry.key) {
            continue;
        }
        let key = entry.value.get("along").and_then(Tree::text).unwrap_or(&entry.key);
        let mut die = dice.fork(key);
        // A name that cannot be drawn is one mistake, not one wherever it stands.
        draws.insert(entry.key.clone(), String::new());
        let drawn = match (entry.value.get("pick"), entry.value.get("between")) {
            (Some(list), None) => match die.pick(list.items()).and_then(Tree::shown) {
                Some(text) => text,
                None => {
                    place.complain(list, "empty-skin", format!("`{}` has nothing to pick from", entry.key));
                    continue;
                }
            },
            (None, Some(bounds)) => {
                let numbers: Vec<i64> = bounds.items().iter().filter_map(Tree::integer).collect();
                let step = entry.value.get("step").and_then(Tree::integer).unwrap_or(1).max(1);
                match numbers[..] {
                    [low, high] if low <= high => (low + die.between(0, (high - low) / step) * step).to_string(),
                    _ => {
                        place.complain(
                            bounds,
                            "empty-skin",
                            format!("`{}` needs [low, high] with low ≤ high", entry.key),
                        );
                        continue;
                    }
                }
            }
            _ => {
                place.complain(&entry.value, "empty-skin", format!("`{}` needs either `pick` or `between`", entry.key));
                continue;
            }
        };
        // Any of them may be drawn, so all are looked at, whatever the seed.
        for value in entry.value.get("pick").map_or(&[][..], Tree::items) {
            if value.text().is_some_and(|text| text::harmless(text) != text) {
                let message = format!("`{}` holds a control character", entry.key);
                place.complain(value, "control-character", message);
            }
        }
        if super::keys::is_id(&entry.key) {
            draws.insert(entry.key.clone(), drawn);
        } else {
            place.complain_at(entry.span.clone(), "bad-name", format!("{:?} cannot be a name", entry.key));
        }
    }
}

/// A piece of text: as it is, or a `{name}`.
pub enum Piece<'a> {
    Plain(&'a str),
    Name(&'a str),
}

/// Splits a text at placeholders: `{` a name `}`; every other brace is plain text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut plain_from = 0;
    let mut offset = 0;
    while let Some(open) = rest.find('{') {
        let after = &rest[open + 1..];
        let length = after.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.'));
        match length {
            Some(length) if after[length..].starts_with('}') && after.starts_with(|c: char| c.is_ascii_lowercase()) => {
                out.push(Piece::Plain(&text[plain_from..offset + open]));
                out.push(Piece::Name(&after[..length]));
                offset += open + 1 + length + 1;
                plain_from = offset;
                rest = &text[offset..];
            }
            _ => {
                offset += open + 1;
                rest = &text[offset..];
            }
        }
    }
    out.push(Piece::Plain(&text[plain_from..]));
    out
}

/// Puts drawn names into a text; what is not a drawn name stays as it is.
pub fn expand(text: &str, draws: &Draws) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Name(name) => match draws.get(name) {
                Some(drawn) => out.push_str(drawn),
                None => {
                    out.push('{');
                    out.push_str(name);
                    out.push('}');
                }
            },
        }
    }
    out
}

/// Expands every string of a tree. A placeholder that is neither drawn nor a role is a problem.
pub fn expand_tree(tree: &mut Tree, draws: &Draws, roles: &[&str], place: &mut Place) {
    let span = tree.span.clone();
    match &mut tree.data {
        Data::Text(text) => {
            for piece in pieces(text) {
                let Piece::Name(name) = piece else { continue };
                let base = name.split('.').next().unwrap_or(name);
                // `${aws_sqs_queue.orders.arn}` refers to a resource of the account's code.
                let resource = base.starts_with("aws_") && name.contains('.');
                if resource || draws.contains_key(name) || roles.contains(&base) {
                    continue;
                }
                let known = draws.keys().map(String::as_str).chain(roles.iter().copied());
                let hint = match suggest::nearest(name, known) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "declare it under [skin] or [roles]".to_string(),
                };
                let message = format!("nothing is called `{{{name}}}`");
                place.complain_at(span.clone(), "unknown-name", message).hint = hint;
            }
            *text = expand(text, draws);
        }
        Data::Array(items) => items.iter_mut().for_each(|item| expand_tree(item, draws, roles, place)),
        Data::Table(entries) => {
            entries.iter_mut().for_each(|entry| expand_tree(&mut entry.value, draws, roles, place));
        }
        _ => {}
    }
}

//! Concept cards: what a part does, how it fails, where that shows, and what to ask first. One file a concept in
//! `assets/cards`, inside the binary. Does not know who learned what.

use super::format::CARD;
use super::keys::{self, Place};
use super::problem::{Problem, Severity, tidy};
use super::tree::{self, Tree};
use crate::stdx::text::harmless;
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;

static CARDS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/cards");

/// One concept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub tags: Vec<String>,
    /// Commands that show it, with placeholders such as `POD`.
    pub commands: Vec<String>,
    /// Code of a language → what the card says in it; English is always there.
    pub texts: BTreeMap<String, Text>,
}

/// What a card says in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub title: String,
    /// What the part does.
    pub does: String,
    /// How it fails.
    pub fails: String,
    /// Where that shows.
    pub shows: String,
    /// What a detective asks first.
    pub next: String,
}

impl Card {
    /// What it says in a language, else in English.
    pub fn text(&self, lang: &str) -> Option<&Text> {
        self.texts.get(lang).or_else(|| self.texts.get("en"))
    }
}

/// Codes of the languages that a card speaks.
const TONGUES: &[&str] = &["en", "ko"];

/// The ids of all cards, sorted.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let mut ids: Vec<&str> = files().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.into_iter()
}

/// Id and text of each card's file.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    CARDS.files().filter_map(|file| {
        let id = file.path().file_name()?.to_str()?.strip_suffix(".toml")?;
        Some((id, file.contents_utf8()?))
    })
}

/// A card by its id.
pub fn find(id: &str) -> Option<Card> {
    let (id, text) = files().find(|(known, _)| *known == id)?;
    read(&format!("assets/cards/{id}.toml"), id, text).ok()
}

/// All cards, by id.
pub fn all() -> Vec<Card> {
    ids().filter_map(find).collect()
}

/// Reads the file of a card. All problems at once.
pub fn read(shown: &str, id: &str, source: &str) -> Result<Card, Vec<Problem>> {
    let (tree, syntax) = tree::parse(shown, source);
    let mut place = Place { file: shown, source, problems: syntax };
    if place.problems.is_empty() {
        keys::check(&tree, &CARD, &mut place);
        if let Some(value) = tree.get("id").filter(|value| value.text().is_some_and(|own| own != id)) {
            place.complain(value, "bad-name", format!("a card has its file's name as its id: {id:?}"));
        }
    }
    if place.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(tidy(place.problems));
    }
    let list = |key: &str| -> Vec<String> {
        let items = tree.get(key).map_or(&[][..], Tree::items);
        items.iter().filter_map(Tree::text).map(harmless).collect()
    };
    let texts = TONGUES.iter().filter_map(|code| Some(((*code).to_string(), text(tree.get(code)?))));
    Ok(Card { id: id.to_string(), tags: list("tags"), commands: list("commands"), texts: texts.collect() })
}

fn text(tree: &Tree) -> Text {
    let say = |key: &str| harmless(tree.get(key).and_then(Tree::text).unwrap_or_default());
    Text { title: say("title"), does: say("does"), fails: say("fails"), shows: say("shows"), next: say("next") }
}

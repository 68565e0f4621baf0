//! What a case says in other languages: `ko.toml` beside `scenario.toml`, rows of English and Korean. Which texts are
//! told at all, and how a row finds its text. Does not check that all is there, and never changes what is graded.

use super::format::{
    BRIEF_MAX, CLUE_MAX, COMMENT_MAX, LISTEN_MAX, QUESTION_MAX, STEP_MAX, TITLE_MAX, TONGUES, WORD_MAX,
};
use super::gameday::{CARD_TITLE_MAX, NOTE_MAX};
use super::shape::Tongues;
use super::skin::{self, Draws};
use super::source::Pack;
use super::tree::{self, Tree};
use crate::stdx::text::harmless;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A text of a case that may be told in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// As it stands in the file, `{names}` and all.
    pub say: String,
    /// The file it stands in, relative to the pack.
    pub file: String,
    /// Which text it is: `clues.oom.say`, `B: rivals.probe.how`; empty for a comment.
    pub key: String,
    /// Its bytes in the file.
    pub span: Range<usize>,
    /// Characters that it may have, in any language.
    pub max: usize,
    /// It is a word that can be collected: no other may say the same.
    pub word: bool,
}

impl Text {
    /// Where it is, for people.
    pub fn place(&self) -> &str {
        if self.key.is_empty() { &self.file } else { &self.key }
    }
}

/// The file of a language beside a `scenario.toml`.
pub fn file_of(code: &str) -> String {
    format!("{code}.toml")
}

/// Whether a file of a pack holds nothing but translations.
pub fn is_tongue(path: &str) -> bool {
    TONGUES.iter().any(|(code, _)| path.strip_suffix(".toml") == Some(code))
}

/// A text as rows are compared: blanks and line ends do not count.
pub fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where texts stand: the key of a list or table, the texts of an entry with their lengths, and whether they are words.
type Place = (&'static str, &'static [(&'static str, usize)], bool);

/// Lists of tables.
const LISTS: &[Place] = &[
    ("chain", &[("say", WORD_MAX)], true),
    ("coach", &[("say", STEP_MAX), ("plain", STEP_MAX)], false),
    ("decoys", &[("say", WORD_MAX)], true),
    ("question", &[("ask", QUESTION_MAX), ("listen", LISTEN_MAX)], false),
];
/// Lists of tables under `gameday`.
const GAMEDAY: &[Place] =
    &[("inject", &[("note", NOTE_MAX)], false), ("seat", &[("title", CARD_TITLE_MAX), ("note", NOTE_MAX)], false)];
/// Tables of tables.
const TABLES: &[Place] =
    &[("clues", &[("say", CLUE_MAX)], false), ("rivals", &[("thing", WORD_MAX), ("how", WORD_MAX)], true)];

/// The texts of a case or a family, in the order of the file, and the comments of its solutions. The page, witnesses and
/// messages are not among them: the estate speaks English.
pub fn texts(pack: &Pack, tree: &Tree) -> Vec<Text> {
    let mut found = Vec::new();
    if let Some(drill) = tree.get("drill") {
        for (key, max) in [("title", TITLE_MAX), ("brief", BRIEF_MAX)] {
            put(drill.get(key), &format!("drill.{key}"), max, false, &mut found);
        }
    }
    part(tree, "", &mut found);
    for variant in tree.get("variant").map_or(&[][..], Tree::items) {
        let id = variant.get("id").and_then(Tree::text).unwrap_or_default();
        part(variant, &format!("{id}: "), &mut found);
    }
    found.sort_by_key(|text| text.span.start);
    for path in pack.files.keys().filter(|path| path.starts_with("solutions/") && path.ends_with(".txt")) {
        comments(path, pack.text(path).unwrap_or_default(), &mut found);
    }
    found
}

fn part(tree: &Tree, of: &str, found: &mut Vec<Text>) {
    if let Some(gameday) = tree.get("gameday") {
        lists(gameday, GAMEDAY, &format!("{of}gameday."), found);
    }
    lists(tree, LISTS, of, found);
    for (table, keys, word) in TABLES {
        for entry in tree.get(table).map_or(&[][..], Tree::entries) {
            keys.iter().for_each(|(key, max)| {
                put(entry.value.get(key), &format!("{of}{table}.{}.{key}", entry.key), *max, *word, found);
            });
        }
    }
}

fn lists(tree: &Tree, places: &[Place], of: &str, found: &mut Vec<Text>) {
    for (list, keys, word) in places {
        for (index, item) in tree.get(list).map_or(&[][..], Tree::items).iter().enumerate() {
            let named = item.get("id").and_then(Tree::text).map_or_else(|| (index + 1).to_string(), str::to_string);
            keys.iter().for_each(|(key, max)| {
                put(item.get(key), &format!("{of}{list}.{named}.{key}"), *max, *word, found);
            });
        }
    }
}

/// A text, or each text of a list.
fn put(value: Option<&Tree>, key: &str, max: usize, word: bool, found: &mut Vec<Text>) {
    let Some(value) = value else { return };
    for one in std::iter::once(value).chain(value.items()) {
        let Some(say) = one.text().filter(|say| !say.trim().is_empty()) else { continue };
        let (say, file) = (say.to_string(), "scenario.toml".to_string());
        found.push(Text { say, file, key: key.into(), span: one.span.clone(), max, word });
    }
}

/// The `#` lines of a transcript.
fn comments(path: &str, transcript: &str, found: &mut Vec<Text>) {
    let mut start = 0;
    for line in transcript.split_inclusive('\n') {
        if let Some(say) = line.trim().strip_prefix('#').map(str::trim).filter(|say| !say.is_empty()) {
            let span = start..start + line.trim_end().len();
            let (say, file) = (say.to_string(), path.to_string());
            found.push(Text { say, file, key: String::new(), span, max: COMMENT_MAX, word: false });
        }
        start += line.len();
    }
}

/// The placeholders of a text.
pub fn names(text: &str) -> BTreeSet<&str> {
    let pieces = skin::pieces(text).into_iter();
    pieces
        .filter_map(|piece| match piece {
            skin::Piece::Name(name) => Some(name),
            skin::Piece::Plain(_) => None,
        })
        .collect()
}

/// What the seed may draw, of a case's own skin, collapsed. A row may tell it: `about half an hour` within a text reads as
/// that row says. None has to: most of it is versions, times and names of the estate.
pub fn drawn(tree: &Tree) -> BTreeSet<String> {
    let skin = tree.get("skin").map_or(&[][..], Tree::entries).iter();
    let picks = skin.flat_map(|entry| entry.value.get("pick").map_or(&[][..], Tree::items));
    picks.filter_map(|value| Some(collapsed(value.text()?))).collect()
}

/// The texts in every language that the pack has, with the drawn names in both. A row that does not fit is left out:
/// the checker reports it, and a learner reads English there.
pub fn told(pack: &Pack, texts: &[Text], draws: &Draws) -> Tongues {
    let mut tongues = Tongues::new();
    for (code, _) in TONGUES {
        let path = file_of(code);
        let Some(source) = pack.files.get(&path).and_then(|_| pack.text(&path).ok()) else { continue };
        let (tree, _) = tree::parse(&path, source);
        let rows = rows(&tree, code);
        let tell =
            |drawn: &String| rows.get(&collapsed(drawn)).map_or_else(|| drawn.clone(), |told| (*told).to_string());
        let drawn: Draws = draws.iter().map(|(name, value)| (name.clone(), tell(value))).collect();
        let mut says = BTreeMap::new();
        for text in texts {
            let Some(other) = rows.get(&collapsed(&text.say)) else { continue };
            if names(other) == names(&text.say) {
                says.insert(skin::expand(&text.say, draws), harmless(&skin::expand(other, &drawn)));
            }
        }
        tongues.insert((*code).to_string(), says);
    }
    tongues
}

/// Adds what another pack tells; what is told already stays.
pub fn add(tongues: &mut Tongues, more: Tongues) {
    for (code, says) in more {
        let known = tongues.entry(code).or_default();
        for (english, other) in says {
            known.entry(english).or_insert(other);
        }
    }
}

/// The rows of a file: collapsed English → the other language.
fn rows<'a>(tree: &'a Tree, code: &str) -> BTreeMap<String, &'a str> {
    let list = tree.get("say").map_or(&[][..], Tree::items);
    let told = list.iter().filter_map(|row| Some((collapsed(row.get("en")?.text()?), row.get(code)?.text()?)));
    told.filter(|(_, other)| !other.trim().is_empty()).collect()
}

/// One text of a file `CODE.toml` without reading the rest of it: what a list of many cases needs. English if it is not
/// found at once.
pub fn one<'a>(source: &str, code: &str, english: &'a str) -> std::borrow::Cow<'a, str> {
    let wanted = collapsed(english);
    // What TOML would escape is not looked for.
    let near = wanted.split(['"', '\\']).next().unwrap_or_default();
    let blocks = source.split("[[say]]").skip(1);
    for block in blocks.filter(|block| collapsed(block).contains(near)) {
        let (tree, problems) = tree::parse("", &format!("[[say]]{block}"));
        if problems.is_empty()
            && let Some(other) = rows(&tree, code).get(&wanted)
        {
            return harmless(other).into();
        }
    }
    english.into()
}

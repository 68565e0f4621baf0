//! Whether a case is told whole in the languages that it has a file of: every row means a text, keeps its names, is short
//! enough, and nothing is left out. Does not judge the words.

use crate::scenario::file::File;
use crate::scenario::format::TONGUES;
use crate::scenario::keys::{self, Place, Shape};
use crate::scenario::problem::{Problem, Severity};
use crate::scenario::source::Pack;
use crate::scenario::tongue::{self, Text, collapsed, names};
use crate::scenario::tree::{self, Tree};
use crate::stdx::suggest;
use crate::stdx::text::clip;
use std::collections::{BTreeMap, BTreeSet};

/// So many missing texts are named in the warning.
const NAMED_MAX: usize = 3;
/// Letters of a text by which its like is looked for.
const LIKE_LETTERS: usize = 60;

/// Checks every file of another language that the pack has.
pub fn check(pack: &Pack, file: &File) -> Vec<Problem> {
    let texts = tongue::texts(pack, &file.tree);
    let present = TONGUES.iter().filter(|(code, _)| pack.files.contains_key(&tongue::file_of(code)));
    present.flat_map(|(code, shape)| check_one(pack, file, &texts, code, shape)).collect()
}

fn check_one(pack: &Pack, file: &File, texts: &[Text], code: &str, shape: &'static Shape) -> Vec<Problem> {
    let path = tongue::file_of(code);
    let shown = format!("{}/{path}", pack.shown);
    let source = match pack.text(&path) {
        Ok(source) => source,
        Err(problem) => return vec![*problem],
    };
    let (tree, syntax) = tree::parse(&shown, source);
    let mut place = Place { file: &shown, source, problems: syntax };
    if !place.problems.is_empty() {
        return place.problems;
    }
    keys::check(&tree, shape, &mut place);
    let known: BTreeMap<String, &Text> = texts.iter().rev().map(|text| (collapsed(&text.say), text)).collect();
    let drawn = tongue::drawn(&file.tree);
    let (mut seen, mut words) = (BTreeSet::new(), BTreeMap::<String, &String>::new());
    for row in tree.get("say").map_or(&[][..], Tree::items) {
        let (Some(english), Some(other)) = (row.get("en"), row.get(code)) else { continue };
        let (Some(en), Some(said)) = (english.text(), other.text()) else { continue };
        let en = collapsed(en);
        let text = known.get(&en);
        if text.is_none() && !drawn.contains(&en) {
            no_text(english, &en, &known, &mut place);
            continue;
        }
        if said.trim().is_empty() {
            continue;
        }
        if !seen.insert(en) {
            place.complain(english, "odd-translation", "this text has a row already");
            continue;
        }
        // What the seed draws is short enough wherever it is put, or too long in English as well.
        let Some(text) = text else { continue };
        fits(text, other, said, &mut place);
        if text.word {
            let taken = words.entry(collapsed(said).to_lowercase()).or_insert(&text.say);
            if collapsed(taken) != collapsed(&text.say) {
                let message = format!("{said:?} stands for {taken:?} already: two words must not read the same");
                place.complain(other, "odd-translation", message);
            }
        }
    }
    let missing = left_out(texts, &tree, code);
    if !missing.is_empty() && place.problems.iter().all(|problem| problem.severity != Severity::Error) {
        place.problems.push(untranslated(pack, file, code, &missing));
    }
    place.problems
}

/// A row whose English stands nowhere.
fn no_text(english: &Tree, en: &str, known: &BTreeMap<String, &Text>, place: &mut Place) {
    let start = |text: &str| text.chars().take(LIKE_LETTERS).collect::<String>();
    let starts: BTreeMap<String, &str> = known.keys().map(|text| (start(text), text.as_str())).collect();
    let near = suggest::nearest(&start(en), starts.keys().map(String::as_str)).and_then(|near| starts.get(near));
    let message = format!("no text of this case reads {:?}", clip(en, 80));
    place.complain(english, "odd-translation", message).hint = match near {
        Some(near) => format!("did you mean {near:?}?"),
        None => "`en` is the English of a title, brief, word, clue, step, question or solution's comment".into(),
    };
}

/// The same names, and no longer than the English may be.
fn fits(text: &Text, other: &Tree, said: &str, place: &mut Place) {
    let (wanted, found) = (names(&text.say), names(said));
    if wanted != found {
        let list = |names: &BTreeSet<&str>| match names.is_empty() {
            true => "none".to_string(),
            false => names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", "),
        };
        let message = format!("the English has the names {}; this has {}", list(&wanted), list(&found));
        place.complain(other, "odd-translation", message);
    }
    let length = said.chars().count();
    if length > text.max {
        let message = format!("{length} characters; `{}` has at most {}", text.key, text.max);
        place.complain(other, "too-long", message);
    }
}

/// The texts without a translation, each once, in the order of the files.
pub fn left_out<'a>(texts: &'a [Text], tree: &Tree, code: &str) -> Vec<&'a Text> {
    let rows = tree.get("say").map_or(&[][..], Tree::items).iter();
    let done = rows.filter(|row| row.get(code).and_then(Tree::text).is_some_and(|said| !said.trim().is_empty()));
    let mut done: BTreeSet<String> = done.filter_map(|row| Some(collapsed(row.get("en")?.text()?))).collect();
    texts.iter().filter(|text| done.insert(collapsed(&text.say))).collect()
}

fn untranslated(pack: &Pack, file: &File, code: &str, missing: &[&Text]) -> Problem {
    let named: Vec<&str> = missing.iter().take(NAMED_MAX).map(|text| text.place()).collect();
    let more = if missing.len() > NAMED_MAX { ", …" } else { "" };
    let message = format!("{code}.toml leaves out {} of the texts: {}{more}", missing.len(), named.join(", "));
    let hint = format!("`whodunit check --untranslated {code} {}` prints rows to fill in", pack.shown);
    // It stands at the first of them, where it has a line that can be shown.
    let problem = match missing.first().filter(|text| text.file == "scenario.toml") {
        Some(text) => Problem::at(&file.shown, &file.source, text.span.clone(), "untranslated", message),
        None => Problem::of_file(&format!("{}/{code}.toml", pack.shown), "untranslated", message),
    };
    problem.warning().hint(hint)
}

/// Rows for the texts that have no translation yet, to be copied into `CODE.toml` and filled in. `None` if there is no
/// such language.
pub fn rows_to_fill(pack: &Pack, file: &File, code: &str) -> Option<String> {
    let (code, _) = TONGUES.iter().find(|(known, _)| *known == code)?;
    let texts = tongue::texts(pack, &file.tree);
    let path = tongue::file_of(code);
    let source = pack.files.get(&path).and_then(|_| pack.text(&path).ok()).unwrap_or_default();
    let (tree, _) = tree::parse(&path, source);
    let row = |text: &&Text| {
        let line = match text.file.as_str() {
            "scenario.toml" => file.source[..text.span.start].matches('\n').count() + 1,
            path => pack.text(path).unwrap_or_default()[..text.span.start].matches('\n').count() + 1,
        };
        let en = quoted(&text.say);
        format!("# {}:{line} {}\n[[say]]\nen = {en}\n{code} = \"\"\n", text.file, text.key)
    };
    Some(left_out(&texts, &tree, code).iter().map(row).collect::<Vec<_>>().join("\n"))
}

/// A TOML string; of several lines if the text has them.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\");
    match escaped.contains('\n') {
        true => format!("\"\"\"\n{}\"\"\"", escaped.replace("\"\"\"", "\"\"\\\"")),
        false => format!("\"{}\"", escaped.replace('"', "\\\"")),
    }
}

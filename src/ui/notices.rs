//! What the drill says of an act, told in the learner's language: a sentence is found among the rows of [`ROWS`] by its
//! English, and its parts are put into the other one. Does not know which act it was.

use crate::scenario::shape::Case;
use crate::scenario::skin::{Piece, pieces};
use crate::stdx::lang::Lang;

/// The rows that hold sentences of the drill, and words within them.
const ROWS: &[&str] = &["blank.", "hint.", "instrument.", "judge.", "notice.", "objection."];
/// Sentences within sentences: `Taken back: h2 is off the board.`
const DEPTH_MAX: usize = 3;

/// A notice in a language, line by line. What has no row there stays English.
pub fn told(lang: &Lang, case: &Case, notice: &str) -> String {
    if lang.code == "en" {
        return notice.to_string();
    }
    let english = Lang::english();
    notice.lines().map(|line| sentence(&english, lang, case, line, 0)).collect::<Vec<_>>().join("\n")
}

fn sentence(english: &Lang, lang: &Lang, case: &Case, line: &str, depth: usize) -> String {
    let words = line.trim_start();
    let lead = &line[..line.len() - words.len()];
    let rows = english.keys().filter(|key| ROWS.iter().any(|row| key.starts_with(row)));
    let found = rows.filter_map(|key| Some((key, english.say(key), parts(english.say(key), words)?)));
    // Of several that fit, the one that leaves least to its parts.
    let best = found.min_by_key(|(_, _, parts)| parts.iter().map(|(_, value)| value.len()).sum::<usize>());
    let Some((key, _, parts)) = best.filter(|_| depth < DEPTH_MAX) else {
        return format!("{lead}{}", of_case(lang, case, words));
    };
    let parts: Vec<(&str, String)> =
        parts.into_iter().map(|(name, value)| (name, sentence(english, lang, case, value, depth + 1))).collect();
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    format!("{lead}{}", lang.with(key, &parts))
}

/// The values of a template's parts in a sentence, if it is one of that template.
fn parts<'a>(template: &'a str, sentence: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (mut found, mut rest) = (Vec::new(), sentence);
    let mut open: Option<&str> = None;
    for piece in pieces(template) {
        match piece {
            Piece::Name(name) => open = Some(name),
            Piece::Plain(plain) => {
                let end = match (open, plain) {
                    (None, _) => rest.starts_with(plain).then_some(0)?,
                    (Some(_), "") => rest.len(),
                    (Some(_), _) => rest.find(plain)?,
                };
                if let Some(name) = open.take() {
                    found.push((name, &rest[..end]));
                }
                rest = &rest[end + plain.len()..];
            }
        }
    }
    // A sentence of which something is left over is another one.
    rest.is_empty().then_some(found)
}

/// A text of the case; words in quotes, one after the other; or a thing and a how.
fn of_case(lang: &Lang, case: &Case, words: &str) -> String {
    let told = case.told(lang.code, words);
    if told != words {
        return told.to_string();
    }
    if let Some(inner) = words.strip_prefix('“').and_then(|rest| rest.strip_suffix('”')) {
        let list: Vec<&str> = inner.split("”, “").map(|word| case.told(lang.code, word)).collect();
        return format!("“{}”", list.join("”, “"));
    }
    let pair = words.match_indices(": ").find_map(|(at, _)| {
        let (thing, how) = (&words[..at], &words[at + 2..]);
        let (first, second) = (case.told(lang.code, thing), case.told(lang.code, how));
        (first != thing && second != how).then(|| format!("{first}: {second}"))
    });
    pair.unwrap_or_else(|| words.to_string())
}

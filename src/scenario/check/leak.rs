//! Whether a text gives the answer away: words that only the right answer has. Does not know where the text stands.

use crate::scenario::shape::{Case, WordKind};
use std::collections::BTreeSet;

/// Words that say nothing by themselves.
const EMPTY: &[&str] = &[
    "after", "again", "also", "because", "been", "before", "being", "cannot", "does", "each", "ever", "every", "from",
    "have", "into", "itself", "more", "most", "much", "never", "once", "only", "other", "over", "same", "since",
    "some", "still", "such", "than", "that", "their", "them", "then", "there", "they", "this", "those", "until",
    "very", "were", "what", "when", "where", "which", "while", "whose", "will", "with", "without", "your",
];

/// Korean words that say nothing by themselves.
const EMPTY_KO: &[&str] = &[
    "것",
    "그리고",
    "다른",
    "다시",
    "동안",
    "되는",
    "된다",
    "때문",
    "또는",
    "모두",
    "모든",
    "보다",
    "뿐",
    "아무",
    "안에",
    "않는",
    "없는",
    "없다",
    "위해",
    "이전",
    "이후",
    "있는",
    "있다",
    "하나",
    "하는",
    "한다",
    "항상",
];
/// Endings of Korean words, the longest first.
const ENDINGS_KO: &[&str] = &[
    "으로", "에서", "에게", "까지", "부터", "처럼", "마다", "보다", "이나", "은", "는", "이", "가", "을", "를", "의",
    "에", "로", "와", "과", "도", "만",
];

/// Words of the culprit and of the mechanism that no wrong word has: to say one of them is to point.
pub fn telling_words(case: &Case) -> BTreeSet<String> {
    telling(case, words)
}

/// The same of the case as it is told in Korean.
pub fn telling_korean(case: &Case) -> BTreeSet<String> {
    telling(case, |say| korean(case.told(KOREAN, say)))
}

/// The code of the language whose words are told apart here besides English.
pub const KOREAN: &str = "ko";

fn telling(case: &Case, words: impl Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    let answer = [&case.verdict.culprit, &case.verdict.mechanism];
    let right = case.chain.iter().filter(|node| answer.contains(&&node.id));
    let mut telling: BTreeSet<String> = right.flat_map(|node| words(&node.say)).collect();
    let wrong_nodes = case
        .chain
        .iter()
        .filter(|node| !answer.contains(&&node.id) && matches!(node.kind, WordKind::Thing | WordKind::How));
    let wrong = wrong_nodes
        .map(|node| node.say.as_str())
        .chain(case.rivals.iter().flat_map(|rival| [rival.thing.as_str(), rival.how.as_str()]))
        .chain(case.decoys.iter().map(|word| word.say.as_str()));
    for say in wrong {
        for word in words(say) {
            telling.remove(&word);
        }
    }
    telling
}

/// The first telling word of a text.
pub fn leaked(text: &str, telling: &BTreeSet<String>) -> Option<String> {
    words(text).into_iter().find(|word| telling.contains(word))
}

/// The first telling word of a Korean text.
pub fn leaked_korean(text: &str, telling: &BTreeSet<String>) -> Option<String> {
    korean(text).into_iter().find(|word| telling.contains(word))
}

/// The Korean words of a text without their endings, from two letters on; what is written in Latin letters the English tells.
fn korean(text: &str) -> Vec<String> {
    let stem = |word: &str| {
        let ending = ENDINGS_KO.iter().find_map(|ending| word.strip_suffix(ending));
        ending.unwrap_or(word).to_string()
    };
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().any(|c| ('가'..='힣').contains(&c)))
        .map(stem)
        .filter(|word| word.chars().count() >= 2 && !EMPTY_KO.contains(&word.as_str()))
        .collect()
}

/// The words of a text in lower case, without plural and possessive endings, from four letters on.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| {
            let word = word.trim_matches('\'').to_lowercase();
            let word = word.strip_suffix("'s").unwrap_or(&word);
            word.strip_suffix('s').filter(|stem| stem.len() > 3 && !stem.ends_with('s')).unwrap_or(word).to_string()
        })
        .filter(|word| word.chars().count() >= 4 && !EMPTY.contains(&word.as_str()))
        .collect()
}

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

/// Words of the culprit and of the mechanism that no wrong word has: to say one of them is to point.
pub fn telling_words(case: &Case) -> BTreeSet<String> {
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

//! What brings up the words of a case, gathered over all its variants: a rival of one variant is the truth of another,
//! and its words must not come otherwise when it is. Does not know who collects.

use super::shape::{Case, Clue, Met, Pattern, WordKind};

/// The words of all variants, in the order in which the file first says them.
pub fn gather<'a>(variants: impl IntoIterator<Item = &'a Case>) -> Vec<Met> {
    let mut words: Vec<Met> = Vec::new();
    for case in variants {
        for node in &case.chain {
            let about = |clue: &&Clue| clue.shows.contains(&node.id) || clue.hints.contains(&node.id);
            put(&mut words, (node.kind, &node.say), &node.met, case.clues.iter().filter(about));
        }
        for rival in &case.rivals {
            for (kind, say) in [(WordKind::Thing, &rival.thing), (WordKind::How, &rival.how)] {
                let about = |clue: &&Clue| clue.rules_out.contains(&rival.id);
                put(&mut words, (kind, say), &rival.met, case.clues.iter().filter(about));
            }
        }
        for decoy in &case.decoys {
            put(&mut words, (decoy.kind, &decoy.say), &decoy.met, std::iter::empty());
        }
    }
    words
}

fn put<'a>(
    words: &mut Vec<Met>,
    (kind, say): (WordKind, &str),
    met: &[Pattern],
    clues: impl Iterator<Item = &'a Clue>,
) {
    let at = words.iter().position(|word| word.kind == kind && word.say == say).unwrap_or_else(|| {
        words.push(Met { kind, say: say.to_string(), ..Met::default() });
        words.len() - 1
    });
    let Met { shown, lacking, .. } = &mut words[at];
    let mut add = |list_lacking: bool, pattern: &Pattern| {
        let list = if list_lacking { &mut *lacking } else { &mut *shown };
        if !list.contains(pattern) {
            list.push(pattern.clone());
        }
    };
    met.iter().for_each(|pattern| add(false, pattern));
    clues.for_each(|clue| add(clue.absent, &clue.pattern));
}

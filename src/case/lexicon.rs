//! The words of a case: every node of the chain, every rival's thing and how, every decoy; what they mean, and what lets
//! a learner collect them. Does not know who has collected what.

use super::score::log::Suspect;
use crate::scenario::shape::{Case, Pattern, WordKind};
use std::collections::BTreeSet;

/// What a word stands for. One text may stand for several (a rival may share the culprit's thing).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    Node(String),
    RivalThing(String),
    RivalHow(String),
    Decoy,
}

/// One word.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub kind: WordKind,
    pub say: String,
    pub meanings: BTreeSet<Meaning>,
    /// Facts that bring it up.
    pub met: Vec<Pattern>,
    /// Clues that bring it up.
    pub clues: BTreeSet<String>,
}

/// All words of a case, in the order of the file: chain, rivals, decoys. Equal texts of one kind are one word.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    pub entries: Vec<Entry>,
}

impl Lexicon {
    pub fn of(case: &Case) -> Lexicon {
        let mut lexicon = Lexicon::default();
        for node in &case.chain {
            let clues = case.clues.iter().filter(|clue| clue.shows.contains(&node.id) || clue.hints.contains(&node.id));
            let clues = clues.map(|clue| clue.id.clone()).collect();
            lexicon.put(node.kind, &node.say, Meaning::Node(node.id.clone()), &node.met, clues);
        }
        for rival in &case.rivals {
            let clues = case.clues.iter().filter(|clue| clue.rules_out.contains(&rival.id));
            let clues: BTreeSet<String> = clues.map(|clue| clue.id.clone()).collect();
            let thing = Meaning::RivalThing(rival.id.clone());
            lexicon.put(WordKind::Thing, &rival.thing, thing, &rival.met, clues.clone());
            lexicon.put(WordKind::How, &rival.how, Meaning::RivalHow(rival.id.clone()), &rival.met, clues);
        }
        for decoy in &case.decoys {
            lexicon.put(decoy.kind, &decoy.say, Meaning::Decoy, &decoy.met, BTreeSet::new());
        }
        lexicon
    }

    fn put(&mut self, kind: WordKind, say: &str, meaning: Meaning, met: &[Pattern], clues: BTreeSet<String>) {
        let at = self.entries.iter().position(|entry| entry.kind == kind && entry.say == say);
        let at = at.unwrap_or_else(|| {
            self.entries.push(Entry { kind, say: say.to_string(), ..Entry::default() });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[at];
        entry.meanings.insert(meaning);
        entry.met.extend_from_slice(met);
        entry.clues.extend(clues);
    }

    /// Which entry carries a meaning.
    pub fn find(&self, meaning: &Meaning) -> Option<usize> {
        self.entries.iter().position(|entry| entry.meanings.contains(meaning))
    }

    /// The node that a word names, if it names one.
    pub fn node(&self, entry: usize) -> Option<&str> {
        self.entries.get(entry)?.meanings.iter().find_map(|meaning| match meaning {
            Meaning::Node(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// Whom a thing and a how accuse together: the truth, a rival, or nobody of this case.
    pub fn suspect(&self, case: &Case, thing: usize, how: usize, hypothesis: u32) -> Suspect {
        let (Some(things), Some(hows)) = (self.entries.get(thing), self.entries.get(how)) else {
            return Suspect::Other(hypothesis);
        };
        let right = |word: &Entry, answer: &str, blank: &str| {
            let also = case.verdict.also.get(blank).into_iter().flatten();
            std::iter::once(answer)
                .chain(also.map(String::as_str))
                .any(|id| word.meanings.contains(&Meaning::Node(id.to_string())))
        };
        if right(things, &case.verdict.culprit, "culprit") && right(hows, &case.verdict.mechanism, "mechanism") {
            return Suspect::Truth;
        }
        let rival = case.rivals.iter().map(|rival| &rival.id).find(|id| {
            things.meanings.contains(&Meaning::RivalThing((*id).clone()))
                && hows.meanings.contains(&Meaning::RivalHow((*id).clone()))
        });
        rival.map_or(Suspect::Other(hypothesis), |id| Suspect::Rival(id.clone()))
    }
}

//! The words of a case, of all its variants together: what they mean in this one, and what lets a learner collect them. Does not know who has collected what.

use super::score::log::Suspect;
use crate::scenario::shape::{Case, Pattern, WordKind};
use crate::scenario::words;
use std::collections::BTreeSet;

/// What a word stands for; nothing, if it is a decoy here. One text may stand for several (a rival may share the culprit's thing).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    Node(String),
    RivalThing(String),
    RivalHow(String),
}

/// One word.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub kind: WordKind,
    pub say: String,
    pub meanings: BTreeSet<Meaning>,
    /// Facts that bring it up.
    pub met: Vec<Pattern>,
    /// Facts whose proven absence brings it up.
    pub lacking: Vec<Pattern>,
}

/// All words of a case, the same in each of its variants and in the same order: neither the order in which words are
/// numbered nor what brings them up tells which variant is true. Equal texts of one kind are one word.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    pub entries: Vec<Entry>,
}

impl Lexicon {
    pub fn of(case: &Case) -> Lexicon {
        let mut lexicon = Lexicon::default();
        // A case made by hand is its only variant.
        let own = if case.words.is_empty() { words::gather([case]) } else { Vec::new() };
        for word in case.words.iter().chain(&own) {
            lexicon.entries.push(Entry {
                kind: word.kind,
                say: word.say.clone(),
                meanings: BTreeSet::new(),
                met: word.shown.clone(),
                lacking: word.lacking.clone(),
            });
        }
        for node in &case.chain {
            lexicon.mean(node.kind, &node.say, Meaning::Node(node.id.clone()));
        }
        for rival in &case.rivals {
            lexicon.mean(WordKind::Thing, &rival.thing, Meaning::RivalThing(rival.id.clone()));
            lexicon.mean(WordKind::How, &rival.how, Meaning::RivalHow(rival.id.clone()));
        }
        lexicon
    }

    fn mean(&mut self, kind: WordKind, say: &str, meaning: Meaning) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.kind == kind && entry.say == say) {
            entry.meanings.insert(meaning);
        }
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

//! The concept cards of a case, linked to what the learner met of them: clues bagged, only seen, or missed. Does not know
//! what a card says in which language is read, nor any format.

use super::score::log::{Digest, Event};
use crate::scenario::card::{self, Card};
use crate::scenario::shape::Case;
use std::collections::BTreeSet;

/// A card, and why it is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardTold {
    pub card: Card,
    /// The clues that teach it: missed ones first, then those only seen.
    pub clues: Vec<CardClue>,
}

/// A clue that teaches a concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardClue {
    pub clue: String,
    pub met: Met,
}

/// What became of a clue in this run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// Never on a page; a command that would have shown it.
    Missed {
        command: String,
    },
    /// On a page of this entry of the journal, and in no exhibit.
    Seen {
        entry: u32,
    },
    Bagged {
        exhibits: Vec<u32>,
    },
}

/// The cards that the case names, and those that its clues name: first where something was missed, last where no clue is.
/// `held` gives the exhibits that hold a clue; `typed` turns an author's command into one that could have been typed.
pub fn of(
    case: &Case,
    log: &[Event],
    held: impl Fn(&str) -> Vec<u32>,
    typed: impl Fn(&str) -> String,
) -> Vec<CardTold> {
    let seen = Digest::of(log).seen;
    let met = |clue: &crate::scenario::shape::Clue| match (held(&clue.id), seen.get(&clue.id)) {
        (exhibits, _) if !exhibits.is_empty() => Met::Bagged { exhibits },
        (_, Some(entry)) => Met::Seen { entry: *entry },
        (_, None) => Met::Missed { command: clue.at.first().map_or_else(String::new, |command| typed(command)) },
    };
    let named = case.drill.cards.iter().chain(case.clues.iter().map(|clue| &clue.card));
    let mut known = BTreeSet::new();
    let ids = named.filter(|id| !id.is_empty() && known.insert(id.as_str())).cloned().collect::<Vec<_>>();
    let told = ids.iter().filter_map(|id| card::find(id)).map(|card| {
        let taught = case.clues.iter().filter(|clue| clue.card == card.id);
        let mut clues: Vec<CardClue> = taught.map(|clue| CardClue { clue: clue.id.clone(), met: met(clue) }).collect();
        clues.sort_by_key(|told| rank(&told.met));
        CardTold { card, clues }
    });
    let mut told: Vec<CardTold> = told.collect();
    told.sort_by_key(|told| told.clues.first().map_or(u8::MAX, |first| rank(&first.met)));
    told
}

/// What was missed teaches most.
fn rank(met: &Met) -> u8 {
    match met {
        Met::Missed { .. } => 0,
        Met::Seen { .. } => 1,
        Met::Bagged { .. } => 2,
    }
}

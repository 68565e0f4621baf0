//! The player who looks for the loudest red line, convicts whom it brings up, and cites it for everything. Does not think.

use super::hand::{Hand, points};
use super::sheet::{Sheet, Sight};
use crate::case::lexicon::{Entry, Lexicon, Meaning};
use crate::case::score::log::{Claim, Suspect};
use crate::case::score::truth::Blank;
use crate::console::fact::Fact;
use crate::scenario::shape::WordKind;
use crate::stdx::time::Time;
use std::collections::BTreeMap;

/// What makes a line red: a complaint in a log, or a warning among events.
fn red(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Log { level, template, .. } if matches!(level.as_str(), "WARN" | "ERROR" | "FATAL") => {
            Some(format!("log {template}"))
        }
        Fact::Event { warning: true, reason, .. } => Some(format!("event {reason}")),
        _ => None,
    }
}

/// A line: the sight it is on, and its number.
#[derive(Clone, Copy, Debug)]
pub struct Loud<'a> {
    pub sight: &'a Sight,
    pub line: u32,
    pub fact: &'a Fact,
}

/// The red line of which there are most on all pages together: the first of its kind.
pub fn loudest(sheet: &Sheet) -> Option<Loud<'_>> {
    let mut kinds: BTreeMap<String, (usize, Loud<'_>)> = BTreeMap::new();
    for sight in &sheet.sights {
        for (number, line) in sight.page.output.lines.iter().enumerate() {
            for mark in &line.marks {
                if let Some(kind) = red(&mark.fact) {
                    let loud = Loud { sight, line: number as u32, fact: &mark.fact };
                    kinds.entry(kind).or_insert((0, loud)).0 += 1;
                }
            }
        }
    }
    kinds.into_values().max_by_key(|(count, _)| *count).map(|(_, loud)| loud)
}

/// What the conviction earns; nothing is done besides.
pub fn convict(sheet: &Sheet) -> i64 {
    let mut hand = Hand::new(sheet);
    let Some(loud) = loudest(sheet) else { return points(sheet, &hand.end(&sheet.idle)) };
    hand.read(loud.sight, |_| true);
    let cite = loud.sight.lines.get(&loud.line).cloned();
    let exhibit = hand.bag(cite.as_slice());
    let cites = hand.cites(&[exhibit]);
    let lexicon = Lexicon::of(&sheet.case);
    let met = |entry: &&Entry| entry.met.iter().any(|pattern| pattern.matches(loud.fact, &sheet.case.roles));
    let brought: Vec<&Entry> = lexicon.entries.iter().filter(met).collect();
    let node = |entry: &Entry| {
        let node = entry.meanings.iter().find_map(|meaning| match meaning {
            Meaning::Node(id) => Some(id.clone()),
            _ => None,
        });
        node.unwrap_or_default()
    };
    let first = |kind: WordKind| brought.iter().find(|entry| entry.kind == kind).map(|entry| node(entry));
    let mut claims = BTreeMap::new();
    for (blank, kind) in [
        (Blank::Culprit, WordKind::Thing),
        (Blank::Mechanism, WordKind::How),
        (Blank::Trigger, WordKind::Change),
        (Blank::Impact, WordKind::Harm),
    ] {
        if let Some(word) = first(kind) {
            claims.insert(blank, Claim { word, onset: None, cites: cites.clone() });
        }
    }
    let onset: Option<Time> = match loud.fact {
        Fact::Log { at, .. } => Some(*at),
        Fact::Event { first, .. } => Some(*first),
        _ => None,
    };
    claims.insert(Blank::Onset, Claim { word: String::new(), onset, cites });
    hand.verdict(&[(Suspect::Truth, 99)], claims);
    points(sheet, &hand.end(&sheet.idle))
}

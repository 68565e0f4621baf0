//! What can be proven of a case, and what each clue is needed for: paths of proof, bottlenecks, ablation. Goes by the
//! evidence alone. Does not know consoles.

use super::sheet::{Sheet, Sight};
use crate::case::score::log::Suspect;
use crate::case::score::posterior::{belief, posterior};
use crate::case::score::truth::Blank;
use crate::case::score::{Exact, exact};
use crate::stdx::dice::Dice;
use crate::stdx::time::Span;
use num_traits::One;
use std::collections::BTreeSet;

/// Orders in which pages are left out while looking for minimal paths.
const ORDERS: u64 = 24;

/// A set of commands that proves all, and no smaller one among them does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    pub cost: Span,
    /// Places of the sights, rising.
    pub sights: Vec<usize>,
}

/// What is wanted of a proof: every blank in full, as far as the case can, and the truth justified.
pub fn proves(sheet: &Sheet, seen: &BTreeSet<String>) -> bool {
    open(sheet, seen).is_empty() && justified(sheet, seen) >= exact(9, 10)
}

/// The blanks that are not fully proven with these clues, and how far they are.
pub fn open(sheet: &Sheet, seen: &BTreeSet<String>) -> Vec<(Blank, Exact)> {
    let support = |blank| (blank, sheet.truth.support(seen, blank));
    Blank::ALL.into_iter().map(support).filter(|(_, support)| !support.is_one()).collect()
}

/// What a fair reasoner would believe of the truth.
pub fn justified(sheet: &Sheet, seen: &BTreeSet<String>) -> Exact {
    belief(&posterior(&sheet.truth, seen), &Suspect::Truth)
}

/// Minimal paths, the shortest first: as many as leaving pages out in different orders finds.
pub fn paths(sheet: &Sheet) -> Vec<Path> {
    let all = distinct(sheet);
    if !proves(sheet, &clues(sheet, &all)) {
        return Vec::new();
    }
    let dice = Dice::new(sheet.case.seed).fork("paths");
    let mut found = BTreeSet::new();
    for n in 0..ORDERS {
        let mut dice = dice.fork(&n.to_string());
        let mut order = all.clone();
        if n == 0 {
            // The dearest are left out first.
            order.sort_by_key(|at| sheet.sights.get(*at).map(|sight| std::cmp::Reverse(sight.cost)));
        } else {
            (1..order.len()).rev().for_each(|at| order.swap(at, dice.below(at as u64 + 1) as usize));
        }
        let mut kept = all.clone();
        for out in order {
            let without: Vec<usize> = kept.iter().copied().filter(|at| *at != out).collect();
            if proves(sheet, &clues(sheet, &without)) {
                kept = without;
            }
        }
        let cost = kept.iter().filter_map(|at| sheet.sights.get(*at)).fold(Span::ZERO, |sum, sight| sum + sight.cost);
        found.insert(Path { cost, sights: kept });
    }
    found.into_iter().collect()
}

/// One sight for each different set of clues: the cheapest.
fn distinct(sheet: &Sheet) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for (at, sight) in sheet.sights.iter().enumerate().filter(|(_, sight)| !sight.clues.is_empty()) {
        let same = |other: &&mut usize| sheet.sights.get(**other).is_some_and(|own| own.clues == sight.clues);
        match kept.iter_mut().find(same) {
            Some(other) if sheet.sights.get(*other).is_some_and(|own| own.cost > sight.cost) => *other = at,
            Some(_) => {}
            None => kept.push(at),
        }
    }
    kept
}

fn clues(sheet: &Sheet, sights: &[usize]) -> BTreeSet<String> {
    sights.iter().filter_map(|at| sheet.sights.get(*at)).flat_map(|sight| &sight.clues).cloned().collect()
}

/// Sights that every proof needs.
pub fn bottlenecks(sheet: &Sheet) -> Vec<&Sight> {
    let all = distinct(sheet);
    let needed = |at: &&usize| {
        let without: Vec<usize> = all.iter().copied().filter(|own| own != *at).collect();
        !proves(sheet, &clues(sheet, &without))
    };
    all.iter().filter(needed).filter_map(|at| sheet.sights.get(*at)).collect()
}

/// What cannot be proven any more without a clue.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    pub clue: String,
    pub blanks: Vec<(Blank, Exact)>,
    pub rivals: Vec<String>,
    /// What is justified without it, if that is too little.
    pub justified: Option<Exact>,
}

/// For each clue: what becomes unprovable without it; clues without which nothing does are left out.
pub fn ablation(sheet: &Sheet) -> Vec<Loss> {
    let all: BTreeSet<String> = sheet.truth.clues.keys().cloned().collect();
    let loss = |clue: &String| {
        let mut rest = all.clone();
        rest.remove(clue);
        let known = open(sheet, &all);
        let blanks: Vec<_> = open(sheet, &rest).into_iter().filter(|lost| !known.contains(lost)).collect();
        let rivals: Vec<String> =
            sheet.truth.rivals.iter().filter(|rival| !cleared(sheet, &rest, rival)).cloned().collect();
        let belief = justified(sheet, &rest);
        let justified = (belief < exact(9, 10)).then_some(belief);
        Loss { clue: clue.clone(), blanks, rivals, justified }
    };
    let told = |loss: &Loss| !(loss.blanks.is_empty() && loss.rivals.is_empty() && loss.justified.is_none());
    all.iter().map(loss).filter(told).collect()
}

fn cleared(sheet: &Sheet, held: &BTreeSet<String>, rival: &str) -> bool {
    held.iter().any(|clue| sheet.truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(rival)))
}

/// The clues that rule a rival out, perishable ones apart.
pub fn against<'a>(sheet: &'a Sheet, rival: &str) -> (Vec<&'a String>, Vec<&'a String>) {
    let own = sheet.truth.clues.iter().filter(|(_, clue)| clue.rules_out.contains(rival));
    let (lasting, perishable): (Vec<_>, Vec<_>) = own.partition(|(_, clue)| !clue.perishable);
    let ids = |list: Vec<(&'a String, _)>| list.into_iter().map(|(id, _)| id).collect();
    (ids(lasting), ids(perishable))
}

/// How many of a hundred lines that show something show nothing of the case.
pub fn noise(sheet: &Sheet) -> usize {
    let (mut quiet, mut all) = (0, 0);
    for sight in &sheet.sights {
        for (number, line) in sight.page.output.lines.iter().enumerate().filter(|(_, line)| !line.marks.is_empty()) {
            all += 1;
            quiet += usize::from(!line.text.trim().is_empty() && !sight.lines.contains_key(&(number as u32)));
        }
    }
    (quiet * 100usize).checked_div(all).unwrap_or(100)
}

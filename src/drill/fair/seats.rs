//! What the parts of a game day can prove with the commands that their shells have: alone, and together. Does not know who
//! plays them.

use super::sheet::Sheet;
use crate::case::score::exact;
use crate::case::score::truth::Blank;
use crate::console::gate;
use crate::scenario::gameday::{Card, Role};
use std::collections::BTreeSet;

/// Both blanks that make a culprit's case.
const CASE: [Blank; 2] = [Blank::Culprit, Blank::Mechanism];

/// What the parts of a case come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Parts that can prove both culprit and mechanism without anybody else.
    pub alone: Vec<String>,
    /// Blanks that all of them together cannot prove.
    pub missing: Vec<&'static str>,
}

/// Looks at the parts of a sheet's case; `None` if no part's shell lacks anything.
pub fn parts(sheet: &Sheet) -> Option<Parts> {
    let operators = sheet.case.gameday.cards.iter().filter(|card| card.role == Role::Operator);
    let operators: Vec<&Card> = operators.collect();
    if operators.iter().all(|card| card.can.is_empty()) {
        return None;
    }
    let seen: Vec<BTreeSet<String>> = operators.iter().map(|card| shown_to(sheet, card)).collect();
    let all: BTreeSet<String> = seen.iter().flatten().cloned().collect();
    let alone = operators.iter().zip(&seen).filter(|(_, seen)| CASE.iter().all(|blank| proves(sheet, seen, *blank)));
    Some(Parts {
        alone: alone.map(|(card, _)| card.id.clone()).collect(),
        missing: CASE.iter().filter(|blank| !proves(sheet, &all, **blank)).map(|blank| blank.name()).collect(),
    })
}

/// The clues that a part's own commands show.
fn shown_to(sheet: &Sheet, card: &Card) -> BTreeSet<String> {
    let own = sheet.sights.iter().filter(|sight| gate::has_line(&card.can, &sight.command));
    own.flat_map(|sight| &sight.clues).cloned().collect()
}

/// So much proof makes a claim hold before the judge.
fn proves(sheet: &Sheet, seen: &BTreeSet<String>, blank: Blank) -> bool {
    sheet.truth.support(seen, blank) >= exact(7, 10)
}

//! Players who know nothing of the case: random ones, those who bag and cite everything, those to whom the answer leaked,
//! those who say many words. None of them may win. Does not know honest players.

use super::hand::{Hand, points};
use super::sheet::Sheet;
use crate::case::lexicon::Lexicon;
use crate::case::score::log::{Claim, Event, Suspect};
use crate::case::score::posterior::posterior;
use crate::case::score::truth::Blank;
use crate::case::score::{Exact, exact};
use crate::scenario::shape::WordKind;
use crate::stdx::dice::Dice;
use crate::stdx::time::Span;
use num_traits::ToPrimitive;
use std::collections::BTreeMap;

/// Random players of a variant.
pub const STRANGERS: u64 = 200;
/// The confidences that a board has.
pub const SCALE: [u8; 11] = [1, 5, 10, 20, 35, 50, 65, 80, 90, 95, 99];
/// Exhibits that a random player cites for one claim, at most.
const CITED_MAX: u64 = 5;
/// A minute within so many before the page is what a random player says of the onset.
const ONSET_MINUTES: i64 = 60;

/// The totals of random players in thousandths, in rising order.
pub fn totals(sheet: &Sheet) -> Vec<i64> {
    let dice = Dice::new(sheet.case.seed).fork("strangers");
    let lexicon = Lexicon::of(&sheet.case);
    let play = |n: u64| points(sheet, &stranger(sheet, &lexicon, &mut dice.fork(&n.to_string()), true));
    let mut totals: Vec<i64> = (0..STRANGERS).map(play).collect();
    totals.sort_unstable();
    totals
}

/// The best of random players who cite nothing, and of the best that anybody could do without citing.
pub fn uncited(sheet: &Sheet) -> i64 {
    let dice = Dice::new(sheet.case.seed).fork("uncited");
    let lexicon = Lexicon::of(&sheet.case);
    let play = |n: u64| points(sheet, &stranger(sheet, &lexicon, &mut dice.fork(&n.to_string()), false));
    (0..STRANGERS / 4).map(play).max().unwrap_or(0).max(points(sheet, &saint(sheet)))
}

/// The ninety-ninth of a hundred.
pub fn p99(totals: &[i64]) -> i64 {
    totals.get((totals.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
}

/// Reads, bags, believes, tells, changes, clears and accuses by lot.
pub fn stranger(sheet: &Sheet, lexicon: &Lexicon, dice: &mut Dice, cites: bool) -> Vec<Event> {
    let mut hand = Hand::new(sheet);
    if dice.chance(500) {
        hand.state(dice.below(6) as usize);
    }
    // Whoever mends at once finds only what that leaves.
    let early = sheet.hasty.as_ref().filter(|_| dice.chance(300));
    if early.is_some() {
        let expects = dice.chance(300);
        hand.change(expects, false);
    }
    let eager = dice.below(1_001);
    let mut order: Vec<usize> = (0..sheet.sights.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at as u64 + 1) as usize);
    }
    for sight in order.into_iter().filter_map(|at| sheet.sights.get(at)) {
        if !dice.chance(eager) {
            continue;
        }
        hand.read(sight, |clue| early.is_none_or(|ending| ending.after.contains(clue)));
        match dice.below(4) {
            0 => {}
            1 => _ = hand.bag(&sight.cites),
            2 => match dice.pick(&sight.cites) {
                Some(cite) => _ = hand.bag(std::slice::from_ref(cite)),
                None => _ = hand.bag(&[]),
            },
            _ => hand.bag_clues(sight),
        }
        if dice.chance(60) {
            let (right, next) = (dice.below(7) as usize, dice.chance(500).then_some(Span::mins(15)));
            let beliefs = beliefs(sheet, dice);
            hand.update(right, next, &beliefs);
        }
    }
    let late = early.is_none() && dice.chance(500);
    if late {
        let (expects, confounded) = (dice.chance(300), dice.chance(200));
        hand.change(expects, confounded);
        hand.pass(Span::mins(dice.between(1, 20)));
    }
    clearings(sheet, &mut hand, dice, cites);
    if dice.chance(500) {
        hand.resolve();
    }
    let claims = claims(sheet, lexicon, &hand, dice, cites);
    let beliefs = beliefs(sheet, dice);
    hand.verdict(&beliefs, claims);
    let ending = match (early, late) {
        (Some(ending), _) => ending,
        // As generous as can be: it may have been what the solution does.
        (None, true) => &sheet.solved,
        (None, false) => &sheet.idle,
    };
    hand.end(ending)
}

fn beliefs(sheet: &Sheet, dice: &mut Dice) -> Vec<(Suspect, u8)> {
    let mut said = Vec::new();
    for suspect in sheet.truth.hypotheses() {
        if dice.chance(500) {
            said.push((suspect, dice.pick(&SCALE).copied().unwrap_or(1)));
        }
    }
    said
}

fn some(hand: &Hand, dice: &mut Dice) -> Vec<usize> {
    let all: Vec<usize> = (0..hand.exhibits.len()).collect();
    (0..dice.below(CITED_MAX + 1)).filter_map(|_| dice.pick(&all).copied()).collect()
}

fn clearings(sheet: &Sheet, hand: &mut Hand, dice: &mut Dice, cites: bool) {
    for suspect in sheet.truth.hypotheses() {
        if dice.chance(300) {
            let cited = if cites { some(hand, dice) } else { Vec::new() };
            hand.clear(suspect, &cited);
        }
    }
}

/// A word of the right kind by lot, out of all that the case has.
fn claims(sheet: &Sheet, lexicon: &Lexicon, hand: &Hand, dice: &mut Dice, cites: bool) -> BTreeMap<Blank, Claim> {
    let kinds = [
        (Blank::Culprit, WordKind::Thing),
        (Blank::Mechanism, WordKind::How),
        (Blank::Trigger, WordKind::Change),
        (Blank::Impact, WordKind::Harm),
    ];
    let mut claims = BTreeMap::new();
    for (blank, kind) in kinds {
        let own = lexicon.entries.iter().enumerate().filter(|(_, entry)| entry.kind == kind);
        let words: Vec<usize> = own.map(|(at, _)| at).collect();
        let word = dice.pick(&words).and_then(|at| lexicon.node(*at)).unwrap_or_default().to_string();
        let cited = if cites { hand.cites(&some(hand, dice)) } else { Vec::new() };
        claims.insert(blank, Claim { word, onset: None, cites: cited });
    }
    let onset = sheet.case.drill.page_at - Span::mins(dice.between(0, ONSET_MINUTES));
    let cited = if cites { hand.cites(&some(hand, dice)) } else { Vec::new() };
    claims.insert(Blank::Onset, Claim { word: String::new(), onset: Some(onset), cites: cited });
    claims
}

// ---- the red team --------------------------------------------------------------------------------------------------

/// The best conduct there can be, the right words, and not one exhibit cited.
fn saint(sheet: &Sheet) -> Vec<Event> {
    let mut hand = Hand::new(sheet);
    hand.state(5);
    for sight in &sheet.sights {
        hand.read(sight, |_| true);
        hand.bag_clues(sight);
    }
    let fair = nearest(sheet, &hand);
    let promise = Some(Span::mins(15));
    hand.update(6, promise, &fair);
    hand.change(true, false);
    for _ in 0..2 {
        hand.until(sheet.solved.course.ended.unwrap_or(hand.at));
        if let Some(check) = sheet.sights.iter().find(|sight| sight.checks) {
            hand.read(check, |_| false);
        }
        hand.pass(Span::mins(6));
    }
    hand.update(6, None, &fair);
    hand.resolve();
    let claims = hand.right(|_| Vec::new());
    hand.verdict(&fair, claims);
    hand.end(&sheet.solved)
}

/// What is justified, in the words of the scale.
pub fn nearest(sheet: &Sheet, hand: &Hand) -> Vec<(Suspect, u8)> {
    let justified = posterior(&sheet.truth, hand.seen());
    let percent = |belief: &Exact| (belief * exact(100, 1)).round().to_integer().to_i64().unwrap_or(0);
    let close = |belief: &Exact| SCALE.iter().min_by_key(|step| (i64::from(**step) - percent(belief)).abs()).copied();
    justified.iter().filter_map(|(suspect, belief)| Some((suspect.clone(), close(belief)?))).collect()
}

/// Bags every page and cites all of it for the right words, told by somebody; nothing else is done.
pub fn bag_all_cite_all(sheet: &Sheet) -> i64 {
    let mut hand = Hand::new(sheet);
    for sight in &sheet.sights {
        hand.read(sight, |_| true);
        hand.bag(&sight.cites);
    }
    let all: Vec<usize> = (0..hand.exhibits.len()).collect();
    let claims = hand.right(|_| all.clone());
    hand.verdict(&[(Suspect::Truth, 99)], claims);
    points(sheet, &hand.end(&sheet.idle))
}

/// The right words, and nothing cited.
pub fn leaked(sheet: &Sheet) -> i64 {
    let mut hand = Hand::new(sheet);
    let claims = hand.right(|_| Vec::new());
    hand.verdict(&[(Suspect::Truth, 99)], claims);
    points(sheet, &hand.end(&sheet.idle))
}

/// All suspects cleared, all words said, all of it with pages that show nothing.
pub fn soup(sheet: &Sheet) -> i64 {
    let mut hand = Hand::new(sheet);
    for _ in 0..3 {
        hand.bag(&[]);
    }
    let all: Vec<usize> = (0..hand.exhibits.len()).collect();
    for rival in &sheet.truth.rivals {
        hand.clear(Suspect::Rival(rival.clone()), &all);
    }
    let claims = hand.right(|_| all.clone());
    hand.verdict(&[(Suspect::Truth, 99)], claims);
    points(sheet, &hand.end(&sheet.idle))
}

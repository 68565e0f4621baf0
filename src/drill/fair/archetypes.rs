//! Nine ways to play a case, made of its truth and its solution: from the expert to whoever does nothing. Their order is
//! that of a detective's craft, in every case. Does not know consoles.

use super::hand::{Hand, points};
use super::sheet::{Ending, Sheet, Sight};
use super::strangers::nearest;
use crate::case::score::Exact;
use crate::case::score::log::{Claim, Course, Event, Suspect, What};
use crate::case::score::truth::Blank;
use crate::stdx::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Names, best first.
pub const ORDER: [&str; 9] = [
    "expert",
    "capture-first",
    "honest-unfinished",
    "destroyer",
    "careful-wrong",
    "shotgunner",
    "symptom-namer",
    "lucky",
    "idle",
];
/// What must hold in every case: the first of each pair earns more. Between neighbours that differ in temper, not in craft,
/// a case decides.
pub const BETTER: &[(&str, &str)] = &[
    ("expert", "honest-unfinished"),
    ("capture-first", "honest-unfinished"),
    ("expert", "destroyer"),
    ("capture-first", "destroyer"),
    ("honest-unfinished", "careful-wrong"),
    ("honest-unfinished", "shotgunner"),
    ("destroyer", "shotgunner"),
    ("careful-wrong", "symptom-namer"),
    ("destroyer", "symptom-namer"),
    ("shotgunner", "lucky"),
    ("symptom-namer", "lucky"),
    ("symptom-namer", "idle"),
];
/// How often one who does everything right tells others.
const TELLS_EVERY: Span = Span::mins(15);
/// Updates of a hand-made player, at most: a bill takes a day to come down.
const UPDATES_MAX: usize = 120;

/// What each of them earns, in thousandths, in the order of [`ORDER`].
pub fn standings(sheet: &Sheet) -> Vec<(&'static str, i64)> {
    let logs = [
        sheet.solution.clone(),
        capture(sheet),
        unfinished(sheet),
        destroyer(sheet),
        wrong(sheet),
        shotgunner(sheet),
        symptom(sheet),
        lucky(sheet),
        Hand::new(sheet).end(&sheet.idle),
    ];
    ORDER.into_iter().zip(logs.iter().map(|log| points(sheet, log))).collect()
}

/// The pairs that are out of order.
pub fn disorder(standings: &[(&'static str, i64)]) -> Vec<(&'static str, &'static str)> {
    let of = |name: &str| standings.iter().find(|(own, _)| *own == name).map_or(0, |(_, points)| *points);
    BETTER.iter().copied().filter(|(better, worse)| of(better) <= of(worse)).collect()
}

// ---- well played ---------------------------------------------------------------------------------------------------

/// Secures what the fix will destroy, mends, and proves the rest of it afterwards.
pub fn capture(sheet: &Sheet) -> Vec<Event> {
    let Some(hasty) = &sheet.hasty else { return sheet.solution.clone() };
    let mut hand = Hand::new(sheet);
    hand.state(5);
    let (mut open, everything) = (sheet.seen(), sheet.seen());
    open.retain(|clue| !hasty.after.contains(clue) || sheet.perishable().contains(clue));
    secure(&mut hand, &mut open, |_| true);
    let fair = nearest(sheet, &hand);
    hand.update(6, Some(TELLS_EVERY), &fair);
    hand.change(true, false);
    let course = later(sheet, hasty, hand.at - sheet.case.drill.page_at);
    let mut open: BTreeSet<String> = everything.difference(hand.held()).cloned().collect();
    secure(&mut hand, &mut open, |clue| hasty.after.contains(clue));
    watch_over(&mut hand, &course);
    accuse(&mut hand);
    hand.end(&Ending { course, ..hasty.clone() })
}

/// Reads and bags until nothing of what is wanted is left to be had, the page that shows most of it first.
fn secure(hand: &mut Hand, open: &mut BTreeSet<String>, there: impl Fn(&str) -> bool) {
    let sheet = hand.sheet;
    let gives = |sight: &Sight, open: &BTreeSet<String>| {
        sight.clues.iter().filter(|clue| open.contains(*clue) && there(clue)).count()
    };
    while let Some(sight) = sheet.sights.iter().rev().max_by_key(|sight| gives(sight, open)) {
        if gives(sight, open) == 0 {
            return;
        }
        hand.read(sight, &there);
        hand.bag_clues(sight);
        open.retain(|clue| !sight.clues.contains(clue));
    }
}

/// The course of a fix that came so much later: at worst the harm was whole until then.
fn later(sheet: &Sheet, hasty: &Ending, after: Span) -> Course {
    let more = after.as_secs().unsigned_abs() * 1_000;
    let harm = (hasty.course.harm + more).min(sheet.idle.course.harm.max(hasty.course.harm));
    Course { harm, ended: hasty.course.ended.map(|ended| ended + after), ..hasty.course }
}

/// Tells others until the harm has ended, looks whether it has, and again whether it stays so.
fn watch_over(hand: &mut Hand, course: &Course) {
    let ended = course.ended.unwrap_or(hand.at);
    let mut told = 0;
    while hand.at + TELLS_EVERY < ended && told < UPDATES_MAX {
        hand.pass(TELLS_EVERY);
        let fair = nearest(hand.sheet, hand);
        hand.update(6, Some(TELLS_EVERY), &fair);
        told += 1;
    }
    hand.until(ended);
    let check = hand.sheet.sights.iter().find(|sight| sight.checks);
    for wait in [Span::ZERO, Span::mins(6)] {
        hand.pass(wait);
        if let Some(check) = check {
            hand.read(check, |_| false);
        }
    }
    let fair = nearest(hand.sheet, hand);
    hand.update(6, None, &fair);
}

/// Clears every rival that can be cleared, and says the right words with what bears on them.
fn accuse(hand: &mut Hand) {
    for rival in &hand.sheet.truth.rivals {
        if let Some(exhibit) = hand.ruling_out(rival) {
            hand.clear(Suspect::Rival(rival.clone()), &[exhibit]);
        }
    }
    hand.resolve();
    let fair = nearest(hand.sheet, hand);
    let claims = hand.right(|about| hand.bearing(about));
    hand.verdict(&fair, claims);
}

// ---- the solution, otherwise ---------------------------------------------------------------------------------------

/// The expert who never found what set it off, and leaves culprit and trigger blank.
fn unfinished(sheet: &Sheet) -> Vec<Event> {
    otherwise(sheet, |what| {
        if let What::Verdict { claims } = what {
            claims.retain(|blank, _| !matches!(blank, Blank::Culprit | Blank::Trigger));
        }
        true
    })
}

/// The expert's method, but the rival that is hardest to clear is not looked at, and convicted.
fn wrong(sheet: &Sheet) -> Vec<Event> {
    let hardest = |rival: &&String| -> Exact { sheet.truth.rival_worth(rival) };
    let Some(rival) = sheet.truth.rivals.iter().rev().max_by_key(hardest).cloned().map(Suspect::Rival) else {
        return sheet.solution.clone();
    };
    otherwise(sheet, |what| match what {
        What::Cleared { suspect, .. } => *suspect != rival,
        What::Beliefs { of } => {
            for (suspect, _) in of {
                if *suspect == Suspect::Truth {
                    *suspect = rival.clone();
                } else if *suspect == rival {
                    *suspect = Suspect::Truth;
                }
            }
            true
        }
        What::Verdict { claims } => {
            for blank in [Blank::Culprit, Blank::Mechanism, Blank::Trigger] {
                claims.entry(blank).and_modify(|claim| claim.word.clear());
            }
            true
        }
        _ => true,
    })
}

fn otherwise(sheet: &Sheet, mut tell: impl FnMut(&mut What) -> bool) -> Vec<Event> {
    let mut log = sheet.solution.clone();
    log.retain_mut(|event| tell(&mut event.what));
    log
}

// ---- badly played --------------------------------------------------------------------------------------------------

/// Three changes at once and blindly, then a look at what is left.
fn destroyer(sheet: &Sheet) -> Vec<Event> {
    let ending = sheet.hasty.as_ref().unwrap_or(&sheet.idle);
    let mut hand = Hand::new(sheet);
    for (at, wait) in [15, 45, 80].into_iter().enumerate() {
        hand.pass(Span::secs(wait));
        hand.change(false, at > 0);
    }
    let mut open = ending.after.clone();
    secure(&mut hand, &mut open, |clue| ending.after.contains(clue));
    let rivals: Vec<Suspect> = sheet.truth.rivals.iter().take(1).cloned().map(Suspect::Rival).collect();
    let mut sure = vec![(Suspect::Truth, 90)];
    sure.extend(rivals.into_iter().map(|rival| (rival, 5)));
    hand.update(4, None, &sure);
    for rival in sheet.truth.rivals.iter().take(2) {
        if let Some(exhibit) = hand.ruling_out(rival) {
            hand.clear(Suspect::Rival(rival.clone()), &[exhibit]);
        }
    }
    hand.resolve();
    let claims = hand.right(|about| hand.bearing(about));
    hand.verdict(&sure, claims);
    hand.end(ending)
}

/// Reads everything twice, bags every clue, believes all alike, changes three things, and cites all for everything.
fn shotgunner(sheet: &Sheet) -> Vec<Event> {
    let mut hand = Hand::new(sheet);
    let all = sheet.truth.hypotheses();
    let share = (96 / all.len().max(1)) as u8;
    let flat: Vec<(Suspect, u8)> = all.into_iter().map(|suspect| (suspect, share)).collect();
    for _ in 0..2 {
        for sight in &sheet.sights {
            hand.read(sight, |_| true);
            hand.bag_clues(sight);
        }
        hand.pass(Span::mins(1));
        hand.update(4, Some(Span::mins(10)), &flat);
    }
    for at in 0..3 {
        hand.pass(Span::secs(10));
        hand.change(false, at > 0);
    }
    let same: Vec<usize> = (0..hand.exhibits.len().min(3)).collect();
    for rival in &sheet.truth.rivals {
        hand.clear(Suspect::Rival(rival.clone()), &same);
    }
    let everything: Vec<usize> = (0..hand.exhibits.len()).collect();
    let claims = hand.right(|_| everything.clone());
    hand.verdict(&flat, claims);
    hand.end(&sheet.solved)
}

/// Names what hurts and what it looks like, well cited, and neither culprit nor cause.
fn symptom(sheet: &Sheet) -> Vec<Event> {
    let mut hand = Hand::new(sheet);
    hand.state(4);
    let answer = |blank: Blank| sheet.truth.answers.get(&blank).and_then(|answers| answers.first()).cloned();
    let near: BTreeMap<Blank, String> = [Blank::Culprit, Blank::Mechanism]
        .into_iter()
        .filter_map(|blank| Some((blank, beside(sheet, blank)?)))
        .collect();
    let impact = answer(Blank::Impact).unwrap_or_default();
    let named: Vec<&str> = near.values().chain([&impact]).map(String::as_str).chain(["onset"]).collect();
    let mut open: BTreeSet<String> = sheet.seen();
    open.retain(|clue| {
        let clue = sheet.truth.clues.get(clue);
        clue.is_some_and(|clue| named.iter().any(|node| clue.shows.contains(*node)))
    });
    secure(&mut hand, &mut open, |_| true);
    let mut claims = hand.right(|about| hand.bearing(about));
    claims.retain(|blank, _| matches!(blank, Blank::Impact | Blank::Onset));
    for (blank, word) in near {
        let cites = hand.cites(&hand.bearing(&word));
        claims.insert(blank, Claim { word, onset: None, cites });
    }
    let sure: Vec<(Suspect, u8)> =
        sheet.truth.rivals.iter().take(1).cloned().map(Suspect::Rival).map(|rival| (rival, 60)).collect();
    let sure: Vec<(Suspect, u8)> = sure.into_iter().chain([(Suspect::Truth, 20)]).collect();
    hand.update(5, Some(TELLS_EVERY), &sure);
    hand.change(true, false);
    hand.resolve();
    hand.verdict(&sure, claims);
    hand.end(sheet.hasty.as_ref().unwrap_or(&sheet.solved))
}

/// The nearest other node of an answer's kind.
fn beside(sheet: &Sheet, blank: Blank) -> Option<String> {
    let answer = sheet.truth.answers.get(&blank)?.first()?;
    let kind = sheet.truth.chain.iter().find(|(id, _)| id == answer)?.1;
    let alike: Vec<&String> = sheet.truth.chain.iter().filter(|(_, own)| *own == kind).map(|(id, _)| id).collect();
    let own = alike.iter().position(|id| *id == answer)?;
    alike.get(own + 1).or_else(|| alike.get(own.checked_sub(1)?)).map(|id| id.to_string())
}

/// Mends at once, by chance, and knows the words.
fn lucky(sheet: &Sheet) -> Vec<Event> {
    let mut hand = Hand::new(sheet);
    hand.pass(Span::secs(30));
    hand.change(false, false);
    hand.pass(Span::mins(2));
    hand.resolve();
    let claims = hand.right(|_| Vec::new());
    hand.verdict(&[(Suspect::Truth, 95)], claims);
    hand.end(sheet.hasty.as_ref().unwrap_or(&sheet.idle))
}

//! Follow-up questions after the verdict: rules look for a moment of this run, each asks one question about it, and what is
//! left is filled from the case's bank. A pure function of the run. Does not know good answers, and does not grade.

use super::Competency::{self, Action, Communication, Elimination, Evidence, Frames, Hypotheses, Recovery};
use super::facts::Facts;
use crate::case::board::Link;
use crate::case::debrief::PredictionOutcome;
use crate::case::pace;
use crate::case::score::exact;
use crate::case::score::log::Suspect;
use crate::case::score::truth::Blank;
use crate::case::score::verdict::judge;
use crate::drill::account::predictions;
use crate::drill::act::Act;
use crate::drill::run::{Phase, Run};
use crate::drill::terms::Mode;
use crate::scenario::shape::Case;
use crate::stdx::lang::Lang;
use crate::stdx::time::Span;
use std::collections::BTreeSet;

/// Questions that are asked, at most.
pub const ASKED_MAX: usize = 6;
/// Of these about the run, at most, if the case has questions of its own: one at least is asked of every candidate.
const OWN_MAX: usize = 5;
/// Nobody waits impatiently for so long; then silence is a moment to ask about.
const SILENT_AFTER: Span = Span::mins(10);
/// Of these about the same act, at most.
const OF_ONE_ACT_MAX: usize = 2;
/// From so many percent on one is committed.
const COMMITTED: u32 = 80;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The rule's name, or `bank-2`: what the journal knows an answer by.
    pub id: String,
    pub ask: Ask,
    /// Journal entries that it is about.
    pub entries: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The words are `follow.ID`, with these parts; a part is told word by word, where the case knows them.
    Rule(Vec<Part>),
    /// A question of the case's bank, in English.
    Bank(String),
}

pub type Part = (&'static str, Vec<String>);

impl FollowUp {
    /// The question in a language.
    pub fn text(&self, case: &Case, lang: &Lang) -> String {
        match &self.ask {
            Ask::Bank(ask) => case.told(lang.code, ask).to_string(),
            Ask::Rule(parts) => {
                let told = |words: &Vec<String>| {
                    let words: Vec<&str> = words.iter().map(|word| phrase(case, lang, word)).collect();
                    words.join(": ")
                };
                let parts: Vec<(&str, String)> = parts.iter().map(|(name, words)| (*name, told(words))).collect();
                let parts: Vec<(&str, &str)> = parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
                lang.with(&format!("follow.{}", self.id), &parts)
            }
        }
    }
}

/// `blank.…` is a word of the interface; what else the case knows, it tells.
fn phrase<'a>(case: &'a Case, lang: &'a Lang, word: &'a str) -> &'a str {
    if word.starts_with("blank.") { lang.say(word) } else { case.told(lang.code, word) }
}

/// What a rule found.
struct Found {
    entries: Vec<u32>,
    parts: Vec<Part>,
}

/// One rule. The first that fit are asked: what a run shows most plainly comes first.
struct Rule {
    name: &'static str,
    /// A rule of what is not observed asks nothing.
    of: Competency,
    find: fn(&Facts) -> Option<Found>,
}

const fn rule(name: &'static str, of: Competency, find: fn(&Facts) -> Option<Found>) -> Rule {
    Rule { name, of, find }
}

/// In the order of asking.
const RULES: &[Rule] = &[
    rule("lost", Action, lost),
    rule("declared", Recovery, declared),
    rule("confounded", Action, confounded),
    rule("blind", Action, blind),
    rule("unchecked", Recovery, unchecked),
    rule("ahead", Hypotheses, ahead),
    rule("no-verdict", Evidence, no_verdict),
    rule("open-rival", Elimination, open_rival),
    rule("unstated", Frames, unstated),
    rule("silent", Communication, silent),
    rule("promise", Communication, promise),
    rule("one-witness", Evidence, one_witness),
    rule("left-open", Evidence, left_open),
    rule("late", Action, late),
    rule("early", Action, early),
    rule("turned", Hypotheses, turned),
    rule("both", Evidence, both),
    rule("believed", Elimination, believed),
    rule("kept", Action, kept),
    rule("looked", Recovery, looked),
];

/// The names of the rules, in the order of asking.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.name)
}

/// The questions of an interview that is over; none elsewhere.
pub fn asked(run: &Run) -> Vec<FollowUp> {
    if run.mode != Mode::Interview || run.phase != Phase::Closed {
        return Vec::new();
    }
    let bank = run.case.people.questions.iter().zip(1..);
    let bank = bank.map(|(question, n)| FollowUp {
        id: format!("bank-{n}"),
        ask: Ask::Bank(question.ask.clone()),
        entries: Vec::new(),
    });
    let own = if run.case.people.questions.is_empty() { ASKED_MAX } else { OWN_MAX };
    varied(found(run)).into_iter().take(own).chain(bank).take(ASKED_MAX).collect()
}

/// One act may show many things: two questions about it are enough.
fn varied(found: Vec<FollowUp>) -> Vec<FollowUp> {
    let mut kept: Vec<FollowUp> = Vec::new();
    for question in found {
        let same = kept.iter().filter(|own| own.entries == question.entries && !own.entries.is_empty()).count();
        if same < OF_ONE_ACT_MAX {
            kept.push(question);
        }
    }
    kept
}

/// Everything that the rules find in a run, in the order of asking.
pub fn found(run: &Run) -> Vec<FollowUp> {
    let facts = Facts::of(run);
    let fits = |rule: &Rule| {
        let mut found = (rule.find)(&facts).filter(|_| facts.observes(rule.of))?;
        found.entries.sort_unstable();
        found.entries.dedup();
        Some(FollowUp { id: rule.name.to_string(), ask: Ask::Rule(found.parts), entries: found.entries })
    };
    RULES.iter().filter_map(fits).collect()
}

fn one(word: impl Into<String>) -> Vec<String> {
    vec![word.into()]
}

// ---- changes -------------------------------------------------------------------------------------------------------

/// The one change wiped out what was not in the bag. Of several, nobody knows which it was.
fn lost(facts: &Facts) -> Option<Found> {
    let [change] = facts.digest.changes.as_slice() else { return None };
    if facts.lost().is_empty() {
        return None;
    }
    let parts = vec![("command", one(facts.command(change.entry))), ("time", one(facts.said(facts.at(change.entry))))];
    Some(Found { entries: vec![change.entry], parts })
}

/// Two changes without a look between them.
fn confounded(facts: &Facts) -> Option<Found> {
    let at = facts.digest.changes.iter().position(|change| change.confounded)?;
    let (first, second) = (facts.digest.changes.get(at.checked_sub(1)?)?, facts.digest.changes.get(at)?);
    let parts = vec![("first", one(facts.command(first.entry))), ("second", one(facts.command(second.entry)))];
    Some(Found { entries: vec![first.entry, second.entry], parts })
}

/// A change of which nothing was expected, in writing or aloud.
fn blind(facts: &Facts) -> Option<Found> {
    let change = *facts.blind().first()?;
    let parts = vec![("command", one(facts.command(change.entry))), ("time", one(facts.said(facts.at(change.entry))))];
    Some(Found { entries: vec![change.entry], parts })
}

/// What was expected came in less than half of the time, or at once.
fn early(facts: &Facts) -> Option<Found> {
    prediction(facts, |outcome, within| match outcome {
        PredictionOutcome::Came { after, .. } if after.0 * 2 < within.0 => Some(after),
        _ => None,
    })
}

/// What was expected did not come in its time.
fn late(facts: &Facts) -> Option<Found> {
    prediction(facts, |outcome, within| matches!(outcome, PredictionOutcome::Missed { .. }).then_some(within))
}

fn prediction(facts: &Facts, odd: impl Fn(PredictionOutcome, Span) -> Option<Span>) -> Option<Found> {
    predictions(facts.run).into_iter().find_map(|told| {
        let expected = told.expected.clone()?;
        let own = facts.run.board.expectations.iter().find(|own| own.change == Some(told.entry))?;
        let took = odd(told.outcome, own.within)?;
        let parts = vec![("text", one(expected)), ("within", one(own.within.human())), ("after", one(took.human()))];
        Some(Found { entries: vec![told.entry], parts })
    })
}

/// All that does not last was in the bag before the first change.
fn kept(facts: &Facts) -> Option<Found> {
    let change = facts.digest.changes.first()?;
    let mut perishable = facts.truth.clues.iter().filter(|(_, clue)| clue.perishable).peekable();
    perishable.peek()?;
    let held = |id: &String| facts.digest.bagged.get(id).is_some_and(|entry| *entry < change.entry);
    let parts = vec![("command", one(facts.command(change.entry))), ("time", one(facts.said(facts.at(change.entry))))];
    perishable.all(|(id, _)| held(id)).then_some(Found { entries: vec![change.entry], parts })
}

// ---- recovery ------------------------------------------------------------------------------------------------------

/// "Resolved" was said while it was not.
fn declared(facts: &Facts) -> Option<Found> {
    let (entry, at) = facts.digest.told.resolved.iter().find(|(_, at)| !facts.course.over(*at))?;
    Some(Found { entries: vec![*entry], parts: vec![("time", one(facts.said(*at)))] })
}

/// Nobody looked at what users feel after the last change.
fn unchecked(facts: &Facts) -> Option<Found> {
    let change = facts.digest.changes.last()?;
    if facts.digest.whole.checks.iter().any(|(entry, _)| *entry > change.entry) {
        return None;
    }
    let parts = vec![
        ("command", one(facts.command(change.entry))),
        ("time", one(facts.said(facts.at(change.entry)))),
        ("series", one(facts.run.case.indicator.name.clone())),
    ];
    Some(Found { entries: vec![change.entry], parts })
}

/// The users' indicator was looked at after the harm had ended.
fn looked(facts: &Facts) -> Option<Found> {
    let ended = facts.course.ended.filter(|_| !facts.digest.changes.is_empty())?;
    let (entry, at) = facts.digest.whole.checks.iter().find(|(_, at)| *at >= ended)?;
    let parts = vec![("series", one(facts.run.case.indicator.name.clone())), ("time", one(facts.said(*at)))];
    Some(Found { entries: vec![*entry], parts })
}

// ---- belief --------------------------------------------------------------------------------------------------------

/// What was stated ran ahead of what was seen by three tenths or more.
fn ahead(facts: &Facts) -> Option<Found> {
    let steps = pace::beliefs(&facts.truth, &facts.log);
    let step = steps.into_iter().find(|step| step.ahead().is_some_and(|ahead| ahead * exact(10, 1) > exact(3, 1)))?;
    let (_, suspect, percent) = facts.favourites().into_iter().find(|(entry, _, _)| *entry == step.entry)?;
    let parts = vec![
        ("time", one(facts.said(step.at))),
        ("suspect", facts.words(&suspect)),
        ("percent", one(percent.to_string())),
    ];
    Some(Found { entries: vec![step.entry], parts })
}

/// The favourite was another one than at the checkpoint before.
fn turned(facts: &Facts) -> Option<Found> {
    let favourites = facts.favourites();
    let turn = favourites.windows(2).find(|pair| matches!(pair, [a, b] if a.1 != b.1))?;
    let [before, after] = turn else { return None };
    let parts = vec![
        ("before", facts.words(&before.1)),
        ("after", facts.words(&after.1)),
        ("first", one(facts.said(facts.at(before.0)))),
        ("second", one(facts.said(facts.at(after.0)))),
    ];
    Some(Found { entries: vec![before.0, after.0], parts })
}

/// One suspect at 80 % or more: what if it were another one?
fn believed(facts: &Facts) -> Option<Found> {
    let (entry, suspect, percent) = facts.favourites().into_iter().find(|(_, _, percent)| *percent >= COMMITTED)?;
    let point = facts.digest.checkpoints.iter().find(|point| point.entry == entry)?;
    let others = point.stated.iter().filter(|(other, _)| **other != suspect);
    let stated = others.max_by_key(|(_, percent)| **percent).map(|(other, _)| other.clone());
    let rival = || facts.truth.hypotheses().into_iter().find(|other| *other != suspect);
    let other = stated.or_else(rival)?;
    let parts = vec![
        ("time", one(facts.said(point.at))),
        ("suspect", facts.words(&suspect)),
        ("percent", one(percent.to_string())),
        ("other", facts.words(&other)),
    ];
    Some(Found { entries: vec![entry], parts })
}

/// An exhibit that speaks for two suspects.
fn both(facts: &Facts) -> Option<Found> {
    let board = &facts.run.board;
    let mut exhibits: BTreeSet<u32> = BTreeSet::new();
    board.hypotheses.iter().for_each(|own| exhibits.extend(own.links.keys()));
    exhibits.into_iter().find_map(|exhibit| {
        let for_it = board.hypotheses.iter().filter(|own| own.links.get(&exhibit) == Some(&Link::For));
        let ids: Vec<u32> = for_it.map(|own| own.id).collect();
        let [first, second, ..] = ids[..] else { return None };
        let words = |id: u32| {
            let own = board.hypothesis(id);
            let say = |word: u32| board.word(word).map(|word| word.say.clone());
            own.map_or_else(Vec::new, |own| say(own.thing).into_iter().chain(say(own.how)).collect())
        };
        let entries = facts.acts(|act| {
            matches!(act, Act::Link { exhibit: own, hypothesis, sign: '+' } if *own == exhibit && ids.contains(hypothesis))
        });
        let parts = vec![("exhibit", one(format!("e{exhibit}"))), ("first", words(first)), ("second", words(second))];
        Some(Found { entries, parts })
    })
}

// ---- verdict -------------------------------------------------------------------------------------------------------

/// Something was done, and no verdict was given.
fn no_verdict(facts: &Facts) -> Option<Found> {
    let none = facts.digest.verdicts.is_empty() && facts.acted();
    none.then(|| Found { entries: Vec::new(), parts: Vec::new() })
}

/// A verdict while a rival of a tenth or more was not ruled out.
fn open_rival(facts: &Facts) -> Option<Found> {
    let (entry, _) = facts.digest.verdicts.last()?;
    let (rival, share) = facts.open_rival()?;
    let words = facts.words(&Suspect::Rival(rival));
    (share * exact(10, 1) >= exact(1, 1)).then(|| Found { entries: vec![*entry], parts: vec![("rival", words)] })
}

/// A claim with bearing exhibits of one instrument.
fn one_witness(facts: &Facts) -> Option<Found> {
    let (entry, claims) = facts.digest.verdicts.last()?;
    let blank = Blank::ALL.into_iter().find(|blank| {
        let claim = claims.get(blank);
        claim.is_some_and(|claim| super::rubric::instruments(facts, *blank, claim) == 1)
    })?;
    let mut entries = vec![*entry];
    if let Some(claim) = claims.get(&blank) {
        entries.extend(judge(&facts.truth, &facts.digest, blank, claim).bags);
    }
    Some(Found { entries, parts: vec![("blank", one(format!("blank.{}", blank.name())))] })
}

/// A blank that the verdict left open.
fn left_open(facts: &Facts) -> Option<Found> {
    let (entry, claims) = facts.digest.verdicts.last()?;
    let blank = Blank::ALL.into_iter().find(|blank| !claims.contains_key(blank))?;
    Some(Found { entries: vec![*entry], parts: vec![("blank", one(format!("blank.{}", blank.name())))] })
}

// ---- telling -------------------------------------------------------------------------------------------------------

/// No problem was stated before the first change, or at all.
fn unstated(facts: &Facts) -> Option<Found> {
    let first = facts.acts(|act| matches!(act, Act::State { .. })).first().copied();
    let change = facts.digest.changes.first().map(|change| change.entry);
    let unstated = match (first, change) {
        (None, _) => facts.acted(),
        (Some(stated), Some(change)) => change < stated,
        (Some(_), None) => false,
    };
    unstated.then(|| Found { entries: change.into_iter().collect(), parts: Vec::new() })
}

/// Nobody was told anything for ten minutes of harm.
fn silent(facts: &Facts) -> Option<Found> {
    let silent = facts.digest.told.updates.is_empty() && facts.acted() && facts.run.elapsed() > SILENT_AFTER;
    silent.then(|| Found { entries: Vec::new(), parts: vec![("span", one(facts.run.elapsed().human()))] })
}

/// An update that promised a next one, which did not come in time.
fn promise(facts: &Facts) -> Option<Found> {
    let broken = super::rubric::promises(facts).into_iter().find(|(_, _, kept)| !kept)?;
    Some(Found { entries: vec![broken.0], parts: vec![("time", one(facts.said(broken.1)))] })
}

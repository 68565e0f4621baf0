//! Seven competencies, each with a level that fixed thresholds propose from the log, the entries that led to it, and why. A
//! proposal: a person confirms or overrides it. The thresholds stand here and nowhere else; they are judgement, not
//! measurement. Does not add levels up.

use super::facts::Facts;
use super::{Aloud, Competency};
use crate::case::score::log::{Claim, Suspect, What, judged};
use crate::case::score::truth::Blank;
use crate::case::score::{Dim, exact};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeSet;

/// Levels go from 1 to this; none is "not observed", which is a level too.
pub const LEVEL_MAX: u8 = 4;
/// A promise is kept if it is late by no more than this, as in the score.
const GRACE: Span = Span::mins(1);

/// What is proposed for one competency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub competency: Competency,
    /// 1 to 4; `None`: not observed.
    pub level: Option<u8>,
    /// Message keys (`because.KEY`) with their parts: what was counted.
    pub because: Vec<(&'static str, Vec<(&'static str, String)>)>,
    /// Journal entries.
    pub entries: Vec<u32>,
}

impl Proposal {
    fn new(competency: Competency, level: Option<u8>) -> Proposal {
        Proposal { competency, level, because: Vec::new(), entries: Vec::new() }
    }

    fn why(mut self, key: &'static str) -> Proposal {
        self.because.push((key, Vec::new()));
        self
    }

    fn count(mut self, key: &'static str, n: usize, of: usize) -> Proposal {
        self.because.push((key, vec![("n", n.to_string()), ("of", of.to_string())]));
        self
    }

    fn at(mut self, entries: impl IntoIterator<Item = u32>) -> Proposal {
        self.entries.extend(entries.into_iter().filter(|entry| *entry > 0));
        self.entries.sort_unstable();
        self.entries.dedup();
        self
    }
}

/// The proposals of a run, in the order of the report.
pub fn proposals(run: &Run) -> Vec<Proposal> {
    let facts = Facts::of(run);
    let propose = |competency: Competency| {
        if !facts.observes(competency) {
            return Proposal::new(competency, None).why("off");
        }
        if !facts.acted() {
            return Proposal::new(competency, None).why("idle");
        }
        match competency {
            Competency::Frames => frames(&facts),
            Competency::Hypotheses => hypotheses(&facts),
            Competency::Evidence => evidence(&facts),
            Competency::Elimination => elimination(&facts),
            Competency::Action => action(&facts),
            Competency::Recovery => recovery(&facts),
            Competency::Communication => communication(&facts),
        }
    };
    Competency::ALL.into_iter().map(propose).collect()
}

/// 1: no problem was stated, or what hurts is not it. 2: what hurts, in words or in the form. 3: in the form before any
/// change, with the onset and a value that are true. 4: what is well too, and stated again later (anew, or in a true update).
fn frames(facts: &Facts) -> Proposal {
    let stated = facts.acts(|act| matches!(act, Act::State { .. }));
    let own = |level: u8| Proposal::new(Competency::Frames, Some(level)).at(stated.iter().copied());
    let first_change = facts.digest.changes.first().map_or(u32::MAX, |change| change.entry);
    let Some(statement) = &facts.digest.told.statement else {
        return match stated.first() {
            None => own(1).why("frames-none"),
            Some(entry) if *entry < first_change => own(2).why("frames-words"),
            Some(_) => own(1).why("frames-late"),
        };
    };
    let right = |name: &str| statement.fields.get(name) == Some(&true);
    let count = statement.fields.values().filter(|right| **right).count();
    let own = |level: u8| own(level).count("frames-fields", count, statement.fields.len());
    if !right("hurts") {
        return own(1);
    }
    if !statement.first {
        return own(2).why("frames-late");
    }
    if !right("since") || !(right("expected") || right("actual")) {
        return own(2);
    }
    let again = stated.iter().filter(|entry| **entry > statement.entry).copied();
    let updates = facts.digest.told.updates.iter();
    let told = updates.filter(|told| told.entry > statement.entry && told.fields.get("harm") == Some(&true));
    let news: Vec<u32> = again.chain(told.map(|told| told.entry)).collect();
    if right("not") && !news.is_empty() { own(4).why("frames-again").at(news) } else { own(3) }
}

/// 1: one idea. 2: several that did not move. 3: several, ranked, and moved after something new was seen. 4: and said what
/// would change one's mind (aloud, or as a prediction), with stated beliefs at least half as good as they could be.
fn hypotheses(facts: &Facts) -> Proposal {
    let opened = facts.acts(|act| matches!(act, Act::Suspect { .. }));
    let aloud = facts.aloud(Aloud::Hypothesis);
    let ideas = opened.len() + aloud.len();
    let own = |level: u8| {
        let proposal = Proposal::new(Competency::Hypotheses, Some(level)).count("hypotheses-ideas", ideas, 0);
        proposal.at(opened.iter().chain(&aloud).copied())
    };
    if ideas == 0 && facts.digest.verdicts.is_empty() {
        return Proposal::new(Competency::Hypotheses, None).why("hypotheses-none");
    }
    if ideas <= 1 {
        return own(1);
    }
    let differ = |stated: Vec<u32>| stated.iter().collect::<BTreeSet<_>>().len() > 1;
    let points = facts.digest.checkpoints.iter().map(|point| point.stated.values().copied().collect::<Vec<_>>());
    let board = facts.run.board.hypotheses.iter().map(|own| u32::from(own.confidence)).filter(|rated| *rated > 0);
    let ranked = points.chain([board.collect()]).any(differ);
    let rated = facts.acts(|act| matches!(act, Act::Rate { .. }));
    let moves = facts.acts(|act| matches!(act, Act::Rate { .. } | Act::Clear { .. }));
    let seen = facts.log.iter().filter(|event| matches!(event.what, What::Seen { .. })).map(|event| event.entry);
    let moved = rated.first().is_some_and(|first| {
        let mut fresh = seen.filter(|entry| entry > first);
        fresh.any(|fresh| moves.iter().any(|entry| *entry > fresh))
    });
    if !ranked || !moved {
        return own(2).why(if ranked { "hypotheses-still" } else { "hypotheses-unranked" }).at(rated);
    }
    let mut doubts = facts.aloud(Aloud::Doubt);
    doubts.extend(facts.acts(|act| matches!(act, Act::Predict { .. })));
    let close = facts.share(Dim::K) * exact(2, 1) >= exact(1, 1);
    let own = own(if !doubts.is_empty() && close { 4 } else { 3 }).why("hypotheses-moved").at(moves);
    if doubts.is_empty() { own } else { own.why("hypotheses-doubt").at(doubts) }
}

/// How many instruments speak for a claim: cited exhibits that are held and bear on its word.
pub fn instruments(facts: &Facts, blank: Blank, claim: &Claim) -> usize {
    let cites = judged(&claim.cites, |clue| facts.digest.held.contains(clue));
    let clues = cites.iter().flat_map(|cite| &cite.clues);
    let bearing = clues.filter(|clue| facts.truth.strength(clue, blank, &claim.word) > exact(0, 1));
    let channels = bearing.filter_map(|clue| facts.truth.clues.get(clue)).map(|clue| clue.channel.as_str());
    channels.collect::<BTreeSet<_>>().len()
}

/// Of the claims of the verdict. 1: fewer than half have an exhibit that bears on them. 2: fewer than three in five have two
/// instruments. 3: three in five or more have. 4: four of the five blanks or more have, and what is missing was named or left
/// open.
fn evidence(facts: &Facts) -> Proposal {
    let Some((entry, claims)) = facts.digest.verdicts.last() else {
        return Proposal::new(Competency::Evidence, None).why("no-verdict");
    };
    let counts: Vec<usize> = claims.iter().map(|(blank, claim)| instruments(facts, *blank, claim)).collect();
    let (filled, borne) = (counts.len(), counts.iter().filter(|count| **count >= 1).count());
    let two = counts.iter().filter(|count| **count >= 2).count();
    let missing = facts.aloud(Aloud::Missing);
    let open = filled < Blank::ALL.len();
    let level = match () {
        () if borne * 2 < filled => 1,
        () if two * 5 < filled * 3 => 2,
        () if two * 5 >= Blank::ALL.len() * 4 && (open || !missing.is_empty()) => 4,
        () => 3,
    };
    let own = Proposal::new(Competency::Evidence, Some(level)).count("evidence-borne", borne, filled);
    let own = own.count("evidence-two", two, filled).at([*entry]).at(missing.iter().copied());
    if open || !missing.is_empty() { own.why("evidence-missing") } else { own }
}

/// 1: nobody was cleared. 2: cleared without an exhibit that rules out, the culprit was cleared, or only when asked. 3: the
/// main rival is ruled out: the one believed most, else the hardest to clear. 4: and a look that could have refuted the
/// favourite came after it was believed by a half or more, with three quarters of all that can be ruled out.
fn elimination(facts: &Facts) -> Proposal {
    let cleared: Vec<_> = facts.digest.cleared.iter().filter(|(_, clearing)| !clearing.cross).collect();
    let filed: Vec<&String> = facts.truth.rivals.iter().filter(|rival| facts.ruled_out(rival)).collect();
    let entries = facts.digest.cleared.values().map(|clearing| clearing.entry);
    let own = |level: u8| Proposal::new(Competency::Elimination, Some(level)).at(entries.clone());
    let own = |level: u8| own(level).count("elimination-ruled-out", filed.len(), facts.truth.rivals.len());
    if cleared.is_empty() {
        return if filed.is_empty() { own(1) } else { own(2).why("elimination-asked") };
    }
    if facts.digest.cleared.contains_key(&Suspect::Truth) {
        return own(2).why("elimination-culprit");
    }
    let main = main_rival(facts);
    if !main.as_ref().is_some_and(|rival| filed.contains(&rival)) {
        return own(2).why("elimination-main-open");
    }
    let sure = facts.acts(|act| matches!(act, Act::Rate { percent, .. } if *percent >= 50));
    let rules_out = |clue: &String| facts.truth.clues.get(clue).is_some_and(|clue| !clue.rules_out.is_empty());
    let tests: Vec<u32> = sure.first().map_or_else(Vec::new, |first| {
        let seen = facts.digest.seen.iter().filter(|(clue, entry)| *entry > first && rules_out(clue));
        seen.map(|(_, entry)| *entry).collect()
    });
    let reach = facts.share(Dim::E) * exact(4, 1) >= exact(3, 1);
    if tests.is_empty() || !reach {
        return own(3);
    }
    own(4).why("elimination-tested").at(tests)
}

/// The rival that was believed most at a checkpoint; else the one that fewest instruments can clear.
fn main_rival(facts: &Facts) -> Option<String> {
    let mut most: Option<(u32, &String)> = None;
    for point in &facts.digest.checkpoints {
        for (suspect, percent) in &point.stated {
            if let Suspect::Rival(rival) = suspect
                && *percent > 1
                && most.is_none_or(|(best, _)| *percent > best)
            {
                most = Some((*percent, rival));
            }
        }
    }
    let hardest = || {
        let mut best: Option<&String> = None;
        for rival in &facts.truth.rivals {
            if best.is_none_or(|best| facts.truth.rival_worth(rival) > facts.truth.rival_worth(best)) {
                best = Some(rival);
            }
        }
        best
    };
    most.map(|(_, rival)| rival).or_else(hardest).cloned()
}

/// 1: more than half of the changes are blind. 2: one is blind or follows another without a look, or a change wiped out what
/// was not in the bag. 3: none of these. 4: and the harm of waiting was weighed aloud against the evidence.
fn action(facts: &Facts) -> Proposal {
    let changes = &facts.digest.changes;
    if changes.is_empty() {
        return Proposal::new(Competency::Action, None).why("no-change");
    }
    let (blind, lost) = (facts.blind(), facts.lost());
    let confounded: Vec<u32> = changes.iter().filter(|change| change.confounded).map(|change| change.entry).collect();
    let weighed = facts.aloud(Aloud::Weighing);
    let level = match () {
        () if blind.len() * 2 > changes.len() => 1,
        () if !blind.is_empty() || !confounded.is_empty() || !lost.is_empty() => 2,
        () if weighed.is_empty() => 3,
        () => 4,
    };
    let own = Proposal::new(Competency::Action, Some(level)).at(changes.iter().map(|change| change.entry));
    let own = own.count("action-foreseen", changes.len() - blind.len(), changes.len()).at(weighed.iter().copied());
    let own = if lost.is_empty() { own } else { own.count("action-lost", lost.len(), 0) };
    let own = if confounded.is_empty() { own } else { own.count("action-confounded", confounded.len(), 0) };
    if weighed.is_empty() { own } else { own.why("action-weighed") }
}

/// 1: the harm did not end, or it was said to be over while it was not, or nobody looked. 2: something was looked at after
/// the change, but not what users feel. 3: what users feel. 4: again five minutes later, it lasts, and what would bring it
/// back was said aloud.
fn recovery(facts: &Facts) -> Proposal {
    let told = &facts.digest.told.resolved;
    if facts.digest.changes.is_empty() && told.is_empty() {
        return Proposal::new(Competency::Recovery, None).why("no-change");
    }
    let fix = facts.course.fix;
    let own = |level: u8| {
        let proposal = Proposal::new(Competency::Recovery, Some(level));
        proposal.at(fix).at(told.iter().map(|(entry, _)| *entry))
    };
    let Some(ended) = facts.course.ended.filter(|_| fix.is_some()) else { return own(1).why("recovery-harm") };
    if told.last().is_some_and(|(_, at)| !facts.course.over(*at)) {
        return own(1).why("recovery-false");
    }
    let checks: Vec<u32> = facts.digest.whole.checks.iter().filter(|(_, at)| *at >= ended).map(|(n, _)| *n).collect();
    let reads = facts.log.iter().filter(|event| matches!(event.what, What::Read { .. }) && Some(event.entry) > fix);
    let reads: Vec<u32> = reads.map(|event| event.entry).collect();
    if checks.is_empty() {
        return if reads.is_empty() { own(1).why("recovery-unseen") } else { own(2).why("recovery-looked").at(reads) };
    }
    let own = |level: u8| own(level).why("recovery-users").at(checks.iter().copied());
    let relapse = facts.aloud(Aloud::Relapse);
    let held = facts.earned("recovery.held").filter(|_| facts.course.lasts);
    match held {
        Some(held) if !relapse.is_empty() => own(4).why("recovery-held").why("recovery-relapse").at([held]).at(relapse),
        Some(held) => own(3).why("recovery-held").at([held]),
        None => own(3),
    }
}

/// Promises of a next update: the entry, when it was due, and whether it came. One that the end of the run overtook is not
/// among them.
pub fn promises(facts: &Facts) -> Vec<(u32, Time, bool)> {
    let updates = &facts.digest.told.updates;
    let over = facts.digest.told.resolved.iter().map(|(_, at)| *at).filter(|at| facts.course.over(*at));
    let over: Vec<Time> = over.collect();
    let made = updates.iter().filter_map(|told| Some((told, told.next?)));
    let told = made.filter_map(|(told, next)| {
        let due = told.at + next + GRACE;
        let next_word = updates.iter().map(|told| told.at).chain(over.iter().copied()).filter(|at| *at > told.at).min();
        match next_word {
            Some(at) => Some((told.entry, told.at + next, at <= due)),
            None if facts.run.now() <= due => None,
            None => Some((told.entry, told.at + next, false)),
        }
    });
    told.collect()
}

/// 1: nobody was told. 2: told how things stand. 3: facts and guesses apart: harm and cause were true in every update, and
/// it was not called over while it was not. 4: to two audiences, each in its words, and promises made and kept.
fn communication(facts: &Facts) -> Proposal {
    let updates = &facts.digest.told.updates;
    let own = |level: u8| {
        let proposal = Proposal::new(Competency::Communication, Some(level));
        proposal.count("communication-updates", updates.len(), 0).at(updates.iter().map(|told| told.entry))
    };
    if updates.is_empty() {
        return own(1);
    }
    let all = |name: &str| updates.iter().all(|told| told.fields.get(name) != Some(&false));
    let alarm = facts.digest.told.resolved.iter().any(|(_, at)| !facts.course.over(*at));
    if !all("harm") || !all("cause") || alarm {
        return own(2).why("communication-untrue");
    }
    let to: Vec<_> = facts.run.board.updates.iter().map(|told| told.update.to).collect();
    let several = to.iter().any(|own| Some(own) != to.first());
    let promises = promises(facts);
    let kept = promises.iter().filter(|(_, _, kept)| *kept).count();
    let own = |level: u8| own(level).count("communication-promises", kept, promises.len());
    if several && all("audience") && kept > 0 && kept == promises.len() {
        return own(4).why("communication-audiences");
    }
    own(3)
}

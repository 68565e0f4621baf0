//! Verdicts and what follows: up to three hearings, of which the judge says only how many claims hold; then up to three
//! objections, chosen by rule, each answered with one exhibit or not at all. Does not know how anything is shown.

use super::act::{Blank, Blanks};
use super::casework::{believe, missing, onset};
use super::notice::{Notice, Said, Sentence, say};
use super::run::{Outcome, Phase, Run};
use super::statement::credible;
use super::terms::Mode;
use crate::case::board::{self, Answer, Attempt, Band, Doubt, Objection};
use crate::case::score::exact;
use crate::case::score::log::{Claim, Digest, Suspect, What};
use crate::case::score::truth::{self, Truth};
use crate::case::score::verdict::judge;
use crate::scenario::shape::WordKind;
use std::collections::{BTreeMap, BTreeSet};

/// What the bag held and who was cleared when a verdict was heard: another needs something new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Page and lines of each exhibit.
    exhibits: BTreeSet<(u32, Option<(u32, u32)>)>,
    cleared: BTreeSet<u32>,
}

impl Heard {
    fn of(run: &Run) -> Heard {
        let cleared = run.board.hypotheses.iter().filter(|own| own.cleared.is_some()).map(|own| own.id);
        Heard {
            exhibits: run.board.exhibits.iter().map(|own| (own.page, own.lines)).collect(),
            cleared: cleared.collect(),
        }
    }

    /// Whether there is an exhibit or an exoneration that was not there then.
    fn outgrown(&self, now: &Heard) -> bool {
        !now.exhibits.is_subset(&self.exhibits) || !now.cleared.is_subset(&self.cleared)
    }
}

pub fn verdict(run: &mut Run, blanks: &Blanks) -> Outcome {
    if run.record.heard.as_ref().is_some_and(|heard| !heard.outgrown(&Heard::of(run))) {
        return Outcome::refusal("notice.that-evidence-was-heard-bag-a");
    }
    let named: [(truth::Blank, &Blank, Option<WordKind>); 5] = [
        (truth::Blank::Culprit, &blanks.culprit, Some(WordKind::Thing)),
        (truth::Blank::Mechanism, &blanks.mechanism, Some(WordKind::How)),
        (truth::Blank::Trigger, &blanks.trigger, Some(WordKind::Change)),
        (truth::Blank::Impact, &blanks.impact, Some(WordKind::Harm)),
        (truth::Blank::Onset, &blanks.onset, None),
    ];
    let mut claims = BTreeMap::new();
    let mut board_claims = Vec::new();
    for (blank, said, kind) in named {
        match claim(run, blank, said, kind) {
            Ok(Some((claim, own))) => {
                claims.insert(blank, claim);
                board_claims.push(own);
            }
            Ok(None) => board_claims.push(board::Claim::default()),
            Err(refusal) => return Outcome::refusal(refusal),
        }
    }
    if claims.is_empty() {
        return Outcome::refusal("notice.a-verdict-names-at-least-one");
    }
    let mut own = board_claims.into_iter();
    let mut next = || own.next().unwrap_or_default();
    let verdict = board::Verdict {
        at: run.now(),
        culprit: next(),
        mechanism: next(),
        trigger: next(),
        impact: next(),
        onset: next(),
    };
    believe(run);
    run.note(What::Verdict { claims });
    heard(run, verdict)
}

/// What the judge says, and whether that was the last hearing.
fn heard(run: &mut Run, verdict: board::Verdict) -> Outcome {
    let band = band(run);
    run.board.verdict = Some(verdict.clone());
    run.board.hearing.attempts.push(Attempt { verdict, band });
    run.record.heard = Some(Heard::of(run));
    let given = run.board.hearing.attempts.len() as u32;
    if band == Band::AllHold || given >= run.terms().attempts {
        // In an interview a person judges: what the trainer thinks of a verdict would only colour what follows.
        let first =
            if run.mode == Mode::Interview { say("notice.the-verdict-is-in").into() } else { Sentence::Band(band) };
        return cross(run, first);
    }
    // The investigation goes on, and what prints goes on printing.
    run.phase = Phase::Investigating;
    Outcome::remark(Notice::from(Sentence::Band(band)).and("notice.look-on-with-a-new-exhibit"))
}

/// How many claims hold: the exact word, with a proof of at least 0.7. A blank that was left open does not hold.
fn band(run: &Run) -> Band {
    let (truth, digest) = (Truth::of(&run.case), Digest::of(&run.record.events));
    let claims = digest.verdicts.last().map(|(_, claims)| claims.clone()).unwrap_or_default();
    let holds = |blank: &truth::Blank| {
        let judged = claims.get(blank).map(|claim| judge(&truth, &digest, *blank, claim));
        judged.is_some_and(|judged| judged.accuracy == exact(1, 1) && judged.proof() >= exact(7, 10))
    };
    match truth::Blank::ALL.iter().filter(|blank| !holds(blank)).count() {
        0 => Band::AllHold,
        1 | 2 => Band::SomeFail,
        _ => Band::ManyFail,
    }
}

type Filled = Option<(Claim, board::Claim)>;

/// A sentence about a blank.
fn named(key: &'static str, blank: truth::Blank) -> Said {
    say(key).said(
        "blank",
        say(match blank {
            truth::Blank::Culprit => "notice.culprit",
            truth::Blank::Mechanism => "notice.mechanism",
            truth::Blank::Trigger => "notice.trigger",
            truth::Blank::Impact => "notice.impact",
            truth::Blank::Onset => "notice.onset",
        }),
    )
}

fn claim(run: &Run, blank: truth::Blank, said: &Blank, kind: Option<WordKind>) -> Result<Filled, Said> {
    if let Some(exhibit) = missing(run, &said.exhibits) {
        return Err(named("notice.there-is-no-exhibit-e-in-2", blank).with("id", exhibit));
    }
    let cites = run.record.evidence.citing(&said.exhibits);
    let exhibits = said.exhibits.clone();
    let Some(kind) = kind else {
        if said.time.trim().is_empty() {
            return Ok(None);
        }
        let Some(onset) = onset(run.case.drill.page_at, &said.time) else {
            return Err(say("notice.onset-is-not-a-time-write").with("text", &said.time));
        };
        let claim = Claim { word: String::new(), onset: Some(onset), cites };
        return Ok(Some((claim, board::Claim { word: None, onset: Some(onset), exhibits })));
    };
    let Some(id) = said.word else { return Ok(None) };
    let Some(word) = run.board.word(id) else {
        return Err(named("notice.there-is-no-word-w-words-2", blank).with("id", id));
    };
    if word.kind != kind {
        return Err(named("notice.is-a-word-of-another-kind", blank).told("word", &word.say));
    }
    let entry = run.record.evidence.words.get(&id).copied();
    let node = entry.and_then(|entry| run.record.evidence.lexicon.node(entry)).unwrap_or_default();
    let claim = Claim { word: node.to_string(), onset: None, cites };
    Ok(Some((claim, board::Claim { word: Some(id), onset: None, exhibits })))
}

// ---- cross-examination ---------------------------------------------------------------------------------------------

/// Ends the reading: to the objections, if there are any.
fn cross(run: &mut Run, first: impl Into<Notice>) -> Outcome {
    let first = first.into();
    run.standing.clear();
    if run.terms().cross {
        run.board.hearing.objections = objections(run);
    }
    let count = run.board.hearing.objections.len();
    if count == 0 {
        run.phase = Phase::Closed;
        return Outcome::remark(first);
    }
    run.phase = Phase::Cross;
    let key = if count == 1 { "notice.there-is-one-objection" } else { "notice.there-are-objections" };
    let raised = run.board.hearing.objections.iter().cloned().map(Box::new);
    Outcome::remark(
        raised.map(Sentence::Objection).fold(first.and(say(key).with("count", count)), |said, own| said.and(own)),
    )
}

/// `close`: gives up, accepts the verdict as it stands, or leaves the objections.
pub fn close(run: &mut Run) -> Outcome {
    if run.phase == Phase::Investigating && run.board.verdict.is_some() {
        return cross(run, "notice.the-verdict-stands");
    }
    run.standing.clear();
    run.phase = Phase::Closed;
    Outcome::default()
}

/// Ends a run where it stands, objections and all.
pub fn end(run: &mut Run) {
    run.standing.clear();
    run.phase = Phase::Closed;
}

/// First the most credible rival that nothing clears, then the blank with the least proof, then a missing link.
fn objections(run: &Run) -> Vec<Objection> {
    let (truth, digest) = (Truth::of(&run.case), Digest::of(&run.record.events));
    let bench = Bench { run, truth: &truth, digest: &digest };
    let doubts = [bench.rival(), bench.proof(), bench.link()];
    let numbered = doubts.into_iter().flatten().zip(1..);
    numbered.map(|(doubt, id)| Objection { id, doubt, answer: None }).collect()
}

struct Bench<'a> {
    run: &'a Run,
    truth: &'a Truth,
    digest: &'a Digest,
}

impl Bench<'_> {
    fn claims(&self) -> Option<&BTreeMap<truth::Blank, Claim>> {
        self.digest.verdicts.last().map(|(_, claims)| claims)
    }

    /// A clearing counts if an exhibit that was cited for it rules the rival out. Of equals the first of the case.
    fn rival(&self) -> Option<Doubt> {
        let credible = credible(self.run);
        let cleared = |id: &str| {
            let clearing = self.digest.cleared.get(&Suspect::Rival(id.to_string()));
            let clues = clearing.into_iter().flat_map(|clearing| &clearing.cites).flat_map(|cite| &cite.clues);
            clues.into_iter().any(|clue| self.truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(id)))
        };
        let mut best = None;
        for rival in self.run.case.rivals.iter().filter(|rival| !cleared(&rival.id)) {
            let share = credible.get(&Suspect::Rival(rival.id.clone()))?;
            if best.as_ref().is_none_or(|(most, _)| share > *most) {
                best = Some((share, rival));
            }
        }
        let (_, rival) = best?;
        Some(Doubt::Rival { id: rival.id.clone(), thing: rival.thing.clone(), how: rival.how.clone() })
    }

    /// Only what was said and is not fully proven.
    fn proof(&self) -> Option<Doubt> {
        let claims = self.claims()?;
        let proofs =
            claims.iter().map(|(blank, claim)| (judge(self.truth, self.digest, *blank, claim).proof(), *blank));
        let (proof, blank) = proofs.min()?;
        (proof < exact(1, 1)).then(|| Doubt::Proof { blank, word: self.word(blank) })
    }

    /// Two words next to each other in the chain of the verdict, of which no cited exhibit bears on both, though something
    /// in the case does.
    fn link(&self) -> Option<Doubt> {
        use truth::Blank::{Culprit, Impact, Mechanism, Trigger};
        let claims = self.claims()?;
        let pairs = [(Trigger, Culprit), (Culprit, Mechanism), (Mechanism, Impact)];
        let missing = pairs.into_iter().find(|(from, to)| {
            let (Some(first), Some(second)) = (claims.get(from), claims.get(to)) else { return false };
            let cited = first.cites.iter().chain(&second.cites).flat_map(|cite| &cite.clues);
            let joins = |clue: &String| self.joins(clue, (&first.word, &second.word));
            !first.word.is_empty()
                && !second.word.is_empty()
                && !cited.into_iter().any(joins)
                && self.truth.clues.keys().any(joins)
        });
        let (from, to) = missing?;
        Some(Doubt::Link { from, to, words: (self.word(from), self.word(to)) })
    }

    fn joins(&self, clue: &str, (first, second): (&str, &str)) -> bool {
        let bears = |clue: &truth::ClueTruth, word: &str| clue.shows.contains(word) || clue.hints.contains(word);
        self.truth.clues.get(clue).is_some_and(|clue| bears(clue, first) && bears(clue, second))
    }

    /// What a blank says, in the words of the board.
    fn word(&self, blank: truth::Blank) -> String {
        let Some(verdict) = &self.run.board.verdict else { return String::new() };
        let own = verdict.claim(blank);
        match (own.word, own.onset) {
            (Some(word), _) => self.run.board.word(word).map_or_else(String::new, |word| word.say.clone()),
            (None, Some(onset)) => onset.told_at(self.run.case.drill.page_at),
            (None, None) => String::new(),
        }
    }
}

/// One exhibit, one try. A right answer clears the rival; a wrong one costs nothing.
pub fn answer(run: &mut Run, id: u32, exhibit: Option<u32>) -> Outcome {
    let Some(at) = run.board.hearing.objections.iter().position(|own| own.id == id) else {
        return Outcome::refusal(say("notice.there-is-no-objection-o").with("id", id));
    };
    if run.board.hearing.objections[at].answer.is_some() {
        return Outcome::refusal(say("notice.o-was-answered-one-try-each").with("id", id));
    }
    if let Some(exhibit) = exhibit.filter(|exhibit| run.board.exhibit(*exhibit).is_none()) {
        return Outcome::refusal(say("notice.there-is-no-exhibit-e-in").with("id", exhibit));
    }
    let doubt = run.board.hearing.objections[at].doubt.clone();
    let right = exhibit.is_some_and(|exhibit| meets(run, &doubt, exhibit));
    run.board.hearing.objections[at].answer = Some(Answer { exhibit, right });
    if let (Doubt::Rival { id, .. }, Some(exhibit), true) = (&doubt, exhibit, right) {
        let cites = run.record.evidence.citing(&[exhibit]);
        run.note(What::Cleared { suspect: Suspect::Rival(id.clone()), cites, cross: true });
    }
    if run.board.hearing.objections.iter().all(|own| own.answer.is_some()) {
        run.phase = Phase::Closed;
    }
    Outcome::remark(match (exhibit, right) {
        (None, _) => say("notice.passed"),
        (Some(exhibit), true) => say("notice.e-answers-that").with("id", exhibit),
        (Some(exhibit), false) => say("notice.e-does-not-answer-that").with("id", exhibit),
    })
}

/// Whether an exhibit answers a doubt.
fn meets(run: &Run, doubt: &Doubt, exhibit: u32) -> bool {
    let (truth, digest) = (Truth::of(&run.case), Digest::of(&run.record.events));
    let bench = Bench { run, truth: &truth, digest: &digest };
    let held: Vec<String> = run.record.evidence.held(exhibit).into_iter().cloned().collect();
    let said = |blank: &truth::Blank| bench.claims().and_then(|claims| claims.get(blank));
    match doubt {
        Doubt::Rival { id, .. } => {
            held.iter().any(|clue| truth.clues.get(clue).is_some_and(|clue| clue.rules_out.contains(id)))
        }
        // What was not cited for it, and bears on it.
        Doubt::Proof { blank, .. } => said(blank).is_some_and(|claim| {
            let cited: BTreeSet<&String> = claim.cites.iter().flat_map(|cite| &cite.clues).collect();
            held.iter().any(|clue| !cited.contains(clue) && truth.strength(clue, *blank, &claim.word) > exact(0, 1))
        }),
        Doubt::Link { from, to, .. } => match (said(from), said(to)) {
            (Some(first), Some(second)) => held.iter().any(|clue| bench.joins(clue, (&first.word, &second.word))),
            _ => false,
        },
    }
}

// ---- form ----------------------------------------------------------------------------------------------------------

/// What may be wrong with the form of a claim, whatever is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    NoExhibit,
    OneInstrument,
    ManyExhibits,
}

/// More exhibits than this for one claim dilute it.
const CITED_MAX: usize = 3;

/// Warnings about the blanks that are filled: form, never truth.
pub fn warnings(run: &Run, blanks: &Blanks) -> Vec<(truth::Blank, Warning)> {
    use truth::Blank::{Culprit, Impact, Mechanism, Onset, Trigger};
    let said = [
        (Culprit, &blanks.culprit),
        (Mechanism, &blanks.mechanism),
        (Trigger, &blanks.trigger),
        (Impact, &blanks.impact),
        (Onset, &blanks.onset),
    ];
    let filled = said.into_iter().filter(|(_, said)| said.word.is_some() || !said.time.trim().is_empty());
    filled.filter_map(|(blank, said)| Some((blank, warning(run, &said.exhibits)?))).collect()
}

fn warning(run: &Run, cited: &[u32]) -> Option<Warning> {
    let exhibits: Vec<_> = cited.iter().filter_map(|id| run.board.exhibit(*id)).collect();
    if exhibits.is_empty() {
        return Some(Warning::NoExhibit);
    }
    if exhibits.len() > CITED_MAX {
        return Some(Warning::ManyExhibits);
    }
    // The instruments of everything on the exhibit, clue or not: that tells nothing of what bears. A page that shows
    // nothing is by the instrument of its command.
    let instruments: BTreeSet<String> = exhibits
        .iter()
        .flat_map(|own| match own.facts.is_empty() {
            true => vec![own.command.clone()],
            false => own.facts.iter().map(|fact| format!("{:?}", fact.channel())).collect(),
        })
        .collect();
    (instruments.len() < 2).then_some(Warning::OneInstrument)
}

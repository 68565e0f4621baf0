//! The acts of the board: bag, words, hypotheses, expectations, clearing. None of them takes simulated
//! time. A refusal says what is wrong with the form, never what is true.

use super::act::Act;
use super::claims::{self, Named};
use super::notice::say;
use super::run::{Outcome, Run};
use super::team::votes;
use super::terms::Mode;
use super::undo::{self, Back};
use super::{hearing, statement};
use crate::case::board::{self, Collected, Exhibit, Expectation, Hypothesis, Link, Reflection};
use crate::case::evidence;
use crate::case::score::log::{Suspect, What};
use crate::console::page::{Line, Stream};
use crate::scenario::shape::WordKind;
use crate::stdx::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Exhibits that a bag holds at most.
pub const EXHIBITS_MAX: usize = 500;
/// Lines that one exhibit holds at most.
pub const EXHIBIT_LINES_MAX: usize = 20_000;
/// Suspects, expectations and notes that a board holds at most, each.
const ENTRIES_MAX: usize = 200;

pub fn act(run: &mut Run, seat: u16, act: &Act) -> Outcome {
    match act {
        Act::State { text, form } => statement::state(run, text, form.as_deref()),
        Act::Update { update } => statement::update(run, update),
        Act::Undo => undo::undo(run, seat),
        Act::Note { text } => {
            if run.board.notes.len() >= ENTRIES_MAX {
                return Outcome::refusal("notice.the-notes-are-full");
            }
            let at = run.now();
            run.board.notes.push((at, text.clone()));
            undo::keep(run, Back::Note);
            Outcome::default()
        }
        Act::Bag { page, lines, note } => bag(run, *page, *lines, note),
        Act::Unbag { exhibit } => unbag(run, *exhibit),
        Act::Suspect { thing, how } => suspect(run, *thing, *how),
        Act::Rate { hypothesis, percent } if run.mode == Mode::Gameday => vote(run, seat, *hypothesis, *percent),
        Act::Rate { hypothesis, percent } => rate(run, *hypothesis, *percent),
        Act::Predict { hypothesis, text } => predict(run, *hypothesis, text),
        Act::Link { hypothesis, exhibit, sign } => link(run, *hypothesis, *exhibit, *sign),
        Act::Clear { hypothesis, exhibits } => clear(run, *hypothesis, exhibits),
        Act::Reopen { hypothesis } => reopen(run, *hypothesis),
        Act::Expect { text } => expect(run, text),
        Act::Resolve => {
            let at = run.now();
            run.board.resolved.push(at);
            run.note(What::Resolved);
            Outcome::default()
        }
        Act::Verdict { blanks } => hearing::verdict(run, blanks),
        Act::Answer { objection, exhibit } => hearing::answer(run, *objection, *exhibit),
        Act::Close => hearing::close(run),
        Act::Reflect { reaction, guess, pledge } => {
            run.board.hearing.reflection =
                Some(Reflection { reaction: reaction.clone(), guess: guess.clone(), pledge: pledge.clone() });
            Outcome::default()
        }
        Act::Reply { question, text } => reply(run, question, text),
        Act::Run { .. }
        | Act::Wait { .. }
        | Act::Clock { .. }
        | Act::Leave { .. }
        | Act::Door { .. }
        | Act::Hint
        | Act::Interview { .. }
        | Act::Team { .. } => Outcome::default(),
    }
}

fn reply(run: &mut Run, question: &str, text: &str) -> Outcome {
    let replies = &mut run.board.hearing.replies;
    if !replies.contains_key(question) && replies.len() >= ENTRIES_MAX {
        return Outcome::refusal("notice.that-is-more-than-an-interview");
    }
    replies.insert(question.to_string(), text.to_string());
    Outcome::default()
}

// ---- bag -----------------------------------------------------------------------------------------------------------

fn bag(run: &mut Run, page: u32, lines: Option<(u32, u32)>, note: &str) -> Outcome {
    let Some(source) = run.page(page) else {
        return Outcome::refusal(say("notice.there-is-no-page-to-bag").with("page", page));
    };
    let count = source.output.lines.len() as u32;
    if let Some((from, to)) = lines
        && (from > to || to >= count)
    {
        let said = say("notice.page-has-lines-is-not-among").with("page", page).with("count", count);
        return Outcome::refusal(said.with("from", from + 1).with("to", to + 1));
    }
    if let Some(known) = run
        .board
        .exhibits
        .iter()
        .find(|e| e.page == page && e.lines == lines && (lines.is_some() || e.text.len() == count as usize))
    {
        return Outcome::refusal(say("notice.that-is-already").with("id", format!("e{}", known.id)));
    }
    if run.board.exhibits.len() >= EXHIBITS_MAX {
        return Outcome::refusal(say("notice.the-bag-holds-exhibits-take-one").with("max", EXHIBITS_MAX));
    }
    let (from, to) = lines.unwrap_or((0, count.saturating_sub(1)));
    if count > 0 && (to - from) as usize >= EXHIBIT_LINES_MAX {
        return Outcome::refusal(say("notice.an-exhibit-holds-at-most-lines").with("max", EXHIBIT_LINES_MAX));
    }
    let chosen: Vec<&Line> = source.output.lines.iter().skip(from as usize).take((to - from) as usize + 1).collect();
    if lines.is_some() && chosen.iter().all(|line| line.stream == Stream::Hint) {
        return Outcome::refusal("notice.that-line-is-a-hint-of");
    }
    let exhibit = Exhibit {
        id: run.record.given.exhibits + 1,
        at: source.at,
        page,
        lines,
        command: source.command.clone(),
        text: chosen.iter().map(|line| line.text.clone()).collect(),
        facts: evidence::facts(source, Some((from, to))),
        note: note.to_string(),
    };
    run.record.given.exhibits = exhibit.id;
    run.record.evidence.take(&run.case, &exhibit);
    let clues: Vec<String> = run.record.evidence.held(exhibit.id).into_iter().cloned().collect();
    for clue in clues {
        run.note(What::Bagged { clue });
    }
    let words = run.board.words.len();
    collect(run, &exhibit);
    let id = exhibit.id;
    run.board.exhibits.push(exhibit);
    undo::keep(run, Back::Bag(id));
    let fresh: Vec<String> = run.board.words.iter().skip(words).map(|word| word.say.clone()).collect();
    let key = match fresh.len() {
        0 => "notice.e-bagged",
        1 => "notice.e-bagged-a-new-word",
        _ => "notice.e-bagged-new-words",
    };
    Outcome::remark(say(key).with("id", id).quoted("words", fresh))
}

/// The words that an exhibit brings up enter the list.
fn collect(run: &mut Run, exhibit: &Exhibit) {
    let fresh = run.record.evidence.new_words(&run.case, exhibit);
    for entry in &fresh {
        let id = run.board.words.len() as u32 + 1;
        let word = &run.record.evidence.lexicon.entries[*entry];
        run.board.words.push(Collected { id, kind: word.kind, say: word.say.clone(), exhibit: exhibit.id });
        run.record.evidence.words.insert(id, *entry);
    }
}

fn unbag(run: &mut Run, exhibit: u32) -> Outcome {
    let Some(at) = run.board.exhibits.iter().position(|own| own.id == exhibit) else { return no_exhibit(exhibit) };
    let cites = |hypothesis: &Hypothesis| hypothesis.cleared.as_ref().is_some_and(|cited| cited.contains(&exhibit));
    if let Some(hypothesis) = run.board.hypotheses.iter().find(|hypothesis| cites(hypothesis)) {
        let said = say("notice.h-was-cleared-with-e-reopen").with("id", hypothesis.id);
        return Outcome::refusal(said.with("exhibit", exhibit));
    }
    let cites = run.record.evidence.cites.get(&exhibit).cloned().unwrap_or_default();
    let linked = |own: &Hypothesis| Some((own.id, *own.links.get(&exhibit)?));
    let links = run.board.hypotheses.iter().filter_map(linked).collect();
    let Some(taken) = drop_exhibit(run, exhibit) else { return no_exhibit(exhibit) };
    undo::keep(run, Back::Unbag { exhibit: Box::new(taken), place: at, cites, links });
    Outcome::default()
}

/// Takes an exhibit out of the bag; clues that no other exhibit holds are held no more.
pub(super) fn drop_exhibit(run: &mut Run, exhibit: u32) -> Option<Exhibit> {
    let at = run.board.exhibits.iter().position(|own| own.id == exhibit)?;
    let taken = run.board.exhibits.remove(at);
    for hypothesis in &mut run.board.hypotheses {
        hypothesis.links.remove(&exhibit);
    }
    let gone: Vec<String> = run.record.evidence.held(exhibit).into_iter().cloned().collect();
    run.record.evidence.cites.remove(&exhibit);
    let kept: BTreeSet<&String> = run.record.evidence.cites.values().flatten().flat_map(|cite| &cite.clues).collect();
    let gone: Vec<String> = gone.into_iter().filter(|clue| !kept.contains(clue)).collect();
    for clue in gone {
        run.note(What::Unbagged { clue });
    }
    // Words stay: what was met was met.
    Some(taken)
}

fn no_exhibit(exhibit: u32) -> Outcome {
    Outcome::refusal(say("notice.there-is-no-exhibit-e-in").with("id", exhibit))
}

/// The first of several exhibits that is not in the bag.
pub(super) fn missing(run: &Run, exhibits: &[u32]) -> Option<u32> {
    exhibits.iter().copied().find(|exhibit| run.board.exhibit(*exhibit).is_none())
}

// ---- hypotheses ----------------------------------------------------------------------------------------------------

fn suspect(run: &mut Run, thing: u32, how: u32) -> Outcome {
    for (word, kind, name) in [(thing, WordKind::Thing, "notice.a-thing"), (how, WordKind::How, "notice.a-how")] {
        match run.board.word(word) {
            None => return Outcome::refusal(say("notice.there-is-no-word-w-words").with("id", word)),
            Some(found) if found.kind != kind => {
                return Outcome::refusal(say("notice.is-not").told("word", &found.say).said("kind", say(name)));
            }
            Some(_) => {}
        }
    }
    if let Some(known) = run.board.hypotheses.iter().find(|known| known.thing == thing && known.how == how) {
        return Outcome::refusal(say("notice.that-is-already").with("id", format!("h{}", known.id)));
    }
    if run.board.hypotheses.len() >= ENTRIES_MAX {
        return Outcome::refusal("notice.the-board-is-full");
    }
    let id = run.record.given.hypotheses + 1;
    run.record.given.hypotheses = id;
    run.board.hypotheses.push(Hypothesis {
        id,
        thing,
        how,
        confidence: 0,
        links: BTreeMap::new(),
        cleared: None,
        prediction: String::new(),
    });
    undo::keep(run, Back::Suspect(id));
    Outcome::remark(say("notice.h-is-on-the-board").with("id", id))
}

fn no_hypothesis(id: u32) -> Outcome {
    Outcome::refusal(say("notice.there-is-no-hypothesis-h").with("id", id))
}

fn rate(run: &mut Run, id: u32, percent: u8) -> Outcome {
    if percent > 100 {
        return Outcome::refusal("notice.a-confidence-is-a-percentage-from");
    }
    let Some(hypothesis) = run.board.hypothesis_mut(id) else { return no_hypothesis(id) };
    let rated = board::on_scale(percent);
    let before = std::mem::replace(&mut hypothesis.confidence, rated);
    undo::keep(run, Back::Rate { hypothesis: id, percent: before });
    if rated == percent {
        return Outcome::default();
    }
    Outcome::remark(say("notice.h-is-at-confidences-go-by").with("id", id).with("rated", rated))
}

/// In a room everybody votes for themselves, in secret: the board shows mean and spread, once two have voted.
fn vote(run: &mut Run, seat: u16, id: u32, percent: u8) -> Outcome {
    if percent > 100 {
        return Outcome::refusal("notice.a-confidence-is-a-percentage-from");
    }
    if run.board.hypothesis(id).is_none() {
        return no_hypothesis(id);
    }
    let rated = board::on_scale(percent);
    let before = run.team.votes.set(id, seat, Some(rated));
    votes::settle(run, id);
    undo::keep(run, Back::Vote { hypothesis: id, seat, percent: before });
    if rated == percent {
        return Outcome::default();
    }
    Outcome::remark(say("notice.h-is-at-confidences-go-by").with("id", id).with("rated", rated))
}

fn predict(run: &mut Run, id: u32, text: &str) -> Outcome {
    let Some(hypothesis) = run.board.hypothesis_mut(id) else { return no_hypothesis(id) };
    let text = std::mem::replace(&mut hypothesis.prediction, text.trim().to_string());
    undo::keep(run, Back::Predict { hypothesis: id, text });
    Outcome::default()
}

fn link(run: &mut Run, id: u32, exhibit: u32, sign: char) -> Outcome {
    let link = match sign {
        '+' => Link::For,
        '-' => Link::Against,
        '.' => Link::Neutral,
        _ => return Outcome::refusal("notice.a-link-is-for-against-or"),
    };
    if run.board.exhibit(exhibit).is_none() {
        return no_exhibit(exhibit);
    }
    let Some(hypothesis) = run.board.hypothesis_mut(id) else { return no_hypothesis(id) };
    let link = hypothesis.links.insert(exhibit, link);
    undo::keep(run, Back::Link { hypothesis: id, exhibit, link });
    Outcome::default()
}

fn clear(run: &mut Run, id: u32, exhibits: &[u32]) -> Outcome {
    if run.board.hypothesis(id).is_none() {
        return no_hypothesis(id);
    }
    if exhibits.is_empty() {
        return Outcome::refusal("notice.clear-a-suspect-with-the-exhibits");
    }
    if let Some(exhibit) = missing(run, exhibits) {
        return no_exhibit(exhibit);
    }
    let (suspect, cites) = (whom(run, id), run.record.evidence.citing(exhibits));
    if let Some(hypothesis) = run.board.hypothesis_mut(id) {
        let percent = hypothesis.confidence;
        let cleared = hypothesis.cleared.replace(exhibits.to_vec());
        // Whoever clears a suspect believes it no more.
        hypothesis.confidence = percent.min(1);
        undo::keep(run, Back::Clear { hypothesis: id, cleared, percent });
    }
    run.note(What::Cleared { suspect, cites, cross: false });
    Outcome::default()
}

fn reopen(run: &mut Run, id: u32) -> Outcome {
    let Some(hypothesis) = run.board.hypothesis_mut(id) else { return no_hypothesis(id) };
    let Some(cleared) = hypothesis.cleared.take() else {
        return Outcome::refusal(say("notice.h-was-not-cleared").with("id", id));
    };
    undo::keep(run, Back::Reopen { hypothesis: id, cleared });
    let suspect = whom(run, id);
    run.note(What::Reopened { suspect });
    Outcome::default()
}

/// Notes what is believed: the confidences on the board, as they stand.
pub(super) fn believe(run: &mut Run) {
    let of = run.board.hypotheses.iter().map(|own| (whom(run, own.id), believed(run, own))).collect();
    run.note(What::Beliefs { of });
}

/// What is believed of a hypothesis; in a room the mean of all votes, also before the board shows it.
fn believed(run: &Run, own: &Hypothesis) -> u8 {
    match run.team.votes.graded(own.id) {
        Some(mean) if own.cleared.is_some() => mean.min(1),
        Some(mean) => mean,
        None => own.confidence,
    }
}

/// Whom a hypothesis means, by its two words.
pub fn whom(run: &Run, id: u32) -> Suspect {
    let entry = |word: u32| run.record.evidence.words.get(&word).copied();
    let words = run.board.hypothesis(id).and_then(|own| Some((entry(own.thing)?, entry(own.how)?)));
    match words {
        Some((thing, how)) => run.record.evidence.lexicon.suspect(&run.case, thing, how, id),
        None => Suspect::Other(id),
    }
}

// ---- expectations --------------------------------------------------------------------------------------------------

/// The longest time that an expectation may take: what a day's window of spend needs to forget a bad day.
const WITHIN_MAX: Span = Span::hours(72);

/// Reads `METRIC[{label=value,…}] >= NUMBER within SPAN` (`<=` too).
pub fn read_expectation(text: &str) -> Option<Expectation> {
    let (head, within) = text.rsplit_once(" within ")?;
    let within = Span::parse(within).filter(|span| *span > Span::ZERO && *span <= WITHIN_MAX)?;
    let (series, bound, least) = match head.split_once(">=") {
        Some((series, bound)) => (series, bound, true),
        None => head.split_once("<=").map(|(series, bound)| (series, bound, false))?,
    };
    let bound: f64 = bound.trim().parse().ok().filter(|bound: &f64| bound.is_finite())?;
    let Named { name: metric, labels } = claims::named(series)?;
    Some(Expectation {
        id: 0,
        at: Time::default(),
        metric,
        at_least: least.then_some(bound),
        at_most: (!least).then_some(bound),
        within,
        text: text.trim().to_string(),
        labels,
        change: None,
    })
}

fn expect(run: &mut Run, text: &str) -> Outcome {
    let Some(read) = read_expectation(text) else {
        return Outcome::refusal("notice.say-what-can-be-measured-slopayratio");
    };
    if run.board.expectations.len() >= ENTRIES_MAX {
        return Outcome::refusal("notice.the-board-is-full");
    }
    let id = run.record.given.expectations + 1;
    run.record.given.expectations = id;
    let at = run.now();
    run.board.expectations.push(Expectation { id, at, ..read });
    undo::keep(run, Back::Expect(id));
    Outcome::remark("notice.noted-for-your-next-change")
}

/// What a team's accepted proposal expects: nobody's act on the board, so nothing to take back.
pub(super) fn expect_of_team(run: &mut Run, text: &str) -> Outcome {
    let outcome = expect(run, text);
    if !outcome.refused {
        undo::forget_last(run);
    }
    outcome
}

// ---- times ---------------------------------------------------------------------------------------------------------

/// `HH:MM` as the latest such time that is not after the page; an earlier day is named: `2026-03-01 04:12`, and `03-01 04:12`
/// in the page's year.
pub fn onset(page_at: Time, text: &str) -> Option<Time> {
    if text.contains('-') {
        let text = text.trim();
        let year = page_at.date();
        return Time::parse(text).or_else(|| Time::parse(&format!("{}-{text}", year.get(..4)?)));
    }
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() <= 2 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let day = 86_400_000;
    let said = Time(page_at.0.div_euclid(day) * day) + Span::hours(hour) + Span::mins(minute);
    Some(if said > page_at { said - Span::hours(24) } else { said })
}

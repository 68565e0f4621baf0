//! What a debrief retells of the case beside the run: words and their answers, rivals, clues that were missed, the lane of
//! the fault. Does not judge.

use super::{Lane, Missed, Moment, RivalTold, WordTold};
use crate::case::board::{Board, Claim};
use crate::case::score::Exact;
use crate::case::score::log::{Digest, Event, Suspect};
use crate::case::score::truth::{Blank, Truth};
use crate::scenario::shape::{Case, WordKind};
use crate::stdx::time::Time;
use num_traits::Zero;
use std::collections::BTreeMap;

/// Each blank with what was said and what is right.
pub fn words(case: &Case, board: &Board, log: &[Event]) -> Vec<WordTold> {
    let truth = Truth::of(case);
    let claims = Digest::of(log).verdicts.pop().map(|(_, claims)| claims).unwrap_or_default();
    let own = |blank: Blank| -> Option<&Claim> {
        let verdict = board.verdict.as_ref()?;
        Some(match blank {
            Blank::Culprit => &verdict.culprit,
            Blank::Mechanism => &verdict.mechanism,
            Blank::Trigger => &verdict.trigger,
            Blank::Impact => &verdict.impact,
            Blank::Onset => &verdict.onset,
        })
    };
    let told = |blank: Blank| {
        let accuracy = claims.get(&blank).map_or_else(Exact::zero, |claim| match (blank, claim.onset) {
            (Blank::Onset, Some(onset)) => truth.onset_accuracy(onset),
            (Blank::Onset, None) => Exact::zero(),
            _ => truth.accuracy(blank, &claim.word),
        });
        let said = own(blank).map_or_else(String::new, |claim| match (claim.word, claim.onset) {
            (Some(word), _) => board.word(word).map_or_else(String::new, |word| word.say.clone()),
            (None, Some(onset)) => onset.told_at(case.drill.page_at),
            (None, None) => String::new(),
        });
        let exhibits = own(blank).map_or_else(Vec::new, |claim| claim.exhibits.clone());
        WordTold { blank, said, answer: answer(case, &truth, blank), accuracy, exhibits }
    };
    Blank::ALL.into_iter().map(told).collect()
}

fn answer(case: &Case, truth: &Truth, blank: Blank) -> String {
    if blank == Blank::Onset {
        return truth.onset.map_or_else(String::new, Time::hour_minute);
    }
    let id = truth.answers.get(&blank).and_then(|answers| answers.first());
    let node = id.and_then(|id| case.chain.iter().find(|node| node.id == *id));
    node.map_or_else(String::new, |node| node.say.clone())
}

pub fn rivals(case: &Case, log: &[Event]) -> Vec<RivalTold> {
    let digest = Digest::of(log);
    let told = |rival: &crate::scenario::shape::Rival| RivalTold {
        id: rival.id.clone(),
        thing: rival.thing.clone(),
        how: rival.how.clone(),
        cleared: digest.cleared.contains_key(&Suspect::Rival(rival.id.clone())),
        ruled_out_by: case.clues.iter().filter(|c| c.rules_out.contains(&rival.id)).map(|c| c.id.clone()).collect(),
    };
    case.rivals.iter().map(told).collect()
}

/// What people call the clues and rivals of a case: an author's ids are not for readers.
pub fn names(case: &Case) -> BTreeMap<String, String> {
    let clue = |clue: &crate::scenario::shape::Clue| {
        let say = if clue.say.is_empty() { clue.id.replace('-', " ") } else { clue.say.clone() };
        (clue.id.clone(), say)
    };
    let rivals = case.rivals.iter().map(|rival| (rival.id.clone(), format!("{}: {}", rival.thing, rival.how)));
    case.clues.iter().map(clue).chain(rivals).collect()
}

/// The clues in no exhibit. `typed` turns an author's command into one that could have been typed.
pub fn missed(case: &Case, log: &[Event], typed: impl Fn(&str) -> String) -> Vec<Missed> {
    let digest = Digest::of(log);
    let unbagged = case.clues.iter().filter(|clue| !digest.bagged.contains_key(&clue.id));
    unbagged
        .map(|clue| Missed {
            clue: clue.id.clone(),
            say: clue.say.clone(),
            at: clue.at.iter().map(|command| typed(command)).collect(),
            rules_out: clue.rules_out.clone(),
            seen: digest.seen.contains_key(&clue.id),
            fate: digest.fates.get(&clue.id).copied(),
            line: String::new(),
            window: None,
        })
        .collect()
}

/// The lane of the fault: nodes of the chain whose time is known.
pub fn fault_lane(case: &Case) -> Vec<Moment> {
    let moment = |node: &crate::scenario::shape::Node| {
        let kind = match node.kind {
            WordKind::Change => "moment.change",
            WordKind::Thing => "moment.thing",
            WordKind::How => "moment.how",
            WordKind::Harm => "moment.harm",
        };
        Some(Moment { at: node.at?, lane: Lane::Fault, key: kind, text: node.say.clone(), entry: None, then: None })
    };
    case.chain.iter().filter_map(moment).collect()
}

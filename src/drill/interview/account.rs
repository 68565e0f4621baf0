//! The account of an interview: what was arranged, what happened, what was accused and asked, what the rubric proposes. Told
//! in a language as far as the case speaks it; no total is among it. Does not know what interviewers filed, nor formats.

use super::follow::{self, FollowUp};
use super::rubric::{self, Proposal};
use super::{Control, controls_of};
use crate::case::board::Objection;
use crate::case::debrief::{Lane, Moment};
use crate::case::score::ENGINE;
use crate::case::score::truth::Blank;
use crate::drill::account::told_act;
use crate::drill::act::Act;
use crate::drill::message::Kind;
use crate::drill::run::{Clock, Run};
use crate::scenario::shape::Case;
use crate::stdx::time::Time;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lines of an exhibit that are shown, at most.
const EXHIBIT_LINES: usize = 2;

/// What was played, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub title: String,
    pub case: String,
    pub variant: String,
    pub seed: u64,
    pub case_hash: String,
    /// The engine that read the run.
    pub engine: String,
    pub clock: &'static str,
    /// The time-box of this run, with what it was extended by.
    pub minutes: u32,
    pub extended: u32,
    pub page_at: Time,
    pub ended_at: Time,
    pub ended_early: bool,
}

/// A control as it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub entry: u32,
    pub at: Time,
    pub control: Control,
    /// The candidate's act that it belongs to.
    pub about: u32,
}

/// A cited exhibit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    pub id: u32,
    pub command: String,
    pub text: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimTold {
    pub blank: Blank,
    /// Empty if it was left open.
    pub said: String,
    pub exhibits: Vec<Cited>,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub setting: Setting,
    /// The case as it is told.
    pub case: Arc<Case>,
    pub controls: Vec<Used>,
    /// What mattered, oldest first; plain looks are left out unless a level points at them.
    pub moments: Vec<Moment>,
    /// Looks that are left out.
    pub looks: usize,
    pub claims: Vec<ClaimTold>,
    pub verdict: bool,
    pub objections: Vec<Objection>,
    pub proposals: Vec<Proposal>,
    /// The questions that were asked, and what was answered.
    pub follow: Vec<(FollowUp, Option<String>)>,
}

/// Tells a run, in a language.
pub fn of(run: &Run, lang: &str) -> Account {
    let proposals = rubric::proposals(run);
    let follow = follow::asked(run).into_iter();
    let replies = &run.board.hearing.replies;
    let follow: Vec<(FollowUp, Option<String>)> =
        follow.map(|question| (question.clone(), replies.get(&question.id).cloned())).collect();
    let told = run.told_in(lang);
    let mut shown: BTreeSet<u32> = proposals.iter().flat_map(|proposal| proposal.entries.iter().copied()).collect();
    shown.extend(follow.iter().flat_map(|(question, _)| &question.entries));
    let (moments, looks) = moments(&told, &shown);
    let used =
        |done: super::Done| Used { entry: done.entry, at: done.at, control: done.control.clone(), about: done.about };
    Account {
        setting: setting(&told),
        controls: controls_of(run).into_iter().map(used).collect(),
        moments,
        looks,
        claims: claims(&told),
        verdict: run.board.verdict.is_some(),
        objections: run.board.hearing.objections.clone(),
        proposals,
        follow,
        case: told.case,
    }
}

fn setting(run: &Run) -> Setting {
    Setting {
        title: run.case.drill.title.clone(),
        case: run.case.slug.clone(),
        variant: run.case.variant.clone(),
        seed: run.case.seed,
        case_hash: run.case.hash.clone(),
        engine: ENGINE.to_string(),
        clock: if run.clock == Clock::Live { "live" } else { "turn" },
        minutes: run.terms().minutes.unwrap_or_default(),
        extended: run.sitting.extended,
        page_at: run.case.drill.page_at,
        ended_at: run.now(),
        ended_early: run.sitting.ended_early,
    }
}

/// The page, what people wrote, and the candidate's acts that say something by themselves.
fn moments(run: &Run, shown: &BTreeSet<u32>) -> (Vec<Moment>, usize) {
    let changed: BTreeSet<u32> = run.record.changes.iter().map(|change| change.entry).collect();
    let speaks = |entry: u32, act: &Act| {
        let plain = match act {
            Act::Run { .. } | Act::Door { .. } => !changed.contains(&entry),
            Act::Bag { .. } | Act::Unbag { .. } | Act::Link { .. } | Act::Undo | Act::Leave { .. } => true,
            Act::Rate { .. } | Act::Wait { .. } => true,
            _ => false,
        };
        !plain || shown.contains(&entry)
    };
    let mut looks = 0;
    let mut moments: Vec<Moment> = run
        .messages
        .iter()
        .map(|message| Moment {
            at: message.at,
            lane: Lane::Message,
            key: if message.kind == Kind::Page { "moment.page" } else { "" },
            text: match message.kind {
                Kind::Page => String::new(),
                Kind::Person => format!("{}: {}", message.from, message.text),
            },
            entry: None,
            then: None,
        })
        .collect();
    for ((at, act), entry) in run.acts.iter().zip(1..) {
        if !speaks(entry, act) {
            looks += usize::from(matches!(act, Act::Run { .. } | Act::Door { .. }));
            continue;
        }
        if let Some((key, text)) = told_act(run, entry, act) {
            moments.push(Moment { at: *at, lane: Lane::You, key, text, entry: Some(entry), then: None });
        }
    }
    moments.sort_by_key(|moment| (moment.at, moment.lane, moment.entry));
    (moments, looks)
}

fn claims(run: &Run) -> Vec<ClaimTold> {
    let Some(verdict) = &run.board.verdict else { return Vec::new() };
    let cited = |id: &u32| {
        let exhibit = run.board.exhibit(*id)?;
        let text = exhibit.text.iter().filter(|line| !line.trim().is_empty()).take(EXHIBIT_LINES).cloned().collect();
        Some(Cited { id: *id, command: exhibit.command.clone(), text })
    };
    let told = |blank: Blank| {
        let claim = verdict.claim(blank);
        let said = match (claim.word, claim.onset) {
            (Some(word), _) => run.board.word(word).map_or_else(String::new, |word| word.say.clone()),
            (None, Some(onset)) => onset.told_at(run.case.drill.page_at),
            (None, None) => String::new(),
        };
        ClaimTold { blank, said, exhibits: claim.exhibits.iter().filter_map(cited).collect() }
    };
    Blank::ALL.into_iter().map(told).collect()
}

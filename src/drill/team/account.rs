//! What the debrief of a team has beyond that of a run: how the work flowed, what was known at each decision, and three
//! turning points to ask *how* about. Of the room, never of a person's worth. Does not know formats or words.

use super::{Handover, Stand, Task, work};
use crate::case::board::Link;
use crate::case::score::log::What;
use crate::case::score::posterior::{belief, posterior};
use crate::case::score::truth::Truth;
use crate::case::score::{Exact, Scorecard, exact, log::Suspect};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::stdx::time::{Span, Time};
use num_traits::Zero;
use std::collections::{BTreeMap, BTreeSet};

/// Questions of *how*: rows of the interface's words, asked of every turning point.
pub const HOW: [&str; 4] = ["how.board-told", "how.expected", "how.sensible", "how.unsaid"];

/// The debrief of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub handovers: Vec<Handover>,
    /// Tasks that were asked and neither accepted nor declined.
    pub open_loops: Vec<Task>,
    pub decisions: Vec<Decided>,
    /// Changes that no accepted decision was about: journal entry, time, command.
    pub undecided: Vec<(u32, Time, String)>,
    pub waits: Vec<Wait>,
    /// At most three, in the order of time.
    pub turns: Vec<Turn>,
    /// Injects of the case that came: number and time.
    pub injects: Vec<(u32, Time)>,
}

/// A decision and what was known when it was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// As the board has it.
    pub id: u32,
    pub at: Time,
    pub accepted: bool,
    pub text: String,
    pub because: String,
    pub objections: usize,
    pub called: bool,
    pub change: Option<u32>,
    pub known: Known,
}

/// What was on pages and on the board at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Clues that had been on a page, in the case's words, and how many of them were in the bag.
    pub seen: Vec<String>,
    pub bagged: usize,
    /// What the room believed, once two had voted: hypothesis and percent.
    pub believed: Vec<(u32, u8)>,
    /// What the evidence justified of the true cause, in percent.
    pub justified: u8,
}

/// A finding on its way to the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// In the case's words.
    pub clue: String,
    pub seen: Time,
    /// Until it was in the bag, and until somebody linked it to a suspect; `None`: never.
    pub bagged: Option<Span>,
    pub linked: Option<Span>,
}

/// A moment to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Journal entry.
    pub entry: u32,
    pub at: Time,
    pub kind: TurnKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnKind {
    /// The room's belief moved most: by so many percent.
    Jump { by: u32 },
    /// Two of the room were furthest apart, on this hypothesis.
    Apart { hypothesis: u32, low: u8, high: u8 },
    /// The costliest line of the ledger: its key, what it is about, and thousandths of a point.
    Costliest { key: &'static str, subject: String, lost_m: i64 },
}

impl TurnKind {
    /// The row of the interface's words.
    pub fn key(&self) -> &'static str {
        match self {
            TurnKind::Jump { .. } => "turn.jump",
            TurnKind::Apart { .. } => "turn.apart",
            TurnKind::Costliest { .. } => "turn.costliest",
        }
    }
}

/// The account of a room whose run is over; of an open one as it stands.
pub fn account(run: &Run, card: &Scorecard) -> Account {
    let open = |task: &&Task| !matches!(task.stand, Stand::Accepted | Stand::Declined);
    let changes = run.record.changes.iter().filter(|change| work::decision_of(run, change.entry).is_none());
    let came = super::inject::rows(run).into_iter().filter_map(|row| Some((row.number, row.came?)));
    Account {
        handovers: run.team.handovers.clone(),
        open_loops: run.team.tasks.iter().filter(open).cloned().collect(),
        decisions: decisions(run),
        undecided: changes.map(|change| (change.entry, change.at, change.command.clone())).collect(),
        waits: waits(run),
        turns: turns(run, card),
        injects: came.collect(),
    }
}

fn decisions(run: &Run) -> Vec<Decided> {
    let taken = run.team.decisions.iter().filter_map(|own| Some((own, own.decided?, own.decided_at?)));
    let told = |(own, accepted, at): (&super::Decision, bool, Time)| Decided {
        id: own.id,
        at,
        accepted,
        text: own.text.clone(),
        because: own.because.clone(),
        objections: own.objections.len(),
        called: own.called.is_some(),
        change: own.change,
        known: known(run, own.decided_entry),
    };
    taken.map(told).collect()
}

/// What was known before an entry.
pub fn known(run: &Run, entry: u32) -> Known {
    let (mut seen, mut bagged) = (BTreeSet::new(), BTreeSet::new());
    for event in run.record.events.iter().filter(|event| event.entry < entry) {
        match &event.what {
            What::Seen { clue } => _ = seen.insert(clue.clone()),
            What::Bagged { clue } => _ = bagged.insert(clue.clone()),
            What::Unbagged { clue } => _ = bagged.remove(clue),
            _ => {}
        }
    }
    let justified = belief(&posterior(&Truth::of(&run.case), &seen), &Suspect::Truth);
    let votes = votes_before(run, entry);
    let shown = votes.iter().filter(|(_, votes)| votes.len() >= super::votes::SHOWN_FROM);
    Known {
        bagged: bagged.len(),
        believed: shown.map(|(id, votes)| (*id, mean(votes))).collect(),
        justified: percent(&justified),
        seen: run.case.clues.iter().filter(|clue| seen.contains(&clue.id)).map(|clue| clue.say.clone()).collect(),
    }
}

/// Whole percent, rounded down.
fn percent(share: &Exact) -> u8 {
    u8::try_from((share * exact(100, 1)).floor().to_integer()).unwrap_or(100)
}

type Ballots = BTreeMap<u32, BTreeMap<u16, u8>>;

/// The votes as they stood before an entry: what was taken back by then never was.
fn votes_before(run: &Run, entry: u32) -> Ballots {
    let undone: BTreeSet<u32> = run.record.undone().iter().filter(|(at, _)| **at < entry).map(|(_, of)| *of).collect();
    let mut votes = Ballots::new();
    for (((_, act), seat), at) in run.acts.iter().zip(&run.by).zip(1..entry) {
        if let Act::Rate { hypothesis, percent } = act
            && !undone.contains(&at)
        {
            let rated = crate::case::board::on_scale(*percent);
            votes.entry(*hypothesis).or_default().insert(*seat, rated);
        }
    }
    votes
}

fn mean(votes: &BTreeMap<u16, u8>) -> u8 {
    let sum: usize = votes.values().map(|percent| usize::from(*percent)).sum();
    u8::try_from((sum + votes.len() / 2) / votes.len().max(1)).unwrap_or(100)
}

/// How long findings took to the board.
fn waits(run: &Run) -> Vec<Wait> {
    let mut first: BTreeMap<&str, (Time, Option<Time>)> = BTreeMap::new();
    for event in &run.record.events {
        match &event.what {
            What::Seen { clue } => _ = first.entry(clue).or_insert((event.at, None)),
            What::Bagged { clue } => {
                if let Some((_, bagged)) = first.get_mut(clue.as_str()) {
                    bagged.get_or_insert(event.at);
                }
            }
            _ => {}
        }
    }
    let say =
        |id: &str| run.case.clues.iter().find(|clue| clue.id == id).map_or(id, |clue| clue.say.as_str()).to_string();
    let told = |(id, (seen, bagged)): (&str, (Time, Option<Time>))| Wait {
        clue: say(id),
        seen,
        bagged: bagged.map(|at| at - seen),
        linked: linked(run, id).map(|at| at - seen),
    };
    let mut waits: Vec<Wait> = first.into_iter().map(told).collect();
    waits.sort_by_key(|wait| wait.seen);
    waits
}

/// When an exhibit that holds a clue was first linked to a suspect, of the links that stand.
fn linked(run: &Run, clue: &str) -> Option<Time> {
    let holds = |exhibit: u32| run.record.evidence.held(exhibit).iter().any(|held| held.as_str() == clue);
    let stands = |hypothesis: u32, exhibit: u32| {
        let link = run.board.hypothesis(hypothesis).and_then(|own| own.links.get(&exhibit));
        link.is_some_and(|link| *link != Link::Neutral)
    };
    run.acts.iter().find_map(|(at, act)| match act {
        Act::Link { hypothesis, exhibit, .. } if stands(*hypothesis, *exhibit) && holds(*exhibit) => Some(*at),
        Act::Clear { exhibits, .. } if exhibits.iter().any(|exhibit| holds(*exhibit)) => Some(*at),
        _ => None,
    })
}

fn turns(run: &Run, card: &Scorecard) -> Vec<Turn> {
    let jump = work::turn(run).map(|(entry, at, by)| Turn { entry, at, kind: TurnKind::Jump { by } });
    let mut turns: Vec<Turn> = [jump, apart(run), costliest(run, card)].into_iter().flatten().collect();
    turns.sort_by_key(|turn| turn.entry);
    turns
}

/// Where two were furthest apart, after any vote.
fn apart(run: &Run) -> Option<Turn> {
    let rated = run.acts.iter().zip(1..).filter(|((_, act), _)| matches!(act, Act::Rate { .. }));
    let mut widest: Option<(u8, Turn)> = None;
    for ((at, _), entry) in rated {
        for (hypothesis, votes) in votes_before(run, entry + 1) {
            let (Some(low), Some(high)) = (votes.values().min(), votes.values().max()) else { continue };
            let (low, high) = (*low, *high);
            if widest.as_ref().is_none_or(|(known, _)| high - low > *known) && high > low {
                widest = Some((high - low, Turn { entry, at: *at, kind: TurnKind::Apart { hypothesis, low, high } }));
            }
        }
    }
    widest.map(|(_, turn)| turn)
}

/// The line of the ledger that cost most, at the first entry that it points at.
fn costliest(run: &Run, card: &Scorecard) -> Option<Turn> {
    let lost = |line: &crate::case::score::Line| &line.max - &line.got;
    let of = |line: &&crate::case::score::Line| !line.entries.is_empty() && lost(line) > Exact::zero();
    let line = card.ledger.iter().filter(of).max_by_key(|line| lost(line))?;
    let entry = line.entries.first().copied()?;
    let (at, _) = run.acts.get((entry as usize).checked_sub(1)?)?;
    let milli = (lost(line) * exact(1_000, 1)).floor().to_integer();
    let lost_m = i64::try_from(milli).unwrap_or_default();
    Some(Turn { entry, at: *at, kind: TurnKind::Costliest { key: line.key, subject: line.subject.clone(), lost_m } })
}

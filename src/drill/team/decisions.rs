//! Decisions: proposed, objected to, taken or not, each with what was expected and why. Does not do what was decided.

use super::{BOARD_MAX, Done, TeamAct, room_for, worded};
use crate::drill::casework;
use crate::drill::notice::{Said, say};
use crate::drill::run::{Outcome, Run};
use crate::stdx::time::{Span, Time};

/// Objections to one decision.
const OBJECTIONS_MAX: usize = 50;

/// What is not done within so long is decided anew.
const STANDS: Span = Span::mins(15);

/// What somebody said against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    pub entry: u32,
    pub at: Time,
    pub by: u16,
    pub text: String,
}

/// Something to be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// 1, 2, 3, …
    pub id: u32,
    /// Journal entry of the proposal.
    pub entry: u32,
    pub at: Time,
    pub by: u16,
    pub text: String,
    pub expect: String,
    pub reason: String,
    /// When objections were called for.
    pub called: Option<Time>,
    pub objections: Vec<Objection>,
    /// What was decided, at which entry and when, and why.
    pub decided: Option<bool>,
    pub decided_entry: u32,
    pub decided_at: Option<Time>,
    pub because: String,
    /// The change that followed it: a journal entry.
    pub change: Option<u32>,
}

pub fn act(run: &mut Run, seat: u16, act: &TeamAct) -> Done {
    match act {
        TeamAct::Propose { text, expect, reason } => propose(run, seat, text, expect, reason),
        TeamAct::Call { decision } => call(run, *decision),
        TeamAct::Object { decision, text } => object(run, seat, *decision, text),
        TeamAct::Decide { decision, accept, reason } => decide(run, *decision, *accept, reason),
        _ => Ok(Outcome::default()),
    }
}

fn propose(run: &mut Run, seat: u16, text: &str, expect: &str, reason: &str) -> Done {
    room_for(&run.team.decisions, BOARD_MAX)?;
    let text = worded(text)?;
    if !expect.is_empty() && casework::read_expectation(expect).is_none() {
        return Err(say("notice.say-what-can-be-measured-slopayratio"));
    }
    let (id, entry, at) = (run.team.decisions.len() as u32 + 1, run.entry(), run.now());
    let (expect, reason) = (expect.to_string(), reason.to_string());
    run.team.decisions.push(Decision { id, entry, at, by: seat, text, expect, reason, ..Decision::default() });
    Ok(Outcome::remark(say("notice.decision-is-proposed").with("id", id)))
}

/// A decision that is not taken yet.
fn open(run: &mut Run, id: u32) -> Result<&mut Decision, Said> {
    let found = (id as usize).checked_sub(1).and_then(|at| run.team.decisions.get_mut(at));
    match found {
        None => Err(say("notice.there-is-no-decision").with("id", id)),
        Some(own) if own.decided.is_some() => Err(say("notice.that-is-decided").with("id", id)),
        Some(own) => Ok(own),
    }
}

fn call(run: &mut Run, id: u32) -> Done {
    let now = run.now();
    let own = open(run, id)?;
    if own.called.is_some() {
        return Err(say("notice.objections-were-called-for").with("id", id));
    }
    own.called = Some(now);
    Ok(Outcome::default())
}

fn object(run: &mut Run, seat: u16, id: u32, text: &str) -> Done {
    let (entry, at, text) = (run.entry(), run.now(), worded(text)?);
    let own = open(run, id)?;
    room_for(&own.objections, OBJECTIONS_MAX)?;
    own.objections.push(Objection { entry, at, by: seat, text });
    Ok(Outcome::default())
}

/// What was expected of an accepted proposal is expected of the next change.
fn decide(run: &mut Run, id: u32, accept: bool, reason: &str) -> Done {
    let (entry, at) = (run.entry(), run.now());
    let own = open(run, id)?;
    own.decided = Some(accept);
    own.decided_entry = entry;
    own.decided_at = Some(at);
    own.because = reason.to_string();
    let expect = own.expect.clone();
    if accept && !expect.is_empty() {
        let noted = casework::expect_of_team(run, &expect);
        if noted.refused {
            // The board is full: the decision stands, without a mark to measure it by.
            return Ok(Outcome { refused: false, ..noted });
        }
    }
    Ok(Outcome::default())
}

/// A change that was just made belongs to the oldest accepted decision of the last while that none belongs to yet.
pub fn changed(run: &mut Run, entry: u32) {
    let since = run.now() - STANDS;
    let fresh = |own: &Decision| own.decided_at.is_some_and(|at| at >= since);
    let open = |own: &&mut Decision| own.decided == Some(true) && own.change.is_none() && fresh(own);
    if let Some(own) = run.team.decisions.iter_mut().find(open) {
        own.change = Some(entry);
    }
}

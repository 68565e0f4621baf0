//! Tasks as conversations: request, promise, report, accept. Does not judge how well anything was done.

use super::{BOARD_MAX, Done, Role, TeamAct, room_for, seated, worded};
use crate::drill::notice::say;
use crate::drill::run::{Outcome, Run};
use crate::stdx::time::{Span, Time};

/// A time box that is longer is none.
const WITHIN_MAX: Span = Span::hours(8);

/// Where a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    #[default]
    Asked,
    Promised,
    Declined,
    Reported,
    /// Closed: what was reported is what was asked for.
    Accepted,
}

/// Something asked of a seat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// 1, 2, 3, …
    pub id: u32,
    /// Journal entries: asked, and the last move.
    pub entry: u32,
    pub moved: u32,
    pub at: Time,
    pub by: u16,
    pub to: u16,
    pub text: String,
    pub within: Option<Span>,
    pub stand: Stand,
    pub promised: Option<Time>,
    /// What was reported last, or why it was declined or returned.
    pub answer: String,
    pub closed: Option<Time>,
}

impl Task {
    /// Not closed and not declined.
    pub fn is_open(&self) -> bool {
        !matches!(self.stand, Stand::Accepted | Stand::Declined)
    }

    /// When its time box is over.
    pub fn due(&self) -> Option<Time> {
        self.within.map(|within| self.promised.unwrap_or(self.at) + within)
    }

    /// A loop that is closed whole: it had a time box, was promised, reported and accepted.
    pub fn is_closed_loop(&self) -> bool {
        self.stand == Stand::Accepted && self.within.is_some() && self.promised.is_some()
    }
}

pub fn act(run: &mut Run, seat: u16, act: &TeamAct) -> Done {
    match act {
        TeamAct::Ask { to, text, within } => ask(run, seat, *to, text, *within),
        TeamAct::Promise { task } => answer(run, seat, *task, Stand::Promised, None),
        TeamAct::Decline { task, text } => answer(run, seat, *task, Stand::Declined, Some(text)),
        TeamAct::Report { task, text } => answer(run, seat, *task, Stand::Reported, Some(text)),
        TeamAct::Accept { task } => judge(run, seat, *task, None),
        TeamAct::Return { task, text } => judge(run, seat, *task, Some(text)),
        _ => Ok(Outcome::default()),
    }
}

fn ask(run: &mut Run, seat: u16, to: u16, text: &str, within: Option<Span>) -> Done {
    room_for(&run.team.tasks, BOARD_MAX)?;
    let text = worded(text)?;
    let asked = seated(run, to)?;
    if to == seat {
        return Err(say("notice.a-task-is-asked-of-another"));
    }
    if !super::rights::may(&asked.roles, super::Deed::Team) {
        return Err(say("notice.that-seat-takes-no-tasks").with("name", &asked.name));
    }
    if within.is_some_and(|within| within <= Span::ZERO || within > WITHIN_MAX) {
        return Err(say("notice.a-time-box-has-an-end"));
    }
    let (id, entry) = (run.team.tasks.len() as u32 + 1, run.entry());
    let at = run.now();
    run.team.tasks.push(Task { id, entry, moved: entry, at, by: seat, to, text, within, ..Task::default() });
    Ok(Outcome::remark(say("notice.task-is-asked").with("id", id)))
}

fn task_mut(run: &mut Run, id: u32) -> Option<&mut Task> {
    run.team.tasks.get_mut((id as usize).checked_sub(1)?)
}

fn no_task(id: u32) -> crate::drill::notice::Said {
    say("notice.there-is-no-task").with("id", id)
}

/// A move of whoever was asked.
fn answer(run: &mut Run, seat: u16, id: u32, stand: Stand, text: Option<&str>) -> Done {
    let (now, entry) = (run.now(), run.entry());
    let text = text.map(worded).transpose()?;
    let Some(task) = task_mut(run, id) else { return Err(no_task(id)) };
    if task.to != seat {
        return Err(say("notice.that-task-is-somebody-elses").with("id", id));
    }
    let fits = match stand {
        Stand::Promised => task.stand == Stand::Asked,
        Stand::Declined => matches!(task.stand, Stand::Asked | Stand::Promised),
        // Who reports again says more; who never promised may report all the same, but the loop was not whole.
        _ => matches!(task.stand, Stand::Asked | Stand::Promised | Stand::Reported),
    };
    if !fits {
        return Err(say("notice.the-task-stands-otherwise").with("id", id));
    }
    if stand == Stand::Promised {
        task.promised = Some(now);
    }
    task.stand = stand;
    task.moved = entry;
    task.answer = text.unwrap_or_default();
    Ok(Outcome::default())
}

/// A move of whoever asked, or of the commander.
fn judge(run: &mut Run, seat: u16, id: u32, returned: Option<&str>) -> Done {
    let (now, entry) = (run.now(), run.entry());
    let commander = run.team.has(seat, Role::Commander);
    let text = returned.map(worded).transpose()?;
    let Some(task) = task_mut(run, id) else { return Err(no_task(id)) };
    if task.to == seat {
        return Err(say("notice.somebody-else-accepts").with("id", id));
    }
    if task.by != seat && !commander {
        return Err(say("notice.who-asked-or-the-commander-accepts").with("id", id));
    }
    if task.stand != Stand::Reported {
        return Err(say("notice.the-task-stands-otherwise").with("id", id));
    }
    task.moved = entry;
    match text {
        Some(text) => {
            task.stand = if task.promised.is_some() { Stand::Promised } else { Stand::Asked };
            task.answer = text;
        }
        None => {
            task.stand = Stand::Accepted;
            task.closed = Some(now);
        }
    }
    Ok(Outcome::default())
}

//! What a seat is told in one line of what others did: no more than concerns it. Does not open anything.

use super::drill::Known;
use crate::drill::act::Act;
use crate::drill::message::To;
use crate::drill::run::Run;
use crate::drill::team::{Deed, Spoken, TeamAct, reads, rights};
use crate::ui::face::Look;
use crate::ui::panes::team::{named, role_key};

/// The last act, if it is another's and is for this seat's ears.
pub fn of_others(run: &Run, look: &Look, (seat, known, now): (u16, Known, Known)) -> Option<String> {
    if now.acts <= known.acts {
        return None;
    }
    let (by, (_, act)) = (*run.by.last()?, run.acts.last()?);
    let who = named(run, by);
    match act {
        Act::Team { act } => of_team(run, look, (seat, &who), act),
        Act::Resolve => Some(look.say("changes.resolved").to_string()),
        Act::Update { .. } => Some(look.lang.with("news.update", &[("name", &who)])),
        _ => None,
    }
}

fn of_team(run: &Run, look: &Look, (seat, who): (u16, &str), act: &TeamAct) -> Option<String> {
    let task = |id: u32| run.team.tasks.get((id as usize).checked_sub(1)?);
    let (key, id, text) = match act {
        TeamAct::Say { .. } => {
            let line = run.team.chat.last().filter(|line| hears(run, seat, line))?;
            return Some(format!("{who}: {}", line.text.replace('\n', " ")));
        }
        TeamAct::Ask { to, text, .. } if *to == seat => ("news.asked", run.team.tasks.len() as u32, text.as_str()),
        TeamAct::Promise { task: id } if task(*id)?.by == seat => ("news.promised", *id, ""),
        TeamAct::Decline { task: id, text } if task(*id)?.by == seat => ("news.declined", *id, text.as_str()),
        TeamAct::Report { task: id, text } if task(*id)?.by == seat => ("news.reported", *id, text.as_str()),
        TeamAct::Accept { task: id } if task(*id)?.to == seat => ("news.accepted", *id, ""),
        TeamAct::Return { task: id, text } if task(*id)?.to == seat => ("news.returned", *id, text.as_str()),
        TeamAct::Propose { text, .. } if rights::allows(run, seat, Deed::Decide) => {
            ("news.proposed", run.team.decisions.len() as u32, text.as_str())
        }
        TeamAct::Call { decision } => ("news.called", *decision, ""),
        TeamAct::Decide { decision, accept: true, reason } => ("news.decided", *decision, reason.as_str()),
        TeamAct::Decide { decision, reason, .. } => ("news.dropped", *decision, reason.as_str()),
        TeamAct::Offer { role, to } if *to == seat => {
            return Some(look.lang.with("news.offered", &[("name", who), ("role", look.say(role_key(*role)))]));
        }
        TeamAct::Take { role } => {
            return Some(look.lang.with("news.took", &[("name", who), ("role", look.say(role_key(*role)))]));
        }
        _ => return None,
    };
    Some(look.lang.with(key, &[("name", who), ("id", &id.to_string()), ("text", &text.replace('\n', " "))]))
}

fn hears(run: &Run, seat: u16, line: &Spoken) -> bool {
    reads(run, seat, &line.to.map_or(To::Room, To::Role))
}

//! The forms of a room's table: a task for somebody, a proposal, a message by hand. Does not know who is there.

use super::form::{Field, choice, text};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::team::{Deed, Role, TeamAct, rights};
use crate::stdx::time::Span;
use crate::ui::face::{Face, Look};
use crate::ui::panes::{self, Pane};

/// Time boxes that can be picked, in minutes.
const BOXES: [i64; 7] = [1, 2, 3, 5, 10, 15, 30];
const BOX_FIRST: &str = "5";

/// Who is asked, what, and within what time.
pub(super) fn task(face: &Face, run: &Run) -> Vec<Field> {
    let look = &face.look;
    let takes = |own: &&crate::drill::team::Seat| rights::may(&own.roles, Deed::Team);
    let seats = run.team.seats.values().filter(takes);
    let name = |own: &crate::drill::team::Seat| format!("{} ({})", own.name, panes::team::roles_words(look, own));
    let seats: Vec<(String, String)> = seats.map(|own| (name(own), own.id.to_string())).collect();
    let chosen = (face.drill.focus == Pane::Team).then(|| panes::team::chosen(face, run)).flatten();
    let first = run.team.holders(Role::Operator).map(|own| own.id).find(|id| *id != face.drill.seat.id);
    let known = chosen.or(first).map_or_else(String::new, |id| id.to_string());
    let minutes = |n: &i64| (look.lang.with("update.minutes", &[("n", &n.to_string())]), n.to_string());
    let mut boxes = vec![(look.say("task.no-box").to_string(), String::new())];
    boxes.extend(BOXES.iter().map(minutes));
    vec![choice(look, "whom", seats, &known), text(look, "asked", ""), choice(look, "within", boxes, BOX_FIRST)]
}

pub(super) fn proposal(look: &Look) -> Vec<Field> {
    vec![text(look, "proposed", ""), text(look, "expect", ""), text(look, "reason", "")]
}

/// In whose name, to whom, and what.
pub(super) fn by_hand(look: &Look, run: &Run) -> Vec<Field> {
    let people = run.case.gameday.injects.first().map_or("", |own| own.from.as_str());
    let mut to = vec![(look.say("desk.all").to_string(), String::new())];
    let players = Role::ALL.into_iter().filter(|role| *role != Role::Facilitator);
    to.extend(players.map(|role| (look.say(panes::team::role_key(role)).to_string(), role.name().to_string())));
    vec![text(look, "from", people), choice(look, "addressed", to, ""), text(look, "told", "")]
}

/// The acts; nothing while what is wanted is empty.
pub(super) fn asked(said: impl Fn(usize) -> String) -> Option<Act> {
    let (to, text, within) = (said(0).parse().ok()?, said(1), said(2).parse().ok().map(Span::mins));
    table(!text.is_empty(), TeamAct::Ask { to, text, within })
}

pub(super) fn proposed(said: impl Fn(usize) -> String) -> Option<Act> {
    let [text, expect, reason] = [0, 1, 2].map(said);
    table(!text.is_empty(), TeamAct::Propose { text, expect, reason })
}

pub(super) fn told(said: impl Fn(usize) -> String) -> Option<Act> {
    let [from, to, text] = [0, 1, 2].map(said);
    table(!text.is_empty() && !from.is_empty(), TeamAct::Tell { to: Role::named(&to), from, text })
}

fn table(whole: bool, act: TeamAct) -> Option<Act> {
    whole.then(|| Act::Team { act: Box::new(act) })
}

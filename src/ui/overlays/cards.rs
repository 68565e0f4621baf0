//! What is read of a room's table: a seat's card, a task, a decision, what may happen, a clue. Does not change any of it.

use super::told::Told;
use crate::drill::run::Run;
use crate::drill::team::{Decision, Sight, Task, rights};
use crate::scenario::gameday::Inject;
use crate::scenario::shape::Clue;
use crate::stdx::text::harmless;
use crate::ui::face::{Face, Look};
use crate::ui::panes::desk::{addressed, condition};
use crate::ui::panes::team::{last_line, named, roles_words};
use crate::ui::panes::{decisions, tasks};
use crate::ui::theme::Role;

type Lines = Vec<(Role, String)>;

/// A heading and its text, if there is any.
fn part(lines: &mut Lines, look: &Look, key: &str, text: &str) {
    if !text.trim().is_empty() {
        lines.push((Role::Focus, look.say(key).to_string()));
        lines.extend(harmless(text.trim()).lines().map(|line| (Role::Text, format!("  {line}"))));
    }
}

/// The card of a seat as its own person may read it, and what its shell has; of others the title alone.
pub fn seat_card(look: &Look, run: &Run, seat: u16, own: bool) -> Lines {
    let mut lines = Vec::new();
    let Some(found) = run.team.seats.get(&seat) else { return lines };
    lines.push((Role::Title, format!("{}  {}", found.name, roles_words(look, found))));
    let Some(card) = run.case.gameday.card(&found.part) else { return lines };
    let told = |english: &str| run.case.told(look.lang.code, english).to_string();
    lines.push((Role::Text, told(&card.title)));
    if own {
        part(&mut lines, look, "card.note", &told(&card.note));
    }
    part(&mut lines, look, "card.can", &card.can.join(", "));
    lines
}

impl Told {
    /// One's own card, or what there is to know of another seat.
    pub fn seat(face: &Face, run: &Run, seat: u16) -> Told {
        let look = &face.look;
        let own = seat == face.drill.seat.id || rights::sees(run, face.drill.seat.id, Sight::Private);
        let mut lines = seat_card(look, run, seat, own);
        lines.push((Role::Dim, last_line(look, run, seat)));
        Told::new(look.say("card.title"), lines)
    }

    pub fn task(face: &Face, run: &Run, task: &Task) -> Told {
        let look = &face.look;
        let who = format!("{} → {}", named(run, task.by), named(run, task.to));
        let mut lines = vec![(Role::Title, format!("t{} {who}", task.id))];
        lines.push((Role::Text, tasks::stand(look, task.stand).to_string()));
        lines.extend(tasks::left(look, run, task));
        part(&mut lines, look, "task.text", &task.text);
        part(&mut lines, look, "task.answer", &task.answer);
        Told::new(look.say("task.title"), lines)
    }

    pub fn decision(face: &Face, run: &Run, own: &Decision) -> Told {
        let look = &face.look;
        let mut lines = vec![(Role::Title, format!("d{} {}", own.id, named(run, own.by)))];
        lines.push((Role::Text, decisions::stand(look, own)));
        part(&mut lines, look, "decision.text", &own.text);
        part(&mut lines, look, "decision.expect", &own.expect);
        part(&mut lines, look, "decision.reason", &own.reason);
        for objection in &own.objections {
            let who = format!("{} {}", objection.at.clock(), named(run, objection.by));
            lines.push((Role::Warn, format!("! {who}: {}", objection.text)));
        }
        part(&mut lines, look, "decision.because", &own.because);
        Told::new(look.say("decision.title"), lines)
    }

    /// For the desk alone.
    pub fn inject(face: &Face, run: &Run, own: &Inject) -> Told {
        let look = &face.look;
        let kind = look.say(&format!("happening.{}", own.kind.name())).to_string();
        let mut lines = vec![(Role::Title, format!("{kind} · {} → {}", own.from, addressed(look, run, &own.to)))];
        lines.push((Role::Text, condition(look, own)));
        part(&mut lines, look, "desk.says", &own.say);
        part(&mut lines, look, "desk.good", run.case.told(look.lang.code, &own.note));
        Told::new(look.say("desk.inject"), lines)
    }

    /// For the desk alone.
    pub fn clue(face: &Face, run: &Run, clue: &Clue) -> Told {
        let look = &face.look;
        let mut lines = vec![(Role::Title, clue.id.clone())];
        lines.push((Role::Text, run.case.told(look.lang.code, &clue.say).to_string()));
        part(&mut lines, look, "card.commands", &clue.at.join("\n"));
        Told::new(look.say("desk.clue"), lines)
    }
}

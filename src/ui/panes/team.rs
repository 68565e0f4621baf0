//! The team pane: who sits where, who is connected, away or drives, and what they ran last; a teammate's newest page opens
//! from here, to be read and bagged from. Does not know how anybody is connected.

use super::listing::{self, Said};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::team::{Role as Part, Seat, TeamAct};
use crate::stdx::text::clip;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::told::Told;
use crate::ui::overlays::{Overlay, pick};
use crate::ui::theme::Role;
use crate::ui::widgets::tape::Spot;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Rows of a seat: who, and what they ran last.
const ROWS: u16 = 2;
/// Columns of a name.
const NAME_COLUMNS: usize = 24;

/// The words of a role.
pub fn role_key(role: Part) -> &'static str {
    match role {
        Part::Commander => "role.commander",
        Part::Communications => "role.communications",
        Part::Facilitator => "role.facilitator",
        Part::Observer => "role.observer",
        Part::Operator => "role.operator",
        Part::Scribe => "role.scribe",
    }
}

pub fn roles_words(look: &Look, seat: &Seat) -> String {
    let roles: Vec<&str> = seat.roles.iter().map(|role| look.say(role_key(*role))).collect();
    roles.join(", ")
}

/// A seat's name, cut where it would push all else away.
pub fn named(run: &Run, seat: u16) -> String {
    clip(run.team.name(seat), NAME_COLUMNS)
}

pub fn title(face: &Face, run: &Run) -> String {
    format!("{}[{}]", face.look.say("pane.team"), run.team.seats.len())
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["team", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Open, Do::Ask, Do::Offer, Do::TakeRole, Do::Card, Do::Say, Do::NextPane, Do::Palette, Do::Help]
}

/// The seat that is chosen.
pub fn chosen(face: &Face, run: &Run) -> Option<u16> {
    run.team.seats.keys().nth(face.drill.seat.places.team.at).copied()
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    if face.drill.seat.places.team.motion(does, run.team.seats.len(), listing::shown(area, ROWS)) {
        return Some(Vec::new());
    }
    let seat = chosen(face, run)?;
    match does {
        Do::Open => {
            let overlay = newest_page(run, seat).unwrap_or_else(|| Overlay::Told(Told::seat(face, run, seat)));
            face.overlays.push(overlay);
        }
        Do::Offer => return Some(offer(face, run, seat)),
        _ => return None,
    }
    Some(Vec::new())
}

/// What a seat's shell printed last.
pub fn newest_page(run: &Run, seat: u16) -> Option<Overlay> {
    let id = run.team.latest.get(&seat)?.page?;
    let place = (id as usize).checked_sub(1).filter(|place| run.pages.get(*place).is_some_and(|page| page.id == id))?;
    Some(Overlay::pager(Spot::on(place, 0)))
}

/// A role of one's own goes to the chosen seat: at once if one has a single role, else it is asked which.
fn offer(face: &mut Face, run: &Run, to: u16) -> Vec<Ask> {
    let own = run.team.seats.get(&face.drill.seat.id);
    let roles: Vec<Part> = own.map(|seat| seat.roles.iter().copied().collect()).unwrap_or_default();
    match roles.as_slice() {
        [role] => vec![Ask::Act(Act::Team { act: Box::new(TeamAct::Offer { role: *role, to }) })],
        _ => {
            let which = Overlay::pick(pick::Purpose::OfferRole { to }, run, face);
            face.overlays.push(which);
            Vec::new()
        }
    }
}

pub fn view(face: &Face, scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let focused = face.drill.focus == super::Pane::Team;
    let scroll = face.drill.seat.places.team;
    let seats = &run.team.seats;
    listing::draw(face, (scroll, focused), (seats.len(), ROWS), area, buf, |at| {
        seats.values().nth(at).map_or_else(Vec::new, |seat| lines(face, scene, run, seat))
    });
    None
}

/// `● kim  operator · network on-call  drives`, and `    10:04:10 $ kubectl get pods`.
fn lines(face: &Face, scene: &Scene, run: &Run, seat: &Seat) -> Vec<Said> {
    let look = &face.look;
    let connected = scene.room.and_then(|view| view.room.seats.iter().find(|own| own.id == seat.id));
    let connected = connected.is_none_or(|own| own.connected);
    let mut parts = vec![roles_words(look, seat)];
    if let Some(card) = run.case.gameday.card(&seat.part) {
        parts.push(run.case.told(look.lang.code, &card.title).to_string());
    }
    let away = run.team.is_away(seat.id, run.now());
    let states = [
        (seat.id == face.drill.seat.id, "lobby.you"),
        (!connected, "team.gone"),
        (away, "team.away"),
        (run.team.driver == Some(seat.id), "team.drives"),
    ];
    parts.extend(states.into_iter().filter(|(is, _)| *is).map(|(_, key)| look.say(key).to_string()));
    let offered = run.team.offers.iter().filter(|offer| offer.to == seat.id);
    parts.extend(offered.map(|offer| {
        look.lang.with("team.offered", &[("role", look.say(role_key(offer.role))), ("name", run.team.name(offer.by))])
    }));
    let (role, sign) = match (connected, away) {
        (false, _) => (Role::Dim, "○"),
        (true, true) => (Role::Warn, "○"),
        (true, false) => (Role::Text, "●"),
    };
    let head = format!("{sign} {}  {}", named(run, seat.id), parts.join(" · "));
    vec![(role, head), (Role::Dim, format!("    {}", last_line(look, run, seat.id)))]
}

/// What a seat ran last, and when.
pub fn last_line(look: &Look, run: &Run, seat: u16) -> String {
    let line = run.team.latest.get(&seat).and_then(|own| own.line);
    let act = line.and_then(|entry| run.acts.get((entry as usize).checked_sub(1)?));
    match act {
        Some((at, Act::Run { line })) => format!("{} $ {}", at.clock(), line.replace('\n', " ")),
        _ => look.say("team.ran-nothing").to_string(),
    }
}

//! The room before the case begins: who is here, how to join, and the facilitator's start. Does not start anything itself.

use super::bottom_line;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::room::{RoomAsk, RoomSeat, RoomView};
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Where somebody is in the list of seats.
#[derive(Clone, Debug, Default)]
pub struct Lobby {
    pub scroll: Scroll,
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["lobby"]
}

/// Lines above the seats.
const HEAD: u16 = 6;

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    let view = scene.room?;
    let height = usize::from(face.size.1.saturating_sub(HEAD + 2));
    if face.lobby.scroll.motion(does, view.room.seats.len(), height) {
        return Some(Vec::new());
    }
    let ask = match does {
        Do::Accept if view.is_facilitator() => RoomAsk::Start,
        Do::Variant if view.is_facilitator() => RoomAsk::Variant,
        Do::Invite if view.is_facilitator() => RoomAsk::Invite { seat: view.room.seats.get(face.lobby.scroll.at)?.id },
        Do::Accept | Do::Variant | Do::Invite => {
            face.tell(Role::Info, "room.facilitator-only");
            return Some(Vec::new());
        }
        Do::Quit | Do::Back => RoomAsk::Leave,
        _ => return None,
    };
    Some(vec![Ask::Room(ask)])
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let (look, view) = (&face.look, scene.room?);
    let wide = area.width.saturating_sub(2);
    let line = |buf: &mut Buffer, row: u16, role: Role, words: &str| {
        if row + 1 < area.height {
            paint::clipped(buf, (area.x + 1, area.y + row), wide, words, look.of(role));
        }
    };
    let title = if view.room.title.is_empty() { &view.room.case } else { &view.room.title };
    line(buf, 0, Role::Title, &look.lang.with("lobby.title", &[("room", &view.room.name), ("case", title)]));
    line(buf, 1, Role::Dim, &view.room.join);
    let key = if view.is_facilitator() { "lobby.begin" } else { "lobby.wait" };
    line(buf, 2, Role::Info, look.say(key));
    let note = match (view.code, view.variant) {
        (Some(code), _) => look.lang.with("room.code", &[("code", code)]),
        (None, Some(variant)) => look.lang.with("lobby.variant", &[("variant", variant)]),
        (None, None) => String::new(),
    };
    line(buf, 3, Role::Warn, &note);
    line(buf, HEAD - 1, Role::Dim, look.say("lobby.seats"));
    let height = usize::from(area.height.saturating_sub(HEAD + 2));
    let from = face.lobby.scroll.top;
    for (row, seat) in view.room.seats.iter().enumerate().skip(from).take(height) {
        let y = HEAD + (row - from) as u16;
        let role = if row == face.lobby.scroll.at { Role::Select } else { Role::Text };
        line(buf, y, role, &seat_line(face, &view, seat));
    }
    let wanted = [Do::Accept, Do::Variant, Do::Invite, Do::Help, Do::Quit];
    let wanted = if view.is_facilitator() { &wanted[..] } else { &wanted[3..] };
    let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    bottom_line(face, bottom, wanted, buf);
    None
}

fn seat_line(face: &Face, view: &RoomView, seat: &RoomSeat) -> String {
    let roles: Vec<&str> = seat.roles.iter().map(|role| face.look.say(role_key(role))).collect();
    let sign = if seat.connected { "●" } else { "○" };
    let invite = view.invites.get(&seat.id).map(String::as_str);
    let here = match (seat.name.is_empty(), seat.connected) {
        (true, _) => invite.unwrap_or_else(|| face.look.say("lobby.free")),
        (false, true) => "",
        (false, false) => face.look.say("lobby.away"),
    };
    let you = if seat.id == view.you { face.look.say("lobby.you") } else { "" };
    format!("{sign} {:>3}  {}  {}  {here} {you}", seat.id, roles.join(", "), seat.name)
}

/// The words of a role, by its name in journals.
fn role_key(role: &str) -> &'static str {
    match role {
        "commander" => "role.commander",
        "communications" => "role.communications",
        "facilitator" => "role.facilitator",
        "observer" => "role.observer",
        "scribe" => "role.scribe",
        _ => "role.operator",
    }
}

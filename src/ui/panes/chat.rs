//! The chat pane: the page, people, what happened to this seat or to all, and what the room says, in one stream with the
//! newest last. Does not know what is true of it.

use super::listing::{self, Said};
use super::team::{named, roles_words};
use crate::drill::message::{Kind, Message, To};
use crate::drill::run::Run;
use crate::drill::team::Spoken;
use crate::stdx::text::{harmless, wrap_flowed};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::prompt::For;
use crate::ui::overlays::table::Wanted;
use crate::ui::seat::Heard;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// How many lines of the stream a page is.
const PAGE: usize = 8;

pub fn title(face: &Face, _run: &Run) -> String {
    let name = face.look.say("pane.chat");
    if face.drill.unread > 0 { format!("{name} [{}]", face.drill.unread) } else { name.to_string() }
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["chat", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::Say, Do::Tell, Do::Ask, Do::LogLine, Do::Up, Do::Bottom, Do::NextPane, Do::Palette, Do::Help]
}

pub fn update(face: &mut Face, does: Do, _run: &Run, _area: Rect) -> Option<Vec<Ask>> {
    let most = face.drill.seat.heard.len().saturating_sub(1);
    let back = &mut face.drill.seat.places.heard;
    *back = match does {
        Do::Up => *back + 1,
        Do::Down => back.saturating_sub(1),
        Do::PageUp => *back + PAGE,
        Do::PageDown => back.saturating_sub(PAGE),
        Do::Top => most,
        Do::Bottom => 0,
        Do::Say => {
            face.overlays.push(Overlay::prompt(For::Table(Wanted::Say), "", face));
            return Some(Vec::new());
        }
        _ => return None,
    }
    .min(most);
    Some(Vec::new())
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let heard = &face.drill.seat.heard;
    if heard.is_empty() {
        listing::nothing(face, face.look.say("chat.none"), area, buf);
        return None;
    }
    let room = usize::from(area.width.saturating_sub(2));
    let height = usize::from(area.height);
    let last = heard.len().saturating_sub(1 + face.drill.seat.places.heard);
    // From the last line that is shown upwards, and then on below it if there is room.
    let (mut rows, mut at): (Vec<Said>, usize) = (Vec::new(), last + 1);
    while at > 0 && rows.len() < height {
        at -= 1;
        let mut more = heard.get(at).map_or_else(Vec::new, |own| lines(face, run, *own, room));
        more.extend(rows);
        rows = more;
    }
    let mut below = last + 1;
    while rows.len() < height && below < heard.len() {
        rows.extend(heard.get(below).map_or_else(Vec::new, |own| lines(face, run, *own, room)));
        below += 1;
    }
    // The end is in sight, unless one reads further back.
    let skip = if last + 1 == heard.len() { rows.len().saturating_sub(height) } else { 0 };
    for (row, (role, words)) in rows.iter().skip(skip).take(height).enumerate() {
        let y = area.y + row as u16;
        paint::clipped(buf, (area.x + 1, y), area.width.saturating_sub(2), words, face.look.of(*role));
    }
    None
}

fn lines(face: &Face, run: &Run, heard: Heard, room: usize) -> Vec<Said> {
    match heard {
        Heard::Message(place) => {
            run.messages.get(place).map_or_else(Vec::new, |own| message(&face.look, run, own, room))
        }
        Heard::Chat(place) => run.team.chat.get(place).map_or_else(Vec::new, |own| spoken(face, run, own, room)),
    }
}

fn message(look: &Look, run: &Run, message: &Message, room: usize) -> Vec<Said> {
    let (role, sign, from) = match message.kind {
        Kind::Page => (Role::Bad, "●", look.say("briefing.page")),
        Kind::Person => (Role::Info, "○", message.from.as_str()),
    };
    let to = match &message.to {
        To::Room => String::new(),
        To::Role(role) => format!(" → {}", look.say(super::team::role_key(*role))),
        To::Part(part) => {
            let card = run.case.gameday.card(part);
            format!(" → {}", card.map_or(part.as_str(), |card| run.case.told(look.lang.code, &card.title)))
        }
        To::Seat(seat) => format!(" → {}", named(run, *seat)),
    };
    let mut lines = vec![(role, format!("{sign} {} {}{to}", message.at.clock(), harmless(from)))];
    let text = harmless(message.text.trim());
    lines.extend(wrap_flowed(&text, room.saturating_sub(2)).into_iter().map(|line| (Role::Text, format!("  {line}"))));
    lines
}

/// `10:02:03 kim (commander): who looks at the ingress?`
fn spoken(face: &Face, run: &Run, line: &Spoken, room: usize) -> Vec<Said> {
    let look = &face.look;
    let own = run.team.seats.get(&line.seat);
    let who = own.map_or_else(String::new, |seat| format!("{} ({})", seat.name, roles_words(look, seat)));
    let to = line.to.map_or_else(String::new, |role| format!(" → {}", look.say(super::team::role_key(role))));
    let words = format!("{} {who}{to}: {}", line.at.clock(), line.text.replace('\n', " "));
    let role = if line.seat == face.drill.seat.id { Role::Dim } else { Role::Text };
    let rows = paint::rows(&words, room as u16);
    let row = |(at, range): (usize, std::ops::Range<usize>)| {
        (role, if at == 0 { words[range].to_string() } else { format!("  {}", &words[range]) })
    };
    rows.into_iter().enumerate().map(row).collect()
}

//! The timeline of a room: lines of the record beside what everybody did, as far as this seat may know of it. Does not
//! judge the record.

use super::listing::{self, Said};
use super::team::{named, role_key};
use crate::drill::act::Act;
use crate::drill::interview::Control;
use crate::drill::run::Run;
use crate::drill::team::TeamAct;
use crate::drill::transcript;
use crate::stdx::text::harmless;
use crate::stdx::time::Time;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::told::Told;
use crate::ui::theme::Role;
use crate::ui::widgets::tape::Spot;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub fn title(face: &Face, run: &Run) -> String {
    format!("{}[{}]", face.look.say("pane.timeline"), run.team.log.len())
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["timeline", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[Do::LogLine, Do::Open, Do::Up, Do::Bottom, Do::Say, Do::NextPane, Do::Palette, Do::Help]
}

/// The journal entry that is chosen.
pub fn chosen(face: &Face) -> Option<u32> {
    face.drill.seat.done.get(face.drill.seat.places.timeline.at).copied()
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let count = face.drill.seat.done.len();
    if face.drill.seat.places.timeline.motion(does, count, listing::shown(area, 1)) {
        return Some(Vec::new());
    }
    if does != Do::Open {
        return None;
    }
    if let Some(entry) = chosen(face) {
        let opened = page_of(run, entry).map(|place| Overlay::pager(Spot::on(place, 0)));
        let overlay = opened.unwrap_or_else(|| Overlay::Told(Told::act(face, said(&face.look, run, entry).1)));
        face.overlays.push(overlay);
    }
    Some(Vec::new())
}

pub fn view(face: &Face, _scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let done = &face.drill.seat.done;
    if done.is_empty() {
        listing::nothing(face, face.look.say("timeline.none"), area, buf);
        return None;
    }
    let focused = face.drill.focus == super::Pane::Timeline;
    let scroll = face.drill.seat.places.timeline;
    listing::draw(face, (scroll, focused), (done.len(), 1), area, buf, |at| {
        done.get(at).map_or_else(Vec::new, |entry| vec![said(&face.look, run, *entry)])
    });
    None
}

fn act(run: &Run, entry: u32) -> Option<(Time, &Act)> {
    run.acts.get((entry as usize).checked_sub(1)?).map(|(at, act)| (*at, act))
}

/// The page of an act: what it printed, or what was bagged from.
fn page_of(run: &Run, entry: u32) -> Option<usize> {
    let (at, act) = act(run, entry)?;
    match act {
        Act::Bag { page, .. } => (*page as usize).checked_sub(1),
        Act::Run { line } => {
            let first = run.pages.partition_point(|page| page.at < at);
            let seat = run.seat_of(entry);
            let mut fresh = run.pages.iter().enumerate().skip(first);
            fresh.find(|(_, page)| page.seat == seat && page.command == *line).map(|(place, _)| place)
        }
        _ => None,
    }
}

/// `10:04:20 #12 kim  $ kubectl get pods`; a line of the record stands out.
pub fn said(look: &Look, run: &Run, entry: u32) -> Said {
    let Some((at, act)) = act(run, entry) else { return (Role::Text, String::new()) };
    let who = named(run, run.seat_of(entry));
    let (role, words) = match act {
        Act::Run { line } => (Role::Key, format!("$ {line}")),
        Act::Team { act } => of_team(look, run, act),
        _ => (Role::Text, transcript::say::line_of(run, act).unwrap_or_default().trim_start_matches("> ").to_string()),
    };
    let words = harmless(&words).replace('\n', " ");
    let line = format!("{} #{entry:<3} {who}  {words}", at.clock());
    (role, line)
}

/// An act on the room in words.
fn of_team(look: &Look, run: &Run, act: &TeamAct) -> Said {
    let id = |id: u32| ("id", id.to_string());
    let text = |text: &str| ("text", text.to_string());
    let seat = |seat: u16| ("name", named(run, seat));
    let (key, parts) = match act {
        TeamAct::Log { text: own, about } => {
            let about = about.map_or_else(String::new, |about| format!("  (#{about})"));
            return (Role::Info, format!("● {own}{about}"));
        }
        TeamAct::Ask { to, text: own, .. } => ("did.ask", vec![seat(*to), text(own)]),
        TeamAct::Promise { task } => ("did.promise", vec![id(*task)]),
        TeamAct::Decline { task, text: own } => ("did.decline", vec![id(*task), text(own)]),
        TeamAct::Report { task, text: own } => ("did.report", vec![id(*task), text(own)]),
        TeamAct::Accept { task } => ("did.accept", vec![id(*task)]),
        TeamAct::Return { task, text: own } => ("did.return", vec![id(*task), text(own)]),
        TeamAct::Propose { text: own, .. } => ("did.propose", vec![text(own)]),
        TeamAct::Call { decision } => ("did.call", vec![id(*decision)]),
        TeamAct::Object { decision, text: own } => ("did.object", vec![id(*decision), text(own)]),
        TeamAct::Decide { decision, accept: true, reason } => ("did.decide", vec![id(*decision), text(reason)]),
        TeamAct::Decide { decision, reason, .. } => ("did.drop", vec![id(*decision), text(reason)]),
        TeamAct::Offer { role, to } => ("did.offer", vec![("role", look.say(role_key(*role)).into()), seat(*to)]),
        TeamAct::Take { role } => ("did.take", vec![("role", look.say(role_key(*role)).into())]),
        TeamAct::Hint { .. } => ("did.hint", Vec::new()),
        TeamAct::Away { seat: own, away: true } => ("did.away", vec![seat(*own)]),
        TeamAct::Away { seat: own, .. } => ("did.back", vec![seat(*own)]),
        TeamAct::Driver { seat: Some(own) } => ("did.driver", vec![seat(*own)]),
        TeamAct::Driver { seat: None } => ("did.no-driver", Vec::new()),
        TeamAct::Speed { permille } => ("did.speed", vec![("speed", super::desk::speed_words(*permille))]),
        TeamAct::React { text: own } => ("did.react", vec![text(own)]),
        TeamAct::Action { text: own, .. } => ("did.action", vec![text(own)]),
        TeamAct::Desk { control } => (of_desk(control), Vec::new()),
        TeamAct::Say { .. } | TeamAct::Tell { .. } | TeamAct::Sit { .. } | TeamAct::RateDebrief { .. } => {
            return (Role::Dim, act.name().to_string());
        }
    };
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    (Role::Title, look.lang.with(key, &parts))
}

fn of_desk(control: &Control) -> &'static str {
    match control {
        Control::Pause => "did.pause",
        Control::Resume => "did.resume",
        Control::End => "did.end",
        Control::Extend { .. } => "did.extend",
        Control::Inject { .. } => "did.inject",
        Control::Reveal => "did.hint",
        _ => "did.note",
    }
}

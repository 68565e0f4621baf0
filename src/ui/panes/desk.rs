//! The facilitator's desk: the answer and its chain, what the room has seen of the clues, who does what, what may still
//! happen, and the day's controls. No other role has this pane. Does not judge the room.

use super::listing::{self, Said};
use super::team::{last_line, named, newest_page, role_key, roles_words};
use crate::drill::act::Act;
use crate::drill::interview::Control;
use crate::drill::run::Run;
use crate::drill::team::{SPEED, TIMES_MAX, TeamAct, inject};
use crate::scenario::gameday::{Role as Part, When};
use crate::stdx::time::Span;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
use crate::ui::keymap::Do;
use crate::ui::overlays::confirm::Question;
use crate::ui::overlays::told::Told;
use crate::ui::overlays::{Overlay, form};
use crate::ui::screens::drill::since_page;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// A row of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Heading(&'static str),
    /// A blank of the answer.
    Answer(usize),
    /// A node of the causal chain.
    Node(usize),
    Clue(usize),
    Seat(u16),
    /// An inject, by its place in the list of rows.
    Inject(usize),
}

/// Acts of a seat are counted so far back.
const LATELY: Span = Span::mins(5);
/// Minutes that one key adds.
const EXTEND: u32 = 5;
/// Speeds that keys step through, in thousandths of wall time.
const SPEEDS: [u32; 9] = [100, 250, 500, 1_000, 2_000, 4_000, 10_000, 30_000, 60_000];
const BLANKS: [&str; 5] = ["blank.culprit", "blank.mechanism", "blank.trigger", "blank.onset", "blank.impact"];

/// `×2`, `×0.5`.
pub fn speed_words(permille: u32) -> String {
    match permille % 1_000 {
        0 => format!("×{}", permille / 1_000),
        rest => format!("×{}.{}", permille / 1_000, format!("{rest:03}").trim_end_matches('0')),
    }
}

pub fn title(face: &Face, run: &Run) -> String {
    let bagged = face.drill.seat.clues.values().filter(|met| met.bagged.is_some()).count();
    format!("{} {bagged}/{}", face.look.say("pane.desk"), run.case.clues.len())
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["desk", "drill"]
}

pub fn offers(_face: &Face) -> &'static [Do] {
    &[
        Do::Fire,
        Do::Pause,
        Do::Open,
        Do::GiveHint,
        Do::TellAs,
        Do::Extend,
        Do::Faster,
        Do::Away,
        Do::Driver,
        Do::HintSeat,
        Do::End,
        Do::Help,
    ]
}

fn items(run: &Run) -> Vec<Item> {
    let mut items = vec![Item::Heading("desk.injects")];
    items.extend((0..run.case.gameday.injects.len()).map(Item::Inject));
    items.push(Item::Heading("desk.seats"));
    items.extend(run.team.seats.keys().map(|seat| Item::Seat(*seat)));
    items.push(Item::Heading("desk.answer"));
    items.extend((0..BLANKS.len()).map(Item::Answer));
    items.push(Item::Heading("desk.chain"));
    items.extend((0..run.case.chain.len()).map(Item::Node));
    items.push(Item::Heading("desk.clues"));
    items.extend((0..run.case.clues.len()).map(Item::Clue));
    items
}

pub fn update(face: &mut Face, does: Do, run: &Run, area: Rect) -> Option<Vec<Ask>> {
    let items = items(run);
    if face.drill.seat.places.desk.motion(does, items.len(), listing::shown(area, 1)) {
        return Some(Vec::new());
    }
    let item = items.get(face.drill.seat.places.desk.at).copied();
    let act = match does {
        Do::Pause if run.sitting.paused => control(Control::Resume),
        Do::Pause => control(Control::Pause),
        Do::Faster | Do::Slower => TeamAct::Speed { permille: stepped(run.team.speed, does == Do::Faster) },
        Do::Extend => control(Control::Extend { minutes: EXTEND }),
        Do::GiveHint => TeamAct::Hint { to: None },
        Do::End => {
            face.overlays.push(Overlay::confirm(Question::EndDay));
            return Some(Vec::new());
        }
        Do::TellAs => {
            let form = Overlay::form(form::Kind::TellAs, run, face);
            face.overlays.push(form);
            return Some(Vec::new());
        }
        Do::Fire => match item {
            Some(Item::Inject(place)) => control(Control::Inject { number: place as u32 + 1 }),
            _ => return Some(choose(face, "desk.choose-inject")),
        },
        Do::HintSeat | Do::Away | Do::Driver => match item {
            Some(Item::Seat(seat)) => of_seat(run, does, seat),
            _ => return Some(choose(face, "desk.choose-seat")),
        },
        Do::Open => return Some(open(face, run, item)),
        _ => return None,
    };
    Some(vec![Ask::Act(Act::Team { act: Box::new(act) })])
}

fn control(control: Control) -> TeamAct {
    TeamAct::Desk { control }
}

fn choose(face: &mut Face, key: &str) -> Vec<Ask> {
    face.tell(Role::Warn, key);
    Vec::new()
}

fn of_seat(run: &Run, does: Do, seat: u16) -> TeamAct {
    match does {
        Do::HintSeat => TeamAct::Hint { to: Some(seat) },
        Do::Away => TeamAct::Away { seat, away: !run.team.is_away(seat, run.now()) },
        _ if run.team.driver == Some(seat) => TeamAct::Driver { seat: None },
        _ => TeamAct::Driver { seat: Some(seat) },
    }
}

fn stepped(now: Option<u32>, faster: bool) -> u32 {
    let now = now.unwrap_or(1_000);
    let next = match faster {
        true => SPEEDS.iter().find(|own| **own > now),
        false => SPEEDS.iter().rev().find(|own| **own < now),
    };
    next.copied().unwrap_or(now).clamp(*SPEED.start(), *SPEED.end())
}

/// A seat's newest page, what an inject or a clue says.
fn open(face: &mut Face, run: &Run, item: Option<Item>) -> Vec<Ask> {
    let overlay = match item {
        Some(Item::Seat(seat)) => newest_page(run, seat).unwrap_or_else(|| Overlay::Told(Told::seat(face, run, seat))),
        Some(Item::Inject(place)) => match run.case.gameday.injects.get(place) {
            Some(inject) => Overlay::Told(Told::inject(face, run, inject)),
            None => return Vec::new(),
        },
        Some(Item::Clue(place)) => match run.case.clues.get(place) {
            Some(clue) => Overlay::Told(Told::clue(face, run, clue)),
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    face.overlays.push(overlay);
    Vec::new()
}

pub fn view(face: &Face, scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let items = items(run);
    let focused = face.drill.focus == super::Pane::Desk;
    let injects = inject::rows(run);
    listing::draw(face, (face.drill.seat.places.desk, focused), (items.len(), 1), area, buf, |at| {
        items.get(at).map_or_else(Vec::new, |item| vec![said(face, scene, run, &injects, *item)])
    });
    None
}

fn said(face: &Face, scene: &Scene, run: &Run, injects: &[inject::Row], item: Item) -> Said {
    let look = &face.look;
    let told = |english: &str| run.case.told(look.lang.code, english).to_string();
    match item {
        Item::Heading(key) => (Role::Focus, look.say(key).to_string()),
        Item::Answer(place) => {
            let key = BLANKS.get(place).copied().unwrap_or_default();
            (Role::Text, format!(" {}: {}", look.say(key), answer(look, run, key)))
        }
        Item::Node(place) => {
            let node = run.case.chain.get(place);
            let at = node.and_then(|node| node.at).map_or_else(String::new, |at| format!("{} ", at.clock()));
            (Role::Text, format!(" {}. {at}{}", place + 1, told(node.map_or("", |node| node.say.as_str()))))
        }
        Item::Clue(place) => run.case.clues.get(place).map_or((Role::Text, String::new()), |clue| {
            let met = face.drill.seat.clues.get(&clue.id).copied().unwrap_or_default();
            let by = |entry: u32, key: &str| look.lang.with(key, &[("name", &named(run, run.seat_of(entry)))]);
            let (role, sign, how) = match (met.seen, met.bagged) {
                (_, Some(entry)) => (Role::Good, "✓", by(entry, "desk.bagged")),
                (Some(entry), None) => (Role::Warn, "●", by(entry, "desk.seen")),
                (None, None) => (Role::Dim, "○", look.say("desk.unseen").to_string()),
            };
            (role, format!("{sign} {}  {how}  {}", clue.id, told(&clue.say)))
        }),
        Item::Seat(seat) => seat_line(look, scene, run, seat),
        Item::Inject(place) => inject_line(look, run, injects.get(place)),
    }
}

/// The words of a blank of the answer.
fn answer(look: &Look, run: &Run, key: &str) -> String {
    let verdict = &run.case.verdict;
    let id = match key {
        "blank.culprit" => &verdict.culprit,
        "blank.mechanism" => &verdict.mechanism,
        "blank.trigger" => &verdict.trigger,
        "blank.impact" => &verdict.impact,
        _ => return verdict.onset.map_or_else(|| "-".to_string(), |at| at.clock()),
    };
    let node = run.case.chain.iter().find(|node| node.id == *id);
    node.map_or_else(|| "-".to_string(), |node| run.case.told(look.lang.code, &node.say).to_string())
}

/// `● kim  operator  7 acts in 5m  10:04:10 $ kubectl get pods`.
fn seat_line(look: &Look, scene: &Scene, run: &Run, seat: u16) -> Said {
    let Some(own) = run.team.seats.get(&seat) else { return (Role::Text, String::new()) };
    let connected = scene.room.and_then(|view| view.room.seats.iter().find(|other| other.id == seat));
    let connected = connected.is_none_or(|other| other.connected);
    let since = run.now() - LATELY;
    let times = run.team.latest.get(&seat).map(|own| own.times.iter().filter(|at| **at >= since).count());
    let count = match times.unwrap_or(0) {
        n if n >= TIMES_MAX => format!("{n}+"),
        n => n.to_string(),
    };
    let acts = look.lang.with("desk.acts", &[("n", &count), ("span", &LATELY.human())]);
    let states = [
        (!connected, "team.gone"),
        (run.team.is_away(seat, run.now()), "team.away"),
        (run.team.driver == Some(seat), "team.drives"),
    ];
    let states: Vec<&str> = states.iter().filter(|(is, _)| *is).map(|(_, key)| look.say(key)).collect();
    let (role, sign) = if connected { (Role::Text, "●") } else { (Role::Dim, "○") };
    let states = if states.is_empty() { String::new() } else { format!(" [{}]", states.join(", ")) };
    let who = format!("{sign} {} ({}){states}", named(run, seat), roles_words(look, own));
    (role, format!("{who}  {acts}  {}", last_line(look, run, seat)))
}

/// Whom an inject is for.
pub fn addressed(look: &Look, run: &Run, to: &str) -> String {
    match (Part::named(to), run.case.gameday.card(to)) {
        (Some(role), _) => look.say(role_key(role)).to_string(),
        (None, Some(card)) => run.case.told(look.lang.code, &card.title).to_string(),
        (None, None) => look.say("desk.all").to_string(),
    }
}

/// `✓ 1 question CFO → communications  10:12:00  “…”`.
fn inject_line(look: &Look, run: &Run, row: Option<&inject::Row>) -> Said {
    let Some(row) = row else { return (Role::Text, String::new()) };
    let own = row.inject;
    let (role, sign, when) = match (row.came, row.due) {
        (Some(at), _) => (Role::Good, "✓", at.clock()),
        (None, Some(at)) => (Role::Info, "○", look.lang.with("desk.due", &[("time", &at.clock())])),
        (None, None) => (Role::Text, "○", condition(look, own)),
    };
    let kind = look.say(&format!("happening.{}", own.kind.name())).to_string();
    let to = addressed(look, run, &own.to);
    (
        role,
        format!("{sign} {} {kind} · {} → {to} · {when} · {}", row.number, own.from, own.say.trim()).replace('\n', " "),
    )
}

/// What an inject waits for.
pub fn condition(look: &Look, own: &crate::scenario::gameday::Inject) -> String {
    let clue = |key: &str, clue: &str| look.lang.with(key, &[("clue", clue)]);
    match &own.when {
        _ if own.by_hand => look.say("when.by-hand").to_string(),
        When::At(span) => since_page(*span + own.after),
        When::Seen(id) => clue("when.seen", id),
        When::Bagged(id) => clue("when.bagged", id),
        When::Change => look.say("when.change").to_string(),
        When::Update => look.say("when.update").to_string(),
        When::HarmOver => look.say("when.harm-over").to_string(),
        When::Verdict => look.say("when.verdict").to_string(),
        When::Never => look.say("when.by-hand").to_string(),
    }
}

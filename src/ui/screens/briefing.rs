//! The briefing: the page as it arrived, why we are here, how it is graded, which clock. Does not start anything itself.

use super::{bottom_line, more_below};
use crate::case::score::{DIMENSIONS, SCORED};
use crate::drill::run::{Clock, Run};
use crate::drill::terms::Hints;
use crate::stdx::text::{harmless, wrap, wrap_flowed};
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene, Screen};
use crate::ui::keymap::Do;
use crate::ui::overlays::cards;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Prose in wider lines is hard to read.
const READ_COLUMNS_MAX: usize = 100;

#[derive(Clone, Debug, Default)]
pub struct Briefing {
    pub scroll: Scroll,
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["briefing"]
}

/// The briefing as lines.
pub fn lines(face: &Face, scene: &Scene, run: &Run, width: usize) -> Vec<(Role, String)> {
    let (look, drill) = (&face.look, &run.case.drill);
    let told = |english| run.case.told(look.lang.code, english);
    let mut lines = vec![(Role::Title, told(&drill.title).to_string())];
    let level = drill.level.to_string();
    let minutes = drill.minutes.to_string();
    lines.push((Role::Dim, look.lang.with("briefing.line", &[("level", &level), ("minutes", &minutes)])));
    lines.extend(seated(face, run, width));
    lines.push((Role::Text, String::new()));
    lines.push((Role::Bad, format!("● {}  {}", look.say("briefing.page"), drill.page_at.clock())));
    lines.extend(
        wrap(harmless(&drill.page).trim(), width.saturating_sub(2)).into_iter().map(|l| (Role::Text, format!("  {l}"))),
    );
    lines.push((Role::Text, String::new()));
    lines.push((Role::Focus, look.say("briefing.why").to_string()));
    lines.extend(
        wrap_flowed(&harmless(told(&drill.brief)), width.saturating_sub(2).min(READ_COLUMNS_MAX))
            .into_iter()
            .map(|l| (Role::Text, format!("  {l}"))),
    );
    if let Some(pledge) = scene.pledge {
        lines.push((Role::Text, String::new()));
        lines.push((Role::Focus, look.say("briefing.pledge").to_string()));
        let own = wrap(&harmless(pledge), width.saturating_sub(2).min(READ_COLUMNS_MAX));
        lines.extend(own.into_iter().map(|line| (Role::Info, format!("  {line}"))));
    }
    lines.push((Role::Text, String::new()));
    let observed = if run.terms().minutes.is_some() { "pack.observed" } else { "briefing.graded" };
    lines.push((Role::Focus, look.say(observed).to_string()));
    for words in graded(look, run) {
        lines.extend(
            wrap(&words, width.saturating_sub(2).min(READ_COLUMNS_MAX))
                .into_iter()
                .map(|l| (Role::Text, format!("  {l}"))),
        );
    }
    lines.push((Role::Text, String::new()));
    lines.push((Role::Focus, look.say("briefing.clock").to_string()));
    let clock = if run.clock == Clock::Turn { "briefing.turn" } else { "briefing.live" };
    lines.extend(
        wrap(look.say(clock), width.saturating_sub(2).min(READ_COLUMNS_MAX))
            .into_iter()
            .map(|l| (Role::Text, format!("  {l}"))),
    );
    lines
}

/// In a room: who one is, and what only this seat is told.
fn seated(face: &Face, run: &Run, width: usize) -> Vec<(Role, String)> {
    let seat = &face.drill.seat;
    if !seat.is_seated() {
        return Vec::new();
    }
    let room = width.saturating_sub(2).min(READ_COLUMNS_MAX);
    let card = cards::seat_card(&face.look, run, seat.id, true).into_iter();
    let wrapped = card.flat_map(|(role, words)| {
        let rows = wrap_flowed(&words, room).into_iter();
        rows.map(move |row| (role, row)).collect::<Vec<_>>()
    });
    std::iter::once((Role::Text, String::new())).chain(wrapped).collect()
}

/// How it is graded, from the rows that are: what has no number yet is not spoken of.
fn graded(look: &Look, run: &Run) -> Vec<String> {
    let terms = run.terms();
    if let Some(minutes) = terms.minutes {
        return vec![look.lang.with("interview.briefing", &[("minutes", &minutes.to_string())])];
    }
    let mut rows: Vec<_> = DIMENSIONS.iter().filter(|row| SCORED.contains(&row.dim)).collect();
    rows.sort_by_key(|row| row.dim);
    let total: i64 = rows.iter().map(|row| run.profile().weight(row.dim)).sum();
    let told = rows.iter().map(|row| {
        let key = format!("graded.{}", row.name);
        look.lang.with(&key, &[("points", &run.profile().weight(row.dim).to_string())])
    });
    let lead = look.lang.with("briefing.grading", &[("points", &total.to_string())]);
    let apart = [("graded.attempts", terms.attempts > 1), ("graded.hints", terms.hints == Hints::Charged)];
    let apart = apart.into_iter().filter(|(_, said)| *said).map(|(key, _)| look.say(key).to_string());
    std::iter::once(lead).chain(told).chain(apart).collect()
}

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    let run = scene.run?;
    let area = face.area();
    let count = lines(face, scene, run, usize::from(area.width.saturating_sub(4))).len();
    if face.briefing.scroll.slide(does, count, usize::from(area.height.saturating_sub(3))) {
        return Some(Vec::new());
    }
    match does {
        Do::Accept => {
            face.screen = Screen::Drill;
            // In a tutorial the coach says so.
            if run.board.problem.is_empty() && run.case.coach.is_empty() && face.can(Do::State) {
                let typing = face.drill.takes_paste();
                let context = if typing { "typing-empty" } else { "drill" };
                let key = face.keymap.key_of(&[context], Do::State).map(|key| key.to_string());
                let words = face.look.lang.with("state.offer", &[("key", &key.unwrap_or_default())]);
                face.flash = Some((Role::Info, words));
            }
            Some(Vec::new())
        }
        _ => None,
    }
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let Some(run) = scene.run else {
        let place = Rect { x: area.x + 2, y: area.y + area.height.min(2) / 2, ..area };
        let words = face.look.say("briefing.casting");
        paint::clipped(buf, (place.x, place.y), area.width.saturating_sub(3), words, face.look.of(Role::Dim));
        return None;
    };
    let room = area.width.saturating_sub(4);
    let top = face.briefing.scroll.top;
    let shown = usize::from(area.height.saturating_sub(3));
    let lines = lines(face, scene, run, usize::from(room));
    let hidden = lines.len().saturating_sub(top + shown);
    more_below(face, hidden, Rect { y: area.bottom().saturating_sub(2), height: 1, ..area }, buf);
    for (row, (role, words)) in lines.iter().skip(top).take(shown).enumerate() {
        paint::text(buf, (area.x + 2, area.y + 1 + row as u16), room, words, face.look.of(*role));
    }
    bottom_line(
        face,
        Rect { y: area.bottom() - 1, height: 1, ..area },
        &[Do::Accept, Do::Down, Do::Shelve, Do::Help, Do::Quit],
        buf,
    );
    None
}

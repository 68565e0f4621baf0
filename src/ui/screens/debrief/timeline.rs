//! The timeline's two lanes with belief and harm beside them: what the fault did, what the learner did, what was to be
//! believed of the truth then, and how much it hurt. Does not judge.

use super::lines::{Lines, To, padded};
use super::tabs::{Given, column};
use crate::case::debrief::{Lane, Moment, Then};
use crate::report::{phrase, telling};
use crate::stdx::text::{clip, width, wrap};
use crate::stdx::time::Time;
use crate::ui::theme::Role;

/// Both lanes beside each other need so much; else they are one, told apart by a sign.
const TWO_LANES_FROM: usize = 104;
/// Columns of `100%▇ 100%▇`.
const FIGURES: usize = 11;
/// A moment's text is cut here; the page it came from has all of it.
const MOMENT_COLUMNS_MAX: usize = 240;

pub fn lay(given: &Given, page: &mut Lines) {
    let told = &given.story.told;
    let clock = phrase::when_columns(told, told.moments.iter().map(|moment| moment.at));
    let room = page.columns.min(150).saturating_sub(clock + FIGURES + 4);
    let lanes = if page.columns >= TWO_LANES_FROM { Lanes::Two((room - 3) / 2) } else { Lanes::One(room) };
    page.text(Role::Dim, &page.say("debrief.time-about"));
    let head = match lanes {
        Lanes::Two(columns) => {
            format!(
                "{} │ {}",
                padded(&page.say("told.lane-estate"), columns),
                padded(&page.say("told.lane-you"), columns)
            )
        }
        Lanes::One(columns) => {
            let both = format!("░ {}  ▌ {}", page.say("told.lane-estate"), page.say("told.lane-you"));
            padded(&clip(&both, columns), columns)
        }
    };
    let figures = format!("{} {}", end(&page.say("debrief.belief"), 5), end(&page.say("debrief.harm"), 5));
    page.push(Role::Dim, format!("{} {head}  {figures}", padded("", clock)), None);
    let mut belief = told.analysis.curves.justified.first().map_or(0, |(_, share)| i64::from(*share));
    for moment in &told.moments {
        if let Some(then) = &moment.then {
            belief = i64::from(then.justified);
        }
        let before = moment.at < told.heading.page_at;
        let harm = harm_at(given, moment);
        let figures = if before { String::new() } else { format!("{} {}", column(belief), column(harm)) };
        let at = padded(&phrase::when(told, moment.at), clock);
        for (n, (role, words)) in rows(given, moment, &lanes).into_iter().enumerate() {
            let (at, figures) = if n == 0 { (at.clone(), figures.as_str()) } else { (padded("", clock), "") };
            let words = format!("{at} {words}  {figures}").trim_end().to_string();
            page.push(role, words, moment.entry.map(|entry| To::Acts(vec![entry])));
        }
    }
}

/// How the lanes are laid, and the columns of a lane.
enum Lanes {
    One(usize),
    Two(usize),
}

/// A word at the right end of its columns.
fn end(words: &str, columns: usize) -> String {
    let words = clip(words, columns);
    format!("{}{words}", " ".repeat(columns - width(&words)))
}

/// What was lacking of the indicator's healthy value then.
fn harm_at(given: &Given, moment: &Moment) -> i64 {
    let at = |when: Time| {
        let series = &given.story.told.analysis.curves.harm;
        series.iter().rev().find(|(at, _)| *at <= when).or(series.first()).map_or(0, |(_, share)| i64::from(*share))
    };
    moment.then.as_ref().map_or_else(|| at(moment.at), |then| i64::from(then.harm))
}

/// The rows of a moment, each as wide as the lanes are.
fn rows(given: &Given, moment: &Moment, lanes: &Lanes) -> Vec<(Role, String)> {
    let lang = &given.look.lang;
    let (command, words) = phrase::moment(lang, moment);
    let words = clip(&words, MOMENT_COLUMNS_MAX);
    let own = moment.lane == Lane::You;
    let role = match moment.lane {
        Lane::You => Role::Info,
        Lane::Fault => Role::Warn,
        Lane::Others | Lane::Message => Role::Text,
    };
    let room = match lanes {
        Lanes::One(columns) => columns.saturating_sub(2),
        Lanes::Two(columns) => *columns,
    };
    let mut cells: Vec<(Role, String)> = Vec::new();
    if !command.is_empty() {
        cells.push((role, clip(&command, room)));
    }
    if command.is_empty() || !words.is_empty() {
        cells.extend(wrap(&words, room).into_iter().map(|part| (role, part)));
    }
    for (role, note) in moment.then.as_ref().map_or_else(Vec::new, |then| notes(given, then)) {
        for (at, part) in wrap(&note, room.saturating_sub(2)).into_iter().enumerate() {
            let lead = if at == 0 { "" } else { "  " };
            cells.push((role, format!("{lead}{part}")));
        }
    }
    let sign = if own { "▌ " } else { "░ " };
    let laid = |(role, cell): (Role, String)| match (lanes, own) {
        (Lanes::One(columns), _) => (role, format!("{sign}{}", padded(&cell, columns.saturating_sub(2)))),
        (Lanes::Two(columns), true) => (role, format!("{} │ {}", padded("", *columns), padded(&cell, *columns))),
        (Lanes::Two(columns), false) => (role, format!("{} │ {}", padded(&cell, *columns), padded("", *columns))),
    };
    cells.into_iter().map(laid).collect()
}

/// What an act of the learner brought, cost, or said.
fn notes(given: &Given, then: &Then) -> Vec<(Role, String)> {
    let lang = &given.look.lang;
    let mut notes = Vec::new();
    if !then.clues.is_empty() {
        notes.push((Role::Good, format!("● {}", given.names(&then.clues))));
    }
    for lost in &then.lost {
        notes.push((Role::Bad, format!("✗ {}", telling::lost(lang, &given.story.told, lost))));
    }
    let whole = |share: u16| ((u32::from(share) + 5) / 10).to_string();
    if let Some(stated) = then.stated {
        let (said, justified) = (whole(stated), whole(then.justified));
        let words = lang.with("debrief.stated", &[("said", &said), ("justified", &justified)]);
        let role = if stated > then.justified + AHEAD { Role::Bad } else { Role::Text };
        notes.push((role, words));
    }
    // What brought something needs no advice.
    if then.clues.is_empty()
        && let Some(best) = then.best.as_ref().filter(|_| then.stated.is_none())
    {
        let (command, worth) = (phrase::plain(&best.command), best.worth.to_string());
        notes.push((Role::Dim, lang.with("debrief.best", &[("command", &command), ("worth", &worth)])));
    }
    notes
}

/// Belief that is said ahead of the evidence by more than this is a gap: thousandths.
const AHEAD: u16 = 300;

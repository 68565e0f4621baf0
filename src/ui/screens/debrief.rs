//! The debrief: sections of ready-made lines, scrolled. Does not know how they were reckoned.

use super::bottom_line;
use crate::report;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Scene};
use crate::ui::keymap::Do;
use crate::ui::lang::Lang;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// A debrief ready to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub title: String,
    pub sections: Vec<Section>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub title: String,
    pub lines: Vec<(Role, String)>,
}

impl Sheet {
    /// The sections of the written debrief, with the titles in the learner's language and a colour for what went well or ill.
    pub fn of(debrief: &crate::case::debrief::Debrief, lang: &Lang) -> Sheet {
        let text = report::format("text").map(|format| (format.write)(debrief)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let mut sheet = Sheet::default();
        for (at, line) in lines.iter().enumerate() {
            if is_rule(line) {
                continue;
            }
            if lines.get(at + 1).is_some_and(|next| is_rule(next)) {
                sheet.sections.push(Section { title: translated(line, lang), lines: Vec::new() });
            } else if let Some(section) = sheet.sections.last_mut() {
                section.lines.push((role(line), line.to_string()));
            } else if sheet.title.is_empty() {
                sheet.title = line.to_string();
            } else if !line.is_empty() {
                sheet.sections.push(Section { title: line.to_string(), lines: Vec::new() });
            }
        }
        for section in &mut sheet.sections {
            while section.lines.last().is_some_and(|(_, line)| line.is_empty()) {
                section.lines.pop();
            }
        }
        sheet
    }
}

fn is_rule(line: &str) -> bool {
    !line.is_empty() && line.chars().all(|c| c == '─')
}

/// Titles of the written debrief and their keys; numbers behind a title stay.
const TITLES: [(&str, &str); 9] = [
    ("Score", "section.score"),
    ("Verdict", "section.verdict"),
    ("Rivals", "section.rivals"),
    ("Ledger", "section.ledger"),
    ("Timeline", "section.timeline"),
    ("What you expected of your changes", "section.predictions"),
    ("Clues that you did not bag", "section.missed"),
    ("A short proof, with hindsight", "section.proof"),
    ("Next time", "section.next"),
];

fn translated(title: &str, lang: &Lang) -> String {
    let known = TITLES.iter().find_map(|(words, key)| Some((title.strip_prefix(words)?, key)));
    known.map_or_else(|| title.to_string(), |(rest, key)| format!("{}{rest}", lang.say(key)))
}

/// The words say it; the colour repeats them.
fn role(line: &str) -> Role {
    let bad = ["— wrong", "not cleared", "left unknown", "gone through a change", "nothing was expected"];
    if bad.iter().any(|words| line.contains(words)) {
        Role::Bad
    } else if line.contains("— right") || line.contains("— cleared") {
        Role::Good
    } else if line.contains("— near") || line.contains("not bagged") {
        Role::Warn
    } else if line.contains("▓ you:") {
        Role::Info
    } else if line.trim_start().starts_with('$') {
        Role::Key
    } else {
        Role::Text
    }
}

#[derive(Clone, Debug, Default)]
pub struct Debrief {
    pub scroll: Scroll,
}

pub fn contexts(_face: &Face) -> Vec<&'static str> {
    vec!["debrief"]
}

/// All rows at a width, and at which row each section starts.
fn rows(sheet: &Sheet, width: u16) -> (Vec<(Role, &str)>, Vec<usize>) {
    let (mut rows, mut starts) = (Vec::new(), Vec::new());
    for section in &sheet.sections {
        starts.push(rows.len());
        rows.push((Role::Focus, section.title.as_str()));
        for (role, words) in &section.lines {
            rows.extend(paint::rows(words, width).into_iter().map(|range| (*role, &words[range])));
        }
        rows.push((Role::Text, ""));
    }
    (rows, starts)
}

pub fn update(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    let sheet = scene.sheet?;
    let area = face.area();
    let (rows, starts) = rows(sheet, area.width.saturating_sub(4));
    let height = usize::from(area.height.saturating_sub(3));
    let scroll = &mut face.debrief.scroll;
    if scroll.slide(does, rows.len(), height) {
        return Some(Vec::new());
    }
    let most = rows.len().saturating_sub(height);
    match does {
        Do::NextSection => {
            scroll.top = starts.iter().copied().find(|s| *s > scroll.top).unwrap_or(scroll.top).min(most)
        }
        Do::PreviousSection => scroll.top = starts.iter().rev().copied().find(|s| *s < scroll.top).unwrap_or(0),
        _ => return None,
    }
    Some(Vec::new())
}

pub fn view(face: &Face, scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let room = area.width.saturating_sub(4);
    let Some(sheet) = scene.sheet else {
        paint::clipped(buf, (area.x + 2, area.y), room, look.say("debrief.none"), look.of(Role::Dim));
        return None;
    };
    let (rows, _) = rows(sheet, room);
    let height = usize::from(area.height.saturating_sub(3));
    paint::clipped(buf, (area.x + 2, area.y), room, &sheet.title, look.of(Role::Title));
    let top = face.debrief.scroll.top.min(rows.len().saturating_sub(height));
    for (row, (role, words)) in rows.iter().skip(top).take(height).enumerate() {
        paint::text(buf, (area.x + 2, area.y + 2 + row as u16), room, words, look.of(*role));
    }
    let wanted = [Do::Down, Do::PageDown, Do::NextSection, Do::Shelve, Do::Help, Do::Quit];
    bottom_line(face, Rect { y: area.bottom() - 1, height: 1, ..area }, &wanted, buf);
    None
}

//! The verdict form: five blanks, each a collected word with exhibits. Warns about form, never about truth.

use super::confirm::Question;
use super::pick::Purpose;
use super::prompt::For;
use super::{Overlay, keys_line, sheet};
use crate::drill::act::{Blank, Blanks};
use crate::drill::run::Run;
use crate::scenario::shape::WordKind;
use crate::ui::ask::Ask;
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::panes::board;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub struct Form {
    pub blanks: Blanks,
    pub scroll: Scroll,
}

/// The blanks in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlankRow {
    Culprit,
    Mechanism,
    Trigger,
    Impact,
    Onset,
}

pub const BLANKS: [BlankRow; 5] =
    [BlankRow::Culprit, BlankRow::Mechanism, BlankRow::Trigger, BlankRow::Impact, BlankRow::Onset];

impl BlankRow {
    pub fn key(self) -> &'static str {
        match self {
            BlankRow::Culprit => "blank.culprit",
            BlankRow::Mechanism => "blank.mechanism",
            BlankRow::Trigger => "blank.trigger",
            BlankRow::Impact => "blank.impact",
            BlankRow::Onset => "blank.onset",
        }
    }
    /// The kind of word that fits; the onset is a time.
    pub fn kind(self) -> Option<WordKind> {
        match self {
            BlankRow::Culprit => Some(WordKind::Thing),
            BlankRow::Mechanism => Some(WordKind::How),
            BlankRow::Trigger => Some(WordKind::Change),
            BlankRow::Impact => Some(WordKind::Harm),
            BlankRow::Onset => None,
        }
    }
    pub fn blank(self, blanks: &Blanks) -> &Blank {
        match self {
            BlankRow::Culprit => &blanks.culprit,
            BlankRow::Mechanism => &blanks.mechanism,
            BlankRow::Trigger => &blanks.trigger,
            BlankRow::Impact => &blanks.impact,
            BlankRow::Onset => &blanks.onset,
        }
    }
    pub fn blank_mut(self, blanks: &mut Blanks) -> &mut Blank {
        match self {
            BlankRow::Culprit => &mut blanks.culprit,
            BlankRow::Mechanism => &mut blanks.mechanism,
            BlankRow::Trigger => &mut blanks.trigger,
            BlankRow::Impact => &mut blanks.impact,
            BlankRow::Onset => &mut blanks.onset,
        }
    }
}

pub fn update(face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
    face.overlays.push(Overlay::Verdict);
    if face.drill.form.scroll.motion(does, BLANKS.len(), BLANKS.len()) {
        return Some(Vec::new());
    }
    let row = BLANKS[face.drill.form.scroll.at.min(BLANKS.len() - 1)];
    let next = match does {
        Do::Open if row == BlankRow::Onset => {
            let time = face.drill.form.blanks.onset.time.clone();
            Overlay::prompt(For::Onset, &time, face)
        }
        Do::Open => Overlay::pick(Purpose::Word(row), run, face),
        Do::Exhibits => Overlay::pick(Purpose::Exhibits(row), run, face),
        Do::Remove => {
            *row.blank_mut(&mut face.drill.form.blanks) = Blank::default();
            return Some(Vec::new());
        }
        Do::Submit => Overlay::confirm(Question::Submit),
        _ => return None,
    };
    face.overlays.push(next);
    Some(Vec::new())
}

/// The instruments an exhibit rests on.
fn channels(run: &Run, exhibits: &[u32]) -> BTreeSet<crate::console::fact::Channel> {
    let cited = run.board.exhibits.iter().filter(|exhibit| exhibits.contains(&exhibit.id));
    cited.flat_map(|exhibit| exhibit.facts.iter().map(|fact| fact.channel())).collect()
}

/// What is wrong with the form; it never says what is true.
pub fn warnings(face: &Face, run: &Run) -> Vec<String> {
    let blanks = &face.drill.form.blanks;
    let mut warnings = Vec::new();
    for row in BLANKS {
        let blank = row.blank(blanks);
        let filled = if row == BlankRow::Onset { !blank.time.is_empty() } else { blank.word.is_some() };
        let key = match (filled, blank.exhibits.len()) {
            (false, _) => "warn.blank",
            (true, 0) => "warn.no-exhibit",
            (true, n) if n > 3 => "warn.many",
            (true, _) if channels(run, &blank.exhibits).len() < 2 => "warn.one-instrument",
            _ => continue,
        };
        warnings.push(face.look.lang.with(key, &[("blank", face.look.say(row.key()))]));
    }
    warnings
}

pub fn view(face: &Face, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let warnings = warnings(face, run);
    let frame = paint::middle(area, 100, 11 + warnings.len() as u16);
    let inner = sheet(face, frame, look.say("verdict.title"), buf);
    for (at, row) in BLANKS.iter().enumerate() {
        let y = inner.y + 1 + at as u16;
        if y >= inner.bottom() {
            break;
        }
        let blank = row.blank(&face.drill.form.blanks);
        let words = match (row, blank.word) {
            (BlankRow::Onset, _) if blank.time.is_empty() => look.say("verdict.unknown").to_string(),
            (BlankRow::Onset, _) => blank.time.clone(),
            (_, Some(id)) => board::word(&run.board, id).to_string(),
            (_, None) => look.say("verdict.unknown").to_string(),
        };
        let label = paint::clipped(buf, (inner.x + 1, y), 15, look.say(row.key()), look.of(Role::Title)).max(15);
        let cited = board::names(&blank.exhibits);
        let room = inner.width.saturating_sub(label + 6 + paint::columns(&cited) as u16);
        paint::clipped(buf, (inner.x + 2 + label, y), room, &format!("[ {words} ]"), look.of(Role::Text));
        let x = inner.right().saturating_sub(paint::columns(&cited) as u16 + 1);
        paint::text(buf, (x, y), inner.width, &cited, look.of(Role::Info));
        if at == face.drill.form.scroll.at {
            paint::tint(buf, Rect { y, height: 1, ..inner }, look.of(Role::Select));
        }
    }
    for (row, words) in warnings.iter().enumerate() {
        let y = inner.y + 7 + row as u16;
        if y + 1 < inner.bottom() {
            paint::clipped(
                buf,
                (inner.x + 1, y),
                inner.width.saturating_sub(2),
                &format!("! {words}"),
                look.of(Role::Warn),
            );
        }
    }
    let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), ..inner };
    keys_line(face, &[Do::Open, Do::Exhibits, Do::Remove, Do::Submit, Do::Back], keys, buf);
    None
}

//! The verdict form: five blanks, each a collected word with exhibits. Warns about form, never about truth.

use super::confirm::Question;
use super::pick::Purpose;
use super::prompt::For;
use super::{Overlay, keys_line, sheet};
use crate::console::fact::Channel;
use crate::drill::act::{Blank, Blanks};
use crate::drill::run::Run;
use crate::scenario::shape::WordKind;
use crate::stdx::text::clip_middle;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look, Scene};
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

/// The instruments on which exhibits rest, in the words of the interface.
pub fn instruments(look: &Look, run: &Run, exhibits: &[u32]) -> Vec<String> {
    let cited = run.board.exhibits.iter().filter(|exhibit| exhibits.contains(&exhibit.id));
    let channels: BTreeSet<Channel> =
        cited.flat_map(|exhibit| exhibit.facts.iter().map(|fact| fact.channel())).collect();
    let name = |channel: Channel| serde_json::to_value(channel).ok()?.as_str().map(|name| format!("instrument.{name}"));
    channels.into_iter().filter_map(name).map(|key| look.say(&key).to_string()).collect()
}

/// What is wrong with a blank's form; it never says what is true.
pub fn warning(face: &Face, run: &Run, row: BlankRow) -> Option<String> {
    let blank = row.blank(&face.drill.form.blanks);
    let filled = if row == BlankRow::Onset { !blank.time.is_empty() } else { blank.word.is_some() };
    let instruments = instruments(&face.look, run, &blank.exhibits);
    let key = match (filled, blank.exhibits.len()) {
        (false, _) => "warn.blank",
        (true, 0) => "warn.no-exhibit",
        (true, n) if n > 3 => "warn.many",
        (true, _) if instruments.len() < 2 => "warn.one-instrument",
        _ => return None,
    };
    Some(face.look.lang.with(key, &[("instrument", &instruments.join(", "))]))
}

/// A row of the form and the blank it belongs to.
struct FormRow {
    blank: usize,
    role: Role,
    words: String,
}

/// Each blank with its word, what is wrong with it, and the exhibits cited, by their text and the words they brought.
fn rows(face: &Face, run: &Run, columns: usize) -> Vec<FormRow> {
    let look = &face.look;
    let mut rows = Vec::new();
    for (at, row) in BLANKS.iter().enumerate() {
        let blank = row.blank(&face.drill.form.blanks);
        let words = match (row, blank.word) {
            (BlankRow::Onset, _) if !blank.time.is_empty() => blank.time.clone(),
            (_, Some(id)) => board::word(look, run, id).to_string(),
            _ => look.say("verdict.unknown").to_string(),
        };
        let label = look.say(row.key());
        let gap = " ".repeat(13_usize.saturating_sub(paint::columns(label)));
        rows.push(FormRow { blank: at, role: Role::Title, words: format!("{label}{gap} [ {words} ]") });
        for id in &blank.exhibits {
            let Some(exhibit) = run.board.exhibit(*id) else { continue };
            let about = board::exhibit_about(look, run, exhibit, columns / 2);
            let about = clip_middle(&about, columns.saturating_sub(4), columns / 3);
            rows.push(FormRow { blank: at, role: Role::Info, words: format!("    {about}") });
        }
        if let Some(warning) = warning(face, run, *row) {
            rows.push(FormRow { blank: at, role: Role::Warn, words: format!("    ! {warning}") });
        }
    }
    rows
}

/// Beliefs as they stand go with the verdict; and what may have been forgotten, whatever is true.
fn beside(face: &Face, scene: &Scene, run: &Run, columns: usize) -> Vec<FormRow> {
    let look = &face.look;
    let rated = run.board.hypotheses.iter().filter(|own| own.confidence > 0);
    let mut sure: Vec<String> = rated
        .clone()
        .map(|own| format!("h{} {} {}%", own.id, board::suspicion(look, run, own), own.confidence))
        .collect();
    let rest = 100_i32 - rated.map(|own| i32::from(own.confidence)).sum::<i32>();
    let role = if sure.is_empty() { Role::Warn } else { Role::Info };
    sure.push(format!("{} {}%", look.say("board.else"), rest.max(0)));
    let lead = if role == Role::Warn { "verdict.unrated" } else { "verdict.sure" };
    let mut words = vec![(role, format!("{} {}", look.say(lead), sure.join(" · ")))];
    if scene.harm.last().is_some_and(|harm| *harm > 0.02) {
        words.push((Role::Warn, format!("! {}", look.say("warn.harm"))));
    }
    if run.board.updates.is_empty() {
        words.push((Role::Warn, format!("! {}", look.say("warn.untold"))));
    }
    let row = |(role, words): (Role, String)| {
        let parts: Vec<String> =
            paint::rows(&words, columns as u16).into_iter().map(|range| words[range].to_string()).collect();
        parts.into_iter().map(move |words| FormRow { blank: BLANKS.len(), role, words })
    };
    words.into_iter().flat_map(row).collect()
}

/// Which hearing this would be.
fn title(look: &Look, run: &Run) -> String {
    let (n, of) = (run.board.hearing.attempts.len() + 1, run.terms().attempts);
    let key = if of <= 1 { "verdict.only" } else { "verdict.hearing" };
    look.lang.with(key, &[("n", &n.to_string()), ("of", &of.to_string())])
}

pub fn view(face: &Face, scene: &Scene, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let look = &face.look;
    let columns = area.width.min(110);
    let beside = beside(face, scene, run, usize::from(columns.saturating_sub(6)));
    let rows = rows(face, run, usize::from(columns.saturating_sub(6)));
    let frame = paint::middle(area, columns, ((rows.len() + beside.len()) as u16).saturating_add(5));
    let inner = sheet(face, frame, &title(look, run), buf);
    let room = inner.width.saturating_sub(2);
    let height = usize::from(inner.height.saturating_sub(2)).saturating_sub(beside.len()).max(1);
    let chosen = face.drill.form.scroll.at;
    // The chosen blank and what belongs to it stay in sight.
    let end = rows.iter().rposition(|row| row.blank == chosen).map_or(0, |at| at + 1);
    for (at, row) in rows.iter().skip(end.saturating_sub(height)).take(height).enumerate() {
        let y = inner.y + at as u16;
        paint::clipped(buf, (inner.x + 1, y), room, &row.words, look.of(row.role));
        if row.blank == chosen && row.role == Role::Title {
            paint::tint(buf, Rect { y, height: 1, ..inner }, look.of(Role::Select));
            let sign = if look.lines == paint::Lines::Ascii { ">" } else { "▸" };
            paint::text(buf, (inner.x, y), 1, sign, look.of(Role::Focus));
        }
    }
    let top = inner.bottom().saturating_sub(1 + beside.len() as u16);
    for (at, row) in beside.iter().enumerate() {
        paint::text(buf, (inner.x + 1, top + at as u16), room, &row.words, look.of(row.role));
    }
    let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), ..inner };
    keys_line(face, &[Do::Open, Do::Exhibits, Do::Remove, Do::Submit, Do::Back], keys, buf);
    None
}

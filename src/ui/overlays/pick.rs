//! Choosing from what was collected: words of a kind, or exhibits. Does not know which choice is right.

use super::{Overlay, keys_line, sheet};
use crate::case::board::{Collected, Exhibit};
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::team::{Role, TeamAct};
use crate::scenario::shape::WordKind;
use crate::stdx::text::clip_middle;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look};
use crate::ui::keymap::Do;
use crate::ui::overlays::palette::holding;
use crate::ui::overlays::verdict::{BlankRow, instruments};
use crate::ui::panes::board;
use crate::ui::panes::team::role_key;
use crate::ui::theme::Role as Tone;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeSet;

/// How much of an exhibit's line stands before the words it brought.
const EXHIBIT_COLUMNS: usize = 44;

/// What the choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    SuspectThing,
    SuspectHow {
        thing: u32,
    },
    Clear {
        hypothesis: u32,
    },
    Word(BlankRow),
    Exhibits(BlankRow),
    /// Which of one's roles goes to a seat.
    OfferRole {
        to: u16,
    },
    /// Which of the roles that were offered is taken.
    TakeRole,
}

#[derive(Clone, Debug)]
pub struct Pick {
    pub purpose: Purpose,
    pub editor: Editor,
    pub scroll: Scroll,
    /// Several may be chosen (exhibits).
    chosen: BTreeSet<u32>,
    /// Whose choice it is, in a room.
    seat: u16,
}

/// Roles by their places among all: one's own, or those that were offered.
fn roles(purpose: Purpose, look: &Look, run: &Run, seat: u16) -> Vec<Found> {
    let fits = |role: &Role| match purpose {
        Purpose::TakeRole => run.team.offers.iter().any(|offer| offer.to == seat && offer.role == *role),
        _ => run.team.has(seat, *role),
    };
    let found = |(id, role): (usize, Role)| {
        let shown = look.say(role_key(role)).to_string();
        Found { id: id as u32, hay: format!("{shown} {}", role.name()), shown }
    };
    Role::ALL.into_iter().enumerate().filter(|(_, role)| fits(role)).map(found).collect()
}

/// What can be chosen: as it is shown, and as what was typed is looked for.
struct Found {
    id: u32,
    shown: String,
    hay: String,
}

impl Pick {
    pub fn of(purpose: Purpose, _run: &Run, face: &Face) -> Pick {
        let chosen = match purpose {
            Purpose::Exhibits(row) => row.blank(&face.drill.form.blanks).exhibits.iter().copied().collect(),
            _ => BTreeSet::new(),
        };
        Pick { purpose, editor: Editor::default(), scroll: Scroll::default(), chosen, seat: face.drill.seat.id }
    }

    pub fn several(&self) -> bool {
        matches!(self.purpose, Purpose::Clear { .. } | Purpose::Exhibits(_))
    }

    /// What can be chosen and fits what was typed.
    pub fn found(&self, look: &Look, run: &Run) -> Vec<(u32, String)> {
        let words = |kind: WordKind| {
            let of_kind = run.board.words.iter().filter(move |word| word.kind == kind);
            let told = |word: &Collected| {
                let shown = format!("{}  ← e{}", board::word(look, run, word.id), word.exhibit);
                // Who knows the word in English finds it too.
                Found { id: word.id, hay: format!("{shown} {}", word.say), shown }
            };
            of_kind.map(told).collect::<Vec<_>>()
        };
        // What counts as another instrument is seen while choosing.
        let about = |exhibit: &Exhibit| {
            let about = board::exhibit_about(look, run, exhibit, EXHIBIT_COLUMNS);
            match instruments(look, run, &[exhibit.id]).join(", ") {
                none if none.is_empty() => about,
                shown => format!("{about}  [{shown}]"),
            }
        };
        let all: Vec<Found> = match self.purpose {
            Purpose::SuspectThing => words(WordKind::Thing),
            Purpose::SuspectHow { .. } => words(WordKind::How),
            Purpose::Word(row) => row.kind().map(words).unwrap_or_default(),
            Purpose::OfferRole { .. } | Purpose::TakeRole => roles(self.purpose, look, run, self.seat),
            Purpose::Clear { .. } | Purpose::Exhibits(_) => {
                let told = |exhibit: &Exhibit| {
                    let brought = run.board.words.iter().filter(|word| word.exhibit == exhibit.id);
                    let english: Vec<&str> = brought.map(|word| word.say.as_str()).collect();
                    let shown = about(exhibit);
                    Found { id: exhibit.id, hay: format!("{shown} {}", english.join(" ")), shown }
                };
                run.board.exhibits.iter().map(told).collect()
            }
        };
        let fits = holding(self.editor.text(), all.iter().map(|found| found.hay.as_str()));
        fits.into_iter().filter_map(|at| all.get(at)).map(|found| (found.id, found.shown.clone())).collect()
    }

    fn title(&self, face: &Face, run: &Run) -> String {
        match self.purpose {
            Purpose::SuspectThing => face.say("pick.thing"),
            Purpose::SuspectHow { thing } => {
                face.look.lang.with("pick.how", &[("thing", board::word(&face.look, run, thing))])
            }
            Purpose::Clear { hypothesis } => {
                let found = run.board.hypotheses.iter().find(|h| h.id == hypothesis);
                let words = found.map_or_else(String::new, |h| board::suspicion(&face.look, run, h));
                face.look.lang.with("pick.clear", &[("hypothesis", &words)])
            }
            Purpose::Word(row) => face.say(row.key()),
            Purpose::OfferRole { to } => face.look.lang.with("pick.offer", &[("name", run.team.name(to))]),
            Purpose::TakeRole => face.say("pick.take"),
            Purpose::Exhibits(row) => face.look.lang.with("pick.exhibits", &[("blank", face.look.say(row.key()))]),
        }
    }

    pub fn update(mut self, face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
        let found = self.found(&face.look, run);
        let at = found.get(self.scroll.at).map(|(id, _)| *id);
        if does == Do::Accept && at.is_none() && !self.editor.is_empty() {
            // The filter hides everything: closing here would look like a choice.
            face.tell(Tone::Warn, "pick.no-match");
            face.overlays.push(Overlay::Pick(self));
            return Some(Vec::new());
        }
        if does == Do::Accept {
            return Some(self.accept(face, run, at));
        }
        let mut done =
            self.scroll.motion(does, found.len(), usize::from(Pick::frame(face.area()).height.saturating_sub(4)));
        if let (Do::Mark | Do::Toggle, Some(id)) = (does, at) {
            if self.several() && !self.chosen.remove(&id) {
                self.chosen.insert(id);
            }
            if does == Do::Toggle {
                let height = usize::from(Pick::frame(face.area()).height.saturating_sub(4));
                self.scroll.motion(Do::Down, found.len(), height);
            }
            done = true;
        }
        face.overlays.push(Overlay::Pick(self));
        done.then(Vec::new)
    }

    fn accept(mut self, face: &mut Face, run: &Run, at: Option<u32>) -> Vec<Ask> {
        if self.several() && self.chosen.is_empty() {
            self.chosen.extend(at);
        }
        let exhibits: Vec<u32> = self.chosen.iter().copied().collect();
        match self.purpose {
            Purpose::Exhibits(row) => row.blank_mut(&mut face.drill.form.blanks).exhibits = exhibits,
            Purpose::Clear { hypothesis } if !exhibits.is_empty() => {
                return vec![Ask::Act(Act::Clear { hypothesis, exhibits })];
            }
            Purpose::Word(row) => row.blank_mut(&mut face.drill.form.blanks).word = at,
            Purpose::SuspectThing => match at {
                Some(thing) => {
                    let next = Overlay::pick(Purpose::SuspectHow { thing }, run, face);
                    face.overlays.push(next);
                }
                None => face.tell(Tone::Warn, "pick.no-words"),
            },
            Purpose::SuspectHow { thing } => match at {
                Some(how) => return vec![Ask::Act(Act::Suspect { thing, how })],
                None => face.tell(Tone::Warn, "pick.no-words"),
            },
            Purpose::Clear { .. } => face.tell(Tone::Warn, "pick.no-exhibits"),
            Purpose::OfferRole { .. } | Purpose::TakeRole => {
                let role = at.and_then(|at| Role::ALL.get(at as usize).copied());
                let act = role.map(|role| match self.purpose {
                    Purpose::OfferRole { to } => TeamAct::Offer { role, to },
                    _ => TeamAct::Take { role },
                });
                return act.map(|act| Ask::Act(Act::Team { act: Box::new(act) })).into_iter().collect();
            }
        }
        Vec::new()
    }

    fn frame(area: Rect) -> Rect {
        paint::middle(area, 110, area.height.saturating_sub(4).clamp(3, 18))
    }

    pub fn view(&self, face: &Face, run: &Run, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let look = &face.look;
        let title = format!("{}  ({})", self.title(face, run), look.say("pick.typing"));
        let inner = sheet(face, Pick::frame(area), &title, buf);
        paint::text(buf, (inner.x + 1, inner.y), 1, "/", look.of(Tone::Prompt));
        paint::text(
            buf,
            (inner.x + 2, inner.y),
            inner.width.saturating_sub(3),
            self.editor.text(),
            look.of(Tone::Text),
        );
        let found = self.found(&face.look, run);
        if found.is_empty() {
            paint::clipped(
                buf,
                (inner.x + 1, inner.y + 1),
                inner.width.saturating_sub(2),
                look.say(if self.editor.is_empty() { "pick.none" } else { "pick.no-match" }),
                look.of(Tone::Dim),
            );
        }
        let height = usize::from(inner.height.saturating_sub(2));
        for (row, (id, words)) in found.iter().skip(self.scroll.top).take(height).enumerate() {
            let y = inner.y + 1 + row as u16;
            let mark = match (self.several(), self.chosen.contains(id)) {
                (true, true) => "[x] ",
                (true, false) => "[ ] ",
                (false, _) => "",
            };
            let room = inner.width.saturating_sub(2);
            // Lines of one log differ at their ends.
            let words = clip_middle(&format!("{mark}{words}"), usize::from(room), usize::from(room) / 2);
            paint::text(buf, (inner.x + 1, y), room, &words, look.of(Tone::Text));
            if self.scroll.top + row == self.scroll.at {
                let sign = if look.lines == paint::Lines::Ascii { ">" } else { "▸" };
                paint::text(buf, (inner.x, y), 1, sign, look.of(Tone::Focus));
                paint::tint(buf, Rect { y, height: 1, ..inner }, look.of(Tone::Select));
            }
        }
        let wanted: &[Do] = if self.several() { &[Do::Mark, Do::Accept, Do::Back] } else { &[Do::Accept, Do::Back] };
        keys_line(face, wanted, Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), ..inner }, buf);
        let x = inner.x + 2 + self.editor.caret_column() as u16;
        Some(Position { x: x.min(inner.right().saturating_sub(1)), y: inner.y })
    }
}

//! The learner's way and the expert's, step by step, side by side with the pages they printed; on narrow screens one at a
//! time. Does not judge which was better.

use super::lines::{bar, percent};
use super::story::{Story, Walked};
use super::tabs::Given;
use crate::case::score::log::Suspect;
use crate::case::score::posterior::belief;
use crate::drill::run::Run;
use crate::report::phrase;
use crate::stdx::text::{clip, harmless, wrap};
use crate::ui::face::Face;
use crate::ui::keymap::Do;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use num_traits::ToPrimitive;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Both ways beside each other need so much.
const BESIDE_FROM: u16 = 110;
/// Rows of a comment of the expert, at most.
const WHY_ROWS_MAX: usize = 4;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    Own,
    /// What is there to be learnt from is shown first where there is room for one.
    #[default]
    Expert,
}

/// Where in both ways one stands.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The expert's step; without an expert the learner's.
    pub at: usize,
    /// Which side scrolls, and is shown where there is room for one.
    pub side: Side,
    /// Rows of a page that were scrolled past, of either side.
    slid: [usize; 2],
}

fn steps(story: &Story) -> &[Walked] {
    if story.expert.is_empty() { &story.own } else { &story.expert }
}

impl Replay {
    /// The learner's step and the expert's that stand beside each other.
    fn pair(&self, story: &Story) -> (Option<usize>, Option<usize>) {
        if story.expert.is_empty() { (Some(self.at), None) } else { (story.beside(self.at), Some(self.at)) }
    }

    fn slid_mut(&mut self) -> &mut usize {
        let [own, expert] = &mut self.slid;
        if self.side == Side::Own { own } else { expert }
    }

    fn slid(&self, side: Side) -> usize {
        let [own, expert] = self.slid;
        if side == Side::Own { own } else { expert }
    }

    pub fn update(&mut self, does: Do, story: &Story, height: usize) -> bool {
        let last = steps(story).len().saturating_sub(1);
        let before = self.at;
        match does {
            Do::StepOn => self.at = (self.at + 1).min(last),
            Do::StepBack => self.at = self.at.saturating_sub(1),
            Do::Top => self.at = 0,
            Do::Bottom => self.at = last,
            Do::OtherSide => self.side = if self.side == Side::Own { Side::Expert } else { Side::Own },
            Do::Down => *self.slid_mut() += 1,
            Do::Up => *self.slid_mut() = self.slid_mut().saturating_sub(1),
            Do::PageDown => *self.slid_mut() += height.max(2) - 1,
            Do::PageUp => *self.slid_mut() = self.slid_mut().saturating_sub(height.max(2) - 1),
            _ => return false,
        }
        if self.at != before {
            self.slid = [0, 0];
        }
        true
    }

    /// The learner's page that is shown, and the line of it that told something.
    pub fn page(&self, story: &Story) -> Option<(u32, u32)> {
        let own = story.own.get(self.pair(story).0?)?;
        Some((own.step.page?, own.marks.first().copied().unwrap_or(0)))
    }

    pub fn view(&self, face: &Face, given: &Given, area: Rect, buf: &mut Buffer) {
        let look = &face.look;
        let story = given.story;
        let count = steps(story).len();
        if count == 0 {
            paint::clipped(buf, (area.x, area.y), area.width, look.say("told.none"), look.of(Role::Dim));
            return;
        }
        let at = self.at.min(count - 1);
        let parts = [("n", (at + 1).to_string()), ("count", count.to_string())];
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let key = if story.expert.is_empty() { "replay.own-step" } else { "replay.step" };
        paint::clipped(buf, (area.x, area.y), area.width, &look.lang.with(key, &parts), look.of(Role::Dim));
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let (own, expert) = self.pair(story);
        let sides = [(Side::Own, own), (Side::Expert, expert)];
        if area.width >= BESIDE_FROM {
            let half = body.width / 2;
            let left = Rect { width: half, ..body };
            let right = Rect { x: body.x + half, width: body.width - half, ..body };
            for ((side, step), place) in sides.into_iter().zip([left, right]) {
                self.side(face, given, (side, step), place, buf);
            }
        } else {
            let shown = if story.expert.is_empty() { Side::Own } else { self.side };
            for own in sides.into_iter().filter(|(side, _)| *side == shown) {
                self.side(face, given, own, body, buf);
            }
        }
    }

    /// One way: what was typed, why, what was to be believed then, and the page.
    fn side(&self, face: &Face, given: &Given, (side, step): (Side, Option<usize>), place: Rect, buf: &mut Buffer) {
        let (look, story) = (&face.look, given.story);
        let name = look.say(if side == Side::Own { "replay.own" } else { "replay.expert" });
        let active = side == self.side;
        let (border, title) = if active { (Role::Focus, Role::Focus) } else { (Role::Border, Role::Title) };
        let mark = if active { "▪ " } else { "" };
        let styles = (look.of(border), look.of(title));
        let inner = paint::frame(buf, place, &format!("{mark}{name}"), styles, look.lines);
        let (way, run) = match side {
            Side::Own => (&story.own, Some(given.run)),
            Side::Expert => (&story.expert, story.ghost.as_deref()),
        };
        let Some((walked, run)) = step.and_then(|at| way.get(at)).zip(run) else {
            let words = look.say(if side == Side::Own { "replay.nothing-yet" } else { "replay.no-expert" });
            paint::clipped(buf, (inner.x + 1, inner.y), inner.width.saturating_sub(2), words, look.of(Role::Dim));
            return;
        };
        let beside = match self.pair(story) {
            (Some(own), Some(expert)) if side == Side::Own && !story.shared(own, expert) => {
                let told = story.expert.get(expert).is_some_and(|walked| !walked.step.clues.is_empty());
                Some(if told { "replay.meanwhile" } else { "replay.at-that-time" })
            }
            _ => None,
        };
        let head = self.head(given, walked, beside, usize::from(inner.width.saturating_sub(2)));
        let mut y = inner.y;
        for (role, words) in head {
            if y < inner.bottom() {
                paint::clipped(buf, (inner.x + 1, y), inner.width.saturating_sub(2), &words, look.of(role));
                y += 1;
            }
        }
        let below = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
        self.printed(face, run, (side, walked), below, buf);
    }

    fn head(&self, given: &Given, walked: &Walked, beside: Option<&str>, columns: usize) -> Vec<(Role, String)> {
        let (look, step) = (given.look, &walked.step);
        let mut rows = Vec::new();
        if let Some(key) = beside {
            rows.push((Role::Dim, look.say(key).to_string()));
        }
        rows.push((Role::Key, format!("{} {}", given.when(step.at), clip(&phrase::plain(&step.typed), columns))));
        let why = step.why.iter().map(|why| phrase::plain(why)).collect::<Vec<_>>().join(" ");
        if !why.is_empty() {
            let why = wrap(&format!("# {why}"), columns);
            rows.extend(why.into_iter().take(WHY_ROWS_MAX).map(|row| (Role::Info, row)));
        }
        let truth = belief(&step.belief, &Suspect::Truth).to_f64().unwrap_or_default();
        let truth = (truth * 1000.0).round() as i64;
        rows.push((Role::Text, format!("{} {} {}", look.say("replay.belief"), bar(truth, 10), percent(truth).trim())));
        if !step.clues.is_empty() {
            let words = format!("● {}", given.names(&step.clues));
            rows.extend(wrap(&words, columns).into_iter().take(3).map(|row| (Role::Good, row)));
        }
        rows
    }

    /// The page, from where it told something; lines that did are marked.
    fn printed(&self, face: &Face, run: &Run, (side, walked): (Side, &Walked), area: Rect, buf: &mut Buffer) {
        let look = &face.look;
        let Some(page) = walked.step.page.and_then(|id| run.page(id)) else {
            let words = look.say("replay.no-page");
            paint::clipped(buf, (area.x + 1, area.y), area.width.saturating_sub(2), words, look.of(Role::Dim));
            return;
        };
        let (lines, height) = (&page.output.lines, usize::from(area.height));
        let most = lines.len().saturating_sub(height);
        // What told something stands in sight, with a line or two before it.
        let first = walked.marks.first().map_or(0, |line| (*line as usize).saturating_sub(height / 3));
        let start = if lines.len() <= height { 0 } else { first.min(most) };
        let top = (start + self.slid(side)).min(most);
        for (row, (at, line)) in lines.iter().enumerate().skip(top).take(height).enumerate() {
            let y = area.y + row as u16;
            let marked = walked.marks.contains(&(at as u32));
            let (sign, role) = if marked { ("●", Role::Good) } else { (" ", Role::Text) };
            paint::text(buf, (area.x, y), 1, sign, look.of(role));
            paint::clipped(buf, (area.x + 1, y), area.width.saturating_sub(1), &harmless(&line.text), look.of(role));
        }
        let hidden = lines.len().saturating_sub(top + height);
        let active = side == self.side;
        if active {
            crate::ui::screens::more_below(face, hidden, Rect { y: area.bottom(), height: 1, ..area }, buf);
        }
    }
}

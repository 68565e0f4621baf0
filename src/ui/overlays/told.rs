//! Something to read, until it is put away: the judge's word, hints and what the next one costs, what does not last. Its
//! words are made when it is opened. Does not judge and does not ask by itself.

use super::{Overlay, keys_line, sheet};
use crate::case::concepts::CardTold;
use crate::case::score::hints::COSTS;
use crate::drill::act::Act;
use crate::drill::run::Run;
use crate::drill::spoken;
use crate::drill::team::hints_for;
use crate::drill::terms::Hints;
use crate::drill::volatile::Volatile;
use crate::stdx::time::Time;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look};
use crate::ui::keymap::Do;
use crate::ui::panes;
use crate::ui::screens::debrief::Story;
use crate::ui::theme::Role;
use crate::ui::widgets::paint;
use crate::ui::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Debug)]
pub struct Told {
    title: String,
    lines: Vec<(Role, String)>,
    scroll: Scroll,
    /// Another hint can be taken from here.
    takes: bool,
}

impl Told {
    pub(super) fn new(title: &str, lines: Vec<(Role, String)>) -> Told {
        Told { title: title.to_string(), lines, scroll: Scroll::default(), takes: false }
    }

    /// The judge's word for the last verdict, and how it can go on.
    pub fn judged(face: &Face, run: &Run) -> Told {
        let look = &face.look;
        let given = run.board.hearing.attempts.len();
        let judged = run.board.hearing.attempts.last();
        let word = judged.map_or_else(String::new, |heard| spoken::band(heard.band, &look.lang).to_string());
        let (of, key) = (run.terms().attempts.to_string(), panes::reach(face, Do::Verdict));
        let parts = [("n", given.to_string()), ("of", of), ("key", key)];
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let lines = vec![
            (Role::Title, word),
            (Role::Text, String::new()),
            (Role::Text, look.lang.with("judged.hearing", &parts)),
            (Role::Text, look.lang.with("judged.on", &parts)),
        ];
        Told::new(look.say("judged.title"), lines)
    }

    /// What the hints so far said, and what the next one costs.
    pub fn hints(face: &Face, run: &Run) -> Told {
        let look = &face.look;
        let mut lines = Vec::new();
        for hinted in hints_for(run, face.drill.seat.id) {
            let rung = format!("rung.{}", hinted.rung);
            lines.push((Role::Focus, format!("{}  {}", hinted.at.clock(), look.say(&rung))));
            let words = spoken::hint(hinted, &run.case, &look.lang);
            lines.extend(words.lines().map(|line| (Role::Text, format!("  {line}"))));
            lines.push((Role::Text, String::new()));
        }
        let terms = run.terms().hints;
        match terms {
            Hints::None => lines.push((Role::Warn, look.say("hints.none").to_string())),
            Hints::Free => lines.push((Role::Text, look.say("hints.free").to_string())),
            Hints::Charged => {
                lines.push((Role::Text, look.say("hints.ladder").to_string()));
                for (rung, cost) in COSTS.iter().enumerate() {
                    let name = format!("rung.{}", rung + 1);
                    let words = look.lang.with("hints.cost", &[("rung", look.say(&name)), ("cost", &cost.to_string())]);
                    lines.push((Role::Info, format!("  {words}")));
                }
                lines.push((Role::Text, look.say("hints.shown-costs").to_string()));
            }
        }
        if terms != Hints::None {
            lines.push((Role::Dim, look.say("hints.cool-down").to_string()));
        }
        let mut told = Told::new(look.say("hints.title"), lines);
        told.takes = terms != Hints::None && run.is_open() && face.decides(run);
        told
    }

    /// The hint that was just taken.
    pub fn hinted(face: &Face, run: &Run) -> Told {
        let look = &face.look;
        let words = hints_for(run, face.drill.seat.id).last().map(|hinted| spoken::hint(hinted, &run.case, &look.lang));
        let mut lines: Vec<(Role, String)> =
            words.unwrap_or_default().lines().map(|line| (Role::Text, line.to_string())).collect();
        lines.push((Role::Text, String::new()));
        let key = panes::reach(face, Do::Hint);
        lines.push((Role::Dim, look.lang.with("hints.kept", &[("key", &key)])));
        Told::new(look.say("hints.title"), lines)
    }

    /// What was on pages and does not last.
    pub fn tray(face: &Face, run: &Run) -> Told {
        let look = &face.look;
        let mut lines = vec![(Role::Dim, look.say("tray.about-it").to_string()), (Role::Text, String::new())];
        let tray = run.volatile();
        if tray.is_empty() {
            lines.push((Role::Text, look.say("tray.none").to_string()));
        }
        lines.extend(tray.iter().map(|own| tray_line(look, own, run.now())));
        Told::new(look.say("tray.title"), lines)
    }

    /// One concept: what the part does, how it fails, where that shows, what to ask first, and the commands.
    pub fn card(face: &Face, story: &Story, told: &CardTold) -> Told {
        let look = &face.look;
        let Some(text) = told.card.text(look.lang.code) else { return Told::new("", Vec::new()) };
        let mut lines = Vec::new();
        for (key, words) in [("does", &text.does), ("fails", &text.fails), ("shows", &text.shows), ("next", &text.next)]
        {
            lines.push((Role::Focus, look.say(&format!("card.{key}")).to_string()));
            lines.push((Role::Text, format!("  {words}")));
        }
        lines.push((Role::Focus, look.say("card.commands").to_string()));
        lines.extend(told.card.commands.iter().map(|command| (Role::Key, format!("  $ {command}"))));
        if !told.clues.is_empty() {
            lines.push((Role::Text, String::new()));
        }
        for clue in &told.clues {
            lines.push((Role::Dim, crate::report::cards::why(&story.told, clue, &look.lang)));
        }
        Told::new(&text.title, lines)
    }

    /// An act that printed nothing.
    pub fn act(face: &Face, words: String) -> Told {
        Told::new(face.look.say("acts.title"), vec![(Role::Text, words)])
    }

    pub fn contexts(&self) -> Vec<&'static str> {
        if self.takes { vec!["hints", "told"] } else { vec!["told"] }
    }

    fn frame(&self, area: Rect) -> (Rect, Vec<(Role, String)>) {
        let width = area.width.min(92);
        let mut rows = Vec::new();
        for (role, words) in &self.lines {
            let indent = words.len() - words.trim_start().len();
            for (at, range) in paint::rows(words, width.saturating_sub(6)).into_iter().enumerate() {
                let lead = if at == 0 { String::new() } else { " ".repeat(indent.min(8) + 2) };
                rows.push((*role, lead + &words[range]));
            }
        }
        (paint::middle(area, width, (rows.len() as u16).saturating_add(4)), rows)
    }

    pub fn update(mut self, face: &mut Face, does: Do) -> Option<Vec<Ask>> {
        if does == Do::Take {
            return Some(vec![Ask::Act(Act::Hint)]);
        }
        let (frame, rows) = self.frame(face.area());
        let slid = self.scroll.slide(does, rows.len(), usize::from(frame.height.saturating_sub(3)));
        face.overlays.push(Overlay::Told(self));
        slid.then(Vec::new)
    }

    pub fn view(&self, face: &Face, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let (frame, rows) = self.frame(area);
        let inner = sheet(face, frame, &self.title, buf);
        let height = usize::from(inner.height.saturating_sub(1));
        let top = self.scroll.top.min(rows.len().saturating_sub(height));
        let room = inner.width.saturating_sub(2);
        for (row, (role, words)) in rows.iter().skip(top).take(height).enumerate() {
            paint::clipped(buf, (inner.x + 1, inner.y + row as u16), room, words, face.look.of(*role));
        }
        let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), width: room, ..inner };
        let scrolls: &[Do] = &[Do::Take, Do::Down, Do::PageDown, Do::Back];
        let fits: &[Do] = &[Do::Take, Do::Back];
        keys_line(face, if rows.len() > height { scrolls } else { fits }, keys, buf);
        None
    }
}

/// `○ Pod shop/checkout-x · pod status · until 10:54:20 (in 50m) · seen 10:04:20, p3 · in the bag`.
fn tray_line(look: &Look, own: &Volatile, now: Time) -> (Role, String) {
    let until = match own.until {
        Some(at) if !own.gone => format!("{} {} ({})", look.say("tray.till"), at.clock(), (at - now).human()),
        _ => format!("{} {}", look.say("tray.till"), spoken::lasts(own.lasts, &look.lang)),
    };
    let state = match (own.gone, own.bagged) {
        (true, true) => format!(" · {} · {}", look.say("tray.gone"), look.say("tray.bagged")),
        (true, false) => format!(" · {}", look.say("tray.gone")),
        (false, true) => format!(" · {}", look.say("tray.bagged")),
        (false, false) => String::new(),
    };
    let (sign, role) = match (own.gone, own.bagged) {
        (_, true) => ("✓", Role::Good),
        (true, false) => ("✗", Role::Dim),
        (false, false) => ("○", Role::Warn),
    };
    let name = if own.object.namespace.is_empty() {
        own.object.name.clone()
    } else {
        format!("{}/{}", own.object.namespace, own.object.name)
    };
    let what = crate::stdx::text::harmless(&format!("{} {name}", own.object.kind));
    let seen = format!("{} {}, p{}", look.say("tray.looked"), own.seen.clock(), own.page);
    let instrument = spoken::instrument(own.channel, &look.lang);
    (role, format!("{sign} {} · {instrument} · {until} · {seen}{state}", what.trim()))
}

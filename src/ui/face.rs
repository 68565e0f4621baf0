//! One person's face: which screen, what lies over it, how it looks; the walk of an event and of a picture. Does not know
//! what single panes and overlays do.

use super::ask::Ask;
use super::event::{Acted, Event};
use super::key::Key;
use super::keymap::{Command, Do, Keymap};
use super::lang::Lang;
use super::overlays::{self, Overlay, form, told::Told};
use super::room::RoomView;
use super::screens::stats::{Progress, Stats};
use super::screens::{self, briefing::Briefing, debrief::Debrief, drill::Drill, list::Card, list::List, lobby::Lobby};
use super::seat::OwnSeat;
use super::theme::{Role, Theme};
use super::widgets::editor::Editor;
use super::widgets::paint;
use crate::drill::notice::Sentence;
use crate::drill::run::{Phase, Run};
use crate::drill::team::{Deed, rights};
use crate::drill::terms::Mode;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use std::sync::Arc;

/// How a face looks and speaks.
#[derive(Clone, Debug)]
pub struct Look {
    pub theme: Theme,
    pub lang: Lang,
    pub lines: paint::Lines,
}

impl Look {
    pub fn of(&self, role: Role) -> Style {
        self.theme.of(role)
    }
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.lang.say(key)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    #[default]
    List,
    Briefing,
    Drill,
    Debrief,
    Stats,
    /// A room before its case begins.
    Lobby,
}

/// What a face shows besides itself. Read only.
#[derive(Clone, Copy, Default)]
pub struct Scene<'a> {
    pub cards: &'a [Card],
    pub run: Option<&'a Run>,
    pub story: Option<&'a screens::debrief::Story>,
    /// What is left to read after an interview, in place of the debrief.
    pub sheet: Option<&'a screens::debrief::Sheet>,
    pub harm: &'a [f64],
    pub progress: Option<&'a Progress>,
    /// What one meant to do first the next time, as said after the last run.
    pub pledge: Option<&'a str>,
    /// The room, where several play; and whose face it is (0 for somebody alone).
    pub room: Option<RoomView<'a>>,
    pub seat: u16,
}

#[derive(Clone, Debug)]
pub struct Face {
    pub size: (u16, u16),
    pub look: Look,
    pub keymap: Arc<Keymap>,
    pub screen: Screen,
    pub list: List,
    pub briefing: Briefing,
    pub drill: Drill,
    pub debrief: Debrief,
    pub stats: Stats,
    pub lobby: Lobby,
    /// The last is on top.
    pub overlays: Vec<Overlay>,
    /// One line below the panes, until the next key.
    pub flash: Option<(Role, String)>,
}

impl Face {
    pub fn new(look: Look, size: (u16, u16)) -> Face {
        Face {
            size,
            look,
            keymap: Arc::new(Keymap::standard()),
            screen: Screen::List,
            list: List::default(),
            briefing: Briefing::default(),
            drill: Drill::default(),
            debrief: Debrief::default(),
            stats: Stats::default(),
            lobby: Lobby::default(),
            overlays: Vec::new(),
            flash: None,
        }
    }

    pub fn area(&self) -> Rect {
        Rect { x: 0, y: 0, width: self.size.0, height: self.size.1 }
    }

    pub fn say(&self, key: &str) -> String {
        self.look.say(key).to_string()
    }

    /// Whether a command can lead to something now.
    pub fn can(&self, does: Do) -> bool {
        match self.screen {
            Screen::Drill => !self.drill.barred.contains(&does) && !self.drill.seat.denied.contains(&does),
            // What is over is only read.
            Screen::Debrief => !matches!(does, Do::Bag | Do::BagPage | Do::Range),
            _ => true,
        }
    }

    /// Whether a command is for this seat at all: in the palette only those are.
    pub fn has(&self, command: &Command) -> bool {
        let seated = self.drill.seat.is_seated();
        (seated || !command.seated) && !(seated && self.drill.seat.denied.contains(&command.does))
    }

    /// Whether this seat decides: somebody alone does.
    pub fn decides(&self, run: &Run) -> bool {
        run.mode != Mode::Gameday || rights::allows(run, self.drill.seat.id, Deed::Decide)
    }

    /// Says something on the flash line, by language key.
    pub fn tell(&mut self, role: Role, key: &str) {
        self.flash = Some((role, self.say(key)));
    }

    /// Shows the screen where a run stands; called when a run is opened or its phase moved.
    pub fn follow(&mut self, run: &Run) {
        let screen = match run.phase {
            // The briefing was left, but nothing was done yet.
            Phase::Briefing if self.screen == Screen::Drill => Screen::Drill,
            Phase::Briefing => Screen::Briefing,
            Phase::Investigating | Phase::Cross => Screen::Drill,
            Phase::Closed => Screen::Debrief,
        };
        if screen != self.screen {
            self.screen = screen;
            self.overlays.clear();
            // What one thinks of oneself is asked before any number is seen.
            if screen == Screen::Debrief && run.mode == Mode::Interview {
                let asked = overlays::interview::FollowUps::of(self, run);
                self.overlays.extend(asked.map(Overlay::FollowUps));
            } else if screen == Screen::Debrief
                && run.board.hearing.reflection.is_none()
                && run.entry() > 0
                && self.decides(run)
            {
                let reflect = Overlay::form(form::Kind::Reflect, run, self);
                self.overlays.push(reflect);
            }
        }
        let open = |own: &Overlay| matches!(own, Overlay::Cross(_));
        if run.phase == Phase::Cross && self.decides(run) && !self.overlays.iter().any(open) {
            self.overlays.push(Overlay::cross());
        }
    }

    /// Starts afresh for a newly opened run.
    pub fn opened(&mut self, run: &Run) {
        self.opened_at(run, 0);
    }

    /// The same for a seat of a room.
    pub fn opened_at(&mut self, run: &Run, seat: u16) {
        self.drill = Drill { seat: OwnSeat::of(seat), ..Drill::default() };
        self.drill.seat.follow(run);
        self.drill.focus = self.drill.seat.home();
        self.briefing = Briefing::default();
        self.debrief = Debrief::default();
        let last = self.drill.last_page(run);
        self.drill.shell.follow_end(last);
        self.drill.known = screens::drill::Known::of(run, seat);
        self.drill.bar(run);
        self.drill.following = super::panes::logs::standing(run, seat).next().is_some();
        self.drill.shell.preface = super::panes::shell::preface(&self.look, run);
        self.screen = Screen::Briefing;
        self.follow(run);
    }

    /// The text field that takes characters now, if one does.
    pub fn editor(&mut self) -> Option<&mut Editor> {
        if let Some(top) = self.overlays.last_mut() {
            return top.editor();
        }
        match self.screen {
            Screen::List => self.list.editor(),
            Screen::Drill => self.drill.editor(),
            Screen::Briefing | Screen::Debrief | Screen::Stats | Screen::Lobby => None,
        }
    }

    /// The contexts of the key table that apply now, first wins.
    pub fn contexts(&self) -> Vec<&'static str> {
        let mut contexts = match self.overlays.last() {
            Some(top) => top.contexts(),
            None => screens::row(self.screen).contexts(self),
        };
        contexts.push("global");
        contexts
    }
}

/// An event in, asks out.
pub fn update(face: &mut Face, event: Event, scene: &Scene) -> Vec<Ask> {
    if let Some(run) = scene.run.filter(|_| face.drill.seat.id > 0) {
        let home = face.drill.seat.home();
        face.drill.seat.follow(run);
        // Who got another role is at home elsewhere.
        if face.drill.seat.home() != home || !face.drill.seat.panes.contains(&face.drill.focus) {
            face.drill.focus = face.drill.seat.home();
        }
    }
    let asks = happens(face, event, scene);
    if let Some(run) = scene.run.filter(|_| face.drill.seat.id > 0) {
        face.drill.bar(run);
    }
    asks
}

fn happens(face: &mut Face, event: Event, scene: &Scene) -> Vec<Ask> {
    match event {
        Event::Key(key) => key_pressed(face, key, scene),
        Event::Paste(text) => pasted(face, &text),
        Event::Resize { columns, rows } => {
            face.size = (columns, rows);
            Vec::new()
        }
        Event::Wheel { lines }
            if face.overlays.is_empty() && face.screen == Screen::Drill && face.drill.takes_paste() =>
        {
            if let Some(run) = scene.run {
                screens::drill::wheel(face, run, i64::from(lines));
            }
            Vec::new()
        }
        Event::Wheel { lines } => {
            let does = if lines < 0 { Do::Up } else { Do::Down };
            (0..lines.unsigned_abs().min(16)).flat_map(|_| act(face, does, scene).unwrap_or_default()).collect()
        }
        Event::Click { column, row } => clicked(face, (column, row), scene),
        Event::Acted(acted) => {
            happened(face, acted, scene);
            Vec::new()
        }
    }
}

fn key_pressed(face: &mut Face, key: Key, scene: &Scene) -> Vec<Ask> {
    face.flash = None;
    if let (Key::Char(digit @ '1'..='9'), Some(run), Screen::Drill) = (key, scene.run, face.screen)
        && face.contexts().iter().any(|context| matches!(*context, "select" | "logs" | "pager"))
    {
        screens::drill::aim(face, digit, run);
        return Vec::new();
    }
    if let (Key::Char(digit @ '1'..='9'), Screen::Drill, true) = (key, face.screen, face.overlays.is_empty())
        && face.drill.seat.is_seated()
        && !face.drill.takes_paste()
    {
        let pane = digit.to_digit(10).and_then(|digit| face.drill.seat.panes.get(digit as usize - 1).copied());
        pane.into_iter().for_each(|pane| face.drill.focus_on(pane));
        return Vec::new();
    }
    if let (Key::Char(digit @ '0'..='9'), Screen::Debrief, true) = (key, face.screen, face.overlays.is_empty()) {
        return screens::debrief::jump(face, digit, scene);
    }
    for context in face.contexts() {
        let Some(does) = face.keymap.find(context, key) else { continue };
        if let Some(asks) = act(face, does, scene) {
            return asks;
        }
    }
    if let (Key::Char(c), Some(editor)) = (key, face.editor()) {
        editor.insert(c.encode_utf8(&mut [0; 4]));
        typed(face, scene);
    }
    Vec::new()
}

/// Does a command where it belongs: the top overlay alone, else pane and screen, else what works everywhere.
pub fn act(face: &mut Face, does: Do, scene: &Scene) -> Option<Vec<Ask>> {
    if let Some(editor) = face.editor()
        && editor.edit(does)
    {
        typed(face, scene);
        return Some(Vec::new());
    }
    let done = if face.overlays.is_empty() {
        screens::row(face.screen).update(face, does, scene)
    } else {
        overlays::update(face, does, scene)
    };
    if does == Do::Pledge
        && let (Screen::Debrief, Some(run), true) = (face.screen, scene.run, face.overlays.is_empty())
    {
        let pledge = Overlay::form(form::Kind::Pledge, run, face);
        face.overlays.push(pledge);
        return Some(Vec::new());
    }
    if does == Do::Beside && scene.run.is_some_and(|run| run.mode == Mode::Interview) && face.overlays.is_empty() {
        face.overlays.push(Overlay::prompt(overlays::prompt::For::Beside, "", face));
        return Some(Vec::new());
    }
    done.or_else(|| everywhere(face, does))
}

/// What works on every screen.
fn everywhere(face: &mut Face, does: Do) -> Option<Vec<Ask>> {
    match does {
        Do::Repaint => return Some(vec![Ask::Repaint]),
        Do::Suspend => return Some(vec![Ask::Suspend]),
        Do::Help => face.overlays.push(Overlay::help(face)),
        Do::Palette => face.overlays.push(Overlay::palette(face)),
        Do::Theme => next_theme(face),
        Do::Quit if matches!(face.screen, Screen::List | Screen::Debrief | Screen::Stats | Screen::Lobby) => {
            return Some(vec![Ask::Quit]);
        }
        Do::Quit => face.overlays.push(Overlay::confirm(overlays::confirm::Question::Quit)),
        Do::Shelve => return Some(vec![Ask::Shelve]),
        _ => return None,
    }
    Some(Vec::new())
}

fn next_theme(face: &mut Face) {
    let names = super::theme::THEMES;
    let at = names.iter().position(|(name, _)| *name == face.look.theme.name).unwrap_or(0);
    let (name, _) = names[(at + 1) % names.len()];
    if let Some(theme) = Theme::named(name) {
        face.look.theme = theme;
    }
    face.flash = Some((Role::Info, name.to_string()));
}

/// Text changed: what depends on it starts anew.
fn typed(face: &mut Face, scene: &Scene) {
    match face.overlays.last_mut() {
        Some(top) => top.typed(),
        None if face.screen == Screen::List => face.list.typed(scene.cards),
        None => face.drill.shell.typed(),
    }
}

fn pasted(face: &mut Face, text: &str) -> Vec<Ask> {
    if face.overlays.is_empty() && face.screen == Screen::Drill && face.drill.takes_paste() {
        if let Some(waiting) = face.drill.shell.paste(text) {
            let words = face.look.lang.with("shell.pasted", &[("n", &waiting.to_string())]);
            face.flash = Some((Role::Info, words));
        }
    } else if let Some(editor) = face.editor() {
        editor.insert(&text.replace(['\n', '\r', '\t'], " "));
    }
    Vec::new()
}

/// What was said for the learner to read stays until it is put away.
fn said(face: &mut Face, run: &Run, known: screens::drill::Known) {
    let now = face.drill.known;
    let told = if now.hints > known.hints {
        Told::hinted(face, run)
    } else if now.attempts > known.attempts && run.is_open() {
        Told::judged(face, run)
    } else {
        return;
    };
    face.flash = None;
    face.overlays.clear();
    face.overlays.push(Overlay::Told(told));
}

fn clicked(face: &mut Face, at: (u16, u16), scene: &Scene) -> Vec<Ask> {
    if face.overlays.is_empty() && face.screen == Screen::Drill {
        let area = face.area();
        let coach = scene.run.map_or(0, |run| screens::drill::coach_height(face, run, area));
        face.drill.clicked(area, coach, at);
    }
    Vec::new()
}

fn happened(face: &mut Face, acted: Acted, scene: &Scene) {
    if let Some(notice) = acted.notice {
        let words = scene.run.map(|run| notice.words(&run.case, &face.look.lang));
        // Objections are read where they are answered.
        let crossed = notice.0.iter().any(|own| matches!(own, Sentence::Objection(_)));
        face.flash = words.filter(|_| !crossed).map(|words| (Role::Info, words.replace('\n', " ")));
    }
    face.drill.unread += acted.arrived;
    if let Some(run) = scene.run {
        let known = face.drill.known;
        if let Some(words) = face.drill.news(run, &face.look) {
            face.flash = Some((Role::Good, words));
        }
        face.drill.acted(run, acted.page);
        face.follow(run);
        said(face, run, known);
    }
}

/// Draws everything; gives where the real cursor stands, if a text field has it.
pub fn view(face: &Face, scene: &Scene, buf: &mut Buffer) -> Option<Position> {
    let area = face.area().intersection(buf.area);
    if area.is_empty() {
        return None;
    }
    if face.look.theme.name == "high-contrast" {
        paint::tint(buf, area, face.look.of(Role::Text));
    }
    let mut caret = screens::row(face.screen).view(face, scene, area, buf);
    for overlay in &face.overlays {
        caret = overlay.view(face, scene, area, buf);
    }
    if face.look.lines == paint::Lines::Ascii {
        paint::to_ascii(buf, area);
    }
    caret
}

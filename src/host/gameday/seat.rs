//! One person at a room: a face, what they typed, what their terminal shows, and the way to it. Does not know the run.

use super::input::Input;
use super::limits;
use super::line::Ward;
use crate::host::painter::{Depth, Shown};
use crate::ui::event::Event;
use crate::ui::face::{Face, Look};
use crate::ui::keymap::Keymap;
use crate::ui::lang::Lang;
use crate::ui::theme::Theme;
use crate::ui::widgets::paint::Lines;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Semaphore, mpsc};

const TAKE: &str = "\x1b[?1049h\x1b[?2004h\x1b[?25l";

/// What a client said of its terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    pub size: (u16, u16),
    pub term: String,
    pub colorterm: String,
    pub no_color: String,
    /// Of `LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is set.
    pub locale: String,
}

impl Client {
    pub fn depth(&self) -> Depth {
        Depth::of(&self.term, &self.colorterm, &self.no_color)
    }
}

/// What goes to a connection.
#[derive(Debug)]
pub enum Out {
    Frame(Vec<u8>),
    /// The last bytes, and the exit code.
    Close(Vec<u8>, u32),
}

/// The way from a room to one connection. Dropped, it ends the connection.
#[derive(Debug)]
pub struct Link {
    pub session: u64,
    /// One picture on its way and the last words fit in.
    pub out: mpsc::Sender<Out>,
    /// What may be typed ahead.
    pub credits: Arc<Semaphore>,
    pub ward: Arc<Ward>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.credits.close();
        self.ward.end();
    }
}

/// What came and was not looked at yet.
#[derive(Debug)]
struct Packet {
    bytes: Vec<u8>,
    at: usize,
    cost: usize,
}

#[derive(Debug)]
pub struct Sitting {
    pub link: Link,
    pub face: Face,
    pub code: Option<String>,
    /// What is shown may differ from what there is.
    pub dirty: bool,
    /// Somebody waits for an answer to a key.
    pub keyed: bool,
    /// The last picture is still being written.
    pub busy: bool,
    shown: Shown,
    depth: Depth,
    input: Input,
    typed: VecDeque<Packet>,
    moments: Moments,
}

/// When what happened at a seat.
#[derive(Debug)]
struct Moments {
    came: Instant,
    touched: Instant,
    drawn: Option<Instant>,
    /// When a key was last answered.
    answered: Option<Instant>,
}

/// A look for a client: its language, its colours.
pub fn look(client: &Client, langs: &[Lang]) -> Look {
    let code = if client.locale.starts_with("ko") { "ko" } else { "en" };
    let lang = langs.iter().find(|lang| lang.code == code).or(langs.first()).cloned().unwrap_or_default();
    let theme =
        if client.depth() == Depth::None { Theme::plain() } else { Theme::named("dark").unwrap_or_else(Theme::plain) };
    Look { theme, lang, lines: Lines::Box }
}

pub fn clamped((columns, rows): (u16, u16)) -> (u16, u16) {
    match (columns, rows) {
        (0, _) | (_, 0) => limits::SIZE_UNKNOWN,
        _ => (columns.min(limits::COLUMNS_MAX), rows.min(limits::ROWS_MAX)),
    }
}

impl Sitting {
    pub fn new(link: Link, client: &Client, langs: &[Lang], keymap: &Arc<Keymap>, code: Option<String>) -> Sitting {
        let mut face = Face::new(look(client, langs), clamped(client.size));
        face.keymap = Arc::clone(keymap);
        Sitting {
            link,
            face,
            code,
            dirty: true,
            keyed: true,
            busy: false,
            shown: Shown::new(),
            depth: client.depth(),
            input: Input::default(),
            typed: VecDeque::new(),
            moments: Moments { came: Instant::now(), touched: Instant::now(), drawn: None, answered: None },
        }
    }

    /// Takes bytes in, to be looked at in this seat's turn.
    pub fn type_in(&mut self, bytes: Vec<u8>, cost: usize) {
        self.typed.push_back(Packet { bytes, at: 0, cost });
    }

    /// Whether anything is to be looked at.
    pub fn has_typed(&self) -> bool {
        !self.typed.is_empty()
    }

    /// The next event, from no more than so many bytes; those that were looked at may be sent anew.
    pub fn next_event(&mut self, left: &mut usize) -> Option<Event> {
        loop {
            if let Some(event) = self.input.next() {
                return Some(event);
            }
            let packet = self.typed.front_mut()?;
            if *left == 0 {
                return None;
            }
            if let Some(byte) = packet.bytes.get(packet.at) {
                packet.at += 1;
                *left -= 1;
                self.input.take(*byte);
                self.moments.touched = Instant::now();
            } else {
                self.link.credits.add_permits(packet.cost);
                self.typed.pop_front();
                if self.typed.is_empty() {
                    self.input.rest();
                }
            }
        }
    }

    /// When what was begun is settled.
    pub fn settles_at(&self) -> Option<Instant> {
        (self.input.is_open() && self.typed.is_empty()).then_some(self.moments.touched + limits::ESCAPE_AFTER)
    }

    pub fn settle(&mut self) {
        self.input.settle();
    }

    /// Another size: everything is drawn anew.
    pub fn repaint(&mut self) {
        self.shown.forget();
        self.dirty = true;
    }

    /// When this seat may be drawn, if it is to be.
    pub fn due_at(&self) -> Option<Instant> {
        // A key is answered at once, even if the clock was drawn a moment ago.
        let last = if self.keyed { self.moments.answered } else { self.moments.drawn };
        (self.dirty && !self.busy).then(|| last.map_or(self.moments.came, |at| at + limits::FRAME_EVERY))
    }

    /// It was drawn.
    pub fn painted(&mut self, now: Instant) {
        if self.keyed {
            self.moments.answered = Some(now);
        }
        (self.dirty, self.keyed, self.moments.drawn) = (false, false, Some(now));
    }

    /// When it was last drawn.
    pub fn drawn(&self) -> Option<Instant> {
        self.moments.drawn
    }

    /// The bytes of the next picture, drawn on a buffer that the room lends; nothing if it is the one that is shown.
    pub fn paint(
        &mut self,
        scratch: &mut Buffer,
        view: impl FnOnce(&Face, &mut Buffer) -> Option<Position>,
    ) -> Vec<u8> {
        let (width, height) = self.face.size;
        let area = Rect { x: 0, y: 0, width, height };
        if scratch.area == area {
            scratch.reset();
        } else {
            *scratch = Buffer::empty(area);
        }
        let caret = view(&self.face, scratch);
        let mut out = Vec::new();
        if self.moments.drawn.is_none() {
            // What somebody needs to come back stays on their own screen, whatever becomes of the server.
            if let Some(code) = &self.code {
                let words = self.face.look.lang.with("room.code", &[("code", code)]);
                out.extend_from_slice(format!("{words}\r\n").as_bytes());
            }
            out.extend_from_slice(TAKE.as_bytes());
        }
        self.shown.paint(scratch, caret, self.depth, &mut out);
        out
    }
}

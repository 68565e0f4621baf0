//! What a client types as events: keys, pastes. Bounded in bytes and in time, whatever comes; a lone escape is told from the
//! beginning of a sequence by its holder's clock. Does not know whose it is.

use super::limits;
use crate::ui::event::Event;
use crate::ui::key::{Key, Named};
use std::collections::VecDeque;
use termina::Parser;
use termina::event::{KeyCode, KeyEvent, KeyEventKind, Modifiers};

const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// One client's typing.
#[derive(Debug, Default)]
pub struct Input {
    /// Only while something is begun: whoever is quiet costs nothing.
    parser: Option<Box<Parser>>,
    /// Bytes given to the parser since its last event.
    unfinished: usize,
    /// How much of the beginning of a paste has come.
    mark: usize,
    paste: Option<Vec<u8>>,
    events: VecDeque<Event>,
}

impl Input {
    /// Takes one byte in.
    pub fn take(&mut self, byte: u8) {
        if self.paste.is_some() {
            return self.pasted(byte);
        }
        self.mark = match () {
            () if PASTE_BEGINS.get(self.mark) == Some(&byte) => self.mark + 1,
            () => usize::from(byte == 0x1b),
        };
        if self.mark == PASTE_BEGINS.len() {
            self.forget();
            self.paste = Some(Vec::new());
            return;
        }
        self.parser.get_or_insert_default().parse(&[byte], true);
        self.unfinished += 1;
        self.drain();
        if self.unfinished > limits::SEQUENCE_BYTES_MAX {
            self.forget();
        }
    }

    fn pasted(&mut self, byte: u8) {
        let Some(paste) = &mut self.paste else { return };
        paste.push(byte);
        if paste.ends_with(PASTE_ENDS) {
            paste.truncate(paste.len() - PASTE_ENDS.len());
            paste.truncate(limits::PASTE_BYTES_MAX);
            let text = crate::stdx::text::harmless(&String::from_utf8_lossy(paste).replace('\r', "\n"));
            self.paste = None;
            self.events.push_back(Event::Paste(text));
        } else if paste.len() > 2 * limits::PASTE_BYTES_MAX {
            // What is left out is never kept; the end may still come.
            paste.drain(limits::PASTE_BYTES_MAX..paste.len() - PASTE_ENDS.len());
        }
    }

    /// Nobody types any more for now.
    pub fn rest(&mut self) {
        if self.unfinished == 0 && self.events.is_empty() {
            self.parser = None;
            self.events.shrink_to(0);
        }
    }

    /// Whether something is begun that more bytes may finish.
    pub fn is_open(&self) -> bool {
        self.unfinished > 0
    }

    /// Nothing more came: what is begun is taken for what it is.
    pub fn settle(&mut self) {
        self.parser.get_or_insert_default().parse(&[], false);
        self.drain();
        self.forget();
    }

    /// The next event, if one is whole.
    pub fn next(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn forget(&mut self) {
        self.parser = None;
        (self.unfinished, self.mark) = (0, 0);
    }

    fn drain(&mut self) {
        while let Some(raw) = self.parser.as_mut().and_then(|parser| parser.pop()) {
            self.unfinished = 0;
            if let termina::Event::Key(key) = raw {
                self.events.extend(own_key(key).map(Event::Key));
            }
        }
    }
}

/// A key in our words; releases and what we do not use are `None`.
fn own_key(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let ctrl = key.modifiers.contains(Modifiers::CONTROL);
    let named = match key.code {
        KeyCode::Char(c) if ctrl => return Some(Key::Ctrl(c.to_ascii_lowercase())),
        KeyCode::Char(c) if key.modifiers.contains(Modifiers::ALT) => return Some(Key::Alt(c)),
        // What turns the reading direction or shows nothing is not text.
        KeyCode::Char(c) => {
            let mut bytes = [0; 4];
            let typed = c.encode_utf8(&mut bytes);
            return (crate::stdx::text::harmless(typed) == *typed && !c.is_control()).then_some(Key::Char(c));
        }
        KeyCode::Enter => Named::Enter,
        KeyCode::Escape => Named::Esc,
        KeyCode::Tab => Named::Tab,
        KeyCode::BackTab => Named::BackTab,
        KeyCode::Backspace => Named::Backspace,
        KeyCode::Delete => Named::Delete,
        KeyCode::Up => Named::Up,
        KeyCode::Down => Named::Down,
        KeyCode::Left => Named::Left,
        KeyCode::Right => Named::Right,
        KeyCode::Home => Named::Home,
        KeyCode::End => Named::End,
        KeyCode::PageUp => Named::PageUp,
        KeyCode::PageDown => Named::PageDown,
        KeyCode::Function(1) => Named::F1,
        _ => return None,
    };
    Some(if ctrl { Key::CtrlNamed(named) } else { Key::Named(named) })
}

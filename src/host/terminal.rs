//! The terminal: taken, drawn on, and given back as it was, whatever happens. Does not know what is drawn.

use super::painter::{Depth, Pen};
use crate::ui::key::{Key, Named};
use crossterm::event::{Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Larger terminals are drawn on in their upper left part, so that an absurd size costs no memory.
pub const COLUMNS_MAX: u16 = 500;
pub const ROWS_MAX: u16 = 200;
/// What a terminal that does not know its size is taken for.
const SIZE_UNKNOWN: (u16, u16) = (80, 24);

const TAKE: &str = "\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[2J\x1b[H";
const MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
pub const GIVE_BACK: &str = "\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";

/// Whether the terminal is ours now: read by the panic hook, which has no terminal at hand.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back. May be called at any time and twice; failures are nobody's to hear.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = out.write_all(GIVE_BACK.as_bytes());
        let _ = out.flush();
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

pub struct Terminal {
    shown: Buffer,
    next: Buffer,
    bytes: Vec<u8>,
    caret: Option<Position>,
    mouse: bool,
    depth: Depth,
}

impl Terminal {
    pub fn take(mouse: bool) -> io::Result<Terminal> {
        let area = area();
        let (shown, next) = (Buffer::empty(area), Buffer::empty(area));
        let colourless = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let depth = if colourless { Depth::None } else { Depth::Full };
        let mut terminal = Terminal { shown, next, bytes: Vec::new(), caret: None, mouse, depth };
        terminal.retake()?;
        Ok(terminal)
    }

    /// Takes the terminal (again), as after a suspend; the next frame is drawn whole.
    pub fn retake(&mut self) -> io::Result<()> {
        // A stopped process may come back to a terminal that somebody else changed: set the modes anew.
        crossterm::terminal::disable_raw_mode()?;
        crossterm::terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        out.write_all(TAKE.as_bytes())?;
        if self.mouse {
            out.write_all(MOUSE.as_bytes())?;
        }
        out.flush()?;
        self.resize();
        Ok(())
    }

    /// Looks at the size anew and forgets what is shown.
    pub fn resize(&mut self) {
        let area = area();
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.caret = None;
        self.bytes.extend_from_slice(b"\x1b[0m\x1b[2J");
    }

    pub fn size(&self) -> (u16, u16) {
        (self.next.area.width, self.next.area.height)
    }

    /// Draws one frame: only cells that differ are written, in one write.
    pub fn draw(&mut self, view: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<()> {
        self.next.reset();
        let caret = view(&mut self.next);
        let hidden = self.caret.is_none();
        let mut bytes = std::mem::take(&mut self.bytes);
        let changed = self.shown.diff(&self.next);
        if !hidden && (caret.is_none() || !changed.is_empty()) {
            bytes.extend_from_slice(b"\x1b[?25l");
        }
        let mut pen = Pen::new(self.depth);
        for (x, y, cell) in changed {
            pen.cell(&mut bytes, (x, y), cell);
        }
        pen.lift(&mut bytes);
        if let Some(at) = caret {
            write!(bytes, "\x1b[{};{}H\x1b[?25h", at.y + 1, at.x + 1)?;
        }
        self.caret = caret;
        std::mem::swap(&mut self.shown, &mut self.next);
        let mut out = io::stdout().lock();
        let done = out.write_all(&bytes).and_then(|()| out.flush());
        bytes.clear();
        self.bytes = bytes;
        done
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn area() -> Rect {
    let (columns, rows) = crossterm::terminal::size().unwrap_or(SIZE_UNKNOWN);
    let (columns, rows) = if columns == 0 || rows == 0 { SIZE_UNKNOWN } else { (columns, rows) };
    Rect { x: 0, y: 0, width: columns.min(COLUMNS_MAX), height: rows.min(ROWS_MAX) }
}

/// A raw event in our words; releases and what we do not use are `None`.
pub fn event(raw: Raw) -> Option<crate::ui::event::Event> {
    use crate::ui::event::Event;
    match raw {
        Raw::Key(key) if key.kind != KeyEventKind::Release => own_key(key).map(Event::Key),
        Raw::Paste(text) => Some(Event::Paste(text)),
        Raw::Resize(..) => Some(Event::Resize { columns: 0, rows: 0 }),
        Raw::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Event::Click { column: mouse.column, row: mouse.row }),
            MouseEventKind::ScrollDown => Some(Event::Wheel { lines: 3 }),
            MouseEventKind::ScrollUp => Some(Event::Wheel { lines: -3 }),
            _ => None,
        },
        _ => None,
    }
}

fn own_key(key: KeyEvent) -> Option<Key> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let named = match key.code {
        KeyCode::Char(c) if ctrl => return Some(Key::Ctrl(c.to_ascii_lowercase())),
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::ALT) => return Some(Key::Alt(c)),
        KeyCode::Char(c) => return Some(Key::Char(c)),
        KeyCode::Enter => Named::Enter,
        KeyCode::Esc => Named::Esc,
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
        KeyCode::F(1) => Named::F1,
        _ => return None,
    };
    Some(if ctrl { Key::CtrlNamed(named) } else { Key::Named(named) })
}

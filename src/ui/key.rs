//! A key as the faces know it, and its name in the key table. Does not know any terminal library.

use std::fmt;

/// Keys without a character of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F1,
}

/// One key press. Shift shows in the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Char(char),
    Ctrl(char),
    Alt(char),
    Named(Named),
    CtrlNamed(Named),
}

const NAMES: &[(&str, Named)] = &[
    ("backspace", Named::Backspace),
    ("backtab", Named::BackTab),
    ("delete", Named::Delete),
    ("down", Named::Down),
    ("end", Named::End),
    ("enter", Named::Enter),
    ("esc", Named::Esc),
    ("f1", Named::F1),
    ("home", Named::Home),
    ("left", Named::Left),
    ("pagedown", Named::PageDown),
    ("pageup", Named::PageUp),
    ("right", Named::Right),
    ("tab", Named::Tab),
    ("up", Named::Up),
];

impl Key {
    /// Reads a name of the key table: `b`, `ctrl-r`, `alt-b`, `tab`, `ctrl-left`, `space`.
    pub fn parse(name: &str) -> Option<Key> {
        let named = |text: &str| NAMES.iter().find(|(n, _)| *n == text).map(|(_, k)| *k);
        let single = |text: &str| {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.next().is_none())
        };
        if name == "space" {
            return Some(Key::Char(' '));
        }
        if let Some(c) = single(name) {
            return Some(Key::Char(c));
        }
        if let Some(rest) = name.strip_prefix("ctrl-") {
            return single(rest).map(Key::Ctrl).or_else(|| named(rest).map(Key::CtrlNamed));
        }
        if let Some(rest) = name.strip_prefix("alt-") {
            return single(rest).map(Key::Alt);
        }
        named(name).map(Key::Named)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |k: &Named| NAMES.iter().find(|(_, n)| n == k).map_or("", |(n, _)| n);
        match self {
            Key::Char(' ') => f.write_str("Space"),
            Key::Char(c) => write!(f, "{c}"),
            Key::Ctrl(c) => write!(f, "^{}", c.to_ascii_uppercase()),
            Key::Alt(c) => write!(f, "M-{c}"),
            Key::CtrlNamed(k) => write!(f, "^{}", capital(name(k))),
            Key::Named(k) => f.write_str(&capital(name(k))),
        }
    }
}

fn capital(word: &str) -> String {
    match word {
        "backspace" => "Bksp".into(),
        "backtab" => "S-Tab".into(),
        "pagedown" => "PgDn".into(),
        "pageup" => "PgUp".into(),
        "up" => "↑".into(),
        "down" => "↓".into(),
        "left" => "←".into(),
        "right" => "→".into(),
        _ => {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
        }
    }
}

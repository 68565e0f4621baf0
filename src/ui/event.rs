//! Everything that can wake a face: one closed list. Does not know where it comes from.

use super::key::Key;
use crate::drill::notice::Notice;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Key(Key),
    /// Bracketed paste, with its newlines.
    Paste(String),
    Resize {
        columns: u16,
        rows: u16,
    },
    Click {
        column: u16,
        row: u16,
    },
    /// Wheel: negative is up.
    Wheel {
        lines: i16,
    },
    /// An act the face asked for is done.
    Acted(Acted),
}

/// What the host tells the face after an act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// The page that was printed, if any.
    pub page: Option<u32>,
    pub notice: Option<Notice>,
    /// How many messages arrived meanwhile.
    pub arrived: u32,
}

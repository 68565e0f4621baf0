//! What a face asks of the outside: data, never closures. Does not do anything.

use super::room::RoomAsk;
use crate::drill::act::Act;

#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Act(Act),
    /// Opens a case from the list.
    Play {
        slug: String,
    },
    /// Leaves the run (it can be resumed) and shows the list again.
    Shelve,
    /// What stands on the same pages in the healthy twin: it takes a moment.
    Contrast,
    /// Writes one's progress to a file.
    Export,
    /// Forgets one's progress; it was confirmed.
    Forget,
    /// Something of the room that one sits in.
    Room(RoomAsk),
    Suspend,
    /// Draw everything anew.
    Repaint,
    Quit,
}

//! What a face sees of a room beside its run: who is there, what is played, before the start and after; and what it may ask
//! of the room. Does not know connections, secrets' checks, or the run's rules.

use std::collections::BTreeMap;

/// What somebody asks of the room itself, not of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomAsk {
    /// The facilitator begins the case.
    Start,
    /// The facilitator has another telling of the case, before the start.
    Variant,
    /// The facilitator makes a new invite for a seat: whoever had it is out.
    Invite { seat: u16 },
    /// Closes one's own connection; the seat stays.
    Leave,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomPhase {
    /// People arrive; the case has not begun.
    #[default]
    Lobby,
    /// There is a run; how far it is, it says itself.
    Playing,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomSeat {
    pub id: u16,
    /// Empty while nobody has come.
    pub name: String,
    /// By their names in journals: `commander`, `operator`, ….
    pub roles: Vec<String>,
    /// The part of the case, or empty.
    pub part: String,
    pub connected: bool,
}

/// A room as all its seats may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomState {
    pub name: String,
    pub phase: RoomPhase,
    /// The case's name and title.
    pub case: String,
    pub title: String,
    /// `ssh -p 2222 blue@127.0.0.1`.
    pub join: String,
    pub seats: Vec<RoomSeat>,
}

/// A room as one seat sees it.
#[derive(Clone, Copy, Debug)]
pub struct RoomView<'a> {
    pub room: &'a RoomState,
    /// One's own seat.
    pub you: u16,
    /// One's own return code, in the first sitting of somebody without a key.
    pub code: Option<&'a str>,
    /// For the facilitator alone, empty for all others: invites that were made since the server started, by seat.
    pub invites: &'a BTreeMap<u16, String>,
    /// For the facilitator alone: which telling it is.
    pub variant: Option<&'a str>,
}

impl RoomView<'_> {
    pub fn own(&self) -> Option<&RoomSeat> {
        self.room.seats.iter().find(|seat| seat.id == self.you)
    }

    pub fn is_facilitator(&self) -> bool {
        self.own().is_some_and(|seat| seat.roles.iter().any(|role| role == "facilitator"))
    }
}

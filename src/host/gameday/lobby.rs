//! What a room tells its faces of itself, and what its facilitator may change before the start. Does not know secrets.

use super::room::Shared;
use super::roster::Roster;
use super::seat::Sitting;
use crate::drill::terms::Mode;
use crate::host::places::Places;
use crate::host::runs;
use crate::scenario;
use crate::ui::room::{RoomPhase, RoomSeat, RoomState};
use std::collections::BTreeMap;

pub fn state(shared: &Shared, roster: &Roster, here: &BTreeMap<u16, Box<Sitting>>, phase: RoomPhase) -> RoomState {
    let seats = roster.seats.iter().map(|place| RoomSeat {
        id: place.id,
        name: place.name.clone(),
        roles: place.roles.clone(),
        part: place.part.clone(),
        connected: here.contains_key(&place.id),
    });
    RoomState {
        name: roster.name.clone(),
        phase,
        case: roster.case.clone(),
        title: roster.title.clone(),
        join: join(&shared.join, &roster.name),
        seats: seats.collect(),
    }
}

/// `ssh -p 2222 blue@127.0.0.1`.
pub fn join((port, host): &(String, String), room: &str) -> String {
    format!("ssh {port}{room}@{host}")
}

/// The telling after this one, in the order of the file; after the last one it is drawn again.
pub fn next_variant(places: &Places, roster: &Roster) -> Result<Option<String>, String> {
    let pack = runs::pack_of(places, &roster.case, Mode::Drill)?;
    let file = scenario::file::read(&pack).map_err(|problems| scenario::render(&problems))?;
    let at = match &roster.variant {
        None => 0,
        Some(own) => file.variants.iter().position(|other| other == own).map_or(0, |at| at + 1),
    };
    Ok(file.variants.get(at).cloned())
}

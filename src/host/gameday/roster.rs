//! A room outside its run: its case before the start, its seats, who sits in them and what lets them in. Written whole by
//! another name first, so that it is never half there. Does not know connections or the run's rules.

use super::{limits, token};
use crate::scenario::gameday::{Card, Role};
use crate::stdx::text::harmless;
use crate::ui::widgets::paint;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The form of the file.
const FORMAT: u32 = 1;
const FILE: &str = "room.json";

/// One seat as the room keeps it. Secrets are hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// 1, 2, 3, …; 0 is the room itself.
    pub id: u16,
    /// Whoever sits there; empty before somebody came.
    pub name: String,
    /// By their names in journals.
    pub roles: Vec<String>,
    /// The part of the case, if it names one.
    #[serde(default)]
    pub part: String,
    /// Lets one person in, once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub invite: String,
    /// The fingerprint of the key that whoever sits there has proved.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Lets whoever has no key in again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

impl Place {
    pub fn is_taken(&self) -> bool {
        !self.name.is_empty()
    }

    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// What a room plays, before and after it began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    pub format: u32,
    pub name: String,
    pub case: String,
    /// The case's title, for lists.
    #[serde(default)]
    pub title: String,
    pub seed: u64,
    /// Which telling was asked for; drawn from the seed where none was.
    #[serde(default)]
    pub variant: Option<String>,
    /// Thousandths of wall time.
    pub speed: u32,
    /// The time-box in minutes, if another than the case's.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// The folder of its run among the runs, once it began.
    #[serde(default)]
    pub run: Option<String>,
    pub seats: Vec<Place>,
}

/// How somebody proves a right to a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A key whose signature was checked, and whom the file of keys calls so.
    Key { fingerprint: String, known: Option<(String, String)> },
    /// An invite or a return code, by its hash; and a key that was proved on the way.
    Secret { hash: String, name: String, fingerprint: Option<String> },
}

/// Whom the proof lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub seat: u16,
    /// Sat down for the first time.
    pub fresh: bool,
    /// The return code of somebody without a key, to be shown once.
    pub code: Option<String>,
}

/// A room's name: lower-case letters, digits and hyphens, as it stands in `ssh ROOM@HOST`.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= limits::ROOM_NAME_MAX && name.chars().all(plain) && !name.starts_with('-')
}

/// A person's name made harmless and short.
pub fn person(name: &str) -> String {
    let clean = harmless(name).replace(['\n', '\t'], " ");
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short = String::new();
    for c in words.chars() {
        short.push(c);
        if paint::columns(&short) > limits::NAME_MAX {
            short.pop();
            break;
        }
    }
    short.trim_end().to_string()
}

/// Roles of so many people beside the facilitator, who has seat 1: the commander first, then in the order in which a
/// growing team needs them.
pub fn roles_of(people: u16) -> Vec<Vec<&'static str>> {
    let first: &[&[&str]] = match people {
        0 => &[],
        1 => &[&["operator"]],
        2 => &[&["commander", "communications", "scribe"], &["operator"]],
        3 => &[&["commander", "scribe"], &["operator"], &["communications"]],
        _ => &[&["commander"], &["operator"], &["communications"], &["scribe"]],
    };
    let others = usize::from(people).saturating_sub(first.len());
    let rest = std::iter::repeat_n(vec!["operator"], others);
    first.iter().map(|roles| roles.to_vec()).chain(rest).collect()
}

/// People beside the facilitator, where the case has no role cards and nobody said how many.
const PEOPLE: u16 = 4;

/// The seats of a room, each with its roles and its part of the case: the facilitator's first, then a seat a role card, or as
/// many people as were asked for with the cards that fit them.
pub fn seats_of(cards: &[Card], people: Option<u16>, observers: u16) -> Vec<(Vec<String>, String)> {
    let named = |roles: &[&str]| (roles.iter().map(ToString::to_string).collect::<Vec<_>>(), String::new());
    let mut seats = vec![named(&["facilitator"])];
    match people {
        None if !cards.is_empty() => {
            seats.extend(cards.iter().map(|card| (vec![card.role.name().to_string()], card.id.clone())));
        }
        _ => {
            seats.extend(roles_of(people.unwrap_or(PEOPLE)).iter().map(|roles| named(roles)));
            deal(cards, &mut seats);
        }
    }
    seats.extend(std::iter::repeat_n(named(&["observer"]), usize::from(observers)));
    seats
}

/// Gives each seat the next card of a role of its. Where there are fewer operators than cards that fence commands in, no
/// operator has one: between them they must have all.
fn deal(cards: &[Card], seats: &mut [(Vec<String>, String)]) {
    let operators = seats.iter().filter(|(roles, _)| roles.iter().any(|role| role == "operator")).count();
    let fenced = cards.iter().any(|card| !card.can.is_empty());
    let short = fenced && operators < cards.iter().filter(|card| card.role == Role::Operator).count();
    for card in cards.iter().filter(|card| !(short && card.role == Role::Operator)) {
        let fits = |(roles, part): &&mut (Vec<String>, String)| {
            part.is_empty() && roles.iter().any(|role| role == card.role.name())
        };
        if let Some((_, part)) = seats.iter_mut().find(fits) {
            part.clone_from(&card.id);
        }
    }
}

impl Roster {
    /// A new room with invites for everybody: the roster, and the invites by seat, which are nowhere else.
    pub fn new(name: &str, seats: &[(Vec<String>, String)]) -> io::Result<(Roster, Vec<(u16, String)>)> {
        let place = |(at, (roles, part)): (usize, &(Vec<String>, String))| Place {
            id: at as u16 + 1,
            roles: roles.clone(),
            part: part.clone(),
            ..Place::default()
        };
        let seats: Vec<Place> = seats.iter().take(usize::from(limits::SEATS_MAX)).enumerate().map(place).collect();
        let mut roster = Roster { format: FORMAT, name: name.to_string(), seats, ..Roster::default() };
        let invites = roster.invite_all()?;
        Ok((roster, invites))
    }

    /// New invites for all seats that nobody has taken; older ones of them are void.
    pub fn invite_all(&mut self) -> io::Result<Vec<(u16, String)>> {
        let free: Vec<u16> = self.seats.iter().filter(|place| !place.is_taken()).map(|place| place.id).collect();
        free.into_iter().map(|seat| Ok((seat, self.invite(seat)?))).collect()
    }

    /// A new invite for a seat: whoever sat there needs it too.
    pub fn invite(&mut self, seat: u16) -> io::Result<String> {
        let secret = token::new()?;
        if let Some(place) = self.place_mut(seat) {
            (place.invite, place.key, place.code) = (token::hash(&secret), String::new(), String::new());
        }
        Ok(secret)
    }

    pub fn place(&self, seat: u16) -> Option<&Place> {
        self.seats.iter().find(|place| place.id == seat)
    }

    fn place_mut(&mut self, seat: u16) -> Option<&mut Place> {
        self.seats.iter_mut().find(|place| place.id == seat)
    }

    /// Whom a proof lets in; `here` are the seats whose people are connected, `wanted` the seat that was named.
    pub fn admit(&mut self, proof: &Proof, wanted: Option<u16>, here: &[u16]) -> Option<Admitted> {
        match proof {
            Proof::Key { fingerprint, known } => self.by_key(fingerprint, known.as_ref(), wanted, here),
            Proof::Secret { hash, name, fingerprint } => self.by_secret(hash, name, fingerprint.as_deref()),
        }
    }

    /// A key opens the seats it was bound to: the one that was named, else one whose person is away. A key that is known
    /// beforehand opens a free seat.
    fn by_key(
        &mut self,
        fingerprint: &str,
        known: Option<&(String, String)>,
        wanted: Option<u16>,
        here: &[u16],
    ) -> Option<Admitted> {
        let own = |place: &&Place| place.key == fingerprint;
        let named = self.seats.iter().filter(own).find(|place| Some(place.id) == wanted);
        let away = || self.seats.iter().filter(own).find(|place| wanted.is_none() && !here.contains(&place.id));
        if let Some(place) = named.or_else(away) {
            return Some(Admitted { seat: place.id, fresh: false, code: None });
        }
        let (name, role) = known?;
        if wanted.is_none() && self.seats.iter().any(|place| own(&place)) {
            return None;
        }
        let fits = |place: &Place| match role.as_str() {
            "" => !place.has_role("facilitator"),
            role => place.has_role(role),
        };
        let free = |place: &Place| !place.is_taken() && fits(place) && wanted.is_none_or(|seat| seat == place.id);
        let place = self.seats.iter_mut().find(|place| free(place))?;
        place.key = fingerprint.to_string();
        place.invite.clear();
        let seat = place.id;
        self.christen(seat, name);
        Some(Admitted { seat, fresh: true, code: None })
    }

    fn by_secret(&mut self, hash: &str, name: &str, fingerprint: Option<&str>) -> Option<Admitted> {
        // Every seat is compared, whichever it is.
        let (mut invited, mut back) = (None, None);
        for place in &self.seats {
            if token::same(&place.invite, hash) {
                invited = Some(place.id);
            }
            if token::same(&place.code, hash) {
                back = Some(place.id);
            }
        }
        if let Some(seat) = back {
            return Some(Admitted { seat, fresh: false, code: None });
        }
        let seat = invited?;
        let code = if fingerprint.is_some() { None } else { token::new().ok() };
        let place = self.place_mut(seat)?;
        let fresh = !place.is_taken();
        place.invite.clear();
        place.key = fingerprint.unwrap_or_default().to_string();
        place.code = code.as_deref().map(token::hash).unwrap_or_default();
        if fresh {
            self.christen(seat, name);
        }
        Some(Admitted { seat, fresh, code })
    }

    /// Gives a seat its person's name, as they said it or after their role; nobody is called like another.
    fn christen(&mut self, seat: u16, name: &str) {
        let said = person(name);
        let role = self.place(seat).and_then(|place| place.roles.first().cloned()).unwrap_or_default();
        let wanted = if said.is_empty() { role } else { said };
        let taken = |name: &str| self.seats.iter().any(|place| place.name == name);
        let tries = (1..=limits::SEATS_MAX).map(|n| if n == 1 { wanted.clone() } else { format!("{wanted} {n}") });
        let chosen = tries.into_iter().find(|name| !taken(name)).unwrap_or_else(|| format!("{seat}"));
        if let Some(place) = self.place_mut(seat) {
            place.name = chosen;
        }
    }

    /// Writes the room; it lasts before this returns.
    pub fn keep(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        let draft = folder.join(format!("{FILE}.new"));
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(draft, folder.join(FILE))?;
        File::open(folder)?.sync_all()
    }

    pub fn read(folder: &Path) -> Result<Roster, String> {
        let path = folder.join(FILE);
        let said = |why: String| format!("{}: {why}", path.display());
        let mut text = String::new();
        let file = File::open(&path).map_err(|error| said(error.to_string()))?;
        file.take(limits::ROOM_BYTES_MAX).read_to_string(&mut text).map_err(|error| said(error.to_string()))?;
        let roster: Roster = serde_json::from_str(&text).map_err(|error| said(error.to_string()))?;
        if roster.format != FORMAT {
            return Err(said(format!("format {} (this program reads {FORMAT})", roster.format)));
        }
        Ok(roster)
    }

    /// Folders of rooms, by name.
    pub fn folders(rooms: &Path) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> =
            fs::read_dir(rooms).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        folders.retain(|folder| folder.join(FILE).is_file());
        folders.sort();
        folders.truncate(limits::ROOMS_MAX);
        folders
    }
}

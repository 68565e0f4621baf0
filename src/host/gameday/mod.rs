//! `whodunit serve`: rooms of people on one incident, over SSH with the client they have. Opens the rooms, prints how to
//! join, and waits. Knows no rule of the game.

mod audit;
mod game;
mod gate;
mod input;
mod keys;
mod limits;
mod line;
mod lobby;
mod room;
mod roster;
mod seat;
mod ssh;
mod token;

use super::commands::{Failure, print};
use super::places::Places;
use super::runs;
use crate::drill::terms::Mode;
use crate::scenario::gameday::Card;
use crate::stdx::lang::{LANGS, Lang};
use crate::ui::keymap::Keymap;
use audit::Audit;
use gate::{Cidr, Gate};
use room::{Room, Shared, Wake};
use roster::Roster;
use ssh::Hall;
use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The room of whoever names none.
const ROOM: &str = "blue";
/// Where it listens, unless told otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2222);
/// As much as a main thread usually has: a run is played on it.
const STACK_BYTES: usize = 8 << 20;
/// Threads that speak SSH, whatever the number of processors: they encrypt, and wait.
const SSH_THREADS: usize = 2;
/// Last words are waited for so long.
const FAREWELL: Duration = Duration::from_millis(700);

/// What was asked for on the command line.
#[derive(Clone, Debug)]
pub struct Order {
    pub case: Option<String>,
    pub seed: Option<u64>,
    pub variant: Option<String>,
    pub table: Table,
    pub rooms: Vec<String>,
    pub listen: SocketAddr,
    pub keys: Option<PathBuf>,
    pub allow: Vec<String>,
    /// Thousandths of wall time.
    pub speed: u32,
    pub minutes: Option<u32>,
    /// Seats whose people lost their key or code.
    pub reinvite: Vec<u16>,
    pub limits: Limits,
}

/// Who sits in a new room.
#[derive(Clone, Debug)]
pub enum Table {
    /// A facilitator, so many people if not as many as the case has role cards, and so many who look on.
    Laid { people: Option<u16>, observers: u16 },
    /// As a plan has it: roles and part of each seat.
    Planned(Vec<(Vec<String>, String)>),
}

impl Table {
    fn seats(&self, cards: &[Card]) -> Vec<(Vec<String>, String)> {
        match self {
            Table::Laid { people, observers } => roster::seats_of(cards, *people, *observers),
            Table::Planned(seats) => seats.clone(),
        }
    }
}

/// What may be set otherwise than it is usually.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    pub sessions: Option<usize>,
    pub per_address: Option<usize>,
    /// New invites for the seats that nobody has taken.
    pub new_invites: bool,
    /// For the test of what a panic leaves behind.
    pub panics: bool,
}

/// A room before its thread runs.
struct Opening {
    folder: PathBuf,
    roster: Roster,
    invites: Vec<(u16, String)>,
}

/// Serves until it is told to stop.
pub fn serve(places: &Places, order: &Order, lang: &Lang) -> Result<ExitCode, Failure> {
    let folder = places.gameday();
    std::fs::create_dir_all(&folder)?;
    let _lock = locked(&folder)?;
    let key = keys::host_key(&folder)?;
    let fingerprint = keys::fingerprint(key.public_key());
    let allow = order.allow.iter().map(|text| Cidr::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let known = order.keys.as_deref().map(keys::known).transpose()?.unwrap_or_default();
    let openings = openings(places, order, &folder.join("rooms"))?;
    more_files(order.limits.sessions.unwrap_or(limits::SESSIONS_MAX) + limits::STRANGERS_MAX);
    let listener = bound(order.listen)?;
    let address = listener.local_addr()?;
    let audit = Arc::new(Audit::open(&folder)?);
    let shared = Shared {
        places: places.clone(),
        audit: Arc::clone(&audit),
        keymap: Arc::new(Keymap::standard()),
        langs: LANGS.iter().filter_map(|(code, _, _)| Lang::named(code)).collect(),
        join: join_of(address),
        panics: order.limits.panics,
    };
    let told = told(&openings, &shared, address, &fingerprint, lang);
    let rooms = openings.into_iter().map(|one| opened(one, &shared)).collect::<Result<BTreeMap<_, _>, String>>()?;
    let sessions = order.limits.sessions.unwrap_or(limits::SESSIONS_MAX);
    let of_address = order.limits.per_address.unwrap_or(limits::SESSIONS_OF_ADDRESS_MAX);
    let hall = Hall {
        rooms: rooms.clone(),
        gate: Gate::new(allow, sessions, of_address),
        audit,
        known,
        sessions: AtomicU64::new(1),
        strangers: Mutex::new(VecDeque::new()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(SSH_THREADS).enable_all().build()?;
    let _inside = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    runtime.spawn(ssh::accept(listener, ssh::config(key), Arc::new(hall)));
    print(&told);
    wait_for_the_end()?;
    for room in rooms.values() {
        let _ = room.send(Wake::Stop);
    }
    std::thread::sleep(FAREWELL);
    Ok(ExitCode::SUCCESS)
}

/// Two servers of one folder would write each other's rooms.
fn locked(folder: &Path) -> Result<File, Failure> {
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(_) => Err(Failure { words: "another `whodunit serve` has these rooms".into(), code: 1 }),
    }
}

/// Each connection is a file to the system, which often allows few unless it is asked. Where it does not, the latest
/// connections wait.
fn more_files(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let own = getrlimit(Resource::Nofile);
    let wanted = connections as u64 + limits::FILES_BESIDE;
    if own.current.is_some_and(|current| current < wanted) {
        let current = own.maximum.map_or(wanted, |maximum| maximum.min(wanted));
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: own.maximum });
    }
}

fn bound(address: SocketAddr) -> Result<TcpListener, Failure> {
    let said = |error: std::io::Error| Failure { words: format!("cannot listen on {address}: {error}"), code: 1 };
    let listener = TcpListener::bind(address).map_err(said)?;
    listener.set_nonblocking(true).map_err(said)?;
    // Connections have it from their listener. A kernel that will not is only slower to notice who stalls.
    let _ = rustix::net::sockopt::set_socket_send_buffer_size(&listener, limits::SEND_BUFFER_BYTES);
    Ok(listener)
}

fn join_of(address: SocketAddr) -> (String, String) {
    let host = if address.ip().is_unspecified() { "HOST".to_string() } else { address.ip().to_string() };
    (if address.port() == 22 { String::new() } else { format!("-p {} ", address.port()) }, host)
}

/// The rooms that are served: those named, or all that are not over; taken up where they are there, else made.
fn openings(places: &Places, order: &Order, rooms: &Path) -> Result<Vec<Opening>, Failure> {
    let mut names = order.rooms.clone();
    if names.is_empty() && order.case.is_some() {
        names.push(ROOM.into());
    } else if names.is_empty() {
        let kept = Roster::folders(rooms).into_iter().filter_map(|folder| Roster::read(&folder).ok());
        names.extend(kept.filter(|roster| !is_over(places, roster)).map(|roster| roster.name));
    }
    if names.is_empty() {
        let words = "there is no room to take up\nhint: `whodunit serve --case CASE` opens one";
        return Err(Failure::from(words.to_string()));
    }
    if names.len() > limits::ROOMS_MAX {
        return Err(Failure::from(format!("one server has at most {} rooms", limits::ROOMS_MAX)));
    }
    // Rooms that are opened together play the same telling: what they found can be laid side by side.
    let seed = order.seed.unwrap_or((chrono::Utc::now().timestamp_millis() as u64) % 1_000_000);
    names.sort();
    names.dedup();
    names.iter().map(|name| Ok(opening(places, order, name, &rooms.join(name), seed)?)).collect()
}

fn is_over(places: &Places, roster: &Roster) -> bool {
    let Some(run) = &roster.run else { return false };
    runs::list(places).iter().any(|summary| summary.id == *run && summary.state != "open")
}

fn opening(places: &Places, order: &Order, name: &str, folder: &Path, seed: u64) -> Result<Opening, String> {
    if !roster::is_name(name) {
        return Err(format!(
            "`{name}` is no name for a room\nhint: lower-case letters, digits and hyphens, as in `blue-2`"
        ));
    }
    let kept = folder.exists().then(|| Roster::read(folder)).transpose()?;
    if let Some(mut roster) = kept.filter(|roster| order.case.is_none() || !is_over(places, roster)) {
        if order.case.as_ref().is_some_and(|case| *case != roster.case) {
            let case = &roster.case;
            let hint = format!("`whodunit serve --room {name}` goes on with it; another `--room` plays another case");
            return Err(format!("the room `{name}` plays {case}, and is not over\nhint: {hint}"));
        }
        let mut invites = Vec::new();
        for seat in &order.reinvite {
            invites.push((*seat, roster.invite(*seat).map_err(|error| error.to_string())?));
        }
        if order.limits.new_invites {
            invites.extend(roster.invite_all().map_err(|error| error.to_string())?);
        }
        if !invites.is_empty() {
            roster.keep(folder).map_err(|error| error.to_string())?;
        }
        return Ok(Opening { folder: folder.to_path_buf(), roster, invites });
    }
    let Some(case) = &order.case else {
        return Err(format!("there is no room `{name}`\nhint: `--case CASE` opens it"));
    };
    made(places, order, name, folder, (case, seed))
}

/// A new room; its invites are told once and kept as hashes.
fn made(
    places: &Places,
    order: &Order,
    name: &str,
    folder: &Path,
    (case, seed): (&str, u64),
) -> Result<Opening, String> {
    // Cast once, so that a case that cannot be played is refused before anybody has come.
    let (seed_of, variant, speed) = (Some(seed), order.variant.clone(), order.speed);
    let as_asked = runs::Order { case: case.to_string(), seed: seed_of, variant, speed, ..runs::Order::default() };
    let cast = runs::cast(places, &as_asked, 0)?;
    let seats = order.table.seats(&cast.case.gameday.cards);
    if seats.len() > usize::from(limits::SEATS_MAX) {
        return Err(format!("a room has at most {} seats", limits::SEATS_MAX));
    }
    let pack = runs::pack_of(places, case, Mode::Drill)?;
    let (mut roster, invites) = Roster::new(name, &seats).map_err(|error| error.to_string())?;
    roster.case = pack.slug.clone();
    roster.title = super::cases::title(&pack);
    (roster.seed, roster.variant) = (seed, order.variant.clone());
    (roster.speed, roster.minutes) = (order.speed, order.minutes);
    roster.keep(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(Opening { folder: folder.to_path_buf(), roster, invites })
}

/// Starts a room's thread.
fn opened(opening: Opening, shared: &Shared) -> Result<(String, Sender<Wake>), String> {
    let (send, wakes) = mpsc::channel();
    let name = opening.roster.name.clone();
    let room = Room::new(shared.clone(), opening.folder, opening.roster, opening.invites, send.clone())?;
    let thread = std::thread::Builder::new().name(format!("room {name}")).stack_size(STACK_BYTES);
    thread.spawn(move || room.live(&wakes)).map_err(|error| error.to_string())?;
    Ok((name, send))
}

/// How to join, for whoever opened the rooms.
fn told(openings: &[Opening], shared: &Shared, address: SocketAddr, fingerprint: &str, lang: &Lang) -> String {
    let parts = [("address", address.to_string()), ("key", fingerprint.to_string())];
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut out = format!("{}\n", lang.with("serve.listens", &parts));
    for opening in openings {
        let Opening { roster, invites, .. } = opening;
        let join = lobby::join(&shared.join, &roster.name);
        let title = if roster.title.is_empty() { &roster.case } else { &roster.title };
        out.push_str(&format!("\n{}: {title}\n\n  {join}\n\n", roster.name));
        for place in &roster.seats {
            let invite = invites.iter().find(|(seat, _)| *seat == place.id).map(|(_, secret)| secret.as_str());
            let held = if place.is_taken() { place.name.as_str() } else { lang.say("serve.invited") };
            let roles: Vec<&str> = place.roles.iter().map(String::as_str).collect();
            out.push_str(&format!("  {:>4}  {:<32}  {}\n", place.id, roles.join(", "), invite.unwrap_or(held)));
        }
    }
    out.push_str(&format!("\n{}\n", lang.say("serve.how")));
    out
}

fn wait_for_the_end() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    signals.forever().next();
    Ok(())
}

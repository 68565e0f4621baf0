//! Game days under load: a real server, many SSH clients in this process, key → frame as a person sees it. By hand:
//! `cargo bench --bench seats -- [busy|quiet|stalled|killed] [SEATS|TIMES]`; the server is target/release/whodunit or what WHODUNIT names.
//! Generator and server share the machine, so figures are upper bounds. Prints rows, judges nothing. Linux.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark measures wall time and prints it"
)]

use russh::client::{self, Handle, Handler, Session};
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{ChannelId, ChannelMsg, ChannelWriteHalf};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CASE: &str = "the-pod-that-would-not-stay-up";
/// Columns and rows of every terminal.
const SIZE: (u32, u32) = (120, 40);
/// Two keys a second and two ticks of the clock are four redraws.
const KEY_EVERY: Duration = Duration::from_millis(500);
/// How long a group is measured.
const MEASURED: Duration = Duration::from_secs(20);
/// Letters that no clock and no escape sequence of ours has.
const LETTERS: &[u8] = b"qzwj";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let group = words.first().map_or("all", String::as_str);
    let asked = words.get(1).and_then(|word| word.parse::<usize>().ok());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    if ["all", "busy"].contains(&group) {
        runtime.block_on(busy(asked.unwrap_or(500)));
    }
    if ["all", "quiet"].contains(&group) {
        runtime.block_on(quiet(asked.unwrap_or(2_000)));
    }
    if ["all", "stalled"].contains(&group) {
        runtime.block_on(stalled(asked.unwrap_or(20)));
    }
    if ["all", "killed"].contains(&group) {
        runtime.block_on(killed(asked.unwrap_or(200)));
    }
}

/// Every seat types and the clock runs.
async fn busy(seats: usize) {
    let server = Server::start(seats);
    let (people, rooms) = server.playing().await;
    let load = typed(&people, &server).await;
    let kb = server.rss_kb().saturating_sub(rooms) / people.len() as u64;
    load.print(&format!("{} seats 120x40, 4 redraws/s", people.len()), kb);
}

/// Nobody types but one; the clock runs.
async fn quiet(seats: usize) {
    let server = Server::start(seats);
    let (people, rooms) = server.playing().await;
    let load = typed(&people[people.len() - 1..], &server).await;
    let kb = server.rss_kb().saturating_sub(rooms) / people.len() as u64;
    load.print(&format!("{} quiet seats 120x40", people.len()), kb);
}

/// A few work while a thousand sockets say nothing and fifty clients never read.
async fn stalled(seats: usize) {
    let server = Server::start(seats + 50);
    let empty = server.rss_kb();
    let live = server.seat_some(0, seats, false).await;
    server.begin(&live).await;
    let alone = typed(&live, &server).await;
    alone.print(&format!("{} seats alone", live.len()), (server.rss_kb() - empty) / live.len() as u64);
    let dead = server.seat_some(seats, seats + 50, true).await;
    let mut sockets = Vec::new();
    for _ in 0..1_000 {
        sockets.extend(tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await);
    }
    let beside = typed(&live, &server).await;
    let what = format!("{} seats beside {} dead readers and {} stalled sockets", live.len(), dead.len(), sockets.len());
    beside.print(&what, (server.rss_kb() - empty) / (live.len() + dead.len()) as u64);
}

/// Kills the server again and again while somebody works, and looks whether all that was answered is there.
async fn killed(times: usize) {
    let mut server = Server::start(4);
    let key = Ed25519Keypair::from_seed(&[7; 32]);
    let key = Arc::new(PrivateKey::new(KeypairData::Ed25519(key), "bench").expect("a key"));
    let of = |role: &str| server.invites.iter().find(|(_, own, _)| own == role).map(|(_, _, invite)| invite.clone());
    let (desk, hands) = (of("facilitator").expect("an invite"), of("operator").expect("an invite"));
    let desk = server.seat("r000", &desk, false).await.expect("a desk");
    // The key is proved first, and then bound by the invite.
    let mut person = server.come("r000", &key, Some(&hands)).await.expect("an operator");
    server.begin(std::slice::from_ref(&desk)).await;
    drop(desk);
    let (mut answered, mut state) = (Vec::new(), 1u64);
    for round in 0..times {
        person.channel.data_bytes(b"\r".to_vec()).await.expect("a key");
        let mut n = 0;
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let until = Instant::now() + Duration::from_millis(200 + (state >> 33) % 600);
        while Instant::now() < until {
            let word = format!("w{round}x{n}w");
            if person.says(&format!("echo {word}"), &word, until).await {
                answered.push(format!("echo {word}"));
            }
            n += 1;
        }
        server.kill_and_start();
        person = server.come("r000", &key, None).await.expect("a seat to come back to");
        let journal = server.journal();
        let lost = answered.iter().filter(|line| !journal.contains(line.as_str())).count();
        assert_eq!(lost, 0, "round {round}: {lost} of {} lost", answered.len());
    }
    println!(
        "row\tkilled {times} times\t{} acts answered, 0 lost; every time the seat was there again",
        answered.len()
    );
}

impl Person {
    /// Types a line and waits for its word to come back as output; false if it did not come in time.
    async fn says(&self, line: &str, word: &str, until: Instant) -> bool {
        let mut keys = line.as_bytes().to_vec();
        keys.push(b'\r');
        if self.channel.data_bytes(keys).await.is_err() {
            return false;
        }
        while Instant::now() < until {
            let printed = |seen: &Seen| {
                let screen = seen.screen.as_ref().map(|screen| screen.screen().contents()).unwrap_or_default();
                screen
                    .lines()
                    .any(|row| row.trim_matches(['│', ' ']).split('│').next().unwrap_or_default().trim() == word)
            };
            if self.seen.lock().is_ok_and(|seen| printed(&seen)) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        false
    }
}

/// What was measured in one group.
struct Load {
    took: Vec<Duration>,
    lost: u64,
    frames: u64,
    cpu: f64,
}

impl Load {
    fn print(mut self, what: &str, kb: u64) {
        self.took.sort();
        let at = |permille: usize| self.took.get(self.took.len() * permille / 1_000).copied().unwrap_or_default();
        let (half, most, worst) = (at(500), at(990), self.took.last().copied().unwrap_or_default());
        let (keys, lost, frames, cpu) = (self.took.len(), self.lost, self.frames, self.cpu);
        println!(
            "row\t{what}\tkey to frame p50 {half:.1?} p99 {most:.1?} worst {worst:.1?} ({keys} keys, {lost} lost)\t\
             {frames} pictures/s\t{kb} KB a seat\tserver CPU {cpu:.0} %"
        );
    }
}

/// Lets everybody type for a while.
async fn typed(people: &[Person], server: &Server) -> Load {
    for person in people {
        if let Ok(mut seen) = person.seen.lock() {
            seen.took.clear();
        }
        person.frames.store(0, Ordering::Relaxed);
    }
    let (begun, cpu, over) = (Instant::now(), server.cpu_ticks(), Arc::new(AtomicBool::new(false)));
    let mut typing = Vec::new();
    for (n, person) in people.iter().enumerate() {
        let (channel, seen, over) = (Arc::clone(&person.channel), Arc::clone(&person.seen), Arc::clone(&over));
        // Nobody types in step.
        let first = KEY_EVERY * n as u32 / people.len() as u32;
        typing.push(tokio::spawn(async move {
            tokio::time::sleep(first).await;
            let mut count = 0;
            while !over.load(Ordering::Relaxed) {
                let letter = LETTERS[count % LETTERS.len()];
                count += 1;
                if let Ok(mut seen) = seen.lock() {
                    seen.lost += u64::from(seen.waited.is_some());
                    seen.waited = Some((letter, Instant::now()));
                }
                // A line that is long is emptied first; the letter comes after.
                let keys = if count % 40 == 0 { vec![0x15, letter] } else { vec![letter] };
                if channel.data_bytes(keys).await.is_err() {
                    return;
                }
                tokio::time::sleep(KEY_EVERY).await;
            }
        }));
    }
    tokio::time::sleep(MEASURED).await;
    over.store(true, Ordering::Relaxed);
    for one in typing {
        let _ = one.await;
    }
    let wall = begun.elapsed().as_secs_f64();
    let cpu = (server.cpu_ticks() - cpu) as f64 / 100.0 / wall * 100.0;
    let frames: u64 = people.iter().map(|person| person.frames.load(Ordering::Relaxed)).sum();
    let mut load = Load { took: Vec::new(), lost: 0, frames: (frames as f64 / wall) as u64, cpu };
    for person in people {
        if let Ok(mut seen) = person.seen.lock() {
            load.took.append(&mut seen.took);
            load.lost += std::mem::take(&mut seen.lost);
            seen.waited = None;
        }
    }
    load
}

/// Keys that wait for their picture.
#[derive(Default)]
struct Seen {
    waited: Option<(u8, Instant)>,
    took: Vec<Duration>,
    lost: u64,
    /// What the terminal shows, where somebody reads it.
    screen: Option<vt100::Parser>,
}

struct Person {
    _handle: Handle<Client>,
    channel: Arc<ChannelWriteHalf<client::Msg>>,
    seen: Arc<Mutex<Seen>>,
    frames: Arc<AtomicU64>,
}

struct Client {
    seen: Arc<Mutex<Seen>>,
    frames: Arc<AtomicU64>,
    dead: bool,
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }

    async fn data(&mut self, _: ChannelId, data: &[u8], _: &mut Session) -> Result<(), russh::Error> {
        if self.dead {
            // Nothing more is read: the kernel's buffers fill.
            std::future::pending::<()>().await;
        }
        self.frames.fetch_add(1, Ordering::Relaxed);
        let Ok(mut seen) = self.seen.lock() else { return Ok(()) };
        if let Some(screen) = &mut seen.screen {
            screen.process(data);
        }
        if let Some((letter, at)) = seen.waited
            && data.contains(&letter)
        {
            seen.took.push(at.elapsed());
            seen.waited = None;
        }
        Ok(())
    }
}

/// A connection, what came over it, and how many pictures.
type Met = (Handle<Client>, Arc<Mutex<Seen>>, Arc<AtomicU64>);

/// Opens the terminal of somebody who was let in.
async fn opened(
    handle: Handle<Client>,
    seen: Arc<Mutex<Seen>>,
    frames: Arc<AtomicU64>,
) -> Result<Person, russh::Error> {
    let mut channel = handle.channel_open_session().await?;
    channel.request_pty(true, "xterm-256color", SIZE.0, SIZE.1, 0, 0, &[]).await?;
    channel.request_shell(true).await?;
    // Both requests are answered before anything is measured.
    let mut answered = 0;
    while answered < 2 {
        answered += usize::from(matches!(channel.wait().await, Some(ChannelMsg::Success)));
    }
    let (mut read, write) = channel.split();
    tokio::spawn(async move { while read.wait().await.is_some() {} });
    Ok(Person { _handle: handle, channel: Arc::new(write), seen, frames })
}

fn program() -> String {
    std::env::var("WHODUNIT").unwrap_or_else(|_| "target/release/whodunit".into())
}

struct Server {
    child: Child,
    port: u16,
    /// Room, role, invite.
    invites: Vec<(String, String, String)>,
    _data: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seats of one room.
const OF_ROOM: usize = 25;

impl Server {
    /// As many rooms as so many people need.
    fn start(seats: usize) -> Server {
        let data = tempfile::tempdir().expect("a folder");
        let (rooms, each) = (seats.div_ceil(OF_ROOM), OF_ROOM.min(seats) - 1);
        let mut command = Command::new(program());
        command.args(["serve", "--case", CASE, "--seed", "1", "--listen", "127.0.0.1:0", "--seats", &each.to_string()]);
        command.args(["--sessions", "8000", "--per-address", "8000"]);
        (0..rooms).for_each(|room| _ = command.args(["--room", &format!("r{room:03}")]));
        command.env("WHODUNIT_DATA", data.path()).env("LC_ALL", "C.UTF-8").stdout(Stdio::piped());
        let mut child = command.spawn().expect("the server starts: cargo build --release");
        let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
        let (mut room, mut invites, mut port) = (String::new(), Vec::new(), 0);
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("Listening on 127.0.0.1:") {
                port = rest.split(';').next().and_then(|port| port.parse().ok()).expect("a port");
            } else if let Some((name, _)) = line.split_once(": ").filter(|(name, _)| name.starts_with('r')) {
                room = name.to_string();
            } else if let [_, role, invite] = line.split_whitespace().collect::<Vec<_>>()[..]
                && invite.len() == 17
            {
                invites.push((room.clone(), role.to_string(), invite.to_string()));
            } else if line.starts_with("Ctrl-C") {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        // Facilitators come first: they begin the cases.
        invites.sort_by_key(|(_, role, _)| role != "facilitator");
        Server { child, port, invites, _data: data }
    }

    /// Everybody in rooms whose cases run, and the memory of the rooms with their facilitators alone.
    async fn playing(&self) -> (Vec<Person>, u64) {
        let rooms = self.invites.iter().filter(|(_, role, _)| role == "facilitator").count();
        let mut people = self.seat_some(0, rooms, false).await;
        self.begin(&people).await;
        let memory = self.rss_kb();
        people.extend(self.seat_some(rooms, self.invites.len(), false).await);
        self.settle(&people).await;
        (people, memory)
    }

    async fn seat_some(&self, from: usize, to: usize, dead: bool) -> Vec<Person> {
        let mut people = Vec::new();
        let begun = Instant::now();
        for (room, _, invite) in &self.invites[from..to.min(self.invites.len())] {
            people.push(self.seat(room, invite, dead).await.expect("somebody sits down"));
        }
        eprintln!("{} sat down in {:.1?}", people.len(), begun.elapsed());
        people
    }

    async fn seat(&self, room: &str, invite: &str, dead: bool) -> Result<Person, russh::Error> {
        let (mut handle, seen, frames) = self.connect(dead).await?;
        assert!(handle.authenticate_password(room, invite).await?.success(), "the invite lets in");
        opened(handle, seen, frames).await
    }

    async fn connect(&self, dead: bool) -> Result<Met, russh::Error> {
        let (seen, frames) = (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicU64::new(0)));
        let client = Client { seen: Arc::clone(&seen), frames: Arc::clone(&frames), dead };
        let config = client::Config { nodelay: true, window_size: 256 << 10, ..client::Config::default() };
        let handle = client::connect(Arc::new(config), ("127.0.0.1", self.port), client).await?;
        Ok((handle, seen, frames))
    }

    /// Comes with a key, and with an invite the first time; what is shown is read.
    async fn come(&self, room: &str, key: &Arc<PrivateKey>, invite: Option<&str>) -> Result<Person, russh::Error> {
        let (mut handle, seen, frames) = self.connect(false).await?;
        if let Ok(mut seen) = seen.lock() {
            let some = |n: u32| std::num::NonZero::new(n as u16).expect("a size");
            seen.screen = Some(vt100::Parser::new(some(SIZE.1), some(SIZE.0), 0));
        }
        let signed = PrivateKeyWithHashAlg::new(Arc::clone(key), None);
        let mut came = handle.authenticate_publickey(room, signed).await?.success();
        if let Some(invite) = invite.filter(|_| !came) {
            came = handle.authenticate_password(room, invite).await?.success();
        }
        assert!(came, "the key lets in");
        opened(handle, seen, frames).await
    }

    fn kill_and_start(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
        let mut command = Command::new(program());
        command.args(["serve", "--listen", "127.0.0.1:0", "--room", "r000"]);
        command.env("WHODUNIT_DATA", self._data.path()).env("LC_ALL", "C.UTF-8").stdout(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
        let first = lines.next().and_then(Result::ok).expect("a line");
        let rest = first.strip_prefix("Listening on 127.0.0.1:").expect("an address");
        self.port = rest.split(';').next().and_then(|port| port.parse().ok()).expect("a port");
        std::thread::spawn(move || lines.for_each(drop));
        self.child = child;
    }

    fn journal(&self) -> String {
        let run = std::fs::read_dir(self._data.path().join("runs")).expect("runs").flatten().next().expect("a run");
        std::fs::read_to_string(run.path().join("journal.jsonl")).expect("a journal")
    }

    /// The facilitators begin their cases, and everybody is given time to draw.
    async fn begin(&self, people: &[Person]) {
        for (person, (_, role, _)) in people.iter().zip(&self.invites) {
            if role == "facilitator" {
                person.channel.data_bytes(vec![b'\r']).await.expect("a key");
            }
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        self.settle(people).await;
    }

    /// Everybody's briefing is left, where it is shown, and drawn.
    async fn settle(&self, people: &[Person]) {
        for person in people {
            person.channel.data_bytes(vec![b'\r']).await.expect("a key");
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    fn rss_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
    }

    /// Hundredths of a second of processor time.
    fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux");
        let fields: Vec<&str> = stat.rsplit(") ").next().expect("fields").split_whitespace().collect();
        fields[11].parse::<u64>().expect("a number") + fields[12].parse::<u64>().expect("a number")
    }
}

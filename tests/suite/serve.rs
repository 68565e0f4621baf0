//! Game days through the front door: the real server, stock `ssh` clients on pseudo-terminals, and a client of our own
//! where a stock one would not misbehave. Each row on SSH of the budgets has a test; its id stands in the test's name.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{BufRead, BufReader, Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const CASE: &str = "the-pod-that-would-not-stay-up";

/// A server of its own folder.
struct Server {
    child: std::process::Child,
    port: u16,
    /// Seat, role, invite.
    invites: Vec<(u16, String, String)>,
    told: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(data: &Path, more: &[&str]) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(more);
    command.current_dir(data).env("WHODUNIT_DATA", data).env("LC_ALL", "C.UTF-8").env_remove("RUST_BACKTRACE");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("output"));
    let (mut told, mut invites, mut port) = (String::new(), Vec::new(), 0);
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).expect("a line") > 0, "the server ended:\n{told}");
        told.push_str(&line);
        if let Some(rest) = line.strip_prefix("Listening on 127.0.0.1:") {
            port = rest.split(';').next().and_then(|port| port.parse().ok()).expect("a port");
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [seat, role, invite] = words[..]
            && let Ok(seat) = seat.parse()
        {
            invites.push((seat, role.trim_end_matches(',').to_string(), invite.to_string()));
        }
        if line.starts_with("Ctrl-C") {
            break;
        }
    }
    // The pipe is read on, so that the server is never blocked by it.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    Server { child, port, invites, told }
}

impl Server {
    fn invite(&self, role: &str) -> String {
        self.invites.iter().find(|(_, own, _)| own == role).map(|(_, _, invite)| invite.clone()).expect("an invite")
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

/// A stock client on a terminal.
struct Seen {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    bytes: Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Drop for Seen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn options(data: &Path, key: Option<&Path>) -> Vec<String> {
    let known = format!("UserKnownHostsFile={}", data.join("known").display());
    let mut options: Vec<String> = vec!["-F".into(), "none".into()];
    for option in ["IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=no", "LogLevel=ERROR", &known] {
        options.extend(["-o".into(), option.to_string()]);
    }
    let key = key.map_or("none".into(), |key| key.display().to_string());
    options.extend(["-o".into(), format!("IdentityFile={key}")]);
    options
}

fn ssh(
    data: &Path,
    server: &Server,
    user: &str,
    key: Option<&Path>,
    size: (u16, u16),
    variables: &[(&str, &str)],
) -> Seen {
    let size = PtySize { rows: size.1, cols: size.0, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new("ssh");
    command.args(options(data, key));
    for (name, value) in variables {
        command.args(["-o", &format!("SendEnv={name}")]);
        command.env(name, value);
    }
    command.args(["-p", &server.port.to_string(), &format!("{user}@127.0.0.1")]);
    command.env("TERM", "xterm-256color");
    let child = pair.slave.spawn_command(command).expect("ssh starts");
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let (send, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(count) = reader.read(&mut buffer) {
            if count == 0 || send.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let writer = pair.master.take_writer().expect("a writer");
    let some = |n| NonZero::new(n).expect("a size");
    let screen = vt100::Parser::new(some(size.rows), some(size.cols), 0);
    Seen { master: pair.master, child, bytes, writer, screen, raw: Vec::new() }
}

impl Seen {
    fn wait(&mut self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            if let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(50)) {
                self.screen.process(&bytes);
                self.raw.extend(bytes);
            }
            assert!(Instant::now() < end, "waited in vain for {what}:\n{}", self.text());
        }
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn wait_text(&mut self, text: &str) {
        self.wait(text, |seen| seen.text().contains(text));
    }

    fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("sent");
        self.writer.flush().expect("sent");
    }

    fn log_in(&mut self, secret: &str, name: &str) {
        self.wait_text("Invite or return code:");
        self.send(&format!("{secret}\r"));
        self.wait_text("Your name:");
        self.send(&format!("{name}\r"));
    }

    fn wait_end(&mut self) {
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait().expect("a status").is_none() {
            assert!(Instant::now() < end, "it does not end:\n{}", self.text());
            while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(20)) {
                self.screen.process(&bytes);
                self.raw.extend(bytes);
            }
        }
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(100)) {
            self.screen.process(&bytes);
            self.raw.extend(bytes);
        }
    }

    /// The return code that is shown.
    fn code(&mut self) -> String {
        self.wait_text("Your return code, shown only now: ");
        let text = self.text();
        let rest = text.split("shown only now: ").nth(1).expect("a code");
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
    }
}

/// A room with a facilitator and an operator in it, and the case begun.
fn begun(data: &Path, more: &[&str]) -> (Server, Seen, Seen) {
    let mut args = vec!["--case", CASE, "--seed", "1", "--variant", "A"];
    args.extend(more);
    let server = serve(data, &args);
    let mut desk = ssh(data, &server, "blue", None, (100, 30), &[]);
    desk.log_in(&server.invite("facilitator"), "Kim");
    desk.wait_text("Begin when everybody is here");
    let mut hands = ssh(data, &server, "blue", None, (100, 30), &[]);
    hands.log_in(&server.invite("operator"), "Lee");
    hands.wait_text("The facilitator begins");
    desk.wait_text("Lee");
    desk.send("\r");
    hands.wait_text("KubePodCrashLooping");
    // The briefing is left, if the clock has not done so.
    hands.send("\r");
    hands.wait_text("▪ 1 shell");
    desk.send("\r");
    desk.wait_text("▪ 1 desk");
    (server, desk, hands)
}

#[test]
fn two_seats_see_one_world_and_come_back_after_kill_9() {
    let data = tempfile::tempdir().expect("a folder");
    let (mut server, mut desk, mut hands) = begun(data.path(), &["--room", "blue"]);
    hands.send("kubectl -n shop get pods\r");
    hands.wait_text("CrashLoopBackOff");
    // The desk sees what the operator ran: it is one world.
    desk.wait_text("$ kubectl -n shop get pods");
    let second = ssh_key(data.path(), "second");
    let mut scribe = ssh(data.path(), &server, "blue", Some(&second), (80, 24), &[]);
    scribe.log_in(&server.invite("scribe"), "Park");
    scribe.wait_text("blue · scribe");
    server.kill();
    hands.wait_end();
    desk.wait_end();
    scribe.wait_end();
    let journal = only_journal(data.path());
    assert!(journal.contains(r#""act":{"do":"run","line":"kubectl -n shop get pods"}"#), "{journal}");
    let server = serve(data.path(), &[]);
    assert!(server.told.contains("Lee"), "{}", server.told);
    // A key that was bound is enough; no question is asked.
    let mut scribe = ssh(data.path(), &server, "blue", Some(&second), (80, 24), &[]);
    scribe.wait_text("blue · scribe");
    assert!(!scribe.text().contains("Invite"), "{}", scribe.text());
}

#[test]
fn a_return_code_opens_ones_own_seat_and_takes_it_over() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE, "--seed", "1"]);
    let mut first = ssh(data.path(), &server, "blue", None, (100, 30), &[]);
    first.log_in(&server.invite("operator"), "Lee");
    let code = first.code();
    // An invite lets in once.
    let mut stranger = ssh(data.path(), &server, "blue", None, (100, 30), &[]);
    stranger.log_in(&server.invite("operator"), "Nobody");
    let mut second = ssh(data.path(), &server, "blue", None, (100, 30), &[]);
    second.log_in(&code.to_uppercase().replace('-', ""), "somebody else");
    second.wait_text("Lee");
    first.wait_end();
    assert!(first.text().contains("opened from another terminal"), "{}", first.text());
    stranger.wait("the question again", |seen| seen.text().matches("Invite or return code").count() > 1);
    second.send("q");
    second.wait_end();
    assert!(!second.screen.screen().alternate_screen() && !second.screen.screen().hide_cursor());
    assert!(second.text().contains("Your seat is kept"), "{}", second.text());
}

fn ssh_key(data: &Path, name: &str) -> std::path::PathBuf {
    let path = data.join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path).status();
    assert!(made.expect("ssh-keygen").success());
    path
}

fn only_journal(data: &Path) -> String {
    let runs: Vec<_> = std::fs::read_dir(data.join("runs")).expect("runs").flatten().collect();
    assert_eq!(runs.len(), 1);
    std::fs::read_to_string(runs[0].path().join("journal.jsonl")).expect("a journal")
}

#[test]
fn ssh_keys_known_beforehand_need_no_invite_and_others_get_no_further() {
    let data = tempfile::tempdir().expect("a folder");
    let (own, other) = (ssh_key(data.path(), "lee"), ssh_key(data.path(), "eve"));
    let public = std::fs::read_to_string(own.with_extension("pub")).expect("a key");
    let file = data.path().join("keys");
    std::fs::write(&file, format!("# the team\nrole=\"scribe\" {public}")).expect("written");
    let server = serve(data.path(), &["--case", CASE, "--authorized-keys", file.to_str().expect("a path")]);
    let mut known = ssh(data.path(), &server, "blue", Some(&own), (100, 30), &[]);
    known.wait_text("The facilitator begins");
    known.wait_text("scribe  lee");
    let mut unknown = ssh(data.path(), &server, "blue", Some(&other), (100, 30), &[]);
    unknown.wait_text("Invite or return code:");
    let mut nowhere = ssh(data.path(), &server, "green", Some(&own), (100, 30), &[]);
    nowhere.wait_text("Invite or return code:");
}

#[test]
fn ssh_host_key_is_kept_and_only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().expect("a folder");
    let fingerprint =
        |server: &Server| server.told.lines().next().and_then(|line| line.split("SHA256:").nth(1).map(str::to_string));
    let first = serve(data.path(), &["--case", CASE]);
    let shown = fingerprint(&first);
    let path = data.path().join("gameday/host_key");
    assert_eq!(std::fs::metadata(&path).expect("a key").permissions().mode() & 0o777, 0o600);
    drop(first);
    let second = serve(data.path(), &[]);
    assert!(shown.is_some() && fingerprint(&second) == shown);
    drop(second);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    let out =
        command.args(["serve"]).current_dir(data.path()).env("WHODUNIT_DATA", data.path()).output().expect("it runs");
    assert!(!out.status.success());
    assert!(String::from_utf8_lossy(&out.stderr).contains("chmod 600"), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn ssh_gives_a_session_with_a_terminal_and_nothing_else() {
    let data = tempfile::tempdir().expect("a folder");
    let key = ssh_key(data.path(), "lee");
    let public = std::fs::read_to_string(key.with_extension("pub")).expect("a key");
    let file = data.path().join("keys");
    std::fs::write(&file, public).expect("written");
    let server = serve(data.path(), &["--case", CASE, "--authorized-keys", file.to_str().expect("a path")]);
    let (port, own) = (server.port.to_string(), options(data.path(), Some(&key)));
    let tried = |more: &[&str]| {
        let mut command = Command::new("ssh");
        command.args(&own).args(["-o", "BatchMode=yes", "-p", &port]).args(more).stdin(Stdio::null());
        let out = command.output().expect("ssh runs");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout))
    };
    let (code, said) = tried(&["blue@127.0.0.1", "id"]);
    assert!(code != Some(0) && said.contains("exec request failed"), "{code:?} {said}");
    let (code, said) = tried(&["-s", "blue@127.0.0.1", "sftp"]);
    assert!(code != Some(0) && said.contains("subsystem request failed"), "{code:?} {said}");
    let (code, said) = tried(&["-W", "127.0.0.1:22", "blue@127.0.0.1"]);
    assert!(code != Some(0) && said.contains("forwarding failed"), "{code:?} {said}");
    let (code, said) = tried(&["-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22", "blue@127.0.0.1"]);
    assert!(code != Some(0) && said.contains("forwarding failed"), "{code:?} {said}");
    let (code, said) = tried(&["-T", "blue@127.0.0.1"]);
    assert!(code != Some(0) && said.contains("needs a terminal"), "{code:?} {said}");
    // No compression is offered: what a client inflates before it logs in cannot be a bomb.
    let (_, said) = tried(&["-vv", "-o", "Compression=yes", "-T", "blue@127.0.0.1"]);
    let offered: Vec<&str> = said.lines().filter(|line| line.contains("compression ctos:")).collect();
    assert!(offered.last().is_some_and(|line| line.trim_end().ends_with("ctos: none")), "{offered:?}");
    let audit = std::fs::read_to_string(data.path().join("gameday/audit.jsonl")).expect("a log");
    assert!(audit.contains("refused-exec") && audit.contains("login-key"), "{audit}");
}

#[test]
fn ssh_addresses_that_are_not_allowed_are_not_answered() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE, "--allow", "10.0.0.0/8"]);
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.port)).expect("a connection");
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert!(bytes.is_empty(), "{bytes:?}");
    let audit = std::fs::read_to_string(data.path().join("gameday/audit.jsonl")).expect("a log");
    assert!(audit.contains("not-allowed"), "{audit}");
}

#[test]
fn ssh_secrets_are_nowhere_on_disk_and_wrong_ones_are_counted() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE]);
    let mut guest = ssh(data.path(), &server, "blue", None, (100, 30), &[]);
    guest.log_in("aaaaa-bbbbb-ccccc", "Eve");
    guest.wait("the question again", |seen| seen.text().matches("Invite or return code").count() > 1);
    guest.send(&format!("{}\r", server.invite("operator")));
    guest.wait("the second name", |seen| seen.text().matches("Your name:").count() > 1);
    guest.send("\x1b]52;c;ZXZpbA==\x07\u{202e}Lee\r");
    let code = guest.code();
    let mut kept = std::fs::read_to_string(data.path().join("gameday/rooms/blue/room.json")).expect("a room");
    kept += &std::fs::read_to_string(data.path().join("gameday/audit.jsonl")).expect("a log");
    assert!(kept.contains("wrong-secret"));
    for (_, _, invite) in &server.invites {
        assert!(!kept.contains(invite.as_str()));
    }
    assert!(!kept.contains(&code));
    let name = kept.split(r#""name": ""#).find(|rest| rest.contains("Lee")).expect("a name");
    let name = name.split('"').next().expect("a name");
    assert!(!name.contains('\u{1b}') && !name.contains('\u{202e}') && name.chars().count() <= 24, "{name:?}");
}

#[test]
fn ssh_a_panic_closes_one_seat_and_costs_one_act() {
    let data = tempfile::tempdir().expect("a folder");
    let (_server, mut desk, mut hands) = begun(data.path(), &["--panics"]);
    let code = hands.code();
    hands.send("kubectl get ns\r");
    hands.wait_text("kube-system");
    hands.send("__panic-run\r");
    hands.wait_end();
    assert!(hands.text().contains("Something went wrong"), "{}", hands.text());
    let mut back = ssh(data.path(), &_server, "blue", None, (100, 30), &[]);
    back.log_in(&code, "");
    back.wait_text("kube-system");
    back.send("\x1b[200~__panic-face\x1b[201~");
    back.wait_end();
    // Nobody else noticed, and time goes on.
    let before = desk.text();
    desk.wait("the clock", |seen| seen.text() != before);
    assert!(!only_journal(data.path()).contains("__panic"));
}

#[test]
fn ssh_floods_and_absurd_sizes_end_in_a_picture() {
    let data = tempfile::tempdir().expect("a folder");
    let (_server, mut desk, mut hands) = begun(data.path(), &[]);
    for (cols, rows) in [(1, 1), (65_535, 65_535), (0, 0), (200, 60), (100, 30)] {
        hands.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("resized");
        std::thread::sleep(Duration::from_millis(60));
    }
    let some = |n| NonZero::new(n).expect("a size");
    hands.screen = vt100::Parser::new(some(30), some(100), 0);
    // Unfinished sequences, controls and half characters, then a paste without an end that is long, then its end.
    hands.send(&"\x1b[".repeat(3_000));
    hands.send(&"\x1b]52;c;".repeat(1_000));
    hands.send(&"x".repeat(20_000));
    hands.send("\x15\x0c");
    hands.send(&format!("\x1b[200~{}\x1b[201~", "y".repeat(100_000)));
    hands.send("\x15echo the end of it\r");
    hands.wait_text("the end of it");
    let before = desk.text();
    desk.wait("the clock", |seen| seen.text() != before);
}

#[test]
fn colours_follow_the_terminal_and_korean_the_locale() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE]);
    let mut korean = ssh(data.path(), &server, "blue", None, (80, 24), &[("LANG", "ko_KR.UTF-8"), ("NO_COLOR", "1")]);
    korean.log_in(&server.invite("operator"), "이수");
    korean.wait_text("모두 모이면 진행자가 시작합니다");
    korean.wait_text("운영자  이수");
    let raw = String::from_utf8_lossy(&korean.raw).into_owned();
    for sequence in raw.split("\x1b[").skip(1) {
        let Some((numbers, _)) = sequence.split_once('m') else { continue };
        if numbers.chars().all(|c| c.is_ascii_digit() || c == ';') {
            let coloured = numbers.split(';').any(|n| matches!(n.parse::<u32>(), Ok(30..=38 | 40..=48 | 90..=107)));
            assert!(!coloured, "{numbers:?}");
        }
    }
}

#[test]
fn rooms_play_side_by_side() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE, "--room", "red", "--room", "blue"]);
    let of_room: Vec<&str> = server.told.lines().filter(|line| line.contains("ssh -p")).collect();
    assert_eq!(of_room.len(), 2, "{}", server.told);
    let facilitators: Vec<String> = server
        .invites
        .iter()
        .filter(|(_, role, _)| role == "facilitator")
        .map(|(_, _, invite)| invite.clone())
        .collect();
    let mut blue = ssh(data.path(), &server, "blue", None, (80, 24), &[]);
    // An invite of one room opens no other.
    blue.log_in(&facilitators[1], "Eve");
    blue.wait("the question again", |seen| seen.text().matches("Invite or return code").count() > 1);
    blue.send(&format!("{}\r", facilitators[0]));
    blue.wait("the second name", |seen| seen.text().matches("Your name:").count() > 1);
    blue.send("Kim\r");
    blue.wait_text("Room blue");
    let mut red = ssh(data.path(), &server, "red", None, (80, 24), &[]);
    red.log_in(&facilitators[1], "Lee");
    red.wait_text("Room red");
    blue.send("\r");
    blue.wait_text("KubePodCrashLooping");
    assert!(red.text().contains("Room red"));
    let seeds = |room: &str| {
        let text =
            std::fs::read_to_string(data.path().join(format!("gameday/rooms/{room}/room.json"))).expect("a room");
        text.lines().find(|line| line.contains("\"seed\"")).map(str::to_string)
    };
    assert_eq!(seeds("red"), seeds("blue"));
}

#[test]
fn ssh_a_stalled_reader_slows_nobody() {
    let data = tempfile::tempdir().expect("a folder");
    let (server, _desk, mut hands) = begun(data.path(), &["--speed", "20"]);
    let mut stalled = ssh(data.path(), &server, "blue", None, (200, 60), &[]);
    stalled.log_in(&server.invite("scribe"), "Park");
    stalled.wait_text("blue · scribe");
    let pid = stalled.child.process_id().expect("a process").to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    signal("-STOP");
    for n in 0..8 {
        hands.send(&format!("echo still here {n}\r"));
        hands.wait_text(&format!("still here {n}"));
    }
    signal("-CONT");
    // What it sees next is how things are now.
    let last = hands.text();
    assert!(last.contains("still here 7"));
    let before = stalled.text();
    stalled.wait("a picture", |seen| seen.text() != before);
}

#[test]
fn ssh_strangers_who_say_nothing_do_not_shut_the_door() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE]);
    let silent: Vec<_> =
        (0..300).filter_map(|_| std::net::TcpStream::connect(("127.0.0.1", server.port)).ok()).collect();
    assert!(silent.len() > 250);
    let mut guest = ssh(data.path(), &server, "blue", None, (100, 30), &[]);
    guest.log_in(&server.invite("operator"), "Lee");
    guest.wait_text("The facilitator begins");
}

/// A client of our own, for what a stock one does not do.
struct Rude;

impl russh::client::Handler for Rude {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &russh::keys::PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

async fn rude(port: u16) -> Result<russh::client::Handle<Rude>, russh::Error> {
    russh::client::connect(Arc::new(russh::client::Config::default()), ("127.0.0.1", port), Rude).await
}

fn in_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(PATIENCE * 4, work).await.expect("in time") })
}

#[test]
fn ssh_wrong_secrets_are_slow_few_and_then_not_heard() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE]);
    in_time(async {
        let begun = Instant::now();
        let mut heard = 0;
        for _ in 0..10 {
            let Ok(mut client) = rude(server.port).await else { break };
            for _ in 0..3 {
                heard += u32::from(client.authenticate_password("blue", "00000-00000-00000").await.is_ok());
            }
            // The fourth secret of a connection is not looked at, whatever it is.
            let fourth = client.authenticate_password("blue", server.invite("operator")).await;
            assert!(!fourth.is_ok_and(|result| result.success()));
        }
        assert!(heard >= 20, "{heard}");
        assert!(begun.elapsed() >= Duration::from_millis(400 * 20), "{:?}", begun.elapsed());
        // The address has to wait now, with the right secret too.
        let late = match rude(server.port).await {
            Ok(mut client) => client.authenticate_password("blue", server.invite("operator")).await.ok(),
            Err(_) => None,
        };
        assert!(late.is_none_or(|result| !result.success()));
    });
}

#[test]
fn ssh_one_session_of_bounded_size_a_connection() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path(), &["--case", CASE, "--per-address", "1"]);
    in_time(async {
        let mut client = rude(server.port).await.expect("a connection");
        // Before the login there is no channel.
        assert!(client.authenticate_none("blue").await.is_ok_and(|result| !result.success()));
        assert!(client.authenticate_password("blue", server.invite("operator")).await.expect("an answer").success());
        let mut channel = client.channel_open_session().await.expect("one session");
        assert!(client.channel_open_session().await.is_err(), "no second session");
        assert!(client.channel_open_direct_tcpip("127.0.0.1", 22, "127.0.0.1", 1).await.is_err());
        channel.request_pty(true, &"x".repeat(5_000), 80, 24, 0, 0, &[]).await.expect("sent");
        assert!(matches!(answer(&mut channel).await, Some(russh::ChannelMsg::Failure)), "a name that long is refused");
        for n in 0..200 {
            channel.set_env(false, format!("LC_{n}"), "y".repeat(10_000)).await.expect("sent");
        }
        channel.request_pty(true, "xterm\x1b]0;evil\x07", u32::MAX, u32::MAX, 0, 0, &[]).await.expect("sent");
        assert!(matches!(answer(&mut channel).await, Some(russh::ChannelMsg::Success)));
        channel.request_x11(true, false, "MIT-MAGIC-COOKIE-1", "00", 0).await.expect("sent");
        assert!(matches!(answer(&mut channel).await, Some(russh::ChannelMsg::Failure)));
        channel.request_shell(true).await.expect("sent");
        assert!(matches!(answer(&mut channel).await, Some(russh::ChannelMsg::Success)));
        let mut bytes = 0;
        while bytes < 100 {
            let Some(message) = channel.wait().await else { panic!("it ended") };
            if let russh::ChannelMsg::Data { data } = message {
                bytes += data.len();
            }
        }
        channel.request_shell(true).await.expect("sent");
        assert!(matches!(answer(&mut channel).await, Some(russh::ChannelMsg::Failure)), "one shell a session");
        // Another of this address is one too many.
        let mut second = rude(server.port).await.expect("a connection");
        assert!(
            second.authenticate_password("blue", server.invite("scribe")).await.is_ok_and(|result| !result.success())
        );
    });
}

/// The next answer to a request; pictures between are passed over.
async fn answer(channel: &mut russh::Channel<russh::client::Msg>) -> Option<russh::ChannelMsg> {
    loop {
        match channel.wait().await {
            Some(message @ (russh::ChannelMsg::Success | russh::ChannelMsg::Failure)) => return Some(message),
            Some(_) => {}
            None => return None,
        }
    }
}

#[test]
fn a_room_that_plays_is_not_read_elsewhere() {
    let data = tempfile::tempdir().expect("a folder");
    let (server, _desk, mut hands) = begun(data.path(), &[]);
    hands.send("echo secret of the room\r");
    hands.wait_text("secret of the room");
    let id = std::fs::read_dir(data.path().join("runs")).expect("runs").flatten().next().expect("a run").file_name();
    let id = id.to_str().expect("a name");
    let told = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
        command.args(args).current_dir(data.path()).env("WHODUNIT_DATA", data.path()).stdin(Stdio::null());
        let out = command.output().expect("it runs");
        (
            out.status.success(),
            String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr),
        )
    };
    for args in
        [&["replay", id][..], &["report", id], &["grade", id], &["resume", id, "--plain"], &["resume", "--plain"]]
    {
        let (done, said) = told(args);
        assert!(
            !done && !said.contains("secret of the room") && !said.contains("\"variant\":\"A\""),
            "{args:?}: {said}"
        );
    }
    let (done, said) = told(&["runs", "--json"]);
    assert!(done && said.contains(id) && said.contains("\"variant\": \"\""), "{said}");
    let (done, said) = told(&["serve", "--case", CASE]);
    assert!(!done && said.contains("another `whodunit serve`"), "{said}");
    drop(server);
    let (done, said) = told(&["serve", "--case", "the-car-that-hated-vanilla", "--room", "blue"]);
    assert!(!done && said.contains("is not over"), "{said}");
}

/// What a terminal shows after any row of pictures is the last picture: wide characters, styles, carets, sizes.
#[test]
fn a_far_terminal_shows_the_last_picture() {
    use ratatui::buffer::Buffer;
    use ratatui::layout::{Position, Rect};
    use ratatui::style::{Color, Modifier, Style};
    use whodunit::host::painter::{Depth, Shown};
    let mut state = 7u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let texts = ["a", "kubectl get pods", "한글 이름", "│┌┐└┘●○▃█", "e\u{301}tat", "mixed 가나 ab"];
    let colours = [Color::Reset, Color::Red, Color::Indexed(200), Color::Rgb(10, 200, 30)];
    for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::Full] {
        let (mut shown, mut size) = (Shown::new(), (40u16, 12u16));
        let some = |n| NonZero::new(n).expect("a size");
        let mut screen = vt100::Parser::new(some(size.1), some(size.0), 0);
        for round in 0..120 {
            if round % 40 == 39 {
                size = (20 + next(40) as u16, 4 + next(12) as u16);
                screen = vt100::Parser::new(some(size.1), some(size.0), 0);
                shown.forget();
            }
            let mut picture = Buffer::empty(Rect { x: 0, y: 0, width: size.0, height: size.1 });
            for _ in 0..next(30) {
                let at = (next(u64::from(size.0)) as u16, next(u64::from(size.1)) as u16);
                let style = Style::default().fg(colours[next(4) as usize]).bg(colours[next(4) as usize]);
                let style = if next(2) == 0 { style.add_modifier(Modifier::BOLD | Modifier::REVERSED) } else { style };
                picture.set_string(at.0, at.1, texts[next(6) as usize], style);
            }
            let caret = (next(2) == 0).then(|| Position { x: next(u64::from(size.0)) as u16, y: 0 });
            let mut bytes = Vec::new();
            shown.paint(&picture, caret, depth, &mut bytes);
            screen.process(&bytes);
            assert_eq!(screen.screen().hide_cursor(), caret.is_none());
            if let Some(at) = caret {
                assert_eq!(screen.screen().cursor_position(), (at.y, at.x));
            }
            let mut again = Vec::new();
            shown.paint(&picture, caret, depth, &mut again);
            assert!(again.is_empty(), "nothing changed, and {} bytes are written", again.len());
            for y in 0..size.1 {
                let mut x = 0;
                while x < size.0 {
                    let cell = &picture[(x, y)];
                    let seen = screen.screen().cell(y, x).expect("a cell");
                    let drawn = if seen.contents().is_empty() { " " } else { seen.contents() };
                    assert_eq!(drawn, cell.symbol(), "{depth:?}, round {round}, {x},{y}");
                    assert_eq!(
                        seen.bold(),
                        cell.modifier.contains(Modifier::BOLD),
                        "{depth:?}, round {round}, {x},{y}"
                    );
                    let coloured = seen.fgcolor() != vt100::Color::Default;
                    assert_eq!(coloured, depth != Depth::None && cell.fg != Color::Reset, "round {round}, {x},{y}");
                    x += if seen.is_wide() { 2 } else { 1 };
                }
            }
        }
    }
}

//! The real binary on a real pseudo-terminal: first frame, Korean, resize, and the terminal given back however it ends.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A program on a terminal that a test looks at.
struct Seen {
    master: Box<dyn MasterPty + Send>,
    // Held open, so that the terminal outlives the program and can be looked at afterwards.
    _slave: Box<dyn SlavePty + Send>,
    child: Box<dyn Child + Send + Sync>,
    bytes: Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    screen: vt100::Parser,
    raw: Vec<u8>,
    before: String,
    _data: tempfile::TempDir,
}

fn start(args: &[&str], size: (u16, u16), environment: &[(&str, &str)]) -> Seen {
    let size = PtySize { rows: size.1, cols: size.0, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let data = tempfile::tempdir().expect("a folder");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args);
    command.cwd(data.path());
    command.env("WHODUNIT_DATA", data.path());
    command.env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR");
    command.env_remove("RUST_BACKTRACE");
    command.env("LC_ALL", "C.UTF-8");
    for (name, value) in environment {
        command.env(name, value);
    }
    let before = modes(&*pair.master);
    let child = pair.slave.spawn_command(command).expect("it starts");
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
    let screen = emulator(size.rows, size.cols);
    Seen { master: pair.master, _slave: pair.slave, child, bytes, writer, screen, raw: Vec::new(), before, _data: data }
}

fn emulator(rows: u16, columns: u16) -> vt100::Parser {
    let some = |n| NonZero::new(n).expect("a size");
    vt100::Parser::new(some(rows), some(columns), 0)
}

fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().expect("modes");
    format!("{:?} {:?} {:?} {:?}", modes.input_flags, modes.output_flags, modes.control_flags, modes.local_flags)
}

impl Seen {
    fn wait(&mut self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            match self.bytes.recv_timeout(Duration::from_millis(50)) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            assert!(Instant::now() < end, "waited in vain for {what}:\n{}", self.screen.screen().contents());
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

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().expect("a process").to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().expect("kill").success());
    }

    /// The process's state as the kernel has it: `T` is stopped.
    fn state(&self) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.process_id()?)).ok()?;
        stat.rsplit(") ").next()?.chars().next()
    }

    fn given_back(&self) -> bool {
        let screen = self.screen.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            && modes(&*self.master) == self.before
    }

    fn wait_end(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                self.wait("the terminal given back", Seen::given_back);
                return status.exit_code();
            }
            assert!(Instant::now() < end, "it does not end:\n{}", self.text());
            while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(20)) {
                self.screen.process(&bytes);
                self.raw.extend(bytes);
            }
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    for (how, code) in [("q", 0), ("\x03", 0), ("-TERM", 143), ("-HUP", 129), ("-INT", 130), ("-QUIT", 131)] {
        let mut seen = start(&["--mouse"], (80, 24), &[]);
        seen.wait_text("whodunit");
        seen.wait("raw mode and the other screen", |seen| {
            seen.screen.screen().alternate_screen() && modes(&*seen.master) != seen.before
        });
        if how.starts_with('-') {
            seen.signal(how)
        } else {
            seen.send(how)
        }
        assert_eq!(seen.wait_end(), code, "{how}");
    }
}

#[test]
fn a_panic_speaks_on_a_terminal_that_can_show_it() {
    let mut seen = start(&["__panic"], (80, 24), &[]);
    seen.wait("the other screen", |seen| seen.screen.screen().alternate_screen());
    seen.send("x");
    assert_ne!(seen.wait_end(), 0);
    seen.wait_text("asked to panic");
}

#[test]
fn sigkill_leaves_the_terminal_to_the_guard() {
    let mut seen = start(&[], (80, 24), &[]);
    seen.wait_text("whodunit");
    // The guard starts after the first frame.
    let pid = seen.child.process_id().expect("a process");
    let children = format!("/proc/{pid}/task/{pid}/children");
    let end = Instant::now() + PATIENCE;
    while std::fs::read_to_string(&children).unwrap_or_default().trim().is_empty() {
        assert!(Instant::now() < end, "no guard came");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(200));
    seen.signal("-KILL");
    seen.wait_end();
}

#[test]
fn suspend_gives_the_terminal_and_continue_takes_it_again() {
    let mut seen = start(&[], (80, 24), &[]);
    seen.wait_text("whodunit");
    for how in ["\x1a", "-TSTP"] {
        if how.starts_with('-') {
            seen.signal(how)
        } else {
            seen.send(how)
        }
        seen.wait("the terminal given back", Seen::given_back);
        // A continue that overtakes the stop would be lost.
        seen.wait("the stop", |seen| seen.state() == Some('T'));
        seen.signal("-CONT");
        seen.wait("the list again", |seen| seen.screen.screen().alternate_screen() && seen.text().contains("whodunit"));
    }
    seen.send("q");
    assert_eq!(seen.wait_end(), 0);
}

#[test]
fn korean_shows_in_eighty_columns() {
    let mut seen = start(&["--lang", "ko"], (80, 24), &[]);
    seen.wait_text("난이도");
    seen.wait_text("처음이신가요?");
    seen.send("?");
    seen.wait_text("어디서나");
    seen.send("\x1b");
    seen.wait("help closed", |seen| !seen.text().contains("어디서나"));
    seen.send("q");
    assert_eq!(seen.wait_end(), 0);
}

#[test]
fn no_color_writes_no_colour() {
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut seen = start(&[], (80, 24), &[environment]);
        seen.wait_text("whodunit");
        seen.send("q");
        seen.wait_end();
        let raw = String::from_utf8_lossy(&seen.raw).into_owned();
        for sequence in raw.split("\x1b[").skip(1) {
            let Some((numbers, _)) = sequence.split_once('m') else { continue };
            let coloured = numbers.split(';').any(|n| matches!(n.parse::<u32>(), Ok(30..=38 | 40..=48 | 90..=107)));
            assert!(
                !coloured || !numbers.chars().all(|c| c.is_ascii_digit() || c == ';'),
                "{environment:?}: {numbers:?}"
            );
        }
    }
}

#[test]
fn resizing_redraws_even_to_absurd_sizes() {
    let mut seen = start(&[], (80, 24), &[]);
    seen.wait_text("whodunit");
    for (cols, rows) in [(1, 1), (200, 60), (0, 0), (3, 2), (65_535, 65_535), (100, 30)] {
        seen.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("resized");
        std::thread::sleep(Duration::from_millis(30));
    }
    seen.screen = emulator(30, 100);
    seen.send("\x0c");
    seen.wait_text("whodunit");
    assert!(seen.child.try_wait().expect("a status").is_none(), "it still runs");
    seen.send("q");
    assert_eq!(seen.wait_end_code(), 0);
}

impl Seen {
    /// As `wait_end`, where the emulator was replaced and knows nothing of the screen before.
    fn wait_end_code(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                assert_eq!(modes(&*self.master), self.before);
                return status.exit_code();
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn idle_is_blocked() {
    let mut seen = start(&[], (80, 24), &[]);
    seen.wait_text("whodunit");
    // The list is complete when half a second brings nothing more.
    while seen.bytes.recv_timeout(Duration::from_millis(500)).is_ok() {}
    let pid = seen.child.process_id().expect("a process");
    let switches = || {
        let mut count = 0;
        for task in std::fs::read_dir(format!("/proc/{pid}/task")).expect("tasks").flatten() {
            let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
            count += line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0);
        }
        count
    };
    let before = switches();
    std::thread::sleep(Duration::from_secs(2));
    assert!(switches() - before <= 2, "it woke up {} times in two idle seconds", switches() - before);
    if let Ok(bytes) = seen.bytes.recv_timeout(Duration::from_millis(10)) {
        panic!("it wrote {} bytes while idle", bytes.len());
    }
}

#[test]
fn a_flood_of_keys_settles() {
    let mut seen = start(&[], (80, 24), &[]);
    seen.wait_text("whodunit");
    let keys = "jk".repeat(10_000);
    let begun = Instant::now();
    seen.send(&keys);
    seen.send("?");
    seen.wait_text("Everywhere");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    seen.send("qq");
    assert_eq!(seen.wait_end(), 0);
}

#[test]
fn a_real_drill_is_played_on_the_screen() {
    let mut seen = start(&["play", "the-pod-that-would-not-stay-up", "--seed", "1", "--variant", "A"], (120, 40), &[]);
    seen.wait_text("Why you are here");
    seen.send("\r");
    seen.wait_text("scoop-prod");
    seen.send("kubectl -n shop get pods\r");
    seen.wait_text("CrashLoopBackOff");
    // Esc, up to the line, bag it; the board counts it.
    seen.send("\x1b");
    seen.wait_text("choose lines, b bags");
    seen.send("b");
    seen.wait_text("Exhibits [1]");
    seen.send("ikubectl -n shop logs -f deploy/storefront\r");
    seen.wait_text("logs kubectl -n shop logs -f");
    seen.send("\x03");
    seen.wait("the follow ended", |seen| !seen.text().contains("logs kubectl -n shop logs -f"));
    seen.signal("-TERM");
    assert_eq!(seen.wait_end(), 143);
}

fn enter_drill(args: &[&str]) -> Seen {
    let own = ["play", "the-pod-that-would-not-stay-up", "--seed", "1", "--variant", "A"];
    let mut seen = start(&[&own, args].concat(), (120, 40), &[]);
    seen.wait_text("Why you are here");
    let raw = String::from_utf8_lossy(&seen.raw).into_owned();
    assert!(raw.contains("Setting the scene"), "something is said before the world is cast");
    seen.send("\r");
    seen.wait_text("board[0]");
    seen
}

#[test]
fn completion_knows_the_real_estate() {
    let mut seen = enter_drill(&[]);
    seen.send("kubectl -n shop get se\t");
    seen.wait_text("serviceaccounts");
    seen.send("\x1b");
    seen.wait("the menu closed", |seen| !seen.text().contains("serviceaccounts"));
    seen.send("\x15kubectl -n shop get deploy storef\t-o name\r");
    seen.wait_text("deployment.apps/storefront");
    seen.send("\x11y");
    assert_eq!(seen.wait_end(), 0);
}

#[test]
fn a_pasted_here_document_is_one_line() {
    let mut seen = enter_drill(&[]);
    seen.send("\x1b[200~cat > note.txt <<EOF\nfirst words\n\nlast words\nEOF\nwc -l note.txt\n\x1b[201~");
    seen.wait_text("<<EOF⏎first words⏎⏎last words⏎EOF");
    seen.send("\r");
    seen.wait_text("$ wc -l note.txt");
    seen.send("\r");
    seen.wait_text("3 note.txt");
    // Typed by hand it goes on until its end as well.
    seen.send("cat <<END\r");
    seen.wait_text("goes on until a line `END`");
    seen.send("by hand\rEND\r");
    seen.wait("its output", |seen| seen.text().lines().any(|line| line.starts_with("│ by hand ")));
    seen.send("\x11y");
    assert_eq!(seen.wait_end(), 0);
}

#[test]
fn the_live_clock_runs_by_itself() {
    let mut seen = enter_drill(&["--clock", "live", "--speed", "10"]);
    // Nothing is typed: half a minute of simulated time takes three seconds.
    let begun = Instant::now();
    seen.wait("half a minute", |seen| (30..60).any(|second| seen.text().contains(&format!(" +{second}s "))));
    assert!(begun.elapsed() > Duration::from_millis(1_500), "{:?}", begun.elapsed());
    seen.send("\x11y");
    assert_eq!(seen.wait_end(), 0);
}

//! The one event pump: everything that can wake the program comes in here, in one closed list; asks are fulfilled until
//! none is left, then the face is drawn once. Idle is blocked: no timer runs in the turn clock.

use super::commands::Failure;
use super::door;
use super::guard::{Before, Guard};
use super::table::Table;
use super::terminal::{self, Terminal};
use crate::ui::ask::Ask;
use crate::ui::event::Event;
use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// Events that wait at most; the readers block then, and the terminal's own queue holds the rest.
const WAITING_MAX: usize = 4_096;
/// How often the live clock is read.
const LIVE_EVERY: Duration = Duration::from_millis(500);

/// What can wake the program.
enum Wake {
    /// A request through the door.
    Asked(door::owner::Ask),
    Terminal(crossterm::event::Event),
    Signal(i32),
    /// The terminal is gone.
    Gone,
}

/// How the pump goes on after an event.
enum Next {
    Stay,
    Leave(ExitCode),
}

fn listen(send: SyncSender<Wake>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT])?;
    let to = send.clone();
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            if to.send(Wake::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    std::thread::Builder::new().name("keys".into()).spawn(move || {
        loop {
            let wake = crossterm::event::read().map_or(Wake::Gone, Wake::Terminal);
            let gone = matches!(wake, Wake::Gone);
            if send.send(wake).is_err() || gone {
                return;
            }
        }
    })?;
    Ok(())
}

/// Runs the table on this terminal until it is left. The exit code of a signal is 128 and its number. `begin` lays what
/// takes a moment after the first frame was drawn; what it refuses is given back with the terminal.
pub fn run(
    table: &mut Table,
    mouse: bool,
    begin: impl FnOnce(&mut Table) -> Result<(), String>,
) -> Result<ExitCode, Failure> {
    let before = Before::of_terminal();
    panic_gives_back();
    let mut terminal = Terminal::take(mouse)?;
    table.face.size = terminal.size();
    let (send, wakes) = mpsc::sync_channel(WAITING_MAX);
    listen(send.clone())?;
    draw(&mut terminal, table)?;
    let _guard = before.as_ref().and_then(Guard::start);
    begin(table)?;
    let _door = open_door(table, send)?;
    draw(&mut terminal, table)?;
    loop {
        let Some(first) = next_wake(&wakes, table) else { continue };
        if let Next::Leave(code) = drain(first, &wakes, &mut terminal, table)? {
            return Ok(code);
        }
        draw(&mut terminal, table)?;
    }
}

/// Opens the door to the run at the table, if one was asked for, and says how to use it.
fn open_door(table: &mut Table, send: SyncSender<Wake>) -> Result<Option<door::command::Opened>, String> {
    let Some(port) = table.door else { return Ok(None) };
    let Some((run, folder)) = table.run().zip(table.folder()) else { return Ok(None) };
    let to: door::owner::Send = Box::new(move |ask| send.try_send(Wake::Asked(ask)).is_ok());
    let opened = door::command::open(port, run, folder, to)?;
    let say = format!("{} . {}", opened.door.address, opened.script.display());
    table.face.flash = Some((crate::ui::theme::Role::Info, say));
    Ok(Some(opened))
}

/// Blocks until something happens; with a live clock, until it is time to read it.
fn next_wake(wakes: &Receiver<Wake>, table: &mut Table) -> Option<Option<Wake>> {
    if !table.is_live() {
        return Some(Some(wakes.recv().unwrap_or(Wake::Gone)));
    }
    let every = if table.is_asked() { door::owner::LOOK_EVERY } else { LIVE_EVERY };
    match wakes.recv_timeout(every) {
        Ok(wake) => Some(Some(wake)),
        Err(RecvTimeoutError::Timeout) => Some(None),
        Err(RecvTimeoutError::Disconnected) => Some(Some(Wake::Gone)),
    }
}

/// Takes everything that has come in before anything is drawn.
fn drain(
    first: Option<Wake>,
    wakes: &Receiver<Wake>,
    terminal: &mut Terminal,
    table: &mut Table,
) -> std::io::Result<Next> {
    let mut wake = first;
    if wake.is_none() {
        table.tick()?;
        if let Next::Leave(code) = fulfil(table.answer_waiting()?, terminal, table)? {
            return Ok(Next::Leave(code));
        }
    }
    while let Some(one) = wake {
        assert!(!table.panics, "asked to panic, for the test of what is left behind");
        if let Next::Leave(code) = handle(one, terminal, table)? {
            return Ok(Next::Leave(code));
        }
        wake = wakes.try_recv().ok();
    }
    Ok(Next::Stay)
}

fn handle(wake: Wake, terminal: &mut Terminal, table: &mut Table) -> std::io::Result<Next> {
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    match wake {
        Wake::Asked(ask) => fulfil(table.asked(ask)?, terminal, table),
        Wake::Gone => Ok(Next::Leave(ExitCode::from(1))),
        Wake::Signal(SIGTSTP) => suspend(terminal).map(|()| Next::Stay),
        Wake::Signal(SIGCONT) => {
            terminal.retake()?;
            table.face.size = terminal.size();
            Ok(Next::Stay)
        }
        Wake::Signal(signal) => Ok(Next::Leave(ExitCode::from(128_u8.saturating_add(signal as u8)))),
        Wake::Terminal(raw) => match terminal::event(raw) {
            Some(Event::Resize { .. }) => {
                terminal.resize();
                let (columns, rows) = terminal.size();
                fulfil(table.update(Event::Resize { columns, rows }), terminal, table)
            }
            Some(event) => fulfil(table.update(event), terminal, table),
            None => Ok(Next::Stay),
        },
    }
}

/// Does what was asked until nothing is left; what an ask leads to may ask again.
fn fulfil(asks: Vec<Ask>, terminal: &mut Terminal, table: &mut Table) -> std::io::Result<Next> {
    let mut asks = VecDeque::from(asks);
    while let Some(ask) = asks.pop_front() {
        match ask {
            Ask::Quit => return Ok(Next::Leave(ExitCode::SUCCESS)),
            Ask::Repaint => terminal.resize(),
            Ask::Suspend => suspend(terminal)?,
            Ask::Act(act) => asks.extend(table.act(act)?),
            Ask::Play { slug } => {
                // Casting a world takes a moment: say so before it is done.
                table.face.tell(crate::ui::theme::Role::Info, "briefing.casting");
                draw(terminal, table)?;
                table.face.flash = None;
                table.play(&slug);
            }
            Ask::Shelve => table.shelve(),
            Ask::Contrast => {
                // Another world is warmed up: say so before it is done.
                draw(terminal, table)?;
                table.contrast();
            }
            Ask::Export => table.export(),
            Ask::Forget => table.forget(),
            // Whoever is alone has no room.
            Ask::Room(_) => {}
        }
    }
    Ok(Next::Stay)
}

/// Ctrl-Z: the terminal is the shell's until we are continued.
fn suspend(terminal: &mut Terminal) -> std::io::Result<()> {
    terminal::give_back();
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    terminal.retake()
}

fn draw(terminal: &mut Terminal, table: &Table) -> std::io::Result<()> {
    terminal.draw(|buf| table.view(buf))
}

/// A panic speaks on a terminal that can show it.
fn panic_gives_back() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        terminal::give_back();
        told(info);
    }));
}

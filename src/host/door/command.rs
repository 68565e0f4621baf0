//! `whodunit door`: a run that is only asked from outside. This thread owns the run; requests reach it over a channel,
//! and time passes with the wall clock until Ctrl-C. Does not know wires.

use super::aws::endpoint::Endpoint;
use super::aws::profile;
use super::listen::{self, Door};
use super::owner::{self, Ask, Desk};
use crate::drill::run::Run;
use crate::host::commands::{Failure, print};
use crate::host::plain::Pace;
use crate::host::runs::Kept;
use crate::host::show;
use crate::stdx::lang::Lang;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// Requests that wait for the owner; more are refused.
pub const ASKS_MAX: usize = 256;
/// How often time is let pass when nobody asks.
const TICK: Duration = Duration::from_secs(1);

enum Wake {
    Ask(Ask),
    Stop,
}

/// An open door and how to use it.
#[derive(Debug)]
pub struct Opened {
    /// Held for the door it keeps open.
    pub door: Door,
    /// A file of lines for a shell: `. door.sh`.
    pub script: PathBuf,
    /// What to tell.
    pub told: String,
}

/// Opens a door to a run and writes its profile into the run's folder.
pub fn open(port: u16, run: &Run, folder: &Path, send: owner::Send) -> Result<Opened, String> {
    let region = &run.stage.world.aws.region;
    if region.is_empty() {
        return Err("this case has no AWS account: there is nothing behind the door".into());
    }
    let said = |error: io::Error| format!("cannot listen on 127.0.0.1:{port}: {error}");
    let listener = listen::bind(port).map_err(said)?;
    let address = listener.local_addr().map_err(said)?;
    let endpoint = Endpoint::new(address, region, send).map_err(said)?;
    let kept = profile::keep(folder, &endpoint.key, address);
    let script = kept.map_err(|error| format!("{}: {error}", folder.display()))?;
    let lines = std::fs::read_to_string(&script).map_err(|error| format!("{}: {error}", script.display()))?;
    let told = format!(
        "{lines}# The same: . '{}'\n# For clients that know no profiles:\n{}",
        script.display(),
        commented(&profile::bare_exports(&endpoint.key, address))
    );
    let door = listen::open(listener, Arc::new(endpoint)).map_err(said)?;
    Ok(Opened { door, script, told })
}

fn commented(text: &str) -> String {
    text.lines().map(|line| format!("#   {line}\n")).collect()
}

fn on_signals(send: SyncSender<Wake>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for _ in signals.forever() {
            if send.send(Wake::Stop).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Keeps the door of a run until it is told to stop, or the run is closed.
pub fn serve(mut kept: Kept, port: u16, lang: &Lang) -> Result<ExitCode, Failure> {
    let (send, wakes) = mpsc::sync_channel(ASKS_MAX);
    on_signals(send.clone())?;
    let to: owner::Send = Box::new(move |ask| send.try_send(Wake::Ask(ask)).is_ok());
    let opened = open(port, &kept.run, &kept.folder, to)?;
    print(&show::opening(&kept.run, lang));
    print(&format!("# The door is open at http://{}. In another terminal:\n{}", opened.door.address, opened.told));
    print("# Ctrl-C closes it; `whodunit resume` goes on with the run.\n");
    let speed = kept.header.speed;
    let pace = Pace::of(&kept.run, speed);
    let mut desk = Desk::default();
    while kept.run.is_open() {
        let wake = wakes.recv_timeout(if desk.is_empty() { TICK } else { owner::LOOK_EVERY });
        if matches!(wake, Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected)) {
            break;
        }
        if let Some(act) = pace.tick(&kept.run) {
            kept.act(act)?;
        }
        while let Some(ask) = desk.ripe(&kept.run) {
            owner::finish(ask, |act| kept.act(act))?;
        }
        if let Ok(Wake::Ask(ask)) = wake
            && let Some(ask) = desk.take(ask, &kept.run, speed)
        {
            owner::finish(ask, |act| kept.act(act))?;
        }
    }
    print("\n");
    Ok(ExitCode::SUCCESS)
}

//! A small process that outlives the program: if the program dies without a word (SIGKILL), it gives the terminal back.
//! Does not know the game; it waits on a pipe and costs nothing meanwhile.

use super::terminal::GIVE_BACK;
use rustix::termios::{
    self, ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios,
};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The hidden command by which the program starts itself as the guard.
pub const NAME: &str = "__guard";

/// The modes of the terminal before it was taken.
pub struct Before {
    modes: Termios,
}

impl Before {
    pub fn of_terminal() -> Option<Before> {
        termios::tcgetattr(std::io::stdin()).ok().map(|modes| Before { modes })
    }

    fn words(&self) -> [String; 6] {
        let modes = &self.modes;
        [
            modes.input_modes.bits().to_string(),
            modes.output_modes.bits().to_string(),
            modes.control_modes.bits().to_string(),
            modes.local_modes.bits().to_string(),
            modes.special_codes[SpecialCodeIndex::VMIN].to_string(),
            modes.special_codes[SpecialCodeIndex::VTIME].to_string(),
        ]
    }
}

/// The guard as its ward sees it; dropping it says that all is well.
pub struct Guard {
    child: Child,
}

impl Guard {
    /// Starts the guard; without one the program goes on all the same.
    pub fn start(before: &Before) -> Option<Guard> {
        let own = std::env::current_exe().ok()?;
        let mut command = Command::new(own);
        command.arg(NAME).args(before.words()).stdin(Stdio::piped()).stderr(Stdio::null());
        command.spawn().ok().map(|child| Guard { child })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.child.stdin.take() {
            let _ = pipe.write_all(b"k");
        }
        let _ = self.child.wait();
    }
}

/// The guard's own life: until the pipe ends. A last byte means that the terminal was given back.
pub fn main(words: &[String]) -> ExitCode {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTOU};
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTOU] {
        let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
    let mut last = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut last);
    if last.is_empty() {
        let mut out = std::io::stdout();
        let _ = out.write_all(GIVE_BACK.as_bytes());
        let _ = out.flush();
        restore(words);
    }
    ExitCode::SUCCESS
}

fn restore(words: &[String]) -> Option<()> {
    let number = |at: usize| words.get(at)?.parse::<u32>().ok();
    let mut modes = termios::tcgetattr(std::io::stdout()).ok()?;
    modes.input_modes = InputModes::from_bits_retain(number(0)?);
    modes.output_modes = OutputModes::from_bits_retain(number(1)?);
    modes.control_modes = ControlModes::from_bits_retain(number(2)?);
    modes.local_modes = LocalModes::from_bits_retain(number(3)?);
    modes.special_codes[SpecialCodeIndex::VMIN] = number(4)? as u8;
    modes.special_codes[SpecialCodeIndex::VTIME] = number(5)? as u8;
    termios::tcsetattr(std::io::stdout(), OptionalActions::Now, &modes).ok()
}

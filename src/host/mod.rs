//! The outside: arguments, terminal, files. Knows no rule of the game.

pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}

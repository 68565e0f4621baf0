//! The program's door: hands the arguments to `host` and returns its exit code.

fn main() -> std::process::ExitCode {
    whodunit::host::main()
}

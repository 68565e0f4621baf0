//! The built-in aws command: options, output, query, errors.

use whodunit::console;
use whodunit::console::page::Output;
use whodunit::console::session::Session;
use whodunit::stdx::time::Time;
use whodunit::world::World;

/// A world with an account that holds nothing, and a shell in it.
fn shell() -> (World, Session) {
    let start = Time::parse("2026-03-02T10:00:00Z").expect("a time");
    let mut world = World::new(1, start);
    world.aws.id = "123456789012".into();
    world.aws.region = "ap-northeast-2".into();
    let session = Session { user: "learner".into(), namespace: "default".into(), ..Session::default() };
    (world, session)
}

fn text(output: &Output) -> String {
    output.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

#[test]
fn scratch() {
    let Ok(path) = std::env::var("SCRATCH") else { return };
    let (mut world, mut session) = shell();
    let mut all = String::new();
    for line in std::fs::read_to_string(&path).expect("a file").lines() {
        let ran = console::run(&mut world, &mut session, line);
        all.push_str(&format!("\x01{line}\n{}\x02{}\n", text(&ran.output), ran.output.code));
    }
    std::fs::write(format!("{path}.out"), all).expect("written");
}

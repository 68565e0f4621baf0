//! Kill and resume: a scripted run of the real program is killed without warning at random moments, and gone on with. No
//! act that was acknowledged may be missing, and the resumed run must equal the one that was never interrupted.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use whodunit::drill::journal::{self, Journal};
use whodunit::drill::run::Run;
use whodunit::scenario::{self, Pack, template};
use whodunit::stdx::dice::Dice;

/// How often the run is killed.
const KILLS: usize = 200;
/// Every so many kills the program itself goes on with the run; the library does after each.
const RESUMED_EVERY: usize = 8;

/// What is played: lines of plain play; a transcript is made of them.
fn lines() -> Vec<String> {
    let mut lines = vec![":state something is wrong".to_string()];
    for n in 1..=24 {
        lines.push(format!("echo step {n} | tee note{}.txt", n % 3));
        if n % 3 == 0 {
            lines.push(":wait 7s".into());
        }
        if n % 4 == 0 {
            lines.push(format!(":note seen {n}"));
            lines.push(":bag all".into());
        }
    }
    lines
}

fn transcript(lines: &[String]) -> String {
    let line = |line: &String| match line.strip_prefix(':') {
        Some(act) if act.starts_with("wait") => act.to_string(),
        Some(act) => format!("> {act}"),
        None => format!("$ {line}"),
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// A case with a short past, so that a start is quick.
struct Ground {
    folder: tempfile::TempDir,
    pack: Pack,
}

impl Ground {
    fn new() -> Ground {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = template::new("a-crash").expect("a new case");
        files[0].1 = files[0].1.replace("warmup = \"6h\"", "warmup = \"7m\"");
        assert!(files[0].1.contains("warmup = \"7m\""), "the template's warm-up can be shortened");
        for (path, text) in &files {
            let path = folder.path().join("scenarios/a-crash").join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        fs::write(folder.path().join("lines.txt"), transcript(&lines())).expect("written");
        let pack = Pack::new("a-crash", "a-crash", files.into_iter().map(|(path, text)| (path, text.into_bytes())));
        Ground { folder, pack }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
        command.args(arguments).env("WHODUNIT_DATA", self.folder.path().join("data")).current_dir(self.folder.path());
        command
    }

    /// Starts the scripted run; what it acknowledges goes to `name.out`.
    fn start(&self, name: &str) -> Child {
        let out = fs::File::create(self.folder.path().join(format!("{name}.out"))).expect("a file");
        let arguments = ["run", "scenarios/a-crash", "lines.txt", "--variant", "A", "--seed", "5", "--run-dir", name];
        let mut command = self.command(&arguments);
        command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().expect("whodunit starts")
    }

    fn journal_path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name).join("journal.jsonl")
    }

    fn journal(&self, name: &str) -> Option<Journal> {
        let bytes = fs::read(self.journal_path(name)).ok()?;
        // Before the header is whole the run has not begun.
        if !bytes.contains(&b'\n') {
            return None;
        }
        Some(journal::parse(&bytes).unwrap_or_else(|fault| panic!("{name}: {fault}")))
    }

    /// How many shell lines the program had acknowledged: their pages were printed.
    fn acknowledged(&self, name: &str) -> usize {
        let out = fs::read_to_string(self.folder.path().join(format!("{name}.out"))).unwrap_or_default();
        out.lines().filter(|line| line.starts_with("step ")).count()
    }
}

/// Everything a player can see of a run.
fn seen(run: &Run) -> String {
    format!("{:?}\n{:?}\n{:?}\n{:?}\n{:?}", run.now(), run.pages, run.board, run.acts, run.messages)
}

fn shell_lines(journal: &Journal) -> usize {
    journal.entries.iter().filter(|entry| matches!(&entry.act, whodunit::drill::act::Act::Run { .. })).count()
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let ground = Ground::new();
    let (case, stage) = scenario::cast(&ground.pack, "A", 5).expect("the case is cast");
    let case = Arc::new(case);
    let mut child = ground.start("whole");
    wait_for(&ground.journal_path("whole"), &mut child);
    let began = Instant::now();
    assert!(child.wait().expect("it ends").success());
    let window = began.elapsed();
    let whole = ground.journal("whole").expect("a journal");
    assert!(whole.entries.len() >= lines().len(), "{} entries", whole.entries.len());
    let uninterrupted = journal::fold(&whole, Arc::clone(&case), stage.clone()).expect("folds");
    let (mut dice, mut cut) = (Dice::new(2026), 0);
    for kill in 0..KILLS {
        let name = format!("killed-{kill}");
        let mut child = ground.start(&name);
        wait_for(&ground.journal_path(&name), &mut child);
        sleep(window.mul_f64(dice.below(1_050) as f64 / 1_000.0));
        child.kill().expect("killed");
        child.wait().expect("dead");
        let acknowledged = ground.acknowledged(&name);
        let Some(torn) = ground.journal(&name) else {
            assert_eq!(acknowledged, 0, "{name}: acknowledged before the journal was there");
            continue;
        };
        assert!(shell_lines(&torn) >= acknowledged, "{name}: {acknowledged} acknowledged, {} kept", shell_lines(&torn));
        assert_eq!(torn.entries[..], whole.entries[..torn.entries.len()], "{name}");
        cut += usize::from(!torn.entries.is_empty() && torn.entries.len() < whole.entries.len());
        let mut run = journal::fold(&torn, Arc::clone(&case), stage.clone()).expect("folds");
        for entry in &whole.entries[torn.entries.len()..] {
            assert_eq!(run.now(), entry.at, "{name}");
            run.apply(entry.seat, entry.act.clone());
        }
        assert_eq!(seen(&run), seen(&uninterrupted), "{name}");
        if kill % RESUMED_EVERY == 0 {
            resume(&ground, &name, torn.entries.len());
            assert_eq!(ground.journal(&name).expect("a journal").entries, whole.entries, "{name} resumed");
        }
        fs::remove_dir_all(ground.folder.path().join(&name)).expect("tidied");
    }
    // Most kills must have hit the run while it was acting.
    assert!(cut > KILLS / 3, "only {cut} of {KILLS} kills fell between the first act and the last");
}

/// Waits until the journal is there or the program has ended.
fn wait_for(path: &Path, child: &mut Child) {
    let began = Instant::now();
    while !path.exists() && child.try_wait().expect("asked").is_none() {
        assert!(began.elapsed() < Duration::from_secs(120), "no journal after two minutes");
        sleep(Duration::from_millis(1));
    }
}

/// The program goes on with a run: the lines that are not in its journal are typed.
fn resume(ground: &Ground, name: &str, done: usize) {
    let mut command = ground.command(&["resume", name, "--plain"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("whodunit starts");
    let rest: String = lines().iter().skip(done).map(|line| format!("{line}\n")).collect();
    child.stdin.take().expect("a pipe").write_all(rest.as_bytes()).expect("typed");
    assert!(child.wait().expect("it ends").success(), "{name} is gone on with");
}

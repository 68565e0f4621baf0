//! Kill and resume: a scripted run of the real program is killed without warning at random moments, and gone on with. No
//! act that was acknowledged may be missing, and the resumed run must equal the one that was never interrupted.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use whodunit::drill::act::Act;
use whodunit::drill::journal::{self, Journal};
use whodunit::drill::run::Run;
use whodunit::scenario::{self, Pack, template};
use whodunit::stdx::dice::Dice;

/// How often the run is killed; every time the library folds what is left, and the program itself goes on with it.
const KILLS: usize = 200;

/// What is played: lines of plain play; a transcript is made of them. It looks at the cluster, follows logs, changes,
/// rolls back, and uses the whole board up to the verdict.
fn lines() -> Vec<String> {
    let played = [
        ":state something is wrong",
        "echo step 1 | tee note.txt",
        "kubectl -n shop get pods",
        "kubectl -n shop describe deploy storefront",
        ":bag all",
        ":suspect \"the image of storefront\" / \"an image that cannot be pulled\"",
        "echo step 2",
        ":rate h1 40",
        "kubectl -n shop logs -f deploy/storefront",
        ":wait 20s",
        ":leave",
        ":note followed for a while",
        "echo step 3",
        "kubectl -n shop get events | tail -n 5",
        ":bag all",
        ":predict h1 events should say so",
        ":link h1 e2 -",
        ":clear h1 with e2",
        "echo step 4",
        ":reopen h1",
        ":expect slo_storefront_ready_ratio >= 1 within 2m",
        "kubectl -n shop set env deploy/storefront COLOUR=green",
        ":wait 15s",
        "echo step 5",
        "kubectl -n shop rollout undo deploy/storefront",
        "kubectl -n shop rollout status deploy/storefront --timeout=40s || true",
        ":wait 1m",
        "echo step 6",
        "prom slo_storefront_ready_ratio",
        ":unbag e1",
        ":resolve",
        "echo step 7 >> note.txt; cat note.txt",
        ":verdict culprit=w6:e2 trigger=w1:e2 onset=10:30:e2",
    ];
    played.map(String::from).to_vec()
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
        files[0].1 = files[0].1.replace("warmup = \"2h\"", "warmup = \"7m\"");
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

    /// How many steps the program had acknowledged: their pages were printed.
    fn acknowledged(&self, name: &str) -> usize {
        let out = fs::read_to_string(self.folder.path().join(format!("{name}.out"))).unwrap_or_default();
        (1..=7).filter(|n| out.lines().any(|line| line == format!("step {n}"))).count()
    }
}

/// Everything a player can see of a run.
fn seen(run: &Run) -> String {
    format!("{:?}\n{:?}\n{:?}\n{:?}\n{:?}", run.now(), run.pages, run.board, run.acts, run.messages)
}

/// The steps that the journal knows.
fn steps(journal: &Journal) -> usize {
    let step = |act: &Act| matches!(act, Act::Run { line } if line.starts_with("echo step"));
    journal.entries.iter().filter(|entry| step(&entry.act)).count()
}

/// A run whose verdict is given is closed, and is not gone on with.
fn run_goes_on(torn: &Journal, whole: &Journal) -> bool {
    torn.entries.len() < whole.entries.len()
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let ground = Ground::new();
    let (case, stage) = scenario::cast(&ground.pack, "A", 5).expect("the case is cast");
    let case = Arc::new(case);
    let mut child = ground.start("whole");
    wait_for(&ground.journal_path("whole"), &mut child);
    assert!(child.wait().expect("it ends").success());
    let length = fs::metadata(ground.journal_path("whole")).expect("a journal").len();
    let whole = ground.journal("whole").expect("a journal");
    assert!(whole.entries.len() >= lines().len(), "{} entries", whole.entries.len());
    let uninterrupted = journal::fold(&whole, Arc::clone(&case), stage.clone()).expect("folds");
    let (mut dice, mut cut) = (Dice::new(2026), 0);
    for kill in 0..KILLS {
        let name = format!("killed-{kill}");
        let mut child = ground.start(&name);
        wait_for(&ground.journal_path(&name), &mut child);
        // Some way into the journal, wherever the program is then.
        let written = dice.below(length);
        while size(&ground.journal_path(&name)) < written && child.try_wait().expect("asked").is_none() {
            sleep(Duration::from_micros(100));
        }
        sleep(Duration::from_micros(dice.below(3_000)));
        child.kill().expect("killed");
        child.wait().expect("dead");
        let acknowledged = ground.acknowledged(&name);
        let Some(torn) = ground.journal(&name) else {
            assert_eq!(acknowledged, 0, "{name}: acknowledged before the journal was there");
            continue;
        };
        assert!(steps(&torn) >= acknowledged, "{name}: {acknowledged} acknowledged, {} kept", steps(&torn));
        assert_eq!(torn.entries[..], whole.entries[..torn.entries.len()], "{name}");
        cut += usize::from(!torn.entries.is_empty() && torn.entries.len() < whole.entries.len());
        let mut run = journal::fold(&torn, Arc::clone(&case), stage.clone()).expect("folds");
        for entry in &whole.entries[torn.entries.len()..] {
            assert_eq!(run.now(), entry.at, "{name}");
            run.apply(entry.seat, entry.act.clone());
        }
        assert_eq!(seen(&run), seen(&uninterrupted), "{name}");
        if run_goes_on(&torn, &whole) {
            resume(&ground, &name, torn.entries.len());
            assert_eq!(ground.journal(&name).expect("a journal").entries, whole.entries, "{name} resumed");
        }
        fs::remove_dir_all(ground.folder.path().join(&name)).expect("tidied");
    }
    // Most kills must have hit the run while it was acting.
    assert!(cut > KILLS / 3, "only {cut} of {KILLS} kills fell between the first act and the last");
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
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

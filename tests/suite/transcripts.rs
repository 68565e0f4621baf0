//! Sessions in, the same sessions out: `tests/transcripts/**/*.txt`. `BLESS=1` rewrites them; the diff is read.
//! `# case: SLUG VARIANT SEED` plays in that case as its page arrives, else in a world made from nothing (`# account: ID REGION`:
//! with an AWS account that holds nothing).
//! `# board: SLUG VARIANT SEED MODE` (or `toy MODE`) plays a whole run instead, with acts of the board (see [`crate::acts::session`]).
//! `# why`, `$ command` (`+ ` continues it), `@ 30s` lets time pass, `^C` ends what still prints; every other line is what the
//! program printed (a line that begins with one of these signs is shown behind a backslash). `hint: ` is our hint, `[1]` an exit code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use whodunit::console::kubectl::verbs::VERBS;
use whodunit::console::page::{Output, Stream};
use whodunit::console::session::{Session, Standing};
use whodunit::console::{self, program::PROGRAMS};
use whodunit::scenario;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

/// A session being played: the world made from nothing, one shell, what still prints.
struct Stage {
    world: World,
    session: Session,
    standing: Option<Standing>,
    text: String,
}

impl Stage {
    fn print(&mut self, output: &Output) {
        for line in &output.lines {
            let shown = match line.stream {
                Stream::Hint => format!("hint: {}", line.text),
                Stream::Out | Stream::Err => line.text.clone(),
            };
            let sign = ["# ", "$ ", "+ ", "@ ", "> ", "^C", "\\", "["].iter().any(|s| shown.starts_with(s));
            self.text.push_str(&format!("{}{}\n", if sign { "\\" } else { "" }, shown.trim_end()));
        }
    }

    fn code(&mut self, code: i32) {
        if code != 0 {
            self.text.push_str(&format!("[{code}]\n"));
        }
    }

    /// Runs a line; the turn clock runs until a blocking pipeline is done.
    fn run(&mut self, line: &str) {
        let ran = console::run(&mut self.world, &mut self.session, line);
        self.print(&ran.output);
        match ran.standing {
            None => self.code(ran.output.code),
            Some(standing) => {
                self.standing = Some(standing);
                let mut patience = 1_000;
                while self.standing.as_ref().is_some_and(|s| s.blocking && !s.done) && patience > 0 {
                    patience -= 1;
                    let next = self.standing.as_ref().map_or(Time(0), |s| s.next);
                    self.world.advance_to(next);
                    self.poll();
                }
            }
        }
    }

    fn poll(&mut self) {
        let Some(mut standing) = self.standing.take() else { return };
        let output = console::poll(&mut self.world, &mut self.session, &mut standing);
        self.print(&output);
        if standing.done {
            self.code(output.code);
        } else {
            self.standing = Some(standing);
        }
    }

    fn pass(&mut self, span: &str) {
        let span = Span::parse(span).unwrap_or_else(|| panic!("not a span of time: {span}"));
        let until = self.world.now + span;
        while let Some(next) = self.standing.as_ref().map(|s| s.next).filter(|next| *next <= until) {
            let before = self.world.now;
            self.world.advance_to(next);
            self.poll();
            if self.world.now == before && self.standing.as_ref().is_some_and(|s| s.next == next) {
                break;
            }
        }
        self.world.advance_to(until);
    }
}

/// The world of `SLUG VARIANT SEED` when its page arrives; made once, as many sessions begin in it.
fn cast(words: &str) -> World {
    static MADE: Mutex<BTreeMap<String, World>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(words.to_string()).or_insert_with(|| make(words)).clone()
}

fn make(words: &str) -> World {
    let [slug, variant, seed] = words.split(' ').collect::<Vec<_>>()[..] else { panic!("# case: SLUG VARIANT SEED") };
    let pack = scenario::find(slug).unwrap_or_else(|| panic!("no case {slug}"));
    let seed = seed.parse().expect("a seed");
    let (_, stage) =
        scenario::cast(&pack, variant, seed).unwrap_or_else(|wrong| panic!("{}", scenario::render(&wrong)));
    stage.world
}

/// The only test code that names the game's API: a transcript with every output made anew.
pub fn play(transcript: &str) -> String {
    if transcript.lines().any(|line| line.starts_with("# board: ")) {
        return crate::acts::session(transcript);
    }
    let start = Time::parse("2026-03-02T10:00:00Z").expect("a time");
    let session = Session { user: "learner".into(), namespace: "default".into(), ..Session::default() };
    let world =
        transcript.lines().find_map(|line| line.strip_prefix("# case: ")).map_or_else(|| World::new(1, start), cast);
    let mut stage = Stage { world, session, standing: None, text: String::new() };
    if let Some((id, region)) = transcript.lines().find_map(|line| line.strip_prefix("# account: ")?.split_once(' ')) {
        stage.world.aws.id = id.into();
        stage.world.aws.look_at(&region.into());
    }
    let lines: Vec<&str> = transcript.lines().collect();
    let mut at = 0;
    let mut described = true;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if line.starts_with("# ") {
            if !described {
                stage.text.push('\n');
            }
            described = true;
            stage.text.push_str(&format!("{line}\n"));
        } else if let Some(command) = line.strip_prefix("$ ") {
            described = false;
            stage.text.push_str(&format!("{line}\n"));
            let mut command = command.to_string();
            while let Some(more) = lines.get(at).and_then(|l| l.strip_prefix('+')) {
                stage.text.push_str(&format!("{}\n", lines[at]));
                command.push('\n');
                command.push_str(more.strip_prefix(' ').unwrap_or(more));
                at += 1;
            }
            stage.run(&command);
        } else if let Some(span) = line.strip_prefix("@ ") {
            stage.text.push_str(&format!("{line}\n"));
            stage.pass(span);
        } else if line == "^C" {
            stage.text.push_str("^C\n");
            if let Some(standing) = stage.standing.take() {
                let output = console::interrupt(&mut stage.world, &mut stage.session, standing);
                stage.print(&output);
            }
        }
    }
    stage.text
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn transcripts() -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root()]);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "txt") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_transcript_plays_as_written() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let all = transcripts();
    assert!(!all.is_empty(), "no transcripts");
    for path in all {
        let written = fs::read_to_string(&path).expect("UTF-8");
        let played = play(&written);
        if bless && written != played {
            fs::write(&path, &played).expect("a writable transcript");
        } else if written != played {
            let n = written.lines().zip(played.lines()).take_while(|(a, b)| a == b).count();
            wrong.push(format!(
                "{}:{}\n  written: {}\n  played:  {}",
                path.display(),
                n + 1,
                written.lines().nth(n).unwrap_or("(the end)"),
                played.lines().nth(n).unwrap_or("(the end)")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} transcript(s) differ (BLESS=1 rewrites):\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_text_tool_has_its_transcript_and_the_reverse() {
    let tools: Vec<&str> =
        PROGRAMS.iter().filter(|p| !p.flags.is_empty() || p.cost == Span::ZERO).map(|p| p.name).collect();
    for tool in PROGRAMS.iter().map(|p| p.name) {
        let named = [root().join("unix").join(format!("{tool}.txt")), root().join(tool)];
        assert!(named.iter().any(|p| p.exists()), "{tool} has no transcript: write tests/transcripts/unix/{tool}.txt");
    }
    for path in transcripts().iter().filter(|p| p.parent().is_some_and(|d| d.ends_with("unix"))) {
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a name");
        assert!(tools.contains(&stem) || stem == "shell", "{stem}.txt has no row in PROGRAMS");
    }
}

#[test]
fn every_kubectl_verb_has_its_transcript_over_a_case_and_the_reverse() {
    let folder = root().join("kubectl");
    for verb in VERBS {
        let path = folder.join(format!("{}.txt", verb.name.replace(' ', "-")));
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.starts_with("# case: "), "{} is missing or plays in no case", path.display());
        assert!(text.contains(&format!("$ kubectl {}", verb.name)), "{} does not use its verb", path.display());
    }
    for path in transcripts().iter().filter(|p| p.parent().is_some_and(|d| d.ends_with("kubectl"))) {
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a name");
        let named = VERBS.iter().any(|verb| verb.name.replace(' ', "-") == stem);
        assert!(named, "{stem}.txt has no row in VERBS");
    }
}

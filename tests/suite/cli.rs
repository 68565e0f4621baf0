//! The command line of the real binary: help, exit codes, bad flags, lists, and a run that is kept, read and refused.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn whodunit(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args).env("WHODUNIT_DATA", data).current_dir(data).stdin(Stdio::null());
    command.env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn data() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn help_is_current() {
    let data = data();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.txt");
    let mut text = String::new();
    let commands = "play run list next stats daily resume runs replay report interview grade check cards new schema completions man";
    for args in std::iter::once(vec!["--help"]).chain(commands.split(' ').map(|command| vec![command, "--help"])) {
        let output = whodunit(data.path(), &args);
        assert!(output.status.success(), "{args:?}");
        text.push_str(&format!("$ whodunit {}\n{}\n", args.join(" "), out(&output)));
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    assert_eq!(text, std::fs::read_to_string(&path).expect("BLESS=1 writes it"), "BLESS=1 rewrites it");
    assert!(!text.contains("__guard") && !text.contains("__panic"));
}

#[test]
fn a_wrong_command_is_two_and_says_what_next() {
    let data = data();
    for (args, words) in [
        (vec!["plya"], "play"),
        (vec!["play", "x", "--sed", "1"], "--seed"),
        (vec!["play", "x", "--speed", "0"], "0.1 to 1000"),
        (vec!["play", "no-such-case", "--plain"], "there is no case `no-such-case`"),
        (vec!["play", "the-pod-that-would-not-stay-down", "--plain"], "did you mean `the-pod-that-would-not-stay-up`?"),
        (vec!["run", "the-car-that-hated-vanilla", "missing.txt"], "missing.txt"),
        (vec!["grade", "nothing"], "whodunit runs"),
        (vec!["resume"], "whodunit play CASE"),
        (vec!["report", "x", "--format", "pdf"], "no format `pdf`"),
        (vec!["new", "Not A Slug"], "lower case"),
        (vec!["check", "nowhere/at/all"], "nowhere/at/all"),
        (vec!["play", "the-car-that-hated-vanilla"], "--plain"),
        (vec![], "whodunit list"),
    ] {
        let output = whodunit(data.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(words), "{args:?}: {}", err(&output));
        assert!(out(&output).is_empty(), "{args:?}: errors go to standard error");
    }
}

#[test]
fn lists_are_tables_and_objects() {
    let data = data();
    let text = out(&whodunit(data.path(), &["list"]));
    assert!(text.starts_with("CASE"), "{text}");
    assert!(text.contains("the-car-that-hated-vanilla") && text.contains("the-pod-that-would-not-stay-up"));
    let json: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["list", "--json", "--tag", "tutorial"]))).expect("JSON");
    let cases = json["cases"].as_array().expect("a list");
    assert!(cases.iter().all(|case| case["tags"].as_array().expect("tags").contains(&"tutorial".into())));
    let runs: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["runs", "--json"]))).expect("JSON");
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(0));
}

#[test]
fn generated_things_are_generated() {
    let data = data();
    for (args, words) in [
        (vec!["completions", "bash"], "_whodunit"),
        (vec!["completions", "zsh"], "#compdef whodunit"),
        (vec!["man"], ".TH whodunit"),
        (vec!["schema"], "\"$schema\""),
        (vec!["--version"], "whodunit "),
    ] {
        let output = whodunit(data.path(), &args);
        assert!(output.status.success(), "{args:?}: {}", err(&output));
        assert!(out(&output).contains(words), "{args:?}");
    }
}

#[test]
fn cases_are_read_inside_their_folder_only() {
    let data = data();
    let cases = data.path().join("scenarios");
    std::fs::create_dir_all(cases.join("linked")).expect("made");
    std::fs::write(data.path().join("secret.toml"), "[drill]\ntitle = \"secret\"\n").expect("written");
    std::os::unix::fs::symlink(data.path().join("secret.toml"), cases.join("linked/scenario.toml")).expect("linked");
    std::fs::create_dir_all(cases.join("huge")).expect("made");
    std::fs::write(cases.join("huge/scenario.toml"), "x".repeat(3 << 20)).expect("written");
    std::fs::create_dir_all(cases.join("evil")).expect("made");
    let text = "[drill]\ntitle = \"\\u001B[2Jevil\\u202E\"\nlevel = 1\nminutes = 5\ntags = [\"a\"]\n";
    std::fs::write(cases.join("evil/scenario.toml"), text).expect("written");
    let output = whodunit(data.path(), &["list"]);
    assert!(output.status.success(), "{}", err(&output));
    let text = out(&output);
    assert!(!text.contains("secret"), "a link out of the folder is not followed: {text}");
    assert!(text.contains("evil") && !text.contains('\x1b') && !text.contains('\u{202e}'), "{text:?}");
    let output = whodunit(data.path(), &["check", "scenarios/huge"]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(out(&output).contains("at most"), "{}", out(&output));
}

#[test]
fn a_new_case_is_written_once() {
    let data = data();
    let output = whodunit(data.path(), &["new", "my-case"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(data.path().join("scenarios/my-case/scenario.toml").exists());
    assert!(out(&whodunit(data.path(), &["list"])).contains("my-case"));
    assert_eq!(whodunit(data.path(), &["new", "my-case"]).status.code(), Some(2), "nothing is overwritten");
}

const CASE: &str = "the-pod-that-would-not-stay-up";

/// The journal with another header, its chain made anew.
fn rewrite(journal: &Path, whole: &[u8], change: impl Fn(&mut whodunit::drill::journal::Header)) {
    let mut parsed = whodunit::drill::journal::parse(whole).expect("a journal");
    change(&mut parsed.header);
    let (mut writer, mut bytes) = whodunit::drill::journal::Writer::begin(&parsed.header);
    for entry in &parsed.entries {
        bytes.extend(writer.entry(entry.at, entry.seat, &entry.act));
    }
    std::fs::write(journal, bytes).expect("written");
}

/// A run that an older engine wrote says who graded it, replayed or from its events, and is graded in what that engine's
/// runs could be graded in.
fn graded_by_another_engine(data: &Path, id: &str, whole: &[u8]) {
    let folder = data.join("runs").join(id);
    let (journal, kept) = (folder.join("journal.jsonl"), folder.join("events.json"));
    let grade = |json: bool| {
        let arguments: &[&str] = if json { &["grade", id, "--json"] } else { &["grade", id] };
        let answer = whodunit(data, arguments);
        assert!(answer.status.success(), "{}", err(&answer));
        out(&answer)
    };
    let engine = whodunit::case::score::ENGINE;
    let old = |header: &mut whodunit::drill::journal::Header| {
        header.engine = "whodunit-0.0.9".into();
        header.mode = String::new();
    };
    rewrite(&journal, whole, old);
    let text = grade(false);
    assert!(text.contains(&format!("played on whodunit-0.0.9, graded by {engine}")), "{text}");
    let told: serde_json::Value = serde_json::from_str(&grade(true)).expect("JSON");
    assert_eq!((&told["played_on"], &told["score"]["engine"]), (&"whodunit-0.0.9".into(), &engine.into()));
    assert_eq!(told["score"]["max"], 68, "beliefs and updates did not exist then");
    // What it kept lies beside it, from before there were courses of harm.
    rewrite(&journal, whole, |header| {
        old(header);
        header.case_hash = "another".into();
    });
    let events = std::fs::read_to_string(&kept).expect("it was kept");
    let mut old: serde_json::Value = serde_json::from_str(&events).expect("JSON");
    old["engine"] = "whodunit-0.0.9".into();
    let list = old["events"].as_array_mut().expect("events");
    list.retain(|event| !matches!(event["event"].as_str(), Some("course" | "effort" | "read" | "checked" | "beliefs")));
    std::fs::write(&kept, old.to_string()).expect("written");
    let text = grade(false);
    assert!(text.contains("(whodunit-0.0.9): graded from its events by whodunit-"), "{text}");
    let told: serde_json::Value = serde_json::from_str(&grade(true)).expect("JSON");
    assert_eq!((&told["score"]["max"], &told["played_on"]), (&68.into(), &"whodunit-0.0.9".into()), "{told}");
    std::fs::write(&kept, events).expect("written");
}

/// The weights can be others: ours by name, or one's own if they are lawful.
fn graded_by_profiles(data: &Path, id: &str) {
    let by = |profile: &str| whodunit(data, &["grade", id, "--json", "--profile", profile]);
    let graded = |profile: &str| -> serde_json::Value { serde_json::from_str(&out(&by(profile))).expect("JSON") };
    let max = |value: &serde_json::Value, name: &str| {
        let dims = value["score"]["dimensions"].as_array().expect("dimensions").clone();
        dims.into_iter().find(|dim| dim["name"] == name).map(|dim| dim["max"].clone()).expect("it is there")
    };
    let team = graded("team");
    assert_eq!((&team["score"]["profile"], max(&team, "communication")), (&"team".into(), 12.into()));
    assert!(err(&by("teem")).contains("did you mean `team`"), "{}", err(&by("teem")));
    let file = |weights: &str, blanks: &str| {
        std::fs::write(data.join("ours.toml"), format!("name = \"ours\"\n[weights]\n{weights}\n[blanks]\n{blanks}\n"))
            .expect("written");
    };
    let blanks = "culprit = 20\nmechanism = 14\ntrigger = 10\nimpact = 4\nonset = 4";
    file("V = 52\nE = 10\nK = 8\nP = 12\nM = 6\nR = 12\nU = 0", blanks);
    let ours = graded("ours.toml");
    assert_eq!((&ours["score"]["profile"], max(&ours, "verdict")), (&"ours".into(), 52.into()), "{ours}");
    file("V = 40\nE = 10\nK = 8\nP = 12\nM = 6\nR = 12\nU = 12", &blanks.replace("20", "8"));
    assert!(err(&by("ours.toml")).contains("2·V + E must exceed"), "{}", err(&by("ours.toml")));
    file("V = 52\nW = 10", blanks);
    let refused = err(&by("ours.toml"));
    assert!(refused.contains("ours.toml: ") && refused.contains("unknown field `W`"), "{refused}");
    assert_eq!(by("nowhere.toml").status.code(), Some(1));
}

/// Plays plainly: what is typed, and what was printed.
fn plain(data: &Path, args: &[&str], typed: &str) -> (Option<i32>, String) {
    use std::io::Write;
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(args).env("WHODUNIT_DATA", data).env("LC_ALL", "C.UTF-8").current_dir(data);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), out(&output) + &err(&output))
}

#[test]
fn a_run_is_played_plainly_kept_resumed_replayed_and_graded() {
    let data = data();
    let typed = "kubectl -n shop get pods\n:bag 2\n:state pods of storefront restart\n:suspect truth\n:board\n:wait 1m\n:nonsense\n";
    let (code, text) = plain(data.path(), &["play", CASE, "--seed", "3", "--variant", "A", "--plain"], typed);
    assert_eq!(code, Some(0), "{text}");
    for words in ["PAGE ", "CrashLoopBackOff", "[note] e1 bagged", "problem: pods of storefront restart", "wait 60s"] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(text.contains("[refused] `truth`"), "an author's id would tell:\n{text}");
    assert_eq!(text.matches("[refused]").count(), 2, "and nonsense is refused too:\n{text}");
    let runs: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["runs", "--json"]))).expect("JSON");
    assert_eq!((&runs["runs"][0]["state"], &runs["runs"][0]["acts"]), (&"open".into(), &4.into()));
    let id = runs["runs"][0]["id"].as_str().expect("a name").to_string();
    // A torn line was never acknowledged: it is cut off, and the run goes on.
    let journal = data.path().join("runs").join(&id).join("journal.jsonl");
    let before = std::fs::read(&journal).expect("read");
    std::fs::write(&journal, [&before[..], b"{\"n\":5,\"at\":17"].concat()).expect("torn");
    let (code, text) = plain(data.path(), &["resume", "--plain"], ":board\n:close\n");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("problem: pods of storefront restart") && text.contains("Score "), "{text}");
    assert!(std::fs::read(&journal).expect("read").starts_with(&before), "nothing acknowledged was lost");
    let replay = whodunit(data.path(), &["replay", &id]);
    assert!(replay.status.success(), "{}", err(&replay));
    assert!(out(&replay).contains("CrashLoopBackOff") && out(&replay).contains("] close"), "{}", out(&replay));
    let grade: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["grade", &id, "--json"]))).expect("JSON");
    assert_eq!((&grade["closed"], &grade["score"]["max"]), (&true.into(), &100.into()));
    for format in ["text", "md", "json"] {
        let report = whodunit(data.path(), &["report", &id, "--format", format]);
        assert!(report.status.success() && !out(&report).is_empty(), "{format}: {}", err(&report));
    }
    graded_by_profiles(data.path(), &id);
    // Of another version of its case it is graded from its events, and this is said; and of an older engine, by whom.
    let score = grade["score"]["total_m"].clone();
    let whole = std::fs::read(&journal).expect("read");
    rewrite(&journal, &whole, |header| header.case_hash = "another".into());
    let other: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["grade", &id, "--json"]))).expect("JSON");
    assert_eq!(other["score"]["total_m"], score, "{other}");
    assert!(out(&whodunit(data.path(), &["grade", &id])).contains("graded from its events"));
    graded_by_another_engine(data.path(), &id, &whole);
    rewrite(&journal, &whole, |header| header.case_hash = "another".into());
    let events = journal.with_file_name("events.json");
    std::fs::remove_file(&events).expect("it was kept");
    assert_eq!(whodunit(data.path(), &["grade", &id]).status.code(), Some(1));
    std::fs::write(&journal, whole).expect("written");
    // Damage in the middle is named, never played.
    let text = String::from_utf8(std::fs::read(&journal).expect("read")).expect("UTF-8");
    std::fs::write(&journal, text.replacen("storefront restart", "storefront-restart", 1)).expect("damaged");
    let grade = whodunit(data.path(), &["grade", &id]);
    assert_eq!(grade.status.code(), Some(1));
    assert!(err(&grade).contains("checksum"), "{}", err(&grade));
}

#[test]
fn two_writers_never_share_a_run() {
    use std::io::{BufRead, BufReader, Write};
    let data = data();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(["play", CASE, "--seed", "1", "--plain"]).env("WHODUNIT_DATA", data.path());
    let mut first = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut printed = BufReader::new(first.stdout.take().expect("a pipe"));
    let mut line = String::new();
    printed.read_line(&mut line).expect("the run is open");
    let (code, text) = plain(data.path(), &["resume", "--plain"], "");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("another whodunit is playing this run"), "{text}");
    first.stdin.take().expect("a pipe").write_all(b":quit\n").expect("typed");
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut printed, &mut rest).expect("read");
    assert!(first.wait().expect("it ends").success());
    assert_eq!(plain(data.path(), &["resume", "--plain"], "").0, Some(0), "its lock went with it");
}

#[test]
fn a_transcript_that_cannot_be_played_says_where() {
    let data = data();
    std::fs::write(data.path().join("t.txt"), "$ date\n> bag nothing-like-it\n").expect("written");
    let output = whodunit(data.path(), &["run", CASE, "t.txt", "--seed", "1", "--run-dir", "kept"]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(err(&output).contains("t.txt:2:"), "{}", err(&output));
    assert!(data.path().join("kept/journal.jsonl").exists());
    std::fs::write(data.path().join("t.txt"), "$ date\nfrobnicate\n").expect("written");
    let output = whodunit(data.path(), &["run", CASE, "t.txt"]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
}

#[test]
fn a_plain_line_that_is_too_long_is_refused_whole() {
    let data = data();
    let typed = format!("echo {}; echo the rest ran\necho next\n", "x".repeat(200_000));
    let (code, text) = plain(data.path(), &["play", CASE, "--seed", "3", "--variant", "A", "--plain"], &typed);
    assert_eq!(code, Some(0));
    assert_eq!(text.matches("[refused] a line has at most 64 KiB").count(), 1, "{text}");
    assert!(!text.contains("the rest ran") && text.contains("\nnext\n"), "{text}");
}

/// Whatever is typed or replayed, no control character but newline and tab reaches the terminal.
#[test]
fn nothing_typed_comes_back_as_a_control_sequence() {
    let data = data();
    let hostile = "\u{1b}[2J\u{1b}]0;gone\u{7}\u{1b}]52;c;Z28=\u{7}\u{1b}P1$q\u{1b}\\\u{9b}31m\u{202e}\u{200b}\u{7f}";
    let folder = format!("run{hostile}");
    let typed = format!(
        ":state A{hostile}\n:note B{hostile}\necho C{hostile}\n:bag all\n:predict h1 D{hostile}\n:{hostile} x\n:rate {hostile} 4\n\
         :expect {hostile}\n{hostile}\n:wait {hostile}\n:board\n:page\n:bag \"{hostile}\"\n:suspect \"{hostile}\" / \"{hostile}\"\n:close\n"
    );
    let args = ["play", CASE, "--plain", "--variant", "A", "--seed", "3"];
    let (_, printed) = plain(data.path(), &args, &typed);
    let harmless = |text: &str, from: &str| {
        let harmful = |c: char| {
            (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}')
        };
        assert!(!text.chars().any(harmful), "{from}: {text:?}");
    };
    harmless(&printed, "plain");
    // The run's folder comes from elsewhere, under a name of its own.
    let runs = data.path().join("runs");
    let own = std::fs::read_dir(&runs).expect("runs").next().expect("a run").expect("an entry").path();
    std::fs::rename(own, runs.join("foreign")).expect("moved");
    for letter in ["A", "B", "C"] {
        assert!(printed.contains(&format!("{letter}\u{241b}[2J")), "{letter} is echoed, made visible: {printed}");
    }
    for args in [
        vec!["replay", "foreign"],
        vec!["grade", "foreign"],
        vec!["grade", "foreign", "--json"],
        vec!["report", "foreign", "--format", "text"],
        vec!["report", "foreign", "--format", "md"],
        vec!["report", "foreign", "--format", "json"],
        vec!["runs"],
        vec!["replay", &folder],
        vec!["resume", &folder, "--plain"],
        vec!["report", "foreign", "--format", hostile],
        vec!["play", hostile, "--plain"],
        vec![hostile],
        vec!["check", hostile],
        vec!["new", hostile],
    ] {
        let output = whodunit(data.path(), &args);
        harmless(&out(&output), &format!("{args:?}, standard output"));
        harmless(&err(&output), &format!("{args:?}, standard error"));
    }
}

#[test]
fn only_released_images_are_pulled() {
    let data = data();
    let typed = "kubectl -n shop set image deploy/storefront app=nope:1\nkubectl -n shop set image deploy/cart \
                 app=registry.scoopline.example/cart:9.9\nkubectl -n shop run lab --image=busybox:1.37 -- sleep 600\n\
                 :wait 2m\nkubectl -n shop get pods\nkubectl -n shop get events\n";
    let (code, text) = plain(data.path(), &["play", CASE, "--seed", "3", "--variant", "A", "--plain"], typed);
    assert_eq!(code, Some(0), "{text}");
    for words in [
        "ImagePullBackOff",
        "failed to resolve reference \"docker.io/library/nope:1\": pull access denied",
        "registry.scoopline.example/cart:9.9: not found",
        "Successfully pulled image \"busybox:1.37\"",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn some_namespaces_stay_and_the_pods_of_a_deleted_node_go() {
    let data = data();
    let typed = "kubectl delete ns kube-system\nkubectl delete ns default\nkubectl -n shop get pods -o wide\n";
    let (_, text) = plain(data.path(), &["play", CASE, "--seed", "3", "--variant", "A", "--plain"], typed);
    for name in ["kube-system", "default"] {
        let words = format!(
            "Error from server (Forbidden): namespaces \"{name}\" is forbidden: this namespace may not be deleted"
        );
        assert!(text.contains(&words), "{text}");
    }
    let row = text.lines().find(|line| line.contains("cart-") && line.contains("Running")).expect("a pod of cart");
    let pod = row.split_whitespace().find(|word| word.starts_with("cart-")).expect("its name").to_string();
    let node = row.split_whitespace().rev().nth(2).expect("its node").to_string();
    let typed = format!(
        "kubectl delete node {node}\n:wait 3m\nkubectl -n shop get pod {pod}\nkubectl -n shop get endpointslices -o yaml\n"
    );
    let (_, text) = plain(data.path(), &["play", CASE, "--seed", "3", "--variant", "A", "--plain"], &typed);
    assert!(text.contains(&format!("pods \"{pod}\" not found")), "{text}");
    let slices = text.split("not found").last().expect("the slices");
    assert!(slices.contains("kind: EndpointSlice") && !slices.contains(&pod), "{slices}");
}

#[test]
fn every_example_of_the_help_works() {
    let data = data();
    std::fs::write(data.path().join("session.txt"), "kubectl get pods -n shop\n").expect("written");
    std::fs::write(data.path().join("solution.txt"), "$ kubectl -n shop get pods\n").expect("written");
    let mut tried = 0;
    for page in [&["--help"][..], &["play", "--help"], &["run", "--help"]] {
        let help = out(&whodunit(data.path(), page));
        for line in help.split("Examples:").nth(1).expect("examples").lines() {
            let Some(line) = line.strip_prefix("  whodunit ") else { continue };
            let line = line.split("   ").next().expect("a command");
            let line = line.split(['<', '|']).next().expect("a command");
            let args: Vec<&str> = line.split_whitespace().collect();
            let screen = !args.contains(&"--plain") && args.first() != Some(&"run");
            let output = whodunit(data.path(), &args);
            let said = err(&output);
            if args.is_empty() || screen {
                // What opens a screen must get as far as missing one; nothing was played before `resume`.
                assert!(said.contains("needs a terminal"), "{args:?}: {said}");
            } else {
                assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
            }
            tried += 1;
        }
    }
    assert!(tried >= 8, "{tried} examples");
}

#[test]
fn players_hear_plainly_what_they_got_wrong() {
    let data = data();
    let output = whodunit(data.path(), &["play", CASE, "--variant", "Z", "--plain"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).starts_with("error: this case has no variant `Z`\n"), "{}", err(&output));
    assert!(!err(&output).contains("A, B"), "{}", err(&output));
    let output = whodunit(data.path(), &["play", CASE, "--plain", "--speed", "4"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("--clock live"), "{}", err(&output));
    let output = whodunit(data.path(), &["list", "--tag", "nosuch"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("no case has the tag `nosuch`") && err(&output).contains("tutorial"));
}

#[test]
fn what_cannot_be_printed_is_a_failure_and_no_panic() {
    let data = data();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.arg("list").env("WHODUNIT_DATA", data.path()).stdin(Stdio::null()).stderr(Stdio::piped());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let output = command.stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).starts_with("error: cannot write the output"), "{}", err(&output));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command.stdout(writer).output().expect("it runs");
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(1), ""));
}

#[test]
fn estates_that_lie_outside_are_not_read() {
    let data = data();
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("estate.toml"), "title = \"outside\"\n").expect("written");
    let cases = data.path().join("scenarios");
    whodunit(data.path(), &["new", "my-case"]);
    std::fs::create_dir_all(cases.join("_estates/near")).expect("made");
    std::fs::write(cases.join("_estates/near/estate.toml"), "title = \"near\"\n").expect("written");
    std::os::unix::fs::symlink("/", cases.join("_estates/root")).expect("linked");
    std::os::unix::fs::symlink(outside.path(), cases.join("_estates/away")).expect("linked");
    std::os::unix::fs::symlink("near", cases.join("_estates/again")).expect("linked");
    let pack = whodunit::host::cases::read_pack(&cases.join("my-case"), "my-case").expect("a pack");
    let names: Vec<&str> = pack.estates.keys().map(String::as_str).collect();
    assert!(names.contains(&"near") && names.contains(&"again"), "{names:?}");
    assert!(!names.contains(&"root") && !names.contains(&"away"), "{names:?}");
    // A folder of estates that is itself a link away is none either.
    std::fs::rename(cases.join("_estates"), data.path().join("moved")).expect("moved");
    std::os::unix::fs::symlink("/", cases.join("_estates")).expect("linked");
    let pack = whodunit::host::cases::read_pack(&cases.join("my-case"), "my-case").expect("a pack");
    assert!(pack.refusals().is_empty() && !pack.estates.contains_key("etc"), "{:?}", pack.estates.keys());
}

#[test]
fn damaged_runs_are_shown_as_such_and_passed_over() {
    let data = data();
    plain(data.path(), &["play", CASE, "--seed", "3", "--plain"], "");
    let runs = data.path().join("runs");
    let good = std::fs::read_dir(&runs).expect("runs").next().expect("one").expect("one").path();
    for (name, how) in [("20990101-000000-empty", 0), ("20990102-000000-torn", 1), ("20990103-000000-folder", 2)] {
        let folder = runs.join(name);
        std::fs::create_dir_all(&folder).expect("made");
        std::fs::copy(good.join("summary.json"), folder.join("summary.json")).expect("copied");
        let journal = folder.join("journal.jsonl");
        match how {
            0 => std::fs::write(journal, "").expect("written"),
            1 => std::fs::write(journal, "not a journal\n{}\n").expect("written"),
            _ => std::fs::create_dir(journal).expect("made"),
        }
    }
    let text = out(&whodunit(data.path(), &["runs"]));
    assert_eq!(text.matches("damaged").count(), 3, "{text}");
    let (code, text) = plain(data.path(), &["resume", "--plain"], "");
    assert_eq!(code, Some(0), "{text}");
}

/// The list reads `[drill]` alone; whatever it shows, a whole reading of the file shows as well.
#[test]
fn the_list_says_what_the_files_say() {
    let data = data();
    let odd = "# [drill]\nformat = 1\n[skin]\na = { pick = [\"x\"] }\n\n[drill]\ntitle = 'odd [drill]'\nlevel = 2 # two\nminutes = 7\n\
               tags = [\n  \"one\",\n  \"two\", # [skin]\n]\nbrief = \"\"\"\n[skin]\nlevel = 5\n\"\"\"\n\n[[script]]\nlevel = 4\n";
    let folder = data.path().join("scenarios/odd");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("scenario.toml"), odd).expect("written");
    let mut texts = vec![("odd".to_string(), odd.to_string())];
    for pack in whodunit::scenario::source::library() {
        texts.push((pack.slug.clone(), pack.text("scenario.toml").expect("a text").to_string()));
    }
    let list: serde_json::Value =
        serde_json::from_str(&out(&whodunit(data.path(), &["list", "--json"]))).expect("JSON");
    for (slug, text) in texts {
        let whole: toml::Table = text.parse().expect("TOML");
        let row = list["cases"].as_array().expect("cases").iter().find(|row| row["case"] == slug.as_str());
        let row = row.expect("every case is listed");
        for key in ["title", "level", "minutes", "tags"] {
            let said = serde_json::to_value(&whole["drill"][key]).expect("JSON");
            assert_eq!(row[key], said, "{slug}: {key}");
        }
    }
}

/// The live clock runs while nobody types, without a screen too; there is nothing to wait for by word.
#[test]
fn the_live_clock_runs_in_plain_play() {
    let data = data();
    let live = ["play", CASE, "--seed", "3", "--variant", "A", "--plain", "--clock", "live", "--speed", "1000"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_whodunit"));
    command.args(live).env("WHODUNIT_DATA", data.path()).current_dir(data.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    let mut output = child.stdout.take().expect("its output");
    let mut text = String::new();
    let mut byte = [0];
    // The clock begins to run when the first prompt is there.
    while !text.ends_with("$ ") && std::io::Read::read(&mut output, &mut byte).expect("it prints") > 0 {
        text.push(char::from(byte[0]));
    }
    for line in ["date +%s", ":wait 1m", "date +%s", ":quit"] {
        std::thread::sleep(std::time::Duration::from_millis(120));
        std::io::Write::write_all(&mut input, format!("{line}\n").as_bytes()).expect("typed");
    }
    drop(input);
    std::io::Read::read_to_string(&mut output, &mut text).expect("UTF-8");
    assert!(child.wait().expect("it ends").success(), "{text}");
    assert!(text.contains("[refused] The clock runs by itself"), "{text}");
    let journal = std::fs::read_dir(data.path().join("runs")).expect("runs").flatten().next().expect("a run");
    let bytes = std::fs::read(journal.path().join("journal.jsonl")).expect("read");
    let journal = whodunit::drill::journal::parse(&bytes).expect("a journal");
    let (first, last) = (&journal.entries[0], &journal.entries[journal.entries.len() - 1]);
    assert!(last.at - first.at >= whodunit::stdx::time::Span::secs(100), "{:?}", journal.entries);
}

#[test]
fn the_tutorial_coaches_plain_play() {
    let data = data();
    let typed = "?\nprom slo_vanilla_success_ratio\n:bag 1\n:quit\n";
    let (_, text) = plain(data.path(), &["play", "the-car-that-hated-vanilla", "--seed", "1", "--plain"], typed);
    assert_eq!(text.matches("=> Welcome.").count(), 1, "a step is said once: {text}");
    assert!(text.contains(":verdict culprit="), "? on a line of its own is help: {text}");
    let (before, after) = text.split_once("=> Now say what is wrong").expect("the next steps follow");
    assert!(before.contains("=> What was on a page") && after.contains(":state TEXT"), "{text}");
    assert!(!after.contains("=> Welcome"), "{text}");
    assert!(!text.contains("press Esc"), "no key of a screen is named: {text}");
}
